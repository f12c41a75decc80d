/**
 * What a cancel shows to tracers and metrics: the name of every span, attribute, event, metric and
 * label, the metrics themselves, and whether spans may identify a payment.
 *
 * Nothing has to be switched on. Spans are made when the program has a tracer, such as the one of
 * `@effect/opentelemetry`; metrics are in Effect's own registry, which exporters read.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * What a cancel comes to, in `Attribute.outcome` and `Label.outcome`.
 *
 * - A success, by its `_tag`: `Cancelled`, `AlreadyCancelled`, `CancellationAccepted` or
 *   `CancellationAcknowledged`.
 * - An error, by its `outcome`: `NotCancelled` or `Unknown`.
 * - No result for the caller: `Interrupted`, or `Defect` for a bug. Whether the payment is then in
 *   doubt is in `Attribute.inDoubt` and `Label.inDoubt`.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome =
  | "Cancelled"
  | "AlreadyCancelled"
  | "CancellationAccepted"
  | "CancellationAcknowledged"
  | "NotCancelled"
  | "Unknown"
  | "Interrupted"
  | "Defect"

/**
 * The name of the span of a whole operation, `<provider>.<operation>`: one for each logical cancel,
 * however often it is sent, and one for each status query. Its status is an error where the
 * operation fails. `operation` is the name of the provider's function.
 *
 * @example
 * ```ts
 * import * as Telemetry from "effect-payment-cancel/Telemetry"
 *
 * const name = Telemetry.spanOf("Stripe", "cancel") // "Stripe.cancel"
 * ```
 *
 * @since 0.1.0
 * @category spans
 */
export const spanOf = (provider: string, operation: string): string => `${provider}.${operation}`

/**
 * The name of the span of one exchange, `<method> <exchange>`, as `POST Cancel`: a child of the
 * operation's span, of kind client. Its status is an error where the exchange proved nothing good:
 * the answer was lost, or it was a refusal, or nothing could be sent.
 *
 * @example
 * ```ts
 * import * as Telemetry from "effect-payment-cancel/Telemetry"
 *
 * const name = Telemetry.exchangeSpanOf("GET", "Status") // "GET Status"
 * ```
 *
 * @since 0.1.0
 * @category spans
 */
export const exchangeSpanOf = (method: string, exchange: "Cancel" | "Status" | "Authorization"): string => `${method} ${exchange}`

/**
 * The attributes of spans. They hold no credential, no header, no URL, no body, and none of the
 * provider's own words about the payment.
 *
 * @since 0.1.0
 * @category spans
 */
export const Attribute = {
  /** On both kinds of spans: the provider, as `Stripe`. */
  provider: "payment_cancel.provider",
  /** On both: the name of the operation, as `cancel`, `cancelByCreationKey` or `status`. */
  operation: "payment_cancel.operation",
  /** On the span of a cancel: what it came to, an `Outcome`. */
  outcome: "payment_cancel.outcome",
  /** On the span of a cancel: whether it may have cancelled the payment, or may yet, and nobody knows. Always true for `Unknown`; for `Interrupted` and `Defect` it depends on what had been sent. */
  inDoubt: "payment_cancel.in_doubt",
  /** On the span of an operation that fails: the category of its error, as `RateLimited`. */
  category: "payment_cancel.category",
  /** On the span of an operation that fails: the provider's code, if there is one. */
  code: "payment_cancel.code",
  /** On both: what proves it. Of a success, `Response` or `StatusQuery`; of an exchange, and of an operation that fails, what the (last) exchange proved, as `Refused` or `MaybeApplied`. */
  evidence: "payment_cancel.evidence",
  /** On the span of an operation: how many requests were sent or tried; of a cancel, how many cancel requests. */
  attempts: "payment_cancel.attempts",
  /** On the span of a cancel: whether a status query settled it. False where one was answered and the cancel's own answer decided all the same: it was accepted, or a refusal is believed; and where that answer stated the status itself. */
  settledByStatusQuery: "payment_cancel.settled_by_status_query",
  /** On the span of an exchange: what the request was for, `Cancel`, `Status` or `Authorization`. */
  exchange: "payment_cancel.exchange",
  /** On the span of an operation, if `Identifiers` allows it: the payment as the caller named it. */
  paymentId: "payment_cancel.payment_id",
  /** On the span of a cancel, if `Identifiers` allows it: the idempotency key. */
  idempotencyKey: "payment_cancel.idempotency_key",
  /** On both, where the span's status is an error: the `_tag` of the operation's error; of an exchange, its HTTP status if that is an error, else its evidence. */
  errorType: "error.type",
  /** On the span of an exchange: the HTTP method. */
  method: "http.request.method",
  /** On the span of an exchange: the HTTP status of the answer, if one arrived. */
  httpStatus: "http.response.status_code",
  /** On the span of an exchange, from the second of its kind in the operation on: how many there were before. */
  resendCount: "http.request.resend_count",
  /** On the span of an exchange: the host that the request is for. An HTTP client of your own may send it elsewhere. */
  serverAddress: "server.address",
  /** On the span of an exchange: the port, also where it is the scheme's own. */
  serverPort: "server.port"
} as const

