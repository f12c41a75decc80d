/**
 * What metrics and spans are told of an operation: as numbers always, for that costs little, and as
 * spans where a tracer is there to see them.
 *
 * Whatever is told is told at once, in the step of the fiber that it happens in.
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { Cancellation } from "../Cancellation.js"
import type * as CancelError from "../CancelError.js"
import * as Telemetry from "../Telemetry.js"
import { Attribute, Event, EventAttribute, Label } from "../Telemetry.js"
import { atOnce } from "./atOnce.js"
import { beginSpan, endSpan, nanos, telling, type Traced, warning, within } from "./span.js"
import type { Elapsed } from "./stopwatch.js"
import type { Surroundings } from "./surroundings.js"
import { parseUrl } from "./url.js"

/** Which operation is watched, and where. `isListed` knows the codes that have a class of their own. */
export interface Subject {
  readonly provider: string
  readonly operation: string
  readonly surroundings: Surroundings
  readonly isListed: (code: string) => boolean
}

type Exchange = CancelError.Exchange

/** What is told of an exchange that has ended: an entry of the history, or as much of one. */
export type Seen = Pick<Exchange, "operation" | "evidence" | "explanation" | "httpStatus">

/** How far a cancel had come when the fiber that ran it came to an end, and its result, if it had one. */
export interface CutShort {
  readonly outcome: CancelError.Outcome | null
  readonly attempts: number
}

/** One operation that is being watched, and what was noted of it on its way. */
export interface Watch extends Subject, Traced {
  /** None where nobody would see it. */
  span: Tracer.Span | undefined
  readonly history: Array<Seen>
  /** How many status queries were given to the client. */
  queries: number
  cutShort: CutShort | undefined
  isSettledByStatusQuery: boolean
}

// ---------------------------------------------------------------------------------------
// Labels
// ---------------------------------------------------------------------------------------

type Labels = Surroundings["metricLabels"]

interface Labelled {
  readonly surroundings: Pick<Surroundings, "metricLabels">
}

/** What is known after so many values. */
interface Known {
  labels: Labels | undefined
  readonly next: Map<string, Known>
}

/**
 * Labels with these names, beside those that the fiber gives to all its metrics. The same ones are
 * the same array each time: a metric finds its value by that without comparing any text.
 */
const labelling = <const Names extends ReadonlyArray<keyof typeof Label>>(...names: Names) => {
  const made = new WeakMap<Labels, Known>()
  return (
    { surroundings: { metricLabels } }: Labelled,
    ...values: { readonly [Name in keyof Names]: string }
  ): Labels => {
    let known = made.get(metricLabels)
    if (known === undefined) made.set(metricLabels, known = { labels: undefined, next: new Map() })
    for (const value of values) {
      let next: Known | undefined = known.next.get(value)
      if (next === undefined) known.next.set(value, next = { labels: undefined, next: new Map() })
      known = next
    }
    return known.labels ??=
      Arr.union(Arr.zipWith(names, values, (name, value) => MetricLabel.make(Label[name], value)), metricLabels)
  }
}

const ofOperation = labelling("provider", "operation")
const ofOutcome = labelling("provider", "operation", "outcome")
const ofEnd = labelling("provider", "operation", "outcome", "inDoubt")
const ofError = labelling("provider", "category", "code")
const ofExchange = labelling("provider", "exchange", "evidence")

const labelsOf = (subject: Subject) => ofOperation(subject, subject.provider, subject.operation)

/** There is a class for each listed code, and so a limited number of them. */
const codeLabel = ({ isListed }: Subject, code: string | null): string =>
  code === null ? "none" : isListed(code) ? code : "unlisted"

const doubtful: ReadonlyArray<Telemetry.Outcome> = ["Unknown", "Interrupted", "Defect"]

/**
 * Begins to count the cancels in doubt, at zero. Whoever watches for an increase does not see the
 * first one where the number is not there before.
 */
export const beginCounting = (provider: string, operation: string, metricLabels: Labels): void => {
  for (const outcome of doubtful) {
    Telemetry.cancels.unsafeUpdate(0, ofEnd({ surroundings: { metricLabels } }, provider, operation, outcome, "true"))
  }
}

// ---------------------------------------------------------------------------------------
// Spans
// ---------------------------------------------------------------------------------------

interface Attributes {
  readonly [name: string]: string | number | boolean | null | undefined
}

const describe = (watch: Watch, span: Tracer.Span, attributes: Attributes): void =>
  telling(watch, () => {
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) span.attribute(name, value)
    }
  })

