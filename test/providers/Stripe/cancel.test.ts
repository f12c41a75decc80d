import { assert, describe, it } from "@effect/vitest"
import { Cancel, Cancellation, Canceller, IdempotencyKey, Stripe } from "effect-payment-cancel"
import { Emulators, Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { inspect } from "node:util"
import { exchanges, layer, scripted, toTheEnd } from "./Stripe.js"
import * as Errors from "../../../src/authoring/Errors.js"

const { Stripe: emulated } = Emulators

const now = 1_700_000_000_000

const setup = (options?: Sandbox.CreateOptions<"Stripe">) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(now)
    const sandbox = yield* Sandbox.Sandbox
    const paymentId = yield* sandbox.create("Stripe", options)
    const held = Effect.map(sandbox.payment("Stripe", paymentId), (payment) => Option.getOrThrow(payment).status)
    return { sandbox, paymentId, held }
  })

/** What a request under a key left behind, long before: a stored 500, its work done or not. */
const storeServerError = (paymentId: string, idempotencyKey: string, crash: "BeforeApplying" | "AfterApplying") =>
  Effect.map(Sandbox.Sandbox, (sandbox) => {
    const request = emulated.requests.cancel(paymentId)
    const keyed = { ...request, headers: { ...request.headers, "idempotency-key": idempotencyKey }, body: "" }
    return sandbox.emulator("Stripe").handle(keyed, { at: now - 60_000, crash })
  })

const reads = (status: string) => ({
  status: 200,
  body: { id: "pi_1", object: "payment_intent", status, amount: 1000, amount_received: status === "succeeded" ? 1000 : 0 }
})

