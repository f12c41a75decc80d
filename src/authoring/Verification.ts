/**
 * How a webhook becomes a notification: the checks and small combinators that all providers'
 * verifications share.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as ConfigError from "effect/ConfigError"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { beginSpan, endSpan, type Traced, warning, within } from "../engine/span.js"
import { surroundingsHere } from "../engine/surroundings.js"
import { warn } from "../engine/logging.js"
import * as Input from "./Input.js"
import * as Notification from "../Notification.js"
import type { PaymentStatus } from "../PaymentStatus.js"
import * as Answer from "./Answer.js"
import type { StatusError } from "./Provider.js"
import * as Receiving from "./Receiving.js"

/**
 * Two runs of bytes as one, such as what a signature covers in front of a body.
 *
 * @since 0.1.0
 * @category signatures
 */
export const concat = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const both = new Uint8Array(first.byteLength + second.byteLength)
  both.set(first)
  both.set(second, first.byteLength)
  return both
}

/** What a mistake in the program is: a defect that names the option, and never repeats it. */
const useless = (option: string, problem: string) => ConfigError.InvalidData([option], problem)

const ShownSecret = Schema.RedactedFromSelf(Schema.String)

const ShownSecrets = Schema.Union(Schema.Array(ShownSecret), ShownSecret)

/**
 * The signing secrets that a notification may be verified with, as the provider shows them.
 * White space around one is not part of it: files end in a newline. What is not `Redacted` is a
 * defect: a `ConfigError` whose path is `secret`.
 *
 * @since 0.1.0
 * @category options
 */
export const secretsOf = ({ secret }: Notification.Verification): Effect.Effect<ReadonlyArray<string>> =>
  Effect.orDie(Either.fromOption(
    Option.map(Schema.decodeUnknownOption(ShownSecrets)(secret), (shown) =>
      (Redacted.isRedacted(shown) ? [shown] : shown).map((each) => Redacted.value(each).trim())),
    () => useless("secret", "must be a Redacted text, or several")
  ))

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
      () => useless("tolerance", "must be a duration, and not negative")
    ))

/**
 * Makes a span of this name for each call of a function that verifies, as `Effect.fn` does. A tracer that dies takes nothing from
 * what was verified: one warning is logged.
 *
 * @since 0.1.0
 * @category spans
 */
export const traced =
  (name: string) =>
  <Arguments extends ReadonlyArray<unknown>, A, E, R>(verify: (...given: Arguments) => Effect.Effect<A, E, R>) =>
  (...given: Arguments): Effect.Effect<A, E, R> =>
    Effect.uninterruptibleMask((restore) => {
      const tracing: Traced = { tracerDied: undefined }
      const surroundings = surroundingsHere()
      return Effect.flatMap(beginSpan(tracing, name), (span) =>
        Effect.flatMap(Effect.exit(restore(within(Effect.suspend(() => verify(...given)), span))), (exit) => {
          if (span !== undefined) endSpan(tracing, span, exit, surroundings)
          return warning(tracing, exit, "a notification")
        }))
    })

/**
 * What to answer to a notification that cannot be made use of: it is acknowledged where its
 * signature fits, and refused where nothing in it can be believed.
 *
 * @since 0.1.0
 * @category models
 */
export type Reply = Notification.NotificationError["answer"]

/**
 * A notification that is not of the provider's form: `field` is missing or wrong.
 *
 * @since 0.1.0
 * @category errors
 */
export const malformed = (provider: string, answer: Reply, field: string): Notification.MalformedNotification =>
  new Notification.MalformedNotification({
    provider,
    answer,
    field,
    message: `${provider}: ${field} of the notification is missing or not of the documented form`
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
    message: `${provider}: the notification is about no cancel: ${event}`
  })

/**
 * The hash of an HMAC, as Web Crypto names it.
 *
 * @since 0.1.0
 * @category models
 */
export type Hash = "SHA-256" | "SHA-512"

/**
 * What is signed, what the signatures are, and the keys that it may be signed with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Signed {
  /** What is signed. */
  readonly message: Uint8Array
  /** The signatures that came with it: one that fits is enough. */
  readonly signatures: ReadonlyArray<Uint8Array>
  /** The keys that it may be signed with. */
  readonly keys: ReadonlyArray<Uint8Array>
  /** SHA-256 unless given. */
  readonly hash?: Hash
  /** What else may be wrong where no signature matches, for a person: `, or …`. */
  readonly otherwise?: string
}

