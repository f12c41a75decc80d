/**
 * One HTTP exchange: a request, and whatever comes back, within a time and a size.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as FiberRefs from "effect/FiberRefs"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { Delivery } from "../FetchOnce.js"
import type { Answer } from "../authoring/Answer.js"
import { type Adapt, type Restore, runAtMost } from "./awaitAtMost.js"
import { withoutRequests } from "./redaction.js"
import type { TransportVerdict } from "./transport.js"

/** What an answer begins with. */
export type Head = Pick<Answer, "status" | "headers">

/**
 * What became of one request.
 *
 * - `Answered`: the whole answer is here. What `isPacked` came packed, and nobody unpacked it.
 * - `Unanswered`: the request may have been sent, and no whole answer came. `head` is what
 *   arrived of it, if that did. It proves nothing; but what it asks for is asked for.
 * - `NotSent`: no byte of it left.
 */
export type Transmission =
  | { readonly _tag: "Answered"; readonly answer: Answer; readonly isPacked?: true }
  | { readonly _tag: "Unanswered"; readonly explanation: string; readonly head: Option.Option<Head> }
  | { readonly _tag: "NotSent"; readonly explanation: string; readonly transient: boolean }

/**
 * How a failed transport is judged; replaceable, so that tests can break it on purpose. `once`:
 * the client is known to have sent the request no more than once.
 */
export type JudgeTransport = (error: HttpClientError.RequestError, once: boolean) => TransportVerdict

type JudgeFailure = (error: HttpClientError.RequestError) => TransportVerdict

export const unanswered = (explanation: string, head: Option.Option<Head> = Option.none()): Transmission => ({
  _tag: "Unanswered",
  explanation,
  head
})

const headOf = ({ headers, status }: HttpClientResponse.HttpClientResponse): Head => ({ headers, status })

/** Carries a whole exchange out, without a fiber. `restore` is given by a caller that can be interrupted only by it. */
export type ExchangeDirectly = (options: Options, restore?: Restore) => Effect.Effect<Transmission>

/** The HTTP clients that can carry an exchange out by themselves. Whoever wraps one, in whichever way, has a client that cannot. */
const direct = new WeakMap<HttpClient.HttpClient, ExchangeDirectly>()

/** Has a client carry exchanges out by itself. */
export const exchangingDirectly = (client: HttpClient.HttpClient, exchangeDirectly: ExchangeDirectly): HttpClient.HttpClient => {
  direct.set(client, exchangeDirectly)
  return client
}

/** Reads a whole body of so many bytes at most; of a longer one, more bytes than that, and then no more. */
type ReadAtMost = (maximumBytes: number) => Effect.Effect<Uint8Array, HttpClientError.ResponseError>

/** The responses whose client reads a body within a bound by itself. Whoever wraps one, in whichever way, has one that is read as any other. */
const bounded = new WeakMap<HttpClientResponse.HttpClientResponse, ReadAtMost>()

/** Has the body of a response read by its client. */
export const readingAtMost = (response: HttpClientResponse.HttpClientResponse, read: ReadAtMost): void => {
  bounded.set(response, read)
}

/** What was received in pieces, of so many bytes in all. */
export const joined = (chunks: ReadonlyArray<Uint8Array>, size: number): Uint8Array => {
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

/** No more of a body is read. */
const enough = Symbol()

/** Reads no further than the piece with which it is more than allowed; stopping there closes the connection. */
const readInPieces = (
  response: HttpClientResponse.HttpClientResponse,
  maximumBytes: number
): Effect.Effect<Uint8Array, HttpClientError.ResponseError> =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    let size = 0
    return Effect.map(
      Effect.catchAll(
        Stream.runForEachChunk(response.stream, (received) => {
          for (const chunk of received) {
            chunks.push(chunk)
            size += chunk.byteLength
          }
          return size > maximumBytes ? Effect.fail(enough) : Effect.void
        }),
        (why) => why === enough ? Effect.void : Effect.fail(why)
      ),
      () => joined(chunks, size)
    )
  })

const decimal = /^\d{1,15}$/

/**
 * Whether an answer states a length within the bound, and means by it what is received. HTTP lets
 * no more through than is stated; but a body that is unpacked on the way is longer than that.
 */
const isStatedWithin = ({ headers }: Head, maximumBytes: number): boolean => {
  const { "content-encoding": encoding = "identity", "content-length": length = "", "transfer-encoding": framing } = headers
  return framing === undefined && encoding === "identity" && decimal.test(length) && Number(length) <= maximumBytes
}

const utf8 = new TextDecoder()

const decoderFor = Option.liftThrowable((charset: string) => new TextDecoder(charset))

