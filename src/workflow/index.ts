/**
 * Cancels that survive crashes, on `@effect/workflow`: `effect-payment-cancel/workflow`.
 *
 * @since 0.1.0
 */
export * as CancelRecords from "./CancelRecords.js"
export * as CancelWorkflow from "./CancelWorkflow.js"
