/**
 * Authorize.net's error codes: one class each.
 *
 * Authorize.net answers everything with HTTP status 200, so `httpStatus` of a row is what the code
 * stands for here, and nothing that Authorize.net sends. There are two kinds of codes: those that
 * begin with E are about the request, in `messages`, and plain numbers are about the transaction,
 * in `transactionResponse`. Its list has hundreds, for all of its operations at once: here are
 * those that can plausibly meet a void. An answer with any other one proves nothing: it is
 * `CancelError.UnexpectedResponse`, with the code.
 *
 * @since 0.1.0
 */
import * as Errors from "../../authoring/Errors.js"

const refusal = Errors.refusal("AuthorizeNet")
const doubt = Errors.doubt("AuthorizeNet")

/**
 * `E00001`: an unexpected error of Authorize.net's own system. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class SystemError extends doubt<SystemError>()("SystemError", {
  code: "E00001", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "an unexpected error of Authorize.net's own system, and whether the transaction is voided is unknown",
  remedy: "Read the `status` later, or cancel again.",
  certainty: "Documented"
}) {}

/**
 * `E00002`: the content type is not supported.
 *
 * @since 0.1.0
 * @category errors
 */
export class ContentTypeNotSupported extends refusal<ContentTypeNotSupported>()("ContentTypeNotSupported", {
  code: "E00002", httpStatus: [415], category: "InvalidRequest", about: "Request",
  meaning: "the content type is not supported",
  remedy: "Look for a proxy that changes headers.",
  certainty: "Documented"
}) {}

/**
 * `E00003`: the request could not be read, or its fields are not in the order of the schema.
 *
 * @since 0.1.0
 * @category errors
 */
export class ParsingFailed extends refusal<ParsingFailed>()("ParsingFailed", {
  code: "E00003", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the request could not be read, or its fields are not in the order of the schema",
  remedy: "Look for a proxy that changes bodies.",
  certainty: "Documented"
}) {}

/**
 * `E00004`: there is no such API method.
 *
 * @since 0.1.0
 * @category errors
 */
export class MethodInvalid extends refusal<MethodInvalid>()("MethodInvalid", {
  code: "E00004", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "there is no such API method",
  remedy: "Check `baseUrl`, and look for a proxy that changes bodies.",
  certainty: "Documented"
}) {}

/**
 * `E00005`: the Transaction Key is invalid or not present.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransactionKeyInvalid extends refusal<TransactionKeyInvalid>()("TransactionKeyInvalid", {
  code: "E00005", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the Transaction Key is invalid or not present",
  remedy: "Check the Transaction Key.",
  certainty: "Documented"
}) {}

/**
 * `E00006`: the API Login ID is invalid or not present.
 *
 * @since 0.1.0
 * @category errors
 */
export class LoginInvalid extends refusal<LoginInvalid>()("LoginInvalid", {
  code: "E00006", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the API Login ID is invalid or not present",
  remedy: "Check the API Login ID.",
  certainty: "Documented"
}) {}

/**
 * `E00007`: the API Login ID or the Transaction Key is wrong, or both.
 *
 * @since 0.1.0
 * @category errors
 */
export class AuthenticationFailed extends refusal<AuthenticationFailed>()("AuthenticationFailed", {
  code: "E00007", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the API Login ID or the Transaction Key is wrong, or both",
  remedy: "Check both, and that sandbox and production are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `E00008`: the account or the API user is not active.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccountInactive extends refusal<AccountInactive>()("AccountInactive", {
  code: "E00008", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the account or the API user is not active",
  remedy: "Ask Authorize.net to activate the account.",
  certainty: "Documented"
}) {}

/**
 * `E00009`: the account is in Test Mode, in which this cannot be done.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccountInTestMode extends refusal<AccountInTestMode>()("AccountInTestMode", {
  code: "E00009", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the account is in Test Mode, in which this cannot be done",
  remedy: "Turn off Test Mode in the Merchant Interface.",
  certainty: "Documented"
}) {}

/**
 * `E00010`: the user may not call the API.
 *
 * @since 0.1.0
 * @category errors
 */
