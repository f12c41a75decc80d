import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { startStopwatch } from "../../src/engine/stopwatch.js"
import { deepStrictEqual } from "./partly.js"

/** A clock that shows the given nanoseconds, one reading after the other. */
const showing = (...readings: ReadonlyArray<bigint>): Clock.Clock => {
  let next = 0
  return { ...Clock.make(), unsafeCurrentTimeNanos: () => readings[next++]!, currentTimeNanos: Effect.sync(() => readings[next++]!) }
}

const readings = (clock: Clock.Clock, times: number) =>
  Effect.gen(function*() {
    const elapsed = yield* startStopwatch
    return yield* Effect.replicateEffect(Effect.sync(elapsed), times)
  }).pipe(Effect.withClock(clock))

describe("a stopwatch", () => {
  it.effect("reads the milliseconds since it was started", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      const elapsed = yield* startStopwatch
      assert.strictEqual(elapsed(), 0)
      yield* TestClock.adjust("1500 millis")
      assert.strictEqual(elapsed(), 1_500)
    }))
  it.effect("reads fractions", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* readings(showing(5_000_000n, 6_500_000n), 1), [1.5])
    }))
  it.effect("goes on from where it was when the clock is set back, so that a deadline still comes", () =>
    Effect.gen(function*() {
      const ms = (n: number) => BigInt(n) * 1_000_000n
      deepStrictEqual(
        yield* readings(showing(ms(1_000), ms(1_400), ms(200), ms(0), ms(100), ms(300)), 5),
        [400, 400, 400, 500, 700]
      )
    }))
  it.effect("starts at zero when the clock is set back at once", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* readings(showing(9_000_000n, 0n), 1), [0])
    }))
})
