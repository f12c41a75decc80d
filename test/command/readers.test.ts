/** The command in a process of its own, whose output nobody reads any more. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { patience, start } from "../docs/program.js"
import { longOrShort } from "../support/extent.js"

describe("cancel-many, of which nobody reads", () => {
  for (const streams of longOrShort([["stderr"], ["stdout", "stderr"]] as const, [["stdout", "stderr"]] as const)) {
    it.scoped(`${streams.join(" and ")}: goes on, and ends as it would have`, () =>
      Effect.gen(function*() {
        const folder = yield* Effect.acquireRelease(
          Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "readers-"))),
          (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
        )
        const [input = "", out = ""] = ["payments.csv", "results.csv"].map((name) => Path.join(folder, name))
        Fs.writeFileSync(input, ["provider,paymentId", ...Array.from({ length: 5 }, (_, index) => `Square,p-${index}`)].join("\n"))
        const child = start("src/command/main.ts", { args: ["cancel-many", input, "--sandbox", "--out", out], bundled: true })
        for (const stream of streams) child[stream]?.destroy()
        const [code] = yield* Effect.promise(() => once(child, "exit"))
        assert.strictEqual(code, 0)
        assert.lengthOf(Fs.readFileSync(out, "utf8").trim().split("\n"), 6)
      }), patience)
  }
})
