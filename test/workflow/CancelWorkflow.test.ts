/** A durable cancel on the engine in memory: what it says, and what reaches the provider. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { WorkflowEngine } from "@effect/workflow"
import { Adyen, CheckoutCom, Square, Stripe } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { longOrShort } from "../support/extent.js"
import { toTheEnd } from "./durable.js"

const stripe = CancelWorkflow.make("Stripe", Stripe)
const enduring = CancelWorkflow.make("Stripe", Stripe, toTheEnd)
const adyen = CancelWorkflow.make("Adyen", Adyen)
const checkoutCom = CancelWorkflow.make("CheckoutCom", CheckoutCom)
const square = CancelWorkflow.make("Square", Square)

const providers = Layer.mergeAll(
  Layer.orDie(Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey), baseUrl: Sandbox.baseUrl("Stripe") })),
  Layer.orDie(Adyen.layer({
    apiKey: Redacted.make(Sandbox.credentials.Adyen.apiKey),
    merchantAccount: Sandbox.credentials.Adyen.merchantAccount,
    baseUrl: Sandbox.baseUrl("Adyen")
  })),
  Layer.orDie(CheckoutCom.layer({ secretKey: Redacted.make(Sandbox.credentials.CheckoutCom.secretKey), baseUrl: Sandbox.baseUrl("CheckoutCom") })),
  Layer.orDie(Square.layer({ accessToken: Redacted.make(Sandbox.credentials.Square.accessToken), baseUrl: Sandbox.baseUrl("Square") }))
)

const durableWith = ({ layer }: typeof stripe) =>
  Layer.mergeAll(layer, adyen.layer, checkoutCom.layer, square.layer).pipe(
    Layer.provideMerge(providers),
    Layer.provideMerge(Layer.mergeAll(WorkflowEngine.layerMemory, CancelRecords.layerMemory, Sandbox.layer))
  )

const durable = durableWith(stripe)

const sandbox = Sandbox.Sandbox

/** The cancel requests that reached a provider. */
const cancels = (provider: Sandbox.Provider) =>
  Effect.map(Effect.flatMap(sandbox, (_) => _.requests), (requests) =>
    requests.filter((request) => request.provider === provider && request.operation === "Cancel"))

/** Forks, and lets time pass. */
const after = <A, E, R>(effect: Effect.Effect<A, E, R>, duration: Duration.DurationInput) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(Effect.either(effect))
    // In steps: what is done outside of the clock, such as a digest, is done between two of them.
    yield* Effect.repeatN(TestClock.adjust(Duration.times(duration, 1 / 60)), 59)
    return yield* Fiber.poll(fiber)
  })

const ended = <A, E>(exit: Option.Option<import("effect/Exit").Exit<Either.Either<A, E>>>) =>
  Option.match(exit, {
    onNone: () => assert.fail("it has not ended"),
    onSome: (exit) => exit._tag === "Success" ? exit.value : assert.fail(String(exit.cause))
  })

