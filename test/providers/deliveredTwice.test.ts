/**
 * One request that something on the way delivers twice, with the second delivery's answer. The
 * documentation says which results are then wrong; these tests hold it to that.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Cancel, Square, WalletConnectPay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

/** Delivers every cancel twice; `between` happens in between. */
const twice = (between: Effect.Effect<void, never, Sandbox.Sandbox> = Effect.void) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const sandbox = yield* Sandbox.Sandbox
      return HttpClient.transform(client, (effect, { method }) =>
        method === "POST"
          ? Effect.zipRight(Effect.zipRight(effect, Effect.provideService(between, Sandbox.Sandbox, sandbox)), effect)
          : effect)
    })
  )

const over = <A, E>(layer: Layer.Layer<A, E, HttpClient.HttpClient>, network = twice()) =>
  Layer.provideMerge(Layer.orDie(layer), network).pipe(Layer.provideMerge(Sandbox.layer))

const { apiKey: key, merchantId } = Sandbox.credentials.WalletConnectPay
const apiKey = Redacted.make(key)
const { Credentials } = WalletConnectPay
const gateway = WalletConnectPay.layer({ credentials: Credentials.ApiKey({ apiKey }), baseUrl: Sandbox.baseUrl("WalletConnectPay") })
const merchant = WalletConnectPay.layer({
  credentials: Credentials.Merchant({ apiKey, merchantId }),
  baseUrl: Sandbox.baseUrl("WalletConnectPay")
})
const square = Square.layer({
  accessToken: Redacted.make(Sandbox.credentials.Square.accessToken),
  baseUrl: Sandbox.baseUrl("Square")
})

const create = Effect.flatMap(Sandbox.Sandbox, (sandbox) => sandbox.create("WalletConnectPay"))

describe("a request that is delivered twice", () => {
  it.effect("without a key: the result says that another call did it", () =>
    Effect.gen(function*() {
      const cancelled = yield* WalletConnectPay.cancel({ paymentId: yield* create })
      assert.deepInclude(cancelled, { _tag: "AlreadyCancelled", attempts: 1 })
    }).pipe(Effect.provide(over(gateway))))

  it.effect("at Square too", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const cancelled = yield* Square.cancel({ paymentId: yield* sandbox.create("Square") })
      assert.deepInclude(cancelled, { _tag: "AlreadyCancelled", attempts: 1 })
    }).pipe(Effect.provide(over(square))))

  it.effect("without a key, and the second one meets a rate limit: the error claims too much", () =>
    Effect.gen(function*() {
      const paymentId = yield* create
      const error = yield* Effect.flip(WalletConnectPay.cancel({ paymentId }).pipe(Cancel.withPolicy({ attempts: 1 })))
      assert.deepInclude(error, { _tag: "WalletConnectPay.RateLimited", outcome: "NotCancelled" })
      const { status } = yield* WalletConnectPay.status({ paymentId })
      assert.strictEqual(status, "cancelled")
    }).pipe(
      Effect.provide(
        over(gateway, twice(Effect.flatMap(Sandbox.Sandbox, (sandbox) => sandbox.inject(Fault.rateLimited(), { operation: "Cancel" }))))
      )
    ))

  it.effect("with a key: it is one request, with one answer", () =>
    Effect.gen(function*() {
      const cancelled = yield* WalletConnectPay.cancel({ paymentId: yield* create })
      assert.deepInclude(cancelled, { _tag: "Cancelled", evidence: "Response", attempts: 1 })
    }).pipe(Effect.provide(over(merchant))))
})
