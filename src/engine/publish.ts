/**
 * Hands events to their sink without letting the sink decide anything about the cancel.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as LogLevel from "effect/LogLevel"
import * as CancelEvent from "../CancelEvent.js"
import { type Restore, startAndAwaitAtMost } from "./awaitAtMost.js"
import { now, type Surroundings } from "./surroundings.js"
import { logging, warn } from "./logging.js"

/** How long a cancel waits for an event to be handled, in milliseconds: what it can spare, within these bounds. */
const leastPatience = 100
const mostPatience = 1000

/** What an event says beside what all events of one cancel share. */
export type News = CancelEvent.CancelEvent extends infer Event
  ? Event extends CancelEvent.CancelEvent ? Omit<Event, "provider" | "paymentId" | "identifiedBy" | "idempotencyKey" | "at"> : never
  : never

/** Goes on after an effect: at once if that is nothing, as for an event that nobody reads. */
export const after = <A, E>(first: Effect.Effect<unknown>, next: () => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  first === Effect.void ? next() : Effect.flatMap(first, next)

/** Nobody would read what the default handler makes of any event but an interruption, so it is not made. */
export const isUnheard = ({ context, minimumLogLevel }: Surroundings): boolean =>
  Context.get(context, CancelEvent.CancelEvents) === CancelEvent.log && LogLevel.greaterThan(minimumLogLevel, LogLevel.Debug)

/**
 * Publishes one event. It never fails. It is awaited while there is patience; a handler that takes longer
 * goes on in the background, and one that dies is logged, as is one that could not be started.
 * `restore` lets the wait for it be interrupted.
 */
export const publish = (
  { idempotencyKey, identifiedBy, paymentId, provider }: Pick<CancelEvent.CancelEvent, "provider" | "paymentId" | "identifiedBy" | "idempotencyKey">,
  surroundings: Surroundings,
  timeLeft: () => number,
  news: News,
  restore: Restore = identity
): Effect.Effect<unknown> =>
  restore(Effect.suspend(() => {
    const handle = Context.get(surroundings.context, CancelEvent.CancelEvents)
    const event = { ...news, provider, paymentId, identifiedBy, idempotencyKey, at: now(surroundings) }
    const handling = Effect.suspend(() => handle === CancelEvent.log ? logging(handle(event)) : handle(event))
    /** Of a cancel that was cut short nobody else will tell. */
    const orWarn = Effect.catchAllCause((cause) =>
      Effect.zipRight(
        warn("The handler of an event died", cause),
        event._tag === "Interrupted" ? logging(CancelEvent.log(event)) : Effect.void
      )
    )
    return orWarn(startAndAwaitAtMost(
      orWarn(handling),
      Math.min(mostPatience, Math.max(leastPatience, timeLeft()))
    ))
  }))
