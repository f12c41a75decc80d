/** The durable cancels of the journals: one in each state that a process may leave it in. */
import { Adyen, Stripe } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

/** They are replayed years later: none has been given up. */
const options = (wait: "1 hour" | "50 millis"): CancelWorkflow.Options => ({
  waits: [wait],
  giveUpAfter: "36500 days",
  policy: { attempts: 1, attemptTimeout: "30 seconds", statusReads: 1, statusTimeout: "500 millis", deadline: "1 minute" }
})

export const workflows = (wait: "1 hour" | "50 millis") => ({
  Stripe: CancelWorkflow.make("Stripe", Stripe, options(wait)),
  Adyen: CancelWorkflow.make("Adyen", Adyen, options(wait))
})

export const providers = Layer.orDie(Layer.mergeAll(
  Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey), baseUrl: Sandbox.baseUrl("Stripe") }),
  Adyen.layer({
    apiKey: Redacted.make(Sandbox.credentials.Adyen.apiKey),
    merchantAccount: Sandbox.credentials.Adyen.merchantAccount,
    baseUrl: Sandbox.baseUrl("Adyen")
  })
))

export const requestId = "journal"

/** The payment whose cancel is under way, whose answer was lost, which was accepted, and which is cancelled. */
export const payments = { inFlight: "pi_in_flight", lost: "pi_lost", accepted: "PSP_ACCEPTED", ended: "pi_ended" } as const
