/**
 * Cancel a payment at WalletConnect Pay.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Cancellation_ from "../../Cancellation.js"
import type { CancelRequest as NeutralRequest } from "../../Canceller.js"
import * as PaymentStatus_ from "../../PaymentStatus.js"
import * as Provider from "../../Provider.js"
import { connect, fromConfig, type Options } from "./connection.js"
import { cancelOperation, declaration, statusQuery } from "./declaration.js"
import type { CancelError } from "./errors.js"
import { type CancelRequest, CancelledPayment } from "./wire.js"

export { Credentials, hosts, type Options, type Sdk } from "./connection.js"
export * from "./errors.js"
export { notification } from "./notification.js"
export { CancelRequest, CancelledPayment } from "./wire.js"

/**
 * What a WalletConnect Pay cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = Schema.Union(
  Cancellation_.Cancelled("WalletConnectPay", CancelledPayment),
  Cancellation_.AlreadyCancelled("WalletConnectPay")
)

/**
 * What a WalletConnect Pay cancel succeeds with. With evidence `Response`, `cancelledAt`,
 * `reason` and `payload` are what the answer stated; no status query repeats them.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Cancellation_.Cancelled<"WalletConnectPay", CancelledPayment>
  | Cancellation_.AlreadyCancelled<"WalletConnectPay">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = PaymentStatus_.PaymentStatus("WalletConnectPay")

/**
 * What `status` succeeds with. WalletConnect Pay's statuses are `requires_action`, the only one
 * that can be cancelled, `processing`, `succeeded`, `failed`, `expired` and `cancelled`.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = PaymentStatus_.PaymentStatus<"WalletConnectPay">

/**
 * WalletConnect Pay as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class WalletConnectPay extends Context.Tag("effect-payment-cancel/WalletConnectPay")<WalletConnectPay, {
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}>() {}

/**
 * Cancels a payment, and says exactly what is proved.
 *
 * It fails with one typed error per code of WalletConnect Pay, or with an error that no
 * provider owns; `outcome` says of each what it claims. After an `Unknown` one, call it again
 * with the error's `idempotencyKey`, or read the `status`.
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
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, WalletConnectPay> = Effect.fn(
  "WalletConnectPay.cancel"
)(function*(request: CancelRequest) {
  const walletConnectPay = yield* WalletConnectPay
  return yield* walletConnectPay.cancel(request)
})

/**
 * Reads the status of a payment: what the cancel itself reads back, and what whoever holds an
 * error with outcome `Unknown` needs. It is repeated within the policy's `statusReads`.
 *
 * A status that is still cancellable does not prove that a lost cancel request will not
 * arrive yet.
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (
  request: Provider.StatusRequest
) => Effect.Effect<PaymentStatus, Provider.StatusError, WalletConnectPay> = Effect.fn("WalletConnectPay.status")(
  function*(request: Provider.StatusRequest) {
    const walletConnectPay = yield* WalletConnectPay
    return yield* walletConnectPay.status(request)
  }
)

/**
 * A cancel as `Canceller` asks for it. WalletConnect Pay has no field for a reason: it is not
 * sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, WalletConnectPay> => cancel({ paymentId, idempotencyKey })

/**
 * WalletConnect Pay with the given options. An option that cannot be used is a `ConfigError`
 * whose path is the option's name.
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
export const layer = (options: Options): Layer.Layer<WalletConnectPay, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(
    WalletConnectPay,
    Effect.gen(function*() {
      const provider = yield* Provider.make(declaration, yield* connect(options), options.policy)
      return { cancel: provider.cancel(cancelOperation), status: provider.status(statusQuery) }
    })
  )

/**
 * WalletConnect Pay from the `ConfigProvider`: the credentials from
 * `WALLETCONNECT_PAY_API_KEY`, or `WALLETCONNECT_PAY_APP_ID` and
 * `WALLETCONNECT_PAY_CLIENT_ID`, or `WALLETCONNECT_PAY_API_KEY` and
 * `WALLETCONNECT_PAY_MERCHANT_ID`; and where set `WALLETCONNECT_PAY_BASE_URL` and
 * `WALLETCONNECT_PAY_VERSION`.
 *
 * What `overrides` give is not read. Everything that is missing is named at once.
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
export const layerConfig = (
  overrides: Partial<Options> = {}
): Layer.Layer<WalletConnectPay, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.unwrapEffect(Effect.map(fromConfig(overrides), layer))