/** Adds an event to the span of the operation. */
const tell = (watch: Watch, event: string, attributes: Attributes): void => {
  const { span } = watch
  if (span !== undefined) telling(watch, () => span.event(event, nanos(watch.surroundings), { ...attributes }))
}

/**
 * What a span ends with where something went wrong. It is not the error itself: that one holds the
 * payment's id and the provider's words, and exporters write errors out. Nor has it a stack, which
 * would show only this library's own lines.
 */
const failure = (name: string, message: string): Exit.Exit<never, Error> => {
  const error: Error = Object.create(Error.prototype, { name: { value: name }, message: { value: message }, stack: { value: "" } })
  return Exit.fail(error)
}

const portOf = ({ port, protocol }: URL): number => port === "" ? (protocol === "http:" ? 80 : 443) : Number(port)

/** Where a request goes, without the path, which names the payment. */
const server = ({ url }: HttpClientRequest.HttpClientRequest): Attributes =>
  Option.match(parseUrl(url), {
    onNone: () => ({}),
    onSome: (parsed) => ({ [Attribute.serverAddress]: parsed.hostname, [Attribute.serverPort]: portOf(parsed) })
  })

// ---------------------------------------------------------------------------------------
// Exchanges
// ---------------------------------------------------------------------------------------

/** What is known of an exchange before it begins. */
export interface Upcoming {
  readonly exchange: Exchange["operation"]
  readonly request: HttpClientRequest.HttpClientRequest
}

const good: ReadonlySet<Exchange["evidence"]> = new Set(["Acknowledged", "Accepted", "StatusRead", "Authorized"])

const earlier = ({ history }: Watch, exchange: Exchange["operation"]): number =>
  history.filter(({ operation }) => operation === exchange).length

/** Notes an exchange that has ended, and counts it. A status query that was never asked is an exchange, and no query. */
export const exchanged = (watch: Watch, seen: Seen, isAsked = true): void => {
  const isFirst = earlier(watch, seen.operation) === 0
  watch.history.push(seen)
  Telemetry.exchanges.unsafeUpdate(1, ofExchange(watch, watch.provider, seen.operation, seen.evidence))
  if (seen.operation === "Status" && isAsked) {
    watch.queries += 1
    Telemetry.statusQueries.unsafeUpdate(1, labelsOf(watch))
  }
  if (seen.operation === "Cancel" && !isFirst) Telemetry.resends.unsafeUpdate(1, labelsOf(watch))
}

const endExchange = (watch: Watch, span: Tracer.Span, { evidence, explanation, httpStatus }: Seen): void => {
  const isGood = good.has(evidence)
  const type = Option.match(Option.filter(httpStatus, (status) => status >= 400), { onNone: () => evidence, onSome: String })
  describe(watch, span, {
    [Attribute.evidence]: evidence,
    [Attribute.httpStatus]: Option.getOrNull(httpStatus),
    [Attribute.errorType]: isGood ? null : type
  })
  endSpan(watch, span, isGood ? Exit.void : failure(type, explanation), watch.surroundings)
}

/** Puts a span around one exchange, where anybody sees it. `seenIn` finds in its result what came of it. */
export const exchanging = <A>(
  watch: Watch,
  { exchange, request }: Upcoming,
  perform: () => Effect.Effect<A>,
  seenIn: (performed: A) => Seen
): Effect.Effect<A> => {
  const { operation, provider } = watch
  if (watch.span === undefined) return perform()
  const before = earlier(watch, exchange)
  return Effect.acquireUseRelease(
    beginSpan(watch, Telemetry.exchangeSpanOf(request.method, exchange), {
      kind: "client",
      attributes: {
        [Attribute.provider]: provider,
        [Attribute.operation]: operation,
        [Attribute.exchange]: exchange,
        [Attribute.method]: request.method,
        ...server(request),
        ...before === 0 ? {} : { [Attribute.resendCount]: before }
      }
    }),
    (span) => within(Effect.suspend(perform), span),
    (span, exit) =>
      Effect.sync(() => {
        if (span === undefined) return
        if (Exit.isSuccess(exit)) endExchange(watch, span, seenIn(exit.value))
        else endSpan(watch, span, exit, watch.surroundings)
      })
  )
}

// ---------------------------------------------------------------------------------------
// Waits and decisions
// ---------------------------------------------------------------------------------------

