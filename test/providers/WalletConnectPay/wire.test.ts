/** What only WalletConnect Pay does on the wire: its version and SDK headers, what it states, and its environment. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { WalletConnectPay } from "effect-payment-cancel"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { environment } from "../../support/environment.js"
import { printed } from "../../wire/Observed.js"
import { answer, type Received, serve } from "../../wire/ScriptedServer.js"
import { sides } from "../../wire/Side.js"
import { attempt, clients, paymentId } from "../../wire/Trial.js"

const own = sides.filter(({ provider }) => provider === "WalletConnectPay")

const canary = {
  apiKey: "wcp_live_CANARYkey7f31c0aa52",
  appId: "CANARYapp-91be44d07c6e",
  clientId: "CANARYclient-30f5aa18d2b9",
  merchantId: "CANARYmerchant-c4d1f7e65a08"
}

const headersOf = ({ headers }: Received): { readonly [name: string]: string } =>
  Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))

for (const client of clients) {
  describe.concurrent(`over ${client[0]}`, () => {
    it.scopedLive("it sends neither version nor SDK headers unless told to", () =>
      Effect.gen(function*() {
        const body = { paymentId, status: "cancelled", cancelledReason: "r", cancelledAt: "2025-01-14T10:30:00.123Z" }
        const server = yield* serve({ cancel: [answer(200, body)] })
        const credentials = WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make("k") })
        const layer = WalletConnectPay.layer({ credentials, baseUrl: server.url })
        yield* WalletConnectPay.cancel({ paymentId }).pipe(Effect.provide(Layer.provide(layer, client[1])))
        const names = server.received.flatMap((request) => Object.keys(headersOf(request)))
        for (const name of names) assert.notMatch(name, /^(wcp|sdk)-/)
      }))

    for (const side of own) {
      it.scopedLive(`${side.name}: a success states when and why`, () =>
        Effect.gen(function*() {
          const { result } = yield* attempt({ cancel: [answer(200, side.proof(paymentId))] }, { side, client })
          const cancellation = yield* result
          if (cancellation._tag !== "Cancelled") return assert.fail(cancellation._tag)
          assert.strictEqual(Option.getOrThrow(cancellation.cancelledAt).epochMillis, Date.parse("2025-01-14T10:30:00Z"))
          assert.match(Option.getOrThrow(cancellation.reason), /^cancelled_by_/)
        }))
    }
  })
}

// ---------------------------------------------------------------- configuration

const built = <A>(layer: Layer.Layer<A, ConfigError.ConfigError, HttpClient.HttpClient>) =>
  Layer.build(layer).pipe(
    Effect.asVoid,
    Effect.provideService(HttpClient.HttpClient, HttpClient.make(() => Effect.die("nothing is sent"))),
    Effect.scoped,
    Effect.either
  )

const build = (entries: { readonly [name: string]: string }) =>
  built(WalletConnectPay.layerConfig()).pipe(Effect.provide(environment(entries)))

const apiKey = { WALLETCONNECT_PAY_API_KEY: canary.apiKey }
const appId = { WALLETCONNECT_PAY_APP_ID: canary.appId }
const clientId = { WALLETCONNECT_PAY_CLIENT_ID: canary.clientId }
const merchantId = { WALLETCONNECT_PAY_MERCHANT_ID: canary.merchantId }

interface Broken {
  readonly name: string
  readonly entries: { readonly [name: string]: string }
  readonly names: ReadonlyArray<string>
}

const broken: ReadonlyArray<Broken> = [
  {
    name: "empty",
   
    entries: {},
    names: ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_APP_ID", "WALLETCONNECT_PAY_CLIENT_ID", "WALLETCONNECT_PAY_MERCHANT_ID"]
  },
  { name: "a merchant without a key", entries: merchantId, names: ["WALLETCONNECT_PAY_API_KEY"] },
  { name: "an app without a client", entries: appId, names: ["WALLETCONNECT_PAY_CLIENT_ID"] },
  { name: "a client without an app", entries: clientId, names: ["WALLETCONNECT_PAY_APP_ID"] },
  { name: "a key and an app", entries: { ...apiKey, ...appId, ...clientId }, names: ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_APP_ID"] },
  { name: "a key and half an app", entries: { ...apiKey, ...clientId }, names: ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_CLIENT_ID"] },
  { name: "everything at once", entries: { ...apiKey, ...appId, ...clientId, ...merchantId }, names: ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_APP_ID"] },
  { name: "a merchant and an app", entries: { ...merchantId, ...appId, ...clientId }, names: ["WALLETCONNECT_PAY_MERCHANT_ID", "WALLETCONNECT_PAY_APP_ID"] },
  { name: "a key in two lines", entries: { WALLETCONNECT_PAY_API_KEY: `${canary.apiKey}\n` }, names: ["WALLETCONNECT_PAY_API_KEY"] },
  { name: "a merchant that no header holds", entries: { ...apiKey, WALLETCONNECT_PAY_MERCHANT_ID: `${canary.merchantId}é` }, names: ["WALLETCONNECT_PAY_MERCHANT_ID"] },
  { name: "a plain base URL", entries: { ...apiKey, WALLETCONNECT_PAY_BASE_URL: "http://api.pay.walletconnect.com" }, names: ["WALLETCONNECT_PAY_BASE_URL"] }
]

const assertUnshown = (output: string): void => {
  for (const secret of Object.values(canary)) assert.notInclude(output, secret)
}

describe.concurrent("an environment that is broken", () => {
  for (const { entries, name, names } of broken) {
    it.live(name, () =>
      Effect.gen(function*() {
        const error = Either.getOrThrow(Either.flip(yield* build(entries)))
        for (const expected of names) assert.include(String(error), expected)
        assertUnshown(printed(error))
      }))
  }

  it.live("both kinds of missing things are named at once", () =>
    Effect.gen(function*() {
      const error = Either.getOrThrow(Either.flip(yield* build({ WALLETCONNECT_PAY_BASE_URL: "nonsense" })))
      for (const name of ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_APP_ID", "WALLETCONNECT_PAY_BASE_URL"]) {
        assert.include(String(error), name)
      }
    }))
})

describe.concurrent("an environment that is in order", () => {
  const environments: { readonly [label: string]: { readonly [name: string]: string } } = {
    "API key": apiKey,
    "app": { ...appId, ...clientId },
    "merchant": { ...apiKey, ...merchantId }
  }
  for (const side of own) {
    it.scopedLive(`${side.name}: everything comes from the ConfigProvider`, () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [answer(200, side.proof(paymentId))] })
        const settings = {
          ...environments[side.way.label],
          WALLETCONNECT_PAY_BASE_URL: server.url,
          WALLETCONNECT_PAY_VERSION: "2026-02-18"
        }
        yield* WalletConnectPay.cancel({ paymentId }).pipe(
          Effect.provide(WalletConnectPay.layerConfig()),
          Effect.provide(environment(settings)),
          Effect.provide(NodeHttpClient.layerUndici)
        )
        const [request] = server.received
        if (request === undefined) return assert.fail("nothing was sent")
        const headers = headersOf(request)
        for (const [header, value] of Object.entries(side.headers)) {
          if (!header.startsWith("sdk-")) assert.strictEqual(headers[header], value, header)
        }
        for (const header of side.foreignHeaders) assert.notProperty(headers, header)
        assert.strictEqual(request.target, side.cancelTarget(paymentId))
      }))
  }

  it.scopedLive("what is given is not read", () =>
    Effect.gen(function*() {
      const [side] = own
      const server = yield* serve({ cancel: [answer(200, side?.proof(paymentId))] })
      yield* WalletConnectPay.cancel({ paymentId }).pipe(
        Effect.provide(WalletConnectPay.layerConfig({
          credentials: WalletConnectPay.Credentials.AppId({ appId: "given", clientId: "given" }),
          baseUrl: server.url
        })),
        Effect.provide(environment({ ...apiKey, WALLETCONNECT_PAY_BASE_URL: "bad" })),
        Effect.provide(NodeHttpClient.layerUndici)
      )
      const sent = server.received.map(({ bytes }) => bytes.toString().toLowerCase()).join()
      assert.include(sent, "client-id: given")
      assert.notInclude(sent, "api-key")
    }))

  it.live("options are checked like the environment", () =>
    Effect.gen(function*() {
      const attempts = [
        built(WalletConnectPay.layer({ credentials: WalletConnectPay.Credentials.AppId({ appId: "1", clientId: `${canary.clientId}ü` }) })),
        built(WalletConnectPay.layer({
          credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make(canary.apiKey) }),
          sdk: { name: "a\nb", version: "1" }
        }))
      ]
      for (const attempt of attempts) assertUnshown(printed(Either.getOrThrow(Either.flip(yield* attempt))))
    }))
})
