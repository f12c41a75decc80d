/**
 * One cancel carried through, seen from outside: what is sent, what is waited for, and what
 * the caller is told.
 */
import * as HttpClient from "@effect/platform/HttpClient"
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
import * as CancelEvent from "../../src/CancelEvent.js"
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import * as Provider from "../../src/authoring/Provider.js"
import * as Acme from "./Acme.js"
import { badCertificate, json, play, refused, reset, stall, type Step, transportError } from "./HttpDouble.js"
import { assertPartly, deepStrictEqual } from "./partly.js"

/** No wait needs the clock, so that nothing has to be adjusted. */
const atOnce: CancelPolicy.Options = { backoff: { initial: 0, jitter: 0 } }

const request: Acme.Request = { paymentId: Acme.paymentId, idempotencyKey: "key-1" }

type Script = readonly [Step, ...ReadonlyArray<Step>]

type Given = Parameters<typeof Acme.make>[2]

/** Plays one cancel, while the clock goes on. */
const played = (steps: Script, options: CancelPolicy.Options = atOnce, given: Given = {}) =>
  Effect.gen(function*() {
    const { client, received } = play(...steps)
    const acme = yield* Acme.make(client, options, given)
    const start = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(Effect.zip(Effect.either(acme.cancel(request)), Clock.currentTimeMillis))
    yield* TestClock.adjust("10 minutes")
    const [result, end] = yield* Fiber.join(fiber)
    return { result, received, took: end - start, methods: received.map((_) => _.method).join(" ") }
  })

const succeeded = (steps: Script, given: Given = {}) =>
  Effect.map(played(steps, atOnce, given), ({ result }) =>
    Either.getOrElse(result, ({ _tag }): Acme.Success => assert.fail(`failed with ${_tag}`)))

const failed = (steps: Script, given: Given = {}, options: CancelPolicy.Options = atOnce) =>
  Effect.map(played(steps, options, given), ({ result }) =>
    Either.getOrElse(Either.flip(result), ({ _tag }): Acme.AcmeError => assert.fail(`succeeded with ${_tag}`)))

/** What was sent, and the tag of what came of it. */
const told = (steps: Script, given: Given = {}) =>
  Effect.map(played(steps, atOnce, given), ({ methods, result }) => `${methods}: ${Either.merge(result)._tag}`)

const gone = json(200, Acme.payment("gone"))
const open = json(200, Acme.payment("open"))
const paid = json(200, Acme.payment("paid"))
const notPossible = json(400, { code: "not_possible", message: "No." }, { "x-request": "r-9" })

