import { assert, describe, it } from "@effect/vitest"
import { Notification, WalletConnectPay } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Crypto from "node:crypto"
import { inspect } from "node:util"

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

  it.effect("takes bytes, and a header in any case", () =>
    Effect.gen(function*() {
      const body = new TextEncoder().encode(JSON.stringify({ ...event, note: "ünïcödé" }))
      const given = {
        body,
        headers: { "SVIX-ID": "msg_1", "Svix-Timestamp": String(now), "SVIX-SIGNATURE": `v1,${sign(body)}` }
      }
      assert.strictEqual((yield* verified(given)).paymentId, "pay_1")
    }))

  it.effect("the same twice is the same twice", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* verified(incoming(event)), yield* verified(incoming(event)))
    }))

  describe("forged, altered, or checked with the wrong secret", () => {
    const body = JSON.stringify(event)
    const cases: ReadonlyArray<readonly [string, Notification.Incoming, Partial<Notification.Verification>?]> = [
      ["signed with another secret", incoming(event, { key: other })],
      ["signed with nothing", incoming(event, { key: "" })],
      ["a made-up signature", incoming(event, { signature: `v1,${"A".repeat(43)}=` })],
      ["a signature that is no base64", incoming(event, { signature: "v1,*" })],
      ["an empty signature", incoming(event, { signature: "v1," })],
      ["a signature cut short", incoming(event, { signature: `v1,${Buffer.from(sign(body), "base64").subarray(0, 16).toString("base64")}` })],
      ["the body altered", { ...incoming(event), body: body.replace("pay_1", "pay_2") }],
      ["one byte more", { ...incoming(event), body: `${body} ` }],
      ["the body printed anew", { ...incoming(event), body: JSON.stringify(event, null, 2) }],
      ["the time altered", withHeader(incoming(event), "svix-timestamp", String(now + 1))],
      ["the id altered", withHeader(incoming(event), "svix-id", "msg_2")],
      ["checked with the wrong secret", incoming(event), { secret: Redacted.make(other) }],
      ["checked with a secret that is no base64", incoming(event), { secret: Redacted.make("whsec_***") }],
      ["checked with an empty secret", incoming(event, { key: "" }), { secret: Redacted.make("whsec_") }],
      ["checked with no secret", incoming(event), { secret: [] }]
    ]
    for (const [name, given, verification] of cases) {
      it.effect(name, () =>
        Effect.gen(function*() {
          const error = yield* refused(given, verification)
          assert.deepInclude(error, { _tag: "Notification.InvalidSignature", provider: "WalletConnectPay", answer: "Refuse" })
          for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(error), String(error)]) {
            assert.notInclude(shown, "whsec_")
            assert.notInclude(shown, sign(body))
          }
        }))
    }

    it.effect("even where it is of the wrong time or form: the signature is checked first", () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* refused(incoming("{", { key: other, at: 1 })))._tag, "Notification.InvalidSignature")
      }))
  })

  describe("several signatures, and a secret that is being replaced", () => {
    const body = JSON.stringify(event)
    it.effect("one of the signatures fits", () =>
      Effect.gen(function*() {
        const signature = `v1a,AAAA v1,${sign(body, { key: other })} v1,${sign(body)}`
        assert.strictEqual((yield* verified(incoming(event, { signature }))).paymentId, "pay_1")
      }))

    it.effect("one of the secrets fits", () =>
      Effect.gen(function*() {
        const both = { secret: [Redacted.make(other), Redacted.make(secret)] }
        for (const key of [secret, other]) {
          assert.strictEqual((yield* verified(incoming(event, { key }), both)).paymentId, "pay_1")
        }
        assert.strictEqual((yield* refused(incoming(event, { key: secretOf("third") }), both))._tag, "Notification.InvalidSignature")
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

  describe("played again later", () => {
    for (const [seconds, isIn] of [[0, true], [300, true], [-300, true], [301, false], [-301, false], [86_400, false]] as const) {
      it.effect(`${seconds} seconds old`, () =>
        Effect.gen(function*() {
          const result = yield* Effect.either(verified(incoming(event, { at: now - seconds })))
          assert.strictEqual(result._tag, isIn ? "Right" : "Left")
          if (result._tag === "Left") {
            assert(result.left._tag === "Notification.TimestampOutOfTolerance")
            assert.strictEqual(result.left.answer, "Refuse")
            assert.strictEqual(DateTime.toEpochMillis(result.left.timestamp), (now - seconds) * 1000)
          }
        }))
    }

    it.effect("the tolerance can be chosen", () =>
      Effect.gen(function*() {
        const old = incoming(event, { at: now - 3_600 })
        assert.strictEqual((yield* verified(old, { tolerance: "1 hour" })).paymentId, "pay_1")
        const error = yield* refused(incoming(event, { at: now - 11 }), { tolerance: "10 seconds" })
        assert.strictEqual(error._tag, "Notification.TimestampOutOfTolerance")
      }))

    for (const [title, seconds, verification] of [
      ["5 minutes", 300, {}],
      ["the 10 seconds that were chosen", 10, { tolerance: "10 seconds" }]
    ] as const) {
      it.effect(`the very same notification is believed up to ${title} after and before its time, and no second more`, () =>
        Effect.gen(function*() {
          const recorded = incoming(event)
          const told = (at: number) =>
            TestClock.setTime(at * 1000).pipe(
              Effect.zipRight(WalletConnectPay.notification(recorded, { secret: Redacted.make(secret), ...verification })),
              Effect.match({ onFailure: (error) => error._tag, onSuccess: (_) => _.paymentId })
            )
          for (const way of [1, -1]) {
            assert.strictEqual(yield* told(now + way * (seconds - 1)), "pay_1")
            assert.strictEqual(yield* told(now + way * seconds), "pay_1")
            assert.strictEqual(yield* told(now + way * (seconds + 1)), "Notification.TimestampOutOfTolerance")
          }
        }))
    }

    it.effect("no header makes it younger or older: its time is signed", () =>
      Effect.gen(function*() {
        for (const [at, claimed] of [[now - 86_400, now], [now + 86_400, now], [now, now - 1], [now, now + 86_400]] as const) {
          const error = yield* refused(withHeader(incoming(event, { at }), "svix-timestamp", String(claimed)))
          assert.strictEqual(error._tag, "Notification.InvalidSignature")
        }
        const sameTime = withHeader(incoming(event), "svix-timestamp", `0${now}`)
        assert.strictEqual((yield* refused(sameTime))._tag, "Notification.InvalidSignature")
      }))
  })

  describe("malformed", () => {
    const body = JSON.stringify(event)
    const cancelled = (change: object) => incoming({ ...event, data: { ...data, ...change } })
    const cases: ReadonlyArray<readonly [string, string, Notification.Incoming]> = [
      ["no headers", "svix-id", { body, headers: {} }],
      ["no id of the message", "svix-id", withHeader(incoming(event), "svix-id", undefined)],
      ["no time", "svix-timestamp", withHeader(incoming(event), "svix-timestamp", undefined)],
      ["a time that is none", "svix-timestamp", incoming(event, { at: "soon" })],
      ["a time beyond all times", "svix-timestamp", incoming(event, { at: "9".repeat(30) })],
      ["no signature", "svix-signature", withHeader(incoming(event), "svix-signature", undefined)],
      ["an empty signature", "svix-signature", incoming(event, { signature: "" })],
      ["no JSON", "body", incoming("not JSON")],
      ["an empty body", "body", incoming("")],
      ["null", "body", incoming(null)],
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

describe("from the sandbox", () => {
  const layer = WalletConnectPay.layer({
    credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make(Sandbox.credentials.WalletConnectPay.apiKey) })
  }).pipe(Layer.orDie, Layer.provideMerge(Sandbox.layer))
  const verification = { secret: Redacted.make(Sandbox.webhookSecret("WalletConnectPay")) }

  it.effect("a cancel is told of, and says the same as its answer", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WalletConnectPay", { referenceId: "order-1" })
      const cancelled = yield* WalletConnectPay.cancel({ paymentId })
      assert(cancelled._tag === "Cancelled")
      yield* TestClock.adjust("2 days")
      const [told] = yield* sandbox.notifications("WalletConnectPay")
      const notification = yield* WalletConnectPay.notification(told!, verification)
      assert.deepInclude(notification, {
        paymentId,
        merchantReference: Option.some("order-1"),
        decision: "Cancelled",
        reason: Option.some("cancelled_by_user")
      })
      assert.deepStrictEqual(notification.occurredAt, cancelled.cancelledAt)
      yield* TestClock.adjust("301 seconds")
      const error = yield* Effect.flip(WalletConnectPay.notification(told!, verification))
      assert.strictEqual(error._tag, "Notification.TimestampOutOfTolerance")
    }).pipe(Effect.provide(layer)))

  it.effect("what else happens is told of too, and is not a cancellation", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WalletConnectPay")
      yield* sandbox.move("WalletConnectPay", paymentId, "expired")
      const [told] = yield* sandbox.notifications("WalletConnectPay")
      const error = yield* Effect.flip(WalletConnectPay.notification(told!, verification))
      assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: "payment.expired" })
    }).pipe(Effect.provide(layer)))
})
