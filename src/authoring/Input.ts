/**
 * What is accepted from outside, checked before anything is sent.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { decoderOf, unfit } from "../engine/decoder.js"
import { parseUrl } from "../engine/url.js"

/**
 * What is wrong with an input, and which field it is. It never repeats the value.
 *
 * @since 0.1.0
 * @category models
 */
export interface Problem {
  /** The path to what is wrong, as `policy.attempts`; empty for the input itself. */
  readonly field: string
  /** What is wrong with it; it begins with a verb, and never repeats the value. */
  readonly problem: string
}

/**
 * What a schema says of itself to whatever does not fit it, where it says anything. Of two
 * that do, the inner one knows better, unless the outer one overrides it.
 */
const ownMessage = (
  issue: Exclude<ParseResult.ParseIssue, ParseResult.Pointer | ParseResult.Unexpected>,
  isInnermost: boolean
): Option.Option<string> =>
  Option.flatMap(SchemaAST.getMessageAnnotation(issue.ast), (annotation) => {
    const said = annotation(issue)
    const { message, override } = typeof said === "string" || Effect.isEffect(said) ? { message: said, override: false } : said
    return typeof message === "string" && (override || isInnermost) ? Option.some(message) : Option.none()
  })

/** The schema library's own messages repeat the value that they complain about; ours begin with "must". */
const problemAt = (path: ReadonlyArray<PropertyKey>, message: string | undefined): Problem => ({
  field: path.map(String).join("."),
  problem: message?.startsWith("must ") === true ? message : "is not of the expected form"
})

/**
 * The first thing that is wrong. The library's formatters are not asked: they print the value
 * to the last of its depths, and a value that is nested deeply enough overflows the stack.
 */
const firstProblem = (issue: ParseResult.ParseIssue, path: ReadonlyArray<PropertyKey> = []): Problem => {
  switch (issue._tag) {
    case "Pointer":
      return firstProblem(issue.issue, path.concat(issue.path))
    case "Missing":
      return { ...problemAt(path, undefined), problem: "is missing" }
    case "Unexpected":
    case "Forbidden":
      return problemAt(path, issue.message)
    case "Type":
      return problemAt(path, Option.getOrElse(ownMessage(issue, true), () => issue.message))
    case "Composite":
      return Option.match(ownMessage(issue, false), {
        onNone: () => firstProblem("_tag" in issue.issues ? issue.issues : issue.issues[0], path),
        onSome: (message) => problemAt(path, message)
      })
    case "Refinement":
    case "Transformation":
      return Option.match(ownMessage(issue, issue.kind === "Predicate" || issue.kind === "Transformation"), {
        onNone: () => firstProblem(issue.issue, path),
        onSome: (message) => problemAt(path, message)
      })
  }
}

/**
 * Checks a value against a schema, and names the first field that does not fit. How large or
 * how deeply nested the value is does not matter: no more of it is looked at than the schema
 * asks for.
 *
 * @since 0.1.0
 * @category checks
 */
export const check = <A, I>(schema: Schema.Schema<A, I>): (input: unknown) => Either.Either<A, Problem> => {
  // Made when it is first needed: checks are made on import.
  let decode: ((input: unknown) => A | typeof unfit) | undefined
  return (input) => {
    decode ??= decoderOf(schema)
    const decoded = decode(input)
    // Only what does not fit has to be looked at by the schema library, which says why.
    return decoded === unfit
      ? Either.mapLeft(ParseResult.decodeUnknownEither(schema)(input), (issue) => firstProblem(issue))
      : Either.right(decoded)
  }
}

/** What `Duration` would take for zero: below zero, or no number, in any of the notations. */
const isBelowZero = (value: unknown): boolean => {
  if (typeof value === "string") return value.trim().startsWith("-")
  if (Array.isArray(value)) return !value.every((part: unknown) => typeof part === "number" && part >= 0)
  return (typeof value === "number" || typeof value === "bigint") && !(value >= 0)
}

/**
 * A duration in Effect's own notation. None for what is no duration, and for a negative one,
 * which `Duration` would take for zero: a pair of seconds and nanoseconds is one if either is.
 *
 * @since 0.1.0
 * @category checks
 */
