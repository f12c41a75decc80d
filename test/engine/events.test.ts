/**
 * What is reported while a cancel runs, and that no sink decides anything about it.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as CancelEvent from "../../src/CancelEvent.js"
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import * as Acme from "./Acme.js"
import { json, play, reset, stall, type Step } from "./HttpDouble.js"
import { deepStrictEqual } from "./partly.js"

type Script = readonly [Step, ...ReadonlyArray<Step>]

const request: Acme.Request = { paymentId: Acme.paymentId, idempotencyKey: "key-1" }

const gone = json(200, Acme.payment("gone"))

const recording = () => {
  const events: Array<CancelEvent.CancelEvent> = []
  return { events, layer: CancelEvent.layer((event) => Effect.sync(() => void events.push(event))) }
}

/** Plays a cancel with a sink, while the clock goes on. */
const played = (
  steps: Script,
  sink: (event: CancelEvent.CancelEvent) => Effect.Effect<void>,
  options: CancelPolicy.Options = {},
  given: Parameters<typeof Acme.make>[2] = {}
) =>
  Effect.gen(function*() {
    const { client, received } = play(...steps)
    const acme = yield* Acme.make(client, options, given)
    const start = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(
      Effect.zip(Effect.either(Effect.provide(acme.cancel(request), CancelEvent.layer(sink))), Clock.currentTimeMillis)
    )
    yield* TestClock.adjust("10 minutes")
    const [result, end] = yield* Fiber.join(fiber)
    return { result: Either.merge(result)._tag, took: end - start, methods: received.map((_) => _.method).join(" ") }
  })

describe("the events of a cancel", () => {
  it.effect("tell every step, in order", () =>
    Effect.gen(function*() {
      const { events, layer } = recording()
      const acme = yield* Acme.make(play(reset, json(400, { code: "not_possible" }), json(200, Acme.payment("gone"))).client)
      const fiber = yield* Effect.fork(Effect.provide(acme.cancel(request), layer))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      const about = { provider: "Acme", paymentId: "p-1", identifiedBy: "PaymentId", idempotencyKey: "key-1" }
      const at = (millis: number) => DateTime.unsafeMake(millis)
      const lost = {
        operation: "Cancel" as const,
        evidence: "MaybeApplied" as const,
        explanation: "the connection failed (ECONNRESET)",
        httpStatus: Option.none(),
        code: Option.none(),
        paymentStatus: Option.none(),
        at: at(0)
      }
      const refused = {
        operation: "Cancel" as const,
        evidence: "Refused" as const,
        explanation: "HTTP 400 with code not_possible",
        httpStatus: Option.some(400),
        code: Option.some("not_possible"),
        paymentStatus: Option.none(),
        at: at(100)
      }
      const read = {
        operation: "Status" as const,
        evidence: "StatusRead" as const,
        explanation: "HTTP 200, which says that the payment is gone",
        httpStatus: Option.some(200),
        code: Option.none(),
        paymentStatus: Option.some("gone"),
        at: at(100)
      }
      deepStrictEqual<ReadonlyArray<unknown>>(events, [
        { _tag: "ExchangeStarted", ...about, operation: "Cancel", attempt: 1, at: at(0) },
        { _tag: "ExchangeEnded", ...about, attempt: 1, exchange: lost, at: at(0) },
        { _tag: "Waiting", ...about, before: "Cancel", delay: Duration.millis(100), at: at(0) },
        { _tag: "ExchangeStarted", ...about, operation: "Cancel", attempt: 2, at: at(100) },
        { _tag: "ExchangeEnded", ...about, attempt: 2, exchange: refused, at: at(100) },
        { _tag: "ExchangeStarted", ...about, operation: "Status", attempt: 2, at: at(100) },
        { _tag: "ExchangeEnded", ...about, attempt: 2, exchange: read, at: at(100) },
        { _tag: "Settled", ...about, result: "Cancelled", outcome: null, attempts: 2, history: [lost, refused, read], at: at(100) }
      ])
    }))
  it.effect("take no part in when a proof was in hand", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(gone).client)
      const slow = CancelEvent.layer((event) => event._tag === "ExchangeEnded" ? Effect.sleep(400) : Effect.void)
      const fiber = yield* Effect.fork(Effect.provide(acme.cancel(request), slow))
      yield* TestClock.adjust("1 minute")
      deepStrictEqual((yield* Fiber.join(fiber)).observedAt, DateTime.unsafeMake(0))
    }))
  it.effect("tell what was settled: the error's tag and outcome", () =>
    Effect.gen(function*() {
      const settled = (steps: Script, given: Parameters<typeof Acme.make>[2] = {}) =>
        Effect.gen(function*() {
          const { events, layer } = recording()
          const acme = yield* Acme.make(play(...steps).client, { attempts: 1 }, given)
          yield* Effect.exit(Effect.provide(acme.cancel(request), layer))
          return events.flatMap((event) => event._tag === "Settled" ? [[event.result, event.outcome, event.attempts]] : [])
        })
      deepStrictEqual(yield* settled([json(400, { code: "bad_request" })]), [["Acme.BadRequest", "NotCancelled", 1]])
      deepStrictEqual(yield* settled([reset], { canReadStatus: false }), [["CancelError.NoResponse", "Unknown", 1]])
      deepStrictEqual(yield* settled([json(202, { receipt: "r" })], { canReadStatus: false }), [["CancellationAccepted", null, 1]])
    }))
  it.effect("survive JSON", () =>
    Effect.gen(function*() {
      const { events, layer } = recording()
      const acme = yield* Acme.make(play(json(429, { code: "busy" }, { "retry-after": "2" }), json(200, {}), gone).client)
      const fiber = yield* Effect.fork(Effect.provide(acme.cancel(request), layer))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.isAbove(events.length, 5)
      for (const event of events) {
        const encoded = yield* Schema.encode(CancelEvent.CancelEvent)(event)
        const decoded = yield* Schema.decodeUnknown(CancelEvent.CancelEvent)(JSON.parse(JSON.stringify(encoded)))
        deepStrictEqual(yield* Schema.encode(CancelEvent.CancelEvent)(decoded), encoded)
        assert.strictEqual(decoded._tag, event._tag)
      }
    }))
  it.effect("none comes of a request that is not acceptable", () =>
    Effect.gen(function*() {
      const { events, layer } = recording()
      const acme = yield* Acme.make(play(gone).client)
      yield* Effect.flip(Effect.provide(acme.cancel({ paymentId: "" }), layer))
      deepStrictEqual(events, [])
    }))
})

