import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as CancelError from "../../src/CancelError.js"
import * as Acme from "../engine/Acme.js"
import { assertPartly, deepStrictEqual } from "../engine/partly.js"
import * as Errors from "../../src/authoring/Errors.js"

const report: CancelError.Report = {
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

describe("a row", () => {
  it("becomes a class with its literals", () => {
    const error = new Acme.Locked(report)
    assert.instanceOf(error, Error)
    assert.isTrue(CancelError.isCancelError(error))
    assertPartly(error, {
      _tag: "Acme.Locked",
      provider: "Acme",
      code: "locked",
      category: "Conflict",
      outcome: "NotCancelled",
      message: "m"
    })
  })
  it("has an identifier of its own, for schemas", () => {
    assert.strictEqual(Acme.Locked.identifier, "effect-payment-cancel/Acme.Locked")
    assert.strictEqual(Acme.Unrecognized.identifier, "effect-payment-cancel/Acme.Unrecognized")
  })
})

describe("a catalogue", () => {
  it("finds each class by its code, and by nothing else", () => {
    deepStrictEqual([...Acme.catalogue.byCode.keys()], ["bad_request", "not_possible", "busy", "locked", "running", "broken"])
    for (const [name, row] of Object.entries(Errors.table(Acme))) {
      const entry = Acme.catalogue.byCode.get(row.code)
      assert.strictEqual(entry?.name, name)
      assert.strictEqual(entry?.row, row)
      assertPartly(entry?.make(report) ?? {}, { _tag: `Acme.${name}`, code: row.code })
    }
    assert.isUndefined(Acme.catalogue.byCode.get("toString"))
    deepStrictEqual(Acme.catalogue.entries.map((_) => _.name), Object.keys(Errors.table(Acme)))
  })
  it("makes an error of what nobody has listed", () => {
    for (const code of ["x", null]) {
      const error = Acme.catalogue.unrecognized({ ...report, code })
      assert.instanceOf(error, Acme.Unrecognized)
      assertPartly(error, { _tag: "Acme.Unrecognized", provider: "Acme", code, category: "Unexpected", outcome: "NotCancelled" })
    }
  })
  it("the category of what nobody has listed follows from its HTTP status", () => {
    for (const [status, category] of [[401, "Unauthenticated"], [404, "NotFound"], [418, "Unexpected"], [429, "RateLimited"]] as const) {
      const error = Acme.catalogue.unrecognized({ ...report, code: null, httpStatus: Option.some(status) })
      assert.strictEqual(error.category, category)
    }
    const encoded = Schema.encodeSync(Acme.Unrecognized)(new Acme.Unrecognized({ ...report, code: null }))
    assert.strictEqual(encoded.category, "Unexpected")
    assert.throws(() => Schema.decodeUnknownSync(Acme.Unrecognized)({ ...encoded, category: "NotCancellable" }))
    assert.throws(() => Schema.decodeUnknownSync(Acme.Unrecognized)({ ...encoded, outcome: "Unknown" }))
  })
  it("an unlisted code survives JSON, with and without one", () => {
    for (const code of ["x", null]) {
      const error = Acme.catalogue.unrecognized({ ...report, code })
      const encoded = Schema.encodeSync(Acme.Unrecognized)(error as Acme.Unrecognized)
      deepStrictEqual<unknown>(Schema.decodeUnknownSync(Acme.Unrecognized)(JSON.parse(JSON.stringify(encoded))), error)
    }
  })
})

describe("a row without a code", () => {
  class Silent extends Errors.refusal("Acme")<Silent>()("Silent", { ...Acme.row, code: null, httpStatus: [403, 451] }) {}
  it("is found by each of its HTTP statuses, and by no code", () => {
    const { byCode, byStatus } = Errors.catalogue({ Silent, Busy: Acme.Busy, Unrecognized: Acme.Unrecognized })
    deepStrictEqual([...byCode.keys()], ["busy"])
    deepStrictEqual([...byStatus].map(([status, { name }]) => [status, name]), [[403, "Silent"], [451, "Silent"]])
  })
})

describe("the code that stands for several", () => {
  const telling = (code: string | null, ...codes: ReadonlyArray<string>) =>
    Errors.withTellingCode(Acme.catalogue, { code, codes, message: null, details: null }).code
  it("is the first that is listed, the one in first place included", () => {
    assert.strictEqual(telling("locked", "busy"), "locked")
    assert.strictEqual(telling("odd", "busy", "locked"), "busy")
    assert.strictEqual(telling(null, "odd", "locked"), "locked")
    assert.strictEqual(telling("odd", "even"), "odd")
    assert.isNull(telling(null))
  })
  it("is one that leaves the outcome open, wherever it stands", () => {
    assert.strictEqual(telling("broken", "busy"), "broken")
    assert.strictEqual(telling("busy", "broken"), "broken")
  })
})

describe("the schema of a provider's errors", () => {
  it("is made of its classes, whatever else its module holds", () => {
    const error = new Acme.Locked(report)
    const schema = Errors.channel({ ...Acme, constant: 7 })
    deepStrictEqual<unknown>(Schema.decodeUnknownSync(schema)(Schema.encodeSync(Acme.Locked)(error)), error)
    assert.throws(() => Schema.decodeUnknownSync(schema)({ _tag: "Acme.Odd" }))
  })
})
