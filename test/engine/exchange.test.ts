import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { exchange, type Transmission } from "../../src/engine/exchange.js"
import { judgeTransport } from "../../src/engine/transport.js"
import { badCertificate, json, play, type Reply, refused, reset, respond, stall, type Step, transportError } from "./HttpDouble.js"
import { type Answer, json as decodeJson } from "../../src/authoring/Answer.js"
import { deepStrictEqual } from "./partly.js"
import { toldToEndBefore } from "./toldToEnd.js"

const ofJson = { "content-type": "application/json" }

const request = HttpClientRequest.post("https://acme.test/p-1/cancel", { headers: { "Acme-Key": "acme-secret" } })

const through = (client: HttpClient.HttpClient, options: { readonly timeout?: number; readonly maximumBytes?: number } = {}) =>
  Effect.map(
    exchange({ client, request, timeout: 1_000, maximumBytes: 1_000, judgeTransport, decode: decodeJson, ...options }),
    // Headers have a prototype of their own, which is of no interest here.
    (transmission): Transmission => {
      if (transmission._tag === "Answered") {
        return { ...transmission, answer: { ...transmission.answer, headers: { ...transmission.answer.headers } } }
      }
      return transmission._tag === "Unanswered"
        ? { ...transmission, head: Option.map(transmission.head, ({ headers, status }) => ({ status, headers: { ...headers } })) }
        : transmission
    }
  )

const one = (step: Step, options?: { readonly maximumBytes?: number }) => through(play(step).client, options)

const unanswered = (explanation: string, status?: number, headers: Answer["headers"] = ofJson): Transmission => ({
  _tag: "Unanswered",
  explanation,
  head: Option.map(Option.fromNullable(status), (status) => ({ status, headers }))
})

const broken = unanswered("the answer broke off in the middle", 200)

const decodeError = (cause: unknown = new Error("terminated")) =>
  new HttpClientError.ResponseError({ request, response: respond(request, {}), reason: "Decode", cause })

const responseError = (reason: "StatusCode" | "EmptyBody" | "Decode", reply: Reply) =>
  new HttpClientError.ResponseError({ request, response: respond(request, reply), reason })

const bytes = (text: string, encoding: BufferEncoding = "utf8") => new Uint8Array(Buffer.from(text, encoding))

const jsonOf = (transmission: Transmission) =>
  transmission._tag === "Answered" ? Option.getOrNull(transmission.answer.body) : transmission._tag

