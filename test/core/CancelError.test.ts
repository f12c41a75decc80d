import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CancelError } from "effect-payment-cancel"
import { deepStrictEqual } from "../engine/partly.js"
import { anyCharacter } from "../support/character.js"
import { longOrShort } from "../support/extent.js"
import { homes } from "../support/homes.js"

const option = <A>(arbitrary: FastCheck.Arbitrary<A>): FastCheck.Arbitrary<Option.Option<A>> =>
  FastCheck.option(arbitrary, { nil: undefined }).map(Option.fromNullable)

/** Decoded JSON is what JSON can say: no minus zero, for one. */
const json = FastCheck.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))

const instant = FastCheck.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }).map((date) => DateTime.unsafeMake(date))

const text = FastCheck.string({ unit: anyCharacter, maxLength: 20 })

const exchange: FastCheck.Arbitrary<CancelError.Exchange> = FastCheck.record({
  operation: FastCheck.constantFrom("Cancel" as const, "Status" as const),
  evidence: FastCheck.constantFrom(...CancelError.Exchange.fields.evidence.literals),
  explanation: text,
  httpStatus: option(FastCheck.integer()),
  code: option(text),
  paymentStatus: option(text),
  at: instant
})

const report: FastCheck.Arbitrary<CancelError.Report> = FastCheck.record({
  message: text,
  paymentId: text,
  identifiedBy: FastCheck.constantFrom(...CancelError.IdentifiedBy.literals),
  httpStatus: option(FastCheck.integer()),
  requestId: option(text),
  details: option(json.filter((value) => value !== null)),
  paymentStatus: option(text),
  retryAfter: option(FastCheck.nat().map((ms) => Duration.millis(ms))),
  idempotencyKey: text,
  attempts: FastCheck.nat(),
  history: FastCheck.array(exchange, { maxLength: 4 })
})

const shared = {
  InvalidCancelRequest: (report: CancelError.Report) => new CancelError.InvalidCancelRequest({ provider: "X", field: "paymentId", ...report }),
  NotSent: (report: CancelError.Report) => new CancelError.NotSent({ provider: "X", ...report }),
  NoResponse: (report: CancelError.Report) => new CancelError.NoResponse({ provider: "X", ...report }),
  UnexpectedResponse: (report: CancelError.Report) => new CancelError.UnexpectedResponse({ provider: "X", code: "c", ...report }),
  NoLongerCancellable: (report: CancelError.Report) => new CancelError.NoLongerCancellable({ provider: "X", ...report })
}

interface Case {
  readonly tag: string
  readonly make: (report: CancelError.Report) => CancelError.Any
  readonly schemas: ReadonlyArray<Schema.Schema<any, any>>
}

const cases: ReadonlyArray<Case> = [
  ...Object.entries(shared).map(([name, make]): Case => ({
    tag: `CancelError.${name}`,
    make,
    schemas: [CancelError.Shared, ...homes.map(({ library }) => library.CancelError)]
  })),
  ...homes.flatMap(({ declared: { declaration: { errors: catalogue } }, facts: { name }, library: { CancelError } }) => [
    ...catalogue.entries.map((entry): Case => ({ tag: `${name}.${entry.name}`, make: entry.make, schemas: [CancelError] })),
    { tag: `${name}.Unrecognized`, make: (report) => catalogue.unrecognized({ ...report, code: "c" }), schemas: [CancelError] } satisfies Case
  ])
]

