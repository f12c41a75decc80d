/**
 * Airwallex's wire format: what is sent, and what an answer says.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Answer from "../../authoring/Answer.js"
import * as Input from "../../authoring/Input.js"
import * as Request from "../../authoring/Request.js"
import type { Connection } from "./options.js"

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)
const LenientNumber = Answer.lenient(Schema.Finite)

/** How long it may be is not known: a careful choice, which has room for a UUID. */
export const longestIdempotencyKey = 64

/**
 * The schema of a `CancelRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRequest = Schema.Struct({
  paymentId: Input.PathSegment,
  reason: Schema.optional(Input.Reason),
  idempotencyKey: Schema.optional(Input.idempotencyKey(longestIdempotencyKey))
})

/**
 * A cancel at Airwallex.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** The id of the PaymentIntent, `int_…`, 1 to 255 characters. */
  readonly paymentId: string
  /** Sent as `cancellation_reason`, if it is given; free text. */
  readonly reason?: string | undefined
  /** Sent as `request_id` in the body, at most 64 characters; one is generated if none is given. */
  readonly idempotencyKey?: string | undefined
}

const PaymentAttempt = Schema.Struct({
  id: LenientString,
  status: LenientString,
  amount: LenientNumber,
  captured_amount: LenientNumber,
  refunded_amount: LenientNumber,
  provider_original_response_code: LenientString,
  created_at: LenientString,
  updated_at: LenientString
})

/**
 * The schema of a `PaymentIntent`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PaymentIntent = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  request_id: LenientString,
  amount: LenientNumber,
  captured_amount: LenientNumber,
  currency: LenientString,
  merchant_order_id: LenientString,
  descriptor: LenientString,
  customer_id: LenientString,
  connected_account_id: LenientString,
  cancellation_reason: LenientString,
  cancelled_at: LenientString,
  created_at: LenientString,
  updated_at: LenientString,
  metadata: Answer.lenient(Schema.Record({ key: Schema.String, value: Schema.String })),
  latest_payment_attempt: Answer.lenient(PaymentAttempt)
})

/** The latest try to pay. */
interface PaymentAttempt {
  /** Airwallex's id of it, `att_…`. */
  readonly id: Option.Option<string>
  /** Such as `AUTHORIZED` or `CANCELLED`. */
  readonly status: Option.Option<string>
  /** The amount, in the currency itself. */
  readonly amount: Option.Option<number>
  /** How much of it was captured, in the currency itself. */
  readonly captured_amount: Option.Option<number>
  /** How much of it was refunded, in the currency itself. */
  readonly refunded_amount: Option.Option<number>
  /** The code of the payment provider behind Airwallex, such as `00`. */
  readonly provider_original_response_code: Option.Option<string>
  /** When it was made. */
  readonly created_at: Option.Option<string>
  /** When it was last changed. */
  readonly updated_at: Option.Option<string>
}

/**
 * A PaymentIntent as Airwallex describes it, with Airwallex's own field names. Only `id` and `status`
 * are relied upon: every other field is none if it is absent, null or malformed.
 *
 * Amounts are numbers in the currency itself, such as `10.5` USD. Times are ISO 8601. The
 * `client_secret` is left out: with it the payment could be confirmed. So are the payer and the means
 * of payment: no cancel needs them, and they should not be in journals.
 *
 * @since 0.1.0
 * @category models
 */
export interface PaymentIntent {
  /** The id of the PaymentIntent. */
  readonly id: string
  /**
   * `REQUIRES_PAYMENT_METHOD`, `REQUIRES_CUSTOMER_ACTION`, `REQUIRES_MERCHANT_ACTION`, `PENDING`,
   * `PENDING_REVIEW`, `REQUIRES_CAPTURE`, `SUCCEEDED` or `CANCELLED`.
   */
  readonly status: string
  /** The `request_id` of a request about it: not necessarily of the latest. */
  readonly request_id: Option.Option<string>
  /** What is to be paid, in the currency itself. */
  readonly amount: Option.Option<number>
  /** How much was captured, in the currency itself. */
  readonly captured_amount: Option.Option<number>
  /** The code of the currency, as in ISO 4217. */
  readonly currency: Option.Option<string>
  /** Your own id of the order. */
  readonly merchant_order_id: Option.Option<string>
  /** What the payer reads on the statement. */
  readonly descriptor: Option.Option<string>
  /** The id of the customer, `cus_…`. */
  readonly customer_id: Option.Option<string>
  /** The connected account that it belongs to. */
  readonly connected_account_id: Option.Option<string>
  /** Why it was cancelled, in the words of whoever did it. */
  readonly cancellation_reason: Option.Option<string>
  /** When it was cancelled. */
  readonly cancelled_at: Option.Option<string>
  /** When it was made. */
  readonly created_at: Option.Option<string>
  /** When it was last changed. */
  readonly updated_at: Option.Option<string>
  /** Your own data. */
  readonly metadata: Option.Option<{ readonly [name: string]: string }>
  /** The latest try to pay. */
  readonly latest_payment_attempt: Option.Option<PaymentAttempt>
}

const ErrorBody = Schema.Struct({
  code: LenientString,
  message: LenientString,
  source: LenientString,
  trace_id: LenientString,
  provider_original_response_code: LenientString,
  details: Answer.lenient(Schema.Unknown)
})