describe("an answer", () => {
  it.effect("is taken in whole, with its status and headers", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* one(json(404, { a: [1] }, { "Retry-After": "3" })), {
        _tag: "Answered",
        answer: {
          status: 404,
          headers: { "content-type": "application/json", "retry-after": "3" },
          body: Option.some({ a: [1] })
        }
      })
    }))

  const bodies: ReadonlyArray<readonly [name: string, reply: Reply, json: unknown]> = [
    ["empty", { body: "" }, null],
    ["blank", { body: "  \n" }, null],
    ["HTML", { body: "<html>" }, null],
    ["cut JSON", { body: "{\"a\":" }, null],
    ["two JSONs", { body: "{}{}" }, null],
    ["a number", { body: "7" }, 7],
    ["a text", { body: "\"x\"" }, "x"],
    ["a list", { body: "[]" }, []],
    ["in chunks", { body: Stream.fromIterable([bytes("{\"a"), bytes("\":\"ä"), bytes("\"}")]) }, { a: "ä" }],
    ["in chunks that split a character", { body: Stream.fromIterable([bytes("{\"a\":\"ä\"}").subarray(0, 7), bytes("{\"a\":\"ä\"}").subarray(7)]) }, { a: "ä" }],
    ["with a byte order mark", { body: "\uFEFF{\"a\":1}" }, { a: 1 }],
    ["without a content type", { body: "{\"a\":\"ä\"}", headers: {} }, { a: "ä" }],
    ["of another content type", { body: "{\"a\":1}", headers: { "content-type": "text/html" } }, { a: 1 }],
    ["in Latin-1", { body: bytes("{\"a\":\"ä\"}", "latin1"), headers: { "content-type": "application/json; charset=ISO-8859-1" } }, { a: "ä" }],
    ["in Latin-1, quoted and capital", { body: bytes("{\"a\":\"ä\"}", "latin1"), headers: { "content-type": "application/json;CHARSET = \"iso-8859-1\"; x=y" } }, { a: "ä" }],
    ["in UTF-16", { body: bytes("{\"a\":\"ä\"}", "utf16le"), headers: { "content-type": "application/json; charset=utf-16le" } }, { a: "ä" }],
    ["in a charset that nobody knows", { body: "{\"a\":\"ä\"}", headers: { "content-type": "application/json; charset=klingon" } }, { a: "ä" }],
    ["in bytes that are no text", { body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]) }, null]
  ]
  for (const [name, reply, expected] of bodies) {
    it.effect(`${name}`, () =>
      Effect.gen(function*() {
        deepStrictEqual(jsonOf(yield* one(reply)), expected)
      }))
  }

  const stated: ReadonlyArray<readonly [name: string, headers: Record<string, string>, read: "at once" | "in pieces"]> = [
    ["of a stated length", { "content-length": "19" }, "at once"],
    ["of a stated length, as it is", { "content-length": "19", "content-encoding": "identity" }, "at once"],
    ["of the largest length there may be", { "content-length": "1000" }, "at once"],
    ["of a larger length", { "content-length": "1001" }, "in pieces"],
    ["of no length", {}, "in pieces"],
    ["of a length that is none", { "content-length": "19, 19" }, "in pieces"],
    ["of a stated length, packed", { "content-length": "19", "content-encoding": "gzip" }, "in pieces"],
    ["of a stated length, in chunks", { "content-length": "19", "transfer-encoding": "chunked" }, "in pieces"]
  ]
  for (const [name, headers, expected] of stated) {
    it.effect(`${name}, is read ${expected}`, () =>
      Effect.gen(function*() {
        const transmission = yield* one((request) =>
          Effect.succeed(Object.create(respond(request, { headers, body: JSON.stringify("in pieces") }), {
            text: { value: Effect.succeed(JSON.stringify("at once")) }
          })))
        assert.strictEqual(jsonOf(transmission), expected)
      }))
  }
  it.effect("of a stated length that turns out to be longer, is none", () =>
    Effect.gen(function*() {
      const transmission = yield* one((request) =>
        Effect.succeed(Object.create(respond(request, { headers: { "content-length": "19" } }), {
          text: { value: Effect.succeed(" ".repeat(1_001)) }
        })))
      deepStrictEqual(transmission, unanswered("the answer is larger than 1000 bytes", 200, { "content-length": "19" }))
    }))
  it.effect("may begin with the mark of Unicode, however it is read", () =>
    Effect.gen(function*() {
      const marked = `\uFEFF${JSON.stringify("marked")}`
      assert.strictEqual(jsonOf(yield* one({ body: marked })), "marked")
      const atOnce = yield* one((request) =>
        Effect.succeed(Object.create(respond(request, { headers: { "content-length": "11" }, body: marked }), {
          text: { value: Effect.succeed(marked) }
        })))
      assert.strictEqual(jsonOf(atOnce), "marked")
    }))
  it.effect("of a stated length in another charset, is read in that", () =>
    Effect.gen(function*() {
      const transmission = yield* one((request) =>
        Effect.succeed(Object.create(respond(request, {
          headers: { "content-length": "3", "content-type": "application/json; charset=iso-8859-1" },
          body: Stream.make(new Uint8Array([0x22, 0xe9, 0x22]))
        }), {
          text: { value: Effect.succeed("\"\uFFFD\"") }
        })))
      assert.strictEqual(jsonOf(transmission), "é")
    }))
  it.effect("of a stated length that breaks off, is none", () =>
    Effect.gen(function*() {
      const transmission = yield* one((request) =>
        Effect.succeed(Object.create(respond(request, { headers: { ...ofJson, "content-length": "19" } }), {
          text: { value: Effect.fail(decodeError()) }
        })))
      deepStrictEqual(transmission, broken)
    }))

  it.effect("may have any status whatsoever", () =>
    Effect.forEach([0, 100, 204, 302, 418, 599, 999], (status) =>
      Effect.gen(function*() {
        const transmission = yield* one(json(status, {}))
        assert.strictEqual(transmission._tag === "Answered" && transmission.answer.status, status)
      })))
})

