/**
 * A route for a provider's webhook, ready to mount: it reads the raw body, verifies it, passes a
 * notification about a cancel to your handler, and answers the provider correctly. There is one for
 * `@effect/platform`'s router, and one for the web's `Request` and `Response`.
 *
 * | request | answer |
 * | --- | --- |
 * | a cancel, and the handler is done with it | 200 |
 * | a notification whose signature matches but that cannot be used (`answer` is `Acknowledge`) | 200 |
 * | no signature matches | 401 |
 * | malformed before a signature was compared, or a delivery that was signed too long ago | 400 |
 * | a method other than POST | 405, if the router passes it on |
 * | a body that is too large, even a genuine one | 413 |
 * | the handler fails or dies, the tracer throws at the route's own span, or something else has already read the body | 500 |
 * | a webhook that is not signed, and the provider cannot be asked about it | 503 |
 *
 * The body of a 200 is `[accepted]`, which some providers require and the others ignore.
 *
 * A provider sends a notification again if the answer is not a 2xx, and waits only a few seconds for
 * it: the handler should store it safely, and do nothing else that takes long. The same one may
 * arrive again at any time, even while it is being handled: recognise it by its `notificationId`.
 *
 * @since 0.1.0
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { constVoid } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { constant, type ErrorClass, type InvalidCancelRequest, type StatusUnavailable, survivingJson } from "./CancelError.js"
import { runAtMost } from "./engine/awaitAtMost.js"
import { logging, warn } from "./engine/logging.js"
import type * as Notification from "./Notification.js"
import * as Receiving from "./authoring/Receiving.js"

const refused = { answer: constant("Refuse"), message: Schema.String }

/** What an error is made from if its class fixes the answer. */
interface Refused {
  /** What is wrong, as text for a person. */
  readonly message: string
}

const tooLarge = { ...refused, maximumBodyBytes: Schema.Number }

interface Limit {
  /** How large a body may be, in bytes. */
  readonly maximumBodyBytes: number
}

interface BodyTooLargeInstance
  extends Notification.Failure<"Refuse">, Limit, Notification.Named<"Webhook.BodyTooLarge">, Cause.YieldableError
{}

const BodyTooLargeBase: ErrorClass<
  BodyTooLarge,
  "Webhook.BodyTooLarge",
  typeof tooLarge,
  Refused & Limit & { readonly answer?: "Refuse" },
  BodyTooLargeInstance
> = survivingJson(() =>
  Schema.TaggedError<BodyTooLarge>("effect-payment-cancel/Webhook.BodyTooLarge")("Webhook.BodyTooLarge", tooLarge)
)

/**
 * The body is larger than the limit, and was not read beyond it. A provider's notification is a few
 * kilobytes. If it was genuine, the provider sends it again and may hold back all others until
 * then: raise `maximumBodyBytes`.
 *
 * @since 0.1.0
 * @category errors
 */
export class BodyTooLarge extends BodyTooLargeBase {}

interface BodyUnavailableInstance
  extends Notification.Failure<"Refuse">, Notification.Named<"Webhook.BodyUnavailable">, Cause.YieldableError
{}

const BodyUnavailableBase: ErrorClass<
  BodyUnavailable,
  "Webhook.BodyUnavailable",
  typeof refused,
  Refused & { readonly answer?: "Refuse" },
  BodyUnavailableInstance
> = survivingJson(() =>
  Schema.TaggedError<BodyUnavailable>("effect-payment-cancel/Webhook.BodyUnavailable")("Webhook.BodyUnavailable", refused)
)

/**
 * The raw body is not available: something before the route has read it, such as a middleware that
 * parses JSON, or the connection broke. Fix the former where the route is mounted. The answer is a
 * 500, so the provider delivers again.
 *
 * @since 0.1.0
 * @category errors
 */
export class BodyUnavailable extends BodyUnavailableBase {}

/**
 * The handler failed, died, or interrupted itself, or the tracer threw at the span of the route. The
 * notification is not acknowledged, and the provider delivers it again.
 *
 * @since 0.1.0
 * @category errors
 */
