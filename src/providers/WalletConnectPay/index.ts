/**
 * Cancel a payment at WalletConnect Pay.
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
import { type CancelRequest, CancelledPayment } from "./wire.js"

export { Credentials, hosts, type Options, type Overrides, type Sdk } from "./options.js"
export * from "./errors.js"
export { CancelNotification, notification } from "./notification.js"
export { CancelRequest, CancelledPayment } from "./wire.js"

/**
 * Every error that a cancel at WalletConnect Pay can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at WalletConnect Pay can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a WalletConnect Pay cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("WalletConnectPay", CancelledPayment),
    Success.AlreadyCancelled("WalletConnectPay")
  )
)

/**
 * What a WalletConnect Pay cancel succeeds with. With evidence `Response`, the answer states
 * `cancelledAt`, `reason` and `payload`; a status query does not.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"WalletConnectPay", CancelledPayment>
  | Success.AlreadyCancelled<"WalletConnectPay">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("WalletConnectPay"))

/**
 * What `status` succeeds with. WalletConnect Pay's statuses are `requires_action`, the only one
 * that can be cancelled, `processing`, `succeeded`, `failed`, `expired` and `cancelled`.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"WalletConnectPay">

interface Service {
  /** Cancels a payment by WalletConnect Pay's own id. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of a payment. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * WalletConnect Pay as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class WalletConnectPay extends Context.Tag("effect-payment-cancel/WalletConnectPay")<WalletConnectPay, Service>() {}

/**
 * Cancels a payment, and reports exactly what is proved.
 *
 * It fails with one typed error per WalletConnect Pay code, or with a shared error; `outcome` says
 * what each one claims. After an `Unknown` error, call it again with the error's `idempotencyKey`,
 * or read the `status`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, WalletConnectPay } from "effect-payment-cancel"
 *
 * const program = WalletConnectPay.cancel({ paymentId: "payment-1042" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, WalletConnectPay> = Provider.operation(
  WalletConnectPay,
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
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, WalletConnectPay> = Provider.operation(
  WalletConnectPay,
  (service) => service.status
)

/**
 * The cancel that `Canceller` uses. WalletConnect Pay has no field for a reason, so it is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, WalletConnectPay> => cancel({ paymentId, idempotencyKey })

/**
 * WalletConnect Pay with the given options. An invalid option is a `ConfigError` whose path is the
 * option's name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { WalletConnectPay } from "effect-payment-cancel"
 *
 * const live = WalletConnectPay.layer({
 *   credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make("wcp_test_key") })
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<WalletConnectPay, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(WalletConnectPay, {
  declaration,
  connect,
  service: (provider) => ({ cancel: provider.cancel(cancelOperation), status: provider.status(statusQuery) })
})

/**
 * WalletConnect Pay from the `ConfigProvider`: the credentials from
 * `WALLETCONNECT_PAY_API_KEY`, or `WALLETCONNECT_PAY_APP_ID` and
 * `WALLETCONNECT_PAY_CLIENT_ID`, or `WALLETCONNECT_PAY_API_KEY` and
 * `WALLETCONNECT_PAY_MERCHANT_ID`; and, if set, `WALLETCONNECT_PAY_BASE_URL` and
 * `WALLETCONNECT_PAY_VERSION`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { WalletConnectPay } from "effect-payment-cancel"
 *
 * const live = WalletConnectPay.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<WalletConnectPay, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
