/**
 * Waiting that neither holds up nor cuts short what is waited for.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as FiberId from "effect/FiberId"
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

/** What was begun: how it is called off, and what it comes to when its time is over. */
export interface Begun<A> {
  readonly callOff: () => void
  readonly late: () => A
}

/** Begins something, which may start daemons of the caller's, and tells its end. */
type Begin<A> = (end: (value: A) => void, start: Start, caller: FiberId.FiberId) => Begun<A>

interface Plan<A> {
  readonly begin: Begin<A>
  readonly millis: number
  readonly caller: Fiber.RuntimeFiber<unknown, unknown>
  readonly start: Start
}

/**
 * One wait of a fiber's. When it is over it lets go of all that it held: V8 puts a function that is written where a property
 * is set among the old objects at once, which are collected seldom. Effect has such a one for each wait, so whatever
 * can be seen from here would live as long, and V8 would learn from it to take its like for old as well.
 *
 * For the same reason nothing but the wait itself is seen from the effect that is waited for.
 */
class Wait<A> {
  private resume: ((ended: Effect.Effect<A>) => void) | undefined
  private begun: Begun<A> | undefined
  private turnOff: TurnOff | undefined

  constructor(private plan: Plan<A> | undefined) {}

  readonly ended: Effect.Effect<A> = Effect.async((resume) => this.begin(resume))

  private begin(resume: (ended: Effect.Effect<A>) => void): void {
    const { plan } = this
    if (plan === undefined) return
    this.resume = resume
    const begun = plan.begin((value) => this.end(value), plan.start, plan.caller.id())
    // What is done needs no alarm.
    if (this.plan === undefined) return
    this.begun = begun
    this.turnOff = setAlarm(plan.caller, plan.millis, plan.start, () => {
      this.end(begun.late())
      begun.callOff()
    })
  }

  private end(value: A): void {
    const { resume } = this
    this.letGo()
    resume?.(Effect.succeed(value))
  }

  callOff(): void {
    const { begun } = this
    this.letGo()
    begun?.callOff()
  }

  private letGo(): void {
    this.turnOff?.()
    this.plan = this.resume = this.begun = this.turnOff = undefined
  }
}

/**
 * Begins something, and waits until it tells its end, but no longer than so many milliseconds. Then, and when the caller is
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
export const callAtMost = <A>(begin: Begin<A>, millis: number, restore: Restore, adapt?: Adapt): Effect.Effect<A> =>
  Effect.withFiberRuntime((caller, { runtimeFlags }) => {
    const wait = new Wait({ begin, millis, caller, start: starting(caller, runtimeFlags, adapt) })
    // What `async` is given to call it off would not be called where the caller yields before it waits, and is told to end then.
    return Effect.catchAllCause(restore(wait.ended), (cause) => {
      wait.callOff()
      return Effect.failCause(cause)
    })
  })

/** Waits for a daemon: none, if it is not done by then. `isDismissed`: then, and when the caller is interrupted, it is told to end. */
const waitFor = <A, E>(
  begin: (start: Start) => Fiber.RuntimeFiber<A, E>,
  millis: number,
  { adapt, isDismissed = false, restore }: {
    readonly isDismissed?: boolean
    readonly adapt?: Adapt | undefined
    readonly restore?: Restore | undefined
  } = {}
): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
  restore === undefined
    ? Effect.uninterruptibleMask((restore) => waitFor(begin, millis, { adapt, isDismissed, restore }))
    : callAtMost<Option.Option<Exit.Exit<A, E>>>((end, start, caller) => {
      const daemon = begin(start)
      daemon.addObserver((exit) => end(Option.some(exit)))
      return {
        callOff: () => {
          if (isDismissed && daemon.unsafePoll() === null) daemon.unsafeInterruptAsFork(caller)
        },
        late: Option.none
      }
    }, millis, restore, adapt)

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
    waitFor((start) => start(effect), millis, { isDismissed: true, adapt, restore }),
    Option.match({ onNone: () => Effect.succeedNone, onSome: Exit.map(Option.some) })
  )
