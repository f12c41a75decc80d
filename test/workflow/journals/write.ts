/**
 * Writes the journals of this version, each in another state, for versions to come:
 * `npx tsx --tsconfig test/tsconfig.json test/workflow/journals/write.ts`. Those that are there stay what they are; a
 * new version of the journal's format has a folder of its own.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Adyen, Stripe } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { brisk, eventually, providers, sqlite, temporaryFile } from "../durable.js"
import { dump } from "./dump.js"

const folder = fileURLToPath(new URL("v1/", import.meta.url))

// The wait is over long before anybody reads the journal.
const options: CancelWorkflow.Options = { ...brisk, waits: ["1 second"] }

const stripe = CancelWorkflow.make("Stripe", Stripe, options)

const adyen = CancelWorkflow.make("Adyen", Adyen, options)

const never: typeof Stripe.cancel = () => Effect.never

const stuck = CancelWorkflow.make("Stripe", { ...Stripe, cancel: never }, options)

/** How many messages of the engine's have in their payload what is looked for. */
const messages = (text: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(sql<{ readonly n: bigint }>`SELECT COUNT(*) AS n FROM cluster_messages WHERE payload LIKE ${`%${text}%`}`, ([row]) => Number(row?.n ?? 0)))

const recorded = (state: CancelRecords.State) =>
  eventually(Effect.flatMap(CancelRecords.CancelRecords, (_) => _.inState(state)), (found) => found.length === 1)

const run = Layer.mergeAll(stripe.layer, adyen.layer).pipe(Layer.provide(providers))

const write = <E>(
  name: string,
  workflows: typeof run,
  reach: Effect.Effect<unknown, E, Layer.Layer.Success<ReturnType<typeof sqlite>> | Sandbox.Sandbox>
) =>
  Effect.gen(function*() {
    const filename = yield* temporaryFile
    // While it works: nobody tells it to stop.
    const text = yield* Effect.zipRight(reach, dump).pipe(
      Effect.provide(workflows.pipe(Layer.provideMerge(sqlite(filename)), Layer.provideMerge(Sandbox.layer)))
    )
    yield* Effect.sync(() => Fs.writeFileSync(`${folder}${name}.sql`, text))
  }).pipe(Effect.scoped)

const create = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* sandbox.create("Stripe", { id: "pi_journaled" })
  yield* sandbox.create("Adyen", { id: "JOURNALED" })
  return sandbox
})

Effect.gen(function*() {
  yield* write("before-the-first-call", stuck.layer.pipe(Layer.provide(providers)), Effect.gen(function*() {
    yield* create
    yield* stuck.start({ paymentId: "pi_journaled", requestId: "r-1", reason: "duplicate" })
    yield* eventually(messages("call/0"), (count) => count === 1)
  }))
  yield* write("after-a-lost-answer", run, Effect.gen(function*() {
    const { inject } = yield* create
    yield* inject(Fault.dropAfterApplying, { provider: "Stripe", forever: true })
    yield* stripe.start({ paymentId: "pi_journaled", requestId: "r-1", reason: "duplicate" })
    yield* recorded("InDoubt")
    yield* eventually(messages("wait/0"), (count) => count > 0)
  }))
  yield* write("waiting-for-a-notification", run, Effect.gen(function*() {
    yield* create
    yield* adyen.start({ paymentId: "JOURNALED", requestId: "r-1" })
    yield* recorded("Accepted")
    yield* eventually(messages("wait/0"), (count) => count > 0)
  }))
  yield* write("ended", run, Effect.gen(function*() {
    yield* create
    const executionId = yield* stripe.start({ paymentId: "pi_journaled", requestId: "r-1", reason: "duplicate" })
    yield* eventually(stripe.outcome(executionId), Option.exists(({ _tag }) => _tag === "Cancelled"))
  }))
}).pipe(
  Effect.provide(Logger.remove(Logger.defaultLogger)),
  Effect.runPromise
).then(() => process.exit(0), (error) => {
  console.error(String(error))
  process.exit(1)
})
