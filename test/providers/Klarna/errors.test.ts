/**
 * Klarna's codes, written down a second time, by hand from its documentation: a row that is
 * changed by mistake does not go unnoticed.
 */
import { describe, it } from "@effect/vitest"
import * as errors from "../../../src/providers/Klarna/errors.js"
import { deepStrictEqual } from "../../engine/partly.js"
import { pinned } from "../pinned.js"
import * as Errors from "../../../src/authoring/Errors.js"

const codes = [
  "CancelNotAllowed       CANCEL_NOT_ALLOWED      NotCancellable  NotCancelled Payment -       403             Documented",
  "NotAllowed             NOT_ALLOWED             Forbidden       NotCancelled Payment -       403             Inferred",
  "Blocked                -                       Forbidden       NotCancelled Payment -       403             Observed",
  "InvalidOrderId         INVALID_ORDER_ID        InvalidRequest  NotCancelled Request -       400             Documented",
  "BadValue               BAD_VALUE               InvalidRequest  NotCancelled Payment -       400             Inferred",
  "UnprocessableEntity    UNPROCESSABLE_ENTITY    InvalidRequest  NotCancelled Payment -       422             Inferred",
  "RequestTooLarge        REQUEST_TOO_LARGE       InvalidRequest  NotCancelled Request -       413             Documented",
  "NoSuchOrder            NO_SUCH_ORDER           NotFound        NotCancelled Payment -       404             Documented",
  "NotFound               NOT_FOUND               NotFound        NotCancelled Payment -       404,400         Documented",
  "Unauthorized           UNAUTHORIZED            Unauthenticated NotCancelled Request -       401             Observed",
  "AuthorizationRequired  -                       Unauthenticated NotCancelled Request -       401             Documented",
  "TooManyRequests        TOO_MANY_REQUESTS       RateLimited     NotCancelled Request again   429             Documented",
  "Conflict               CONFLICT                Conflict        Unknown      Payment running 409             Inferred",
  "NotConfirmed           -                       Unexpected      Unknown      Payment -       204,200,201,202 Documented",
  "InternalServerError    INTERNAL_SERVER_ERROR   ProviderFault   Unknown      Request -       500             Documented",
  "UnexpectedError        UNEXPECTED_ERROR        ProviderFault   Unknown      Request -       500             Documented",
  "InternalError          INTERNAL_ERROR          ProviderFault   Unknown      Request -       500             Documented",
  "Timeout                TIMEOUT                 ProviderFault   Unknown      Request -       500,504         Documented",
  "TemporarilyUnavailable TEMPORARILY_UNAVAILABLE ProviderFault   Unknown      Request -       503,502,504     Documented"
]

describe("Klarna's error table", () => {
  it("says what Klarna documents", () => {
    deepStrictEqual(pinned(Errors.table(errors)), codes.map((line) => line.replace(/ +/g, " ")))
  })
})
