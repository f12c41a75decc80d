/** What is in the files of a database: no credential, and nothing of a payer. */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { Adyen, Square, Stripe } from "effect-payment-cancel"
import { Activity, Workflow } from "@effect/workflow"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { longOrShort } from "../support/extent.js"
import { brisk, eventually, sqlite, temporaryFile } from "./durable.js"

const credential = "sk_live_TopSecretCredential0123456789"

const payer = { name: "Erika Mustermann", email: "erika@mustermann.example" }

/** What must not be found. */
const secrets = [credential, payer.name, payer.email, "Mustermann", "TopSecret"]

const stripePayment = (status: string) => ({
  id: "pi_1",
  object: "payment_intent",
  status,
  amount: 100,
  amount_capturable: 0,
  amount_received: 0,
  currency: "eur",
  canceled_at: 1_700_000_000,
  cancellation_reason: null,
  livemode: true,
  receipt_email: payer.email,
  shipping: { name: payer.name },
  metadata: { customer: payer.name, key: credential }
})

const squarePayment = (status: string) => ({
  payment: { id: "sq_1", status, buyer_email_address: payer.email, amount_money: { amount: 100, currency: "EUR" }, note: `${payer.name} ${credential}` }
})

/** Providers that tell all they know in every answer, and that fail in each way in turn. */
const telling = (nth: number, url: string): Response => {
  const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } })
  const words = `${payer.name} <${payer.email}> with ${credential}`
  switch (nth % 5) {
    case 0:
      return json(500, { error: { type: "api_error", message: words, param: words, payment_intent: stripePayment("requires_capture") }, message: words, errors: [{ category: "API_ERROR", code: "INTERNAL_SERVER_ERROR", detail: words }] })
    case 1:
      return json(429, { error: { type: "invalid_request_error", code: "rate_limit", message: words }, errorCode: "905_1", message: words, errors: [{ category: "RATE_LIMIT_ERROR", code: "RATE_LIMITED", detail: words }] })
    case 2:
      return new Response(`<html>${words}`, { status: 502, headers: { "content-type": "text/html" } })
    case 3:
      return url.includes("square")
        ? json(200, squarePayment("CANCELED"))
        : url.includes("adyen")
        ? json(201, { status: "received", pspReference: "PSP1", paymentPspReference: "AD1", merchantAccount: "Shop", reference: words, shopperName: payer })
        : json(200, stripePayment("canceled"))
    default:
      return json(400, { error: { type: "invalid_request_error", code: "payment_intent_unexpected_state", message: words, payment_intent: stripePayment("succeeded") }, errorType: "validation", errorCode: "167", status: 422, message: words, errors: [{ category: "INVALID_REQUEST_ERROR", code: "BAD_REQUEST", detail: words, field: words }] })
  }
}

const http = (from: number) => {
  let nth = from - 1
  return Layer.succeed(HttpClient.HttpClient, HttpClient.make((request) => {
    nth += 1
    return Effect.succeed(HttpClientResponse.fromWeb(request, telling(nth, request.url)))
  }))
}

const options: CancelWorkflow.Options = { ...brisk, giveUpAfter: "1 second" }

const stripe = CancelWorkflow.make("Stripe", Stripe, options)
const adyen = CancelWorkflow.make("Adyen", Adyen, options)
const square = CancelWorkflow.make("Square", Square, options)

const durable = (filename: string, from: number) =>
  Layer.mergeAll(stripe.layer, adyen.layer, square.layer).pipe(
    Layer.provide(Layer.orDie(Layer.mergeAll(
      Stripe.layer({ apiKey: Redacted.make(credential), baseUrl: "https://stripe.test" }),
      Adyen.layer({ apiKey: Redacted.make(credential), merchantAccount: "Shop", baseUrl: "https://adyen.test" }),
      Square.layer({ accessToken: Redacted.make(credential), baseUrl: "https://square.test" })
    ))),
    Layer.provide(http(from)),
    Layer.provideMerge(sqlite(filename)),
    Layer.provide(Logger.remove(Logger.defaultLogger))
  )

const Checkout = Workflow.make({
  name: "Checkout",
  payload: { order: Schema.String },
  success: Schema.String,
  error: Schema.Never,
  idempotencyKey: ({ order }) => order
})

/** It authorizes, and then dies of something that says more than it should. The engine writes that down itself, as the result. */
const checkout = Checkout.toLayer(({ order }) =>
  Effect.zipRight(
    stripe.cancelOnFailure(Activity.make({ name: "authorize", success: Schema.String, execute: Effect.succeed("pi_1") }), {
      name: "payment",
      payment: { paymentId: order }
    }),
    Effect.dieMessage(`cannot charge ${payer.name}`)
  ))

describe.concurrent("the files of a database", () => {
  it.live("contain of a defect that cancels a payment no more than the engine writes down itself", () =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const notes = yield* Effect.gen(function*() {
        yield* Effect.exit(Checkout.execute({ order: "pi_1" }))
        yield* eventually(Effect.flatMap(CancelRecords.CancelRecords, (_) => _.inState("Settled", "HandedOver")), ({ length }) => length === 1)
        const sql = yield* SqlClient.SqlClient
        return yield* sql<{ readonly ending: string }>`SELECT ending FROM effect_payment_endings`
      }).pipe(Effect.provide(Layer.merge(checkout, stripe.layer).pipe(
        Layer.provide(Layer.orDie(Stripe.layer({ apiKey: Redacted.make(credential), baseUrl: "https://stripe.test" }))),
        Layer.provide(http(3)),
        Layer.provideMerge(sqlite(filename)),
        Layer.provide(Logger.remove(Logger.defaultLogger))
      )))
      assert.isNotEmpty(notes)
      for (const { ending } of notes) assert.notInclude(ending, payer.name)
    }).pipe(Effect.scoped))

  it.live.each(longOrShort([0, 1, 2, 3, 4], [0, 3]))("contain no credential and nothing of a payer, whatever the providers say: beginning with answer %s", (from) =>
    Effect.gen(function*() {
      const filename = yield* temporaryFile
      const contents = yield* Effect.gen(function*() {
        const ended = yield* Effect.all([
          Effect.either(stripe.cancel({ paymentId: "pi_1", requestId: "r-1" })),
          Effect.either(adyen.cancel({ paymentId: "AD1", requestId: "r-1" })),
          Effect.either(square.cancel({ paymentId: "sq_1", requestId: "r-1" }))
        ], { concurrency: "unbounded" })
        assert.isTrue(ended.every((each) => Either.isEither(each)))
        // While it is open: the write-ahead log is a file of its own.
        const folder = Path.dirname(filename)
        return Fs.readdirSync(folder).map((file) => Fs.readFileSync(Path.join(folder, file)))
      }).pipe(Effect.provide(durable(filename, from)))
      const all = Buffer.concat(contents)
      assert.isTrue(all.includes("pi_1") && all.includes("call/0"), "the journal is there")
      for (const secret of secrets) assert.isFalse(all.includes(secret), secret)
    }).pipe(Effect.scoped))
})
