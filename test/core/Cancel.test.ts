import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
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

class TooLate extends Data.TaggedError("TooLate")<{ readonly paymentId: string }> {}
class Refunds extends Context.Tag("Refunds")<Refunds, { readonly refund: (paymentId: string) => Effect.Effect<string> }>() {}
const refunds = Layer.succeed(Refunds, { refund: (paymentId) => Effect.succeed(`refunded ${paymentId}`) })

/** One class whose category only its value says. */
class Several extends CancelError.marked(() =>
  Schema.TaggedError<Several>("Several")("Several", {
    provider: Schema.String,
    code: Schema.NullOr(Schema.String),
    category: CancelError.Category,
    outcome: CancelError.Outcome,
    ...CancelError.reportFields
  })
) {}

const several = (category: CancelError.Category, outcome: CancelError.Outcome = "NotCancelled") =>
  new Several({
    provider: "Acme",
    code: null,
    category,
    outcome,
    message: "",
    paymentId: "p-1",
    identifiedBy: "PaymentId",
    httpStatus: Option.none(),
    requestId: Option.none(),
    details: Option.none(),
    paymentStatus: Option.none(),
    retryAfter: Option.none(),
    idempotencyKey: "",
    attempts: 1,
    history: []
  })

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

describe("the handler of catchCategory", () => {
  const refused = cancel(json(400, { code: "not_possible" }))

  it.effect("may fail with an error of its own, in both argument orders", () =>
    Effect.gen(function*() {
      const last = refused.pipe(Cancel.catchCategory("NotCancellable", ({ paymentId }) => new TooLate({ paymentId })))
      const first = Cancel.catchCategory(refused, "NotCancellable", ({ paymentId }) => new TooLate({ paymentId }))
      for (const effect of [last, first]) {
        deepStrictEqual(yield* Effect.flip(effect), new TooLate({ paymentId: "p-1" }))
      }
      const another = Cancel.catchCategory(lost, "NotCancellable", ({ paymentId }) => new TooLate({ paymentId }))
      assert.propertyVal(yield* Effect.flip(another), "_tag", "CancelError.NoResponse")
    }))
  it.effect("may need services, in both argument orders", () =>
    Effect.gen(function*() {
      const refund = ({ paymentId }: CancelError.Any) => Effect.flatMap(Refunds, (_) => _.refund(paymentId))
      const last = refused.pipe(Cancel.catchCategory("NotCancellable", refund))
      const first = Cancel.catchCategory(refused, "NotCancellable", refund)
      for (const effect of [last, first]) assert.strictEqual(yield* Effect.provide(effect, refunds), "refunded p-1")
    }))
  it.effect("is one for several categories, in both argument orders", () =>
    Effect.gen(function*() {
      const last = (effect: typeof done) =>
        effect.pipe(Cancel.catchCategory("NotCancellable", "RateLimited", ({ category }) => Effect.succeed(category)))
      const first = (effect: typeof done) =>
        Cancel.catchCategory(effect, "NotCancellable", "RateLimited", ({ category }) => Effect.succeed(category))
      for (const handled of [last, first]) {
        assert.strictEqual(yield* handled(refused), "NotCancellable")
        assert.strictEqual(yield* handled(rateLimited), "RateLimited")
        assert.propertyVal(yield* handled(done), "_tag", "Cancelled")
        assert.propertyVal(yield* Effect.flip(handled(lost)), "_tag", "CancelError.NoResponse")
      }
    }))
  it.effect("gets an error of several categories only if it has this one", () =>
    Effect.gen(function*() {
      for (const category of CancelError.Category.literals) {
        const result = yield* Effect.either(Effect.fail(several(category)).pipe(
          Cancel.catchCategory("Forbidden", (error) => Effect.succeed(error.category))
        ))
        deepStrictEqual<unknown>(result, category === "Forbidden" ? Either.right(category) : Either.left(several(category)))
      }
    }))
  it.effect("may be missing in JavaScript: then nothing is handled", () =>
    Effect.gen(function*() {
      const incomplete = Cancel.catchCategory as unknown as (self: typeof refused, category: string) => typeof refused
      assert.propertyVal(yield* Effect.flip(incomplete(refused, "NotCancellable")), "_tag", "Acme.NotPossible")
    }))
})

