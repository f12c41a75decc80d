/**
 * What the rows of each provider become: one class each, whose errors say which provider and
 * which code they come from, and survive a journal.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Adyen, type CancelError, Square, Stripe, WalletConnectPay, WePay } from "effect-payment-cancel"
import * as Errors from "../../src/authoring/Errors.js"
import { assertPartly, deepStrictEqual } from "../engine/partly.js"

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

const become = <E extends A, A extends object, I>(
  provider: string,
  exported: object,
  { byCode, byStatus, entries, unrecognized }: Errors.Catalogue<E>,
  schema: Schema.Schema<A, I>
) => {
  const survives = (error: A) => {
    const journal = JSON.stringify(Schema.encodeSync(schema)(error))
    deepStrictEqual<unknown>(Schema.decodeUnknownSync(schema)(JSON.parse(journal)), error)
  }
  describe(`the rows of ${provider} become`, () => {
    it("one class each, found by its code", () => {
      deepStrictEqual(entries.map(({ name }) => name), Object.keys(Errors.table(exported)))
      for (const [name, { category, code, httpStatus, outcome }] of Object.entries(Errors.table(exported) as { readonly [name: string]: Errors.Row })) {
        const error = (code === null ? byStatus.get(httpStatus[0]) : byCode.get(code))?.make(report) ?? assert.fail(`there is no ${code}`)
        assert.instanceOf(error, Reflect.get(exported, name))
        assertPartly(error, { _tag: `${provider}.${name}`, provider, code, category, outcome })
        survives(error)
      }
    })
    it("and one class for every other code, and for none", () => {
      for (const code of ["never_heard_of", null]) {
        for (const [status, category] of categories) {
          const error = unrecognized({ ...report, code, httpStatus: Option.fromNullable(status) })
          assert.instanceOf(error, Reflect.get(exported, "Unrecognized"))
          assertPartly(error, { _tag: `${provider}.Unrecognized`, provider, code, category, outcome: "NotCancelled" })
          survives(error)
        }
      }
    })
  })
}

become("Adyen", Adyen, Errors.catalogue(Adyen), Adyen.CancelError)
become("Square", Square, Errors.catalogue(Square), Square.CancelError)
become("Stripe", Stripe, Errors.catalogue(Stripe), Stripe.CancelError)
become("WalletConnectPay", WalletConnectPay, Errors.catalogue(WalletConnectPay), WalletConnectPay.CancelError)
become("WePay", WePay, Errors.catalogue(WePay), WePay.CancelError)
