import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Chunk, Clock, Context, DateTime, Deferred, Duration, Effect, Either, Exit, Layer, Logger, Option, Redacted, Schema, Stream } from "effect"
import * as FastCheck from "effect/FastCheck"
import { Admission } from "effect-payment-cancel/Admission"
import { Cancel, CancelError, CancelEvent, CancelMany, Canceller, CancelPolicy, IdempotencyKey, PayPal, Stripe, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { collect, mostWithin, providers, type Request, requestFor, router, tally, unlimited } from "../many/payments.js"
import { exitOf, run } from "../many/virtual.js"
import { longOrShort } from "../support/extent.js"

type Name = Request["provider"]

/** Payments of a provider, and their requests. */
const payments = (provider: Name, count: number) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.forEach(Array.from({ length: count }), () =>
      Effect.map(sandbox.create(provider), (paymentId) => requestFor(provider, paymentId))))

/** By turns from each. */
const mixed = (...lists: ReadonlyArray<ReadonlyArray<Request>>): ReadonlyArray<Request> =>
  Array.from({ length: Math.max(...lists.map((list) => list.length)) }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat()

/** The requests that a provider received, with the seconds since the first of any. */
const received = (provider: Name) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.map(sandbox.requests, (all) => all.filter((request) => request.provider === provider)))

const timesAt = (provider: Name) => Effect.map(received(provider), (all) => all.map(({ at }) => at))

/** What is logged of providers that are down is for people, and would be much. */
const quietly = Logger.remove(Logger.defaultLogger)

/** Runs in virtual time, with four providers in a sandbox of its own. */
const inSandbox = <A, E>(program: Effect.Effect<A, E, Sandbox.Sandbox | Layer.Layer.Success<ReturnType<typeof providers>>>): A =>
  run(Effect.provide(program, Layer.mergeAll(Layer.provideMerge(providers(), Sandbox.layer), quietly)))

const only = (limits: CancelMany.Limits) => ({ Adyen: limits, Square: limits, Stripe: limits, WePay: limits })

const many = (requests: Iterable<Request>, options: CancelMany.Options<Request> = {}) =>
  CancelMany.cancelMany(router.cancel, options)(Stream.fromIterable(requests))

const since = (times: ReadonlyArray<number>) => (Math.max(...times) - Math.min(...times)) / 1000

