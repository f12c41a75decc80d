/**
 * An HTTP client for exactly this work: one request, one short answer, and an exact account of
 * what was sent. It speaks HTTP/1.1 over undici's connections, on Node.
 *
 * It needs the package `undici`, 7.10 or later, which is an optional peer.
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
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Agent, type Dispatcher } from "undici"
import { directBy } from "./engine/direct.js"
import { readAtMost } from "./engine/exchange.js"
import { judgeUnwritten, NothingWritten } from "./engine/transport.js"

/** So many bytes are received before anybody asks for them. */
const ahead = 65_536

/** Why a body that was received in part is not received any further. */
const dropped = new Error("the rest of the answer is not wanted")

/** Who reads the body, with how many bytes it is content, and whom to tell. */
interface Reader {
  readonly maximum: number
  readonly done: () => void
}

/** Ends one reading. Whoever is the last to go drops what is still to come. */
type Leave = () => void

/** A body as it is received. */
interface Body {
  /** What there is of it so far. */
  readonly bytes: () => Uint8Array
  readonly size: () => number
  /** None while more may come; a failure where it broke off. */
  readonly end: () => Option.Option<Either.Either<void, unknown>>
  /** Calls back once it is here, or has broken off, or is longer than so many bytes. Several may read it at once. */
  readonly read: (reader: Reader) => Leave
  /** Drops what is still to come, unless somebody reads it. */
  readonly drop: () => void
}

/** A response that nobody reads holds its connection, until it is collected as garbage. */
const forgotten = new FinalizationRegistry((body: Body) => body.drop())

class Response extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly remoteAddress = Option.none<string>()
  readonly headers: Headers.Headers

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    readonly status: number,
    private readonly source: { readonly [name: string]: string | Array<string> | undefined },
    private readonly body: Body
  ) {
    super()
    this.headers = Headers.fromInput(source)
    if (Option.isNone(body.end())) forgotten.register(this, body, this)
  }

  [readAtMost](maximum: number): Effect.Effect<Uint8Array, HttpClientError.ResponseError> {
    return Effect.suspend(() => {
      forgotten.unregister(this)
      const { body } = this
      return Option.isSome(body.end()) || body.size() > maximum
        ? this.received(maximum)
        : Effect.async<Uint8Array, HttpClientError.ResponseError>((resume) =>
          Effect.sync(body.read({ maximum, done: () => resume(this.received(maximum)) }))
        )
    })
  }

  private received(maximum: number): Effect.Effect<Uint8Array, HttpClientError.ResponseError> {
    const { body } = this
    if (body.size() > maximum) {
      const bytes = body.bytes()
      body.drop()
      return Effect.succeed(bytes)
    }
    return Option.match(body.end(), {
      onNone: () => this.broken(dropped),
      onSome: Either.match({ onLeft: (cause) => this.broken(cause), onRight: () => Effect.succeed(body.bytes()) })
    })
  }

  private broken(cause: unknown): Effect.Effect<never, HttpClientError.ResponseError> {
    return Effect.fail(new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause }))
  }

  /** Read as the platform reads a response of fetch, whose body is here already. */
  private read<A>(
    how: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, HttpClientError.ResponseError>
  ): Effect.Effect<A, HttpClientError.ResponseError> {
    return Effect.flatMap(this[readAtMost](Infinity), (bytes) =>
      Effect.catchAll(
        how(HttpClientResponse.fromWeb(this.request, new globalThis.Response(bytes.slice(), { headers: this.headers }))),
        ({ cause }) => this.broken(cause)
      ))
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

  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    return Stream.fromEffect(this[readAtMost](Infinity))
  }

  toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, {
      _id: "@effect/platform/HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status
    })
  }
}

const joined = (chunks: ReadonlyArray<Uint8Array>, size: number): Uint8Array => {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined) return only
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

/** Who is told of one request: of the head of its answer, or that there is none. */
interface Listener {
  readonly answered: (status: number, headers: Response["source"], body: Body) => void
  readonly failed: (error: HttpClientError.RequestError) => void
}

/** One request: how undici tells of it, that it could not even be dispatched, and how it is called off. */
interface Exchange {
  readonly handler: Dispatcher.DispatchHandler
  readonly failed: (error: unknown) => void
  readonly abort: () => void
}

