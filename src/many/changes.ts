/**
 * That something has changed, told to all who wait for it: each looks for itself what that is.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

export interface Changes {
  /** Whoever waits looks again. */
  readonly signal: () => void
  /** How often was signalled. */
  readonly signals: () => number
  /** Waits until it was signalled more often than that: between a look and the wait that follows it, a fiber may have yielded. */
  readonly after: (seen: number) => Effect.Effect<void>
  /** The same, but at most until a time. */
  readonly afterOrAt: (seen: number, until: number, now: number) => Effect.Effect<void>
}

/** In milliseconds and parts of one, by a clock that nobody sets, as that on the wall is. */
export const currentMillis: Effect.Effect<number> = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1_000_000)

/** A day: no timer waits for a month, and whoever wakes looks again. */
const longestSleep = 86_400_000

export const makeChanges = (): Changes => {
  let signals = 0
  let listeners: Array<() => void> = []

  const after = (seen: number) =>
    Effect.async<void>((resume) => {
      const wake = () => resume(Effect.void)
      if (signals !== seen) return wake()
      listeners.push(wake)
      return Effect.sync(() => {
        listeners = listeners.filter((listener) => listener !== wake)
      })
    })

  return {
    signal: () => {
      signals += 1
      const woken = listeners
      listeners = []
      for (const wake of woken) wake()
    },
    signals: () => signals,
    after,
    afterOrAt: (seen, until, now) =>
      until === Number.POSITIVE_INFINITY
        ? after(seen)
        // Where nothing can be interrupted it would be waited for beyond that time.
        : Effect.asVoid(
          Effect.timeoutOption(Effect.interruptible(after(seen)), Duration.millis(Math.min(longestSleep, Math.max(1, Math.ceil(until - now)))))
        )
  }
}
