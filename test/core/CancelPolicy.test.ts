import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { CancelPolicy } from "effect-payment-cancel"
import { inspect } from "node:util"
import { deepStrictEqual } from "../engine/partly.js"
import { providers } from "../support/providers.js"

const defaults: CancelPolicy.CancelPolicy = {
  attempts: 3,
  attemptTimeout: 10_000,
  statusReads: 2,
  statusTimeout: 5_000,
  backoff: { initial: 100, factor: 2, maximum: 1_000, jitter: 0.25 },
  maximumRetryAfter: 20_000,
  deadline: 60_000,
  maximumBodyBytes: 1_000
}

/** `withPolicy` may be called from JavaScript, and a number may be the result of anything. */
const resolve = (options: object) => CancelPolicy.resolve(defaults, options as CancelPolicy.Options)

const longest = 2 ** 31 - 1

describe("resolve", () => {
  it("keeps what is left out", () => {
    deepStrictEqual(resolve({}), Either.right(defaults))
    deepStrictEqual(resolve({ backoff: {} }), Either.right(defaults))
  })
  it("takes what is given, durations in any notation", () => {
    deepStrictEqual(
      resolve({
        attempts: 1,
        attemptTimeout: "2 seconds",
        statusReads: 9,
        statusTimeout: Duration.seconds(3),
        backoff: { initial: "1 millis", factor: 1, maximum: 7, jitter: 1 },
        maximumRetryAfter: "1 minute",
        deadline: 1_234,
        maximumBodyBytes: 5
      }),
      Either.right({
        attempts: 1,
        attemptTimeout: 2_000,
        statusReads: 9,
        statusTimeout: 3_000,
        backoff: { initial: 1, factor: 1, maximum: 7, jitter: 1 },
        maximumRetryAfter: 60_000,
        deadline: 1_234,
        maximumBodyBytes: 5
      })
    )
  })
  it("takes a part of the backoff", () => {
    deepStrictEqual(
      Either.map(resolve({ backoff: { factor: 3 } }), (_) => _.backoff),
      Either.right({ initial: 100, factor: 3, maximum: 1_000, jitter: 0.25 })
    )
  })

  const accepted: ReadonlyArray<object> = [
    { attempts: 1 },
    { attempts: 100 },
    { statusReads: 1 },
    { statusReads: 100 },
    { attemptTimeout: 1 },
    { attemptTimeout: longest },
    { statusTimeout: longest },
    { deadline: longest },
    { maximumRetryAfter: 0 },
    { maximumRetryAfter: [0, 0] },
    { maximumRetryAfter: [1, 5] },
    { maximumRetryAfter: longest },
    { backoff: { initial: 0 } },
    { backoff: { initial: longest } },
    { backoff: { maximum: 0 } },
    { backoff: { maximum: longest } },
    { backoff: { factor: 1 } },
    { backoff: { factor: 100 } },
    { backoff: { factor: 1.5 } },
    { backoff: { jitter: 0 } },
    { backoff: { jitter: 1 } },
    { maximumBodyBytes: 1 },
    { maximumBodyBytes: 2 ** 30 }
  ]
  for (const options of accepted) {
    it(`accepts ${JSON.stringify(options)}`, () => {
      assert.isTrue(Either.isRight(resolve(options)))
    })
  }

  const negative = [
    -1,
    "-1 seconds",
    [-1, 0],
    [0, -1],
    [-5, 6e9],
    [Number.NaN, 0],
    [-Infinity, 0],
    Object.assign(Object.create(Duration.zero), { value: { _tag: "Millis", millis: -1 } })
  ]
  const noTime = [...negative, Number.NaN, Number.POSITIVE_INFINITY, longest + 1, "soon", {}, { seconds: 1 }, [1], null, true]
  const times = { positive: [0, [0, 0], ...noTime], notNegative: noTime }
  const refused: ReadonlyArray<readonly [field: string, values: ReadonlyArray<unknown>]> = [
    ["attempts", [0, -1, 101, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "3", null, true, {}, [], [3]]],
    ["statusReads", [0, -1, 101, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "3", null, true, {}, [], [3]]],
    ["attemptTimeout", times.positive],
    ["statusTimeout", times.positive],
    ["deadline", times.positive],
    ["maximumRetryAfter", times.notNegative],
    ["backoff.initial", times.notNegative],
    ["backoff.maximum", times.notNegative],
    ["backoff.factor", [0.99, 0, -1, 100.01, Number.NaN, Number.POSITIVE_INFINITY, null, "2", [2], true]],
    ["backoff.jitter", [-0.01, 1.01, Number.NaN, Number.POSITIVE_INFINITY, null, "0.5", [0.5], true]],
    ["maximumBodyBytes", [0, -1, 1.5, 2 ** 30 + 1, Number.NaN, Number.POSITIVE_INFINITY, "9", null, {}, [9]]],
    ["backoff", [null, 5, 0, "1 second", "", true, 5n, [], [1, 0], ["factor"], new Map(), new Date(0), () => ({}), Option.none()]],
    ["attempst", [3, null]],
    ["backoff.intial", ["1 second"]],
    ["backoff.value", [{ _tag: "Millis", millis: 1 }]]
  ]
  for (const [field, values] of refused) {
    for (const value of values) {
      it(`refuses ${field} ${inspect(value)}, and names it`, () => {
        const [outer, inner] = field.split(".") as [string, string?]
        const problem = Either.flip(resolve({ [outer]: inner === undefined ? value : { [inner]: value } }))
        deepStrictEqual(Either.map(problem, (_) => _.field), Either.right(`policy.${field}`))
      })
    }
  }

  for (const options of [null, undefined, 5, 0, "", "background", true, [], [{ attempts: 1 }], new Map(), new Date(0), Option.none()]) {
    it(`refuses ${inspect(options)} for a policy`, () => {
      deepStrictEqual(resolve(options as never), Either.left({ field: "policy", problem: "must be an object with bounds" }))
    })
  }

  it("refuses a duration for a backoff", () => {
    deepStrictEqual(
      Either.map(Either.flip(resolve({ backoff: Duration.seconds(1) })), (_) => _.field),
      Either.right("policy.backoff.value")
    )
  })
  it("takes options that have no prototype", () => {
    const bare = (fields: object): object => Object.assign(Object.create(null), fields)
    deepStrictEqual(
      Either.map(resolve(bare({ attempts: 2, backoff: bare({ jitter: 0 }) })), (_) => [_.attempts, _.backoff.jitter]),
      Either.right([2, 0])
    )
  })
  it("says what would be right", () => {
    const problem = (options: object) => Either.getOrThrow(Either.flip(resolve(options))).problem
    deepStrictEqual(
      [
        problem({ attempts: 0 }),
        problem({ deadline: 0 }),
        problem({ maximumRetryAfter: Number.POSITIVE_INFINITY }),
        problem({ backoff: { jitter: 2 } }),
        problem({ maximumBodyBytes: 0 }),
        problem({ backoff: 5 }),
        problem({ attempst: 1 })
      ],
      [
        "must be a whole number from 1 to 100",
        "must be longer than zero and at most 24 days",
        "must not be negative, and at most 24 days",
        "must be a number from 0 to 1",
        "must be a whole number from 1 to 1073741824",
        "must be an object with bounds",
        "is not a bound of a policy"
      ]
    )
  })
  it("names the first of several", () => {
    deepStrictEqual(
      Either.map(Either.flip(resolve({ deadline: 0, attempts: 0 })), (_) => _.field),
      Either.right("policy.attempts")
    )
  })
})