describe("matchCategory", () => {
  const named = (error: { readonly _tag: string }) => Effect.succeed(error._tag)
  const table = {
    InvalidRequest: named,
    Unauthenticated: named,
    Forbidden: ({ category }) => Effect.succeed(category),
    NotFound: ({ category }) => Effect.succeed(category),
    NotCancellable: ({ paymentId }) => new TooLate({ paymentId }),
    RateLimited: named,
    Conflict: ({ paymentId }) => Effect.flatMap(Refunds, (_) => _.refund(paymentId)),
    ProviderFault: named,
    Network: () => Effect.fail("later" as const),
    Unexpected: named
  } satisfies Cancel.Handlers<Acme.AcmeError>
  const last = (effect: typeof done) => effect.pipe(Cancel.matchCategory(table), Effect.provide(refunds), Effect.either)
  const first = (effect: typeof done) => Effect.either(Effect.provide(Cancel.matchCategory(effect, table), refunds))

  it.effect("hands each error to the handler of its category, in both argument orders", () =>
    Effect.gen(function*() {
      for (const matched of [last, first]) {
        deepStrictEqual(yield* matched(cancel(json(400, { code: "bad_request" }))), Either.right("Acme.BadRequest"))
        deepStrictEqual(
          yield* matched(cancel(json(400, { code: "not_possible" }))),
          Either.left(new TooLate({ paymentId: "p-1" }))
        )
        deepStrictEqual(
          yield* matched(cancel(json(200, Acme.payment("paid")))),
          Either.left(new TooLate({ paymentId: "p-1" }))
        )
        deepStrictEqual(yield* matched(rateLimited), Either.right("Acme.Busy"))
        for (const code of ["never_heard_of", null]) {
          deepStrictEqual(yield* matched(cancel(json(401, { code }))), Either.right("Acme.Unrecognized"))
          deepStrictEqual(yield* matched(cancel(json(403, { code }))), Either.right("Forbidden"))
          deepStrictEqual(yield* matched(cancel(json(404, { code }))), Either.right("NotFound"))
          deepStrictEqual(yield* matched(cancel(json(409, { code }))), Either.right("refunded p-1"))
        }
        deepStrictEqual(yield* matched(cancel(json(409, { code: "locked" }))), Either.right("refunded p-1"))
        deepStrictEqual(yield* matched(cancel(json(500, { code: "broken" }))), Either.right("Acme.Broken"))
        deepStrictEqual(yield* matched(lost), Either.left("later"))
        deepStrictEqual(yield* matched(cancel(json(302, {}))), Either.right("CancelError.UnexpectedResponse"))
        assert.propertyVal(Either.merge(yield* matched(done)), "_tag", "Cancelled")
      }
    }))
  it.effect("calls a handler as the table's own", () =>
    Effect.gen(function*() {
      const handlers = {
        words: "slow down",
        RateLimited(this: { readonly words: string }) {
          return Effect.succeed(this.words)
        }
      }
      const match = Cancel.matchCategory as unknown as
        (self: Effect.Effect<never, Several>, table: object) => Effect.Effect<string, Several>
      assert.strictEqual(yield* match(Effect.fail(several("RateLimited")), handlers), "slow down")
    }))
  it.effect("does not swallow an error whose category the types did not foresee", () =>
    Effect.gen(function*() {
      const few = Cancel.matchCategory as unknown as
        (self: Effect.Effect<never, Several>, table: object) => Effect.Effect<string, Several>
      for (const category of CancelError.Category.literals) {
        const error = several(category)
        deepStrictEqual(
          yield* Effect.either(few(Effect.fail(error), { RateLimited: () => Effect.succeed("handled") })),
          category === "RateLimited" ? Either.right("handled") : Either.left(error)
        )
      }
    }))
  it.effect("leaves errors alone that only look like one, and the cause of every failure it does not handle", () =>
    Effect.gen(function*() {
      const foreign = { _tag: "Foreign", category: "RateLimited", outcome: "Unknown" } as const
      const cause = Cause.sequential(Cause.fail(foreign), Cause.die("on the way out"))
      deepStrictEqual(
        yield* Effect.exit(Effect.failCause(cause).pipe(
          Cancel.matchCategory({}),
          Cancel.catchCategory("RateLimited", () => Effect.succeed("handled")),
          Cancel.catchUnknownOutcome(() => Effect.succeed("handled"))
        )),
        Exit.failCause(cause)
      )
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
  it.effect("its handler may fail with an error of its own and need services, in both argument orders", () =>
    Effect.gen(function*() {
      const late = ({ paymentId }: CancelError.Any) => new TooLate({ paymentId })
      const refund = ({ paymentId }: CancelError.Any) => Effect.flatMap(Refunds, (_) => _.refund(paymentId))
      for (const effect of [lost.pipe(Cancel.catchUnknownOutcome(late)), Cancel.catchUnknownOutcome(lost, late)]) {
        deepStrictEqual(yield* Effect.flip(effect), new TooLate({ paymentId: "p-1" }))
      }
      for (const effect of [lost.pipe(Cancel.catchUnknownOutcome(refund)), Cancel.catchUnknownOutcome(lost, refund)]) {
        assert.strictEqual(yield* Effect.provide(effect, refunds), "refunded p-1")
      }
    }))
  it.effect("takes an error of both outcomes only where it is unknown", () =>
    Effect.gen(function*() {
      const handled = (error: Several) =>
        Effect.either(Cancel.catchUnknownOutcome(Effect.fail(error), ({ outcome }) => Effect.succeed(outcome)))
      deepStrictEqual(yield* handled(several("Network", "Unknown")), Either.right("Unknown"))
      deepStrictEqual<unknown>(yield* handled(several("Network")), Either.left(several("Network")))
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
  it.effect("what is no policy at all is refused as such, before anything is sent, whatever is laid over it", () =>
    Effect.gen(function*() {
      const { client, received } = play(reset)
      const acme = yield* Acme.make(client)
      for (const nothing of [null, undefined, 5, "background", []] as ReadonlyArray<unknown> as ReadonlyArray<CancelPolicy.Options>) {
        for (const bounded of [Cancel.withPolicy(nothing), Cancel.withPolicy({ ...CancelPolicy.interactive })]) {
          const error = yield* Effect.flip(acme.cancel({ paymentId: "p-1" }).pipe(bounded, Cancel.withPolicy(nothing)))
          assert.propertyVal(error, "field", "policy")
        }
        const asked = yield* Effect.flip(Cancel.withPolicy(acme.status({ paymentId: "p-1" }), nothing))
        assert.propertyVal(asked, "field", "policy")
      }
      assert.lengthOf(received, 0)
    }))
  it.effect("what is given again holds as it is then, whatever was changed in it since", () =>
    Effect.gen(function*() {
      const { client, received } = play(reset)
      const acme = yield* Acme.make(client, { backoff: { initial: 0 } }, { canReadStatus: false })
      const backoff = { jitter: 0 }
      const deadline: [seconds: number, nanos: number] = [3600, 0]
      const options = { attempts: 2, deadline, backoff }
      const ended = Effect.gen(function*() {
        const before = received.length
        const fiber = yield* Effect.fork(Effect.flip(Cancel.withPolicy(acme.cancel({ paymentId: "p-1" }), options)))
        yield* TestClock.adjust("1 hour")
        const error = yield* Fiber.join(fiber)
        return "field" in error ? error.field : received.length - before
      })
      assert.strictEqual(yield* ended, 2)
      assert.strictEqual(yield* ended, 2)
      options.attempts = 3
      assert.strictEqual(yield* ended, 3)
      backoff.jitter = 2
      assert.strictEqual(yield* ended, "policy.backoff.jitter")
      backoff.jitter = 1
      assert.strictEqual(yield* ended, 3)
      deadline[0] = -1
      assert.strictEqual(yield* ended, "policy.deadline")
      deadline[0] = 3600
      assert.strictEqual(yield* ended, 3)
      Object.assign(options, { atempts: 3 })
      assert.strictEqual(yield* ended, "policy.atempts")
    }))
  it.effect("options that are given again are the same ones, so that nobody need check them again", () =>
    Effect.gen(function*() {
      const minute = Duration.minutes(1)
      for (const options of [
        {},
        { attempts: 2, deadline: "1 hour" },
        { attempts: 2, deadline: minute, backoff: { initial: 0, maximum: minute } },
        { backoff: { initial: 0 } }
      ] satisfies ReadonlyArray<CancelPolicy.Options>) {
        const given = () => Cancel.withPolicy(CancelPolicy.CurrentOptions, "backoff" in options ? { ...options, backoff: { ...options.backoff } } : { ...options })
        assert.strictEqual(yield* given(), yield* given())
      }
      const plain = yield* Cancel.withPolicy(CancelPolicy.CurrentOptions, { attempts: 2 })
      assert.deepStrictEqual(plain, { attempts: 2 })
      assert.isFrozen(plain)
      const other = yield* Cancel.withPolicy(CancelPolicy.CurrentOptions, { attempts: 2, backoff: { initial: 1 } })
      assert.isFrozen(other)
      assert.isFrozen(other.backoff)
      assert.deepStrictEqual(other, { attempts: 2, backoff: { initial: 1 } })
      assert.notStrictEqual(yield* Cancel.withPolicy(CancelPolicy.CurrentOptions, { attempts: 2, backoff: { initial: 2 } }), other)
    }))
  it.effect("what is left out by name is nobody else's", () =>
    Effect.gen(function*() {
      const given = (options: CancelPolicy.Options) => Cancel.withPolicy(CancelPolicy.CurrentOptions, options)
      const leftOut: object = { initial: undefined }
      yield* given({ backoff: { jitter: 0 } })
      assert.deepStrictEqual(yield* given({ backoff: leftOut }), { backoff: leftOut })
      const surroundings: object = { attempts: undefined }
      yield* given({ deadline: "1 hour" })
      const surrounded = Effect.provideService(given({}), CancelPolicy.CurrentOptions, surroundings)
      assert.notProperty(yield* surrounded, "deadline")
      const inherited: object = { constructor: Object }
      yield* given({ statusReads: 1 })
      assert.notProperty(yield* given(inherited), "statusReads")
    }))
  it.effect("what only looks like the options before is refused", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(reset).client, { attempts: 1 }, { canReadStatus: false })
      const endedUnder = (options: CancelPolicy.Options) =>
        Effect.map(Effect.flip(Cancel.withPolicy(acme.cancel({ paymentId: "p-1" }), options)), (error) =>
          "field" in error ? error.field : error._tag)
      const refused = (options: object) =>
        Effect.gen(function*() {
          for (const before of [{}, { deadline: Duration.millis(5_000), backoff: {} }]) {
            assert.strictEqual(yield* endedUnder(before), "CancelError.NoResponse")
          }
          return yield* endedUnder(options)
        })
      assert.strictEqual(yield* refused(new Date()), "policy")
      assert.strictEqual(yield* refused({ [Symbol.iterator]: () => [][Symbol.iterator]() }), "policy")
      assert.strictEqual(yield* refused({ backoff: new Map() }), "policy.backoff")
      assert.strictEqual(yield* refused({ backoff: new Date() }), "policy.backoff")
      assert.strictEqual(yield* refused({ backoff: { [Symbol.iterator]: () => [][Symbol.iterator]() } }), "policy.backoff")
      assert.strictEqual(yield* refused({ deadline: { value: { _tag: "Millis", millis: 5_000 } } }), "policy.deadline")
      assert.strictEqual(yield* refused({ deadline: { ...Duration.millis(5_000) } }), "policy.deadline")
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
