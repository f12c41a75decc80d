/**
 * Combinators on any cancel, at any provider.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Admission from "./Admission.js"
import type { Any, Category, Outcome } from "./CancelError.js"
import type { Interrupted } from "./CancelEvent.js"
import { isCancelError } from "./CancelError.js"
import * as CancelPolicy from "./CancelPolicy.js"
import { IdempotencyKey } from "./IdempotencyKey.js"
import { doubtsOf, EarlierDoubts, stillInDoubt, together } from "./engine/earlier.js"

/**
 * The errors of a channel that are cancel errors of a category. For a class with more than one
 * category, only the part with this category. Errors of other kinds are never included, whatever
 * fields they have.
 *
 * @since 0.1.0
 * @category models
 */
export type OfCategory<E, C extends Category> = E extends Any
  ? [E["category"]] extends [C] ? E
  : [E["category"] & C] extends [never] ? never
  : E & { readonly category: E["category"] & C }
  : never

/**
 * The errors of a channel without the cancel errors of a category. For a class with more than one
 * category, the part with the other categories remains. All errors of other kinds remain.
 *
 * @since 0.1.0
 * @category models
 */
export type ExceptCategory<E, C extends Category> = E extends Any
  ? [E["category"]] extends [C] ? never
  : [E["category"] & C] extends [never] ? E
  : E & { readonly category: Exclude<E["category"], C> }
  : E

/**
 * The categories of the cancel errors of a channel.
 *
 * @since 0.1.0
 * @category models
 */
export type CategoryOf<E> = E extends Any ? E["category"] : never

/**
 * The errors of a channel that are cancel errors with an outcome.
 *
 * @since 0.1.0
 * @category models
 */
export type OfOutcome<E, O extends Outcome> = E extends Any
  ? [E["outcome"]] extends [O] ? E
  : [E["outcome"] & O] extends [never] ? never
  : E & { readonly outcome: E["outcome"] & O }
  : never

/**
 * The errors of a channel without the cancel errors with an outcome. All errors of other kinds
 * remain.
 *
 * @since 0.1.0
 * @category models
 */
export type ExceptOutcome<E, O extends Outcome> = E extends Any
  ? [E["outcome"]] extends [O] ? never
  : [E["outcome"] & O] extends [never] ? E
  : E & { readonly outcome: Exclude<E["outcome"], O> }
  : E

/**
 * What a handler receives. The compiler must not infer the channel from it, or a handler with its
 * own errors would not compile. `NoInfer` does the same, but shows up in every hover.
 */
type Given<T> = [T][[T] extends [unknown] ? 0 : never]

/** The literals that are certainly in a list: an element that may be one of several does not count. */
type Surely<Cs extends ReadonlyArray<Category>> = { [I in keyof Cs]: OneOnly<Cs[I]> }[number]

type OneOnly<C, All = C> = C extends unknown ? [All] extends [C] ? C : never : never

/**
 * Handles every cancel error of one or more categories, from any provider and with any code, and
 * removes exactly those from the error channel. As with `Effect.catchTag`, the handler may succeed,
 * fail and require services.
 *
 * A category that is only known to be one of several (`"Conflict" | "RateLimited"` as the type
 * of a variable) removes nothing from the channel, because either may remain.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, WePay } from "effect-payment-cancel"
 *
 * const program = WePay.cancel({ paymentId: "p-1", reason: "out of stock" }).pipe(
 *   Cancel.catchCategory("NotCancellable", (error) => Effect.log("refund it instead", error.paymentStatus)),
 *   Cancel.catchCategory("Conflict", "RateLimited", (error) => Effect.fail(`try ${error.paymentId} again later`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const catchCategory: {
  /**
   * In a `pipe`: takes the categories, then the handler for their errors. Exactly those errors are
   * removed from the channel, and the handler's own errors are added.
   */
  <E, const Cs extends readonly [Category, ...ReadonlyArray<Category>], A2, E2, R2>(
    ...args: [...categories: Cs, handle: (error: Given<OfCategory<E, Cs[number]>>) => Effect.Effect<A2, E2, R2>]
  ): <A, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | A2, ExceptCategory<E, Surely<Cs>> | E2, R | R2>
  /**
   * Takes the effect, the categories, then the handler for their errors. The resulting effect fails
   * with all other errors, and with those of the handler.
   */
  <A, E, R, const Cs extends readonly [Category, ...ReadonlyArray<Category>], A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    ...args: [...categories: Cs, handle: (error: Given<OfCategory<E, Cs[number]>>) => Effect.Effect<A2, E2, R2>]
  ): Effect.Effect<A | A2, ExceptCategory<E, Surely<Cs>> | E2, R | R2>
} = dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    ...args: ReadonlyArray<Category | ((error: E) => Effect.Effect<A2, E2, R2>)>
  ) =>
    // Where a handler is missing (in JavaScript), nothing is handled.
    Effect.catchSome(self, (error) => {
      const handle = args.at(-1)
      return typeof handle === "function" && isCancelError(error) && args.includes(error.category)
        ? Option.some(handle(error))
        : Option.none()
    })
)

