/**
 * What GoCardless declares: its facts, and its operations.
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
export const declaration: Provider.Declaration<"GoCardless", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "GoCardless",
  errors: Errors.catalogue(errors),
  // How long GoCardless works on a request is not published. Its own client for Ruby waits 500 ms
  // before it sends again what it may.
  policy: {
    attempts: 3,
    attemptTimeout: 60_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 5_000, jitter: 0.25 },
    maximumRetryAfter: 60_000,
    deadline: 180_000,
    maximumBodyBytes: 1_048_576
  },
  standings: {
    // Approved, it is pending_submission, which can be cancelled.
    pending_customer_approval: "Cancellable",
    pending_submission: "Cancellable",
    submitted: "Closed",
    confirmed: "Closed",
    paid_out: "Closed",
    cancelled: "Cancelled",
    customer_approval_denied: "Closed",
    // Retried, it is pending_submission again.
    failed: "Cancellable",
    charged_back: "Closed"
  },
  longestIdempotencyKey: 255,
  limits: {
    rate: { requests: 1000, interval: "1 minute" },
    source: "reports of others: 1000 requests a minute; GoCardless itself publishes nothing"
  },
  secrets: ({ accessToken }) => [Redacted.value(accessToken)]
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.Payment>> = {
  request: Wire.status,
  read: Wire.read
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.Payment>,
  Successes.Synchronous<"GoCardless", Wire.Payment>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: () => ({
    after: [],
    // If keys do count on cancel, a conflict may be an earlier request that still runs.
    stillRunning: [409],
    key: "None",
    replays: "Nothing",
    source: "none: GoCardless promises safe retries under a key for calls that create something, and its own client for " +
      "Ruby, which repeats those and queries, does not repeat a cancel"
  }),
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("GoCardless")
}
