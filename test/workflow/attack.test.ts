/** What callers, providers and the time do wrong to a durable cancel. */
import { assert, describe, it } from "@effect/vitest"
import { Adyen, Stripe } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { cancelsAt, memory, providers, statusAt, toTheEnd, workflowsOf } from "./durable.js"

const durableOf = (options: CancelWorkflow.Options = {}) => {
  const workflows = workflowsOf(options)
  const { adyen, square, stripe } = workflows
  const layer = Layer.mergeAll(stripe.layer, adyen.layer, square.layer).pipe(
    Layer.provideMerge(providers),
    Layer.provideMerge(Layer.merge(memory, Sandbox.layer))
  )
  return { ...workflows, layer }
}

const { adyen, layer, stripe } = durableOf()

/** Lets time pass in steps, so that what is between two waits is done before the next begins. */
const pass = (minutes: number) => Effect.repeatN(TestClock.adjust("1 minute"), minutes - 1)

const adyensNotifications = Effect.gen(function*() {
  const { notifications } = yield* Sandbox.Sandbox
  const secret = Redacted.make(Sandbox.webhookSecret("Adyen"))
  return yield* Effect.forEach(yield* notifications("Adyen"), ({ body, headers }) => Adyen.notification({ body, headers }, { secret }))
})

/** How many records there are, whatever their state. */
const records = Effect.flatMap(CancelRecords.CancelRecords, (_) =>
  _.inState("Working", "InDoubt", "Accepted", "Settled", "HandedOver"))

