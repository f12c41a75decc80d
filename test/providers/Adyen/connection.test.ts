import { assert, describe, it } from "@effect/vitest"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Adyen } from "effect-payment-cancel"
import { scripted } from "./Scripted.js"

const credentials = { apiKey: Redacted.make("AQEkey-canary"), merchantAccount: "MerchantECOM" }

const environment = { ADYEN_API_KEY: "AQEkey-canary", ADYEN_MERCHANT_ACCOUNT: "MerchantECOM" }

/** Where a layer sends its cancel, and with which credentials. */
const reached = (make: () => ReturnType<typeof Adyen.layer>) =>
  Effect.gen(function*() {
    const { layer, sent } = scripted([{ status: 401, body: { errorCode: "000" } }])
    yield* Effect.ignore(Effect.provide(Adyen.cancel({ paymentId: "a/b" }), Layer.provide(make(), layer)))
    const [request] = sent
    return {
      url: request?.url,
      apiKey: request?.headers["x-api-key"],
      body: JSON.parse(request?.body ?? "null") as unknown
    }
  })

const refused = (layer: ReturnType<typeof Adyen.layer>) =>
  Effect.flip(Layer.build(Layer.provide(layer, scripted([]).layer))).pipe(Effect.scoped)

const configured = (variables: Readonly<Record<string, string>>, overrides?: Parameters<typeof Adyen.layerConfig>[0]) =>
  Layer.provide(
    Adyen.layerConfig(overrides),
    Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
  )

const paths = (error: ConfigError.ConfigError): ReadonlyArray<string> =>
  error._op === "And" || error._op === "Or" ? [...paths(error.left), ...paths(error.right)] : [error.path.join(".")]

describe("Adyen.layer", () => {
  for (
    const [title, place, host] of [
      ["the test host by default", {}, "https://checkout-test.adyen.com/v72"],
      ["the test host", { environment: Adyen.Environment.Test }, Adyen.hosts.test],
      [
        "the account's live host",
        { environment: Adyen.Environment.Live({ prefix: "1797a841fbb37ca7-AdyenDemo" }) },
        "https://1797a841fbb37ca7-adyendemo-checkout-live.adyenpayments.com/checkout/v72"
      ],
      ["another place", { baseUrl: "http://127.0.0.1:4242/adyen/v72/" }, "http://127.0.0.1:4242/adyen/v72"]
    ] as const
  ) {
    it.effect(`reaches ${title}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* reached(() => Adyen.layer({ ...credentials, ...place })), {
          url: `${host}/payments/a%2Fb/cancels`,
          apiKey: "AQEkey-canary",
          body: { merchantAccount: "MerchantECOM" }
        })
      }))
  }

  for (
    const prefix of [
      "",
      "evil.example/",
      "evil.example#",
      "user:password@evil.example",
      "a.b",
      "-a",
      "a-",
      "a b",
      "x".repeat(50),
      "ü"
    ]
  ) {
    it.effect(`refuses the live prefix ${JSON.stringify(prefix)}`, () =>
      Effect.gen(function*() {
        const error = yield* refused(Adyen.layer({ ...credentials, environment: Adyen.Environment.Live({ prefix }) }))
        assert.deepStrictEqual(paths(error), ["environment.prefix"])
        if (prefix !== "" && prefix !== "-a" && prefix !== "a-") assert.notInclude(String(error), prefix)
      }))
  }

  for (
    const [field, options] of [
      ["apiKey", { ...credentials, apiKey: Redacted.make("") }],
      ["merchantAccount", { ...credentials, merchantAccount: "" }],
      ["merchantAccount", { ...credentials, merchantAccount: "a\nb" }],
      ["baseUrl", { ...credentials, baseUrl: "http://example.com/v72" }],
      ["policy.attempts", { ...credentials, policy: { attempts: 0 } }],
      ["environment.baseUrl", { ...credentials, environment: Adyen.Environment.Test, baseUrl: "https://example.com/v72" }]
    ] as const
  ) {
    it.effect(`names ${field}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(paths(yield* refused(Adyen.layer(options))), [field])
      }))
  }
})

describe("Adyen.layerConfig", () => {
  it.effect("reads the test account", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* reached(() => configured(environment)), {
        url: "https://checkout-test.adyen.com/v72/payments/a%2Fb/cancels",
        apiKey: "AQEkey-canary",
        body: { merchantAccount: "MerchantECOM" }
      })
    }))

  for (
    const [title, variables, overrides, host] of [
      ["the live prefix", { ADYEN_LIVE_PREFIX: "abc-Demo" }, {}, Adyen.hosts.live("abc-demo")],
      ["a base URL", { ADYEN_BASE_URL: "https://example.com/v72" }, {}, "https://example.com/v72"],
      ["an override instead of both", { ADYEN_LIVE_PREFIX: "abc", ADYEN_BASE_URL: "https://example.com" }, {
        environment: Adyen.Environment.Test
      }, Adyen.hosts.test],
      ["an overridden base URL instead of the prefix", { ADYEN_LIVE_PREFIX: "abc" }, {
        baseUrl: "https://example.com/v72"
      }, "https://example.com/v72"],
      ["an empty variable as none", { ADYEN_LIVE_PREFIX: "", ADYEN_BASE_URL: "" }, {}, Adyen.hosts.test]
    ] as const
  ) {
    it.effect(`takes ${title}`, () =>
      Effect.gen(function*() {
        const { url } = yield* reached(() => configured({ ...environment, ...variables }, overrides))
        assert.strictEqual(url, `${host}/payments/a%2Fb/cancels`)
      }))
  }

  it.effect("names everything that is missing at once", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(paths(yield* refused(configured({}))), ["ADYEN_API_KEY", "ADYEN_MERCHANT_ACCOUNT"])
      assert.deepStrictEqual(
        paths(yield* refused(configured({}, { apiKey: credentials.apiKey }))),
        ["ADYEN_MERCHANT_ACCOUNT"]
      )
    }))

  it.effect("refuses two places", () =>
    Effect.gen(function*() {
      const error = yield* refused(
        configured({ ...environment, ADYEN_LIVE_PREFIX: "abc", ADYEN_BASE_URL: "https://example.com/v72" })
      )
      assert.include(String(error), "ADYEN_LIVE_PREFIX and ADYEN_BASE_URL exclude each other")
    }))

  for (
    const [name, value] of [
      ["ADYEN_API_KEY", "two\nlines-secret"],
      ["ADYEN_MERCHANT_ACCOUNT", "two\nlines-secret"],
      ["ADYEN_LIVE_PREFIX", "evil.example/secret"],
      ["ADYEN_BASE_URL", "http://example.com/secret"]
    ] as const
  ) {
    it.effect(`refuses ${name} without repeating it`, () =>
      Effect.gen(function*() {
        const error = yield* refused(configured({ ...environment, [name]: value }))
        assert.deepStrictEqual(paths(error), [name])
        assert.notInclude(String(error), "secret")
      }))
  }
})
