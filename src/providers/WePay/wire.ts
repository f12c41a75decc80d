/**
 * WePay's wire format: what is sent, and what an answer says.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Input from "../../authoring/Input.js"
import * as Answer from "../../authoring/Answer.js"
import * as Request from "../../authoring/Request.js"
import type { Connection } from "./options.js"
import * as errors from "./errors.js"

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)
const LenientInt = Answer.lenient(Schema.Int)

const isJson = (value: unknown): boolean => Option.isSome(Option.liftThrowable(JSON.stringify)(value))

const Rbits = Schema.Array(Schema.Record({ key: Schema.String, value: Schema.Unknown })).pipe(
  Schema.filter(isJson, { message: () => "must be JSON" })
)

/**
 * The schema of a `CancelRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRequest = Schema.Struct({
  paymentId: Input.PathSegment,
  reason: Input.Reason,
  rbits: Schema.optional(Schema.NullOr(Rbits)),
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})

/**
 * A cancel at WePay.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** WePay's id of the payment, 1 to 255 characters, case-sensitive. */
  readonly paymentId: string
  /** Sent as `cancel_reason`, which WePay requires. */
  readonly reason: string
  /** Risk data to attach, sent unchanged. WePay documents its format; the name of the field is inferred. */
  readonly rbits?: ReadonlyArray<{ readonly [key: string]: unknown }> | null | undefined
  /** Sent as `Unique-Key`; one is made if none is given. */
  readonly idempotencyKey?: string | undefined
}

const Reference = Schema.Struct({
  id: LenientString,
  resource: LenientString,
  path: LenientString
})

const PendingReason = Schema.Struct({
  reason_code: LenientString,
  reason_message: LenientString,
  details: Answer.lenient(Schema.Unknown)
})

/**
 * The schema of a `Payment`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Payment = Schema.Struct({
  id: LenientString,
  resource: LenientString,
  path: LenientString,
  owner: Answer.lenient(Reference),
  create_time: LenientInt,
  status: Schema.String,
  amount: LenientInt,
  amount_refunded: LenientInt,
  amount_disputed: LenientInt,
  currency: LenientString,
  payment_method: Answer.lenient(Reference),
  initiated_by: LenientString,
  reference_id: LenientString,
  capture_at: LenientInt,
  authorization_code: LenientString,
  api_version: LenientString,
  auto_capture: Answer.lenient(Schema.Boolean),
  custom_data: Answer.lenient(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  failure_reason: Answer.lenient(Schema.Unknown),
  fee_amount: LenientInt,
  order: Answer.lenient(Reference),
  pending_reasons: Answer.lenient(Schema.Array(PendingReason)),
  txnr_app_fee: Answer.lenient(Reference),
  txnr_merchant: Answer.lenient(Reference)
})

/** A reference to another resource of WePay. */
interface Reference {
  /** WePay's id of the referenced resource. */
  readonly id: Option.Option<string>
  /** The kind of that resource, such as `accounts`. */
  readonly resource: Option.Option<string>
  /** The path of that resource. */
  readonly path: Option.Option<string>
}

/** Why a payment is pending. */
interface PendingReason {
  /** WePay's literal for the reason. */
  readonly reason_code: Option.Option<string>
  /** The reason, as text for a person. */
  readonly reason_message: Option.Option<string>
  /** More about the reason, decoded JSON. */
  readonly details: Option.Option<unknown>
}

/**
 * A payment as WePay describes it, with WePay's own field names. Only `status` is relied upon:
 * every other field is none if it is absent, null or malformed.
 *
 * Amounts are in minor units. WePay states no time of cancellation.
 *
 * @since 0.1.0
 * @category models
 */