/** The length of an HMAC in bytes. Nothing of another length can fit. */
const signatureBytes: { readonly [H in Hash]: number } = { "SHA-256": 32, "SHA-512": 64 }

/**
 * Whoever knows no secret can still put any number of signatures into a header, and each
 * comparison is an HMAC over the whole body. A provider signs once for each secret that is in
 * force: one, or two while one is being replaced.
 */
const mostSignatures = 16

type Hashed = Required<Omit<Signed, "otherwise">>

/** The signatures that may fit, each once. */
const comparable = ({ hash, signatures }: Hashed): ReadonlyArray<Uint8Array> => [
  ...new Map(
    signatures.flatMap((signature) =>
      signature.byteLength === signatureBytes[hash] ? [[signature.join(), signature] as const] : []
    )
  ).values()
]

const isSigned = ({ hash, keys, message, signatures }: Hashed): Effect.Effect<boolean> => {
  const data = message.slice()
  return Effect.forEach(keys.filter((key) => key.byteLength > 0), (bytes) =>
    Effect.flatMap(
      Effect.promise(() =>
        globalThis.crypto.subtle.importKey("raw", bytes.slice(), { name: "HMAC", hash }, false, ["verify"])
      ),
      (key) =>
        Effect.forEach(signatures, (signature) =>
          // The platform's own verification compares in constant time.
          Effect.promise(() => globalThis.crypto.subtle.verify("HMAC", key, signature.slice(), data)))
    )).pipe(Effect.map((checks) => checks.flat().some((isGenuine) => isGenuine)))
}

/**
 * Refuses what none of the signatures fits: none is the HMAC of the message under any of the keys.
 * They are compared in constant time.
 *
 * What that costs does not grow with the number of signatures. Only those of the HMAC's own length
 * count, 32 bytes for SHA-256 and 64 for SHA-512, and the same one counts once; where more than 16
 * are left the notification is refused, and none of them is compared, be one of them genuine.
 *
 * @since 0.1.0
 * @category checks
 */
export const checkSignature = (
  provider: string,
  { hash = "SHA-256", keys, message, otherwise = "", signatures }: Signed
): Effect.Effect<void, Notification.InvalidSignature> => {
  const compared = comparable({ hash, keys, message, signatures })
  const refuse = (why: string) =>
    Effect.fail(new Notification.InvalidSignature({ provider, message: `${provider}: ${why}` }))
  if (compared.length > mostSignatures) return refuse(`there are more than ${mostSignatures} signatures`)
  return Effect.flatMap(
    isSigned({ hash, keys, message, signatures: compared }),
    (isGenuine) => isGenuine
        ? Effect.void
        : refuse(`no signature matches: ${
          keys.some(({ length }) => length > 0) ? "it is forged, was changed, or the secret is another one" : "the secret is empty, or no such one"
        }${otherwise}`)
  )
}

/**
 * Fails where a time is further from now than the tolerance, in either direction. It is to be
 * refused where every delivery has a time of its own, which is signed: a later delivery of the
 * same event will be in time. Where the time is the event's, none will be.
 *
 * @since 0.1.0
 * @category checks
 */
export const checkTolerance = (
  provider: string,
  answer: Reply,
  timestamp: DateTime.Utc,
  tolerance: Duration.Duration
): Effect.Effect<void, Notification.TimestampOutOfTolerance> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Math.abs(now - timestamp.epochMillis) <= Duration.toMillis(tolerance)
      ? Effect.void
      : Effect.fail(
        new Notification.TimestampOutOfTolerance({
          provider,
          answer,
          timestamp,
          tolerance,
          message: `${provider}: the notification is from ${DateTime.formatIso(timestamp)}, which is more than ${Duration.format(tolerance)} from now`
        })
      ))

const decodeUtf8 = new TextDecoder()

/**
 * The body of a notification as JSON, for `decode`.
 *
 * @since 0.1.0
 * @category decoding
 */
export const jsonOf = (
  provider: string,
  answer: Reply,
  { body }: Receiving.Received
): Either.Either<unknown, Notification.MalformedNotification> =>
  Either.fromOption(Answer.json(decodeUtf8.decode(body)), () => malformed(provider, answer, "body"))

