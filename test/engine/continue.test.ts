/** A cancel that goes on with what earlier calls left in doubt. */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Admission from "../../src/Admission.js"
import * as Errors from "../../src/authoring/Errors.js"
import * as Provider from "../../src/authoring/Provider.js"
import * as Cancel from "../../src/Cancel.js"
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import * as CancelEvent from "../../src/CancelEvent.js"
import * as Canceller from "../../src/Canceller.js"
import * as IdempotencyKey from "../../src/IdempotencyKey.js"
import * as Acme from "./Acme.js"
import { json, play, refused, reset, stall, type Step } from "./HttpDouble.js"

const atOnce: CancelPolicy.Options = { backoff: { initial: 0, jitter: 0 } }
const once: CancelPolicy.Options = { ...atOnce, attempts: 1, statusReads: 1 }

const request: Acme.Request = { paymentId: Acme.paymentId, idempotencyKey: "key-1" }

type Script = readonly [Step, ...ReadonlyArray<Step>]
type Given = Parameters<typeof Acme.make>[2]

const played = (
  steps: Script,
  earlier: Cancel.Earlier | ReadonlyArray<Cancel.Earlier>,
  given: Given = {},
  options: CancelPolicy.Options = atOnce
) =>
  Effect.gen(function*() {
    const { client, received } = play(...steps)
    const acme = yield* Acme.make(client, options, given)
    const fiber = yield* Effect.fork(Effect.either(Cancel.continueAfter(acme.cancel(request), earlier)))
    yield* TestClock.adjust("10 minutes")
    const result = Either.merge(yield* Fiber.join(fiber))
    const outcome = "outcome" in result ? ` ${result.outcome}` : ` by ${result.evidence}`
    return { result, told: `${received.map(({ method }) => method).join(" ")}: ${result._tag}${outcome}` }
  })

/** What a call ended with. */
const endedWith = (steps: Script, options: CancelPolicy.Options = once) =>
  Effect.gen(function*() {
    const acme = yield* Acme.make(play(...steps).client, options)
    return yield* Effect.flip(acme.cancel(request))
  })

const gone = json(200, Acme.payment("gone"))
const open = json(200, Acme.payment("open"))
const paid = json(200, Acme.payment("paid"))
const bad = json(400, { code: "bad_request" })
const busy = json(429, { code: "busy" })
const broken = json(500, { code: "broken" })
const unlicensed = { licence: Acme.unlicensed }

