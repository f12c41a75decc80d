import { assert, describe, it } from "@effect/vitest"
import { type Notification, Square } from "effect-payment-cancel"
import * as ConfigError from "effect/ConfigError"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Crypto from "node:crypto"
import { WebhooksHelper } from "square"

const secret = "asdf1234-signature-key"
const other = "another-signature-key"
const notificationUrl = "https://shop.example/webhooks/square?shop=1"
const now = 1_700_000_000

const payment = {
  id: "hYy9pRFVxpDsO1FB05SunFWUe9JZY",
  status: "CANCELED",
  reference_id: "order-1042",
  card_details: { status: "VOIDED", card_payment_timeline: { voided_at: "2023-11-14T22:13:19.123Z" } }
}

const event = {
  merchant_id: "6SSW7HV8K2ST5",
  type: "payment.updated",
  event_id: "6a8f5f28-54a1-4eb0-a98a-3111513fd4fc",
  created_at: "2023-11-14T22:13:20Z",
  data: { type: "payment", id: payment.id, object: { payment } }
}

const sign = (body: string | Uint8Array, { key = secret, url = notificationUrl } = {}) =>
  Crypto.createHmac("sha256", key).update(url).update(body).digest("base64")

const incoming = (
  body: unknown,
  { header, ...signed }: { readonly key?: string; readonly url?: string; readonly header?: string } = {}
): Notification.Incoming => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return { body: text, headers: { "X-Square-HmacSha256-Signature": header ?? sign(text, signed) } }
}

const verified = (given: Notification.Incoming, verification: Partial<Square.NotificationVerification> = {}) =>
  Effect.zipRight(
    TestClock.setTime(now * 1000),
    Square.notification(given, { secret: Redacted.make(secret), notificationUrl, ...verification })
  )

const refused = (given: Notification.Incoming, verification?: Partial<Square.NotificationVerification>) =>
  Effect.flip(verified(given, verification))

const changed = (change: object) => ({ ...event, data: { ...event.data, object: { payment: { ...payment, ...change } } } })

