/**
 * Klarna's wire format: what is sent, and what an answer says.
 *
 * @since 0.1.0
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Amount } from "../../Cancellation.js"
import * as Input from "../../authoring/Input.js"
import * as Answer from "../../authoring/Answer.js"
import * as Request from "../../authoring/Request.js"
import type { Connection } from "./options.js"

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)
const LenientInt = Answer.lenient(Schema.Int)

/**
 * The schema of a `CancelRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRequest = Schema.Struct({
  paymentId: Input.PathSegment,
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})

/**
 * A cancel at Klarna.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** Klarna's `order_id`, 1 to 255 characters. */
  readonly paymentId: string
  /**
   * Sent as `Klarna-Idempotency-Key`. Klarna keeps it for 24 hours and goes by the key alone:
   * the same one for another order, or for a capture, gets the first answer again. Klarna
   * advises a UUID. One is made if none is given.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of a `ReleaseRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ReleaseRequest = Schema.Struct(CancelRequest.fields)

/**
 * A release of what remains of an authorization at Klarna.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReleaseRequest {
  /** Klarna's `order_id`, 1 to 255 characters. */
  readonly paymentId: string
  /** Sent as `Klarna-Idempotency-Key`, as with a cancel: Klarna goes by the key alone, so give it none of a cancel's. */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of an `Order`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Order = Schema.Struct({
  order_id: Schema.String,
  status: Schema.String,
  fraud_status: LenientString,
  order_amount: LenientInt,
  original_order_amount: LenientInt,
  captured_amount: LenientInt,
  refunded_amount: LenientInt,
  remaining_authorized_amount: LenientInt,
  purchase_currency: LenientString,
  purchase_country: LenientString,
  locale: LenientString,
  created_at: LenientString,
  expires_at: LenientString,
  klarna_reference: LenientString,
  merchant_reference1: LenientString,
  merchant_reference2: LenientString
})

/**
 * An order as Klarna shows it, under Klarna's own names. Only `order_id` and `status` are
 * relied upon: every other field is none when it is absent, null or malformed. Who ordered
 * what, and where it is sent, is left out: no cancel needs it, and journals should not hold it.
 *
 * Amounts are in the smallest unit of the currency. Times are ISO 8601.
 *
 * @since 0.1.0
 * @category models
 */
export interface Order {
  /** Klarna's id of the order. */
  readonly order_id: string
  /** `AUTHORIZED`, `PART_CAPTURED`, `CAPTURED`, `CANCELLED`, `EXPIRED` or `CLOSED`. */
  readonly status: string
  /** Whether Klarna takes the risk: `ACCEPTED`, `PENDING` or `REJECTED`. */
  readonly fraud_status: Option.Option<string>
  /** What the order is worth now. */
  readonly order_amount: Option.Option<number>
  /** What it was worth when it was placed. */
  readonly original_order_amount: Option.Option<number>
  /** How much of it was captured. */
  readonly captured_amount: Option.Option<number>
  /** How much of it was refunded. */
  readonly refunded_amount: Option.Option<number>
  /** How much of it may still be captured. */
  readonly remaining_authorized_amount: Option.Option<number>
  /** The code of the currency, as in ISO 4217. */
  readonly purchase_currency: Option.Option<string>
  /** The country of the purchase, as in ISO 3166. */
  readonly purchase_country: Option.Option<string>
  /** The customer's language and country, such as `en-GB`. */
  readonly locale: Option.Option<string>
  /** When it was placed. */
  readonly created_at: Option.Option<string>
  /** When the authorization lapses. */
  readonly expires_at: Option.Option<string>
  /** The reference that Klarna shows to the customer. */
  readonly klarna_reference: Option.Option<string>
  /** Your own reference of the order. */
  readonly merchant_reference1: Option.Option<string>
  /** Your own second reference of the order. */
  readonly merchant_reference2: Option.Option<string>
}

const ErrorBody = Schema.Struct({
  error_code: LenientString,
  error_messages: Answer.lenient(Schema.Array(Schema.String)),
  correlation_id: LenientString,
  // Klarna's newer APIs, and the gateway before all of them, word an error so.
  error_id: LenientString,
  error_type: LenientString,
  error_message: LenientString
})

const decodeOrder = Answer.decoder(Order)
const decodeError = Answer.decoder(ErrorBody)

const headers = ({ password, username }: Connection) => ({
  "authorization": `Basic ${Encoding.encodeBase64(`${username}:${Redacted.value(password)}`)}`,
  "accept": "application/json",
  "accept-encoding": "identity"
})

const order = ({ baseUrl }: Connection, ...segments: ReadonlyArray<string>): string =>
  Input.resource(baseUrl, "ordermanagement", "v1", "orders", ...segments)

