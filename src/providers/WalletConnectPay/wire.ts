/**
 * WalletConnect Pay's wire format: what is sent, and what an answer says.
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
import type { Connection, Credentials } from "./options.js"

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
 * A cancel at WalletConnect Pay. No reason can be sent: WalletConnect Pay fills in its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** WalletConnect Pay's id of the payment, 1 to 255 characters. */
  readonly paymentId: string
  /**
   * With `Merchant` credentials it is sent as `Idempotency-Key`. The gateway call has no such
   * header: there it only appears in errors and events, for correlation. One is made if none is
   * given.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of a `CancelledPayment`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelledPayment = Schema.Struct({
  paymentId: Schema.String,
  status: Schema.String,
  cancelledReason: LenientString,
  cancelledAt: LenientString
})

/**
 * The answer to a cancel, with WalletConnect Pay's own field names. Only `paymentId` and `status`
 * are relied upon.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelledPayment {
  /** WalletConnect Pay's id of the payment. */
  readonly paymentId: string
  /** WalletConnect Pay's literal. */
  readonly status: string
  /** Free text. Do not branch on it. */
  readonly cancelledReason: Option.Option<string>
  /** When it was cancelled, in ISO 8601. */
  readonly cancelledAt: Option.Option<string>
}

const StatusBody = Schema.Struct({
  paymentId: Answer.lenient(Schema.Unknown),
  status: Schema.String
})

const ErrorBody = Schema.Struct({
  code: LenientString,
  message: LenientString,
  details: Answer.lenient(Schema.Unknown),
  issues: Answer.lenient(Schema.Unknown)
})

const decodeCancelledPayment = Answer.decoder(CancelledPayment)
const decodeStatusBody = Answer.decoder(StatusBody)
const decodeErrorBody = Answer.decoder(ErrorBody)

const authentication = (credentials: Credentials): Request.Fields => {
  switch (credentials._tag) {
    case "ApiKey":
      return { "api-key": Redacted.value(credentials.apiKey) }
    case "AppId":
      return { "app-id": credentials.appId, "client-id": credentials.clientId }
    case "Merchant":
      return { "api-key": Redacted.value(credentials.apiKey), "merchant-id": credentials.merchantId }
  }
}

const headers = ({ credentials, sdk, version }: Connection): Request.Fields => ({
  ...authentication(credentials),
  ...(version === undefined ? {} : { "wcp-version": version }),
  ...(sdk === undefined ? {} : { "sdk-name": sdk.name, "sdk-version": sdk.version }),
  ...(sdk?.platform === undefined ? {} : { "sdk-platform": sdk.platform }),
  "accept": "application/json",
  "accept-encoding": "identity"
})

/** The gateway's payments are singular, the merchant's plural. */
const payment = ({ baseUrl, credentials }: Connection, paymentId: string, verb: string): string =>
  credentials._tag === "Merchant"
    ? Input.resource(baseUrl, "v1", "payments", paymentId, verb)
    : Input.resource(baseUrl, "v1", "gateway", "payment", paymentId, verb)

/** `POST /v1/gateway/payment/{id}/cancel` without a body, or `POST /v1/payments/{id}/cancel` with `{}`. */
export const cancel = (
  connection: Connection,
  { paymentId }: CancelRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest => {
  const url = payment(connection, paymentId, "cancel")
  return connection.credentials._tag === "Merchant"
    ? Request.make("POST", url, { "idempotency-key": idempotencyKey, ...headers(connection) }, HttpBody.unsafeJson({}))
    : Request.make("POST", url, headers(connection))
}

/** `GET /v1/gateway/payment/{id}/status` or `GET /v1/payments/{id}/status` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", payment(connection, paymentId, "status"), headers(connection))

const readRefusal = (json: unknown): Option.Option<Answer.Refusal> =>
  Option.map(decodeErrorBody(json), ({ code, details, issues, message }) => ({
    code: Option.getOrNull(code),
    message: Option.getOrNull(message),
    details: Option.isNone(details) && Option.isNone(issues)
      ? null
      : { details: Option.getOrNull(details), issues: Option.getOrNull(issues) }
  }))

/** What an answer states the payment by, if it does. A success that reports an error states nothing. */
const statingIn = ({ body, status }: Answer.Answer): Option.Option<unknown> =>
  Option.filter(body, (json) => status >= 300 || !Answer.holds(json, "code", "issues"))

/** No request id is documented; the usual header is kept if present. */
const common = ({ body, headers }: Answer.Answer) => ({
  ...Answer.nothing,
  refusal: Option.flatMap(body, readRefusal),
  requestId: Option.fromNullable(headers["x-request-id"])
})

/** The answer to a cancel has the id and the status of the payment. With another id it states nothing. */
export const readCancel = (answer: Answer.Answer, paymentId: string): Answer.Reading<Answer.StatesPayment<CancelledPayment>> => ({
  ...common(answer),
  payment: statingIn(answer).pipe(
    Option.flatMap(decodeCancelledPayment),
    Option.filter((stated) => stated.paymentId === paymentId),
    Option.map((stated) => ({
      status: stated.status,
      cancelledAt: Option.flatMap(stated.cancelledAt, Answer.parseTime),
      reason: stated.cancelledReason,
      payload: Option.some(stated)
    }))
  )
})

/**
 * The answer to a status query need not repeat the id. It is about the payment in the path, unless
 * it names another.
 */
export const readStatus = (answer: Answer.Answer, paymentId: string): Answer.Reading<Answer.StatesPayment<never>> => ({
  ...common(answer),
  payment: statingIn(answer).pipe(
    Option.flatMap(decodeStatusBody),
    Option.filter((stated) => Option.getOrElse(stated.paymentId, () => paymentId) === paymentId),
    Option.map(({ status }) => ({
      status,
      cancelledAt: Option.none(),
      reason: Option.none(),
      payload: Option.none()
    }))
  )
})
