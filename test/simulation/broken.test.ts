import { assert, describe, it } from "@effect/vitest"
import { broken } from "./broken.js"
import { firstFound, play, range } from "./campaign.js"

/** A broken engine has to be caught within so many seeds. */
const seeds = 1_000

const unhurried = 120_000

describe("an engine that breaks a promise is caught", () => {
  it.each(broken)("$promise", ({ caughtBy, engine }) => {
    const seed = firstFound(range(0, seeds), engine, ({ rule }) => caughtBy.includes(rule))
    assert.isNotNull(seed, `${seeds} seeds, and nobody noticed`)
  }, unhurried)

  it("while the engine as it is passes the same seeds", () => {
    const found = [...range(0, seeds)].flatMap((seed) => play(seed) ?? [])
    assert.deepStrictEqual(found.map(({ seed, violations }) => [seed, violations[0]]), [])
  }, unhurried)
})
