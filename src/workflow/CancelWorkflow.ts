/**
 * A cancel that survives crashes: a workflow of `@effect/workflow` that ends when it is known what is true of the
 * payment, or when a person has to find out.
 *
 * @since 0.1.0
 */
import * as Activity from "@effect/workflow/Activity"
import * as DurableClock from "@effect/workflow/DurableClock"
import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import * as Workflow from "@effect/workflow/Workflow"
import { type WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Struct from "effect/Struct"
import { continueAfter, type Earlier, withPolicy } from "../Cancel.js"
import type * as Cancellation from "../Cancellation.js"
import type * as CancelError from "../CancelError.js"
import * as CancelPolicy from "../CancelPolicy.js"
import * as IdempotencyKey from "../IdempotencyKey.js"
import type * as Notification from "../Notification.js"
import type { PaymentStatus } from "../PaymentStatus.js"
import { invalidRequest, refuse, type StatusError } from "../authoring/Provider.js"
import * as Remembering from "../many/remembering.js"
import { type CancelRecord, CancelRecords, type State, type Subject } from "./CancelRecords.js"
import * as Journal from "./Journal.js"
import {
  type Accepted,
  type AnyFailure,
  type AnySettled,
  broken,
  doubtsOf,
  type Ended,
  giveUp,
  isAccepted,
  isUncreated,
  judge,
  judgeNotification,
  judgeStatus,
  type Look,
  refusesCredentials,
  tagOf,
  type Told,
  type Undertaking
} from "./judgement.js"
import { log } from "./log.js"
import { caller } from "./patience.js"
import { canBeId, checked, identityOf, isUnfit, payloadOf, textIn, wayOf } from "./request.js"
import type { Routable, Routables, Router } from "./Router.js"
import * as Saga from "./Saga.js"
import { type CancelRequest, type ContextOf, type Failure, type Lacking, type NameOf, type Provider, type RequestsOf, type Settled, Working } from "./Settlement.js"

export { type Routable, type Router, type RouterRequest } from "./Router.js"

export {
  type CancelRequest,
  type ContextOf,
  Declined,
  type Failure,
  type Lacking,
  type NameOf,
  type Provider,
  type RequestsOf,
  type Settled,
  Unsettled,
  Working
} from "./Settlement.js"

/**
 * What may be chosen for the durable cancels of a provider.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The waits before each further call, the last one again and again: durations, or milliseconds. Unless given 10
   * seconds, 1, 5 and 15 minutes, 1 hour, 3 hours, then every 6 hours. A longer wait that the provider asks for is kept to.
   *
   * A wait may be late by the interval at which the cluster looks for messages, on SQLite 10 seconds unless set otherwise:
   * there a shorter wait is no sooner over. Every call that comes after a wait has the engine read what came before it:
   * with many short waits that is much. None, or one that is not more than nothing, is a defect of the layer.
   */
  readonly waits?: readonly [Duration.DurationInput, ...ReadonlyArray<Duration.DurationInput>]
  /** For how long a cancel is worked on before it is handed to a person; a duration, or milliseconds; 7 days unless given. What is not more than nothing is a defect of the layer. */
  readonly giveUpAfter?: Duration.DurationInput
  /** Bounds for each single call; those of the provider's layer unless given. One that is invalid, or does not exist, is a defect of the layer. */
  readonly policy?: CancelPolicy.Options
}

const defaultWaits = [
  Duration.seconds(10),
  Duration.minutes(1),
  Duration.minutes(5),
  Duration.minutes(15),
  Duration.hours(1),
  Duration.hours(3),
  Duration.hours(6)
] as const

const defaultGiveUpAfter = Duration.days(7)

/** What was chosen. */
interface Terms {
  readonly giveUpAfter: Duration.Duration
  readonly waits: Arr.NonEmptyReadonlyArray<Duration.Duration>
}

/** Some policy, over which what was chosen is checked. */
const anyPolicy = {
  attempts: 1,
  attemptTimeout: 1,
  statusReads: 1,
  statusTimeout: 1,
  maximumRetryAfter: 1,
  deadline: 1,
  maximumBodyBytes: 1,
  backoff: { initial: 1, factor: 1, maximum: 1, jitter: 1 }
}

