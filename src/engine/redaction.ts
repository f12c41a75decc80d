/**
 * Keeps credentials that an answer echoes out of everything that is handed on.
 */
import * as Predicate from "effect/Predicate"

const replacement = "<redacted>"

/**
 * Shorter credentials than this are not looked for inside longer text: a two-letter
 * identifier would blot out every other word, and is no secret.
 */
const shortestSought = 4

/** Deeper JSON than this is not handed on: nobody reads it, and printing it could overflow the stack. */
const deepest = 32

const redactText = (secrets: ReadonlyArray<string>, text: string): string =>
  secrets.reduce(
    (redacted, secret) =>
      secret.length >= shortestSought
        ? redacted.replaceAll(secret, replacement)
        : redacted === secret ? replacement : redacted,
    text
  )

/**
 * Makes a function that replaces every occurrence of a secret in decoded JSON, keys
 * included, and cuts off what is nested too deep.
 */
export const makeRedact = (secrets: ReadonlyArray<string>): (json: unknown) => unknown => {
  // The longest first, so that a secret that contains another one leaves nothing behind.
  const sought = [...secrets].sort((a, b) => b.length - a.length)
  const redact = (json: unknown, depth: number): unknown => {
    if (typeof json === "string") return redactText(sought, json)
    if (depth >= deepest) return null
    if (Array.isArray(json)) return json.map((each) => redact(each, depth + 1))
    if (!Predicate.isReadonlyRecord(json)) return json
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [redactText(sought, key), redact(value, depth + 1)])
    )
  }
  return (json) => redact(json, 0)
}
