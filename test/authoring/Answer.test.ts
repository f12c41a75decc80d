import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Answer from "../../src/authoring/Answer.js"
import { deepStrictEqual } from "../engine/partly.js"

describe("standing", () => {
  const standings: Answer.Standings = { open: "Cancellable", gone: "Cancelled", paid: "Closed" }
  it("is known of the listed statuses, and of no others", () => {
    deepStrictEqual(
      ["open", "gone", "paid", "OPEN", "", "toString", "constructor", "__proto__", "hasOwnProperty"].map((status) =>
        Option.getOrNull(Answer.standing(standings, status))
      ),
      ["Cancellable", "Cancelled", "Closed", null, null, null, null, null, null]
    )
  })
})

describe("where a stated payment stands", () => {
  const standings: Answer.Standings = { open: "Cancellable", paid: "Closed" }
  it("is what its status says, unless the answer says it itself", () => {
    const where = (status: string, standing?: Option.Option<Answer.Standing>) =>
      Option.getOrNull(Answer.standingOf(standings, { ...Answer.stated(status), standing }))
    deepStrictEqual(
      [where("paid"), where("paid", Option.some("Cancelled")), where("open", Option.some("Closed")), where("unheard of"), where("unheard of", Option.some("Cancellable"))],
      ["Closed", "Cancelled", "Closed", null, "Cancellable"]
    )
    // And that it proves nothing, although the status is listed.
    assert.isNull(where("paid", Option.none()))
  })
})

describe("a lenient field", () => {
  const decode = Schema.decodeUnknownSync(Schema.Struct({ a: Answer.lenient(Schema.Int) }))
  it("is taken if it is there and well-formed", () => {
    deepStrictEqual(decode({ a: 7 }), { a: Option.some(7) })
  })
  it("is none if it is absent, null or malformed", () => {
    for (const body of [{}, { a: null }, { a: undefined }, { a: "7" }, { a: 1.5 }, { a: {} }, { a: [] }]) {
      deepStrictEqual(decode(body), { a: Option.none() })
    }
  })
  it("of a struct is none if what it must have is missing", () => {
    const nested = Schema.decodeUnknownSync(
      Schema.Struct({ a: Answer.lenient(Schema.Struct({ b: Schema.String, c: Answer.lenient(Schema.Int) })) })
    )
    deepStrictEqual(nested({ a: { b: "x", c: "no" } }), { a: Option.some({ b: "x", c: Option.none() }) })
    deepStrictEqual(nested({ a: { c: 1 } }), { a: Option.none() })
  })
  it("is encoded as null or as it was", () => {
    const encode = Schema.encodeSync(Schema.Struct({ a: Answer.lenient(Schema.Int) }))
    deepStrictEqual(encode({ a: Option.some(7) }), { a: 7 })
    deepStrictEqual(encode({ a: Option.none() }), { a: null })
  })
})

describe("a decoder", () => {
  const Thing = Schema.Struct({
    id: Schema.String,
    at: Schema.NumberFromString,
    a: Answer.lenient(Schema.Int),
    b: Answer.lenient(Schema.NumberFromString),
    c: Answer.lenient(Schema.Struct({ d: Schema.String, e: Answer.lenient(Schema.Int) }))
  })
  const anything = FastCheck.oneof(
    FastCheck.constantFrom(undefined, null, 1, 1.5, "", "x", "7", true, [], {}, [1], { d: "x" }, { d: "x", e: 1 }, { d: "x", e: "1" }, { e: 1 }),
    FastCheck.jsonValue()
  )
  const field = FastCheck.option(anything, { freq: 4 })
  const body = FastCheck.oneof(
    { weight: 8, arbitrary: FastCheck.record({ id: FastCheck.oneof(FastCheck.string(), anything), at: FastCheck.oneof(FastCheck.constantFrom("1", "x"), anything), a: field, b: field, c: field, z: field }, { requiredKeys: [] }) },
    anything
  )
  it("gives the same as the schema", () => {
    const decode = Schema.decodeUnknownOption(Thing)
    FastCheck.assert(FastCheck.property(body, (value) => deepStrictEqual(Answer.decoder(Thing)(value), decode(value))), { numRuns: 2_000 })
    deepStrictEqual(Answer.decoder(Thing)({ id: "i", at: "3", a: 1, b: "2", c: { d: "x", e: 1 }, z: 0 }), Option.some({
      id: "i",
      at: 3,
      a: Option.some(1),
      b: Option.some(2),
      c: Option.some({ d: "x", e: Option.some(1) })
    }))
  })
  it("of a class, a struct with records or an annotated one is the schema's own", () => {
    class Named extends Schema.Class<Named>("Named")({ a: Schema.String }) {}
    const decoded = Answer.decoder(Named)({ a: "x" })
    assert.isTrue(Option.isSome(decoded) && decoded.value instanceof Named)
    const More = Schema.Struct({ a: Schema.String }, { key: Schema.String, value: Schema.String })
    deepStrictEqual(Answer.decoder(More)({ a: "x", b: "y" }), Option.some({ a: "x", b: "y" }))
    const Fallen = Schema.Struct({ a: Schema.String }).annotations({ decodingFallback: () => Either.right({ a: "fallen" }) })
    deepStrictEqual(Answer.decoder(Fallen)({}), Option.some({ a: "fallen" }))
  })
  it("of a struct with other fields is the schema's own", () => {
    const decode = Answer.decoder(Schema.Struct({ a: Schema.optional(Schema.Null), b: Answer.lenient(Schema.Int) }))
    deepStrictEqual([decode({}), decode({ a: null, b: 1 }), decode({ a: 1 })], [
      Option.some({ b: Option.none() }),
      Option.some({ a: null, b: Option.some(1) }),
      Option.none()
    ])
  })
})

describe("a time", () => {
  const utc = (text: string) => Option.getOrNull(Option.map(Answer.parseTime(text), DateTime.formatIso))
  it("is read in the forms that answers use, as UTC", () => {
    deepStrictEqual(
      [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05.6789012Z",
        "2026-01-02T03:04:05+02:00",
        "2026-01-02T03:04:05.678-0730"
      ].map(utc),
      [
        "2026-01-02T03:04:05.000Z",
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T01:04:05.000Z",
        "2026-01-02T10:34:05.678Z"
      ]
    )
  })
  it("is none where there is none", () => {
    deepStrictEqual(["", "soon", "2026-13-45T00:00:00Z"].map(utc), [null, null, null])
  })
  it("is looked for in a long text as quickly", () => {
    for (const text of [":", "1:", ":1", "1", ".1", "+00:00"]) assert.isNull(utc(text.repeat(1_000_000 / text.length)))
  }, 2_000)
  it("is none where nobody says of which zone it is", () => {
    deepStrictEqual(
      ["2026-01-02T03:04:05", "2026-01-02T03:04:05.678", "2026-01-02 03:04", "2026-01-02", "Fri Jan 02 2026 03:04:05"].map(utc),
      [null, null, null, null, null]
    )
  })
  it("is none in any other form, though a `Date` may read it as the time of some zone", () => {
    deepStrictEqual(
      ["2026-01-02 03:04:05 (MEZ", "2026 5 marz", "1Z", "Jan 2 10:20-2026"].map(utc),
      [null, null, null, null]
    )
  })
})

describe("nothing", () => {
  it("says nothing", () => {
    const none = Option.none()
    deepStrictEqual(Answer.nothing, {
      payment: none,
      receipt: none,
      refusal: none,
      requestId: none,
      sendAgain: none,
      isReplay: false
    })
  })
})
