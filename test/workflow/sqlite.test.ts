/** One process, one file: who may use it, and what is in it. */
import { assert, describe, it } from "@effect/vitest"
import { Activity, Workflow, type WorkflowEngine } from "@effect/workflow"
import { Stripe } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Sql from "effect-payment-cancel/workflow/Sql"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import { createClient, type InStatement, type ResultSet, type Transaction } from "@libsql/client"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as SqlClient from "@effect/sql/SqlClient"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Scheduler from "effect/Scheduler"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { createRequire } from "node:module"
import process from "node:process"
import { brisk, cancelsAt, eventually, frequent, providers, sqlite, statusAt, temporaryFile, workflowsOf } from "./durable.js"

const open = (filename: string) => Effect.scoped(Layer.build(Sqlite.layer({ filename })))

/** Another process that holds the file as this library does, until it is killed. */
const holder = (filename: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const driver = createRequire(import.meta.url).resolve("@libsql/client")
      const program = `
        const { createClient } = require(${JSON.stringify(driver)})
        const lock = createClient({ url: ${JSON.stringify(`file:${filename}.lock`)} })
        lock.execute("BEGIN EXCLUSIVE").then(() => { console.log("held"); setInterval(() => lock.closed, 1000) })`
      const child = ChildProcess.spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] })
      await new Promise((resolve) => child.stdout.once("data", resolve))
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** Another program that has the file open, as one that makes a copy of it. */
const otherProgram = (filename: string) =>
  Effect.acquireRelease(Effect.sync(() => createClient({ url: `file:${filename}` })), (client) => Effect.sync(() => client.close()))

/** Has a fiber yield once, to all others: where it has gone on after a wait, and done so many operations. */
const yieldingAfter = (operations: number) => {
  let last = 0
  let hasWaited = false
  let hasYielded = false
  return Scheduler.make((task) => setTimeout(task, 4), ({ currentOpCount }) => {
    hasWaited ||= currentOpCount < last
    last = currentOpCount
    if (!hasWaited || hasYielded || currentOpCount < operations) return false
    hasYielded = true
    return 0
  })
}

/** A clock that is an hour ahead from some moment on, or a day behind. */
const hourLater = () => {
  const real = Clock.make()
  let later = 0
  const now = () => real.unsafeCurrentTimeMillis() + later
  const clock: Clock.Clock = Object.assign(Object.create(real), { unsafeCurrentTimeMillis: now, currentTimeMillis: Effect.sync(now) })
  const put = Effect.sync(() => {
    later += Duration.toMillis("1 hour")
  })
  const putBack = Effect.sync(() => {
    later -= Duration.toMillis("1 day")
  })
  return { clock, put, putBack }
}

type Cancels = CancelWorkflow.CancelWorkflow<typeof Stripe>

/** Durable cancels at a provider that takes half a second, and what ends when it is asked. */
const slowly = Effect.map(Deferred.make<void>(), (heard): { readonly asked: Effect.Effect<void>; readonly slow: Cancels } => {
  const cancel: typeof Stripe.cancel = (request) => Effect.zipRight(Deferred.succeed(heard, undefined), Effect.delay(Stripe.cancel(request), "500 millis"))
  return { asked: Deferred.await(heard), slow: CancelWorkflow.make("Stripe", { ...Stripe, cancel }) }
})

/** Starts the cancel of a payment in the sandbox. */
const started = ({ start }: Cancels) =>
  Effect.flatMap(Sandbox.Sandbox, ({ create }) => Effect.flatMap(create("Stripe"), (paymentId) => start({ paymentId, requestId: "r-1" })))

/** Waits until a cancel has cancelled its payment. */
const cancelled = ({ outcome }: Cancels, executionId: string) =>
  eventually(Effect.orDie(outcome(executionId)), (found) => Option.getOrThrow(found)._tag === "Cancelled")

