/**
 * How long an answer asks to wait before anything more is sent.
 */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Delays, DelayUnit } from "../authoring/Answer.js"
import type { Head } from "./exchange.js"

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
const joined = /,(?! \d{1,2}[ -][a-z]{3}[ -])/i

/** What is asked by `Retry-After`; several where several headers of that name were joined. */
const retryAfter = (header: string | undefined, now: number): ReadonlyArray<number> =>
  header === undefined ? [] : Arr.filterMap(header.split(joined), (value) => millisAsked(value.trim(), now))

const millisFrom = (value: number, unit: DelayUnit, now: number): number =>
  unit === "Milliseconds" ? value : value * 1000 - (unit === "Seconds" ? 0 : now)

/** Such a header stands in answers of any kind; it asks for a wait only where too much was sent. */
const limiting: ReadonlyArray<number> = [429, 503]

const ownDelays = ({ headers, status }: Head, delays: Delays, now: number): ReadonlyArray<number> =>
  limiting.includes(status)
    ? Object.entries(delays).flatMap(([header, unit]) => {
      const value = (headers[header] ?? "").trim()
      return seconds.test(value) ? [Math.max(0, Math.ceil(millisFrom(Math.min(Number(value), Number.MAX_SAFE_INTEGER), unit, now)))] : []
    })
    : []

/**
 * The wait that the head of an answer asks for: by `Retry-After`, or by a header of the provider's
 * own. Of several the longest, and none where none can be read.
 */
export const askedDelay = (head: Head, delays: Delays, now: number): Option.Option<Duration.Duration> => {
  const asked = [...retryAfter(head.headers["retry-after"], now), ...ownDelays(head, delays, now)]
  return Arr.isNonEmptyArray(asked) ? Option.some(Duration.millis(Math.max(...asked))) : Option.none()
}
