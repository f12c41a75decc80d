/**
 * What an emulator of a provider is: a synchronous state machine that answers
 * HTTP requests, separated from every transport and from every fault.
 *
 * A provider is described once, by a `Definition`; routing, redaction, base
 * URLs, the loopback server and its `curl` lines follow from it.
 *
 * @example
 * ```ts
 * import { Emulators } from "effect-payment-cancel/sandbox"
 *
 * // Without any layer: a simulator applies a request when it chooses to.
 * const emulator = Emulators.WePay.make()
 * const id = emulator.create({}, 0)
 * const finish = emulator.receive(Emulators.WePay.requests.cancel(id), { at: 1_000 })
 * // … the client has long gone …
 * finish(60_000)
 * ```
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Payments from "./Payments.js"
import type * as Webhook from "./Webhook.js"

/**
 * A request as a provider sees it.
 *
 * - `path` is percent-encoded and begins with `/`, without query;
 * - `query` is what follows the `?`, or empty;
 * - `headers` have lower-case names.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
}

/**
 * How a provider writes its answers: JSON, XML, or whatever it speaks.
 *
 * @since 0.1.0
 * @category models
 */
export interface Format {
  /** The `Content-Type` of answers that are written so. */
  readonly contentType: string
  /** The text of a plain value. */
  readonly encode: (value: JsonObject) => string
}

/**
 * What a provider answers.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reply {
  /** The HTTP status. */
  readonly status: number
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string }
  /** The text that is sent. */
  readonly body: string
  /**
   * The plain value that `body` is the writing of, so that a fault can change it and write it again.
   * Absent for a text that is no such writing: no fault changes what it says. `written` and `json`
   * set it.
   */
  readonly source?: {
    /** What `body` says. */
    readonly value: JsonObject
    /** How it is written. */
    readonly format: Format
  }
}

/**
 * The purpose of a request: a cancel, a status query, or the access token that both need. Whatever
 * changes a payment as a cancel does is a `Cancel`: a release, and the end of a session, too.
 *
 * @since 0.1.0
 * @category models
 */
export type Operation = "Cancel" | "Status" | "Authorization"

/**
 * What a request's method and path say. The payment id is decoded; it is null if the path names
 * none.
 *
 * @since 0.1.0
 * @category models
 */
export interface Route {
  readonly operation: Operation
  readonly paymentId: string | null
}

/**
 * A processed request. `applied` says whether this request changed a payment, or was accepted to be
 * decided later.
 *
 * @since 0.1.0
 * @category models
 */
export interface Handled {
  readonly reply: Reply
  readonly applied: boolean
}

/**
 * When a request arrives, and what happens to the provider while processing it.
 *
 * - `at`: milliseconds since the epoch;
 * - `requestIndex`: goes into the history of a payment that the request changes;
 * - `crash`: the provider itself fails, before or after it has changed the payment, and answers
 *   with its own 500. That differs from an answer that is lost in transit: each provider decides
 *   whether a 500 is stored under an idempotency key.
 *
 * @since 0.1.0
 * @category models
 */
export interface Context {
  readonly at: number
  readonly requestIndex?: number | null
  readonly crash?: "BeforeApplying" | "AfterApplying"
}

/**
 * What can be chosen for a new payment of any provider. An omitted id is generated,
 * deterministically.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateOptions<Status extends string = string> {
  readonly id?: string
  readonly status?: Status
}

/**
 * One provider, with its payments and its memory of idempotency keys.
 *
 * @since 0.1.0
 * @category models
 */
