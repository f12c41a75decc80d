/**
 * What Acme Pay declares: its facts, and its operations.
 */
// #region declaration
import { Option, Redacted } from "effect"
import type * as Answer from "effect-payment-cancel/authoring/Answer"
import * as Errors from "effect-payment-cancel/authoring/Errors"
import * as Input from "effect-payment-cancel/authoring/Input"
import * as Provider from "effect-payment-cancel/authoring/Provider"
import * as Successes from "effect-payment-cancel/authoring/Successes"
import * as errors from "./errors.js"
import type { Connection } from "./options.js"
import * as Wire from "./wire.js"

export const declaration: Provider.Declaration<"Acme", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "Acme",
  errors: Errors.catalogue(errors),
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

export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.Payment>> = {
  request: Wire.status,
  read: Wire.read
}

export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.Payment>,
  Successes.Synchronous<"Acme", Wire.Payment>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  // The careful choice: Acme says nothing about a 5xx, so after one the status is read instead. Nor does it say
  // that every 409 has a code, so one without may be about a request under the same key that still runs.
  licence: () => ({
    after: ["NoAnswer"],
    stillRunning: [409],
    key: "Honoured",
    replays: "FinalAnswers",
    source: "Acme's guide to safe retries: the same key after a timeout"
  }),
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("Acme")
}
// #endregion
