/**
 * WalletConnect Pay on the wire: exactly what is sent, and what is read out of what comes
 * back.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { WalletConnectPay } from "effect-payment-cancel"
import { inspect } from "node:util"
import { json, play, reset, type Step } from "../../engine/HttpDouble.js"
import { assertPartly, deepStrictEqual } from "../../engine/partly.js"

const { Credentials } = WalletConnectPay

const apiKey = Redacted.make("key-1234")
const gateway = Credentials.ApiKey({ apiKey })
const app = Credentials.AppId({ appId: "app-1", clientId: "client-1" })
const merchant = Credentials.Merchant({ apiKey, merchantId: "merchant-1" })

const request: WalletConnectPay.CancelRequest = { paymentId: "p-1", idempotencyKey: "key-1" }

const once = { attempts: 1, statusReads: 1, backoff: { initial: 0 } } as const

const using = (step: Step, ...rest: ReadonlyArray<Step>) => {
  const { client, received } = play(step, ...rest)
  const http = Layer.succeed(HttpClient.HttpClient, client)
  const provide = <A, E>(
    effect: Effect.Effect<A, E, WalletConnectPay.WalletConnectPay>,
    given: Partial<WalletConnectPay.Options> = {}
  ) =>
    Effect.provide(
      effect,
      Layer.orDie(WalletConnectPay.layer({ credentials: gateway, policy: once, ...given })).pipe(Layer.provide(http))
    )
  return { received, provide, http }
}

const body = { paymentId: "p-1", status: "cancelled", cancelledReason: "cancelled_by_user", cancelledAt: "2026-01-14T10:30:00Z" }
const cancelled = json(200, body)
const open = json(200, { status: "requires_action", isFinal: false })

describe("what is sent", () => {
  const common = { "accept": "application/json", "accept-encoding": "identity" }
  const rows: ReadonlyArray<readonly [string, WalletConnectPay.Credentials, object, object]> = [
    ["with an API key", gateway, {
      method: "POST",
      url: "https://api.pay.walletconnect.com/v1/gateway/payment/p-1/cancel",
      headers: { "api-key": "key-1234", ...common },
      body: ""
    }, {
      method: "GET",
      url: "https://api.pay.walletconnect.com/v1/gateway/payment/p-1/status",
      headers: { "api-key": "key-1234", ...common },
      body: ""
    }],
    ["with an app id", app, {
      method: "POST",
      url: "https://api.pay.walletconnect.com/v1/gateway/payment/p-1/cancel",
      headers: { "app-id": "app-1", "client-id": "client-1", ...common },
      body: ""
    }, {
      method: "GET",
      url: "https://api.pay.walletconnect.com/v1/gateway/payment/p-1/status",
      headers: { "app-id": "app-1", "client-id": "client-1", ...common },
      body: ""
    }],
    ["as a merchant", merchant, {
      method: "POST",
      url: "https://api.pay.walletconnect.com/v1/payments/p-1/cancel",
      headers: {
        "api-key": "key-1234",
        "merchant-id": "merchant-1",
        ...common,
        "idempotency-key": "key-1",
        "content-type": "application/json",
        "content-length": "2"
      },
      body: "{}"
    }, {
      method: "GET",
      url: "https://api.pay.walletconnect.com/v1/payments/p-1/status",
      headers: { "api-key": "key-1234", "merchant-id": "merchant-1", ...common },
      body: ""
    }]
  ]
  for (const [name, credentials, cancel, status] of rows) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const { provide, received } = using(cancelled, open)
        yield* provide(WalletConnectPay.cancel(request), { credentials })
        yield* provide(WalletConnectPay.status({ paymentId: "p-1" }), { credentials })
        deepStrictEqual<unknown>(received, [cancel, status])
      }))
  }
  it.effect("version and sdk, where they are given", () =>
    Effect.gen(function*() {
      const { provide, received } = using(cancelled)
      yield* provide(WalletConnectPay.cancel(request), {
        version: "2026-02-18",
        sdk: { name: "shop", version: "1.2", platform: "node" },
        baseUrl: WalletConnectPay.hosts.staging
      })
      yield* provide(WalletConnectPay.cancel(request), { sdk: { name: "shop", version: "1.2" } })
      assert.strictEqual(received[0]?.url, "https://staging.api.pay.walletconnect.com/v1/gateway/payment/p-1/cancel")
      assertPartly(received[0]?.headers ?? {}, { "wcp-version": "2026-02-18", "sdk-name": "shop", "sdk-version": "1.2", "sdk-platform": "node" })
      deepStrictEqual(Object.keys(received[1]?.headers ?? {}).sort(), ["accept", "accept-encoding", "api-key", "sdk-name", "sdk-version"])
    }))
})

describe("what is read", () => {
  it.effect("when and why, as the answer states", () =>
    Effect.gen(function*() {
      const success = yield* using(cancelled).provide(WalletConnectPay.cancel(request))
      assert(success._tag === "Cancelled")
      assertPartly(success, {
        cancelledAt: Option.some(DateTime.unsafeMake("2026-01-14T10:30:00Z")),
        reason: Option.some("cancelled_by_user"),
        payload: Option.some({
          paymentId: "p-1",
          status: "cancelled",
          cancelledReason: Option.some("cancelled_by_user"),
          cancelledAt: Option.some("2026-01-14T10:30:00Z")
        })
      })
      const encoded = JSON.stringify(Schema.encodeSync(WalletConnectPay.Cancellation)(success))
      deepStrictEqual(JSON.stringify(Schema.encodeSync(WalletConnectPay.Cancellation)(Schema.decodeUnknownSync(WalletConnectPay.Cancellation)(JSON.parse(encoded)))), encoded)
    }))
  it.effect("a time in another notation or none at all loses nothing else", () =>
    Effect.gen(function*() {
      const at = (cancelledAt: unknown) =>
        Effect.map(using(json(200, { ...body, cancelledAt })).provide(WalletConnectPay.cancel(request)), (success) =>
          success._tag === "Cancelled" ? Option.getOrNull(Option.map(success.cancelledAt, DateTime.formatIso)) : success._tag)
      assert.strictEqual(yield* at("2026-01-14T10:30:00.123Z"), "2026-01-14T10:30:00.123Z")
      assert.strictEqual(yield* at("2026-01-14T12:30:00+02:00"), "2026-01-14T10:30:00.000Z")
      assert.isNull(yield* at("yesterday"))
      assert.isNull(yield* at(null))
      assert.isNull(yield* at(7))
    }))
  it.effect("no status out of a body that names another payment", () =>
    Effect.gen(function*() {
      const read = (more: object) =>
        Effect.either(using(json(200, { status: "cancelled", ...more })).provide(WalletConnectPay.status({ paymentId: "p-1" })))
      for (const named of [{}, { paymentId: null }, { paymentId: "p-1" }]) {
        assert.strictEqual((yield* read(named))._tag, "Right", JSON.stringify(named))
      }
      for (const named of [{ paymentId: "p-2" }, { paymentId: "" }, { paymentId: 1 }]) {
        assert.strictEqual((yield* read(named))._tag, "Left", JSON.stringify(named))
      }
      const lost = using(json(500, {}), json(200, { paymentId: "p-2", status: "cancelled" }))
      const error = yield* Effect.flip(lost.provide(WalletConnectPay.cancel(request)))
      assertPartly(error, { outcome: "Unknown", paymentStatus: Option.none() })
    }))
  it.effect("the words, details and issues of an error", () =>
    Effect.gen(function*() {
      const details = (more: object) =>
        Effect.map(
          Effect.flip(using(json(401, { code: "invalid_api_key", message: "No.", ...more }, { "x-request-id": "r-1" })).provide(WalletConnectPay.cancel(request))),
          (error) => {
            assert.strictEqual(error.message, "WalletConnectPay: the API key is not valid (No.)")
            deepStrictEqual(error.requestId, Option.some("r-1"))
            return Option.getOrNull(error.details)
          }
        )
      deepStrictEqual(yield* details({}), null)
      deepStrictEqual(yield* details({ details: { a: 1 } }), { details: { a: 1 }, issues: null })
      deepStrictEqual(yield* details({ issues: [{ field: "id", message: "m" }] }), { details: null, issues: [{ field: "id", message: "m" }] })
    }))
})

describe("what may be sent again", () => {
  const methods = (credentials: WalletConnectPay.Credentials, ...steps: readonly [Step, ...ReadonlyArray<Step>]) =>
    Effect.gen(function*() {
      const { provide, received } = using(...steps)
      yield* Effect.either(provide(WalletConnectPay.cancel(request), { credentials, policy: { backoff: { initial: 0 }, attempts: 2, statusReads: 2 } }))
      return received.map(({ method }) => method).join(" ")
    })
  it.effect("at the gateway: after a 5xx and a lost answer, and nothing else", () =>
    Effect.gen(function*() {
      for (const credentials of [gateway, app]) {
        assert.strictEqual(yield* methods(credentials, reset, cancelled), "POST POST")
        assert.strictEqual(yield* methods(credentials, json(502, {}), cancelled), "POST POST")
        assert.strictEqual(yield* methods(credentials, json(200, {}), open), "POST GET GET")
        assert.strictEqual(yield* methods(credentials, json(408, {}), open), "POST GET GET")
      }
    }))
  it.effect("as a merchant: under the key, after anything", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* methods(merchant, reset, cancelled), "POST POST")
      assert.strictEqual(yield* methods(merchant, json(502, {}), cancelled), "POST POST")
      assert.strictEqual(yield* methods(merchant, json(200, {}), open, cancelled), "POST GET POST")
      assert.strictEqual(yield* methods(merchant, json(408, {}), open, cancelled), "POST GET POST")
    }))
  it("by a person too: under the same key, which the merchant call honours", () => {
    assert.include(WalletConnectPay.InternalError.declared.row.remedy, "with the error's `idempotencyKey`")
  })

  it.effect("three times, as its documentation advises", () =>
    Effect.gen(function*() {
      const { provide, received } = using(reset)
      yield* Effect.flip(provide(WalletConnectPay.cancel(request), { policy: { backoff: { initial: 0 } } }))
      deepStrictEqual(received.map(({ method }) => method), ["POST", "POST", "POST", "GET", "GET", "GET"])
    }))
})

describe("a layer", () => {
  const built = (given: object) =>
    Effect.scoped(Layer.build(Layer.provide(WalletConnectPay.layer({ credentials: gateway, ...given }), using(cancelled).http)))
  const refusals: ReadonlyArray<readonly [object, string]> = [
    [{ credentials: { _tag: "Nobody" } }, "credentials"],
    [{ sdk: { name: "canary ä", version: "1" } }, "sdk"],
    [{ sdk: { name: "a" } }, "sdk"]
  ]
  for (const [given, field] of refusals) {
    it.effect(`names what cannot be used: ${field} ${JSON.stringify(given)}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(built(given))
        assert.include(String(error), field)
        assert.notInclude(inspect(error, { depth: 20 }) + JSON.stringify(error) + String(error), "canary")
      }))
  }

  const key = "WALLETCONNECT_PAY_API_KEY"
  const appId = "WALLETCONNECT_PAY_APP_ID"
  const clientId = "WALLETCONNECT_PAY_CLIENT_ID"
  const merchantId = "WALLETCONNECT_PAY_MERCHANT_ID"
  const fromEnvironment = (environment: Record<string, string>, overrides?: Partial<WalletConnectPay.Options>) => {
    const { http, received } = using(cancelled)
    return Effect.provide(WalletConnectPay.cancel(request), Layer.provide(WalletConnectPay.layerConfig(overrides), http)).pipe(
      Effect.as(received),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment))))
    )
  }
  it.effect("does not read what is given", () =>
    Effect.gen(function*() {
      const [sent] = yield* fromEnvironment(
        { [key]: "ä", [appId]: "conflicting", WALLETCONNECT_PAY_BASE_URL: "nonsense", WALLETCONNECT_PAY_VERSION: "\n" },
        { credentials: gateway, baseUrl: "https://given.test", version: "v", sdk: { name: "n", version: "1" } }
      )
      assert.strictEqual(sent?.url, "https://given.test/v1/gateway/payment/p-1/cancel")
      assertPartly(sent?.headers ?? {}, { "api-key": "key-1234", "wcp-version": "v", "sdk-name": "n" })
    }))
  it.effect("refuses to guess between conflicting credentials, and names them", () =>
    Effect.gen(function*() {
      const rows: ReadonlyArray<ReadonlyArray<string>> = [
        [key, appId],
        [key, clientId],
        [key, appId, clientId],
        [merchantId, appId],
        [key, merchantId, appId, clientId]
      ]
      for (const names of rows) {
        const error = String(yield* Effect.flip(fromEnvironment(Object.fromEntries(names.map((name) => [name, "x"])))))
        for (const name of [key, appId, clientId, merchantId]) {
          assert.strictEqual(error.includes(name), names.includes(name), `${name} in ${error}`)
        }
        assert.include(error, "exclude each other")
      }
    }))
})
