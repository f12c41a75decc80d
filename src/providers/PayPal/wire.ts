/**
 * PayPal's wire format: what is sent, and what an answer says.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Answer from "../../authoring/Answer.js"
import * as Input from "../../authoring/Input.js"
import * as Request from "../../authoring/Request.js"
import * as errors from "./errors.js"
import type { Connection } from "./options.js"

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)

/** The shortest limit that PayPal publishes for this header: the one of its older payments API. */
export const longestIdempotencyKey = 78

/**
 * The schema of a `CancelRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRequest = Schema.Struct({
  paymentId: Input.PathSegment,
  idempotencyKey: Schema.optional(Input.idempotencyKey(longestIdempotencyKey))
})

/**
 * A cancel at PayPal: the void of an authorization.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** The id of the authorization, 1 to 255 characters: not that of the order or of a capture. */
  readonly paymentId: string
  /** Sent as `PayPal-Request-Id`, at most 78 characters; one is generated if none is given. */
  readonly idempotencyKey?: string | undefined
}

const Money = Schema.Struct({
  currency_code: LenientString,
  value: LenientString
})

const StatusDetails = Schema.Struct({ reason: LenientString })

const SellerProtection = Schema.Struct({
  status: LenientString,
  dispute_categories: Answer.lenient(Schema.Array(Schema.String))
})

const RelatedIds = Schema.Struct({
  order_id: LenientString,
  authorization_id: LenientString,
  capture_id: LenientString
})

const SupplementaryData = Schema.Struct({ related_ids: Answer.lenient(RelatedIds) })

/**
 * The schema of an `Authorization`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Authorization = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  status_details: Answer.lenient(StatusDetails),
  amount: Answer.lenient(Money),
  invoice_id: LenientString,
  custom_id: LenientString,
  seller_protection: Answer.lenient(SellerProtection),
  expiration_time: LenientString,
  create_time: LenientString,
  update_time: LenientString,
  supplementary_data: Answer.lenient(SupplementaryData)
})

/** An amount, as PayPal writes it. */
interface Money {
  /** The code of the currency, as in ISO 4217. */
  readonly currency_code: Option.Option<string>
  /** A decimal number in the currency itself, such as `10.99`. */
  readonly value: Option.Option<string>
}

/** Why an authorization is in its status. */
interface StatusDetails {
  /** Such as `PENDING_REVIEW`. */
  readonly reason: Option.Option<string>
}

/** Whether PayPal protects the seller. */
interface SellerProtection {
  /** Such as `ELIGIBLE`. */
  readonly status: Option.Option<string>
  /** In which disputes. */
  readonly dispute_categories: Option.Option<ReadonlyArray<string>>
}

/** The ids of what belongs to an authorization. */
interface RelatedIds {
  /** The order that it was made for. */
  readonly order_id: Option.Option<string>
  /** The authorization. */
  readonly authorization_id: Option.Option<string>
  /** The capture. */
  readonly capture_id: Option.Option<string>
}

/** Further data about an authorization. */
interface SupplementaryData {
  /** The ids of what belongs to it. */
  readonly related_ids: Option.Option<RelatedIds>
}

/**
 * An authorization as PayPal describes it, with PayPal's own field names. Only `id` and `status`
 * are relied upon: every other field is none if it is absent, null or malformed. The payee is left
 * out: no cancel needs it, and it should not be in journals.
 *
 * Times are RFC 3339.
 *
 * @since 0.1.0
 * @category models
 */
export interface Authorization {
  /** The id of the authorization. */
  readonly id: string
  /** `CREATED`, `PENDING`, `PARTIALLY_CAPTURED`, `CAPTURED`, `VOIDED` or `DENIED`. */
  readonly status: string
  /** Why it is in this status. */
  readonly status_details: Option.Option<StatusDetails>
  /** What was authorized; a void or a capture does not change it. */
  readonly amount: Option.Option<Money>
  /** Your own invoice number. */
  readonly invoice_id: Option.Option<string>
  /** Your own id of it. */
  readonly custom_id: Option.Option<string>
  /** Whether PayPal protects the seller. */
  readonly seller_protection: Option.Option<SellerProtection>
  /** When the authorization expires. */
  readonly expiration_time: Option.Option<string>
  /** When it was made. */
  readonly create_time: Option.Option<string>
  /** When it was last changed. */
  readonly update_time: Option.Option<string>
  /** Further data, such as the order's id. */
  readonly supplementary_data: Option.Option<SupplementaryData>
}

const Issue = Schema.Struct({
  issue: LenientString,
  description: LenientString
})

/** An error of the API has a name and details, one of OAuth an `error`. */
const ErrorBody = Schema.Struct({
  name: LenientString,
  message: LenientString,
  debug_id: LenientString,
  details: Answer.lenient(Schema.Array(Schema.Unknown)),
  error: LenientString,
  error_description: LenientString
})

interface ErrorBody extends Schema.Schema.Type<typeof ErrorBody> {}

