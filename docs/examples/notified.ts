/**
 * A webhook that says of which payment, and not of which cancel: what to do with it.
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import { Config, Effect, Ref } from "effect"
import { GoCardless, type Notification, PayPal, Webhook } from "effect-payment-cancel"

// #region table
type State = "Open" | "Unsettled" | "Cancelled"

interface Table {
  readonly payments: { readonly [payment: string]: State }
  readonly known: ReadonlyArray<string>
}

type Told = "Repeated" | "NotOurs" | "Settled" | "CancelledElsewhere" | "NothingNew"

const news: { readonly [S in State]: Told } = {
  // The cancel whose outcome is `Unknown`: this is the proof that it lacked.
  Unsettled: "Settled",
  Open: "CancelledElsewhere",
  Cancelled: "NothingNew"
}

/** The shop's payments, and the notifications that it knows. Use two tables of your database instead. */
export class Payments extends Effect.Service<Payments>()("Payments", {
  effect: Effect.map(Ref.make<Table>({ payments: {}, known: [] }), (table) => ({
    /** `Unsettled` is written before a cancel is sent, and stays if its outcome is `Unknown`. */
    mark: (provider: string, paymentId: string, state: State) =>
      Ref.update(table, (old) => ({ ...old, payments: { ...old.payments, [`${provider} ${paymentId}`]: state } })),
    state: (provider: string, paymentId: string) =>
      Effect.map(Ref.get(table), ({ payments }) => payments[`${provider} ${paymentId}`]),
    /** In one transaction: else a crash in between would lose what it tells, or tell it twice. */
    tell: ({ decision, notificationId, paymentId, provider }: Notification.CancelNotification<string>): Effect.Effect<Told> =>
      Ref.modify(table, (old): readonly [Told, Table] => {
        const notification = `${provider} ${notificationId}`
        if (old.known.includes(notification)) return ["Repeated", old]
        const payment = `${provider} ${paymentId}`
        const state = old.payments[payment]
        const known = [...old.known, notification]
        // Adyen and Checkout.com also tell of cancels that were declined.
        if (decision !== "Cancelled") return ["NothingNew", { ...old, known }]
        return state === undefined
          ? ["NotOurs", { ...old, known }]
          : [news[state], { payments: { ...old.payments, [payment]: "Cancelled" }, known }]
      })
  }))
}) {}
// #endregion

// #region handle
/** Acknowledged when the transaction is committed. What takes longer is done afterwards, by what `tell` says. */
const keep = (notification: Notification.CancelNotification<string>) =>
  Effect.flatMap(Payments, (payments) => payments.tell(notification)).pipe(
    Effect.flatMap((told) => Effect.log(`${notification.provider} ${notification.paymentId}: ${told}`))
  )

export const webhooks = HttpRouter.empty.pipe(
  HttpRouter.post(
    "/webhooks/gocardless",
    Effect.flatMap(Config.redacted("GOCARDLESS_WEBHOOK_SECRET"), (secret) =>
      Webhook.httpApp({ verify: GoCardless.notifications, secret }, keep))
  ),
  // Nobody signs it: PayPal is asked. It needs PayPal's layer.
  HttpRouter.post("/webhooks/paypal", Webhook.httpApp({ ask: PayPal.notificationById }, keep))
)
// #endregion