/** What was chosen, or what is wrong with it, as text for a person. */
const termsOf = ({ giveUpAfter = defaultGiveUpAfter, policy = {}, waits = defaultWaits }: Options): Either.Either<Terms, string> => {
  // Each call would be an invalid request, and so end what is under way.
  const bounded = CancelPolicy.resolve(anyPolicy, policy)
  if (Either.isLeft(bounded)) return Either.left(`${bounded.left.field} ${bounded.left.problem}`)
  const isTime = (input: unknown) =>
    Option.exists(Duration.decodeUnknown(input), (_) => Duration.isFinite(_) && Duration.greaterThan(_, Duration.zero))
  if (!isTime(giveUpAfter)) return Either.left("giveUpAfter must be a duration that is more than nothing, and finite")
  return Array.isArray(waits) && waits.length > 0 && waits.every(isTime)
    ? Either.right({ giveUpAfter: Duration.decode(giveUpAfter), waits: Arr.map(waits, (wait) => Duration.decode(wait)) })
    : Either.left("waits must be one duration or several, each of them more than nothing, and finite")
}

/**
 * The durable cancels of one provider.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelWorkflow<P extends Provider> {
  /**
   * What a cancel ends with, as a schema: for JSON. `JSON.stringify` alone writes an `Option` as `{"_id":"Option",…}`;
   * encoded it is the value, or null.
   */
  readonly success: Schema.Schema<Settled<P>, unknown>
  /** What a cancel fails with, as a schema: without `details`, and what the provider said in its own words. */
  readonly error: Schema.Schema<Failure<P>, unknown>
  /** Carries cancels out, those that an earlier process left included: part of every process that is to work on them. */
  readonly layer: Layer.Layer<never, never, WorkflowEngine | CancelRecords | ContextOf<P>>
  /** Starts a cancel, unless it was started before, and waits for its end. That may be days: see `within`. */
  readonly cancel: (request: CancelRequest<P>) => Effect.Effect<Settled<P>, Failure<P> | CancelError.InvalidCancelRequest, WorkflowEngine>
  /** Starts a cancel, unless it was started before, and gives what to ask for it under. */
  readonly start: (request: CancelRequest<P>) => Effect.Effect<string, CancelError.InvalidCancelRequest, WorkflowEngine | CancelRecords>
  /**
   * Starts a cancel, unless it was started before, and waits for its end, but only so long: for a web handler. If that
   * is not long enough, or the client is gone, it is worked on all the same.
   */
  readonly within: (
    request: CancelRequest<P>,
    duration: Duration.DurationInput
  ) => Effect.Effect<Settled<P> | Working, Failure<P> | CancelError.InvalidCancelRequest, WorkflowEngine | CancelRecords>
  /** How a cancel ended, or that it is being worked on; none if there is none under this id. */
  readonly outcome: (
    executionId: string
  ) => Effect.Effect<Option.Option<Settled<P> | Working>, Failure<P>, WorkflowEngine | CancelRecords>
  /**
   * Takes a verified notification, and tells every cancel that waits for it, or will. It may come any number of times,
   * and before the cancel. It is kept when this ends: acknowledge it then. Under a name that no cancel can be started
   * with, nothing is kept. Of a provider whose webhooks hold lists, it takes the list.
   */
  readonly notified: (
    notification:
      | Notification.CancelNotification<NameOf<P>>
      | ReadonlyArray<Notification.CancelNotification<NameOf<P>>>
  ) => Effect.Effect<void, never, WorkflowEngine | CancelRecords>
  /**
   * In a workflow of your own: carries out what authorizes a payment, and has the payment cancelled if the workflow does
   * not succeed, whatever the reason: a failure, a defect or an interruption of this or of any later step.
   *
   * The cancel is registered before the authorization begins, by what names the payment then. So a payment is released
   * also if the answer of its own authorization was lost. It is a durable cancel of its own: the workflow ends at once
   * with its own failure, and the cancel is worked on until it is settled. Nobody waits for its result, so a cancel that
   * the provider refuses is handed to a person, unless there never was a payment of that reference or key.
   *
   * A `payment` that no cancel could be started with (see `CancelRequest`) is a defect, before anything is authorized.
   * The provider itself checks it only when it is cancelled. Inside of an activity it does nothing.
   */
  readonly cancelOnFailure: <A, E, R>(
    authorize: Effect.Effect<A, E, R>,
    options: CancelOnFailure<P, A, E>
  ) => Effect.Effect<A, E, R | WorkflowEngine | WorkflowInstance | CancelRecords | Scope.Scope>
}

/**
 * Which payment is cancelled if a workflow does not succeed.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelOnFailure<P extends Provider, A, E = never> {
  /**
   * What the authorization is called in its workflow: another name for each of them, or it is a defect. Do not change it
   * while workflows are in flight.
   */
  readonly name: string
  /**
   * How the payment is named before the authorization is answered: by your own reference, by the key that it is created
   * under, or by its id if that is known. This must not differ when the workflow is run again.
   */
  readonly payment: RequestsOf<P>
  /** How it is named once it is authorized; as before unless given. */
  readonly authorized?: (authorized: A) => RequestsOf<P>
  /**
   * Whether a failure of the authorization says for certain that nothing was authorized, as a declined card does: then
   * there is nothing to cancel. No failure does unless given. A lost answer says no such thing.
   */
  readonly isDeclined?: (failure: E) => boolean
}