describe("a durable cancel", () => {
  it.scoped("is carried out once, however often it is started", () =>
    Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(sandbox, (_) => _.create("Stripe"))
      const request = { paymentId, requestId: "r-1" }
      const first = yield* stripe.cancel(request)
      assert.strictEqual(first._tag, "Cancelled")
      const again = yield* stripe.cancel(request)
      assert.deepStrictEqual(again, first)
      assert.lengthOf(yield* cancels("Stripe"), 1)
    }).pipe(Effect.provide(durable)))

  it.scoped("can be asked for as soon as it was started, however many are", () =>
    Effect.gen(function*() {
      const paymentIds = yield* Effect.flatMap(sandbox, ({ create }) => Effect.replicateEffect(create("Stripe"), longOrShort(40, 12)))
      const found = yield* Effect.forEach(paymentIds, (paymentId) =>
        Effect.flatMap(stripe.start({ paymentId, requestId: "r-1" }), stripe.outcome), { concurrency: "unbounded" })
      assert.isTrue(found.every(Option.isSome))
      // When it was begun is when it was first started.
      yield* TestClock.adjust("1 hour")
      const [paymentId = ""] = paymentIds
      const executionId = yield* stripe.start({ paymentId, requestId: "r-1" })
      const record = yield* Effect.flatMap(CancelRecords.CancelRecords, ({ find }) => find(executionId))
      assert.isBelow(Option.getOrThrow(record).begunAt.epochMillis, 60_000)
    }).pipe(Effect.provide(durable)))

  it.scoped("by a merchant's own reference is another one in another of the merchant's accounts", () =>
    Effect.gen(function*() {
      const named = { merchantReference: "order-1001", requestId: "order-1001" }
      const executionIds = yield* Effect.forEach([{}, { merchantAccount: "ShopA" }, { merchantAccount: "ShopB" }, { merchantAccount: "ShopB" }], (account) =>
        adyen.start({ ...named, ...account }))
      assert.strictEqual(new Set(executionIds).size, 3)
      assert.strictEqual(executionIds[2], executionIds[3])
      yield* TestClock.adjust("1 second")
      const sent = yield* cancels("Adyen")
      assert.sameMembers(
        sent.map(({ body }) => /"merchantAccount":"([^"]*)"/.exec(body)?.[1]),
        // The sandbox tells nobody the layer's.
        ["<redacted>", "ShopA", "ShopB"]
      )
      assert.strictEqual(new Set(sent.map(({ headers }) => headers["idempotency-key"])).size, 3)
      // The provider's own id names one payment in all of them.
      const byId = { paymentId: "PSP1", requestId: "order-1001" }
      assert.strictEqual(yield* adyen.start(byId), yield* adyen.start({ ...byId, merchantAccount: "ShopA" }))
    }).pipe(Effect.provide(durable)))

  it.scoped("works off a lost answer under one key, and says what is true", () =>
    Effect.gen(function*() {
      const { create, inject, payment } = yield* sandbox
      const paymentId = yield* create("Stripe")
      // Longer than one call has patience for.
      yield* inject(Fault.dropBeforeApplying, { provider: "Stripe", times: 20 })
      const result = ended(yield* after(stripe.cancel({ paymentId, requestId: "r-1" }), "3 hours"))
      assert.deepStrictEqual(Either.map(result, ({ _tag }) => _tag), Either.right("Cancelled" as const))
      assert.deepStrictEqual(Option.map(yield* payment("Stripe", paymentId), ({ status }) => status), Option.some("canceled"))
      const keys = new Set((yield* cancels("Stripe")).map(({ headers }) => headers["idempotency-key"]))
      assert.strictEqual(keys.size, 1)
    }).pipe(Effect.provide(durable)))

  it.scoped("hands over what stays unknown, and shows it until then", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.dropAfterApplying, { provider: "Stripe", forever: true })
      const executionId = yield* enduring.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 hour")
      const [doubtful] = yield* CancelRecords.doubtful
      assert.deepInclude(doubtful, { paymentId, requestId: "r-1", state: "InDoubt", provider: "Stripe" })
      yield* TestClock.adjust("8 days")
      const error = yield* Effect.flip(enduring.outcome(executionId))
      assert.strictEqual(error._tag, "CancelWorkflow.Unsettled")
      assert.deepStrictEqual([error.outcome, error.paymentId, error.idempotencyKey], ["Unknown", paymentId, doubtful?.idempotencyKey])
      const [handedOver] = yield* CancelRecords.doubtful
      assert.strictEqual(handedOver?.state, "HandedOver")
    }).pipe(Effect.provide(durableWith(enduring))))

  /** The layers with every provider's credentials wrong for as long as `areWrong` says so, and what is logged. */
  const withCredentials = (areWrong: () => boolean, stripes = stripe) => {
    const logged: Array<readonly [level: string, message: string]> = []
    const client = Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, HttpClient.mapRequest((request) =>
      areWrong() ? HttpClientRequest.setHeader(request, "authorization", "Bearer sk_test_rolled") : request)))
    const layer = Layer.mergeAll(stripes.layer, checkoutCom.layer, square.layer).pipe(
      Layer.provideMerge(Layer.provide(providers, client)),
      Layer.provideMerge(Layer.mergeAll(WorkflowEngine.layerMemory, CancelRecords.layerMemory, Sandbox.layer)),
      Layer.provide(Logger.replace(Logger.defaultLogger, Logger.make(({ logLevel, message }) => {
        logged.push([logLevel.label, inspect(message)])
      })))
    )
    return { layer, logged }
  }

  it.scoped("whose credentials are refused says so, and is carried out when they are put right", () => {
    let areWrong = true
    const { layer, logged } = withCredentials(() => areWrong)
    return Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(sandbox, (_) => _.create("Stripe"))
      const executionId = yield* stripe.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(Option.getOrThrow(yield* stripe.outcome(executionId))._tag, "Working")
      const [record] = yield* Effect.flatMap(CancelRecords.CancelRecords, (_) => _.inState("Working"))
      assert.deepInclude(record, { paymentId, result: "Stripe.InvalidApiKey" })
      const [level, message = ""] = logged[0] ?? []
      assert.strictEqual(level, "WARN")
      for (const part of [paymentId, executionId, "Stripe.InvalidApiKey", "the credentials, or what they may do"]) assert.include(message, part)
      assert.notInclude(JSON.stringify(logged), "sk_test")
      areWrong = false
      yield* TestClock.adjust("6 hours")
      assert.strictEqual(Option.getOrThrow(yield* stripe.outcome(executionId))._tag, "Cancelled")
      assert.strictEqual(new Set((yield* cancels("Stripe")).map(({ headers }) => headers["idempotency-key"])).size, 1)
    }).pipe(Effect.provide(layer))
  })

  it.scoped.each([["Stripe", stripe], ["Square", square]] as const)("that is in doubt when its credentials are refused says so too: %s", ([provider, workflow]) => {
    let areWrong = false
    const { layer, logged } = withCredentials(() => areWrong)
    return Effect.gen(function*() {
      const { create, inject } = yield* sandbox
      const paymentId = yield* create(provider)
      yield* inject(Fault.dropAfterApplying, { provider, operation: "Cancel", times: 4 })
      yield* inject(Fault.statusQueryDown, { provider, operation: "Status", times: 8 })
      const executionId = yield* workflow.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(logged, [])
      yield* Effect.flatMap(sandbox, (_) => _.clearFaults)
      areWrong = true
      yield* TestClock.adjust("2 hours")
      assert.deepStrictEqual((yield* CancelRecords.doubtful).map(({ state }) => state), ["InDoubt"])
      const [level, message = ""] = logged[0] ?? []
      assert.strictEqual(level, "WARN")
      for (const part of [`${provider} refused the credentials`, paymentId, executionId]) assert.include(message, part)
      areWrong = false
      const before = logged.length
      yield* TestClock.adjust("6 hours")
      const record = yield* Effect.flatMap(CancelRecords.CancelRecords, (_) => _.find(executionId))
      assert.deepInclude(Option.getOrThrow(record), { state: "Settled", result: "Cancelled" })
      assert.lengthOf(logged, before)
    }).pipe(Effect.provide(layer))
  })

  it.scoped("that is accepted when its credentials are refused says so too, for its status is not read", () => {
    let areWrong = false
    const { layer, logged } = withCredentials(() => areWrong)
    return Effect.gen(function*() {
      const { create, inject } = yield* sandbox
      const paymentId = yield* create("CheckoutCom")
      yield* inject(Fault.statusQueryDown, { provider: "CheckoutCom", operation: "Status", times: 20 })
      const executionId = yield* checkoutCom.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(logged, [])
      areWrong = true
      yield* TestClock.adjust("2 hours")
      const [level, message = ""] = logged[0] ?? []
      assert.strictEqual(level, "WARN")
      for (const part of ["CheckoutCom refused the credentials", paymentId, executionId]) assert.include(message, part)
      yield* Effect.flatMap(sandbox, (_) => _.clearFaults)
      areWrong = false
      yield* TestClock.adjust("6 hours")
      assert.strictEqual(Option.getOrThrow(yield* checkoutCom.outcome(executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(layer))
  })

  it.scoped("whose credentials are never put right is handed to a person, who is told in the log", () => {
    const { layer, logged } = withCredentials(() => true, enduring)
    return Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(sandbox, (_) => _.create("Stripe"))
      const executionId = yield* enduring.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("8 days")
      assert.strictEqual((yield* Effect.flip(enduring.outcome(executionId)))._tag, "Stripe.InvalidApiKey")
      assert.deepInclude((yield* CancelRecords.doubtful)[0], { executionId, state: "HandedOver" })
      const errors = logged.filter(([level]) => level === "ERROR").map(([, message]) => message)
      assert.lengthOf(errors, 1)
      for (const part of [paymentId, executionId, "Stripe.InvalidApiKey"]) assert.include(errors[0], part)
    }).pipe(Effect.provide(layer))
  })

  it.scoped("names its payment in the log, and in no event of a span", () => {
    const { layer, logged } = withCredentials(() => true, enduring)
    const told: Array<string> = []
    const tracer = Tracer.make({
      context: (carryOn) => carryOn(),
      span: (name, parent, context, links, startTime, kind) => ({
        _tag: "Span",
        name,
        spanId: name,
        traceId: "trace",
        parent,
        context,
        status: { _tag: "Started", startTime },
        attributes: new Map(),
        links: [...links],
        sampled: true,
        kind,
        attribute: () => undefined,
        addLinks: () => undefined,
        end: () => undefined,
        event: (event) => void told.push(event)
      })
    })
    return Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(sandbox, (_) => _.create("Stripe"))
      yield* enduring.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("8 days")
      assert.deepStrictEqual([...new Set(logged.map(([level]) => level))], ["WARN", "ERROR"])
      assert.isTrue(logged.every(([, message]) => message.includes(paymentId)))
      assert.deepStrictEqual(told.filter((event) => event.includes(paymentId)), [])
    }).pipe(Effect.provide(layer), Effect.withTracer(tracer))
  })

  it.scoped("waits for what the provider decides later, whenever its notification comes", () =>
    Effect.gen(function*() {
      const { create, notifications } = yield* sandbox
      const paymentId = yield* create("Adyen")
      const executionId = yield* adyen.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(Option.getOrThrow(yield* adyen.outcome(executionId))._tag, "Working")
      yield* TestClock.adjust("1 hour")
      // It was accepted, and is not sent again meanwhile.
      assert.lengthOf(yield* cancels("Adyen"), 1)
      for (const { body, headers } of yield* notifications("Adyen")) {
        const told = yield* Effect.either(Adyen.notification({ body, headers }, { secret: Redacted.make(Sandbox.webhookSecret("Adyen")) }))
        if (Either.isRight(told)) yield* adyen.notified(told.right)
      }
      yield* TestClock.adjust("1 second")
      const settled = Option.getOrThrow(yield* adyen.outcome(executionId))
      assert.deepInclude(settled, { _tag: "Cancelled", evidence: "Notification" })
    }).pipe(Effect.provide(durable)))

  it.scoped("takes the list of a webhook that holds several", () =>
    Effect.gen(function*() {
      const { create, notifications } = yield* sandbox
      const [one, two] = [yield* create("Adyen"), yield* create("Adyen")]
      const started = yield* Effect.forEach([one, two], (paymentId) => adyen.start({ paymentId, requestId: paymentId }))
      yield* TestClock.adjust("1 hour")
      const secret = Redacted.make(Sandbox.webhookSecret("Adyen"))
      const told = yield* Effect.forEach(yield* notifications("Adyen"), (sent) => Effect.option(Adyen.notification(sent, { secret })))
      yield* adyen.notified([])
      yield* adyen.notified(told.flatMap((_) => Option.toArray(_)))
      yield* TestClock.adjust("1 second")
      for (const executionId of started) {
        assert.deepInclude(Option.getOrThrow(yield* adyen.outcome(executionId)), { _tag: "Cancelled", evidence: "Notification" })
      }
    }).pipe(Effect.provide(durable)))

  it.scoped("reads the status of what was accepted, until it says what became of it, and sends nothing again", () =>
    Effect.gen(function*() {
      const { create, inject, requests } = yield* sandbox
      const paymentId = yield* create("CheckoutCom")
      // Longer than one call has patience for.
      yield* inject(Fault.statusQueryDown, { provider: "CheckoutCom", operation: "Status", times: 12 })
      const result = ended(yield* after(checkoutCom.cancel({ paymentId, requestId: "r-1" }), "6 hours"))
      assert.deepStrictEqual(Either.map(result, (settled) => "evidence" in settled ? `${settled._tag} by ${settled.evidence}` : settled._tag), Either.right("Cancelled by StatusQuery"))
      assert.lengthOf(yield* cancels("CheckoutCom"), 1)
      assert.isAbove((yield* requests).length, 12)
    }).pipe(Effect.provide(durable)))

  it.scoped("fails with the provider's own error, and names a field that is wrong", () =>
    Effect.gen(function*() {
      const missing = yield* Effect.flip(stripe.cancel({ paymentId: "pi_none", requestId: "r-1" }))
      assert.strictEqual(missing._tag, "Stripe.ResourceMissing")
      const invalid = yield* Effect.flip(stripe.cancel({ paymentId: "..", requestId: "r-1" }))
      assert.deepInclude(invalid, { _tag: "CancelError.InvalidCancelRequest", field: "paymentId" })
      const nameless = yield* Effect.flip(stripe.cancel({ paymentId: "pi_1", requestId: "" }))
      assert.deepInclude(nameless, { _tag: "CancelError.InvalidCancelRequest", field: "requestId" })
    }).pipe(Effect.provide(durable)))

  it.scoped("answers a web handler in time, and is worked on all the same", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.stallHeaders({ applied: true }), { provider: "Stripe", times: 1 })
      const first = ended(yield* after(stripe.within({ paymentId, requestId: "r-1" }, "2 seconds"), "3 seconds"))
      assert(Either.isRight(first) && first.right._tag === "Working")
      const { executionId } = first.right
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(Option.getOrThrow(yield* stripe.outcome(executionId))._tag, "Cancelled")
      assert.isTrue(Option.isNone(yield* stripe.outcome("nobody")))
    }).pipe(Effect.provide(durable)))

  it.scoped("answers with the end that came before its time was up, though the engine has not looked since", () => {
    const once = CancelWorkflow.make("Stripe", Stripe, { policy: { attempts: 1, statusReads: 1 } })
    return Effect.gen(function*() {
      const { create, inject } = yield* sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.dropBeforeApplying, { provider: "Stripe", operation: "Cancel" })
      const executionId = yield* once.start({ paymentId, requestId: "r-1" })
      const within = yield* Effect.fork(once.within({ paymentId, requestId: "r-1" }, "14 seconds"))
      yield* Effect.repeatN(TestClock.adjust("200 millis"), 64)
      assert.strictEqual(Option.getOrThrow(yield* once.outcome(executionId))._tag, "Cancelled")
      yield* Effect.repeatN(TestClock.adjust("200 millis"), 10)
      assert.strictEqual((yield* Fiber.join(within))._tag, "Cancelled")
    }).pipe(Effect.provide(durableWith(once)))
  })

  it.scoped("answers in time where the end cannot be asked for", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* sandbox
      const records = yield* CancelRecords.CancelRecords
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.stallHeaders({ applied: true }), { provider: "Stripe", times: 1 })
      const first = ended(yield* after(
        Effect.provideService(stripe.within({ paymentId, requestId: "r-1" }, "2 seconds"), CancelRecords.CancelRecords, {
          ...records,
          find: () => Effect.die(new Error("the database is away"))
        }),
        "3 seconds"
      ))
      assert(Either.isRight(first) && first.right._tag === "Working")
    }).pipe(Effect.provide(durable)))

  it.scoped("answers in time where nothing can be interrupted, as in a finalizer", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.stallHeaders({ applied: true }), { provider: "Stripe", times: 1 })
      const first = ended(yield* after(Effect.uninterruptible(stripe.within({ paymentId, requestId: "r-1" }, "2 seconds")), "3 seconds"))
      assert(Either.isRight(first) && first.right._tag === "Working")
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(Option.getOrThrow(yield* stripe.outcome(first.right.executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(durable)))
})