export interface HandlerFailed extends Notification.Failure<"Refuse">, Notification.Named<"Webhook.HandlerFailed"> {
  /**
   * What the handler was given; none if an option of the route is invalid or the tracer threw, which
   * `cause` then describes.
   */
  readonly notification: Option.Option<Notification.CancelNotification<string>>
  /** What happened. */
  readonly cause: Cause.Cause<unknown>
}

/**
 * A webhook that is not signed names a payment, and the provider could not be asked about it. The
 * answer is a 503, so the provider delivers again.
 *
 * @since 0.1.0
 * @category errors
 */
export interface StatusUnread extends Notification.Failure<"Refuse">, Notification.Named<"Webhook.StatusUnread"> {
  /** Why the status could not be read. */
  readonly cause: InvalidCancelRequest | StatusUnavailable
}

/**
 * Anything except a cancel that was handled. `answer` says whether the notification is
 * acknowledged.
 *
 * @since 0.1.0
 * @category errors
 */
export type Problem = Notification.NotificationError | BodyTooLarge | BodyUnavailable | HandlerFailed | StatusUnread

/**
 * The HTTP status that a problem is answered with, for a route of your own: 200 for everything that
 * is acknowledged, 401 if no signature matches, 413 for a body that is too large, 500 for a fault
 * on this side, 503 if the provider could not be asked (also for the errors of a `notificationById`),
 * and 400 for the rest.
 *
 * @example
 * ```ts
 * import { Effect, Redacted } from "effect"
 * import { Stripe, Webhook } from "effect-payment-cancel"
 *
 * const status = Stripe.notification({ body: "{}", headers: {} }, { secret: Redacted.make("whsec_endpoint") }).pipe(
 *   Effect.match({ onSuccess: () => 200, onFailure: Webhook.statusOf })
 * )
 * ```
 *
 * @since 0.1.0
 * @category answers
 */
export const statusOf = (problem: Problem | StatusUnread["cause"]): 200 | 400 | 401 | 413 | 500 | 503 => {
  if (!("answer" in problem)) return 503
  if (problem.answer === "Acknowledge") return 200
  switch (problem._tag) {
    case "Notification.InvalidSignature":
      return 401
    case "Webhook.BodyTooLarge":
      return 413
    case "Webhook.BodyUnavailable":
    case "Webhook.HandlerFailed":
      return 500
    case "Webhook.StatusUnread":
      return 503
    default:
      return 400
  }
}

/**
 * Logs a problem: a notification about something else at level debug, a failed handler as an error,
 * and everything else as a warning. It is the default for `report`. Call it from your own `report`
 * to have both.
 *
 * @since 0.1.0
 * @category reports
 */
export const log = (problem: Problem): Effect.Effect<void> => {
  const words = { problem: problem._tag, answer: problem.answer }
  switch (problem._tag) {
    case "Notification.NotACancellation":
      return logging(Effect.annotateLogs(Effect.logDebug(problem.message), words))
    case "Webhook.HandlerFailed":
      return logging(Effect.annotateLogs(Effect.logError(problem.message, problem.cause), words))
    default:
      return logging(Effect.annotateLogs(Effect.logWarning(problem.message), words))
  }
}

/** How any webhook is received. */
interface Reception<R> {
  /**
   * How large a body may be, in bytes; 1 MiB by default. A larger one is answered with a 413 even
   * if it is genuine, because it cannot be verified. The provider sends it again, and may hold back
   * all others until then. So keep the limit well above the few kilobytes of a notification. A
   * value that is not a number despite its type, or is negative, is a defect that names this
   * option, and every request is then answered with a 500.
   */
  readonly maximumBodyBytes?: number | undefined
  /**
   * Called with every problem, before the request is answered. The answer waits for all of them
   * together, for at most one second, and does not depend on them. The default is `log`.
   */
  readonly report?: ((problem: Problem) => Effect.Effect<void, never, R>) | undefined
}

