/**
 * Checkout.com's wire format: what is sent, and what an answer says.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Answer from "../../authoring/Answer.js"
import * as Input from "../../authoring/Input.js"
import * as Request from "../../authoring/Request.js"
import type { Amount } from "../../Cancellation.js"
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
  reference: Schema.optional(Input.identifier(50)),
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})

/**
 * A cancel at Checkout.com: a void of all that is left of a payment.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** Checkout.com's id of the payment, `pay_…`, 1 to 255 characters. */
  readonly paymentId: string
  /** Your own reference of the void, not of the payment; sent if it is given, 1 to 50 characters. */
  readonly reference?: string | undefined
  /**
   * Sent as `Cko-Idempotency-Key`; one is made if none is given. Checkout.com keeps it for 24
   * hours, and under it repeats its first acceptance: after a void that was **declined**, only
   * another key asks for a new one.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of a `Receipt`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Receipt = Schema.Struct({ reference: Schema.String })

/**
 * What Checkout.com gives for a void that it has accepted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Receipt {
  /** The `action_id` of the void, `act_…`: the webhook that decides it bears the same. */
  readonly reference: string
}

/**
 * The schema of `Balances`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Balances = Schema.Struct({
  total_authorized: LenientInt,
  total_voided: LenientInt,
  available_to_void: LenientInt,
  total_captured: LenientInt,
  available_to_capture: LenientInt,
  total_refunded: LenientInt,
  available_to_refund: LenientInt
})

/**
 * What became of a payment's money, in the smallest unit of its currency.
 *
 * @since 0.1.0
 * @category models
 */
export interface Balances {
  /** How much was authorized. */
  readonly total_authorized: Option.Option<number>
  /** How much of that was voided. */
  readonly total_voided: Option.Option<number>
  /** How much can still be voided. */
  readonly available_to_void: Option.Option<number>
  /** How much was captured. */
  readonly total_captured: Option.Option<number>
  /** How much can still be captured. */
  readonly available_to_capture: Option.Option<number>
  /** How much was refunded. */
  readonly total_refunded: Option.Option<number>
  /** How much can still be refunded. */
  readonly available_to_refund: Option.Option<number>
}

/**
 * The schema of a `Payment`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Payment = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  requested_on: LenientString,
  amount: LenientInt,
  currency: LenientString,
  reference: LenientString,
  description: LenientString,
  payment_type: LenientString,
  approved: Answer.lenient(Schema.Boolean),
  expires_on: LenientString,
  balances: Answer.lenient(Balances),
  processing_channel_id: LenientString,
  scheme_id: LenientString
})

/**
 * A payment as Checkout.com shows it, under Checkout.com's own names. Only `id` and `status` are
 * relied upon: every other field is none when it is absent, null or malformed. Who paid, with
 * which card and from where, is left out: no cancel needs it, and journals should not hold it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Payment {
  /** Checkout.com's id of the payment, `pay_…`. */
  readonly id: string
  /** Checkout.com's literal, such as `Voided`. */
  readonly status: string
  /** When it was requested, RFC 3339. */
  readonly requested_on: Option.Option<string>
  /** What is paid, in the smallest unit of the currency. */
  readonly amount: Option.Option<number>
  /** The code of the currency, as in ISO 4217. */
  readonly currency: Option.Option<string>
  /** Your own reference of the payment. */
  readonly reference: Option.Option<string>
  /** What you wrote about it. */
  readonly description: Option.Option<string>
  /** What kind of payment it is, such as `Regular` or `Recurring`. */
  readonly payment_type: Option.Option<string>
  /** Whether it was approved. */
  readonly approved: Option.Option<boolean>
  /** When its authorization lapses, RFC 3339. */
  readonly expires_on: Option.Option<string>
  /** What became of its money. */
  readonly balances: Option.Option<Balances>
  /** The processing channel that it went through, `pc_…`. */
  readonly processing_channel_id: Option.Option<string>
  /** The card scheme's own id of it. */
  readonly scheme_id: Option.Option<string>
}

const Accepted = Schema.Struct({
  action_id: Schema.NonEmptyString,
  _links: Answer.lenient(Schema.Struct({ payment: Answer.lenient(Schema.Struct({ href: LenientString })) }))
})

const ErrorBody = Schema.Struct({
  request_id: Answer.lenient(Schema.NonEmptyString),
  error_type: LenientString,
  error_codes: Answer.lenient(Schema.Array(Schema.Unknown))
})

interface ErrorBody extends Schema.Schema.Type<typeof ErrorBody> {}

const decodeAccepted = Answer.decoder(Accepted)
const decodePayment = Answer.decoder(Payment)
const decodeErrorBody = Answer.decoder(ErrorBody)

const headers = ({ secretKey }: Connection) => ({
  "authorization": `Bearer ${Redacted.value(secretKey)}`,
  "accept": "application/json",
  "accept-encoding": "identity"
})

/**
 * `POST /payments/{id}/voids`. Its body is always an object: one that is left out, or is no
 * object, has been seen to be refused. Without an amount it is all of the payment that is voided.
 */
