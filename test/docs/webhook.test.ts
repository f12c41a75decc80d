import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServer from "@effect/platform/HttpServer"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Adyen } from "effect-payment-cancel"
import { Fault, Sandbox, type Webhook } from "effect-payment-cancel/sandbox"
import { answer, cancelPayment, Cancels, receiver, webhooks, webhooksOfApi } from "../../docs/examples/webhook.js"

const { apiKey, merchantAccount } = Sandbox.credentials.Adyen

const settings = Layer.setConfigProvider(
  ConfigProvider.fromMap(new Map([["ADYEN_HMAC_KEY", Sandbox.webhookSecret("Adyen")]]))
)

const live = Layer.mergeAll(
  Adyen.layer({ apiKey: Redacted.make(apiKey), merchantAccount, baseUrl: Sandbox.baseUrl("Adyen") }),
  Layer.provide(Cancels.Default, KeyValueStore.layerMemory),
  settings
).pipe(Layer.provideMerge(Sandbox.layer))

type Delivery = Pick<Webhook.Notification, "body" | "headers">

/** Delivers a webhook over HTTP, and gives the status that came back. */
const deliver = ({ body, headers }: Delivery) =>
  Effect.gen(function*() {
    const handler = HttpApp.toWebHandlerRuntime(yield* Effect.runtime<Cancels>())(webhooks)
    const request = new Request("http://shop.test/webhooks/adyen", { method: "POST", headers, body })
    return (yield* Effect.promise(() => handler(request))).status
  })

const secret = Redacted.make(Sandbox.webhookSecret("Adyen"))

/** The same to a function of the web's. */
const deliverToWeb = ({ body, headers }: Delivery) =>
  Effect.gen(function*() {
    const { context } = yield* Effect.runtime<Cancels>()
    const clock = yield* Effect.clock
    const runtime = ManagedRuntime.make(Layer.merge(Layer.succeedContext(context), Layer.setClock(clock)))
    const handler = receiver(runtime, secret)
    const request = new Request("http://shop.test/webhooks/adyen", { method: "POST", headers, body })
    return (yield* Effect.promise(() => handler(request))).status
  })

/** The same to a route of an `HttpApi`. */
const deliverToApi = ({ body, headers }: Delivery) =>
  Effect.gen(function*() {
    const { context } = yield* Effect.runtime<Cancels>()
    const clock = yield* Effect.clock
    const { dispose, handler } = HttpApiBuilder.toWebHandler(
      HttpApiBuilder.api(HttpApi.make("shop")).pipe(
        Layer.merge(webhooksOfApi),
        Layer.provide(settings),
        Layer.provide(Layer.succeedContext(context)),
        Layer.merge(Layer.merge(HttpServer.layerContext, Layer.setClock(clock)))
      )
    )
    const request = new Request("http://shop.test/webhooks/adyen", { method: "POST", headers, body })
    const { status } = yield* Effect.promise(() => handler(request))
    yield* Effect.promise(dispose)
    return status
  })

/** The same as a framework hands it on that has neither. */
const deliverToFramework = ({ body, headers }: Delivery) => answer(Buffer.from(body), headers, secret)

const told = Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
  TestClock.adjust("1 second").pipe(Effect.zipRight(sandbox.notifications("Adyen"))))

const outcome = (reference: string) =>
  Effect.flatMap(Cancels, (cancels) =>
    Effect.map(cancels.outcome(reference), Option.match({ onNone: () => "open", onSome: ({ _tag }) => _tag })))