describe("notifications", () => {
  it.scoped("before the cancel is begun: it ends with them, however often they came", () =>
    Effect.gen(function*() {
      const { create } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Adyen", { decidesIn: 0 })
      // The first is lost to its caller, but the provider carries it out and tells of it.
      yield* Effect.exit(Adyen.cancel({ paymentId, idempotencyKey: "k-1" }))
      yield* TestClock.adjust("1 minute")
      const told = yield* adyensNotifications
      assert.isNotEmpty(told)
      for (const each of [...told, ...told]) yield* adyen.notified(each)
      const executionId = yield* adyen.start({ paymentId, requestId: "r-1", idempotencyKey: "k-1" })
      yield* pass(2)
      assert.strictEqual(Option.getOrThrow(yield* adyen.outcome(executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(layer)))

  const reversing = CancelWorkflow.make("Adyen", { ...Adyen, cancel: Adyen.cancelOrRefund })
  const reversal = reversing.layer.pipe(Layer.provideMerge(providers), Layer.provideMerge(Layer.merge(memory, Sandbox.layer)))

  it.scoped("one that comes while the answer is lost, and says nothing without it, counts when the answer is known", () =>
    Effect.gen(function*() {
      const { clearFaults, create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Adyen", { status: "captured" })
      yield* inject(Fault.dropAfterApplying, { provider: "Adyen", operation: "Cancel", forever: true })
      const executionId = yield* reversing.start({ paymentId, requestId: "r-1" })
      yield* pass(2)
      const told = yield* adyensNotifications
      assert.deepStrictEqual(told.map(({ decision }) => decision), ["Refunded"])
      assert.strictEqual((yield* records)[0]?.state, "InDoubt")
      for (const each of told) yield* reversing.notified(each)
      yield* clearFaults
      yield* pass(60)
      assert.strictEqual(Option.getOrThrow(yield* reversing.outcome(executionId))._tag, "Refunded")
    }).pipe(Effect.provide(reversal)))

  it.scoped("after the end, and about payments that nobody cancels, change nothing", () =>
    Effect.gen(function*() {
      const { create } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Adyen")
      const executionId = yield* adyen.start({ paymentId, requestId: "r-1" })
      yield* pass(60)
      const told = yield* adyensNotifications
      for (const each of told) yield* adyen.notified(each)
      yield* pass(1)
      const before = yield* adyen.outcome(executionId)
      for (const each of told) yield* adyen.notified({ ...each, decision: "Declined", notificationId: "late" })
      for (const each of told) yield* adyen.notified({ ...each, paymentId: "another", notificationId: "other" })
      yield* pass(60)
      assert.deepStrictEqual(yield* adyen.outcome(executionId), before)
    }).pipe(Effect.provide(layer)))
})

describe("requests", () => {
  it.scoped("fifty at once are one cancel", () =>
    Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.create("Stripe"))
      const all = yield* Effect.all(Array.from({ length: 50 }, () => stripe.cancel({ paymentId, requestId: "r-1" })), { concurrency: "unbounded" })
      assert.lengthOf([...new Set(all.map((each) => JSON.stringify(each)))], 1)
      assert.lengthOf(yield* cancelsAt("Stripe"), 1)
      assert.lengthOf(yield* records, 1)
    }).pipe(Effect.provide(layer)))

  it.scoped("the first of two under one name is the one that is carried out", () =>
    Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.create("Stripe"))
      const first = yield* stripe.cancel({ paymentId, requestId: "r-1", reason: "duplicate" })
      const second = yield* stripe.cancel({ paymentId, requestId: "r-1", reason: "fraudulent", idempotencyKey: "another" })
      assert.deepStrictEqual(second, first)
      const sent = yield* cancelsAt("Stripe")
      assert.lengthOf(sent, 1)
      assert.include(sent[0]?.body, "duplicate")
    }).pipe(Effect.provide(layer)))

  it.scoped.each([
    ["request", { paymentId: "pi_1", requestId: "r-1", reason: 10n }],
    ["requestId", { paymentId: "pi_1", requestId: "r\0" }],
    ["requestId", { paymentId: "pi_1", requestId: "r".repeat(1_001) }],
    // Few enough characters, and more bytes than PostgreSQL's index takes.
    ["paymentId", { paymentId: "漢".repeat(1_000), requestId: "r-1" }],
    ["paymentId", { paymentId: "pi_\0", requestId: "r-1" }],
    ["paymentId", { paymentId: "p".repeat(100_000), requestId: "r-1" }],
    ["idempotencyKey", { paymentId: "pi_1", requestId: "r-1", idempotencyKey: "\0" }],
    ["requestId", { paymentId: "pi_1", requestId: undefined }],
    ["requestId", null],
    ["requestId", 7]
  ] as ReadonlyArray<readonly [string, unknown]>)("what no journal can hold is refused before anything is written: %s", ([field, request]) =>
    Effect.gen(function*() {
      // What JavaScript may pass, despite the types.
      const error = yield* Effect.flip(stripe.start(request as never))
      assert.deepInclude(error, { _tag: "CancelError.InvalidCancelRequest", field })
      assert.deepStrictEqual(yield* records, [])
    }).pipe(Effect.provide(layer)))

  it.scoped("a request is what comes back from a journal, wherever that is", () =>
    Effect.gen(function*() {
      const request = { paymentId: "pi_1", requestId: "r-1", reason: new Date(0), idempotencyKey: undefined }
      const error = yield* Effect.flip(stripe.cancel(request as never))
      assert.deepInclude(error, { _tag: "CancelError.InvalidCancelRequest", field: "reason" })
      const cyclic: Record<string, unknown> = { paymentId: "pi_1", requestId: "r-2" }
      cyclic["self"] = cyclic
      assert.deepInclude(yield* Effect.flip(stripe.start(cyclic as never)), { field: "request" })
    }).pipe(Effect.provide(layer)))

  it.scoped("a name may be any text, and each is another", () =>
    Effect.gen(function*() {
      const { create } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Stripe")
      const names = ["é", "é".normalize("NFD"), "'; DROP TABLE effect_payment_cancels; --", "🧾".repeat(500), " ", "%", "../.."]
      const ids = yield* Effect.forEach(names, (requestId) => stripe.start({ paymentId, requestId }))
      assert.strictEqual(new Set(ids).size, names.length)
      yield* pass(1)
      for (const id of ids) assert.include(["Cancelled", "AlreadyCancelled"], Option.getOrThrow(yield* stripe.outcome(id))._tag)
    }).pipe(Effect.provide(layer)))

  it.scoped("no time to wait is an answer at once, and the cancel goes on", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.delay("1 second"), { provider: "Stripe", times: 1 })
      const answer = yield* stripe.within({ paymentId, requestId: "r-1" }, 0)
      assert(answer._tag === "Working")
      yield* pass(1)
      assert.strictEqual(Option.getOrThrow(yield* stripe.outcome(answer.executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(layer)))

  it.scoped("an id of nobody's, or of another provider's, is of none", () =>
    Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.create("Adyen"))
      const executionId = yield* adyen.start({ paymentId, requestId: "r-1" })
      yield* pass(1)
      for (const id of ["", "nobody", "\0", "x".repeat(5_000), executionId]) assert.isTrue(Option.isNone(yield* stripe.outcome(id)), id.slice(0, 40))
    }).pipe(Effect.provide(layer)))
})

