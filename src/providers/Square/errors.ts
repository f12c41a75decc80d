/**
 * Square's error codes: one row and one class each.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Shared } from "../../CancelError.js"
import * as ErrorTable from "../../ErrorTable.js"

/**
 * What is known about those of Square's more than 150 codes that a cancel can meet: the ones about
 * a delayed capture's state, and of the ones that any endpoint may send, those that fit a
 * request with an id or a key and nothing else. Codes about cards, refunds, customers, query
 * parameters, cursors, arrays and maps are left out; sent all the same, they are
 * `Unrecognized` and keep their literal.
 *
 * Which code a cancel of a `COMPLETED` payment gets is not documented. So the general
 * refusals that could mean it are about the payment, and two of them, which name nothing in
 * the request that could be mended, are `NotCancellable`. The HTTP statuses are inferred from
 * the codes' names.
 *
 * @since 0.1.0
 * @category errors
 */
export const errorTable = {
  DelayedTransactionCaptured: {
    code: "DELAYED_TRANSACTION_CAPTURED",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the payment was captured already",
    remedy: "Read `paymentStatus`: refund a `COMPLETED` payment.",
    certainty: "Documented"
  },
  DelayedTransactionCanceled: {
    code: "DELAYED_TRANSACTION_CANCELED",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the payment was cancelled already, and no status query could confirm it",
    remedy: "Read the `status`: nothing is left to cancel once it says `CANCELED`.",
    certainty: "Documented"
  },
  DelayedTransactionExpired: {
    code: "DELAYED_TRANSACTION_EXPIRED",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the authorization of the payment has expired",
    remedy: "Read `paymentStatus`: an expired authorization is cancelled or captured by its `delay_action`.",
    certainty: "Documented"
  },
  DelayedTransactionFailed: {
    code: "DELAYED_TRANSACTION_FAILED",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the payment has failed",
    remedy: "Nothing is left to cancel.",
    certainty: "Documented"
  },
  BadRequest: {
    code: "BAD_REQUEST",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the request is refused in general words: most likely the payment is in no state to be cancelled",
    remedy: "Read `paymentStatus`: refund a `COMPLETED` payment; wait for a `PENDING` one; else `message` and `details` say more.",
    certainty: "Inferred"
  },
  UnprocessableEntity: {
    code: "UNPROCESSABLE_ENTITY",
    category: "NotCancellable",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [422],
    meaning: "the request is refused in general words: most likely the payment is in no state to be cancelled",
    remedy: "Read `paymentStatus`: refund a `COMPLETED` payment; wait for a `PENDING` one; else `message` and `details` say more.",
    certainty: "Inferred"
  },
  Conflict: {
    code: "CONFLICT",
    category: "Conflict",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [409],
    meaning: "the cancel conflicts with something else that happens to the payment",
    remedy: "Read `paymentStatus`, and cancel again later if the payment is still `APPROVED`.",
    certainty: "Inferred"
  },
  IdempotencyKeyReused: {
    code: "IDEMPOTENCY_KEY_REUSED",
    category: "Conflict",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "the key was used before with something else",
    remedy: "Check that `creationKey` is the key of the `CreatePayment` that is to be cancelled.",
    certainty: "Inferred"
  },
  InvalidValue: {
    code: "INVALID_VALUE",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "a value of the request is not acceptable, which may also mean the payment's state",
    remedy: "Read `paymentStatus`: if the payment is still `APPROVED`, mend the id or the key that `details` names.",
    certainty: "Inferred"
  },
  UnexpectedValue: {
    code: "UNEXPECTED_VALUE",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [400],
    meaning: "a value of the request was not expected, which may also mean the payment's state",
    remedy: "Read `paymentStatus`: if the payment is still `APPROVED`, mend the id or the key that `details` names.",
    certainty: "Inferred"
  },
  Gone: {
    code: "GONE",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [410],
    meaning: "the payment is no longer available, and likely never will be",
    remedy: "Look the payment up at Square.",
    certainty: "Documented"
  },
  NotFound: {
    code: "NOT_FOUND",
    category: "NotFound",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [404],
    meaning: "there is no such payment for this access token",
    remedy: "Check the payment id, and that production and sandbox are not mixed up.",
    certainty: "Documented"
  },
  Unauthorized: {
    code: "UNAUTHORIZED",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the access token is not accepted",
    remedy: "Check the access token, and that it belongs to the host.",
    certainty: "Documented"
  },
  AccessTokenExpired: {
    code: "ACCESS_TOKEN_EXPIRED",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the access token has expired",
    remedy: "Renew the token, and cancel again.",
    certainty: "Documented"
  },
  AccessTokenRevoked: {
    code: "ACCESS_TOKEN_REVOKED",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the access token has been revoked",
    remedy: "Ask the seller to authorize the application again.",
    certainty: "Documented"
  },
  ClientDisabled: {
    code: "CLIENT_DISABLED",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403, 401],
    meaning: "the client has been disabled",
    remedy: "Ask Square why.",
    certainty: "Documented"
  },
  ApplicationDisabled: {
    code: "APPLICATION_DISABLED",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "the application has been disabled",
    remedy: "Ask Square why.",
    certainty: "Documented"
  },
  Forbidden: {
    code: "FORBIDDEN",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "the access token is valid and may not do this",
    remedy: "Check which seller and which permissions the token stands for.",
    certainty: "Documented"
  },
  InsufficientScopes: {
    code: "INSUFFICIENT_SCOPES",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "the access token lacks a permission",
    remedy: "Authorize with `PAYMENTS_WRITE`, and `PAYMENTS_READ` for the status.",
    certainty: "Documented"
  },
  SandboxNotSupported: {
    code: "SANDBOX_NOT_SUPPORTED",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "the sandbox does not support this",
    remedy: "Try it in production.",
    certainty: "Documented"
  },
  MissingRequiredParameter: {
    code: "MISSING_REQUIRED_PARAMETER",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "a parameter of the request did not arrive",
    remedy: "Look for a proxy that rewrites paths or bodies; `details` names the parameter.",
    certainty: "Documented"
  },
  ValueEmpty: {
    code: "VALUE_EMPTY",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "a value of the request arrived empty",
    remedy: "Look for a proxy that rewrites paths or bodies; `details` names the value.",
    certainty: "Documented"
  },
  ValueTooShort: {
    code: "VALUE_TOO_SHORT",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "a value of the request is too short",
    remedy: "Mend the value that `details` names.",
    certainty: "Documented"
  },
  ValueTooLong: {
    code: "VALUE_TOO_LONG",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "a value of the request is too long",
    remedy: "Mend the value that `details` names.",
    certainty: "Documented"
  },
  ValueRegexMismatch: {
    code: "VALUE_REGEX_MISMATCH",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "a value of the request is not of the form that Square expects",
    remedy: "Mend the value that `details` names.",
    certainty: "Documented"
  },
  ExpectedJsonBody: {
    code: "EXPECTED_JSON_BODY",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "the body did not arrive as a JSON object",
    remedy: "Look for a proxy that rewrites bodies.",
    certainty: "Documented"
  },
  InvalidContentType: {
    code: "INVALID_CONTENT_TYPE",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400, 415],
    meaning: "the content type is not accepted",
    remedy: "Look for a proxy that rewrites headers.",
    certainty: "Documented"
  },
  UnsupportedMediaType: {
    code: "UNSUPPORTED_MEDIA_TYPE",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [415],
    meaning: "the content type is not accepted",
    remedy: "Look for a proxy that rewrites headers.",
    certainty: "Documented"
  },
  MethodNotAllowed: {
    code: "METHOD_NOT_ALLOWED",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [405],
    meaning: "this path does not take a POST",
    remedy: "Check `baseUrl`, and look for a proxy that rewrites requests.",
    certainty: "Documented"
  },
  InvalidSquareVersionFormat: {
    code: "INVALID_SQUARE_VERSION_FORMAT",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "the version is not of the form `YYYY-MM-DD`",
    remedy: "Mend the `version` option.",
    certainty: "Documented"
  },
  ApiVersionIncompatible: {
    code: "API_VERSION_INCOMPATIBLE",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "the version cannot do this",
    remedy: "Mend the `version` option.",
    certainty: "Documented"
  },
  RateLimited: {
    code: "RATE_LIMITED",
    category: "RateLimited",
    outcome: "NotCancelled",
    about: "Request",
    tryAgain: true,
    httpStatus: [429],
    meaning: "too many requests",
    remedy: "Wait for `retryAfter`, and cancel again; Square publishes no limits.",
    certainty: "Documented"
  },
  InternalServerError: {
    code: "INTERNAL_SERVER_ERROR",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [500],
    meaning: "the server failed, and whether the payment is cancelled is unknown",
    remedy: "Read the `status`; without an id, cancel by the creation key again.",
    certainty: "Documented"
  },
  NotImplemented: {
    code: "NOT_IMPLEMENTED",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [501],
    meaning: "this is not implemented, and whether the payment is cancelled is not proved",
    remedy: "Check `baseUrl`, and read the `status`.",
    certainty: "Documented"
  },
  BadGateway: {
    code: "BAD_GATEWAY",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [502],
    meaning: "a gateway failed, and whether the payment is cancelled is unknown",
    remedy: "Read the `status`; without an id, cancel by the creation key again.",
    certainty: "Documented"
  },
  ServiceUnavailable: {
    code: "SERVICE_UNAVAILABLE",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [503],
    meaning: "the service is not available, and whether the payment is cancelled is unknown",
    remedy: "Read the `status`; without an id, cancel by the creation key again.",
    certainty: "Documented"
  },
  GatewayTimeout: {
    code: "GATEWAY_TIMEOUT",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [504],
    meaning: "a gateway timed out, and whether the payment is cancelled is unknown",
    remedy: "Read the `status`; without an id, cancel by the creation key again.",
    certainty: "Documented"
  },
  TemporaryError: {
    code: "TEMPORARY_ERROR",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [500, 503],
    meaning: "the server failed for the moment, and whether the payment is cancelled is unknown",
    remedy: "Read the `status`; without an id, cancel by the creation key again.",
    certainty: "Documented"
  },
  RequestTimeout: {
    code: "REQUEST_TIMEOUT",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [504],
    meaning: "the request timed out, and whether the payment is cancelled is unknown",
    remedy: "Read the `status`; without an id, cancel by the creation key again.",
    certainty: "Inferred"
  }
} as const satisfies ErrorTable.ErrorTable

