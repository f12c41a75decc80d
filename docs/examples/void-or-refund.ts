/**
 * Void or refund: cancel first, and let the refusal say whether there is anything to refund.
 */
import { Context, Effect, Option } from "effect"
import { Cancel, Cancellation, Klarna, Mollie, PayPal, Square, Stripe, WePay } from "effect-payment-cancel"

// #region decision
/**
 * - `Voided`: no more money will be taken, and none was taken as far as the provider says.
 * - `PartTaken`: no more money will be taken, but a part was captured before. Refund that part.
 * - `RefundDue`: the money was taken, or a part of it: nothing says which, so refund what was captured.
 * - `NothingTaken`: the payment failed by itself.
 * - `NotYet`: the payment can still change. Cancel again later.
 * - `OtherCall`: the provider has another call for a payment in this state. Cancelling again will not do.
 * - `LookItUp`: it cannot be cancelled, and the reason could not be read, or does not say what to do.
 */
export type Decision = "Voided" | "PartTaken" | "RefundDue" | "NothingTaken" | "NotYet" | "OtherCall" | "LookItUp"

/** What a status means after a cancel was refused. Every provider has its own statuses. */
const atSquare: { readonly [status: string]: Decision } = {
  COMPLETED: "RefundDue",
  FAILED: "NothingTaken",
  APPROVED: "NotYet",
  PENDING: "NotYet"
}

const atStripe: { readonly [status: string]: Decision } = {
  succeeded: "RefundDue",
  // Stripe refuses these only of a PaymentIntent that belongs to a Checkout Session.
  requires_payment_method: "OtherCall",
  requires_confirmation: "OtherCall",
  requires_action: "OtherCall",
  requires_capture: "NotYet",
  processing: "NotYet"
}

const atMollie: { readonly [status: string]: Decision } = {
  paid: "RefundDue",
  expired: "NothingTaken",
  failed: "NothingTaken",
  authorized: "OtherCall",
  open: "NotYet",
  pending: "NotYet"
}

const atKlarna: { readonly [status: string]: Decision } = {
  CAPTURED: "RefundDue",
  PART_CAPTURED: "OtherCall",
  AUTHORIZED: "NotYet"
}

const atPayPal: { readonly [status: string]: Decision } = {
  CAPTURED: "RefundDue",
  DENIED: "NothingTaken",
  CREATED: "NotYet",
  PENDING: "NotYet",
  PARTIALLY_CAPTURED: "NotYet"
}

const atWePay: { readonly [status: string]: Decision } = {
  completed: "RefundDue",
  failed: "NothingTaken",
  // A card-present one that is older than 90 minutes has to be captured, and then refunded: a later
  // cancel is refused too. Another one will be completed. Nothing tells them apart.
  pending: "LookItUp"
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

export const voidAtMollie = (paymentId: string) =>
  Mollie.cancel({ paymentId }).pipe(
    Effect.map(voided),
    Cancel.catchCategory("NotCancellable", ({ paymentStatus }) => Effect.succeed(decide(atMollie, paymentStatus)))
  )

/** An order at Klarna that is `EXPIRED` may have captures. Its status does not say so, and its amounts do. */
const expiredAtKlarna = (paymentId: string) =>
  Klarna.status({ paymentId }).pipe(
    Effect.map(({ capturedAmount }): Decision =>
      Option.match(capturedAmount, { onNone: () => "LookItUp", onSome: ({ amount }) => amount > 0 ? "RefundDue" : "NothingTaken" })
    ),
    Effect.orElseSucceed((): Decision => "LookItUp")
  )

const decideAtKlarna = ({ paymentId, paymentStatus }: { readonly paymentId: string; readonly paymentStatus: Option.Option<string> }) =>
  Option.contains(paymentStatus, "EXPIRED") ? expiredAtKlarna(paymentId) : Effect.succeed(decide(atKlarna, paymentStatus))

export const voidAtKlarna = (paymentId: string) =>
  Klarna.cancel({ paymentId }).pipe(Effect.map(voided), Cancel.catchCategory("NotCancellable", decideAtKlarna))

export const voidAtSquare = (paymentId: string) =>
  Square.cancel({ paymentId }).pipe(
    Effect.map(voided),
    Cancel.catchCategory("NotCancellable", ({ paymentStatus }) => Effect.succeed(decide(atSquare, paymentStatus)))
  )

/**
 * What was captured of it before, PayPal does not say: look at the captures of the order. Of one that
 * was denied the refusal has a code that nobody has listed, and the status tells.
 */
export const voidAtPayPal = (paymentId: string) =>
  PayPal.cancel({ paymentId }).pipe(
    Effect.map(voided),
    Effect.catchIf(
      (error) => error.category === "NotCancellable" || error._tag === "PayPal.Unrecognized" && Option.isSome(error.paymentStatus),
      ({ paymentStatus }) => Effect.succeed(decide(atPayPal, paymentStatus))
    )
  )

export const voidAtWePay = (paymentId: string, reason: string) =>
  WePay.cancel({ paymentId, reason }).pipe(
    Effect.map(voided),
    Cancel.catchCategory("NotCancellable", ({ paymentStatus }) => Effect.succeed(decide(atWePay, paymentStatus)))
  )
// #endregion

// #region other
/** After `OtherCall` at Klarna: the order was captured in part, and the rest is given back. */
export const releaseAtKlarna = (paymentId: string) =>
  Klarna.releaseRemainingAuthorization({ paymentId }).pipe(
    Effect.map(voided),
    Cancel.catchCategory("NotCancellable", decideAtKlarna)
  )

/**
 * After `OtherCall` at Mollie: what is held is given back, soon, later, or not. `Mollie.releaseStatus` tells, but for a
 * payment that is `paid` in part: of what remains of that nothing is told.
 */
export const releaseAtMollie = (paymentId: string) =>
  Mollie.releaseAuthorization({ paymentId }).pipe(
    Effect.map((released) => released._tag === "CancellationAccepted" ? "NotYet" : voided(released)),
    Cancel.catchCategory("NotCancellable", ({ paymentStatus }) => Effect.succeed(decide(atMollie, paymentStatus)))
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
