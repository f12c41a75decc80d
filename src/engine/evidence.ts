/**
 * What one exchange proves. An answer proves no more than the weaker of its status and its
 * code.
 */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Catalogue, Entry } from "../authoring/Errors.js"
import * as Answer from "../authoring/Answer.js"
import type { Doubt } from "../authoring/ResendLicence.js"
import type { Head, Transmission } from "./exchange.js"

type AnyReading = Answer.Reading<Answer.Vocabulary>

/** What every exchange leaves behind, whatever it proves. */
export interface Trace {
  readonly explanation: string
  readonly httpStatus: Option.Option<number>
  readonly requestId: Option.Option<string>
  readonly refusal: Option.Option<Answer.Refusal>
  readonly retryAfter: Option.Option<Duration.Duration>
}

/** A payment as an answer stated it, where that status stands if it is a known one, and in which answer. */
export interface Stated<V extends Answer.Vocabulary> {
  readonly payment: V["payment"]
  readonly standing: Option.Option<Answer.Standing>
  readonly trace: Trace
}

/**
 * What a cancel request's exchange proves.
 *
 * - `NotSent`: no byte of it left.
 * - `MaybeApplied`: it may have cancelled the payment, or may yet; `entry` is the listed
 *   code of the answer, if its class says so too.
 * - `Refused`: it did not cancel the payment and never will.
 * - `Acknowledged`: its answer states that the payment is cancelled.
 * - `Accepted`: the provider took the request, and decides elsewhere.
 */
export type CancelEvidence<E, V extends Answer.Vocabulary> =
  | { readonly _tag: "NotSent"; readonly trace: Trace; readonly transient: boolean }
  | {
    readonly _tag: "MaybeApplied"
    readonly trace: Trace
    readonly doubt: Doubt
    readonly sendAgain: Option.Option<boolean>
    readonly entry: Option.Option<Entry<E>>
    readonly stated: Option.Option<Stated<V>>
  }
  | {
    readonly _tag: "Refused"
    readonly trace: Trace
    readonly entry: Option.Option<Entry<E>>
    readonly about: "Request" | "Payment"
    readonly tryAgain: boolean
    readonly sendAgain: Option.Option<boolean>
    readonly stated: Option.Option<Stated<V>>
  }
  | { readonly _tag: "Acknowledged"; readonly trace: Trace; readonly payment: V["payment"] }
  | { readonly _tag: "Accepted"; readonly trace: Trace; readonly receipt: V["receipt"] }

/** What a status query's exchange proves. */
export type StatusEvidence<V extends Answer.Vocabulary> =
  | { readonly _tag: "StatusRead"; readonly trace: Trace; readonly stated: Stated<V> }
  | { readonly _tag: "StatusUnread"; readonly trace: Trace }

/**
 * What a provider's declaration contributes to a judgement. `stillRunning` is the licence's, none
 * unless given.
 */
export interface Judge<E, V extends Answer.Vocabulary> {
  readonly catalogue: Catalogue<E>
  readonly stillRunning?: ReadonlyArray<number> | undefined
  readonly standings: Answer.Standings
  readonly read: (answer: Answer.Answer) => Answer.Reading<V>
}

const isSuccess = (status: number) => status >= 200 && status < 300

/** 408 says that the server gave up waiting for the request, not that it refused it. */
const isRefusal = (status: number) => status >= 400 && status < 500 && status !== 408

const isServerError = (status: number) => status >= 500 && status < 600

/** Seconds: whole ones by the standard; a fraction, or a sign, is understood all the same. */
const seconds = /^\+?\d+(?:\.\d+)?$/

/**
 * The three forms of a date in HTTP, with what is seen beside them: a day of one digit, another
 * name of the same zone, small letters. Only the last form does not name its zone, which is GMT too.
 */
const httpDate = /^[a-z]+, \d{1,2}[ -][a-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} (?:GMT|UTC|[+-]0000)$/i
const asctime = /^[a-z]{3} [a-z]{3} [ \d]?\d \d{2}:\d{2}:\d{2} \d{4}$/i