describe("every error", () => {
  for (const { make, schemas, tag } of cases) {
    it.prop(`${tag} survives JSON`, [report], ([report]) => {
      const error = make(report)
      assert.strictEqual(Reflect.get(error, "_tag"), tag)
      for (const schema of schemas) {
        const text = JSON.stringify(error)
        assert.strictEqual(text, JSON.stringify(Schema.encodeSync(schema)(error)))
        const decoded = Schema.decodeUnknownSync(schema)(JSON.parse(text))
        deepStrictEqual(decoded, error)
        assert.strictEqual(Object.getPrototypeOf(decoded), Object.getPrototypeOf(error))
        assert.instanceOf(decoded, Error)
        assert.isTrue(CancelError.isCancelError(decoded))
        assert.strictEqual(decoded.message, report.message)
      }
    }, { fastCheck: { numRuns: longOrShort(20, 3) } })
  }

  const empty: CancelError.Report = {
    message: "m",
    paymentId: "p",
    identifiedBy: "PaymentId",
    httpStatus: Option.none(),
    requestId: Option.none(),
    details: Option.none(),
    paymentStatus: Option.none(),
    retryAfter: Option.none(),
    idempotencyKey: "k",
    attempts: 0,
    history: []
  }

  it("encodes its options as null", () => {
    deepStrictEqual<unknown>(Schema.encodeSync(CancelError.Shared)(shared.NotSent(empty)), {
      _tag: "CancelError.NotSent",
      provider: "X",
      code: null,
      category: "Network",
      outcome: "NotCancelled",
      message: "m",
      paymentId: "p",
      identifiedBy: "PaymentId",
      httpStatus: null,
      requestId: null,
      details: null,
      paymentStatus: null,
      retryAfter: null,
      idempotencyKey: "k",
      attempts: 0,
      history: []
    })
  })

  it("claims what its class claims: another literal is no such error", () => {
    for (const { make, schemas } of cases) {
      const encoded: Record<string, unknown> = Schema.encodeSync(schemas[0]!)(make(empty))
      const decode = Schema.decodeUnknownEither(schemas[0]!)
      assert.isTrue(Either.isRight(decode(encoded)))
      const other = encoded["outcome"] === "Unknown" ? "NotCancelled" : "Unknown"
      assert.isTrue(Either.isLeft(decode({ ...encoded, outcome: other })))
      assert.isTrue(Either.isLeft(decode({ ...encoded, category: "Nonsense" })))
      assert.isTrue(Either.isLeft(decode({ ...encoded, _tag: "Nonsense" })))
    }
  })

  it("has literals of its own that no two classes share", () => {
    assert.lengthOf(new Set(cases.map((_) => _.tag)), cases.length)
  })

  it("the shared ones claim what the design says", () => {
    const claims = Object.values(shared).map((make) => {
      const { category, code, outcome } = make(empty)
      return [category, outcome, code]
    })
    deepStrictEqual(claims, [
      ["InvalidRequest", "NotCancelled", null],
      ["Network", "NotCancelled", null],
      ["Network", "Unknown", null],
      ["Unexpected", "Unknown", "c"],
      ["NotCancellable", "NotCancelled", null]
    ])
  })
})

describe("isCancelError", () => {
  it("knows every class, and nothing else", () => {
    assert.isTrue(CancelError.isCancelError(shared.NotSent({ ...({} as CancelError.Report), message: "", paymentId: "", identifiedBy: "PaymentId", httpStatus: Option.none(), requestId: Option.none(), details: Option.none(), paymentStatus: Option.none(), retryAfter: Option.none(), idempotencyKey: "", attempts: 0, history: [] })))
    for (const other of [null, undefined, "x", {}, new Error(), { _tag: "CancelError.NotSent", category: "Network", outcome: "Unknown" }]) {
      assert.isFalse(CancelError.isCancelError(other))
    }
  })
})

describe("StatusUnavailable", () => {
  it("survives JSON", () => {
    const error = new CancelError.StatusUnavailable({
      provider: "X",
      code: null,
      category: "Network",
      message: "m",
      paymentId: "p",
      httpStatus: Option.some(404),
      requestId: Option.none(),
      details: Option.some({ a: [1] }),
      retryAfter: Option.some(Duration.seconds(3)),
      attempts: 2
    })
    const decoded = Schema.decodeUnknownSync(CancelError.StatusUnavailable)(
      JSON.parse(JSON.stringify(Schema.encodeSync(CancelError.StatusUnavailable)(error)))
    )
    deepStrictEqual(decoded, error)
    assert.instanceOf(decoded, CancelError.StatusUnavailable)
  })
})
