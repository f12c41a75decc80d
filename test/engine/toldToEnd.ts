/** A caller who is told to end before something begins, while it runs and cannot be interrupted. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Restore } from "../../src/engine/awaitAtMost.js"

/** How it ends with what it begins then. */
export const toldToEndBefore = <A, E>(begin: (restore: Restore) => Effect.Effect<A, E>): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.gen(function*() {
    const isTold = yield* Deferred.make<void>()
    const fiber = yield* Effect.fork(
      Effect.uninterruptibleMask((restore) => Effect.zipRight(Deferred.await(isTold), begin(restore)))
    )
    yield* Effect.yieldNow()
    yield* Fiber.interruptFork(fiber)
    yield* Effect.yieldNow()
    yield* Deferred.succeed(isTold, undefined)
    return yield* Fiber.await(fiber)
  })
