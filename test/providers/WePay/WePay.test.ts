/**
 * WePay on the wire: exactly what is sent, and what is read out of what comes back.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { CancelError, WePay } from "effect-payment-cancel"
import { json, play, reset, type Step } from "../../engine/HttpDouble.js"
import { assertPartly, deepStrictEqual } from "../../engine/partly.js"

const options: WePay.Options = {
  appId: "app-1",
  appToken: Redacted.make("token-1234"),
  policy: { attempts: 1, statusReads: 1, backoff: { initial: 0 } }
}

const request: WePay.CancelRequest = { paymentId: "p-1", reason: "out of stock", idempotencyKey: "key-1" }

const using = (step: Step, ...rest: ReadonlyArray<Step>) => {
  const { client, received } = play(step, ...rest)
  const http = Layer.succeed(HttpClient.HttpClient, client)
  const provide = <A, E>(effect: Effect.Effect<A, E, WePay.WePay>, given: Partial<WePay.Options> = {}) =>
    Effect.provide(effect, Layer.orDie(WePay.layer({ ...options, ...given })).pipe(Layer.provide(http)))
  return { received, provide, http }
}

const canceled = json(200, { id: "p-1", status: "canceled" }, { "X-Correlation-Id": "corr-1" })

/** The sample of the specification, in short. */
const sample = {
  id: "p-1",
  resource: "payments",
  path: "/payments/p-1",
  owner: { id: "a-1", resource: "accounts", path: "/accounts/a-1" },
  create_time: 1_530_000_000,
  status: "canceled",
  amount: 1000,
  amount_refunded: 0,
  amount_disputed: 0,
  currency: "USD",
  payment_method: { id: "pm-1", resource: "payment_methods", path: "/payment_methods/pm-1" },
  initiated_by: "customer",
  reference_id: "order-7",
  capture_at: null,
  authorization_code: null,
  api_version: "3.0",
  auto_capture: false,
  custom_data: { order: 7 },
  failure_reason: null,
  fee_amount: 30,
  order: null,
  pending_reasons: [{ reason_code: "PENDING_CAPTURE", reason_message: "Awaiting capture.", details: null }],
  txnr_app_fee: null,
  txnr_merchant: { id: "t-1", resource: "txnr", path: "/txnr/t-1" }
}

describe("what is sent", () => {
  it.effect("a cancel", () =>
    Effect.gen(function*() {
      const { provide, received } = using(canceled)
      yield* provide(WePay.cancel(request))
      deepStrictEqual(received, [{
        method: "POST",
        url: "https://api.wepay.com/payments/p-1/cancel",
        headers: {
          "app-id": "app-1",
          "app-token": "token-1234",
          "api-version": "3.0",
          "accept": "application/json",
          "accept-encoding": "identity",
          "content-type": "application/json",
          "content-length": "32",
          "unique-key": "key-1"
        },
        body: "{\"cancel_reason\":\"out of stock\"}"
      }])
    }))
  it.effect("a status query", () =>
    Effect.gen(function*() {
      const { provide, received } = using(json(200, { id: "p/1", status: "pending" }))
      yield* provide(WePay.status({ paymentId: "p/1" }), { baseUrl: "https://stage-api.wepay.com/x/", apiVersion: "3.1" })
      deepStrictEqual(received, [{
        method: "GET",
        url: "https://stage-api.wepay.com/x/payments/p%2F1",
        headers: {
          "app-id": "app-1",
          "app-token": "token-1234",
          "api-version": "3.1",
          "accept": "application/json",
          "accept-encoding": "identity",
          "content-type": "application/json"
        },
        body: ""
      }])
    }))
  it.effect("rbits, as they are", () =>
    Effect.gen(function*() {
      const { provide, received } = using(canceled)
      yield* provide(WePay.cancel({ ...request, rbits: [{ a: { b: [1, null] } }] }))
      yield* provide(WePay.cancel({ ...request, rbits: [] }))
      yield* provide(WePay.cancel({ ...request, rbits: null }))
      yield* provide(WePay.cancel({ ...request, rbits: undefined }))
      deepStrictEqual(received.map(({ body }) => body), [
        "{\"cancel_reason\":\"out of stock\",\"rbits\":[{\"a\":{\"b\":[1,null]}}]}",
        "{\"cancel_reason\":\"out of stock\",\"rbits\":[]}",
        "{\"cancel_reason\":\"out of stock\",\"rbits\":null}",
        "{\"cancel_reason\":\"out of stock\"}"
      ])
    }))
  it.effect("is named where it is not acceptable, and nothing is sent", () =>
    Effect.gen(function*() {
      const { provide, received } = using(canceled)
      const cyclic: { self?: unknown } = {}
      cyclic.self = cyclic
      const rows: ReadonlyArray<readonly [Partial<Record<keyof WePay.CancelRequest, unknown>>, string]> = [
        [{ rbits: "x" }, "rbits"],
        [{ rbits: [7] }, "rbits.0"],
        [{ rbits: [cyclic] }, "rbits"],
        [{ rbits: [{ a: 1n }] }, "rbits"]
      ]
      for (const [change, field] of rows) {
        const error = yield* Effect.flip(provide(WePay.cancel({ ...request, ...change } as WePay.CancelRequest)))
        assert.instanceOf(error, CancelError.InvalidCancelRequest)
        assert.strictEqual(error.field, field)
      }
      assert.lengthOf(received, 0)
    }))
})

