/**
 * Void a transaction at Braintree (server API).
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
import { type CancelRequest, Transaction } from "./wire.js"

export { type Environment, hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelRequest, Transaction } from "./wire.js"

/**
 * Every error that a cancel at Braintree can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at Braintree can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a Braintree cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("Braintree", Transaction),
    Success.AlreadyCancelled("Braintree")
  )
)

/**
 * What a Braintree cancel succeeds with. Braintree states the voided transaction: `payload` is what it
 * stated, and `cancelledAt` is from the transaction's history. It has no reason.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"Braintree", Transaction>
  | Success.AlreadyCancelled<"Braintree">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("Braintree"))

/**
 * What `status` succeeds with. `authorized`, `submitted_for_settlement` and, of some transactions with
 * PayPal, `settlement_pending` can be voided; one that is `authorizing` may become so.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"Braintree">

interface Service {
  /** Voids a transaction. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of a transaction. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * Braintree as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class Braintree extends Context.Tag("effect-payment-cancel/Braintree")<Braintree, Service>() {}

/**
 * Voids a transaction that is not settled yet, and reports exactly what is proved. It never refunds
 * one.
 *
 * It fails with one typed error per code of Braintree, or with a shared error; `outcome` says what
 * each one claims. No idempotency key is sent, so after a lost answer or a 5xx nothing is sent
 * again: the status is read. After an `Unknown` error, read the `status` later; if the transaction
 * can still be voided, call `cancel` again: at worst it is refused, as a transaction can be voided
 * once.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Braintree } from "effect-payment-cancel"
 *
 * const program = Braintree.cancel({ paymentId: "br66hg7k" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Braintree> = Provider.operation(
  Braintree,
  (service) => service.cancel
)

/**
 * Reads the status of a transaction, as the cancel itself does when it needs proof. Use it to
 * settle an error with outcome `Unknown`. It is repeated within the policy's `statusReads`.
 *
 * A status that is still cancellable does not prove that a lost cancel request will not
 * arrive yet.
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, Braintree> = Provider.operation(
  Braintree,
  (service) => service.status
)

/**
 * The cancel that `Canceller` uses. Braintree has no field for a reason, so it is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, Braintree> => cancel({ paymentId, idempotencyKey })

/**
 * Braintree with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { Braintree } from "effect-payment-cancel"
 *
 * const live = Braintree.layer({
 *   merchantId: "my_merchant_id",
 *   publicKey: "my_public_key",
 *   privateKey: Redacted.make("my_private_key"),
 *   environment: "sandbox"
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<Braintree, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(Braintree, {
  declaration,
  connect,
  service: (provider) => ({ cancel: provider.cancel(cancelOperation), status: provider.status(statusQuery) })
})

/**
 * Braintree from the `ConfigProvider`: `BRAINTREE_MERCHANT_ID`, `BRAINTREE_PUBLIC_KEY` and
 * `BRAINTREE_PRIVATE_KEY`, and, if set, one of `BRAINTREE_ENVIRONMENT` and `BRAINTREE_BASE_URL`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { Braintree } from "effect-payment-cancel"
 *
 * const live = Braintree.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<Braintree, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