/**
 * The events of an operation's span: its waits and its decisions.
 *
 * @since 0.1.0
 * @category spans
 */
export const Event = {
  /** It waits before the next request: for which, how long, and whether the provider asked for it. */
  wait: "wait",
  /** It was decided to send the cancel again, and after which evidence. */
  resend: "resend",
  /** It was decided to read the status, and after which evidence. */
  statusQuery: "status query",
  /** The cancel is settled, and with which result. */
  settled: "settled"
} as const

/**
 * The attributes of the spans' events.
 *
 * @since 0.1.0
 * @category spans
 */
export const EventAttribute = {
  /** Of a wait: what is sent after it, `Cancel` or `Status`. */
  before: "payment_cancel.before",
  /** Of a wait: how long it is meant to be. */
  milliseconds: "payment_cancel.wait_milliseconds",
  /** Of a wait: whether the provider asked for it, and it is not just the policy's. */
  askedFor: "payment_cancel.asked_for",
  /** Of a decision: what the last exchange proved. */
  after: "payment_cancel.after",
  /** Of `settled`: the `_tag` of the success or of the error. */
  result: "payment_cancel.result"
} as const

/**
 * The names of the metrics. They are the same in Prometheus, whether it scrapes them or receives
 * them by OTLP.
 *
 * @since 0.1.0
 * @category metrics
 */
export const MetricName = {
  /** Counter: cancels that ended. Labels: `provider`, `operation`, `outcome`, `in_doubt`. */
  cancels: "effect_payment_cancel_cancels_total",
  /** Counter: cancels that failed. Labels: `provider`, `category`, `code`. */
  errors: "effect_payment_cancel_errors_total",
  /** Histogram, in milliseconds: from the call of a cancel to its end. Labels: `provider`, `operation`, `outcome`. */
  duration: "effect_payment_cancel_duration_milliseconds",
  /** Counter: exchanges that ended, also those of status queries outside of a cancel. Labels: `provider`, `exchange`, `evidence`. */
  exchanges: "effect_payment_cancel_exchanges_total",
  /** Counter: cancel requests after the first of a cancel. Labels: `provider`, `operation`. */
  resends: "effect_payment_cancel_resends_total",
  /** Counter: status queries, in a cancel or outside of one, that were not held back for want of a token, a signature or room. Labels: `provider`, `operation`. */
  statusQueries: "effect_payment_cancel_status_queries_total",
  /** Counter: waits that the provider asked for, and that were begun. Labels: `provider`, `operation`. */
  waits: "effect_payment_cancel_provider_waits_total",
  /** Sum that rises and falls: cancels that are under way. Labels: `provider`, `operation`. */
  inFlight: "effect_payment_cancel_in_flight"
} as const

/**
 * The labels of the metrics. Each has a limited number of values.
 *
 * @since 0.1.0
 * @category metrics
 */
export const Label = {
  /** The provider, as `Stripe`. */
  provider: "provider",
  /** The name of the operation, as `cancel`, `cancelByCreationKey` or `status`. */
  operation: "operation",
  /** What the cancel came to, an `Outcome`. */
  outcome: "outcome",
  /** Whether the cancel may have cancelled the payment, or may yet, and nobody knows: `true` or `false`. */
  inDoubt: "in_doubt",
  /** The category of the error, as `RateLimited`. */
  category: "category",
  /** The provider's code, if the library lists it; `unlisted` for any other, and `none` where there is none. */
  code: "code",
  /** What the request was for: `Cancel`, `Status` or `Authorization`. */
  exchange: "exchange",
  /** What the exchange proved, as `Acknowledged`, `Refused` or `MaybeApplied`. */
  evidence: "evidence"
} as const

