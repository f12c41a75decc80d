/**
 * What a verdict becomes for the caller: one success, or one typed error.
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as CancelError from "../CancelError.js"
import type { Catalogue } from "../authoring/Errors.js"
import type { ProofFacts, Successes } from "../authoring/Successes.js"
import type { Vocabulary } from "../authoring/Answer.js"
import type { Verdict } from "./decision.js"
import { codeOf, type Stated, type Trace } from "./evidence.js"

/** The cancel that a verdict is about. */
export interface Case<A, E, V extends Vocabulary> {
  readonly provider: string
  readonly paymentId: string
  readonly identifiedBy: CancelError.IdentifiedBy
  readonly idempotencyKey: string
  readonly catalogue: Catalogue<E>
  readonly successes: Successes<A, V>
  /** Null where there is no status query. */
  readonly status: object | null
}

/**
 * What is known besides the verdict once a cancel has come to its end. `retryAfter` is what the
 * last answer asked for, be it not the one that the verdict rests on.
 */
export interface Ending {
  readonly attempts: number
  readonly retryAfter: Option.Option<Duration.Duration>
  readonly history: ReadonlyArray<CancelError.Exchange>
  readonly at: DateTime.Utc
}

/** What an error is made from is put together here, and fits: checking it would take most of the time. */
export const unchecked = true

const statusIn = (stated: Option.Option<Stated<Vocabulary>>): Option.Option<string> =>
  Option.map(stated, ({ payment }) => payment.status)

/** What the status showed of a cancel that is unknown all the same. */
const shownByStatus = (paymentStatus: Option.Option<string>, history: Ending["history"]): string => {
  if (Option.isSome(paymentStatus)) return `; the payment's status is ${paymentStatus.value}, which settles nothing yet`
  return history.some(({ operation }) => operation === "Status") ? "; its status could not be read either" : ""
}

const settleLater = (status: object | null): string =>
  `Settle it later, ${status !== null ? "by the payment's status or " : ""}by the same cancel with the same key`

/**
 * Turns a verdict into what the caller receives.
 */
export const conclude = <A, E, V extends Vocabulary>(
  { catalogue, idempotencyKey, identifiedBy, paymentId, provider, status, successes }: Case<A, E, V>,
  verdict: Verdict<E, V>,
  ending: Ending
): Either.Either<A, E | CancelError.Shared> => {
  const facts = ({ requestId }: Trace): ProofFacts => ({
    paymentId,
    identifiedBy,
    attempts: ending.attempts,
    observedAt: ending.at,
    requestId
  })
  const report = (message: string, trace: Trace, paymentStatus: Option.Option<string>, advice = ""): CancelError.Report => ({
    message: Option.match(Option.flatMapNullable(trace.refusal, (refusal) => refusal.message), {
      onNone: () => `${provider}: ${message}`,
      onSome: (words) => `${provider}: ${message} (${words})`
    }) + advice,
    paymentId,
    identifiedBy,
    httpStatus: trace.httpStatus,
    requestId: trace.requestId,
    details: Option.flatMapNullable(trace.refusal, ({ details }) => details),
    paymentStatus,
    retryAfter: Option.orElse(ending.retryAfter, () => trace.retryAfter),
    idempotencyKey,
    attempts: ending.attempts,
    history: ending.history
  })

  switch (verdict._tag) {
    case "Proved": {
      const { afterDoubt, evidence } = verdict
      return Either.right(
        evidence._tag === "Accepted"
          ? successes.accepted(facts(evidence.trace), evidence.receipt, afterDoubt)
          : successes.acknowledged(facts(evidence.trace), evidence.payment)
      )
    }
    case "ReadAsCancelled":
      return Either.right(
        verdict.maybeOurs
          ? successes.cancelledMaybeByUs(facts(verdict.stated.trace), verdict.stated.payment)
          : successes.alreadyCancelled(facts(verdict.stated.trace), verdict.stated.payment)
      )
    case "ReadAsClosed":
      return Either.left(
        new CancelError.NoLongerCancellable({
          provider,
          ...report(
            `the payment is ${verdict.stated.payment.status} and can no longer be cancelled`,
            verdict.stated.trace,
            Option.some(verdict.stated.payment.status)
          )
        }, unchecked)
      )
    case "Refused": {
      const { entry, trace } = verdict.evidence
      return Either.left(Option.match(entry, {
        onNone: () => {
          const code = codeOf(trace)
          const how = code === null ? "without a code" : "with a code that is not listed"
          return catalogue.unrecognized(
            { code, ...report(`the cancel was refused ${how}`, trace, statusIn(verdict.stated)) },
            trace.standsFor
          )
        },
        onSome: ({ make, row }) => make(report(row.meaning, trace, statusIn(verdict.stated)))
      }))
    }
    case "NotSent": {
      const { entry, trace } = verdict.evidence
      const why = Option.match(entry, { onNone: () => trace.explanation, onSome: ({ row }) => row.meaning })
      const unsent = report(`the cancel was not sent: ${why}`, trace, Option.none())
      return Either.left(Option.match(entry, {
        onNone: () => new CancelError.NotSent({ provider, ...unsent }, unchecked),
        onSome: ({ make }) => make(unsent)
      }))
    }
    case "Unknown": {
      const { doubt, entry, trace } = verdict.evidence
      const paymentStatus = statusIn(verdict.stated)
      const unknown = `whether the payment is cancelled is unknown: ${trace.explanation}`
      if (Option.isSome(entry)) {
        const { make, row } = entry.value
        const shown = doubt === "Unconfirmed"
          ? Option.match(paymentStatus, { onNone: () => ", and its status could not be read", onSome: (status) => `, but its status is ${status}` })
          : ""
        return Either.left(make(report(row.meaning + shown, trace, paymentStatus)))
      }
      const unsettled = report(unknown, trace, paymentStatus, `${shownByStatus(paymentStatus, ending.history)}. ${settleLater(status)}`)
      return Either.left(
        doubt === "NoAnswer"
          ? new CancelError.NoResponse({ provider, ...unsettled }, unchecked)
          : new CancelError.UnexpectedResponse({ provider, code: codeOf(trace), ...unsettled }, unchecked)
      )
    }
  }
}
