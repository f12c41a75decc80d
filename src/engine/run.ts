/**
 * The loop that carries one cancel through: ask for the next step, take it, keep the
 * evidence, until it settles. It reports what happens, and what is left unknown when it is
 * cut short.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import { Admission, type DeclaredLimits } from "../Admission.js"
import type * as CancelError from "../CancelError.js"
import type { CancelPolicy } from "../CancelPolicy.js"
import * as FetchOnce from "../FetchOnce.js"
import type { Vocabulary } from "../authoring/Answer.js"
import type { ResendLicence } from "../authoring/ResendLicence.js"
import { asking, outcomeOf } from "./admission.js"
import type { Authorizer, Fetched, Fetching, Session } from "./authorizer.js"
import type { Restore } from "./awaitAtMost.js"
import * as Decision from "./decision.js"
import { EarlierDoubts, earlierRound } from "./earlier.js"
import * as Evidence from "./evidence.js"
import * as Exchange from "./exchange.js"
import { after, makePublish } from "./publish.js"
import { type Case, conclude } from "./settlement.js"
import { stopwatch } from "./stopwatch.js"
import { now } from "./surroundings.js"
import * as Telemetry from "./telemetry.js"
import { judgeTransport } from "./transport.js"

/**
 * The parts of the engine that decide what is true. Replaceable, so that a test can break
 * each promise in turn and show that it is caught.
 */
export class EngineParts extends Context.Reference<EngineParts>()("effect-payment-cancel/engine/EngineParts", {
  defaultValue: (): { readonly decide: Decision.Decide; readonly judgeTransport: Exchange.JudgeTransport } => ({
    decide: Decision.decide,
    judgeTransport
  })
}) {}

/** One kind of request: the bytes that are sent, and what its answers are judged by. */
export interface Query<E, V extends Vocabulary> {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly judge: Evidence.Judge<E, V>
}

/** One logical cancel, ready to be carried through: every byte of it is fixed. */
export interface Plan<A, E, V extends Vocabulary> extends Case<A, E, V> {
  readonly client: HttpClient.HttpClient
  readonly policy: CancelPolicy
  readonly licence: ResendLicence
  readonly decode: Exchange.Decode
  readonly authorizer: Authorizer<E>
  readonly limits?: DeclaredLimits | undefined
  readonly cancel: Query<E, V>
  /** Made when it is needed, which is seldom. */
  readonly status: Option.Option<() => Query<E, V>>
}

type Judged<E, V extends Vocabulary> = Evidence.CancelEvidence<E, V> | Evidence.StatusEvidence<V> | Fetched<E>

/** How far a cancel has come. */
interface Progress<E, V extends Vocabulary> {
  rounds: ReadonlyArray<Decision.Round<E, V>>
  history: ReadonlyArray<CancelError.Exchange>
  inFlight: CancelError.Exchange["operation"] | null
}

const statusIn = <E, V extends Vocabulary>(judged: Judged<E, V>): Option.Option<string> => {
  switch (judged._tag) {
    case "Acknowledged":
      return Option.some(judged.payment.status)
    case "StatusRead":
      return Option.some(judged.stated.payment.status)
    case "MaybeApplied":
    case "Refused":
      return Option.map(judged.stated, ({ payment }) => payment.status)
    default:
      return Option.none()
  }
}

const historyEntry = <E, V extends Vocabulary>(
  operation: CancelError.Exchange["operation"],
  judged: Judged<E, V>,
  at: DateTime.Utc
): CancelError.Exchange => ({
  operation,
  evidence: judged._tag,
  explanation: judged.trace.explanation,
  httpStatus: judged.trace.httpStatus,
  code: Option.fromNullable(Evidence.codeOf(judged.trace)),
  paymentStatus: statusIn(judged),
  at
})

const withEvidence = <E, V extends Vocabulary>(
  rounds: ReadonlyArray<Decision.Round<E, V>>,
  judged: Judged<E, V>
): ReadonlyArray<Decision.Round<E, V>> => {
  switch (judged._tag) {
    case "Authorized":
    case "NotAuthorized":
      return rounds
    case "StatusRead":
    case "StatusUnread":
      return rounds.map((round, index) =>
        index === rounds.length - 1 ? { cancel: round.cancel, reads: [...round.reads, judged] } : round
      )
    default:
      return [...rounds, { cancel: judged, reads: [] }]
  }
}

/** What a request came to: it was not authorized, and so not sent; or it was given to the client. */
type Sent<E> = Evidence.NotAuthorized<E> | Exchange.Transmission

