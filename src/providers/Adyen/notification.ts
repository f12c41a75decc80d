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

/** What is not refused before its signature is compared: a place for items, and each with a signature. */
const decodeItems = Verification.decode(
  provider,
  "Refuse",
  Schema.Struct({ notificationItems: Schema.Array(Schema.Unknown).pipe(Schema.minItems(1)) })
)

const decodeSignature = Verification.decode(
  provider,
  "Refuse",
  Schema.Struct({
    NotificationRequestItem: Schema.Struct({
      additionalData: Schema.Struct({ hmacSignature: Schema.String })
    })
  })
)

/** A property of whatever JSON may be; of what has none, as of a text or a list, it is not there. */
const propertyOf = (value: unknown, name: string): unknown => Predicate.hasProperty(value, name) ? value[name] : undefined

const joined = Option.liftThrowable((values: ReadonlyArray<unknown>): string => values.join(":"))

/**
 * The text that Adyen's own library signs, whatever the values are: it joins them, so that null
 * and what is absent has no text, a list that of its members, and an object one that says
 * nothing. Of an object that pretends to know its own text, or is nested too deeply, there is
 * none, there neither.
 */
const signedText = (item: unknown): Option.Option<string> => {
  const amount = propertyOf(item, "amount")
  return joined([
    propertyOf(item, "pspReference"),
    propertyOf(item, "originalReference"),
    propertyOf(item, "merchantAccountCode"),
    propertyOf(item, "merchantReference"),
    propertyOf(amount, "value"),
    propertyOf(amount, "currency"),
    propertyOf(item, "eventCode"),
    propertyOf(item, "success")
  ])
}

/**
 * The event as the signed text itself names it: the last but one of its values. An item in
 * which text was moved across a colon may name another one.
 */
const signedEvent = (text: string): string => text.split(":").at(-2) ?? ""

/**
 * A value that is signed, as the text that it is signed as: `true` and `"true"` have the same
 * signature, and so have 12345 and `"12345"`.
 */
const Text = Schema.transform(
  Schema.NullOr(Schema.Union(Schema.String, Schema.Number, Schema.Boolean)),
  Schema.String,
  { strict: true, decode: (value) => value === null ? "" : String(value), encode: (text) => text }
)

const absent = { default: () => "" }

/**
 * What is signed is joined by colons and not escaped, so that with a colon inside a value the
 * same text could be that of other values. Of what tells of a cancel only the merchant's own
 * reference may hold one: with the other values free of it there is one way to read it.
 */
const isWhole = (text: string): boolean => !text.includes(":")

const Part = Text.pipe(Schema.filter(isWhole))

/** A part that says nothing of the cancel, whatever it is, and must not hide that another one was signed. */
const OtherPart = Schema.optional(Schema.Unknown.pipe(Schema.filter((value) => Option.exists(joined([value]), isWhole))))

const Amount = Schema.transform(Schema.Unknown, Schema.Struct({ value: OtherPart, currency: OtherPart }), {
  strict: true,
  decode: (amount) => ({ value: propertyOf(amount, "value"), currency: propertyOf(amount, "currency") }),
  encode: (amount) => amount
})

const decodeCancel = Verification.decode(
  provider,
  "Acknowledge",
  Schema.Struct({
    NotificationRequestItem: Schema.Struct({
      pspReference: Part.pipe(Schema.minLength(1)),
      originalReference: Schema.optionalWith(Part, absent),
      merchantAccountCode: OtherPart,
      merchantReference: Schema.optionalWith(Text, absent),
      amount: Schema.optional(Amount),
      eventCode: Confirming,
      success: Schema.compose(Text, Schema.Literal("true", "false"), { strict: false }),
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

/** An item, with what is signed of it and by which signature. */
interface Item {
  readonly json: unknown
  readonly text: Option.Option<string>
  readonly signature: string
  readonly event: string
}

const itemOf = (json: unknown): Either.Either<Item, Notification.MalformedNotification> =>
  Either.map(decodeSignature(json), ({ NotificationRequestItem: { additionalData } }) => {
    const item = propertyOf(json, "NotificationRequestItem")
    return {
      json,
      text: signedText(item),
      signature: additionalData.hmacSignature,
      event: Option.getOrElse(joined([propertyOf(item, "eventCode")]), () => "")
    }
  })

const isCancel = ({ event, text }: Item): boolean =>
  isConfirming(event) || Option.exists(text, (_) => isConfirming(signedEvent(_)))

/**
 * Refuses items of which one is not signed. It stops at the first one, and compares what is
 * repeated once: whoever knows no key makes it compare one signature that does not fit, in
 * however many items.
 */
const checkItems = (items: ReadonlyArray<Item>, keys: ReadonlyArray<Uint8Array>) =>
  Effect.forEach(
    new Map(items.map((item) => [`${item.signature}:${Option.getOrElse(item.text, () => "")}`, item])).values(),
    ({ signature, text }) =>
      Verification.checkSignature(provider, {
        keys,
        message: Receiving.bytesOf(Option.getOrElse(text, () => "")),
        signatures: Option.isSome(text) ? signatureIn(signature) : []
      }),
    { discard: true }
  )

/**
 * Verifies and decodes a standard webhook of Adyen, and says what it tells of a cancel: the
 * events `CANCELLATION`, `TECHNICAL_CANCEL` and `CANCEL_OR_REFUND`. It is the only way to
 * learn what became of one.
 *
 * `secret` is the webhook's HMAC key in hexadecimal, as the Customer Area shows it; one that
 * is not hexadecimal fits nothing. While the key is being replaced give both: what was queued
 * before is signed with the old one.
 *
 * The signature is computed as Adyen's own library does, of whatever values there are: what is
 * null or absent has no text, a list has that of its members, and a colon in a value is no
 * fault. Then it says what the notification is about, and only of the three events above the
 * rest is looked at. There `true` is `"true"` and 12345 is `"12345"`, for it was signed as that.
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
 * webhook. Of several, however many, each has to be signed, and one at most may tell of a cancel.
 *
 * A webhook of another product of Adyen's, which is signed in the header `HmacSignature`, is
 * `Notification.NotACancellation`. One that is no JSON is malformed; its signature is compared
 * before its body is looked at, so that it is acknowledged.
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
  const inHeader = Receiving.header(received, signatureHeader)
  const standard = Either.flatMap(Verification.jsonOf(provider, "Refuse", received), decodeItems)
  const read = Either.flatMap(standard, ({ notificationItems }) => Either.all(notificationItems.map(itemOf)))
  if (inHeader !== "" && Either.isLeft(read)) {
    yield* Verification.checkSignature(provider, { keys, message: received.body, signatures: signatureIn(inHeader) })
    const json = yield* Verification.jsonOf(provider, "Acknowledge", received)
    // Items may tell of a cancel, which somebody should look at; but only their own signatures make them believed.
    return yield* Either.isRight(standard)
      ? Verification.malformed(provider, "Acknowledge", read.left.field)
      : Verification.somethingElse(provider, typeOf(json))
  }
  const items = yield* read
  yield* checkItems(items, keys)
  const [told, ...others] = items.filter(isCancel)
  if (told === undefined) return yield* Verification.somethingElse(provider, Arr.dedupe(items.map(({ event }) => event)).join(", "))
  if (others.length > 0) return yield* Verification.malformed(provider, "Acknowledge", "notificationItems")
  const { NotificationRequestItem: cancel } = yield* decodeCancel(told.json)
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
