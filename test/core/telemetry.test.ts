/**
 * What tracers and metrics are told of a cancel, at a made-up provider that can do anything.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as HttpClient from "@effect/platform/HttpClient"
import { inspect } from "node:util"
import { Cancel, CancelEvent, Canceller, type CancelPolicy, IdempotencyKey, PayPal, Square, Telemetry, WePay } from "effect-payment-cancel"
import { endingOf } from "../../src/engine/telemetry.js"
import * as Acme from "../engine/Acme.js"
import { badCertificate, json, play, refused, reset, respond, stall, type Step } from "../engine/HttpDouble.js"
import { deepStrictEqual } from "../engine/partly.js"
import { inTurns } from "../support/extent.js"
import { sumOf, valuesWith } from "../support/metrics.js"
import { record } from "../support/Spans.js"

const { Attribute, EventAttribute, MetricName } = Telemetry

const request: Acme.Request = { paymentId: Acme.paymentId, idempotencyKey: "key-1" }
const gone = json(200, Acme.payment("gone"))
const open = json(200, Acme.payment("open"))
const paid = json(200, Acme.payment("paid"))
const notPossible = json(400, { code: "not_possible", message: "No, Jane Doe." })
const busy = json(429, { code: "busy" }, { "retry-after": "3" })

type Script = readonly [Step, ...ReadonlyArray<Step>]

let trials = 0

/** Runs an effect in a trace and with a label of its own, and tells what was seen of it. */
const seeing = <A, E, R>(effect: Effect.Effect<A, E, R>, patience: Parameters<typeof TestClock.adjust>[0] = "10 minutes") =>
  Effect.gen(function*() {
    const trial = `trial ${++trials}`
    const recorder = record()
    const fiber = yield* Effect.fork(effect.pipe(Effect.withTracer(recorder.tracer), Effect.tagMetrics({ trial })))
    yield* TestClock.adjust(patience)
    yield* Fiber.interruptFork(fiber)
    // A handler of events is waited for, for a second at most.
    yield* TestClock.adjust("2 seconds")
    return {
      exit: yield* Fiber.await(fiber),
      spans: recorder.spans(),
      whole: inspect(recorder.whole(), { depth: 20, maxStringLength: null, showHidden: true }),
      metrics: yield* valuesWith({ trial })
    }
  })

const seen = (
  steps: Script,
  given: Parameters<typeof Acme.make>[2] = {},
  patience?: Parameters<typeof TestClock.adjust>[0],
  options: CancelPolicy.Options = {}
) =>
  Effect.flatMap(Acme.make(play(...steps).client, options, given), (acme) => seeing(acme.cancel(request), patience))

/** The attributes that each exchange has. */
const exchange = (method: string, of: string, evidence: string, more: object = {}) => ({
  [Attribute.provider]: "Acme",
  [Attribute.operation]: "cancel",
  [Attribute.exchange]: of,
  [Attribute.method]: method,
  [Attribute.serverAddress]: "acme.test",
  [Attribute.serverPort]: 443,
  [Attribute.evidence]: evidence,
  ...more
})

/** The attributes of a cancel. */
const cancel = (outcome: Telemetry.Outcome, attempts: number, evidence: string, more: object = {}) => ({
  [Attribute.provider]: "Acme",
  [Attribute.operation]: "cancel",
  [Attribute.outcome]: outcome,
  [Attribute.inDoubt]: false,
  [Attribute.attempts]: attempts,
  [Attribute.evidence]: evidence,
  [Attribute.settledByStatusQuery]: false,
  ...more
})

const byKey = (of: object) => Object.fromEntries(Object.entries(of).sort())

const cancelled = { [`${MetricName.cancels}{provider=Acme,operation=cancel,outcome=Cancelled,in_doubt=false}`]: 1 }
const took = (outcome: Telemetry.Outcome) => ({ [`${MetricName.duration}{provider=Acme,operation=cancel,outcome=${outcome}}`]: 1 })
const ended = (of: string, evidence: string, count = 1) => ({
  [`${MetricName.exchanges}{provider=Acme,exchange=${of},evidence=${evidence}}`]: count
})
const failed = (category: string, code: string) => ({ [`${MetricName.errors}{provider=Acme,category=${category},code=${code}}`]: 1 })
const counted = (name: keyof typeof MetricName, count = 1) => ({ [`${MetricName[name]}{provider=Acme,operation=cancel}`]: count })

const settled = (result: string) => ["settled", { [EventAttribute.result]: result }]
const decided = (event: string, after: string) => [event, { [EventAttribute.after]: after }]
const wait = (before: string, milliseconds: number, askedFor: boolean) => [
  "wait",
  { [EventAttribute.before]: before, [EventAttribute.milliseconds]: milliseconds, [EventAttribute.askedFor]: askedFor }
]