describe("a sink", () => {
  it.effect("is awaited, but not longer than a second for each event", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* played([gone], () => Effect.sleep("300 millis")), { result: "Cancelled", took: 900 })
      assert.deepInclude(yield* played([gone], () => Effect.never), { result: "Cancelled", took: 3_000 })
    }))
  it.effect("that is slow goes on in the background", () =>
    Effect.gen(function*() {
      const done: Array<string> = []
      const { took } = yield* played([gone], (event) =>
        Effect.delay(Effect.sync(() => void done.push(event._tag)), "1 minute"))
      assert.strictEqual(took, 3_000)
      deepStrictEqual(done, ["ExchangeStarted", "ExchangeEnded", "Settled"])
    }))
  it.effect("that dies, throws or interrupts itself decides nothing", () =>
    Effect.gen(function*() {
      const sinks: ReadonlyArray<(event: CancelEvent.CancelEvent) => Effect.Effect<void>> = [
        () => Effect.die("bug"),
        () => {
          throw new Error("bug")
        },
        () => Effect.interrupt,
        () => Effect.fail("typed as never") as never
      ]
      for (const sink of sinks) {
        assert.deepInclude(yield* played([reset, gone], sink, { backoff: { initial: 0 } }), {
          result: "Cancelled",
          methods: "POST POST"
        })
      }
    }))
  it.effect("that dies is logged", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const logger = Logger.replace(Logger.defaultLogger, Logger.make(({ logLevel, message }) => void logged.push([logLevel.label, message])))
      yield* Effect.provide(played([gone], () => Effect.die("bug")), logger)
      assert.lengthOf(logged, 3)
      assert.include(JSON.stringify(logged[0]), "The handler of an event died")
      assert.include(JSON.stringify(logged[0]), "WARN")
    }))
  it.effect("that hangs takes nothing from the last status query, and does not lengthen the deadline", () =>
    Effect.gen(function*() {
      const { methods, result, took } = yield* played([stall, json(200, Acme.payment("gone"))], () => Effect.never, {
        deadline: "4 seconds",
        statusTimeout: "1 second"
      }, { licence: Acme.unlicensed })
      assert.strictEqual(methods, "POST GET")
      assert.strictEqual(result, "Cancelled")
      // Besides the deadline, each event may take the least patience there is.
      assert.isAtMost(took, 4_000 + 5 * 100)
    }))
  it.effect("that hangs holds an exchange up, and the deadline is still kept", () =>
    Effect.gen(function*() {
      const { took } = yield* played([stall], () => Effect.never, { deadline: "2 seconds", attempts: 1, statusReads: 1 }, { canReadStatus: false })
      assert.isAtMost(took, 2_000 + 3 * 100)
    }))
  it.effect("that is slow while the cancel waits takes its time from that wait", () =>
    Effect.gen(function*() {
      const slow = (event: CancelEvent.CancelEvent) => event._tag === "Waiting" ? Effect.sleep("60 millis") : Effect.void
      assert.deepInclude(yield* played([reset, gone], slow), { result: "Cancelled", took: 100 })
    }))
  it.effect("that takes all the time that is left keeps the next request from being sent", () =>
    Effect.gen(function*() {
      /** A first request is lost at once; the handler of one event of the second takes its time. */
      const held = (initial: number, holds: CancelEvent.CancelEvent["_tag"], millis: number) =>
        Effect.gen(function*() {
          const told: Array<string> = []
          const sink = (event: CancelEvent.CancelEvent) => {
            told.push(event._tag)
            return event._tag === holds && told.length > 2 ? Effect.sleep(Duration.millis(millis)) : Effect.void
          }
          const options = { deadline: "1 second", backoff: { initial, jitter: 0 } } as const
          const { methods, result } = yield* played([reset, gone], sink, options, { canReadStatus: false })
          return [result, methods, ...told.slice(2)]
        })
      // Neither a moment after the deadline, nor at it.
      deepStrictEqual(yield* held(900, "Waiting", 999), ["Cancelled", "POST POST", "Waiting", "ExchangeStarted", "ExchangeEnded", "Settled"])
      deepStrictEqual(yield* held(900, "Waiting", 1_000), ["CancelError.NoResponse", "POST", "Waiting", "Settled"])
      deepStrictEqual(yield* held(950, "ExchangeStarted", 49), ["Cancelled", "POST POST", "Waiting", "ExchangeStarted", "ExchangeEnded", "Settled"])
      deepStrictEqual(yield* held(950, "ExchangeStarted", 50), ["CancelError.NoResponse", "POST", "Waiting", "ExchangeStarted", "Settled"])
    }))
  it.effect("is the one that the caller provides, and else the one of the layer", () =>
    Effect.gen(function*() {
      const inner = recording()
      const outer = recording()
      const acme = yield* Effect.provide(Acme.make(play(gone).client), outer.layer)
      yield* acme.cancel(request)
      assert.lengthOf(outer.events, 3)
      yield* Effect.provide(acme.cancel(request), inner.layer)
      assert.lengthOf(inner.events, 3)
      assert.lengthOf(outer.events, 3)
    }))
})

