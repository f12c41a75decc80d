/**
 * What Braintree declares: its facts, and its operations.
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
import * as Xml from "./xml.js"

/** @internal */
export const declaration: Provider.Declaration<"Braintree", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "Braintree",
  errors: Errors.catalogue(errors),
  // Braintree's own SDKs wait for 60 s.
  policy: {
    attempts: 2,
    attemptTimeout: 65_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 180_000,
    maximumBodyBytes: 1_048_576
  },
  standings: {
    authorizing: "Cancellable",
    authorized: "Cancellable",
    submitted_for_settlement: "Cancellable",
    // Only some transactions with PayPal can be voided from here, and not every answer says which.
    settlement_pending: "Cancellable",
    voided: "Cancelled",
    authorization_expired: "Closed",
    processor_declined: "Closed",
    gateway_rejected: "Closed",
    failed: "Closed",
    settling: "Closed",
    settled: "Closed",
    settlement_declined: "Closed"
  },
  longestIdempotencyKey: 255,
  // The merchant id is none: it stands in every URL.
  secrets: ({ privateKey, publicKey }) => [publicKey, Redacted.value(privateKey)],
  decode: Xml.decode
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.Transaction>> = {
  request: Wire.status,
  read: Wire.read
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.Transaction>,
  Successes.Synchronous<"Braintree", Wire.Transaction>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  // No key is sent, and nothing is said about voiding twice: the status is read instead.
  licence: () => ({
    after: [],
    key: "None",
    replays: "Nothing",
    source: "Braintree's reference says nothing about sending a void again, and its SDKs send none again"
  }),
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("Braintree")
}
