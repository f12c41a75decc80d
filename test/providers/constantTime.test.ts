/**
 * How long a verification takes tells nothing of how much of a signature fits: signatures are
 * compared by the platform, which does so in constant time, and under each secret, whether or
 * not one of them fits already.
 */
import { assert, describe, it } from "@effect/vitest"
import { Adyen, type Notification, Stripe, WalletConnectPay } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { vi } from "vitest"

const { apiKey, merchantAccount } = Sandbox.credentials.Adyen

const live = Layer.provideMerge(
  Layer.orDie(Adyen.layer({ apiKey: Redacted.make(apiKey), merchantAccount, baseUrl: Sandbox.baseUrl("Adyen") })),
  Sandbox.layer
)

/** Each provider, how a payment comes to be cancelled there, and another secret of its form. */
const providers = [
  ["Adyen", Adyen.notification, (paymentId: string) => Adyen.cancel({ paymentId }), "00".repeat(32)],
  [
    "Stripe",
    Stripe.notification,
    (paymentId: string) => Effect.flatMap(Sandbox.Sandbox, (_) => _.move("Stripe", paymentId, "canceled")),
    "whsec_another"
  ],
  [
    "WalletConnectPay",
    WalletConnectPay.notification,
    (paymentId: string) => Effect.flatMap(Sandbox.Sandbox, (_) => _.move("WalletConnectPay", paymentId, "cancelled")),
    "whsec_YW5vdGhlcg=="
  ]
] as const

type Notify = (
  incoming: Notification.Incoming,
  verification: Notification.Verification
) => Effect.Effect<unknown, Notification.NotificationError | ConfigError.ConfigError>

describe("a verification compares every signature, by the platform", () => {
  for (const [name, notification, cancelled, other] of providers) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        yield* cancelled(yield* sandbox.create(name))
        yield* TestClock.adjust("2 seconds")
        const incoming = (yield* sandbox.notifications(name)).at(-1)!
        const verify = vi.spyOn(globalThis.crypto.subtle, "verify")
        const notify: Notify = notification
        const compared = (...secrets: ReadonlyArray<string>) =>
          Effect.map(
            Effect.either(notify(incoming, { secret: secrets.map((_) => Redacted.make(_)) })),
            (result) => [result._tag, verify.mock.calls.splice(0).length]
          )
        const secret = Sandbox.webhookSecret(name)
        assert.deepStrictEqual(yield* compared(secret, other, other), ["Right", 3])
        assert.deepStrictEqual(yield* compared(other, other, secret), ["Right", 3])
        assert.deepStrictEqual(yield* compared(other, other, other), ["Left", 3])
        verify.mockRestore()
      }).pipe(Effect.provide(live)))
  }
})
