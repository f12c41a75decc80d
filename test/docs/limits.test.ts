import { assert, describe, it } from "@effect/vitest"
import * as WorkflowEngine from "@effect/workflow/WorkflowEngine"
import { Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { Stripe } from "effect-payment-cancel"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { limits } from "../../docs/examples/limits.js"

const provider = Stripe.layer({
  apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey),
  baseUrl: Sandbox.baseUrl("Stripe")
})

/** How many requests have been sent to the provider. */
const sent = Effect.flatMap(Sandbox.Sandbox, ({ requests }) => Effect.map(requests, ({ length }) => length))

const created = (count: number) =>
  Effect.flatMap(Sandbox.Sandbox, ({ create }) => Effect.forEach(Array.from({ length: count }), () => create("Stripe")))

describe("limits for a whole program", () => {
  const live = Layer.merge(Layer.provideMerge(provider, Sandbox.layer), limits)

  it.effect("let so many requests leave in a second, whoever cancels", () =>
    Effect.gen(function*() {
      const ids = yield* created(50)
      const fibers = yield* Effect.forEach(ids, (paymentId) => Effect.fork(Stripe.cancel({ paymentId })))
      const counts: Array<number> = []
      for (const later of ["900 millis", "1 second", "1 second"] as const) {
        yield* TestClock.adjust(later)
        counts.push(yield* sent)
      }
      assert.deepStrictEqual(counts, [20, 40, 50])
      for (const fiber of fibers) assert.strictEqual((yield* Fiber.join(fiber))._tag, "Cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("let none leave while the provider asks for patience", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const [first = "", second = ""] = yield* created(2)
      yield* sandbox.inject(Fault.rateLimited({ retryAfter: 30 }), { paymentId: first })
      const refused = yield* Effect.fork(Stripe.cancel({ paymentId: first }))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* sent, 1)
      const other = yield* Effect.fork(Stripe.cancel({ paymentId: second }))
      yield* TestClock.adjust("28 seconds")
      assert.strictEqual(yield* sent, 1)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(other))._tag, "Cancelled")
      assert.strictEqual((yield* Fiber.join(refused))._tag, "Cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("let none leave either that had waited for its turn before", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const ids = yield* created(50)
      yield* sandbox.inject(Fault.rateLimited({ retryAfter: 30 }), { paymentId: ids[0] ?? "" })
      const fibers = yield* Effect.forEach(ids, (paymentId) => Effect.fork(Stripe.cancel({ paymentId })))
      const counts: Array<number> = []
      for (const later of ["900 millis", "29 seconds", "1 second", "1 second", "1 second"] as const) {
        yield* TestClock.adjust(later)
        counts.push(yield* sent)
      }
      // The first one is sent twice.
      assert.deepStrictEqual(counts, [20, 20, 40, 51, 51])
      for (const fiber of fibers) assert.strictEqual((yield* Fiber.join(fiber))._tag, "Cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("hold for durable cancels, where their layer is given them", () => {
    const stripe = CancelWorkflow.make("Stripe", Stripe)
    const durable = stripe.layer.pipe(
      Layer.provide(limits),
      Layer.provide(provider),
      Layer.provideMerge(Layer.mergeAll(WorkflowEngine.layerMemory, CancelRecords.layerMemory, Sandbox.layer))
    )
    return Effect.gen(function*() {
      const ids = yield* created(50)
      const fibers = yield* Effect.forEach(ids, (paymentId) => Effect.fork(stripe.cancel({ paymentId, requestId: paymentId })))
      yield* TestClock.adjust("900 millis")
      assert.strictEqual(yield* sent, 20)
      yield* TestClock.adjust("10 seconds")
      for (const fiber of fibers) assert.strictEqual((yield* Fiber.join(fiber))._tag, "Cancelled")
    }).pipe(Effect.provide(durable))
  })
})