describe("what the caller is told", () => {
  const unlicensed = { licence: Acme.unlicensed }
  const running = { ...Acme.licensed, stillRunning: [409] }
  const rows: ReadonlyArray<readonly [
    name: string,
    steps: Script,
    told: string,
    given?: Given
  ]> = [
    ["acknowledged", [gone], "POST: Cancelled"],
    ["accepted", [json(202, { receipt: "r" })], "POST: CancellationAccepted", { canReadStatus: false }],
    ["accepted, and cancelled in the end", [json(202, { receipt: "r" }), open, gone], "POST GET GET: Cancelled"],
    ["accepted, and too late", [json(202, { receipt: "r" }), json(200, Acme.payment("paid"))], "POST GET: CancelError.NoLongerCancellable"],
    ["accepted, and never seen", [json(202, { receipt: "r" }), open, json(500, {}), open], "POST GET GET GET: CancellationAccepted"],
    ["a 200 that says nothing, then a status", [json(200, {}), gone], "POST GET: Cancelled"],
    ["a 200 about another payment, still open, licensed", [json(200, { id: "p-2", status: "gone" }), open, gone], "POST GET POST: Cancelled"],
    ["a 200 that says paid", [paid], "POST: CancelError.NoLongerCancellable"],
    ["a listed code", [json(400, { code: "bad_request" })], "POST: Acme.BadRequest"],
    ["an unlisted code, still open", [json(422, { code: "x" }), open, open], "POST GET GET: Acme.Unrecognized"],
    ["a 4xx without a code, already cancelled", [json(400, {}), gone], "POST GET: AlreadyCancelled"],
    ["a refusal about the payment, cancelled by someone else", [notPossible, gone], "POST GET: AlreadyCancelled"],
    ["a refusal about the payment, paid", [notPossible, paid], "POST GET: Acme.NotPossible"],
    ["a refusal about the payment, still open twice", [notPossible, open, open], "POST GET GET: Acme.NotPossible"],
    ["a refusal about the payment, unreadable", [notPossible, reset], "POST GET GET GET: Acme.NotPossible"],
    ["a refusal about the payment, nothing to read", [notPossible], "POST: Acme.NotPossible", { canReadStatus: false }],
    ["a 429, then cancelled", [json(429, { code: "busy" }), gone], "POST POST: Cancelled"],
    ["a 429 for ever", [json(429, { code: "busy" })], "POST POST POST: Acme.Busy"],
    ["refused connections", [refused], "POST POST POST: CancelError.NotSent"],
    ["a certificate that does not hold", [badCertificate], "POST: CancelError.NotSent"],
    ["a lost answer, sent again", [reset, gone], "POST POST: Cancelled"],
    ["a lost answer, not licensed, read", [reset, gone], "POST GET: Cancelled", unlicensed],
    ["a lost answer, not licensed, open", [reset, open], "POST GET GET GET: CancelError.NoResponse", unlicensed],
    ["a lost answer, not licensed, paid", [reset, paid], "POST GET: CancelError.NoLongerCancellable", unlicensed],
    ["a lost answer, then refused as already done, read", [reset, notPossible, gone], "POST POST GET: Cancelled"],
    ["a lost answer, then no connection", [reset, refused], "POST POST POST GET GET GET: CancelError.NoResponse"],
    ["a lost answer, nothing to read", [reset], "POST: CancelError.NoResponse", { ...unlicensed, canReadStatus: false }],
    ["a 500 with a listed code", [json(500, { code: "broken" })], "POST POST POST GET GET GET: Acme.Broken"],
    ["a 500 with a code of a refusal", [json(500, { code: "bad_request" })], "POST POST POST GET GET GET: CancelError.UnexpectedResponse"],
    ["a 502 with HTML", [{ status: 502, body: "<html>" }], "POST POST POST GET GET GET: CancelError.UnexpectedResponse"],
    ["a 408", [json(408, { code: "bad_request" }), open], "POST GET POST GET POST GET GET GET: CancelError.UnexpectedResponse"],
    ["a redirect", [json(307, {}, { location: "https://evil.test/" })], "POST GET POST GET POST GET GET GET: CancelError.UnexpectedResponse"],
    ["still running, then done", [json(409, { code: "running" }), gone], "POST POST: Cancelled"],
    ["still running for ever", [json(409, { code: "running" })], "POST POST POST GET GET GET: Acme.Running"],
    ["a status alone says that it is still running, then it is done", [{ status: 409 }, gone], "POST POST: Cancelled", { licence: running }],
    ["a status alone, and no licence to send it again", [{ status: 409 }, open], "POST GET GET GET: CancelError.UnexpectedResponse", { licence: { ...Acme.unlicensed, stillRunning: [409] } }],
    ["a status alone, for ever", [{ status: 409 }], "POST POST POST GET GET GET: CancelError.UnexpectedResponse", { licence: running }],
    ["a status alone, and paid", [{ status: 409 }, { status: 409 }, { status: 409 }, paid], "POST POST POST GET: CancelError.NoLongerCancellable", { licence: running }],
    ["a status alone where no licence says so", [{ status: 409 }, open, open], "POST GET GET: Acme.Unrecognized"],
    ["a code that comes with that status by its row", [json(409, { code: "locked" }), gone], "POST POST: Cancelled", { licence: running }],
    ["a code that comes with that status by its row, for ever", [json(409, { code: "locked" }), json(409, { code: "locked" }), json(409, { code: "locked" }), open, open], "POST POST POST GET GET: Acme.Locked", { licence: running }],
    ["a doubt, then a refusal about the request: the doubt stays", [reset, json(400, { code: "bad_request" }), open], "POST POST GET GET GET: CancelError.NoResponse"],
    ["the provider says not to send again", [json(500, {}, { "x-again": "no" }), gone], "POST GET: Cancelled"],
    ["the provider says to send again", [json(500, {}, { "x-again": "yes" }), gone], "POST POST: Cancelled", unlicensed]
  ]
  for (const [name, steps, expected, given] of rows) {
    it.effect(name, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* told(steps, given), expected)
      }))
  }
})

