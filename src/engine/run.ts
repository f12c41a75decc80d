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
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import { Admission, type DeclaredLimits } from "../Admission.js"
import type * as CancelError from "../CancelError.js"
import type { CancelPolicy } from "../CancelPolicy.js"
import * as FetchOnce from "../FetchOnce.js"
import type { Vocabulary } from "../authoring/Answer.js"
import type { ResendLicence } from "../authoring/ResendLicence.js"
import { asking, outcomeOf } from "./admission.js"
import { atOnce } from "./atOnce.js"
import type { Authorizer, Fetched, Fetching, Session } from "./authorizer.js"
import type { Restore } from "./awaitAtMost.js"
import * as Decision from "./decision.js"
import { EarlierDoubts, earlierRound } from "./earlier.js"
import * as Evidence from "./evidence.js"
import * as Exchange from "./exchange.js"
import { after, isUnheard, type News, publish } from "./publish.js"
import { type Case, conclude } from "./settlement.js"
import type { Elapsed } from "./stopwatch.js"
import { fiberHere, now } from "./surroundings.js"
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
  /** Null where requests carry all they need. */
  readonly authorizer: Authorizer<E> | null
  readonly limits?: DeclaredLimits | undefined
  readonly cancel: Query<E, V>
  /** Made when it is needed, which is seldom; null where there is none. */
  readonly status: (() => Query<E, V>) | null
}

type Judged<E, V extends Vocabulary> = Evidence.CancelEvidence<E, V> | Evidence.StatusEvidence<V> | Fetched<E>

/** What every error that ends a cancel has. */
interface Failure {
  readonly _tag: string
  readonly outcome: CancelError.Outcome
}

/** One cancel on its way: what it goes by, and how far it has come. */
interface Run<A, E, V extends Vocabulary> {
  readonly plan: Plan<A, E, V>
  readonly watch: Telemetry.Watch
  readonly restore: Restore
  readonly session: Session<E> | null
  readonly decide: Decision.Decide
  /** What every exchange is made with. */
  readonly means: Omit<Parameters<typeof Exchange.exchange>[0], "request" | "timeout" | "delivering">
  readonly admission: Context.Tag.Service<typeof Admission>
  readonly delivering: Effect.Effect<FetchOnce.Delivery> | undefined
  readonly isUnheard: boolean
  readonly rules: Decision.Rules
  readonly elapsed: Elapsed
  /** From when on nothing is sent but status queries. */
  readonly sendUntil: number
  /** How many rounds were other calls'. */
  readonly earlier: number
  /** The plan's, with earlier rounds added to its attempts; less, once a request was refused to leave. */
  policy: CancelPolicy
  rounds: ReadonlyArray<Decision.Round<E, V>>
  history: ReadonlyArray<CancelError.Exchange>
  inFlight: CancelError.Exchange["operation"] | null
  /** What the last exchange performed, which is judged next. */
  performed: Sent<E> | Fetched<E> | null
}

/** How many cancel requests this call has sent. */
const sent = <A, E, V extends Vocabulary>({ earlier, rounds }: Run<A, E, V>): number => rounds.length - earlier

const statusIn = <E, V extends Vocabulary>(judged: Judged<E, V>): Option.Option<string> => {
  if (judged._tag === "Acknowledged") return Option.some(judged.payment.status)
  if (judged._tag === "StatusRead") return Option.some(judged.stated.payment.status)
  return "stated" in judged ? Option.map(judged.stated, ({ payment }) => payment.status) : Option.none()
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
      return rounds.map((round) => round === rounds.at(-1) ? { cancel: round.cancel, reads: [...round.reads, judged] } : round)
    default:
      return [...rounds, { cancel: judged, reads: [] }]
  }
}

/** What a request came to: it was not authorized, and so not sent; or it was given to the client. */
type Sent<E> = Evidence.NotAuthorized<E> | Exchange.Transmission

/** A token that is no longer accepted is replaced, and the request sent again: it was refused, and did nothing. */
const renewing = <E, V extends Vocabulary>(
  evidence: Evidence.CancelEvidence<E, V>,
  mayRenew = false
): Evidence.CancelEvidence<E, V> =>
  evidence._tag === "Refused" && mayRenew && Option.contains(evidence.trace.standsFor, 401) && Option.isNone(evidence.sendAgain)
    ? { ...evidence, tryAgain: true }
    : evidence

/** Undefined where the client is left to send as it does. */
const deliveryBy = (deliver: FetchOnce.Deliver, { key }: ResendLicence): Effect.Effect<FetchOnce.Delivery> | undefined =>
  deliver === FetchOnce.plain ? undefined : deliver({ hasKey: key !== "None" })

