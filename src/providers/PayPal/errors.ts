/**
 * PayPal's error codes: one class each.
 *
 * An error of PayPal has a `name` for its kind, and an `issue` in its `details` for what is wrong.
 * The code is the issue, or the name if no issue is listed here. If an answer has several issues, the
 * first listed one counts, and `PREVIOUSLY_VOIDED` only if no other one is listed. OAuth's errors have
 * an `error` instead: when PayPal issues no access token, or does not accept one.
 *
 * A 422 with any other issue is `Unrecognized`, and keeps the issue: the name is the same for every
 * 422. Codes of PayPal's older API and of other calls, such as `AUTHORIZATION_VOIDED`, are not
 * treated as one of these.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("PayPal")
const doubt = Errors.doubt("PayPal")

/**
 * `PREVIOUSLY_CAPTURED`: the authorization was captured already; `paymentStatus` is what a status
 * query showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class PreviouslyCaptured extends refusal<PreviouslyCaptured>()("PreviouslyCaptured", {
  code: "PREVIOUSLY_CAPTURED", httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "the authorization was captured already",
  remedy: "Read `paymentStatus`: refund the capture of a `CAPTURED` one.",
  certainty: "Documented"
}) {}

/**
 * `PREVIOUSLY_VOIDED`: the authorization was voided already. This states the status, so a cancel
 * that is answered with it succeeds: as `AlreadyCancelled`, or as `Cancelled` if an earlier request of
 * the same cancel may have done it.
 *
 * @since 0.1.0
 * @category errors
 */
export class PreviouslyVoided extends refusal<PreviouslyVoided>()("PreviouslyVoided", {
  code: "PREVIOUSLY_VOIDED", httpStatus: [422], category: "NotCancellable", about: "Payment", states: "VOIDED",
  meaning: "the authorization was voided already",
  remedy: "Nothing is left to cancel.",
  certainty: "Documented"
}) {}

/**
 * `CANNOT_BE_VOIDED`: it is a reauthorization. Only the authorization that it renews can be voided.
 *
 * @since 0.1.0
 * @category errors
 */
export class CannotBeVoided extends refusal<CannotBeVoided>()("CannotBeVoided", {
  code: "CANNOT_BE_VOIDED", httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "it is a reauthorization, and only the authorization that it renews can be voided",
  remedy: "Cancel the first authorization of the order.",
  certainty: "Documented"
}) {}

/**
 * `PREVIOUS_REQUEST_IN_PROGRESS`: an earlier request about the authorization is still being worked on:
 * possibly this void, possibly a capture. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class PreviousRequestInProgress extends doubt<PreviousRequestInProgress>()("PreviousRequestInProgress", {
  code: "PREVIOUS_REQUEST_IN_PROGRESS", httpStatus: [409], category: "Conflict", about: "Payment", stillRunning: true,
  meaning: "an earlier request about the authorization is still being worked on, so it may still be voided",
  remedy: "Wait, then call `cancel` again with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Documented"
}) {}

/**
 * `RESOURCE_CONFLICT`: a conflict without a listed issue. An earlier request may still be running: the
 * outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResourceConflict extends doubt<ResourceConflict>()("ResourceConflict", {
  code: "RESOURCE_CONFLICT", httpStatus: [409], category: "Conflict", about: "Payment", stillRunning: true,
  meaning: "PayPal reports a conflict without a listed issue: an earlier request may still be running",
  remedy: "Wait, then call `cancel` again with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Documented"
}) {}

/**
 * `INVALID_RESOURCE_ID`: there is no such authorization for this app.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidResourceId extends refusal<InvalidResourceId>()("InvalidResourceId", {
  code: "INVALID_RESOURCE_ID", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such authorization for this app",
  remedy: "Check that the id is an authorization's, not an order's or a capture's, and that live and sandbox are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `RESOURCE_NOT_FOUND`: the same without a listed issue: there is no such authorization for this app.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResourceNotFound extends refusal<ResourceNotFound>()("ResourceNotFound", {
  code: "RESOURCE_NOT_FOUND", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such authorization for this app; the answer has no listed issue",
  remedy: "Check that the id is an authorization's, not an order's or a capture's, and that live and sandbox are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `PERMISSION_DENIED`: the app may not do this with the authorization.
 *
 * @since 0.1.0
 * @category errors
 */
export class PermissionDenied extends refusal<PermissionDenied>()("PermissionDenied", {
  code: "PERMISSION_DENIED", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the app may not do this with the authorization",
  remedy: "Check that the authorization belongs to the app's account, and that the app may capture payments.",
  certainty: "Documented"
}) {}

/**
 * `NOT_AUTHORIZED`: the app may not do this; the answer has no listed issue.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotAuthorized extends refusal<NotAuthorized>()("NotAuthorized", {
  code: "NOT_AUTHORIZED", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the app may not do this; the answer has no listed issue",
  remedy: "Check that the authorization belongs to the app's account, and that the app may capture payments.",
  certainty: "Documented"
}) {}

/**
 * `INVALID_ACCOUNT_STATUS`: PayPal's checks of the account failed.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidAccountStatus extends refusal<InvalidAccountStatus>()("InvalidAccountStatus", {
  code: "INVALID_ACCOUNT_STATUS", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "PayPal's checks of the account failed",
  remedy: "Contact PayPal's support about the account of the app.",
  certainty: "Documented"
}) {}

/**
 * `AUTHENTICATION_FAILURE`: PayPal could not authenticate the request; the answer has no listed issue.
 *
 * @since 0.1.0
 * @category errors
 */
export class AuthenticationFailure extends refusal<AuthenticationFailure>()("AuthenticationFailure", {
  code: "AUTHENTICATION_FAILURE", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "PayPal could not authenticate the request; the answer has no listed issue",
  remedy: "Check the app's credentials, and that they belong to the host.",
  certainty: "Documented"
}) {}

