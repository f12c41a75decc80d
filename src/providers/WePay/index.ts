/**
 * Cancel a payment at WePay (API v3).
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { onFirstUse } from "../../CancelError.js"
import * as Success from "../../Cancellation.js"
import type { CancelRequest as NeutralRequest } from "../../Canceller.js"
import * as Status from "../../PaymentStatus.js"
import * as Errors from "../../authoring/Errors.js"
import * as Provider from "../../authoring/Provider.js"
import { connect, fromConfig, type Options, type Overrides } from "./options.js"
import { cancelOperation, declaration, statusQuery } from "./declaration.js"
import * as errors from "./errors.js"
import { type CancelRequest, Payment } from "./wire.js"

export { hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelRequest, Payment } from "./wire.js"

/**
 * Every error that a cancel at WePay can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at WePay can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a WePay cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("WePay", Payment),
    Success.AlreadyCancelled("WePay")
  )
)

/**
 * What a WePay cancel succeeds with. WePay states neither a time nor a reason, so
 * `cancelledAt` and `reason` are none; `payload` is the whole payment.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"WePay", Payment>
  | Success.AlreadyCancelled<"WePay">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("WePay"))

/**
 * What `status` succeeds with. WePay's statuses are `pending`, `completed`, `failed` and
 * `canceled`; only `pending` can still change.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"WePay">

interface Service {
  /** Cancels a payment by WePay's own id. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of a payment. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * WePay as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class WePay extends Context.Tag("effect-payment-cancel/WePay")<WePay, Service>() {}

/**
 * Cancels a payment, and reports exactly what is proved.
 *
 * It fails with one typed error per WePay code, or with a shared error; `outcome` says what each
 * one claims. After an `Unknown` error, call it again with the error's `idempotencyKey`, or read
 * the `status`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, WePay } from "effect-payment-cancel"
 *
 * const program = WePay.cancel({ paymentId: "payment-1042", reason: "out of stock" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, WePay> = Provider.operation(
  WePay,
  (service) => service.cancel
)

/**
 * Reads the status of a payment, as the cancel itself does when it needs proof. Use it to settle an
 * error with outcome `Unknown`. It is repeated within the policy's `statusReads`.
 *
 * A status that is still cancellable does not prove that a lost cancel request will not
 * arrive yet.
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, WePay> = Provider.operation(
  WePay,
  (service) => service.status
)

/**
 * The cancel that `Canceller` uses. The reason is sent, and WePay requires one.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { reason = "", ...request }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, WePay> => cancel({ ...request, reason })

/**
 * WePay with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { WePay } from "effect-payment-cancel"
 *
 * const live = WePay.layer({
 *   appId: "121212",
 *   appToken: Redacted.make("stage_token"),
 *   baseUrl: WePay.hosts.stage
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<WePay, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(WePay, {
  declaration,
  connect,
  service: (provider) => ({ cancel: provider.cancel(cancelOperation), status: provider.status(statusQuery) })
})

/**
 * WePay from the `ConfigProvider`: `WEPAY_APP_ID` and `WEPAY_APP_TOKEN`, and, if set,
 * `WEPAY_BASE_URL` and `WEPAY_API_VERSION`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { WePay } from "effect-payment-cancel"
 *
 * const live = WePay.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<WePay, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
