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
 * What a Stripe cancel succeeds with. `payload` is the PaymentIntent, `cancelledAt` and
 * `reason` are what it states, with evidence `StatusQuery` too: then `reason` can tell
 * another's cancel from one's own, or be one that only Stripe itself gives, such as `expired`.
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
  /** Cancels a payment by Stripe's own id of it. */
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
 * Cancels a PaymentIntent, and says exactly what is proved.
 *
 * It fails with one typed error per code that a cancel can meet, or with an error that no
 * provider owns; `outcome` says of each what it claims. After an `Unknown` one, call it again
 * with the error's `idempotencyKey`, or read the `status`. Stripe stores an answer with a 5xx
 * under the key, and only repeats it: if the status stays cancellable then, cancel without
 * that key, which is another logical cancel, and harmless, since a PaymentIntent is cancelled
 * once at most.
 *
 * With `account` one layer serves every connected account of a platform; what is read back is
 * read for that account too. Neither errors nor events name it, so whoever settles an unknown
 * outcome later needs it from elsewhere.
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
  "Stripe.cancel",
  (service) => service.cancel
)

/**
 * Reads the status of a payment: what the cancel itself reads back, and what whoever holds an
 * error with outcome `Unknown` needs. It is repeated within the policy's `statusReads`.
 *
 * A status that is still cancellable does not prove that a lost cancel request will not
 * arrive yet.
 *
 * A payment of a connected account is found under that `account` only.
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
  "Stripe.status",
  (service) => service.status
)

const isReason = Schema.is(Reason)

/**
 * A cancel as `Canceller` asks for it: the reason is sent if it is, word for word, one of the
 * four that Stripe accepts. Any other is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId, reason }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, Stripe> =>
  cancel({ paymentId, reason: isReason(reason) ? reason : undefined, idempotencyKey })

/**
 * Stripe with the given options. An option that cannot be used is a `ConfigError` whose path
 * is the option's name.
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
 * Stripe from the `ConfigProvider`: `STRIPE_API_KEY`, and where set `STRIPE_ACCOUNT`,
 * `STRIPE_BASE_URL` and `STRIPE_API_VERSION`.
 *
 * What `overrides` give is not read. Everything that is missing is named at once.
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
