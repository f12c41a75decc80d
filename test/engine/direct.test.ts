/** An exchange by a client that carries it out by itself: it comes to the same, and is called off as soon as nobody wants it. */
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { json as decodeJson } from "../../src/authoring/Answer.js"
import type { Restore } from "../../src/engine/awaitAtMost.js"
import { directBy, type Listener } from "../../src/engine/direct.js"
import { exchange, type Transmission } from "../../src/engine/exchange.js"
import { judgeTransport } from "../../src/engine/transport.js"
import { transportError } from "./HttpDouble.js"
import { toldToEndBefore } from "./toldToEnd.js"
import { vi } from "vitest"

const request = HttpClientRequest.post("https://acme.test/p-1/cancel")

/** A client whose exchange is told by hand. */
const byHand = (atOnce: (listener: Listener) => void = () => {}, isUnwritten = false) => {
  const seen = { begun: 0, calledOff: 0, maximumBytes: 0 }
  let listener: Listener | undefined
  const client = directBy(HttpClient.make(() => Effect.dieMessage("it has a better way")), (_, maximumBytes, whom) => {
    seen.begun += 1
    seen.maximumBytes = maximumBytes
    listener = whom
    atOnce(whom)
    return {
      isUnwritten,
      callOff: () => {
        seen.calledOff += 1
      }
    }
  })
  return { client, seen, tell: (how: (listener: Listener) => void) => Effect.sync(() => listener === undefined ? assert.fail("nothing was begun") : how(listener)) }
}

const through = (client: HttpClient.HttpClient, timeout = 1_000, restore?: Restore) =>
  exchange({ client, request, timeout, maximumBytes: 20, judgeTransport, decode: decodeJson, ...(restore === undefined ? {} : { restore }) })

/** The answer begins, with JSON to come. */
const begins = (listener: Listener) => listener.begins({ status: 200, headers: Headers.fromInput({ "content-type": "application/json" }) })

const bytes = (text: string) => new Uint8Array(Buffer.from(text))

const shown = (transmission: Transmission) => {
  switch (transmission._tag) {
    case "Answered":
      return [transmission.answer.status, transmission.answer.headers["content-type"], Option.getOrNull(transmission.answer.body)]
    case "Unanswered":
      return [transmission.explanation, Option.getOrNull(Option.map(transmission.head, ({ status }) => status))]
    case "NotSent":
      return [transmission.explanation, transmission.transient]
  }
}

const failing = (code: string, syscall: string) => transportError(request, Object.assign(new Error(code), { code, syscall }))

const ends: ReadonlyArray<readonly [string, (listener: Listener) => void, ReturnType<typeof shown>]> = [
  ["a whole answer", (_) => begins(_).ended(bytes("{\"a\":1}")), [200, "application/json", { a: 1 }]],
  ["an answer of just the size", (_) => begins(_).ended(bytes("\"012345678901234567\"")), [200, "application/json", "012345678901234567"]],
  ["an answer that is too large", (_) => begins(_).ended(bytes("\"0123456789012345678\"")), ["the answer is larger than 20 bytes", 200]],
  ["an answer that is not JSON", (_) => begins(_).ended(bytes("<p>")), [200, "application/json", null]],
  ["an answer that breaks off", (_) => begins(_).broken(), ["the answer broke off in the middle", 200]],
  ["no connection", (_) => _.failed(failing("ECONNREFUSED", "connect")), ["the connection could not be made (ECONNREFUSED)", true]],
  ["a connection that breaks", (_) => _.failed(failing("ECONNRESET", "read")), ["the connection failed (ECONNRESET)", null]],
  ["a request that cannot be written", (_) => _.failed(new HttpClientError.RequestError({ request, reason: "Encode" })), ["the request could not be encoded", false]]
]

