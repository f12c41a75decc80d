/** Unusable requests, policies and configurations: named exactly, and nothing reaches the server. */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { Cancel, type CancelError, type CancelPolicy, Canceller, WalletConnectPay, WePay } from "effect-payment-cancel"
import { printed } from "./Observed.js"
import { answer, serve } from "./ScriptedServer.js"
import { canary, reason, type Side, sides, wePay } from "./Side.js"
import { paymentId, tagOf } from "./Trial.js"

/** A value as it may come from JSON or from a caller without types. */
const untyped = <A>(value: unknown): A => value as A

const keyOf255 = "k".repeat(255)

interface Bad {
  readonly field: string
  readonly values: ReadonlyArray<unknown>
}

const badForAll: ReadonlyArray<Bad> = [
  { field: "paymentId", values: ["", ".", "..", "\ud800", "pay_\udc00x", undefined, null, 7, {}, ["pay_1"], true] },
  { field: "idempotencyKey", values: ["", " ", "a b", "a\nb", "a\u0000", "ü", "🔑", `${keyOf255}k`, 7, null, {}] }
]

const badForWePay: ReadonlyArray<Bad> = [
  { field: "paymentId", values: ["x".repeat(256)] },
  { field: "reason", values: ["", undefined, null, 7, {}] },
  { field: "rbits", values: ["text", 7, {}, [1], [null], ["x"]] }
]

const shown = (value: unknown): string => (JSON.stringify(value) ?? "undefined").slice(0, 30)

const assertInvalid = (error: Canceller.CancelError | CancelError.StatusUnavailable, field: string): void => {
  if (!Predicate.hasProperty(error, "field") || !Predicate.isString(error.field)) return assert.fail(String(error))
  assert.isTrue(Predicate.isTagged(error, "CancelError.InvalidCancelRequest"))
  assert.match(error.field, new RegExp(`^${field.replaceAll(".", "\\.")}(\\.|$)`))
  assert.strictEqual(error.category, "InvalidRequest")
  assert.isNotEmpty(error.message)
}

