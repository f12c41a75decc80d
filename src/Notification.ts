/**
 * What a provider reports by webhook: verified before anything in it is trusted, decoded, and
 * paired with the cancel that it confirms. It depends on no web framework: bytes and headers go in,
 * and a value comes out.
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
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
 * `@effect/platform`, a `Map`, or a record. Names are case-insensitive.
 *
 * A repeated header is joined with commas, as in HTTP.
 *
 * @since 0.1.0
 * @category models
 */
export type IncomingHeaders =
  | { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  | {
    /** The value of a header; null or undefined if it is absent. */
    get(name: string): string | null | undefined
  }

/**
 * A webhook request as it was received.
 *
 * The body and the headers are read once, when the verification begins. Later changes to a reused
 * buffer have no effect.
 *
 * @since 0.1.0
 * @category models
 */
export interface Incoming {
  /**
   * The raw body, byte for byte, as text or as bytes in any form: a `Buffer`, an `ArrayBuffer`, a
   * view of one. If a body was parsed and serialised again, the signature of most providers no
   * longer matches. An object that a framework has parsed (`request.body` after `express.json()`,
   * whose type is `any`) is not accepted: `MalformedNotification`, field `body`.
   */
  readonly body: string | ArrayBufferLike | ArrayBufferView
  /** The headers of the request; names are case-insensitive. */
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
   * Surrounding white space, such as the newline at the end of a file, is ignored. A value that is
   * not `Redacted` is a defect that names this option, as with `tolerance`.
   */
  readonly secret: Redacted.Redacted<string> | ReadonlyArray<Redacted.Redacted<string>>
  /**
   * How far the time of the notification may be from now, in either direction. If the provider
   * signs that time, a recorded notification cannot be replayed later; the provider's page says
   * whether it does. A value that is not a duration despite its type, or is negative, is a mistake
   * in the program and not in the request: it is a defect that names this option.
   */
  readonly tolerance?: Duration.DurationInput | undefined
}

/**
 * Turns a provider's webhook into a notification, verified and decoded, or fails with a typed
 * error. `Told` is the type of the notification, for a provider that reports more than the common
 * fields.
 *
 * @since 0.1.0
 * @category models
 */
export interface Verifier<Provider extends string, Told extends CancelNotification<Provider> = CancelNotification<Provider>> {
  (incoming: Incoming, verification: Verification): Effect.Effect<Told, NotificationError>
}

/**
 * How a webhook that holds a list of events is verified.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListVerification extends Verification {
  /**
   * Called with each event that seems to be about a cancel and cannot be used, while others of the
   * same webhook can: those are returned all the same. The default logs a warning. The result waits
   * for it, and does not depend on it.
   */
  readonly onUnusable?: ((problem: UnusableEvent) => Effect.Effect<void>) | undefined
}

/**
 * What is wrong with one event of a list whose signature matches.
 *
 * @since 0.1.0
 * @category models
 */
export type UnusableEvent = MalformedNotification | TimestampOutOfTolerance

/**
 * As `Verifier`, for a provider whose webhooks hold lists of events: it returns what those about a
 * cancel say, in their order, and at least one. If there is none, it fails.
 *
 * One event that is malformed does not hide the others: it is reported to `onUnusable`, and is the
 * error only if no event of the list can be used.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListVerifier<Provider extends string, Told extends CancelNotification<Provider> = CancelNotification<Provider>> {
  (incoming: Incoming, verification: ListVerification): Effect.Effect<Arr.NonEmptyReadonlyArray<Told>, NotificationError>
}

/**
 * What is wrong with a webhook request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Failure<Answer extends "Acknowledge" | "Refuse"> {
  // Not `readonly`, because it must be the same field as that of `Error`: an editor shows no
  // comment for a field that is declared twice.
  /** What is wrong, as text for a person. */
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
  /** The provider whose webhook it is. */
  readonly provider: string
}

