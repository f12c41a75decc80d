import { assert, describe, it } from "@effect/vitest"
import { Stripe } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { inspect } from "node:util"
import { apiKey, options } from "./Stripe.js"

const built = (layer: Layer.Layer<Stripe.Stripe, ConfigError.ConfigError, never>) => Effect.scoped(Layer.build(layer))

const from = (environment: Record<string, string>, overrides: Partial<Stripe.Options> = {}) =>
  Stripe.layerConfig(overrides).pipe(
    Layer.provideMerge(Sandbox.layer),
    Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))))
  )

const cancelled = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const account = "acct_sandbox_connected"
  const paymentId = yield* sandbox.create("Stripe", { account })
  yield* Stripe.cancel({ paymentId })
  return (yield* sandbox.requests)[0]!
})

describe("Stripe.layer", () => {
  const unusable: ReadonlyArray<readonly [string, object]> = [
    ["apiKey", { apiKey: Redacted.make("") }],
    ["apiKey", { apiKey: Redacted.make("sk_live_with\nbreak") }],
    ["apiKey", { apiKey: "sk_live_naked" }],
    ["account", { account: "" }],
    ["account", { account: "acct_ü" }],
    ["baseUrl", { baseUrl: "http://api.stripe.com" }],
    ["baseUrl", { baseUrl: "https://api.stripe.com/?key=1" }],
    ["apiVersion", { apiVersion: " 2026-10-28" }]
  ]
  for (const [field, change] of unusable) {
    it.effect(`${field}: ${inspect(change)}`, () =>
      Effect.gen(function*() {
        const layer = Stripe.layer({ ...options, ...change }).pipe(Layer.provide(Sandbox.layer))
        const error = yield* Effect.flip(built(layer))
        assert(ConfigError.isInvalidData(error))
        assert.deepStrictEqual(error.path, [field])
        assert.notInclude(String(error), "sk_live")
      }))
  }
  for (const none of [undefined, null, "sk_live_naked"]) {
    it.effect(`without options, but with ${typeof none}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(built(Stripe.layer(none as never).pipe(Layer.provide(Sandbox.layer))))
        assert.deepStrictEqual<unknown>(error, ConfigError.InvalidData(["options"], "is not of the expected form"))
      }))
  }
})

describe("Stripe.layerConfig", () => {
  it.effect("reads everything from the environment", () =>
    Effect.gen(function*() {
      const request = yield* cancelled
      assert.deepInclude(request.headers, { "stripe-account": "acct_sandbox_connected", "stripe-version": "2025-01-01.any" })
    }).pipe(Effect.provide(from({
      STRIPE_API_KEY: apiKey,
      STRIPE_ACCOUNT: "acct_sandbox_connected",
      STRIPE_BASE_URL: Sandbox.baseUrl("Stripe"),
      STRIPE_API_VERSION: "2025-01-01.any"
    }))))

  it.effect("needs the key only: the rest has its defaults", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Stripe")
      assert.strictEqual((yield* Stripe.cancel({ paymentId }))._tag, "Cancelled")
      assert.strictEqual((yield* sandbox.requests)[0]!.headers["stripe-version"], "2026-10-28.endive")
    }).pipe(Effect.provide(from({ STRIPE_API_KEY: apiKey }))))

  it.effect("does not read what is given", () =>
    Effect.gen(function*() {
      const request = yield* cancelled
      assert.strictEqual(request.headers["stripe-account"], "acct_sandbox_connected")
    }).pipe(Effect.provide(from(
      { STRIPE_API_KEY: "sk_live_not_read", STRIPE_ACCOUNT: "acct_not_read", STRIPE_BASE_URL: "ftp://not.read" },
      { ...options, account: "acct_sandbox_connected" }
    ))))

  it.effect("names what is missing", () =>
    Effect.gen(function*() {
      for (const environment of [{}, { STRIPE_API_KEY: "" }]) {
        const error = yield* Effect.flip(built(from(environment)))
        assert.include(String(error), "STRIPE_API_KEY")
      }
    }))

  it.effect("names everything that is wrong at once, and repeats no value", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(built(from({
        STRIPE_API_KEY: "sk_live_with space\n",
        STRIPE_ACCOUNT: " acct",
        STRIPE_BASE_URL: "http://api.stripe.com",
        STRIPE_API_VERSION: "\u00fc"
      })))
      const shown = String(error)
      for (const name of ["STRIPE_API_KEY", "STRIPE_ACCOUNT", "STRIPE_BASE_URL", "STRIPE_API_VERSION"]) {
        assert.include(shown, name)
      }
      assert.notInclude(shown, "sk_live")
      assert.notInclude(inspect(error, { depth: 9 }), "sk_live")
    }))

  it("shows no key", () => {
    for (const shown of [inspect(options, { depth: 9 }), JSON.stringify(options), String(options.apiKey)]) {
      assert.notInclude(shown, apiKey)
    }
  })
})