describe("many cancels", () => {
  it("have one result each, with its own request, as soon as there is one", () => {
    const { ended, requests } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = mixed(yield* payments("Stripe", 6), yield* payments("Adyen", 6))
      yield* sandbox.inject(Fault.delay("9 seconds"), { paymentId: requests[2]!.paymentId })
      return { requests, ended: yield* collect(many(requests, { limits: only(unlimited) })) }
    }))
    assert.sameMembers(ended.map(({ request }) => request), [...requests])
    for (const { request, result } of ended) assert.strictEqual(Either.getOrThrow(result).paymentId, request.paymentId)
    assert.strictEqual(ended.at(-1)?.request, requests[2])
  })

  it("go on where one request is bad, fails, or dies", () => {
    const logged: Array<string> = []
    const { ended, requests } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = [
        { provider: "Stripe", paymentId: "" } as const,
        { provider: "Stripe", paymentId: "pi_nobody_knows" } as const,
        ...(yield* payments("Stripe", 20)),
        // As it may come from JSON.
        { provider: "Nobody", paymentId: "p-1" } as never,
        ...(yield* payments("WePay", 3))
      ]
      yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { paymentId: requests[4]!.paymentId, forever: true })
      const cancel = (request: Request) => {
        if (request === requests[7]) throw new TypeError("sk_live_secret")
        return request === requests[9] ? Effect.interrupt : router.cancel(request)
      }
      const ended = yield* collect(CancelMany.cancelMany(cancel)(Stream.fromIterable(requests)))
      return { requests, ended }
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => void logged.push(String(message)))))))
    assert.sameMembers(ended.map(({ request }) => request), [...requests])
    const errorOf = (request: Request | undefined) => Either.merge(ended.find((each) => each.request === request)!.result)
    assert.strictEqual(errorOf(requests[0])._tag, "CancelError.InvalidCancelRequest")
    assert.strictEqual(errorOf(requests[1])._tag, "Stripe.ResourceMissing")
    const died = errorOf(requests[7])
    assert.instanceOf(died, CancelMany.Died)
    assert.strictEqual(died.outcome, "Unknown")
    assert.strictEqual(died.paymentId, requests[7]?.paymentId)
    assert.strictEqual(died.idempotencyKey, requests[7]?.idempotencyKey)
    assert.notInclude(JSON.stringify(died), "sk_live_secret")
    assert.include(died.message, "TypeError")
    assert.instanceOf(errorOf(requests[9]), CancelMany.Died)
    assert.strictEqual(errorOf(requests[22])._tag, "CancelError.InvalidCancelRequest")
    assert.strictEqual(ended.filter(({ result }) => Either.isRight(result)).length, requests.length - 5 - (Either.isLeft(ended.find(({ request }) => request === requests[4])!.result) ? 1 : 0))
    assert.deepStrictEqual(logged.filter((text) => text.includes("died")), ["A cancel among many died", "A cancel among many died"])
  })

  it("tell what they had exchanged where they die, so that nothing is sent again without a licence", () => {
    const { again, ended, key, sent } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const [failed, cut] = yield* payments("Stripe", 2)
      // Stripe repeats a stored 5xx, so that there is no licence to send again after one.
      yield* sandbox.inject(Fault.serverError({ applied: false }), { paymentId: failed!.paymentId, operation: "Cancel" })
      yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { paymentId: cut!.paymentId, operation: "Cancel" })
      // The one dies of its own error. The other is interrupted while it waits for the answer.
      const cancel = (request: Request) =>
        request.paymentId === failed!.paymentId
          ? Effect.orDie(router.cancel(request))
          : Effect.timeoutTo(router.cancel(request), { duration: "1 second", onSuccess: (_) => _, onTimeout: () => assert.fail("in vain") })
      const ended = yield* collect(CancelMany.cancelMany(cancel)(Stream.make(failed!, cut!)))
      const errors = ended.map(({ request, result }) => ({ isFailed: request === failed, error: Either.merge(result) }))
        .sort((one) => one.isFailed ? -1 : 1).map(({ error }) => error)
      const [died] = errors
      assert.instanceOf(died, CancelMany.Died)
      const again = yield* Effect.flip(router.cancel(failed!).pipe(Cancel.continueAfter(died)))
      return { again, ended: errors, key: failed!.idempotencyKey, sent: yield* received("Stripe") }
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger))))
    const told = ended.map((error) => {
      assert.instanceOf(error, CancelMany.Died)
      return {
        attempts: error.attempts,
        history: error.history.map(({ evidence, httpStatus, operation }) => `${operation} ${evidence} ${Option.getOrNull(httpStatus)}`)
      }
    })
    assert.strictEqual(told[0]?.attempts, 1)
    assert.deepStrictEqual(told[0]?.history.slice(0, 2), ["Cancel MaybeApplied 500", "Status StatusRead 200"])
    assert.deepStrictEqual(told[1], { attempts: 1, history: ["Cancel MaybeApplied null"] })
    assert.strictEqual(again.outcome, "Unknown")
    assert.lengthOf(sent.filter(({ headers, operation }) => operation === "Cancel" && headers["idempotency-key"] === key), 1)
  })

  it("go on where it cannot be said which provider a request is for", () => {
    const { ended, requests, sent } = inSandbox(Effect.gen(function*() {
      const requests = yield* payments("Stripe", 5)
      const withGetter = Object.defineProperty({ paymentId: "p-6" }, "provider", {
        get: () => {
          throw new Error("of no provider")
        }
      }) as Request
      const providerOf = ({ paymentId, provider }: Request) => {
        if (paymentId === requests[2]?.paymentId) throw new TypeError("sk_live_secret")
        return provider
      }
      return {
        requests,
        ended: yield* collect(many([...requests, withGetter], { providerOf })),
        sent: (yield* received("Stripe")).length
      }
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger))))
    assert.deepStrictEqual(tally(ended), { "Cancelled": 4, "CancelMany.Died": 2 })
    assert.strictEqual(sent, 4)
    const died = ended.find(({ request }) => request === requests[2])
    assert.notInclude(JSON.stringify(died?.result), "sk_live_secret")
  })

  it("end one by one where nobody has the names of their providers", () => {
    const ended = inSandbox(collect(
      many(Array.from({ length: 500 }, (_, index) => ({ provider: `nobody-${index}`, paymentId: "p" }) as never))
    ))
    assert.deepStrictEqual(tally(ended), { "CancelError.InvalidCancelRequest": 500 })
  })

  it("hand out what was begun before the stream of requests fails", () => {
    const seen: Array<string> = []
    const exit = exitOf(Effect.gen(function*() {
      const requests = yield* payments("WePay", 30)
      yield* CancelMany.cancelMany(router.cancel)(
        Stream.concat(Stream.fromIterable(requests), Stream.fail("the file ends in the middle" as const))
      ).pipe(Stream.runForEach(({ result }) => Effect.sync(() => seen.push(Either.merge(result)._tag))))
    }).pipe(Effect.provide(Layer.provideMerge(providers(), Sandbox.layer))))
    assert.deepStrictEqual(exit, Exit.fail("the file ends in the middle"))
    assert.lengthOf(seen, 30)
  })

  it("also go through a Canceller, with the caller's policy and events", () => {
    const events: Array<string> = []
    let key = 0
    const { ended, times } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("Stripe", 40)
      yield* sandbox.inject(Fault.dropBeforeApplying, { provider: "Stripe", times: 3 })
      const ended = yield* Stream.fromIterable(requests).pipe(
        Stream.map(({ paymentId }) => ({ paymentId })),
        CancelMany.cancelMany((request: Canceller.CancelRequest) => Cancel.withPolicy(Canceller.cancel(request), { attempts: 1, statusReads: 1 })),
        collect
      )
      return { ended, times: yield* timesAt("Stripe") }
    }).pipe(
      Effect.provide(Canceller.layer(Stripe)),
      Effect.provide(CancelEvent.layer(({ _tag }) => Effect.sync(() => void events.push(_tag)))),
      Effect.provide(IdempotencyKey.layer(Effect.sync(() => `key-${key += 1}`)))
    ))
    const tags = ended.map(({ result }) => Either.match(result, { onLeft: ({ category }) => category, onRight: ({ _tag }) => _tag }))
    assert.deepStrictEqual([tags.filter((tag) => tag === "Cancelled").length, tags.filter((tag) => tag === "Network").length], [37, 3])
    assert.isAtMost(mostWithin(1000, times), 25)
    assert.strictEqual(events.filter((tag) => tag === "Settled").length, 40)
  })

  it("encode with the neutral schema, and back", () => {
    const [ended] = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.inject(Fault.errorCode("invalid_api_key", 401), { provider: "Stripe", forever: true })
      return (yield* collect(many(yield* payments("Stripe", 3), { limits: { Stripe: { concurrency: 1 } } }))).slice(2)
    }))
    const error = Either.merge(ended!.result)
    assert.instanceOf(error, CancelMany.NotBegun)
    const neutral: Canceller.CancelError = error
    const json = Schema.encodeSync(Schema.parseJson(Canceller.CancelError))(neutral)
    assert.deepStrictEqual(JSON.parse(json), JSON.parse(JSON.stringify(error)))
    const back = Schema.decodeSync(Schema.parseJson(CancelMany.NotBegun))(json)
    assert.deepStrictEqual(back, error)
  })

  it("lose and double nothing, whatever goes wrong", () => {
    const faults: ReadonlyArray<Fault.Fault> = [
      Fault.refuseConnection, Fault.dropBeforeApplying, Fault.dropAfterApplying, Fault.stallBody, Fault.malformedJson, Fault.delay("3 seconds"),
      Fault.late("20 seconds"), Fault.serverError({ applied: false }), Fault.serverError({ applied: true }), Fault.badGateway({ applied: true }),
      Fault.rateLimited(), Fault.rateLimited({ retryAfter: 3 }), Fault.statusQueryDown, Fault.unknownErrorCode
    ]
    const names = ["Adyen", "Square", "Stripe", "WePay"] as const
    const scenario = FastCheck.record({
      requests: FastCheck.array(FastCheck.constantFrom(...names), { minLength: 1, maxLength: 60 }),
      faults: FastCheck.array(
        FastCheck.record({ fault: FastCheck.constantFrom(...faults), provider: FastCheck.constantFrom(...names), times: FastCheck.integer({ min: 1, max: 25 }) }),
        { maxLength: 6 }
      ),
      concurrency: FastCheck.integer({ min: 1, max: 20 }),
      requestsPerSecond: FastCheck.integer({ min: 1, max: 60 }),
      lookAhead: FastCheck.constantFrom(1, 2, 5, 10_000),
      failures: FastCheck.integer({ min: 1, max: 5 }),
      // How many steps a fiber takes before others get their turn.
      turn: FastCheck.constantFrom(30, 100, 500, 2048),
      giveUpAfter: FastCheck.constantFrom("1 second" as const, ...["20 seconds", "1 hour"] as const),
      stopAfter: FastCheck.constantFrom(null, null, "1 second" as const, "20 seconds" as const)
    })
    FastCheck.assert(
      FastCheck.property(scenario, ({ concurrency, failures, faults, giveUpAfter, lookAhead, requests, requestsPerSecond, stopAfter, turn }) => {
        const limits = only({
          concurrency,
          rate: { requests: requestsPerSecond, interval: "1 second" },
          outage: { failures, probeAfter: "2 seconds", giveUpAfter }
        })
        inSandbox(Effect.gen(function*() {
          const sandbox = yield* Sandbox.Sandbox
          const asked = yield* Effect.forEach(requests, (provider) =>
            Effect.map(sandbox.create(provider), (paymentId) => requestFor(provider, paymentId)))
          for (const { fault, ...target } of faults) yield* sandbox.inject(fault, target)
          const ended = yield* collect(many(asked, { limits, lookAhead, ...stopAfter === null ? {} : { stopWhen: Effect.sleep(stopAfter) } }))
          const withResult = new Set(ended.map(({ request }) => request))
          assert.strictEqual(withResult.size, ended.length)
          const rest = asked.filter((request) => !withResult.has(request))
          if (stopAfter === null) assert.isEmpty(rest)
          for (const { paymentId, provider } of rest) {
            assert.lengthOf((yield* received(provider)).filter((each) => each.paymentId === paymentId), 0)
          }
          // What is late arrives at last.
          yield* Effect.sleep("1 hour")
          for (const { request: { paymentId, provider }, result } of ended) {
            const { history } = Option.getOrThrow(yield* sandbox.payment(provider, paymentId))
            const cancels = history.filter(({ by }) => by === "Cancel").length
            assert.isAtMost(cancels, 1)
            if (Either.isLeft(result) && result.left.outcome === "NotCancelled") assert.strictEqual(cancels, 0)
            if (Either.isRight(result) && result.right._tag === "Cancelled") assert.strictEqual(cancels, 1)
            if (Either.isLeft(result) && result.left._tag === "CancelMany.NotBegun") {
              assert.lengthOf((yield* received(provider)).filter((each) => each.paymentId === paymentId), 0)
            }
          }
          for (const provider of names) assert.isAtMost(mostWithin(1000, yield* timesAt(provider)), requestsPerSecond)
        }).pipe(Effect.withMaxOpsBeforeYield(turn)))
      }),
      { numRuns: longOrShort(60, 5) }
    )
  }, 120_000)
})

