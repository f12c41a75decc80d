/** How far `cancel-many` is: what is counted, and the line that says it. */
import { assert, describe, it } from "@effect/vitest"
import * as Outcome from "../../src/command/cancelMany/outcome.js"
import type * as Payments from "../../src/command/cancelMany/payments.js"
import * as Progress from "../../src/command/cancelMany/progress.js"
import * as State from "../../src/command/cancelMany/state.js"

const counts = (ended: Partial<Progress.Counts["ended"]>, total = 40_000): Progress.Counts => ({
  total,
  before: 0,
  underWay: 16,
  ended: { Cancelled: 0, Accepted: 0, NotCancelled: 0, NotBegun: 0, Unknown: 0, ...ended }
})

const some = counts({ Cancelled: 12_000, Accepted: 310, NotCancelled: 12, Unknown: 3 })

describe("what is counted", () => {
  const payment = (paymentId: string): Payments.Payment => ({
    line: 1,
    index: 0,
    provider: "Stripe",
    paymentId,
    idempotencyKey: undefined,
    fields: { paymentId },
    reasonIsNotSent: false
  })
  const ended = (paymentId: string, outcome: Outcome.Outcome, result: string): Outcome.Record => ({
    ...Outcome.notRecorded({ provider: "Stripe", paymentId, idempotencyKey: "k" }),
    outcome,
    result
  })
  const line = (state: State.State) => Progress.line(state.look(0).counts, 0)

  it("is a payment whose cancel died once, though it is told of twice, and as what it is told of last", () => {
    const state = State.make(3, 0)
    for (const id of ["pi_1", "pi_2"]) state.begin(payment(id))
    state.end(ended("pi_1", "NotCancelled", "Interrupted"))
    assert.include(line(state), "1 of 3 (33 %), 0.0/s: 0 cancelled, 1 not cancelled, 0 in doubt")
    state.end(ended("pi_1", "Unknown", "CancelMany.Died"))
    assert.include(line(state), "1 of 3 (33 %), 0.0/s: 0 cancelled, 1 in doubt")
    state.end(ended("pi_2", "Unknown", "Interrupted"))
    assert.include(line(state), "2 of 3 (66 %), 0.0/s: 0 cancelled, 2 in doubt")
  })

  it.each([
    ["not recorded", ended("pi_1", "Unknown", "NotRecorded")],
    // It had asked for a token.
    ["not begun", ended("pi_1", "NotCancelled", "NotBegun")]
  ])("is a payment that was cut short once, though that is told of only after it was written down as %s", (_, before) => {
    const state = State.make(1, 0)
    state.begin(payment("pi_1"))
    state.end(before)
    state.end(ended("pi_1", "NotCancelled", "Interrupted"))
    assert.include(line(state), "1 of 1 (100 %), 0.0/s: 0 cancelled, 1 not cancelled, 0 in doubt")
  })

  it("is no payment that only waited for its turn when all was stopped, unless it is in doubt", () => {
    const state = State.make(2, 0)
    for (const id of ["pi_1", "pi_2"]) state.begin(payment(id))
    assert.strictEqual(state.underWay(), 0)
    state.end(ended("pi_1", "NotCancelled", "NotBegun"))
    state.end(ended("pi_2", "Unknown", "NotBegun"))
    assert.include(line(state), "1 of 2 (50 %), 0.0/s: 0 cancelled, 1 in doubt")
  })

  it("is a payment whose turn never came as well", () => {
    const state = State.make(1, 0)
    state.end(ended("pi_1", "NotCancelled", "CancelMany.NotBegun"))
    assert.include(line(state), "1 of 1 (100 %), 0.0/s: 0 cancelled, 1 not begun, 0 in doubt")
  })
})

describe("the line of progress", () => {
  it("is never wider than the terminal, and says how many are in doubt on every one that has room for that", () => {
    for (let columns = 0; columns <= 200; columns += 1) {
      const bar = Progress.bar(some, 18.3, columns)
      assert.isAtMost(bar.length, Math.max(columns - 1, 0))
      if (columns > 11) assert.include(bar, "3 in doubt", `${columns} columns: ${bar}`)
    }
  })

  it("gives up the bar first, then the share and the rate, and the counts last", () => {
    const full = "12,325 of 40,000 (30 %), 18/s, 25m 13s left: 12,000 cancelled, 310 accepted, 12 not cancelled, 3 in doubt"
    const at = (columns: number) => Progress.bar(some, 18.3, columns)
    assert.strictEqual(at(200), `${"█".repeat(7)}${"░".repeat(17)} ${full}`)
    assert.strictEqual(at(full.length + 12), `${"█".repeat(3)}${"░".repeat(7)} ${full}`)
    assert.strictEqual(at(full.length + 1), full)
    assert.strictEqual(at(80), "12,325 of 40,000: 12,000 cancelled, 310 accepted, 12 not cancelled, 3 in doubt")
    assert.strictEqual(at(62), "12,000 cancelled, 310 accepted, 12 not cancelled, 3 in doubt")
    assert.strictEqual(at(40), "3 in doubt, 12 not cancelled, 310 accep")
    assert.strictEqual(Progress.bar(counts({ Cancelled: 3 }, 6), 1, 40), "3 of 6: 3 cancelled, 0 in doubt")
    // So that what it says adds up.
    assert.strictEqual(
      Progress.line({ ...counts({ Cancelled: 3, Unknown: 1 }, 10), before: 5 }, 1),
      "9 of 10 (90 %), 1.0/s: 5 settled before, 3 cancelled, 1 in doubt"
    )
  })

  it("says nothing of the time that is left before a few have ended, and no seconds where it is hours", () => {
    assert.strictEqual(Progress.line(counts({ Cancelled: 1 }), 0.2), "1 of 40,000 (0 %), 0.2/s: 1 cancelled, 0 in doubt")
    assert.include(Progress.line(counts({ Cancelled: 4 }), 0.2), "0.2/s: 4")
    assert.include(Progress.line(counts({ Cancelled: 100 }), 3), ", 3h 42m left: ")
    assert.include(Progress.line(counts({ Cancelled: 100 }), 0.1), ", 4d 14h 50m left: ")
    assert.include(Progress.line(counts({ Cancelled: 39_900 }), 3), ", 34s left: ")
    assert.include(Progress.line(counts({ Cancelled: 39_900 }), 0), ", time left unknown: ")
    assert.strictEqual(Progress.line(counts({ Cancelled: 40_000 }), 3), "40,000 of 40,000 (100 %), 3.0/s: 40,000 cancelled, 0 in doubt")
  })
})
