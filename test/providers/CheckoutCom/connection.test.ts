import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import type * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { CheckoutCom } from "effect-payment-cancel"

const secretKey = Redacted.make("sk_sbox_key-canary")

const { Environment } = CheckoutCom

/** Where a layer sends its cancel, and with which key. */
const reached = (layer: ReturnType<typeof CheckoutCom.layer>) =>
  Effect.gen(function*() {
    const sent: Array<readonly [method: string, url: string, authorization: string | undefined]> = []
    const client = HttpClient.make((request) => {
      sent.push([request.method, request.url, request.headers["authorization"]])
      return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { status: 401 })))
    })
    yield* Effect.ignore(Effect.provide(
      CheckoutCom.cancel({ paymentId: "a/b" }),
      Layer.provide(layer, Layer.succeed(HttpClient.HttpClient, client))
    ))
    return sent
  })

const nowhere = Layer.succeed(HttpClient.HttpClient, HttpClient.make(() => Effect.dieMessage("nothing is to be sent")))

const refused = (layer: ReturnType<typeof CheckoutCom.layer>) =>
  Effect.flip(Layer.build(Layer.provide(layer, nowhere))).pipe(Effect.scoped)

const configured = (variables: Readonly<Record<string, string>>, overrides?: Parameters<typeof CheckoutCom.layerConfig>[0]) =>
  Layer.provide(
    CheckoutCom.layerConfig(overrides),
    Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
  )

const paths = (error: ConfigError.ConfigError): ReadonlyArray<string> =>
  error._op === "And" || error._op === "Or" ? [...paths(error.left), ...paths(error.right)] : [error.path.join(".")]

const environment = { CHECKOUT_COM_SECRET_KEY: "sk_sbox_key-canary" }

describe("CheckoutCom.layer", () => {
  for (
    const [title, place, host] of [
      ["the account's sandbox", { environment: Environment.Sandbox({ prefix: "vkuhvk4v" }) }, "https://vkuhvk4v.api.sandbox.checkout.com"],
      ["the account in production", { environment: Environment.Production({ prefix: "pl-vkuhvk4v" }) }, "https://pl-vkuhvk4v.api.checkout.com"],
      ["another place", { baseUrl: "http://127.0.0.1:4242/checkout-com/" }, "http://127.0.0.1:4242/checkout-com"],
      ["a host of the list", { baseUrl: CheckoutCom.hosts.production("abc") }, "https://abc.api.checkout.com"]
    ] as const
  ) {
    it.effect(`reaches ${title}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* reached(CheckoutCom.layer({ secretKey, ...place })), [
          ["POST", `${host}/payments/a%2Fb/voids`, "Bearer sk_sbox_key-canary"]
        ])
      }))
  }

  for (const prefix of ["", "evil.example/", "evil.example#", "user:password@evil.example", "a.b", "a-b", "pl-", "-a", "ABC", "a b", "x".repeat(64), "ü", "abc\n"]) {
    for (const [_tag, environment] of Object.entries(Environment)) {
      it.effect(`refuses the prefix ${JSON.stringify(prefix)} in ${_tag}`, () =>
        Effect.gen(function*() {
          const error = yield* refused(CheckoutCom.layer({ secretKey, environment: environment({ prefix }) }))
          assert.deepStrictEqual(paths(error), ["environment.prefix"])
          if (prefix.includes("evil")) assert.notInclude(String(error), prefix)
        }))
    }
  }

  const sandbox = { environment: Environment.Sandbox({ prefix: "abc" }) }
  for (
    const [field, options] of [
      ["secretKey", { ...sandbox, secretKey: Redacted.make("") }],
      ["secretKey", { ...sandbox, secretKey: Redacted.make("two\nlines") }],
      ["baseUrl", { secretKey, baseUrl: "http://example.com" }],
      ["policy.attempts", { ...sandbox, secretKey, policy: { attempts: 0 } }],
      ["environment", { secretKey }],
      ["environment.baseUrl", { ...sandbox, secretKey, baseUrl: "https://example.com" }]
    ] as const
  ) {
    it.effect(`names ${field}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(paths(yield* refused(CheckoutCom.layer(options))), [field])
      }))
  }
})

