import { assert, describe, it } from "@effect/vitest"
import { broken } from "./broken.js"
import { type Finding, firstFound, play, range } from "./campaign.js"
import { everything } from "./facts.js"
import { unbroken } from "./simulate.js"

/**
 * A broken engine has to be caught within so many seeds, each of which is played at every
 * provider that has what the promise is about: one provider more makes no seed count for less.
 */
const seeds = 1_000

/** How many of them the engine as it is plays, which nothing ends early; others play far more. */
const unbrokenSeeds = 300

const unhurried = 120_000

describe("an engine that breaks a promise is caught", () => {
  it.each(broken)("$promise", async ({ at = () => true, caughtBy, engine }) => {
    const among = everything.filter(at)
    assert.isNotEmpty(among, "no provider has what this is about")
    const found = await firstFound(range(0, seeds), among, engine, ({ rule }) => caughtBy.includes(rule))
    assert.isNotNull(found, `${seeds} seeds at ${among.length}, and nobody noticed`)
  }, unhurried)

  it("while the engine as it is passes", async () => {
    const found: Array<Finding> = []
    for (const facts of everything) {
      for (const seed of range(0, unbrokenSeeds)) {
        const finding = await play(seed, unbroken, facts)
        if (finding !== null) found.push(finding)
      }
    }
    assert.deepStrictEqual(found.map(({ seed, violations }) => [seed, violations[0]]), [])
  }, unhurried)
})
