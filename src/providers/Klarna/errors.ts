/**
 * Klarna's error codes: one class each.
 *
 * What is known about the codes that a cancel at Klarna's Order Management can meet. Its
 * specification lists one for this call, `CANCEL_NOT_ALLOWED`; the others are those that its
 * pages list for any call, or that others have seen. Three classes have no code: a refusal of
 * credentials and one of a proxy come without an error, and so does the success.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("Klarna")
const doubt = Errors.doubt("Klarna")

/**
 * `CANCEL_NOT_ALLOWED`: the order is in no state to be cancelled; `paymentStatus` is what a
 * status query showed.
 *
 * @since 0.1.0
 * @category errors
 */
export class CancelNotAllowed extends refusal<CancelNotAllowed>()("CancelNotAllowed", {
  code: "CANCEL_NOT_ALLOWED", httpStatus: [403], category: "NotCancellable", about: "Payment",
  meaning: "the order has captures or is closed, and cannot be cancelled",
  remedy: "Read `paymentStatus`: refund a `CAPTURED` order; of a `PART_CAPTURED` one, refund or release what remains.",
  certainty: "Documented"
}) {}

/**
 * `NOT_ALLOWED`: the order does not allow this. Klarna documents it for a release of an order that
 * is fully captured, and for whatever its business rules do not allow; not for a cancel.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotAllowed extends refusal<NotAllowed>()("NotAllowed", {
  code: "NOT_ALLOWED", httpStatus: [403], category: "NotCancellable", about: "Payment",
  meaning: "the order does not allow this",
  remedy: "Read `paymentStatus`: an `AUTHORIZED` order is cancelled, and not released; if it was a cancel, ask Klarna what the account may do.",
  certainty: "Documented"
}) {}

/**
 * A 403 without an error of Klarna's: its DDoS protection, or a proxy, stopped the request. It
 * says nothing about the order, so the status is read before it is believed.
 *
 * @since 0.1.0
 * @category errors
 */
export class Blocked extends refusal<Blocked>()("Blocked", {
  code: null, httpStatus: [403], category: "Forbidden", about: "Payment",
  meaning: "the request was stopped before it reached Klarna's API",
  remedy: "Send less at once, from an address that Klarna does not block, and look for a proxy in between.",
  certainty: "Observed"
}) {}

