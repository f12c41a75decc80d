/**
 * WePay's error codes: one row and one class each.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Shared } from "../../CancelError.js"
import * as ErrorTable from "../../ErrorTable.js"

/**
 * What is known about each of WePay's codes. Two reason codes of `INVALID_PARAMS` mean
 * something of their own and have a row of their own.
 *
 * @since 0.1.0
 * @category errors
 */
export const errorTable = {
  InvalidParams: {
    code: "INVALID_PARAMS",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "a parameter of the request is missing or not acceptable",
    remedy: "Read `details`: it names the parameter. Mend the request.",
    certainty: "Documented"
  },
  PaymentCannotBeCanceled: {
    code: "PAYMENT_CANNOT_BE_CANCELED",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the payment is in no state to be cancelled",
    remedy: "Read `paymentStatus`: refund a `completed` payment; capture, then refund, a card-present one older than 90 minutes.",
    certainty: "Documented"
  },
  ConcurrentUniqueKeyRequestIsProcessing: {
    code: "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING",
    category: "Conflict",
    outcome: "Unknown",
    about: "Request",
    stillRunning: true,
    httpStatus: [400],
    meaning: "an earlier request under the same key is still being worked on, so the payment may yet be cancelled",
    remedy: "Wait, then call `cancel` again with the error's `idempotencyKey`, or read the `status`.",
    certainty: "Documented"
  },
  PointOfSaleTransactionNotYetProcessed: {
    code: "POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED",
    category: "Conflict",
    outcome: "NotCancelled",
    about: "Payment",
    tryAgain: true,
    httpStatus: [400],
    meaning: "the point-of-sale transaction has not been processed yet",
    remedy: "Cancel again later.",
    certainty: "Documented"
  },
  NotAuthorized: {
    code: "NOT_AUTHORIZED",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "the app may not do this",
    remedy: "Check the app id and token, and that this app may act on this payment.",
    certainty: "Documented"
  },
  ThrottleExceeded: {
    code: "THROTTLE_EXCEEDED",
    category: "RateLimited",
    outcome: "NotCancelled",
    about: "Request",
    tryAgain: true,
    httpStatus: [429],
    meaning: "too many requests: 30 in 10 seconds per endpoint",
    remedy: "Wait for `retryAfter`, or for ten seconds, and cancel again.",
    certainty: "Documented"
  },
  ResourceConflict: {
    code: "RESOURCE_CONFLICT",
    category: "Conflict",
    outcome: "NotCancelled",
    about: "Payment",
    tryAgain: true,
    httpStatus: [409],
    meaning: "something else is changing the payment at this moment",
    remedy: "Cancel again later.",
    certainty: "Documented"
  },
  UnexpectedError: {
    code: "UNEXPECTED_ERROR",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [500],
    meaning: "WePay failed, and whether the payment is cancelled is unknown",
    remedy: "Call `cancel` again later with the error's `idempotencyKey`, or read the `status`.",
    certainty: "Documented"
  }
} as const satisfies ErrorTable.ErrorTable

const coded = ErrorTable.coded("WePay", errorTable)

/**
 * `INVALID_PARAMS`: a parameter of the request is missing or not acceptable.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidParams extends coded<InvalidParams>()("InvalidParams") {}

/**
 * `PAYMENT_CANNOT_BE_CANCELED`: the payment is in no state to be cancelled; `paymentStatus`
 * is what a read-back showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentCannotBeCanceled extends coded<PaymentCannotBeCanceled>()("PaymentCannotBeCanceled") {}

/**
 * `CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING` (a reason code): an earlier request under
 * the same key is still being worked on. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConcurrentUniqueKeyRequestIsProcessing
  extends coded<ConcurrentUniqueKeyRequestIsProcessing>()("ConcurrentUniqueKeyRequestIsProcessing")
{}

/**
 * `POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED` (a reason code): cancel again later.
 *
 * @since 0.1.0
 * @category errors
 */
export class PointOfSaleTransactionNotYetProcessed
  extends coded<PointOfSaleTransactionNotYetProcessed>()("PointOfSaleTransactionNotYetProcessed")
{}

/**
 * `NOT_AUTHORIZED`: the app may not do this.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotAuthorized extends coded<NotAuthorized>()("NotAuthorized") {}

/**
 * `THROTTLE_EXCEEDED`: more than 30 requests in 10 seconds.
 *
 * @since 0.1.0
 * @category errors
 */
export class ThrottleExceeded extends coded<ThrottleExceeded>()("ThrottleExceeded") {}

/**
 * `RESOURCE_CONFLICT`: something else is changing the payment at this moment.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResourceConflict extends coded<ResourceConflict>()("ResourceConflict") {}

/**
 * `UNEXPECTED_ERROR`: WePay failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedError extends coded<UnexpectedError>()("UnexpectedError") {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the
 * category is what the HTTP status says: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends ErrorTable.unrecognized("WePay")<Unrecognized>() {}

const classes = {
  InvalidParams,
  PaymentCannotBeCanceled,
  ConcurrentUniqueKeyRequestIsProcessing,
  PointOfSaleTransactionNotYetProcessed,
  NotAuthorized,
  ThrottleExceeded,
  ResourceConflict,
  UnexpectedError
}

/**
 * How a code becomes an error.
 *
 * @internal
 */
export const catalogue = ErrorTable.catalogue(errorTable, classes, Unrecognized)

/** @internal */
export type CodedError = typeof catalogue extends ErrorTable.Catalogue<infer E> ? E : never

/**
 * Every error that a WePay cancel can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError: ErrorTable.AnyError<typeof classes, typeof Unrecognized> = Schema.Union(
  ...Object.values(classes),
  Unrecognized,
  Shared
)

/**
 * Every error that a WePay cancel can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = typeof CancelError.Type
