/**
 * A cancel where nothing can be interrupted, as in a finalizer or an acquisition: an
 * interruption from outside waits for its result, and takes nothing away from it. And a
 * handler of events that is slow: it takes its time from the deadline, not from an exchange.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as CancelEvent from "../../src/CancelEvent.js"
import * as Acme from "./Acme.js"
import { json, play, reset, respond } from "./HttpDouble.js"

const request: Acme.Request = { paymentId: Acme.paymentId, idempotencyKey: "key-1" }
const gone = json(200, Acme.payment("gone"))

describe("an uninterruptible cancel that is interrupted", () => {
  const held = ["in flight", "ExchangeStarted", "ExchangeEnded", "Settled"] as const
  for (const where of held) {
    it.effect(`${where}: has its result all the same`, () =>
      Effect.gen(function*() {
        const reached = yield* Deferred.make<void>()
        const pause = Effect.zipRight(Deferred.succeed(reached, undefined), Effect.sleep("50 millis"))
        const { client } = play((sent) =>
          Effect.as(where === "in flight" ? pause : Effect.void, respond(sent, gone)))
        const acme = yield* Acme.make(client)
        const results: Array<string> = []
        const fiber = yield* acme.cancel(request).pipe(
          Effect.tap(({ _tag }) => Effect.sync(() => results.push(_tag))),
          Effect.uninterruptible,
          Effect.provide(CancelEvent.layer((event) => event._tag === where ? pause : Effect.void)),
          Effect.fork
        )
        yield* Deferred.await(reached)
        const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
        yield* TestClock.adjust("1 minute")
        yield* Fiber.join(interrupting)
        assert.deepStrictEqual(results, ["Cancelled"])
      }))
  }
})

describe("a handler that takes longer than an exchange may", () => {
  const slow = CancelEvent.layer(() => Effect.sleep("150 millis"))
  const short = { attemptTimeout: 100, statusTimeout: 100, deadline: "3 seconds" } as const

  it.effect("does not keep the request from being sent", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(gone).client, short)
      const running = yield* Effect.fork(Effect.provide(acme.cancel(request), slow))
      yield* TestClock.adjust("1 minute")
      const { _tag } = yield* Fiber.join(running)
      assert.strictEqual(_tag, "Cancelled")
    }))
  it.effect("does not keep the status from being read", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(reset, gone).client, short, { licence: Acme.unlicensed })
      const running = yield* Effect.fork(Effect.provide(acme.cancel(request), slow))
      yield* TestClock.adjust("1 minute")
      const { _tag } = yield* Fiber.join(running)
      assert.strictEqual(_tag, "Cancelled")
    }))
})
