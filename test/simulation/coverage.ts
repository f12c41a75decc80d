/**
 * Which situations a run was in: a proof by simulation is worth no more than the situations
 * it has seen.
 */
import { epoch } from "./clock.js"
import { type Knowledge, knowledge, type Proof } from "./evidence.js"
import { everything, type Facts } from "./facts.js"
import { tell, type Call, type Run } from "./simulate.js"
import { type Delivered, referenceOf } from "./webhooks.js"

/** The situations that must be reached. */
export const situations = [
  // What callers are told.
  "told Cancelled by Response",
  "told Cancelled by StatusQuery",
  "told AlreadyCancelled",
  "told CancellationAccepted",
  "told CancellationAcknowledged",
  "told NotSent",
  "told NoLongerCancellable",
  "told a listed refusal",
  "told Unrecognized",
  "told NoResponse",
  "told UnexpectedResponse",
  "told a listed code whose outcome is unknown",
  // Doubts, and how they end.
  "doubt NoAnswer",
  "doubt ServerError",
  "doubt StillRunning",
  "doubt Unproven",
  "doubt Unconfirmed",
  "a status alone leaves a request running",
  "a doubt ended by an acknowledgement",
  "a doubt ended by a status",
  "a doubt survives a later refusal",
  "a doubt survives a later request that was not sent",
  // What arrives when nobody expects it any more.
  "cancelled after the caller was told",
  "cancelled after the caller was told Unknown",
  "cancelled after the status was read as cancellable",
  "cancelled by a request whose answer was lost",
  "cancelled by a request that was sent twice",
  "cancelled by the request of another caller",
  "closed between two requests",
  "refused because somebody else cancelled",
  "a stale status",
  "a refusal that the status contradicts",
  "two callers under one key",
  "a stored server error comes back under its key",
  "an answer overrules what is known of sending again",
  "taken in after a doubt",
  "accepted, and then cancelled by its status",
  "accepted, and then closed by its status",
  "accepted, and open to the end",
  "a payment that is created after it was cancelled",
  // What comes by webhook.
  "confirmed as cancelled",
  "confirmed as refunded",
  "confirmed as declined",
  "declined, and another request of the same cancel did it",
  "a notification about another request",
  "a notification before the cancel came to its end",
  "a notification that comes twice",
  "notifications out of order",
  "no notification at all",
  "a forged notification",
  "a notification under another secret",
  "a notification played back",
  // What comes of access tokens.
  "not sent for want of an access token",
  "told why an access token was refused",
  "a doubt survives an access token that is not granted",
  "an access token is replaced after a 401",
  "an access token is replaced when it has expired",
  // What cuts a cancel short.
  "interrupted before anything was sent",
  "interrupted while connecting",
  "interrupted while a request is on its way",
  "interrupted in the middle of an answer",
  "interrupted after an acknowledgement",
  "interrupted between exchanges",
  "interrupted while the status is read",
  "interrupted when it was settled",
  "timed out from outside",
  "not to be interrupted, and interrupted",
  "a defect of the HTTP client",
  // Bounds.
  "the deadline ends it",
  "all attempts used up",
  "given up before there was a connection",
  "an asked delay is waited out",
  "more is asked for than may be",
  "an answer that is too large",
  "a client that stands still",
  "a wall clock that is set while a cancel runs",
  "a client that cannot be interrupted",
  "an answer that repeats a secret"
] as const

export type Situation = (typeof situations)[number]

const told = (call: Call): Situation | null => {
  const { exit } = call
  if (exit === null) return null
  const words = tell(exit)
  if (words === "timed out") return "timed out from outside"
  if (words === "died") return "a defect of the HTTP client"
  if (words.startsWith("CancellationAccepted")) return "told CancellationAccepted"
  if (words.startsWith("CancellationAcknowledged")) return "told CancellationAcknowledged"
  if (words.startsWith("Cancelled by Response")) return "told Cancelled by Response"
  if (words.startsWith("Cancelled")) return "told Cancelled by StatusQuery"
  if (words.startsWith("AlreadyCancelled")) return "told AlreadyCancelled"
  if (words.startsWith("CancelError.NotSent")) return "told NotSent"
  if (words.startsWith("CancelError.NoLongerCancellable")) return "told NoLongerCancellable"
  if (words.startsWith("CancelError.NoResponse")) return "told NoResponse"
  if (words.startsWith("CancelError.UnexpectedResponse")) return "told UnexpectedResponse"
  if (words.includes(".Unrecognized")) return "told Unrecognized"
  if (words.includes("Unknown")) return "told a listed code whose outcome is unknown"
  return words.includes("NotCancelled") ? "told a listed refusal" : null
}

