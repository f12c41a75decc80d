/** What was found by using the durable cancels. */
import { assert, describe, it } from "@effect/vitest"
import { WorkflowEngine } from "@effect/workflow"
import { Adyen, CheckoutCom, Square, Stripe } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { brisk, eventually, memory, providers, sqlite, statusAt, temporaryFile, toTheEnd } from "./durable.js"

const adyen = CancelWorkflow.make("Adyen", Adyen)
const enduring = CancelWorkflow.make("Adyen", Adyen, toTheEnd)
const checkoutCom = CancelWorkflow.make("CheckoutCom", CheckoutCom)
const square = CancelWorkflow.make("Square", Square, toTheEnd)

const durableWith = ({ layer }: typeof adyen) => Layer.mergeAll(layer, checkoutCom.layer, square.layer).pipe(
  Layer.provideMerge(Layer.mergeAll(
    Layer.orDie(Adyen.layer({
      apiKey: Redacted.make(Sandbox.credentials.Adyen.apiKey),
      merchantAccount: Sandbox.credentials.Adyen.merchantAccount,
      baseUrl: Sandbox.baseUrl("Adyen")
    })),
    Layer.orDie(CheckoutCom.layer({
      secretKey: Redacted.make(Sandbox.credentials.CheckoutCom.secretKey),
      baseUrl: Sandbox.baseUrl("CheckoutCom")
    })),
    Layer.orDie(Square.layer({ accessToken: Redacted.make(Sandbox.credentials.Square.accessToken), baseUrl: Sandbox.baseUrl("Square") }))
  )),
  Layer.provideMerge(Layer.mergeAll(WorkflowEngine.layerMemory, CancelRecords.layerMemory, Sandbox.layer))
)

const durable = durableWith(adyen)

const secret = Redacted.make(Sandbox.webhookSecret("Adyen"))

const deliver = Effect.gen(function*() {
  const { notifications } = yield* Sandbox.Sandbox
  yield* Effect.forEach(yield* notifications("Adyen"), (told) => Effect.flatMap(Adyen.notification(told, { secret }), adyen.notified))
})

describe("a durable cancel by merchant reference", () => {
  it.scoped("does not take an earlier payment of the same reference for the one that it is about", () =>
    Effect.gen(function*() {
      const { create, inject, payment } = yield* Sandbox.Sandbox
      const merchantReference = "order-1042"
      // The first attempt to pay was cancelled, and the second one holds the money.
      const first = yield* create("Adyen", { merchantReference })
      yield* Adyen.cancel({ paymentId: first })
      yield* TestClock.adjust("2 seconds")
      yield* deliver
      const second = yield* create("Adyen", { merchantReference })

      yield* inject(Fault.dropBeforeApplying, { operation: "Cancel", forever: true })
      const executionId = yield* adyen.start({ merchantReference, requestId: "r-1" })
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(Option.map(yield* payment("Adyen", second), ({ status }) => status), Option.some("authorised"))
      assert.strictEqual(Option.getOrThrow(yield* adyen.outcome(executionId))._tag, "Working")
    }).pipe(Effect.provide(durable)))

  it.scoped("is handed over where no payment has the reference, for then nobody says anything", () =>
    Effect.gen(function*() {
      const { requests } = yield* Sandbox.Sandbox
      const executionId = yield* enduring.start({ merchantReference: "order-none", requestId: "r-1" })
      yield* TestClock.adjust("8 days")
      const error = yield* Effect.flip(enduring.outcome(executionId))
      assert.strictEqual(error._tag, "CancelWorkflow.Unsettled")
      assert.strictEqual(new Set((yield* requests).map(({ headers }) => headers["idempotency-key"])).size, 1)
    }).pipe(Effect.provide(durableWith(enduring))))
})

