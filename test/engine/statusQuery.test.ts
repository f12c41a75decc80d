/**
 * The status of a payment, read outside of a cancel.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as CancelError from "../../src/CancelError.js"
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import * as Acme from "./Acme.js"
import { badCertificate, json, play, refused, reset, stall, type Step } from "./HttpDouble.js"
import { assertPartly, deepStrictEqual } from "./partly.js"

const status = (steps: readonly [Step, ...ReadonlyArray<Step>], options: CancelPolicy.Options = {}) =>
  Effect.gen(function*() {
    const { client, received } = play(...steps)
    const acme = yield* Acme.make(client, options)
    const start = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(
      Effect.zip(Effect.either(acme.status({ paymentId: Acme.paymentId })), Clock.currentTimeMillis)
    )
    yield* TestClock.adjust("10 minutes")
    const [result, end] = yield* Fiber.join(fiber)
    return { result, received, took: end - start }
  })

const unavailable = (steps: readonly [Step, ...ReadonlyArray<Step>], options: CancelPolicy.Options = {}) =>
  Effect.map(status(steps, options), ({ received, result, took }) => {
    const error = Either.getOrElse(Either.flip(result), () => assert.fail("it did not fail"))
    assert.instanceOf(error, CancelError.StatusUnavailable)
    return { error, took, queries: received.length }
  })

const open = json(200, Acme.payment("open"), { "x-request": "r-1" })

describe("a status", () => {
  it.effect("is what the provider says, and what it means for a cancel", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(7)
      const { received, result } = yield* status([open])
      deepStrictEqual(result, Either.right({
        provider: "Acme" as const,
        paymentId: "p-1",
        status: "open",
        standing: Option.some("Cancellable" as const),
        capturedAmount: Option.none(),
        observedAt: DateTime.unsafeMake(7),
        requestId: Option.some("r-1")
      }))
      deepStrictEqual(received.map((_) => `${_.method} ${_.url}`), ["GET https://acme.test/p-1"])
    }))
  it.effect("says what was captured, where that is stated", () =>
    Effect.gen(function*() {
      const { result } = yield* status([json(200, { ...Acme.payment("gone"), taken: 700 })])
      assertPartly(Either.getOrThrow(result), { capturedAmount: Option.some({ amount: 700, currency: Option.some("EUR") }) })
    }))
  it.effect("may be one that nobody has listed", () =>
    Effect.gen(function*() {
      const { result } = yield* status([json(200, Acme.payment("odd"))])
      assertPartly(Either.getOrThrow(result), { status: "odd", standing: Option.none() })
    }))
  it.effect("is asked for again when another try may fare better", () =>
    Effect.gen(function*() {
      for (const step of [reset, refused, json(500, {}), json(503, {}), json(408, {}), json(429, {})]) {
        const { received, result, took } = yield* status([step, open])
        assert.isTrue(Either.isRight(result))
        assert.lengthOf(received, 2)
        assert.strictEqual(took, 100)
      }
      const stalled = yield* status([stall, open])
      assert.strictEqual(stalled.took, 5_000 + 100)
    }))
  it.effect("is not asked for again after a refusal", () =>
    Effect.gen(function*() {
      for (const step of [json(400, {}), json(404, {}), json(302, {}), json(200, {}), json(200, { id: "p-2", status: "open" })]) {
        assert.strictEqual((yield* unavailable([step])).queries, 1)
      }
    }))
  it.effect("is asked for no more often than the policy says, with its backoff", () =>
    Effect.gen(function*() {
      const { error, queries, took } = yield* unavailable([reset])
      assert.strictEqual(queries, 3)
      assert.strictEqual(took, 100 + 200)
      assert.strictEqual(error.attempts, 3)
      assert.strictEqual((yield* unavailable([reset], { statusReads: 1 })).queries, 1)
    }))
  it.effect("is waited for as the provider asks, within the deadline", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* status([json(429, {}, { "retry-after": "7" }), open])).took, 7_000)
      const { queries, took } = yield* unavailable([json(429, {}, { "retry-after": "7" })], { deadline: "7 seconds" })
      assert.strictEqual(queries, 1)
      assert.strictEqual(took, 0)
      const asksTooMuch = yield* unavailable([json(503, {}, { "retry-after": "600" })])
      assert.deepStrictEqual([asksTooMuch.queries, asksTooMuch.took], [1, 0])
      deepStrictEqual(asksTooMuch.error.retryAfter, Option.some(Duration.seconds(600)))
      const cut = yield* unavailable([stall], { deadline: "7 seconds", statusTimeout: "4 seconds" })
      assert.strictEqual(cut.took, 7_000)
      assert.strictEqual(cut.queries, 2)
    }))
})

describe("a status that cannot be read", () => {
  it.effect("is what was answered last, where a wait took longer than it should and nothing more could be asked", () =>
    Effect.gen(function*() {
      let now = 0
      const late: Clock.Clock = {
        [Clock.ClockTypeId]: Clock.ClockTypeId,
        unsafeCurrentTimeMillis: () => now,
        unsafeCurrentTimeNanos: () => BigInt(now) * 1_000_000n,
        currentTimeMillis: Effect.sync(() => now),
        currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
        sleep: (duration) =>
          Duration.toMillis(duration) === 280
            ? Effect.sync(() => {
              now += 310
            })
            : Effect.never
      }
      const { client, received } = play(json(503, {}))
      const acme = yield* Acme.make(client, { deadline: 300, backoff: { initial: 280 } })
      const error = yield* Effect.flip(Effect.withClock(acme.status({ paymentId: Acme.paymentId }), late))
      assertPartly(error, { category: "ProviderFault", httpStatus: Option.some(503), attempts: 1 })
      assert.strictEqual(received.length, 1)
    }))
  it.effect("says all that is known", () =>
    Effect.gen(function*() {
      const { error } = yield* unavailable([
        json(404, { code: "bad_request", message: "No.", details: { a: 1 } }, { "x-request": "r-1", "retry-after": "3" })
      ])
      assert.strictEqual(
        error.message,
        "Acme: the status could not be read: HTTP 404 with code bad_request, without a status"
      )
      deepStrictEqual<object>({ ...error }, {
        _tag: "CancelError.StatusUnavailable",
        provider: "Acme",
        code: "bad_request",
        category: "InvalidRequest",
        paymentId: "p-1",
        httpStatus: Option.some(404),
        requestId: Option.some("r-1"),
        details: Option.some({ a: 1 }),
        retryAfter: Option.some(Duration.seconds(3)),
        attempts: 1
      })
    }))
  it.effect("has the category of its code, else of its HTTP status", () =>
    Effect.gen(function*() {
      const rows: ReadonlyArray<readonly [Step, CancelError.Category]> = [
        [json(404, { code: "busy" }), "RateLimited"],
        [json(500, { code: "not_possible" }), "NotCancellable"],
        [json(400, {}), "InvalidRequest"],
        [json(401, { code: "x" }), "Unauthenticated"],
        [json(403, {}), "Forbidden"],
        [json(404, {}), "NotFound"],
        [json(409, {}), "Conflict"],
        [json(422, {}), "InvalidRequest"],
        [json(429, {}), "RateLimited"],
        [json(418, {}), "Unexpected"],
        [json(302, {}), "Unexpected"],
        [json(200, {}), "Unexpected"],
        [json(499, {}), "Unexpected"],
        [json(500, {}), "ProviderFault"],
        [json(503, {}), "ProviderFault"],
        [reset, "Network"],
        [refused, "Network"],
        [badCertificate, "Network"]
      ]
      for (const [step, category] of rows) {
        assert.strictEqual((yield* unavailable([step], { statusReads: 1 })).error.category, category)
      }
      const { error } = yield* unavailable([reset], { statusReads: 1 })
      assertPartly(error, { code: null, httpStatus: Option.none(), message: "Acme: the status could not be read: the connection failed (ECONNRESET)" })
    }))
  it.effect("is no cancel error: it claims nothing about any cancel", () =>
    Effect.gen(function*() {
      const { error } = yield* unavailable([reset])
      assert.isFalse(CancelError.isCancelError(error))
    }))
})
