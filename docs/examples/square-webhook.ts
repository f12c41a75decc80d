/**
 * A Square webhook for the payments of all sellers that have authorized the application.
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import { Config, Context, Effect, Option } from "effect"
import { Square, Webhook } from "effect-payment-cancel"

/** The shop's own record of cancelled payments. Use a table of your database. */
export class Cancelled extends Context.Tag("Cancelled")<Cancelled, {
  readonly record: (paymentId: string, merchantId: string) => Effect.Effect<void>
}>() {}

// #region handle
/** Where the subscription at Square says that its webhooks go, letter by letter. */
const settings = Config.all({
  notificationUrl: Config.nonEmptyString("SQUARE_NOTIFICATION_URL"),
  secret: Config.redacted("SQUARE_WEBHOOK_SIGNATURE_KEY")
})

export const webhooks = HttpRouter.empty.pipe(
  HttpRouter.post(
    "/webhooks/square",
    Effect.flatMap(settings, ({ notificationUrl, secret }) =>
      Webhook.httpApp(
        { verify: (incoming, given) => Square.notification(incoming, { ...given, notificationUrl }), secret },
        ({ merchantId, paymentId }) =>
          Effect.flatMap(Cancelled, ({ record }) => record(paymentId, Option.getOrElse(merchantId, () => "not said")))
      ))
  )
)
// #endregion