/** A token that is no longer accepted is replaced, and the request sent again: it was refused, and did nothing. */
const renewing = <E, V extends Vocabulary>(
  evidence: Evidence.CancelEvidence<E, V>,
  mayRenew: boolean
): Evidence.CancelEvidence<E, V> =>
  evidence._tag === "Refused" && mayRenew && Option.contains(evidence.trace.standsFor, 401) && Option.isNone(evidence.sendAgain)
    ? { ...evidence, tryAgain: true }
    : evidence

/** Nothing is to be done where the client sends as it sends. */
const deliveryBy = (deliver: FetchOnce.Deliver, { key }: ResendLicence): Effect.Effect<FetchOnce.Delivery> | undefined =>
  deliver === FetchOnce.plain ? undefined : deliver({ hasKey: key !== "None" })

/** Whether an answer asked for a wait of that length, which is then not only the policy's. */
export const isAskedFor = (delay: number) => ({ retryAfter }: Pick<Evidence.Trace, "retryAfter">): boolean =>
  Option.exists(retryAfter, (asked) => Duration.toMillis(asked) > 0 && Math.ceil(Duration.toMillis(asked)) >= delay)

/** Only what was refused or not sent cannot have cancelled the payment. */
const mayHaveCancelled = <E, V extends Vocabulary>({ inFlight, rounds }: Progress<E, V>): boolean =>
  inFlight === "Cancel" || rounds.some(({ cancel }) => cancel._tag !== "Refused" && cancel._tag !== "NotSent")

/** Whether this call has asked the same before, and was not answered well. A token that is renewed is no reason to hold anything back. */
const repeatsInVain = <E, V extends Vocabulary>(
  operation: "Cancel" | "Status",
  sent: number,
  last: Decision.Round<E, V> | undefined
): boolean =>
  operation === "Cancel"
    ? sent > 0 && last !== undefined && !Option.contains(last.cancel.trace.standsFor, 401)
    : last?.reads.at(-1)?._tag === "StatusUnread"

/** The bounds once a request was refused to leave: what may not be sent again is not asked for again. */
const withoutAnother = <E, V extends Vocabulary>(
  operation: "Cancel" | "Status",
  policy: CancelPolicy,
  rounds: ReadonlyArray<Decision.Round<E, V>>
): CancelPolicy =>
  operation === "Cancel"
    ? { ...policy, attempts: rounds.length }
    : { ...policy, statusReads: rounds.at(-1)?.reads.length ?? 0 }

/**
 * Carries one cancel through to its result.
 *
 * It must not be interrupted except where it waits, and restores that itself: for an answer, a delay,
 * a handler of events. So at any moment, what was performed is either recorded or known to be in
 * flight.
 */
export const run = <
  A extends { readonly _tag: string },
  E extends { readonly _tag: string; readonly outcome: CancelError.Outcome },
  V extends Vocabulary
>(plan: Plan<A, E, V>, watch: Telemetry.Watch, restore: Restore): Effect.Effect<A, E | CancelError.Shared> =>
  Effect.flatMap(plan.authorizer.session, (session) => carryThrough(plan, watch, session, restore))

const carryThrough = <
  A extends { readonly _tag: string },
  E extends { readonly _tag: string; readonly outcome: CancelError.Outcome },
  V extends Vocabulary