export class UserNotPermitted extends refusal<UserNotPermitted>()("UserNotPermitted", {
  code: "E00010", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the user may not call the API",
  remedy: "Give the user the permission in the Merchant Interface.",
  certainty: "Documented"
}) {}

/**
 * `E00011`: the user may not call this API method. A status query is answered so where the
 * Transaction Details API is not enabled.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccessDenied extends refusal<AccessDenied>()("AccessDenied", {
  code: "E00011", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the user may not call this API method",
  remedy: "Give the user the permission in the Merchant Interface.",
  certainty: "Documented"
}) {}

/**
 * `E00013`: a field of the request is not valid. `paymentStatus` is what a status query showed:
 * Authorize.net has been seen to void a transaction in spite of this code.
 *
 * @since 0.1.0
 * @category errors
 */
export class FieldInvalid extends refusal<FieldInvalid>()("FieldInvalid", {
  code: "E00013", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "a field of the request is not valid",
  remedy: "Read the `message`: it names the field.",
  certainty: "Documented"
}) {}

/**
 * `E00014`: a required field of the request is not present.
 *
 * @since 0.1.0
 * @category errors
 */
export class FieldMissing extends refusal<FieldMissing>()("FieldMissing", {
  code: "E00014", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "a required field of the request is not present",
  remedy: "Read the `message`, and look for a proxy that changes bodies.",
  certainty: "Documented"
}) {}

/**
 * `E00015`: a field of the request is too short or too long.
 *
 * @since 0.1.0
 * @category errors
 */
export class FieldLengthInvalid extends refusal<FieldLengthInvalid>()("FieldLengthInvalid", {
  code: "E00015", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "a field of the request is too short or too long",
  remedy: "Read the `message`: it names the field.",
  certainty: "Documented"
}) {}

/**
 * `E00016`: a field of the request is of the wrong type.
 *
 * @since 0.1.0
 * @category errors
 */
export class FieldTypeInvalid extends refusal<FieldTypeInvalid>()("FieldTypeInvalid", {
  code: "E00016", httpStatus: [400], category: "InvalidRequest", about: "Payment",
  meaning: "a field of the request is of the wrong type",
  remedy: "Read the `message`, and look for a proxy that changes bodies.",
  certainty: "Documented"
}) {}

/**
 * `E00027`: no approval was returned for the void, and no other code says why. The outcome is
 * unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransactionUnsuccessful extends doubt<TransactionUnsuccessful>()("TransactionUnsuccessful", {
  code: "E00027", httpStatus: [502], category: "ProviderFault", about: "Payment",
  meaning: "no approval was returned for the void, and why is not said",
  remedy: "Read the `status` later, or cancel again.",
  certainty: "Documented"
}) {}

/**
 * `E00040`: there is no such transaction in this account.
 *
 * @since 0.1.0
 * @category errors
 */
export class RecordNotFound extends refusal<RecordNotFound>()("RecordNotFound", {
  code: "E00040", httpStatus: [404], category: "NotFound", about: "Payment",
  meaning: "there is no such transaction in this account",
  remedy: "Check the transaction id, and that sandbox and production are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `E00049`: an operation of Authorize.net's database timed out. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class OperationTimedOut extends doubt<OperationTimedOut>()("OperationTimedOut", {
  code: "E00049", httpStatus: [504], category: "ProviderFault", about: "Request",
  meaning: "an operation of Authorize.net's database timed out, and whether the transaction is voided is unknown",
  remedy: "Read the `status` later, or cancel again.",
  certainty: "Documented"
}) {}

