/**
 * Clients that reach the provider through an egress proxy, on Node.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Config, Effect, Layer } from "effect"
import { Stripe } from "effect-payment-cancel"
import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"

// #region transport
/** Through what `HTTPS_PROXY` names, but for the hosts of `NO_PROXY`. */
export const stripe = Stripe.layerConfig().pipe(Layer.provide(UndiciTransport.layerProxyConfig()))
// #endregion

// #region options
/** Through a proxy that has a variable of its own. Its address may hold a password, and is `Redacted`. */
const ownProxy = Effect.map(Config.redacted("EGRESS_PROXY"), (proxy) => ({ proxy, noProxy: ".internal" }))

export const throughOwnProxy = Layer.unwrapEffect(Effect.map(ownProxy, UndiciTransport.layerProxy))
// #endregion

// #region undici
/** Effect's client through it. */
export const undiciThroughOwnProxy = NodeHttpClient.layerUndiciWithoutDispatcher.pipe(
  Layer.provide(Layer.scoped(NodeHttpClient.Dispatcher, Effect.flatMap(ownProxy, UndiciTransport.proxyDispatcher)))
)
// #endregion
