/**
 * Adyen's codes, written down a second time, by hand from its documentation: a row that is
 * changed by mistake does not go unnoticed.
 */
import { describe, it } from "@effect/vitest"
import * as errors from "../../../src/providers/Adyen/errors.js"
import { deepStrictEqual } from "../../engine/partly.js"
import { pinned } from "../pinned.js"
import * as Errors from "../../../src/authoring/Errors.js"

const codes = [
  "Unauthorized                000 Unauthenticated NotCancelled Request -             401     Documented",
  "NotAllowed                  010 Forbidden       NotCancelled Request -             403     Inferred",
  "OriginalReferenceRequired   167 InvalidRequest  NotCancelled Payment -             422     Observed",
  "UnexpectedInput             702 InvalidRequest  NotCancelled Request -             400     Documented",
  "IdempotencyStoreUnavailable 703 ProviderFault   Unknown      Request -             503     Documented",
  "IdempotencyKeyInUse         704 Conflict        Unknown      Request running 422,409 Documented",
  "InvalidMerchantAccount      901 Forbidden       NotCancelled Request -             403     Documented",
  "PaymentDetailsNotSupported  905 ProviderFault   Unknown      Request -             500     Documented"
]

describe("Adyen's error table", () => {
  it("says what Adyen documents", () => {
    deepStrictEqual(pinned(Errors.table(errors)), codes.map((line) => line.replace(/ +/g, " ")))
  })
})
