/** What is kept of durable cancels and of notifications: the same in memory and in a database. */
import { assert, describe, it, layer } from "@effect/vitest"
import * as SqlClient from "@effect/sql/SqlClient"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import { CancelRecords } from "effect-payment-cancel/workflow"
import * as Sql from "effect-payment-cancel/workflow/Sql"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import { noLogger } from "../support/Dying.js"
import { temporaryFile } from "./durable.js"

const at = (seconds: number) => DateTime.unsafeMake(seconds * 1_000)

const record = (executionId: string, changed: Partial<CancelRecords.CancelRecord> = {}): CancelRecords.CancelRecord => ({
  executionId,
  workflow: "effect-payment-cancel/Stripe",
  provider: "Stripe",
  identifiedBy: "PaymentId",
  paymentId: `pi_${executionId}`,
  requestId: "r-1",
  idempotencyKey: `key-${executionId}`,
  state: "Working",
  result: null,
  found: null,
  begunAt: at(10),
  changedAt: at(10),
  ...changed
})

const subject = (paymentId: string): CancelRecords.Subject => ({ provider: "Stripe", identifiedBy: "PaymentId", paymentId })

const told = (paymentId: string, notificationId: string, receivedAt = at(10)): CancelRecords.Told => ({
  ...subject(paymentId),
  notificationId,
  notification: JSON.stringify({ notificationId }),
  receivedAt
})

const inFile = Layer.unwrapScoped(Effect.map(temporaryFile, (filename) =>
  Sql.layerRecords.pipe(Layer.provideMerge(LibsqlClient.layer({ url: `file:${filename}`, intMode: "bigint" })), Layer.orDie)))