/**
 * How a webhook is received.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Told extends Notification.CancelNotification<string>, R = never>
  extends Notification.Verification, Reception<R>
{
  /**
   * The provider's `notification`, or its `notifications` if its webhooks hold lists of events; it
   * takes `secret` and `tolerance`.
   */
  readonly verify: (
    incoming: Notification.Incoming,
    verification: Notification.ListVerification
  ) => Effect.Effect<Told | Arr.NonEmptyReadonlyArray<Told>, Notification.NotificationError>
  /** Only for a webhook that is not signed: see `AskingOptions`. */
  readonly ask?: never
}

/**
 * How a webhook is received that is not signed, and only says what to ask the provider about. The
 * route then needs the provider's service.
 *
 * @since 0.1.0
 * @category models
 */
export interface AskingOptions<Told extends Notification.CancelNotification<string>, RAsk = never, R = never> extends Reception<R> {
  /** The provider's function that asks, such as `Mollie.notificationById`. */
  readonly ask: (
    incoming: Notification.Incoming
  ) => Effect.Effect<Told, Notification.NotificationError | InvalidCancelRequest | StatusUnavailable, RAsk>
  /** Only for a webhook that is signed: see `Options`. */
  readonly verify?: never
  /** None: no signature is looked at, so a secret would protect nothing. */
  readonly secret?: never
  /** None: the status is read now, whenever the webhook was sent. */
  readonly tolerance?: never
}

/** An answer, before it is one of the platform's or one of the web's. */
interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: { readonly [name: string]: string }
}

const accepted: Answer = { status: 200, text: "[accepted]", headers: {} }

const answerTo = (problem: Problem): Answer =>
  problem.answer === "Acknowledge" ? accepted : { status: statusOf(problem), text: toldOf(problem), headers: {} }

/** Nobody signs what the provider is asked about: whoever sent it is not told how that went. */
const toldOf = (problem: Problem): string =>
  problem._tag === "Webhook.StatusUnread" ? "what the webhook says could not be asked, and it is not acknowledged" : problem.message

const unavailable = () =>
  new BodyUnavailable({
    message: "The raw body of the webhook is not available: it was read before, or the connection broke"
  })

type BodyProblem = BodyTooLarge | BodyUnavailable

/** Chunks as they arrive; none at the end. */
type Pull = Effect.Effect<Option.Option<Iterable<unknown>>, BodyUnavailable>

/** What a request says about its body: its length in bytes, and whether there is a body at all. */
interface Announced {
  readonly bytes: Option.Option<number>
  readonly isThere: boolean
}

const announcedBy = (header: (name: string) => string | null | undefined): Announced => {
  const length = header("content-length") ?? ""
  const bytes = Option.liftPredicate(Number(length), () => /^\d+$/.test(length))
  return {
    bytes,
    isThere: Option.exists(bytes, (_) => _ > 0) || Predicate.isNotNullable(header("transfer-encoding"))
  }
}

/**
 * Reads a body to its end, or until it is too large, and no further. If the announced length is too
 * large, nothing is read. A body that is shorter than announced was read by something else, or
 * broke off.
 */
const readAtMost = Effect.fnUntraced(function*(maximumBodyBytes: number, announced: Announced, pull: Pull) {
  const tooLarge = new BodyTooLarge({
    maximumBodyBytes,
    message: `The body of the webhook is larger than ${maximumBodyBytes} bytes`
  })
  if (Option.exists(announced.bytes, (bytes) => bytes > maximumBodyBytes)) return yield* tooLarge
  // A list of pieces of one byte each would take hundreds of times their bytes.
  let body = new Uint8Array(0)
  let bytes = 0
  while (true) {
    const next = yield* pull
    if (Option.isNone(next)) break
    for (const each of next.value) {
      const chunk = yield* Effect.mapError(Receiving.bytesIn(each), unavailable)
      const end = bytes + chunk.byteLength
      if (end > maximumBodyBytes) return yield* tooLarge
      if (end > body.byteLength) {
        const larger = new Uint8Array(Math.max(end, 2 * body.byteLength))
        larger.set(body)
        body = larger
      }
      body.set(chunk, bytes)
      bytes = end
    }
  }
  if (Option.exists(announced.bytes, (_) => bytes < _) || (announced.isThere && bytes === 0)) return yield* unavailable()
  // In a buffer of its own, for whoever verifies may hash that.
  return body.slice(0, bytes)
})