const coded = ErrorTable.coded("Square", errorTable)

/**
 * `DELAYED_TRANSACTION_CAPTURED`: the payment was captured already.
 *
 * @since 0.1.0
 * @category errors
 */
export class DelayedTransactionCaptured extends coded<DelayedTransactionCaptured>()("DelayedTransactionCaptured") {}

/**
 * `DELAYED_TRANSACTION_CANCELED`: the payment was cancelled already, and no status query could
 * confirm it. Where one could, the cancel succeeds as `AlreadyCancelled`.
 *
 * @since 0.1.0
 * @category errors
 */
export class DelayedTransactionCanceled extends coded<DelayedTransactionCanceled>()("DelayedTransactionCanceled") {}

/**
 * `DELAYED_TRANSACTION_EXPIRED`: the authorization of the payment has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class DelayedTransactionExpired extends coded<DelayedTransactionExpired>()("DelayedTransactionExpired") {}

/**
 * `DELAYED_TRANSACTION_FAILED`: the payment has failed.
 *
 * @since 0.1.0
 * @category errors
 */
export class DelayedTransactionFailed extends coded<DelayedTransactionFailed>()("DelayedTransactionFailed") {}

/**
 * `BAD_REQUEST`: a refusal in general words. A cancel by id has no body that could be
 * wrong, so it most likely means the payment's state; `paymentStatus` is what a read-back
 * showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadRequest extends coded<BadRequest>()("BadRequest") {}

/**
 * `UNPROCESSABLE_ENTITY`: a refusal in general words, most likely about the payment's
 * state; `paymentStatus` is what a read-back showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnprocessableEntity extends coded<UnprocessableEntity>()("UnprocessableEntity") {}

/**
 * `CONFLICT`: the cancel conflicts with something else that happens to the payment.
 *
 * @since 0.1.0
 * @category errors
 */
