/** A checkout that does not succeed releases what it authorized, and nothing else. */
import { PersistenceError } from "@effect/cluster/ClusterError"
import * as EntityId from "@effect/cluster/EntityId"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as Runners from "@effect/cluster/Runners"
import * as RunnerStorage from "@effect/cluster/RunnerStorage"
import * as Sharding from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "@effect/cluster/SqlMessageStorage"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Activity, DurableDeferred, Workflow, WorkflowEngine } from "@effect/workflow"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords } from "effect-payment-cancel/workflow"
import * as Sql from "effect-payment-cancel/workflow/Sql"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { inTurns } from "../support/extent.js"
import { brisk, cancelsAt, eventually, frequent, memory, providers, sqlite, statusAt, temporaryFile, workflowsOf } from "./durable.js"

class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", {}) {}

class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", {}) {}

const Checkout = Workflow.make({
  name: "Checkout",
  payload: { order: Schema.String, ending: Schema.Literal("ship", "fail", "die", "hang", "interruptItself", "loseAnswer", "failSecond") },
  success: Schema.String,
  error: Schema.Union(OutOfStock, NoAnswer),
  idempotencyKey: ({ order }) => order
})

/** What is waited for by a checkout that hangs. */
const shipped = DurableDeferred.make("shipped")

const cart = (options: Parameters<typeof workflowsOf>[0]) => {
  const { adyen, square, stripe } = workflowsOf(options)
  /** The payments bear the order's name. */
  const authorize = (name: string, made: Effect.Effect<unknown, never, Sandbox.Sandbox>, answered: boolean) =>
    Activity.make({
      name,
      success: Schema.String,
      error: NoAnswer,
      execute: Effect.zipRight(made, answered ? Effect.succeed(name) : Effect.fail(new NoAnswer()))
    })
  const create = {
    adyen: (order: string) => Effect.flatMap(Sandbox.Sandbox, (_) => _.create("Adyen", { id: `adyen-${order}`, merchantReference: order })),
    square: (order: string) => Effect.flatMap(Sandbox.Sandbox, (_) => _.create("Square", { id: `square-${order}`, creationKey: order }))
  }
  const checkout = Checkout.toLayer(({ order, ending }) =>
    Effect.gen(function*() {
      yield* adyen.cancelOnFailure(authorize("adyen", create.adyen(order), ending !== "loseAnswer"), {
        name: "adyen",
        payment: { merchantReference: order },
        authorized: () => ({ paymentId: `adyen-${order}` })
      })
      yield* square.cancelOnFailure(authorize("square", create.square(order), ending !== "failSecond"), {
        name: "square",
        payment: { creationKey: order },
        authorized: () => ({ paymentId: `square-${order}` })
      })
      if (ending === "fail") return yield* new OutOfStock()
      if (ending === "die") return yield* Effect.dieMessage("the shipping department is on fire")
      if (ending === "interruptItself") return yield* Effect.interrupt
      if (ending === "hang") yield* DurableDeferred.await(shipped)
      return "shipped"
    }))
  return Layer.mergeAll(checkout, adyen.layer, square.layer, stripe.layer).pipe(Layer.provide(providers))
}

const inMemory = cart({}).pipe(Layer.provideMerge(Layer.merge(memory, Sandbox.layer)))

const inFile = (filename: string) => cart(brisk).pipe(Layer.provideMerge(sqlite(filename)), Layer.provideMerge(Sandbox.layer))

const statuses = (order: string) =>
  Effect.all({ adyen: statusAt("Adyen", `adyen-${order}`), square: statusAt("Square", `square-${order}`) })

/** By which fields the cancels named the payments. */
const begun = Effect.map(
  Effect.flatMap(CancelRecords.CancelRecords, (_) => _.inState("Working", "InDoubt", "Accepted", "Settled", "HandedOver")),
  (records) => records.map(({ identifiedBy, paymentId, provider }) => `${provider} ${identifiedBy} ${paymentId}`).sort()
)

const byId = ["Adyen PaymentId adyen-o-1", "Square PaymentId square-o-1"]

/** Time that goes by in steps: what takes real turns in between, as cryptography does, comes through however busy the machine is. */
const twoMinutes = Effect.repeatN(
  Effect.zipRight(Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5))), TestClock.adjust("5 seconds")),
  23
)

