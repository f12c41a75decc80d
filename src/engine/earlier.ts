/**
 * What earlier calls of the same logical cancel left in doubt.
 */
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import * as Struct from "effect/Struct"
import type { Vocabulary } from "../authoring/Answer.js"
import { entryOf } from "../authoring/Errors.js"
import type { Doubt } from "../authoring/ResendLicence.js"
import * as CancelError from "../CancelError.js"
import type { Round } from "./decision.js"
import { isServerError, type Judge, silent } from "./evidence.js"

/** A doubt, or the HTTP status and the code of an answer that left one: what that may mean, the provider's declaration says. */
type EarlierDoubt = Doubt | { readonly status: number; readonly code: string | null }

type Declared = Pick<Judge<unknown, Vocabulary>, "catalogue" | "stillRunning">

/** An error of a call that ends before its first exchange, and knows nothing of earlier ones. */
type Unbegun = CancelError.InvalidCancelRequest | CancelError.NotSent

/** What the cancels inside an effect go on with. */
interface Earlier {
  /** What they have to clear up, beside their own doubts, by what is declared. */
  readonly doubts: (declared: Declared) => ReadonlyArray<Doubt>
  /** What a call comes to that sends nothing. */
  readonly stillInDoubt: (error: Unbegun) => CancelError.NoResponse
}

/** What earlier calls left in doubt, and null where there is nothing. */
export class EarlierDoubts extends Context.Reference<EarlierDoubts>()("effect-payment-cancel/engine/EarlierDoubts", {
  defaultValue: (): Earlier | null => null
}) {}

/** That nothing is sent now says nothing of what was sent before. */
export const unbegun = <E extends Unbegun>(earlier: Earlier | null, error: E): E | CancelError.NoResponse =>
  earlier?.stillInDoubt(error) ?? error

/** What an error tells of the call that it ended, or an event of the call that was cut short. */
interface Ended {
  readonly outcome: CancelError.Outcome | null
  readonly history: ReadonlyArray<CancelError.Exchange>
  readonly inFlight?: CancelError.Exchange["operation"] | null
}

/** An answer that was not received whole is taken for one that was: that is the more careful side. */
const doubtOf = ({ code, httpStatus }: CancelError.Exchange): EarlierDoubt =>
  Option.match(httpStatus, { onNone: () => "NoAnswer", onSome: (status) => ({ status, code: Option.getOrNull(code) }) })

/** The doubts that a call left: none where it proved that none of its requests did anything. */
export const doubtsOf = ({ history, inFlight, outcome }: Ended): ReadonlyArray<EarlierDoubt> => {
  if (outcome === "NotCancelled") return []
  const doubts = history.filter(({ evidence, operation }) => operation === "Cancel" && evidence === "MaybeApplied").map(doubtOf)
  return doubts.length === 0 || inFlight === "Cancel" ? [...doubts, "NoAnswer"] : doubts
}

/** The one that counts most is the last, as the last of a call's own: after what proves nothing the status is read first. */
const byWeight: ReadonlyArray<Doubt> = ["NoAnswer", "ServerError", "StillRunning", "Unconfirmed", "Unproven"]

const kindOf = (doubt: EarlierDoubt, { catalogue, stillRunning = [] }: Declared): Doubt => {
  if (typeof doubt === "string") return doubt
  const { code, status } = doubt
  if (isServerError(status)) return "ServerError"
  const isAnother = Option.exists(entryOf(catalogue, status, code), ({ row }) => row.outcome === "Unknown" && row.stillRunning !== true)
  return stillRunning.includes(status) && !isAnother ? "StillRunning" : "Unproven"
}

/** Doubts of several calls, in whichever order: of each kind one. */
export const together = (doubts: ReadonlyArray<EarlierDoubt>, declared: Declared): ReadonlyArray<Doubt> => {
  const kinds = doubts.map((doubt) => kindOf(doubt, declared))
  return byWeight.filter((kind) => kinds.includes(kind))
}

const explanation = "a request of an earlier call may have been applied"

/** A doubt of an earlier call, as if it were one of this call's: it is settled by the same proofs. */
export const earlierRound = <E, V extends Vocabulary>(doubt: Doubt): Round<E, V> => ({
  cancel: {
    _tag: "MaybeApplied",
    trace: silent(explanation),
    doubt,
    sendAgain: Option.none(),
    entry: Option.none(),
    stated: Option.none()
  },
  reads: []
})

const told = ["provider", "paymentId", "identifiedBy", "idempotencyKey", "httpStatus", "requestId", "details", "paymentStatus", "retryAfter", "attempts", "history"] as const

/** A call that sends nothing leaves the doubts of earlier ones as they are. */
export const stillInDoubt = (error: Unbegun): CancelError.NoResponse =>
  new CancelError.NoResponse({
    ...Struct.pick(error, ...told),
    message: `${error.message}; whether the payment is cancelled is unknown: ${explanation}`
  })
