/**
 * Cancel a PaymentIntent at Airwallex.
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
import { type CancelRequest, PaymentIntent } from "./wire.js"

export { hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelNotification, notification } from "./notification.js"
export { CancelRequest, PaymentIntent } from "./wire.js"

/**
 * Every error that a cancel at Airwallex can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at Airwallex can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What an Airwallex cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("Airwallex", PaymentIntent),
    Success.AlreadyCancelled("Airwallex")
  )
)

/**
 * What an Airwallex cancel succeeds with. `payload` is the PaymentIntent, which states `cancelledAt`
 * and `reason`, even with evidence `StatusQuery`. In that case `reason` can distinguish your own
 * cancel from another one.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"Airwallex", PaymentIntent>
  | Success.AlreadyCancelled<"Airwallex">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("Airwallex"))

/**
 * What `status` succeeds with. Airwallex's statuses are `REQUIRES_PAYMENT_METHOD`,
 * `REQUIRES_CUSTOMER_ACTION` and `REQUIRES_CAPTURE`, which can be cancelled, `PENDING`,
 * `PENDING_REVIEW` and `REQUIRES_MERCHANT_ACTION`, which may become cancellable, `SUCCEEDED` and
 * `CANCELLED`.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"Airwallex">

interface Service {
  /** Cancels a payment by Airwallex's own id. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of a payment. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * Airwallex as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class Airwallex extends Context.Tag("effect-payment-cancel/Airwallex")<Airwallex, Service>() {}

/**
 * Cancels a PaymentIntent, and reports exactly what is proved.
 *
 * It fails with one typed error per code that a cancel can meet, or with a shared error; `outcome`
 * says what each one claims. After an `Unknown` error, read the `status`, or call it again with the
 * error's `idempotencyKey`. Airwallex does not repeat an answer under a key: if it knows the key, it
 * answers `duplicate_request`, and the status is read. If the status stays cancellable in that case,
 * cancel without that key. That is another logical cancel, and harmless, because a PaymentIntent is
 * cancelled at most once.
 *
 * The access token is requested first, and kept as long as Airwallex says that it is valid. If
 * Airwallex issues none, nothing was sent: the error is `Unauthorized` or another listed code, or
 * `CancelError.NotSent`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Airwallex, Cancel } from "effect-payment-cancel"
 *
 * const program = Airwallex.cancel({ paymentId: "int_1042", reason: "Order cancelled" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Airwallex> = Provider.operation(
  Airwallex,
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
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, Airwallex> = Provider.operation(
  Airwallex,
  (service) => service.status
)

/**
 * The cancel that `Canceller` uses. The reason is sent as it is.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId, reason }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, Airwallex> => cancel({ paymentId, reason, idempotencyKey })

/**
 * Airwallex with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { Airwallex } from "effect-payment-cancel"
 *
 * const live = Airwallex.layer({
 *   clientId: "sandbox-client-id",
 *   apiKey: Redacted.make("sandbox-api-key"),
 *   baseUrl: Airwallex.hosts.sandbox
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<Airwallex, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(Airwallex, {
  declaration,
  connect,
  service: (provider) => ({ cancel: provider.cancel(cancelOperation), status: provider.status(statusQuery) })
})

/**
 * Airwallex from the `ConfigProvider`: `AIRWALLEX_CLIENT_ID`, `AIRWALLEX_API_KEY`, and, if set,
 * `AIRWALLEX_LOGIN_AS`, `AIRWALLEX_ON_BEHALF_OF`, `AIRWALLEX_BASE_URL` and `AIRWALLEX_API_VERSION`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { Airwallex } from "effect-payment-cancel"
 *
 * const live = Airwallex.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<Airwallex, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
