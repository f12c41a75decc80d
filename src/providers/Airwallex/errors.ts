/**
 * Airwallex's error codes: one class each.
 *
 * Airwallex answers most errors with a 400, and not all of them refuse: its own failures and those of
 * the payment provider behind it come with a 400 too. Those leave the outcome open. Codes that only
 * other calls can meet, such as `issuer_declined` of a confirm, are not listed: with one of them the
 * error is `Unrecognized`, and the status is read.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("Airwallex")
const doubt = Errors.doubt("Airwallex")

/**
 * `invalid_status_for_operation`: the PaymentIntent is in a status in which it cannot be cancelled;
 * `paymentStatus` is what a status query showed. Presumably a cancelled one gets it too, which is then
 * `AlreadyCancelled`.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidStatusForOperation extends refusal<InvalidStatusForOperation>()("InvalidStatusForOperation", {
  code: "invalid_status_for_operation", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the PaymentIntent is in a status in which it cannot be cancelled",
  remedy: "Read `paymentStatus`: refund a `SUCCEEDED` one.",
  certainty: "Documented"
}) {}

/**
 * `operation_not_supported`: the PaymentIntent cannot be cancelled, for example because of its payment
 * method.
 *
 * @since 0.1.0
 * @category errors
 */
export class OperationNotSupported extends refusal<OperationNotSupported>()("OperationNotSupported", {
  code: "operation_not_supported", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the PaymentIntent cannot be cancelled, for example because of its payment method",
  remedy: "Let it end, and refund it once it is `SUCCEEDED`.",
  certainty: "Documented"
}) {}

/**
 * `provider_declined`: the payment provider behind Airwallex declined.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProviderDeclined extends refusal<ProviderDeclined>()("ProviderDeclined", {
  code: "provider_declined", httpStatus: [400], category: "NotCancellable", about: "Payment",
  meaning: "the payment provider behind Airwallex declined",
  remedy: "Read `details`: it may have the provider's own code. Capture nothing, and let the authorization expire, or refund later.",
  certainty: "Documented"
}) {}

/**
 * `duplicate_request`: an earlier request had this `request_id`: this very cancel, or another request
 * of yours. Airwallex does not repeat what it answered then. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class DuplicateRequest extends doubt<DuplicateRequest>()("DuplicateRequest", {
  code: "duplicate_request", httpStatus: [400], category: "Conflict", about: "Payment",
  meaning: "an earlier request had this `request_id`, and what it was answered is not repeated",
  remedy: "Read the `status`. If it stays cancellable, cancel again without `idempotencyKey`: a PaymentIntent is cancelled at most once.",
  certainty: "Documented"
}) {}

/**
 * `resource_not_found`: there is no such PaymentIntent for this account.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResourceNotFound extends refusal<ResourceNotFound>()("ResourceNotFound", {
  code: "resource_not_found", httpStatus: [400, 404], category: "NotFound", about: "Request",
  meaning: "there is no such PaymentIntent for this account",
  remedy: "Check the id, `loginAs` and `onBehalfOf`, and that live and sandbox are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `not_found`: there is no such endpoint. Airwallex answers so too if the id is not one of a
 * PaymentIntent.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends refusal<NotFound>()("NotFound", {
  code: "not_found", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "there is no such endpoint, or the id is not one of a PaymentIntent",
  remedy: "Check the id and the base URL.",
  certainty: "Observed"
}) {}

/**
 * `validation_error`: a field is missing or not acceptable.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValidationError extends refusal<ValidationError>()("ValidationError", {
  code: "validation_error", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "a field is missing or not acceptable",
  remedy: "Read `details`: `source` names the field.",
  certainty: "Documented"
}) {}

/**
 * `invalid_argument`: a value is not acceptable, for example a client id that is not a UUID when the
 * access token is requested. In that case the cancel was not sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidArgument extends refusal<InvalidArgument>()("InvalidArgument", {
  code: "invalid_argument", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "a value is not acceptable, for example a client id that is not a UUID",
  remedy: "Read `details`: `source` names the field. Check the client id.",
  certainty: "Documented"
}) {}

/**
 * `unauthorized`: Airwallex does not accept the access token, or issues none. In the latter case the
 * cancel was not sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: "unauthorized", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "Airwallex does not accept the access token, or issues none",
  remedy: "Check the client id and the API key, and that they belong to the host.",
  certainty: "Documented"
}) {}

/**
 * `configuration_error`: the account's configuration does not allow it.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConfigurationError extends refusal<ConfigurationError>()("ConfigurationError", {
  code: "configuration_error", httpStatus: [400], category: "Forbidden", about: "Request",
  meaning: "the account's configuration does not allow it",
  remedy: "Contact Airwallex's support about the account.",
  certainty: "Documented"
}) {}

/**
 * `suspended_from_online_payments`: the account is suspended from online payments.
 *
 * @since 0.1.0
 * @category errors
 */
