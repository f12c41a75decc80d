/**
 * Many cancels at once: a stream of requests becomes a stream of results, within each provider's limits.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import type * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Mailbox from "effect/Mailbox"
import * as MutableQueue from "effect/MutableQueue"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Admission, both, type Rate } from "./Admission.js"
import * as CancelError from "./CancelError.js"
import { logging } from "./engine/logging.js"
import { type Lane, makeLane } from "./many/lane.js"
import * as Remembering from "./many/remembering.js"
import { problemOf } from "./many/settings.js"
import type { Hindrance } from "./many/state.js"

/**
 * One payment's result: its request, with the full success or the full typed error.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ended<Request, A, E> {
  /** The request, exactly as it came in. */
  readonly request: Request
  /** What its cancel succeeded with, on the right, or failed with, on the left. */
  readonly result: Either.Either<A, E>
}

/**
 * How many resends are made. A resend is a request that repeats one of the same cancel which did not fare well.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryBudget {
  /** What each cancel adds to the budget, 0 to 1; 0.2 unless given: one resend for five cancels. */
  readonly share?: number
  /** How many resends the budget holds at most, and at the start; 50 unless given. */
  readonly reserve?: number
}

/**
 * When a provider counts as down, and what is done then.
 *
 * @since 0.1.0
 * @category models
 */
export interface Outage {
  /** After so many cancel requests in a row without an answer, or with a 5xx, it is left alone; 10 unless given. */
  readonly failures?: number
  /**
   * After so long one request is sent to see whether it is there again; a duration, or milliseconds; 5 seconds unless
   * given. The wait doubles with every one that fails, up to eight times.
   */
  readonly probeAfter?: Duration.DurationInput
  /**
   * Once it was down for so long, the cancels that wait for it and have sent nothing end with `NotBegun`; so they do at
   * once if it asks for a longer wait. A duration, or milliseconds; 10 minutes unless given. It is still probed with
   * the cancels that come in later.
   */
  readonly giveUpAfter?: Duration.DurationInput
}

/**
 * The limits of one provider. What is omitted is as the provider declares it, from its documents, or else a careful
 * default. Null switches a limit off. One that makes no sense, or that does not exist, is a defect that names it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limits {
  /** How many cancels are under way at a time, 1 or more; 16 unless the provider documents less. */
  readonly concurrency?: number
  /**
   * How many requests are sent in which time, resends, status queries and requests for tokens included; 20 per second
   * unless the provider documents its own. Nine tenths of it are used, evenly, so that requests which travel at
   * different speeds do not exceed it where they arrive.
   */
  readonly rate?: Rate | null
  /** How many resends are made; without it, as many as each cancel's policy allows. */
  readonly retryBudget?: RetryBudget | null
  /** When the provider is left alone; without it, never. */
  readonly outage?: Outage | null
}

/**
 * What may be chosen for many cancels.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Request> {
  /**
   * Which provider a request is meant for: each name has limits and a fate of its own. Unless given, the request's
   * field `provider`, as for a router; requests without one are all meant for the same provider.
   */
  readonly providerOf?: (request: Request) => string
  /**
   * Limits by provider: by the name that `providerOf` gives, or else by the provider's own. They go over what the
   * provider declares.
   */
  readonly limits?: { readonly [provider: string]: Limits }
  /**
   * How many requests are read ahead for each provider, 1 or more; 10000 unless given. While a provider is slow, its
   * requests wait here, and the others go on. Only when so many wait for one provider is nothing more read; and while
   * that provider is down, its further requests end with `NotBegun` instead.
   */
  readonly lookAhead?: number
  /**
   * Once this effect succeeds, nothing more is begun. What has begun is carried through, its results are handed out,
   * and the stream ends: every request whose result was not handed out was not begun. A cancel that waits for room with
   * its first request has sent nothing, and counts as not begun: it is interrupted. If the stream of requests had failed
   * before, this one ends with that.
   *
   * It ends with the last cancel under way: after seconds as a rule, and where a provider does not answer, after that
   * cancel's deadline, two or three minutes unless a policy sets another.
   *
   * If it dies, or interrupts itself, the same is done, and the stream ends with that.
   */
  readonly stopWhen?: Effect.Effect<unknown>
}