/** A request. The body is read only once the limit is known. */
interface Arrived<R> {
  readonly method: string
  readonly headers: Notification.IncomingHeaders
  readonly body: (maximumBodyBytes: number) => Effect.Effect<Uint8Array, BodyProblem, R>
}

const defaultMaximumBodyBytes = 1_048_576

const maximumOf = (bytes: number | undefined): Effect.Effect<number> =>
  bytes === undefined || (Predicate.isNumber(bytes) && bytes >= 0)
    ? Effect.succeed(bytes ?? defaultMaximumBodyBytes)
    : Effect.die(ConfigError.InvalidData(["maximumBodyBytes"], "must be a number of bytes, and not negative"))

const failed = (
  message: string,
  notification: HandlerFailed["notification"],
  cause: Cause.Cause<unknown>
): HandlerFailed => ({ _tag: "Webhook.HandlerFailed", answer: "Refuse", message, notification, cause })

/** Begins to report a problem, without any influence on the answer. */
const beginReport = <R>(
  report: (problem: Problem) => Effect.Effect<void, never, R>,
  problem: Problem
): Effect.Effect<Fiber.Fiber<void>, never, R> =>
  Effect.suspend(() => report(problem)).pipe(
    Effect.catchAllCause((cause) => warn("Reporting a webhook problem failed", cause)),
    Effect.interruptible,
    Effect.forkDaemon
  )

/** Waits for all reports together, for they may be as many as the events of a list. Interrupting the wait interrupts none. */
const awaitReports = (reports: ReadonlyArray<Fiber.Fiber<void>>): Effect.Effect<void> =>
  reports.length === 0 ? Effect.void : Effect.asVoid(runAtMost(Fiber.awaitAll(reports), 1000, constVoid))

const unread = (cause: StatusUnread["cause"]): StatusUnread => ({
  _tag: "Webhook.StatusUnread",
  answer: "Refuse",
  message: `${cause.provider}: whether ${cause.paymentId} is cancelled, as a webhook says, could not be asked, and it is not acknowledged (${cause.message})`,
  cause
})

/** What a webhook says, by its signature, or by the provider that is asked. */
const readerOf = <Told extends Notification.CancelNotification<string>, RAsk, RReport>(
  options: Options<Told, RReport> | AskingOptions<Told, RAsk, RReport>,
  onUnusable: (problem: Notification.UnusableEvent) => Effect.Effect<void>
): (
  incoming: Notification.Incoming
) => Effect.Effect<Told | Arr.NonEmptyReadonlyArray<Told>, Notification.NotificationError | StatusUnread, RAsk> => {
  if (options.ask === undefined) {
    const { ask: _, maximumBodyBytes: __, report: ___, verify, ...verification } = options
    return (incoming) => verify(incoming, { ...verification, onUnusable })
  }
  return (incoming) =>
    Effect.mapError(options.ask(incoming), (error) =>
      error._tag === "CancelError.StatusUnavailable" || error._tag === "CancelError.InvalidCancelRequest" ? unread(error) : error)
}

