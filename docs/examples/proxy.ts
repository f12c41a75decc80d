/**
 * Clients that reach the provider through an egress proxy, on Node.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect, Layer } from "effect"
import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
import { type Dispatcher, EnvHttpProxyAgent, Pool } from "undici"

// #region agent
/**
 * undici's connections to the proxy. Where a proxy closes one in place of answering CONNECT, undici
 * would ask again at once, and for ever: it takes that error, by its code, for one that passes.
 */
const askingOnce = (proxy: URL, options: object): Dispatcher => {
  const pool = new Pool(proxy, options)
  const connect: (to: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> = pool.connect.bind(pool)
  return Object.assign(pool, {
    connect: (to: Dispatcher.ConnectOptions) =>
      connect(to).catch((cause: unknown) => Promise.reject(new Error("no tunnel through the proxy", { cause })))
  })
}

/** Through what HTTPS_PROXY, HTTP_PROXY and NO_PROXY name; `destroy` also drops what still connects. */
const proxyAgent = Effect.acquireRelease(
  Effect.sync(() => new EnvHttpProxyAgent({ clientFactory: askingOnce })),
  (agent) => Effect.promise(() => agent.destroy())
)
// #endregion

// #region transport
/** The library's own client through it. */
export const transportThroughProxy = Layer.scoped(HttpClient.HttpClient, Effect.map(proxyAgent, UndiciTransport.make))
// #endregion

// #region undici
/** Effect's client through it. */
export const undiciThroughProxy = NodeHttpClient.layerUndiciWithoutDispatcher.pipe(
  Layer.provide(Layer.scoped(NodeHttpClient.Dispatcher, proxyAgent))
)
// #endregion
