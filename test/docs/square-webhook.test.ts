import * as HttpApp from "@effect/platform/HttpApp"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { createHmac } from "node:crypto"
import { Cancelled, webhooks } from "../../docs/examples/square-webhook.js"

const secret = "signature-key"
const notificationUrl = "https://shop.example/webhooks/square"

const body = (status: string) =>
  JSON.stringify({ merchant_id: "M1", type: "payment.updated", event_id: "evt_1", data: { object: { payment: { id: "sq_1", status } } } })

/** Delivers a webhook behind a proxy, and gives the status that came back and what the shop recorded. */
const deliver = (status: string, url = notificationUrl) =>
  Effect.gen(function*() {
    const recorded: Array<readonly [paymentId: string, merchantId: string]> = []
    const runtime = yield* Effect.runtime<Cancelled>().pipe(
      Effect.provideService(Cancelled, { record: (...words) => Effect.sync(() => void recorded.push(words)) }),
      Effect.withConfigProvider(ConfigProvider.fromMap(
        new Map([["SQUARE_NOTIFICATION_URL", notificationUrl], ["SQUARE_WEBHOOK_SIGNATURE_KEY", secret]])
      ))
    )
    const signature = createHmac("sha256", secret).update(`${url}${body(status)}`).digest("base64")
    const request = new Request("http://10.0.0.7/webhooks/square", {
      method: "POST",
      headers: { "x-square-hmacsha256-signature": signature },
      body: body(status)
    })
    const response = yield* Effect.promise(() => HttpApp.toWebHandlerRuntime(runtime)(webhooks)(request))
    return [response.status, recorded] as const
  })

describe("a webhook of Square's", () => {
  it.effect("records what was cancelled, and acknowledges what is about something else", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* deliver("CANCELED"), [200, [["sq_1", "M1"]]])
      assert.deepStrictEqual(yield* deliver("COMPLETED"), [200, []])
    }))

  it.effect("refuses what was signed for another address", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* deliver("CANCELED", "http://10.0.0.7/webhooks/square"), [401, []])
    }))
})