describe("an exchange of a client that carries it out by itself", () => {
  it.effect.each(ends)("comes to %s", ([, how, expected]) =>
    Effect.gen(function*() {
      const { client, seen, tell } = byHand()
      const fiber = yield* Effect.fork(through(client))
      yield* Effect.yieldNow()
      assert.isNull(fiber.unsafePoll())
      yield* tell(how)
      assert.deepStrictEqual(shown(yield* Fiber.join(fiber)), expected)
      // What has ended is not called off, nor told again.
      yield* tell((_) => {
        const rest = begins(_)
        rest.ended(bytes("{}"))
        rest.broken()
      })
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(seen, { begun: 1, calledOff: 0, maximumBytes: 20 })
    }))

  it.effect.each(ends)("comes at once to %s", ([, how, expected]) =>
    Effect.gen(function*() {
      const { client, seen } = byHand(how)
      assert.deepStrictEqual(shown(yield* through(client)), expected)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(seen, { begun: 1, calledOff: 0, maximumBytes: 20 })
    }))

  it.effect("is called off when its time is over, and knows how it had begun", () =>
    Effect.gen(function*() {
      for (const status of [null, 200]) {
        const { client, seen, tell } = byHand()
        const fiber = yield* Effect.fork(through(client))
        yield* Effect.yieldNow()
        if (status !== null) yield* tell(begins)
        yield* TestClock.adjust("999 millis")
        assert.isNull(fiber.unsafePoll())
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual(shown(yield* Fiber.join(fiber)), ["no whole answer within 1000 ms", status])
        yield* tell((_) => begins(_).ended(bytes("{}")))
        assert.strictEqual(seen.calledOff, 1)
      }
    }))

  it.effect("was not sent where nothing is written when its time is over, unless its answer has begun all the same", () =>
    Effect.gen(function*() {
      for (const [tell, expected] of [
        [undefined, ["there was no connection within 1000 ms", true]],
        [begins, ["no whole answer within 1000 ms", 200]]
      ] as const) {
        const { client, seen } = byHand(tell, true)
        const fiber = yield* Effect.fork(through(client))
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(shown(yield* Fiber.join(fiber)), [...expected])
        assert.strictEqual(seen.calledOff, 1)
      }
    }))

  it.effect("is called off when it is interrupted, once, and is not begun by whoever is told to end already", () =>
    Effect.gen(function*() {
      const { client, seen } = byHand()
      const fiber = yield* Effect.fork(through(client))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      // Now, and not when its time is over; nor once more then.
      assert.deepStrictEqual(seen, { begun: 1, calledOff: 1, maximumBytes: 20 })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(seen.calledOff, 1)
      for (const begin of [
        () => Effect.interruptible(through(client)),
        (restore: Restore) => through(client, 1_000, restore)
      ]) {
        const exit = yield* toldToEndBefore<Transmission, never>(begin)
        assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
        assert.deepStrictEqual(seen, { begun: 1, calledOff: 1, maximumBytes: 20 })
      }
    }))

  it.effect("waits to its end where nothing can be interrupted", () =>
    Effect.gen(function*() {
      const { client, seen, tell } = byHand()
      const fiber = yield* Effect.fork(Effect.uninterruptible(through(client)))
      yield* Effect.yieldNow()
      yield* Fiber.interruptFork(fiber)
      yield* Effect.yieldNow()
      yield* tell((_) => begins(_).ended(bytes("{}")))
      yield* Fiber.await(fiber)
      assert.strictEqual(seen.calledOff, 0)
    }))

  it.effect("is nothing that a client has which is wrapped", () =>
    Effect.gen(function*() {
      const { client, seen } = byHand()
      assert.isTrue(Exit.isFailure(yield* Effect.exit(through(HttpClient.mapRequest(client, (_) => _)))))
      assert.strictEqual(seen.begun, 0)
    }))
})

describe("a client that carries exchanges out by itself, wrapped by hand", () => {
  const wrapping: { readonly [how: string]: (client: HttpClient.HttpClient, execute: HttpClient.HttpClient["execute"]) => HttpClient.HttpClient } = {
    "spread": (client, execute) => ({ ...client, execute }),
    "as a prototype": (client, execute) => Object.assign(Object.create(client), { execute }),
    "in a proxy": (client, execute) => new Proxy(client, { get: (target, key) => key === "execute" ? execute : Reflect.get(target, key) })
  }
  for (const [how, wrap] of Object.entries(wrapping)) {
    it.effect(`is not passed by: ${how}`, () =>
      Effect.gen(function*() {
        const { client, seen } = byHand()
        let executed = 0
        const wrapped = wrap(client, (request) =>
          Effect.suspend(() => {
            executed += 1
            return Effect.fail(transportError(request, new Error("the wrapper's own")))
          }))
        yield* through(wrapped)
        assert.deepStrictEqual([executed, seen.begun], [1, 0])
      }))
  }
})

describe("time by Effect's own clock", () => {
  it.live("is over when it is over, and leaves no timer behind where it is not needed", () =>
    Effect.gen(function*() {
      const late = byHand()
      const [took, transmission] = yield* Effect.timed(through(late.client, 50))
      assert.deepStrictEqual(shown(transmission), ["no whole answer within 50 ms", null])
      assert.isAtLeast(Duration.toMillis(took), 49)
      assert.strictEqual(late.seen.calledOff, 1)
      const set = vi.spyOn(globalThis, "setTimeout")
      const cleared = vi.spyOn(globalThis, "clearTimeout")
      const { client, tell } = byHand()
      const fiber = yield* Effect.fork(through(client, 61_234))
      yield* Effect.yieldNow()
      yield* tell((_) => begins(_).ended(bytes("{}")))
      yield* Fiber.join(fiber)
      const timers = set.mock.results.filter((_, nth) => set.mock.calls[nth]?.[1] === 61_234).map(({ value }) => value)
      assert.lengthOf(timers, 1)
      assert.isTrue(cleared.mock.calls.some(([timer]) => timer === timers[0]))
      vi.restoreAllMocks()
    }))

  it.live("is over a turn later where the process was held up: what came meanwhile is read, and nothing more is written", () =>
    Effect.gen(function*() {
      const heldUp = (listener: Listener) => {
        setImmediate(() => {
          setImmediate(() => begins(listener).ended(bytes("{}")))
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60)
        })
      }
      assert.deepStrictEqual(shown(yield* through(byHand(heldUp).client, 30)), [200, "application/json", {}])
      const unwritten = byHand(heldUp, true)
      assert.deepStrictEqual(shown(yield* through(unwritten.client, 30)), ["there was no connection within 30 ms", true])
      assert.strictEqual(unwritten.seen.calledOff, 1)
    }))

  it.live("is not over at once where it is longer than a timer can be", () =>
    Effect.gen(function*() {
      const { client, tell } = byHand()
      const fiber = yield* Effect.fork(through(client, 2 ** 31))
      yield* Effect.sleep("20 millis")
      assert.isNull(fiber.unsafePoll())
      yield* tell((_) => begins(_).ended(bytes("{}")))
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Answered")
    }))
})