describe("what is read", () => {
  it.effect("the whole payment", () =>
    Effect.gen(function*() {
      const { provide } = using(json(200, sample))
      const success = yield* provide(WePay.cancel(request))
      assert(success._tag === "Cancelled")
      const none = Option.none()
      const reference = (id: string, resource: string) => ({
        id: Option.some(id),
        resource: Option.some(resource),
        path: Option.some(`/${resource}/${id}`)
      })
      deepStrictEqual<unknown>(Option.getOrThrow(success.payload), {
        id: Option.some("p-1"),
        resource: Option.some("payments"),
        path: Option.some("/payments/p-1"),
        owner: Option.some(reference("a-1", "accounts")),
        create_time: Option.some(1_530_000_000),
        status: "canceled",
        amount: Option.some(1000),
        amount_refunded: Option.some(0),
        amount_disputed: Option.some(0),
        currency: Option.some("USD"),
        payment_method: Option.some(reference("pm-1", "payment_methods")),
        initiated_by: Option.some("customer"),
        reference_id: Option.some("order-7"),
        capture_at: none,
        authorization_code: none,
        api_version: Option.some("3.0"),
        auto_capture: Option.some(false),
        custom_data: Option.some({ order: 7 }),
        failure_reason: none,
        fee_amount: Option.some(30),
        order: none,
        pending_reasons: Option.some([{
          reason_code: Option.some("PENDING_CAPTURE"),
          reason_message: Option.some("Awaiting capture."),
          details: none
        }]),
        txnr_app_fee: none,
        txnr_merchant: Option.some(reference("t-1", "txnr"))
      })
      deepStrictEqual([success.cancelledAt, success.reason], [none, none])
      const encoded = JSON.stringify(Schema.encodeSync(WePay.Cancellation)(success))
      deepStrictEqual<unknown>(Schema.decodeUnknownSync(WePay.Cancellation)(JSON.parse(encoded)), success)
    }))
  it.effect("whose payment it is: by its id, and where that is null by its path", () =>
    Effect.gen(function*() {
      const told = (body: object, paymentId = "p-1") =>
        Effect.map(
          Effect.either(using(json(200, { status: "canceled", ...body })).provide(WePay.cancel({ ...request, paymentId }))),
          (result) => result._tag
        )
      assert.strictEqual(yield* told({ id: "p-1" }), "Right")
      assert.strictEqual(yield* told({ id: "p-1", path: "/payments/p-2" }), "Right")
      assert.strictEqual(yield* told({ id: null, path: "/payments/p-1" }), "Right")
      assert.strictEqual(yield* told({ path: "/payments/p-1" }), "Right")
      assert.strictEqual(yield* told({ path: "/payments/p%2F1" }, "p/1"), "Right")
      assert.strictEqual(yield* told({ path: "/payments/p/1" }, "p/1"), "Right")
      assert.strictEqual(yield* told({ id: "p-2" }), "Left")
      assert.strictEqual(yield* told({ id: "P-1" }), "Left")
      assert.strictEqual(yield* told({ id: "p-2", path: "/payments/p-1" }), "Left")
      assert.strictEqual(yield* told({ id: null, path: "/payments/p-2" }), "Left")
      assert.strictEqual(yield* told({ id: null, path: "/accounts/p-1" }), "Left")
      assert.strictEqual(yield* told({ id: null }), "Left")
      assert.strictEqual(yield* told({}), "Left")
    }))
  it.effect("the correlation id, on successes and errors", () =>
    Effect.gen(function*() {
      deepStrictEqual((yield* using(canceled).provide(WePay.cancel(request))).requestId, Option.some("corr-1"))
      const refusal = json(403, { error_code: "NOT_AUTHORIZED" }, { "x-correlation-id": "corr-2" })
      deepStrictEqual((yield* Effect.flip(using(refusal).provide(WePay.cancel(request)))).requestId, Option.some("corr-2"))
      deepStrictEqual((yield* using(canceled).provide(WePay.status({ paymentId: "p-1" }))).requestId, Option.some("corr-1"))
    }))
  it.effect("the code, and the two reason codes that mean something of their own", () =>
    Effect.gen(function*() {
      const told = (body: object) =>
        Effect.map(
          Effect.flip(using(json(400, { error_message: "m", ...body }), json(500, {})).provide(WePay.cancel(request))),
          (error) => [error._tag, error.code]
        )
      const reason = (...codes: ReadonlyArray<unknown>) => codes.map((reason_code) => ({ message: "m", reason_code, target: [], target_type: "HTTP_REQUEST_BODY" }))
      const running = "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING"
      const pointOfSale = "POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED"
      const invalid = { error_code: "INVALID_PARAMS" }
      deepStrictEqual(yield* told({ ...invalid }), ["WePay.InvalidParams", "INVALID_PARAMS"])
      deepStrictEqual(yield* told({ ...invalid, details: reason("OTHER") }), ["WePay.InvalidParams", "INVALID_PARAMS"])
      deepStrictEqual(yield* told({ ...invalid, details: "x" }), ["WePay.InvalidParams", "INVALID_PARAMS"])
      deepStrictEqual(yield* told({ ...invalid, details: reason(running) }), ["WePay.ConcurrentUniqueKeyRequestIsProcessing", running])
      deepStrictEqual(yield* told({ ...invalid, details: reason(pointOfSale) }), ["WePay.PointOfSaleTransactionNotYetProcessed", pointOfSale])
      deepStrictEqual(yield* told({ ...invalid, details: [null, 7, ...reason(null, "OTHER", running)] }), ["WePay.ConcurrentUniqueKeyRequestIsProcessing", running])
      deepStrictEqual(yield* told({ error_code: "PAYMENT_CANNOT_BE_CANCELED", details: reason(running) }), ["WePay.PaymentCannotBeCanceled", "PAYMENT_CANNOT_BE_CANCELED"])
      deepStrictEqual(yield* told({ details: reason(running) }), ["WePay.Unrecognized", null])
      deepStrictEqual(yield* told({ error_code: "INVALID_PARAMS " }), ["WePay.Unrecognized", "INVALID_PARAMS "])
    }))
  it.effect("the words and the details of an error", () =>
    Effect.gen(function*() {
      const details = [{ message: "m", reason_code: "X", target: ["a"], target_type: "HTTP_REQUEST_BODY" }]
      const { provide } = using(json(400, { error_code: "INVALID_PARAMS", error_message: "Wrong.", details }))
      const error = yield* Effect.flip(provide(WePay.cancel(request)))
      deepStrictEqual(error.details, Option.some(details))
      assert.strictEqual(error.message, "WePay: a parameter of the request is missing or not acceptable (Wrong.)")
      const bare = yield* Effect.flip(using(json(400, { error_code: "INVALID_PARAMS" })).provide(WePay.cancel(request)))
      deepStrictEqual(bare.details, Option.none())
      assert.strictEqual(bare.message, "WePay: a parameter of the request is missing or not acceptable")
    }))
})