describe("merge", () => {
  it("lays one over the other, field by field, into the backoff too", () => {
    deepStrictEqual(
      CancelPolicy.merge(
        { attempts: 1, deadline: 5, backoff: { factor: 2, jitter: 0 } },
        { attempts: 2, statusReads: 3, backoff: { factor: 3, initial: 1 } }
      ),
      { attempts: 2, deadline: 5, statusReads: 3, backoff: { factor: 3, jitter: 0, initial: 1 } }
    )
  })
  it("has a backoff only if one of them has", () => {
    deepStrictEqual(CancelPolicy.merge({ attempts: 1 }, {}), { attempts: 1 })
    deepStrictEqual(CancelPolicy.merge({ backoff: { jitter: 0 } }, {}), { backoff: { jitter: 0 } })
    deepStrictEqual(CancelPolicy.merge({}, { backoff: { jitter: 0 } }), { backoff: { jitter: 0 } })
  })
  it("what is no options stays, whatever it is laid over or is laid over it", () => {
    for (const nothing of [null, undefined, 5, [], "background"] as ReadonlyArray<unknown> as ReadonlyArray<CancelPolicy.Options>) {
      deepStrictEqual(CancelPolicy.merge({ attempts: 1 }, nothing), nothing)
      deepStrictEqual(CancelPolicy.merge(nothing, { attempts: 1, backoff: { jitter: 0 } }), nothing)
    }
    for (const backoff of [null, 5, [], "1 second"] as ReadonlyArray<unknown> as ReadonlyArray<NonNullable<CancelPolicy.Options["backoff"]>>) {
      for (const merged of [
        CancelPolicy.merge({ backoff: { jitter: 0 } }, { backoff }),
        CancelPolicy.merge({ backoff }, { backoff: { jitter: 0 } }),
        CancelPolicy.merge({ backoff }, { attempts: 1 }),
        CancelPolicy.merge({ attempts: 1 }, { backoff })
      ]) deepStrictEqual(merged.backoff, backoff)
    }
  })
  it("a field that is there and undefined says nothing", () => {
    const over = { attempts: undefined, backoff: { jitter: undefined } } as unknown as CancelPolicy.Options
    const merged = CancelPolicy.merge({ attempts: 1, backoff: { jitter: 0 } }, over)
    deepStrictEqual(
      Either.map(CancelPolicy.resolve(defaults, merged), (_) => [_.attempts, _.backoff.jitter]),
      Either.right([1, 0])
    )
  })
})

