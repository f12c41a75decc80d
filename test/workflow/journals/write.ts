/**
 * Writes a journal with a cancel in every state: `npx tsx --tsconfig test/tsconfig.json test/workflow/journals/write.ts v1.json`.
 * Write a new file when the version of the journal changes, and keep those that are there: the tests replay them all.
 */
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { payments, providers, requestId, workflows } from "./cancels.js"
import * as Journal from "./journal.js"

const [name = ""] = process.argv.slice(2)
const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-journal-"))
const filename = Path.join(folder, "cancels.db")
const { Adyen, Stripe } = workflows("1 hour")

const program = Effect.gen(function*() {
  const { create, inject } = yield* Sandbox.Sandbox
  yield* create("Stripe", { id: payments.inFlight })
  yield* create("Stripe", { id: payments.lost })
  yield* create("Stripe", { id: payments.ended })
  yield* create("Adyen", { id: payments.accepted })
  yield* inject(Fault.stallHeaders({ applied: false }), { provider: "Stripe", paymentId: payments.inFlight, operation: "Cancel" })
  yield* inject(Fault.dropBeforeApplying, { provider: "Stripe", paymentId: payments.lost, times: 2 })
  for (const paymentId of [payments.inFlight, payments.lost, payments.ended]) yield* Stripe.start({ paymentId, requestId })
  yield* Adyen.start({ paymentId: payments.accepted, requestId })
  yield* Effect.sleep("3 seconds")
  return yield* Journal.read(filename)
}).pipe(
  Effect.provide(Layer.mergeAll(Stripe.layer, Adyen.layer).pipe(
    Layer.provideMerge(Sqlite.layer({ filename })),
    Layer.provide(providers),
    Layer.provideMerge(Sandbox.layer)
  ))
)

Effect.runFork(program.pipe(
  // As a process that is killed leaves it.
  Effect.tap((journal) =>
    Effect.sync(() => {
      Fs.writeFileSync(
        Path.join(Path.dirname(fileURLToPath(import.meta.url)), name),
        `${JSON.stringify(Schema.encodeSync(Journal.Journal)(journal), null, 1)}\n`
      )
      Fs.rmSync(folder, { recursive: true })
      process.kill(process.pid, "SIGKILL")
    })
  )
))
