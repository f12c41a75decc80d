import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { run } from "../docs/program.js"
import { isLong, longOrShort } from "../support/extent.js"
import * as Proof from "./proof.js"

/** What it takes on a slow machine. */
const patience = 120_000

describe("npm run many, with less of everything", () => {
  it.live("shows that every result is true, and that limits hold where the requests arrive", () =>
    Effect.scoped(Effect.gen(function*() {
      const trial = { ...longOrShort({ cancels: 600, rate: 100 }, { cancels: 320, rate: 50 }), seed: "short", faulty: 0.2, downFrom: 500, downFor: 2000 }
      const { disturb, ready } = yield* Proof.serve(trial)
      yield* Effect.forkScoped(disturb)
      const { all, received, results } = yield* Proof.attempt(trial, ready)
      assert.deepStrictEqual(all, [])
      assert.strictEqual(Object.values(results).reduce((sum, count) => sum + count, 0), trial.cancels)
      // Something did go wrong.
      assert.isAtLeast(received, trial.cancels + 10)
      assert.isAtLeast(results["Cancelled"] ?? 0, trial.cancels / 2)
    })), patience)

  // A warm-up that differs would be taken for growth, were there fewer of them.
  it.live.runIf(isLong)("shows that memory does not grow with the length of the stream", () =>
    Effect.gen(function*() {
      const { code, output } = yield* run(fileURLToPath(new URL("main.ts", import.meta.url)), { args: ["memory", "--bare", "--cancels", "20000"] })
      assert.strictEqual(code, 0, output)
      assert.include(output, "met ")
    }), patience)
})
