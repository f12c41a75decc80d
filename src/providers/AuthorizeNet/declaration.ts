/**
 * What Authorize.net declares: its facts, and its operations.
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

const catalogue = Errors.catalogue(errors)

/**
 * The row of an answer's code says what it stands for. What nobody has listed stands for nothing,
 * beside a listed code too: what it leaves open, the other does not settle.
 */
const standsFor = (answer: Answer.Answer, paymentId: string): number => {
  if (!Wire.isRefusing(answer, paymentId)) return answer.status
  const { refusal } = Wire.readVoid(answer, paymentId)
  if (Option.exists(refusal, ({ codes = [] }) => codes.some((code) => !catalogue.byCode.has(code)))) return answer.status
  const code = Option.flatMapNullable(refusal, (_) => Errors.withTellingCode(catalogue, _).code)
  const entry = Option.flatMapNullable(code, (_) => catalogue.byCode.get(_))
  return Option.match(entry, { onNone: () => answer.status, onSome: ({ row }) => row.httpStatus[0] })
}

/** @internal */
export const declaration: Provider.Declaration<"AuthorizeNet", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "AuthorizeNet",
  errors: catalogue,
  // Authorize.net publishes no timings of a void.
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  standings: {
    authorizedPendingCapture: "Cancellable",
    // Captured, but not settled: that can be voided as well.
    capturedPendingSettlement: "Cancellable",
    authorizedPendingRelease: "Cancellable",
    FDSPendingReview: "Cancellable",
    FDSAuthorizedPendingReview: "Cancellable",
    underReview: "Cancellable",
    approvedReview: "Cancellable",
    // A void that failed may be sent again while the batch is open.
    couldNotVoid: "Cancellable",
    // The batch was rejected, and can be settled again: it is not final.
    settlementError: "Cancellable",
    // Of services that are no longer there. What can become of these is not known.
    pendingSettlement: "Cancellable",
    pendingFinalSettlement: "Cancellable",
    updatingSettlement: "Cancellable",
    // A refund that is not settled is a transaction of its own, and can be voided.
    refundPendingSettlement: "Cancellable",
    voided: "Cancelled",
    settledSuccessfully: "Closed",
    refundSettledSuccessfully: "Closed",
    declined: "Closed",
    expired: "Closed",
    failedReview: "Closed",
    communicationError: "Closed",
    returnedItem: "Closed",
    chargeback: "Closed",
    chargebackReversal: "Closed"
  },
  longestIdempotencyKey: 255,
  secrets: ({ apiLoginId, transactionKey }) => [apiLoginId, Redacted.value(transactionKey)],
  standsFor
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.VoidedTransaction>> = {
  request: Wire.status,
  read: Wire.readTransaction
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.VoidedTransaction>,
  Successes.Synchronous<"AuthorizeNet", Wire.VoidedTransaction>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: () => ({
    after: [],
    key: "None",
    replays: "Nothing",
    source: "none: Authorize.net documents no key that a void honours, and its window for duplicates is about charges"
  }),
  request: Wire.cancel,
  read: Wire.readVoid,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("AuthorizeNet")
}
