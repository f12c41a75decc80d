import * as HttpApp from "@effect/platform/HttpApp"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { CheckoutCom } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { cancelPayment, outcome, Voids, webhooks } from "../../docs/examples/checkout-com-webhook.js"

const live = CheckoutCom.layer({
  secretKey: Redacted.make(Sandbox.credentials.CheckoutCom.secretKey),
  baseUrl: Sandbox.baseUrl("CheckoutCom")
}).pipe(Layer.provideMerge(Sandbox.layer))

const settings = ConfigProvider.fromMap(new Map([["CHECKOUT_COM_SIGNATURE_KEY", Sandbox.webhookSecret("CheckoutCom")]]))

/** Cancels a payment while nobody can read its status, and delivers all webhooks: gives the result, and what the rows say. */
const cancelled = (statusIsRead: boolean) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const rows = new Map<string, { readonly accepted?: string; readonly notification?: string }>()
    const voids = {
      accept: (reference: string, accepted: string) =>
        Effect.sync(() => void rows.set(reference, { ...rows.get(reference), accepted })),
      tell: (reference: string, notification: string) =>
        Effect.sync(() => void rows.set(reference, { notification, ...rows.get(reference) }))
    }
    const paymentId = yield* sandbox.create("CheckoutCom")
    if (!statusIsRead) yield* sandbox.inject(Fault.statusQueryDown, { operation: "Status", forever: true })
    const cancelling = yield* Effect.fork(Effect.provideService(cancelPayment(paymentId), Voids, voids))
    yield* TestClock.adjust("2 minutes")
    const { _tag } = yield* Fiber.join(cancelling)

    const runtime = yield* Effect.runtime<Voids>().pipe(
      Effect.provideService(Voids, voids),
      Effect.withConfigProvider(settings)
    )
    const deliveries = yield* sandbox.notifications("CheckoutCom")
    for (const { body, headers } of [...deliveries, ...deliveries]) {
      const request = new Request("http://shop.test/webhooks/checkout-com", { method: "POST", headers, body })
      const { status } = yield* Effect.promise(() => HttpApp.toWebHandlerRuntime(runtime)(webhooks)(request))
      assert.strictEqual(status, 200)
    }
    const ends = yield* Effect.forEach(rows.values(), ({ accepted, notification }) =>
      accepted === undefined || notification === undefined
        ? Effect.succeed("waiting")
        : Effect.map(outcome({ accepted, notification }), (end) => "evidence" in end ? `${end._tag}, ${end.evidence}` : end._tag))
    return [_tag, ends]
  })

describe("a cancel at Checkout.com", () => {
  it.effect("that was only accepted is paired with its webhook", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* cancelled(false), ["CancellationAccepted", ["Cancelled, Notification"]])
    }).pipe(Effect.provide(live)))

  it.effect("that its status showed waits for none", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* cancelled(true), ["Cancelled", ["waiting"]])
    }).pipe(Effect.provide(live)))
})
