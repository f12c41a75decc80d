/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { byStatus, noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"Airwallex"> = {
  "there is no such payment": { classes: ["ResourceNotFound", "NotFound"] },
  "a key that is missing, wrong or expired": { classes: ["Unauthorized"] },
  "a valid key without permission for this": {
    classes: ["ConfigurationError", "SuspendedFromOnlinePayments"],
    otherwise: byStatus(403)
  },
  "no such account, or one that is not yours": { classes: [], otherwise: byStatus(403) },
  "too many requests": { classes: ["TooManyRequests", "FrequencyAboveLimit"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: ["InvalidStatusForOperation", "OperationNotSupported", "ProviderDeclined"],
    otherwise: noLonger
  },
  "another operation on the payment is running at this moment": { classes: [], otherwise: "a 409: `CancelError.UnexpectedResponse`" },
  "a request under the same key is still running": {
    classes: [],
    otherwise: "`DuplicateRequest`, or a 409: `CancelError.UnexpectedResponse`"
  },
  "the key was used for another request": { classes: ["DuplicateRequest"] },
  "the request is not acceptable": { classes: ["ValidationError", "InvalidArgument"] },
  "the provider failed": { classes: ["InternalError", "ServiceUnavailable", "ProviderUnavailable", "IssuerUnavailable"] }
}