describe("a cancel that is confirmed by webhook", () => {
  it.effect("is open until its webhook, and cancelled after it", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const reference = yield* cancelPayment(yield* sandbox.create("Adyen"))
      const [notification] = yield* told
      assert.strictEqual(yield* outcome(reference), "open")
      assert.strictEqual(yield* deliver(notification!), 200)
      assert.strictEqual(yield* outcome(reference), "Cancelled")
      // Twice is once.
      assert.strictEqual(yield* deliver(notification!), 200)
      assert.strictEqual(yield* outcome(reference), "Cancelled")
    }).pipe(Effect.provide(live)))

  for (
    const [way, deliver] of [
      ["of the web's", deliverToWeb],
      ["of an HttpApi's", deliverToApi],
      ["of a framework's", deliverToFramework]
    ] as const
  ) {
    it.effect(`is confirmed by a request ${way} too, and by no forged one`, () =>
      Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        const reference = yield* cancelPayment(yield* sandbox.create("Adyen", { status: "captured" }))
        const [declined] = yield* told
        const forged = { ...declined!, body: declined!.body.replace(`"success":"false"`, `"success":"true"`) }
        assert.strictEqual(yield* deliver(forged), 401)
        assert.strictEqual(yield* deliver({ ...declined!, body: "{}" }), 400)
        assert.strictEqual(yield* outcome(reference), "open")
        assert.strictEqual(yield* deliver(declined!), 200)
        assert.strictEqual(yield* outcome(reference), "CancellationDeclined")
      }).pipe(Effect.provide(live)))
  }

  it.effect("is declined where the payment was captured in the meantime", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const reference = yield* cancelPayment(yield* sandbox.create("Adyen", { captureIn: "500 millis" }))
      const [notification] = yield* told
      yield* deliver(notification!)
      assert.strictEqual(yield* outcome(reference), "CancellationDeclined")
    }).pipe(Effect.provide(live)))

  it.effect("is confirmed by a webhook that overtakes the answer", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.inject(Fault.delay("5 seconds"))
      const paymentId = yield* sandbox.create("Adyen", { decidesIn: 0 })
      const cancelling = yield* Effect.fork(cancelPayment(paymentId))
      yield* TestClock.adjust("5 seconds")
      const reference = yield* cancelling
      // The shop stores its half after the webhook has come.
      const other = yield* Adyen.cancel({ paymentId })
      const notifications = yield* told
      yield* Effect.forEach(notifications.toReversed(), deliver)
      const cancels = yield* Cancels
      assert.strictEqual(yield* outcome(reference), "Cancelled")
      assert.strictEqual(yield* outcome(other.receipt.reference), "open")
      yield* cancels.accept(other)
      assert.strictEqual(yield* outcome(other.receipt.reference), "CancellationDeclined")
    }).pipe(Effect.provide(live)))

  it.effect("is confirmed after a lost answer, for the key brings the same reference", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.inject(Fault.dropAfterApplying)
      const cancelling = yield* Effect.fork(cancelPayment(yield* sandbox.create("Adyen")))
      yield* TestClock.adjust("10 seconds")
      const reference = yield* cancelling
      const notifications = yield* told
      assert.lengthOf(notifications, 1)
      yield* deliver(notifications[0]!)
      assert.strictEqual(yield* outcome(reference), "Cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("is kept although its caller goes away while it is being stored", () => {
    // A store that takes its time, at first.
    let time: Duration.DurationInput = "1 second"
    const slow = Layer.effect(
      KeyValueStore.KeyValueStore,
      Effect.map(KeyValueStore.KeyValueStore, (store) => ({
        ...store,
        set: (key: string, value: string | Uint8Array) => Effect.suspend(() => Effect.delay(store.set(key, value), time))
      }))
    ).pipe(Layer.provide(KeyValueStore.layerMemory))
    return Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const cancelling = yield* Effect.fork(cancelPayment(yield* sandbox.create("Adyen")))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interruptFork(cancelling)
      yield* TestClock.adjust("1 second")
      time = 0
      const [notification] = yield* told
      assert.strictEqual(yield* deliver(notification!), 200)
      assert.strictEqual(yield* outcome("M000000000000001"), "Cancelled")
    }).pipe(Effect.provide(Layer.provideMerge(Layer.provide(Layer.fresh(Cancels.Default), slow), live)))
  })

  it.effect("stays open when its webhook never comes", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const reference = yield* cancelPayment(yield* sandbox.create("Adyen"))
      yield* TestClock.adjust("60 days")
      assert.strictEqual(yield* outcome(reference), "open")
    }).pipe(Effect.provide(live)))

  it.effect("takes nothing that is forged, altered, replayed or malformed", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const reference = yield* cancelPayment(yield* sandbox.create("Adyen", { status: "captured" }))
      const other = yield* cancelPayment(yield* sandbox.create("Adyen"))
      const [declined, cancelled] = yield* told
      for (
        const [body, status] of [
          [declined!.body.replace(`"success":"false"`, `"success":"true"`), 401],
          [cancelled!.body.replaceAll(other, reference), 401],
          [declined!.body.replace(/"hmacSignature":"[^"]*"/, `"hmacSignature":"AAAA"`), 401],
          ["", 400],
          ["{}", 400]
        ] as const
      ) {
        assert.strictEqual(yield* deliver({ body, headers: declined!.headers }), status)
      }
      // A genuine one about another cancel is that cancel's.
      assert.strictEqual(yield* deliver(cancelled!), 200)
      assert.strictEqual(yield* outcome(reference), "open")
      // One that was kept for too long proves nothing any more, and holds up no other.
      yield* TestClock.adjust("32 days")
      assert.strictEqual(yield* deliver(declined!), 200)
      assert.strictEqual(yield* outcome(reference), "open")
    }).pipe(Effect.provide(live)))
})
