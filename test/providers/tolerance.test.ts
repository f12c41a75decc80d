/**
 * A tolerance that cannot be used is named, at every provider, whatever came in.
 */
import { assert, describe, it } from "@effect/vitest"
import { Adyen, type Notification, Stripe, WalletConnectPay } from "effect-payment-cancel"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const secret = Redacted.make("whsec_AAAA")

const incoming: Notification.Incoming = { body: "", headers: {} }

const providers: {
  readonly [name: string]: (
    incoming: Notification.Incoming,
    verification: Notification.Verification
  ) => Effect.Effect<unknown, Notification.NotificationError>
} = {
  Adyen: Adyen.notification,
  Stripe: Stripe.notification,
  WalletConnectPay: WalletConnectPay.notification
}

describe("a tolerance that is no duration, or negative", () => {
  for (const [name, notification] of Object.entries(providers)) {
    for (const tolerance of ["soon", "", "-5 minutes", -1, -1n, Number.NaN, null, {}] as ReadonlyArray<unknown>) {
      it.effect(`${name}: ${typeof tolerance === "bigint" ? `${tolerance}n` : String(JSON.stringify(tolerance))}`, () =>
        Effect.gen(function*() {
          const defect = yield* Effect.flip(
            Effect.catchAllDefect(notification(incoming, { secret, tolerance: tolerance as never }), Effect.fail)
          )
          assert.deepStrictEqual<unknown>(defect, ConfigError.InvalidData(["tolerance"], "must be a duration, and not negative"))
        }))
    }
    for (const tolerance of [0, "1 hour", Infinity] as const) {
      it.effect(`${name}: but ${tolerance} is one`, () =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(notification(incoming, { secret, tolerance }))
          assert.strictEqual(error._tag, "Notification.MalformedNotification")
        }))
    }
  }
})
