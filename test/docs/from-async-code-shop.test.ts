import { afterAll, afterEach, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { Effect, ManagedRuntime, Schema } from "effect"
import { Canceller } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"
import type * as Shop from "../../docs/examples/from-async-code-shop.js"

const server = ManagedRuntime.make(SandboxServer.layer())
const inSandbox = <A>(use: (sandbox: Sandbox.Service) => Effect.Effect<A>) => server.runPromise(Effect.flatMap(Sandbox.Sandbox, use))

let shop: typeof Shop

beforeAll(async () => {
  const { baseUrl } = await server.runPromise(SandboxServer.SandboxServer)
  const { Adyen, PayPal, Stripe } = Sandbox.credentials
  for (
    const [name, value] of Object.entries({
      ADYEN_API_KEY: Adyen.apiKey,
      ADYEN_MERCHANT_ACCOUNT: Adyen.merchantAccount,
      ADYEN_BASE_URL: baseUrl("Adyen"),
      ADYEN_HMAC_KEY: Sandbox.webhookSecret("Adyen"),
      PAYPAL_CLIENT_ID: PayPal.clientId,
      PAYPAL_CLIENT_SECRET: PayPal.clientSecret,
      PAYPAL_BASE_URL: baseUrl("PayPal"),
      STRIPE_API_KEY: Stripe.apiKey,
      STRIPE_BASE_URL: baseUrl("Stripe"),
      STRIPE_WEBHOOK_SECRET: Sandbox.webhookSecret("Stripe")
    })
  ) vi.stubEnv(name, value)
  const address = "../../docs/examples/from-async-code-shop.ts?own"
  shop = await import(address) as typeof Shop
})

afterEach(() => inSandbox(({ reset }) => reset))

afterAll(async () => {
  await shop.close()
  await server.dispose()
  vi.unstubAllEnvs()
})

describe("a shop that is written with promises", () => {
  it("gets plain values of what became of a cancel", async () => {
    const paymentId = await inSandbox(({ create }) => create("Stripe"))
    assert.strictEqual((await shop.cancelOrder({ provider: "Stripe", paymentId, idempotencyKey: "key-1" })).outcome, "Cancelled")
    const captured = await inSandbox(({ create }) => create("PayPal", { status: "CAPTURED" }))
    assert.deepInclude(await shop.cancelOrder({ provider: "PayPal", paymentId: captured, idempotencyKey: "key-2" }), {
      outcome: "NotCancelled",
      category: "NotCancellable",
      paymentStatus: "CAPTURED",
      retryAfter: null
    })
    const throttled = await inSandbox(({ create }) => create("Stripe"))
    await inSandbox(({ inject }) => inject(Fault.rateLimited({ retryAfter: 60 })))
    const later = await shop.cancelOrder({ provider: "Stripe", paymentId: throttled, idempotencyKey: "key-3" })
    assert.deepInclude(later, { outcome: "NotCancelled", category: "RateLimited", retryAfter: 60_000 })
    const error = Schema.decodeUnknownSync(Schema.parseJson(Canceller.CancelError))(later.error)
    assert.strictEqual(error.idempotencyKey, "key-3")
    assert.notInclude(JSON.stringify(later), Sandbox.credentials.Stripe.apiKey)
  })

  it("is told by webhooks what became of what was accepted", async () => {
    const told: Array<Shop.Told> = []
    const receive = shop.receiver(async (each) => void told.push(each))
    const paymentId = await inSandbox(({ create }) => create("Adyen"))
    const { outcome, reference } = await shop.cancelOrder({ provider: "Adyen", paymentId, idempotencyKey: "key-1" })
    assert.strictEqual(outcome, "Accepted")
    const [webhook] = await vi.waitUntil(async () => {
      const all = await inSandbox(({ notifications }) => notifications("Adyen"))
      return all.length > 0 && all
    }, 20_000)
    const bytes = new TextEncoder().encode(webhook!.body)
    const warnings = vi.spyOn(console, "log").mockImplementation(() => undefined)
    const down = await shop.receiver(() => Promise.reject(new Error("the table is away")))("Adyen", bytes, webhook!.headers)
    assert.strictEqual(down.status, 500)
    assert.include(String(warnings.mock.calls), "{\"level\":\"ERROR\"")
    const answer = await receive("Adyen", bytes, webhook!.headers)
    assert.deepStrictEqual([answer.status, await answer.text()], [200, "[accepted]"])
    assert.deepInclude(told[0], { paymentId, reference, decision: "Cancelled" })
    const forged = await receive("Adyen", new TextEncoder().encode(webhook!.body.replace("true", "false")), webhook!.headers)
    assert.strictEqual(forged.status, 401)
    warnings.mockRestore()
    assert.lengthOf(told, 1)
  }, 30_000)

  it("has PayPal asked about what its webhooks say", async () => {
    const told: Array<Shop.Told> = []
    const paymentId = await inSandbox(({ create }) => create("PayPal"))
    await shop.cancelOrder({ provider: "PayPal", paymentId, idempotencyKey: "key-1" })
    const [webhook] = await inSandbox(({ notifications }) => notifications("PayPal"))
    const receive = shop.receiver(async (each) => void told.push(each))
    const answer = await receive("PayPal", new TextEncoder().encode(webhook!.body), webhook!.headers)
    assert.strictEqual(answer.status, 200)
    assert.deepInclude(told[0], { provider: "PayPal", paymentId, decision: "Cancelled" })
  })
})
