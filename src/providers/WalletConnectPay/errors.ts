/**
 * WalletConnect Pay's error codes: one class each.
 *
 * What is known about each of WalletConnect Pay's 35 codes. The specification describes every 400
 * as "Payment cannot be cancelled" and publishes no code for it. So the codes of a 400 that could
 * mean this count as being about the payment.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("WalletConnectPay")
const doubt = Errors.doubt("WalletConnectPay")

/**
 * `rate_limited`: too many requests.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends refusal<RateLimited>()("RateLimited", {
  code: "rate_limited", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests",
  remedy: "Wait for `retryAfter`, and cancel again.",
  certainty: "Observed"
}) {}

/**
 * `invalid_params`: the request is not acceptable, or the payment cannot be cancelled.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidParams extends refusal<InvalidParams>()("InvalidParams", {
  code: "invalid_params", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "the request is not acceptable, or the payment cannot be cancelled",
  remedy: "Read `paymentStatus`: if the payment is still cancellable, fix the request.",
  certainty: "Documented"
}) {}

/**
 * `params_validation`: the request is not acceptable, or the payment cannot be cancelled.
 *
 * @since 0.1.0
 * @category errors
 */
export class ParamsValidation extends refusal<ParamsValidation>()("ParamsValidation", {
  code: "params_validation", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "the request is not acceptable, or the payment cannot be cancelled",
  remedy: "Read `paymentStatus`: if the payment is still cancellable, fix the request.",
  certainty: "Documented"
}) {}

/**
 * `payment_not_found`: there is no such payment for these credentials.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentNotFound extends refusal<PaymentNotFound>()("PaymentNotFound", {
  code: "payment_not_found", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such payment for these credentials",
  remedy: "Check the payment id, and that live and test keys are not mixed up.",
  certainty: "Observed"
}) {}

/**
 * `idempotency_conflict`: the idempotency key was used before with another request.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyConflict extends refusal<IdempotencyConflict>()("IdempotencyConflict", {
  code: "idempotency_conflict", httpStatus: [409], category: "Conflict", about: "Payment",
  meaning: "the idempotency key was used before with another request",
  remedy: "Use a fresh idempotency key for another payment.",
  certainty: "Documented"
}) {}

/**
 * `internal_error`: WalletConnect Pay failed, and whether the payment is cancelled is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalError extends doubt<InternalError>()("InternalError", {
  code: "internal_error", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "WalletConnect Pay failed, and whether the payment is cancelled is unknown",
  remedy: "Call `cancel` again later with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Documented"
}) {}

/**
 * `invalid_api_key`: the API key is not valid.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidApiKey extends refusal<InvalidApiKey>()("InvalidApiKey", {
  code: "invalid_api_key", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the API key is not valid",
  remedy: "Check the API key and its environment.",
  certainty: "Documented"
}) {}

/**
 * `unauthorized`: the credentials are not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: "unauthorized", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the credentials are not accepted",
  remedy: "Check the credentials.",
  certainty: "Inferred"
}) {}

/**
 * `forbidden`: the credentials are valid but do not have permission for this.
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends refusal<Forbidden>()("Forbidden", {
  code: "forbidden", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the credentials are valid but do not have permission for this",
  remedy: "Ask for the permission, or use other credentials.",
  certainty: "Inferred"
}) {}

/**
 * `invalid_state`: the payment is in a state in which it cannot be cancelled.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidState extends refusal<InvalidState>()("InvalidState", {
  code: "invalid_state", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the payment is in a state in which it cannot be cancelled",
  remedy: "Read `paymentStatus`: only `requires_action` can be cancelled. Refund a `succeeded` payment.",
  certainty: "Inferred"
}) {}

/**
 * `payment_expired`: the payment has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentExpired extends refusal<PaymentExpired>()("PaymentExpired", {
  code: "payment_expired", httpStatus: [400, 410], category: "NotCancellable", about: "Payment",
  meaning: "the payment has expired",
  remedy: "Nothing is left to cancel.",
  certainty: "Inferred"
}) {}

/**
 * `quote_expired`: the quote of the payment has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class QuoteExpired extends refusal<QuoteExpired>()("QuoteExpired", {
  code: "quote_expired", httpStatus: [400, 410], category: "NotCancellable", about: "Payment",
  meaning: "the quote of the payment has expired",
  remedy: "Read `paymentStatus`: the payment itself may still be open.",
  certainty: "Inferred"
}) {}

/**
 * `missing_api_key`: the request arrived without an API key.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingApiKey extends refusal<MissingApiKey>()("MissingApiKey", {
  code: "missing_api_key", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the request arrived without an API key",
  remedy: "Look for a proxy that drops the `Api-Key` header.",
  certainty: "Documented"
}) {}

/**
 * `missing_merchant_api_key`: the request arrived without a merchant's API key.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingMerchantApiKey extends refusal<MissingMerchantApiKey>()("MissingMerchantApiKey", {
  code: "missing_merchant_api_key", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the request arrived without a merchant's API key",
  remedy: "Look for a proxy that drops the `Api-Key` header, or use a merchant's key.",
  certainty: "Inferred"
}) {}

/**
 * `missing_merchant_id`: the request arrived without a merchant id.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingMerchantId extends refusal<MissingMerchantId>()("MissingMerchantId", {
  code: "missing_merchant_id", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the request arrived without a merchant id",
  remedy: "Use `Merchant` credentials with this key.",
  certainty: "Documented"
}) {}

/**
 * `header_not_ascii`: a header is not ASCII.
 *
 * @since 0.1.0
 * @category errors
 */
