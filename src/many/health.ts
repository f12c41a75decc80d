/**
 * How a provider fares, and so when the next request may go there: pure functions of what its exchanges came to. All
 * times are milliseconds.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type * as Admission from "../Admission.js"

/** When a provider counts as down, and what is done then. */
export interface OutageBounds {
  readonly failures: number
  readonly probeAfter: number
  readonly giveUpAfter: number
}

type Circuit =
  | { readonly _tag: "Closed"; readonly failures: number }
  /**
   * Left alone since `since`; it is probed at `probeAt` the next time, which was `wait` later. Where it is `readable`,
   * it answers status queries, whatever it does with cancels.
   */
  | {
    readonly _tag: "Open"
    readonly since: number
    readonly probeAt: number
    readonly wait: number
    readonly probing: boolean
    readonly readable: boolean
  }

/**
 * A rate of its own, after the provider said that it was too much: `perSecond` at `since`, and more
 * by `step` every second, until it is as much as `enough`. The next request may go at `next`.
 */
interface Pace {
  readonly perSecond: number
  readonly since: number
  readonly step: number
  readonly enough: number
  readonly next: number
}

/** How many exchanges ended in the second that is counted, and in the one before it. */
interface Traffic {
  readonly second: number
  readonly count: number
  readonly before: number
}

/** All that is remembered of a provider. */
export interface Health {
  readonly circuit: Circuit
  /** Nothing is sent before; 0 if nothing was asked for. */
  readonly pausedUntil: number
  readonly pace: Pace | null
  readonly traffic: Traffic
}

/** Nothing is known against it. */
export const healthy: Health = {
  circuit: { _tag: "Closed", failures: 0 },
  pausedUntil: 0,
  pace: null,
  traffic: { second: 0, count: 0, before: 0 }
}

/** Whether nothing holds a request back, whatever the time. */
export const isCalm = ({ circuit, pace, pausedUntil }: Health): boolean =>
  circuit._tag === "Closed" && pausedUntil === 0 && pace === null

/** Whether a request may go, or when that is to be asked again, or whether it would be the one that probes. */
export type Gate =
  | { readonly _tag: "Free" | "Probe" }
  | { readonly _tag: "Wait"; readonly until: number }

const free: Gate = { _tag: "Free" }
const probe: Gate = { _tag: "Probe" }

export const gate = ({ circuit, pausedUntil }: Health, now: number, operation: Admission.Request["operation"] = "Cancel"): Gate => {
  if (now < pausedUntil) return { _tag: "Wait", until: pausedUntil }
  if (circuit._tag === "Closed" || (circuit.readable && operation === "Status")) return free
  if (circuit.probing) return { _tag: "Wait", until: Number.POSITIVE_INFINITY }
  return now < circuit.probeAt ? { _tag: "Wait", until: circuit.probeAt } : probe
}

/**
 * Why a cancel is not to be begun at all: the provider is down, or asks for patience, for longer than is waited for.
 * `null` while there is hope.
 */
export const hopeless = ({ circuit, pausedUntil }: Health, giveUpAfter: number, now: number): "Outage" | "RateLimited" | null => {
  if (pausedUntil - now > giveUpAfter) return "RateLimited"
  return circuit._tag === "Open" && now >= circuit.since + giveUpAfter ? "Outage" : null
}

/** When it becomes hopeless, if nothing changes. */
export const hopelessAt = ({ circuit }: Health, giveUpAfter: number): number =>
  circuit._tag === "Open" ? circuit.since + giveUpAfter : Number.POSITIVE_INFINITY

/** One request goes out to see whether the provider is there again, or did not go out after all. */
export const probing = (health: Health, isProbing: boolean): Health =>
  health.circuit._tag === "Open" ? { ...health, circuit: { ...health.circuit, probing: isProbing } } : health

// ---------------------------------------------------------------------------------------
// the rate
// ---------------------------------------------------------------------------------------

/** How long nothing is sent after "too many requests", at least. */
const shortestPause = 1000

/** What is left of the rate after "too many requests". */
const decrease = 0.5

/** How much of the former rate is added every second, and how much of the full one at least. */
const increase = { ofFormer: 0.1, ofFull: 0.01 }

/** The slowest rate, per second. */
const slowest = 0.1

/** A timer that fires late, by so much, does not slow the requests down. */
const lateness = 10

const rateAt = ({ perSecond, since, step }: Pace, now: number): number =>
  perSecond + step * Math.max(0, now - since) / 1000

/** What no longer matters is forgotten. */
export const recovered = (health: Health, now: number): Health => {
  const pausedUntil = now < health.pausedUntil ? health.pausedUntil : 0
  const pace = health.pace === null || rateAt(health.pace, now) >= health.pace.enough ? null : health.pace
  return pausedUntil === health.pausedUntil && pace === health.pace ? health : { ...health, pausedUntil, pace }
}

/** When the next request may go by the pace alone. */
export const turn = ({ pace }: Health): number => pace === null ? 0 : pace.next

/** A request takes its turn. */
export const taken = (health: Health, now: number): Health =>
  health.pace === null
    ? health
    : { ...health, pace: { ...health.pace, next: Math.max(health.pace.next, now - lateness) + 1000 / rateAt(health.pace, now) } }

