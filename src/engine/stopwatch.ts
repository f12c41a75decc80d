/**
 * Time that only goes forward.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

const nanosPerMilli = 1_000_000

/** Reads the milliseconds since a stopwatch was started. */
export type Elapsed = () => number

/**
 * Starts a stopwatch. It adds up the steps that the clock takes forward, so that it goes on from
 * where it was when the clock is set back.
 */
export const stopwatch = (clock: Clock.Clock): Elapsed => {
  let last = clock.unsafeCurrentTimeNanos()
  let passed = 0
  return () => {
    const now = clock.unsafeCurrentTimeNanos()
    passed += Math.max(0, Number(now - last))
    last = now
    return passed / nanosPerMilli
  }
}

/** Starts a stopwatch of the present clock. */
export const startStopwatch: Effect.Effect<Elapsed> = Effect.map(Effect.clock, stopwatch)
