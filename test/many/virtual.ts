/**
 * Runs a program in virtual time, to its end, at once: hours of waiting cost nothing.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { ControlledScheduler } from "effect/Scheduler"
import * as Clock from "../simulation/clock.js"

/** Far more steps than any test needs: what takes longer goes round in circles. */
const mostSteps = 10_000_000

/** What the program ends with. It must wait for nothing but time. */
export const exitOf = <A, E>(program: Effect.Effect<A, E>): Exit.Exit<A, E> => {
  const timeline = Clock.makeTimeline()
  const scheduler = new ControlledScheduler()
  const fiber = Effect.runFork(Effect.withClock(program, Clock.makeClock(timeline, () => 0)), { scheduler })
  const drain = () => {
    while (scheduler.tasks.buckets.length > 0) scheduler.step()
  }
  drain()
  for (let step = 0; fiber.unsafePoll() === null; step += 1) {
    if (step > mostSteps || !timeline.advance()) throw new Error("The program waits for something that never happens")
    drain()
  }
  // Checked in the loop.
  return fiber.unsafePoll()!
}

/** What the program succeeds with. */
export const run = <A, E>(program: Effect.Effect<A, E>): A => Effect.runSync(Effect.suspend(() => exitOf(program)))