describe("the named policies", () => {
  const named = { interactive: CancelPolicy.interactive, background: CancelPolicy.background }
  const bounds = { ...defaults, maximumBodyBytes: 1 }

  it("are valid, over any provider's policy", () => {
    deepStrictEqual(
      CancelPolicy.resolve(bounds, CancelPolicy.interactive),
      Either.right({
        attempts: 2,
        attemptTimeout: 5_000,
        statusReads: 2,
        statusTimeout: 3_000,
        backoff: { initial: 250, factor: 2, maximum: 1_000, jitter: 0.25 },
        maximumRetryAfter: 5_000,
        deadline: 12_000,
        maximumBodyBytes: 1
      })
    )
    deepStrictEqual(
      CancelPolicy.resolve(bounds, CancelPolicy.background),
      Either.right({
        attempts: 6,
        attemptTimeout: 80_000,
        statusReads: 5,
        statusTimeout: 10_000,
        backoff: { initial: 1_000, factor: 2, maximum: 30_000, jitter: 0.25 },
        maximumRetryAfter: 120_000,
        deadline: 600_000,
        maximumBodyBytes: 1
      })
    )
  })
  it("replace each other wholly", () => {
    for (const under of Object.values(named)) {
      for (const over of Object.values(named)) deepStrictEqual<object>(CancelPolicy.merge(under, over), over)
    }
  })
  it("can be changed in part", () => {
    const merged = CancelPolicy.merge(CancelPolicy.interactive, { deadline: "8 seconds", backoff: { jitter: 0 } })
    const { deadline, ...others } = Either.getOrThrow(CancelPolicy.resolve(bounds, merged))
    assert.strictEqual(deadline, 8_000)
    deepStrictEqual(others.backoff, { initial: 250, factor: 2, maximum: 1_000, jitter: 0 })
    assert.strictEqual(others.attemptTimeout, 5_000)
  })
  it("of a job no provider's own client is more patient, of a person every one is", () => {
    for (const { name, policy } of providers) {
      const resolved = (options: CancelPolicy.Options) => Either.getOrThrow(CancelPolicy.resolve(policy, options))
      const interactive = resolved(CancelPolicy.interactive)
      const background = resolved(CancelPolicy.background)
      for (const bound of ["attempts", "attemptTimeout", "statusTimeout", "maximumRetryAfter", "deadline"] as const) {
        assert.isAtLeast(background[bound], policy[bound], `${name} ${bound}`)
        assert.isAtMost(interactive[bound], policy[bound], `${name} ${bound}`)
      }
    }
  })
})
