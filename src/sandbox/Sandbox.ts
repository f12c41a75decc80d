/**
 * Stateful emulators of the providers behind one service: create payments, break the network on
 * purpose, and see what really happened to each payment.
 *
 * `layer` keeps everything in memory: deterministic, with no timer except Effect's Clock. The same
 * emulators on a real socket are in `effect-payment-cancel/sandbox/server`.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
 *
 * const program = Effect.gen(function* () {
 *   const sandbox = yield* Sandbox.Sandbox
 *   const paymentId = yield* sandbox.create("WePay")
 *   yield* sandbox.inject(Fault.dropAfterApplying, { provider: "WePay", operation: "Cancel" })
 *   // … cancel it with any client that is given `Sandbox.layer`'s HttpClient …
 *   return yield* sandbox.payment("WePay", paymentId)
 * }).pipe(Effect.provide(Sandbox.layer))
 * ```
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Delivery from "./Delivery.js"
import type * as Emulator from "./Emulator.js"
import * as emulators from "./emulators/index.js"
import { classicWebhook as nameOnly } from "./emulators/Mollie.js"
import type * as Fault from "./Fault.js"
import * as InMemoryHttpClient from "./InMemoryHttpClient.js"
import type * as Payments from "./Payments.js"
import type * as Webhook from "./Webhook.js"

/**
 * The providers of a sandbox, by name: one definition each.
 *
 * @since 0.1.0
 * @category providers
 */
export interface Definitions {
  readonly [provider: string]: Emulator.Definition
}

/**
 * The providers that the library has emulators for.
 *
 * @since 0.1.0
 * @category providers
 */
export type Registry = { readonly [P in keyof typeof emulators]: (typeof emulators)[P] }

/**
 * The names of the providers that the library has emulators for.
 *
 * @since 0.1.0
 * @category providers
 */
export type Provider = keyof Registry

/**
 * What can be chosen for a new payment of a provider: one of the library's, or of `D`.
 *
 * @since 0.1.0
 * @category providers
 */
export type CreateOptions<P extends keyof D, D extends Definitions = Registry> = D[P] extends
  Emulator.Definition<infer Create, infer _Credentials> ? Create
  : never

/** Indexed by any provider: the common part of all definitions. */
const definitions: { readonly [P in Provider]: Emulator.Definition } = emulators

/**
 * The names of all providers the sandbox can emulate.
 *
 * @since 0.1.0
 * @category providers
 */
// A cast, because `Object.keys` returns strings: the module's exports are the providers.
export const providers = Object.keys(definitions) as ReadonlyArray<Provider>

/**
 * The definition of a provider: hosts, routes, statuses, ready requests.
 *
 * @since 0.1.0
 * @category providers
 */
export const definition = (provider: Provider): Emulator.Definition => definitions[provider]

/**
 * Whether a word names a provider of the sandbox.
 *
 * @since 0.1.0
 * @category providers
 */
export const isProvider = (word: string): word is Provider => Object.hasOwn(definitions, word)

/**
 * Credentials that the emulators accept. They are not secrets, and work nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
// A cast, because `Object.fromEntries` loses which value belongs to which key.
export const credentials = Object.fromEntries(
  providers.map((provider) => [provider, definitions[provider].credentials])
) as { readonly [P in Provider]: Registry[P]["credentials"] }

/**
 * The secret with which the sandbox signs a provider's webhooks: verify them with it. Empty if the
 * sandbox has no webhooks for the provider, or nobody signs them, as PayPal's here.
 *
 * @since 0.1.0
 * @category webhooks
 */
export const webhookSecret = (provider: Provider): string => definitions[provider].webhook?.secret ?? ""

/**
 * The address that the sandbox signs with a provider's webhooks, as if it were that of the
 * subscription: verify Square's with it. Empty if the provider signs none.
 *
 * @example
 * ```ts
 * import { Effect, Redacted } from "effect"
 * import { Square } from "effect-payment-cancel"
 * import { Sandbox } from "effect-payment-cancel/sandbox"
 *
 * const verification = {
 *   secret: Redacted.make(Sandbox.webhookSecret("Square")),
 *   notificationUrl: Sandbox.notificationUrl("Square")
 * }
 *
 * const told = Effect.gen(function*() {
 *   const sent = yield* (yield* Sandbox.Sandbox).notifications("Square")
 *   return yield* Effect.forEach(sent, (each) => Square.notification(each, verification))
 * })
 * ```
 *
 * @since 0.1.0
 * @category webhooks
 */
