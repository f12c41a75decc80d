/**
 * Square's error codes: one class each.
 *
 * Of Square's more than 150 codes these are the ones that a cancel can meet: those about the state of a
 * delayed capture, and those general ones that can apply to a request with only an id or a key. Any
 * other, such as one about cards, is `Unrecognized` and keeps its literal.
 *
 * Which code a cancel of a `COMPLETED` payment gets is not documented. So the general refusals that
 * could mean it count as being about the payment; the two that name nothing in the request that could
 * be fixed are `NotCancellable`. The HTTP statuses are inferred from the codes' names.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("Square")
const doubt = Errors.doubt("Square")

/**
 * `DELAYED_TRANSACTION_CAPTURED`: the payment was captured already.
 *
 * @since 0.1.0
 * @category errors
 */
export class DelayedTransactionCaptured extends refusal<DelayedTransactionCaptured>()("DelayedTransactionCaptured", {
  code: "DELAYED_TRANSACTION_CAPTURED", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the payment was captured already",
  remedy: "Read `paymentStatus`: refund a `COMPLETED` payment.",
  certainty: "Documented"
}) {}

/**
 * `DELAYED_TRANSACTION_CANCELED`: the payment was cancelled already, and no status query could
 * confirm it. If one could, the cancel succeeds as `AlreadyCancelled`.
 *
 * @since 0.1.0
 * @category errors
 */
export class DelayedTransactionCanceled extends refusal<DelayedTransactionCanceled>()("DelayedTransactionCanceled", {
  code: "DELAYED_TRANSACTION_CANCELED", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the payment was cancelled already, and no status query could confirm it",
  remedy: "Read the `status`: nothing is left to cancel once it says `CANCELED`.",
  certainty: "Documented"
}) {}

/**
 * `DELAYED_TRANSACTION_EXPIRED`: the authorization of the payment has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class DelayedTransactionExpired extends refusal<DelayedTransactionExpired>()("DelayedTransactionExpired", {
  code: "DELAYED_TRANSACTION_EXPIRED", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the authorization of the payment has expired",
  remedy: "Read `paymentStatus`: an expired authorization is cancelled or captured by its `delay_action`.",
  certainty: "Documented"
}) {}

/**
 * `DELAYED_TRANSACTION_FAILED`: the payment has failed.
 *
 * @since 0.1.0
 * @category errors
 */
export class DelayedTransactionFailed extends refusal<DelayedTransactionFailed>()("DelayedTransactionFailed", {
  code: "DELAYED_TRANSACTION_FAILED", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the payment has failed",
  remedy: "Nothing is left to cancel.",
  certainty: "Documented"
}) {}

/**
 * `BAD_REQUEST`: a general refusal. A cancel by id has no body that could be wrong, so it is most
 * likely about the payment's state; `paymentStatus` is what a status query showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadRequest extends refusal<BadRequest>()("BadRequest", {
  code: "BAD_REQUEST", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "a general refusal: most likely the payment is in a state in which it cannot be cancelled",
  remedy: "Read `paymentStatus`: refund a `COMPLETED` payment; wait for a `PENDING` one; otherwise see `message` and `details`.",
  certainty: "Inferred"
}) {}

/**
 * `UNPROCESSABLE_ENTITY`: a general refusal, most likely about the payment's state; `paymentStatus`
 * is what a status query showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnprocessableEntity extends refusal<UnprocessableEntity>()("UnprocessableEntity", {
  code: "UNPROCESSABLE_ENTITY", httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "a general refusal: most likely the payment is in a state in which it cannot be cancelled",
  remedy: "Read `paymentStatus`: refund a `COMPLETED` payment; wait for a `PENDING` one; otherwise see `message` and `details`.",
  certainty: "Inferred"
}) {}

/**
 * `CONFLICT`: the cancel conflicts with another operation on the payment.
 *
 * @since 0.1.0
 * @category errors
 */
export class Conflict extends refusal<Conflict>()("Conflict", {
  code: "CONFLICT", httpStatus: [409], category: "Conflict", about: "Payment",
  meaning: "the cancel conflicts with another operation on the payment",
  remedy: "Read `paymentStatus`, and cancel again later if the payment is still `APPROVED`.",
  certainty: "Inferred"
}) {}

