/**
 * A policy that is none is named when a provider's layer is built, at every provider, whatever
 * came in.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Adyen, type CancelPolicy, Square, Stripe, WalletConnectPay, WePay } from "effect-payment-cancel"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { inspect } from "node:util"

const secret = Redacted.make("key-0123456789")
const credentials = WalletConnectPay.Credentials.ApiKey({ apiKey: secret })

type Building = Layer.Layer<never, ConfigError.ConfigError, HttpClient.HttpClient>
type Options = { readonly policy: CancelPolicy.Options | undefined }

const building: { readonly [how: string]: (options: Options) => Building } = {
  "Adyen.layer": (_) => Layer.discard(Adyen.layer({ apiKey: secret, merchantAccount: "MerchantECOM", ..._ })),
  "Adyen.layerConfig": (_) => Layer.discard(Adyen.layerConfig({ apiKey: secret, merchantAccount: "MerchantECOM", ..._ })),
  "Square.layer": (_) => Layer.discard(Square.layer({ accessToken: secret, ..._ })),
  "Square.layerConfig": (_) => Layer.discard(Square.layerConfig({ accessToken: secret, ..._ })),
  "Stripe.layer": (_) => Layer.discard(Stripe.layer({ apiKey: secret, ..._ })),
  "Stripe.layerConfig": (_) => Layer.discard(Stripe.layerConfig({ apiKey: secret, ..._ })),
  "WalletConnectPay.layer": (_) => Layer.discard(WalletConnectPay.layer({ credentials, ..._ })),
  "WalletConnectPay.layerConfig": (_) => Layer.discard(WalletConnectPay.layerConfig({ credentials, ..._ })),
  "WePay.layer": (_) => Layer.discard(WePay.layer({ appId: "shop", appToken: secret, ..._ })),
  "WePay.layerConfig": (_) => Layer.discard(WePay.layerConfig({ appId: "shop", appToken: secret, ..._ }))
}

const refused: ReadonlyArray<readonly [path: ReadonlyArray<string>, policy: unknown]> = [
  ...[null, 5, "background", true, []].map((policy) => [["policy"], policy] as const),
  ...[null, 5, "1 second", []].map((backoff) => [["policy", "backoff"], { backoff }] as const),
  [["policy", "attempts"], { attempts: null }],
  [["policy", "attempst"], { attempst: 1 }],
  [["policy", "maximumRetryAfter"], { maximumRetryAfter: [-5, 0] }],
  [["policy", "backoff", "initial"], { backoff: { initial: [-1, 0] } }]
]

describe("a layer is not built", () => {
  for (const [how, build] of Object.entries(building)) {
    for (const [path, policy] of refused) {
      it.scoped(`by ${how} with the policy ${inspect(policy)}`, () =>
        Effect.gen(function*() {
          const error = yield* Layer.build(build({ policy: policy as CancelPolicy.Options })).pipe(
            Effect.provide(FetchHttpClient.layer),
            Effect.flip
          )
          assert.isTrue(ConfigError.isConfigError(error))
          assert.deepInclude<unknown>(error, { _op: "InvalidData", path })
        }))
    }
    it.scoped(`but it is by ${how} with none`, () =>
      Effect.asVoid(Layer.build(build({ policy: undefined }))).pipe(Effect.provide(FetchHttpClient.layer)))
  }
})
