/** One process, one file: who may use it, and what is in it. */
import { assert, describe, it } from "@effect/vitest"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { createRequire } from "node:module"
import { temporaryFile } from "./durable.js"

const open = (filename: string) => Effect.scoped(Layer.build(Sqlite.layer({ filename })))

/** Another process that holds the file as this library does, until it is killed. */
const holder = (filename: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const driver = createRequire(import.meta.url).resolve("@libsql/client")
      const program = `
        const { createClient } = require(${JSON.stringify(driver)})
        const lock = createClient({ url: ${JSON.stringify(`file:${filename}.lock`)} })
        lock.execute("BEGIN EXCLUSIVE").then(() => { console.log("held"); setInterval(() => lock.closed, 1000) })`
      const child = ChildProcess.spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] })
      await new Promise((resolve) => child.stdout.once("data", resolve))
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

describe("a file", () => {
  it.live("is for one process, and for the next as soon as that is killed", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const other = yield* holder(filename)
      const error = yield* Effect.flip(open(filename))
      assert(error._tag === "CancelWorkflow.InUse")
      assert.strictEqual(error.filename, filename)
      const gone = Effect.async<void>((resume) => {
        other.once("close", () => resume(Effect.void))
        other.kill("SIGKILL")
      })
      yield* gone
      yield* open(filename)
    }).pipe(Effect.scoped))

  it.live("is for one layer at a time, and free when that is closed", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      yield* Effect.gen(function*() {
        const exit = yield* Effect.exit(open(filename))
        assert.isTrue(Exit.isFailure(exit))
      }).pipe(Effect.provide(Sqlite.layer({ filename })))
      yield* open(filename)
    }).pipe(Effect.scoped))

  it.live("that cannot be made is an error that names it and the missing folder, and not one that says it is in use", () =>
    Effect.gen(function*() {
      const filename = Path.join(yield* temporaryFile, "there", "is", "no", "such.db")
      const error = yield* Effect.flip(open(filename))
      assert.deepStrictEqual([error._tag, "filename" in error && error.filename], ["CancelWorkflow.Inaccessible", filename])
      assert.include(error.message, `is there the folder ${Path.dirname(filename)},`)
    }).pipe(Effect.scoped))

  it.live.each(["a folder", "some text"])("that is no database is an error that names it: %s", (kind) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      if (kind === "a folder") Fs.mkdirSync(filename)
      else Fs.writeFileSync(filename, "not a database, but text that is long enough to be taken for one".repeat(100))
      const error = yield* Effect.flip(open(filename))
      assert.deepStrictEqual([error._tag, "filename" in error && error.filename], ["CancelWorkflow.Inaccessible", filename])
    }).pipe(Effect.scoped))
})
