import { assert, describe, it } from "@effect/vitest"
import { Stripe } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { callOff } from "../../docs/examples/stripe-checkout-session.js"

const shop = Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey) }).pipe(Layer.provideMerge(Sandbox.layer))

type Status = NonNullable<Sandbox.CreateOptions<"Stripe">["status"]>

/** Calls off an order: what is told, and what became of both. */
const calledOff = (intent: Status, session: Status, { knowsSession = true, of = true } = {}) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const paymentIntent = yield* sandbox.create("Stripe", { status: intent, checkoutSession: of })
    const checkoutSession = yield* sandbox.create("Stripe", { status: session })
    const result = yield* Effect.either(callOff({
      paymentIntent,
      checkoutSession: knowsSession ? Option.some(checkoutSession) : Option.none()
    }))
    const statusOf = (id: string) => Effect.map(sandbox.payment("Stripe", id), (payment) => Option.getOrThrow(payment).status)
    return [Either.merge(result)._tag, yield* statusOf(paymentIntent), yield* statusOf(checkoutSession)] as const
  }).pipe(Effect.provide(shop))

describe("an order that is called off", () => {
  it.live("ends the session that its payment belongs to", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* calledOff("requires_payment_method", "open"), ["Cancelled", "requires_payment_method", "expired"])
    }))

  it.live("leaves the session alone where the money is held, or there is none", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* calledOff("requires_capture", "complete"), ["Cancelled", "canceled", "complete"])
      assert.deepStrictEqual(yield* calledOff("requires_action", "open", { of: false }), ["Cancelled", "canceled", "open"])
    }))

  it.live("says that it is too late, or that nobody knows the session", () =>
    Effect.gen(function*() {
      // The error is the one about the PaymentIntent, which says what became of the money.
      for (const paymentIntent of ["requires_action", "processing", "succeeded"] as const) {
        assert.deepStrictEqual(yield* calledOff(paymentIntent, "complete"), [
          "Stripe.PaymentIntentUnexpectedState",
          paymentIntent,
          "complete"
        ])
      }
      // Nothing is asked of the session of a PaymentIntent that has succeeded.
      assert.deepStrictEqual(yield* calledOff("succeeded", "open"), ["Stripe.PaymentIntentUnexpectedState", "succeeded", "open"])
      assert.deepStrictEqual(yield* calledOff("requires_action", "open", { knowsSession: false }), [
        "Stripe.PaymentIntentUnexpectedState",
        "requires_action",
        "open"
      ])
    }))
})
