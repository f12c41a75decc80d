import { assert, describe, it } from "@effect/vitest"
import { WorkflowEngine } from "@effect/workflow"
import { Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelOrder, CancelOrderLive } from "../../docs/examples/durable-workflow.js"

const { appId, appToken } = Sandbox.credentials.WePay

const Live = CancelOrderLive.pipe(
  Layer.provideMerge(WePay.layer({ appId, appToken: Redacted.make(appToken), baseUrl: Sandbox.baseUrl("WePay") })),
  Layer.provideMerge(Sandbox.layer),
  Layer.provideMerge(WorkflowEngine.layerMemory)
)

describe("a cancel in a durable workflow", () => {
  it.effect("survives the journal as a success and as a typed error, under the key of its execution", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const open = yield* sandbox.create("WePay")
      const captured = yield* sandbox.create("WePay", { status: "completed" })
      yield* sandbox.inject(Fault.dropAfterApplying, { operation: "Cancel" })

      const running = yield* Effect.fork(CancelOrder.execute({ orderId: "order-1", paymentId: open }))
      yield* TestClock.adjust("1 minute")
      const cancelled = yield* Fiber.join(running)
      assert.strictEqual(cancelled._tag, "Cancelled")

      const refusing = yield* Effect.fork(Effect.flip(CancelOrder.execute({ orderId: "order-2", paymentId: captured })))
      yield* TestClock.adjust("1 minute")
      const refusal = yield* Fiber.join(refusing)
      assert.instanceOf(refusal, WePay.PaymentCannotBeCanceled)

      const keys = (yield* sandbox.requests).flatMap(({ headers, operation, paymentId }) =>
        operation === "Cancel" && paymentId === open ? [headers["unique-key"]] : [])
      assert.strictEqual(keys.length, 2)
      assert.strictEqual(new Set(keys).size, 1)
      assert.strictEqual(keys[0], yield* CancelOrder.executionId({ orderId: "order-1", paymentId: open }))
    }).pipe(Effect.provide(Live)))
})
