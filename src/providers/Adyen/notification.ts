/**
 * What Adyen tells by webhook.
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
import type * as Cancellation from "../../Cancellation.js"
import * as Notification from "../../Notification.js"
import * as Reading from "../../Reading.js"
import * as Verifying from "../../Verifying.js"
import { declaration } from "./declaration.js"
import { Confirming, type Receipt } from "./wire.js"

const { provider } = declaration

/** Adyen delivers again for up to 30 days. */
const defaultTolerance = Duration.days(31)

const decodeItems = Verifying.decode(
  provider,
  Schema.Struct({ notificationItems: Schema.Array(Schema.Unknown) })
)

/**
 * What is signed is joined by colons and not escaped, so that with a colon inside a value it
 * could be cut elsewhere and still be signed. Only the merchant's own reference may hold one:
 * with the other values free of it there is one way to cut.
 */
const Part = Schema.String.pipe(Schema.filter((value) => !value.includes(":")))

const decodeSigned = Verifying.decode(
  provider,
  Schema.Struct({
    NotificationRequestItem: Schema.Struct({
      pspReference: Part.pipe(Schema.minLength(1)),
      originalReference: Schema.optionalWith(Part, { default: () => "", nullable: true }),
      merchantAccountCode: Part,
      merchantReference: Schema.String,
      amount: Schema.Struct({ value: Schema.Int, currency: Part }),
      eventCode: Part,
      success: Schema.Literal("true", "false"),
      additionalData: Schema.Struct({ hmacSignature: Schema.String })
    })
  })
)

type Signed = Either.Either.Right<ReturnType<typeof decodeSigned>>["NotificationRequestItem"]

const decodeUnsigned = Verifying.decode(
  provider,
  Schema.Struct({
    NotificationRequestItem: Schema.Struct({
      eventDate: Schema.DateTimeUtc,
      reason: Reading.lenient(Schema.NonEmptyString),
      additionalData: Schema.Struct({ "modification.action": Reading.lenient(Schema.String) })
    })
  })
)

const signedMessage = (item: Signed): Uint8Array =>
  Verifying.bytesOf(
    [
      item.pspReference,
      item.originalReference,
      item.merchantAccountCode,
      item.merchantReference,
      item.amount.value,
      item.amount.currency,
      item.eventCode,
      item.success
    ].join(":")
  )

const isConfirming = Schema.is(Confirming)

type Decision = Notification.CancelNotification<"Adyen">["decision"]

/** Adyen names which of the two it did outside of the signature; that it did one of them is signed. */
const reversals: { readonly [action: string]: Decision } = { cancel: "Cancelled", refund: "Refunded" }

const decide = (event: Confirming, { success }: Signed, action: Option.Option<string>): Option.Option<Decision> => {
  if (success === "false") return Option.some("Declined")
  return event === "CANCEL_OR_REFUND"
    ? Option.flatMapNullable(action, (_) => Object.hasOwn(reversals, _) ? reversals[_] : undefined)
    : Option.some("Cancelled")
}

