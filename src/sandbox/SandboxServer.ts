/**
 * The sandbox on a real socket: `effect-payment-cancel/sandbox/server`. Needs
 * Node.
 *
 * Listens on 127.0.0.1 only. A provider is at `/<slug>` (`/wepay`,
 * `/walletconnect-pay`); faults happen on the socket itself. The server is
 * controlled over HTTP as well as through the `Sandbox` service:
 *
 * - `GET /sandbox/payments`, `POST /sandbox/payments` with
 *   `{"provider":"WePay","id":"…","status":"pending"}` (`id` and `status` are optional; so are
 *   Square's `creationKey` and Adyen's `merchantReference`, for cancels without an id; what else a
 *   payment can have is for `Sandbox.create`, in the same process);
 * - `POST /sandbox/faults` with
 *   `{"fault":"DropAfterApplying","provider":"WePay","operation":"Cancel","times":1}`; a fault with
 *   parameters is an object, `{"_tag":"Late","duration":3000}`, with durations in milliseconds;
 *   `GET /sandbox/faults` lists all names and parameters, and `DELETE /sandbox/faults` removes the
 *   queued faults;
 * - `GET /sandbox/notifications`: the webhooks that the providers would send, each signed; nothing
 *   is sent automatically;
 * - `GET /sandbox/requests`, `DELETE /sandbox/requests` (forgets everything,
 *   payments included).
 *
 * @since 0.1.0
 */
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as Delivery from "./Delivery.js"
import * as Emulator from "./Emulator.js"
import * as Fault from "./Fault.js"
import * as Sandbox from "./Sandbox.js"

/**
 * Where the server listens.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service<P extends string = Sandbox.Provider> {
  /** The port it listens on. */
  readonly port: number
  /** `http://127.0.0.1:<port>`: control requests go to `/sandbox/…` under it. */
  readonly url: string
  /** What to configure as a client's base URL. */
  readonly baseUrl: (provider: P) => string
}

/**
 * The running server.
 *
 * @since 0.1.0
 * @category services
 */
export class SandboxServer extends Context.Tag("effect-payment-cancel/sandbox/SandboxServer")<SandboxServer, Service>() {}

/**
 * Longer request bodies are refused: the server keeps what it receives in memory.
 */
const longestBody = 1_048_576