const charsetButUtf8 = /charset\s*=\s*"?(?!utf-?8(?:[\s";]|$))([^\s";]+)/i

/** The charset that an answer names, where it is not JSON's own. */
export const otherCharset = ({ headers: { "content-type": contentType = "" } }: Head): string | undefined =>
  charsetButUtf8.exec(contentType)?.[1]

/** Text in the charset the answer names; JSON's own where it names none, or one nobody knows. */
export const decodeText = (bytes: Uint8Array, charset: string | undefined): string =>
  Option.getOrElse(charset === undefined ? Option.none() : decoderFor(charset), () => utf8).decode(bytes)

/** Not every client takes the mark off that may begin a text in Unicode. */
const withoutMark = (text: string): string => text.startsWith("\uFEFF") ? text.slice(1) : text

/** What a text decodes to, as the provider's answers are written; none for what is not written so. */
export type Decode = (text: string) => Option.Option<unknown>

/** How much of an answer is read, and what its text is decoded by. */
export interface Limits {
  readonly maximumBytes: number
  readonly decode: Decode
}

const tooLong = (head: Head, maximumBytes: number): Transmission =>
  unanswered(`the answer is larger than ${maximumBytes} bytes`, Option.some(head))

export const brokenOff = (head: Head): Transmission => unanswered("the answer broke off in the middle", Option.some(head))

/** What no text has in it, and anything packed has. */
const illegible = /\uFFFD|[^\P{Cc}\t\n\r]/u

/** A client that unpacks a body may leave the header which says that it is packed, so that only the text tells. */
const isPackedIn = ({ headers: { "content-encoding": encoding = "identity" } }: Head, text: string): boolean =>
  encoding !== "identity" && illegible.test(text)

/** An answer that is here as a whole, of so many bytes or characters, unless it is longer than allowed. */
export const received = (head: Head, { decode, maximumBytes }: Limits, length: number, text: () => string): Transmission => {
  if (length > maximumBytes) return tooLong(head, maximumBytes)
  const whole = text()
  const body = decode(whole)
  const answered = { _tag: "Answered", answer: { body, ...head } } as const
  return Option.isNone(body) && isPackedIn(head, whole) ? { ...answered, isPacked: true } : answered
}

/** What the responses of the platform's clients have besides: one that is wrapped, and a text that was asked for. */
interface OfThePlatform extends HttpClientResponse.HttpClientResponse {
  readonly original?: OfThePlatform
  readonly textBody?: unknown
  readonly textEffect?: unknown
}

/** Whether a wrapper has read the body, as one does that logs it. Nothing is left of it then but its text. */
const isRead = ({ original, textBody, textEffect }: OfThePlatform): boolean =>
  original === undefined ? (textBody ?? textEffect) !== undefined : isRead(original)

/** The rest of an answer that has begun. A short one is read at once. */
const readRest = (
  response: HttpClientResponse.HttpClientResponse,
  head: Head,
  limits: Limits
): Effect.Effect<Transmission, HttpClientError.ResponseError> => {
  const { maximumBytes } = limits
  const charset = otherCharset(head)
  const read = bounded.get(response)
  if (read === undefined && (isRead(response) || (charset === undefined && isStatedWithin(head, maximumBytes)))) {
    // No text has more characters than bytes.
    return Effect.map(response.text, (text) => received(head, limits, text.length, () => withoutMark(text)))
  }
  return Effect.map(
    read?.(maximumBytes) ?? readInPieces(response, maximumBytes),
    (bytes) => received(head, limits, bytes.byteLength, () => decodeText(bytes, charset))
  )
}

/**
 * Whether a failure is of this request, which a wrapper may have changed, but for the encoding that it accepts. A wrapper may also
 * make requests of its own, such as one that records each answer elsewhere: that those fail says nothing of ours.
 */
const isOf = ({ headers }: HttpClientRequest.HttpClientRequest, failure: HttpClientError.HttpClientError): boolean =>
  // What a client fails with that is made of another library may be that one's.
  HttpClientError.isHttpClientError(failure) && failure.request.headers["accept-encoding"] === headers["accept-encoding"]

/** The answer of a client, be it the value or the failure of its effect. `begins` is told its head before its body is read. */
const receive = (
  answer: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>,
  limits: Limits & Pick<Options, "request">,
  judgeFailure: JudgeFailure,
  begins: (head: Head) => void
): Effect.Effect<Transmission> =>
  answer.pipe(
    Effect.flatMap((response) => {
      // Some clients make the headers anew whenever they are read.
      const head = headOf(response)
      begins(head)
      return readRest(response, head, limits)
    }),
    Effect.catchAllCause((cause) => {
      // A defect is not ours to explain, and stays one.
      if (Cause.isDie(cause)) return Effect.failCause(withoutRequests(Cause.stripFailures(cause)))
      const failures = [...Cause.failures(cause)].filter((failure) => isOf(limits.request, failure))
      const answered = failures.find((failure) => failure._tag === "ResponseError")
      if (answered === undefined) {
        return Effect.succeed(unsent(failures.filter((failure) => failure._tag === "RequestError"), judgeFailure))
      }
      return answered.reason === "StatusCode"
        // A wrapped client may fail on a status (`filterStatusOk`): its answer is an answer all the same.
        ? receive(Effect.succeed(answered.response), limits, judgeFailure, begins)
        : Effect.succeed(
          answered.reason === "EmptyBody"
            ? received(headOf(answered.response), limits, 0, () => "")
            : brokenOff(headOf(answered.response))
        )
    })
  )

/**
 * Some clients report one failure as several in parallel: no byte left only if all say so.
 * A client that gave up on its own accord, without a failure, says nothing.
 */
export const unsent = (
  failures: ReadonlyArray<HttpClientError.RequestError>,
  judgeFailure: JudgeFailure
): Transmission => {
  const verdicts = failures.map((failure) => judgeFailure(failure))
  const verdict = verdicts.find((verdict) => verdict._tag === "MaybeSent") ?? verdicts[0]
  if (verdict === undefined) return unanswered("the HTTP client gave no answer")
  return verdict._tag === "NotSent" ? verdict : unanswered(verdict.explanation)
}

/**
 * Hands the request to the client, with what fetch is told in its options; other clients pass
 * over it. Whatever else the user's options hold stays.
 *
 * A delivery keeps the runtime from sending twice. Where the user brings a client of Deno's
 * own making, or another fetch, it is theirs, and nothing is known of it.
 */
const deliver = <A>(
  delivering: Effect.Effect<Delivery> | undefined,
  send: (once: boolean) => Effect.Effect<A>
): Effect.Effect<A> => {
  if (delivering === undefined) return send(false)
  return Effect.contextWithEffect((context: Context.Context<never>) => {
    const init = Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit))
    const theirs = Predicate.hasProperty(init, "client") || Option.isSome(Context.getOption(context, FetchHttpClient.Fetch))
    return theirs ? send(false) : Effect.acquireUseRelease(
      delivering,
      (delivery) => Effect.provideService(send(delivery.once), FetchHttpClient.RequestInit, { ...init, ...delivery.init, ...ours }),
      ({ release }) => release
    )
  })
}