/**
 * `IDEMPOTENCY_KEY_REUSED`: the key was used before for something else.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyKeyReused extends refusal<IdempotencyKeyReused>()("IdempotencyKeyReused", {
  code: "IDEMPOTENCY_KEY_REUSED", httpStatus: [400], category: "Conflict", about: "Payment",
  meaning: "the key was used before for something else",
  remedy: "Check that `creationKey` is the key of the `CreatePayment` that is to be cancelled.",
  certainty: "Inferred"
}) {}

/**
 * `INVALID_VALUE`: a value of the request is not acceptable, which may also mean the payment's
 * state.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidValue extends refusal<InvalidValue>()("InvalidValue", {
  code: "INVALID_VALUE", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "a value of the request is not acceptable, which may also mean the payment's state",
  remedy: "Read `paymentStatus`: if the payment is still `APPROVED`, fix the id or the key that `details` names.",
  certainty: "Inferred"
}) {}

/**
 * `UNEXPECTED_VALUE`: a value of the request was not expected, which may also mean the
 * payment's state.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedValue extends refusal<UnexpectedValue>()("UnexpectedValue", {
  code: "UNEXPECTED_VALUE", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "a value of the request was not expected, which may also mean the payment's state",
  remedy: "Read `paymentStatus`: if the payment is still `APPROVED`, fix the id or the key that `details` names.",
  certainty: "Inferred"
}) {}

/**
 * `GONE`: the payment is no longer available, and likely never will be.
 *
 * @since 0.1.0
 * @category errors
 */
export class Gone extends refusal<Gone>()("Gone", {
  code: "GONE", httpStatus: [410], category: "NotFound", about: "Payment",
  meaning: "the payment is no longer available, and likely never will be",
  remedy: "Look up the payment at Square.",
  certainty: "Documented"
}) {}

/**
 * `NOT_FOUND`: there is no such payment for this access token.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends refusal<NotFound>()("NotFound", {
  code: "NOT_FOUND", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such payment for this access token",
  remedy: "Check the payment id, and that production and sandbox are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `UNAUTHORIZED`: the access token is not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: "UNAUTHORIZED", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the access token is not accepted",
  remedy: "Check the access token, and that it belongs to the host.",
  certainty: "Documented"
}) {}

/**
 * `ACCESS_TOKEN_EXPIRED`: the access token has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccessTokenExpired extends refusal<AccessTokenExpired>()("AccessTokenExpired", {
  code: "ACCESS_TOKEN_EXPIRED", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the access token has expired",
  remedy: "Renew the token, and cancel again.",
  certainty: "Documented"
}) {}

/**
 * `ACCESS_TOKEN_REVOKED`: the access token has been revoked.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccessTokenRevoked extends refusal<AccessTokenRevoked>()("AccessTokenRevoked", {
  code: "ACCESS_TOKEN_REVOKED", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the access token has been revoked",
  remedy: "Ask the seller to authorize the application again.",
  certainty: "Documented"
}) {}

/**
 * `CLIENT_DISABLED`: the client has been disabled.
 *
 * @since 0.1.0
 * @category errors
 */
export class ClientDisabled extends refusal<ClientDisabled>()("ClientDisabled", {
  code: "CLIENT_DISABLED", httpStatus: [403, 401], category: "Forbidden", about: "Request",
  meaning: "the client has been disabled",
  remedy: "Contact Square.",
  certainty: "Documented"
}) {}

/**
 * `APPLICATION_DISABLED`: the application has been disabled.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApplicationDisabled extends refusal<ApplicationDisabled>()("ApplicationDisabled", {
  code: "APPLICATION_DISABLED", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the application has been disabled",
  remedy: "Contact Square.",
  certainty: "Documented"
}) {}

/**
 * `FORBIDDEN`: the access token is valid but does not have permission for this.
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends refusal<Forbidden>()("Forbidden", {
  code: "FORBIDDEN", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the access token is valid but does not have permission for this",
  remedy: "Check the token's seller and permissions.",
  certainty: "Documented"
}) {}

/**
 * `INSUFFICIENT_SCOPES`: the access token lacks a permission.
 *
 * @since 0.1.0
 * @category errors
 */
