/**
 * Whether a cancel kept to its policy: no more attempts, time and waiting than that, and no less
 * where nothing is proved.
 */
import { type Proof, span } from "../evidence.js"
import {
  type Case,
  cutShortAt,
  eventsOf,
  isTooMuch,
  isUndisturbed,
  lastEvents,
  lastPatience,
  longestWait,
  resolution,
  rounding,
  shortestWait,
  usefulTime
} from "./case.js"

export const checkBounds = (c: Case): void => {
  const { call, frozen, held, knowledge, report, run } = c
  const { policy } = call
  const { cancels, proofs } = knowledge
  if (cancels.length > policy.attempts) report("TooManyAttempts", `${cancels.length} of ${policy.attempts}`)

  const ends = eventsOf(call, "ExchangeEnded")
  let lastCancel: Proof | null = null
  let reads: ReadonlyArray<Proof> = []
  proofs.forEach((proof, nth) => {
    const { exchange } = proof
    const before = ends[nth - 1]
    const isCancel = exchange.operation === "Cancel"
    const waited = span(before?.at ?? call.begunAt, exchange.begunAt)
    // Whatever the last answer was to, what it asked for holds for whatever is sent next.
    const asked = proofs[nth - 1]?.asked ?? null
    const waits = isCancel ? cancels.indexOf(proof) : reads.length
    // What the cancel's own answer stated may count as a first look at the payment.
    const looks = !isCancel && lastCancel?.stated ? waits + 1 : waits
    const most = longestWait(call, looks === 0 ? null : looks - 1, asked)
    const least = shortestWait(call, waits === 0 ? null : waits - 1, asked)
    const name = `exchange #${exchange.index}`
    if (isTooMuch(call, asked)) report("SentUnasked", `${name}, after an answer that asked for ${asked} ms`)
    // When the client stood still, or the handler of the events held it up, there may be no
    // time left for what was waited for: then there is another wait, for something else.
    const abandoned = isUndisturbed(c) ? 0 : Math.max(policy.backoff.maximum, policy.maximumRetryAfter) + most
    const allowedWait = most + resolution + frozen + abandoned + mostEventsPerWait * held
    if (waited > allowedWait) report("WaitTooLong", `${waited} ms before ${name}, ${most} at most`)
    if (waited < least - rounding) report("WaitTooShort", `${waited} ms before ${name}, ${least} at least`)
    if (isCancel) {
      lastCancel = proof
      reads = []
    } else {
      reads = [...reads, proof]
      if (reads.length > policy.statusReads) report("TooManyReads", `${reads.length} of ${policy.statusReads}`)
    }

    const end = ends[nth]?.at ?? cutShortAt(call)
    const allowed = isCancel ? policy.attemptTimeout : policy.statusTimeout
    const took = span(exchange.begunAt, end)
    if (took > allowed + frozen + rounding) report("ExchangeTooLong", `${name} took ${took} ms of ${allowed}`)
    // The body comes in pieces: the last one can go beyond the limit.
    if (exchange.bytesTaken > policy.maximumBodyBytes + largestPiece) report("BodyTooLarge", `${name}: ${exchange.bytesTaken} bytes`)
  })

  if (call.exit === null) {
    report("NeverEnds", run.rested ? "nothing is left to happen" : "it goes round in circles")
    return
  }
  const took = span(call.begunAt, call.exitAt)
  const allowed = policy.deadline + frozen + lastEvents * Math.min(held, lastPatience) + rounding
  if (took > allowed) report("DeadlineMissed", `${took} ms of ${policy.deadline}`)
}

const largestPiece = 65_536

/** An exchange that ended, twice a wait, and twice an exchange that was to begin. */
const mostEventsPerWait = 5

const slack = 2

/** A cancel that ends with nothing proved must have been out of licence, of tries or of time. */
export const checkPatience = (c: Case): void => {
  const { call, failure, knowledge, report, run, success } = c
  const { policy } = call
  const { accepted, cancels, proofs, settling } = knowledge
  const { facts } = run
  const last = cancels.at(-1)
  if (last === undefined || !isUndisturbed(c)) return
  const reserve = facts.hasStatusQuery ? Math.min(policy.statusTimeout, Math.ceil(policy.deadline / 4)) : 0

  proofs.forEach(({ exchange }) => {
    const isGivenUp = exchange.seen._tag === "Aborted" || (exchange.seen._tag === "Unsent" && exchange.closedAt !== null)
    const isTimedOut = isGivenUp && call.interrupted === null && call.plan.ending._tag !== "Timeout"
    const isCancel = exchange.operation === "Cancel"
    const left = policy.deadline - span(call.begunAt, exchange.begunAt) - (isCancel ? reserve : 0)
    const allowed = Math.min(isCancel ? policy.attemptTimeout : policy.statusTimeout, left)
    const isTooLarge = exchange.bytesTaken > policy.maximumBodyBytes
    if (isTimedOut && !isTooLarge && exchange.seenAt !== null && span(exchange.begunAt, exchange.seenAt) < allowed - slack) {
      report("GaveUpEarly", `exchange #${exchange.index} had ${allowed} ms`)
    }
  })

  // What was accepted is asked for as long as that is allowed, too.
  const isOpen = success !== null && accepted !== null && settling === null
  if (failure?.outcome !== "Unknown" && !isOpen) return
  const left = policy.deadline - span(call.begunAt, call.exitAt)
  const doubts = cancels.flatMap((proof) => proof._tag === "Doubtful" ? [proof] : [])
  const isLicensed = doubts.every(({ doubt, sendAgain }) => sendAgain ?? facts.licence.includes(doubt))
  const asked = proofs.at(-1)?.asked ?? null
  if (isTooMuch(call, asked)) return
  const isTimeToSend = left - reserve > longestWait(call, cancels.length - 1, asked) + usefulTime(call, asked, policy.attemptTimeout) + slack
  if (last._tag === "Doubtful" && isLicensed && cancels.length < policy.attempts && isTimeToSend) {
    report("GaveUpEarly", `after ${cancels.length} of ${policy.attempts} requests, with ${left} ms left`)
  }
  const reads = proofs.slice(proofs.indexOf(last) + 1)
  const isTimeToRead = left > longestWait(call, Math.max(0, reads.length - 1), asked) + usefulTime(call, asked, policy.statusTimeout) + slack
  if (facts.hasStatusQuery && reads.length < policy.statusReads && isTimeToRead) {
    report("GaveUpEarly", `after ${reads.length} of ${policy.statusReads} status queries, with ${left} ms left`)
  }
}
