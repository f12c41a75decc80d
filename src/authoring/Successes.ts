/**
 * What an operation's proofs become: its successes.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type * as Cancellation from "../Cancellation.js"
import type { IdentifiedBy } from "../CancelError.js"
import * as Answer from "./Answer.js"

/**
 * What every success is built from: which payment it is about, and what is known of its proof.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProofFacts {
  readonly paymentId: string
  readonly identifiedBy: IdentifiedBy
  /** How many cancel requests were sent or tried. */
  readonly attempts: number
  /** When the proof was in hand, by the `Clock`. */
  readonly observedAt: DateTime.Utc
  /** The provider's own id for the exchange that proved it. */
  readonly requestId: Option.Option<string>
}

/**
 * The successes an operation can have, and what each is built from. What its answers never
 * say has a parameter of type `never`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Successes<A, V extends Answer.Vocabulary> {
  /** A payment of which a refusal states the status; none where the answers state no payment. */
  readonly stated: Option.Option<(status: string) => V["payment"]>
  readonly acknowledged: (facts: ProofFacts, payment: V["payment"]) => A
  readonly cancelledMaybeByUs: (facts: ProofFacts, payment: V["payment"]) => A
  readonly alreadyCancelled: (facts: ProofFacts, payment: V["payment"]) => A
  readonly accepted: (facts: ProofFacts, receipt: V["receipt"], afterDoubt: boolean) => A
}

/**
 * The successes of an operation that is answered with the cancelled payment, or whose
 * status query says so.
 *
 * @since 0.1.0
 * @category models
 */
export type Synchronous<Name extends string, Payload> =
  | Cancellation.Cancelled<Name, Payload>
  | Cancellation.AlreadyCancelled<Name>

/**
 * V8 notes how long the objects of a literal live. Effect's fibers keep some until the next full collection: it would make all of
 * them old at once, with the payment in them. Of a copy it notes nothing.
 */
const copied = <A extends object>(result: A): A => ({ ...result })

/**
 * An operation that is answered with the cancelled payment, or whose status query says so.
 *
 * @since 0.1.0
 * @category successes
 */
export const synchronous = <Name extends string, Payload>(
  provider: Name
): Successes<Synchronous<Name, Payload>, Answer.StatesPayment<Payload>> => {
  const cancelled = (
    facts: ProofFacts,
    stated: Answer.StatedPayment<Payload>,
    evidence: "Response" | "StatusQuery"
  ): Cancellation.Cancelled<Name, Payload> => copied({
    _tag: "Cancelled",
    provider,
    ...facts,
    evidence,
    cancelledAt: stated.cancelledAt,
    reason: stated.reason,
    capturedAmount: Answer.capturedAmount(stated),
    payload: stated.payload
  })
  return {
    stated: Option.some(Answer.stated),
    acknowledged: (facts, payment) => cancelled(facts, payment, "Response"),
    cancelledMaybeByUs: (facts, payment) => cancelled(facts, payment, "StatusQuery"),
    alreadyCancelled: (facts, stated) => ({
      _tag: "AlreadyCancelled",
      provider,
      ...facts,
      evidence: "StatusQuery",
      capturedAmount: Answer.capturedAmount(stated)
    }),
    accepted: (_, receipt) => receipt
  }
}

/**
 * An operation whose request is accepted, decided later, and confirmed by a notification.
 *
 * @since 0.1.0
 * @category successes
 */
export const asynchronous = <Name extends string, Receipt>(
  provider: Name
): Successes<Cancellation.CancellationAccepted<Name, Receipt>, Answer.GivesReceipt<Receipt>> => ({
  stated: Option.none(),
  acknowledged: (_, payment) => payment,
  cancelledMaybeByUs: (_, payment) => payment,
  alreadyCancelled: (_, payment) => payment,
  accepted: (facts, receipt, mayBeAcceptedTwice) => ({
    _tag: "CancellationAccepted",
    provider,
    ...facts,
    evidence: "Response",
    receipt,
    mayBeAcceptedTwice
  })
})

/**
 * The successes of an operation whose request is accepted, and whose status query shows what
 * became of it.
 *
 * @since 0.1.0
 * @category models
 */
export type Accepting<Name extends string, Payload, Receipt> =
  | Synchronous<Name, Payload>
  | Cancellation.CancellationAccepted<Name, Receipt>

/**
 * An operation whose request is accepted, and whose status query shows what became of it. It is
 * asked within the policy; what it does not show by then stays accepted.
 *
 * @since 0.1.0
 * @category successes
 */
export const accepting = <Name extends string, Payload, Receipt>(
  provider: Name
): Successes<Accepting<Name, Payload, Receipt>, Answer.AcceptsThenStates<Payload, Receipt>> => ({
  ...synchronous<Name, Payload>(provider),
  accepted: asynchronous<Name, Receipt>(provider).accepted
})

/**
 * An operation whose request is accepted, and of which nothing more is ever said.
 *
 * @since 0.1.0
 * @category successes
 */
export const acknowledging = <Name extends string>(
  provider: Name
): Successes<Cancellation.CancellationAcknowledged<Name>, Answer.GivesReceipt<null>> => ({
  stated: Option.none(),
  acknowledged: (_, payment) => payment,
  cancelledMaybeByUs: (_, payment) => payment,
  alreadyCancelled: (_, payment) => payment,
  accepted: (facts) => ({ _tag: "CancellationAcknowledged", provider, ...facts, evidence: "Response" })
})