export class InsufficientScopes extends refusal<InsufficientScopes>()("InsufficientScopes", {
  code: "INSUFFICIENT_SCOPES", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the access token lacks a permission",
  remedy: "Authorize with `PAYMENTS_WRITE`, and `PAYMENTS_READ` for the status.",
  certainty: "Documented"
}) {}

/**
 * `SANDBOX_NOT_SUPPORTED`: the sandbox does not support this.
 *
 * @since 0.1.0
 * @category errors
 */
export class SandboxNotSupported extends refusal<SandboxNotSupported>()("SandboxNotSupported", {
  code: "SANDBOX_NOT_SUPPORTED", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the sandbox does not support this",
  remedy: "Try it in production.",
  certainty: "Documented"
}) {}

/**
 * `MISSING_REQUIRED_PARAMETER`: the request arrived without a required parameter.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingRequiredParameter extends refusal<MissingRequiredParameter>()("MissingRequiredParameter", {
  code: "MISSING_REQUIRED_PARAMETER", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the request arrived without a required parameter",
  remedy: "Look for a proxy that rewrites paths or bodies; `details` names the parameter.",
  certainty: "Documented"
}) {}

/**
 * `VALUE_EMPTY`: a value of the request arrived empty.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValueEmpty extends refusal<ValueEmpty>()("ValueEmpty", {
  code: "VALUE_EMPTY", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "a value of the request arrived empty",
  remedy: "Look for a proxy that rewrites paths or bodies; `details` names the value.",
  certainty: "Documented"
}) {}

/**
 * `VALUE_TOO_SHORT`: a value of the request is too short.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValueTooShort extends refusal<ValueTooShort>()("ValueTooShort", {
  code: "VALUE_TOO_SHORT", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "a value of the request is too short",
  remedy: "Fix the value that `details` names.",
  certainty: "Documented"
}) {}

/**
 * `VALUE_TOO_LONG`: a value of the request is too long.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValueTooLong extends refusal<ValueTooLong>()("ValueTooLong", {
  code: "VALUE_TOO_LONG", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "a value of the request is too long",
  remedy: "Fix the value that `details` names.",
  certainty: "Documented"
}) {}

/**
 * `VALUE_REGEX_MISMATCH`: a value of the request does not have the format that Square expects.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValueRegexMismatch extends refusal<ValueRegexMismatch>()("ValueRegexMismatch", {
  code: "VALUE_REGEX_MISMATCH", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "a value of the request does not have the format that Square expects",
  remedy: "Fix the value that `details` names.",
  certainty: "Documented"
}) {}

/**
 * `EXPECTED_JSON_BODY`: the body did not arrive as a JSON object.
 *
 * @since 0.1.0
 * @category errors
 */
export class ExpectedJsonBody extends refusal<ExpectedJsonBody>()("ExpectedJsonBody", {
  code: "EXPECTED_JSON_BODY", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the body did not arrive as a JSON object",
  remedy: "Look for a proxy that rewrites bodies.",
  certainty: "Documented"
}) {}

/**
 * `INVALID_CONTENT_TYPE`: the content type is not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidContentType extends refusal<InvalidContentType>()("InvalidContentType", {
  code: "INVALID_CONTENT_TYPE", httpStatus: [400, 415], category: "InvalidRequest", about: "Request",
  meaning: "the content type is not accepted",
  remedy: "Look for a proxy that rewrites headers.",
  certainty: "Documented"
}) {}

/**
 * `UNSUPPORTED_MEDIA_TYPE`: the content type is not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnsupportedMediaType extends refusal<UnsupportedMediaType>()("UnsupportedMediaType", {
  code: "UNSUPPORTED_MEDIA_TYPE", httpStatus: [415], category: "InvalidRequest", about: "Request",
  meaning: "the content type is not accepted",
  remedy: "Look for a proxy that rewrites headers.",
  certainty: "Documented"
}) {}

/**
 * `METHOD_NOT_ALLOWED`: this path does not accept a POST.
 *
 * @since 0.1.0
 * @category errors
 */
