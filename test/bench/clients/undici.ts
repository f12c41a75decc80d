/** undici, and nothing else. */
import { randomUUID } from "node:crypto"
import { Agent, request } from "undici"
import { apiKey, apiVersion, type Connect } from "../protocol.js"

export const connect: Connect = (baseUrl) => {
  const dispatcher = new Agent()
  return Promise.resolve(async (_, paymentId) => {
    const { body, statusCode } = await request(`${baseUrl}/v1/payment_intents/${paymentId}/cancel`, {
      dispatcher,
      method: "POST",
      headers: {
        "Authorization": `Bearer ${apiKey}`,
        "Stripe-Version": apiVersion,
        "Idempotency-Key": randomUUID(),
        "Content-Type": "application/x-www-form-urlencoded"
      },
      body: "cancellation_reason=requested_by_customer"
    })
    const payment = await body.json()
    if (statusCode !== 200 || (payment as { readonly status: string }).status !== "canceled") throw new Error("not canceled")
  })
}
