/**
 * Stripe's error codes: one class each.
 *
 * What is known about the Stripe codes that a cancel can meet. Stripe lists hundreds: the others
 * are `Unrecognized`.
 *
 * Some errors have a type but no code. Two such types say enough to replace it: that of a misused
 * idempotency key, and that of a 401. Any other error without a code is `Unrecognized` too.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("Stripe")
const doubt = Errors.doubt("Stripe")

/**
 * `payment_intent_unexpected_state`: the PaymentIntent is in a state in which it cannot be
 * cancelled; `paymentStatus` is what the answer or a status query showed. An answer that shows
 * `canceled` is not an error: it becomes a success.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentIntentUnexpectedState extends refusal<PaymentIntentUnexpectedState>()("PaymentIntentUnexpectedState", {
  code: "payment_intent_unexpected_state", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the PaymentIntent is in a state in which it cannot be cancelled, or belongs to a Checkout Session that has to be expired instead",
  remedy: "Read `paymentStatus`: refund a `succeeded` one. A PaymentIntent of a Checkout Session can be cancelled only in `requires_capture`: use `Stripe.expireCheckoutSession` instead.",
  certainty: "Observed"
}) {}

/**
 * `intent_invalid_state`: the PaymentIntent is not in the required state; `paymentStatus` is what a
 * status query showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class IntentInvalidState extends refusal<IntentInvalidState>()("IntentInvalidState", {
  code: "intent_invalid_state", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the PaymentIntent is not in the required state",
  remedy: "Read `paymentStatus`: refund a `succeeded` one.",
  certainty: "Inferred"
}) {}

/**
 * `resource_missing`: there is no such PaymentIntent for these credentials, or no such Checkout
 * Session. An id of the other kind is missing too: `cancel` takes a `pi_…`, `expireCheckoutSession` a
 * `cs_…`.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResourceMissing extends refusal<ResourceMissing>()("ResourceMissing", {
  code: "resource_missing", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such PaymentIntent (pi_…), or no such Checkout Session (cs_…) to expire, for these credentials",
  remedy: "Check the payment id (`cancel` takes a `pi_…`, `expireCheckoutSession` a `cs_…`), the connected account, and that live and test mode are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `lock_timeout`: another operation is using the PaymentIntent at this moment.
 *
 * @since 0.1.0
 * @category errors
 */
export class LockTimeout extends refusal<LockTimeout>()("LockTimeout", {
  code: "lock_timeout", httpStatus: [429], category: "Conflict", about: "Payment", tryAgain: true,
  meaning: "another operation is using the PaymentIntent at this moment",
  remedy: "Cancel again later.",
  certainty: "Inferred"
}) {}

/**
 * `rate_limit`: too many requests: 100 per second in live mode, 25 in test mode or to one endpoint.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimit extends refusal<RateLimit>()("RateLimit", {
  code: "rate_limit", httpStatus: [429, 400], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests: 100 per second in live mode, 25 in test mode or to one endpoint",
  remedy: "Wait for `retryAfter`, or for a few seconds, and cancel again.",
  certainty: "Documented"
}) {}

/**
 * `payment_intent_rate_limit_exceeded`: more than 1000 updates of this PaymentIntent in an hour.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentIntentRateLimitExceeded extends refusal<PaymentIntentRateLimitExceeded>()("PaymentIntentRateLimitExceeded", {
  code: "payment_intent_rate_limit_exceeded", httpStatus: [429], category: "RateLimited", about: "Request",
  meaning: "too many updates of this PaymentIntent: 1000 per hour",
  remedy: "Wait for up to an hour, and cancel again.",
  certainty: "Inferred"
}) {}

/**
 * `idempotency_key_in_use`: an earlier request with the same key is still being processed. The
 * outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyKeyInUse extends doubt<IdempotencyKeyInUse>()("IdempotencyKeyInUse", {
  code: "idempotency_key_in_use", httpStatus: [409], category: "Conflict", about: "Request", stillRunning: true,
  meaning: "an earlier request with the same key is still being processed, so the payment may yet be cancelled",
  remedy: "Wait, then make the same call again with the error's `idempotencyKey`, or read the `status`, of a Checkout Session the `checkoutSessionStatus`.",
  certainty: "Documented"
}) {}

/**
 * `idempotency_error` (a type, without a code): the idempotency key was used before with another
 * request.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyError extends refusal<IdempotencyError>()("IdempotencyError", {
  code: "idempotency_error", httpStatus: [400], category: "Conflict", about: "Payment",
  meaning: "the idempotency key was used before with another request",
  remedy: "Use a fresh idempotency key for another request.",
  certainty: "Documented"
}) {}

/**
 * `parameter_unknown`: Stripe does not know a parameter of the request.
 *
 * @since 0.1.0
 * @category errors
 */