describe("cancelOnFailure", () => {
  it.scoped("cancels nothing when the workflow succeeds", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Checkout.execute({ order: "o-1", ending: "ship" }), "shipped")
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* statuses("o-1"), { adyen: "authorised", square: "APPROVED" })
      assert.deepStrictEqual(yield* begun, [])
    }).pipe(Effect.provide(inMemory)))

  it.scoped("a failure of a later step releases every authorization, and is what the workflow ends with", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Checkout.execute({ order: "o-1", ending: "fail" }))
      assert.strictEqual(error._tag, "OutOfStock")
      yield* twoMinutes
      assert.deepStrictEqual(yield* statuses("o-1"), { adyen: "cancelled", square: "CANCELED" })
      assert.deepStrictEqual(yield* begun, byId)
    }).pipe(Effect.provide(inMemory)))

  it.scoped("so does a defect", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Checkout.execute({ order: "o-1", ending: "die" }))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      yield* twoMinutes
      assert.deepStrictEqual(yield* statuses("o-1"), { adyen: "cancelled", square: "CANCELED" })
    }).pipe(Effect.provide(inMemory)))

  it.scoped("so does an interruption, which is not that of the cancels", () =>
    Effect.gen(function*() {
      const executionId = yield* Checkout.execute({ order: "o-1", ending: "hang" }, { discard: true })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* statuses("o-1"), { adyen: "authorised", square: "APPROVED" })
      yield* Checkout.interrupt(executionId)
      yield* twoMinutes
      assert.deepStrictEqual(yield* statuses("o-1"), { adyen: "cancelled", square: "CANCELED" })
      assert.deepStrictEqual(yield* begun, byId)
    }).pipe(Effect.provide(inMemory)))

  it.scoped("so does an interruption of its own", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Checkout.execute({ order: "o-1", ending: "interruptItself" }))
      assert.isTrue(Exit.isInterrupted(exit))
      yield* twoMinutes
      assert.deepStrictEqual(yield* statuses("o-1"), { adyen: "cancelled", square: "CANCELED" })
    }).pipe(Effect.provide(inMemory)))

  it.scoped("an authorization whose answer was lost is released by the merchant's own reference", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Checkout.execute({ order: "o-1", ending: "loseAnswer" }))
      assert.strictEqual(error._tag, "NoAnswer")
      yield* twoMinutes
      assert.strictEqual(yield* statusAt("Adyen", "adyen-o-1"), "cancelled")
      assert.deepStrictEqual(yield* begun, ["Adyen MerchantReference o-1"])
    }).pipe(Effect.provide(inMemory)))

  it.scoped("or by the key that the payment was created under", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Checkout.execute({ order: "o-1", ending: "failSecond" }))
      assert.strictEqual(error._tag, "NoAnswer")
      yield* twoMinutes
      assert.deepStrictEqual(yield* statuses("o-1"), { adyen: "cancelled", square: "CANCELED" })
      assert.deepStrictEqual(yield* begun, ["Adyen PaymentId adyen-o-1", "Square CreationKey o-1"])
    }).pipe(Effect.provide(inMemory)))

  it.scoped("the workflow's failure is not held up by a cancel that is in doubt, which is worked off", () =>
    Effect.gen(function*() {
      const { inject } = yield* Sandbox.Sandbox
      yield* inject(Fault.dropBeforeApplying, { provider: "Adyen", times: 20 })
      // The clock stands still: there is nothing that it waits for.
      const error = yield* Effect.flip(Checkout.execute({ order: "o-1", ending: "fail" }))
      assert.strictEqual(error._tag, "OutOfStock")
      assert.strictEqual(yield* statusAt("Adyen", "adyen-o-1"), "authorised")
      for (let minutes = 0; minutes < 180; minutes += 5) yield* TestClock.adjust("5 minutes")
      assert.strictEqual(yield* statusAt("Adyen", "adyen-o-1"), "cancelled")
    }).pipe(Effect.provide(inMemory)))
})

describe("cancelOnFailure, in a file", () => {
  it.live.each(inTurns(["fail", "die", "hang", "interruptItself"] as const, 2, 4))("both payments are released, under one key: %s", (ending) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const executionId = yield* Checkout.execute({ order: "o-1", ending }, { discard: true })
        if (ending === "hang") {
          yield* eventually(Effect.flatMap(Sandbox.Sandbox, (_) => _.payment("Square", "square-o-1")), Option.isSome)
          yield* Checkout.interrupt(executionId)
        }
        yield* eventually(
          Effect.flatMap(Sandbox.Sandbox, (_) => _.payments),
          (payments) => payments.length === 2 && payments.every(({ status }) => status.toLowerCase().startsWith("cancel"))
        )
        assert.deepStrictEqual(yield* begun, byId)
        const keys = new Set((yield* cancelsAt("Adyen")).map(({ headers }) => headers["idempotency-key"]))
        assert.strictEqual(keys.size, 1)
      }).pipe(Effect.provide(inFile(filename)))
    }).pipe(Effect.scoped))
})