export class MethodNotAllowed extends refusal<MethodNotAllowed>()("MethodNotAllowed", {
  code: "METHOD_NOT_ALLOWED", httpStatus: [405], category: "InvalidRequest", about: "Request",
  meaning: "this path does not accept a POST",
  remedy: "Check `baseUrl`, and look for a proxy that rewrites requests.",
  certainty: "Documented"
}) {}

/**
 * `INVALID_SQUARE_VERSION_FORMAT`: the version does not have the format `YYYY-MM-DD`.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidSquareVersionFormat extends refusal<InvalidSquareVersionFormat>()("InvalidSquareVersionFormat", {
  code: "INVALID_SQUARE_VERSION_FORMAT", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the version does not have the format `YYYY-MM-DD`",
  remedy: "Fix the `version` option.",
  certainty: "Documented"
}) {}

/**
 * `API_VERSION_INCOMPATIBLE`: the version does not support this.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiVersionIncompatible extends refusal<ApiVersionIncompatible>()("ApiVersionIncompatible", {
  code: "API_VERSION_INCOMPATIBLE", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the version does not support this",
  remedy: "Fix the `version` option.",
  certainty: "Documented"
}) {}

/**
 * `RATE_LIMITED`: too many requests.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends refusal<RateLimited>()("RateLimited", {
  code: "RATE_LIMITED", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests",
  remedy: "Wait for `retryAfter`, and cancel again; Square publishes no limits.",
  certainty: "Documented"
}) {}

/**
 * `INTERNAL_SERVER_ERROR`: Square failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalServerError extends doubt<InternalServerError>()("InternalServerError", {
  code: "INTERNAL_SERVER_ERROR", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "the server failed, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`; without an id, cancel by the creation key again.",
  certainty: "Documented"
}) {}

/**
 * `NOT_IMPLEMENTED`: Square does not implement this. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotImplemented extends doubt<NotImplemented>()("NotImplemented", {
  code: "NOT_IMPLEMENTED", httpStatus: [501], category: "ProviderFault", about: "Request",
  meaning: "this is not implemented, and whether the payment is cancelled is not proved",
  remedy: "Check `baseUrl`, and read the `status`.",
  certainty: "Documented"
}) {}

/**
 * `BAD_GATEWAY`: a gateway at Square failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadGateway extends doubt<BadGateway>()("BadGateway", {
  code: "BAD_GATEWAY", httpStatus: [502], category: "ProviderFault", about: "Request",
  meaning: "a gateway failed, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`; without an id, cancel by the creation key again.",
  certainty: "Documented"
}) {}

/**
 * `SERVICE_UNAVAILABLE`: Square is unavailable. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServiceUnavailable extends doubt<ServiceUnavailable>()("ServiceUnavailable", {
  code: "SERVICE_UNAVAILABLE", httpStatus: [503], category: "ProviderFault", about: "Request",
  meaning: "the service is unavailable, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`; without an id, cancel by the creation key again.",
  certainty: "Documented"
}) {}

/**
 * `GATEWAY_TIMEOUT`: a gateway at Square timed out. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class GatewayTimeout extends doubt<GatewayTimeout>()("GatewayTimeout", {
  code: "GATEWAY_TIMEOUT", httpStatus: [504], category: "ProviderFault", about: "Request",
  meaning: "a gateway timed out, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`; without an id, cancel by the creation key again.",
  certainty: "Documented"
}) {}

/**
 * `TEMPORARY_ERROR`: Square failed temporarily. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class TemporaryError extends doubt<TemporaryError>()("TemporaryError", {
  code: "TEMPORARY_ERROR", httpStatus: [500, 503], category: "ProviderFault", about: "Request",
  meaning: "the server failed temporarily, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`; without an id, cancel by the creation key again.",
  certainty: "Documented"
}) {}

/**
 * `REQUEST_TIMEOUT`: the request timed out at Square. The outcome is unknown. (With the
 * HTTP status 408 of this name it is `CancelError.UnexpectedResponse`, which keeps the code.)
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimeout extends doubt<RequestTimeout>()("RequestTimeout", {
  code: "REQUEST_TIMEOUT", httpStatus: [504], category: "ProviderFault", about: "Request",
  meaning: "the request timed out, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`; without an id, cancel by the creation key again.",
  certainty: "Inferred"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the category
 * follows from the HTTP status: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("Square")<Unrecognized>() {}
