/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"GoCardless"> = {
  "there is no such payment": { classes: ["NotFound", "ResourceNotFound"] },
  "a key that is missing, wrong or expired": { classes: ["Unauthorized", "AccessTokenNotFound", "AccessTokenNotActive"] },
  "a valid key without permission for this": { classes: ["InsufficientPermissions", "Forbidden", "FeatureDisabled"] },
  "no such account, or one that is not yours": { classes: [], otherwise: "not known" },
  "too many requests": { classes: ["RateLimitExceeded"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: ["CancellationFailed"],
    otherwise: noLonger
  },
  "another operation on the payment is running at this moment": { classes: [], otherwise: "not known" },
  "a request under the same key is still running": { classes: [], otherwise: "any other 409: `CancelError.UnexpectedResponse`" },
  "the key was used for another request": { classes: ["IdempotentCreationConflict"] },
  "the request is not acceptable": { classes: ["ValidationFailed", "BadRequest", "IdempotencyKeyTooLong"] },
  "the provider failed": { classes: ["RequestTimedOut", "InternalServerError"] }
}
