/** What any earlier version of the library left in a database is carried through by this one. */
import { assert, describe, it } from "@effect/vitest"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords } from "effect-payment-cancel/workflow"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { payments, providers, requestId, workflows } from "./cancels.js"
import * as Journal from "./journal.js"

const here = Path.dirname(fileURLToPath(import.meta.url))
const files = Fs.readdirSync(here).filter((name) => name.endsWith(".json"))
const readJournal = (name: string) => Schema.decodeUnknownSync(Schema.parseJson(Journal.Journal))(Fs.readFileSync(Path.join(here, name), "utf8"))

const database = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-journal-"))),
  (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
).pipe(Effect.map((folder) => Path.join(folder, "cancels.db")))

const storage = (filename: string) =>
  Layer.orDie(Sqlite.layer({ filename, shardingConfig: { entityMessagePollInterval: "50 millis" }, keepFor: "36500 days" }))

const { Adyen, Stripe } = workflows("50 millis")

/** A process of this version, on a database with an earlier one's journal. */
const replaying = <A, E>(
  journal: Journal.Journal,
  program: Effect.Effect<A, E, Sandbox.Sandbox | CancelRecords.CancelRecords | import("@effect/workflow").WorkflowEngine.WorkflowEngine>
) =>
  Effect.gen(function*() {
    const filename = yield* database
    // The tables, and then what was in them.
    yield* Effect.scoped(Layer.build(storage(filename)))
    yield* Journal.write(filename, journal)
    const { create } = yield* Sandbox.Sandbox
    for (const id of [payments.inFlight, payments.lost]) yield* create("Stripe", { id })
    return yield* Effect.provide(program, Layer.mergeAll(Stripe.layer, Adyen.layer).pipe(
      Layer.provideMerge(storage(filename)),
      Layer.provide(providers)
    ))
  }).pipe(
    Effect.provide(Sandbox.layer),
    Effect.provide(Logger.minimumLogLevel(LogLevel.None))
  )

/** The key under which the journal says that a payment is cancelled. */
const keyOf = (journal: Journal.Journal, paymentId: string) =>
  journal.effect_payment_cancels.find((row) => row["payment_id"] === paymentId)?.["idempotency_key"]

describe.each(files)("the journal %s", (name) => {
  const journal = readJournal(name)

  it.scopedLive("is gone on with: what may have been sent under its own key", () =>
    replaying(journal, Effect.gen(function*() {
      for (const paymentId of [payments.inFlight, payments.lost]) {
        // Started again, as a program does that does not know.
        const settled = yield* Stripe.cancel({ paymentId, requestId })
        assert.deepInclude(settled, { _tag: "Cancelled", paymentId }, paymentId)
      }
      const { payment, requests } = yield* Sandbox.Sandbox
      for (const paymentId of [payments.inFlight, payments.lost]) {
        assert.strictEqual(Option.getOrThrow(yield* payment("Stripe", paymentId)).status, "canceled")
        const keys = new Set((yield* requests).filter(({ operation, path }) => operation === "Cancel" && path.includes(paymentId))
          .map(({ headers }) => headers["idempotency-key"]))
        assert.deepStrictEqual([...keys], [keyOf(journal, paymentId)])
      }
    })))

  it.scopedLive("waits on for the notification of what was accepted, and sends nothing", () =>
    replaying(journal, Effect.gen(function*() {
      const executionId = yield* Adyen.start({ paymentId: payments.accepted, requestId })
      const accepted = journal.cluster_replies.map((row) => String(row["payload"])).find((payload) => payload.includes("CancellationAccepted"))
      const [, reference = ""] = /"pspReference":"([^"]+)"|"reference":"([^"]+)"/.exec(accepted ?? "")?.filter((group) => group !== undefined) ?? []
      yield* Adyen.notified({
        provider: "Adyen",
        notificationId: "event-1",
        paymentId: payments.accepted,
        merchantReference: Option.none(),
        reference: Option.some(reference),
        decision: "Cancelled",
        reason: Option.none(),
        occurredAt: Option.none(),
        receivedAt: yield* DateTime.now
      })
      const settled = yield* Effect.repeat(Effect.delay(Effect.either(Adyen.outcome(executionId)), "30 millis"), {
        until: (result) => Either.isLeft(result) || Option.exists(result.right, ({ _tag }) => _tag !== "Working"),
        times: 300
      })
      assert.deepInclude(Option.getOrThrow(Either.getOrThrow(settled)), { _tag: "Cancelled", evidence: "Notification" })
      const { requests } = yield* Sandbox.Sandbox
      assert.lengthOf((yield* requests).filter(({ provider }) => provider === "Adyen"), 0)
    })))

  it.scopedLive("says again how an ended cancel ended, and sends nothing", () =>
    replaying(journal, Effect.gen(function*() {
      const settled = yield* Stripe.cancel({ paymentId: payments.ended, requestId })
      assert.deepInclude(settled, { _tag: "Cancelled", evidence: "Response", paymentId: payments.ended })
      const { requests } = yield* Sandbox.Sandbox
      assert.lengthOf((yield* requests).filter(({ path }) => path.includes(payments.ended)), 0)
    })))
})
