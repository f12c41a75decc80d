/**
 * Work that an interruption reaches only through its caller.
 */
import * as Effect from "effect/Effect"

/**
 * Runs an effect in a fiber of its own. An interruption is passed on to all child fibers of
 * whoever is interrupted, even where that one cannot be interrupted, as in a finalizer: what
 * waits for a timer there would be cut off in the middle. Apart, it is interrupted when its
 * caller is, and not before.
 */
export const apart = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  effect.pipe(Effect.interruptible, Effect.disconnect)
