/**
 * WalletConnect Pay's error codes: one row and one class each.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Shared } from "../../CancelError.js"
import * as ErrorTable from "../../ErrorTable.js"

/**
 * What is known about each of WalletConnect Pay's 35 codes. The specification publishes no
 * code for "Payment cannot be cancelled", which is what it calls every 400: so the codes of
 * a 400 that could mean it are about the payment.
 *
 * @since 0.1.0
 * @category errors
 */
export const errorTable = {
  RateLimited: {
    code: "rate_limited",
    category: "RateLimited",
    outcome: "NotCancelled",
    about: "Request",
    tryAgain: true,
    httpStatus: [429],
    meaning: "too many requests",
    remedy: "Wait for `retryAfter`, and cancel again.",
    certainty: "Observed"
  },
  InvalidParams: {
    code: "invalid_params",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the request is not acceptable, or the payment cannot be cancelled: the specification says both with this status",
    remedy: "Read `paymentStatus`: if the payment is still cancellable, mend the request.",
    certainty: "Documented"
  },
  ParamsValidation: {
    code: "params_validation",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the request is not acceptable, or the payment cannot be cancelled: the specification says both with this status",
    remedy: "Read `paymentStatus`: if the payment is still cancellable, mend the request.",
    certainty: "Documented"
  },
  PaymentNotFound: {
    code: "payment_not_found",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [404],
    meaning: "there is no such payment for these credentials",
    remedy: "Check the payment id, and that live and test keys are not mixed up.",
    certainty: "Observed"
  },
  IdempotencyConflict: {
    code: "idempotency_conflict",
    category: "Conflict",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [409],
    meaning: "the idempotency key was used before with another request",
    remedy: "Use a fresh idempotency key for another payment.",
    certainty: "Documented"
  },
  InternalError: {
    code: "internal_error",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [500],
    meaning: "WalletConnect Pay failed, and whether the payment is cancelled is unknown",
    remedy: "Call `cancel` again later, or read the `status`.",
    certainty: "Documented"
  },
  InvalidApiKey: {
    code: "invalid_api_key",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the API key is not valid",
    remedy: "Check the API key and its environment.",
    certainty: "Documented"
  },
  Unauthorized: {
    code: "unauthorized",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the credentials are not accepted",
    remedy: "Check the credentials.",
    certainty: "Inferred"
  },
  Forbidden: {
    code: "forbidden",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "the credentials are valid and may not do this",
    remedy: "Ask for the permission, or use other credentials.",
    certainty: "Inferred"
  },
  InvalidState: {
    code: "invalid_state",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the payment is in no state to be cancelled",
    remedy: "Read `paymentStatus`: only `requires_action` can be cancelled. Refund a `succeeded` payment.",
    certainty: "Inferred"
  },
  PaymentExpired: {
    code: "payment_expired",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400, 410],
    meaning: "the payment has expired",
    remedy: "Nothing is left to cancel.",
    certainty: "Inferred"
  },
  QuoteExpired: {
    code: "quote_expired",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400, 410],
    meaning: "the quote of the payment has expired",
    remedy: "Read `paymentStatus`: the payment itself may still be open.",
    certainty: "Inferred"
  },
  MissingApiKey: {
    code: "missing_api_key",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the API key did not arrive",
    remedy: "Look for a proxy that drops the `Api-Key` header.",
    certainty: "Documented"
  },
  MissingMerchantApiKey: {
    code: "missing_merchant_api_key",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the merchant's API key did not arrive",
    remedy: "Look for a proxy that drops the `Api-Key` header, or use a merchant's key.",
    certainty: "Inferred"
  },
  MissingMerchantId: {
    code: "missing_merchant_id",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the merchant id did not arrive",
    remedy: "Use `Merchant` credentials with this key.",
    certainty: "Documented"
  },
  HeaderNotAscii: {
    code: "header_not_ascii",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "a header is not ASCII",
    remedy: "Look for a proxy that rewrites headers.",
    certainty: "Documented"
  },
  NotSandboxApiKey: {
    code: "not_sandbox_api_key",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "this needs a test key",
    remedy: "Use a key that begins with `wcp_test_`.",
    certainty: "Inferred"
  },
  MerchantNotFound: {
    code: "merchant_not_found",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [404],
    meaning: "there is no such merchant",
    remedy: "Check the merchant id.",
    certainty: "Inferred"
  },
  MerchantExists: {
    code: "merchant_exists",
    category: "Conflict",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [409],
    meaning: "the merchant exists already; no cancel is expected to say so",
    remedy: "Report it to WalletConnect Pay with the `requestId`.",
    certainty: "Inferred"
  },
  ApiKeyNotFound: {
    code: "api_key_not_found",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [404],
    meaning: "there is no such API key",
    remedy: "Check the API key.",
    certainty: "Inferred"
  },
  PartnerNotFound: {
    code: "partner_not_found",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [404],
    meaning: "there is no such partner",
    remedy: "Check the account with WalletConnect Pay.",
    certainty: "Inferred"
  },
  CustomerNotFound: {
    code: "customer_not_found",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [404],
    meaning: "there is no such customer",
    remedy: "Check the account with WalletConnect Pay.",
    certainty: "Inferred"
  },
  WalletNotFound: {
    code: "wallet_not_found",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [404],
    meaning: "there is no such wallet",
    remedy: "Check the account with WalletConnect Pay.",
    certainty: "Inferred"
  },
  ExecutorNotFound: {
    code: "executor_not_found",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [404],
    meaning: "there is no such executor",
    remedy: "Check the account with WalletConnect Pay.",
    certainty: "Inferred"
  },
  MissingAppId: {
    code: "missing_app_id",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the app id did not arrive",
    remedy: "Look for a proxy that drops the `App-Id` header.",
    certainty: "Inferred"
  },
  MissingClientId: {
    code: "missing_client_id",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the client id did not arrive",
    remedy: "Look for a proxy that drops the `Client-Id` header.",
    certainty: "Inferred"
  },
  InvalidAppId: {
    code: "invalid_app_id",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the app id is not valid",
    remedy: "Check the app id.",
    certainty: "Inferred"
  },
  ConflictingAuthHeaders: {
    code: "conflicting_auth_headers",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400, 401],
    meaning: "two kinds of credentials arrived together",
    remedy: "Look for a proxy that adds an `Api-Key` or `App-Id` header.",
    certainty: "Inferred"
  },
  MissingAuthHeaders: {
    code: "missing_auth_headers",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "no credentials arrived",
    remedy: "Look for a proxy that drops headers.",
    certainty: "Inferred"
  },
  InvalidApiVersion: {
    code: "invalid_api_version",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "the version is not of the form `YYYY-MM-DD` or `YYYY-MM-DD.preview`",
    remedy: "Mend the `version` option.",
    certainty: "Documented"
  },
  UnknownApiVersion: {
    code: "unknown_api_version",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "there is no such version",
    remedy: "Mend the `version` option, or leave it out to use the account's version.",
    certainty: "Documented"
  },
  ApiVersionDowngrade: {
    code: "api_version_downgrade",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "the version is older than the account's",
    remedy: "Use a newer `version`, or leave it out to use the account's.",
    certainty: "Documented"
  },
  SanctionedUser: {
    code: "sanctioned_user",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [451],
    meaning: "refused for compliance reasons",
    remedy: "Ask WalletConnect Pay; do not try again.",
    certainty: "Inferred"
  },
  PaymentNotSucceeded: {
    code: "payment_not_succeeded",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the payment has not succeeded; a cancel is not expected to need that",
    remedy: "Read `paymentStatus`.",
    certainty: "Documented"
  },
  AlreadyRefunded: {
    code: "already_refunded",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [409],
    meaning: "the payment has been refunded",
    remedy: "Nothing is left to cancel.",
    certainty: "Documented"
  }
} as const satisfies ErrorTable.ErrorTable

