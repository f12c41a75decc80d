/** An intent that is recorded right before it is carried out. */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Admission from "../../src/Admission.js"
import * as Cancel from "../../src/Cancel.js"
import * as CancelMany from "../../src/CancelMany.js"
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import * as Acme from "./Acme.js"
import { json, play, reset, type Step } from "./HttpDouble.js"

type Script = readonly [Step, ...ReadonlyArray<Step>]

const request: Acme.Request = { paymentId: Acme.paymentId, idempotencyKey: "key-1" }
const atOnce: CancelPolicy.Options = { backoff: { initial: 0, jitter: 0 } }

const gone = json(200, Acme.payment("gone"))
const open = json(200, Acme.payment("open"))
const busy = json(429, { code: "busy" })
const bad = json(400, { code: "bad_request" })

/** What is sent and what is recorded, in the order in which it happens. */
const played = (steps: Script, given: Parameters<typeof Acme.make>[2] = {}, options: CancelPolicy.Options = atOnce) =>
  Effect.gen(function*() {
    const happened: Array<string> = []
    const telling = (step: Step): Step => (request) =>
      Effect.suspend(() => {
        happened.push(request.method)
        return typeof step === "function" ? step(request) : play(step).client.execute(HttpClientRequest.get("https://acme.test"))
      })
    const [first, ...others] = steps
    const acme = yield* Acme.make(play(telling(first), ...others.map(telling)).client, options, given)
    const record = ({ idempotencyKey }: Cancel.Intent) => Effect.sync(() => void happened.push(`recorded ${idempotencyKey}`))
    /** Its result, however long it takes. */
    const toTheEnd = <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(effect)
        yield* TestClock.adjust("10 minutes")
        return yield* Fiber.await(fiber)
      })
    return { acme, happened, record, toTheEnd }
  })

