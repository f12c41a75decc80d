/**
 * A route for a provider's webhook, ready to mount: it takes the raw body in, verifies it, hands
 * what it tells of a cancel to a handler of yours, and gives the provider the answer that is
 * due. One for `@effect/platform`'s router, and one for the web's `Request` and `Response`.
 *
 * | what came in | answer |
 * | --- | --- |
 * | a cancel, and the handler is done with it | 200 |
 * | a notification whose signature fits, of no use otherwise (`answer` is `Acknowledge`) | 200 |
 * | no signature fits | 401 |
 * | malformed before a signature was compared, or a replay | 400 |
 * | another method than POST | 405, where the router hands it on |
 * | a body that is too large, be it genuine | 413 |
 * | the handler fails or dies, or the body was read by somebody else before | 500 |
 *
 * A 200 says `[accepted]`, which Adyen asks for in older configurations, and nobody minds.
 *
 * A provider sends again what is not answered with a 2xx, and waits for an answer no longer than
 * some seconds (Adyen: ten). So let the handler store the notification, and nothing else that
 * takes long: what it tells has to be safe once it is acknowledged, and may come again at any
 * time, also while it is being handled.
 *
 * @since 0.1.0
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { constant, type ErrorClass, survivingJson } from "./CancelError.js"
import type * as Notification from "./Notification.js"
import * as Receiving from "./authoring/Receiving.js"

const refused = { answer: constant("Refuse"), message: Schema.String }

/** What an error is made from whose class fixes the answer. */
interface Refused {
  /** What is wrong, for a person. */
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
> = survivingJson(
  Schema.TaggedError<BodyTooLarge>("effect-payment-cancel/Webhook.BodyTooLarge")("Webhook.BodyTooLarge", tooLarge)
)

/**
 * The body is larger than is read; what is too much of it is not. A provider's notification is a
 * few kilobytes. If it was genuine all the same it comes again, and holds up Adyen's queue: raise
 * `maximumBodyBytes`.
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
> = survivingJson(
  Schema.TaggedError<BodyUnavailable>("effect-payment-cancel/Webhook.BodyUnavailable")("Webhook.BodyUnavailable", refused)
)

/**
 * The raw body is not to be had: something that was asked before has read it, such as a
 * middleware that parses JSON, or the connection broke. The first is to be fixed where the
 * route is mounted, so that the answer is a 500 and the provider delivers again.
 *
 * @since 0.1.0
 * @category errors
 */
export class BodyUnavailable extends BodyUnavailableBase {}

/**
 * The handler failed, died, or was interrupted by itself: nothing is acknowledged, and the
 * provider delivers again.
 *
 * @since 0.1.0
 * @category errors
 */
export interface HandlerFailed extends Notification.Failure<"Refuse">, Notification.Named<"Webhook.HandlerFailed"> {
  /** What the handler was given: none where an option of the route cannot be used, of which `cause` then tells. */
  readonly notification: Option.Option<Notification.CancelNotification<string>>
  /** What happened. */
  readonly cause: Cause.Cause<unknown>
}

/**
 * Everything but a cancel that was handled. `answer` says whether the provider was told that it
 * arrived, or not.
 *
 * @since 0.1.0
 * @category errors
 */
export type Problem = Notification.NotificationError | BodyTooLarge | BodyUnavailable | HandlerFailed

/**
 * The HTTP status that a problem is answered with, for a route of your own: 200 for everything
 * that is to be acknowledged, 401 where no signature fits, 413 for a body that is too large, 500
 * for a fault on this side, and 400 for the rest.
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
export const statusOf = (problem: Problem): 200 | 400 | 401 | 413 | 500 => {
  if (problem.answer === "Acknowledge") return 200
  switch (problem._tag) {
    case "Notification.InvalidSignature":
      return 401
    case "Webhook.BodyTooLarge":
      return 413
    case "Webhook.BodyUnavailable":
    case "Webhook.HandlerFailed":
      return 500
    default:
      return 400
  }
}

/**
 * Logs a problem: what is about something else at level debug, what the handler died of as an
 * error, and all else as a warning. It is what happens where a route is given no `report`; call
 * it from your own to have both.
 *
 * @since 0.1.0
 * @category reports
 */
export const log = (problem: Problem): Effect.Effect<void> => {
  const words = { problem: problem._tag, answer: problem.answer }
  switch (problem._tag) {
    case "Notification.NotACancellation":
      return Effect.annotateLogs(Effect.logDebug(problem.message), words)
    case "Webhook.HandlerFailed":
      return Effect.annotateLogs(Effect.logError(problem.message, problem.cause), words)
    default:
      return Effect.annotateLogs(Effect.logWarning(problem.message), words)
  }
}

/**
 * How a webhook is taken in.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Told extends Notification.CancelNotification<string>, R = never> extends Notification.Verification {
  /** The provider's `notification`; it takes `secret` and `tolerance`. */
  readonly verify: (
    incoming: Notification.Incoming,
    verification: Notification.Verification
  ) => Effect.Effect<Told, Notification.NotificationError>
  /**
   * How large a body may be, in bytes: 1 MiB unless given. A larger one is answered with a 413,
   * also if it is genuine, for it cannot be verified. The provider sends it again, and Adyen nothing
   * else from its queue until then: leave it well above the few kilobytes that a notification has.
   * What is no number although its type says so, or is negative, is a defect that names it, and
   * with it every request is answered with a 500.
   */
  readonly maximumBodyBytes?: number | undefined
  /**
   * What is told of everything but a cancel that was handled, before it is answered. The answer
   * waits for it, for at most one second, and does not depend on it. Unless given, it is `log`.
   */
  readonly report?: ((problem: Problem) => Effect.Effect<void, never, R>) | undefined
}

