/**
 * What one exchange proves. An answer proves no more than the weaker of its status and its
 * code.
 */
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { type Catalogue, type Entry, entryOf } from "../authoring/Errors.js"
import * as Answer from "../authoring/Answer.js"
import type { Doubt } from "../authoring/ResendLicence.js"
import { askedDelay } from "./delay.js"
import type { Head, Transmission } from "./exchange.js"

type AnyReading = Answer.Reading<Answer.Vocabulary>

/**
 * What every exchange leaves behind, whatever it proves. `standsFor` is the HTTP status that counts
 * in place of `httpStatus`, the one that was received. What is `replayed` was answered to an earlier request.
 */
export interface Trace {
  readonly explanation: string
  readonly httpStatus: Option.Option<number>
  readonly standsFor: Option.Option<number>
  readonly requestId: Option.Option<string>
  readonly refusal: Option.Option<Answer.Refusal>
  readonly retryAfter: Option.Option<Duration.Duration>
  readonly replayed: boolean
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
 * - `NotSent`: no byte of it left; `entry` is the listed code with which its authorization was
 *   refused, if it was.
 * - `MaybeApplied`: it may have cancelled the payment, or may yet; `entry` is the listed
 *   code of the answer, if its class says so too.
 * - `Refused`: it did not cancel the payment and never will.
 * - `Acknowledged`: its answer states that the payment is cancelled.
 * - `Accepted`: the provider accepted the request, and decides elsewhere.
 */
export type CancelEvidence<E, V extends Answer.Vocabulary> =
  | {
    readonly _tag: "NotSent"
    readonly trace: Trace
    readonly transient: boolean
    readonly entry: Option.Option<Entry<E>>
  }
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

/** What a status query's exchange proves. One that was never given to the client was not asked. */
export type StatusEvidence<V extends Answer.Vocabulary> =
  | { readonly _tag: "StatusRead"; readonly trace: Trace; readonly stated: Stated<V> }
  | { readonly _tag: "StatusUnread"; readonly trace: Trace; readonly neverAsked?: true }

/**
 * What a provider's declaration says of any answer.
 *
 * - `standsFor`: the HTTP status that counts, where a 2xx says nothing; its own unless given.
 * - `delays`: the headers that ask for a wait beside `Retry-After`.
 */
export interface Manners {
  readonly standsFor?: ((answer: Answer.Answer) => number) | undefined
  readonly delays?: Answer.Delays | undefined
}

/**
 * What a provider's declaration contributes to a judgement. `stillRunning` is the licence's, none
 * unless given.
 */
export interface Judge<E, V extends Answer.Vocabulary> extends Manners {
  readonly catalogue: Pick<Catalogue<E>, "byCode" | "byStatus">
  readonly stillRunning?: ReadonlyArray<number> | undefined
  readonly standings: Answer.Standings
  readonly read: (answer: Answer.Answer) => Answer.Reading<V>
}

export const isSuccess = (status: number) => status >= 200 && status < 300

/** 408 says that the server gave up waiting for the request, not that it refused it. */
const isRefusal = (status: number) => status >= 400 && status < 500 && status !== 408

export const isServerError = (status: number) => status >= 500 && status < 600

/** What is left where an answer did not arrive whole: of its head, only what it asks for. */
export const silent = (
  explanation: string,
  head: Option.Option<Head> = Option.none(),
  { delays = {} }: Manners = {},
  now = 0
): Trace => ({
  explanation,
  httpStatus: Option.map(head, ({ status }) => status),
  standsFor: Option.none(),
  requestId: Option.none(),
  refusal: Option.none(),
  retryAfter: Option.flatMap(head, (_) => askedDelay(_, delays, now)),
  replayed: false
})

/** A whole answer, what it says, the HTTP status that it stands for, and the wait that it asks for. */
interface Interpreted<V extends Answer.Vocabulary> {
  readonly answer: Answer.Answer
  readonly reading: Answer.Reading<V>
  readonly status: number
  readonly retryAfter: Option.Option<Duration.Duration>
}

/** The HTTP status that counts. Only a success may stand for another one: anything else says itself what it says. */
export const statusOf = (answer: Answer.Answer, standsFor: Manners["standsFor"]): number =>
  isSuccess(answer.status) && standsFor !== undefined ? standsFor(answer) : answer.status

/** Reads an answer, and what it stands for. */
export const interpret = <V extends Answer.Vocabulary>(
  { delays = {}, read, standsFor }: Manners & { readonly read: (answer: Answer.Answer) => Answer.Reading<V> },
  answer: Answer.Answer,
  now: number
): Interpreted<V> => {
  const reading = read(answer)
  const status = statusOf(answer, standsFor)
  return { answer, reading, status, retryAfter: askedDelay({ headers: answer.headers, status }, delays, now) }
}

/** What an answer leaves behind. */
export const traceOf = (
  { answer, reading, retryAfter, status }: Interpreted<Answer.Vocabulary>,
  explanation: string
): Trace => ({
  explanation,
  httpStatus: Option.some(answer.status),
  standsFor: Option.some(status),
  requestId: reading.requestId,
  refusal: reading.refusal,
  retryAfter,
  replayed: reading.isReplay === true
})

/** The code of a refusal; null where there is none. */
export const codeOf = ({ refusal }: Pick<AnyReading, "refusal">): string | null =>
  Option.match(refusal, { onNone: () => null, onSome: (refusal) => refusal.code })

/** The HTTP status of an answer, for a person. */
export const withStatus = ({ answer, status }: Interpreted<Answer.Vocabulary>): string =>
  status === answer.status ? `HTTP ${status}` : `HTTP ${answer.status} (it stands for ${status})`

/** The HTTP status of an answer and its code, for a person. */
export const withCode = (interpreted: Interpreted<Answer.Vocabulary>): string => {
  const code = codeOf(interpreted.reading)
  return code === null ? withStatus(interpreted) : `${withStatus(interpreted)} with code ${code}`
}

/** What an answer leaves behind that is explained by its status and its code, and by what is `further` to be said. */
const traced = (interpreted: Interpreted<Answer.Vocabulary>, further = ""): Trace =>
  traceOf(interpreted, withCode(interpreted) + further)

/** No byte of a cancel request left. */
export const notSent = (explanation: string, transient: boolean) =>
  ({ _tag: "NotSent", trace: silent(explanation), transient, entry: Option.none<never>() }) as const

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
        trace: silent(transmission.explanation, transmission.head, judge, now),
        doubt: "NoAnswer",
        sendAgain: Option.none(),
        entry: Option.none(),
        stated: Option.none()
      }
    case "Answered":
      return judgeAnswer(judge, transmission.answer, now, transmission.isPacked === true)
  }
}

