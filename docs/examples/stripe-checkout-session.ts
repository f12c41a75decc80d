/**
 * An order that is called off before it is paid, whether its payer was sent to Stripe's own checkout page or not.
 */
import { Effect, Option } from "effect"
import { Stripe } from "effect-payment-cancel"

/** What the shop keeps of an order. */
export interface Order {
  readonly paymentIntent: string
  readonly checkoutSession: Option.Option<string>
}

// #region expire
/**
 * A PaymentIntent that belongs to a session is cancelled by ending the session, unless its money is
 * held already. If the session has been paid, perhaps just now, what happened to the money says the
 * PaymentIntent: what is held is released after all, and otherwise the error is the one about it.
 */
export const callOff = ({ checkoutSession, paymentIntent }: Order) =>
  Stripe.cancel({ paymentId: paymentIntent }).pipe(
    Effect.catchTag("Stripe.PaymentIntentUnexpectedState", (refused) =>
      Option.match(Option.filter(checkoutSession, () => !Option.contains(refused.paymentStatus, "succeeded")), {
        onNone: () => Effect.fail(refused),
        onSome: (paymentId) =>
          Stripe.expireCheckoutSession({ paymentId }).pipe(
            Effect.catchIf(
              (error) => Option.contains(error.paymentStatus, "complete"),
              () => Stripe.cancel({ paymentId: paymentIntent })
            )
          )
      }))
  )
// #endregion
