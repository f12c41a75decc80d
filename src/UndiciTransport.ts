/**
 * An HTTP client for exactly this work: one request, one short answer, and an exact account of
 * what was sent. It speaks HTTP/1.1 over undici's connections, on Node.
 *
 * It needs the package `undici`, 7.28 or a later 7, which is an optional peer.
 *
 * @since 0.1.0
 */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Chunk from "effect/Chunk"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import { constTrue, constVoid } from "effect/Function"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool, type ProxyAgent } from "undici"
import { directBy, type Listener as DirectListener, type RestListener } from "./engine/direct.js"
import { type Head, joined, readingAtMost } from "./engine/exchange.js"
import { judgeUnwritten, NothingWritten } from "./engine/transport.js"
import { parseUrl } from "./engine/url.js"

/** So many bytes are received before anybody asks for them. */
const ahead = 65_536

/** Why a body that was received in part is not received any further. */
const dropped = new Error("the rest of the answer is not wanted")

/** The headers of an answer as undici has them: several of one name as several. */
interface Source {
  readonly [name: string]: string | Array<string> | undefined
}

/** Who reads the body, with how many bytes it is content, and whom to tell. */
interface Reader {
  readonly maximum: number
  readonly done: () => void
}

/** A response that nobody reads holds its connection, until it is collected as garbage. */
const forgotten = new FinalizationRegistry((exchange: Exchange) => exchange.drop())

class Response extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly remoteAddress = Option.none<string>()
  readonly headers: Headers.Headers

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    readonly status: number,
    private readonly source: Source,
    private readonly exchange: Exchange
  ) {
    super()
    this.headers = Headers.fromInput(source)
    readingAtMost(this, (maximum) => this.readAtMost(maximum))
    if (Option.isNone(exchange.end)) forgotten.register(this, exchange, this)
  }

  private readAtMost(maximum: number): Effect.Effect<Uint8Array, HttpClientError.ResponseError> {
    return Effect.suspend(() => this.onceMoreThan(maximum, () => this.received(maximum)))
  }

  /** What it comes to once there are more bytes than that, or no more are to come. */
  private onceMoreThan<A>(
    maximum: number,
    then: () => Effect.Effect<A, HttpClientError.ResponseError>
  ): Effect.Effect<A, HttpClientError.ResponseError> {
    forgotten.unregister(this)
    const { exchange } = this
    return Option.isSome(exchange.end) || exchange.size > maximum
      ? then()
      : Effect.async<A, HttpClientError.ResponseError>((resume) => {
        const reader: Reader = { maximum, done: () => resume(then()) }
        exchange.read(reader)
        return Effect.sync(() => exchange.leave(reader))
      })
  }

  private received(maximum: number): Effect.Effect<Uint8Array, HttpClientError.ResponseError> {
    const { exchange } = this
    if (exchange.size > maximum) {
      const { bytes } = exchange
      exchange.drop()
      return Effect.succeed(bytes)
    }
    return Option.match(exchange.end, {
      onNone: () => this.broken(dropped),
      onSome: Either.match({ onLeft: (cause) => this.broken(cause), onRight: () => Effect.succeed(exchange.bytes) })
    })
  }

  private broken(cause: unknown): Effect.Effect<never, HttpClientError.ResponseError> {
    return Effect.fail(new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause }))
  }

  /** Read as the platform reads a response of fetch, whose body is here already. */
  private read<A>(
    how: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, HttpClientError.ResponseError>
  ): Effect.Effect<A, HttpClientError.ResponseError> {
    return Effect.flatMap(this.readAtMost(Infinity), (bytes) =>
      Effect.catchAll(
        how(HttpClientResponse.fromWeb(this.request, new globalThis.Response(bytes.slice(), { headers: { "content-type": this.contentType } }))),
        ({ cause }) => this.broken(cause)
      ))
  }

  /** The only header by which a body is read. `Response` throws of letters that are not Latin, which earlier versions of undici read. */
  private get contentType(): string {
    return (this.headers["content-type"] ?? "").replace(/[^ -~]/g, "?")
  }

  get cookies(): Cookies.Cookies {
    return Cookies.fromSetCookie(this.source["set-cookie"] ?? [])
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return this.read((_) => _.arrayBuffer)
  }

  get text(): Effect.Effect<string, HttpClientError.ResponseError> {
    return this.read((_) => _.text)
  }

  get json(): Effect.Effect<unknown, HttpClientError.ResponseError> {
    return this.read((_) => _.json)
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.ResponseError> {
    return this.read((_) => _.urlParamsBody)
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    return this.read((_) => _.formData)
  }

  /** In pieces, as they come: whoever has enough of them receives no more. */
  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    const { exchange } = this
    return Stream.acquireRelease(Effect.sync(() => exchange.hold()), (reader) => Effect.sync(() => exchange.leave(reader))).pipe(
      Stream.flatMap(() => Stream.unfoldChunkEffect(0, (taken) =>
        this.onceMoreThan(exchange.piecesFrom(taken).length === 0 ? exchange.size : -1, () => this.next(taken))))
    )
  }

  /** The pieces behind so many; none where those were all. */
  private next(taken: number): Effect.Effect<Option.Option<readonly [Chunk.Chunk<Uint8Array>, number]>, HttpClientError.ResponseError> {
    const pieces = this.exchange.piecesFrom(taken)
    if (pieces.length > 0) return Effect.succeedSome([Chunk.fromIterable(pieces), taken + pieces.length])
    return Effect.as(this.received(Infinity), Option.none())
  }

  toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, {
      _id: "@effect/platform/HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status
    })
  }
}