/** Whether an answer with this status may hold a code that leaves the outcome open. */
const mayHoldDoubt = ({ byCode }: Pick<Catalogue<unknown>, "byCode">, status: number): boolean =>
  [...byCode.values()].some(({ row }) => row.outcome === "Unknown" && row.httpStatus.includes(status))

/** An answer with an error's code in it proves no success, whatever else it says. */
const judgeAnswer = <E, V extends Answer.Vocabulary>(
  judge: Judge<E, V>,
  answer: Answer.Answer,
  now: number,
  isPacked: boolean
): CancelEvidence<E, V> => {
  const { catalogue, standings, stillRunning = [] } = judge
  const interpreted = interpret(judge, answer, now)
  const { reading, status } = interpreted
  const { sendAgain } = reading
  const code = codeOf(reading)
  const entry = entryOf(catalogue, status, code)
  const isContradictory = isSuccess(status) && code !== null
  const stated = isContradictory ? Option.none() : statedIn(standings, interpreted)

  if (isRefusal(status)) {
    if (Option.isSome(entry) && entry.value.row.outcome === "Unknown") {
      return {
        _tag: "MaybeApplied",
        trace: traced(interpreted),
        doubt: entry.value.row.stillRunning === true ? "StillRunning" : "Unproven",
        sendAgain,
        entry,
        stated
      }
    }
    const isExpected = Option.exists(entry, ({ row }) => row.httpStatus.includes(status))
    if (stillRunning.includes(status) && !isExpected) {
      return {
        _tag: "MaybeApplied",
        trace: traced(interpreted, ", and a request under the same key may still be running"),
        doubt: "StillRunning",
        sendAgain,
        // Its class would claim more than the status does.
        entry: Option.none(),
        stated
      }
    }
    if (isPacked && code === null && mayHoldDoubt(catalogue, answer.status)) {
      return {
        _tag: "MaybeApplied",
        trace: traced(interpreted, ", packed, and nobody could read which code it has"),
        doubt: "Unproven",
        sendAgain,
        entry: Option.none(),
        stated
      }
    }
    return {
      _tag: "Refused",
      trace: traced(interpreted),
      entry,
      about: Option.match(entry, { onNone: () => "Payment", onSome: ({ row }) => row.about }),
      tryAgain: Option.getOrElse(
        sendAgain,
        () => status === 429 || Option.exists(entry, ({ row }) => row.tryAgain === true)
      ),
      sendAgain,
      stated
    }
  }

  if (isSuccess(status)) {
    if (Option.isSome(stated) && Option.contains(stated.value.standing, "Cancelled")) {
      return { _tag: "Acknowledged", trace: stated.value.trace, payment: stated.value.payment }
    }
    if (Option.isSome(reading.receipt) && !isContradictory) {
      return { _tag: "Accepted", trace: traced(interpreted, ": accepted"), receipt: reading.receipt.value }
    }
    // The documented success that states nothing is believed no more than any other 2xx: it is only named for what it is.
    const silentSuccess = isContradictory || Option.isSome(stated)
      ? Option.none()
      : Option.filter(entry, ({ row }) => row.outcome === "Unknown")
    if (Option.isSome(silentSuccess)) {
      return {
        _tag: "MaybeApplied",
        trace: traced(interpreted, ", the documented success, which says nothing of this payment"),
        doubt: "Unconfirmed",
        sendAgain,
        entry: silentSuccess,
        stated
      }
    }
    return {
      _tag: "MaybeApplied",
      trace: Option.match(stated, {
        onNone: () => traced(interpreted, ", which says nothing of this payment"),
        onSome: (_) => _.trace
      }),
      doubt: "Unproven",
      sendAgain,
      entry: Option.none(),
      stated
    }
  }

  const serverError = isServerError(status)
  return {
    _tag: "MaybeApplied",
    trace: traced(interpreted),
    doubt: serverError ? "ServerError" : "Unproven",
    sendAgain,
    entry: serverError ? Option.filter(entry, ({ row }) => row.outcome === "Unknown") : Option.none(),
    stated: Option.none()
  }
}

