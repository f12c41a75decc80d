import { assert, describe, it } from "@effect/vitest"
import {
  Cause,
  Context,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Logger,
  Option,
  Redacted,
  Ref,
  Scope,
  TestClock
} from "effect"
import { Square } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import {
  checkout,
  Doubts,
  doubts,
  GivenUp,
  once,
  type Order,
  Orders,
  OrdersUnavailable,
  untilNothingIsInFlight
} from "../../docs/examples/cancel-without-an-id.js"

const square = Layer.provideMerge(
  Square.layer({
    accessToken: Redacted.make(Sandbox.credentials.Square.accessToken),
    baseUrl: Sandbox.baseUrl("Square")
  }),
  Sandbox.layer
)

const creationKey = "order-7"

const theOrder: Order = { id: "7" }

/** A database with one row, and what it does before it answers. */
class Database extends Context.Tag("Database")<Database, {
  readonly row: Ref.Ref<"none" | "open" | "placed" | "given up">
  /** The next `times` commits of an order are written, and their answers lost. */
  readonly loseCommits: (times: number) => Effect.Effect<void>
  /** Before each `giveUp`. */
  readonly beforeGivingUp: (step: Effect.Effect<void, OrdersUnavailable>) => Effect.Effect<void>
}>() {}

const database = Layer.unwrapEffect(Effect.gen(function*() {
  const row = yield* Ref.make<"none" | "open" | "placed" | "given up">("none")
  const commitsToLose = yield* Ref.make(0)
  const step = yield* Ref.make<Effect.Effect<void, OrdersUnavailable>>(Effect.void)
  return Layer.merge(
    Layer.succeed(Database, {
      row,
      loseCommits: (times) => Ref.set(commitsToLose, times),
      beforeGivingUp: (before) => Ref.set(step, before)
    }),
    Layer.succeed(Orders, {
      writeDown: () => Ref.update(row, (state) => state === "none" ? "open" : state),
      place: (creationKey) =>
        Effect.gen(function*() {
          const state = yield* Ref.updateAndGet(row, (state) => state === "open" ? "placed" : state)
          if (state !== "placed") return yield* new GivenUp({ creationKey })
          if ((yield* Ref.getAndUpdate(commitsToLose, (left) => left - 1)) > 0) return yield* new OrdersUnavailable({ creationKey })
          return theOrder
        }),
      giveUp: () =>
        Effect.flatten(Ref.get(step)).pipe(
          Effect.zipRight(Ref.updateAndGet(row, (state) => state === "placed" ? state : "given up")),
          Effect.map((state) => state === "placed" ? Option.some(theOrder) : Option.none())
        )
    })
  )
}))

const live = doubts.pipe(Layer.provideMerge(database), Layer.provideMerge(square))

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

  it.effect("a payment that is cancelled already, perhaps by the cancel before, is for nobody to see", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Square", { creationKey })
      const cancelling = yield* Effect.fork(untilNothingIsInFlight(creationKey))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* held(paymentId), "CANCELED")
      yield* sandbox.inject(Fault.errorCode("DELAYED_TRANSACTION_CANCELED", 400), { operation: "Cancel" })
      yield* TestClock.adjust("15 minutes")
      yield* Fiber.join(cancelling)
    }).pipe(Effect.provide(square)))

  it.effect("a payment that was captured is for a person to see", () =>
    Effect.gen(function*() {
      yield* (yield* Sandbox.Sandbox).create("Square", { creationKey, status: "COMPLETED" })
      const error = yield* Effect.flip(untilNothingIsInFlight(creationKey))
      assert.strictEqual(error.category, "NotCancellable")
    }).pipe(Effect.provide(square)))
})

const place = Effect.flatMap(Orders, (orders) => orders.place(creationKey))

/** A checkout whose payment is created at Square, and which goes on with `then`. */
const shopping = <E, R>(then: Effect.Effect<Order, E, R>) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const { row } = yield* Database
    const created = yield* Deferred.make<string>()
    const trying = yield* Effect.fork(checkout({
      creationKey,
      pay: (key) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* Ref.get(row), "open", "written down before anything is sent")
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
      const { paymentId, trying } = yield* shopping(place)
      assert.strictEqual(yield* Fiber.join(trying), theOrder)
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
      assert.deepStrictEqual(yield* Fiber.await(trying), Exit.fail("TimedOut" as const))
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
    }).pipe(Effect.provide(Layer.provideMerge(database, square))))

  it.effect("whose payment was captured says so in the log, and the caller's own failure is what it sees", () => {
    const logged: Array<unknown> = []
    const logger = Logger.replace(Logger.defaultLogger, Logger.make(({ logLevel, message }) => logged.push([logLevel.label, message])))
    return Effect.gen(function*() {
      const { paymentId, sandbox, trying } = yield* shopping(Effect.sleep("1 second").pipe(Effect.zipRight(Effect.fail("OutOfStock" as const))))
      yield* sandbox.move("Square", paymentId, "COMPLETED")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.await(trying), Exit.fail("OutOfStock" as const))
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
    }).pipe(Effect.provide(Layer.provideMerge(database, square))))
})

