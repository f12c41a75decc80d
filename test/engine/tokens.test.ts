/**
 * The request for a token, as a part of the operation that needs it: in its time, and with room of its own.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { HttpClient as Client } from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Admission from "../../src/Admission.js"
import * as Authorization from "../../src/authoring/Authorization.js"
import * as Provider from "../../src/authoring/Provider.js"
import * as Telemetry from "../../src/Telemetry.js"
import * as CancelEvent from "../../src/CancelEvent.js"
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import { valuesWith } from "../support/metrics.js"
import { record } from "../support/Spans.js"
import * as Acme from "./Acme.js"
import { json, play, reset, respond, stall } from "./HttpDouble.js"

const gone = json(200, Acme.payment("gone"))

/** The made-up provider, whose requests need a token. */
const make = (client: HttpClient.HttpClient, options: CancelPolicy.Options = {}) =>
  Effect.map(
    Provider.make({
      ...Acme.declaration,
      authorization: () =>
        Authorization.token({
          request: HttpClientRequest.post("https://acme.test/token"),
          read: ({ body }) => Option.map(body, () => ({ value: "tok", expiresIn: Option.none() })),
          refusal: () => Option.none()
        })
    }, { licence: Acme.licensed, secret: "acme-secret" }, options).pipe(Effect.provideService(Client, client)),
    (provider): { readonly [operation in "cancel" | "status"]: Effect.Effect<unknown, unknown> } => ({
      cancel: provider.cancel(Acme.operation("PaymentId", false))({ paymentId: Acme.paymentId, idempotencyKey: "key-1" }),
      status: provider.status(Acme.statusQuery)({ paymentId: Acme.paymentId })
    })
  )

/** How many milliseconds an operation takes, whatever it comes to. */
const took = <A, E>(operation: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const began = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(Effect.zipRight(Effect.exit(operation), Effect.map(Clock.currentTimeMillis, (now) => now - began)))
    yield* TestClock.adjust("5 minutes")
    return yield* Fiber.join(fiber)
  })

/** Where each request waits so long for room, and what is told of it. */
const room = (wait: (operation: Admission.Request["operation"]) => Duration.DurationInput) => {
  const told: Array<string> = []
  const service: Admission.Service = {
    admit: ({ operation }) => Effect.delay(Effect.sync(() => told.push(`admitted ${operation}`) > 0), wait(operation)),
    ended: ({ evidence, operation }) => Effect.sync(() => void told.push(`ended ${operation}: ${evidence}`))
  }
  return { told, within: Effect.provideService(Admission.Admission, service) }
}

describe("a token that is not issued in time", () => {
  const bounds = { deadline: 10_000, attemptTimeout: 10_000, statusTimeout: 10_000, attempts: 1, statusReads: 1 }
  for (const operation of ["cancel", "status"] as const) {
    it.effect(`keeps no ${operation} longer than its deadline, though it waits for room first`, () =>
      Effect.gen(function*() {
        const acme = yield* make(play(stall).client, bounds)
        const { within } = room((_) => _ === "Authorization" ? "9 seconds" : 0)
        assert.strictEqual(yield* took(within(acme[operation])), 10_000)
      }))
  }
  it.effect("keeps no cancel longer than its deadline, though a handler takes its time first", () =>
    Effect.gen(function*() {
      const acme = yield* make(play(stall).client, bounds)
      const slow = CancelEvent.layer((event) =>
        event._tag === "ExchangeStarted" && event.operation === "Authorization" ? Effect.sleep("1 second") : Effect.void
      )
      assert.strictEqual(yield* took(Effect.provide(acme.cancel, slow)), 10_000)
    }))
  for (const operation of ["cancel", "status"] as const) {
    it.effect(`is not asked for where a ${operation} finds no room`, () =>
      Effect.gen(function*() {
        const { client, received } = play(json(200, {}), gone)
        const acme = yield* make(client, bounds)
        const { told, within } = room(() => Duration.infinity)
        assert.strictEqual(yield* took(within(acme[operation])), 10_000)
        assert.deepStrictEqual([received.length, told], [0, []])
      }))
  }
})

it.effect("a token that two wait for comes late for the one that has less time, and not for the other", () =>
  Effect.gen(function*() {
    const { client } = play((request) => Effect.delay(Effect.succeed(respond(request, json(200, {}))), "2 seconds"), gone)
    const acme = yield* make(client, { deadline: 10_000, attemptTimeout: 10_000, attempts: 1 })
    const { within } = room((_) => _ === "Authorization" ? "9 seconds" : 0)
    const first = yield* Effect.fork(Effect.flip(within(acme.cancel)))
    yield* TestClock.adjust("9500 millis")
    const second = yield* Effect.fork(acme.cancel)
    yield* TestClock.adjust("5 minutes")
    assert.propertyVal(yield* Fiber.join(first), "_tag", "CancelError.NotSent")
    assert.propertyVal(yield* Fiber.join(second), "_tag", "Cancelled")
  }))

