/** The durable cancels of several providers as one. */
import { assert, describe, it } from "@effect/vitest"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { memory, providers, statusAt, workflowsOf } from "./durable.js"

const { square, stripe } = workflowsOf()

const cancels = CancelWorkflow.router({ Stripe: stripe, Square: square })

const durable = cancels.layer.pipe(Layer.provideMerge(providers), Layer.provideMerge(Layer.merge(memory, Sandbox.layer)))

describe("a router of durable cancels", () => {
  it.scoped.each(["Stripe", "Square"] as const)("carries a request out at the provider that it names: %s", (provider) =>
    Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(Sandbox.Sandbox, ({ create }) => create<Sandbox.Provider>(provider))
      const request = { provider, paymentId, requestId: "r-1" }
      const settled = yield* cancels.cancel(request)
      assert.strictEqual(settled._tag, "Cancelled")
      assert.match(yield* statusAt(provider, paymentId), /^cancell?ed$/i)
      const executionId = yield* cancels.start(request)
      assert.deepStrictEqual(yield* cancels.within(request, "1 second"), settled)
      assert.deepStrictEqual(yield* cancels.outcome(provider, executionId), Option.some(settled))
      const other = provider === "Stripe" ? "Square" : "Stripe"
      assert.deepStrictEqual(yield* cancels.outcome(other, executionId), Option.none())
      yield* TestClock.adjust("1 second")
    }).pipe(Effect.provide(durable)))

  it.scoped.each([
    { provider: "Adyen", paymentId: "p", requestId: "r-1" },
    { provider: "toString", paymentId: "p", requestId: "r-1" },
    { provider: 7 },
    {},
    null
  ] as ReadonlyArray<unknown>)("knows no other provider: %j", (request) =>
    Effect.gen(function*() {
      // What may come as JSON, despite the types.
      for (const operation of [cancels.start, cancels.cancel, (_: never) => cancels.within(_, "1 second")]) {
        const error = yield* Effect.flip(operation(request as never) as Effect.Effect<unknown, object>)
        assert.deepInclude(error, { _tag: "CancelError.InvalidCancelRequest", field: "provider" })
      }
      assert.deepStrictEqual(yield* cancels.outcome("Adyen" as never, "id"), Option.none())
    }).pipe(Effect.provide(durable)))
})
