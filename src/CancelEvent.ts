/**
 * The events of a running cancel, and where they are reported. What an exchange was is an `Exchange`
 * of `CancelError`, the same as in an error's history.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Exchange, IdentifiedBy, onFirstUse, Outcome } from "./CancelError.js"

const about = {
  provider: Schema.String,
  paymentId: Schema.String,
  identifiedBy: IdentifiedBy,
  idempotencyKey: Schema.String,
  at: Schema.DateTimeUtc
}

interface About<Tag extends string> {
  /** Which event it is. */
  readonly _tag: Tag
  /** The provider that the cancel is meant for. */
  readonly provider: string
  /** The payment as the caller named it; `identifiedBy` says what that is. */
  readonly paymentId: string
  /** What `paymentId` is: the provider's id, the merchant's own reference, or the key of the payment's creation. */
  readonly identifiedBy: IdentifiedBy
  /** The one key of this logical cancel, whether or not it is sent to the provider. */
  readonly idempotencyKey: string
  /** When it happened, by the `Clock`. */
  readonly at: DateTime.Utc
}

/**
 * The schema of an `ExchangeStarted`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ExchangeStarted = onFirstUse(() =>
  Schema.TaggedStruct("ExchangeStarted", {
    ...about,
    operation: Exchange.fields.operation,
    attempt: Schema.NonNegativeInt
  })
)

/**
 * A request is about to be sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExchangeStarted extends About<"ExchangeStarted"> {
  /** `Cancel` for a cancel request, `Status` for a status query, `Authorization` for a token that one of them needs. */
  readonly operation: Exchange["operation"]
  /** The cancel requests so far, this one included; for a status query, those before it; for a token, as for what needs it. */
  readonly attempt: number
}

/**
 * The schema of an `ExchangeEnded`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ExchangeEnded = onFirstUse(() =>
  Schema.TaggedStruct("ExchangeEnded", {
    ...about,
    attempt: Schema.NonNegativeInt,
    exchange: Exchange
  })
)

/**
 * A request received its answer, or failed to get one.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExchangeEnded extends About<"ExchangeEnded"> {
  /** The same as in the `ExchangeStarted` of this request. */
  readonly attempt: number
  /** What it was, and what it proved. */
  readonly exchange: Exchange
}

/**
 * The schema of a `Waiting`. Encoded, `delay` is milliseconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Waiting = onFirstUse(() =>
  Schema.TaggedStruct("Waiting", {
    ...about,
    before: Schema.Literal("Cancel", "Status"),
    delay: Schema.DurationFromMillis
  })
)

/**
 * The cancel waits before it sends the next request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Waiting extends About<"Waiting"> {
  /** What will be sent then: `Cancel` for a cancel request, `Status` for a status query. */
  readonly before: "Cancel" | "Status"
  /** How long it waits. */
  readonly delay: Duration.Duration
}

/**
 * The schema of a `Settled`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Settled = onFirstUse(() =>
  Schema.TaggedStruct("Settled", {
    ...about,
    result: Schema.String,
    outcome: Schema.NullOr(Outcome),
    attempts: Schema.NonNegativeInt,
    history: Schema.Array(Exchange)
  })
)

/**
 * The cancel has reached its result.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settled extends About<"Settled"> {
  /** The `_tag` of the success or of the error that the caller receives. */
  readonly result: string
  /** The outcome of the error; null on a success. */
  readonly outcome: Outcome | null
  /** How many cancel requests were sent or tried. */
  readonly attempts: number
  /** Every exchange of this call, in order. */
  readonly history: ReadonlyArray<Exchange>
}

