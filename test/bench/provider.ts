/**
 * The provider that the clients cancel at: in a process of its own, as small as it can be. The
 * beginning of a payment's id says how it is answered.
 */
import * as Http from "node:http"

/** Payments whose first cancel request was read and never answered. */
const lost = new Set<string>()

/** The fields of a PaymentIntent that was cancelled, as Stripe shows it. */
const paymentIntent = (id: string): string =>
  JSON.stringify({
    id,
    object: "payment_intent",
    amount: 1050,
    amount_capturable: 0,
    amount_received: 0,
    canceled_at: 1_794_000_000,
    cancellation_reason: "requested_by_customer",
    capture_method: "manual",
    client_secret: `${id}_secret_5hR0x`,
    confirmation_method: "automatic",
    created: 1_793_999_000,
    currency: "usd",
    customer: "cus_9s6XKzkNRiz8i3",
    description: null,
    last_payment_error: null,
    latest_charge: "ch_1GszdL2eZvKYlo2C",
    livemode: false,
    metadata: { order: "1042" },
    payment_method: "pm_1GszdL2eZvKYlo2C",
    payment_method_types: ["card"],
    receipt_email: null,
    status: "canceled"
  })

const server = Http.createServer((request, response) => {
  const id = /^\/v1\/payment_intents\/([^/?]+)/.exec(request.url ?? "")?.[1] ?? ""
  request.on("data", () => {})
  request.on("end", () => {
    if (request.method === "POST" && id.startsWith("pi_lost") && !lost.delete(id)) {
      lost.add(id)
      request.socket.destroy()
      return
    }
    lost.delete(id)
    const body = paymentIntent(id)
    response.writeHead(200, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      "Request-Id": "req_123456789",
      "Stripe-Version": "2026-10-28.endive"
    })
    response.end(body)
  })
})

// A connection that the server closes for its own reasons would be a lost answer that nobody asked for.
server.keepAliveTimeout = 0
server.requestTimeout = 0
server.headersTimeout = 0

server.listen(0, "127.0.0.1", 4096, () => {
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("The provider has no port")
  process.send?.(address.port)
})

process.on("disconnect", () => process.exit(0))