const counted = (metric: keyof typeof MetricName, description: string): Metric.Metric.Counter<number> =>
  Metric.counter(MetricName[metric], { description, incremental: true })

/**
 * How many cancels ended, by `provider`, `operation`, `outcome` and `in_doubt`.
 *
 * To read one value, tag it with all labels in this order; `Metric.snapshot` has all values.
 *
 * @example
 * ```ts
 * import { Metric } from "effect"
 * import * as Telemetry from "effect-payment-cancel/Telemetry"
 *
 * const unknownAtStripe = Metric.value(Telemetry.cancels.pipe(
 *   Metric.tagged(Telemetry.Label.provider, "Stripe"),
 *   Metric.tagged(Telemetry.Label.operation, "cancel"),
 *   Metric.tagged(Telemetry.Label.outcome, "Unknown"),
 *   Metric.tagged(Telemetry.Label.inDoubt, "true")
 * ))
 * ```
 *
 * @since 0.1.0
 * @category metrics
 */
export const cancels: Metric.Metric.Counter<number> = counted("cancels", "Cancels that ended")

/**
 * How many cancels failed, by `provider`, `category` and `code`, in this order.
 *
 * @since 0.1.0
 * @category metrics
 */
export const errors: Metric.Metric.Counter<number> = counted("errors", "Cancels that failed")

/**
 * How long cancels took from the call to their end, in milliseconds, by `provider`, `operation` and
 * `outcome`, in this order. The buckets end at 10 ms to 250 s.
 *
 * @since 0.1.0
 * @category metrics
 */
export const duration: Metric.Metric.Histogram<number> = Metric.histogram(
  MetricName.duration,
  MetricBoundaries.fromIterable([10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000]),
  "From the call of a cancel to its end, in milliseconds"
)

/**
 * How many exchanges ended, by `provider`, `exchange` and `evidence`, in this order. One that was
 * interrupted proved nothing, and is not counted.
 *
 * @since 0.1.0
 * @category metrics
 */
export const exchanges: Metric.Metric.Counter<number> = counted("exchanges", "Exchanges that ended")

/**
 * How many cancel requests were not the first of their cancel, by `provider` and `operation`, in
 * this order.
 *
 * @since 0.1.0
 * @category metrics
 */
export const resends: Metric.Metric.Counter<number> = counted("resends", "Cancel requests after the first of a cancel")

/**
 * How many status queries ended, by `provider` and `operation`, in this order. One for which there was no token, no signature or no
 * room was not asked, and is not counted.
 *
 * @since 0.1.0
 * @category metrics
 */
export const statusQueries: Metric.Metric.Counter<number> = counted("statusQueries", "Status queries")

/**
 * How many waits were begun because the provider asked for them, by `provider` and `operation`, in
 * this order.
 *
 * @since 0.1.0
 * @category metrics
 */
export const waits: Metric.Metric.Counter<number> = counted("waits", "Waits that the provider asked for")

/**
 * How many cancels are under way, by `provider` and `operation`, in this order. A sum and not a
 * gauge, because Prometheus takes a gauge without a unit for a ratio when it comes by OTLP.
 *
 * @since 0.1.0
 * @category metrics
 */
export const inFlight: Metric.Metric.Counter<number> = Metric.counter(MetricName.inFlight, { description: "Cancels under way" })

/**
 * Whether spans may have the payment's id and the idempotency key as attributes. The default is
 * `false`: traces often go to another company, and are seen by more people than the log. Metrics
 * never have either.
 *
 * @since 0.1.0
 * @category services
 */
export class Identifiers extends Context.Reference<Identifiers>()("effect-payment-cancel/Telemetry/Identifiers", {
  defaultValue: (): boolean => false
}) {}

/**
 * What may be shown.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Whether spans have the payment's id and the idempotency key, as `Attribute.paymentId` and `Attribute.idempotencyKey`. */
  readonly identifiers: boolean
}

/**
 * Says whether spans may identify a payment. Provided to a provider's layer it holds for all cancels
 * of that layer; provided to a cancel, for that one.
 *
 * @example
 * ```ts
 * import { Telemetry } from "effect-payment-cancel"
 *
 * const identified = Telemetry.layer({ identifiers: true })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = ({ identifiers }: Options): Layer.Layer<never> => Layer.succeed(Identifiers, identifiers)
