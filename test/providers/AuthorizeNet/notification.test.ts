import { assert, describe, it } from "@effect/vitest"
import { AuthorizeNet, type Notification } from "effect-payment-cancel"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Crypto from "node:crypto"

const secret = "0F1E2D3C".repeat(16)
const now = 1_700_000_000

const payload = { responseCode: 1, authCode: "GYEB3", avsResponse: "P", authAmount: 0.29, entityName: "transaction", id: "60020981680" }

const event = {
  notificationId: "1f0c3a52-4f1e-4b7e-9a61-0d5f8c2b7e05",
  eventType: "net.authorize.payment.void.created",
  eventDate: "2023-11-14T22:13:19.1234567Z",
  webhookId: "63d6fea2-aa13-4b1d-a204-f5fbc15942b7",
  payload
}

const digest = (body: string | Uint8Array, key: string | Uint8Array = secret) =>
  Crypto.createHmac("sha512", key).update(body).digest("hex").toUpperCase()

const sign = (body: string | Uint8Array, key: string | Uint8Array = secret) => `sha512=${digest(body, key)}`

const incoming = (
  body: unknown,
  { header, key }: { readonly key?: string | Uint8Array; readonly header?: string } = {}
): Notification.Incoming => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return { body: text, headers: { "X-ANET-Signature": header ?? sign(text, key) } }
}

const verified = (given: Notification.Incoming, verification: Partial<Notification.Verification> = {}) =>
  Effect.zipRight(
    TestClock.setTime(now * 1000),
    AuthorizeNet.notification(given, { secret: Redacted.make(secret), ...verification })
  )

const refused = (given: Notification.Incoming, verification?: Partial<Notification.Verification>) =>
  Effect.flip(verified(given, verification))

