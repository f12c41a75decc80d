/**
 * What authorizes requests, as the engine uses it: apart from how that is done, for most providers
 * need none of it.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Clock from "effect/Clock"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { Authorization } from "../authoring/Authorization.js"
import type { Catalogue } from "../authoring/Errors.js"
import { TypeId } from "./authorizationId.js"
import type { Restore } from "./awaitAtMost.js"
import type * as Evidence from "./evidence.js"
import type * as Exchange from "./exchange.js"
import type { Redact } from "./redaction.js"

/** A token that was issued, and until when it is used, by the authorizer's stopwatch. */
export interface Issued {
  /** Redacted, for a span holds whatever its effect ends with. */
  readonly value: Redacted.Redacted<string>
  readonly usedUntil: number
}

/** What the request for a token came to. */
export type Fetched<E> =
  | { readonly _tag: "Authorized"; readonly trace: Evidence.Trace; readonly issued: Issued }
  | Evidence.NotAuthorized<E>

/** The bounds of what is done to authorize one request. */
export interface Bounds {
  readonly timeout: number
  readonly maximumBytes: number
  readonly judgeTransport: Exchange.JudgeTransport
}

/** What is put around a request for a token. That comes off the milliseconds in which it is fetched. */
export type Fetching<E> = (
  fetch: (timeout: number) => Effect.Effect<Fetched<E>>,
  request: HttpClientRequest.HttpClientRequest
) => Effect.Effect<Fetched<E>>

/**
 * One exchange whose request is authorized first.
 *
 * - `restore` is how a caller that cannot be interrupted is, while it is waited for a signature.
 * - `fetching` wraps the request for a token, where one is needed.
 * - `send` makes the exchange itself, in the milliseconds that are left. It is told whether the token
 *   was there before: where that is not accepted any more, another try fares better.
 * - `unsent` is what comes of it where it was not authorized.
 */
export interface Authorizing<E, A> {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly bounds: Bounds
  readonly restore?: Restore
  readonly fetching: Fetching<E>
  readonly send: (
    request: HttpClientRequest.HttpClientRequest,
    timeout: number,
    mayRenew: boolean
  ) => Effect.Effect<A>
  readonly unsent: (why: Evidence.NotAuthorized<E>) => Effect.Effect<A>
}

/** What authorizes the exchanges of one operation. A token is renewed once in it, and not in a loop. */
export interface Session<E> {
  readonly exchange: <A extends { readonly trace: Evidence.Trace }>(authorizing: Authorizing<E, A>) => Effect.Effect<A>
}

/**
 * What authorizes the requests of one layer. `issued` are the tokens of late, which are kept out of
 * everything that is handed on: another array whenever another one was issued.
 */
export interface Authorizer<E> {
  readonly issued?: () => ReadonlyArray<string>
  /** By whose clock it is known how long a token took. */
  readonly session: (clock: Clock.Clock) => Session<E>
}

/**
 * What the requests for tokens need of their layer. `redactBeside` keeps the layer's own credentials
 * and those that were issued out of their answers.
 */
export interface LayerParts<E> extends Evidence.Manners {
  readonly client: HttpClient.HttpClient
  readonly decode: Exchange.Decode
  readonly catalogue: Pick<Catalogue<E>, "byCode" | "byStatus">
  readonly redactBeside: (issued: () => ReadonlyArray<string>) => Redact
}

/** An `Authorization` with what carries it out. */
export class Means implements Authorization {
  readonly [TypeId]: typeof TypeId = TypeId
  constructor(readonly authorizer: <E>(layer: LayerParts<E>) => Effect.Effect<Authorizer<E>>) {}
}
