/**
 * Failures of a cancel: how errors are categorised, what each one claims about the payment, and the
 * errors that are shared by all providers.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/**
 * The id that marks every cancel error, from any provider.
 *
 * @since 0.1.0
 * @category symbols
 */
export const TypeId: unique symbol = Symbol.for("effect-payment-cancel/CancelError")

/**
 * The kind of failure. All providers share these categories, so that a program can react to "the
 * provider asks us to slow down" without knowing every provider's codes.
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

/**
 * HTTP itself defines what these mean. 400 is not among them: providers use it for anything,
 * including the state of a payment.
 */
const statusCategories: { readonly [status: number]: StatusCategory } = {
  401: "Unauthenticated",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  422: "InvalidRequest",
  429: "RateLimited"
}

/**
 * The category of an HTTP status, for use where the provider's code says nothing. 401, 403, 404,
 * 409, 422 and 429 each have a category; every other status is `Unexpected`.
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
 * - `NotCancelled`: no request of this call cancelled the payment, or ever will. If the status was
 *   read, `paymentStatus` shows what others did to it.
 * - `Unknown`: a request of this call may have cancelled the payment, or may yet. Settle it later.
 *   If the provider honours keys, call the operation again with the error's `idempotencyKey`. If it
 *   has a status query, read the `status`. Otherwise wait for its notification. The documentation
 *   of each operation says which applies.
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

// Schemas of fields of several classes, made once: each takes time whenever the module is imported.
const OptionalInt = Schema.OptionFromNullOr(Schema.Int)
const OptionalString = Schema.OptionFromNullOr(Schema.String)

/**
 * The schema of an `Exchange`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Exchange = Schema.Struct({
  operation: Schema.Literal("Cancel", "Status", "Authorization"),
  evidence: Schema.Literal(
    "NotSent",
    "MaybeApplied",
    "Refused",
    "Acknowledged",
    "Accepted",
    "StatusRead",
    "StatusUnread",
    "Authorized",
    "NotAuthorized"
  ),
  explanation: Schema.String,
  httpStatus: OptionalInt,
  code: OptionalString,
  paymentStatus: OptionalString,
  at: Schema.DateTimeUtc
})

/**
 * One exchange with the provider, as recorded in an error's `history`: what it was and what it
 * proved. It never contains a header, a credential or a body.
 *
 * @since 0.1.0
 * @category models
 */
export interface Exchange {
  /** `Cancel` for a cancel request, `Status` for a status query, `Authorization` for a token that one of them needs. */
  readonly operation: "Cancel" | "Status" | "Authorization"
  /** What the exchange proved. */
  readonly evidence:
    | "NotSent"
    | "MaybeApplied"
    | "Refused"
    | "Acknowledged"
    | "Accepted"
    | "StatusRead"
    | "StatusUnread"
    | "Authorized"
    | "NotAuthorized"
  /** What the exchange proved, as text for a person. */
  readonly explanation: string
  /** The HTTP status of the answer, where there was one. */
  readonly httpStatus: Option.Option<number>
  /** The provider's error code, where the answer stated one. */
  readonly code: Option.Option<string>
  /** The payment's status, the provider's literal, where the answer stated one. */
  readonly paymentStatus: Option.Option<string>
  /** When the exchange ended, by the `Clock`. */
  readonly at: DateTime.Utc
}

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
 * The schemas of a `Report`'s fields.
 *
 * @since 0.1.0
 * @category fields
 */
export const reportFields = {
  message: Schema.String,
  paymentId: Schema.String,
  identifiedBy: IdentifiedBy,
  httpStatus: OptionalInt,
  requestId: OptionalString,
  details: Schema.OptionFromNullOr(Schema.Unknown),
  paymentStatus: OptionalString,
  retryAfter: Schema.OptionFromNullOr(Schema.DurationFromMillis),
  idempotencyKey: Schema.String,
  attempts: Schema.NonNegativeInt,
  history: Schema.Array(Exchange)
}

