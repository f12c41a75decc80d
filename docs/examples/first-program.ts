/**
 * Cancels one payment at WePay over real HTTP. Everything comes from the environment:
 * `WEPAY_APP_ID`, `WEPAY_APP_TOKEN`, `WEPAY_BASE_URL` (by default WePay's live host) and
 * `PAYMENT_ID`.
 */
// #region program
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Console, Effect, Layer } from "effect"
import { Cancel, WePay } from "effect-payment-cancel"

const program = Effect.gen(function*() {
  const paymentId = yield* Config.string("PAYMENT_ID")
  const cancellation = yield* WePay.cancel({ paymentId, reason: "the order was placed twice" })
  yield* Console.log(`${cancellation._tag}, evidence ${cancellation.evidence}`)
}).pipe(
  // One provider code, by its tag.
  Effect.catchTag("WePay.PaymentCannotBeCanceled", (error) => Console.log("Not cancelled.", error.message)),
  // Every error after which it is unknown whether the payment is cancelled.
  Cancel.catchUnknownOutcome((error) => Console.log("Unknown. Settle it later with the key", error.idempotencyKey))
)

const live = WePay.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))

NodeRuntime.runMain(Effect.provide(program, live))
// #endregion