describe("a durable cancel that a notification settles", () => {
  it.scoped("says what was captured before, as the notification does", () =>
    Effect.gen(function*() {
      const { create, inject, notifications } = yield* Sandbox.Sandbox
      const paymentId = yield* create("CheckoutCom", { capturedAmount: 300, status: "Partially Captured" })
      yield* inject(Fault.statusQueryDown, { operation: "Status", forever: true })
      const executionId = yield* checkoutCom.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 minute")
      const [told] = yield* notifications("CheckoutCom")
      assert(told !== undefined)
      const secret = Redacted.make(Sandbox.webhookSecret("CheckoutCom"))
      yield* checkoutCom.notified(yield* CheckoutCom.notification(told, { secret }))
      yield* TestClock.adjust("2 seconds")
      assert.deepInclude(Option.getOrThrow(yield* checkoutCom.outcome(executionId)), {
        _tag: "Cancelled",
        evidence: "Notification",
        capturedAmount: Option.some({ amount: 300, currency: Option.some("USD") })
      })
    }).pipe(Effect.provide(durable)))
})

describe("the status of an accepted cancel, whose provider asks for a longer wait than is planned", () => {
  const queries = Effect.map(Effect.flatMap(Sandbox.Sandbox, ({ requests }) => requests), (requests) =>
    requests.filter(({ operation }) => operation === "Status").length)

  it.scoped("is not read again before, neither after the call nor after an earlier look", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("CheckoutCom")
      yield* inject(Fault.rateLimited({ retryAfter: 7_200 }), { provider: "CheckoutCom", operation: "Status", times: 2 })
      const executionId = yield* checkoutCom.start({ paymentId, requestId: "r-1" })
      for (const read of [1, 2]) {
        yield* Effect.repeatN(TestClock.adjust("5 minutes"), 21)
        assert.strictEqual(yield* queries, read)
        yield* Effect.repeatN(TestClock.adjust("5 minutes"), 2)
      }
      assert.strictEqual(yield* queries, 3)
      assert.strictEqual(Option.getOrThrow(yield* checkoutCom.outcome(executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(durable)))

  it.scoped("is not read again where that is longer than there is time: a person is told at its end", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("CheckoutCom")
      yield* inject(Fault.rateLimited({ retryAfter: 30 * 86_400 }), { provider: "CheckoutCom", operation: "Status", times: 1 })
      const executionId = yield* checkoutCom.start({ paymentId, requestId: "r-1" })
      yield* Effect.repeatN(TestClock.adjust("1 hour"), 7 * 24 + 1)
      assert.strictEqual(yield* queries, 1)
      assert.strictEqual((yield* Effect.flip(checkoutCom.outcome(executionId)))._tag, "CancelWorkflow.Unsettled")
    }).pipe(Effect.provide(durable)))
})

describe("a rate limit that a request which still runs is answered with, too", () => {
  it.scoped("is no end: the cancel is sent again, under the licence", () =>
    Effect.gen(function*() {
      const { create, inject, requests } = yield* Sandbox.Sandbox
      const paymentId = yield* create("CheckoutCom")
      yield* inject(Fault.rateLimited(), { provider: "CheckoutCom", operation: "Cancel", times: 3 })
      const executionId = yield* checkoutCom.start({ paymentId, requestId: "r-1" })
      yield* Effect.repeatN(TestClock.adjust("1 minute"), 10)
      assert.strictEqual(Option.getOrThrow(yield* checkoutCom.outcome(executionId))._tag, "Cancelled")
      const keys = (yield* requests).filter(({ operation }) => operation === "Cancel").map(({ headers }) => headers["cko-idempotency-key"])
      assert.lengthOf(keys, 4)
      assert.lengthOf(new Set(keys), 1)
    }).pipe(Effect.provide(durable)))
})

