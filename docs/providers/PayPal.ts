/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"PayPal"> = {
  "there is no such payment": { classes: ["InvalidResourceId", "ResourceNotFound"] },
  "a key that is missing, wrong or expired": {
    classes: ["InvalidClient", "InvalidToken", "AuthenticationFailure", "InvalidAccountStatus", "Unauthorized"]
  },
  "a valid key without permission for this": { classes: ["PermissionDenied", "NotAuthorized", "UnauthorizedClient"] },
  "no such account, or one that is not yours": { classes: ["PermissionDenied"] },
  "too many requests": { classes: ["RateLimitReached"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: ["PreviouslyCaptured", "PreviouslyVoided", "CannotBeVoided"],
    otherwise: noLonger
  },
  "another operation on the payment is running at this moment": { classes: ["PreviousRequestInProgress", "ResourceConflict"] },
  "a request under the same key is still running": {
    classes: ["PreviousRequestInProgress"],
    otherwise: "any other 409: `CancelError.UnexpectedResponse`"
  },
  "the key was used for another request": { classes: [], otherwise: "not known" },
  "the request is not acceptable": {
    classes: ["InvalidRequest", "MethodNotSupported", "MediaTypeNotAcceptable", "UnsupportedMediaType", "UnsupportedGrantType"]
  },
  "the provider failed": { classes: ["InternalServerError", "ServiceUnavailable"] },
  "the documented success states nothing, and no status confirms it": { classes: ["NotConfirmed"] }
}