/**
 * Starts a server for any sandbox, and stops it with the scope.
 * `port` defaults to any free port (0); a port in use is a `ServeError`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeWith = <D extends Sandbox.Definitions>(
  sandbox: Sandbox.Service<D>,
  options?: { readonly port?: number | undefined }
): Effect.Effect<Service<keyof D & string>, HttpServerError.ServeError, Scope.Scope> =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<never>()
    const runFork = Runtime.runFork(runtime)
    const serve = serving(sandbox)

    const server = Http.createServer((request, response) => {
      // Whatever starts the server may be uninterruptible, as an acquisition is.
      const fiber = runFork(Effect.interruptible(Effect.catchAllDefect(serve(request, response), (defect) => sendFailure(response, defect))))
      // A handler that waits for an answer that never arrives is released when the client
      // disconnects; the provider's own work continues in the sandbox's scope.
      response.once("close", () => {
        runFork(Fiber.interruptFork(fiber))
      })
    })

    yield* Effect.acquireRelease(
      Effect.async<void, HttpServerError.ServeError>((resume) => {
        server.once("error", (cause) => resume(Effect.fail(new HttpServerError.ServeError({ cause }))))
        server.listen(options?.port ?? 0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          // Stalled and kept-alive connections would hold the server open.
          server.closeAllConnections()
        })
    )

    const address = server.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    const url = `http://127.0.0.1:${port}`
    return {
      port,
      url,
      baseUrl: (provider) => {
        const { basePath, slug } = sandbox.definition(provider)
        return `${url}/${slug}${basePath}`
      }
    }
  })

/**
 * Starts the server for the sandbox in the context, and stops it with the scope.
 * `port` defaults to any free port (0); a port in use is a `ServeError`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options?: {
  readonly port?: number | undefined
}): Effect.Effect<Service, HttpServerError.ServeError, Sandbox.Sandbox | Scope.Scope> =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) => makeWith(sandbox, options))

/**
 * A fresh sandbox and a server for it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: {
  readonly port?: number | undefined
}): Layer.Layer<Sandbox.Sandbox | SandboxServer, HttpServerError.ServeError> =>
  Layer.provideMerge(Layer.scoped(SandboxServer, make(options)), Sandbox.layerSandbox)

const serving = <D extends Sandbox.Definitions>(sandbox: Sandbox.Service<D>) => {
  const { providers } = sandbox
  const control = controlling(sandbox)
  const notFound = Emulator.json(404, {
    message: "Nothing here",
    providers: providers.map((provider) => `/${sandbox.definition(provider).slug}`),
    control: ["/sandbox/payments", "/sandbox/notifications", "/sandbox/faults", "/sandbox/requests"]
  })

  return (request: Http.IncomingMessage, response: Http.ServerResponse): Effect.Effect<void> => Effect.gen(function* () {
    const body = yield* readBody(request)
    if (Option.isNone(body)) {
      return yield* send(response, Emulator.json(413, { message: `The body is longer than ${longestBody} bytes` }))
    }
    const [target = "", query = ""] = split(request.url ?? "/", "?")
    const [slug, path] = split(target.slice(1), "/")
    const incoming: Emulator.Request = {
      method: request.method ?? "GET",
      path: `/${path ?? ""}`,
      query,
      headers: flatten(request.headers),
      body: body.value
    }
    if (slug === "sandbox") {
      return yield* Effect.flatMap(control(incoming), (reply) => send(response, reply ?? notFound))
    }
    const provider = providers.find((provider) => sandbox.definition(provider).slug === slug)
    return yield* provider === undefined
      ? send(response, notFound)
      : Effect.flatMap(sandbox.exchange(provider, incoming), (delivery) => render(response, delivery))
  })
}

/** Splits at the first occurrence of the separator. */
const split = (text: string, separator: string): readonly [string, string?] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

const flatten = (headers: Http.IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === "string" ? value : value.join(", ")]])
  )

const readBody = (request: Http.IncomingMessage): Effect.Effect<Option.Option<string>> =>
  Effect.async((resume) => {
    const parts: Array<Buffer> = []
    let length = 0
    request.on("data", (part: Buffer) => {
      length += part.length
      if (length <= longestBody) {
        parts.push(part)
      }
    })
    // A client that disconnects early closes the response, which interrupts.
    request.once("end", () => {
      resume(Effect.succeed(
        length <= longestBody ? Option.some(Buffer.concat(parts).toString("utf8")) : Option.none()
      ))
    })
  })

const send = (response: Http.ServerResponse, reply: Emulator.Reply): Effect.Effect<void> =>
  Effect.sync(() => {
    const bytes = Buffer.from(reply.body)
    // A 204 has no body, and so no length either.
    response.writeHead(reply.status, reply.status === 204 ? reply.headers : { ...reply.headers, "content-length": bytes.length })
    response.end(bytes)
  })

/** An emulator that throws, or an answer that cannot be sent: whoever waits for one does not wait for ever. */
const sendFailure = (response: Http.ServerResponse, defect: unknown): Effect.Effect<void> =>
  send(response, Emulator.json(500, { message: `The sandbox failed: ${String(defect)}` }))

