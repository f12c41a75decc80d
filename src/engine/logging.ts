/**
 * What is logged, on which nothing depends. A logger is somebody else's: where that dies, nothing is logged.
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/**
 * Logs something, on which nothing depends. Effect tells a span what is logged in it, but payments are named in a trace
 * only where that is allowed, and a tracer may die of it: here the span is an external one, which has the ids and is told nothing.
 */
export const logging = (log: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.catchAllCause(
    Effect.mapInputContext(log, (context: Context.Context<never>) =>
      Option.match(Context.getOption(context, Tracer.ParentSpan), {
        onNone: () => context,
        onSome: ({ context: annotations, sampled, spanId, traceId }) =>
          Context.add(context, Tracer.ParentSpan, { _tag: "ExternalSpan", spanId, traceId, sampled, context: annotations })
      })),
    () => Effect.void
  )

/** Says that something died. */
export const warn = (message: string, cause: Cause.Cause<unknown>): Effect.Effect<void> => logging(Effect.logWarning(message, cause))