describe("a cancel", () => {
  it.effect("that is answered: one span, and one child for its exchange", () =>
    Effect.gen(function*() {
      const { metrics, spans } = yield* seen([gone])
      assert.lengthOf(spans, 2)
      deepStrictEqual<object>({ ...spans[0], attributes: byKey(spans[0]!.attributes) }, {
        name: "Acme.cancel",
        kind: "internal",
        parent: null,
        attributes: byKey(cancel("Cancelled", 1, "Response")),
        events: [settled("Cancelled")],
        status: "ok",
        began: 0,
        took: 0
      })
      deepStrictEqual<object>({ ...spans[1], attributes: byKey(spans[1]!.attributes) }, {
        name: "POST Cancel",
        kind: "client",
        parent: "Acme.cancel",
        attributes: byKey(exchange("POST", "Cancel", "Acknowledged", { [Attribute.httpStatus]: 200 })),
        events: [],
        status: "ok",
        began: 0,
        took: 0
      })
      deepStrictEqual(metrics, byKey({ ...cancelled, ...took("Cancelled"), ...ended("Cancel", "Acknowledged") }))
    }))

  it.effect("whose answer is lost, and which is sent again: the lost exchange is an error, the cancel is none", () =>
    Effect.gen(function*() {
      const { metrics, spans } = yield* seen([reset, gone])
      deepStrictEqual(spans.map(({ name, parent, status }) => [name, parent, status]), [
        ["Acme.cancel", null, "ok"],
        ["POST Cancel", "Acme.cancel", "MaybeApplied: the connection failed (ECONNRESET)"],
        ["POST Cancel", "Acme.cancel", "ok"]
      ])
      const lost = { [Attribute.errorType]: "MaybeApplied" }
      deepStrictEqual(spans.map(({ attributes }) => byKey(attributes)), [
        cancel("Cancelled", 2, "Response"),
        exchange("POST", "Cancel", "MaybeApplied", lost),
        exchange("POST", "Cancel", "Acknowledged", { [Attribute.httpStatus]: 200, [Attribute.resendCount]: 1 })
      ].map(byKey))
      deepStrictEqual<unknown>(spans[0]!.events, [decided("resend", "MaybeApplied"), wait("Cancel", 100, false), settled("Cancelled")])
      assert.strictEqual(spans[0]!.took, 100)
      deepStrictEqual(metrics, byKey({
        ...cancelled,
        ...took("Cancelled"),
        ...ended("Cancel", "MaybeApplied"),
        ...ended("Cancel", "Acknowledged"),
        ...counted("resends")
      }))
    }))

  it.effect("whose answer is lost, and whose status is read", () =>
    Effect.gen(function*() {
      const { metrics, spans } = yield* seen([reset, json(503, {}), gone], { licence: Acme.unlicensed })
      deepStrictEqual(spans.map(({ name, status }) => [name, status]), [
        ["Acme.cancel", "ok"],
        ["POST Cancel", "MaybeApplied: the connection failed (ECONNRESET)"],
        ["GET Status", "503: HTTP 503, without a status"],
        ["GET Status", "ok"]
      ])
      deepStrictEqual(spans.map(({ attributes }) => byKey(attributes)), [
        cancel("Cancelled", 1, "StatusQuery", { [Attribute.settledByStatusQuery]: true }),
        exchange("POST", "Cancel", "MaybeApplied", { [Attribute.errorType]: "MaybeApplied" }),
        exchange("GET", "Status", "StatusUnread", { [Attribute.httpStatus]: 503, [Attribute.errorType]: "503" }),
        exchange("GET", "Status", "StatusRead", { [Attribute.httpStatus]: 200, [Attribute.resendCount]: 1 })
      ].map(byKey))
      deepStrictEqual<unknown>(spans[0]!.events, [
        decided("status query", "MaybeApplied"),
        decided("status query", "StatusUnread"),
        wait("Status", 100, false),
        settled("Cancelled")
      ])
      deepStrictEqual(metrics, byKey({
        ...cancelled,
        ...took("Cancelled"),
        ...ended("Cancel", "MaybeApplied"),
        ...ended("Status", "StatusUnread"),
        ...ended("Status", "StatusRead"),
        ...counted("statusQueries", 2)
      }))
    }))

  it.effect("that is refused: an error with its class, and none of the provider's words", () =>
    Effect.gen(function*() {
      const { metrics, spans, whole } = yield* seen([notPossible, paid])
      deepStrictEqual(spans.map(({ name, status }) => [name, status]), [
        ["Acme.cancel", "Acme.NotPossible: NotCancelled: HTTP 200, which says that the payment is paid"],
        ["POST Cancel", "400: HTTP 400 with code not_possible"],
        ["GET Status", "ok"]
      ])
      deepStrictEqual(byKey(spans[0]!.attributes), byKey(cancel("NotCancelled", 1, "StatusRead", {
        [Attribute.settledByStatusQuery]: true,
        [Attribute.errorType]: "Acme.NotPossible",
        [Attribute.category]: "NotCancellable",
        [Attribute.code]: "not_possible"
      })))
      assert.notInclude(whole, "Jane")
      deepStrictEqual(metrics, byKey({
        [`${MetricName.cancels}{provider=Acme,operation=cancel,outcome=NotCancelled,in_doubt=false}`]: 1,
        ...failed("NotCancellable", "not_possible"),
        ...took("NotCancelled"),
        ...ended("Cancel", "Refused"),
        ...ended("Status", "StatusRead"),
        ...counted("statusQueries")
      }))
    }))

  it.effect("of which nothing is known: in doubt", () =>
    Effect.gen(function*() {
      const { metrics, spans } = yield* seen([reset, open, open, open], { licence: Acme.unlicensed }, undefined, { statusReads: 1 })
      assert.strictEqual(
        spans[0]!.status,
        "CancelError.NoResponse: Unknown: the connection failed (ECONNRESET)"
      )
      deepStrictEqual(byKey(spans[0]!.attributes), byKey(cancel("Unknown", 1, "StatusRead", {
        [Attribute.inDoubt]: true,
        [Attribute.errorType]: "CancelError.NoResponse",
        [Attribute.category]: "Network"
      })))
      deepStrictEqual(metrics, byKey({
        [`${MetricName.cancels}{provider=Acme,operation=cancel,outcome=Unknown,in_doubt=true}`]: 1,
        ...failed("Network", "none"),
        ...took("Unknown"),
        ...ended("Cancel", "MaybeApplied"),
        ...ended("Status", "StatusRead"),
        ...counted("statusQueries")
      }))
    }))

  it.effect("that the provider asks to wait", () =>
    Effect.gen(function*() {
      const { metrics, spans } = yield* seen([busy, gone])
      deepStrictEqual<unknown>(spans[0]!.events, [decided("resend", "Refused"), wait("Cancel", 3000, true), settled("Cancelled")])
      assert.strictEqual(spans[1]!.status, "429: HTTP 429 with code busy")
      deepStrictEqual(metrics, byKey({
        ...cancelled,
        ...took("Cancelled"),
        ...ended("Cancel", "Refused"),
        ...ended("Cancel", "Acknowledged"),
        ...counted("resends"),
        ...counted("waits")
      }))
    }))

  it.effect("that asks for less than the policy waits anyway has asked for nothing", () =>
    Effect.gen(function*() {
      const { metrics, spans } = yield* seen([busy, gone], {}, undefined, { backoff: { initial: 8_000, maximum: 8_000 } })
      deepStrictEqual<unknown>(spans[0]!.events[1], wait("Cancel", 8000, false))
      assert.notProperty(metrics, Object.keys(counted("waits"))[0]!)
    }))

  for (const [name, step, expected] of [
    ["was not sent", badCertificate, "NotSent: the server's certificate does not hold (DEPTH_ZERO_SELF_SIGNED_CERT)"],
    ["is not answered in time", stall, "MaybeApplied: no whole answer within 10000 ms"],
    ["has an answer that breaks off", { ...gone, headers: { "content-type": "application/json", "content-length": "9" }, body: "{" }, "MaybeApplied: HTTP 200, which says nothing of this payment"]
  ] as const) {
    it.effect(`an exchange that ${name} is an error`, () =>
      Effect.gen(function*() {
        const { spans } = yield* seen([step], { licence: Acme.unlicensed, canReadStatus: false })
        assert.strictEqual(spans[1]!.status, expected)
      }))
  }

  it.effect("counts a code that nobody has listed as unlisted, and shows it in the span alone", () =>
    Effect.gen(function*() {
      const { metrics, spans } = yield* seen([json(400, { code: "brand_new" })], { canReadStatus: false })
      assert.strictEqual(spans[0]!.attributes[Attribute.code], "brand_new")
      assert.property(metrics, Object.keys(failed("Unexpected", "unlisted"))[0]!)
      assert.notInclude(JSON.stringify(metrics), "brand_new")
    }))

  it.effect("that is not even valid has a span and is counted, and no exchange", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(gone).client)
      const { metrics, spans } = yield* seeing(acme.cancel({ paymentId: ".." }))
      deepStrictEqual(spans.map(({ name, status }) => [name, status]), [
        ["Acme.cancel", "CancelError.InvalidCancelRequest: NotCancelled: Acme: paymentId must be 1 to 255 characters, not \".\" or \"..\", and well-formed Unicode"]
      ])
      deepStrictEqual(metrics, byKey({
        [`${MetricName.cancels}{provider=Acme,operation=cancel,outcome=NotCancelled,in_doubt=false}`]: 1,
        ...failed("InvalidRequest", "none"),
        ...took("NotCancelled")
      }))
    }))

  it.effect("is measured from its call to its end, in milliseconds", () =>
    Effect.gen(function*() {
      const { metrics, spans } = yield* seen([reset, reset, gone])
      assert.strictEqual(spans[0]!.took, 300)
      assert.property(metrics, Object.keys(took("Cancelled"))[0]!)
    }))
})

