/** What is removed from a database, and what stays until a person has closed it. */
import { assert, describe, it } from "@effect/vitest"
import * as SqlClient from "@effect/sql/SqlClient"
import { Workflow } from "@effect/workflow"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords } from "effect-payment-cancel/workflow"
import * as Postgres from "effect-payment-cancel/workflow/Postgres"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { noLogger } from "../support/Dying.js"
import { brisk, cancelsAt, eventually, frequent, providers, temporaryFile, workflowsOf } from "./durable.js"

const { stripe } = workflowsOf({ ...brisk, giveUpAfter: "300 millis" })

/** Everything that has ended is too old at once. */
const hasty = (filename: string, sweepEvery: Duration.DurationInput = "50 millis") =>
  stripe.layer.pipe(
    Layer.provide(providers),
    Layer.provideMerge(Layer.orDie(Sqlite.layer({ filename, shardingConfig: frequent, keepFor: "1 millis", sweepEvery }))),
    Layer.provideMerge(Sandbox.layer)
  )

const severalSweeps = Effect.sleep("300 millis")

/** As where another process writes, or the database is away, in the middle of a sweep. */
const nothingLeaves = (table: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql`CREATE TRIGGER nothing_leaves BEFORE DELETE ON ${sql(table)} BEGIN SELECT RAISE(ABORT, 'not now'); END`)

