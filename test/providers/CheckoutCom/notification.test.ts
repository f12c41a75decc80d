import { assert, describe, it } from "@effect/vitest"
import { Cancellation, CheckoutCom, type Notification } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Crypto from "node:crypto"

const secret = "signature-key-of-the-action"
const now = 1_700_000_000

const balances = {
  total_authorized: 1000,
  total_voided: 1000,
  available_to_void: 0,
  total_captured: 0,
  available_to_capture: 0,
  total_refunded: 0,
  available_to_refund: 0
}

const data = {
  id: "pay_1",
  action_id: "act_1",
  reference: "whose-is-not-said",
  amount: 1000,
  currency: "USD",
  processed_on: "2023-11-14T22:13:19.1234567Z",
  response_code: "10000",
  response_summary: "Approved",
  balances
}

const event = {
  id: "evt_1",
  type: "payment_voided",
  version: "1.0.29",
  created_on: "2023-11-14T22:13:20.7654321Z",
  data,
  _links: {}
}

const sign = (body: string | Uint8Array, key = secret) => Crypto.createHmac("sha256", key).update(body).digest("hex")

const incoming = (body: unknown, { header, key }: { readonly key?: string; readonly header?: string } = {}): Notification.Incoming => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return { body: text, headers: { "Cko-Signature": header ?? sign(text, key) } }
}

const verified = (given: Notification.Incoming, verification: Partial<Notification.Verification> = {}) =>
  Effect.zipRight(
    TestClock.setTime(now * 1000),
    CheckoutCom.notification(given, { secret: Redacted.make(secret), ...verification })
  )

const refused = (given: Notification.Incoming, verification?: Partial<Notification.Verification>) =>
  Effect.flip(verified(given, verification))