/** Whether an answer asked for a wait of that length, which is then not only the policy's. */
export const isAskedFor = (delay: number) => ({ retryAfter }: Pick<Evidence.Trace, "retryAfter">): boolean =>
  Option.exists(retryAfter, (asked) => Duration.toMillis(asked) > 0 && Math.ceil(Duration.toMillis(asked)) >= delay)

/** Only what was refused or not sent cannot have cancelled the payment. */
const mayHaveCancelled = <A, E, V extends Vocabulary>({ inFlight, rounds }: Run<A, E, V>): boolean =>
  inFlight === "Cancel" || rounds.some(({ cancel }) => cancel._tag !== "Refused" && cancel._tag !== "NotSent")

/** Whether this call has asked the same before, and was not answered well. A token that is renewed is no reason to hold anything back. */
const repeatsInVain = <E, V extends Vocabulary>(
  operation: "Cancel" | "Status",
  sent: number,
  last: Decision.Round<E, V> | undefined
): boolean => {
  if (operation === "Cancel") return sent > 0 && last !== undefined && !Option.contains(last.cancel.trace.standsFor, 401)
  const read = last?.reads.findLast((each) => !("neverAsked" in each))
  return read?._tag === "StatusUnread"
}

/** The bounds once a request may not leave: what may not be sent again is not asked for again. */
const withoutAnother = <E, V extends Vocabulary>(
  operation: "Cancel" | "Status",
  policy: CancelPolicy,
  rounds: ReadonlyArray<Decision.Round<E, V>>
): CancelPolicy =>
  operation === "Cancel"
    ? { ...policy, attempts: rounds.length }
    : { ...policy, statusReads: rounds.at(-1)?.reads.length ?? 0 }

/** Publishes an event. `restore` lets the wait for its handler be interrupted. */
const tell = <A, E, V extends Vocabulary>(run: Run<A, E, V>, news: News, restore?: Restore): Effect.Effect<unknown> =>
  run.isUnheard && news._tag !== "Interrupted"
    ? Effect.void
    : publish(run.plan, run.watch.surroundings, () => run.sendUntil - run.elapsed(), news, restore)

/** Keeps what an exchange has shown. */
const keep = <A, E, V extends Vocabulary>(
  run: Run<A, E, V>,
  operation: CancelError.Exchange["operation"],
  judged: Judged<E, V>,
  at: DateTime.Utc
): CancelError.Exchange => {
  const entry = historyEntry(operation, judged, at)
  run.rounds = withEvidence(run.rounds, judged)
  run.history = [...run.history, entry]
  run.inFlight = null
  return entry
}

/** An answer that is here is none that was lost, though what a provider judges it by threw. */
const keepUnjudged = <A, E, V extends Vocabulary>(run: Run<A, E, V>): void => {
  if (run.inFlight !== "Cancel" || run.performed?._tag !== "Answered") return
  const at = now(run.watch.surroundings)
  const unread = Exchange.unanswered("the answer could not be judged", Option.some(run.performed.answer))
  keep(run, "Cancel", Evidence.judgeCancel(run.plan.cancel.judge, unread, at.epochMillis), at)
}

/**
 * Performs one exchange, which can be interrupted where it waits, and records it. What was recorded
 * is told, outside of the span.
 */
const record = <A, E, V extends Vocabulary, T extends Sent<E> | Fetched<E>, J extends Judged<E, V>>(
  run: Run<A, E, V>,
  upcoming: Telemetry.Upcoming,
  attempt: number,
  perform: Effect.Effect<T>,
  judge: (performed: T, now: number) => J
): Effect.Effect<J> => {
  const { admission, watch } = run
  let entry: CancelError.Exchange
  const recorded = Telemetry.exchanging(watch, upcoming, () => {
    run.inFlight = upcoming.exchange
    run.performed = null
    return Effect.flatMap(perform, (performed) => {
      const at = now(watch.surroundings)
      run.performed = performed
      const judged = judge(performed, at.epochMillis)
      entry = keep(run, upcoming.exchange, judged, at)
      Telemetry.exchanged(watch, entry, !("neverAsked" in judged))
      const ended = Effect.succeed(judged)
      return admission === null
        ? ended
        : Effect.zipRight(admission.ended(outcomeOf(upcoming.exchange, judged, at.epochMillis)), ended)
    })
  }, () => entry)
  return run.isUnheard
    ? recorded
    : Effect.tap(recorded, () => tell(run, { _tag: "ExchangeEnded", attempt, exchange: entry }, run.restore))
}

/** The bounds of one exchange. */
interface Bounds {
  readonly attempt: number
  readonly timeout: number
}