describe("a workflow that is run again after it had failed", () => {
  // What is left of a process that died at the moment when the failure was known and the cancel was started, but not
  // that the workflow had ended: the same steps are gone through again, and the last of them would succeed now.
  const Twice = Workflow.make({
    name: "Twice",
    payload: { order: Schema.String },
    success: Schema.String,
    error: OutOfStock,
    idempotencyKey: ({ order }) => order
  })

  /** What it does at first; whatever that is, it would succeed the second time. */
  const forms = ["fails", "dies", "is interrupted"] as const

  const twice = (form: typeof forms[number], options: Parameters<typeof workflowsOf>[0] = {}) => {
    let runs = 0
    const { adyen } = workflowsOf(options)
    const layer = Twice.toLayer(({ order }) =>
      Effect.gen(function*() {
        yield* adyen.cancelOnFailure(
          Activity.make({
            name: "authorize",
            success: Schema.String,
            execute: Effect.flatMap(Sandbox.Sandbox, (_) => _.create("Adyen", { id: `adyen-${order}`, merchantReference: order }))
          }),
          { name: "adyen", payment: { merchantReference: order }, authorized: () => ({ paymentId: `adyen-${order}` }) }
        )
        runs += 1
        if (runs > 1) return "shipped"
        if (form === "fails") return yield* new OutOfStock()
        if (form === "dies") return yield* Effect.dieMessage("gone")
        // As an engine does it.
        const instance = yield* WorkflowEngine.WorkflowInstance
        instance.interrupted = true
        return yield* Effect.interrupt
      }))
    return Layer.merge(layer, adyen.layer).pipe(Layer.provide(providers))
  }

  /** An engine that, for the first time, forgets how a workflow ended. */
  const forgetful = Layer.effect(
    WorkflowEngine.WorkflowEngine,
    Effect.map(WorkflowEngine.WorkflowEngine, (engine) => ({
      ...engine,
      register: (workflow: Workflow.Any, execute: Parameters<typeof engine.register>[1]) =>
        engine.register(workflow as never, ((payload: object, executionId: string) => {
          if (workflow.name !== "Twice") return execute(payload, executionId)
          return Effect.gen(function*() {
            const instance = yield* WorkflowEngine.WorkflowInstance
            const first = { ...instance, scope: yield* Scope.make() }
            // In a fiber of its own, so that its interruption is not that of the second run.
            const exit = yield* Effect.provideService(execute(payload, executionId), WorkflowEngine.WorkflowInstance, first).pipe(
              Effect.fork,
              Effect.flatMap(Fiber.await)
            )
            yield* Scope.close(first.scope, exit)
            return yield* execute(payload, executionId)
          })
        }) as never)
    }))
  )

  const failsAgain = (form: typeof forms[number], waiting: Effect.Effect<void, never, Sandbox.Sandbox>) =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Twice.execute({ order: "o-1" }))
      assert.isTrue(Exit.isFailure(exit), "it must not succeed: the payment is being cancelled")
      if (form === "fails") assert.deepStrictEqual(exit, Exit.fail(new OutOfStock()))
      if (form === "is interrupted") assert.isTrue(Exit.isInterrupted(exit))
      yield* waiting
      assert.strictEqual(yield* statusAt("Adyen", "adyen-o-1"), "cancelled")
      assert.deepStrictEqual(yield* begun, ["Adyen PaymentId adyen-o-1"])
      const keys = new Set((yield* cancelsAt("Adyen")).map(({ headers }) => headers["idempotency-key"]))
      assert.strictEqual(keys.size, 1)
    })

  it.scoped.each(forms)("fails again, and cancels once: it %s", (form) =>
    failsAgain(form, twoMinutes).pipe(
      Effect.provide(twice(form).pipe(Layer.provideMerge(Layer.provideMerge(forgetful, Layer.merge(memory, Sandbox.layer)))))
    ))

  it.scoped("does nothing more than to fail again, also if it would go on by another way where an authorization fails", () =>
    Effect.gen(function*() {
      let runs = 0
      let shipped = 0
      const { adyen } = workflowsOf()
      const authorize = (card: string) =>
        adyen.cancelOnFailure(
          Activity.make({
            name: card,
            success: Schema.String,
            error: OutOfStock,
            execute: Effect.flatMap(Sandbox.Sandbox, (_) => _.create("Adyen", { id: `adyen-${card}`, merchantReference: card }))
          }),
          { name: card, payment: { merchantReference: card }, authorized: (paymentId) => ({ paymentId }) }
        )
      const layer = Twice.toLayer(() =>
        Effect.gen(function*() {
          yield* Effect.catchAll(authorize("one"), () => authorize("other"))
          runs += 1
          if (runs === 1) return yield* new OutOfStock()
          yield* Activity.make({ name: "ship", execute: Effect.sync(() => shipped += 1) })
          return "shipped"
        }))
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(yield* Effect.exit(Twice.execute({ order: "o-1" })), Exit.fail(new OutOfStock()))
        yield* twoMinutes
        assert.strictEqual(shipped, 0)
        assert.deepStrictEqual((yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.payments)).map(({ paymentId, status }) => `${paymentId} ${status}`), ["adyen-one cancelled"])
        assert.deepStrictEqual(yield* begun, ["Adyen PaymentId adyen-one"])
      }).pipe(Effect.provide(Layer.merge(layer, adyen.layer).pipe(
        Layer.provide(providers),
        Layer.provideMerge(Layer.provideMerge(forgetful, Layer.merge(memory, Sandbox.layer)))
      )))
    }))

  // There an execution is told nothing while it runs: it has to know of its failure in another way.
  it.live.each(inTurns(forms, 2, 3))("so it does in a file: it %s", (form) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const isCancelled = Effect.asVoid(eventually(statusAt("Adyen", "adyen-o-1"), (status) => status === "cancelled"))
      yield* Effect.timeout(failsAgain(form, isCancelled), "20 seconds").pipe(
        Effect.provide(twice(form, brisk).pipe(Layer.provideMerge(Layer.provideMerge(forgetful, Layer.merge(sqlite(filename), Sandbox.layer)))))
      )
    }).pipe(Effect.scoped))
})

