/**
 * How long a verification takes tells nothing of how much of a signature fits: signatures are
 * compared by the platform, which does so in constant time, and under each secret, whether or
 * not one of them fits already.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { vi } from "vitest"
import { genuine, now } from "../support/genuine.js"

describe("a verification compares every signature, by the platform", () => {
  for (const { body, headers, notification, otherSecret: other, provider, secret } of genuine("pay_1")) {
    it.effect(provider, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now * 1000)
        const verify = vi.spyOn(globalThis.crypto.subtle, "verify")
        const compared = (...secrets: ReadonlyArray<string>) =>
          Effect.map(
            Effect.either(notification({ body, headers }, { secret: secrets.map((_) => Redacted.make(_)) })),
            (result) => [result._tag, verify.mock.calls.splice(0).length]
          )
        assert.deepStrictEqual(yield* compared(secret, other, other), ["Right", 3])
        assert.deepStrictEqual(yield* compared(other, other, secret), ["Right", 3])
        assert.deepStrictEqual(yield* compared(other, other, other), ["Left", 3])
        verify.mockRestore()
      }))
  }
})