const render = (response: Http.ServerResponse, delivery: Delivery.Delivery): Effect.Effect<void> => {
  switch (delivery._tag) {
    case "Refused":
      return Effect.sync(() => response.socket?.resetAndDestroy())
    case "Lost":
      return Effect.sync(() => {
        if (delivery.by === "Reset") {
          response.socket?.resetAndDestroy()
        } else {
          response.socket?.destroy()
        }
      })
    case "Answered": {
      const { body, reply } = delivery
      const bytes = Buffer.from(reply.body)
      switch (body._tag) {
        case "Whole":
          return send(response, reply)
        case "Cut":
        case "Stalled":
          return Effect.async((resume) => {
            response.writeHead(reply.status, { ...reply.headers, "content-length": bytes.length })
            response.write(Delivery.half(bytes), () => {
              if (body._tag === "Cut") {
                response.socket?.destroy()
              }
              resume(Effect.void)
            })
          })
        case "Padded":
          return Effect.zipRight(
            Effect.sync(() => response.writeHead(reply.status, reply.headers)),
            Effect.zipRight(write(response, bytes), pad(response, body.bytes - bytes.length))
          )
      }
    }
  }
}

/** Waits until the socket has accepted the bytes, so that nothing accumulates in memory. */
const write = (response: Http.ServerResponse, bytes: Uint8Array): Effect.Effect<void> =>
  Effect.async((resume) => {
    response.write(bytes, () => resume(Effect.void))
  })

const blanks = Buffer.alloc(65_536, " ")

const pad = (response: Http.ServerResponse, bytes: number): Effect.Effect<void> =>
  bytes <= 0
    ? Effect.sync(() => {
      response.end()
    })
    : Effect.flatMap(write(response, blanks.subarray(0, bytes)), () => pad(response, bytes - blanks.length))

// -----------------------------------------------------------------------------
// control
// -----------------------------------------------------------------------------

const isNamed = (given: unknown): boolean =>
  Predicate.hasProperty(given, "_tag") && typeof given._tag === "string" && Object.hasOwn(Fault.parameters, given._tag)

/** A fault without parameters may be given by its name alone. */
const GivenFault = Schema.transform(
  Schema.Union(Schema.Struct({ _tag: Schema.String }, { key: Schema.String, value: Schema.Unknown }), Schema.String),
  Schema.Unknown.pipe(
    // Names, and not what a schema says of itself: that is 13 kB.
    Schema.filter(isNamed, {
      message: () => `Expected a fault: ${Object.keys(Fault.parameters).join(", ")}. GET /sandbox/faults has their parameters`
    }),
    Schema.compose(Fault.Fault.annotations({ identifier: "Fault" }), { strict: false })
  ),
  {
    strict: false,
    decode: (given) => typeof given === "string" ? { _tag: given } : given,
    encode: (given) => given
  }
).annotations({ identifier: "Fault" })

const operations: ReadonlyArray<Emulator.Operation> = ["Cancel", "Status", "Authorization"]

const Operation = Schema.String.pipe(
  Schema.filter((word): word is Emulator.Operation => operations.some((operation) => operation === word), {
    message: () => `Expected an operation: ${operations.join(", ")}. A release and the end of a session are a Cancel`
  })
)

/** The requests that control a sandbox of these providers, whose payments have these names besides their ids. */
const controlOf = <P extends string>(providers: ReadonlyArray<P>, names: ReadonlySet<string>) => {
  const Provider = Schema.String.pipe(Schema.filter((word): word is P => providers.some((provider) => provider === word), {
    message: () => `Expected a provider: ${providers.join(", ")}`
  }))

  const NewPayment = Schema.Struct({
    provider: Provider,
    id: Schema.optionalWith(Schema.NonEmptyString, { exact: true }),
    status: Schema.optionalWith(Schema.String, { exact: true })
  }, { key: Schema.String.pipe(Schema.filter((word) => names.has(word))), value: Schema.String })

  const Injection = Schema.Struct({
    fault: GivenFault,
    provider: Schema.optionalWith(Provider, { exact: true }),
    operation: Schema.optionalWith(Operation, { exact: true }),
    paymentId: Schema.optionalWith(Schema.String, { exact: true }),
    times: Schema.optionalWith(Schema.Positive.pipe(Schema.int()), { exact: true }),
    forever: Schema.optionalWith(Schema.Boolean, { exact: true })
  }).annotations({ identifier: "Injection" })

  return {
    decodeNewPayment: Schema.decodeEither(Schema.parseJson(NewPayment), strictly),
    decodeInjection: Schema.decodeEither(Schema.parseJson(Injection), strictly)
  }
}