describe("an answer that does not come whole", () => {
  it.effect("is none, when its body breaks off", () =>
    Effect.gen(function*() {
      const cut = Stream.concat(Stream.make(bytes("{\"status\"")), Stream.fail(decodeError()))
      deepStrictEqual(yield* one({ body: cut }), broken)
      deepStrictEqual(yield* one({ status: 404, body: cut }), broken)
    }))
  it.effect("is none, when it is too large; what fits exactly is an answer", () =>
    Effect.gen(function*() {
      const body = (size: number) => JSON.stringify("x".repeat(size - 2))
      assert.strictEqual((yield* one({ body: body(50) }, { maximumBytes: 50 }))._tag, "Answered")
      deepStrictEqual(
        yield* one({ status: 404, body: body(51) }, { maximumBytes: 50 }),
        unanswered("the answer is larger than 50 bytes", 404)
      )
      assert.strictEqual((yield* one({ body: Stream.fromIterable([bytes(body(30)), bytes(" ".repeat(20))]) }, { maximumBytes: 50 }))._tag, "Answered")
      assert.strictEqual((yield* one({ body: Stream.fromIterable([bytes(body(30)), bytes(" ".repeat(21))]) }, { maximumBytes: 50 }))._tag, "Unanswered")
    }))
  it.effect("is read no further than that", () =>
    Effect.gen(function*() {
      let pulled = 0
      let closed = false
      const endless = Stream.repeatEffect(Effect.sync(() => {
        pulled++
        return bytes("0123456789")
      })).pipe(Stream.ensuring(Effect.sync(() => {
        closed = true
      })), Stream.rechunk(1))
      assert.strictEqual((yield* one({ body: endless }, { maximumBytes: 50 }))._tag, "Unanswered")
      assert.isTrue(closed)
      assert.isBelow(pulled, 50)
    }))
  it.effect("is none, when it takes longer than it may: head or body", () =>
    Effect.gen(function*() {
      const halfway: Reply = { headers: { ...ofJson, "retry-after": "600" }, body: Stream.concat(Stream.make(bytes("{")), Stream.never) }
      for (const [step, head] of [[stall, null], [halfway, { status: 200, headers: { ...ofJson, "retry-after": "600" } }]] as const) {
        const fiber = yield* Effect.fork(one(step))
        yield* TestClock.adjust(999)
        deepStrictEqual(yield* Fiber.poll(fiber), Option.none())
        yield* TestClock.adjust(1)
        const lost = unanswered("no whole answer within 1000 ms", head?.status, head?.headers)
        deepStrictEqual(yield* Fiber.join(fiber), lost)
      }
    }))
  it.effect("aborts the request then, and does not wait for a client that cannot be aborted", () =>
    Effect.gen(function*() {
      let aborted = false
      const interruptible = yield* Effect.fork(one(() => Effect.onInterrupt(Effect.never, () => Effect.sync(() => {
        aborted = true
      }))))
      yield* TestClock.adjust(1_000)
      assert.strictEqual((yield* Fiber.join(interruptible))._tag, "Unanswered")
      yield* Effect.yieldNow()
      assert.isTrue(aborted)

      const stubborn = yield* Effect.fork(one(() => Effect.uninterruptible(Effect.never)))
      yield* TestClock.adjust(1_000)
      assert.strictEqual((yield* Fiber.join(stubborn))._tag, "Unanswered")
    }))
  it.effect("is none, when an uninterruptible client answers too late", () =>
    Effect.gen(function*() {
      const late: Step = (request) => Effect.uninterruptible(Effect.delay(Effect.succeed(respond(request, json(200, {}))), 5_000))
      const fiber = yield* Effect.fork(one(late))
      yield* TestClock.adjust(10_000)
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Unanswered")
    }))
})

