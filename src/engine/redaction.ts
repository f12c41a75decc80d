/**
 * Keeps credentials that an answer echoes out of everything that is handed on.
 */
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as RegExp from "effect/RegExp"
import type * as Answer from "../authoring/Answer.js"

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

/** How HTML names the characters of ASCII that it has names for. Case makes no difference here. */
const named: { readonly [character: string]: string } = {
  "\t": "tab",
  "\n": "newline",
  "!": "excl",
  "\"": "quot",
  "#": "num",
  "$": "dollar",
  "%": "percnt",
  "&": "amp",
  "'": "apos",
  "(": "lpar",
  ")": "rpar",
  "*": "(?:ast|midast)",
  "+": "plus",
  ",": "comma",
  ".": "period",
  "/": "sol",
  ":": "colon",
  ";": "semi",
  "<": "lt",
  "=": "equals",
  ">": "gt",
  "?": "quest",
  "@": "commat",
  "[": "(?:lsqb|lbrack)",
  "\\": "bsol",
  "]": "(?:rsqb|rbrack)",
  "^": "hat",
  "_": "(?:lowbar|underbar)",
  "`": "(?:grave|diacriticalgrave)",
  "{": "(?:lcub|lbrace)",
  "|": "(?:verbar|vert|verticalline)",
  "}": "(?:rcub|rbrace)"
}

const hex = (code: number): string => code.toString(16).padStart(2, "0")

const hexOf = (text: string, before: string, between = ""): string =>
  Array.from(utf8.encode(text), (byte) => before + hex(byte)).join(between)

/** Where a long line was broken, as mail and base64 break it. */
const broken = "(?:=?[\\r\\n]{1,2}[ \\t]{0,8})?"

/**
 * A pattern for one character in the forms in which answers echo it: as it is, percent-encoded,
 * quoted-printable, with backslashes before it or as an escape of a programming language, and as
 * HTML writes it; many of these encoded several times over. What repeats is bounded, and of two
 * ways to read the same text there is one, for a long answer is not to be searched over and over.
 */
const anyFormOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  const units = Array.from({ length: character.length }, (_, nth) => character.charCodeAt(nth).toString(16).padStart(4, "0"))
  const octal = Array.from(utf8.encode(character), (byte) => `\\\\{1,8}0{0,2}${byte.toString(8)}`).join("")
  const name = named[character]
  return `(?:${[
    hexOf(character, "%(?:25){0,4}"),
    hexOf(character, "=", broken),
    hexOf(character, "\\\\{1,8}x"),
    octal,
    units.map((unit) => `(?:\\\\{1,8}|%(?:25){0,4})u${unit}`).join(""),
    `\\\\{1,8}u\\{0{0,8}${code.toString(16)}\\}`,
    // Where the semicolon is missing, HTML reads on to the first character that is no digit.
    `&(?:amp;){0,4}(?:#(?:0{0,8}${code}|x0{0,8}${code.toString(16)})${name === undefined ? "" : `|${name}`})(?:;|(?!;))`,
    // Last, for of "=3D" more is the credential's than the first character.
    `\\\\{0,8}${character === " " ? "[ +]" : RegExp.escape(character)}`
  ].join("|")})`
}

/** What may stand between two bytes in hexadecimal numbers. */
const betweenBytes = `(?:[ :-]|${broken})`

/** The characters of base64 that are a credential's alone, wherever in the encoded text it begins. */
const inBase64 = (secret: string): ReadonlyArray<string> =>
  [0, 2, 3].map((begins, offset) => {
    const bytes = utf8.encode("\0".repeat(offset) + secret)
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).slice(begins, Math.floor(bytes.byteLength * 8 / 6))
  })

const anyFormInBase64 = (character: string): string =>
  character === "+" ? `(?:${anyFormOf("+")}|-)` : character === "/" ? `(?:${anyFormOf("/")}|_)` : character

/** So many characters tell whether it is worth while to look for all of them. */
const telling = 4

/**
 * So many characters of a longer credential, an access token for example, are looked for: a pattern takes longer to
 * make the longer it is, and one for thousands of characters an engine refuses. What follows them goes with them.
 */
const longestSought = 256

/** How one credential is looked for. */
interface Sought {
  /** No form of what is looked for is shorter. */
  readonly shortest: number
  /** Matches every text that begins like one of its forms. */
  readonly beginning: globalThis.RegExp
  /**
   * All its forms. Each looks ahead and takes in nothing, so that one occurrence may overlap the
   * next, of the same credential too; or it takes in all the rest.
   */
  readonly forms: () => ReadonlyArray<globalThis.RegExp>
}

const soughtOf = (whole: string): Sought => {
  const secret = whole.slice(0, longestSought)
  const characters = Array.from(secret)
  const patterns = (length: number): ReadonlyArray<string> => [
    characters.slice(0, length).map(anyFormOf).join(broken),
    Array.from(utf8.encode(secret).subarray(0, length), hex).join(betweenBytes),
    ...secret.length < shortestInBase64
      ? []
      : inBase64(secret).map((text) => Array.from(text.slice(0, length), anyFormInBase64).join(broken))
  ]
  // Long patterns take long to make, and are seldom needed: a provider echoes no credential.
  let made: ReadonlyArray<globalThis.RegExp> | undefined
  return {
    shortest: characters.length,
    beginning: new globalThis.RegExp(patterns(telling).join("|"), "i"),
    forms: () =>
      made ??= patterns(Infinity).map((pattern) => new globalThis.RegExp(secret === whole ? `(?=(${pattern}))` : `(${pattern}[^]*)`, "gi"))
  }
}

/** Credentials, and how those are looked for that are long enough. `shortest`: in no shorter text is any of them found. */
interface Credentials {
  readonly secrets: ReadonlySet<string>
  readonly sought: ReadonlyArray<Sought>
  readonly shortest: number
  /** Whether a number can be one of them. */
  readonly numeric: boolean
}

const credentialsOf = (all: ReadonlyArray<string>): Credentials => {
  const secrets = new Set(all)
  const sought = [...secrets].filter((secret) => secret.length >= shortestSought).map(soughtOf)
  return {
    secrets,
    sought,
    shortest: Math.min(...sought.map(({ shortest }) => shortest)),
    numeric: all.some((secret) => String(Number(secret)) === secret)
  }
}

/** Where a text holds one of the credentials, from and up to which character, in order. */
const occurrences = (
  text: string,
  sought: ReadonlyArray<Sought>
): ReadonlyArray<readonly [from: number, to: number]> =>
  sought
    .flatMap(({ forms }) => forms())
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

/** A text without what is sought in it. */
const without = (text: string, sought: ReadonlyArray<Sought>): string => {
  const inIt = sought.filter(({ beginning, shortest }) => text.length >= shortest && beginning.test(text))
  return inIt.length === 0 ? text : cover(text, occurrences(text, inIt))
}

/** An object whose own entries are all that there is of it. */
const isPlain = (value: object): value is { readonly [key: string]: unknown } => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * Keeps credentials out of what is handed on of answers. `paymentId` is empty for an answer that is about no payment.
 *
 * - `answer`: replaces every credential in an answer, in its headers, and in the strings and keys
 *   of its JSON, and cuts off what is nested too deep. A text that as a whole is the payment's own
 *   identifier, or a literal that the provider is known to use, stays as it is, for answers are
 *   judged by it.
 * - `reading`: the same for what was read of it, where the payment's identifier is a text like any
 *   other: it may be a credential, or hold one. What the provider says of the payment itself, its
 *   `payload` and the receipt, keeps it.
 */
export interface Redact {
  readonly answer: (answer: Answer.Answer, paymentId: string) => Answer.Answer
  readonly reading: <V extends Answer.Vocabulary>(reading: Answer.Reading<V>, paymentId: string) => Answer.Reading<V>
}

/**
 * Makes what keeps some credentials out of answers. A credential goes first, whatever it overlaps,
 * in upper or lower case, and in those forms that `anyFormOf`, hexadecimal numbers and base64 are;
 * one that was encoded otherwise, base64 of base64 for example, is not found.
 *
 * `issued` are further credentials, which may come to be while the answers come in: another array
 * whenever they are others.
 */
export const makeRedact = (options: {
  readonly secrets: ReadonlyArray<string>
  readonly issued?: (() => ReadonlyArray<string>) | undefined
  readonly isKnown: (literal: string) => boolean
}): Redact => {
  let all = credentialsOf(options.secrets)
  let seen: ReadonlyArray<string> = []
  /** Those of this moment. Patterns take long to make, so they are made when there are others. */
  const credentials = (): Credentials => {
    const issued = options.issued?.() ?? seen
    if (issued !== seen) {
      seen = issued
      all = credentialsOf([...options.secrets, ...issued])
    }
    return all
  }

  /** A text as it may be handed on. Nothing is sought in the one that is `exempt`. */
  const redact = (text: string, exempt = ""): string => {
    if (text === exempt) return text
    const { secrets, shortest, sought } = credentials()
    if (text.length < shortest && !secrets.has(text)) return text
    if (options.isKnown(text)) return text
    if (secrets.has(text)) return replacement
    return without(text, sought)
  }

  const redactNumber = (number: number): number | string => {
    const { numeric, secrets } = credentials()
    return numeric && secrets.has(String(number)) ? replacement : number
  }

  const redactJson = (json: unknown, depth: number, exempt: string): unknown => {
    if (typeof json === "string") return redact(json, exempt)
    if (typeof json === "number") return redactNumber(json)
    if (!Predicate.isObject(json)) return json
    if (depth >= deepest) return null
    if (Array.isArray(json)) return json.map((each) => redactJson(each, depth + 1, exempt))
    return Object.fromEntries(Object.entries(json).map(([name, each]) => [redact(name, exempt), redactJson(each, depth + 1, exempt)]))
  }

  /** Whether there is nothing to redact, as nearly always: then nothing needs to be made anew. */
  const isClean = (json: unknown, depth: number, exempt: string): boolean => {
    if (typeof json === "string") return redact(json, exempt) === json
    if (typeof json === "number") return redactNumber(json) === json
    if (!Predicate.isObject(json)) return true
    if (depth >= deepest) return false
    if (Array.isArray(json)) {
      // No function here: there would be another one of it for each value.
      for (const each of json) if (!isClean(each, depth + 1, exempt)) return false
      return true
    }
    if (!isPlain(json)) return false
    for (const name in json) {
      if (redact(name, exempt) !== name || !isClean(json[name], depth + 1, exempt)) return false
    }
    return true
  }

  const redactHeaders = (headers: Answer.Answer["headers"], exempt: string): Answer.Answer["headers"] => {
    const shown = (name: string) => headers[name] === undefined ? undefined : redact(headers[name], exempt)
    const names = Object.keys(headers)
    return names.every((name) => shown(name) === headers[name]) ? headers : Object.fromEntries(names.map((name) => [name, shown(name)]))
  }

  return {
    answer: ({ body, headers, status }, paymentId) => ({
      status,
      headers: redactHeaders(headers, paymentId),
      body: Option.isNone(body) || isClean(body.value, 0, paymentId) ? body : Option.some(redactJson(body.value, 0, paymentId))
    }),
    reading: (reading, paymentId) =>
      redact(paymentId) === paymentId ? reading : {
        ...reading,
        payment: Option.map(reading.payment, (payment) => ({
          ...payment,
          status: redact(payment.status),
          reason: Option.map(payment.reason, redact)
        })),
        refusal: Option.map(reading.refusal, ({ code, codes, details, message }) => ({
          code: code === null ? null : redact(code),
          ...codes === undefined ? {} : { codes: codes.map((_) => redact(_)) },
          message: message === null ? null : redact(message),
          details: redactJson(details, 0, "")
        })),
        requestId: Option.map(reading.requestId, redact)
      }
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
