/**
 * Time that only goes forward.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

const nanosPerMilli = 1_000_000

/**
 * Starts a stopwatch: an effect that reads the milliseconds since. It adds up the steps that
 * the clock takes forward, so that it goes on from where it was when the clock is set back.
 */
export const startStopwatch: Effect.Effect<Effect.Effect<number>> = Effect.map(Clock.currentTimeNanos, (start) => {
  let last = start
  let passed = 0n
  return Effect.map(Clock.currentTimeNanos, (now) => {
    if (now > last) passed += now - last
    last = now
    return Number(passed) / nanosPerMilli
  })
})