const parseHttpDate = (value: string): Option.Option<number> => {
  const text = asctime.test(value) ? `${value} GMT` : value
  return httpDate.test(value) || asctime.test(value)
    ? Option.filter(Option.some(Date.parse(text)), Number.isFinite)
    : Option.none()
}

/** One `Retry-After`, in whole milliseconds: as seconds or as an HTTP date, which in the past is zero. */
const millisAsked = (value: string, now: number): Option.Option<number> =>
  seconds.test(value)
    ? Option.some(Math.ceil(Math.min(Number(value), Number.MAX_SAFE_INTEGER) * 1000))
    : Option.map(parseHttpDate(value), (at) => Math.max(0, at - now))

/** A comma separates headers of the same name that were joined, unless it is the one behind the day of a date. */
const joined = /,(?!\s*\d{1,2}[ -][a-z]{3}[ -])/i

/** `Retry-After`; of several the longest, and none where none can be read. */
export const retryAfter = (header: string | undefined, now: number): Option.Option<Duration.Duration> => {
  const asked = Arr.filterMap((header ?? "").split(joined), (value) => millisAsked(value.trim(), now))
  return Arr.isNonEmptyArray(asked) ? Option.some(Duration.millis(Math.max(...asked))) : Option.none()
}

/** What is left where an answer did not arrive whole: of its head, only what it asks for. */
const silent = (explanation: string, head: Option.Option<Head> = Option.none(), now = 0): Trace => ({
  explanation,
  httpStatus: Option.map(head, ({ status }) => status),
  requestId: Option.none(),
  refusal: Option.none(),
  retryAfter: Option.flatMap(head, ({ headers }) => retryAfter(headers["retry-after"], now))
})

const traceOf = (
  answer: Answer.Answer,
  reading: AnyReading,
  now: number,
  explanation: string
): Trace => ({
  explanation,
  httpStatus: Option.some(answer.status),
  requestId: reading.requestId,
  refusal: reading.refusal,
  retryAfter: retryAfter(answer.headers["retry-after"], now)
})

const codeOf = (reading: AnyReading): string | null =>
  Option.match(reading.refusal, { onNone: () => null, onSome: (refusal) => refusal.code })

const withCode = (answer: Answer.Answer, reading: AnyReading): string => {
  const code = codeOf(reading)
  return code === null ? `HTTP ${answer.status}` : `HTTP ${answer.status} with code ${code}`
}

/** No byte of a cancel request left. */
export const notSent = (explanation: string, transient: boolean) =>
  ({ _tag: "NotSent", trace: silent(explanation), transient }) as const

/**
 * Judges the exchange of a cancel request.
 */
export const judgeCancel = <E, V extends Answer.Vocabulary>(
  judge: Judge<E, V>,
  transmission: Transmission,
  now: number
): CancelEvidence<E, V> => {
  switch (transmission._tag) {
    case "NotSent":
      return notSent(transmission.explanation, transmission.transient)
    case "Unanswered":
      return {
        _tag: "MaybeApplied",
        trace: silent(transmission.explanation, transmission.head, now),
        doubt: "NoAnswer",
        sendAgain: Option.none(),
        entry: Option.none(),
        stated: Option.none()
      }
    case "Answered":
      return judgeAnswer(judge, transmission.answer, now)
  }
}

