/**
 * Stripe's codes, written down a second time, by hand from its documentation: a row that is
 * changed by mistake does not go unnoticed.
 */
import { describe, it } from "@effect/vitest"
import * as errors from "../../../src/providers/Stripe/errors.js"
import { deepStrictEqual } from "../../engine/partly.js"
import { pinned } from "../pinned.js"
import * as Errors from "../../../src/authoring/Errors.js"

const codes = [
  "PaymentIntentUnexpectedState   payment_intent_unexpected_state    NotCancellable  NotCancelled Payment -             400     Observed",
  "IntentInvalidState             intent_invalid_state               NotCancellable  NotCancelled Payment -             400     Inferred",
  "ResourceMissing                resource_missing                   NotFound        NotCancelled Request -             404     Documented",
  "LockTimeout                    lock_timeout                       Conflict        NotCancelled Payment again         429     Inferred",
  "RateLimit                      rate_limit                         RateLimited     NotCancelled Request again         429,400 Documented",
  "PaymentIntentRateLimitExceeded payment_intent_rate_limit_exceeded RateLimited     NotCancelled Request -             429     Inferred",
  "IdempotencyKeyInUse            idempotency_key_in_use             Conflict        Unknown      Request running 409     Documented",
  "IdempotencyError               idempotency_error                  Conflict        NotCancelled Payment -             400     Documented",
  "ParameterUnknown               parameter_unknown                  InvalidRequest  NotCancelled Request -             400     Documented",
  "ParameterInvalidEmpty          parameter_invalid_empty            InvalidRequest  NotCancelled Request -             400     Documented",
  "LivemodeMismatch               livemode_mismatch                  Forbidden       NotCancelled Request -             400     Inferred",
  "InvalidApiKey                  invalid_request_error              Unauthenticated NotCancelled Request -             401     Observed",
  "ApiKeyExpired                  api_key_expired                    Unauthenticated NotCancelled Request -             401     Documented",
  "PlatformApiKeyExpired          platform_api_key_expired           Unauthenticated NotCancelled Request -             401     Documented",
  "SecretKeyRequired              secret_key_required                Forbidden       NotCancelled Request -             403     Inferred",
  "AccountInvalid                 account_invalid                    Forbidden       NotCancelled Request -             403     Documented",
  "ActionBlocked                  action_blocked                     Forbidden       NotCancelled Payment -             400,403 Inferred"
]

describe("Stripe's error table", () => {
  it("says what Stripe documents", () => {
    deepStrictEqual(pinned(Errors.table(errors)), codes.map((line) => line.replace(/ +/g, " ")))
  })
})