describe("a durable cancel of a payment that another one has cancelled, which Adyen accepts and then declines", () => {
  /** Cancels a payment, and gives what Adyen tells of it. */
  const cancelledBefore = Effect.gen(function*() {
    const { create, notifications } = yield* Sandbox.Sandbox
    const paymentId = yield* create("Adyen")
    yield* Adyen.cancel({ paymentId })
    yield* TestClock.adjust("1 minute")
    const told = yield* Effect.forEach(yield* notifications("Adyen"), (told) => Adyen.notification(told, { secret }))
    assert.deepStrictEqual(told.map(({ decision }) => decision), ["Cancelled"])
    return { paymentId, told }
  })

  const settled = (executionId: string) =>
    Effect.zipRight(TestClock.adjust("2 seconds"), Effect.map(adyen.outcome(executionId), Option.getOrThrow))

  it.scoped("is a success, where that one was durable too", () =>
    Effect.gen(function*() {
      const paymentId = yield* Effect.flatMap(Sandbox.Sandbox, ({ create }) => create("Adyen"))
      const first = yield* adyen.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 minute")
      yield* deliver
      assert.strictEqual((yield* settled(first))._tag, "Cancelled")
      const second = yield* adyen.start({ paymentId, requestId: "r-2" })
      yield* TestClock.adjust("1 minute")
      yield* deliver
      assert.deepInclude(yield* settled(second), { _tag: "Cancelled", evidence: "Notification", paymentId })
    }).pipe(Effect.provide(durable)))

  it.scoped("is a success, where its notification came before the cancel began", () =>
    Effect.gen(function*() {
      const { paymentId, told } = yield* cancelledBefore
      for (const each of told) yield* adyen.notified(each)
      const executionId = yield* adyen.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 minute")
      yield* deliver
      assert.deepInclude(yield* settled(executionId), { _tag: "Cancelled", evidence: "Notification", paymentId })
    }).pipe(Effect.provide(durable)))

  it.scoped("is a success, where its notification comes while the cancel waits", () =>
    Effect.gen(function*() {
      const { paymentId, told } = yield* cancelledBefore
      const executionId = yield* adyen.start({ paymentId, requestId: "r-1" })
      assert.strictEqual((yield* settled(executionId))._tag, "Working")
      for (const each of told) yield* adyen.notified({ ...each, paymentId: `${paymentId}0`, notificationId: "of another payment" })
      assert.strictEqual((yield* settled(executionId))._tag, "Working")
      for (const each of told) yield* adyen.notified(each)
      assert.strictEqual((yield* settled(executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(durable)))

  it.scoped("is declined as long as nobody has told who cancelled it", () =>
    Effect.gen(function*() {
      const { paymentId, told } = yield* cancelledBefore
      const executionId = yield* adyen.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("1 minute")
      const known = new Set(told.map(({ notificationId }) => notificationId))
      const { notifications } = yield* Sandbox.Sandbox
      for (const each of yield* notifications("Adyen")) {
        const own = yield* Adyen.notification(each, { secret })
        if (!known.has(own.notificationId)) yield* adyen.notified(own)
      }
      const error = yield* Effect.flip(settled(executionId))
      assert.deepInclude(error, { _tag: "CancelWorkflow.Declined", outcome: "NotCancelled" })
    }).pipe(Effect.provide(durable)))

  it.scoped("is a success in whichever order both notifications came before the answer was read", () =>
    Effect.gen(function*() {
      const { notifications } = yield* Sandbox.Sandbox
      const { paymentId } = yield* cancelledBefore
      // Under its key another call is the same request, and gets the same reference.
      yield* Adyen.cancel({ paymentId, idempotencyKey: "k-2" })
      yield* TestClock.adjust("1 minute")
      const told = yield* Effect.forEach(yield* notifications("Adyen"), (told) => Adyen.notification(told, { secret }))
      assert.deepStrictEqual(told.map(({ decision }) => decision), ["Cancelled", "Declined"])
      for (const each of [...told].reverse()) yield* adyen.notified(each)
      const executionId = yield* adyen.start({ paymentId, requestId: "r-1", idempotencyKey: "k-2" })
      assert.strictEqual((yield* settled(executionId))._tag, "Cancelled")
    }).pipe(Effect.provide(durable)))
})

describe("a durable cancel by creation key whose answer is lost", () => {
  it.scoped("sends nothing twice, and is handed over", () =>
    Effect.gen(function*() {
      const { create, inject, requests } = yield* Sandbox.Sandbox
      yield* create("Square", { creationKey: "order-1042" })
      yield* inject(Fault.dropBeforeApplying, { provider: "Square" })
      const executionId = yield* square.start({ creationKey: "order-1042", requestId: "r-1" })
      yield* TestClock.adjust("8 days")
      const error = yield* Effect.flip(square.outcome(executionId))
      assert.strictEqual(error._tag, "CancelWorkflow.Unsettled")
      assert.lengthOf(yield* requests, 1)
    }).pipe(Effect.provide(durable)))
})

describe("notifications in SQLite", () => {
  it.scopedLive("are kept also when earlier ones about the same payment were removed", () =>
    Effect.gen(function*() {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "found-"))),
        (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
      )
      const places = yield* Effect.gen(function*() {
        const { forget, tell, told } = yield* CancelRecords.CancelRecords
        const subject = { provider: "Stripe", identifiedBy: "PaymentId", paymentId: "pi_1" } as const
        const now = yield* DateTime.now
        const on = (day: number) => DateTime.subtract(now, { days: 10 - day })
        const telling = (day: number) =>
          tell({ ...subject, notificationId: `evt_${day}`, notification: `"of day ${day}"`, receivedAt: on(day) })
        yield* telling(1)
        yield* telling(3)
        yield* forget(on(2))
        yield* Effect.timeout(telling(4), "5 seconds")
        return yield* told(subject)
      }).pipe(Effect.provide(Sqlite.layer({ filename: join(directory, "cancels.sqlite") })))
      assert.include(places, `"of day 4"`)
    }), 30_000)
})

describe("a process that is told of a notification, and ends", () => {
  it.scoped("is not kept alive by what it cannot wake any more", () =>
    Effect.gen(function*() {
      const { create, notifications } = yield* Sandbox.Sandbox
      const engine = yield* WorkflowEngine.WorkflowEngine
      let given = 0
      // As it is when the database is closed: the engine tries again and again.
      const closed = { ...engine, resume: () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => given += 1)) }
      const paymentId = yield* create("Adyen")
      yield* adyen.start({ paymentId, requestId: "r-1" })
      yield* TestClock.adjust("2 seconds")
      const told = yield* Effect.forEach(yield* notifications("Adyen"), (_) => Adyen.notification(_, { secret }))
      yield* Effect.provideService(Effect.forEach(told, adyen.notified), WorkflowEngine.WorkflowEngine, closed)
      yield* TestClock.adjust("1 minute")
      assert.isAbove(given, 0)
    }).pipe(Effect.provide(durable)))
})

