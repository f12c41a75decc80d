/**
 * What success is: the payment is cancelled, was cancelled already, the provider has taken the
 * cancel in and decides later, or it has acknowledged it and will say no more. The four are
 * never blurred.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { IdentifiedBy } from "./CancelError.js"

/**
 * What a success rests on: the body of the cancel's own answer, a status query, or a
 * verified notification of the provider. It is `Response` only when the provider
 * acknowledged the request with it: a status that a refusal states counts as a status query.
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
  /** The code in capital letters, as in ISO 4217; none where the amount came without one. */
  readonly currency: Option.Option<string>
}

/**
 * The schema of a `capturedAmount`: none where it is null or, as in a journal that was written
 * before there was such a field, absent.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CapturedAmount = Schema.optionalWith(Schema.OptionFromNullOr(Amount), {
  default: () => Option.none<Amount>()
})

/**
 * Whether a success, a status or a notification states that money was taken from the payment:
 * it is cancelled, and yet a part of it was captured before. What was captured stays captured;
 * to give it back, refund that part.
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
 * What every success states. Each success narrows `evidence` to what it can rest on.
 *
 * @since 0.1.0
 * @category models
 */
export interface Proof<Provider extends string, E extends Evidence> {
  /** The provider that the payment is at. */
  readonly provider: Provider
  /** The payment as the caller named it; `identifiedBy` says what that is. */
  readonly paymentId: string
  /** What `paymentId` is: the provider's id, the merchant's own reference, or the key of the payment's creation. */
  readonly identifiedBy: IdentifiedBy
  /** What the success rests on. */
  readonly evidence: E
  /** How many cancel requests were sent or tried. */
  readonly attempts: number
  /** When the proof was in hand, by the `Clock`. */
  readonly observedAt: DateTime.Utc
  /** The provider's own id for the exchange that proved it. */
  readonly requestId: Option.Option<string>
}

interface MaybeCaptured {
  /**
   * What the provider states as captured of this payment before it was cancelled, by a partial
   * capture: that stays captured, and has to be refunded if it is to be given back
   * (`isPartlyCaptured`). It is none where the provider states nothing, which is not zero.
   */
  readonly capturedAmount: Option.Option<Amount>
}

/**
 * The provider says that the payment is cancelled.
 *
 * - With evidence `Response` the provider answered this call's own request.
 * - With evidence `StatusQuery` the answer was lost or proved nothing, and a status was read
 *   instead: the payment *is* cancelled, but that does not prove *who* cancelled it, and
 *   the other fields are what was stated with it, at some providers nothing.
 * - Evidence `Notification` has only what `Notification.confirm` gives.
 *
 * Cancelled means that no more money will be taken, and not that none was: see `capturedAmount`.
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
  /** The payment as the provider shows it, under the provider's own names. */
  readonly payload: Option.Option<Payload>
}

/**
 * The payment was cancelled before, and no request of this call can have done it. Only a
 * status can say so: where a provider has none, its acknowledgement stands instead.
 *
 * @since 0.1.0
 * @category models
 */
export interface AlreadyCancelled<Provider extends string>
  extends Tagged<"AlreadyCancelled">, Proof<Provider, "StatusQuery">, MaybeCaptured
{}

/**
 * The provider has taken the request in and will decide later. This is not a cancelled
 * payment.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancellationAccepted<Provider extends string, Receipt>
  extends Tagged<"CancellationAccepted">, Proof<Provider, "Response">
{
  /** What will confirm it: a verified notification that carries the same reference. */
  readonly receipt: Receipt
  /**
   * An earlier request of this cancel was left unanswered. The provider should know both by their
   * key as one, but if it took the first one in as well, that one has a reference nobody has seen:
   * the notification for this receipt may then say "declined" just because the other request had
   * cancelled the payment before.
   */
  readonly mayBeAcceptedTwice: boolean
}

/**
 * The provider has taken the request and will say no more. Whether such a payment existed is
 * not known, and a creation that is still in flight may arrive later.
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

const cancelledFields = {
  cancelledAt: Schema.OptionFromNullOr(Schema.DateTimeUtc),
  reason: Schema.OptionFromNullOr(Schema.String),
  capturedAmount: CapturedAmount
}

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
    ...cancelledFields,
    payload: Schema.OptionFromNullOr(payload)
  })

/** No payload: an option of nothing, whose type is named, for a declaration of it made of `Schema.Never` does not compile. */
const NoPayload: Schema.Schema<Option.Option<never>, null> = Schema.transform(
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
  Schema.TaggedStruct("Cancelled", {
    ...proofFields(provider, "Notification"),
    ...cancelledFields,
    payload: NoPayload
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