export const cancel = (
  connection: Connection,
  { paymentId, reference }: CancelRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make(
    "POST",
    Input.resource(connection.baseUrl, "payments", paymentId, "voids"),
    { "cko-idempotency-key": idempotencyKey, ...headers(connection) },
    HttpBody.unsafeJson({ reference })
  )

/** `GET /payments/{id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", Input.resource(connection.baseUrl, "payments", paymentId), headers(connection))

const reportsError = (json: unknown): boolean => Answer.holds(json, "error_type", "error_codes")

/** Of several codes the first that is listed counts, or one after which the outcome is unknown. */
const codesIn = ({ error_codes }: ErrorBody): ReadonlyArray<string> =>
  Option.toArray(error_codes).flat().filter(Predicate.isString)

/** Checkout.com words nothing: a code is all that it says. */
const readRefusal = (error: ErrorBody): Answer.Refusal => ({
  code: null,
  codes: codesIn(error),
  message: null,
  details: { error_type: Option.getOrNull(error.error_type), error_codes: Option.getOrNull(error.error_codes) }
})

/** What every answer may bear: an error, and an id of the exchange. */
const common = ({ body, headers }: Answer.Answer) => {
  const error = body.pipe(Option.filter(reportsError), Option.flatMap(decodeErrorBody))
  return {
    ...Answer.nothing,
    refusal: Option.map(error, readRefusal),
    requestId: Option.orElse(
      Option.flatMap(error, ({ request_id }) => request_id),
      () => Option.fromNullable(headers["cko-request-id"])
    )
  }
}

/** How much of a payment was captured, as its balances state it. */
export const capturedAmount = (
  balances: Option.Option<Balances>,
  currency: Option.Option<string>
): Option.Option<Amount> =>
  Option.map(Option.flatMap(balances, ({ total_captured }) => total_captured), (amount) => ({ amount, currency }))

/** What a payment can be of which only a part was captured: the word says nothing of the rest. */
const capturedStatuses: ReadonlyArray<string> = ["Captured", "Partially Refunded", "Refunded"]

/**
 * Where a payment stands if its balances say more than its status: what can still be voided is not voided. A captured one
 * is closed only if they say that nothing of it was voided, and a part of any may have been voided by the void that asks.
 * A balance that is stated and cannot be read may be anything.
 */
const standing = (json: unknown, { balances, status }: Payment): Option.Option<Answer.Standing> | undefined => {
  const balance = (name: keyof Balances) => Option.flatMap(balances, (_) => _[name])
  // What is not stated compares with nothing.
  const stated = (name: keyof Balances): number => Option.getOrElse(balance(name), () => NaN)
  const isIllegible = (...names: ReadonlyArray<keyof Balances>): boolean =>
    Predicate.hasProperty(json, "balances") && Option.isSome(balances) &&
    names.some((name) => Answer.holds(json.balances, name) && Option.isNone(balance(name)))
  const left = stated("available_to_void")
  const voided = stated("total_voided")
  if (status === "Partially Captured") {
    return isIllegible("total_voided", "available_to_void") || (voided > 0 && left <= 0) ? Option.none() : undefined
  }
  const isCaptured = capturedStatuses.includes(status)
  if ((isCaptured || status === "Voided") && left > 0) return Option.some("Cancellable")
  if (status === "Voided") return isIllegible("available_to_void") ? Option.none() : undefined
  if (!isCaptured) return undefined
  if (isIllegible("total_authorized", "total_captured", "total_voided", "available_to_void")) return Option.none()
  const isWhole = stated("total_captured") >= stated("total_authorized") && !(voided > 0)
  return isWhole || (voided === 0 && left === 0) ? undefined : Option.none()
}

/** What an answer states of the payment, if it is the one that was asked for. With an error in it it states nothing. */
const paymentIn = ({ body }: Answer.Answer, paymentId: string): Option.Option<Answer.StatedPayment<Payment>> =>
  body.pipe(
    Option.filter((json) => !reportsError(json)),
    Option.flatMap((json) =>
      decodePayment(json).pipe(
        Option.filter(({ id }) => id === paymentId),
        Option.map((payment) => ({
          status: payment.status,
          cancelledAt: Option.none(),
          reason: Option.none(),
          capturedAmount: capturedAmount(payment.balances, payment.currency),
          standing: standing(json, payment),
          payload: Option.some(payment)
        }))
      ))
  )

/** An acceptance may link to the payment that it is about, and then it must be the one that was named. */
const isAbout = (paymentId: string) => ({ _links }: typeof Accepted.Type): boolean =>
  _links.pipe(
    Option.flatMap(({ payment }) => payment),
    Option.flatMap(({ href }) => href),
    Option.match({
      onNone: () => true,
      onSome: (href) => href.split("/").at(-1) === encodeURIComponent(paymentId)
    })
  )

/** A void is answered with its acceptance, or with an error. */
export const readVoid = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.AcceptsThenStates<Payment, Receipt>> => ({
  ...common(answer),
  receipt: answer.body.pipe(
    Option.filter((json) => !reportsError(json)),
    Option.flatMap(decodeAccepted),
    Option.filter(isAbout(paymentId)),
    Option.map(({ action_id }) => ({ reference: action_id }))
  )
})

/** A status query is answered with the payment, or with an error. */
export const readPayment = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.AcceptsThenStates<Payment, Receipt>> => ({
  ...common(answer),
  payment: paymentIn(answer, paymentId)
})
