/** What dies beside a durable cancel. */
import { assert, describe, it } from "@effect/vitest"
import { WorkflowEngine } from "@effect/workflow"
import { CheckoutCom } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Fault } from "effect-payment-cancel/sandbox"

const dying = CancelWorkflow.make("CheckoutCom", { ...CheckoutCom, status: () => Effect.dieMessage("no decoder") })

const durable = dying.layer.pipe(
  Layer.provideMerge(Layer.orDie(CheckoutCom.layer({
    secretKey: Redacted.make(Sandbox.credentials.CheckoutCom.secretKey),
    baseUrl: Sandbox.baseUrl("CheckoutCom")
  }))),
  Layer.provideMerge(Layer.mergeAll(WorkflowEngine.layerMemory, CancelRecords.layerMemory, Sandbox.layer))
)

/** Engines take turns of the event loop, and waits time. */
const steps = (times: number) =>
  Effect.repeatN(Effect.zipRight(Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 2))), TestClock.adjust("6 hours")), times)

describe("an accepted cancel", () => {
  it.scoped("whose status query dies is handed to a person in the end", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("CheckoutCom")
      yield* inject(Fault.statusQueryDown, { provider: "CheckoutCom", operation: "Status", times: 1000 })
      yield* dying.start({ paymentId, requestId: "r-1" })
      yield* steps(60)
      assert.deepStrictEqual((yield* CancelRecords.doubtful).map(({ state }) => state), ["HandedOver"])
    }).pipe(Effect.provide(durable)))
})