describe("a success", () => {
  it.effect("states what it rests on", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000)
      const success = yield* succeeded([
        json(200, { ...Acme.payment("gone"), reason: "asked to" }, { "x-request": "r-1" })
      ])
      deepStrictEqual(success, {
        _tag: "Cancelled",
        provider: "Acme",
        paymentId: "p-1",
        identifiedBy: "PaymentId",
        evidence: "Response",
        attempts: 1,
        observedAt: DateTime.unsafeMake(1_000),
        requestId: Option.some("r-1"),
        cancelledAt: Option.none(),
        reason: Option.some("asked to"),
        capturedAmount: Option.none(),
        payload: Option.some({
          id: Option.some("p-1"),
          status: Option.some("gone"),
          reason: Option.some("asked to"),
          taken: Option.none(),
          receipt: Option.none(),
          code: Option.none(),
          message: Option.none(),
          details: Option.none()
        })
      })
    }))
  it.effect("by a status query says so, with the query's request id, and how many requests it took", () =>
    Effect.gen(function*() {
      const success = yield* succeeded([reset, reset, json(400, { code: "not_possible" }), json(200, Acme.payment("gone"), { "x-request": "r-2" })])
      assertPartly(success, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 3, requestId: Option.some("r-2") })
    }))
  it.effect("already cancelled is by a status query too", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(5)
      const success = yield* succeeded([notPossible, gone], { identifiedBy: "MerchantReference" })
      deepStrictEqual(success, {
        _tag: "AlreadyCancelled",
        provider: "Acme",
        paymentId: "p-1",
        identifiedBy: "MerchantReference",
        evidence: "StatusQuery",
        attempts: 1,
        observedAt: DateTime.unsafeMake(5),
        requestId: Option.none(),
        capturedAmount: Option.none()
      })
    }))
  it.effect("says what was captured before, wherever that is stated", () =>
    Effect.gen(function*() {
      const partly = json(200, { ...Acme.payment("gone"), taken: 700 })
      const capturedAmount = Option.some({ amount: 700, currency: Option.some("EUR") })
      assertPartly(yield* succeeded([partly]), { _tag: "Cancelled", evidence: "Response", capturedAmount })
      assertPartly(yield* succeeded([json(302, {}), partly]), { _tag: "Cancelled", evidence: "StatusQuery", capturedAmount })
      assertPartly(yield* succeeded([notPossible, partly]), { _tag: "AlreadyCancelled", capturedAmount })
      const none = Option.some({ amount: 0, currency: Option.some("EUR") })
      assertPartly(yield* succeeded([json(200, { ...Acme.payment("gone"), taken: 0 })]), { _tag: "Cancelled", capturedAmount: none })
    }))
  it.effect("stated by a refusal itself counts as a status read, and nothing more is asked", () =>
    Effect.gen(function*() {
      const { methods, result } = yield* played([json(400, { ...Acme.payment("gone"), code: "not_possible" })])
      assert.strictEqual(methods, "POST")
      assertPartly(Either.merge(result), { _tag: "AlreadyCancelled", evidence: "StatusQuery" })
    }))
  it.effect("that is only accepted carries its receipt", () =>
    Effect.gen(function*() {
      const success = yield* succeeded([json(202, { receipt: "r-7" })], { canReadStatus: false })
      assertPartly(success, { _tag: "CancellationAccepted", receipt: "r-7", evidence: "Response", attempts: 1 })
    }))
})