/** An answer with an error's code in it proves no success, whatever else it says. */
const judgeAnswer = <E, V extends Answer.Vocabulary>(
  { catalogue, read, standings, stillRunning = [] }: Judge<E, V>,
  answer: Answer.Answer,
  now: number
): CancelEvidence<E, V> => {
  const reading = read(answer)
  const { sendAgain } = reading
  const trace = (explanation: string) => traceOf(answer, reading, now, explanation)
  const entry = Option.flatMapNullable(
    reading.refusal,
    ({ code }) => code === null ? undefined : catalogue.byCode.get(code)
  )
  const isContradictory = isSuccess(answer.status) && codeOf(reading) !== null
  const stated = isContradictory ? Option.none() : statedIn(standings, answer, reading, now)

  if (isRefusal(answer.status)) {
    if (Option.isSome(entry) && entry.value.row.outcome === "Unknown") {
      return {
        _tag: "MaybeApplied",
        trace: trace(withCode(answer, reading)),
        doubt: entry.value.row.stillRunning === true ? "StillRunning" : "Unproven",
        sendAgain,
        entry,
        stated
      }
    }
    const isExpected = Option.exists(entry, ({ row }) => row.httpStatus.includes(answer.status))
    if (stillRunning.includes(answer.status) && !isExpected) {
      return {
        _tag: "MaybeApplied",
        trace: trace(`${withCode(answer, reading)}, which leaves open whether a request under the same key is still running`),
        doubt: "StillRunning",
        sendAgain,
        // Its class would claim more than the status does.
        entry: Option.none(),
        stated
      }
    }
    return {
      _tag: "Refused",
      trace: trace(withCode(answer, reading)),
      entry,
      about: Option.match(entry, { onNone: () => "Payment", onSome: ({ row }) => row.about }),
      tryAgain: Option.getOrElse(
        sendAgain,
        () => answer.status === 429 || Option.exists(entry, ({ row }) => row.tryAgain === true)
      ),
      sendAgain,
      stated
    }
  }

  if (isSuccess(answer.status)) {
    if (Option.isSome(stated) && Option.contains(stated.value.standing, "Cancelled")) {
      return { _tag: "Acknowledged", trace: stated.value.trace, payment: stated.value.payment }
    }
    if (Option.isSome(reading.receipt) && !isContradictory) {
      return { _tag: "Accepted", trace: trace(`HTTP ${answer.status}: taken in`), receipt: reading.receipt.value }
    }
    return {
      _tag: "MaybeApplied",
      trace: Option.match(stated, {
        onNone: () => trace(`${withCode(answer, reading)}, which says nothing of this payment`),
        onSome: (_) => _.trace
      }),
      doubt: "Unproven",
      sendAgain,
      entry: Option.none(),
      stated
    }
  }

  const serverError = isServerError(answer.status)
  return {
    _tag: "MaybeApplied",
    trace: trace(withCode(answer, reading)),
    doubt: serverError ? "ServerError" : "Unproven",
    sendAgain,
    entry: serverError ? Option.filter(entry, ({ row }) => row.outcome === "Unknown") : Option.none(),
    stated: Option.none()
  }
}

const statedIn = <V extends Answer.Vocabulary>(
  standings: Answer.Standings,
  answer: Answer.Answer,
  reading: Answer.Reading<V>,
  now: number
): Option.Option<Stated<V>> =>
  Option.map(reading.payment, (payment) => ({
    payment,
    standing: Answer.standing(standings, payment.status),
    trace: traceOf(answer, reading, now, `HTTP ${answer.status}, which says that the payment is ${payment.status}`)
  }))

/**
 * Judges the exchange of a status query. Only a 2xx that states this payment's status counts.
 */
export const judgeStatus = <V extends Answer.Vocabulary>(
  { read, standings }: Omit<Judge<unknown, V>, "catalogue" | "stillRunning">,
  transmission: Transmission,
  now: number
): StatusEvidence<V> => {
  if (transmission._tag === "NotSent") {
    return { _tag: "StatusUnread", trace: silent(transmission.explanation) }
  }
  if (transmission._tag === "Unanswered") {
    return { _tag: "StatusUnread", trace: silent(transmission.explanation, transmission.head, now) }
  }
  const { answer } = transmission
  const reading = read(answer)
  return Option.match(isSuccess(answer.status) && codeOf(reading) === null ? statedIn(standings, answer, reading, now) : Option.none(), {
    onNone: (): StatusEvidence<V> => ({
      _tag: "StatusUnread",
      trace: traceOf(answer, reading, now, `${withCode(answer, reading)}, without a status`)
    }),
    onSome: (stated) => ({ _tag: "StatusRead", trace: stated.trace, stated })
  })
}