/** Who is told of one request: of the head of its answer, or that there is none. */
interface Listener {
  readonly mayBegin: () => boolean
  readonly answered: (status: number, headers: Source, exchange: Exchange) => void
  readonly failed: (error: HttpClientError.RequestError) => void
}

/** One request, as undici tells of it, with the body of its answer as it is received. */
class Exchange implements Dispatcher.DispatchHandler {
  /** How much of the body there is so far. */
  size = 0
  /** None while more may come; a failure where it broke off. */
  end = Option.none<Either.Either<void, unknown>>()
  private readonly chunks: Array<Uint8Array> = []
  private readers: ReadonlyArray<Reader> = []
  private controller: Dispatcher.DispatchController | undefined
  private soon: NodeJS.Immediate | undefined
  private isCalledOff = false
  /**
   * Let go of once it was told: the connection would hold on to the fiber, and so to its result, which may be the response.
   */
  private listener: Listener | undefined

  constructor(private readonly request: HttpClientRequest.HttpClientRequest, listener: Listener) {
    this.listener = listener
  }

  /**
   * Sends the request, a turn later: before undici uses an idle connection again it looks at it once more, and while sockets are
   * read that would be before it has read what nobody asked for, which it would take for the answer.
   */
  dispatch(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions): void {
    this.soon = setImmediate(() => {
      const dispatched = Either.try(() => dispatcher.dispatch(options, this))
      // Some dispatchers throw what others report: that a request cannot be written.
      if (Either.isLeft(dispatched)) this.failed(dispatched.left)
    })
  }

  callOff(): void {
    clearImmediate(this.soon)
    this.abort()
  }

  get isUnwritten(): boolean {
    return this.controller === undefined
  }

  private abort(): void {
    this.isCalledOff = true
    this.controller?.abort(dropped)
  }

  /** What there is of the body so far. */
  get bytes(): Uint8Array {
    return joined(this.chunks, this.size)
  }

  /** The pieces of the body behind so many. */
  piecesFrom(taken: number): ReadonlyArray<Uint8Array> {
    return this.chunks.slice(taken)
  }

