/**
 * WalletConnect Pay's codes, written down a second time, by hand from its specification: a
 * row that is changed by mistake does not go unnoticed.
 */
import { assert, describe, it } from "@effect/vitest"
import * as errors from "../../../src/providers/WalletConnectPay/errors.js"
import { deepStrictEqual } from "../../engine/partly.js"
import { pinned } from "../pinned.js"
import * as Errors from "../../../src/authoring/Errors.js"

const codes = [
  "RateLimited            rate_limited             RateLimited     NotCancelled Request again 429     Observed",
  "InvalidParams          invalid_params           InvalidRequest  NotCancelled Payment -     400     Documented",
  "ParamsValidation       params_validation        InvalidRequest  NotCancelled Payment -     400     Documented",
  "PaymentNotFound        payment_not_found        NotFound        NotCancelled Request -     404     Observed",
  "IdempotencyConflict    idempotency_conflict     Conflict        NotCancelled Payment -     409     Documented",
  "InternalError          internal_error           ProviderFault   Unknown      Request -     500     Documented",
  "InvalidApiKey          invalid_api_key          Unauthenticated NotCancelled Request -     401     Documented",
  "Unauthorized           unauthorized             Unauthenticated NotCancelled Request -     401     Inferred",
  "Forbidden              forbidden                Forbidden       NotCancelled Request -     403     Inferred",
  "InvalidState           invalid_state            NotCancellable  NotCancelled Payment -     400     Inferred",
  "PaymentExpired         payment_expired          NotCancellable  NotCancelled Payment -     400,410 Inferred",
  "QuoteExpired           quote_expired            NotCancellable  NotCancelled Payment -     400,410 Inferred",
  "MissingApiKey          missing_api_key          Unauthenticated NotCancelled Request -     401     Documented",
  "MissingMerchantApiKey  missing_merchant_api_key Unauthenticated NotCancelled Request -     401     Inferred",
  "MissingMerchantId      missing_merchant_id      Unauthenticated NotCancelled Request -     401     Documented",
  "HeaderNotAscii         header_not_ascii         InvalidRequest  NotCancelled Request -     400     Documented",
  "NotSandboxApiKey       not_sandbox_api_key      Forbidden       NotCancelled Request -     403     Inferred",
  "MerchantNotFound       merchant_not_found       NotFound        NotCancelled Request -     404     Inferred",
  "MerchantExists         merchant_exists          Conflict        NotCancelled Payment -     409     Inferred",
  "ApiKeyNotFound         api_key_not_found        Unauthenticated NotCancelled Request -     404     Inferred",
  "PartnerNotFound        partner_not_found        NotFound        NotCancelled Request -     404     Inferred",
  "CustomerNotFound       customer_not_found       NotFound        NotCancelled Request -     404     Inferred",
  "WalletNotFound         wallet_not_found         NotFound        NotCancelled Request -     404     Inferred",
  "ExecutorNotFound       executor_not_found       NotFound        NotCancelled Request -     404     Inferred",
  "MissingAppId           missing_app_id           Unauthenticated NotCancelled Request -     401     Inferred",
  "MissingClientId        missing_client_id        Unauthenticated NotCancelled Request -     401     Inferred",
  "InvalidAppId           invalid_app_id           Unauthenticated NotCancelled Request -     401     Inferred",
  "ConflictingAuthHeaders conflicting_auth_headers Unauthenticated NotCancelled Request -     400,401 Inferred",
  "MissingAuthHeaders     missing_auth_headers     Unauthenticated NotCancelled Request -     401     Inferred",
  "InvalidApiVersion      invalid_api_version      InvalidRequest  NotCancelled Request -     400     Documented",
  "UnknownApiVersion      unknown_api_version      InvalidRequest  NotCancelled Request -     400     Documented",
  "ApiVersionDowngrade    api_version_downgrade    InvalidRequest  NotCancelled Request -     400     Documented",
  "SanctionedUser         sanctioned_user          Forbidden       NotCancelled Request -     451     Inferred",
  "PaymentNotSucceeded    payment_not_succeeded    NotCancellable  NotCancelled Payment -     400     Documented",
  "AlreadyRefunded        already_refunded         NotCancellable  NotCancelled Payment -     409     Documented"
]

describe("WalletConnect Pay's error table", () => {
  it("says what WalletConnect Pay specifies: 35 codes", () => {
    assert.lengthOf(codes, 35)
    deepStrictEqual(pinned(Errors.table(errors)), codes.map((line) => line.replace(/ +/g, " ")))
  })
  it("names each class after its code", () => {
    for (const [name, { code }] of Object.entries(Errors.table(errors))) {
      assert.strictEqual(name, code.split("_").map((word) => word[0]!.toUpperCase() + word.slice(1)).join(""))
    }
  })
})