describe("CheckoutCom.notification", () => {
  it.effect("payment_voided: which, when and why", () =>
    Effect.gen(function*() {
      const notification = yield* verified(incoming(event))
      assert.deepStrictEqual(notification, {
        provider: "CheckoutCom",
        notificationId: "evt_1",
        paymentId: "pay_1",
        merchantReference: Option.none(),
        reference: Option.some("act_1"),
        decision: "Cancelled",
        reason: Option.some("Approved"),
        occurredAt: Option.some(DateTime.unsafeMake("2023-11-14T22:13:19.123Z")),
        receivedAt: DateTime.unsafeMake(now * 1000),
        capturedAmount: Option.some({ amount: 0, currency: Option.some("USD") }),
        responseCode: Option.some("10000")
      })
      const schema = Schema.parseJson(CheckoutCom.CancelNotification)
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(notification)), notification)
    }))

  it.effect("payment_void_declined: which, and why", () =>
    Effect.gen(function*() {
      const declined = {
        ...event,
        type: "payment_void_declined",
        data: { ...data, response_code: "20006", response_summary: "Error", balances: { ...balances, available_to_void: 1000 } }
      }
      assert.deepInclude(yield* verified(incoming(declined)), {
        decision: "Declined",
        reference: Option.some("act_1"),
        reason: Option.some("Error"),
        responseCode: Option.some("20006")
      })
    }))

  it.effect("says what was captured before", () =>
    Effect.gen(function*() {
      const partly = { ...event, data: { ...data, balances: { ...balances, total_voided: 600, total_captured: 400 } } }
      const notification = yield* verified(incoming(partly))
      assert.deepInclude(notification, { decision: "Cancelled", capturedAmount: Option.some({ amount: 400, currency: Option.some("USD") }) })
      assert.isTrue(Cancellation.isPartlyCaptured(notification))
    }))

  it.effect("a void of a part is none of the payment", () =>
    Effect.gen(function*() {
      const part = { ...event, data: { ...data, balances: { ...balances, total_voided: 400, available_to_void: 600 } } }
      assert.deepInclude(yield* refused(incoming(part)), {
        _tag: "Notification.NotACancellation",
        answer: "Acknowledge",
        event: "payment_voided of a part"
      })
    }))

  it.effect("decides nothing where it does not say what is left to void", () =>
    Effect.gen(function*() {
      for (const given of [undefined, null, 7, {}, { ...balances, available_to_void: "0" }, { ...balances, available_to_void: null }]) {
        assert.deepInclude(yield* refused(incoming({ ...event, data: { ...data, balances: given } })), {
          _tag: "Notification.MalformedNotification",
          answer: "Acknowledge",
          field: "data.balances.available_to_void"
        })
        const declined = { ...event, type: "payment_void_declined", data: { ...data, response_code: "20006", balances: given } }
        assert.strictEqual((yield* verified(incoming(declined))).decision, "Declined")
      }
    }))

  it.effect("decides nothing where its code says the opposite", () =>
    Effect.gen(function*() {
      for (const [type, opposite, codes] of [
        ["payment_voided", ["20005", "30004", "40101"], ["10000", "10100"]],
        ["payment_void_declined", ["10000", "10100"], ["20005", "30004", "40101"]]
      ] as const) {
        for (const response_code of opposite) {
          assert.deepInclude(yield* refused(incoming({ ...event, type, data: { ...data, response_code } })), {
            _tag: "Notification.MalformedNotification",
            answer: "Acknowledge",
            field: "data.response_code"
          })
        }
        for (const response_code of codes) {
          const { responseCode } = yield* verified(incoming({ ...event, type, data: { ...data, response_code } }))
          assert.deepStrictEqual(responseCode, Option.some(response_code))
        }
      }
    }))

  it.effect("does without what does not matter", () =>
    Effect.gen(function*() {
      for (const wrong of [undefined, null, 7, "soon", []]) {
        const bare = {
          id: "evt_1",
          type: "payment_voided",
          created_on: wrong,
          data: { id: "pay_1", action_id: "act_1", balances: { available_to_void: 0, total_captured: wrong }, processed_on: wrong, currency: wrong, response_code: wrong === "soon" ? "" : wrong }
        }
        assert.deepInclude(yield* verified(incoming(bare)), {
          decision: "Cancelled",
          reason: Option.none(),
          occurredAt: Option.none(),
          capturedAmount: wrong === 7 ? Option.some({ amount: 7, currency: Option.none() }) : Option.none()
        })
      }
    }))

  it.effect("takes the event's time for the void's where that is not stated, under either name", () =>
    Effect.gen(function*() {
      const { created_on, ...rest } = event
      const { processed_on: _, ...untimed } = data
      for (const time of [{ created_on }, { timestamp: created_on }]) {
        const notification = yield* verified(incoming({ ...rest, ...time, data: untimed }))
        assert.deepStrictEqual(notification.occurredAt, Option.some(DateTime.unsafeMake("2023-11-14T22:13:20.765Z")))
      }
    }))

  it.effect("fits the signature that was computed elsewhere", () =>
    Effect.gen(function*() {
      const body = '{"id":"evt_m4dpgk7o3xtedhv3diloora7w4","type":"payment_voided"}'
      const header = "ebf4506226c5e8b6aad96c20c742da34b1cee79838f2be6399b4836f0f5f9f42"
      const error = yield* refused(incoming(body, { header }), { secret: Redacted.make("test-key") })
      assert.deepInclude(error, { _tag: "Notification.MalformedNotification", answer: "Acknowledge", field: "data" })
    }))

  it.effect("takes no signature of another product", () =>
    Effect.gen(function*() {
      const error = yield* refused(incoming(event, { header: `${now}:v1:${sign(JSON.stringify(event))}` }))
      assert.strictEqual(error._tag, "Notification.InvalidSignature")
    }))

  it.effect("an event without a time is never too old", () =>
    Effect.gen(function*() {
      const { created_on: _, ...untimed } = event
      assert.strictEqual((yield* verified(incoming(untimed), { tolerance: 0 })).paymentId, "pay_1")
    }))

  describe("genuine, and about something else", () => {
    for (const type of ["payment_canceled", "payment_expired", "payment_captured", "payment_voided_", "toString", "__proto__"]) {
      it.effect(type, () =>
        Effect.gen(function*() {
          assert.deepInclude(yield* refused(incoming({ ...event, type, data: null, created_on: "1999-01-01T00:00:00Z" })), {
            _tag: "Notification.NotACancellation",
            event: type
          })
        }))
    }
  })

  describe("genuine, and of no form", () => {
    const cases: ReadonlyArray<readonly [field: string, body: unknown]> = [
      ["type", {}],
      ["type", { ...event, type: 7 }],
      ["id", { ...event, id: "" }],
      ["data", { ...event, data: null }],
      ["data.id", { ...event, data: { ...data, id: undefined } }],
      ["data.action_id", { ...event, data: { ...data, action_id: "" } }]
    ]
    for (const [field, body] of cases) {
      it.effect(`${field}: ${JSON.stringify(body).slice(0, 40)}`, () =>
        Effect.gen(function*() {
          assert.deepInclude(yield* refused(incoming(body)), { _tag: "Notification.MalformedNotification", answer: "Acknowledge", field })
        }))
    }
  })
})

