/**
 * Square's wire format: what is sent, and what an answer says.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Errors from "../../authoring/Errors.js"
import * as Input from "../../authoring/Input.js"
import * as Answer from "../../authoring/Answer.js"
import * as Request from "../../authoring/Request.js"
import type { Connection } from "./options.js"
import * as errors from "./errors.js"

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)

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
 * A cancel at Square, by the payment's id.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /**
   * Square's id of the payment, 1 to 255 characters. An empty one is refused: it would turn this
   * operation into the other one.
   */
  readonly paymentId: string
  /**
   * Square's cancels take no key, so it is not sent. It names this cancel in errors and events. One
   * is made if none is given.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of a `CancelByCreationKeyRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelByCreationKeyRequest = Schema.Struct({
  creationKey: Input.identifier(45),
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})

/**
 * A cancel at Square, by the `idempotency_key` of the `CreatePayment` whose answer was lost.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelByCreationKeyRequest {
  /** 1 to 45 characters, exactly as it was sent with `CreatePayment`. */
  readonly creationKey: string
  /**
   * This is not the `creationKey` and is not sent. It names this cancel in errors and events. One
   * is made if none is given.
   */
  readonly idempotencyKey?: string | undefined
}

const Money = Schema.Struct({
  amount: Answer.lenient(Schema.Int),
  currency: LenientString
})

const CardPaymentTimeline = Schema.Struct({
  authorized_at: LenientString,
  captured_at: LenientString,
  voided_at: LenientString
})

const CardDetails = Schema.Struct({
  status: LenientString,
  auth_result_code: LenientString,
  entry_method: LenientString,
  cvv_status: LenientString,
  avs_status: LenientString,
  statement_description: LenientString,
  card_payment_timeline: Answer.lenient(CardPaymentTimeline)
})

/**
 * The schema of a `Payment`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Payment = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  created_at: LenientString,
  updated_at: LenientString,
  amount_money: Answer.lenient(Money),
  tip_money: Answer.lenient(Money),
  total_money: Answer.lenient(Money),
  app_fee_money: Answer.lenient(Money),
  approved_money: Answer.lenient(Money),
  refunded_money: Answer.lenient(Money),
  source_type: LenientString,
  card_details: Answer.lenient(CardDetails),
  delay_duration: LenientString,
  delay_action: LenientString,
  delayed_until: LenientString,
  location_id: LenientString,
  order_id: LenientString,
  reference_id: LenientString,
  refund_ids: Answer.lenient(Schema.Array(Schema.String)),
  capabilities: Answer.lenient(Schema.Array(Schema.String)),
  receipt_number: LenientString,
  version_token: LenientString
})

/** An amount, as Square writes it. */
interface Money {
  /** In the currency's smallest unit. */
  readonly amount: Option.Option<number>
  /** The code of the currency, as in ISO 4217. */
  readonly currency: Option.Option<string>
}

/** The times of the events of a card payment. */
interface CardPaymentTimeline {
  /** When the card payment was authorized. */
  readonly authorized_at: Option.Option<string>
  /** When the card payment was captured. */
  readonly captured_at: Option.Option<string>
  /** When the card payment was cancelled; only card payments state it. */
  readonly voided_at: Option.Option<string>
}

/** What Square states about a card payment. */
interface CardDetails {
  /** The status of the card payment, such as `AUTHORIZED` or `VOIDED`. */
  readonly status: Option.Option<string>
  /** The issuer's code of the authorization. */
  readonly auth_result_code: Option.Option<string>
  /** How the card was read, such as `KEYED`. */
  readonly entry_method: Option.Option<string>
  /** Whether the CVV was correct. */
  readonly cvv_status: Option.Option<string>
  /** Whether the address was correct. */
  readonly avs_status: Option.Option<string>
  /** What the card's statement shows. */
  readonly statement_description: Option.Option<string>
  /** When it was authorized, captured and cancelled. */
  readonly card_payment_timeline: Option.Option<CardPaymentTimeline>
}

/**
 * A payment as Square describes it, with Square's own field names. Only `id` and `status` are
 * relied upon: every other field is none if it is absent, null or malformed. Who paid, with which
 * card and from where, is left out: no cancel needs it, and it should not be in journals.
 *
 * Times are RFC 3339.
 *
 * @since 0.1.0
 * @category models
 */
export interface Payment {
  /** Square's id of the payment. */
  readonly id: string
  /** `APPROVED`, `PENDING`, `COMPLETED`, `CANCELED` or `FAILED`. */
  readonly status: string
  /** When it was created. */
  readonly created_at: Option.Option<string>
  /** When it was last changed. */
  readonly updated_at: Option.Option<string>
  /** The amount of the payment, without the tip. */
  readonly amount_money: Option.Option<Money>
  /** The tip. */
  readonly tip_money: Option.Option<Money>
  /** The total amount, with the tip. */
  readonly total_money: Option.Option<Money>
  /** The part of the amount that is the application's fee. */
  readonly app_fee_money: Option.Option<Money>
  /** The authorized amount. */
  readonly approved_money: Option.Option<Money>
  /** The refunded amount. */
  readonly refunded_money: Option.Option<Money>
  /** The kind of payment source, such as `CARD`. */
  readonly source_type: Option.Option<string>
  /** Details of a card payment. */
  readonly card_details: Option.Option<CardDetails>
  /** How long an authorized payment waits for its capture, an ISO 8601 duration such as `PT168H`. */
  readonly delay_duration: Option.Option<string>
  /** What happens when that time is over: `CANCEL` or `COMPLETE`. */
  readonly delay_action: Option.Option<string>
  /** When that time is over. */
  readonly delayed_until: Option.Option<string>
  /** The location that it belongs to. */
  readonly location_id: Option.Option<string>
  /** The order that it is for. */
  readonly order_id: Option.Option<string>
  /** Your own reference of the payment. */
  readonly reference_id: Option.Option<string>
  /** The ids of its refunds. */
  readonly refund_ids: Option.Option<ReadonlyArray<string>>
  /** What can still be done with it, such as `EDIT_AMOUNT_UP`. */
  readonly capabilities: Option.Option<ReadonlyArray<string>>
  /** The number of its receipt. */
  readonly receipt_number: Option.Option<string>
  /** The version of the payment, so that an update does not overwrite another one. */
  readonly version_token: Option.Option<string>
}

