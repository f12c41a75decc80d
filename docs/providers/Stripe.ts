/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"Stripe"> = {
  "there is no such payment": { classes: ["ResourceMissing"] },
  "a key that is missing, wrong or expired": { classes: ["InvalidApiKey", "ApiKeyExpired", "PlatformApiKeyExpired"] },
  "a valid key without permission for this": { classes: ["SecretKeyRequired", "LivemodeMismatch", "ActionBlocked"] },
  "no such account, or one that is not yours": { classes: ["AccountInvalid"] },
  "too many requests": { classes: ["RateLimit", "PaymentIntentRateLimitExceeded"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": { classes: ["PaymentIntentUnexpectedState", "IntentInvalidState"], otherwise: noLonger },
  "another operation on the payment is running at this moment": { classes: ["LockTimeout"] },
  "a request under the same key is still running": { classes: ["IdempotencyKeyInUse"], otherwise: "any other 409: `CancelError.UnexpectedResponse`" },
  "the key was used for another request": { classes: ["IdempotencyError"] },
  "the request is not acceptable": { classes: ["ParameterUnknown", "ParameterInvalidEmpty"] },
  "the provider failed": { classes: [], otherwise: "`CancelError.UnexpectedResponse`: its 5xx has no code" }
}
