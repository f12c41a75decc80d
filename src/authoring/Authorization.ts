/**
 * How a provider's requests are authorized, where a fixed header is not enough: by a token that
 * has to be fetched first, or by a signature over the request.
 *
 * @since 0.1.0
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { signing, withTokens } from "../engine/authorization.js"
import type { TypeId } from "../engine/authorizationId.js"
import { Means } from "../engine/authorizer.js"
import type * as Answer from "./Answer.js"
import * as Request from "./Request.js"

/**
 * A token as the provider issued it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Token {
  /** What requests carry; it has to be fit for a header. */
  readonly value: string
  /** How long it is valid from now on. None where the answer does not say: it is kept until a 401. */
  readonly expiresIn: Option.Option<Duration.Duration>
}

/**
 * A token that is fetched before the first exchange and kept until shortly before it expires.
 *
 * - Callers who need one at the same time share one request. It is abandoned when nobody waits for
 *   it any more.
 * - The request counts towards the time of the attempt that needs it. Where none is issued, that
 *   attempt was not sent.
 * - A 401 drops the token. If it was there before, the exchange is made once more with a new one, within the policy.
 * - What was issued is kept out of everything that is handed on, like the `secrets` of a
 *   declaration.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenSource {
  /** Asks for a token. It is the same for every request of a layer, also for one that acts for another account. */
  readonly request: HttpClientRequest.HttpClientRequest
  /** The token in a 2xx answer. */
  readonly read: (answer: Answer.Answer) => Option.Option<Token>
  /**
   * The error in an answer without a token. Where its code is listed among the provider's refusals,
   * the cancel fails with that class, else with `CancelError.NotSent`.
   */
  readonly refusal: (answer: Answer.Answer) => Option.Option<Answer.Refusal>
  /** Puts the token on a request: as `Authorization: Bearer` unless given. */
  readonly apply?: (request: HttpClientRequest.HttpClientRequest, token: string) => HttpClientRequest.HttpClientRequest
}

/**
 * Signs a request, anew for each attempt. It fails with what is wrong, for a person: without any
 * credential in it. What is not signed is not sent. It may take as long as the attempt that needs
 * it, except for what is left to send the request: a tenth of that time, and a second at most.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sign {
  (request: HttpClientRequest.HttpClientRequest): Effect.Effect<HttpClientRequest.HttpClientRequest, string>
}

/**
 * How requests are authorized. It is made by `token` or `signature`, and brings along what carries it
 * out: a provider that needs neither carries neither.
 *
 * @since 0.1.0
 * @category models
 */
export interface Authorization {
  /** Marks what was made here. */
  readonly [TypeId]: typeof TypeId
}

const bearer = (request: HttpClientRequest.HttpClientRequest, token: string): HttpClientRequest.HttpClientRequest =>
  Request.withHeader(request, "authorization", `Bearer ${token}`)

/**
 * Authorizes by a token that is fetched first.
 *
 * @example
 * ```ts
 * import { HttpClientRequest } from "@effect/platform"
 * import { Duration, Option, Schema } from "effect"
 * import * as Authorization from "effect-payment-cancel/authoring/Authorization"
 *
 * const decodeIssued = Schema.decodeUnknownOption(Schema.Struct({ access_token: Schema.String, expires_in: Schema.Number }))
 * const decodeRefused = Schema.decodeUnknownOption(Schema.Struct({ error: Schema.String }))
 *
 * const authorization = Authorization.token({
 *   request: HttpClientRequest.post("https://api.acme.example/oauth2/token").pipe(
 *     HttpClientRequest.basicAuth("client-id", "client-secret"),
 *     HttpClientRequest.bodyText("grant_type=client_credentials", "application/x-www-form-urlencoded")
 *   ),
 *   read: ({ body }) =>
 *     Option.map(Option.flatMap(body, decodeIssued), ({ access_token, expires_in }) => ({
 *       value: access_token,
 *       expiresIn: Option.some(Duration.seconds(expires_in))
 *     })),
 *   refusal: ({ body }) =>
 *     Option.map(Option.flatMap(body, decodeRefused), ({ error }) => ({ code: error, message: null, details: null }))
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const token = (source: TokenSource): Authorization =>
  new Means((layer) => withTokens({ apply: bearer, ...source }, layer))

/**
 * Authorizes by a signature over each request.
 *
 * @since 0.1.0
 * @category constructors
 */
export const signature = (sign: Sign): Authorization => new Means(() => signing(sign))