export class Conflict extends coded<Conflict>()("Conflict") {}

/**
 * `IDEMPOTENCY_KEY_REUSED`: the key was used before with something else.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyKeyReused extends coded<IdempotencyKeyReused>()("IdempotencyKeyReused") {}

/**
 * `INVALID_VALUE`: a value of the request is not acceptable, which may also mean the payment's
 * state.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidValue extends coded<InvalidValue>()("InvalidValue") {}

/**
 * `UNEXPECTED_VALUE`: a value of the request was not expected, which may also mean the
 * payment's state.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedValue extends coded<UnexpectedValue>()("UnexpectedValue") {}

/**
 * `GONE`: the payment is no longer available, and likely never will be.
 *
 * @since 0.1.0
 * @category errors
 */
export class Gone extends coded<Gone>()("Gone") {}

/**
 * `NOT_FOUND`: there is no such payment for this access token.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends coded<NotFound>()("NotFound") {}

/**
 * `UNAUTHORIZED`: the access token is not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends coded<Unauthorized>()("Unauthorized") {}

/**
 * `ACCESS_TOKEN_EXPIRED`: the access token has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccessTokenExpired extends coded<AccessTokenExpired>()("AccessTokenExpired") {}

/**
 * `ACCESS_TOKEN_REVOKED`: the access token has been revoked.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccessTokenRevoked extends coded<AccessTokenRevoked>()("AccessTokenRevoked") {}

/**
 * `CLIENT_DISABLED`: the client has been disabled.
 *
 * @since 0.1.0
 * @category errors
 */
