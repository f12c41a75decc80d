/**
 * Adyen's error codes: one class each.
 *
 * What is known about the codes of Adyen that a cancel can meet. Adyen's codes are numbers
 * without a name, so the classes are named after what they mean; `code` keeps the number.
 *
 * For a payment that can no longer be cancelled, Adyen usually does not refuse the request: it
 * accepts it, and declines it by webhook.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("Adyen")
const doubt = Errors.doubt("Adyen")

/**
 * `000`: the API key is not accepted. Adyen checks this before anything else.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends refusal<Unauthorized>()("Unauthorized", {
  code: "000", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the API key is not accepted",
  remedy: "Check the API key, and that test and live are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `010`: the web service user does not have permission for this.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotAllowed extends refusal<NotAllowed>()("NotAllowed", {
  code: "010", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the web service user does not have permission for this",
  remedy: "Give the user of the API key the role for modifications.",
  certainty: "Inferred"
}) {}

/**
 * `167`: the value given as the payment's PSP reference is not one.
 *
 * @since 0.1.0
 * @category errors
 */
export class OriginalReferenceRequired extends refusal<OriginalReferenceRequired>()("OriginalReferenceRequired", {
  code: "167", httpStatus: [422], category: "InvalidRequest", about: "Payment",
  meaning: "the value given as the payment's PSP reference is not one",
  remedy: "Cancel with the PSP reference of the payment itself, not of a capture or another modification.",
  certainty: "Observed"
}) {}

/**
 * `702`: the request could not be read.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedInput extends refusal<UnexpectedInput>()("UnexpectedInput", {
  code: "702", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the request could not be read",
  remedy: "Look for a proxy that changes bodies.",
  certainty: "Documented"
}) {}

/**
 * `703`: Adyen cannot look up the idempotency key. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyStoreUnavailable extends doubt<IdempotencyStoreUnavailable>()("IdempotencyStoreUnavailable", {
  code: "703", httpStatus: [503], category: "ProviderFault", about: "Request",
  meaning: "Adyen cannot look up the idempotency key, so whether a request under it was accepted is unknown",
  remedy: "Call the operation again later with the error's `idempotencyKey`.",
  certainty: "Documented"
}) {}

/**
 * `704`: an earlier request with the same key is still being processed, or the key was used for
 * another request. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyKeyInUse extends doubt<IdempotencyKeyInUse>()("IdempotencyKeyInUse", {
  code: "704", httpStatus: [422, 409], category: "Conflict", about: "Request", stillRunning: true,
  meaning: "an earlier request with the same key is still being processed, or the key was used for another request",
  remedy: "Wait, then call the operation again with the error's `idempotencyKey`; use a fresh key for another cancel.",
  certainty: "Documented"
}) {}

/**
 * `901`: there is no such merchant account for this API key.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidMerchantAccount extends refusal<InvalidMerchantAccount>()("InvalidMerchantAccount", {
  code: "901", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "there is no such merchant account for this API key",
  remedy: "Check the merchant account, and that the user of the API key has access to it.",
  certainty: "Documented"
}) {}

/**
 * `905`: the request failed because of the account's configuration at Adyen. The HTTP status is
 * 500, so the outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentDetailsNotSupported extends doubt<PaymentDetailsNotSupported>()("PaymentDetailsNotSupported", {
  code: "905", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "the request failed because of the account's configuration at Adyen, and whether it was accepted is unknown",
  remedy: "Contact Adyen's support with the error's `requestId`, or wait for the webhook.",
  certainty: "Documented"
}) {}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the category
 * follows from the HTTP status: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("Adyen")<Unrecognized>() {}