describe("an error", () => {
  it.effect("tells all that is known", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000)
      const error = yield* failed(
        [
          json(400, { code: "not_possible", message: "No.", details: { why: "paid" } }, { "x-request": "r-9", "retry-after": "3" }),
          paid
        ],
        { identifiedBy: "MerchantReference" }
      )
      assert.instanceOf(error, Acme.NotPossible)
      assert.strictEqual(error.message, "Acme: it means something (No.)")
      deepStrictEqual({ ...error }, {
        _tag: "Acme.NotPossible",
        provider: "Acme",
        code: "not_possible",
        category: "NotCancellable",
        outcome: "NotCancelled",
        paymentId: "p-1",
        identifiedBy: "MerchantReference",
        httpStatus: Option.some(400),
        requestId: Option.some("r-9"),
        details: Option.some({ why: "paid" }),
        paymentStatus: Option.some("paid"),
        retryAfter: Option.some(Duration.seconds(3)),
        idempotencyKey: "key-1",
        attempts: 1,
        history: [
          {
            operation: "Cancel",
            evidence: "Refused",
            explanation: "HTTP 400 with code not_possible",
            httpStatus: Option.some(400),
            code: Option.some("not_possible"),
            paymentStatus: Option.none(),
            at: DateTime.unsafeMake(1_000)
          },
          {
            operation: "Status",
            evidence: "StatusRead",
            explanation: "HTTP 200, which says that the payment is paid",
            httpStatus: Option.some(200),
            code: Option.none(),
            paymentStatus: Option.some("paid"),
            at: DateTime.unsafeMake(4_000)
          }
        ]
      } as never)
    }))

  const unlicensed = { licence: Acme.unlicensed }

  it.effect("without an answer is NoResponse, and says what was last read", () =>
    Effect.gen(function*() {
      const error = yield* failed([reset, open], unlicensed)
      assert.instanceOf(error, CancelError.NoResponse)
      assertPartly(error, {
        outcome: "Unknown",
        category: "Network",
        code: null,
        message: "Acme: whether the payment is cancelled is unknown: the connection failed (ECONNRESET); " +
          "the payment's status is open, which settles nothing yet. Settle it later, by the payment's status or by the same cancel with the same key",
        httpStatus: Option.none(),
        paymentStatus: Option.some("open"),
        idempotencyKey: "key-1",
        attempts: 1
      })
      deepStrictEqual(error.history.map((_) => _.evidence), ["MaybeApplied", "StatusRead", "StatusRead", "StatusRead"])
    }))
  it.effect("without an answer, to the status query either, says so", () =>
    Effect.gen(function*() {
      const { message } = yield* failed([reset, reset, reset, reset], unlicensed)
      assert.include(message, "the connection failed (ECONNRESET); its status could not be read either. Settle it later")
    }))
  it.effect("with an answer that proves nothing keeps its code and status", () =>
    Effect.gen(function*() {
      const error = yield* failed([json(502, { code: "not_possible", message: "Oh." }, { "x-request": "r-1" })], {
        ...unlicensed,
        canReadStatus: false
      })
      assert.instanceOf(error, CancelError.UnexpectedResponse)
      assertPartly(error, {
        outcome: "Unknown",
        category: "Unexpected",
        code: "not_possible",
        httpStatus: Option.some(502),
        requestId: Option.some("r-1"),
        // There is no status to settle it by.
        message: "Acme: whether the payment is cancelled is unknown: HTTP 502 with code not_possible (Oh.). " +
          "Settle it later, by the same cancel with the same key",
        paymentStatus: Option.none()
      })
    }))
  it.effect("with an answer that broke off is NoResponse, and keeps its status", () =>
    Effect.gen(function*() {
      const error = yield* failed([{ status: 404, body: "x".repeat(100_001) }], { ...unlicensed, canReadStatus: false })
      assert.instanceOf(error, CancelError.NoResponse)
      deepStrictEqual(error.httpStatus, Option.some(404))
    }))
  it.effect("with an unlisted code keeps it", () =>
    Effect.gen(function*() {
      const error = yield* failed([json(422, { code: "never_heard_of", message: "Hm." })], { canReadStatus: false })
      assert.instanceOf(error, Acme.Unrecognized)
      assertPartly(error, {
        code: "never_heard_of",
        category: "InvalidRequest",
        outcome: "NotCancelled",
        message: "Acme: the cancel was refused with a code that is not listed (Hm.)"
      })
      const silent = yield* failed([json(422, {})], { canReadStatus: false })
      assertPartly(silent, { _tag: "Acme.Unrecognized", code: null, message: "Acme: the cancel was refused without a code" })
    }))
  it.effect("with a status alone that leaves a request running is UnexpectedResponse, whatever the body", () =>
    Effect.gen(function*() {
      const given = { licence: { ...Acme.licensed, stillRunning: [409] }, canReadStatus: false }
      for (const step of [{ status: 409 }, { status: 409, body: "<html>" }, json(409, {}), json(409, { code: "x" }), json(409, { code: "bad_request" })]) {
        const error = yield* failed([step], given)
        assert.instanceOf(error, CancelError.UnexpectedResponse)
        assertPartly(error, { attempts: 3, httpStatus: Option.some(409) })
        assert.include(error.message, "and a request under the same key may still be running")
      }
    }))
  it.effect("for a payment that can no longer be cancelled names its status", () =>
    Effect.gen(function*() {
      const error = yield* failed([reset, json(200, Acme.payment("paid"), { "x-request": "r-3" })], unlicensed)
      assert.instanceOf(error, CancelError.NoLongerCancellable)
      assertPartly(error, {
        outcome: "NotCancelled",
        category: "NotCancellable",
        message: "Acme: the payment is paid and can no longer be cancelled",
        paymentStatus: Option.some("paid"),
        httpStatus: Option.some(200),
        requestId: Option.some("r-3")
      })
    }))
  it.effect("for a request that never left says why", () =>
    Effect.gen(function*() {
      const error = yield* failed([badCertificate])
      assertPartly(error, {
        _tag: "CancelError.NotSent",
        outcome: "NotCancelled",
        category: "Network",
        message: "Acme: the cancel was not sent: the server's certificate does not hold (DEPTH_ZERO_SELF_SIGNED_CERT)",
        attempts: 1,
        paymentStatus: Option.none()
      })
    }))
  it.effect("a request that the provider refused has left: NotSent is not said of the cancel", () =>
    Effect.gen(function*() {
      const error = yield* failed([json(429, { code: "busy" }), refused])
      assert.strictEqual(error._tag, "Acme.Busy")
    }))
  it.effect("with outcome Unknown says the last status that was read, in whichever round", () =>
    Effect.gen(function*() {
      const error = yield* failed([json(200, {}), open, badCertificate, reset, reset, reset])
      assertPartly(error, { _tag: "CancelError.UnexpectedResponse", paymentStatus: Option.some("open") })
    }))
  it.effect("with a listed code whose outcome is unknown is its class, whatever came after", () =>
    Effect.gen(function*() {
      const error = yield* failed([json(500, { code: "broken", message: "Oops." }), refused])
      assertPartly(error, { _tag: "Acme.Broken", outcome: "Unknown", httpStatus: Option.some(500), message: "Acme: it means something (Oops.)", attempts: 3 })
      deepStrictEqual(error.history.map((_) => _.evidence), ["MaybeApplied", "NotSent", "NotSent", "StatusUnread", "StatusUnread", "StatusUnread"])
    }))
})