/** A token is fetched in an exchange of its own, within the time of the one that needs it. */
const fetching = <A, E, V extends Vocabulary>(run: Run<A, E, V>, { attempt, timeout }: Bounds): Fetching<E> => (fetch, request) => {
  const { admission, plan, restore } = run
  const since = run.elapsed()
  const left = () => Math.ceil(timeout - (run.elapsed() - since))
  return Effect.flatMap(
    restore(asking(admission, plan)({ operation: "Authorization", attempt, repeats: false }, timeout)),
    (mayLeave): Effect.Effect<Fetched<E>> =>
      mayLeave && left() > 0
        ? after(tell(run, { _tag: "ExchangeStarted", operation: "Authorization", attempt }, restore), () =>
          record(run, { exchange: "Authorization", request }, attempt, restore(fetch(Math.max(1, left()))), identity))
        : Effect.succeed(Evidence.notAuthorized(`there was no room for the request for a token within ${timeout} ms`, true))
  )
}

/** Judges what a request came to. `mayRenew`: a token that the provider no longer accepts is worth another try. */
type JudgeSent<E, V extends Vocabulary> = (sent: Sent<E>, now: number, mayRenew?: boolean) => Judged<E, V>

/** Sends a request as it is. */
const sendAsIs = <A, E, V extends Vocabulary>(
  run: Run<A, E, V>,
  operation: "Cancel" | "Status",
  request: HttpClientRequest.HttpClientRequest,
  { attempt, timeout }: Bounds,
  judge: (transmission: Exchange.Transmission, now: number) => Judged<E, V>
): Effect.Effect<Judged<E, V>> =>
  record(
    run,
    { exchange: operation, request },
    attempt,
    Exchange.exchange({ request, timeout, delivering: operation === "Cancel" ? run.delivering : undefined, ...run.means }),
    judge
  )

/** Sends a request, which is authorized first where that is needed. */
const exchange = <A, E, V extends Vocabulary>(
  run: Run<A, E, V>,
  operation: "Cancel" | "Status",
  request: HttpClientRequest.HttpClientRequest,
  bounds: Bounds,
  judge: JudgeSent<E, V>
): Effect.Effect<Judged<E, V>> => {
  const { means, restore, session } = run
  const { attempt, timeout } = bounds
  return session === null ? sendAsIs(run, operation, request, bounds, judge) : session.exchange({
    request,
    bounds: { timeout, ...means },
    restore,
    fetching: fetching(run, bounds),
    send: (request, timeout, mayRenew) =>
      sendAsIs(run, operation, request, { attempt, timeout }, (transmission, now) => judge(transmission, now, mayRenew)),
    unsent: (why) => record(run, { exchange: operation, request }, attempt, Effect.succeed(why), judge)
  })
}

const sendCancel = <A, E, V extends Vocabulary>(run: Run<A, E, V>, bounds: Bounds) => {
  const { judge, request } = run.plan.cancel
  return exchange(run, "Cancel", request, bounds, (sent, now, mayRenew) =>
    sent._tag === "NotAuthorized"
      ? { ...sent, _tag: "NotSent" }
      : renewing(Evidence.judgeCancel(judge, sent, now), mayRenew))
}

const readStatus = <A, E, V extends Vocabulary>(run: Run<A, E, V>, bounds: Bounds) => {
  const { provider, status } = run.plan
  if (status === null) return Effect.dieMessage(`${provider} has no status query`)
  const { judge, request } = status()
  return exchange(run, "Status", request, bounds, (sent, now) =>
    sent._tag === "NotAuthorized"
      ? { _tag: "StatusUnread", trace: sent.trace, neverAsked: true }
      : Evidence.judgeStatus(judge, sent, now))
}

/** A handler's time is part of the wait, not on top of it. */
const waitBefore = <A, E, V extends Vocabulary>(
  run: Run<A, E, V>,
  operation: "Cancel" | "Status",
  { delay }: Decision.Action,
  decidedAt: number
): Effect.Effect<void> => {
  if (delay <= 0) return Effect.void
  Telemetry.waiting(run.watch, operation, delay, Option.exists(Decision.lastTrace(run.rounds), isAskedFor(delay)))
  return after(tell(run, { _tag: "Waiting", before: operation, delay: Duration.millis(delay) }, run.restore), () =>
    run.restore(Effect.sleep(Duration.millis(Math.max(0, Math.ceil(delay - (run.elapsed() - decidedAt))))))
  )
}