describe("Stripe.cancel", () => {
  it.effect("is proved by the answer, which says when and why", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup()
      const cancelled = yield* Stripe.cancel({ paymentId, reason: "duplicate", idempotencyKey: "key-1" })
      assert(cancelled._tag === "Cancelled")
      assert.deepInclude(cancelled, {
        provider: "Stripe",
        paymentId,
        identifiedBy: "PaymentId",
        evidence: "Response",
        attempts: 1,
        reason: Option.some("duplicate"),
        requestId: Option.some("req_sandbox000001")
      })
      assert.deepStrictEqual(Option.map(cancelled.cancelledAt, DateTime.toEpochMillis), Option.some(now))
      const payload = Option.getOrThrow(cancelled.payload)
      assert.deepInclude(payload, { id: paymentId, status: "canceled", currency: Option.some("usd"), customer: Option.none() })
      assert.notProperty(payload, "client_secret")
      assert.deepStrictEqual(
        Schema.decodeUnknownSync(Stripe.Cancellation)(JSON.parse(JSON.stringify(Schema.encodeSync(Stripe.Cancellation)(cancelled)))),
        cancelled
      )
      const [request, ...others] = yield* sandbox.requests
      assert.lengthOf(others, 0)
      assert.deepInclude(request!, {
        method: "POST",
        path: `/v1/payment_intents/${paymentId}/cancel`,
        query: "",
        body: "cancellation_reason=duplicate"
      })
      assert.deepInclude(request!.headers, {
        "stripe-version": "2026-10-28.endive",
        "idempotency-key": "key-1",
        "content-type": "application/x-www-form-urlencoded"
      })
      assert.notProperty(request!.headers, "stripe-account")
    }).pipe(Effect.provide(layer())))

  it.effect("needs no reason", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup()
      const cancelled = yield* Stripe.cancel({ paymentId })
      assert(cancelled._tag === "Cancelled")
      assert.isTrue(Option.isNone(cancelled.reason))
      assert.deepInclude((yield* sandbox.requests)[0]!, { body: "" })
      assert.match((yield* sandbox.requests)[0]!.headers["idempotency-key"]!, /^[0-9a-f-]{36}$/)
    }).pipe(Effect.provide(layer())))

  it.effect("acts for a connected account, and in another version", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup({ account: "acct_sandbox_connected" })
      assert.strictEqual((yield* Stripe.cancel({ paymentId }))._tag, "Cancelled")
      assert.deepInclude((yield* sandbox.requests)[0]!.headers, {
        "stripe-account": "acct_sandbox_connected",
        "stripe-version": "2024-06-20"
      })
    }).pipe(Effect.provide(layer({ account: "acct_sandbox_connected", apiVersion: "2024-06-20" }))))

  describe("the refusal that says what the status is", () => {
    it.effect("canceled: cancelled already, and nothing else is asked", () =>
      Effect.gen(function*() {
        const { paymentId } = yield* setup({ status: "canceled" })
        const already = yield* Stripe.cancel({ paymentId })
        assert.deepInclude(already, { _tag: "AlreadyCancelled", evidence: "StatusQuery", attempts: 1 })
        assert.deepStrictEqual(yield* exchanges, ["Cancel 400"])
      }).pipe(Effect.provide(layer())))

    it.effect("succeeded: not cancellable, with its status", () =>
      Effect.gen(function*() {
        const { paymentId } = yield* setup({ status: "succeeded" })
        const error = yield* Effect.flip(Stripe.cancel({ paymentId }))
        assert.instanceOf(error, Stripe.PaymentIntentUnexpectedState)
        assert.deepInclude(error, {
          code: "payment_intent_unexpected_state",
          category: "NotCancellable",
          outcome: "NotCancelled",
          paymentStatus: Option.some("succeeded"),
          httpStatus: Option.some(400),
          attempts: 1
        })
        assert.deepStrictEqual(yield* exchanges, ["Cancel 400"])
        const details = JSON.stringify(Option.getOrThrow(error.details))
        assert.include(details, `"type":"invalid_request_error"`)
        assert.notInclude(inspect(error, { depth: 9 }), "_secret_")
        const json = JSON.stringify(Schema.encodeSync(Stripe.CancelError)(error))
        const decoded = Schema.decodeUnknownSync(Stripe.CancelError)(JSON.parse(json))
        assert.instanceOf(decoded, Stripe.PaymentIntentUnexpectedState)
        assert.strictEqual(JSON.stringify(Schema.encodeSync(Stripe.CancelError)(decoded)), json)
      }).pipe(Effect.provide(layer())))

    it.effect("processing: read back once more, since it could still be cancelled", () =>
      Effect.gen(function*() {
        const { paymentId } = yield* setup({ status: "processing" })
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.deepInclude(error, { _tag: "Stripe.PaymentIntentUnexpectedState", paymentStatus: Option.some("processing") })
        assert.deepStrictEqual(yield* exchanges, ["Cancel 400", "Status 200"])
      }).pipe(Effect.provide(layer())))

    it.effect("processing, where it can be cancelled", () =>
      Effect.gen(function*() {
        const { paymentId } = yield* setup({ status: "processing", cancellableWhileProcessing: true })
        assert.strictEqual((yield* Stripe.cancel({ paymentId }))._tag, "Cancelled")
      }).pipe(Effect.provide(layer())))

    it.effect("one of a Checkout Session: refused while its status is cancellable", () =>
      Effect.gen(function*() {
        const { paymentId } = yield* setup({ status: "requires_action", checkoutSession: true })
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.deepInclude(error, { _tag: "Stripe.PaymentIntentUnexpectedState", paymentStatus: Option.some("requires_action") })
      }).pipe(Effect.provide(layer())))

    for (
      const [name, payment_intent] of [
        ["of another PaymentIntent", { id: "pi_2", object: "payment_intent", status: "canceled" }],
        ["without one", undefined],
        ["without an id", { status: "canceled" }],
        ["with a malformed one", "pi_1"]
      ] as const
    ) {
      it.effect(`${name}: it says nothing, so the status is read`, () =>
        Effect.gen(function*() {
          const stripe = scripted({
            POST: [{ status: 400, body: { error: { type: "invalid_request_error", code: "payment_intent_unexpected_state", payment_intent } } }],
            GET: [reads("succeeded")]
          })
          const error = yield* Effect.flip(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer)))
          assert.deepInclude(error, { _tag: "Stripe.PaymentIntentUnexpectedState", paymentStatus: Option.some("succeeded") })
          assert.deepStrictEqual(stripe.methods(), ["POST", "GET"])
        }))
    }
  })

  describe("an answer that was lost", () => {
    it.effect("is asked for again, with the same key and bytes, and replayed", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.dropAfterApplying, { operation: "Cancel" })
        const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId, reason: "abandoned" }))
        assert.deepInclude(cancelled, { _tag: "Cancelled", evidence: "Response", attempts: 2, reason: Option.some("abandoned") })
        const [first, second] = yield* sandbox.requests
        assert.deepStrictEqual([second!.headers, second!.body], [first!.headers, first!.body])
        assert.deepStrictEqual((yield* sandbox.requests).map(({ applied }) => applied), [true, false])
      }).pipe(Effect.provide(layer())))

    it.effect("with a part of it captured before: cancelled, and yet money was taken", () =>
      Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        const paymentId = yield* sandbox.create("Stripe", { amount: 1000, capturedAmount: 400 })
        const taken = Option.some({ amount: 400, currency: Option.some("USD") })
        assert.deepStrictEqual((yield* Stripe.status({ paymentId })).capturedAmount, taken)
        const cancelled = yield* Stripe.cancel({ paymentId })
        const already = yield* Stripe.cancel({ paymentId })
        assert.deepInclude(cancelled, { _tag: "Cancelled", capturedAmount: taken })
        assert.deepInclude(already, { _tag: "AlreadyCancelled", capturedAmount: taken })
        const status = yield* Stripe.status({ paymentId })
        assert.deepInclude(status, { status: "canceled", capturedAmount: taken })
        for (const stated of [cancelled, already, status]) assert.isTrue(Cancellation.isPartlyCaptured(stated))
        const untouched = yield* Stripe.cancel({ paymentId: yield* sandbox.create("Stripe") })
        assert.deepStrictEqual(untouched.capturedAmount, Option.some({ amount: 0, currency: Option.some("USD") }))
        assert.isFalse(Cancellation.isPartlyCaptured(untouched))
        for (const success of [cancelled, already, untouched]) {
          const journal = JSON.stringify(Schema.encodeSync(Stripe.Cancellation)(success))
          assert.deepStrictEqual(Schema.decodeUnknownSync(Stripe.Cancellation)(JSON.parse(journal)), success)
        }
      }).pipe(Effect.provide(layer())))

    const amounts: ReadonlyArray<readonly [name: string, fields: object, capturedAmount: Option.Option<Cancellation.Amount>]> = [
      ["without a currency", { amount_received: 400 }, Option.some({ amount: 400, currency: Option.none() })],
      ["with a currency that is no text", { amount_received: 400, currency: 7 }, Option.some({ amount: 400, currency: Option.none() })],
      ["that is no amount", { amount_received: "400", currency: "usd" }, Option.none()],
      ["that is null", { amount_received: null, currency: "usd" }, Option.none()],
      ["that is not there", { currency: "usd" }, Option.none()]
    ]
    for (const [name, fields, capturedAmount] of amounts) {
      it.effect(`and an amount ${name} costs nothing else`, () =>
        Effect.gen(function*() {
          const stripe = scripted({ POST: [{ status: 200, body: { id: "pi_1", status: "canceled", ...fields } }] })
          const cancelled = yield* Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer))
          assert.deepInclude(cancelled, { _tag: "Cancelled", capturedAmount })
        }))
    }

    describe("and one that has succeeded, and does not say that all of it was captured", () => {
      const succeeded = (fields: object) => ({ id: "pi_1", status: "succeeded", currency: "usd", ...fields })
      const part = succeeded({ amount: 1000, amount_received: 400 })

      for (const fields of [{ amount: 1000 }, { amount_received: 400 }, { amount: "1000", amount_received: 1000 }, {}]) {
        it.effect(`denies no cancel with ${JSON.stringify(fields)}`, () =>
          Effect.gen(function*() {
            const stated = { status: 200, body: succeeded(fields) }
            const answered = scripted({ POST: [stated], GET: [stated] })
            const program = Effect.all([Effect.flip(toTheEnd(Stripe.cancel({ paymentId: "pi_1" }))), Stripe.status({ paymentId: "pi_1" })])
            const [error, status] = yield* program.pipe(Effect.provide(answered.layer))
            assert.deepInclude(error, { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown", paymentStatus: Option.some("succeeded") })
            assert.deepInclude(status, { status: "succeeded", standing: Option.none() })
          }))
      }

      it.effect("denies no cancel that may have released the rest", () =>
        Effect.gen(function*() {
          const answered = scripted({ POST: [{ status: 200, body: part }], GET: [{ status: 200, body: part }] })
          assert.deepInclude(yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(answered.layer)))), {
            _tag: "CancelError.UnexpectedResponse",
            outcome: "Unknown",
            paymentStatus: Option.some("succeeded")
          })
          const failed = scripted({ POST: [{ status: 500 }], GET: [{ status: 200, body: part }] })
          assert.deepInclude(yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(failed.layer)))), {
            outcome: "Unknown",
            paymentStatus: Option.some("succeeded")
          })
          assert.deepInclude(yield* Stripe.status({ paymentId: "pi_1" }).pipe(Effect.provide(answered.layer)), { standing: Option.none() })
        }))

      it.effect("but a refusal is what it was", () =>
        Effect.gen(function*() {
          const error = { type: "invalid_request_error", code: "payment_intent_unexpected_state", message: "No." }
          for (const stated of [{}, { payment_intent: part }]) {
            const refused = scripted({ POST: [{ status: 400, body: { error: { ...error, ...stated } } }], GET: [{ status: 200, body: part }] })
            assert.deepInclude(yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(refused.layer)))), {
              _tag: "Stripe.PaymentIntentUnexpectedState",
              outcome: "NotCancelled",
              paymentStatus: Option.some("succeeded")
            })
          }
        }))

      it.effect("with all of it, it can no longer be cancelled", () =>
        Effect.gen(function*() {
          for (const fields of [{ amount: 1000, amount_received: 1000 }, { amount: 1000, amount_received: 1001 }]) {
            const answered = scripted({ POST: [{ status: 200, body: succeeded(fields) }] })
            const error = yield* Effect.flip(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(answered.layer)))
            assert.deepInclude(error, { _tag: "CancelError.NoLongerCancellable", outcome: "NotCancelled" })
          }
        }))
    })

    it.effect("with a stored 500 under its key: the status is read, and it is cancelled", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* storeServerError(paymentId, "key-1", "AfterApplying")
        yield* sandbox.inject(Fault.dropBeforeApplying, { operation: "Cancel" })
        const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId, idempotencyKey: "key-1" }))
        assert(cancelled._tag === "Cancelled")
        assert.deepInclude(cancelled, { evidence: "StatusQuery", attempts: 2 })
        assert.deepStrictEqual(Option.map(cancelled.cancelledAt, DateTime.toEpochMillis), Option.some(now - 60_000))
        assert.isTrue(Option.exists(cancelled.payload, ({ id }) => id === paymentId))
        assert.deepStrictEqual(yield* exchanges, ["Cancel lost", "Cancel 500", "Status 200"])
      }).pipe(Effect.provide(layer())))

    it.effect("is never asked for under another key", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.dropBeforeApplying, { operation: "Cancel", forever: true })
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.deepInclude(error, {
          _tag: "CancelError.NoResponse",
          outcome: "Unknown",
          attempts: 3,
          paymentStatus: Option.some("requires_capture")
        })
        const keys = (yield* sandbox.requests).filter(({ operation }) => operation === "Cancel")
          .map(({ headers }) => headers["idempotency-key"])
        assert.deepStrictEqual(keys, [error.idempotencyKey, error.idempotencyKey, error.idempotencyKey])
        yield* sandbox.clearFaults
        const settled = yield* Stripe.cancel({ paymentId, idempotencyKey: error.idempotencyKey })
        assert.strictEqual(settled._tag, "Cancelled")
      }).pipe(Effect.provide(layer())))

    it.effect("and the payment succeeded meanwhile: not cancellable, with its status", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.dropBeforeApplying, { operation: "Cancel" })
        yield* sandbox.move("Stripe", paymentId, "succeeded")
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.deepInclude(error, {
          _tag: "Stripe.PaymentIntentUnexpectedState",
          outcome: "NotCancelled",
          paymentStatus: Option.some("succeeded"),
          attempts: 2
        })
        assert.deepStrictEqual(yield* exchanges, ["Cancel lost", "Cancel 400"])
      }).pipe(Effect.provide(layer())))

    it.effect("and another cancel was first: it may have been ours", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup({ status: "canceled" })
        yield* sandbox.inject(Fault.dropBeforeApplying, { operation: "Cancel" })
        const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId }))
        assert.deepInclude(cancelled, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 2 })
        assert.deepStrictEqual(yield* exchanges, ["Cancel lost", "Cancel 400"])
      }).pipe(Effect.provide(layer())))
  })

  describe("a received 500", () => {
    it.effect("is not sent again: the status is read, and it is cancelled", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.serverError({ applied: true }), { operation: "Cancel" })
        const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId, reason: "fraudulent" }))
        assert.deepInclude(cancelled, {
          _tag: "Cancelled",
          evidence: "StatusQuery",
          attempts: 1,
          reason: Option.some("fraudulent")
        })
        assert.deepStrictEqual(yield* exchanges, ["Cancel 500", "Status 200"])
      }).pipe(Effect.provide(layer())))

    it.effect("that did nothing leaves the outcome unknown; another logical cancel then does it", () =>
      Effect.gen(function*() {
        const { held, paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.serverError({ applied: false }), { operation: "Cancel" })
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.deepInclude(error, {
          _tag: "CancelError.UnexpectedResponse",
          outcome: "Unknown",
          attempts: 1,
          httpStatus: Option.some(500),
          paymentStatus: Option.some("requires_capture")
        })
        assert.deepStrictEqual(yield* exchanges, ["Cancel 500", "Status 200", "Status 200", "Status 200"])
        const replayed = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId, idempotencyKey: error.idempotencyKey })))
        assert.deepInclude(replayed, { _tag: "CancelError.UnexpectedResponse", attempts: 1 })
        assert.strictEqual(yield* held, "requires_capture")
        assert.strictEqual((yield* Stripe.cancel({ paymentId }))._tag, "Cancelled")
      }).pipe(Effect.provide(layer())))

    it.effect("while the payment succeeded: not cancellable, with its status", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* storeServerError(paymentId, "key-1", "BeforeApplying")
        yield* sandbox.move("Stripe", paymentId, "succeeded")
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId, idempotencyKey: "key-1" })))
        assert.deepInclude(error, {
          _tag: "CancelError.NoLongerCancellable",
          outcome: "NotCancelled",
          paymentStatus: Option.some("succeeded")
        })
        assert.deepStrictEqual(yield* exchanges, ["Cancel 500", "Status 200"])
      }).pipe(Effect.provide(layer())))

    const failed = { status: 500, body: { error: { type: "api_error", message: "An unknown error occurred" } } }
    for (
      const [header, posts] of [[undefined, 1], ["false", 1], ["maybe", 1], ["true", 2]] as const
    ) {
      it.effect(`Stripe-Should-Retry: ${header}: ${posts} sent`, () =>
        Effect.gen(function*() {
          const stripe = scripted({
            POST: [{ ...failed, ...(header === undefined ? {} : { headers: { "stripe-should-retry": header } }) }, reads("canceled")],
            GET: [reads("requires_capture"), reads("canceled")]
          })
          const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer)))
          assert.strictEqual(cancelled._tag, "Cancelled")
          assert.strictEqual(cancelled.evidence, posts === 1 ? "StatusQuery" : "Response")
          const sent = stripe.sent.filter(({ method }) => method === "POST")
          assert.lengthOf(sent, posts)
          assert.deepStrictEqual(sent.map(({ headers }) => headers), sent.map(() => sent[0]!.headers))
        }))
    }

    it.effect("after an answer that was lost: no third one is sent", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.dropBeforeApplying, { operation: "Cancel" })
        yield* sandbox.inject(Fault.serverError({ applied: false }), { operation: "Cancel" })
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.deepInclude(error, { _tag: "CancelError.UnexpectedResponse", attempts: 2 })
      }).pipe(Effect.provide(layer())))
  })

  describe("an answer that proves nothing is not asked for again: the status is read", () => {
    for (
      const [name, fault, answered] of [
        ["another PaymentIntent", Fault.wrongPaymentId, true],
        ["an unknown status", Fault.unknownStatus, true],
        ["half of the JSON", Fault.malformedJson, true],
        ["no body", Fault.emptyBody, true],
        ["a redirect", Fault.redirect("https://elsewhere.test/"), false]
      ] as const
    ) {
      it.effect(name, () =>
        Effect.gen(function*() {
          const { paymentId, sandbox } = yield* setup()
          yield* sandbox.inject(fault, { operation: "Cancel" })
          const result = yield* Effect.either(toTheEnd(Stripe.cancel({ paymentId })))
          assert.strictEqual(
            result._tag === "Right" ? result.right._tag : result.left._tag,
            answered ? "Cancelled" : "CancelError.UnexpectedResponse"
          )
          assert.lengthOf((yield* sandbox.requests).filter(({ operation }) => operation === "Cancel"), 1)
        }).pipe(Effect.provide(layer())))
    }

    it.effect("200 with the PaymentIntent as it was", () =>
      Effect.gen(function*() {
        const stripe = scripted({ POST: [reads("requires_capture")], GET: [reads("requires_capture")] })
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer))))
        assert.deepInclude(error, { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
        assert.deepStrictEqual(stripe.methods(), ["POST", "GET", "GET", "GET"])
      }))

    const canceled = { id: "pi_1", object: "payment_intent", status: "canceled" }
    for (
      const body of [
        { ...canceled, error: { type: "api_error", message: "An unknown error occurred" } },
        { ...canceled, error: "An unknown error occurred" },
        { error: { type: "api_error", payment_intent: canceled } },
        { error: { type: "api_error", code: "lock_timeout", payment_intent: canceled } }
      ]
    ) {
      it.effect(`200 with an error: ${JSON.stringify(body)}`, () =>
        Effect.gen(function*() {
          const stripe = scripted({ POST: [{ status: 200, body }], GET: [{ status: 200, body }] })
          const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer))))
          assert.strictEqual(error._tag, "CancelError.UnexpectedResponse")
          assert.strictEqual(error.outcome, "Unknown")
          assert.isTrue("paymentStatus" in error && Option.isNone(error.paymentStatus))
        }))
    }

    it.effect("200 with no error in it", () =>
      Effect.gen(function*() {
        const stripe = scripted({ POST: [{ status: 200, body: { ...canceled, error: null } }] })
        const result = yield* Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer))
        assert.strictEqual(result._tag, "Cancelled")
      }))

    it.effect("200 that says it succeeded", () =>
      Effect.gen(function*() {
        const stripe = scripted({ POST: [reads("succeeded")] })
        const error = yield* Effect.flip(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer)))
        assert.deepInclude(error, { _tag: "CancelError.NoLongerCancellable", paymentStatus: Option.some("succeeded") })
      }))
  })

  describe("a request of our own that is still running", () => {
    it.effect("is waited for, with the same key", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.dropWhileProcessing("1 second"), { operation: "Cancel" })
        const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId }))
        assert.deepInclude(cancelled, { _tag: "Cancelled", evidence: "Response", attempts: 3 })
        assert.deepStrictEqual(yield* exchanges, ["Cancel lost", "Cancel 409", "Cancel 200"])
        const keys = new Set((yield* sandbox.requests).map(({ headers }) => headers["idempotency-key"]))
        assert.strictEqual(keys.size, 1)
      }).pipe(Effect.provide(layer())))

    const inWords = "There is currently another in-progress request using this Idempotent Key."
    const conflicts: ReadonlyArray<readonly [name: string, body: unknown, code: string | null]> = [
      ["without a code", { error: { type: "invalid_request_error", message: inWords } }, null],
      ["with the type of a misused key", { error: { type: "idempotency_error", message: inWords } }, "idempotency_error"],
      ["with a code that nobody has listed", { error: { type: "idempotency_error", code: "brand_new" } }, "brand_new"],
      ["with the code of a lock", { error: { type: "invalid_request_error", code: "lock_timeout" } }, "lock_timeout"],
      ["with the code of a wrong id", { error: { type: "invalid_request_error", code: "resource_missing" } }, "resource_missing"],
      ["with a text", "Conflict", null],
      ["with an empty object", {}, null],
      ["without a body", undefined, null]
    ]
    for (const [name, body, code] of conflicts) {
      it.effect(`a 409 ${name} is waited for, with the same key`, () =>
        Effect.gen(function*() {
          const conflict = { status: 409, body }
          const stripe = scripted({ POST: [conflict, conflict, reads("canceled")] })
          const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer)))
          assert.deepInclude(cancelled, { _tag: "Cancelled", evidence: "Response", attempts: 3 })
          assert.strictEqual(new Set(stripe.sent.map(({ headers }) => headers["idempotency-key"])).size, 1)
        }))

      it.effect(`a 409 ${name}, for longer than the policy allows, is unknown`, () =>
        Effect.gen(function*() {
          const stripe = scripted({ POST: [{ status: 409, body }], GET: [reads("requires_capture")] })
          const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId: "pi_1" })).pipe(Effect.provide(stripe.layer)))
          assert.deepInclude(error, {
            _tag: "CancelError.UnexpectedResponse",
            outcome: "Unknown",
            code,
            attempts: 3,
            httpStatus: Option.some(409),
            paymentStatus: Option.some("requires_capture")
          })
        }))
    }

    it.effect("a 409 after which Stripe says not to send it again is read instead", () =>
      Effect.gen(function*() {
        const stripe = scripted({
          POST: [{ status: 409, body: {}, headers: { "Stripe-Should-Retry": "false" } }],
          GET: [reads("canceled")]
        })
        const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer)))
        assert.deepInclude(cancelled, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
      }))

    it.effect("for longer than the policy allows: unknown", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.dropWhileProcessing("50 minutes"), { operation: "Cancel" })
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.instanceOf(error, Stripe.IdempotencyKeyInUse)
        assert.deepInclude(error, { outcome: "Unknown", category: "Conflict", paymentStatus: Option.some("requires_capture") })
        const settled = yield* Stripe.cancel({ paymentId, idempotencyKey: error.idempotencyKey })
        assert.strictEqual(settled._tag, "Cancelled")
      }).pipe(Effect.provide(layer())))
  })

  describe("patience", () => {
    it.effect("a lock is waited out", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.errorCode("lock_timeout", 429), { operation: "Cancel", times: 2 })
        assert.deepInclude(yield* toTheEnd(Stripe.cancel({ paymentId })), { _tag: "Cancelled", attempts: 3 })
      }).pipe(Effect.provide(layer())))

    it.effect("Retry-After is obeyed", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.rateLimited({ retryAfter: 7 }), { operation: "Cancel" })
        assert.deepInclude(yield* toTheEnd(Stripe.cancel({ paymentId })), { _tag: "Cancelled", attempts: 2 })
        const [first, second] = yield* sandbox.requests
        assert.strictEqual(second!.at - first!.at, 7_000)
      }).pipe(Effect.provide(layer())))

    it.effect("rate limit that lasts", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.rateLimited({ retryAfter: 1 }), { forever: true })
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.deepInclude(error, {
          _tag: "Stripe.RateLimit",
          category: "RateLimited",
          attempts: 3,
          retryAfter: Option.some(Duration.seconds(1))
        })
      }).pipe(Effect.provide(layer())))

    it.effect("Stripe-Should-Retry: false on a 429 is believed", () =>
      Effect.gen(function*() {
        const stripe = scripted({
          POST: [{ status: 429, body: { error: { type: "invalid_request_error", code: "rate_limit" } }, headers: { "Stripe-Should-Retry": "false" } }]
        })
        const error = yield* Effect.flip(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer)))
        assert.deepInclude(error, { _tag: "Stripe.RateLimit", attempts: 1 })
      }))
  })

  describe("a key that was used before", () => {
    it.effect("for another PaymentIntent", () =>
      Effect.gen(function*() {
        const { held, paymentId, sandbox } = yield* setup()
        const other = yield* sandbox.create("Stripe")
        yield* Stripe.cancel({ paymentId: other, idempotencyKey: "key-1" })
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId, idempotencyKey: "key-1" })))
        assert.instanceOf(error, Stripe.IdempotencyError)
        assert.deepInclude(error, {
          code: "idempotency_error",
          category: "Conflict",
          outcome: "NotCancelled",
          paymentStatus: Option.some("requires_capture")
        })
        assert.strictEqual(yield* held, "requires_capture")
      }).pipe(Effect.provide(layer())))

    it.effect("for the same one, with another reason: it is cancelled already", () =>
      Effect.gen(function*() {
        const { paymentId } = yield* setup()
        yield* Stripe.cancel({ paymentId, reason: "duplicate", idempotencyKey: "key-1" })
        const already = yield* Stripe.cancel({ paymentId, reason: "abandoned", idempotencyKey: "key-1" })
        assert.strictEqual(already._tag, "AlreadyCancelled")
      }).pipe(Effect.provide(layer())))

    it.effect("a code wins over the type", () =>
      Effect.gen(function*() {
        const stripe = scripted({
          POST: [{ status: 409, body: { error: { type: "idempotency_error", code: "idempotency_key_in_use" } } }],
          GET: [reads("canceled")]
        })
        const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId: "pi_1" }).pipe(Effect.provide(stripe.layer)))
        assert.deepInclude(cancelled, { _tag: "Cancelled", evidence: "StatusQuery" })
      }))
  })

  describe("every code has its class", () => {
    for (const [name, row] of Object.entries(Errors.table(Stripe))) {
      it.effect(row.code, () =>
        Effect.gen(function*() {
          const { paymentId, sandbox } = yield* setup()
          yield* sandbox.inject(Fault.errorCode(row.code, row.httpStatus[0]), { operation: "Cancel", forever: true })
          const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
          assert.strictEqual<string>(error._tag, `Stripe.${name}`)
          const found: object = error
          assert.deepInclude(found, {
            code: row.code,
            category: row.category,
            outcome: row.outcome,
            httpStatus: Option.some(row.httpStatus[0]),
            paymentStatus: row.about === "Payment" || row.outcome === "Unknown" ? Option.some("requires_capture") : Option.none()
          })
          assert.isTrue(Option.isSome(error.requestId))
        }).pipe(Effect.provide(layer())))
    }

    it.effect("a code that nobody has listed stays, and is read back", () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        yield* sandbox.inject(Fault.unknownErrorCode)
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.deepInclude(error, {
          _tag: "Stripe.Unrecognized",
          code: "sandbox_code_nobody_has_listed",
          outcome: "NotCancelled",
          paymentStatus: Option.some("requires_capture")
        })
      }).pipe(Effect.provide(layer())))

    it.effect("a wrong key has no code: its type stands in for it", () =>
      Effect.gen(function*() {
        const { paymentId } = yield* setup()
        const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId })))
        assert.deepInclude(error, { _tag: "Stripe.InvalidApiKey", code: "invalid_request_error", httpStatus: Option.some(401) })
        assert.deepStrictEqual(yield* exchanges, ["Cancel 401"])
        const caught = yield* Stripe.cancel({ paymentId }).pipe(
          Cancel.catchCategory("Unauthenticated", () => Effect.succeed("check the key"))
        )
        assert.strictEqual(caught, "check the key")
        assert.strictEqual((yield* Effect.flip(toTheEnd(Stripe.status({ paymentId })))).category, "Unauthenticated")
      }).pipe(Effect.provide(layer({ apiKey: Redacted.make("sk_test_wrong_key") }))))

    const other = [
      ["the same type with another status", 400, { type: "invalid_request_error" }],
      ["a 401 with a code that nobody has listed", 401, { type: "invalid_request_error", code: "brand_new" }],
      ["a 401 with another type", 401, { type: "brand_new_error" }],
      ["a 401 without an error", 401, undefined]
    ] as const
    for (const [name, status, error] of other) {
      it.effect(`but not ${name}`, () =>
        Effect.gen(function*() {
          const stripe = scripted({ POST: [{ status, body: { error } }], GET: [{ status: 500, body: {} }] })
          const failed = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId: "pi_1" })).pipe(Effect.provide(stripe.layer)))
          assert.deepInclude(failed, {
            _tag: "Stripe.Unrecognized",
            code: error !== undefined && "code" in error ? error.code : null,
            category: status === 401 ? "Unauthenticated" : "Unexpected",
            httpStatus: Option.some(status)
          })
        }))
    }

    it.effect("a PaymentIntent that is not there", () =>
      Effect.gen(function*() {
        yield* setup()
        const error = yield* Effect.flip(Stripe.cancel({ paymentId: "pi_nobody" }))
        assert.deepInclude(error, { _tag: "Stripe.ResourceMissing", category: "NotFound", httpStatus: Option.some(404) })
        assert.deepStrictEqual(yield* exchanges, ["Cancel 404"])
      }).pipe(Effect.provide(layer())))
  })

  it.effect("the policy bounds it", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup()
      yield* sandbox.inject(Fault.stallHeaders({ applied: false }), { forever: true })
      const error = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId }).pipe(Cancel.withPolicy({ deadline: "9 seconds" }))))
      assert.deepInclude(error, { _tag: "CancelError.NoResponse", outcome: "Unknown" })
      assert.isAtMost(DateTime.toEpochMillis(error.history.at(-1)!.at) - now, 9_000)
    }).pipe(Effect.provide(layer())))

  it.effect("keys come from IdempotencyKey", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup()
      yield* Stripe.cancel({ paymentId }).pipe(Effect.provide(IdempotencyKey.layer(Effect.succeed("mine"))))
      assert.strictEqual((yield* sandbox.requests)[0]!.headers["idempotency-key"], "mine")
    }).pipe(Effect.provide(layer())))
})

