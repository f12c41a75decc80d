/**
 * What Square declares: its facts, and its operations.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Cancellation from "../../Cancellation.js"
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
export const declaration: Provider.Declaration<"Square", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "Square",
  errors: Errors.catalogue(errors),
  // Square's own clients wait 60 s for an answer, and 1 s before they ask again. A request that is
  // abandoned too early cannot be sent again, so it is given as long.
  policy: {
    attempts: 3,
    attemptTimeout: 60_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  standings: {
    APPROVED: "Cancellable",
    // It can still change, among others to APPROVED.
    PENDING: "Cancellable",
    COMPLETED: "Closed",
    FAILED: "Closed",
    CANCELED: "Cancelled"
  },
  longestIdempotencyKey: 255,
  // Square documents none; its own library waits until then.
  delays: { "x-ratelimit-reset": "UnixSeconds" },
  secrets: ({ accessToken }) => [Redacted.value(accessToken)]
}

/** Neither cancel has an idempotency key, and nothing is published about repeating one. */
const noLicence: ResendLicence = {
  after: [],
  key: "None",
  replays: "Nothing",
  source: "Square's API reference: its cancels take no idempotency key, and no page says that one may be repeated"
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.Payment>> = {
  request: Wire.status,
  read: Wire.readPayment
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.Payment>,
  Successes.Synchronous<"Square", Wire.Payment>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: () => noLicence,
  request: Wire.cancel,
  read: Wire.readPayment,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("Square")
}

/** @internal */
export const cancelByCreationKeyOperation: Provider.Operation<
  Connection,
  Wire.CancelByCreationKeyRequest,
  Answer.GivesReceipt<null>,
  Cancellation.CancellationAcknowledged<"Square">
> = {
  name: "cancelByCreationKey",
  identifiedBy: "CreationKey",
  identifier: ({ creationKey }) => creationKey,
  checkRequest: Input.check(Wire.CancelByCreationKeyRequest),
  licence: () => noLicence,
  request: Wire.cancelByCreationKey,
  read: Wire.readAcknowledgement,
  statusQuery: Option.none(),
  successes: Successes.acknowledging("Square")
}
