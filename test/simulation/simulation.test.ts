import { assert, describe, it } from "@effect/vitest"
import * as Root from "effect-payment-cancel"
import { firstFound, judge, play, range } from "./campaign.js"
import { corpus, patient, quiet } from "./corpus.js"
import * as Coverage from "./coverage.js"
import { broken } from "./broken.js"
import { everything, type Facts } from "./facts.js"
import { seedsOf } from "./rare.js"
import * as Report from "./report.js"
import * as Scenario from "./scenario.js"
import { breaks, shrink } from "./shrink.js"
import { unbroken } from "./simulate.js"
import { inTurns, isLong, longOrShort } from "../support/extent.js"

/**
 * Seeds that are the same in every long run, for each way of cancelling. Together they reach every situation: the last two are
 * there for the rarest, a stored server error that comes back under its key, and an interruption after an acknowledgement.
 */
const spread = [...range(0, 150), 273, 424]

/** How long seeds that nobody has played before are played, in milliseconds. */
const freshTime = longOrShort(4_000, 1_000)

const unhurried = 120_000

const assertNothingWrong = async (scenario: Scenario.Scenario): Promise<void> => {
  if ((await judge(scenario)).violations.length === 0) return
  const { delivered, run, violations } = await judge(scenario, unbroken, true)
  assert.fail(`${Report.violations(violations)}\n${Report.history(run, delivered)}`)
}

const assertPasses = async (seed: number, facts?: Facts, coverage?: Coverage.Coverage): Promise<void> => {
  const finding = await play(seed, unbroken, facts, coverage)
  if (finding === null) return
  const as = facts === undefined ? "" : ` --as "${facts.name}"`
  assert.fail(`${Report.violations(finding.violations)}\nShow it: npm run simulate -- --seed ${seed}${as}\nOr ${Report.link(seed, facts?.name ?? null)}`)
}

/** How many operations a turn has at most, and more turns than a cancel in which nothing goes wrong then has. */
const turnsOf = [[24, 110], [Scenario.usualTurn, 40]] as const

describe("the engine, in simulation", () => {
  it.each(corpus)("no longer: $found", ({ scenario }) => assertNothingWrong(scenario))

  it("is honest about an interruption at any turn", async () => {
    const cancellable = quiet("WePay", "pending")
    const closed = quiet("WalletConnectPay, API key", "processing")
    const decidedLater = quiet("Adyen", "authorised")
    const sentAgain = quiet("Adyen", "authorised", {
      exchanges: [{ ...Scenario.calm, fault: { point: "Applied", what: "Close" } }]
    })
    const policy = { backoff: { initial: 0, factor: 1, maximum: 0, jitter: 0 } }
    for (const [nth, scenario] of [cancellable, closed, decidedLater, sentAgain].entries()) {
      for (const [shift, [operationsPerTurn, turns]] of turnsOf.entries()) {
        // With turns of either length a cancel is interrupted at every one of them, in some scenario.
        for (const turn of inTurns([...range(1, turns)], nth + 2 * shift, 4)) {
          await assertNothingWrong({ ...scenario, operationsPerTurn, callers: [patient({ policy, ending: { _tag: "InterruptAtTurn", turn } })] })
        }
      }
    }
  }, unhurried)

  it("keeps its promises over a fixed spread of seeds, which reaches every situation", async () => {
    const coverage = Coverage.make()
    for (const facts of everything) {
      for (const seed of isLong ? spread : seedsOf(facts)) await assertPasses(seed, facts, coverage)
    }
    assert.deepStrictEqual(coverage.missing(), [])
  }, unhurried)

  const first = Math.floor(Math.random() * 2 ** 40)
  it(`keeps its promises over fresh seeds, from ${first}`, async () => {
    const end = performance.now() + freshTime
    let seed = first
    for (; performance.now() < end; seed += 1) await assertPasses(seed)
    assert.isAbove(seed, first)
  }, unhurried)
})

describe("the simulator", () => {
  it("plays every provider", () => {
    const offered = Object.entries(Root).filter(([, namespace]) => "cancelNeutral" in namespace).map(([name]) => name)
    assert.deepStrictEqual([...new Set(everything.map(({ provider }) => provider))].sort(), offered.sort())
  })

  it("plays the same seed in the same way", async () => {
    for (const seed of range(0, longOrShort(50, 10))) {
      const history = async () => {
        const { delivered, run } = await judge(Scenario.make(seed), unbroken, true)
        return Report.history(run, delivered)
      }
      assert.strictEqual(await history(), await history())
    }
  })

  it("makes a scenario smaller, and keeps what is wrong with it", async () => {
    const [forgetful] = broken
    assert.isDefined(forgetful)
    const [rule] = forgetful.caughtBy
    const among = everything.filter(forgetful.at ?? (() => true))
    const scenario = await firstFound(range(0, 1_000), among, forgetful.engine, (violation) => violation.rule === rule)
    assert.isNotNull(scenario)
    const smallest = await shrink(scenario, rule, forgetful.engine)
    assert.isBelow(JSON.stringify(smallest).length, JSON.stringify(scenario).length)
    assert.isTrue(await breaks(smallest, rule, forgetful.engine))
  }, unhurried)
})
