/**
 * A process that works on durable cancels until it is killed, or all are done: what `npm run crash-test` kills.
 * It prints what it knows as one line of JSON.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Adyen, Square, Stripe, WePay } from "effect-payment-cancel"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Postgres from "effect-payment-cancel/workflow/Postgres"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import * as Checkout from "./checkout.js"

const Task = Schema.Struct({ provider: Schema.Literal("Stripe", "Adyen", "WePay"), paymentId: Schema.String })

const Storage = Schema.Union(
  Schema.TaggedStruct("Sqlite", { filename: Schema.String }),
  Schema.TaggedStruct("Postgres", { url: Schema.String, port: Schema.Int, expiration: Schema.Number })
)

/** `sweep`: everything that has ended is removed, and what is left in the tables is counted. */
const Job = Schema.parseJson(Schema.Struct({
  storage: Storage,
  tasks: Schema.Array(Task),
  orders: Schema.Array(Checkout.Order),
  /** At the so manieth piece of work, or that of a name. */
  kill: Schema.NullOr(Schema.Struct({ at: Schema.Int, of: Schema.optional(Schema.String) })),
  sweep: Schema.Boolean
}))

type Job = typeof Job.Type

const options: CancelWorkflow.Options = {
  // The last one is longer: on a busy machine whoever looks too often has no time for anything else.
  waits: ["150 millis", "300 millis", "300 millis", "1 second"],
  giveUpAfter: "5 minutes",
  policy: { attempts: 2, attemptTimeout: "400 millis", statusReads: 2, statusTimeout: "400 millis", deadline: "2 seconds", backoff: { initial: 20, maximum: 50 } }
}

const workflows = {
  Stripe: CancelWorkflow.make("Stripe", Stripe, options),
  Adyen: CancelWorkflow.make("Adyen", Adyen, options),
  WePay: CancelWorkflow.make("WePay", WePay, options)
}

/** It has no licence: what is in doubt there may stay so, and is handed to a person before a trial becomes long. */
const square = CancelWorkflow.make("Square", Square, { ...options, giveUpAfter: "3 seconds" })

const checkouts = Checkout.layer({ Adyen: workflows.Adyen, Square: square })

const providers = Layer.mergeAll(
  Stripe.layerConfig(),
  Adyen.layerConfig(),
  WePay.layerConfig(),
  Square.layerConfig()
).pipe(Layer.provideMerge(NodeHttpClient.layerUndici))

const frequent = { entityMessagePollInterval: Duration.millis(100), entityReplyPollInterval: Duration.millis(50) }

const storageOf = ({ storage, sweep }: Job) => {
  const retention = sweep ? { keepFor: "1 millis", sweepEvery: "200 millis" } as const : {}
  return storage._tag === "Sqlite"
    ? Layer.orDie(Sqlite.layer({ filename: storage.filename, shardingConfig: frequent, ...retention }))
    : Layer.orDie(Postgres.layer({
      url: Redacted.make(storage.url),
      runner: { host: "127.0.0.1", port: storage.port },
      shardingConfig: {
        ...frequent,
        refreshAssignmentsInterval: Duration.millis(500),
        entityTerminationTimeout: Duration.seconds(2),
        shardLockExpiration: Duration.seconds(storage.expiration),
        shardLockRefreshInterval: Duration.seconds(storage.expiration / 3),
        runnerHealthCheckInterval: Duration.seconds(storage.expiration / 3)
      },
      ...retention
    }))
}

const durable = (job: Job) =>
  Layer.mergeAll(workflows.Stripe.layer, workflows.Adyen.layer, workflows.WePay.layer, square.layer, checkouts).pipe(
    Layer.provideMerge(storageOf(job)),
    Layer.provide(providers)
  )

/** Ends the process without a word, at the begin or the end of so manieth piece of work: a statement, an exchange, a step. */
const killing = ({ at, of }: NonNullable<Job["kill"]>) => {
  let left = at
  const count = (name: string) => {
    if (of !== undefined && of !== name) return
    left -= 1
    if (left === 0) process.kill(process.pid, "SIGKILL")
  }
  return Layer.setTracer(Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      count(name)
      const attributes = new Map<string, unknown>()
      return {
        _tag: "Span",
        spanId: "1",
        traceId: "1",
        sampled: false,
        name,
        parent,
        context,
        links,
        kind,
        attributes,
        status: { _tag: "Started", startTime },
        end: () => count(name),
        attribute: () => {},
        event: () => {},
        addLinks: () => {}
      }
    },
    context: (execute) => execute()
  }))
}