describe("what asked for room", () => {
  for (const [operation, exchange, evidence] of [["cancel", "Cancel", "Acknowledged"], ["status", "Status", "StatusRead"]] as const) {
    it.effect(`is told of all that it let through for a ${operation}`, () =>
      Effect.gen(function*() {
        const acme = yield* make(play(json(200, {}), gone).client)
        const { told, within } = room(() => 0)
        yield* took(within(acme[operation]))
        const ofToken = ["admitted Authorization", "ended Authorization: Authorized"]
        const ofExchange = [`admitted ${exchange}`, `ended ${exchange}: ${evidence}`]
        // A cancel asks for its own room first, and sends nothing before it has it.
        assert.deepStrictEqual(told, operation === "cancel" ? [`admitted ${exchange}`, ...ofToken, ofExchange[1]] : [...ofToken, ...ofExchange])
      }))
  }
  it.effect("can ask how far a cancel has come: what is under way has waited for as long as it was asked to", () =>
    Effect.gen(function*() {
      let soFar: () => Admission.SoFar = () => assert.fail("nothing has begun")
      const service: Admission.Service = {
        begins: (each) => {
          soFar = each
        },
        admit: () => Effect.succeed(true),
        ended: () => Effect.void
      }
      const shown = () => {
        const { history, idempotencyKey, inFlight, retryAfter } = soFar()
        return [idempotencyKey, history.map(({ evidence }) => evidence).join(" "), inFlight, Option.getOrNull(Option.map(retryAfter, Duration.toMillis))]
      }
      const { cancel } = yield* Acme.make(play(json(429, { code: "busy" }, { "retry-after": "7" }), stall).client)
      const fiber = yield* Effect.fork(
        Effect.provideService(cancel({ paymentId: Acme.paymentId, idempotencyKey: "key-1" }), Admission.Admission, service)
      )
      yield* TestClock.adjust("6 seconds")
      assert.deepStrictEqual(shown(), ["key-1", "Refused", null, 7_000])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(shown(), ["key-1", "Refused", "Cancel", null])
      yield* Fiber.interrupt(fiber)
    }))
  it.effect("is asked for no resend where a cancel is sent again with another token, but where its answer is lost", () =>
    Effect.gen(function*() {
      const resends: Admission.Service = {
        admit: ({ attempt, operation, repeats }) => Effect.sync(() => asked.push(`${operation} ${attempt} ${repeats}`) > 0),
        ended: () => Effect.void
      }
      const asked: Array<string> = []
      const acme = yield* make(play(json(200, {}), gone, json(401, {}), json(200, {}), reset, gone).client)
      yield* took(acme.cancel)
      yield* took(Effect.provideService(acme.cancel, Admission.Admission, resends))
      assert.deepStrictEqual(asked, ["Cancel 1 false", "Cancel 2 false", "Authorization 2 false", "Cancel 3 true"])
    }))
  it.effect("is not asked once more for a status query that it has refused", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const sparing: Admission.Service = {
        admit: ({ operation, repeats }) =>
          Effect.sync(() => {
            asked.push(operation)
            return operation === "Cancel" || !repeats
          }),
        ended: () => Effect.void
      }
      const { client, received } = play(reset, json(500, {}), gone)
      const { cancel } = yield* Acme.make(client, { attempts: 1, statusReads: 3 })
      const fiber = yield* Effect.fork(Effect.flip(Effect.provideService(cancel({ paymentId: Acme.paymentId }), Admission.Admission, sparing)))
      yield* TestClock.adjust("5 minutes")
      const error = yield* Fiber.join(fiber)
      assert.deepInclude(error, { _tag: "CancelError.NoResponse", outcome: "Unknown" })
      assert.deepStrictEqual(asked, ["Cancel", "Status", "Status"])
      assert.lengthOf(received, 2)
    }))
  it.effect("and has no room for the request for a token: nothing is sent, and it is tried again", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const full: Admission.Service = {
        admit: ({ operation }) => Effect.suspend(() => {
          asked.push(operation)
          return operation === "Authorization" ? Effect.never : Effect.succeed(true)
        }),
        ended: () => Effect.void
      }
      const { client, received } = play(gone)
      const acme = yield* make(client, { attempts: 2, attemptTimeout: 5_000, deadline: 60_000 })
      const fiber = yield* Effect.fork(Effect.flip(Effect.provideService(acme.cancel, Admission.Admission, full)))
      yield* TestClock.adjust("5 minutes")
      const error = yield* Fiber.join(fiber)
      assert.propertyVal(error, "_tag", "CancelError.NotSent")
      assert.include(String(error), "there was no room for the request for a token within 5000 ms")
      assert.deepStrictEqual(asked, ["Cancel", "Authorization", "Cancel", "Authorization"])
      assert.lengthOf(received, 0)
    }))
})