describe("a client that forks", () => {
  it.effect("has not answered before all that it forked has ended, for that may send as well", () =>
    Effect.gen(function*() {
      let hasEnded = false
      const beside = Effect.uninterruptible(Effect.delay(Effect.sync(() => {
        hasEnded = true
      }), 500))
      const forking: Step = (request) =>
        Effect.zipRight(Effect.fork(beside), Effect.as(Effect.yieldNow(), respond(request, json(200, {}))))
      const fiber = yield* Effect.fork(Effect.map(one(forking), ({ _tag }) => ({ _tag, hasEnded })))
      yield* TestClock.adjust(499)
      deepStrictEqual(yield* Fiber.poll(fiber), Option.none())
      yield* TestClock.adjust(1)
      deepStrictEqual(yield* Fiber.join(fiber), { _tag: "Answered", hasEnded: true })

      const slow = Effect.uninterruptible(Effect.delay(Effect.void, 5_000))
      const deaf = yield* Effect.fork(one((request) =>
        Effect.zipRight(Effect.fork(slow), Effect.as(Effect.yieldNow(), respond(request, json(200, {}))))))
      yield* TestClock.adjust(1_000)
      assert.strictEqual((yield* Fiber.join(deaf))._tag, "Unanswered")
    }))
})

describe("no answer", () => {
  const failing = (cause: unknown): Step => (request) => Effect.fail(transportError(request, cause))
  it.effect("is judged by the transport's error", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* one(refused), {
        _tag: "NotSent",
        explanation: "the connection could not be made (ECONNREFUSED)",
        transient: true
      })
      deepStrictEqual(yield* one(badCertificate), {
        _tag: "NotSent",
        explanation: "the server's certificate does not hold (DEPTH_ZERO_SELF_SIGNED_CERT)",
        transient: false
      })
      deepStrictEqual(yield* one(reset), unanswered("the connection failed (ECONNRESET)"))
      deepStrictEqual(yield* one(failing(undefined)), unanswered("the connection failed"))
    }))
  it.effect("an address that is none is not sent", () =>
    Effect.gen(function*() {
      const transmission = yield* exchange({
        client: HttpClient.make(() => Effect.die("nothing is sent")),
        request: HttpClientRequest.post("not an address"),
        timeout: 1_000,
        maximumBytes: 1_000,
        judgeTransport,
        decode: decodeJson
      })
      assert.strictEqual(transmission._tag, "NotSent")
    }))
  it.effect("several failures at once are not sent only if all of them say so", () =>
    Effect.gen(function*() {
      const fail = (step: Step) => typeof step === "function" ? Effect.flip(step(request)) : Effect.die("a failure")
      const parallel = (...steps: ReadonlyArray<Step>) =>
        Effect.flatMap(Effect.forEach(steps, fail), (errors) =>
          one(() => Effect.failCause(errors.map((error) => Cause.fail(error)).reduce((all, each) => Cause.parallel(all, each)))))
      assert.strictEqual((yield* parallel(refused, refused))._tag, "NotSent")
      assert.strictEqual((yield* parallel(refused, reset))._tag, "Unanswered")
      assert.strictEqual((yield* parallel(reset, refused))._tag, "Unanswered")
      const mixed = yield* one(() =>
        Effect.failCause(Cause.sequential(Cause.fail(transportError(request, undefined)), Cause.fail(responseError("Decode", { status: 502 })))))
      deepStrictEqual(mixed, unanswered("the answer broke off in the middle", 502))
    }))
  it.effect("a client that aborts by itself proves nothing", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* one(() => Effect.interrupt), unanswered("the HTTP client gave no answer"))
      assert.strictEqual(
        (yield* one((request) =>
          Effect.failCause(Cause.parallel(
            Cause.fail(transportError(request, { syscall: "connect" })),
            Cause.interrupt(FiberId.none)
          )))
        )._tag,
        "NotSent"
      )
    }))
  it.effect("what is neither a request's error nor a response's proves nothing", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* one(() => Effect.fail({ _tag: "Other" } as never)))._tag, "Unanswered")
    }))
})

