/**
 * What Stripe declares: its facts, and its operations.
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
export const declaration: Provider.Declaration<"Stripe", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "Stripe",
  errors: Errors.catalogue(errors),
  // Stripe's own client waits 80 s for an answer, and retries twice, first after 500 ms.
  policy: {
    attempts: 3,
    attemptTimeout: 80_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 5_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 180_000,
    maximumBodyBytes: 1_048_576
  },
  standings: {
    requires_payment_method: "Cancellable",
    requires_confirmation: "Cancellable",
    requires_action: "Cancellable",
    requires_capture: "Cancellable",
    // Rarely, but it can be cancelled: so it is not closed.
    processing: "Cancellable",
    canceled: "Cancelled",
    succeeded: "Closed"
  },
  longestIdempotencyKey: 255,
  limits: {
    rate: { requests: 25, interval: "1 second" },
    source: "Stripe's page on rate limits: 100 requests per second in live mode, 25 in test mode, and 25 to one endpoint"
  },
  // The account is no credential, but what is said of a payment is not to tell whose it is.
  secrets: ({ account, apiKey }) => [Redacted.value(apiKey), account].filter((_) => _ !== undefined)
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.PaymentIntent>> = {
  request: Wire.status,
  read: Wire.read
}

/** @internal */
export const statusAsking: Provider.Asking<Connection, Wire.StatusRequest> = {
  checkRequest: Input.check(Wire.StatusRequest),
  actingFor: Wire.actingFor
}

/** Stripe treats the keys of all its requests alike. */
const licence: ResendLicence = {
  // A received 5xx is stored under the key like any other answer: sending the key again only
  // repeats it.
  after: ["NoAnswer", "StillRunning"],
  stillRunning: [409],
  key: "Honoured",
  replays: "EveryAnswer",
  source: "Stripe's API reference on idempotent requests: the status and body of the first request under a key are " +
    "stored and replayed, 500s included; a request beside one that still runs is answered with 409 and not stored, " +
    "and Stripe's own client sends it again whatever its body"
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.PaymentIntent>,
  Successes.Synchronous<"Stripe", Wire.PaymentIntent>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  actingFor: Wire.actingFor,
  licence: () => licence,
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("Stripe")
}

/** @internal */
export const checkoutSessionStatusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.CheckoutSession>> = {
  request: Wire.checkoutSessionStatus,
  read: Wire.readCheckoutSession,
  // One that can be recovered is cancelled itself: a copy of it, which can be paid, is another session.
  standings: { open: "Cancellable", expired: "Cancelled", complete: "Closed" }
}

/** @internal */
export const expireCheckoutSessionOperation: Provider.Operation<
  Connection,
  Wire.ExpireCheckoutSessionRequest,
  Answer.StatesPayment<Wire.CheckoutSession>,
  Successes.Synchronous<"Stripe", Wire.CheckoutSession>
> = {
  name: "expireCheckoutSession",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.ExpireCheckoutSessionRequest),
  actingFor: Wire.actingFor,
  licence: () => licence,
  request: Wire.expireCheckoutSession,
  read: Wire.readCheckoutSession,
  statusQuery: Option.some(checkoutSessionStatusQuery),
  successes: Successes.synchronous("Stripe")
}
