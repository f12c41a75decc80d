import { assert, describe, it } from "@effect/vitest"
import { Stripe } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
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

  it.effect("is cancelled after all, or said to be paid, where the payer was faster than the end of the session", () =>
    Effect.gen(function*() {
      /** The payer pays once the cancel of the PaymentIntent is refused. */
      const paidMeanwhile = (status: "requires_capture" | "succeeded") => {
        let intent = "requires_payment_method"
        const answer = (request: HttpClientRequest.HttpClientRequest) => {
          const paymentIntent = { id: "pi_1", status: intent, amount: 1000, amount_received: intent === "succeeded" ? 1000 : 0 }
          if (request.url.includes("/checkout/")) {
            intent = status
            return request.method === "GET"
              ? Response.json({ id: "cs_1", status: "complete" })
              : Response.json({ error: { type: "invalid_request_error" } }, { status: 400 })
          }
          if (request.method === "GET") return Response.json(paymentIntent)
          return intent === "requires_capture"
            ? Response.json({ ...paymentIntent, status: "canceled" })
            : Response.json({ error: { code: "payment_intent_unexpected_state", payment_intent: paymentIntent } }, { status: 400 })
        }
        return callOff({ paymentIntent: "pi_1", checkoutSession: Option.some("cs_1") }).pipe(
          Effect.provide(Layer.provide(
            Stripe.layer({ apiKey: Redacted.make("sk_test_1") }),
            Layer.succeed(HttpClient.HttpClient, HttpClient.make((request) =>
              Effect.sync(() => HttpClientResponse.fromWeb(request, answer(request)))))
          )),
          Effect.either,
          Effect.fork,
          Effect.tap(TestClock.adjust("1 minute")),
          Effect.flatMap(Fiber.join),
          Effect.map(Either.merge)
        )
      }
      assert.strictEqual((yield* paidMeanwhile("requires_capture"))._tag, "Cancelled")
      assert.deepInclude(yield* paidMeanwhile("succeeded"), {
        _tag: "Stripe.PaymentIntentUnexpectedState",
        paymentStatus: Option.some("succeeded")
      })
    }))
})