const interruption = (call: Call, { cancels, proofs }: Knowledge): Situation | null => {
  const final = call.heard.find(({ event }) => event._tag === "Interrupted")?.event
  if (final?._tag !== "Interrupted" || final.cause === "Defect") {
    if (call.interrupted === null) return null
    return call.heard.some(({ event }) => event._tag === "Settled")
      ? "interrupted when it was settled"
      : "interrupted before anything was sent"
  }
  if (cancels.at(-1)?._tag === "Acknowledged" && final.inFlight === null) return "interrupted after an acknowledgement"
  const exchange = proofs.at(-1)?.exchange
  if (final.inFlight === null || exchange === undefined) return "interrupted between exchanges"
  if (final.inFlight === "Status") return "interrupted while the status is read"
  if (exchange.head !== null) return "interrupted in the middle of an answer"
  return exchange.sent ? "interrupted while a request is on its way" : "interrupted while connecting"
}

const isDoubtful = (proof: Proof): boolean => proof._tag === "Doubtful"

/** All situations that a run was in. */
export const observe = (run: Run, delivered: ReadonlyArray<Delivered>): ReadonlySet<Situation> => {
  const seen = new Set<Situation>()
  const note = (situation: Situation, is: boolean): void => {
    if (is) seen.add(situation)
  }
  const { facts, scenario, truth } = run
  const cancelled = truth.find((change) => facts.standings[change.to] === "Cancelled" && change.order > 1)
  const closed = truth.find((change) => facts.standings[change.to] === "Closed" && change.order > 1)

  for (const call of run.calls) {
    const known = knowledge(run, call)
    const { accepted, cancels, lastDoubt, proofs, settling } = known
    for (const situation of [told(call), interruption(call, known)]) if (situation !== null) seen.add(situation)
    for (const proof of cancels) {
      if (proof._tag !== "Doubtful") continue
      seen.add(`doubt ${proof.doubt}`)
      note("a status alone leaves a request running", proof.doubt === "StillRunning" && proof.code === null)
    }

    const words = call.exit === null ? "" : tell(call.exit)
    const own = cancelled?.exchange === undefined || cancelled.exchange === null ? undefined : run.exchanges[cancelled.exchange]
    const isOwn = own?.caller === call.index
    const isAfter = isOwn && cancelled !== undefined && call.exit !== null && cancelled.order > call.exitOrder
    const readBefore = proofs.some((proof) =>
      proof._tag === "Read" && proof.stated?.standing === "Cancellable" && (proof.exchange.seenOrder ?? Infinity) < (cancelled?.order ?? 0))

    note("taken in after a doubt", lastDoubt !== null && (settling?._tag === "Accepted" || accepted !== null))
    note("accepted, and then cancelled by its status", accepted !== null && settling?.stated?.standing === "Cancelled")
    note("accepted, and then closed by its status", accepted !== null && settling?.stated?.standing === "Closed")
    note("accepted, and open to the end", accepted !== null && settling === null)
    note("a stored server error comes back under its key", facts.honoursKey && !facts.licence.includes("ServerError") &&
      cancels.some(({ exchange, status }, nth) => nth > 0 && status === 500 && exchange.plan.fault === null))
    const isUnauthenticated = ({ status, withheld }: Proof) => withheld === null && status === 401
    note("not sent for want of an access token", words.startsWith("CancelError.NotSent") && (cancels.at(-1)?.withheld ?? null) !== null)
    note(
      "told why an access token was refused",
      words.startsWith(facts.provider) && cancels.length > 0 && cancels.every(({ withheld }) => withheld !== null)
    )
    note("a doubt survives an access token that is not granted", words.includes("Unknown") && (proofs.at(-1)?.withheld ?? null) !== null)
    note(
      "an access token is replaced after a 401",
      proofs.some((proof, nth) => {
        const next = proofs[nth + 1]
        return next !== undefined && isUnauthenticated(proof) &&
          run.askings.some(({ order }) => order > proof.exchange.begun && order < next.exchange.begun)
      })
    )
    note("an answer overrules what is known of sending again", cancels.some(({ sendAgain }) => sendAgain !== null))
    note("a doubt ended by an acknowledgement", lastDoubt !== null && settling?._tag === "Acknowledged")
    note("a doubt ended by a status", lastDoubt !== null && settling?._tag === "Read")
    note("a doubt survives a later refusal", words.includes("Unknown") && cancels.at(-1)?._tag === "Refused")
    note("a doubt survives a later request that was not sent", words.includes("Unknown") && cancels.at(-1)?._tag === "Unsent")
    note("cancelled after the caller was told", isAfter)
    note("cancelled after the caller was told Unknown", isAfter && words.includes("Unknown"))
    note("cancelled after the status was read as cancellable", isOwn && readBefore)
    note("cancelled by a request whose answer was lost", isOwn && own.seen._tag !== "Whole")
    note("cancelled by a request that was sent twice", isOwn && own.arrivals > 1)
    note("cancelled by the request of another caller", own !== undefined && !isOwn && cancels.length > 0)
    note(
      "closed between two requests",
      closed !== undefined && cancels.length > 1 && cancels.some(({ exchange }) => exchange.begun > closed.order) &&
        cancels.some(({ exchange }) => exchange.begun < closed.order)
    )
    note(
      "refused because somebody else cancelled",
      cancelled !== undefined && !isOwn && cancels.some(({ _tag }) => _tag === "Refused") && words.startsWith("AlreadyCancelled")
    )
    note(
      "a stale status",
      proofs.some(({ exchange, stated }) => {
        const now = truth.findLast(({ order }) => order < (exchange.seenOrder ?? 0))?.to
        return exchange.operation === "Status" && exchange.plan.stale && stated !== null && stated.status !== now
      })
    )
    note(
      "a refusal that the status contradicts",
      lastDoubt === null && cancels.some(({ _tag }) => _tag === "Refused") &&
        proofs.some(({ _tag, stated }) => _tag === "Read" && stated?.standing === "Cancellable")
    )
    note(
      "not to be interrupted, and interrupted",
      call.plan.shielded && call.interrupted !== null && call.heard.some(({ event, order }) =>
        event._tag === "Settled" && order > (call.interrupted ?? 0))
    )
    note("the deadline ends it", words.includes("attempts") && (call.exitAt - call.begunAt) / 1_000_000 >= call.policy.deadline - 1)
    note("all attempts used up", words.includes("Unknown") && cancels.length === call.policy.attempts && cancels.length > 1)
    note("given up before there was a connection", cancels.some(({ _tag, exchange: { closedAt } }) => _tag === "Unsent" && closedAt !== null))
    note("an asked delay is waited out", proofs.slice(0, -1).some(({ asked }) => asked !== null && asked > 0))
    const lastAsked = proofs.at(-1)?.asked ?? null
    note("more is asked for than may be", lastAsked !== null && lastAsked > call.policy.maximumRetryAfter)
    note("an answer that is too large", proofs.some(({ exchange }) => exchange.bytesTaken > call.policy.maximumBodyBytes))
    note("a wall clock that is set while a cancel runs", scenario.wallJumps.some(({ at }) =>
      at * 1_000_000 > call.begunAt && at * 1_000_000 < call.exitAt))
    note("a client that stands still", scenario.freezes.some(({ at }) => at * 1_000_000 > call.begunAt && at * 1_000_000 < call.exitAt))
    note("a client that cannot be interrupted", scenario.client.deaf && cancels.some(isDoubtful))
    note("an answer that repeats a secret", proofs.some(({ exchange: { seen } }) =>
      seen._tag === "Whole" && facts.secrets.some((secret) => seen.answer.body.includes(secret))))
  }
  for (const { paired, plan, event } of delivered) {
    for (const { call, confirmation } of paired) {
      note("confirmed as cancelled", confirmation._tag === "Cancelled")
      note("confirmed as refunded", confirmation._tag === "Refunded")
      note("confirmed as declined", confirmation._tag === "CancellationDeclined")
      note("a notification about another request", confirmation._tag === "Unrelated")
      note("a notification before the cancel came to its end", epoch + call.exitAt / 1_000_000 > event.at + plan.lateBy)
      note(
        "declined, and another request of the same cancel did it",
        confirmation._tag === "CancellationDeclined" &&
          truth.some(({ exchange }) => exchange !== null && run.exchanges[exchange]?.caller === call.index)
      )
    }
    note("a forged notification", plan.how === "Forged")
    note("a notification under another secret", plan.how === "OtherSecret")
    note("a notification played back", plan.how === "Replayed")
  }
  const ids = delivered.filter(({ plan }) => plan.how === "Genuine").map(({ event }) => event.at)
  note(
    "an access token is replaced when it has expired",
    run.askings.some(({ at }, nth) => (run.askings[nth - 1]?.until ?? Infinity) < at)
  )
  note("a notification that comes twice", new Set(ids).size < ids.length)
  note("notifications out of order", ids.some((at, nth) => at < (ids[nth - 1] ?? 0)))
  const accepted = run.calls.filter(({ exit }) => exit?._tag === "Success" && referenceOf(exit.value) !== null)
  note("no notification at all", accepted.length > 0 && delivered.length === 0)
  note(
    "a payment that is created after it was cancelled",
    run.calls.some(({ exit, exitOrder }) => exit?._tag === "Success" && (truth[0]?.order ?? 0) > exitOrder)
  )
  const keys = scenario.callers.map(({ key }) => key)
  note("two callers under one key", keys.length > 1 && keys[0] !== null && keys[0] === keys[1] && run.exchanges.length > 1)
  return seen
}