describe("what a status query settled", () => {
  const odd = json(200, Acme.payment("odd"))
  const accepted = json(200, { receipt: "r-1" })
  const once = { statusReads: 1 }
  const cases: ReadonlyArray<readonly [
    name: string,
    isSettledByIt: boolean,
    outcome: Telemetry.Outcome,
    steps: Script,
    given?: Parameters<typeof Acme.make>[2],
    options?: CancelPolicy.Options
  ]> = [
    ["a lost answer, and the payment is cancelled", true, "Cancelled", [reset, gone], { licence: Acme.unlicensed }],
    ["a lost answer, and the payment can no longer be cancelled", true, "NotCancelled", [reset, paid], { licence: Acme.unlicensed }],
    ["a lost answer, and the payment may still be cancelled", false, "Unknown", [reset, open], { licence: Acme.unlicensed }],
    ["a lost answer, and a status that says nothing", false, "Unknown", [reset, odd], { licence: Acme.unlicensed }],
    ["a lost answer, and no status", false, "Unknown", [reset], { licence: Acme.unlicensed }],
    ["a lost answer, a payment that may still be cancelled, and an answer", false, "Cancelled", [json(200, {}), open, gone], {}, once],
    ["a refusal, and the payment is cancelled", true, "AlreadyCancelled", [notPossible, gone]],
    ["a refusal, and the payment can no longer be cancelled", true, "NotCancelled", [notPossible, paid]],
    ["a refusal, which the status contradicts", false, "NotCancelled", [notPossible, open]],
    ["a refusal, and a status that says nothing", false, "NotCancelled", [notPossible, odd]],
    ["a refusal, and no status", false, "NotCancelled", [notPossible, json(404, {})]],
    ["a refusal that is about the request", false, "NotCancelled", [json(400, { code: "bad_request" })]],
    ["a refusal that states itself that the payment is cancelled", false, "AlreadyCancelled", [json(400, { ...Acme.payment("gone"), code: "not_possible" })]],
    ["an answer that states itself that it can no longer be", false, "NotCancelled", [paid]],
    ["an answer that says it is cancelled", false, "Cancelled", [gone]],
    ["what was accepted, and no status shows that it is done", false, "CancellationAccepted", [accepted, open]],
    ["what was accepted, and a status that says nothing", false, "CancellationAccepted", [accepted, odd]],
    ["what was accepted, and no status", false, "CancellationAccepted", [accepted, json(404, {})]],
    ["what was accepted, where there is no status query", false, "CancellationAccepted", [accepted], { canReadStatus: false }],
    ["what was accepted, and the payment is cancelled", true, "Cancelled", [accepted, gone]],
    ["what was accepted, and the payment can no longer be cancelled", true, "NotCancelled", [accepted, paid]]
  ]
  for (const [name, isSettledByIt, outcome, steps, given, options] of cases) {
    it.effect(`is ${isSettledByIt ? "this" : "not this"}: ${name}`, () =>
      Effect.gen(function*() {
        const { spans } = yield* seen(steps, given, undefined, options)
        assert.deepInclude(spans[0]?.attributes, { [Attribute.outcome]: outcome, [Attribute.settledByStatusQuery]: isSettledByIt })
        if (outcome === "CancellationAccepted") assert.deepInclude(spans[0]?.attributes, { [Attribute.evidence]: "Response" })
      }))
  }
})