export class HeaderNotAscii extends refusal<HeaderNotAscii>()("HeaderNotAscii", {
  code: "header_not_ascii", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "a header is not ASCII",
  remedy: "Look for a proxy that rewrites headers.",
  certainty: "Documented"
}) {}

/**
 * `not_sandbox_api_key`: this needs a test key.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotSandboxApiKey extends refusal<NotSandboxApiKey>()("NotSandboxApiKey", {
  code: "not_sandbox_api_key", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "this needs a test key",
  remedy: "Use a key that begins with `wcp_test_`.",
  certainty: "Inferred"
}) {}

/**
 * `merchant_not_found`: there is no such merchant.
 *
 * @since 0.1.0
 * @category errors
 */
export class MerchantNotFound extends refusal<MerchantNotFound>()("MerchantNotFound", {
  code: "merchant_not_found", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such merchant",
  remedy: "Check the merchant id.",
  certainty: "Inferred"
}) {}

/**
 * `merchant_exists`: the merchant already exists; not expected for a cancel.
 *
 * @since 0.1.0
 * @category errors
 */
export class MerchantExists extends refusal<MerchantExists>()("MerchantExists", {
  code: "merchant_exists", httpStatus: [409], category: "Conflict", about: "Payment",
  meaning: "the merchant already exists; not expected for a cancel",
  remedy: "Report it to WalletConnect Pay with the `requestId`.",
  certainty: "Inferred"
}) {}

/**
 * `api_key_not_found`: there is no such API key.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiKeyNotFound extends refusal<ApiKeyNotFound>()("ApiKeyNotFound", {
  code: "api_key_not_found", httpStatus: [404], category: "Unauthenticated", about: "Request",
  meaning: "there is no such API key",
  remedy: "Check the API key.",
  certainty: "Inferred"
}) {}

/**
 * `partner_not_found`: there is no such partner.
 *
 * @since 0.1.0
 * @category errors
 */
export class PartnerNotFound extends refusal<PartnerNotFound>()("PartnerNotFound", {
  code: "partner_not_found", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such partner",
  remedy: "Check the account with WalletConnect Pay.",
  certainty: "Inferred"
}) {}

/**
 * `customer_not_found`: there is no such customer.
 *
 * @since 0.1.0
 * @category errors
 */
export class CustomerNotFound extends refusal<CustomerNotFound>()("CustomerNotFound", {
  code: "customer_not_found", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such customer",
  remedy: "Check the account with WalletConnect Pay.",
  certainty: "Inferred"
}) {}

/**
 * `wallet_not_found`: there is no such wallet.
 *
 * @since 0.1.0
 * @category errors
 */
export class WalletNotFound extends refusal<WalletNotFound>()("WalletNotFound", {
  code: "wallet_not_found", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such wallet",
  remedy: "Check the account with WalletConnect Pay.",
  certainty: "Inferred"
}) {}

/**
 * `executor_not_found`: there is no such executor.
 *
 * @since 0.1.0
 * @category errors
 */