describe("the default sink", () => {
  const logs = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.gen(function*() {
      const logged: Array<{ readonly level: string; readonly message: ReadonlyArray<unknown> }> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ logLevel, message }) =>
          void logged.push({ level: logLevel.label, message: message as ReadonlyArray<unknown> })
        )
      )
      yield* Effect.provide(effect, logger)
      return logged
    })
  it.effect("warns of what is unknown after an interruption, and names the payment and the key", () =>
    Effect.gen(function*() {
      const logged = yield* logs(Effect.gen(function*() {
        const sent = yield* Deferred.make<void>()
        const acme = yield* Acme.make(play(() => Effect.zipRight(Deferred.succeed(sent, undefined), Effect.never)).client)
        const fiber = yield* Effect.fork(acme.cancel(request))
        yield* Deferred.await(sent)
        yield* Fiber.interrupt(fiber)
      }))
      assert.lengthOf(logged, 1)
      assert.strictEqual(logged[0]!.level, "WARN")
      assert.strictEqual(logged[0]!.message[0], "A payment cancel was cut short: whether the payment is cancelled is unknown")
      assert.deepInclude(logged[0]!.message[1] as object, {
        _tag: "Interrupted",
        paymentId: "p-1",
        idempotencyKey: "key-1",
        outcome: "Unknown",
        inFlight: "Cancel"
      })
    }))
  it.effect("says when nothing is unknown", () =>
    Effect.gen(function*() {
      const logged = yield* logs(Effect.gen(function*() {
        const sent = yield* Deferred.make<void>()
        const acme = yield* Acme.make(
          play(json(400, { code: "not_possible" }), () => Effect.zipRight(Deferred.succeed(sent, undefined), Effect.never)).client
        )
        const fiber = yield* Effect.fork(acme.cancel(request))
        yield* Deferred.await(sent)
        yield* Fiber.interrupt(fiber)
      }))
      assert.strictEqual(
        logged[0]!.message[0],
        "A payment cancel was cut short: no request of it has cancelled the payment"
      )
    }))
  const results: ReadonlyArray<readonly [Step, settled: string, words: string]> = [
    [gone, "Cancelled", "its result, Cancelled, did not reach its caller"],
    [json(400, { code: "bad_request" }), "Acme.BadRequest", "no request of it has cancelled the payment"],
    [json(500, {}), "CancelError.UnexpectedResponse", "whether the payment is cancelled is unknown"]
  ]
  for (const [step, settled, words] of results) {
    it.live(`warns of a result that lost a race while it was told: ${settled}`, () =>
      Effect.gen(function*() {
        const logged = yield* logs(Effect.gen(function*() {
          const standard = yield* CancelEvent.CancelEvents
          const acme = yield* Acme.make(play(step).client, {}, { licence: Acme.unlicensed, canReadStatus: false })
          const slow = CancelEvent.layer((event) =>
            Effect.zipRight(event._tag === "Settled" ? Effect.sleep("60 millis") : Effect.void, standard(event)))
          const first = yield* Effect.race(
            Effect.provide(Effect.either(acme.cancel(request)), slow),
            Effect.as(Effect.sleep("20 millis"), "somebody else")
          )
          assert.strictEqual(first, "somebody else")
        }))
        deepStrictEqual(logged.map(({ level, message }) => [level, message[0]]), [["WARN", `A payment cancel was cut short: ${words}`]])
        assert.deepInclude(logged[0]?.message[1] as object, { _tag: "Interrupted", inFlight: null, settled, idempotencyKey: "key-1" })
      }))
    it.live(`is silent about a result that won the race: ${settled}`, () =>
      Effect.gen(function*() {
        deepStrictEqual(yield* logs(Effect.gen(function*() {
          const acme = yield* Acme.make(play(step).client, {}, { licence: Acme.unlicensed, canReadStatus: false })
          const first = yield* Effect.race(Effect.either(acme.cancel(request)), Effect.as(Effect.sleep("2 seconds"), null))
          assert.isNotNull(first)
        })), [])
      }))
  }
  it.effect("is silent about everything else, unless debugging", () =>
    Effect.gen(function*() {
      const cancel = Effect.flatMap(Acme.make(play(gone).client), (acme) => acme.cancel(request))
      deepStrictEqual(yield* logs(cancel), [])
      const debugged = yield* logs(Logger.withMinimumLogLevel(cancel, { _tag: "Debug", label: "DEBUG", ordinal: 10000, syslog: 7 } as never))
      deepStrictEqual(debugged.map(({ level, message }) => [level, message[0]]), [
        ["DEBUG", "ExchangeStarted"],
        ["DEBUG", "ExchangeEnded"],
        ["DEBUG", "Settled"]
      ])
    }))
})
