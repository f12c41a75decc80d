/**
 * Never loses an unknown outcome: every cancel is written to a journal before it is sent,
 * and a worker settles what is left open, in another process if need be.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeKeyValueStore from "@effect/platform-node/NodeKeyValueStore"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Option, Redacted, Schedule, Schema } from "effect"
import { Cancel, IdempotencyKey, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"

// #region journal
/**
 * What is needed to settle a cancel later: the key, and the whole request, because WePay requires
 * identical bytes for one key.
 */
const Intent = Schema.Struct({ paymentId: Schema.String, reason: Schema.String, idempotencyKey: Schema.String })
type Intent = typeof Intent.Type

/** The cancels that are not settled yet. Use a table of your database instead. */
class Journal extends Effect.Service<Journal>()("Journal", {
  effect: Effect.gen(function*() {
    const store = (yield* KeyValueStore.KeyValueStore).forSchema(Schema.Array(Intent))
    const lock = yield* Effect.makeSemaphore(1)
    const read = Effect.map(store.get("open"), Option.getOrElse(() => []))
    const change = (f: (open: ReadonlyArray<Intent>) => ReadonlyArray<Intent>) =>
      lock.withPermits(1)(Effect.flatMap(read, (open) => store.set("open", f(open)))).pipe(Effect.orDie)
    return {
      open: Effect.orDie(read),
      add: (intent: Intent) => change((open) => [...open, intent]),
      remove: ({ idempotencyKey }: Intent) => change((open) => open.filter((each) => each.idempotencyKey !== idempotencyKey))
    }
  })
}) {}
// #endregion

// #region cancel
/**
 * Fixes the key, and cancels; the intent is recorded right before the request leaves. A settled intent
 * is removed. In any other case (an unknown outcome, an interruption, a crash) it stays for the
 * worker, so the caller need not wait long.
 */
const cancel = Effect.fn("cancel")(function*(request: { readonly paymentId: string; readonly reason: string }) {
  const journal = yield* Journal
  const intent = { ...request, idempotencyKey: yield* (yield* IdempotencyKey.IdempotencyKey) }
  return yield* WePay.cancel(intent).pipe(
    Cancel.beforeSending(() => journal.add(intent)),
    Cancel.withPolicy({ deadline: "10 seconds" }),
    Effect.tap(() => journal.remove(intent)),
    // No request with this key was sent before this call, so its result is final.
    Effect.tapError((error) => error.outcome === "NotCancelled" ? journal.remove(intent) : Effect.void)
  )
})
// #endregion

// #region settle
/**
 * Settles one intent if it can: cancel again with the same key, otherwise read the status.
 *
 * An error of this second call is only about the second call: "not authorized" today does not say
 * what became of yesterday's request. So only the payment's own state settles it: it is cancelled,
 * or it can no longer be cancelled.
 */
const settle = (intent: Intent): Effect.Effect<Option.Option<"Cancelled" | "Closed">, never, WePay.WePay> =>
  WePay.cancel(intent).pipe(
    Effect.as(Option.some("Cancelled" as const)),
    Effect.catchAll(() =>
      Effect.map(WePay.status(intent), ({ standing }) => Option.filter(standing, (_) => _ !== "Cancellable"))
    ),
    Effect.catchAll(() => Effect.succeedNone)
  )

/** One pass over the journal. */
const settleAll = Effect.gen(function*() {
  const journal = yield* Journal
  yield* Effect.forEach(yield* journal.open, (intent) =>
    Effect.flatMap(settle(intent), Option.match({
      onNone: () => Console.log(`worker: ${intent.paymentId} is still open`),
      onSome: (standing) =>
        Effect.zipRight(journal.remove(intent), Console.log(`worker: ${intent.paymentId} is settled: ${standing}`))
    })), { concurrency: 4 })
  return (yield* journal.open).length
})

/** Every second until nothing is left; in a real worker every minute, forever. */
const worker = Effect.repeat(settleAll, { until: (open) => open === 0, schedule: Schedule.spaced("1 second") })
// #endregion

// ---------------------------------------------------------------------------------------
// A run of it, in the sandbox
// ---------------------------------------------------------------------------------------

const shop = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const lost = yield* sandbox.create("WePay", { id: "payment-1" })
  const captured = yield* sandbox.create("WePay", { id: "payment-2", captureIn: "800 millis" })

  const report = (paymentId: string) =>
    cancel({ paymentId, reason: "out of stock" }).pipe(
      Effect.flatMap(({ _tag }) => Console.log(`shop:   ${paymentId} ${_tag}`)),
      Effect.catchAll(({ _tag, outcome }) => Console.log(`shop:   ${paymentId} ${_tag}, outcome ${outcome}`))
    )

  // The first request will arrive late; the second never does, and that payment is captured.
  yield* sandbox.inject(Fault.late("500 millis"), { paymentId: lost, operation: "Cancel" })
  yield* report(lost)
  yield* sandbox.inject(Fault.dropBeforeApplying, { paymentId: captured, operation: "Cancel" })
  yield* report(captured)
  // While the worker makes its first pass, WePay cannot be reached.
  yield* sandbox.inject(Fault.refuseConnection, { times: 4 })
}).pipe(Cancel.withPolicy({ attempts: 1, statusReads: 1 }))

const wePay = WePay.layer({
  appId: Sandbox.credentials.WePay.appId,
  appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
  baseUrl: Sandbox.baseUrl("WePay")
})

/** The shop and the worker each open the journal themselves, as two processes would. */
const journalIn = (directory: string) =>
  Layer.fresh(Journal.Default).pipe(Layer.provide(NodeKeyValueStore.layerFileSystem(directory)))

const main = Effect.gen(function*() {
  const directory = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped({ prefix: "journal-" })
  yield* Effect.provide(shop, journalIn(directory))
  yield* Console.log("shop:   stopped")
  yield* worker.pipe(Cancel.withPolicy({ attempts: 1, statusReads: 1 }), Effect.provide(journalIn(directory)))
}).pipe(Effect.scoped)

NodeRuntime.runMain(Effect.provide(main, Layer.provideMerge(wePay, Layer.merge(Sandbox.layer, NodeFileSystem.layer))))
