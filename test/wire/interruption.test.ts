/**
 * No silence (promise 9): whatever cuts a cancel short aborts what is in flight and reports what
 * is then unknown. And bounded (promise 8), also where nothing can be interrupted.
 */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type * as Scope from "effect/Scope"
import { Cancel, CancelEvent, type CancelPolicy, IdempotencyKey, Telemetry } from "effect-payment-cancel"
import { granting } from "../support/granting.js"
import { sumOf } from "../support/metrics.js"
import { observing } from "./Observed.js"
import { answer, bytes, closedPort, headOf, later, reset, type Script, type ScriptedServer, serve, stall } from "./ScriptedServer.js"
import { casesAt, complete, type Side, sides } from "./Side.js"
import { allClients, assertShows, attempt, type Client, pairs, paymentId, quick, run, until, verdictOf } from "./Trial.js"

const key = "order-1042-cancel"
const request = { paymentId, idempotencyKey: key }

const patient = { ...quick, backoff: { initial: "10 seconds", factor: 1, maximum: "10 seconds", jitter: 0 } } as const

type Interrupted = Extract<CancelEvent.CancelEvent, { readonly _tag: "Interrupted" }>

const interruptions = (events: ReadonlyArray<CancelEvent.CancelEvent>) =>
  events.filter((event): event is Interrupted => event._tag === "Interrupted")

interface Case {
  readonly name: string
  /** Where it goes on at all; everywhere, unless given. */
  readonly at?: (side: Side) => boolean
  readonly script: (side: Side) => Script
  /** When it is cut short. */
  readonly ripe: (server: ScriptedServer) => boolean
  readonly policy?: CancelPolicy.Options
  readonly expected: { readonly inFlight: string | null; readonly outcome: string; readonly attempts: number }
  readonly history: ReadonlyArray<string>
}

/** Whether anything more comes after a lost answer. */
const goesOn = ({ readable, repeats }: Side): boolean => readable || repeats("NoAnswer")

const cases: ReadonlyArray<Case> = [
  {
    name: "while no answer comes",
    script: () => ({ cancel: [stall] }),
    ripe: ({ received }) => received.length === 1,
    expected: { inFlight: "Cancel", outcome: "Unknown", attempts: 1 },
    history: []
  },
  {
    name: "while a body is under way",
    script: () => ({ cancel: [bytes(headOf(200, { "Content-Length": "90" }))] }),
    ripe: ({ received }) => received.length === 1,
    expected: { inFlight: "Cancel", outcome: "Unknown", attempts: 1 },
    history: []
  },
  {
    name: "while it waits after a lost answer",
    at: goesOn,
    script: () => ({ cancel: [reset], status: [answer(503, "")] }),
    ripe: ({ received }) => received.length >= 1,
    policy: patient,
    expected: { inFlight: null, outcome: "Unknown", attempts: 1 },
    history: ["MaybeApplied"]
  },
  {
    name: "while the second request is under way after a refusal",
    script: (side) => ({ cancel: [answer(429, side.refusal(side.codes.throttled.code)), stall] }),
    ripe: ({ received }) => received.length === 2,
    expected: { inFlight: "Cancel", outcome: "Unknown", attempts: 2 },
    history: ["Refused"]
  },
  {
    name: "while it waits after a refusal: nothing is unknown",
    script: (side) => ({ cancel: [answer(429, side.refusal(side.codes.throttled.code))] }),
    ripe: ({ received }) => received.length === 1,
    policy: patient,
    expected: { inFlight: null, outcome: "NotCancelled", attempts: 1 },
    history: ["Refused"]
  },
  {
    name: "while the status is read after a refusal: nothing is unknown",
    at: ({ readable }) => readable,
    script: (side) => ({ cancel: [answer(side.codes.state.status, side.refusal(side.codes.state.code))], status: [stall] }),
    ripe: ({ received }) => received.length === 2,
    expected: { inFlight: "Status", outcome: "NotCancelled", attempts: 1 },
    history: ["Refused"]
  },
  {
    name: "while the status is read after an empty answer",
    at: ({ readable }) => readable,
    script: () => ({ cancel: [answer(200, "")], status: [stall] }),
    ripe: ({ received }) => received.some(({ method }) => method === "GET"),
    policy: { ...quick, attempts: 1 },
    expected: { inFlight: "Status", outcome: "Unknown", attempts: 1 },
    history: ["MaybeApplied"]
  }
]

/** Cuts a cancel short a little after something has happened at the server. */
const cutShort = (
  { policy = quick, ripe, script }: Pick<Case, "policy" | "ripe" | "script">,
  side: Side,
  [, client]: Client
): Effect.Effect<ScriptedServer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const server = yield* serve(script(side))
    const fiber = yield* side.cancel({ url: server.url }, request).pipe(
      Cancel.withPolicy(policy),
      Effect.provide(client),
      Effect.fork
    )
    yield* until(() => ripe(server))
    // On a machine that is busy it takes a while until it waits.
    yield* Effect.sleep(policy === patient ? "1500 millis" : "200 millis")
    yield* Fiber.interrupt(fiber)
    return server
  })

