/**
 * Authorize.net's webhooks.
 *
 * @since 0.1.0
 */
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

const { provider } = declaration

const signatureHeader = "X-ANET-Signature"

const scheme = "sha512="

/** `sha512=A1E0…`; hexadecimal digits, in capital letters. */
const signaturesIn = (header: string): ReadonlyArray<Uint8Array> =>
  header.split(",").map((item) => item.trim()).flatMap((item) =>
    item.toLowerCase().startsWith(scheme)
      ? Option.toArray(Either.getRight(Encoding.decodeHex(item.slice(scheme.length).toLowerCase())))
      : [])

const signed: Verification.SignedBody = {
  provider,
  header: signatureHeader,
  hash: "SHA-512",
  // Authorize.net delivers again over days; an endpoint may keep what came in for longer.
  tolerance: Duration.days(31),
  signaturesIn
}

const cancellation = "net.authorize.payment.void.created"

const decodeType = Verification.decode(provider, "Acknowledge", Schema.Struct({ eventType: Schema.NonEmptyString }))

const decodeEvent = Verification.decode(
  provider,
  "Acknowledge",
  Schema.Struct({
    notificationId: Schema.NonEmptyString,
    eventDate: Answer.lenient(Schema.String),
    payload: Schema.Struct({
      entityName: Schema.Literal("transaction"),
      // In test mode transactions have the id 0, and nothing happens to any.
      id: Schema.NonEmptyString.pipe(Schema.filter((id) => id !== "0")),
      responseCode: Schema.Int
    })
  })
)

/**
 * The schema of a `CancelNotification`, for journals and RPC.
 *
 * @since 0.1.0
 * @category notifications
 */
export const CancelNotification = onFirstUse(() => Notification.CancelNotification(provider))

/**
 * What a verified webhook of Authorize.net says of a void.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface CancelNotification extends Notification.CancelNotification<"AuthorizeNet"> {}

/**
 * Verifies and decodes a webhook of Authorize.net, and says what it tells of a void. The event is
 * `net.authorize.payment.void.created`, with an approved void in it.
 *
 * It needs the raw body and the header `X-ANET-Signature`. `secret` is the Signature Key as the
 * Merchant Interface shows it: its text is the key, and not the bytes that its digits stand for.
 * While it is being replaced give both.
 *
 * The body is signed, and nothing else: **neither a time of the delivery nor an address**. So the
 * same event may come many times, and be replayed: know it by `notificationId`, and take it once.
 * Its own time, `eventDate`, is compared with `tolerance`, 31 days unless given, where it is stated.
 *
 * `merchantReference`, `reference` and `reason` are none.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other event,
 * and for a void that was not approved.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { AuthorizeNet } from "effect-payment-cancel"
 *
 * const program = AuthorizeNet.notification(
 *   { body: "{}", headers: { "x-anet-signature": "sha512=00" } },
 *   { secret: Redacted.make("signature-key-of-the-account") }
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notification: Notification.Verifier<"AuthorizeNet", CancelNotification> = Verification.traced("AuthorizeNet.notification")(
  Effect.fnUntraced(function*(incoming: Notification.Incoming, verification: Notification.Verification) {
    const { json, tolerance } = yield* Verification.signedBody(signed, incoming, verification)
    const { eventType } = yield* decodeType(json)
    if (eventType !== cancellation) return yield* Verification.somethingElse(provider, eventType)
    const { eventDate, notificationId, payload } = yield* decodeEvent(json)
    if (payload.responseCode !== 1) {
      return yield* Verification.somethingElse(provider, `${eventType} with response code ${payload.responseCode}`)
    }
    const occurredAt = Option.flatMap(eventDate, Answer.parseTime)
    yield* Verification.checkEventTime(provider, occurredAt, tolerance)
    return {
      provider,
      notificationId,
      paymentId: payload.id,
      merchantReference: Option.none(),
      reference: Option.none(),
      decision: "Cancelled" as const,
      reason: Option.none(),
      occurredAt,
      receivedAt: yield* DateTime.now
    }
  })
)
