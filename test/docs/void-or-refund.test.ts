import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { Klarna, Mollie, PayPal, Square, Stripe, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import {
  type Decision,
  giveBack,
  Refunds,
  refundWhatIsDue,
  releaseAtKlarna,
  releaseAtMollie,
  voidAtKlarna,
  voidAtMollie,
  voidAtPayPal,
  voidAtSquare,
  voidAtStripe,
  voidAtWePay
} from "../../docs/examples/void-or-refund.js"

const requested: Array<string> = []

const live = Layer.mergeAll(
  Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey), baseUrl: Sandbox.baseUrl("Stripe") }),
  Square.layer({
    accessToken: Redacted.make(Sandbox.credentials.Square.accessToken),
    baseUrl: Sandbox.baseUrl("Square")
  }),
  Mollie.layer({ apiKey: Redacted.make(Sandbox.credentials.Mollie.apiKey), baseUrl: Sandbox.baseUrl("Mollie") }),
  Klarna.layer({
    username: Sandbox.credentials.Klarna.username,
    password: Redacted.make(Sandbox.credentials.Klarna.password),
    baseUrl: Sandbox.baseUrl("Klarna")
  }),
  PayPal.layer({
    clientId: Sandbox.credentials.PayPal.clientId,
    clientSecret: Redacted.make(Sandbox.credentials.PayPal.clientSecret),
    baseUrl: Sandbox.baseUrl("PayPal")
  }),
  WePay.layer({
    appId: Sandbox.credentials.WePay.appId,
    appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
    baseUrl: Sandbox.baseUrl("WePay")
  }),
  Layer.sync(Refunds, () => {
    requested.length = 0
    return { request: (paymentId) => Effect.sync(() => void requested.push(paymentId)) }
  })
).pipe(Layer.provideMerge(Sandbox.layer))

const ample = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("10 minutes")
    return yield* Fiber.join(fiber)
  })

const square: ReadonlyArray<readonly [Emulated<"Square">, Decision]> = [
  ["APPROVED", "Voided"],
  ["CANCELED", "Voided"],
  ["COMPLETED", "RefundDue"],
  ["FAILED", "NothingTaken"],
  ["PENDING", "NotYet"]
]

const payPal: ReadonlyArray<readonly [Emulated<"PayPal">, Decision]> = [
  ["CREATED", "Voided"],
  ["PARTIALLY_CAPTURED", "Voided"],
  ["VOIDED", "Voided"],
  ["CAPTURED", "RefundDue"],
  ["DENIED", "NothingTaken"]
]

const wePay: ReadonlyArray<readonly [Emulated<"WePay">, Decision]> = [
  ["pending", "Voided"],
  ["canceled", "Voided"],
  ["completed", "RefundDue"],
  ["failed", "NothingTaken"]
]

const stripe: ReadonlyArray<readonly [Sandbox.CreateOptions<"Stripe">, Decision]> = [
  [{ status: "requires_capture" }, "Voided"],
  [{ status: "requires_payment_method" }, "Voided"],
  [{ status: "canceled" }, "Voided"],
  [{ status: "requires_capture", capturedAmount: 400 }, "PartTaken"],
  [{ status: "canceled", capturedAmount: 400 }, "PartTaken"],
  [{ status: "succeeded" }, "RefundDue"],
  [{ status: "processing" }, "NotYet"],
  [{ status: "requires_payment_method", checkoutSession: true }, "OtherCall"],
  [{ status: "requires_action", checkoutSession: true }, "OtherCall"]
]

/** What a cancel says, and then the other call. */
const mollie: ReadonlyArray<readonly [Sandbox.CreateOptions<"Mollie">, Decision, Decision]> = [
  [{ status: "open" }, "Voided", "Voided"],
  [{ status: "authorized" }, "OtherCall", "Voided"],
  // What became of the rest is never told, so it is not called voided.
  [{ status: "authorized", capturedAmount: 400 }, "OtherCall", "NotYet"],
  [{ status: "paid", capturedAmount: 400 }, "RefundDue", "RefundDue"],
  [{ status: "paid" }, "RefundDue", "RefundDue"],
  [{ status: "expired" }, "NothingTaken", "NothingTaken"],
  [{ status: "failed" }, "NothingTaken", "NothingTaken"]
]

const klarna: ReadonlyArray<readonly [Sandbox.CreateOptions<"Klarna">, Decision, Decision | null]> = [
  [{ status: "AUTHORIZED" }, "Voided", null],
  [{ status: "PART_CAPTURED" }, "OtherCall", "PartTaken"],
  [{ status: "CAPTURED" }, "RefundDue", "RefundDue"],
  [{ status: "EXPIRED" }, "NothingTaken", "NothingTaken"]
]

type Emulated<P extends "PayPal" | "Square" | "WePay"> = NonNullable<Sandbox.CreateOptions<P>["status"]>

