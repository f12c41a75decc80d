/**
 * What is true of a durable cancel by all that was heard of it, and whether there is anything left to wait for: pure
 * functions of what calls, status queries and notifications came to. Nothing here sends, waits, writes down or reads a clock.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Earlier } from "../Cancel.js"
import type * as Cancellation from "../Cancellation.js"
import type * as CancelError from "../CancelError.js"
import { isSettled } from "../CancelMany.js"
import { NoLongerCancellable } from "../CancelError.js"
import * as Notification from "../Notification.js"
import type { PaymentStatus } from "../PaymentStatus.js"
import type { State, Subject } from "./CancelRecords.js"
import { Declined, Unsettled } from "./Settlement.js"

/** How a durable cancel ends, whichever provider's it is. */
export type AnySettled = Cancellation.Cancellation | Cancellation.Cancelled<string, never, "Notification"> | Notification.Refunded<string>
export type AnyFailure = CancelError.Any
export type Ended = Either.Either<AnySettled, AnyFailure>

export type Accepted = Cancellation.CancellationAccepted<string, unknown>

/** What one call came to, and a mark that only the process that wrote it down knows to be unused. */
export interface Look {
  readonly version: 1
  readonly at: DateTime.Utc
  /** Until it is given up, by what held then: what was not given up goes on, whatever holds when it is carried through again. */
  readonly left: Option.Option<Duration.Duration>
  readonly result: Either.Either<Cancellation.Cancellation, CancelError.Any>
  /** The status that was read after the cancel was accepted. */
  readonly paymentStatus: Option.Option<string>
  /** How long the last answer asked to wait: a success does not say so, nor does a status query that failed. */
  readonly asked: Option.Option<Duration.Duration>
  readonly afterCrash: boolean
  readonly next: string
}

/** A notification, with what captures had taken before: none of a provider whose notifications state none. */
export interface Told extends Notification.CancelNotification<string> {
  readonly capturedAmount: Option.Option<Cancellation.Amount>
}

/** Nothing to do but wait: what for, and what is doubtful until then. */
export interface Waiting {
  readonly state: Extract<State, "Working" | "InDoubt" | "Accepted">
  readonly asked: Duration.Duration
}

/** The cancel that an error is about, when it was begun, and under which key it is sent. */
export interface Undertaking {
  readonly subject: Subject
  readonly since: DateTime.Utc
  readonly idempotencyKey: string
}

export const tagOf = (value: object): string => Predicate.hasProperty(value, "_tag") && typeof value._tag === "string" ? value._tag : ""

export const isAccepted = (success: Cancellation.Cancellation): success is Accepted => success._tag === "CancellationAccepted"

/** Of a payment named otherwise than by its id there may be none: its authorization did not come so far. */
export const isUncreated = ({ category, identifiedBy }: CancelError.Any): boolean => category === "NotFound" && identifiedBy !== "PaymentId"

/** Nothing but other credentials, or more that these may do, makes a further call come to anything else. */
export const refusesCredentials = (result: object): boolean =>
  Predicate.hasProperty(result, "category") && (result.category === "Unauthenticated" || result.category === "Forbidden")

// ---------------------------------------------------------------------------------------
// calls
// ---------------------------------------------------------------------------------------

/** What a call says by itself: the end, or what is waited for. What was about the time, the way or the credentials is tried again. */
export const judge = (result: Look["result"]): Either.Either<Ended, Waiting> =>
  Either.match(result, {
    onLeft: (error) => {
      const asked = Option.getOrElse(error.retryAfter, () => Duration.zero)
      if (error.outcome === "Unknown") return Either.left({ state: "InDoubt", asked })
      return isSettled(result) ? Either.right(Either.left(error)) : Either.left({ state: "Working", asked })
    },
    onRight: (success) =>
      isAccepted(success)
        ? Either.left({ state: "Accepted", asked: Duration.zero })
        : Either.right(Either.right(success))
  })

/** Whether a call died after each of its requests was refused, or not sent. */
const diedRefused = (error: CancelError.Any): boolean => {
  if (!(error instanceof Unsettled)) return false
  const sent = error.history.filter(({ operation }) => operation === "Cancel")
  return sent.length === error.attempts && sent.every(({ evidence }) => evidence === "Refused" || evidence === "NotSent")
}

/** What a call left in doubt. What one that sent nothing is in doubt about, it has from those before it. */
export const doubtsOf = ({ afterCrash, result }: Look): ReadonlyArray<Earlier> => [
  ...afterCrash ? ["Crash" as const] : [],
  ...Either.isLeft(result) && result.left.outcome === "Unknown" && result.left.attempts > 0 && !diedRefused(result.left) ? [result.left] : []
]

// ---------------------------------------------------------------------------------------
// a cancel that was accepted, and what is heard of it afterwards
// ---------------------------------------------------------------------------------------

/** What every error about a cancel that was accepted reports, whatever came of it. */
const reportOf = ({ attempts, identifiedBy, paymentId, provider, requestId }: Cancellation.Cancellation, idempotencyKey: string) => ({
  provider,
  paymentId,
  identifiedBy,
  httpStatus: Option.none(),
  requestId,
  details: Option.none(),
  paymentStatus: Option.none(),
  retryAfter: Option.none(),
  idempotencyKey,
  attempts,
  history: []
})

