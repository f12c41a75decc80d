/**
 * Keeps credentials that an answer echoes out of everything that is handed on.
 */
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as RegExp from "effect/RegExp"
import type { Answer } from "../Reading.js"

const replacement = "<redacted>"

/**
 * Shorter credentials than this are not looked for inside longer text: a two-letter
 * identifier would blot out every other word, and is no secret.
 */
const shortestSought = 4

/** Deeper JSON than this is not handed on: nobody reads it, and printing it could overflow the stack. */
const deepest = 32

/**
 * Makes a function that replaces every credential in an answer, in its headers, and in the
 * strings and keys of its JSON, and cuts off what is nested too deep.
 *
 * What an answer is judged by stays as it is, whatever a credential may look like: the
 * payment's own identifier, and the literals that the provider is known to use.
 */
export const makeRedact = (options: {
  readonly secrets: ReadonlyArray<string>
  readonly paymentId: string
  readonly isKnown: (literal: string) => boolean
}): (answer: Answer) => Answer => {
  const secrets: ReadonlySet<string> = new Set(options.secrets)
  // The identifier is sought too, to be left alone; of two that begin at one place the longer
  // is found, so that a secret that contains another one leaves nothing behind.
  const sought = [options.paymentId, ...options.secrets.filter((secret) => secret.length >= shortestSought)]
    .sort((a, b) => b.length - a.length)
  const pattern = new globalThis.RegExp(sought.map(RegExp.escape).join("|"), "g")

  const redactText = (text: string): string => {
    if (text === options.paymentId || options.isKnown(text)) return text
    if (secrets.has(text)) return replacement
    return text.replace(pattern, (found) => found === options.paymentId ? found : replacement)
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
