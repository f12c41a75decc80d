/**
 * Mollie's errors: one class for each HTTP status.
 *
 * Mollie has no error codes. What is wrong is told by the HTTP status, and by `detail` in words,
 * which the error has as its `message`. Of a cancel and of a release its specification declares
 * 404, 422 and 429; the others are those that its guide lists for any call.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("Mollie")
const doubt = Errors.doubt("Mollie")

/**
 * A 422: the payment is in no state for this, or is cancelled already. Mollie answers both alike,
 * so the status is read before it is believed; `paymentStatus` is what that showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnprocessableEntity extends refusal<UnprocessableEntity>()("UnprocessableEntity", {
  code: null, httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "the payment is in no state for this",
  remedy: "Read `paymentStatus`: release an `authorized` payment with `Mollie.releaseAuthorization`, and refund a `paid` one.",
  certainty: "Documented"
}) {}

/**
 * A 404: there is no such payment for this key.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends refusal<NotFound>()("NotFound", {
  code: null, httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such payment for this key",
  remedy: "Check the payment's id, and that live mode, test mode and profile are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * A 410: the payment was deleted. That is not said to be a cancel, so the status is read before it
 * is believed.
 *
 * @since 0.1.0
 * @category errors
 */
export class Gone extends refusal<Gone>()("Gone", {
  code: null, httpStatus: [410], category: "NotFound", about: "Payment",
  meaning: "the payment was deleted",
  remedy: "Look the payment up in Mollie's Dashboard.",
  certainty: "Documented"
}) {}

/**
 * A 401: the key is not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: null, httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the key is not accepted",
  remedy: "Check the key, and whether it was replaced or an access token has expired.",
  certainty: "Documented"
}) {}

/**
 * A 403: the key may not do this.
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends refusal<Forbidden>()("Forbidden", {
  code: null, httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the key may not do this",
  remedy: "Give an access token the scopes `payments.read` and `payments.write`.",
  certainty: "Documented"
}) {}

/**
 * A 400: the request is not understood, or its key came with another request before. That one may
 * have been about the payment, so the status is read before it is believed.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadRequest extends refusal<BadRequest>()("BadRequest", {
  code: null, httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "the request is not understood, or its idempotency key was used for another one",
  remedy: "Read `message`; use an idempotency key for one request only.",
  certainty: "Documented"
}) {}

/**
 * A 405: the address does not take this method.
 *
 * @since 0.1.0
 * @category errors
 */
export class MethodNotAllowed extends refusal<MethodNotAllowed>()("MethodNotAllowed", {
  code: null, httpStatus: [405], category: "InvalidRequest", about: "Request",
  meaning: "the address does not take this method",
  remedy: "Check `baseUrl`, and look for a proxy in between.",
  certainty: "Documented"
}) {}

/**
 * A 415: the body is not taken for JSON.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnsupportedMediaType extends refusal<UnsupportedMediaType>()("UnsupportedMediaType", {
  code: null, httpStatus: [415], category: "InvalidRequest", about: "Request",
  meaning: "the body is not taken for JSON",
  remedy: "Look for a proxy that changes the request.",
  certainty: "Documented"
}) {}

/**
 * A 429: too many requests.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRequests extends refusal<TooManyRequests>()("TooManyRequests", {
  code: null, httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests",
  remedy: "Wait for `retryAfter`, and cancel again.",
  certainty: "Documented"
}) {}

/**
 * A 409: a request with the same key is still being worked on, or was just made. The outcome is
 * unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class Conflict extends doubt<Conflict>()("Conflict", {
  code: null, httpStatus: [409], category: "Conflict", about: "Request", stillRunning: true,
  meaning: "the same request is still being worked on, so the payment may yet be cancelled",
  remedy: "Read the `status`, of a release the `releaseStatus`, or make the same call again later with the error's `idempotencyKey`.",
  certainty: "Documented"
}) {}

/**
 * A 500: Mollie failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalServerError extends doubt<InternalServerError>()("InternalServerError", {
  code: null, httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "Mollie failed, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`, of a release the `releaseStatus`; if it has not changed after some minutes, make the same call again.",
  certainty: "Documented"
}) {}

/**
 * A 502: Mollie cannot be reached behind its own gateway. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadGateway extends doubt<BadGateway>()("BadGateway", {
  code: null, httpStatus: [502], category: "ProviderFault", about: "Request",
  meaning: "Mollie is not available, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`, of a release the `releaseStatus`; if it has not changed after some minutes, make the same call again.",
  certainty: "Documented"
}) {}

/**
 * A 503: Mollie is not available. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServiceUnavailable extends doubt<ServiceUnavailable>()("ServiceUnavailable", {
  code: null, httpStatus: [503], category: "ProviderFault", about: "Request",
  meaning: "Mollie is not available, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`, of a release the `releaseStatus`; if it has not changed after some minutes, make the same call again.",
  certainty: "Documented"
}) {}

/**
 * A 504: Mollie took too long. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class GatewayTimeout extends doubt<GatewayTimeout>()("GatewayTimeout", {
  code: null, httpStatus: [504], category: "ProviderFault", about: "Request",
  meaning: "Mollie took too long, and whether the payment is cancelled is unknown",
  remedy: "Read the `status`, of a release the `releaseStatus`; if it has not changed after some minutes, make the same call again.",
  certainty: "Documented"
}) {}

/**
 * A 4xx with a status that is not listed here. The category is what the HTTP status says:
 * `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("Mollie")<Unrecognized>() {}
