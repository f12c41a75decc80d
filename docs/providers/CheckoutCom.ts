/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"CheckoutCom"> = {
  "there is no such payment": { classes: ["PaymentNotFound"] },
  "a key that is missing, wrong or expired": { classes: ["Unauthorized"] },
  "a valid key without permission for this": {
    classes: ["ServerApiNotAllowed"],
    otherwise: "`VoidNotAllowed`, which may be about the payment as well"
  },
  "no such account, or one that is not yours": { classes: ["BusinessInvalid", "BusinessSettingsMissing"] },
  "too many requests": { classes: ["TooManyRequests", "ApiCallsQuotaExceeded"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: ["VoidNotAllowed", "AmountExceedsBalance", "PaymentExpired", "PaymentInvalid", "ActionFailureLimitExceeded"],
    otherwise: `${noLonger}, or declined by webhook`
  },
  "another operation on the payment is running at this moment": { classes: [], otherwise: "accepted, and decided later" },
  "a request under the same key is still running": { classes: ["RequestInProgress"] },
  "the key was used for another request": { classes: [], otherwise: "not noticed: the first answer comes again" },
  "the request is not acceptable": { classes: ["RequestInvalid", "RequestJsonInvalid", "ParameterInvalid", "VoidAmountInvalid"] },
  "the provider failed": { classes: ["BadGateway", "ProcessingError", "ServiceUnavailable", "IssuerNetworkUnavailable"] }
}