describe("Square.notification", () => {
  it.effect("payment.updated of a payment that is canceled: which, whose and when", () =>
    Effect.gen(function*() {
      const notification = yield* verified(incoming(event))
      assert.deepStrictEqual(notification, {
        provider: "Square",
        notificationId: event.event_id,
        paymentId: payment.id,
        merchantReference: Option.some("order-1042"),
        reference: Option.none(),
        decision: "Cancelled",
        reason: Option.none(),
        occurredAt: Option.some(DateTime.unsafeMake("2023-11-14T22:13:19.123Z")),
        receivedAt: DateTime.unsafeMake(now * 1000),
        merchantId: Option.some("6SSW7HV8K2ST5")
      })
      const schema = Schema.parseJson(Square.CancelNotification)
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(notification)), notification)
    }))

  it.effect("any other status, and any other event, is no cancel", () =>
    Effect.gen(function*() {
      for (const status of ["APPROVED", "PENDING", "COMPLETED", "FAILED", "CANCELLED", "canceled", ""]) {
        assert.deepInclude(yield* refused(incoming(changed({ status }))), {
          _tag: "Notification.NotACancellation",
          answer: "Acknowledge",
          event: "payment.updated of a payment that is not canceled"
        })
      }
      for (const type of ["payment.created", "refund.updated", "order.updated"]) {
        assert.deepInclude(yield* refused(incoming({ ...event, type, data: {} })), { _tag: "Notification.NotACancellation", event: type })
      }
    }))

  it.effect("does without what does not matter", () =>
    Effect.gen(function*() {
      for (const wrong of [undefined, null, 7, []]) {
        const bare = { ...changed({ reference_id: wrong, card_details: wrong }), merchant_id: wrong, created_at: wrong }
        assert.deepInclude(yield* verified(incoming(bare)), {
          decision: "Cancelled",
          merchantReference: Option.none(),
          occurredAt: Option.none(),
          merchantId: Option.none()
        })
      }
      // Only card payments state when; then the event says it.
      assert.deepInclude(yield* verified(incoming(changed({ card_details: null }))), {
        occurredAt: Option.some(DateTime.unsafeMake("2023-11-14T22:13:20Z"))
      })
    }))

  it.effect("is malformed without what it needs: acknowledged, because its signature matches", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [body: unknown, field: string]> = [
        [{}, "type"],
        [{ ...event, event_id: undefined }, "event_id"],
        [{ ...event, data: undefined }, "data"],
        [{ ...event, data: { object: {} } }, "data.object.payment"],
        [changed({ id: undefined }), "data.object.payment.id"],
        [changed({ id: "" }), "data.object.payment.id"],
        [changed({ status: 7 }), "data.object.payment.status"]
      ]
      for (const [body, field] of cases) {
        assert.deepInclude(yield* refused(incoming(body)), { _tag: "Notification.MalformedNotification", answer: "Acknowledge", field })
      }
    }))

  it.effect("an event without a time is never too old, and one about something else is that first", () =>
    Effect.gen(function*() {
      for (const created_at of [undefined, null, 7, "soon"]) {
        assert.strictEqual((yield* verified(incoming({ ...event, created_at }), { tolerance: 0 })).paymentId, payment.id)
      }
      const old = { ...event, created_at: "1999-01-01T00:00:00Z" }
      for (const body of [{ ...old, type: "payment.created", data: {} }, { ...old, data: changed({ status: "COMPLETED" }).data }]) {
        assert.deepInclude(yield* refused(incoming(body)), { _tag: "Notification.NotACancellation", answer: "Acknowledge" })
      }
      assert.deepInclude(yield* refused(incoming(old, { key: other })), { _tag: "Notification.InvalidSignature" })
    }))

  describe("signed otherwise, or for another address", () => {
    const body = JSON.stringify(event)
    const cases: ReadonlyArray<readonly [string, Notification.Incoming, Partial<Square.NotificationVerification>?]> = [
      ["signed for another address", incoming(event, { url: "https://shop.example/webhooks/other" })],
      ["signed without the address", incoming(event, { url: "" })],
      ["checked with another address", incoming(event), { notificationUrl: `${notificationUrl}&` }],
      ["a signature in hex", incoming(event, { header: Buffer.from(sign(body), "base64").toString("hex") })]
    ]
    for (const [name, given, verification] of cases) {
      it.effect(name, () =>
        Effect.gen(function*() {
          const error = yield* refused(given, verification)
          assert.deepInclude(error, { _tag: "Notification.InvalidSignature", provider: "Square", answer: "Refuse" })
          assert.include(error.message, "or notificationUrl is not the subscription's")
        }))
    }

    it.effect("not at all: the header that Square had before does not count", () =>
      Effect.gen(function*() {
        const error = yield* refused({ body, headers: { "X-Square-Signature": sign(body) } })
        assert.deepInclude(error, { _tag: "Notification.MalformedNotification", answer: "Refuse" })
      }))
  })

  it.effect("an address that is none is a defect that names the option", () =>
    Effect.gen(function*() {
      for (const wrong of ["", undefined, null, 7, new URL(notificationUrl)]) {
        const defect = yield* Effect.flip(Effect.catchAllDefect(verified(incoming(event), { notificationUrl: wrong as never }), Effect.fail))
        assert.deepStrictEqual<unknown>(defect, ConfigError.InvalidData(["notificationUrl"], "must be the subscription's notification URL"))
      }
    }))

  it.effect("believes what Square's own SDK believes", () =>
    Effect.gen(function*() {
      const body = JSON.stringify({ ...event, note: "ünïcödé" })
      for (const header of [sign(body), sign(body, { key: other }), sign(body, { url: "https://elsewhere.example" })]) {
        const theirs = yield* Effect.promise(() =>
          WebhooksHelper.verifySignature({ requestBody: body, signatureHeader: header, signatureKey: secret, notificationUrl }))
        const ours = yield* Effect.isSuccess(verified({ body: new TextEncoder().encode(body), headers: { "x-square-hmacsha256-signature": header } }))
        assert.strictEqual(ours, theirs)
      }
    }))

  describe("the vectors that Square's own SDKs are tested with", () => {
    // Of the tests of Square's SDKs for Java, Go, Ruby, Python, PHP and Node, which agree.
    const genuine = {
      body: "{\"merchant_id\":\"MLEFBHHSJGVHD\",\"type\":\"webhooks.test_notification\"," +
        "\"event_id\":\"ac3ac95b-f97d-458c-a6e6-18981597e05f\",\"created_at\":\"2022-07-13T20:30:59.037339943Z\"," +
        "\"data\":{\"type\":\"webhooks\",\"id\":\"bc368e64-01aa-407e-b46e-3231809b1129\"}}",
      header: "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=",
      key: "Ibxx_5AKakO-3qeNVR61Dw",
      url: "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9"
    }
    const escaped = {
      body: "{\"data\":{\"type\":\"webhooks\",\"id\":\">id<\"}}",
      header: "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=",
      key: "signature-key",
      url: "https://webhook.site/webhooks"
    }
    const plain = { ...escaped, body: "{\"data\":{\"type\":\"webhooks\",\"id\":\"fake_id\"}}", header: "W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOA=" }

    const read = ({ body, header, key, url }: typeof genuine) =>
      refused({ body, headers: { "x-square-hmacsha256-signature": header } }, { secret: Redacted.make(key), notificationUrl: url })

    it.effect("fit", () =>
      Effect.gen(function*() {
        assert.deepInclude(yield* read(genuine), { _tag: "Notification.NotACancellation", event: "webhooks.test_notification" })
        for (const vector of [escaped, plain]) {
          assert.deepInclude(yield* read(vector), { _tag: "Notification.MalformedNotification", answer: "Acknowledge", field: "type" })
        }
      }))

    it.effect("do not fit where anything of them is another's", () =>
      Effect.gen(function*() {
        for (const vector of [genuine, escaped, plain]) {
          const changes = [{ body: `${vector.body} ` }, { header: sign(vector.body) }, { key: `${vector.key}_` }, { url: `${vector.url}/` }]
          for (const change of changes) {
            const error = yield* read({ ...vector, ...change })
            assert.strictEqual(error._tag, "Notification.InvalidSignature", JSON.stringify(change))
          }
        }
      }))
  })
})
