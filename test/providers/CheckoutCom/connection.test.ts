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

})

describe("CheckoutCom.layerConfig", () => {
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
})
