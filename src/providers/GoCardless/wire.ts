/**
 * GoCardless's wire format: what is sent, and what an answer says.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Answer from "../../authoring/Answer.js"
import * as Input from "../../authoring/Input.js"
import * as Request from "../../authoring/Request.js"
import type { Connection } from "./options.js"

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)
const LenientInt = Answer.lenient(Schema.Int)
const LenientBoolean = Answer.lenient(Schema.Boolean)

const Metadata = Schema.Record({ key: Schema.String, value: Schema.String }).pipe(
  Schema.filter((metadata) => {
    const entries = Object.entries(metadata)
    return entries.length <= 3 && entries.every(([name, value]) => name.length <= 50 && value.length <= 500)
  }, { message: () => ({ message: "must have at most 3 names, of up to 50 characters, with texts of up to 500", override: true }) })
)

/**
 * The schema of a `CancelRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRequest = Schema.Struct({
  paymentId: Input.PathSegment,
  metadata: Schema.optional(Metadata),
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})

/**
 * A cancel at GoCardless.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** The payment's id, `PM…`, 1 to 255 characters. */
  readonly paymentId: string
  /**
   * Stored with the event that the cancel causes, and repeated in its webhook; it becomes no part of
   * the payment. Up to 3 names of up to 50 characters, with texts of up to 500.
   */
  readonly metadata?: { readonly [name: string]: string } | undefined
  /**
   * Sent as `Idempotency-Key`, as by GoCardless's own clients; one is made if none is given. What
   * GoCardless does with it on a cancel is not documented, so nothing relies on it.
   */
  readonly idempotencyKey?: string | undefined
}

const Links = Schema.Struct({
  mandate: LenientString,
  creditor: LenientString,
  subscription: LenientString,
  instalment_schedule: LenientString,
  payout: LenientString
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
  amount: LenientInt,
  amount_refunded: LenientInt,
  charge_date: LenientString,
  created_at: LenientString,
  currency: LenientString,
  description: LenientString,
  reference: LenientString,
  scheme: LenientString,
  faster_ach: LenientBoolean,
  retry_if_possible: LenientBoolean,
  metadata: Answer.lenient(Schema.Record({ key: Schema.String, value: Schema.String })),
  links: Answer.lenient(Links)
})

/**
 * What a payment belongs to.
 *
 * @since 0.1.0
 * @category models
 */
export interface Links {
  /** The mandate that permits it, `MD…`. */
  readonly mandate: Option.Option<string>
  /** The creditor that it is collected for, `CR…`. */
  readonly creditor: Option.Option<string>
  /** The subscription that it was created by, `SB…`. */
  readonly subscription: Option.Option<string>
  /** The instalment schedule that it was created by, `IS…`. */
  readonly instalment_schedule: Option.Option<string>
  /** The payout that it was paid out with, `PO…`. */
  readonly payout: Option.Option<string>
}

/**
 * A payment as GoCardless describes it, with GoCardless's own field names. Only `id` and `status` are
 * relied upon: every other field is none if it is absent, null or malformed.
 *
 * Amounts are in the currency's smallest unit.
 *
 * @since 0.1.0
 * @category models
 */
export interface Payment {
  /** GoCardless's id, `PM…`. */
  readonly id: string
  /** GoCardless's literal, such as `cancelled`. */
  readonly status: string
  /** The amount to collect. */
  readonly amount: Option.Option<number>
  /** The amount that was refunded. */
  readonly amount_refunded: Option.Option<number>
  /** The day on which it is collected, such as `2026-01-21`. */
  readonly charge_date: Option.Option<string>
  /** When it was created, ISO 8601. */
  readonly created_at: Option.Option<string>
  /** The code of the currency, as in ISO 4217. */
  readonly currency: Option.Option<string>
  /** Your description of it. */
  readonly description: Option.Option<string>
  /** The reference that the payer's statement may show. */
  readonly reference: Option.Option<string>
  /** The scheme that it is collected by, such as `bacs` or `sepa_core`. */
  readonly scheme: Option.Option<string>
  /** Whether it is collected by a faster ACH. */
  readonly faster_ach: Option.Option<boolean>
  /** Whether GoCardless tries it again by itself after a failure. */
  readonly retry_if_possible: Option.Option<boolean>
  /** What you attached to it. */
  readonly metadata: Option.Option<{ readonly [key: string]: string }>
  /** What it belongs to. */
  readonly links: Option.Option<Links>
}