describe("a client that was wrapped", () => {
  it.effect("and fails on a status has an answer all the same", () =>
    Effect.gen(function*() {
      const step = (reply: Reply): Step => () => Effect.fail(responseError("StatusCode", reply))
      deepStrictEqual(yield* one(step(json(409, { code: "x" }))), {
        _tag: "Answered",
        answer: { status: 409, headers: { "content-type": "application/json" }, body: Option.some({ code: "x" }) }
      })
      const cut = Stream.concat(Stream.make(bytes("{")), Stream.fail(decodeError()))
      deepStrictEqual(yield* one(step({ status: 409, body: cut })), broken)
      assert.strictEqual((yield* one(step({ body: "x".repeat(2_000) })))._tag, "Unanswered")
    }))
  it.effect("and fails on an empty body has an empty answer", () =>
    Effect.gen(function*() {
      const empty = { _tag: "Answered", answer: { status: 503, headers: { "retry-after": "9" }, body: Option.none() } }
      const error = responseError("EmptyBody", { status: 503, headers: { "Retry-After": "9" } })
      deepStrictEqual<unknown>(yield* one(() => Effect.fail(error)), empty)
      deepStrictEqual<unknown>(
        yield* one({ status: 503, headers: { "Retry-After": "9" }, body: Stream.fail(error) }),
        empty
      )
    }))
  it.effect("and fails to decode has no whole answer", () =>
    Effect.gen(function*() {
      deepStrictEqual(
        yield* one(() => Effect.fail(responseError("Decode", { status: 201 }))),
        unanswered("the answer broke off in the middle", 201)
      )
    }))
})

describe("a defect", () => {
  it.effect("of the client stays one, and shows nothing of the request", () =>
    Effect.gen(function*() {
      const bug = new Error("bug")
      const exit = yield* Effect.exit(one((request) =>
        Effect.failCause(Cause.parallel(Cause.fail(transportError(request, bug)), Cause.die(bug)))))
      assert.isTrue(Exit.isFailure(exit))
      if (Exit.isFailure(exit)) {
        deepStrictEqual([...Cause.defects(exit.cause)], [bug])
        deepStrictEqual([...Cause.failures(exit.cause)], [])
        assert.notInclude(Cause.pretty(exit.cause, { renderErrorCause: true }), "acme-secret")
      }
    }))
  it.effect("of a body stays one", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(one({ body: Stream.die("bug") }))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
    }))
})

describe("redirects", () => {
  it.effect("are never followed, and the user's own settings stay", () =>
    Effect.gen(function*() {
      const seen: Array<RequestInit | undefined> = []
      const client = play(() =>
        Effect.map(Effect.context<never>(), (context) => {
          seen.push(Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)))
          return respond(request, {})
        })).client
      yield* through(client)
      yield* Effect.provideService(through(client), FetchHttpClient.RequestInit, {
        redirect: "follow",
        credentials: "omit"
      })
      deepStrictEqual(seen, [{ redirect: "manual" }, { redirect: "manual", credentials: "omit" }])
    }))
})

describe("an interruption", () => {
  it.effect("aborts the request, and is not held up by a client that cannot be aborted", () =>
    Effect.gen(function*() {
      for (const step of [stall, () => Effect.uninterruptible(Effect.never)] satisfies ReadonlyArray<Step>) {
        const fiber = yield* Effect.fork(one(step))
        yield* Effect.yieldNow()
        assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      }
    }))

  it.effect("that came before leaves nothing to be sent", () =>
    Effect.gen(function*() {
      let sent = 0
      const client = HttpClient.make(() =>
        Effect.suspend(() => {
          sent += 1
          return Effect.never
        }))
      const exit = yield* toldToEndBefore((restore) =>
        exchange({ client, request, timeout: 1_000, maximumBytes: 1_000, judgeTransport, decode: decodeJson, restore }))
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
      assert.strictEqual(sent, 0)
    }))
})
