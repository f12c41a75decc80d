/**
 * Stripe's error codes: one row and one class each.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Shared } from "../../CancelError.js"
import * as ErrorTable from "../../ErrorTable.js"

/**
 * What is known about those of Stripe's codes that a cancel can meet. Stripe lists hundreds:
 * the others stay `Unrecognized`.
 *
 * Some errors have a type and no code. Two such types say enough to stand in for it: a misused
 * idempotency key's, and that of a 401. Any other error without a code stays `Unrecognized` too.
 *
 * @since 0.1.0
 * @category errors
 */
export const errorTable = {
  PaymentIntentUnexpectedState: {
    code: "payment_intent_unexpected_state",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the PaymentIntent is in no state to be cancelled",
    remedy: "Read `paymentStatus`: refund a `succeeded` one. One of a Checkout Session can be cancelled only in `requires_capture`: expire the session instead.",
    certainty: "Observed"
  },
  IntentInvalidState: {
    code: "intent_invalid_state",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the PaymentIntent is not in the state that this needs",
    remedy: "Read `paymentStatus`: refund a `succeeded` one.",
    certainty: "Inferred"
  },
  ResourceMissing: {
    code: "resource_missing",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [404],
    meaning: "there is no such PaymentIntent for these credentials",
    remedy: "Check the payment id, the connected account, and that live and test mode are not mixed up.",
    certainty: "Documented"
  },
  LockTimeout: {
    code: "lock_timeout",
    category: "Conflict",
    outcome: "NotCancelled",
    about: "Payment",
    tryAgain: true,
    httpStatus: [429],
    meaning: "something else is working on the PaymentIntent at this moment",
    remedy: "Cancel again later.",
    certainty: "Inferred"
  },
  RateLimit: {
    code: "rate_limit",
    category: "RateLimited",
    outcome: "NotCancelled",
    about: "Request",
    tryAgain: true,
    httpStatus: [429, 400],
    meaning: "too many requests: 100 in a second in live mode, 25 in test mode or to one endpoint",
    remedy: "Wait for `retryAfter`, or for some seconds, and cancel again.",
    certainty: "Documented"
  },
  PaymentIntentRateLimitExceeded: {
    code: "payment_intent_rate_limit_exceeded",
    category: "RateLimited",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [429],
    meaning: "too many changes of this PaymentIntent: 1000 in an hour",
    remedy: "Wait for up to an hour, and cancel again.",
    certainty: "Inferred"
  },
  IdempotencyKeyInUse: {
    code: "idempotency_key_in_use",
    category: "Conflict",
    outcome: "Unknown",
    about: "Request",
    stillRunning: true,
    httpStatus: [409],
    meaning: "an earlier request under the same key is still being worked on, so the payment may yet be cancelled",
    remedy: "Wait, then call `cancel` again with the error's `idempotencyKey`, or read the `status`.",
    certainty: "Documented"
  },
  IdempotencyError: {
    code: "idempotency_error",
    category: "Conflict",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the idempotency key was used before with another request",
    remedy: "Use a fresh idempotency key for another request.",
    certainty: "Documented"
  },
  ParameterUnknown: {
    code: "parameter_unknown",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "Stripe does not know a parameter of the request",
    remedy: "Read `details`: it names the parameter. Look for a version of Stripe's API without it.",
    certainty: "Documented"
  },
  ParameterInvalidEmpty: {
    code: "parameter_invalid_empty",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "a parameter of the request is empty",
    remedy: "Read `details`: it names the parameter. Mend the request.",
    certainty: "Documented"
  },
  LivemodeMismatch: {
    code: "livemode_mismatch",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "live and test mode are mixed up",
    remedy: "Use the key of the mode in which the PaymentIntent was created.",
    certainty: "Inferred"
  },
  InvalidApiKey: {
    code: "invalid_request_error",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the API key is missing or wrong",
    remedy: "Check the API key, and look for a proxy that drops the `Authorization` header.",
    certainty: "Observed"
  },
  ApiKeyExpired: {
    code: "api_key_expired",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the API key has expired",
    remedy: "Take the current key from Stripe's dashboard.",
    certainty: "Documented"
  },
  PlatformApiKeyExpired: {
    code: "platform_api_key_expired",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the platform's API key has expired",
    remedy: "Take the platform's current key from Stripe's dashboard.",
    certainty: "Documented"
  },
  SecretKeyRequired: {
    code: "secret_key_required",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "the API key is a publishable one, and this needs a secret one",
    remedy: "Use a key that begins with `sk_` or `rk_`.",
    certainty: "Inferred"
  },
  AccountInvalid: {
    code: "account_invalid",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "the connected account does not exist, or the key may not act for it",
    remedy: "Check `account`, and that it is connected to the key's platform.",
    certainty: "Documented"
  },
  ActionBlocked: {
    code: "action_blocked",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400, 403],
    meaning: "Stripe blocks this; it does not publish why",
    remedy: "Read the message, and ask Stripe's support with the `requestId`.",
    certainty: "Inferred"
  }
} as const satisfies ErrorTable.ErrorTable