>(
  plan: Plan<A, E, V>,
  watch: Telemetry.Watch,
  session: Session<E>,
  restore: Restore
): Effect.Effect<A, E | CancelError.Shared> => {
  const { surroundings } = watch
  const { decide, judgeTransport } = Context.get(surroundings.context, EngineParts)
  const delivering = deliveryBy(Context.get(surroundings.context, FetchOnce.FetchOnce), plan.licence)
  const elapsed = stopwatch(surroundings.clock)
  const rules: Decision.Rules = { licence: plan.licence, canReadStatus: Option.isSome(plan.status) }
  const { deadline } = plan.policy
  const sendUntil = deadline - Decision.reservedTime(rules, plan.policy)
  const publish = makePublish(plan, surroundings, () => sendUntil - elapsed())
  const admission = Context.get(surroundings.context, Admission)
  const askForRoom = asking(admission, plan)
  const earlier: ReadonlyArray<Decision.Round<E, V>> = Context.get(surroundings.context, EarlierDoubts).map((doubt) =>
    earlierRound(doubt))
  /** How many cancel requests this call has sent. */
  const sent = () => progress.rounds.length - earlier.length
  // Less than the plan's, once a request was refused to leave.
  let policy = earlier.length === 0 ? plan.policy : { ...plan.policy, attempts: plan.policy.attempts + earlier.length }
  const progress: Progress<E, V> = { rounds: earlier, history: [], inFlight: null }

  /**
   * Performs one exchange, which can be interrupted where it waits, and records it. What was recorded
   * is told, outside of the span.
   */
  const record = <T, J extends Judged<E, V>>(
    upcoming: Telemetry.Upcoming,
    attempt: number,
    perform: Effect.Effect<T>,
    judge: (performed: T, now: number) => J
  ): Effect.Effect<J> => {
    const recorded = Effect.suspend(() => {
      progress.inFlight = upcoming.exchange
      return Effect.flatMap(perform, (performed) => {
        const at = now(surroundings)
        const judged = judge(performed, at.epochMillis)
        const entry = historyEntry(upcoming.exchange, judged, at)
        progress.rounds = withEvidence(progress.rounds, judged)
        progress.history = [...progress.history, entry]
        progress.inFlight = null
        Telemetry.exchanged(watch, entry)
        const recorded = { judged, entry }
        return admission === null
          ? Effect.succeed(recorded)
          : Effect.as(admission.ended(outcomeOf(upcoming.exchange, judged, at.epochMillis)), recorded)
      })
    })
    return Effect.flatMap(
      Telemetry.exchanging(watch, upcoming, recorded, ({ entry }) => entry),
      ({ entry, judged }) =>
        after(publish({ _tag: "ExchangeEnded", attempt, exchange: entry }, restore), () => Effect.succeed(judged))
    )
  }

  /** A token is fetched in an exchange of its own, within the time of the one that needs it. */
  const fetching = (attempt: number, timeout: number): Fetching<E> => (fetch, request) =>
    Effect.flatMap(
      restore(askForRoom({ operation: "Authorization", attempt, repeats: false }, timeout)),
      (room): Effect.Effect<Fetched<E>> =>
        room === "Admitted"
          ? after(publish({ _tag: "ExchangeStarted", operation: "Authorization", attempt }, restore), () =>
            record({ exchange: "Authorization", request }, attempt, restore(fetch), identity))
          : Effect.succeed(Evidence.notAuthorized(`there was no room for the request for a token within ${timeout} ms`, true))
    )

  /** `judge` is told whether a token that the provider no longer accepts is worth another try. */
  const exchange = (
    operation: "Cancel" | "Status",
    request: HttpClientRequest.HttpClientRequest,
    { attempt, timeout }: { readonly attempt: number; readonly timeout: number },
    judge: (sent: Sent<E>, now: number, mayRenew: boolean) => Judged<E, V>
  ): Effect.Effect<Judged<E, V>> => {
    const maximumBytes = plan.policy.maximumBodyBytes
    return session.exchange({
      request,
      bounds: { timeout, maximumBytes, judgeTransport },
      restore,
      fetching: fetching(attempt, timeout),
      send: (request, timeout, mayRenew) =>
        record(
          { exchange: operation, request },
          attempt,
          Exchange.exchange({
            client: plan.client,
            request,
            timeout,
            maximumBytes,
            judgeTransport,
            decode: plan.decode,
            delivering: operation === "Cancel" ? delivering : undefined,
            restore
          }),
          (transmission, now) => judge(transmission, now, mayRenew)
        ),
      unsent: (why) => record({ exchange: operation, request }, attempt, Effect.succeed(why), (_, now) => judge(_, now, false))
    })
  }

  const sendCancel = (bounds: { readonly attempt: number; readonly timeout: number }) =>
    exchange("Cancel", plan.cancel.request, bounds, (sent, now, mayRenew) =>
      sent._tag === "NotAuthorized"
        ? { ...sent, _tag: "NotSent" }
        : renewing(Evidence.judgeCancel(plan.cancel.judge, sent, now), mayRenew))

  const readStatus = (bounds: { readonly attempt: number; readonly timeout: number }) =>
    Option.match(plan.status, {
      onNone: () => Effect.dieMessage(`${plan.provider} has no status query`),
      onSome: (query) => {
        const { judge, request } = query()
        return exchange("Status", request, bounds, (sent, now) =>
          sent._tag === "NotAuthorized"
            ? { _tag: "StatusUnread", trace: sent.trace }
            : Evidence.judgeStatus(judge, sent, now))
      }
    })

  /** A handler's time is part of the wait, not on top of it. */
  const waitBefore = (operation: "Cancel" | "Status", { delay }: Decision.Action, decidedAt: number): Effect.Effect<void> => {
    if (delay <= 0) return Effect.void
    Telemetry.waiting(watch, operation, delay, Option.exists(Decision.lastTrace(progress.rounds), isAskedFor(delay)))
    return after(publish({ _tag: "Waiting", before: operation, delay: Duration.millis(delay) }, restore), () =>
      restore(Effect.sleep(Duration.millis(Math.max(0, Math.ceil(delay - (elapsed() - decidedAt))))))
    )
  }

  const take = (action: Decision.Action, decidedAt: number): Effect.Effect<unknown> => {
    const operation = action._tag === "Send" ? "Cancel" : "Status"
    Telemetry.decided(watch, operation)
    // What a wait or a handler took comes off the time that is left, and so off the exchange
    // only where there is no other time. If nothing is left, the next step is another one.
    const whileTimeIsLeft = (next: (left: number) => Effect.Effect<unknown>) => (): Effect.Effect<unknown> => {
      const now = elapsed()
      const left = Math.floor((action._tag === "Send" ? sendUntil : deadline) - now)
      return left <= 0 && now > decidedAt ? Effect.void : next(Math.max(1, left))
    }
    const send = (attempt: number) =>
      after(publish({ _tag: "ExchangeStarted", operation, attempt }, restore), whileTimeIsLeft((left) => {
        const bounds = { attempt, timeout: Math.min(action.timeout, left) }
        return operation === "Cancel" ? sendCancel(bounds) : readStatus(bounds)
      }))
    return after(waitBefore(operation, action, decidedAt), whileTimeIsLeft((left) => {
      const { rounds } = progress
      const attempt = operation === "Cancel" ? sent() + 1 : sent()
      if (admission === null) return send(attempt)
      const room = askForRoom({ operation, attempt, repeats: repeatsInVain(operation, sent(), rounds.at(-1)) }, left)
      return Effect.flatMap(restore(room), (room) => {
        if (room === "Refused") policy = withoutAnother(operation, policy, rounds)
        return room === "Admitted" ? whileTimeIsLeft(() => send(attempt))() : Effect.void
      })
    }))
  }

  const stepWith = (jitter: number): Effect.Effect<Decision.Verdict<E, V>> => {
    const decidedAt = elapsed()
    const step = decide<E, V>({ rules, policy, rounds: progress.rounds, elapsed: decidedAt, jitter })
    return step._tag === "Settle"
      ? Effect.succeed(step.verdict)
      : Effect.flatMap(take(step, decidedAt), goOn)
  }

  /** After what is proved there is no wait, as before the first exchange, and so none that is to differ from others'. */
  const goOn = () =>
    progress.rounds.at(-1)?.cancel._tag === "Acknowledged" ? stepWith(0) : Effect.flatMap(Random.next, stepWith)

  const establish = Effect.suspend(() => stepWith(0))

  // No generator here: each cancel would have a generator function of its own, of which V8 lets go last of all.
  const settle = (verdict: Decision.Verdict<E, V>): Effect.Effect<A, E | CancelError.Shared> => {
    const { history, rounds } = progress
    const attempts = sent()
    const result = conclude(plan, verdict, {
      attempts,
      retryAfter: Option.flatMap(Decision.lastTrace(rounds), ({ retryAfter }) => retryAfter),
      history,
      at: now(surroundings)
    })
    const { _tag: tag } = Either.merge(result)
    const outcome = Either.isLeft(result) ? result.left.outcome : null
    Telemetry.settled(watch, tag)
    // Whoever was interrupted while the event was handled will not receive the result. What is
    // left to do after a fiber has yielded it does in one turn, in which nobody can interrupt it.
    const tell = Effect.matchCauseEffect(restore(Effect.yieldNow()), {
      onFailure: () => {
        watch.cutShort = { outcome, attempts }
        return Effect.zipRight(
          publish({ _tag: "Interrupted", cause: "Interruption", inFlight: null, settled: tag, outcome, attempts, history }),
          result
        )
      },
      onSuccess: () => result
    })
    return after(publish({ _tag: "Settled", result: tag, outcome, attempts, history }), () => tell)
  }

  const reportCutShort = (cause: Cause.Cause<never>): Effect.Effect<unknown> => {
    const { history, inFlight } = progress
    const left = {
      outcome: mayHaveCancelled(progress) ? "Unknown" : "NotCancelled",
      attempts: sent() + (inFlight === "Cancel" ? 1 : 0)
    } as const
    watch.cutShort = left
    return history.length === 0 && inFlight === null ? Effect.void : publish({
      _tag: "Interrupted",
      cause: Cause.isInterruptedOnly(cause) ? "Interruption" : "Defect",
      inFlight,
      settled: null,
      ...left,
      history
    })
  }

  return Effect.matchCauseEffect(establish, {
    onFailure: (cause) => Effect.zipRight(reportCutShort(cause), Effect.failCause(cause)),
    onSuccess: settle
  })
}
