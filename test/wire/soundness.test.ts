/**
 * Against providers that know the truth: whatever two things go wrong one after the other, no
 * result claims what is not so, and what can be found out is found out (promises 1 to 7).
 */
import { assert, describe, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { Cancel } from "effect-payment-cancel"
import { inTurns } from "../support/extent.js"
import { type Emulator, emulate, type Fault, type Options } from "./Emulator.js"
import { casesAt, type Side, sides } from "./Side.js"
import { assertShows, pairs, paymentId, quick, type Verdict, verdictOf } from "./Trial.js"

const faults: ReadonlyArray<Fault> = [
  "None", "DroppedBefore", "DroppedAfter", "CutAfter", "FailedBefore", "FailedAfter", "Late", "Slow", "Throttled", "Unauthorized", "EmptyAfter"
]

/** Longer than anything that is still on its way takes to happen. */
const settling = "60 millis"

const policy = { ...quick, backoff: { initial: 8, factor: 1, maximum: 8, jitter: 0 } }

const cancelAt = (side: Side, emulator: Emulator, idempotencyKey?: string) =>
  side.cancel({ url: emulator.url }, { paymentId, idempotencyKey }).pipe(Cancel.withPolicy(policy), Effect.either, Effect.map(verdictOf))

const trial = (options: Omit<Options, "paymentId">) =>
  Effect.scoped(Effect.gen(function*() {
    const emulator = yield* emulate({ ...options, paymentId })
    const verdict = yield* cancelAt(options.side, emulator)
    yield* Effect.sleep(settling)
    return { emulator, verdict }
  }))

const assertSound = (verdict: Verdict, { applied, bodies, keys, payment }: Emulator, side: Side, told: string): void => {
  if ("success" in verdict && !side.states && !(side.asks && verdict.evidence === "StatusQuery")) {
    assert.deepInclude<object>(verdict, { success: side.success, evidence: "Response" }, told)
  } else if ("success" in verdict) {
    assert.strictEqual(payment.status, side.statuses.cancelled, `${told}: success, but it is not cancelled`)
    if (verdict.success === "AlreadyCancelled") assert.strictEqual(payment.cancelledBy, "others", `${told}: cancelled by us, not already`)
    if (verdict.evidence === "Response") assert.strictEqual(payment.cancelledBy, "us", told)
  } else if (verdict.outcome === "NotCancelled") {
    assert.notStrictEqual(payment.cancelledBy, "us", `${told}: ${verdict.failure} says not cancelled, but we did it`)
  }
  assert.isAtMost(applied(), 1, told)
  assert.isAtMost(bodies.length, policy.attempts, told)
  assert.strictEqual(new Set(bodies).size, 1, `${told}: the bodies differ`)
  assert.strictEqual(new Set(keys).size, 1, `${told}: the keys differ`)
}

/** After what has happened a careful client still finds out: by sending again, or by the status. */
const knowable: { readonly [F in Fault]: (side: Side) => boolean } = {
  None: () => true,
  Slow: () => true,
  Throttled: () => true,
  DroppedBefore: ({ repeats }) => repeats("NoAnswer"),
  DroppedAfter: ({ readable, repeats }) => readable || repeats("NoAnswer"),
  CutAfter: ({ readable, repeats }) => readable || repeats("NoAnswer"),
  FailedBefore: ({ repeats }) => repeats("ServerError"),
  FailedAfter: ({ readable, repeats }) => readable || repeats("ServerError"),
  EmptyAfter: ({ readable, repeats }) => readable || repeats("Unproven"),
  Late: () => false,
  Unauthorized: () => false
}

const finallyKnown = (sequence: ReadonlyArray<Fault>, side: Side): boolean => sequence.every((fault) => knowable[fault](side))

const doubles = faults.flatMap((first) => faults.map((second) => [first, second]))
const singles = faults.map((fault) => [fault])

/** Two ways of one provider to which the same rules apply are one here. */
const rules = ({ keyHeader, provider, states, way: { licence } }: Side) => JSON.stringify([provider, keyHeader, states, licence])
const distinct = sides.filter((side, nth) => sides.findIndex((other) => rules(other) === rules(side)) === nth)

for (const side of distinct) {
  const [closed = ""] = side.statuses.closed
  const beginnings = [
    { status: side.statuses.cancellable, deafFor: 0, sequences: side.readable ? inTurns(doubles, 0, 2) : doubles },
    ...(side.readable ? [{ status: side.statuses.cancellable, deafFor: 1, sequences: inTurns(doubles, 1, 2) }] : []),
    { status: side.statuses.cancelled, deafFor: 1, sequences: singles },
    { status: closed, deafFor: 1, sequences: singles }
  ]
  describe(side.name, () => {
    for (const { deafFor, sequences, status } of beginnings) {
      it.live(`a payment that is ${status}, whose status is not to be had ${deafFor} times`, () =>
        Effect.forEach(
          casesAt(side, sequences),
          (sequence) =>
            Effect.gen(function*() {
              const { emulator, verdict } = yield* trial({ side, status, faults: sequence, deafFor })
              const told = `${sequence.join(", ")} → ${JSON.stringify(verdict)}`
              assertSound(verdict, emulator, side, told)
              if (!finallyKnown(sequence, side)) return
              if (status === closed && (side.states || side.asks)) assert.deepInclude<object>(verdict, { outcome: "NotCancelled", category: "NotCancellable" }, told)
              else assert.property(verdict, "success", told)
            }),
          { concurrency: 40 }
        ).pipe(Effect.provide(NodeHttpClient.layerUndici)))
    }
  })
}

for (const [side, client] of pairs) {
  describe.concurrent(`${side.name} over ${client[0]}`, () => {
    it.scopedLive("cancelling twice: cancelled, and then already, where that is stated", () =>
      Effect.gen(function*() {
        const emulator = yield* emulate({ side, paymentId, status: side.statuses.cancellable })
        assertShows(yield* cancelAt(side, emulator), { ...side.done, attempts: 1 })
        const again = side.states
          ? { success: "AlreadyCancelled", evidence: "StatusQuery", attempts: 1 }
          : { ...side.done, attempts: 1 }
        assertShows(yield* cancelAt(side, emulator), again)
        assert.strictEqual(emulator.applied(), 1)
      }).pipe(Effect.provide(client[1])))

    it.scopedLive("an unknown outcome is settled by calling again with the key of the error", () =>
      Effect.gen(function*() {
        const emulator = yield* emulate({ side, paymentId, status: side.statuses.cancellable, faults: ["DroppedAfter"], deafFor: 50 })
        const first = yield* side.cancel({ url: emulator.url }, { paymentId }).pipe(
          Cancel.withPolicy({ ...policy, attempts: 1 }),
          Effect.either
        )
        const error = Either.getOrThrow(Either.flip(first))
        assert.strictEqual(error.outcome, "Unknown")
        const again = yield* cancelAt(side, emulator, error.idempotencyKey).pipe(Effect.repeatN(1))
        // The answer is replayed under its key; elsewhere the status would tell, but it is not to be had.
        if (side.keyHeader !== null) assertShows(again, { success: side.success, evidence: "Response" })
        assert.strictEqual(emulator.applied(), 1)
      }).pipe(Effect.provide(client[1])))
  })
}

for (const [side, client] of pairs.filter(([side]) => side.running !== null)) {
  it.scopedLive(`five cancels at once under one key, ${side.name} over ${client[0]}: it is done once, and all succeed, or leave open what still runs`, () =>
    Effect.gen(function*() {
      const emulator = yield* emulate({
        side,
        paymentId,
        status: side.statuses.cancellable,
        faults: ["Slow", "Slow", "Slow", "Slow", "Slow"]
      })
      const patient = { ...policy, attempts: 20 }
      const verdicts = yield* Effect.all(
        Array.from({ length: 5 }, () =>
          side.cancel({ url: emulator.url }, { paymentId, idempotencyKey: "one-key" }).pipe(
            Cancel.withPolicy(patient),
            Effect.either,
            Effect.map(verdictOf)
          )),
        { concurrency: "unbounded" }
      )
      // Where nothing may be sent again beside one that still runs, the status may not show it yet.
      const left = verdicts.filter((verdict) => "failure" in verdict && !side.repeats("StillRunning"))
      for (const verdict of left) assertShows(verdict, { failure: side.running?.tag, outcome: "Unknown" })
      const done = verdicts.filter((verdict) => !left.some((each) => each === verdict))
      for (const verdict of done) assertShows(verdict, { success: side.done.success })
      assert.isNotEmpty(done)
      assert.strictEqual(emulator.applied(), 1)
    }).pipe(Effect.provide(client[1])))
}
