/** What became of one payment, as the journal and the results say it. Nothing of a payer is in it. */
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Earlier } from "../../Cancel.js"
import type { Cancellation } from "../../Cancellation.js"
import * as CancelError from "../../CancelError.js"
import type * as CancelEvent from "../../CancelEvent.js"
import * as CancelMany from "../../CancelMany.js"

/**
 * - `Cancelled`: the provider says that the payment is cancelled, now or before;
 * - `Accepted`: the provider decides later, and the payment is not cancelled yet;
 * - `NotCancelled`: no request of this batch cancelled it, or ever will;
 * - `Unknown`: a request may have cancelled it, or may yet.
 */
const Outcome = Schema.Literal("Cancelled", "Accepted", "NotCancelled", "Unknown")

export type Outcome = typeof Outcome.Type

/** What became of one payment. */
export const Record = Schema.Struct({
  provider: Schema.String,
  paymentId: Schema.String,
  outcome: Outcome,
  /** The `_tag` of the success or of the error. */
  result: Schema.String,
  code: Schema.NullOr(Schema.String),
  category: Schema.NullOr(Schema.String),
  /** Whether it is done with: running again leaves it alone. */
  settled: Schema.Boolean,
  paymentStatus: Schema.NullOr(Schema.String),
  httpStatus: Schema.NullOr(Schema.Int),
  /** What proves a success. */
  evidence: Schema.NullOr(Schema.String),
  /** What a notification about an accepted cancel will bear. */
  reference: Schema.NullOr(Schema.String),
  /** Whether the provider may have accepted another request of it as well, with another reference; null unless it was accepted. */
  mayBeAcceptedTwice: Schema.optionalWith(Schema.NullOr(Schema.Boolean), { default: () => null }),
  /** In the smallest unit of the currency; what was captured before stays so, and has to be refunded. */
  capturedAmount: Schema.NullOr(Schema.Int),
  currency: Schema.NullOr(Schema.String),
  requestId: Schema.NullOr(Schema.String),
  /** How long the provider asked to wait, in milliseconds. */
  retryAfter: Schema.NullOr(Schema.Number),
  attempts: Schema.NullOr(Schema.Int),
  idempotencyKey: Schema.String,
  /** When it ended, or was not begun; null where its turn has not come, or nothing was recorded. */
  at: Schema.NullOr(Schema.String)
})

export type Record = typeof Record.Type

/** The columns of the results, in order. */
export const columns = ["line", ...Object.keys(Record.fields)]

/** The payment, and the key of its cancel. */
export interface Subject {
  readonly provider: string
  readonly paymentId: string
  readonly idempotencyKey: string
}

const blank = {
  code: null,
  category: null,
  paymentStatus: null,
  httpStatus: null,
  evidence: null,
  reference: null,
  mayBeAcceptedTwice: null,
  capturedAmount: null,
  currency: null,
  requestId: null,
  retryAfter: null,
  attempts: null,
  at: null
}

/** A failure as every one of the library's states it, whichever class it is. */
export interface Failure {
  readonly provider: string
  readonly outcome: CancelError.Outcome
  readonly category: CancelError.Category
}

const ofSuccess = (subject: Subject, success: Cancellation): Record => {
  const receipt = "receipt" in success ? success.receipt : undefined
  const captured = "capturedAmount" in success ? success.capturedAmount : Option.none()
  const isCancelled = success._tag === "Cancelled" || success._tag === "AlreadyCancelled"
  return {
    ...blank,
    ...subject,
    outcome: isCancelled ? "Cancelled" : "Accepted",
    result: success._tag,
    settled: true,
    evidence: success.evidence,
    reference: Predicate.hasProperty(receipt, "reference") && typeof receipt.reference === "string" ? receipt.reference : null,
    mayBeAcceptedTwice: "mayBeAcceptedTwice" in success ? success.mayBeAcceptedTwice : null,
    capturedAmount: Option.getOrNull(Option.map(captured, ({ amount }) => amount)),
    currency: Option.getOrNull(Option.flatMap(captured, ({ currency }) => currency)),
    requestId: Option.getOrNull(success.requestId),
    attempts: success.attempts,
    at: DateTime.formatIso(success.observedAt)
  }
}

/** A field that most failures have, of the type that it has there. */
const stated = <A>(failure: Failure, field: string, is: (value: unknown) => value is A): A | null => {
  const value = Predicate.hasProperty(failure, field) ? failure[field] : undefined
  const inner = Option.isOption(value) ? Option.getOrUndefined(value) : value
  return is(inner) ? inner : null
}

/** The HTTP status of the last answer that left a cancel in doubt; null if none came. What was not answered after that takes nothing back. */
const doubtfulStatus = (history: ReadonlyArray<CancelError.Exchange>): number | null =>
  Option.getOrNull(Arr.last(Arr.filterMap(history, ({ evidence, httpStatus, operation }) =>
    operation === "Cancel" && evidence === "MaybeApplied" ? httpStatus : Option.none())))

