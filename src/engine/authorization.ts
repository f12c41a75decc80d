/**
 * Authorizes requests: fetches a token where one is needed, once for all who need it, and keeps it
 * until shortly before it expires; or has each request signed.
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type Answer, nothing, type Reading, type Vocabulary } from "../authoring/Answer.js"
import type { Sign, Token, TokenSource } from "../authoring/Authorization.js"
import { entryOf, withTellingCode } from "../authoring/Errors.js"
import { HeaderValue } from "../authoring/Input.js"
import type { Authorizer, Authorizing, Bounds, Fetched, Issued, LayerParts } from "./authorizer.js"
import { awaitAtMost, runAtMost } from "./awaitAtMost.js"
import * as Evidence from "./evidence.js"
import * as Exchange from "./exchange.js"
import { startStopwatch, stopwatch } from "./stopwatch.js"

/** A request that may be sent. `reused`: its token was there before, and may have been withdrawn since. */
interface Authorized {
  readonly _tag: "Ready"
  readonly request: HttpClientRequest.HttpClientRequest
  readonly token: Option.Option<Issued>
  readonly reused: boolean
}

type Authorize<E> = (
  authorizing: Pick<Authorizing<E, unknown>, "request" | "bounds" | "restore" | "fetching">
) => Effect.Effect<Authorized | Evidence.NotAuthorized<E>>

/** The share of an attempt's time that has to be left to send the request, once it is authorized. */
const shareLeft = 0.1

/** The same in milliseconds, at most. */
const enough = 1000

/** Whether an answer says that the token of its request is not valid. */
const isUnauthenticated = ({ standsFor }: Evidence.Trace): boolean => Option.contains(standsFor, 401)

const sessionOf = <E>(authorize: Authorize<E>, drop: (token: Issued) => void): Authorizer<E>["session"] => (clock) => {
  let renewed = false
  return {
    exchange: (authorizing) =>
      Effect.suspend(() => {
        const { bounds: { timeout }, send, unsent } = authorizing
        const elapsed = stopwatch(clock)
        return Effect.flatMap(authorize(authorizing), (authorized) => {
          if (authorized._tag === "NotAuthorized") return unsent(authorized)
          const left = Math.ceil(timeout - elapsed())
          if (left < Math.min(enough, Math.ceil(timeout * shareLeft))) {
            return unsent(Evidence.notAuthorized("the time of the attempt was over before the request was authorized", true))
          }
          const { request, reused, token } = authorized
          return Effect.map(send(request, left, reused && !renewed), (ended) => {
            if (Option.isSome(token) && isUnauthenticated(ended.trace)) {
              drop(token.value)
              renewed = true
            }
            return ended
          })
        })
      })
  }
}

/** Has each request signed. */
export const signing = <E>(sign: Sign): Effect.Effect<Authorizer<E>> =>
  Effect.succeed({
    session: sessionOf<E>(({ bounds: { timeout }, request, restore }) =>
      runAtMost(
        Effect.match(Effect.suspend(() => sign(request)), {
          onFailure: (problem) => Evidence.notAuthorized(`the request could not be signed: ${problem}`, false),
          onSuccess: (signed) => ({ _tag: "Ready", request: signed, token: Option.none(), reused: false }) as const
        }),
        timeout,
        () => Evidence.notAuthorized(`the request was not signed within ${timeout} ms`, true),
        restore
      ), () => {})
  })

/** So many tokens are remembered as credentials: an answer may still echo one that was replaced. */
const remembered = 4

/** A token is not used in the last part of its time, which is at most so many milliseconds long. */
const longestMargin = 60_000

/** The share of its time in which a token is not used any more, at most. */
const marginShare = 0.1

/** A request for a token that is under way, and how many wait for it. */
interface UnderWay<E> {
  readonly fiber: Fiber.RuntimeFiber<Fetched<E>>
  waiting: number
}

/**
 * Judges the request for a token. It cancels nothing, so that nothing is in doubt after it: there
 * is a token, or there is none.
 */
const judgeToken = <E>(
  judge: Pick<LayerParts<E>, "catalogue" | "standsFor" | "delays"> & {
    readonly read: (answer: Answer) => Reading<Vocabulary>
  },
  readToken: TokenSource["read"],
  transmission: Exchange.Transmission,
  now: number
): { readonly _tag: "Authorized"; readonly trace: Evidence.Trace; readonly token: Token } | Evidence.NotAuthorized<E> => {
  if (transmission._tag !== "Answered") {
    const head = transmission._tag === "Unanswered" ? transmission.head : Option.none()
    return {
      _tag: "NotAuthorized",
      trace: Evidence.silent(`no token was issued: ${transmission.explanation}`, head, judge, now),
      transient: transmission._tag === "Unanswered" || transmission.transient,
      entry: Option.none()
    }
  }
  const interpreted = Evidence.interpret(judge, transmission.answer, now)
  const { reading, status } = interpreted
  const token = Evidence.isSuccess(status) ? Option.filter(readToken(transmission.answer), ({ value }) => Schema.is(HeaderValue)(value)) : Option.none()
  if (Option.isSome(token)) return { _tag: "Authorized", trace: Evidence.traceOf(interpreted, Evidence.withStatus(interpreted)), token: token.value }
  return {
    _tag: "NotAuthorized",
    trace: Evidence.traceOf(interpreted, `no token was issued: ${Evidence.withCode(interpreted)}`),
    transient: Evidence.isServerError(status) || status === 408 || status === 429,
    // Only a code tells, and of the request: a row that is recognised by its HTTP status is about cancels.
    entry: Evidence.codeOf(reading) === null || Evidence.isSuccess(status)
      ? Option.none()
      : Option.filter(entryOf(judge.catalogue, status, Evidence.codeOf(reading)), ({ row }) => row.outcome === "NotCancelled" && row.about === "Request")
  }
}

