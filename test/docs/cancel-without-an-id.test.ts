import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Duration, Effect, Exit, Fiber, Layer, Logger, Option, Redacted, Scope, TestClock } from "effect"
import { Square } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { checkout, Doubts, doubts, once, untilNothingIsInFlight } from "../../docs/examples/cancel-without-an-id.js"

const square = Layer.provideMerge(
  Square.layer({
    accessToken: Redacted.make(Sandbox.credentials.Square.accessToken),
    baseUrl: Sandbox.baseUrl("Square")
  }),
  Sandbox.layer
)

const live = Layer.provideMerge(doubts, square)

const creationKey = "order-7"

const held = (paymentId: string) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.map(sandbox.payment("Square", paymentId), (payment) => Option.getOrThrow(payment).status))

const cancelsSent = Effect.flatMap(Sandbox.Sandbox, (sandbox) => Effect.map(sandbox.requests, (requests) => requests.length))

describe("cancel without an id", () => {
  it.effect("once: a creation that arrives later stands", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      assert.deepInclude(yield* once(creationKey), { _tag: "CancellationAcknowledged", identifiedBy: "CreationKey" })
      assert.strictEqual(yield* held(yield* sandbox.create("Square", { creationKey })), "APPROVED")
    }).pipe(Effect.provide(square)))

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
    }).pipe(Effect.provide(square)))

  it.effect("a payment that was captured is for a person to see", () =>
    Effect.gen(function*() {
      yield* (yield* Sandbox.Sandbox).create("Square", { creationKey, status: "COMPLETED" })
      const error = yield* Effect.flip(untilNothingIsInFlight(creationKey))
      assert.strictEqual(error.category, "NotCancellable")
    }).pipe(Effect.provide(square)))
})

/** A checkout whose payment is created at Square, and which goes on with `then`. */
const shopping = <A, E>(then: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const created = yield* Deferred.make<string>()
    const written: Array<string> = []
    const trying = yield* Effect.fork(checkout({
      creationKey,
      writeDown: (key) => Effect.sync(() => void written.push(key)),
      pay: (key) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(written, [key])
          yield* Deferred.succeed(created, yield* sandbox.create("Square", { creationKey: key }))
          return yield* then
        })
    }))
    return { paymentId: yield* Deferred.await(created), sandbox, trying }
  })

/** What may be waited for before the caller has its result, in the worst case. */
const promptly = Duration.seconds(3)

