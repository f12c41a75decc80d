import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { Cancel, Cancellation, CheckoutCom } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { json, play, reset, type Step } from "../../engine/HttpDouble.js"
import { inTurns } from "../../support/extent.js"
import { ample, creating, includes, inject, sent } from "../../support/inSandbox.js"

const secretKey = Sandbox.credentials.CheckoutCom.secretKey
const checkoutCom = CheckoutCom.layer({ secretKey: Redacted.make(secretKey), baseUrl: Sandbox.baseUrl("CheckoutCom") })
const live = Layer.provideMerge(checkoutCom, Sandbox.layer)

const create = creating("CheckoutCom")

const held = (paymentId: string) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.map(sandbox.payment("CheckoutCom", paymentId), (payment) => Option.getOrThrow(payment).status))

/** What comes of one cancel over answers that are given in turn. */
const answered = (...steps: ReadonlyArray<Step>) => {
  const [first = {}, ...others] = steps
  const { client, received } = play(first, ...others)
  return ample(
    Effect.either(
      CheckoutCom.cancel({ paymentId: "pay_1" }).pipe(
        Cancel.withPolicy({ attempts: 1 }),
        Effect.provide(Layer.provide(checkoutCom, Layer.succeed(HttpClient.HttpClient, client)))
      )
    )
  ).pipe(Effect.map((result) => ({ result, received })))
}

const payment = (status: string, more: object = {}) => json(200, { id: "pay_1", status, ...more })

const accepted = { action_id: "act_1", _links: { payment: { href: "https://a.test/payments/pay_1" } } }

