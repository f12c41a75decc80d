/**
 * GoCardless's webhooks.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
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

const signatureHeader = "Webhook-Signature"

const signed: Verification.SignedBody = {
  provider,
  header: signatureHeader,
  // GoCardless delivers again for some days, and whenever it is asked to in its dashboard or by its API.
  tolerance: Duration.days(31),
  signaturesIn: (given) => Arr.filterMap(given.split(","), (hex) => Either.getRight(Encoding.decodeHex(hex.trim())))
}

const decodeList = Verification.decode(provider, "Acknowledge", Schema.Struct({ events: Schema.Array(Schema.Unknown) }))

const decodeSubject = Verification.decode(
  provider,
  "Acknowledge",
  Schema.Struct({ resource_type: Schema.NonEmptyString, action: Schema.NonEmptyString })
)

const LenientText = Answer.lenient(Schema.NonEmptyString)

const MetadataRecord = Schema.Record({ key: Schema.String, value: Schema.String })

const decodeCancel = Verification.decode(
  provider,
  "Acknowledge",
  Schema.Struct({
    id: Schema.NonEmptyString,
    created_at: LenientText,
    links: Schema.Struct({ payment: Schema.NonEmptyString, organisation: LenientText }),
    details: Answer.lenient(Schema.Struct({ origin: LenientText, cause: LenientText })),
    metadata: Answer.lenient(MetadataRecord)
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
    origin: Schema.OptionFromNullOr(Schema.String),
    organisation: Schema.OptionFromNullOr(Schema.String),
    metadata: Schema.OptionFromNullOr(MetadataRecord)
  })
)

/**
 * What one event of a verified webhook of GoCardless says about a cancel.
 *
 * A partner receives the events of all its merchants at one endpoint. So check `organisation` before
 * you use the payment.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface CancelNotification extends Notification.CancelNotification<"GoCardless"> {
  /**
   * Who caused it: `api` for a cancel by the API, `bank`, `gocardless`, `customer` or `payer`; a
   * payment is also cancelled with its mandate.
   */
  readonly origin: Option.Option<string>
  /** The merchant that it belongs to, `OR…`, if GoCardless says so: it does to a partner. */
  readonly organisation: Option.Option<string>
  /** The `metadata` of the cancel that caused it. */
  readonly metadata: Option.Option<{ readonly [name: string]: string }>
}

/** What one event says, if it is about a cancelled payment. */
const read = (tolerance: Duration.Duration) => (event: unknown): Effect.Effect<CancelNotification, Notification.NotificationError> =>
  Effect.gen(function*() {
    const { action, resource_type } = yield* decodeSubject(event)
    if (resource_type !== "payments" || action !== "cancelled") {
      return yield* Verification.somethingElse(provider, `${resource_type}.${action}`)
    }
    const { created_at, details, id, links, metadata } = yield* decodeCancel(event)
    const createdAt = Option.flatMap(created_at, Answer.parseTime)
    yield* Verification.checkEventTime(provider, createdAt, tolerance)
    return {
      provider,
      notificationId: id,
      paymentId: links.payment,
      merchantReference: Option.none(),
      reference: Option.none(),
      decision: "Cancelled",
      reason: Option.flatMap(details, ({ cause }) => cause),
      occurredAt: createdAt,
      receivedAt: yield* DateTime.now,
      origin: Option.flatMap(details, ({ origin }) => origin),
      organisation: links.organisation,
      metadata
    }
  })

/**
 * Verifies and decodes a webhook of GoCardless, and returns what its events say about cancels: those
 * with the resource type `payments` and the action `cancelled`. A webhook holds a list of events that
 * need have nothing in common, so this is a list too, in the order of the events.
 *
 * It needs the raw body and the header `Webhook-Signature`. `secret` is the secret of the webhook
 * endpoint, as the dashboard shows it. While it is being replaced, pass both.
 *
 * The body is signed, and nothing else: **not the time of the delivery**. So a recorded
 * webhook can be delivered again, and the same event may come many times, in any order: know it by
 * `notificationId`, and take it once. The event's own time, `created_at`, is in the signed body: it
 * is compared with `tolerance`, 31 days unless given.
 *
 * One event that cannot be used does not hide the others: those are returned, and it is reported to
 * `onUnusable`, which logs a warning by default. It is the error only if no event can be used.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` if no event is about a
 * cancel, or if the list is empty.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { GoCardless } from "effect-payment-cancel"
 *
 * const program = GoCardless.notifications(
 *   { body: "{}", headers: { "webhook-signature": "00" } },
 *   { secret: Redacted.make("secret-of-the-webhook-endpoint") }
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notifications: Notification.ListVerifier<"GoCardless", CancelNotification> = Verification.traced("GoCardless.notifications")(
  Effect.fnUntraced(function*(incoming: Notification.Incoming, verification: Notification.ListVerification) {
    const { json, tolerance } = yield* Verification.signedBody(signed, incoming, verification)
    const { events } = yield* decodeList(json)
    return yield* Verification.each(provider, "events", events, verification, read(tolerance))
  })
)