/** What an error is made from if its class fixes the answer. */
type Answered<Given extends { readonly answer: unknown }> = Omit<Given, "answer"> & Partial<Pick<Given, "answer">>

const failure = { provider: Schema.String, message: Schema.String }

/** What to answer. `Acknowledge`: a 2xx, so that it is not sent again. `Refuse`: anything else. */
const EitherAnswer = Schema.Literal("Acknowledge", "Refuse")

interface InvalidSignatureInstance
  extends NotificationFailure<"Refuse">, Named<"Notification.InvalidSignature">, Cause.YieldableError
{}

const invalidSignature = { ...failure, answer: CancelError.constant("Refuse") }

const InvalidSignatureBase: CancelError.ErrorClass<
  InvalidSignature,
  "Notification.InvalidSignature",
  typeof invalidSignature,
  Answered<NotificationFailure<"Refuse">>,
  InvalidSignatureInstance
> = CancelError.survivingJson(() =>
  Schema.TaggedError<InvalidSignature>("effect-payment-cancel/Notification.InvalidSignature")(
    "Notification.InvalidSignature",
    invalidSignature
  )
)

/**
 * No signature of the notification matches: it is forged, it was altered in transit, or the secret
 * is wrong. Nothing in it can be trusted: refuse it.
 *
 * A notification with more than 16 different signatures is rejected without comparing any: no
 * provider sends that many, and each comparison reads the whole body.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidSignature extends InvalidSignatureBase {}

interface TimestampOutOfToleranceFields extends NotificationFailure<"Acknowledge" | "Refuse"> {
  /** The time stated in the notification. */
  readonly timestamp: DateTime.Utc
  /** How far that time may be from now. */
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
> = CancelError.survivingJson(() =>
  Schema.TaggedError<TimestampOutOfTolerance>("effect-payment-cancel/Notification.TimestampOutOfTolerance")(
    "Notification.TimestampOutOfTolerance",
    timestampOutOfTolerance
  )
)

/**
 * The signature matches, but the notification is too old, or from the future: it may be a replay,
 * it may have been delivered late, or a clock may be wrong.
 *
 * `answer` is `Refuse` if the provider signs the time of each delivery: its next delivery will have
 * a current time, and a replay never will. It is `Acknowledge` if the time is that of the event: no
 * later delivery will have a newer time, and the provider may hold back all following notifications
 * until this one is acknowledged.
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
> = CancelError.survivingJson(() =>
  Schema.TaggedError<MalformedNotification>("effect-payment-cancel/Notification.MalformedNotification")(
    "Notification.MalformedNotification",
    malformedNotification
  )
)

/**
 * The notification does not have the provider's format; `field` names what is missing or wrong.
 *
 * `answer` is `Refuse` if the problem was found before any signature was compared: nobody knows who
 * sent it. It is `Acknowledge` if the signature matches. Then either it reports a cancel in an
 * undocumented format or with values that may not be the signed ones, or it does not say what it is
 * about, such as a signed empty body. It is not trusted, sending it again would not fix it, and
 * somebody should look at it. Where a provider signs nothing and is asked instead, it is also
 * `Acknowledge` if the provider knows no such payment.
 *
 * @since 0.1.0
 * @category errors
 */
export class MalformedNotification extends MalformedNotificationBase {}

interface NotACancellationFields extends NotificationFailure<"Acknowledge"> {
  /** What it is about, as the provider names it. */
  readonly event: string
}

interface NotACancellationInstance
  extends NotACancellationFields, Named<"Notification.NotACancellation">, Cause.YieldableError
{}

const notACancellation = { ...failure, answer: CancelError.constant("Acknowledge"), event: Schema.String }

const NotACancellationBase: CancelError.ErrorClass<
  NotACancellation,
  "Notification.NotACancellation",
  typeof notACancellation,
  Answered<NotACancellationFields>,
  NotACancellationInstance
