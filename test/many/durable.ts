/** What it costs to cancel durably, beside the same cancels as they are. */
import { Effect, Layer } from "effect"
import { Stripe } from "effect-payment-cancel"
import { CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { forgetful, requestOf } from "./http.js"

const atOnce = 64

/** Cancels a second, durable and plain, and how many bytes of the database a durable one takes. */
export interface Durable {
  readonly durable: number
  readonly plain: number
  readonly bytes: number
}

const perSecond = <A, E, R>(items: number, cancel: (index: number) => Effect.Effect<A, E, R>) =>
  Effect.map(
    Effect.timed(Effect.forEach(Array.from({ length: items }, (_, index) => index), cancel, { concurrency: atOnce, discard: true })),
    ([took]) => items / (Number(took.value._tag === "Nanos" ? took.value.nanos : 0n) / 1e9)
  )

/** Cancels so many payments in each form. */
export const measure = (items: number): Effect.Effect<Durable> =>
  Effect.scoped(Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-many-"))),
      (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
    )
    const filename = Path.join(folder, "cancels.db")
    const stripe = CancelWorkflow.make("Stripe", Stripe)
    const durable = yield* perSecond(items, (index) =>
      stripe.cancel({ paymentId: requestOf(index).paymentId, requestId: "many" })).pipe(
        Effect.orDie,
        Effect.provide(stripe.layer.pipe(Layer.provideMerge(Layer.orDie(Sqlite.layer({ filename })))))
      )
    // Closed, so that all is in the file itself.
    const bytes = Fs.statSync(filename).size / items
    const plain = yield* Effect.orDie(perSecond(items, (index) => Stripe.cancel(requestOf(index))))
    return { durable, plain, bytes }
  })).pipe(Effect.provide(forgetful))
