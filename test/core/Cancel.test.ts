import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Layer from "effect/Layer"
import { Cancel, CancelError, CancelPolicy } from "effect-payment-cancel"
import * as Acme from "../engine/Acme.js"
import { json, play, reset, type Step } from "../engine/HttpDouble.js"
import { deepStrictEqual } from "../engine/partly.js"

const cancel = (step: Step, given: Parameters<typeof Acme.make>[2] = {}) =>
  Effect.flatMap(
    Acme.make(play(step).client, { attempts: 1, statusReads: 1 }, { canReadStatus: false, ...given }),
    (acme) => acme.cancel({ paymentId: "p-1" })
  )

const rateLimited = cancel(json(429, { code: "busy" }))
const lost = cancel(reset)
const done = cancel(json(200, Acme.payment("gone")))

describe("catchCategory", () => {
  it.effect("handles the errors of that category, and nothing else", () =>
    Effect.gen(function*() {
      const handled = (effect: typeof done) =>
        effect.pipe(Cancel.catchCategory("RateLimited", (error) => Effect.succeed({ _tag: `handled ${error._tag}` })))
      assert.propertyVal(yield* handled(rateLimited), "_tag", "handled Acme.Busy")
      assert.strictEqual((yield* Effect.flip(handled(lost)))._tag, "CancelError.NoResponse")
      assert.propertyVal(yield* handled(done), "_tag", "Cancelled")
    }))
  it.effect("can be called with the effect first", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* Cancel.catchCategory(rateLimited, "RateLimited", ({ category }) => Effect.succeed(category)),
        "RateLimited"
      )
    }))
  it.effect("leaves errors alone that only look like one", () =>
    Effect.gen(function*() {
      const foreign = { _tag: "Foreign", category: "RateLimited", outcome: "Unknown" } as const
      deepStrictEqual(
        yield* Effect.flip(Effect.fail(foreign).pipe(
          Cancel.catchCategory("RateLimited", () => Effect.succeed("handled")),
          Cancel.catchUnknownOutcome(() => Effect.succeed("handled"))
        )),
        foreign
      )
    }))
  it.effect("handles by category across providers", () =>
    Effect.gen(function*() {
      const shared = cancel(json(200, Acme.payment("paid")))
      const own = cancel(json(400, { code: "not_possible" }))
      for (const [effect, tag] of [[shared, "CancelError.NoLongerCancellable"], [own, "Acme.NotPossible"]] as const) {
        assert.strictEqual(yield* Cancel.catchCategory(effect, "NotCancellable", (error) => Effect.succeed(error._tag)), tag)
      }
    }))
})

describe("catchUnknownOutcome", () => {
  it.effect("handles what is unknown, and nothing else", () =>
    Effect.gen(function*() {
      const handled = (effect: typeof done) =>
        effect.pipe(Cancel.catchUnknownOutcome((error) => Effect.succeed({ _tag: `settle ${error._tag}` })))
      assert.propertyVal(yield* handled(lost), "_tag", "settle CancelError.NoResponse")
      assert.propertyVal(yield* handled(cancel(json(500, { code: "broken" }))), "_tag", "settle Acme.Broken")
      assert.propertyVal(yield* handled(cancel(json(302, {}))), "_tag", "settle CancelError.UnexpectedResponse")
      assert.strictEqual((yield* Effect.flip(handled(rateLimited)))._tag, "Acme.Busy")
      assert.propertyVal(yield* handled(done), "_tag", "Cancelled")
    }))
  it.effect("can be called with the effect first", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Cancel.catchUnknownOutcome(lost, ({ outcome }) => Effect.succeed(outcome)), "Unknown")
    }))
})

