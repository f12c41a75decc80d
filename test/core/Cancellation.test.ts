/**
 * Every success survives JSON, with the evidence that it can have and with no other.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cancellation, Notification } from "effect-payment-cancel"
import * as PaymentStatus from "effect-payment-cancel/PaymentStatus"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const facts = {
  provider: "Acme",
  paymentId: "p-1",
  identifiedBy: "PaymentId",
  attempts: 1,
  observedAt: DateTime.unsafeMake(1_700_000_000_000),
  requestId: Option.some("r-1")
} as const

const captured = { capturedAmount: Option.some({ amount: 700, currency: Option.some("EUR") }) } as const

const stated = {
  ...captured,
  cancelledAt: Option.some(facts.observedAt),
  reason: Option.some("r"),
  payload: Option.none()
} as const

interface Success {
  readonly _tag: string
  readonly evidence: Cancellation.Evidence
}

const survives = <A extends Success, I>(schema: Schema.Schema<A, I>, ...possible: readonly [A, ...ReadonlyArray<A>]) => {
  const json = Schema.parseJson(schema)
  const [value] = possible
  for (const evidence of Cancellation.Evidence.literals) {
    const whole = possible.find((_) => _.evidence === evidence)
    it(`${value._tag}: ${whole === undefined ? "refuses" : "takes"} ${evidence}`, () => {
      const text = JSON.stringify({ ...JSON.parse(Schema.encodeSync(json)(value)), evidence })
      assert.deepStrictEqual(Schema.decodeOption(json)(text), Option.fromNullable(whole))
    })
  }
}

describe("a success in JSON", () => {
  const cancelled = { ...facts, ...stated, _tag: "Cancelled" } as const
  survives(
    Cancellation.Cancelled("Acme", Schema.String),
    { ...cancelled, evidence: "Response" },
    { ...cancelled, evidence: "StatusQuery" }
  )
  survives(Cancellation.Confirmed("Acme"), { ...cancelled, evidence: "Notification" })
  survives(Cancellation.AlreadyCancelled("Acme"), { ...facts, ...captured, _tag: "AlreadyCancelled", evidence: "StatusQuery" })
  survives(Cancellation.CancellationAccepted("Acme", Schema.String), {
    ...facts,
    _tag: "CancellationAccepted",
    evidence: "Response",
    receipt: "x",
    mayBeAcceptedTwice: true
  })
  survives(Cancellation.CancellationAcknowledged("Acme"), { ...facts, _tag: "CancellationAcknowledged", evidence: "Response" })
})

describe("what was captured before", () => {
  const one = { ...facts, ...stated, _tag: "Cancelled", evidence: "Response" } as const
  const schemas = [
    ["Cancelled", Cancellation.Cancelled("Acme", Schema.String), one],
    ["AlreadyCancelled", Cancellation.AlreadyCancelled("Acme"), { ...facts, ...captured, _tag: "AlreadyCancelled", evidence: "StatusQuery" }],
    ["Cancelled by a notification", Cancellation.Confirmed("Acme"), { ...one, evidence: "Notification" }],
    ["a status", PaymentStatus.PaymentStatus("Acme"), {
      ...captured,
      provider: "Acme",
      paymentId: "p-1",
      status: "gone",
      standing: Option.some("Cancelled" as const),
      observedAt: facts.observedAt,
      requestId: Option.none()
    }]
  ] as const
  for (const [name, schema, value] of schemas) {
    it(`is unknown in a journal that was written before ${name} stated it`, () => {
      const encoded = Schema.encodeUnknownSync(schema as Schema.Schema<object, object>)(value)
      assert.deepStrictEqual(Reflect.get(encoded, "capturedAmount"), { amount: 700, currency: "EUR" })
      const { capturedAmount: _, ...old } = JSON.parse(JSON.stringify(encoded))
      for (const journal of [old, { ...old, capturedAmount: null }]) {
        const decoded: object = Schema.decodeUnknownSync(schema as Schema.Schema<object, object>)(journal)
        assert.deepStrictEqual(decoded, { ...value, capturedAmount: Option.none() })
      }
      for (const wrong of [{}, { amount: 1.5, currency: "EUR" }, { amount: "7", currency: "EUR" }, 700]) {
        assert.throws(() => Schema.decodeUnknownSync(schema as Schema.Schema<object, object>)({ ...old, capturedAmount: wrong }))
      }
    })
  }
  it("is a part only if it is stated, and more than nothing", () => {
    const of = (amount: number | null, currency: string | null = "EUR") => ({
      capturedAmount: Option.map(Option.fromNullable(amount), (amount) => ({ amount, currency: Option.fromNullable(currency) }))
    })
    assert.deepStrictEqual([of(1), of(1, null), of(0), of(null)].map(Cancellation.isPartlyCaptured), [true, true, false, false])
  })
})

describe("what became of an accepted cancel, in JSON", () => {
  const { observedAt, paymentId, provider } = facts
  const confirmations: ReadonlyArray<Notification.Confirmation<"Acme">> = [
    { ...facts, ...stated, _tag: "Cancelled", evidence: "Notification" },
    { _tag: "Refunded", provider, paymentId, observedAt },
    { _tag: "CancellationDeclined", provider, paymentId, outcome: "NotCancelled", reason: Option.none(), observedAt },
    { _tag: "Unrelated" }
  ]
  const json = Schema.parseJson(Notification.Confirmation("Acme"))
  for (const confirmation of confirmations) {
    it(confirmation._tag, () => {
      assert.deepStrictEqual(Schema.decodeSync(json)(Schema.encodeSync(json)(confirmation)), confirmation)
    })
  }
})
