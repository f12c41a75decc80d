import { assert, describe, it } from "@effect/vitest"
import { Cancellation, Klarna } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Errors from "../../../src/authoring/Errors.js"

const { password, username } = Sandbox.credentials.Klarna
const options = { username, password: Redacted.make(password), baseUrl: Sandbox.baseUrl("Klarna") }
const live = Layer.provideMerge(Layer.orDie(Klarna.layer(options)), Sandbox.layer)

/** Runs to the end, whatever it waits for on the way. */
const toTheEnd = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(Effect.either(effect))
    yield* TestClock.adjust("1 hour")
    return Either.merge(yield* Fiber.join(fiber))
  })

const create = (options: Sandbox.CreateOptions<"Klarna"> = { status: "PART_CAPTURED" }) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    return { sandbox, paymentId: yield* sandbox.create("Klarna", options) }
  })

const released = (paymentId: string, idempotencyKey?: string) =>
  toTheEnd(Klarna.releaseRemainingAuthorization({ paymentId, idempotencyKey }))

const order = (id: string, status: string, amounts: object) => ({ order_id: id, status, purchase_currency: "EUR", order_amount: 1000, ...amounts })

/** Klarna that answers a release with 204, and every status query with this order. */
const reading = (order: object) =>
  Layer.provide(
    Layer.orDie(Klarna.layer(options)),
    Layer.succeed(HttpClient.HttpClient, HttpClient.make((request) =>
      Effect.succeed(HttpClientResponse.fromWeb(
        request,
        request.method === "GET" ? new Response(JSON.stringify(order)) : new Response(null, { status: 204 })
      ))))
  )