/** An answer, before it is one of the platform's or one of the web's. */
interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: { readonly [name: string]: string }
}

const accepted: Answer = { status: 200, text: "[accepted]", headers: {} }

const answerTo = (problem: Problem): Answer =>
  problem.answer === "Acknowledge" ? accepted : { status: statusOf(problem), text: problem.message, headers: {} }

const unavailable = () =>
  new BodyUnavailable({
    message: "The raw body of the webhook is not to be had: it was read before, or the connection broke"
  })

type BodyProblem = BodyTooLarge | BodyUnavailable

/** Chunks as they come: none at the end. */
type Pull = Effect.Effect<Option.Option<Iterable<unknown>>, BodyUnavailable>

/** What a request says of its body: how long it is, in bytes, and whether there is one at all. */
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

const concat = (chunks: ReadonlyArray<Uint8Array>, bytes: number): Uint8Array => {
  const whole = new Uint8Array(bytes)
  chunks.reduce((at, chunk) => {
    whole.set(chunk, at)
    return at + chunk.byteLength
  }, 0)
  return whole
}

/**
 * Reads a body to its end, or until it is too large: no further, and not at all where it says
 * so itself. One that is shorter than announced was read by somebody else, or broke off.
 */
const readAtMost = Effect.fnUntraced(function*(maximumBodyBytes: number, announced: Announced, pull: Pull) {
  const tooLarge = new BodyTooLarge({
    maximumBodyBytes,
    message: `The body of the webhook is larger than ${maximumBodyBytes} bytes`
  })
  if (Option.exists(announced.bytes, (bytes) => bytes > maximumBodyBytes)) return yield* tooLarge
  const chunks: Array<Uint8Array> = []
  let bytes = 0
  while (true) {
    const next = yield* pull
    if (Option.isNone(next)) break
    for (const each of next.value) {
      // A copy, because a source may fill its buffer again.
      const chunk = yield* Effect.mapError(Receiving.bytesIn(each), unavailable)
      bytes += chunk.byteLength
      if (bytes > maximumBodyBytes) return yield* tooLarge
      chunks.push(chunk)
    }
  }
  if (Option.exists(announced.bytes, (_) => bytes < _) || (announced.isThere && bytes === 0)) return yield* unavailable()
  return concat(chunks, bytes)
})

/** What came in, as far as it has to be read: the body only once it is known how much of it may be. */
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

/** Tells what hears of problems, without letting it decide anything about the answer. */
const tell = <R>(
  report: (problem: Problem) => Effect.Effect<void, never, R>,
  problem: Problem
): Effect.Effect<void, never, R> =>
  Effect.suspend(() => report(problem)).pipe(
    Effect.catchAllCause((cause) => Effect.logWarning("The report of a webhook's problem died", cause)),
    Effect.interruptible,
    Effect.forkDaemon,
    // Interrupting the wait does not interrupt the report.
    Effect.flatMap((fiber) => Fiber.await(fiber).pipe(Effect.timeoutOption("1 second"), Effect.asVoid))
  )

