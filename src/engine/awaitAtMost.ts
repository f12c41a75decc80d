/**
 * Waiting that neither holds up nor cuts short what is waited for.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"

/** Changes what a daemon is started with. */
export type Adapt = (runtime: Runtime.Runtime<never>) => Runtime.Runtime<never>

/**
 * Starts a daemon, which can be interrupted, with everything that the caller has. What it can do at
 * once is done when this returns: `Effect.forkDaemon` would only let it begin when the caller waits.
 */
type Start = <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>

const withStart = <A, E>(
  use: (start: Start, caller: Fiber.RuntimeFiber<A, E>) => Effect.Effect<A, E>,
  adapt: Adapt = identity
): Effect.Effect<A, E> =>
  Effect.withFiberRuntime((caller, { runtimeFlags }) => {
    const runtime = adapt(Runtime.make({
      context: caller.currentContext,
      runtimeFlags: RuntimeFlags.enable(runtimeFlags, RuntimeFlags.Interruption),
      fiberRefs: caller.getFiberRefs()
    }))
    return use(Runtime.runFork(runtime), caller)
  })

/**
 * Waits for what is begun, but no longer than so many milliseconds: none, if it is not done by then.
 * Then, and when the caller is interrupted, whatever is in `dismissed` is told to end, before
 * anything else happens, and is not waited for: it may be deaf.
 *
 * An interruption is passed on to all child fibers of whoever is interrupted, even where that
 * one cannot be interrupted, as in a finalizer. A timer that is raced against would be a
 * child, and the wait would be cut short by it. This one is a daemon, so that the wait ends
 * with its caller and not before.
 */
const waitFor = <A, E>(
  begin: (start: Start, dismissed: Array<Fiber.RuntimeFiber<unknown, unknown>>) => Fiber.RuntimeFiber<A, E>,
  millis: number,
  adapt?: Adapt
): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
  Effect.uninterruptibleMask((restore) =>
    withStart((start, caller) => {
      const dismissed: Array<Fiber.RuntimeFiber<unknown, unknown>> = []
      const ended = Effect.async<Option.Option<Exit.Exit<A, E>>>((resume) => {
        const daemon = begin(start, dismissed)
        // What is done needs no timer.
        const exit = daemon.unsafePoll()
        if (exit !== null) return resume(Effect.succeedSome(exit))
        const timer = start(Effect.sleep(Duration.millis(millis)))
        dismissed.push(timer)
        daemon.addObserver((exit) => resume(Effect.succeedSome(exit)))
        timer.addObserver(() => resume(Effect.succeedNone))
      })
      return Effect.flatMap(Effect.exit(restore(ended)), (exit) => {
        for (const fiber of dismissed) if (fiber.unsafePoll() === null) fiber.unsafeInterruptAsFork(caller.id())
        return exit
      })
    }, adapt)
  )

/** Waits for a daemon of the caller's, but no longer than so many milliseconds: none, if it is not done by then. */
export const awaitAtMost = <A, E>(
  daemon: Fiber.RuntimeFiber<A, E>,
  millis: number
): Effect.Effect<Option.Option<Exit.Exit<A, E>>> => waitFor(() => daemon, millis)

/**
 * Starts an effect and waits for it, but no longer than so many milliseconds. It goes on for as
 * long as it takes, whatever becomes of the caller.
 */
export const startAndAwaitAtMost = <A, E>(
  effect: Effect.Effect<A, E>,
  millis: number
): Effect.Effect<Option.Option<Exit.Exit<A, E>>> => waitFor((start) => start(effect), millis)

/**
 * Runs an effect to its end, but no longer than so many milliseconds: none, if it is not done by
 * then. It is told to end then, and not waited for. In a finalizer nothing can be interrupted
 * unless it says so; this says so.
 *
 * Where the caller is told to end already, nothing is begun.
 */
export const runAtMost = <A, E>(
  effect: Effect.Effect<A, E>,
  millis: number,
  adapt?: Adapt
): Effect.Effect<Option.Option<A>, E> =>
  Effect.flatMap(
    waitFor((start, dismissed) => {
      const daemon = start(effect)
      dismissed.push(daemon)
      return daemon
    }, millis, adapt),
    Option.match({ onNone: () => Effect.succeedNone, onSome: Exit.map(Option.some) })
  )
