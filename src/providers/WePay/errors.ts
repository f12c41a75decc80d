/**
 * WePay's error codes: one class each.
 *
 * What is known about each of WePay's codes. Two reason codes of `INVALID_PARAMS` have a meaning of
 * their own, and so have their own class.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("WePay")
const doubt = Errors.doubt("WePay")

/**
 * `INVALID_PARAMS`: a parameter of the request is missing or not acceptable, which may also mean
 * this payment, so the status is read before it is believed.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidParams extends refusal<InvalidParams>()("InvalidParams", {
  code: "INVALID_PARAMS", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "a parameter of the request is missing or not acceptable",
  remedy: "Read `details`, which names the parameter, and `paymentStatus`: if it is still `pending`, fix the request.",
  certainty: "Documented"
}) {}

/**
 * `PAYMENT_CANNOT_BE_CANCELED`: the payment is in a state in which it cannot be cancelled;
 * `paymentStatus` is what a status query showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentCannotBeCanceled extends refusal<PaymentCannotBeCanceled>()("PaymentCannotBeCanceled", {
  code: "PAYMENT_CANNOT_BE_CANCELED", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the payment is in a state in which it cannot be cancelled",
  remedy: "Read `paymentStatus`: refund a `completed` payment; capture, then refund, a card-present one older than 90 minutes.",
  certainty: "Documented"
}) {}

/**
 * `CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING` (a reason code): an earlier request with the same
 * key is still being processed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConcurrentUniqueKeyRequestIsProcessing extends doubt<ConcurrentUniqueKeyRequestIsProcessing>()("ConcurrentUniqueKeyRequestIsProcessing", {
  code: "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING", httpStatus: [400], category: "Conflict", about: "Request", stillRunning: true,
  meaning: "an earlier request with the same key is still being processed, so the payment may yet be cancelled",
  remedy: "Wait, then call `cancel` again with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Documented"
}) {}

/**
 * `POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED` (a reason code): cancel again later.
 *
 * @since 0.1.0
 * @category errors
 */
export class PointOfSaleTransactionNotYetProcessed extends refusal<PointOfSaleTransactionNotYetProcessed>()("PointOfSaleTransactionNotYetProcessed", {
  code: "POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED", httpStatus: [400], category: "Conflict", about: "Payment", tryAgain: true,
  meaning: "the point-of-sale transaction has not been processed yet",
  remedy: "Cancel again later.",
  certainty: "Documented"
}) {}

/**
 * `NOT_AUTHORIZED`: the app does not have permission for this.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotAuthorized extends refusal<NotAuthorized>()("NotAuthorized", {
  code: "NOT_AUTHORIZED", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the app does not have permission for this",
  remedy: "Check the app id and token, and that this app has access to this payment.",
  certainty: "Documented"
}) {}

/**
 * `THROTTLE_EXCEEDED`: more than 30 requests in 10 seconds.
 *
 * @since 0.1.0
 * @category errors
 */
export class ThrottleExceeded extends refusal<ThrottleExceeded>()("ThrottleExceeded", {
  code: "THROTTLE_EXCEEDED", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests: 30 in 10 seconds per endpoint",
  remedy: "Wait for `retryAfter`, or for ten seconds, and cancel again.",
  certainty: "Documented"
}) {}

/**
 * `RESOURCE_CONFLICT`: something else is changing the payment at this moment.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResourceConflict extends refusal<ResourceConflict>()("ResourceConflict", {
  code: "RESOURCE_CONFLICT", httpStatus: [409], category: "Conflict", about: "Payment", tryAgain: true,
  meaning: "something else is changing the payment at this moment",
  remedy: "Cancel again later.",
  certainty: "Documented"
}) {}

/**
 * `UNEXPECTED_ERROR`: WePay failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedError extends doubt<UnexpectedError>()("UnexpectedError", {
  code: "UNEXPECTED_ERROR", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "WePay failed, and whether the payment is cancelled is unknown",
  remedy: "Call `cancel` again later with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Documented"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the category
 * follows from the HTTP status: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("WePay")<Unrecognized>() {}