  /** Keeps what is still to come from being dropped, until it is left. */
  hold(): Reader {
    const reader: Reader = { maximum: Infinity, done: constVoid }
    if (Option.isNone(this.end)) this.read(reader)
    return reader
  }

  /** Tells the reader once the body is here, or has broken off, or is longer than so many bytes. Several may read it at once. */
  read(reader: Reader): void {
    this.readers = [...this.readers, reader]
    this.controller?.resume()
  }

  /** Ends one reading. Whoever is the last to go drops what is still to come. */
  leave(reader: Reader): void {
    this.readers = this.without(reader)
    this.drop()
  }

  /** Drops what is still to come, unless somebody reads it. */
  drop(): void {
    if (this.readers.length === 0 && Option.isNone(this.end)) this.abort()
  }

  private without(reader: Reader): ReadonlyArray<Reader> {
    return this.readers.filter((other) => other !== reader)
  }

  private finish(reader: Reader): void {
    this.readers = this.without(reader)
    reader.done()
  }

  private ended(how: Either.Either<void, unknown>): void {
    this.end = Option.some(how)
    for (const reader of this.readers) this.finish(reader)
  }

  private told(): Listener | undefined {
    const { listener } = this
    this.listener = undefined
    return listener
  }

  private failed(error: unknown): void {
    if (this.listener === undefined) return this.ended(Either.left(error))
    const { isUnwritten, request } = this
    this.told()?.failed(
      new HttpClientError.RequestError({
        request,
        reason: "Transport",
        cause: isUnwritten ? new NothingWritten(error, judgeUnwritten(error)) : error
      })
    )
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // undici begins a request anew in some cases. One that may have been sent is not sent again.
    const again = this.controller !== undefined
    // It is unwritten when that is asked.
    const isLate = !again && this.listener?.mayBegin() === false
    this.controller = controller
    if (!this.isCalledOff && !again && !isLate) return
    controller.abort(dropped)
    // An interceptor may make something else of that: undici's own `dump` would have it written, and wait for the answer.
    if (!controller.aborted) throw dropped
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Source): void {
    // What is below 200 only announces the answer.
    if (status >= 200) this.told()?.answered(status, headers, this)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.chunks.push(chunk)
    this.size += chunk.byteLength
    if (this.readers.length === 0 && this.size > ahead) controller.pause()
    for (const reader of this.readers) if (this.size > reader.maximum) this.finish(reader)
  }

  onResponseEnd(): void {
    this.ended(whole)
  }

  onResponseError(_: Dispatcher.DispatchController, error: unknown): void {
    this.failed(error)
  }
}

const whole: Either.Either<void> = Either.right(undefined)

/** Whether headers are already as the platform makes them: of each name one, and in lower case. */
const areUsual = (source: Source): source is Head["headers"] => {
  for (const name in source) if (typeof source[name] !== "string" || name !== name.toLowerCase()) return false
  return true
}

/** Reads an answer as soon as it begins, for an exchange without a fiber. */
class Reading implements Listener, Reader {
  private exchange: Exchange | undefined
  private rest: RestListener | undefined

  constructor(readonly maximum: number, private readonly listener: DirectListener) {}

  mayBegin(): boolean {
    return this.listener.mayBegin()
  }

  answered(status: number, headers: Source, exchange: Exchange): void {
    this.exchange = exchange
    this.rest = this.listener.begins({ status, headers: areUsual(headers) ? headers : Headers.fromInput(headers) })
    exchange.read(this)
  }

  failed(error: HttpClientError.RequestError): void {
    this.listener.failed(error)
  }

  done(): void {
    const { exchange, maximum, rest } = this
    if (exchange === undefined) return
    const isWhole = Option.exists(exchange.end, Either.isRight)
    if (!isWhole && exchange.size <= maximum) return rest?.broken()
    rest?.ended(exchange.bytes)
    if (!isWhole) exchange.drop()
  }
}