describe("the limits of a provider", () => {
  it("are those that it declares: WePay's 30 requests in any 10 seconds, Stripe's 25 in any second", () => {
    const count = longOrShort(150, 80)
    const { stripe, wePay } = inSandbox(Effect.gen(function*() {
      yield* collect(many(mixed(yield* payments("Stripe", count), yield* payments("WePay", count))))
      return { stripe: yield* timesAt("Stripe"), wePay: yield* timesAt("WePay") }
    }))
    assert.isAtMost(mostWithin(1000, stripe), 25)
    assert.isAtMost(mostWithin(10_000, wePay), 30)
    // They are made use of, too.
    assert.isAtMost(since(stripe), count / (25 * 0.85))
    assert.isAtMost(since(wePay), count / (3 * 0.85))
  })

  it("hold where requests arrive, even if all that leave in the first moments arrive together", () => {
    const delayedBy = (millis: number) =>
      Layer.effect(
        HttpClient.HttpClient,
        Effect.gen(function*() {
          const until = (yield* Clock.currentTimeMillis) + millis
          return HttpClient.mapRequestEffect(yield* HttpClient.HttpClient, (request) =>
            Effect.as(Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sleep(Duration.millis(Math.max(0, until - now)))), request))
        })
      )
    const check = ([rate, interval]: readonly [number, number]) => {
      // A few more than fit into an interval.
      const requests = Math.ceil(rate * 1.3) + 5
      const times = run(Effect.gen(function*() {
        yield* collect(many(yield* payments("Stripe", requests), {
          limits: only({ ...unlimited, concurrency: 1000, rate: { requests: rate, interval } })
        }))
        return yield* timesAt("Stripe")
      }).pipe(Effect.provide(Layer.provideMerge(Layer.provide(providers(), delayedBy(Math.min(180, interval * 0.18))), Sandbox.layer))))
      assert.lengthOf(times, requests)
      assert.isAtMost(mostWithin(interval, times), rate)
    }
    // One takes as long as it has requests.
    for (const few of [[2, 1000], [7, 500], [30, 10_000]] as const) check(few)
    for (const more of longOrShort([[5, 1000], [10, 1000], [25, 1000], [100, 1000], [400, 2000], [500, 1000]] as const, [])) check(more)
    FastCheck.assert(
      FastCheck.property(FastCheck.tuple(FastCheck.integer({ min: 2, max: longOrShort(300, 40) }), FastCheck.integer({ min: 200, max: 5000 })), check),
      { numRuns: longOrShort(10, 2) }
    )
  }, 120_000)

  it("end a run as soon as its last cancel has ended, and take any number of requests", () => {
    for (const [rate, interval] of [[2, 1999], [2, 1000], [25, 1000], [Number.MAX_SAFE_INTEGER, 1000], [3, 0.001]] as const) {
      for (const how of [Effect.uninterruptible, Effect.interruptible]) {
        const { ended, took } = inSandbox(Effect.gen(function*() {
          const requests = yield* payments("Stripe", 1)
          const [took, ended] = yield* Effect.timed(collect(
            CancelMany.cancelMany((request: Request) => how(router.cancel(request)), {
              limits: only({ ...unlimited, rate: { requests: rate, interval } })
            })(Stream.fromIterable(requests))
          ))
          return { ended, took: Duration.toMillis(took) }
        }))
        assert.deepStrictEqual(tally(ended), { Cancelled: 1 })
        assert.isBelow(took, 10)
      }
    }
  })

  it("hold for resends and status queries as well, and for the names under which a program knows a provider", () => {
    const count = longOrShort(100, 30)
    const { all, cancels } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("Square", count)
      yield* sandbox.inject(Fault.dropAfterApplying, { provider: "Square", operation: "Cancel", forever: true })
      yield* collect(many(requests, {
        providerOf: () => "the till",
        limits: { "the till": { rate: { requests: 7, interval: "1 second" }, outage: null, retryBudget: null } }
      }))
      const all = yield* received("Square")
      return { all: all.map(({ at }) => at), cancels: all.filter(({ operation }) => operation === "Cancel").length }
    }))
    assert.isAtLeast(all.length, count * 2)
    assert.isAtMost(cancels, count * 3)
    assert.isAtMost(mostWithin(1000, all), 7)
  })

  it("bound how many are under way, from the first", () => {
    for (const concurrency of [1, 3, 20]) {
      const count = longOrShort(61, 3 * concurrency + 1)
      const { most, took } = inSandbox(Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        const requests = yield* payments("Adyen", count)
        yield* sandbox.inject(Fault.delay("1 second"), { forever: true })
        let under = 0
        let most = 0
        const cancel = (request: Request) =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              under += 1
              most = Math.max(most, under)
            }),
            () => router.cancel(request),
            () => Effect.sync(() => void (under -= 1))
          )
        yield* collect(CancelMany.cancelMany(cancel, { limits: only({ ...unlimited, concurrency }) })(Stream.fromIterable(requests)))
        return { most, took: since(yield* timesAt("Adyen")) }
      }))
      assert.strictEqual(most, concurrency)
      assert.isAtMost(took, 1 + (count - 1) / concurrency)
    }
  })

  it("do not use up the time of the cancels that wait", () => {
    const count = longOrShort(60, 20)
    const ended = inSandbox(Effect.gen(function*() {
      const requests = yield* payments("Stripe", count)
      return yield* collect(
        CancelMany.cancelMany((request: Request) => Cancel.withPolicy(router.cancel(request), { deadline: "4 seconds" }), {
          limits: only({ rate: { requests: 1, interval: "1 second" } })
        })(Stream.fromIterable(requests))
      )
    }))
    assert.deepStrictEqual(tally(ended), { Cancelled: count })
  })

  // In virtual time each fiber has its turn anyhow.
  it.live("are shared in turn: no cancel waits while all others go, though answers come at once", () =>
    Effect.gen(function*() {
      const requests = yield* payments("WePay", longOrShort(100, 60))
      const passedBy: Array<number> = []
      const cancel = (request: Request) =>
        Effect.suspend(() => {
          const before = passedBy.length
          return Effect.ensuring(router.cancel(request), Effect.sync(() => passedBy.push(passedBy.length - before)))
        })
      const limits = only({ rate: { requests: 30, interval: "1 second" } })
      const ended = yield* collect(CancelMany.cancelMany(cancel, { limits })(Stream.fromIterable(requests)))
      assert.deepStrictEqual(tally(ended), { Cancelled: requests.length })
      // Half a second's requests begin ahead, so that many others may end meanwhile.
      assert.isAtMost(Math.max(...passedBy), 30)
    }).pipe(Effect.provide(Layer.provideMerge(providers(), Sandbox.layer))))

  it("that make no sense are a defect that says which", () => {
    const wrong: ReadonlyArray<[CancelMany.Options<Request>, string]> = [
      [{ lookAhead: 0 }, "lookAhead"],
      [{ limits: { Stripe: { concurrency: 0 } } }, "limits.Stripe: concurrency"],
      [{ limits: { Stripe: { rate: { requests: 0.5, interval: 1000 } } } }, "limits.Stripe: rate.requests"],
      [{ limits: { Stripe: { rate: { requests: 5, interval: "soon" as never } } } }, "limits.Stripe: rate.interval"],
      [{ limits: { Stripe: { rate: { requests: 5, interval: Duration.infinity } } } }, "limits.Stripe: rate.interval"],
      [{ limits: { Stripe: { rate: { requests: 1, interval: "26 days" } } } }, "limits.Stripe: rate.interval"],
      [{ limits: { Stripe: { retryBudget: { share: 2 } } } }, "limits.Stripe: retryBudget.share"],
      [{ limits: { Stripe: { retryBudget: { reserve: Number.NaN } } } }, "limits.Stripe: retryBudget.reserve"],
      [{ limits: { Stripe: { outage: { failures: 0 } } } }, "limits.Stripe: outage.failures"],
      [{ limits: { Stripe: { outage: { probeAfter: 0 } } } }, "limits.Stripe: outage.probeAfter"],
      [{ limits: { Stripe: { outage: { giveUpAfter: -1 } } } }, "limits.Stripe: outage.giveUpAfter"],
      // From JavaScript, or JSON.
      [{ limits: { Stripe: { concurency: 1 } as never } }, "limits.Stripe: concurency is no limit"],
      [{ limits: { Stripe: { outage: { failure: 3 } } as never } }, "limits.Stripe: outage.failure is no limit"],
      [{ limits: { Stripe: null as never } }, "limits.Stripe: must be an object"],
      [{ limits: { Stripe: { rate: 20 as never } } }, "limits.Stripe: rate must be an object or null"]
    ]
    for (const [options, named] of wrong) {
      const exit = exitOf(Effect.provide(collect(many([], options)), Layer.provideMerge(providers(), Sandbox.layer)))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", named)
    }
  })
})

