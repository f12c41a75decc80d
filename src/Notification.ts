/**
 * What a provider tells by webhook: verified before anything in it is believed, decoded, and
 * paired with the cancel that it confirms. Free of any web framework: from bytes and headers to
 * a value.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as CancelError from "./CancelError.js"
import * as Cancellation from "./Cancellation.js"

/**
 * The headers of a webhook request: the web's `Headers`, Node's `request.headers`, those of
 * `@effect/platform`, a `Map`, or a record. The case of their names does not matter.
 *
 * A header that came several times is taken as HTTP joins it, with commas.
 *
 * @since 0.1.0
 * @category models
 */
export type IncomingHeaders =
  | { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  | {
    /** The value of a header; null or undefined where it is absent. */
    get(name: string): string | null | undefined
  }

/**
 * A webhook request as it came in.
 *
 * Body and headers are taken once, as they are when the verification begins: what a reused buffer holds
 * after that is not looked at.
 *
 * @since 0.1.0
 * @category models
 */
export interface Incoming {
  /**
   * The raw body, byte for byte, as text or as bytes in any form: a `Buffer`, an `ArrayBuffer`, a
   * view of one. A body that was parsed and printed again has another signature, except at Adyen,
   * which signs values; and a body that a framework has parsed (`request.body` after
   * `express.json()`, which is `any`) is no body any more: `MalformedNotification`, field `body`.
   */
  readonly body: string | ArrayBufferLike | ArrayBufferView
  /** The headers of the request; the case of their names does not matter. */
  readonly headers: IncomingHeaders
}

/**
 * How a notification is verified.
 *
 * @since 0.1.0
 * @category models
 */
export interface Verification {
  /**
   * The webhook's signing secret, as the provider shows it; several while one is being replaced.
   * White space around it is not part of it, such as the newline at the end of a file. What is not
   * `Redacted` is a defect that names it, as with `tolerance`.
   */
  readonly secret: Redacted.Redacted<string> | ReadonlyArray<Redacted.Redacted<string>>
  /**
   * How far the time of the notification may be from now, in either direction. Where the signature
   * covers that time, a recorded notification cannot be played again later; at Adyen it does not.
   * What is no duration although its type says so, or is negative, is a mistake in the program and
   * not in what came in: a defect that names it.
   */
  readonly tolerance?: Duration.DurationInput | undefined
}

/**
 * How a provider's webhook becomes a notification: verified and decoded, or a typed error.
 * `Told` is what it tells, where that is more than all providers do.
 *
 * @since 0.1.0
 * @category models
 */
export interface Verifier<Provider extends string, Told extends CancelNotification<Provider> = CancelNotification<Provider>> {
  (incoming: Incoming, verification: Verification): Effect.Effect<Told, NotificationError>
}

/**
 * What is wrong with what came in by webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface Failure<Answer extends "Acknowledge" | "Refuse"> {
  // Not `readonly`, or it would not be the field that `Error` has, and of two nobody shows the comment.
  /** What is wrong, for a person. */
  message: string
  /** What to answer: `Acknowledge`, a 2xx, so that it is not sent again; `Refuse`, anything else. */
  readonly answer: Answer
}

/**
 * One problem among others.
 *
 * @since 0.1.0
 * @category models
 */
export interface Named<Tag extends string> {
  /** Which problem it is. */
  readonly _tag: Tag
}

interface NotificationFailure<Answer extends "Acknowledge" | "Refuse"> extends Failure<Answer> {
  /** The provider whose webhook it came in by. */
  readonly provider: string
}

/** What an error is made from whose class fixes the answer. */
type Answered<Given extends { readonly answer: unknown }> = Omit<Given, "answer"> & Partial<Pick<Given, "answer">>

const failure = { provider: Schema.String, message: Schema.String }

interface Always<Answer extends "Acknowledge" | "Refuse"> extends CancelError.Constant<Answer> {}

const always = <const Answer extends "Acknowledge" | "Refuse">(answer: Answer): Always<Answer> => CancelError.constant(answer)

/** `Acknowledge`: with a 2xx, so that it is not sent again. `Refuse`: with anything else. */
const EitherAnswer = Schema.Literal("Acknowledge", "Refuse")

interface InvalidSignatureInstance
  extends NotificationFailure<"Refuse">, Named<"Notification.InvalidSignature">, Cause.YieldableError
{}