/**
 * The schema of an `Interrupted`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Interrupted = onFirstUse(() =>
  Schema.TaggedStruct("Interrupted", {
    ...about,
    cause: Schema.Literal("Interruption", "Defect"),
    inFlight: Schema.NullOr(Exchange.fields.operation),
    settled: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
    outcome: Schema.NullOr(Outcome),
    attempts: Schema.NonNegativeInt,
    history: Schema.Array(Exchange)
  })
)

/**
 * The cancel was cut short after the first byte may have been sent: its fiber was interrupted, or
 * it died of a defect. No caller will learn what became of the payment, so this event reports it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Interrupted extends About<"Interrupted"> {
  /** `Interruption` if the fiber was interrupted, `Defect` if it died of a defect. */
  readonly cause: "Interruption" | "Defect"
  /** The operation that was aborted, if one was. */
  readonly inFlight: Exchange["operation"] | null
  /**
   * The `_tag` of the result that the cancel had already reached but its caller did not receive;
   * null if it had reached none.
   */
  readonly settled: string | null
  /**
   * With `Unknown` the payment may be cancelled, or may yet be. Settle it like an error with that
   * outcome: with the same `idempotencyKey`, by the `status`, or by a notification. It is null if
   * `settled` is a success.
   */
  readonly outcome: Outcome | null
  /** How many cancel requests had been sent or tried by then. */
  readonly attempts: number
  /** Every exchange so far, in order. */
  readonly history: ReadonlyArray<Exchange>
}

type Encoded =
  | typeof ExchangeStarted.Encoded
  | typeof ExchangeEnded.Encoded
  | typeof Waiting.Encoded
  | typeof Settled.Encoded
  | typeof Interrupted.Encoded

/**
 * All events, as one schema. None of them contains a credential, a header or a body.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelEvent: Schema.Schema<CancelEvent, Encoded> = onFirstUse(() =>
  Schema.Union(ExchangeStarted, ExchangeEnded, Waiting, Settled, Interrupted)
)

/**
 * What happens while a cancel runs.
 *
 * @since 0.1.0
 * @category models
 */
export type CancelEvent = ExchangeStarted | ExchangeEnded | Waiting | Settled | Interrupted

/** Compiled when it is first needed, not on import. */
const encode = (event: CancelEvent): Encoded => Schema.encodeSync(CancelEvent)(event)

/**
 * The handler that events go to by default: logs a warning for `Interrupted`, and everything else
 * at level debug. Call it from a handler of your own to have both; only then is the cancel's span told
 * what it logs.
 *
 * @since 0.1.0
 * @category handlers
 */
export const log = (event: CancelEvent): Effect.Effect<void> =>
  event._tag === "Interrupted"
    ? Effect.logWarning(`A payment cancel was cut short: ${leftBehind(event)}`, encode(event))
    : Effect.logDebug(event._tag, encode(event))

/**
 * Where events go. The default is `log`: a warning for `Interrupted`, and everything else at level
 * debug.
 *
 * @since 0.1.0
 * @category services
 */
export class CancelEvents extends Context.Reference<CancelEvents>()("effect-payment-cancel/CancelEvent", {
  defaultValue: (): ((event: CancelEvent) => Effect.Effect<void>) => log
}) {}

/** What is known about a payment whose cancel was cut short, as text for a person. */
const leftBehind = ({ outcome, settled }: Interrupted): string => {
  switch (outcome) {
    case "Unknown":
      return "whether the payment is cancelled is unknown"
    case "NotCancelled":
      return "no request of it has cancelled the payment"
    case null:
      return `its result, ${settled}, did not reach its caller`
  }
}

/**
 * Sends events to a handler of your own: a journal, a queue, a list in a test.
 *
 * The cancel waits for the handler, for at most one second, before it continues. A defect in the
 * handler does not affect the cancel: it is logged, together with the event if that was
 * `Interrupted`. It has a fiber of its own: what it sets in a `FiberRef` is gone afterwards.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { CancelEvent } from "effect-payment-cancel"
 *
 * const journal = CancelEvent.layer((event) =>
 *   event._tag === "Interrupted" ? Effect.logError("unsettled", event.paymentId, event.idempotencyKey) : Effect.void
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (handle: (event: CancelEvent) => Effect.Effect<void>): Layer.Layer<never> =>
  Layer.succeed(CancelEvents, handle)