describe("a file", () => {
  it.live("is for one process, and for the next as soon as that is killed", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const other = yield* holder(filename)
      const error = yield* Effect.flip(open(filename))
      assert(error._tag === "CancelWorkflow.InUse")
      assert.strictEqual(error.filename, filename)
      const gone = Effect.async<void>((resume) => {
        other.once("close", () => resume(Effect.void))
        other.kill("SIGKILL")
      })
      yield* gone
      yield* open(filename)
    }).pipe(Effect.scoped))

  it.live("is for one layer at a time, and free when that is closed", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const exit = yield* Effect.exit(open(filename))
        assert.isTrue(Exit.isFailure(exit))
      }).pipe(Effect.provide(Sqlite.layer({ filename })))
      yield* open(filename)
    }).pipe(Effect.scoped))

  it.live("that another program writes to for a while is worked with again afterwards, and what could not be written is an error", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE mine (number INTEGER)`
        const write = sql.withTransaction(sql`INSERT INTO mine VALUES (1)`)
        const other = yield* otherProgram(filename)
        yield* Effect.promise(() => other.execute("BEGIN IMMEDIATE"))
        for (const _ of [1, 2]) assert.strictEqual((yield* Effect.flip(write))._tag, "SqlError")
        yield* Effect.promise(() => other.execute("ROLLBACK"))
        yield* write
        assert.lengthOf(yield* sql`SELECT * FROM mine`, 1)
      }).pipe(
        Effect.provide(Sqlite.layer({ filename })),
        Effect.timeout("4 seconds")
      )
    }).pipe(Effect.scoped))

  it.live("that a process without the workflow has open for long keeps its cancels for one that has it: none is ended", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const { asked, slow } = yield* slowly
      const withIt = slow.layer.pipe(Layer.provide(providers), Layer.provideMerge(sqlite(filename)))
      // It ends in the middle of a call, and leaves one that is to be gone on with.
      const executionId = yield* Effect.tap(started(slow), asked).pipe(Effect.provide(withIt))
      const { clock, put } = hourLater()
      yield* Effect.zipRight(put, Effect.sleep("500 millis")).pipe(Effect.provide(sqlite(filename)), Effect.withClock(clock))
      yield* cancelled(slow, executionId).pipe(Effect.provide(withIt))
    }).pipe(Effect.provide(Sandbox.layer), Effect.scoped))

  it.live("that another program writes to when a step ends keeps what the step came to afterwards, and the cancel goes on", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const { asked, slow } = yield* slowly
      yield* Effect.gen(function*() {
        const executionId = yield* started(slow)
        yield* asked
        const other = yield* otherProgram(filename)
        yield* Effect.promise(() => other.execute("BEGIN IMMEDIATE"))
        yield* Effect.sleep("3 seconds")
        yield* Effect.promise(() => other.execute("ROLLBACK"))
        yield* cancelled(slow, executionId)
      }).pipe(Effect.provide(slow.layer.pipe(Layer.provide(providers), Layer.provideMerge(sqlite(filename)), Layer.provideMerge(Sandbox.layer))))
    }).pipe(Effect.scoped))

  it.live("that another program goes on writing to keeps no process from ending, and the next one goes on", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const { asked, slow } = yield* slowly
      const workflows = slow.layer.pipe(Layer.provide(providers), Layer.provideMerge(sqlite(filename)))
      const scope = yield* Scope.make()
      const running = yield* Layer.buildWithScope(workflows, scope)
      const executionId = yield* Effect.provide(started(slow), running)
      yield* asked
      const other = yield* otherProgram(filename)
      yield* Effect.promise(() => other.execute("BEGIN IMMEDIATE"))
      yield* Effect.sleep("2 seconds")
      const ending = yield* Effect.forkDaemon(Scope.close(scope, Exit.void))
      const ended = yield* Effect.timeoutOption(Fiber.await(ending), "4 seconds")
      yield* Effect.promise(() => other.execute("ROLLBACK"))
      yield* Fiber.join(ending)
      assert.isTrue(Option.isSome(ended))
      yield* cancelled(slow, executionId).pipe(Effect.provide(workflows))
    }).pipe(Effect.scoped, Effect.provide(Sandbox.layer)))

  it.live.each([
    ["ends while a cancel waits leaves none of its calls in doubt, and the next one carries it out", false, "Cancelled", 2],
    // Of the call that it was about to make nobody knows: at Square it is not sent again.
    ["is killed in a later call leaves that one in doubt", true, "Working", 2]
  ] as const)("whose process %s", ([, isCut, result, requests]) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const { clearFaults, create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Square")
      yield* inject(Fault.errorCode("UNAUTHORIZED", 401), { operation: "Cancel" })
      if (isCut) yield* inject(Fault.stallHeaders({ applied: false }), { operation: "Cancel" })
      const { square } = workflowsOf({ ...brisk, waits: [isCut ? "200 millis" : "3 seconds", "200 millis"] })
      const running = square.layer.pipe(Layer.provide(providers), Layer.provideMerge(sqlite(filename)), Layer.provide(Logger.remove(Logger.defaultLogger)))
      const executionId = yield* Effect.gen(function*() {
        const executionId = yield* square.start({ paymentId, requestId: "r-1" })
        yield* eventually(cancelsAt("Square"), ({ length }) => length === (isCut ? 2 : 1))
        yield* eventually(CancelRecords.CancelRecords.pipe(Effect.flatMap(({ find }) => find(executionId))), Option.exists(({ result }) => result === "Square.Unauthorized"))
        return executionId
      }).pipe(Effect.provide(running))
      yield* clearFaults
      yield* Effect.gen(function*() {
        if (isCut) {
          yield* eventually(CancelRecords.doubtful, ([record]) => record?.executionId === executionId)
          // Time for several calls.
          yield* Effect.sleep("1 second")
        }
        const outcome = yield* eventually(square.outcome(executionId), Option.exists(({ _tag }) => _tag === result))
        assert.strictEqual(Option.getOrThrow(outcome)._tag, result)
      }).pipe(Effect.provide(running))
      assert.lengthOf(yield* cancelsAt("Square"), requests)
    }).pipe(Effect.scoped, Effect.provide(Sandbox.layer)))

  /** What a connection does with a statement: it breaks before it is carried out, or when it is kept; or it never answers. */
  type Trouble = "given" | "kept" | "unanswered"

  /** A client of a file with such trouble with these statements, so many times. */
  const troubled = (filename: string, trouble: Trouble, isIt: (statement: string) => boolean, times = 1) => {
    const client = createClient({ url: `file:${filename}`, intMode: "bigint" })
    const begin: () => Promise<Transaction> = client.transaction.bind(client)
    const execute: (statement: InStatement) => Promise<ResultSet> = client.execute.bind(client)
    let left = times
    const is = (statement: InStatement) => isIt(JSON.stringify(statement, (_, arg) => typeof arg === "bigint" ? 0 : arg).replaceAll("\\\"", "\""))
    const fail = (): Promise<never> => {
      left -= 1
      return trouble === "unanswered"
        ? new Promise(() => {})
        : Promise.reject(Object.assign(new Error("the connection was reset"), { code: "ECONNRESET" }))
    }
    const transaction = async () => {
      const begun = await begin()
      const executeIn: Transaction["execute"] = begun.execute.bind(begun)
      const commit = begun.commit.bind(begun)
      let hasIt = false
      return Object.assign(begun, {
        execute: (statement: InStatement) => {
          hasIt ||= is(statement)
          return trouble !== "kept" && hasIt && left > 0 ? fail() : executeIn(statement)
        },
        commit: async () => {
          await commit()
          if (trouble === "kept" && hasIt && left > 0) await fail()
        }
      })
    }
    const liveClient = Object.assign(client, {
      transaction,
      execute: (statement: InStatement) => trouble === "given" && is(statement) && left > 0 ? fail() : execute(statement)
    })
    return { liveClient, isOver: Effect.sync(() => left === 0) }
  }

  const onClient = (liveClient: ReturnType<typeof createClient>) =>
    Sql.layer().pipe(
      Layer.provideMerge(SingleRunner.layer({ runnerStorage: "memory", shardingConfig: frequent })),
      Layer.provideMerge(LibsqlClient.layer({ liveClient }))
    )

  const wakingSoon = CancelWorkflow.make("Stripe", Stripe, { waits: ["200 millis"], policy: { attempts: 1, statusReads: 1 } })

  it.live.each<[what: string, trouble: Trouble, isIt: (statement: string) => boolean, fault?: typeof Fault.dropBeforeApplying | undefined, times?: number]>([
    ["says that it has kept what a step came to has kept it", "kept", (_) => _.includes("INSERT INTO \"cluster_replies\"") && _.includes("Cancelled")],
    ["gives what is to be done next has that read again at once, and not ten minutes later", "kept", (_) => _.includes("SET last_read = CURRENT_TIMESTAMP")],
    ["is to wake what has waited long enough wakes it later, and does not have it sleep for ever", "given", (_) => _.includes("DELETE FROM \"cluster_replies\""), Fault.dropBeforeApplying],
    // The cluster itself tries four times.
    ["is given the next step is given it again", "given", (_) => _.includes("INTO \"cluster_messages\"") && _.includes("begin/1"), Fault.dropBeforeApplying, 5],
    ["has kept the next step is not given another one", "kept", (_) => _.includes("INTO \"cluster_messages\"") && _.includes("call/0"), undefined, 5],
    ["is given the next wait is given it again", "given", (_) => _.includes("INTO \"cluster_messages\"") && _.includes("wait/0"), Fault.dropBeforeApplying, 5],
    ["is asked whether a wait is over is asked again", "given", (_) => _.includes("SELECT id FROM \"cluster_messages\"") && _.includes("wait/0"), Fault.dropBeforeApplying, 5]
  ])("that is away just when it %s: the cancel goes on", ([, trouble, isIt, fault, times]) =>
    Effect.gen(function*() {
      const { isOver, liveClient } = troubled(yield* temporaryFile, trouble, isIt, times)
      yield* Effect.gen(function*() {
        const { inject } = yield* Sandbox.Sandbox
        if (fault !== undefined) yield* inject(fault, { provider: "Stripe", operation: "Cancel" })
        yield* cancelled(wakingSoon, yield* started(wakingSoon))
        assert.isTrue(yield* isOver)
        assert.lengthOf(yield* cancelsAt("Stripe"), fault === undefined ? 1 : 2)
      }).pipe(Effect.provide(wakingSoon.layer.pipe(Layer.provide(providers), Layer.provideMerge(onClient(liveClient)), Layer.provideMerge(Sandbox.layer))))
    }).pipe(Effect.scoped))

  it.live.each(["right", "put back by a day"])("in which something is marked as read that nobody has at hand has that read again soon, and not ten minutes later: the clock is %s", (is) =>
    Effect.gen(function*() {
      const { clock, put, putBack } = hourLater()
      const stripe = CancelWorkflow.make("Stripe", Stripe, { waits: ["10 minutes"], policy: { attempts: 1, statusReads: 1 } })
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { inject } = yield* Sandbox.Sandbox
        yield* inject(Fault.dropBeforeApplying, { provider: "Stripe", operation: "Cancel" })
        if (is !== "right") yield* Effect.zipRight(Effect.sleep("300 millis"), putBack)
        const executionId = yield* started(stripe)
        const wait = sql`SELECT id FROM cluster_messages WHERE entity_type = 'Workflow/-/DurableClock'`
        yield* eventually(Effect.orDie(wait), ({ length }) => length === 1)
        // As by a runner that has lost its locks, and does not know it yet.
        yield* sql`UPDATE cluster_messages SET last_read = CURRENT_TIMESTAMP WHERE entity_type = 'Workflow/-/DurableClock'`
        yield* put
        yield* cancelled(stripe, executionId)
      }).pipe(
        Effect.provide(stripe.layer.pipe(Layer.provide(providers), Layer.provideMerge(sqlite(yield* temporaryFile)), Layer.provideMerge(Sandbox.layer))),
        Effect.withClock(clock)
      )
    }).pipe(Effect.scoped))

  it.live("in which another runner says late that an execution sleeps takes its end all the same", () =>
    Effect.gen(function*() {
      const { asked, slow } = yield* slowly
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const executionId = yield* started(slow)
        yield* asked
        yield* sql`
          INSERT INTO cluster_replies (id, kind, request_id, payload)
          SELECT 1, 0, id, '{"_tag":"Success","value":{"_tag":"Suspended"}}' FROM cluster_messages WHERE tag = 'run'`
        yield* cancelled(slow, executionId)
      }).pipe(Effect.provide(slow.layer.pipe(Layer.provide(providers), Layer.provideMerge(sqlite(yield* temporaryFile)), Layer.provideMerge(Sandbox.layer))))
    }).pipe(Effect.scoped))

  it.live.each(
    (["given", "kept"] as const).flatMap((trouble) => (["start", "within", "cancel"] as const).map((operation) => [trouble, operation] as const))
  )("that is away just when a workflow of your own begins a cancel does not end it: %s, %s", ([trouble, operation]) =>
    Effect.gen(function*() {
      // The cluster itself tries four times.
      const { isOver, liveClient } = troubled(
        yield* temporaryFile,
        trouble,
        (_) => _.includes("INTO \"cluster_messages\"") && _.includes("Workflow/effect-payment-cancel/Stripe") && _.includes("\"run\""),
        5
      )
      const own = Workflow.make({ name: "Own", payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })
      const begin = (request: { readonly paymentId: string; readonly requestId: string }): Effect.Effect<unknown, unknown, WorkflowEngine.WorkflowEngine | CancelRecords.CancelRecords> =>
        operation === "within" ? wakingSoon.within(request, "10 seconds") : wakingSoon[operation](request)
      const layer = own.toLayer(({ id }) => Effect.asVoid(Effect.orDie(begin({ paymentId: id, requestId: id }))))
      yield* Effect.gen(function*() {
        const { create } = yield* Sandbox.Sandbox
        const id = yield* create("Stripe")
        yield* Effect.timeout(own.execute({ id }), "10 seconds")
        yield* eventually(statusAt("Stripe", id), (status) => status === "canceled")
        assert.lengthOf(yield* cancelsAt("Stripe"), 1)
        assert.isTrue(yield* isOver)
      }).pipe(Effect.provide(Layer.merge(layer, wakingSoon.layer).pipe(Layer.provide(providers), Layer.provideMerge(onClient(liveClient)), Layer.provideMerge(Sandbox.layer))))
    }).pipe(Effect.scoped))

  it.live("that is away when it is told that a step of a workflow was given up has that step carried out when the workflow comes to it again", () =>
    Effect.gen(function*() {
      // The cluster itself tries five times.
      const { isOver, liveClient } = troubled(yield* temporaryFile, "given", (_) => _.includes("INSERT INTO \"cluster_replies\"") && _.includes("Suspended"), 6)
      let times = 0
      const step = Activity.make({
        name: "step",
        success: Schema.String,
        execute: Effect.suspend(() => {
          times += 1
          return times === 1 ? Effect.never : Effect.succeed("done")
        })
      })
      const twice = Workflow.make({ name: "Twice", payload: { id: Schema.String }, success: Schema.String, idempotencyKey: ({ id }) => id })
      const said = yield* twice.execute({ id: "1" }).pipe(
        Effect.timeout("10 seconds"),
        Effect.provide(Layer.provideMerge(twice.toLayer(() => Effect.zipRight(Effect.timeoutOption(step, "300 millis"), step)), onClient(liveClient)))
      )
      assert.strictEqual(said, "done")
      assert.isTrue(yield* isOver)
    }).pipe(Effect.scoped))

  it.live("that does not answer when a process ends that is about to wait keeps nothing that would keep the next one from going on", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const { isOver, liveClient } = troubled(filename, "unanswered", (_) => _.includes("INTO \"cluster_messages\"") && _.includes("wait/0"))
      const { inject } = yield* Sandbox.Sandbox
      yield* inject(Fault.dropBeforeApplying, { provider: "Stripe", operation: "Cancel" })
      const workflows = wakingSoon.layer.pipe(Layer.provide(providers))
      const executionId = yield* Effect.tap(started(wakingSoon), eventually(isOver, (is) => is)).pipe(Effect.provide(Layer.provideMerge(workflows, onClient(liveClient))))
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        assert.lengthOf(yield* sql`SELECT payload FROM cluster_messages WHERE tag = 'deferred' AND payload LIKE '%Interrupt%'`, 0)
      }).pipe(Effect.provide(LibsqlClient.layer({ url: `file:${filename}` })))
      yield* cancelled(wakingSoon, executionId).pipe(Effect.provide(Layer.provideMerge(workflows, sqlite(filename))))
    }).pipe(Effect.provide(Sandbox.layer), Effect.scoped))

  it.live("is not asked for ever what it refuses for ever, such as a text that its encoding has not", () =>
    Effect.gen(function*() {
      const client = createClient({ url: `file:${yield* temporaryFile}`, intMode: "bigint" })
      const execute: (statement: InStatement) => Promise<ResultSet> = client.execute.bind(client)
      const isLatin = (statement: InStatement) => typeof statement === "string" || !JSON.stringify(statement.args, (_, arg) => typeof arg === "bigint" ? 0 : arg).includes("✅")
      const refusing = (statement: InStatement) =>
        isLatin(statement) ? execute(statement) : Promise.reject(Object.assign(new Error("no equivalent in encoding \"LATIN1\""), { code: "22P05" }))
      const asked = Effect.gen(function*() {
        const records = yield* CancelRecords.CancelRecords
        return yield* Effect.exit(Effect.timeoutFail(records.find("✅"), { duration: "2 seconds", onTimeout: () => "it is asked again and again" }))
      })
      const exit = yield* asked.pipe(
        Effect.provide(Layer.provide(Sql.layerRecords, LibsqlClient.layer({ liveClient: Object.assign(client, { execute: refusing }) })))
      )
      assert.match(Cause.pretty(Option.getOrThrow(Exit.causeOption(exit))), /Failed to execute statement/)
    }).pipe(Effect.scoped))

  it.live("has no statement in a transaction of another fiber, wherever its own yields", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE mine (number INTEGER)`
        const places = Array.from({ length: 40 }, (_, place) => place)
        for (const place of places) {
          const writing = yield* Effect.fork(Effect.withScheduler(Effect.suspend(() => sql`INSERT INTO mine VALUES (${place})`), yieldingAfter(place)))
          yield* Effect.yieldNow()
          yield* Effect.ignore(sql.withTransaction(Effect.zipRight(Effect.sleep(12), Effect.fail("undone"))))
          yield* Fiber.join(writing)
        }
        assert.deepStrictEqual((yield* sql<{ readonly number: bigint }>`SELECT number FROM mine`).map(({ number }) => Number(number)), places)
      }).pipe(Effect.provide(Sqlite.layer({ filename })))
    }).pipe(Effect.scoped))

  it.live("leaves their turn to sockets and timers, however much is asked of it", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        let turns = 0
        yield* Effect.acquireRelease(Effect.sync(() => setInterval(() => turns++, 1)), (timer) => Effect.sync(() => clearInterval(timer)))
        const asking = Effect.forEach(Array.from({ length: 10 }), () => Effect.zipRight(sql`SELECT 1`, sql.withTransaction(sql`SELECT 1`)), { discard: true })
        turns = 0
        yield* Effect.all(Array.from({ length: 20 }, () => asking), { concurrency: "unbounded", discard: true })
        assert.isAbove(turns, 10)
      }).pipe(Effect.provide(Sqlite.layer({ filename })))
    }).pipe(Effect.scoped))

  it.live("that is closed is not asked for ever: a notification that comes too late is a defect, and not acknowledged", () =>
    Effect.gen(function*() {
      const records = yield* Effect.provide(CancelRecords.CancelRecords, Sqlite.layer({ filename: yield* temporaryFile }))
      const receivedAt = yield* DateTime.now
      const told = { provider: "Stripe", identifiedBy: "PaymentId", paymentId: "pi_1", notificationId: "evt_1", notification: "{}", receivedAt } as const
      const exit = yield* Effect.timeout(Effect.exit(records.tell(told)), "10 seconds")
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
    }).pipe(Effect.scoped))

  it.live("whose lock cannot be taken for another reason than its holder is not said to be in use", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      Fs.writeFileSync(`${filename}.lock`, "not a database, but text that is long enough to be taken for one".repeat(100))
      const error = yield* Effect.flip(open(filename))
      assert(error._tag === "CancelWorkflow.Inaccessible")
      assert.include(error.message, `${filename}.lock cannot be opened as an SQLite database`)
    }).pipe(Effect.scoped))

  for (const end of ["", ".lock"]) {
    // The superuser may write to either of them.
    it.live.skipIf(process.getuid?.() === 0)(`that may only be read, or whose lock may be, cannot be opened: it would be locked for nobody (${end})`, () =>
      Effect.gen(function*() {
        const filename = yield* temporaryFile
        yield* open(filename)
        Fs.chmodSync(`${filename}${end}`, 0o444)
        const error = yield* Effect.flip(open(filename))
        assert(error._tag === "CancelWorkflow.Inaccessible")
        assert.include(error.message, `${end} cannot be opened as an SQLite database: it may only be read`)
        Fs.chmodSync(`${filename}${end}`, 0o644)
        yield* open(filename)
      }).pipe(Effect.scoped))
  }

  it.live("that another program writes to when it is opened is in use", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* open(filename)
      const other = yield* otherProgram(filename)
      yield* Effect.promise(() => other.execute("BEGIN IMMEDIATE"))
      const error = yield* Effect.flip(open(filename))
      assert.deepStrictEqual([error._tag, "filename" in error && error.filename], ["CancelWorkflow.InUse", filename])
      yield* Effect.promise(() => other.execute("ROLLBACK"))
      yield* open(filename)
    }).pipe(Effect.scoped))

  it.live("that has no more room is an error, also where SQLite itself has taken the transaction back", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE mine (text TEXT)`
        yield* sql`PRAGMA max_page_count = 1`
        const error = yield* Effect.flip(sql.withTransaction(sql`INSERT INTO mine VALUES (${"x".repeat(100_000)})`))
        assert.strictEqual(error._tag, "SqlError")
        yield* sql`PRAGMA max_page_count = 1000000`
        yield* sql.withTransaction(sql`INSERT INTO mine VALUES ('y')`)
        assert.lengthOf(yield* sql`SELECT * FROM mine`, 1)
      }).pipe(Effect.provide(Sqlite.layer({ filename })))
    }).pipe(Effect.scoped))

  it.live("whose transaction could not be committed has none open afterwards", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`PRAGMA foreign_keys = ON`
        yield* sql`CREATE TABLE one (id INTEGER PRIMARY KEY)`
        yield* sql`CREATE TABLE many (one INTEGER REFERENCES one (id) DEFERRABLE INITIALLY DEFERRED)`
        assert.isTrue(Exit.isFailure(yield* Effect.exit(sql.withTransaction(sql`INSERT INTO many VALUES (1)`))))
        yield* sql.withTransaction(sql`INSERT INTO one VALUES (2)`)
        assert.lengthOf(yield* sql`SELECT * FROM many`, 0)
      }).pipe(
        Effect.provide(Sqlite.layer({ filename })),
        Effect.timeout("4 seconds")
      )
    }).pipe(Effect.scoped))

  it.live("that cannot be made is an error that names it and the missing folder, and not one that says it is in use", () =>
    Effect.gen(function*() {
      const filename = Path.join(yield* temporaryFile, "there", "is", "no", "such.db")
      const error = yield* Effect.flip(open(filename))
      assert.deepStrictEqual([error._tag, "filename" in error && error.filename], ["CancelWorkflow.Inaccessible", filename])
      assert.include(error.message, `is there the folder ${Path.dirname(filename)},`)
    }).pipe(Effect.scoped))

  it.live("that cannot be made right below the root is an error that names the root", () =>
    Effect.gen(function*() {
      // Whoever runs this may be allowed to write there, so it is the root itself that is no file.
      const error = yield* Effect.flip(open("/"))
      assert.include(error.message, "is there the folder /,")
    }).pipe(Effect.scoped))

  it.live.each(["a folder", "some text"])("that is no database is an error that names it: %s", (kind) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      if (kind === "a folder") Fs.mkdirSync(filename)
      else Fs.writeFileSync(filename, "not a database, but text that is long enough to be taken for one".repeat(100))
      const error = yield* Effect.flip(open(filename))
      assert.deepStrictEqual([error._tag, "filename" in error && error.filename], ["CancelWorkflow.Inaccessible", filename])
    }).pipe(Effect.scoped))

  const names = [
    ["a symbolic link", (filename: string) => {
      const link = Path.join(Path.dirname(filename), "link.db")
      Fs.symlinkSync(filename, link)
      return link
    }],
    ["a symbolic link to its folder", (filename: string) => {
      const link = Path.join(Path.dirname(filename), "folder")
      Fs.symlinkSync(Path.dirname(filename), link)
      return Path.join(link, Path.basename(filename))
    }],
    ["a path with dots", (filename: string) => `${Path.dirname(filename)}/./nowhere/..//${Path.basename(filename)}`],
    ["a relative path", (filename: string) => Path.relative(process.cwd(), filename)],
    ["a URL", (filename: string) => `file://${filename}`],
    ["a URL with a sign encoded", (filename: string) => `file:${filename.replace("cancels", "%63ancels")}`]
  ] as const

  it.live("is the same by every name", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* open(filename)
      yield* holder(filename)
      for (const [kind, other] of names) {
        const name = other(filename)
        const error = yield* Effect.flip(open(name))
        assert.deepStrictEqual([error._tag, "filename" in error && error.filename], ["CancelWorkflow.InUse", name], kind)
      }
    }).pipe(Effect.scoped))

  it.live.each(["100%.db", "a%20b.db", "a b.db", "what?.db", "no#1.db", "Zürich: 1+1.db"])("has the name that was given: %s", (name) =>
    Effect.gen(function*() {
      const folder = Path.dirname(yield* temporaryFile)
      yield* open(Path.join(folder, name))
      const made = Fs.readdirSync(folder)
      assert.includeMembers(made, [name, `${name}.lock`])
      assert.isTrue(made.every((each) => each.startsWith(name)), made.join(" "))
    }).pipe(Effect.scoped))

  it.live.each([
    [":memory:", "no file"],
    ["", "no file"],
    ["file:", "no file"],
    ["file::memory:", "no file"],
    ["file:cancels.db?mode=memory", "without parameters"],
    ["file:cancels.db?nolock=1", "without parameters"],
    ["file:cancels.db#1", "without parameters"],
    ["cancels\0.db", "without parameters"],
    ["cancels\ud800.db", "without parameters"],
    ["libsql://127.0.0.1:1/cancels", "without parameters"],
    ["HTTPS://127.0.0.1:1/cancels", "without parameters"]
  ])("that would be none is an error that says so, and nothing is made: '%s'", ([filename, problem]) =>
    Effect.gen(function*() {
      const before = Fs.readdirSync(".")
      const error = yield* Effect.flip(open(filename!))
      assert.deepStrictEqual([error._tag, "filename" in error && error.filename], ["CancelWorkflow.Inaccessible", filename])
      assert.include(error.message, problem!)
      assert.deepStrictEqual(Fs.readdirSync("."), before)
    }))
})