describe("a cancel that is cut short", () => {
  const points: ReadonlyArray<readonly [
    name: string,
    steps: Script,
    after: number,
    expected: { readonly inDoubt: boolean; readonly attempts: number; readonly evidence?: string },
    statuses: ReadonlyArray<string>
  ]> = [
    ["before the answer", [stall], 1, { inDoubt: true, attempts: 1 }, ["interrupted"]],
    ["in a wait after nothing was sent", [refused, stall], 50, { inDoubt: false, attempts: 1, evidence: "NotSent" }, [
      "NotSent: the connection could not be made (ECONNREFUSED)"
    ]],
    ["in a wait after a lost answer", [reset, stall], 50, { inDoubt: true, attempts: 1, evidence: "MaybeApplied" }, [
      "MaybeApplied: the connection failed (ECONNRESET)"
    ]],
    ["while a refused payment's status is read", [notPossible, stall], 1, { inDoubt: false, attempts: 1, evidence: "Refused" }, [
      "400: HTTP 400 with code not_possible",
      "interrupted"
    ]],
    ["while it is sent again", [refused, stall], 200, { inDoubt: true, attempts: 2, evidence: "NotSent" }, [
      "NotSent: the connection could not be made (ECONNREFUSED)",
      "interrupted"
    ]]
  ]
  for (const [name, steps, after, { attempts, evidence, inDoubt }, statuses] of points) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const { exit, metrics, spans } = yield* seen(steps, {}, after)
        assert.isTrue(Exit.isInterrupted(exit))
        const [first, ...exchanges] = spans
        assert.strictEqual(first!.status, "interrupted")
        deepStrictEqual(exchanges.map(({ status }) => status), statuses)
        deepStrictEqual(byKey(first!.attributes), byKey({
          [Attribute.provider]: "Acme",
          [Attribute.operation]: "cancel",
          [Attribute.outcome]: "Interrupted",
          [Attribute.inDoubt]: inDoubt,
          [Attribute.attempts]: attempts,
          [Attribute.settledByStatusQuery]: false,
          ...evidence === undefined ? {} : { [Attribute.evidence]: evidence }
        }))
        assert.strictEqual(metrics[`${MetricName.cancels}{provider=Acme,operation=cancel,outcome=Interrupted,in_doubt=${inDoubt}}`], 1)
        assert.strictEqual(metrics[Object.keys(took("Interrupted"))[0]!], 1)
        assert.notInclude(Object.keys(metrics).join(), MetricName.inFlight)
        assert.notInclude(Object.keys(metrics).join(), MetricName.errors)
      }))
  }

  it.effect("before its key is made: nothing can be in doubt", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(gone).client)
      const { metrics, spans } = yield* seeing(
        Effect.provide(acme.cancel({ paymentId: "p-1" }), IdempotencyKey.layer(Effect.never)),
        1
      )
      deepStrictEqual(spans.map(({ status }) => status), ["interrupted"])
      deepStrictEqual(metrics, byKey({
        [`${MetricName.cancels}{provider=Acme,operation=cancel,outcome=Interrupted,in_doubt=false}`]: 1,
        ...took("Interrupted")
      }))
    }))

  it.effect("after it was settled, so that its caller does not learn of it", () =>
    Effect.gen(function*() {
      const hold = CancelEvent.layer((event) => event._tag === "Settled" ? Effect.never : Effect.void)
      const acme = yield* Acme.make(play(reset).client, { attempts: 1 }, { canReadStatus: false })
      const { exit, metrics, spans } = yield* seeing(Effect.provide(acme.cancel(request), hold), 1)
      assert.isTrue(Exit.isInterrupted(exit))
      assert.strictEqual(spans[0]!.status, "interrupted")
      deepStrictEqual<unknown>(spans[0]!.events, [settled("CancelError.NoResponse")])
      assert.strictEqual(metrics[`${MetricName.cancels}{provider=Acme,operation=cancel,outcome=Interrupted,in_doubt=true}`], 1)
    }))

  it.effect("by a defect of the HTTP client", () =>
    Effect.gen(function*() {
      const { exit, metrics, spans } = yield* seen([() => Effect.die(new Error("bug"))])
      assert.isTrue(Exit.isFailure(exit))
      deepStrictEqual(spans.map(({ status }) => status), ["Error: bug", "Error: bug"])
      deepStrictEqual(metrics, byKey({
        [`${MetricName.cancels}{provider=Acme,operation=cancel,outcome=Defect,in_doubt=true}`]: 1,
        ...took("Defect")
      }))
    }))

  it.effect("by a defect of the provider's own definition, before anything is sent", () =>
    Effect.gen(function*() {
      const broken = { ...Acme.operation("PaymentId", true), checkRequest: () => { throw new Error("bug") } }
      const { metrics, spans } = yield* Effect.flatMap(Acme.connect(play(gone).client), (acme) => seeing(acme.cancel(broken)(request)))
      deepStrictEqual(spans.map(({ status }) => status), ["Error: bug"])
      assert.strictEqual(metrics[`${MetricName.cancels}{provider=Acme,operation=cancel,outcome=Defect,in_doubt=false}`], 1)
      assert.notInclude(Object.keys(metrics).join(), MetricName.inFlight)
    }))

  it.effect("wherever that is: it is counted once, nothing is left in flight, no span stays open", () =>
    Effect.gen(function*() {
      const slowly = (reply: Step): Step => (sent) =>
        Effect.zipRight(Effect.yieldNow(), typeof reply === "function" ? reply(sent) : Effect.succeed(respond(sent, reply)))
      const { client } = play(slowly(reset), slowly(json(503, {})), slowly(open), slowly(gone))
      const acme = yield* Acme.make(client, { backoff: { initial: 0, jitter: 0 } })
      let interruptions = 0
      const moments = inTurns(Arr.range(0, 59), 1, 2)
      for (const turns of moments) {
        const recorder = record()
        const trial = `turn ${turns}`
        const fiber = yield* Effect.fork(acme.cancel(request).pipe(Effect.withTracer(recorder.tracer), Effect.tagMetrics({ trial })))
        for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow()
        const exit = yield* Fiber.interrupt(fiber)
        if (Exit.isInterrupted(exit)) interruptions += 1
        deepStrictEqual(recorder.spans().filter(({ status }) => status === "open"), [])
        const begun = recorder.spans().length > 0
        assert.strictEqual(yield* sumOf(MetricName.cancels, { trial }), begun ? 1 : 0)
        assert.strictEqual(yield* sumOf(MetricName.duration, { trial }), begun ? 1 : 0)
        assert.strictEqual(yield* sumOf(MetricName.inFlight, { trial }), 0)
        if (begun) assert.strictEqual(yield* sumOf(MetricName.cancels, { trial, outcome: "Interrupted" }), Exit.isInterrupted(exit) ? 1 : 0)
      }
      assert.isAbove(interruptions, 3)
      assert.isBelow(interruptions, moments.length)
    }))
})

