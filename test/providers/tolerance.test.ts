/**
 * A tolerance that cannot be used is named, at every provider, whatever came in.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Notification } from "effect-payment-cancel"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { inspect } from "node:util"
import { inTurns } from "../support/extent.js"
import { homes, verifierOf } from "../support/homes.js"

const secret = Redacted.make("whsec_AAAA")

const incoming: Notification.Incoming = { body: "", headers: {} }

const verifiers = homes.flatMap(({ facts: { name }, library }) => {
  const notification = verifierOf(library)
  return notification === undefined ? [] : [[name, notification] as const]
})

/** `Duration` takes most of these for zero. */
const noDurations: ReadonlyArray<unknown> = [
  [-1, 0],
  [0, -1],
  [-1, 2e9],
  [Number.NaN, 0],
  [0, Number.NaN],
  [-Infinity, 0],
  [1],
  [1, 2, 3],
  ["1", "2"],
  [1n, 0n],
  { seconds: -1 },
  { seconds: 1 },
  Object.assign(Object.create(Duration.zero), { value: { _tag: "Millis", millis: -1 } }),
  Object.assign(Object.create(Duration.zero), { value: { _tag: "Millis", millis: Number.NaN } }),
  Object.assign(Object.create(Duration.zero), { value: { _tag: "Nanos", nanos: -1n } })
]

describe("a tolerance that is no duration, or negative", () => {
  for (const [turn, [name, notification]] of verifiers.entries()) {
    for (const tolerance of inTurns<unknown>(["soon", "", "-5 minutes", -1, -1n, Number.NaN, null, {}, ...noDurations], turn, 4)) {
      it.effect(`${name}: ${inspect(tolerance)}`, () =>
        Effect.gen(function*() {
          const defect = yield* Effect.flip(
            Effect.catchAllDefect(notification(incoming, { secret, tolerance: tolerance as never }), Effect.fail)
          )
          assert.deepStrictEqual<unknown>(defect, ConfigError.InvalidData(["tolerance"], "must be a duration, and not negative"))
        }))
    }
    for (const tolerance of inTurns([0, "1 hour", Infinity, [0, 0], [1, 5], [Infinity, 0], 5n, Duration.zero] as const, turn, 4)) {
      it.effect(`${name}: but ${inspect(tolerance)} is one`, () =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(notification(incoming, { secret, tolerance }))
          assert.strictEqual(error._tag, "Notification.MalformedNotification")
        }))
    }
  }
})
