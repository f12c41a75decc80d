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
 * What the engine's `logging` does, for durable cancels use only what is public: nothing depends on the logger, and a span is not
 * told what is logged in it.
 */
export const log = (level: LogLevel.LogLevel, message: string, ...more: ReadonlyArray<unknown>): Effect.Effect<void> => {
  const logged = Effect.logWithLevel(level, `effect-payment-cancel: ${message}`, ...more)
  return Effect.serviceOption(Tracer.ParentSpan).pipe(
    Effect.flatMap(Option.match({ onNone: () => logged, onSome: (span) => Effect.withParentSpan(logged, Tracer.externalSpan(span)) })),
    Effect.catchAllCause(() => Effect.void)
  )
}
