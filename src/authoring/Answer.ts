/**
 * What a provider's answer says, in words that all providers share.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Amount } from "../Cancellation.js"
import { decoderOf, decodingBy, unfit } from "../engine/decoder.js"

/**
 * A whole answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  /** The HTTP status. */
  readonly status: number
  /** By their names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** What it decodes to: none when it is empty or does not decode. */
  readonly body: Option.Option<unknown>
}

/**
 * How a header says how long to wait: a span, or the moment from which on to ask again.
 *
 * @since 0.1.0
 * @category models
 */
export type DelayUnit = "Milliseconds" | "Seconds" | "UnixSeconds"

/**
 * The headers, in lower case, by which a provider asks for a wait beside `Retry-After`. They count
 * in answers with the status 429 or 503 only, for such headers mostly stand in every answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Delays {
  readonly [header: string]: DelayUnit
}

/**
 * Where a payment in a given status stands towards being cancelled.
 *
 * - `Cancelled`: it is.
 * - `Cancellable`: it is not, and may still become so.
 * - `Closed`: it is not, and can no longer become so.
 *
 * @since 0.1.0
 * @category models
 */
export type Standing = "Cancelled" | "Cancellable" | "Closed"

/**
 * A provider's statuses and where each stands. A status that is not listed proves nothing.
 *
 * @since 0.1.0
 * @category models
 */
export interface Standings {
  readonly [status: string]: Standing
}

/**
 * Where a status stands; none for one that nobody has listed.
 *
 * @since 0.1.0
 * @category models
 */
export const standing = (standings: Standings, status: string): Option.Option<Standing> =>
  Object.hasOwn(standings, status) ? Option.fromNullable(standings[status]) : Option.none()

/**
 * What an answer states about the payment that was asked for. An answer about another
 * payment states nothing.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatedPayment<Payload> {
  /** The provider's literal. */
  readonly status: string
  /** When it was cancelled, where the answer says so. */
  readonly cancelledAt: Option.Option<DateTime.Utc>
  /** Why it was cancelled, where the answer says so. */
  readonly reason: Option.Option<string>
  /**
   * How much of the payment was captured so far, where the answer says so. An amount that is stated
   * as zero is zero; where nothing is stated, leave it out.
   */
  readonly capturedAmount?: Option.Option<Amount>
  /**
   * Where the payment stands if its status alone does not say so for the operation that asks; none
   * where the answer proves nothing, although its status is listed. Left out, `standings` of the
   * declaration say it.
   */
  readonly standing?: Option.Option<Standing> | undefined
  /** The payment as the provider describes it, where the answer has it. */
  readonly payload: Option.Option<Payload>
}

/**
 * What the answers to an operation can say: state the `payment`, or give a `receipt` for a
 * request that was accepted and is decided elsewhere. What an operation's answers never say
 * is `never`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Vocabulary {
  /** What they state of the payment. */
  readonly payment: StatedPayment<unknown>
  /** What they give for a request that was accepted and is decided elsewhere. */
  readonly receipt: unknown
}

/**
 * The answers of an operation that state the payment.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatesPayment<Payload> {
  readonly payment: StatedPayment<Payload>
  readonly receipt: never
}

/**
 * The answers of an operation that accepts the request, and whose status query shows later what
 * became of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface AcceptsThenStates<Payload, Receipt> {
  readonly payment: StatedPayment<Payload>
  readonly receipt: Receipt
}

/**
 * The answers of an operation that only accepts the request.
 *
 * @since 0.1.0
 * @category models
 */
export interface GivesReceipt<Receipt> {
  readonly payment: never
  readonly receipt: Receipt
}

/**
 * What an answer refuses, and why.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refusal {
  /** The literal that the error table is looked up by; null when there is none. */
  readonly code: string | null
  /**
   * Every literal of an answer that gives several, the most telling first. The first that is listed
   * then stands for the answer, and none needs to be picked as `code`.
   */
  readonly codes?: ReadonlyArray<string>
  /** The provider's own words, null when there are none. */
  readonly message: string | null
  /** The provider's structured details, as decoded JSON; null when there are none. */
  readonly details: unknown
}

/**
 * Where a stated payment stands: as its answer says, or else as its status does.
 *
 * @since 0.1.0
 * @category getters
 */
export const standingOf = (standings: Standings, { standing: own, status }: StatedPayment<unknown>): Option.Option<Standing> =>
  own ?? standing(standings, status)

