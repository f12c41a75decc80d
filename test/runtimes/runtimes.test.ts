/**
 * A short form of `npm run test:runtimes`, on the Node that runs the tests and from the
 * sources, and the kept result of the long one.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import type { Results } from "./results.js"
import { inTurns } from "../support/extent.js"
import { names, type RuntimeName, runtimes, startDriver } from "./runtimes.js"
import { cancels, wanted } from "./scenarios.js"
import { bundle, played, tryOut } from "./trial.js"

const kept: Results = JSON.parse(Fs.readFileSync(new URL("results.json", import.meta.url), "utf8"))

const onThisNode = (name: string): name is RuntimeName => name === `Node ${process.versions.node.split(".")[0]}`

/** What is played to both providers, to each in turn. */
const some = [
  ...["Square", "Stripe"].flatMap((of, turn) => inTurns(played.filter(([name, , provider]) => name in cancels && provider === of), turn, 2)),
  ...played.filter(([name]) => !(name in cancels))
]

describe("cancelling in a process of its own", () => {
  it("comes to what is expected of this Node", { timeout: 120_000 }, async () => {
    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "runtimes-"))
    try {
      const programs = await bundle(folder)
      const driver = await startDriver({ kind: "process", command: () => [process.execPath] }, folder, programs)
      try {
        const cells = await tryOut(names.find(onThisNode) ?? "Node 24", driver, some)
        assert.strictEqual(cells.length, some.length)
        assert.sameMembers([...new Set(cells.map(({ scenario }) => scenario))], [...new Set(played.map(([name]) => name))])
        assert.deepStrictEqual(
          cells.filter(({ wrong }) => wrong.length > 0).map(({ provider, title, wrong }) => `${provider}: ${title}: ${wrong.join("; ")}`),
          []
        )
      } finally {
        await driver.stop()
      }
    } finally {
      Fs.rmSync(folder, { recursive: true })
    }
  })
})

describe("the kept result of `npm run test:runtimes`", () => {
  it("is of the pinned runtimes", () => {
    assert.deepStrictEqual(kept.runtimes, Object.fromEntries(names.map((name) => [name, runtimes[name].version])))
  })

  it("has every scenario, and what is expected of it on each runtime", () => {
    assert.deepStrictEqual(
      kept.rows,
      played.map(([name, scenario, provider]) => ({
        scenario: name,
        provider,
        title: scenario.title,
        cells: Object.fromEntries(names.map((runtime) => [runtime, wanted(scenario, provider, runtime)]))
      }))
    )
  })
})