describe("Klarna.releaseRemainingAuthorization", () => {
  it.effect("releases what remains, and says what stays captured", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* create()
      const release = yield* released(paymentId, "release-1")
      assert.deepInclude(release, {
        _tag: "Cancelled",
        provider: "Klarna",
        paymentId,
        evidence: "StatusQuery",
        attempts: 1,
        capturedAmount: Option.some({ amount: 500, currency: Option.some("EUR") })
      })
      assert.isTrue(Cancellation.isPartlyCaptured(release as Klarna.Cancellation))
      const [request] = yield* sandbox.requests
      assert.deepInclude(request, { method: "POST", path: `/ordermanagement/v1/orders/${paymentId}/release-remaining-authorization` })
      assert.strictEqual(request?.headers["klarna-idempotency-key"], "release-1")
      const { standing, status } = yield* Klarna.releaseStatus({ paymentId })
      assert.deepStrictEqual([status, standing], ["PART_CAPTURED", Option.some("Cancelled")])
      // It is no cancel.
      assert.deepStrictEqual((yield* Klarna.status({ paymentId })).standing, Option.some("Closed"))
    }).pipe(Effect.provide(live)))

  it.effect("is Cancelled again by a second one, which Klarna answers like the first", () =>
    Effect.gen(function*() {
      const { paymentId } = yield* create()
      for (const key of ["release-1", "release-2"]) {
        assert.deepInclude(yield* released(paymentId, key), { _tag: "Cancelled", evidence: "StatusQuery" })
      }
    }).pipe(Effect.provide(live)))

  it.effect("has nothing to release of an order without captures, and says so of one that is cancelled", () =>
    Effect.gen(function*() {
      for (
        const [status, tag, paymentStatus] of [
          ["AUTHORIZED", "Klarna.NotAllowed", "AUTHORIZED"],
          ["CAPTURED", "Klarna.NotAllowed", "CAPTURED"],
          ["CLOSED", "Klarna.NotAllowed", "CLOSED"]
        ] as const
      ) {
        const { paymentId } = yield* create({ status })
        assert.deepInclude(yield* released(paymentId), {
          _tag: tag,
          category: "NotCancellable",
          outcome: "NotCancelled",
          paymentStatus: Option.some(paymentStatus)
        })
      }
      const { paymentId } = yield* create({ status: "CANCELLED" })
      assert.strictEqual((yield* released(paymentId))._tag, "AlreadyCancelled")
      assert.strictEqual((yield* released("00000000-0000-4000-8000-00000000dead"))._tag, "Klarna.NoSuchOrder")
    }).pipe(Effect.provide(live)))

  for (
    const [name, fault, sent] of [
      ["a lost answer", Fault.dropAfterApplying, 2],
      ["a lost request", Fault.dropBeforeApplying, 2],
      ["a server error after all", Fault.serverError({ applied: true }), 2]
    ] as const
  ) {
    it.effect(`finds out about ${name}, under one key`, () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* create()
        yield* sandbox.inject(fault, { operation: "Cancel" })
        assert.deepInclude(yield* released(paymentId), { _tag: "Cancelled", attempts: sent })
        const keys = (yield* sandbox.requests).flatMap(({ headers, operation }) => operation === "Cancel" ? [headers["klarna-idempotency-key"]] : [])
        assert.deepStrictEqual([keys.length, new Set(keys).size], [sent, 1])
      }).pipe(Effect.provide(live)))
  }

  it.effect("a 204 alone proves nothing, and no order does whose amounts do not say it", () =>
    Effect.gen(function*() {
      const id = "f3392f8b-6116-4073-ab96-e330819e2c07"
      const told = (status: string, amounts: object) =>
        Effect.map(Effect.provide(released(id), reading(order(id, status, amounts))), ({ _tag }) => _tag)
      assert.strictEqual(yield* told("CAPTURED", { captured_amount: 400, remaining_authorized_amount: 0 }), "Cancelled")
      // Still held; nothing captured; all of it captured; not said.
      assert.strictEqual(yield* told("PART_CAPTURED", { captured_amount: 400, remaining_authorized_amount: 600 }), "Klarna.NotConfirmed")
      assert.strictEqual(yield* told("AUTHORIZED", { captured_amount: 0, remaining_authorized_amount: 0 }), "Klarna.NotConfirmed")
      assert.strictEqual(yield* told("CAPTURED", { captured_amount: 1000, remaining_authorized_amount: 0 }), "CancelError.NoLongerCancellable")
      // What cannot be read may be more.
      for (const amounts of [{ original_order_amount: "1500" }, { order_amount: "1500", original_order_amount: 1000 }]) {
        assert.strictEqual(yield* told("CAPTURED", { captured_amount: 1000, remaining_authorized_amount: 0, ...amounts }), "Klarna.NotConfirmed")
      }
      // In words that nobody knows, of an order that has no captures, or more captured than there was.
      const proof = { captured_amount: 400, remaining_authorized_amount: 0 }
      for (const status of ["", "RELEASED", "captured", "toString", "AUTHORIZED", "CANCELLED"]) {
        assert.strictEqual(yield* told(status, proof), "Klarna.NotConfirmed", status)
      }
      assert.strictEqual(yield* told("CAPTURED", { ...proof, captured_amount: 1001 }), "Klarna.NotConfirmed")
      for (const status of ["PART_CAPTURED", "CAPTURED", "CLOSED", "EXPIRED"]) {
        for (const amounts of [{ captured_amount: 400 }, { remaining_authorized_amount: 0 }, { captured_amount: -1, remaining_authorized_amount: 0 }, {}]) {
          assert.strictEqual(yield* told(status, amounts), "Klarna.NotConfirmed", `${status} ${JSON.stringify(amounts)}`)
        }
      }
    }))

  it.effect("says of an unknown release neither that the order is cancelled, nor to cancel it", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* create()
      const codes = [
        ["INTERNAL_SERVER_ERROR", 500],
        ["UNEXPECTED_ERROR", 500],
        ["INTERNAL_ERROR", 500],
        ["TIMEOUT", 504],
        ["TEMPORARILY_UNAVAILABLE", 503],
        ["CONFLICT", 409]
      ] as const
      for (const [code, status] of codes) {
        yield* sandbox.inject(Fault.errorCode(code, status), { operation: "Cancel", times: 2 })
        const failed = yield* released(paymentId)
        assert.deepInclude(failed, { code, outcome: "Unknown" })
        assert.notMatch("message" in failed ? failed.message : "", /cancelled/, code)
        yield* sandbox.clearFaults
      }
      const id = "f3392f8b-6116-4073-ab96-e330819e2c07"
      const held = { captured_amount: 400, remaining_authorized_amount: 600 }
      const notConfirmed = yield* Effect.provide(released(id), reading(order(id, "PART_CAPTURED", held)))
      assert.strictEqual(
        "message" in notConfirmed ? notConfirmed.message : "",
        "Klarna: Klarna answered that it is done, and no status query could confirm it, but its status is PART_CAPTURED"
      )
      for (const [name, row] of Object.entries(Errors.table(Klarna))) {
        if (row.outcome === "NotCancelled") continue
        // Klarna goes by the key alone: a cancel under a release's key gets the release's answer.
        assert.notInclude(row.remedy, "`cancel`", name)
        assert.include(row.remedy, "`releaseStatus`", name)
      }
    }).pipe(Effect.provide(live)))

  it.effect("does not deny the release of an order that was raised after it was placed", () =>
    Effect.gen(function*() {
      const id = "f3392f8b-6116-4073-ab96-e330819e2c07"
      const told = (status: string, amounts: object) =>
        Effect.map(
          Effect.provide(released(id), reading(order(id, status, { original_order_amount: 1000, order_amount: 1500, captured_amount: 1200, ...amounts }))),
          ({ _tag }) => _tag
        )
      assert.strictEqual(yield* told("PART_CAPTURED", { remaining_authorized_amount: 0 }), "Cancelled")
      assert.strictEqual(yield* told("CAPTURED", { remaining_authorized_amount: 0 }), "Cancelled")
      assert.strictEqual(yield* told("PART_CAPTURED", { remaining_authorized_amount: 300 }), "Klarna.NotConfirmed")
      assert.strictEqual(
        yield* told("CAPTURED", { captured_amount: 1500, remaining_authorized_amount: 0 }),
        "CancelError.NoLongerCancellable"
      )
    }))
})