/** Each test has payments of its own. */
const tests = (records: Layer.Layer<CancelRecords.CancelRecords>) =>
  layer(records)((it) => {
    it.effect("a record is begun once, and the first stays", () =>
      Effect.gen(function*() {
        const { begin, find } = yield* CancelRecords.CancelRecords
        assert.deepStrictEqual(yield* begin(record("begin")), record("begin"))
        assert.deepStrictEqual(yield* begin(record("begin", { idempotencyKey: "another", begunAt: at(20) })), record("begin"))
        assert.deepStrictEqual(yield* find("begin"), Option.some(record("begin")))
        assert.deepStrictEqual(yield* find("nobody"), Option.none())
      }))

    it.effect("how a workflow ended is kept once, and the first stays, unless it is the one to be replaced", () =>
      Effect.gen(function*() {
        const { end, ended } = yield* CancelRecords.CancelRecords
        const of = { executionId: "end", step: "payment" }
        assert.deepStrictEqual(yield* ended(of), Option.none())
        assert.strictEqual(yield* end(of, "first", Option.none()), "first")
        assert.strictEqual(yield* end(of, "second", Option.none()), "first")
        assert.strictEqual(yield* end(of, "third", Option.some("second")), "first")
        assert.strictEqual(yield* end(of, "fourth", Option.some("first")), "fourth")
        assert.deepStrictEqual(yield* ended(of), Option.some("fourth"))
        assert.strictEqual(yield* end({ ...of, step: "another" }, "fifth", Option.some("fourth")), "fifth")
        assert.deepStrictEqual(yield* ended({ ...of, executionId: "another" }), Option.none())
      }))

    it.effect("of many that end at once, each is told of the same", () =>
      Effect.gen(function*() {
        const { end } = yield* CancelRecords.CancelRecords
        const of = { executionId: "end-at-once", step: "payment" }
        const all = Array.from({ length: 20 }, (_, nth) => `ending ${nth}`)
        const kept = yield* Effect.forEach(all, (ending) => end(of, ending, Option.none()), { concurrency: "unbounded" })
        assert.strictEqual(new Set(kept).size, 1)
      }))

    it.effect("many that begin one at once are given the same", () =>
      Effect.gen(function*() {
        const { begin } = yield* CancelRecords.CancelRecords
        const given = yield* Effect.forEach(Array.from({ length: 20 }, (_, nth) => nth), (nth) => begin(record("at-once", { idempotencyKey: `k-${nth}` })), {
          concurrency: "unbounded"
        })
        assert.strictEqual(new Set(given.map(({ idempotencyKey }) => idempotencyKey)).size, 1)
      }))

    it.effect("a change is of one, and of nothing but what changes", () =>
      Effect.gen(function*() {
        const { begin, change, find } = yield* CancelRecords.CancelRecords
        yield* begin(record("change"))
        yield* begin(record("unchanged"))
        const changed = { state: "InDoubt", result: "CancelError.NoResponse", changedAt: at(20) } as const
        yield* change("change", changed)
        yield* change("nobody", changed)
        assert.deepStrictEqual(yield* find("change"), Option.some({ ...record("change"), ...changed }))
        assert.deepStrictEqual(yield* find("unchanged"), Option.some(record("unchanged")))
        assert.deepStrictEqual(yield* find("nobody"), Option.none())
      }))

    it.effect("nobody who carries it no longer takes back how it ended", () =>
      Effect.gen(function*() {
        const { begin, change, find } = yield* CancelRecords.CancelRecords
        for (const state of ["Settled", "HandedOver"] as const) {
          const ended = { state, result: "Cancelled", changedAt: at(20) }
          yield* begin(record(state))
          yield* change(state, ended)
          for (const stale of ["Working", "InDoubt", "Accepted"] as const) {
            yield* change(state, { state: stale, result: "CancelError.NoResponse", changedAt: at(30) })
          }
          assert.deepStrictEqual(yield* find(state), Option.some({ ...record(state), ...ended }))
          yield* change(state, { ...ended, changedAt: at(40) })
          assert.deepStrictEqual(Option.map(yield* find(state), ({ changedAt }) => changedAt), Option.some(at(40)))
        }
      }))

    it.effect("a payment's cancels are those that have not ended, and no other payment's", () =>
      Effect.gen(function*() {
        const { about, begin } = yield* CancelRecords.CancelRecords
        const paymentId = "about"
        for (const state of CancelRecords.State.literals) yield* begin(record(`about-${state}`, { paymentId, state }))
        yield* begin(record("about-other", { paymentId: "about-other" }))
        yield* begin(record("about-reference", { paymentId, identifiedBy: "MerchantReference" }))
        yield* begin(record("about-adyen", { paymentId, provider: "Adyen" }))
        const found = (yield* about(subject(paymentId))).map(({ executionId }) => executionId)
        assert.deepStrictEqual([...found].sort(), ["about-Accepted", "about-InDoubt", "about-Working"])
      }))

    it.effect("those in some states come oldest first", () =>
      Effect.gen(function*() {
        const { begin, inState } = yield* CancelRecords.CancelRecords
        yield* begin(record("state-young", { state: "HandedOver", begunAt: at(3), workflow: "order" }))
        yield* begin(record("state-old", { state: "InDoubt", begunAt: at(1), workflow: "order" }))
        yield* begin(record("state-between", { state: "InDoubt", begunAt: at(2), workflow: "order" }))
        const ids = (yield* inState("InDoubt", "HandedOver")).filter(({ workflow }) => workflow === "order").map(({ executionId }) => executionId)
        assert.deepStrictEqual(ids, ["state-old", "state-between", "state-young"])
        const doubtful = (yield* CancelRecords.doubtful).filter(({ workflow }) => workflow === "order").map(({ executionId }) => executionId)
        assert.deepStrictEqual(doubtful, ids)
        assert.deepStrictEqual(yield* inState(), [])
      }))

    it.effect("what is handed over is closed once, with what was found, and stays closed", () =>
      Effect.gen(function*() {
        const { begin, change, find } = yield* CancelRecords.CancelRecords
        const handedOver = record("close", { state: "HandedOver", result: "CancelWorkflow.Unsettled" })
        yield* begin(handedOver)
        const closings = yield* Effect.forEach(["it's\u0000 cancelled", "no"], (found) => Effect.either(CancelRecords.close("close", found)))
        const [first, second] = closings
        assert(Either.isRight(first!) && Either.isLeft(second!))
        const { changedAt, found } = first.right
        assert.deepStrictEqual(first.right, { ...handedOver, state: "Closed", found, changedAt })
        assert.strictEqual(found?.replace("\u0000", ""), "it's cancelled")
        assert.deepStrictEqual(second.left.state, Option.some("Closed"))
        // Who died between noting that it was handed over and writing down the end notes it again.
        yield* change("close", { state: "HandedOver", result: "CancelWorkflow.Unsettled", changedAt: at(30) })
        assert.deepStrictEqual(yield* find("close"), Option.some(first.right))
        assert.isFalse((yield* CancelRecords.doubtful).some(({ executionId }) => executionId === "close"))
      }))

    it.effect("nothing else can be closed", () =>
      Effect.gen(function*() {
        const { begin, find } = yield* CancelRecords.CancelRecords
        for (const state of ["Working", "InDoubt", "Accepted", "Settled"] as const) {
          yield* begin(record(`open-${state}`, { state }))
          const error = yield* Effect.flip(CancelRecords.close(`open-${state}`, "found"))
          assert.deepStrictEqual(error.state, Option.some(state))
          assert.deepStrictEqual(yield* find(`open-${state}`), Option.some(record(`open-${state}`, { state })))
        }
        for (const id of ["nobody", "\u0000"]) assert.isTrue(Option.isNone((yield* Effect.flip(CancelRecords.close(id, "found"))).state))
      }))

    it.effect("a notification that is told many times at once is kept once", () =>
      Effect.gen(function*() {
        const { tell, told: all } = yield* CancelRecords.CancelRecords
        const places = yield* Effect.all(Array.from({ length: 30 }, () => tell(told("many", "n-1"))), { concurrency: "unbounded" })
        assert.deepStrictEqual(new Set(places), new Set([0]))
        assert.lengthOf(yield* all(subject("many")), 1)
      }))

    it.effect("of several that want the same place each has one of its own, and keeps it", () =>
      Effect.gen(function*() {
        const { tell, told: all } = yield* CancelRecords.CancelRecords
        const ids = Array.from({ length: 30 }, (_, nth) => `n-${nth}`)
        const tellAll = Effect.forEach(ids, (id) => tell(told("race", id)), { concurrency: "unbounded" })
        const places = yield* tellAll
        assert.deepStrictEqual([...places].sort((one, other) => one - other), ids.map((_, nth) => nth))
        assert.deepStrictEqual(yield* tellAll, places)
        const inOrder = yield* all(subject("race"))
        ids.forEach((notificationId, nth) => assert.strictEqual(inOrder[places[nth]!], JSON.stringify({ notificationId })))
      }))

    it.effect("a subject is all of its fields", () =>
      Effect.gen(function*() {
        const { tell, told: all } = yield* CancelRecords.CancelRecords
        assert.strictEqual(yield* tell(told("fields", "n-1")), 0)
        assert.strictEqual(yield* tell({ ...told("fields", "n-1"), identifiedBy: "MerchantReference" }), 0)
        assert.strictEqual(yield* tell({ ...told("fields", "n-1"), provider: "Adyen" }), 0)
        assert.strictEqual(yield* tell(told("fields'; --", "n-1")), 0)
        assert.lengthOf(yield* all(subject("fields")), 1)
        assert.deepStrictEqual(yield* all(subject("nobody")), [])
      }))

    it.effect("what is settled is forgotten, with its notifications, and what is open or handed over stays, with its own", () =>
      Effect.gen(function*() {
        const { begin, find, forget, tell, told: all } = yield* CancelRecords.CancelRecords
        yield* begin(record("forget-settled", { state: "Settled", changedAt: at(1) }))
        yield* begin(record("forget-handed", { state: "HandedOver", changedAt: at(1) }))
        yield* begin(record("forget-closed", { state: "Closed", changedAt: at(1) }))
        yield* begin(record("forget-late", { state: "Settled", changedAt: at(5) }))
        for (const state of ["Working", "InDoubt", "Accepted"] as const) yield* begin(record(`forget-${state}`, { state, changedAt: at(1) }))
        for (const id of ["settled", "handed", "Working", "late", "nobody"]) yield* tell(told(`pi_forget-${id}`, "n-1", at(1)))
        yield* forget(at(5))
        const found = yield* Effect.filter(["settled", "closed", "handed", "late", "Working", "InDoubt", "Accepted"], (id) =>
          Effect.map(find(`forget-${id}`), Option.isSome))
        assert.deepStrictEqual(found, ["handed", "late", "Working", "InDoubt", "Accepted"])
        const kept = yield* Effect.filter(["settled", "handed", "Working", "late", "nobody"], (id) =>
          Effect.map(all(subject(`pi_forget-${id}`)), (_) => _.length > 0))
        assert.deepStrictEqual(kept, ["handed", "Working", "late"])
      }))

    it.effect("of a payment's notifications all are forgotten or none: places stay what they were", () =>
      Effect.gen(function*() {
        const { forget, tell, told: all } = yield* CancelRecords.CancelRecords
        yield* tell(told("places", "old", at(1)))
        yield* tell(told("places", "young", at(9)))
        yield* forget(at(5))
        assert.lengthOf(yield* all(subject("places")), 2)
        assert.strictEqual(yield* tell(told("places", "next", at(9))), 2)
        yield* forget(at(10))
        assert.deepStrictEqual(yield* all(subject("places")), [])
        assert.strictEqual(yield* tell(told("places", "again", at(20))), 0)
      }), 5_000)
  })

