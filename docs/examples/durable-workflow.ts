/**
 * A cancel inside a durable workflow. An activity may be run again after a crash, so the
 * idempotency key is fixed before it: it is derived from the workflow's execution id. And a run that
 * may not be the first says so. Successes and errors are schemas, so the engine can store them in
 * its journal directly.
 */
import { Activity, Workflow } from "@effect/workflow"
import { Effect, Ref, Schema } from "effect"
import { Cancel, WePay } from "effect-payment-cancel"

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
    const isFirst = yield* Ref.make(false)
    // Only the process that carries this out sees the change. To one that comes later the journal says no more than that it was done.
    yield* Activity.make({ name: "BeginCancel", execute: Ref.set(isFirst, true) })

    const cancel = WePay.cancel({ paymentId, reason: "order withdrawn", idempotencyKey: executionId })
    return yield* Activity.make({
      name: "CancelPayment",
      success: WePay.Cancellation,
      error: WePay.CancelError,
      execute: Effect.if(Ref.getAndSet(isFirst, false), {
        onTrue: () => cancel,
        onFalse: () => Cancel.continueAfter(cancel, "Crash")
      })
    })
  })
)
// #endregion
