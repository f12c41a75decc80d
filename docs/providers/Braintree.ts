/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"Braintree"> = {
  "there is no such payment": { classes: ["NotFound"] },
  "a key that is missing, wrong or expired": { classes: ["Unauthorized"] },
  "a valid key without permission for this": { classes: ["Forbidden"] },
  "no such account, or one that is not yours": { classes: [], otherwise: "not known" },
  "too many requests": { classes: ["TooManyRequests"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: ["CannotBeVoided"],
    otherwise: noLonger
  },
  "another operation on the payment is running at this moment": { classes: [], otherwise: "not known" },
  "a request under the same key is still running": { classes: [], otherwise: "no key is sent" },
  "the key was used for another request": { classes: [], otherwise: "no key is sent" },
  "the request is not acceptable": { classes: ["UpgradeRequired"] },
  "the provider failed": { classes: ["ServerError", "ServiceUnavailable", "GatewayTimeout"] }
}
