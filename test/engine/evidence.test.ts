import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import type { CancelEvidence, Judge } from "../../src/engine/evidence.js"
import { judgeCancel, judgeStatus } from "../../src/engine/evidence.js"
import { askedDelay } from "../../src/engine/delay.js"
import type { Answer, Delays, Standing } from "../../src/authoring/Answer.js"
import * as Acme from "./Acme.js"
import { deepStrictEqual } from "./partly.js"

const judge: Judge<Acme.Coded, Acme.Says> = {
  catalogue: Acme.catalogue,
  standings: Acme.standings,
  read: (answer) => Acme.read(answer, Acme.paymentId)
}

const answered = (status: number, body?: unknown, headers: Answer["headers"] = {}) => ({
  _tag: "Answered" as const,
  answer: { status, headers, body: body === undefined ? Option.none() : Option.some(body) }
})

const judged = (status: number, body?: unknown, headers: Answer["headers"] = {}) =>
  judgeCancel(judge, answered(status, body, headers), 0)

/** Evidence in a few words, for tables. */
const words = (evidence: CancelEvidence<Acme.Coded, Acme.Says>): string => {
  switch (evidence._tag) {
    case "MaybeApplied":
      return [
        evidence.doubt,
        ...Option.toArray(Option.map(evidence.entry, (_) => _.name)),
        ...Option.toArray(Option.map(evidence.stated, (_) => `says ${_.payment.status}`))
      ].join(" ")
    case "Refused":
      return [
        Option.match(evidence.entry, { onNone: () => "Unrecognized", onSome: (_) => _.name }),
        `about ${evidence.about}`,
        ...(evidence.tryAgain ? ["again"] : []),
        ...Option.toArray(Option.map(evidence.stated, (_) => `says ${_.payment.status}`))
      ].join(" ")
    default:
      return evidence._tag
  }
}

const statuses = {
  success: [200, 201, 202, 204, 299],
  refusal: [400, 401, 402, 403, 404, 407, 409, 410, 422, 428, 451, 499],
  tooMany: [429],
  timeout: [408],
  serverError: [500, 501, 502, 503, 504, 599],
  neither: [0, 100, 101, 103, 199, 300, 301, 302, 303, 304, 307, 308, 399, 600, 999, -1]
}

type Kind = keyof typeof statuses

const codes = {
  "no body": undefined,
  "no code": {},
  "a null code": { code: null },
  "a code that is no text": { code: 7 },
  "an unlisted code": { code: "never_heard_of" },
  "a code of Object.prototype": { code: "constructor" },
  "a request's code": { code: "bad_request" },
  "a payment's code": { code: "not_possible" },
  "a code for patience": { code: "busy" },
  "a payment's code for patience": { code: "locked" },
  "a running request's code": { code: "running" },
  "an unknown outcome's code": { code: "broken" }
}

/** The table of the design: an answer proves no more than the weaker of its status and its code. */
const expected: { readonly [Code in keyof typeof codes]: { readonly [K in Kind]: string } } = (() => {
  const everywhere = (refusal: string, tooMany: string, serverError = "ServerError") => ({
    success: "Unproven",
    refusal,
    tooMany,
    timeout: "Unproven",
    serverError,
    neither: "Unproven"
  })
  const unrecognized = everywhere("Unrecognized about Payment", "Unrecognized about Payment again")
  return {
    "no body": unrecognized,
    "no code": unrecognized,
    "a null code": unrecognized,
    "a code that is no text": unrecognized,
    "an unlisted code": unrecognized,
    "a code of Object.prototype": unrecognized,
    "a request's code": everywhere("BadRequest about Request", "BadRequest about Request again"),
    "a payment's code": everywhere("NotPossible about Payment", "NotPossible about Payment again"),
    "a code for patience": everywhere("Busy about Request again", "Busy about Request again"),
    "a payment's code for patience": everywhere("Locked about Payment again", "Locked about Payment again"),
    "a running request's code": everywhere("StillRunning Running", "StillRunning Running", "ServerError Running"),
    "an unknown outcome's code": everywhere("Unproven Broken", "Unproven Broken", "ServerError Broken")
  }
})()

