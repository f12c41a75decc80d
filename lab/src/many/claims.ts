/**
 * What the results claim of the payments, and whether that is true.
 */
import { Effect, Either } from "effect"
import { CancelMany } from "effect-payment-cancel"
import type { Sandbox } from "effect-payment-cancel/sandbox"
import type { router } from "../../../test/many/payments.js"
import type { Provider } from "./Switches.js"

export type Result = Either.Either<
  Effect.Effect.Success<ReturnType<typeof router.cancel>>,
  Effect.Effect.Error<ReturnType<typeof router.cancel>> | CancelMany.NotBegun | CancelMany.Died
>

/** What is claimed of a payment. */
export type Claim = "Cancelled" | "Accepted" | "NotCancelled" | "InDoubt" | "NotBegun"

/** A claim, and whether that is the end of the matter. */
export interface Standing {
  readonly claim: Claim
  readonly isSettled: boolean
}

/** Failures that are true of the payment, whatever was sent before. */
const certain: ReadonlySet<string> = new Set(["NotFound", "NotCancellable"])

/**
 * What may be claimed after a result. One that says of its own requests that they did nothing does
 * not clear up what an earlier one left in doubt.
 */
export const standingAfter = (before: Standing | null, result: Result): Standing =>
  Either.match(result, {
    onRight: ({ _tag }): Standing => ({ claim: _tag === "CancellationAccepted" ? "Accepted" : "Cancelled", isSettled: true }),
    onLeft: (error): Standing => {
      if (error.outcome === "Unknown") return { claim: "InDoubt", isSettled: false }
      if (before?.claim === "InDoubt" && !certain.has(error.category)) return before
      return { claim: error._tag === "CancelMany.NotBegun" ? "NotBegun" : "NotCancelled", isSettled: CancelMany.isSettled(result) }
    }
  })

/** What is known here of a payment that is looked at. */
export interface Subject {
  readonly provider: Provider
  readonly paymentId: string
  readonly standing: Standing | null
}

/** What is true, compared with what is claimed. */
export interface Audit {
  /** How many payments are claimed to be something. */
  readonly claims: number
  /** The claims that are not true, in words. */
  readonly untrue: ReadonlyArray<string>
  /** The payments that were cancelled twice, or sent under two keys. */
  readonly doubled: ReadonlyArray<string>
  /** What is true of those of which nothing is claimed, because they are in doubt. */
  readonly doubts: { readonly cancelled: number; readonly not: number }
}

/** Asks the sandbox what is true. `existing` are the payments that were cancelled before anything began. */
export const audit = (
  sandbox: Sandbox.Service,
  subjects: ReadonlyArray<Subject>,
  existing: ReadonlySet<string>
): Effect.Effect<Audit> =>
  Effect.gen(function*() {
    const histories = new Map((yield* sandbox.payments).map(({ history, paymentId }) => [paymentId, history]))
    const applied = new Set<string>()
    const keys = new Map<string, Set<string>>()
    for (const request of yield* sandbox.requests) {
      const { operation, paymentId } = request
      if (operation !== "Cancel" || paymentId === null) continue
      if (request.applied) applied.add(paymentId)
      const key = request.headers["idempotency-key"] ?? request.headers["unique-key"]
      if (key !== undefined) keys.set(paymentId, (keys.get(paymentId) ?? new Set()).add(key))
    }
    const untrue: Array<string> = []
    const doubled: Array<string> = []
    let [claims, cancelled, not] = [0, 0, 0]
    for (const { paymentId, provider, standing } of subjects) {
      const times = histories.get(paymentId)?.filter(({ by }) => by === "Cancel").length ?? 0
      const isCancelled = times > 0 || existing.has(paymentId)
      if (times > 1) doubled.push(`${provider} ${paymentId} was cancelled ${times} times`)
      if ((keys.get(paymentId)?.size ?? 0) > 1) doubled.push(`${provider} ${paymentId} was sent under several keys`)
      if (standing === null) continue
      if (standing.claim === "InDoubt") {
        if (isCancelled) cancelled += 1
        else not += 1
        continue
      }
      claims += 1
      const isTrue = {
        Cancelled: isCancelled,
        Accepted: applied.has(paymentId),
        NotCancelled: times === 0,
        NotBegun: times === 0 && !applied.has(paymentId)
      }[standing.claim]
      if (!isTrue) untrue.push(`${provider} ${paymentId} is claimed to be ${standing.claim}`)
    }
    return { claims, untrue, doubled, doubts: { cancelled, not } }
  })
