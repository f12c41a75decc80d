/**
 * What time it is, for waits.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** In milliseconds, by a clock that nobody sets: a wait ends when it was to end, whatever is done to the clock on the wall. */
export const now: Effect.Effect<number> = Effect.map(Clock.currentTimeNanos, (nanos) => Math.floor(Number(nanos) / 1_000_000))
