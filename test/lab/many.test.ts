import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { audit, type Claim } from "../../lab/src/many/claims.js"
import { countsOf, kindOf, leftOf, makeWorld, type World } from "../../lab/src/many/run.js"
import { type FaultName, faultNames, type Provider, providers } from "../../lab/src/many/Switches.js"

const sizes = { Stripe: 21, Square: 12, Adyen: 12, WePay: 8 }
const count = 53

/** Far longer than any run takes, in milliseconds. */
const longest = 600_000

const isOver = (world: World) => ["Done", "Stopped"].includes(world.picture().phase)

/** Lets it run to its end. */
const finish = (world: World): void => {
  for (let passed = 0; !isOver(world); passed += 1000) {
    assert.isBelow(passed, longest, "it never ends")
    world.advance(1000)
  }
}

/** Nothing is claimed that is not true, nothing is done twice, and nobody is forgotten. */
const assertTrue = (world: World): void => {
  const { audit, cells } = world.picture()
  assert.deepStrictEqual(audit.untrue, [])
  assert.deepStrictEqual(audit.doubled, [])
  assert.strictEqual(cells.length, count)
  const without = cells.filter(({ standing }) => standing === null).length
  assert.strictEqual(audit.claims + audit.doubts.cancelled + audit.doubts.not + without, count)
}

const received = (world: World) => Effect.runSync(world.sandbox.requests).filter(({ operation }) => operation === "Cancel")

/** The keys under which a provider received its cancels, by payment. */
const keysOf = (world: World, provider: Provider): ReadonlyMap<string | null, ReadonlySet<string | undefined>> => {
  const keys = new Map<string | null, Set<string | undefined>>()
  for (const { headers, paymentId, provider: at } of received(world)) {
    if (at === provider) keys.set(paymentId, (keys.get(paymentId) ?? new Set()).add(headers["idempotency-key"] ?? headers["unique-key"]))
  }
  return keys
}

const claims = ["Cancelled", "Accepted", "NotCancelled", "NotBegun"] as const

/** How many claims would be untrue, if this was claimed of every payment. */
const untrueIn = (world: World, claim: Claim): number => {
  const subjects = world.picture().cells.map((cell) => ({ ...cell, standing: { claim, isSettled: true } }))
  return Effect.runSync(audit(world.sandbox, subjects, new Set())).untrue.length
}

const outcome = (world: World) => world.picture().cells.map((cell) => `${cell.paymentId} ${kindOf(cell)} ${cell.told}`)

