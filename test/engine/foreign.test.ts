/**
 * What is somebody else's, and dies: a tracer, a handler of events, a clock, the code of a provider.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Supervisor from "effect/Supervisor"
import * as Tracer from "effect/Tracer"
import type * as Answer from "../../src/authoring/Answer.js"
import type { ResendLicence } from "../../src/authoring/ResendLicence.js"
import * as Cancel from "../../src/Cancel.js"
import * as CancelMany from "../../src/CancelMany.js"
import * as CancelError from "../../src/CancelError.js"
import * as CancelEvent from "../../src/CancelEvent.js"
import * as Telemetry from "../../src/Telemetry.js"
import * as Webhook from "../../src/Webhook.js"
import { noLogger, tracerDyingAt } from "../support/Dying.js"
import * as Acme from "./Acme.js"
import { json, play, reset, respond, type Step } from "./HttpDouble.js"

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
    it.effect(`takes nothing from a cancel whose logger dies as well: ${moment}`, () =>
      Effect.gen(function*() {
        const acme = yield* Acme.make(play(gone).client)
        const cancelled = yield* acme.cancel(request).pipe(
          Effect.withTracer(tracerDyingAt(moment).tracer),
          Effect.provide(Layer.merge(keep().layer, noLogger))
        )
        assert.strictEqual(cancelled._tag, "Cancelled")
      }))
  }
  for (
    const [what, dies] of [
      ["it begins", (told) => told.startsWith("span")],
      ["it begins an exchange", (told) => told === `span ${exchangeSpan}`],
      ["an exchange ends", (told) => told === `end ${exchangeSpan}`],
      ["an attribute is set", (told) => told.includes("payment_cancel.")],
      ["something happens in it", (told) => told.startsWith("Acme.cancel") && !told.includes("payment_cancel.")],
      ["it ends", (told) => told.startsWith("end")],
      ["anything is told", () => true]
    ] satisfies ReadonlyArray<readonly [string, (told: string) => boolean]>
  ) {
    it.effect(`is logged once for each cancel, however often it dies: wherever ${what}`, () =>
      Effect.gen(function*() {
        const { layer, logged } = keep()
        const acme = yield* Acme.make(play(reset, gone).client, { backoff: { initial: 0 } })
        const cancelled = yield* acme.cancel(request).pipe(Effect.withTracer(tracerDyingAt(dies).tracer), Effect.provide(layer))
        assert.strictEqual(cancelled._tag, "Cancelled")
        assert.deepStrictEqual(logged, ["The tracer of a cancel died"])
      }))
  }
  it.effect("is logged, though the caller's span would be told of that and dies of it", () =>
    Effect.gen(function*() {
      const { layer, logged } = keep()
      const { told, tracer } = tracerDyingAt((what) => !/^(span|end) outer$/.test(what))
      const acme = yield* Acme.make(play(gone).client)
      const cancelled = yield* acme.cancel(request).pipe(
        Effect.withSpan("outer", { captureStackTrace: false }),
        Effect.withTracer(tracer),
        Effect.provide(layer)
      )
      assert.strictEqual(cancelled._tag, "Cancelled")
      assert.deepStrictEqual(logged, ["The tracer of a cancel died"])
      assert.include(told, "end outer")
    }))
  it.effect("is logged by a cancel that fails", () =>
    Effect.gen(function*() {
      const { layer, logged } = keep()
      const acme = yield* Acme.make(play(json(400, { code: "bad_request" })).client)
      const error = yield* acme.cancel(request).pipe(
        Effect.withTracer(tracerDyingAt(() => true).tracer),
        Effect.provide(layer),
        Effect.flip
      )
      assert.deepStrictEqual([error._tag, logged], ["Acme.BadRequest", ["The tracer of a cancel died"]])
    }))
  it.effect("is told the end all the same", () =>
    Effect.gen(function*() {
      const { told, tracer } = tracerDyingAt("Acme.cancel payment_cancel.outcome")
      const acme = yield* Acme.make(play(gone).client)
      yield* acme.cancel(request).pipe(Effect.withTracer(tracer), Effect.provide(keep().layer))
      assert.include(told, "end Acme.cancel")
    }))
  for (const moment of ["span Acme.cancel", `span ${exchangeSpan}`]) {
    it.effect(`leaves an HTTP client that has spans of its own as it is: ${moment}`, () =>
      Effect.gen(function*() {
        const { told, tracer } = tracerDyingAt(moment)
        const { client } = play((sent) => Effect.withSpan(Effect.succeed(respond(sent, gone)), "theirs", { captureStackTrace: false }))
        const acme = yield* Acme.make(client)
        const cancelled = yield* acme.cancel(request).pipe(Effect.withTracer(tracer), Effect.provide(keep().layer))
        assert.strictEqual(cancelled._tag, "Cancelled")
        assert.include(told, "end theirs")
      }))
  }
  for (const moment of ["span Acme.status", "span GET Status", "end GET Status", "Acme.status payment_cancel.attempts", "end Acme.status"]) {
    it.effect(`takes nothing from a status query: ${moment}`, () =>
      Effect.gen(function*() {
        const { layer, logged } = keep()
        const { told, tracer } = tracerDyingAt(moment)
        const acme = yield* Acme.make(play(reset, gone).client, { backoff: { initial: 0 } })
        const { status } = yield* acme.status({ paymentId: Acme.paymentId }).pipe(Effect.withTracer(tracer), Effect.provide(layer))
        assert.deepStrictEqual([status, logged], ["gone", ["The tracer of a cancel died"]])
        assert.include(told, moment)
      }))
  }
  it.live("takes nothing from many cancels, and is logged once for each of them", () =>
    Effect.gen(function*() {
      const { layer, logged } = keep()
      const acme = yield* Acme.make(play(gone).client)
      const results = yield* CancelMany.cancelMany(
        ({ paymentId }: { readonly provider: "Acme"; readonly paymentId: string; readonly idempotencyKey: string }) => acme.cancel({ paymentId })
      )(Stream.make(...["1", "2"].map((idempotencyKey) => ({ provider: "Acme", paymentId: Acme.paymentId, idempotencyKey }) as const))).pipe(
        Stream.runCollect,
        Effect.withTracer(tracerDyingAt(() => true).tracer),
        Effect.provide(layer)
      )
      assert.deepStrictEqual(Array.from(results, ({ result }) => Either.merge(result)._tag), ["Cancelled", "Cancelled"])
      assert.deepStrictEqual(logged, ["The tracer of a cancel died", "The tracer of a cancel died"])
    }))
})

describe("a cancel that is cut short is told, with its payment, its key and its history", () => {
  /** What the log says of it where nobody else does. */
  const isTold = (logged: ReadonlyArray<unknown>, told: object) => {
    assert.deepInclude(logged.find((entry) => typeof entry === "object"), {
      _tag: "Interrupted", paymentId: Acme.paymentId, idempotencyKey: "key-1", outcome: "Unknown", ...told
    })
  }
  /** Interrupts a cancel whose request is on its way. */
  const interrupted = (layer: Layer.Layer<never>, tracer = tracerDyingAt(() => false).tracer) =>
    Effect.gen(function*() {
      const sent = yield* Deferred.make<void>()
      const acme = yield* Acme.make(play(() => Effect.zipRight(Deferred.succeed(sent, undefined), Effect.never)).client)
      const fiber = yield* Effect.fork(acme.cancel(request).pipe(Effect.provide(layer), Effect.withTracer(tracer)))
      yield* Deferred.await(sent)
      yield* Fiber.interrupt(fiber)
    })
  it.live("by a handler that dies", () =>
    Effect.gen(function*() {
      const { layer, logged } = keep()
      yield* interrupted(Layer.merge(layer, CancelEvent.layer((event) => event._tag === "Interrupted" ? Effect.die("no journal") : Effect.void)))
      assert.include(logged, "The handler of an event died")
      isTold(logged, { cause: "Interruption", inFlight: "Cancel" })
    }))
  it.live("by the log, which tells no span of it", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const { told, tracer } = tracerDyingAt((what) => what.includes("cut short"))
      // It would be told before the log, and die of it.
      const last = Logger.make<unknown, void>(({ context, message }) => {
        const span = Context.getOption(FiberRefs.getOrDefault(context, FiberRef.currentContext), Tracer.ParentSpan)
        logged.push(...Array.isArray(message) ? message : [message], Option.getOrUndefined(span)?.traceId)
      })
      yield* interrupted(Logger.replace(Logger.defaultLogger, Logger.zip(Logger.tracerLogger, last)), tracer)
      isTold(logged, { cause: "Interruption", inFlight: "Cancel" })
      // The trace can be found all the same.
      assert.include(logged, "trace")
      assert.notMatch(told.join(), /cut short|p-1|key-1/)
    }))
  it.live("by the log, where no handler can be started", () =>
    Effect.gen(function*() {
      const { events, layer, logged } = keep()
      let started = 0
      // That of the first event is, and the request is sent.
      class Dying extends Supervisor.AbstractSupervisor<void> {
        override readonly value = Effect.void
        override onStart() {
          if (++started > 2) throw new Error("no supervisor")
        }
      }
      const acme = yield* Acme.make(play(() => Effect.die("bug")).client)
      const exit = yield* acme.cancel(request).pipe(Effect.supervised(new Dying()), Effect.provide(layer), Effect.exit)
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(events.map(({ _tag }) => _tag), ["ExchangeStarted"])
      isTold(logged, { cause: "Defect" })
    }))
})

