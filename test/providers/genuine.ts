/**
 * Each provider's notification that a payment is cancelled, signed with one key and in time.
 */
import { Adyen, type Notification, Stripe, WalletConnectPay } from "effect-payment-cancel"
import type * as Effect from "effect/Effect"
import { createHmac } from "node:crypto"

/** UNIX seconds. */
export const now = 1_700_000_000

const key = "0123456789abcdef0123456789abcdef"

export const hmac = (text: string) => createHmac("sha256", key).update(text)

export interface Case {
  readonly notification: (
    incoming: Notification.Incoming,
    verification: Notification.Verification
  ) => Effect.Effect<{ readonly paymentId: string }, Notification.NotificationError>
  readonly secret: string
  readonly body: string
  readonly headers: { readonly [name: string]: string }
}

export const genuine = (
  paymentId: string
): { readonly [Provider in "Adyen" | "Stripe" | "WalletConnectPay"]: Case } => {
  const adyen = JSON.stringify({
    notificationItems: [{
      NotificationRequestItem: {
        pspReference: "M-1",
        originalReference: paymentId,
        merchantAccountCode: "shop",
        merchantReference: "order-1",
        amount: { value: 1000, currency: "EUR" },
        eventCode: "CANCELLATION",
        eventDate: "2023-11-14T22:13:20Z",
        success: "true",
        additionalData: { hmacSignature: hmac(`M-1:${paymentId}:shop:order-1:1000:EUR:CANCELLATION:true`).digest("base64") }
      }
    }]
  })
  const stripe = JSON.stringify({
    id: "evt_1",
    type: "payment_intent.canceled",
    data: { object: { id: paymentId, status: "canceled" } }
  })
  const walletConnectPay = JSON.stringify({
    id: "evt_1",
    type: "payment.cancelled",
    data: { payment_id: paymentId, status: "cancelled" }
  })
  return {
    Adyen: { notification: Adyen.notification, secret: Buffer.from(key).toString("hex"), body: adyen, headers: {} },
    Stripe: {
      notification: Stripe.notification,
      secret: key,
      body: stripe,
      headers: { "stripe-signature": `t=${now},v1=${hmac(`${now}.${stripe}`).digest("hex")}` }
    },
    WalletConnectPay: {
      notification: WalletConnectPay.notification,
      secret: `whsec_${Buffer.from(key).toString("base64")}`,
      body: walletConnectPay,
      headers: {
        "svix-id": "msg_1",
        "svix-timestamp": String(now),
        "svix-signature": `v1,${hmac(`msg_1.${now}.${walletConnectPay}`).digest("base64")}`
      }
    }
  }
}
