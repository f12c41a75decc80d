/**
 * What WePay declares: its facts, and its operations.
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
export const declaration: Provider.Declaration<"WePay", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "WePay",
  errors: Errors.catalogue(errors),
  // WePay limits a request to 30 s, so it must be given longer than that to answer.
  policy: {
    attempts: 4,
    attemptTimeout: 35_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  standings: { pending: "Cancellable", canceled: "Cancelled", completed: "Closed", failed: "Closed" },
  longestIdempotencyKey: 255,
  limits: {
    rate: { requests: 30, interval: "10 seconds" },
    source: "WePay's page on rate limits: 30 requests in any 10 seconds, to each endpoint"
  },
  secrets: ({ appId, appToken }) => [appId, Redacted.value(appToken)]
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
  Successes.Synchronous<"WePay", Wire.Payment>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: () => ({
    after: ["NoAnswer", "ServerError", "StillRunning", "Unproven"],
    // No HTTP status means that a request is still running: WePay has a reason code for that, with
    // a 400.
    stillRunning: [],
    key: "Inferred",
    replays: "FinalAnswers",
    source: "WePay's retry guide: 5xx may be retried, and an identical request under a Unique-Key gets the original " +
      "answer; that cancel honours the key as other calls do, and so that it may be sent again after an answer that proves " +
      "nothing, is inferred"
  }),
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("WePay")
}
