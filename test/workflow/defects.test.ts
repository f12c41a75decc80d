/** What dies beside a durable cancel. */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { WorkflowEngine } from "@effect/workflow"
import { CheckoutCom, Square, Stripe } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Fault } from "effect-payment-cancel/sandbox"
import { noLogger } from "../support/Dying.js"
import { cancelsAt, memory, providers, toTheEnd } from "./durable.js"

const dying = CancelWorkflow.make("CheckoutCom", { ...CheckoutCom, status: () => Effect.dieMessage("no decoder") }, toTheEnd)

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
  for (const [what, logged] of [["", Layer.empty], [", also where the logger dies", noLogger]] as const) {
    it.scoped(`whose status query dies is handed to a person in the end${what}`, () =>
      Effect.gen(function*() {
        const { create, inject } = yield* Sandbox.Sandbox
        const paymentId = yield* create("CheckoutCom")
        yield* inject(Fault.statusQueryDown, { provider: "CheckoutCom", operation: "Status", times: 1000 })
        yield* dying.start({ paymentId, requestId: "r-1" })
        yield* steps(60)
        assert.deepStrictEqual((yield* CancelRecords.doubtful).map(({ state }) => state), ["HandedOver"])
      }).pipe(Effect.provide(Layer.provide(durable, logged))))
  }
})

describe("a defect", () => {
  const lines: Array<string> = []
  const told = Logger.replace(Logger.defaultLogger, Logger.map(Logger.stringLogger, (line) => void lines.push(line)))

  it.scoped("is in the log as it is, by any logger, with the cancel that it is of", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("CheckoutCom")
      yield* inject(Fault.statusQueryDown, { provider: "CheckoutCom", operation: "Status", times: 1000 })
      const executionId = yield* dying.start({ paymentId, requestId: "r-1" })
      yield* steps(2)
      const line = lines.find((line) => line.includes("died"))
      for (const part of ["no decoder", "the status query", `cancel of ${paymentId} at CheckoutCom`, executionId]) assert.include(line, part)
    }).pipe(Effect.provide(Layer.provide(durable, told))))
})

describe("the status query of an accepted cancel", () => {
  const asked: Array<unknown> = []
  const asking = CancelWorkflow.make("CheckoutCom", {
    ...CheckoutCom,
    status: (request: Parameters<typeof CheckoutCom.status>[0]) => {
      asked.push(request)
      return CheckoutCom.status(request)
    }
  })
  const layer = asking.layer.pipe(
    Layer.provideMerge(Layer.orDie(CheckoutCom.layer({
      secretKey: Redacted.make(Sandbox.credentials.CheckoutCom.secretKey),
      baseUrl: Sandbox.baseUrl("CheckoutCom")
    }))),
    Layer.provideMerge(Layer.mergeAll(memory, Sandbox.layer))
  )

  it.scoped("is given all that the cancel was asked with, for it may go by another field than the payment's id", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("CheckoutCom")
      yield* inject(Fault.statusQueryDown, { provider: "CheckoutCom", operation: "Status", times: 5 })
      yield* asking.start({ paymentId, requestId: "r-1", reference: "order-7", idempotencyKey: "key-1" })
      yield* steps(3)
      assert.deepStrictEqual(asked[0], { paymentId, reference: "order-7" })
    }).pipe(Effect.provide(layer)))
})

