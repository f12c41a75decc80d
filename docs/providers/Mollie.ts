/** What each situation is at this provider: a column of the table in handling-errors.md. */
import { noLonger, type SituationsAt } from "../situations.js"

export const situations: SituationsAt<"Mollie"> = {
  "there is no such payment": { classes: ["NotFound", "Gone"] },
  "a key that is missing, wrong or expired": { classes: ["Unauthorized"] },
  "a valid key without permission for this": { classes: ["Forbidden"] },
  "no such account, or one that is not yours": { classes: [], otherwise: "`NotFound`: the key names the account" },
  "too many requests": { classes: ["TooManyRequests"] },
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": {
    classes: ["UnprocessableEntity"],
    otherwise: noLonger
  },
  "another operation on the payment is running at this moment": { classes: [], otherwise: "`Conflict`, which is told for this too" },
  "a request under the same key is still running": { classes: ["Conflict"] },
  "the key was used for another request": { classes: [], otherwise: "`BadRequest`" },
  "the request is not acceptable": { classes: ["BadRequest", "MethodNotAllowed", "UnsupportedMediaType"] },
  "the provider failed": { classes: ["InternalServerError", "BadGateway", "ServiceUnavailable", "GatewayTimeout"] }
}
