/**
 * Acme Pay's error codes: one class each.
 */
// #region errors
import * as Errors from "effect-payment-cancel/authoring/Errors"

const refusal = Errors.refusal("Acme")
const doubt = Errors.doubt("Acme")

/** Too late to cancel: refund it. */
export class TooLate extends refusal<TooLate>()("TooLate", {
  // About the payment: the status is read before this is accepted.
  code: "too_late", httpStatus: [409], category: "NotCancellable", about: "Payment",
  meaning: "the payment was captured",
  remedy: "Refund it.",
  certainty: "Documented"
}) {}

/** Cancel again after a while. */
export class SlowDown extends refusal<SlowDown>()("SlowDown", {
  // Acme documents that the same request may be sent again later.
  code: "slow_down", httpStatus: [429], category: "RateLimited", about: "Request", tryAgain: true,
  meaning: "too many requests",
  remedy: "Cancel again later.",
  certainty: "Documented"
}) {}

/** The outcome is unknown. */
export class Oops extends doubt<Oops>()("Oops", {
  code: "oops", httpStatus: [500], category: "ProviderFault", about: "Request",
  meaning: "Acme failed, and whether the payment is cancelled is unknown",
  remedy: "Call `cancel` again later with the error's `idempotencyKey`, or read the `status`.",
  certainty: "Inferred"
}) {}

/** A 4xx with a code that is not listed here, or with none. */
export class Unrecognized extends Errors.unrecognized("Acme")<Unrecognized>() {}
// #endregion
