/** Durable cancels at Mollie: settled by a webhook that was asked about, and by what a release came to. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Mollie } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelWorkflow } from "effect-payment-cancel/workflow"
import { memory, toTheEnd } from "../../workflow/durable.js"

const mollie = CancelWorkflow.make("Mollie", Mollie)
const release = CancelWorkflow.make("Mollie", {
  ...Mollie,
  cancel: Mollie.releaseAuthorization,
  status: Mollie.releaseStatus,
  Cancellation: Mollie.Release
}, toTheEnd)

const service = Layer.orDie(Mollie.layer({ apiKey: Redacted.make(Sandbox.credentials.Mollie.apiKey), baseUrl: Sandbox.baseUrl("Mollie") }))

const over = <A, E, R>(layer: Layer.Layer<A, E, R>) =>
  layer.pipe(Layer.provideMerge(service), Layer.provideMerge(Layer.merge(memory, Sandbox.layer)))

const sent = Effect.flatMap(Sandbox.Sandbox, ({ requests }) =>
  Effect.map(requests, (all) => all.filter(({ operation }) => operation === "Cancel")))

describe("a durable cancel at Mollie", () => {
  it.scoped("is settled by a classic webhook, once Mollie says that the payment is cancelled", () =>
    Effect.gen(function*() {
      const { clearFaults, create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Mollie")
      yield* inject(Fault.dropAfterApplying, { operation: "Cancel" })
      yield* inject(Fault.statusQueryDown, { operation: "Status", forever: true })
      const executionId = yield* mollie.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(Option.getOrThrow(yield* mollie.outcome(executionId))._tag, "Working")
      yield* clearFaults
      const asking = yield* Effect.fork(Mollie.notificationById({ body: `id=${paymentId}`, headers: {} }))
      yield* TestClock.adjust("5 seconds")
      yield* mollie.notified(yield* asking)
      yield* TestClock.adjust("2 seconds")
      assert.deepInclude(Option.getOrThrow(yield* mollie.outcome(executionId)), { _tag: "Cancelled", evidence: "Notification", paymentId })
      assert.lengthOf(yield* sent, 1)
    }).pipe(Effect.provide(over(mollie.layer))))

  const longAfter = (capturedAmount: number) =>
    Effect.gen(function*() {
      const { create } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Mollie", { status: "authorized", capturedAmount, decidesIn: "1 hour" })
      const executionId = yield* release.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(Option.getOrThrow(yield* release.outcome(executionId))._tag, "Working")
      yield* TestClock.adjust("30 days")
      assert.lengthOf(yield* sent, 1)
      return release.outcome(executionId)
    })

  it.scoped("that is a release waits for what that comes to", () =>
    Effect.gen(function*() {
      assert.deepInclude(Option.getOrThrow(yield* yield* longAfter(0)), { _tag: "Cancelled", evidence: "StatusQuery" })
    }).pipe(Effect.provide(over(release.layer))))

  it.scoped("that is a release of the rest ends with a person: that the payment is paid then proves nothing", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* Effect.flip(yield* longAfter(400)), {
        _tag: "CancelWorkflow.Unsettled",
        lastResult: "CancellationAccepted",
        paymentStatus: Option.some("paid")
      })
    }).pipe(Effect.provide(over(release.layer))))
})