// ---------------------------------------------------------------------------------------
// the cancels of one provider
// ---------------------------------------------------------------------------------------

/**
 * Makes the durable cancels of a provider.
 *
 * What is done, and in which order, is in the journal of the engine: what is to be cancelled and the idempotency key
 * before the first byte; what each call came to; each wait. A process that dies leaves no payment that nobody knows
 * about: whoever goes on takes a call that may have been cut off for one that may have been applied, reads the status,
 * and sends nothing again but under the provider's licence.
 *
 * The journal holds no credential, and not the provider's description of the payment or of an error. It holds in clear the
 * request, what the provider said of the cancel (status, reason, time, captured amount, its id of the request), and in a
 * workflow of your own what your steps return, and fail or die with: name no payer in them.
 *
 * @example
 * ```ts
 * import { WorkflowEngine } from "@effect/workflow"
 * import { Effect, Layer } from "effect"
 * import { Stripe } from "effect-payment-cancel"
 * import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
 *
 * const stripe = CancelWorkflow.make("Stripe", Stripe)
 *
 * const program = stripe.within({ paymentId: "pi_1", requestId: "order-1042" }, "5 seconds")
 *
 * const durable = stripe.layer.pipe(
 *   Layer.provideMerge(Layer.mergeAll(WorkflowEngine.layerMemory, CancelRecords.layerMemory))
 * )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <const P extends Provider>(name: NameOf<P>, provider: P & Lacking<P>, options: Options = {}): CancelWorkflow<P> => {
  const cancel = (request: object) => {
    const { field, operation } = wayOf(request)
    const cancel = provider[operation]
    return cancel === undefined
      ? refuse(name, request, { field, problem: `is not how a payment is named at ${name}` })
      // The operation itself checks whether the request is one of its own; what it needs is stated below.
      // @effect-diagnostics-next-line anyUnknownInErrorContext:off
      : cancel(request as never)
  }
  const status = (request: object) =>
    provider.status === undefined || wayOf(request).field !== "paymentId"
      ? Option.none()
      // By whatever of the request the status query goes by: an account, or an order.
      // @effect-diagnostics-next-line anyUnknownInErrorContext:off
      : Option.some(provider.status(Struct.omit(request as { readonly idempotencyKey?: string }, "idempotencyKey") as never))
  // Each is the schema of what the provider's cancels give: only their types have forgotten it.
  const success = Schema.Union(
    provider.Cancellation as Schema.Schema<Cancellation.Cancellation, unknown>,
    ...provider.CancellationAcknowledged === undefined
      ? []
      : [provider.CancellationAcknowledged as Schema.Schema<Cancellation.Cancellation, unknown>]
  )
  const error = provider.CancelError as Schema.Schema<CancelError.Any, unknown>
  // What is any provider's here is this one's: only its type says so.
  return build(name, { success, error }, { cancel, status } as Calls<ContextOf<P>>, options) as unknown as CancelWorkflow<P>
}

/** A provider's cancels as one, which tells from the request which of them is meant, and its status query. */
interface Calls<R> {
  readonly cancel: (request: object) => Effect.Effect<Cancellation.Cancellation, CancelError.Any, R>
  /** None where there is no status to read. */
  readonly status: (request: object) => Option.Option<Effect.Effect<PaymentStatus<string>, StatusError, R>>
}

/**
 * Starts outside of the workflow that the caller may be in. As a part of it, a cancel would be interrupted with it and left
 * in doubt, and of one that somebody else has started the engine would not tell how it ended.
 */
const apart = <A, E>(started: Effect.Effect<A, E, WorkflowEngine>): Effect.Effect<A, E, WorkflowEngine> =>
  Effect.flatMap(Effect.serviceOption(WorkflowInstance), Option.match({
    onNone: () => started,
    onSome: (instance) =>
      Effect.provideService(
        Effect.mapInputContext(Effect.locally(started, caller, Option.some(instance)), (context: Context.Context<WorkflowInstance | WorkflowEngine>) =>
          Context.omit(WorkflowInstance)(context)),
        WorkflowInstance,
        instance
      )
  }))

/** What is waited for: the next notification about the payment, by its place among all of them. */
const bell = (place: number) => DurableDeferred.make(`notified/${place}`, { success: Schema.String })

