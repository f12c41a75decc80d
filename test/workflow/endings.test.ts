/** How a workflow ends for its payment where its end cannot be written down, or cannot be read. */
import { assert, describe, it } from "@effect/vitest"
import { Activity, Workflow, WorkflowEngine } from "@effect/workflow"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords } from "effect-payment-cancel/workflow"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { noLogger } from "../support/Dying.js"
import { brisk, eventually, providers, sqlite, statusAt, temporaryFile, workflowsOf } from "./durable.js"

const { stripe } = workflowsOf(brisk)

const Order = Workflow.make({
  name: "Order",
  payload: { paymentId: Schema.String, ending: Schema.Literal("noResult", "noJson", "noFailure", "leftAlone") },
  success: Schema.Union(Schema.NonEmptyString, Schema.BigIntFromSelf),
  error: Schema.NonEmptyString,
  idempotencyKey: ({ paymentId }) => paymentId
})

const order = Order.toLayer(({ ending, paymentId }) =>
  Effect.gen(function*() {
    yield* stripe.cancelOnFailure(
      Activity.make({ name: "authorize", execute: Effect.flatMap(Sandbox.Sandbox, (_) => Effect.asVoid(_.create("Stripe", { id: paymentId }))) }),
      { name: "payment", payment: { paymentId } }
    )
    if (ending === "noResult") return ""
    if (ending === "noJson") return 1n
    if (ending === "noFailure") return yield* Effect.fail("")
    const { end } = yield* CancelRecords.CancelRecords
    const { executionId } = yield* WorkflowEngine.WorkflowInstance
    yield* end({ executionId, step: "Stripe/payment" }, JSON.stringify({ version: 2 }), Option.none())
    return "shipped"
  }))

const inFile = (filename: string) =>
  Layer.merge(order, stripe.layer).pipe(Layer.provide(providers), Layer.provideMerge(sqlite(filename)), Layer.provideMerge(Sandbox.layer))

describe("an end that cannot be written down", () => {
  it.live.each(["noResult", "noJson", "noFailure"] as const)("is a defect, and the payment is cancelled: %s", (ending) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const exit = yield* Effect.exit(Effect.timeout(Order.execute({ paymentId: "pi_1", ending }), "10 seconds"))
        assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause), "it never ends")
        yield* eventually(statusAt("Stripe", "pi_1"), (status) => status === "canceled")
      }).pipe(Effect.provide(inFile(filename)))
    }).pipe(Effect.scoped))
})

describe("an end that another version of the library wrote", () => {
  it.live.each([["", Layer.empty], [", also where the logger dies", noLogger]] as const)("is left alone, and the process that found it can be stopped%s", ([, logged]) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const process = yield* Effect.gen(function*() {
        const executionId = yield* Order.execute({ paymentId: "pi_1", ending: "leftAlone" }, { discard: true })
        yield* eventually(Effect.flatMap(CancelRecords.CancelRecords, (_) => _.ended({ executionId, step: "Stripe/payment" })), Option.isSome)
        yield* Effect.sleep("500 millis")
        assert.isUndefined(yield* Order.poll(executionId))
      }).pipe(Effect.provide(Layer.provide(inFile(filename), logged)), Effect.forkDaemon)
      assert.isTrue(Option.isSome(yield* Effect.timeoutOption(Fiber.join(process), "10 seconds")), "it does not stop")
    }).pipe(Effect.scoped))
})
