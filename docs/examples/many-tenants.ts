/**
 * Many tenants, each with its own account and credentials at Stripe.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { type ConfigError, ConfigProvider, Context, Data, Effect, Layer, LayerMap, type Redacted } from "effect"
import { Canceller, type Notification, Stripe } from "effect-payment-cancel"

// #region tenants
/** There is no such tenant, or it was closed. */
export class UnknownTenant extends Data.TaggedError("UnknownTenant")<{ readonly tenant: string }> {}

export interface Credentials {
  readonly apiKey: Redacted.Redacted<string>
  readonly webhookSecret: Redacted.Redacted<string>
}

/** Where the credentials are kept: a secret manager, a table with an encrypted column. */
export class Tenants extends Context.Tag("Tenants")<Tenants, {
  readonly credentialsOf: (tenant: string) => Effect.Effect<Credentials, UnknownTenant>
}>() {}
// #endregion

// #region each
/** Stripe for one tenant. Nothing is opened: the HTTP client is the app's, and is shared by all. */
const stripeOf = (tenant: string) =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const { apiKey } = yield* (yield* Tenants).credentialsOf(tenant)
    return Stripe.layer({ apiKey })
  }))

/** A layer for each call. */
export const cancelFor = (tenant: string, request: Stripe.CancelRequest) =>
  Effect.provide(Stripe.cancel(request), stripeOf(tenant))
// #endregion

// #region map
/** A layer for each tenant, made when it is first needed, and forgotten when it no longer is. */
export class StripeOf extends Context.Tag("StripeOf")<StripeOf, {
  readonly get: (tenant: string) => Layer.Layer<Stripe.Stripe, UnknownTenant | ConfigError.ConfigError>
  /** Call this when a key changes: otherwise the old one is used for as long as the tenant is active. */
  readonly forget: (tenant: string) => Effect.Effect<void>
}>() {}

export const stripeOfEach = Layer.scoped(
  StripeOf,
  Effect.gen(function*() {
    const app = yield* Effect.context<HttpClient.HttpClient | Tenants>()
    // With the app's context, and nothing from the first caller: its policy and its event handler
    // would apply to everyone.
    const inTheApp: <A, E>(effect: Effect.Effect<A, E, HttpClient.HttpClient | Tenants>) => Effect.Effect<A, E> = Effect
      .mapInputContext(() => app)
    const made = (tenant: string) =>
      Layer.scopedContext(Effect.flatMap(Effect.scope, (scope) => inTheApp(Layer.buildWithScope(stripeOf(tenant), scope))))
    const layers = yield* LayerMap.make(made, { idleTimeToLive: "10 minutes" })
    return {
      // A failed lookup would be kept too.
      get: (tenant) => Layer.tapErrorCause(layers.get(tenant), () => layers.invalidate(tenant)),
      forget: layers.invalidate
    }
  })
)

export const cancelKept = (tenant: string, request: Stripe.CancelRequest) =>
  Effect.flatMap(StripeOf, ({ get }) => Effect.provide(Stripe.cancel(request), get(tenant)))
// #endregion

// #region neutral
/** The same for code that does not care which provider it is. */
export const cancelNeutrally = (tenant: string, request: Canceller.CancelRequest) =>
  Canceller.cancel(request).pipe(Effect.provide(Canceller.layer(Stripe)), Effect.provide(stripeOf(tenant)))
// #endregion

// #region settings
/** Two accounts of one program, each behind a service of its own. */
export class Europe extends Context.Tag("Europe")<Europe, Context.Tag.Service<typeof Canceller.Canceller>>() {}

export class America extends Context.Tag("America")<America, Context.Tag.Service<typeof Canceller.Canceller>>() {}

/** The settings under a name: `EUROPE_STRIPE_API_KEY`. */
const settingsUnder = (name: string) =>
  Layer.unwrapEffect(Effect.configProviderWith((provider) =>
    Effect.succeed(Layer.setConfigProvider(ConfigProvider.nested(provider, name)))
  ))

/** What Effect builds is made anew in each call, and so has the settings of its own account. */
const accountOf = <Account>(
  account: Context.Tag<Account, Context.Tag.Service<typeof Canceller.Canceller>>,
  name: string
) =>
  Layer.effect(account, Canceller.Canceller).pipe(
    Layer.provide(Canceller.layer(Stripe)),
    Layer.provide(Stripe.layerConfig()),
    Layer.provide(settingsUnder(name))
  )

export const accounts = Layer.merge(accountOf(Europe, "EUROPE"), accountOf(America, "AMERICA"))
// #endregion

// #region account
/** One key for all: a platform acts for its connected accounts, and names the account in the request. */
export const cancelForAccount = (account: string, paymentId: string) => Stripe.cancel({ paymentId, account })
// #endregion

// #region webhook
/** The tenant is the one in the endpoint's URL, never one that the body names: that is not verified yet. */
export const receive = Effect.fn("receive")(function*(tenant: string, incoming: Notification.Incoming) {
  const { webhookSecret } = yield* (yield* Tenants).credentialsOf(tenant)
  return yield* Stripe.notification(incoming, { secret: webhookSecret })
})
// #endregion