/** How long after it was told of something an execution is woken a second time. */
const onceMore = Duration.seconds(1)

/** For how long that is tried: without an end, it would keep a process alive that has closed its database. */
const wakingFor = Duration.seconds(10)

/** Has a time limit hold in a finalizer as well, where nothing can be interrupted unless it says so. */
const limited = <A, E, R>(timed: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDaemon(Effect.interruptible(timed)), (fiber) =>
      Effect.onInterrupt(restore(Fiber.join(fiber)), () => Fiber.interrupt(fiber))))

/** For how long whoever has waited long enough looks once more. */
const lastLook = Duration.seconds(1)

/** Writing a record is tried until it succeeds; whoever starts a cancel does not wait for that any longer. */
const inTime = Effect.timeoutFailCause({
  duration: Duration.seconds(10),
  onTimeout: () => Cause.die(new Error("the database does not answer: a cancel is started, and its record could not be written"))
})

/** The durable cancels of a provider, of which only `make` knows the types. */
const build = <R>(name: string, results: Journal.Results, calls: Calls<R>, options: Options) => {
  const schemas = Journal.schemasOf(name, results)
  const terms = termsOf(options)

  const workflow = Workflow.make({
    name: `effect-payment-cancel/${name}`,
    payload: Journal.Payload,
    success: schemas.settled,
    error: schemas.failure,
    idempotencyKey: identityOf
  })

  const layer = Layer.unwrapEffect(Effect.suspend(() => {
    if (Either.isLeft(terms)) return Effect.dieMessage(`CancelWorkflow.make("${name}"): ${terms.left}`)
    const turns = Effect.unsafeMakeSemaphore(mostAtOnce)
    const carry = carryThrough({
      name,
      record,
      schemas,
      calls,
      policy: options.policy ?? {},
      terms: terms.right,
      marks: makeMarks()
    })
    return Effect.succeed(workflow.toLayer((payload, executionId) => inTurn(turns, carry(payload, executionId))))
  }))

  /** Begins the record of a cancel, unless there is one: gives the one that is there. */
  const record: Means<R>["record"] = ({ request, requestId }, executionId) =>
    Effect.flatMap(Effect.zip(CancelRecords, DateTime.now), ([records, now]) => {
      const { field, identifiedBy } = wayOf(request)
      const given = textIn(request, "idempotencyKey")
      return records.begin({
        executionId,
        workflow: workflow.name,
        provider: name,
        identifiedBy,
        paymentId: textIn(request, field),
        requestId,
        idempotencyKey: given === "" ? keyOf(executionId) : given,
        state: "Working",
        result: null,
        found: null,
        begunAt: now,
        changedAt: now
      })
    })

  const execute = (payload: Journal.Payload) => apart(workflow.execute(payload))

  const begin = (payload: Journal.Payload) => apart(workflow.execute(payload, { discard: true }))

  /**
   * Whoever is given the id may ask for it at once, before the cancel has had its turn. One that has ended has its record, or
   * had it: the journal may be kept for longer, and nobody would work on what a new one says is worked on.
   */
  const beginRecorded = (payload: Journal.Payload) =>
    Effect.tap(begin(payload), (executionId) =>
      Effect.flatMap(workflow.poll(executionId), (result) => result?._tag === "Complete" ? Effect.void : limited(inTime(record(payload, executionId)))))

  const cancel = (request: unknown) => Effect.flatMap(payloadOf(name, request), execute)

  const start = (request: unknown) => Effect.flatMap(payloadOf(name, request), beginRecorded)

  const within = (request: unknown, duration: Duration.DurationInput) =>
    Effect.flatMap(payloadOf(name, request), (payload) =>
      Effect.flatMap(beginRecorded(payload), (executionId) =>
        Effect.flatMap(limited(Effect.timeoutOption(execute(payload), duration)), Option.match({
          // The engine looks for the end from time to time: it may have come since. Where it cannot be asked, it is not known.
          onNone: () => limited(Effect.timeoutTo(Effect.catchAllDefect(outcome(executionId), () => Effect.succeedNone), {
            duration: lastLook,
            onSuccess: (found): AnySettled | Working => Option.getOrUndefined<AnySettled | Working>(found) ?? new Working({ executionId }),
            onTimeout: () => new Working({ executionId })
          })),
          onSome: (settled): Effect.Effect<AnySettled | Working> => Effect.succeed(settled)
        }))))

  const outcome = (executionId: string) =>
    Effect.gen(function*() {
      if (!canBeId(executionId)) return Option.none()
      const record = yield* Effect.flatMap(CancelRecords, (records) => records.find(executionId))
      // The engine may not care whose it is.
      if (Option.exists(record, (_) => _.workflow !== workflow.name)) return Option.none()
      const result = yield* workflow.poll(executionId)
      if (result?._tag === "Complete") return Option.some(yield* result.exit)
      return result === undefined && Option.isNone(record) ? Option.none() : Option.some(new Working({ executionId }))
    })

  const tellAll = (notification: Notification.CancelNotification<string> & Partial<Told>) =>
    Effect.gen(function*() {
      const records = yield* CancelRecords
      const stated: Told = { capturedAmount: Option.none(), ...notification }
      const told = yield* Effect.orDie(Schema.encode(Schema.parseJson(schemas.notification))(stated))
      const subjects = [
        { provider: name, identifiedBy: "PaymentId" as const, paymentId: notification.paymentId },
        ...Option.match(notification.merchantReference, {
          onNone: () => [],
          onSome: (paymentId) => [{ provider: name, identifiedBy: "MerchantReference" as const, paymentId }]
        })
      ]
      // No cancel begins under a name that is unfit, so nobody waits, and the database would be asked for ever.
      const tellable = subjects.filter(({ paymentId }) => !isUnfit(paymentId))
      yield* Effect.forEach(tellable, (subject) =>
        Effect.gen(function*() {
          const { notificationId, receivedAt } = notification
          // Kept first, and then told: whoever begins meanwhile finds it, or is found.
          const place = yield* records.tell({ ...subject, notificationId, notification: told, receivedAt })
          const waiting = yield* records.about(subject)
          yield* Effect.forEach(waiting, ({ executionId }) =>
            Effect.zipRight(
              DurableDeferred.succeed(bell(place), {
                token: DurableDeferred.tokenFromExecutionId(bell(place), { workflow, executionId }),
                value: told
              }),
              // The engine does not wake what is falling asleep at that very moment.
              Effect.forkDaemon(Effect.interruptible(Effect.delay(Effect.timeoutOption(workflow.resume(executionId), wakingFor), onceMore)))
            ), { discard: true })
        }), { discard: true })
    })

  const notified = (
    notifications: Notification.CancelNotification<string> | ReadonlyArray<Notification.CancelNotification<string>>
  ) => Effect.forEach(Arr.ensure(notifications), tellAll, { discard: true })

  const cancelOnFailure = Saga.cancelOnFailure({
    provider: name,
    // That a cancel could be started, and that it is about a payment.
    check: (request) => checked(name, request),
    start: (request) => Effect.flatMap(payloadOf(name, request), (payload) => begin({ ...payload, isCompensation: true }))
  })

  return { success: schemas.settled, error: schemas.failure, layer, cancel, start, within, outcome, notified, cancelOnFailure }
}