/**
 * A handler for each category of the cancel errors of a channel. Useful for a table that is defined
 * separately from the effect: `… satisfies Cancel.Handlers<WePay.CancelError>`.
 *
 * @since 0.1.0
 * @category models
 */
export type Handlers<E> = {
  readonly [C in CategoryOf<E>]: (error: OfCategory<E, C>) => Effect.Effect<unknown, unknown, unknown>
}

/** What the compiler says about a handler that could never be called. */
type Superfluous<E, H> = {
  readonly [C in Exclude<keyof H, CategoryOf<E>>]: `This effect cannot fail with the category ${C & string}`
}

type SuccessOf<H> = H extends (error: never) => Effect.Effect<infer A, infer _E, infer _R> ? A : never

type ErrorOf<H> = H extends (error: never) => Effect.Effect<infer _A, infer E, infer _R> ? E : never

type ContextOf<H> = H extends (error: never) => Effect.Effect<infer _A, infer _E, infer R> ? R : never

/**
 * Handles every cancel error with the handler for its category. There must be exactly one handler
 * for each category that the effect can fail with. A missing handler, or one that could never be
 * called, is a compile error that names the category. Errors of other kinds stay in the channel.
 *
 * Write each handler as a function expression: the types of a generic function that is passed by name
 * (`Unexpected: Effect.fail`) become `unknown`, as with `Effect.catchTags`.
 *
 * Handle the outcome `Unknown` first, with `catchUnknownOutcome`: the errors that remain prove that
 * this call did not cancel the payment.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Canceller } from "effect-payment-cancel"
 *
 * const operator = (error: Canceller.CancelError) => Effect.fail(`tell an operator: ${error.message}`)
 * const later = () => Effect.succeed("try again later")
 *
 * const program = Canceller.cancel({ paymentId: "p-1", reason: "out of stock" }).pipe(
 *   Effect.as("cancelled"),
 *   Cancel.catchUnknownOutcome((error) => Effect.succeed(`settle ${error.idempotencyKey} later`)),
 *   Cancel.matchCategory({
 *     InvalidRequest: operator,
 *     Unauthenticated: operator,
 *     Forbidden: operator,
 *     NotFound: operator,
 *     NotCancellable: () => Effect.succeed("refund it"),
 *     Conflict: later,
 *     RateLimited: later,
 *     ProviderFault: later,
 *     Network: later,
 *     Unexpected: operator
 *   })
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const matchCategory: {
  /**
   * In a `pipe`: takes exactly one handler for each category that the preceding effect can fail
   * with. The handlers' errors and the errors that are not cancel errors remain in the channel.
   */
  <E, H extends Handlers<E> & Superfluous<E, H>>(
    handlers: H
  ): <A, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<
    A | SuccessOf<H[keyof H]>,
    ExceptCategory<E, Category> | ErrorOf<H[keyof H]>,
    R | ContextOf<H[keyof H]>
  >
  /**
   * Takes the effect, and exactly one handler for each category that it can fail with. The
   * handlers' errors and the errors that are not cancel errors remain in the channel.
   */
  <A, E, R, H extends Handlers<E> & Superfluous<E, H>>(
    self: Effect.Effect<A, E, R>,
    handlers: H
  ): Effect.Effect<
    A | SuccessOf<H[keyof H]>,
    ExceptCategory<E, Category> | ErrorOf<H[keyof H]>,
    R | ContextOf<H[keyof H]>
  >
} = dual(
  2,
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    handlers: { readonly [C in Category]?: (error: E) => Effect.Effect<A2, E2, R2> }
  ) =>
    // An error with a category that the types did not foresee is left as it is.
    Effect.catchSome(self, (error) =>
      isCancelError(error) ? Option.fromNullable(handlers[error.category]?.(error)) : Option.none())
)