const counted = ({ before, count, second }: Traffic, at: number): Traffic => {
  const now = Math.floor(at / 1000)
  if (now === second) return { second, count: count + 1, before }
  return { second: now, count: 1, before: now === second + 1 ? count : 0 }
}

const slowed = (health: Health, { at, retryAfter }: Admission.Outcome, ceiling: number): Health => {
  const asked = Option.match(retryAfter, { onNone: () => 0, onSome: Duration.toMillis })
  const pausedUntil = Math.max(health.pausedUntil, at + Math.max(shortestPause, Math.ceil(asked)))
  // What is answered during a pause was sent before it: it says the same once more.
  if (at < health.pausedUntil) return { ...health, pausedUntil }
  const { before, count } = health.traffic
  const measured = Math.max(1, before, count)
  const former = health.pace === null ? measured : Math.min(measured, rateAt(health.pace, at))
  const enough = Math.min(ceiling, Math.max(2 * measured, health.pace?.enough ?? 0))
  const pace: Pace = {
    perSecond: Math.max(slowest, former * decrease),
    since: pausedUntil,
    step: Math.max(former * increase.ofFormer, enough * increase.ofFull),
    enough,
    next: pausedUntil
  }
  return { ...health, pausedUntil, pace }
}

// ---------------------------------------------------------------------------------------
// outages
// ---------------------------------------------------------------------------------------

/** A probe that fails makes the wait before the next one longer, up to so many times the first. */
const longestWaitFactor = 8

const withoutAnswer: ReadonlyArray<Admission.Outcome["evidence"]> = ["NotSent", "MaybeApplied", "StatusUnread"]

/** Whoever repeats an old error answers well. */
const isAnswered = ({ evidence, httpStatus, replayed }: Admission.Outcome): boolean =>
  replayed || !withoutAnswer.includes(evidence) || Option.exists(httpStatus, (status) => status < 500)

/** Only cancel requests show whether cancels work; a status query, whether those do. */
const circuitAfter = (
  circuit: Circuit,
  outcome: Admission.Outcome,
  ofProbe: boolean,
  { failures, probeAfter }: OutageBounds
): Circuit => {
  const { at, operation } = outcome
  const answered = isAnswered(outcome)
  if (operation === "Cancel" && answered) return healthy.circuit
  if (operation === "Authorization") return circuit
  if (circuit._tag === "Closed") {
    if (operation === "Status") return circuit
    return circuit.failures + 1 < failures
      ? { _tag: "Closed", failures: circuit.failures + 1 }
      : { _tag: "Open", since: at, probeAt: at + probeAfter, wait: probeAfter, probing: false, readable: false }
  }
  if (answered) return { ...circuit, readable: true, ...ofProbe ? { probeAt: at, probing: false } : {} }
  const left = operation === "Status" ? { ...circuit, readable: false } : circuit
  // What was sent before it was left alone says nothing new.
  if (!ofProbe) return left
  const wait = Math.min(circuit.wait * 2, probeAfter * longestWaitFactor)
  return { ...left, probeAt: at + wait, wait, probing: false }
}

/**
 * What is remembered after an exchange. `ceiling` is the rate per second that is not exceeded anyway; `outage` is null
 * where a provider that is down is not left alone.
 */
export const after = (
  health: Health,
  outcome: Admission.Outcome,
  { ceiling, ofProbe, outage }: {
    readonly ofProbe: boolean
    readonly outage: OutageBounds | null
    readonly ceiling: number
  }
): Health => {
  const circuit = outage === null
    ? health.circuit
    : circuitAfter(health.circuit, outcome, ofProbe, outage)
  const traffic = counted(health.traffic, outcome.at)
  const now = { ...health, circuit, traffic }
  if (outcome.rateLimited) return slowed(now, outcome, ceiling)
  return Option.contains(outcome.httpStatus, 503) && Option.isSome(outcome.retryAfter)
    ? { ...now, pausedUntil: Math.max(now.pausedUntil, outcome.at + Duration.toMillis(outcome.retryAfter.value)) }
    : now
}

// ---------------------------------------------------------------------------------------
// what is told
// ---------------------------------------------------------------------------------------

/** What is told of a provider, and after how long it gets the next request: cancels that wait for it look as if they hung. */
export interface Told {
  readonly _tag: "LeftAlone" | "StillDown" | "AskedForPatience" | "Answering"
  readonly millis: number
}

/** What an exchange that ended `at` has changed for the cancels that wait; null where that is nothing new. */
export const toldOf = (before: Health, { circuit, pausedUntil }: Health, at: number): Told | null => {
  const was = before.circuit
  if (circuit._tag === "Open") {
    const millis = circuit.probeAt - at
    if (was._tag === "Closed") return { _tag: "LeftAlone", millis }
    return circuit.probeAt !== was.probeAt && millis > 0 ? { _tag: "StillDown", millis } : null
  }
  if (was._tag === "Open") return { _tag: "Answering", millis: 0 }
  // What asks again while it gets fewer requests anyway, or is left in peace, says nothing new.
  return before.pace === null && before.pausedUntil <= at && at < pausedUntil
    ? { _tag: "AskedForPatience", millis: pausedUntil - at }
    : null
}
