/**
 * Authorizes requests: fetches a token where one is needed, once for all who need it, and keeps it
 * until shortly before it expires.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { Authorization, SignatureAuthorization, TokenAuthorization } from "../authoring/Authorization.js"
import { awaitAtMost, runAtMost } from "./awaitAtMost.js"
import * as Evidence from "./evidence.js"
import * as Exchange from "./exchange.js"
import { startStopwatch } from "./stopwatch.js"

/** A token that was issued, and until when it is used, by the authorizer's stopwatch. */
export interface Issued {
  readonly value: string
  readonly usedUntil: number
}

/** What the request for a token came to. */
export type Fetched<E> =
  | { readonly _tag: "Authorized"; readonly trace: Evidence.Trace; readonly issued: Issued }
  | Evidence.NotAuthorized<E>

/**
 * A request that may be sent. `reused`: it carries a token that was there before, and may have
 * been withdrawn since.
 */
export interface Authorized {
  readonly _tag: "Ready"
  readonly request: HttpClientRequest.HttpClientRequest
  readonly token: Option.Option<Issued>
  readonly reused: boolean
}

/** The bounds of what is done to authorize one request. */
export interface Bounds {
  readonly timeout: number
  readonly maximumBytes: number
  readonly judgeTransport: Exchange.JudgeTransport
}

/**
 * What authorizes the requests of one layer.
 *
 * - `issued`: the tokens of late, which are kept out of everything that is handed on. It is another
 *   array whenever another one was issued.
 * - `authorize`: `fetching` wraps the request for a token, where one is needed.
 * - `drop`: makes sure that this token is not used again.
 */
export interface Authorizer<E> {
  readonly issued: () => ReadonlyArray<string>
  readonly authorize: (
    request: HttpClientRequest.HttpClientRequest,
    bounds: Bounds,
    fetching: (fetch: Effect.Effect<Fetched<E>>) => Effect.Effect<Fetched<E>>
  ) => Effect.Effect<Authorized | Evidence.NotAuthorized<E>>
  readonly drop: (token: Issued) => Effect.Effect<void>
}

/** So many tokens are remembered as credentials: an answer may still echo one that was replaced. */
const remembered = 4

/** A token is not used in the last part of its time, which is at most so many milliseconds long. */
const longestMargin = 60_000

/** The share of its time in which a token is not used any more, at most. */
const marginShare = 0.1

const ready = (
  request: HttpClientRequest.HttpClientRequest,
  token: Option.Option<Issued> = Option.none(),
  reused = false
): Authorized => ({ _tag: "Ready", request, token, reused })

const none: ReadonlyArray<string> = []

/** For a provider whose requests carry all they need. */
const unneeded = <E>(): Authorizer<E> => ({
  issued: () => none,
  authorize: (request) => Effect.succeed(ready(request)),
  drop: () => Effect.void
})

const signing = <E>(sign: SignatureAuthorization["sign"]): Authorizer<E> => ({
  ...unneeded(),
  authorize: (request, { timeout }) =>
    Effect.map(runAtMost(Effect.either(Effect.suspend(() => sign(request))), timeout), Option.match({
      onNone: () => Evidence.notAuthorized(`the request was not signed within ${timeout} ms`, true),
      onSome: Either.match({
        onLeft: (problem) => Evidence.notAuthorized(`the request could not be signed: ${problem}`, false),
        onRight: (signed) => ready(signed)
      })
    }))
})

/** A request for a token that is under way, and how many wait for it. */
interface Fetching<E> {
  readonly fiber: Fiber.RuntimeFiber<Fetched<E>>
  waiting: number
}

/** What the requests for tokens need of their layer. `issued` are the tokens that answers must not show. */
export interface Surroundings<E> {
  readonly client: HttpClient.HttpClient
  readonly decode: Exchange.Decode
  readonly judge: (declared: TokenAuthorization, issued: () => ReadonlyArray<string>) => Evidence.TokenJudge<E>
}