export interface Payment {
  /** WePay's id of the payment. */
  readonly id: Option.Option<string>
  /** The kind of resource, `payments`. */
  readonly resource: Option.Option<string>
  /** The resource's path, `/payments/{id}`. */
  readonly path: Option.Option<string>
  /** The account that the payment belongs to. */
  readonly owner: Option.Option<Reference>
  /** When it was created, in UNIX seconds. */
  readonly create_time: Option.Option<number>
  /** `pending`, `completed`, `failed` or `canceled`. */
  readonly status: string
  /** The amount of the payment. */
  readonly amount: Option.Option<number>
  /** The refunded amount. */
  readonly amount_refunded: Option.Option<number>
  /** The disputed amount. */
  readonly amount_disputed: Option.Option<number>
  /** Any string: WePay documents `USD`, `CAD` and one more. */
  readonly currency: Option.Option<string>
  /** The payment method that is charged. */
  readonly payment_method: Option.Option<Reference>
  /** Who started the payment. */
  readonly initiated_by: Option.Option<string>
  /** Your own reference of the payment. */
  readonly reference_id: Option.Option<string>
  /** When it is to be captured, in UNIX seconds. */
  readonly capture_at: Option.Option<number>
  /** The card issuer's code of the authorization. */
  readonly authorization_code: Option.Option<string>
  /** The version of the API that it was created with. */
  readonly api_version: Option.Option<string>
  /** Whether it is captured without a further request. */
  readonly auto_capture: Option.Option<boolean>
  /** What you attached to it. */
  readonly custom_data: Option.Option<{ readonly [key: string]: unknown }>
  /** Why it failed. */
  readonly failure_reason: Option.Option<unknown>
  /** The part of the amount that is the app's fee. */
  readonly fee_amount: Option.Option<number>
  /** The order that the payment is for. */
  readonly order: Option.Option<Reference>
  /** Why it is pending. A cancelled payment may still list one. */
  readonly pending_reasons: Option.Option<ReadonlyArray<PendingReason>>
  /** The transaction record of the app's fee. */
  readonly txnr_app_fee: Option.Option<Reference>
  /** The transaction record of the merchant's part. */
  readonly txnr_merchant: Option.Option<Reference>
}

const ErrorDetail = Schema.Struct({ reason_code: LenientString })

const ErrorBody = Schema.Struct({
  error_code: LenientString,
  error_message: LenientString,
  details: Answer.lenient(Schema.Array(Schema.Unknown))
})

const decodePayment = Answer.decoder(Payment)
const decodeErrorBody = Answer.decoder(ErrorBody)
const decodeErrorDetail = Answer.decoder(ErrorDetail)

const headers = ({ apiVersion, appId, appToken }: Connection) => ({
  "app-id": appId,
  "app-token": Redacted.value(appToken),
  "api-version": apiVersion,
  "accept": "application/json",
  "accept-encoding": "identity",
  "content-type": "application/json"
})

/** `POST /payments/{id}/cancel` */
export const cancel = (
  connection: Connection,
  { paymentId, rbits, reason }: CancelRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make(
    "POST",
    Input.resource(connection.baseUrl, "payments", paymentId, "cancel"),
    { "unique-key": idempotencyKey, ...headers(connection) },
    HttpBody.unsafeJson({ cancel_reason: reason, ...(rbits === undefined ? {} : { rbits }) })
  )

/** `GET /payments/{id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", Input.resource(connection.baseUrl, "payments", paymentId), headers(connection))

/** The specification allows `id` to be null; then the payment's `path` must name it. */
const isAbout = ({ id, path }: Payment, paymentId: string): boolean =>
  Option.match(id, {
    onSome: (stated) => stated === paymentId,
    onNone: () =>
      Option.exists(path, (stated) =>
        stated === `/payments/${paymentId}` || stated === `/payments/${encodeURIComponent(paymentId)}`)
  })

/**
 * The reason codes of `INVALID_PARAMS` that have their own row replace it; the one that claims
 * least comes first.
 */
const reasonCodes: ReadonlyArray<string> = [
  errors.ConcurrentUniqueKeyRequestIsProcessing.declared.row.code,
  errors.PointOfSaleTransactionNotYetProcessed.declared.row.code
]

const readRefusal = (json: unknown): Option.Option<Answer.Refusal> =>
  Option.map(decodeErrorBody(json), ({ details, error_code, error_message }) => {
    const reasons = Option.match(details, {
      onNone: (): ReadonlyArray<string> => [],
      onSome: (all) => all.flatMap((detail) =>
        Option.toArray(Option.flatMap(decodeErrorDetail(detail), ({ reason_code }) => reason_code)))
    })
    const ownReason = Option.contains(error_code, errors.InvalidParams.declared.row.code)
      ? reasonCodes.find((code) => reasons.includes(code))
      : undefined
    return {
      code: ownReason ?? Option.getOrNull(error_code),
      message: Option.getOrNull(error_message),
      details: Option.getOrNull(details)
    }
  })

/** A cancel and a status query have the same answers: the whole payment, or an error. A success that reports one states nothing. */
export const read = (answer: Answer.Answer, paymentId: string): Answer.Reading<Answer.StatesPayment<Payment>> => ({
  ...Answer.nothing,
  payment: answer.body.pipe(
    Option.filter((json) => answer.status >= 300 || !Answer.holds(json, "error_code", "error_message")),
    Option.flatMap(decodePayment),
    Option.filter((payment) => isAbout(payment, paymentId)),
    Option.map((payment) => ({
      status: payment.status,
      cancelledAt: Option.none(),
      reason: Option.none(),
      payload: Option.some(payment)
    }))
  ),
  refusal: Option.flatMap(answer.body, readRefusal),
  requestId: Option.fromNullable(answer.headers["x-correlation-id"])
})
