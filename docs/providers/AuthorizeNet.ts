/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"AuthorizeNet"> = {
  "there is no such payment": { classes: ["TransactionNotFound", "RecordNotFound"] },
  "a key that is missing, wrong or expired": {
    classes: ["AuthenticationFailed", "TransactionKeyInvalid", "LoginInvalid", "MerchantLoginInvalid"]
  },
  "a valid key without permission for this": { classes: ["UserNotPermitted", "AccessDenied", "PermissionMissing"] },
  "no such account, or one that is not yours": {
    classes: ["AccountInactive", "AccountInTestMode", "MerchantAccountClosed", "MerchantAccountSuspended", "MerchantAccountBlocked"]
  },
  "too many requests": { classes: ["ServerTooBusy"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: ["RefundCannotBeVoided", "ReversalNotSupported", "BatchClosed", "AlreadyVoided"],
    otherwise: `\`TransactionNotFound\` (NotFound), or ${noLonger}`
  },
  "another operation on the payment is running at this moment": { classes: [], otherwise: "not known" },
  "a request under the same key is still running": { classes: [], otherwise: "-: no key" },
  "the key was used for another request": { classes: [], otherwise: "-: no key" },
  "the request is not acceptable": {
    classes: [
      "ContentTypeNotSupported", "ParsingFailed", "MethodInvalid", "FieldInvalid", "FieldMissing", "FieldLengthInvalid",
      "FieldTypeInvalid", "TransactionIdInvalid"
    ]
  },
  "the provider failed": {
    classes: [
      "SystemError", "TransactionUnsuccessful", "OperationTimedOut", "ServerInMaintenance", "ProcessorNotResponding", "ProcessingError20", "ProcessingError21",
      "ProcessingError22", "ProcessingError23"
    ]
  }
}
