/**
 * A route that cancels a payment, as Next.js, Hono, Bun and Deno take it, in a program that does
 * not know Effect.
 */
import { cancelPayment, type Result } from "./from-async-code.js"

// #region route
/** What to tell the shop's own client. Nothing in it is a secret of the provider's. */
const responseTo = (result: Result): Response => {
  if (result.ok) return Response.json({ cancelled: true, how: result.cancellation._tag })
  const { error } = result
  // Whether it is cancelled is open: it is no failure to be shown and forgotten.
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
 * `request.signal` is not handed on. A client that goes away has not changed its mind: the
 * cancel is carried on to its end, which the policy's deadline bounds.
 */
export const POST = async (request: Request): Promise<Response> => {
  const body: unknown = await request.json().catch(() => null)
  if (typeof body !== "object" || body === null || !("paymentId" in body) || typeof body.paymentId !== "string") {
    return Response.json({ cancelled: false, reason: "no paymentId" }, { status: 400 })
  }
  return responseTo(await cancelPayment({ paymentId: body.paymentId, reason: "asked for by the customer" }))
}
// #endregion