const statedIn = <V extends Answer.Vocabulary>(
  standings: Answer.Standings,
  interpreted: Interpreted<V>
): Option.Option<Stated<V>> =>
  Option.map(interpreted.reading.payment, (payment) => ({
    payment,
    standing: Answer.standingOf(standings, payment),
    trace: traceOf(interpreted, `${withStatus(interpreted)}, which says that the payment is ${payment.status}`)
  }))

/**
 * Judges the exchange of a status query. Only a 2xx that states this payment's status counts.
 */
export const judgeStatus = <V extends Answer.Vocabulary>(
  judge: Omit<Judge<unknown, V>, "catalogue" | "stillRunning">,
  transmission: Transmission,
  now: number
): StatusEvidence<V> => {
  if (transmission._tag === "NotSent") {
    return { _tag: "StatusUnread", trace: silent(transmission.explanation) }
  }
  if (transmission._tag === "Unanswered") {
    return { _tag: "StatusUnread", trace: silent(transmission.explanation, transmission.head, judge, now) }
  }
  const interpreted = interpret(judge, transmission.answer, now)
  const states = isSuccess(interpreted.status) && codeOf(interpreted.reading) === null
  return Option.match(states ? statedIn(judge.standings, interpreted) : Option.none(), {
    onNone: (): StatusEvidence<V> => ({
      _tag: "StatusUnread",
      trace: traced(interpreted, ", without a status")
    }),
    onSome: (stated) => ({ _tag: "StatusRead", trace: stated.trace, stated })
  })
}

/** No token was issued, or nothing could be signed: what was to be sent was not. */
export interface NotAuthorized<E> {
  readonly _tag: "NotAuthorized"
  readonly trace: Trace
  readonly transient: boolean
  readonly entry: Option.Option<Entry<E>>
}

/** Nothing was received that tells more than this. */
export const notAuthorized = (explanation: string, transient: boolean): NotAuthorized<never> => ({
  _tag: "NotAuthorized",
  trace: silent(explanation),
  transient,
  entry: Option.none()
})
