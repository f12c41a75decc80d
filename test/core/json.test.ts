/**
 * What goes into a journal comes out of it again: errors by `JSON.stringify` alone, the rest by
 * its schema.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as library from "effect-payment-cancel"
import { Cancel, CancelError, CancelEvent, Canceller, CancelMany, Notification, Stripe, Webhook } from "effect-payment-cancel"
import { inspect } from "node:util"
import { deepStrictEqual } from "../engine/partly.js"
import { homes } from "../support/homes.js"

const at = DateTime.unsafeMake(0)

const report: CancelError.Report = {
  message: "what happened",
  paymentId: "p-1",
  identifiedBy: "MerchantReference",
  httpStatus: Option.some(429),
  requestId: Option.some("r-1"),
  details: Option.some({ a: [1, null, { b: "\u2028 \"" }] }),
  paymentStatus: Option.none(),
  retryAfter: Option.some(Duration.seconds(Number.MAX_SAFE_INTEGER)),
  idempotencyKey: "k-1",
  attempts: 2,
  history: [{
    operation: "Cancel",
    evidence: "Refused",
    explanation: "HTTP 429",
    httpStatus: Option.some(429),
    code: Option.none(),
    paymentStatus: Option.none(),
    at
  }]
}

const refused = { provider: "X", message: "what happened" }

const samples: ReadonlyArray<Error> = [
  new CancelError.InvalidCancelRequest({ provider: "X", field: "paymentId", ...report }),
  new CancelError.NotSent({ provider: "X", ...report }),
  new CancelError.NoResponse({ provider: "X", ...report }),
  new CancelError.UnexpectedResponse({ provider: "X", code: "c", ...report }),
  new CancelError.NoLongerCancellable({ provider: "X", ...report }),
  new CancelError.StatusUnavailable({
    ...refused,
    code: null,
    category: "Network",
    paymentId: "p-1",
    httpStatus: Option.none(),
    requestId: Option.none(),
    details: report.details,
    retryAfter: report.retryAfter,
    attempts: 3
  }),
  new CancelMany.NotBegun({ provider: "X", code: null, category: "RateLimited", ...report }),
  new CancelMany.Died({ provider: "X", ...report }),
  new Notification.InvalidSignature(refused),
  new Notification.TimestampOutOfTolerance({ ...refused, answer: "Refuse", timestamp: at, tolerance: Duration.minutes(5) }),
  new Notification.MalformedNotification({ ...refused, answer: "Acknowledge", field: "id" }),
  new Notification.NotACancellation({ ...refused, event: "charge.refunded" }),
  new Webhook.BodyTooLarge({ message: "what happened", maximumBodyBytes: 1 }),
  new Webhook.BodyUnavailable({ message: "what happened" }),
  ...homes.flatMap(({ declared: { declaration: { errors: catalogue } } }) => [
    ...catalogue.entries.map(({ make }): unknown => make(report)),
    catalogue.unrecognized({ ...report, code: "c" })
  ]).filter(Predicate.isError)
]

type ErrorClass = Schema.Schema<unknown, unknown> & { readonly prototype: object }

const isErrorClass = (u: unknown): u is ErrorClass =>
  Schema.isSchema(u) && Predicate.hasProperty(u, "prototype") && u.prototype instanceof Error

const classes = Object.entries(library).flatMap(([module, exported]) =>
  Object.entries(exported).flatMap(([name, value]) => isErrorClass(value) ? [[`${module}.${name}`, value] as const] : [])
)

describe("an error", () => {
  it("of every provider is among them", () => {
    assert.isAbove(classes.length, 100)
  })
  for (const [name, Class] of classes) {
    it(`${name} is itself again after JSON.stringify, and can be read by people`, () => {
      const error = samples.find((sample) => Object.getPrototypeOf(sample) === Class.prototype) ?? assert.fail("no sample")
      const text = JSON.stringify({ error })
      const again: unknown = Schema.decodeUnknownSync(Schema.Struct({ error: Class }))(JSON.parse(text)).error
      assert.strictEqual(Object.getPrototypeOf(again), Class.prototype)
      deepStrictEqual<unknown>(again, error)
      assert.strictEqual(JSON.stringify({ error: again }), text)
      for (const shown of [String(error), inspect(error), Cause.pretty(Cause.fail(error))]) assert.include(shown, "what happened")
    })
  }
})

describe("an error of any provider, by the schema that knows none", () => {
  const Journal = Schema.parseJson(Canceller.CancelError)
  const read = Schema.decodeUnknownSync(Journal)
  const cancelErrors = samples.filter((sample) => CancelError.isCancelError(sample))

  it("there are many", () => {
    assert.isAbove(cancelErrors.length, 100)
  })
  for (const error of cancelErrors as ReadonlyArray<Error & Canceller.CancelError>) {
    const tag = Predicate.hasProperty(error, "_tag") ? String(error._tag) : assert.fail("no tag")
    it(`${tag} is read and written without loss`, () => {
      const text = JSON.stringify(error)
      deepStrictEqual<unknown>(JSON.parse(Schema.encodeSync(Journal)(error)), JSON.parse(text))
      const again = read(text)
      assert.isTrue(CancelError.isCancelError(again))
      assert.instanceOf(again, Error)
      deepStrictEqual({ ...again }, { ...error })
      deepStrictEqual<unknown>(JSON.parse(JSON.stringify(again)), JSON.parse(text))
      deepStrictEqual<unknown>(JSON.parse(Schema.encodeSync(Journal)(again)), JSON.parse(text))
      assert.strictEqual(Object.getPrototypeOf(again) === Object.getPrototypeOf(error), tag.startsWith("CancelError."))
      assert.strictEqual(String(again), String(error))
    })
  }
  it("what was read is handled like any other, and read again by the provider's own schema", () => {
    const error = read(JSON.stringify(new Stripe.RateLimit(report)))
    const handled = Effect.fail(error).pipe(
      Cancel.catchCategory("RateLimited", ({ code, provider }) => Effect.succeed(`${provider} ${code}`)),
      Effect.merge
    )
    deepStrictEqual<unknown>(Effect.runSync(handled), "Stripe rate_limit")
    assert.instanceOf(Schema.decodeUnknownSync(Stripe.CancelError)(JSON.parse(JSON.stringify(error))), Stripe.RateLimit)
  })
  it("what is none is not read", () => {
    const text = JSON.parse(JSON.stringify(new Stripe.RateLimit(report)))
    const shared = JSON.parse(JSON.stringify(new CancelError.InvalidCancelRequest({ provider: "X", field: "paymentId", ...report })))
    const { field: _, ...withoutField } = shared
    for (const wrong of [
      null,
      {},
      { ...text, category: "Sometimes" },
      { ...text, outcome: "Cancelled" },
      { ...text, _tag: undefined },
      { ...text, attempts: -1 },
      withoutField,
      JSON.parse(JSON.stringify(samples.find((_) => _ instanceof CancelError.StatusUnavailable)))
    ]) {
      assert.throws(() => read(JSON.stringify(wrong)))
    }
    const other: unknown = new Error("another")
    assert.throws(() => Schema.encodeUnknownSync(Canceller.CancelError)(other))
  })
})

describe("what is no error", () => {
  const survives = <A, I>(schema: Schema.Schema<A, I>, value: A) => {
    const again = Schema.decodeUnknownSync(schema)(JSON.parse(JSON.stringify(Schema.encodeSync(schema)(value))))
    deepStrictEqual<unknown>(again, value)
  }
  const about = { provider: "X", paymentId: "p-1", identifiedBy: "PaymentId", idempotencyKey: "k-1", at } as const
  const { history } = report
  const events: ReadonlyArray<CancelEvent.CancelEvent> = [
    { _tag: "ExchangeStarted", ...about, operation: "Cancel", attempt: 1 },
    { _tag: "ExchangeEnded", ...about, attempt: 1, exchange: history[0] ?? assert.fail("no exchange") },
    { _tag: "Waiting", ...about, before: "Status", delay: Duration.seconds(3) },
    { _tag: "Settled", ...about, result: "Cancelled", outcome: null, attempts: 1, history },
    { _tag: "Interrupted", ...about, cause: "Interruption", inFlight: "Cancel", settled: null, outcome: "Unknown", attempts: 1, history },
    { _tag: "Interrupted", ...about, cause: "Defect", inFlight: null, settled: "Cancelled", outcome: null, attempts: 1, history }
  ]
  for (const event of events) {
    it(`an event is itself again by its schema: ${event._tag}`, () => {
      survives(CancelEvent.CancelEvent, event)
    })
  }
  it("an Interrupted event from before it told what was settled is still read", () => {
    const { settled: _, ...older } = Schema.encodeSync(CancelEvent.Interrupted)({
      _tag: "Interrupted", ...about, cause: "Interruption", inFlight: null, settled: null, outcome: "Unknown", attempts: 1, history
    })
    assert.isNull(Schema.decodeUnknownSync(CancelEvent.Interrupted)(older).settled)
  })
})
