import { assert, describe, it } from "@effect/vitest"
import { Cancellation, Stripe, type Notification } from "effect-payment-cancel"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Crypto from "node:crypto"

const secret = "whsec_sandbox-signing-secret"
const other = "whsec_another-signing-secret"
const now = 1_700_000_000

const payment = {
  id: "pi_1",
  object: "payment_intent",
  status: "canceled",
  canceled_at: now - 2,
  cancellation_reason: "duplicate",
  client_secret: "pi_1_secret_hush"
}

const event = {
  id: "evt_1",
  object: "event",
  type: "payment_intent.canceled",
  api_version: "2026-10-28.endive",
  created: now - 1,
  data: { object: payment },
  livemode: false
}

const sign = (body: string | Uint8Array, { key = secret, at = now }: { readonly key?: string; readonly at?: number | string } = {}) =>
  Crypto.createHmac("sha256", key).update(`${at}.`).update(body).digest("hex")

const incoming = (
  body: unknown,
  options: { readonly key?: string; readonly at?: number | string; readonly header?: string } = {}
): Notification.Incoming => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return {
    body: text,
    headers: { "Stripe-Signature": options.header ?? `t=${options.at ?? now},v1=${sign(text, options)}` }
  }
}

const verified = (given: Notification.Incoming, verification: Partial<Notification.Verification> = {}) =>
  Effect.zipRight(
    TestClock.setTime(now * 1000),
    Stripe.notification(given, { secret: Redacted.make(secret), ...verification })
  )

const refused = (given: Notification.Incoming, verification?: Partial<Notification.Verification>) =>
  Effect.flip(verified(given, verification))

