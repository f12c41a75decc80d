/**
 * A route that cancels a payment, for Next.js, Hono, Bun and Deno, in a program that does not use
 * Effect.
 */
import { cancelPayment, type Result } from "./from-async-code.js"

// #region route
/** The answer to the shop's own client. It contains no secret of the provider. */
export const responseTo = (result: Result): Response => {
  if (result.ok) return Response.json({ cancelled: true, how: result.cancellation._tag })
  const { error } = result
  // It is unknown whether the payment is cancelled: do not just show this as a failure and forget
  // it.
  if (error.outcome === "Unknown") {
    return Response.json({ cancelled: null, paymentId: error.paymentId, key: error.idempotencyKey }, { status: 202 })
  }
  switch (error.category) {
    case "NotCancellable":
      return Response.json({ cancelled: false, reason: "not cancellable" }, { status: 409 })
    case "InvalidRequest":
      return Response.json({ cancelled: false, reason: error.message }, { status: 400 })
    default:
      return Response.json({ cancelled: false }, { status: 502 })
  }
}

/**
 * `request.signal` is not passed on. A client that disconnects has not changed its mind: the cancel
 * continues to its end, within the policy's deadline.
 */
export const POST = async (request: Request): Promise<Response> => {
  const body: unknown = await request.json().catch(() => null)
  if (typeof body !== "object" || body === null || !("paymentId" in body) || typeof body.paymentId !== "string") {
    return Response.json({ cancelled: false, reason: "no paymentId" }, { status: 400 })
  }
  return responseTo(await cancelPayment({ paymentId: body.paymentId, reason: "requested by the customer" }))
}
// #endregion
