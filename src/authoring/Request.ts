/**
 * Requests, as a provider sends them.
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpMethod } from "@effect/platform/HttpMethod"

/**
 * Headers by their names, which are in lower case: with any other, it does not compile.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fields {
  readonly [name: Lowercase<string>]: string
}

const empty = HttpClientRequest.get("")

/** The platform's, but that it shows no header and no body when it is written out. */
const prototype: object = Object.setPrototypeOf({
  toJSON(this: HttpClientRequest.HttpClientRequest) {
    return this.url
  }
}, Object.getPrototypeOf(empty))

/** The platform makes requests in steps, each with a copy of all headers. What the prototype brings, no type can see. */
const requestOf = (parts: Omit<HttpClientRequest.HttpClientRequest, "pipe" | "toJSON">): HttpClientRequest.HttpClientRequest =>
  Object.setPrototypeOf(parts, prototype)

/**
 * A request of the platform's, made in one step. A body brings its `content-type` and `content-length`. Written out
 * (`JSON.stringify`, `String`), it is its URL: credentials may be in any header, and in the body.
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
  requestOf({
    ...empty,
    method,
    url,
    // What is spread comes last: an object that begins with it, and then gets other fields, is made far more slowly.
    headers: Headers.unsafeFromRecord(
      body === undefined
        ? { ...headers }
        : { "content-type": body.contentType, "content-length": `${body.contentLength}`, ...headers }
    ),
    body: body ?? empty.body
  })

/**
 * A request with one header more, or another. As `HttpClientRequest.setHeader`, but it shows no credential either when it is
 * written out.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withHeader = (
  request: HttpClientRequest.HttpClientRequest,
  name: Lowercase<string>,
  value: string
): HttpClientRequest.HttpClientRequest => requestOf({ ...request, headers: Headers.set(request.headers, name, value) })
