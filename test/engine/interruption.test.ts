/**
 * A cancel that is cut short at any moment: what is in flight is aborted, and what is then
 * unknown is reported. Never is it said that nothing was cancelled, if something may be.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Runtime from "effect/Runtime"
import * as Scheduler from "effect/Scheduler"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Cancel from "../../src/Cancel.js"
import * as CancelEvent from "../../src/CancelEvent.js"
import * as WePay from "../../src/providers/WePay/index.js"
import { Fault, Sandbox } from "../../src/sandbox/index.js"
import { inTurns } from "../support/extent.js"
import * as Acme from "./Acme.js"
import { json, play, refused, reset, respond, type Step } from "./HttpDouble.js"
import { deepStrictEqual } from "./partly.js"

/** Starts an effect in a fiber of its own. */
type Fork = <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>

type Interrupted = Extract<CancelEvent.CancelEvent, { _tag: "Interrupted" }>

const request: Acme.Request = { paymentId: Acme.paymentId, idempotencyKey: "key-1" }

const gone = json(200, Acme.payment("gone"))
const busy = json(429, { code: "busy" })
const notPossible = json(400, { code: "not_possible" })

/** Runs a cancel until something says so, interrupts it there, and tells what was reported. */
const interruptedAt = (
  script: (here: Effect.Effect<void>) => readonly [Step, ...ReadonlyArray<Step>],
  sink: (event: CancelEvent.CancelEvent, here: Effect.Effect<void>) => Effect.Effect<void> = () => Effect.void,
  given: Parameters<typeof Acme.make>[2] = {}
) =>
  Effect.gen(function*() {
    const reached = yield* Deferred.make<void>()
    const here = Effect.asVoid(Deferred.succeed(reached, undefined))
    const events: Array<CancelEvent.CancelEvent> = []
    const acme = yield* Acme.make(play(...script(here)).client, { backoff: { initial: 1_000, jitter: 0 } }, given)
    const fiber = yield* Effect.fork(
      Effect.provide(
        acme.cancel(request),
        CancelEvent.layer((event) => Effect.suspend(() => {
          events.push(event)
          return sink(event, here)
        }))
      )
    )
    yield* Deferred.await(reached)
    // Whatever was to be said is said: now the caller is gone.
    yield* Effect.yieldNow()
    const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
    yield* TestClock.adjust("1 minute")
    const exit = yield* Fiber.join(interrupting)
    return { events, exit, reports: events.filter((event): event is Interrupted => event._tag === "Interrupted") }
  })

const summary = ({ attempts, cause, history, inFlight, outcome }: Interrupted) => ({
  cause,
  inFlight,
  outcome,
  attempts,
  history: history.map((_) => _.evidence)
})

const hangs = (here: Effect.Effect<void>): Step => () => Effect.zipRight(here, Effect.never)

const hangsInTheBody = (here: Effect.Effect<void>): Step => ({
  body: Stream.concat(
    Stream.make(new TextEncoder().encode("{\"id\"")),
    Stream.drain(Stream.fromEffect(here))
  ).pipe(Stream.concat(Stream.never))
})

/** Stays in the sink's hands when it is told of a certain event. */
const heldBy = (holds: (event: CancelEvent.CancelEvent) => boolean) =>
(event: CancelEvent.CancelEvent, here: Effect.Effect<void>) =>
  holds(event) ? Effect.zipRight(here, Effect.never) : Effect.void