export class SuspendedFromOnlinePayments extends refusal<SuspendedFromOnlinePayments>()("SuspendedFromOnlinePayments", {
  code: "suspended_from_online_payments", httpStatus: [400], category: "Forbidden", about: "Request",
  meaning: "the account is suspended from online payments",
  remedy: "Contact Airwallex's support about the account.",
  certainty: "Documented"
}) {}

/**
 * `frequency_above_limit`: this operation was called too often for the PaymentIntent or the account.
 * Airwallex does not say when it may be called again.
 *
 * @since 0.1.0
 * @category errors
 */
export class FrequencyAboveLimit extends refusal<FrequencyAboveLimit>()("FrequencyAboveLimit", {
  code: "frequency_above_limit", httpStatus: [400], category: "RateLimited", about: "Request",
  meaning: "this operation was called too often",
  remedy: "Cancel again later.",
  certainty: "Documented"
}) {}

/**
 * `too_many_requests`: too many requests in a second, or at the same time.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRequests extends refusal<TooManyRequests>()("TooManyRequests", {
  code: "too_many_requests", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests in a second, or at the same time",
  remedy: "Cancel again later, and send fewer at a time.",
  certainty: "Documented"
}) {}

/**
 * `provider_unavailable`: the payment provider behind Airwallex is not available. Airwallex does not
 * say what has been done by then: the outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProviderUnavailable extends doubt<ProviderUnavailable>()("ProviderUnavailable", {
  code: "provider_unavailable", httpStatus: [400], category: "ProviderFault", about: "Request",
  meaning: "the payment provider behind Airwallex is not available, and may have acted before",
  remedy: "Read the `status`, or call `cancel` again later with the error's `idempotencyKey`.",
  certainty: "Documented"
}) {}

/**
 * `issuer_unavailable`: the issuer of the card is not available. Airwallex does not say what has been
 * done by then: the outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class IssuerUnavailable extends doubt<IssuerUnavailable>()("IssuerUnavailable", {
  code: "issuer_unavailable", httpStatus: [400], category: "ProviderFault", about: "Request",
  meaning: "the issuer of the card is not available, and may have acted before",
  remedy: "Read the `status`, or call `cancel` again later with the error's `idempotencyKey`.",
  certainty: "Documented"
}) {}

/**
 * `service_unavailable`: Airwallex is not available, and may still have cancelled the PaymentIntent.
 * The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServiceUnavailable extends doubt<ServiceUnavailable>()("ServiceUnavailable", {
  code: "service_unavailable", httpStatus: [400, 503], category: "ProviderFault", about: "Request",
  meaning: "Airwallex is not available, and may still have cancelled the PaymentIntent",
  remedy: "Read the `status`, or call `cancel` again later with the error's `idempotencyKey`.",
  certainty: "Documented"
}) {}

/**
 * `internal_error`: Airwallex failed, and may still have cancelled the PaymentIntent. The outcome is
 * unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalError extends doubt<InternalError>()("InternalError", {
  code: "internal_error", httpStatus: [500, 400], category: "ProviderFault", about: "Request",
  meaning: "Airwallex failed, and may still have cancelled the PaymentIntent",
  remedy: "Read the `status`, or call `cancel` again later with the error's `idempotencyKey`.",
  certainty: "Documented"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the category
 * follows from the HTTP status: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("Airwallex")<Unrecognized>() {}
