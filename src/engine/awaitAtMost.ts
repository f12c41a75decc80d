/**
 * Waiting that neither holds up nor cuts short what is waited for.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { constTrue, constVoid, identity } from "effect/Function"
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

/** What was begun: how it is called off, and what it comes to when its time is over. Once it is called off, what it tells counts for nothing. */
export interface Begun<A, E = never> {
  readonly callOff: () => void
  /** Whether its end may be here, not read yet. */
  readonly mayBeHere: () => boolean
  readonly late: () => Exit.Exit<A, E>
}

/** Begins something, which may start daemons of the caller's, and tells the wait for it how it ends. */
type Begin<A, E> = (wait: Wait<A, E>, caller: Caller) => Begun<A, E>

/** Who waits, with the flags that it has where it asks, and what is changed for its daemons. */
interface Caller {
  readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
  readonly flags: RuntimeFlags.RuntimeFlags
  readonly adapt: Adapt
}

/**
 * Starts a daemon, which can be interrupted, with everything that the caller has. What it can do at
 * once is done when this returns: `Effect.forkDaemon` would only let it begin when the caller waits.
 */
const start = <A, E>({ adapt, fiber, flags }: Caller, effect: Effect.Effect<A, E>): Fiber.RuntimeFiber<A, E> =>
  Runtime.runFork(
    Runtime.make({
      context: adapt.context(fiber.currentContext),
      runtimeFlags: RuntimeFlags.enable(flags, RuntimeFlags.Interruption),
      fiberRefs: fiber.getFiberRefs()
    }),
    effect,
    { updateRefs: adapt.updateRefs }
  )

/**
 * One wait of a fiber's. When it is over it lets go of all that it held: of each wait Effect has a function that V8 puts among
 * the old objects at once, which are collected seldom, and what is seen from here would live as long. For the same reason
 * nothing but the wait itself is seen from the effect that is waited for.
 */
export class Wait<A, E> {
  #begin: ((wait: Wait<A, E>) => TurnOff) | undefined
  #resume: ((outcome: Effect.Effect<A, E>) => void) | undefined
  #begun: Begun<A, E> | undefined
  #turnOff: TurnOff | undefined

  /** `begin` says what it has begun, before it sets an alarm. */
  constructor(begin: (wait: Wait<A, E>) => TurnOff) {
    this.#begin = begin
  }

  /** What is under way from now on. */
  set begun(begun: Begun<A, E>) {
    this.#begun = begun
  }

  /** Begins what is waited for, and comes to what that comes to. */
  get ended(): Effect.Effect<A, E> {
    return Effect.async((resume) => {
      this.#resume = resume
      this.#turnOff = this.#begin?.(this)
      // It may have ended already.
      if (this.#resume === undefined || this.#turnOff === undefined) this.#letGo()
    })
  }

  #letGo(): void {
    this.#turnOff?.()
    this.#begin = this.#resume = this.#begun = this.#turnOff = undefined
  }

  /** Tells how what is waited for has ended. */
  end(exit: Exit.Exit<A, E>): void {
    const resume = this.#resume
    this.#letGo()
    let outcome: Effect.Effect<A, E> | undefined = exit
    // What it came to is given to the fiber, and kept no longer: not in what the fiber is resumed with either.
    resume?.(Effect.suspend(() => {
      const taken = outcome ?? Effect.never
      outcome = undefined
      return taken
    }))
  }

  /** Calls off what is under way. */
  callOff(): void {
    const begun = this.#begun
    this.#letGo()
    begun?.callOff()
  }
}

/**
 * Begins something, and waits until it tells how it ends, but no longer than so many milliseconds. Then, and when the caller is
 * interrupted, it is called off, before anything else happens, and not waited for: it may be deaf. A caller that
 * cannot be interrupted, except by `restore`, says so.
 *
 * An interruption is passed on to all child fibers, even of one that cannot be interrupted, as in a finalizer. A timer that
 * is raced against would be a child, and cut the wait short. The alarm is nobody's child.
 *
 * Where the caller is told to end already, nothing is begun.
 */
export const callAtMost = <A, E>(
  begin: Begin<A, E>,
  millis: number,
  restore?: Restore,
  adapt: Adapt = unchanged
): Effect.Effect<A, E> => {
  if (restore === undefined) return Effect.uninterruptibleMask((restore) => callAtMost(begin, millis, restore, adapt))
  return Effect.withFiberRuntime((fiber, { runtimeFlags: flags }) => {
    const caller = { fiber, flags, adapt }
    const wait = new Wait<A, E>((wait) => {
      const begun = wait.begun = begin(wait, caller)
      const ring = () => {
        wait.end(begun.late())
        begun.callOff()
      }
      return setAlarm(fiber, millis, (sleep) => start(caller, sleep), ring, () => begun.mayBeHere())
    })
    // What `async` is given to call it off would not be called where the caller yields before it waits, and is told to end then.
    return Effect.catchAllCause(restore(wait.ended), (cause) => {
      wait.callOff()
      return Effect.failCause(cause)
    })
  })
}

/** Waits for a daemon, which goes on for as long as it takes, whatever becomes of the caller. */
const waitFor = <A, E>(
  begin: (caller: Caller) => Fiber.RuntimeFiber<A, E>,
  millis: number
): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
  callAtMost((wait, caller) => {
    begin(caller).addObserver((exit) => wait.end(Exit.succeed(Option.some(exit))))
    return { callOff: constVoid, mayBeHere: constTrue, late: () => Exit.succeed(Option.none()) }
  }, millis)

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
): Effect.Effect<Option.Option<Exit.Exit<A, E>>> => waitFor((caller) => start(caller, effect), millis)

/**
 * Runs an effect to its end, but no longer than so many milliseconds: then it comes to what is `late`, and is told to end, and
 * not waited for. In a finalizer nothing can be interrupted unless it says so; this says so.
 *
 * Where the caller is told to end already, nothing is begun.
 */
export const runAtMost = <A, E, B>(
  effect: Effect.Effect<A, E>,
  millis: number,
  late: () => B,
  restore?: Restore,
  adapt?: Adapt
): Effect.Effect<A | B, E> =>
  callAtMost<A | B, E>((wait, caller) => {
    let outcome: Exit.Exit<A, E> | undefined
    // It comes to nothing itself: what it came to would live as long as V8 keeps the daemon.
    const daemon = start(caller, Effect.matchCause(effect, {
      onFailure: (cause) => {
        outcome = Exit.failCause(cause)
      },
      onSuccess: (value) => {
        outcome = Exit.succeed(value)
      }
    }))
    // It has ended when its children have. One that is told to end before it has begun has no outcome.
    daemon.addObserver((exit) => {
      wait.end(outcome ?? Exit.map(exit, late))
      outcome = undefined
    })
    return {
      callOff: () => {
        if (daemon.unsafePoll() === null) daemon.unsafeInterruptAsFork(caller.fiber.id())
      },
      mayBeHere: constTrue,
      late: () => Exit.succeed(late())
    }
  }, millis, restore, adapt)