describe("too many requests", () => {
  // Not at the same moment of each millisecond: a wait is to be no part of one shorter either.
  const perSecond = longOrShort(100, 16)
  const count = 4 * perSecond

  for (const [retryAfter, pause] of [[7, 7000], [undefined, 1000]] as const) {
    it(`${retryAfter === undefined ? "without a wait asked for" : "with a wait asked for"} slow down that provider, and no other`, () => {
      const { busy, ended, other, refusedAt } = inSandbox(Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        const requests = mixed(yield* payments("Square", count), yield* payments("Adyen", count))
        const limits = only({ rate: { requests: perSecond, interval: "1 second" } })
        yield* Effect.fork(Effect.delay(
          sandbox.inject(Fault.rateLimited(retryAfter === undefined ? {} : { retryAfter }), { provider: "Square" }),
          "1500 millis"
        ))
        const ended = yield* collect(many(requests, { limits }))
        const busy = yield* received("Square")
        return { ended, busy: busy.map(({ at }) => at), refusedAt: busy.find(({ status }) => status === 429)!.at, other: yield* timesAt("Adyen") }
      }))
      assert.deepStrictEqual(tally(ended), { Cancelled: count, CancellationAccepted: count })
      assert.lengthOf(busy.filter((at) => at > refusedAt && at < refusedAt + pause), 0)
      // The other one notices nothing.
      assert.isAtMost(since(other), 5)
      // About half as many at first, and gradually more.
      const within = (from: number, to: number) => busy.filter((at) => at >= refusedAt + pause + from && at < refusedAt + pause + to).length
      assert.isAtMost(within(0, 1000), perSecond * 0.6)
      assert.isAtLeast(within(0, 1000), perSecond * 0.3)
      assert.isAbove(within(2000, 3000), within(0, 1000))
    })
  }

  it("in an answer to a status query do so too", () => {
    const { refusedAt, times } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("Square", 100)
      yield* sandbox.inject(Fault.dropAfterApplying, { provider: "Square", operation: "Cancel" })
      yield* sandbox.inject(Fault.rateLimited({ retryAfter: 5 }), { provider: "Square", operation: "Status" })
      yield* collect(many(requests))
      const all = yield* received("Square")
      return { times: all.map(({ at }) => at), refusedAt: all.find(({ status }) => status === 429)!.at }
    }))
    assert.lengthOf(times.filter((at) => at > refusedAt && at < refusedAt + 5000), 0)
  })

  it("with a wait for longer than is waited end the provider's part", () => {
    const ended = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.inject(Fault.rateLimited({ retryAfter: 86_400 }), { provider: "Stripe" })
      return yield* collect(many(mixed(yield* payments("Stripe", 50), yield* payments("Adyen", 50))))
    }))
    const counts = tally(ended)
    assert.strictEqual(counts["CancellationAccepted"], 50)
    // Those that had begun by then wait as long as they may.
    assert.isAtLeast(counts["CancelMany.NotBegun"] ?? 0, 50 - 16)
    assert.notProperty(counts, "Cancelled")
    const error = ended.map(({ result }) => Either.merge(result)).find((each) => each._tag === "CancelMany.NotBegun")
    assert.isTrue(error !== undefined && "category" in error && error.category === "RateLimited")
    assert.isAtLeast(Duration.toMillis(Option.getOrThrow((error as CancelMany.NotBegun).retryAfter)), 86_000_000)
  })
})