for (const side of sides) {
  describe.concurrent(side.name, () => {
    const bad = side === wePay ? [...badForAll, ...badForWePay] : badForAll
    const request = { paymentId, ...(side === wePay ? { reason } : {}) }

    for (const { field, values } of bad) {
      for (const value of values) {
        it.scopedLive(`${field} ${shown(value)}`, () =>
          Effect.gen(function*() {
            const server = yield* serve({})
            const layers = Layer.merge(
              Layer.orDie(WePay.layer({ appId: canary.weAppId, appToken: Redacted.make(canary.weToken), baseUrl: server.url })),
              NodeHttpClient.layerUndici
            ).pipe(Layer.provideMerge(NodeHttpClient.layerUndici))
            const asked = { ...request, [field]: value }
            const result = yield* (side === wePay
              ? Effect.provide(WePay.cancel(untyped(asked)), layers)
              : Effect.provide(side.cancel({ baseUrl: server.url }, untyped(asked)), NodeHttpClient.layerUndici)).pipe(Effect.either)
            const error: Canceller.CancelError = Either.getOrThrow(Either.flip(result))
            assertInvalid(error, field)
            assert.deepEqual([error.outcome, error.attempts, error.history.length, error.provider], ["NotCancelled", 0, 0, side.provider])
            assert.strictEqual(server.connections(), 0)
          }))
        if (field === "paymentId") {
          it.scopedLive(`status of ${field} ${shown(value)}`, () =>
            Effect.gen(function*() {
              const server = yield* serve({})
              const result = yield* side.status({ baseUrl: server.url }, untyped(value)).pipe(
                Effect.provide(NodeHttpClient.layerUndici),
                Effect.either
              )
              assertInvalid(Either.getOrThrow(Either.flip(result)), field)
              assert.strictEqual(server.connections(), 0)
            }))
        }
      }
    }

    it.scopedLive("the longest key there may be", () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [answer(200, side.payment(paymentId, side.statuses.cancelled))] })
        const result = yield* side.cancel({ baseUrl: server.url }, { paymentId, idempotencyKey: keyOf255 }).pipe(
          Effect.provide(NodeHttpClient.layerUndici),
          Effect.either
        )
        assert.isTrue(Either.isRight(result))
      }))

    const policies: ReadonlyArray<readonly [field: string, options: CancelPolicy.Options]> = [
      ...[0, -1, 1.5, Number.NaN, Infinity, 101].map((attempts) => ["policy.attempts", { attempts }] as const),
      ...[0, -1, Infinity, Number.NaN].map((attemptTimeout) => ["policy.attemptTimeout", { attemptTimeout }] as const),
      ["policy.attemptTimeout", { attemptTimeout: untyped("soon") }],
      ...[0, 0.5, 101].map((statusReads) => ["policy.statusReads", { statusReads }] as const),
      ["policy.statusTimeout", { statusTimeout: 0 }],
      ...[0, -5, Infinity].map((deadline) => ["policy.deadline", { deadline }] as const),
      ["policy.maximumRetryAfter", { maximumRetryAfter: Infinity }],
      ["policy.maximumBodyBytes", { maximumBodyBytes: 0 }],
      ["policy.maximumBodyBytes", { maximumBodyBytes: Infinity }],
      ["policy.backoff.initial", { backoff: { initial: Infinity } }],
      ["policy.backoff.factor", { backoff: { factor: 0.5 } }],
      ["policy.backoff.maximum", { backoff: { maximum: Infinity } }],
      ["policy.backoff.jitter", { backoff: { jitter: 1.5 } }],
      ["policy.maximumRetryAfter", { maximumRetryAfter: [-5, 0] }],
      ["policy.backoff.initial", { backoff: { initial: [-1, 0] } }],
      ...["attempts", "deadline", "maximumBodyBytes", "attempst"].map((bound) => [`policy.${bound}`, untyped<CancelPolicy.Options>({ [bound]: null })] as const),
      ...[null, 5, "1 second", []].map((backoff) => ["policy.backoff", untyped<CancelPolicy.Options>({ backoff })] as const),
      ...[null, undefined, 5, "background", []].map((policy) => ["policy", untyped<CancelPolicy.Options>(policy)] as const)
    ]
    for (const [field, options] of policies) {
      it.scopedLive(`${field} of ${printed(options).split("\n")[0]}`, () =>
        Effect.gen(function*() {
          const server = yield* serve({})
          const result = yield* side.cancel({ baseUrl: server.url }, { paymentId }).pipe(
            Cancel.withPolicy(options),
            Effect.provide(NodeHttpClient.layerUndici),
            Effect.either
          )
          assertInvalid(Either.getOrThrow(Either.flip(result)), field)
          assert.strictEqual(server.connections(), 0)
        }))
    }
  })
}

