/** What is removed from a database, and what stays until a person has closed it. */
import { assert, describe, it } from "@effect/vitest"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords } from "effect-payment-cancel/workflow"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { brisk, cancelsAt, eventually, frequent, providers, temporaryFile, workflowsOf } from "./durable.js"

const { stripe } = workflowsOf({ ...brisk, giveUpAfter: "300 millis" })

const sweepEvery = "50 millis"

/** Everything that has ended is too old at once. */
const hasty = (filename: string) =>
  stripe.layer.pipe(
    Layer.provide(providers),
    Layer.provideMerge(Layer.orDie(Sqlite.layer({ filename, shardingConfig: frequent, keepFor: 0, sweepEvery }))),
    Layer.provideMerge(Sandbox.layer)
  )

const severalSweeps = Effect.sleep("300 millis")

const handedOver = Effect.gen(function*() {
  const { create, inject } = yield* Sandbox.Sandbox
  const request = { paymentId: yield* create("Stripe"), requestId: "r-1" }
  yield* inject(Fault.dropAfterApplying, { provider: "Stripe", forever: true })
  const executionId = yield* stripe.start(request)
  yield* eventually(CancelRecords.doubtful, ([record]) => record?.state === "HandedOver")
  return { executionId, request }
})

describe("what is handed over", () => {
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
