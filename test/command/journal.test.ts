/** What the journal still knows, whatever happens to its file. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as FsPromises from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Journal from "../../src/command/cancelMany/journal.js"
import * as Outcome from "../../src/command/cancelMany/outcome.js"

const makePath = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "journal-"))),
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
  ),
  (folder) => Path.join(folder, "out.csv.journal")
)

const header = Journal.header({ batch: "b", asksFor: "x", sandbox: false })

/** The next write fails in the middle of its line, as on a disk that is full for a moment. */
const failOnce = Effect.gen(function*() {
  const handle = yield* Effect.acquireRelease(Effect.promise(() => FsPromises.open(import.meta.filename)), (handle) => Effect.promise(() => handle.close()))
  const prototype: FsPromises.FileHandle = Object.getPrototypeOf(handle)
  const original = prototype.appendFile
  const restore = () => {
    prototype.appendFile = original
  }
  yield* Effect.addFinalizer(() => Effect.sync(restore))
  prototype.appendFile = function(text) {
    restore()
    return original.call(this, text.slice(0, 5)).then(() => Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" })))
  }
})

/** Node's own functions for files, of which some are these as long as the scope is open. */
const replacing = (functions: Partial<typeof Fs.promises>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const original = { ...Fs.promises }
      Object.assign(Fs.promises, functions)
      syncBuiltinESMExports()
      return original
    }),
    (original) =>
      Effect.sync(() => {
        Object.assign(Fs.promises, original)
        syncBuiltinESMExports()
      })
  )

const rejects = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))

/** What is asked for a file cannot be answered, as where a server of files is away for a moment. */
const unanswered = replacing({ access: rejects("EIO") })

const open = FsPromises.open

/** Whatever is closed is, and says that it could not be kept. */
const failToClose = replacing({
  open: (...options) =>
    open(...options).then((handle) => {
      const close = handle.close
      return Object.assign(handle, { close: () => close().then(rejects("EDQUOT")) })
    })
})

describe("the journal", () => {
  it.scopedLive("is not begun anew where nobody can tell whether it is there", () =>
    Effect.gen(function*() {
      const path = yield* makePath
      yield* (yield* Journal.begin(path, header)).begins(0)
      const before = Fs.readFileSync(path, "utf8")
      yield* Effect.scoped(Effect.zipRight(unanswered, Effect.flip(Journal.begin(path, header))))
      assert.strictEqual(Fs.readFileSync(path, "utf8"), before)
    }))

  it.scopedLive("keeps the lines of both that write to it at once", () =>
    Effect.gen(function*() {
      const path = yield* makePath
      const one = yield* Journal.begin(path, header)
      const another = yield* Journal.resume(path)
      yield* another.begins(0)
      yield* another.begins(1)
      yield* one.begins(2)
      const contents = yield* Journal.read(path, 3, () => true)
      assert.deepStrictEqual([0, 1, 2].map(contents.isInDoubt), [true, true, true], Fs.readFileSync(path, "utf8"))
    }))

  it.scopedLive("begins nothing once it could not be written, though it could be again, and still records what becomes of the rest", () =>
    Effect.gen(function*() {
      const path = yield* makePath
      const journal = yield* Journal.begin(path, header)
      yield* journal.begins(0)
      yield* failOnce
      const failed = yield* Effect.forEach([1, 2, 3], (index) => Effect.flip(journal.begins(index)), { concurrency: "unbounded" })
      const later = yield* Effect.flip(journal.begins(4))
      for (const { message } of [...failed, later]) assert.strictEqual(message, `${path}: the disk is full`)
      const record = Outcome.notRecorded({ provider: "Stripe", paymentId: "pi_1", idempotencyKey: "k" })
      yield* journal.append(0, { ...record, outcome: "Cancelled", settled: true })
      const contents = yield* Journal.read(path, 5, () => true)
      assert.deepStrictEqual([0, 1, 2, 3, 4].map(contents.isInDoubt), [false, false, false, false, false])
      assert.isTrue(contents.isSettled(0), Fs.readFileSync(path, "utf8"))
    }))

  it.scopedLive("ends without a defect though its file cannot be closed, as where a server of files says only then that it is full", () =>
    Effect.gen(function*() {
      const path = yield* makePath
      yield* failToClose
      yield* Effect.scoped(Effect.flatMap(Journal.begin(path, header), (journal) => journal.begins(0)))
      const contents = yield* Journal.read(path, 1, () => true)
      assert.isTrue(contents.isInDoubt(0))
    }))

  it.scopedLive("begins nothing once a result could not be recorded", () =>
    Effect.gen(function*() {
      const path = yield* makePath
      const journal = yield* Journal.begin(path, header)
      yield* failOnce
      yield* Effect.flip(journal.append(0, Outcome.notRecorded({ provider: "Stripe", paymentId: "pi_1", idempotencyKey: "k" })))
      const { message } = yield* Effect.flip(journal.begins(1))
      assert.strictEqual(message, `${path}: the disk is full`)
    }))
})