const Reason = Schema.Literal("Unauthenticated", "Forbidden", "ProviderFault", "RateLimited")

type Reason = typeof Reason.Type

interface NotBegunReport extends CancelError.Report, CancelError.Kind<string, string | null, Reason> {}

interface NotBegunInstance extends CancelError.Instance<"CancelMany.NotBegun", string, string | null, Reason, "NotCancelled"> {}

const NotBegunBase: CancelError.ErrorClass<
  NotBegun,
  "CancelMany.NotBegun",
  {
    readonly provider: typeof Schema.String
    readonly code: Schema.NullOr<typeof Schema.String>
    readonly category: typeof Reason
    readonly outcome: CancelError.Constant<"NotCancelled">
  } & typeof CancelError.reportFields,
  NotBegunReport & { readonly outcome?: "NotCancelled" },
  NotBegunInstance
> = CancelError.marked(() =>
  Schema.TaggedError<NotBegun>("effect-payment-cancel/CancelMany.NotBegun")("CancelMany.NotBegun", {
    provider: Schema.String,
    code: Schema.NullOr(Schema.String),
    category: Reason,
    outcome: CancelError.constant("NotCancelled"),
    ...CancelError.reportFields
  })
)

/**
 * The cancel was not begun, and nothing was sent. `category` says why:
 *
 * - `Unauthenticated`: the provider did not accept the credentials of an earlier cancel, whose `code`, `httpStatus` and
 *   `requestId` these are. Nothing more is begun at this provider in this run.
 * - `Forbidden`: the same after ten refusals in a row that say so, whichever payments they were about.
 * - `ProviderFault`: the provider has been down for longer than `Outage.giveUpAfter`, or too many wait for it already.
 * - `RateLimited`: the provider asks for a wait that is longer than that. `retryAfter` is what is left of it.
 *
 * Cancel it later, with the same request. What earlier cancels left in doubt still is, also where this one was to go on
 * with them (`Cancel.continueAfter`).
 *
 * @since 0.1.0
 * @category errors
 */
export class NotBegun extends NotBegunBase {}

const DiedBase: CancelError.ErrorClass<
  Died,
  "CancelMany.Died",
  {
    readonly provider: typeof Schema.String
    readonly code: CancelError.Constant<null>
    readonly category: CancelError.Constant<"Unexpected">
    readonly outcome: CancelError.Constant<"Unknown">
  } & typeof CancelError.reportFields,
  & CancelError.Report
  & { readonly provider: string; readonly code?: null; readonly category?: "Unexpected"; readonly outcome?: "Unknown" },
  CancelError.Instance<"CancelMany.Died", string, null, "Unexpected", "Unknown">
> = CancelError.marked(() =>
  Schema.TaggedError<Died>("effect-payment-cancel/CancelMany.Died")("CancelMany.Died", {
    provider: Schema.String,
    code: CancelError.constant(null),
    category: CancelError.constant("Unexpected"),
    outcome: CancelError.constant("Unknown"),
    ...CancelError.reportFields
  })
)

/**
 * The cancel died of a defect, or interrupted itself, so that it is unknown what came of it. The defect is logged as an
 * error. Where it was `providerOf` that threw, nothing was begun, and `provider` is empty.
 *
 * `attempts` and `history` say what it had exchanged by then, a cancel request that was under way included; so
 * `Cancel.continueAfter` sends nothing again for which there is no licence. `idempotencyKey` is that of the last cancel in the
 * effect: one that cancels several times must do so under one key, as it must anyway. If a request of the cancel had been sent, there
 * is an `Interrupted` event too.
 *
 * @since 0.1.0
 * @category errors
 */