export const notificationUrl = (provider: Provider): string => definitions[provider].webhook?.notificationUrl ?? ""

/**
 * The classic webhook of a payment at Mollie, which goes to the payment's own `webhookUrl`: nobody
 * signs it, and it only names the payment, be there one or not. `notifications("Mollie")` are the
 * signed ones.
 *
 * @example
 * ```ts
 * import { Mollie } from "effect-payment-cancel"
 * import { Sandbox } from "effect-payment-cancel/sandbox"
 *
 * const told = Mollie.notificationById(Sandbox.classicWebhook("tr_7UhSN1zuXS"))
 * ```
 *
 * @since 0.1.0
 * @category webhooks
 */
export const classicWebhook = (paymentId: string): Pick<Webhook.Notification, "body" | "headers"> =>
  nameOnly(paymentId)

/**
 * The base URL of a provider in memory. Its own public hosts reach the same emulator.
 *
 * @since 0.1.0
 * @category providers
 */
export const baseUrl = (provider: Provider): string =>
  `https://${host(definitions[provider])}${definitions[provider].basePath}`

const host = ({ slug }: Emulator.Definition) => `${slug}.sandbox.test`

const isReachedAt = (hostname: string, definition: Emulator.Definition): boolean =>
  hostname === host(definition) ||
  definition.hosts.some((known) => typeof known === "string" ? known === hostname : known.test(hostname))

/**
 * A request that reached a provider.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReceivedRequest<P extends string = Provider> {
  /** Its place among all requests, from 0; the history of payments refers to it. */
  readonly index: number
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number
  /** The provider that it reached. */
  readonly provider: P
  /** What it asks for; null if the provider has no such route. */
  readonly operation: Emulator.Operation | null
  /** The payment that its path names; null if it names none, or the provider has no such route. */
  readonly paymentId: string | null
  /** The HTTP method. */
  readonly method: string
  /** As received. */
  readonly path: string
  /** What follows the `?`, or empty. */
  readonly query: string
  /** By their names in lower case; the values of those that carry credentials are `"<redacted>"`. */
  readonly headers: { readonly [name: string]: string }
  /** As received, except that the sandbox's own credentials in it are redacted. */
  readonly body: string
  /** The tag of the fault that was applied to it; null if none was. */
  readonly fault: Fault.Fault["_tag"] | null
  /** Whether the provider has processed it by now, according to the Clock. */
  readonly processed: boolean
  /**
   * Whether it changed a payment, or was accepted to be decided later. A repeated request that is
   * answered from memory has changed nothing.
   */
  readonly applied: boolean
  /** The HTTP status of the answer; null if there was none. */
  readonly status: number | null
}

/**
 * Which requests a fault applies to, and how many of them: one unless `times` or `forever` is
 * given. An omitted field matches everything, but a request for an access token is matched only by
 * the `operation` `Authorization`.
 *
 * A release (`Mollie.releaseAuthorization`, `Klarna.releaseRemainingAuthorization`) and the end of a
 * session (`Stripe.expireCheckoutSession`) are the `operation` `Cancel`, and their status queries
 * `Status`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Target<P extends string = Provider> {
  readonly provider?: P
  readonly operation?: Emulator.Operation
  readonly paymentId?: string
  readonly times?: number
  readonly forever?: boolean
}

/**
 * What can be done with a sandbox: of the library's providers, or of those in `D`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service<D extends Definitions = Registry> {
  /** The names of its providers. */
  readonly providers: ReadonlyArray<keyof D & string>
  /** The definition of one of its providers: hosts, routes, statuses, ready requests. */
  readonly definition: (provider: keyof D & string) => Emulator.Definition
  /** Creates a payment and returns its id. An id that already exists is a defect. */
  readonly create: <P extends keyof D & string>(provider: P, options?: CreateOptions<P, D>) => Effect.Effect<string>
  /** The running emulator itself, for code that knows the provider only at run time. */
  readonly emulator: (provider: keyof D & string) => Emulator.Emulator
  /**
   * Moves a payment to another status, within the provider's state machine, or to any status with
   * `force`.
   */
  readonly move: (
    provider: keyof D & string,
    paymentId: string,
    status: string,
    options?: { readonly force?: boolean }
  ) => Effect.Effect<void, Payments.UnknownPayment | Payments.IllegalTransition>
  /** The payment as the provider really has it, with its whole history. */
  readonly payment: (
    provider: keyof D & string,
    paymentId: string
  ) => Effect.Effect<Option.Option<Payments.PaymentRecord>>
  /** All payments of all providers. */
  readonly payments: Effect.Effect<ReadonlyArray<Payments.PaymentRecord>>
  /**
   * All notifications of a provider up to now, oldest first, each newly signed, as it would deliver
   * them now. Nothing is delivered automatically. PayPal's are not signed here: pass them to
   * `PayPal.notificationById`.
   */
  readonly notifications: (provider: keyof D & string) => Effect.Effect<ReadonlyArray<Webhook.Notification>>
  /** The requests that reached a provider, oldest first. */
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest<keyof D & string>>>
  /** Queues a fault. The first matching fault in the queue applies to a request. */
  readonly inject: (fault: Fault.Fault, target?: Target<keyof D & string>) => Effect.Effect<void>
  /** Removes the faults that are still queued. */
  readonly clearFaults: Effect.Effect<void>
  /** Forgets payments, keys, requests and faults; requests still in transit no longer arrive. */
  readonly reset: Effect.Effect<void>
  /**
   * Passes a request to a provider's emulator and returns the delivery; called by transports. It
   * does not end if no answer ever arrives.
   */
  readonly exchange: (provider: keyof D & string, request: Emulator.Request) => Effect.Effect<Delivery.Delivery>
}