describe("a workflow that two processes carry at once", () => {
  // As when one stands still for longer than its locks hold: another has taken over, and what it is told is not the same.
  const bothOptions = {
    name: "Both",
    payload: { order: Schema.String },
    success: Schema.String,
    idempotencyKey: ({ order }: { readonly order: string }) => order
  }

  const Both = Workflow.make({ ...bothOptions, error: OutOfStock })

  const run = Both.execute({ order: "o-1" })

  /** A process with an engine of its own, in which the workflow ends like this, once it may. */
  const runner = (may: Deferred.Deferred<void>, end: Effect.Effect<string, OutOfStock>, poll?: WorkflowEngine.WorkflowEngine["Type"]["poll"]) => {
    const { adyen } = workflowsOf()
    const layer = Both.toLayer(({ order }) =>
      Effect.gen(function*() {
        yield* adyen.cancelOnFailure(
          Activity.make({
            name: "authorize",
            success: Schema.String,
            execute: Effect.gen(function*() {
              const { create, payment } = yield* Sandbox.Sandbox
              const id = `adyen-${order}`
              return Option.isSome(yield* payment("Adyen", id)) ? id : yield* create("Adyen", { id, merchantReference: order })
            })
          }),
          { name: "adyen", payment: { merchantReference: order }, authorized: () => ({ paymentId: `adyen-${order}` }) }
        )
        yield* Deferred.await(may)
        return yield* end
      }))
    const engine = Layer.effect(
      WorkflowEngine.WorkflowEngine,
      Effect.map(WorkflowEngine.WorkflowEngine, (engine) => {
        const polling = poll === undefined ? engine : { ...engine, poll }
        return {
          ...polling,
          register: (workflow: Workflow.Any, execute: Parameters<typeof engine.register>[1]) =>
            engine.register(workflow as never, ((payload: object, executionId: string) =>
              Effect.provideService(execute(payload, executionId), WorkflowEngine.WorkflowEngine, polling)) as never)
        }
      })
    ).pipe(Layer.provide(Layer.fresh(WorkflowEngine.layerMemory)))
    return Layer.merge(layer, adyen.layer).pipe(Layer.provide(providers), Layer.provideMerge(engine), Layer.fresh, Layer.build)
  }

  const shared = Layer.merge(CancelRecords.layerMemory, Sandbox.layer)

  const ships = Effect.succeed("shipped")
  const fails = Effect.fail(new OutOfStock())

  it.scoped("does not succeed in one after it has failed in the other", () =>
    Effect.gen(function*() {
      const [may, mayToo] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const [one, other] = [yield* runner(may, fails), yield* runner(mayToo, ships)]
      const first = yield* Effect.fork(Effect.provide(run, one))
      const second = yield* Effect.fork(Effect.provide(run, other))
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(may, undefined)
      assert.strictEqual((yield* Effect.flip(Fiber.join(first)))._tag, "OutOfStock")
      yield* twoMinutes
      yield* Deferred.succeed(mayToo, undefined)
      assert.strictEqual((yield* Effect.flip(Fiber.join(second)))._tag, "OutOfStock")
      yield* twoMinutes
      assert.strictEqual(yield* statusAt("Adyen", "adyen-o-1"), "cancelled")
      assert.deepStrictEqual(yield* begun, ["Adyen PaymentId adyen-o-1"])
      const sent = new Set((yield* cancelsAt("Adyen")).map(({ body, headers, path }) => `${path} ${headers["idempotency-key"]} ${body}`))
      assert.strictEqual(sent.size, 1)
    }).pipe(Effect.provide(shared)))

  it.scoped("has nothing cancelled by one in which it fails after it has succeeded in the other", () =>
    Effect.gen(function*() {
      const [may, mayToo] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const other = yield* runner(mayToo, ships)
      const { poll } = Context.get(other, WorkflowEngine.WorkflowEngine)
      // The result of a workflow is the same wherever one asks.
      const one = yield* runner(may, fails, poll)
      const first = yield* Effect.fork(Effect.provide(run, one))
      const second = yield* Effect.fork(Effect.provide(run, other))
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(mayToo, undefined)
      assert.strictEqual(yield* Fiber.join(second), "shipped")
      yield* Deferred.succeed(may, undefined)
      yield* twoMinutes
      assert.isTrue(Exit.isFailure(yield* Fiber.await(first)))
      assert.strictEqual(yield* statusAt("Adyen", "adyen-o-1"), "authorised")
      assert.deepStrictEqual(yield* begun, [])
    }).pipe(Effect.provide(shared)))

  it.scoped("has nothing cancelled either while nobody can say that it has succeeded in the other", () =>
    Effect.gen(function*() {
      const { end, ended } = yield* CancelRecords.CancelRecords
      const [may, mayToo] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const other = yield* runner(mayToo, ships)
      const { poll } = Context.get(other, WorkflowEngine.WorkflowEngine)
      // The database goes away when it is asked how the workflow ended.
      const answers = yield* Effect.makeLatch(true)
      let isAway = false
      const asked: typeof poll = (workflow, executionId) =>
        Effect.suspend(() => isAway ? Effect.zipRight(answers.close, Effect.dieMessage("the database does not answer")) : poll(workflow, executionId))
      const patient = Layer.effect(CancelRecords.CancelRecords, Effect.map(CancelRecords.CancelRecords, (records) => ({
        ...records,
        end: (...of: Parameters<typeof end>) => answers.whenOpen(end(...of)),
        ended: (...of: Parameters<typeof ended>) => answers.whenOpen(ended(...of))
      })))
      const one = yield* runner(may, fails, asked)
      const first = yield* Effect.fork(run.pipe(Effect.provide(one), Effect.provide(patient)))
      const second = yield* Effect.fork(Effect.provide(run, other))
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(mayToo, undefined)
      assert.strictEqual(yield* Fiber.join(second), "shipped")
      isAway = true
      yield* Deferred.succeed(may, undefined)
      yield* twoMinutes
      isAway = false
      yield* answers.open
      yield* twoMinutes
      assert.isTrue(Exit.isFailure(yield* Fiber.await(first)))
      assert.strictEqual(yield* statusAt("Adyen", "adyen-o-1"), "authorised")
      assert.deepStrictEqual(yield* begun, [])
    }).pipe(Effect.provide(shared)))

  it.scoped("has its payment cancelled if it fails in one, and the other died before its success was written down", () =>
    Effect.gen(function*() {
      const [may, mayToo] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const [one, other] = [yield* runner(may, fails), yield* runner(mayToo, ships)]
      const first = yield* Effect.fork(Effect.provide(run, one))
      yield* Deferred.succeed(mayToo, undefined)
      // Nobody but the other knows of it.
      assert.strictEqual(yield* Effect.provide(run, other), "shipped")
      yield* Deferred.succeed(may, undefined)
      yield* twoMinutes
      assert.strictEqual((yield* Effect.flip(Fiber.join(first)))._tag, "OutOfStock")
      yield* twoMinutes
      assert.strictEqual(yield* statusAt("Adyen", "adyen-o-1"), "cancelled")
      assert.deepStrictEqual(yield* begun, ["Adyen PaymentId adyen-o-1"])
    }).pipe(Effect.provide(shared)))

  it.scoped("fails again also if its failure can no longer be read, because its errors are others now", () =>
    Effect.gen(function*() {
      const may = yield* Deferred.make<void>()
      yield* Deferred.succeed(may, undefined)
      yield* Effect.flip(Effect.provide(run, yield* runner(may, fails)))
      const Now = Workflow.make({ ...bothOptions, error: NoAnswer })
      const { adyen } = workflowsOf()
      const now = Now.toLayer(() =>
        Effect.as(adyen.cancelOnFailure(Effect.dieMessage("it is authorized again"), { name: "adyen", payment: { merchantReference: "o-1" } }), "shipped"))
      const exit = yield* Effect.exit(Now.execute({ order: "o-1" })).pipe(
        Effect.provide(Layer.merge(now, adyen.layer).pipe(Layer.provide(providers), Layer.provideMerge(WorkflowEngine.layerMemory), Layer.fresh))
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.pretty(exit.cause).includes("its payment is being cancelled"))
      yield* twoMinutes
      assert.deepStrictEqual(yield* begun, ["Adyen PaymentId adyen-o-1"])
    }).pipe(Effect.provide(shared)))
})