const decodeAuthorization = Answer.decoder(Authorization)
const decodeErrorBody = Answer.decoder(ErrorBody)
const decodeIssue = Answer.decoder(Issue)

const headers = { "accept": "application/json", "accept-encoding": "identity" }

const authorization = ({ baseUrl }: Connection, ...segments: ReadonlyArray<string>): string =>
  Input.resource(baseUrl, "v2", "payments", "authorizations", ...segments)

/** `POST /v1/oauth2/token`, with the scopes that the app has. */
export const token = ({ baseUrl, clientId, clientSecret }: Connection): HttpClientRequest.HttpClientRequest =>
  Request.make(
    "POST",
    Input.resource(baseUrl, "v1", "oauth2", "token"),
    { "authorization": `Basic ${Encoding.encodeBase64(`${clientId}:${Redacted.value(clientSecret)}`)}`, ...headers },
    HttpBody.text("grant_type=client_credentials", "application/x-www-form-urlencoded")
  )

/**
 * `POST /v2/payments/authorizations/{id}/void`. It asks for the authorization in the answer:
 * otherwise PayPal answers without a body, which proves nothing.
 */
export const cancel = (
  connection: Connection,
  { paymentId }: CancelRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make(
    "POST",
    authorization(connection, paymentId, "void"),
    { "prefer": "return=representation", "paypal-request-id": idempotencyKey, ...headers },
    HttpBody.unsafeJson({})
  )

/** `GET /v2/payments/authorizations/{id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", authorization(connection, paymentId), headers)

const GrantedToken = Schema.Struct({
  access_token: Schema.NonEmptyString,
  expires_in: Answer.lenient(Schema.NonNegative)
})

const decodeGrantedToken = Answer.decoder(GrantedToken)

/** PayPal may issue a token again that it issued before, so only this answer says how long it is valid. */
export const readToken = ({ body }: Answer.Answer) =>
  Option.map(Option.flatMap(body, decodeGrantedToken), ({ access_token, expires_in }) => ({
    value: access_token,
    expiresIn: Option.map(expires_in, Duration.seconds)
  }))

const voidedBefore: string = errors.PreviouslyVoided.declared.row.code

/**
 * If there are several issues, the one that means success comes last: a doubt or a capture beside it
 * takes precedence. The name is less specific than any issue, so it comes after them.
 */
const codesOf = ({ error, name }: ErrorBody, issues: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...issues.filter((issue) => issue !== voidedBefore),
  ...issues.filter((issue) => issue === voidedBefore),
  ...Option.toArray(name),
  ...Option.toArray(error)
]

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

/** An authorization has none of these members, and an error at least one. */
const reportsError = (json: unknown): boolean =>
  Answer.holds(json, "name", "error") ||
  (Predicate.hasProperty(json, "details") && json.details !== null && !isEmptyList(json.details))

/** What is worded as an error. */
const readError = (error: ErrorBody): Option.Option<Answer.Refusal> => {
  const details = Option.filter(error.details, ({ length }) => length > 0)
  const items = Option.getOrElse(details, (): ReadonlyArray<unknown> => []).flatMap((item) => Option.toArray(decodeIssue(item)))
  const codes = codesOf(error, items.flatMap(({ issue }) => Option.toArray(issue)))
  const described = items.flatMap(({ description }) => Option.toArray(description))
  return codes.length === 0 && Option.isNone(details)
    ? Option.none()
    : Option.some({
      code: codes[0] ?? null,
      codes,
      message: described[0] ?? Option.getOrNull(Option.orElse(error.message, () => error.error_description)),
      details: Option.getOrNull(details)
    })
}

/** The error in an answer, in the form of the API or of OAuth. */
export const readRefusal = ({ body }: Answer.Answer): Option.Option<Answer.Refusal> =>
  Option.flatMap(Option.flatMap(body, decodeErrorBody), readError)

/** PayPal sends this header twice; HTTP clients may join the two values with a comma. */
const debugId = ({ body, headers }: Answer.Answer): Option.Option<string> =>
  Option.fromNullable(headers["paypal-debug-id"]?.split(",", 1)[0]).pipe(
    Option.orElse(() => Option.flatMap(Option.flatMap(body, decodeErrorBody), ({ debug_id }) => debug_id))
  )

/** The answers to a void and to a status query have the same form. An answer with an error states no payment. */
export const read = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<Authorization>> => {
  const refusal = readRefusal(answer)
  return {
    ...Answer.nothing,
    payment: answer.body.pipe(
      Option.filter((json) => !reportsError(json)),
      Option.flatMap(decodeAuthorization),
      Option.filter(({ id }) => id === paymentId),
      Option.map((authorization) => ({
        status: authorization.status,
        // PayPal states when an authorization was last changed, but not by what.
        cancelledAt: Option.none(),
        reason: Option.none(),
        payload: Option.some(authorization)
      }))
    ),
    refusal,
    requestId: debugId(answer)
  }
}