describe("a cancel that is interrupted", () => {
  const rows: ReadonlyArray<readonly [
    name: string,
    script: (here: Effect.Effect<void>) => readonly [Step, ...ReadonlyArray<Step>],
    expected: Omit<ReturnType<typeof summary>, "cause">,
    given?: Parameters<typeof Acme.make>[2]
  ]> = [
    ["before the answer", (here) => [hangs(here)], { inFlight: "Cancel", outcome: "Unknown", attempts: 1, history: [] }],
    ["in the middle of the answer", (here) => [hangsInTheBody(here)], { inFlight: "Cancel", outcome: "Unknown", attempts: 1, history: [] }],
    ["during a second attempt after nothing was sent", (here) => [refused, hangs(here)], { inFlight: "Cancel", outcome: "Unknown", attempts: 2, history: ["NotSent"] }],
    ["during a second attempt after a refusal", (here) => [busy, hangs(here)], { inFlight: "Cancel", outcome: "Unknown", attempts: 2, history: ["Refused"] }],
    ["while reading the status of a refused payment", (here) => [notPossible, hangs(here)], { inFlight: "Status", outcome: "NotCancelled", attempts: 1, history: ["Refused"] }],
    ["while reading the status after a doubt", (here) => [reset, hangs(here)], { inFlight: "Status", outcome: "Unknown", attempts: 1, history: ["MaybeApplied"] }, { licence: Acme.unlicensed }],
    ["while reading the status after a doubt and a refusal", (here) => [reset, notPossible, hangs(here)], { inFlight: "Status", outcome: "Unknown", attempts: 2, history: ["MaybeApplied", "Refused"] }]
  ]
  for (const [name, script, expected, given] of rows) {
    it.effect(name, () =>
      Effect.gen(function*() {
        // The scripts that wait between attempts need the clock to come to the point.
        const fiber = yield* Effect.fork(interruptedAt(script, undefined, given))
        yield* TestClock.adjust("3 seconds")
        const { exit, reports } = yield* Fiber.join(fiber)
        assert.isTrue(Exit.isInterrupted(exit))
        deepStrictEqual(reports.map(summary), [{ cause: "Interruption", ...expected }])
        assert.strictEqual(reports[0]!.paymentId, "p-1")
        assert.strictEqual(reports[0]!.idempotencyKey, "key-1")
      }))
  }

  const waits: ReadonlyArray<readonly [
    name: string,
    script: readonly [Step, ...ReadonlyArray<Step>],
    outcome: "Unknown" | "NotCancelled",
    given?: Parameters<typeof Acme.make>[2]
  ]> = [
    ["between two attempts, after a doubt", [reset], "Unknown"],
    ["between two attempts, after nothing was sent", [refused], "NotCancelled"],
    ["between two attempts, after a refusal", [busy], "NotCancelled"],
    ["between two attempts, after a doubt and a refusal", [reset, busy], "Unknown"],
    ["between two readings, after a doubt", [reset], "Unknown", { licence: Acme.unlicensed }],
    ["between two readings, after a refusal", [notPossible, reset], "NotCancelled"]
  ]
  for (const [name, script, outcome, given] of waits) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(
          interruptedAt(() => script, (event, here) => event._tag === "Waiting" ? here : Effect.void, given)
        )
        yield* TestClock.adjust("10 seconds")
        const { reports } = yield* Fiber.join(fiber)
        assert.lengthOf(reports, 1)
        assert.strictEqual(reports[0]!.inFlight, null)
        assert.strictEqual(reports[0]!.outcome, outcome)
      }))
  }

  it.effect("before anything was sent: nothing is to be told", () =>
    Effect.gen(function*() {
      const { events, exit } = yield* interruptedAt(() => [gone], heldBy((event) => event._tag === "ExchangeStarted"))
      assert.isTrue(Exit.isInterrupted(exit))
      deepStrictEqual(events.map((_) => _._tag), ["ExchangeStarted"])
    }))

  it.effect("after the provider has cancelled the payment, it is never said that it has not", () =>
    Effect.gen(function*() {
      const ended = heldBy((event) => event._tag === "ExchangeEnded")
      const { reports } = yield* interruptedAt(() => [gone], ended)
      assert.lengthOf(reports, 1)
      assert.strictEqual(reports[0]!.outcome, "Unknown")
      deepStrictEqual(reports[0]!.history.map((_) => _.evidence), ["Acknowledged"])
    }))
  it.effect("after the provider has taken the request in, it is never said that it has not", () =>
    Effect.gen(function*() {
      const { reports } = yield* interruptedAt(
        () => [json(202, { receipt: "r" })],
        heldBy((event) => event._tag === "ExchangeEnded")
      )
      assert.strictEqual(reports[0]?.outcome, "Unknown")
    }))
  it.effect("after the doubt was cleared up by a status that is cancelled, the doubt is still told", () =>
    Effect.gen(function*() {
      const { reports } = yield* interruptedAt(
        () => [reset, gone],
        heldBy((event) => event._tag === "ExchangeEnded" && event.exchange.operation === "Status"),
        { licence: Acme.unlicensed }
      )
      deepStrictEqual(reports.map(summary), [{
        cause: "Interruption",
        inFlight: null,
        outcome: "Unknown",
        attempts: 1,
        history: ["MaybeApplied", "StatusRead"]
      }])
    }))
  const results: ReadonlyArray<readonly [Step, settled: string, outcome: "Unknown" | "NotCancelled" | null]> = [
    [gone, "Cancelled", null],
    [json(400, { code: "bad_request" }), "Acme.BadRequest", "NotCancelled"],
    [reset, "CancelError.NoResponse", "Unknown"]
  ]
  for (const [step, settled, outcome] of results) {
    it.effect(`while ${settled} is reported: the event says what its caller will not receive`, () =>
      Effect.gen(function*() {
        const { events, exit, reports } = yield* interruptedAt(
          () => [step],
          heldBy((event) => event._tag === "Settled"),
          { licence: Acme.unlicensed, canReadStatus: false }
        )
        assert.isTrue(Exit.isInterrupted(exit))
        deepStrictEqual(events.map((_) => _._tag), ["ExchangeStarted", "ExchangeEnded", "Settled", "Interrupted"])
        deepStrictEqual(reports.map(({ cause, inFlight, outcome, settled }) => ({ cause, inFlight, outcome, settled })), [
          { cause: "Interruption", inFlight: null, outcome, settled }
        ])
        assert.lengthOf(reports[0]!.history, 1)
      }))
    it.effect(`while ${settled} is reported, by Effect.timeout`, () =>
      Effect.gen(function*() {
        const events: Array<CancelEvent.CancelEvent> = []
        const acme = yield* Acme.make(play(step).client, {}, { licence: Acme.unlicensed, canReadStatus: false })
        const fiber = yield* Effect.fork(
          Effect.either(Effect.timeout(acme.cancel(request), "100 millis")).pipe(
            Effect.provide(CancelEvent.layer((event) =>
              Effect.zipRight(
                Effect.sync(() => void events.push(event)),
                event._tag === "Settled" ? Effect.sleep("200 millis") : Effect.void
              )
            ))
          )
        )
        yield* TestClock.adjust("1 minute")
        yield* Fiber.join(fiber)
        deepStrictEqual(events.flatMap((event) => event._tag === "Interrupted" ? [event.settled] : []), [settled])
      }))
  }
  it.effect("while the result of a call is reported that could send nothing: the event says what its caller will not receive", () =>
    Effect.gen(function*() {
      const events: Array<CancelEvent.CancelEvent> = []
      const reached = yield* Deferred.make<void>()
      const acme = yield* Acme.make(play(gone).client, {}, { licence: Acme.unlicensed, canReadStatus: false })
      const fiber = yield* Effect.fork(
        Cancel.continueAfter(acme.cancel(request), "Crash").pipe(
          Effect.provide(CancelEvent.layer((event) =>
            Effect.zipRight(
              Effect.sync(() => void events.push(event)),
              event._tag === "Settled" ? Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never) : Effect.void
            )
          ))
        )
      )
      yield* Deferred.await(reached)
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(interrupting)
      deepStrictEqual(
        events.map((event) => event._tag === "Interrupted" ? [event.settled, event.outcome, event.attempts, event.history] : event._tag),
        ["Settled", ["CancelError.NoResponse", "Unknown", 0, []]]
      )
    }))
  it.effect("but whose caller is told its result all the same, tells it once", () =>
    Effect.gen(function*() {
      const events: Array<CancelEvent.CancelEvent> = []
      const reached = yield* Deferred.make<void>()
      const acme = yield* Acme.make(play(gone).client)
      const fiber = yield* Effect.fork(
        Effect.uninterruptible(acme.cancel(request)).pipe(
          Effect.provide(CancelEvent.layer((event) =>
            Effect.zipRight(
              Effect.sync(() => void events.push(event)),
              event._tag === "Settled" ? Effect.zipRight(Deferred.succeed(reached, undefined), Effect.sleep("50 millis")) : Effect.void
            )
          ))
        )
      )
      yield* Deferred.await(reached)
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(interrupting)
      deepStrictEqual(events.map((_) => _._tag), ["ExchangeStarted", "ExchangeEnded", "Settled"])
    }))
  it.effect("by Effect.timeout from outside", () =>
    Effect.gen(function*() {
      const events: Array<CancelEvent.CancelEvent> = []
      const acme = yield* Acme.make(play(() => Effect.never).client)
      const fiber = yield* Effect.fork(
        acme.cancel(request).pipe(
          Effect.timeout("1 second"),
          Effect.flip,
          Effect.provide(CancelEvent.layer((event) => Effect.sync(() => void events.push(event))))
        )
      )
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "TimeoutException")
      assert.strictEqual(events.at(-1)?._tag, "Interrupted")
    }))
  it.effect("with a client that cannot be aborted: the report does not wait for it", () =>
    Effect.gen(function*() {
      const { reports } = yield* interruptedAt((here) => [() => Effect.uninterruptible(Effect.zipRight(here, Effect.never))])
      deepStrictEqual(reports.map(summary), [{ cause: "Interruption", inFlight: "Cancel", outcome: "Unknown", attempts: 1, history: [] }])
    }))
  it.effect("aborts what is in flight", () =>
    Effect.gen(function*() {
      let aborted = false
      yield* interruptedAt((here) => [() =>
        Effect.onInterrupt(Effect.zipRight(here, Effect.never), () =>
          Effect.sync(() => {
            aborted = true
          }))
      ])
      assert.isTrue(aborted)
    }))
  it.effect("the report is published, though its sink hangs", () =>
    Effect.gen(function*() {
      const { exit, reports } = yield* interruptedAt((here) => [hangs(here)], (event) =>
        event._tag === "Interrupted" ? Effect.never : Effect.void)
      assert.isTrue(Exit.isInterrupted(exit))
      assert.lengthOf(reports, 1)
    }))
})

