/**
 * Cancel a payment at Checkout.com: void its authorization.
 *
 * Checkout.com accepts a void and decides it later. A cancel reads the status for some seconds
 * after that; where nothing is decided by then it succeeds with `CancellationAccepted`, and a
 * webhook says what became of it: see `notification` and `confirm`.
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
import { type CancelRequest, Payment, Receipt } from "./wire.js"

export { Environment, hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelNotification, confirm, notification } from "./notification.js"
export { Balances, CancelRequest, Payment, Receipt } from "./wire.js"

/**
 * Every error that a cancel at Checkout.com can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel at Checkout.com can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a Checkout.com cancel succeeds with, as a schema: for journals and RPC, and to store an
 * accepted one until its webhook comes.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("CheckoutCom", Payment),
    Success.AlreadyCancelled("CheckoutCom"),
    Success.CancellationAccepted("CheckoutCom", Receipt)
  )
)

/**
 * What a Checkout.com cancel succeeds with. Checkout.com states neither when a payment was voided
 * nor why. Where captures took a part before, `capturedAmount` says so. After
 * `CancellationAccepted` the payment is **not** voided yet: `receipt.reference` is what the
 * webhook will name.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"CheckoutCom", Payment>
  | Success.AlreadyCancelled<"CheckoutCom">
  | Success.CancellationAccepted<"CheckoutCom", Receipt>

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("CheckoutCom"))

/**
 * What `status` succeeds with. `Voided` is cancelled; `Canceled` is another status, of a payment
 * that came to nothing, and counts as closed.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"CheckoutCom">

interface Service {
  /** Cancels a payment by Checkout.com's own id of it. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Reads the status of a payment. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}

/**
 * Checkout.com as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class CheckoutCom extends Context.Tag("effect-payment-cancel/CheckoutCom")<CheckoutCom, Service>() {}

/**
 * Asks Checkout.com to void all that is left of an authorized payment, and reports exactly what is
 * proved: `Cancelled` where its status says `Voided` in time, `CancellationAccepted` where nothing
 * is decided yet. Store that until its webhook comes; or read the `status`.
 *
 * It fails with one typed error per code of Checkout.com, with one per HTTP status where it sends
 * no code, or with a shared error; `outcome` says what each one claims. After an `Unknown` one,
 * call it again with the error's `idempotencyKey` within 24 hours: Checkout.com then gives its
 * first acceptance again, if there was one.
 *
 * After a void that was **declined** do not use the key again: Checkout.com would repeat its
 * acceptance, and do nothing.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, CheckoutCom } from "effect-payment-cancel"
 *
 * const program = CheckoutCom.cancel({ paymentId: "pay_mbabizu24mvu3mela5njyhpit4" }).pipe(
 *   Effect.tap((cancellation) => Effect.log(cancellation._tag)),
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, CheckoutCom> = Provider.operation(
  CheckoutCom,
  (service) => service.cancel
)

/**
 * Reads the status of a payment, as the cancel itself does when it needs proof. Use it to settle an
 * error with outcome `Unknown`, or a `CancellationAccepted`. It is repeated within the policy's
 * `statusReads`.
 *
 * A status that is still cancellable does not prove that an accepted void, or a lost cancel
 * request, will not be carried out yet.
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, CheckoutCom> = Provider.operation(
  CheckoutCom,
  (service) => service.status
)

/**
 * The cancel that `Canceller` uses. Checkout.com has no field for a reason, so it is not sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, CheckoutCom> => cancel({ paymentId, idempotencyKey })

/**
 * Checkout.com with the given options. An invalid option is a `ConfigError` whose path is the
 * option's name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { CheckoutCom } from "effect-payment-cancel"
 *
 * const live = CheckoutCom.layer({
 *   secretKey: Redacted.make("sk_sbox_key"),
 *   environment: CheckoutCom.Environment.Sandbox({ prefix: "vkuhvk4v" })
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<CheckoutCom, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(CheckoutCom, {
  declaration,
  connect,
  service: (provider) => ({
    cancel: provider.cancel(cancelOperation),
    status: provider.status(statusQuery)
  })
})

/**
 * Checkout.com from the `ConfigProvider`: `CHECKOUT_COM_SECRET_KEY`, and one of
 * `CHECKOUT_COM_SANDBOX_PREFIX`, `CHECKOUT_COM_PRODUCTION_PREFIX` and `CHECKOUT_COM_BASE_URL`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. An `environment` or a `baseUrl`
 * there replaces all three variables that say where Checkout.com is. All missing variables are
 * reported at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { CheckoutCom } from "effect-payment-cancel"
 *
 * const live = CheckoutCom.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<CheckoutCom, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
