/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { byStatus, noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"Square"> = {
  "there is no such payment": { classes: ["NotFound", "Gone"] },
  "a key that is missing, wrong or expired": { classes: ["Unauthorized", "AccessTokenExpired", "AccessTokenRevoked"] },
  "a valid key without permission for this": { classes: ["Forbidden", "InsufficientScopes", "ClientDisabled", "ApplicationDisabled"] },
  "no such account, or one that is not yours": { classes: [], otherwise: byStatus(403) },
  "too many requests": { classes: ["RateLimited"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: [
      "DelayedTransactionCaptured",
      "DelayedTransactionCanceled",
      "DelayedTransactionExpired",
      "DelayedTransactionFailed",
      "BadRequest",
      "UnprocessableEntity"
    ],
    otherwise: noLonger
  },
  "another operation on the payment is running at this moment": { classes: ["Conflict"] },
  "a request under the same key is still running": { classes: [], otherwise: "-: no key" },
  "the key was used for another request": { classes: ["IdempotencyKeyReused"] },
  "the request is not acceptable": {
    classes: [
      "InvalidValue",
      "UnexpectedValue",
      "MissingRequiredParameter",
      "ValueEmpty",
      "ValueTooShort",
      "ValueTooLong",
      "ValueRegexMismatch",
      "ExpectedJsonBody",
      "InvalidContentType",
      "UnsupportedMediaType",
      "MethodNotAllowed",
      "InvalidSquareVersionFormat",
      "ApiVersionIncompatible",
      "SandboxNotSupported"
    ]
  },
  "the provider failed": {
    classes: [
      "InternalServerError",
      "NotImplemented",
      "BadGateway",
      "ServiceUnavailable",
      "GatewayTimeout",
      "TemporaryError",
      "RequestTimeout"
    ]
  }
}
