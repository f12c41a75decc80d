/**
 * What a provider declares, and how that becomes a service.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Cancellation from "./Cancellation.js"
import * as CancelError from "./CancelError.js"
import * as CancelEvent from "./CancelEvent.js"
import * as CancelPolicy from "./CancelPolicy.js"
import type { Trace } from "./engine/evidence.js"
import { makeRedact } from "./engine/redaction.js"
import { run } from "./engine/run.js"
import type { ProofFacts, Successes } from "./engine/settlement.js"
import { queryStatus } from "./engine/statusQuery.js"
import type * as ErrorTable from "./ErrorTable.js"
import * as IdempotencyKey from "./IdempotencyKey.js"
import * as Input from "./Input.js"
import type { PaymentStatus } from "./PaymentStatus.js"
import type * as Reading from "./Reading.js"
import type { ResendLicence } from "./ResendLicence.js"

/**
 * What every cancel request has.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  readonly paymentId: string
  readonly idempotencyKey?: string | undefined
}

/**
 * What a status query asks for.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatusRequest {
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
 * What a provider declares: facts as data, and small pure functions for its wire format.
 *
 * - `errors`: every error code and its class.
 * - `policy`: the default bounds, from the provider's own timings.
 * - `standings`: every status, and where it stands towards being cancelled.
 * - `secrets`: every credential, so that none is ever handed on, were it echoed.
 * - `licence`: whether, and after what, the same request may be sent again.
 * - `request`: the checks of a cancel request.
 * - `cancel`, `status`: the HTTP requests. They are built once per logical cancel.
 * - `readCancel`, `readStatus`: what an answer says about the payment that was asked for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Declaration<Name extends string, Connection, Request extends CancelRequest, Payload, E> {
  readonly provider: Name
  readonly errors: ErrorTable.Catalogue<E>
  readonly policy: CancelPolicy.CancelPolicy
  readonly standings: Reading.Standings
  readonly secrets: (connection: Connection) => ReadonlyArray<string>
  readonly licence: (connection: Connection) => ResendLicence
  readonly checkRequest: (input: unknown) => Either.Either<Request, Input.Problem>
  readonly cancel: (
    connection: Connection,
    request: Request,
    idempotencyKey: string
  ) => HttpClientRequest.HttpClientRequest
  readonly readCancel: (answer: Reading.Answer, paymentId: string) => Reading.Reading<Payload>
  readonly status: (connection: Connection, paymentId: string) => HttpClientRequest.HttpClientRequest
  readonly readStatus: (answer: Reading.Answer, paymentId: string) => Reading.Reading<Payload>
}

/**
 * A provider's service: what its tag holds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service<Request, A, E, Status> {
  readonly cancel: (request: Request) => Effect.Effect<A, E>
  readonly status: (request: StatusRequest) => Effect.Effect<Status, StatusError>
}

/**
 * The successes of a provider that answers a cancel with the cancelled payment, or whose
 * status says so.
 *
 * @since 0.1.0
 * @category models
 */
export type Synchronous<Name extends string, Payload> =
  | Cancellation.Cancelled<Name, Payload>
  | Cancellation.AlreadyCancelled<Name>

const successes = <Name extends string, Payload>(
  provider: Name,
  paymentId: string
): Successes<Synchronous<Name, Payload>, Payload> => {
  const cancelled = (
    facts: ProofFacts,
    { cancelledAt, payload, reason }: Reading.StatedPayment<Payload>,
    evidence: Cancellation.Evidence
  ): Cancellation.Cancelled<Name, Payload> =>
    ({ _tag: "Cancelled", provider, paymentId, ...facts, evidence, cancelledAt, reason, payload })
  return {
    acknowledged: (facts, payment) => cancelled(facts, payment, "Response"),
    readAsCancelled: (facts, payment, maybeOurs) =>
      maybeOurs
        ? cancelled(facts, payment, "StatusQuery")
        : { _tag: "AlreadyCancelled", provider, paymentId, ...facts, evidence: "StatusQuery" }
  }
}