describe.concurrent("without caring which provider", () => {
  const services = (url: string) =>
    Layer.mergeAll(
      Layer.orDie(WePay.layer({ appId: canary.weAppId, appToken: Redacted.make(canary.weToken), baseUrl: url })),
      Layer.orDie(WalletConnectPay.layer({
        credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make(canary.apiKey) }),
        baseUrl: url
      }))
    ).pipe(Layer.provide(NodeHttpClient.layerUndici))
  const router = Canceller.router({ WePay, WalletConnectPay })

  for (const provider of ["Stripe", "", "__proto__", "constructor", "toString", "wepay", 7, null, undefined]) {
    it.scopedLive(`the router knows no ${shown(provider)}`, () =>
      Effect.gen(function*() {
        const server = yield* serve({})
        const result = yield* router.cancel(untyped<{ readonly provider: "WePay"; readonly paymentId: string; readonly reason: string }>({ provider, paymentId, reason })).pipe(
          Effect.provide(services(server.url)),
          Effect.either
        )
        assertInvalid(Either.getOrThrow(Either.flip(result)), "provider")
        assert.strictEqual(server.connections(), 0)
      }))
  }

  it.scopedLive("the router asks the provider that is named", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [answer(200, { ...walletConnectPayment, ...wePay.payment(paymentId, "canceled") }), answer(200, walletConnectPayment)] })
      const first = yield* router.cancel({ provider: "WePay", paymentId, reason }).pipe(Effect.provide(services(server.url)))
      const second = yield* router.cancel({ provider: "WalletConnectPay", paymentId }).pipe(Effect.provide(services(server.url)))
      assert.deepEqual([first.provider, second.provider], ["WePay", "WalletConnectPay"])
      assert.deepEqual(server.received.map(({ target }) => target), [
        `/payments/${paymentId}/cancel`,
        `/v1/gateway/payment/${paymentId}/cancel`
      ])
    }))

  it.scopedLive("WePay needs a reason, and sends it", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [answer(200, wePay.payment(paymentId, "canceled"))] })
      const layer = Layer.provide(Canceller.layer(WePay), services(server.url))
      const without = yield* Canceller.cancel({ paymentId }).pipe(Effect.provide(layer), Effect.either)
      assertInvalid(Either.getOrThrow(Either.flip(without)), "reason")
      assert.strictEqual(server.connections(), 0)
      const cancellation = yield* Canceller.cancel({ paymentId, reason: "sold out" }).pipe(Effect.provide(layer))
      assert.strictEqual(cancellation._tag, "Cancelled")
      assert.deepEqual(server.received.map(({ body }) => JSON.parse(body)), [{ cancel_reason: "sold out" }])
    }))

  it.scopedLive("WalletConnect Pay has no field for a reason, and sends none", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [answer(200, walletConnectPayment)] })
      const layer = Layer.provide(Canceller.layer(WalletConnectPay), services(server.url))
      const cancellation = yield* Canceller.cancel({ paymentId, reason: "sold out" }).pipe(Effect.provide(layer))
      assert.strictEqual(cancellation._tag, "Cancelled")
      assert.notInclude(server.received.map(({ bytes }) => bytes.toString()).join(), "sold")
    }))

  it.scopedLive("the caller's policy holds behind the neutral service, too", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [answer(503, "")], status: [answer(503, "")] })
      const layer = Layer.provide(Canceller.layer(WalletConnectPay), services(server.url))
      const result = yield* Canceller.cancel({ paymentId }).pipe(
        Cancel.withPolicy({ attempts: 2, statusReads: 1, backoff: { initial: 1, maximum: 1 } }),
        Effect.provide(layer),
        Effect.either
      )
      assert.strictEqual(tagOf(Either.getOrThrow(Either.flip(result))), "CancelError.UnexpectedResponse")
      assert.strictEqual(server.received.filter(({ method }) => method === "POST").length, 2)
    }))
})

const walletConnectPayment = {
  paymentId,
  status: "cancelled",
  cancelledReason: "cancelled_by_user",
  cancelledAt: "2025-01-14T10:30:00Z"
}

// ---------------------------------------------------------------- configuration

type Provider = Side["provider"]

const environment = (entries: { readonly [name: string]: string }) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))))

const built = <A>(layer: Layer.Layer<A, ConfigError.ConfigError, HttpClient.HttpClient>) =>
  Layer.build(layer).pipe(
    Effect.asVoid,
    Effect.provideService(HttpClient.HttpClient, HttpClient.make(() => Effect.die("nothing is sent"))),
    Effect.scoped,
    Effect.either
  )

const build = (provider: Provider, entries: { readonly [name: string]: string }) =>
  (provider === "WePay" ? built(WePay.layerConfig()) : built(WalletConnectPay.layerConfig())).pipe(Effect.provide(environment(entries)))

const wePayEnvironment = { WEPAY_APP_ID: canary.weAppId, WEPAY_APP_TOKEN: canary.weToken }
const apiKey = { WALLETCONNECT_PAY_API_KEY: canary.apiKey }
const appId = { WALLETCONNECT_PAY_APP_ID: canary.appId }
const clientId = { WALLETCONNECT_PAY_CLIENT_ID: canary.clientId }
const merchantId = { WALLETCONNECT_PAY_MERCHANT_ID: canary.merchantId }

interface Broken {
  readonly name: string
  readonly provider: Provider
  readonly entries: { readonly [name: string]: string }
  readonly names: ReadonlyArray<string>
}