/**
 * Handles exactly the cancel errors whose outcome is `Unknown`: a request may have cancelled
 * the payment, or may yet. The errors that remain in the channel prove that this call did not.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, WePay } from "effect-payment-cancel"
 *
 * const program = WePay.cancel({ paymentId: "p-1", reason: "out of stock" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.log("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const catchUnknownOutcome: {
  /**
   * In a `pipe`: takes the handler for every error after which the payment may be cancelled, or may
   * yet be. All errors that remain prove that this call did not cancel it.
   */
  <E, A2, E2, R2>(
    handle: (error: Given<OfOutcome<E, "Unknown">>) => Effect.Effect<A2, E2, R2>
  ): <A, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | A2, ExceptOutcome<E, "Unknown"> | E2, R | R2>
  /**
   * Takes the effect, and the handler for every error after which the payment may be cancelled, or
   * may yet be. All errors that remain prove that this call did not cancel it.
   */
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    handle: (error: Given<OfOutcome<E, "Unknown">>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, ExceptOutcome<E, "Unknown"> | E2, R | R2>
} = dual(
  2,
  <A, E, R, A2, E2, R2>(self: Effect.Effect<A, E, R>, handle: (error: E) => Effect.Effect<A2, E2, R2>) =>
    Effect.catchIf(self, (error) => isCancelError(error) && error.outcome === "Unknown", handle)
)

interface Values {
  readonly [name: string]: unknown
}

const isPlain = (value: unknown): value is Values =>
  Predicate.isRecord(value) && !Predicate.isIterable(value) && Object.getPrototypeOf(value) === Object.prototype

/** Whether both have the same values, and only such as nobody can change. */
const isSame = (one: Values, another: Values): boolean => {
  const names = Object.keys(one)
  if (names.length !== Object.keys(another).length) return false
  for (const name of names) {
    const value = one[name]
    if (!Object.hasOwn(another, name) || value !== another[name] || (Predicate.isObject(value) && !Duration.isDuration(value))) return false
  }
  return true
}

/** What was merged last: copies, which belong to nobody else. */
let last: { readonly options: CancelPolicy.Options; readonly others: Values; readonly backoff: Values } = { options: {}, others: {}, backoff: {} }

/** Merges options. Most programs give the same ones with each call: then it is those again, which a provider has checked. */
const merge = (under: CancelPolicy.Options, over: CancelPolicy.Options): CancelPolicy.Options => {
  const merged = CancelPolicy.merge(under, over)
  if (merged === under || merged === over) return merged
  const { backoff = {}, ...others } = merged
  if (!isPlain(backoff)) return merged
  if (!isSame(others, last.others) || !isSame(backoff, last.backoff)) {
    const copy = Object.freeze({ ...backoff })
    last = { options: Object.freeze("backoff" in merged ? { ...others, backoff: copy } : others), others, backoff: copy }
  }
  return last.options
}