describe("after a crash", () => {
  const rows: ReadonlyArray<readonly [name: string, steps: Script, told: string, given?: Given]> = [
    ["it is sent again under a licence, and proved", [gone], "POST: Cancelled by Response"],
    ["it is not sent again without a licence: the status is read", [gone], "GET: Cancelled by StatusQuery", unlicensed],
    ["a status that shows a final state settles it", [paid], "GET: CancelError.NoLongerCancellable NotCancelled", unlicensed],
    ["a status that is still cancellable settles nothing", [open], "GET GET GET: CancelError.NoResponse Unknown", unlicensed],
    ["without a licence and a status, nothing is sent, and nothing is known", [gone], ": CancelError.NoResponse Unknown", {
      ...unlicensed,
      canReadStatus: false
    }],
    ["a refusal of this call does not settle the earlier one", [bad, open], "POST GET GET GET: CancelError.NoResponse Unknown"],
    ["nor does that nothing was sent", [refused, refused, refused, open], "POST POST POST GET GET GET: CancelError.NoResponse Unknown"],
    ["a refusal, and a status that shows it cancelled: one of ours may have done it", [bad, gone], "POST GET: Cancelled by StatusQuery"]
  ]
  it.effect.each(rows)("%s", ([, steps, told, given]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* played(steps, "Crash", given)).told, told)
    }))

  it.effect("its first request is no resend of this call, and is sent where no more of them are made", () =>
    Effect.gen(function*() {
      const asked: Array<readonly [attempt: number, repeats: boolean]> = []
      const noResends: Admission.Service = {
        admit: ({ attempt, operation, repeats }) =>
          Effect.sync(() => {
            if (operation === "Cancel") asked.push([attempt, repeats])
            return !repeats
          }),
        ended: () => Effect.void
      }
      const limited = Effect.provideService(Admission.Admission, noResends)
      assert.strictEqual((yield* limited(played([gone], "Crash"))).told, "POST: Cancelled by Response")
      assert.strictEqual((yield* limited(played([reset, open], "Crash"))).told, "POST GET GET GET: CancelError.NoResponse Unknown")
      assert.deepStrictEqual(asked, [[1, false], [1, false], [2, true]])
    }))

  it.effect("the attempts are those of this call, all that the policy allows", () =>
    Effect.gen(function*() {
      const { result, told } = yield* played([reset, reset, reset, open], "Crash")
      assert.strictEqual(told, "POST POST POST GET GET GET: CancelError.NoResponse Unknown")
      assert.strictEqual(result.attempts, 3)
      const { result: proved } = yield* played([gone], "Crash", {}, once)
      assert.strictEqual(proved.attempts, 1)
    }))

  it.effect("what is said of earlier calls in several places is true of all of them", () =>
    Effect.gen(function*() {
      for (const [inner, outer] of [["Crash", []], [[], "Crash"]] as const) {
        const { client, received } = play(gone)
        const acme = yield* Acme.make(client, atOnce, unlicensed)
        const result = yield* acme.cancel(request).pipe(Cancel.continueAfter(inner), Cancel.continueAfter(outer))
        assert.deepStrictEqual(received.map(({ method }) => method), ["GET"])
        assert.strictEqual(result._tag, "Cancelled")
      }
    }))

  it.effect.each([
    ["a request", { paymentId: "", idempotencyKey: "key-1" }, {}, "paymentId must"],
    ["a key", { paymentId: Acme.paymentId, idempotencyKey: "not visible\n" }, {}, "idempotencyKey must"],
    ["a bound", { paymentId: Acme.paymentId, idempotencyKey: "key-1" }, { attempts: 0 }, "policy.attempts must"]
  ] as const)("%s that is invalid now sends nothing, and says nothing of what was sent before", ([, asked, bounds, named]) =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client, atOnce)
      const cancelling = Cancel.withPolicy(acme.cancel(asked), bounds)
      const error = yield* Effect.flip(Cancel.continueAfter(cancelling, "Crash"))
      assert.deepInclude(error, {
        _tag: "CancelError.NoResponse",
        outcome: "Unknown",
        paymentId: asked.paymentId,
        idempotencyKey: asked.idempotencyKey,
        attempts: 0,
        history: []
      })
      assert.include(error.message, `a request of an earlier call may have been applied`)
      assert.include(error.message, named)
      assert.lengthOf(received, 0)
      // Where no doubt is left, it is about this request alone.
      const settled = yield* endedWith([bad])
      const refusal = yield* Effect.flip(Cancel.continueAfter(cancelling, [settled]))
      assert.deepInclude(refusal, { _tag: "CancelError.InvalidCancelRequest", outcome: "NotCancelled" })
    }))

  it.effect("no key in time says nothing of what was sent before either", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(gone).client, atOnce)
      const { paymentId } = request
      const fiber = yield* Cancel.continueAfter(acme.cancel({ paymentId }), "Crash").pipe(
        Effect.provideService(IdempotencyKey.IdempotencyKey, Effect.never),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("10 minutes")
      assert.deepInclude(yield* Fiber.join(fiber), { _tag: "CancelError.NoResponse", outcome: "Unknown", attempts: 0 })
    }))

  it.effect("the key is that of the earlier call, unless the request has one", () =>
    Effect.gen(function*() {
      const keys = (cancel: (acme: Effect.Effect.Success<ReturnType<typeof Acme.make>>) => Effect.Effect<unknown, unknown>) =>
        Effect.gen(function*() {
          const { client, received } = play(gone)
          yield* cancel(yield* Acme.make(client, atOnce))
          return received.map(({ headers }) => headers["key"])
        })
      const { paymentId } = request
      const lost = yield* endedWith([reset, open])
      assert.strictEqual(lost.idempotencyKey, "key-1")
      const continued = Cancel.continueAfter(["Crash", lost])
      assert.deepStrictEqual(yield* keys((acme) => continued(acme.cancel({ paymentId }))), ["key-1"])
      assert.deepStrictEqual(yield* keys((acme) => continued(acme.cancel({ paymentId, idempotencyKey: "key-2" }))), ["key-2"])
      const ofTheCaller = IdempotencyKey.layer(Effect.succeed("made"))
      assert.deepStrictEqual(yield* keys((acme) => Effect.provide(continued(acme.cancel({ paymentId })), ofTheCaller)), ["key-1"])
      // Nobody knows it.
      assert.deepStrictEqual(yield* keys((acme) => Effect.provide(Cancel.continueAfter(acme.cancel({ paymentId }), "Crash"), ofTheCaller)), ["made"])
    }))

  it.effect("a provider that a router has not says nothing of what was sent before", () =>
    Effect.gen(function*() {
      const payments = Canceller.router({ Acme: { cancel: () => Effect.die("never called") } })
      const error = yield* Effect.flip(Cancel.continueAfter(payments.cancel({ provider: "Acne", paymentId: "p-1" } as never), "Crash"))
      assert.deepInclude(error, { _tag: "CancelError.NoResponse", outcome: "Unknown" })
      assert.include((error as { readonly message: string }).message, "provider must be one of Acme")
    }))

  it.effect("also through Canceller", () =>
    Effect.gen(function*() {
      const { client, received } = play(bad, open)
      const acme = yield* Acme.make(client, once)
      const layer = Canceller.layer({ cancelNeutral: acme.cancel })
      const error = yield* Effect.flip(Cancel.continueAfter(Canceller.cancel(request), "Crash")).pipe(Effect.provide(layer))
      assert.strictEqual(error.outcome, "Unknown")
      assert.strictEqual(received.length, 2)
    }).pipe(Effect.provide(Layer.empty)))
})