/** What the HTTP client's spans record of a request shows its headers, so it records nothing of ours. */
const untraced = HttpClient.withTracerDisabledWhen(() => true)

/**
 * The error for a request that is not acceptable: nothing was sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const invalidRequest = (
  provider: string,
  input: unknown,
  { field, problem }: Input.Problem
): CancelError.InvalidCancelRequest => {
  const given = (key: string) => {
    const value = Predicate.hasProperty(input, key) ? input[key] : undefined
    return typeof value === "string" ? value : ""
  }
  return new CancelError.InvalidCancelRequest({
    provider,
    field,
    message: `${provider}: ${field} ${problem}`,
    paymentId: given("paymentId"),
    httpStatus: Option.none(),
    requestId: Option.none(),
    details: Option.none(),
    paymentStatus: Option.none(),
    retryAfter: Option.none(),
    idempotencyKey: given("idempotencyKey"),
    attempts: 0,
    history: []
  })
}

/**
 * Reads an answer as the provider does, and hands on nothing that shows a credential. What
 * is *judged* (whose payment, which status, which code) is what was received; only what is
 * *shown* is redacted.
 */
const redacting = <Payload>(
  read: (answer: Reading.Answer) => Reading.Reading<Payload>,
  secrets: ReadonlyArray<string>,
  isKnown: (literal: string) => boolean
) => {
  const redact = makeRedact(secrets)
  const redactText = (text: string): string => String(redact(text))
  const redactLiteral = (literal: string): string => isKnown(literal) ? literal : redactText(literal)
  return (answer: Reading.Answer): Reading.Reading<Payload> => {
    const received = read(answer)
    const shown = read({ ...answer, json: Option.map(answer.json, redact) })
    return {
      requestId: Option.map(received.requestId, redactText),
      refusal: Option.map(received.refusal, ({ code, details, message }) => ({
        code: code === null ? null : redactLiteral(code),
        message: message === null ? null : redactText(message),
        details: redact(details)
      })),
      payment: Option.map(received.payment, ({ cancelledAt, reason, status }) => ({
        status: redactLiteral(status),
        cancelledAt,
        reason: Option.map(reason, redactText),
        payload: Option.flatMap(shown.payment, ({ payload }) => payload)
      }))
    }
  }
}

const checkStatusRequest = Input.check(Schema.Struct({ paymentId: Input.PathSegment }))

const checkIdempotencyKey = Input.check(Schema.Struct({ idempotencyKey: Input.idempotencyKey() }))

/** What was provided to a provider's layer holds for its cancels, unless their caller says otherwise. */
const references = Effect.map(Effect.context<never>(), Context.pick(
  CancelEvent.CancelEvents,
  IdempotencyKey.IdempotencyKey,
  CancelPolicy.CurrentOptions
))

