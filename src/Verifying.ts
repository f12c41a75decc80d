/**
 * How a webhook becomes a notification: the checks and small combinators that all providers'
 * verifications share.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as ConfigError from "effect/ConfigError"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Input from "./Input.js"
import * as Notification from "./Notification.js"
import * as Reading from "./Reading.js"

const utf8 = new TextEncoder()

/**
 * The bytes of a text.
 *
 * @since 0.1.0
 * @category bytes
 */
export const bytesOf = (text: string): Uint8Array => utf8.encode(text)

const concat = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const both = new Uint8Array(first.byteLength + second.byteLength)
  both.set(first)
  both.set(second, first.byteLength)
  return both
}

/**
 * A webhook request as it was when its verification began: a copy that nobody else holds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Received {
  readonly body: Uint8Array
  readonly headers: Notification.Incoming["headers"]
}

/**
 * Takes a webhook request in. It is where every verification begins, before anything that may
 * wait: the caller's buffer and headers are the caller's, who may fill them with the next
 * request while the platform still compares the signatures of this one. Read twice, they would
 * be verified as one request and believed as another.
 *
 * A text is taken as the bytes that are signed for it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const receive = ({ body, headers }: Notification.Incoming): Received => ({
  // Not `slice`, which of a `Buffer` is a view of the same memory.
  body: typeof body === "string" ? bytesOf(body) : concat(new Uint8Array(), body),
  headers: { ...headers }
})

/**
 * A header by its name, whatever the case; empty where it is not there.
 *
 * @since 0.1.0
 * @category headers
 */
export const header = ({ headers }: Received, name: string): string =>
  Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? ""

/**
 * The signing secrets that a notification may be verified with, as the provider shows them.
 *
 * @since 0.1.0
 * @category options
 */
export const secretsOf = ({ secret }: Notification.Verification): ReadonlyArray<string> =>
  (Redacted.isRedacted(secret) ? [secret] : secret).map(Redacted.value)

/**
 * How far the time of a notification may be from now. What cannot be used is a defect: a
 * `ConfigError` whose path is `tolerance`.
 *
 * @since 0.1.0
 * @category options
 */
export const toleranceOf = (
  { tolerance }: Notification.Verification,
  otherwise: Duration.Duration
): Effect.Effect<Duration.Duration> =>
  tolerance === undefined
    ? Effect.succeed(otherwise)
    : Effect.orDie(Either.fromOption(
      Input.duration(tolerance),
      () => ConfigError.InvalidData(["tolerance"], "must be a duration, and not negative")
    ))

/**
 * A notification that is not of the provider's form: `field` is missing or wrong.
 *
 * @since 0.1.0
 * @category errors
 */
export const malformed = (provider: string, field: string): Notification.MalformedNotification =>
  new Notification.MalformedNotification({
    provider,
    field,
    message: `${provider}: ${field} of the notification is missing, or not of the documented form`
  })

/**
 * A genuine notification that is about something else than a cancel.
 *
 * @since 0.1.0
 * @category errors
 */
export const somethingElse = (provider: string, event: string): Notification.NotACancellation =>
  new Notification.NotACancellation({
    provider,
    event,
    message: `${provider}: the notification is about something else than a cancel: ${event}`
  })

/**
 * What is signed, what the signatures are, and the keys that it may be signed with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Signed {
  readonly message: Uint8Array
  readonly signatures: ReadonlyArray<Uint8Array>
  readonly keys: ReadonlyArray<Uint8Array>
}

/** What an HMAC-SHA256 is. Nothing of another length can fit. */
const signatureBytes = 32

/**
 * Whoever knows no secret can still put any number of signatures into a header, and each
 * comparison is an HMAC over the whole body. A provider signs once for each secret that is in
 * force: one, or two while one is being replaced.
 */
const mostSignatures = 16

/** The signatures that may fit, each once. */
const comparable = (signatures: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => [
  ...new Map(
    signatures.flatMap((signature) =>
      signature.byteLength === signatureBytes ? [[Encoding.encodeHex(signature), signature] as const] : []
    )
  ).values()
]

const isSigned = ({ keys, message, signatures }: Signed): Effect.Effect<boolean> => {
  const data = message.slice()
  return Effect.forEach(keys.filter((key) => key.byteLength > 0), (bytes) =>
    Effect.flatMap(
      Effect.promise(() =>
        globalThis.crypto.subtle.importKey("raw", bytes.slice(), { name: "HMAC", hash: "SHA-256" }, false, ["verify"])
      ),
      (key) =>
        Effect.forEach(signatures, (signature) =>
          // The platform's own verification compares in constant time.
          Effect.promise(() => globalThis.crypto.subtle.verify("HMAC", key, signature.slice(), data)))
    )).pipe(Effect.map((checks) => checks.flat().some((isGenuine) => isGenuine)))
}

/**
 * Refuses what none of the signatures fits: none is the HMAC-SHA256 of the message under any of
 * the keys. They are compared in constant time.
 *
 * What that costs does not grow with the number of signatures. Only those of an HMAC-SHA256's
 * 32 bytes count, and the same one counts once; where more than 16 are left the notification
 * is refused, and none of them is compared, be one of them genuine.
 *
 * @since 0.1.0
 * @category checks
 */
export const checkSignature = (
  provider: string,
  { keys, message, signatures }: Signed
): Effect.Effect<void, Notification.InvalidSignature> => {
  const compared = comparable(signatures)
  const refuse = (why: string) =>
    Effect.fail(new Notification.InvalidSignature({ provider, message: `${provider}: ${why}` }))
  if (compared.length > mostSignatures) return refuse(`the notification has more than ${mostSignatures} signatures`)
  return Effect.flatMap(
    isSigned({ keys, message, signatures: compared }),
    (isGenuine) => isGenuine ? Effect.void : refuse("no signature of the notification fits")
  )
}

/**
 * Refuses a time that is further from now than the tolerance, in either direction.
 *
 * @since 0.1.0
 * @category checks
 */
export const checkTolerance = (
  provider: string,
  timestamp: DateTime.Utc,
  tolerance: Duration.Duration
): Effect.Effect<void, Notification.TimestampOutOfTolerance> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Math.abs(now - timestamp.epochMillis) <= Duration.toMillis(tolerance)
      ? Effect.void
      : Effect.fail(
        new Notification.TimestampOutOfTolerance({
          provider,
          timestamp,
          tolerance,
          message: `${provider}: the notification is from ${DateTime.formatIso(timestamp)}, too far from now`
        })
      ))

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const decodeUtf8 = new TextDecoder()

