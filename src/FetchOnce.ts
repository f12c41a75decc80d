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
 * How one cancel request is handed to `fetch`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Delivery {
  /** Added to fetch's options for this request. */
  readonly init: globalThis.RequestInit
  /**
   * With these options a call of `fetch` sends the request at most once, so that a failure to
   * connect proves that nothing was sent. `false` where that is not known: such failures of Deno,
   * and of Bun before 1.4, then prove nothing. Those of Node and of Bun 1.4 are proofs either way.
   */
  readonly once: boolean
  /** Run when the exchange is over, however it ends. */
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
 * Leaves fetch's options alone. With this, Deno and early versions of Bun may send a cancel twice
 * by themselves, and the outcome of a cancel without a key may be wrong there.
 *
 * @since 0.1.0
 * @category constructors
 */
export const plain: Deliver = () => Effect.succeed(nothingAdded)

/** What Deno calls its connections; only a client without a pool sends nothing again. */
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

/** A version as one number that orders like it; not a number where it is no version. */
const ordinal = (version: string): number => {
  const [, major, minor, patch] = versionForm.exec(version) ?? []
  return Number(major) * 1_000_000 + Number(minor) * 1_000 + Number(patch)
}

const firstThatResends = ordinal("2.7.5")
const firstThatResendsOnlyReused = ordinal("2.9.6")

/**
 * From 2.7.5 on Deno sends a request again whose connection closes without an answer: until
 * 2.9.6 on any connection, since then on one that was used before. Over HTTP/2 any version
 * sends again what a server says it refused.
 */
const freshSendsOnce = ({ version }: Deno): boolean => {
  const running = ordinal(version.deno)
  return running < firstThatResends || running >= firstThatResendsOnlyReused
}

/** A client of its own for each request: nothing it connects to was used before. */
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
 * Until some 1.3 Bun sends a request again whose reused connection closes without an answer (1.3.0
 * does, 1.3.14 does not). With `keepalive: false` it neither reuses a connection nor sends again,
 * in any version.
 */
const overBun: Deliver = ({ hasKey }) =>
  Effect.succeed(hasKey ? nothingAdded : { init: { keepalive: false }, once: true, release: Effect.void })

/**
 * What the given global object shows of its runtime decides. For Deno it is a client of its own for
 * every cancel request, over HTTP/1.1 and without reuse of connections; for Bun
 * `keepalive: false`, where the provider honours no key; for all others nothing.
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
 * How cancel requests are handed to `fetch`: a reference with a default for the runtime the
 * program runs on, which other HTTP clients pass over.
 *
 * A runtime that sends a request again by itself breaks two claims: `attempts`, and, where the
 * provider honours no key, the outcome. The default keeps Deno and Bun from it. Nothing can
 * keep a browser from it.
 *
 * A `client` of your own in `FetchHttpClient.RequestInit` is used as it is, and this is left out.
 * So that it sends nothing again, make it with `poolMaxIdlePerHost: 0` and `http2: false`.
 *
 * @since 0.1.0
 * @category services
 */
export class FetchOnce extends Context.Reference<FetchOnce>()("effect-payment-cancel/FetchOnce", {
  defaultValue: (): Deliver => ofRuntime(globalThis)
}) {}

/**
 * Replaces how cancel requests are handed to `fetch`.
 *
 * @example
 * ```ts
 * import * as FetchOnce from "effect-payment-cancel/FetchOnce"
 *
 * // On Deno, keep connections open between cancels, and take the weaker claim.
 * const pooled = FetchOnce.layer(FetchOnce.plain)
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (deliver: Deliver): Layer.Layer<never> => Layer.succeed(FetchOnce, deliver)
