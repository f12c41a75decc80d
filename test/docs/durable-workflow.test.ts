import { assert, describe, it } from "@effect/vitest"
import { WorkflowEngine } from "@effect/workflow"
import { Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelOrder, CancelOrderLive } from "../../docs/examples/durable-workflow.js"
import { cancelsAt, eventually, sqlite, statusAt, temporaryFile } from "../workflow/durable.js"

const { appId, appToken } = Sandbox.credentials.WePay

const Provider = Layer.provideMerge(
  Layer.orDie(WePay.layer({ appId, appToken: Redacted.make(appToken), baseUrl: Sandbox.baseUrl("WePay") })),
  Sandbox.layer
)

/** Lets time pass until it has ended: to make its execution's id takes real time, before anything waits. */
const carriedOut = <A, E, R>(execution: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const running = yield* Effect.fork(execution)
    yield* Effect.repeat(TestClock.adjust("1 second"), { until: () => running.unsafePoll() !== null })
    return yield* Fiber.join(running)
  })

describe("a cancel in a durable workflow", () => {
  it.effect("survives the journal as a success and as a typed error, under the key of its execution", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const open = yield* sandbox.create("WePay")
      const captured = yield* sandbox.create("WePay", { status: "completed" })
      yield* sandbox.inject(Fault.dropAfterApplying, { operation: "Cancel" })

      const cancelled = yield* carriedOut(CancelOrder.execute({ orderId: "order-1", paymentId: open }))
      assert.strictEqual(cancelled._tag, "Cancelled")

      const refusal = yield* carriedOut(Effect.flip(CancelOrder.execute({ orderId: "order-2", paymentId: captured })))
      assert.instanceOf(refusal, WePay.PaymentCannotBeCanceled)

      const keys = (yield* sandbox.requests).flatMap(({ headers, operation, paymentId }) =>
        operation === "Cancel" && paymentId === open ? [headers["unique-key"]] : [])
      assert.strictEqual(keys.length, 2)
      assert.strictEqual(new Set(keys).size, 1)
      assert.strictEqual(keys[0], yield* CancelOrder.executionId({ orderId: "order-1", paymentId: open }))
    }).pipe(Effect.provide(CancelOrderLive.pipe(Layer.provideMerge(Provider), Layer.provideMerge(WorkflowEngine.layerMemory)))))

  it.live("whose process died after the provider had cancelled does not take a refusal of the next run for the whole truth", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const filename = yield* temporaryFile
      const paymentId = yield* sandbox.create("WePay")
      const order = { orderId: "order-3", paymentId }
      const process = () => Layer.provideMerge(CancelOrderLive, sqlite(filename))

      // The provider cancels, and its answer never comes: then this process is no more.
      yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { operation: "Cancel" })
      yield* Effect.zipRight(
        Effect.forkScoped(Effect.exit(CancelOrder.execute(order))),
        eventually(statusAt("WePay", paymentId), (status) => status === "canceled")
      ).pipe(Effect.provide(process()), Effect.scoped)

      yield* sandbox.inject(Fault.errorCode("NOT_AUTHORIZED", 403), { operation: "Cancel" })
      const result = yield* CancelOrder.execute(order).pipe(Effect.provide(process()))
      assert.strictEqual(result._tag, "Cancelled")
      assert.isAtLeast((yield* cancelsAt("WePay")).length, 1)
    }).pipe(Effect.provide(Provider), Effect.scoped), 60_000)
})
