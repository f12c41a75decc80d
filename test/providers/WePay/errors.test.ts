/**
 * WePay's codes, written down a second time, by hand from its documentation: a row that is
 * changed by mistake does not go unnoticed.
 */
import { describe, it } from "@effect/vitest"
import * as errors from "../../../src/providers/WePay/errors.js"
import { deepStrictEqual } from "../../engine/partly.js"
import { pinned } from "../pinned.js"
import * as Errors from "../../../src/authoring/Errors.js"

const codes = [
  "InvalidParams                          INVALID_PARAMS                              InvalidRequest NotCancelled Request -            400 Documented",
  "PaymentCannotBeCanceled                PAYMENT_CANNOT_BE_CANCELED                  NotCancellable NotCancelled Payment -            400 Documented",
  "ConcurrentUniqueKeyRequestIsProcessing CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING Conflict       Unknown      Request running 400 Documented",
  "PointOfSaleTransactionNotYetProcessed  POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED Conflict       NotCancelled Payment again        400 Documented",
  "NotAuthorized                          NOT_AUTHORIZED                              Forbidden      NotCancelled Request -            403 Documented",
  "ThrottleExceeded                       THROTTLE_EXCEEDED                           RateLimited    NotCancelled Request again        429 Documented",
  "ResourceConflict                       RESOURCE_CONFLICT                           Conflict       NotCancelled Payment again        409 Documented",
  "UnexpectedError                        UNEXPECTED_ERROR                            ProviderFault  Unknown      Request -            500 Documented"
]

describe("WePay's error table", () => {
  it("says what WePay documents", () => {
    deepStrictEqual(pinned(Errors.table(errors)), codes.map((line) => line.replace(/ +/g, " ")))
  })
})
