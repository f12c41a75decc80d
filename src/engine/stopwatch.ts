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
  let passed = 0n
  return () => {
    const now = clock.unsafeCurrentTimeNanos()
    if (now > last) passed += now - last
    last = now
    return Number(passed) / nanosPerMilli
  }
}

/** Starts a stopwatch of the present clock. */
export const startStopwatch: Effect.Effect<Elapsed> = Effect.map(Effect.clock, stopwatch)