describe("records in memory", () => tests(CancelRecords.layerMemory))

describe("records in a file", () => tests(inFile))

describe("a database that is away for a moment", () => {
  for (const [what, logged] of [["", Logger.remove(Logger.defaultLogger)], [", also where the logger dies", noLogger]] as const) {
    it.live(`is asked again${what}`, () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { begin, find } = yield* CancelRecords.CancelRecords
        yield* begin(record("away"))
        yield* sql`ALTER TABLE effect_payment_cancels RENAME TO away`
        const finding = yield* Effect.fork(Effect.exit(find("away")))
        yield* Effect.sleep("120 millis")
        yield* sql`ALTER TABLE away RENAME TO effect_payment_cancels`
        assert.deepStrictEqual(yield* Fiber.join(finding), Exit.succeed(Option.some(record("away"))))
      }).pipe(Effect.provide(inFile), Effect.provide(logged)))
  }

  it.live("is said to be, with what its driver says of it: nobody knows what to do about a statement that failed", () =>
    Effect.gen(function*() {
      const said: Array<string> = []
      const logger = Logger.make(({ message }) => said.push(String(message)))
      const sql = yield* SqlClient.SqlClient
      const { find } = yield* CancelRecords.CancelRecords
      yield* sql`ALTER TABLE effect_payment_cancels RENAME TO away`
      const finding = yield* Effect.fork(Effect.provide(find("away"), Logger.replace(Logger.defaultLogger, logger)))
      yield* Effect.sleep("20 millis")
      yield* sql`ALTER TABLE away RENAME TO effect_payment_cancels`
      yield* Fiber.join(finding)
      assert.include(said[0], "the database does not answer")
      assert.include(said[0], "no such table: effect_payment_cancels")
    }).pipe(Effect.provide(inFile)))
})
