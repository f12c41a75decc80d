/**
 * Waiting that neither holds up nor cuts short what is waited for.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"

/** Tells a fiber to end, and does not wait until it has: it may be deaf. */
const dismiss = <A, E>(fiber: Fiber.Fiber<A, E>): Effect.Effect<void> =>
  Effect.fiberIdWith((fiberId) => Fiber.interruptAsFork(fiber, fiberId))

/**
 * Waits for a daemon, but no longer than so many milliseconds: none, if it is not done by
 * then.
 *
 * An interruption is passed on to all child fibers of whoever is interrupted, even where that
 * one cannot be interrupted, as in a finalizer. A timer that is raced against would be a
 * child, and the wait would be cut short by it. This one is a daemon, so that the wait ends
 * with its caller and not before.
 */
export const awaitAtMost = <A, E>(
  daemon: Fiber.RuntimeFiber<A, E>,
  millis: number
): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      // Most are done in one turn, and need no timer.
      yield* Effect.yieldNow()
      const done = yield* Fiber.poll(daemon)
      if (Option.isSome(done)) return done
      const first = yield* Deferred.make<Option.Option<Exit.Exit<A, E>>>()
      const timer = yield* Effect.sleep(Duration.millis(millis)).pipe(
        Effect.zipRight(Deferred.succeed(first, Option.none())),
        Effect.interruptible,
        Effect.forkDaemon
      )
      daemon.addObserver((exit) => Deferred.unsafeDone(first, Effect.succeedSome(exit)))
      return yield* restore(Deferred.await(first)).pipe(Effect.ensuring(dismiss(timer)))
    })
  )

/**
 * Runs an effect to its end, but no longer than so many milliseconds: none, if it is not done by
 * then. It is told to end then, and not waited for. In a finalizer nothing can be interrupted
 * unless it says so; this says so.
 *
 * The caller itself tells it to end, before anything else happens: what has not begun by then
 * never will.
 */
export const runAtMost = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number
): Effect.Effect<Option.Option<A>, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const daemon = yield* effect.pipe(Effect.interruptible, Effect.forkDaemon)
      const ended = yield* restore(awaitAtMost(daemon, millis)).pipe(Effect.ensuring(dismiss(daemon)))
      return Option.isSome(ended) ? Option.some(yield* ended.value) : Option.none()
    })
  )
