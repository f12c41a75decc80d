/** Stripe's own client, with its defaults. */
import Stripe from "stripe"
import { apiKey, type Connect } from "../protocol.js"

export const connect: Connect = (baseUrl) => {
  const { hostname, port } = new URL(baseUrl)
  const stripe = new Stripe(apiKey, { host: hostname, port, protocol: "http" })
  return Promise.resolve(async (_, paymentId) => {
    const { status } = await stripe.paymentIntents.cancel(paymentId, { cancellation_reason: "requested_by_customer" })
    if (status !== "canceled") throw new Error("not canceled")
  })
}
