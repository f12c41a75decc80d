/**
 * Adyen's webhooks.
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

/** The minimum that is required before signatures are compared: a list of items, each with a signature. */
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

/** A property of any JSON value; undefined if the value has no properties, such as a text or a list. */
const propertyOf = (value: unknown, name: string): unknown => Predicate.hasProperty(value, name) ? value[name] : undefined

const joined = Option.liftThrowable((values: ReadonlyArray<unknown>): string => values.join(":"))

/**
 * The text that Adyen's own library signs, for any values. It joins them: null and absent values
 * give an empty text, a list gives the text of its members, and an object gives a meaningless text.
 * For an object with its own string conversion, or one that is nested too deeply, there is no text,
 * as in Adyen's library.
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
 * The event in the signed text: its second to last value. If text was moved across a colon, the
 * item itself may name another event.
 */
const signedEvent = (text: string): string => text.split(":").at(-2) ?? ""

/**
 * A signed value, as the text that was signed: `true` and `"true"` have the same signature, and so
 * do 12345 and `"12345"`.
 */
const Text = Schema.transform(
  Schema.NullOr(Schema.Union(Schema.String, Schema.Number, Schema.Boolean)),
  Schema.String,
  { strict: true, decode: (value) => value === null ? "" : String(value), encode: (text) => text }
)

const absent = { default: () => "" }

/**
 * The signed values are joined by colons without escaping, so a colon inside a value would make the
 * signed text ambiguous. In a notification about a cancel, only the merchant's own reference may
 * contain colons. If no other value has one, there is only one way to read the text.
 */
const isWhole = (text: string): boolean => !text.includes(":")

const Part = Text.pipe(Schema.filter(isWhole))

/** An item that is not about a cancel, and must not hide that another event was signed. */
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

/** It is signed that Adyen did one of the two; which of them is not. */
const reversals: { readonly [action: string]: Decision } = { cancel: "Cancelled", refund: "Refunded" }

const decide = ({ additionalData, eventCode, success }: Cancel): Option.Option<Decision> => {
  if (success === "false") return Option.some("Declined")
  return eventCode === "CANCEL_OR_REFUND"
    ? Option.flatMapNullable(additionalData["modification.action"], (_) => Object.hasOwn(reversals, _) ? reversals[_] : undefined)
    : Option.some("Cancelled")
}

/** How the webhooks of Adyen's other products identify themselves: those are signed in a header. */
const OtherWebhook = Schema.Struct({ type: Schema.NonEmptyString })

const typeOf = (json: unknown): string =>
  Option.match(Schema.decodeUnknownOption(OtherWebhook)(json), { onNone: () => "another webhook", onSome: ({ type }) => type })

const signatureIn = (base64: string): ReadonlyArray<Uint8Array> =>
  Option.toArray(Either.getRight(Encoding.decodeBase64(base64)))

/** An item, with its signed text and its signature. */
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

/** The items, or what is wrong with the first that is none: whoever knows no key may send half a million. */
const readItems = (notificationItems: ReadonlyArray<unknown>): Either.Either<ReadonlyArray<Item>, Notification.MalformedNotification> => {
  const items: Array<Item> = []
  for (const each of notificationItems) {
    const item = itemOf(each)
    if (Either.isLeft(item)) return Either.left(item.left)
    items.push(item.right)
  }
  return Either.right(items)
}

const isCancel = ({ event, text }: Item): boolean =>
  isConfirming(event) || Option.exists(text, (_) => isConfirming(signedEvent(_)))

