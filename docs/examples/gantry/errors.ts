/**
 * Gantry's error codes: one class each. Every answer has the HTTP status 200, so `httpStatus` is
 * what the code stands for.
 */
// #region errors
import * as Errors from "effect-payment-cancel/authoring/Errors"

const refusal = Errors.refusal("Gantry")
const doubt = Errors.doubt("Gantry")

/** Check the merchant's number and password. */
export class LoginFailed extends refusal<LoginFailed>()("LoginFailed", {
  code: "0101", httpStatus: [401], category: "Unauthenticated", about: "Request",
  meaning: "the merchant and the password do not match",
  remedy: "Check the credentials.",
  certainty: "Documented"
}) {}

/** Check the number. */
export class UnknownTransaction extends refusal<UnknownTransaction>()("UnknownTransaction", {
  code: "0310", httpStatus: [404], category: "NotFound", about: "Request",
  meaning: "the merchant has no such transaction",
  remedy: "Check the transaction's number.",
  certainty: "Documented"
}) {}

/** Too late to cancel: refund it. */
export class AlreadySettled extends refusal<AlreadySettled>()("AlreadySettled", {
  code: "0312", httpStatus: [409], category: "NotCancellable", about: "Payment",
  meaning: "the transaction is settled",
  remedy: "Refund it.",
  certainty: "Documented"
}) {}

/** Reversed before. What it states is believed, so this ends as a success. */
export class AlreadyReversed extends refusal<AlreadyReversed>()("AlreadyReversed", {
  code: "0313", httpStatus: [409], category: "NotCancellable", about: "Payment", states: "REVERSED",
  meaning: "the transaction is already reversed",
  remedy: "Nothing: the transaction is cancelled.",
  certainty: "Documented"
}) {}

/** Cancel again after a while. */
export class Busy extends refusal<Busy>()("Busy", {
  code: "0901", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests",
  remedy: "Cancel again later.",
  certainty: "Documented"
}) {}

/** The outcome is unknown. */
export class SystemError extends doubt<SystemError>()("SystemError", {
  code: "0999", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "Gantry failed, and whether the transaction is reversed is unknown",
  remedy: "Read the `status` later.",
  certainty: "Inferred"
}) {}

/** A 4xx with a code that is not listed here, or with none: from whatever stands before Gantry. */
export class Unrecognized extends Errors.unrecognized("Gantry")<Unrecognized>() {}
// #endregion
