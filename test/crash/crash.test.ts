import { assert, describe, it } from "@effect/vitest"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { afterAll, beforeAll } from "vitest"
import { bundle } from "./bundle.js"
import * as Campaign from "./campaign.js"
import * as Trial from "./trial.js"

/** What it takes on a slow machine. */
const patience = 120_000

let runner = ""

beforeAll(async () => {
  runner = await bundle()
})

afterAll(() => Fs.rmSync(runner, { force: true }))

describe("npm run crash-test, with less of everything", () => {
  it.live.each([
    ["while it cancels", [{ at: 250 }]],
    ["twice, at any moment", [{ after: 500 }, { after: 700 }]]
  ] as const)("killed %s: every payment ends settled and true, under one key, and nothing is left behind", ([, kills]) =>
    Effect.gen(function*() {
      const outcome = yield* Campaign.onSqlite(runner, kills, 1, 6)
      assert.deepStrictEqual(outcome.problems, [])
      assert.isAtLeast(outcome.kills, 1)
    }), patience)

  it.effect("what is not true is seen", () =>
    Effect.gen(function*() {
      const tasks = yield* Trial.prepare(3, () => 0.99)
      // Nothing was sent, and something is said all the same.
      const results = tasks.map(({ paymentId, provider }) => ({ provider, paymentId, result: "Cancelled" }))
      const problems = yield* Trial.judge(tasks, { at: 0, code: 0, signal: null, output: JSON.stringify({ results, at: 0 }) })
      assert.lengthOf(problems, 3)
      assert.lengthOf(yield* Trial.judge(tasks, { at: 0, code: 1, signal: null, output: "" }), 1)
    }).pipe(Effect.provide(Sandbox.layer)))
})
