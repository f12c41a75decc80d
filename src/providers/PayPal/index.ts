/**
 * Cancel a payment at PayPal: void an authorization.
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
import type * as Notification from "../../Notification.js"
import * as Status from "../../PaymentStatus.js"
import * as Errors from "../../authoring/Errors.js"
import * as Provider from "../../authoring/Provider.js"
import { connect, fromConfig, type Options, type Overrides } from "./options.js"
import { cancelOperation, declaration, statusQuery } from "./declaration.js"
import * as errors from "./errors.js"
import { type CancelNotification, confirmedBy } from "./notification.js"
import { Authorization, type CancelRequest } from "./wire.js"

export { hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelNotification } from "./notification.js"
export { Authorization, CancelRequest } from "./wire.js"

/**
 * Every error that a cancel at PayPal can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at PayPal can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a PayPal cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("PayPal", Authorization),
    Success.AlreadyCancelled("PayPal")
  )
)

/**
 * What a PayPal cancel succeeds with. `payload` is the authorization. `cancelledAt`, `reason` and
 * `capturedAmount` are none, because PayPal does not state them.
 *
 * An authorization that was partially captured can also be voided: this releases the rest. What was
 * captured before stays captured, and no answer about the authorization says how much that is.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"PayPal", Authorization>
  | Success.AlreadyCancelled<"PayPal">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("PayPal"))

/**
 * What `status` succeeds with. PayPal's statuses of an authorization are `CREATED`, `PENDING` and
 * `PARTIALLY_CAPTURED`, which can be cancelled, `CAPTURED`, `DENIED` and `VOIDED`.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"PayPal">

interface Service {
  /** Voids an authorization by PayPal's own id. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of an authorization. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
  /** Asks what became of the authorization that a webhook names. */
  readonly notificationById: (
    incoming: Notification.Incoming
  ) => Effect.Effect<CancelNotification, Notification.NotificationError | Provider.StatusError>
}

/**
 * PayPal as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class PayPal extends Context.Tag("effect-payment-cancel/PayPal")<PayPal, Service>() {}

/**
 * Voids an authorization, and reports exactly what is proved.
 *
 * It fails with one typed error per code that a void can meet, or with a shared error; `outcome`
 * says what each one claims. After an `Unknown` error, call it again with the error's
 * `idempotencyKey`, or read the `status`.
 *
 * The access token is requested first, and kept as long as PayPal says that it is valid. If PayPal
 * issues none, nothing was sent: the error is `InvalidClient` or another listed code, or
 * `CancelError.NotSent`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, PayPal } from "effect-payment-cancel"
 *
 * const program = PayPal.cancel({ paymentId: "0VF52814937998046" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, PayPal> = Provider.operation(
  PayPal,
  (service) => service.cancel
)

/**
 * Reads the status of an authorization, as the cancel itself does when it needs proof. Use it to
 * settle an error with outcome `Unknown`. It is repeated within the policy's `statusReads`.
 *
 * A status that is still cancellable does not prove that a lost cancel request will not
 * arrive yet.
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, PayPal> = Provider.operation(
  PayPal,
  (service) => service.status
)

/**
 * Receives a webhook of PayPal, the event `PAYMENT.AUTHORIZATION.VOIDED`, and asks PayPal for the
 * status of the authorization that it names: only that is believed.
 *
 * PayPal signs its webhooks, but the signature covers only a CRC-32 of the body: whoever has one
 * genuine webhook can make others that fit it. So the signature is not looked at, and no secret is
 * needed. Anybody can make this ask, with your credentials: limit how often the route may be called.
 *
 * It gives a `CancelNotification` only if the authorization is `VOIDED`. `notificationId` is the
 * authorization's id, because it is voided once. It fails with:
 *
 * - `Notification.MalformedNotification`: it is no event of PayPal's form, or the id in it is not
 *   1 to 64 letters, digits and hyphens: nothing is asked, and `answer` is `Refuse`; or what it
 *   names is no authorization of yours, field `resource.id`, and `answer` is `Acknowledge`.
 * - `Notification.NotACancellation`: every other event; or the authorization is in another status,
 *   which `event` names.
 * - `CancelError.StatusUnavailable`: the status could not be read. Answer with a 503, and PayPal
 *   delivers again. `Webhook` does.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { PayPal } from "effect-payment-cancel"
 *
 * const body = JSON.stringify({ event_type: "PAYMENT.AUTHORIZATION.VOIDED", resource: { id: "0AW2184448108334S" } })
 *
 * const program = PayPal.notificationById({ body, headers: {} }).pipe(
 *   Effect.tap(({ paymentId }) => Effect.log("voided", paymentId))
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notificationById: (
  incoming: Notification.Incoming
) => Effect.Effect<CancelNotification, Notification.NotificationError | Provider.StatusError, PayPal> = Provider.operation(
  PayPal,
  (service) => service.notificationById
)

/**
 * The cancel that `Canceller` uses. PayPal's void has no field for a reason, so it is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, PayPal> => cancel({ paymentId, idempotencyKey })

/**
 * PayPal with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { PayPal } from "effect-payment-cancel"
 *
 * const live = PayPal.layer({
 *   clientId: "sandbox-client-id",
 *   clientSecret: Redacted.make("sandbox-client-secret"),
 *   baseUrl: PayPal.hosts.sandbox
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<PayPal, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(PayPal, {
  declaration,
  connect,
  service: (provider) => {
    const status = provider.status(statusQuery)
    return { cancel: provider.cancel(cancelOperation), status, notificationById: confirmedBy(status) }
  }
})

/**
 * PayPal from the `ConfigProvider`: `PAYPAL_CLIENT_ID`, `PAYPAL_CLIENT_SECRET`, and, if set,
 * `PAYPAL_BASE_URL`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { PayPal } from "effect-payment-cancel"
 *
 * const live = PayPal.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<PayPal, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