export const duration = (value: unknown): Option.Option<Duration.Duration> =>
  isBelowZero(value)
    ? Option.none()
    // A `Duration` is taken as it is, and another copy of the library may let it be negative.
    : Option.filter(Duration.decodeUnknown(value), (decoded) => Duration.toMillis(decoded) >= 0)

/** A schema whose complaint is fixed, so that it never repeats the value it complains about. It begins with "must". */
const complaining = <A, I>(schema: Schema.Schema<A, I>, problem: string): Schema.Schema<A, I> =>
  schema.annotations({ message: () => ({ message: problem, override: true }) })

/**
 * A text of a provider's own form. `problem` says what it must be; the complaint never
 * repeats the value.
 *
 * @since 0.1.0
 * @category schemas
 */
export const text = (accepts: (value: string) => boolean, problem: string): Schema.Schema<string> =>
  complaining(Schema.String.pipe(Schema.filter(accepts)), problem)

/** Half of a surrogate pair stands for no character, and cannot be encoded into a URL. */
const loneSurrogate = /\p{Surrogate}/u

/**
 * An identifier that becomes one segment of a URL's path: 1 to 255 characters.
 *
 * `.` and `..` are refused, because a URL parser resolves them, percent-encoded too, and so
 * are lone surrogates. Everything else is one percent-encoded segment, a slash included.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PathSegment: Schema.Schema<string> = text(
  (value) =>
    value.length > 0 && value.length <= 255 && value !== "." && value !== ".." && !loneSurrogate.test(value),
  "must be 1 to 255 characters, not \".\" or \"..\", and well-formed Unicode"
)

/**
 * An idempotency key: visible ASCII characters, 1 to 255 of them unless the provider
 * publishes another limit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const idempotencyKey = (maximum = 255): Schema.Schema<string> =>
  text(
    (value) => value.length <= maximum && /^[\x21-\x7e]+$/.test(value),
    `must be 1 to ${maximum} visible ASCII characters`
  )

/**
 * A reason in words: not empty, not blank.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Reason: Schema.Schema<string> = text(
  (value) => value.trim().length > 0 && !loneSurrogate.test(value),
  "must say something"
)

/**
 * An identifier that is sent in a body: 1 to `maximum` characters (UTF-16 code units), as the
 * provider publishes its limit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const identifier = (maximum: number): Schema.Schema<string> =>
  text(
    (value) => value.length > 0 && value.length <= maximum && !loneSurrogate.test(value),
    `must be 1 to ${maximum} characters, and well-formed Unicode`
  )

/**
 * What may stand in an HTTP header: printable ASCII, without space at the ends.
 *
 * @since 0.1.0
 * @category schemas
 */
export const HeaderValue: Schema.Schema<string> = text(
  (value) => /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value),
  "must be printable ASCII characters, at least one, without space at the ends"
)

/**
 * A `HeaderValue` that is a secret.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SecretHeaderValue = complaining(
  Schema.RedactedFromSelf(HeaderValue),
  "must be printable ASCII characters, at least one, without space at the ends, in code Redacted"
)

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname)

/**
 * Where a provider is reached: https, or http on the loopback interface. A path is kept; a
 * query, a fragment, a user name or a password is refused.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BaseUrl: Schema.Schema<string> = text(
  (value) =>
    // A URL parser forgives spaces around, and an empty query or fragment.
    !/[\s?#]/.test(value) && Option.exists(parseUrl(value), (url) =>
      (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))) &&
      url.username === "" && url.password === ""),
  "must be an https URL (http on loopback only) without credentials, query or fragment"
)

/**
 * Appends percent-encoded path segments to a base URL.
 *
 * @since 0.1.0
 * @category constructors
 */
export const resource = (baseUrl: string, ...segments: ReadonlyArray<string>): string => {
  let url = baseUrl.endsWith("/") ? baseUrl.replace(/\/+$/, "") : baseUrl
  for (const segment of segments) url += `/${encodeURIComponent(segment)}`
  return url
}
