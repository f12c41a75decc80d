/**
 * Cancel a payment at Acme Pay, a provider that does not exist.
 */
// #region index
import type { HttpClient } from "@effect/platform"
import type { ConfigError } from "effect"
import { Context, Effect, Layer } from "effect"
import type { CancelRequest as NeutralRequest } from "effect-payment-cancel/Canceller"
import type { PaymentStatus } from "effect-payment-cancel/PaymentStatus"
import * as Provider from "effect-payment-cancel/Provider"
import { connect, fromConfig, type Options } from "./connection.js"
import { cancelOperation, declaration, statusQuery } from "./declaration.js"
import type { CancelError } from "./errors.js"
import type { CancelRequest, Payment } from "./wire.js"

export * from "./errors.js"

export type Cancellation = Provider.Synchronous<"Acme", Payment>

export class Acme extends Context.Tag("Acme")<Acme, {
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus<"Acme">, Provider.StatusError>
}>() {}

export const cancel = (request: CancelRequest): Effect.Effect<Cancellation, CancelError, Acme> =>
  Effect.flatMap(Acme, (acme) => acme.cancel(request))

export const status = (
  request: Provider.StatusRequest
): Effect.Effect<PaymentStatus<"Acme">, Provider.StatusError, Acme> =>
  Effect.flatMap(Acme, (acme) => acme.status(request))

/** What `Canceller` calls. Acme has no field for a reason: it is not sent. */
export const cancelNeutral = ({ idempotencyKey, paymentId }: NeutralRequest) => cancel({ paymentId, idempotencyKey })

export const layer = (options: Options): Layer.Layer<Acme, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(
    Acme,
    Effect.gen(function*() {
      const provider = yield* Provider.make(declaration, yield* connect(options), options.policy)
      return { cancel: provider.cancel(cancelOperation), status: provider.status(statusQuery) }
    })
  )

export const layerConfig = (
  overrides: Partial<Options> = {}
): Layer.Layer<Acme, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.unwrapEffect(Effect.map(fromConfig(overrides), layer))
// #endregion
