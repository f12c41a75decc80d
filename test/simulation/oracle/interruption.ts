/**
 * Whether a cancel that was cut short said so, left nothing behind, and ended.
 */
import { span } from "../evidence.js"
import { isAboutPayment } from "../simulate.js"
import { type Case, cutShortAt, eventsOf, rounding } from "./case.js"

export const checkInterruption = (c: Case): void => {
  const { call, frozen, held, knowledge, report, run } = c
  const { cancels, proofs } = knowledge
  const interrupted = eventsOf(call, "Interrupted")
  const settled = eventsOf(call, "Settled")
  if (interrupted.length > 1 || settled.length > 1) report("Inconsistent", "the same final event twice")

  const wasToldNothing = c.failure === null && c.success === null
  const result = settled[0]?.event ?? null
  if (call.exit !== null && !call.handedOver && result !== null && interrupted.length === 0) {
    report("SilentInterruption", `nobody was told of ${result.result}`)
  }
  if (call.exit !== null && wasToldNothing && interrupted.length + settled.length === 0 && cancels.some(({ exchange }) => exchange.sent)) {
    report("SilentInterruption", `the payment may be cancelled by exchange #${cancels.at(-1)?.exchange.index}`)
  }
  for (const { event } of interrupted) {
    if (event.settled !== (result?.result ?? null)) report("Inconsistent", `${event.settled} is not the result ${result?.result}`)
    if (result !== null && event.outcome !== result.outcome) report("Inconsistent", `${event.outcome} is not ${result.outcome}`)
    if (call.handedOver) report("Inconsistent", "a result after an Interrupted event")
    if (call.plan.shielded && event.cause === "Interruption") report("CutShort", `${event.inFlight ?? "nothing"} was in flight`)
    const history = event.history.filter(isAboutPayment)
    const open = proofs[history.length]?.exchange ?? null
    if (open !== null && open.operation !== event.inFlight) report("Inconsistent", `${open.operation} is in flight, not ${event.inFlight}`)
    // Which exchanges had been taken note of is the library's word; whether it is true is checked with the history.
    const noted = proofs.slice(0, history.length)
    const settling = noted.find((proof) => proof === knowledge.settling) ?? null
    const isDoubtful = event.inFlight === "Cancel" || noted.some(({ _tag }) => _tag === "Doubtful" || _tag === "Acknowledged" || _tag === "Accepted")
    if (event.outcome === "NotCancelled" && isDoubtful && settling?.stated?.standing !== "Closed") {
      report("ClaimWithoutProof", "the Interrupted event says NotCancelled")
    }
    if (event.outcome === "Unknown" && !isDoubtful) report("ProofIgnored", "the Interrupted event says Unknown")
    const warned = call.logs.some((logged) => JSON.stringify(logged)?.includes("cut short") === true)
    if (run.scenario.sink._tag === "Default" && !warned) report("SilentInterruption", "the default handler logs nothing")
  }

  if (call.exit === null) return
  const ends = eventsOf(call, "ExchangeEnded")
  for (const [nth, { exchange }] of proofs.entries()) {
    const givenUpAt = ends[nth]?.at ?? cutShortAt(call)
    const isUntouched = exchange.head !== null && !exchange.bodyTouched
    const isOver = exchange.seen._tag !== "Nothing" && exchange.seen._tag !== "Aborted"
    const endedAt = exchange.closedAt ?? (isOver ? exchange.seenAt : null)
    if (!run.scenario.client.deaf && !isUntouched && (endedAt === null || endedAt > givenUpAt)) {
      report("LeftOpen", `exchange #${exchange.index}`)
    }
    if (exchange.begun > call.exitOrder) report("LeftOpen", `exchange #${exchange.index} begins after the end`)
  }
  if (call.interrupted !== null && call.interruptedAt !== null && !call.plan.shielded) {
    const took = span(call.interruptedAt, call.exitAt)
    // An event that is being handled just then may be waited for, and the Interrupted event is.
    if (took > 2 * held + frozen + rounding) report("LateExit", `${took} ms`)
  }
}
