/**
 * What durable cancels log.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as LogLevel from "effect/LogLevel"

/** Nothing depends on the logger: where that dies, nobody is told. */
export const log = (level: LogLevel.LogLevel, message: string, ...more: ReadonlyArray<unknown>): Effect.Effect<void> =>
  Effect.catchAllCause(Effect.logWithLevel(level, `effect-payment-cancel: ${message}`, ...more), () => Effect.void)
