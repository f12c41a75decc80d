/**
 * A workflow of a shop, as `checkout.test.ts` tests it: cancel an order, its payment first.
 */
import { Context, Effect, Layer, Ref } from "effect"
import { Cancel } from "effect-payment-cancel"
import { type Decision, voidAtWePay } from "./void-or-refund.js"

// #region workflow
export type OrderState = "Open" | "Cancelled" | "RefundDue" | "Unsettled"

export class Orders extends Context.Tag("Orders")<Orders, {
  readonly set: (orderId: string, state: OrderState) => Effect.Effect<void>
  readonly get: (orderId: string) => Effect.Effect<OrderState>
}>() {}

/** What becomes of the order. A payment that is not cancellable is not by itself a reason to refund. */
const orderAfter: { readonly [D in Decision]: OrderState } = {
  Voided: "Cancelled",
  PartTaken: "RefundDue",
  RefundDue: "RefundDue",
  // The payment failed by itself.
  NothingTaken: "Cancelled",
  // To be cancelled again later.
  NotYet: "Unsettled",
  // WePay has no other call.
  OtherCall: "Unsettled",
  // For a person.
  LookItUp: "Unsettled"
}

/**
 * - No money was or will be taken: the order is cancelled.
 * - Money was taken, as the status of the payment says: a refund is due.
 * - Not known yet: the order is unsettled until someone finds out. It is marked so before the first
 *   byte is sent, because after an interruption or a crash nobody can record it.
 *
 * Everything else (credentials, an invalid request) did nothing: the order is as it was before, and
 * the caller gets the error.
 */
export const cancelOrder = Effect.fn("cancelOrder")(function*(order: { readonly id: string; readonly paymentId: string }) {
  const orders = yield* Orders
  const mark = (state: OrderState) => Effect.as(orders.set(order.id, state), state)
  const before = yield* orders.get(order.id)
  yield* mark("Unsettled")
  return yield* voidAtWePay(order.paymentId, `order ${order.id} was cancelled`).pipe(
    Effect.flatMap((decision) => mark(orderAfter[decision])),
    Cancel.catchUnknownOutcome(() => Effect.succeed<OrderState>("Unsettled")),
    Effect.tapError(() => mark(before))
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