describe("a problem of a webhook", () => {
  it.effect("is logged, and no span is told the payment that it is about", () =>
    Effect.gen(function*() {
      const { layer, logged } = keep()
      const { told, tracer } = tracerDyingAt(() => false)
      const cause = new CancelError.StatusUnavailable({
        provider: "Acme", paymentId: Acme.paymentId, attempts: 1, code: null, category: "Network", message: "no answer",
        httpStatus: Option.none(), requestId: Option.none(), details: Option.none(), retryAfter: Option.none()
      })
      const message = `whether ${Acme.paymentId} is cancelled could not be asked`
      yield* Webhook.log({ _tag: "Webhook.StatusUnread", answer: "Refuse", message, cause }).pipe(
        Effect.withSpan("route", { captureStackTrace: false }),
        Effect.withTracer(tracer),
        Effect.provide(layer)
      )
      assert.deepStrictEqual([logged, told], [[message], ["span route", "end route"]])
    }))
})

describe("a tracer that lives", () => {
  it.effect("is not said to have died", () =>
    Effect.gen(function*() {
      const { layer, logged } = keep()
      const { told, tracer } = tracerDyingAt(() => false)
      const acme = yield* Acme.make(play(gone).client)
      yield* acme.cancel(request).pipe(Effect.withTracer(tracer), Effect.provide(layer))
      assert.include(told, "end Acme.cancel")
      assert.deepStrictEqual(logged, [])
    }))
})