describe("what is run before a cancel is sent", () => {
  it.effect("is run right before, and once, however often it is sent", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([reset, busy, gone])
      const exit = yield* toTheEnd(Cancel.beforeSending(acme.cancel(request), record))
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(happened, ["recorded key-1", "POST", "POST", "POST"])
    }))

  it.effect("is told the key, also where it was made for the cancel", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([bad])
      const exit = yield* toTheEnd(Effect.flip(acme.cancel({ paymentId: Acme.paymentId }).pipe(Cancel.beforeSending(record))))
      assert(Exit.isSuccess(exit))
      assert.deepStrictEqual(happened, [`recorded ${exit.value.idempotencyKey}`, "POST"])
      assert.isNotEmpty(exit.value.idempotencyKey)
    }))

  it.effect("is run for each cancel by itself", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([gone])
      const both = (options?: { readonly concurrency: "unbounded" }) =>
        Effect.forEach(["a", "b"], (idempotencyKey) => acme.cancel({ ...request, idempotencyKey }), options)
      yield* toTheEnd(Cancel.beforeSending(both(), record))
      assert.deepStrictEqual(happened.splice(0), ["recorded a", "POST", "recorded b", "POST"])
      yield* toTheEnd(Cancel.beforeSending(both({ concurrency: "unbounded" }), record))
      assert.deepStrictEqual(happened.toSorted(), ["POST", "POST", "recorded a", "recorded b"])
      assert.isAbove(happened.lastIndexOf("POST"), happened.indexOf("recorded b"))
      // And each time that it is run.
      happened.length = 0
      yield* toTheEnd(Effect.repeatN(Cancel.beforeSending(acme.cancel(request), record), 1))
      assert.deepStrictEqual(happened, ["recorded key-1", "POST", "recorded key-1", "POST"])
    }))

  it.effect("is not run for a cancel that sent nothing before another one in the same effect", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([open, open, open, gone], { licence: Acme.unlicensed })
      const [a, b] = [acme.cancel({ ...request, idempotencyKey: "a" }), acme.cancel({ ...request, idempotencyKey: "b" })] as const
      yield* toTheEnd(Cancel.beforeSending(Effect.zipRight(Effect.exit(Cancel.continueAfter(a, "Crash")), b), record))
      assert.deepStrictEqual(happened.splice(0), ["GET", "GET", "GET", "recorded b", "POST"])
      let asked = 0
      const outer: Admission.Service = { admit: () => asked++ === 0 ? Effect.never : Effect.succeed(true), ended: () => Effect.void }
      yield* toTheEnd(Effect.zipRight(Effect.exit(Effect.timeout(a, "1 second")), b).pipe(
        Cancel.beforeSending(record),
        Effect.provideService(Admission.Admission, outer)
      ))
      assert.deepStrictEqual(happened, ["recorded b", "POST"])
    }))

  it.effect("holds up no other cancel in the same effect, and takes nothing from its result", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([reset], { licence: Acme.unlicensed })
      const [a, b] = [acme.cancel({ ...request, idempotencyKey: "a" }), acme.cancel({ ...request, idempotencyKey: "b" })] as const
      const recording = (ofA: Effect.Effect<void, "away">) => (intent: Cancel.Intent) => intent.idempotencyKey === "a" ? ofA : record(intent)
      const after = yield* toTheEnd(Effect.flip(Cancel.beforeSending(Effect.zipRight(Effect.exit(a), b), recording(Effect.fail("away")))))
      assert(Exit.isSuccess(after))
      assert.deepInclude(after.value, { outcome: "Unknown", idempotencyKey: "b" })
      assert.deepStrictEqual(happened.splice(0, 2), ["recorded b", "POST"])
      happened.length = 0
      const beside = yield* toTheEnd(Cancel.beforeSending(
        Effect.all([a, b].map(Effect.flip), { concurrency: "unbounded" }),
        recording(Effect.uninterruptible(Effect.never))
      ))
      assert(Exit.isSuccess(beside))
      assert.deepStrictEqual(beside.value.map(({ outcome }) => outcome), ["NotCancelled", "Unknown"])
      assert.deepStrictEqual(happened.slice(0, 2), ["recorded b", "POST"])
    }))

  it.effect("is not run where nothing is sent: of what is invalid, and where only the status is read", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([open], { licence: Acme.unlicensed })
      const invalid = yield* toTheEnd(Effect.flip(Cancel.beforeSending(acme.cancel({ paymentId: "" }), record)))
      assert(Exit.isSuccess(invalid))
      assert.strictEqual(invalid.value._tag, "CancelError.InvalidCancelRequest")
      const continued = yield* toTheEnd(Effect.flip(acme.cancel(request).pipe(Cancel.continueAfter("Crash"), Cancel.beforeSending(record))))
      assert(Exit.isSuccess(continued))
      assert.deepInclude(continued.value, { outcome: "Unknown" })
      assert.deepStrictEqual(new Set(happened), new Set(["GET"]))
    }))

  it.effect("is not run again for the status that is read afterwards", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([reset, open], { licence: Acme.unlicensed })
      yield* toTheEnd(Cancel.beforeSending(acme.cancel(request), record))
      assert.deepStrictEqual(happened.slice(0, 3), ["recorded key-1", "POST", "GET"])
      assert.deepStrictEqual(new Set(happened.slice(2)), new Set(["GET"]))
    }))

  it.effect("changes nothing about what ends by itself", () =>
    Effect.gen(function*() {
      const { record, toTheEnd } = yield* played([gone])
      const ended = <A, E>(effect: Effect.Effect<A, E>) => Effect.map(toTheEnd(Effect.exit(Cancel.beforeSending(effect, record))), Exit.flatten)
      assert.isTrue(Exit.isInterrupted(yield* ended(Effect.interrupt)))
      for (const exit of [Exit.fail("mine" as const), Exit.die("a bug"), Exit.succeed(1)]) {
        assert.deepStrictEqual<unknown>(yield* ended<number, "mine">(exit), exit)
      }
    }))

  it.effect("is run for what a licence lets be sent again after a crash", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([gone])
      yield* toTheEnd(acme.cancel(request).pipe(Cancel.beforeSending(record), Cancel.continueAfter("Crash")))
      assert.deepStrictEqual(happened, ["recorded key-1", "POST"])
    }))

  it.effect("that fails has nothing sent, and is what the cancel ends with", () =>
    Effect.gen(function*() {
      const { acme, happened, toTheEnd } = yield* played([gone])
      const failed = yield* toTheEnd(Cancel.beforeSending(acme.cancel(request), () => Effect.fail("the database is away" as const)))
      assert.deepStrictEqual(failed, Exit.fail("the database is away" as const))
      const died = yield* toTheEnd(Cancel.beforeSending(acme.cancel(request), () => Effect.die("a bug")))
      assert.deepStrictEqual(died, Exit.die("a bug"))
      const threw = yield* toTheEnd(Cancel.beforeSending(acme.cancel(request), () => {
        throw new Error("another bug")
      }))
      assert(Exit.isFailure(threw))
      assert.include(Cause.pretty(threw.cause), "another bug")
      assert.deepStrictEqual(happened, [])
    }))

  it.effect("takes of the cancel's time, and where that is over nothing is sent", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([reset], {}, { ...atOnce, deadline: "10 seconds" })
      const begun = yield* toTheEnd(Effect.flip(Cancel.beforeSending(acme.cancel(request), (intent) => Effect.delay(record(intent), "2 seconds"))))
      assert(Exit.isSuccess(begun))
      assert.deepStrictEqual(happened.splice(0, 2), ["recorded key-1", "POST"])
      for (const endless of [Effect.never, Effect.uninterruptible(Effect.never)]) {
        happened.length = 0
        const late = yield* toTheEnd(Effect.flip(Cancel.beforeSending(acme.cancel(request), () => endless)))
        assert(Exit.isSuccess(late))
        assert.deepInclude(late.value, { _tag: "CancelError.NotSent", outcome: "NotCancelled", attempts: 0 })
        assert.deepStrictEqual(happened, [])
      }
    }))

  it.live("is not run once more where the time is over a little early", () =>
    Effect.gen(function*() {
      const { acme, happened } = yield* played([gone], {}, { ...atOnce, deadline: 20, statusTimeout: 1 })
      const runs = yield* Effect.forEach(Array.from({ length: 400 }), () =>
        Effect.suspend(() => {
          let runs = 0
          const record = Effect.zipRight(Effect.sync(() => void (runs += 1)), Effect.never)
          return Effect.map(Effect.exit(Cancel.beforeSending(acme.cancel(request), () => record)), () => runs)
        }), { concurrency: 20 })
      assert.strictEqual(Math.max(...runs), 1)
      assert.deepStrictEqual(happened, [])
    }))

  it.effect("is cut short where the cancel is interrupted, and nothing is sent", () =>
    Effect.gen(function*() {
      const { acme, happened } = yield* played([gone])
      const fiber = yield* Effect.fork(Cancel.beforeSending(acme.cancel(request), () => Effect.sleep("1 second")))
      yield* TestClock.adjust("500 millis")
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isInterrupted(exit))
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(happened, [])
    }))

  it.effect("is no part of the cancel, also where it cancels something itself", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([gone])
      yield* toTheEnd(Cancel.beforeSending(acme.cancel(request), (intent) =>
        Effect.zipRight(acme.cancel({ ...request, idempotencyKey: "before" }), record(intent))))
      assert.deepStrictEqual(happened, ["POST", "recorded key-1", "POST"])
    }))

  it.scoped("has a fiber of its own: it sees every FiberRef, and sets none", () =>
    Effect.gen(function*() {
      const { acme } = yield* played([gone])
      const ref = yield* FiberRef.make("made")
      yield* FiberRef.set(ref, "set before")
      let seen: string | undefined
      yield* Cancel.beforeSending(acme.cancel(request), () =>
        Effect.tap(FiberRef.getAndSet(ref, "set by it"), (value) => Effect.sync(() => seen = value)))
      assert.strictEqual(seen, "set before")
      assert.strictEqual(yield* FiberRef.get(ref), "set before")
    }))

  it.effect("comes last, behind whatever else the request has to pass", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([busy, gone])
      const outer: Admission.Service = {
        begins: () => void happened.push("begins"),
        admit: ({ repeats }) => Effect.as(Effect.sync(() => void happened.push("asked")), !repeats),
        ended: () => Effect.sync(() => void happened.push("ended"))
      }
      yield* toTheEnd(acme.cancel(request).pipe(Cancel.beforeSending(record), Effect.provideService(Admission.Admission, outer)))
      assert.deepStrictEqual(happened, ["begins", "asked", "recorded key-1", "POST", "ended", "asked"])
    }))

  it.effect("is run where the limits refuse the first request of a call, for that is sent all the same", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([gone])
      const outer: Admission.Service = { admit: () => Effect.succeed(false), ended: () => Effect.void }
      yield* toTheEnd(acme.cancel(request).pipe(Cancel.beforeSending(record), Effect.provideService(Admission.Admission, outer)))
      assert.deepStrictEqual(happened, ["recorded key-1", "POST"])
    }))

  for (const where of ["on each", "around them all"] as const) {
    it.effect(`is run for each of many, ${where}`, () =>
      Effect.gen(function*() {
        const { acme, happened, record, toTheEnd } = yield* played([gone])
        const cancel = (request: Acme.Request) => where === "on each" ? Cancel.beforeSending(acme.cancel(request), record) : acme.cancel(request)
        const all = Stream.make("a", "b", "c").pipe(
          Stream.map((idempotencyKey) => ({ ...request, idempotencyKey })),
          CancelMany.cancelMany(cancel, { providerOf: () => "Acme" }),
          Stream.map(({ result }) => Either.merge(result)._tag),
          Stream.runCollect
        )
        const exit = yield* toTheEnd(where === "on each" ? all : Cancel.beforeSending(all, record))
        assert.deepStrictEqual(Exit.map(exit, (_) => [..._]), Exit.succeed(["Cancelled", "Cancelled", "Cancelled"]))
        assert.deepStrictEqual(happened.filter((what) => what.startsWith("recorded")).toSorted(), ["recorded a", "recorded b", "recorded c"])
        assert.strictEqual(happened[0], "recorded a")
      }))
  }

  it.effect("that fails for one of many ends that one, with its error", () =>
    Effect.gen(function*() {
      const { acme, happened, record, toTheEnd } = yield* played([gone])
      const exit = yield* toTheEnd(Stream.make("a", "b").pipe(
        Stream.map((idempotencyKey) => ({ ...request, idempotencyKey })),
        CancelMany.cancelMany((request: Acme.Request) =>
          Cancel.beforeSending(acme.cancel(request), (intent) => request.idempotencyKey === "a" ? Effect.fail("away" as const) : record(intent)), {
          providerOf: () => "Acme"
        }),
        Stream.map(({ request, result }) => [request.idempotencyKey, Option.getOrNull(Either.getLeft(result))]),
        Stream.runCollect
      ))
      assert.deepStrictEqual(Exit.map(exit, (_) => [..._]), Exit.succeed([["a", "away"], ["b", null]]))
      assert.deepStrictEqual(happened, ["recorded b", "POST"])
    }))
})