/**
 * Refuses a list of items if one of them is not validly signed. It stops at the first such item,
 * and compares repeated items only once. A sender without the key therefore causes only one failed
 * comparison, however many items it sends.
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
 * Verifies and decodes a standard webhook of Adyen, and returns what it says about a cancel. The
 * events are `CANCELLATION`, `TECHNICAL_CANCEL` and `CANCEL_OR_REFUND`. It is the only way to learn
 * the result of a cancel.
 *
 * `secret` is the webhook's HMAC key in hexadecimal, as the Customer Area shows it; any other never
 * matches. Pass both while it is being replaced: what is queued by then is signed with the old one.
 *
 * Values are read as they were signed: `true` as `"true"`, and 12345 as `"12345"`.
 *
 * Adyen signs eight values and nothing else: the references of the cancel and of the payment, the
 * merchant account, the merchant reference, the amount and its currency, the event, and whether it
 * succeeded. These are not signed:
 *
 * - `eventDate`, which becomes `occurredAt`, is compared with `tolerance`, 31 days by default because
 *   Adyen repeats deliveries for 30. Who can alter the body can alter it: what protects against replay is
 *   the pairing by `reference`;
 * - `modification.action` alone says whether a reversal cancelled or refunded. Without it, or with
 *   another value, the notification is malformed and claims neither. It is signed that one of the
 *   two was done, and for which payment;
 * - `reason` is for a person.
 *
 * The eight values are joined by colons without escaping. With a colon in one other than the merchant
 * reference, the same signature also matches other values: such a notification is malformed, claims
 * nothing, and is acknowledged.
 *
 * A `TECHNICAL_CANCEL` that found no payment names none, and did not succeed: `paymentId` is then
 * `""`, and the pairing is by the merchant's reference and the reference of the cancel. One that
 * succeeded but names no payment is malformed.
 *
 * The same event may arrive many times, and events arrive in any order. Adyen sends one item per
 * webhook. If there are several, each must be signed, and at most one may be about a cancel.
 *
 * A webhook of another product of Adyen's, which is signed in the header `HmacSignature`, is
 * `Notification.NotACancellation`. One that is not JSON is malformed, and acknowledged.
 *
 * It fails with `Notification.InvalidSignature`, `Notification.TimestampOutOfTolerance`,
 * `Notification.MalformedNotification`, or `Notification.NotACancellation` for every other event.
 * Acknowledge everything except what cannot be trusted, as `answer` says: while the first
 * notification of a queue is refused, Adyen sends nothing else from that queue.
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
export const notification: Notification.Verifier<"Adyen"> = Verification.traced("Adyen.notification")(Effect.fnUntraced(function*(
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
  const read = Either.flatMap(standard, ({ notificationItems }) => readItems(notificationItems))
  if (inHeader !== "" && Either.isLeft(read)) {
    yield* Verification.checkSignature(provider, { keys, message: received.body, signatures: signatureIn(inHeader) })
    const json = yield* Verification.jsonOf(provider, "Acknowledge", received)
    // The items may be about a cancel, which somebody should look at, but only their own signatures
    // make them trustworthy.
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
    // Adyen has no event ids: a repeated event is recognised by these three values.
    notificationId: `${cancel.eventCode}:${cancel.pspReference}:${cancel.success}`,
    paymentId: cancel.originalReference,
    merchantReference: Option.liftPredicate(cancel.merchantReference, (reference) => reference !== ""),
    reference: Option.some(cancel.pspReference),
    decision: decision.value,
    reason: cancel.reason,
    occurredAt: Option.some(cancel.eventDate),
    receivedAt: yield* DateTime.now
  }
}))

/**
 * Pairs an accepted cancel with a verified notification, as `Notification.confirm`: `Cancelled`, `Refunded`,
 * `CancellationDeclined`, or `Unrelated` if it is about another cancel.
 *
 * After `cancelOrRefund`, it is not signed which of `Cancelled` and `Refunded` it is. Anyone who can alter a genuine
 * webhook in transit can turn either into the other. The money is on its way back in both cases. Let nothing
 * depend on the difference that you would not correct from Adyen's reports.
 *
 * `Refunded` says that Adyen has validated the refund and sent it on. In rare cases it fails later: Adyen tells of that by
 * the events `REFUND_FAILED` and `REFUNDED_REVERSED`, which are `NotACancellation` here.
 *
 * @since 0.1.0
 * @category notifications
 */
export const confirm: (
  accepted: Cancellation.CancellationAccepted<"Adyen", Receipt>,
  notification: Notification.CancelNotification<"Adyen">
) => Notification.Confirmation<"Adyen"> = Notification.confirm
