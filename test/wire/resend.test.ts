/**
 * What is sent again, with which bytes, after which wait (promises 6, 7 and 8), and where time
 * and keys come from (promise 11).
 */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { CancelEvent, IdempotencyKey } from "effect-payment-cancel"
import { answer, later, type Play, type Received, reset, serve } from "./ScriptedServer.js"
import type { Doubt } from "../support/ProviderFacts.js"
import type { Side } from "./Side.js"
import { assertShows, attempt, casesOver, pairs, paymentId, quick, run, type Trial } from "./Trial.js"

const header = (received: Received | undefined, name: string | null) =>
  received?.headers.find(([header]) => header.toLowerCase() === name)?.[1]

const stillOpen = (side: Side) => [answer(200, side.statusBody(paymentId, side.statuses.cancellable))]
const cancelled = (side: Side) => answer(200, side.proof(paymentId))
const throttled = (side: Side, headers: { readonly [name: string]: string }) =>
  answer(429, side.refusal(side.codes.throttled.code), headers)

/** A clock that shows another time and waits like the real one. */
const clockAt = (epochMillis: number): Clock.Clock => {
  const real = Clock.make()
  const offset = epochMillis - Date.now()
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => real.unsafeCurrentTimeMillis() + offset,
    unsafeCurrentTimeNanos: () => real.unsafeCurrentTimeNanos() + BigInt(offset) * 1_000_000n,
    currentTimeMillis: Effect.map(real.currentTimeMillis, (millis) => millis + offset),
    currentTimeNanos: Effect.map(real.currentTimeNanos, (nanos) => nanos + BigInt(offset) * 1_000_000n),
    sleep: (duration) => real.sleep(duration)
  }
}

/** A trial with the time between its first two cancel requests, and the waits it announced. */
const watching = <R>(trial: Effect.Effect<Trial, never, R>) =>
  Effect.suspend(() => {
    const waits: Array<number> = []
    return trial.pipe(
      Effect.map(({ cancels: [first, second, ...more], reads, result }) => ({
        result,
        waits,
        waited: (second?.at ?? Infinity) - (first?.at ?? 0),
        sent: [first, second, ...more].filter((request) => request !== undefined).length,
        requests: [first, second, ...more, ...reads].filter((request) => request !== undefined).length
      })),
      Effect.provide(CancelEvent.layer((event) =>
        Effect.sync(() => {
          if (event._tag === "Waiting") waits.push(Duration.toMillis(event.delay))
        })
      ))
    )
  })