describe("Stripe.status", () => {
  it.effect("one that is not there", () =>
    Effect.gen(function*() {
      yield* setup()
      const missing = yield* Effect.flip(Stripe.status({ paymentId: "pi_nobody" }))
      assert.deepInclude(missing, { _tag: "CancelError.StatusUnavailable", code: "resource_missing", category: "NotFound", attempts: 1 })
    }).pipe(Effect.provide(layer())))

  it.effect("a fault of Stripe's is asked again", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup()
      yield* sandbox.inject(Fault.statusQueryDown)
      assert.strictEqual((yield* toTheEnd(Stripe.status({ paymentId }))).status, "requires_capture")
    }).pipe(Effect.provide(layer())))
})

describe("Canceller over Stripe", () => {
  const neutral = Layer.provideMerge(Canceller.layer(Stripe), layer())
  for (
    const [reason, body] of [
      ["requested_by_customer", "cancellation_reason=requested_by_customer"],
      ["out of stock", ""],
      ["Duplicate", ""],
      [undefined, ""]
    ] as const
  ) {
    it.effect(`reason ${reason}`, () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup()
        const cancelled = yield* Canceller.cancel({ paymentId, reason, idempotencyKey: "key-1" })
        assert.strictEqual(cancelled._tag, "Cancelled")
        assert.strictEqual((yield* sandbox.requests)[0]!.body, body)
        assert.strictEqual((yield* sandbox.requests)[0]!.headers["idempotency-key"], "key-1")
      }).pipe(Effect.provide(neutral)))
  }
})
