/**
 * Waiting that neither holds up nor cuts short what is waited for.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as FiberId from "effect/FiberId"
import { constVoid, identity } from "effect/Function"
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

/** What was begun: how it is called off, and what it comes to when its time is over. */
export interface Begun<A, E = never> {
  readonly callOff: () => void
  readonly late: () => Exit.Exit<A, E>
}

/** Begins something, which may start daemons of the caller's, and tells how it ends. */
type Begin<A, E> = (end: (exit: Exit.Exit<A, E>) => void, start: Start, caller: FiberId.FiberId) => Begun<A, E>

/** What is under way, and its alarm. */
interface Held {
  readonly callOff: () => void
  readonly turnOff: TurnOff
}

/**
 * One wait of a fiber's. When it is over it lets go of all that it held: V8 puts a function that is written where a property
 * is set among the old objects at once, which are collected seldom. Effect has such a one for each wait, so whatever
 * can be seen from here would live as long, and V8 would learn from it to take its like for old as well.
 *
 * For the same reason nothing but the wait itself is seen from the effect that is waited for.
 */
const waiting = <A, E>(
  beginning: (end: (exit: Exit.Exit<A, E>) => void) => Held
): { readonly ended: Effect.Effect<A, E>; readonly callOff: () => void } => {
  let begin: typeof beginning | undefined = beginning
  let resume: ((outcome: Effect.Effect<A, E>) => void) | undefined
  let held: Held | undefined

  const letGo = (): void => {
    held?.turnOff()
    begin = resume = held = undefined
  }
  const end = (exit: Exit.Exit<A, E>): void => {
    const resuming = resume
    letGo()
    let outcome: Effect.Effect<A, E> | undefined = exit
    // What it came to is given to the fiber, and kept no longer: not in what the fiber is resumed with either.
    resuming?.(Effect.suspend(() => {
      const taken = outcome ?? Effect.never
      outcome = undefined
      return taken
    }))
  }
  return {
    ended: Effect.async((waiter) => {
      resume = waiter
      held = begin?.(end)
      // It may have ended already.
      if (resume === undefined) letGo()
    }),
    callOff: () => {
      const begun = held
      letGo()
      begun?.callOff()
    }
  }
}

/**
 * Begins something, and waits until it tells how it ends, but no longer than so many milliseconds. Then, and when the caller is
 * interrupted, it is called off, before anything else happens, and not waited for: it may be deaf. The caller
 * cannot be interrupted, except by `restore`.
 *
 * An interruption is passed on to all child fibers of whoever is interrupted, even where that
 * one cannot be interrupted, as in a finalizer. A timer that is raced against would be a
 * child, and the wait would be cut short by it. The alarm is nobody's child, so that the wait ends
 * with its caller and not before.
 *
 * Where the caller is told to end already, nothing is begun.
 */
export const callAtMost = <A, E>(begin: Begin<A, E>, millis: number, restore: Restore, adapt?: Adapt): Effect.Effect<A, E> =>
  Effect.withFiberRuntime((caller, { runtimeFlags }) => {
    const start = starting(caller, runtimeFlags, adapt)
    const wait = waiting<A, E>((end) => {
      const { callOff, late } = begin(end, start, caller.id())
      const ring = () => {
        end(late())
        callOff()
      }
      return { callOff, turnOff: setAlarm(caller, millis, start, ring) }
    })
    // What `async` is given to call it off would not be called where the caller yields before it waits, and is told to end then.
    return Effect.catchAllCause(restore(wait.ended), (cause) => {
      wait.callOff()
      return Effect.failCause(cause)
    })
  })

/** Waits for a daemon, which goes on for as long as it takes, whatever becomes of the caller. */
const waitFor = <A, E>(
  begin: (start: Start) => Fiber.RuntimeFiber<A, E>,
  millis: number
): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
  Effect.uninterruptibleMask((restore) =>
    callAtMost((end, start) => {
      begin(start).addObserver((exit) => end(Exit.succeed(Option.some(exit))))
      return { callOff: constVoid, late: () => Exit.succeed(Option.none()) }
    }, millis, restore)
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
 * Runs an effect to its end, but no longer than so many milliseconds, and comes to what is `late` if it is not done by
 * then. It is told to end then, and not waited for. In a finalizer nothing can be interrupted
 * unless it says so; this says so.
 *
 * Where the caller is told to end already, nothing is begun.
 */
export const runAtMost = <A, E, B>(
  effect: Effect.Effect<A, E>,
  millis: number,
  late: () => B,
  restore: Restore,
  adapt?: Adapt
): Effect.Effect<A | B, E> =>
  callAtMost<A | B, E>((end, start, caller) => {
    let outcome: Exit.Exit<A, E> | undefined
    // It comes to nothing itself: what it came to would live as long as V8 keeps the daemon.
    const daemon = start(Effect.matchCause(effect, {
      onFailure: (cause) => {
        outcome = Exit.failCause(cause)
      },
      onSuccess: (value) => {
        outcome = Exit.succeed(value)
      }
    }))
    // It has ended when its children have. One that is told to end before it has begun has no outcome.
    daemon.addObserver((exit) => {
      end(outcome ?? Exit.map(exit, late))
      outcome = undefined
    })
    return {
      callOff: () => {
        if (daemon.unsafePoll() === null) daemon.unsafeInterruptAsFork(caller)
      },
      late: () => Exit.succeed(late())
    }
  }, millis, restore, adapt)
