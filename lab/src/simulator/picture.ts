/**
 * A run of the simulator as the diagram shows it, once for each caller. Nothing is judged here: what
 * happened is in the run, and what is wrong with it the oracle has said.
 */
import { DateTime, Duration } from "effect"
import type { Judged } from "../../../test/simulation/campaign.js"
import { epoch, type Instant, toMillis } from "../../../test/simulation/clock.js"
import { knowledge, type Proof } from "../../../test/simulation/evidence.js"
import type { Exchange } from "../../../test/simulation/exchange.js"
import type { Line } from "../../../test/simulation/journal.js"
import { rules } from "../../../test/simulation/oracle/rules.js"
import * as Report from "../../../test/simulation/report.js"
import type { Fault } from "../../../test/simulation/scenario.js"
import { type Call, type Run, tell } from "../../../test/simulation/simulate.js"
import type { Delivered } from "../../../test/simulation/webhooks.js"
import type { Claim, Fate, History, Message, Step } from "../scenario/History.js"
import { oneWay } from "../scenario/network.js"
import { claimsOf, seconds } from "../scenario/reading.js"

/** One caller's cancel. */
export interface Told {
  readonly history: History
  /** What it was told in the end; null if it never was. */
  readonly result: string | null
}

export interface Picture {
  /** Whose cancel it is, and in which way. */
  readonly way: string
  /** In what the cancel takes place, in words. */
  readonly circumstances: ReadonlyArray<string>
  readonly callers: ReadonlyArray<Told>
  readonly lines: ReadonlyArray<Line>
  readonly deliveries: ReadonlyArray<string>
  readonly violations: ReadonlyArray<{ readonly rule: string; readonly meaning: string; readonly caller: number; readonly words: string }>
}

// ------------------------------------------------------------------ messages

const brokenConnections: { readonly [What in Extract<Fault, { point: "Connecting" }>["what"]]: string } = {
  Refused: "connection refused",
  NotFound: "host not found",
  ConnectTimeout: "nobody connects",
  Certificate: "certificate expired",
  NotTls: "no TLS there",
  HandshakeReset: "reset in the handshake",
  Stall: "no connection",
  Defect: "the client dies"
}

const lostOnItsWay: { readonly [What in Extract<Fault, { point: "Sent" }>["what"]]: string } = {
  Close: "connection lost",
  Reset: "connection reset",
  Stall: "gets nowhere",
  Defect: "the client dies",
  Answer: "held up",
  Twice: ""
}

const lineOf = ({ bytes }: Exchange): string => {
  const [method, url] = JSON.parse(bytes)
  return `${method} ${new URL(url).pathname}`
}

/** The request, as often as it arrives, or where it ends. */
const requestsOf = (exchange: Exchange): ReadonlyArray<Message> => {
  const { arrivedAt, begunAt, operation, plan: { fault, latency }, seenAt, sentAt } = exchange
  const leaves = toMillis(begunAt)
  const request = (fate: Fate): Message => ({ from: "Caller", operation, label: lineOf(exchange), leaves, fate })
  if (arrivedAt.length > 0) return arrivedAt.map((at) => request({ _tag: "Arrives", at: toMillis(at) }))
  if (sentAt === null) {
    const why = fault?.point === "Connecting" ? brokenConnections[fault.what] : "is given up"
    return [request({ _tag: "Breaks", at: seenAt === null ? leaves + latency.connect : toMillis(seenAt), where: 0.35, why })]
  }
  // Nobody knows just where it is lost: not later than somebody notices.
  const at = Math.min(toMillis(sentAt) + latency.request, seenAt === null ? Infinity : toMillis(seenAt))
  if (fault?.point !== "Sent") return [request({ _tag: "Breaks", at, where: 0.6, why: "lost with its connection" })]
  // What answers instead of the provider stands before its door.
  return [request({ _tag: "Breaks", at, where: fault.what === "Answer" ? 0.97 : 0.6, why: lostOnItsWay[fault.what] })]
}