describe("what an answer to a cancel proves", () => {
  for (const [code, body] of Object.entries(codes) as ReadonlyArray<[keyof typeof codes, unknown]>) {
    for (const [kind, each] of Object.entries(statuses) as ReadonlyArray<[Kind, ReadonlyArray<number>]>) {
      it(`${code}, ${kind}`, () => {
        for (const status of each) {
          assert.strictEqual(words(judged(status, body)), expected[code][kind], `status ${status}`)
        }
      })
    }
  }

  const gone = Acme.payment("gone")
  const open = Acme.payment("open")
  const paid = Acme.payment("paid")
  const odd = Acme.payment("odd")
  const other = { id: "p-2", status: "gone" }
  const rows: ReadonlyArray<readonly [body: unknown, { readonly [K in Kind]: string }]> = [
    [gone, { success: "Acknowledged", refusal: "Unrecognized about Payment says gone", tooMany: "Unrecognized about Payment again says gone", timeout: "Unproven", serverError: "ServerError", neither: "Unproven" }],
    [open, { success: "Unproven says open", refusal: "Unrecognized about Payment says open", tooMany: "Unrecognized about Payment again says open", timeout: "Unproven", serverError: "ServerError", neither: "Unproven" }],
    [paid, { success: "Unproven says paid", refusal: "Unrecognized about Payment says paid", tooMany: "Unrecognized about Payment again says paid", timeout: "Unproven", serverError: "ServerError", neither: "Unproven" }],
    [odd, { success: "Unproven says odd", refusal: "Unrecognized about Payment says odd", tooMany: "Unrecognized about Payment again says odd", timeout: "Unproven", serverError: "ServerError", neither: "Unproven" }],
    [other, { success: "Unproven", refusal: "Unrecognized about Payment", tooMany: "Unrecognized about Payment again", timeout: "Unproven", serverError: "ServerError", neither: "Unproven" }],
    [{ receipt: "r" }, { success: "Accepted", refusal: "Unrecognized about Payment", tooMany: "Unrecognized about Payment again", timeout: "Unproven", serverError: "ServerError", neither: "Unproven" }],
    [{ ...gone, receipt: "r" }, { success: "Acknowledged", refusal: "Unrecognized about Payment says gone", tooMany: "Unrecognized about Payment again says gone", timeout: "Unproven", serverError: "ServerError", neither: "Unproven" }],
    [{ ...gone, code: "running" }, { success: "Unproven", refusal: "StillRunning Running says gone", tooMany: "StillRunning Running says gone", timeout: "Unproven", serverError: "ServerError Running", neither: "Unproven" }],
    [{ ...paid, code: "bad_request" }, { success: "Unproven", refusal: "BadRequest about Request says paid", tooMany: "BadRequest about Request again says paid", timeout: "Unproven", serverError: "ServerError", neither: "Unproven" }]
  ]
  for (const [body, expected] of rows) {
    for (const [kind, each] of Object.entries(statuses) as ReadonlyArray<[Kind, ReadonlyArray<number>]>) {
      it(`${JSON.stringify(body)}, ${kind}`, () => {
        for (const status of each) {
          assert.strictEqual(words(judged(status, body)), expected[kind], `status ${status}`)
        }
      })
    }
  }

  describe("with a status that leaves a request under our key running", () => {
    const running = (status: number, body?: unknown) =>
      words(judgeCancel({ ...judge, stillRunning: [409, 425] }, answered(status, body), 0))
    for (const [code, body] of Object.entries(codes) as ReadonlyArray<[keyof typeof codes, unknown]>) {
      it(code, () => {
        const doubtful = expected[code].refusal.startsWith("StillRunning") || expected[code].refusal.startsWith("Unproven")
        assert.strictEqual(running(425, body), doubtful ? expected[code].refusal : "StillRunning")
        // The one row that is documented with a 409 is believed.
        const believed = doubtful || code === "a payment's code for patience"
        assert.strictEqual(running(409, body), believed ? expected[code].refusal : "StillRunning")
        for (const kind of ["success", "refusal", "tooMany", "timeout", "serverError", "neither"] as const) {
          for (const status of statuses[kind].filter((_) => _ !== 409)) assert.strictEqual(running(status, body), expected[code][kind])
        }
      })
    }
    it("a status that such an answer states counts", () => {
      assert.strictEqual(running(409, Acme.payment("gone")), "StillRunning says gone")
      assert.strictEqual(running(409, Acme.payment("paid")), "StillRunning says paid")
    })
  })

  describe("packed, and not unpacked", () => {
    const packed = (status: number, body?: unknown) => judgeCancel(judge, { ...answered(status, body), isPacked: true }, 0)
    it("leaves open what a code that comes with its status does, and nothing else", () => {
      assert.strictEqual(words(packed(400)), "Unproven")
      for (const status of statuses.refusal.filter((_) => _ !== 400)) {
        assert.strictEqual(words(packed(status)), "Unrecognized about Payment", `status ${status}`)
      }
      assert.strictEqual(packed(400).trace.explanation, "HTTP 400, packed, and nobody could read which code it has")
    })
    it("or with a code all the same, is what that says", () => {
      for (const [code, body] of Object.entries(codes) as ReadonlyArray<[keyof typeof codes, unknown]>) {
        if (expected[code] !== expected["no body"]) assert.strictEqual(words(packed(400, body)), expected[code].refusal)
      }
    })
  })

  it("carries what the answer says about sending again, which overrules what is known of the code", () => {
    const again = (says: "yes" | "no", status: number, body: unknown) => judged(status, body, { "x-again": says })
    const sendAgain = (evidence: CancelEvidence<Acme.Coded, Acme.Says>) =>
      evidence._tag === "MaybeApplied" ? Option.getOrNull(evidence.sendAgain) : evidence._tag
    const tryAgain = (evidence: CancelEvidence<Acme.Coded, Acme.Says>) =>
      evidence._tag === "Refused" ? evidence.tryAgain : evidence._tag
    assert.strictEqual(sendAgain(again("no", 500, {})), false)
    assert.strictEqual(sendAgain(again("yes", 302, {})), true)
    assert.strictEqual(sendAgain(again("yes", 200, {})), true)
    assert.strictEqual(sendAgain(again("yes", 400, { code: "broken" })), true)
    assert.strictEqual(sendAgain(judged(500)), null)
    assert.strictEqual(tryAgain(again("no", 429, { code: "busy" })), false)
    assert.strictEqual(tryAgain(again("yes", 400, { code: "bad_request" })), true)
    const said = (evidence: CancelEvidence<Acme.Coded, Acme.Says>) =>
      evidence._tag === "Refused" ? Option.getOrNull(evidence.sendAgain) : evidence._tag
    assert.strictEqual(said(again("no", 400, { code: "locked" })), false)
    assert.strictEqual(said(judged(400, { code: "locked" })), null)
  })

  it("leaves a trace: status, code, words, request id, and how long to wait", () => {
    const { trace } = judged(503, { code: "never_heard_of", message: "oh", details: { a: 1 } }, {
      "x-request": "r-1",
      "retry-after": "7"
    })
    deepStrictEqual(trace, {
      explanation: "HTTP 503 with code never_heard_of",
      httpStatus: Option.some(503),
      standsFor: Option.some(503),
      requestId: Option.some("r-1"),
      refusal: Option.some({ code: "never_heard_of", message: "oh", details: { a: 1 } }),
      retryAfter: Option.some(Duration.seconds(7)),
      replayed: false
    })
  })

  it("explains itself", () => {
    const explanations = [
      judged(200, gone),
      judged(200, paid),
      judged(200, { receipt: "r" }),
      judged(200),
      judged(302, {}),
      judged(400, { code: "bad_request" }),
      judged(404),
      judged(400, { code: "running" }),
      judgeCancel({ ...judge, stillRunning: [409] }, answered(409), 0),
      judgeCancel(judge, { _tag: "NotSent", explanation: "no way", transient: true }, 0),
      judgeCancel(judge, { _tag: "Unanswered", explanation: "no answer", head: Option.none() }, 0)
    ].map((_) => _.trace.explanation)
    deepStrictEqual(explanations, [
      "HTTP 200, which says that the payment is gone",
      "HTTP 200, which says that the payment is paid",
      "HTTP 200: accepted",
      "HTTP 200, which says nothing of this payment",
      "HTTP 302",
      "HTTP 400 with code bad_request",
      "HTTP 404",
      "HTTP 400 with code running",
      "HTTP 409, and a request under the same key may still be running",
      "no way",
      "no answer"
    ])
  })
})