const withTokens = <E>(
  declared: TokenAuthorization,
  options: Surroundings<E>
): Effect.Effect<Authorizer<E>> =>
  Effect.gen(function*() {
    const elapsed = yield* startStopwatch
    const oneAtATime = yield* Effect.makeSemaphore(1)
    let held = Option.none<Issued>()
    let issued: ReadonlyArray<string> = []
    let underWay = Option.none<Fetching<E>>()
    const judge = options.judge(declared, () => issued)

    const fetch = ({ judgeTransport, maximumBytes, timeout }: Bounds): Effect.Effect<Fetched<E>> =>
      Effect.gen(function*() {
        const since = yield* elapsed
        const transmission = yield* Exchange.exchange({
          client: options.client,
          request: declared.request,
          timeout,
          maximumBytes,
          judgeTransport,
          decode: options.decode
        })
        const judged = Evidence.judgeToken(judge, declared.read, transmission, (yield* DateTime.now).epochMillis)
        if (judged._tag === "NotAuthorized") return judged
        const { expiresIn, value } = judged.token
        const lifetime = Option.match(expiresIn, { onNone: () => Infinity, onSome: Duration.toMillis })
        const token: Issued = { value, usedUntil: since + lifetime - Math.min(longestMargin, lifetime * marginShare) }
        held = Option.some(token)
        issued = [value, ...issued.filter((each) => each !== value)].slice(0, remembered)
        return { _tag: "Authorized", trace: judged.trace, issued: token }
      })

    const join = (bounds: Bounds): Effect.Effect<Fetching<E>> =>
      oneAtATime.withPermits(1)(Effect.gen(function*() {
        const fetching = Option.isSome(underWay)
          ? underWay.value
          : { fiber: yield* Effect.forkDaemon(Effect.interruptible(fetch(bounds))), waiting: 0 }
        underWay = Option.some(fetching)
        fetching.waiting += 1
        return fetching
      }))

    const leave = (fetching: Fetching<E>): Effect.Effect<void> =>
      oneAtATime.withPermits(1)(Effect.gen(function*() {
        fetching.waiting -= 1
        const isOver = Option.isSome(yield* Fiber.poll(fetching.fiber))
        if (!isOver && fetching.waiting > 0) return
        if (Option.contains(underWay, fetching)) underWay = Option.none()
        yield* Effect.fiberIdWith((fiberId) => Fiber.interruptAsFork(fetching.fiber, fiberId))
      }))

    const fetchTogether = (bounds: Bounds): Effect.Effect<Fetched<E>> =>
      Effect.acquireUseRelease(
        join(bounds),
        ({ fiber }) =>
          Effect.flatMap(awaitAtMost(fiber, bounds.timeout), Option.match({
            onNone: () => Effect.succeed(Evidence.notAuthorized(`no token was issued within ${bounds.timeout} ms`, true)),
            onSome: (exit) => exit
          })),
        leave
      )

    return {
      issued: () => issued,
      authorize: (request, bounds, fetching) =>
        Effect.gen(function*() {
          const now = yield* elapsed
          const usable = Option.filter(held, ({ usedUntil }) => now < usedUntil)
          if (Option.isSome(usable)) return ready(declared.apply(request, usable.value.value), usable, true)
          const fetched = yield* fetching(fetchTogether(bounds))
          return fetched._tag === "Authorized"
            ? ready(declared.apply(request, fetched.issued.value), Option.some(fetched.issued))
            : fetched
        }),
      drop: (token) =>
        Effect.sync(() => {
          if (Option.exists(held, ({ value }) => value === token.value)) held = Option.none()
        })
    }
  })

/**
 * Makes what authorizes the requests of one layer.
 */
export const makeAuthorizer = <E>(
  authorization: Authorization | undefined,
  options: Surroundings<E>
): Effect.Effect<Authorizer<E>> => {
  if (authorization === undefined) return Effect.succeed(unneeded())
  return authorization._tag === "Signature" ? Effect.succeed(signing(authorization.sign)) : withTokens(authorization, options)
}

/** Whether an answer says that the token of its request is not valid. */
export const isUnauthenticated = ({ standsFor }: Evidence.Trace): boolean => Option.contains(standsFor, 401)

