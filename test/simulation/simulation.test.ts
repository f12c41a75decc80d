import { assert, describe, it } from "@effect/vitest"
import { play, range } from "./campaign.js"
import { corpus, patient, quiet } from "./corpus.js"
import * as Coverage from "./coverage.js"
import { broken } from "./broken.js"
import { check } from "./oracle.js"
import * as Report from "./report.js"
import * as Scenario from "./scenario.js"
import { breaks, shrink } from "./shrink.js"
import { simulate, unbroken } from "./simulate.js"

/** Seeds that are the same in every run, enough of them to reach every situation. */
const spread = range(0, 2_500)

/** How long seeds that nobody has played before are played, in milliseconds. */
const freshTime = 5_000

const unhurried = 120_000

const assertNothingWrong = (scenario: Scenario.Scenario): void => {
  if (check(simulate(scenario)).length === 0) return
  const run = simulate(scenario, unbroken, true)
  assert.fail(`${Report.violations(check(run))}\n${Report.history(run)}`)
}

const assertPasses = (seed: number, coverage?: Coverage.Coverage): void => {
  const finding = play(seed, unbroken, coverage)
  if (finding === null) return
  assert.fail(`${Report.violations(finding.violations)}\nShow it: npm run simulate -- --seed ${seed}`)
}

/** More turns than a cancel in which nothing goes wrong has. */
const turns = 80

describe("the engine, in simulation", () => {
  it.each(corpus)("no longer: $found", ({ scenario }) => assertNothingWrong(scenario))

  it("is honest about an interruption at any turn", () => {
    const cancellable = quiet("WePay", "pending")
    const closed = quiet("WalletConnectPay, API key", "processing")
    for (const scenario of [cancellable, closed]) {
      for (const turn of range(1, turns)) {
        for (const operationsPerTurn of [24, Scenario.usualTurn]) {
          const callers = [patient({ ending: { _tag: "InterruptAtTurn", turn } })]
          assertNothingWrong({ ...scenario, operationsPerTurn, callers })
        }
      }
    }
  }, unhurried)

  it("keeps its promises over a fixed spread of seeds, which reaches every situation", () => {
    const coverage = Coverage.make()
    for (const seed of spread) assertPasses(seed, coverage)
    assert.deepStrictEqual(coverage.missing(), [])
  }, unhurried)

  const first = Math.floor(Math.random() * 2 ** 40)
  it(`keeps its promises over fresh seeds, from ${first}`, () => {
    const end = performance.now() + freshTime
    let seed = first
    for (; performance.now() < end; seed += 1) assertPasses(seed)
    assert.isAbove(seed, first)
  }, unhurried)
})

describe("the simulator", () => {
  it("plays the same seed in the same way", () => {
    for (const seed of range(0, 50)) {
      const history = () => Report.history(simulate(Scenario.make(seed), unbroken, true))
      assert.strictEqual(history(), history())
    }
  })

  it("makes a scenario smaller, and keeps what is wrong with it", () => {
    const [forgetful] = broken
    assert.isDefined(forgetful)
    const [rule] = forgetful.caughtBy
    const seed = [...range(0, 1_000)].find((seed) => breaks(Scenario.make(seed), rule, forgetful.engine))
    assert.isDefined(seed)
    const scenario = Scenario.make(seed)
    const smallest = shrink(scenario, rule, forgetful.engine)
    assert.isBelow(JSON.stringify(smallest).length, JSON.stringify(scenario).length)
    assert.isTrue(breaks(smallest, rule, forgetful.engine))
  }, unhurried)
})
