/**
 * What PayPal declares: its facts, and its operations.
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
export const declaration: Provider.Declaration<"PayPal", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "PayPal",
  errors: Errors.catalogue(errors),
  // PayPal's sample code waits 30 s without a `Retry-After`, and longer each time. Its client waits
  // for an answer without a limit.
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 30_000, jitter: 0.25 },
    maximumRetryAfter: 60_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  standings: {
    CREATED: "Cancellable",
    // Under review; it may still become CREATED.
    PENDING: "Cancellable",
    // A void releases the rest.
    PARTIALLY_CAPTURED: "Cancellable",
    CAPTURED: "Closed",
    DENIED: "Closed",
    VOIDED: "Cancelled"
  },
  longestIdempotencyKey: Wire.longestIdempotencyKey,
  secrets: ({ clientId, clientSecret }) => [clientId, Redacted.value(clientSecret)],
  authorization: (connection) =>
    Authorization.token({ request: Wire.token(connection), read: Wire.readToken, refusal: Wire.readRefusal })
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.Authorization>> = {
  request: Wire.status,
  read: Wire.read
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.Authorization>,
  Successes.Synchronous<"PayPal", Wire.Authorization>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: () => ({
    after: ["NoAnswer", "ServerError", "StillRunning"],
    stillRunning: [409],
    key: "Honoured",
    replays: "FinalAnswers",
    source: "PayPal's reference of the void lists PayPal-Request-Id, and its guide on idempotency says to send a " +
      "request again under the same one after a timeout or a 5xx: it is answered with the latest status of the " +
      "first request; of two at once the second may fail"
  }),
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("PayPal")
}
