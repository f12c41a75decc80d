/**
 * The shared suites hear and answer a provider that speaks XML at one address as they do every
 * other: whoever adds such a provider writes an interpreter, and nothing else of its own.
 */
import { assert, describe, it } from "@effect/vitest"
import * as declared from "../../docs/examples/gantry/declaration.js"
import * as library from "../../docs/examples/gantry/index.js"
import * as options from "../../docs/examples/gantry/options.js"
import { conformance } from "../conformance/conformance.js"
import { modules } from "../conformance/modules.js"
import { entryOf } from "../conformance/providers.js"
import { play, range } from "../simulation/campaign.js"
import { playing } from "../simulation/facts.js"
import * as Report from "../simulation/report.js"
import { unbroken } from "../simulation/simulate.js"
import { longOrShort } from "../support/extent.js"
import { asHome } from "../support/homes.js"
import { facts } from "./gantryFacts.js"

const home = asHome({ facts, declared, options, library })

conformance(entryOf(home))
modules(home)

describe("the engine at Gantry, in simulation", () => {
  it("keeps its promises", async () => {
    for (const way of playing(home)) {
      for (const seed of range(0, longOrShort(300, 60))) {
        const finding = await play(seed, unbroken, way)
        if (finding !== null) assert.fail(`seed ${seed}: ${Report.violations(finding.violations)}`)
      }
    }
  }, 60_000)
})
