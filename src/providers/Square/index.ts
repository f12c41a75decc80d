/**
 * Cancel a payment at Square (Payments API).
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
import { cancelByCreationKeyOperation, cancelOperation, declaration, statusQuery } from "./declaration.js"
import * as errors from "./errors.js"
import { type CancelByCreationKeyRequest, type CancelRequest, Payment } from "./wire.js"

export { hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelNotification, notification, type NotificationVerification } from "./notification.js"
export { CancelByCreationKeyRequest, CancelRequest, Payment } from "./wire.js"

/**
 * Every error that a cancel at Square can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at Square can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a Square cancel by payment id succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("Square", Payment),
    Success.AlreadyCancelled("Square")
  )
)

/**
 * What a Square cancel by payment id succeeds with. `cancelledAt` is when the card's authorization
 * was voided, and none for other sources. Square states no reason. `payload` is the payment, even
 * when proved by a status query.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"Square", Payment>
  | Success.AlreadyCancelled<"Square">

/**
 * What a Square cancel by creation key succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const CancellationAcknowledged = onFirstUse(() => Success.CancellationAcknowledged("Square"))

/**
 * What a Square cancel by creation key succeeds with: Square acknowledged the request. Whether
 * there was such a payment is not known, and a creation request that is still in flight may arrive
 * later.
 *
 * @since 0.1.0
 * @category models
 */
export type CancellationAcknowledged = Success.CancellationAcknowledged<"Square">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("Square"))

/**
 * What `status` succeeds with. Square's statuses are `APPROVED` (the only one that can be
 * cancelled), `PENDING` (which can still change), `COMPLETED`, `CANCELED` and `FAILED`.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"Square">

interface Service {
  /** Cancels a payment by Square's own id. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Cancels a payment by the idempotency key of its creation. */
  readonly cancelByCreationKey: (
    request: CancelByCreationKeyRequest
  ) => Effect.Effect<CancellationAcknowledged, CancelError>
  /** Reads the status of a payment. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * Square as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class Square extends Context.Tag("effect-payment-cancel/Square")<Square, Service>() {}

/**
 * Cancels a payment, and reports exactly what is proved.
 *
 * It fails with one typed error per Square code, or with a shared error; `outcome` says what each
 * one claims. A cancel at Square has no idempotency key, and nothing is published about repeating
 * one. So after a lost answer the status is read, and nothing is sent again. After an `Unknown`
 * error, read the `status`. Whether to call it again is your decision, because Square would treat
 * that as another cancel.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Square } from "effect-payment-cancel"
 *
 * const program = Square.cancel({ paymentId: "bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Square> = Provider.operation(
  Square,
  (service) => service.cancel
)

/**
 * Cancels a payment whose id is not known, by the `idempotency_key` of its creation: for a
 * `CreatePayment` whose answer was lost.
 *
 * Square gives the same answer whether or not there was such a payment, and has no status query by
 * key. So `CancellationAcknowledged` is the most that can be proved, and a lost answer leaves the
 * outcome unknown: call again with the same `creationKey`. Call promptly: how long Square remembers
 * the keys of creations is not published.
 *
 * It fails with the errors of `cancel`; in each `paymentId` is the creation key, and
 * `identifiedBy` says so.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Square } from "effect-payment-cancel"
 *
 * const program = Square.cancelByCreationKey({ creationKey: "order-1042-payment" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("call again", error.paymentId))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelByCreationKey: (request: CancelByCreationKeyRequest) => Effect.Effect<CancellationAcknowledged, CancelError, Square> = Provider.operation(
  Square,
  (service) => service.cancelByCreationKey
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
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, Square> = Provider.operation(
  Square,
  (service) => service.status
)

/**
 * The cancel that `Canceller` uses. Square has no field for a reason, so it is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, Square> => cancel({ paymentId, idempotencyKey })

/**
 * Square with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { Square } from "effect-payment-cancel"
 *
 * const live = Square.layer({
 *   accessToken: Redacted.make("EAAAl_sandbox_token"),
 *   baseUrl: Square.hosts.sandbox
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<Square, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(Square, {
  declaration,
  connect,
  service: (provider) => ({
    cancel: provider.cancel(cancelOperation),
    cancelByCreationKey: provider.cancel(cancelByCreationKeyOperation),
    status: provider.status(statusQuery)
  })
})

/**
 * Square from the `ConfigProvider`: `SQUARE_ACCESS_TOKEN`, and, if set, `SQUARE_BASE_URL` and
 * `SQUARE_VERSION`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { Square } from "effect-payment-cancel"
 *
 * const live = Square.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<Square, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
