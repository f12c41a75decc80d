import { assert, describe, it } from "@effect/vitest"
import { Cancellation, Stripe, type Notification } from "effect-payment-cancel"
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

  it.effect("takes bytes, and a header in any case", () =>
    Effect.gen(function*() {
      const body = new TextEncoder().encode(JSON.stringify({ ...event, note: "ünïcödé" }))
      const given = { body, headers: { "content-type": "application/json", "STRIPE-SIGNATURE": `t=${now},v1=${sign(body)}` } }
      assert.strictEqual((yield* verified(given)).paymentId, "pi_1")
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
      ["a made-up signature", incoming(event, { header: `t=${now},v1=${"0".repeat(64)}` })],
      ["a signature that is no hex", incoming(event, { header: `t=${now},v1=${"z".repeat(64)}` })],
      ["an empty signature", incoming(event, { header: `t=${now},v1=` })],
      ["a signature cut short", incoming(event, { header: `t=${now},v1=${sign(body).slice(0, 32)}` })],
      ["the body altered", { ...incoming(event), body: body.replace("pi_1", "pi_2") }],
      ["one byte more", { ...incoming(event), body: `${body} ` }],
      ["the body printed anew", { ...incoming(event), body: JSON.stringify(event, null, 2) }],
      ["the time altered", incoming(event, { header: `t=${now + 1},v1=${sign(body)}` })],
      ["checked with the wrong secret", incoming(event), { secret: Redacted.make(other) }],
      ["checked without the secret's prefix", incoming(event), { secret: Redacted.make(secret.slice(6)) }],
      ["checked with an empty secret", incoming(event, { key: "" }), { secret: Redacted.make("") }],
      ["checked with no secret", incoming(event), { secret: [] }]
    ]
    for (const [name, given, verification] of cases) {
      it.effect(name, () =>
        Effect.gen(function*() {
          const error = yield* refused(given, verification)
          assert.deepInclude(error, { _tag: "Notification.InvalidSignature", provider: "Stripe", answer: "Refuse" })
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
        const header = `t=${now},v1=${sign(body, { key: other })},v1=${sign(body)},v0=${"1".repeat(64)}`
        assert.strictEqual((yield* verified(incoming(event, { header }))).paymentId, "pi_1")
        const spaced = ` t=${now} , v1=${sign(body)} `
        assert.strictEqual((yield* verified(incoming(event, { header: spaced }))).paymentId, "pi_1")
      }))

    it.effect("one of the secrets fits", () =>
      Effect.gen(function*() {
        const both = { secret: [Redacted.make(other), Redacted.make(secret)] }
        for (const key of [secret, other]) {
          assert.strictEqual((yield* verified(incoming(event, { key }), both)).paymentId, "pi_1")
        }
        assert.strictEqual((yield* refused(incoming(event, { key: "third" }), both))._tag, "Notification.InvalidSignature")
      }))

    it.effect("the old scheme does not count", () =>
      Effect.gen(function*() {
        const error = yield* refused(incoming(event, { header: `t=${now},v0=${sign(body)}` }))
        assert.deepInclude(error, { _tag: "Notification.MalformedNotification", field: "Stripe-Signature" })
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
        assert.strictEqual((yield* verified(old, { tolerance: "1 hour" })).paymentId, "pi_1")
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
              Effect.zipRight(Stripe.notification(recorded, { secret: Redacted.make(secret), ...verification })),
              Effect.match({ onFailure: (error) => error._tag, onSuccess: (_) => _.paymentId })
            )
          for (const way of [1, -1]) {
            assert.strictEqual(yield* told(now + way * (seconds - 1)), "pi_1")
            assert.strictEqual(yield* told(now + way * seconds), "pi_1")
            assert.strictEqual(yield* told(now + way * (seconds + 1)), "Notification.TimestampOutOfTolerance")
          }
        }))
    }

    it.effect("no header makes it younger or older: its time is signed", () =>
      Effect.gen(function*() {
        for (const [at, claimed] of [[now - 86_400, now], [now + 86_400, now], [now, now - 1], [now, now + 86_400]] as const) {
          const error = yield* refused(incoming(event, { header: `t=${claimed},v1=${sign(JSON.stringify(event), { at })}` }))
          assert.strictEqual(error._tag, "Notification.InvalidSignature")
        }
        const sameTime = incoming(event, { header: `t=0${now},v1=${sign(JSON.stringify(event))}` })
        assert.strictEqual((yield* refused(sameTime))._tag, "Notification.InvalidSignature")
      }))
  })

  describe("malformed", () => {
    const body = JSON.stringify(event)
    const canceled = (object: unknown) => incoming({ ...event, data: { object } })
    const cases: ReadonlyArray<readonly [string, string, Notification.Incoming]> = [
      ["no header", "Stripe-Signature", { body, headers: {} }],
      ["an empty header", "Stripe-Signature", incoming(event, { header: "" })],
      ["no time", "Stripe-Signature", incoming(event, { header: `v1=${sign(body)}` })],
      ["two times", "Stripe-Signature", incoming(event, { header: `t=${now},t=1,v1=${sign(body)}` })],
      ["a time that is none", "Stripe-Signature", incoming(event, { at: "soon" })],
      ["a time beyond all times", "Stripe-Signature", incoming(event, { at: "9".repeat(30) })],
      ["no signature", "Stripe-Signature", incoming(event, { header: `t=${now}` })],
      ["no JSON", "body", incoming("not JSON")],
      ["an empty body", "body", incoming("")],
      ["null", "body", incoming(null)],
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

describe("from the sandbox", () => {
  const layer = Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey) }).pipe(Layer.orDie, Layer.provideMerge(Sandbox.layer))
  const verification = { secret: Redacted.make(Sandbox.webhookSecret("Stripe")) }

  it.effect("a cancel is told of, and says the same as its answer", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Stripe")
      const cancelled = yield* Stripe.cancel({ paymentId, reason: "abandoned" })
      assert(cancelled._tag === "Cancelled")
      yield* TestClock.adjust("2 days")
      const [told] = yield* sandbox.notifications("Stripe")
      const notification = yield* Stripe.notification(told!, verification)
      assert.deepInclude(notification, {
        paymentId,
        merchantReference: Option.none(),
        decision: "Cancelled",
        reason: Option.some("abandoned")
      })
      assert.deepStrictEqual(notification.occurredAt, cancelled.cancelledAt)
      yield* TestClock.adjust("301 seconds")
      const error = yield* Effect.flip(Stripe.notification(told!, verification))
      assert.strictEqual(error._tag, "Notification.TimestampOutOfTolerance")
    }).pipe(Effect.provide(layer)))

  it.effect("what else happens is told of too, and is not a cancellation", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Stripe")
      yield* sandbox.move("Stripe", paymentId, "succeeded")
      const [told] = yield* sandbox.notifications("Stripe")
      const error = yield* Effect.flip(Stripe.notification(told!, verification))
      assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: "payment_intent.succeeded" })
    }).pipe(Effect.provide(layer)))
})