export class Died extends DiedBase {}

/** Failures that are about the payment or about what was asked: whoever asks again is told the same. */
const final: ReadonlySet<unknown> = new Set<CancelError.Category>(["InvalidRequest", "NotFound", "NotCancellable", "Unexpected"])

/**
 * Whether a result is the end of the matter. If not, cancel the payment again, with the same request; after an error with
 * the outcome `Unknown`, with `Cancel.continueAfter`.
 *
 * - **Settled** is every success, and an error with the outcome `NotCancelled` that is about the payment or about what
 *   was asked: its category is `NotCancellable`, `NotFound`, `InvalidRequest` or `Unexpected`.
 * - **Not settled** is what is `Unknown`, what was `NotBegun`, what is about the time, the way or the credentials, as
 *   `RateLimited`, `Network` or `Forbidden`, and an error that is not of this library: nothing is known of it.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { CancelMany, Stripe } from "effect-payment-cancel"
 *
 * // The requests that are to be made again.
 * const open = Stream.make({ paymentId: "pi_1", idempotencyKey: "incident-7-pi_1" }).pipe(
 *   CancelMany.cancelMany(Stripe.cancel),
 *   Stream.filter(({ result }) => !CancelMany.isSettled(result)),
 *   Stream.map(({ request }) => request),
 *   Stream.runCollect
 * )
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isSettled = (result: Either.Either<unknown, unknown>): boolean =>
  Either.match(result, {
    onLeft: (error) =>
      Predicate.hasProperty(error, "outcome") && error.outcome === "NotCancelled" &&
      Predicate.hasProperty(error, "category") && final.has(error.category),
    onRight: () => true
  })

/** The first text among these fields; a request may be anything. */
const textOf = (request: unknown, ...fields: ReadonlyArray<string>): string => {
  for (const field of fields) {
    const value = Either.getOrUndefined(Either.try(() => Predicate.hasProperty(request, field) ? request[field] : undefined))
    if (typeof value === "string") return value
  }
  return ""
}

const identifiedBy = (request: unknown): CancelError.IdentifiedBy => {
  if (textOf(request, "paymentId") !== "") return "PaymentId"
  if (textOf(request, "merchantReference") !== "") return "MerchantReference"
  return textOf(request, "creationKey") === "" ? "PaymentId" : "CreationKey"
}

/** A report about a request of which no answer is known. */
const report = (request: unknown, message: string): CancelError.Report => ({
  message,
  paymentId: textOf(request, "paymentId", "merchantReference", "creationKey"),
  identifiedBy: identifiedBy(request),
  httpStatus: Option.none(),
  requestId: Option.none(),
  details: Option.none(),
  paymentStatus: Option.none(),
  retryAfter: Option.none(),
  idempotencyKey: textOf(request, "idempotencyKey"),
  attempts: 0,
  history: []
})

const notBegun = (provider: string, request: unknown, hindrance: Exclude<Hindrance, { readonly _tag: "Stopped" }>): NotBegun => {
  const because = (why: string) => report(request, `${provider === "" ? "" : `${provider}: `}the cancel was not begun: ${why}`)
  switch (hindrance._tag) {
    case "Refused": {
      const { category, code, httpStatus, message, requestId } = hindrance.error
      return new NotBegun({ ...because(`the credentials are not accepted (${message})`), provider, code, category, httpStatus, requestId })
    }
    case "Outage":
      return new NotBegun({ ...because("the provider is down"), provider, code: null, category: "ProviderFault" })
    case "RateLimited":
      return new NotBegun({
        ...because("the provider asks for a long wait"),
        provider,
        code: null,
        category: "RateLimited",
        retryAfter: Option.some(Duration.millis(hindrance.millis))
      })
  }
}