const PaymentBody = Schema.Struct({ payment: Payment })

const ErrorItem = Schema.Struct({
  code: LenientString,
  detail: LenientString
})

const decodePaymentBody = Answer.decoder(PaymentBody)
const decodeErrorItem = Answer.decoder(ErrorItem)

const headers = ({ accessToken, version }: Connection) => ({
  "authorization": `Bearer ${Redacted.value(accessToken)}`,
  "square-version": version,
  "accept": "application/json",
  "accept-encoding": "identity"
})

const payments = ({ baseUrl }: Connection, ...segments: ReadonlyArray<string>): string =>
  Input.resource(baseUrl, "v2", "payments", ...segments)

/** `POST /v2/payments/{id}/cancel`, without a body and without a key. */
export const cancel = (connection: Connection, { paymentId }: CancelRequest): HttpClientRequest.HttpClientRequest =>
  Request.make("POST", payments(connection, paymentId, "cancel"), headers(connection))

/** `POST /v2/payments/cancel` with the key of the creation. */
export const cancelByCreationKey = (
  connection: Connection,
  { creationKey }: CancelByCreationKeyRequest
): HttpClientRequest.HttpClientRequest =>
  Request.make("POST", payments(connection, "cancel"), headers(connection), HttpBody.unsafeJson({ idempotency_key: creationKey }))

/** `GET /v2/payments/{id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", payments(connection, paymentId), headers(connection))

/** `errors` is absent or empty on success. With any other value, the answer reports a failure. */
const readErrors = (json: unknown): Option.Option<unknown> => {
  const errors = Predicate.hasProperty(json, "errors") ? json.errors : undefined
  return errors === undefined || errors === null || (Array.isArray(errors) && errors.length === 0)
    ? Option.none()
    : Option.some(errors)
}

/**
 * Of several errors, the one that claims least counts. First a code after which the outcome is
 * unknown; then a listed one about the payment, then an unlisted one, both of which lead to a
 * status query; then a listed one about the request, which is accepted as it is. An error without a
 * code comes last.
 */
const listed = Errors.catalogue(errors).byCode

const caution = (code: string): number => {
  const row = listed.get(code)?.row
  if (row === undefined) return 1
  if (row.outcome === "Unknown") return 3
  return row.about === "Payment" ? 2 : 0
}

const readRefusal = (errors: unknown): Answer.Refusal => {
  const items = (Array.isArray(errors) ? errors : []).flatMap((item) => Option.toArray(decodeErrorItem(item)))
  const rank = ({ code }: typeof ErrorItem.Type) => Option.match(code, { onNone: () => -1, onSome: caution })
  const chosen = items.length === 0
    ? undefined
    : items.reduce((first, second) => rank(second) > rank(first) ? second : first)
  return {
    code: Option.getOrNull(Option.flatMap(Option.fromNullable(chosen), ({ code }) => code)),
    message: Option.getOrNull(Option.flatMap(Option.fromNullable(chosen), ({ detail }) => detail)),
    details: errors
  }
}

/** No request id is documented; the usual header is kept if present. */
const common = ({ body, headers }: Answer.Answer) => ({
  ...Answer.nothing,
  refusal: Option.map(Option.flatMap(body, readErrors), readRefusal),
  requestId: Option.fromNullable(headers["x-request-id"])
})

/** When a payment was cancelled, as stated in it: only card payments do. */
export const voidedAt = ({ card_details }: Payment): Option.Option<DateTime.Utc> =>
  card_details.pipe(
    Option.flatMap(({ card_payment_timeline }) => card_payment_timeline),
    Option.flatMap(({ voided_at }) => voided_at),
    Option.flatMap(Answer.parseTime)
  )

/**
 * A cancel by id and a status query have the same answers: the whole payment, or errors. With
 * errors, the answer states nothing.
 */
export const readPayment = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<Payment>> => {
  const reading = common(answer)
  return {
    ...reading,
    payment: answer.body.pipe(
      Option.filter(() => Option.isNone(reading.refusal)),
      Option.flatMap(decodePaymentBody),
      Option.filter(({ payment }) => payment.id === paymentId),
      Option.map(({ payment }) => ({
        status: payment.status,
        cancelledAt: voidedAt(payment),
        reason: Option.none(),
        payload: Option.some(payment)
      }))
    )
  }
}

/**
 * Whether an object has no member except `errors`: with any other member it is not Square's
 * acknowledgement.
 */
const isBare = (json: unknown): boolean =>
  Predicate.isRecord(json) && Object.keys(json).every((key) => key === "errors")

/** A cancel by creation key is answered with `{}`, or with errors. */
export const readAcknowledgement = (answer: Answer.Answer): Answer.Reading<Answer.GivesReceipt<null>> => {
  const reading = common(answer)
  return {
    ...reading,
    receipt: answer.body.pipe(
      Option.filter((json) => isBare(json) && Option.isNone(reading.refusal)),
      Option.as(null)
    )
  }
}