/** It was decided what to send next, because of what was seen before. The first request needs no reason. */
export const decided = (watch: Watch, next: "Cancel" | "Status"): void => {
  const after = watch.history.at(-1)?.evidence
  if (after !== undefined) tell(watch, next === "Cancel" ? Event.resend : Event.statusQuery, { [EventAttribute.after]: after })
}

/** A wait is about to begin, `milliseconds` long. */
export const waiting = (watch: Watch, before: "Cancel" | "Status", milliseconds: number, isAskedFor: boolean): void => {
  if (isAskedFor) Telemetry.waits.unsafeUpdate(1, labelsOf(watch))
  tell(watch, Event.wait, {
    [EventAttribute.before]: before,
    [EventAttribute.milliseconds]: milliseconds,
    [EventAttribute.askedFor]: isAskedFor
  })
}

/** The result is there. */
export const settled = (watch: Watch, result: string, isSettledByStatusQuery: boolean): void => {
  watch.isSettledByStatusQuery = isSettledByStatusQuery
  tell(watch, Event.settled, { [EventAttribute.result]: result })
}

/** Names the payment, where that is allowed. */
export const identify = (
  watch: Watch,
  { idempotencyKey, paymentId }: { readonly paymentId?: string; readonly idempotencyKey?: string }
): void => {
  const { span, surroundings } = watch
  if (span === undefined || !Context.get(surroundings.context, Telemetry.Identifiers)) return
  describe(watch, span, { [Attribute.paymentId]: paymentId, [Attribute.idempotencyKey]: idempotencyKey })
}

// ---------------------------------------------------------------------------------------
// Operations
// ---------------------------------------------------------------------------------------

/** Watches an operation, with a span where anybody sees it. */
const spanned = <A, E>(
  subject: Subject,
  carryOut: (watch: Watch) => Effect.Effect<A, E>,
  end: (watch: Watch, exit: Exit.Exit<A, E>) => void
): Effect.Effect<A, E> => {
  const { operation, provider, surroundings } = subject
  const watch: Watch = { span: undefined, history: [], queries: 0, cutShort: undefined, isSettledByStatusQuery: false, tracerDied: undefined, ...subject }
  const ended = (exit: Exit.Exit<A, E>) => {
    end(watch, exit)
    return warning(watch, exit, "a cancel")
  }
  const watched = (span: Tracer.Span | undefined) => {
    watch.span = span
    return Effect.matchCauseEffect(within(atOnce(() => carryOut(watch)), span), {
      onFailure: (cause) => ended(Exit.failCause(cause)),
      onSuccess: (value) => ended(Exit.succeed(value))
    })
  }
  return surroundings.isTraced
    ? Effect.flatMap(
      beginSpan(watch, Telemetry.spanOf(provider, operation), {
        attributes: { [Attribute.provider]: provider, [Attribute.operation]: operation }
      }),
      watched
    )
    : watched(undefined)
}

const errorOf = <A, E>(exit: Exit.Exit<A, E>): Option.Option<E> =>
  Exit.isFailure(exit) ? Cause.failureOption(exit.cause) : Option.none()

/** What the error of an operation tells. */
interface Failed extends Pick<CancelError.Any, "category" | "code" | "message" | "attempts"> {
  readonly _tag: string
}

type Succeeded = Pick<Cancellation, "_tag" | "evidence" | "attempts">

/** What a cancel came to. */
export interface Ending {
  readonly outcome: Telemetry.Outcome
  readonly inDoubt: boolean
  readonly attempts: number
  readonly evidence: string | undefined
  readonly isSettledByStatusQuery: boolean
}

/** Only what was refused or not sent cannot have cancelled the payment. */
const mayHaveCancelled = ({ evidence, operation }: Seen): boolean =>
  operation === "Cancel" && evidence !== "Refused" && evidence !== "NotSent"

const isDefect = <A, E>(exit: Exit.Exit<A, E>): boolean =>
  Exit.isFailure(exit) && Option.isNone(errorOf(exit)) && !Cause.isInterruptedOnly(exit.cause)

