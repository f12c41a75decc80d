import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
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

describe("a time", () => {
  const utc = (text: string) => Option.getOrNull(Option.map(Answer.parseTime(text), DateTime.formatIso))
  it("is read in the forms that answers use, as UTC", () => {
    deepStrictEqual(
      ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05+02:00"].map(utc),
      ["2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05.678Z", "2026-01-02T01:04:05.000Z"]
    )
  })
  it("is none where there is none", () => {
    deepStrictEqual(["", "soon", "2026-13-45T00:00:00Z"].map(utc), [null, null, null])
  })
})

describe("nothing", () => {
  it("says nothing", () => {
    for (const value of Object.values(Answer.nothing)) assert.isTrue(Option.isNone(value))
    deepStrictEqual(Object.keys(Answer.nothing).sort(), ["payment", "receipt", "refusal", "requestId", "sendAgain"])
  })
})