describe("a provider that is down", () => {
  const outage = { failures: 5, probeAfter: "2 seconds", giveUpAfter: "1 hour" } as const

  it("is logged, so that nobody takes what waits for a hang: once, and with each probe that fails, and when it is there again", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => void logged.push(`${logLevel.label} ${String(message)}`))
    inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = mixed(yield* payments("Stripe", 30), yield* payments("Square", 30))
      yield* sandbox.inject(Fault.badGateway({ applied: false }), { provider: "Stripe", forever: true })
      yield* sandbox.inject(Fault.rateLimited({ retryAfter: 5 }), { provider: "Square" })
      yield* Effect.fork(Effect.delay(sandbox.clearFaults, "1 minute"))
      yield* collect(many(requests, { limits: only({ outage, retryBudget: null }) }))
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger))))
    const of = (provider: string) => logged.filter((text) => text.includes(provider))
    const [first, ...rest] = of("Stripe")
    assert.strictEqual(first, "WARN Stripe is down: 5 cancel requests in a row had no answer, or a server error. It gets the next request in 2s.")
    assert.deepStrictEqual(rest, [
      ...["4s", "8s", "16s", "16s", "16s"].slice(0, rest.length - 1).map((wait) => `INFO Stripe is still down. It gets the next request in ${wait}.`),
      "INFO Stripe answers again."
    ])
    assert.isAtLeast(rest.length, 4)
    assert.deepStrictEqual(of("Square"), ["INFO Square asks for patience. It gets the next request in 5s."])
  })

  it("holds up no other, is left alone and probed, and goes on once it is there again", () => {
    const { down, ended, other } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = mixed(yield* payments("Stripe", 100), yield* payments("Adyen", 100))
      yield* sandbox.inject(Fault.badGateway({ applied: false }), { provider: "Stripe", forever: true })
      yield* Effect.fork(Effect.delay(sandbox.clearFaults, "5 minutes"))
      const ended = yield* collect(many(requests, { limits: only({ outage, retryBudget: null }) }))
      return { ended, down: yield* received("Stripe"), other: yield* timesAt("Adyen") }
    }))
    assert.isAtMost(since(other), 100 / (20 * 0.85))
    const start = down[0]!.at
    const duringOutage = down.filter(({ at }) => at > start + 10_000 && at < start + 290_000)
    // One every 16 seconds at the end; without a breaker it would be thousands.
    assert.isAtMost(duringOutage.length, 30)
    assert.isAtLeast(duringOutage.length, 10)
    const { Cancelled, CancellationAccepted, ...rest } = tally(ended)
    assert.strictEqual(CancellationAccepted, 100)
    assert.isAtLeast(Cancelled ?? 0, 60)
    assert.notProperty(rest, "CancelMany.NotBegun")
  })

  it("is probed by the cancels that wait to read a status, too, for they hold all places", () => {
    const { counts, times } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      // Square's cancel has no key: what may have been applied is cleared up by reading the status.
      const requests = yield* payments("Square", 60)
      yield* sandbox.inject(Fault.dropBeforeApplying, { forever: true })
      yield* Effect.fork(Effect.delay(sandbox.clearFaults, "20 seconds"))
      const counts = tally(yield* collect(many(requests, { limits: only({ outage, concurrency: 5 }) })))
      return { counts, times: yield* timesAt("Square") }
    }))
    assert.isAtMost(since(times), 20 + 16 + 5)
    assert.isAtLeast(counts["Cancelled"] ?? 0, 50)
  })

  it("of which only the status can be read is not hammered with cancels", () => {
    const cancels = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("Square", 300)
      yield* sandbox.inject(Fault.badGateway({ applied: false }), { operation: "Cancel", forever: true })
      yield* collect(many(requests, { limits: only({ outage, concurrency: 5 }), stopWhen: Effect.sleep("5 minutes") }))
      return (yield* received("Square")).filter(({ operation }) => operation === "Cancel").length
    }))
    assert.isAtMost(cancels, 40)
    assert.isAtLeast(cancels, 20)
  })

  it("is not one that repeats the server errors of another day", () => {
    const count = longOrShort(60, 25)
    const { again, first, times } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const failed = yield* payments("Stripe", count)
      yield* sandbox.inject(Fault.serverError({ applied: false }), { provider: "Stripe", operation: "Cancel", times: count })
      const first = tally(yield* collect(many(failed, { limits: only({ outage: null }) })))
      const before = (yield* received("Stripe")).length
      // Under the same keys, with others behind them.
      const again = tally(yield* collect(many([...failed, ...yield* payments("Stripe", 20)], { limits: only({ outage }) })))
      return { first, again, times: (yield* timesAt("Stripe")).slice(before) }
    }))
    assert.strictEqual(first["Cancelled"], undefined)
    assert.strictEqual(again["Cancelled"], 20)
    assert.isAtMost(since(times), 60)
  })

  it("is given up after a while, but still probed with what comes in later", () => {
    const { ended, times } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("Stripe", 200)
      yield* sandbox.inject(Fault.refuseConnection, { provider: "Stripe", forever: true })
      yield* Effect.fork(Effect.delay(sandbox.clearFaults, "30 minutes"))
      const trickling = Stream.concat(
        Stream.fromIterable(requests.slice(0, 100)),
        Stream.mapEffect(Stream.fromIterable(requests.slice(100)), (request) => Effect.delay(Effect.succeed(request), "1 minute"))
      )
      const ended = yield* collect(
        CancelMany.cancelMany(router.cancel, { limits: { Stripe: { outage: { ...outage, giveUpAfter: "1 minute" } } } })(trickling)
      )
      return { ended, times: yield* timesAt("Stripe") }
    }))
    const counts = tally(ended)
    // It came back after 30 of 100 minutes.
    assert.strictEqual(counts["Cancelled"], times.length)
    assert.isAtLeast(times.length, 68)
    assert.isAtLeast(counts["CancelMany.NotBegun"] ?? 0, 80)
    const [error] = ended.flatMap(({ result }) => Either.isLeft(result) && result.left._tag === "CancelMany.NotBegun" ? [result.left] : [])
    assert.strictEqual(error?.category, "ProviderFault")
    assert.strictEqual(error?.outcome, "NotCancelled")
  })

  it("holds up nobody once the look-ahead is full of its requests", () => {
    const { ended, other } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = [...(yield* payments("Stripe", 300)), ...(yield* payments("Adyen", 20))]
      yield* sandbox.inject(Fault.refuseConnection, { provider: "Stripe", forever: true })
      yield* Effect.fork(Effect.delay(sandbox.clearFaults, "10 minutes"))
      const ended = yield* collect(many(requests, { lookAhead: 50, limits: only({ outage }) }))
      return { ended, other: yield* timesAt("Adyen") }
    }))
    assert.isAtMost(Math.max(...other) - Math.min(...other), 2000)
    assert.isAtLeast(tally(ended)["CancelMany.NotBegun"] ?? 0, 200)
    assert.isAtMost(tally(ended)["CancelMany.NotBegun"] ?? 0, 250)
    assert.lengthOf(ended, 320)
  })

  it("makes no storm of resends", () => {
    const count = longOrShort(500, 100)
    const { first, resends } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("WePay", count)
      yield* sandbox.inject(Fault.serverError({ applied: false }), { operation: "Cancel", forever: true })
      yield* collect(many(requests, {
        limits: only({ rate: null, outage: null, retryBudget: { share: 0.1, reserve: 20 } })
      }))
      const cancels = (yield* received("WePay")).filter(({ operation }) => operation === "Cancel")
      return { first: new Set(cancels.map(({ paymentId }) => paymentId)).size, resends: cancels.length - count }
    }))
    assert.strictEqual(first, count)
    assert.isAtMost(resends, 20 + count * 0.1)
    assert.isAtLeast(resends, 20 + count * 0.08)
  })
})

