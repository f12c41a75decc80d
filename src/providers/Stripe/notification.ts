/**
 * Stripe's webhooks.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { onFirstUse } from "../../CancelError.js"
import * as Cancellation from "../../Cancellation.js"
import * as Notification from "../../Notification.js"
import * as Answer from "../../authoring/Answer.js"
import * as Receiving from "../../authoring/Receiving.js"
import * as Verification from "../../authoring/Verification.js"
import { declaration } from "./declaration.js"
import * as Wire from "./wire.js"

const { provider, standings } = declaration

const signatureHeader = "Stripe-Signature"

/** `t=1492774577,v1=5257a8…,v1=…`: one time, and one signature for each active secret. */
const readSignature = (
  received: Receiving.Received,
  secrets: ReadonlyArray<string>
): Either.Either<Verification.TimedSignature, Notification.MalformedNotification> => {
  const items = Receiving.header(received, signatureHeader).split(",").map((item) => item.trim())
  const valuesOf = (scheme: string) =>
    items.flatMap((item) => item.startsWith(`${scheme}=`) ? [item.slice(scheme.length + 1)] : [])
  const [timestamp = "", ...otherTimes] = valuesOf("t")
  const signatures = valuesOf("v1")
  if (signatures.length === 0 || otherTimes.length > 0) {
    return Either.left(Verification.malformed(provider, "Refuse", signatureHeader))
  }
  return Either.right({
    timestamp,
    timestampField: signatureHeader,
    prefix: `${timestamp}.`,
    signatures: Arr.filterMap(signatures, (hex) => Either.getRight(Encoding.decodeHex(hex))),
    // The bytes of the secret as it is shown, including its prefix.
    keys: secrets.map(Receiving.bytesOf)
  })
}

/** What Stripe states about every event besides its subject. */
const told = { livemode: Schema.Boolean, account: Schema.NonEmptyString }

/**
 * The schema of a `CancelNotification`, for journals and RPC.
 *
 * @since 0.1.0
 * @category notifications
 */
export const CancelNotification = onFirstUse(() =>
  Schema.Struct({
    ...Notification.CancelNotification(provider).fields,
    capturedAmount: Cancellation.CapturedAmount,
    livemode: Schema.OptionFromNullOr(told.livemode),
    account: Schema.OptionFromNullOr(told.account)
  })
)

/**
 * What a verified webhook of Stripe says about a cancel.
 *
 * Stripe sends the events of all connected accounts to one endpoint of the platform, and those of
 * live and test mode too if both are configured with the same URL. So check `account` and
 * `livemode` before you use the payment. Both are `Option`s: test
 * `Option.contains(notification.livemode, true)`. An `Option` is an object, so `if
 * (notification.livemode)` is always true.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface CancelNotification extends Notification.CancelNotification<"Stripe"> {
  /**
   * What partial captures had taken before the cancel, from `amount_received`: see
   * `Cancellation.isPartlyCaptured`.
   */
  readonly capturedAmount: Option.Option<Cancellation.Amount>
  /** Whether it happened in live mode; none if Stripe does not say. */
  readonly livemode: Option.Option<boolean>
  /** The connected account, `acct_…`, where it happened; none for your own account. */
  readonly account: Option.Option<string>
}

/**
 * Verifies and decodes a webhook of Stripe, and returns what it says about a cancel. The event is
 * `payment_intent.canceled`.
 *
 * It needs the raw body and the header `Stripe-Signature`. `secret` is the endpoint's signing
 * secret as the dashboard shows it, including `whsec_…`. While it is being rolled, pass both, or
 * rely on Stripe, which then signs with both. `tolerance` is 5 minutes by default, in either
 * direction.
 *
 * The same event may arrive many times: recognise a repeated one by its `notificationId`. Events of
 * connected accounts arrive at the platform's endpoint too: `account` says whose they are, and
 * `livemode` whether they are about real money.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other
 * event.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { Stripe } from "effect-payment-cancel"
 *
 * const program = Stripe.notification(
 *   { body: "{}", headers: { "stripe-signature": "t=1492774577,v1=00" } },
 *   { secret: Redacted.make("whsec_endpoint") }
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notification: Notification.Verifier<"Stripe", CancelNotification> = Verification.signedEvents({
  provider,
  type: "payment_intent.canceled",
  headers: [signatureHeader],
  readSignature,
  event: Schema.Struct({
    data: Schema.Struct({ object: Schema.Struct({ ...Wire.PaymentIntent.fields, id: Schema.NonEmptyString }) }),
    livemode: Answer.lenient(told.livemode),
    account: Answer.lenient(told.account)
  }),
  standings,
  statusField: "data.object.status",
  read: ({ account, data: { object: payment }, livemode }) => ({
    status: payment.status,
    stated: {
      paymentId: payment.id,
      merchantReference: Option.none(),
      reason: payment.cancellation_reason,
      capturedAmount: Wire.amountReceived(payment),
      occurredAt: Wire.canceledAt(payment),
      livemode,
      account
    }
  })
})
