/**
 * What Stripe tells by webhook.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import type * as ConfigError from "effect/ConfigError"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Notification from "../../Notification.js"
import { declaration } from "./declaration.js"
import * as Wire from "./wire.js"

const { provider, standings } = declaration

const signatureHeader = "Stripe-Signature"

const decodeEvent = Notification.decode(
  provider,
  Schema.Struct({ id: Schema.NonEmptyString, type: Schema.NonEmptyString })
)

const decodeCanceled = Notification.decode(
  provider,
  Schema.Struct({ data: Schema.Struct({ object: Wire.PaymentIntent }) })
)

/** `t=1492774577,v1=5257a8…,v1=…`: one time, and one signature for each secret that is in force. */
const readSignatures = (header: string) => {
  const items = header.split(",").map((item) => item.trim())
  const valuesOf = (scheme: string) =>
    items.flatMap((item) => item.startsWith(`${scheme}=`) ? [item.slice(scheme.length + 1)] : [])
  return { times: valuesOf("t"), signatures: valuesOf("v1") }
}

/**
 * Verifies and decodes a webhook of Stripe, and says what it tells of a cancel: the event
 * `payment_intent.canceled`.
 *
 * It needs the raw body and the header `Stripe-Signature`. `secret` is the endpoint's signing
 * secret as the dashboard shows it, `whsec_…` included; while it is being rolled, give both,
 * or rely on Stripe, which then signs with both. `tolerance` is 5 minutes unless given, and
 * counts in both directions.
 *
 * The same event may come many times: `notificationId` is the id to know it by. Events of
 * connected accounts come to the platform's endpoint too.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other
 * event; with a `ConfigError` if `tolerance` is no duration.
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
export const notification: (
  incoming: Notification.Incoming,
  verification: Notification.Verification
) => Effect.Effect<Notification.CancelNotification<"Stripe">, Notification.NotificationError | ConfigError.ConfigError> = Effect.fn(
  "Stripe.notification"
)(function*(incoming: Notification.Incoming, verification: Notification.Verification) {
  const { signatures, times: [timestamp = "", ...otherTimes] } = readSignatures(
    Option.getOrElse(Notification.header(incoming, signatureHeader), () => "")
  )
  if (signatures.length === 0 || otherTimes.length > 0) return yield* Notification.malformed(provider, signatureHeader)
  yield* Notification.verifyTimed({
    provider,
    incoming,
    verification,
    // The bytes of the secret as it is shown, its prefix included.
    keys: Notification.secretsOf(verification).map(Notification.bytesOf),
    signatures: Arr.filterMap(signatures, (hex) => Either.getRight(Encoding.decodeHex(hex))),
    prefix: `${timestamp}.`,
    timestamp,
    timestampField: signatureHeader
  })
  const json = yield* Notification.jsonOf(provider, incoming)
  const event = yield* decodeEvent(json)
  if (event.type !== "payment_intent.canceled") return yield* Notification.somethingElse(provider, event.type)
  const { data: { object: payment } } = yield* decodeCanceled(json)
  if (standings[payment.status] !== "Cancelled") return yield* Notification.malformed(provider, "data.object.status")
  return {
    provider,
    notificationId: event.id,
    paymentId: payment.id,
    merchantReference: Option.none(),
    reference: Option.none(),
    decision: "Cancelled",
    reason: payment.cancellation_reason,
    occurredAt: Wire.canceledAt(payment),
    receivedAt: yield* DateTime.now
  }
})
