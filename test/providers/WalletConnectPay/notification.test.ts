import { assert, describe, it } from "@effect/vitest"
import { Notification, WalletConnectPay } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Crypto from "node:crypto"

const secretOf = (key: string) => `whsec_${Buffer.from(key).toString("base64")}`

const secret = secretOf("sandbox signing secret, 32 bytes.")
const other = secretOf("another signing secret")
const now = 1_700_000_000

const data = {
  payment_id: "pay_1",
  merchant_id: "merchant_1",
  live: false,
  payment_state_version: 3,
  reference_id: "order-1",
  status: "cancelled",
  amount: { unit: "iso4217/USD", value: "1000" },
  created_at: "2023-11-14T22:00:00Z",
  expires_at: "2023-11-14T23:00:00Z",
  cancelled: { cancelled_at: "2023-11-14T22:13:18.000Z", cancellation_reason: "cancelled_by_merchant" },
  processing: null,
  success: null,
  failed: null,
  expired: null,
  settled: null
}

const event = {
  id: "evt_1",
  type: "payment.cancelled",
  api_version: "2026-05-18",
  created_at: "2023-11-14T22:13:19Z",
  data
}

const keyOf = (shown: string) => Buffer.from(shown.replace("whsec_", ""), "base64")

interface Signing {
  readonly key?: string
  readonly at?: number | string
  readonly id?: string
}

const sign = (body: string | Uint8Array, { key = secret, at = now, id = "msg_1" }: Signing = {}) =>
  Crypto.createHmac("sha256", keyOf(key)).update(`${id}.${at}.`).update(body).digest("base64")

const incoming = (body: unknown, options: Signing & { readonly signature?: string } = {}): Notification.Incoming => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return {
    body: text,
    headers: {
      "svix-id": options.id ?? "msg_1",
      "svix-timestamp": String(options.at ?? now),
      "svix-signature": options.signature ?? `v1,${sign(text, options)}`
    }
  }
}

/** The same, with one header replaced or taken away. */
const withHeader = (given: Notification.Incoming, name: string, value: string | undefined): Notification.Incoming => ({
  ...given,
  headers: { ...given.headers, [name]: value }
})

const verified = (given: Notification.Incoming, verification: Partial<Notification.Verification> = {}) =>
  Effect.zipRight(
    TestClock.setTime(now * 1000),
    WalletConnectPay.notification(given, { secret: Redacted.make(secret), ...verification })
  )

const refused = (given: Notification.Incoming, verification?: Partial<Notification.Verification>) =>
  Effect.flip(verified(given, verification))