describe("an order that may stand", () => {
  /**
   * A checkout takes a second before its last step, two in it, and one after it. The last step
   * cannot be interrupted, and the order stands in the middle of it.
   */
  const lasting = (before: Duration.DurationInput) =>
    Effect.sleep(before).pipe(
      Effect.zipRight(Effect.uninterruptible(Effect.zipLeft(Effect.delay(place, "1 second"), Effect.sleep("1 second")))),
      Effect.zipLeft(Effect.sleep("1 second"))
    )
  const moments: ReadonlyArray<readonly [name: string, after: Duration.DurationInput, stands: boolean]> = [
    ["before the last step", "500 millis", false],
    ["in the last step, before the commit", "1500 millis", true],
    ["in the last step, after the commit", "2500 millis", true],
    ["after the last step", "3500 millis", true]
  ]

  /** What became of it an hour later. */
  const assertKept = (paymentId: string, stands: boolean) =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* Ref.get((yield* Database).row), stands ? "placed" : "given up")
      assert.strictEqual(yield* held(paymentId), stands ? "APPROVED" : "CANCELED")
      assert.strictEqual(yield* cancelsSent, stands ? 0 : 5)
    })

  for (const [name, after, stands] of moments) {
    it.effect(`an interruption ${name}: the payment is ${stands ? "left alone" : "cancelled"}`, () =>
      Effect.gen(function*() {
        const { paymentId, trying } = yield* shopping(lasting("1 second"))
        yield* TestClock.adjust(after)
        yield* Fiber.interruptFork(trying)
        yield* TestClock.adjust("5 seconds")
        assert.isTrue(Option.exists(yield* Fiber.poll(trying), Exit.isInterrupted))
        yield* assertKept(paymentId, stands)
      }).pipe(Effect.provide(live)))

    it.effect(`a timeout ${name}: the payment is ${stands ? "left alone, and the caller has the order" : "cancelled"}`, () =>
      Effect.gen(function*() {
        // So that the timeout of thirty seconds comes at that moment.
        const before = Duration.subtract("31 seconds", after)
        const { paymentId, trying } = yield* shopping(lasting(before))
        yield* TestClock.adjust("35 seconds")
        assert.deepStrictEqual(yield* Fiber.await(trying), stands ? Exit.succeed(theOrder) : Exit.fail("TimedOut" as const))
        yield* assertKept(paymentId, stands)
      }).pipe(Effect.provide(live)))
  }

  /** How a checkout may end after its order stands. */
  const ends: ReadonlyArray<readonly [name: string, then: Effect.Effect<Order, string | GivenUp | OrdersUnavailable, Orders>]> = [
    ["a failure", Effect.zipRight(place, Effect.fail("no receipt"))],
    ["a defect", Effect.zipRight(place, Effect.die("a bug"))]
  ]
  for (const [name, then] of ends) {
    it.effect(`${name} after the commit: the payment is left alone, and the caller has the order`, () =>
      Effect.gen(function*() {
        const { paymentId, trying } = yield* shopping(then)
        assert.deepStrictEqual(yield* Fiber.await(trying), Exit.succeed(theOrder))
        yield* assertKept(paymentId, true)
      }).pipe(Effect.provide(live)))
  }

  it.effect("a commit whose answer was lost: the payment is left alone, and the caller has the order", () =>
    Effect.gen(function*() {
      yield* (yield* Database).loseCommits(1)
      const { paymentId, trying } = yield* shopping(place)
      assert.deepStrictEqual(yield* Fiber.await(trying), Exit.succeed(theOrder))
      yield* assertKept(paymentId, true)
    }).pipe(Effect.provide(live)))

  it.effect("a commit that comes after it was given up makes no order", () =>
    Effect.gen(function*() {
      const { paymentId, trying } = yield* shopping(Effect.fail("OutOfStock"))
      yield* Fiber.await(trying)
      assert.instanceOf(yield* Effect.flip(place), GivenUp)
      yield* assertKept(paymentId, false)
    }).pipe(Effect.provide(live)))

  /** What a database may do instead of saying whether the order stands. */
  const silences: ReadonlyArray<readonly [name: string, step: Effect.Effect<void, OrdersUnavailable>]> = [
    ["fails", new OrdersUnavailable({ creationKey })],
    ["is slow", Effect.sleep("1 day")],
    ["is slow, and cannot be interrupted", Effect.uninterruptible(Effect.sleep("1 day"))]
  ]
  for (const [name, step] of silences) {
    for (const stands of [true, false]) {
      it.effect(`a database that ${name}: nothing is cancelled until it says that ${stands ? "the order stands" : "none does"}`, () =>
        Effect.gen(function*() {
          const { beforeGivingUp } = yield* Database
          yield* beforeGivingUp(step)
          const { paymentId, trying } = yield* shopping(Effect.zipRight(stands ? place : Effect.void, Effect.never))
          const interrupting = yield* Effect.fork(Fiber.interrupt(trying))
          yield* TestClock.adjust(promptly)
          assert.isTrue(Option.exists(yield* Fiber.poll(interrupting), Exit.isSuccess))
          yield* TestClock.adjust("20 seconds")
          assert.strictEqual(yield* cancelsSent, 0)
          yield* beforeGivingUp(Effect.void)
          yield* TestClock.adjust("1 hour")
          assert.strictEqual(yield* held(paymentId), stands ? "APPROVED" : "CANCELED")
          assert.strictEqual(yield* cancelsSent, stands ? 0 : 4)
        }).pipe(Effect.provide(live)))
    }
  }

  for (const [name, step] of silences.slice(0, 2)) {
    it.effect(`a database that ${name}: the background asks again`, () =>
      Effect.gen(function*() {
        const { beforeGivingUp } = yield* Database
        yield* beforeGivingUp(step)
        const { paymentId, trying } = yield* shopping(Effect.fail("OutOfStock" as const))
        yield* TestClock.adjust(promptly)
        assert.deepStrictEqual(yield* Fiber.await(trying), Exit.fail("OutOfStock" as const))
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual(yield* cancelsSent, 0)
        yield* beforeGivingUp(Effect.void)
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual(yield* held(paymentId), "CANCELED")
      }).pipe(Effect.provide(live)))
  }
})