// ---------------------------------------------------------------------------------------
// one cancel, carried through
// ---------------------------------------------------------------------------------------

/** What any cancel of one provider is carried through with. */
interface Means<R> {
  readonly name: string
  readonly record: (payload: Journal.Payload, executionId: string) => Effect.Effect<CancelRecord, never, CancelRecords>
  readonly schemas: ReturnType<typeof Journal.schemasOf>
  readonly calls: Calls<R>
  readonly policy: CancelPolicy.Options
  readonly terms: Terms
  readonly marks: Marks
}

/**
 * Marks that no process has used yet, by whoever made them. Whoever finds that a mark is not its own, or is used,
 * knows that a call may have been made: a process died, or handed its work over, after it had written the mark down.
 */
interface Marks {
  readonly mark: Effect.Effect<string>
  readonly isUnused: (mark: string) => boolean
}

const makeMarks = (): Marks => {
  const unused = new Set<string>()
  return {
    mark: Effect.tap(IdempotencyKey.random, (made) => Effect.sync(() => unused.add(made))),
    isUnused: (mark) => unused.delete(mark)
  }
}

/** What the execution's id makes into a key, in the form of a UUID, which every provider takes. */
const keyOf = (executionId: string): string =>
  [
    executionId.slice(0, 8),
    executionId.slice(8, 12),
    `8${executionId.slice(13, 16)}`,
    `8${executionId.slice(17, 20)}`,
    executionId.slice(20, 32)
  ].join("-")

/** How many executions read at once what was done before: hundreds that wake up would slow each other down. */
const mostAtOnce = 8

/** Gives an execution its turn to read what was done before. */
const inTurn = <A, E, R>(turns: Effect.Semaphore, carry: (hasRead: Effect.Effect<void>) => Effect.Effect<A, E, R>) =>
  Effect.uninterruptibleMask((restore) => {
    let isReading = true
    const hasRead = Effect.suspend(() => {
      const ends = isReading
      isReading = false
      return ends ? Effect.asVoid(turns.release(1)) : Effect.void
    })
    return Effect.zipRight(restore(turns.take(1)), Effect.ensuring(restore(carry(hasRead)), hasRead))
  })