const ofFailure = (subject: Subject, failure: Failure, at: DateTime.Utc): Record => {
  const retryAfter = stated(failure, "retryAfter", Duration.isDuration)
  return {
    ...blank,
    ...subject,
    outcome: failure.outcome,
    result: stated(failure, "_tag", Predicate.isString) ?? "",
    code: stated(failure, "code", Predicate.isString),
    category: failure.category,
    settled: CancelMany.isSettled(Either.left(failure)),
    paymentStatus: stated(failure, "paymentStatus", Predicate.isString),
    httpStatus: stated(failure, "httpStatus", Predicate.isNumber) ??
      (CancelError.isCancelError(failure) && failure.outcome === "Unknown" ? doubtfulStatus(failure.history) : null),
    requestId: stated(failure, "requestId", Predicate.isString),
    retryAfter: retryAfter === null ? null : Duration.toMillis(retryAfter),
    attempts: stated(failure, "attempts", Predicate.isNumber),
    at: DateTime.formatIso(at)
  }
}

/** How a cancel ended. */
export const of = (subject: Subject, result: Either.Either<Cancellation, Failure>, at: DateTime.Utc): Record =>
  Either.match(result, {
    onLeft: (failure) => ofFailure(subject, failure, at),
    onRight: (success) => ofSuccess(subject, success)
  })

/** What is counted under one name: what was not begun is neither cancelled nor refused. */
export type Ending = Outcome | "NotBegun"

export const isNotBegun = (result: string): boolean => result === "NotBegun" || result === "CancelMany.NotBegun"

export const endingOf = ({ outcome, result }: Pick<Record, "outcome" | "result">): Ending =>
  outcome === "NotCancelled" && isNotBegun(result) ? "NotBegun" : outcome

/** Failures that are true of the payment whatever was sent before. */
const certain: ReadonlySet<string | null> = new Set<CancelError.Category>(["NotFound", "NotCancellable"])

/**
 * The same where an earlier run may have cancelled the payment. What this run was told of itself, of the way or of the
 * credentials does not clear that up.
 */
export const afterDoubt = (record: Record): Record =>
  record.outcome !== "NotCancelled" || certain.has(record.category) ? record : { ...record, outcome: "Unknown", settled: false }

/**
 * The HTTP status of the answer that left a payment in doubt; null if there was none. What no request was sent for
 * may state one as well: that of another payment's, which is why it was not begun.
 */
export const doubtfulAnswer = ({ attempts, httpStatus, outcome }: Pick<Record, "attempts" | "httpStatus" | "outcome">): number | null =>
  outcome === "Unknown" && attempts !== null && attempts > 0 ? httpStatus : null

/**
 * The same with what the provider's support asks for of the last known answer, where a payment is still in doubt and this
 * run sent nothing for it, or was not answered. Only an answer that left it in doubt may stand beside a request of this run.
 */
export const keeping = (record: Record, { httpStatus, requestId }: Record, answers: ReadonlyArray<number>): Record => {
  if (record.outcome !== "Unknown" || (httpStatus === null && requestId === null)) return record
  const isKept = record.attempts === null || record.attempts === 0 ||
    (record.httpStatus === null && record.requestId === null && httpStatus !== null && answers.includes(httpStatus))
  return isKept ? { ...record, httpStatus, requestId } : record
}

/**
 * What earlier runs left in doubt: one of them was killed, or ended with what the journal says. An answer may be worse
 * than none: sending again what was answered with a 5xx has a licence of its own.
 */
export const earlierOf = (answers: ReadonlyArray<number>, at: DateTime.Utc): ReadonlyArray<Earlier> => [
  "Crash",
  ...answers.map((httpStatus): Earlier => ({
    outcome: "Unknown",
    history: [{
      operation: "Cancel",
      evidence: "MaybeApplied",
      explanation: "",
      httpStatus: Option.some(httpStatus),
      code: Option.none(),
      paymentStatus: Option.none(),
      at
    }]
  }))
]

/** A cancel that was cut short: what was sent of it may count, whatever it had come to. */
export const ofInterrupted = (subject: Subject, event: CancelEvent.Interrupted): Record => ({
  ...blank,
  ...subject,
  outcome: event.outcome ?? "Unknown",
  result: event._tag,
  settled: false,
  httpStatus: doubtfulStatus(event.history),
  attempts: event.attempts,
  at: DateTime.formatIso(event.at)
})

/** A cancel that was begun, and how it ended was not recorded. */
export const notRecorded = (subject: Subject): Record => ({
  ...blank,
  ...subject,
  outcome: "Unknown",
  result: "NotRecorded",
  settled: false
})

/** A payment whose turn has not come. */
export const notBegun = (subject: Subject): Record => ({
  ...blank,
  ...subject,
  outcome: "NotCancelled",
  result: "NotBegun",
  settled: false
})