describe("void or refund", () => {
  for (const [status, decision] of square) {
    it.effect(`at Square: ${status} is ${decision}`, () =>
      Effect.gen(function*() {
        const paymentId = yield* (yield* Sandbox.Sandbox).create("Square", { status })
        assert.strictEqual(yield* ample(giveBack(paymentId)), decision)
        assert.deepStrictEqual(requested, decision === "RefundDue" ? [paymentId] : [])
      }).pipe(Effect.provide(live)))
  }

  for (const [status, decision] of payPal) {
    it.effect(`at PayPal: ${status} is ${decision}`, () =>
      Effect.gen(function*() {
        const paymentId = yield* (yield* Sandbox.Sandbox).create("PayPal", { status })
        assert.strictEqual(yield* ample(voidAtPayPal(paymentId)), decision)
      }).pipe(Effect.provide(live)))
  }

  for (const [options, decision] of stripe) {
    it.effect(`at Stripe: ${JSON.stringify(options)} is ${decision}`, () =>
      Effect.gen(function*() {
        const paymentId = yield* (yield* Sandbox.Sandbox).create("Stripe", options)
        assert.strictEqual(yield* ample(voidAtStripe(paymentId)), decision)
        yield* refundWhatIsDue(paymentId, decision)
        assert.deepStrictEqual(requested, decision === "RefundDue" || decision === "PartTaken" ? [paymentId] : [])
      }).pipe(Effect.provide(live)))
  }

  for (const [options, decision, other] of mollie) {
    it.effect(`at Mollie: ${JSON.stringify(options)} is ${decision}, then ${other}`, () =>
      Effect.gen(function*() {
        const paymentId = yield* (yield* Sandbox.Sandbox).create("Mollie", options)
        assert.strictEqual(yield* ample(voidAtMollie(paymentId)), decision)
        assert.strictEqual(yield* ample(releaseAtMollie(paymentId)), other)
      }).pipe(Effect.provide(live)))
  }

  for (const [options, decision, other] of klarna) {
    it.effect(`at Klarna: ${JSON.stringify(options)} is ${decision}, then ${other}`, () =>
      Effect.gen(function*() {
        const paymentId = yield* (yield* Sandbox.Sandbox).create("Klarna", options)
        assert.strictEqual(yield* ample(voidAtKlarna(paymentId)), decision)
        if (other !== null) assert.strictEqual(yield* ample(releaseAtKlarna(paymentId)), other)
      }).pipe(Effect.provide(live)))
  }

  for (const [captured, decision] of [[0, "NothingTaken"], [400, "RefundDue"], [null, "LookItUp"]] as const) {
    it.effect(`at Klarna: EXPIRED, with ${captured} captured, is ${decision}`, () => {
      const paymentId = "f3392f8b-6116-4073-ab96-e330819e2c07"
      const order = { order_id: paymentId, status: "EXPIRED", order_amount: 400, captured_amount: captured, remaining_authorized_amount: 0 }
      const client = HttpClient.make((request) =>
        Effect.succeed(HttpClientResponse.fromWeb(
          request,
          request.method === "GET"
            ? new Response(JSON.stringify(order))
            : new Response(JSON.stringify({ error_code: "NOT_ALLOWED", error_messages: [] }), { status: 403 })
        )))
      const klarna = Layer.provide(
        Klarna.layer({ username: "username", password: Redacted.make("password") }),
        Layer.succeed(HttpClient.HttpClient, client)
      )
      return Effect.gen(function*() {
        assert.strictEqual(yield* ample(voidAtKlarna(paymentId)), decision)
        assert.strictEqual(yield* ample(releaseAtKlarna(paymentId)), decision)
      }).pipe(Effect.provide(klarna))
    })
  }

  for (const [status, decision] of wePay) {
    it.effect(`at WePay: ${status} is ${decision}`, () =>
      Effect.gen(function*() {
        const paymentId = yield* (yield* Sandbox.Sandbox).create("WePay", { status })
        assert.strictEqual(yield* ample(voidAtWePay(paymentId, "out of stock")), decision)
      }).pipe(Effect.provide(live)))
  }

  it.effect("at WePay: a card-present payment that is too old to be cancelled is for a person, and not for later", () =>
    Effect.gen(function*() {
      const paymentId = yield* (yield* Sandbox.Sandbox).create("WePay", { cardPresent: true })
      yield* TestClock.adjust("91 minutes")
      assert.strictEqual(yield* ample(voidAtWePay(paymentId, "out of stock")), "LookItUp")
    }).pipe(Effect.provide(live)))

  it.effect("captured while the cancel was on its way", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Square", { delayAction: "COMPLETE", delayIn: "1 second" })
      yield* sandbox.inject(Fault.dropBeforeApplying, { operation: "Cancel" })
      assert.strictEqual(yield* ample(voidAtSquare(paymentId)), "RefundDue")
    }).pipe(Effect.provide(live)))

  it.effect("a refusal whose status nobody could read is for a person", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Square", { status: "COMPLETED" })
      yield* sandbox.inject(Fault.statusQueryDown, { forever: true })
      assert.strictEqual(yield* ample(giveBack(paymentId)), "LookItUp")
      assert.lengthOf(requested, 0)
    }).pipe(Effect.provide(live)))

  it.effect("cut short, and called again", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      for (const [status, decision] of [["APPROVED", "Voided"], ["COMPLETED", "RefundDue"]] as const) {
        const paymentId = yield* sandbox.create("Square", { status })
        yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { paymentId, operation: "Cancel" })
        const giving = yield* Effect.fork(giveBack(paymentId))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(giving)
        assert.notInclude(requested, paymentId)
        assert.strictEqual(yield* ample(giveBack(paymentId)), decision)
        assert.deepStrictEqual(requested.filter((each) => each === paymentId), decision === "RefundDue" ? [paymentId] : [])
      }
    }).pipe(Effect.provide(live)))

  it.effect("an unknown outcome is never refunded", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Square")
      yield* sandbox.inject(Fault.dropBeforeApplying, { operation: "Cancel" })
      const error = yield* giveBack(paymentId).pipe(Effect.flip, ample)
      assert.strictEqual(error.outcome, "Unknown")
      assert.lengthOf(requested, 0)
    }).pipe(Effect.provide(live)))
})
