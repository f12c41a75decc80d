/**
 * Cancel a PaymentIntent at Stripe.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Success from "../../Cancellation.js"
import type { CancelRequest as NeutralRequest } from "../../Canceller.js"
import * as Status from "../../PaymentStatus.js"
import * as Errors from "../../authoring/Errors.js"
import * as Provider from "../../authoring/Provider.js"
import { connect, fromConfig, type Options, type Overrides } from "./options.js"
import { cancelOperation, declaration, statusAsking, statusQuery } from "./declaration.js"
import * as errors from "./errors.js"
import { type CancelRequest, PaymentIntent, Reason, type StatusRequest } from "./wire.js"

export { hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelNotification, notification } from "./notification.js"
export { CancelRequest, PaymentIntent, Reason, StatusRequest } from "./wire.js"

/**
 * Every error that a cancel at Stripe can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at Stripe can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a Stripe cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = Schema.Union(
  Success.Cancelled("Stripe", PaymentIntent),
  Success.AlreadyCancelled("Stripe")
)

/**
 * What a Stripe cancel succeeds with. `payload` is the PaymentIntent, which states `cancelledAt`
 * and `reason`, even with evidence `StatusQuery`. In that case `reason` can distinguish your own
 * cancel from another one. It may also be one that only Stripe itself gives, such as `expired`.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"Stripe", PaymentIntent>
  | Success.AlreadyCancelled<"Stripe">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = Status.PaymentStatus("Stripe")

/**
 * What `status` succeeds with. Stripe's statuses are `requires_payment_method`,
 * `requires_confirmation`, `requires_action` and `requires_capture`, which can be cancelled,
 * `processing`, which rarely can, `succeeded` and `canceled`.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"Stripe">

interface Service {
  /** Cancels a payment by Stripe's own id. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of a payment. */
  readonly status: (request: StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * Stripe as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class Stripe extends Context.Tag("effect-payment-cancel/Stripe")<Stripe, Service>() {}

/**
 * Cancels a PaymentIntent, and reports exactly what is proved.
 *
 * It fails with one typed error per code that a cancel can meet, or with a shared error; `outcome`
 * says what each one claims. After an `Unknown` error, call it again with the error's
 * `idempotencyKey`, or read the `status`. Stripe stores an answer with a 5xx under the key, and
 * then only repeats it. If the status stays cancellable in that case, cancel without that key. That
 * is another logical cancel, and harmless, because a PaymentIntent is cancelled at most once.
 *
 * With `account`, one layer serves every connected account of a platform; the status is read for
 * that account too. Neither errors nor events contain it, so store it elsewhere if an unknown
 * outcome has to be settled later.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Stripe } from "effect-payment-cancel"
 *
 * const program = Stripe.cancel({ paymentId: "pi_1042", reason: "requested_by_customer" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Stripe> = Provider.operation(
  Stripe,
  (service) => service.cancel
)

/**
 * Reads the status of a payment, as the cancel itself does when it needs proof. Use it to settle an
 * error with outcome `Unknown`. It is repeated within the policy's `statusReads`.
 *
 * A status that is still cancellable does not prove that a lost cancel request will not
 * arrive yet.
 *
 * A payment of a connected account is found only with that `account`.
 *
 * @example
 * ```ts
 * import { Stripe } from "effect-payment-cancel"
 *
 * const program = Stripe.status({ paymentId: "pi_1042", account: "acct_1032D82eZvKYlo2C" })
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (request: StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, Stripe> = Provider.operation(
  Stripe,
  (service) => service.status
)

/**
 * The cancel that `Canceller` uses. The reason is sent only if it is exactly one of the four that
 * Stripe accepts.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId, reason }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, Stripe> =>
  cancel({ paymentId, reason: Schema.is(Reason)(reason) ? reason : undefined, idempotencyKey })

/**
 * Stripe with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { Stripe } from "effect-payment-cancel"
 *
 * const live = Stripe.layer({
 *   apiKey: Redacted.make("sk_test_key")
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<Stripe, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(Stripe, {
  declaration,
  connect,
  service: (provider) => ({ cancel: provider.cancel(cancelOperation), status: provider.status(statusQuery, statusAsking) })
})

/**
 * Stripe from the `ConfigProvider`: `STRIPE_API_KEY`, and, if set, `STRIPE_ACCOUNT`,
 * `STRIPE_BASE_URL` and `STRIPE_API_VERSION`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { Stripe } from "effect-payment-cancel"
 *
 * const live = Stripe.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<Stripe, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