describe("WalletConnectPay.notification", () => {
  it.effect("payment.cancelled: which, when and why", () =>
    Effect.gen(function*() {
      const notification = yield* verified(incoming(event))
      assert.deepStrictEqual(notification, {
        provider: "WalletConnectPay",
        notificationId: "evt_1",
        paymentId: "pay_1",
        merchantReference: Option.some("order-1"),
        reference: Option.none(),
        decision: "Cancelled",
        reason: Option.some("cancelled_by_merchant"),
        occurredAt: Option.some(DateTime.unsafeMake((now - 2) * 1000)),
        receivedAt: DateTime.unsafeMake(now * 1000),
        live: Option.some(false),
        merchantId: Option.some("merchant_1")
      })
      const schema = WalletConnectPay.CancelNotification
      const json = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(notification)))
      assert.deepStrictEqual(Schema.decodeUnknownSync(schema)(json), notification)
    }))

  it.effect("does without what does not matter", () =>
    Effect.gen(function*() {
      const bare = { id: "evt_1", type: "payment.cancelled", data: { payment_id: "pay_1", status: "cancelled", reference_id: 7 } }
      const notification = yield* verified(incoming(bare))
      assert.deepInclude(notification, { paymentId: "pay_1", merchantReference: Option.none(), reason: Option.none(), occurredAt: Option.none() })
      for (const given of [{}, { live: null, merchant_id: null }, { live: "true", merchant_id: 7 }, { merchant_id: "" }]) {
        const unsaid = yield* verified(incoming({ ...bare, data: { ...bare.data, ...given } }))
        assert.deepInclude(unsaid, { paymentId: "pay_1", live: Option.none(), merchantId: Option.none() })
      }
      for (const cancelled of [null, { cancelled_at: "soon", cancellation_reason: null }]) {
        const other = yield* verified(incoming({ ...event, data: { ...data, cancelled } }))
        assert.deepInclude(other, { reason: Option.none(), occurredAt: Option.none() })
      }
    }))

  it.effect("the id of the message is signed", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* refused(withHeader(incoming(event), "svix-id", "msg_2")))._tag, "Notification.InvalidSignature")
    }))

  describe("signatures of several versions, and a secret without its prefix", () => {
    const body = JSON.stringify(event)
    it.effect("one of the signatures fits", () =>
      Effect.gen(function*() {
        const signature = `v1a,AAAA v1,${sign(body, { key: other })} v1,${sign(body)}`
        assert.strictEqual((yield* verified(incoming(event, { signature }))).paymentId, "pay_1")
      }))

    it.effect("a secret without its prefix fits too", () =>
      Effect.gen(function*() {
        const bare = { secret: Redacted.make(secret.replace("whsec_", "")) }
        assert.strictEqual((yield* verified(incoming(event), bare)).paymentId, "pay_1")
      }))

    it.effect("another version does not count", () =>
      Effect.gen(function*() {
        const error = yield* refused(incoming(event, { signature: `v2,${sign(body)}` }))
        assert.deepInclude(error, { _tag: "Notification.MalformedNotification", field: "svix-signature" })
      }))
  })

  describe("malformed", () => {
    const cancelled = (change: object) => incoming({ ...event, data: { ...data, ...change } })
    const cases: ReadonlyArray<readonly [string, string, Notification.Incoming]> = [
      ["a time that is none", "svix-timestamp", incoming(event, { at: "soon" })],
      ["a time beyond all times", "svix-timestamp", incoming(event, { at: "9".repeat(30) })],
      ["no id", "id", incoming({ ...event, id: undefined })],
      ["no type", "type", incoming({ ...event, type: 7 })],
      ["no data", "data", incoming({ ...event, data: undefined })],
      ["no payment", "data.payment_id", cancelled({ payment_id: "" })],
      ["no status", "data.status", cancelled({ status: null })],
      ["a payment that is not cancelled", "data.status", cancelled({ status: "succeeded" })]
    ]
    for (const [name, field, given] of cases) {
      it.effect(`${name}: ${field}`, () =>
        Effect.gen(function*() {
          const error = yield* refused(given)
          assert(error._tag === "Notification.MalformedNotification", error._tag)
          assert.strictEqual(error.field, field)
          assert.strictEqual(error.answer, field.startsWith("svix-") ? "Refuse" : "Acknowledge")
        }))
    }
  })

  for (const type of ["payment.succeeded", "payment.expired", "payment.settled"]) {
    it.effect(`${type} is not a cancellation`, () =>
      Effect.gen(function*() {
        for (const change of [{ data: {} }, { data: null, id: undefined }, { data: undefined, id: 7 }]) {
          const error = yield* refused(incoming({ ...event, type, ...change }))
          assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: type, answer: "Acknowledge" })
        }
      }))
  }
})

it.effect("in the sandbox: it says by which reference the merchant created the payment", () =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const paymentId = yield* sandbox.create("WalletConnectPay", { referenceId: "order-1" })
    yield* sandbox.move("WalletConnectPay", paymentId, "cancelled")
    const [told] = yield* sandbox.notifications("WalletConnectPay")
    const notification = yield* WalletConnectPay.notification(told!, { secret: Redacted.make(Sandbox.webhookSecret("WalletConnectPay")) })
    assert.deepInclude(notification, { paymentId, merchantReference: Option.some("order-1") })
  }).pipe(Effect.provide(Sandbox.layer)))
