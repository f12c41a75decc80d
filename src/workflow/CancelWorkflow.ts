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
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Struct from "effect/Struct"
import { continueAfter, type Earlier, withPolicy } from "../Cancel.js"
import * as Cancellation from "../Cancellation.js"
import type * as CancelError from "../CancelError.js"
import { NoLongerCancellable } from "../CancelError.js"
import type * as CancelPolicy from "../CancelPolicy.js"
import * as IdempotencyKey from "../IdempotencyKey.js"
import * as Notification from "../Notification.js"
import type { PaymentStatus } from "../PaymentStatus.js"
import { invalidRequest, type StatusError } from "../authoring/Provider.js"
import * as Remembering from "../many/remembering.js"
import { CancelRecords, type State } from "./CancelRecords.js"
import { known, leftToAnother, Other, Version, version } from "./Journal.js"
import type { Routable, Routables, Router } from "./Router.js"
import * as Saga from "./Saga.js"
import { type CancelRequest, type ContextOf, Cut, Declined, type Failure, type NameOf, type Provider, type RequestsOf, type Settled, Unsettled, Working } from "./Settlement.js"

export { type Routable, type Router, type RouterRequest } from "./Router.js"

export {
  type CancelRequest,
  type ContextOf,
  Declined,
  type Failure,
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
  /** Bounds for each single call; those of the provider's layer unless given. */
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

/** Which field of a request names the payment, which cancel that asks for, and how errors say it. */
const ways = [
  { field: "paymentId", operation: "cancel", identifiedBy: "PaymentId" },
  { field: "creationKey", operation: "cancelByCreationKey", identifiedBy: "CreationKey" },
  { field: "merchantReference", operation: "cancelByMerchantReference", identifiedBy: "MerchantReference" }
] as const

type Way = typeof ways[number]

const wayOf = (request: object): Way => ways.find(({ field }) => Predicate.hasProperty(request, field)) ?? ways[0]

const textIn = (request: object, field: string): string => {
  const value = Predicate.hasProperty(request, field) ? request[field] : undefined
  return typeof value === "string" ? value : ""
}

const Payload = Schema.Struct({
  /** Any: what it is of is found out when it is carried through. */
  version: Schema.Number,
  requestId: Schema.String,
  /** The provider's own request: it holds no credential. */
  request: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  /** Whether it is for a workflow that failed: nobody waits for its result. */
  isCompensation: Schema.optional(Schema.Boolean)
})

type Payload = typeof Payload.Type

type Accepted = Cancellation.CancellationAccepted<string, unknown>

/** A provider's cancels as one, which tells from the request which of them is meant, and its status query. */
interface Calls<R> {
  readonly cancel: (request: object) => Effect.Effect<Cancellation.Cancellation, CancelError.Any, R>
  /** None where there is no status to read. */
  readonly status: (request: object) => Option.Option<Effect.Effect<PaymentStatus<string>, StatusError, R>>
}

/** What one call came to, and a mark that only the process that wrote it down knows to be unused. */
interface Look {
  readonly version: 1
  readonly at: DateTime.Utc
  readonly result: Either.Either<Cancellation.Cancellation, CancelError.Any>
  /** The status that was read after the cancel was accepted. */
  readonly paymentStatus: Option.Option<string>
  readonly afterCrash: boolean
  readonly next: string
}

/** What is fixed before the first byte. */
const Intent = Schema.Struct({
  version: Version,
  at: Schema.DateTimeUtc,
  idempotencyKey: Schema.String,
  next: Schema.String,
  told: Schema.Array(Schema.String)
})

/** What the execution's id makes into a key, in the form of a UUID, which every provider takes. */
const keyOf = (executionId: string): string =>
  [
    executionId.slice(0, 8),
    executionId.slice(8, 12),
    `8${executionId.slice(13, 16)}`,
    `8${executionId.slice(17, 20)}`,
    executionId.slice(20, 32)
  ].join("-")

/** The journal holds no more of a payment than is needed. */
const withoutPayload = (success: Cancellation.Cancellation): Cancellation.Cancellation =>
  success._tag === "Cancelled" ? { ...success, payload: Option.none() } : success

/** What was not carried out because of the time or the way is tried again; what is about the payment or the caller is not. */
const passing: ReadonlySet<CancelError.Category> = new Set<CancelError.Category>(["Network", "RateLimited", "ProviderFault", "Conflict"])

/** Of a payment that goes by another name than its id there may be none: its authorization did not come so far. */
const isUncreated = ({ category, identifiedBy }: CancelError.Any): boolean => category === "NotFound" && identifiedBy !== "PaymentId"

const tagOf = (value: object): string => Predicate.hasProperty(value, "_tag") && typeof value._tag === "string" ? value._tag : ""

/** How a durable cancel ends, whichever provider's it is. */
type AnySettled = Cancellation.Cancellation | Cancellation.Cancelled<string, never, "Notification"> | Notification.Refunded<string>
type AnyFailure = CancelError.Any
type Ended = Either.Either<AnySettled, AnyFailure>

/** Nothing to do but wait: what for, and what is doubtful until then. */
interface Waiting {
  readonly state: Extract<State, "Working" | "InDoubt" | "Accepted">
  readonly asked: Duration.Duration
}

const isAccepted = (
  success: Cancellation.Cancellation
): success is Accepted => success._tag === "CancellationAccepted"

/** Whether a call died after each of its requests was refused, or not sent. */
const diedRefused = (error: CancelError.Any): boolean => {
  if (!(error instanceof Unsettled)) return false
  const sent = error.history.filter(({ operation }) => operation === "Cancel")
  return sent.length === error.attempts && sent.every(({ evidence }) => evidence === "Refused" || evidence === "NotSent")
}

/** What a call left in doubt. What one that sent nothing is in doubt about, it has from those before it. */
const doubtsOf = ({ afterCrash, result }: Look): ReadonlyArray<Earlier> => [
  ...afterCrash ? ["Crash" as const] : [],
  ...Either.isLeft(result) && result.left.outcome === "Unknown" && result.left.attempts > 0 && !diedRefused(result.left) ? [result.left] : []
]

/** What a call says by itself: the end, or what is waited for. */
const judge = (result: Look["result"]): Either.Either<Ended, Waiting> =>
  Either.match(result, {
    onLeft: (error) => {
      const asked = Option.getOrElse(error.retryAfter, () => Duration.zero)
      if (error.outcome === "Unknown") return Either.left({ state: "InDoubt", asked })
      return passing.has(error.category) ? Either.left({ state: "Working", asked }) : Either.right(Either.left(error))
    },
    onRight: (success) =>
      isAccepted(success)
        ? Either.left({ state: "Accepted", asked: Duration.zero })
        : Either.right(Either.right(success))
  })

/** What a status says about a cancel that was accepted: as the cancel itself would have been told. */
const judgeStatus = (accepted: Accepted, { capturedAmount, observedAt, requestId, standing, status }: PaymentStatus<string>, idempotencyKey: string): Look["result"] => {
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
        provider,
        message: `${provider}: the cancel was accepted, and the payment is ${status} and can no longer be cancelled`,
        paymentId,
        identifiedBy,
        httpStatus: Option.none(),
        requestId,
        details: Option.none(),
        paymentStatus: Option.some(status),
        retryAfter: Option.none(),
        idempotencyKey,
        attempts,
        history: []
      })
    )
    : Either.right(accepted)
}