const encoded = (request: HttpClientRequest.HttpClientRequest, body: HttpBody.HttpBody) => {
  switch (body._tag) {
    case "Empty":
      return Either.right(null)
    case "Uint8Array":
      return Either.right(body.body)
    default:
      return Either.left(
        new HttpClientError.RequestError({ request, reason: "Encode", description: "only bodies of known bytes are sent" })
      )
  }
}

/** Where a request goes. */
interface Target {
  readonly origin: string
  readonly path: string
}

/** A path in which nothing is written in another way when it is sent, at the end of an address without anything else. */
const plainPath = /^https?:\/\/[^/?#@\\\s]+((?:\/[\w~-][\w.~%-]*)+)$/

const parsed = ({ hash, url, urlParams }: HttpClientRequest.HttpClientRequest): Either.Either<Target, Error> =>
  Either.map(UrlParams.makeUrl(url, urlParams, hash), ({ origin, pathname, search }) => ({ origin, path: pathname + search }))

/** Finds where requests go. Most go to the same origin as the one before, which then is not parsed again. */
const makeTargetOf = () => {
  let known = { prefix: "", origin: "" }
  return (request: HttpClientRequest.HttpClientRequest): Either.Either<Target, HttpClientError.RequestError> => {
    const path = request.urlParams.length === 0 ? plainPath.exec(request.url)?.[1] : undefined
    if (path !== undefined && known.prefix.length + path.length === request.url.length && request.url.startsWith(known.prefix)) {
      return Either.right({ origin: known.origin, path })
    }
    const target = Either.mapLeft(parsed(request), (cause) => new HttpClientError.RequestError({ request, reason: "InvalidUrl", cause }))
    if (path !== undefined && Either.isRight(target)) {
      known = { prefix: request.url.slice(0, -path.length), origin: target.right.origin }
    }
    return target
  }
}

/**
 * A client over a dispatcher of undici's own, such as an `Agent` with its certificates. For a proxy see `layerProxy`.
 *
 * Give it none that sends again by itself (`RetryAgent`), follows redirects, or decompresses: what
 * it does is not seen here. `pipelining` has to be 1, which it is unless you say otherwise, and
 * `allowH2` false: over HTTP/2 undici takes an answer whose stream was reset for a complete one.
 *
 * Of a proxy that closes the connection in place of answering `CONNECT`, undici's own `ProxyAgent` asks again without a
 * pause until it is destroyed, even when the request was called off. That of `proxyDispatcher` does not.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (dispatcher: Dispatcher): HttpClient.HttpClient => {
  const targetOf = makeTargetOf()
  const dispatch = (request: HttpClientRequest.HttpClientRequest, listener: Listener): Exchange => {
    const exchange = new Exchange(request, listener)
    const target = Either.all([targetOf(request), encoded(request, request.body)])
    if (Either.isLeft(target)) {
      listener.failed(target.left)
      return exchange
    }
    const [{ origin, path }, body] = target.right
    exchange.dispatch(dispatcher, {
      origin,
      path,
      method: request.method,
      // A copy: a `ProxyAgent` writes the host into them, and requests share theirs.
      headers: { ...request.headers },
      body,
      // How long it may take is for the policy to say.
      headersTimeout: 0,
      bodyTimeout: 0
    })
    return exchange
  }
  const send = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<Response, HttpClientError.RequestError> =>
    Effect.suspend(() => {
      let exchange: Exchange | undefined
      return Effect.onInterrupt(
        Effect.async<Response, HttpClientError.RequestError>((resume) => {
          exchange = dispatch(request, {
            mayBegin: constTrue,
            answered: (status, headers, begun) => resume(Effect.sync(() => new Response(request, status, headers, begun))),
            failed: (error) => resume(Effect.fail(error))
          })
        }),
        () => Effect.sync(() => exchange?.callOff())
      )
    })
  return directBy(
    HttpClient.makeWith((request: Effect.Effect<HttpClientRequest.HttpClientRequest>) => Effect.flatMap(request, send), Effect.succeed),
    (request, maximum, listener) => dispatch(request, new Reading(maximum, listener))
  )
}

/** How to connect, by HTTP/1.1: what is said here counts more than the `allowH2` beside it. */
const byHttp1 = (options: object): object => ({ ...options, allowH2: false })

/**
 * Connections of one's own, which are closed with the layer: kept alive, one request at a time on
 * each. `options` are undici's, for certificates, timeouts of connecting, or a limit of connections.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Omit<Agent.Options, "pipelining" | "allowH2" | "interceptors">): Layer.Layer<HttpClient.HttpClient> =>
  Layer.scoped(
    HttpClient.HttpClient,
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() =>
          new Agent({
            ...options,
            ...typeof options.connect === "object" ? { connect: byHttp1(options.connect) } : {},
            pipelining: 1,
            allowH2: false
          })),
        (agent) => Effect.promise(() => agent.destroy())
      ),
      make
    )
  )

/**
 * The client with undici's defaults: connecting may take ten seconds, and an idle connection is
 * kept for four, or as long as the server says.
 *
 * It knows of more failures than `FetchHttpClient.layer` and `NodeHttpClient.layerUndici` that nothing was sent: a
 * connection that is reset while TLS is being agreed on is `CancelError.NotSent` with it, and `CancelError.NoResponse`
 * with those. So is an attempt that still had no connection when its time was over, unless the client is wrapped
 * (`HttpClient.mapRequest` and the like). And it costs less: no exchange needs a fiber of its own, unless it is wrapped.
 * It follows no redirect, sends nothing again, decompresses nothing, and makes no spans.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<HttpClient.HttpClient> = layerWith({})

/**
 * A proxy, and what is reached without it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProxyOptions {
  /** Its URL, `http://proxy.internal:3128`; with the user, the password, or both, that it wants, if it does. */
  readonly proxy: Redacted.Redacted
  /** The hosts that are reached without it, separated by commas, as in `NO_PROXY`: `.internal,pay.example.com:8443`; `*` is all. */
  readonly noProxy?: string
  /** How providers are connected to, through the proxy or without it: undici's options, `ca` and `timeout` (milliseconds) among them; `allowH2` is not heeded. */
  readonly requestTls?: ProxyAgent.Options["requestTls"]
  /** How a proxy with an https URL is connected to: the same options. */
  readonly proxyTls?: ProxyAgent.Options["proxyTls"]
}