describe("what a cancel without an answer proves", () => {
  it("is not sent, whether or not another try may fare better", () => {
    for (const transient of [true, false]) {
      const evidence = judgeCancel(judge, { _tag: "NotSent", explanation: "no", transient }, 0)
      assert.strictEqual(evidence._tag === "NotSent" && evidence.transient, transient)
      deepStrictEqual(evidence.trace.httpStatus, Option.none())
    }
  })
  it("may be applied, whatever the status of the answer that broke off", () => {
    for (const status of [200, 302, 400, 404, 429, 500]) {
      const evidence = judgeCancel(judge, {
        _tag: "Unanswered",
        explanation: "cut",
        head: Option.some({ status, headers: { "retry-after": "600" } })
      }, 0)
      deepStrictEqual(evidence.trace.retryAfter, Option.some(Duration.seconds(600)))
      assert.strictEqual(words(evidence), "NoAnswer")
      deepStrictEqual(evidence.trace.httpStatus, Option.some(status))
      deepStrictEqual(evidence._tag === "MaybeApplied" && evidence.sendAgain, Option.none())
    }
  })
})

describe("what an answer to a status query proves", () => {
  const read = (status: number, body: unknown) => {
    const evidence = judgeStatus(judge, answered(status, body), 0)
    return evidence._tag === "StatusRead"
      ? [evidence.stated.payment.status, Option.getOrNull(evidence.stated.standing)]
      : evidence._tag
  }
  it("reads every status, known or not", () => {
    deepStrictEqual(read(200, Acme.payment("open")), ["open", "Cancellable"])
    deepStrictEqual(read(200, Acme.payment("gone")), ["gone", "Cancelled"])
    deepStrictEqual(read(200, Acme.payment("paid")), ["paid", "Closed"])
    deepStrictEqual(read(200, Acme.payment("odd")), ["odd", null])
    deepStrictEqual(read(200, Acme.payment("toString")), ["toString", null])
    deepStrictEqual(read(200, Acme.payment("__proto__")), ["__proto__", null])
  })
  it("goes by where the answer itself says that the payment stands", () => {
    const saying = (standing: Option.Option<Standing>): Judge<Acme.Coded, Acme.Says> => ({
      ...judge,
      read: (answer) => {
        const reading = Acme.read(answer, Acme.paymentId)
        return { ...reading, payment: Option.map(reading.payment, (payment) => ({ ...payment, standing })) }
      }
    })
    // With none the answer proves nothing, though its status is listed.
    for (const standing of [Option.some("Cancelled" as const), Option.none()]) {
      const evidence = judgeStatus(saying(standing), answered(200, Acme.payment("paid")), 0)
      assert(evidence._tag === "StatusRead")
      deepStrictEqual([evidence.stated.payment.status, evidence.stated.standing], ["paid", standing])
    }
  })
  it("reads nothing from anything but a 2xx about this payment", () => {
    for (const status of [...statuses.refusal, 429, 408, ...statuses.serverError, ...statuses.neither]) {
      assert.strictEqual(read(status, Acme.payment("gone")), "StatusUnread", `status ${status}`)
    }
    for (const status of statuses.success) {
      deepStrictEqual(read(status, Acme.payment("gone")), ["gone", "Cancelled"])
      assert.strictEqual(read(status, { id: "p-2", status: "gone" }), "StatusUnread")
      assert.strictEqual(read(status, { code: "bad_request" }), "StatusUnread")
      assert.strictEqual(read(status, { ...Acme.payment("gone"), code: "bad_request" }), "StatusUnread", "a status beside a code")
      assert.strictEqual(read(status, undefined), "StatusUnread")
    }
  })
  it("leaves a trace", () => {
    deepStrictEqual(
      judgeStatus(judge, answered(404, { code: "bad_request" }, { "x-request": "r-1", "retry-after": "3" }), 0),
      {
        _tag: "StatusUnread",
        trace: {
          explanation: "HTTP 404 with code bad_request, without a status",
          httpStatus: Option.some(404),
          standsFor: Option.some(404),
          requestId: Option.some("r-1"),
          refusal: Option.some({ code: "bad_request", message: null, details: null }),
          retryAfter: Option.some(Duration.seconds(3)),
          replayed: false
        }
      }
    )
    const lost = judgeStatus(judge, { _tag: "Unanswered", explanation: "cut", head: Option.some({ status: 200, headers: { "retry-after": "600" } }) }, 0)
    deepStrictEqual([lost._tag, lost.trace.explanation, lost.trace.httpStatus], ["StatusUnread", "cut", Option.some(200)])
    deepStrictEqual(lost.trace.retryAfter, Option.some(Duration.seconds(600)))
    const unsent = judgeStatus(judge, { _tag: "NotSent", explanation: "no", transient: true }, 0)
    deepStrictEqual([unsent._tag, unsent.trace.explanation, unsent.trace.httpStatus], ["StatusUnread", "no", Option.none()])
  })
})