describe("a workflow whose runner loses its locks while it ends", () => {
  const Ending = Workflow.make({
    name: "Ending",
    payload: { order: Schema.String },
    error: OutOfStock,
    idempotencyKey: ({ order }) => order
  })

  /** A runner that has lost its locks while it is so. */
  const losing = (filename: string, isLost: () => boolean) =>
    Sql.layer().pipe(
      Layer.provideMerge(Sharding.layer),
      Layer.provideMerge(Runners.layerNoop),
      Layer.provideMerge(SqlMessageStorage.layer),
      Layer.provide([
        Layer.map(RunnerStorage.layerMemory, (context) => {
          const storage = Context.get(context, RunnerStorage.RunnerStorage)
          const refresh: typeof storage.refresh = (address, shards) =>
            isLost() ? Effect.fail(new PersistenceError({ cause: "it does not answer" })) : storage.refresh(address, shards)
          return Context.make(RunnerStorage.RunnerStorage, { ...storage, refresh })
        }),
        RunnerHealth.layerNoop
      ]),
      Layer.provide(ShardingConfig.layerFromEnv({ ...frequent, shardLockRefreshInterval: "100 millis" })),
      Layer.provideMerge(LibsqlClient.layer({ url: `file:${filename}`, intMode: "bigint" })),
      Layer.orDie
    )

  it.live("goes on where its shard is, and has its payment cancelled there: it does not keep the runner from taking up anything again", () =>
    Effect.gen(function*() {
      const { stripe } = workflowsOf(brisk)
      let isLost = false
      const ending = Ending.toLayer(({ order }, executionId) =>
        Effect.gen(function*() {
          const sharding = yield* Sharding.Sharding
          yield* stripe.cancelOnFailure(Effect.void, { name: "payment", payment: { paymentId: order } })
          yield* Workflow.addFinalizer(() =>
            Effect.gen(function*() {
              isLost = true
              const shard = sharding.getShardId(EntityId.make(executionId), "default")
              yield* eventually(Effect.sync(() => sharding.hasShardId(shard)), (has) => !has)
              isLost = false
            })
          )
          return yield* new OutOfStock()
        }))
      yield* Effect.gen(function*() {
        const { create } = yield* Sandbox.Sandbox
        const order = yield* create("Stripe")
        const failure = yield* Effect.flip(Ending.execute({ order }).pipe(Effect.timeout("10 seconds")))
        assert.strictEqual(failure._tag, "OutOfStock")
        yield* eventually(statusAt("Stripe", order), (status) => status === "canceled")
      }).pipe(Effect.provide(
        Layer.merge(ending, stripe.layer).pipe(
          Layer.provide(providers),
          Layer.provideMerge(losing(yield* temporaryFile, () => isLost)),
          Layer.provideMerge(Sandbox.layer)
        )
      ))
    }).pipe(Effect.scoped))
})

