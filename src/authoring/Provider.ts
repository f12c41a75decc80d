/**
 * What a provider declares, and how that becomes a service.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { DeclaredLimits } from "../Admission.js"
import type { Cancellation } from "../Cancellation.js"
import * as CancelError from "../CancelError.js"
import * as CancelEvent from "../CancelEvent.js"
import * as CancelPolicy from "../CancelPolicy.js"
import { type Restore, runAtMost } from "../engine/awaitAtMost.js"
import { type Authorizer, Means } from "../engine/authorizer.js"
import { EarlierDoubts, unbegun } from "../engine/earlier.js"
import { codeOf, statusOf, type Trace } from "../engine/evidence.js"
import { makeRedact } from "../engine/redaction.js"
import { type Plan, run } from "../engine/run.js"
import { unchecked } from "../engine/settlement.js"
import { queryStatus } from "../engine/statusQuery.js"
import { type Elapsed, stopwatch } from "../engine/stopwatch.js"
import { type Surroundings, surroundingsHere } from "../engine/surroundings.js"
import { cancelling, beginCounting, identify, querying, type Subject as Watched, type Watch } from "../engine/telemetry.js"
import type { Authorization } from "./Authorization.js"
import * as Errors from "./Errors.js"
import * as FetchOnce from "../FetchOnce.js"
import * as IdempotencyKey from "../IdempotencyKey.js"
import * as Input from "./Input.js"
import type { PaymentStatus } from "../PaymentStatus.js"
import * as Telemetry from "../Telemetry.js"
import * as Answer from "./Answer.js"
import type { ResendLicence } from "./ResendLicence.js"
import type { Successes } from "./Successes.js"

/**
 * What every cancel request may have.
 *
 * @since 0.1.0
 * @category models
 */
export interface OperationRequest {
  /** The key of this logical cancel; one is made if none is given. */
  readonly idempotencyKey?: string | undefined
}

/**
 * What a status query asks for.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatusRequest {
  /** The provider's own id of the payment, 1 to 255 characters. */
  readonly paymentId: string
}

/**
 * The errors of a status query.
 *
 * @since 0.1.0
 * @category models
 */
export type StatusError = CancelError.InvalidCancelRequest | CancelError.StatusUnavailable

/**
 * What a provider declares once for all its operations: facts as data.
 *
 * @since 0.1.0
 * @category models
 */
export interface Declaration<Name extends string, Connection, E> {
  /** Its name: that of its module, and the first part of the `_tag` of its errors. */
  readonly provider: Name
  /** Every error code and its class. */
  readonly errors: Errors.Catalogue<E>
  /** The default bounds, from the provider's own timings. */
  readonly policy: CancelPolicy.CancelPolicy
  /**
   * Every status, and where it stands towards being cancelled; none for a provider that states no
   * status.
   */
  readonly standings: Answer.Standings
  /** How long a key may be, in characters. */
  readonly longestIdempotencyKey: number
  /** Every credential, so that none is ever handed on, were it echoed. */
  readonly secrets: (connection: Connection) => ReadonlyArray<string>
  /** How a request gets the token or the signature that it needs. Without it, requests carry all they need. */
  readonly authorization?: (connection: Connection) => Authorization
  /**
   * What a body's text decodes to; JSON unless given. Answers that are written otherwise (XML)
   * become plain values here, and everything behind works as for JSON. None for a text that is not
   * written so.
   */
  readonly decode?: (text: string) => Option.Option<unknown>
  /**
   * The HTTP status that an answer stands for, where its own says nothing (it is always 200), given
   * what the payment was named by; empty for the request of a token. Everything is judged by it;
   * `httpStatus` of errors stays what it was. Only an answer with a 2xx may stand for another: any
   * other is from something before the provider.
   */
  readonly standsFor?: (answer: Answer.Answer, identifier: string) => number
  /** The headers by which the provider asks for a wait, beside `Retry-After`. */
  readonly delays?: Answer.Delays
  /** How much it takes, where it documents that: `CancelMany` keeps to it. */
  readonly limits?: DeclaredLimits
}