/** What a cancel came to, by its exit, and by what was noted on its way. */
export const endingOf = (
  exit: Exit.Exit<Succeeded, Pick<CancelError.Any, "outcome" | "attempts">>,
  { cutShort, history, isSettledByStatusQuery }: Pick<Watch, "cutShort" | "history" | "isSettledByStatusQuery">
): Ending => {
  const last = history.at(-1)?.evidence
  const error = Option.getOrUndefined(errorOf(exit))
  if (cutShort === undefined && Exit.isSuccess(exit)) {
    const { _tag, attempts, evidence } = exit.value
    return { outcome: _tag, inDoubt: false, attempts, evidence, isSettledByStatusQuery }
  }
  if (cutShort === undefined && error !== undefined) {
    const { attempts, outcome } = error
    return { outcome, inDoubt: outcome === "Unknown", attempts, evidence: last, isSettledByStatusQuery }
  }
  return {
    outcome: isDefect(exit) ? "Defect" : "Interrupted",
    inDoubt: cutShort === undefined ? history.some(mayHaveCancelled) : cutShort.outcome === "Unknown",
    attempts: cutShort?.attempts ?? history.filter(({ operation }) => operation === "Cancel").length,
    evidence: last,
    isSettledByStatusQuery: false
  }
}

const errorAttributes = ({ _tag, category, code }: Failed): Attributes => ({
  [Attribute.errorType]: _tag,
  [Attribute.category]: category,
  [Attribute.code]: code
})

/** What left a cancel in doubt is its last request that may have worked; of all others, the last exchange tells why. */
const tellingOf = (history: Watch["history"], outcome: string | undefined): Option.Option<Seen> => {
  const last = Arr.last(history)
  return outcome === "Unknown" ? Option.orElse(Arr.findLast(history, mayHaveCancelled), () => last) : last
}

/** Of an error with exchanges before it, what one of them proved says more than its class, and holds nobody's words. */
const exitOf = <A>(exit: Exit.Exit<A, Failed>, { history }: Watch, outcome?: string): Exit.Exit<void, Error> =>
  Exit.match(exit, {
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onNone: () => Exit.failCause(Cause.stripFailures(cause)),
        onSome: ({ _tag, message }) => {
          const why = Option.match(tellingOf(history, outcome), { onNone: () => message, onSome: ({ explanation }) => explanation })
          return failure(_tag, outcome === undefined ? why : `${outcome}: ${why}`)
        }
      }),
    onSuccess: () => Exit.void
  })

const interrupted = Exit.interrupt(FiberId.none)

/**
 * Watches a cancel from its beginning to its end, whichever that is. What it watches cannot be
 * interrupted, except where it says so.
 */
export const cancelling = <A extends Succeeded, E extends CancelError.Any & { readonly _tag: string }>(
  subject: Subject,
  elapsed: Elapsed,
  carryOut: (watch: Watch) => Effect.Effect<A, E>
): Effect.Effect<A, E> => {
  const { operation, provider } = subject
  Telemetry.inFlight.unsafeUpdate(1, labelsOf(subject))
  return spanned(subject, carryOut, (watch, exit) => {
    const { attempts, evidence, inDoubt, isSettledByStatusQuery, outcome } = endingOf(exit, watch)
    const error = errorOf(exit)
    Telemetry.inFlight.unsafeUpdate(-1, labelsOf(subject))
    Telemetry.cancels.unsafeUpdate(1, ofEnd(subject, provider, operation, outcome, `${inDoubt}`))
    Telemetry.duration.unsafeUpdate(elapsed(), ofOutcome(subject, provider, operation, outcome))
    if (Option.isSome(error)) {
      Telemetry.errors.unsafeUpdate(1, ofError(subject, provider, error.value.category, codeLabel(subject, error.value.code)))
    }
    if (watch.span === undefined) return
    describe(watch, watch.span, {
      [Attribute.outcome]: outcome,
      [Attribute.inDoubt]: inDoubt,
      [Attribute.attempts]: attempts,
      [Attribute.evidence]: evidence,
      [Attribute.settledByStatusQuery]: isSettledByStatusQuery,
      ...Option.match(error, { onNone: () => ({}), onSome: errorAttributes })
    })
    endSpan(watch, watch.span, outcome === "Interrupted" ? interrupted : exitOf(exit, watch, outcome), watch.surroundings)
  })
}

/** Watches a status query outside of a cancel. */
export const querying = <A, E extends Failed>(
  subject: Subject,
  carryOut: (watch: Watch) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  spanned(subject, carryOut, (watch, exit) => {
    if (watch.span === undefined) return
    describe(watch, watch.span, {
      [Attribute.evidence]: watch.history.at(-1)?.evidence,
      [Attribute.attempts]: watch.queries,
      ...Option.match(errorOf(exit), { onNone: () => ({}), onSome: errorAttributes })
    })
    endSpan(watch, watch.span, exitOf(exit, watch), watch.surroundings)
  })