const invalidSignature = { ...failure, answer: always("Refuse") }

const InvalidSignatureBase: CancelError.ErrorClass<
  InvalidSignature,
  "Notification.InvalidSignature",
  typeof invalidSignature,
  Answered<NotificationFailure<"Refuse">>,
  InvalidSignatureInstance
> = CancelError.survivingJson(
  Schema.TaggedError<InvalidSignature>("effect-payment-cancel/Notification.InvalidSignature")(
    "Notification.InvalidSignature",
    invalidSignature
  )
)

/**
 * No signature of the notification fits: it is forged, it was altered on its way, or it is
 * checked with the wrong secret. Nothing in it can be believed: refuse it.
 *
 * Nor is it compared at all if it has more than 16 different signatures: no provider sends so
 * many, and each comparison reads the whole body.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidSignature extends InvalidSignatureBase {}

interface TimestampOutOfToleranceFields extends NotificationFailure<"Acknowledge" | "Refuse"> {
  /** The time that the notification states. */
  readonly timestamp: DateTime.Utc
  /** How far from it now may be. */
  readonly tolerance: Duration.Duration
}

interface TimestampOutOfToleranceInstance
  extends TimestampOutOfToleranceFields, Named<"Notification.TimestampOutOfTolerance">, Cause.YieldableError
{}

const timestampOutOfTolerance = { ...failure, answer: EitherAnswer, timestamp: Schema.DateTimeUtc, tolerance: Schema.DurationFromMillis }

const TimestampOutOfToleranceBase: CancelError.ErrorClass<
  TimestampOutOfTolerance,
  "Notification.TimestampOutOfTolerance",
  typeof timestampOutOfTolerance,
  TimestampOutOfToleranceFields,
  TimestampOutOfToleranceInstance
> = CancelError.survivingJson(
  Schema.TaggedError<TimestampOutOfTolerance>("effect-payment-cancel/Notification.TimestampOutOfTolerance")(
    "Notification.TimestampOutOfTolerance",
    timestampOutOfTolerance
  )
)

/**
 * The signature fits, and the notification is too old, or from the future: it may be a
 * replay, it was delivered late, or a clock is wrong.
 *
 * `answer` is `Refuse` where each delivery has a time of its own, which is signed (Stripe,
 * WalletConnect Pay): the provider's next delivery is in time, and a replay never will be. It is
 * `Acknowledge` at Adyen, where the time is the event's: no delivery of it will be younger, and
 * a refused one holds up all that come after it.
 *
 * @since 0.1.0
 * @category errors
 */
export class TimestampOutOfTolerance extends TimestampOutOfToleranceBase {}

interface MalformedNotificationFields extends NotificationFailure<"Acknowledge" | "Refuse"> {
  /** What is missing or wrong: a header, or a member of the body by its path. */
  readonly field: string
}

interface MalformedNotificationInstance
  extends MalformedNotificationFields, Named<"Notification.MalformedNotification">, Cause.YieldableError
{}

const malformedNotification = { ...failure, answer: EitherAnswer, field: Schema.String }

const MalformedNotificationBase: CancelError.ErrorClass<
  MalformedNotification,
  "Notification.MalformedNotification",
  typeof malformedNotification,
  MalformedNotificationFields,
  MalformedNotificationInstance
> = CancelError.survivingJson(
  Schema.TaggedError<MalformedNotification>("effect-payment-cancel/Notification.MalformedNotification")(
    "Notification.MalformedNotification",
    malformedNotification
  )
)

/**
 * The notification is not of the provider's form; `field` names what is missing or wrong.
 *
 * `answer` is `Refuse` where that was found before any signature was compared: nobody knows who
 * sent it. It is `Acknowledge` where the signature fits. Then it tells of a cancel in a form
 * that the provider does not document, or in values that may not be those that were signed; or
 * it does not say what it is about, as an empty body that is signed. It is not believed, sending
 * it again would not fix it, and somebody should look at it.
 *
 * @since 0.1.0
 * @category errors
 */
export class MalformedNotification extends MalformedNotificationBase {}

interface NotACancellationFields extends NotificationFailure<"Acknowledge"> {
  /** What it is about, in the provider's own word. */
  readonly event: string
}

interface NotACancellationInstance
  extends NotACancellationFields, Named<"Notification.NotACancellation">, Cause.YieldableError
{}

const notACancellation = { ...failure, answer: always("Acknowledge"), event: Schema.String }

