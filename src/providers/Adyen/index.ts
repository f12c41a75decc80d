/**
 * Cancel a payment at Adyen (Checkout API v72).
 *
 * Adyen decides later: each operation succeeds with `CancellationAccepted`, never with more,
 * and a webhook says what became of it: see `notification` and `confirm`. There is no status
 * to read.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Success from "../../Cancellation.js"
import type { CancelRequest as NeutralRequest } from "../../Canceller.js"
import * as Errors from "../../authoring/Errors.js"
import * as Provider from "../../authoring/Provider.js"
import { connect, fromConfig, type Options, type Overrides } from "./options.js"
import {
  cancelByMerchantReferenceOperation,
  cancelOperation,
  cancelOrRefundOperation,
  declaration
} from "./declaration.js"
import * as errors from "./errors.js"
import { type CancelByMerchantReferenceRequest, type CancelRequest, Receipt } from "./wire.js"

export { Environment, hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { confirm, notification } from "./notification.js"
export { CancelByMerchantReferenceRequest, CancelRequest, Confirming, Receipt } from "./wire.js"

/**
 * Every error that a cancel at Adyen can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at Adyen can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What an Adyen cancel succeeds with, as a schema: store it until its webhook comes.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = Success.CancellationAccepted("Adyen", Receipt)

/**
 * What an Adyen cancel succeeds with: Adyen has taken it in, and the payment is **not**
 * cancelled yet. `receipt.reference` is what the webhook will name.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation = Success.CancellationAccepted<"Adyen", Receipt>

interface Service {
  /** Cancels a payment by Adyen's own id of it. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Cancels a payment by your own reference of it. */
  readonly cancelByMerchantReference: (
    request: CancelByMerchantReferenceRequest
  ) => Effect.Effect<Cancellation, CancelError>
  /** Cancels a payment, or refunds it where it was captured. */
  readonly cancelOrRefund: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
}

/**
 * Adyen as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class Adyen extends Context.Tag("effect-payment-cancel/Adyen")<Adyen, Service>() {}

/**
 * Asks Adyen to cancel an authorised payment that is not captured yet, and says whether the
 * request was taken in. What became of it comes with the webhook `CANCELLATION`; store the
 * result until then.
 *
 * It fails with one typed error per code of Adyen, or with an error that no provider owns;
 * `outcome` says of each what it claims. After an `Unknown` one, call it again with the
 * error's `idempotencyKey` and the same request, within 7 days: Adyen then gives its first
 * answer again. Or wait for the webhook, and know it by the payment.
 *
 * A payment that is captured, or cancelled before, is not refused here: its webhook declines
 * the cancel.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Adyen, Cancel } from "effect-payment-cancel"
 *
 * const program = Adyen.cancel({ paymentId: "993617894903480A", reference: "cancel-of-order-1042" }).pipe(
 *   Effect.tap(({ receipt }) => Effect.log("taken in, not cancelled yet", receipt.reference)),
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Adyen> = Provider.operation(
  Adyen,
  "Adyen.cancel",
  (service) => service.cancel
)

/**
 * Like `cancel`, for a payment whose PSP reference nobody knows, because the answer to its
 * creation was lost: it is named by the `reference` that it was created with. The webhook is
 * `TECHNICAL_CANCEL`.
 *
 * Adyen takes a reference in whether or not there is a payment with it, and does not document
 * what it sends when there is none; and a creation that is still in flight may arrive later.
 * Use references that are unique.
 *
 * @example
 * ```ts
 * import { Adyen } from "effect-payment-cancel"
 *
 * const program = Adyen.cancelByMerchantReference({ merchantReference: "order-1042" })
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelByMerchantReference: (request: CancelByMerchantReferenceRequest) => Effect.Effect<Cancellation, CancelError, Adyen> = Provider.operation(
  Adyen,
  "Adyen.cancelByMerchantReference",
  (service) => service.cancelByMerchantReference
)

/**
 * Asks Adyen to give the money back, whichever way is left: it cancels a payment that is not
 * captured yet, and **refunds** one that is. The webhook is `CANCEL_OR_REFUND`, and says which
 * of the two it was.
 *
 * Nothing in this library does so on its own: `Canceller` cannot reach it. Adyen advises
 * against it for payments with several partial captures.
 *
 * @example
 * ```ts
 * import { Adyen } from "effect-payment-cancel"
 *
 * const program = Adyen.cancelOrRefund({ paymentId: "993617894903480A" })
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelOrRefund: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Adyen> = Provider.operation(
  Adyen,
  "Adyen.cancelOrRefund",
  (service) => service.cancelOrRefund
)

/**
 * A cancel as `Canceller` asks for it: `cancel`. Adyen has no field for a reason: it is not
 * sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, Adyen> => cancel({ paymentId, idempotencyKey })

/**
 * Adyen with the given options. An option that cannot be used is a `ConfigError` whose path is
 * the option's name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { Adyen } from "effect-payment-cancel"
 *
 * const live = Adyen.layer({
 *   apiKey: Redacted.make("AQEyhmfxK"),
 *   merchantAccount: "AdyenDemoECOM",
 *   environment: Adyen.Environment.Live({ prefix: "1797a841fbb37ca7-AdyenDemo" })
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<Adyen, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(Adyen, {
  declaration,
  connect,
  service: (provider) => ({
    cancel: provider.cancel(cancelOperation),
    cancelByMerchantReference: provider.cancel(cancelByMerchantReferenceOperation),
    cancelOrRefund: provider.cancel(cancelOrRefundOperation)
    })
})

/**
 * Adyen from the `ConfigProvider`: `ADYEN_API_KEY` and `ADYEN_MERCHANT_ACCOUNT`, and one of
 * `ADYEN_LIVE_PREFIX` and `ADYEN_BASE_URL`, or neither for the test host.
 *
 * What `overrides` give is not read; an `environment` or a `baseUrl` there stands for both
 * variables of the place. Everything that is missing is named at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { Adyen } from "effect-payment-cancel"
 *
 * const live = Adyen.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<Adyen, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
