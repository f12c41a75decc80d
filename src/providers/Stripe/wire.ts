/**
 * Stripe's wire format: what is sent, and what an answer says.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Answer from "../../authoring/Answer.js"
import * as Input from "../../authoring/Input.js"
import * as Request from "../../authoring/Request.js"
import type { Amount } from "../../Cancellation.js"
import * as errors from "./errors.js"
import type { Connection } from "./options.js"

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)
const LenientInt = Answer.lenient(Schema.Int)
const LenientBoolean = Answer.lenient(Schema.Boolean)

/**
 * The reasons that Stripe accepts for a cancel.
 *
 * @since 0.1.0
 * @category models
 */
export const Reason = Schema.Literal("abandoned", "duplicate", "fraudulent", "requested_by_customer").annotations({
  message: () => ({ message: "must be abandoned, duplicate, fraudulent or requested_by_customer", override: true })
})

/**
 * @since 0.1.0
 * @category models
 */
export type Reason = typeof Reason.Type

/**
 * The schema of a `CancelRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRequest = Schema.Struct({
  paymentId: Input.PathSegment,
  reason: Schema.optional(Reason),
  account: Schema.optional(Input.HeaderValue),
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})

/**
 * A cancel at Stripe.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** The PaymentIntent's id, `pi_…`, 1 to 255 characters. */
  readonly paymentId: string
  /** Sent as `cancellation_reason`, if it is given. */
  readonly reason?: Reason | undefined
  /**
   * The connected account to act for in this one cancel, `acct_…`, sent as `Stripe-Account`; the
   * default is the layer's `account`. The status is read for the same account. Like the
   * layer's account it appears in no result, error or event: where an answer names it, in `metadata`
   * too, there is `<redacted>` instead. Keep it with the payment, because a later call has to name it
   * again.
   */
  readonly account?: string | undefined
  /** Sent as `Idempotency-Key`; one is made if none is given. */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of a `StatusRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StatusRequest = Schema.Struct({
  paymentId: Input.PathSegment,
  account: Schema.optional(Input.HeaderValue)
})

/**
 * A status query at Stripe.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatusRequest {
  /** The id of the PaymentIntent, `pi_…`, 1 to 255 characters. */
  readonly paymentId: string
  /**
   * The connected account that it belongs to, `acct_…`, sent as `Stripe-Account`; the default is
   * the layer's `account`. Another account's payment is not found.
   */
  readonly account?: string | undefined
}

/**
 * The schema of a `PaymentIntent`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PaymentIntent = Schema.Struct({
  id: Schema.String,
  object: LenientString,
  status: Schema.String,
  amount: LenientInt,
  amount_capturable: LenientInt,
  amount_received: LenientInt,
  application: LenientString,
  application_fee_amount: LenientInt,
  canceled_at: LenientInt,
  cancellation_reason: LenientString,
  capture_method: LenientString,
  confirmation_method: LenientString,
  created: LenientInt,
  currency: LenientString,
  customer: LenientString,
  description: LenientString,
  latest_charge: LenientString,
  livemode: LenientBoolean,
  metadata: Answer.lenient(Schema.Record({ key: Schema.String, value: Schema.String })),
  on_behalf_of: LenientString,
  payment_method: LenientString,
  payment_method_types: Answer.lenient(Schema.Array(Schema.String)),
  receipt_email: LenientString,
  setup_future_usage: LenientString,
  statement_descriptor: LenientString,
  statement_descriptor_suffix: LenientString,
  transfer_group: LenientString
})

/**
 * A PaymentIntent as Stripe describes it, with Stripe's own field names. Only `id` and `status` are
 * relied upon: every other field is none if it is absent, null or malformed.
 *
 * Amounts are in the currency's smallest unit. The `client_secret` is left out: with it the
 * payment could be confirmed.
 *
 * @since 0.1.0
 * @category models
 */
export interface PaymentIntent {
  /** The id of the PaymentIntent, `pi_…`. */
  readonly id: string
  /** The kind of object, `payment_intent`. */
  readonly object: Option.Option<string>
  /** Stripe's literal, such as `canceled`. */
  readonly status: string
  /** The amount to collect. */
  readonly amount: Option.Option<number>
  /** The amount that can be captured. */
  readonly amount_capturable: Option.Option<number>
  /** The amount that was collected. */
  readonly amount_received: Option.Option<number>
  /** The Connect application that created it. */
  readonly application: Option.Option<string>
  /** The part of the amount that is the application's fee. */
  readonly application_fee_amount: Option.Option<number>
  /** When it was cancelled, in UNIX seconds. */
  readonly canceled_at: Option.Option<number>
  /** Why it was cancelled; it may be one that only Stripe itself gives, such as `automatic` or `expired`. */
  readonly cancellation_reason: Option.Option<string>
  /** When it is captured: `automatic`, `automatic_async` or `manual`. */
  readonly capture_method: Option.Option<string>
  /** How it is confirmed: `automatic` or `manual`. */
  readonly confirmation_method: Option.Option<string>
  /** When it was created, in UNIX seconds. */
  readonly created: Option.Option<number>
  /** The currency, three letters, in lower case. */
  readonly currency: Option.Option<string>
  /** The customer it belongs to, `cus_…`. */
  readonly customer: Option.Option<string>
  /** Your description of it. */
  readonly description: Option.Option<string>
  /** The last charge that it made, `ch_…`. */
  readonly latest_charge: Option.Option<string>
  /** Whether it is in live mode. */
  readonly livemode: Option.Option<boolean>
  /** What you attached to it. */
  readonly metadata: Option.Option<{ readonly [key: string]: string }>
  /** The connected account it was created on behalf of, `acct_…`. */
  readonly on_behalf_of: Option.Option<string>
  /** The payment method that is charged, `pm_…`. */
  readonly payment_method: Option.Option<string>
  /** The kinds of payment methods that it may use. */
  readonly payment_method_types: Option.Option<ReadonlyArray<string>>
  /** Where the receipt is sent. */
  readonly receipt_email: Option.Option<string>
  /** Whether the payment method is saved for later use: `on_session` or `off_session`. */
  readonly setup_future_usage: Option.Option<string>
  /** What the payer's statement shows. */
  readonly statement_descriptor: Option.Option<string>
  /** What a card's statement shows after the account's own prefix. */
  readonly statement_descriptor_suffix: Option.Option<string>
  /** The transfers that it belongs to. */
  readonly transfer_group: Option.Option<string>
}

/**
 * The schema of an `ExpireCheckoutSessionRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ExpireCheckoutSessionRequest = Schema.Struct({
  paymentId: Input.PathSegment,
  account: Schema.optional(Input.HeaderValue),
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})