describe("a cancel in which something dies", () => {
  const dying = (step: Step, ...earlier: ReadonlyArray<Step>) =>
    Effect.gen(function*() {
      const events: Array<CancelEvent.CancelEvent> = []
      const [first = step, ...rest] = [...earlier, step]
      const acme = yield* Acme.make(play(first, ...rest).client, { backoff: { initial: 0 } })
      const exit = yield* Effect.exit(
        Effect.provide(acme.cancel(request), CancelEvent.layer((event) => Effect.sync(() => void events.push(event))))
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      return events.filter((event): event is Interrupted => event._tag === "Interrupted").map(summary)
    })
  it.effect("says what is unknown, and stays a defect", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* dying(() => Effect.die("bug")), [
        { cause: "Defect", inFlight: "Cancel", outcome: "Unknown", attempts: 1, history: [] }
      ])
      deepStrictEqual(yield* dying(() => Effect.die("bug"), notPossible), [
        { cause: "Defect", inFlight: "Status", outcome: "NotCancelled", attempts: 1, history: ["Refused"] }
      ])
      deepStrictEqual(yield* dying(() => Effect.die("bug"), reset), [
        { cause: "Defect", inFlight: "Cancel", outcome: "Unknown", attempts: 2, history: ["MaybeApplied"] }
      ])
    }))
})