export class ClientDisabled extends coded<ClientDisabled>()("ClientDisabled") {}

/**
 * `APPLICATION_DISABLED`: the application has been disabled.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApplicationDisabled extends coded<ApplicationDisabled>()("ApplicationDisabled") {}

/**
 * `FORBIDDEN`: the access token is valid and may not do this.
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends coded<Forbidden>()("Forbidden") {}

/**
 * `INSUFFICIENT_SCOPES`: the access token lacks a permission.
 *
 * @since 0.1.0
 * @category errors
 */
export class InsufficientScopes extends coded<InsufficientScopes>()("InsufficientScopes") {}

/**
 * `SANDBOX_NOT_SUPPORTED`: the sandbox does not support this.
 *
 * @since 0.1.0
 * @category errors
 */
export class SandboxNotSupported extends coded<SandboxNotSupported>()("SandboxNotSupported") {}

/**
 * `MISSING_REQUIRED_PARAMETER`: a parameter of the request did not arrive.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingRequiredParameter extends coded<MissingRequiredParameter>()("MissingRequiredParameter") {}

/**
 * `VALUE_EMPTY`: a value of the request arrived empty.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValueEmpty extends coded<ValueEmpty>()("ValueEmpty") {}

/**
 * `VALUE_TOO_SHORT`: a value of the request is too short.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValueTooShort extends coded<ValueTooShort>()("ValueTooShort") {}

/**
 * `VALUE_TOO_LONG`: a value of the request is too long.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValueTooLong extends coded<ValueTooLong>()("ValueTooLong") {}

/**
 * `VALUE_REGEX_MISMATCH`: a value of the request is not of the form that Square expects.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValueRegexMismatch extends coded<ValueRegexMismatch>()("ValueRegexMismatch") {}

/**
 * `EXPECTED_JSON_BODY`: the body did not arrive as a JSON object.
 *
 * @since 0.1.0
 * @category errors
 */