/** When the answer leaves that the client might see, in milliseconds; null where there is none. */
const answerLeaves = ({ arrivedAt, plan: { fault, latency }, sentAt }: Exchange): number | null => {
  const answered = (arrived: Instant | undefined) => arrived === undefined ? null : toMillis(arrived) + latency.process
  if (fault?.point !== "Sent") return answered(arrivedAt[0])
  if (fault.what === "Twice") return answered(arrivedAt[fault.answers === "First" ? 0 : 1])
  return fault.what === "Answer" && sentAt !== null ? toMillis(sentAt) + latency.request : null
}

/** What the client sees of the answer, in the words of the answer. */
const stated = ({ head, plan: { fault } }: Exchange, proof: Proof | undefined): string =>
  [proof?.status ?? head, proof?.code, proof?.stated?.status, fault?.point === "Body" && fault.what === "EndsEarly" ? "(half of it)" : null]
    .filter((part) => part !== null && part !== undefined).join(" ")

const answersOf = (exchange: Exchange, proof: Proof | undefined): ReadonlyArray<Message> => {
  const { headAt, operation, plan: { fault, latency }, seen, seenAt } = exchange
  const leaves = answerLeaves(exchange)
  if (leaves === null) return []
  const answer = (label: string, fate: Fate): ReadonlyArray<Message> => [{ from: "Provider", operation, label, leaves, fate }]
  const breaks = (at: number, where: number, why: string) => answer("", { _tag: "Breaks", at, where, why })
  if (headAt === null) {
    if (fault?.point === "Applied" && fault.what === "Stall") return breaks(leaves, 0.12, "no answer")
    const isLost = fault?.point === "Provider" ? !fault.isHeard : fault?.point === "Applied" && fault.what !== "Answer"
    const noticed = seenAt === null ? Infinity : toMillis(seenAt)
    const at = Math.max(leaves, Math.min(leaves + latency.answer / 2, noticed))
    if (isLost && noticed > leaves) return breaks(at, 0.5, "connection lost")
    return breaks(at, noticed > leaves ? 0.5 : 0.12, "nobody waits for it")
  }
  switch (seen._tag) {
    case "Whole":
      return answer(stated(exchange, proof), { _tag: "Arrives", at: toMillis(seenAt ?? headAt) })
    case "Nothing":
      // Its head is all that was looked at.
      return answer(stated(exchange, proof), { _tag: "Arrives", at: toMillis(headAt) })
    default:
      return answer(String(exchange.head ?? ""), {
        _tag: "Breaks",
        at: toMillis(seenAt ?? headAt),
        where: 0.85,
        why: seen._tag === "Aborted" ? "is given up" : "breaks off"
      })
  }
}

/** A request for an access token takes no time, and what came of it is known at once. After a grant follows what needs it. */
const askingOf = ({ at, code, status, until }: Run["askings"][number]): Message => ({
  from: "Caller",
  operation: "Authorization",
  label: until === null ? ["access token", status, code].filter((part) => part !== null).join(" ") : "",
  leaves: toMillis(at),
  fate: status === null
    ? { _tag: "Breaks", at: toMillis(at), where: 0.5, why: "no answer" }
    : { _tag: "Arrives", at: toMillis(at) }
})

// ------------------------------------------------------------- notifications

const deliveredAt = ({ at }: Delivered): number => at - epoch

/** A delivery takes as long as anything in the lab; how late it is shows where it begins. */
const deliveryOf = (delivered: Delivered): Message => {
  const at = deliveredAt(delivered)
  const { read } = delivered
  return {
    from: "Provider",
    operation: "Webhook",
    label: read._tag === "Left" ? `refused: ${read.left._tag.replace(/^.*\./, "")}` : `verified: ${read.right.decision}`,
    leaves: Math.max(0, delivered.event.at - epoch, at - oneWay),
    fate: { _tag: "Arrives", at }
  }
}

/** What a caller may claim once a notification is here that is about its cancel. */
const confirmedBy = (call: Call, delivered: Delivered): ReadonlyArray<Claim> =>
  delivered.paired.flatMap(({ call: { index }, confirmation }): ReadonlyArray<Claim> => {
    if (index !== call.index || confirmation._tag === "Unrelated") return []
    const at = Math.max(deliveredAt(delivered), toMillis(call.exitAt))
    if (confirmation._tag === "Cancelled") return [{ at, is: "Cancelled", because: "a genuine webhook confirms it" }]
    const isUnknown = confirmation._tag === "CancellationDeclined" && confirmation.outcome === "Unknown"
    return [{ at, is: isUnknown ? "Unknown" : "NotCancelled", because: `the webhook says ${confirmation._tag}` }]
  })

