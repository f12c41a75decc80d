/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { byStatus, byWebhook, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"Adyen"> = {
  "there is no such payment": { classes: [], otherwise: byWebhook },
  "a key that is missing, wrong or expired": { classes: ["Unauthorized"] },
  "a valid key without permission for this": { classes: ["NotAllowed"] },
  "no such account, or one that is not yours": { classes: ["InvalidMerchantAccount"] },
  "too many requests": { classes: [], otherwise: byStatus(429) },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": { classes: [], otherwise: byWebhook },
  "another operation on the payment is running at this moment": { classes: [], otherwise: "accepted, and decided later" },
  "a request under the same key is still running": { classes: ["IdempotencyKeyInUse"] },
  "the key was used for another request": { classes: ["IdempotencyKeyInUse"] },
  "the request is not acceptable": { classes: ["OriginalReferenceRequired", "UnexpectedInput"] },
  "the provider failed": { classes: ["IdempotencyStoreUnavailable", "PaymentDetailsNotSupported"] }
}