describe("cancels in flight", () => {
  it.effect("are counted while they are", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(stall).client)
      const trial = "in flight"
      const inFlight = sumOf(MetricName.inFlight, { trial, provider: "Acme", operation: "cancel" })
      const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(Effect.tagMetrics(acme.cancel(request), { trial })))
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* inFlight, 3)
      yield* Fiber.interrupt(fibers[0]!)
      assert.strictEqual(yield* inFlight, 2)
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* inFlight, 0)
    }))
})

describe("cancels in doubt", () => {
  it.effect("are there to be read as soon as there is a provider, so that the first one is an increase", () =>
    Effect.gen(function*() {
      const trial = "before the first"
      yield* Effect.tagMetrics(Acme.make(play(gone).client), { trial })
      const there = (yield* Metric.snapshot).filter(({ metricKey }) =>
        metricKey.tags.some(({ value }) => value === trial) && metricKey.name === MetricName.cancels)
      deepStrictEqual(
        there.map(({ metricKey, metricState }) => [metricKey.tags.map(({ value }) => value).slice(0, -1).join(" "), metricState]),
        ["Unknown", "Interrupted", "Defect"].map((outcome) => [`Acme cancel ${outcome} true`, MetricState.counter(0)])
      )
    }))
})

describe("a status query", () => {
  const query = (steps: Script) =>
    Effect.flatMap(Acme.make(play(...steps).client), (acme) => seeing(acme.status({ paymentId: Acme.paymentId })))

  it.effect("that is answered at the second try", () =>
    Effect.gen(function*() {
      const { metrics, spans } = yield* query([busy, open])
      deepStrictEqual(spans.map(({ name, parent, status }) => [name, parent, status]), [
        ["Acme.status", null, "ok"],
        ["GET Status", "Acme.status", "429: HTTP 429 with code busy, without a status"],
        ["GET Status", "Acme.status", "ok"]
      ])
      deepStrictEqual(byKey(spans[0]!.attributes), byKey({
        [Attribute.provider]: "Acme",
        [Attribute.operation]: "status",
        [Attribute.evidence]: "StatusRead",
        [Attribute.attempts]: 2
      }))
      deepStrictEqual<unknown>(spans[0]!.events, [decided("status query", "StatusUnread"), wait("Status", 3000, true)])
      deepStrictEqual(metrics, byKey({
        ...ended("Status", "StatusUnread"),
        ...ended("Status", "StatusRead"),
        [`${MetricName.statusQueries}{provider=Acme,operation=status}`]: 2,
        [`${MetricName.waits}{provider=Acme,operation=status}`]: 1
      }))
    }))

  it.effect("that fails", () =>
    Effect.gen(function*() {
      const { spans } = yield* query([json(404, {})])
      assert.strictEqual(spans[0]!.status, "CancelError.StatusUnavailable: HTTP 404, without a status")
      deepStrictEqual(byKey(spans[0]!.attributes), byKey({
        [Attribute.provider]: "Acme",
        [Attribute.operation]: "status",
        [Attribute.evidence]: "StatusUnread",
        [Attribute.attempts]: 1,
        [Attribute.errorType]: "CancelError.StatusUnavailable",
        [Attribute.category]: "NotFound"
      }))
    }))

  it.effect("that is interrupted", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(stall).client)
      const { exit, spans } = yield* seeing(acme.status({ paymentId: Acme.paymentId }), 1)
      assert.isTrue(Exit.isInterrupted(exit))
      deepStrictEqual(spans.map(({ status }) => status), ["interrupted", "interrupted"])
    }))
})