/**
 * `E00053`: Authorize.net is too busy. The outcome is unknown: nothing says that the request was
 * not begun.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerTooBusy extends doubt<ServerTooBusy>()("ServerTooBusy", {
  code: "E00053", httpStatus: [429], category: "RateLimited", about: "Request",
  meaning: "Authorize.net is too busy, and whether the transaction is voided is unknown",
  remedy: "Wait, then read the `status`, or cancel again.",
  certainty: "Documented"
}) {}

/**
 * `E00104`: Authorize.net is in maintenance. The outcome is unknown: requests that were answered so
 * have been seen to be carried out.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerInMaintenance extends doubt<ServerInMaintenance>()("ServerInMaintenance", {
  code: "E00104", httpStatus: [503], category: "ProviderFault", about: "Request",
  meaning: "Authorize.net is in maintenance, and whether the transaction is voided is unknown",
  remedy: "Wait, then read the `status`, or cancel again.",
  certainty: "Observed"
}) {}

/**
 * `13`: the API Login ID is invalid, or the account is inactive.
 *
 * @since 0.1.0
 * @category errors
 */
export class MerchantLoginInvalid extends refusal<MerchantLoginInvalid>()("MerchantLoginInvalid", {
  code: "13", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the API Login ID is invalid, or the account is inactive",
  remedy: "Check the API Login ID, and that sandbox and production are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `15`: the transaction id is not a number, or not present.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransactionIdInvalid extends refusal<TransactionIdInvalid>()("TransactionIdInvalid", {
  code: "15", httpStatus: [400], category: "InvalidRequest", about: "Request",
  meaning: "the transaction id is not a number, or not present",
  remedy: "Check the transaction id.",
  certainty: "Documented"
}) {}

/**
 * `16`: there is no such transaction in this account. `paymentStatus` is what a status query
 * showed: what a transaction that can no longer be voided is answered with is not documented, and
 * may be this.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransactionNotFound extends refusal<TransactionNotFound>()("TransactionNotFound", {
  code: "16", httpStatus: [404], category: "NotFound", about: "Payment",
  meaning: "there is no such transaction in this account, or none that can be voided",
  remedy: "Read `paymentStatus`: refund a settled one. Otherwise check the transaction id, and that sandbox and production are not mixed up.",
  certainty: "Documented"
}) {}

/**
 * `19`: the payment processor did not answer Authorize.net. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProcessorNotResponding extends doubt<ProcessorNotResponding>()("ProcessorNotResponding", {
  code: "19", httpStatus: [502], category: "ProviderFault", about: "Request",
  meaning: "the payment processor did not answer Authorize.net, and whether the transaction is voided is unknown",
  remedy: "Wait for 5 minutes, then read the `status`, or cancel again.",
  certainty: "Documented"
}) {}

/**
 * `20`: an error during processing. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProcessingError20 extends doubt<ProcessingError20>()("ProcessingError20", {
  code: "20", httpStatus: [502], category: "ProviderFault", about: "Request",
  meaning: "an error during processing, and whether the transaction is voided is unknown",
  remedy: "Wait for 5 minutes, then read the `status`, or cancel again.",
  certainty: "Documented"
}) {}

/**
 * `21`: an error during processing. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProcessingError21 extends doubt<ProcessingError21>()("ProcessingError21", {
  code: "21", httpStatus: [502], category: "ProviderFault", about: "Request",
  meaning: "an error during processing, and whether the transaction is voided is unknown",
  remedy: "Wait for 5 minutes, then read the `status`, or cancel again.",
  certainty: "Documented"
}) {}

/**
 * `22`: an error during processing. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProcessingError22 extends doubt<ProcessingError22>()("ProcessingError22", {
  code: "22", httpStatus: [502], category: "ProviderFault", about: "Request",
  meaning: "an error during processing, and whether the transaction is voided is unknown",
  remedy: "Wait for 5 minutes, then read the `status`, or cancel again.",
  certainty: "Documented"
}) {}

/**
 * `23`: an error during processing. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProcessingError23 extends doubt<ProcessingError23>()("ProcessingError23", {
  code: "23", httpStatus: [502], category: "ProviderFault", about: "Request",
  meaning: "an error during processing, and whether the transaction is voided is unknown",
  remedy: "Wait for 5 minutes, then read the `status`, or cancel again.",
  certainty: "Documented"
}) {}

/**
 * `123`: the login may not do this: it may be a person's, and not an API Login ID.
 *
 * @since 0.1.0
 * @category errors
 */