describe("one logical cancel", () => {
  it.effect("is one key and the same bytes, however often it is sent", () =>
    Effect.gen(function*() {
      const { received } = yield* played([reset, json(500, {}), gone])
      assert.lengthOf(received, 3)
      deepStrictEqual(received[1], received[0])
      deepStrictEqual(received[2], received[0])
      deepStrictEqual(received[0], {
        method: "POST",
        url: "https://acme.test/p-1/cancel",
        headers: {
          "acme-key": "acme-secret",
          "key": "key-1",
          "content-type": "application/json",
          "content-length": "15"
        },
        body: "{\"cancel\":true}"
      })
    }))
  it.effect("asks for the status with the same credentials", () =>
    Effect.gen(function*() {
      const { received } = yield* played([notPossible, gone])
      deepStrictEqual(received[1], {
        method: "GET",
        url: "https://acme.test/p-1",
        headers: { "acme-key": "acme-secret" },
        body: ""
      })
    }))
})

describe("the history", () => {
  it.effect("holds the status that each answer states itself, whatever else it proves", () =>
    Effect.gen(function*() {
      const statuses = (history: ReadonlyArray<CancelError.Exchange>) =>
        history.map(({ evidence, paymentStatus }) => [evidence, Option.getOrNull(paymentStatus)])
      const says = (status: number, code: string | null) => json(status, { ...Acme.payment("open"), code })
      const doubtful = yield* failed([says(200, null), json(200, {}), open], { licence: Acme.unlicensed })
      deepStrictEqual(statuses(doubtful.history), [
        ["MaybeApplied", "open"],
        ["StatusUnread", null],
        ["StatusRead", "open"],
        ["StatusRead", "open"]
      ])
      const denied = yield* failed([refused, says(400, "bad_request")])
      deepStrictEqual(statuses(denied.history), [["NotSent", null], ["Refused", "open"]])
      const settled: Array<CancelEvent.CancelEvent> = []
      const sink = CancelEvent.layer((event) => Effect.sync(() => void settled.push(event)))
      for (const answer of [gone, json(202, { receipt: "r" })]) {
        yield* Effect.provide(played([answer], {}, { canReadStatus: false }), sink)
      }
      deepStrictEqual(
        settled.flatMap((event) => event._tag === "Settled" ? statuses(event.history) : []),
        [["Acknowledged", "gone"], ["Accepted", null]]
      )
    }))
})