const coded = ErrorTable.coded("WalletConnectPay", errorTable)

/**
 * `rate_limited`: too many requests.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends coded<RateLimited>()("RateLimited") {}

/**
 * `invalid_params`: the request is not acceptable, or the payment cannot be cancelled: the specification says both with this status.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidParams extends coded<InvalidParams>()("InvalidParams") {}

/**
 * `params_validation`: the request is not acceptable, or the payment cannot be cancelled: the specification says both with this status.
 *
 * @since 0.1.0
 * @category errors
 */
export class ParamsValidation extends coded<ParamsValidation>()("ParamsValidation") {}

/**
 * `payment_not_found`: there is no such payment for these credentials.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentNotFound extends coded<PaymentNotFound>()("PaymentNotFound") {}

/**
 * `idempotency_conflict`: the idempotency key was used before with another request.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyConflict extends coded<IdempotencyConflict>()("IdempotencyConflict") {}

/**
 * `internal_error`: WalletConnect Pay failed, and whether the payment is cancelled is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalError extends coded<InternalError>()("InternalError") {}

/**
 * `invalid_api_key`: the API key is not valid.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidApiKey extends coded<InvalidApiKey>()("InvalidApiKey") {}

/**
 * `unauthorized`: the credentials are not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends coded<Unauthorized>()("Unauthorized") {}

/**
 * `forbidden`: the credentials are valid and may not do this.
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends coded<Forbidden>()("Forbidden") {}

/**
 * `invalid_state`: the payment is in no state to be cancelled.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidState extends coded<InvalidState>()("InvalidState") {}

/**
 * `payment_expired`: the payment has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentExpired extends coded<PaymentExpired>()("PaymentExpired") {}

/**
 * `quote_expired`: the quote of the payment has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class QuoteExpired extends coded<QuoteExpired>()("QuoteExpired") {}

/**
 * `missing_api_key`: the API key did not arrive.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingApiKey extends coded<MissingApiKey>()("MissingApiKey") {}

/**
 * `missing_merchant_api_key`: the merchant's API key did not arrive.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingMerchantApiKey extends coded<MissingMerchantApiKey>()("MissingMerchantApiKey") {}

/**
 * `missing_merchant_id`: the merchant id did not arrive.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingMerchantId extends coded<MissingMerchantId>()("MissingMerchantId") {}

/**
 * `header_not_ascii`: a header is not ASCII.
 *
 * @since 0.1.0
 * @category errors
 */