/**
 * What is known about a failure at a provider, whether of a cancel or of a status query.
 *
 * @since 0.1.0
 * @category fields
 */
export interface Circumstances {
  // Not `readonly`, because it must be the same field as that of `Error`: an editor shows no
  // comment for a field that is declared twice.
  /** What happened, as text for a person. Do not parse it in a program. */
  message: string
  /** The payment as the caller named it; a cancel error's `identifiedBy` says what that is. */
  readonly paymentId: string
  /** The HTTP status of the answer that the error is based on. */
  readonly httpStatus: Option.Option<number>
  /**
   * The provider's own id for the exchange that the error is based on. Quote it to the provider's
   * support.
   */
  readonly requestId: Option.Option<string>
  /** The provider's structured details, decoded JSON. */
  readonly details: Option.Option<unknown>
  /** How long the provider asked to wait, unchanged. It may be years. */
  readonly retryAfter: Option.Option<Duration.Duration>
  /**
   * How many requests were sent or tried: the cancel requests or, where only a status was asked
   * for, the status queries. A status query for which there was no room, no token or no signature
   * was not tried.
   */
  readonly attempts: number
}

/**
 * What an error is built from, apart from the literals of its class: the fields that every
 * cancel error has.
 *
 * @since 0.1.0
 * @category fields
 */
export interface Report extends Circumstances {
  /** What `paymentId` is: the provider's id, the merchant's own reference, or the key of the payment's creation. */
  readonly identifiedBy: IdentifiedBy
  /** The payment's status, the provider's literal, when it was read or stated. */
  readonly paymentStatus: Option.Option<string>
  /**
   * The one key of this logical cancel, whether or not it is sent to the provider. It is empty only
   * if the cancel failed before a key was chosen.
   */
  readonly idempotencyKey: string
  /** Every exchange of this call, in order. */
  readonly history: ReadonlyArray<Exchange>
}

/**
 * The kind of failure, as precisely as the class determines it.
 *
 * @since 0.1.0
 * @category fields
 */
export interface Kind<Provider extends string, Code extends string | null, C extends Category> {
  /** The provider that was called, or would have been. */
  readonly provider: Provider
  /** The provider's error code, exactly as spelled in its answer; null where there is none. */
  readonly code: Code
  /** The kind of failure, as one of the categories that all providers share. */
  readonly category: C
}

/**
 * What a class of cancel errors fixes.
 *
 * @since 0.1.0
 * @category fields
 */
export interface Literals<Provider extends string, Code extends string | null, C extends Category, O extends Outcome>
  extends Kind<Provider, Code, C>
{
  /**
   * What it claims about this call. `NotCancelled`: no request of this call cancelled the payment,
   * or ever will. `Unknown`: one may have, or may yet.
   */
  readonly outcome: O
}

/** An error of a class, as Effect creates it. */
interface TaggedInstance<Tag extends string> extends Cause.YieldableError {
  /** The name of its class, for `Effect.catchTag`. */
  readonly _tag: Tag
}

/**
 * A cancel error of a class: its literals, its report, and what Effect gives every error.
 *
 * @since 0.1.0
 * @category models
 */
export interface Instance<
  Tag extends string,
  Provider extends string,
  Code extends string | null,
  C extends Category,
  O extends Outcome
> extends Report, Literals<Provider, Code, C, O>, TaggedInstance<Tag> {}

/**
 * An error class that is its own schema, as `Schema.TaggedError` makes it, but whose instances have
 * an interface as their type. The type of Effect's own instances is computed from the schema, and
 * an editor does not show the comments on the fields of such a type.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorClass<Self, Tag extends string, Fields extends Schema.Struct.Fields, Given, Made>
  // `Omit<…, never>` drops the constructor, which the one below replaces.
  extends Omit<Schema.TaggedErrorClass<Self, Tag, { readonly _tag: Schema.tag<Tag> } & Fields>, never>
{
  new(props: Given, options?: Schema.MakeOptions): Made
}

/**
 * A field that always has the same literal value: part of the type and of the encoded form, and not
 * passed when the error is constructed.
 *
 * @since 0.1.0
 * @category fields
 */
