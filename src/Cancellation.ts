/**
 * Successes of a cancel: the payment is cancelled, it was cancelled already, the provider accepted
 * the cancel and decides later, or it acknowledged the cancel and will report nothing more. These
 * four are always kept apart.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { IdentifiedBy } from "./CancelError.js"

/**
 * What proves a success: the body of the answer to the cancel, a status query, or a verified
 * notification from the provider. It is `Response` only if that answer acknowledged the request. A
 * status that is stated in a refusal counts as a status query.
 *
 * @since 0.1.0
 * @category models
 */
export const Evidence = Schema.Literal("Response", "StatusQuery", "Notification")

/**
 * @since 0.1.0
 * @category models
 */
export type Evidence = typeof Evidence.Type

/**
 * The schema of an `Amount`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Amount = Schema.Struct({
  amount: Schema.Int,
  currency: Schema.OptionFromNullOr(Schema.String)
})

/**
 * An amount of money as a provider states it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Amount {
  /** In the currency's smallest unit, as the provider counts it: 1050 for 10.50 USD. */
  readonly amount: number
  /** The currency code in capital letters, as in ISO 4217; none if the amount came without one. */
  readonly currency: Option.Option<string>
}

/**
 * The schema of a `capturedAmount`: none if it is null or absent. It is absent in journals that
 * were written before the field existed.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CapturedAmount = Schema.optionalWith(Schema.OptionFromNullOr(Amount), {
  default: () => Option.none<Amount>()
})

/**
 * Whether a success, a status or a notification states that money was taken from the payment: it is
 * cancelled, but part of it was captured before. That part stays captured. To return the money,
 * refund it.
 *
 * `false` is no proof that nothing was taken: most providers state no such amount.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancellation, Stripe } from "effect-payment-cancel"
 *
 * const program = Stripe.cancel({ paymentId: "pi_1042" }).pipe(
 *   Effect.tap((cancelled) =>
 *     Cancellation.isPartlyCaptured(cancelled) ? Effect.log("refund what was captured", cancelled.capturedAmount) : Effect.void
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isPartlyCaptured = (stated: { readonly capturedAmount: Option.Option<Amount> }): boolean =>
  Option.exists(stated.capturedAmount, ({ amount }) => amount > 0)

/**
 * One result among others.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tagged<Tag extends string> {
  /** Which of the results it is. */
  readonly _tag: Tag
}

/**
 * The fields of every success. Each success narrows `evidence` to the kinds it can have.
 *
 * @since 0.1.0
 * @category models
 */
export interface Proof<Provider extends string, E extends Evidence> {
  /** The provider of the payment. */
  readonly provider: Provider
  /** The payment as the caller named it; `identifiedBy` says what that is. */
  readonly paymentId: string
  /** What `paymentId` is: the provider's id, the merchant's own reference, or the key of the payment's creation. */
  readonly identifiedBy: IdentifiedBy
  /** What proves the success. */
  readonly evidence: E
  /** How many cancel requests were sent or tried. */
  readonly attempts: number
  /** When the proof was received, by the `Clock`. */
  readonly observedAt: DateTime.Utc
  /** The provider's own id for the exchange that proved it. */
  readonly requestId: Option.Option<string>
}

interface MaybeCaptured {
  /**
   * How much of this payment the provider says was captured before it was cancelled, by a partial
   * capture. That part stays captured and has to be refunded if the money is to be returned (see
   * `isPartlyCaptured`). None means that the provider states nothing, not that the amount is zero.
   */
  readonly capturedAmount: Option.Option<Amount>
}

/**
 * The provider says that the payment is cancelled.
 *
 * - With evidence `Response`, the provider confirmed it in its answer to a request of this call.
 * - With evidence `StatusQuery`, the answer was lost or proved nothing, and a status was read
 *   instead, or stated in a later refusal. Where the provider's documented answer proves nothing,
 *   as a 204, or is an acceptance, this is the normal course. The payment *is* cancelled, but that
 *   does not prove *who* cancelled it. The other fields contain what was stated with the status,
 *   which for some providers is nothing.
 * - Evidence `Notification` comes only from `Notification.confirm`, where it is about this very
 *   request, and from durable cancels, where it may be about another request of the same payment.
 *
 * Cancelled means that no more money will be taken. It does not mean that none was taken: see
 * `capturedAmount`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Cancelled<Provider extends string, Payload, E extends Evidence = "Response" | "StatusQuery">
  extends Tagged<"Cancelled">, Proof<Provider, E>, MaybeCaptured
{
  /** When the payment was cancelled, as the provider states it. */
  readonly cancelledAt: Option.Option<DateTime.Utc>
  /** Why it was cancelled, in the provider's words. */
  readonly reason: Option.Option<string>
  /** The payment as the provider describes it, with the provider's own field names. */
  readonly payload: Option.Option<Payload>
}

