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
import * as CancelEvent from "../../src/CancelEvent.js"
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import * as Acme from "./Acme.js"
import { json, play, respond, stall } from "./HttpDouble.js"

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
})