describe("withPolicy", () => {
  /** How many requests a cancel sends whose answers are all lost. */
  const sent = (
    layerOptions: CancelPolicy.Options,
    bound: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
    provided: Layer.Layer<never> = Layer.empty
  ) =>
    Effect.gen(function*() {
      const { client, received } = play(reset)
      const acme = yield* Effect.provide(
        Acme.make(client, { backoff: { initial: 0 }, ...layerOptions }, { canReadStatus: false }),
        provided
      )
      const fiber = yield* Effect.fork(Effect.either(bound(acme.cancel({ paymentId: "p-1" }))))
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      return received.length
    })
  const same = <A>(a: A) => a

  it.effect("the caller's bounds win over the layer's, which win over the provider's", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* sent({}, same), 3)
      assert.strictEqual(yield* sent({ attempts: 5 }, same), 5)
      assert.strictEqual(yield* sent({ attempts: 5 }, Cancel.withPolicy({ attempts: 2 })), 2)
      assert.strictEqual(yield* sent({ attempts: 5 }, (effect) => Cancel.withPolicy(effect, { attempts: 4 })), 4)
    }))
  it.effect("what the caller leaves out is the layer's", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* sent({ attempts: 5 }, Cancel.withPolicy({ deadline: "1 hour" })), 5)
    }))
  it.effect("the inner one wins over the outer one, field by field", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* sent({}, (effect) => effect.pipe(Cancel.withPolicy({ attempts: 2 }), Cancel.withPolicy({ attempts: 4 }))),
        2
      )
      assert.strictEqual(
        yield* sent({}, (effect) =>
          effect.pipe(Cancel.withPolicy({ statusReads: 1, backoff: { jitter: 0 } }), Cancel.withPolicy({ attempts: 4, backoff: { initial: 1 } }))),
        4
      )
    }))
  it.effect("options that were provided to a layer hold for its cancels", () =>
    Effect.gen(function*() {
      const provided = Layer.succeed(CancelPolicy.CurrentOptions, { attempts: 2 })
      assert.strictEqual(yield* sent({}, same, provided), 2)
      assert.strictEqual(yield* sent({}, Cancel.withPolicy({ attempts: 4 }), provided), 4)
    }))
  it.effect("options that were provided to a layer hold where the caller says nothing else", () =>
    Effect.gen(function*() {
      const provided = Layer.succeed(CancelPolicy.CurrentOptions, { attempts: 2 })
      assert.strictEqual(yield* sent({}, Cancel.withPolicy({ deadline: "1 hour" }), provided), 2)
    }))
  it.effect("a bound that makes no sense is named, before anything is sent", () =>
    Effect.gen(function*() {
      const { client, received } = play(reset)
      const acme = yield* Acme.make(client)
      const error = yield* Effect.flip(acme.cancel({ paymentId: "p-1" }).pipe(Cancel.withPolicy({ attempts: 0 })))
      assert.instanceOf(error, CancelError.InvalidCancelRequest)
      assert.strictEqual(error.field, "policy.attempts")
      assert.strictEqual(error.message, "Acme: policy.attempts must be a whole number from 1 to 100")
      assert.lengthOf(received, 0)
    }))
  it.effect("holds for a status query too", () =>
    Effect.gen(function*() {
      const { client, received } = play(reset)
      const acme = yield* Acme.make(client, { backoff: { initial: 0 } })
      yield* Effect.flip(Cancel.withPolicy(acme.status({ paymentId: "p-1" }), { statusReads: 2 }))
      assert.lengthOf(received, 2)
      const error = yield* Effect.flip(Cancel.withPolicy(acme.status({ paymentId: "p-1" }), { deadline: 0 }))
      assert.propertyVal(error, "field", "policy.deadline")
    }))
  it.effect("bounds that make no sense in a layer are refused when it is built", () =>
    Effect.gen(function*() {
      const built = yield* Effect.either(Acme.make(play(reset).client, { backoff: { jitter: 2 } }))
      assert.isTrue(Either.isLeft(built))
      assert.include(JSON.stringify(Either.getOrNull(Either.flip(built))), "jitter")
    }))
})
