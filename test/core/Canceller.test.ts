import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Cancel, CancelError, CancelEvent, Canceller, CancelPolicy, IdempotencyKey, WalletConnectPay, WePay } from "effect-payment-cancel"
import { json, play, reset } from "../engine/HttpDouble.js"
import { assertPartly, deepStrictEqual } from "../engine/partly.js"

const secret = Redacted.make("secret-1234")

const wePay = (client: HttpClient.HttpClient) =>
  WePay.layer({ appId: "app", appToken: secret, policy: { backoff: { initial: 0 }, statusReads: 1 } }).pipe(
    Layer.orDie,
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
  )

const walletConnectPay = (client: HttpClient.HttpClient) =>
  WalletConnectPay.layer({ credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: secret }) }).pipe(
    Layer.orDie,
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
  )

const canceled = json(200, { id: "p-1", status: "canceled" })
const cancelled = json(200, { paymentId: "p-1", status: "cancelled", cancelledReason: "r", cancelledAt: "2026-01-01T00:00:00Z" })

describe("Canceller", () => {
  it.effect("cancels at whichever provider its layer connects it to", () =>
    Effect.gen(function*() {
      const program = Canceller.cancel({ paymentId: "p-1", reason: "out of stock", idempotencyKey: "k" })
      const atWePay = play(canceled)
      assertPartly(
        yield* Effect.provide(program, Layer.provide(Canceller.layer(WePay), wePay(atWePay.client))),
        { _tag: "Cancelled", provider: "WePay", paymentId: "p-1" }
      )
      deepStrictEqual(atWePay.received.map(({ body, headers }) => [body, headers["unique-key"]]), [["{\"cancel_reason\":\"out of stock\"}", "k"]])
      const atWalletConnectPay = play(cancelled)
      assertPartly(
        yield* Effect.provide(
          program,
          Layer.provide(Canceller.layer(WalletConnectPay), walletConnectPay(atWalletConnectPay.client))
        ),
        { _tag: "Cancelled", provider: "WalletConnectPay", paymentId: "p-1" }
      )
      assert.notInclude(JSON.stringify(atWalletConnectPay.received), "out of stock")
    }))
  it.effect("fails where the provider needs a reason and none is given", () =>
    Effect.gen(function*() {
      const { client, received } = play(canceled)
      const error = yield* Effect.flip(
        Effect.provide(Canceller.cancel({ paymentId: "p-1" }), Layer.provide(Canceller.layer(WePay), wePay(client)))
      )
      assertPartly(error, { _tag: "CancelError.InvalidCancelRequest", field: "reason" })
      assert.lengthOf(received, 0)
    }))
  it.effect("keeps what was provided to its layer, and the caller's wins over it", () =>
    Effect.gen(function*() {
      const { client, received } = play(reset)
      const layer = Canceller.layer(WalletConnectPay).pipe(
        Layer.provide(walletConnectPay(client)),
        Layer.provide(IdempotencyKey.layer(Effect.succeed("from-the-layer")))
      )
      const program = Canceller.cancel({ paymentId: "p-1" }).pipe(Cancel.withPolicy({ attempts: 1, statusReads: 1 }), Effect.flip)
      assert.strictEqual((yield* Effect.provide(program, layer)).idempotencyKey, "from-the-layer")
      assert.lengthOf(received, 2)
      const own = Effect.provide(program, IdempotencyKey.layer(Effect.succeed("from-the-caller")))
      assert.strictEqual((yield* Effect.provide(own, layer)).idempotencyKey, "from-the-caller")
      const events: Array<string> = []
      yield* Effect.provide(program, CancelEvent.layer((event) => Effect.sync(() => void events.push(event._tag)))).pipe(
        Effect.provide(layer)
      )
      assert.include(events, "Settled")
    }))

  describe("connected to one account, in a program that has another", () => {
    const account = (token: string, policy: CancelPolicy.Options = {}) => {
      const { client, received } = play(reset)
      const layer = WePay.layer({ appId: "app", appToken: Redacted.make(token), policy }).pipe(
        Layer.orDie,
        Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
      )
      return { layer, tokens: () => received.map(({ headers }) => headers["app-token"]) }
    }
    const cancel = Canceller.cancel({ paymentId: "p-1", reason: "r" }).pipe(
      Cancel.withPolicy({ attempts: 1, statusReads: 1, backoff: { initial: 0 } }),
      Effect.flip
    )

    it.effect("cancels with the account that its layer was built with, whatever the caller provides", () =>
      Effect.gen(function*() {
        const [one, other] = [account("account-one"), account("account-two")]
        yield* cancel.pipe(Effect.provide(other.layer), Effect.provide(Layer.provide(Canceller.layer(WePay), one.layer)))
        deepStrictEqual(one.tokens(), ["account-one", "account-one"])
        deepStrictEqual(other.tokens(), [])
      }))
    it.effect("cancels with it also where both accounts are layers of the program", () =>
      Effect.gen(function*() {
        const [one, other] = [account("account-one"), account("account-two")]
        const both = Layer.merge(Layer.provide(Canceller.layer(WePay), one.layer), other.layer)
        yield* Effect.provide(cancel, both)
        deepStrictEqual(one.tokens(), ["account-one", "account-one"])
        deepStrictEqual(other.tokens(), [])
        yield* Effect.provide(Effect.flip(WePay.cancel({ paymentId: "p-1", reason: "r" })), other.layer).pipe(
          Cancel.withPolicy({ attempts: 1, statusReads: 1, backoff: { initial: 0 } })
        )
        deepStrictEqual(other.tokens(), ["account-two", "account-two"])
      }))
    it.effect("has its policy, events, keys and span from the caller all the same", () =>
      Effect.gen(function*() {
        const [one, other] = [account("account-one", { attempts: 3 }), account("account-two")]
        const events: Array<string> = []
        const told = (who: string) =>
          CancelEvent.layer((event) =>
            Effect.flatMap(Effect.currentSpan, ({ traceId }) =>
              Effect.sync(() => void events.push(`${who} ${event._tag} ${traceId}`))).pipe(Effect.orDie))
        const standing = Layer.mergeAll(told("layer"), IdempotencyKey.layer(Effect.succeed("of-the-layer")))
        const own = Layer.mergeAll(told("caller"), IdempotencyKey.layer(Effect.succeed("of-the-caller")), other.layer)
        const canceller = Canceller.layer(WePay).pipe(
          Layer.provide(one.layer),
          Layer.provide(standing),
          // A layer may be built inside of a span, which is not the one of a later cancel.
          Layer.provide(Layer.span("start-up"))
        )
        const [error, { traceId }] = yield* Effect.zip(cancel, Effect.orDie(Effect.currentSpan)).pipe(
          Effect.withSpan("checkout", { root: true }),
          Effect.provide(own),
          Effect.provide(canceller)
        )
        assert.strictEqual(error.idempotencyKey, "of-the-caller")
        deepStrictEqual(one.tokens(), ["account-one", "account-one"])
        assert.isNotEmpty(events)
        for (const event of events) assert.match(event, new RegExp(`^caller \\w+ ${traceId}$`))
      }))
    it.effect("is in no span where its caller is in none, whatever span its layer was built in", () =>
      Effect.gen(function*() {
        const spans: Array<string> = []
        const inSpan = Effect.flatMap(Effect.option(Effect.currentParentSpan), (span) =>
          Effect.sync(() => void spans.push(span._tag)))
        const canceller = Canceller.layer(WePay).pipe(
          Layer.provide(account("account-one").layer),
          Layer.provide(Layer.span("start-up"))
        )
        yield* cancel.pipe(Effect.provide(CancelEvent.layer(() => inSpan)), Effect.provide(canceller))
        assert.isNotEmpty(spans)
        for (const span of spans) assert.strictEqual(span, "None")
      }))
  })
})

