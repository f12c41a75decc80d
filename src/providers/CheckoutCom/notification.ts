/**
 * What Checkout.com tells by webhook.
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
import * as Answer from "../../authoring/Answer.js"
import * as Verification from "../../authoring/Verification.js"
import { declaration } from "./declaration.js"
import * as Wire from "./wire.js"

const { provider } = declaration

const signatureHeader = "Cko-Signature"

const signed: Verification.SignedBody = {
  provider,
  header: signatureHeader,
  // Checkout.com delivers again for some 30 hours; an endpoint may keep what came in for longer.
  tolerance: Duration.days(31),
  signaturesIn: (given) => Arr.filterMap(given.split(","), (hex) => Either.getRight(Encoding.decodeHex(hex.trim())))
}

const decodeType = Verification.decode(provider, "Acknowledge", Schema.Struct({ type: Schema.NonEmptyString }))

/** What the two events decide of a void. */
const decisions = { payment_voided: "Cancelled", payment_void_declined: "Declined" } as const

const isDeciding = (type: string): type is keyof typeof decisions => Object.hasOwn(decisions, type)

const decodeEvent = Verification.decode(
  provider,
  "Acknowledge",
  Schema.Struct({
    id: Schema.NonEmptyString,
    created_on: Answer.lenient(Schema.String),
    timestamp: Answer.lenient(Schema.String),
    data: Schema.Struct({
      id: Schema.NonEmptyString,
      action_id: Schema.NonEmptyString,
      currency: Answer.lenient(Schema.String),
      balances: Answer.lenient(Wire.Balances),
      processed_on: Answer.lenient(Schema.String),
      response_code: Answer.lenient(Schema.NonEmptyString),
      response_summary: Answer.lenient(Schema.NonEmptyString)
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
    capturedAmount: Cancellation.CapturedAmount,
    responseCode: Schema.OptionFromNullOr(Schema.String)
  })
)

/**
 * What a verified webhook of Checkout.com says of a void.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface CancelNotification extends Notification.CancelNotification<"CheckoutCom"> {
  /** What captures had taken before the void, as the balances say: see `Cancellation.isPartlyCaptured`. */
  readonly capturedAmount: Option.Option<Cancellation.Amount>
  /**
   * Checkout.com's `response_code`: `10000` for a void that was approved, `20…` for one that may
   * work later, `30…` and `40…` for one that will not.
   */
  readonly responseCode: Option.Option<string>
}

/**
 * Verifies and decodes a webhook of Checkout.com, and says what it tells of a void: the events
 * `payment_voided` and `payment_void_declined`.
 *
 * It needs the raw body and the header `Cko-Signature`, which is there only if the workflow's
 * webhook action has a signature key: that is `secret`, as it is set there. While it is being
 * replaced give both.
 *
 * The body is signed, and nothing else: **neither a time of the delivery nor an address**. So the
 * same event may come many times, and be replayed: know it by `notificationId`, and take it once.
 * Its own time, `created_on`, is compared with `tolerance`, 31 days unless given, where it is stated.
 *
 * `reference` is the `action_id` of the void, as in the receipt of a `CancellationAccepted`: see
 * `confirm`. `reason` is the `response_summary`. `merchantReference` is none: the event's
 * `reference` may be the payment's or the void's.
 *
 * A `payment_voided` that leaves something to void tells of a part, and of no cancel: it is
 * `Notification.NotACancellation`. One that does not say what is left decides nothing: it is
 * `Notification.MalformedNotification`, field `data.balances.available_to_void`; read the `status`.
 * What was captured before is in `capturedAmount`.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other event,
 * `payment_canceled` and `payment_expired` included.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { CheckoutCom } from "effect-payment-cancel"
 *
 * const program = CheckoutCom.notification(
 *   { body: "{}", headers: { "cko-signature": "00" } },
 *   { secret: Redacted.make("signature-key-of-the-workflow-action") }
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notification: Notification.Verifier<"CheckoutCom", CancelNotification> = Verification.traced("CheckoutCom.notification")(
  Effect.fnUntraced(function*(incoming: Notification.Incoming, verification: Notification.Verification) {
    const { json, tolerance } = yield* Verification.signedBody(signed, incoming, verification)
    const { type } = yield* decodeType(json)
    if (!isDeciding(type)) return yield* Verification.somethingElse(provider, type)
    const { created_on, data, id, timestamp } = yield* decodeEvent(json)
    // An event whose code says the opposite of its type decides neither.
    if (Option.exists(data.response_code, (code) => code.startsWith("10") !== (type === "payment_voided"))) {
      return yield* Verification.malformed(provider, "Acknowledge", "data.response_code")
    }
    if (type === "payment_voided") {
      // The void of a part is the same event: only this tells it from the void of all.
      const left = yield* Either.fromOption(
        Option.flatMap(data.balances, ({ available_to_void }) => available_to_void),
        () => Verification.malformed(provider, "Acknowledge", "data.balances.available_to_void")
      )
      if (left > 0) return yield* Verification.somethingElse(provider, `${type} of a part`)
    }
    const createdAt = Option.flatMap(Option.orElse(created_on, () => timestamp), Answer.parseTime)
    yield* Verification.checkEventTime(provider, createdAt, tolerance)
    return {
      provider,
      notificationId: id,
      paymentId: data.id,
      merchantReference: Option.none(),
      reference: Option.some(data.action_id),
      decision: decisions[type],
      reason: data.response_summary,
      occurredAt: Option.orElse(Option.flatMap(data.processed_on, Answer.parseTime), () => createdAt),
      receivedAt: yield* DateTime.now,
      capturedAmount: Wire.capturedAmount(data.balances, data.currency),
      responseCode: data.response_code
    }
  })
)

/**
 * Pairs an accepted void with a verified notification: `Cancelled`, `CancellationDeclined`, or
 * `Unrelated` where it is about another void. It is `Notification.confirm`, and says what was
 * captured before as well.
 *
 * After `CancellationDeclined`, cancel again with **another** idempotency key: under the old one
 * Checkout.com repeats its first acceptance for 24 hours.
 *
 * @since 0.1.0
 * @category notifications
 */
export const confirm = (
  accepted: Cancellation.CancellationAccepted<"CheckoutCom", Wire.Receipt>,
  notification: CancelNotification
): Notification.Confirmation<"CheckoutCom"> => {
  const confirmation = Notification.confirm(accepted, notification)
  return confirmation._tag === "Cancelled"
    ? { ...confirmation, capturedAmount: notification.capturedAmount }
    : confirmation
}
