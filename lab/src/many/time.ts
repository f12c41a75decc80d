/**
 * Time that passes as fast as one likes: nothing moves by itself, and whoever watches says how far
 * it goes. What happens in it is the same at any speed.
 */
import { Effect, type Exit, type Fiber, Random } from "effect"
import { ControlledScheduler } from "effect/Scheduler"
import { epoch, makeClock, makeTimeline, toMillis } from "../../../test/simulation/clock.js"

export interface Time {
  /** The milliseconds that have passed. */
  readonly now: () => number
  /** Lets so many milliseconds pass, with everything that is due in them. */
  readonly advance: (millis: number) => void
  /** Begins an effect, whose clock and chance are of this time. What can happen at once has happened. */
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>
  /** Carries out an effect that waits for nothing. */
  readonly run: <A>(effect: Effect.Effect<A>) => A
}

/** When it begins, in milliseconds since the epoch. */
export const begin = epoch

export const makeTime = (seed: string): Time => {
  const timeline = makeTimeline()
  const scheduler = new ControlledScheduler()
  const clock = makeClock(timeline, () => 0)
  const random = Random.make(seed)
  const drain = () => {
    while (scheduler.tasks.buckets.length > 0) scheduler.step()
  }
  const fork = <A, E>(effect: Effect.Effect<A, E>) => {
    const fiber = Effect.runFork(effect.pipe(Effect.withClock(clock), Effect.withRandom(random)), { scheduler })
    drain()
    return fiber
  }
  return {
    now: () => toMillis(timeline.now()),
    advance: (millis) => {
      let isReached = false
      timeline.after("World", millis, () => {
        isReached = true
      })
      drain()
      while (!isReached && timeline.advance()) drain()
    },
    fork,
    run: (effect) => {
      const exit: Exit.Exit<typeof effect extends Effect.Effect<infer A> ? A : never> | null = fork(effect).unsafePoll()
      return Effect.runSync(exit ?? Effect.dieMessage("It waits for something"))
    }
  }
}
