/**
 * The next step of a cancel, and how long to wait before it, as a pure function of the evidence so far, the provider's
 * rules and the policy. Nothing here sends, waits or reads a clock.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { CancelPolicy } from "../CancelPolicy.js"
import type { Standing, Vocabulary } from "../authoring/Answer.js"
import type { Doubt, ResendLicence } from "../authoring/ResendLicence.js"
import { type CancelEvidence, notSent, type Stated, type StatusEvidence, type Trace } from "./evidence.js"

/** What a provider's declaration contributes to a decision. */
export interface Rules {
  readonly licence: ResendLicence
  readonly canReadStatus: boolean
}

/** One cancel request and the status queries that followed it. */
export interface Round<E, V extends Vocabulary> {
  readonly cancel: CancelEvidence<E, V>
  readonly reads: ReadonlyArray<StatusEvidence<V>>
}

/**
 * Everything a decision rests on.
 *
 * - `elapsed`: milliseconds since the cancel began; never decreases.
 * - `jitter`: a random number from 0 to 1, drawn for this decision.
 */
export interface Situation<E, V extends Vocabulary> {
  readonly rules: Rules
  readonly policy: CancelPolicy
  readonly rounds: ReadonlyArray<Round<E, V>>
  readonly elapsed: number
  readonly jitter: number
}

type Doubtful<E, V extends Vocabulary> = Extract<CancelEvidence<E, V>, { _tag: "MaybeApplied" }>
type Refused<E, V extends Vocabulary> = Extract<CancelEvidence<E, V>, { _tag: "Refused" }>
type Proved<E, V extends Vocabulary> = Extract<CancelEvidence<E, V>, { _tag: "Acknowledged" | "Accepted" }>
type Unsent<E, V extends Vocabulary> = Extract<CancelEvidence<E, V>, { _tag: "NotSent" }>

/** What is established in the end. */
export type Verdict<E, V extends Vocabulary> =
  | { readonly _tag: "Proved"; readonly evidence: Proved<E, V>; readonly afterDoubt: boolean }
  | { readonly _tag: "ReadAsCancelled"; readonly stated: Stated<V>; readonly maybeOurs: boolean }
  | { readonly _tag: "ReadAsClosed"; readonly stated: Stated<V> }
  | { readonly _tag: "Refused"; readonly evidence: Refused<E, V>; readonly stated: Option.Option<Stated<V>> }
  | { readonly _tag: "NotSent"; readonly evidence: Unsent<E, V> }
  | { readonly _tag: "Unknown"; readonly evidence: Doubtful<E, V>; readonly stated: Option.Option<Stated<V>> }

/** One more exchange, after a delay and within a timeout, both in milliseconds. */
export interface Action {
  readonly _tag: "Send" | "ReadStatus"
  readonly delay: number
  readonly timeout: number
}

/** What to do next. */
export type Step<E, V extends Vocabulary> = Action | { readonly _tag: "Settle"; readonly verdict: Verdict<E, V> }

/** The decision itself; replaceable, so that tests can break it on purpose. */
export type Decide = <E, V extends Vocabulary>(situation: Situation<E, V>) => Step<E, V>

/** Doubts that a resend answers best; the others are better cleared up by reading the status. */
const resendAtOnce: ReadonlyArray<Doubt> = ["NoAnswer", "ServerError", "StillRunning"]

/** The share of the deadline that is kept back for the last status query, at most. */
const reservedShare = 0.25

/** The time, in milliseconds, that is kept back for the last status query. */
export const reservedTime = (rules: Rules, policy: CancelPolicy): number =>
  rules.canReadStatus ? Math.min(policy.statusTimeout, Math.ceil(policy.deadline * reservedShare)) : 0

/** What has to be left for an exchange after a wait that was asked for, in milliseconds: at most this. */
const usefulTime = 1000

/** The same as a share of the deadline, at most. */
const usefulShare = 0.1

/**
 * The least time, in milliseconds, that an exchange has to have after a wait that the provider
 * asked for. With less, the wait would be for nothing; and a cancel that was refused, and is cut
 * short when it is sent again, is one of which nothing is known any more.
 */
const leastAfter = ({ retryAfter }: Trace, timeout: number, { deadline }: CancelPolicy): number =>
  Option.exists(retryAfter, (asked) => Duration.toMillis(asked) > 0)
    ? Math.min(timeout, usefulTime, Math.ceil(deadline * usefulShare))
    : 1

const isDoubtful = <E, V extends Vocabulary>(evidence: CancelEvidence<E, V>): evidence is Doubtful<E, V> =>
  evidence._tag === "MaybeApplied"

/**
 * The policy's wait before the next request, in whole milliseconds; `nth` counts from zero.
 * Whole, because a `TestClock` that stands at a fraction of one cannot say how many nanoseconds
 * that is.
 */
