/**
 * One provider's share of many cancels: what waits for it, how many are under way, and when the next request may go.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as MutableQueue from "effect/MutableQueue"
import * as Option from "effect/Option"
import * as RateLimiter from "effect/RateLimiter"
import * as Scope from "effect/Scope"
import type * as Admission from "../Admission.js"
import type * as CancelError from "../CancelError.js"
import type { Limits } from "../CancelMany.js"
import * as Health from "./health.js"
import { limiterOptions, perSecond, type Settings, settingsOf, startOf } from "./settings.js"

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

/** A cancel that may begin: what its requests pass, and what is to be done once it has ended. */
export interface Ticket {
  readonly _tag: "Ticket"
  readonly admission: Admission.Service
  /** Why it does not begin after all, none of its requests having left: it was interrupted when it asked for room. */
  readonly withdrawn: () => Hindrance | null
  readonly close: () => void
}

/** One provider's lane. */
export interface Lane<Request> {
  readonly name: string
  readonly waiting: MutableQueue.MutableQueue<Request>
  /** How many are at work; whoever begins and ends counts. */
  atWork: number
  /** How many may be at work, by what is known of the provider so far. */
  readonly places: () => number
  /** Whether anything is remembered of it. */
  readonly isBlank: () => boolean
  /** Waits until a cancel may begin, or until it is certain that it does not. */
  readonly begin: Effect.Effect<Ticket | Hindrance>
  /** Why what comes in while no more can wait is not begun; null if it is worth waiting for a place. */
  readonly hindranceWhileFull: Effect.Effect<Hindrance | null>
  /** A cancel failed. Credentials that are not accepted once are not tried again. */
  readonly refused: (error: CancelError.Any) => void
  /** A cancel ended, of which no request was seen: no limits will be learned. */
  readonly unseen: () => void
  /** Whoever waits looks again. */
  readonly signal: () => void
  /** How often was signalled. */
  readonly signals: () => number
  /** Waits until it was signalled more often than that. */
  readonly signalAfter: (seen: number) => Effect.Effect<void>
}

/** After so many refusals in a row with the category `Forbidden`, whichever payments they were about, no other is tried. */
const forbiddenAtMost = 10

const isRefusal = (error: CancelError.Any): error is CancelError.Any & Refusal =>
  error.category === "Unauthenticated" || error.category === "Forbidden"

/**
 * What an error says of the credentials. That of a cancel which is in doubt from before is about the doubt, and only its
 * last request shows what came of it now.
 */
const refusalOf = (error: CancelError.Any): Refusal | null => {
  if (isRefusal(error)) return error
  const last = error.outcome === "Unknown" ? error.history.findLast(({ operation }) => operation === "Cancel") : undefined
  return last?.evidence === "Refused" && Option.contains(last.httpStatus, 401)
    ? { category: "Unauthenticated", code: Option.getOrNull(last.code), httpStatus: last.httpStatus, message: last.explanation, requestId: Option.none() }
    : null
}

/** A timer cannot wait longer. */
const longestSleep = 86_400_000

/** Cancels begin if their first requests get room within so many seconds. */
const aheadFor = 0.5

/** A request that comes at the start lets so much room pass unused at most. */
const passedOver = 3

/**
 * Room for one request after the other. For so many milliseconds from the first one on only a part of it is used: a
 * request that comes in that time lets some pass, once at least, and more often until that time is over.
 */
const gently = (room: Effect.Effect<void>, millis: number): Effect.Effect<void> => {
  const oneByOne = Effect.unsafeMakeSemaphore(1).withPermits(1)
  let until: number | null = null
  return oneByOne(Effect.gen(function*() {
    const came = yield* Clock.currentTimeMillis
    yield* room
    if (until === null) {
      until = came + millis
    } else if (came < until) {
      for (let passed = 0; passed < passedOver && (passed === 0 || (yield* Clock.currentTimeMillis) < until); passed++) yield* room
    }
  }))
}

const admitted = Effect.succeed(true)
const refused = Effect.succeed(false)

/** What all lanes of a run have in common. */
export interface Surroundings {
  readonly limits: { readonly [provider: string]: Limits } | undefined
  readonly lookAhead: number
  readonly scope: Scope.Scope
  readonly isStopping: () => boolean
  /** More may be at work than before. */
  readonly grown: () => void
}