describe("AuthorizeNet.notification", () => {
  it.effect("says which transaction was voided, and when", () =>
    Effect.gen(function*() {
      const notification = yield* verified(incoming(event))
      assert.deepStrictEqual(notification, {
        provider: "AuthorizeNet",
        notificationId: event.notificationId,
        paymentId: "60020981680",
        merchantReference: Option.none(),
        reference: Option.none(),
        decision: "Cancelled",
        reason: Option.none(),
        occurredAt: Option.some(DateTime.unsafeMake("2023-11-14T22:13:19.123Z")),
        receivedAt: DateTime.unsafeMake(now * 1000)
      })
      const schema = Schema.parseJson(AuthorizeNet.CancelNotification)
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(notification)), notification)
    }))

  it.effect("takes a scheme and digits in any case, and one of several signatures", () =>
    Effect.gen(function*() {
      const body = new TextEncoder().encode(JSON.stringify({ ...event, note: "ünïcödé" }))
      for (const header of [sign(body), sign(body).toLowerCase(), `SHA512=${digest(body)}`, ` ${sign(body)} `, `sha512=00, ${sign(body)}`]) {
        assert.strictEqual((yield* verified({ body, headers: { "x-anet-signature": header } })).paymentId, "60020981680")
      }
    }))

  // Recorded in the tests of another library: key, body and signature of a webhook that Authorize.net has sent.
  const recorded = {
    key: "52CB4A002C634B84E397DC8A218E1A160BA7CAB7CBE4C05B35E9CBB05E14FE4A2385812E980CCF97D177F17863CE214D1BE6CE8E1E894487AACF3609C1A5FE17",
    body: '{"notificationId":"182cbbff-cab2-4080-931d-80e5d818f23a","eventType":"net.authorize.payment.authcapture.created",' +
      '"eventDate":"2017-08-18T20:40:52.7722007Z","webhookId":"849eb87e-078a-4169-a34b-c0bded5019a8",' +
      '"payload":{"responseCode":0,"authCode":"Z3PV5H","avsResponse":"Y","authAmount":0.0,"entityName":"transaction","id":"40005915599"}}',
    header: "sha512=A1E0CC0F8A7B6274E0951CAC5EB63579F70FC6B7B15384B146DCE02B98DEE3954A5A8E331661B51DE953E141E88994DFA7D267FFB8428BE0660511B6EFB94960"
  }

  it.effect("fits a signature that was recorded: the key is the text that is shown", () =>
    Effect.gen(function*() {
      const { body, header, key } = recorded
      const error = yield* refused(incoming(body, { header }), { secret: Redacted.make(`${key}\n`) })
      assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: "net.authorize.payment.authcapture.created" })
      const altered = yield* refused(incoming(body.replace("0.0", "0"), { header }), { secret: Redacted.make(key) })
      assert.strictEqual(altered._tag, "Notification.InvalidSignature")
    }))

  describe("signed otherwise, or checked with another form of the secret", () => {
    const body = JSON.stringify(event)
    const sha256 = Crypto.createHmac("sha256", secret).update(body).digest("hex")
    const cases: ReadonlyArray<readonly [string, Notification.Incoming, Partial<Notification.Verification>?]> = [
      ["signed with the bytes that the digits of the key stand for", incoming(event, { key: Buffer.from(secret, "hex") })],
      ["a signature without its scheme", incoming(event, { header: digest(body) })],
      ["another scheme", incoming(event, { header: `sha256=${digest(body)}` })],
      ["a shorter hash", incoming(event, { header: `sha512=${sha256}` })],
      ["checked with the secret in small letters", incoming(event), { secret: Redacted.make(secret.toLowerCase()) }]
    ]
    for (const [name, given, verification] of cases) {
      it.effect(name, () =>
        Effect.gen(function*() {
          const error = yield* refused(given, verification)
          assert.deepInclude(error, { _tag: "Notification.InvalidSignature", provider: "AuthorizeNet", answer: "Refuse" })
        }))
    }
  })

  it.effect("an event without a time is never too old", () =>
    Effect.gen(function*() {
      for (const eventDate of [undefined, null, 7, "soon"]) {
        const notification = yield* verified(incoming({ ...event, eventDate }), { tolerance: 0 })
        assert.deepStrictEqual(notification.occurredAt, Option.none())
      }
    }))

  describe("genuine, and about something else", () => {
    for (const eventType of ["net.authorize.payment.refund.created", "net.authorize.payment.void.created.", "toString", "__proto__"]) {
      it.effect(eventType, () =>
        Effect.gen(function*() {
          assert.deepInclude(yield* refused(incoming({ ...event, eventType, payload: null, eventDate: "1999-01-01T00:00:00Z" })), {
            _tag: "Notification.NotACancellation",
            event: eventType
          })
        }))
    }
    it.effect("a void that was not approved is that first, however old it is", () =>
      Effect.gen(function*() {
        const old = { ...event, payload: { ...payload, responseCode: 0 }, eventDate: "1999-01-01T00:00:00Z" }
        assert.deepInclude(yield* refused(incoming(old)), { _tag: "Notification.NotACancellation", answer: "Acknowledge" })
      }))
    it.effect("a void that was not approved, as a test of the endpoint has it", () =>
      Effect.gen(function*() {
        for (const responseCode of [0, 2, 3, 4]) {
          assert.deepInclude(yield* refused(incoming({ ...event, payload: { ...payload, responseCode } })), {
            _tag: "Notification.NotACancellation",
            answer: "Acknowledge",
            event: `net.authorize.payment.void.created with response code ${responseCode}`
          })
        }
      }))
  })

  describe("genuine, and of no form", () => {
    const cases: ReadonlyArray<readonly [field: string, body: unknown]> = [
      ["eventType", {}],
      ["eventType", { ...event, eventType: 7 }],
      ["notificationId", { ...event, notificationId: "" }],
      ["payload", { ...event, payload: null }],
      ["payload.id", { ...event, payload: { ...payload, id: undefined } }],
      ["payload.id", { ...event, payload: { ...payload, id: 60020981680 } }],
      // Of a transaction in test mode, in which nothing happens.
      ["payload.id", { ...event, payload: { ...payload, id: "0" } }],
      ["payload.entityName", { ...event, payload: { ...payload, entityName: "subscription" } }],
      ["payload.responseCode", { ...event, payload: { ...payload, responseCode: undefined } }],
      ["payload.responseCode", { ...event, payload: { ...payload, responseCode: "1" } }]
    ]
    for (const [field, body] of cases) {
      it.effect(`${field}: ${JSON.stringify(body).slice(-60)}`, () =>
        Effect.gen(function*() {
          assert.deepInclude(yield* refused(incoming(body)), { _tag: "Notification.MalformedNotification", answer: "Acknowledge", field })
        }))
    }
  })
})