/** A defect's own text may hold anything, so only its kind is told. */
const kindOf = (cause: Cause.Cause<unknown>): string =>
  Option.match(Cause.dieOption(cause), {
    onNone: () => "it was interrupted from within",
    onSome: (defect) => `it died of ${defect instanceof Error ? `a defect, ${defect.name}` : "a defect"}`
  })

/** The requests that say nothing of a provider are all for the same one. */
const fieldProvider = (request: unknown): string => textOf(request, "provider")

const checked = <Request>({ limits = {}, lookAhead = 1 }: Options<Request>): Effect.Effect<void> => {
  if (!(Number.isInteger(lookAhead) && lookAhead >= 1)) return Effect.dieMessage("CancelMany: lookAhead must be a whole number from 1")
  for (const [name, each] of Object.entries(limits)) {
    const problem = problemOf(each)
    if (problem !== null) return Effect.dieMessage(`CancelMany: limits.${name}: ${problem}`)
  }
  return Effect.void
}

/**
 * Any cancel: its request is what it takes.
 *
 * @since 0.1.0
 * @category models
 */
export type AnyCancel = (request: never) => Effect.Effect<unknown, unknown, unknown>

/**
 * The requests of a cancel.
 *
 * @since 0.1.0
 * @category models
 */
export type RequestOf<Cancel extends AnyCancel> = Parameters<Cancel>[0]

/**
 * What a cancel succeeds with.
 *
 * @since 0.1.0
 * @category models
 */
export type SuccessOf<Cancel extends AnyCancel> = Effect.Effect.Success<ReturnType<Cancel>>

/**
 * What a cancel fails with.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorOf<Cancel extends AnyCancel> = Effect.Effect.Error<ReturnType<Cancel>>

/**
 * The services that a cancel needs.
 *
 * @since 0.1.0
 * @category models
 */
export type ContextOf<Cancel extends AnyCancel> = Effect.Effect.Context<ReturnType<Cancel>>

/** Begins what ends with the stream, in a finalizer as well, where nothing can be interrupted unless it says so. */
const alongside = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkScoped(Effect.interruptible(effect))

/** Results wait here for whoever takes them; cancels wait where there is no room. */
const resultsAhead = 16