/**
 * Verifies and decodes a standard webhook of Adyen, and says what it tells of a cancel: the
 * events `CANCELLATION`, `TECHNICAL_CANCEL` and `CANCEL_OR_REFUND`. It is the only way to
 * learn what became of one.
 *
 * `secret` is the webhook's HMAC key in hexadecimal, as the Customer Area shows it; one that
 * is not hexadecimal fits nothing. While the key is being replaced give both: what was queued
 * before is signed with the old one.
 *
 * Adyen signs eight values and nothing else: the references of the cancel and of the payment,
 * the merchant account, the merchant reference, the amount, the event, and whether it
 * succeeded. Of what is not signed,
 *
 * - `eventDate` is compared with `tolerance`, 31 days unless given, for Adyen delivers again
 *   for 30 days. Whoever can alter the body can alter it, so it is no protection against
 *   replay: the pairing by `reference` is, for a cancel's outcome can only ever be played back
 *   to that cancel. It is also what `occurredAt` is taken from;
 * - `modification.action` alone says whether a reversal cancelled or refunded. Without it, or
 *   with another word, the notification is malformed and claims neither. That one of the two
 *   was done, and for which payment, is signed;
 * - `reason` is for a person.
 *
 * A `TECHNICAL_CANCEL` that found no payment names none, and did not succeed: `paymentId` is
 * then `""`, and the pairing is by the merchant's reference and the reference of the cancel.
 * One that succeeded and names no payment is malformed: it would say that something was
 * cancelled, and not what.
 *
 * The same event may come many times, and events come in any order. A webhook must hold one
 * item, as Adyen sends it in JSON.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other
 * event.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { Adyen } from "effect-payment-cancel"
 *
 * const program = Adyen.notification(
 *   { body: "{}", headers: {} },
 *   { secret: Redacted.make("0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF") }
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notification: Notification.Verifier<"Adyen"> = Effect.fn("Adyen.notification")(function*(
  incoming: Notification.Incoming,
  verification: Notification.Verification
) {
  const received = Verifying.receive(incoming)
  const tolerance = yield* Verifying.toleranceOf(verification, defaultTolerance)
  const { notificationItems: [item, ...others] } = yield* decodeItems(yield* Verifying.jsonOf(provider, received))
  if (item === undefined || others.length > 0) return yield* Verifying.malformed(provider, "notificationItems")
  const { NotificationRequestItem: signed } = yield* decodeSigned(item)
  yield* Verifying.checkSignature(provider, {
    keys: Arr.filterMap(Verifying.secretsOf(verification), (hex) => Either.getRight(Encoding.decodeHex(hex))),
    message: signedMessage(signed),
    signatures: Option.toArray(Either.getRight(Encoding.decodeBase64(signed.additionalData.hmacSignature)))
  })
  const event = signed.eventCode
  if (!isConfirming(event)) return yield* Verifying.somethingElse(provider, event)
  const { NotificationRequestItem: { additionalData, eventDate, reason } } = yield* decodeUnsigned(item)
  yield* Verifying.checkTolerance(provider, eventDate, tolerance)
  if (signed.originalReference === "" && !(event === "TECHNICAL_CANCEL" && signed.success === "false")) {
    return yield* Verifying.malformed(provider, "NotificationRequestItem.originalReference")
  }
  const decision = decide(event, signed, additionalData["modification.action"])
  if (Option.isNone(decision)) {
    return yield* Verifying.malformed(provider, "NotificationRequestItem.additionalData.modification.action")
  }
  return {
    provider,
    // Adyen numbers no events: a repeated one is known by these three.
    notificationId: `${event}:${signed.pspReference}:${signed.success}`,
    paymentId: signed.originalReference,
    merchantReference: Option.liftPredicate(signed.merchantReference, (reference) => reference !== ""),
    reference: Option.some(signed.pspReference),
    decision: decision.value,
    reason,
    occurredAt: Option.some(eventDate),
    receivedAt: yield* DateTime.now
  }
})

/**
 * Pairs an accepted cancel with a verified notification: `Cancelled`, `Refunded`,
 * `CancellationDeclined`, or `Unrelated` where it is about another cancel. It is
 * `Notification.confirm` under the name by which one looks for it here.
 *
 * After `cancelOrRefund`, that it is one of `Cancelled` and `Refunded` is signed; which of the
 * two is not, for Adyen says so in `modification.action` alone. Whoever can alter a genuine
 * webhook on its way to you can make either of the other. The money goes back in both: let
 * nothing rest on the difference that you would not correct from Adyen's reports.
 *
 * @since 0.1.0
 * @category notifications
 */
export const confirm: (
  accepted: Cancellation.CancellationAccepted<"Adyen", Receipt>,
  notification: Notification.CancelNotification<"Adyen">
) => Notification.Confirmation<"Adyen"> = Notification.confirm