const begin = (request: HttpClientRequest.HttpClientRequest, listener: Listener): Exchange => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  let end = Option.none<Either.Either<void, unknown>>()
  let controller: Dispatcher.DispatchController | undefined
  let aborted = false
  const readers = new Set<Reader>()
  // Let go of once it was told. The connection would hold on to the fiber, and so to its result: that may be
  // the response itself, which nobody would then be able to forget.
  let waiting: Listener | undefined = listener

  const told = (): Listener | undefined => {
    const waited = waiting
    waiting = undefined
    return waited
  }
  const abort = (): void => {
    aborted = true
    controller?.abort(dropped)
  }
  const drop = (): void => {
    if (readers.size === 0) abort()
  }
  const finish = (reader: Reader): void => {
    readers.delete(reader)
    reader.done()
  }
  const ended = (how: Either.Either<void, unknown>): void => {
    end = Option.some(how)
    readers.forEach(finish)
  }
  const failed = (error: unknown): void => {
    if (waiting === undefined) return ended(Either.left(error))
    told()?.failed(
      new HttpClientError.RequestError({
        request,
        reason: "Transport",
        cause: controller === undefined ? new NothingWritten(error, judgeUnwritten(error)) : error
      })
    )
  }
  const body: Body = {
    bytes: () => joined(chunks, size),
    size: () => size,
    end: () => end,
    read: (reader) => {
      readers.add(reader)
      controller?.resume()
      return () => {
        readers.delete(reader)
        drop()
      }
    },
    drop
  }
  return {
    abort,
    failed,
    handler: {
      onRequestStart: (started) => {
        // undici begins a request anew in some cases. One that may have been sent is not sent again.
        const again = controller !== undefined
        controller = started
        if (aborted || again) started.abort(dropped)
      },
      onResponseStart: (_, status, headers) => {
        // What is below 200 only announces the answer.
        if (status >= 200) told()?.answered(status, headers, body)
      },
      onResponseData: (started, chunk) => {
        chunks.push(chunk)
        size += chunk.byteLength
        if (readers.size === 0 && size > ahead) started.pause()
        for (const reader of readers) if (size > reader.maximum) finish(reader)
      },
      onResponseEnd: () => ended(Either.right(undefined)),
      onResponseError: (_, error) => failed(error)
    }
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

const targetOf = (request: HttpClientRequest.HttpClientRequest) =>
  Either.mapLeft(
    UrlParams.makeUrl(request.url, request.urlParams, request.hash),
    (cause) => new HttpClientError.RequestError({ request, reason: "InvalidUrl", cause })
  )

/**
 * A client over a dispatcher of undici's own: an `Agent` with its certificates, a `ProxyAgent`.
 *
 * Give it none that sends again by itself (`RetryAgent`), follows redirects, or decompresses: what
 * it does is not seen here. `pipelining` has to be 1, which it is unless you say otherwise.
 *
 * Of a proxy that closes the connection in place of answering `CONNECT`, a `ProxyAgent` asks again
 * without a pause until it is destroyed, even when the request was called off. undici does so by itself.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (dispatcher: Dispatcher): HttpClient.HttpClient => {
  /** Sends a request, and gives how it is called off. */
  const dispatch = (request: HttpClientRequest.HttpClientRequest, listener: Listener): () => void => {
    const target = Either.all([targetOf(request), encoded(request, request.body)])
    if (Either.isLeft(target)) {
      listener.failed(target.left)
      return () => {}
    }
    const [url, body] = target.right
    const { abort, failed, handler } = begin(request, listener)
    // A turn later: undici looks at an idle connection once more before it uses it again, but where the request is made
    // while sockets are read, it would look before it has read what nobody has asked for, and take that for the answer.
    const soon = setImmediate(() => {
      const dispatched = Either.try(() =>
        dispatcher.dispatch({
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method,
          // A copy: a `ProxyAgent` writes the host into them, and requests share theirs.
          headers: { ...request.headers },
          body,
          // How long it may take is for the policy to say.
          headersTimeout: 0,
          bodyTimeout: 0
        }, handler)
      )
      // Some dispatchers throw what others report: that a request cannot be written.
      if (Either.isLeft(dispatched)) failed(dispatched.left)
    })
    return () => {
      clearImmediate(soon)
      abort()
    }
  }
  const send = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<Response, HttpClientError.RequestError> =>
    Effect.suspend(() => {
      let abort: (() => void) | undefined
      return Effect.onInterrupt(
        Effect.async<Response, HttpClientError.RequestError>((resume) => {
          abort = dispatch(request, {
            answered: (status, headers, body) => resume(Effect.sync(() => new Response(request, status, headers, body))),
            failed: (error) => resume(Effect.fail(error))
          })
        }),
        () => Effect.sync(() => abort?.())
      )
    })
  const direct = directBy((request, maximum, { begins, failed }) => {
    let isCalledOff = false
    const abort = dispatch(request, {
      answered: (status, headers, body) => {
        const { broken, ended } = begins({ status, headers: Headers.fromInput(headers) })
        body.read({
          maximum,
          done: () => {
            if (isCalledOff) return
            const isWhole = Option.exists(body.end(), Either.isRight)
            if (!isWhole && body.size() <= maximum) return broken()
            ended(body.bytes())
            if (!isWhole) body.drop()
          }
        })
      },
      failed: (error) => {
        if (!isCalledOff) failed(error)
      }
    })
    return () => {
      isCalledOff = true
      abort()
    }
  })
  return Object.assign(
    HttpClient.makeWith((request: Effect.Effect<HttpClientRequest.HttpClientRequest>) => Effect.flatMap(request, send), Effect.succeed),
    direct
  )
}

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
        Effect.sync(() => new Agent({ ...options, pipelining: 1, allowH2: false })),
        (agent) => Effect.promise(() => agent.destroy())
      ),
      make
    )
  )

/**
 * The client with undici's defaults: connecting may take ten seconds, and an idle connection is
 * kept for four, or as long as the server says.
 *
 * It costs less than `FetchHttpClient.layer` and `NodeHttpClient.layerUndici`: no exchange needs a fiber of its own,
 * unless the client is wrapped (`HttpClient.mapRequest` and the like). And it knows of more failures that nothing was
 * sent: a connection that is reset while TLS is being agreed on is `CancelError.NotSent` with it, and
 * `CancelError.NoResponse` with the others.
 * It follows no redirect, sends nothing again, decompresses nothing, and makes no spans.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<HttpClient.HttpClient> = layerWith({})