/** A token is of no payment. */
const noPayment = ""

/** Fetches tokens, and puts them on requests. */
export const withTokens = <E>(
  source: TokenSource & Required<Pick<TokenSource, "apply">>,
  { catalogue, client, decode, delays, redactBeside, standsFor }: LayerParts<E>
): Effect.Effect<Authorizer<E>> =>
  Effect.gen(function*() {
    const elapsed = yield* startStopwatch
    const oneAtATime = yield* Effect.makeSemaphore(1)
    let held = Option.none<Extract<Fetched<E>, { readonly _tag: "Authorized" }>>()
    let issued: ReadonlyArray<string> = []
    let underWay = Option.none<UnderWay<E>>()
    const redact = redactBeside(() => issued)
    const read = (answer: Answer) =>
      redact.reading({
        ...nothing,
        refusal: Option.map(source.refusal(redact.answer(answer, noPayment)), (_) => withTellingCode(catalogue, _))
      }, noPayment)

    const fetch = ({ judgeTransport, maximumBytes, timeout }: Bounds): Effect.Effect<Fetched<E>> =>
      Effect.gen(function*() {
        const since = elapsed()
        const transmission = yield* Exchange.exchange({
          client,
          request: source.request,
          timeout,
          maximumBytes,
          judgeTransport,
          decode
        })
        const judged = judgeToken({ catalogue, standsFor, delays, read }, source.read, transmission, (yield* DateTime.now).epochMillis)
        if (judged._tag === "NotAuthorized") return judged
        const { expiresIn, value } = judged.token
        const lifetime = Option.match(expiresIn, { onNone: () => Infinity, onSome: Duration.toMillis })
        const token: Issued = { value: Redacted.make(value), usedUntil: since + lifetime - Math.min(longestMargin, lifetime * marginShare) }
        const fetched = { _tag: "Authorized", trace: judged.trace, issued: token } as const
        held = Option.some(fetched)
        issued = [value, ...issued.filter((each) => each !== value)].slice(0, remembered)
        return fetched
      })

    const usable = () => {
      const now = elapsed()
      return Option.filter(held, ({ issued: { usedUntil } }) => now < usedUntil)
    }

    const join = (bounds: Bounds): Effect.Effect<UnderWay<E>> =>
      oneAtATime.withPermits(1)(Effect.gen(function*() {
        const fetching = Option.isSome(underWay)
          ? underWay.value
          : { fiber: yield* Effect.forkDaemon(Effect.interruptible(fetch(bounds))), waiting: 0 }
        underWay = Option.some(fetching)
        fetching.waiting += 1
        return fetching
      }))

    const leave = (fetching: UnderWay<E>): Effect.Effect<void> =>
      oneAtATime.withPermits(1)(Effect.gen(function*() {
        fetching.waiting -= 1
        const isOver = Option.isSome(yield* Fiber.poll(fetching.fiber))
        if (!isOver && fetching.waiting > 0) return
        if (Option.contains(underWay, fetching)) underWay = Option.none()
        yield* Effect.fiberIdWith((fiberId) => Fiber.interruptAsFork(fetching.fiber, fiberId))
      }))

    /**
     * Waits for so many milliseconds; whoever else waits for the same may have more of them, so the request itself has all the
     * time of the first one's attempt. When that is over, it is for all: whoever has another attempt asks again in it.
     */
    const fetchTogether = (bounds: Bounds, timeout: number): Effect.Effect<Fetched<E>> =>
      // While it was waited for room to ask, another's request may have been answered.
      Effect.suspend(() => Option.getOrElse(Option.map(usable(), Effect.succeed<Fetched<E>>), () =>
        Effect.acquireUseRelease(
          join(bounds),
          ({ fiber }) =>
            Effect.flatMap(awaitAtMost(fiber, timeout), Option.match({
              onNone: () => Effect.succeed(Evidence.notAuthorized(`no token was issued within ${timeout} ms`, true)),
              onSome: (exit) => exit
            })),
          leave
        )))

    return {
      issued: () => issued,
      session: sessionOf<E>(({ bounds, fetching, request }) =>
        Effect.suspend((): ReturnType<Authorize<E>> => {
          const ready = (token: Issued, reused: boolean): Authorized =>
            ({ _tag: "Ready", request: source.apply(request, Redacted.value(token.value)), token: Option.some(token), reused })
          const known = usable()
          if (Option.isSome(known)) return Effect.succeed(ready(known.value.issued, true))
          return Effect.map(
            fetching((timeout) => fetchTogether(bounds, timeout), source.request),
            (fetched) => fetched._tag === "Authorized" ? ready(fetched.issued, false) : fetched
          )
        }), (token) => {
          if (Option.exists(held, ({ issued }) => Redacted.value(issued.value) === Redacted.value(token.value))) held = Option.none()
        })
    }
  })