describe("a router", () => {
  const routed = Canceller.router({ WePay, WalletConnectPay })

  it.effect("cancels at the provider that the request names, and says nothing of it to that provider", () =>
    Effect.gen(function*() {
      const one = play(canceled)
      const other = play(cancelled)
      const layers = Layer.merge(wePay(one.client), walletConnectPay(other.client))
      assertPartly(
        yield* Effect.provide(routed.cancel({ provider: "WePay", paymentId: "p-1", reason: "r" }), layers),
        { _tag: "Cancelled", provider: "WePay" }
      )
      assertPartly(
        yield* Effect.provide(routed.cancel({ provider: "WalletConnectPay", paymentId: "p-1" }), layers),
        { _tag: "Cancelled", provider: "WalletConnectPay" }
      )
      assert.lengthOf(one.received, 1)
      assert.lengthOf(other.received, 1)
    }))
  it.effect("fails with that provider's own errors", () =>
    Effect.gen(function*() {
      const { client } = play(json(403, { error_code: "NOT_AUTHORIZED" }))
      const error = yield* Effect.flip(
        Effect.provide(routed.cancel({ provider: "WePay", paymentId: "p-1", reason: "r" }), wePay(client))
      )
      assert.instanceOf(error, WePay.NotAuthorized)
    }))
  it.effect("reads the status at the provider that the request names", () =>
    Effect.gen(function*() {
      const { client } = play(canceled)
      assertPartly(
        yield* Effect.provide(routed.status({ provider: "WePay", paymentId: "p-1" }), wePay(client)),
        { provider: "WePay", status: "canceled" }
      )
    }))

  const strangers: ReadonlyArray<unknown> = [
    "Nobody",
    "wepay",
    "",
    "toString",
    "constructor",
    "hasOwnProperty",
    "__proto__",
    undefined,
    null,
    7,
    {},
    [],
    Object.create(null),
    { toString: 1, valueOf: 1 }
  ]
  for (const [index, provider] of strangers.entries()) {
    it.effect(`refuses a provider that it does not have: ${JSON.stringify(provider)} ${index}`, () =>
      Effect.gen(function*() {
        const request = { provider, paymentId: "p-1", idempotencyKey: "k" }
        const error = yield* Effect.flip(
          routed.cancel(request as never) as Effect.Effect<unknown, CancelError.InvalidCancelRequest>
        )
        assert.instanceOf(error, CancelError.InvalidCancelRequest)
        assertPartly(error, { field: "provider", paymentId: "p-1", idempotencyKey: "k", attempts: 0 })
        assert.match(error.message, /: provider must be one of WePay, WalletConnectPay$/)
      }))
  }
  it.effect("names the provider that was asked for", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        routed.cancel({ provider: "Nobody", paymentId: "p-1" } as never) as Effect.Effect<unknown, CancelError.InvalidCancelRequest>
      )
      assert.strictEqual(error.provider, "Nobody")
      assert.strictEqual(error.message, "Nobody: provider must be one of WePay, WalletConnectPay")
    }))
  it.effect("refuses a provider without the operation, and names those that have it", () =>
    Effect.gen(function*() {
      const partial = Canceller.router({ WePay, Cancelling: { cancel: WePay.cancel } })
      const error = yield* Effect.flip(
        partial.status({ provider: "Cancelling", paymentId: "p-1" } as never) as Effect.Effect<unknown, CancelError.InvalidCancelRequest>
      )
      assertPartly(error, { field: "provider" })
      assert.strictEqual(error.message, "Cancelling: provider must be one of WePay")
    }))
})