describe("a call that dies after a 5xx, for which there is no licence to send again", () => {
  /** Stripe, reached by a client that dies of some requests. */
  const stripeBy = (dies: (method: string) => boolean, stripe: typeof Stripe = Stripe) => {
    const workflow = CancelWorkflow.make("Stripe", stripe, { giveUpAfter: "30 minutes" })
    const client = Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, (client) =>
      HttpClient.make((request) => dies(request.method) ? Effect.dieMessage("the client is broken") : client.execute(request))))
    const layer = workflow.layer.pipe(
      Layer.provideMerge(Layer.provide(
        Layer.orDie(Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey), baseUrl: Sandbox.baseUrl("Stripe") })),
        client
      )),
      Layer.provideMerge(Layer.merge(memory, Sandbox.layer)),
      Layer.provide(Logger.remove(Logger.defaultLogger))
    )
    return { workflow, layer }
  }

  const begun = ({ workflow }: ReturnType<typeof stripeBy>) =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.serverError({ applied: false }), { provider: "Stripe", operation: "Cancel" })
      return yield* workflow.start({ paymentId, requestId: "r-1" })
    })

  let statusQueries = 0
  const readOnce = stripeBy((method) => method === "GET" && statusQueries++ === 0)

  it.scoped("is remembered with it: the next call sends nothing, and reads the status", () =>
    Effect.gen(function*() {
      const executionId = yield* begun(readOnce)
      for (let minutes = 0; minutes < 40; minutes += 5) yield* TestClock.adjust("5 minutes")
      assert.isAbove(statusQueries, 1)
      assert.lengthOf(yield* cancelsAt("Stripe"), 1)
      const error = yield* Effect.flip(readOnce.workflow.outcome(executionId))
      assert.deepInclude(error, { _tag: "CancelWorkflow.Unsettled", outcome: "Unknown", lastResult: "CancelError.UnexpectedResponse" })
    }).pipe(Effect.provide(readOnce.layer)))

  let calls = 0
  // Its own error is what it dies of.
  const cancel: typeof Stripe.cancel = (request) => calls++ === 0 ? Effect.orDie(Stripe.cancel(request)) : Stripe.cancel(request)
  const ownError = stripeBy(() => false, { ...Stripe, cancel })

  it.scoped("is remembered with it too where it had come to its result", () =>
    Effect.gen(function*() {
      yield* begun(ownError)
      for (let minutes = 0; minutes < 40; minutes += 5) yield* TestClock.adjust("5 minutes")
      assert.isAbove(calls, 1)
      assert.lengthOf(yield* cancelsAt("Stripe"), 1)
    }).pipe(Effect.provide(ownError.layer)))
})

