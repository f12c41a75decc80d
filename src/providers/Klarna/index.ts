/**
 * Cancel an order at Klarna (Order Management API).
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
import { cancelOperation, declaration, releaseQuery, releaseRemainingAuthorizationOperation, statusQuery } from "./declaration.js"
import * as errors from "./errors.js"
import { type CancelRequest, Order, type ReleaseRequest } from "./wire.js"

export { hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelRequest, Order, ReleaseRequest } from "./wire.js"

/**
 * Every error that a cancel at Klarna can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at Klarna can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a Klarna cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("Klarna", Order),
    Success.AlreadyCancelled("Klarna")
  )
)

/**
 * What a Klarna cancel succeeds with. Klarna confirms a cancel without a word about the order,
 * so `evidence` is `StatusQuery`: the order was read afterwards. `payload` is the order. Klarna
 * states neither when it was cancelled nor a reason.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"Klarna", Order>
  | Success.AlreadyCancelled<"Klarna">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("Klarna"))

/**
 * What `status` succeeds with. Klarna's statuses are `AUTHORIZED`, the only one that can be
 * cancelled, `PART_CAPTURED`, `CAPTURED`, `CANCELLED`, `EXPIRED` and `CLOSED`.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"Klarna">

interface Service {
  /** Cancels an order. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of an order. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
  /** Releases what remains of an order's authorization after a part of it was captured. */
  readonly releaseRemainingAuthorization: (request: ReleaseRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of an order, as far as its release goes. */
  readonly releaseStatus: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * Klarna as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class Klarna extends Context.Tag("effect-payment-cancel/Klarna")<Klarna, Service>() {}

/**
 * Cancels an order of which nothing was captured, and reports exactly what is proved.
 *
 * It fails with one typed error per code of Klarna, or with a shared error; `outcome` says what
 * each one claims. Klarna's answer to a cancel has no body, so the order is read as proof. After a
 * lost answer or a 5xx the same request is sent again under its key, once, 5 seconds later, as
 * Klarna advises; after an `Unknown` error, call `cancel` again with the error's `idempotencyKey`,
 * 5 minutes later and within 24 hours, or read the `status`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Klarna } from "effect-payment-cancel"
 *
 * const program = Klarna.cancel({ paymentId: "f3392f8b-6116-4073-ab96-e330819e2c07" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Klarna> = Provider.operation(
  Klarna,
  (service) => service.cancel
)

/**
 * Reads the status of an order, as the cancel itself does when it needs proof. Use it to settle an
 * error with outcome `Unknown`. It is repeated within the policy's `statusReads`.
 *
 * A status that is still cancellable does not prove that a lost cancel request will not
 * arrive yet.
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, Klarna> = Provider.operation(
  Klarna,
  (service) => service.status
)

/**
 * Releases what remains of an order's authorization after a part of it was captured, and reports
 * exactly what is proved. It is no cancel: what was captured stays captured, and the order does not
 * become `CANCELLED`.
 *
 * - `Cancelled`: nothing of the authorization is held any more. `capturedAmount` says how much was
 *   captured, and `payload` is the order, with Klarna's status.
 *   A second release is `Cancelled` too where Klarna answers it with a 204: this call may have done it.
 * - `AlreadyCancelled`: Klarna refused it, and that was so before, or the order is cancelled.
 *
 * Klarna's answer has no body, so the order is read as proof: a part of it was captured, and its
 * `remaining_authorized_amount` is zero. Klarna refuses it for an order that has no captures
 * (`Klarna.NotAllowed`, with `paymentStatus` `AUTHORIZED`: use `cancel`). Of one that was captured as a
 * whole there is nothing to release: `Klarna.NotAllowed` with its `paymentStatus` if Klarna refuses it,
 * otherwise `CancelError.NoLongerCancellable`. Everything else is as with `cancel`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Klarna } from "effect-payment-cancel"
 *
 * const program = Klarna.releaseRemainingAuthorization({ paymentId: "f3392f8b-6116-4073-ab96-e330819e2c07" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const releaseRemainingAuthorization: (
  request: ReleaseRequest
) => Effect.Effect<Cancellation, CancelError, Klarna> = Provider.operation(
  Klarna,
  (service) => service.releaseRemainingAuthorization
)

/**
 * Reads the status of an order as `releaseRemainingAuthorization` does: its `standing` is
 * `Cancelled` where a part was captured and nothing more is held, whatever Klarna's status is.
 *
 * @since 0.1.0
 * @category operations
 */
export const releaseStatus: (
  request: Provider.StatusRequest
) => Effect.Effect<PaymentStatus, Provider.StatusError, Klarna> = Provider.operation(
  Klarna,
  (service) => service.releaseStatus
)

/**
 * The cancel that `Canceller` uses. Klarna has no field for a reason, so it is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, Klarna> => cancel({ paymentId, idempotencyKey })

/**
 * Klarna with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { Klarna } from "effect-payment-cancel"
 *
 * const live = Klarna.layer({
 *   username: "8e1a5c2f-0d1b-4a53-9f0e-2f8f0b5f6a11",
 *   password: Redacted.make("klarna_test_api_key"),
 *   baseUrl: Klarna.hosts.europePlayground
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<Klarna, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(Klarna, {
  declaration,
  connect,
  service: (provider) => ({
    cancel: provider.cancel(cancelOperation),
    status: provider.status(statusQuery),
    releaseRemainingAuthorization: provider.cancel(releaseRemainingAuthorizationOperation),
    releaseStatus: provider.status(releaseQuery)
  })
})

/**
 * Klarna from the `ConfigProvider`: `KLARNA_USERNAME` and `KLARNA_PASSWORD`, and, if set,
 * `KLARNA_BASE_URL`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { Klarna } from "effect-payment-cancel"
 *
 * const live = Klarna.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<Klarna, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