const take = <A, E, V extends Vocabulary>(
  run: Run<A, E, V>,
  action: Decision.Action,
  decidedAt: number
): Effect.Effect<unknown> => {
  const { admission, plan, restore } = run
  const operation = action._tag === "Send" ? "Cancel" : "Status"
  Telemetry.decided(run.watch, operation)
  // What a wait or a handler took comes off the time that is left, and so off the exchange
  // only where there is no other time. If nothing is left, the next step is another one.
  const whileTimeIsLeft = (next: (left: number) => Effect.Effect<unknown>) => (): Effect.Effect<unknown> => {
    const now = run.elapsed()
    const left = Math.floor((action._tag === "Send" ? run.sendUntil : plan.policy.deadline) - now)
    return left <= 0 && now > decidedAt ? Effect.void : next(Math.max(1, left))
  }
  const send = (attempt: number) =>
    after(tell(run, { _tag: "ExchangeStarted", operation, attempt }, restore), whileTimeIsLeft((left) => {
      const bounds = { attempt, timeout: Math.min(action.timeout, left) }
      return operation === "Cancel" ? sendCancel(run, bounds) : readStatus(run, bounds)
    }))
  return after(waitBefore(run, operation, action, decidedAt), whileTimeIsLeft((left) => {
    const { rounds } = run
    const attempt = operation === "Cancel" ? sent(run) + 1 : sent(run)
    if (admission === null) return send(attempt)
    const repeats = repeatsInVain(operation, sent(run), rounds.at(-1))
    return Effect.flatMap(restore(asking(admission, plan)({ operation, attempt, repeats }, left)), (mayLeave) => {
      if (mayLeave) return whileTimeIsLeft(() => send(attempt))()
      // Also where the time for it is over: a timer may end a little early, and it would be asked for once more.
      run.policy = withoutAnother(operation, run.policy, rounds)
      return Effect.void
    })
  }))
}

const step = <A, E, V extends Vocabulary>(run: Run<A, E, V>, jitter: number): Effect.Effect<Decision.Verdict<E, V>> => {
  const { policy, rounds, rules } = run
  const decidedAt = run.elapsed()
  const decided = run.decide<E, V>({ rules, policy, rounds, elapsed: decidedAt, jitter })
  return decided._tag === "Settle"
    ? Effect.succeed(decided.verdict)
    : Effect.flatMap(take(run, decided, decidedAt), () => goOn(run))
}

/** Jitter is drawn only where there may be a wait: not before the first exchange, nor after what is proved. */
const goOn = <A, E, V extends Vocabulary>(run: Run<A, E, V>): Effect.Effect<Decision.Verdict<E, V>> =>
  run.rounds.at(-1)?.cancel._tag === "Acknowledged" ? step(run, 0) : Effect.flatMap(Random.next, (jitter) => step(run, jitter))

/** Tells that the caller will not receive what was, or might have been, the result. */
const reportCutShort = <A, E, V extends Vocabulary>(
  run: Run<A, E, V>,
  told: Pick<Extract<News, { readonly _tag: "Interrupted" }>, "cause" | "settled" | "outcome" | "attempts">
): Effect.Effect<unknown> => {
  const { history, inFlight, watch } = run
  watch.cutShort = told
  return history.length === 0 && inFlight === null && told.settled === null
    ? Effect.void
    : tell(run, { _tag: "Interrupted", inFlight, history, ...told })
}

/** So many steps are left at most, once the result is there. */
const stepsLeft = 100

/**
 * Whether fibers yield once they have taken so many steps, and never before. The second is what everything has that a
 * `ManagedRuntime` runs; it leaves to the first what was put off.
 */
const countsSteps = ({ constructor }: Scheduler.Scheduler): boolean =>
  constructor === Scheduler.MixedScheduler || constructor === Scheduler.SyncScheduler

/** Whether a fiber that nobody has interrupted does what is left in this turn, in which nobody can interrupt it. */
const endsInThisTurn = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean =>
  countsSteps(fiber.currentScheduler) &&
  fiber.currentOpCount + stepsLeft < fiber.getFiberRef(FiberRef.currentMaxOpsBeforeYield) &&
  Cause.isEmpty(fiber.getFiberRef(FiberRef.interruptedCause))

/** How long the last answer asks to wait. */
const askedIn = <A, E, V extends Vocabulary>({ rounds }: Run<A, E, V>): Option.Option<Duration.Duration> =>
  Option.flatMap(Decision.lastTrace(rounds), ({ retryAfter }) => retryAfter)

