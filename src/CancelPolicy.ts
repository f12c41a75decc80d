/**
 * The bounds of one logical cancel: how often, and how long.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Struct from "effect/Struct"
import * as Input from "./authoring/Input.js"

/**
 * The bounds of one logical cancel. All times are whole milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelPolicy {
  /** Cancel requests at most, 1 to 100. */
  readonly attempts: number
  /** Milliseconds for one cancel request, from connecting to the last byte of the body. */
  readonly attemptTimeout: number
  /** Status queries at most, after each cancel request, 1 to 100. */
  readonly statusReads: number
  /** Milliseconds for one status query. */
  readonly statusTimeout: number
  /** The wait before the next request. */
  readonly backoff: {
    /** Milliseconds of the first wait. */
    readonly initial: number
    /** What the wait is multiplied by each time, 1 to 100. */
    readonly factor: number
    /** Milliseconds that the wait never exceeds. */
    readonly maximum: number
    /** The share of the wait that is random, 0 to 1. */
    readonly jitter: number
  }
  /**
   * The longest wait, in milliseconds, that the provider may ask for with `Retry-After` on any
   * answer, including that of a status query. A wait up to this long is waited out in full before
   * anything more is sent. If the provider asks for more, or if the deadline would leave no time
   * for an answer after the wait, nothing more is sent: the cancel fails at once, and the error's
   * `retryAfter` is the wait that was asked for.
   */
  readonly maximumRetryAfter: number
  /**
   * Milliseconds for everything together, including making an idempotency key and the last status
   * query. When the time is up, the cancel fails with the error that says what is known. Event
   * handlers that do not finish at once may add to it: up to 0.1 seconds for each of the last
   * events.
   */
  readonly deadline: number
  /** In bytes, 1 to 1 GiB. A larger answer counts as incompletely received. */
  readonly maximumBodyBytes: number
}

/**
 * Any part of a policy; omitted bounds keep their values. Durations use Effect's notation: `"30
 * seconds"`, `Duration.minutes(1)`, or a number of milliseconds.
 *
 * Anything else is rejected by name: a bound that is null or misspelt, or a backoff that is a
 * duration. A bound that was silently ignored would not be a bound.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How many cancel requests may be sent, 1 to 100. */
  readonly attempts?: number
  /** How long one cancel request may take, including the whole answer; a duration, or milliseconds. */
  readonly attemptTimeout?: Duration.DurationInput
  /** How many status queries may follow each cancel request, 1 to 100. */
  readonly statusReads?: number
  /** How long one status query may take; a duration, or milliseconds. */
  readonly statusTimeout?: Duration.DurationInput
  /** How long to wait before the next request; omitted bounds keep their values here too. */
  readonly backoff?: {
    /** The first wait; a duration, or milliseconds. */
    readonly initial?: Duration.DurationInput
    /** What the wait is multiplied by each time, 1 to 100; with 1 it stays the same. */
    readonly factor?: number
    /** The longest wait; a duration, or milliseconds. */
    readonly maximum?: Duration.DurationInput
    /** The share of the wait that is random: 0 for none of it, 1 for all. */
    readonly jitter?: number
  }
  /**
   * The longest wait that the provider may ask for; a duration, or milliseconds. If it asks for
   * more, the cancel fails at once, and the error's `retryAfter` says how long.
   */
  readonly maximumRetryAfter?: Duration.DurationInput
  /**
   * How long the whole cancel may take, including the last status query; a duration, or
   * milliseconds. After that it fails with the error that says what is known.
   */
  readonly deadline?: Duration.DurationInput
  /** How large an answer may be, in bytes, up to 1 GiB. */
  readonly maximumBodyBytes?: number
}

