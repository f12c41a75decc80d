/**
 * Holds what a caller was told against the truth, and against what could be known.
 *
 * A rule about *truth* asks the provider's own history, to its very end. A rule about
 * *evidence* asks what the answers at hand prove, whatever happens to be true: a claim
 * without proof is wrong even where it turns out right.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { inspect } from "node:util"
import type * as CancelError from "../../src/CancelError.js"
import type * as Cancellation from "../../src/Cancellation.js"
import { objectIn } from "./answers.js"
import { type Knowledge, knowledge, type Proof, span } from "./evidence.js"
import type { Failure } from "./facts.js"
import { type Delivered, type Paired, referenceOf } from "./webhooks.js"
import type { Call, Heard, Run } from "./simulate.js"

/** The rules, and what each of them forbids. */
export const rules = {
  // Truth.
  FalseCancelled: "a success, while the payment is not cancelled",
  FalseAlreadyCancelled: "AlreadyCancelled, while a request of this call did it",
  FalseAccepted: "a request that is said to be taken in, while the provider never took it",
  FalseConfirmation: "what a notification is said to confirm is not what became of the payment",
  FalseNotCancelled: "NotCancelled, while a request of this call cancels the payment, then or later",
  // Evidence.
  ProofIgnored: "Unknown, or another result, where the evidence at hand was a proof",
  ClaimWithoutProof: "a definite claim that nothing at hand proves",
  WentOnAfterProof: "another request after a proof",
  RefusalNotReadBack: "a refusal about the payment is believed without reading the status",
  ContradictionNotReadAgain: "a refusal that the status contradicts is believed at once",
  ForgeryBelieved: "a notification that is forged, altered or played back is believed",
  ConfirmationMissed: "a genuine notification of this very cancel is refused, or taken for another one's",
  GaveUpEarly: "a cancel or an exchange that is given up while there is licence, tries and time left",
  GaveUpUnread: "Unknown, without reading the status once more",
  WrongClass: "an error of another class than the evidence says",
  // Bounds.
  TooManyAttempts: "more cancel requests than the policy allows",
  TooManyReads: "more status queries after one cancel request than the policy allows",
  ExchangeTooLong: "an exchange that takes longer than the policy allows",
  DeadlineMissed: "more time than the policy allows",
  WaitTooLong: "a longer wait than the policy allows",
  WaitTooShort: "a shorter wait than the policy and the provider ask for",
  BodyTooLarge: "more of a body taken in than the policy allows",
  NeverEnds: "a cancel that never comes to an end",
  // Requests.
  OtherBytes: "another request under the same logical cancel",
  OtherKey: "another key under the same logical cancel, or a key where there should be none",
  UnlicensedResend: "a request sent again that may have been applied, where the provider gives no licence",
  RefusalResent: "a refused request sent again, where the provider does not invite it",
  // Interruption.
  SilentInterruption: "a cancel cut short after a byte may have left, without an event",
  LeftOpen: "an exchange that goes on after the cancel gave up on it",
  CutShort: "a cancel cut short where nothing can be interrupted",
  LateExit: "a cancel that does not end when it is interrupted",
  // Outputs.
  SecretShown: "a secret in an output",
  Inconsistent: "an output that contradicts itself or another one",
  UnfaithfulResult: "a result that says other things than the exchange it rests on",
  UnfaithfulNotification: "a notification that says other things than the provider told",
  UnfaithfulHistory: "a history that is not what happened"
} as const

export type Rule = keyof typeof rules

export interface Violation {
  readonly rule: Rule
  readonly caller: number
  readonly words: string
}

/** No timer is finer than a millisecond, so bounds may be rounded to whole ones. */
const resolution = 1

/** Rounding of durations to whole nanoseconds adds up, in milliseconds. */
const rounding = 0.01

/** How long the handler of an event is awaited at most, in milliseconds. */
const patience = 1_000

/** How long an event may still be awaited when the deadline is over, and how many are. */
const lastPatience = 100
const lastEvents = 3

interface Case {
  readonly run: Run
  readonly call: Call
  readonly knowledge: Knowledge
  /** How much longer than asked for something can take, because the client stood still. */
  readonly frozen: number
  /** How long the handler of the events holds the cancel up for each event. */
  readonly held: number
  readonly failure: Failure | null
  readonly success: Cancellation.Cancellation | null
  readonly report: (rule: Rule, words: string) => void
}