/**
 * Sets bounds for the cancels inside an effect. They override those of the layer, and an inner
 * `withPolicy` overrides an outer one; an omitted bound keeps its value from there. An invalid
 * value, or a bound that does not exist, is an `InvalidCancelRequest` that names it, e.g.
 * `policy.attempts`. Null is invalid too.
 *
 * Prefer a deadline to `Effect.timeout`. A deadline reserves time for a last status query and fails
 * with the error that says what is known. A timeout only says that time ran out. Use
 * `CancelPolicy.interactive` where a person waits for the cancel, and `CancelPolicy.background`
 * where nobody does.
 *
 * @example
 * ```ts
 * import { Cancel, CancelPolicy, WePay } from "effect-payment-cancel"
 *
 * const inAWebRequest = WePay.cancel({ paymentId: "p-1", reason: "out of stock" }).pipe(
 *   Cancel.withPolicy(CancelPolicy.interactive)
 * )
 *
 * const bounded = WePay.cancel({ paymentId: "p-1", reason: "out of stock" }).pipe(
 *   Cancel.withPolicy({ deadline: "20 seconds", attempts: 2 })
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const withPolicy: {
  /** In a `pipe`: takes the bounds for the cancels inside the preceding effect. */
  (options: CancelPolicy.Options): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Takes the effect, and the bounds for the cancels inside it. */
  <A, E, R>(self: Effect.Effect<A, E, R>, options: CancelPolicy.Options): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, options: CancelPolicy.Options): Effect.Effect<A, E, R> =>
    Effect.mapInputContext(self, (context: Context.Context<R>) =>
      Context.add(
        context,
        CancelPolicy.CurrentOptions,
        merge(Context.get(context, CancelPolicy.CurrentOptions), options)
      ))
)

/**
 * What there is to know of an earlier call of the same logical cancel: the error it ended with; the
 * `Interrupted` event, where it was cut short; or `"Crash"`, where its process died, and nobody can say
 * what it had sent. That is taken for a lost answer: after a 5xx, for one, many licences allow less.
 *
 * @since 0.1.0
 * @category models
 */
export type Earlier =
  | Pick<Any, "history" | "outcome"> & Partial<Pick<Any, "idempotencyKey">>
  | Pick<Interrupted, "history" | "inFlight" | "outcome"> & Partial<Pick<Interrupted, "idempotencyKey">>
  | "Crash"

/** The key of the logical cancel, by what is known of its calls. */
const keyOf = (earlier: ReadonlyArray<Earlier>): string | undefined =>
  earlier.flatMap((each) => each === "Crash" || !each.idempotencyKey ? [] : [each.idempotencyKey])[0]

/**
 * Goes on with a logical cancel that earlier calls left in doubt. Call the same operation with the
 * same request and the same `idempotencyKey`, and say what the earlier calls ended with. Without a key in
 * the request it is that of the error or the event; after a `"Crash"` alone nobody knows it.
 *
 * Without it, a call knows only of its own requests: it may send at once what an earlier call may have
 * sent before it, and its error says `NotCancelled` of its own requests alone. With it, the doubts of
 * the earlier calls are this call's own. So nothing is sent again but under the provider's licence, and
 * else the status is read; only a proof settles the cancel, and `NotCancelled` covers all of it; and what
 * an earlier request may have done is `Cancelled`, and not `AlreadyCancelled`. A request or a policy that is
 * invalid now is `CancelError.NoResponse`: nothing is sent, and the doubts stay.
 *
 * Where it sends again, it waits for the policy's `backoff` before, as after one attempt for each kind of doubt that
 * the earlier calls left. With `TestClock`, let that time pass.
 *
 * An error with the outcome `NotCancelled` leaves no doubt. An outer `continueAfter` adds to an inner one. `attempts` and
 * `history` of the result are those of this call.
 *
 * @example
 * ```ts
 * import { Stripe, Cancel } from "effect-payment-cancel"
 *
 * // The key was written down before the first call, and how that one ended was not.
 * const afterCrash = (paymentId: string, idempotencyKey: string) =>
 *   Stripe.cancel({ paymentId, idempotencyKey }).pipe(Cancel.continueAfter("Crash"))
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const continueAfter: {
  /** In a `pipe`: takes what the earlier calls ended with, in any order. */
  (earlier: Earlier | ReadonlyArray<Earlier>): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Takes the effect, and what the earlier calls ended with, in any order. */
  <A, E, R>(self: Effect.Effect<A, E, R>, earlier: Earlier | ReadonlyArray<Earlier>): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, earlier: Earlier | ReadonlyArray<Earlier>): Effect.Effect<A, E, R> => {
    const calls = Arr.ensure(earlier)
    const doubts = Arr.flatMap(calls, (each) => each === "Crash" ? ["NoAnswer" as const] : doubtsOf(each))
    const key = keyOf(calls)
    return doubts.length === 0 ? self : Effect.mapInputContext(self, (context: Context.Context<R>) => {
      const outer = Context.get(context, EarlierDoubts)
      const continued = Context.add(context, EarlierDoubts, {
        doubts: (declared) => together([...outer?.doubts(declared) ?? [], ...doubts], declared),
        stillInDoubt
      })
      return key === undefined ? continued : Context.add(continued, IdempotencyKey, Effect.succeed(key))
    })
  }
)