/**
 * `invalid_token`: PayPal does not accept the access token, although it was issued for this cancel.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidToken extends refusal<InvalidToken>()("InvalidToken", {
  code: "invalid_token", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "PayPal does not accept an access token that it has just issued",
  remedy: "Check that the app's credentials belong to the host.",
  certainty: "Observed"
}) {}

/**
 * `invalid_client`: PayPal does not accept the client id and secret, and issues no access token.
 * The cancel was not sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidClient extends refusal<InvalidClient>()("InvalidClient", {
  code: "invalid_client", httpStatus: [401, 400], category: "Unauthenticated", about: "Request",
  meaning: "PayPal does not accept the client id and secret, and issues no access token",
  remedy: "Check the app's credentials, and that they belong to the host.",
  certainty: "Observed"
}) {}

/**
 * `unauthorized_client`: the app may not have an access token in this way. The cancel was not sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnauthorizedClient extends refusal<UnauthorizedClient>()("UnauthorizedClient", {
  code: "unauthorized_client", httpStatus: [400, 401], category: "Forbidden", about: "Request",
  meaning: "the app may not have an access token in this way",
  remedy: "Contact PayPal's support about the app.",
  certainty: "Inferred"
}) {}

/**
 * `unsupported_grant_type`: the request for an access token did not arrive as it was sent. The cancel
 * was not sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnsupportedGrantType extends refusal<UnsupportedGrantType>()("UnsupportedGrantType", {
  code: "unsupported_grant_type", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the request for an access token did not arrive as it was sent",
  remedy: "Look for a proxy that rewrites headers or bodies.",
  certainty: "Inferred"
}) {}

/**
 * A 401 without any code, possibly without a body: PayPal does not accept an access token that it has
 * just issued.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: null, httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the request is not authorized; the answer says no more",
  remedy: "Check the app's credentials, and that they belong to the host.",
  certainty: "Observed"
}) {}

/**
 * `INVALID_REQUEST`: the request is not well-formed.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequest extends refusal<InvalidRequest>()("InvalidRequest", {
  code: "INVALID_REQUEST", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the request is not well-formed",
  remedy: "Read `details`: it names the field.",
  certainty: "Documented"
}) {}

/**
 * `METHOD_NOT_SUPPORTED`: PayPal knows no such method there.
 *
 * @since 0.1.0
 * @category errors
 */
export class MethodNotSupported extends refusal<MethodNotSupported>()("MethodNotSupported", {
  code: "METHOD_NOT_SUPPORTED", httpStatus: [405], category: "InvalidRequest", about: "Request",
  meaning: "PayPal knows no such method there",
  remedy: "Look for a proxy that rewrites requests, and check the base URL.",
  certainty: "Documented"
}) {}

/**
 * `MEDIA_TYPE_NOT_ACCEPTABLE`: PayPal does not answer in the media type that was asked for.
 *
 * @since 0.1.0
 * @category errors
 */
export class MediaTypeNotAcceptable extends refusal<MediaTypeNotAcceptable>()("MediaTypeNotAcceptable", {
  code: "MEDIA_TYPE_NOT_ACCEPTABLE", httpStatus: [406], category: "InvalidRequest", about: "Request",
  meaning: "PayPal does not answer in the media type that was asked for",
  remedy: "Look for a proxy that rewrites headers.",
  certainty: "Documented"
}) {}

/**
 * `UNSUPPORTED_MEDIA_TYPE`: the body did not arrive as JSON.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnsupportedMediaType extends refusal<UnsupportedMediaType>()("UnsupportedMediaType", {
  code: "UNSUPPORTED_MEDIA_TYPE", httpStatus: [415], category: "InvalidRequest", about: "Request",
  meaning: "the body did not arrive as JSON",
  remedy: "Look for a proxy that rewrites headers or bodies.",
  certainty: "Documented"
}) {}

/**
 * `RATE_LIMIT_REACHED`: too many requests. PayPal publishes no numbers.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimitReached extends refusal<RateLimitReached>()("RateLimitReached", {
  code: "RATE_LIMIT_REACHED", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests",
  remedy: "Wait for `retryAfter`, or for 30 seconds, and cancel again.",
  certainty: "Documented"
}) {}

/**
 * A 204, and no status query could confirm it. The outcome is unknown. PayPal documents this answer
 * as the void itself, for requests that do not ask for the authorization, as this library does. It
 * names neither the authorization nor its status, so it is not treated as proof.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotConfirmed extends doubt<NotConfirmed>()("NotConfirmed", {
  code: null, httpStatus: [204], category: "Unexpected", about: "Payment",
  meaning: "PayPal answered that the authorization is voided, and no status query could confirm it",
  remedy: "Read the `status`: most likely it says `VOIDED`.",
  certainty: "Documented"
}) {}

/**
 * `INTERNAL_SERVER_ERROR`: PayPal failed, and may still have voided the authorization. The outcome
 * is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalServerError extends doubt<InternalServerError>()("InternalServerError", {
  code: "INTERNAL_SERVER_ERROR", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "PayPal failed, and may still have voided the authorization",
  remedy: "Call `cancel` again with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Documented"
}) {}

/**
 * `SERVICE_UNAVAILABLE`: PayPal is not available, and may still have voided the authorization. The
 * outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServiceUnavailable extends doubt<ServiceUnavailable>()("ServiceUnavailable", {
  code: "SERVICE_UNAVAILABLE", httpStatus: [503], category: "ProviderFault", about: "Request",
  meaning: "PayPal is not available, and may still have voided the authorization",
  remedy: "Call `cancel` again with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Documented"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the category
 * follows from the HTTP status: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("PayPal")<Unrecognized>() {}
