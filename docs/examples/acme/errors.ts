/**
 * Acme Pay's error codes: one row and one class each.
 */
// #region errors
import { Schema } from "effect"
import { Shared } from "effect-payment-cancel/CancelError"
import * as ErrorTable from "effect-payment-cancel/ErrorTable"

export const errorTable = {
  TooLate: {
    code: "too_late",
    category: "NotCancellable",
    outcome: "NotCancelled",
    // About the payment: the status is read before this is believed.
    about: "Payment",
    httpStatus: [409],
    meaning: "the payment was captured",
    remedy: "Refund it.",
    certainty: "Documented"
  },
  SlowDown: {
    code: "slow_down",
    category: "RateLimited",
    outcome: "NotCancelled",
    about: "Request",
    // Acme documents that the same request may be sent again later.
    tryAgain: true,
    httpStatus: [429],
    meaning: "too many requests",
    remedy: "Cancel again later.",
    certainty: "Documented"
  },
  Oops: {
    code: "oops",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [500],
    meaning: "Acme failed, and whether the payment is cancelled is unknown",
    remedy: "Call `cancel` again later with the error's `idempotencyKey`, or read the `status`.",
    certainty: "Inferred"
  }
} as const satisfies ErrorTable.ErrorTable

const coded = ErrorTable.coded("Acme", errorTable)

export class TooLate extends coded<TooLate>()("TooLate") {}
export class SlowDown extends coded<SlowDown>()("SlowDown") {}
export class Oops extends coded<Oops>()("Oops") {}
export class Unrecognized extends ErrorTable.unrecognized("Acme")<Unrecognized>() {}

const classes = { TooLate, SlowDown, Oops }

/** A row without a class does not compile here. */
export const catalogue = ErrorTable.catalogue(errorTable, classes, Unrecognized)

export type CodedError = typeof catalogue extends ErrorTable.Catalogue<infer E> ? E : never

export const CancelError: ErrorTable.AnyError<typeof classes, typeof Unrecognized> = Schema.Union(
  ...Object.values(classes),
  Unrecognized,
  Shared
)
export type CancelError = typeof CancelError.Type
// #endregion
