import { assert, describe, it } from "@effect/vitest"
import { broken } from "./broken.js"
import { firstFound, judge, range } from "./campaign.js"
import { everything, type Facts, named } from "./facts.js"
import type { Violation } from "./oracle/rules.js"
import type { Scenario } from "./scenario.js"
import { isLong } from "../support/extent.js"

/**
 * A broken engine has to be caught within so many seeds, each of which is played at every
 * provider that has what the promise is about: one provider more makes no seed count for less.
 */
const seeds = 1_000

const unhurried = 120_000

/** What is wrong with a scenario where nothing is broken: several breaks are noticed by the same one. */
const unbroken = new Map<string, ReadonlyArray<Violation>>()

const violationsOf = async (scenario: Scenario): Promise<ReadonlyArray<Violation>> => {
  const key = `${scenario.seed} ${scenario.provider}`
  const violations = unbroken.get(key) ?? (await judge(scenario)).violations
  unbroken.set(key, violations)
  return violations
}

describe("an engine that breaks a promise is caught", () => {
  it.each(broken)("$promise", async ({ at = () => true, caughtBy, engine, first, from = 0 }) => {
    const among = everything.filter(at)
    assert.isNotEmpty(among, "no provider has what this is about")
    const search = (seeds: Iterable<number>, among: ReadonlyArray<Facts>) =>
      firstFound(seeds, among, engine, ({ rule }) => caughtBy.includes(rule))
    const known = isLong || first === undefined ? null : await search([first[0]], [named(first[1])])
    const found = known ?? await search(range(from, from + seeds), among)
    if (found === null) return assert.fail(`${seeds} seeds at ${among.length}, and nobody noticed`)
    // It is the break that was noticed, and nothing that is so without it.
    assert.deepStrictEqual(await violationsOf(found), [])
  }, unhurried)
})