/**
 * How a provider is asked for a payment's status, and what its answer says.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatusQuery<Connection, V extends Answer.Vocabulary> {
  /** The HTTP request. `identifier` is the payment's id, unless the query goes by something else. */
  readonly request: (connection: Connection, identifier: string) => HttpClientRequest.HttpClientRequest
  /**
   * What an answer says about the payment that was named. Where the query goes by something else, an answer may
   * be about that, and not about this payment: check both.
   */
  readonly read: (answer: Answer.Answer, identifier: string, paymentId: string) => Answer.Reading<V>
  /**
   * The statuses of what it is about, if that is something else than a payment. They count for the
   * operation that reads it as well. The declaration's, unless given.
   */
  readonly standings?: Answer.Standings
}

/**
 * What a status query may be asked with beside the payment's id.
 *
 * @since 0.1.0
 * @category models
 */
export interface Asking<Connection, Request extends StatusRequest> {
  /** The checks of such a request, before anything is sent. */
  readonly checkRequest: (input: unknown) => Either.Either<Request, Input.Problem>
  /** The connection with which that request is carried out. */
  readonly actingFor: (connection: Connection, request: Request) => Connection
  /** What the query goes by, where that is not the payment's id. */
  readonly identifier?: (request: Request) => string
}

/**
 * One way of cancelling that a provider offers: data, and small pure functions for its wire
 * format.
 *
 * @since 0.1.0
 * @category models
 */
export interface Operation<Connection, Request extends OperationRequest, V extends Answer.Vocabulary, A> {
  /** Its name in spans and metrics: that of the provider's function. */
  readonly name: string
  /** How its requests name the payment. */
  readonly identifiedBy: CancelError.IdentifiedBy
  /** What a request names it by. */
  readonly identifier: (request: Request) => string
  /** The checks of a request, before anything is sent. */
  readonly checkRequest: (input: unknown) => Either.Either<Request, Input.Problem>
  /**
   * The connection with the account that a request names, in place of the layer's, where it may
   * name one. Everything about this one cancel goes by it: what is sent, the status that is read,
   * whom an answer must name, and what is kept secret.
   */
  readonly actingFor?: (connection: Connection, request: Request) => Connection
  /** Whether, and after what, the same request may be sent again. */
  readonly licence: (connection: Connection) => ResendLicence
  /** The HTTP request; it is built once per logical cancel. */
  readonly request: (
    connection: Connection,
    request: Request,
    idempotencyKey: string
  ) => HttpClientRequest.HttpClientRequest
  /**
   * Whether the account that an answer names is the connection's own, where answers name one. What
   * an answer to another account states counts for nothing. It sees the answer as it came, for the
   * account may be one of the `secrets`, which `read` never gets to see.
   */
  readonly isAddressedTo?: (answer: Answer.Answer, connection: Connection) => boolean
  /** What an answer says about the payment that was named. */
  readonly read: (answer: Answer.Answer, identifier: string) => Answer.Reading<V>
  /** How the status is read; none where the provider has no such query, or the payment's id is not known. */
  readonly statusQuery: Option.Option<StatusQuery<Connection, V>>
  /** What the status query goes by, where that is not the `identifier`. The provider's `status` goes by the same: see `Asking`. */
  readonly statusIdentifier?: (request: Request) => string
  /** What its proofs become: see `Successes`. */
  readonly successes: Successes<A, V>
}

/** What throws on a text that it does not know does not know that text. */
const guarded = (decode: (text: string) => Option.Option<unknown>): (text: string) => Option.Option<unknown> => {
  const attempt = Option.liftThrowable(decode)
  return (text) => Option.flatten(attempt(text))
}

/** The field of a request that names the payment. */
const identifierFields = {
  PaymentId: "paymentId",
  MerchantReference: "merchantReference",
  CreationKey: "creationKey"
} as const

const nothingSent = () => ({
  httpStatus: Option.none(),
  requestId: Option.none(),
  details: Option.none(),
  paymentStatus: Option.none(),
  retryAfter: Option.none(),
  attempts: 0,
  history: []
})