/**
 * The body of a notification as JSON, for `decode`.
 *
 * @since 0.1.0
 * @category decoding
 */
export const jsonOf = (
  provider: string,
  { body }: Received
): Either.Either<unknown, Notification.MalformedNotification> =>
  Either.fromOption(parseJson(decodeUtf8.decode(body)), () => malformed(provider, "body"))

/**
 * Decodes what a notification holds; the first field that does not fit is named.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = <A, I>(provider: string, schema: Schema.Schema<A, I>) => {
  const check = Input.check(schema)
  return (json: unknown): Either.Either<A, Notification.MalformedNotification> =>
    Either.mapLeft(check(json), ({ field }) => malformed(provider, field === "" ? "body" : field))
}

/**
 * What the headers of a webhook say of its signature, where that covers a time and the raw body.
 *
 * - `timestamp`: UNIX seconds, the text of the header `timestampField`.
 * - `prefix`: what the signature covers in front of the raw body.
 *
 * @since 0.1.0
 * @category models
 */
export interface TimedSignature extends Omit<Signed, "message"> {
  readonly timestamp: string
  readonly timestampField: string
  readonly prefix: string
}

/**
 * A provider whose webhooks are signed events: each has an `id`, a `type` and `data`, and the
 * signature covers the raw body and a time.
 *
 * - `event`: the `type` of the event that tells of a cancel.
 * - `readSignature`: what the headers say, given the secrets as the provider shows them.
 * - `data`: the schema of the event's `data`.
 * - `standings`: the provider's statuses; the event must state one that is cancelled.
 * - `statusField`: where in the event that is.
 * - `read`: what the event says.
 *
 * @since 0.1.0
 * @category models
 */
export interface SignedEvents<Name extends string, Data, Encoded> {
  readonly provider: Name
  readonly event: string
  readonly readSignature: (
    received: Received,
    secrets: ReadonlyArray<string>
  ) => Either.Either<TimedSignature, Notification.MalformedNotification>
  readonly data: Schema.Schema<Data, Encoded>
  readonly standings: Reading.Standings
  readonly statusField: string
  readonly read: (data: Data) =>
    & { readonly status: string }
    & Pick<Notification.CancelNotification<Name>, "paymentId" | "merchantReference" | "reason" | "occurredAt">
}

/** A time in UNIX seconds, as a header gives it. */
const unixSeconds = /^\d{1,11}$/

const Event = Schema.Struct({ id: Schema.NonEmptyString, type: Schema.NonEmptyString })

/**
 * The verifier of a provider whose webhooks are signed events: first the signature, then that
 * its time is within the tolerance, 5 minutes unless the caller says otherwise, and then what
 * the event says.
 *
 * @since 0.1.0
 * @category constructors
 */
export const signedEvents = <const Name extends string, Data, Encoded>(
  { data: Data, event, provider, read, readSignature, standings, statusField }: SignedEvents<Name, Data, Encoded>
): Notification.Verifier<Name> => {
  const decodeEvent = decode(provider, Event)
  const decodeData = decode(provider, Schema.Struct({ data: Data }))
  return Effect.fn(`${provider}.notification`)(
    function*(incoming: Notification.Incoming, verification: Notification.Verification) {
      const received = receive(incoming)
      const tolerance = yield* toleranceOf(verification, Duration.minutes(5))
      const { prefix, timestamp, timestampField, ...signed } = yield* readSignature(received, secretsOf(verification))
      if (!unixSeconds.test(timestamp)) return yield* malformed(provider, timestampField)
      yield* checkSignature(provider, { ...signed, message: concat(bytesOf(prefix), received.body) })
      yield* checkTolerance(provider, DateTime.unsafeMake(Number(timestamp) * 1000), tolerance)
      const json = yield* jsonOf(provider, received)
      const { id, type } = yield* decodeEvent(json)
      if (type !== event) return yield* somethingElse(provider, type)
      const { status, ...stated } = read((yield* decodeData(json)).data)
      if (!Option.contains(Reading.standing(standings, status), "Cancelled")) return yield* malformed(provider, statusField)
      return {
        provider,
        notificationId: id,
        ...stated,
        reference: Option.none(),
        decision: "Cancelled" as const,
        receivedAt: yield* DateTime.now
      }
    }
  )
}