describe("a logger that dies", () => {
  for (const level of [LogLevel.Info, LogLevel.Debug]) {
    it.effect(`takes nothing from a cancel, and no time: at level ${level.label}`, () =>
      Effect.gen(function*() {
        const acme = yield* Acme.make(play(gone).client)
        const cancelled = yield* acme.cancel(request).pipe(Logger.withMinimumLogLevel(level), Effect.provide(noLogger))
        assert.strictEqual(cancelled._tag, "Cancelled")
      }))
  }
  it.live("takes nothing from many cancels of which one dies", () =>
    Effect.gen(function*() {
      const results = yield* CancelMany.cancelMany(
        ({ idempotencyKey }: { readonly provider: "Acme"; readonly paymentId: string; readonly idempotencyKey: string }) =>
          idempotencyKey === "1" ? Effect.die("bug") : Effect.succeed("cancelled" as const)
      )(Stream.make(...["1", "2"].map((idempotencyKey) => ({ provider: "Acme", paymentId: Acme.paymentId, idempotencyKey }) as const))).pipe(
        Stream.runCollect,
        Effect.provide(noLogger)
      )
      assert.lengthOf(Array.from(results), 2)
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
        successes: {
          ...operation.successes,
          acknowledged: () => {
            throw new Error("no success")
          }
        }
      })
      const exit = yield* Effect.exit(Effect.provide(cancel(request), layer))
      assert.isTrue(Exit.isFailure(exit))
      const last = events.at(-1)
      assert.deepInclude(last, { _tag: "Interrupted", cause: "Defect", outcome: "Unknown", attempts: 1, settled: null, inFlight: null })
    }))
})