/**
 * The error for a request that is not acceptable: nothing was sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const invalidRequest = (
  provider: string,
  input: unknown,
  { field: within, problem }: Input.Problem,
  identifiedBy: CancelError.IdentifiedBy = "PaymentId"
): CancelError.InvalidCancelRequest => {
  // The path to the request itself is empty.
  const field = within === "" ? "request" : within
  const given = (key: string) => {
    const value = Predicate.hasProperty(input, key) ? input[key] : undefined
    return typeof value === "string" ? value : ""
  }
  return new CancelError.InvalidCancelRequest({
    provider,
    field,
    message: `${provider}: ${field} ${problem}`,
    paymentId: given(identifierFields[identifiedBy]),
    identifiedBy,
    idempotencyKey: given("idempotencyKey"),
    ...nothingSent()
  })
}

/**
 * Fails with `invalidRequest`; or with a `NoResponse`, where earlier calls left the payment in doubt.
 *
 * @since 0.1.0
 * @category constructors
 */
export const refuse = (
  ...request: Parameters<typeof invalidRequest>
): Effect.Effect<never, CancelError.InvalidCancelRequest | CancelError.NoResponse> =>
  Effect.flatMap(EarlierDoubts, (earlier) => Effect.fail(unbegun(earlier, invalidRequest(...request))))

const checkStatusRequest = Input.check(Schema.Struct({ paymentId: Input.PathSegment }))

/** What was provided to a provider's layer holds for its cancels, unless their caller says otherwise. */
const references = Effect.map(Effect.context<never>(), Context.pick(
  CancelEvent.CancelEvents,
  FetchOnce.FetchOnce,
  IdempotencyKey.IdempotencyKey,
  Telemetry.Identifiers
))

