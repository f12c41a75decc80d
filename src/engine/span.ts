/**
 * Spans. Their tracer is somebody else's: where it dies, what is traced goes on without it, and says so once.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"
import type { Surroundings } from "./surroundings.js"
import { warn } from "./logging.js"

/** What is traced. */
export interface Traced {
  /** What the tracer died of, if it did. */
  tracerDied: Cause.Cause<never> | undefined
}

/** Tells a span something. */
export const telling = (traced: Traced, tell: () => void): void => {
  const told = Either.try(tell)
  if (Either.isLeft(told)) traced.tracerDied ??= Cause.die(told.left)
}

/** Begins a span; none where the tracer dies. */
export const beginSpan = (traced: Traced, name: string, options?: Tracer.SpanOptions): Effect.Effect<Tracer.Span | undefined> =>
  Effect.catchAllCause(Effect.makeSpan(name, { captureStackTrace: false, ...options }), (cause) =>
    Effect.sync((): undefined => {
      traced.tracerDied ??= cause
    }))

/** The clock's time, where spans have times. */
export const nanos = ({ clock, isTimed }: Surroundings): bigint => isTimed ? clock.unsafeCurrentTimeNanos() : 0n

/** Ends a span. */
export const endSpan = (traced: Traced, span: Tracer.Span, exit: Exit.Exit<unknown, unknown>, surroundings: Surroundings): void =>
  telling(traced, () => span.end(nanos(surroundings), exit))

/** Makes the span the parent of all that the effect makes. */
export const within = <A, E, R>(effect: Effect.Effect<A, E, R>, span: Tracer.Span | undefined): Effect.Effect<A, E, R> =>
  // `withParentSpan` would take the parent span out of what the effect needs, whatever that is.
  span === undefined ? effect : Effect.mapInputContext(effect, (context: Context.Context<R>) => Context.add(context, Tracer.ParentSpan, span))

/** Says at the end that the tracer died. */
export const warning = <A, E>({ tracerDied }: Traced, exit: Effect.Effect<A, E>, of: string): Effect.Effect<A, E> =>
  tracerDied === undefined ? exit : Effect.zipRight(warn(`The tracer of ${of} died`, tracerDied), exit)
