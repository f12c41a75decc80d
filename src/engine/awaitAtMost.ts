/**
 * Waiting that neither holds up nor cuts short what is waited for.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
import { setAlarm, type TurnOff } from "./alarm.js"

/** Changes what a daemon is started with: its services, and its references. */
export interface Adapt {
  readonly context: (context: Context.Context<never>) => Context.Context<never>
  readonly updateRefs: Exclude<Runtime.RunForkOptions["updateRefs"], undefined>
}

/** Lets an effect be interrupted, where nothing else can be. */
export type Restore = <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>

const unchanged: Adapt = { context: identity, updateRefs: identity }

/**
 * Starts a daemon, which can be interrupted, with everything that the caller has. What it can do at
 * once is done when this returns: `Effect.forkDaemon` would only let it begin when the caller waits.
 */
type Start = <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>

/** How a caller starts daemons. Its flags are those that it has where it asks. */
const starting = (
  caller: Fiber.RuntimeFiber<unknown, unknown>,
  flags: RuntimeFlags.RuntimeFlags,
  { context, updateRefs }: Adapt = unchanged
): Start =>
(effect) =>
  Runtime.runFork(
    Runtime.make({
      context: context(caller.currentContext),
      runtimeFlags: RuntimeFlags.enable(flags, RuntimeFlags.Interruption),
      fiberRefs: caller.getFiberRefs()
    }),
    effect,
    { updateRefs }
  )

/**
 * Waits for what is begun, but no longer than so many milliseconds: none, if it is not done by then.
 * Then, and when the caller is interrupted, whatever is in `dismissed` is told to end, before
 * anything else happens, and is not waited for: it may be deaf. A caller that cannot be interrupted
 * says how it is where it waits.
 *
 * An interruption is passed on to all child fibers of whoever is interrupted, even where that
 * one cannot be interrupted, as in a finalizer. A timer that is raced against would be a
 * child, and the wait would be cut short by it. The alarm is nobody's child, so that the wait ends
 * with its caller and not before.
 */
const waitFor = <A, E>(
  begin: (start: Start, dismissed: Array<Fiber.RuntimeFiber<unknown, unknown>>) => Fiber.RuntimeFiber<A, E>,
  millis: number,
  adapt?: Adapt,
  restore?: Restore
): Effect.Effect<Option.Option<Exit.Exit<A, E>>> => {
  if (restore === undefined) return Effect.uninterruptibleMask((restore) => waitFor(begin, millis, adapt, restore))
  return Effect.withFiberRuntime((caller, { runtimeFlags }) => {
    const start = starting(caller, runtimeFlags, adapt)
    const dismissed: Array<Fiber.RuntimeFiber<unknown, unknown>> = []
    let turnOff: TurnOff | undefined
    const ended = Effect.async<Option.Option<Exit.Exit<A, E>>>((resume) => {
      const daemon = begin(start, dismissed)
      // What is done needs no alarm.
      const exit = daemon.unsafePoll()
      if (exit !== null) return resume(Effect.succeedSome(exit))
      daemon.addObserver((exit) => resume(Effect.succeedSome(exit)))
      turnOff = setAlarm(caller, millis, start, () => resume(Effect.succeedNone))
    })
    return Effect.flatMap(Effect.exit(restore(ended)), (exit) => {
      turnOff?.()
      for (const fiber of dismissed) if (fiber.unsafePoll() === null) fiber.unsafeInterruptAsFork(caller.id())
      return exit
    })
  })
}

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
  adapt?: Adapt,
  restore?: Restore
): Effect.Effect<Option.Option<A>, E> =>
  Effect.flatMap(
    waitFor((start, dismissed) => {
      const daemon = start(effect)
      dismissed.push(daemon)
      return daemon
    }, millis, adapt, restore),
    Option.match({ onNone: () => Effect.succeedNone, onSome: Exit.map(Option.some) })
  )

/** What was begun without a fiber of its own: how it is called off, and what it comes to when its time is over. */
export interface Begun<A> {
  readonly callOff: () => void
  readonly late: () => A
}

/**
 * Begins something that needs no fiber, and waits until it tells its end, but no longer than so many
 * milliseconds. Then, and when the caller is interrupted, it is called off, and not waited for. The
 * caller cannot be interrupted, except by `restore`.
 *
 * Where the caller is told to end already, nothing is begun.
 */
export const callAtMost = <A>(begin: (end: (value: A) => void) => Begun<A>, millis: number, restore: Restore): Effect.Effect<A> =>
  Effect.withFiberRuntime((caller, { runtimeFlags }) => {
    let isOver = false
    let turnOff: TurnOff = () => {}
    let begun: Begun<A> | undefined
    const stop = (): void => {
      isOver = true
      turnOff()
    }
    const ended = Effect.async<A>((resume) => {
      const end = (value: A): void => {
        if (isOver) return
        stop()
        resume(Effect.succeed(value))
      }
      const { callOff, late } = begun = begin(end)
      if (isOver) return
      turnOff = setAlarm(caller, millis, starting(caller, runtimeFlags), () => {
        end(late())
        callOff()
      })
    })
    // What `async` is given to call it off would not be called where the caller yields before it waits, and is told to end then.
    return Effect.catchAllCause(restore(ended), (cause) => {
      if (!isOver) {
        stop()
        begun?.callOff()
      }
      return Effect.failCause(cause)
    })
  })
