/**
 * Cancel a payment at GoCardless.
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
export { CancelNotification, notifications } from "./notification.js"
export { CancelRequest, type Links, Payment } from "./wire.js"

/**
 * Every error that a cancel at GoCardless can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at GoCardless can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a GoCardless cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("GoCardless", Payment),
    Success.AlreadyCancelled("GoCardless")
  )
)

/**
 * What a GoCardless cancel succeeds with. `payload` is the payment, if the answer to the cancel stated
 * it. GoCardless states neither when it was cancelled nor a reason; its webhook does.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"GoCardless", Payment>
  | Success.AlreadyCancelled<"GoCardless">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("GoCardless"))

/**
 * What `status` succeeds with. GoCardless's statuses are `pending_submission`, the only one that can
 * be cancelled, `pending_customer_approval` and `failed`, which may become it, `submitted`,
 * `confirmed`, `paid_out`, `charged_back`, `customer_approval_denied` and `cancelled`.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"GoCardless">

interface Service {
  /** Cancels a payment. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of a payment. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * GoCardless as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class GoCardless extends Context.Tag("effect-payment-cancel/GoCardless")<GoCardless, Service>() {}

/**
 * Cancels a payment that was not yet submitted to the banks, and reports exactly what is proved.
 *
 * It fails with one typed error per code that a cancel can meet, or with a shared error; `outcome`
 * says what each one claims. GoCardless has one code for "cancelled already" and "too late", so the
 * status is read after it. A request that may have been applied is not sent again, because
 * GoCardless documents no key for a cancel: the status is read instead. After an `Unknown` error, read
 * the `status`, and cancel again if it stays `pending_submission`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, GoCardless } from "effect-payment-cancel"
 *
 * const program = GoCardless.cancel({ paymentId: "PM000123", metadata: { ticket: "TK-1042" } }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, GoCardless> = Provider.operation(
  GoCardless,
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
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, GoCardless> = Provider.operation(
  GoCardless,
  (service) => service.status
)

/**
 * The cancel that `Canceller` uses. GoCardless has no field for a reason, so it is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, GoCardless> => cancel({ paymentId, idempotencyKey })

/**
 * GoCardless with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { GoCardless } from "effect-payment-cancel"
 *
 * const live = GoCardless.layer({
 *   accessToken: Redacted.make("sandbox_access_token"),
 *   baseUrl: GoCardless.hosts.sandbox
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<GoCardless, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(GoCardless, {
  declaration,
  connect,
  service: (provider) => ({ cancel: provider.cancel(cancelOperation), status: provider.status(statusQuery) })
})

/**
 * GoCardless from the `ConfigProvider`: `GOCARDLESS_ACCESS_TOKEN`, and, if set,
 * `GOCARDLESS_BASE_URL` and `GOCARDLESS_API_VERSION`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { GoCardless } from "effect-payment-cancel"
 *
 * const live = GoCardless.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<GoCardless, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
