/**
 * What a provider tells by webhook: verified before anything in it is believed, decoded, and
 * paired with the cancel that it confirms. Free of any web framework: from bytes and headers to
 * a value.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as CancelError from "./CancelError.js"
import * as Cancellation from "./Cancellation.js"

/**
 * A webhook request as it came in. `body` is the raw body, byte for byte: a body that was
 * parsed and printed again has another signature, except at Adyen, which signs values. The case
 * of header names does not matter.
 *
 * Both are taken once, as they are when the verification begins: what a reused buffer holds
 * after that is not looked at.
 *
 * @since 0.1.0
 * @category models
 */
export interface Incoming {
  readonly body: Uint8Array | string
  readonly headers: { readonly [name: string]: string | undefined }
}

/**
 * How a notification is verified.
 *
 * - `secret`: the webhook's signing secret, as the provider shows it; several while one is
 *   being replaced.
 * - `tolerance`: how far the time of the notification may be from now, in either direction.
 *   Where the signature covers that time, a recorded notification cannot be played again later;
 *   at Adyen it does not. What is no duration although its type says so, or is negative, is a
 *   mistake in the program and not in what came in: a defect that names it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Verification {
  readonly secret: Redacted.Redacted<string> | ReadonlyArray<Redacted.Redacted<string>>
  readonly tolerance?: Duration.DurationInput | undefined
}

/**
 * How a provider's webhook becomes a notification: verified and decoded, or a typed error.
 *
 * @since 0.1.0
 * @category models
 */
export interface Verifier<Provider extends string> {
  (
    incoming: Incoming,
    verification: Verification
  ): Effect.Effect<CancelNotification<Provider>, NotificationError>
}

const failure = { provider: Schema.String, message: Schema.String }

/**
 * No signature of the notification fits: it is forged, it was altered on its way, or it is
 * checked with the wrong secret. Nothing in it can be believed.
 *
 * Nor is it compared at all if it has more than 16 different signatures: no provider sends so
 * many, and each comparison reads the whole body.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidSignature extends Schema.TaggedError<InvalidSignature>(
  "effect-payment-cancel/Notification.InvalidSignature"
)("Notification.InvalidSignature", failure) {}

/**
 * The signature fits, and the notification is too old, or from the future: it may be a
 * replay, it was delivered late, or a clock is wrong.
 *
 * @since 0.1.0
 * @category errors
 */
export class TimestampOutOfTolerance extends Schema.TaggedError<TimestampOutOfTolerance>(
  "effect-payment-cancel/Notification.TimestampOutOfTolerance"
)("Notification.TimestampOutOfTolerance", {
  ...failure,
  timestamp: Schema.DateTimeUtc,
  tolerance: Schema.DurationFromMillis
}) {}

/**
 * The notification is not of the provider's form; `field` names what is missing or wrong.
 *
 * @since 0.1.0
 * @category errors
 */
export class MalformedNotification extends Schema.TaggedError<MalformedNotification>(
  "effect-payment-cancel/Notification.MalformedNotification"
)("Notification.MalformedNotification", { ...failure, field: Schema.String }) {}

/**
 * The notification is genuine and is about something else than a cancel: `event` says what.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotACancellation extends Schema.TaggedError<NotACancellation>(
  "effect-payment-cancel/Notification.NotACancellation"
)("Notification.NotACancellation", { ...failure, event: Schema.String }) {}

/**
 * Why a notification is refused, as one schema.
 *
 * @since 0.1.0
 * @category errors
 */
export const NotificationError = Schema.Union(
  InvalidSignature,
  TimestampOutOfTolerance,
  MalformedNotification,
  NotACancellation
)

/**
 * @since 0.1.0
 * @category errors
 */
export type NotificationError = typeof NotificationError.Type

/**
 * What a verified notification says of a cancel.
 *
 * - `notificationId`: the provider's id of the event; the same event may come many times, and
 *   events come in any order.
 * - `paymentId`: the provider's id of the payment; `""` where there is no such payment, as
 *   after a cancel by merchant reference that found none.
 * - `merchantReference`: the merchant's own reference of the payment, where it is given.
 * - `reference`: which cancel it is about, where the provider names it: the reference of the
 *   receipt of a `CancellationAccepted`.
 * - `decision`: the payment is cancelled, it was refunded instead, or the cancel was
 *   declined.
 * - `reason`: the provider's words.
 * - `occurredAt`: when it happened, as the provider states.
 * - `receivedAt`: when it was verified, by the `Clock`.
 *
 * @since 0.1.0
 * @category models
 */
