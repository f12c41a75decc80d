/**
 * One provider's share of many cancels: what waits for it, how many are under way, and when the next one may begin.
 */
import * as Effect from "effect/Effect"
import * as MutableQueue from "effect/MutableQueue"
import * as Option from "effect/Option"
import type * as CancelError from "../CancelError.js"
import { type Changes, currentMillis } from "./changes.js"
import * as Health from "./health.js"
import { hasRoom, type Hindrance, hindranceAt, isUnhindered, makeState, open, type Refusal, type Run, untilHopeless } from "./state.js"
import { makeTicket, type Ticket } from "./ticket.js"

/** One provider's lane. */
export interface Lane<Request> {
  readonly name: string
  readonly waiting: MutableQueue.MutableQueue<Request>
  /** How many are at work; whoever begins and ends counts. */
  atWork: number
  /** How many may be at work, by what is known of the provider so far. */
  readonly places: () => number
  /** Whether nothing is remembered of it. */
  readonly isBlank: () => boolean
  /** Waits until a cancel may begin, or until it is certain that it does not. */
  readonly begin: Effect.Effect<Ticket | Hindrance>
  /** Why what comes in while no more can wait is not begun; null if it is worth waiting for a place. */
  readonly hindranceWhileFull: Effect.Effect<Hindrance | null>
  /** A cancel failed. Credentials that are not accepted once are not tried again. */
  readonly refused: (error: CancelError.Any) => void
  /** A cancel ended: where none of its requests was seen, no limits will be learned. */
  readonly openUnlearned: () => void
  /** Of anything that somebody may wait for. */
  readonly changes: Changes
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

export const makeLane = <Request>(name: string, run: Run): Lane<Request> => {
  const lane = makeState(name, run)
  const { changes } = lane

  /** Only one waits to begin, so that the time of all others has not begun either. */
  const doorway = Effect.unsafeMakeSemaphore(1)

  const wait = Effect.gen(function*() {
    while (true) {
      const seen = changes.signals()
      const now = yield* currentMillis
      lane.health = Health.recovered(lane.health, now)
      const hindrance = hindranceAt(lane, now)
      if (hindrance !== null) return hindrance
      const gate = Health.gate(lane.health, now)
      if (gate._tag === "Wait") {
        yield* changes.afterOrAt(seen, untilHopeless(lane, gate.until), now)
      } else if (gate._tag === "Free" && !hasRoom(lane)) {
        yield* changes.after(seen)
      } else {
        if (gate._tag === "Probe") lane.health = Health.probing(lane.health, true)
        return makeTicket(lane, gate._tag === "Probe")
      }
    }
  })

  const queued = Effect.suspend(() => {
    lane.inDoorway += 1
    return Effect.ensuring(doorway.withPermits(1)(wait), Effect.sync(() => {
      lane.inDoorway -= 1
    }))
  })

  return {
    name,
    waiting: MutableQueue.bounded(run.lookAhead),
    atWork: 0,
    places: () => lane.places,
    isBlank: () => !lane.learned,
    begin: Effect.suspend((): Effect.Effect<Ticket | Hindrance> =>
      isUnhindered(lane) && hasRoom(lane) && lane.inDoorway === 0 ? Effect.succeed(makeTicket(lane, false)) : queued
    ),
    hindranceWhileFull: Effect.map(currentMillis, (now) =>
      hindranceAt(lane, now) ?? (lane.health.circuit._tag === "Open" ? { _tag: "Outage" } : null)),
    refused: (error) => {
      const refusal = refusalOf(error)
      if (refusal === null || (refusal.category === "Forbidden" && lane.forbidden < forbiddenAtMost)) return
      lane.stoppedBy ??= refusal
      changes.signal()
    },
    openUnlearned: () => {
      if (!lane.learned) open(lane)
    },
    changes
  }
}
