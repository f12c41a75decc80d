import * as Path from "node:path"
import { assert, describe, inject, it } from "vitest"
import { run } from "../bench/bench.js"
import { picture } from "../bench/picture.js"
import { bundleTable, clients, clientTable, targetTable } from "../bench/results.js"
import { isLong } from "../support/extent.js"

describe("the bench, of the package as it is installed", () => {
  it.runIf(isLong)("measures every client and every target", async () => {
    const results = await run(
      { rounds: 1, slice: 1, warmUp: 1, startups: 1, allocations: 20, room: 64, memory: [10, 20, 1], crowd: 80, wave: 80 },
      () => {},
      Path.join(inject("consumer"), "node_modules/effect-payment-cancel/dist")
    )
    assert.deepStrictEqual(results.figures.map(({ client }) => client), Object.values(clients))
    for (const { allocated, alone, atOnce, rate } of results.figures) {
      for (const { median } of [alone, atOnce, rate, allocated]) assert.isAbove(median, 0)
    }
    for (const topic of ["one at a time", "64 at once", "80 at once", "sending it again", "reading the status", "tracer", "metrics", "memory", "start-up", "bundle"]) {
      assert.isTrue(results.rows.some(({ measure }) => measure.includes(topic)), topic)
    }
    for (const { baseline, measure, ours, value } of results.rows) {
      assert.isAbove(ours, 0, measure)
      assert.isAbove(baseline, 0, measure)
      assert.isTrue(Number.isFinite(value.median), measure)
    }
    assert.lengthOf(targetTable(results).split("\n"), results.rows.length + 2)
    assert.lengthOf(picture(results).match(/<rect x/g) ?? [], 4)
    for (const { bytes, part } of results.bundle) {
      if (part !== "the program itself") assert.isAbove(bytes, 1_000, part)
    }
    assert.lengthOf(bundleTable(results).split("\n"), results.bundle.length + 3)
    assert.lengthOf(clientTable(results).split("\n"), results.figures.length + 2)
  }, 120_000)
})