type EventTag = Heard["event"]["_tag"]

type HeardOf<T extends EventTag> = Heard & { readonly event: Extract<Heard["event"], { readonly _tag: T }> }

const eventsOf = <T extends EventTag>(call: Call, tag: T): ReadonlyArray<HeardOf<T>> =>
  call.heard.filter((heard): heard is HeardOf<T> => heard.event._tag === tag)

/** The changes that requests of a call brought about, whenever: the payment is cancelled, or it is refunded. */
const broughtAboutBy = ({ call, run }: Case) =>
  run.truth.filter(({ exchange }) => exchange !== null && run.exchanges[exchange]?.caller === call.index)

const isCancelledAt = (run: Run, order: number): boolean =>
  run.truth.some((change) => change.order <= order && run.facts.standings[change.to] === "Cancelled")

const isUndisturbed = ({ frozen, held }: Case): boolean => frozen === 0 && held === 0

// ---------------------------------------------------------------- truth

/** Whether the provider had by then taken a request of this call in, under this name. */
const isGranted = ({ call, run }: Case, reference: string | null): boolean =>
  run.exchanges.some((exchange) =>
    exchange.caller === call.index && exchange.granted !== null && exchange.granted <= call.exitOrder && exchange.reference === reference)

const checkTruth = (c: Case): void => {
  const { call, failure, report, run, success } = c
  const own = broughtAboutBy(c)
  if (success?._tag === "Cancelled" || success?._tag === "AlreadyCancelled") {
    if (!isCancelledAt(run, call.exitOrder)) report("FalseCancelled", `told ${success._tag}`)
    if (success._tag === "AlreadyCancelled" && own.length > 0) report("FalseAlreadyCancelled", `exchange #${own[0]?.exchange} did it`)
  } else if (success !== null && !isGranted(c, referenceOf(success))) {
    report("FalseAccepted", `told ${success._tag}`)
  }
  const claims = [
    failure?.outcome ?? null,
    ...eventsOf(call, "Interrupted").map(({ event }) => event.outcome),
    ...eventsOf(call, "Settled").map(({ event }) => event.outcome)
  ]
  if (claims.includes("NotCancelled") && own.length > 0) {
    report("FalseNotCancelled", `by exchange #${own[0]?.exchange} the payment is ${own[0]?.to}`)
  }
}

// ------------------------------------------------------------- evidence

/** What a caller has to be told, by the evidence. */
const due = ({ run: { facts }, knowledge: { lastDoubt, settling } }: Case): string => {
  if (settling?._tag === "TakenIn") return `${facts.receipts?.success} by Response`
  if (settling?._tag === "Acknowledged") return "Cancelled by Response"
  if (settling?.stated?.standing === "Cancelled") return lastDoubt === null ? "AlreadyCancelled by StatusQuery" : "Cancelled by StatusQuery"
  return settling === null && lastDoubt !== null ? "Unknown" : "NotCancelled"
}

const isDefinite = (told: string): boolean => told !== "Unknown"

const checkEvidence = (c: Case): void => {
  const { call, failure, knowledge, report, run, success } = c
  const { proofs, settling } = knowledge
  if (settling !== null && settling !== proofs.at(-1)) {
    report("WentOnAfterProof", `exchange #${settling.exchange.index} had settled it`)
  }
  if (failure === null && success === null) return
  const told = success === null ? failure?.outcome ?? "" : `${success._tag} by ${success.evidence}`
  const expected = due(c)
  if (told !== expected) {
    report(
      isDefinite(expected) && (told === "Unknown" || settling !== null) ? "ProofIgnored" : "ClaimWithoutProof",
      `told ${told}, the evidence says ${expected}`
    )
  }
  if (failure !== null && told === expected) checkFailure(c, failure)
  const canRead = run.facts.hasStatusQuery
  if (canRead && call.exit !== null && failure?.outcome === "Unknown" && isUndisturbed(c) && proofs.at(-1)?.exchange.operation === "Cancel") {
    report("GaveUpUnread", "the last exchange was a cancel request")
  }
}