/**
 * The sandbox.
 *
 * @since 0.1.0
 * @category services
 */
export class Sandbox extends Context.Tag("effect-payment-cancel/sandbox/Sandbox")<Sandbox, Service>() {}

const redacted = "<redacted>"

const secretHeadersOf = (definitions: Definitions): ReadonlySet<string> =>
  new Set([
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
    ...Object.values(definitions).flatMap(({ secretHeaders }) => secretHeaders)
  ])

const redact = (headers: Emulator.Request["headers"], secretHeaders: ReadonlySet<string>): ReceivedRequest["headers"] => {
  const shown: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) {
      shown[name] = secretHeaders.has(name) ? redacted : value
    }
  }
  return shown
}

/** A provider may require a credential in the body; nobody needs to see it. */
const redactBody = ({ credentials }: Emulator.Definition, body: string): string =>
  Object.values(credentials).reduce(
    (shown, credential) => shown.replaceAll(credential, redacted),
    body
  )

const whole: Delivery.Body = { _tag: "Whole" }

const answered = (reply: Emulator.Reply, body: Delivery.Body = whole): Delivery.Delivery => ({
  _tag: "Answered",
  reply,
  body
})

const lost = (by: "Close" | "Reset"): Delivery.Delivery => ({ _tag: "Lost", by })

