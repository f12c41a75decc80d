// Cancels durably, in an SQLite file: what whoever imports that entry installs is enough for it.
import { Effect, Layer, Redacted } from "effect"
import { Stripe } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const stripe = CancelWorkflow.make("Stripe", Stripe)
const filename = join(mkdtempSync(join(tmpdir(), "effect-payment-cancel-durable-")), "cancels.db")

const layer = stripe.layer.pipe(
  Layer.provideMerge(Sqlite.layer({ filename })),
  Layer.provide(Stripe.layer({
    apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey),
    baseUrl: Sandbox.baseUrl("Stripe")
  })),
  Layer.provideMerge(Sandbox.layer)
)

const program = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const request = { paymentId: yield* sandbox.create("Stripe"), requestId: "order-1042" }
  const first = yield* stripe.cancel(request)
  const again = yield* stripe.cancel(request)
  const requests = yield* sandbox.requests
  return [first._tag, again._tag, requests.length]
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, layer))))
process.exit(0)
