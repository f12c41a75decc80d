/**
 * Square's codes, written down a second time, by hand from its documentation: a row that is
 * changed by mistake does not go unnoticed.
 */
import { describe, it } from "@effect/vitest"
import * as errors from "../../../src/providers/Square/errors.js"
import { deepStrictEqual } from "../../engine/partly.js"
import { pinned } from "../pinned.js"
import * as Errors from "../../../src/authoring/Errors.js"

const codes = [
  "DelayedTransactionCaptured DELAYED_TRANSACTION_CAPTURED  NotCancellable  NotCancelled Payment -     400     Documented",
  "DelayedTransactionCanceled DELAYED_TRANSACTION_CANCELED  NotCancellable  NotCancelled Payment -     400     Documented",
  "DelayedTransactionExpired  DELAYED_TRANSACTION_EXPIRED   NotCancellable  NotCancelled Payment -     400     Documented",
  "DelayedTransactionFailed   DELAYED_TRANSACTION_FAILED    NotCancellable  NotCancelled Payment -     400     Documented",
  "BadRequest                 BAD_REQUEST                   NotCancellable  NotCancelled Payment -     400     Inferred",
  "UnprocessableEntity        UNPROCESSABLE_ENTITY          NotCancellable  NotCancelled Payment -     422     Inferred",
  "Conflict                   CONFLICT                      Conflict        NotCancelled Payment -     409     Inferred",
  "IdempotencyKeyReused       IDEMPOTENCY_KEY_REUSED        Conflict        NotCancelled Payment -     400     Inferred",
  "InvalidValue               INVALID_VALUE                 InvalidRequest  NotCancelled Payment -     400     Inferred",
  "UnexpectedValue            UNEXPECTED_VALUE              InvalidRequest  NotCancelled Payment -     400     Inferred",
  "Gone                       GONE                          NotFound        NotCancelled Payment -     410     Documented",
  "NotFound                   NOT_FOUND                     NotFound        NotCancelled Request -     404     Documented",
  "Unauthorized               UNAUTHORIZED                  Unauthenticated NotCancelled Request -     401     Documented",
  "AccessTokenExpired         ACCESS_TOKEN_EXPIRED          Unauthenticated NotCancelled Request -     401     Documented",
  "AccessTokenRevoked         ACCESS_TOKEN_REVOKED          Unauthenticated NotCancelled Request -     401     Documented",
  "ClientDisabled             CLIENT_DISABLED               Forbidden       NotCancelled Request -     403,401 Documented",
  "ApplicationDisabled        APPLICATION_DISABLED          Forbidden       NotCancelled Request -     403     Documented",
  "Forbidden                  FORBIDDEN                     Forbidden       NotCancelled Request -     403     Documented",
  "InsufficientScopes         INSUFFICIENT_SCOPES           Forbidden       NotCancelled Request -     403     Documented",
  "SandboxNotSupported        SANDBOX_NOT_SUPPORTED         InvalidRequest  NotCancelled Request -     400     Documented",
  "MissingRequiredParameter   MISSING_REQUIRED_PARAMETER    InvalidRequest  NotCancelled Request -     400     Documented",
  "ValueEmpty                 VALUE_EMPTY                   InvalidRequest  NotCancelled Request -     400     Documented",
  "ValueTooShort              VALUE_TOO_SHORT               InvalidRequest  NotCancelled Request -     400     Documented",
  "ValueTooLong               VALUE_TOO_LONG                InvalidRequest  NotCancelled Request -     400     Documented",
  "ValueRegexMismatch         VALUE_REGEX_MISMATCH          InvalidRequest  NotCancelled Request -     400     Documented",
  "ExpectedJsonBody           EXPECTED_JSON_BODY            InvalidRequest  NotCancelled Request -     400     Documented",
  "InvalidContentType         INVALID_CONTENT_TYPE          InvalidRequest  NotCancelled Request -     400,415 Documented",
  "UnsupportedMediaType       UNSUPPORTED_MEDIA_TYPE        InvalidRequest  NotCancelled Request -     415     Documented",
  "MethodNotAllowed           METHOD_NOT_ALLOWED            InvalidRequest  NotCancelled Request -     405     Documented",
  "InvalidSquareVersionFormat INVALID_SQUARE_VERSION_FORMAT InvalidRequest  NotCancelled Request -     400     Documented",
  "ApiVersionIncompatible     API_VERSION_INCOMPATIBLE      InvalidRequest  NotCancelled Request -     400     Documented",
  "RateLimited                RATE_LIMITED                  RateLimited     NotCancelled Request again 429     Documented",
  "InternalServerError        INTERNAL_SERVER_ERROR         ProviderFault   Unknown      Request -     500     Documented",
  "NotImplemented             NOT_IMPLEMENTED               ProviderFault   Unknown      Request -     501     Documented",
  "BadGateway                 BAD_GATEWAY                   ProviderFault   Unknown      Request -     502     Documented",
  "ServiceUnavailable         SERVICE_UNAVAILABLE           ProviderFault   Unknown      Request -     503     Documented",
  "GatewayTimeout             GATEWAY_TIMEOUT               ProviderFault   Unknown      Request -     504     Documented",
  "TemporaryError             TEMPORARY_ERROR               ProviderFault   Unknown      Request -     500,503 Documented",
  "RequestTimeout             REQUEST_TIMEOUT               ProviderFault   Unknown      Request -     504     Inferred"
]

describe("Square's error table", () => {
  it("says what Square documents", () => {
    deepStrictEqual(pinned(Errors.table(errors)), codes.map((line) => line.replace(/ +/g, " ")))
  })
})