describe("a call that dies after a refusal", () => {
  let calls = 0
  const cancel: typeof Square.cancel = (request) => calls++ === 0 ? Effect.orDie(Square.cancel(request)) : Square.cancel(request)
  const workflow = CancelWorkflow.make("Square", { ...Square, cancel }, { giveUpAfter: "1 hour" })
  const layer = workflow.layer.pipe(
    Layer.provideMerge(providers),
    Layer.provideMerge(Layer.merge(memory, Sandbox.layer)),
    Layer.provide(Logger.remove(Logger.defaultLogger))
  )

  // There is no licence at Square: what is in doubt is never sent again.
  it.scoped("leaves nothing in doubt, and the next one sends, no sooner than was asked", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Square")
      yield* inject(Fault.rateLimited({ retryAfter: 600 }), { provider: "Square", operation: "Cancel" })
      const executionId = yield* workflow.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("9 minutes")
      assert.lengthOf(yield* cancelsAt("Square"), 1)
      yield* TestClock.adjust("2 minutes")
      assert.lengthOf(yield* cancelsAt("Square"), 2)
      assert.strictEqual(Option.getOrThrow(yield* workflow.outcome(executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(layer)))
})

describe("a clock that is put back while a cancel is called", () => {
  it.scoped("does not use up the time that the cancel was given", () =>
    Effect.gen(function*() {
      const isRight = yield* Deferred.make<void>()
      const { layer, outcome, start } = CancelWorkflow.make("Stripe", {
        ...Stripe,
        cancel: (request: Stripe.CancelRequest) => Effect.zipRight(Deferred.await(isRight), Stripe.cancel(request))
      })
      yield* Effect.gen(function*() {
        const { create, inject } = yield* Sandbox.Sandbox
        const paymentId = yield* create("Stripe")
        yield* inject(Fault.dropBeforeApplying, { provider: "Stripe", operation: "Cancel", forever: true })
        yield* TestClock.setTime(Date.UTC(2026, 1, 1))
        const executionId = yield* start({ paymentId, requestId: "r-1" })
        yield* TestClock.adjust("1 second")
        yield* TestClock.setTime(Date.UTC(2026, 0, 1))
        yield* Deferred.succeed(isRight, undefined)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(Option.getOrThrow(yield* outcome(executionId))._tag, "Working")
      }).pipe(Effect.provide(layer.pipe(Layer.provide(providers), Layer.provideMerge(Layer.merge(memory, Sandbox.layer)))))
    }))
})

describe("an execution that dies of what keeps it, as of a database that is away", () => {
  type Records = typeof CancelRecords.CancelRecords.Service
  const { layer, outcome, start } = CancelWorkflow.make("Stripe", Stripe)

  const onRecords = (dying: (kept: Records) => Partial<Records>) => {
    const records = Layer.effect(CancelRecords.CancelRecords, Effect.map(CancelRecords.CancelRecords, (kept) => ({ ...kept, ...dying(kept) })))
    return layer.pipe(
      Layer.provide(providers),
      Layer.provideMerge(Layer.provideMerge(records, memory)),
      Layer.provideMerge(Sandbox.layer),
      Layer.provide(Logger.remove(Logger.defaultLogger))
    )
  }

  const isHandedOver = (executionId: string) =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* CancelRecords.doubtful).map(({ result, state }) => [state, result]), [["HandedOver", "CancelWorkflow.Unsettled"]])
      assert.strictEqual((yield* Effect.flip(outcome(executionId)))._tag, "CancelWorkflow.Unsettled")
    })

  it.scoped("is handed to a person", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.dropAfterApplying, { provider: "Stripe", forever: true })
      const executionId = yield* start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 hour")
      yield* isHandedOver(executionId)
    }).pipe(Effect.provide(onRecords(({ change }) => ({
      change: (executionId, to) => to.state === "InDoubt" ? Effect.dieMessage("no database") : change(executionId, to)
    })))))

  it.scoped("is handed to a person under its own key too if that is before its first call", () =>
    Effect.gen(function*() {
      const { create } = yield* Sandbox.Sandbox
      const executionId = yield* start({ paymentId: yield* create("Stripe"), requestId: "r-1", idempotencyKey: "k-1" })
      yield* TestClock.adjust("1 hour")
      yield* isHandedOver(executionId)
      const error = yield* Effect.flip(outcome(executionId))
      assert.deepStrictEqual([error.outcome, error.idempotencyKey], ["Unknown", "k-1"])
      assert.deepStrictEqual(yield* cancelsAt("Stripe"), [])
    }).pipe(Effect.provide(onRecords(() => ({ told: () => Effect.dieMessage("no database") })))))
})

describe("a record that cannot be written", () => {
  const records = Layer.effect(CancelRecords.CancelRecords, Effect.map(CancelRecords.CancelRecords, (kept) => ({ ...kept, begin: () => Effect.never })))
  const { layer, start, within } = CancelWorkflow.make("Stripe", Stripe)
  const request = { paymentId: "pi_1", requestId: "r-1" }

  for (const [name, starting] of [["start", Effect.asVoid(start(request))], ["within", Effect.asVoid(within(request, "5 seconds"))]] as const) {
    it.scoped(`keeps nobody waiting for ever who starts a cancel: ${name}`, () =>
      Effect.gen(function*() {
        const waiting = yield* Effect.fork(starting)
        yield* steps(20)
        const cause = Exit.causeOption(Option.getOrThrow(yield* Fiber.poll(waiting)))
        assert.match(Cause.pretty(Option.getOrThrow(cause)), /its record could not be written/)
        assert.deepStrictEqual(yield* cancelsAt("Stripe"), [])
      }).pipe(Effect.provide(layer.pipe(
        Layer.provide(providers),
        Layer.provideMerge(Layer.provideMerge(records, memory)),
        Layer.provideMerge(Sandbox.layer)
      ))))
  }
})