/**
 * Cancels every payment of a stream, and hands out each result as soon as there is one, with its request. It takes any
 * provider's operation, `Canceller.cancel`, or an operation of a router, and keeps its types.
 *
 * - **Every request has one result**, in no particular order. A cancel that fails is a result like any other. If the
 *   stream of requests fails, what was read until then is carried through first.
 * - **Each provider has its own limits** (see `Limits`). Where it answers that this is too much, nothing is sent to it
 *   until the wait that it asks for is over, one second at least; then half as many requests, and gradually more again.
 * - **A provider that is down** is left alone, and probed with one request from time to time. That is logged.
 * - **Credentials that are not accepted** end a provider's part: after one error with the category `Unauthenticated`,
 *   or ten in a row with `Forbidden`, nothing more is begun there, and the other requests end with `NotBegun`.
 * - **Memory is bounded**: requests are read only as far ahead as `lookAhead` says, and results are made only as fast
 *   as they are taken.
 * - **A cancel begins only when there is room** for its first request, or will be within half a second, so that its
 *   deadline does not run while it waits. The waits of a resend are within it.
 *
 * Interruption, and a consumer that takes no more, end it at once: nothing more is begun, and each cancel under way is
 * cut short with an `Interrupted` event, as a single one is. Cancel every request whose result was not handed out again
 * under the same key: give the requests an `idempotencyKey` of your own. `stopWhen` stops without cutting anything short.
 *
 * The first cancel at each provider goes alone, because only its first request shows which limits the provider declares.
 *
 * @example
 * ```ts
 * import { Effect, Either, Stream } from "effect"
 * import { CancelMany, Stripe } from "effect-payment-cancel"
 *
 * const program = Stream.make("pi_1", "pi_2", "pi_3").pipe(
 *   Stream.map((paymentId) => ({ paymentId, idempotencyKey: `incident-7-${paymentId}` })),
 *   CancelMany.cancelMany(Stripe.cancel),
 *   Stream.runForEach(({ request, result }) =>
 *     Effect.log(request.paymentId, Either.isRight(result) ? result.right._tag : result.left.message)
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export function cancelMany<Cancel extends AnyCancel>(
  cancel: Cancel,
  options?: Options<RequestOf<Cancel>>
): <E2, R2>(
  requests: Stream.Stream<RequestOf<Cancel>, E2, R2>
) => Stream.Stream<
  Ended<RequestOf<Cancel>, SuccessOf<Cancel>, ErrorOf<Cancel> | NotBegun | Died>,
  E2,
  ContextOf<Cancel> | R2
>
// The types of a router's operation are those of whichever provider a request is for: they show in what it is called
// with and returns, and not in what it could be inferred to be.
export function cancelMany<Request, A, E, R>(
  cancel: (request: Request) => Effect.Effect<A, E, R>,
  options: Options<Request> = {}
): <E2, R2>(requests: Stream.Stream<Request, E2, R2>) => Stream.Stream<Ended<Request, A, E | NotBegun | Died>, E2, R | R2> {
  return <E2, R2>(requests: Stream.Stream<Request, E2, R2>) => Stream.unwrapScoped(Effect.gen(function*() {
    yield* checked(options)
    const { limits, lookAhead = 10_000, providerOf = fieldProvider, stopWhen } = options
    type Result = Ended<Request, A, E | NotBegun | Died>
    const results = yield* Mailbox.make<Result, E2>(resultsAhead)
    const workers = yield* FiberSet.make<void, never>()
    const employ = yield* FiberSet.runtime(workers)<R>()
    const scope = yield* Effect.scope
    const lanes = new Map<string, Lane<Request>>()
    let stopping = false
    let stopped: Exit.Exit<unknown> = Exit.void

    const stop = Effect.sync(() => {
      stopping = true
      for (const lane of lanes.values()) lane.changes.signal()
    })

    const handOut = (request: Request, result: Result["result"]): Effect.Effect<unknown> =>
      Effect.interruptible(results.offer({ request, result }))

    const handBack = (lane: Lane<Request>, request: Request, hindrance: Hindrance): Effect.Effect<unknown> =>
      hindrance._tag === "Stopped" ? Effect.void : handOut(request, Either.left(notBegun(lane.name, request, hindrance)))

    const died = (provider: string, request: Request, cause: Cause.Cause<unknown>, memory = Remembering.make()): Effect.Effect<Result["result"]> =>
      Effect.zipRight(
        logging(Effect.logError("A cancel among many died", cause)),
        Effect.map(DateTime.now, (now) => Either.left(
          new Died({
            ...report(request, `what came of the cancel is unknown: ${kindOf(cause)}`),
            ...Option.getOrElse(memory.recall(now), () => ({})),
            provider
          })
        ))
      )

    /** What an ended cancel says of its lane, and what its result is. */
    const concluded = (
      lane: Lane<Request>,
      request: Request,
      exit: Exit.Exit<A, E>,
      memory: Remembering.Memory
    ): Effect.Effect<Result["result"]> => {
      if (Exit.isSuccess(exit)) {
        lane.openUnlearned()
        return Effect.succeed(Either.right(exit.value))
      }
      const failure = Cause.failureOption(exit.cause)
      if (Option.isNone(failure)) {
        lane.openUnlearned()
        return died(lane.name, request, exit.cause, memory)
      }
      const error = failure.value
      if (!CancelError.isCancelError(error)) lane.openUnlearned()
      else {
        lane.refused(error)
        if (error.category !== "InvalidRequest") lane.openUnlearned()
      }
      return Effect.succeed(Either.left(error))
    }

    const carryOut = (lane: Lane<Request>, request: Request): Effect.Effect<unknown, never, R> =>
      Effect.flatMap(lane.begin, (begun) => {
        if (begun._tag !== "Ticket") return handBack(lane, request, begun)
        const memory = Remembering.make()
        const own = { ...begun.admission, begins: memory.begins }
        return Effect.flatMap(Admission, (outer) =>
          Effect.provideService(Effect.suspend(() => cancel(request)), Admission, outer === null ? own : both(own, outer))).pipe(
          Effect.exit,
          Effect.flatMap((exit) => {
            begun.close()
            const hindrance = begun.withdrawn()
            return hindrance !== null && Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)
              ? handBack(lane, request, hindrance)
              : Effect.flatMap(concluded(lane, request, exit, memory), (result) => handOut(request, result))
          })
        )
      })

    /** Works until nothing waits any more. */
    const worker = (lane: Lane<Request>): Effect.Effect<void, never, R> =>
      Effect.suspend(() => {
        const wasFull = MutableQueue.isFull(lane.waiting)
        const request = MutableQueue.poll(lane.waiting, MutableQueue.EmptyMutableQueue)
        if (request === MutableQueue.EmptyMutableQueue || stopping) {
          lane.atWork -= 1
          if (lane.atWork === 0 && lane.isBlank()) lanes.delete(lane.name)
          return Effect.void
        }
        if (wasFull) lane.changes.signal()
        return Effect.zipRight(carryOut(lane, request), worker(lane))
      })

    const staff = (lane: Lane<Request>) => {
      if (lane.atWork >= lane.places()) return
      lane.atWork += 1
      employ(worker(lane))
    }

    const laneOf = (name: string): Lane<Request> => {
      const known = lanes.get(name)
      if (known !== undefined) return known
      const lane: Lane<Request> = makeLane<Request>(name, {
        limits,
        lookAhead,
        scope,
        isStopping: () => stopping,
        grown: () => {
          for (let waiting = MutableQueue.length(lane.waiting); waiting > 0; waiting -= 1) staff(lane)
        }
      })
      lanes.set(name, lane)
      return lane
    }

    const accept = (request: Request): Effect.Effect<unknown> =>
      Effect.suspend(() => {
        const name = Either.try({ try: () => providerOf(request), catch: Cause.die })
        if (Either.isLeft(name)) return Effect.flatMap(died("", request, name.left), (result) => handOut(request, result))
        const lane = laneOf(name.right)
        const seen = lane.changes.signals()
        if (MutableQueue.offer(lane.waiting, request)) {
          staff(lane)
          return Effect.void
        }
        // What is down holds up nobody else.
        return Effect.flatMap(lane.hindranceWhileFull, (hindrance) =>
          hindrance === null
            ? Effect.zipRight(lane.changes.after(seen), accept(request))
            : handBack(lane, request, hindrance))
      })

    const reading = yield* alongside(
      Stream.runForEachChunk(requests, (chunk: Chunk.Chunk<Request>) => Effect.forEach(chunk, accept, { discard: true }))
    )
    yield* alongside(Effect.gen(function*() {
      const read = yield* Fiber.await(reading)
      yield* FiberSet.awaitEmpty(workers)
      // Stopping interrupts whatever is still read; what had failed before has failed all the same.
      const ended = stopping && Exit.isInterrupted(read) ? Exit.void : read
      yield* results.done(Exit.zipRight(ended, Exit.asVoid(stopped)))
    }))
    if (stopWhen !== undefined) {
      yield* alongside(Effect.flatMap(Effect.exit(stopWhen), (exit) => {
        stopped = exit
        return Effect.zipRight(stop, Fiber.interrupt(reading))
      }))
    }
    // The scope closes in reverse order: nothing begins any more before anything is cut short.
    yield* Effect.addFinalizer(() => stop)
    return Mailbox.toStream(results)
  }))
}
