/**
 * Room within a rate, for one request after the other.
 */
import * as Effect from "effect/Effect"
import * as RateLimiter from "effect/RateLimiter"
import * as Scope from "effect/Scope"
import { currentMillis } from "./changes.js"
import { limiterOptions, type Rate, startOf } from "./settings.js"

/** A request that comes at the start lets so much room pass unused at most. */
const passedOver = 3

/**
 * For so many milliseconds from the first request on only a part of the room is used: a request that comes in that time
 * lets some pass, once at least, and more often until that time is over.
 */
const gently = (room: Effect.Effect<void>, millis: number): Effect.Effect<void> => {
  const oneByOne = Effect.unsafeMakeSemaphore(1).withPermits(1)
  let until: number | null = null
  return oneByOne(Effect.gen(function*() {
    const came = yield* currentMillis
    yield* room
    if (until === null) {
      until = came + millis
    } else if (came < until) {
      for (let passed = 0; passed < passedOver && (passed === 0 || (yield* currentMillis) < until); passed++) yield* room
    }
  }))
}

/** What waits for room for one request, each time it is run. */
export const roomWithin = (rate: Rate, scope: Scope.Scope): Effect.Effect<Effect.Effect<void>> =>
  Effect.map(
    Scope.extend(RateLimiter.make(limiterOptions(rate)), scope),
    // Who gets room yields, so that whoever waits is next: else a cancel that is answered at once would take it again and again.
    (limited) => Effect.zipLeft(gently(limited(Effect.void), startOf(rate)), Effect.yieldNow())
  )