/** The text of a notification, or null when the wait is over. */
type Heard = Effect.Effect<string | null, never, WorkflowEngine | WorkflowInstance>

const clockName = (round: number) => `wait/${round}`

/** Says of what something died. */
const logDeath = (of: string, defect: unknown): Effect.Effect<void> => log(LogLevel.Error, `${of} died`, Cause.die(defect))

/** Carries one cancel through, from wherever an earlier process left it. `hasRead`: what comes next, nobody has done. */
const carryThrough = <R>({ calls, marks, name, policy, record, schemas, terms: { giveUpAfter, waits } }: Means<R>) =>
(payload: Journal.Payload, executionId: string) =>
(hasRead: Effect.Effect<void>) =>
  Effect.gen(function*() {
    const { isCompensation = false, request, version: written } = payload
    if (written !== Journal.version) return yield* Effect.zipRight(hasRead, Journal.leftToAnother(written))
    const bounded = withPolicy(policy)
    const records = yield* CancelRecords
    const { field, identifiedBy } = wayOf(request)
    const subject: Subject = { provider: name, identifiedBy, paymentId: textIn(request, field) }

    const cancelHere = `cancel of ${subject.paymentId} at ${name}, execution ${executionId}`

    const change = (state: State, result: string) =>
      Effect.flatMap(DateTime.now, (changedAt) => records.change(executionId, { state, result, changedAt }))

    const finish = <A extends AnySettled>(ended: Either.Either<A, AnyFailure>, state: Extract<State, "Settled" | "HandedOver">) => {
      const last = tagOf(Either.merge(ended))
      // Nothing but the result is left to be written down: it does no harm to note this again.
      const noted = change(state, last)
      return Effect.zipRight(
        state === "Settled" ? noted : Effect.zipRight(noted, log(LogLevel.Error, `a person has to see to the ${cancelHere} (${last})`)),
        ended
      )
    }

    /** The engine ends it: nobody works on it any more. */
    const endsDead = (undertaking: Undertaking, defect: unknown) =>
      Effect.zipRight(logDeath(`the execution ${executionId}`, defect), finish(Either.left(broken(undertaking, Option.none())), "HandedOver"))

    const intent = yield* Journal.known(Activity.make({
      name: "intent",
      success: Schema.Union(Journal.Intent, Journal.Other),
      execute: Effect.gen(function*() {
        yield* hasRead
        const { begunAt, idempotencyKey } = yield* record(payload, executionId)
        const told = yield* records.told(subject)
        return { version: Journal.version, at: begunAt, idempotencyKey, next: yield* marks.mark, told } as const
      })
    }), hasRead).pipe(Effect.catchAllDefect((defect) =>
      Effect.flatMap(record(payload, executionId), ({ begunAt, idempotencyKey }) => endsDead({ subject, since: begunAt, idempotencyKey }, defect))))
    const { idempotencyKey } = intent
    const undertaking: Undertaking = { subject, since: intent.at, idempotencyKey }
    // A clock that was put back since uses up no time.
    const leftAt = (at: DateTime.Utc) => Duration.subtract(giveUpAfter, Duration.millis(DateTime.distance(intent.at, at)))

    const warnOfCredentials = (last: string) =>
      log(LogLevel.Warning, `${name} refused the credentials, or what they may do, for the ${cancelHere} (${last}): put that right, it is tried again`)

    /** Written down when a wait is over: of a call that has no mark yet it is certain that nobody has made it. */
    const begin = (round: number) =>
      Journal.known(Activity.make({
        name: `begin/${round}`,
        success: Schema.Union(Journal.Begin, Journal.Other),
        execute: Effect.gen(function*() {
          yield* hasRead
          return { version: Journal.version, next: yield* marks.mark } as const
        })
      }), hasRead)

    /** One call, in the knowledge of those before it. */
    const call = (round: number, next: string, before: ReadonlyArray<Earlier>) =>
      Journal.known(Activity.make({
        name: `call/${round}`,
        success: Schema.Union(schemas.look, Journal.Other),
        execute: Effect.gen(function*() {
          yield* hasRead
          const afterCrash = !marks.isUnused(next)
          const earlier = afterCrash ? [...before, "Crash" as const] : before
          const cancelling = continueAfter(calls.cancel({ ...request, idempotencyKey }), earlier)
          const memory = Remembering.make()
          const result = yield* Effect.either(Remembering.during(bounded(cancelling), memory)).pipe(
            Effect.catchAllDefect((defect) =>
              Effect.zipRight(
                logDeath(`the ${cancelHere}`, defect),
                Effect.map(DateTime.now, (now) => Either.left(broken(undertaking, memory.recall(now))))
              )
            )
          )
          const journaled = Either.map(result, Journal.withoutPayload)
          const judged = judge(journaled)
          const last = tagOf(Either.merge(journaled))
          if (Either.isLeft(judged)) yield* change(judged.left.state, last)
          // Of a doubt that was there before, the result does not say why it stays.
          if (refusesCredentials(Either.merge(journaled)) || (Either.isLeft(judged) && memory.areCredentialsRefused())) yield* warnOfCredentials(last)
          const at = yield* DateTime.now
          return {
            version: Journal.version,
            at,
            left: Option.some(leftAt(at)),
            result: journaled,
            paymentStatus: Option.none<string>(),
            asked: Option.flatMap(memory.recall(at), ({ retryAfter }) => retryAfter),
            afterCrash,
            next: Journal.unmarked
          } as const
        })
      }), hasRead)

    /** What became of a cancel that was accepted: it is not sent again, and its status is read where there is one. */
    const readStatus = (round: number, last: Look, accepted: Accepted) =>
      Journal.known(Activity.make({
        name: `status/${round}`,
        success: Schema.Union(schemas.look, Journal.Other),
        execute: Effect.gen(function*() {
          yield* hasRead
          const unread = { retryAfter: Option.none<Duration.Duration>() }
          const status = yield* bounded(Effect.flatten(calls.status(request))).pipe(
            Effect.tapError((error) => refusesCredentials(error) ? warnOfCredentials(tagOf(error)) : Effect.void),
            Effect.mapError((error) => "retryAfter" in error ? error : unread),
            Effect.either,
            Effect.catchAllDefect((defect) =>
              Effect.as(logDeath(`the status query in the ${cancelHere}`, defect), Either.left(unread))
            )
          )
          const result = Either.match(status, { onLeft: () => last.result, onRight: (read) => judgeStatus(accepted, read, idempotencyKey) })
          const paymentStatus = Option.orElse(Option.map(Either.getRight(status), (read) => read.status), () => last.paymentStatus)
          const asked = Option.flatMap(Either.getLeft(status), ({ retryAfter }) => retryAfter)
          const at = yield* DateTime.now
          return { version: Journal.version, at, left: Option.some(leftAt(at)), result, paymentStatus, asked, afterCrash: false, next: last.next } as const
        })
      }), hasRead)

    /** Of a workflow that failed nobody else learns that its payment is not released. */
    const settle = (ended: Ended) => finish(ended, isCompensation && Either.isLeft(ended) && !isUncreated(ended.left) ? "HandedOver" : "Settled")

    /** Until the wait is over, or a notification settles the cancel. */
    const wait = (round: number, duration: Duration.Duration, last: Look, told: ReadonlyArray<string>): Effect.Effect<
      { readonly settled: Option.Option<Ended>; readonly told: ReadonlyArray<string> },
      never,
      WorkflowEngine | WorkflowInstance
    > =>
      Effect.gen(function*() {
        const place = told.length
        const over: Heard = Effect.as(DurableClock.sleep({ name: clockName(round), duration, inMemoryThreshold: Duration.zero }), null)
        const rings: Heard = DurableDeferred.await(bell(place))
        const heard = yield* DurableDeferred.raceAll({
          name: `${clockName(round)}/${place}`,
          success: Schema.NullOr(Schema.String),
          error: Schema.Never,
          effects: [over, rings]
        })
        if (heard === null) return { settled: Option.none(), told }
        const settled = yield* said(last, heard)
        const all = [...told, heard]
        return Option.isSome(settled) ? { settled, told: all } : yield* wait(round, duration, last, all)
      })

    /** What a notification says after a call. */
    const said = (last: Look, told: string) =>
      Effect.map(
        Effect.option(Schema.decode(Schema.parseJson(schemas.notification))(told)),
        Option.flatMap((notification) => judgeNotification(last, notification, idempotencyKey))
      )

    /** After a call, or a look at the status. `before`: what the calls before the last one left in doubt. */
    const goOn = (round: number, last: Look, before: ReadonlyArray<Earlier>, told: ReadonlyArray<string>): Effect.Effect<
      AnySettled,
      AnyFailure,
      WorkflowEngine | WorkflowInstance | R
    > =>
      Effect.gen(function*() {
        const judged = judge(last.result)
        if (Either.isRight(judged)) return yield* settle(judged.right)
        // What said nothing before may say something now: only the answer to this call may have named it.
        const known = Arr.getSomes(yield* Effect.forEach(told, (each) => said(last, each)))
        // That this request was declined is not all, if another notification says that the payment is cancelled.
        const settled = Option.orElse(Arr.findFirst(known, Either.isRight), () => Arr.head(known))
        if (Option.isSome(settled)) return yield* settle(settled.value)

        const left = Option.getOrElse(last.left, () => leftAt(last.at))
        const planned = waits[Math.min(round, waits.length - 1)] ?? waits[0]
        const giveUpNow = () => finish(Either.left(giveUp(last, undertaking)), "HandedOver")
        if (Duration.lessThanOrEqualTo(left, Duration.zero)) return yield* giveUpNow()
        const asked = Duration.max(judged.left.asked, Option.getOrElse(last.asked, () => Duration.zero))
        const waited = yield* wait(round, Duration.min(Duration.max(planned, asked), left), last, told)
        if (Option.isSome(waited.settled)) return yield* settle(waited.settled.value)
        // One last call at the end of the time, but never sooner than the provider asked.
        if (Duration.greaterThan(asked, left)) return yield* giveUpNow()
        const next = round + 1
        const accepted = Option.filter(Either.getRight(last.result), isAccepted)
        if (Option.isSome(accepted)) {
          return yield* goOn(next, yield* readStatus(next, last, accepted.value), before, waited.told)
        }
        const earlier = [...before, ...doubtsOf(last)]
        const mark = last.next === Journal.unmarked ? (yield* begin(next)).next : last.next
        return yield* goOn(next, yield* call(next, mark, earlier), earlier, waited.told)
      })

    return yield* Effect.flatMap(call(0, intent.next, []), (first) => goOn(0, first, [], intent.told)).pipe(
      Effect.catchAllDefect((defect) => endsDead(undertaking, defect))
    )
  })