describe("Retry-After", () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0)
  const millis = (header: string | undefined) =>
    Option.getOrNull(Option.map(
      askedDelay({ status: 200, headers: header === undefined ? {} : { "retry-after": header } }, {}, now),
      Duration.toMillis
    ))
  const rows: ReadonlyArray<readonly [header: string | undefined, millis: number | null]> = [
    [undefined, null],
    ["", null],
    ["   ", null],
    ["0", 0],
    ["7", 7_000],
    ["007", 7_000],
    ["  7\t", 7_000],
    ["31536000000", 31_536_000_000_000],
    ["1.5", 1_500],
    ["1.0001", 1_001],
    ["-1", null],
    ["+1", 1_000],
    ["1e3", null],
    ["0x10", null],
    ["7s", null],
    ["7, 8", 8_000],
    ["600,30", 600_000],
    ["600, soon", 600_000],
    ["Thu, 01 Jan 2026 12:00:30 GMT, 20", 30_000],
    ["40, Thursday, 01-Jan-26 12:00:30 GMT", 40_000],
    ["Thu, 01 Jan 2026 12:00:30 GMT, Thu, 01 Jan 2026 12:00:50 GMT", 50_000],
    ["Thu, 1 Jan 2026 12:00:30 GMT", 30_000],
    ["Thu, 01 Jan 2026 12:00:30 UTC", 30_000],
    ["Thu, 01 Jan 2026 12:00:30 +0000", 30_000],
    ["thu, 01 jan 2026 12:00:30 gmt", 30_000],
    ["2026", 2_026_000],
    ["soon", null],
    ["tomorrow", null],
    ["Thu, 01 Jan 2026 12:00:30 GMT", 30_000],
    ["Thu, 01 Jan 2026 11:00:00 GMT", 0],
    ["Thursday, 01-Jan-26 12:00:30 GMT", 30_000],
    ["Thu Jan  1 12:00:30 2026", 30_000],
    ["Thu Jan 1 12:00:30 2026", 30_000],
    ["Fri, 31 Dec 9999 23:59:59 GMT", Date.UTC(9999, 11, 31, 23, 59, 59) - now],
    ["Thu, 99 Foo 2026 12:00:30 GMT", null],
    ["2026-01-01T12:00:30Z", null],
    // `Date.parse` reads each of these as a date, some of them as another one than is written.
    ["not before Thu, 01 Jan 2026 12:00:30 GMT", null],
    ["Thu, 01 Jan 2026 12:00:30 GMT+0100", null],
    ["after Thu Jan  1 12:00:30 2026", null],
    ["Thu Jan  1 12:00:30 2026 +0100", null],
    ["Thu Jan -1 12:00:30 2026", null],
    ["Thu Jan 15 12:00:30 2026", 14 * 86_400_000 + 30_000],
    ["try again in 120", null],
    ["soon 5", null]
  ]
  for (const [header, expected] of rows) {
    it(JSON.stringify(header) ?? "none", () => {
      assert.strictEqual(millis(header), expected)
    })
  }
  it("a number beyond all bounds is still a wait, and finite", () => {
    const wait = millis("9".repeat(400))
    assert.isNotNull(wait)
    assert.isTrue(Number.isFinite(wait))
  })
  it.prop("is never negative, not a number or endless", [FastCheck.oneof(FastCheck.string(), FastCheck.string({ unit: FastCheck.constantFrom(..."0123456789 ,:-+.GMTadefginorsuFJSW") }))], ([header]) => {
    const wait = millis(header)
    assert.isTrue(wait === null || (wait >= 0 && Number.isFinite(wait)))
  }, { fastCheck: { numRuns: 1_000 } })
})

