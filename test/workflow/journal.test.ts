/** Journals that every version of the library that wrote them has to be followed by one that reads them. */
import { assert, describe, it } from "@effect/vitest"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { Adyen, Stripe } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { inTurns } from "../support/extent.js"
import { brisk, cancelsAt, eventually, providers, sqlite, statusAt, temporaryFile } from "./durable.js"
import { load } from "./journals/dump.js"

const journals = fileURLToPath(new URL("journals/v1/", import.meta.url))

// However old the journals are.
const options: CancelWorkflow.Options = { ...brisk, waits: ["1 second"], giveUpAfter: "36500 days" }

const stripe = CancelWorkflow.make("Stripe", Stripe, options)

const adyen = CancelWorkflow.make("Adyen", Adyen, options)

const client = (filename: string) => LibsqlClient.layer({ url: `file:${filename}`, intMode: "bigint" })

/** A file with a journal in it, as it was left. */
const journaled = (name: string, changed: (text: string) => string = (text) => text) =>
  Effect.tap(temporaryFile, (filename) =>
    Effect.provide(load(changed(Fs.readFileSync(`${journals}${name}.sql`, "utf8"))), client(filename)))

const durable = (filename: string) =>
  Layer.mergeAll(stripe.layer, adyen.layer).pipe(
    Layer.provide(providers),
    Layer.provideMerge(sqlite(filename)),
    Layer.provideMerge(Sandbox.layer),
    Layer.provide(Logger.remove(Logger.defaultLogger))
  )

/** The only record that a journal has. */
const record = Effect.map(
  Effect.flatMap(CancelRecords.CancelRecords, (_) => _.inState("Working", "InDoubt", "Accepted", "Settled", "HandedOver")),
  (all) => {
    assert.lengthOf(all, 1)
    return all[0]!
  }
)

const keysAt = (provider: Sandbox.Provider) =>
  Effect.map(cancelsAt(provider), (requests) => [...new Set(requests.map(({ headers }) => headers["idempotency-key"]))])

const isSettled = (outcome: Option.Option<{ readonly _tag: string }>) => Option.exists(outcome, ({ _tag }) => _tag !== "Working")

describe("a journal of version 1", () => {
  it.live("that was left before the first call is gone on with, under its key", () =>
    Effect.gen(function*() {
      const filename = yield* journaled("before-the-first-call")
      yield* Effect.gen(function*() {
        const { executionId, idempotencyKey } = yield* record
        const settled = yield* eventually(stripe.outcome(executionId), isSettled)
        assert.strictEqual(Option.getOrThrow(settled)._tag, "Cancelled")
        assert.strictEqual(yield* statusAt("Stripe", "pi_journaled"), "canceled")
        assert.deepStrictEqual(yield* keysAt("Stripe"), [idempotencyKey])
        // The same request is the same execution.
        assert.strictEqual(yield* stripe.start({ paymentId: "pi_journaled", requestId: "r-1", reason: "duplicate" }), executionId)
      }).pipe(Effect.provide(durable(filename).pipe(Layer.provideMerge(withPayment("requires_capture")))))
    }).pipe(Effect.scoped))

  it.live("that was left after a lost answer says that it was this cancel", () =>
    Effect.gen(function*() {
      const filename = yield* journaled("after-a-lost-answer")
      yield* Effect.gen(function*() {
        const { executionId, idempotencyKey } = yield* record
        const settled = yield* eventually(stripe.outcome(executionId), isSettled)
        assert.strictEqual(Option.getOrThrow(settled)._tag, "Cancelled")
        for (const key of yield* keysAt("Stripe")) assert.strictEqual(key, idempotencyKey)
      }).pipe(Effect.provide(durable(filename).pipe(Layer.provideMerge(withPayment("canceled")))))
    }).pipe(Effect.scoped))

  it.live("that was left while it waited is ended by the notification", () =>
    Effect.gen(function*() {
      const filename = yield* journaled("waiting-for-a-notification")
      yield* Effect.gen(function*() {
        const { executionId, paymentId } = yield* record
        const [, reference = ""] = /"receipt":\{[^}]*"reference":"([^"]+)"/.exec(Fs.readFileSync(`${journals}waiting-for-a-notification.sql`, "utf8")) ?? []
        assert.notStrictEqual(reference, "")
        yield* adyen.notified({
          provider: "Adyen",
          notificationId: "event-1",
          paymentId,
          merchantReference: Option.none(),
          reference: Option.some(reference),
          decision: "Cancelled",
          reason: Option.none(),
          occurredAt: Option.none(),
          receivedAt: yield* DateTime.now
        })
        const settled = yield* eventually(adyen.outcome(executionId), isSettled)
        assert.deepInclude(Option.getOrThrow(settled), { _tag: "Cancelled", evidence: "Notification" })
        // It was accepted before, and is not sent again.
        assert.deepStrictEqual(yield* keysAt("Adyen"), [])
      }).pipe(Effect.provide(durable(filename).pipe(Layer.provideMerge(withPayment("requires_capture")))))
    }).pipe(Effect.scoped))

  it.live("that has ended says what it said, and sends nothing", () =>
    Effect.gen(function*() {
      const filename = yield* journaled("ended")
      yield* Effect.gen(function*() {
        const { executionId } = yield* record
        assert.strictEqual(Option.getOrThrow(yield* stripe.outcome(executionId))._tag, "Cancelled")
        const again = yield* stripe.cancel({ paymentId: "pi_journaled", requestId: "r-1", reason: "duplicate" })
        assert.strictEqual(again._tag, "Cancelled")
        assert.lengthOf(yield* cancelsAt("Stripe"), 0)
      }).pipe(Effect.provide(durable(filename).pipe(Layer.provideMerge(withPayment("canceled")))))
    }).pipe(Effect.scoped))
})