describe("a status query that never left", () => {
  const down = json(500, {})
  const signed = (sign: "token" | "signature", client: HttpClient.HttpClient) =>
    Effect.map(
      Provider.make({
        ...Acme.declaration,
        authorization: () =>
          sign === "signature"
            ? Authorization.signature(() => Effect.fail("no key"))
            : Authorization.token({
              request: HttpClientRequest.post("https://acme.test/token"),
              read: ({ body }) => Option.map(body, () => ({ value: "tok", expiresIn: Option.some(Duration.zero) })),
              refusal: () => Option.none()
            })
      }, { licence: Acme.unlicensed, secret: "acme-secret" }).pipe(Effect.provideService(Client, client)),
      (provider) => ({
        cancel: provider.cancel(Acme.operation("PaymentId", true))({ paymentId: Acme.paymentId, idempotencyKey: "key-1" }),
        status: (paymentId: string) => provider.status(Acme.statusQuery)({ paymentId })
      })
    )
  let trials = 0
  /** What an operation fails with, what its span says of how many status queries there were, and how many were counted. */
  const counted = <A, E>(operation: Effect.Effect<A, E>) =>
    Effect.gen(function*() {
      const trial = `never left ${++trials}`
      const recorder = record()
      const fiber = yield* Effect.fork(Effect.flip(operation).pipe(Effect.withTracer(recorder.tracer), Effect.tagMetrics({ trial })))
      yield* TestClock.adjust("5 minutes")
      const metrics = yield* valuesWith({ trial })
      const queries = Object.entries(metrics).filter(([name]) => name.startsWith(Telemetry.MetricName.statusQueries)).map(([, value]) => value)
      return { error: yield* Fiber.join(fiber), queries, spans: recorder.spans() }
    })
  const rows: ReadonlyArray<readonly [name: string, of: "token" | "signature", paymentId: string, within: <A, E>(of: Effect.Effect<A, E>) => Effect.Effect<A, E>]> = [
    ["no room for it", "token", Acme.paymentId, room((_) => _ === "Status" ? Duration.infinity : 0).within],
    ["no token for it", "token", Acme.paymentId, (_) => _],
    ["no signature for it", "signature", Acme.paymentId, (_) => _],
    ["no id that could be asked about", "token", "..", (_) => _]
  ]
  for (const [name, of, paymentId, within] of rows) {
    it.effect(`is not counted as one that was asked: ${name}`, () =>
      Effect.gen(function*() {
        const { client, received } = play(name.includes("room") ? json(200, {}) : down)
        const acme = yield* signed(of, client)
        const { error, queries, spans } = yield* counted(within(acme.status(paymentId)))
        assert.deepStrictEqual(received.filter(({ method }) => method === "GET"), [])
        assert.strictEqual(error.attempts, 0)
        assert.deepStrictEqual(queries, [])
        assert.strictEqual(spans[0]?.attributes[Telemetry.Attribute.attempts], 0)
      }))
  }
  it.effect("is not counted in a cancel either, and the next one repeats nothing", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const admission: Admission.Service = {
        admit: ({ operation, repeats }) => Effect.sync(() => asked.push(`${operation}${repeats ? " again" : ""}`) > 0),
        ended: () => Effect.void
      }
      // A token, a cancel whose answer says nothing, no other token, and then one.
      const { client } = play(json(200, {}), json(200, {}), down, json(200, {}), json(404, {}), json(200, {}), json(404, {}))
      const acme = yield* signed("token", client)
      const { error, queries, spans } = yield* counted(Effect.provideService(acme.cancel, Admission.Admission, admission))
      assert.propertyVal(error, "_tag", "CancelError.UnexpectedResponse")
      assert.deepStrictEqual(queries, [2])
      assert.deepStrictEqual(asked.filter((_) => _.startsWith("Status")), ["Status", "Status", "Status again"])
      assert.propertyVal(spans[0]?.attributes, Telemetry.Attribute.settledByStatusQuery, false)
    }))
})