/**
 * A declared provider over a connection: turns its operations into effects.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connected<Name extends string, Connection, E> {
  readonly cancel: <
    Request extends OperationRequest,
    V extends Answer.Vocabulary,
    A extends Cancellation
  >(
    operation: Operation<Connection, Request, V, A>
  ) => (request: Request) => Effect.Effect<A, E | CancelError.Shared>
  readonly status: {
    (
      query: StatusQuery<Connection, Answer.Vocabulary>
    ): (request: StatusRequest) => Effect.Effect<PaymentStatus<Name>, StatusError>
    <Request extends StatusRequest>(
      query: StatusQuery<Connection, Answer.Vocabulary>,
      asking: Asking<Connection, Request>
    ): (request: Request) => Effect.Effect<PaymentStatus<Name>, StatusError>
  }
}

/**
 * Connects a provider: its declaration, a connection, and the HTTP client in context.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <Name extends string, Connection, E extends CancelError.Any & { readonly _tag: string }>(
  declaration: Declaration<Name, Connection, E>,
  connection: Connection,
  layerOptions: CancelPolicy.Options = {}
): Effect.Effect<Connected<Name, Connection, E>, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { errors, provider, standings } = declaration
    const client = yield* HttpClient.HttpClient
    const provided = yield* references
    const metricLabels = yield* FiberRef.get(FiberRef.currentMetricLabels)
    const standingOptions = CancelPolicy.merge(layerOptions, yield* CancelPolicy.CurrentOptions)
    yield* Either.mapLeft(
      CancelPolicy.resolve(declaration.policy, layerOptions),
      ({ field, problem }) => ConfigError.InvalidData(field.split("."), problem)
    )
    const ownSecrets = declaration.secrets(connection)
    const isListed = (code: string) => errors.byCode.has(code)
    const isKnown = (literal: string) => isListed(literal) || Object.hasOwn(standings, literal)
    const decode = guarded(declaration.decode ?? Answer.json)
    const { standsFor } = declaration
    const mannersFor = (identifier: string) => ({
      standsFor: standsFor === undefined ? undefined : (answer: Answer.Answer) => standsFor(answer, identifier),
      delays: declaration.delays
    })
    const authorization = declaration.authorization?.(connection)
    const authorizer: Authorizer<E> | null = authorization === undefined
      ? null
      : authorization instanceof Means
      ? yield* authorization.authorizer<E>({
        client,
        decode,
        ...mannersFor(""),
        catalogue: errors,
        redactBeside: (issued) => makeRedact({ secrets: ownSecrets, issued, isKnown })
      })
      : yield* Effect.dieMessage(`${provider}: its authorization is of another copy of the library`)
    const issued = authorizer?.issued
    const redactOwn = makeRedact({ secrets: ownSecrets, issued, isKnown })
    const checkKey = Input.check(
      Schema.Struct({ idempotencyKey: Input.idempotencyKey(declaration.longestIdempotencyKey) })
    )

    /** An operation with what was provided to the layer. It cannot be interrupted, except by what it is given for that. */
    const watched = <A, E2>(
      operation: string,
      carryOut: (subject: Watched, restore: Restore) => Effect.Effect<A, E2>
    ): Effect.Effect<A, E2> => {
      const effect = Effect.uninterruptibleMask((restore) =>
        carryOut({ provider, operation, surroundings: surroundingsHere(), isListed }, restore))
      return provided.unsafeMap.size === 0
        ? effect
        : Effect.mapInputContext(effect, (current: Context.Context<never>) => Context.merge(provided, current))
    }

    const resolve = (options: CancelPolicy.Options) =>
      CancelPolicy.resolve(declaration.policy, CancelPolicy.merge(standingOptions, options))
    // Most cancels have the same options as the one before: none.
    let last: { readonly options: CancelPolicy.Options; readonly bounds: ReturnType<typeof resolve> } | undefined
    const boundsIn = ({ context }: Surroundings) => {
      const options = Context.get(context, CancelPolicy.CurrentOptions)
      if (last === undefined || last.options !== options) last = { options, bounds: resolve(options) }
      return last.bounds
    }

    /** The payment as a refusal itself states it, by what is known of its code: in a status that is listed, or not at all. */
    const statedBy = <Payment>(
      status: number,
      refusal: Option.Option<Answer.Refusal>,
      stated: Option.Option<(status: string) => Payment>
    ): Option.Option<Payment> =>
      Option.flatMap(stated, (of) =>
        Option.flatMapNullable(Errors.entryOf(errors, status, codeOf({ refusal })), ({ row }) => row.states).pipe(
          Option.filter((literal) => Object.hasOwn(standings, literal)),
          Option.map(of)
        ))

    const actingAs = (acting: Connection) => {
      // An answer may name the account that the layer was built with as well.
      const redact = acting === connection
        ? redactOwn
        : makeRedact({ secrets: [...new Set([...ownSecrets, ...declaration.secrets(acting)])], issued, isKnown })

      const judge = <V extends Answer.Vocabulary>(
        read: (answer: Answer.Answer, identifier: string) => Answer.Reading<V>,
        identifier: string,
        stated: Option.Option<(status: string) => V["payment"]>,
        standings: Answer.Standings = declaration.standings,
        isAddressedTo?: (answer: Answer.Answer, connection: Connection) => boolean,
        stillRunning?: ReadonlyArray<number>
      ) => {
        const { delays, standsFor } = mannersFor(identifier)
        return {
          catalogue: errors,
          standings,
          standsFor,
          delays,
          stillRunning,
          read: (answer: Answer.Answer): Answer.Reading<V> => {
            const reading = redact.reading(read(redact.answer(answer, identifier), identifier), identifier)
            const refusal = Option.map(reading.refusal, (_) => Errors.withTellingCode(errors, _))
            if (isAddressedTo?.(answer, acting) === false) return { ...reading, refusal, payment: Option.none(), receipt: Option.none() }
            return Option.isNone(refusal) && Option.isSome(reading.payment) ? reading : {
              ...reading,
              refusal,
              payment: Option.orElse(reading.payment, () => statedBy(statusOf(answer, standsFor), refusal, stated))
            }
          }
        }
      }

      const query = <V extends Answer.Vocabulary>({ read, request, standings }: StatusQuery<Connection, V>, paymentId: string, identifier = paymentId) => ({
        request: request(acting, identifier),
        judge: judge((answer, identifier) => read(answer, identifier, paymentId), identifier, Option.none(), standings)
      })

      return { judge, query }
    }

    const ofLayer = actingAs(connection)
    /** What is asked and judged with a connection: the layer's, or one that acts for another account. */
    const over = (acting: Connection) => acting === connection ? ofLayer : actingAs(acting)

    const byId: Asking<Connection, StatusRequest> = { checkRequest: checkStatusRequest, actingFor: identity }

    const checkAsked = <Request extends StatusRequest>(input: unknown, { actingFor, checkRequest, identifier }: Asking<Connection, Request>) =>
      Either.map(checkRequest(input), (request) => ({
        paymentId: request.paymentId,
        identifier: identifier?.(request),
        acting: actingFor(connection, request)
      }))

    return {
      cancel: <Request extends OperationRequest, V extends Answer.Vocabulary, A extends Cancellation>(
        operation: Operation<Connection, Request, V, A>
      ) => {
        const { identifiedBy, name, successes } = operation
        const statusQuery = Option.getOrUndefined(operation.statusQuery)
        beginCounting(provider, name, metricLabels)

        const refused = (input: unknown, problem: Input.Problem) => refuse(provider, input, problem, identifiedBy)

        const planOf = (
          request: Request,
          paymentId: string,
          idempotencyKey: string,
          policy: CancelPolicy.CancelPolicy
        ): Plan<A, E, V> => {
          const acting = operation.actingFor?.(connection, request) ?? connection
          const { judge, query } = over(acting)
          const licence = operation.licence(acting)
          return {
            provider,
            paymentId,
            identifiedBy,
            idempotencyKey,
            catalogue: errors,
            successes,
            client,
            decode,
            authorizer,
            limits: declaration.limits,
            policy,
            licence,
            cancel: {
              request: operation.request(acting, request, idempotencyKey),
              judge: judge(
                operation.read,
                paymentId,
                // A row states what the payment is: with standings of its own, an operation is about something else.
                statusQuery?.standings ? Option.none() : successes.stated,
                statusQuery?.standings,
                operation.isAddressedTo,
                licence.stillRunning
              )
            },
            status: statusQuery === undefined
              ? null
              : () => query(statusQuery, paymentId, operation.statusIdentifier?.(request))
          }
        }

        const carryOut = (input: Request, watch: Watch, elapsed: Elapsed, restore: Restore) => {
          const { surroundings } = watch
          const accepted = operation.checkRequest(input)
          if (Either.isLeft(accepted)) return refused(input, accepted.left)
          const bounded = boundsIn(surroundings)
          if (Either.isLeft(bounded)) return refused(input, bounded.left)
          const request = accepted.right
          const bounds = bounded.right
          const paymentId = operation.identifier(request)
          identify(watch, { paymentId })

          const runUnder = (given: string, policy = bounds, sinceKey = elapsed) => {
            const checked = checkKey({ idempotencyKey: given })
            if (Either.isLeft(checked)) return refused(input, checked.left)
            const { idempotencyKey } = checked.right
            identify(watch, { idempotencyKey })
            return run(planOf(request, paymentId, idempotencyKey, policy), watch, sinceKey, restore)
          }

          if (request.idempotencyKey !== undefined) return runUnder(request.idempotencyKey)
          const generate = Context.get(surroundings.context, IdempotencyKey.IdempotencyKey)
          // The default waits for nothing.
          if (generate === IdempotencyKey.random) return Effect.flatMap(generate, (key) => runUnder(key))
          const { deadline } = bounds
          // It is made in a fiber of its own, and may have set a `FiberRef` there.
          const made = Effect.flatMap(generate, (key) =>
            Effect.map(Effect.getFiberRefs, (refs) => Effect.as(Effect.inheritFiberRefs(refs), key)))
          // Nothing goes out without one.
          const none = () =>
            Effect.fail(unbegun(
              Context.get(surroundings.context, EarlierDoubts),
              new CancelError.NotSent({
                provider,
                message: `${provider}: the cancel was not sent: no idempotency key was made within ${deadline} ms`,
                paymentId,
                identifiedBy,
                idempotencyKey: "",
                ...nothingSent()
              })
            ))
          return Effect.flatMap(Effect.flatten(runAtMost(made, deadline, none, restore)), (key) =>
            // What the key took comes off the time that is left.
            runUnder(key, { ...bounds, deadline: deadline - Math.floor(elapsed()) }, stopwatch(surroundings.clock)))
        }

        return (input: Request) =>
          watched(name, (subject, restore) => {
            const elapsed = stopwatch(subject.surroundings.clock)
            return cancelling(subject, elapsed, (watch) => carryOut(input, watch, elapsed, restore))
          })
      },
      status: <Request extends StatusRequest>(
        statusQuery: StatusQuery<Connection, Answer.Vocabulary>,
        asking?: Asking<Connection, Request>
      ) => {
        const query = Effect.fnUntraced(function*(input: Request, watch: Watch) {
          const refuse = (problem: Input.Problem) => invalidRequest(provider, input, problem)
          const { acting, identifier, paymentId } = yield* Either.mapLeft(asking === undefined ? checkAsked(input, byId) : checkAsked(input, asking), refuse)
          identify(watch, { paymentId })
          const bounds = yield* Either.mapLeft(boundsIn(watch.surroundings), refuse)
          const { at, attempts, evidence } = yield* queryStatus({
            provider,
            limits: declaration.limits,
            client,
            policy: bounds,
            decode,
            authorizer,
            query: over(acting).query(statusQuery, paymentId, identifier),
            watch
          })
          if (evidence._tag === "StatusUnread") {
            return yield* statusUnavailable(provider, paymentId, attempts, evidence.trace, errors)
          }
          const { payment, standing, trace } = evidence.stated
          return {
            provider,
            paymentId,
            status: payment.status,
            standing,
            capturedAmount: Answer.capturedAmount(payment),
            observedAt: at,
            requestId: trace.requestId
          }
        })
        return (input: Request) =>
          watched("status", (subject, restore) => querying(subject, (watch) => restore(query(input, watch))))
      }
    }
  })