const coded = ErrorTable.coded("Stripe", errorTable)

/**
 * `payment_intent_unexpected_state`: the PaymentIntent is in no state to be
 * cancelled; `paymentStatus` is what the answer or a read-back showed. An answer that shows
 * `canceled` is no error: it becomes a success.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentIntentUnexpectedState
  extends coded<PaymentIntentUnexpectedState>()("PaymentIntentUnexpectedState")
{}

/**
 * `intent_invalid_state`: the PaymentIntent is not in the state that this needs;
 * `paymentStatus` is what a read-back showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class IntentInvalidState extends coded<IntentInvalidState>()("IntentInvalidState") {}

/**
 * `resource_missing`: there is no such PaymentIntent for these credentials.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResourceMissing extends coded<ResourceMissing>()("ResourceMissing") {}

/**
 * `lock_timeout`: something else is working on the PaymentIntent at this moment.
 *
 * @since 0.1.0
 * @category errors
 */
export class LockTimeout extends coded<LockTimeout>()("LockTimeout") {}

/**
 * `rate_limit`: too many requests: 100 in a second in live mode, 25 in test mode or to one
 * endpoint.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimit extends coded<RateLimit>()("RateLimit") {}

/**
 * `payment_intent_rate_limit_exceeded`: more than 1000 changes of this PaymentIntent in an
 * hour.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentIntentRateLimitExceeded
  extends coded<PaymentIntentRateLimitExceeded>()("PaymentIntentRateLimitExceeded")
{}

/**
 * `idempotency_key_in_use`: an earlier request under the same key is still being worked on.
 * The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyKeyInUse extends coded<IdempotencyKeyInUse>()("IdempotencyKeyInUse") {}

/**
 * `idempotency_error`: a type of error, which stands in for the code that such an error lacks:
 * the idempotency key was used before with another request.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyError extends coded<IdempotencyError>()("IdempotencyError") {}

/**
 * `parameter_unknown`: Stripe does not know a parameter of the request.
 *
 * @since 0.1.0
 * @category errors
 */
export class ParameterUnknown extends coded<ParameterUnknown>()("ParameterUnknown") {}

/**
 * `parameter_invalid_empty`: a parameter of the request is empty.
 *
 * @since 0.1.0
 * @category errors
 */
export class ParameterInvalidEmpty extends coded<ParameterInvalidEmpty>()("ParameterInvalidEmpty") {}

/**
 * `livemode_mismatch`: live and test mode are mixed up.
 *
 * @since 0.1.0
 * @category errors
 */
export class LivemodeMismatch extends coded<LivemodeMismatch>()("LivemodeMismatch") {}

/**
 * `invalid_request_error` (a type, without a code) with HTTP status 401: the API key is missing
 * or wrong.
 *
 * Stripe gives the same type with other statuses for much else. There it says too little to be
 * an error of its own, and is no code: without one, such an error is `Unrecognized`.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidApiKey extends coded<InvalidApiKey>()("InvalidApiKey") {}

/**
 * `api_key_expired`: the API key has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiKeyExpired extends coded<ApiKeyExpired>()("ApiKeyExpired") {}

/**
 * `platform_api_key_expired`: the platform's API key has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class PlatformApiKeyExpired extends coded<PlatformApiKeyExpired>()("PlatformApiKeyExpired") {}

/**
 * `secret_key_required`: the API key is a publishable one.
 *
 * @since 0.1.0
 * @category errors
 */
export class SecretKeyRequired extends coded<SecretKeyRequired>()("SecretKeyRequired") {}

/**
 * `account_invalid`: the connected account does not exist, or the key may not act for it.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccountInvalid extends coded<AccountInvalid>()("AccountInvalid") {}

/**
 * `action_blocked`: Stripe blocks this; it does not publish why.
 *
 * @since 0.1.0
 * @category errors
 */
export class ActionBlocked extends coded<ActionBlocked>()("ActionBlocked") {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the
 * category is what the HTTP status says: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends ErrorTable.unrecognized("Stripe")<Unrecognized>() {}

const classes = {
  PaymentIntentUnexpectedState,
  IntentInvalidState,
  ResourceMissing,
  LockTimeout,
  RateLimit,
  PaymentIntentRateLimitExceeded,
  IdempotencyKeyInUse,
  IdempotencyError,
  ParameterUnknown,
  ParameterInvalidEmpty,
  LivemodeMismatch,
  InvalidApiKey,
  ApiKeyExpired,
  PlatformApiKeyExpired,
  SecretKeyRequired,
  AccountInvalid,
  ActionBlocked
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
 * Every error that a Stripe cancel can fail with, as one schema: for journals and RPC.
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
 * Every error that a Stripe cancel can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = typeof CancelError.Type
