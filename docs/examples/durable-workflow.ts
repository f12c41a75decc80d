/**
 * A cancel inside a durable workflow. An activity may be run again after a crash, so the
 * idempotency key is fixed before it: it is derived from the workflow's execution id. Successes and
 * errors are schemas, so the engine can store them in its journal directly.
 */
import { Activity, Workflow } from "@effect/workflow"
import { Effect, Schema } from "effect"
import { WePay } from "effect-payment-cancel"

// #region workflow
export const CancelOrder = Workflow.make({
  name: "CancelOrder",
  payload: { orderId: Schema.String, paymentId: Schema.String },
  success: WePay.Cancellation,
  error: WePay.CancelError,
  idempotencyKey: ({ orderId }) => orderId
})

export const CancelOrderLive = CancelOrder.toLayer(
  Effect.fn(function*({ paymentId }, executionId) {
    return yield* Activity.make({
      name: "CancelPayment",
      success: WePay.Cancellation,
      error: WePay.CancelError,
      execute: WePay.cancel({ paymentId, reason: "order withdrawn", idempotencyKey: executionId })
    })
  })
)
// #endregion