> = CancelError.survivingJson(() =>
  Schema.TaggedError<NotACancellation>("effect-payment-cancel/Notification.NotACancellation")(
    "Notification.NotACancellation",
    notACancellation
  )
)

/**
 * The notification is genuine, or nobody signs it, but it is not about a cancel: `event` says what it
 * is about. Acknowledge it, or the provider sends it again, and may hold back all others until it is acknowledged.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotACancellation extends NotACancellationBase {}

/**
 * Why a notification cannot be used, as one schema. Each error says what to answer:
 *
 * - `Acknowledge`: the signature matches, or its provider signs none. Answer with a 2xx, and report the error: sending the
 *   notification again would not help.
 * - `Refuse`: the request cannot be trusted. Answer with a 4xx.
 *
 * `Webhook` makes a route that answers this way.
 *
 * @since 0.1.0
 * @category errors
 */
export const NotificationError = CancelError.onFirstUse(() =>
  Schema.Union(InvalidSignature, TimestampOutOfTolerance, MalformedNotification, NotACancellation)
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
 * What a verified notification says about a cancel.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelNotification<Provider extends string> {
  /** The provider that sent it. */
  readonly provider: Provider
  /**
   * The provider's id of the event. The same event may arrive many times, and events arrive in any
   * order.
   */
  readonly notificationId: string
  /**
   * The provider's id of the payment; `""` if there is no such payment, as after a cancel by
   * merchant reference that matched none.
   */
  readonly paymentId: string
  /** The merchant's own reference of the payment, if stated. */
  readonly merchantReference: Option.Option<string>
  /**
   * Which cancel it is about, if the provider says so: the reference in the receipt of a
   * `CancellationAccepted`.
   */
  readonly reference: Option.Option<string>
  /** What was decided: the payment is cancelled, it was refunded instead, or the cancel was declined. */
  readonly decision: "Cancelled" | "Refunded" | "Declined"
  /** Why, in the provider's words. */
  readonly reason: Option.Option<string>
  /** When it happened, as stated by the provider. */
  readonly occurredAt: Option.Option<DateTime.Utc>
  /** When it was verified, by the `Clock`. */
  readonly receivedAt: DateTime.Utc
}

interface Told<Provider extends string> {
  /** The provider that reported it. */
  readonly provider: Provider
  /** The payment as the accepted cancel names it. */
  readonly paymentId: string
  /** When the notification was verified, by the `Clock`. */
  readonly observedAt: DateTime.Utc
}

/**
 * The provider decided not to carry out this request, and did not. This says nothing about the
 * payment's state otherwise: it may be captured, or somebody else may have cancelled it before.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancellationDeclined<Provider extends string>
  extends Cancellation.Tagged<"CancellationDeclined">, Told<Provider>
{
  /**
   * It covers the whole cancel. `NotCancelled`: no request of this cancel did anything to the
   * payment. `Unknown`: the cancel `mayBeAcceptedTwice`, and the other request may have left nothing
   * to do for this one; its notification has another reference and names the same payment. An
   * earlier *call* is not covered: if an `Unknown` was settled by calling again under its key,
   * `NotCancelled` is only about the second call.
   */
  readonly outcome: CancelError.Outcome
  /** Why it was declined, in the provider's words. */
  readonly reason: Option.Option<string>
}

/**
 * The payment had been captured, so it was refunded instead of cancelled: the provider has sent the refund on, which in rare
 * cases fails later.
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
 * Pairs an accepted cancel with a verified notification. The result is what the cancel came to, or `Unrelated`. A
 * cancel by merchant reference is paired by that reference, any other by the payment's id, and both
 * by the reference of the cancel.
 *
 * This function is pure: storing the accepted cancel and waiting for the notification are up to the
 * caller.
 *
 * It proves no more than the provider signed. Where that does not separate `Cancelled` from `Refunded`,
 * only that it is one of the two is proved; see the provider's page.
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
        // Where a provider's notifications state it, its own `confirm` adds it.
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
