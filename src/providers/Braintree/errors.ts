/**
 * Braintree's error codes: one class each.
 *
 * A void can meet one code, `91504`. Its other refusals have no code: Braintree's SDKs go by the
 * HTTP status alone and do not look at the body, and so do these classes. The codes of Braintree's
 * list that are about other requests stay `Unrecognized`.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("Braintree")
const doubt = Errors.doubt("Braintree")

/**
 * `91504`: the transaction is in no status to be voided, or is voided already; `paymentStatus` is
 * what a status query showed. One that shows `voided` is no error: it becomes a success.
 *
 * @since 0.1.0
 * @category errors
 */
export class CannotBeVoided extends refusal<CannotBeVoided>()("CannotBeVoided", {
  code: "91504", httpStatus: [422], category: "NotCancellable", about: "Payment",
  meaning: "the transaction is not authorized or submitted for settlement, nor pending settlement at PayPal",
  remedy: "Read `paymentStatus`: refund a transaction that is `settling` or `settled`.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 401: the keys are not accepted.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: null, httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the keys are not accepted",
  remedy: "Check both keys, and that sandbox and production are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 403: the API key's user may not do this. It says nothing about the
 * transaction, so the status is read before it is believed.
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends refusal<Forbidden>()("Forbidden", {
  code: null, httpStatus: [403], category: "Forbidden", about: "Payment",
  meaning: "the role of the API key's user does not allow voids",
  remedy: "Give the user of the API key a role that may void transactions, and look for a proxy in between.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 404: the merchant has no such transaction.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends refusal<NotFound>()("NotFound", {
  code: null, httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "the merchant has no such transaction",
  remedy: "Check the id of the transaction, and the merchant id.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 426: Braintree no longer takes this version of its API.
 *
 * @since 0.1.0
 * @category errors
 */
export class UpgradeRequired extends refusal<UpgradeRequired>()("UpgradeRequired", {
  code: null, httpStatus: [426], category: "InvalidRequest", about: "Request",
  meaning: "Braintree no longer takes the version of its API that was asked for",
  remedy: "Upgrade this library.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 429: too many requests.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRequests extends refusal<TooManyRequests>()("TooManyRequests", {
  code: null, httpStatus: [429], category: "RateLimited", about: "Request",
  meaning: "too many requests",
  remedy: "Wait for `retryAfter`, and cancel again.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 500: Braintree failed. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerError extends doubt<ServerError>()("ServerError", {
  code: null, httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "Braintree failed, and whether the transaction is voided is unknown",
  remedy: "Read the `status` later; if it can still be voided, call `cancel` again.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 503: Braintree is not available, or the request took too long. The
 * outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServiceUnavailable extends doubt<ServiceUnavailable>()("ServiceUnavailable", {
  code: null, httpStatus: [503], category: "ProviderFault", about: "Request",
  meaning: "Braintree is not available or took too long, and whether the transaction is voided is unknown",
  remedy: "Read the `status` later; if it can still be voided, call `cancel` again.",
  certainty: "Documented"
}) {}

/**
 * No code, with HTTP status 504: Braintree's gateway waited too long. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class GatewayTimeout extends doubt<GatewayTimeout>()("GatewayTimeout", {
  code: null, httpStatus: [504], category: "ProviderFault", about: "Request",
  meaning: "Braintree's gateway waited too long, and whether the transaction is voided is unknown",
  remedy: "Read the `status` later; if it can still be voided, call `cancel` again.",
  certainty: "Documented"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the
 * category is what the HTTP status says: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("Braintree")<Unrecognized>() {}