// ---------------------------------------------------------------------------------------
// several providers
// ---------------------------------------------------------------------------------------

/** Durable cancels whose layer seems to need nothing. */
interface WithoutNeeds extends Omit<Routable, "layer"> {
  readonly layer: Layer.Layer<never>
}

/** The operations that take a request. */
type OperationName = "cancel" | "start" | "within"

/**
 * Makes a router over the durable cancels of several providers, for who learns at run time which provider it is. A
 * `provider` that is not one of the given names (it may come from JSON) is an `InvalidCancelRequest` with field
 * `provider`.
 *
 * @example
 * ```ts
 * import { Adyen, Stripe } from "effect-payment-cancel"
 * import { CancelWorkflow } from "effect-payment-cancel/workflow"
 *
 * const cancels = CancelWorkflow.router({
 *   Stripe: CancelWorkflow.make("Stripe", Stripe),
 *   Adyen: CancelWorkflow.make("Adyen", Adyen)
 * })
 *
 * const program = (provider: "Stripe" | "Adyen", paymentId: string) =>
 *   cancels.within({ provider, paymentId, requestId: "order-1042" }, "5 seconds")
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const router = <const Workflows extends Routables>(workflows: Workflows): Router<Workflows> => {
  // What their layers need, the router's type states.
  const all = workflows as unknown as { readonly [name: string]: WithoutNeeds }

  const of = (name: unknown): Option.Option<WithoutNeeds> =>
    typeof name === "string" && Object.hasOwn(all, name) ? Option.fromNullable(all[name]) : Option.none()

  const routed = (operation: OperationName) => (input: unknown, duration: Duration.DurationInput) =>
    Effect.suspend(() => {
      const { provider, ...request } = Predicate.isRecord(input) ? input : {}
      return Option.match(of(provider), {
        onNone: (): Effect.Effect<unknown, CancelError.Any, WorkflowEngine | CancelRecords> =>
          Effect.fail(
            invalidRequest(typeof provider === "string" ? provider : "", request, {
              field: "provider",
              problem: `must be one of ${Object.keys(all).join(", ")}`
            })
          ),
        // Its own operation checks whether the request is one of its own.
        onSome: (workflow) => workflow[operation](request as never, duration)
      })
    })

  const [first, ...others] = Arr.map(Object.values(all), ({ layer }) => layer)

  // Only the record's type says which provider a name stands for; a lookup at run time loses that.
  return {
    layer: first === undefined ? Layer.empty : Layer.mergeAll(first, ...others),
    cancel: routed("cancel"),
    start: routed("start"),
    within: routed("within"),
    outcome: (provider: unknown, executionId: string) =>
      Option.match(of(provider), { onNone: () => Effect.succeedNone, onSome: ({ outcome }) => outcome(executionId) })
  } as unknown as Router<Workflows>
}
