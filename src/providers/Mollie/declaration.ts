/**
 * What Mollie declares: its facts, and its operations.
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
export const declaration: Provider.Declaration<"Mollie", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "Mollie",
  errors: Errors.catalogue(errors),
  // Mollie publishes no timings. A release is read for some seconds; what is not decided by then a
  // webhook tells.
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
    open: "Cancellable",
    pending: "Cancellable",
    // A release makes it `canceled`, and so may the Dashboard.
    authorized: "Cancellable",
    canceled: "Cancelled",
    paid: "Closed",
    expired: "Closed",
    failed: "Closed"
  },
  longestIdempotencyKey: 255,
  decode: Wire.decode,
  secrets: ({ apiKey }) => [Redacted.value(apiKey)]
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.Payment>> = {
  request: Wire.status,
  read: Wire.readPayment
}

/**
 * The same query, asked about a release.
 *
 * @internal
 */
export const releaseQuery: Provider.StatusQuery<Connection, Answer.AcceptsThenStates<Wire.Payment, null>> = {
  request: Wire.status,
  read: Wire.readReleased,
  standings: Wire.releaseStandings
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.Payment>,
  Successes.Synchronous<"Mollie", Wire.Payment>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: () => ({
    after: [],
    stillRunning: [409],
    key: "None",
    replays: "Nothing",
    source: "Mollie's specification lists a key for its cancel, and its guide to idempotency says that a DELETE ignores " +
      "one: neither says what a cancel that is sent again is answered with"
  }),
  request: Wire.cancel,
  read: Wire.readPayment,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("Mollie")
}

/** @internal */
export const releaseAuthorizationOperation: Provider.Operation<
  Connection,
  Wire.ReleaseRequest,
  Answer.AcceptsThenStates<Wire.Payment, null>,
  Successes.Accepting<"Mollie", Wire.Payment, null>
> = {
  name: "releaseAuthorization",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.ReleaseRequest),
  licence: () => ({
    after: ["NoAnswer", "StillRunning"],
    stillRunning: [409],
    key: "Honoured",
    // Nothing says that a 5xx is not kept like any other answer.
    replays: "EveryAnswer",
    source: "Mollie's guide to idempotency: every POST honours a key; the first answer is kept under it for one hour and " +
      "repeated; after a lost connection the same request may be sent again with it; 409 while the first one still runs"
  }),
  request: Wire.release,
  read: Wire.readRelease,
  statusQuery: Option.some(releaseQuery),
  successes: Successes.accepting("Mollie")
}
