/**
 * Plays a program in no time: its clock leaps to whatever is due next. The timeline and the order
 * of turns are the simulator's.
 */
import { Effect, type Exit, Random } from "effect"
import { epoch, makeClock, makeTimeline } from "../../../test/simulation/clock.js"
import * as Scheduler from "../../../test/simulation/scheduler.js"

const operationsPerTurn = 2048

/** What the platform does in its own time, such as computing a signature: the clock waits for it. */
export interface Platform {
  readonly during: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

const macrotask = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/** The milliseconds since the program began. */
export const elapsed = Effect.map(Effect.clock, (clock) => clock.unsafeCurrentTimeMillis() - epoch)

/** Runs a program to its end. The same program has the same history, wherever it is run. */
export const play = async <A, E>(program: (platform: Platform) => Effect.Effect<A, E>): Promise<Exit.Exit<A, E>> => {
  const timeline = makeTimeline()
  const scheduler = Scheduler.make(operationsPerTurn, () => {})
  let busy = 0
  const platform: Platform = {
    during: (effect) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          busy += 1
        }),
        () => effect,
        () =>
          Effect.sync(() => {
            busy -= 1
          })
      )
  }
  const fiber = Effect.runFork(
    program(platform).pipe(Effect.withClock(makeClock(timeline, () => 0)), Effect.withRandom(Random.make("lab"))),
    { scheduler }
  )
  let exit: Exit.Exit<A, E> | null = null
  fiber.addObserver((ended) => {
    exit = ended
  })
  for (;;) {
    if (!scheduler.drain()) throw new Error("The program goes round in circles")
    if (exit !== null) return exit
    if (busy > 0) await macrotask()
    else if (!timeline.advance()) throw new Error("The program waits for what will never happen")
  }
}
