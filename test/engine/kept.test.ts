/**
 * V8 puts some functions among the old objects at once, those by which Effect has a fiber wait among them, and all that can be
 * seen from one stays until everything is collected. Nothing of an exchange that is over may be.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"
import { promisify } from "node:util"

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href

describe("a cancel that is over", () => {
  it("leaves nothing of its exchange behind that the next small collection does not find", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--expose-gc",
      "--allow-natives-syntax",
      "--import",
      tsx,
      fileURLToPath(new URL("kept.ts", import.meta.url))
    ])
    const { kept, made }: { readonly made: number; readonly kept: number } = JSON.parse(stdout)
    assert.strictEqual(made, 300)
    // The last one may be under way to its end.
    assert.isAtMost(kept, 4)
  }, 60_000)
})
