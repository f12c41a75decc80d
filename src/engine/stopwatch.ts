/**
 * Time that only goes forward.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

const nanosPerMilli = 1_000_000

/**
 * Starts a stopwatch: an effect that reads the milliseconds since. It uses the clock's
 * monotonic reading, and stands still rather than run backwards when the clock is set back.
 */
export const startStopwatch: Effect.Effect<Effect.Effect<number>> = Effect.map(Clock.currentTimeNanos, (start) => {
  let furthest = 0
  return Effect.map(Clock.currentTimeNanos, (now) => {
    furthest = Math.max(furthest, Number(now - start) / nanosPerMilli)
    return furthest
  })
})