/** None where a percent sign stands for itself. */
const decoded = Option.liftThrowable(decodeURIComponent)

/**
 * What a proxy is told of who asks it, by what its URL names; none where that is no URL of a proxy. undici itself tells
 * it only of a user with a password.
 */
const askerIn = (text: string): Option.Option<{ readonly token?: string }> =>
  parseUrl(text).pipe(
    Option.filter(({ hostname, protocol }) => /^https?:$/.test(protocol) && hostname !== ""),
    Option.flatMap(({ password, username }) => decoded(`${username}:${password}`)),
    Option.map((asker) => asker === ":" ? {} : { token: `Basic ${Encoding.encodeBase64(asker)}` })
  )

const noProxyIn = (path: Array<string>): ConfigError.ConfigError =>
  ConfigError.InvalidData(path, "must be the http or https URL of a proxy, in which a percent sign is written as %25")

/**
 * Connections to a proxy. Where it closes one in place of answering `CONNECT`, undici takes that for what passes, by the
 * code of the error, and asks again at once, for ever.
 */
const askingOnce = (proxy: URL, options: object): Dispatcher => {
  const pool = new Pool(proxy, options)
  const connect: (to: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> = pool.connect.bind(pool)
  return Object.assign(pool, {
    connect: (to: Dispatcher.ConnectOptions) =>
      connect(to).catch((cause: unknown) => Promise.reject(new Error("there is no tunnel through the proxy", { cause })))
  })
}

/**
 * undici's connections through a proxy, which are closed with the scope: for whoever needs them for another client as
 * well, such as Effect's own (`NodeHttpClient.layerUndiciWithoutDispatcher`). For cancels, `layerProxy` is enough.
 *
 * A proxy that gives no tunnel is asked once for each request.
 *
 * @since 0.1.0
 * @category constructors
 */
export const proxyDispatcher = (
  { noProxy = "", proxy, proxyTls, requestTls }: ProxyOptions
): Effect.Effect<Dispatcher, ConfigError.ConfigError, Scope.Scope> =>
  Effect.suspend(() => {
    const httpsProxy = Redacted.value(proxy)
    return Option.match(askerIn(httpsProxy), {
      onNone: () => Effect.fail(noProxyIn(["proxy"])),
      onSome: (asker) => Effect.acquireRelease(
        // Nothing but loopback is reached by http. What is not said here, undici would read in the environment.
        Effect.sync(() =>
          new EnvHttpProxyAgent({
            httpsProxy,
            ...asker,
            httpProxy: "",
            noProxy,
            ...requestTls === undefined ? {} : { requestTls: byHttp1(requestTls), connect: byHttp1(requestTls) },
            ...proxyTls === undefined ? {} : { proxyTls: byHttp1(proxyTls) },
            clientFactory: askingOnce,
            pipelining: 1,
            allowH2: false
          })),
        // Which also ends what still connects.
        (agent) => Effect.promise(() => agent.destroy())
      )
    })
  })

/**
 * The client through a proxy, by a tunnel that the proxy cannot look into. What is on this machine, reached by http, is
 * reached without it.
 *
 * Where the proxy gives no tunnel, because it cannot be reached, refuses, closes the connection, or never answers, nothing was sent, and the
 * error is `CancelError.NotSent`. It is asked once for each request, after the waits of the policy.
 *
 * It fails with a `ConfigError` if `proxy` is no URL.
 *
 * @example
 * ```ts
 * import { Layer, Redacted } from "effect"
 * import { Stripe } from "effect-payment-cancel"
 * import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
 *
 * const live = Stripe.layerConfig().pipe(
 *   Layer.provide(UndiciTransport.layerProxy({ proxy: Redacted.make("http://proxy.internal:3128") }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerProxy = (options: ProxyOptions): Layer.Layer<HttpClient.HttpClient, ConfigError.ConfigError> =>
  Layer.scoped(HttpClient.HttpClient, Effect.map(proxyDispatcher(options), make))

/** As curl has them, the small letters count first. What is empty is not set. */
const variable = <A>(name: string, read: (text: string) => Either.Either<A, ConfigError.ConfigError>): Config.Config<Option.Option<A>> => {
  const written = (name: string) => Config.option(Config.nested(Config.mapOrFail(Config.nonEmptyString(), read), name))
  return Config.map(Config.all([written(name.toLowerCase()), written(name)]), Option.firstSomeOf)
}

const fromVariables = Config.all({
  proxy: variable("HTTPS_PROXY", (text) => Option.isSome(askerIn(text)) ? Either.right(Redacted.make(text)) : Either.left(noProxyIn([]))),
  noProxy: variable("NO_PROXY", Either.right)
})

/**
 * The client through the proxy that `HTTPS_PROXY` names, but for the hosts of `NO_PROXY`; without a proxy if it names none.
 * They are read as all configuration is, from Effect's `ConfigProvider`, and may be written in small letters.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerProxyConfig = (): Layer.Layer<HttpClient.HttpClient, ConfigError.ConfigError> =>
  Layer.unwrapEffect(Effect.map(fromVariables, ({ noProxy, proxy }) =>
    Option.match(proxy, {
      onNone: () => layer,
      onSome: (proxy) => layerProxy({ proxy, noProxy: Option.getOrElse(noProxy, () => "") })
    })))
