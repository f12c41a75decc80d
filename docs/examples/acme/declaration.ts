/**
 * What Acme Pay declares: its facts, and its operations.
 */
// #region declaration
import { Option, Redacted } from "effect"
import * as Input from "effect-payment-cancel/Input"
import * as Provider from "effect-payment-cancel/Provider"
import type * as Reading from "effect-payment-cancel/Reading"
import type { Connection } from "./connection.js"
import { catalogue, type CodedError } from "./errors.js"
import * as Wire from "./wire.js"

export const declaration: Provider.Declaration<"Acme", Connection, CodedError> = {
  provider: "Acme",
  errors: catalogue,
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 100, factor: 2, maximum: 5_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 100_000,
    maximumBodyBytes: 1_048_576
  },
  standings: { open: "Cancellable", captured: "Closed", void: "Cancelled" },
  longestIdempotencyKey: 64,
  secrets: ({ apiKey }) => [Redacted.value(apiKey)]
}

export const statusQuery: Provider.StatusQuery<Connection, Reading.StatesPayment<Wire.Payment>> = {
  request: Wire.status,
  read: Wire.read
}

export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Reading.StatesPayment<Wire.Payment>,
  Provider.Synchronous<"Acme", Wire.Payment>
> = {
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  // The careful side: Acme says nothing of 5xx, so after one the status is read instead.
  licence: () => ({
    after: ["NoAnswer"],
    key: "Honoured",
    replays: "FinalAnswers",
    source: "Acme's guide to safe retries: the same key after a timeout"
  }),
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Provider.synchronous("Acme")
}
// #endregion