const backoffBefore = (
  { jitter, policy }: { readonly policy: CancelPolicy; readonly jitter: number },
  nth: number
): number => {
  const { factor, initial, jitter: share, maximum } = policy.backoff
  return Math.ceil(Math.min(maximum, initial * factor ** nth) * (1 - share * jitter))
}

/**
 * How long to wait before anything more is sent, in whole milliseconds: what was `planned`, or
 * what the last answer asked for, if that is longer. None where it asked for more than the
 * policy allows: then nothing more is sent at all, for what is sent earlier than asked is just
 * what the provider does not want.
 */
const waitFor = (
  planned: number,
  { retryAfter }: Trace,
  { maximumRetryAfter }: CancelPolicy
): Option.Option<number> => {
  const asked = Option.match(retryAfter, { onNone: () => 0, onSome: Duration.toMillis })
  return asked > maximumRetryAfter ? Option.none() : Option.some(Math.max(planned, Math.ceil(asked)))
}

/**
 * How long to wait before a status is asked for again outside of a cancel, with `left`
 * milliseconds to the deadline; none where the last answer asked for more than the policy or the
 * deadline allows.
 */
export const waitBeforeStatus = (
  situation: { readonly policy: CancelPolicy; readonly jitter: number; readonly left: number },
  nth: number,
  trace: Trace
): Option.Option<number> =>
  Option.filter(
    waitFor(backoffBefore(situation, nth), trace, situation.policy),
    (delay) => situation.left - delay >= leastAfter(trace, situation.policy.statusTimeout, situation.policy)
  )

/** What the exchange that came last left behind: its answer is the one whose wish still holds. */
export const lastTrace = <E, V extends Vocabulary>(rounds: ReadonlyArray<Round<E, V>>): Option.Option<Trace> =>
  Option.map(Option.fromNullable(rounds.at(-1)), ({ cancel, reads }) => (reads.at(-1) ?? cancel).trace)

/** What a round last stated about the payment, in the cancel's own answer or to a status query. */
const statedIn = <E, V extends Vocabulary>({ cancel, reads }: Round<E, V>): Option.Option<Stated<V>> => {
  const read = reads.findLast((evidence) => evidence._tag === "StatusRead")
  if (read !== undefined) return Option.some(read.stated)
  return "stated" in cancel ? cancel.stated : Option.none()
}

/**
 * Whether a status query decided, once it is settled: the last thing that was done is that one was answered, and with a status
 * that settles a cancel. What an answer to the cancel stated itself, and a refusal that is believed whatever was read, is not this.
 */
export const isSettledByStatusQuery = <E, V extends Vocabulary>(rounds: ReadonlyArray<Round<E, V>>): boolean => {
  const last = rounds.at(-1)?.reads.at(-1)
  return last?._tag === "StatusRead" && Option.exists(last.stated.standing, (standing) => standing !== "Cancellable")
}

/** One more exchange, if there is time for it after the wait that was planned, or that was asked for. */
const act = <E, V extends Vocabulary>(
  { elapsed, policy, rounds, rules }: Situation<E, V>,
  _tag: Action["_tag"],
  planned: number
): Option.Option<Action> => {
  const isSend = _tag === "Send"
  const left = Math.floor(policy.deadline - elapsed) - (isSend ? reservedTime(rules, policy) : 0)
  const longest = isSend ? policy.attemptTimeout : policy.statusTimeout
  const last = lastTrace(rounds)
  const wait = Option.isNone(last) ? Option.some(planned) : waitFor(planned, last.value, policy)
  const least = Option.isNone(last) ? 1 : leastAfter(last.value, longest, policy)
  return Option.flatMap(wait, (delay) => {
    const budget = left - delay
    return budget >= least ? Option.some({ _tag, delay, timeout: Math.min(longest, budget) }) : Option.none()
  })
}

const send = <E, V extends Vocabulary>(situation: Situation<E, V>, planned: number): Option.Option<Action> =>
  situation.rounds.length < situation.policy.attempts ? act(situation, "Send", planned) : Option.none()

/**
 * Decides the next step.
 *
 * The order of the rules matters: first what is proved, then what a doubt allows, and only
 * where there never was a doubt, what a refusal means.
 */
export const decide: Decide = <E, V extends Vocabulary>(situation: Situation<E, V>): Step<E, V> => {
  const { rounds } = situation
  const round = rounds.at(-1)
  if (round === undefined) {
    return Option.getOrElse(send(situation, 0), () => settle<E, V>({ _tag: "NotSent", evidence: tooLate }))
  }
  // What is proved settles the cancel.
  return round.cancel._tag === "Acknowledged"
    ? settle({ _tag: "Proved", evidence: round.cancel, afterDoubt: rounds.some((_) => isDoubtful(_.cancel)) })
    : decideAfter(situation, round.reads, round.cancel)
}

