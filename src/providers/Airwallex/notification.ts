/**
 * Airwallex's webhooks.
 *
 * @since 0.1.0
 */
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
import * as Wire from "./wire.js"

const { provider, standings } = declaration

const timestampHeader = "x-timestamp"
const signatureHeader = "x-signature"

/** The time is signed as it is written, directly in front of the body. */
const readSignature = (
  received: Receiving.Received,
  secrets: ReadonlyArray<string>
): Either.Either<Verification.TimedSignature, Notification.MalformedNotification> => {
  const timestamp = Receiving.header(received, timestampHeader)
  const signature = Receiving.header(received, signatureHeader)
  if (signature === "") return Either.left(Verification.malformed(provider, "Refuse", signatureHeader))
  return Either.right({
    timestamp,
    timestampField: timestampHeader,
    prefix: timestamp,
    signatures: Option.toArray(Either.getRight(Encoding.decodeHex(signature))),
    // The bytes of the secret as it is shown.
    keys: secrets.map(Receiving.bytesOf)
  })
}

/** What Airwallex states about every event besides its subject. */
const told = { account: Schema.NonEmptyString }

/**
 * The schema of a `CancelNotification`, for journals and RPC.
 *
 * @since 0.1.0
 * @category notifications
 */
export const CancelNotification = onFirstUse(() =>
  Schema.Struct({
    ...Notification.CancelNotification(provider).fields,
    account: Schema.OptionFromNullOr(told.account)
  })
)

/**
 * What a verified webhook of Airwallex says about a cancel.
 *
 * A subscription of a platform receives the events of its connected accounts too. So check `account`
 * before you use the payment. It is an `Option`: test
 * `Option.contains(notification.account, "acct_…")`.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface CancelNotification extends Notification.CancelNotification<"Airwallex"> {
  /** The account where it happened; none if Airwallex does not say. */
  readonly account: Option.Option<string>
}

/**
 * Verifies and decodes a webhook of Airwallex, and returns what it says about a cancel. The event is
 * `payment_intent.cancelled`.
 *
 * It needs the raw body and the headers `x-timestamp` and `x-signature`. `secret` is that of the
 * webhook's subscription. Airwallex rotates none: to replace it, make another subscription, and pass
 * both secrets until the old one is deleted. `tolerance` is 5 minutes by default, in either direction.
 *
 * The same event may arrive many times: recognise a repeated one by its `notificationId`. Events of
 * connected accounts arrive at the platform's subscription too: `account` says whose they are.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other
 * event.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { Airwallex } from "effect-payment-cancel"
 *
 * const program = Airwallex.notification(
 *   { body: "{}", headers: { "x-timestamp": "1492774577000", "x-signature": "00" } },
 *   { secret: Redacted.make("whsec_subscription") }
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notification: Notification.Verifier<"Airwallex", CancelNotification> = Verification.signedEvents({
  provider,
  type: "payment_intent.cancelled",
  typeField: "name",
  timestampUnit: "Milliseconds",
  headers: [timestampHeader, signatureHeader],
  readSignature,
  event: Schema.Struct({
    data: Schema.Struct({ object: Schema.Struct({ ...Wire.PaymentIntent.fields, id: Schema.NonEmptyString }) }),
    account_id: Answer.lenient(told.account)
  }),
  standings,
  statusField: "data.object.status",
  read: ({ account_id, data: { object: payment } }) => ({
    status: payment.status,
    stated: {
      paymentId: payment.id,
      merchantReference: payment.merchant_order_id,
      reason: payment.cancellation_reason,
      occurredAt: Wire.cancelledAt(payment),
      account: account_id
    }
  })
})
