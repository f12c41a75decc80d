import { assert, describe, it } from "@effect/vitest"
import { clients, run } from "./bench.js"
import { picture } from "./picture.js"
import { sharesOf } from "./profile.js"
import { bundleTable, clientTable, isMet, type Row, spreadOf, targetTable } from "./results.js"

describe("the bench", () => {
  it("measures every client and every target", async () => {
    const results = await run(
      { rounds: 1, slice: 1, warmUp: 1, startups: 1, allocations: 20, room: 64, memory: [10, 20], crowd: 80, wave: 80 },
      () => {}
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

  it("shares out what a profile says ran, by whose code it is", () => {
    const frame = (id: number, functionName: string, url: string) => ({ id, callFrame: { functionName, url, lineNumber: 6 } })
    const { largest, of } = sharesOf({
      nodes: [
        frame(1, "(idle)", ""),
        frame(2, "(garbage collector)", ""),
        frame(3, "carryOut", "file:///a/node_modules/effect-payment-cancel/dist/engine/index.js"),
        frame(4, "", "file:///a/node_modules/effect-payment-cancel/dist/engine/index.js"),
        frame(5, "runLoop", "file:///a/node_modules/effect/dist/esm/internal/fiberRuntime.js"),
        frame(6, "writev", "node:internal/stream_base_commons")
      ],
      samples: [1, 2, 3, 4, 3, 5, 6],
      timeDeltas: [1000, 10, 20, 5, 5, 40, 20]
    })
    assert.deepStrictEqual(of, new Map([["the garbage collector", 0.1], ["this library", 0.3], ["Effect", 0.4], ["Node", 0.2]]))
    assert.deepStrictEqual(largest, { name: "carryOut, in line 7 of index.js", share: 0.25 })
  })

  it("takes the middle of an odd and of an even number of values", () => {
    assert.deepStrictEqual(spreadOf([9, 1, 5, 3, 7]), { median: 5, from: 3, to: 7 })
    assert.deepStrictEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, from: 1.75, to: 3.25 })
  })

  it.each([
    ["at most", 1, 1, true],
    ["at most", 1, 1.01, false],
    ["below", 1, 0.99, true],
    ["below", 1, 1, false],
    ["at least", 1, 1, true],
    ["at least", 1, 0.99, false]
  ] as const)("%s %d: %d is met, %s", (is, value, median, met) => {
    const row: Row = {
      measure: "",
      against: "",
      unit: "µs",
      ours: 0,
      baseline: 0,
      compared: "times",
      value: { median, from: median, to: median },
      target: { is, value }
    }
    assert.strictEqual(isMet(row), met)
  })
})
