/**
 * WalletConnect Pay's webhooks.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { onFirstUse } from "../../CancelError.js"
import * as Notification from "../../Notification.js"
import * as Answer from "../../authoring/Answer.js"
import * as Receiving from "../../authoring/Receiving.js"
import * as Verification from "../../authoring/Verification.js"
import { declaration } from "./declaration.js"

const { provider, standings } = declaration

const signatureHeader = "svix-signature"
const idHeader = "svix-id"
const timestampHeader = "svix-timestamp"

const decodeAll = (texts: ReadonlyArray<string>): ReadonlyArray<Uint8Array> =>
  Arr.filterMap(texts, (base64) => Either.getRight(Encoding.decodeBase64(base64)))

/** `v1,<base64> v1,<base64>`: one signature for each active secret; other versions are ignored. */
const readSignature = (
  received: Receiving.Received,
  secrets: ReadonlyArray<string>
): Either.Either<Verification.TimedSignature, Notification.MalformedNotification> => {
  const id = Receiving.header(received, idHeader)
  const timestamp = Receiving.header(received, timestampHeader)
  const signatures = Receiving.header(received, signatureHeader).split(/,?\s+/)
    .flatMap((item) => item.startsWith("v1,") ? [item.slice(3)] : [])
  if (id === "") return Either.left(Verification.malformed(provider, "Refuse", idHeader))
  if (signatures.length === 0) return Either.left(Verification.malformed(provider, "Refuse", signatureHeader))
  return Either.right({
    timestamp,
    timestampField: timestampHeader,
    prefix: `${id}.${timestamp}.`,
    signatures: decodeAll(signatures),
    keys: decodeAll(secrets.map((secret) => secret.replace(/^whsec_/, "")))
  })
}

const Cancelled = Schema.Struct({
  cancelled_at: Answer.lenient(Schema.String),
  cancellation_reason: Answer.lenient(Schema.String)
})

/** What WalletConnect Pay states about every payment besides its status. */
const told = { live: Schema.Boolean, merchant_id: Schema.NonEmptyString }

/**
 * The schema of a `CancelNotification`, for journals and RPC.
 *
 * @since 0.1.0
 * @category notifications
 */
export const CancelNotification = onFirstUse(() =>
  Schema.Struct({
    ...Notification.CancelNotification(provider).fields,
    live: Schema.OptionFromNullOr(told.live),
    merchantId: Schema.OptionFromNullOr(told.merchant_id)
  })
)

/**
 * What a verified webhook of WalletConnect Pay says about a cancel.
 *
 * Test and live mode are on the same host. So check `live` before you use the payment, and
 * `merchantId` if one endpoint serves several merchants. Both are `Option`s: test
 * `Option.contains(notification.live, true)`. An `Option` is an object, so `if (notification.live)`
 * is always true.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface CancelNotification extends Notification.CancelNotification<"WalletConnectPay"> {
  /** Whether it is about real money; none if WalletConnect Pay does not say. */
  readonly live: Option.Option<boolean>
  /**
   * WalletConnect Pay's id of the merchant whose payment it is; none if WalletConnect Pay does not
   * say. It is one of the credentials of the merchant call, so do not log it.
   */
  readonly merchantId: Option.Option<string>
}

/**
 * Verifies and decodes a webhook of WalletConnect Pay's merchant side, and returns what it says
 * about a cancel. The event is `payment.cancelled`.
 *
 * It needs the raw body and the headers `svix-id`, `svix-timestamp` and `svix-signature`. `secret`
 * is the endpoint's signing secret as it is shown, including `whsec_…`. The rest is the key in
 * base64; a key that is not base64 never matches. `tolerance` is 5 minutes by default, in either
 * direction.
 *
 * The same event may arrive many times, and events arrive in any order: recognise a repeated one by
 * its `notificationId`. If the answer to a cancel was lost, its webhook is the only place that
 * states `occurredAt` and `reason`. `live` says whether it is about real money, and `merchantId` whose
 * payment it is.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other
 * event.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { WalletConnectPay } from "effect-payment-cancel"
 *
 * const program = WalletConnectPay.notification(
 *   { body: "{}", headers: { "svix-id": "msg_1", "svix-timestamp": "1492774577", "svix-signature": "v1,AA==" } },
 *   { secret: Redacted.make("whsec_c2VjcmV0") }
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notification: Notification.Verifier<"WalletConnectPay", CancelNotification> = Verification.signedEvents({
  provider,
  type: "payment.cancelled",
  headers: [idHeader, timestampHeader, signatureHeader],
  readSignature,
  event: Schema.Struct({
    data: Schema.Struct({
      payment_id: Schema.NonEmptyString,
      live: Answer.lenient(told.live),
      merchant_id: Answer.lenient(told.merchant_id),
      status: Schema.String,
      reference_id: Answer.lenient(Schema.String),
      cancelled: Answer.lenient(Cancelled)
    })
  }),
  standings,
  statusField: "data.status",
  read: ({ data: { cancelled, live, merchant_id, payment_id, reference_id, status } }) => ({
    status,
    stated: {
      paymentId: payment_id,
      merchantReference: reference_id,
      reason: Option.flatMap(cancelled, (_) => _.cancellation_reason),
      occurredAt: cancelled.pipe(Option.flatMap((_) => _.cancelled_at), Option.flatMap(Answer.parseTime)),
      live,
      merchantId: merchant_id
    }
  })
})
