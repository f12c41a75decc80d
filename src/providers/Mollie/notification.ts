/**
 * Mollie's webhooks: the signed ones, and the classic ones that only name a payment.
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
import * as Cancellation from "../../Cancellation.js"
import * as Notification from "../../Notification.js"
import type { PaymentStatus } from "../../PaymentStatus.js"
import * as Answer from "../../authoring/Answer.js"
import type * as Provider from "../../authoring/Provider.js"
import * as Receiving from "../../authoring/Receiving.js"
import * as Verification from "../../authoring/Verification.js"
import { declaration } from "./declaration.js"
import * as Wire from "./wire.js"

const { provider, standings } = declaration

const signatureHeader = "X-Mollie-Signature"

const signed: Verification.SignedBody = {
  provider,
  header: signatureHeader,
  // How long Mollie delivers again is not published; an endpoint may keep what came in for longer.
  tolerance: Duration.days(31),
  signaturesIn: (given) => Arr.filterMap(given.split(","), readSignature)
}

const cancelled = "payment.canceled"

const decodeType = Verification.decode(provider, "Acknowledge", Schema.Struct({ type: Schema.NonEmptyString }))

const decodeEvent = Verification.decode(
  provider,
  "Acknowledge",
  Schema.Struct({
    id: Schema.NonEmptyString,
    entityId: Schema.NonEmptyString,
    createdAt: Schema.String,
    _embedded: Schema.optional(Schema.NullOr(Schema.Struct({ entity: Schema.optional(Schema.NullOr(Wire.Payment)) })))
  })
)

/** One signature, hexadecimal; Mollie writes `sha256=` in front. */
const readSignature = (text: string): Option.Option<Uint8Array> =>
  Either.getRight(Encoding.decodeHex(text.trim().replace(/^sha256=/, "")))

const stated = { capturedAmount: Cancellation.CapturedAmount, mode: Schema.OptionFromNullOr(Schema.String) }

/**
 * The schema of a `CancelNotification`, for journals and RPC.
 *
 * @since 0.1.0
 * @category notifications
 */
export const CancelNotification = onFirstUse(() =>
  Schema.Struct({ ...Notification.CancelNotification(provider).fields, ...stated })
)

/**
 * What a webhook of Mollie says of a cancelled payment, once it is verified or confirmed.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface CancelNotification extends Notification.CancelNotification<"Mollie"> {
  /** What captures had taken before, if stated: see `Cancellation.isPartlyCaptured`. */
  readonly capturedAmount: Option.Option<Cancellation.Amount>
  /**
   * `live` or `test`, where a signed webhook has the payment in it. A payment that was asked for is
   * of the mode of the layer's key.
   */
  readonly mode: Option.Option<string>
}

/**
 * Verifies and decodes a signed webhook of Mollie ("next-gen"), and says what it tells of a cancel:
 * the event `payment.canceled`.
 *
 * It needs the raw body and the header `X-Mollie-Signature`. `secret` is the webhook's secret as
 * Mollie showed it when the webhook was made. While it is being replaced Mollie signs with both, and
 * so may you give both. The webhook that a payment's own `webhookUrl` gets is another one, and
 * nobody signs it: see `notificationById`.
 *
 * The body is signed, and nothing else: **neither a time of the delivery nor an address**. So the
 * same event may come many times, and be replayed: know it by `notificationId`, and take it once.
 * Its own time, `createdAt`, is compared with `tolerance`, 31 days unless given.
 *
 * A webhook tells of the payment in full, or only names it: then `capturedAmount` and `mode` are
 * none. A payment of which a part was captured becomes `paid` by a release, and not `canceled`: no
 * webhook tells of that as a cancel.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other event.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { Mollie } from "effect-payment-cancel"
 *
 * const program = Mollie.notification(
 *   { body: "{}", headers: { "x-mollie-signature": "sha256=00" } },
 *   { secret: Redacted.make("secret-of-the-webhook") }
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notification: Notification.Verifier<"Mollie", CancelNotification> = Verification.traced("Mollie.notification")(
  Effect.fnUntraced(function*(incoming: Notification.Incoming, verification: Notification.Verification) {
    const { json, tolerance } = yield* Verification.signedBody(signed, incoming, verification)
    const { type } = yield* decodeType(json)
    if (type !== cancelled) return yield* Verification.somethingElse(provider, type)
    const { _embedded, createdAt, entityId, id } = yield* decodeEvent(json)
    const at = yield* Either.fromOption(
      Answer.parseTime(createdAt),
      () => Verification.malformed(provider, "Acknowledge", "createdAt")
    )
    yield* Verification.checkTolerance(provider, "Acknowledge", at, tolerance)
    const payment = Option.fromNullable(_embedded?.entity)
    if (Option.exists(payment, (_) => _.id !== entityId)) {
      return yield* Verification.malformed(provider, "Acknowledge", "_embedded.entity.id")
    }
    if (Option.exists(payment, (_) => !Option.contains(Answer.standing(standings, _.status), "Cancelled"))) {
      return yield* Verification.malformed(provider, "Acknowledge", "_embedded.entity.status")
    }
    return {
      provider,
      notificationId: id,
      paymentId: entityId,
      merchantReference: Option.none(),
      reference: Option.none(),
      decision: "Cancelled" as const,
      reason: Option.none(),
      occurredAt: Option.orElseSome(
        payment.pipe(Option.flatMap(({ canceledAt }) => canceledAt), Option.flatMap(Answer.parseTime)),
        () => at
      ),
      receivedAt: yield* DateTime.now,
      capturedAmount: Option.flatMap(payment, Wire.capturedAmount),
      mode: Option.flatMap(payment, ({ mode }) => mode)
    }
  })
)

const decodeUtf8 = new TextDecoder()

/** What a classic webhook names: `tr_…` is a payment. */
const identifier = /^([a-z]+)_[A-Za-z0-9._-]{1,200}$/

/** The id in a form: it is named once, and nothing else is looked at. */
const idIn = ({ body }: Receiving.Received): Option.Option<readonly [id: string, prefix: string]> => {
  const [id = "", ...others] = new URLSearchParams(decodeUtf8.decode(body)).getAll("id")
  const [, prefix] = identifier.exec(id) ?? []
  return prefix === undefined || others.length > 0 ? Option.none() : Option.some([id, prefix])
}

/**
 * Receives a classic webhook, which nobody signs, and asks for what it may be about.
 *
 * @internal
 */
export const confirmedBy = (
  status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus<"Mollie">, Provider.StatusError>
): (incoming: Notification.Incoming) => Effect.Effect<CancelNotification, Notification.NotificationError | Provider.StatusError> =>
  Verification.traced("Mollie.notificationById")(Effect.fnUntraced(function*(incoming: Notification.Incoming) {
    const received = yield* Receiving.receive(provider, incoming, [])
    const [paymentId, prefix] = yield* Either.fromOption(
      idIn(received),
      () => Verification.malformed(provider, "Refuse", "id")
    )
    if (prefix !== "tr") return yield* Verification.somethingElse(provider, prefix)
    return { ...yield* Verification.askedAbout({ provider, paymentId, field: "id", status }), mode: Option.none() }
  }))
