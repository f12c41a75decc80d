/**
 * An HTTP client that plays a script, and remembers what it was asked. No wire, no promise:
 * only the Clock and the script decide what happens when.
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** An answer. `body` is text, bytes, or a stream that may fail or never end. */
export interface Reply {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string | Uint8Array | Stream.Stream<Uint8Array, HttpClientError.ResponseError>
}

/** What happens to one request: an answer, or anything else an HTTP client can do. */
export type Step =
  | Reply
  | ((
    request: HttpClientRequest.HttpClientRequest
  ) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>)

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A response with any status whatsoever, also ones that `Response` refuses to have. */
export const respond = (
  request: HttpClientRequest.HttpClientRequest,
  { body = "", headers = { "content-type": "application/json" }, status = 200 }: Reply
): HttpClientResponse.HttpClientResponse => {
  const bytes = typeof body === "string" ? encoder.encode(body) : body
  return Object.create(HttpClientResponse.fromWeb(request, new Response(null)), {
    status: { value: status },
    headers: { value: Headers.fromInput(headers) },
    stream: { value: bytes instanceof Uint8Array ? (bytes.length === 0 ? Stream.empty : Stream.make(bytes)) : bytes }
  })
}

/** An answer with a JSON body. */
export const json = (status: number, body: unknown, headers: { readonly [name: string]: string } = {}): Reply => ({
  status,
  body: JSON.stringify(body),
  headers: { "content-type": "application/json", ...headers }
})

export const transportError = (request: HttpClientRequest.HttpClientRequest, cause: unknown) =>
  new HttpClientError.RequestError({ request, reason: "Transport", cause })

/** The connection breaks after the request was sent. */
export const reset: Step = (request) =>
  Effect.fail(transportError(request, Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" })))

/** The connection is refused: nothing is sent. */
export const refused: Step = (request) =>
  Effect.fail(
    transportError(
      request,
      Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" })
    )
  )

/** The certificate does not hold: nothing is sent, and another try fares no better. */
export const badCertificate: Step = (request) =>
  Effect.fail(transportError(request, Object.assign(new Error("self-signed"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" })))

/** No answer ever comes. */
export const stall: Step = () => Effect.never

const textOf = (request: HttpClientRequest.HttpClientRequest): string =>
  request.body._tag === "Uint8Array" ? decoder.decode(request.body.body) : ""

/**
 * Plays the steps one after the other, and the last one again and again.
 */
export const play = (...steps: readonly [Step, ...ReadonlyArray<Step>]) => {
  const received: Array<Received> = []
  const answer = (request: HttpClientRequest.HttpClientRequest) =>
    Effect.suspend(() => {
      const step = steps[Math.min(received.length, steps.length - 1)]!
      received.push({ method: request.method, url: request.url, headers: { ...request.headers }, body: textOf(request) })
      return typeof step === "function" ? step(request) : Effect.succeed(respond(request, step))
    })
  // Not `HttpClient.make`: its signals and finalizers are worth nothing here, and take most of the time.
  const client: HttpClient.HttpClient = HttpClient.makeWith(
    (request: Effect.Effect<HttpClientRequest.HttpClientRequest, HttpClientError.HttpClientError>) => Effect.flatMap(request, answer),
    Effect.succeed
  )
  return { client, received, layer: Layer.succeed(HttpClient.HttpClient, client) }
}
