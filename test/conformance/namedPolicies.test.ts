/**
 * The named policies keep what they say, with every operation of every provider: how long a
 * silent provider is waited for, and that the caller then has the typed error.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { Cancel, CancelError, CancelPolicy } from "effect-payment-cancel"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { json, play, reset, stall, type Step } from "../engine/HttpDouble.js"
import { serve, stall as stallSocket } from "../wire/ScriptedServer.js"
import { inTurns, longOrShort } from "../support/extent.js"
import { homes } from "../support/homes.js"
import { entryOf, type Operation } from "./providers.js"

const named = { interactive: CancelPolicy.interactive, background: CancelPolicy.background }

const operations = homes.map(entryOf).flatMap(({ operations }) =>
  operations.map((operation) => ({ title: operation.name, operation, cancelled: operation.cancelled })))

/** Cancels over a client, bounded by the layer or by `withPolicy`. */
const cancelling = (operation: Operation, policy: CancelPolicy.Options, by: "layer" | "withPolicy") =>
  by === "layer"
    ? Effect.flatten(operation.connect(policy))
    : Effect.flatMap(operation.connect({}), Cancel.withPolicy(policy))

/** What comes of a cancel, and after how many milliseconds on the test's clock. */
const timed = <A, E, R>(cancel: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const started = yield* Clock.currentTimeMillis
    const fiber = yield* cancel.pipe(
      Effect.either,
      Effect.zip(Effect.map(Clock.currentTimeMillis, (now) => now - started)),
      Effect.fork
    )
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

/** Status queries are GETs; everything else asks for a cancel. */
const scripted = (cancel: Step, status: Step) =>
  play((request) => play(request.method === "GET" ? status : cancel).client.execute(request))

describe("a provider that never answers", () => {
  for (const [turn, { operation, title }] of operations.entries()) {
    for (const [nth, [name, policy]] of Object.entries(named).entries()) {
      for (const by of inTurns(["layer", "withPolicy"] as const, turn + nth, 2)) {
        it.scoped(`${title}: ${name}, set by ${by}`, () =>
          Effect.gen(function*() {
            const { client, received } = play(stall)
            const [result, millis] = yield* cancelling(operation, policy, by).pipe(
              Effect.provideService(HttpClient.HttpClient, client),
              timed
            )
            const error = Either.getOrThrow(Either.flip(result))
            assert.strictEqual(error._tag, "CancelError.NoResponse")
            assert.strictEqual(error.outcome, "Unknown")
            assert.strictEqual(error.paymentId, operation.paymentId)
            assert.strictEqual(error.idempotencyKey, "key-1")
            // An access token was granted before, if there had to be one.
            assert.lengthOf(error.history.filter(({ operation }) => operation !== "Authorization"), received.length)
            assert.isAtMost(error.attempts, policy.attempts)
            assert.isAtMost(millis, Duration.toMillis(policy.deadline))
            // It is not given up before one request had its time, and the status was asked for.
            assert.isAtLeast(millis, Duration.toMillis(policy.attemptTimeout))
            if (operation.statusBody !== null) assert.strictEqual(error.history.at(-1)?.operation, "Status")
          }))
      }
    }
  }
})

describe("a provider that only answers status queries", () => {
  for (const { cancelled, operation, title } of operations) {
    const { statusBody } = operation
    if (statusBody === null) continue
    it.scoped(`${title}: is still known to have cancelled, within interactive's deadline`, () =>
      Effect.gen(function*() {
        const { client } = scripted(stall, json(200, statusBody(operation.paymentId, cancelled)))
        const [result, millis] = yield* cancelling(operation, CancelPolicy.interactive, "withPolicy").pipe(
          Effect.provideService(HttpClient.HttpClient, client),
          timed
        )
        const cancellation = Either.getOrThrow(result)
        assert.strictEqual(cancellation._tag, "Cancelled")
        assert.strictEqual(cancellation.evidence, "StatusQuery")
        assert.isAtMost(millis, Duration.toMillis(CancelPolicy.interactive.deadline))
      }))
  }
})

describe("a provider that is away for four minutes", () => {
  const away = (operation: Operation, policy: CancelPolicy.Options) =>
    Effect.gen(function*() {
      const started = yield* Clock.currentTimeMillis
      const { client } = play((request) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          play(now - started < 240_000 ? stall : json(200, operation.proof(operation.paymentId))).client.execute(request)))
      const [result] = yield* cancelling(operation, policy, "layer").pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        timed
      )
      return result
    })
  // Where a request without an answer may be sent again.
  const licensed = operations.filter(({ operation }) => operation.licence.after.includes("NoAnswer"))

  for (const { operation, title } of licensed) {
    it.scoped(`${title}: a job gets through to it, a person is told`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.orDie(yield* away(operation, CancelPolicy.background)))._tag, operation.success)
        const error = Either.getOrThrow(Either.flip(yield* away(operation, CancelPolicy.interactive)))
        assert.strictEqual(error.outcome, "Unknown")
      }))
  }
})

describe("a provider that drops every connection", () => {
  it.scoped("does not keep a person waiting: every operation comes to its result within 5 seconds", () =>
    Effect.forEach(operations, ({ operation, title }) =>
      Effect.gen(function*() {
        const [result, millis] = yield* cancelling(operation, CancelPolicy.interactive, "layer").pipe(
          Effect.provideService(HttpClient.HttpClient, play(reset).client),
          timed
        )
        assert.isTrue(Either.isLeft(result), title)
        assert.isBelow(millis, 5_000, title)
      }), { discard: true }))
})

describe("over real sockets", () => {
  // In a short run everything takes a quarter of its time.
  const share = longOrShort(1, 4)
  const { attemptTimeout, deadline, statusTimeout } = CancelPolicy.interactive
  const times = {
    attemptTimeout: Duration.times(attemptTimeout, 1 / share),
    statusTimeout: Duration.times(statusTimeout, 1 / share),
    deadline: Duration.times(deadline, 1 / share)
  }

  it.scopedLive("a person has the typed error of each operation within interactive's deadline", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [stallSocket], status: [stallSocket] })
      const client = HttpClient.mapRequest(yield* HttpClient.HttpClient, (request) => {
        const { pathname, search } = new URL(request.url)
        return HttpClientRequest.setUrl(request, `${server.url}${pathname}${search}`)
      })
      yield* Effect.forEach(operations, ({ operation, title }) =>
        Effect.gen(function*() {
          const [took, result] = yield* cancelling(operation, CancelPolicy.merge(CancelPolicy.interactive, times), "withPolicy").pipe(
            Effect.provideService(HttpClient.HttpClient, client),
            Effect.either,
            Effect.timed
          )
          const error = Option.getOrThrow(Either.getLeft(result))
          assert.instanceOf(error, CancelError.NoResponse, title)
          assert.strictEqual(error.outcome, "Unknown")
          // A busy machine may be late, but not as late as the provider's own policy is.
          assert.isBelow(Duration.toMillis(took), Duration.toMillis(times.deadline) + 6_000, title)
        }), { concurrency: "unbounded", discard: true })
      assert.isAtLeast(server.received.filter(({ method }) => method !== "GET").length, operations.length)
    }).pipe(Effect.provide(FetchHttpClient.layer)), 30_000)
})
