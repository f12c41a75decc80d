/**
 * A cancel at Checkout.com that was only accepted, and the webhook that says what became of it.
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import { Config, Context, Effect, Option, Schema } from "effect"
import { CheckoutCom, Webhook } from "effect-payment-cancel"

// #region pair
/** A table of the shop's: a row for each reference, and in it what has come so far. */
export class Voids extends Context.Tag("Voids")<Voids, {
  readonly accept: (reference: string, accepted: string) => Effect.Effect<void>
  readonly tell: (reference: string, notification: string) => Effect.Effect<void>
}>() {}

/** What is in a row: each part as its schema writes it. */
const Accepted = Schema.parseJson(CheckoutCom.Cancellation)
const Told = Schema.parseJson(CheckoutCom.CancelNotification)

/** Only what was accepted waits for a webhook, and only that has a receipt. */
const keepAccepted = (cancellation: CheckoutCom.Cancellation) =>
  cancellation._tag === "CancellationAccepted"
    ? Effect.all([Voids, Schema.encode(Accepted)(cancellation)]).pipe(
      Effect.flatMap(([voids, accepted]) => voids.accept(cancellation.receipt.reference, accepted)),
      Effect.orDie
    )
    : Effect.void

export const cancelPayment = (paymentId: string) =>
  Effect.uninterruptibleMask((restore) => Effect.tap(restore(CheckoutCom.cancel({ paymentId })), keepAccepted))

/** The first notification of a row should be kept: the same event may arrive many times. */
const keepTold = (notification: CheckoutCom.CancelNotification) =>
  Option.match(notification.reference, {
    // Checkout.com always names the cancel that it is about.
    onNone: () => Effect.void,
    onSome: (reference) =>
      Effect.all([Voids, Schema.encode(Told)(notification)]).pipe(
        Effect.flatMap(([voids, told]) => voids.tell(reference, told)),
        Effect.orDie
      )
  })

export const webhooks = HttpRouter.empty.pipe(
  HttpRouter.post(
    "/webhooks/checkout-com",
    Effect.flatMap(Config.redacted("CHECKOUT_COM_SIGNATURE_KEY"), (secret) =>
      Webhook.httpApp({ verify: CheckoutCom.notification, secret }, keepTold))
  )
)

/** What a row with both parts comes to. */
export const outcome = (row: { readonly accepted: string; readonly notification: string }) =>
  Effect.all([Schema.decode(Accepted)(row.accepted), Schema.decode(Told)(row.notification)]).pipe(
    Effect.map(([accepted, notification]) =>
      accepted._tag === "CancellationAccepted" ? CheckoutCom.confirm(accepted, notification) : accepted)
  )
// #endregion
