import { assert, describe, it } from "@effect/vitest"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Adyen } from "effect-payment-cancel"
import { scripted } from "./Scripted.js"

const credentials = { apiKey: Redacted.make("AQEkey-canary"), merchantAccount: "MerchantECOM" }

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
})
