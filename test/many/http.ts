/** An HTTP client that remembers nothing: every payment of Stripe is cancelled by the first request. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { Effect, Layer, Redacted } from "effect"
import { Stripe } from "effect-payment-cancel"

const client = HttpClient.make((request, url) =>
  Effect.as(
    // As with a network, others get their turn.
    Effect.yieldNow(),
    HttpClientResponse.fromWeb(request, new Response(JSON.stringify({ id: url.pathname.split("/")[3], object: "payment_intent", status: "canceled" })))
  )
)

/** Stripe, without a network or an emulator. */
export const forgetful: Layer.Layer<Stripe.Stripe> = Stripe.layer({ apiKey: Redacted.make("sk_test") }).pipe(
  Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
  Layer.orDie
)

export const requestOf = (index: number): Stripe.CancelRequest => ({ paymentId: `pi_${index}`, idempotencyKey: `key-${index}` })
