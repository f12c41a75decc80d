/**
 * How to test a workflow that cancels payments: the sandbox is the network, `TestClock` is
 * the time, so that two minutes of waiting take a few milliseconds.
 */
// #region test
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Option, Redacted, TestClock } from "effect"
import { WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { cancelOrder, Orders, ordersInMemory } from "./checkout.js"

const wePay = WePay.layer({
  appId: Sandbox.credentials.WePay.appId,
  appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
  baseUrl: Sandbox.baseUrl("WePay")
})

// Every test gets a sandbox and a shop of its own.
const live = Layer.provideMerge(Layer.merge(wePay, ordersInMemory), Sandbox.layer)

/** Cancels an order while `time` passes on the test's clock. */
const cancelWithin = (time: Duration.DurationInput, paymentId: string) =>
  Effect.gen(function*() {
    const cancelling = yield* Effect.fork(cancelOrder({ id: "order-1", paymentId }))
    yield* TestClock.adjust(time)
    return yield* Fiber.join(cancelling)
  })

describe("cancelOrder", () => {
  it.effect("cancels the payment, then the order", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")

      assert.strictEqual(yield* cancelOrder({ id: "order-1", paymentId }), "Cancelled")
      assert.strictEqual(yield* (yield* Orders).get("order-1"), "Cancelled")

      const payment = Option.getOrThrow(yield* sandbox.payment("WePay", paymentId))
      assert.strictEqual(payment.status, "canceled")
    }).pipe(Effect.provide(live)))

  it.effect("asks for a refund when the payment is captured", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay", { status: "completed" })

      assert.strictEqual(yield* cancelOrder({ id: "order-1", paymentId }), "RefundDue")
    }).pipe(Effect.provide(live)))

  it.effect("asks for no refund when the payment failed by itself", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay", { status: "failed" })

      assert.strictEqual(yield* cancelOrder({ id: "order-1", paymentId }), "Cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("asks for no refund when the payment still moves", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(Fault.errorCode("PAYMENT_CANNOT_BE_CANCELED", 400), { operation: "Cancel", forever: true })

      assert.strictEqual(yield* cancelWithin("2 minutes", paymentId), "Unsettled")
    }).pipe(Effect.provide(live)))

  it.effect("asks for no refund when nobody could read why it was refused", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay", { status: "completed" })
      yield* sandbox.inject(Fault.refuseConnection, { operation: "Status", forever: true })

      assert.strictEqual(yield* cancelWithin("2 minutes", paymentId), "Unsettled")
    }).pipe(Effect.provide(live)))

  it.effect("waits as long as WePay asks it to", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(Fault.rateLimited({ retryAfter: 20 }), { operation: "Cancel" })

      assert.strictEqual(yield* cancelWithin("20 seconds", paymentId), "Cancelled")

      const [first, second] = yield* sandbox.requests
      assert.strictEqual(second!.at - first!.at, 20_000)
    }).pipe(Effect.provide(live)))

  it.effect("cancels once, however many answers are lost", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(Fault.dropAfterApplying, { operation: "Cancel", times: 3 })

      assert.strictEqual(yield* cancelWithin("1 minute", paymentId), "Cancelled")

      const requests = yield* sandbox.requests
      assert.strictEqual(requests.length, 4)
      assert.strictEqual(requests.filter(({ applied }) => applied).length, 1)
    }).pipe(Effect.provide(live)))

  it.effect("does not pretend to know when WePay never answers", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { forever: true })

      assert.strictEqual(yield* cancelWithin("2 minutes", paymentId), "Unsettled")
    }).pipe(Effect.provide(live)))

  it.effect("takes no order for an open one whose cancel was cut short", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { forever: true })

      const cancelling = yield* Effect.fork(cancelOrder({ id: "order-1", paymentId }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(cancelling)
      assert.strictEqual(yield* (yield* Orders).get("order-1"), "Unsettled")
    }).pipe(Effect.provide(live)))

  it.effect("leaves wrong credentials to its caller", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(Fault.errorCode("NOT_AUTHORIZED", 403), { operation: "Cancel" })

      const error = yield* Effect.flip(cancelOrder({ id: "order-1", paymentId }))
      assert.strictEqual(error._tag, "WePay.NotAuthorized")
      assert.strictEqual(yield* (yield* Orders).get("order-1"), "Open")
    }).pipe(Effect.provide(live)))

  it.effect("does not open an order again because a second cancel could not be sent", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { forever: true })
      assert.strictEqual(yield* cancelWithin("2 minutes", paymentId), "Unsettled")

      yield* sandbox.clearFaults
      yield* sandbox.inject(Fault.errorCode("NOT_AUTHORIZED", 403), { operation: "Cancel" })
      yield* Effect.flip(cancelOrder({ id: "order-1", paymentId }))
      assert.strictEqual(yield* (yield* Orders).get("order-1"), "Unsettled")
    }).pipe(Effect.provide(live)))
})
// #endregion