/**
 * The end of a Checkout Session at Stripe.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExpireCheckoutSessionRequest {
  /** The Checkout Session's id, `cs_…`, 1 to 255 characters. It stands for the payment in results and errors. */
  readonly paymentId: string
  /** The connected account to act for, as with a cancel. */
  readonly account?: string | undefined
  /** Sent as `Idempotency-Key`; one is made if none is given. */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of a `CheckoutSession`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CheckoutSession = Schema.Struct({
  id: Schema.String,
  object: LenientString,
  status: Schema.String,
  after_expiration: Answer.lenient(Schema.Struct({
    recovery: Answer.lenient(Schema.Struct({ enabled: LenientBoolean, expires_at: LenientInt }))
  })),
  amount_total: LenientInt,
  client_reference_id: LenientString,
  created: LenientInt,
  currency: LenientString,
  expires_at: LenientInt,
  livemode: LenientBoolean,
  metadata: Answer.lenient(Schema.Record({ key: Schema.String, value: Schema.String })),
  mode: LenientString,
  payment_intent: LenientString,
  payment_status: LenientString
})

/**
 * A Checkout Session as Stripe describes it, with Stripe's own field names. Only `id` and `status`
 * are relied upon: every other field is none if it is absent, null or malformed.
 *
 * What Stripe knows of the payer, and the addresses at which the session could be paid or recovered, are left out.
 *
 * @since 0.1.0
 * @category models
 */