const HasReference = Schema.Struct({ reference: Schema.String })

/** A notification, with what captures had taken before: none of a provider whose notifications state none. */
interface Told extends Notification.CancelNotification<string> {
  readonly capturedAmount: Option.Option<Cancellation.Amount>
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

/** What a verified notification says to whoever waits after a call; none if it settles nothing. */
const judgeNotification = (
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
              provider: success.provider,
              message: `${success.provider}: the cancel was accepted, and then declined${
                Option.match(confirmation.reason, { onNone: () => "", onSome: (why) => `: ${why}` })
              }`,
              paymentId: success.paymentId,
              identifiedBy: success.identifiedBy,
              httpStatus: Option.none(),
              requestId: success.requestId,
              details: Option.none(),
              paymentStatus: Option.none(),
              retryAfter: Option.none(),
              idempotencyKey,
              attempts: success.attempts,
              history: []
            })
          ))
        default:
          return Option.some(Either.right(confirmation))
      }
    },
    // The answer is lost, and with it the name of the request.
    onLeft: (error) => error.outcome === "Unknown" ? Option.map(cancelledBy(told, error), Either.right) : Option.none()
  })

/** After the time that was given. */
const giveUp = (
  look: Look,
  { idempotencyKey, since }: { readonly idempotencyKey: string; readonly since: DateTime.Utc }
): AnyFailure => {
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
        provider: success.provider,
        code: null,
        message: `${success.provider}: the cancel was accepted; ${unsettled}`,
        paymentId: success.paymentId,
        identifiedBy: success.identifiedBy,
        httpStatus: Option.none(),
        requestId: success.requestId,
        details: Option.none(),
        paymentStatus: look.paymentStatus,
        retryAfter: Option.none(),
        idempotencyKey,
        attempts: success.attempts,
        history: [],
        since,
        lastResult: success._tag
      })
  })
}