describe("spans", () => {
  it.effect("hold neither the payment's id nor the key, unless that is allowed", () =>
    Effect.gen(function*() {
      const ids = { paymentId: "payment-4711", idempotencyKey: "key-0815" }
      const answer = json(400, { code: "not_possible", message: "payment-4711 under key-0815" })
      const acme = yield* Acme.make(play(answer).client, {}, { canReadStatus: false })
      const silent = yield* seeing(acme.cancel(ids))
      for (const id of Object.values(ids)) assert.notInclude(silent.whole, id)
      const refusing = yield* seeing(Effect.provide(acme.cancel(ids), Telemetry.layer({ identifiers: false })))
      assert.notProperty(refusing.spans[0]!.attributes, Attribute.paymentId)
      const told = yield* seeing(Effect.provide(acme.cancel(ids), Telemetry.layer({ identifiers: true })))
      assert.strictEqual(told.spans[0]!.attributes[Attribute.paymentId], ids.paymentId)
      assert.strictEqual(told.spans[0]!.attributes[Attribute.idempotencyKey], ids.idempotencyKey)
      for (const { metrics } of [silent, told]) {
        for (const id of Object.values(ids)) assert.notInclude(JSON.stringify(metrics), id)
      }
      const status = yield* seeing(Effect.provide(Effect.exit(acme.status({ paymentId: ids.paymentId })), Telemetry.layer({ identifiers: true })))
      assert.strictEqual(status.spans[0]!.attributes[Attribute.paymentId], ids.paymentId)
    }))

  it.effect("are allowed to by the provider's layer, and by the caller of a neutral cancel", () =>
    Effect.gen(function*() {
      const identified = Telemetry.layer({ identifiers: true })
      const provider = WePay.layer({ appId: "app", appToken: Redacted.make("token"), baseUrl: "https://wepay.test" }).pipe(
        Layer.provide(play(json(200, {})).layer)
      )
      const cancel = WePay.cancel({ paymentId: "p-1", reason: "r" }).pipe(Cancel.withPolicy({ attempts: 1 }), Effect.exit)
      const byLayer = yield* seeing(Effect.provide(cancel, Layer.provide(provider, identified)))
      assert.strictEqual(byLayer.spans[0]!.attributes[Attribute.paymentId], "p-1")
      const neutral = Canceller.cancel({ paymentId: "p-1", reason: "r" }).pipe(Cancel.withPolicy({ attempts: 1 }), Effect.exit)
      const byCaller = yield* seeing(
        Effect.provide(Effect.provide(neutral, identified), Layer.provide(Canceller.layer(WePay), provider))
      )
      assert.strictEqual(byCaller.spans[0]!.attributes[Attribute.paymentId], "p-1")
    }))

  it.effect("hold no credential and nothing that the provider says of the payer", () =>
    Effect.gen(function*() {
      const details = { payer: { email: "jane@example.org", card: "4242424242424242" } }
      const payer = { code: "not_possible", message: "Jane Doe, acme-secret", details, reason: "Jane Doe asked" }
      for (const steps of [
        [json(200, { ...Acme.payment("gone"), ...payer, code: undefined })],
        [json(400, payer), json(200, { ...Acme.payment("paid"), ...payer, code: undefined })],
        [json(500, payer), json(500, payer)]
      ] as ReadonlyArray<Script>) {
        const { spans, whole } = yield* seen(steps)
        assert.isAtLeast(spans.length, 2)
        for (const secret of ["acme-secret", "Jane", "jane@", "4242"]) assert.notInclude(whole, secret)
      }
    }))

  it.effect("have the caller's span above them, and an HTTP client's own below", () =>
    Effect.gen(function*() {
      const { client } = play(gone)
      const wrapped = HttpClient.transform(client, (effect) => Effect.withSpan(effect, "my client"))
      const acme = yield* Acme.make(wrapped)
      const { spans } = yield* seeing(Effect.withSpan(acme.cancel(request), "checkout"))
      deepStrictEqual(spans.map(({ name, parent }) => [name, parent]), [
        ["checkout", null],
        ["Acme.cancel", "checkout"],
        ["POST Cancel", "Acme.cancel"],
        ["my client", "POST Cancel"]
      ])
    }))

  it.effect("are not made where tracing is off, and have no time where timing is", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(gone).client)
      const { spans } = yield* seeing(Effect.withTracerEnabled(acme.cancel(request), false))
      deepStrictEqual(spans, [])
      const untimed = yield* seeing(Effect.withTracerTiming(acme.cancel(request), false))
      deepStrictEqual(untimed.spans.map(({ took }) => took), [0, 0])
    }))

  it.effect("send nothing to the provider: no header tells of a trace", () =>
    Effect.gen(function*() {
      const { client, received } = play(reset, gone, open)
      const acme = yield* Acme.make(client)
      yield* seeing(Effect.withSpan(Effect.zipRight(acme.cancel(request), acme.status({ paymentId: "p-1" })), "outer"))
      deepStrictEqual(received.map(({ headers }) => Object.keys(headers).sort()), [
        ["acme-key", "content-length", "content-type", "key"],
        ["acme-key", "content-length", "content-type", "key"],
        ["acme-key"]
      ])
    }))

  it.effect("name the server by its host and port alone", () =>
    Effect.gen(function*() {
      const at = (baseUrl: string) => {
        const layer = WePay.layer({ appId: "app", appToken: Redacted.make("token"), baseUrl }).pipe(
          Layer.provide(play(json(404, {})).layer)
        )
        return Effect.map(seeing(Effect.provide(Effect.exit(WePay.cancel({ paymentId: "p-1", reason: "r" })), layer)), ({ spans }) => {
          const { attributes } = spans[1]!
          assert.notInclude(JSON.stringify(spans), "p-1")
          return [attributes[Attribute.serverAddress], attributes[Attribute.serverPort]]
        })
      }
      deepStrictEqual(yield* at("https://wepay.test/v3"), ["wepay.test", 443])
      deepStrictEqual(yield* at("http://127.0.0.1/v3"), ["127.0.0.1", 80])
      deepStrictEqual(yield* at("http://127.0.0.1:8080"), ["127.0.0.1", 8080])
    }))

  it.effect("show the request for a token as an exchange of its own", () =>
    Effect.gen(function*() {
      const token = json(200, { access_token: "the-access-token", expires_in: 3600, token_type: "Bearer" })
      const layer = PayPal.layer({ clientId: "client", clientSecret: Redacted.make("the-secret"), baseUrl: "https://paypal.test" }).pipe(
        Layer.provide(play(token, { status: 204 }).layer)
      )
      const both = Effect.zip(
        Effect.exit(PayPal.cancel({ paymentId: "AUTH1" }).pipe(Cancel.withPolicy({ attempts: 1, statusReads: 1 }))),
        Effect.exit(PayPal.status({ paymentId: "AUTH1" }))
      )
      const { metrics, spans, whole } = yield* seeing(Effect.provide(both, layer))
      deepStrictEqual(spans.slice(0, 3).map(({ name, parent }) => [name, parent]), [
        ["PayPal.cancel", null],
        ["POST Authorization", "PayPal.cancel"],
        ["POST Cancel", "PayPal.cancel"]
      ])
      assert.strictEqual(spans[1]!.status, "ok")
      assert.strictEqual(spans[1]!.attributes[Attribute.evidence], "Authorized")
      assert.strictEqual(metrics[`${MetricName.exchanges}{provider=PayPal,exchange=Authorization,evidence=Authorized}`], 1)
      for (const secret of ["the-access-token", "the-secret"]) assert.notInclude(whole, secret)
    }))

  it.effect("are named after the provider's function, also where the payment's id is not known", () =>
    Effect.gen(function*() {
      const layer = Square.layer({ accessToken: Redacted.make("token") }).pipe(Layer.provide(play(json(200, {})).layer))
      const { metrics, spans } = yield* seeing(Effect.provide(Square.cancelByCreationKey({ creationKey: "order-7" }), layer))
      deepStrictEqual(spans.map(({ name, status }) => [name, status]), [["Square.cancelByCreationKey", "ok"], ["POST Cancel", "ok"]])
      assert.strictEqual(
        metrics[`${MetricName.cancels}{provider=Square,operation=cancelByCreationKey,outcome=CancellationAcknowledged,in_doubt=false}`],
        1
      )
    }))
})

