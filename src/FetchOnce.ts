/**
 * Keeping a runtime's `fetch` from sending one cancel request twice.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"

/**
 * How one cancel request is passed to `fetch`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Delivery {
  /** Added to fetch's options for this request. */
  readonly init: globalThis.RequestInit
  /**
   * With these options, a call to `fetch` sends the request at most once, so that a failure to
   * connect proves that nothing was sent. `false` if that is not known: a failure to connect on
   * Deno, or on Bun before 1.4, then proves nothing. On Node and Bun 1.4 it is proof either way.
   */
  readonly once: boolean
  /** Runs when the exchange is over, however it ends. */
  readonly release: Effect.Effect<void>
}

/**
 * Makes the delivery of one cancel request. `hasKey` says whether the provider honours an
 * idempotency key on it, and so whether a second copy of it is harmless.
 *
 * @since 0.1.0
 * @category models
 */
export type Deliver = (request: { readonly hasKey: boolean }) => Effect.Effect<Delivery>

const nothingAdded: Delivery = { init: {}, once: false, release: Effect.void }

/**
 * Leaves fetch's options unchanged. Deno and early versions of Bun may then send a cancel twice by
 * themselves, and the outcome of a cancel without a key may be wrong there.
 *
 * @since 0.1.0
 * @category constructors
 */
export const plain: Deliver = () => Effect.succeed(nothingAdded)

/** Deno's HTTP client; only one without a connection pool never resends. */
interface DenoHttpClient {
  readonly close: () => void
}

interface Deno {
  readonly version: { readonly deno: string }
  readonly createHttpClient: (options: {
    readonly poolMaxIdlePerHost: number
    readonly http2: boolean
  }) => DenoHttpClient
}

const isDeno = (u: unknown): u is Deno =>
  Predicate.hasProperty(u, "createHttpClient") && Predicate.isFunction(u.createHttpClient) &&
  Predicate.hasProperty(u, "version") && Predicate.hasProperty(u.version, "deno") && Predicate.isString(u.version.deno)

const versionForm = /^(\d+)\.(\d+)\.(\d+)/

/** A version as one number that sorts the same way; NaN if it is not a version. */
const ordinal = (version: string): number =>
  versionForm.exec(version)?.slice(1).reduce((sum, part) => sum * 1_000 + Number(part), 0) ?? Number.NaN

const firstThatResends = ordinal("2.7.5")
const firstThatResendsOnlyReused = ordinal("2.9.6")

/**
 * From 2.7.5 on, Deno resends a request whose connection closes without an answer: before 2.9.6 on
 * any connection, since then on a reused one. Over HTTP/2, any version resends a request that the
 * server says it refused.
 */
const freshSendsOnce = ({ version }: Deno): boolean => {
  const running = ordinal(version.deno)
  return running < firstThatResends || running >= firstThatResendsOnlyReused
}

/** A separate client for each request, so that no connection is reused. */
const overDeno = (deno: Deno): Deliver => {
  if (!freshSendsOnce(deno)) return plain
  const connect = Effect.try(() => deno.createHttpClient({ poolMaxIdlePerHost: 0, http2: false }))
  return () =>
    Effect.match(connect, {
      onFailure: () => nothingAdded,
      onSuccess: (client) => {
        // A variable, because the type of fetch's options does not know Deno's.
        const init: globalThis.RequestInit & { readonly client: DenoHttpClient } = { client }
        return { init, once: true, release: Effect.ignore(Effect.try(() => client.close())) }
      }
    })
}

/**
 * Up to some 1.3 version, Bun resends a request whose reused connection closes without an answer
 * (1.3.0 does, 1.3.14 does not). With `keepalive: false` it neither reuses a connection nor
 * resends, in any version.
 */
const overBun: Deliver = ({ hasKey }) =>
  Effect.succeed(hasKey ? nothingAdded : { init: { keepalive: false }, once: true, release: Effect.void })

/**
 * Chooses the delivery by the runtime that the given global object reveals. Deno gets a separate
 * client for every cancel request, over HTTP/1.1 and without connection reuse. Bun gets `keepalive:
 * false` if the provider honours no key. Every other runtime gets nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ofRuntime = (global: unknown): Deliver => {
  if (Predicate.hasProperty(global, "Deno") && isDeno(global.Deno)) return overDeno(global.Deno)
  if (Predicate.hasProperty(global, "Bun") && Predicate.isNotNullable(global.Bun)) return overBun
  return plain
}

/**
 * How cancel requests are passed to `fetch`: a reference with a default for the current runtime.
 * Other HTTP clients ignore it.
 *
 * A runtime that resends a request by itself breaks two claims: `attempts` and, if the provider
 * honours no key, the outcome. The default prevents this on Deno and Bun. Nothing can prevent it in
 * a browser.
 *
 * If you put your own `client` in `FetchHttpClient.RequestInit`, it is used as it is and this
 * reference is ignored. To keep it from resending, create it with `poolMaxIdlePerHost: 0` and
 * `http2: false`.
 *
 * @since 0.1.0
 * @category services
 */
export class FetchOnce extends Context.Reference<FetchOnce>()("effect-payment-cancel/FetchOnce", {
  defaultValue: (): Deliver => ofRuntime(globalThis)
}) {}

/**
 * Replaces how cancel requests are passed to `fetch`.
 *
 * @example
 * ```ts
 * import * as FetchOnce from "effect-payment-cancel/FetchOnce"
 *
 * // On Deno, keep connections open between cancels, and accept the weaker guarantee.
 * const pooled = FetchOnce.layer(FetchOnce.plain)
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (deliver: Deliver): Layer.Layer<never> => Layer.succeed(FetchOnce, deliver)
