/**
 * Deliveries as an HTTP client sees them, without a network: failures look as they do on undici,
 * and only Effect decides when something happens. No promises or web streams are used, so a
 * simulated scheduler controls everything.
 *
 * @since 0.1.0
 */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Delivery from "./Delivery.js"
import type * as Emulator from "./Emulator.js"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * The cause of a failure as undici reports it: an error with a `code`, and a `syscall` if the
 * operating system was involved.
 */
class TransportFailure extends Error {
  readonly code: string
  readonly syscall?: string
  constructor(message: string, code: string, syscall?: string) {
    super(message)
    this.name = code.startsWith("UND_ERR") ? "SocketError" : "Error"
    this.code = code
    if (syscall !== undefined) {
      this.syscall = syscall
    }
  }
}

const failure = {
  refused: () => new TransportFailure("connect ECONNREFUSED", "ECONNREFUSED", "connect"),
  notFound: (host: string) => new TransportFailure(`getaddrinfo ENOTFOUND ${host}`, "ENOTFOUND", "getaddrinfo"),
  Reset: () => new TransportFailure("read ECONNRESET", "ECONNRESET", "read"),
  Close: () => new TransportFailure("other side closed", "UND_ERR_SOCKET")
}

const blanks = encoder.encode(" ".repeat(65_536))

const padding = (bytes: number): Stream.Stream<Uint8Array> =>
  Stream.unfold(bytes, (left) =>
    left <= 0
      ? Option.none()
      : Option.some([left >= blanks.length ? blanks : blanks.subarray(0, left), left - blanks.length]))

class InMemoryResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly headers: Headers.Headers
  readonly remoteAddress = Option.none<string>()

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    private readonly reply: Emulator.Reply,
    private readonly body: Delivery.Body
  ) {
    super()
    this.headers = Headers.fromInput(reply.headers)
  }

  get status(): number {
    return this.reply.status
  }

  get cookies(): Cookies.Cookies {
    return Cookies.empty
  }

  private decodeError(cause: unknown): HttpClientError.ResponseError {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }

  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    const bytes = encoder.encode(this.reply.body)
    switch (this.body._tag) {
      case "Whole":
        return bytes.length === 0 ? Stream.empty : Stream.make(bytes)
      case "Cut":
        return Stream.concat(
          Stream.make(Delivery.half(bytes)),
          Stream.failSync(() => this.decodeError(failure.Close()))
        )
      case "Stalled":
        return Stream.concat(Stream.make(Delivery.half(bytes)), Stream.never)
      case "Padded":
        return Stream.concat(Stream.make(bytes), padding(this.body.bytes - bytes.length))
    }
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return Effect.map(Stream.runCollect(this.stream), (chunks) => {
      const parts = Chunk.toReadonlyArray(chunks)
      const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
      let offset = 0
      for (const part of parts) {
        whole.set(part, offset)
        offset += part.length
      }
      return whole.buffer
    })
  }

  get text(): Effect.Effect<string, HttpClientError.ResponseError> {
    return this.body._tag === "Whole"
      ? Effect.succeed(this.reply.body)
      : Effect.map(this.arrayBuffer, (buffer) => decoder.decode(buffer))
  }

  get json(): Effect.Effect<unknown, HttpClientError.ResponseError> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({
        // The platform's own responses give null for an empty body.
        try: (): unknown => (text === "" ? null : JSON.parse(text)),
        catch: (cause) => this.decodeError(cause)
      }))
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.ResponseError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    return Effect.failSync(() => this.decodeError(new Error("No provider answers with form data")))
  }

  toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, {
      _id: "effect-payment-cancel/sandbox/InMemoryResponse",
      status: this.status
    })
  }
}

/**
 * A delivery as the outcome of an HTTP client's request.
 *
 * @since 0.1.0
 * @category rendering
 */
export const render = (
  request: HttpClientRequest.HttpClientRequest,
  delivery: Delivery.Delivery
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> => {
  switch (delivery._tag) {
    case "Answered":
      return Effect.succeed(new InMemoryResponse(request, delivery.reply, delivery.body))
    case "Lost":
      return Effect.fail(transportError(request, failure[delivery.by]()))
    case "Refused":
      return Effect.fail(transportError(request, failure.refused()))
  }
}

/**
 * What happens to a request for a host that does not exist.
 *
 * @since 0.1.0
 * @category rendering
 */
export const noSuchHost = (
  request: HttpClientRequest.HttpClientRequest,
  host: string
): HttpClientError.RequestError => transportError(request, failure.notFound(host))

const transportError = (request: HttpClientRequest.HttpClientRequest, cause: TransportFailure) =>
  new HttpClientError.RequestError({ request, reason: "Transport", cause })

/**
 * The text of a request's body.
 *
 * @since 0.1.0
 * @category decoding
 */
export const bodyText = (
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<string, HttpClientError.RequestError> => {
  const encodeError = (cause: unknown) => new HttpClientError.RequestError({ request, reason: "Encode", cause })
  const body: HttpBody.HttpBody = request.body
  switch (body._tag) {
    case "Empty":
      return Effect.succeed("")
    case "Uint8Array":
      return Effect.succeed(decoder.decode(body.body))
    case "Raw":
      return typeof body.body === "string"
        ? Effect.succeed(body.body)
        : Effect.fail(encodeError(new Error("The sandbox reads raw bodies only if they are strings")))
    case "FormData":
      return Effect.fail(encodeError(new Error("The sandbox reads no form data")))
    case "Stream":
      return body.stream.pipe(
        Stream.decodeText(),
        Stream.mkString,
        Effect.mapError(encodeError)
      )
  }
}
