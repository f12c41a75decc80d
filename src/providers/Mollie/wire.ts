/**
 * Mollie's wire format: what is sent, and what an answer says.
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
import type * as Cancellation from "../../Cancellation.js"
import type { Connection } from "./options.js"

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
 * A cancel at Mollie.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** Mollie's id of the payment, `tr_…`, 1 to 255 characters. */
  readonly paymentId: string
  /**
   * Sent as `Idempotency-Key`; one is made if none is given. Mollie's specification lists it for a
   * cancel, and its guide says that a DELETE ignores it, so nothing relies on it.
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
 * A release of what is still authorized of a payment.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReleaseRequest {
  /** Mollie's id of the payment, `tr_…`, 1 to 255 characters. */
  readonly paymentId: string
  /**
   * Sent as `Idempotency-Key`; one is made if none is given. Mollie keeps it for one hour, and under
   * it repeats its first answer.
   */
  readonly idempotencyKey?: string | undefined
}

const MollieAmount = Schema.Struct({ currency: Schema.String, value: Schema.String })

const LenientAmount = Answer.lenient(MollieAmount)

/** An amount, as Mollie writes it. */
interface MollieAmount {
  /** The code of the currency, as in ISO 4217. */
  readonly currency: string
  /** A decimal number in the currency itself, such as `10.00`, with as many decimals as the currency has. */
  readonly value: string
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
  mode: LenientString,
  method: LenientString,
  description: LenientString,
  profileId: LenientString,
  sequenceType: LenientString,
  amount: LenientAmount,
  amountCaptured: LenientAmount,
  amountRefunded: LenientAmount,
  amountRemaining: LenientAmount,
  captureMode: LenientString,
  captureBefore: LenientString,
  isCancelable: Answer.lenient(Schema.Boolean),
  createdAt: LenientString,
  authorizedAt: LenientString,
  paidAt: LenientString,
  canceledAt: LenientString,
  expiresAt: LenientString,
  expiredAt: LenientString,
  failedAt: LenientString
})

/**
 * A payment as Mollie shows it, under Mollie's own names. Only `id` and `status` are relied upon:
 * every other field is none when it is absent, null or malformed. Who paid, from where, and your own
 * `metadata` are left out: no cancel needs them, and journals should not hold them.
 *
 * Times are ISO 8601.
 *
 * @since 0.1.0
 * @category models
 */
export interface Payment {
  /** Mollie's id of the payment, `tr_…`. */
  readonly id: string
  /** `open`, `pending`, `authorized`, `paid`, `canceled`, `expired` or `failed`. */
  readonly status: string
  /** `live` or `test`. */
  readonly mode: Option.Option<string>
  /** How it is paid, such as `ideal` or `creditcard`. */
  readonly method: Option.Option<string>
  /** What you wrote about it. */
  readonly description: Option.Option<string>
  /** The profile that it belongs to, `pfl_…`. */
  readonly profileId: Option.Option<string>
  /** `oneoff`, `first` or `recurring`. */
  readonly sequenceType: Option.Option<string>
  /** What is to be paid. */
  readonly amount: Option.Option<MollieAmount>
  /** How much of it was captured, if its method has captures. */
  readonly amountCaptured: Option.Option<MollieAmount>
  /** How much of it was refunded. */
  readonly amountRefunded: Option.Option<MollieAmount>
  /** How much of it can still be refunded. */
  readonly amountRemaining: Option.Option<MollieAmount>
  /** `automatic`, or `manual` where you capture it yourself. */
  readonly captureMode: Option.Option<string>
  /** When its authorization lapses. */
  readonly captureBefore: Option.Option<string>
  /** Whether `cancel` can cancel it. */
  readonly isCancelable: Option.Option<boolean>
  /** When it was created. */
  readonly createdAt: Option.Option<string>
  /** When it was authorized. */
  readonly authorizedAt: Option.Option<string>
  /** When it was paid. */
  readonly paidAt: Option.Option<string>
  /** When it was cancelled. */
  readonly canceledAt: Option.Option<string>
  /** When it lapses, if nobody pays. */
  readonly expiresAt: Option.Option<string>
  /** When it lapsed. */
  readonly expiredAt: Option.Option<string>
  /** When it failed. */
  readonly failedAt: Option.Option<string>
}