describe("a checkout", () => {
  it.effect("that succeeds cancels nothing", () =>
    Effect.gen(function*() {
      const { paymentId, trying } = yield* shopping(Effect.succeed("order stands"))
      assert.strictEqual(yield* Fiber.join(trying), "order stands")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* held(paymentId), "APPROVED")
      assert.strictEqual(yield* cancelsSent, 0)
    }).pipe(Effect.provide(live)))

  /** How `pay` may end after the creation, and what of it the caller sees. */
  const ends: ReadonlyArray<readonly [name: string, then: Effect.Effect<never, string>, seen: (cause: Cause.Cause<string>) => boolean]> = [
    ["a plain failure", Effect.fail("OutOfStock"), (cause) => Option.contains(Cause.failureOption(cause), "OutOfStock")],
    ["a defect", Effect.die("a bug"), (cause) => Option.contains(Cause.dieOption(cause), "a bug")],
    ["an interruption from within", Effect.interrupt, Cause.isInterruptedOnly]
  ]
  for (const [name, then, seen] of ends) {
    it.effect(`${name}: the payment is cancelled, and no time passes for the caller`, () =>
      Effect.gen(function*() {
        const { paymentId, trying } = yield* shopping(then)
        const exit = yield* Fiber.await(trying)
        assert.isTrue(Exit.isFailure(exit) && seen(exit.cause), String(exit))
        assert.strictEqual(yield* held(paymentId), "CANCELED")
        assert.strictEqual(yield* cancelsSent, 1)
        // The rest follows.
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(yield* cancelsSent, 5)
      }).pipe(Effect.provide(live)))

    it.effect(`${name}, while Square does not answer: seconds pass, and the payment is cancelled in the background`, () =>
      Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        yield* sandbox.inject(Fault.stallHeaders({ applied: false }), { times: 2 })
        const { paymentId, trying } = yield* shopping(then)
        yield* TestClock.adjust(promptly)
        const exit = Option.getOrThrow(yield* Fiber.poll(trying))
        assert.isTrue(Exit.isFailure(exit) && seen(exit.cause), String(exit))
        assert.strictEqual(yield* held(paymentId), "APPROVED")
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual(yield* held(paymentId), "CANCELED")
      }).pipe(Effect.provide(live)))
  }

  it.effect("that is interrupted from outside cancels its payment before the interruption is through", () =>
    Effect.gen(function*() {
      const { paymentId, trying } = yield* shopping(Effect.never)
      const exit = yield* Fiber.interrupt(trying)
      assert.isTrue(Exit.isInterrupted(exit))
      assert.strictEqual(yield* held(paymentId), "CANCELED")
    }).pipe(Effect.provide(live)))

  it.effect("that is interrupted while Square does not answer ends in seconds, and the background does it", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.inject(Fault.dropBeforeApplying)
      yield* sandbox.inject(Fault.stallHeaders({ applied: false }), { times: 3 })
      const { paymentId, trying } = yield* shopping(Effect.never)
      const interrupting = yield* Effect.fork(Fiber.interrupt(trying))
      yield* TestClock.adjust(promptly)
      assert.isTrue(Option.isSome(yield* Fiber.poll(interrupting)))
      assert.strictEqual(yield* held(paymentId), "APPROVED")
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* held(paymentId), "CANCELED")
    }).pipe(Effect.provide(live)))

  it.effect("whose creation was never answered: what it made is cancelled, and so is what arrives later", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox, trying } = yield* shopping(Effect.never)
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* Fiber.await(trying), Exit.fail("TimedOut"))
      assert.strictEqual(yield* held(paymentId), "CANCELED")
      // Another attempt of that creation, which was on its way for six minutes.
      yield* TestClock.adjust("6 minutes")
      const late = yield* sandbox.create("Square", { creationKey })
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* held(late), "CANCELED")
    }).pipe(Effect.provide(live)))

  it.effect("hands over before it cancels: a second interruption loses nothing", () =>
    Effect.gen(function*() {
      const handed: Array<string> = []
      const stand = Layer.succeed(Doubts, { workOff: (key) => Effect.sync(() => void handed.push(key)) })
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.inject(Fault.stallHeaders({ applied: false }), { forever: true })
      const { trying } = yield* shopping(Effect.fail("OutOfStock")).pipe(Effect.provide(stand))
      yield* TestClock.adjust("1 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(trying)))
      assert.deepStrictEqual(handed, [creationKey])
      yield* Fiber.interruptFork(trying)
      yield* TestClock.adjust(promptly)
      assert.isTrue(Option.isSome(yield* Fiber.poll(trying)))
    }).pipe(Effect.provide(square)))

  it.effect("whose payment was captured says so in the log, and the caller's own failure is what it sees", () => {
    const logged: Array<unknown> = []
    const logger = Logger.replace(Logger.defaultLogger, Logger.make(({ logLevel, message }) => logged.push([logLevel.label, message])))
    return Effect.gen(function*() {
      const { paymentId, sandbox, trying } = yield* shopping(Effect.sleep("1 second").pipe(Effect.zipRight(Effect.fail("OutOfStock"))))
      yield* sandbox.move("Square", paymentId, "COMPLETED")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.await(trying), Exit.fail("OutOfStock"))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(logged.map((entry) => String(entry).split(",").slice(0, 3)), [
        ["ERROR", "a payment may be left over", creationKey]
      ])
    }).pipe(Effect.provide(Layer.provideMerge(live, logger)))
  })

  it.effect("and an app that stops does not wait for the background", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(doubts, scope)
      const { trying } = yield* shopping(Effect.fail("OutOfStock")).pipe(Effect.provide(context))
      yield* Fiber.await(trying)
      yield* TestClock.adjust("1 minute")
      const sent = yield* cancelsSent
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* cancelsSent, sent)
    }).pipe(Effect.provide(square)))
})