describe("a notification under a name that PostgreSQL refuses for ever, and so every cancel", () => {
  /** What an index takes of PostgreSQL's, whatever its characters are. */
  const mostInIndex = 2_704

  const refused = (subject: CancelRecords.Subject) =>
    subject.paymentId.includes("\u0000") || new TextEncoder().encode(subject.paymentId).length > mostInIndex

  /** Where the database asks again without end, this dies. */
  const unlessRefused = <A>(subject: CancelRecords.Subject, effect: Effect.Effect<A>) =>
    refused(subject) ? Effect.dieMessage("it is asked for ever") : effect

  const likePostgres = Layer.effect(
    CancelRecords.CancelRecords,
    Effect.map(CancelRecords.CancelRecords, (records) =>
      CancelRecords.CancelRecords.of({
        ...records,
        tell: (told) => unlessRefused(told, records.tell(told)),
        told: (subject) => unlessRefused(subject, records.told(subject)),
        about: (subject) => unlessRefused(subject, records.about(subject))
      }))
  ).pipe(Layer.provide(CancelRecords.layerMemory))

  const refusing = Layer.mergeAll(adyen.layer, square.layer).pipe(
    Layer.provideMerge(providers),
    Layer.provideMerge(Layer.mergeAll(WorkflowEngine.layerMemory, likePostgres, Sandbox.layer))
  )

  const toldBySquare = Effect.gen(function*() {
    const { notifications } = yield* Sandbox.Sandbox
    return yield* Effect.forEach(yield* notifications("Square"), (told) =>
      Square.notification(told, {
        secret: Redacted.make(Sandbox.webhookSecret("Square")),
        notificationUrl: Sandbox.notificationUrl("Square")
      }))
  })

  const unfit = [["U+0000", "order\u0000"], ["thousands of characters", "order".repeat(1_000)]] as const

  for (const [what, merchantReference] of unfit) {
    it.scoped(`is told by the payment's id where the reference is one, with ${what}`, () =>
      Effect.gen(function*() {
        const { create } = yield* Sandbox.Sandbox
        const paymentId = yield* create("Adyen", { merchantReference })
        const executionId = yield* adyen.start({ paymentId, requestId: "r-1" })
        yield* TestClock.adjust("1 minute")
        yield* deliver
        yield* TestClock.adjust("2 seconds")
        assert.deepInclude(Option.getOrThrow(yield* adyen.outcome(executionId)), { _tag: "Cancelled", evidence: "Notification" })
      }).pipe(Effect.provide(refusing)))

    it.scoped(`is told by the reference where the payment's id is one, with ${what}`, () =>
      Effect.gen(function*() {
        const { create } = yield* Sandbox.Sandbox
        const paymentId = yield* create("Square")
        yield* Square.cancel({ paymentId })
        const [told] = yield* toldBySquare
        assert(told !== undefined)
        yield* square.notified({ ...told, paymentId: merchantReference, merchantReference: Option.some("order-1042") })
        const { told: kept } = yield* CancelRecords.CancelRecords
        assert.lengthOf(yield* kept({ provider: "Square", identifiedBy: "MerchantReference", paymentId: "order-1042" }), 1)
      }).pipe(Effect.provide(refusing)))
  }
})

