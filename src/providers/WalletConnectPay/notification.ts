/**
 * What WalletConnect Pay tells by webhook.
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
import * as Reading from "../../Reading.js"
import { declaration } from "./declaration.js"

const { provider, standings } = declaration

const signatureHeader = "svix-signature"
const idHeader = "svix-id"
const timestampHeader = "svix-timestamp"

const decodeEvent = Notification.decode(
  provider,
  Schema.Struct({ id: Schema.NonEmptyString, type: Schema.NonEmptyString })
)

const Cancelled = Schema.Struct({
  cancelled_at: Reading.lenient(Schema.String),
  cancellation_reason: Reading.lenient(Schema.String)
})

const decodeCancelled = Notification.decode(
  provider,
  Schema.Struct({
    data: Schema.Struct({
      payment_id: Schema.NonEmptyString,
      status: Schema.String,
      reference_id: Reading.lenient(Schema.String),
      cancelled: Reading.lenient(Cancelled)
    })
  })
)

/** `v1,<base64> v1,<base64>`: one signature for each secret that is in force; other versions are passed over. */
const readSignatures = (header: string): ReadonlyArray<string> =>
  header.split(" ").flatMap((item) => item.startsWith("v1,") ? [item.slice(3)] : [])

const decodeAll = (texts: ReadonlyArray<string>): ReadonlyArray<Uint8Array> =>
  Arr.filterMap(texts, (base64) => Either.getRight(Encoding.decodeBase64(base64)))

/**
 * Verifies and decodes a webhook of WalletConnect Pay's merchant side, and says what it tells
 * of a cancel: the event `payment.cancelled`.
 *
 * It needs the raw body and the headers `svix-id`, `svix-timestamp` and `svix-signature`.
 * `secret` is the endpoint's signing secret as it is shown, `whsec_…` included; what follows
 * is the key in base64, and one that is no base64 fits nothing. `tolerance` is 5 minutes
 * unless given, and counts in both directions.
 *
 * The same event may come many times, and events come in any order: `notificationId` is the
 * id to know it by. It is the only place that states `occurredAt` and `reason` of a cancel
 * whose own answer was lost.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other
 * event; with a `ConfigError` if `tolerance` is no duration.
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
export const notification: (
  incoming: Notification.Incoming,
  verification: Notification.Verification
) => Effect.Effect<Notification.CancelNotification<"WalletConnectPay">, Notification.NotificationError | ConfigError.ConfigError> = Effect.fn(
  "WalletConnectPay.notification"
)(function*(incoming: Notification.Incoming, verification: Notification.Verification) {
  const headerOf = (name: string) => Option.getOrElse(Notification.header(incoming, name), () => "")
  const id = headerOf(idHeader)
  const timestamp = headerOf(timestampHeader)
  const signatures = readSignatures(headerOf(signatureHeader))
  if (id === "") return yield* Notification.malformed(provider, idHeader)
  if (signatures.length === 0) return yield* Notification.malformed(provider, signatureHeader)
  yield* Notification.verifyTimed({
    provider,
    incoming,
    verification,
    keys: decodeAll(Notification.secretsOf(verification).map((secret) => secret.replace(/^whsec_/, ""))),
    signatures: decodeAll(signatures),
    prefix: `${id}.${timestamp}.`,
    timestamp,
    timestampField: timestampHeader
  })
  const json = yield* Notification.jsonOf(provider, incoming)
  const event = yield* decodeEvent(json)
  if (event.type !== "payment.cancelled") return yield* Notification.somethingElse(provider, event.type)
  const { data } = yield* decodeCancelled(json)
  if (standings[data.status] !== "Cancelled") return yield* Notification.malformed(provider, "data.status")
  return {
    provider,
    notificationId: event.id,
    paymentId: data.payment_id,
    merchantReference: data.reference_id,
    reference: Option.none(),
    decision: "Cancelled",
    reason: Option.flatMap(data.cancelled, (_) => _.cancellation_reason),
    occurredAt: data.cancelled.pipe(Option.flatMap((_) => _.cancelled_at), Option.flatMap(Reading.parseTime)),
    receivedAt: yield* DateTime.now
  }
})
