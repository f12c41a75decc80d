/**
 * What happens while a cancel runs, and where it is reported.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import { Exchange, IdentifiedBy, Outcome } from "./CancelError.js"

const about = {
  provider: Schema.String,
  paymentId: Schema.String,
  identifiedBy: IdentifiedBy,
  idempotencyKey: Schema.String,
  at: Schema.DateTimeUtc
}

/**
 * A request is about to be sent. `attempt` counts the cancel requests so far, this one
 * included; for a status query it is the number of cancel requests before it.
 *
 * @since 0.1.0
 * @category models
 */
export const ExchangeStarted = Schema.TaggedStruct("ExchangeStarted", {
  ...about,
  operation: Exchange.fields.operation,
  attempt: Schema.NonNegativeInt
})

/**
 * A request has had its answer, or has failed to get one.
 *
 * @since 0.1.0
 * @category models
 */
export const ExchangeEnded = Schema.TaggedStruct("ExchangeEnded", {
  ...about,
  attempt: Schema.NonNegativeInt,
  exchange: Exchange
})

/**
 * The cancel waits before it sends the next request. `delay` is milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export const Waiting = Schema.TaggedStruct("Waiting", {
  ...about,
  before: Exchange.fields.operation,
  delay: Schema.DurationFromMillis
})

/**
 * The cancel has come to its result. `result` is the `_tag` of the success or of the error
 * that the caller receives; `outcome` is null on a success.
 *
 * @since 0.1.0
 * @category models
 */
export const Settled = Schema.TaggedStruct("Settled", {
  ...about,
  result: Schema.String,
  outcome: Schema.NullOr(Outcome),
  attempts: Schema.NonNegativeInt,
  history: Schema.Array(Exchange)
})

/**
 * The cancel was cut short after the first byte may have left: the fiber was interrupted,
 * or something died. No caller will be told what became of the payment, so this event
 * does.
 *
 * - `inFlight`: the operation that was aborted, if one was.
 * - `settled`: the `_tag` of the result that the cancel had come to by then, and that its caller
 *   did not receive; null where it had come to none.
 * - `outcome`: with `Unknown` the payment may be cancelled, or may yet be. Settle it like an error
 *   with that outcome: with the same `idempotencyKey`, by the `status`, or by a notification. It is
 *   null where `settled` is a success.
 *
 * @since 0.1.0
 * @category models
 */
export const Interrupted = Schema.TaggedStruct("Interrupted", {
  ...about,
  cause: Schema.Literal("Interruption", "Defect"),
  inFlight: Schema.NullOr(Exchange.fields.operation),
  settled: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
  outcome: Schema.NullOr(Outcome),
  attempts: Schema.NonNegativeInt,
  history: Schema.Array(Exchange)
})

/**
 * All events, as one schema. None of them holds a credential, a header or a body.
 *
 * @since 0.1.0
 * @category models
 */
export const CancelEvent = Schema.Union(ExchangeStarted, ExchangeEnded, Waiting, Settled, Interrupted)

/**
 * @since 0.1.0
 * @category models
 */
export type CancelEvent = typeof CancelEvent.Type

/**
 * Where events go. The default logs a warning for `Interrupted` and everything else at
 * level debug.
 *
 * @since 0.1.0
 * @category services
 */
export class CancelEvents extends Context.Reference<CancelEvents>()("effect-payment-cancel/CancelEvent", {
  defaultValue: (): ((event: CancelEvent) => Effect.Effect<void>) => log
}) {}

const encode = Schema.encodeSync(CancelEvent)

const log = (event: CancelEvent): Effect.Effect<void> =>
  event._tag === "Interrupted"
    ? Effect.logWarning(`A payment cancel was cut short: ${leftBehind(event)}`, encode(event))
    : Effect.logDebug(event._tag, encode(event))

/** What becomes of a payment whose cancel was cut short, for a person. */
const leftBehind = ({ outcome, settled }: typeof Interrupted.Type): string => {
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
 * The handler is awaited, for at most one second, before the cancel goes on; what it dies
 * of does not reach the cancel.
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

const settled = Metric.counter("payment_cancel_settled_total", {
  description: "Payment cancels that came to a result, by provider and result",
  incremental: true
})

/**
 * How many cancels came to a result: the counter `payment_cancel_settled_total`, tagged with
 * the `provider` and the `result`, which is the `_tag` of the success or of the error.
 *
 * @since 0.1.0
 * @category metrics
 */
export const settlements = (provider: string, result: string): Metric.Metric.Counter<number> =>
  settled.pipe(Metric.tagged("provider", provider), Metric.tagged("result", result))