describe("a cancel at WePay", () => {
  it.effect("is sent again under its key after anything in doubt", () =>
    Effect.gen(function*() {
      for (const doubt of [reset, json(500, {}), json(400, { error_code: "INVALID_PARAMS", details: [{ reason_code: "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING" }] })] as const) {
        const { provide, received } = using(doubt, canceled)
        assertPartly(yield* provide(WePay.cancel(request), { policy: { backoff: { initial: 0 } } }), { _tag: "Cancelled", attempts: 2 })
        deepStrictEqual(received[1], received[0])
      }
      const { provide, received } = using(json(200, {}), json(200, { id: "p-1", status: "pending" }), canceled)
      yield* provide(WePay.cancel(request), { policy: { backoff: { initial: 0 } } })
      deepStrictEqual(received.map(({ method }) => method), ["POST", "GET", "POST"])
    }))
})

describe("INVALID_PARAMS", () => {
  it.effect("is not believed before the status is read, for it may be about this payment", () =>
    Effect.gen(function*() {
      const invalid = json(400, { error_code: "INVALID_PARAMS" })
      const cancelled = using(invalid, json(200, { id: "p-1", status: "canceled" }))
      assertPartly(yield* cancelled.provide(WePay.cancel(request)), { _tag: "AlreadyCancelled" })
      deepStrictEqual(cancelled.received.map(({ method }) => method), ["POST", "GET"])
      const completed = using(invalid, json(200, { id: "p-1", status: "completed" }))
      assertPartly(yield* Effect.flip(completed.provide(WePay.cancel(request))), {
        _tag: "WePay.InvalidParams",
        category: "InvalidRequest",
        outcome: "NotCancelled",
        paymentStatus: Option.some("completed")
      })
    }))
})

describe("the bounds of WePay", () => {
  it.effect("are longer than WePay's own, and are kept", () =>
    Effect.gen(function*() {
      const { provide, received } = using(reset)
      const error = yield* Effect.flip(provide(WePay.cancel(request), { policy: { backoff: { initial: 0 } } }))
      deepStrictEqual(received.map(({ method }) => method), ["POST", "POST", "POST", "POST", "GET", "GET", "GET"])
      assertPartly(error, { _tag: "CancelError.NoResponse", attempts: 4 })
    }))
})