describe("a provider whose code dies of an answer", () => {
  /** It knows nothing of a maintenance, and may send again after no answer only. */
  const connect = (...steps: readonly [Step, ...ReadonlyArray<Step>]) => {
    const { client, received } = play(...steps)
    const licence: ResendLicence = { ...Acme.licensed, after: ["NoAnswer"] }
    const unprepared = { ...Acme.operation("PaymentId", true), read: (answer: Answer.Answer, paymentId: string) => {
      if (answer.status !== 200) throw new Error("a body that I had not thought of")
      return Acme.read(answer, paymentId)
    } }
    return Effect.map(Acme.connect(client, { attempts: 2, backoff: { initial: 0 } }, { licence }), (acme) => ({
      cancel: acme.cancel(unprepared),
      sent: () => received.map(({ method }) => method).join(" ")
    }))
  }

  for (const status of [201, 302, 422, 503]) {
    it.effect(`keeps that it came, so that nothing is sent again without a licence: ${status}`, () =>
      Effect.gen(function*() {
        const { events, layer } = keep()
        const { cancel, sent } = yield* connect(json(status, {}), gone)
        assert.isTrue(Exit.isFailure(yield* Effect.exit(Effect.provide(cancel(request), layer))))
        const last = events.at(-1)
        if (last?._tag !== "Interrupted") return assert.fail("nothing was told of it")
        assert.deepInclude(last, { cause: "Defect", outcome: "Unknown", attempts: 1, settled: null, inFlight: null })
        assert.deepStrictEqual(
          last.history.map(({ evidence, explanation, httpStatus, operation }) => [operation, evidence, Option.getOrNull(httpStatus), explanation]),
          [["Cancel", "MaybeApplied", status, "the answer could not be judged"]]
        )
        const continued = yield* cancel(request).pipe(Cancel.continueAfter(last))
        assert.strictEqual(continued._tag, "Cancelled")
        assert.strictEqual(sent(), "POST GET")
      }))
  }

  it.effect("is told of where the answer's own headers are not what they should be", () =>
    Effect.gen(function*() {
      const { events, layer } = keep()
      const { client } = play((sent) => {
        const answer = respond(sent, json(503, {}))
        return Effect.succeed(Object.create(answer, { headers: { value: { ...answer.headers, "retry-after": 5 } } }))
      })
      const { cancel } = yield* Effect.map(Acme.connect(client), (acme) => ({ cancel: acme.cancel(Acme.operation("PaymentId", true)) }))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Effect.provide(cancel(request), layer))))
      assert.deepInclude(events.at(-1), { _tag: "Interrupted", cause: "Defect", outcome: "Unknown", attempts: 1, inFlight: "Cancel" })
    }))

  it.live("is one of many, of which is known what came", () =>
    Effect.gen(function*() {
      const { cancel, sent } = yield* connect(json(503, {}), gone)
      const results = yield* CancelMany.cancelMany(cancel)(Stream.make({ ...request, provider: "Acme" })).pipe(Stream.runCollect, Effect.provide(noLogger))
      const [{ result }] = Array.from(results) as [CancelMany.Ended<typeof request, Acme.Success, Acme.AcmeError | CancelMany.NotBegun | CancelMany.Died>]
      if (Either.isRight(result) || result.left._tag !== "CancelMany.Died") return assert.fail("it must have died")
      assert.deepStrictEqual(result.left.history.map(({ httpStatus }) => Option.getOrNull(httpStatus)), [503])
      yield* cancel(request).pipe(Cancel.continueAfter(result.left))
      assert.strictEqual(sent(), "POST GET")
    }))
})

describe("a clock whose timers die", () => {
  it.live("leaves no request behind", () =>
    Effect.gen(function*() {
      const real = Clock.make()
      let calledOff = 0
      const client = play(() => Effect.onInterrupt(Effect.never, () => Effect.sync(() => calledOff++))).client
      const acme = yield* Acme.make(client)
      const { events, layer } = keep()
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
        Effect.provide(layer),
        Effect.exit
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.deepInclude(events.at(-1), { _tag: "Interrupted", cause: "Defect", inFlight: "Cancel", outcome: "Unknown", attempts: 1 })
      yield* Effect.sleep(20)
      assert.strictEqual(calledOff, 1)
    }))
})