describe("CheckoutCom.cancel", () => {
  it.effect("is accepted, and cancelled once the status says so", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "Partially Captured", capturedAmount: 300 })
      const result = yield* ample(CheckoutCom.cancel({ paymentId, reference: "void-1", idempotencyKey: "key-1" }))
      assert(result._tag === "Cancelled")
      includes(result, {
        provider: "CheckoutCom",
        paymentId,
        identifiedBy: "PaymentId",
        evidence: "StatusQuery",
        attempts: 1,
        cancelledAt: Option.none(),
        reason: Option.none(),
        capturedAmount: Option.some({ amount: 300, currency: Option.some("USD") })
      })
      assert.isTrue(Cancellation.isPartlyCaptured(result))
      includes(Option.getOrThrow(result.payload), { id: paymentId, status: "Voided", currency: Option.some("USD") })
      const [request, ...more] = yield* sent("Cancel")
      assert.lengthOf(more, 0)
      includes(request!, { method: "POST", path: `/payments/${paymentId}/voids`, query: "", body: '{"reference":"void-1"}' })
      includes(request!.headers, { "cko-idempotency-key": "key-1", "content-type": "application/json" })
      // At once it is not decided yet.
      assert.isAbove((yield* sent("Status")).length, 1)
    }).pipe(Effect.provide(live)))

  it.effect("stays accepted where the status does not say more in time", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ decidesIn: "1 hour" })
      const result = yield* ample(CheckoutCom.cancel({ paymentId }))
      includes(result, { _tag: "CancellationAccepted", evidence: "Response", receipt: { reference: "act_sandbox0000000000000000001" }, mayBeAcceptedTwice: false })
      assert.lengthOf(yield* sent("Status"), 4)
      assert.strictEqual(yield* held(paymentId), "Authorized")
      const schema = Schema.parseJson(CheckoutCom.Cancellation)
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(result)), result)
      yield* TestClock.adjust("1 hour")
      includes(yield* CheckoutCom.status({ paymentId }), { status: "Voided", standing: Option.some("Cancelled") })
    }).pipe(Effect.provide(live)))

  it.effect("is no longer possible where something else came first", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ captureIn: "500 millis" })
      const error = yield* Effect.flip(ample(CheckoutCom.cancel({ paymentId })))
      includes(error, { _tag: "CancelError.NoLongerCancellable", outcome: "NotCancelled", paymentStatus: Option.some("Captured") })
    }).pipe(Effect.provide(live)))

  it.effect("an empty body still is an object", () =>
    Effect.gen(function*() {
      yield* ample(CheckoutCom.cancel({ paymentId: yield* create() }))
      assert.deepStrictEqual((yield* sent("Cancel")).map(({ body }) => body), ["{}"])
    }).pipe(Effect.provide(live)))

  describe("what a status alone says", () => {
    it.effect("403: the payment's own status says why", () =>
      Effect.gen(function*() {
        const of = (status: string) => Effect.map(answered({ status: 403 }, payment(status)), ({ result }) => result)
        includes(yield* Effect.flatten(of("Voided")), { _tag: "AlreadyCancelled" })
        for (const status of ["Captured", "Canceled", "Expired", "Authorized"]) {
          includes(yield* Effect.flip(Effect.flatten(of(status))), {
            _tag: "CheckoutCom.VoidNotAllowed",
            code: null,
            category: "NotCancellable",
            outcome: "NotCancelled",
            paymentStatus: Option.some(status)
          })
        }
        // With a key that may not read either, nothing more can be known.
        const { result } = yield* answered({ status: 403 }, { status: 403 })
        includes(yield* Effect.flip(result), { _tag: "CheckoutCom.VoidNotAllowed", paymentStatus: Option.none() })
      }))

    for (
      const [status, tag, outcome] of [
        [401, "Unauthorized", "NotCancelled"],
        [404, "PaymentNotFound", "NotCancelled"],
        [400, "Unrecognized", "NotCancelled"],
        [409, "RequestInProgress", "Unknown"],
        [429, "TooManyRequests", "Unknown"],
        [502, "BadGateway", "Unknown"]
      ] as const
    ) {
      for (const reply of [{ status }, { status, body: "<html>", headers: { "content-type": "text/html" } }, json(status, { error_type: "x" })]) {
        it.effect(`${status}, ${reply.body ?? "without a body"}`, () =>
          Effect.gen(function*() {
            const { result } = yield* answered(reply, payment("Authorized"))
            includes(yield* Effect.flip(result), { _tag: `CheckoutCom.${tag}`, code: null, outcome, httpStatus: Option.some(status) })
          }))
      }
    }

    it.effect("a code that is listed nowhere says more than the status", () =>
      Effect.gen(function*() {
        const { result } = yield* answered(json(403, { error_codes: ["never_heard_of"] }), payment("Authorized"))
        includes(yield* Effect.flip(result), { _tag: "CheckoutCom.Unrecognized", code: "never_heard_of", category: "Forbidden" })
      }))
  })

  describe("codes", () => {
    for (
      const [codes, tag, code] of [
        [["amount_exceeds_balance"], "AmountExceedsBalance", "amount_exceeds_balance"],
        [["never_heard_of", "payment_expired"], "PaymentExpired", "payment_expired"],
        [["business_invalid", "service_unavailable"], "ServiceUnavailable", "service_unavailable"],
        [[7, null, "payment_expired"], "PaymentExpired", "payment_expired"],
        [["never_heard_of", "nor_of_this"], "Unrecognized", "never_heard_of"],
        [[], "Unrecognized", null]
      ] as const
    ) {
      it.effect(`of ${JSON.stringify(codes)} it is ${tag}`, () =>
        Effect.gen(function*() {
          const { result } = yield* answered(
            json(422, { request_id: "r-1", error_type: "request_invalid", error_codes: codes }, { "cko-request-id": "h-1" }),
            payment("Authorized")
          )
          includes(yield* Effect.flip(result), {
            _tag: `CheckoutCom.${tag}`,
            code,
            requestId: Option.some("r-1"),
            details: Option.some({ error_type: "request_invalid", error_codes: codes })
          })
        }))
    }
  })

  describe("what is no acceptance of this void", () => {
    for (
      const [what, body] of [
        ["no action", {}],
        ["an empty action", { ...accepted, action_id: "" }],
        ["another payment", { ...accepted, _links: { payment: { href: "https://a.test/payments/pay_2" } } }],
        ["an error beside it", { ...accepted, error_type: "processing_error" }]
      ] as const
    ) {
      it.effect(what, () =>
        Effect.gen(function*() {
          const { result } = yield* answered(json(202, body), payment("Authorized"))
          includes(yield* Effect.flip(result), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
        }))
    }
    for (const _links of [undefined, null, {}, { payment: {} }, { payment: { href: 7 } }]) {
      it.effect(`but it need not link to its payment: ${JSON.stringify(_links)}`, () =>
        Effect.gen(function*() {
          const { result } = yield* answered(json(202, { ...accepted, _links }), payment("Authorized"))
          includes(yield* result, { _tag: "CancellationAccepted", receipt: { reference: "act_1" } })
        }))
    }
  })

  describe("what is no status of this payment", () => {
    for (
      const [what, body] of [
        ["another payment's", { id: "pay_2", status: "Voided" }],
        ["one beside an error", { id: "pay_1", status: "Voided", error_codes: [] }],
        ["none", { id: "pay_1" }]
      ] as const
    ) {
      it.effect(what, () =>
        Effect.gen(function*() {
          const { result } = yield* answered(json(202, accepted), json(200, body))
          includes(yield* result, { _tag: "CancellationAccepted" })
        }))
    }
    it.effect("captured amounts that are no amounts are none", () =>
      Effect.gen(function*() {
        for (const balances of [undefined, null, 7, {}, { total_captured: "7" }, { total_captured: 1.5 }]) {
          const { result } = yield* answered(json(202, accepted), payment("Voided", { balances }))
          includes(yield* result, { _tag: "Cancelled", capturedAmount: Option.none() })
        }
      }))
  })

  describe("what the balances say beside a status", () => {
    const toVoid = { total_voided: 0, available_to_void: 600, total_captured: 400 }
    const voided = { total_voided: 600, available_to_void: 0, total_captured: 400 }
    const nothing = { total_voided: 0, available_to_void: 0, total_captured: 400 }
    const whole = { total_authorized: 1000, total_captured: 1000 }
    // What is missing may be what was voided.
    const unsaid = [
      undefined,
      {},
      { total_captured: 400 },
      { total_authorized: 1000, total_captured: 400 },
      { total_voided: 0, total_captured: 400 },
      { available_to_void: 0, total_captured: 400 },
      { total_captured: 1000, available_to_void: 0 },
      { ...whole, total_voided: 600 },
      // Nor is what cannot be read known to be nothing.
      { ...whole, total_voided: "600" },
      { ...whole, total_voided: 0, available_to_void: "600" },
      { ...nothing, total_captured: "400" },
      { ...nothing, total_authorized: 1000.5 }
    ]
    const reads = (status: string, balances?: object) => payment(status, balances === undefined ? {} : { balances })
    const ofCaptured = ["Captured", "Partially Refunded", "Refunded"]

    for (const [turn, status] of ofCaptured.entries()) {
      it.effect(`of a payment that is ${status}`, () =>
        Effect.gen(function*() {
          for (const balances of inTurns([toVoid, voided, ...unsaid], turn, ofCaptured.length)) {
            // An accepted void may be what took the rest, or has not come to it yet.
            includes(yield* (yield* answered(json(202, accepted), reads(status, balances))).result, { _tag: "CancellationAccepted" })
            includes(yield* Effect.flip((yield* answered(reset, reads(status, balances))).result), {
              _tag: "CancelError.NoResponse",
              outcome: "Unknown",
              paymentStatus: Option.some(status)
            })
            // Of a void that was refused nothing is in doubt.
            const refused = yield* answered({ status: 403 }, reads(status, balances))
            includes(yield* Effect.flip(refused.result), { _tag: "CheckoutCom.VoidNotAllowed", outcome: "NotCancelled", paymentStatus: Option.some(status) })
            const invalid = yield* answered(json(422, { error_codes: ["amount_exceeds_balance"] }), reads(status, balances))
            includes(yield* Effect.flip(invalid.result), { _tag: "CheckoutCom.AmountExceedsBalance", outcome: "NotCancelled" })
          }
          for (const balances of [nothing, whole]) {
            for (const first of [json(202, accepted), reset]) {
              includes(yield* Effect.flip((yield* answered(first, reads(status, balances))).result), {
                _tag: "CancelError.NoLongerCancellable",
                outcome: "NotCancelled"
              })
            }
          }
        }))
    }

    it.effect("of one that is Voided, and of which something is left to void", () =>
      Effect.gen(function*() {
        const left = reads("Voided", { total_voided: 400, available_to_void: 600, total_captured: 0 })
        includes(yield* (yield* answered(json(202, accepted), left)).result, { _tag: "CancellationAccepted" })
        includes(yield* Effect.flip((yield* answered({ status: 403 }, left)).result), { _tag: "CheckoutCom.VoidNotAllowed" })
        includes(yield* (yield* answered(json(202, accepted), reads("Voided", voided))).result, { _tag: "Cancelled" })
      }))

    it.effect("of one that is Voided, and of which nobody can read what is left to void", () =>
      Effect.gen(function*() {
        for (const available_to_void of ["600", 0.5, {}]) {
          const illegible = reads("Voided", { ...voided, available_to_void })
          includes(yield* (yield* answered(json(202, accepted), illegible)).result, { _tag: "CancellationAccepted" })
          includes(yield* Effect.flip((yield* answered({ status: 403 }, illegible)).result), { _tag: "CheckoutCom.VoidNotAllowed" })
        }
      }))

    it.effect("once the rest is voided as well, the next status says so", () =>
      Effect.gen(function*() {
        const { result } = yield* answered(json(202, accepted), reads("Captured", toVoid), reads("Voided", voided))
        includes(yield* result, { _tag: "Cancelled", capturedAmount: Option.some({ amount: 400, currency: Option.none() }) })
      }))

    it.effect("the status query says the same", () =>
      Effect.gen(function*() {
        const standing = (status: string, balances?: object) =>
          CheckoutCom.status({ paymentId: "pay_1" }).pipe(
            Effect.provide(Layer.provide(checkoutCom, Layer.succeed(HttpClient.HttpClient, play(reads(status, balances)).client))),
            Effect.map((_) => Option.getOrNull(_.standing))
          )
        for (const status of ofCaptured) {
          assert.strictEqual(yield* standing(status, toVoid), "Cancellable")
          assert.isNull(yield* standing(status, voided))
          assert.strictEqual(yield* standing(status, nothing), "Closed")
          for (const balances of unsaid) assert.isNull(yield* standing(status, balances), JSON.stringify(balances))
        }
        assert.strictEqual(yield* standing("Voided", toVoid), "Cancellable")
        for (const balances of [undefined, {}, toVoid, { ...toVoid, total_voided: 100 }, { total_voided: 600 }]) {
          assert.strictEqual(yield* standing("Partially Captured", balances), "Cancellable", JSON.stringify(balances))
        }
        for (const balances of [voided, { ...voided, available_to_void: -1 }, { ...voided, total_voided: "600" }, { ...toVoid, available_to_void: "0" }]) {
          assert.isNull(yield* standing("Partially Captured", balances))
        }
        assert.strictEqual(yield* standing("Declined", toVoid), "Closed")
      }))
  })

  describe("doubts", () => {
    it.effect("a lost answer: the same again under the same key, which is one void", () =>
      Effect.gen(function*() {
        yield* inject(Fault.dropAfterApplying)
        const paymentId = yield* create()
        includes(yield* ample(CheckoutCom.cancel({ paymentId })), { _tag: "Cancelled", evidence: "StatusQuery", attempts: 2 })
        const [first, second] = yield* sent("Cancel")
        assert.strictEqual(second!.headers["cko-idempotency-key"], first!.headers["cko-idempotency-key"])
      }).pipe(Effect.provide(live)))

    it.effect("a server error after which the void was carried out: the 403 to the second request is no refusal", () =>
      Effect.gen(function*() {
        yield* inject(Fault.serverError({ applied: true }))
        const paymentId = yield* create({ decidesIn: 0 })
        includes(yield* ample(CheckoutCom.cancel({ paymentId })), { _tag: "Cancelled", evidence: "StatusQuery", attempts: 2 })
      }).pipe(Effect.provide(live)))

    it.effect("a request that still runs under the key is waited for", () =>
      Effect.gen(function*() {
        yield* inject(Fault.dropWhileProcessing("1500 millis"))
        const paymentId = yield* create({ decidesIn: 0 })
        includes(yield* ample(CheckoutCom.cancel({ paymentId })), { _tag: "Cancelled" })
      }).pipe(Effect.provide(live)))

    it.effect("an unknown outcome is settled later, under its key", () =>
      Effect.gen(function*() {
        yield* inject(Fault.dropAfterApplying, { times: 3 })
        yield* inject(Fault.statusQueryDown, { operation: "Status", times: 4 })
        const paymentId = yield* create({ decidesIn: "1 hour" })
        const error = yield* Effect.flip(ample(CheckoutCom.cancel({ paymentId })))
        includes(error, { _tag: "CancelError.NoResponse", outcome: "Unknown" })
        const settled = yield* ample(CheckoutCom.cancel({ paymentId, idempotencyKey: error.idempotencyKey }))
        includes(settled, { _tag: "CancellationAccepted", receipt: { reference: "act_sandbox0000000000000000001" } })
      }).pipe(Effect.provide(live)))
  })
})