const checkFailure = (c: Case, failure: Failure): void => {
  const { knowledge, report, run } = c
  const { cancels, lastDoubt, settling } = knowledge
  const wrong = (words: string) => report("WrongClass", `${failure._tag}: ${words}`)
  if (failure.outcome === "Unknown") {
    if (lastDoubt === null) return
    if ((lastDoubt.doubt === "NoAnswer") !== (failure._tag === "CancelError.NoResponse")) {
      wrong(`the last doubt was ${lastDoubt.doubt}`)
    }
    if (!sameCode(c, failure.code, lastDoubt.code)) wrong(`the code of the last doubt was ${lastDoubt.code}`)
    return
  }
  if (settling !== null) return
  const last = cancels.at(-1)
  const refused = cancels.findLast((proof) => proof._tag === "Refused")
  if (failure._tag === "CancelError.NotSent") {
    if (refused !== undefined) wrong(`exchange #${refused.exchange.index} was sent, and refused`)
    return
  }
  if (refused === undefined) return wrong("nothing was refused")
  if (!sameCode(c, failure.code, refused.code)) wrong(`the code of the refusal was ${refused.code}`)
  if (!refused.listed && !failure._tag.endsWith(".Unrecognized")) wrong("the code is not listed")
  if (last !== refused || refused.about === "Request" || !run.facts.hasStatusQuery || !isUndisturbed(c)) return
  checkReadBack(c, refused)
}

/** A refusal about the payment has to be read back; a contradictory one twice, where there is time. */
const checkReadBack = (c: Case, refused: Proof): void => {
  const { call, knowledge, report } = c
  const reads = knowledge.proofs.slice(knowledge.proofs.indexOf(refused) + 1)
  const statements = [refused, ...reads].filter(({ stated }) => stated !== null)
  if (reads.length === 0 && statements.length === 0) {
    report("RefusalNotReadBack", `exchange #${refused.exchange.index} was refused with ${refused.code}`)
    return
  }
  const contradiction = statements.length === 1 && statements[0]?.stated?.standing === "Cancellable"
  const wait = longestWait(call, Math.max(0, reads.length - 1), reads.at(-1)?.asked ?? null)
  const left = call.policy.deadline - span(call.begunAt, call.exitAt)
  if (contradiction && reads.length < call.policy.statusReads && left > wait + resolution) {
    report("ContradictionNotReadAgain", `exchange #${refused.exchange.index} was refused, the payment is cancellable`)
  }
}

// --------------------------------------------------------------- bounds

const backoff = ({ policy }: Call, nth: number): number =>
  Math.min(policy.backoff.maximum, policy.backoff.initial * policy.backoff.factor ** nth)

const capped = ({ policy }: Call, asked: number | null): number =>
  asked === null ? 0 : Math.min(asked, policy.maximumRetryAfter)

const longestWait = (call: Call, nth: number, asked: number | null): number =>
  Math.max(backoff(call, nth), capped(call, asked))

const shortestWait = (call: Call, nth: number, asked: number | null): number =>
  Math.max(backoff(call, nth) * (1 - call.policy.backoff.jitter), capped(call, asked))