const itMayLeave = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DROP TRIGGER nothing_leaves`)

const handedOver = Effect.gen(function*() {
  const { create, inject } = yield* Sandbox.Sandbox
  const request = { paymentId: yield* create("Stripe"), requestId: "r-1" }
  yield* inject(Fault.dropAfterApplying, { provider: "Stripe", forever: true })
  const executionId = yield* stripe.start(request)
  yield* eventually(CancelRecords.doubtful, ([record]) => record?.state === "HandedOver")
  return { executionId, request }
})

describe.concurrent("what is handed over", () => {
  it.live("stays, with its journal, however long nobody looks: it neither disappears nor begins anew", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const { executionId, request } = yield* handedOver
        const sent = (yield* cancelsAt("Stripe")).length
        yield* severalSweeps
        assert.deepInclude((yield* CancelRecords.doubtful)[0], { executionId, state: "HandedOver" })
        assert.strictEqual((yield* Effect.flip(stripe.outcome(executionId)))._tag, "CancelWorkflow.Unsettled")
        assert.strictEqual((yield* Effect.flip(stripe.cancel(request)))._tag, "CancelWorkflow.Unsettled")
        assert.lengthOf(yield* cancelsAt("Stripe"), sent)
      }).pipe(Effect.provide(hasty(filename)))
    }).pipe(Effect.scoped))

  it.live("goes when a person has closed it", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const { executionId } = yield* handedOver
        yield* CancelRecords.close(executionId, "it was cancelled at the provider")
        yield* eventually(Effect.either(stripe.outcome(executionId)), (outcome) => Either.isRight(outcome) && Option.isNone(outcome.right))
      }).pipe(Effect.provide(hasty(filename)))
    }).pipe(Effect.scoped))

  it.live("is not said to be worked on where it is asked for again before its journal goes, too", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const { executionId, request } = yield* handedOver
        yield* nothingLeaves("cluster_messages")
        yield* CancelRecords.close(executionId, "it was cancelled at the provider")
        const { find } = yield* CancelRecords.CancelRecords
        yield* eventually(find(executionId), Option.isNone)
        assert.strictEqual(yield* stripe.start(request), executionId)
        assert.strictEqual((yield* Effect.flip(stripe.outcome(executionId)))._tag, "CancelWorkflow.Unsettled")
        yield* itMayLeave
        yield* eventually(Effect.either(stripe.outcome(executionId)), (outcome) => Either.isRight(outcome) && Option.isNone(outcome.right))
      }).pipe(Effect.provide(hasty(filename)))
    }).pipe(Effect.scoped))

  it.live("is not in the way of what is settled, which is removed", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const { executionId } = yield* handedOver
        const { clearFaults, create } = yield* Sandbox.Sandbox
        yield* clearFaults
        const settled = yield* stripe.start({ paymentId: yield* create("Stripe"), requestId: "r-2" })
        yield* eventually(Effect.either(stripe.outcome(settled)), (outcome) => Either.isRight(outcome) && Option.isNone(outcome.right))
        assert.isTrue(Option.isSome(yield* Effect.flatMap(CancelRecords.CancelRecords, ({ find }) => find(executionId))))
      }).pipe(Effect.provide(hasty(filename)))
    }).pipe(Effect.scoped))
})

describe("what could not be removed", () => {
  it.live("is not carried out anew as long as its record is there, of which that would be taken for a part", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        yield* nothingLeaves("effect_payment_cancels")
        const { create, inject } = yield* Sandbox.Sandbox
        const request = { paymentId: yield* create("Stripe"), requestId: "r-1" }
        const settled = yield* stripe.start(request)
        const { find } = yield* CancelRecords.CancelRecords
        yield* eventually(find(settled), Option.exists(({ state }) => state === "Settled"))
        yield* severalSweeps
        const sent = (yield* cancelsAt("Stripe")).length
        yield* inject(Fault.dropAfterApplying, { provider: "Stripe", forever: true })
        assert.strictEqual((yield* stripe.within(request, "5 seconds"))._tag, "Cancelled")
        assert.lengthOf(yield* cancelsAt("Stripe"), sent)
        yield* itMayLeave
        yield* eventually(Effect.either(stripe.outcome(settled)), (outcome) => Either.isRight(outcome) && Option.isNone(outcome.right))
      }).pipe(Effect.provide(hasty(filename)))
    }).pipe(Effect.scoped))

  it.live("is removed later, also where the logger dies", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`ALTER TABLE effect_payment_endings RENAME TO away`
        const { create } = yield* Sandbox.Sandbox
        const settled = yield* stripe.start({ paymentId: yield* create("Stripe"), requestId: "r-1" })
        yield* eventually(Effect.orDie(stripe.outcome(settled)), Option.isSome)
        yield* severalSweeps
        yield* sql`ALTER TABLE away RENAME TO effect_payment_endings`
        yield* eventually(Effect.either(stripe.outcome(settled)), (outcome) => Either.isRight(outcome) && Option.isNone(outcome.right))
      }).pipe(Effect.provide(Layer.provide(hasty(filename), noLogger)))
    }).pipe(Effect.scoped))
})

describe("a workflow that failed, or succeeded, with a payment", () => {
  const Order = Workflow.make({
    name: "Order",
    payload: { paymentId: Schema.String, ships: Schema.Boolean },
    success: Schema.String,
    error: Schema.Literal("not shipped"),
    idempotencyKey: ({ paymentId }) => paymentId
  })

  const order = Order.toLayer(({ paymentId, ships }) =>
    Effect.gen(function*() {
      yield* stripe.cancelOnFailure(Effect.void, { name: "payment", payment: { paymentId } })
      return ships ? "shipped" : yield* Effect.fail("not shipped" as const)
    }))

  const rows = Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const tables = ["cluster_messages", "cluster_replies", "effect_payment_cancels", "effect_payment_endings"]
    const counts = yield* Effect.forEach(tables, (table) => Effect.map(sql`SELECT COUNT(*) AS n FROM ${sql(table)}`, ([row]) => Number(row?.["n"])))
    return counts.reduce((sum, count) => sum + count, 0)
  })

  it.live.each([true, false])("leaves nothing behind: it ships %s", (ships) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const { create, payment } = yield* Sandbox.Sandbox
        const paymentId = yield* create("Stripe")
        yield* Effect.exit(Order.execute({ paymentId, ships }))
        yield* eventually(payment("Stripe", paymentId), (_) => Option.getOrThrow(_).status === (ships ? "requires_capture" : "canceled"))
        yield* eventually(Effect.orDie(rows), (left) => left === 0)
      }).pipe(Effect.provide(order.pipe(Layer.provideMerge(hasty(filename)))))
    }).pipe(Effect.scoped))
})

describe("a reply to what was removed before it was answered", () => {
  it.live("is removed too, and no other", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* handedOver
        const replies = Effect.map(Effect.orDie(sql`SELECT id, request_id FROM cluster_replies`), (rows) => rows.map(({ request_id }) => String(request_id)))
        yield* severalSweeps
        const before = yield* replies
        assert.isNotEmpty(before)
        yield* sql`INSERT INTO cluster_replies (id, kind, request_id, payload, acked) VALUES (1, 0, 4711, '{}', 0)`
        yield* eventually(replies, (left) => !left.includes("4711"))
        assert.deepStrictEqual((yield* replies).toSorted(), before.toSorted())
      }).pipe(Effect.provide(hasty(filename)))
    }).pipe(Effect.scoped))
})

const must = "must be a duration that is longer than zero, or Infinity"

describe("how long it is kept, and how often there is a look", () => {
  it.live.each([
    ["keepFor", 0],
    ["keepFor", "-30 days"],
    ["keepFor", "soon"],
    ["keepFor", Number.NaN],
    ["sweepEvery", 0],
    ["sweepEvery", -1],
    ["sweepEvery", null]
  ] as ReadonlyArray<readonly [string, unknown]>)("is longer than zero, or the option is named and nothing is removed: %s %s", ([option, value]) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      // What JavaScript may pass, despite the types.
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Sqlite.layer({ filename, [option]: value as never }))))
      assert.deepInclude(error, { _op: "InvalidData", path: [option], message: must })
    }).pipe(Effect.scoped))

  const settled = Effect.gen(function*() {
    const executionId = yield* stripe.start({ paymentId: yield* Effect.flatMap(Sandbox.Sandbox, ({ create }) => create("Stripe")), requestId: "r-1" })
    yield* eventually(Effect.orDie(stripe.outcome(executionId)), (outcome) => Option.getOrThrow(outcome)._tag === "Cancelled")
    return executionId
  })

  it.live.each([Infinity, 1e18])("may be for ever, and longer than there is time: %s", (keepFor) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const warnings: Array<unknown> = []
      const storage = Layer.orDie(Sqlite.layer({ filename, shardingConfig: frequent, keepFor, sweepEvery: "50 millis" }))
      yield* Effect.gen(function*() {
        const executionId = yield* settled
        yield* severalSweeps
        assert.strictEqual(Option.getOrThrow(yield* stripe.outcome(executionId))._tag, "Cancelled")
      }).pipe(
        Effect.provide(stripe.layer.pipe(Layer.provide(providers), Layer.provideMerge(storage), Layer.provideMerge(Sandbox.layer))),
        Effect.provide(Logger.replace(Logger.defaultLogger, Logger.make(({ logLevel, message }) => {
          if (logLevel._tag === "Warning") warnings.push(message)
        })))
      )
      assert.deepStrictEqual(warnings, [])
    }).pipe(Effect.scoped))

  const storages: Record<"Sqlite" | "Postgres", (filename: string) => Effect.Effect<unknown, unknown, Scope.Scope>> = {
    Sqlite: (filename: string) => Layer.build(Sqlite.layerConfig()).pipe(Effect.withConfigProvider(configured("PAYMENT_CANCEL_DATABASE", filename))),
    Postgres: () => Layer.build(Postgres.layerConfig()).pipe(Effect.withConfigProvider(configured("PAYMENT_CANCEL_DATABASE_URL", "postgres://127.0.0.1:1/none")))
  }
  let keepFor = ""
  const configured = (variable: string, value: string) =>
    ConfigProvider.fromMap(new Map([[variable, value], ["PAYMENT_CANCEL_KEEP_FOR", keepFor]]))

  it.live.each((["Sqlite", "Postgres"] as const).flatMap((storage) => ["hunter2", "0 hours", "-5 days"].map((value) => [storage, value] as const)))(
    "is read from the environment, where what it must be is said, and not what it is: %s %s",
    ([storage, value]) =>
      Effect.gen(function*() {
        const filename = yield* temporaryFile
        keepFor = value
        const error = yield* Effect.flip(storages[storage](filename))
        assert.deepInclude(error, { _op: "InvalidData", path: ["PAYMENT_CANCEL_KEEP_FOR"], message: `${must}, such as 30 days` })
        assert.notInclude(String(error), value)
      }).pipe(Effect.scoped)
  )

  it.live.each(["", "90 days", "Infinity"])("is read from the environment, or 30 days: '%s'", (value) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      keepFor = value
      yield* storages.Sqlite(filename)
    }).pipe(Effect.scoped))
})
