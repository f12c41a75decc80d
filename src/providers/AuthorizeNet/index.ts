/**
 * Cancel a payment at Authorize.net: void a transaction that is not settled yet.
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
import { type CancelRequest, VoidedTransaction } from "./wire.js"

export { type Environment, hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelNotification, notification } from "./notification.js"
export { CancelRequest, VoidedTransaction } from "./wire.js"

/**
 * Every error that a cancel at Authorize.net can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at Authorize.net can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What an Authorize.net cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("AuthorizeNet", VoidedTransaction),
    Success.AlreadyCancelled("AuthorizeNet")
  )
)

/**
 * What an Authorize.net cancel succeeds with. `payload` is the approval of the void. `cancelledAt`,
 * `reason` and `capturedAmount` are none, because Authorize.net does not state them: a void takes
 * back all of the transaction, what was captured of it included.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"AuthorizeNet", VoidedTransaction>
  | Success.AlreadyCancelled<"AuthorizeNet">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("AuthorizeNet"))

/**
 * What `status` succeeds with. `voided` is cancelled. A transaction that is captured can still be
 * voided until it is settled: `capturedPendingSettlement` is cancellable.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"AuthorizeNet">

interface Service {
  /** Voids a transaction by Authorize.net's own id of it. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of a transaction. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * Authorize.net as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class AuthorizeNet extends Context.Tag("effect-payment-cancel/AuthorizeNet")<AuthorizeNet, Service>() {}

/**
 * Voids a transaction that is not settled yet, and reports exactly what is proved.
 *
 * It fails with one typed error per code that a void can meet, or with a shared error; `outcome`
 * says what each one claims. Authorize.net has no idempotency key, so a void that may have been
 * carried out is not sent again: its status is read. That needs the Transaction Details API, which
 * has to be enabled in the Merchant Interface.
 *
 * After an `Unknown` error, read the `status`, or call it again: a second void of a voided
 * transaction does nothing.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { AuthorizeNet, Cancel } from "effect-payment-cancel"
 *
 * const program = AuthorizeNet.cancel({ paymentId: "60198731341" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, AuthorizeNet> = Provider.operation(
  AuthorizeNet,
  (service) => service.cancel
)

/**
 * Reads the status of a transaction, as the cancel itself does when it needs proof. Use it to
 * settle an error with outcome `Unknown`. It is repeated within the policy's `statusReads`.
 *
 * It needs the Transaction Details API: without it every answer is `E00011`, and the error is
 * `CancelError.StatusUnavailable`. A status that is still cancellable does not prove that a lost
 * cancel request will not arrive yet.
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, AuthorizeNet> = Provider.operation(
  AuthorizeNet,
  (service) => service.status
)

/**
 * The cancel that `Canceller` uses. A void has no field for a reason, so it is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, AuthorizeNet> => cancel({ paymentId, idempotencyKey })

/**
 * Authorize.net with the given options. An invalid option is a `ConfigError` whose path is the
 * option's name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { AuthorizeNet } from "effect-payment-cancel"
 *
 * const live = AuthorizeNet.layer({
 *   apiLoginId: "5KP3u95bQpv",
 *   transactionKey: Redacted.make("transaction-key"),
 *   environment: "sandbox"
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<AuthorizeNet, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(AuthorizeNet, {
  declaration,
  connect,
  service: (provider) => ({
    cancel: provider.cancel(cancelOperation),
    status: provider.status(statusQuery)
  })
})

/**
 * Authorize.net from the `ConfigProvider`: `AUTHORIZE_NET_API_LOGIN_ID`,
 * `AUTHORIZE_NET_TRANSACTION_KEY`, and one of `AUTHORIZE_NET_ENVIRONMENT` and
 * `AUTHORIZE_NET_BASE_URL`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. An `environment` or a `baseUrl`
 * there replaces both `AUTHORIZE_NET_ENVIRONMENT` and `AUTHORIZE_NET_BASE_URL`. All missing
 * variables are reported at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { AuthorizeNet } from "effect-payment-cancel"
 *
 * const live = AuthorizeNet.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<AuthorizeNet, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