export class ExecutorNotFound extends refusal<ExecutorNotFound>()("ExecutorNotFound", {
  code: "executor_not_found", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such executor",
  remedy: "Check the account with WalletConnect Pay.",
  certainty: "Inferred"
}) {}

/**
 * `missing_app_id`: the request arrived without an app id.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingAppId extends refusal<MissingAppId>()("MissingAppId", {
  code: "missing_app_id", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the request arrived without an app id",
  remedy: "Look for a proxy that drops the `App-Id` header.",
  certainty: "Inferred"
}) {}

/**
 * `missing_client_id`: the request arrived without a client id.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingClientId extends refusal<MissingClientId>()("MissingClientId", {
  code: "missing_client_id", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the request arrived without a client id",
  remedy: "Look for a proxy that drops the `Client-Id` header.",
  certainty: "Inferred"
}) {}

/**
 * `invalid_app_id`: the app id is not valid.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidAppId extends refusal<InvalidAppId>()("InvalidAppId", {
  code: "invalid_app_id", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the app id is not valid",
  remedy: "Check the app id.",
  certainty: "Inferred"
}) {}

/**
 * `conflicting_auth_headers`: two kinds of credentials arrived together.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConflictingAuthHeaders extends refusal<ConflictingAuthHeaders>()("ConflictingAuthHeaders", {
  code: "conflicting_auth_headers", httpStatus: [400, 401], category: "Unauthenticated", about: "Request",
  meaning: "two kinds of credentials arrived together",
  remedy: "Look for a proxy that adds an `Api-Key` or `App-Id` header.",
  certainty: "Inferred"
}) {}

/**
 * `missing_auth_headers`: the request arrived without credentials.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingAuthHeaders extends refusal<MissingAuthHeaders>()("MissingAuthHeaders", {
  code: "missing_auth_headers", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the request arrived without credentials",
  remedy: "Look for a proxy that drops headers.",
  certainty: "Inferred"
}) {}

/**
 * `invalid_api_version`: the version is not `YYYY-MM-DD` or `YYYY-MM-DD.preview`.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidApiVersion extends refusal<InvalidApiVersion>()("InvalidApiVersion", {
  code: "invalid_api_version", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the version is not `YYYY-MM-DD` or `YYYY-MM-DD.preview`",
  remedy: "Fix the `version` option.",
  certainty: "Documented"
}) {}

/**
 * `unknown_api_version`: there is no such version.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnknownApiVersion extends refusal<UnknownApiVersion>()("UnknownApiVersion", {
  code: "unknown_api_version", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "there is no such version",
  remedy: "Fix the `version` option, or leave it out to use the account's version.",
  certainty: "Documented"
}) {}

/**
 * `api_version_downgrade`: the version is older than the account's.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiVersionDowngrade extends refusal<ApiVersionDowngrade>()("ApiVersionDowngrade", {
  code: "api_version_downgrade", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the version is older than the account's",
  remedy: "Use a newer `version`, or leave it out to use the account's.",
  certainty: "Documented"
}) {}

/**
 * `sanctioned_user`: refused for compliance reasons.
 *
 * @since 0.1.0
 * @category errors
 */
export class SanctionedUser extends refusal<SanctionedUser>()("SanctionedUser", {
  code: "sanctioned_user", httpStatus: [451], category: "Forbidden", about: "Request",
  meaning: "refused for compliance reasons",
  remedy: "Contact WalletConnect Pay; do not try again.",
  certainty: "Inferred"
}) {}

/**
 * `payment_not_succeeded`: the payment has not succeeded; not expected for a cancel.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentNotSucceeded extends refusal<PaymentNotSucceeded>()("PaymentNotSucceeded", {
  code: "payment_not_succeeded", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the payment has not succeeded; not expected for a cancel",
  remedy: "Read `paymentStatus`.",
  certainty: "Documented"
}) {}

/**
 * `already_refunded`: the payment has been refunded.
 *
 * @since 0.1.0
 * @category errors
 */
export class AlreadyRefunded extends refusal<AlreadyRefunded>()("AlreadyRefunded", {
  code: "already_refunded", httpStatus: [409], category: "NotCancellable", about: "Payment",
  meaning: "the payment has been refunded",
  remedy: "Nothing is left to cancel.",
  certainty: "Documented"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the category
 * follows from the HTTP status: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("WalletConnectPay")<Unrecognized>() {}
