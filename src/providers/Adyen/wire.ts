/**
 * Adyen's wire format: what is sent, and what an answer says.
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

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)

/** As Adyen publishes it. */
export const longestIdempotencyKey = 64

const optionalFields = {
  merchantAccount: Schema.optional(Input.HeaderValue),
  reference: Schema.optional(Input.identifier(80)),
  idempotencyKey: Schema.optional(Input.idempotencyKey(longestIdempotencyKey))
}

/** What every cancel at Adyen may contain. */
interface OptionalFields {
  /**
   * The account that processed this one payment; the layer's account by default. Like the layer's
   * account it never appears in any output. Keep it with the payment, because a later call has to
   * name it again.
   */
  readonly merchantAccount?: string | undefined
  /** Your own reference for the cancel, up to 80 characters. */
  readonly reference?: string | undefined
  /** Sent as `Idempotency-Key`, up to 64 characters; one is made if none is given. */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of a `CancelRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRequest = Schema.Struct({ paymentId: Input.PathSegment, ...optionalFields })

/**
 * A cancel at Adyen, of a payment whose PSP reference is known.
 *
 * Adyen has no field for a reason.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest extends OptionalFields {
  /** The `pspReference` of the payment, 1 to 255 characters. */
  readonly paymentId: string
}

/**
 * The schema of a `CancelByMerchantReferenceRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelByMerchantReferenceRequest = Schema.Struct({
  merchantReference: Input.identifier(255),
  ...optionalFields
})

/**
 * A cancel at Adyen, of a payment of which you know only your own reference.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelByMerchantReferenceRequest extends OptionalFields {
  /**
   * The `reference` that the payment was created with; the limit of 255 characters is this
   * library's.
   */
  readonly merchantReference: string
}

/**
 * The webhook events that report the result of a cancel.
 *
 * @since 0.1.0
 * @category models
 */
export const Confirming = Schema.Literal("CANCELLATION", "TECHNICAL_CANCEL", "CANCEL_OR_REFUND")

/**
 * @since 0.1.0
 * @category models
 */
export type Confirming = typeof Confirming.Type

/**
 * The schema of a `Receipt`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Receipt = Schema.Struct({ reference: Schema.String, confirmedBy: Confirming })

/**
 * What Adyen returns for a request that it has accepted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Receipt {
  /** The `pspReference` of the cancel itself, not of the payment. */
  readonly reference: string
  /** The `eventCode` of the webhook that will contain this reference. */
  readonly confirmedBy: Confirming
}

/**
 * Adyen describes it as 16 letters and digits; the length is not relied upon. Anything else could
 * never be paired with a webhook, so it is not a receipt.
 */
const PspReference = Schema.String.pipe(Schema.pattern(/^[\w-]+$/))

/** If the answer mentions an error in any form, the request was not accepted. */
const NoError = Schema.optional(Schema.Null)

const Received = Schema.Struct({
  errorCode: NoError,
  errorType: NoError,
  status: Schema.Literal("received"),
  pspReference: PspReference,
  paymentPspReference: LenientString,
  paymentReference: LenientString
})

const Addressed = Schema.Struct({ merchantAccount: Schema.String })

/**
 * Adyen documents text; a number is accepted too, so that the code is not lost. Codes with leading
 * zeros exist only as text.
 */
const ErrorCode = Schema.Union(
  Schema.String,
  Schema.transform(Schema.Number, Schema.String, { strict: true, decode: String, encode: Number })
)

const ErrorBody = Schema.Struct({
  errorCode: Answer.lenient(ErrorCode),
  message: LenientString,
  errorType: LenientString,
  pspReference: Answer.lenient(Schema.NonEmptyString),
  additionalData: Answer.lenient(Schema.Unknown)
})

const decodeReceived = Answer.decoder(Received)
const decodeAddressed = Answer.decoder(Addressed)
const decodeErrorBody = Answer.decoder(ErrorBody)