describe("several authorizations of one workflow", () => {
  class Declined extends Schema.TaggedError<Declined>()("Declined", {}) {}

  const Two = Workflow.make({
    name: "Two",
    payload: { order: Schema.String, kind: Schema.Literal("at two providers", "at one", "again", "declined", "lost", "declined at first") },
    success: Schema.String,
    error: Schema.Union(OutOfStock, Declined, NoAnswer),
    idempotencyKey: ({ order }) => order
  })

  const layer = Layer.suspend(() => {
    const { adyen, square } = workflowsOf()
    const card = (order: string) =>
      square.cancelOnFailure(
        Effect.flatMap(Sandbox.Sandbox, ({ create, payment }) =>
          Effect.flatMap(payment("Square", `square-${order}`), (there) =>
            Option.isSome(there) ? Effect.void : create("Square", { id: `square-${order}`, creationKey: order }))),
        { name: "payment", payment: { creationKey: order }, authorized: () => ({ paymentId: `square-${order}` }) }
      )
    const declining = <E>(failure: E) =>
      square.cancelOnFailure(Effect.fail(failure), {
        name: "voucher",
        payment: { creationKey: "voucher" },
        isDeclined: (failure) => failure instanceof Declined
      })
    const two = Two.toLayer(({ kind, order }) =>
      Effect.gen(function*() {
        const { create } = yield* Sandbox.Sandbox
        if (kind === "declined at first") yield* Effect.ignore(declining(new Declined()))
        yield* card(order)
        if (kind === "again") yield* card(order)
        if (kind === "at two providers") {
          yield* adyen.cancelOnFailure(create("Adyen", { id: `adyen-${order}`, merchantReference: order }), { name: "payment", payment: { merchantReference: order } })
        }
        if (kind === "at one") yield* square.cancelOnFailure(create("Square", { id: "another" }), { name: "payment", payment: { creationKey: "another" } })
        if (kind === "declined") return yield* declining(new Declined())
        if (kind === "lost") return yield* declining(new NoAnswer())
        return yield* new OutOfStock()
      }))
    return Layer.mergeAll(two, adyen.layer, square.layer).pipe(Layer.provide(providers), Layer.provideMerge(Layer.merge(memory, Sandbox.layer)))
  })

  it.scoped.each([
    ["at two providers", ["Adyen MerchantReference o-1", "Square PaymentId square-o-1"]],
    ["again", ["Square PaymentId square-o-1"]],
    ["declined", ["Square PaymentId square-o-1"]],
    ["declined at first", ["Square PaymentId square-o-1"]],
    ["lost", ["Square CreationKey voucher", "Square PaymentId square-o-1"]]
  ] as const)("are each released, under their own name: %s", ([kind, cancels]) =>
    Effect.gen(function*() {
      yield* Effect.flip(Two.execute({ order: "o-1", kind }))
      yield* twoMinutes
      assert.deepStrictEqual(yield* begun, [...cancels])
      assert.deepStrictEqual((yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.payments)).filter(({ status }) => !status.toLowerCase().startsWith("cancel")), [])
    }).pipe(Effect.provide(layer)))

  it.scoped("of the same name at the same provider are a defect before the second, and the first is released", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Two.execute({ order: "o-1", kind: "at one" }))
      assert.isTrue(Exit.isFailure(exit) && Cause.pretty(exit.cause).includes("Square/payment"))
      yield* twoMinutes
      assert.deepStrictEqual((yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.payments)).map(({ paymentId, status }) => `${paymentId} ${status}`), ["square-o-1 CANCELED"])
    }).pipe(Effect.provide(layer)))
})