const NotACancellationBase: CancelError.ErrorClass<
  NotACancellation,
  "Notification.NotACancellation",
  typeof notACancellation,
  Answered<NotACancellationFields>,
  NotACancellationInstance
> = CancelError.survivingJson(
  Schema.TaggedError<NotACancellation>("effect-payment-cancel/Notification.NotACancellation")(
    "Notification.NotACancellation",
    notACancellation
  )
)

/**
 * The notification is genuine and is about something else than a cancel: `event` says what.
 * Acknowledge it, or the provider sends it again, and Adyen nothing else until then.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotACancellation extends NotACancellationBase {}

/**
 * Why a notification is of no use, as one schema. Each error says what to answer:
 *
 * - `Acknowledge`: the signature fits. Answer with a 2xx, and report it: there is nothing that
 *   the provider could do better by sending it again.
 * - `Refuse`: what came in cannot be believed. Answer with a 4xx.
 *
 * `Webhook` makes a route of it that answers so.
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
export type NotificationError =
  | InvalidSignature
  | TimestampOutOfTolerance
  | MalformedNotification
  | NotACancellation

/**
 * The schema of one provider's `CancelNotification`, for journals and RPC.
 *
 * @since 0.1.0
 * @category schemas
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
 * What a verified notification says of a cancel.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelNotification<Provider extends string> {
  /** The provider that sent it. */
  readonly provider: Provider
  /** The provider's id of the event; the same event may come many times, and events come in any order. */
  readonly notificationId: string
  /**
   * The provider's id of the payment; `""` where there is no such payment, as after a cancel by
   * merchant reference that found none.
   */
  readonly paymentId: string
  /** The merchant's own reference of the payment, where it is given. */
  readonly merchantReference: Option.Option<string>
  /**
   * Which cancel it is about, where the provider names it: the reference of the receipt of a
   * `CancellationAccepted`.
   */
  readonly reference: Option.Option<string>
  /** The payment is cancelled, it was refunded instead, or the cancel was declined. */
  readonly decision: "Cancelled" | "Refunded" | "Declined"
  /** Why, in the provider's words. */
  readonly reason: Option.Option<string>
  /** When it happened, as the provider states. */
  readonly occurredAt: Option.Option<DateTime.Utc>
  /** When it was verified, by the `Clock`. */
  readonly receivedAt: DateTime.Utc
}

interface Told<Provider extends string> {
  /** The provider that told it. */
  readonly provider: Provider
  /** The payment as the accepted cancel names it. */
  readonly paymentId: string
  /** When the notification was verified, by the `Clock`. */
  readonly observedAt: DateTime.Utc
}

/**
 * The provider decided not to carry this request out, and did not. That says nothing of what
 * else may have become of the payment: it may be captured, or somebody else may have cancelled
 * it before.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancellationDeclined<Provider extends string>
  extends Cancellation.Tagged<"CancellationDeclined">, Told<Provider>
{
  /**
   * It is about the whole cancel: `NotCancelled` where no request of it did anything to the
   * payment; `Unknown` where the cancel `mayBeAcceptedTwice`, and it may be the other request that
   * left nothing to do for this one. That one's notification bears another reference, and names
   * the same payment. An earlier *call* is not counted: after an `Unknown` that was settled by
   * calling again under its key, take `NotCancelled` as a word about the second call.
   */
  readonly outcome: CancelError.Outcome
  /** Why it was declined, in the provider's words. */
  readonly reason: Option.Option<string>
}

/**
 * The payment had been captured, and was refunded instead of cancelled.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refunded<Provider extends string> extends Cancellation.Tagged<"Refunded">, Told<Provider> {}

/**
 * The notification is about another cancel: it proves nothing about this one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unrelated extends Cancellation.Tagged<"Unrelated"> {}

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
  const { attempts, identifiedBy, mayBeAcceptedTwice, paymentId, provider, receipt, requestId } = accepted
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
        // No provider whose cancels are confirmed later states it.
        capturedAmount: Option.none(),
        payload: Option.none()
      }
    case "Refunded":
      return { _tag: "Refunded", provider, paymentId, observedAt }
    case "Declined":
      return {
        _tag: "CancellationDeclined",
        provider,
        paymentId,
        outcome: mayBeAcceptedTwice ? "Unknown" : "NotCancelled",
        reason,
        observedAt
      }
  }
}