for (const side of sides) {
  for (const client of side === complete ? allClients : pairs.flatMap(([other, client]) => other === side ? [client] : [])) {
    describe.concurrent(`${side.name} over ${client[0]}`, () => {
      for (const { expected, history, name, ...given } of casesAt(side, cases.filter(({ at = () => true }) => at(side)))) {
        it.scopedLive(`interrupted ${name}`, () =>
          Effect.gen(function*() {
            const [server, { events, logs }] = yield* observing(cutShort(given, side, client), "own")
            const [event, ...more] = interruptions(events)
            if (event === undefined) return assert.fail("no event")
            assert.deepEqual(more, [])
            assert.deepInclude<object>(event, { ...expected, paymentId: side.paymentId(paymentId), provider: side.provider, idempotencyKey: key, cause: "Interruption" })
            const evidence = event.history.flatMap(({ evidence, operation }) => operation === "Authorization" ? [] : [evidence])
            assert.deepEqual(evidence.slice(0, history.length), history)
            assert.notInclude(events.map(({ _tag }) => _tag), "Settled")
            assert.isFalse(logs.some((log) => log === "WARN"), "events that go elsewhere are not logged")
            // No request goes on without anybody waiting for it.
            const before = server.received.length
            yield* until(() => expected.inFlight === null || !server.isOpen(server.received.at(-1)?.connection))
            assert.strictEqual(server.received.length, before)
          }))
      }

      // What an engine does that knows no provider: each is tested at some of the sides, and at the complete one over each client.
      const turns = casesAt(side, ["the default sink", "a timeout", "nothing sent", "the whole story"])

      if (turns.includes("the default sink")) it.scopedLive("the default sink logs a warning", () =>
        Effect.gen(function*() {
          const [, { logs }] = yield* observing(
            cutShort({ script: () => ({ cancel: [stall] }), ripe: ({ received }) => received.length === 1 }, side, client),
            "default"
          )
          assert.strictEqual(logs.filter((log) => log === "WARN").length, 1)
          const text = logs.join("\n")
          for (const part of [side.paymentId(paymentId), key, "Unknown"]) assert.include(text, part)
        }))

      if (turns.includes("a timeout")) it.scopedLive("a timeout from outside only says that it is over; the event says the rest", () =>
        Effect.gen(function*() {
          const server = yield* serve({ cancel: [stall] })
          const [exit, { events }] = yield* observing(
            side.cancel({ url: server.url }, request).pipe(
              Effect.timeout("2 seconds"),
              Effect.exit,
              Effect.provide(client[1])
            ),
            "own"
          )
          assert.isTrue(Exit.isFailure(exit) && Cause.failureOption(exit.cause)._tag === "Some")
          assert.deepEqual(interruptions(events).map(({ inFlight, outcome }) => [inFlight, outcome]), [["Cancel", "Unknown"]])
        }))

      if (turns.includes("nothing sent")) it.scopedLive("before a byte left nothing is unknown", () =>
        Effect.gen(function*() {
          const port = yield* closedPort
          const [, { events }] = yield* observing(
            Effect.gen(function*() {
              const fiber = yield* side.cancel({ url: `http://127.0.0.1:${port}` }, request).pipe(
                Cancel.withPolicy(patient),
                Effect.provide(client[1]),
                Effect.fork
              )
              yield* Effect.sleep("1500 millis")
              yield* Fiber.interrupt(fiber)
            }),
            "own"
          )
          assert.deepEqual(interruptions(events).filter(({ outcome }) => outcome === "Unknown"), [])
        }))

      if (turns.includes("the whole story") && side.repeats("NoAnswer")) it.scopedLive("events tell the whole story of a cancel that settles, and the metric counts it", () =>
        Effect.gen(function*() {
          const trial = `${side.name} over ${client[0]}`
          const [{ verdict }, { events }] = yield* observing(
            attempt(
              { cancel: [reset, answer(200, side.proof(paymentId))], status: [answer(503, "")] },
              { side, client, request }
            ).pipe(Effect.tagMetrics({ trial })),
            "own"
          )
          assertShows(verdict, { success: side.success, attempts: 2 })
          for (const event of events) {
            assert.deepInclude<object>(event, { paymentId: side.paymentId(paymentId), idempotencyKey: key, provider: side.provider })
          }
          const settled = events.at(-1)
          if (settled?._tag !== "Settled") return assert.fail(`the last event is ${settled?._tag}`)
          assert.deepInclude<object>(settled, { result: side.success, outcome: null, attempts: 2 })
          const started = events.filter(({ _tag }) => _tag === "ExchangeStarted").length
          const ended = events.filter(({ _tag }) => _tag === "ExchangeEnded").length
          assert.strictEqual(started, ended)
          assert.strictEqual(ended, settled.history.length)
          const { cancels } = Telemetry.MetricName
          assert.strictEqual(yield* sumOf(cancels, { trial, provider: side.provider, outcome: side.success }), 1)
          assert.strictEqual(yield* sumOf(cancels, { trial }), 1)
        }))

      const sinks = [
        ["dies", () => Effect.die("the sink is broken")],
        ["is interrupted", () => Effect.interrupt],
        ["throws", (): Effect.Effect<void> => {
          throw new Error("the sink is broken")
        }]
      ] as const
      for (const [name, sink] of casesAt(side, sinks)) {
        it.scopedLive(`a sink that ${name} does not disturb the cancel`, () =>
          Effect.gen(function*() {
            const { verdict } = yield* attempt(
              { cancel: [answer(200, side.proof(paymentId))] },
              { side, client }
            ).pipe(Effect.provide(CancelEvent.layer(sink)), Logger.withMinimumLogLevel(LogLevel.None))
            assertShows(verdict, { success: side.success, evidence: "Response", attempts: 1 })
          }))
      }
    })
  }

  describe.concurrent(`${side.name} over a client of its own`, () => {
    const lost = (request: Parameters<HttpClient.HttpClient["execute"]>[0]) =>
      Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: new Error("lost") }))

    if (goesOn(side)) it.live("a defect after a lost answer is reported, and goes on its way", () =>
      Effect.gen(function*() {
        let requests = 0
        const client = granting(side.way)(
          HttpClient.make((request) => requests++ === 0 ? lost(request) : Effect.die("the client is broken"))
        )
        const [exit, { events }] = yield* observing(
          side.cancel({ url: "http://127.0.0.1:1" }, request).pipe(
            Cancel.withPolicy(quick),
            Effect.provideService(HttpClient.HttpClient, client),
            Effect.exit
          ),
          "own"
        )
        const [event] = interruptions(events)
        if (event === undefined) return assert.fail("no event")
        assert.deepInclude<object>(event, { cause: "Defect", outcome: "Unknown", paymentId: side.paymentId(paymentId), idempotencyKey: key })
        assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      }))

    it.live("a defect while a request is under way is reported", () =>
      Effect.gen(function*() {
        const client = granting(side.way)(HttpClient.make(() => Effect.die("the client is broken")))
        const [, { events }] = yield* observing(
          side.cancel({ url: "http://127.0.0.1:1" }, request).pipe(
            Cancel.withPolicy(quick),
            Effect.provideService(HttpClient.HttpClient, client),
            Effect.exit
          ),
          "own"
        )
        assert.deepEqual(interruptions(events).map(({ cause, outcome }) => [cause, outcome]), [["Defect", "Unknown"]])
      }))

    it.live("a defect before a key is chosen reports nothing unknown", () =>
      Effect.gen(function*() {
        const [exit, { events }] = yield* observing(
          side.cancel({ url: "http://127.0.0.1:1" }, { paymentId }).pipe(
            Effect.provideService(HttpClient.HttpClient, HttpClient.make(lost)),
            Effect.provide(IdempotencyKey.layer(Effect.die("no entropy"))),
            Effect.exit
          ),
          "own"
        )
        assert.isTrue(Exit.isFailure(exit))
        assert.deepEqual(interruptions(events), [])
      }))

    it.live("an unusable generated key is refused like a given one", () =>
      Effect.gen(function*() {
        const result = yield* side.cancel({ url: "http://127.0.0.1:1" }, { paymentId }).pipe(
          Effect.provideService(HttpClient.HttpClient, HttpClient.make(lost)),
          Effect.provide(IdempotencyKey.layer(Effect.succeed("not visible\n"))),
          Effect.either
        )
        assertShows(verdictOf(result), { failure: "CancelError.InvalidCancelRequest", outcome: "NotCancelled", attempts: 0 })
      }))
  })
}

describe.concurrent("in a finalizer, where nothing can be interrupted", () => {
  for (const client of allClients) {
    it.scopedLive(`the bounds still hold over ${client[0]}`, () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [later(1800, reset)], status: [later(1800, reset)] })
        const policy = { ...quick, attempts: 2, attemptTimeout: "300 millis", statusReads: 1, statusTimeout: "300 millis", deadline: "700 millis" } as const
        const { millis, verdict } = yield* Effect.uninterruptible(run(server, { side: complete, client, policy }))
        assertShows(verdict, { failure: "CancelError.NoResponse", outcome: "Unknown" })
        assert.isBelow(millis, 1700)
      }))
  }
})
