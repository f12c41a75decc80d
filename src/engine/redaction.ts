/**
 * Keeps credentials that an answer echoes out of everything that is handed on.
 */
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { Answer } from "../Reading.js"

const replacement = "<redacted>"

/**
 * Shorter credentials than this are not looked for inside longer text: a two-letter
 * identifier would blot out every other word, and is no secret.
 */
const shortestSought = 4

/** Deeper JSON than this is not handed on: nobody reads it, and printing it could overflow the stack. */
const deepest = 32

const percentEncoded = Option.liftThrowable(encodeURIComponent)

/** A credential as answers echo it: as it is, percent-encoded, or inside JSON that is a string itself. */
const formsOf = (secret: string): ReadonlyArray<string> => [
  secret,
  ...Option.toArray(percentEncoded(secret)),
  JSON.stringify(secret).slice(1, -1)
]

/** Where a text holds one of the credentials, from and up to which character, in order. */
const occurrences = (text: string, sought: ReadonlyArray<string>): ReadonlyArray<readonly [from: number, to: number]> => {
  const found: Array<readonly [number, number]> = []
  for (const secret of sought) {
    // One may overlap the next, of the same credential too: each is looked for at every character.
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) found.push([at, at + secret.length])
  }
  return found.sort(([one], [another]) => one - another)
}

/** Replaces what the occurrences cover; those that touch or overlap become one. */
const cover = (text: string, found: ReadonlyArray<readonly [from: number, to: number]>): string => {
  let covered = ""
  let end = 0
  for (const [from, to] of found) {
    if (from > end || covered === "") covered += text.slice(end, from) + replacement
    end = Math.max(end, to)
  }
  return covered + text.slice(end)
}

/**
 * Makes a function that replaces every credential in an answer, in its headers, and in the
 * strings and keys of its JSON, and cuts off what is nested too deep.
 *
 * A text that as a whole is the payment's own identifier, or a literal that the provider is known
 * to use, stays as it is, for answers are judged by it. In any other text a credential goes
 * first, whatever it overlaps.
 */
export const makeRedact = (options: {
  readonly secrets: ReadonlyArray<string>
  readonly paymentId: string
  readonly isKnown: (literal: string) => boolean
}): (answer: Answer) => Answer => {
  const secrets: ReadonlySet<string> = new Set(options.secrets)
  const sought = [...new Set(options.secrets.filter((secret) => secret.length >= shortestSought).flatMap(formsOf))]

  const redactText = (text: string): string => {
    if (text === options.paymentId || options.isKnown(text)) return text
    if (secrets.has(text)) return replacement
    const found = occurrences(text, sought)
    return found.length === 0 ? text : cover(text, found)
  }

  const redactJson = (json: unknown, depth: number): unknown => {
    if (typeof json === "string") return redactText(json)
    if (typeof json === "number") return secrets.has(String(json)) ? replacement : json
    if (!Predicate.isObject(json)) return json
    if (depth >= deepest) return null
    if (Array.isArray(json)) return json.map((each) => redactJson(each, depth + 1))
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [redactText(key), redactJson(value, depth + 1)])
    )
  }

  return ({ headers, json, status }) => ({
    status,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === undefined ? value : redactText(value)])
    ),
    json: Option.map(json, (_) => redactJson(_, 0))
  })
}

/**
 * What is told of an error of the HTTP client that became a defect. The error itself holds the
 * whole request, and its words and its cause may hold anything.
 */
const summaryOf = (error: HttpClientError.HttpClientError): Error => {
  const status = error._tag === "ResponseError" ? `, HTTP ${error.response.status}` : ""
  return new Error(`${error._tag} of the HTTP client: ${error.reason} (${error.request.method}${status})`)
}

/** Leaves every defect as it is, but for those that hold a request, and its credentials with it. */
export const withoutRequests = (cause: Cause.Cause<never>): Cause.Cause<never> =>
  Cause.match(cause, {
    onEmpty: Cause.empty,
    onFail: Cause.fail,
    onDie: (defect) => Cause.die(HttpClientError.isHttpClientError(defect) ? summaryOf(defect) : defect),
    onInterrupt: Cause.interrupt,
    onSequential: Cause.sequential,
    onParallel: Cause.parallel
  })