export interface CheckoutSession {
  /** The id of the Checkout Session, `cs_…`. */
  readonly id: string
  /** The kind of object, `checkout.session`. */
  readonly object: Option.Option<string>
  /** `open`, `complete` or `expired`. */
  readonly status: string
  /**
   * Whether an expired session can be recovered. Its `recovery.enabled` is true if it can: then Stripe has made an address
   * at which a copy of it can be opened and paid, up to `recovery.expires_at`, in UNIX seconds.
   */
  readonly after_expiration: Option.Option<{
    readonly recovery: Option.Option<{ readonly enabled: Option.Option<boolean>; readonly expires_at: Option.Option<number> }>
  }>
  /** The total, in the currency's smallest unit. */
  readonly amount_total: Option.Option<number>
  /** Your own reference of it. */
  readonly client_reference_id: Option.Option<string>
  /** When it was created, in UNIX seconds. */
  readonly created: Option.Option<number>
  /** The currency, three letters, in lower case. */
  readonly currency: Option.Option<string>
  /** When it expires by itself, in UNIX seconds. */
  readonly expires_at: Option.Option<number>
  /** Whether it is in live mode. */
  readonly livemode: Option.Option<boolean>
  /** What you attached to it. */
  readonly metadata: Option.Option<{ readonly [key: string]: string }>
  /** What it is for: `payment`, `setup` or `subscription`. */
  readonly mode: Option.Option<string>
  /** The PaymentIntent that belongs to it, `pi_…`; none before the payer has begun to pay, in newer API versions. */
  readonly payment_intent: Option.Option<string>
  /** Whether it was paid: `paid`, `unpaid` or `no_payment_required`. */
  readonly payment_status: Option.Option<string>
}

/**
 * The part of an error that becomes its details: never the payment, because it contains the
 * `client_secret`.
 */
const ErrorDetails = Schema.Struct({
  type: LenientString,
  param: LenientString,
  decline_code: LenientString,
  doc_url: LenientString,
  request_log_url: LenientString
})

const ErrorBody = Schema.Struct({
  error: Schema.Struct({
    ...ErrorDetails.fields,
    code: LenientString,
    message: LenientString,
    payment_intent: Answer.lenient(PaymentIntent)
  })
})

interface ErrorBody extends Schema.Schema.Type<typeof ErrorBody> {}

const decodePaymentIntent = Answer.decoder(PaymentIntent)
const decodeErrorBody = Answer.decoder(ErrorBody)

const headers = ({ account, apiKey, apiVersion }: Connection): Request.Fields => ({
  "authorization": `Bearer ${Redacted.value(apiKey)}`,
  "stripe-version": apiVersion,
  ...(account === undefined ? {} : { "stripe-account": account }),
  "accept": "application/json",
  "accept-encoding": "identity"
})

/** A request's own account replaces the layer's. */
export const actingFor = (
  connection: Connection,
  { account }: { readonly account?: string | undefined }
): Connection => account === undefined ? connection : { ...connection, account }

