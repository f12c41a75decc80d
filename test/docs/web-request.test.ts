import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Canceller, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { createServer } from "node:http"
import { keepUnsettled, routes, settleOne, Unsettled } from "../../docs/examples/web-request.js"

const wePay = WePay.layer({
  appId: Sandbox.credentials.WePay.appId,
  appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
  baseUrl: Sandbox.baseUrl("WePay")
})

const live = Layer.mergeAll(Layer.provide(Canceller.layer(WePay), wePay), keepUnsettled).pipe(
  Layer.provideMerge(Layer.merge(Unsettled.Default, Sandbox.layer))
)

/** Asks the shop to cancel, and gives the status and the words that came back. Interrupted, the client goes away. */
const ask = (paymentId: string) =>
  Effect.gen(function*() {
    const handler = HttpApp.toWebHandlerRuntime(yield* Effect.runtime<Canceller.Canceller>())(routes)
    const response = yield* Effect.promise((signal) =>
      handler(new Request(`http://shop.test/payments/${paymentId}/cancel`, { method: "POST", signal }))
    )
    return `${response.status} ${yield* Effect.promise(() => response.text())}`
  })

/** Looks again and again, without any time in between, until there is something. */
const some = <A, E, R>(look: Effect.Effect<ReadonlyArray<A>, E, R>) =>
  Effect.iterate([] as ReadonlyArray<A>, {
    while: (found) => found.length === 0,
    body: () => Effect.zipRight(Effect.yieldNow(), look)
  })

const silent = Fault.stallHeaders({ applied: true })

describe("a cancel in a web request", () => {
  it.effect("is answered, whatever comes of it", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      assert.strictEqual(yield* ask(yield* sandbox.create("WePay")), `200 {"says":"It is cancelled."}`)
      const captured = yield* sandbox.create("WePay", { status: "completed" })
      assert.strictEqual(yield* ask(captured), `409 {"says":"It cannot be cancelled. What was taken will be refunded."}`)
      yield* sandbox.inject(Fault.errorCode("NOT_AUTHORIZED", 403), { operation: "Cancel" })
      assert.strictEqual(
        yield* ask(yield* sandbox.create("WePay")),
        `500 {"says":"Not cancelled. We are looking into it."}`
      )
      // Longer than a person is let wait: nothing more is sent, and there is an answer at once.
      yield* sandbox.inject(Fault.rateLimited({ retryAfter: 10 }), { operation: "Cancel" })
      assert.strictEqual(
        yield* ask(yield* sandbox.create("WePay")),
        `503 {"says":"Not cancelled. Please try again in a minute."}`
      )
      assert.isEmpty(yield* (yield* Unsettled).all)
    }).pipe(Effect.provide(live), Effect.provide(Logger.remove(Logger.defaultLogger))))

  it.effect("is answered within 12 seconds when the provider is silent, and settled by a job", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(silent, { paymentId, forever: true })
      const asking = yield* Effect.fork(ask(paymentId))
      yield* TestClock.adjust("12 seconds")
      assert.strictEqual(yield* Fiber.join(asking), `202 {"says":"We are finding out, and will write to you."}`)

      const [unsettled, ...others] = yield* (yield* Unsettled).all
      assert.strictEqual(unsettled?.paymentId, paymentId)
      assert.isEmpty(others)

      yield* sandbox.clearFaults
      assert.strictEqual((yield* settleOne(unsettled!))._tag, "Cancelled")
      const keys = (yield* sandbox.requests).flatMap(({ headers, operation }) =>
        operation === "Cancel" ? [headers["unique-key"]] : [])
      assert.deepStrictEqual([...new Set(keys)], [unsettled!.idempotencyKey])
    }).pipe(Effect.provide(live)))

  it.effect("is not lost when the client goes away", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(silent, { paymentId, forever: true })
      const asking = yield* Effect.fork(ask(paymentId))
      yield* some(sandbox.requests)
      yield* Fiber.interrupt(asking)
      const unsettled = yield* some((yield* Unsettled).all)
      assert.deepStrictEqual(unsettled.map((one) => one.paymentId), [paymentId])
    }).pipe(Effect.provide(live)))

  it.scopedLive("is not lost when the client hangs up on a Node server", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const unsettled = yield* Unsettled
      const paymentId = yield* sandbox.create("WePay")
      yield* sandbox.inject(silent, { paymentId, forever: true })
      yield* HttpServer.serveEffect(routes)
      const address = (yield* HttpServer.HttpServer).address
      const port = address._tag === "TcpAddress" ? address.port : 0
      const asking = yield* Effect.fork(
        Effect.tryPromise((signal) => fetch(`http://127.0.0.1:${port}/payments/${paymentId}/cancel`, { method: "POST", signal }))
      )
      yield* some(Effect.delay(sandbox.requests, "5 millis"))
      yield* Fiber.interrupt(asking)
      const cases = yield* some(Effect.delay(unsettled.all, "5 millis"))
      assert.deepStrictEqual(cases.map((one) => one.paymentId), [paymentId])
    }).pipe(Effect.provide(live), Effect.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))))
})