export const makeLane = <Request>(
  name: string,
  { grown, isStopping, limits, lookAhead, scope }: Surroundings
): Lane<Request> => {
  // What it is set to is known for certain once the provider itself has declared its limits.
  let settings: Settings = settingsOf(undefined, limitsOf(limits, name))
  let learned = false
  let places = 1
  /** Waits for room within the rate. */
  let limiter: Effect.Effect<void> | null = null
  let budget = settings.retryBudget?.reserve ?? 0
  let health = Health.healthy
  let stoppedBy: Refusal | null = null
  let forbidden = 0
  /** Cancels that have begun, and whose first request has not asked for room yet. */
  let preparing = 0
  /** Requests that wait for room. */
  let asking = 0
  let listeners: Array<() => void> = []
  let signals = 0

  const signal = () => {
    signals += 1
    const woken = listeners
    listeners = []
    for (const wake of woken) wake()
  }
  // Between a look and the wait that follows it, a fiber may have yielded.
  const signalAfter = (seen: number) =>
    Effect.async<void>((resume) => {
      const wake = () => resume(Effect.void)
      if (signals !== seen) return wake()
      listeners.push(wake)
      return Effect.sync(() => {
        listeners = listeners.filter((listener) => listener !== wake)
      })
    })
  const waitUntil = (until: number, now: number, seen: number): Effect.Effect<void> =>
    until === Number.POSITIVE_INFINITY
      ? signalAfter(seen)
      : Effect.asVoid(
        Effect.timeoutOption(signalAfter(seen), Duration.millis(Math.min(longestSleep, Math.max(1, Math.ceil(until - now)))))
      )

  const open = () => {
    places = settings.concurrency
    grown()
  }

  /** The first request says whose lane it is, and what that provider declares. */
  const learn = (request: Admission.Request): Effect.Effect<void> =>
    Effect.suspend(() => {
      learned = true
      settings = settingsOf(request.limits, limitsOf(limits, request.provider), limitsOf(limits, name))
      budget = settings.retryBudget?.reserve ?? 0
      if (settings.rate === null) return Effect.sync(open)
      const heldBackFor = startOf(settings.rate)
      return Effect.map(Scope.extend(RateLimiter.make(limiterOptions(settings.rate)), scope), (made) => {
        // Who gets room yields, so that whoever waits is next: else a cancel that is answered at once would take it again and again.
        limiter = Effect.zipLeft(gently(made(Effect.void), heldBackFor), Effect.yieldNow())
        open()
      })
    })

  const mayRepeat = (): boolean => {
    if (settings.retryBudget === null) return true
    if (budget < 1) return false
    budget -= 1
    return true
  }

  const earn = () => {
    if (settings.retryBudget !== null) budget = Math.min(settings.retryBudget.reserve, budget + settings.retryBudget.share)
  }

  /** As many may begin as get room soon: the time of the others has not begun. */
  const hasRoom = (): boolean =>
    asking + preparing === 0 ||
    (health.pace === null && asking + preparing < perSecond(settings) * aheadFor)

  /** Somebody may wait to begin. */
  const freed = () => {
    if (inDoorway > 0) signal()
  }

  const makeTicket = (isProbe: boolean): Ticket => {
    let probing = isProbe
    let prepared = false
    let withdrawn: Hindrance | null = null
    /** A request of it was let through. */
    let begun = false
    /** Cancel requests that were let through, less those that have provably not been sent. */
    let out = 0
    /** What was let through last, tokens apart, and has not ended: where it needs a token, it has not left. */
    let going: Admission.Request["operation"] | null = null
    /** A request of it may have left, tokens apart. */
    let exchanged = false
    preparing += 1
    const asks = () => {
      if (prepared) return
      prepared = true
      preparing -= 1
      freed()
    }
    const probes = (yes: boolean) => {
      probing = yes
      health = Health.probing(health, yes)
    }
    const isToken = ({ operation }: Admission.Request): boolean => operation === "Authorization"
    /** Whether it asks for the first time on behalf of a cancel of which nothing is out, or once more for the same. */
    const isUnbegun = (request: Admission.Request): boolean =>
      isToken(request)
        ? !exchanged && out <= (going === "Cancel" ? 1 : 0)
        : out === 0 && (!begun || request.repeats)
    /** Why a request need not go any more; null where the cancel has something to clear up, or nothing is in its way. */
    const hindranceOf = (request: Admission.Request, now: number): Hindrance | null => {
      if (!isUnbegun(request)) return null
      const hindrance = hindranceAt(now)
      return probing && hindrance?._tag === "Outage" ? null : hindrance
    }
    const goes = (request: Admission.Request): boolean => {
      if (isToken(request)) return true
      begun = true
      going = request.operation
      if (going === "Cancel") out += 1
      return true
    }
    const room = (request: Admission.Request): Effect.Effect<boolean> =>
      Effect.gen(function*() {
        const { operation } = request
        while (true) {
          const seen = signals
          const now = yield* Clock.currentTimeMillis
          health = Health.recovered(health, now)
          const hindrance = hindranceOf(request, now)
          if (hindrance !== null) {
            if (begun && !isToken(request)) return false
            withdrawn = hindrance
            return yield* Effect.interrupt
          }
          const gate = Health.gate(health, now, operation)
          if (gate._tag === "Wait" && (!probing || now < health.pausedUntil)) {
            const mayGiveUp = isUnbegun(request) && !probing
            yield* waitUntil(mayGiveUp ? Math.min(gate.until, Health.hopelessAt(health, giveUpAfter())) : gate.until, now, seen)
            continue
          }
          if (gate._tag === "Probe") {
            // A token shows nothing.
            if (operation === "Authorization") {
              yield* signalAfter(seen)
              continue
            }
            probes(true)
          }
          const turn = Health.turn(health)
          if (now < turn) {
            yield* waitUntil(turn, now, seen)
            continue
          }
          health = Health.taken(health, now)
          if (limiter === null) return goes(request)
          yield* limiter
          // Meanwhile the provider may have asked for patience, or everything stops.
          const then = yield* Clock.currentTimeMillis
          const isFree = probing || Health.gate(health, then, operation)._tag === "Free"
          if (isFree && hindranceOf(request, then) === null) return goes(request)
        }
      })

    const asked = (request: Admission.Request): Effect.Effect<boolean> =>
      Effect.suspend(() => {
        asking += 1
        asks()
        return Effect.ensuring(room(request), Effect.sync(() => {
          asking -= 1
          freed()
        }))
      })

    const admit = (request: Admission.Request): Effect.Effect<boolean> => {
      if (!learned) return Effect.zipRight(learn(request), Effect.suspend(() => admit(request)))
      if (request.repeats && !mayRepeat()) return refused
      if (!request.repeats && request.operation === "Cancel") earn()
      if (limiter !== null || !Health.isCalm(health) || stoppedBy !== null || isStopping()) return asked(request)
      asks()
      goes(request)
      return admitted
    }

    return {
      _tag: "Ticket",
      admission: {
        admit,
        ended: (outcome) =>
          Effect.sync(() => {
            if (outcome.operation === "Cancel" && outcome.evidence === "NotSent") out -= 1
            if (outcome.operation !== "Authorization") {
              going = null
              exchanged ||= outcome.evidence !== "NotSent"
            }
            const before = health.circuit
            health = Health.after(health, outcome, { ofProbe: probing, outage: settings.outage, ceiling: perSecond(settings) })
            if (outcome.operation !== "Authorization") probing = false
            if (outcome.operation === "Cancel") forbidden = outcome.forbidden ? forbidden + 1 : 0
            if (health.circuit !== before) signal()
          })
      },
      withdrawn: () => withdrawn,
      close: () => {
        asks()
        if (!probing) return
        probes(false)
        signal()
      }
    }
  }

  /** Only one waits to begin, so that the time of all others has not begun either. */
  const doorway = Effect.unsafeMakeSemaphore(1)
  let inDoorway = 0

  const giveUpAfter = () => settings.outage ?? { giveUpAfter: Number.POSITIVE_INFINITY }

  const hindranceAt = (now: number): Hindrance | null => {
    if (isStopping()) return { _tag: "Stopped" }
    if (stoppedBy !== null) return { _tag: "Refused", error: stoppedBy }
    const reason = Health.hopeless(health, giveUpAfter(), now)
    if (reason === "RateLimited") return { _tag: "RateLimited", millis: health.pausedUntil - now }
    return reason === null || Health.gate(health, now)._tag === "Probe" ? null : { _tag: "Outage" }
  }

  const wait = Effect.gen(function*() {
    while (true) {
      const seen = signals
      const now = yield* Clock.currentTimeMillis
      health = Health.recovered(health, now)
      const hindrance = hindranceAt(now)
      if (hindrance !== null) return hindrance
      const gate = Health.gate(health, now)
      if (gate._tag === "Wait") {
        yield* waitUntil(Math.min(gate.until, Health.hopelessAt(health, giveUpAfter())), now, seen)
      } else if (gate._tag === "Free" && !hasRoom()) {
        yield* signalAfter(seen)
      } else {
        if (gate._tag === "Probe") health = Health.probing(health, true)
        return makeTicket(gate._tag === "Probe")
      }
    }
  })

  const queued = Effect.suspend(() => {
    inDoorway += 1
    return Effect.ensuring(doorway.withPermits(1)(wait), Effect.sync(() => {
      inDoorway -= 1
    }))
  })

  return {
    name,
    waiting: MutableQueue.bounded(lookAhead),
    atWork: 0,
    places: () => places,
    isBlank: () => !learned,
    begin: Effect.suspend((): Effect.Effect<Ticket | Hindrance> =>
      Health.isCalm(health) && hasRoom() && inDoorway === 0 && stoppedBy === null && !isStopping()
        ? Effect.succeed(makeTicket(false))
        : queued
    ),
    hindranceWhileFull: Effect.map(Clock.currentTimeMillis, (now) =>
      hindranceAt(now) ?? (health.circuit._tag === "Open" ? { _tag: "Outage" } : null)),
    refused: (error) => {
      const refusal = refusalOf(error)
      if (refusal === null || (refusal.category === "Forbidden" && forbidden < forbiddenAtMost)) return
      stoppedBy ??= refusal
      signal()
    },
    unseen: () => {
      if (!learned) open()
    },
    signal,
    signals: () => signals,
    signalAfter
  }
}

const limitsOf = (limits: Surroundings["limits"], name: string): Limits | undefined =>
  limits !== undefined && Object.hasOwn(limits, name) ? limits[name] : undefined