describe("CheckoutCom.confirm", () => {
  const live = Layer.provideMerge(
    Layer.orDie(CheckoutCom.layer({
      secretKey: Redacted.make(Sandbox.credentials.CheckoutCom.secretKey),
      baseUrl: Sandbox.baseUrl("CheckoutCom"),
      policy: { statusReads: 1 }
    })),
    Sandbox.layer
  )

  /** What is told of a cancel of such a payment, after a while. */
  const told = (create: Sandbox.CreateOptions<"CheckoutCom">) =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("CheckoutCom", create)
      const accepted = yield* CheckoutCom.cancel({ paymentId, idempotencyKey: "key-1" })
      if (accepted._tag !== "CancellationAccepted") return assert.fail(accepted._tag)
      yield* TestClock.adjust("2 seconds")
      const incoming = (yield* sandbox.notifications("CheckoutCom")).at(-1)!
      const notification = yield* CheckoutCom.notification(incoming, { secret: Redacted.make(Sandbox.webhookSecret("CheckoutCom")) })
      return { accepted, notification, paymentId }
    })

  it.effect("the void was carried out", () =>
    Effect.gen(function*() {
      const { accepted, notification, paymentId } = yield* told({ capturedAmount: 300, status: "Partially Captured" })
      assert.deepInclude(CheckoutCom.confirm(accepted, notification), {
        _tag: "Cancelled",
        paymentId,
        evidence: "Notification",
        capturedAmount: Option.some({ amount: 300, currency: Option.some("USD") })
      })
    }).pipe(Effect.provide(live)))

  it.effect("the void was declined; under the same key it is accepted for ever, and under another it is a new one", () =>
    Effect.gen(function*() {
      const { accepted, notification, paymentId } = yield* told({ declinesVoids: true })
      assert.deepInclude(CheckoutCom.confirm(accepted, notification), { _tag: "CancellationDeclined", outcome: "NotCancelled" })
      const receiptOf = (idempotencyKey: string) =>
        Effect.map(CheckoutCom.cancel({ paymentId, idempotencyKey }), (again) => "receipt" in again ? again.receipt.reference : null)
      assert.strictEqual(yield* receiptOf("key-1"), accepted.receipt.reference)
      assert.notStrictEqual(yield* receiptOf("key-2"), accepted.receipt.reference)
    }).pipe(Effect.provide(live)))

  it.effect("it is about another void", () =>
    Effect.gen(function*() {
      const { accepted, notification } = yield* told({})
      for (const elsewhere of [{ paymentId: "pay_2" }, { reference: Option.some("act_2") }, { reference: Option.none() }]) {
        assert.deepStrictEqual(CheckoutCom.confirm(accepted, { ...notification, ...elsewhere }), { _tag: "Unrelated" })
      }
    }).pipe(Effect.provide(live)))
})