/** Adyen's notifications, as often as it takes. */
const notify = Effect.gen(function*() {
  const url = yield* Config.string("SANDBOX_URL")
  const response = yield* Effect.promise(() => fetch(`${url}/sandbox/notifications?provider=Adyen`).then((_) => _.json()))
  const Notifications = Schema.Array(Schema.Struct({ provider: Schema.String, body: Schema.String, headers: Schema.Record({ key: Schema.String, value: Schema.String }) }))
  const all = yield* Schema.decodeUnknown(Notifications)(response)
  const secret = yield* Config.redacted("ADYEN_HMAC_KEY")
  yield* Effect.forEach(all.filter(({ provider }) => provider === "Adyen"), ({ body, headers }) =>
    Effect.flatMap(Effect.either(Adyen.notification({ body, headers }, { secret })), Either.match({
      onLeft: () => Effect.void,
      onRight: (told) => workflows.Adyen.notified(told)
    })))
}).pipe(Effect.catchAllCause(() => Effect.void))

/** How each provider's cancels have ended so far, by the tag. */
const tag = <A extends { readonly _tag: string }, E, R>(outcome: Effect.Effect<Option.Option<A>, E, R>) =>
  Effect.map(Effect.exit(outcome), Exit.match({
    onFailure: (cause) => String(cause),
    onSuccess: Option.match({ onNone: () => "Working", onSome: ({ _tag }) => _tag })
  }))

const outcomes = {
  Stripe: (executionId: string) => tag(workflows.Stripe.outcome(executionId)),
  Adyen: (executionId: string) => tag(workflows.Adyen.outcome(executionId)),
  WePay: (executionId: string) => tag(workflows.WePay.outcome(executionId))
}

const requestId = "crash"

const starting = {
  Stripe: (paymentId: string) => workflows.Stripe.start({ paymentId, requestId }),
  Adyen: (paymentId: string) => workflows.Adyen.start({ paymentId, requestId }),
  WePay: (paymentId: string) => workflows.WePay.start({ paymentId, requestId, reason: "out of stock" })
}

const work = ({ orders, tasks }: Job) =>
  Effect.gen(function*() {
    // Nobody starts them a second time: the journal is to know of them.
    const started = yield* Effect.forEach(tasks, ({ paymentId, provider }) =>
      Effect.map(starting[provider](paymentId), (executionId) => ({ paymentId, provider, executionId })))
    const placed = yield* Effect.forEach(orders, (order) => Effect.map(Checkout.start(order), (executionId) => ({ order, executionId })))
    console.log(JSON.stringify({ started: started.length + placed.length }))
    yield* Effect.forkScoped(Effect.repeat(notify, Schedule.spaced("500 millis")))
    const cancels = Effect.forEach(started, ({ executionId, paymentId, provider }) =>
      Effect.gen(function*() {
        const ask = Effect.delay(outcomes[provider](executionId), "100 millis")
        return { provider, paymentId, result: yield* Effect.repeat(ask, { until: (tag) => tag !== "Working" }) }
      }), { concurrency: "unbounded" })
    const sagas = Effect.forEach(placed, ({ executionId, order }) => Checkout.outcome(order, executionId), { concurrency: "unbounded" })
    const [results, checkouts] = yield* Effect.all([cancels, sagas], { concurrency: "unbounded" })
    console.log(JSON.stringify({ results, checkouts, at: Date.now() }))
  })

/** What is left in the tables of the cancels and of the engine: of each that is not empty its name, and how many rows. */
const rows = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const tables = ["cluster_messages", "cluster_replies", "effect_payment_cancels", "effect_payment_notifications", "effect_payment_endings"]
  const counts = yield* Effect.forEach(tables, (table) =>
    Effect.map(sql`SELECT COUNT(*) AS n FROM ${sql(table)}`, ([row]) => ({ table, n: Number(row?.["n"]) })))
  return counts.filter(({ n }) => n > 0).map(({ n, table }) => `${n} of ${table}`)
})

/** What a person does with what was handed over. What is handed over in the meantime waits for the next one. */
const closing = Effect.flatMap(CancelRecords.doubtful, (records) =>
  Effect.forEach(records.filter(({ state }) => state === "HandedOver"), ({ executionId }) =>
    CancelRecords.close(executionId, "it was looked up at the provider")))

const sweeping = Effect.gen(function*() {
  yield* closing
  const left = yield* Effect.repeat(Effect.delay(rows, "100 millis"), { until: ({ length }) => length === 0, times: 50 })
  console.log(JSON.stringify({ left }))
})

const job = Schema.decodeUnknownSync(Job)(process.argv[2])

const done: Effect.Effect<void, unknown, Layer.Layer.Success<ReturnType<typeof durable>> | Scope.Scope> = job.sweep ? sweeping : work(job)

done.pipe(
  Effect.scoped,
  Effect.provide(durable(job)),
  Effect.provide(job.kill === null ? Layer.empty : killing(job.kill)),
  Effect.provide(Logger.remove(Logger.defaultLogger)),
  Effect.runPromise
).then(() => process.exit(0), (error) => {
  console.error(String(error))
  process.exit(1)
})