describe("what a cancel came to", () => {
  const lost = { operation: "Cancel", evidence: "MaybeApplied", explanation: "", httpStatus: Exit.void } as never

  it("is in doubt after a defect where something may have been applied, also if nobody noted it", () => {
    const exit = Exit.failCause(Cause.die("bug"))
    deepStrictEqual(endingOf(exit, { cutShort: undefined, isSettledByStatusQuery: false, history: [lost] }), {
      outcome: "Defect",
      inDoubt: true,
      attempts: 1,
      evidence: "MaybeApplied",
      isSettledByStatusQuery: false
    })
    assert.isFalse(endingOf(exit, { cutShort: undefined, isSettledByStatusQuery: false, history: [] }).inDoubt)
  })

  it("is a defect where one came with an interruption", () => {
    const both = Exit.failCause(Cause.sequential(Cause.die("bug"), Cause.interrupt(FiberId.none)))
    assert.strictEqual(endingOf(both, { cutShort: undefined, isSettledByStatusQuery: false, history: [] }).outcome, "Defect")
  })
})

describe("names", () => {
  it("are each used once", () => {
    for (const names of [Telemetry.Attribute, Telemetry.Event, Telemetry.EventAttribute, Telemetry.MetricName, Telemetry.Label]) {
      assert.strictEqual(new Set(Object.values(names)).size, Object.keys(names).length)
    }
    for (const name of Object.values(MetricName)) assert.match(name, /^effect_payment_cancel_[a-z_]+$/)
  })
})
