/**
 * Cancels of a shop that is written with promises: at several providers, in plain values, with a log
 * and webhooks of its own. Nothing that leaves this module is Effect's.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Duration, Effect, Layer, Logger, ManagedRuntime, Option, Redacted } from "effect"
import { Adyen, Canceller, CancelPolicy, type Notification, PayPal, Stripe, Webhook } from "effect-payment-cancel"
import type { IncomingHttpHeaders } from "node:http"

// #region providers
/** Everything that is logged goes to the shop's own log, here to the console as JSON. */
const logger = Logger.replace(
  Logger.defaultLogger,
  Logger.make(({ logLevel, message }) => console.log(JSON.stringify({ level: logLevel.label, message })))
)

const policy = CancelPolicy.interactive

const runtime = ManagedRuntime.make(
  Layer.mergeAll(Adyen.layerConfig({ policy }), PayPal.layerConfig({ policy }), Stripe.layerConfig({ policy })).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.merge(logger)
  )
)

/** Each request names its provider. */
const payments = Canceller.router({ Adyen, PayPal, Stripe })

export const close = (): Promise<void> => runtime.dispose()
// #endregion

// #region values
/** What became of a cancel, as a table or an answer holds it. */
export interface Result {
  readonly outcome: "Cancelled" | "Accepted" | "NotCancelled" | "Unknown"
  /** What the webhook will bear that says what became of it; null unless it was accepted. */
  readonly reference: string | null
  /** What happened, for a person; null unless it is an error. */
  readonly message: string | null
  /** What kind of error it is: what to answer goes by this. */
  readonly category: string | null
  /** The provider's own status, where it was read. */
  readonly paymentStatus: string | null
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfter: number | null
  /** The error as JSON, of which a later call learns what may be sent again. */
  readonly error: string | null
}

const nothing = { reference: null, message: null, category: null, paymentStatus: null, retryAfter: null, error: null }

export const cancelOrder = (request: {
  readonly provider: "Adyen" | "PayPal" | "Stripe"
  readonly paymentId: string
  readonly idempotencyKey: string
}): Promise<Result> =>
  runtime.runPromise(Effect.match(payments.cancel(request), {
    onSuccess: (success): Result =>
      success._tag === "CancellationAccepted"
        ? { ...nothing, outcome: "Accepted", reference: success.receipt.reference }
        : { ...nothing, outcome: "Cancelled" },
    onFailure: (error): Result => ({
      outcome: error.outcome,
      reference: null,
      message: error.message,
      category: error.category,
      // What may be missing is an `Option`, which is never null itself.
      paymentStatus: Option.getOrNull(Option.map(error.paymentStatus, String)),
      retryAfter: Option.getOrNull(Option.map(error.retryAfter, Duration.toMillis)),
      error: JSON.stringify(error)
    })
  }))
// #endregion

// #region webhooks
/** What a webhook says, once it is verified. */
export interface Told {
  readonly provider: string
  readonly paymentId: string
  readonly reference: string | null
  readonly decision: "Cancelled" | "Refunded" | "Declined"
  readonly notificationId: string
}

/** Stores it. Where this rejects, the provider is answered with a 500, and delivers again. */
const keep = (store: (told: Told) => Promise<void>) => (notification: Notification.CancelNotification<"Adyen"> | PayPal.CancelNotification | Stripe.CancelNotification) =>
  Effect.tryPromise(() =>
    store({
      provider: notification.provider,
      paymentId: notification.paymentId,
      reference: Option.getOrNull(notification.reference),
      decision: notification.decision,
      notificationId: notification.notificationId
    })
  )

const secretIn = (variable: string) => Redacted.make(process.env[variable] ?? "")

/**
 * Receives webhooks: `const receive = receiver(store)`, made once. The body is as it came:
 * `express.raw({ type: () => true })` in Express, a parser of buffers in Fastify.
 */
export const receiver = (store: (told: Told) => Promise<void>) => {
  const handlers = {
    Adyen: Webhook.webHandler({ verify: Adyen.notification, secret: secretIn("ADYEN_HMAC_KEY") }, keep(store)),
    // Not signed in a way that proves anything: PayPal itself is asked.
    PayPal: Webhook.webHandler({ ask: PayPal.notificationById }, keep(store)),
    Stripe: Webhook.webHandler({ verify: Stripe.notification, secret: secretIn("STRIPE_WEBHOOK_SECRET") }, keep(store))
  }
  return (provider: "Adyen" | "PayPal" | "Stripe", body: Uint8Array, headers: IncomingHttpHeaders): Promise<Response> => {
    const own = new Headers()
    for (const [name, values] of Object.entries(headers)) {
      for (const value of [values ?? []].flat()) own.append(name, value)
    }
    return runtime.runPromise(handlers[provider](new Request("http://localhost/", { method: "POST", headers: own, body })))
  }
}
// #endregion
