/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { byStatus, noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"WalletConnectPay"> = {
  "there is no such payment": { classes: ["PaymentNotFound"] },
  "a key that is missing, wrong or expired": {
    classes: [
      "InvalidApiKey",
      "Unauthorized",
      "MissingApiKey",
      "MissingMerchantApiKey",
      "MissingMerchantId",
      "ApiKeyNotFound",
      "MissingAppId",
      "MissingClientId",
      "InvalidAppId",
      "ConflictingAuthHeaders",
      "MissingAuthHeaders"
    ]
  },
  "a valid key without permission for this": { classes: ["Forbidden", "NotSandboxApiKey", "SanctionedUser"] },
  "no such account, or one that is not yours": {
    classes: ["MerchantNotFound", "PartnerNotFound", "CustomerNotFound", "WalletNotFound", "ExecutorNotFound"],
    because: "they say only that something is not there, and not that it may be somebody else's"
  },
  "too many requests": { classes: ["RateLimited"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: ["InvalidState", "PaymentExpired", "QuoteExpired", "AlreadyRefunded", "PaymentNotSucceeded"],
    otherwise: noLonger
  },
  "another operation on the payment is running at this moment": { classes: ["MerchantExists"], otherwise: `${byStatus(409)} from the gateway` },
  "a request under the same key is still running": { classes: [], otherwise: "an unlisted 409: `CancelError.UnexpectedResponse`" },
  "the key was used for another request": { classes: ["IdempotencyConflict"] },
  "the request is not acceptable": {
    classes: [
      "InvalidParams",
      "ParamsValidation",
      "HeaderNotAscii",
      "InvalidApiVersion",
      "UnknownApiVersion",
      "ApiVersionDowngrade"
    ]
  },
  "the provider failed": { classes: ["InternalError"] }
}
