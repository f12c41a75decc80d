/** A merchant account that a request names, whatever the layer's is. */
import { assert, describe, it } from "@effect/vitest"
import { Adyen, CancelEvent, Canceller } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { inspect } from "node:util"
import { scripted } from "./Scripted.js"

const { apiKey, merchantAccount: ownAccount } = Sandbox.credentials.Adyen

/** The other one that the sandbox's key may act for. */
const merchantAccount = "SandboxMerchantPOS"

const options = { apiKey: Redacted.make(apiKey), merchantAccount: ownAccount, baseUrl: Sandbox.baseUrl("Adyen") }

const live = Layer.provideMerge(Layer.orDie(Adyen.layer(options)), Sandbox.layer)

const settled = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("10 minutes")
    return yield* Fiber.join(fiber)
  })

const operations = {
  cancel: (request: { readonly merchantAccount?: string | undefined; readonly idempotencyKey?: string }) =>
    Adyen.cancel({ paymentId: "P000000000000001", ...request }),
  cancelByMerchantReference: (request: { readonly merchantAccount?: string | undefined; readonly idempotencyKey?: string }) =>
    Adyen.cancelByMerchantReference({ merchantReference: "order-P000000000000001", ...request }),
  cancelOrRefund: (request: { readonly merchantAccount?: string | undefined; readonly idempotencyKey?: string }) =>
    Adyen.cancelOrRefund({ paymentId: "P000000000000001", ...request })
}

describe("a merchant account for one request", () => {
  for (const [name, operation] of Object.entries(operations)) {
    describe(name, () => {
      it.effect("cancels a payment of that account, until its webhook says so", () =>
        Effect.gen(function*() {
          const sandbox = yield* Sandbox.Sandbox
          const paymentId = yield* sandbox.create("Adyen", { merchantAccount })
          const accepted = yield* operation({ merchantAccount })
          assert.strictEqual(accepted._tag, "CancellationAccepted")
          yield* TestClock.adjust("1 second")
          assert.strictEqual(Option.getOrThrow(yield* sandbox.payment("Adyen", paymentId)).status, "cancelled")
          const [incoming] = yield* sandbox.notifications("Adyen")
          const notification = yield* Adyen.notification(incoming!, { secret: Redacted.make(Sandbox.webhookSecret("Adyen")) })
          assert.strictEqual(Adyen.confirm(accepted, notification)._tag, "Cancelled")
          const [request] = yield* sandbox.requests
          assert.include(request!.body, `{"merchantAccount":"${merchantAccount}"`)
        }).pipe(Effect.provide(live)))

      it.effect("and only for that request: the next is the layer's again", () =>
        Effect.gen(function*() {
          const sandbox = yield* Sandbox.Sandbox
          const paymentId = yield* sandbox.create("Adyen", { merchantAccount })
          yield* Effect.either(operation({}))
          yield* Effect.either(operation({ merchantAccount: undefined }))
          yield* TestClock.adjust("10 seconds")
          assert.strictEqual(Option.getOrThrow(yield* sandbox.payment("Adyen", paymentId)).status, "authorised")
          // The sandbox shows the account of its credentials as little as the key.
          for (const { body } of yield* sandbox.requests) assert.include(body, "{\"merchantAccount\":\"<redacted>\"")
        }).pipe(Effect.provide(live)))

      it.effect("is on every attempt, in identical bytes", () =>
        Effect.gen(function*() {
          const sandbox = yield* Sandbox.Sandbox
          yield* sandbox.create("Adyen", { merchantAccount })
          yield* sandbox.inject(Fault.dropAfterApplying, { times: 2 })
          assert.strictEqual((yield* settled(operation({ merchantAccount })))._tag, "CancellationAccepted")
          const requests = yield* sandbox.requests
          assert.lengthOf(requests, 3)
          assert.lengthOf(requests.filter(({ applied }) => applied), 1)
          assert.strictEqual(new Set(requests.map(({ body, headers }) => `${headers["idempotency-key"]} ${body}`)).size, 1)
        }).pipe(Effect.provide(live)))

      it.effect("is what an answer must name: the layer's own is another's", () =>
        Effect.gen(function*() {
          const received = (account: string) => ({
            status: 201,
            body: {
              merchantAccount: account,
              paymentPspReference: "P000000000000001",
              paymentReference: "order-P000000000000001",
              pspReference: "M1",
              status: "received"
            }
          })
          const judged = (account: string, request: { readonly merchantAccount?: string }) =>
            settled(Effect.either(operation(request))).pipe(
              Effect.map((result) => result._tag === "Right" ? result.right._tag : result.left._tag),
              Effect.provide(Layer.provide(Layer.orDie(Adyen.layer(options)), scripted([received(account)]).layer))
            )
          assert.strictEqual(yield* judged(merchantAccount, { merchantAccount }), "CancellationAccepted")
          assert.strictEqual(yield* judged(ownAccount, { merchantAccount }), "CancelError.UnexpectedResponse")
          assert.strictEqual(yield* judged(merchantAccount, {}), "CancelError.UnexpectedResponse")
          assert.strictEqual(yield* judged(ownAccount, {}), "CancellationAccepted")
        }))

      it.effect("is in no output, and neither is the layer's", () =>
        Effect.gen(function*() {
          const canary = "CanaryMerchantPOS"
          const echo = `${canary} is not ${ownAccount}`
          const { layer } = scripted([{
            status: 403,
            headers: { pspreference: canary },
            body: { errorCode: canary, message: echo, errorType: echo, additionalData: { [canary]: echo } }
          }])
          const events: Array<unknown> = []
          const error = yield* settled(Effect.flip(operation({ merchantAccount: canary }))).pipe(
            Effect.provide(Layer.provide(Layer.orDie(Adyen.layer(options)), layer)),
            Effect.provide(CancelEvent.layer((event) => Effect.sync(() => events.push(event))))
          )
          assert.isAbove(events.length, 2)
          for (const output of [error, events]) {
            for (const shown of [JSON.stringify(output), inspect(output, { depth: 20, showHidden: true }), String(output)]) {
              assert.notInclude(shown, canary)
              assert.notInclude(shown, ownAccount)
            }
          }
        }))

      for (const bad of ["", " ", " Shop", "Shop\n", "Shöp", 7, null, {}]) {
        it.effect(`refuses ${JSON.stringify(bad)} before anything is sent`, () =>
          Effect.gen(function*() {
            const error = yield* Effect.flip(operation({ merchantAccount: bad as string }))
            assert.deepInclude(error, { _tag: "CancelError.InvalidCancelRequest", field: "merchantAccount", attempts: 0 })
            assert.deepStrictEqual(yield* (yield* Sandbox.Sandbox).requests, [])
          }).pipe(Effect.provide(live)))
      }
    })
  }

  it.effect("through a router", () =>
    Effect.gen(function*() {
      const payments = Canceller.router({ Adyen })
      const paymentId = yield* (yield* Sandbox.Sandbox).create("Adyen", { merchantAccount })
      const accepted = yield* payments.cancel({ provider: "Adyen", paymentId, merchantAccount })
      assert.strictEqual(accepted._tag, "CancellationAccepted")
    }).pipe(Effect.provide(live)))
})