describe("credentials that are not accepted", () => {
  it("end a provider's part at once, and no other", () => {
    const count = longOrShort(400, 60)
    const { ended, requests } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = mixed(yield* payments("Adyen", 50), yield* payments("WePay", count))
      const wrong = Stripe.layer({ apiKey: Redacted.make("sk_test_wrong") }).pipe(Layer.orDie)
      const own = yield* Layer.build(wrong)
      const stripe = yield* payments("Stripe", count)
      const ended = yield* collect(many(mixed(requests, stripe), { limits: only({ rate: null }) })).pipe(
        Effect.mapInputContext((context: Context.Context<never>) => Context.merge(context, own) as never)
      )
      return { ended, requests: (yield* sandbox.requests).filter(({ provider }) => provider === "Stripe").length }
    }).pipe(Effect.scoped) as never) as { ended: ReadonlyArray<CancelMany.Ended<Request, { _tag: string }, CancelError.Any & { _tag: string }>>; requests: number }
    assert.isAtMost(requests, 16)
    const counts = tally(ended)
    assert.strictEqual(counts["CancellationAccepted"], 50)
    assert.strictEqual(counts["Cancelled"], count)
    assert.strictEqual((counts["CancelMany.NotBegun"] ?? 0) + (counts["Stripe.InvalidApiKey"] ?? 0), count)
    const errors = ended.flatMap(({ result }) => Either.isLeft(result) ? [result.left] : [])
    for (const error of errors) assert.deepStrictEqual([error.category, error.outcome, error.code], ["Unauthenticated", "NotCancelled", "invalid_request_error"])
  })

  it("count after ten refusals in a row where the provider calls it forbidden", () => {
    const { counts, requests } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("WePay", 300)
      yield* sandbox.inject(Fault.errorCode("NOT_AUTHORIZED", 403), { provider: "WePay", forever: true })
      const counts = tally(yield* collect(many(requests, { limits: only({ rate: null }) })))
      return { counts, requests: (yield* received("WePay")).length }
    }))
    assert.isAtLeast(requests, 10)
    assert.isAtMost(requests, 10 + 16)
    assert.deepStrictEqual(counts, { "WePay.NotAuthorized": requests, "CancelMany.NotBegun": 300 - requests })
  })
})

describe("a provider that asks for a token", () => {
  const cancelling = (clientSecret: string, count: number, fault?: Fault.Fault) =>
    run(Effect.gen(function*() {
      const { create, inject, requests } = yield* Sandbox.Sandbox
      const ids = yield* Effect.forEach(Array.from({ length: count }), () => create("PayPal"))
      if (fault !== undefined) yield* inject(fault, { provider: "PayPal", operation: "Authorization", forever: true })
      const ended = yield* collect(Stream.fromIterable(ids).pipe(
        Stream.map((paymentId) => ({ paymentId, idempotencyKey: `many-${paymentId}` })),
        CancelMany.cancelMany(PayPal.cancel)
      ))
      return { counts: tally(ended), tokens: (yield* requests).filter(({ operation }) => operation === "Authorization").length }
    }).pipe(Effect.provide(Layer.provideMerge(
      Layer.orDie(PayPal.layer({ clientId: Sandbox.credentials.PayPal.clientId, clientSecret: Redacted.make(clientSecret) })),
      Sandbox.layer
    ))))

  it("is asked once for all", () => {
    const slow = Fault.delay("900 millis")
    for (const [count, fault] of [[3], [40], [40, slow]] as const) {
      assert.deepStrictEqual(cancelling(Sandbox.credentials.PayPal.clientSecret, count, fault), { counts: { Cancelled: count }, tokens: 1 })
    }
  })

  it("is asked before all that wait for their turn, however slowly they go, and within the limits", () => {
    for (const rate of [{ requests: 10, interval: "1 minute" }, { requests: 2, interval: "1 second" }] as const) {
      const { ended, times } = run(Effect.gen(function*() {
        const { create, requests } = yield* Sandbox.Sandbox
        const ids = yield* Effect.forEach(Array.from({ length: 30 }), () => create("PayPal"))
        const ended = yield* collect(Stream.fromIterable(ids).pipe(
          Stream.map((paymentId) => ({ paymentId, idempotencyKey: `many-${paymentId}` })),
          CancelMany.cancelMany(PayPal.cancel, { limits: { PayPal: { rate } } })
        ))
        return { ended: tally(ended), times: (yield* requests).map(({ at }) => at) }
      }).pipe(Effect.provide(Layer.provideMerge(
        Layer.orDie(PayPal.layer({
          clientId: Sandbox.credentials.PayPal.clientId,
          clientSecret: Redacted.make(Sandbox.credentials.PayPal.clientSecret),
          policy: CancelPolicy.interactive
        })),
        Sandbox.layer
      ))))
      assert.deepStrictEqual(ended, { Cancelled: 30 })
      assert.lengthOf(times, 31)
      assert.isAtMost(mostWithin(Duration.toMillis(rate.interval), times), rate.requests)
    }
  })

  it("is asked no more once it has refused the credentials, though many wait to ask", () => {
    for (const fault of [undefined, Fault.delay("900 millis")]) {
      const { counts, tokens } = cancelling("wrong", 40, fault)
      assert.strictEqual(tokens, 1)
      assert.strictEqual((counts["PayPal.InvalidClient"] ?? 0) + (counts["CancelMany.NotBegun"] ?? 0), 40)
    }
  })
})