export class HeaderNotAscii extends coded<HeaderNotAscii>()("HeaderNotAscii") {}

/**
 * `not_sandbox_api_key`: this needs a test key.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotSandboxApiKey extends coded<NotSandboxApiKey>()("NotSandboxApiKey") {}

/**
 * `merchant_not_found`: there is no such merchant.
 *
 * @since 0.1.0
 * @category errors
 */
export class MerchantNotFound extends coded<MerchantNotFound>()("MerchantNotFound") {}

/**
 * `merchant_exists`: the merchant exists already; no cancel is expected to say so.
 *
 * @since 0.1.0
 * @category errors
 */
export class MerchantExists extends coded<MerchantExists>()("MerchantExists") {}

/**
 * `api_key_not_found`: there is no such API key.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiKeyNotFound extends coded<ApiKeyNotFound>()("ApiKeyNotFound") {}

/**
 * `partner_not_found`: there is no such partner.
 *
 * @since 0.1.0
 * @category errors
 */
export class PartnerNotFound extends coded<PartnerNotFound>()("PartnerNotFound") {}

/**
 * `customer_not_found`: there is no such customer.
 *
 * @since 0.1.0
 * @category errors
 */
export class CustomerNotFound extends coded<CustomerNotFound>()("CustomerNotFound") {}

/**
 * `wallet_not_found`: there is no such wallet.
 *
 * @since 0.1.0
 * @category errors
 */
export class WalletNotFound extends coded<WalletNotFound>()("WalletNotFound") {}

/**
 * `executor_not_found`: there is no such executor.
 *
 * @since 0.1.0
 * @category errors
 */
export class ExecutorNotFound extends coded<ExecutorNotFound>()("ExecutorNotFound") {}

/**
 * `missing_app_id`: the app id did not arrive.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingAppId extends coded<MissingAppId>()("MissingAppId") {}

/**
 * `missing_client_id`: the client id did not arrive.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingClientId extends coded<MissingClientId>()("MissingClientId") {}

/**
 * `invalid_app_id`: the app id is not valid.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidAppId extends coded<InvalidAppId>()("InvalidAppId") {}

/**
 * `conflicting_auth_headers`: two kinds of credentials arrived together.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConflictingAuthHeaders extends coded<ConflictingAuthHeaders>()("ConflictingAuthHeaders") {}

/**
 * `missing_auth_headers`: no credentials arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingAuthHeaders extends coded<MissingAuthHeaders>()("MissingAuthHeaders") {}

/**
 * `invalid_api_version`: the version is not of the form `YYYY-MM-DD` or `YYYY-MM-DD.preview`.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidApiVersion extends coded<InvalidApiVersion>()("InvalidApiVersion") {}

/**
 * `unknown_api_version`: there is no such version.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnknownApiVersion extends coded<UnknownApiVersion>()("UnknownApiVersion") {}

/**
 * `api_version_downgrade`: the version is older than the account's.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiVersionDowngrade extends coded<ApiVersionDowngrade>()("ApiVersionDowngrade") {}

/**
 * `sanctioned_user`: refused for compliance reasons.
 *
 * @since 0.1.0
 * @category errors
 */
export class SanctionedUser extends coded<SanctionedUser>()("SanctionedUser") {}

/**
 * `payment_not_succeeded`: the payment has not succeeded; a cancel is not expected to need that.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentNotSucceeded extends coded<PaymentNotSucceeded>()("PaymentNotSucceeded") {}

/**
 * `already_refunded`: the payment has been refunded.
 *
 * @since 0.1.0
 * @category errors
 */
export class AlreadyRefunded extends coded<AlreadyRefunded>()("AlreadyRefunded") {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the
 * category is what the HTTP status says: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends ErrorTable.unrecognized("WalletConnectPay")<Unrecognized>() {}

const classes = {
  RateLimited,
  InvalidParams,
  ParamsValidation,
  PaymentNotFound,
  IdempotencyConflict,
  InternalError,
  InvalidApiKey,
  Unauthorized,
  Forbidden,
  InvalidState,
  PaymentExpired,
  QuoteExpired,
  MissingApiKey,
  MissingMerchantApiKey,
  MissingMerchantId,
  HeaderNotAscii,
  NotSandboxApiKey,
  MerchantNotFound,
  MerchantExists,
  ApiKeyNotFound,
  PartnerNotFound,
  CustomerNotFound,
  WalletNotFound,
  ExecutorNotFound,
  MissingAppId,
  MissingClientId,
  InvalidAppId,
  ConflictingAuthHeaders,
  MissingAuthHeaders,
  InvalidApiVersion,
  UnknownApiVersion,
  ApiVersionDowngrade,
  SanctionedUser,
  PaymentNotSucceeded,
  AlreadyRefunded
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
 * Every error that a WalletConnect Pay cancel can fail with, as one schema: for journals and
 * RPC.
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
 * Every error that a WalletConnect Pay cancel can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = typeof CancelError.Type
