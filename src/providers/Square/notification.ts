/**
 * Square's webhooks.
 *
 * @since 0.1.0
 */
import * as ConfigError from "effect/ConfigError"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { onFirstUse } from "../../CancelError.js"
import * as Notification from "../../Notification.js"
import * as Answer from "../../authoring/Answer.js"
import * as Verification from "../../authoring/Verification.js"
import { declaration } from "./declaration.js"
import * as Wire from "./wire.js"

const { provider, standings } = declaration

const signatureHeader = "X-Square-HmacSha256-Signature"

const signed: Verification.SignedBody = {
  provider,
  header: signatureHeader,
  // Square delivers again for a day; an endpoint may keep what came in for longer.
  tolerance: Duration.days(31),
  otherwise: ", or notificationUrl is not the subscription's, letter by letter",
  signaturesIn: (given) => Option.toArray(Either.getRight(Encoding.decodeBase64(given.trim())))
}

const told = { merchant_id: Schema.NonEmptyString }

const decodeType = Verification.decode(provider, "Acknowledge", Schema.Struct({ type: Schema.NonEmptyString }))

const decodeEvent = Verification.decode(
  provider,
  "Acknowledge",
  Schema.Struct({
    event_id: Schema.NonEmptyString,
    merchant_id: Answer.lenient(told.merchant_id),
    created_at: Answer.lenient(Schema.String),
    data: Schema.Struct({
      object: Schema.Struct({ payment: Schema.Struct({ ...Wire.Payment.fields, id: Schema.NonEmptyString }) })
    })
  })
)

/**
 * The schema of a `CancelNotification`, for journals and RPC.
 *
 * @since 0.1.0
 * @category notifications
 */
export const CancelNotification = onFirstUse(() =>
  Schema.Struct({
    ...Notification.CancelNotification(provider).fields,
    merchantId: Schema.OptionFromNullOr(told.merchant_id)
  })
)

/**
 * What a verified webhook of Square says about a cancel.
 *
 * Square sends the events of all sellers that have authorized an application to the same
 * subscription: `merchantId` says whose payment it is.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface CancelNotification extends Notification.CancelNotification<"Square"> {
  /** Square's id of the seller; none if Square does not say. */
  readonly merchantId: Option.Option<string>
}

/**
 * How a webhook of Square is verified.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface NotificationVerification extends Notification.Verification {
  /**
   * The subscription's notification URL, exactly as it is configured at Square: Square signs it
   * together with the body. It is not taken from the request, which a proxy may have changed. What
   * is no text despite its type, or empty, is a defect that names this option.
   */
  readonly notificationUrl: string
}

/** A mistake in the program, as with the other options. */
const urlOf = ({ notificationUrl }: NotificationVerification): Effect.Effect<string> =>
  Schema.is(Schema.NonEmptyString)(notificationUrl)
    ? Effect.succeed(notificationUrl)
    : Effect.die(ConfigError.InvalidData(["notificationUrl"], "must be the subscription's notification URL"))

/**
 * Verifies and decodes a webhook of Square, and returns what it says about a cancel. The event is
 * `payment.updated` with a payment that is `CANCELED`.
 *
 * It needs the raw body and the header `X-Square-HmacSha256-Signature`. `secret` is the signature
 * key of the webhook subscription, and `notificationUrl` its URL. A subscription at another address
 * has another key.
 *
 * The body and the address are signed, **but no time of the delivery**. So the same event may come
 * many times, and be replayed: know it by `notificationId`, and take it once. Its own time,
 * `created_at`, is compared with `tolerance`, 31 days unless given, where it is stated.
 *
 * It names the payment, and not which cancel it was: that may have been yours, somebody else's, or
 * Square's own at the end of the payment's `delay_duration`. `merchantReference` is the payment's
 * `reference_id`.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other event,
 * and for a payment in any other status.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { Square } from "effect-payment-cancel"
 *
 * const program = Square.notification(
 *   { body: "{}", headers: { "x-square-hmacsha256-signature": "AA==" } },
 *   {
 *     secret: Redacted.make("signature-key-of-the-subscription"),
 *     notificationUrl: "https://shop.example/webhooks/square"
 *   }
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notification: (
  incoming: Notification.Incoming,
  verification: NotificationVerification
) => Effect.Effect<CancelNotification, Notification.NotificationError> = Verification.traced("Square.notification")(
  Effect.fnUntraced(function*(incoming: Notification.Incoming, verification: NotificationVerification) {
    const notificationUrl = yield* urlOf(verification)
    const { json, tolerance } = yield* Verification.signedBody(signed, incoming, verification, notificationUrl)
    const { type } = yield* decodeType(json)
    if (type !== "payment.updated") return yield* Verification.somethingElse(provider, type)
    const { created_at, data: { object: { payment } }, event_id, merchant_id } = yield* decodeEvent(json)
    if (!Option.contains(Answer.standing(standings, payment.status), "Cancelled")) {
      return yield* Verification.somethingElse(provider, `${type} of a payment that is not canceled`)
    }
    const createdAt = Option.flatMap(created_at, Answer.parseTime)
    yield* Verification.checkEventTime(provider, createdAt, tolerance)
    return {
      provider,
      notificationId: event_id,
      paymentId: payment.id,
      merchantReference: payment.reference_id,
      reference: Option.none(),
      decision: "Cancelled" as const,
      reason: Option.none(),
      occurredAt: Option.orElse(Wire.voidedAt(payment), () => createdAt),
      receivedAt: yield* DateTime.now,
      merchantId: merchant_id
    }
  })
)
