/**
 * What Checkout.com declares: its facts, and its operations.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Answer from "../../authoring/Answer.js"
import * as Errors from "../../authoring/Errors.js"
import * as Input from "../../authoring/Input.js"
import type * as Provider from "../../authoring/Provider.js"
import * as Successes from "../../authoring/Successes.js"
import type { Connection } from "./options.js"
import * as errors from "./errors.js"
import * as Wire from "./wire.js"

/** @internal */
export const declaration: Provider.Declaration<"CheckoutCom", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "CheckoutCom",
  errors: Errors.catalogue(errors),
  // Checkout.com publishes no timings of a void. The status is read for some seconds; what is not
  // decided by then the webhook tells.
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 4,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  standings: {
    Authorized: "Cancellable",
    // These come before an authorization, or before a further try of one.
    Active: "Cancellable",
    Requested: "Cancellable",
    "Authentication Requested": "Cancellable",
    Pending: "Cancellable",
    "Retry Scheduled": "Cancellable",
    // What is not captured of it can be voided.
    "Partially Captured": "Cancellable",
    Voided: "Cancelled",
    // Given up by the payer or by a retry that was called off: no money is held, and none was voided.
    Canceled: "Closed",
    Captured: "Closed",
    Paid: "Closed",
    "Partially Refunded": "Closed",
    Refunded: "Closed",
    Declined: "Closed",
    Expired: "Closed",
    "Card Verified": "Closed"
  },
  longestIdempotencyKey: 255,
  // How few the sandbox takes is not published.
  limits: {
    rate: { requests: 20, interval: "1 second" },
    source: "a careful choice: Checkout.com's page on rate limits has 100 requests a second that write and 100 that read, " +
      "and fewer in the sandbox"
  },
  secrets: ({ secretKey }) => [Redacted.value(secretKey)]
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.AcceptsThenStates<Wire.Payment, Wire.Receipt>> = {
  request: Wire.status,
  read: Wire.readPayment
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.AcceptsThenStates<Wire.Payment, Wire.Receipt>,
  Successes.Accepting<"CheckoutCom", Wire.Payment, Wire.Receipt>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: () => ({
    after: ["NoAnswer", "ServerError", "StillRunning"],
    // 429 is what a request beside one that still runs was answered with before it became 409.
    stillRunning: [409, 429],
    key: "Honoured",
    replays: "FinalAnswers",
    source: "Checkout.com's guide to idempotency: voids are among the requests that honour a key; a 2xx is stored " +
      "under it for 24 hours and replayed, whatever else was answered runs again; of several requests at a time one runs"
  }),
  request: Wire.cancel,
  read: Wire.readVoid,
  statusQuery: Option.some(statusQuery),
  successes: Successes.accepting("CheckoutCom")
}
