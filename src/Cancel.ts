/**
 * Combinators on any cancel, at any provider.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type { Any, Category, Outcome } from "./CancelError.js"
import { isCancelError } from "./CancelError.js"
import * as CancelPolicy from "./CancelPolicy.js"

/**
 * The errors of a channel that are cancel errors of one category.
 *
 * @since 0.1.0
 * @category models
 */
export type OfCategory<E, C extends Category> = Extract<E, Any & { readonly category: C }>

/**
 * The errors of a channel that are cancel errors with one outcome.
 *
 * @since 0.1.0
 * @category models
 */
export type OfOutcome<E, O extends Outcome> = Extract<E, Any & { readonly outcome: O }>

const isOfCategory = <E, C extends Category>(category: C) => (error: E): error is OfCategory<E, C> =>
  isCancelError(error) && error.category === category

const isOfOutcome = <E, O extends Outcome>(outcome: O) => (error: E): error is OfOutcome<E, O> =>
  isCancelError(error) && error.outcome === outcome

/**
 * Handles every cancel error of one category, whichever provider and code it comes from, and
 * removes exactly those from the error channel.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, WePay } from "effect-payment-cancel"
 *
 * const program = WePay.cancel({ paymentId: "p-1", reason: "out of stock" }).pipe(
 *   Cancel.catchCategory("NotCancellable", (error) => Effect.log("refund it instead", error.paymentStatus))
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const catchCategory: {
  <const C extends Category, E, A2, E2, R2>(
    category: C,
    handle: (error: OfCategory<E, C>) => Effect.Effect<A2, E2, R2>
  ): <A, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | A2, Exclude<E, OfCategory<E, C>> | E2, R | R2>
  <A, E, R, const C extends Category, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    category: C,
    handle: (error: OfCategory<E, C>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, Exclude<E, OfCategory<E, C>> | E2, R | R2>
} = dual(
  3,
  <A, E, R, C extends Category, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    category: C,
    handle: (error: OfCategory<E, C>) => Effect.Effect<A2, E2, R2>
  ) => Effect.catchIf(self, isOfCategory<E, C>(category), handle)
)

/**
 * Handles exactly the cancel errors whose outcome is `Unknown`: a request may have cancelled
 * the payment, or may yet. What is left in the channel proves that this call did not.
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
  <E, A2, E2, R2>(
    handle: (error: OfOutcome<E, "Unknown">) => Effect.Effect<A2, E2, R2>
  ): <A, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | A2, Exclude<E, OfOutcome<E, "Unknown">> | E2, R | R2>
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    handle: (error: OfOutcome<E, "Unknown">) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, Exclude<E, OfOutcome<E, "Unknown">> | E2, R | R2>
} = dual(
  2,
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    handle: (error: OfOutcome<E, "Unknown">) => Effect.Effect<A2, E2, R2>
  ) => Effect.catchIf(self, isOfOutcome<E, "Unknown">("Unknown"), handle)
)

/**
 * Sets bounds for the cancels inside an effect: they win over those of the layer, and an
 * inner `withPolicy` wins over an outer one. A bound that makes no sense is an
 * `InvalidCancelRequest` that names it, e.g. `policy.attempts`.
 *
 * Prefer `deadline` to `Effect.timeout`: the deadline keeps time back for a last status query
 * and fails with the error that says what is known; the timeout only says that it is over.
 *
 * @example
 * ```ts
 * import { Cancel, WePay } from "effect-payment-cancel"
 *
 * const program = WePay.cancel({ paymentId: "p-1", reason: "out of stock" }).pipe(
 *   Cancel.withPolicy({ deadline: "20 seconds", attempts: 2 })
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const withPolicy: {
  (options: CancelPolicy.Options): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, options: CancelPolicy.Options): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, options: CancelPolicy.Options): Effect.Effect<A, E, R> =>
    Effect.mapInputContext(self, (context: Context.Context<R>) =>
      Context.add(
        context,
        CancelPolicy.CurrentOptions,
        CancelPolicy.merge(Context.get(context, CancelPolicy.CurrentOptions), options)
      ))
)
