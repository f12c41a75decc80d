import * as HttpApp from "@effect/platform/HttpApp"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { GoCardless, PayPal } from "effect-payment-cancel"
import { Sandbox, type Webhook } from "effect-payment-cancel/sandbox"
import { Payments, webhooks } from "../../docs/examples/notified.js"

const { accessToken } = Sandbox.credentials.GoCardless
const { clientId, clientSecret } = Sandbox.credentials.PayPal

const live = Layer.mergeAll(
  GoCardless.layer({ accessToken: Redacted.make(accessToken), baseUrl: Sandbox.baseUrl("GoCardless") }),
  PayPal.layer({ clientId, clientSecret: Redacted.make(clientSecret), baseUrl: Sandbox.baseUrl("PayPal") }),
  Payments.Default,
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["GOCARDLESS_WEBHOOK_SECRET", Sandbox.webhookSecret("GoCardless")]])))
).pipe(Layer.provideMerge(Sandbox.layer))

/** Delivers what a provider sends, and gives the statuses that came back. */
const deliver = (provider: "GoCardless" | "PayPal", sent: ReadonlyArray<Webhook.Notification>) =>
  Effect.gen(function*() {
    const handler = HttpApp.toWebHandlerRuntime(yield* Effect.runtime<Payments | PayPal.PayPal>())(webhooks)
    return yield* Effect.forEach(sent, ({ body, headers }) =>
      Effect.map(
        Effect.promise(() => handler(new Request(`http://shop.test/webhooks/${provider.toLowerCase()}`, { method: "POST", headers, body }))),
        ({ status }) => status
      ))
  })

describe("a notification that names no cancel", () => {
  for (const provider of ["GoCardless", "PayPal"] as const) {
    it.live(`settles what is unsettled at ${provider}, once`, () =>
      Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        const payments = yield* Payments
        const ours = yield* sandbox.create(provider)
        const another = yield* sandbox.create(provider)
        const status = Sandbox.definition(provider).statuses.includes("VOIDED") ? "VOIDED" : "cancelled"
        yield* payments.mark(provider, ours, "Unsettled")
        yield* sandbox.move(provider, ours, status)
        yield* sandbox.move(provider, another, status)
        const sent = yield* sandbox.notifications(provider)

        assert.deepStrictEqual(yield* deliver(provider, sent), [200, 200])
        assert.strictEqual(yield* payments.state(provider, ours), "Cancelled")
        assert.isUndefined(yield* payments.state(provider, another))

        // Delivered again, when somebody has changed the row since.
        yield* payments.mark(provider, ours, "Open")
        assert.deepStrictEqual(yield* deliver(provider, sent), [200, 200])
        assert.strictEqual(yield* payments.state(provider, ours), "Open")
      }).pipe(Effect.provide(live)))
  }
  it.effect("changes nothing where it says that a cancel was declined", () =>
    Effect.gen(function*() {
      const payments = yield* Payments
      yield* payments.mark("Adyen", "psp-1", "Unsettled")
      const told = yield* payments.tell({
        provider: "Adyen",
        notificationId: "n-1",
        paymentId: "psp-1",
        decision: "Declined",
        merchantReference: Option.none(),
        reference: Option.none(),
        reason: Option.none(),
        occurredAt: Option.none(),
        receivedAt: DateTime.unsafeMake(0)
      })
      assert.strictEqual(told, "NothingNew")
      assert.strictEqual(yield* payments.state("Adyen", "psp-1"), "Unsettled")
    }).pipe(Effect.provide(Payments.Default)))
})
