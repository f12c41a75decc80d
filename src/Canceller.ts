/**
 * Cancel without caring which provider does it: a neutral service that a layer connects to
 * one provider, and a router that picks one by name and keeps its exact types.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Cancellation } from "./Cancellation.js"
import * as CancelError_ from "./CancelError.js"
import { invalidRequest } from "./Provider.js"

/**
 * A cancel at any provider.
 *
 * `reason` is free text. WePay requires it and sends it; WalletConnect Pay has no such
 * field and does not send it.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  readonly paymentId: string
  readonly reason?: string | undefined
  readonly idempotencyKey?: string | undefined
}

/**
 * An error that some provider's code became, seen without its provider: it has everything
 * but a `_tag`, so `Effect.catchTag` with a provider's tag does not compile here. Handle it
 * by category, by outcome, or use the router, which keeps every provider's own errors.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderError<Category extends CancelError_.Category, Outcome extends CancelError_.Outcome>
  extends CancelError_.Report
{
  readonly provider: string
  readonly code: string | null
  readonly category: Category
  readonly outcome: Outcome
}

type AnyProviderError = {
  readonly [C in CancelError_.Category]: {
    readonly [O in CancelError_.Outcome]: ProviderError<C, O>
  }[CancelError_.Outcome]
}[CancelError_.Category]

/**
 * What any provider's cancel can fail with: the shared errors, or a provider's own without
 * its tag. `Cancel.catchCategory` and `Cancel.catchUnknownOutcome` narrow it exactly.
 *
 * @since 0.1.0
 * @category models
 */
export type CancelError = CancelError_.Shared | AnyProviderError

/**
 * A provider that can serve a `Canceller`: the namespace of any provider of this library.
 *
 * @since 0.1.0
 * @category models
 */
export interface NeutralProvider<R> {
  readonly cancelNeutral: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, R>
}

/**
 * Cancels payments at whichever provider its layer connects it to.
 *
 * @since 0.1.0
 * @category services
 */
export class Canceller extends Context.Tag("effect-payment-cancel/Canceller")<Canceller, {
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
}>() {}

/**
 * Cancels a payment at the provider behind `Canceller`.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Canceller> = Effect.fn(
  "Canceller.cancel"
)(function*(request: CancelRequest) {
  const canceller = yield* Canceller
  return yield* canceller.cancel(request)
})

/**
 * Connects `Canceller` to a provider: swap this line, swap the provider.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <R>(provider: NeutralProvider<R>): Layer.Layer<Canceller, never, R> =>
  Layer.effect(
    Canceller,
    Effect.map(Effect.context<R>(), (provided) => ({
      cancel: (request) =>
        // What the caller provides (a policy, a sink for events) wins over what the layer was built with.
        Effect.mapInputContext(
          provider.cancelNeutral(request),
          (current: Context.Context<never>) => Context.merge(provided, current)
        )
    }))
  )

/**
 * A provider that a router can pick: the namespace of any provider of this library.
 *
 * @since 0.1.0
 * @category models
 */
export interface Routable {
  // The parameter is contravariant: `never` accepts every provider's request.
  readonly cancel: (request: never) => Effect.Effect<Cancellation, CancelError, unknown>
}

/**
 * The request of a router: a provider's name, and that provider's own request.
 *
 * @since 0.1.0
 * @category models
 */
export type RouterRequest<Providers extends { readonly [name: string]: Routable }> = {
  readonly [Name in keyof Providers & string]: { readonly provider: Name } & Parameters<Providers[Name]["cancel"]>[0]
}[keyof Providers & string]

type SuccessOf<P> = P extends { readonly cancel: (request: never) => Effect.Effect<infer A, infer _E, infer _R> } ? A
  : never

type ErrorOf<P> = P extends { readonly cancel: (request: never) => Effect.Effect<infer _A, infer E, infer _R> } ? E
  : never

type ContextOf<P> = P extends { readonly cancel: (request: never) => Effect.Effect<infer _A, infer _E, infer R> } ? R
  : never

/**
 * Cancels at the provider that the request names, with that provider's exact types.
 *
 * @since 0.1.0
 * @category models
 */
export interface Router<Providers extends { readonly [name: string]: Routable }> {
  readonly cancel: <Name extends keyof Providers & string>(
    request: { readonly provider: Name } & RouterRequest<Providers>
  ) => Effect.Effect<
    SuccessOf<Providers[Name]>,
    ErrorOf<Providers[Name]> | CancelError_.InvalidCancelRequest,
    ContextOf<Providers[Name]>
  >
}

/**
 * Makes a router over providers. A `provider` that is not one of the given names (it came
 * from JSON, say) is an `InvalidCancelRequest` with field `provider`.
 *
 * @example
 * ```ts
 * import { Canceller, WalletConnectPay, WePay } from "effect-payment-cancel"
 *
 * const payments = Canceller.router({ WePay, WalletConnectPay })
 *
 * const program = payments.cancel({ provider: "WalletConnectPay", paymentId: "pay_123" })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const router = <const Providers extends { readonly [name: string]: Routable }>(
  providers: Providers
): Router<Providers> => {
  const route = (request: { readonly provider: string }) =>
    Effect.suspend(() => {
      const { provider: name, ...rest } = request
      const provider = Object.hasOwn(providers, name) ? providers[name] : undefined
      return provider === undefined
        ? Effect.fail(invalidRequest(String(name), rest, {
          field: "provider",
          problem: `must be one of ${Object.keys(providers).join(", ")}`
        }))
        : provider.cancel(rest as never)
    }).pipe(Effect.withSpan("Canceller.router.cancel", { captureStackTrace: false }))
  // Which provider a name stands for is a fact of the record's type, which a lookup at run
  // time cannot carry over.
  return { cancel: route as unknown as Router<Providers>["cancel"] }
}
