/**
 * What failure is: how errors are categorised, what each one claims about the payment,
 * and the errors that no provider owns.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Predicate from "effect/Predicate"

/**
 * The id that marks every cancel error, whichever provider it comes from.
 *
 * @since 0.1.0
 * @category symbols
 */
export const TypeId: unique symbol = Symbol.for("effect-payment-cancel/CancelError")

/**
 * What kind of failure an error is. Shared by all providers, so that a program can
 * react to "the provider asks us to slow down" without knowing every provider's codes.
 *
 * @since 0.1.0
 * @category models
 */
export const Category = Schema.Literal(
  "InvalidRequest",
  "Unauthenticated",
  "Forbidden",
  "NotFound",
  "NotCancellable",
  "Conflict",
  "RateLimited",
  "ProviderFault",
  "Network",
  "Unexpected"
)

/**
 * @since 0.1.0
 * @category models
 */
export type Category = typeof Category.Type

/**
 * The categories that an HTTP status alone can give: those of `categoryOfStatus`.
 *
 * @since 0.1.0
 * @category models
 */
export const StatusCategory = Schema.Literal(
  "InvalidRequest",
  "Unauthenticated",
  "Forbidden",
  "NotFound",
  "Conflict",
  "RateLimited",
  "Unexpected"
)

/**
 * @since 0.1.0
 * @category models
 */
export type StatusCategory = typeof StatusCategory.Type

/** What these mean, HTTP says itself. A 400 is not among them: providers give it for anything, a payment's state too. */
const statusCategories: { readonly [status: number]: StatusCategory } = {
  401: "Unauthenticated",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  422: "InvalidRequest",
  429: "RateLimited"
}

/**
 * The category that an HTTP status gives where the provider's code says nothing: 401, 403, 404,
 * 409, 422 and 429 have one of their own, every other status is `Unexpected`.
 *
 * @example
 * ```ts
 * import * as CancelError from "effect-payment-cancel/CancelError"
 *
 * const tooManyRequests = CancelError.categoryOfStatus(429) // "RateLimited"
 * const anythingElse = CancelError.categoryOfStatus(418) // "Unexpected"
 * ```
 *
 * @since 0.1.0
 * @category getters
 */
export const categoryOfStatus = (httpStatus: number): StatusCategory => statusCategories[httpStatus] ?? "Unexpected"

/**
 * What an error claims about this call.
 *
 * - `NotCancelled`: no request of this call cancelled the payment, or ever will. What
 *   others did to it is in `paymentStatus`, where the status was read.
 * - `Unknown`: a request of this call may have cancelled the payment, or may yet. Settle
 *   it later: where the provider honours keys, call the operation again with the error's
 *   `idempotencyKey`; where it has a status query, read the `status`; else await its
 *   notification. The operation's own documentation says which.
 *
 * @since 0.1.0
 * @category models
 */
export const Outcome = Schema.Literal("NotCancelled", "Unknown")

/**
 * @since 0.1.0
 * @category models
 */
export type Outcome = typeof Outcome.Type

/**
 * One exchange with the provider, as it is kept in an error's `history`: what it was and
 * what it proved. It never holds a header, a credential or a body.
 *
 * - `operation`: `Cancel` for a cancel request, `Status` for a status query.
 * - `evidence`: what the exchange proved.
 * - `explanation`: the same for a person.
 * - `httpStatus`, `code`, `paymentStatus`: what the answer stated, where there was one.
 * - `at`: when the exchange ended, by the `Clock`.
 *
 * @since 0.1.0
 * @category models
 */