describe("an interruption at any moment, against a provider that keeps its own truth", () => {
  const faults: ReadonlyArray<readonly [name: string, fault: Fault.Fault | null]> = [
    ["no fault", null],
    ["a slow answer", Fault.delay("2 seconds")],
    ["an answer that is lost", Fault.dropAfterApplying],
    ["a request that arrives late", Fault.late("4 seconds")],
    ["a 500 after applying", Fault.serverError({ applied: true })],
    ["a 500 before applying", Fault.serverError({ applied: false })],
    ["a refused connection", Fault.refuseConnection],
    ["a stalled body", Fault.stallBody],
    ["a 429", Fault.rateLimited({ retryAfter: 1 })]
  ]

  const live = WePay.layer({
    appId: Sandbox.credentials.WePay.appId,
    appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
    baseUrl: Sandbox.baseUrl("WePay"),
    policy: { deadline: "8 seconds", attemptTimeout: "3 seconds", backoff: { initial: 400, jitter: 0 } }
  }).pipe(Layer.orDie)

  for (const [turn, [name, fault]] of faults.entries()) {
    it.effect(name, () =>
      Effect.forEach(inTurns([0, 300, 1_100, 2_400, 4_500], turn, 3), (moment) =>
        Effect.gen(function*() {
          const sandbox = yield* Sandbox.Sandbox
          const paymentId = yield* sandbox.create("WePay")
          if (fault !== null) yield* sandbox.inject(fault, { provider: "WePay", operation: "Cancel" })
          const events: Array<CancelEvent.CancelEvent> = []
          const fiber = yield* Effect.fork(
            WePay.cancel({ paymentId, reason: "out of stock" }).pipe(
              Effect.provide(CancelEvent.layer((event) =>
                Effect.sleep("100 millis").pipe(Effect.zipRight(Effect.sync(() => void events.push(event)))))),
              Effect.provide(live)
            )
          )
          yield* TestClock.adjust(moment)
          const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
          yield* TestClock.adjust("1 minute")
          const exit = yield* Fiber.join(interrupting)
          const status = Option.getOrThrow(yield* sandbox.payment("WePay", paymentId)).status
          const report = events.find((event) => event._tag === "Interrupted")
          const settled = events.find((event) => event._tag === "Settled")
          if (Exit.isInterrupted(exit) && settled === undefined) {
            const sent = (yield* sandbox.requests).some((request) => request.paymentId === paymentId && request.operation === "Cancel")
            assert.strictEqual(report !== undefined || !sent, true, `${moment}: nothing was reported`)
            if (status === "canceled") assert.strictEqual(report?.outcome, "Unknown", `${moment}`)
          }
          if (settled?.outcome === "NotCancelled") assert.notStrictEqual(status, "canceled")
        }).pipe(Effect.provide(Sandbox.layer as Layer.Layer<Sandbox.Sandbox | HttpClient.HttpClient>)), { discard: true }))
  }
})