export class ExpectedJsonBody extends coded<ExpectedJsonBody>()("ExpectedJsonBody") {}

/**
 * `INVALID_CONTENT_TYPE`: the content type is not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidContentType extends coded<InvalidContentType>()("InvalidContentType") {}

/**
 * `UNSUPPORTED_MEDIA_TYPE`: the content type is not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnsupportedMediaType extends coded<UnsupportedMediaType>()("UnsupportedMediaType") {}

/**
 * `METHOD_NOT_ALLOWED`: this path does not take a POST.
 *
 * @since 0.1.0
 * @category errors
 */
export class MethodNotAllowed extends coded<MethodNotAllowed>()("MethodNotAllowed") {}

/**
 * `INVALID_SQUARE_VERSION_FORMAT`: the version is not of the form `YYYY-MM-DD`.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidSquareVersionFormat extends coded<InvalidSquareVersionFormat>()("InvalidSquareVersionFormat") {}

/**
 * `API_VERSION_INCOMPATIBLE`: the version cannot do this.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiVersionIncompatible extends coded<ApiVersionIncompatible>()("ApiVersionIncompatible") {}

/**
 * `RATE_LIMITED`: too many requests.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends coded<RateLimited>()("RateLimited") {}

/**
 * `INTERNAL_SERVER_ERROR`: Square failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalServerError extends coded<InternalServerError>()("InternalServerError") {}

/**
 * `NOT_IMPLEMENTED`: Square does not do this. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotImplemented extends coded<NotImplemented>()("NotImplemented") {}

/**
 * `BAD_GATEWAY`: a gateway at Square failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadGateway extends coded<BadGateway>()("BadGateway") {}

/**
 * `SERVICE_UNAVAILABLE`: Square is not available. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServiceUnavailable extends coded<ServiceUnavailable>()("ServiceUnavailable") {}

/**
 * `GATEWAY_TIMEOUT`: a gateway at Square timed out. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class GatewayTimeout extends coded<GatewayTimeout>()("GatewayTimeout") {}

/**
 * `TEMPORARY_ERROR`: Square failed for the moment. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class TemporaryError extends coded<TemporaryError>()("TemporaryError") {}

/**
 * `REQUEST_TIMEOUT`: the request timed out at Square. The outcome is unknown. (With the
 * HTTP status 408 of this name it is `CancelError.UnexpectedResponse`, which keeps the code.)
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimeout extends coded<RequestTimeout>()("RequestTimeout") {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the
 * category is what the HTTP status says: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends ErrorTable.unrecognized("Square")<Unrecognized>() {}

const classes = {
  DelayedTransactionCaptured,
  DelayedTransactionCanceled,
  DelayedTransactionExpired,
  DelayedTransactionFailed,
  BadRequest,
  UnprocessableEntity,
  Conflict,
  IdempotencyKeyReused,
  InvalidValue,
  UnexpectedValue,
  Gone,
  NotFound,
  Unauthorized,
  AccessTokenExpired,
  AccessTokenRevoked,
  ClientDisabled,
  ApplicationDisabled,
  Forbidden,
  InsufficientScopes,
  SandboxNotSupported,
  MissingRequiredParameter,
  ValueEmpty,
  ValueTooShort,
  ValueTooLong,
  ValueRegexMismatch,
  ExpectedJsonBody,
  InvalidContentType,
  UnsupportedMediaType,
  MethodNotAllowed,
  InvalidSquareVersionFormat,
  ApiVersionIncompatible,
  RateLimited,
  InternalServerError,
  NotImplemented,
  BadGateway,
  ServiceUnavailable,
  GatewayTimeout,
  TemporaryError,
  RequestTimeout
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
 * Every error that a Square cancel can fail with, as one schema: for journals and RPC.
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
 * Every error that a Square cancel can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = typeof CancelError.Type
