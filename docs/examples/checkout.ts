/**
 * A workflow of a shop, as `checkout.test.ts` tests it: cancel an order, its payment first.
 */
import { Context, Effect, Layer, Ref } from "effect"
import { Cancel, WePay } from "effect-payment-cancel"

// #region workflow
export type OrderState = "Open" | "Cancelled" | "RefundDue" | "Unsettled"

export class Orders extends Context.Tag("Orders")<Orders, {
  readonly set: (orderId: string, state: OrderState) => Effect.Effect<void>
  readonly get: (orderId: string) => Effect.Effect<OrderState>
}>() {}

/**
 * - The payment is cancelled: so is the order.
 * - It is too late for that: a refund is due.
 * - Nobody knows: the order is neither, until someone finds out. So it is from the first byte
 *   on, for an interruption or a crash leaves no one to write it down.
 *
 * Everything else (credentials, a request that is wrong) did nothing: the order is open as
 * before, and the caller sees the error.
 */
export const cancelOrder = Effect.fn("cancelOrder")(function*(order: { readonly id: string; readonly paymentId: string }) {
  const orders = yield* Orders
  const mark = (state: OrderState) => Effect.as(orders.set(order.id, state), state)
  yield* mark("Unsettled")
  return yield* WePay.cancel({
    paymentId: order.paymentId,
    reason: `order ${order.id} was cancelled`
  }).pipe(
    Effect.zipRight(mark("Cancelled")),
    Cancel.catchCategory("NotCancellable", () => mark("RefundDue")),
    Cancel.catchUnknownOutcome(() => Effect.succeed<OrderState>("Unsettled")),
    Effect.tapError(() => mark("Open"))
  )
})
// #endregion

export const ordersInMemory: Layer.Layer<Orders> = Layer.effect(
  Orders,
  Effect.map(Ref.make<Record<string, OrderState>>({}), (states) => ({
    set: (orderId, state) => Ref.update(states, (all) => ({ ...all, [orderId]: state })),
    get: (orderId) => Effect.map(Ref.get(states), (all) => all[orderId] ?? "Open")
  }))
)