describe("options", () => {
  it.scoped.each([
    ["waits", { waits: [] }],
    ["waits", { waits: [0] }],
    ["waits", { waits: ["1 second", "soon"] }],
    ["waits", { waits: [Infinity] }],
    ["waits", { waits: null }],
    ["giveUpAfter", { giveUpAfter: 0 }],
    ["giveUpAfter", { giveUpAfter: -1 }],
    ["giveUpAfter", { giveUpAfter: "never" }],
    ["giveUpAfter", { giveUpAfter: Infinity }],
    // Each cancel that is under way would end as an invalid request, which says that nothing was cancelled.
    ["policy.attempts", { policy: { attempts: 0 } }],
    ["policy.dedline", { policy: { dedline: "1 minute" } }],
    ["policy.backoff", { policy: { backoff: "1 second" } }],
    ["policy", { policy: null }]
  ] as ReadonlyArray<readonly [string, unknown]>)("that are none are a defect of the layer that names them: %s", ([option, options]) =>
    Effect.gen(function*() {
      // What JavaScript may pass, despite the types.
      const exit = yield* Effect.exit(Effect.provide(Effect.void, durableOf(options as never).layer))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause) && Cause.pretty(exit.cause).includes(option))
    }))

  const hasty = durableOf({ giveUpAfter: "5 seconds", waits: ["10 minutes"] })

  it.scoped("time that ends before the first wait is used for one last look", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.refuseConnection, { provider: "Stripe", forever: true })
      const executionId = yield* hasty.stripe.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("2 seconds")
      yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.clearFaults)
      yield* pass(2)
      assert.strictEqual(Option.getOrThrow(yield* hasty.stripe.outcome(executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(hasty.layer)))

  it.scoped("a provider that asks to wait for longer than there is time is not asked again: what is certain is said at the end, and to a person too", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.rateLimited({ retryAfter: 30 * 86_400 }), { provider: "Stripe", forever: true })
      const executionId = yield* stripe.start({ paymentId, requestId: "r-1" })
      yield* pass(60)
      assert.strictEqual(Option.getOrThrow(yield* stripe.outcome(executionId))._tag, "Working")
      const asked = (yield* cancelsAt("Stripe")).length
      yield* TestClock.adjust("8 days")
      const error = yield* Effect.flip(stripe.outcome(executionId))
      assert.deepInclude(error, { outcome: "NotCancelled", category: "RateLimited" })
      // The time is up, and nobody has cancelled it: that is for a person to see.
      assert.deepInclude((yield* CancelRecords.doubtful)[0], { executionId, state: "HandedOver", result: error._tag })
      assert.lengthOf(yield* cancelsAt("Stripe"), asked)
      assert.strictEqual(yield* statusAt("Stripe", paymentId), "requires_capture")
    }).pipe(Effect.provide(layer)))
})

describe("cancels whose calls take long", () => {
  const cancel: typeof Stripe.cancel = (request) => request.paymentId.startsWith("pi_slow") ? Effect.never : Stripe.cancel(request)
  const workflow = CancelWorkflow.make("Stripe", { ...Stripe, cancel })

  it.scoped("keep no other from being carried out, however many they are", () =>
    Effect.gen(function*() {
      const { create } = yield* Sandbox.Sandbox
      for (let n = 0; n < 50; n++) yield* workflow.start({ paymentId: `pi_slow${n}`, requestId: "r-1" })
      const paymentId = yield* create("Stripe")
      const executionId = yield* workflow.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(Option.getOrThrow(yield* workflow.outcome(executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(workflow.layer.pipe(Layer.provideMerge(providers), Layer.provideMerge(Layer.merge(memory, Sandbox.layer))))))
})

describe("a cancel that dies", () => {
  const dying = (times: number, options: CancelWorkflow.Options = {}) => {
    let left = times
    const cancel: typeof Stripe.cancel = (request) =>
      // After the request was applied, and before anybody has read the answer.
      Effect.tap(Stripe.cancel(request), () => left-- > 0 ? Effect.dieMessage("cannot read properties of undefined") : Effect.void)
    const workflow = CancelWorkflow.make("Stripe", { ...Stripe, cancel }, options)
    return {
      workflow,
      layer: workflow.layer.pipe(
        Layer.provideMerge(providers),
        Layer.provideMerge(Layer.merge(memory, Sandbox.layer)),
        Layer.provide(Logger.remove(Logger.defaultLogger))
      )
    }
  }

  const once = dying(1)

  it.scoped("once, is worked off as one whose process died", () =>
    Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.create("Stripe"))
      const executionId = yield* once.workflow.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* CancelRecords.doubtful)[0]?.result, "CancelWorkflow.Unsettled")
      yield* pass(5)
      // Not `AlreadyCancelled`: it may have been this one, and was.
      assert.strictEqual(Option.getOrThrow(yield* once.workflow.outcome(executionId))._tag, "Cancelled")
      assert.strictEqual(new Set((yield* cancelsAt("Stripe")).map(({ headers }) => headers["idempotency-key"])).size, 1)
    }).pipe(Effect.provide(once.layer)))

  const always = dying(Infinity, toTheEnd)

  it.scoped("always, is handed to a person", () =>
    Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(Sandbox.Sandbox, (_) => _.create("Stripe"))
      const executionId = yield* always.workflow.start({ paymentId, requestId: "r-1" })
      for (let hours = 0; hours < 24 * 8; hours += 6) yield* TestClock.adjust("6 hours")
      const error = yield* Effect.flip(always.workflow.outcome(executionId))
      assert(error._tag === "CancelWorkflow.Unsettled")
      assert.deepStrictEqual([error.outcome, error.paymentId, error.lastResult], ["Unknown", paymentId, "Defect"])
      assert.strictEqual((yield* CancelRecords.doubtful)[0]?.state, "HandedOver")
    }).pipe(Effect.provide(always.layer)))
})