export const CancelNotification = <const Provider extends string>(provider: Provider) =>
  Schema.Struct({
    provider: Schema.Literal(provider),
    notificationId: Schema.String,
    paymentId: Schema.String,
    merchantReference: Schema.OptionFromNullOr(Schema.String),
    reference: Schema.OptionFromNullOr(Schema.String),
    decision: Schema.Literal("Cancelled", "Refunded", "Declined"),
    reason: Schema.OptionFromNullOr(Schema.String),
    occurredAt: Schema.OptionFromNullOr(Schema.DateTimeUtc),
    receivedAt: Schema.DateTimeUtc
  })

/**
 * @since 0.1.0
 * @category models
 */
export interface CancelNotification<Provider extends string>
  extends Schema.Schema.Type<ReturnType<typeof CancelNotification<Provider>>>
{}

/**
 * The provider decided not to carry this request out, and did not. That says nothing of what
 * else may have become of the payment: it may be captured, or somebody else may have cancelled
 * it before. `reason` is the provider's.
 *
 * `outcome` is about the whole cancel: `NotCancelled` where no request of it did anything to
 * the payment; `Unknown` where the cancel `mayBeTakenInTwice`, and it may be the other request
 * that left nothing to do for this one. That one's notification bears another reference, and
 * names the same payment. An earlier *call* is not counted: after an `Unknown` that was
 * settled by calling again under its key, take `NotCancelled` as a word about the second call.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancellationDeclined<Provider extends string> {
  readonly _tag: "CancellationDeclined"
  readonly provider: Provider
  readonly paymentId: string
  readonly outcome: CancelError.Outcome
  readonly reason: Option.Option<string>
  readonly observedAt: DateTime.Utc
}

/**
 * The payment had been captured, and was refunded instead of cancelled.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refunded<Provider extends string> {
  readonly _tag: "Refunded"
  readonly provider: Provider
  readonly paymentId: string
  readonly observedAt: DateTime.Utc
}

/**
 * The notification is about another cancel: it proves nothing about this one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unrelated {
  readonly _tag: "Unrelated"
}

/**
 * What became of an accepted cancel, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Confirmation = <const Provider extends string>(provider: Provider) =>
  Schema.Union(
    Cancellation.Confirmed(provider),
    Schema.TaggedStruct("Refunded", {
      provider: Schema.Literal(provider),
      paymentId: Schema.String,
      observedAt: Schema.DateTimeUtc
    }),
    Schema.TaggedStruct("CancellationDeclined", {
      provider: Schema.Literal(provider),
      paymentId: Schema.String,
      outcome: CancelError.Outcome,
      reason: Schema.OptionFromNullOr(Schema.String),
      observedAt: Schema.DateTimeUtc
    }),
    Schema.TaggedStruct("Unrelated", {})
  )

/**
 * What became of an accepted cancel.
 *
 * @since 0.1.0
 * @category models
 */
export type Confirmation<Provider extends string> =
  | Cancellation.Cancelled<Provider, never, "Notification">
  | Refunded<Provider>
  | CancellationDeclined<Provider>
  | Unrelated

/**
 * Pairs an accepted cancel with a verified notification: the final truth about it, or
 * `Unrelated`. A cancel by merchant reference is paired by that reference, any other by the
 * payment's id, and both by the reference of the cancel.
 *
 * Pure: storing the accepted cancel and waiting for the notification are the caller's. The same
 * notification twice gives the same truth twice.
 *
 * It believes the notification, and so no more is proved than was signed. At Adyen's
 * `cancelOrRefund` that is one of `Cancelled` and `Refunded`, and not which of the two.
 *
 * @since 0.1.0
 * @category confirmation
 */
export const confirm = <Provider extends string>(
  accepted: Cancellation.CancellationAccepted<Provider, { readonly reference: string }>,
  notification: CancelNotification<Provider>
): Confirmation<Provider> => {
  const { attempts, identifiedBy, mayBeTakenInTwice, paymentId, provider, receipt, requestId } = accepted
  const samePayment = identifiedBy === "MerchantReference"
    ? Option.contains(notification.merchantReference, paymentId)
    : notification.paymentId === paymentId
  if (notification.provider !== provider || !samePayment || !Option.contains(notification.reference, receipt.reference)) {
    return { _tag: "Unrelated" }
  }
  const { occurredAt, reason, receivedAt: observedAt } = notification
  switch (notification.decision) {
    case "Cancelled":
      return {
        _tag: "Cancelled",
        provider,
        paymentId,
        identifiedBy,
        evidence: "Notification",
        attempts,
        observedAt,
        requestId,
        cancelledAt: occurredAt,
        reason,
        payload: Option.none()
      }
    case "Refunded":
      return { _tag: "Refunded", provider, paymentId, observedAt }
    case "Declined":
      return {
        _tag: "CancellationDeclined",
        provider,
        paymentId,
        outcome: mayBeTakenInTwice ? "Unknown" : "NotCancelled",
        reason,
        observedAt
      }
  }
}
