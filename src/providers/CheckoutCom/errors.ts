/**
 * Checkout.com's error codes: one class each.
 *
 * Checkout.com refuses a void mostly by its HTTP status alone, with an empty body: these classes
 * have no code, and are named after what the status is documented to mean for a void. Its list of
 * codes is one for all of its operations, and says of none which operations it can meet: here are
 * those that can plausibly meet a void. Every other one stays `Unrecognized`.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("CheckoutCom")
const doubt = Errors.doubt("CheckoutCom")

/**
 * No code, with HTTP status 401: the secret key is missing, wrong or no longer in force.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: null, httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the secret key is missing, wrong or no longer in force",
  remedy: "Check the secret key, and that sandbox and production are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 403: this payment may not be voided, or not with this key.
 * Checkout.com answers alike in both cases; `paymentStatus` is what a status query showed. One that
 * shows `Voided` is no error: it becomes a success.
 *
 * @since 0.1.0
 * @category errors
 */
export class VoidNotAllowed extends refusal<VoidNotAllowed>()("VoidNotAllowed", {
  code: null, httpStatus: [403], category: "NotCancellable", about: "Payment",
  meaning: "this payment may not be voided, or not with this key: both are answered alike",
  remedy: "Read `paymentStatus`: refund a `Captured` one. Where it is still `Authorized`, give the key the permission to void, or wait: an earlier void may not be decided yet.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 404: there is no such payment for this key.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentNotFound extends refusal<PaymentNotFound>()("PaymentNotFound", {
  code: null, httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such payment for this key",
  remedy: "Check the payment id, the account's prefix, and that sandbox and production are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 409: an earlier request under the same key is still being worked on.
 * The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestInProgress extends doubt<RequestInProgress>()("RequestInProgress", {
  code: null, httpStatus: [409], category: "Conflict", about: "Request", stillRunning: true,
  meaning: "an earlier request under the same key is still being worked on, so the payment may yet be voided",
  remedy: "Wait for half a minute, then call `cancel` again with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 429: too many requests; or an earlier request under the same key is
 * still being worked on, which Checkout.com used to answer with this status, and may still. The
 * outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRequests extends doubt<TooManyRequests>()("TooManyRequests", {
  code: null, httpStatus: [429], category: "RateLimited", about: "Request", stillRunning: true,
  meaning: "too many requests, or an earlier one under the same key is still being worked on: both were answered alike",
  remedy: "Wait for `retryAfter`, or for half a minute, then call `cancel` again with the error's `idempotencyKey`.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 502: a gateway of Checkout.com's failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadGateway extends doubt<BadGateway>()("BadGateway", {
  code: null, httpStatus: [502], category: "ProviderFault", about: "Request",
  meaning: "a gateway of Checkout.com's failed, and whether the void was accepted is unknown",
  remedy: "Call `cancel` again with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Documented"
}) {}

/**
 * `amount_exceeds_balance`: there is less left of the payment to void than was asked for: it is
 * captured, or voided before; `paymentStatus` is what a status query showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class AmountExceedsBalance extends refusal<AmountExceedsBalance>()("AmountExceedsBalance", {
  code: "amount_exceeds_balance", httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "there is less left of the payment to void than was asked for",
  remedy: "Read `paymentStatus`: refund a `Captured` one.",
  certainty: "Observed"
}) {}

/**
 * `payment_expired`: the authorization has lapsed, and holds no money any more.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentExpired extends refusal<PaymentExpired>()("PaymentExpired", {
  code: "payment_expired", httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "the authorization has lapsed, and holds no money any more",
  remedy: "There is nothing left to do.",
  certainty: "Inferred"
}) {}

/**
 * `payment_invalid`: Checkout.com cannot void this payment, and says no more of it;
 * `paymentStatus` is what a status query showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentInvalid extends refusal<PaymentInvalid>()("PaymentInvalid", {
  code: "payment_invalid", httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "Checkout.com cannot void this payment, and says no more of it",
  remedy: "Read `paymentStatus`, or ask Checkout.com with the error's `requestId`.",
  certainty: "Inferred"
}) {}

/**
 * `action_failure_limit_exceeded`: too many actions on this payment have failed.
 *
 * @since 0.1.0
 * @category errors
 */
export class ActionFailureLimitExceeded extends refusal<ActionFailureLimitExceeded>()("ActionFailureLimitExceeded", {
  code: "action_failure_limit_exceeded", httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "too many actions on this payment have failed",
  remedy: "Ask Checkout.com with the error's `requestId`, or let the authorization lapse.",
  certainty: "Inferred"
}) {}

/**
 * `void_amount_invalid`: the amount to void does not fit the payment. No amount is sent, so it is
 * all of it.
 *
 * @since 0.1.0
 * @category errors
 */
export class VoidAmountInvalid extends refusal<VoidAmountInvalid>()("VoidAmountInvalid", {
  code: "void_amount_invalid", httpStatus: [422], category: "InvalidRequest", about: "Payment",
  meaning: "the amount to void does not fit the payment",
  remedy: "Read `paymentStatus`, and look in the Dashboard for what was captured or voided before.",
  certainty: "Inferred"
}) {}

/**
 * `request_invalid`: Checkout.com cannot make use of the request.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestInvalid extends refusal<RequestInvalid>()("RequestInvalid", {
  code: "request_invalid", httpStatus: [422], category: "InvalidRequest", about: "Request",
  meaning: "Checkout.com cannot make use of the request",
  remedy: "Read `details`, and look for a proxy that changes requests.",
  certainty: "Inferred"
}) {}

/**
 * `request_json_invalid`: the body could not be read.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestJsonInvalid extends refusal<RequestJsonInvalid>()("RequestJsonInvalid", {
  code: "request_json_invalid", httpStatus: [422], category: "InvalidRequest", about: "Request",
  meaning: "the body could not be read",
  remedy: "Look for a proxy that changes bodies.",
  certainty: "Inferred"
}) {}

/**
 * `parameter_invalid`: a parameter of the request is not acceptable.
 *
 * @since 0.1.0
 * @category errors
 */
export class ParameterInvalid extends refusal<ParameterInvalid>()("ParameterInvalid", {
  code: "parameter_invalid", httpStatus: [422], category: "InvalidRequest", about: "Request",
  meaning: "a parameter of the request is not acceptable",
  remedy: "Check the `reference`.",
  certainty: "Inferred"
}) {}

/**
 * `server_api_not_allowed`: the account may not use this part of the API.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerApiNotAllowed extends refusal<ServerApiNotAllowed>()("ServerApiNotAllowed", {
  code: "server_api_not_allowed", httpStatus: [422], category: "Forbidden", about: "Request",
  meaning: "the account may not use this part of the API",
  remedy: "Ask Checkout.com to enable it.",
  certainty: "Inferred"
}) {}

/**
 * `business_invalid`: the account is not one that may do this.
 *
 * @since 0.1.0
 * @category errors
 */
export class BusinessInvalid extends refusal<BusinessInvalid>()("BusinessInvalid", {
  code: "business_invalid", httpStatus: [422], category: "Forbidden", about: "Request",
  meaning: "the account is not one that may do this",
  remedy: "Check which account the key belongs to, and ask Checkout.com.",
  certainty: "Inferred"
}) {}

/**
 * `business_settings_missing`: the account is not set up for this.
 *
 * @since 0.1.0
 * @category errors
 */
export class BusinessSettingsMissing extends refusal<BusinessSettingsMissing>()("BusinessSettingsMissing", {
  code: "business_settings_missing", httpStatus: [422], category: "Forbidden", about: "Request",
  meaning: "the account is not set up for this",
  remedy: "Ask Checkout.com to set the account up.",
  certainty: "Inferred"
}) {}

/**
 * `api_calls_quota_exceeded`: too many requests: about 100 in a second that write, less in the
 * sandbox.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiCallsQuotaExceeded extends refusal<ApiCallsQuotaExceeded>()("ApiCallsQuotaExceeded", {
  code: "api_calls_quota_exceeded", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests",
  remedy: "Wait for `retryAfter`, or for some seconds, and cancel again.",
  certainty: "Inferred"
}) {}

/**
 * `processing_error`: Checkout.com could not bring the request to its end. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProcessingError extends doubt<ProcessingError>()("ProcessingError", {
  code: "processing_error", httpStatus: [422], category: "ProviderFault", about: "Request",
  meaning: "Checkout.com could not bring the request to its end, and how far it came is unknown",
  remedy: "Read the `status` later, or wait for the webhook; call `cancel` again with the error's `idempotencyKey`.",
  certainty: "Inferred"
}) {}

/**
 * `service_unavailable`: a service that the void needs is not available. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServiceUnavailable extends doubt<ServiceUnavailable>()("ServiceUnavailable", {
  code: "service_unavailable", httpStatus: [422], category: "ProviderFault", about: "Request",
  meaning: "a service that the void needs is not available, and how far the void came is unknown",
  remedy: "Call `cancel` again later with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Inferred"
}) {}

/**
 * `issuer_network_unavailable`: the network of the card's issuer is not available. The outcome is
 * unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class IssuerNetworkUnavailable extends doubt<IssuerNetworkUnavailable>()("IssuerNetworkUnavailable", {
  code: "issuer_network_unavailable", httpStatus: [422], category: "ProviderFault", about: "Request",
  meaning: "the network of the card's issuer is not available, and how far the void came is unknown",
  remedy: "Call `cancel` again later with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Inferred"
}) {}

/**
 * A 4xx with a code that is not listed here, or without a code and with a status that is not. The
 * raw code is kept, and the category is what the HTTP status says: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("CheckoutCom")<Unrecognized>() {}
