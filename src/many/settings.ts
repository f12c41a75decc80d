/**
 * The limits of one provider, complete and checked.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as RateLimiter from "effect/RateLimiter"
import type * as Admission from "../Admission.js"
import { duration } from "../authoring/Input.js"
import type { Limits } from "../CancelMany.js"
import type { OutageBounds } from "./health.js"

export interface Rate {
  readonly requests: number
  readonly interval: number
}

interface RetryBudget {
  readonly share: number
  readonly reserve: number
}

/** Limits of which none is left open. All times are milliseconds; null is no limit. */
export interface Settings {
  readonly concurrency: number
  readonly rate: Rate | null
  readonly retryBudget: RetryBudget | null
  readonly outage: OutageBounds | null
}

const retryBudget: RetryBudget = { share: 0.2, reserve: 50 }

const outage: OutageBounds = { failures: 10, probeAfter: 5000, giveUpAfter: 600_000 }

/** Where a provider publishes nothing. */
const careful: Settings = { concurrency: 16, rate: { requests: 20, interval: 1000 }, retryBudget, outage }

/** Whole milliseconds; NaN if it is no duration. */
const millis = (input: unknown): number =>
  Option.match(duration(input), { onNone: () => Number.NaN, onSome: (_) => Math.ceil(Duration.toMillis(_)) })

const rateOf = ({ interval, requests }: Admission.Rate): Rate => ({ requests, interval: millis(interval) })

/** What is omitted keeps its value. */
const merge = (under: Settings, over: Limits): Settings => {
  const bounds = under.outage ?? outage
  return {
    concurrency: over.concurrency ?? under.concurrency,
    rate: over.rate === undefined ? under.rate : over.rate && rateOf(over.rate),
    retryBudget: over.retryBudget === undefined
      ? under.retryBudget
      : over.retryBudget && { ...(under.retryBudget ?? retryBudget), ...over.retryBudget },
    outage: over.outage === undefined ? under.outage : over.outage && {
      failures: over.outage.failures ?? bounds.failures,
      probeAfter: over.outage.probeAfter === undefined ? bounds.probeAfter : millis(over.outage.probeAfter),
      giveUpAfter: over.outage.giveUpAfter === undefined ? bounds.giveUpAfter : millis(over.outage.giveUpAfter)
    }
  }
}

/** The limits of a provider: what the caller set, over what the provider declares, over careful ones. */
export const settingsOf = (declared: Admission.DeclaredLimits | undefined, ...set: ReadonlyArray<Limits | undefined>): Settings =>
  [declared, ...set].reduce<Settings>((under, over) => over === undefined ? under : merge(under, over), careful)

/** A timer cannot wait much longer: 24 days. */
const longestInterval = 24 * 86_400_000

/** All limits there are, with what each consists of. */
const parted: { readonly [Limit in keyof Required<Limits>]: ReadonlyArray<string> } = {
  concurrency: [],
  rate: ["requests", "interval"],
  retryBudget: ["share", "reserve"],
  outage: ["failures", "probeAfter", "giveUpAfter"]
}

/** What cannot be a limit, as it may come from JavaScript; a misspelt one would limit nothing. */
const misshapen = (limits: unknown): string | null => {
  if (!Predicate.isRecord(limits)) return "must be an object"
  for (const name of Object.keys(limits)) if (!Object.hasOwn(parted, name)) return `${name} is no limit`
  for (const [name, fields] of Object.entries(parted)) {
    const given = limits[name]
    if (fields.length === 0 || given === undefined || given === null) continue
    if (!Predicate.isRecord(given)) return `${name} must be an object or null`
    const unknown = Object.keys(given).find((part) => !fields.includes(part))
    if (unknown !== undefined) return `${name}.${unknown} is no limit`
  }
  return null
}

/** What is wrong with limits; null if nothing is. */
export const problemOf = (limits: Limits): string | null => {
  const problem = misshapen(limits)
  if (problem !== null) return problem
  const { concurrency, outage, rate, retryBudget } = merge(careful, limits)
  if (!Number.isInteger(concurrency) || concurrency < 1) return "concurrency must be a whole number from 1"
  if (rate !== null && !(Number.isInteger(rate.requests) && rate.requests >= 1)) return "rate.requests must be a whole number from 1"
  if (rate !== null && !(rate.interval > 0 && rate.interval <= longestInterval)) {
    return "rate.interval must be a duration longer than zero, and of 24 days at most"
  }
  if (retryBudget !== null && !(retryBudget.share >= 0 && retryBudget.share <= 1)) return "retryBudget.share must be a number from 0 to 1"
  if (retryBudget !== null && !(retryBudget.reserve >= 0)) return "retryBudget.reserve must be a number from 0"
  if (outage !== null && !(Number.isInteger(outage.failures) && outage.failures >= 1)) return "outage.failures must be a whole number from 1"
  if (outage !== null && !(outage.probeAfter > 0)) return "outage.probeAfter must be a duration longer than zero"
  return outage !== null && !(outage.giveUpAfter >= 0) ? "outage.giveUpAfter must be a duration" : null
}

/**
 * The share of a rate that is used, and into how many parts its interval is divided. Requests that leave evenly may
 * still arrive close together: what is left of the rate is for them.
 */
const used = 0.9
const parts = 20

/** A rate as Effect's rate limiter keeps it: a few requests at a time, so that no interval has more than the rate. */
export const limiterOptions = ({ interval, requests }: Rate): RateLimiter.RateLimiter.Options => {
  const limit = Math.max(1, Math.floor(requests * used / parts))
  return {
    algorithm: "fixed-window",
    limit,
    // A single request needs no margin.
    interval: Duration.millis(Math.ceil(interval * limit / (requests === 1 ? 1 : requests * used)))
  }
}

/**
 * How long the first requests of a process may be on their way, in milliseconds, and at most so much of the interval:
 * code that is cold, and connections that are not open yet, hold them up, and then they arrive together.
 */
const start = 200
const startShare = 0.2

/** What is left of a rate, as a share of it: an interval may hold one part more. */
const left = 1 - used - used / parts

/** For how many milliseconds a lane holds back at its start; for none where what is left of the rate is enough. */
export const startOf = ({ interval, requests }: Rate): number =>
  requests === 1 || interval * left >= start ? 0 : Math.min(start, interval * startShare)

/** For how long a provider that is down, or asks for patience, is waited for. */
export const giveUpAfter = ({ outage }: Settings): number => outage === null ? Number.POSITIVE_INFINITY : outage.giveUpAfter

/** How many requests a second are let through at most. */
export const perSecond = ({ rate }: Settings): number => rate === null ? Number.POSITIVE_INFINITY : rate.requests * 1000 / rate.interval