export interface Constant<L extends string | null> extends Schema.PropertySignature<":", L, never, ":", L, true, never> {}

/**
 * Builds a `Constant`.
 *
 * @since 0.1.0
 * @category fields
 */
export const constant = <const L extends string | null>(literal: L): Constant<L> =>
  Schema.Literal(literal).pipe(Schema.propertySignature, Schema.withConstructorDefault(() => literal))

const noCode = constant(null)
const network = constant("Network")
const notCancelled = constant("NotCancelled")
const unknown = constant("Unknown")

/**
 * Stands in for what is inherited from, which is made for the first question. `like` is of its
 * kind, and so for V8 is what inherits from it.
 */
const standIn = <Like extends object>(like: Like, used: () => object): Like =>
  new Proxy(like, {
    get: (_, name, receiver) => Reflect.get(used(), name, receiver),
    has: (_, name) => Reflect.has(used(), name),
    getPrototypeOf: () => Object.getPrototypeOf(used())
  })

/**
 * A schema that is made when it is first used, or a class that is one. Making schemas is much of
 * what an import takes, and a program uses few of those that it imports. In all else it is as if it
 * had been made at once.
 *
 * @example
 * ```ts
 * import * as CancelError from "effect-payment-cancel/CancelError"
 * import * as Schema from "effect/Schema"
 *
 * class Closed extends CancelError.onFirstUse(() => Schema.TaggedError<Closed>()("Closed", { until: Schema.String })) {}
 *
 * const closed = new Closed({ until: "Monday" }) // The class is made here.
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const onFirstUse = <S extends Function>(make: () => S): S => {
  function OnFirstUse(...given: ReadonlyArray<unknown>): object {
    return Reflect.construct(used(), given, new.target)
  }
  let made: S | undefined
  const used = (): S => {
    if (made === undefined) {
      made = make()
      // From now on it inherits from what was made, or from its stand-in still, where somebody has frozen it.
      Reflect.setPrototypeOf(OnFirstUse, made)
      Reflect.setPrototypeOf(OnFirstUse.prototype, made.prototype)
    }
    return made
  }
  Object.setPrototypeOf(OnFirstUse.prototype, standIn({}, () => used().prototype))
  return Object.setPrototypeOf(OnFirstUse, standIn(() => {}, used))
}

/**
 * A class of errors that is made when it is first used, and whose errors survive JSON:
 * `JSON.stringify` writes one the way its class encodes it, so that decoding the JSON gives the same
 * error. Effect's own errors write their fields as they are in memory.
 *
 * @since 0.1.0
 * @category constructors
 */
export const survivingJson = <A, I, C extends Schema.Schema<A, I> & Function>(
  make: () => C & Schema.Schema<A, I>
): C => {
  const errorClass = onFirstUse(make)
  Object.defineProperty(errorClass.prototype, "toJSON", {
    configurable: true,
    writable: true,
    value(this: A): I {
      // Compiled when it is first needed, not for every class that is imported.
      return Schema.encodeSync(errorClass)(this)
    }
  })
  return errorClass
}

/**
 * A class of cancel errors: `survivingJson`, with the mark by which `isCancelError` recognises them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const marked = <A, I, C extends Schema.Schema<A, I> & Function>(
  make: () => C & Schema.Schema<A, I>
): C => {
  const errorClass = survivingJson<A, I, C>(make)
  Object.defineProperty(errorClass.prototype, TypeId, { value: TypeId })
  return errorClass
}

/**
 * The shape of every cancel error, for programs that do not care which provider an error came from.
 *
 * @since 0.1.0
 * @category models
 */