/** What a status says about a cancel that was accepted: as the cancel itself would have been told. */
export const judgeStatus = (accepted: Accepted, { capturedAmount, observedAt, requestId, standing, status }: PaymentStatus<string>, idempotencyKey: string): Look["result"] => {
  const { attempts, identifiedBy, paymentId, provider } = accepted
  if (Option.contains(standing, "Cancelled")) {
    return Either.right({
      _tag: "Cancelled",
      provider,
      paymentId,
      identifiedBy,
      evidence: "StatusQuery",
      attempts,
      observedAt,
      requestId,
      cancelledAt: Option.none(),
      reason: Option.none(),
      capturedAmount,
      payload: Option.none()
    })
  }
  return Option.contains(standing, "Closed")
    ? Either.left(
      new NoLongerCancellable({
        ...reportOf(accepted, idempotencyKey),
        message: `${provider}: the cancel was accepted, and the payment is ${status} and can no longer be cancelled`,
        requestId,
        paymentStatus: Option.some(status)
      })
    )
    : Either.right(accepted)
}

/**
 * A verified notification says that this very payment is cancelled, whichever request it is about: proof that it is, and
 * not of who did it. Where a payment goes by another name than its id, another payment may have the same name.
 */
const cancelledBy = (
  told: Told,
  { attempts, identifiedBy, paymentId, provider, requestId }: Cancellation.Cancellation | CancelError.Any
): Option.Option<AnySettled> =>
  told.decision === "Cancelled" && told.provider === provider && identifiedBy === "PaymentId" && told.paymentId === paymentId
    ? Option.some({
      _tag: "Cancelled",
      provider,
      paymentId,
      identifiedBy,
      evidence: "Notification",
      attempts,
      observedAt: told.receivedAt,
      requestId,
      cancelledAt: told.occurredAt,
      reason: told.reason,
      capturedAmount: told.capturedAmount,
      payload: Option.none()
    })
    : Option.none()

const HasReference = Schema.Struct({ reference: Schema.String })

/** What a verified notification says to whoever waits after a call; none if it settles nothing. */
export const judgeNotification = (
  { result }: Look,
  told: Told,
  idempotencyKey: string
): Option.Option<Ended> =>
  Either.match(result, {
    onRight: (success) => {
      if (!isAccepted(success)) return Option.none()
      // Of what is cancelled already, a further cancel is accepted all the same, and then declined.
      const cancelled = cancelledBy(told, success)
      if (Option.isSome(cancelled)) return Option.some(Either.right(cancelled.value))
      if (!Schema.is(HasReference)(success.receipt)) return Option.none()
      const confirmation = Notification.confirm({ ...success, receipt: success.receipt }, told)
      switch (confirmation._tag) {
        case "Unrelated":
          return Option.none()
        case "CancellationDeclined":
          // While another request of ours may have been accepted too, it is that one's notification that counts.
          return confirmation.outcome === "Unknown" ? Option.none() : Option.some(Either.left(
            new Declined({
              ...reportOf(success, idempotencyKey),
              message: `${success.provider}: the cancel was accepted, and then declined${
                Option.match(confirmation.reason, { onNone: () => "", onSome: (why) => `: ${why}` })
              }`
            })
          ))
        default:
          return Option.some(Either.right(confirmation))
      }
    },
    // The answer is lost, and with it the name of the request.
    onLeft: (error) => error.outcome === "Unknown" ? Option.map(cancelledBy(told, error), Either.right) : Option.none()
  })

// ---------------------------------------------------------------------------------------
// the end without an answer
// ---------------------------------------------------------------------------------------

/** After the time that was given. */
export const giveUp = (look: Look, { idempotencyKey, since }: Undertaking): AnyFailure => {
  const unsettled = "it is not known what became of it in the time that was given, and a person has to find out"
  return Either.match(look.result, {
    // What is certain stays certain.
    onLeft: (error) =>
      error.outcome === "NotCancelled" ? error : new Unsettled({
        provider: error.provider,
        code: error.code,
        message: `${error.message}; ${unsettled}`,
        paymentId: error.paymentId,
        identifiedBy: error.identifiedBy,
        httpStatus: error.httpStatus,
        requestId: error.requestId,
        details: Option.none(),
        paymentStatus: error.paymentStatus,
        retryAfter: error.retryAfter,
        attempts: error.attempts,
        history: error.history,
        idempotencyKey,
        since,
        lastResult: error instanceof Unsettled ? error.lastResult : tagOf(error)
      }),
    onRight: (success) =>
      new Unsettled({
        ...reportOf(success, idempotencyKey),
        code: null,
        message: `${success.provider}: the cancel was accepted; ${unsettled}`,
        paymentStatus: look.paymentStatus,
        since,
        lastResult: success._tag
      })
  })
}

/** What a call that died says. What it died of may be anything, and is not kept. */
export const broken = (
  { idempotencyKey, since, subject }: Undertaking,
  exchanged: Option.Option<Pick<CancelError.Report, "attempts" | "history" | "retryAfter">>
): Unsettled =>
  new Unsettled({
    ...subject,
    code: null,
    message: `${subject.provider}: the cancel died of a defect`,
    httpStatus: Option.none(),
    requestId: Option.none(),
    details: Option.none(),
    paymentStatus: Option.none(),
    retryAfter: Option.none(),
    // Where nothing is known of what it had sent, it may have sent something.
    ...Option.getOrElse(exchanged, () => ({ attempts: 1, history: [] })),
    idempotencyKey,
    since,
    lastResult: "Defect"
  })
