/**
 * Adyen's error codes: one row and one class each.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Shared } from "../../CancelError.js"
import * as ErrorTable from "../../ErrorTable.js"

/**
 * What is known about the codes of Adyen that a cancel can meet. Adyen's codes are numbers
 * without a name, so the classes are named after what they mean; `code` keeps the number.
 *
 * A payment that can no longer be cancelled is mostly not refused here: Adyen takes the
 * request in, and declines it in its webhook.
 *
 * @since 0.1.0
 * @category errors
 */
export const errorTable = {
  Unauthorized: {
    code: "000",
    category: "Unauthenticated",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [401],
    meaning: "the API key is not accepted",
    remedy: "Check the API key, and that test and live are not mixed up.",
    certainty: "Documented"
  },
  NotAllowed: {
    code: "010",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "the web service user may not do this",
    remedy: "Give the user of the API key the role for modifications.",
    certainty: "Inferred"
  },
  OriginalReferenceRequired: {
    code: "167",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Payment",
    httpStatus: [422],
    meaning: "what was given as the payment's PSP reference is not one",
    remedy: "Cancel with the PSP reference of the payment itself, not of a capture or another modification.",
    certainty: "Observed"
  },
  UnexpectedInput: {
    code: "702",
    category: "InvalidRequest",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [400],
    meaning: "the request could not be read",
    remedy: "Look for a proxy that changes bodies.",
    certainty: "Documented"
  },
  IdempotencyStoreUnavailable: {
    code: "703",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [503],
    meaning: "Adyen cannot look the idempotency key up, so whether a request under it was taken in is unknown",
    remedy: "Call the operation again later with the error's `idempotencyKey`.",
    certainty: "Documented"
  },
  IdempotencyKeyInUse: {
    code: "704",
    category: "Conflict",
    outcome: "Unknown",
    about: "Request",
    stillRunning: true,
    httpStatus: [422, 409],
    meaning: "an earlier request under the same key is still being worked on, or the key was used for another request",
    remedy: "Wait, then call the operation again with the error's `idempotencyKey`; use a fresh key for another cancel.",
    certainty: "Documented"
  },
  InvalidMerchantAccount: {
    code: "901",
    category: "Forbidden",
    outcome: "NotCancelled",
    about: "Request",
    httpStatus: [403],
    meaning: "there is no such merchant account for this API key",
    remedy: "Check the merchant account, and that the user of the API key has access to it.",
    certainty: "Documented"
  },
  PaymentDetailsNotSupported: {
    code: "905",
    category: "ProviderFault",
    outcome: "Unknown",
    about: "Request",
    httpStatus: [500],
    meaning: "Adyen's configuration of the account failed the request, and whether it was taken in is unknown",
    remedy: "Ask Adyen with the error's `requestId`, or wait for the webhook.",
    certainty: "Documented"
  }
} as const satisfies ErrorTable.ErrorTable

const coded = ErrorTable.coded("Adyen", errorTable)

/**
 * `000`: the API key is not accepted. Adyen answers so before it looks at anything else.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends coded<Unauthorized>()("Unauthorized") {}

/**
 * `010`: the web service user may not do this.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotAllowed extends coded<NotAllowed>()("NotAllowed") {}

/**
 * `167`: what was given as the payment's PSP reference is not one.
 *
 * @since 0.1.0
 * @category errors
 */
export class OriginalReferenceRequired
  extends coded<OriginalReferenceRequired>()("OriginalReferenceRequired")
{}

/**
 * `702`: the request could not be read.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedInput extends coded<UnexpectedInput>()("UnexpectedInput") {}

/**
 * `703`: Adyen cannot look the idempotency key up. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyStoreUnavailable
  extends coded<IdempotencyStoreUnavailable>()("IdempotencyStoreUnavailable")
{}

/**
 * `704`: an earlier request under the same key is still being worked on, or the key was used
 * for another request. The outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class IdempotencyKeyInUse extends coded<IdempotencyKeyInUse>()("IdempotencyKeyInUse") {}

/**
 * `901`: there is no such merchant account for this API key.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidMerchantAccount extends coded<InvalidMerchantAccount>()("InvalidMerchantAccount") {}

/**
 * `905`: Adyen's configuration of the account failed the request. It comes as a 500, so the
 * outcome is unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentDetailsNotSupported
  extends coded<PaymentDetailsNotSupported>()("PaymentDetailsNotSupported")
{}

/**
 * A 4xx with a code that is not listed here, or with none. The raw code is kept, and the
 * category is what the HTTP status says: `CancelError.categoryOfStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unrecognized extends ErrorTable.unrecognized("Adyen")<Unrecognized>() {}

const classes = {
  Unauthorized,
  NotAllowed,
  OriginalReferenceRequired,
  UnexpectedInput,
  IdempotencyStoreUnavailable,
  IdempotencyKeyInUse,
  InvalidMerchantAccount,
  PaymentDetailsNotSupported
}

/**
 * How a code becomes an error.
 *
 * @internal
 */
export const catalogue = ErrorTable.catalogue(errorTable, classes, Unrecognized)

/** @internal */
export type CodedError = typeof catalogue extends ErrorTable.Catalogue<infer E> ? E : never

/**
 * Every error that an Adyen cancel can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError: ErrorTable.AnyError<typeof classes, typeof Unrecognized> = Schema.Union(
  ...Object.values(classes),
  Unrecognized,
  Shared
)

/**
 * Every error that an Adyen cancel can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = typeof CancelError.Type
