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
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Cancellation from "../../Cancellation.js"
import * as Notification from "../../Notification.js"
import * as Answer from "../../authoring/Answer.js"
import * as Receiving from "../../authoring/Receiving.js"
import * as Verification from "../../authoring/Verification.js"
import { declaration } from "./declaration.js"
import { Confirming, type Receipt } from "./wire.js"

const { provider } = declaration

/** Adyen delivers again for up to 30 days. */
const defaultTolerance = Duration.days(31)

const signatureHeader = "HmacSignature"

const decodeItems = Verification.decode(
  provider,
  "Refuse",
  Schema.Struct({ notificationItems: Schema.Array(Schema.Unknown) })
)

/** Adyen sends one item, and sent six at most where it sent several. Each costs a comparison. */
const mostItems = 16

/**
 * A value of those that are signed, in whatever form: the signature is computed from its text as
 * Adyen's own library computes it, and what is null or absent has none.
 */
const Value = Schema.optionalWith(Schema.NullOr(Schema.Union(Schema.String, Schema.Number, Schema.Boolean)), {
  default: () => null
})

const decodeSigned = Verification.decode(
  provider,
  "Refuse",
  Schema.Struct({
    NotificationRequestItem: Schema.Struct({
      pspReference: Value,
      originalReference: Value,
      merchantAccountCode: Value,
      merchantReference: Value,
      amount: Schema.optionalWith(Schema.Struct({ value: Value, currency: Value }), {
        default: () => ({ value: null, currency: null }),
        nullable: true
      }),
      eventCode: Value,
      success: Value,
      additionalData: Schema.Struct({ hmacSignature: Schema.String })
    })
  })
)

type Signed = Either.Either.Right<ReturnType<typeof decodeSigned>>["NotificationRequestItem"]

const signedText = (item: Signed): string =>
  [
    item.pspReference,
    item.originalReference,
    item.merchantAccountCode,
    item.merchantReference,
    item.amount.value,
    item.amount.currency,
    item.eventCode,
    item.success
  ].map((value) => value === null ? "" : String(value)).join(":")

/**
 * The event as the signed text itself names it: the last but one of its values. An item whose
 * values were cut elsewhere may name another one.
 */
const signedEvent = (text: string): string => text.split(":").at(-2) ?? ""

/**
 * What is signed is joined by colons and not escaped, so that with a colon inside a value it
 * could be cut elsewhere and still be signed. Of what tells of a cancel only the merchant's own
 * reference may hold one: with the other values free of it there is one way to cut.
 */
const Part = Schema.String.pipe(Schema.filter((value) => !value.includes(":")))

/** A part that says nothing of the cancel, and must not hide a cut. */
const OtherPart = Schema.optional(Schema.NullOr(Schema.Union(Part, Schema.Number, Schema.Boolean)))

const decodeCancel = Verification.decode(
  provider,
  "Acknowledge",
  Schema.Struct({
    NotificationRequestItem: Schema.Struct({
      pspReference: Part.pipe(Schema.minLength(1)),
      originalReference: Schema.optionalWith(Part, { default: () => "", nullable: true }),
      merchantAccountCode: OtherPart,
      merchantReference: Schema.optionalWith(Schema.String, { default: () => "", nullable: true }),
      amount: Schema.optional(Schema.NullOr(Schema.Struct({ value: OtherPart, currency: OtherPart }))),
      eventCode: Confirming,
      success: Schema.Literal("true", "false"),
      eventDate: Schema.DateTimeUtc,
      reason: Answer.lenient(Schema.NonEmptyString),
      additionalData: Schema.Struct({ "modification.action": Answer.lenient(Schema.String) })
    })
  })
)

type Cancel = Either.Either.Right<ReturnType<typeof decodeCancel>>["NotificationRequestItem"]

const isConfirming = Schema.is(Confirming)

type Decision = Notification.CancelNotification<"Adyen">["decision"]

/** Adyen names which of the two it did outside of the signature; that it did one of them is signed. */
const reversals: { readonly [action: string]: Decision } = { cancel: "Cancelled", refund: "Refunded" }

const decide = ({ additionalData, eventCode, success }: Cancel): Option.Option<Decision> => {
  if (success === "false") return Option.some("Declined")
  return eventCode === "CANCEL_OR_REFUND"
    ? Option.flatMapNullable(additionalData["modification.action"], (_) => Object.hasOwn(reversals, _) ? reversals[_] : undefined)
    : Option.some("Cancelled")
}

/** What the webhooks of Adyen's other products say of themselves: those are signed in a header. */
const OtherWebhook = Schema.Struct({ type: Schema.NonEmptyString })

const typeOf = (json: unknown): string =>
  Option.match(Schema.decodeUnknownOption(OtherWebhook)(json), { onNone: () => "another webhook", onSome: ({ type }) => type })

const signatureIn = (base64: string): ReadonlyArray<Uint8Array> =>
  Option.toArray(Either.getRight(Encoding.decodeBase64(base64)))

