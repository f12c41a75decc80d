/**
 * What durable cancels log.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/**
 * Nothing depends on the logger: where that dies, nobody is told. Effect tells a span what is logged in it, but payments are
 * named in a trace only where that is allowed: here the span is an external one, which has the ids and is told nothing.
 */
export const log = (level: LogLevel.LogLevel, message: string, ...more: ReadonlyArray<unknown>): Effect.Effect<void> => {
  const logged = Effect.logWithLevel(level, `effect-payment-cancel: ${message}`, ...more)
  return Effect.serviceOption(Tracer.ParentSpan).pipe(
    Effect.flatMap(Option.match({ onNone: () => logged, onSome: (span) => Effect.withParentSpan(logged, Tracer.externalSpan(span)) })),
    Effect.catchAllCause(() => Effect.void)
  )
}