/** The fetch client follows redirects unless it is told not to, and takes the credentials along. */
const ours = { redirect: "manual" } as const

/** What the HTTP client's spans record of a request shows its headers, so it records nothing of ours. */
const isOurs = () => true

/** Whoever wraps a client may want its spans all the same. Then no header is shown in them. */
const everyHeader = [/^/]

/** They are nobody's in particular: the client's fiber ends with them. */
const clientRefs: Parameters<typeof FiberRefs.updateManyAs>[1]["entries"] = [
  [HttpClient.currentTracerDisabledWhen, [[FiberId.none, isOurs]]],
  [HttpClient.currentTracerPropagation, [[FiberId.none, false]]],
  [Headers.currentRedactedNames, [[FiberId.none, everyHeader]]]
]

/** What the client runs with: set once, where it is started. */
const forClient: Adapt = {
  context: (context) =>
    Context.add(context, FetchHttpClient.RequestInit, {
      ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
      ...ours
    }),
  updateRefs: (refs) => FiberRefs.updateManyAs(refs, { entries: clientRefs })
}

/** A request, and the bounds of its exchange. */
export interface Options extends Limits {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly timeout: number
  readonly judgeTransport: JudgeTransport
}

export const tooLate = (timeout: number, head: Option.Option<Head>) => unanswered(`no whole answer within ${timeout} ms`, head)

/**
 * Sends one request and receives the whole answer. It never fails: every way an exchange
 * can end is a `Transmission`. A defect of the client stays a defect.
 *
 * When the time is over the request is aborted, and the abort is not waited for: a client
 * that cannot be interrupted must not hold up the deadline.
 *
 * A caller that cannot be interrupted says how it is while it waits for the answer.
 */
export const exchange = (
  options: Options & {
    readonly client: HttpClient.HttpClient
    readonly delivering?: Effect.Effect<Delivery> | undefined
    readonly restore?: Restore
  }
): Effect.Effect<Transmission> => {
  const { client, delivering, request, restore } = options
  const exchangeDirectly = delivering === undefined ? direct.get(client) : undefined
  return exchangeDirectly !== undefined ? exchangeDirectly(options, restore) : Effect.suspend(() => {
    let head = Option.none<Head>()
    return runAtMost(
      deliver(delivering, (once) =>
        receive(
          // A client may throw before there is an effect.
          Effect.suspend(() => client.execute(request)),
          options,
          (error) => options.judgeTransport(error, once),
          (arrived) => {
            head = Option.some(arrived)
          }
        )),
      options.timeout,
      () => tooLate(options.timeout, head),
      restore,
      forClient
    )
  })
}
