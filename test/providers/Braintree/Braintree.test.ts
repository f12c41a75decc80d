import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Braintree } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { ample, creating, includes, inject, sent } from "../../support/inSandbox.js"

const { merchantId, privateKey, publicKey } = Sandbox.credentials.Braintree
const options = { merchantId, publicKey, privateKey: Redacted.make(privateKey), baseUrl: Sandbox.baseUrl("Braintree") }
const braintree = Braintree.layer(options)
const live = Layer.provideMerge(braintree, Sandbox.layer)

const create = creating("Braintree")

interface Answer {
  readonly status: number
  readonly body?: string
}

/** Braintree over answers that are given in turn, the last one again and again. */
const answering = (...answers: ReadonlyArray<Answer>) => {
  let next = 0
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const { body = "", status } = answers[Math.min(next, answers.length - 1)]!
      next += 1
      return HttpClientResponse.fromWeb(request, new Response(status === 204 ? null : body, { status }))
    }))
  return Layer.provide(braintree, Layer.succeed(HttpClient.HttpClient, client))
}

const transaction = (status: string, more = "", id = "p"): Answer => ({
  status: 200,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<transaction><id>${id}</id><status>${status}</status>${more}</transaction>`
})

const refused = (body: string, status = 422): Answer => ({ status, body: `<api-error-response>${body}</api-error-response>` })

const error = (code: string) => `<error><code>${code}</code><attribute type="symbol">base</attribute><message>m</message></error>`

const cancel = (...answers: ReadonlyArray<Answer>) =>
  Braintree.cancel({ paymentId: "p" }).pipe(Effect.merge, ample, Effect.provide(answering(...answers)))

describe("Braintree.cancel", () => {
  it.effect("voids: no body, and the answer is the proof", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_768_386_600_000)
      const paymentId = yield* create({ amount: "42.00" })
      const result = yield* Braintree.cancel({ paymentId, idempotencyKey: "key-1" })
      assert(result._tag === "Cancelled")
      assert.deepInclude(result, {
        provider: "Braintree",
        paymentId,
        identifiedBy: "PaymentId",
        evidence: "Response",
        attempts: 1,
        reason: Option.none(),
        requestId: Option.none(),
        capturedAmount: Option.none()
      })
      assert.deepStrictEqual(Option.map(result.cancelledAt, DateTime.formatIso), Option.some("2026-01-14T10:30:00.000Z"))
      assert.deepStrictEqual(Option.getOrThrow(result.payload), {
        id: paymentId,
        status: "voided",
        type: Option.some("sale"),
        amount: Option.some("42.00"),
        currency_iso_code: Option.some("USD"),
        merchant_account_id: Option.some("sandbox_account"),
        order_id: Option.none(),
        payment_instrument_type: Option.some("credit_card"),
        processor_response_code: Option.some("1000"),
        created_at: Option.some("2026-01-14T10:30:00Z"),
        updated_at: Option.some("2026-01-14T10:30:00Z"),
        global_id: Option.none()
      })
      const [request, ...more] = yield* sent("Cancel")
      assert.lengthOf(more, 0)
      assert.deepInclude(request!, {
        method: "PUT",
        path: `/merchants/${merchantId}/transactions/${paymentId}/void`,
        query: "",
        body: ""
      })
      assert.deepInclude(request!.headers, { accept: "application/xml", "accept-encoding": "identity", "x-apiversion": "6" })
      assert.notProperty(request!.headers, "content-type")
      assert.notInclude(JSON.stringify(request), "key-1")
      assert.lengthOf(yield* sent("Status"), 0)
    }).pipe(Effect.provide(live)))

  it.effect("a merchant's id is one segment", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* Braintree.cancel({ paymentId }).pipe(
        Effect.provide(Layer.provide(Braintree.layer({ ...options, merchantId: "a/b" }), Layer.succeed(HttpClient.HttpClient, Sandbox.httpClient(yield* Sandbox.Sandbox))))
      )
      const [request] = yield* sent("Cancel")
      assert.strictEqual(request!.path, `/merchants/a%2Fb/transactions/${paymentId}/void`)
    }).pipe(Effect.provide(live)))

  it.effect("refuses what is no id of a transaction, as the SDKs do, and sends nothing", () =>
    Effect.gen(function*() {
      for (const paymentId of ["a/b", "a b", "a?b", "a%2fb", "ü", "br66hg/../other"]) {
        const error = yield* Effect.flip(Braintree.cancel({ paymentId }))
        assert(error._tag === "CancelError.InvalidCancelRequest")
        assert.deepInclude(error, { field: "paymentId", outcome: "NotCancelled", attempts: 0 })
      }
      assert.lengthOf(yield* (yield* Sandbox.Sandbox).requests, 0)
    }).pipe(Effect.provide(live)))

  it.effect("a transaction that was voided before is success, established by its status", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "voided" })
      includes(yield* Braintree.cancel({ paymentId }), { _tag: "AlreadyCancelled", evidence: "StatusQuery", attempts: 1 })
      assert.lengthOf(yield* sent("Status"), 1)
    }).pipe(Effect.provide(live)))

  for (const status of ["authorization_expired", "processor_declined", "gateway_rejected", "failed", "settling", "settled", "settlement_declined"] as const) {
    it.effect(`one that is ${status} is refused as not cancellable, with its status`, () =>
      Effect.gen(function*() {
        const paymentId = yield* create({ status })
        includes(yield* Effect.flip(Braintree.cancel({ paymentId })), {
          _tag: "Braintree.CannotBeVoided",
          code: "91504",
          category: "NotCancellable",
          outcome: "NotCancelled",
          paymentStatus: Option.some(status),
          attempts: 1
        })
        assert.lengthOf(yield* sent("Status"), 1)
      }).pipe(Effect.provide(live)))
  }

  it.effect("one that is pending settlement is voided with PayPal only", () =>
    Effect.gen(function*() {
      const withPayPal = yield* create({ status: "settlement_pending", instrument: "paypal_account" })
      includes(yield* Braintree.cancel({ paymentId: withPayPal }), { _tag: "Cancelled", evidence: "Response" })
      const withCard = yield* create({ status: "settlement_pending" })
      const error = yield* Braintree.cancel({ paymentId: withCard }).pipe(Effect.flip, ample)
      includes(error, { _tag: "Braintree.CannotBeVoided", paymentStatus: Option.some("settlement_pending") })
    }).pipe(Effect.provide(live)))

  it.effect("never refunds: a settled transaction stays as it is", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "settled" })
      yield* Effect.flip(Braintree.cancel({ paymentId }))
      const sandbox = yield* Sandbox.Sandbox
      assert.strictEqual(Option.getOrThrow(yield* sandbox.payment("Braintree", paymentId)).status, "settled")
      for (const { path } of yield* sandbox.requests) assert.match(path, /\/transactions\/\w+(\/void)?$/)
    }).pipe(Effect.provide(live)))

  it.effect("a transaction nobody knows, and wrong keys, are told by the status alone", () =>
    Effect.gen(function*() {
      includes(yield* Effect.flip(Braintree.cancel({ paymentId: "nobody" })), { _tag: "Braintree.NotFound", category: "NotFound", code: null })
      const paymentId = yield* create()
      const wrong = Braintree.layer({ ...options, privateKey: Redacted.make("wrong") })
      const error = yield* Braintree.cancel({ paymentId }).pipe(Effect.flip, Effect.provide(wrong))
      includes(error, { _tag: "Braintree.Unauthorized", category: "Unauthenticated", outcome: "NotCancelled", httpStatus: Option.some(401) })
      assert.lengthOf(yield* sent("Status"), 0)
    }).pipe(Effect.provide(live)))

  it.effect("after a 403, which any proxy may send, the status decides", () =>
    Effect.gen(function*() {
      includes(yield* cancel({ status: 403 }, transaction("voided")), { _tag: "AlreadyCancelled" })
      includes(yield* cancel({ status: 403 }, transaction("authorized")), { _tag: "Braintree.Forbidden", outcome: "NotCancelled" })
    }))

  it.effect("after a 429 it is sent again", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.rateLimited())
      includes(yield* ample(Braintree.cancel({ paymentId })), { _tag: "Cancelled", attempts: 2 })
    }).pipe(Effect.provide(live)))

  describe("after a doubt", () => {
    const faults = [
      Fault.dropAfterApplying, Fault.cutBody, Fault.stallBody, Fault.emptyBody, Fault.malformedJson, Fault.wrongPaymentId, Fault.unknownStatus,
      Fault.oversizedBody(2_000_000), Fault.serverError({ applied: true }), Fault.badGateway({ applied: true }), Fault.errorCode("", 503, { applied: true }),
      Fault.errorCode("91504", 200, { applied: true }), Fault.errorCode("", 408, { applied: true })
    ]
    for (const fault of faults) {
      it.effect(`${JSON.stringify(fault)}: it was voided, says the status, and it is sent once`, () =>
        Effect.gen(function*() {
          const paymentId = yield* create()
          yield* inject(fault)
          includes(yield* ample(Braintree.cancel({ paymentId })), { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
          assert.lengthOf(yield* sent("Cancel"), 1)
        }).pipe(Effect.provide(live)))
    }

    for (
      const [fault, tag] of [
        [Fault.dropBeforeApplying, "CancelError.NoResponse"],
        [Fault.serverError({ applied: false }), "Braintree.ServerError"],
        [Fault.errorCode("", 503), "Braintree.ServiceUnavailable"],
        [Fault.errorCode("", 504), "Braintree.GatewayTimeout"],
        [Fault.badGateway({ applied: false }), "CancelError.UnexpectedResponse"]
      ] as const
    ) {
      it.effect(`${JSON.stringify(fault)}: nothing licenses another request, so it stays unknown; a later call settles it`, () =>
        Effect.gen(function*() {
          const paymentId = yield* create()
          yield* inject(fault)
          const error = yield* Braintree.cancel({ paymentId }).pipe(Effect.flip, ample)
          includes(error, { _tag: tag, outcome: "Unknown", attempts: 1, paymentStatus: Option.some("authorized") })
          assert.lengthOf(yield* sent("Cancel"), 1)
          includes(yield* Braintree.cancel({ paymentId }), { _tag: "Cancelled" })
        }).pipe(Effect.provide(live)))
    }
  })

  describe("an answer", () => {
    const notThis: ReadonlyArray<readonly [name: string, body: string]> = [
      ["of two transactions", "<transactions><transaction><id>p</id><status>voided</status></transaction></transactions>"],
      ["with two ids", "<transaction><id>p</id><id>p</id><status>voided</status></transaction>"],
      ["with two statuses", "<transaction><id>p</id><status>authorized</status><status>voided</status></transaction>"],
      ["with a status in CDATA", "<transaction><id>p</id><status><![CDATA[voided]]></status></transaction>"],
      ["with a status that is commented", "<transaction><id>p</id><status>voided<!-- not --></status></transaction>"],
      ["with blanks in its status", "<transaction><id>p</id><status> voided </status></transaction>"],
      ["with a status that is null", "<transaction><id>p</id><status nil=\"true\"/></transaction>"],
      ["with a document type", "<!DOCTYPE transaction><transaction><id>p</id><status>voided</status></transaction>"],
      ["with an entity of its own", "<!DOCTYPE t [<!ENTITY v \"voided\">]><transaction><id>p</id><status>&v;</status></transaction>"],
      ["with only the name of the root", "<Transaction><id>p</id><status>voided</status></Transaction>"],
      ["inside another one", "<result><transaction><id>p</id><status>voided</status></transaction></result>"],
      ["about the refunded one", "<transaction><id>q</id><status>voided</status><refunded-transaction-id>p</refunded-transaction-id></transaction>"],
      ["as JSON", "{\"transaction\":{\"id\":\"p\",\"status\":\"voided\"}}"],
      ["with an error, and the transaction inside", "<api-error-response><transaction><id>p</id><status>voided</status></transaction></api-error-response>"]
    ]
    for (const [name, body] of notThis) {
      it.effect(`${name} is no proof`, () =>
        Effect.gen(function*() {
          includes(yield* cancel({ status: 200, body }, transaction("authorized")), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
          includes(yield* cancel({ status: 200, body }, transaction("voided")), { _tag: "Cancelled", evidence: "StatusQuery" })
          // As an answer to a status query, it is no status either, or none that is known.
          const word = name === "with blanks in its status" ? Option.some(" voided ") : Option.none()
          includes(yield* cancel({ status: 503 }, { status: 200, body }), { outcome: "Unknown", paymentStatus: word })
        }))
    }

    it.effect("says when it was voided, by the last of its history, or not", () =>
      Effect.gen(function*() {
        const event = (status: string, time: string) => `<status-event><timestamp type="datetime">${time}</timestamp><status>${status}</status></status-event>`
        const history = (...events: ReadonlyArray<string>) => `<status-history type="array">${events.join("")}</status-history>`
        for (
          const [more, expected] of [
            [history(event("authorized", "2026-01-14T10:00:00Z"), event("voided", "2026-01-14T11:00:00Z")), "2026-01-14T11:00:00.000Z"],
            [history(event("voided", "2026-01-14T10:00:00Z"), event("voided", "2026-01-14T11:00:00Z")), "2026-01-14T11:00:00.000Z"],
            [history(event("voided", "soon")), null],
            [history(event("authorized", "2026-01-14T10:00:00Z")), null],
            [history(), null],
            ["<status-history>never</status-history>", null],
            ["", null]
          ] as const
        ) {
          const result = yield* cancel(transaction("voided", more))
          assert("cancelledAt" in result && result._tag === "Cancelled", more)
          assert.deepStrictEqual(Option.map(result.cancelledAt, DateTime.formatIso), Option.fromNullable(expected), more)
        }
      }))

    it.effect("hands on nothing of who paid, and with what", () =>
      Effect.gen(function*() {
        const result = yield* cancel(transaction("voided", "<customer><email>jane@example.com</email></customer><credit-card><bin>411111</bin></credit-card>"))
        assert.notInclude(JSON.stringify(result), "jane")
        assert.notInclude(JSON.stringify(result), "411111")
        const failed = yield* cancel(
          refused(`<errors><transaction><errors type="array">${error("91504")}</errors></transaction></errors><transaction><id>p</id><customer><email>jane@example.com</email></customer></transaction>`),
          transaction("settled")
        )
        assert.notInclude(JSON.stringify(failed), "jane")
      }))
  })

  describe("a refusal", () => {
    it.effect("has its codes wherever they stand, and the first that is listed counts", () =>
      Effect.gen(function*() {
        for (
          const [errors, code] of [
            [`<errors type="array">${error("91504")}</errors>`, "91504"],
            [`<errors type="array"/><transaction><errors type="array">${error("99999")}${error("91504")}</errors></transaction>`, "91504"],
            [`<transaction><credit-card><errors type="array">${error("81715")}</errors></credit-card></transaction>`, "81715"],
            // Without the mark of a list.
            [`<transaction><errors>${error("91504")}</errors></transaction>`, "91504"],
            [`<transaction><errors>${error("99999")}${error("91504")}</errors></transaction>`, "91504"],
            ["<errors type=\"array\"/>", null],
            ["", null]
          ] as const
        ) {
          const result = yield* cancel(refused(`<errors>${errors}</errors><message>In words.</message>`), transaction("settled"))
          includes(result, {
            _tag: code === "91504" ? "Braintree.CannotBeVoided" : "Braintree.Unrecognized",
            code,
            paymentStatus: Option.some("settled")
          })
        }
      }))

    it.effect("without any code is told by its status", () =>
      Effect.gen(function*() {
        includes(yield* cancel(refused("<message>no</message>", 401)), { _tag: "Braintree.Unauthorized", code: null })
        includes(yield* cancel({ status: 422, body: "<html>" }, transaction("authorized")), { _tag: "Braintree.Unrecognized", category: "InvalidRequest", code: null })
      }))

    it.effect("that is listed is not believed of a lagging replica: the status is read once more", () =>
      Effect.gen(function*() {
        const body = `<errors><transaction><errors type="array">${error("91504")}</errors></transaction></errors>`
        includes(yield* cancel(refused(body), transaction("authorized"), transaction("voided")), { _tag: "AlreadyCancelled" })
      }))
  })
})

describe("Braintree's connection", () => {
  it.effect("is to a merchant, with basic authorization", () =>
    Effect.gen(function*() {
      const seen: Array<readonly [url: string, authorization: string | undefined]> = []
      const client = HttpClient.make((request) =>
        Effect.sync(() => {
          seen.push([request.url, request.headers["authorization"]])
          return HttpClientResponse.fromWeb(request, new Response(transaction("voided").body, { status: 200 }))
        }))
      yield* Braintree.cancel({ paymentId: "p" }).pipe(
        Effect.provide(Braintree.layer({ merchantId: "m", publicKey: "Aladdin", privateKey: Redacted.make("open sesame") })),
        Effect.provideService(HttpClient.HttpClient, client)
      )
      // The example of RFC 7617.
      assert.deepStrictEqual(seen, [[`${Braintree.hosts.production}/merchants/m/transactions/p/void`, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]])
    }))
})
