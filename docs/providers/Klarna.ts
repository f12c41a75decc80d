/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { byStatus, noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"Klarna"> = {
  "there is no such payment": { classes: ["NoSuchOrder", "NotFound"] },
  "a key that is missing, wrong or expired": { classes: ["Unauthorized", "AuthorizationRequired"], otherwise: byStatus(401) },
  "a valid key without permission for this": { classes: ["Blocked"], otherwise: byStatus(403) },
  "no such account, or one that is not yours": { classes: [], otherwise: "not known" },
  "too many requests": { classes: ["TooManyRequests"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: ["CancelNotAllowed", "NotAllowed"],
    otherwise: noLonger
  },
  "another operation on the payment is running at this moment": { classes: ["Conflict"] },
  "a request under the same key is still running": {
    classes: ["Conflict"],
    otherwise: "any other 409: `CancelError.UnexpectedResponse`"
  },
  "the key was used for another request": { classes: [], otherwise: "answered as that request was" },
  "the request is not acceptable": { classes: ["InvalidOrderId", "BadValue", "UnprocessableEntity", "RequestTooLarge"] },
  "the provider failed": {
    classes: ["InternalServerError", "UnexpectedError", "InternalError", "Timeout", "TemporarilyUnavailable"]
  },
  "the documented success states nothing, and no status confirms it": { classes: ["NotConfirmed"] }
}