export class PermissionMissing extends refusal<PermissionMissing>()("PermissionMissing", {
  code: "123", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the login may not do this: it may be a person's, and not an API Login ID",
  remedy: "Use the API Login ID of the account.",
  certainty: "Documented"
}) {}

/**
 * `130`: the merchant account is closed.
 *
 * @since 0.1.0
 * @category errors
 */
export class MerchantAccountClosed extends refusal<MerchantAccountClosed>()("MerchantAccountClosed", {
  code: "130", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the merchant account is closed",
  remedy: "Ask Authorize.net.",
  certainty: "Documented"
}) {}

/**
 * `131`: the merchant account is suspended.
 *
 * @since 0.1.0
 * @category errors
 */
export class MerchantAccountSuspended extends refusal<MerchantAccountSuspended>()("MerchantAccountSuspended", {
  code: "131", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the merchant account is suspended",
  remedy: "Ask Authorize.net.",
  certainty: "Documented"
}) {}

/**
 * `132`: the merchant account is suspended, and on a list of blocked ones.
 *
 * @since 0.1.0
 * @category errors
 */
export class MerchantAccountBlocked extends refusal<MerchantAccountBlocked>()("MerchantAccountBlocked", {
  code: "132", httpStatus: [403], category: "Forbidden", about: "Request",
  meaning: "the merchant account is suspended, and on a list of blocked ones",
  remedy: "Ask Authorize.net.",
  certainty: "Documented"
}) {}

/**
 * `175`: the transaction is a refund, and this processor does not allow refunds to be voided.
 *
 * @since 0.1.0
 * @category errors
 */
export class RefundCannotBeVoided extends refusal<RefundCannotBeVoided>()("RefundCannotBeVoided", {
  code: "175", httpStatus: [409], category: "NotCancellable", about: "Payment",
  meaning: "the transaction is a refund, and this processor does not allow refunds to be voided",
  remedy: "Charge the card again.",
  certainty: "Documented"
}) {}

/**
 * `260`: a transaction of this type cannot be reversed.
 *
 * @since 0.1.0
 * @category errors
 */
export class ReversalNotSupported extends refusal<ReversalNotSupported>()("ReversalNotSupported", {
  code: "260", httpStatus: [409], category: "NotCancellable", about: "Payment",
  meaning: "a transaction of this type cannot be reversed",
  remedy: "Read `paymentStatus`: refund a settled transaction.",
  certainty: "Documented"
}) {}

/**
 * `304`: the transaction is in a batch that is closed.
 *
 * @since 0.1.0
 * @category errors
 */
export class BatchClosed extends refusal<BatchClosed>()("BatchClosed", {
  code: "304", httpStatus: [409], category: "NotCancellable", about: "Payment",
  meaning: "the transaction is in a batch that is closed",
  remedy: "Refund it.",
  certainty: "Documented"
}) {}

/**
 * `310`: the transaction was voided before. It comes in an answer that says approved, and never
 * becomes an error: the cancel succeeds with `AlreadyCancelled`, or `Cancelled` where an earlier
 * request of the same call may have done it.
 *
 * @since 0.1.0
 * @category errors
 */
export class AlreadyVoided extends refusal<AlreadyVoided>()("AlreadyVoided", {
  code: "310", httpStatus: [409], category: "NotCancellable", about: "Payment", states: "voided",
  meaning: "the transaction was voided before",
  remedy: "There is nothing left to do.",
  certainty: "Observed"
}) {}

/**
 * A 4xx of something before Authorize.net, such as a proxy, with a code that is not listed here, or
 * with none. The raw code is kept, and the category is what the HTTP status says:
 * `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends Errors.unrecognized("AuthorizeNet")<Unrecognized>() {}