/**
 * A payment of which no more is stated than its status.
 *
 * @since 0.1.0
 * @category constructors
 */
export const stated = (status: string): StatedPayment<never> => ({
  status,
  cancelledAt: Option.none(),
  reason: Option.none(),
  payload: Option.none()
})

/**
 * What JSON decodes to; none for what is not JSON.
 *
 * @since 0.1.0
 * @category getters
 */
export const json: (text: string) => Option.Option<unknown> = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/**
 * Whether JSON has one of these members, be it well-formed or not: what reports an error
 * contradicts a success in any type. Null counts as absent, an empty text, list or object as there.
 *
 * @since 0.1.0
 * @category predicates
 */
export const holds = (json: unknown, ...names: ReadonlyArray<string>): boolean =>
  names.some((name) => Predicate.hasProperty(json, name) && Predicate.isNotNullable(json[name]))

/**
 * Everything a provider reads out of one answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reading<V extends Vocabulary> {
  /** What the answer states of the payment that was asked for. */
  readonly payment: Option.Option<V["payment"]>
  /** That the request was accepted, where the answers of the operation say so. */
  readonly receipt: Option.Option<V["receipt"]>
  /** The error in the answer. */
  readonly refusal: Option.Option<Refusal>
  /** The provider's own id for the exchange. */
  readonly requestId: Option.Option<string>
  /**
   * What the answer itself says about sending the same request again, where a provider says it: it
   * then overrules what is known of its code and of its licence.
   */
  readonly sendAgain: Option.Option<boolean>
  /**
   * Whether the answer itself says that it was given to an earlier request with the same key. It
   * proves as much as it did then, and says nothing of how the provider fares now.
   */
  readonly isReplay?: boolean
}

/**
 * How much of a payment was captured, as an answer states it; none where it does not.
 *
 * @since 0.1.0
 * @category getters
 */
export const capturedAmount = ({ capturedAmount }: StatedPayment<unknown>): Option.Option<Amount> =>
  capturedAmount ?? Option.none()

/**
 * The reading of an answer that says nothing: a start for a provider's own.
 *
 * @since 0.1.0
 * @category models
 */
export const nothing: Reading<{ readonly payment: never; readonly receipt: never }> = {
  payment: Option.none(),
  receipt: Option.none(),
  refusal: Option.none(),
  requestId: Option.none(),
  sendAgain: Option.none(),
  isReplay: false
}

/**
 * A field that a lenient reader takes if it is there and well-formed, and otherwise does
 * without: absent, null and malformed all become none. So that a proof is never lost to a
 * field that does not matter to it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const lenient = <A, I>(schema: Schema.Schema<A, I>) => {
  const field = Schema.optionalWith(
    Schema.OptionFromNullOr(schema).annotations({ decodingFallback: () => Either.right(Option.none<A>()) }),
    { default: () => Option.none<A>() }
  )
  const decode = decoderOf(schema)
  return decodingBy(field, (value) => {
    const decoded = value === null || value === undefined ? unfit : decode(value)
    return decoded === unfit ? Option.none() : Option.some(decoded)
  })
}

/**
 * Decodes what a struct describes: the same as `Schema.decodeUnknownOption`, in about a tenth
 * of the time where most fields are `lenient`, as in answers.
 *
 * @since 0.1.0
 * @category decoders
 */
export const decoder = <A, I>(
  schema: Schema.Schema<A, I> & { readonly fields: Schema.Struct.Fields }
): (value: unknown) => Option.Option<A> => {
  const decode = decoderOf(schema)
  return (value) => {
    const decoded = decode(value)
    return decoded === unfit ? Option.none() : Option.some(decoded)
  }
}

/**
 * A time as answers write it, ISO 8601 or RFC 3339; none for what is no time. Without an offset from
 * UTC it is none either: in which zone it is meant, nobody says. Some providers write seven digits of a
 * second, or an offset as `+0000`: a `Date` has three digits, and not every runtime passes over the
 * rest, nor reads such an offset.
 *
 * @since 0.1.0
 * @category getters
 */
export const parseTime = (text: string): Option.Option<DateTime.Utc> =>
  /^\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d:?\d\d)$/.test(text)
    ? Option.map(DateTime.make(text.replace(/(\.\d{3})\d+/, "$1").replace(/(\d\d)(\d\d)$/, "$1:$2")), DateTime.toUtc)
    : Option.none()
