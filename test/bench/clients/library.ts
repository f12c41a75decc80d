/** This library, as a program uses it. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Cancel from "effect-payment-cancel/Cancel"
import type * as CancelPolicy from "effect-payment-cancel/CancelPolicy"
import * as Stripe from "effect-payment-cancel/providers/Stripe"
import { apiKey, apiVersion, type Cancel as Cancelling, type Scenario } from "../protocol.js"

/** The defaults, but that nobody waits, and that the status is what is left where it is to be read. */
const policies: { readonly [S in Scenario]: CancelPolicy.Options } = {
  happy: {},
  resend: { backoff: { initial: 0, maximum: 0 } },
  status: { attempts: 1 }
}

export const connectOver = async (
  layer: Layer.Layer<HttpClient.HttpClient>,
  baseUrl: string,
  observed: Layer.Layer<never> = Layer.empty
): Promise<Cancelling> => {
  const runtime = ManagedRuntime.make(
    Stripe.layer({ apiKey: Redacted.make(apiKey), apiVersion, baseUrl }).pipe(Layer.provide(layer), Layer.merge(observed))
  )
  return async (scenario, paymentId) => {
    const cancel = Stripe.cancel({ paymentId, reason: "requested_by_customer" })
    const { _tag, evidence } = await runtime.runPromise(
      scenario === "happy" ? cancel : Cancel.withPolicy(cancel, policies[scenario])
    )
    if (_tag !== "Cancelled" || evidence !== (scenario === "status" ? "StatusQuery" : "Response")) {
      throw new Error(`${_tag} by ${evidence}`)
    }
  }
}
