import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Deferred, Effect, Either, Layer, Stream } from "effect"
import type { Cancel } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { cancelAll, cancelOrders, type Line, type Request, requestOf, resumable, stoppable, UnknownOrder, withLimits } from "../../docs/examples/many-at-once.js"
import { collect, mostWithin, providers } from "../many/payments.js"
import { run } from "../many/virtual.js"

const inSandbox = <A, E>(program: Effect.Effect<A, E, Sandbox.Sandbox | Layer.Layer.Success<ReturnType<typeof providers>>>): A =>
  run(Effect.provide(program, Layer.provideMerge(providers(), Sandbox.layer)))

const created = (count: number) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.forEach(Array.from({ length: count }), (_, index) => {
      const provider: Request["provider"] = index % 2 === 0 ? "Stripe" : "WePay"
      return Effect.map(sandbox.create(provider), (paymentId) => requestOf("incident-7", provider, paymentId))
    }))

describe("the page on many at once", () => {
  it("makes a list that says of each payment what is true, and what is to be done again", () => {
    const { first, keys, second } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* created(40)
      const [lost, late] = [requests[4]!, requests[7]!]
      yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { paymentId: lost.paymentId, forever: true })
      yield* sandbox.move("WePay", late.paymentId, "completed")
      const lines = (of: ReadonlyArray<Request>) =>
        Effect.suspend(() => {
          const written: Array<Line> = []
          return Effect.as(cancelAll(Stream.fromIterable(of), (line) => Effect.sync(() => void written.push(line))), written)
        })
      const first = yield* lines(requests)
      yield* sandbox.clearFaults
      const open = first.filter(({ isSettled }) => !isSettled).map(({ paymentId }) => paymentId)
      const second = yield* lines(requests.filter(({ paymentId }) => open.includes(paymentId)))
      const keys = (yield* sandbox.requests).filter(({ operation, paymentId }) => operation === "Cancel" && paymentId === lost.paymentId)
        .map(({ headers }) => headers["idempotency-key"])
      return { first, second, keys }
    }))
    assert.lengthOf(first, 40)
    assert.deepStrictEqual(first.filter(({ isSettled }) => !isSettled).map(({ result }) => result), ["CancelError.NoResponse"])
    assert.deepStrictEqual(first.filter(({ result }) => result === "WePay.PaymentCannotBeCanceled").map(({ isSettled }) => isSettled), [true])
    assert.deepStrictEqual(second.map(({ isSettled, result }) => [result, isSettled]), [["Cancelled", true]])
    assert.strictEqual(new Set(keys).size, 1)
  })

  it("sets limits that hold", () => {
    const { stripe, wePay } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      yield* collect(withLimits(Stream.fromIterable(yield* created(400))))
      const times = (provider: string) => Effect.map(sandbox.requests, (all) => all.filter((each) => each.provider === provider).map(({ at }) => at))
      return { stripe: mostWithin(1000, yield* times("Stripe")), wePay: mostWithin(10_000, yield* times("WePay")) }
    }))
    assert.isAtMost(stripe, 80)
    assert.isAtLeast(stripe, 60)
    assert.isAtMost(wePay, 30)
  })

  it("stops gently", () => {
    const ended = inSandbox(Effect.gen(function*() {
      const stop = yield* Deferred.make<void>()
      yield* Effect.fork(Effect.delay(Deferred.succeed(stop, undefined), "3 seconds"))
      return yield* collect(stoppable(stop)(Stream.fromIterable(yield* created(600))))
    }))
    assert.isAtMost(ended.length, 100)
    assert.isAtLeast(ended.length, 60)
    assert.isTrue(ended.every(({ result }) => Either.isRight(result)))
  })

  it("continues what a process had begun that was killed", () => {
    const { asked, ended } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* created(4)
      const [, begun] = requests
      // What the first process did: the provider cancelled, and nobody heard of it.
      yield* sandbox.move("WePay", begun!.paymentId, "canceled")
      yield* sandbox.inject(Fault.errorCode("NOT_AUTHORIZED", 403), { paymentId: begun!.paymentId, operation: "Cancel" })
      const asked: Array<Request> = []
      const earlier = (request: Request) => Effect.sync(() => asked.push(request)).pipe(Effect.as(request === begun ? ["Crash" as const] : []))
      const ended = yield* collect(resumable({ earlier, begin: () => Effect.void })(Stream.fromIterable(requests)))
      return { asked, ended }
    }))
    assert.lengthOf(asked, 4)
    // Alone, the refusal would have said that it is not cancelled.
    assert.deepStrictEqual(ended.map(({ result }) => Either.merge(result)._tag), Array.from({ length: 4 }, () => "Cancelled"))
  })

  it("has begun nothing that only waited for its turn when it was stopped, so that the next run sends it", () => {
    const { left, lines, sent } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const requests = yield* created(200)
      const begun = new Set<string>()
      const lines = new Set<string>()
      const rest = () => [...begun].filter((paymentId) => !lines.has(paymentId))
      const once = (stop: Deferred.Deferred<void>) =>
        Stream.fromIterable(requests.filter(({ paymentId }) => !lines.has(paymentId))).pipe(
          resumable({
            earlier: ({ paymentId }) => Effect.sync(() => rest().includes(paymentId) ? ["Crash" as const] : []),
            begin: ({ paymentId }) => Effect.sync(() => void begun.add(paymentId))
          }, { stopWhen: Deferred.await(stop) }),
          Stream.runForEach(({ request }) => Effect.sync(() => void lines.add(request.paymentId)))
        )
      const stop = yield* Deferred.make<void>()
      yield* Effect.fork(Effect.delay(Deferred.succeed(stop, undefined), "3 seconds"))
      yield* once(stop)
      const left = { begun: rest(), all: requests.length - lines.size }
      yield* once(yield* Deferred.make<void>())
      const sent = (yield* sandbox.requests).filter(({ operation }) => operation === "Cancel").length
      return { left, lines, sent }
    }))
    assert.isAbove(left.all, 0)
    assert.deepStrictEqual(left.begun, [])
    assert.strictEqual(lines.size, 200)
    assert.strictEqual(sent, 200)
  })

  it("continues what a process has written down as unknown", () => {
    const { ended, sent } = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const [request] = yield* created(1)
      const journal: Array<Cancel.Earlier> = []
      const once = Effect.map(collect(resumable({ earlier: () => Effect.sync(() => [...journal]), begin: () => Effect.void })(Stream.make(request!))), ([line]) => {
        const error = Either.flip(line!.result).pipe(Either.getOrThrow)
        journal.push(error)
        return error
      })
      // Stripe repeats a server error that it has stored, so it gives no licence to send again.
      yield* sandbox.inject(Fault.serverError({ applied: false }), { operation: "Cancel" })
      const first = yield* once
      yield* sandbox.inject(Fault.errorCode("parameter_invalid_empty", 400), { operation: "Cancel" })
      const second = yield* once
      const sent = (yield* sandbox.requests).filter(({ operation }) => operation === "Cancel")
      return { ended: [first, second].map(({ outcome }) => outcome), sent }
    }))
    // Alone, the second would have been sent at once, and its refusal settled what the first may have done.
    assert.deepStrictEqual(ended, ["Unknown", "Unknown"])
    assert.lengthOf(sent, 1)
  })

  it("cancels orders, whose own errors are results", () => {
    const [found, unknown] = inSandbox(Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Stripe")
      const ended = yield* Effect.withConfigProvider(
        collect(cancelOrders(Stream.make({ order: 1 }, { order: 2 }))),
        ConfigProvider.fromMap(new Map([["ORDER_1", paymentId]]))
      )
      return [1, 2].map((order) => Either.merge(ended.find(({ request }) => request.order === order)!.result))
    }))
    assert.strictEqual(found?._tag, "Cancelled")
    assert.instanceOf(unknown, UnknownOrder)
  })
})
