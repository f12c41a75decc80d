/**
 * Keeps credentials that an answer echoes out of everything that is handed on.
 */
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as Cause from "effect/Cause"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as RegExp from "effect/RegExp"
import type { Answer } from "../authoring/Answer.js"

const replacement = "<redacted>"

/**
 * Shorter credentials than this are not looked for inside longer text: a two-letter
 * identifier would blot out every other word, and is no secret.
 */
const shortestSought = 4

/** Deeper JSON than this is not handed on: nobody reads it, and printing it could overflow the stack. */
const deepest = 32

/** A credential this short, in base64, could be part of any word. */
const shortestInBase64 = 8

const utf8 = new TextEncoder()

const named: { readonly [character: string]: string } = { "&": "amp", "<": "lt", ">": "gt", "\"": "quot", "'": "apos" }

const hex = (code: number): string => code.toString(16).padStart(2, "0")

/**
 * A pattern for one character in all forms in which answers echo it: as it is, percent-encoded,
 * with backslashes before it or as `\u002b`, and as HTML writes it; each also encoded several
 * times over. What repeats is bounded, for a long answer is not to be searched over and over.
 */
const anyFormOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  const units = Array.from({ length: character.length }, (_, nth) => character.charCodeAt(nth).toString(16).padStart(4, "0"))
  const name = named[character]
  return `(?:${[
    `\\\\{0,8}${RegExp.escape(character)}`,
    ...character === " " ? ["\\+"] : [],
    Array.from(utf8.encode(character), (byte) => `%(?:25){0,4}${hex(byte)}`).join(""),
    units.map((unit) => `\\\\{1,8}u${unit}`).join(""),
    `&(?:amp;){0,4}#(?:0{0,8}${code}|x0{0,8}${code.toString(16)});`,
    ...name === undefined ? [] : [`&(?:amp;){0,4}${name};`]
  ].join("|")})`
}

/** The characters of base64 that are a credential's alone, wherever in the encoded text it begins. */
const inBase64 = (secret: string): ReadonlyArray<string> =>
  [0, 2, 3].map((begins, offset) => {
    const bytes = utf8.encode("\0".repeat(offset) + secret)
    return Encoding.encodeBase64(bytes).slice(begins, Math.floor(bytes.byteLength * 8 / 6))
  })

const anyFormInBase64 = (character: string): string =>
  character === "+" ? `(?:${anyFormOf("+")}|-)` : character === "/" ? `(?:${anyFormOf("/")}|_)` : character

/**
 * Patterns for a credential as answers echo it. Each looks ahead and takes in nothing, so that
 * one occurrence may overlap the next, of the same credential too.
 */
const patternsOf = (secret: string): ReadonlyArray<globalThis.RegExp> =>
  [
    Array.from(secret, anyFormOf),
    ...secret.length < shortestInBase64 ? [] : inBase64(secret).map((text) => Array.from(text, anyFormInBase64))
  ].map((characters) => new globalThis.RegExp(`(?=(${characters.join("")}))`, "gi"))

/** Where a text holds one of the credentials, from and up to which character, in order. */
const occurrences = (
  text: string,
  sought: ReadonlyArray<globalThis.RegExp>
): ReadonlyArray<readonly [from: number, to: number]> =>
  sought
    .flatMap((pattern) =>
      Array.from(text.matchAll(pattern), ({ 1: found = "", index }) => [index, index + found.length] as const))
    .sort(([one], [another]) => one - another)

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
 * Makes a function that replaces every credential in an answer about one payment, in its
 * headers, and in the strings and keys of its JSON, and cuts off what is nested too deep.
 *
 * A text that as a whole is the payment's own identifier, or a literal that the provider is known
 * to use, stays as it is, for answers are judged by it. In any other text a credential goes
 * first, whatever it overlaps, in upper or lower case, and in any form in which it can be echoed.
 */
export const makeRedact = (options: {
  readonly secrets: ReadonlyArray<string>
  readonly isKnown: (literal: string) => boolean
}): (paymentId: string) => (answer: Answer) => Answer => {
  const secrets: ReadonlySet<string> = new Set(options.secrets)
  const sought = [...secrets].filter((secret) => secret.length >= shortestSought).flatMap(patternsOf)

  const redactText = (text: string): string => {
    if (options.isKnown(text)) return text
    if (secrets.has(text)) return replacement
    const found = occurrences(text, sought)
    return found.length === 0 ? text : cover(text, found)
  }

  const redactJson = (json: unknown, depth: number, redact: (text: string) => string): unknown => {
    if (typeof json === "string") return redact(json)
    if (typeof json === "number") return secrets.has(String(json)) ? replacement : json
    if (!Predicate.isObject(json)) return json
    if (depth >= deepest) return null
    if (Array.isArray(json)) return json.map((each) => redactJson(each, depth + 1, redact))
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [redact(key), redactJson(value, depth + 1, redact)])
    )
  }

  return (paymentId) => {
    const redact = (text: string): string => text === paymentId ? text : redactText(text)
    return ({ headers, json, status }) => ({
      status,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value === undefined ? value : redact(value)])
      ),
      json: Option.map(json, (_) => redactJson(_, 0, redact))
    })
  }
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