describe("Stripe.notification", () => {
  it.effect("payment_intent.canceled: which, when and why", () =>
    Effect.gen(function*() {
      const notification = yield* verified(incoming(event))
      assert.deepStrictEqual(notification, {
        provider: "Stripe",
        notificationId: "evt_1",
        paymentId: "pi_1",
        merchantReference: Option.none(),
        reference: Option.none(),
        decision: "Cancelled",
        reason: Option.some("duplicate"),
        capturedAmount: Option.none(),
        occurredAt: Option.some(DateTime.unsafeMake((now - 2) * 1000)),
        receivedAt: DateTime.unsafeMake(now * 1000),
        livemode: Option.some(false),
        account: Option.none()
      })
      const schema = Stripe.CancelNotification
      const json = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(notification)))
      assert.deepStrictEqual(Schema.decodeUnknownSync(schema)(json), notification)
    }))

  it.effect("says what was captured before", () =>
    Effect.gen(function*() {
      const partly = { ...event, data: { object: { ...event.data.object, amount_received: 400, currency: "eur" } } }
      const notification = yield* verified(incoming(partly))
      assert.deepStrictEqual(notification.capturedAmount, Option.some({ amount: 400, currency: Option.some("EUR") }))
      assert.isTrue(Cancellation.isPartlyCaptured(notification))
      const { capturedAmount: _, ...old } = Schema.encodeSync(Stripe.CancelNotification)(notification)
      assert.deepStrictEqual(Schema.decodeSync(Stripe.CancelNotification)(old).capturedAmount, Option.none())
    }))

  it.effect("says whose it is, and whether it is in earnest", () =>
    Effect.gen(function*() {
      for (
        const [stated, livemode, account] of [
          [{ livemode: true, account: "acct_1" }, Option.some(true), Option.some("acct_1")],
          [{ livemode: false, account: "acct_2" }, Option.some(false), Option.some("acct_2")],
          [{ livemode: undefined }, Option.none(), Option.none()],
          [{ livemode: "true", account: "" }, Option.none(), Option.none()],
          [{ livemode: null, account: 7 }, Option.none(), Option.none()]
        ] as const
      ) {
        const notification = yield* verified(incoming({ ...event, ...stated }))
        assert.deepInclude(notification, { paymentId: "pi_1", livemode, account })
        const schema = Schema.parseJson(Stripe.CancelNotification)
        assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(notification)), notification)
      }
    }))

  it.effect("does without what does not matter", () =>
    Effect.gen(function*() {
      const bare = { id: "evt_1", type: "payment_intent.canceled", data: { object: { id: "pi_1", status: "canceled", canceled_at: "soon" } } }
      const notification = yield* verified(incoming(bare))
      assert.deepInclude(notification, { paymentId: "pi_1", reason: Option.none(), occurredAt: Option.none() })
    }))

  it.effect("the secret is the whole text that is shown, with its prefix", () =>
    Effect.gen(function*() {
      const error = yield* refused(incoming(event), { secret: Redacted.make(secret.slice("whsec_".length)) })
      assert.strictEqual(error._tag, "Notification.InvalidSignature")
    }))

  describe("several signatures", () => {
    const body = JSON.stringify(event)
    it.effect("one of the signatures fits", () =>
      Effect.gen(function*() {
        const header = `t=${now},v1=${sign(body, { key: other })},v1=${sign(body)},v0=${"1".repeat(64)}`
        assert.strictEqual((yield* verified(incoming(event, { header }))).paymentId, "pi_1")
        const spaced = ` t=${now} , v1=${sign(body)} `
        assert.strictEqual((yield* verified(incoming(event, { header: spaced }))).paymentId, "pi_1")
      }))

    it.effect("the old scheme does not count", () =>
      Effect.gen(function*() {
        const error = yield* refused(incoming(event, { header: `t=${now},v0=${sign(body)}` }))
        assert.deepInclude(error, { _tag: "Notification.MalformedNotification", field: "Stripe-Signature" })
      }))
  })

  describe("malformed", () => {
    const body = JSON.stringify(event)
    const canceled = (object: unknown) => incoming({ ...event, data: { object } })
    const cases: ReadonlyArray<readonly [string, string, Notification.Incoming]> = [
      ["no time", "Stripe-Signature", incoming(event, { header: `v1=${sign(body)}` })],
      ["two times", "Stripe-Signature", incoming(event, { header: `t=${now},t=1,v1=${sign(body)}` })],
      ["a time that is none", "Stripe-Signature", incoming(event, { at: "soon" })],
      ["a time beyond all times", "Stripe-Signature", incoming(event, { at: "9".repeat(30) })],
      ["no signature", "Stripe-Signature", incoming(event, { header: `t=${now}` })],
      ["no id", "id", incoming({ ...event, id: undefined })],
      ["no type", "type", incoming({ ...event, type: 7 })],
      ["no data", "data", incoming({ ...event, data: undefined })],
      ["no PaymentIntent", "data.object", canceled(undefined)],
      ["no id of the PaymentIntent", "data.object.id", canceled({ ...payment, id: null })],
      ["an empty id of the PaymentIntent", "data.object.id", canceled({ ...payment, id: "" })],
      ["a PaymentIntent that is not canceled", "data.object.status", canceled({ ...payment, status: "succeeded" })]
    ]
    for (const [name, field, given] of cases) {
      it.effect(`${name}: ${field}`, () =>
        Effect.gen(function*() {
          const error = yield* refused(given)
          assert(error._tag === "Notification.MalformedNotification", error._tag)
          assert.strictEqual(error.field, field)
          assert.strictEqual(error.answer, field === "Stripe-Signature" ? "Refuse" : "Acknowledge")
          assert.notInclude(JSON.stringify(error), "hush")
        }))
    }
  })

  for (const type of ["payment_intent.succeeded", "payment_intent.payment_failed", "charge.refunded", "v2.core.event"]) {
    it.effect(`${type} is not a cancellation`, () =>
      Effect.gen(function*() {
        for (const change of [{ data: {} }, { data: null, id: undefined }, { data: undefined, id: 7, livemode: "no" }]) {
          const error = yield* refused(incoming({ ...event, type, ...change }))
          assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: type, answer: "Acknowledge" })
        }
      }))
  }
})
