/** Everything that leaves a program while an effect runs: logs, spans, events, metrics. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import type * as MetricKey from "effect/MetricKey"
import type * as MetricPair from "effect/MetricPair"
import * as MetricState from "effect/MetricState"
import * as Tracer from "effect/Tracer"
import { CancelEvent } from "effect-payment-cancel"
import { inspect } from "node:util"

export interface Observed {
  readonly logs: ReadonlyArray<string>
  readonly spans: ReadonlyArray<string>
  readonly events: ReadonlyArray<CancelEvent.CancelEvent>
  /** Those that are made meanwhile. */
  readonly metrics: string
}

/** A value in every form in which it may be printed. */
export const printed = (value: unknown): string =>
  [
    inspect(value, { depth: 30, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null }),
    inspect(value),
    String(value),
    JSON.stringify(value, (_, item: unknown) => typeof item === "bigint" ? String(item) : item),
    Cause.pretty(Cause.fail(value), { renderErrorCause: true }),
    value instanceof Error ? `${value.stack} ${value.message} ${inspect(value.cause, { depth: 30 })}` : ""
  ].join("\n")

/** What a metric is called and labelled. Of its values only counted words are words. */
const shown = ({ metricKey, metricState }: MetricPair.MetricPair.Untyped): string =>
  [
    inspect(metricKey, { depth: 20, maxStringLength: null }),
    ...(MetricState.isFrequencyState(metricState) ? metricState.occurrences.keys() : [])
  ].join(" ")

/** Every metric that ever was made is in every snapshot, and there are thousands: those that are new since then. */
const newSince = (before: ReadonlySet<MetricKey.MetricKey.Untyped>) =>
  Effect.map(Metric.snapshot, (pairs) =>
    pairs.filter(({ metricKey, metricState }) => !before.has(metricKey) || MetricState.isFrequencyState(metricState)))

/**
 * Runs an effect and watches what it lets out. With `events: "own"` they are collected; with
 * `"default"` they go where they go when nobody asks for them, into the log.
 */
export const observing = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  events: "own" | "default"
): Effect.Effect<readonly [A, Observed], E, R> =>
  Effect.gen(function*() {
    const logs: Array<string> = []
    const spans: Array<() => string> = []
    const collected: Array<CancelEvent.CancelEvent> = []

    const logger = Logger.make((options) => {
      for (const format of [Logger.stringLogger, Logger.logfmtLogger, Logger.jsonLogger]) logs.push(format.log(options))
      logs.push(printed(options.message), Cause.pretty(options.cause, { renderErrorCause: true }), inspect(options.cause, { depth: 20 }))
      logs.push(inspect([...options.annotations], { depth: 20 }), options.logLevel.label)
    })
    const native = Effect.runSync(Effect.tracer)
    const tracer = Tracer.make({
      context: (run, fiber) => native.context(run, fiber),
      span: (name, parent, context, links, startTime, kind, options) => {
        const span = native.span(name, parent, context, links, startTime, kind, options)
        const seen: Array<unknown> = [name]
        const event = span.event.bind(span)
        const end = span.end.bind(span)
        span.event = (eventName, time, attributes) => {
          seen.push(eventName, attributes)
          event(eventName, time, attributes)
        }
        span.end = (time, exit) => {
          seen.push(inspect(exit, { depth: 30 }))
          if (exit._tag === "Failure") seen.push(Cause.pretty(exit.cause, { renderErrorCause: true }))
          end(time, exit)
        }
        spans.push(() => inspect([...seen, [...span.attributes], span.links], { depth: 20, maxStringLength: null }))
        return span
      }
    })

    const before = new Set((yield* Metric.snapshot).map(({ metricKey }) => metricKey))
    const result = yield* effect.pipe(
      Effect.withSpan("outer"),
      Effect.provide(Layer.mergeAll(
        Logger.replace(Logger.defaultLogger, logger),
        Logger.minimumLogLevel(LogLevel.All),
        Layer.setTracer(tracer),
        events === "own" ? CancelEvent.layer((event) => Effect.sync(() => void collected.push(event))) : Layer.empty
      ))
    )
    const metrics = (yield* newSince(before)).map(shown).join("\n")
    return [result, { logs, spans: spans.map((span) => span()), events: collected, metrics }] as const
  })