export interface Emulator<Create extends CreateOptions = CreateOptions> {
  /** Creates a payment and returns its id. An id that already exists, or an unknown status, throws. */
  create(options: Create, at: number): string
  /** Moves a payment to another status, within the state machine; `force` allows any status. */
  move(
    paymentId: string,
    status: string,
    at: number,
    options?: { readonly force?: boolean }
  ): Either.Either<void, Payments.UnknownPayment | Payments.IllegalTransition>
  payment(paymentId: string, at: number): Payments.PaymentRecord | undefined
  payments(at: number): ReadonlyArray<Payments.PaymentRecord>
  /** Accepts a request and finishes it at once. */
  handle(request: Request, context: Context): Handled
  /**
   * Accepts a request now and finishes it when the returned function is called with the time. Until
   * then its idempotency key is in flight. Call it once.
   */
  receive(request: Request, context: Context): (at: number) => Handled
  /** An error body in this provider's format, with any code and any HTTP status. */
  error(code: string, status: number): Reply
  /** All notifications of the provider up to then, oldest first, unsigned. */
  events(at: number): ReadonlyArray<Webhook.Event>
  /** Forgets payments, keys and counters. */
  reset(): void
}

/**
 * Ready-made requests with the sandbox's working credentials, which the server prints as `curl`
 * lines. Their paths contain the definition's `basePath`. `status` is null if a provider has no
 * status query.
 *
 * @since 0.1.0
 * @category models
 */
export interface Requests {
  readonly cancel: (paymentId: string) => Request
  readonly status: ((paymentId: string) => Request) | null
  readonly wrongCredential: (paymentId: string) => Request
}

/**
 * All that the sandbox needs to know about a provider.
 *
 * @since 0.1.0
 * @category models
 */
export interface Definition<
  Create extends CreateOptions = CreateOptions,
  Credentials extends { readonly [name: string]: string } = { readonly [name: string]: string }
> {
  readonly provider: string
  /** Names the provider in URLs: `https://<slug>.sandbox.test`, `http://127.0.0.1:4242/<slug>`. */
  readonly slug: string
  /** What a client's base URL has after the host, such as a version; empty or beginning with `/`. */
  readonly basePath: string
  /** The provider's own public hosts. */
  readonly hosts: ReadonlyArray<string | RegExp>
  readonly credentials: Credentials
  /** The variables with which a program that reads its configuration from the environment reaches this emulator. */
  readonly environment?: (baseUrl: string) => { readonly [variable: string]: string }
  /** Lower-case names of the headers that carry credentials. */
  readonly secretHeaders: ReadonlyArray<string>
  readonly statuses: ReadonlyArray<string>
  /**
   * The options of `create` that name a payment in another way than its id, for a cancel without the id; and how many
   * characters each may have.
   */
  readonly names?: { readonly [option: string]: number }
  readonly requests: Requests
  readonly route: (request: Request) => Route | null
  /** The provider's own codes for the faults that need one. */
  readonly faultCodes: {
    readonly rateLimited: { readonly code: string; readonly status: number }
    readonly serverError: { readonly code: string; readonly status: number }
    /** A code that the provider has never listed, in its spelling. */
    readonly unknown: { readonly code: string; readonly status: number }
  }
  /** How the provider notifies; omitted if it does not. */
  readonly webhook?: Webhook.Webhook
  /**
   * A successful body that names another payment, or an unlisted status: the plain value, however
   * answers are written. Every 2xx answer is passed to it. If errors are answered with 200 too, it
   * leaves them as they are.
   */
  readonly distort: {
    /** The same value about another payment. */
    readonly paymentId: (body: JsonObject) => JsonObject
    /** The same value with a status that the provider has never listed. */
    readonly status: (body: JsonObject) => JsonObject
  }
  make(): Emulator<Create>
}

/**
 * A plain object, as JSON decodes to one.
 *
 * @since 0.1.0
 * @category models
 */
export type JsonObject = { readonly [name: string]: unknown }

/**
 * How a provider treats idempotency keys.
 *
 * @since 0.1.0
 * @category models
 */
