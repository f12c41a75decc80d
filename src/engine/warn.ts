/**
 * Warnings about what is somebody else's, and died. A logger is somebody else's as well: where that dies, nobody is warned.
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"

/** Logs something, on which nothing depends. */
export const logging = (log: Effect.Effect<void>): Effect.Effect<void> => Effect.catchAllCause(log, () => Effect.void)

/** Says that something died. */
export const warn = (message: string, cause: Cause.Cause<unknown>): Effect.Effect<void> => logging(Effect.logWarning(message, cause))

/** Says that the tracer died: outside of all spans, for Effect tells them what is logged, and the tracer would die of it again. */
export const warnOfTracer = (of: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.mapInputContext(warn(`The tracer of ${of} died`, cause), Context.omit(Tracer.ParentSpan))
