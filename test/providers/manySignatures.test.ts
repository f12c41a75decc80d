/**
 * Whoever knows no secret can still put any number of signatures into a header. What a
 * verification costs does not grow with it: each comparison is an HMAC over the whole body.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { vi } from "vitest"
import { genuine as signed, now } from "../support/genuine.js"

/** So many made-up signatures of so many bytes, each of them another. */
const makingUp = (length: number) => (count: number, bytes = length) =>
  Array.from({ length: count }, (_, index) => {
    const signature = Buffer.alloc(bytes, 7)
    signature.writeUInt16BE(index)
    return signature
  })

for (const { encoding, notification, otherSecret, provider, secret, sent, signature } of signed("pay_1").filter(({ several }) => several)) {
  const genuine = Buffer.from(signature, encoding)
  const { length } = genuine
  const madeUp = makingUp(length)
  const secrets = [secret, otherSecret]
  /** What is believed, and how many comparisons it took. */
  const verified = (signatures: ReadonlyArray<Buffer>, using: ReadonlyArray<string> = [secret]) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const verify = vi.spyOn(globalThis.crypto.subtle, "verify")
      const result = yield* Effect.either(
        notification(sent(...signatures.map((_) => _.toString(encoding))), { secret: using.map((_) => Redacted.make(_)) })
      )
      const compared = verify.mock.calls.length
      verify.mockRestore()
      return [Either.match(result, { onLeft: (_) => _._tag, onRight: () => "believed" }), compared] as const
    })

  describe(provider, () => {
    it.effect("compares up to 16 signatures, under each secret", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* verified([...madeUp(15), genuine]), ["believed", 16])
        assert.deepStrictEqual(yield* verified([...madeUp(15), genuine], secrets), ["believed", 32])
        assert.deepStrictEqual(yield* verified(madeUp(16)), ["Notification.InvalidSignature", 16])
      }))

    it.effect("refuses more without comparing any, be one of them genuine", () =>
      Effect.gen(function*() {
        for (const count of [16, 3_000]) {
          for (const signatures of [[genuine, ...madeUp(count)], [...madeUp(count), genuine]]) {
            assert.deepStrictEqual(yield* verified(signatures), ["Notification.InvalidSignature", 0])
          }
        }
      }))

    it.effect("counts the same signature once", () =>
      Effect.gen(function*() {
        const repeated = Array.from({ length: 3_000 }, () => genuine)
        assert.deepStrictEqual(yield* verified([...repeated, ...madeUp(1)]), ["believed", 2])
        const forged = Array.from({ length: 3_000 }, () => Buffer.alloc(length))
        assert.deepStrictEqual(yield* verified(forged), ["Notification.InvalidSignature", 1])
      }))

    it.effect("counts none that is no HMAC of its hash by its length", () =>
      Effect.gen(function*() {
        const others = [2, length - 1, length + 1, length === 32 ? 64 : 32].flatMap((bytes) => madeUp(20, bytes))
        assert.deepStrictEqual(yield* verified([...others, genuine]), ["believed", 1])
        assert.deepStrictEqual(yield* verified(others), ["Notification.InvalidSignature", 0])
        assert.deepStrictEqual(
          yield* verified([genuine.subarray(0, -1), Buffer.concat([genuine, Buffer.alloc(1)])]),
          ["Notification.InvalidSignature", 0]
        )
      }))
  })
}