/**
 * Decodes what a notification holds; the first field that does not fit is named. `answer` says
 * whether the signature fits by then.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = <A, I>(provider: string, answer: Reply, schema: Schema.Schema<A, I>) => {
  const check = Input.check(schema)
  return (json: unknown): Either.Either<A, Notification.MalformedNotification> =>
    Either.mapLeft(check(json), ({ field }) => malformed(provider, answer, field === "" ? "body" : field))
}

/**
 * What the headers of a webhook say of its signature, where that covers a time and the raw body.
 *
 * @since 0.1.0
 * @category models
 */
export interface TimedSignature extends Omit<Signed, "message"> {
  /** A UNIX time, the text of the header `timestampField`. Its unit is in `SignedEvents`. */
  readonly timestamp: string
  /** The name of the header that the time is in. */
  readonly timestampField: string
  /** What the signature covers in front of the raw body. */
  readonly prefix: string
}

/** The units of a UNIX time in a header: how it is written, and how many milliseconds one is. */
const unixTimes = {
  Seconds: { form: /^\d{1,11}$/, millis: 1000 },
  Milliseconds: { form: /^\d{1,14}$/, millis: 1 }
} as const

/**
 * A provider whose webhooks are signed events: each has an `id`, a `type` and `data`, and the
 * signature covers the raw body and a time.
 *
 * @since 0.1.0
 * @category models
 */
export interface SignedEvents<Name extends string, Event, Encoded, Stated> {
  /** The name of the provider. */
  readonly provider: Name
  /** The `type` of the event that tells of a cancel. */
  readonly type: string
  /** Where in the event its type is: `type` unless given. */
  readonly typeField?: string
  /** The unit of the time in the headers: `Seconds` unless given. */
  readonly timestampUnit?: keyof typeof unixTimes
  /** The names of the headers that `readSignature` reads. */
  readonly headers: ReadonlyArray<string>
  /** What the headers say, given the secrets as the provider shows them. */
  readonly readSignature: (
    received: Receiving.Received,
    secrets: ReadonlyArray<string>
  ) => Either.Either<TimedSignature, Notification.MalformedNotification>
  /** The schema of such an event. */
  readonly event: Schema.Schema<Event, Encoded>
  /** The provider's statuses; the event must state one that is cancelled. */
  readonly standings: Answer.Standings
  /** Where in the event its status is, as errors name it. */
  readonly statusField: string
  /** What the event says: a status, and what the notification states because of it. */
  readonly read: (event: Event) => {
    readonly status: string
    readonly stated:
      & Pick<Notification.CancelNotification<Name>, "paymentId" | "merchantReference" | "reason" | "occurredAt">
      & Partial<Pick<Notification.CancelNotification<Name>, "reference">>
      & Stated
  }
}

const typedBy = (field: string) => Schema.Struct({ [field]: Schema.NonEmptyString })

const Identified = Schema.Struct({ id: Schema.NonEmptyString })

/**
 * The verifier of a provider whose webhooks are signed events: first the signature, then that
 * its time is within the tolerance, 5 minutes unless the caller says otherwise, then what the
 * event is about, and only of the one that tells of a cancel what else it says.
 *
 * @since 0.1.0
 * @category constructors
 */