/** What is said of an exchange has the provider's own words in brackets at its end. */
const withoutWords = (text: unknown): unknown => typeof text === "string" ? text.split(" (", 1)[0] : text

const ownWords = (history: unknown): unknown =>
  Array.isArray(history)
    ? history.map((entry: unknown) => Predicate.isRecord(entry) ? { ...entry, explanation: withoutWords(entry["explanation"]) } : entry)
    : history

/** A provider's errors as the journal keeps them: without what the provider said in its own words, which may be about the payer. */
const withoutDetails = (schema: Schema.Schema<CancelError.Any, unknown>): Schema.Schema<CancelError.Any, unknown> =>
  Schema.transform(Schema.Unknown, schema, {
    strict: true,
    decode: (journaled) => journaled,
    encode: (encoded) => Predicate.isRecord(encoded) ? { ...encoded, message: withoutWords(encoded["message"]), details: null, history: ownWords(encoded["history"]) } : encoded
  })

/** The journal's form of a provider's results. */
const schemasOf = (name: string, provider: Provider) => {
  // Each is the schema of what the provider's cancels give: only their types have forgotten it.
  const success = Schema.Union(
    provider.Cancellation as Schema.Schema<Cancellation.Cancellation, unknown>,
    ...provider.CancellationAcknowledged === undefined
      ? []
      : [provider.CancellationAcknowledged as Schema.Schema<Cancellation.Cancellation, unknown>]
  )
  const error = withoutDetails(provider.CancelError as Schema.Schema<CancelError.Any, unknown>)
  const Refunded = Schema.TaggedStruct("Refunded", {
    provider: Schema.Literal(name),
    paymentId: Schema.String,
    observedAt: Schema.DateTimeUtc
  })
  const failure = Schema.Union(Cut, error) as Schema.Schema<AnyFailure, unknown>
  const look = Schema.Struct({
    version: Version,
    at: Schema.DateTimeUtc,
    result: Schema.Either({ left: failure, right: success }),
    // It is absent in journals that were written before the field existed.
    paymentStatus: Schema.optionalWith(Schema.OptionFromNullOr(Schema.String), { default: () => Option.none<string>() }),
    afterCrash: Schema.Boolean,
    next: Schema.String
  })
  return {
    look,
    settled: Schema.Union(Cancellation.Confirmed(name), Refunded, success) as Schema.Schema<AnySettled, unknown>,
    failure,
    notification: Schema.Struct({ ...Notification.CancelNotification(name).fields, capturedAmount: Cancellation.CapturedAmount })
  }
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
  readonly start: (request: CancelRequest<P>) => Effect.Effect<string, CancelError.InvalidCancelRequest, WorkflowEngine>
  /**
   * Starts a cancel, unless it was started before, and waits for its end, but only so long: for a web handler. If that
   * is not long enough, or the client is gone, it is worked on all the same.
   */
  readonly within: (
    request: CancelRequest<P>,
    duration: Duration.DurationInput
  ) => Effect.Effect<Settled<P> | Working, Failure<P> | CancelError.InvalidCancelRequest, WorkflowEngine>
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

/** What is waited for: the next notification about the payment, by its place among all of them. */
const bell = (place: number) => DurableDeferred.make(`notified/${place}`, { success: Schema.String })

/** The text of a notification, or null when the wait is over. */
type Heard = Effect.Effect<string | null, never, WorkflowEngine | WorkflowInstance>

/** How long after it was told of something an execution is woken a second time. */
const onceMore = Duration.seconds(1)

/** For how long that is tried: the engine does so for ever, and so kept a process alive that had closed its database. */
const wakingFor = Duration.seconds(10)

const clockName = (round: number) => `wait/${round}`

const requestIdProblem = { field: "requestId", problem: "must be a text that is not empty" }

/** No name of anything is longer, and a database's index takes no more: PostgreSQL's counts bytes, and takes less than 2,704. */
const longest = 1_000
const most = 2 * longest

/** PostgreSQL keeps no text that contains it. */
const nul = "\u0000"

/** Texts that a database refuses for ever, so that a cancel could never begin. */
const isUnfit = (text: string) => text.length > longest || new TextEncoder().encode(text).length > most || text.includes(nul)

/** The engine dies of an id that is empty, or that a space begins or ends. */
const canBeId = (text: string) => text !== "" && text === text.trim() && !isUnfit(text)

const unfitProblem = `must have no more than ${longest} characters, of no more than ${most} bytes, and none of them U+0000`

/** What is wrong with options, as text for a person. */
const problemOf = ({ giveUpAfter = defaultGiveUpAfter, waits = defaultWaits }: Options): Option.Option<string> => {
  const isTime = (input: unknown) =>
    Option.exists(Duration.decodeUnknown(input), (_) => Duration.isFinite(_) && Duration.greaterThan(_, Duration.zero))
  if (!isTime(giveUpAfter)) return Option.some("giveUpAfter must be a duration that is more than nothing, and finite")
  return Array.isArray(waits) && waits.length > 0 && waits.every(isTime)
    ? Option.none()
    : Option.some("waits must be one duration or several, each of them more than nothing, and finite")
}

/** Says of what something died. Nothing depends on the logger: where that dies, nobody is told. */
const logDeath = (of: string, defect: unknown): Effect.Effect<void> =>
  Effect.catchAllCause(Effect.logError(`effect-payment-cancel: ${of} died`, defect), () => Effect.void)

const build = <R>(name: string, provider: Provider, calls: Calls<R>, options: Options) => {
  const schemas = schemasOf(name, provider)
  const problem = problemOf(options)
  const { giveUpAfter, waits } = Option.isSome(problem)
    ? { giveUpAfter: defaultGiveUpAfter, waits: defaultWaits }
    : {
      giveUpAfter: Duration.decode(options.giveUpAfter ?? defaultGiveUpAfter),
      waits: Arr.map(options.waits ?? defaultWaits, (wait) => Duration.decode(wait))
    }
  const bounded = withPolicy(options.policy ?? {})

  const workflow = Workflow.make({
    name: `effect-payment-cancel/${name}`,
    payload: Payload,
    success: schemas.settled,
    error: schemas.failure,
    idempotencyKey: ({ request, requestId }) => {
      const { field, operation } = wayOf(request)
      return JSON.stringify([operation, textIn(request, field), requestId])
    }
  })

  /**
   * Marks that no process has used yet, by whoever made them. Whoever finds that a mark is not its own, or is used,
   * knows that a call may have been made: a process died, or handed its work over, after it had written the mark down.
   */
  const layer = Layer.unwrapEffect(Effect.suspend(() => {
    if (Option.isSome(problem)) return Effect.dieMessage(`CancelWorkflow.make("${name}"): ${problem.value}`)
    const unused = new Set<string>()
    const mark = Effect.tap(IdempotencyKey.random, (made) => Effect.sync(() => unused.add(made)))
    const carried = workflow.toLayer((payload, executionId) => carryThrough(payload, executionId, { mark, isUnused: (made) => unused.delete(made) }))
    return Effect.succeed(carried)
  }))

  interface Marks {
    readonly mark: Effect.Effect<string>
    readonly isUnused: (mark: string) => boolean
  }

  const carryThrough = ({ isCompensation = false, request, requestId, version: written }: Payload, executionId: string, { isUnused, mark }: Marks) =>
    Effect.gen(function*() {
      if (written !== version) return yield* leftToAnother(written)
      const records = yield* CancelRecords
      const { field, identifiedBy } = wayOf(request)
      const subject = { provider: name, identifiedBy, paymentId: textIn(request, field) }

      const intent = yield* known(Activity.make({
        name: "intent",
        success: Schema.Union(Intent, Other),
        execute: Effect.gen(function*() {
          const at = yield* DateTime.now
          const given = textIn(request, "idempotencyKey")
          const { begunAt, idempotencyKey } = yield* records.begin({
            ...subject,
            executionId,
            workflow: workflow.name,
            requestId,
            idempotencyKey: given === "" ? keyOf(executionId) : given,
            state: "Working",
            result: null,
            found: null,
            begunAt: at,
            changedAt: at
          })
          const told = yield* records.told(subject)
          return { version, at: begunAt, idempotencyKey, next: yield* mark, told } as const
        })
      }))
      const { idempotencyKey } = intent

      const change = (state: State, result: string) =>
        Effect.flatMap(DateTime.now, (changedAt) => records.change(executionId, { state, result, changedAt }))

      /** What a call that died says. What it died of may be anything, and is not kept. */
      const broken = (since: DateTime.Utc, exchanged: Option.Option<Pick<CancelError.Report, "attempts" | "history" | "retryAfter">>) =>
        new Unsettled({
          ...subject,
          code: null,
          message: `${name}: the cancel died of a defect`,
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

      /** One call, in the knowledge of those before it. */
      const call = (round: number, next: string, before: ReadonlyArray<Earlier>) =>
        known(Activity.make({
          name: `call/${round}`,
          success: Schema.Union(schemas.look, Other),
          execute: Effect.gen(function*() {
            const afterCrash = !isUnused(next)
            const earlier = afterCrash ? [...before, "Crash" as const] : before
            const cancelling = continueAfter(calls.cancel({ ...request, idempotencyKey }), earlier)
            const memory = Remembering.make()
            const result = yield* Effect.either(Remembering.during(bounded(cancelling), memory)).pipe(
              Effect.catchAllDefect((defect) =>
                Effect.zipRight(
                  logDeath(`the cancel of ${subject.paymentId}`, defect),
                  Effect.map(DateTime.now, (now) => Either.left(broken(intent.at, memory.recall(now))))
                )
              )
            )
            const journaled = Either.map(result, withoutPayload)
            const judged = judge(journaled)
            if (Either.isLeft(judged)) yield* change(judged.left.state, tagOf(Either.merge(journaled)))
            return { version, at: yield* DateTime.now, result: journaled, paymentStatus: Option.none<string>(), afterCrash, next: yield* mark } as const
          })
        }))

      /** What became of a cancel that was accepted: it is not sent again, and its status is read where there is one. */
      const look = (round: number, last: Look, accepted: Accepted) =>
        known(Activity.make({
          name: `status/${round}`,
          success: Schema.Union(schemas.look, Other),
          execute: Effect.gen(function*() {
            const status = yield* Effect.option(bounded(Effect.flatten(calls.status(request)))).pipe(
              Effect.catchAllDefect((defect) =>
                Effect.as(logDeath(`the status query of ${subject.paymentId}`, defect), Option.none())
              )
            )
            const result = Option.match(status, { onNone: () => last.result, onSome: (read) => judgeStatus(accepted, read, idempotencyKey) })
            const paymentStatus = Option.orElse(Option.map(status, (read) => read.status), () => last.paymentStatus)
            return { version, at: yield* DateTime.now, result, paymentStatus, afterCrash: false, next: last.next } as const
          })
        }))

      const finish = (ended: Ended, state: Extract<State, "Settled" | "HandedOver">) =>
        Effect.zipRight(
          // Nothing but the result is left to be written down: it does no harm to note this again.
          change(state, tagOf(Either.merge(ended))),
          Either.match(ended, { onLeft: (error) => Effect.fail(error), onRight: (success) => Effect.succeed(success) })
        )

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
      const from = (round: number, last: Look, before: ReadonlyArray<Earlier>, told: ReadonlyArray<string>): Effect.Effect<
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

          // A clock that was put back since uses up no time.
          const left = Duration.subtract(giveUpAfter, Duration.millis(DateTime.distance(intent.at, last.at)))
          const planned = waits[Math.min(round, waits.length - 1)] ?? waits[0]
          const giveUpNow = () => finish(Either.left(giveUp(last, { idempotencyKey, since: intent.at })), "HandedOver")
          if (Duration.lessThanOrEqualTo(left, Duration.zero)) return yield* giveUpNow()
          const waited = yield* wait(round, Duration.min(Duration.max(planned, judged.left.asked), left), last, told)
          if (Option.isSome(waited.settled)) return yield* settle(waited.settled.value)
          // One last call at the end of the time, but never sooner than the provider asked.
          if (Duration.greaterThan(judged.left.asked, left)) return yield* giveUpNow()
          const next = round + 1
          const accepted = Option.filter(Either.getRight(last.result), isAccepted)
          if (Option.isSome(accepted)) {
            return yield* from(next, yield* look(next, last, accepted.value), before, waited.told)
          }
          const earlier = [...before, ...doubtsOf(last)]
          return yield* from(next, yield* call(next, last.next, earlier), earlier, waited.told)
        })

      return yield* Effect.flatMap(call(0, intent.next, []), (first) => from(0, first, [], intent.told)).pipe(
        // The engine ends it, and nobody works on it any more.
        Effect.catchAllDefect((defect) =>
          Effect.zipRight(logDeath(`the execution ${executionId}`, defect), finish(Either.left(broken(intent.at, Option.none())), "HandedOver")))
      )
    })

  const payloadOf = (request: unknown): Effect.Effect<Payload, CancelError.InvalidCancelRequest> => {
    if (!Predicate.isRecord(request)) return Effect.fail(invalidRequest(name, request, requestIdProblem))
    const { requestId, ...own } = request
    const way = wayOf(own)
    const wrong = (problem: { readonly field: string; readonly problem: string }) => invalidRequest(name, own, problem, way.identifiedBy)
    if (typeof requestId !== "string" || requestId === "") return Effect.fail(wrong(requestIdProblem))
    // What names something has a column of its own; the rest of the request is kept as JSON.
    const unfit = [way.field, "idempotencyKey", "requestId"].find((field) => isUnfit(textIn(request, field)))
    if (unfit !== undefined) return Effect.fail(wrong({ field: unfit, problem: unfitProblem }))
    // In the form in which it comes back from the journal, wherever that is.
    return Schema.encode(Schema.parseJson())(own).pipe(
      Effect.flatMap(Schema.decode(Schema.parseJson(Payload.fields.request))),
      Effect.mapBoth({
        onFailure: () => wrong({ field: "request", problem: "cannot be written as JSON" }),
        onSuccess: (journaled) => ({ version, requestId, request: journaled })
      })
    )
  }

  /**
   * Also in a workflow of the caller's, whose own part it would be else: interrupted with it, and left in doubt; and of a
   * cancel that somebody else has started, the engine would not tell that workflow how it ended.
   */
  const apart = <A, E>(started: Effect.Effect<A, E, WorkflowEngine>): Effect.Effect<A, E, WorkflowEngine> =>
    Effect.flatMap(Effect.serviceOption(WorkflowInstance), Option.match({
      onNone: () => started,
      onSome: (instance) =>
        Effect.provideService(
          Effect.mapInputContext(started, (context: Context.Context<WorkflowInstance | WorkflowEngine>) =>
            Context.omit(WorkflowInstance)(context)),
          WorkflowInstance,
          instance
        )
    }))

  const execute = (payload: Payload) => apart(workflow.execute(payload))

  const begin = (payload: Payload) => apart(workflow.execute(payload, { discard: true }))

  const cancel = (request: unknown) => Effect.flatMap(payloadOf(request), execute)

  const start = (request: unknown) => Effect.flatMap(payloadOf(request), begin)

  const within = (request: unknown, duration: Duration.DurationInput) =>
    Effect.flatMap(payloadOf(request), (payload) =>
      Effect.flatMap(begin(payload), (executionId) =>
        Effect.timeoutTo(execute(payload), {
          duration,
          onSuccess: (settled): AnySettled | Working => settled,
          onTimeout: () => new Working({ executionId })
        })))

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
              Effect.forkDaemon(Effect.delay(Effect.timeoutOption(workflow.resume(executionId), wakingFor), onceMore))
            ), { discard: true })
        }), { discard: true })
    })

  const notified = (
    notifications: Notification.CancelNotification<string> | ReadonlyArray<Notification.CancelNotification<string>>
  ) => Effect.forEach(Arr.ensure(notifications), tellAll, { discard: true })

  /** That a cancel could be started, and that it is about a payment. */
  const check = (request: object) => {
    const { field, identifiedBy } = wayOf(request)
    return textIn(request, field) === ""
      ? Effect.fail(invalidRequest(name, request, { field, problem: "must be a text that is not empty" }, identifiedBy))
      : payloadOf(request)
  }

  const cancelOnFailure = Saga.cancelOnFailure({
    provider: name,
    check,
    start: (request) => Effect.flatMap(payloadOf(request), (payload) => begin({ ...payload, isCompensation: true }))
  })

  return { success: schemas.settled, error: schemas.failure, layer, cancel, start, within, outcome, notified, cancelOnFailure }
}

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
export const make = <const P extends Provider>(name: NameOf<P>, provider: P, options: Options = {}): CancelWorkflow<P> => {
  const cancel = (request: object) => {
    const { field, operation } = wayOf(request)
    const cancel = provider[operation]
    return cancel === undefined
      ? Effect.fail(invalidRequest(name, request, { field, problem: `is not how a payment is named at ${name}` }))
      // The operation itself checks whether the request is one of its own; what it needs is stated below.
      // @effect-diagnostics-next-line anyUnknownInErrorContext:off
      : cancel(request as never)
  }
  const status = (request: object) =>
    provider.status === undefined || wayOf(request).field !== "paymentId"
      ? Option.none()
      // It asks for what the cancel was about, also where that belongs to another account.
      // @effect-diagnostics-next-line anyUnknownInErrorContext:off
      : Option.some(provider.status(Struct.pick(request as { readonly paymentId: string; readonly account?: string }, "paymentId", "account") as never))
  // What is any provider's here is this one's: only its type says so.
  return build(name, provider, { cancel, status } as Calls<ContextOf<P>>, options) as unknown as CancelWorkflow<P>
}

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
        onNone: (): Effect.Effect<unknown, CancelError.Any, WorkflowEngine> =>
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