/** Situations that come about only with a provider that has something others have not. */
const isAsked = ({ hasStatusQuery, receipts }: Facts): boolean => receipts !== null && hasStatusQuery

const needsToken = ({ token }: Facts): boolean => token !== null

const possible: { readonly [S in Situation]?: (facts: Facts) => boolean } = {
  "accepted, and then cancelled by its status": isAsked,
  "accepted, and then closed by its status": isAsked,
  "accepted, and open to the end": isAsked,
  "not sent for want of an access token": needsToken,
  "told why an access token was refused": needsToken,
  "a doubt survives an access token that is not granted": needsToken,
  "an access token is replaced after a 401": needsToken,
  "an access token is replaced when it has expired": needsToken,
  "doubt Unconfirmed": ({ hasSilentSuccess }) => hasSilentSuccess
}

const isPossible = (situation: Situation): boolean => {
  const needs = possible[situation]
  return needs === undefined || everything.some(needs)
}

/** Counts situations over many runs. */
export interface Coverage {
  readonly count: (run: Run, delivered: ReadonlyArray<Delivered>) => void
  readonly add: (counted: ReadonlyArray<readonly [Situation, number]>) => void
  readonly counts: () => ReadonlyArray<readonly [Situation, number]>
  readonly missing: () => ReadonlyArray<Situation>
}

export const make = (): Coverage => {
  const counts = new Map<Situation, number>(situations.map((situation) => [situation, 0]))
  const add = (situation: Situation, by: number) => counts.set(situation, (counts.get(situation) ?? 0) + by)
  return {
    count: (run, delivered) => {
      for (const situation of observe(run, delivered)) add(situation, 1)
    },
    add: (counted) => {
      for (const [situation, by] of counted) add(situation, by)
    },
    counts: () => [...counts],
    missing: () => situations.filter((situation) => counts.get(situation) === 0 && isPossible(situation))
  }
}