for (const [side, client] of pairs) {
  describe.concurrent(`${side.name} over ${client[0]}`, () => {
    const losses: ReadonlyArray<readonly [name: string, play: Play, doubt: Doubt | null]> = [
      ["network failures", reset, "NoAnswer"],
      ["503s", answer(503, ""), "ServerError"],
      ["faults", answer(side.codes.fault.status, side.refusal(side.codes.fault.code)), "ServerError"],
      ["throttling", throttled(side, {}), null]
    ]
    for (const [name, play, doubt] of losses) {
      if (doubt !== null && !side.repeats(doubt)) {
        it.scopedLive(`after ${name} nothing is sent again`, () =>
          Effect.gen(function*() {
            const { cancels, verdict } = yield* attempt({ cancel: [play, cancelled(side)], status: stillOpen(side) }, { side, client })
            assertShows(verdict, { outcome: "Unknown", attempts: 1 })
            assert.strictEqual(cancels.length, 1)
          }))
        continue
      }
      it.scopedLive(`after ${name} the same bytes go out again, under the same key`, () =>
        Effect.gen(function*() {
          const { cancels, result, verdict } = yield* attempt(
            { cancel: [play, play, cancelled(side)], status: stillOpen(side) },
            { side, client }
          )
          assertShows(verdict, { success: side.success, evidence: "Response", attempts: 3 })
          assert.strictEqual(cancels.length, 3)
          for (const again of cancels) assert.strictEqual(again.bytes.toString("latin1"), cancels[0]?.bytes.toString("latin1"))
          if (side.keyHeader !== null) assert.match(header(cancels[0], side.keyHeader) ?? "", /^[!-~]{16,255}$/)
          assert.isTrue(Either.isRight(result))
        }))
    }

    it.scopedLive("never more requests than the policy allows", () =>
      Effect.gen(function*() {
        for (const attempts of casesOver(side, client, [1, 2, 5])) {
          const { cancels, reads, verdict } = yield* attempt(
            { cancel: [answer(503, "")], status: [answer(503, "")] },
            { side, client, policy: { ...quick, attempts, statusReads: 2 } }
          )
          const sent = side.repeats("ServerError") ? attempts : 1
          assertShows(verdict, { outcome: "Unknown", attempts: sent })
          assert.strictEqual(cancels.length, sent)
          if (side.readable) assert.isAtLeast(reads.length, 1)
          assert.isAtMost(reads.length, sent * 2)
        }
      }))

    it.scopedLive("the key in the error is the key on the wire, and calling again with it sends it again", () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [reset, cancelled(side)], status: [answer(503, "")] })
        const first = yield* run(server, { side, client, policy: { ...quick, attempts: 1 } })
        const { idempotencyKey } = Either.getOrThrow(Either.flip(first.result))
        assert.isNotEmpty(idempotencyKey)
        const second = yield* run(server, { side, client, request: { paymentId, idempotencyKey } })
        assertShows(second.verdict, { success: side.success, evidence: "Response" })
        if (side.keyHeader !== null) {
          assert.deepEqual(second.cancels.map((request) => header(request, side.keyHeader)), [idempotencyKey, idempotencyKey])
        }
        assert.strictEqual(second.cancels[0]?.bytes.toString(), second.cancels[1]?.bytes.toString())
      }))

    it.scopedLive("keys differ between cancels, and come from the IdempotencyKey service", () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [answer(503, "")], status: [answer(503, "")] })
        const once = run(server, { side, client, policy: { ...quick, attempts: 1 } })
        const keyOf = (trial: Effect.Effect.Success<typeof once>) => Either.getOrThrow(Either.flip(trial.result)).idempotencyKey
        // The same seed twice: keys must not depend on it.
        const first = keyOf(yield* Effect.withRandomFixed(once, [0.5]))
        const second = keyOf(yield* Effect.withRandomFixed(once, [0.5]))
        assert.notStrictEqual(first, second)
        const fixed = yield* Effect.provide(once, IdempotencyKey.layer(Effect.succeed("order-1042-cancel")))
        assert.strictEqual(keyOf(fixed), "order-1042-cancel")
        if (side.keyHeader !== null) {
          assert.deepEqual(fixed.cancels.map((request) => header(request, side.keyHeader)), [first, second, "order-1042-cancel"])
        }
      }))

    /** What was asked for, with at most 400 ms allowed: whether it goes out again, and what the error says. */
    const waits: ReadonlyArray<{
      readonly name: string
      readonly value: () => string
      readonly sentAgain: boolean
      readonly says: readonly [least: number, most: number] | null
    }> = [
      { name: "no seconds", value: () => "0", sentAgain: true, says: [0, 0] },
      { name: "an hour in seconds", value: () => "3600", sentAgain: false, says: [3_600_000, 3_600_000] },
      { name: "aeons in seconds", value: () => "99999999999999999999", sentAgain: false, says: [1e12, Infinity] },
      { name: "a date in an hour", value: () => new Date(Date.now() + 3_600_000).toUTCString(), sentAgain: false, says: [3_580_000, 3_601_000] },
      { name: "a date long past", value: () => "Wed, 21 Oct 2015 07:28:00 GMT", sentAgain: true, says: [0, 0] },
      { name: "the year 9999", value: () => "Fri, 31 Dec 9999 23:59:59 GMT", sentAgain: false, says: [1e12, Infinity] },
      { name: "a word", value: () => "soon", sentAgain: true, says: null },
      { name: "nothing", value: () => "", sentAgain: true, says: null },
      { name: "a negative number", value: () => "-30", sentAgain: true, says: null }
    ]
    for (const { name, says, sentAgain, value } of casesOver(side, client, waits)) {
      it.scopedLive(`Retry-After of ${name}`, () =>
        Effect.gen(function*() {
          const policy = { ...quick, attempts: 2, maximumRetryAfter: "400 millis" } as const
          const script = { cancel: [throttled(side, { "Retry-After": value() })], status: stillOpen(side) }
          const { result, sent, waits } = yield* watching(attempt(script, { side, client, policy }))
          assert.strictEqual(sent, sentAgain ? 2 : 1)
          // Our own backoff is at most 2 ms here.
          assert.isAtMost(Math.max(0, ...waits), 2)
          const asked = Option.map(Either.getOrThrow(Either.flip(result)).retryAfter, Duration.toMillis)
          if (says === null) return assert.deepEqual(asked, Option.none())
          assert.isAtLeast(Option.getOrThrow(asked), says[0])
          assert.isAtMost(Option.getOrThrow(asked), says[1])
        }))
    }

    if (side.repeats("ServerError")) it.scopedLive("Retry-After below the limit is kept, also on a 503", () =>
      Effect.gen(function*() {
        const policy = { ...quick, maximumRetryAfter: "5 seconds" } as const
        const script = { cancel: [answer(503, "", { "Retry-After": "1" }), cancelled(side)], status: stillOpen(side) }
        const { waited, waits } = yield* watching(attempt(script, { side, client, policy }))
        assert.isAtLeast(waited, 995)
        assert.include(waits, 1000)
      }))

    it.scopedLive("Retry-After above the limit: nothing more goes out, be it a 503 or the answer to a status query", () =>
      Effect.gen(function*() {
        const policy = { ...quick, maximumRetryAfter: "1 minute" } as const
        const down = answer(503, "", { "Retry-After": "61" })
        for (const [script, sent] of [
          [{ cancel: [down, cancelled(side)], status: stillOpen(side) }, 1],
          ...(side.readable ? [[{ cancel: [answer(200, "{}"), cancelled(side)], status: [down, ...stillOpen(side)] }, 2] as const] : [])
        ] as const) {
          const { requests, result } = yield* watching(attempt(script, { side, client, policy }))
          const error = Either.getOrThrow(Either.flip(result))
          assert.strictEqual(error.outcome, "Unknown")
          assert.deepEqual(Option.map(error.retryAfter, Duration.toMillis), Option.some(61_000))
          assert.strictEqual(requests, sent)
        }
      }))

    it.scopedLive("time is the Clock's: Retry-After dates are read against it, and results carry it", () =>
      Effect.gen(function*() {
        const epoch = Date.UTC(2001, 0, 1)
        const policy = { ...quick, maximumRetryAfter: "100 millis" } as const
        const date = new Date(epoch + 60_000).toUTCString()
        const script = { cancel: [throttled(side, { "Retry-After": date })], status: stillOpen(side) }
        const { result } = yield* attempt(script, { side, client, policy }).pipe(Effect.withClock(clockAt(epoch)))
        const error = Either.getOrThrow(Either.flip(result))
        assert.closeTo(Option.getOrThrow(Option.map(error.retryAfter, Duration.toMillis)), 60_000, 8000)
        for (const { at } of error.history) assert.strictEqual(DateTime.toDateUtc(at).getUTCFullYear(), 2001)
        const done = yield* attempt({ cancel: [cancelled(side)] }, { side, client }).pipe(Effect.withClock(clockAt(epoch)))
        assert.strictEqual(DateTime.toDateUtc(Either.getOrThrow(done.result).observedAt).getUTCFullYear(), 2001)
      }))
  })
}