export interface Any extends Report, Literals<string, string | null, Category, Outcome> {}

/**
 * Whether a value is a cancel error of this library.
 *
 * @since 0.1.0
 * @category guards
 */
export const isCancelError = (u: unknown): u is Any => Predicate.hasProperty(u, TypeId)

/** What a shared error is made from. */
interface Given extends Report {
  /** The provider that the cancel was meant for. */
  readonly provider: string
}

/** The fields of a shared error. */
type SharedFields<Code, C extends Category, O extends Outcome> = {
  readonly provider: typeof Schema.String
  readonly code: Code
  readonly category: Constant<C>
  readonly outcome: Constant<O>
} & typeof reportFields

interface FieldNamed {
  /** What to fix, e.g. `"paymentId"` or `"policy.attempts"`. */
  readonly field: string
}

interface InvalidRequestInstance
  extends Instance<"CancelError.InvalidCancelRequest", string, null, "InvalidRequest", "NotCancelled">, FieldNamed
{}

const InvalidCancelRequestBase: ErrorClass<
  InvalidCancelRequest,
  "CancelError.InvalidCancelRequest",
  SharedFields<typeof noCode, "InvalidRequest", "NotCancelled"> & { readonly field: typeof Schema.String },
  Given & FieldNamed & { readonly category?: "InvalidRequest"; readonly outcome?: "NotCancelled"; readonly code?: null },
  InvalidRequestInstance
> = marked(() =>
  Schema.TaggedError<InvalidCancelRequest>("effect-payment-cancel/CancelError.InvalidCancelRequest")("CancelError.InvalidCancelRequest", {
    provider: Schema.String,
    code: noCode,
    category: constant("InvalidRequest"),
    outcome: notCancelled,
    field: Schema.String,
    ...reportFields
  })
)

/**
 * The request was invalid: an empty id, a missing reason, an unusable key. Nothing was sent.
 * `field` names what to fix: `request`, where what was given is no request at all.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidCancelRequest extends InvalidCancelRequestBase {}

const NotSentBase: ErrorClass<
  NotSent,
  "CancelError.NotSent",
  SharedFields<typeof noCode, "Network", "NotCancelled">,
  Given & { readonly category?: "Network"; readonly outcome?: "NotCancelled"; readonly code?: null },
  Instance<"CancelError.NotSent", string, null, "Network", "NotCancelled">
> = marked(() =>
  Schema.TaggedError<NotSent>("effect-payment-cancel/CancelError.NotSent")("CancelError.NotSent", {
    provider: Schema.String,
    code: noCode,
    category: network,
    outcome: notCancelled,
    ...reportFields
  })
)

/**
 * No byte of any cancel request left this machine: the name did not resolve, the connection was
 * refused, the certificate was not valid, or no idempotency key was made before the deadline
 * (`idempotencyKey` is then `""`). This call did not touch the payment.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotSent extends NotSentBase {}

const NoResponseBase: ErrorClass<
  NoResponse,
  "CancelError.NoResponse",
  SharedFields<typeof noCode, "Network", "Unknown">,
  Given & { readonly category?: "Network"; readonly outcome?: "Unknown"; readonly code?: null },
  Instance<"CancelError.NoResponse", string, null, "Network", "Unknown">
> = marked(() =>
  Schema.TaggedError<NoResponse>("effect-payment-cancel/CancelError.NoResponse")("CancelError.NoResponse", {
    provider: Schema.String,
    code: noCode,
    category: network,
    outcome: unknown,
    ...reportFields
  })
)

/**
 * A request was sent, or may have been, and no complete answer was received. The payment may be
 * cancelled, or may yet be.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoResponse extends NoResponseBase {}

interface CodeKept {
  /** The code in the answer, unchanged; null where there was none. */
  readonly code: string | null
}