const checkBounds = (c: Case): void => {
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
    const asked = (isCancel ? lastCancel : reads.at(-1))?.asked ?? null
    const waits = isCancel ? cancels.indexOf(proof) : reads.length
    // What the cancel's own answer stated may count as a first look at the payment.
    const looks = !isCancel && lastCancel?.stated ? waits + 1 : waits
    const most = looks === 0 ? 0 : longestWait(call, looks - 1, asked)
    const least = waits === 0 ? 0 : shortestWait(call, waits - 1, asked)
    const name = `exchange #${exchange.index}`
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

/** When the library noticed that it was cut short, before it told anybody. */
const cutShortAt = (call: Call): number => eventsOf(call, "Interrupted")[0]?.at ?? call.exitAt

const largestPiece = 65_536

/** An exchange that ended, twice a wait, and twice an exchange that was to begin. */
const mostEventsPerWait = 5

// ------------------------------------------------------------- requests

const keyOf = ({ call, failure }: Case): string | null => failure?.idempotencyKey ?? call.heard[0]?.event.idempotencyKey ?? null

const checkRequests = (c: Case): void => {
  const { call, knowledge, report, run } = c
  const { cancels, proofs } = knowledge
  const { keyHeader, licence } = run.facts
  const key = keyOf(c)
  for (const [nth, proof] of cancels.entries()) {
    const { exchange } = proof
    if (exchange.bytes !== cancels[0]?.exchange.bytes) report("OtherBytes", `exchange #${exchange.index}`)
    const sent = keyHeader === null ? null : exchange.headers[keyHeader] ?? null
    if (keyHeader !== null && sent !== (call.plan.key ?? key)) report("OtherKey", `exchange #${exchange.index} has ${sent}, not ${key}`)
    if (keyHeader === null && key !== null && exchange.bytes.includes(key)) report("OtherKey", "the key is in the request")

    const before = cancels.slice(0, nth)
    const last = before.at(-1)
    if (last === undefined) continue
    const doubts = before.flatMap((proof) => proof._tag === "Doubtful" ? [proof] : [])
    const unlicensed = doubts.find(({ doubt, sendAgain }) => !(sendAgain ?? licence.includes(doubt)))
    if (unlicensed !== undefined) {
      report("UnlicensedResend", `exchange #${exchange.index}, after ${unlicensed.doubt} in #${unlicensed.exchange.index}`)
    }
    // A doubtful request may have come between: the refusal of a payment that is still
    // cancellable, or of which nobody knows, is then worth another try, unless it says no.
    const isReadSince = proofs[proofs.indexOf(proof) - 1] !== last
    const isWorthAnother = (refused: Extract<Proof, { _tag: "Refused" }>): boolean =>
      refused.tryAgain || (doubts.length > 0 && refused.about === "Payment" && refused.sendAgain !== false && isReadSince)
    if (last._tag === "Refused" && !isWorthAnother(last)) {
      report("RefusalResent", `exchange #${exchange.index}, after ${last.code}`)
    }
  }
  if (call.plan.key !== null && key !== null && key !== call.plan.key) report("OtherKey", `${key} instead of ${call.plan.key}`)
  if (call.heard.some(({ event }) => event.idempotencyKey !== key)) report("OtherKey", "in an event")
}

// ------------------------------------------------------------- patience

const slack = 2

/** A cancel that ends with nothing proved must have been out of licence, of tries or of time. */
const checkPatience = (c: Case): void => {
  const { call, failure, knowledge, report, run } = c
  const { policy } = call
  const { cancels, proofs } = knowledge
  const { facts } = run
  const last = cancels.at(-1)
  if (last === undefined || !isUndisturbed(c)) return
  const reserve = facts.hasStatusQuery ? Math.min(policy.statusTimeout, Math.ceil(policy.deadline / 4)) : 0

  proofs.forEach(({ exchange }) => {
    const isTimedOut = exchange.seen._tag === "Aborted" && call.interrupted === null && call.plan.ending._tag !== "Timeout"
    const isCancel = exchange.operation === "Cancel"
    const left = policy.deadline - span(call.begunAt, exchange.begunAt) - (isCancel ? reserve : 0)
    const allowed = Math.min(isCancel ? policy.attemptTimeout : policy.statusTimeout, left)
    const isTooLarge = exchange.bytesTaken > policy.maximumBodyBytes
    if (isTimedOut && !isTooLarge && exchange.seenAt !== null && span(exchange.begunAt, exchange.seenAt) < allowed - slack) {
      report("GaveUpEarly", `exchange #${exchange.index} had ${allowed} ms`)
    }
  })

  if (failure?.outcome !== "Unknown") return
  const left = policy.deadline - span(call.begunAt, call.exitAt)
  const doubts = cancels.flatMap((proof) => proof._tag === "Doubtful" ? [proof] : [])
  const isLicensed = doubts.every(({ doubt, sendAgain }) => sendAgain ?? facts.licence.includes(doubt))
  const isTimeToSend = left - reserve > longestWait(call, cancels.length - 1, last.asked) + slack
  if (last._tag === "Doubtful" && isLicensed && cancels.length < policy.attempts && isTimeToSend) {
    report("GaveUpEarly", `after ${cancels.length} of ${policy.attempts} requests, with ${left} ms left`)
  }
  const reads = proofs.slice(proofs.indexOf(last) + 1)
  const isTimeToRead = left > longestWait(call, Math.max(0, reads.length - 1), reads.at(-1)?.asked ?? null) + slack
  if (facts.hasStatusQuery && reads.length < policy.statusReads && isTimeToRead) {
    report("GaveUpEarly", `after ${reads.length} of ${policy.statusReads} status queries, with ${left} ms left`)
  }
}

// --------------------------------------------------------- interruption

const checkInterruption = (c: Case): void => {
  const { call, frozen, held, knowledge, report, run } = c
  const { cancels, proofs } = knowledge
  const interrupted = eventsOf(call, "Interrupted")
  const settled = eventsOf(call, "Settled")
  if (interrupted.length + settled.length > 1) report("Inconsistent", "more than one final event")

  const wasToldNothing = c.failure === null && c.success === null
  if (call.exit !== null && wasToldNothing && interrupted.length + settled.length === 0 && cancels.some(({ exchange }) => exchange.sent)) {
    report("SilentInterruption", `the payment may be cancelled by exchange #${cancels.at(-1)?.exchange.index}`)
  }
  for (const { event } of interrupted) {
    if (!wasToldNothing) report("Inconsistent", "a result after an Interrupted event")
    if (call.plan.shielded && event.cause === "Interruption") report("CutShort", `${event.inFlight ?? "nothing"} was in flight`)
    const open = proofs[event.history.length]?.exchange ?? null
    if (open !== null && open.operation !== event.inFlight) report("Inconsistent", `${open.operation} is in flight, not ${event.inFlight}`)
    // Which exchanges had been taken note of is the library's word; whether it is true is checked with the history.
    const noted = proofs.slice(0, event.history.length)
    const settling = noted.find((proof) => proof === knowledge.settling) ?? null
    const isDoubtful = event.inFlight === "Cancel" || noted.some(({ _tag }) => _tag === "Doubtful" || _tag === "Acknowledged" || _tag === "TakenIn")
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

// -------------------------------------------------------------- outputs

const outcomes: { readonly [tag: string]: CancelError.Outcome } = {
  "CancelError.InvalidCancelRequest": "NotCancelled",
  "CancelError.NotSent": "NotCancelled",
  "CancelError.NoResponse": "Unknown",
  "CancelError.UnexpectedResponse": "Unknown",
  "CancelError.NoLongerCancellable": "NotCancelled"
}

const evidenceOf = (proof: Proof): CancelError.Exchange["evidence"] => {
  switch (proof._tag) {
    case "Unsent":
      return "NotSent"
    case "Doubtful":
      return "MaybeApplied"
    case "Read":
      return "StatusRead"
    case "Unread":
      return "StatusUnread"
    case "Refused":
    case "Acknowledged":
    case "TakenIn":
      return proof._tag
  }
}

/** Whether a code is what was sent, apart from secrets that were taken out of it. */
const sameCode = ({ run }: Case, told: string | null, sent: string | null): boolean =>
  told === run.facts.secrets.reduce<string | null>((code, secret) => code?.replaceAll(secret, "<redacted>") ?? null, sent)

const checkHistory = (c: Case, history: ReadonlyArray<CancelError.Exchange>): void => {
  const { knowledge: { proofs }, report } = c
  const wrong = (nth: number, words: string) => report("UnfaithfulHistory", `entry ${nth}: ${words}`)
  if (history.length > proofs.length) wrong(history.length - 1, "never happened")
  for (const [nth, entry] of history.entries()) {
    const proof = proofs[nth]
    if (proof === undefined) continue
    const { exchange, stated } = proof
    if (entry.operation !== exchange.operation) wrong(nth, `it was a ${exchange.operation}`)
    if (entry.evidence !== evidenceOf(proof)) wrong(nth, `${entry.evidence}, but the exchange proves ${evidenceOf(proof)}`)
    if (!sameCode(c, Option.getOrNull(entry.code), proof.code)) wrong(nth, `the code was ${proof.code}`)
    const status = Option.getOrNull(entry.httpStatus)
    if (proof.status === null ? status !== null && status !== exchange.head : status !== proof.status) wrong(nth, `HTTP ${proof.status}`)
    const paymentStatus = Option.getOrNull(entry.paymentStatus)
    if (paymentStatus !== null && paymentStatus !== stated?.status) wrong(nth, `the payment was ${stated?.status ?? "not stated"}`)
    if (stated !== null && paymentStatus === null) wrong(nth, `the payment was ${stated.status}`)
    if (proof.status !== null && entry.at.epochMillis !== exchange.seenWall) wrong(nth, "it ended at another time")
  }
}

const checkOutputs = (c: Case): void => {
  const { call, failure, knowledge: { cancels, proofs }, report, run, success } = c
  const told = failure ?? success
  const settled = eventsOf(call, "Settled")[0]?.event
  const interrupted = eventsOf(call, "Interrupted")[0]?.event

  if (told !== null) {
    if (told.attempts !== cancels.length) report("Inconsistent", `${told.attempts} attempts, not ${cancels.length}`)
    if (told.paymentId !== run.identifier) report("Inconsistent", `about ${told.paymentId}`)
    if (settled?.result !== told._tag || settled.outcome !== (failure?.outcome ?? null)) {
      report("Inconsistent", `the Settled event says ${settled?.result}, ${settled?.outcome}`)
    }
  }
  if (failure !== null) {
    const doubtful = run.facts.doubtful.some(({ code }) => code === failure.code)
    const outcome = outcomes[failure._tag] ?? (doubtful ? "Unknown" : "NotCancelled")
    if (failure.outcome !== outcome) report("Inconsistent", `${failure._tag} is ${failure.outcome}`)
    if (failure.history.length !== proofs.length) report("UnfaithfulHistory", `${failure.history.length} of ${proofs.length} exchanges`)
    checkHistory(c, failure.history)
  }
  if (settled !== undefined) checkHistory(c, settled.history)
  if (interrupted !== undefined) {
    checkHistory(c, interrupted.history)
    const { attempts, history, inFlight } = interrupted
    if (proofs.length > history.length + (inFlight === null ? 0 : 1)) {
      report("UnfaithfulHistory", `${history.length} of ${proofs.length} exchanges`)
    }
    // Interrupted between being taken in hand and being begun, a request counts and does not show.
    if (attempts < cancels.length || attempts > cancels.length + (inFlight === "Cancel" ? 1 : 0)) {
      report("Inconsistent", `${attempts} attempts, not ${cancels.length}`)
    }
  }
}

/** The exchange that a result rests on. */
const restsOn = ({ failure, knowledge: { cancels, lastDoubt, settling } }: Case): Proof | null => {
  if (failure === null) return settling
  if (failure.outcome === "Unknown") return lastDoubt
  if (failure._tag === "CancelError.NoLongerCancellable") return settling
  const last = cancels.at(-1) ?? null
  return failure._tag === "CancelError.NotSent" ? last : cancels.findLast(({ _tag }) => _tag === "Refused") ?? last
}

/** Everything in a result that repeats an exchange, against that exchange. */
const checkResult = (c: Case): void => {
  const { call, failure, knowledge: { cancels, proofs, settling }, report, run: { facts, identifier }, success } = c
  const told = failure ?? success
  const wrong = (words: string) => report("UnfaithfulResult", `${told?._tag}: ${words}`)
  for (const { event } of call.heard) {
    if (event.provider !== facts.provider || event.paymentId !== identifier || event.identifiedBy !== facts.identifiedBy) {
      wrong(`${event._tag} is about ${event.provider} ${event.paymentId}`)
    }
  }
  if (told === null) return
  if (told.provider !== facts.provider || told.identifiedBy !== facts.identifiedBy) wrong(`${told.provider}, by ${told.identifiedBy}`)
  const proof = restsOn(c)
  const answer = proof?.exchange.seen._tag === "Whole" && proof.status !== null ? proof.exchange.seen.answer : null
  const requestId = answer === null ? null : facts.requestIdIn(objectIn(answer) ?? {}) ?? answer.headers[facts.requestIdHeader] ?? null
  if (!sameCode(c, Option.getOrNull(told.requestId), requestId)) {
    wrong(`request ${Option.getOrNull(told.requestId)}, not ${requestId}`)
  }
  if (success?._tag === "Cancelled" && Option.isSome(success.payload)) {
    const payload = JSON.stringify(success.payload.value) ?? ""
    if (!payload.includes(JSON.stringify(settling?.stated?.status))) wrong(`the payload is ${payload}`)
  }
  if (failure === null || failure._tag === "CancelError.InvalidCancelRequest") return

  const httpStatus = Option.getOrNull(failure.httpStatus)
  const head = proof?.status ?? (proof?._tag === "Doubtful" ? proof.exchange.head : null)
  if (httpStatus !== head && !(proof?._tag === "Doubtful" && proof.doubt === "NoAnswer" && httpStatus === null)) {
    wrong(`HTTP ${httpStatus}, not ${head}`)
  }
  const retryAfter = Option.getOrNull(Option.map(failure.retryAfter, Duration.toMillis))
  if (retryAfter !== null && Math.abs(retryAfter - (proof?.asked ?? -1)) > resolution) wrong(`to wait ${retryAfter} ms, not ${proof?.asked}`)
  if (retryAfter === null && proof !== null && proof.asked !== null) wrong(`to wait, not ${proof.asked} ms`)
  const paymentStatus = Option.getOrNull(failure.paymentStatus)
  const stated = failure._tag === "CancelError.NotSent" ? null : proofs.findLast((each) => each.stated !== null)?.stated?.status ?? null
  if (paymentStatus !== stated) wrong(`the payment was ${stated}, not ${paymentStatus}`)
  if (!failure.message.startsWith(`${facts.provider}: `)) wrong(failure.message)
  const last = cancels.at(-1)
  if (settling?.stated?.standing === "Closed") {
    const isRefusal = last?._tag === "Refused" && last.about === "Payment"
    if (isRefusal === (failure._tag === "CancelError.NoLongerCancellable")) wrong(`the payment is ${settling.stated.status}`)
    if (isRefusal && !sameCode(c, failure.code, last.code)) wrong(`the code was ${last.code}`)
  }
}

const isInspected = ({ scenario }: Run): boolean =>
  scenario.inspected || scenario.exchanges.some(({ fault }) => fault !== null && "answer" in fault && fault.answer.echoes)

const checkSecrets = ({ call, report, run }: Case): void => {
  if (!isInspected(run)) return
  const outputs = [call.exit, ...call.heard.map(({ event }) => event), call.logs, call.spans]
  const shown = outputs.map((output) => `${inspect(output, { depth: 12 })} ${JSON.stringify(output)} ${String(output)}`).join("\n")
  const secret = run.facts.secrets.find((each) => shown.includes(each))
  if (secret !== undefined) {
    const at = shown.indexOf(secret)
    report("SecretShown", shown.slice(Math.max(0, at - 120), at + secret.length))
  }
}

// --------------------------------------------------------------- verdict

/** How long a handler of events holds a cancel up, for each event. */
const heldUp = ({ scenario: { sink } }: Run): number =>
  sink._tag === "Hangs" ? patience : sink._tag === "Slow" ? Math.min(sink.takes, patience) : 0

// --------------------------------------------------------- notifications

/** Whether a notification is about the request that a receipt was given for. */
const isAbout = ({ accepted }: Paired, { event }: Delivered): boolean =>
  JSON.stringify(event.payload).includes(JSON.stringify(accepted.receipt.reference))

/** What is said to be confirmed, against what requests of the call have done, to the very end. */
const checkPaired = (run: Run, delivered: Delivered, paired: Paired, report: (rule: Rule, words: string) => void): void => {
  const { accepted, call, confirmation, confirmedBy } = paired
  const { reference } = accepted.receipt
  if (confirmation._tag === "Unrelated") {
    if (isAbout(paired, delivered)) report("ConfirmationMissed", `${reference} is Unrelated`)
    return
  }
  if (!isAbout(paired, delivered)) report("FalseConfirmation", `${confirmation._tag} by another request's notification`)
  if (confirmedBy !== null && delivered.event.payload["eventCode"] !== confirmedBy) {
    report("UnfaithfulResult", `to be confirmed by ${confirmedBy}, not ${String(delivered.event.payload["eventCode"])}`)
  }
  const isBy = (index: number | null, named: string | null): boolean => {
    const exchange = index === null ? undefined : run.exchanges[index]
    return exchange !== undefined && (named === null ? exchange.caller === call.index : exchange.reference === named)
  }
  const done = run.truth.find(({ exchange }) => isBy(exchange, reference))
  const stands = done === undefined ? null : run.facts.standings[done.to]
  if (confirmation._tag === "CancellationDeclined") {
    const own = run.truth.find(({ exchange }) => isBy(exchange, null))
    if (done !== undefined) report("FalseConfirmation", `declined, but by exchange #${done.exchange} the payment is ${done.to}`)
    else if (confirmation.outcome === "NotCancelled" && own !== undefined) {
      report("FalseConfirmation", `declined, but by exchange #${own.exchange} the payment is ${own.to}`)
    }
    const { lastDoubt } = knowledge(run, call)
    if (confirmation.outcome === "Unknown" && lastDoubt === null) report("ProofIgnored", "declined, and nothing else was sent")
    return
  }
  if (done === undefined || (confirmation._tag === "Cancelled") !== (stands === "Cancelled")) {
    report("FalseConfirmation", `${confirmation._tag}, but the payment is ${done?.to ?? "as it was"}`)
  }
}

const checkDelivered = (run: Run, delivered: Delivered, others: ReadonlyArray<Delivered>, violations: Array<Violation>): void => {
  const { at, event, paired, plan, read } = delivered
  const report = (caller: number) => (rule: Rule, words: string) => {
    violations.push({ rule, caller, words })
  }
  const secret = run.facts.webhooks?.provider.secret
  if (secret !== undefined && `${inspect(read, { depth: 12 })} ${JSON.stringify(read)}`.includes(secret)) {
    report(0)("SecretShown", "the secret of the webhooks")
  }
  if (plan.how !== "Genuine") {
    if (read._tag === "Right") report(0)("ForgeryBelieved", `${plan.how}: ${read.right.decision}`)
    return
  }
  if (read._tag === "Left") {
    if (run.facts.webhooks?.isCancellation(event) === true) report(0)("ConfirmationMissed", `${read.left._tag}: ${read.left.message}`)
    return
  }
  const { notificationId, occurredAt, paymentId, provider, receivedAt } = read.right
  const wrong = (words: string) => report(0)("UnfaithfulNotification", words)
  if (provider !== run.facts.provider || paymentId !== event.paymentId) wrong(`about ${provider} ${paymentId}, not ${event.paymentId}`)
  if (receivedAt.epochMillis !== at) wrong(`received at ${receivedAt.epochMillis}, not ${at}`)
  // Providers write their times in whole seconds.
  if (Option.exists(occurredAt, ({ epochMillis }) => Math.abs(epochMillis - event.at) >= 1_000)) wrong(`not from ${event.at}`)
  const sameEvent = others.filter((other) => other.event === event)
  if (sameEvent.some((other) => other.read._tag === "Right" && other.read.right.notificationId !== notificationId)) {
    wrong(`the same event is called ${notificationId} and something else`)
  }
  if (read.right.decision === "Cancelled" && !isCancelledAt(run, Infinity)) report(0)("FalseConfirmation", "it was never cancelled")
  for (const each of paired) checkPaired(run, delivered, each, report(each.call.index))
}

/**
 * Everything that is wrong with a run, and with what was delivered after it.
 */
export const check = (run: Run, delivered: ReadonlyArray<Delivered>): ReadonlyArray<Violation> => {
  const violations: Array<Violation> = []
  for (const each of delivered) checkDelivered(run, each, delivered, violations)
  const frozen = run.scenario.freezes.reduce((sum, { lasts }) => sum + lasts, 0)
  for (const call of run.calls) {
    const failed = call.exit?._tag === "Failure" ? Option.getOrNull(Cause.failureOption(call.exit.cause)) : null
    const c: Case = {
      run,
      call,
      knowledge: knowledge(run, call),
      frozen,
      held: heldUp(run),
      failure: failed === null || Cause.isTimeoutException(failed) ? null : failed,
      success: call.exit?._tag === "Success" ? call.exit.value : null,
      report: (rule, words) => {
        violations.push({ rule, caller: call.index, words })
      }
    }
    checkTruth(c)
    checkEvidence(c)
    checkBounds(c)
    checkRequests(c)
    checkInterruption(c)
    checkPatience(c)
    checkOutputs(c)
    checkResult(c)
    checkSecrets(c)
  }
  return violations
}
