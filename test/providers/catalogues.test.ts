/**
 * What the rows of each provider become: one class each, whose errors say which provider and
 * which code they come from, and survive a journal.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CancelError } from "effect-payment-cancel"
import * as Errors from "../../src/authoring/Errors.js"
import { assertPartly, deepStrictEqual } from "../engine/partly.js"
import { homes } from "../support/homes.js"
import type { Failure } from "../support/ProviderFacts.js"

const report: CancelError.Report = {
  message: "m",
  paymentId: "p",
  identifiedBy: "PaymentId",
  httpStatus: Option.some(400),
  requestId: Option.none(),
  details: Option.none(),
  paymentStatus: Option.none(),
  retryAfter: Option.none(),
  idempotencyKey: "k",
  attempts: 1,
  history: []
}

/** What an HTTP status says by itself, and none. */
const categories: ReadonlyArray<readonly [status: number | null, category: CancelError.Category]> = [
  [400, "Unexpected"],
  [401, "Unauthenticated"],
  [403, "Forbidden"],
  [404, "NotFound"],
  [409, "Conflict"],
  [418, "Unexpected"],
  [422, "InvalidRequest"],
  [429, "RateLimited"],
  [null, "Unexpected"]
]

for (const { declared, facts: { codes, name: provider }, library } of homes) {
  const { byCode, byStatus, entries, unrecognized } = declared.declaration.errors
  const survives = (error: Failure) => {
    const journal = JSON.stringify(Schema.encodeSync(library.CancelError)(error))
    deepStrictEqual<unknown>(Schema.decodeUnknownSync(library.CancelError)(JSON.parse(journal)), error)
  }
  describe(`the rows of ${provider} become`, () => {
    it("one class each, found by its code", () => {
      // A module has its exports in the order of their names.
      const names = entries.map(({ name }) => name).toSorted()
      deepStrictEqual(names, Object.keys(Errors.table(library)).toSorted())
      deepStrictEqual(names, codes.map(({ name }) => name).toSorted())
      for (const { category, code, name, outcome, statuses } of codes) {
        const error = (code === null ? byStatus.get(statuses[0]) : byCode.get(code))?.make(report) ?? assert.fail(`there is no ${code}`)
        assert.strictEqual(error.constructor, library[name])
        assertPartly(error, { _tag: `${provider}.${name}`, provider, code, category, outcome })
        survives(error)
      }
    })
    it("and one class for every other code, and for none", () => {
      for (const code of ["never_heard_of", null]) {
        for (const [status, category] of categories) {
          const error = unrecognized({ ...report, code, httpStatus: Option.fromNullable(status) })
          assert.strictEqual(error.constructor, library["Unrecognized"])
          assertPartly(error, { _tag: `${provider}.Unrecognized`, provider, code, category, outcome: "NotCancelled" })
          survives(error)
        }
      }
    })
  })
}