const page = (status: number, title: string): Emulator.Reply => ({
  status,
  headers: { "content-type": "text/html" },
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`
})

const distort = (reply: Emulator.Reply, how: (body: Emulator.JsonObject) => Emulator.JsonObject): Emulator.Reply => {
  const { source, status } = reply
  return source === undefined || status < 200 || status > 299
    ? reply
    : { ...reply, body: source.format.encode(how(source.value)) }
}

/**
 * A fresh sandbox of any providers, such as one whose emulator is the caller's own. What a provider
 * does after a client has disconnected (as with `Fault.late`) lives as long as the scope.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Emulators, Fault, Sandbox } from "effect-payment-cancel/sandbox"
 *
 * const program = Effect.gen(function* () {
 *   const sandbox = yield* Sandbox.makeWith({ Square: Emulators.Square })
 *   const paymentId = yield* sandbox.create("Square")
 *   yield* sandbox.inject(Fault.dropAfterApplying, { operation: "Cancel" })
 *   // The `HttpClient` to provide to the provider's layer.
 *   const client = Sandbox.httpClient(sandbox)
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeWith = <const D extends Definitions>(
  definitions: D
): Effect.Effect<Service<D>, never, Scope.Scope> => Effect.map(Effect.scope, (scope) => {
  type Provider = keyof D & string
  // A cast, because `Object.keys` returns strings.
  const providers = Object.keys(definitions) as ReadonlyArray<Provider>
  const secretHeaders = secretHeadersOf(definitions)
  interface Running {
    readonly definition: Emulator.Definition
    readonly emulator: Emulator.Emulator
  }
  const all = new Map<string, Running>(
    Object.entries(definitions).map(([provider, definition]) => [provider, { definition, emulator: definition.make() }])
  )
  const running = (provider: Provider): Running => {
    const found = all.get(provider)
    if (found === undefined) {
      throw new Error(`The sandbox has no provider ${provider}`)
    }
    return found
  }
  const definition = (provider: Provider) => running(provider).definition
  const emulator = (provider: Provider) => running(provider).emulator

  interface Recorded extends ReceivedRequest<Provider> {
    processed: boolean
    applied: boolean
    status: number | null
  }
  interface Queued {
    readonly fault: Fault.Fault
    readonly target: Target<Provider>
    left: number
  }
  let received: Array<Recorded> = []
  let queue: Array<Queued> = []
  /** Counts resets: requests in transit during a reset no longer arrive. */
  let era = 0

  const take = (provider: Provider, route: Emulator.Route | null): Fault.Fault | undefined => {
    const found = queue.find(({ fault, target }) =>
      (target.provider === undefined || target.provider === provider) &&
      (target.operation === undefined ? route?.operation !== "Authorization" : target.operation === route?.operation) &&
      (target.paymentId === undefined || target.paymentId === route?.paymentId) &&
      (fault._tag !== "StatusQueryDown" || route?.operation === "Status")
    )
    if (found === undefined) {
      return undefined
    }
    found.left -= 1
    if (found.left <= 0) {
      queue = queue.filter((queued) => queued !== found)
    }
    return found.fault
  }

  const receive = (provider: Provider, request: Emulator.Request, at: number): Effect.Effect<Delivery.Delivery> => {
    const { distort: distortion, faultCodes, route: routeOf } = definition(provider)
    const route = routeOf(request)
    const fault = take(provider, route)
    if (fault?._tag === "RefuseConnection") {
      return Effect.succeed({ _tag: "Refused" })
    }
    const born = era
    const record: Recorded = {
      index: received.length,
      at,
      provider,
      operation: route?.operation ?? null,
      paymentId: route?.paymentId ?? null,
      method: request.method,
      path: request.path,
      query: request.query,
      headers: redact(request.headers, secretHeaders),
      body: redactBody(definition(provider), request.body),
      fault: fault?._tag ?? null,
      processed: false,
      applied: false,
      status: null
    }
    received.push(record)

    /** The provider accepts the request now, and finishes it when the result is called. */
    const begin = (at: number, crash?: Emulator.Context["crash"]) => {
      const finish = emulator(provider).receive(request, {
        at,
        requestIndex: record.index,
        ...(crash === undefined ? {} : { crash })
      })
      return (at: number): Emulator.Reply => {
        const { applied, reply } = finish(at)
        record.processed = crash !== "BeforeApplying"
        record.applied = applied
        return reply
      }
    }
    const process = () => begin(at)(at)
    const answer = (reply: Emulator.Reply, body?: Delivery.Body) => {
      record.status = reply.status
      return Effect.succeed(answered(reply, body))
    }
    /** Continues in the sandbox's own scope: a client that disconnects does not stop it. */
    const afterwards = <A>(duration: Duration.Duration, then: (at: number) => A) =>
      Effect.sleep(duration).pipe(
        Effect.zipRight(Clock.currentTimeMillis),
        Effect.flatMap((at) => era === born ? Effect.sync(() => then(at)) : Effect.never),
        Effect.interruptible,
        Effect.forkIn(scope)
      )

    if (fault === undefined) {
      return answer(process())
    }
    switch (fault._tag) {
      case "DropBeforeApplying":
        return Effect.succeed(lost("Close"))
      case "DropAfterApplying":
        process()
        return Effect.succeed(lost("Reset"))
      case "DropWhileProcessing":
        return Effect.as(afterwards(fault.duration, begin(at)), lost("Reset"))
      case "Late":
        return Effect.as(afterwards(fault.duration, (at) => begin(at)(at)), lost("Reset"))
      case "Delay": {
        const finish = begin(at)
        return Effect.flatMap(
          afterwards(fault.duration, (at) => {
            const reply = finish(at)
            record.status = reply.status
            return answered(reply)
          }),
          Fiber.join
        )
      }
      case "StallHeaders":
        if (fault.applied) {
          process()
        }
        return Effect.never
      case "StallBody": {
        const reply = process()
        return reply.body === "" ? Effect.never : answer(reply, { _tag: "Stalled" })
      }
      case "CutBody": {
        const reply = process()
        return reply.body === "" ? Effect.succeed(lost("Close")) : answer(reply, { _tag: "Cut" })
      }
      case "EmptyBody":
        return answer({ ...process(), body: "" })
      case "OversizedBody": {
        const reply = process()
        return reply.body === "" ? answer(reply) : answer(reply, { _tag: "Padded", bytes: fault.bytes })
      }
      case "MalformedJson": {
        const reply = process()
        return answer({ ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) })
      }
      case "WrongPaymentId":
        return answer(distort(process(), distortion.paymentId))
      case "UnknownStatus":
        return answer(distort(process(), distortion.status))
      case "RateLimited": {
        const reply = emulator(provider).error(faultCodes.rateLimited.code, faultCodes.rateLimited.status)
        return answer(
          fault.retryAfter === null
            ? reply
            : { ...reply, headers: { ...reply.headers, "retry-after": String(fault.retryAfter) } }
        )
      }
      case "ServerError":
        return answer(begin(at, fault.applied ? "AfterApplying" : "BeforeApplying")(at))
      case "StatusQueryDown":
        return answer(begin(at, "BeforeApplying")(at))
      case "BadGateway":
        if (fault.applied) {
          process()
        }
        return answer(page(502, "502 Bad Gateway"))
      case "ErrorCode":
        if (fault.applied) {
          process()
        }
        return answer(emulator(provider).error(fault.code, fault.status))
      case "UnknownErrorCode":
        return answer(emulator(provider).error(faultCodes.unknown.code, faultCodes.unknown.status))
      case "Redirect": {
        const reply = page(307, "307 Temporary Redirect")
        return answer({ ...reply, headers: { ...reply.headers, location: fault.location } })
      }
    }
  }

  return {
    providers,
    definition,
    emulator,
    create: (provider, options) =>
      Effect.map(Clock.currentTimeMillis, (at) => emulator(provider).create(options ?? {}, at)),
    move: (provider, paymentId, status, options) =>
      Effect.flatMap(Clock.currentTimeMillis, (at) => emulator(provider).move(paymentId, status, at, options)),
    payment: (provider, paymentId) =>
      Effect.map(Clock.currentTimeMillis, (at) => Option.fromNullable(emulator(provider).payment(paymentId, at))),
    payments: Effect.map(Clock.currentTimeMillis, (at) =>
      providers.flatMap((provider) => emulator(provider).payments(at))),
    notifications: (provider) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const { webhook } = definition(provider)
        return webhook === undefined
          ? Effect.succeed([])
          : Effect.forEach(emulator(provider).events(now), (event) =>
            Effect.map(webhook.sign(event, now, webhook.secret), (signed) => ({
              id: event.id,
              at: event.at,
              paymentId: event.paymentId,
              ...signed
            })))
      }),
    requests: Effect.sync(() => received.map((record) => ({ ...record }))),
    inject: (fault, target = {}) =>
      Effect.sync(() => {
        const left = target.forever === true ? Number.POSITIVE_INFINITY : target.times ?? 1
        if (left > 0) queue.push({ fault, target, left })
      }),
    clearFaults: Effect.sync(() => {
      queue = []
    }),
    reset: Effect.sync(() => {
      era += 1
      received = []
      queue = []
      all.forEach(({ emulator }) => emulator.reset())
    }),
    exchange: (provider, request) =>
      Effect.flatMap(Clock.currentTimeMillis, (at) => receive(provider, request, at))
  }
})

/**
 * A fresh sandbox of the library's providers. What a provider does after a client has disconnected
 * (as with `Fault.late`) lives as long as the scope.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, Scope.Scope> = makeWith<Registry>(emulators)

/**
 * The sandbox alone, without a transport.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSandbox: Layer.Layer<Sandbox> = Layer.scoped(Sandbox, make)

/**
 * An HTTP client whose network is a sandbox. A host that belongs to none of its providers cannot be
 * resolved (`ENOTFOUND`). Redirects are not followed, as on undici.
 *
 * @since 0.1.0
 * @category transports
 */
export const httpClient = <D extends Definitions>(sandbox: Service<D>): HttpClient.HttpClient =>
  HttpClient.make((request, url) => {
    const provider = sandbox.providers.find((provider) => isReachedAt(url.hostname, sandbox.definition(provider)))
    return provider === undefined
      ? Effect.fail(InMemoryHttpClient.noSuchHost(request, url.hostname))
      : InMemoryHttpClient.bodyText(request).pipe(
        Effect.flatMap((body) =>
          sandbox.exchange(provider, {
            method: request.method,
            path: url.pathname,
            query: url.search.slice(1),
            headers: request.headers,
            body
          })
        ),
        Effect.flatMap((delivery) => InMemoryHttpClient.render(request, delivery))
      )
  })

/**
 * The HTTP client of the sandbox in the context: see `httpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerHttpClient: Layer.Layer<HttpClient.HttpClient, never, Sandbox> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(Sandbox, httpClient)
)

/**
 * The sandbox in memory, and the HTTP client that reaches it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Sandbox | HttpClient.HttpClient> = Layer.provideMerge(layerHttpClient, layerSandbox)
