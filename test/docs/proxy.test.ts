/** The clients of `docs/examples/proxy.ts`, behind a proxy that gives no tunnel. */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { Stripe } from "effect-payment-cancel"
import { stripe, throughOwnProxy, undiciThroughOwnProxy } from "../../docs/examples/proxy.js"
import { refuse, serveProxy } from "../support/Proxy.js"

const withVariables = (variables: { readonly [name: string]: string }) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

describe("proxy.ts", () => {
  it.scopedLive("asks the proxy that HTTPS_PROXY names, and sends nothing without it", () =>
    Effect.gen(function*() {
      const { asked, url } = yield* serveProxy(refuse(403))
      const error = yield* Stripe.cancel({ paymentId: "pi_1" }).pipe(
        Effect.flip,
        Effect.provide(Layer.provide(stripe, withVariables({ STRIPE_API_KEY: "sk_test_1", HTTPS_PROXY: url })))
      )
      assert.strictEqual(error._tag, "CancelError.NotSent")
      assert.strictEqual(asked[0]?.to, "api.stripe.com:443")
    }))

  for (const [name, layer] of Object.entries({ throughOwnProxy, undiciThroughOwnProxy })) {
    it.scopedLive(`${name} asks the one of its own`, () =>
      Effect.gen(function*() {
        const { asked, url } = yield* serveProxy(refuse(403))
        const client = yield* HttpClient.HttpClient.pipe(
          Effect.provide(yield* Layer.build(Layer.provide(layer, withVariables({ EGRESS_PROXY: url }))))
        )
        yield* Effect.exit(client.post("https://api.example.com/"))
        assert.strictEqual(asked[0]?.to, "api.example.com:443")
      }))
  }
})
