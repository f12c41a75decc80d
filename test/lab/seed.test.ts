import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Crypto from "node:crypto"
import { Buffer as BufferStandIn } from "../../lab/src/simulator/Buffer.js"
import { createHmac } from "../../lab/src/simulator/crypto.js"
import { picture } from "../../lab/src/simulator/picture.js"
import { inspect } from "../../lab/src/simulator/util.js"
import { inForce } from "../../lab/src/scenario/History.js"
import { broken } from "../simulation/broken.js"
import { firstFound, judge, type Judged, range } from "../simulation/campaign.js"
import { toMillis } from "../simulation/clock.js"
import { quiet } from "../simulation/corpus.js"
import { everything } from "../simulation/facts.js"
import * as Scenario from "../simulation/scenario.js"
import { tell, unbroken } from "../simulation/simulate.js"

/** A request that arrives twice, which few seeds have. */
const twice = quiet("WePay", "pending", {
  exchanges: [{ ...Scenario.calm, fault: { point: "Sent", what: "Twice", lateBy: 500, answers: "First" } }]
})

/** Each way of cancelling some times. */
const scenarios = [...Array.from(range(0, 60), (seed) => Scenario.make(seed, everything[seed % everything.length])), twice]

const played: ReadonlyArray<Judged> = await Promise.all(scenarios.map((scenario) => judge(scenario, unbroken, true)))

const each = (check: (judged: Judged) => void) => () => {
  for (const judged of played) check(judged)
}

/** What a caller may claim once it was told something, by the words of the simulator. */
const claimOf = (told: string): RegExp => {
  if (told.startsWith("Cancellation")) return /^Accepted$/
  if (/^(Already)?Cancelled by /.test(told)) return /^Cancelled$/
  const outcome = /, (Unknown|NotCancelled), \d+ attempts$/.exec(told)?.[1]
  if (outcome !== undefined) return new RegExp(`^${outcome}$`)
  // Who did not wait for a result is told nothing but that.
  assert.match(told, /^(interrupted|timed out|died)$/)
  return /./
}

