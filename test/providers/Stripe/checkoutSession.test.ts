import { assert, describe, it } from "@effect/vitest"
import { Stripe } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { exchanges, layer, scripted, toTheEnd } from "./Stripe.js"

const setup = (options: Sandbox.CreateOptions<"Stripe"> = {}) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    return { sandbox, paymentId: yield* sandbox.create("Stripe", { status: "open", ...options }) }
  })

describe("Stripe.expireCheckoutSession", () => {
  it.effect("ends an open session, and says so with what Stripe states of it", () =>
    Effect.gen(function*() {
      const { paymentId } = yield* setup({ amount: 2500 })
      const expired = yield* Stripe.expireCheckoutSession({ paymentId })
      assert.deepInclude(expired, { _tag: "Cancelled", provider: "Stripe", paymentId, identifiedBy: "PaymentId", evidence: "Response", attempts: 1 })
      if (expired._tag !== "Cancelled") return assert.fail(expired._tag)
      const session = Option.getOrThrow(expired.payload)
      assert.deepInclude(session, { id: paymentId, status: "expired", amount_total: Option.some(2500), payment_status: Option.some("unpaid") })
      // Neither the payer nor where to pay.
      for (const field of ["url", "customer_details", "client_secret"]) assert.notProperty(session, field)
      const schema = Schema.parseJson(Stripe.CheckoutSessionExpiry)
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(expired)), expired)
      assert.deepStrictEqual(yield* exchanges, ["Cancel 200"])
    }).pipe(Effect.provide(layer())))

  it.effect("says whether a copy of it can still be paid, and not where", () =>
    Effect.gen(function*() {
      const url = "https://buy.stripe.com/r/live_CANARYrecovery"
      const told = (after_expiration: unknown) =>
        Effect.gen(function*() {
          const answered = scripted({ POST: [{ status: 200, body: { id: "cs_1", status: "expired", after_expiration } }] })
          const expired = yield* Stripe.expireCheckoutSession({ paymentId: "cs_1" }).pipe(Effect.provide(answered.layer))
          assert(expired._tag === "Cancelled")
          const schema = Schema.parseJson(Stripe.CheckoutSessionExpiry)
          const text = Schema.encodeSync(schema)(expired)
          assert.deepStrictEqual(Schema.decodeSync(schema)(text), expired)
          assert.notInclude(text, "CANARY")
          return Option.flatMap(Option.getOrThrow(expired.payload).after_expiration, ({ recovery }) => recovery)
        })
      const recovery = { allow_promotion_codes: false, enabled: true, expires_at: 1_702_592_000, url }
      assert.deepStrictEqual(yield* told({ recovery }), Option.some({ enabled: Option.some(true), expires_at: Option.some(1_702_592_000) }))
      const off = { ...recovery, enabled: false, expires_at: null, url: null }
      assert.deepStrictEqual(yield* told({ recovery: off }), Option.some({ enabled: Option.some(false), expires_at: Option.none() }))
      assert.deepStrictEqual(yield* told({ recovery: { enabled: "yes", expires_at: url } }), Option.some({ enabled: Option.none(), expires_at: Option.none() }))
      for (const none of [undefined, null, 7, {}, { recovery: null }, { recovery: url }]) {
        assert.deepStrictEqual(yield* told(none), Option.none())
      }
    }))

  it.effect("of one that has expired, of one that is complete, and of none", () =>
    Effect.gen(function*() {
      const told = (options: Sandbox.CreateOptions<"Stripe">) =>
        Effect.gen(function*() {
          const { paymentId } = yield* setup(options)
          return Either.merge(yield* Effect.either(toTheEnd(Stripe.expireCheckoutSession({ paymentId }))))
        })
      assert.strictEqual((yield* told({ status: "expired" }))._tag, "AlreadyCancelled")
      const complete = yield* told({ status: "complete" })
      assert.deepInclude(complete, { _tag: "Stripe.Unrecognized", outcome: "NotCancelled", paymentStatus: Option.some("complete") })
      const none = yield* Effect.flip(Stripe.expireCheckoutSession({ paymentId: "cs_test_nobody" }))
      assert.strictEqual(none._tag, "Stripe.ResourceMissing")
    }).pipe(Effect.provide(layer())))

  it.effect("is about a session and not about a PaymentIntent, and the other way round", () =>
    Effect.gen(function*() {
      const { paymentId: session, sandbox } = yield* setup()
      const intent = yield* sandbox.create("Stripe")
      const wrong = yield* Effect.flip(Stripe.expireCheckoutSession({ paymentId: intent }))
      assert.strictEqual(wrong._tag, "Stripe.ResourceMissing")
      // Somebody who has the wrong id in hand learns which one is needed.
      assert.include(wrong.message, "no such PaymentIntent (pi_…), or no such Checkout Session (cs_…)")
      const ofSession = yield* sandbox.create("Stripe", { status: "requires_action", checkoutSession: true })
      const refused = yield* Effect.flip(toTheEnd(Stripe.cancel({ paymentId: ofSession })))
      assert.include(refused.message, "or belongs to a Checkout Session that has to be expired instead")
      assert.strictEqual((yield* Effect.flip(Stripe.cancel({ paymentId: session })))._tag, "Stripe.ResourceMissing")
    }).pipe(Effect.provide(layer())))

  it.effect("finds out about a lost answer, under the same key", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup()
      yield* sandbox.inject(Fault.dropAfterApplying, { operation: "Cancel" })
      const expired = yield* toTheEnd(Stripe.expireCheckoutSession({ paymentId, idempotencyKey: "expire-1" }))
      assert.deepInclude(expired, { _tag: "Cancelled", attempts: 2 })
      assert.deepStrictEqual(
        (yield* sandbox.requests).map(({ headers }) => headers["idempotency-key"]),
        ["expire-1", "expire-1"]
      )
    }).pipe(Effect.provide(layer())))

  it("tells after a 409 to expire again, and not to cancel under the same key", () => {
    const { remedy } = Stripe.IdempotencyKeyInUse.declared.row
    assert.include(remedy, "`checkoutSessionStatus`")
    assert.notInclude(remedy, "`cancel`")
  })

  it.effect("acts for a connected account, and reads its status there", () =>
    Effect.gen(function*() {
      const account = "acct_sandbox_connected"
      const { paymentId, sandbox } = yield* setup({ account })
      assert.strictEqual((yield* Effect.flip(Stripe.expireCheckoutSession({ paymentId })))._tag, "Stripe.ResourceMissing")
      yield* sandbox.inject(Fault.serverError({ applied: true }), { operation: "Cancel" })
      assert.deepInclude(yield* toTheEnd(Stripe.expireCheckoutSession({ paymentId, account })), {
        _tag: "Cancelled",
        evidence: "StatusQuery"
      })
      assert.strictEqual((yield* Stripe.checkoutSessionStatus({ paymentId, account })).status, "expired")
    }).pipe(Effect.provide(layer())))

  it.effect("reads every status of a session", () =>
    Effect.gen(function*() {
      for (const [status, standing] of [["open", "Cancellable"], ["complete", "Closed"], ["expired", "Cancelled"]] as const) {
        const { paymentId } = yield* setup({ status })
        const read = yield* Stripe.checkoutSessionStatus({ paymentId })
        assert.deepInclude(read, { provider: "Stripe", paymentId, status })
        assert.deepStrictEqual<Option.Option<string>>(read.standing, Option.some(standing))
      }
    }).pipe(Effect.provide(layer())))

  it.effect("expires by itself in the sandbox, and tells of it by a webhook that is no cancel's", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup({ expiresIn: "1 second" })
      yield* toTheEnd(Effect.sleep("2 seconds"))
      assert.strictEqual((yield* Stripe.checkoutSessionStatus({ paymentId })).status, "expired")
      const [told] = yield* sandbox.notifications("Stripe")
      assert.include(told?.body, "\"checkout.session.expired\"")
    }).pipe(Effect.provide(layer())))
})