export interface Idempotency<R extends Route> {
  /** The key of a request; null if there is none or the provider ignores it. */
  readonly key: (request: Request, route: R) => string | null
  /** What must be equal for two requests to count as the same one. */
  readonly fingerprint: (request: Request, route: R) => string
  /** Whether an answer is kept and replayed. */
  readonly stores: (reply: Reply) => boolean
  /** The kept answer as it is replayed; unchanged unless given. */
  readonly replayed?: (reply: Reply) => Reply
  /** The answer to another request under a known key. */
  readonly mismatch: () => Reply
  /**
   * The answer while the first request with the key is still being processed. Null: the second one
   * waits.
   */
  readonly inFlight: (() => Reply) | null
}

/**
 * What differs from provider to provider, for `make`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Behaviour<Status extends string, Attributes, Create extends CreateOptions, R extends Route> {
  readonly provider: string
  readonly machine: Payments.StateMachine<Status>
  readonly route: (request: Request) => R | null
  /** The id of the nth payment that is created without one, counted from 1. */
  readonly paymentId: (count: number, options: Create) => string
  readonly birth: (options: Create, at: number) => {
    readonly status: Status
    readonly attributes: Attributes
    readonly due: Payments.Due<Status> | null
  }
  readonly error: (code: string, status: number) => Reply
  readonly serverError: () => Reply
  /** What is refused before the provider begins to act: credentials, which may have expired at `at`, headers, versions, bodies. */
  readonly refuse: (request: Request, route: R, at: number) => Reply | null
  readonly idempotency: Idempotency<R>
  readonly perform: (
    request: Request,
    route: R,
    payments: Payments.Payments<Status, Attributes>,
    at: number,
    requestIndex: number | null
  ) => Handled
  /** Headers of every answer of this provider, for the nth answer counted from 1. */
  readonly stamp?: (count: number) => { readonly [name: string]: string }
  /** What the provider does by itself up to then; runs before anything is observed or changed. */
  readonly catchUp?: (payments: Payments.Payments<Status, Attributes>, at: number) => void
  /** Its notifications up to then, oldest first. */
  readonly events?: (payments: Payments.Payments<Status, Attributes>, at: number) => ReadonlyArray<Webhook.Event>
  /** Forgets what it keeps besides the payments. */
  readonly reset?: () => void
}

/**
 * Answers in a provider's own format. Faults that change what an answer says change the plain value,
 * and it is written again in the same format.
 *
 * @example
 * ```ts
 * import { Emulator } from "effect-payment-cancel/sandbox"
 *
 * const form = Emulator.written({
 *   contentType: "application/x-www-form-urlencoded",
 *   encode: (value) => Object.entries(value).map(([name, each]) => `${name}=${encodeURIComponent(String(each))}`).join("&")
 * })
 * const refused = form(200, { result: "refused", code: "017" })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const written = (format: Format) => (status: number, value: JsonObject): Reply => ({
  status,
  headers: { "content-type": format.contentType },
  body: format.encode(value),
  source: { value, format }
})

const jsonFormat: Format = { contentType: "application/json", encode: (value) => JSON.stringify(value) }

/**
 * An answer with a JSON body.
 *
 * @since 0.1.0
 * @category constructors
 */
export const json = (status: number, body: unknown): Reply =>
  isObject(body) ? written(jsonFormat)(status, body) : {
    status,
    headers: { "content-type": jsonFormat.contentType },
    body: JSON.stringify(body)
  }

/**
 * A body decoded as a JSON object; undefined if it is not one.
 *
 * @since 0.1.0
 * @category decoding
 */
export const parseObject = (body: string): JsonObject | undefined =>
  Either.getOrUndefined(Either.filterOrLeft(Either.try((): unknown => JSON.parse(body)), isObject, () => undefined))

/**
 * Whether a decoded JSON value is an object, and not an array.
 *
 * @since 0.1.0
 * @category guards
 */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * A decoded percent-encoded path segment; undefined if its encoding is invalid.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeSegment = (segment: string): string | undefined =>
  segment.includes("%") ? Either.getOrUndefined(Either.try(() => decodeURIComponent(segment))) : segment

