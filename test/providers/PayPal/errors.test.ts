/**
 * PayPal's codes, written down a second time, by hand from its documentation: a row that is
 * changed by mistake does not go unnoticed.
 */
import { describe, it } from "@effect/vitest"
import * as errors from "../../../src/providers/PayPal/errors.js"
import { deepStrictEqual } from "../../engine/partly.js"
import { pinned } from "../pinned.js"
import * as Errors from "../../../src/authoring/Errors.js"

const codes = [
  "PreviouslyCaptured        PREVIOUSLY_CAPTURED          NotCancellable  NotCancelled Payment -       422 Documented",
  "PreviouslyVoided          PREVIOUSLY_VOIDED            NotCancellable  NotCancelled Payment VOIDED  422 Documented",
  "CannotBeVoided            CANNOT_BE_VOIDED             NotCancellable  NotCancelled Payment -       422 Documented",
  "PreviousRequestInProgress PREVIOUS_REQUEST_IN_PROGRESS Conflict        Unknown      Payment running 409 Documented",
  "ResourceConflict          RESOURCE_CONFLICT            Conflict        Unknown      Payment running 409 Documented",
  "InvalidResourceId         INVALID_RESOURCE_ID          NotFound        NotCancelled Request -       404 Documented",
  "ResourceNotFound          RESOURCE_NOT_FOUND           NotFound        NotCancelled Request -       404 Documented",
  "PermissionDenied          PERMISSION_DENIED            Forbidden       NotCancelled Request -       403 Documented",
  "NotAuthorized             NOT_AUTHORIZED               Forbidden       NotCancelled Request -       403 Documented",
  "InvalidAccountStatus      INVALID_ACCOUNT_STATUS       Unauthenticated NotCancelled Request -       401 Documented",
  "AuthenticationFailure     AUTHENTICATION_FAILURE       Unauthenticated NotCancelled Request -       401 Documented",
  "InvalidToken              invalid_token                Unauthenticated NotCancelled Request -       401 Observed",
  "Unauthorized              -                            Unauthenticated NotCancelled Request -       401 Observed",
  "InvalidRequest            INVALID_REQUEST              InvalidRequest  NotCancelled Request -       400 Documented",
  "MethodNotSupported        METHOD_NOT_SUPPORTED         InvalidRequest  NotCancelled Request -       405 Documented",
  "MediaTypeNotAcceptable    MEDIA_TYPE_NOT_ACCEPTABLE    InvalidRequest  NotCancelled Request -       406 Documented",
  "UnsupportedMediaType      UNSUPPORTED_MEDIA_TYPE       InvalidRequest  NotCancelled Request -       415 Documented",
  "RateLimitReached          RATE_LIMIT_REACHED           RateLimited     NotCancelled Request again   429 Documented",
  "NoContent                 -                            Unexpected      Unknown      Payment -       204 Documented",
  "InternalServerError       INTERNAL_SERVER_ERROR        ProviderFault   Unknown      Request -       500 Documented",
  "ServiceUnavailable        SERVICE_UNAVAILABLE          ProviderFault   Unknown      Request -       503 Documented"
]

describe("PayPal's error table", () => {
  it("says what PayPal documents", () => {
    deepStrictEqual(pinned(Errors.table(errors)), codes.map((line) => line.replace(/ +/g, " ")))
  })
})