describe("a header of the provider's own", () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0)
  const delays: Delays = { "x-seconds": "Seconds", "x-millis": "Milliseconds", "x-until": "UnixSeconds" }
  const rows: ReadonlyArray<readonly [headers: Readonly<Record<string, string>>, millis: number | null]> = [
    [{}, null],
    [{ "x-seconds": "50" }, 50_000],
    [{ "x-seconds": " 50\t" }, 50_000],
    [{ "x-seconds": "1.0001" }, 1_001],
    [{ "x-millis": "50" }, 50],
    [{ "x-millis": "50.5" }, 51],
    [{ "x-until": String(now / 1000 + 50) }, 50_000],
    [{ "x-until": String(now / 1000 - 50) }, 0],
    [{ "x-until": "50" }, 0],
    [{ "x-seconds": "-50" }, null],
    [{ "x-seconds": "" }, null],
    [{ "x-seconds": "5", "x-millis": "6000", "x-until": String(now / 1000 + 7) }, 7_000],
    [{ "x-seconds": "soon", "x-millis": "6000" }, 6_000]
  ]
  for (const [headers, expected] of rows) {
    it(JSON.stringify(headers), () => {
      const asked = (status: number) => Option.getOrNull(Option.map(askedDelay({ status, headers }, delays, now), Duration.toMillis))
      assert.strictEqual(asked(429), expected)
      assert.strictEqual(asked(503), expected)
      assert.isNull(asked(500))
    })
  }
})