describe("at any step of Effect's own schedulers, with events that nobody reads", () => {
  const runtimes: ReadonlyArray<readonly [name: string, use: <A, E>(run: (fork: Fork) => Effect.Effect<A, E>) => Effect.Effect<A, E>]> = [
    ["the default one", (run) => Effect.flatMap(Effect.runtime<never>(), (runtime) => run(Runtime.runFork(runtime)))],
    // It is built by another one, which everything has that it runs.
    ["that of a ManagedRuntime", (run) =>
      Effect.acquireUseRelease(
        Effect.sync(() => ManagedRuntime.make(Layer.empty)),
        (runtime) => Effect.zipRight(Effect.promise(() => runtime.runPromise(Effect.void)), run((effect) => runtime.runFork(effect))),
        (runtime) => runtime.disposeEffect
      )]
  ]

  /** Has turns of so many steps. */
  type InTurnsOf = (steps: number) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

  /** A scheduler of somebody's own, which counts for itself what is done in a turn. */
  const byItself: InTurnsOf = (steps) => (effect) =>
    Effect.suspend(() => {
      const mixed = new Scheduler.MixedScheduler(2_048)
      let asked = 0
      return Effect.withScheduler(effect, {
        shouldYield: (fiber) => ++asked % steps === 0 ? fiber.getFiberRef(FiberRef.currentSchedulingPriority) : false,
        scheduleTask: (task, priority) =>
          mixed.scheduleTask(() => {
            asked = 0
            task()
          }, priority)
      })
    })

  /** Interrupts a cancel after so many turns, where a turn has so many steps. */
  const interruptedAfter = (fork: Fork, turns: number, steps: number, inTurnsOf: InTurnsOf) =>
    Effect.gen(function*() {
      const warnings: Array<unknown> = []
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client)
      const fiber = fork(acme.cancel(request).pipe(
        inTurnsOf(steps),
        Effect.provide(Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => void warnings.push(message))))
      ))
      for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow()
      const exit = yield* Fiber.interrupt(fiber)
      return { cut: Exit.isInterrupted(exit), isSent: received.length > 0, reports: warnings.length, succeeded: Exit.isSuccess(exit) }
    })

  /** Tries every moment of turns with so many steps, and says what was seen. */
  const tried = (fork: Fork, lengths: ReadonlyArray<number>, inTurnsOf: InTurnsOf) =>
    Effect.gen(function*() {
      const seen = new Set<string>()
      for (const steps of lengths) {
        for (let turns = 0; turns < 400; turns++) {
          const { cut, isSent, reports, succeeded } = yield* interruptedAfter(fork, turns, steps, inTurnsOf)
          const where = `interrupted after ${turns} turns of ${steps} steps`
          assert.strictEqual(cut, !succeeded, where)
          assert.isAtMost(reports, 1, where)
          if (succeeded) assert.strictEqual(reports, 0, where)
          else if (isSent) assert.strictEqual(reports, 1, where)
          seen.add(`${succeeded ? "arrives" : "is cut"}, ${isSent ? "sent" : "not sent"}`)
          if (succeeded) break
        }
      }
      return [...seen].sort()
    })

  const every = ["arrives, sent", "is cut, not sent", "is cut, sent"]

  it.live("either the result arrives, or it is told that it does not: a scheduler of somebody's own", () =>
    Effect.gen(function*() {
      const fork = Runtime.runFork(yield* Effect.runtime<never>())
      assert.deepStrictEqual(yield* tried(fork, inTurns(Arr.range(12, 30), 2, 16), byItself), every)
    }), 60_000)

  for (const [turn, [name, use]] of runtimes.entries()) {
    it.live(`either the result arrives, or it is told that it does not: ${name}`, () => use((fork) =>
      Effect.gen(function*() {
        // Some turns are shorter than what is left once the answer is there.
        const lengths = inTurns([...Arr.range(12, 60), 70, 80, 90, 100, 110, 120, 130, 150, 200, 300, 2_048], turn, 16)
        assert.deepStrictEqual(yield* tried(fork, lengths, (steps) => Effect.withMaxOpsBeforeYield(steps)), every)
      })), 60_000)

    it.live(`the result takes one turn more than its answer alone: ${name}`, () => use((fork) =>
      Effect.gen(function*() {
        /** How many turns something takes from the moment at which its answer begins. */
        const turnsOf = <A, E>(asking: (client: HttpClient.HttpClient) => Effect.Effect<A, E>) =>
          Effect.gen(function*() {
            let answer = () => {}
            const { client } = play((request) =>
              Effect.async((resume) => {
                answer = () => resume(Effect.succeed(respond(request, gone)))
              }))
            const fiber = fork(asking(client))
            yield* Effect.sleep("10 millis")
            return yield* Effect.promise(async () => {
              answer()
              let turns = 0
              for (; turns < 20 && fiber.unsafePoll() === null; turns++) await Promise.resolve()
              return turns
            })
          })
        const alone = yield* turnsOf((client) => Effect.flatMap(client.get("https://acme.test/"), ({ text }) => text))
        const whole = yield* turnsOf((client) => Effect.flatMap(Acme.make(client), (acme) => acme.cancel(request)))
        assert.strictEqual(whole, alone + 1)
      })))
  }
})
