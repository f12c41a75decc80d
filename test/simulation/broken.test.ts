import { assert, describe, it } from "@effect/vitest"
import { broken } from "./broken.js"
import { type Finding, firstFound, play, range } from "./campaign.js"

/** A broken engine has to be caught within so many seeds. */
const seeds = 2_000

const unhurried = 120_000

describe("an engine that breaks a promise is caught", () => {
  it.each(broken)("$promise", async ({ caughtBy, engine }) => {
    const seed = await firstFound(range(0, seeds), engine, ({ rule }) => caughtBy.includes(rule))
    assert.isNotNull(seed, `${seeds} seeds, and nobody noticed`)
  }, unhurried)

  it("while the engine as it is passes the same seeds", async () => {
    const found: Array<Finding> = []
    for (const seed of range(0, seeds)) {
      const finding = await play(seed)
      if (finding !== null) found.push(finding)
    }
    assert.deepStrictEqual(found.map(({ seed, violations }) => [seed, violations[0]]), [])
  }, unhurried)
})
