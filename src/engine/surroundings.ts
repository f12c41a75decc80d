/**
 * What a cancel finds where it runs, read once: it is the same from beginning to end, and every
 * reading would be steps of the fiber's.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import type * as LogLevel from "effect/LogLevel"
import * as Tracer from "effect/Tracer"

/** The clock, the references, and how much is logged. */
export interface Surroundings {
  readonly clock: Clock.Clock
  readonly context: Context.Context<never>
  readonly minimumLogLevel: LogLevel.LogLevel
}

/** Effect's own tracer, which keeps its spans to itself. */
const nobodys = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** Gives an effect its surroundings. */
export const withSurroundings = <A, E, R>(
  use: (surroundings: Surroundings) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber) =>
    use({
      clock: Context.get(fiber.currentDefaultServices, Clock.Clock),
      context: fiber.currentContext,
      minimumLogLevel: fiber.getFiberRef(FiberRef.currentMinimumLogLevel)
    })
  )

/** The clock's time. */
export const now = ({ clock }: Pick<Surroundings, "clock">): DateTime.Utc => DateTime.unsafeMake(clock.unsafeCurrentTimeMillis())

/** Puts a span around an effect, where anybody sees it. */
export const traced = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  name: string,
  attributes: { readonly [name: string]: string } = {}
): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber) =>
    fiber.currentTracer === nobodys ? effect : spanned(effect, name, attributes)
  )

const spanned = <A, E, R>(effect: Effect.Effect<A, E, R>, name: string, attributes: { readonly [name: string]: string }) =>
  Effect.useSpan(name, { captureStackTrace: false, attributes }, (span) =>
    // `withSpan` would take the parent span out of what the effect needs, whatever that is.
    Effect.mapInputContext(effect, (context: Context.Context<R>) => Context.add(context, Tracer.ParentSpan, span)))