const UnexpectedResponseBase: ErrorClass<
  UnexpectedResponse,
  "CancelError.UnexpectedResponse",
  SharedFields<Schema.NullOr<typeof Schema.String>, "Unexpected", "Unknown">,
  Given & CodeKept & { readonly category?: "Unexpected"; readonly outcome?: "Unknown" },
  Instance<"CancelError.UnexpectedResponse", string, string | null, "Unexpected", "Unknown">
> = marked(() =>
  Schema.TaggedError<UnexpectedResponse>("effect-payment-cancel/CancelError.UnexpectedResponse")("CancelError.UnexpectedResponse", {
    provider: Schema.String,
    code: Schema.NullOr(Schema.String),
    category: constant("Unexpected"),
    outcome: unknown,
    ...reportFields
  })
)

/**
 * The answer proves nothing: a 5xx, a redirect, or a 2xx that does not decode, names another
 * payment, or does not say what a success says. The raw `code` and `httpStatus` are kept.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedResponse extends UnexpectedResponseBase {}

const NoLongerCancellableBase: ErrorClass<
  NoLongerCancellable,
  "CancelError.NoLongerCancellable",
  SharedFields<typeof noCode, "NotCancellable", "NotCancelled">,
  Given & { readonly category?: "NotCancellable"; readonly outcome?: "NotCancelled"; readonly code?: null },
  Instance<"CancelError.NoLongerCancellable", string, null, "NotCancellable", "NotCancelled">
> = marked(() =>
  Schema.TaggedError<NoLongerCancellable>("effect-payment-cancel/CancelError.NoLongerCancellable")("CancelError.NoLongerCancellable", {
    provider: Schema.String,
    code: noCode,
    category: constant("NotCancellable"),
    outcome: notCancelled,
    ...reportFields
  })
)

/**
 * The payment's status shows that it was not cancelled and can no longer be: it has succeeded,
 * failed or expired, or is about to. `paymentStatus` has the status.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoLongerCancellable extends NoLongerCancellableBase {}

/**
 * The shared errors, as one schema.
 *
 * @since 0.1.0
 * @category errors
 */
export const Shared = onFirstUse(() => Schema.Union(InvalidCancelRequest, NotSent, NoResponse, UnexpectedResponse, NoLongerCancellable))

/**
 * The errors that are in every provider's error channel.
 *
 * @since 0.1.0
 * @category errors
 */
export type Shared = InvalidCancelRequest | NotSent | NoResponse | UnexpectedResponse | NoLongerCancellable

const statusFields = {
  provider: Schema.String,
  code: Schema.NullOr(Schema.String),
  category: Category,
  message: Schema.String,
  paymentId: Schema.String,
  httpStatus: reportFields.httpStatus,
  requestId: reportFields.requestId,
  details: reportFields.details,
  retryAfter: reportFields.retryAfter,
  attempts: Schema.NonNegativeInt
}

/** What a `StatusUnavailable` is made from. */
interface StatusReport extends Circumstances, Kind<string, string | null, Category> {}

interface StatusInstance extends StatusReport, TaggedInstance<"CancelError.StatusUnavailable"> {}

const StatusUnavailableBase: ErrorClass<
  StatusUnavailable,
  "CancelError.StatusUnavailable",
  typeof statusFields,
  StatusReport,
  StatusInstance
> = survivingJson(() =>
  Schema.TaggedError<StatusUnavailable>("effect-payment-cancel/CancelError.StatusUnavailable")(
    "CancelError.StatusUnavailable",
    statusFields
  )
)

/**
 * The status of a payment could not be established. It claims nothing about any cancel. A status
 * query changes nothing and may be repeated.
 *
 * `category` is that of the code, if the code is listed. Otherwise it is `Network` without an
 * answer, `ProviderFault` for a 5xx, `InvalidRequest` for a 400, and `categoryOfStatus` for any
 * other status.
 *
 * @since 0.1.0
 * @category errors
 */
export class StatusUnavailable extends StatusUnavailableBase {}
