/**
 * Requests, as a provider sends them.
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Pipeable from "effect/Pipeable"

/**
 * Headers by their names, which are in lower case: with any other, it does not compile.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fields {
  readonly [name: Lowercase<string>]: string
}

const nowhere = Option.none<string>()

const everyHeader = [/^/]

/** The platform's own are made in steps, each with a copy of all headers: that was a twelfth of what a cancel cost. */
class Request extends Inspectable.Class implements HttpClientRequest.HttpClientRequest {
  constructor(
    readonly method: HttpMethod,
    readonly url: string,
    readonly headers: Headers.Headers,
    readonly body: HttpBody.HttpBody,
    readonly urlParams: UrlParams.UrlParams = UrlParams.empty,
    readonly hash: Option.Option<string> = nowhere
  ) {
    super()
  }

  get [HttpClientRequest.TypeId](): HttpClientRequest.TypeId {
    return HttpClientRequest.TypeId
  }

  get pipe(): Pipeable.Pipeable["pipe"] {
    return Pipeable.Prototype.pipe
  }

  /** Credentials may be in any header, and in the body. */
  toJSON(): unknown {
    const { _tag, contentLength, contentType } = this.body
    return {
      _id: "@effect/platform/HttpClientRequest",
      method: this.method,
      url: this.url,
      urlParams: this.urlParams,
      hash: this.hash,
      headers: Headers.redact(this.headers, everyHeader),
      body: { _tag, contentType, contentLength }
    }
  }
}

/** What is spread comes last: an object that begins with it and goes on is made far more slowly. */
const describing = (body: HttpBody.Uint8Array, headers: Fields): Record<string, string> =>
  body.contentLength === 0
    ? { "content-type": body.contentType, ...headers }
    : { "content-type": body.contentType, "content-length": String(body.contentLength), ...headers }

/**
 * A request of the platform's, made in one step. A body brings its `content-type` and `content-length`. Written out
 * (`JSON.stringify`, `String`), it shows no header's value and nothing of its body: credentials may be there.
 *
 * @example
 * ```ts
 * import * as HttpBody from "@effect/platform/HttpBody"
 * import * as Input from "effect-payment-cancel/authoring/Input"
 * import * as Request from "effect-payment-cancel/authoring/Request"
 *
 * const cancel = (paymentId: string, idempotencyKey: string) =>
 *   Request.make(
 *     "POST",
 *     Input.resource("https://api.acme.example", "payments", paymentId, "cancel"),
 *     { "idempotency-key": idempotencyKey, "accept": "application/json", "accept-encoding": "identity" },
 *     HttpBody.unsafeJson({ reason: "out of stock" })
 *   )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  method: HttpMethod,
  url: string,
  headers: Fields,
  body?: HttpBody.Uint8Array
): HttpClientRequest.HttpClientRequest =>
  body === undefined
    ? new Request(method, url, Headers.unsafeFromRecord({ ...headers }), HttpBody.empty)
    : new Request(method, url, Headers.unsafeFromRecord(describing(body, headers)), body)

/**
 * A request with one header more, or another. As `HttpClientRequest.setHeader`, but it shows no credential either when it is
 * written out.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withHeader = (
  { body, hash, headers, method, url, urlParams }: HttpClientRequest.HttpClientRequest,
  name: Lowercase<string>,
  value: string
): HttpClientRequest.HttpClientRequest => new Request(method, url, Headers.set(headers, name, value), body, urlParams, hash)
