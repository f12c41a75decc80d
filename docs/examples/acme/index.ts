/**
 * Cancel a payment at Acme Pay, a provider that does not exist.
 */
// #region index
import type { HttpClient } from "@effect/platform"
import type { ConfigError, Effect, Layer } from "effect"
import { Context, Schema } from "effect"
import * as Errors from "effect-payment-cancel/authoring/Errors"
import * as Provider from "effect-payment-cancel/authoring/Provider"
import { AlreadyCancelled, Cancelled } from "effect-payment-cancel/Cancellation"
import type { CancelRequest as NeutralRequest } from "effect-payment-cancel/Canceller"
import type { PaymentStatus } from "effect-payment-cancel/PaymentStatus"
import { cancelOperation, declaration, statusQuery } from "./declaration.js"
import * as errors from "./errors.js"
import { connect, fromConfig, type Options } from "./options.js"
import { type CancelRequest, Payment } from "./wire.js"

export * from "./errors.js"
export * from "./notification.js"

export const CancelError = Errors.channel(errors)
export type CancelError = Errors.Channel<typeof errors>

/** For journals, RPC and durable cancels. */
export const Cancellation = Schema.Union(Cancelled("Acme", Payment), AlreadyCancelled("Acme"))
export type Cancellation = typeof Cancellation.Type

export class Acme extends Context.Tag("Acme")<Acme, {
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus<"Acme">, Provider.StatusError>
}>() {}

export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Acme> =
  Provider.operation(Acme, (acme) => acme.cancel)

export const status: (
  request: Provider.StatusRequest
) => Effect.Effect<PaymentStatus<"Acme">, Provider.StatusError, Acme> =
  Provider.operation(Acme, (acme) => acme.status)

/** The cancel that `Canceller` uses. Acme has no field for a reason, so it is not sent. */
export const cancelNeutral = ({ idempotencyKey, paymentId }: NeutralRequest) => cancel({ paymentId, idempotencyKey })

export const layer: (options: Options) => Layer.Layer<Acme, ConfigError.ConfigError, HttpClient.HttpClient> =
  Provider.layer(Acme, {
    declaration,
    connect,
    service: (acme) => ({ cancel: acme.cancel(cancelOperation), status: acme.status(statusQuery) })
  })

export const layerConfig: (
  overrides?: Partial<Options>
) => Layer.Layer<Acme, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
// #endregion