export class ParameterUnknown extends refusal<ParameterUnknown>()("ParameterUnknown", {
  code: "parameter_unknown", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "Stripe does not know a parameter of the request",
  remedy: "Read `details`: it names the parameter. Check the version of Stripe's API.",
  certainty: "Documented"
}) {}

/**
 * `parameter_invalid_empty`: a parameter of the request is empty.
 *
 * @since 0.1.0
 * @category errors
 */
export class ParameterInvalidEmpty extends refusal<ParameterInvalidEmpty>()("ParameterInvalidEmpty", {
  code: "parameter_invalid_empty", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "a parameter of the request is empty",
  remedy: "Read `details`: it names the parameter. Fix the request.",
  certainty: "Documented"
}) {}

/**
 * `livemode_mismatch`: live and test mode are mixed up.
 *
 * @since 0.1.0
 * @category errors
 */
export class LivemodeMismatch extends refusal<LivemodeMismatch>()("LivemodeMismatch", {
  code: "livemode_mismatch", httpStatus: [400], category: "Forbidden", about: "Request",
  meaning: "live and test mode are mixed up",
  remedy: "Use the key of the mode in which the PaymentIntent was created.",
  certainty: "Inferred"
}) {}

/**
 * `invalid_request_error` (a type, without a code) with HTTP status 401: the API key is missing
 * or wrong.
 *
 * Stripe uses the same type with other statuses for many other errors. There it says too little to
 * be an error of its own, and without a code, such an error is `Unrecognized`.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidApiKey extends refusal<InvalidApiKey>()("InvalidApiKey", {
  code: "invalid_request_error", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the API key is missing or wrong",
  remedy: "Check the API key, and look for a proxy that drops the `Authorization` header.",
  certainty: "Observed"
}) {}

/**
 * `api_key_expired`: the API key has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiKeyExpired extends refusal<ApiKeyExpired>()("ApiKeyExpired", {
  code: "api_key_expired", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the API key has expired",
  remedy: "Use the current key from Stripe's dashboard.",
  certainty: "Documented"
}) {}

/**
 * `platform_api_key_expired`: the platform's API key has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class PlatformApiKeyExpired extends refusal<PlatformApiKeyExpired>()("PlatformApiKeyExpired", {
  code: "platform_api_key_expired", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the platform's API key has expired",
  remedy: "Use the platform's current key from Stripe's dashboard.",
  certainty: "Documented"
}) {}

/**
 * `secret_key_required`: the API key is a publishable one.
 *
 * @since 0.1.0
 * @category errors
 */
export class SecretKeyRequired extends refusal<SecretKeyRequired>()("SecretKeyRequired", {
  code: "secret_key_required", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the API key is a publishable one, but a secret one is required",
  remedy: "Use a key that begins with `sk_` or `rk_`.",
  certainty: "Inferred"
}) {}

/**
 * `account_invalid`: the connected account does not exist, or the key has no access to it.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccountInvalid extends refusal<AccountInvalid>()("AccountInvalid", {
  code: "account_invalid", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the connected account does not exist, or the key has no access to it",
  remedy: "Check `account`, and that it is connected to the key's platform.",
  certainty: "Documented"
}) {}

/**
 * `action_blocked`: Stripe blocks this, for reasons that it does not publish.
 *
 * @since 0.1.0
 * @category errors
 */
export class ActionBlocked extends refusal<ActionBlocked>()("ActionBlocked", {
  code: "action_blocked", httpStatus: [400, 403], category: "Forbidden", about: "Payment",
  meaning: "Stripe blocks this, for reasons that it does not publish",
  remedy: "Read the message, and contact Stripe's support with the `requestId`.",
  certainty: "Inferred"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the category
 * follows from the HTTP status: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("Stripe")<Unrecognized>() {}