/** The category of a failed query: its code's, if that is listed, else what its HTTP status says. */
const statusCategory = (trace: Trace, errors: Errors.Catalogue<unknown>): CancelError.Category => {
  // A row that is recognised by its HTTP status is about cancels.
  const listed = errors.byCode.get(codeOf(trace) ?? "")?.row.category
  return listed ??
    Option.match(Option.orElse(trace.standsFor, () => trace.httpStatus), {
      onNone: (): CancelError.Category => "Network",
      onSome: categoryOfFailedQuery
    })
}

/** A query changes nothing, so a 400 is about the query, and never about the payment's state. */
const categoryOfFailedQuery = (httpStatus: number): CancelError.Category => {
  if (httpStatus === 400) return "InvalidRequest"
  return httpStatus >= 500 ? "ProviderFault" : CancelError.categoryOfStatus(httpStatus)
}

const statusUnavailable = (
  provider: string,
  paymentId: string,
  attempts: number,
  trace: Trace,
  errors: Errors.Catalogue<unknown>
): CancelError.StatusUnavailable =>
  new CancelError.StatusUnavailable({
    provider,
    paymentId,
    attempts,
    code: codeOf(trace),
    category: statusCategory(trace, errors),
    message: `${provider}: the status could not be read: ${trace.explanation}`,
    httpStatus: trace.httpStatus,
    requestId: trace.requestId,
    details: Option.flatMapNullable(trace.refusal, ({ details }) => details),
    retryAfter: trace.retryAfter
  }, unchecked)