/** Handles one request. */
const respond = <Told extends Notification.CancelNotification<string>, E, R, RAsk, RReport, RBody>(
  options: Options<Told, RReport> | AskingOptions<Told, RAsk, RReport>,
  handle: (notification: Told) => Effect.Effect<void, E, R>,
  arrived: Arrived<RBody>
): Effect.Effect<Answer, never, R | RAsk | RReport | RBody> => {
  const { maximumBodyBytes, report } = options
  if (arrived.method.toUpperCase() !== "POST") {
    return Effect.succeed({ status: 405, text: "A webhook is a POST", headers: { allow: "POST" } })
  }
  const reports: Array<Fiber.Fiber<void>> = []
  const reported = (problem: Problem) => Effect.map(beginReport<RReport>(report ?? log, problem), (fiber) => void reports.push(fiber))
  const received = Effect.gen(function*() {
    const body = yield* arrived.body(yield* maximumOf(maximumBodyBytes))
    const context = yield* Effect.context<RReport>()
    const onUnusable = (problem: Notification.UnusableEvent) => Effect.provide(reported(problem), context)
    return Arr.ensure(yield* readerOf(options, onUnusable)({ body, headers: arrived.headers }))
  }).pipe(
    Effect.catchAllDefect((defect) =>
      Effect.fail(failed("A webhook could not be verified", Option.none(), Cause.die(defect)))
    )
  )
  const handled = (notification: Told) =>
    Effect.suspend(() => handle(notification)).pipe(
      Effect.catchAllCause((cause) =>
        Effect.fail(failed(
          `${notification.provider}: the handler of a notification failed, and it is not acknowledged`,
          Option.some(notification),
          cause
        ))
      )
    )
  const refuse = (problem: Problem) => Effect.as(reported(problem), answerTo(problem))
  /** One that cannot be handled holds up none of the others, though all are delivered again because of it. */
  const answered = (notification: Told) =>
    Effect.matchEffect(handled(notification), { onSuccess: () => Effect.succeedNone, onFailure: (problem) => Effect.asSome(refuse(problem)) })
  return received.pipe(
    Effect.matchEffect({
      onSuccess: (notifications) =>
        Effect.map(Effect.forEach(notifications, answered), (answers) =>
          Option.getOrElse(Option.firstSomeOf(answers), () => accepted)),
      onFailure: refuse
    }),
    Effect.withSpan("Webhook.receive", { captureStackTrace: false }),
    // The tracer, for everything else was caught. Whether anything was handled is not known here.
    Effect.catchAllDefect((defect) => refuse(failed("A webhook could not be received", Option.none(), Cause.die(defect)))),
    Effect.tap(() => awaitReports(reports))
  )
}

/** For a platform request that wraps a web `Request`: what the latter says about its body. */
const says = (source: unknown, name: "body" | "bodyUsed", value: unknown): boolean =>
  Predicate.hasProperty(source, name) && source[name] === value

const ofPlatform = (request: HttpServerRequest.HttpServerRequest): Arrived<Scope.Scope> => ({
  method: request.method,
  headers: request.headers,
  body: (maximumBodyBytes) =>
    Effect.gen(function*() {
      const { source } = request
      if (says(source, "bodyUsed", true)) return yield* unavailable()
      // It stays open as long as the request: on Node, closing it would close the connection that
      // has to carry the answer.
      const pull = yield* Stream.toPull(says(source, "body", null) ? Stream.empty : request.stream)
      return yield* readAtMost(
        maximumBodyBytes,
        announcedBy((name) => request.headers[name]),
        pull.pipe(
          Effect.asSome,
          Effect.catchAll(Option.match({ onNone: () => Effect.succeedNone, onSome: unavailable }))
        )
      )
    }).pipe(
      // A stream that something else is reading cannot be read.
      Effect.catchAllDefect(unavailable)
    )
})

const ofWeb = (request: Request): Arrived<never> => ({
  method: request.method,
  headers: request.headers,
  body: (maximumBodyBytes) => {
    const { body } = request
    const announced = announcedBy((name) => request.headers.get(name))
    if (request.bodyUsed) return unavailable()
    if (body === null) return readAtMost(maximumBodyBytes, announced, Effect.succeedNone)
    return Effect.acquireUseRelease(
      Effect.try({ try: () => body.getReader(), catch: unavailable }),
      (reader) =>
        readAtMost(
          maximumBodyBytes,
          announced,
          Effect.map(
            Effect.tryPromise({ try: () => reader.read(), catch: unavailable }),
            ({ done, value }) => done ? Option.none() : Option.some([value])
          )
        ),
      // The rest is discarded, without waiting for the source to confirm.
      (reader) => Effect.forkDaemon(Effect.ignore(Effect.tryPromise(() => reader.cancel())))
    )
  }
})

