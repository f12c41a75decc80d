/**
 * A cancel on an edge runtime: a Worker that cancels payments, and receives the webhook that Stripe
 * sends afterwards. It imports one provider by its own entry point and nothing from Node, so that a
 * bundler has little to leave out. It runs on any runtime with the web's `fetch`, `Request` and
 * `Response`: Cloudflare Workers, Deno, Bun, Node.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as CancelPolicy from "effect-payment-cancel/CancelPolicy"
import * as Stripe from "effect-payment-cancel/providers/Stripe"

// #region bindings
/** What the runtime provides instead of an environment: `STRIPE_API_KEY` and the rest, as text. */
export interface Bindings {
  readonly STRIPE_API_KEY: string
  readonly STRIPE_BASE_URL?: string
  readonly STRIPE_WEBHOOK_SECRET: string
}

/** The provider for one request's bindings. A cancel takes 12 seconds at most: a Worker may be ended soon after its caller is gone. */
const stripe = (bindings: Bindings) =>
  Stripe.layerConfig({ policy: CancelPolicy.interactive }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(bindings)))))
  )
// #endregion

// #region cancel
/**
 * Cancels, and answers with what is known: 200 if it is cancelled, 409 if not, 202 if that is not
 * known.
 */
const cancel = (paymentId: string) =>
  Stripe.cancel({ paymentId }).pipe(
    Effect.map(({ _tag, attempts }) => Response.json({ result: _tag, attempts })),
    Effect.catchAll(({ _tag, attempts, idempotencyKey, outcome }) =>
      Effect.succeed(Response.json(
        { result: _tag, outcome, attempts, idempotencyKey },
        { status: outcome === "Unknown" ? 202 : 409 }
      ))
    )
  )
// #endregion

// #region webhook
/** Trusts a notification only if its signature matches the body, byte for byte. */
const webhook = (request: Request, bindings: Bindings) =>
  Effect.promise(() => request.arrayBuffer()).pipe(
    Effect.flatMap((body) =>
      Stripe.notification(
        { body: new Uint8Array(body), headers: Object.fromEntries(request.headers) },
        { secret: Redacted.make(bindings.STRIPE_WEBHOOK_SECRET) }
      )
    ),
    Effect.map(({ paymentId }) => Response.json({ paymentId }, { status: 202 })),
    Effect.catchAll(({ _tag }) => Effect.succeed(Response.json({ result: _tag }, { status: 400 })))
  )
// #endregion

// #region worker
/** `POST /payments/{id}/cancel` and `POST /webhook`. */
const route = (request: Request, bindings: Bindings) => {
  const { pathname } = new URL(request.url)
  const paymentId = Option.fromNullable(/^\/payments\/([^/]+)\/cancel$/.exec(pathname)?.[1]).pipe(
    Option.flatMap(Option.liftThrowable(decodeURIComponent))
  )
  if (request.method !== "POST") return Effect.succeed(new Response(null, { status: 405 }))
  if (pathname === "/webhook") return webhook(request, bindings)
  return Option.match(paymentId, {
    onNone: () => Effect.succeed(new Response(null, { status: 404 })),
    onSome: (id) => Effect.provide(cancel(id), stripe(bindings))
  })
}

/** What a Worker gets beside its bindings. Other runtimes have nothing of the kind, and need none. */
interface Surroundings {
  readonly waitUntil: (promise: Promise<unknown>) => void
}

/** The Worker. A caller who disconnects has not changed their mind: the cancel is carried through. */
export default {
  fetch: (request: Request, bindings: Bindings, surroundings?: Surroundings): Promise<Response> => {
    const response = Effect.runPromise(route(request, bindings))
    surroundings?.waitUntil(response)
    return response
  }
}
// #endregion
