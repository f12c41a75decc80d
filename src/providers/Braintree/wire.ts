/**
 * Braintree's wire format: what is sent, and what an answer says.
 *
 * @since 0.1.0
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as DateTime from "effect/DateTime"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Input from "../../authoring/Input.js"
import * as Answer from "../../authoring/Answer.js"
import * as Request from "../../authoring/Request.js"
import type { Connection } from "./options.js"

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)

/** What a transaction can have as its id: Braintree's SDKs send no other. */
const TransactionId = Input.text(
  (value) => /^[A-Za-z0-9_-]{1,255}$/.test(value),
  "must be 1 to 255 letters, digits, hyphens and underscores"
)

/**
 * The schema of a `CancelRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRequest = Schema.Struct({
  paymentId: TransactionId,
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})

/**
 * A cancel at Braintree.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** The id of the transaction: 1 to 255 letters, digits, hyphens and underscores. */
  readonly paymentId: string
  /**
   * It names this cancel in errors, events and journals. It is not sent, for whether Braintree's
   * XML API takes a key depends on the merchant. One is made if none is given.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of a `Transaction`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Transaction = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  type: LenientString,
  amount: LenientString,
  currency_iso_code: LenientString,
  merchant_account_id: LenientString,
  order_id: LenientString,
  payment_instrument_type: LenientString,
  processor_response_code: LenientString,
  created_at: LenientString,
  updated_at: LenientString,
  global_id: LenientString
})

/**
 * A transaction as Braintree shows it, under the names that its XML has, with underscores. Only
 * `id` and `status` are relied upon: every other field is none when it is absent, null or malformed.
 * Who paid, and with what, is left out: no cancel needs it, and journals should not hold it.
 *
 * Times are ISO 8601.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transaction {
  /** Braintree's id of the transaction. */
  readonly id: string
  /** The status, such as `voided`. */
  readonly status: string
  /** `sale`, or `credit` for a refund. */
  readonly type: Option.Option<string>
  /** What it is worth, in the currency's own unit and with a point: `10.00`. */
  readonly amount: Option.Option<string>
  /** The code of the currency, as in ISO 4217. */
  readonly currency_iso_code: Option.Option<string>
  /** Which of the merchant's accounts it belongs to. */
  readonly merchant_account_id: Option.Option<string>
  /** Your own reference of it. */
  readonly order_id: Option.Option<string>
  /** What kind of means it was paid with, such as `credit_card`. */
  readonly payment_instrument_type: Option.Option<string>
  /** What the processor said of the authorization, such as `1000`. */
  readonly processor_response_code: Option.Option<string>
  /** When it was created. */
  readonly created_at: Option.Option<string>
  /** When it was last changed. */
  readonly updated_at: Option.Option<string>
  /** Its id in Braintree's GraphQL API. */
  readonly global_id: Option.Option<string>
}

const StatusEvent = Schema.Struct({ status: LenientString, timestamp: LenientString })

const History = Schema.Struct({ status_history: Answer.lenient(Schema.Array(StatusEvent)) })

const ErrorResponse = Schema.Struct({ message: LenientString, errors: Schema.optional(Schema.Unknown) })

const decodeTransaction = Answer.decoder(Transaction)
const decodeHistory = Answer.decoder(History)
const decodeErrorResponse = Answer.decoder(ErrorResponse)

const basic = ({ privateKey, publicKey }: Connection): string =>
  `Basic ${Encoding.encodeBase64(`${publicKey}:${Redacted.value(privateKey)}`)}`

const headers = (connection: Connection) => ({
  "authorization": basic(connection),
  "x-apiversion": "6",
  "accept": "application/xml",
  "accept-encoding": "identity"
})

const transaction = ({ baseUrl, merchantId }: Connection, ...segments: ReadonlyArray<string>): string =>
  Input.resource(baseUrl, "merchants", merchantId, "transactions", ...segments)

/** `PUT /merchants/{merchantId}/transactions/{id}/void`, without a body. */
export const cancel = (connection: Connection, { paymentId }: CancelRequest): HttpClientRequest.HttpClientRequest =>
  Request.make("PUT", transaction(connection, paymentId, "void"), headers(connection))

/** `GET /merchants/{merchantId}/transactions/{id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", transaction(connection, paymentId), headers(connection))

/** The element of that name, if it is the root of the document. */
const rootOf = (name: string) => (document: unknown): Option.Option<unknown> =>
  Predicate.isRecord(document) && Object.hasOwn(document, name) ? Option.some(document[name]) : Option.none()

/** Its elements by names that can be written with a point. */
const underscored = (element: unknown): unknown =>
  Predicate.isRecord(element)
    ? Object.fromEntries(Object.entries(element).map(([name, value]) => [name.replaceAll("-", "_"), value]))
    : element

/** Errors stand below what they are about, however deep that is; each has a code. */
const codesIn = (errors: unknown): ReadonlyArray<string> => {
  if (Array.isArray(errors)) return errors.flatMap(codesIn)
  if (!Predicate.isRecord(errors)) return []
  return Predicate.isString(errors["code"]) ? [errors["code"]] : Object.values(errors).flatMap(codesIn)
}

const readRefusal = (root: unknown): Answer.Refusal => {
  const { errors, message } = Option.getOrElse(decodeErrorResponse(root), () => ({ errors: undefined, message: Option.none() }))
  return { code: null, codes: codesIn(errors), message: Option.getOrNull(message), details: errors ?? null }
}

/** When it became what it is, by its history, whose last entry is the newest. */
const cancelledAt = (root: unknown): Option.Option<DateTime.Utc> =>
  decodeHistory(root).pipe(
    Option.flatMap(({ status_history }) => status_history),
    Option.flatMap((events) => Option.fromNullable(events.findLast(({ status }) => Option.contains(status, "voided")))),
    Option.flatMap(({ timestamp }) => Option.flatMap(timestamp, Answer.parseTime))
  )

/**
 * A void and a status query are answered with the transaction, or with an error. An error states no
 * transaction, though it may have one in it.
 */
export const read = (
  { body }: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<Transaction>> => ({
  ...Answer.nothing,
  refusal: body.pipe(Option.flatMap(rootOf("api-error-response")), Option.map(readRefusal)),
  payment: body.pipe(
    Option.flatMap(rootOf("transaction")),
    Option.map(underscored),
    Option.flatMap((root) =>
      decodeTransaction(root).pipe(
        Option.filter(({ id }) => id === paymentId),
        Option.map((stated) => ({
          status: stated.status,
          cancelledAt: stated.status === "voided" ? cancelledAt(root) : Option.none(),
          reason: Option.none(),
          payload: Option.some(stated)
        }))
      )
    )
  )
})