export const signedEvents = <const Name extends string, Event, Encoded, Stated>(
  {
    event,
    headers,
    provider,
    read,
    readSignature,
    standings,
    statusField,
    timestampUnit = "Seconds",
    type,
    typeField = "type"
  }: SignedEvents<Name, Event, Encoded, Stated>
): Notification.Verifier<Name, Notification.CancelNotification<Name> & Stated> => {
  const { form, millis } = unixTimes[timestampUnit]
  const decodeType = decode(provider, "Acknowledge", typedBy(typeField))
  const decodeId = decode(provider, "Acknowledge", Identified)
  const decodeEvent = decode(provider, "Acknowledge", event)
  return traced(`${provider}.notification`)(
    Effect.fnUntraced(function*(incoming: Notification.Incoming, verification: Notification.Verification) {
      const incame = Receiving.receive(provider, incoming, headers)
      const tolerance = yield* toleranceOf(verification, Duration.minutes(5))
      const secrets = yield* secretsOf(verification)
      const received = yield* incame
      const { prefix, timestamp, timestampField, ...signed } = yield* readSignature(received, secrets)
      if (!form.test(timestamp)) return yield* malformed(provider, "Refuse", timestampField)
      yield* checkSignature(provider, { ...signed, message: concat(Receiving.bytesOf(prefix), received.body) })
      // Whoever delivers again signs a new time: what is too old by then was recorded by somebody.
      yield* checkTolerance(provider, "Refuse", DateTime.unsafeMake(Number(timestamp) * millis), tolerance)
      const json = yield* jsonOf(provider, "Acknowledge", received)
      const { [typeField]: told = "" } = yield* decodeType(json)
      if (told !== type) return yield* somethingElse(provider, told)
      const { id } = yield* decodeId(json)
      const { stated, status } = read(yield* decodeEvent(json))
      if (!Option.contains(Answer.standing(standings, status), "Cancelled")) {
        return yield* malformed(provider, "Acknowledge", statusField)
      }
      return {
        provider,
        notificationId: id,
        reference: Option.none(),
        ...stated,
        decision: "Cancelled" as const,
        receivedAt: yield* DateTime.now
      }
    })
  )
}

/** Whatever goes wrong while something is reported, the result does not depend on it. */
const report = (
  { onUnusable }: Notification.ListVerification,
  problem: Notification.UnusableEvent
): Effect.Effect<void> =>
  Effect.catchAllCause(
    Effect.suspend(() => onUnusable === undefined ? Effect.logWarning(problem.message) : onUnusable(problem)),
    (cause) => warn("Reporting an event of a webhook failed", cause)
  )

/** A problem of one event, by where that is in the list. */
const placed = (provider: string, path: string, problem: Notification.UnusableEvent): Notification.UnusableEvent =>
  problem._tag === "Notification.MalformedNotification"
    ? malformed(provider, problem.answer, problem.field === "body" ? path : `${path}.${problem.field}`)
    : problem

/**
 * What the events of a list say, whose signature fits: `read` says it of one. `field` is where the
 * list is in the body.
 *
 * Events about something else are passed over, and those that cannot be used are reported to
 * `onUnusable`: neither hides the others. If nothing is left it fails: with the first event that cannot be
 * used, or with `NotACancellation` and the names of what the list is about. Where events are signed one
 * by one, an `InvalidSignature` refuses the list.
 *
 * @since 0.1.0
 * @category decoding
 */
export const each = <Told>(
  provider: string,
  field: string,
  events: ReadonlyArray<unknown>,
  verification: Notification.ListVerification,
  read: (event: unknown) => Effect.Effect<Told, Notification.NotificationError>
): Effect.Effect<Arr.NonEmptyReadonlyArray<Told>, Notification.NotificationError> =>
  Effect.gen(function*() {
    const told: Array<Told> = []
    const others: Array<string> = []
    const unusable: Array<Notification.UnusableEvent> = []
    for (const [index, event] of events.entries()) {
      const result = yield* Effect.either(read(event))
      if (Either.isRight(result)) {
        told.push(result.right)
        continue
      }
      const problem = result.left
      switch (problem._tag) {
        case "Notification.InvalidSignature":
          return yield* problem
        case "Notification.NotACancellation":
          others.push(problem.event)
          break
        default:
          unusable.push(placed(provider, `${field}.${index}`, problem))
      }
    }
    const [first, ...more] = unusable
    if (Arr.isNonEmptyReadonlyArray(told)) {
      yield* Effect.forEach(unusable, (problem) => report(verification, problem), { discard: true })
      return told
    }
    if (first === undefined) {
      return yield* somethingElse(provider, events.length === 0 ? "no event" : Arr.dedupe(others).join(", "))
    }
    yield* Effect.forEach(more, (problem) => report(verification, problem), { discard: true })
    return yield* first
  })

/**
 * How a provider signs its webhooks where the signature covers the raw body, and no time of the delivery.
 *
 * @since 0.1.0
 * @category models
 */
