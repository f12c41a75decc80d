/**
 * What is somebody else's, and dies: a tracer, a clock, the code of a provider.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Tracer from "effect/Tracer"
import * as CancelEvent from "../../src/CancelEvent.js"
import * as Telemetry from "../../src/Telemetry.js"
import * as Acme from "./Acme.js"
import { json, play } from "./HttpDouble.js"

const request: Acme.Request = { paymentId: Acme.paymentId, idempotencyKey: "key-1" }
const gone = json(200, Acme.payment("gone"))

/** Keeps the events of a cancel, and what is logged beside them. */
const keep = () => {
  const events: Array<CancelEvent.CancelEvent> = []
  const logged: Array<unknown> = []
  const layer = Layer.merge(
    CancelEvent.layer((event) => Effect.sync(() => void events.push(event))),
    Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => logged.push(...Array.isArray(message) ? message : [message])))
  )
  return { events, logged, layer }
}

/** Dies when it is told this: a span, or an attribute, an event or the end of one. */
const tracerDyingAt = (moment: string) => {
  const told: Array<string> = []
  const tell = (what: string) => {
    told.push(what)
    if (what === moment) throw new Error("no tracer")
  }
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      tell(`span ${name}`)
      let status: Tracer.SpanStatus = { _tag: "Started", startTime }
      return {
        _tag: "Span", name, spanId: name, traceId: "trace", parent, context, links, kind, sampled: true, attributes: new Map(),
        get status() {
          return status
        },
        attribute: (key) => tell(`${name} ${key}`),
        event: (event) => tell(`${name} ${event}`),
        addLinks: () => {},
        end: (endTime, exit) => {
          status = { _tag: "Ended", startTime, endTime, exit }
          tell(`end ${name}`)
        }
      }
    },
    context: (run) => run()
  })
  return { told, tracer }
}

const exchangeSpan = "POST Cancel"

describe("a tracer that dies", () => {
  for (
    const moment of [
      "span Acme.cancel",
      `span ${exchangeSpan}`,
      `${exchangeSpan} payment_cancel.evidence`,
      `end ${exchangeSpan}`,
      "Acme.cancel settled",
      "Acme.cancel payment_cancel.outcome",
      "end Acme.cancel"
    ]
  ) {
    it.effect(`takes nothing from a cancel, and that is logged: ${moment}`, () =>
      Effect.gen(function*() {
        const inFlight = Metric.value(Telemetry.inFlight.pipe(Metric.tagged("provider", "Acme"), Metric.tagged("operation", "cancel")))
        const before = yield* inFlight
        const { events, layer, logged } = keep()
        const { told, tracer } = tracerDyingAt(moment)
        const acme = yield* Acme.make(play(gone).client)
        const cancelled = yield* acme.cancel(request).pipe(Effect.withTracer(tracer), Effect.provide(layer))
        assert.strictEqual(cancelled._tag, "Cancelled")
        assert.deepStrictEqual(events.map(({ _tag }) => _tag), ["ExchangeStarted", "ExchangeEnded", "Settled"])
        assert.deepStrictEqual(logged, ["The tracer of a cancel died"])
        assert.include(told, moment)
        assert.deepStrictEqual(yield* inFlight, before)
      }))
  }
  it.effect("is told the end all the same", () =>
    Effect.gen(function*() {
      const { told, tracer } = tracerDyingAt("Acme.cancel payment_cancel.outcome")
      const acme = yield* Acme.make(play(gone).client)
      yield* acme.cancel(request).pipe(Effect.withTracer(tracer), Effect.provide(keep().layer))
      assert.include(told, "end Acme.cancel")
    }))
  it.effect("takes nothing from a status query", () =>
    Effect.gen(function*() {
      const { layer, logged } = keep()
      const acme = yield* Acme.make(play(gone).client)
      const { status } = yield* acme.status({ paymentId: Acme.paymentId }).pipe(
        Effect.withTracer(tracerDyingAt("end Acme.status").tracer),
        Effect.provide(layer)
      )
      assert.deepStrictEqual([status, logged], ["gone", ["The tracer of a cancel died"]])
    }))
})

describe("a provider whose code dies when the payment is cancelled", () => {
  it.effect("leaves a doubt, which is told", () =>
    Effect.gen(function*() {
      const { events, layer } = keep()
      const provider = yield* Acme.connect(play(gone).client)
      const operation = Acme.operation("PaymentId", true)
      const cancel = provider.cancel({
        ...operation,
        successes: (subject) => ({
          ...operation.successes(subject),
          acknowledged: () => {
            throw new Error("no success")
          }
        })
      })
      const exit = yield* Effect.exit(Effect.provide(cancel(request), layer))
      assert.isTrue(Exit.isFailure(exit))
      const last = events.at(-1)
      assert.deepInclude(last, { _tag: "Interrupted", cause: "Defect", outcome: "Unknown", attempts: 1, settled: null, inFlight: null })
    }))
})

describe("a clock whose timers die", () => {
  it.live("leaves no request behind", () =>
    Effect.gen(function*() {
      const real = Clock.make()
      let calledOff = 0
      const client = play(() => Effect.onInterrupt(Effect.never, () => Effect.sync(() => calledOff++))).client
      const acme = yield* Acme.make(client)
      const exit = yield* acme.cancel(request).pipe(
        Effect.withClock({
          ...real,
          [Clock.ClockTypeId]: Clock.ClockTypeId,
          unsafeCurrentTimeMillis: () => real.unsafeCurrentTimeMillis(),
          unsafeCurrentTimeNanos: () => real.unsafeCurrentTimeNanos(),
          sleep: () => {
            throw new Error("no timers")
          }
        }),
        Effect.provide(Logger.remove(Logger.defaultLogger)),
        Effect.exit
      )
      assert.isTrue(Exit.isFailure(exit))
      yield* Effect.sleep(20)
      assert.strictEqual(calledOff, 1)
    }))
})
