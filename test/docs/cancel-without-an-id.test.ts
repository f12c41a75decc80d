import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Redacted, TestClock } from "effect"
import { Square } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { checkout, once, untilNothingIsInFlight } from "../../docs/examples/cancel-without-an-id.js"

const live = Layer.provideMerge(
  Square.layer({
    accessToken: Redacted.make(Sandbox.credentials.Square.accessToken),
    baseUrl: Sandbox.baseUrl("Square")
  }),
  Sandbox.layer
)

const creationKey = "order-7"

const held = (paymentId: string) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.map(sandbox.payment("Square", paymentId), (payment) => Option.getOrThrow(payment).status))

describe("cancel without an id", () => {
  it.effect("once: a creation that arrives later stands", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      assert.deepInclude(yield* once(creationKey), { _tag: "CancellationAcknowledged", identifiedBy: "CreationKey" })
      assert.strictEqual(yield* held(yield* sandbox.create("Square", { creationKey })), "APPROVED")
    }).pipe(Effect.provide(live)))

  it.effect("again and again: one that arrives later is found", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const cancelling = yield* Effect.fork(untilNothingIsInFlight(creationKey))
      yield* TestClock.adjust("6 minutes")
      const late = yield* sandbox.create("Square", { creationKey })
      assert.strictEqual(yield* held(late), "APPROVED")
      // A lost answer in between changes nothing.
      yield* sandbox.inject(Fault.dropAfterApplying, { operation: "Cancel" })
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(cancelling)
      assert.strictEqual(yield* held(late), "CANCELED")
      assert.lengthOf(yield* sandbox.requests, 5)
    }).pipe(Effect.provide(live)))

  it.effect("a payment that was captured is for the caller to see", () =>
    Effect.gen(function*() {
      yield* (yield* Sandbox.Sandbox).create("Square", { creationKey, status: "COMPLETED" })
      const error = yield* Effect.flip(untilNothingIsInFlight(creationKey))
      assert.strictEqual(error.category, "NotCancellable")
    }).pipe(Effect.provide(live)))

  it.effect("a checkout whose creation timed out", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const written: Array<string> = []
      const trying = yield* Effect.fork(Effect.flip(checkout({
        creationKey,
        writeDown: (key) => Effect.sync(() => void written.push(key)),
        // Square has the payment, and its answer never comes.
        createPayment: (key) => Effect.zipRight(sandbox.create("Square", { creationKey: key }), Effect.never)
      })))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* Fiber.join(trying), "TimedOut")
      assert.deepStrictEqual(written, [creationKey])
      const [payment] = yield* sandbox.payments
      assert.strictEqual(payment!.status, "CANCELED")
    }).pipe(Effect.provide(live)))
})