/** The payments of the journals, as their providers have them when the journal is read. */
const withPayment = (status: "requires_capture" | "canceled") =>
  Layer.effectDiscard(Effect.gen(function*() {
    const { create } = yield* Sandbox.Sandbox
    yield* create("Stripe", { id: "pi_journaled", status })
    yield* create("Adyen", { id: "JOURNALED", decidesIn: 0 })
  })).pipe(Layer.provideMerge(Sandbox.layer))

describe("a journal of a version that is not known", () => {
  const later = (text: string) => text.replaceAll(`"version":1`, `"version":9`)

  /** What a newer version wrote, and then an older one was started. */
  it.live.each(inTurns([
    ["the request", "before-the-first-call", "cluster_messages"],
    ["the intent", "before-the-first-call", "cluster_replies"],
    ["a call", "after-a-lost-answer", "cluster_replies"]
  ] as const, 0, 2))("is left alone, and is gone on with by one that knows it: %s", ([, name, table]) =>
    Effect.gen(function*() {
      const filename = yield* journaled(name, (text) =>
        text.split("\n").map((line) => line.startsWith(`INSERT INTO "${table}"`) ? later(line) : line).join("\n"))
      const executionId = yield* Effect.gen(function*() {
        const { executionId, state } = yield* record
        yield* Effect.sleep("1500 millis")
        const outcome = yield* Effect.exit(stripe.outcome(executionId))
        assert(Exit.isSuccess(outcome), `it ended: ${outcome}`)
        assert.strictEqual(Option.getOrThrow(outcome.value)._tag, "Working")
        assert.deepStrictEqual([yield* keysAt("Stripe"), (yield* record).state], [[], state])
        return executionId
      }).pipe(Effect.provide(durable(filename).pipe(Layer.provideMerge(withPayment("requires_capture")))))
      yield* Effect.provide(
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(`UPDATE ${table} SET payload = replace(payload, '"version":9', '"version":1')`)),
        client(filename)
      )
      yield* Effect.gen(function*() {
        const { idempotencyKey } = yield* record
        const settled = yield* eventually(stripe.outcome(executionId), isSettled)
        assert.strictEqual(Option.getOrThrow(settled)._tag, "Cancelled")
        for (const key of yield* keysAt("Stripe")) assert.strictEqual(key, idempotencyKey)
      }).pipe(Effect.provide(durable(filename).pipe(Layer.provideMerge(withPayment("canceled")))))
    }).pipe(Effect.scoped))
})