// Mollie documents no `code`. One that came all the same would be kept, and then counts for what it is: unlisted.
const ErrorBody = Schema.Struct({ title: LenientString, detail: LenientString, field: LenientString, code: LenientString })

interface ErrorBody extends Schema.Schema.Type<typeof ErrorBody> {}

const decodePayment = Answer.decoder(Payment)
const decodeError = Answer.decoder(ErrorBody)

const headers = ({ apiKey }: Connection) => ({
  "authorization": `Bearer ${Redacted.value(apiKey)}`,
  "accept": "application/hal+json",
  "accept-encoding": "identity"
})

const payment = ({ baseUrl }: Connection, ...segments: ReadonlyArray<string>): string =>
  Input.resource(baseUrl, "v2", "payments", ...segments)

/** What an access token has to say besides; an API key says nothing. */
const besides = (fields: { readonly [name: string]: unknown }) =>
  Object.keys(fields).length === 0 ? undefined : HttpBody.unsafeJson(fields)

const mode = ({ testmode }: Connection) => testmode ? { testmode } : {}

/** `DELETE /v2/payments/{id}` */
export const cancel = (
  connection: Connection,
  { paymentId }: CancelRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make(
    "DELETE",
    payment(connection, paymentId),
    { "idempotency-key": idempotencyKey, ...headers(connection) },
    besides(mode(connection))
  )

/** `POST /v2/payments/{id}/release-authorization` */
export const release = (
  connection: Connection,
  { paymentId }: ReleaseRequest,
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make(
    "POST",
    payment(connection, paymentId, "release-authorization"),
    { "idempotency-key": idempotencyKey, ...headers(connection) },
    besides({ ...connection.profileId === undefined ? {} : { profileId: connection.profileId }, ...mode(connection) })
  )

/** `GET /v2/payments/{id}` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  Request.make("GET", `${payment(connection, paymentId)}${connection.testmode ? "?testmode=true" : ""}`, headers(connection))

/** What reports a failure: a payment has none of these members. */
const reportsError = (json: unknown): boolean => Answer.holds(json, "title", "detail", "code")

const readRefusal = ({ code, detail, field, title }: ErrorBody): Answer.Refusal => ({
  code: Option.getOrNull(code),
  message: Option.getOrNull(Option.orElse(detail, () => title)),
  details: { title: Option.getOrNull(title), detail: Option.getOrNull(detail), field: Option.getOrNull(field) }
})

/** What every answer may bear: an error, and that it repeats an earlier answer. Mollie documents no id of an exchange; the usual header is kept if it is there. */
const common = ({ body, headers }: Answer.Answer) => ({
  ...Answer.nothing,
  refusal: Option.map(Option.flatMap(Option.filter(body, reportsError), decodeError), readRefusal),
  requestId: Option.fromNullable(headers["x-request-id"]),
  isReplay: headers["idempotent-replayed"] === "true"
})

const decimal = /^\d{1,15}(?:\.\d{1,4})?$/

/** An amount in the smallest unit of its currency: Mollie writes all decimals that a currency has. */
const minor = ({ currency, value }: MollieAmount): Option.Option<Cancellation.Amount> =>
  Option.liftPredicate(
    { amount: Number(value.replace(".", "")), currency: Option.some(currency.toUpperCase()) },
    ({ amount }) => decimal.test(value) && Number.isSafeInteger(amount)
  )

/** How much of a payment was captured, as it states it. */
export const capturedAmount = ({ amountCaptured }: Payment): Option.Option<Cancellation.Amount> =>
  Option.flatMap(amountCaptured, minor)

const stated = (payment: Payment): Answer.StatedPayment<Payment> => ({
  status: payment.status,
  cancelledAt: Option.flatMap(payment.canceledAt, Answer.parseTime),
  reason: Option.none(),
  capturedAmount: capturedAmount(payment),
  payload: Option.some(payment)
})

/** What an answer states of the payment, if it is the one that was asked for. With an error in it it states nothing. */
const paymentIn = ({ body }: Answer.Answer, paymentId: string): Option.Option<Payment> =>
  body.pipe(
    Option.filter((json) => !reportsError(json)),
    Option.flatMap(decodePayment),
    Option.filter(({ id }) => id === paymentId)
  )

const decimalsOf = ({ value }: MollieAmount): number => value.split(".")[1]?.length ?? 0

/** Two amounts that can be compared, in the smallest unit of the currency that they share. */
const compared = (whole: MollieAmount, part: MollieAmount): Option.Option<readonly [whole: number, part: number]> =>
  Option.map(
    Option.filter(
      Option.all([minor(whole), minor(part)]),
      ([{ currency }, other]) => Option.getOrNull(currency) === Option.getOrNull(other.currency) && decimalsOf(whole) === decimalsOf(part)
    ),
    ([{ amount }, other]) => [amount, other.amount] as const
  )

/** A payment's whole amount and what was captured of it, where the two can be compared. */
const amounts = ({ amount, amountCaptured }: Payment) =>
  Option.flatMap(Option.all([amount, amountCaptured]), ([whole, captured]) => compared(whole, captured))

/** Whether a payment states that something of it was captured, be it legible or not. */
const statesCapture = ({ body }: Answer.Answer): boolean => Option.exists(body, (json) => Answer.holds(json, "amountCaptured"))

/** Whether a payment states that all of it was captured. */
const isCapturedInFull = (payment: Payment): boolean =>
  Option.exists(amounts(payment), ([whole, captured]) => captured > 0 && captured >= whole)

/**
 * A cancel and a status query are answered with the payment, or with an error. One that is `paid`, and has a capture that
 * is not known to be of all of it, says nothing: the cancel that asks may have taken the rest.
 */
export const readPayment = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<Payment>> => ({
  ...common(answer),
  payment: Option.map(paymentIn(answer, paymentId), (payment) => ({
    ...stated(payment),
    standing: payment.status === "paid" && statesCapture(answer) && !isCapturedInFull(payment)
      ? Option.none()
      : undefined
  }))
})

/**
 * Where a payment stands towards a release by its status alone. `paid` is not among them: Mollie shows a release that
 * succeeded after a capture so, and an ordinary capture of a part as well.
 */
export const releaseStandings: Answer.Standings = {
  open: "Cancellable",
  pending: "Cancellable",
  authorized: "Cancellable",
  canceled: "Cancelled",
  expired: "Closed",
  failed: "Closed"
}

/** A status query for a release: of what is `paid` there was nothing to release if all of it was captured. Else nobody knows. */
export const readReleased = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.AcceptsThenStates<Payment, null>> => ({
  ...common(answer),
  payment: Option.map(paymentIn(answer, paymentId), (payment) => ({
    ...stated(payment),
    standing: payment.status === "paid" && isCapturedInFull(payment) ? Option.some("Closed") : undefined
  }))
})

/**
 * What the text of an answer decodes to. What is not JSON is a text all the same, and not an empty body: a 202 with a
 * page in it comes from something in front of Mollie, and accepts no release.
 */
export const decode = (text: string): Option.Option<unknown> =>
  Option.orElse(Answer.json(text), () => Option.liftPredicate(text, (_) => _.trim() !== ""))

/** A release is answered with a 202 without a body, or with an error. */
export const readRelease = (answer: Answer.Answer): Answer.Reading<Answer.AcceptsThenStates<Payment, null>> => ({
  ...common(answer),
  receipt: answer.status === 202 && Option.isNone(answer.body) ? Option.some(null) : Option.none()
})