describe("what can be no id of a cancel", () => {
  const ids = ["", " ", " abc", "abc\n", "\u0000", "a".repeat(10_000)]

  for (const [where, storage] of [["in memory", Effect.succeed(memory)], ["in SQLite", Effect.map(temporaryFile, sqlite)]] as const) {
    it.scopedLive(`has no outcome, ${where}`, () =>
      Effect.gen(function*() {
        const layer = square.layer.pipe(
          Layer.provide(providers),
          Layer.provideMerge(yield* storage),
          Layer.provide(Sandbox.layer)
        )
        const outcomes = yield* Effect.provide(Effect.forEach(ids, square.outcome), layer)
        assert.deepStrictEqual(outcomes, ids.map(() => Option.none()))
      }))
  }
})

describe("a process that is started with less time to give up than the one before it", () => {
  const workflowOf = (options: CancelWorkflow.Options) => CancelWorkflow.make("Stripe", Stripe, { ...brisk, ...options })

  it.scopedLive("takes nothing back of what was called since: what is in doubt is not said to be refused", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const started = ({ layer }: ReturnType<typeof workflowOf>) => layer.pipe(Layer.provide(providers), Layer.provideMerge(sqlite(filename)), Layer.provide(Logger.remove(Logger.defaultLogger)))
      const { create, inject } = yield* Sandbox.Sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.rateLimited(), { provider: "Stripe", operation: "Cancel" })
      yield* inject(Fault.dropAfterApplying, { provider: "Stripe", operation: "Cancel", forever: true })
      yield* inject(Fault.statusQueryDown, { provider: "Stripe", operation: "Status", forever: true })

      const before = workflowOf({})
      const executionId = yield* before.start({ paymentId, requestId: "r-1" }).pipe(
        Effect.zipLeft(eventually(CancelRecords.doubtful, ({ length }) => length === 1)),
        Effect.provide(started(before))
      )
      assert.strictEqual(yield* statusAt("Stripe", paymentId), "canceled")

      const after = workflowOf({ giveUpAfter: "1 millis" })
      const error = yield* eventually(CancelRecords.doubtful, ([record]) => record?.state === "HandedOver").pipe(
        Effect.zipRight(Effect.flip(after.outcome(executionId))),
        Effect.provide(started(after))
      )
      assert.deepInclude(error, { _tag: "CancelWorkflow.Unsettled", outcome: "Unknown" })
    }).pipe(Effect.provide(Sandbox.layer)), 30_000)
})
