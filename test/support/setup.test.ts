import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

describe("what the assertions take for equal", () => {
  it("is no Option that is none and one that is something, also inside of others", () => {
    assert.notDeepEqual(Option.none(), Option.some(1))
    assert.notDeepEqual({ at: [Option.none()] }, { at: [Option.some({ amount: 1 })] })
    assert.notDeepEqual(Option.some(Option.none()), Option.some(Option.some(1)))
    assert.throws(() => assert.deepInclude({ at: Option.some(1), attempts: 1 }, { at: Option.none() }))
    assert.deepStrictEqual({ at: Option.some(1), of: Option.none() }, { at: Option.some(1), of: Option.none() })
  })

  it("is no secret and another one", () => {
    assert.notDeepEqual(Redacted.make("one"), Redacted.make("another"))
    assert.deepStrictEqual({ key: Redacted.make("one") }, { key: Redacted.make("one") })
  })
})