export interface SignedBody extends Pick<Signed, "hash" | "otherwise"> {
  /** The name of the provider. */
  readonly provider: string
  /** The name of the header with the signatures. */
  readonly header: string
  /** How far the event's own time may be from now, unless the caller says otherwise. */
  readonly tolerance: Duration.Duration
  /** The signatures in that header, of whichever may fit. */
  readonly signaturesIn: (header: string) => Signed["signatures"]
}

/**
 * Verifies a webhook whose body is signed, and decodes it from JSON: the first steps of such a provider's verifier.
 * `prefix` is what the signature covers in front of the body. Of the event, check its time with `checkEventTime`.
 *
 * @since 0.1.0
 * @category signatures
 */
export const signedBody = (
  { header, provider, signaturesIn, tolerance: otherwise, ...hashed }: SignedBody,
  incoming: Notification.Incoming,
  verification: Notification.Verification,
  prefix = ""
): Effect.Effect<{ readonly json: unknown; readonly tolerance: Duration.Duration }, Notification.NotificationError> => {
  const incame = Receiving.receive(provider, incoming, [header])
  return Effect.gen(function*() {
    const tolerance = yield* toleranceOf(verification, otherwise)
    const secrets = yield* secretsOf(verification)
    const received = yield* incame
    const given = Receiving.header(received, header)
    if (given === "") return yield* malformed(provider, "Refuse", header)
    yield* checkSignature(provider, {
      ...hashed,
      keys: secrets.map(Receiving.bytesOf),
      message: concat(Receiving.bytesOf(prefix), received.body),
      signatures: signaturesIn(given)
    })
    return { json: yield* jsonOf(provider, "Acknowledge", received), tolerance }
  })
}

/**
 * The time of an event, where it states one, must be within the tolerance. Later deliveries have the same, so what is
 * too old is acknowledged.
 *
 * @since 0.1.0
 * @category decoding
 */
export const checkEventTime = (provider: string, time: Option.Option<DateTime.Utc>, tolerance: Duration.Duration) =>
  Option.match(time, {
    onNone: () => Effect.void,
    onSome: (at) => checkTolerance(provider, "Acknowledge", at, tolerance)
  })

/**
 * What a status query answers, as far as a webhook that only names a payment needs it.
 *
 * @since 0.1.0
 * @category models
 */
export interface AskedStatus extends Pick<PaymentStatus<string>, "status" | "standing" | "capturedAmount" | "observedAt"> {}

/**
 * The payment is none of this account, says the provider: no later delivery changes that. A 404 without an error of
 * the provider's own is somebody else's, such as a proxy's, and says nothing about the payment.
 */
const isUnknown = (error: StatusError): boolean =>
  error._tag === "CancelError.StatusUnavailable" && error.category === "NotFound" &&
  (error.code !== null || Option.isSome(error.details))

/**
 * What a webhook tells that proves nothing by itself: nobody signs it, or its signature does not cover what it says.
 * Nothing in it is believed but which payment to ask about. Its id is that of the payment, which is cancelled once.
 *
 * - A payment that is not there, or is somebody else's, is `MalformedNotification`, field `field`, and acknowledged.
 *   The provider's own error has to say so: after any other 404 the status is unavailable.
 * - One in another status is `NotACancellation`, and `event` is that status.
 *
 * @since 0.1.0
 * @category constructors
 */
export const askedAbout = <const Name extends string>(
  { field, paymentId, provider, status }: {
    readonly provider: Name
    readonly paymentId: string
    readonly field: string
    readonly status: (request: { readonly paymentId: string }) => Effect.Effect<AskedStatus, StatusError>
  }
) =>
  Effect.gen(function*() {
    const { capturedAmount, observedAt, standing, status: word } = yield* status({ paymentId }).pipe(
      Effect.catchIf(isUnknown, () =>
        new Notification.MalformedNotification({
          provider,
          answer: "Acknowledge",
          field,
          message: `${provider}: ${field} of the notification names a payment that there is not in this account and mode`
        }))
    )
    if (!Option.contains(standing, "Cancelled")) return yield* somethingElse(provider, word)
    return {
      provider,
      notificationId: paymentId,
      paymentId,
      merchantReference: Option.none<string>(),
      reference: Option.none<string>(),
      decision: "Cancelled" as const,
      reason: Option.none<string>(),
      occurredAt: Option.none<DateTime.Utc>(),
      receivedAt: observedAt,
      capturedAmount
    }
  })
