/**
 * Cancel a PaymentIntent at Stripe, or end a Checkout Session that nobody has paid.
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
import {
  cancelOperation,
  checkoutSessionStatusQuery,
  declaration,
  expireCheckoutSessionOperation,
  statusAsking,
  statusQuery
} from "./declaration.js"
import * as errors from "./errors.js"
import { type CancelRequest, CheckoutSession, type ExpireCheckoutSessionRequest, PaymentIntent, Reason, type StatusRequest } from "./wire.js"

export { hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelNotification, notification } from "./notification.js"
export { CancelRequest, CheckoutSession, ExpireCheckoutSessionRequest, PaymentIntent, Reason, StatusRequest } from "./wire.js"

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
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("Stripe", PaymentIntent),
    Success.AlreadyCancelled("Stripe")
  )
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
 * What `expireCheckoutSession` succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const CheckoutSessionExpiry = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("Stripe", CheckoutSession),
    Success.AlreadyCancelled("Stripe")
  )
)

/**
 * What `expireCheckoutSession` succeeds with. `paymentId` is the id of the Checkout Session, and
 * `payload` the session, with its PaymentIntent if there is one. Stripe states neither when it
 * expired nor why.
 *
 * @since 0.1.0
 * @category models
 */
export type CheckoutSessionExpiry =
  | Success.Cancelled<"Stripe", CheckoutSession>
  | Success.AlreadyCancelled<"Stripe">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("Stripe"))

/**
 * What `status` succeeds with. Stripe's statuses are `requires_payment_method`,
 * `requires_confirmation`, `requires_action` and `requires_capture`, which can be cancelled,
 * `processing`, which rarely can, `succeeded` and `canceled`; of a Checkout Session `open`, which can
 * expire, `complete` and `expired`.
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
  /** Ends a Checkout Session by its id. */
  readonly expireCheckoutSession: (request: ExpireCheckoutSessionRequest) => Effect.Effect<CheckoutSessionExpiry, CancelError>
  /** Reads the status of a Checkout Session. */
  readonly checkoutSessionStatus: (request: StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
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
 * One that belongs to a Checkout Session is refused with `PaymentIntentUnexpectedState`, unless it is
 * in `requires_capture`: end the session with `expireCheckoutSession` instead.
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
 * Ends a Checkout Session that is `open`, so that nobody can pay that session any more, and reports
 * exactly what is proved. It is for a PaymentIntent that `cancel` refuses because it belongs to a session.
 *
 * `paymentId` is the id of the session, `cs_…`, not that of its PaymentIntent. `Cancelled` says that
 * the session is `expired`. If it was created with `after_expiration.recovery.enabled`, a copy of it
 * can still be opened and paid, which is another session: the `payload` says so.
 *
 * A session that is `complete` is refused, and `paymentStatus` says so: then cancel its PaymentIntent
 * if that is in `requires_capture`, or refund it. No code is known for that refusal, so its error is
 * `Unrecognized`, or `CancelError.NoLongerCancellable` where only the status tells. Everything else
 * is as with `cancel`: the errors, the key, and what to do after an `Unknown` one.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Stripe } from "effect-payment-cancel"
 *
 * const program = Stripe.expireCheckoutSession({ paymentId: "cs_test_1042" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const expireCheckoutSession: (
  request: ExpireCheckoutSessionRequest
) => Effect.Effect<CheckoutSessionExpiry, CancelError, Stripe> = Provider.operation(
  Stripe,
  (service) => service.expireCheckoutSession
)

/**
 * Reads the status of a Checkout Session, as `expireCheckoutSession` itself does when it needs
 * proof: `open`, `complete` or `expired`. `paymentId` is the id of the session. That it is
 * `complete` does not mean that it is paid: read the `status` of its PaymentIntent.
 *
 * @since 0.1.0
 * @category operations
 */
export const checkoutSessionStatus: (
  request: StatusRequest
) => Effect.Effect<PaymentStatus, Provider.StatusError, Stripe> = Provider.operation(
  Stripe,
  (service) => service.checkoutSessionStatus
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
  service: (provider) => ({
    cancel: provider.cancel(cancelOperation),
    status: provider.status(statusQuery, statusAsking),
    expireCheckoutSession: provider.cancel(expireCheckoutSessionOperation),
    checkoutSessionStatus: provider.status(checkoutSessionStatusQuery, statusAsking)
  })
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
