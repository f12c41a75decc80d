/**
 * What Klarna declares: its facts, and its operations.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Answer from "../../authoring/Answer.js"
import * as Errors from "../../authoring/Errors.js"
import * as Input from "../../authoring/Input.js"
import type * as Provider from "../../authoring/Provider.js"
import type { ResendLicence } from "../../authoring/ResendLicence.js"
import * as Successes from "../../authoring/Successes.js"
import type { Connection } from "./options.js"
import * as errors from "./errors.js"
import * as Wire from "./wire.js"

/** @internal */
export const declaration: Provider.Declaration<"Klarna", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "Klarna",
  errors: Errors.catalogue(errors),
  // Klarna answers within 59 s, if only to say that it gave up. It asks for 5 s before the same
  // request is sent again, and for 5 minutes before it is sent a third time: that is the caller's.
  policy: {
    attempts: 2,
    attemptTimeout: 65_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 5_000, factor: 2, maximum: 10_000, jitter: 0 },
    maximumRetryAfter: 30_000,
    deadline: 180_000,
    maximumBodyBytes: 1_048_576
  },
  standings: {
    AUTHORIZED: "Cancellable",
    // What remains of it can be released, which is not a cancel: the order does not become CANCELLED.
    PART_CAPTURED: "Closed",
    CAPTURED: "Closed",
    CANCELLED: "Cancelled"
    // EXPIRED and CLOSED are over, and may be so by a cancel: they are not listed, and closed with captures only.
  },
  longestIdempotencyKey: 255,
  limits: {
    rate: { requests: 50, interval: "1 second" },
    source: "Klarna's page on rate limits: 200 requests a second for a merchant id, 50 in the playground"
  },
  delays: { "x-ratelimit-reset": "Seconds" },
  secrets: ({ password, username }) => [username, Redacted.value(password)]
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.Order>> = {
  request: Wire.status,
  read: Wire.read
}

/** Klarna treats the keys of all its requests alike. */
const licence: ResendLicence = {
  after: ["NoAnswer", "ServerError"],
  // No page says what a request beside one that still runs gets, and a conflict may well be it.
  stillRunning: [409],
  key: "Honoured",
  // That a 5xx is not stored follows from the advice to send it again under its key.
  replays: "FinalAnswers",
  source: "Klarna's escalation and retry policy for Order Management: with an idempotency key the same request may " +
    "be sent again after a lost connection, a lost answer and a 5xx, 5 seconds, 5 minutes and 5 hours later; " +
    "3xx and 4xx are not sent again"
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.Order>,
  Successes.Synchronous<"Klarna", Wire.Order>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: () => licence,
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("Klarna")
}

/** @internal */
export const releaseQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.Order>> = {
  request: Wire.status,
  read: Wire.readReleased,
  standings: Wire.releaseStandings
}

/** @internal */
export const releaseRemainingAuthorizationOperation: Provider.Operation<
  Connection,
  Wire.ReleaseRequest,
  Answer.StatesPayment<Wire.Order>,
  Successes.Synchronous<"Klarna", Wire.Order>
> = {
  name: "releaseRemainingAuthorization",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.ReleaseRequest),
  licence: () => licence,
  request: Wire.release,
  read: Wire.readReleased,
  statusQuery: Option.some(releaseQuery),
  successes: Successes.synchronous("Klarna")
}