interface ErrorBody extends Schema.Schema.Type<typeof ErrorBody> {}

const decodePaymentIntent = Answer.decoder(PaymentIntent)
const decodeErrorBody = Answer.decoder(ErrorBody)

const plain = { "accept": "application/json", "accept-encoding": "identity" }

const headers = ({ apiVersion, onBehalfOf }: Connection) => ({
  ...plain,
  "x-api-version": apiVersion,
  ...(onBehalfOf === undefined ? {} : { "x-on-behalf-of": onBehalfOf })
})

const intent = ({ baseUrl }: Connection, ...segments: ReadonlyArray<string>): string =>
  Input.resource(baseUrl, "api", "v1", "pa", "payment_intents", ...segments)

/** `POST /api/v1/authentication/login` */
export const token = ({ apiKey, apiVersion, baseUrl, clientId, loginAs }: Connection): HttpClientRequest.HttpClientRequest =>
  Request.make("POST", Input.resource(baseUrl, "api", "v1", "authentication", "login"), {
    ...plain,
    "x-api-version": apiVersion,
    "x-client-id": clientId,
    "x-api-key": Redacted.value(apiKey),
    ...(loginAs === undefined ? {} : { "x-login-as": loginAs })
  }, HttpBody.unsafeJson({}))

/** `POST /api/v1/pa/payment_intents/{id}/cancel` */
export const cancel = (
  connection: Connection,
  { paymentId, reason }: CancelRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make(
    "POST",
    intent(connection, paymentId, "cancel"),
    headers(connection),
    HttpBody.unsafeJson({ request_id: idempotencyKey, cancellation_reason: reason })
  )

/** `GET /api/v1/pa/payment_intents/{id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", intent(connection, paymentId), headers(connection))

const GrantedToken = Schema.Struct({
  token: Schema.NonEmptyString,
  expires_at: LenientString
})

const decodeGrantedToken = Answer.decoder(GrantedToken)

/** As documented: for an answer that does not say when the token expires, or what time it is. */
const usualLifetime = Duration.minutes(30)

/**
 * `expires_at` is a time of Airwallex's clock, so it is compared with that clock: the `Date` of the
 * same answer. A client whose clock is wrong would otherwise use the token too long, or never twice.
 */
const lifetime = (headers: Answer.Answer["headers"], expiresAt: Option.Option<string>): Option.Option<Duration.Duration> =>
  Option.map(
    Option.all([Option.flatMap(expiresAt, Answer.parseTime), DateTime.make(Date.parse(headers["date"] ?? ""))]),
    ([until, now]) => Duration.millis(Math.max(0, until.epochMillis - now.epochMillis))
  )

/** The access token in an answer to a login. */
export const readToken = ({ body, headers }: Answer.Answer) =>
  Option.map(Option.flatMap(body, decodeGrantedToken), ({ expires_at, token }) => ({
    value: token,
    expiresIn: Option.orElseSome(lifetime(headers, expires_at), () => usualLifetime)
  }))

/** When a PaymentIntent was cancelled, as stated in it. */
export const cancelledAt = ({ cancelled_at }: PaymentIntent): Option.Option<DateTime.Utc> =>
  Option.flatMap(cancelled_at, Answer.parseTime)

/** Unless a PaymentIntent that has succeeded states that all of it was captured, the cancel that asks may have released the rest. */
const leavesOpen = ({ amount, captured_amount, status }: PaymentIntent): boolean =>
  status === "SUCCEEDED" && !Option.exists(Option.all([amount, captured_amount]), ([whole, captured]) => captured >= whole)

const statedBy = (payment: PaymentIntent): Answer.StatedPayment<PaymentIntent> => ({
  status: payment.status,
  cancelledAt: cancelledAt(payment),
  reason: payment.cancellation_reason,
  standing: leavesOpen(payment) ? Option.none() : undefined,
  payload: Option.some(payment)
})

/** What an error says besides its code and message, without what is not there. */
const detailsOf = ({ source, provider_original_response_code, details }: ErrorBody): object | null => {
  const said = Record.getSomes({ source, provider_original_response_code, details })
  return Object.keys(said).length === 0 ? null : said
}

/** An error has a code. A PaymentIntent has none. */
const readError = (error: ErrorBody): Option.Option<Answer.Refusal> =>
  Option.map(error.code, (code) => ({
    code,
    message: Option.getOrNull(error.message),
    details: detailsOf(error)
  }))

/** The error in an answer. */
export const readRefusal = ({ body }: Answer.Answer): Option.Option<Answer.Refusal> =>
  Option.flatMap(Option.flatMap(body, decodeErrorBody), readError)

/** A cancel and a status query have the same answers: the PaymentIntent, or an error, which states none. */
export const read = (
  { body }: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<PaymentIntent>> => {
  const error = Option.flatMap(body, decodeErrorBody)
  return {
    ...Answer.nothing,
    refusal: Option.flatMap(error, readError),
    requestId: Option.flatMap(error, ({ trace_id }) => trace_id),
    payment: body.pipe(
      Option.filter((json) => !Answer.holds(json, "code")),
      Option.flatMap(decodePaymentIntent),
      Option.filter(({ id }) => id === paymentId),
      Option.map(statedBy)
    )
  }
}