/**
 * A cancel that is about to be sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Intent {
  /** Its key: the request's, or the one that was made for it. Only under this key it can be gone on with. */
  readonly idempotencyKey: string
}

/**
 * Records an intent before it is carried out: runs an effect of yours, once in each call, right before the first cancel
 * request may leave. What is recorded so, and has no result, may have been sent; what is not recorded was not.
 *
 * It is the last thing before the request: the request is valid then, and whatever limits there are have room for it.
 * Keep it short, for they are not asked again. A call that sends no cancel request records nothing. After the record
 * there may still be a refusal, such as that of a token: then the error says that nothing was sent.
 *
 * If your effect fails or dies, nothing is sent, and the cancel ends with that. The time that it takes is part of the
 * cancel's `deadline`; if that is over meanwhile, nothing is sent either: it is interrupted then, and not waited for,
 * and what it writes all the same is of a call that sent nothing. It has a fiber of its own: what it sets in a `FiberRef`
 * is gone afterwards.
 *
 * Put it on the cancel itself, also where that is one of many: around several, one that cannot be recorded is
 * interrupted, and your error is lost where that is handled inside. An `Admission` that is provided inside of it takes
 * its place, unless that asks the outer one too: see `Admission.both`. Durable cancels have a journal of their own.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Stripe } from "effect-payment-cancel"
 *
 * // A table of your own.
 * declare const intents: {
 *   readonly add: (paymentId: string, idempotencyKey: string) => Effect.Effect<void, "the database is away">
 *   readonly remove: (paymentId: string) => Effect.Effect<void, "the database is away">
 * }
 *
 * const cancel = (paymentId: string) =>
 *   Stripe.cancel({ paymentId }).pipe(
 *     Cancel.beforeSending(({ idempotencyKey }) => intents.add(paymentId, idempotencyKey)),
 *     Effect.tap(intents.remove(paymentId))
 *   )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const beforeSending: {
  /** In a `pipe`: takes what records the preceding cancel. */
  <E2, R2>(
    record: (intent: Intent) => Effect.Effect<unknown, E2, R2>
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E2, R | R2>
  /** Takes the cancel, and what records it. */
  <A, E, R, E2, R2>(
    self: Effect.Effect<A, E, R>,
    record: (intent: Intent) => Effect.Effect<unknown, E2, R2>
  ): Effect.Effect<A, E | E2, R | R2>
} = dual(
  2,
  <A, E, R, E2, R2>(
    self: Effect.Effect<A, E, R>,
    record: (intent: Intent) => Effect.Effect<unknown, E2, R2>
  ): Effect.Effect<A, E | E2, R | R2> =>
    Effect.contextWithEffect((context: Context.Context<R | R2>) => {
      let failed: Cause.Cause<E2> | undefined
      const recorded = (intent: Intent) =>
        Effect.suspend(() => record(intent)).pipe(
          // A cancel inside of it is not its own.
          Effect.mapInputContext<never, R | R2>(() => context),
          Effect.catchAllCause((cause) => {
            failed = cause
            return Effect.interrupt
          })
        )
      const recording: Admission.Service = {
        admit: ({ attempt, idempotencyKey = "", operation }) =>
          operation === "Cancel" && attempt === 1 ? Effect.as(recorded({ idempotencyKey }), true) : Effect.succeed(true),
        ended: () => Effect.void
      }
      const outer = Context.get(context, Admission.Admission)
      return Effect.catchAllCause(
        Effect.provideService(self, Admission.Admission, outer === null ? recording : Admission.both(outer, recording)),
        // It was cut short because it could not be recorded. Of several cancels, another one may have failed by itself.
        (cause) => Effect.failCause<E | E2>(Cause.isInterruptedOnly(cause) ? failed ?? cause : cause)
      )
    })
)
