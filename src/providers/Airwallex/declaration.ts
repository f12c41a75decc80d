/**
 * What Airwallex declares: its facts, and its operations.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Answer from "../../authoring/Answer.js"
import * as Authorization from "../../authoring/Authorization.js"
import * as Errors from "../../authoring/Errors.js"
import * as Input from "../../authoring/Input.js"
import type * as Provider from "../../authoring/Provider.js"
import * as Successes from "../../authoring/Successes.js"
import type { Connection } from "./options.js"
import * as errors from "./errors.js"
import * as Wire from "./wire.js"

/** @internal */
export const declaration: Provider.Declaration<"Airwallex", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "Airwallex",
  errors: Errors.catalogue(errors),
  // Airwallex advises to wait 1 s after a 429, twice as long each time, and 16 s at most. Its client
  // waits 30 s for an answer.
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 16_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  standings: {
    REQUIRES_PAYMENT_METHOD: "Cancellable",
    REQUIRES_CUSTOMER_ACTION: "Cancellable",
    REQUIRES_CAPTURE: "Cancellable",
    // These three cannot be cancelled as they are, and may become one of those that can.
    REQUIRES_MERCHANT_ACTION: "Cancellable",
    PENDING: "Cancellable",
    PENDING_REVIEW: "Cancellable",
    SUCCEEDED: "Closed",
    CANCELLED: "Cancelled"
  },
  longestIdempotencyKey: Wire.longestIdempotencyKey,
  limits: {
    concurrency: 10,
    rate: { requests: 10, interval: "1 second" },
    // To one endpoint; production takes 20, and 50 at once.
    source: "Airwallex's page on rate limits, for its sandbox"
  },
  secrets: ({ apiKey, clientId }) => [clientId, Redacted.value(apiKey)],
  authorization: (connection) =>
    Authorization.token({ request: Wire.token(connection), read: Wire.readToken, refusal: Wire.readRefusal })
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.PaymentIntent>> = {
  request: Wire.status,
  read: Wire.read
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.PaymentIntent>,
  Successes.Synchronous<"Airwallex", Wire.PaymentIntent>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: () => ({
    after: ["NoAnswer", "ServerError"],
    stillRunning: [409],
    key: "Honoured",
    replays: "Nothing",
    source: "Airwallex's best practices: the same request_id again after a transient failure; error codes: " +
      "for one used before duplicate_request, not the first answer"
  }),
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("Airwallex")
}