const settle = <E, V extends Vocabulary>(verdict: Verdict<E, V>): Step<E, V> => ({ _tag: "Settle", verdict })

/** Decides the next step after a request that was not acknowledged. */
const decideAfter = <E, V extends Vocabulary>(
  situation: Situation<E, V>,
  reads: Round<E, V>["reads"],
  cancel: Exclude<CancelEvidence<E, V>, { readonly _tag: "Acknowledged" }>
): Step<E, V> => {
  const { policy, rounds, rules } = situation
  const doubts = rounds.map((_) => _.cancel).filter(isDoubtful)
  const stated = statedIn({ cancel, reads })
  const standing = Option.flatMap(stated, (_) => _.standing)
  const lastStated = rounds.map(statedIn).findLast(Option.isSome) ?? Option.none()

  const readSoon = (): Option.Option<Action> =>
    rules.canReadStatus && reads.length < policy.statusReads
      ? act(situation, "ReadStatus", reads.length === 0 ? 0 : backoffBefore(situation, reads.length - 1))
      : Option.none()

  if (Option.isSome(stated) && Option.contains(standing, "Cancelled")) {
    return settle({ _tag: "ReadAsCancelled", stated: stated.value, maybeOurs: doubts.length > 0 || cancel._tag === "Accepted" })
  }
  if (Option.isSome(stated) && Option.contains(standing, "Closed")) {
    return cancel._tag === "Refused" && cancel.about === "Payment"
      ? settle({ _tag: "Refused", evidence: cancel, stated })
      : settle({ _tag: "ReadAsClosed", stated: stated.value })
  }

  // What became of an accepted request the status shows, sooner or later; until then it stays accepted.
  if (cancel._tag === "Accepted") {
    return Option.getOrElse(readSoon(), () => settle({ _tag: "Proved", evidence: cancel, afterDoubt: doubts.length > 0 }))
  }

  const resend = () => send(situation, backoffBefore(situation, rounds.length - 1))

  // Unknown sticks: a request that may have been applied is settled by nothing but a proof.
  const clearUp = (doubt: Doubtful<E, V>, worthAnother: boolean): Step<E, V> => {
    const licensed = doubts.every((each) =>
      Option.getOrElse(each.sendAgain, () => rules.licence.after.includes(each.doubt)))
    return (licensed && worthAnother ? resend() : nothing).pipe(
      Option.orElse(readSoon),
      Option.getOrElse(() => settle({ _tag: "Unknown", evidence: doubt, stated: lastStated }))
    )
  }
  // Without a doubt, a refusal is what the caller is told, once the status was read.
  const believe = (refused: Refused<E, V>, worthAnother: boolean): Step<E, V> =>
    (worthAnother ? resend() : nothing).pipe(
      Option.orElse(() => needsStatus(refused, reads, standing) ? readSoon() : nothing),
      Option.getOrElse(() => settle({ _tag: "Refused", evidence: refused, stated: lastStated }))
    )
  const earlierDoubt = doubts.at(-1)
  const earlierRefusal = rounds.map((_) => _.cancel).findLast((_) => _._tag === "Refused")
  switch (cancel._tag) {
    case "MaybeApplied":
      return clearUp(cancel, !rules.canReadStatus || reads.length > 0 || resendAtOnce.includes(cancel.doubt))
    case "NotSent":
      if (earlierDoubt !== undefined) return clearUp(earlierDoubt, cancel.transient)
      if (earlierRefusal !== undefined) return believe(earlierRefusal, cancel.transient)
      return (cancel.transient ? resend() : nothing).pipe(
        Option.getOrElse(() => settle<E, V>({ _tag: "NotSent", evidence: cancel }))
      )
    case "Refused":
      return earlierDoubt === undefined
        ? believe(cancel, cancel.tryAgain)
        : clearUp(earlierDoubt, cancel.tryAgain || (cancel.about === "Payment" && reads.length > 0 && !saysNo(cancel)))
  }
}

const tooLate = notSent("the deadline was over before the request could be sent", false)

const nothing: Option.Option<Action> = Option.none()

/** An answer that says itself that the request is not to be sent again is obeyed, whatever else would allow it. */
const saysNo = <E, V extends Vocabulary>({ sendAgain }: Refused<E, V>): boolean => Option.contains(sendAgain, false)

/**
 * Before a refusal about the payment is believed, the status is read; where it contradicts the
 * refusal (a race, a lagging replica), it is read once more, after a pause.
 */
const needsStatus = <E, V extends Vocabulary>(
  refused: Refused<E, V>,
  reads: ReadonlyArray<StatusEvidence<V>>,
  standing: Option.Option<Standing>
): boolean => {
  const statements = reads.filter((evidence) => evidence._tag === "StatusRead").length +
    (Option.isSome(refused.stated) ? 1 : 0)
  return refused.about === "Payment" && statements < (Option.contains(standing, "Cancellable") ? 2 : 1)
}
