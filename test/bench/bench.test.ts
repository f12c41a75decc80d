import { assert, describe, it } from "@effect/vitest"
import { sharesOf } from "./profile.js"
import { isMet, type Row, spreadOf } from "./results.js"

describe("the bench", () => {
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