/** Options that every provider's layer has. */
interface LayerOptions {
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * A provider's `layer`: its options, checked and connected, become its service.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <
  Self,
  Service,
  Options extends LayerOptions,
  Name extends string,
  Connection,
  E extends CancelError.Any & { readonly _tag: string }
>(
  tag: Context.Tag<Self, Service>,
  provider: {
    readonly declaration: Declaration<Name, Connection, E>
    readonly connect: (options: Options) => Either.Either<Connection, ConfigError.ConfigError>
    readonly service: (connected: Connected<Name, Connection, E>) => Service
  }
) =>
(options: Options): Layer.Layer<Self, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(
    tag,
    Effect.gen(function*() {
      const connection = yield* provider.connect(options)
      return provider.service(yield* make(provider.declaration, connection, options.policy))
    })
  )

/**
 * A provider's `layerConfig`: its `layer`, with what is left out read from the `ConfigProvider`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = <Self, Options>(
  layer: (options: Options) => Layer.Layer<Self, ConfigError.ConfigError, HttpClient.HttpClient>,
  fromConfig: (overrides: Partial<Options>) => Config.Config<Options>
) =>
(overrides: Partial<Options> = {}): Layer.Layer<Self, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.unwrapEffect(Effect.map(fromConfig(overrides), layer))

/**
 * An operation of a provider's service as a function.
 *
 * @since 0.1.0
 * @category operations
 */
export const operation = <Self, Service, Request, A, E>(
  tag: Context.Tag<Self, Service>,
  of: (service: Service) => (request: Request) => Effect.Effect<A, E>
): (request: Request) => Effect.Effect<A, E, Self> =>
// As `flatMap` of the tag, in one step in place of three.
(request) => Effect.withFiberRuntime(({ currentContext }) => of(Context.unsafeGet(currentContext, tag))(request))
