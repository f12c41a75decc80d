/** The Worker of the page about runtimes, `edge.ts`: every answer it can give. Other runtimes run it too, in test/runtimes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import worker, { type Bindings } from "../../docs/examples/edge.js"
import { answer, close, later, type Play, serve } from "../wire/ScriptedServer.js"

const bindings = (url: string): Bindings => ({
  STRIPE_API_KEY: "sk_test_edge",
  STRIPE_BASE_URL: url,
  STRIPE_WEBHOOK_SECRET: "whsec_edge"
})

const payment = (status: string) => ({ id: "pi_1", object: "payment_intent", status })

const refusal = { error: { type: "invalid_request_error", code: "payment_intent_unexpected_state", message: "captured" } }

const ask = (url: string, path: string, init: RequestInit = { method: "POST" }) =>
  Effect.promise(async () => {
    const response = await worker.fetch(new Request(`https://worker.test${path}`, init), bindings(url))
    const text = await response.text()
    return { status: response.status, body: text === "" ? null : JSON.parse(text) as Record<string, unknown> }
  })

const cancelling = (...cancel: ReadonlyArray<Play>) =>
  Effect.flatMap(serve({ cancel, status: [answer(200, payment("requires_capture"))] }), ({ url }) => ask(url, "/payments/pi_1/cancel"))

describe("the Worker", () => {
  it.scopedLive("answers with what is known", () =>
    Effect.gen(function*() {
      const cancelled = yield* cancelling(answer(200, payment("canceled")))
      assert.deepStrictEqual(cancelled, { status: 200, body: { result: "Cancelled", attempts: 1 } })
      const refused = yield* cancelling(answer(400, refusal))
      assert.strictEqual(refused.status, 409)
      assert.strictEqual(refused.body?.["result"], "Stripe.PaymentIntentUnexpectedState")
      assert.strictEqual(refused.body?.["outcome"], "NotCancelled")
    }))

  it.scopedLive("hands back the key where it is unknown", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [close], status: [answer(401, { error: { type: "invalid_request_error" } })] })
      const { body, status } = yield* ask(server.url, "/payments/pi_1/cancel")
      assert.deepStrictEqual([status, body?.["outcome"]], [202, "Unknown"])
      const key = server.received[0]?.headers.find(([name]) => name.toLowerCase() === "idempotency-key")?.[1]
      assert.strictEqual(body?.["idempotencyKey"], key)
      assert.isString(key)
    }), 60_000)

  it.scopedLive("believes no forged notification", () =>
    Effect.gen(function*() {
      const headers = { "stripe-signature": `t=${Math.floor(Date.now() / 1000)},v1=${"0".repeat(64)}` }
      const forged = yield* ask("https://stripe.test", "/webhook", { method: "POST", body: "{}", headers })
      assert.deepStrictEqual(forged, { status: 400, body: { result: "Notification.InvalidSignature" } })
    }))

  it.scopedLive("has no other routes", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* ask("https://stripe.test", "/payments")).status, 404)
      // No text in percent-encoding: anybody can ask so.
      assert.strictEqual((yield* ask("https://stripe.test", "/payments/%/cancel")).status, 404)
      assert.strictEqual((yield* ask("https://stripe.test", "/payments/pi_1/cancel", { method: "GET" })).status, 405)
    }))

  it.scopedLive("carries the cancel through when its caller is gone, and asks the runtime to wait for it", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [later(1_000, answer(200, payment("canceled")))] })
      const request = new Request("https://worker.test/payments/pi_1/cancel", { method: "POST", signal: AbortSignal.timeout(200) })
      const waited: Array<Promise<unknown>> = []
      const response = yield* Effect.promise(() =>
        worker.fetch(request, bindings(server.url), { waitUntil: (promise) => void waited.push(promise) }))
      assert.deepStrictEqual([request.signal.aborted, response.status], [true, 200])
      assert.deepStrictEqual(yield* Effect.promise(() => Promise.all(waited)), [response])
    }), 30_000)
})