/** An item whose signature fits, and what it is about. */
interface Believed {
  readonly item: unknown
  readonly event: string
  readonly isCancel: boolean
}

const believe = Effect.fnUntraced(function*(item: unknown, keys: ReadonlyArray<Uint8Array>) {
  const { NotificationRequestItem: signed } = yield* decodeSigned(item)
  const text = signedText(signed)
  const signatures = signatureIn(signed.additionalData.hmacSignature)
  yield* Verification.checkSignature(provider, { keys, message: Receiving.bytesOf(text), signatures })
  const event = signed.eventCode === null ? "" : String(signed.eventCode)
  return { item, event, isCancel: isConfirming(event) || isConfirming(signedEvent(text)) } satisfies Believed
})

/**
 * Verifies and decodes a standard webhook of Adyen, and says what it tells of a cancel: the
 * events `CANCELLATION`, `TECHNICAL_CANCEL` and `CANCEL_OR_REFUND`. It is the only way to
 * learn what became of one.
 *
 * `secret` is the webhook's HMAC key in hexadecimal, as the Customer Area shows it; one that
 * is not hexadecimal fits nothing. While the key is being replaced give both: what was queued
 * before is signed with the old one.
 *
 * The signature is computed as Adyen's own library does: what is null or absent has no text, and
 * whatever the event is, a colon in a value is no fault. Then it says what the notification is
 * about, and only of the three events above the rest is looked at.
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
 * The eight are joined by colons without escaping. Where one of the three events has a colon in
 * another value than the merchant reference, the same signature fits other values too: the
 * notification is malformed and claims nothing, and is acknowledged all the same, for its
 * signature fits and the next delivery would be no other.
 *
 * A `TECHNICAL_CANCEL` that found no payment names none, and did not succeed: `paymentId` is
 * then `""`, and the pairing is by the merchant's reference and the reference of the cancel.
 * One that succeeded and names no payment is malformed: it would say that something was
 * cancelled, and not what.
 *
 * The same event may come many times, and events come in any order. Adyen sends one item in a
 * webhook. Of several each has to be signed, and one at most may tell of a cancel.
 *
 * A webhook of another product of Adyen's, which is signed in the header `HmacSignature`, is
 * `Notification.NotACancellation`.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other
 * event. All but what cannot be believed is to be acknowledged, as `answer` says: Adyen sends
 * nothing else from a queue whose first notification is refused.
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
  const incame = Receiving.receive(provider, incoming, [signatureHeader])
  const tolerance = yield* Verification.toleranceOf(verification, defaultTolerance)
  const secrets = yield* Verification.secretsOf(verification)
  const received = yield* incame
  const keys = Arr.filterMap(secrets, (hex) => Either.getRight(Encoding.decodeHex(hex)))
  const json = yield* Verification.jsonOf(provider, "Refuse", received)
  const inHeader = Receiving.header(received, signatureHeader)
  if (inHeader !== "" && !Predicate.hasProperty(json, "notificationItems")) {
    yield* Verification.checkSignature(provider, { keys, message: received.body, signatures: signatureIn(inHeader) })
    return yield* Verification.somethingElse(provider, typeOf(json))
  }
  const { notificationItems: items } = yield* decodeItems(json)
  if (items.length === 0 || items.length > mostItems) return yield* Verification.malformed(provider, "Refuse", "notificationItems")
  const believed = yield* Effect.forEach(items, (item) => believe(item, keys))
  const [told, ...others] = believed.filter(({ isCancel }) => isCancel)
  if (told === undefined) return yield* Verification.somethingElse(provider, Arr.dedupe(believed.map(({ event }) => event)).join(", "))
  if (others.length > 0) return yield* Verification.malformed(provider, "Acknowledge", "notificationItems")
  const { NotificationRequestItem: cancel } = yield* decodeCancel(told.item)
  yield* Verification.checkTolerance(provider, "Acknowledge", cancel.eventDate, tolerance)
  if (cancel.originalReference === "" && !(cancel.eventCode === "TECHNICAL_CANCEL" && cancel.success === "false")) {
    return yield* Verification.malformed(provider, "Acknowledge", "NotificationRequestItem.originalReference")
  }
  const decision = decide(cancel)
  if (Option.isNone(decision)) {
    return yield* Verification.malformed(provider, "Acknowledge", "NotificationRequestItem.additionalData.modification.action")
  }
  return {
    provider,
    // Adyen numbers no events: a repeated one is known by these three.
    notificationId: `${cancel.eventCode}:${cancel.pspReference}:${cancel.success}`,
    paymentId: cancel.originalReference,
    merchantReference: Option.liftPredicate(cancel.merchantReference, (reference) => reference !== ""),
    reference: Option.some(cancel.pspReference),
    decision: decision.value,
    reason: cancel.reason,
    occurredAt: Option.some(cancel.eventDate),
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
