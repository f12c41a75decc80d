/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { byStatus, noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"WePay"> = {
  "there is no such payment": { classes: [], otherwise: byStatus(404) },
  "a key that is missing, wrong or expired": {
    classes: ["NotAuthorized"],
    because: "WePay has one code for a wrong token and for a missing permission, and sends it with a 403"
  },
  "a valid key without permission for this": { classes: ["NotAuthorized"] },
  "no such account, or one that is not yours": { classes: [], otherwise: byStatus(403) },
  "too many requests": { classes: ["ThrottleExceeded"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": { classes: ["PaymentCannotBeCanceled"], otherwise: noLonger },
  "another operation on the payment is running at this moment": { classes: ["ResourceConflict", "PointOfSaleTransactionNotYetProcessed"] },
  "a request under the same key is still running": { classes: ["ConcurrentUniqueKeyRequestIsProcessing"] },
  "the key was used for another request": { classes: [], otherwise: "not known" },
  "the request is not acceptable": { classes: ["InvalidParams"] },
  "the provider failed": { classes: ["UnexpectedError"] }
}