/**
 * For a cancel that a person waits for, as in a web request. It reaches its result within 12 seconds,
 * even if the provider never answers: a success, or the typed error that says what is known.
 *
 * - Two cancel requests at most, of up to 5 seconds each, and two status queries after each, of
 *   up to 3 seconds. The last 3 seconds are reserved for a status query, if the provider has one.
 * - A wait that the provider asks for is waited out if it is at most 5 seconds long and ends in
 *   time. Otherwise the cancel fails at once, and the error's `retryAfter` says how long.
 * - What was only accepted is looked at twice, a quarter of a second apart, and is then
 *   `CancellationAccepted`. More `statusReads` look longer.
 *
 * With so little time `Unknown` is more frequent than with `background`: settle it in a job, with
 * the error's `idempotencyKey`. Both set every bound except `maximumBodyBytes`, so that either one
 * completely replaces the other.
 *
 * @example
 * ```ts
 * import { Cancel, CancelPolicy, WePay } from "effect-payment-cancel"
 *
 * const program = WePay.cancel({ paymentId: "p-1", reason: "out of stock" }).pipe(
 *   Cancel.withPolicy(CancelPolicy.interactive)
 * )
 *
 * // The same, with one bound of your own.
 * const sooner = CancelPolicy.merge(CancelPolicy.interactive, { deadline: "8 seconds" })
 * ```
 *
 * @since 0.1.0
 * @category policies
 */
export const interactive = {
  attempts: 2,
  attemptTimeout: "5 seconds",
  statusReads: 2,
  statusTimeout: "3 seconds",
  backoff: { initial: "250 millis", factor: 2, maximum: "1 second", jitter: 0.25 },
  maximumRetryAfter: "5 seconds",
  // A quarter of it is reserved for the status query.
  deadline: "12 seconds"
} as const satisfies Options

/**
 * For a cancel that nobody waits for: in a job, a queue consumer or a nightly run. It takes up to
 * 10 minutes, so allow the job itself more time.
 *
 * - Six cancel requests at most, of up to 80 seconds each, and five status queries after each, of
 *   up to 10 seconds. 80 seconds is the longest timeout among the providers' own clients.
 * - A wait that the provider asks for is waited out if it is at most 2 minutes long.
 *
 * A policy does not decide whether a request may be repeated: without a provider's licence, one that
 * may have been applied is not sent again, and the status is read.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { CancelPolicy, WePay } from "effect-payment-cancel"
 *
 * const live = WePay.layer({
 *   appId: "shop",
 *   appToken: Redacted.make("stage_token"),
 *   policy: CancelPolicy.background
 * })
 * ```
 *
 * @since 0.1.0
 * @category policies
 */
export const background = {
  attempts: 6,
  attemptTimeout: "80 seconds",
  statusReads: 5,
  statusTimeout: "10 seconds",
  backoff: { initial: "1 second", factor: 2, maximum: "30 seconds", jitter: 0.25 },
  maximumRetryAfter: "2 minutes",
  // If nothing is ever answered, all of the above takes somewhat less.
  deadline: "10 minutes"
} as const satisfies Options

/**
 * The policy options in force for the current fiber, set by `Cancel.withPolicy`. They override
 * those of the provider's layer.
 *
 * @since 0.1.0
 * @category services
 */
export class CurrentOptions extends Context.Reference<CurrentOptions>()("effect-payment-cancel/CancelPolicy", {
  defaultValue: (): Options => ({})
}) {}

/**
 * Merges two sets of options: `over` wins, and `under` fills in what `over` omits, in the backoff
 * too. A value that is not a set of options cannot be merged. It is kept as it is, so that
 * `resolve` rejects it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge = (under: Options, over: Options): Options => {
  const merged = overlay(under, over)
  return isOptions(under) && isOptions(over) && under.backoff !== undefined && over.backoff !== undefined
    ? { ...merged, backoff: overlay(under.backoff, over.backoff) }
    : merged
}

const overlay = <A extends object>(under: A, over: A): A => {
  if (!isOptions(over)) return over
  return isOptions(under) ? { ...under, ...present(over) } : under
}

/**
 * The value may come from JavaScript or JSON. Null, text, lists and other values that cannot
 * contain bounds are not options.
 */
const isOptions = (value: unknown): boolean =>
  Predicate.isRecord(value) && !Predicate.isIterable(value) && !Predicate.isDate(value) && !Predicate.isPromiseLike(value)

