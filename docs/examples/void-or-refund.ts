/**
 * Void or refund: cancel first, and let the refusal say whether there is anything to refund.
 */
import { Context, Effect, Option } from "effect"
import { Cancel, Cancellation, Square, Stripe, WePay } from "effect-payment-cancel"

// #region decision
/**
 * - `Voided`: no more money will be taken, and none was taken as far as the provider says.
 * - `PartTaken`: no more money will be taken, but a part was captured before. Refund that part.
 * - `RefundDue`: the money was taken.
 * - `NothingTaken`: the payment failed by itself.
 * - `NotYet`: the payment can still change. Cancel again later.
 * - `LookItUp`: it cannot be cancelled, and the reason could not be read.
 */
export type Decision = "Voided" | "PartTaken" | "RefundDue" | "NothingTaken" | "NotYet" | "LookItUp"

/** What a status means after a cancel was refused. Every provider has its own statuses. */
const atSquare: { readonly [status: string]: Decision } = {
  COMPLETED: "RefundDue",
  FAILED: "NothingTaken",
  APPROVED: "NotYet",
  PENDING: "NotYet"
}

const atStripe: { readonly [status: string]: Decision } = {
  succeeded: "RefundDue",
  requires_payment_method: "NotYet",
  requires_confirmation: "NotYet",
  requires_action: "NotYet",
  requires_capture: "NotYet",
  processing: "NotYet"
}

const atWePay: { readonly [status: string]: Decision } = {
  completed: "RefundDue",
  failed: "NothingTaken",
  pending: "NotYet"
}

const decide = (decisions: { readonly [status: string]: Decision }, status: Option.Option<string>): Decision =>
  Option.getOrElse(Option.flatMapNullable(status, (literal) => decisions[literal]), () => "LookItUp")
// #endregion

// #region cancel
/** Cancelled by anyone: what was captured before stays captured. */
const voided = (cancelled: Cancellation.Cancelled<string, unknown> | Cancellation.AlreadyCancelled<string>): Decision =>
  Cancellation.isPartlyCaptured(cancelled) ? "PartTaken" : "Voided"

export const voidAtStripe = (paymentId: string) =>
  Stripe.cancel({ paymentId }).pipe(
    Effect.map(voided),
    Cancel.catchCategory("NotCancellable", ({ paymentStatus }) => Effect.succeed(decide(atStripe, paymentStatus)))
  )

export const voidAtSquare = (paymentId: string) =>
  Square.cancel({ paymentId }).pipe(
    Effect.map(voided),
    Cancel.catchCategory("NotCancellable", ({ paymentStatus }) => Effect.succeed(decide(atSquare, paymentStatus)))
  )

export const voidAtWePay = (paymentId: string, reason: string) =>
  WePay.cancel({ paymentId, reason }).pipe(
    Effect.map(voided),
    Cancel.catchCategory("NotCancellable", ({ paymentStatus }) => Effect.succeed(decide(atWePay, paymentStatus)))
  )
// #endregion

// #region refund
/** Refunds are the shop's own code: with a person's approval, a ledger, limits, and their own keys. */
export class Refunds extends Context.Tag("Refunds")<Refunds, {
  readonly request: (paymentId: string) => Effect.Effect<void>
}>() {}

/** Refund what was taken: all of it, or the part that was captured before the cancel. */
export const refundWhatIsDue = Effect.fn("refundWhatIsDue")(function*(paymentId: string, decision: Decision) {
  if (decision === "RefundDue" || decision === "PartTaken") {
    const refunds = yield* Refunds
    yield* refunds.request(paymentId)
  }
})

/**
 * Requests a refund only if one is due. An unknown outcome stays in the error channel. If it is cut
 * short, call it again: a cancelled payment is `Voided` again, and `request` must recognise a
 * second request for the same payment.
 */
export const giveBack = Effect.fn("giveBack")(function*(paymentId: string) {
  const decision = yield* voidAtSquare(paymentId)
  yield* refundWhatIsDue(paymentId, decision)
  return decision
})
// #endregion