/** `POST /ordermanagement/v1/orders/{order_id}/cancel`, without a body. */
export const cancel = (
  connection: Connection,
  { paymentId }: CancelRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make("POST", order(connection, paymentId, "cancel"), {
    "klarna-idempotency-key": idempotencyKey,
    ...headers(connection)
  })

/** `POST /ordermanagement/v1/orders/{order_id}/release-remaining-authorization`, without a body. */
export const release = (
  connection: Connection,
  { paymentId }: ReleaseRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make("POST", order(connection, paymentId, "release-remaining-authorization"), {
    "klarna-idempotency-key": idempotencyKey,
    ...headers(connection)
  })

/** `GET /ordermanagement/v1/orders/{order_id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", order(connection, paymentId), headers(connection))

/** What reports a failure; an order has none of these members. */
const reportsError = (json: unknown): boolean =>
  Answer.holds(json, "error_code", "error_id", "error_message", "error_messages", "error_type")

const readRefusal = (
  { error_code, error_message, error_messages, error_type }: typeof ErrorBody.Type,
  details: unknown
): Answer.Refusal => ({
  // An error of Klarna's that has a type and no code is nobody else's, such as a proxy's, which its status alone would be.
  code: Option.getOrNull(Option.orElse(error_code, () => error_type)),
  message: Option.getOrNull(
    error_messages.pipe(
      Option.filter((messages) => messages.length > 0),
      Option.map((messages) => messages.join("; ")),
      Option.orElse(() => error_message),
      Option.orElse(() => error_type)
    )
  ),
  details
})

const capturedAmount = ({ captured_amount, purchase_currency }: Order): Option.Option<Amount> =>
  Option.map(captured_amount, (amount) => ({
    amount,
    currency: Option.map(purchase_currency, (currency) => currency.toUpperCase())
  }))

/** What an order can be whose authorization is over, with captures or without. */
const over: ReadonlyArray<string> = ["EXPIRED", "CLOSED"]

/**
 * Where an order that is over stands towards a cancel: one that has captures cannot have been cancelled. Of one without,
 * or that does not say, nobody knows in which status a cancel leaves it in the end.
 */
const standing = ({ captured_amount, status }: Order): Option.Option<Answer.Standing> | undefined =>
  over.includes(status) && Option.exists(captured_amount, (amount) => amount > 0) ? Option.some("Closed") : undefined

/** An order that has captures cannot be cancelled, so one that is said to be both is not believed: nor what cannot be read of them. */
const isConsistent = ({ captured_amount, status }: Order, json: unknown): boolean =>
  status !== "CANCELLED" || Option.match(captured_amount, {
    onNone: () => !Answer.holds(json, "captured_amount"),
    onSome: (amount) => amount === 0
  })

/**
 * What a 4xx says about sending the same request again: Klarna's retry policy says not to, and its page on rate limits
 * excepts a 429.
 */
const sendAgain = (status: number): Option.Option<boolean> =>
  status >= 400 && status < 500 && status !== 429 ? Option.some(false) : Option.none()

/**
 * A status query is answered with the order, or with an error; a cancel with nothing, or with
 * an error. With an error an answer states no order.
 */
export const read = (
  { body, headers, status }: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<Order>> => {
  const error = Option.flatMap(Option.filter(body, reportsError), decodeError)
  return {
    ...Answer.nothing,
    refusal: Option.map(Option.all([error, body]), ([reported, details]) => readRefusal(reported, details)),
    requestId: error.pipe(
      Option.flatMap(({ correlation_id, error_id }) => Option.orElse(correlation_id, () => error_id)),
      Option.orElse(() => Option.fromNullable(headers["klarna-correlation-id"]))
    ),
    sendAgain: sendAgain(status),
    payment: body.pipe(
      Option.filter((json) => !reportsError(json)),
      Option.flatMap((json) => Option.filter(decodeOrder(json), (order) => isConsistent(order, json))),
      Option.filter(({ order_id }) => order_id === paymentId),
      Option.map((order) => ({
        status: order.status,
        cancelledAt: Option.none(),
        reason: Option.none(),
        capturedAmount: capturedAmount(order),
        standing: standing(order),
        payload: Option.some(order)
      }))
    )
  }
}

/**
 * Where a status stands towards a release, if the amounts do not say it. An order that is captured or over may have been
 * released before, so it is not listed: its status alone denies nothing.
 */
export const releaseStandings: Answer.Standings = {
  AUTHORIZED: "Cancellable",
  PART_CAPTURED: "Cancellable",
  CANCELLED: "Cancelled"
}

/** What an order can be that has captures, or is over. Of any other status nobody knows what the amounts mean. */
const capturedStatuses: ReadonlyArray<string> = ["PART_CAPTURED", "CAPTURED", ...over]

/** What an order is worth: it may have been raised or lowered after it was placed. */
const wholes = ["original_order_amount", "order_amount"] as const

/**
 * Where an order stands towards a release: what a part was captured of, and of which nothing may be captured any more,
 * is released. Klarna has no status for that, and does not say which one it leaves the order in. It is captured as a
 * whole once nothing is left of the higher of its two amounts. One that cannot be read may be the higher.
 */
const releaseStanding = (order: Order, json: unknown): Option.Option<Answer.Standing> => {
  if (!capturedStatuses.includes(order.status)) return Option.none()
  if (wholes.some((name) => Answer.holds(json, name) && Option.isNone(order[name]))) return Option.none()
  const whole = Math.max(0, ...wholes.flatMap((name) => Option.toArray(order[name])))
  const amounts = Option.all([order.captured_amount, order.remaining_authorized_amount])
  return Option.flatMap(amounts, ([captured, remaining]): Option.Option<Answer.Standing> => {
    // More is captured than there was, or less than nothing is held: amounts that contradict each other say nothing.
    if (captured < 0 || remaining < 0 || captured > whole) return Option.none()
    if (captured === 0) return remaining === 0 && over.includes(order.status) ? Option.some("Closed") : Option.none()
    if (remaining > 0) return Option.some("Cancellable")
    return Option.some(captured < whole ? "Cancelled" : "Closed")
  })
}

/** A release is answered as a cancel is; its status query reads the amounts of the order as well. */
export const readReleased = (answer: Answer.Answer, paymentId: string): Answer.Reading<Answer.StatesPayment<Order>> => {
  const reading = read(answer, paymentId)
  return {
    ...reading,
    payment: Option.map(reading.payment, (stated) => {
      const standing = Option.flatMap(Option.all([stated.payload, answer.body]), ([order, json]) => releaseStanding(order, json))
      // What the order says to a cancel is nothing to a release.
      return { ...stated, standing: Option.isSome(standing) ? standing : undefined }
    })
  }
}