/** What nobody reads was meant to do something. */
const strictly = { onExcessProperty: "error", errors: "all" } as const

const badRequest = (error: ParseResult.ParseError): Effect.Effect<Emulator.Reply> =>
  Effect.succeed(Emulator.json(400, {
    message: ParseResult.ArrayFormatter.formatErrorSync(error)
      .map(({ message, path }) => path.length === 0 ? message : `${path.join(".")}: ${message}`)
      .join("; ")
  }))

/** Null for what controls nothing. */
const controlling = <D extends Sandbox.Definitions>(sandbox: Sandbox.Service<D>) => {
  const { providers } = sandbox
  const names = new Set(providers.flatMap((provider) => Object.keys(sandbox.definition(provider).names ?? {})))
  const { decodeInjection, decodeNewPayment } = controlOf(providers, names)
  const done = (effect: Effect.Effect<void>) => Effect.as(effect, Emulator.json(200, { done: true }))

  return ({ body, method, path }: Emulator.Request): Effect.Effect<Emulator.Reply | null> => {
    switch (`${method} ${path}`) {
      case "GET /payments":
        return Effect.map(sandbox.payments, (payments) => Emulator.json(200, payments))
      case "POST /payments":
        return Either.match(decodeNewPayment(body), {
          onLeft: badRequest,
          onRight: (payment) => createPayment(sandbox, payment)
        })
      case "POST /faults":
        return Either.match(decodeInjection(body), {
          onLeft: badRequest,
          onRight: ({ fault, ...target }) => done(sandbox.inject(fault, target))
        })
      case "GET /faults":
        return Effect.succeed(Emulator.json(200, Fault.parameters))
      case "DELETE /faults":
        return done(sandbox.clearFaults)
      case "GET /notifications":
        return Effect.map(
          Effect.forEach(providers, (provider) =>
            Effect.map(sandbox.notifications(provider), (notifications) =>
              notifications.map((notification) => ({ provider, ...notification })))),
          (all) => Emulator.json(200, all.flat())
        )
      case "GET /requests":
        return Effect.map(sandbox.requests, (requests) => Emulator.json(200, requests))
      case "DELETE /requests":
        return done(sandbox.reset)
      default:
        return Effect.succeed(null)
    }
  }
}

interface NewPayment<P extends string> {
  readonly provider: P
  readonly id?: string
  readonly status?: string
  readonly [name: string]: string | undefined
}

const createPayment = <D extends Sandbox.Definitions>(
  sandbox: Sandbox.Service<D>,
  { id, provider, status, ...named }: NewPayment<keyof D & string>
): Effect.Effect<Emulator.Reply> =>
  Effect.gen(function* () {
    const { names = {}, statuses } = sandbox.definition(provider)
    if (status !== undefined && !statuses.includes(status)) {
      return Emulator.json(400, { message: `${provider} has the statuses ${statuses.join(", ")}` })
    }
    if (id !== undefined && Option.isSome(yield* sandbox.payment(provider, id))) {
      return Emulator.json(409, { message: `${provider} already holds a payment ${id}` })
    }
    for (const [name, value = ""] of Object.entries(named)) {
      const longest = names[name]
      if (longest === undefined) {
        return Emulator.json(400, { message: `${name}: ${provider} knows no such name of a payment` })
      }
      if (value === "" || value.length > longest) {
        return Emulator.json(400, { message: `${name}: Expected 1 to ${longest} characters` })
      }
    }
    const options = { ...named, ...(id === undefined ? {} : { id }), ...(status === undefined ? {} : { status }) }
    const paymentId = sandbox.emulator(provider).create(options, yield* Clock.currentTimeMillis)
    return Emulator.json(201, { provider, paymentId })
  })