const Envelope = Schema.Struct({ payments: Payment })

const ErrorItem = Schema.Struct({
  reason: LenientString,
  field: LenientString,
  request_pointer: LenientString,
  message: LenientString
})

const ErrorObject = Schema.Struct({
  type: LenientString,
  message: LenientString,
  request_id: LenientString,
  documentation_url: LenientString,
  errors: Answer.lenient(Schema.Array(ErrorItem))
})

/** A server in front of GoCardless's own words an error as a text alone. */
const ErrorBody = Schema.Struct({ error: Schema.Union(ErrorObject, Schema.NonEmptyString) })

/** What becomes the details of an error. */
const ErrorDetails = ErrorObject.pick("type", "documentation_url", "errors")

type Reported = typeof ErrorBody.Type["error"]

const decodeEnvelope = Answer.decoder(Envelope)
const decodeErrorBody = Answer.decoder(ErrorBody)

const headers = ({ accessToken, apiVersion }: Connection) => ({
  "authorization": `Bearer ${Redacted.value(accessToken)}`,
  "gocardless-version": apiVersion,
  "accept": "application/json",
  "accept-encoding": "identity"
})

/** `POST /payments/{id}/actions/cancel`: the envelope is `data`, and is sent even if there is nothing in it. */
export const cancel = (
  connection: Connection,
  { metadata, paymentId }: CancelRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make(
    "POST",
    Input.resource(connection.baseUrl, "payments", paymentId, "actions", "cancel"),
    { "idempotency-key": idempotencyKey, ...headers(connection) },
    HttpBody.unsafeJson({ data: metadata === undefined ? {} : { metadata } })
  )

/** `GET /payments/{id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", Input.resource(connection.baseUrl, "payments", paymentId), headers(connection))

/** Every reason counts; without one the type does. A text alone may be a sentence, and is no code. */
const readRefusal = (reported: Reported): Answer.Refusal => {
  if (typeof reported === "string") return { code: null, message: reported, details: null }
  const reasons = Option.getOrElse(reported.errors, () => []).flatMap(({ reason }) => Option.toArray(reason))
  const codes = reasons.length > 0 ? reasons : Option.toArray(reported.type)
  return {
    code: codes[0] ?? null,
    codes,
    message: Option.getOrNull(reported.message),
    details: Schema.encodeSync(ErrorDetails)(reported)
  }
}

const requestIdOf = (reported: Reported): Option.Option<string> =>
  typeof reported === "string" ? Option.none() : reported.request_id

/**
 * A cancel and a status query have the same answers: the payment, or an error. With an error an
 * answer states no payment.
 */
export const read = (
  { body, headers }: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<Payment>> => {
  const error = Option.map(Option.flatMap(body, decodeErrorBody), (_) => _.error)
  return {
    ...Answer.nothing,
    refusal: Option.map(error, readRefusal),
    requestId: Option.orElse(Option.flatMap(error, requestIdOf), () => Option.fromNullable(headers["x-request-id"])),
    payment: body.pipe(
      Option.filter((json) => !Answer.holds(json, "error")),
      Option.flatMap(decodeEnvelope),
      Option.map(({ payments }) => payments),
      Option.filter(({ id }) => id === paymentId),
      Option.map((payment) => ({
        status: payment.status,
        cancelledAt: Option.none(),
        reason: Option.none(),
        payload: Option.some(payment)
      }))
    )
  }
}
