/**
 * Cancel a payment at WePay (API v3).
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Cancellation_ from "../../Cancellation.js"
import type { CancelRequest as NeutralRequest } from "../../Canceller.js"
import * as PaymentStatus_ from "../../PaymentStatus.js"
import * as Provider from "../../Provider.js"
import { connect, fromConfig, type Options } from "./connection.js"
import { cancelOperation, declaration, statusQuery } from "./declaration.js"
import type { CancelError } from "./errors.js"
import { type CancelRequest, Payment } from "./wire.js"

export { hosts, type Options } from "./connection.js"
export * from "./errors.js"
export { CancelRequest, Payment } from "./wire.js"

/**
 * What a WePay cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = Schema.Union(
  Cancellation_.Cancelled("WePay", Payment),
  Cancellation_.AlreadyCancelled("WePay")
)

/**
 * What a WePay cancel succeeds with. WePay states neither a time nor a reason, so
 * `cancelledAt` and `reason` are none; `payload` is the whole payment.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Cancellation_.Cancelled<"WePay", Payment>
  | Cancellation_.AlreadyCancelled<"WePay">

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = PaymentStatus_.PaymentStatus("WePay")

/**
 * What `status` succeeds with. WePay's statuses are `pending`, `completed`, `failed` and
 * `canceled`; only `pending` still moves.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = PaymentStatus_.PaymentStatus<"WePay">

/**
 * WePay as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class WePay extends Context.Tag("effect-payment-cancel/WePay")<WePay, {
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
}>() {}

/**
 * Cancels a payment.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, WePay> = Effect.fn(
  "WePay.cancel"
)(function*(request: CancelRequest) {
  const wePay = yield* WePay
  return yield* wePay.cancel(request)
})

/**
 * Reads the status of a payment.
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (
  request: Provider.StatusRequest
) => Effect.Effect<PaymentStatus, Provider.StatusError, WePay> = Effect.fn("WePay.status")(
  function*(request: Provider.StatusRequest) {
    const wePay = yield* WePay
    return yield* wePay.status(request)
  }
)

/**
 * A cancel as `Canceller` asks for it: the reason is sent, and WePay requires one.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { reason = "", ...request }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, WePay> => cancel({ ...request, reason })

/**
 * WePay with the given options.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<WePay, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(
    WePay,
    Effect.gen(function*() {
      const provider = yield* Provider.make(declaration, yield* connect(options), options.policy)
      return { cancel: provider.cancel(cancelOperation), status: provider.status(statusQuery) }
    })
  )

/**
 * WePay from the `ConfigProvider`
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  overrides: Partial<Options> = {}
): Layer.Layer<WePay, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.unwrapEffect(Effect.map(fromConfig(overrides), layer))