const broken: ReadonlyArray<Broken> = [
  { name: "empty", provider: "WePay", entries: {}, names: ["WEPAY_APP_ID", "WEPAY_APP_TOKEN"] },
  { name: "no token", provider: "WePay", entries: { WEPAY_APP_ID: canary.weAppId }, names: ["WEPAY_APP_TOKEN"] },
  { name: "an empty token", provider: "WePay", entries: { ...wePayEnvironment, WEPAY_APP_TOKEN: "" }, names: ["WEPAY_APP_TOKEN"] },
  { name: "a token in two lines", provider: "WePay", entries: { ...wePayEnvironment, WEPAY_APP_TOKEN: `${canary.weToken}\nX: 1` }, names: ["WEPAY_APP_TOKEN"] },
  { name: "an app id that no header holds", provider: "WePay", entries: { ...wePayEnvironment, WEPAY_APP_ID: `${canary.weAppId}ü` }, names: ["WEPAY_APP_ID"] },
  ...["not a URL", "ftp://api.wepay.com", "http://api.wepay.com", `https://me:${canary.weToken}@api.wepay.com`, `https://${canary.weToken}@api.wepay.com`,
    "javascript:alert(1)"].map((url): Broken => ({
      name: `the base URL ${JSON.stringify(url).slice(0, 30)}`,
      provider: "WePay",
      entries: { ...wePayEnvironment, WEPAY_BASE_URL: url },
      names: ["WEPAY_BASE_URL"]
    })),
  { name: "a version in two lines", provider: "WePay", entries: { ...wePayEnvironment, WEPAY_API_VERSION: "3\r\n0" }, names: ["WEPAY_API_VERSION"] },
  {
    name: "empty",
    provider: "WalletConnectPay",
    entries: {},
    names: ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_APP_ID", "WALLETCONNECT_PAY_CLIENT_ID", "WALLETCONNECT_PAY_MERCHANT_ID"]
  },
  { name: "a merchant without a key", provider: "WalletConnectPay", entries: merchantId, names: ["WALLETCONNECT_PAY_API_KEY"] },
  { name: "an app without a client", provider: "WalletConnectPay", entries: appId, names: ["WALLETCONNECT_PAY_CLIENT_ID"] },
  { name: "a client without an app", provider: "WalletConnectPay", entries: clientId, names: ["WALLETCONNECT_PAY_APP_ID"] },
  { name: "a key and an app", provider: "WalletConnectPay", entries: { ...apiKey, ...appId, ...clientId }, names: ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_APP_ID"] },
  { name: "a key and half an app", provider: "WalletConnectPay", entries: { ...apiKey, ...clientId }, names: ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_CLIENT_ID"] },
  { name: "everything at once", provider: "WalletConnectPay", entries: { ...apiKey, ...appId, ...clientId, ...merchantId }, names: ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_APP_ID"] },
  { name: "a merchant and an app", provider: "WalletConnectPay", entries: { ...merchantId, ...appId, ...clientId }, names: ["WALLETCONNECT_PAY_MERCHANT_ID", "WALLETCONNECT_PAY_APP_ID"] },
  { name: "a key in two lines", provider: "WalletConnectPay", entries: { WALLETCONNECT_PAY_API_KEY: `${canary.apiKey}\n` }, names: ["WALLETCONNECT_PAY_API_KEY"] },
  { name: "a merchant that no header holds", provider: "WalletConnectPay", entries: { ...apiKey, WALLETCONNECT_PAY_MERCHANT_ID: `${canary.merchantId}é` }, names: ["WALLETCONNECT_PAY_MERCHANT_ID"] },
  { name: "a plain base URL", provider: "WalletConnectPay", entries: { ...apiKey, WALLETCONNECT_PAY_BASE_URL: "http://api.pay.walletconnect.com" }, names: ["WALLETCONNECT_PAY_BASE_URL"] }
]

describe.concurrent("an environment that is broken", () => {
  for (const { entries, name, names, provider } of broken) {
    it.live(`${provider}: ${name}`, () =>
      Effect.gen(function*() {
        const error = Either.getOrThrow(Either.flip(yield* build(provider, entries)))
        const output = printed(error)
        for (const expected of names) assert.include(String(error), expected)
        for (const secret of Object.values(canary)) assert.notInclude(output, secret)
      }))
  }

  it.live("both kinds of missing things are named at once", () =>
    Effect.gen(function*() {
      const error = Either.getOrThrow(Either.flip(yield* build("WalletConnectPay", { WALLETCONNECT_PAY_BASE_URL: "nonsense" })))
      for (const name of ["WALLETCONNECT_PAY_API_KEY", "WALLETCONNECT_PAY_APP_ID", "WALLETCONNECT_PAY_BASE_URL"]) {
        assert.include(String(error), name)
      }
    }))
})

describe.concurrent("an environment that is in order", () => {
  const cases = [
    ["WePay", wePayEnvironment, "WePay"],
    ["WalletConnectPay", apiKey, "WalletConnectPay ApiKey"],
    ["WalletConnectPay", { ...appId, ...clientId }, "WalletConnectPay AppId"],
    ["WalletConnectPay", { ...apiKey, ...merchantId }, "WalletConnectPay Merchant"]
  ] as const
  for (const [provider, entries, name] of cases) {
    const side = sides.find((side) => side.name === name) ?? wePay
    it.scopedLive(`${name}: everything comes from the ConfigProvider`, () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [answer(200, side.payment(paymentId, side.statuses.cancelled))] })
        const settings = {
          ...entries,
          WEPAY_BASE_URL: server.url,
          WEPAY_API_VERSION: "3.0",
          WALLETCONNECT_PAY_BASE_URL: server.url,
          WALLETCONNECT_PAY_VERSION: "2026-02-18"
        }
        const cancel: Effect.Effect<unknown, unknown, HttpClient.HttpClient> = provider === "WePay"
          ? WePay.cancel({ paymentId, reason }).pipe(Effect.provide(WePay.layerConfig()))
          : WalletConnectPay.cancel({ paymentId }).pipe(Effect.provide(WalletConnectPay.layerConfig()))
        yield* cancel.pipe(Effect.provide(environment(settings)), Effect.provide(NodeHttpClient.layerUndici))
        const headers = Object.fromEntries(server.received[0]?.headers.map(([header, value]) => [header.toLowerCase(), value]) ?? [])
        for (const [header, value] of Object.entries(side.headers)) {
          if (!header.startsWith("sdk-")) assert.strictEqual(headers[header], value, header)
        }
        for (const header of side.foreignHeaders) assert.notProperty(headers, header)
        assert.strictEqual(server.received[0]?.target, side.cancelTarget(paymentId))
      }))
  }

  it.scopedLive("what is given is not read", () =>
    Effect.gen(function*() {
      const server = yield* serve({
        cancel: [answer(200, wePay.payment(paymentId, "canceled")), answer(200, walletConnectPayment)]
      })
      yield* WePay.cancel({ paymentId, reason }).pipe(
        Effect.provide(WePay.layerConfig({ appToken: Redacted.make("given"), baseUrl: server.url })),
        Effect.provide(environment({ WEPAY_APP_ID: "read", WEPAY_APP_TOKEN: "bad\n", WEPAY_BASE_URL: "bad" })),
        Effect.provide(NodeHttpClient.layerUndici)
      )
      yield* WalletConnectPay.cancel({ paymentId }).pipe(
        Effect.provide(WalletConnectPay.layerConfig({
          credentials: WalletConnectPay.Credentials.AppId({ appId: "given", clientId: "given" }),
          baseUrl: server.url
        })),
        Effect.provide(environment({ ...apiKey, WALLETCONNECT_PAY_BASE_URL: "bad" })),
        Effect.provide(NodeHttpClient.layerUndici)
      )
      const sent = server.received.map(({ bytes }) => bytes.toString().toLowerCase())
      assert.include(sent[0], "app-id: read")
      assert.include(sent[0], "app-token: given")
      assert.include(sent[1], "client-id: given")
      assert.notInclude(sent[1], "api-key")
    }))

  it.live("the process environment is not looked at", () =>
    Effect.gen(function*() {
      for (const [name, value] of Object.entries(wePayEnvironment)) process.env[name] = value
      const result = yield* build("WePay", {})
      for (const name of Object.keys(wePayEnvironment)) delete process.env[name]
      assert.isTrue(Either.isLeft(result))
    }))

  it.live("options are checked like the environment", () =>
    Effect.gen(function*() {
      const attempts = [
        built(WePay.layer({ appId: "", appToken: Redacted.make("t") })),
        built(WePay.layer({ appId: "1", appToken: Redacted.make(`${canary.weToken}\n`) })),
        built(WePay.layer({ appId: "1", appToken: Redacted.make("t"), baseUrl: `https://me:${canary.weToken}@api.wepay.com` })),
        built(WalletConnectPay.layer({ credentials: WalletConnectPay.Credentials.AppId({ appId: "1", clientId: `${canary.clientId}ü` }) })),
        built(WalletConnectPay.layer({
          credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make(canary.apiKey) }),
          sdk: { name: "a\nb", version: "1" }
        }))
      ]
      for (const attempt of attempts) {
        const result = yield* attempt
        const output = printed(Either.getOrThrow(Either.flip(result)))
        for (const secret of Object.values(canary)) assert.notInclude(output, secret)
      }
    }))
})
