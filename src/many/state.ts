/**
 * What a lane knows of its provider, and counts: one record that the lane and its tickets read and change, and what
 * follows from it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Admission from "../Admission.js"
import type * as CancelError from "../CancelError.js"
import type { Limits } from "../CancelMany.js"
import { type Changes, makeChanges } from "./changes.js"
import * as Health from "./health.js"
import { roomWithin } from "./rate.js"
import { giveUpAfter, perSecond, type Settings, settingsOf } from "./settings.js"

/** Why a cancel is not begun: its provider is left alone, or everything stops. */
export type Hindrance =
  | { readonly _tag: "Refused"; readonly error: Refusal }
  | { readonly _tag: "Outage" }
  | { readonly _tag: "RateLimited"; readonly millis: number }
  | { readonly _tag: "Stopped" }

/** An error that says that the provider does not take the caller's requests, whatever they are about. */
export interface Refusal extends Pick<CancelError.Any, "code" | "httpStatus" | "message" | "requestId"> {
  readonly category: "Unauthenticated" | "Forbidden"
}

/** The run that a lane is part of. */
export interface Run {
  readonly limits: { readonly [provider: string]: Limits } | undefined
  readonly lookAhead: number
  readonly scope: Scope.Scope
  readonly isStopping: () => boolean
  /** More may be at work in this lane than before. */
  readonly grown: () => void
}

/** All that is known, and all that is counted. */
export interface State {
  readonly name: string
  readonly run: Run
  readonly changes: Changes

  /** The provider's own name, once it is learned. */
  provider: string
  /** What it is set to: known for certain once the provider itself has declared its limits, and so `learned`. */
  settings: Settings
  learned: boolean
  /** How many cancels may be at work. */
  places: number
  /** Waits for room within the rate; null where there is no rate. */
  room: Effect.Effect<void> | null
  /** How many requests may be repeated. */
  budget: number

  health: Health.Health
  /** The refusal after which no other cancel is tried. */
  stoppedBy: Refusal | null
  /** How many refusals in a row had the category `Forbidden`. */
  forbidden: number

  /** Cancels that wait to begin. */
  inDoorway: number
  /** Cancels that have begun, and whose first request has not asked for room yet. */
  preparing: number
  /** Requests that wait for room. */
  asking: number
}

export const makeState = (name: string, run: Run): State => {
  const settings = settingsOf(undefined, limitsOf(run.limits, name))
  return {
    name,
    run,
    changes: makeChanges(),
    provider: name,
    settings,
    learned: false,
    places: 1,
    room: null,
    budget: reserveOf(settings),
    health: Health.healthy,
    stoppedBy: null,
    forbidden: 0,
    inDoorway: 0,
    preparing: 0,
    asking: 0
  }
}

const limitsOf = (limits: Run["limits"], name: string): Limits | undefined =>
  limits !== undefined && Object.hasOwn(limits, name) ? limits[name] : undefined

// ---------------------------------------------------------------------------------------
// limits
// ---------------------------------------------------------------------------------------

/** As many cancels may be at work as are set. */
export const open = (lane: State) => {
  lane.places = lane.settings.concurrency
  lane.run.grown()
}

/** The first request says whose lane it is, and what that provider declares. */
export const learn = (lane: State, request: Admission.Request): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { limits, scope } = lane.run
    lane.learned = true
    lane.provider = request.provider
    lane.settings = settingsOf(request.limits, limitsOf(limits, request.provider), limitsOf(limits, lane.name))
    lane.budget = reserveOf(lane.settings)
    if (lane.settings.rate === null) return Effect.sync(() => open(lane))
    return Effect.map(roomWithin(lane.settings.rate, scope), (room) => {
      lane.room = room
      open(lane)
    })
  })

const reserveOf = ({ retryBudget }: Settings): number => retryBudget?.reserve ?? 0

/** Whether one more request may be repeated, which is taken from the budget. */
export const mayRepeat = (lane: State): boolean => {
  if (lane.settings.retryBudget === null) return true
  if (lane.budget < 1) return false
  lane.budget -= 1
  return true
}

/** A cancel request that repeats none adds its share to the budget. */
export const earn = (lane: State) => {
  const { retryBudget } = lane.settings
  if (retryBudget !== null) lane.budget = Math.min(retryBudget.reserve, lane.budget + retryBudget.share)
}

// ---------------------------------------------------------------------------------------
// what stands in the way
// ---------------------------------------------------------------------------------------

/** Why no cancel is begun; null where one may be, now or later. */
export const hindranceAt = ({ health, run, settings, stoppedBy }: State, now: number): Hindrance | null => {
  if (run.isStopping()) return { _tag: "Stopped" }
  if (stoppedBy !== null) return { _tag: "Refused", error: stoppedBy }
  const reason = Health.hopeless(health, giveUpAfter(settings), now)
  if (reason === "RateLimited") return { _tag: "RateLimited", millis: health.pausedUntil - now }
  return reason === null || Health.gate(health, now)._tag === "Probe" ? null : { _tag: "Outage" }
}

/** Whether nothing is in the way of a cancel or of its requests but the rate, whatever the time. */
export const isUnhindered = ({ health, run, stoppedBy }: State): boolean =>
  Health.isCalm(health) && stoppedBy === null && !run.isStopping()

/** Until a time, or until it is hopeless, if that is sooner. */
export const untilHopeless = ({ health, settings }: State, until: number): number =>
  Math.min(until, Health.hopelessAt(health, giveUpAfter(settings)))

// ---------------------------------------------------------------------------------------
// room to begin
// ---------------------------------------------------------------------------------------

/** Cancels begin if their first requests get room within so many seconds. */
const aheadFor = 0.5

/** As many may begin as get room soon: the time of the others has not begun. */
export const hasRoom = ({ asking, health, preparing, settings }: State): boolean =>
  asking + preparing === 0 ||
  (health.pace === null && asking + preparing < perSecond(settings) * aheadFor)

/** Somebody may wait to begin. */
export const freed = ({ changes, inDoorway }: State) => {
  if (inDoorway > 0) changes.signal()
}