describe("the picture of a seed", () => {
  it("has several callers, notifications, access tokens and requests that arrive twice among what is looked at", () => {
    const reached = (is: (judged: Judged) => boolean) => assert.isTrue(played.some(is))
    reached(({ run }) => run.calls.length > 1)
    reached(({ delivered }) => delivered.length > 0)
    reached(({ run }) => run.askings.length > 0)
    reached(({ run }) => run.exchanges.some(({ arrivals }) => arrivals > 1))
    reached(({ run }) => run.exchanges.some(({ sent }) => !sent))
  })

  it("has every request, and every time that one arrives", each((judged) => {
    const { callers } = picture(judged)
    callers.forEach(({ history: { messages } }, nth) => {
      const own = judged.run.exchanges.filter(({ caller }) => caller === nth)
      const requests = messages.filter(({ from, operation }) => from === "Caller" && operation !== "Authorization")
      assert.strictEqual(new Set(requests.map(({ leaves, operation }) => `${operation} ${leaves}`)).size, own.length)
      assert.deepStrictEqual(
        requests.flatMap(({ fate }) => fate._tag === "Arrives" ? [fate.at] : []),
        own.flatMap(({ arrivedAt }) => arrivedAt.map(toMillis))
      )
      assert.deepStrictEqual(own.map(({ arrivedAt }) => arrivedAt.length), own.map(({ arrivals }) => arrivals))
      const asked = messages.filter(({ operation }) => operation === "Authorization")
      assert.strictEqual(asked.length, judged.run.askings.filter(({ caller }) => caller === nth).length)
    })
  }))

  it("has an answer wherever a client saw a whole one, and no other arrives", each((judged) => {
    picture(judged).callers.forEach(({ history: { messages } }, nth) => {
      const whole = judged.run.exchanges.filter(({ caller, seen }) => caller === nth && seen._tag === "Whole")
      const answers = messages.filter(({ fate, from, operation }) => from === "Provider" && operation !== "Webhook" && fate._tag === "Arrives")
      assert.deepStrictEqual(
        answers.map(({ fate }) => fate.at).filter((at) => whole.some(({ seenAt }) => seenAt !== null && toMillis(seenAt) === at)),
        whole.map(({ seenAt }) => toMillis(seenAt ?? NaN))
      )
      const looked = judged.run.exchanges.filter(({ caller, head, seen }) => caller === nth && head !== null && seen._tag === "Nothing")
      assert.strictEqual(answers.length, whole.length + looked.length)
    })
  }))

  it("has every change of the truth, and every notification", each((judged) => {
    for (const { history } of picture(judged).callers) {
      assert.deepStrictEqual(history.truths.map(({ at, status }) => [at, status]), judged.run.truth.map(({ at, to }) => [toMillis(at), to]))
      assert.strictEqual(history.messages.filter(({ operation }) => operation === "Webhook").length, judged.delivered.length)
    }
  }))

  it("lets a caller claim in the end what it is told", each(({ run, violations }) => {
    // Without what comes by webhook afterwards.
    picture({ run, violations, delivered: [] }).callers.forEach(({ history, result }, nth) => {
      const exit = run.calls[nth]?.exit ?? null
      assert.strictEqual(result, exit === null ? null : tell(exit))
      if (exit !== null) assert.match(inForce(history.claims, history.ends)?.is ?? "", claimOf(tell(exit)), `seed ${run.scenario.seed}`)
    })
  }))

  it("is in the order of time, and over at its end", each((judged) => {
    for (const { history: { claims, ends, messages, steps, truths, waits } } of picture(judged).callers) {
      for (const { fate, leaves } of messages) assert.isTrue(0 <= leaves && leaves <= fate.at && fate.at <= ends)
      for (const { from, until } of waits) assert.isTrue(0 <= from && from <= until && until <= ends)
      for (const changes of [claims, truths, steps]) {
        const times = changes.map(({ at }) => at)
        assert.deepStrictEqual(times, times.toSorted((one, other) => one - other))
        assert.isTrue(times.every((at) => 0 <= at && at <= ends))
      }
    }
  }))

  it("is plain data", each((judged) => {
    const shown = picture(judged)
    assert.deepStrictEqual(structuredClone(shown), shown)
  }))

  it("says which promise is broken", async () => {
    const [forgetful] = broken
    assert.isDefined(forgetful)
    const scenario = await firstFound(range(0, 100), everything.filter(forgetful.at ?? (() => true)), forgetful.engine, ({ rule }) => forgetful.caughtBy.includes(rule))
    assert.isNotNull(scenario)
    const { violations } = picture(await judge(scenario, forgetful.engine, true))
    assert.isTrue(violations.some(({ rule }) => forgetful.caughtBy.some((sought) => sought === rule)))
    assert.isTrue(violations.every(({ meaning }) => meaning.length > 0))
  })
})

describe("what stands for Node in the page", () => {
  it("signs as Node does", () => {
    for (const algorithm of ["sha256", "sha512"] as const) {
      for (const encoding of ["hex", "base64"] as const) {
        for (const key of ["a secret", new Uint8Array([0, 250, 7])]) {
          assert.strictEqual(
            createHmac(algorithm, key).update("größer").update(new Uint8Array([1, 2])).digest(encoding),
            Crypto.createHmac(algorithm, key).update("größer").update(new Uint8Array([1, 2])).digest(encoding)
          )
        }
      }
    }
  })

  it("encodes as Node does", () => {
    for (const data of ["user:größer?>", new Uint8Array([255, 254, 62])]) {
      for (const encoding of ["hex", "base64", "base64url"] as const) {
        assert.strictEqual(BufferStandIn.from(data).toString(encoding), Buffer.from(data).toString(encoding))
      }
    }
  })

  it("shows what is deep inside, and nothing that hides itself", () => {
    assert.include(inspect({ a: [new Map([["b", { c: new Error("a secret") }]])] }, { depth: 12 }), "a secret")
    assert.notInclude(inspect({ a: Redacted.make("a secret") }, { depth: 12 }), "a secret")
  })
})
