/**
 * GoCardless's error codes: one class each.
 *
 * What is known about the codes that a cancel at GoCardless can meet. An error has a type, and a list
 * of errors with a reason each. The reasons are the codes; a type counts only where no reason is
 * given, as with `validation_failed`.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("GoCardless")
const doubt = Errors.doubt("GoCardless")

/**
 * `cancellation_failed`: the payment is not `pending_submission`. GoCardless says the same of a payment
 * that is cancelled already and of one that was submitted; `paymentStatus` is what a status query
 * showed, and a payment that is cancelled already is a success.
 *
 * @since 0.1.0
 * @category errors
 */
export class CancellationFailed extends refusal<CancellationFailed>()("CancellationFailed", {
  code: "cancellation_failed", httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "the payment is in a state in which it cannot be cancelled",
  remedy: "Read `paymentStatus`: once the payment is `submitted` it cannot be stopped, and can be refunded after it is `confirmed`.",
  certainty: "Documented"
}) {}

/**
 * `idempotent_creation_conflict`: the idempotency key was used before. GoCardless documents it for
 * calls that create something, and not for a cancel, so the status is read before it is believed.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotentCreationConflict extends refusal<IdempotentCreationConflict>()("IdempotentCreationConflict", {
  code: "idempotent_creation_conflict", httpStatus: [409], category: "Conflict", about: "Payment",
  meaning: "the idempotency key was used before, for this or for another request",
  remedy: "Read `paymentStatus`; if the payment is still `pending_submission`, cancel it with a fresh idempotency key.",
  certainty: "Inferred"
}) {}

/**
 * `idempotency_key_too_long`: the idempotency key is longer than GoCardless accepts.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyKeyTooLong extends refusal<IdempotencyKeyTooLong>()("IdempotencyKeyTooLong", {
  code: "idempotency_key_too_long", httpStatus: [400, 422], category: "InvalidRequest", about: "Request",
  meaning: "the idempotency key is longer than GoCardless accepts",
  remedy: "Use a shorter idempotency key, such as a UUID.",
  certainty: "Inferred"
}) {}

/**
 * `validation_failed` (a type: its errors name fields instead of reasons): something in the request is
 * not valid.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValidationFailed extends refusal<ValidationFailed>()("ValidationFailed", {
  code: "validation_failed", httpStatus: [422], category: "InvalidRequest", about: "Request",
  meaning: "something in the request is not valid",
  remedy: "Read `details`: it names the fields. Fix the request.",
  certainty: "Documented"
}) {}

/**
 * `bad_request`: GoCardless cannot read the request.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadRequest extends refusal<BadRequest>()("BadRequest", {
  code: "bad_request", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "GoCardless cannot read the request",
  remedy: "Look for a proxy that changes the request.",
  certainty: "Documented"
}) {}

/**
 * `unauthorized`: the access token is missing or wrong.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: "unauthorized", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the access token is missing or wrong",
  remedy: "Check the access token, and that it belongs to the host: tokens of the sandbox and of the live API are not interchangeable.",
  certainty: "Documented"
}) {}

/**
 * `access_token_not_found`: there is no such access token.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccessTokenNotFound extends refusal<AccessTokenNotFound>()("AccessTokenNotFound", {
  code: "access_token_not_found", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "there is no such access token",
  remedy: "Check the access token, and that it belongs to the host: tokens of the sandbox and of the live API are not interchangeable.",
  certainty: "Inferred"
}) {}

/**
 * `access_token_not_active`: the access token was disabled.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccessTokenNotActive extends refusal<AccessTokenNotActive>()("AccessTokenNotActive", {
  code: "access_token_not_active", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the access token was disabled",
  remedy: "Create a new access token in GoCardless's dashboard; a partner's merchant has to connect again.",
  certainty: "Inferred"
}) {}

/**
 * `insufficient_permissions`: the access token does not permit this.
 *
 * @since 0.1.0
 * @category errors
 */
export class InsufficientPermissions extends refusal<InsufficientPermissions>()("InsufficientPermissions", {
  code: "insufficient_permissions", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the access token does not permit this",
  remedy: "Use an access token with write access.",
  certainty: "Documented"
}) {}

/**
 * `forbidden`: the access token has no permission for this payment.
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends refusal<Forbidden>()("Forbidden", {
  code: "forbidden", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the access token has no permission for this payment",
  remedy: "Use an access token of the account that owns the payment.",
  certainty: "Documented"
}) {}

/**
 * `feature_disabled`: the account does not have this feature.
 *
 * @since 0.1.0
 * @category errors
 */
export class FeatureDisabled extends refusal<FeatureDisabled>()("FeatureDisabled", {
  code: "feature_disabled", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the account does not have this feature",
  remedy: "Contact GoCardless's support to have it enabled.",
  certainty: "Inferred"
}) {}

/**
 * `not_found`: what the request names is not there, or is not visible to this access token.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends refusal<NotFound>()("NotFound", {
  code: "not_found", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "what the request names is not there, or is not visible to this access token",
  remedy: "Check the payment id and the base URL, and that sandbox and live are not mixed up.",
  certainty: "Observed"
}) {}

/**
 * `resource_not_found`: there is no such payment, or it is not visible to this access token.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResourceNotFound extends refusal<ResourceNotFound>()("ResourceNotFound", {
  code: "resource_not_found", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such payment, or it is not visible to this access token",
  remedy: "Check the payment id, and that sandbox and live are not mixed up.",
  certainty: "Inferred"
}) {}

/**
 * `rate_limit_exceeded`: too many requests.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimitExceeded extends refusal<RateLimitExceeded>()("RateLimitExceeded", {
  code: "rate_limit_exceeded", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests",
  remedy: "Wait for `retryAfter`, or for a minute, and cancel again.",
  certainty: "Documented"
}) {}

/**
 * `request_timed_out`: GoCardless did not finish in time. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimedOut extends doubt<RequestTimedOut>()("RequestTimedOut", {
  code: "request_timed_out", httpStatus: [504, 503, 500], category: "ProviderFault", about: "Request",
  meaning: "GoCardless did not finish in time, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`; if it stays `pending_submission`, cancel again.",
  certainty: "Inferred"
}) {}

/**
 * `internal_server_error`: GoCardless failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalServerError extends doubt<InternalServerError>()("InternalServerError", {
  code: "internal_server_error", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "GoCardless failed, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`; if it stays `pending_submission`, cancel again. Give GoCardless's support the `requestId`.",
  certainty: "Documented"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the category
 * follows from the HTTP status: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("GoCardless")<Unrecognized>() {}