describe("what another version of the library wrote about an end", () => {
  it.scoped("is left alone: nothing is authorized, and the workflow does not end", () =>
    Effect.gen(function*() {
      const { end } = yield* CancelRecords.CancelRecords
      const order = { order: "o-1", ending: "ship" } as const
      yield* end({ executionId: yield* Checkout.executionId(order), step: "Adyen/adyen" }, JSON.stringify({ version: 2 }), Option.none())
      const executionId = yield* Checkout.execute(order, { discard: true })
      yield* twoMinutes
      assert.isUndefined(yield* Checkout.poll(executionId))
      assert.isEmpty(yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.payments))
    }).pipe(Effect.provide(inMemory)))
})

describe("a cancel that nobody waits for", () => {
  const Given = Workflow.make({
    name: "Given",
    payload: {
      payment: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
      step: Schema.optionalWith(Schema.String, { default: () => "payment" })
    },
    success: Schema.String,
    error: OutOfStock,
    idempotencyKey: ({ payment, step }) => JSON.stringify([payment, step])
  })

  let authorized = 0

  const given = () => {
    const { adyen, square } = workflowsOf()
    const layer = Given.toLayer(({ payment, step }) =>
      Effect.gen(function*() {
        // What a provider's requests are, is not known here.
        yield* square.cancelOnFailure(Effect.sync(() => authorized += 1), { name: step, payment: payment as never })
        return yield* new OutOfStock()
      }))
    return Layer.mergeAll(layer, adyen.layer, square.layer).pipe(Layer.provide(providers), Layer.provideMerge(Layer.merge(memory, Sandbox.layer)))
  }

  const recorded = Effect.map(
    Effect.flatMap(CancelRecords.CancelRecords, (_) => _.inState("Working", "InDoubt", "Accepted", "Settled", "HandedOver")),
    (records) => records.map(({ result, state }) => `${state} ${result}`)
  )

  it.scoped("is handed to a person if the provider refuses it: the payment is not released", () =>
    Effect.gen(function*() {
      const { create, move } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Square")
      yield* move("Square", paymentId, "COMPLETED", { force: true })
      yield* Effect.flip(Given.execute({ payment: { paymentId } }))
      yield* twoMinutes
      const [record = "none"] = yield* recorded
      assert.match(record, /^HandedOver Square\./)
      assert.lengthOf(yield* CancelRecords.doubtful, 1)
    }).pipe(Effect.provide(given())))

  it.scoped("is handed to a person if there is no such payment, under the id that it was given", () =>
    Effect.gen(function*() {
      yield* Effect.flip(Given.execute({ payment: { paymentId: "no-such-payment" } }))
      yield* twoMinutes
      const [record = "none"] = yield* recorded
      assert.match(record, /^HandedOver Square\./)
    }).pipe(Effect.provide(given())))

  it.scoped("and nothing is authorized that could not be cancelled by what it is named with", () =>
    Effect.gen(function*() {
      authorized = 0
      for (const payment of [{ paymentId: "p".repeat(1_001) }, { paymentId: "p\u0000" }, { paymentId: "" }, {}]) {
        const exit = yield* Effect.exit(Given.execute({ payment }))
        assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause) && Cause.pretty(exit.cause).includes("paymentId"))
      }
      assert.strictEqual(authorized, 0)
    }).pipe(Effect.provide(given())))

  it.scoped("nor by a step whose name is in the cancel's own, and that a database refuses", () =>
    Effect.gen(function*() {
      authorized = 0
      for (const step of ["s".repeat(1_001), "s\u0000"]) {
        const exit = yield* Effect.exit(Given.execute({ payment: { paymentId: "p" }, step }))
        assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause) && Cause.pretty(exit.cause).includes("requestId"))
      }
      assert.strictEqual(authorized, 0)
    }).pipe(Effect.provide(given())))
})