/**
 * `INVALID_ORDER_ID`: what was given is no id of an order.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidOrderId extends refusal<InvalidOrderId>()("InvalidOrderId", {
  code: "INVALID_ORDER_ID", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "what was given is no id of an order",
  remedy: "Give Klarna's `order_id`, and not your own reference.",
  certainty: "Documented"
}) {}

/**
 * `BAD_VALUE`: something in the request is not acceptable, which may also mean the order's
 * state.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadValue extends refusal<BadValue>()("BadValue", {
  code: "BAD_VALUE", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "something in the request is not acceptable",
  remedy: "Read `paymentStatus`: if it is still `AUTHORIZED`, fix what `message` names.",
  certainty: "Inferred"
}) {}

/**
 * `UNPROCESSABLE_ENTITY`: the request is understood and not acceptable, which may also mean
 * the order's state.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnprocessableEntity extends refusal<UnprocessableEntity>()("UnprocessableEntity", {
  code: "UNPROCESSABLE_ENTITY", httpStatus: [422], category: "InvalidRequest", about: "Payment",
  meaning: "the request is understood and not acceptable",
  remedy: "Read `paymentStatus`: if it is still `AUTHORIZED`, fix what `message` names.",
  certainty: "Inferred"
}) {}

/**
 * `REQUEST_TOO_LARGE`: the request is too large.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTooLarge extends refusal<RequestTooLarge>()("RequestTooLarge", {
  code: "REQUEST_TOO_LARGE", httpStatus: [413], category: "InvalidRequest", about: "Request",
  meaning: "the request is too large",
  remedy: "A cancel has no body: look for a proxy that adds one, or headers.",
  certainty: "Documented"
}) {}

/**
 * `NO_SUCH_ORDER`: there is no such order for these credentials at this host.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoSuchOrder extends refusal<NoSuchOrder>()("NoSuchOrder", {
  code: "NO_SUCH_ORDER", httpStatus: [404], category: "NotFound", about: "Payment",
  meaning: "there is no such order for these credentials at this host",
  remedy: "Check the order's id, and that region, playground and account are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `NOT_FOUND`: what the request names is not there.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends refusal<NotFound>()("NotFound", {
  code: "NOT_FOUND", httpStatus: [404, 400], category: "NotFound", about: "Payment",
  meaning: "what the request names is not there",
  remedy: "Check the order's id, and that region, playground and account are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `UNAUTHORIZED`: the credentials are not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: "UNAUTHORIZED", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the credentials are not accepted",
  remedy: "Check user name and password, and that they belong to the host; a product that the contract lacks is refused alike.",
  certainty: "Observed"
}) {}

/**
 * A 401 without an error of Klarna's: the credentials are not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class AuthorizationRequired extends refusal<AuthorizationRequired>()("AuthorizationRequired", {
  code: null, httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the credentials are not accepted",
  remedy: "Check user name and password, and that they belong to the host; a product that the contract lacks is refused alike.",
  certainty: "Documented"
}) {}

/**
 * `TOO_MANY_REQUESTS`: too many requests.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRequests extends refusal<TooManyRequests>()("TooManyRequests", {
  code: "TOO_MANY_REQUESTS", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests: 200 in a second for an account, 50 at the playground",
  remedy: "Wait for `retryAfter`, and cancel again.",
  certainty: "Documented"
}) {}

/**
 * `CONFLICT`: another operation on the order is running at this moment, which may be an earlier
 * request with the same key. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class Conflict extends doubt<Conflict>()("Conflict", {
  code: "CONFLICT", httpStatus: [409], category: "Conflict", about: "Payment", stillRunning: true,
  meaning: "another operation on the order is running at this moment, and what was asked may yet be done",
  remedy: "Read the `status`, of a release the `releaseStatus`; if it stays as it was, make the same call again with the error's `idempotencyKey`.",
  certainty: "Inferred"
}) {}

/**
 * A 204, and no status query could confirm it. The outcome is unknown. Klarna documents this
 * answer as the cancellation itself, or the release; it names neither the order nor its status, so
 * it is not taken for a proof.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotConfirmed extends doubt<NotConfirmed>()("NotConfirmed", {
  code: null, httpStatus: [204], category: "Unexpected", about: "Payment",
  meaning: "Klarna answered that it is done, and no status query could confirm it",
  remedy: "Read the `status`: most likely it says `CANCELLED`. Of a release, read the `releaseStatus`.",
  certainty: "Documented"
}) {}

/**
 * `INTERNAL_SERVER_ERROR`: Klarna failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalServerError extends doubt<InternalServerError>()("InternalServerError", {
  code: "INTERNAL_SERVER_ERROR", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "Klarna failed, and whether it did what was asked is unknown",
  remedy: "Make the same call again after five minutes with the error's `idempotencyKey`, or read the `status`, of a release the `releaseStatus`.",
  certainty: "Documented"
}) {}

/**
 * `UNEXPECTED_ERROR`: Klarna failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedError extends doubt<UnexpectedError>()("UnexpectedError", {
  code: "UNEXPECTED_ERROR", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "Klarna failed, and whether it did what was asked is unknown",
  remedy: "Make the same call again after five minutes with the error's `idempotencyKey`, or read the `status`, of a release the `releaseStatus`.",
  certainty: "Documented"
}) {}

/**
 * `INTERNAL_ERROR`: Klarna failed, in the words of its newer APIs. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalError extends doubt<InternalError>()("InternalError", {
  code: "INTERNAL_ERROR", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "Klarna failed, and whether it did what was asked is unknown",
  remedy: "Make the same call again after five minutes with the error's `idempotencyKey`, or read the `status`, of a release the `releaseStatus`.",
  certainty: "Documented"
}) {}

/**
 * `TIMEOUT`: Klarna gave up after 59 seconds of its own. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class Timeout extends doubt<Timeout>()("Timeout", {
  code: "TIMEOUT", httpStatus: [500, 504], category: "ProviderFault", about: "Request",
  meaning: "Klarna gave up after 59 seconds, and whether it did what was asked is unknown",
  remedy: "Make the same call again after five minutes with the error's `idempotencyKey`, or read the `status`, of a release the `releaseStatus`.",
  certainty: "Documented"
}) {}

/**
 * `TEMPORARILY_UNAVAILABLE`: Klarna is not available. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class TemporarilyUnavailable extends doubt<TemporarilyUnavailable>()("TemporarilyUnavailable", {
  code: "TEMPORARILY_UNAVAILABLE", httpStatus: [503, 502, 504], category: "ProviderFault", about: "Request",
  meaning: "Klarna is not available, and whether it did what was asked is unknown",
  remedy: "Make the same call again after five minutes with the error's `idempotencyKey`, or read the `status`, of a release the `releaseStatus`.",
  certainty: "Documented"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the
 * category is what the HTTP status says: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("Klarna")<Unrecognized>() {}