describe("many cancels in the lab", () => {
  it("settles everything where nothing goes wrong", () => {
    const world = makeWorld({ sizes })
    world.start()
    finish(world)
    const { cells, hidden, phase } = world.picture()
    assert.strictEqual(phase, "Done")
    assert.strictEqual(leftOf(cells), 0)
    assert.strictEqual(hidden, 0)
    const { Accepted, Cancelled, InDoubt, NotBegun, NotCancelled } = countsOf(cells)
    assert.deepStrictEqual([Accepted, InDoubt, NotBegun], [sizes.Adyen, 0, 0])
    // One at Stripe and one at Square are captured.
    assert.deepStrictEqual([Cancelled, NotCancelled], [39, 2])
    assertTrue(world)
  })

  it.each([...faultNames])("claims nothing untrue while this is switched on everywhere for a while: %s", (fault) => {
    const world = makeWorld({ sizes, seed: fault })
    world.start()
    world.advance(1000)
    world.set(fault, providers, true)
    for (let passed = 0; passed < 6; passed += 1) {
      world.advance(1000)
      assertTrue(world)
    }
    world.set(fault, providers, false)
    finish(world)
    assertTrue(world)
  })

  it("claims nothing untrue in the rehearsed incident, and settles what is left under the same keys", () => {
    const world = makeWorld({ sizes: { Stripe: 12, Square: 25, Adyen: 75, WePay: 30 } })
    world.start({ rehearsed: true })
    finish(world)
    const first = world.picture()
    const before = countsOf(first.cells)
    assert.isAbove(before.NotBegun, 0)
    assert.isAbove(before.InDoubt, 0)
    assert.isAbove(first.hidden, 0)
    assert.deepStrictEqual(first.audit.untrue, [])
    assert.strictEqual(first.on.size, 0)
    const sent = new Set(received(world).map(({ paymentId }) => paymentId))
    assert.deepStrictEqual(first.cells.filter((cell) => kindOf(cell) === "NotBegun" && sent.has(cell.paymentId)), [])

    world.start()
    finish(world)
    const { audit, cells, runs } = world.picture()
    assert.strictEqual(runs, 2)
    assert.strictEqual(leftOf(cells), 0)
    assert.deepStrictEqual([audit.claims, audit.untrue, audit.doubled], [142, [], []])
    for (const provider of ["Stripe", "Adyen", "WePay"] as const) {
      for (const [paymentId, keys] of keysOf(world, provider)) assert.deepStrictEqual([...keys], [`many-${paymentId}`])
    }
  })

  it("stops: what has sent nothing is left, and is cancelled by a second start", () => {
    const world = makeWorld({ sizes })
    world.start()
    world.set("lost", providers, true)
    world.advance(2000)
    world.stop()
    assert.strictEqual(world.picture().phase, "Stopping")
    finish(world)
    const { cells, phase } = world.picture()
    assert.strictEqual(phase, "Stopped")
    const { UnderWay, Waiting } = countsOf(cells)
    assert.strictEqual(UnderWay, 0)
    assert.isAbove(Waiting, 0)
    const sent = new Set(received(world).map(({ paymentId }) => paymentId))
    assert.deepStrictEqual(cells.filter((cell) => kindOf(cell) === "Waiting" && sent.has(cell.paymentId)), [])
    assertTrue(world)

    world.set("lost", providers, false)
    world.start()
    finish(world)
    assert.strictEqual(leftOf(world.picture().cells), 0)
    assertTrue(world)
  })

  it("keeps a doubt that a second start does not clear up", () => {
    const world = makeWorld({ sizes: { Stripe: 0, Square: 8, Adyen: 0, WePay: 0 } })
    const on = (fault: FaultName, isOn: boolean) => world.set(fault, ["Square"], isOn)
    on("lost", true)
    on("unreadable", true)
    world.start()
    finish(world)
    const doubts = world.picture().cells.filter((cell) => kindOf(cell) === "InDoubt").map(({ index }) => index)
    assert.isAbove(doubts.length, 0)
    on("lost", false)
    on("unreadable", false)
    on("down", true)
    world.start()
    finish(world)
    // What this run says of its own requests, that they were not sent, is not the whole truth.
    const { audit, cells } = world.picture()
    assert.deepStrictEqual(cells.filter((cell) => kindOf(cell) === "InDoubt").map(({ index }) => index), doubts)
    assert.deepStrictEqual(audit.untrue, [])
  })

  it("would notice a claim that is not true", () => {
    const world = makeWorld({ sizes: { Stripe: 2, Square: 0, Adyen: 1, WePay: 0 } })
    world.start()
    finish(world)
    // All three are cancelled by now, the one at Adyen as well.
    assert.deepStrictEqual(claims.map((claim) => untrueIn(world, claim)), [0, 0, 3, 3])

    const untouched = makeWorld({ sizes: { Stripe: 2, Square: 0, Adyen: 0, WePay: 0 } })
    assert.deepStrictEqual(claims.map((claim) => untrueIn(untouched, claim)), [2, 2, 0, 0])
  })

  it("has the same history at any pace", () => {
    const [slow, fast] = [makeWorld({ sizes }), makeWorld({ sizes })]
    for (const world of [slow, fast]) world.start({ rehearsed: true })
    for (let passed = 0; passed < 12_000; passed += 80) slow.advance(80)
    fast.advance(12_000)
    assert.deepStrictEqual(outcome(slow), outcome(fast))
    assert.deepStrictEqual(slow.picture().lanes, fast.picture().lanes)
  })
})
