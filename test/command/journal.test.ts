/** What the journal still knows, whatever happens to its file. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Journal from "../../src/command/cancelMany/journal.js"

const makePath = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "journal-"))),
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
  ),
  (folder) => Path.join(folder, "out.csv.journal")
)

const header = Journal.header({ batch: "b", asksFor: "x", sandbox: false })

describe("the journal", () => {
  it.scopedLive("keeps the lines of both that write to it at once", () =>
    Effect.gen(function*() {
      const path = yield* makePath
      const one = yield* Journal.begin(path, header)
      const another = yield* Journal.resume(path)
      yield* another.begins(0)
      yield* another.begins(1)
      yield* one.begins(2)
      const contents = yield* Journal.read(path, 3)
      assert.deepStrictEqual([0, 1, 2].map(contents.isInDoubt), [true, true, true], Fs.readFileSync(path, "utf8"))
    }))
})
