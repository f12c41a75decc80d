/**
 * A Stripe webhook that receives events of live mode, test mode and connected accounts.
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import { Config, Context, Effect, Option } from "effect"
import { Stripe, Webhook } from "effect-payment-cancel"

/** The shop's own record of cancelled payments. Use a table of your database. */
export class Cancelled extends Context.Tag("Cancelled")<Cancelled, {
  readonly record: (paymentId: string, account: string) => Effect.Effect<void>
}>() {}

// #region handle
/** Records what was cancelled in live mode, for the account it belongs to. Test events are ignored. */
export const handle = (notification: Stripe.CancelNotification) =>
  Option.contains(notification.livemode, true)
    ? Effect.flatMap(Cancelled, ({ record }) =>
      record(notification.paymentId, Option.getOrElse(notification.account, () => "our own")))
    : Effect.void

export const webhooks = HttpRouter.empty.pipe(
  HttpRouter.post(
    "/webhooks/stripe",
    Effect.flatMap(Config.redacted("STRIPE_WEBHOOK_SECRET"), (secret) =>
      Webhook.httpApp({ verify: Stripe.notification, secret }, handle))
  )
)
// #endregion