describe("cut short", () => {
  it("nothing more is begun, and what was begun says so", () => {
    const { begun, events, taken, times } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const events: Array<CancelEvent.CancelEvent> = []
      const requests = yield* payments("Adyen", 200)
      yield* sandbox.inject(Fault.delay("1 second"), { forever: true })
      const begun: Array<string> = []
      const cancel = (request: Request) => Effect.zipRight(Effect.sync(() => begun.push(request.paymentId)), router.cancel(request))
      const taken = yield* CancelMany.cancelMany(cancel, { limits: only({ ...unlimited, concurrency: 8 }) })(Stream.fromIterable(requests)).pipe(
        Stream.take(20),
        Stream.runCollect,
        Effect.provide(CancelEvent.layer((event) => Effect.sync(() => void events.push(event))))
      )
      const sent = begun.length
      yield* Effect.sleep("1 minute")
      assert.lengthOf(begun, sent)
      return { begun, events, taken: Chunk.toReadonlyArray(taken), times: yield* timesAt("Adyen") }
    }))
    assert.lengthOf(taken, 20)
    assert.isAtMost(times.length, 20 + 8 + 16)
    // Every cancel that was begun either settled or says what is unknown.
    const told = events.filter(({ _tag }) => _tag === "Settled" || _tag === "Interrupted").map(({ paymentId }) => paymentId)
    assert.sameMembers(told, begun)
    assert.isAtLeast(events.filter(({ _tag }) => _tag === "Interrupted").length, 1)
  })

  it("nothing is begun either while the source of the requests still closes", () => {
    const [before, after] = inSandbox(Effect.gen(function*() {
      const requests = yield* payments("Adyen", 200)
      let begun = 0
      let atClosing = 0
      const cancel = (request: Request) =>
        Effect.zipRight(Effect.sync(() => void (begun += 1)), Effect.delay(router.cancel(request), "1 second"))
      const closing = Effect.zipRight(Effect.sync(() => void (atClosing = begun)), Effect.sleep("30 seconds"))
      yield* CancelMany.cancelMany(cancel, { limits: only({ ...unlimited, concurrency: 2 }) })(
        Stream.ensuring(Stream.concat(Stream.fromIterable(requests), Stream.never), closing)
      ).pipe(Stream.take(5), Stream.runDrain)
      return [atClosing, begun] as const
    }))
    assert.isAtLeast(before, 5)
    assert.strictEqual(after, before)
  })

  it("gently: what was begun ends, is handed out, and nothing else was begun", () => {
    const { begun, ended, took } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = mixed(yield* payments("Stripe", 100), yield* payments("Adyen", 100))
      yield* sandbox.inject(Fault.delay("3 seconds"), { forever: true })
      const begun: Array<Request> = []
      const cancel = (request: Request) => Effect.zipRight(Effect.sync(() => begun.push(request)), router.cancel(request))
      const stop = yield* Deferred.make<void>()
      yield* Effect.fork(Effect.delay(Deferred.succeed(stop, undefined), "5 seconds"))
      const endless = Stream.concat(Stream.fromIterable(requests), Stream.never)
      const [took, ended] = yield* Effect.timed(collect(
        CancelMany.cancelMany(cancel, { stopWhen: Deferred.await(stop), limits: only({ ...unlimited, concurrency: 4 }) })(endless)
      ))
      return { begun, ended, took }
    }))
    assert.sameMembers(ended.map(({ request }) => request), begun)
    assert.isTrue(ended.every(({ result }) => Either.isRight(result)))
    assert.isAtLeast(begun.length, 8)
    assert.isAtMost(begun.length, 32)
    assert.isAtMost(Duration.toMillis(took), 9000)
  })

  it("gently, after the stream of requests has failed: that is told all the same", () => {
    const seen: Array<string> = []
    const exit = exitOf(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("Stripe", 3)
      yield* sandbox.inject(Fault.delay("5 seconds"), { forever: true })
      yield* CancelMany.cancelMany(router.cancel, { limits: only(unlimited), stopWhen: Effect.sleep("3 seconds") })(
        Stream.concat(Stream.fromIterable(requests), Stream.fail("the file ends in the middle" as const))
      ).pipe(Stream.runForEach(({ result }) => Effect.sync(() => seen.push(Either.merge(result)._tag))))
    }).pipe(Effect.provide(Layer.provideMerge(providers(), Sandbox.layer))))
    assert.deepStrictEqual(exit, Exit.fail("the file ends in the middle"))
    assert.deepStrictEqual(seen, ["Cancelled", "Cancelled", "Cancelled"])
  })

  for (const [how, stopWhen] of Object.entries({ dies: Effect.die("the button broke"), "is interrupted": Effect.interrupt })) {
    for (const [where, more] of Object.entries({ "while more is read": Stream.never, "when all is read": Stream.empty })) {
      it(`gently, where what says when to stop ${how} ${where}: the stream ends with that, and not as if all were done`, () => {
        const seen: Array<string> = []
        const exit = exitOf(Effect.gen(function*() {
          const sandbox = yield* Sandbox.Sandbox
          const requests = yield* payments("Stripe", 100)
          yield* sandbox.inject(Fault.delay("3 seconds"), { forever: true })
          yield* CancelMany.cancelMany(router.cancel, {
            limits: only({ ...unlimited, concurrency: 4 }),
            stopWhen: Effect.delay(stopWhen, "4 seconds")
          })(Stream.concat(Stream.fromIterable(requests), more)).pipe(
            Stream.runForEach(({ result }) => Effect.sync(() => seen.push(Either.merge(result)._tag)))
          )
        }).pipe(Effect.provide(Layer.provideMerge(providers(), Sandbox.layer))))
        assert.isTrue(Exit.isFailure(exit) && (how === "dies" ? Cause.isDieType(exit.cause) : Cause.isInterruptedOnly(exit.cause)))
        // Four had ended by then, and four were under way.
        assert.deepStrictEqual(seen, Array.from({ length: 8 }, () => "Cancelled"))
      })
    }
  }

  /** Two hundred cancels where no connection can be made; the times at which their requests were tried, since the start. */
  const unreachable = (options: CancelMany.Options<Request>) =>
    inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("Adyen", 200)
      yield* sandbox.inject(Fault.refuseConnection, { forever: true })
      const start = yield* Clock.currentTimeMillis
      const tried: Array<{ readonly paymentId: string; readonly attempt: number; readonly at: number }> = []
      const [took, ended] = yield* collect(many(requests, options)).pipe(
        Effect.provide(CancelEvent.layer((event) =>
          event._tag === "ExchangeStarted"
            ? Effect.sync(() => void tried.push({ paymentId: event.paymentId, attempt: event.attempt, at: DateTime.toEpochMillis(event.at) - start }))
            : Effect.void)),
        Effect.timed
      )
      return { ended, tried, took: Duration.toMillis(took) }
    }))
  const closed = (giveUpAfter: Duration.DurationInput) => ({ limits: only({ outage: { failures: 3, probeAfter: "1 second", giveUpAfter } }) })

  it("gently, while nothing can be sent: what has sent nothing does not begin any more", () => {
    const { ended, took, tried } = unreachable({ ...closed("1 hour"), stopWhen: Effect.sleep("7 seconds") })
    assert.deepStrictEqual(tried.filter(({ at, attempt }) => attempt === 1 && at > 7000), [])
    assert.sameMembers(ended.map(({ request }) => request.paymentId), [...new Set(tried.map(({ paymentId }) => paymentId))])
    assert.deepStrictEqual(Object.keys(tally(ended)), ["CancelError.NotSent"])
    assert.isAtMost(took, 7000 + 10_000)
  })

  it("not at all where a provider is given up: what has begun and sent nothing is not begun either", () => {
    const { ended, took, tried } = unreachable(closed("6 seconds"))
    assert.lengthOf(ended, 200)
    const counts = tally(ended)
    assert.strictEqual(counts["CancelMany.NotBegun"], 200 - new Set(tried.map(({ paymentId }) => paymentId)).size)
    assert.isAtLeast(counts["CancelMany.NotBegun"] ?? 0, 190)
    assert.isAtMost(took, 6000 + 10_000)
  })

  it("gently, while a provider is down: those that wait for it are not begun", () => {
    const { ended, took } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* payments("Stripe", 100)
      yield* sandbox.inject(Fault.refuseConnection, { forever: true })
      const [took, ended] = yield* Effect.timed(collect(many(requests, { stopWhen: Effect.sleep("2 minutes") })))
      return { ended, took }
    }))
    assert.isAtMost(ended.length, 40)
    assert.notProperty(tally(ended), "CancelMany.NotBegun")
    assert.isAtMost(Duration.toMillis(took), 400_000)
  })
})

