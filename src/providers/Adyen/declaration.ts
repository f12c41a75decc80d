/**
 * What Adyen declares: its facts, and its operations.
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
export const declaration: Provider.Declaration<"Adyen", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "Adyen",
  errors: Errors.catalogue(errors),
  policy: {
    attempts: 4,
    attemptTimeout: 30_000,
    // There is no status query: these two are never used here.
    statusReads: 1,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  // No answer of Adyen states the status of a payment.
  standings: {},
  longestIdempotencyKey: Wire.longestIdempotencyKey,
  secrets: ({ apiKey, merchantAccount }) => [Redacted.value(apiKey), merchantAccount]
}

/**
 * Once there is an answer, only its `transient-error: true` permits sending again: without that header
 * Adyen says not to, whatever the answer.
 */
const licence: ResendLicence = {
  after: ["NoAnswer"],
  // A 422 has many meanings, and has this one only with the code 704. A 409 has no other meaning.
  stillRunning: [409],
  key: "Honoured",
  replays: "FinalAnswers",
  source: "Adyen's guide to idempotency: without an answer, the same request under its key is safe to send again, for " +
    "7 days at least, and gets the first answer; after an answer it may be sent again only if that has " +
    "`transient-error: true`; a request that is still running is answered with 422 or 409 and the code 704"
}

/** What all three cancels share. */
const accepted = {
  actingFor: Wire.actingFor,
  licence: () => licence,
  isAddressedTo: Wire.isAddressedTo,
  statusQuery: Option.none(),
  successes: Successes.asynchronous<"Adyen", Wire.Receipt>("Adyen")
}

type Operation<Request extends Provider.OperationRequest> = Provider.Operation<
  Connection,
  Request,
  Answer.GivesReceipt<Wire.Receipt>,
  Cancellation.CancellationAccepted<"Adyen", Wire.Receipt>
>

/** @internal */
export const cancelOperation: Operation<Wire.CancelRequest> = {
  name: "cancel",
  ...accepted,
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  request: Wire.cancel,
  read: Wire.readCancel
}

/** @internal */
export const cancelByMerchantReferenceOperation: Operation<Wire.CancelByMerchantReferenceRequest> = {
  name: "cancelByMerchantReference",
  ...accepted,
  identifiedBy: "MerchantReference",
  identifier: ({ merchantReference }) => merchantReference,
  checkRequest: Input.check(Wire.CancelByMerchantReferenceRequest),
  request: Wire.cancelByMerchantReference,
  read: Wire.readCancelByMerchantReference
}

/** @internal */
export const cancelOrRefundOperation: Operation<Wire.CancelRequest> = {
  name: "cancelOrRefund",
  ...accepted,
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  request: Wire.cancelOrRefund,
  read: Wire.readCancelOrRefund
}
