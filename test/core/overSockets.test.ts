/** The neutral service and the router over real sockets: who is asked, and with what. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Cancel, Canceller, WalletConnectPay, WePay } from "effect-payment-cancel"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { answer, serve } from "../wire/ScriptedServer.js"
import { only, reason, sides } from "../wire/Side.js"
import { paymentId, tagOf } from "../wire/Trial.js"

/** A value as it may come from JSON or from a caller without types. */
const untyped = <A>(value: unknown): A => value as A

const shown = (value: unknown): string => JSON.stringify(value) ?? "undefined"

const assertInvalid = (error: Canceller.CancelError, field: string): void => {
  assert.isTrue(Predicate.isTagged(error, "CancelError.InvalidCancelRequest"))
  assert.deepInclude<object>(error, { field, category: "InvalidRequest" })
}

const wePayPayment = only("WePay").proof(paymentId)
const walletConnectPayment = sides.find(({ provider }) => provider === "WalletConnectPay")?.proof(paymentId)

describe.concurrent("without caring which provider", () => {
  const services = (url: string) =>
    Layer.mergeAll(
      Layer.orDie(WePay.layer({ appId: "an-app", appToken: Redacted.make("a-token"), baseUrl: url })),
      Layer.orDie(WalletConnectPay.layer({
        credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make("a-key") }),
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
      const server = yield* serve({ cancel: [answer(200, { ...walletConnectPayment, ...wePayPayment }), answer(200, walletConnectPayment)] })
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
      const server = yield* serve({ cancel: [answer(200, wePayPayment)] })
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
