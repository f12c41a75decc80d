/**
 * What a cancel finds where it runs, read once: it is the same from beginning to end, and every
 * reading would be steps of the fiber's.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as DefaultServices from "effect/DefaultServices"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import type * as LogLevel from "effect/LogLevel"
import type * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/**
 * The clock, the references, how much is logged, the labels of all metrics, whether anybody sees
 * spans, and whether those have times.
 */
export interface Surroundings {
  readonly clock: Clock.Clock
  readonly context: Context.Context<never>
  readonly minimumLogLevel: LogLevel.LogLevel
  readonly metricLabels: ReadonlyArray<MetricLabel.MetricLabel>
  readonly isTraced: boolean
  readonly isTimed: boolean
}

/** Effect's own tracer, which keeps its spans to itself. */
const nobodys = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** The fiber that runs just now, read without a step of it. What waits for a request that is batched goes on in another one. */
export const fiberHere = (): Fiber.RuntimeFiber<unknown, unknown> => Option.getOrThrow(Fiber.getCurrentFiber())

/** What surrounds what is carried out just now. */
export const surroundingsHere = (): Surroundings => {
  const fiber = fiberHere()
  const isTraced = fiber.currentTracer !== nobodys && fiber.getFiberRef(FiberRef.currentTracerEnabled)
  return {
    clock: Context.get(fiber.currentDefaultServices, Clock.Clock),
    context: fiber.currentContext,
    minimumLogLevel: fiber.getFiberRef(FiberRef.currentMinimumLogLevel),
    metricLabels: fiber.getFiberRef(FiberRef.currentMetricLabels),
    isTraced,
    isTimed: isTraced && fiber.getFiberRef(FiberRef.currentTracerTimingEnabled)
  }
}

/** The clock's time. */
export const now = ({ clock }: Pick<Surroundings, "clock">): DateTime.Utc => DateTime.unsafeMake(clock.unsafeCurrentTimeMillis())