for (const [side, client] of pairs) {
  const { running: runs } = side
  if (runs === null) continue
  const running = answer(runs.status, runs.body)
  const cancelledStatus = answer(200, side.statusBody(paymentId, side.statuses.cancelled))
  if (!side.repeats("StillRunning")) {
    describe.concurrent(`the key of ${side.name} over ${client[0]}`, () => {
      if (side.readable) it.scopedLive("a request under our key is still running: nothing is sent again, and the status settles it", () =>
        Effect.gen(function*() {
          const { cancels, verdict } = yield* attempt({ cancel: [running, cancelled(side)], status: [cancelledStatus] }, { side, client })
          assertShows(verdict, { success: side.success, evidence: "StatusQuery", attempts: 1 })
          assert.strictEqual(cancels.length, 1)
        }))

      it.scopedLive("a request under our key is still running: unknown while no status settles it", () =>
        Effect.gen(function*() {
          const { cancels, verdict } = yield* attempt({ cancel: [running, cancelled(side)], status: stillOpen(side) }, { side, client })
          assertShows(verdict, { failure: runs.tag, outcome: "Unknown", httpStatus: runs.status, attempts: 1 })
          assert.strictEqual(cancels.length, 1)
        }))

      const { sendAgainHeader } = side.facts
      if (sendAgainHeader !== null) it.scopedLive("an answer that says so itself is followed: wait, and ask again with the same key and bytes", () =>
        Effect.gen(function*() {
          const sayingSo = answer(runs.status, runs.body, { [sendAgainHeader]: "true" })
          const { cancels, verdict } = yield* attempt({ cancel: [sayingSo, sayingSo, cancelled(side)], status: stillOpen(side) }, { side, client })
          assertShows(verdict, { success: side.success, evidence: "Response", attempts: 3 })
          assert.strictEqual(new Set(cancels.map(({ bytes }) => bytes.toString())).size, 1)
        }))

      if (side.repeats("NoAnswer")) it.scopedLive("our own attempt timed out, and then it is still running: unknown as well", () =>
        Effect.gen(function*() {
          const { cancels, verdict } = yield* attempt(
            { cancel: [later(4000, cancelled(side)), running, cancelled(side)], status: stillOpen(side) },
            { side, client, policy: { ...quick, attemptTimeout: "1 second" } }
          )
          const expected = side.repeats("NoAnswer")
            ? { failure: runs.tag, attempts: 2 }
            : { failure: "CancelError.NoResponse", attempts: 1 }
          assertShows(verdict, { ...expected, outcome: "Unknown" })
          assert.strictEqual(cancels.length, expected.attempts)
        }))
    })
    continue
  }
  describe.concurrent(`the key of ${side.name} over ${client[0]}`, () => {
    it.scopedLive("a request under our key is still running: wait, and ask again with the same key and bytes", () =>
      Effect.gen(function*() {
        const { cancels, verdict } = yield* attempt({ cancel: [running, running, cancelled(side)], status: stillOpen(side) }, {
          side,
          client
        })
        assertShows(verdict, { success: side.success, evidence: "Response", attempts: 3 })
        assert.strictEqual(new Set(cancels.map(({ bytes }) => bytes.toString())).size, 1)
      }))

    it.scopedLive("it never stops running: unknown", () =>
      Effect.gen(function*() {
        const { cancels, verdict } = yield* attempt({ cancel: [running], status: stillOpen(side) }, { side, client })
        assertShows(verdict, { failure: runs.tag, outcome: "Unknown", httpStatus: runs.status })
        assert.strictEqual(cancels.length, quick.attempts)
      }))

    it.scopedLive("still running, and then refused about the credentials: unknown", () =>
      Effect.gen(function*() {
        const { code, status } = side.codes.unauthenticated
        const { verdict } = yield* attempt(
          { cancel: [running, answer(status, side.refusal(code))], status: stillOpen(side) },
          { side, client }
        )
        assertShows(verdict, { failure: runs.tag, outcome: "Unknown" })
      }))

    it.scopedLive("our own attempt timed out, and then it is still running", () =>
      Effect.gen(function*() {
        const { verdict } = yield* attempt(
          { cancel: [later(4000, cancelled(side)), running, cancelled(side)], status: stillOpen(side) },
          { side, client, policy: { ...quick, attemptTimeout: "1 second" } }
        )
        assertShows(verdict, { success: side.success, evidence: "Response", attempts: 3 })
      }))
  })
}