// -------------------------------------------------------------------- claims

/**
 * What a caller may claim, by the events that it heard. These have the time of the client's wall
 * clock, which is set now and then: so each gets its number for a time, and then that of the timeline.
 */
const claimed = (call: Call): ReadonlyArray<Claim> => {
  const numbered = call.heard.map(({ event }, nth) => ({ ...event, at: DateTime.unsafeMake(epoch + nth + 1) }))
  return claimsOf(numbered).map((claim) => ({ ...claim, at: toMillis(call.heard[claim.at - 1]?.at ?? 0) }))
}

const waitsOf = (call: Call, { scenario: { freezes } }: Run): History["waits"] => {
  const end = call.exit === null ? Infinity : toMillis(call.exitAt)
  const waits = call.heard.flatMap(({ at, event }) => {
    if (event._tag !== "Waiting") return []
    const [from, millis] = [toMillis(at), Duration.toMillis(event.delay)]
    return [{ from, until: Math.min(end, from + millis), says: `waits ${seconds(millis)}` }]
  })
  const stands = freezes.map(({ at, lasts }) => ({ from: at, until: at + lasts, says: "stands still" }))
    .filter((stand) => !waits.some((wait) => wait.from <= stand.from && stand.until <= wait.until))
  return [...waits, ...stands].filter(({ from, until }) => from < end && until - from >= 1)
}

/** What this caller does; what the provider does is among the messages and in the truth. */
const stepsOf = ({ index }: Call, lines: ReadonlyArray<Line>): ReadonlyArray<Step> =>
  lines.flatMap(({ at, what, who }): ReadonlyArray<Step> =>
    who === "clock" || who === `caller ${index}` ? [{ at, who: "Caller", says: what }] : [])

const historyOf = (call: Call, { delivered, run }: Judged): Omit<History, "ends"> => {
  const { proofs } = knowledge(run, call)
  const messages = [
    ...run.exchanges.filter(({ caller }) => caller === call.index).flatMap((exchange) => [
      ...requestsOf(exchange),
      ...answersOf(exchange, proofs.find((proof) => proof.exchange === exchange))
    ]),
    ...run.askings.filter(({ caller }) => caller === call.index).map(askingOf),
    ...delivered.map(deliveryOf)
  ]
  return {
    provider: run.facts.provider,
    messages,
    truths: run.truth.map(({ at, to }) => ({
      at: toMillis(at),
      status: to,
      is: run.facts.standings[to] === "Cancelled" ? "Cancelled" : "NotCancelled"
    })),
    claims: [...claimed(call), ...delivered.flatMap((each) => confirmedBy(call, each)).toSorted((one, other) => one.at - other.at)],
    waits: waitsOf(call, run),
    // In what is made up by chance nobody says beforehand what one might get wrong.
    remarks: [],
    steps: stepsOf(call, run.lines)
  }
}

/** When the last thing happens. */
const endOf = ({ claims, messages, steps, truths, waits }: Omit<History, "ends">): number =>
  Math.max(
    0,
    ...messages.map(({ fate }) => fate.at),
    ...waits.map(({ until }) => until),
    ...[...claims, ...steps, ...truths].map(({ at }) => at)
  )

/** How long the end is there to be seen, in milliseconds. */
const aftermath = 250

/** What there is to see of a scenario that was played to be read. */
export const picture = (judged: Judged): Picture => {
  const { delivered, run, violations } = judged
  const histories = run.calls.map((call) => historyOf(call, judged))
  // All end together, so that they can be compared.
  const ends = Math.max(...histories.map(endOf)) + aftermath
  return {
    way: run.scenario.provider,
    circumstances: Report.circumstances(run.scenario),
    callers: histories.map((history, nth) => {
      const exit = run.calls[nth]?.exit ?? null
      return { history: { ...history, ends }, result: exit === null ? null : tell(exit) }
    }),
    lines: run.lines,
    deliveries: delivered.map(Report.delivery),
    violations: violations.map(({ caller, rule, words }) => ({ rule, meaning: rules[rule], caller, words }))
  }
}
