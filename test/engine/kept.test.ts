/**
 * V8 puts some functions among the old objects at once, those by which Effect has a fiber wait among them, and all that can be
 * seen from one stays until everything is collected. Nothing of an exchange that is over may be.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fileURLToPath } from "node:url"
import { run } from "../docs/program.js"

describe("a cancel that is over", () => {
  it.live("leaves nothing of its exchange behind that the next small collection does not find", () =>
    Effect.gen(function*() {
      const { code, output } = yield* run(fileURLToPath(new URL("kept.ts", import.meta.url)), {
        flags: ["--expose-gc", "--allow-natives-syntax"],
        bundled: true
      })
      assert.strictEqual(code, 0, output)
      const { kept, made }: { readonly made: number; readonly kept: number } = JSON.parse(output)
      assert.strictEqual(made, 300)
      // The last one may be under way to its end.
      assert.isAtMost(kept, 4)
    }), 60_000)
})
