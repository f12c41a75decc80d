/**
 * Cancel a payment at Adyen (Checkout API v72).
 *
 * Adyen decides later. Each operation succeeds with `CancellationAccepted` at most, and a webhook
 * reports the result: see `notification` and `confirm`. There is no status query.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { onFirstUse } from "../../CancelError.js"
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
 * What an Adyen cancel succeeds with, as a schema: store it until its webhook arrives.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() => Success.CancellationAccepted("Adyen", Receipt))

/**
 * What an Adyen cancel succeeds with: Adyen has accepted the request, and the payment is **not**
 * cancelled yet. The webhook will contain `receipt.reference`.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation = Success.CancellationAccepted<"Adyen", Receipt>

interface Service {
  /** Cancels a payment by Adyen's own id. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Cancels a payment by your own reference. */
  readonly cancelByMerchantReference: (
    request: CancelByMerchantReferenceRequest
  ) => Effect.Effect<Cancellation, CancelError>
  /** Cancels a payment, or refunds it if it was captured: always the full amount. */
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
 * Asks Adyen to cancel an authorised payment that is not captured yet, and says whether the request
 * was accepted. The webhook `CANCELLATION` reports what was decided; store the result until then.
 *
 * It fails with one typed error per Adyen code, or with a shared error; `outcome` says what each
 * one claims. After an `Unknown` error, call it again with the error's `idempotencyKey` and the
 * same request, within 7 days: Adyen then repeats its first answer. Or wait for the webhook, and
 * match it by the payment.
 *
 * A payment that is already captured or cancelled is not refused here: its webhook declines the
 * cancel.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Adyen, Cancel } from "effect-payment-cancel"
 *
 * const program = Adyen.cancel({ paymentId: "993617894903480A", reference: "cancel-of-order-1042" }).pipe(
 *   Effect.tap(({ receipt }) => Effect.log("accepted, not cancelled yet", receipt.reference)),
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Adyen> = Provider.operation(
  Adyen,
  (service) => service.cancel
)

/**
 * Like `cancel`, for a payment whose PSP reference is not known because the answer to its creation
 * was lost. The payment is identified by the `reference` that it was created with. The webhook is
 * `TECHNICAL_CANCEL`.
 *
 * Adyen accepts a reference whether or not a payment with it exists, and does not document what it
 * sends if none exists. A creation request that is still in flight may arrive later. Use unique
 * references.
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
  (service) => service.cancelByMerchantReference
)

/**
 * Asks Adyen to reverse a payment: it cancels a payment that is not captured yet, and **refunds**
 * one that is. The webhook is `CANCEL_OR_REFUND`, and says which of the two was done.
 *
 * The reversed amount is always the full amount of the payment. **Do not use it** for a payment with
 * several partial captures, nor for one with split data, at the payment or at a capture: Adyen says
 * that it is not for those. Neither this library nor Adyen's answer notices it. Find out whether such
 * a payment was captured, and cancel or refund it.
 *
 * Nothing in this library calls it by itself, and `Canceller` cannot reach it.
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
  (service) => service.cancelOrRefund
)

/**
 * The cancel that `Canceller` uses: `cancel`. Adyen has no field for a reason, so it is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, Adyen> => cancel({ paymentId, idempotencyKey })

/**
 * Adyen with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
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
 * Options in `overrides` are not read from the `ConfigProvider`. An `environment` or a `baseUrl`
 * there replaces both `ADYEN_LIVE_PREFIX` and `ADYEN_BASE_URL`. All missing variables are reported
 * at once.
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
