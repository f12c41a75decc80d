/** Whose lock is put away, and whose is left alone. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Holder from "../../src/command/cancelMany/holder.js"
import * as Lock from "../../src/command/cancelMany/lock.js"

const own: Holder.Own = { pid: 7, host: "worker", boot: "boot-1", namespace: "pid:[1]", run: "run-1" }

const everyProcess = () => true
const noProcess = () => false

describe("the holder of a lock", () => {
  it("is judged by its number only where that says which process it is", () => {
    const other = { ...own, pid: 8, run: "run-2" }
    assert.strictEqual(Holder.standingOf(other, own, everyProcess), "Running")
    assert.strictEqual(Holder.standingOf(other, own, noProcess), "Gone")
    const elsewhere: ReadonlyArray<Partial<Holder.Holder>> = [
      { host: "another" },
      { host: undefined },
      { boot: "boot-2" },
      { boot: undefined },
      { namespace: "pid:[2]" },
      { namespace: undefined },
      // What earlier versions wrote.
      { boot: undefined, namespace: undefined, run: undefined }
    ]
    for (const different of elsewhere) {
      for (const pid of [own.pid, other.pid]) {
        assert.strictEqual(Holder.standingOf({ ...other, ...different, pid }, own, noProcess), "Elsewhere", JSON.stringify({ ...different, pid }))
      }
    }
  })

  it("is not judged by what is unknown on both sides", () => {
    for (const unknown of [{ boot: undefined }, { namespace: undefined }, { host: undefined }]) {
      assert.strictEqual(Holder.standingOf({ ...own, ...unknown, pid: 8, run: "run-2" }, { ...own, ...unknown }, noProcess), "Elsewhere")
    }
  })

  it("with this process's own number is an earlier one, unless it is this run", () => {
    assert.strictEqual(Holder.standingOf({ ...own, run: "run-2" }, own, everyProcess), "Gone")
    assert.strictEqual(Holder.standingOf(own, own, noProcess), "Running")
  })

  it("is read as it was written, by this version and by earlier ones", () => {
    const unknown = { host: undefined, boot: undefined, namespace: undefined, run: undefined }
    for (const holder of [own, { ...own, boot: undefined }, { ...own, boot: undefined, namespace: undefined }, { ...own, host: "my old machine" }]) {
      assert.deepStrictEqual(Holder.parse(Holder.format(holder)), Option.some(holder))
    }
    assert.strictEqual(Holder.format(own), "7 worker boot:boot-1 namespace:pid:[1] run:run-1")
    assert.deepStrictEqual(Holder.parse("7 worker"), Option.some({ ...unknown, pid: 7, host: "worker" }))
    assert.deepStrictEqual(Holder.parse("7"), Option.some({ ...unknown, pid: 7 }))
    assert.deepStrictEqual(Holder.parse("worker"), Option.none())
  })

  it("is there if there is a process with its number", () => {
    assert.isTrue(Holder.isThere(process.pid))
    assert.isFalse(Holder.isThere(spawnSync(process.execPath, ["--version"]).pid))
  })

  it.effect("of this process is no other run's", () =>
    Effect.gen(function*() {
      const [one, another] = yield* Effect.all([Holder.current, Holder.current])
      assert.deepStrictEqual({ ...one, run: "" }, { ...another, run: "" })
      assert.deepStrictEqual([one.pid, one.host], [process.pid, Os.hostname()])
      assert.notStrictEqual(one.run, another.run)
    }))
})

describe("a lock", () => {
  /** What a run makes of a lock that says this, and what the lock says then. */
  const holdBeside = (text: string, holder: Holder.Own) =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "lock-"))),
        (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
      )
      const path = Path.join(folder, "lock")
      Fs.writeFileSync(path, text)
      const held = yield* Lock.holdAs(path, holder)
      return { held, text: Fs.readFileSync(path, "utf8"), files: Fs.readdirSync(folder) }
    }).pipe(Effect.scoped)

  const gone = { ...own, pid: 999_999_999, run: "run-2" }

  it.live("of a process that is gone holds nobody up, nor one that nobody wrote to", () =>
    Effect.gen(function*() {
      for (const left of [Holder.format(gone), Holder.format({ ...own, run: "run-2" }), ""]) {
        const { files, held, text } = yield* holdBeside(left, own)
        assert.deepStrictEqual([held, text, files], [Option.none(), Holder.format(own), ["lock"]])
      }
    }))

  it.live("that the folder does not let go is no running process: what stands in the way is said", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "lock-"))),
        (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
      )
      Fs.writeFileSync(Path.join(folder, "lock"), Holder.format(gone))
      // As in a folder that is read-only, where this is tried as any user: nothing can be moved to where a folder is.
      Fs.mkdirSync(Path.join(folder, `lock.${own.run}`))
      const { message } = yield* Effect.flip(Lock.holdAs(Path.join(folder, "lock"), own))
      assert.strictEqual(message, `${folder}: it is a folder`)
    }).pipe(Effect.scoped))

  it.live("of a container by the same name is left alone, whatever its processes are numbered", () =>
    Effect.gen(function*() {
      for (const pid of [own.pid, gone.pid]) {
        const beside = Holder.format({ ...gone, pid, namespace: "pid:[2]" })
        const { held, text } = yield* holdBeside(beside, own)
        assert.deepStrictEqual(held, Option.some<Lock.Held>({ _tag: "Held", pid, host: "worker", isUncertain: true }))
        assert.strictEqual(text, beside)
      }
    }))

  it.live("of an earlier version is left alone, and so is what cannot be read", () =>
    Effect.gen(function*() {
      for (const [left, pid, host] of [["8 worker", 8, "worker"], ["8", 8, undefined], ["?", undefined, undefined]] as const) {
        const { held, text } = yield* holdBeside(left, own)
        assert.deepStrictEqual(held, Option.some<Lock.Held>({ _tag: "Held", pid, host, isUncertain: true }))
        assert.strictEqual(text, left)
      }
    }))

  it.live("of a process that is there says which one it is", () =>
    Effect.gen(function*() {
      const { held } = yield* holdBeside(Holder.format({ ...gone, pid: process.pid }), own)
      assert.deepStrictEqual(held, Option.some<Lock.Held>({ _tag: "Held", pid: process.pid, host: undefined, isUncertain: false }))
    }))
})