/** A key whose value is undefined counts as omitted: it must not hide the value below it. */
const present = <A extends object>(options: A): Partial<A> => {
  const copy: Partial<A> = { ...options }
  for (const key of Struct.keys(copy)) {
    if (copy[key] === undefined) delete copy[key]
  }
  return copy
}

/**
 * Why a policy cannot be used.
 *
 * @since 0.1.0
 * @category models
 */
export interface Invalid {
  /** Which bound, e.g. `policy.attempts`. */
  readonly field: string
  /** What it must be. The value itself is not repeated. */
  readonly problem: string
}

/** Makes the number of a bound of what was given for it, or says what that must be. */
type Read = (given: unknown) => Either.Either<number, string>

const numberThat = (fits: (value: number) => boolean, problem: string): Read => (given) =>
  typeof given === "number" && fits(given) ? Either.right(given) : Either.left(problem)

const whole = (minimum: number, maximum: number): Read =>
  numberThat(
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum,
    `must be a whole number from ${minimum} to ${maximum}`
  )

const between = (minimum: number, maximum: number): Read =>
  numberThat((value) => value >= minimum && value <= maximum, `must be a number from ${minimum} to ${maximum}`)

/** A timer cannot wait longer than this many milliseconds, about 24 days. */
const longestWait = 0x7fff_ffff

/** Whole milliseconds: no timer is finer, and a `TestClock` cannot stand between two. */
const span = (fits: (millis: number) => boolean, problem: string): Read => (given) =>
  Input.duration(given).pipe(
    Option.map((_) => Math.ceil(Duration.toMillis(_))),
    Option.filter((millis) => millis <= longestWait && fits(millis)),
    Either.fromOption(() => problem)
  )

const positive = span((millis) => millis > 0, "must be longer than zero and at most 24 days")

const notNegative = span((millis) => millis >= 0, "must not be negative, and at most 24 days")

/** The bounds of a policy. */
const bounds = {
  attempts: whole(1, 100),
  attemptTimeout: positive,
  statusReads: whole(1, 100),
  statusTimeout: positive,
  maximumRetryAfter: notNegative,
  deadline: positive,
  maximumBodyBytes: whole(1, 0x4000_0000)
}

/** Those of its backoff. */
const boundsOfBackoff = {
  initial: notNegative,
  factor: between(1, 100),
  maximum: notNegative,
  jitter: between(0, 1)
}

/**
 * Merges options into a complete policy, and checks the result. Only omitted or undefined bounds
 * keep their values. Any other value of the wrong kind is rejected, and so is a bound that does not
 * exist.
 *
 * @since 0.1.0
 * @category constructors
 */
export const resolve = (defaults: CancelPolicy, options: Options): Either.Either<CancelPolicy, Invalid> => {
  if (!isOptions(options)) return Either.left({ field: "policy", problem: "must be an object with bounds" })
  const { backoff = {} } = options
  if (!isOptions(backoff)) return Either.left({ field: "policy.backoff", problem: "must be an object with bounds" })
  const invalid: Array<Invalid> = []
  const read = <Name extends string>(
    reads: { readonly [N in Name]: Read },
    prefix: string,
    under: { readonly [N in NoInfer<Name>]: number },
    given: { readonly [N in NoInfer<Name>]?: unknown }
  ): { readonly [N in Name]: number } => {
    const numbers = Record.map(reads, (readOne, name) =>
      Either.getOrElse(readOne(given[name] === undefined ? under[name] : given[name]), (problem) => {
        invalid.push({ field: prefix + name, problem })
        return Number.NaN
      }))
    // A misspelt bound would have no effect.
    for (const name of Object.keys(present(given))) {
      if (!Object.hasOwn(under, name)) invalid.push({ field: prefix + name, problem: "is not a bound of a policy" })
    }
    return numbers
  }
  const policy: CancelPolicy = {
    ...read(bounds, "policy.", defaults, options),
    backoff: read(boundsOfBackoff, "policy.backoff.", defaults.backoff, backoff)
  }
  const first = invalid[0]
  return first === undefined ? Either.right(policy) : Either.left(first)
}