describe("after an error", () => {
  it.effect("that proved that nothing was done, a cancel is like any other", () =>
    Effect.gen(function*() {
      const earlier = yield* endedWith([bad])
      assert.strictEqual((yield* played([bad], earlier)).told, "POST: Acme.BadRequest NotCancelled")
    }))

  it.effect("the licence is that for its doubt", () =>
    Effect.gen(function*() {
      const licence = { ...Acme.licensed, after: ["NoAnswer"] as const }
      const lost = yield* endedWith([reset, open])
      assert.strictEqual((yield* played([gone], lost, { licence })).told, "POST: Cancelled by Response")
      const failed = yield* endedWith([broken, open])
      assert.strictEqual((yield* played([gone], failed, { licence })).told, "GET: Cancelled by StatusQuery")
      // Of several, each has to be covered.
      assert.strictEqual((yield* played([gone], [lost, failed, "Crash"], { licence })).told, "GET: Cancelled by StatusQuery")
    }))

  it.effect("it does not matter which of several came first", () =>
    Effect.gen(function*() {
      const lost = yield* endedWith([reset, open])
      const redirected = yield* endedWith([json(302, {}), open])
      for (const earlier of [[lost, redirected], [redirected, lost], [redirected, "Crash"]] as const) {
        assert.strictEqual((yield* played([open, gone], earlier)).told, "GET POST: Cancelled by Response")
      }
    }))

  it.effect("an answer that proves nothing is a doubt of its own", () =>
    Effect.gen(function*() {
      const licence = { ...Acme.licensed, after: ["NoAnswer", "ServerError"] as const }
      const redirected = yield* endedWith([json(302, {}), open])
      assert.strictEqual((yield* played([gone], redirected, { licence })).told, "GET: Cancelled by StatusQuery")
      const covered = { ...Acme.licensed, after: ["Unproven"] as const }
      assert.strictEqual((yield* played([open, gone], redirected, { licence: covered })).told, "GET POST: Cancelled by Response")
    }))

  it.effect("an answer while an earlier request under the key still runs is the doubt that the licence takes it for", () =>
    Effect.gen(function*() {
      const running = yield* endedWith([json(409, { code: "running" }), open])
      assert.strictEqual(running.outcome, "Unknown")
      const licence = { ...Acme.licensed, after: ["NoAnswer", "StillRunning"] as const }
      assert.strictEqual((yield* played([gone], running, { licence: { ...licence, stillRunning: [409] } })).told, "POST: Cancelled by Response")
      assert.strictEqual((yield* played([gone], [running, "Crash"], { licence })).told, "GET: Cancelled by StatusQuery")
      const uncovered = { ...licence, after: ["NoAnswer"] as const, stillRunning: [409] }
      assert.strictEqual((yield* played([gone], running, { licence: uncovered })).told, "GET: Cancelled by StatusQuery")
    }))

  it.effect("which is listed with that status, and not as one that still runs, is none of those", () =>
    Effect.gen(function*() {
      class Pending extends Errors.doubt("Acme")<Pending>()("Pending", { ...Acme.row, code: "pending", category: "Conflict", httpStatus: [409] }) {}
      const declaration = { ...Acme.declaration, errors: Errors.catalogue({ Pending, Unrecognized: Acme.Unrecognized }) }
      const licence: Acme.Connection["licence"] = { ...Acme.licensed, after: ["NoAnswer", "StillRunning"], stillRunning: [409] }
      const { client, received } = play(json(409, { code: "pending" }), open, open, open, gone)
      const acme = yield* Effect.provideService(Provider.make(declaration, { licence, secret: "s" }, { backoff: { initial: 0 } }), HttpClient.HttpClient, client)
      const cancel = acme.cancel(Acme.operation("PaymentId", true))(request)
      const pending = yield* Effect.flip(cancel)
      assert.strictEqual(pending._tag, "Acme.Pending")
      assert.strictEqual((yield* Cancel.continueAfter(cancel, pending))._tag, "Cancelled")
      assert.deepStrictEqual(received.map(({ method }) => method), ["POST", "GET", "GET", "GET", "GET"])
    }))

  it.effect("what was asked of the status is no doubt, and an unknown outcome without any is like no answer", () =>
    Effect.gen(function*() {
      const licence = { ...Acme.licensed, after: ["NoAnswer"] as const }
      const unread = yield* endedWith([reset, broken])
      assert.strictEqual((yield* played([gone], unread, { licence })).told, "POST: Cancelled by Response")
      assert.strictEqual((yield* played([gone], { outcome: "Unknown", history: [] }, { licence })).told, "POST: Cancelled by Response")
      const other = { ...Acme.licensed, after: ["ServerError"] as const }
      assert.strictEqual((yield* played([gone], { outcome: "Unknown", history: [] }, { licence: other })).told, "GET: Cancelled by StatusQuery")
    }))

  it.effect("of a call that was cut short the event says it, with the request that was under way", () =>
    Effect.gen(function*() {
      const licence = { ...Acme.licensed, after: ["ServerError"] as const }
      const cutShortAt = (...steps: Script) =>
        Effect.gen(function*() {
          const { client, received } = play(...steps)
          const acme = yield* Acme.make(client, atOnce, { licence })
          const events: Array<CancelEvent.Interrupted> = []
          const fiber = yield* acme.cancel(request).pipe(
            Effect.provide(CancelEvent.layer((event) => Effect.sync(() => {
              if (event._tag === "Interrupted") events.push(event)
            }))),
            Effect.fork
          )
          while (received.length < steps.length) yield* Effect.yieldNow()
          yield* Fiber.interrupt(fiber)
          assert.lengthOf(events, 1)
          // As it comes out of a journal.
          return yield* Schema.decodeUnknown(Schema.parseJson(CancelEvent.Interrupted))(JSON.stringify(Schema.encodeSync(CancelEvent.Interrupted)(events[0]!)))
        })
      const whileRead = yield* cutShortAt(broken, broken, broken, stall)
      assert.strictEqual(whileRead.inFlight, "Status")
      assert.strictEqual((yield* played([gone], whileRead, { licence })).told, "POST: Cancelled by Response")
      const whileSent = yield* cutShortAt(broken, stall)
      assert.strictEqual(whileSent.inFlight, "Cancel")
      assert.strictEqual((yield* played([gone], whileSent, { licence })).told, "GET: Cancelled by StatusQuery")
      const begun = yield* cutShortAt(stall)
      assert.strictEqual((yield* played([gone], begun, { licence })).told, "GET: Cancelled by StatusQuery")
    }))

  it.effect("the error says whose request it is that is in doubt", () =>
    Effect.gen(function*() {
      const { result } = yield* played([open], "Crash", unlicensed)
      assert("message" in result)
      assert.include(result.message, "a request of an earlier call may have been applied")
    }))

  it.effect("a doubt among its exchanges counts, whatever came after", () =>
    Effect.gen(function*() {
      const earlier = yield* endedWith([reset, busy, open], { ...atOnce, attempts: 2, statusReads: 1 })
      assert.strictEqual(earlier.outcome, "Unknown")
      assert.strictEqual((yield* played([bad, open], earlier, {}, once)).told, "POST GET: CancelError.NoResponse Unknown")
    }))
})