/**
 * The payment was cancelled before, and no request of this call can have done it. Only a status can
 * show this. For a provider without a status query, the result is its acknowledgement instead.
 *
 * @since 0.1.0
 * @category models
 */
export interface AlreadyCancelled<Provider extends string>
  extends Tagged<"AlreadyCancelled">, Proof<Provider, "StatusQuery">, MaybeCaptured
{}

/**
 * The provider has accepted the request and will decide later. The payment is not cancelled yet.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancellationAccepted<Provider extends string, Receipt>
  extends Tagged<"CancellationAccepted">, Proof<Provider, "Response">
{
  /** The reference of this cancel. A verified notification with the same reference confirms it. */
  readonly receipt: Receipt
  /**
   * An earlier request of this cancel got no answer. The provider should recognise both as one by
   * their key. But if it accepted the first one as well, that one has a reference nobody has seen.
   * The notification for this receipt may then say "declined" only because the other request had
   * already cancelled the payment.
   */
  readonly mayBeAcceptedTwice: boolean
}

/**
 * The provider has acknowledged the request and will report nothing more. Whether such a payment
 * existed is not known, and a creation request that is still in flight may arrive later.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancellationAcknowledged<Provider extends string>
  extends Tagged<"CancellationAcknowledged">, Proof<Provider, "Response">
{}

/**
 * Any success of any provider.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Cancelled<string, unknown>
  | AlreadyCancelled<string>
  | CancellationAccepted<string, unknown>
  | CancellationAcknowledged<string>

const proofFields = <const Provider extends string, const E extends Evidence>(
  provider: Provider,
  ...evidence: readonly [E, ...ReadonlyArray<E>]
) => ({
  provider: Schema.Literal(provider),
  paymentId: Schema.String,
  identifiedBy: IdentifiedBy,
  evidence: Schema.Literal(...evidence),
  attempts: Schema.NonNegativeInt,
  observedAt: Schema.DateTimeUtc,
  requestId: Schema.OptionFromNullOr(Schema.String)
})

/**
 * The schema of one provider's `Cancelled` as its cancel gives it, for journals and RPC.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Cancelled = <const Provider extends string, Payload, Encoded>(
  provider: Provider,
  payload: Schema.Schema<Payload, Encoded>
) =>
  Schema.TaggedStruct("Cancelled", {
    ...proofFields(provider, "Response", "StatusQuery"),
    cancelledAt: Schema.OptionFromNullOr(Schema.DateTimeUtc),
    reason: Schema.OptionFromNullOr(Schema.String),
    capturedAmount: CapturedAmount,
    payload: Schema.OptionFromNullOr(payload)
  })

/**
 * No payload: an option of nothing. Its type is named, because a declaration of it made with
 * `Schema.Never` does not compile.
 */
const noPayload = (): Schema.Schema<Option.Option<never>, null> =>
  Schema.transform(
    Schema.Null,
    Schema.declare((value): value is Option.Option<never> => Option.isOption(value) && Option.isNone(value), {
      identifier: "NoPayload",
      arbitrary: () => (fc) => fc.constant(Option.none())
    }),
    { strict: true, decode: () => Option.none(), encode: () => null }
  )

/**
 * The schema of one provider's `Cancelled` as `Notification.confirm` gives it, for journals and
 * RPC.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Confirmed = <const Provider extends string>(provider: Provider) =>
  Schema.Struct({
    ...Cancelled(provider, Schema.Never).fields,
    evidence: Schema.Literal("Notification"),
    payload: noPayload()
  })

/**
 * The schema of one provider's `AlreadyCancelled`, for journals and RPC.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AlreadyCancelled = <const Provider extends string>(provider: Provider) =>
  Schema.TaggedStruct("AlreadyCancelled", { ...proofFields(provider, "StatusQuery"), capturedAmount: CapturedAmount })

/**
 * The schema of one provider's `CancellationAccepted`, for journals and RPC.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancellationAccepted = <const Provider extends string, Receipt, Encoded>(
  provider: Provider,
  receipt: Schema.Schema<Receipt, Encoded>
) =>
  Schema.TaggedStruct("CancellationAccepted", {
    ...proofFields(provider, "Response"),
    receipt,
    mayBeAcceptedTwice: Schema.Boolean
  })

/**
 * The schema of one provider's `CancellationAcknowledged`, for journals and RPC.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancellationAcknowledged = <const Provider extends string>(provider: Provider) =>
  Schema.TaggedStruct("CancellationAcknowledged", proofFields(provider, "Response"))