/** `POST /v1/payment_intents/{id}/cancel` */
export const cancel = (
  connection: Connection,
  { paymentId, reason }: CancelRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make(
    "POST",
    Input.resource(connection.baseUrl, "v1", "payment_intents", paymentId, "cancel"),
    { "idempotency-key": idempotencyKey, ...headers(connection) },
    // The reasons are words that need no encoding.
    HttpBody.text(reason === undefined ? "" : `cancellation_reason=${reason}`, "application/x-www-form-urlencoded")
  )

/** `GET /v1/payment_intents/{id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", Input.resource(connection.baseUrl, "v1", "payment_intents", paymentId), headers(connection))

const sessions = ({ baseUrl }: Connection, ...segments: ReadonlyArray<string>): string =>
  Input.resource(baseUrl, "v1", "checkout", "sessions", ...segments)

/** `POST /v1/checkout/sessions/{id}/expire`, without a body. */
export const expireCheckoutSession = (
  connection: Connection,
  { paymentId }: ExpireCheckoutSessionRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make("POST", sessions(connection, paymentId, "expire"), {
    "idempotency-key": idempotencyKey,
    ...headers(connection)
  })

/** `GET /v1/checkout/sessions/{id}` */
export const checkoutSessionStatus = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", sessions(connection, paymentId), headers(connection))

/** When a PaymentIntent was cancelled, as stated in it. */
export const canceledAt = ({ canceled_at }: PaymentIntent): Option.Option<DateTime.Utc> =>
  Option.flatMap(canceled_at, (seconds) => DateTime.make(seconds * 1000))

/**
 * How much of a PaymentIntent was captured, as stated in it: for a canceled one, what partial
 * captures took before.
 */
export const amountReceived = ({ amount_received, currency }: PaymentIntent): Option.Option<Amount> =>
  Option.map(amount_received, (amount) => ({ amount, currency: Option.map(currency, (code) => code.toUpperCase()) }))

/** Unless a PaymentIntent that has succeeded states that all of it was captured, the cancel that asks may have released the rest. */
const leavesOpen = ({ amount, amount_received, status }: PaymentIntent): boolean =>
  status === "succeeded" && !Option.exists(Option.all([amount, amount_received]), ([whole, received]) => received >= whole)

const statedBy = (payment: PaymentIntent): Answer.StatedPayment<PaymentIntent> => ({
  status: payment.status,
  cancelledAt: canceledAt(payment),
  reason: payment.cancellation_reason,
  capturedAmount: amountReceived(payment),
  standing: leavesOpen(payment) ? Option.none() : undefined,
  payload: Option.some(payment)
})

/**
 * A misused idempotency key and a wrong API key have a type but no code, so the type replaces it.
 * That of a wrong API key has many meanings, and has this one only with a 401.
 */
const codeOf = ({ code, type }: ErrorBody["error"], status: number): string | null => {
  const telling: ReadonlyArray<string> = [
    errors.IdempotencyError.declared.row.code,
    ...(status === 401 ? [errors.InvalidApiKey.declared.row.code] : [])
  ]
  return Option.getOrNull(Option.orElse(code, () => Option.filter(type, (_) => telling.includes(_))))
}

const readRefusal = (error: ErrorBody["error"], status: number): Answer.Refusal => ({
  code: codeOf(error, status),
  message: Option.getOrNull(error.message),
  details: Schema.encodeSync(ErrorDetails)(error)
})

/** What Stripe itself says about resending the same request. */
const shouldRetry = new Map([["true", true], ["false", false]])

const holdsError = (json: unknown): boolean => Answer.holds(json, "error")

/**
 * What an answer states. A success that contains an error contradicts itself, and states nothing.
 * Any other error may contain the PaymentIntent that it is about.
 */
const statedIn = ({ body, status }: Answer.Answer, error: Option.Option<ErrorBody["error"]>): Option.Option<PaymentIntent> => {
  if (!Option.exists(body, holdsError)) return Option.flatMap(body, decodePaymentIntent)
  return status >= 200 && status < 300 ? Option.none() : Option.flatMap(error, ({ payment_intent }) => payment_intent)
}

const errorIn = ({ body }: Answer.Answer): Option.Option<ErrorBody["error"]> =>
  Option.filter(body, holdsError).pipe(
    Option.flatMap(decodeErrorBody),
    Option.map((body) => body.error)
  )

/** What any answer says, whatever it is about. */
const common = (answer: Answer.Answer, error: Option.Option<ErrorBody["error"]>) => ({
  ...Answer.nothing,
  refusal: Option.map(error, (_) => readRefusal(_, answer.status)),
  requestId: Option.fromNullable(answer.headers["request-id"]),
  sendAgain: Option.fromNullable(shouldRetry.get(answer.headers["stripe-should-retry"] ?? "")),
  isReplay: answer.headers["idempotent-replayed"] === "true"
})

/** A cancel and a status query have the same answers: the PaymentIntent, or an error. */
export const read = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<PaymentIntent>> => {
  const error = errorIn(answer)
  return {
    ...common(answer, error),
    payment: statedIn(answer, error).pipe(
      Option.filter(({ id }) => id === paymentId),
      Option.map(statedBy)
    )
  }
}

const decodeCheckoutSession = Answer.decoder(CheckoutSession)

/** The end of a session and its status query have the same answers: the session, or an error. */
export const readCheckoutSession = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<CheckoutSession>> => ({
  ...common(answer, errorIn(answer)),
  payment: answer.body.pipe(
    Option.filter((body) => !holdsError(body)),
    Option.flatMap(decodeCheckoutSession),
    Option.filter(({ id }) => id === paymentId),
    Option.map((session) => ({
      status: session.status,
      cancelledAt: Option.none(),
      reason: Option.none(),
      payload: Option.some(session)
    }))
  )
})