describe("time", () => {
  const policy: CancelPolicy.Options = { deadline: "20 seconds", statusTimeout: "2 seconds", attemptTimeout: "10 seconds" }

  it.effect("a stalled provider is given up at the deadline, after a last look at the status", () =>
    Effect.gen(function*() {
      const { methods, result, took } = yield* played([stall], policy)
      assert.strictEqual(Either.merge(result)._tag, "CancelError.NoResponse")
      assert.isAtMost(took, 20_000)
      assert.match(methods, /GET$/)
    }))
  it.effect("waits as long as the policy says", () =>
    Effect.gen(function*() {
      const { took } = yield* played([reset, reset, gone], { backoff: { initial: 300, factor: 2, jitter: 0 } })
      assert.strictEqual(took, 300 + 600)
    }))
  it.effect("waits as long as the provider asks", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* played([json(429, { code: "busy" }, { "retry-after": "7" }), gone], {})).took, 7_000)
      assert.strictEqual((yield* played([json(503, {}, { "retry-after": "7" }), gone], {})).took, 7_000)
    }))
  it.effect("sends nothing more where the provider asks for more than may be, and says for how much", () =>
    Effect.gen(function*() {
      const asking = (status: number, body: object, seconds: string) => json(status, body, { "retry-after": seconds })
      for (const [script, tag, seconds, methods] of [
        [[asking(429, { code: "busy" }, "600")], "Acme.Busy", 600, "POST"],
        [[asking(503, {}, "600")], "CancelError.UnexpectedResponse", 600, "POST"],
        [[asking(400, { code: "not_possible" }, "600")], "Acme.NotPossible", 600, "POST"],
        [[asking(408, {}, "600")], "CancelError.UnexpectedResponse", 600, "POST"],
        // A status query's answer may ask for it too: it holds for the query as for the cancel.
        [[json(400, { code: "not_possible" }), asking(429, {}, "86400")], "Acme.NotPossible", 86_400, "POST GET"]
      ] as const) {
        const { methods: sent, result, took } = yield* played([...script, gone, gone], policy)
        const error = Either.merge(result)
        assert.strictEqual(error._tag, tag)
        assert.isTrue("retryAfter" in error)
        deepStrictEqual("retryAfter" in error ? error.retryAfter : null, Option.some(Duration.seconds(seconds)))
        deepStrictEqual([sent, took], [methods, 0])
      }
    }))
  it.effect("sends nothing more where the provider asks for more than the deadline leaves", () =>
    Effect.gen(function*() {
      const { methods, result, took } = yield* played(
        [json(503, {}, { "retry-after": "15" }), gone],
        { deadline: "12 seconds", statusTimeout: "2 seconds" }
      )
      assert.strictEqual(Either.merge(result)._tag, "CancelError.UnexpectedResponse")
      deepStrictEqual([methods, took], ["POST", 0])
    }))
  it.effect("waits for the status too as long as the provider asks", () =>
    Effect.gen(function*() {
      const { methods, took } = yield* played(
        [json(400, { code: "not_possible" }, { "retry-after": "5" }), json(429, {}, { "retry-after": "3" }), paid],
        policy
      )
      deepStrictEqual([methods, took], ["POST GET GET", 8_000])
    }))
  it.effect("waits until the date that the provider names", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2026, 0, 1))
      const { took } = yield* played([json(503, {}, { "retry-after": "Thu, 01 Jan 2026 00:00:05 GMT" }), gone], {})
      assert.strictEqual(took, 5_000)
    }))
  it.effect("the random share comes from Random", () =>
    Effect.gen(function*() {
      const policy: CancelPolicy.Options = { backoff: { initial: 1_000, factor: 1, maximum: 1_000, jitter: 0.5 } }
      const waits = yield* Effect.replicateEffect(Effect.map(played([reset, gone], policy), ({ took }) => took), 8)
      for (const wait of waits) {
        assert.isAtLeast(wait, 500)
        assert.isAtMost(wait, 1_000)
      }
      // Two of 501 may well be the same.
      assert.isAbove(new Set(waits).size, 2)
    }))
  it.effect("a clock that is set back gives no extra time", () =>
    Effect.gen(function*() {
      // The stopwatch is monotonic: setting the wall clock back does not lengthen the deadline.
      const { client, received } = play(stall)
      const acme = yield* Acme.make(client, { ...policy, attempts: 1 })
      yield* TestClock.setTime(100_000)
      const fiber = yield* Effect.fork(Effect.either(acme.cancel(request)))
      yield* TestClock.adjust("9 seconds")
      assert.lengthOf(received, 1)
      yield* TestClock.adjust("11 seconds")
      assert.strictEqual(Either.merge(yield* Fiber.join(fiber))._tag, "CancelError.NoResponse")
    }))
  it.effect("a deadline that leaves no time for a request sends none", () =>
    Effect.gen(function*() {
      // A clock that leaps an hour at every look at it.
      let hours = 0n
      const leaping: Clock.Clock = {
        ...Clock.make(),
        unsafeCurrentTimeMillis: () => 0,
        currentTimeMillis: Effect.succeed(0),
        unsafeCurrentTimeNanos: () => (hours++) * 3_600_000_000_000n
      }
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client)
      const error = yield* Effect.flip(acme.cancel(request)).pipe(Effect.withClock(leaping))
      assert.strictEqual(error._tag, "CancelError.NotSent")
      assert.lengthOf(received, 0)
      assertPartly(error, { attempts: 0, history: [], outcome: "NotCancelled" })
    }))
  it.effect("that is left only in part is used, and not thought about for ever", () =>
    Effect.gen(function*() {
      // A provider may keep back a part of a millisecond for the status: half of one is then left for the second request.
      const { client, received } = play((sent) => Effect.delay(Effect.fail(transportError(sent, null)), "4 millis"), gone)
      const policy = { ...Acme.policy, deadline: 6, statusTimeout: 1.5, backoff: { ...Acme.policy.backoff, initial: 0 } }
      const provider = yield* Provider.make({ ...Acme.declaration, policy }, { licence: Acme.licensed, secret: "acme-secret" }, {}).pipe(
        Effect.provideService(HttpClient.HttpClient, client)
      )
      const fiber = yield* Effect.fork(provider.cancel(Acme.operation("PaymentId", true))(request))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Cancelled")
      assert.lengthOf(received, 2)
    }))
})
