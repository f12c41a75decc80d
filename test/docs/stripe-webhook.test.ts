import * as HttpApp from "@effect/platform/HttpApp"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { createHmac } from "node:crypto"
import { Cancelled, webhooks } from "../../docs/examples/stripe-webhook.js"

const now = 1_700_000_000
const secret = "whsec_shop"

const event = (about: object): string =>
  JSON.stringify({ id: "evt_1", type: "payment_intent.canceled", data: { object: { id: "pi_1", status: "canceled" } }, ...about })

/** Delivers a webhook, and gives the status that came back and what the shop recorded. */
const deliver = (body: string, method = "POST") =>
  Effect.gen(function*() {
    yield* TestClock.setTime(now * 1000)
    const recorded: Array<readonly [paymentId: string, account: string]> = []
    const runtime = yield* Effect.runtime<Cancelled>().pipe(
      Effect.provideService(Cancelled, { record: (...words) => Effect.sync(() => void recorded.push(words)) }),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["STRIPE_WEBHOOK_SECRET", secret]])))
    )
    const headers = { "stripe-signature": `t=${now},v1=${createHmac("sha256", secret).update(`${now}.${body}`).digest("hex")}` }
    const request = new Request("http://shop.test/webhooks/stripe", { method, headers, body: method === "GET" ? null : body })
    const response = yield* Effect.promise(() => HttpApp.toWebHandlerRuntime(runtime)(webhooks)(request))
    return [response.status, recorded] as const
  })

describe("a webhook of Stripe's", () => {
  it.effect("records what was cancelled in live mode, for its account", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* deliver(event({ livemode: true })), [200, [["pi_1", "our own"]]])
      assert.deepStrictEqual(yield* deliver(event({ livemode: true, account: "acct_1" })), [200, [["pi_1", "acct_1"]]])
    }))

  it.effect("passes over what is not in earnest, or does not say so", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* deliver(event({ livemode: false, account: "acct_1" })), [200, []])
      assert.deepStrictEqual(yield* deliver(event({})), [200, []])
    }))

  it.effect("acknowledges what is signed and no event", () =>
    Effect.gen(function*() {
      for (const body of ["", "hi"]) assert.deepStrictEqual(yield* deliver(body), [200, []])
    }))

  it.effect("is found under POST only: of another method the router itself says 404", () =>
    Effect.gen(function*() {
      for (const method of ["GET", "PUT"]) {
        assert.deepStrictEqual(yield* deliver(event({ livemode: true }), method), [404, []])
      }
    }))
})
