/**
 * Cancel a payment at Gantry, an acquirer that does not exist: all its answers are XML, and all of
 * them have the HTTP status 200.
 */
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
import { type CancelRequest, Transaction } from "./wire.js"

export * from "./errors.js"

export const CancelError = Errors.channel(errors)
export type CancelError = Errors.Channel<typeof errors>

/** For journals, RPC and durable cancels. */
export const Cancellation = Schema.Union(Cancelled("Gantry", Transaction), AlreadyCancelled("Gantry"))
export type Cancellation = typeof Cancellation.Type

export class Gantry extends Context.Tag("Gantry")<Gantry, {
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus<"Gantry">, Provider.StatusError>
}>() {}

export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Gantry> =
  Provider.operation(Gantry, (gantry) => gantry.cancel)

export const status: (
  request: Provider.StatusRequest
) => Effect.Effect<PaymentStatus<"Gantry">, Provider.StatusError, Gantry> =
  Provider.operation(Gantry, (gantry) => gantry.status)

/** The cancel that `Canceller` uses. Gantry has no field for a reason, so it is not sent. */
export const cancelNeutral = ({ idempotencyKey, paymentId }: NeutralRequest) => cancel({ paymentId, idempotencyKey })

export const layer: (options: Options) => Layer.Layer<Gantry, ConfigError.ConfigError, HttpClient.HttpClient> =
  Provider.layer(Gantry, {
    declaration,
    connect,
    service: (gantry) => ({ cancel: gantry.cancel(cancelOperation), status: gantry.status(statusQuery) })
  })

export const layerConfig: (
  overrides?: Partial<Options>
) => Layer.Layer<Gantry, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