describe("a durable cancel that a workflow starts itself", () => {
  const Withdrawal = Workflow.make({
    name: "Withdrawal",
    payload: { order: Schema.String, waits: Schema.Boolean },
    success: Schema.String,
    error: Schema.Never,
    idempotencyKey: ({ order }) => order
  })

  it.live.each(inTurns([true, false], 0, 2))("goes on when that workflow is interrupted, waited for: %s", (waits) =>
    Effect.gen(function*() {
      const { square, stripe } = workflowsOf(brisk)
      const withdrawal = Withdrawal.toLayer(({ order, waits }) =>
        Effect.gen(function*() {
          const request = { paymentId: order, requestId: order }
          yield* waits ? Effect.either(stripe.cancel(request)) : Effect.orDie(stripe.start(request))
          yield* DurableDeferred.await(shipped)
          return "withdrawn"
        }))
      const durable = Layer.mergeAll(withdrawal, stripe.layer, square.layer).pipe(
        Layer.provide(providers),
        Layer.provideMerge(sqlite(yield* temporaryFile)),
        Layer.provideMerge(Sandbox.layer)
      )
      yield* Effect.gen(function*() {
        const { create, inject } = yield* Sandbox.Sandbox
        const { inState } = yield* CancelRecords.CancelRecords
        yield* create("Stripe", { id: "pi_1" })
        yield* inject(Fault.dropAfterApplying, { provider: "Stripe", times: 6 })
        const executionId = yield* Withdrawal.execute({ order: "pi_1", waits }, { discard: true })
        yield* eventually(inState("InDoubt"), ({ length }) => length === 1)
        yield* Withdrawal.interrupt(executionId)
        yield* eventually(Withdrawal.poll(executionId), (result) => result?._tag === "Complete")
        const [record] = yield* eventually(inState("Settled"), ({ length }) => length === 1)
        assert.strictEqual(record?.result, "Cancelled")
      }).pipe(Effect.provide(durable))
    }).pipe(Effect.scoped))

  it.live.each(inTurns([["memory", () => memory], ["SQLite", sqlite]] as const, 1, 2))("tells that workflow how it ended, whoever started it first: %s", ([, storage]) =>
    Effect.gen(function*() {
      const { stripe } = workflowsOf(brisk)
      const withdrawal = Withdrawal.toLayer(({ order }) => Effect.map(Effect.orDie(stripe.cancel({ paymentId: order, requestId: order })), ({ _tag }) => _tag))
      const durable = Layer.merge(withdrawal, stripe.layer).pipe(
        Layer.provide(providers),
        Layer.provideMerge(storage(yield* temporaryFile)),
        Layer.provideMerge(Sandbox.layer)
      )
      yield* Effect.gen(function*() {
        const { create, inject } = yield* Sandbox.Sandbox
        yield* create("Stripe", { id: "pi_1" })
        yield* inject(Fault.dropAfterApplying, { provider: "Stripe", times: 6 })
        yield* stripe.start({ paymentId: "pi_1", requestId: "pi_1" })
        assert.strictEqual(yield* Withdrawal.execute({ order: "pi_1", waits: true }), "Cancelled")
      }).pipe(Effect.provide(durable))
    }).pipe(Effect.scoped))
})
