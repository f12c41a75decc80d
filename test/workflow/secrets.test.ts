/** What is in the tables: no credential, and nothing of a payer, also where the provider's answers are full of both. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import { Stripe, WePay } from "effect-payment-cancel"
import { CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

const credentials = { stripe: "sk_live_51SecretOfTheShop", wepay: "prod_SecretTokenOfTheShop" }
const payer = { name: "Ada Q. Payer", email: "ada.payer@example.com", card: "4242-ending" }

const stripe = CancelWorkflow.make("Stripe", Stripe, { waits: ["20 millis"], giveUpAfter: "200 millis" })
const wepay = CancelWorkflow.make("WePay", WePay, { waits: ["20 millis"], giveUpAfter: "200 millis" })

/** A provider whose answers hold everything that must not be kept: for payments that are cancelled, refused and in doubt. */
const talkative = HttpClient.make((request, url) => {
  const answer = (status: number, body: unknown) =>
    Effect.succeed(HttpClientResponse.fromWeb(request, new Response(JSON.stringify(body), { status, headers: { "request-id": "req_1" } })))
  const about = { ...payer, authorization: request.headers["authorization"], "app-token": request.headers["app-token"] }
  const id = url.pathname.split("/").find((part) => part.startsWith("p-")) ?? ""
  if (url.hostname.includes("stripe")) {
    if (id === "p-refused") return answer(400, { error: { code: "payment_intent_unexpected_state", message: "No.", payment_intent: { id, status: "succeeded", ...about } } })
    if (id === "p-doubt") return answer(request.method === "GET" ? 503 : 500, { error: { type: "api_error", ...about } })
    return answer(200, { id, object: "payment_intent", status: "canceled", receipt_email: payer.email, shipping: about, metadata: about, description: payer.name })
  }
  return answer(request.method === "GET" ? 200 : 400, {
    id,
    status: "completed",
    error_code: "PAYMENT_CANNOT_BE_CANCELED",
    error_message: "This payment cannot be canceled.",
    details: [{ target: ["payer"], target_type: "HTTP_REQUEST_BODY", reason_code: "INVALID_PARAMS", message: payer.email, ...about }],
    creator: about
  })
})

const providers = Layer.mergeAll(
  Stripe.layer({ apiKey: Redacted.make(credentials.stripe) }),
  WePay.layer({ appId: "121212", appToken: Redacted.make(credentials.wepay), baseUrl: "https://wepay.test" })
).pipe(Layer.orDie, Layer.provide(Layer.succeed(HttpClient.HttpClient, talkative)))

describe("the tables of durable cancels", () => {
  it.scopedLive("hold no credential and nothing of a payer", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-secrets-"))),
        (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
      )
      const storage = Sqlite.layer({ filename: Path.join(folder, "cancels.db"), shardingConfig: { entityMessagePollInterval: "20 millis" } })
      const tags = yield* Effect.forEach(["p-cancelled", "p-refused", "p-doubt"], (paymentId) =>
        Effect.map(Effect.either(stripe.cancel({ paymentId, requestId: "r-1" })), (result) => result._tag === "Right" ? result.right._tag : result.left._tag)).pipe(
          Effect.zipWith(Effect.flip(wepay.cancel({ paymentId: "p-wepay", reason: "out of stock", requestId: "r-1" })), (tags, { _tag }) => [...tags, _tag]),
          Effect.provide(Layer.mergeAll(stripe.layer, wepay.layer).pipe(Layer.provideMerge(storage), Layer.provide(providers)))
        )
      // All of it was really there to be kept.
      assert.deepStrictEqual(tags, ["Cancelled", "Stripe.PaymentIntentUnexpectedState", "CancelWorkflow.Unsettled", "WePay.PaymentCannotBeCanceled"])
      const bytes = Buffer.concat(Fs.readdirSync(folder).map((name) => Fs.readFileSync(Path.join(folder, name))))
      assert.include(bytes.toString("latin1"), "p-doubt")
      for (const kept of [...Object.values(credentials), ...Object.values(payer)]) assert.isFalse(bytes.includes(kept), kept)
    }), 60_000)
})