/**
 * A webhook as an `HttpApp` of `@effect/platform`. Mount it with `HttpRouter.post`: the router
 * itself then answers other methods with a 404. With `HttpRouter.all` they get the 405.
 *
 * The handler receives each genuine notification about a cancel; those of one webhook one after the
 * other. It should store the notification and return; then that is acknowledged. If it fails or
 * dies, the answer is a 500, and the provider delivers again: any may come twice, even at once.
 *
 * Nothing may read the body before this route. The raw body is read up to `maximumBodyBytes` and no
 * further; a larger one is answered with a 413.
 *
 * A webhook that is not signed has `ask` in place of `verify` and `secret`: the provider is asked what
 * is true, and the app needs its service.
 *
 * It never fails: every problem is reported and answered.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@effect/platform"
 * import { Config, Effect, Option } from "effect"
 * import { Stripe, Webhook } from "effect-payment-cancel"
 *
 * const routes = Effect.map(Config.redacted("STRIPE_WEBHOOK_SECRET"), (secret) =>
 *   HttpRouter.empty.pipe(
 *     HttpRouter.post(
 *       "/webhooks/stripe",
 *       Webhook.httpApp({ verify: Stripe.notification, secret }, ({ livemode, paymentId }) =>
 *         Option.contains(livemode, true) ? Effect.log("cancelled", paymentId) : Effect.void)
 *     )
 *   ))
 * ```
 *
 * @since 0.1.0
 * @category routes
 */
export const httpApp = <Told extends Notification.CancelNotification<string>, E, R, RAsk = never, RReport = never>(
  options: Options<Told, RReport> | AskingOptions<Told, RAsk, RReport>,
  handle: (notification: Told) => Effect.Effect<void, E, R>
): HttpApp.Default<never, R | RAsk | RReport | Scope.Scope> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    Effect.map(respond(options, handle, ofPlatform(request)), ({ headers, status, text }) =>
      HttpServerResponse.text(text, {
        status,
        // The unread rest of the body is still on the connection, so the connection cannot be
        // reused.
        headers: status === 413 ? { ...headers, connection: "close" } : headers
      })))

/**
 * A webhook as a function from the web's `Request` to its `Response`: for Next.js, Hono, Bun, Deno,
 * Workers and anything else that uses them. Run it with a runtime that provides what the handler
 * requires. Pass the request's `signal` to `runPromise`, so that a client that disconnects
 * interrupts it.
 *
 * Otherwise it behaves like `httpApp`. A request whose body has been read already is answered with
 * a 500, and reported as `BodyUnavailable`.
 *
 * @example
 * ```ts
 * import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
 * import { Stripe, Webhook } from "effect-payment-cancel"
 *
 * const runtime = ManagedRuntime.make(Layer.empty)
 *
 * const handle = Webhook.webHandler(
 *   { verify: Stripe.notification, secret: Redacted.make("whsec_endpoint") },
 *   ({ paymentId }) => Effect.log("cancelled", paymentId)
 * )
 *
 * export const POST = (request: Request): Promise<Response> =>
 *   runtime.runPromise(handle(request), { signal: request.signal })
 * ```
 *
 * @since 0.1.0
 * @category routes
 */
export const webHandler = <Told extends Notification.CancelNotification<string>, E, R, RAsk = never, RReport = never>(
  options: Options<Told, RReport> | AskingOptions<Told, RAsk, RReport>,
  handle: (notification: Told) => Effect.Effect<void, E, R>
) =>
(request: Request): Effect.Effect<Response, never, R | RAsk | RReport> =>
  Effect.map(
    Effect.suspend(() => respond(options, handle, ofWeb(request))),
    ({ headers, status, text }) =>
      new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } })
  )
