/**
 * What durable cancels write down, and its version. No more of a payment is kept than is needed, and nothing
 * that a provider said in its own words, which may be about the payer.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Cancellation from "../Cancellation.js"
import type * as CancelError from "../CancelError.js"
import * as Notification from "../Notification.js"
import type { AnyFailure, AnySettled } from "./judgement.js"
import { log } from "./log.js"
import { Cut } from "./Settlement.js"

/** What an older version wrote is read as long as it is listed here. */
export const Version = Schema.Literal(1)

export const version = 1

/** What another version wrote. */
export const Other = Schema.Struct({ version: Schema.Number.pipe(Schema.filter((number) => number !== version)) })

const isKnown = <A extends { readonly version: number }>(journaled: A): journaled is Extract<A, { readonly version: 1 }> =>
  journaled.version === version

/**
 * Whoever cannot read a journal neither sends anything, nor ends the execution, nor says anything about the payment: it
 * is left to a process that can.
 */
export const known = <A extends { readonly version: number }, E, R>(
  journaled: Effect.Effect<A, E, R>,
  hasRead: Effect.Effect<void> = Effect.void
): Effect.Effect<Extract<A, { readonly version: 1 }>, E, R> =>
  Effect.filterOrElse(journaled, isKnown, ({ version }) => Effect.zipRight(hasRead, leftToAnother(version)))

export const leftToAnother = (other: number) =>
  Effect.zipRight(
    log(LogLevel.Error, `an execution is of version ${other} of the journal, and this process reads ${version}: it is left alone`),
    // Also at the end of a workflow, where nothing else can be interrupted: its process can still be stopped.
    Effect.interruptible(Effect.never)
  )

// ---------------------------------------------------------------------------------------
// a cancel
// ---------------------------------------------------------------------------------------

/** What a cancel is begun with. */
export const Payload = Schema.Struct({
  /** Any: it is checked when it is carried through. */
  version: Schema.Number,
  requestId: Schema.String,
  /** The provider's own request: it holds no credential. */
  request: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  /** Whether it is for a workflow that failed: nobody waits for its result. */
  isCompensation: Schema.optional(Schema.Boolean)
})

export type Payload = typeof Payload.Type

/** What is fixed before the first byte. */
export const Intent = Schema.Struct({
  version: Version,
  at: Schema.DateTimeUtc,
  idempotencyKey: Schema.String,
  next: Schema.String,
  told: Schema.Array(Schema.String)
})

/** What is written down before each call but the first, whose mark is in the intent. */
export const Begin = Schema.Struct({ version: Version, next: Schema.String })

/** After a call: the next one has no mark before it begins. Journals that are older have its mark there. */
export const unmarked = ""

/** A success as the journal keeps it. */
export const withoutPayload = (success: Cancellation.Cancellation): Cancellation.Cancellation =>
  success._tag === "Cancelled" ? { ...success, payload: Option.none() } : success

/** The provider's own words are in brackets: what stands before the first one is ours. */
const withoutWords = (text: unknown): unknown => typeof text === "string" ? text.split(" (", 1)[0] : text

const historyWithoutWords = (history: unknown): unknown =>
  Array.isArray(history)
    ? history.map((entry: unknown) => Predicate.isRecord(entry) ? { ...entry, explanation: withoutWords(entry["explanation"]) } : entry)
    : history

/** A provider's errors as the journal keeps them: without what the provider said in its own words, which may be about the payer. */
const withoutDetails = (schema: Schema.Schema<CancelError.Any, unknown>): Schema.Schema<CancelError.Any, unknown> =>
  Schema.transform(Schema.Unknown, schema, {
    strict: true,
    decode: (journaled) => journaled,
    encode: (encoded) => Predicate.isRecord(encoded) ? { ...encoded, message: withoutWords(encoded["message"]), details: null, history: historyWithoutWords(encoded["history"]) } : encoded
  })

/** The schemas of one provider's results. */
export interface Results {
  readonly success: Schema.Schema<Cancellation.Cancellation, unknown>
  readonly error: Schema.Schema<CancelError.Any, unknown>
}

/** The journal's form of a provider's results. */
export const schemasOf = (name: string, { error, success }: Results) => {
  const Refunded = Schema.TaggedStruct("Refunded", {
    provider: Schema.Literal(name),
    paymentId: Schema.String,
    observedAt: Schema.DateTimeUtc
  })
  const failure: Schema.Schema<AnyFailure, unknown> = Schema.Union(Cut, withoutDetails(error))
  const look = Schema.Struct({
    version: Version,
    at: Schema.DateTimeUtc,
    // The fields with a default are absent in journals that were written before they existed.
    left: Schema.optionalWith(Schema.OptionFromNullOr(Schema.DurationFromMillis), { default: () => Option.none() }),
    result: Schema.Either({ left: failure, right: success }),
    paymentStatus: Schema.optionalWith(Schema.OptionFromNullOr(Schema.String), { default: () => Option.none<string>() }),
    asked: Schema.optionalWith(Schema.OptionFromNullOr(Schema.DurationFromMillis), { default: () => Option.none() }),
    afterCrash: Schema.Boolean,
    next: Schema.String
  })
  const settled: Schema.Schema<AnySettled, unknown> = Schema.Union(Cancellation.Confirmed(name), Refunded, success)
  return {
    look,
    settled,
    failure,
    notification: Schema.Struct({ ...Notification.CancelNotification(name).fields, capturedAmount: Cancellation.CapturedAmount })
  }
}