export const Exchange = Schema.Struct({
  operation: Schema.Literal("Cancel", "Status"),
  evidence: Schema.Literal("NotSent", "MaybeApplied", "Refused", "Acknowledged", "TakenIn", "StatusRead", "StatusUnread"),
  explanation: Schema.String,
  httpStatus: Schema.OptionFromNullOr(Schema.Int),
  code: Schema.OptionFromNullOr(Schema.String),
  paymentStatus: Schema.OptionFromNullOr(Schema.String),
  at: Schema.DateTimeUtc
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Exchange extends Schema.Schema.Type<typeof Exchange> {}

/**
 * How a cancel names its payment: by the provider's id, by the merchant's own reference, or
 * by the idempotency key under which the payment was created.
 *
 * @since 0.1.0
 * @category models
 */
export const IdentifiedBy = Schema.Literal("PaymentId", "MerchantReference", "CreationKey")

/**
 * @since 0.1.0
 * @category models
 */
export type IdentifiedBy = typeof IdentifiedBy.Type

/**
 * The fields every cancel error has beside its literals.
 *
 * - `message`: what happened, for a person; never parsed by a program.
 * - `paymentId`: the payment as the caller named it; `identifiedBy` says what that is.
 * - `httpStatus`: of the answer that the error is built on.
 * - `requestId`: the provider's own id for that exchange, for its support desk.
 * - `details`: the provider's structured details, decoded JSON.
 * - `paymentStatus`: the provider's literal, when the status was read or stated.
 * - `retryAfter`: how long the provider asked to wait, as it asked; it may be years.
 * - `idempotencyKey`: the one key of this logical cancel, whether or not the provider is sent
 *   one. Empty only when the request was refused before a key was chosen.
 * - `attempts`: how many cancel requests were sent or tried.
 * - `history`: every exchange of this call, in order.
 *
 * @since 0.1.0
 * @category fields
 */
export const reportFields = {
  message: Schema.String,
  paymentId: Schema.String,
  identifiedBy: IdentifiedBy,
  httpStatus: Schema.OptionFromNullOr(Schema.Int),
  requestId: Schema.OptionFromNullOr(Schema.String),
  details: Schema.OptionFromNullOr(Schema.Unknown),
  paymentStatus: Schema.OptionFromNullOr(Schema.String),
  retryAfter: Schema.OptionFromNullOr(Schema.DurationFromMillis),
  idempotencyKey: Schema.String,
  attempts: Schema.NonNegativeInt,
  history: Schema.Array(Exchange)
}

/**
 * What an error is built from, apart from the literals of its class.
 *
 * @since 0.1.0
 * @category fields
 */
export interface Report extends Schema.Struct.Type<typeof reportFields> {}

/**
 * A field that always has the same literal value: part of the type, part of the encoded
 * form, and not to be given when the error is constructed.
 *
 * @since 0.1.0
 * @category fields
 */
export interface Constant<L extends string> extends Schema.PropertySignature<":", L, never, ":", L, true, never> {}

/**
 * Builds a `Constant`.
 *
 * @since 0.1.0
 * @category fields
 */
export const constant = <const L extends string>(literal: L): Constant<L> =>
  Schema.Literal(literal).pipe(Schema.propertySignature, Schema.withConstructorDefault(() => literal))

const noCode = Schema.Null.pipe(Schema.propertySignature, Schema.withConstructorDefault(() => null))

/**
 * Has `JSON.stringify` write an error of a class as the class encodes it, so that what is read
 * back decodes to the same error. Effect's own errors write their fields as they are in memory.
 *
 * @since 0.1.0
 * @category constructors
 */
export const survivingJson = <A, I, C extends Schema.Schema<A, I> & { readonly prototype: object }>(
  errorClass: C & Schema.Schema<A, I>
): C => {
  const encode = Schema.encodeSync(errorClass)
  Object.defineProperty(errorClass.prototype, "toJSON", {
    configurable: true,
    writable: true,
    value(this: A): I {
      return encode(this)
    }
  })
  return errorClass
}

/**
 * Gives a class of cancel errors the mark by which `isCancelError` knows it, and lets its errors
 * survive JSON.
 *
 * @since 0.1.0
 * @category constructors
 */
export const marked = <A, I, C extends Schema.Schema<A, I> & { readonly prototype: object }>(
  errorClass: C & Schema.Schema<A, I>
): C => {
  Object.defineProperty(errorClass.prototype, TypeId, { value: TypeId })
  return survivingJson<A, I, C>(errorClass)
}

/**
 * The shape all cancel errors share, for programs that do not care which provider an
 * error came from.
 *
 * @since 0.1.0
 * @category models
 */
export interface Any extends Report {
  readonly provider: string
  readonly code: string | null
  readonly category: Category
  readonly outcome: Outcome
}

/**
 * Whether a value is a cancel error of this library.
 *
 * @since 0.1.0
 * @category guards
 */
export const isCancelError = (u: unknown): u is Any => Predicate.hasProperty(u, TypeId)

/**
 * The request was unusable: an empty id, a missing reason, an impossible key. Nothing was
 * sent. `field` names what to fix, e.g. `"paymentId"` or `"policy.attempts"`.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidCancelRequest extends marked(
  Schema.TaggedError<InvalidCancelRequest>("effect-payment-cancel/CancelError.InvalidCancelRequest")(
    "CancelError.InvalidCancelRequest",
    {
      provider: Schema.String,
      code: noCode,
      category: constant("InvalidRequest"),
      outcome: constant("NotCancelled"),
      field: Schema.String,
      ...reportFields
    }
  )
) {}

/**
 * No byte of any cancel request left this machine: the name did not resolve, the
 * connection was refused, the certificate did not hold, or no idempotency key was made before
 * the deadline; `idempotencyKey` is then `""`. The payment is untouched by this call.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotSent extends marked(
  Schema.TaggedError<NotSent>("effect-payment-cancel/CancelError.NotSent")("CancelError.NotSent", {
    provider: Schema.String,
    code: noCode,
    category: constant("Network"),
    outcome: constant("NotCancelled"),
    ...reportFields
  })
) {}

/**
 * A request was sent, or may have been, and no complete answer came back: the payment may
 * be cancelled, or may yet be.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoResponse extends marked(
  Schema.TaggedError<NoResponse>("effect-payment-cancel/CancelError.NoResponse")("CancelError.NoResponse", {
    provider: Schema.String,
    code: noCode,
    category: constant("Network"),
    outcome: constant("Unknown"),
    ...reportFields
  })
) {}

/**
 * An answer came that proves nothing: a 5xx, a redirect, a 2xx that does not decode, names
 * another payment, or does not say what a success says. Its raw `code` and
 * `httpStatus` are kept.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedResponse extends marked(
  Schema.TaggedError<UnexpectedResponse>("effect-payment-cancel/CancelError.UnexpectedResponse")(
    "CancelError.UnexpectedResponse",
    {
      provider: Schema.String,
      code: Schema.NullOr(Schema.String),
      category: constant("Unexpected"),
      outcome: constant("Unknown"),
      ...reportFields
    }
  )
) {}

/**
 * The payment's status shows that it was not cancelled and can no longer be: it has
 * succeeded, failed, expired, or is on its way there. The status is in `paymentStatus`.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoLongerCancellable extends marked(
  Schema.TaggedError<NoLongerCancellable>("effect-payment-cancel/CancelError.NoLongerCancellable")(
    "CancelError.NoLongerCancellable",
    {
      provider: Schema.String,
      code: noCode,
      category: constant("NotCancellable"),
      outcome: constant("NotCancelled"),
      ...reportFields
    }
  )
) {}

/**
 * The errors that no provider owns, as one schema.
 *
 * @since 0.1.0
 * @category errors
 */
export const Shared = Schema.Union(InvalidCancelRequest, NotSent, NoResponse, UnexpectedResponse, NoLongerCancellable)

/**
 * The errors that are in every provider's error channel.
 *
 * @since 0.1.0
 * @category errors
 */
export type Shared = InvalidCancelRequest | NotSent | NoResponse | UnexpectedResponse | NoLongerCancellable

/**
 * The status of a payment could not be established. It claims nothing about any cancel: a
 * status query changes nothing, and may be repeated.
 *
 * `category` is that of the code, if it is listed, else `Network` without an answer,
 * `ProviderFault` with a 5xx, `InvalidRequest` with a 400, and `categoryOfStatus` with any other.
 *
 * @since 0.1.0
 * @category errors
 */
export class StatusUnavailable extends survivingJson(
  Schema.TaggedError<StatusUnavailable>("effect-payment-cancel/CancelError.StatusUnavailable")(
    "CancelError.StatusUnavailable",
    {
      provider: Schema.String,
      code: Schema.NullOr(Schema.String),
      category: Category,
      message: Schema.String,
      paymentId: Schema.String,
      httpStatus: Schema.OptionFromNullOr(Schema.Int),
      requestId: Schema.OptionFromNullOr(Schema.String),
      details: Schema.OptionFromNullOr(Schema.Unknown),
      retryAfter: Schema.OptionFromNullOr(Schema.DurationFromMillis),
      attempts: Schema.NonNegativeInt
    }
  )
) {}
