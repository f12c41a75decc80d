/**
 * Whoever knows no secret can still put any number of signatures into a header. What a
 * verification costs does not grow with it: each comparison is an HMAC over the whole body.
 */
import { assert, describe, it } from "@effect/vitest"
import { AuthorizeNet, CheckoutCom, GoCardless, type Notification, Stripe, WalletConnectPay } from "effect-payment-cancel"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { createHmac } from "node:crypto"
import { vi } from "vitest"

const now = 1_700_000_000
const key = "0123456789abcdef0123456789abcdef"

interface Case {
  readonly hash?: "sha512"
  readonly notification: (
    incoming: Notification.Incoming,
    verification: Notification.Verification
  ) => Effect.Effect<unknown, Notification.NotificationError>
  readonly body: string
  readonly secrets: readonly [fits: string, other: string]
  readonly signed: string
  readonly headers: (signatures: ReadonlyArray<Uint8Array>) => { readonly [name: string]: string }
}

const authorizeNetBody = JSON.stringify({
  notificationId: "notification-1",
  eventType: "net.authorize.payment.void.created",
  payload: { responseCode: 1, entityName: "transaction", id: "60198731341" }
})
const checkoutComBody = JSON.stringify({
  id: "evt_1",
  type: "payment_voided",
  data: { id: "pay_1", action_id: "act_1", balances: { available_to_void: 0 } }
})
const goCardlessBody = JSON.stringify({
  events: [{ id: "EV1", resource_type: "payments", action: "cancelled", links: { payment: "PM1" } }]
})
const stripeBody = JSON.stringify({
  id: "evt_1",
  type: "payment_intent.canceled",
  data: { object: { id: "pi_1", status: "canceled" } }
})
const walletConnectPayBody = JSON.stringify({
  id: "evt_1",
  type: "payment.cancelled",
  data: { payment_id: "pay_1", status: "cancelled" }
})

const cases: { readonly [provider: string]: Case } = {
  AuthorizeNet: {
    hash: "sha512",
    notification: AuthorizeNet.notification,
    body: authorizeNetBody,
    secrets: [key, "another"],
    signed: authorizeNetBody,
    headers: (signatures) => ({ "X-ANET-Signature": signatures.map((_) => `sha512=${Buffer.from(_).toString("hex")}`).join(",") })
  },
  CheckoutCom: {
    notification: CheckoutCom.notification,
    body: checkoutComBody,
    secrets: [key, "another"],
    signed: checkoutComBody,
    headers: (signatures) => ({ "Cko-Signature": signatures.map((_) => Buffer.from(_).toString("hex")).join(",") })
  },
  GoCardless: {
    notification: GoCardless.notifications,
    body: goCardlessBody,
    secrets: [key, "another"],
    signed: goCardlessBody,
    headers: (signatures) => ({ "Webhook-Signature": signatures.map((_) => Buffer.from(_).toString("hex")).join(",") })
  },
  Stripe: {
    notification: Stripe.notification,
    body: stripeBody,
    secrets: [key, "whsec_another"],
    signed: `${now}.${stripeBody}`,
    headers: (signatures) => ({
      "Stripe-Signature": [`t=${now}`, ...signatures.map((_) => `v1=${Buffer.from(_).toString("hex")}`)].join(",")
    })
  },
  WalletConnectPay: {
    notification: WalletConnectPay.notification,
    body: walletConnectPayBody,
    secrets: [`whsec_${Buffer.from(key).toString("base64")}`, "whsec_YW5vdGhlcg=="],
    signed: `msg_1.${now}.${walletConnectPayBody}`,
    headers: (signatures) => ({
      "svix-id": "msg_1",
      "svix-timestamp": String(now),
      "svix-signature": signatures.map((_) => `v1,${Buffer.from(_).toString("base64")}`).join(" ")
    })
  }
}

/** So many made-up signatures of so many bytes, each of them another. */
const makingUp = (length: number) => (count: number, bytes = length) =>
  Array.from({ length: count }, (_, index) => {
    const signature = Buffer.alloc(bytes, 7)
    signature.writeUInt16BE(index)
    return signature
  })

for (const [provider, { body, hash = "sha256", headers, notification, secrets, signed }] of Object.entries(cases)) {
  const genuine = createHmac(hash, key).update(signed).digest()
  const { length } = genuine
  const madeUp = makingUp(length)
  /** What is believed, and how many comparisons it took. */
  const verified = (signatures: ReadonlyArray<Uint8Array>, using: ReadonlyArray<string> = secrets.slice(0, 1)) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const verify = vi.spyOn(globalThis.crypto.subtle, "verify")
      const result = yield* Effect.either(
        notification({ body, headers: headers(signatures) }, { secret: using.map((_) => Redacted.make(_)) })
      )
      const compared = verify.mock.calls.length
      verify.mockRestore()
      return [Either.match(result, { onLeft: (_) => _._tag, onRight: () => "believed" }), compared] as const
    })

  describe(provider, () => {
    it.effect("compares up to 16 signatures, under each secret", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* verified([...madeUp(15), genuine]), ["believed", 16])
        assert.deepStrictEqual(yield* verified([...madeUp(15), genuine], secrets), ["believed", 32])
        assert.deepStrictEqual(yield* verified(madeUp(16)), ["Notification.InvalidSignature", 16])
      }))

    it.effect("refuses more without comparing any, be one of them genuine", () =>
      Effect.gen(function*() {
        for (const count of [16, 3_000]) {
          for (const signatures of [[genuine, ...madeUp(count)], [...madeUp(count), genuine]]) {
            assert.deepStrictEqual(yield* verified(signatures), ["Notification.InvalidSignature", 0])
          }
        }
      }))

    it.effect("counts the same signature once", () =>
      Effect.gen(function*() {
        const repeated = Array.from({ length: 3_000 }, () => genuine)
        assert.deepStrictEqual(yield* verified([...repeated, ...madeUp(1)]), ["believed", 2])
        const forged = Array.from({ length: 3_000 }, () => Buffer.alloc(length))
        assert.deepStrictEqual(yield* verified(forged), ["Notification.InvalidSignature", 1])
      }))

    it.effect("counts none that is no HMAC of its hash by its length", () =>
      Effect.gen(function*() {
        const others = [2, length - 1, length + 1, length === 32 ? 64 : 32].flatMap((bytes) => madeUp(20, bytes))
        assert.deepStrictEqual(yield* verified([...others, genuine]), ["believed", 1])
        assert.deepStrictEqual(yield* verified(others), ["Notification.InvalidSignature", 0])
        assert.deepStrictEqual(
          yield* verified([genuine.subarray(0, -1), Buffer.concat([genuine, Buffer.alloc(1)])]),
          ["Notification.InvalidSignature", 0]
        )
      }))
  })
}