const noSuchRoute: Reply = { status: 404, headers: { "content-type": "text/plain" }, body: "Not Found" }

/**
 * Builds an emulator from the specifics of a provider: payments, idempotency keys and crashes work
 * in the same way for all of them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <Status extends string, Attributes, Create extends CreateOptions, R extends Route>(
  behaviour: Behaviour<Status, Attributes, Create, R>
): Emulator<Create> => {
  const { idempotency, provider } = behaviour
  const payments = Payments.make<Status, Attributes>(provider, behaviour.machine)
  /** A null reply means that the request is still in flight. */
  const keys = new Map<string, { readonly fingerprint: string; reply: Reply | null }>()
  let created = 0
  let answered = 0

  const stamped = (reply: Reply): Reply =>
    behaviour.stamp === undefined
      ? reply
      : { ...reply, headers: { ...reply.headers, ...behaviour.stamp(++answered) } }

  const receive = (request: Request, context: Context): (at: number) => Handled => {
    const { crash, requestIndex = null } = context
    const answer = (reply: Reply, applied = false): Handled => ({
      reply: stamped(crash === undefined ? reply : behaviour.serverError()),
      applied
    })
    const perform = (route: R, at: number): Handled => {
      behaviour.catchUp?.(payments, at)
      if (crash === "BeforeApplying") {
        return { reply: behaviour.serverError(), applied: false }
      }
      const { applied, reply } = behaviour.perform(request, route, payments, at, requestIndex)
      return { reply: crash === undefined ? reply : behaviour.serverError(), applied }
    }

    const route = behaviour.route(request)
    if (route === null) {
      return () => answer(noSuchRoute)
    }
    const refusal = behaviour.refuse(request, route, context.at)
    if (refusal !== null) {
      return () => answer(refusal)
    }
    const key = idempotency.key(request, route)
    if (key === null) {
      return (at) => {
        const handled = perform(route, at)
        return answer(handled.reply, handled.applied)
      }
    }
    const fingerprint = idempotency.fingerprint(request, route)
    const known = keys.get(key)
    if (known !== undefined && known.fingerprint !== fingerprint) {
      return () => answer(idempotency.mismatch())
    }
    if (known !== undefined && known.reply === null && idempotency.inFlight !== null) {
      const inFlight = idempotency.inFlight
      return () => answer(inFlight())
    }
    const entry = known ?? { fingerprint, reply: null }
    keys.set(key, entry)
    return (at) => {
      if (entry.reply !== null) {
        return answer(idempotency.replayed?.(entry.reply) ?? entry.reply)
      }
      const handled = perform(route, at)
      if (idempotency.stores(handled.reply)) {
        entry.reply = handled.reply
        keys.set(key, entry)
      } else if (keys.get(key) === entry) {
        keys.delete(key)
      }
      return answer(handled.reply, handled.applied)
    }
  }

  return {
    create(options, at) {
      behaviour.catchUp?.(payments, at)
      const id = options.id ?? behaviour.paymentId(++created, options)
      payments.add({ id, at, ...behaviour.birth(options, at) })
      return id
    },
    move(paymentId, status, at, options) {
      behaviour.catchUp?.(payments, at)
      return payments.move(paymentId, status, at, options?.force ?? false)
    },
    payment(paymentId, at) {
      behaviour.catchUp?.(payments, at)
      return payments.record(paymentId, at)
    },
    payments(at) {
      behaviour.catchUp?.(payments, at)
      return payments.ids().flatMap((id) => payments.record(id, at) ?? [])
    },
    events(at) {
      behaviour.catchUp?.(payments, at)
      return behaviour.events?.(payments, at) ?? []
    },
    handle: (request, context) => receive(request, context)(context.at),
    receive,
    error: (code, status) => stamped(behaviour.error(code, status)),
    reset() {
      payments.clear()
      keys.clear()
      behaviour.reset?.()
      created = 0
      answered = 0
    }
  }
}
