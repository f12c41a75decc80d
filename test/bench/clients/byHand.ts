/** The bare exchange, as it is written by hand: Effect's `HttpClient`, one decode, no tracer. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import { randomUUID } from "node:crypto"
import { apiKey, apiVersion, type Cancel, type Scenario } from "../protocol.js"

const decode = HttpClientResponse.schemaBodyJson(Schema.Struct({
  id: Schema.String,
  status: Schema.Literal("canceled"),
  canceled_at: Schema.NullOr(Schema.Int),
  cancellation_reason: Schema.NullOr(Schema.String)
}))

const headers = { "Authorization": `Bearer ${apiKey}`, "Stripe-Version": apiVersion }

const post = (client: HttpClient.HttpClient, url: string, key: string) =>
  Effect.flatMap(
    client.execute(
      HttpClientRequest.post(`${url}/cancel`, { headers: { ...headers, "Idempotency-Key": key } }).pipe(
        HttpClientRequest.bodyText("cancellation_reason=requested_by_customer", "application/x-www-form-urlencoded")
      )
    ),
    decode
  )

const get = (client: HttpClient.HttpClient, url: string) =>
  Effect.flatMap(client.execute(HttpClientRequest.get(url, { headers })), decode)

/** A lost answer is answered by the bare exchange that settles it, with nothing around it. */
const cancel = (client: HttpClient.HttpClient, scenario: Scenario, url: string) => {
  const key = randomUUID()
  switch (scenario) {
    case "happy":
      return post(client, url, key)
    case "resend":
      return Effect.catchTag(post(client, url, key), "RequestError", () => post(client, url, key))
    case "status":
      return Effect.catchTag(post(client, url, key), "RequestError", () => get(client, url))
  }
}

export const connectOver = async (layer: Layer.Layer<HttpClient.HttpClient>, baseUrl: string): Promise<Cancel> => {
  const runtime = ManagedRuntime.make(layer)
  const client = HttpClient.withTracerDisabledWhen(await runtime.runPromise(HttpClient.HttpClient), () => true)
  return async (scenario, paymentId) => {
    await runtime.runPromise(cancel(client, scenario, `${baseUrl}/v1/payment_intents/${paymentId}`))
  }
}