/** What became of one request. */
const respond = <Told extends Notification.CancelNotification<string>, E, R, RReport, RBody>(
  { maximumBodyBytes, report, verify, ...verification }: Options<Told, RReport>,
  handle: (notification: Told) => Effect.Effect<void, E, R>,
  arrived: Arrived<RBody>
): Effect.Effect<Answer, never, R | RReport | RBody> => {
  if (arrived.method.toUpperCase() !== "POST") {
    return Effect.succeed({ status: 405, text: "A webhook is a POST", headers: { allow: "POST" } })
  }
  const received = Effect.gen(function*() {
    const body = yield* arrived.body(yield* maximumOf(maximumBodyBytes))
    return yield* verify({ body, headers: arrived.headers }, verification)
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
  return Effect.flatMap(received, handled).pipe(
    Effect.matchEffect({
      onSuccess: () => Effect.succeed(accepted),
      onFailure: (problem) => Effect.as(tell<RReport>(report ?? log, problem), answerTo(problem))
    }),
    Effect.withSpan("Webhook.receive", { captureStackTrace: false })
  )
}

/** Of one of the platform's requests that was made of a `Request` of the web: what that says of its body. */
const says = (source: unknown, name: "body" | "bodyUsed", value: unknown): boolean =>
  Predicate.hasProperty(source, name) && source[name] === value

const ofPlatform = (request: HttpServerRequest.HttpServerRequest): Arrived<Scope.Scope> => ({
  method: request.method,
  headers: request.headers,
  body: (maximumBodyBytes) =>
    Effect.gen(function*() {
      const { source } = request
      if (says(source, "bodyUsed", true)) return yield* unavailable()
      // It lasts as long as the request: at Node its end is the connection's, which is to carry the answer.
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
      // A stream that somebody else is reading cannot be read.
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
      // What is left is not wanted, and nobody waits until its source has understood.
      (reader) => Effect.forkDaemon(Effect.ignore(Effect.tryPromise(() => reader.cancel())))
    )
  }
})

/**
 * A webhook as an app of `@effect/platform`: mount it with `HttpRouter.post`, under which the
 * router itself answers other methods with a 404; mounted with `HttpRouter.all` they get the 405.
 *
 * The handler gets what a genuine notification tells of a cancel. Let it store that and be done;
 * the notification is acknowledged when it is. Where it fails or dies the answer is a 500, and
 * the provider delivers again. The same notification may come many times, and two at once.
 *
 * Nothing may read the body before. The raw body is read up to `maximumBodyBytes`, and no
 * further; a larger one is answered with a 413.
 *
 * It fails with nothing: whatever is wrong is reported and answered.
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
export const httpApp = <Told extends Notification.CancelNotification<string>, E, R, RReport = never>(
  options: Options<Told, RReport>,
  handle: (notification: Told) => Effect.Effect<void, E, R>
): HttpApp.Default<never, R | RReport | Scope.Scope> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    Effect.map(respond(options, handle, ofPlatform(request)), ({ headers, status, text }) =>
      HttpServerResponse.text(text, {
        status,
        // What is left of a body that was not read is nobody's: nothing else can come over its connection.
        headers: status === 413 ? { ...headers, connection: "close" } : headers
      })))

/**
 * A webhook as a function from the web's `Request` to its `Response`: for Next.js, Hono, Bun,
 * Deno, Workers and whatever else speaks them. Run it with a runtime that has what the handler
 * needs; give `runPromise` the request's `signal`, and a client that hangs up interrupts it.
 *
 * It is otherwise as `httpApp`. A request whose body has been read already is answered with a
 * 500, and reported as `BodyUnavailable`.
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
export const webHandler = <Told extends Notification.CancelNotification<string>, E, R, RReport = never>(
  options: Options<Told, RReport>,
  handle: (notification: Told) => Effect.Effect<void, E, R>
) =>
(request: Request): Effect.Effect<Response, never, R | RReport> =>
  Effect.map(
    Effect.suspend(() => respond(options, handle, ofWeb(request))),
    ({ headers, status, text }) =>
      new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } })
  )