describe("where nothing can be interrupted, as in a finalizer", () => {
  /** Forty cancels at Stripe in there, and how long they took. */
  const uninterruptible = (
    options: CancelMany.Options<Request>,
    more: Stream.Stream<never> = Stream.empty,
    take = Number.MAX_SAFE_INTEGER,
    fault?: Fault.Fault
  ) =>
    inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      if (fault !== undefined) yield* sandbox.inject(fault, { operation: "Cancel", times: 25 })
      const requests = yield* payments("Stripe", 40)
      const cancels = CancelMany.cancelMany(router.cancel, options)(Stream.concat(Stream.fromIterable(requests), more))
      const [took, ended] = yield* Effect.timed(Effect.uninterruptible(collect(Stream.take(cancels, take))))
      return { counts: tally(ended), seconds: Duration.toSeconds(took) }
    }))

  it("the stream ends with its last cancel, though nobody has stopped it", () => {
    const { counts, seconds } = uninterruptible({ stopWhen: Effect.never })
    assert.deepStrictEqual(counts, { Cancelled: 40 })
    assert.isAtMost(seconds, 3)
  })

  it("it is stopped while more is to come", () => {
    const { counts, seconds } = uninterruptible({ stopWhen: Effect.sleep("1 second") }, Stream.never)
    assert.isAtLeast(counts["Cancelled"] ?? 0, 10)
    assert.isAtMost(counts["Cancelled"] ?? 0, 30)
    assert.isAtMost(seconds, 2)
  })

  it("a consumer that takes no more ends it, though results are left that nobody takes", () => {
    const { counts } = uninterruptible({ limits: only({ ...unlimited, concurrency: 40 }) }, Stream.never, 3)
    assert.deepStrictEqual(counts, { Cancelled: 3 })
  })

  it("a provider that is down is probed", () => {
    const { counts } = uninterruptible({ limits: only({ outage: { failures: 3, giveUpAfter: "1 hour" } }) }, Stream.empty, 40, Fault.refuseConnection)
    assert.isAtLeast(counts["Cancelled"] ?? 0, 10)
  })
})

describe("a result is settled", () => {
  const settled: ReadonlyArray<CancelError.Category> = ["InvalidRequest", "NotFound", "NotCancellable", "Unexpected"]

  it("by a success, and by an error that would be the same another time", () => {
    assert.isTrue(CancelMany.isSettled(Either.right({ _tag: "CancellationAccepted" })))
    for (const category of CancelError.Category.literals) {
      const is = (outcome: CancelError.Outcome) => CancelMany.isSettled(Either.left({ outcome, category }))
      assert.deepStrictEqual([is("NotCancelled"), is("Unknown")], [settled.includes(category), false], category)
    }
  })

  it("neither by what was not begun, nor by a defect, nor by an error of another kind", () => {
    const { counts, open } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.inject(Fault.errorCode("NOT_AUTHORIZED", 403), { provider: "WePay", forever: true })
      const ended = yield* collect(many(yield* payments("WePay", 100)))
      return { counts: tally(ended), open: ended.filter(({ result }) => !CancelMany.isSettled(result)).length }
    }))
    assert.isAtLeast(counts["CancelMany.NotBegun"] ?? 0, 50)
    assert.strictEqual(open, 100)
    for (const error of [new TypeError(), "no such order", null]) assert.isFalse(CancelMany.isSettled(Either.left(error)))
  })
})

describe("a request that is not admitted", () => {
  const admission = (admit: Admission["Type"] extends infer S ? NonNullable<S> extends { admit: infer F } ? F : never : never) => ({
    admit,
    ended: () => Effect.void
  })

  it("is not sent again: the cancel settles by what it has", () => {
    const { asked, error, requests } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(Fault.serverError({ applied: false }), { operation: "Cancel", forever: true })
      const asked: Array<string> = []
      const error = yield* Effect.flip(WePay.cancel({ paymentId, reason: "r" })).pipe(
        Effect.provideService(Admission, admission((request) => Effect.sync(() => {
          asked.push(`${request.operation} ${request.attempt} ${request.repeats}`)
          return !request.repeats
        })))
      )
      return { asked, error, requests: (yield* sandbox.requests).map(({ operation }) => operation) }
    }))
    assert.strictEqual(error.outcome, "Unknown")
    assert.deepStrictEqual(requests, ["Cancel", ...requests.slice(1).map(() => "Status" as const)])
    assert.deepStrictEqual(asked.slice(0, 2), ["Cancel 1 false", "Cancel 2 true"])
  })

  it("waits no longer than there is time", () => {
    const { error, requests, took } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      const [took, error] = yield* Effect.flip(WePay.cancel({ paymentId, reason: "r" })).pipe(
        Cancel.withPolicy({ deadline: "10 seconds" }),
        Effect.provideService(Admission, admission(() => Effect.never)),
        Effect.timed
      )
      return { error, requests: yield* sandbox.requests, took }
    }))
    assert.strictEqual(error._tag, "CancelError.NotSent")
    assert.lengthOf(requests, 0)
    assert.isAtMost(Duration.toMillis(took), 10_000)
  })

  it("tells what became of each that was", () => {
    const outcomes = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Stripe")
      yield* sandbox.inject(Fault.rateLimited({ retryAfter: 2 }), { provider: "Stripe" })
      const outcomes: Array<string> = []
      yield* Stripe.cancel({ paymentId }).pipe(Effect.provideService(Admission, {
        admit: () => Effect.succeed(true),
        ended: ({ evidence, httpStatus, operation, rateLimited, retryAfter }) =>
          Effect.sync(() => {
            outcomes.push([operation, evidence, Option.getOrNull(httpStatus), rateLimited, Option.getOrNull(Option.map(retryAfter, Duration.toMillis))].join(" "))
          })
      }))
      return outcomes
    }))
    assert.deepStrictEqual(outcomes, ["Cancel Refused 429 true 2000", "Cancel Acknowledged 200 false "])
  })
})
