import { assert, describe, it } from "@effect/vitest"
import { Airwallex, type Notification } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { createHmac } from "node:crypto"

const secret = "whsec_sandbox-signing-secret"
const now = 1_700_000_000_123

const event = {
  id: "evt_1",
  name: "payment_intent.cancelled",
  account_id: "acct_1",
  data: {
    object: {
      id: "int_1",
      status: "CANCELLED",
      merchant_order_id: "order-1042",
      cancellation_reason: "in words",
      cancelled_at: "2023-11-14T22:13:18+0000",
      client_secret: "hush"
    }
  },
  created_at: "2023-11-14T22:13:19+0000",
  version: "2025-06-30"
}

interface Signing {
  readonly key?: string
  readonly at?: number | string
}

const sign = (body: string, { at = now, key = secret }: Signing = {}) => createHmac("sha256", key).update(`${at}${body}`).digest("hex")

const incoming = (body: unknown, signing: Signing = {}): { body: string; headers: Record<string, string> } => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return { body: text, headers: { "x-timestamp": String(signing.at ?? now), "x-signature": sign(text, signing) } }
}

const verified = (given: Notification.Incoming, verification: Partial<Notification.Verification> = {}) =>
  Effect.zipRight(TestClock.setTime(now), Airwallex.notification(given, { secret: Redacted.make(secret), ...verification }))

const refused = (given: Notification.Incoming, verification?: Partial<Notification.Verification>) =>
  Effect.flip(verified(given, verification))

describe("Airwallex.notification", () => {
  it.effect("payment_intent.cancelled: which, when and why, and whose it is", () =>
    Effect.gen(function*() {
      const notification = yield* verified(incoming(event))
      assert.deepStrictEqual(notification, {
        provider: "Airwallex",
        notificationId: "evt_1",
        paymentId: "int_1",
        merchantReference: Option.some("order-1042"),
        reference: Option.none(),
        decision: "Cancelled",
        reason: Option.some("in words"),
        occurredAt: DateTime.make("2023-11-14T22:13:18Z").pipe(Option.map(DateTime.toUtc)),
        receivedAt: DateTime.unsafeMake(now),
        account: Option.some("acct_1")
      })
      const schema = Schema.parseJson(Airwallex.CancelNotification)
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(notification)), notification)
    }))

  it.effect("needs no more than the id and the status", () =>
    Effect.gen(function*() {
      const bare = { id: "evt_1", name: event.name, data: { object: { id: "int_1", status: "CANCELLED", cancelled_at: "once" } } }
      const notification = yield* verified(incoming({ ...bare, account_id: 7 }))
      assert.deepInclude(notification, {
        paymentId: "int_1",
        merchantReference: Option.none(),
        reason: Option.none(),
        occurredAt: Option.none(),
        account: Option.none()
      })
    }))

  for (const name of ["payment_intent.succeeded", "payment_attempt.cancelled", "payment_intent.canceled", "refund.settled"]) {
    it.effect(`${name} is something else, whatever it holds`, () =>
      Effect.gen(function*() {
        for (const data of [event.data, undefined]) {
          const error = yield* refused(incoming({ ...event, name, data }))
          assert(error._tag === "Notification.NotACancellation")
          assert.deepInclude(error, { event: name, answer: "Acknowledge" })
        }
      }))
  }

  for (
    const [what, body, field] of [
      ["no name", { ...event, name: undefined }, "name"],
      ["a type in its place", { ...event, name: undefined, type: event.name }, "name"],
      ["no id", { ...event, id: undefined }, "id"],
      ["no PaymentIntent", { ...event, data: {} }, "data.object"],
      ["a PaymentIntent without an id", { ...event, data: { object: { status: "CANCELLED" } } }, "data.object.id"],
      ["a PaymentIntent with an empty id", { ...event, data: { object: { ...event.data.object, id: "" } } }, "data.object.id"],
      ["one that is not cancelled", { ...event, data: { object: { ...event.data.object, status: "REQUIRES_CAPTURE" } } }, "data.object.status"]
    ] as const
  ) {
    it.effect(`with ${what} it is malformed, and acknowledged`, () =>
      Effect.gen(function*() {
        const error = yield* refused(incoming(body))
        assert(error._tag === "Notification.MalformedNotification")
        assert.deepInclude(error, { field, answer: "Acknowledge" })
      }))
  }

  // Nothing stands between the time and the body.
  it.effect("a digit that is moved from the time into the body changes the time", () =>
    Effect.gen(function*() {
      const genuine = incoming("1{}")
      const at = `${now}1`
      const moved = { body: "{}", headers: { ...genuine.headers, "x-timestamp": at } }
      const error = yield* refused(moved)
      assert.deepInclude(error, { _tag: "Notification.TimestampOutOfTolerance", answer: "Refuse" })
    }))

  for (
    const [field, headers] of [
      ["x-timestamp", { "x-signature": sign(JSON.stringify(event), { at: "" }) }],
      ["x-timestamp", { "x-timestamp": "soon", "x-signature": sign(JSON.stringify(event), { at: "soon" }) }],
      ["x-timestamp", { "x-timestamp": "-1", "x-signature": sign(JSON.stringify(event), { at: "-1" }) }]
    ] as const
  ) {
    it.effect(`is refused with ${JSON.stringify(headers)}`, () =>
      Effect.gen(function*() {
        const error = yield* refused({ body: JSON.stringify(event), headers })
        assert(error._tag === "Notification.MalformedNotification")
        assert.deepInclude(error, { field, answer: "Refuse" })
      }))
  }

  it.effect("is in time up to five minutes, in either direction, to the millisecond", () =>
    Effect.gen(function*() {
      for (const at of [now - 300_000, now + 300_000]) assert.strictEqual((yield* verified(incoming(event, { at }))).paymentId, "int_1")
      for (const at of [now - 300_001, now + 300_001, Math.floor(now / 1000)]) {
        const error = yield* refused(incoming(event, { at }))
        assert.deepInclude(error, { _tag: "Notification.TimestampOutOfTolerance", answer: "Refuse" })
      }
    }))

  it.effect("reads what the sandbox delivers", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Airwallex", { status: "REQUIRES_CUSTOMER_ACTION" })
      const [clientId, apiKey] = [Sandbox.credentials.Airwallex.clientId, Redacted.make(Sandbox.credentials.Airwallex.apiKey)]
      yield* Airwallex.cancel({ paymentId, reason: "in words" }).pipe(
        Effect.provide(Airwallex.layer({ clientId, apiKey, baseUrl: Sandbox.baseUrl("Airwallex") }))
      )
      const [delivered, ...others] = yield* sandbox.notifications("Airwallex")
      assert.lengthOf(others, 0)
      const own = Redacted.make(Sandbox.webhookSecret("Airwallex"))
      const notification = yield* Airwallex.notification(delivered!, { secret: own })
      assert.deepInclude(notification, { paymentId, reason: Option.some("in words"), account: Option.some("acct_sandbox") })
    }).pipe(Effect.provide(Layer.orDie(Sandbox.layer))))
})