const settle = <A extends { readonly _tag: string }, E extends Failure, V extends Vocabulary>(
  run: Run<A, E, V>,
  verdict: Decision.Verdict<E, V>
): Effect.Effect<A, E | CancelError.Shared> => {
  const { history, plan, restore, rounds, watch } = run
  const attempts = sent(run)
  const result = conclude(plan, verdict, {
    attempts,
    retryAfter: askedIn(run),
    history,
    // Nothing is learnt after the last exchange.
    at: history.at(-1)?.at ?? now(watch.surroundings)
  })
  const { _tag: tag } = Either.merge(result)
  const outcome = Either.isLeft(result) ? result.left.outcome : null
  Telemetry.settled(watch, tag, Decision.isSettledByStatusQuery(rounds))
  // Whoever was interrupted while the event was handled will not receive the result. What is
  // left to do after a fiber has yielded it does in one turn, in which nobody can interrupt it.
  return after(tell(run, { _tag: "Settled", result: tag, outcome, attempts, history }), () =>
    endsInThisTurn(fiberHere()) ? result : Effect.matchCauseEffect(restore(Effect.yieldNow()), {
      onFailure: () => Effect.zipRight(reportCutShort(run, { cause: "Interruption", settled: tag, outcome, attempts }), result),
      onSuccess: () => result
    }))
}

/** What says at any time how far a cancel has come. */
const soFar = <A, E, V extends Vocabulary>(run: Run<A, E, V>) => () => ({
  idempotencyKey: run.plan.idempotencyKey,
  history: run.history,
  inFlight: run.inFlight,
  // What is under way has waited.
  retryAfter: run.inFlight === null ? askedIn(run) : Option.none()
})

/** How a cancel begins: nothing is sent yet. */
const begin = <A, E, V extends Vocabulary>(
  plan: Plan<A, E, V>,
  watch: Telemetry.Watch,
  elapsed: Elapsed,
  restore: Restore
): Run<A, E, V> => {
  const { client, decode, licence, policy, status } = plan
  const { surroundings } = watch
  const { context } = surroundings
  const { decide, judgeTransport } = Context.get(context, EngineParts)
  const rules: Decision.Rules = { licence, canReadStatus: status !== null }
  const earlier: ReadonlyArray<Decision.Round<E, V>> = (Context.get(context, EarlierDoubts)?.doubts(plan.cancel.judge) ?? []).map(earlierRound<E, V>)
  return {
    plan,
    watch,
    restore,
    session: plan.authorizer?.session(surroundings.clock) ?? null,
    decide,
    means: { client, decode, restore, judgeTransport, maximumBytes: policy.maximumBodyBytes },
    admission: Context.get(context, Admission),
    delivering: deliveryBy(Context.get(context, FetchOnce.FetchOnce), licence),
    isUnheard: isUnheard(surroundings),
    rules,
    elapsed,
    sendUntil: policy.deadline - Decision.reservedTime(rules, policy),
    earlier: earlier.length,
    policy: earlier.length === 0 ? policy : { ...policy, attempts: policy.attempts + earlier.length },
    rounds: earlier,
    history: [],
    inFlight: null,
    performed: null
  }
}

/**
 * Carries one cancel through to its result. `elapsed` is how much of the policy's time is over.
 *
 * It must not be interrupted except where it waits, and restores that itself: for an answer, a delay,
 * a handler of events. So at any moment, what was performed is either recorded or known to be in
 * flight.
 */
export const run = <A extends { readonly _tag: string }, E extends Failure, V extends Vocabulary>(
  plan: Plan<A, E, V>,
  watch: Telemetry.Watch,
  elapsed: Elapsed,
  restore: Restore
): Effect.Effect<A, E | CancelError.Shared> => {
  // No generator here: each cancel would have a generator function of its own, of which V8 lets go last of all.
  const run = begin(plan, watch, elapsed, restore)
  run.admission?.begins?.(soFar(run))
  const endWithoutResult = (cause: Cause.Cause<never>): Effect.Effect<never> => {
    // What threw may throw here as well: where the headers themselves are broken, for one.
    Option.liftThrowable(keepUnjudged)(run)
    return Effect.zipRight(
      reportCutShort(run, {
        cause: Cause.isInterruptedOnly(cause) ? "Interruption" : "Defect",
        settled: null,
        outcome: mayHaveCancelled(run) ? "Unknown" : "NotCancelled",
        attempts: sent(run) + (run.inFlight === "Cancel" ? 1 : 0)
      }),
      Effect.failCause(cause)
    )
  }
  return Effect.matchCauseEffect(atOnce(() => step(run, 0)), {
    onFailure: endWithoutResult,
    // What makes a success of an answer is the provider's, and may throw.
    onSuccess: (verdict) => atOnce(() => settle(run, verdict), (defect) => endWithoutResult(Cause.die(defect)))
  })
}
