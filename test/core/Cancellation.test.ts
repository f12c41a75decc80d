/**
 * Every success survives JSON, with the evidence that it can have and with no other.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cancellation, Notification } from "effect-payment-cancel"
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

const stated = { cancelledAt: Option.some(facts.observedAt), reason: Option.some("r"), payload: Option.none() } as const

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
  survives(Cancellation.AlreadyCancelled("Acme"), { ...facts, _tag: "AlreadyCancelled", evidence: "StatusQuery" })
  survives(Cancellation.CancellationAccepted("Acme", Schema.String), {
    ...facts,
    _tag: "CancellationAccepted",
    evidence: "Response",
    receipt: "x",
    mayBeTakenInTwice: true
  })
  survives(Cancellation.CancellationAcknowledged("Acme"), { ...facts, _tag: "CancellationAcknowledged", evidence: "Response" })
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