const post = (
  { apiKey, baseUrl, merchantAccount }: Connection,
  path: ReadonlyArray<string>,
  body: { readonly [field: string]: string | undefined },
  idempotencyKey: string
): HttpClientRequest.HttpClientRequest =>
  Request.make("POST", Input.resource(baseUrl, ...path), {
    "x-api-key": Redacted.value(apiKey),
    "idempotency-key": idempotencyKey,
    "accept": "application/json",
    "accept-encoding": "identity"
  }, HttpBody.unsafeJson({ merchantAccount, ...body }))

/** A request's own merchant account replaces the layer's. */
export const actingFor = (
  connection: Connection,
  { merchantAccount }: { readonly merchantAccount?: string | undefined }
): Connection => merchantAccount === undefined ? connection : { ...connection, merchantAccount }

/** `POST /payments/{pspReference}/cancels` */
export const cancel = (connection: Connection, { paymentId, reference }: CancelRequest, idempotencyKey: string) =>
  post(connection, ["payments", paymentId, "cancels"], { reference }, idempotencyKey)

/** `POST /cancels` */
export const cancelByMerchantReference = (
  connection: Connection,
  { merchantReference, reference }: CancelByMerchantReferenceRequest,
  idempotencyKey: string
) => post(connection, ["cancels"], { paymentReference: merchantReference, reference }, idempotencyKey)

/** `POST /payments/{pspReference}/reversals` */
export const cancelOrRefund = (connection: Connection, { paymentId, reference }: CancelRequest, idempotencyKey: string) =>
  post(connection, ["payments", paymentId, "reversals"], { reference }, idempotencyKey)

/** An answer names the merchant account that it is about. It must be the one in the request. */
export const isAddressedTo = ({ body }: Answer.Answer, { merchantAccount }: Connection): boolean =>
  Option.exists(Option.flatMap(body, decodeAddressed), (addressed) => addressed.merchantAccount === merchantAccount)

/** `transient-error` says whether the same request may be sent again with the same key. */
const readSendAgain = (header: string | undefined): Option.Option<boolean> => {
  const word = header?.trim().toLowerCase()
  return word === "true" || word === "false" ? Option.some(word === "true") : Option.none()
}

/**
 * All three operations have the same answers: accepted, with the payment as the request named it,
 * or an error.
 */
const reading =
  (named: "paymentPspReference" | "paymentReference", confirmedBy: Confirming) =>
  ({ body, headers }: Answer.Answer, identifier: string): Answer.Reading<Answer.GivesReceipt<Receipt>> => {
    const received = Option.flatMap(body, decodeReceived)
    const error = Option.flatMap(body, decodeErrorBody)
    return {
      ...Answer.nothing,
      receipt: received.pipe(
        Option.filter((_) => Option.contains(_[named], identifier)),
        Option.map(({ pspReference }) => ({ reference: pspReference, confirmedBy }))
      ),
      refusal: Option.map(error, ({ additionalData, errorCode, errorType, message }) => ({
        code: Option.getOrNull(errorCode),
        message: Option.getOrNull(message),
        details: Option.isNone(errorType) && Option.isNone(additionalData)
          ? null
          : { errorType: Option.getOrNull(errorType), additionalData: Option.getOrNull(additionalData) }
      })),
      requestId: Option.orElse(
        Option.flatMap(error, ({ pspReference }) => pspReference),
        () => Option.fromNullable(headers["pspreference"])
      ),
      sendAgain: readSendAgain(headers["transient-error"])
    }
  }

/** A cancel by id names the payment by its PSP reference. */
export const readCancel = reading("paymentPspReference", "CANCELLATION")

/** A cancel by the merchant's reference names the payment by that reference. */
export const readCancelByMerchantReference = reading("paymentReference", "TECHNICAL_CANCEL")

/** A reversal names the payment by its PSP reference. */
export const readCancelOrRefund = reading("paymentPspReference", "CANCEL_OR_REFUND")
