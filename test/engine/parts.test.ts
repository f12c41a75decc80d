/**
 * The parts of the engine that tests replace, and what the loop around them hands to them and
 * takes from them.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as CancelEvent from "../../src/CancelEvent.js"
import { type Decide, decide } from "../../src/engine/decision.js"
import { EarlierDoubts } from "../../src/engine/earlier.js"
import { EngineParts } from "../../src/engine/run.js"
import { judgeTransport } from "../../src/engine/transport.js"
import * as Acme from "./Acme.js"
import { json, play, reset, type Step } from "./HttpDouble.js"
import { deepStrictEqual } from "./partly.js"

const request: Acme.Request = { paymentId: Acme.paymentId, idempotencyKey: "key-1" }

const cancelling = (steps: readonly [Step, ...ReadonlyArray<Step>], deciding: Decide, given: Parameters<typeof Acme.make>[2] = {}) =>
  Effect.gen(function*() {
    const { client, received } = play(...steps)
    const acme = yield* Acme.make(client, { backoff: { initial: 0 } }, given)
    const fiber = yield* Effect.fork(Effect.exit(acme.cancel(request)))
    yield* TestClock.adjust("10 minutes")
    return { exit: yield* fiber, methods: received.map((_) => _.method).join(" ") }
  }).pipe(Effect.provideService(EngineParts, { decide: deciding, judgeTransport }))

describe("the parts of the engine", () => {
  it("have a key that no other library has", () => {
    for (const { key } of [EngineParts, EarlierDoubts]) assert.match(key, /^effect-payment-cancel\//)
  })
  it.effect("the decision is shown each request with the status queries that followed it, and no others", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const open = json(200, Acme.payment("open"))
      // Each request's outcome is unproven, so the status is read before the next one.
      yield* cancelling([json(200, {}), open, json(200, {}), json(200, {}), json(200, Acme.payment("gone"))], (situation) => {
        seen.push(situation.rounds.map(({ reads }) => reads.map((_) => _._tag).join("+")).join(" | "))
        return decide(situation)
      })
      deepStrictEqual(seen, [
        "",
        "",
        "StatusRead",
        "StatusRead | ",
        "StatusRead | StatusUnread",
        "StatusRead | StatusUnread | "
      ])
    }))
  it.effect("a decision to read the status of a provider that has none is a defect, reported like any other", () =>
    Effect.gen(function*() {
      const events: Array<string> = []
      const sink = CancelEvent.layer((event) => Effect.sync(() => void events.push(event._tag)))
      const { exit, methods } = yield* cancelling(
        [reset],
        (situation) => situation.rounds.length === 0 ? decide(situation) : { _tag: "ReadStatus", delay: 0, timeout: 1 },
        { canReadStatus: false }
      ).pipe(Effect.provide(sink))
      const defect = exit._tag === "Failure" ? Cause.squash(exit.cause) : undefined
      assert.include(String(defect), "Acme has no status query")
      assert.strictEqual(methods, "POST")
      assert.include(events, "Interrupted")
    }))
})