describe("CheckoutCom.layerConfig", () => {
  for (
    const [title, variables, overrides, host] of [
      ["the prefix of the sandbox", { CHECKOUT_COM_SANDBOX_PREFIX: "abc" }, {}, CheckoutCom.hosts.sandbox("abc")],
      ["the prefix of production", { CHECKOUT_COM_PRODUCTION_PREFIX: "abc" }, {}, CheckoutCom.hosts.production("abc")],
      ["a base URL", { CHECKOUT_COM_BASE_URL: "https://example.com/x" }, {}, "https://example.com/x"],
      ["an empty variable as none", { CHECKOUT_COM_SANDBOX_PREFIX: "", CHECKOUT_COM_PRODUCTION_PREFIX: "abc" }, {}, CheckoutCom.hosts.production("abc")],
      ["an override instead of all three", { CHECKOUT_COM_SANDBOX_PREFIX: "abc", CHECKOUT_COM_BASE_URL: "https://example.com" }, {
        environment: Environment.Production({ prefix: "xyz" })
      }, CheckoutCom.hosts.production("xyz")],
      ["an overridden base URL instead of a prefix", { CHECKOUT_COM_PRODUCTION_PREFIX: "abc" }, {
        baseUrl: "https://example.com"
      }, "https://example.com"]
    ] as const
  ) {
    it.effect(`takes ${title}`, () =>
      Effect.gen(function*() {
        const [[, url] = []] = yield* reached(configured({ ...environment, ...variables }, overrides))
        assert.strictEqual(url, `${host}/payments/a%2Fb/voids`)
      }))
  }

  it.effect("names everything that is missing at once", () =>
    Effect.gen(function*() {
      const places = ["CHECKOUT_COM_SANDBOX_PREFIX", "CHECKOUT_COM_PRODUCTION_PREFIX", "CHECKOUT_COM_BASE_URL"]
      assert.deepStrictEqual(paths(yield* refused(configured({}))), ["CHECKOUT_COM_SECRET_KEY", ...places])
      assert.deepStrictEqual(paths(yield* refused(configured(environment))), places)
      assert.deepStrictEqual(
        paths(yield* refused(configured({ CHECKOUT_COM_SANDBOX_PREFIX: "abc" }))),
        ["CHECKOUT_COM_SECRET_KEY"]
      )
    }))

  it.effect("refuses two places, and three", () =>
    Effect.gen(function*() {
      const two = { ...environment, CHECKOUT_COM_SANDBOX_PREFIX: "abc", CHECKOUT_COM_PRODUCTION_PREFIX: "abc" }
      assert.include(
        String(yield* refused(configured(two))),
        "CHECKOUT_COM_SANDBOX_PREFIX and CHECKOUT_COM_PRODUCTION_PREFIX exclude each other"
      )
      assert.include(
        String(yield* refused(configured({ ...two, CHECKOUT_COM_BASE_URL: "https://example.com" }))),
        "CHECKOUT_COM_SANDBOX_PREFIX, CHECKOUT_COM_PRODUCTION_PREFIX and CHECKOUT_COM_BASE_URL exclude each other"
      )
    }))

  for (
    const [name, value] of [
      ["CHECKOUT_COM_SECRET_KEY", "two\nlines-secret"],
      ["CHECKOUT_COM_SANDBOX_PREFIX", "evil.example/secret"],
      ["CHECKOUT_COM_PRODUCTION_PREFIX", "evil.example/secret"],
      ["CHECKOUT_COM_BASE_URL", "http://example.com/secret"]
    ] as const
  ) {
    it.effect(`refuses ${name} without repeating it`, () =>
      Effect.gen(function*() {
        const place = name === "CHECKOUT_COM_SECRET_KEY" ? { CHECKOUT_COM_SANDBOX_PREFIX: "abc" } : {}
        const error = yield* refused(configured({ ...environment, ...place, [name]: value }))
        assert.deepStrictEqual(paths(error), [name])
        assert.notInclude(String(error), "secret")
      }))
  }
})