/**
 * Makes a provider's service from its declaration, a connection and the HTTP client in
 * context.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <
  Name extends string,
  Connection,
  Request extends CancelRequest,
  Payload,
  E extends CancelError.Any & { readonly _tag: string }
>(
  declaration: Declaration<Name, Connection, Request, Payload, E>,
  connection: Connection,
  layerOptions: CancelPolicy.Options = {}
): Effect.Effect<
  Service<Request, Synchronous<Name, Payload>, E | CancelError.Shared, PaymentStatus<Name>>,
  never,
  HttpClient.HttpClient
> =>
  Effect.gen(function*() {
    const { errors, provider, standings } = declaration
    const client = untraced(yield* HttpClient.HttpClient)
    const provided = yield* references
    const secrets = declaration.secrets(connection)
    const licence = declaration.licence(connection)
    const isKnown = (literal: string) => errors.byCode.has(literal) || Object.hasOwn(standings, literal)

    const policy = Effect.flatMap(
      CancelPolicy.CurrentOptions,
      (current) => CancelPolicy.resolve(declaration.policy, CancelPolicy.merge(layerOptions, current))
    )
    const judge = (read: Declaration<Name, Connection, Request, Payload, E>["readCancel"], paymentId: string) => ({
      catalogue: errors,
      standings,
      read: redacting((answer) => read(answer, paymentId), secrets, isKnown)
    })
    const statusQuery = (paymentId: string) => ({
      request: declaration.status(connection, paymentId),
      judge: judge(declaration.readStatus, paymentId)
    })
    const refusing = <A>(input: unknown, checked: Effect.Effect<A, Input.Problem>) =>
      Effect.mapError(checked, (problem) => invalidRequest(provider, input, problem))

    const cancel = Effect.fnUntraced(function*(input: Request) {
      const request = yield* refusing(input, declaration.checkRequest(input))
      const bounds = yield* refusing(input, policy)
      const generate = yield* IdempotencyKey.IdempotencyKey
      const { idempotencyKey } = yield* refusing(
        input,
        checkIdempotencyKey({ idempotencyKey: request.idempotencyKey ?? (yield* generate) })
      )
      const { paymentId } = request
      return yield* run({
        provider,
        paymentId,
        idempotencyKey,
        catalogue: errors,
        successes: successes<Name, Payload>(provider, paymentId),
        client,
        policy: bounds,
        licence,
        cancel: {
          request: declaration.cancel(connection, request, idempotencyKey),
          judge: judge(declaration.readCancel, paymentId)
        },
        status: Option.some(statusQuery(paymentId))
      })
    })

    const status = Effect.fnUntraced(function*(input: StatusRequest) {
      const { paymentId } = yield* refusing(input, checkStatusRequest(input))
      const bounds = yield* refusing(input, policy)
      const { at, attempts, evidence } = yield* queryStatus({ client, policy: bounds, query: statusQuery(paymentId) })
      if (evidence._tag === "StatusRead") {
        const { payment, standing, trace } = evidence.stated
        return { provider, paymentId, status: payment.status, standing, observedAt: at, requestId: trace.requestId }
      }
      return yield* statusUnavailable(provider, paymentId, attempts, evidence.trace, errors)
    })

    const withProvided = <A, E2>(effect: Effect.Effect<A, E2>): Effect.Effect<A, E2> =>
      Effect.mapInputContext(effect, (current: Context.Context<never>) => Context.merge(provided, current))

    return {
      cancel: (request) => withProvided(cancel(request)),
      status: (request) => withProvided(status(request))
    }
  })

/** The category of a failed query: its code's, if that is listed, else what its HTTP status says. */
const statusCategory = (trace: Trace, errors: ErrorTable.Catalogue<unknown>): CancelError.Category => {
  const listed = Option.flatMapNullable(
    trace.refusal,
    ({ code }) => code === null ? undefined : errors.byCode.get(code)?.row.category
  )
  return Option.getOrElse(listed, () =>
    Option.match(trace.httpStatus, {
      onNone: (): CancelError.Category => "Network",
      onSome: (status) => categoryOfStatus[status] ?? (status >= 500 ? "ProviderFault" : "Unexpected")
    }))
}

const categoryOfStatus: { readonly [status: number]: CancelError.Category } = {
  400: "InvalidRequest",
  401: "Unauthenticated",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  429: "RateLimited"
}

const statusUnavailable = (
  provider: string,
  paymentId: string,
  attempts: number,
  trace: Trace,
  errors: ErrorTable.Catalogue<unknown>
): CancelError.StatusUnavailable =>
  new CancelError.StatusUnavailable({
    provider,
    paymentId,
    attempts,
    code: Option.getOrNull(Option.flatMapNullable(trace.refusal, ({ code }) => code)),
    category: statusCategory(trace, errors),
    message: `${provider}: the status could not be read: ${trace.explanation}`,
    httpStatus: trace.httpStatus,
    requestId: trace.requestId,
    details: Option.flatMapNullable(trace.refusal, ({ details }) => details),
    retryAfter: trace.retryAfter
  })
