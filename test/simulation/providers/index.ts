/**
 * Whose cancels are played: every operation of every provider, and every kind of credentials
 * where they decide which call is made.
 */
import type { Facts } from "../facts.js"
import * as Adyen from "./Adyen.js"
import * as Square from "./Square.js"
import * as Stripe from "./Stripe.js"
import * as WalletConnectPay from "./WalletConnectPay.js"
import * as WePay from "./WePay.js"

const providers = {
  "WePay": WePay.cancelPayment,
  "WalletConnectPay, API key": WalletConnectPay.cancelWithApiKey,
  "WalletConnectPay, app": WalletConnectPay.cancelAsApp,
  "WalletConnectPay, merchant": WalletConnectPay.cancelAsMerchant,
  "Stripe": Stripe.cancelPaymentIntent,
  "Square": Square.cancelPayment,
  "Square, by creation key": Square.cancelByCreationKey,
  "Adyen": Adyen.cancelPayment,
  "Adyen, by merchant reference": Adyen.cancelByMerchantReference,
  "Adyen, cancel or refund": Adyen.cancelOrRefund
} as const satisfies { readonly [name: string]: Facts }

export type ProviderName = keyof typeof providers

/** The more a provider's rules distinguish, the more often it is played. */
export const weights: readonly [readonly [number, ProviderName], ...ReadonlyArray<readonly [number, ProviderName]>] = [
  [4, "WePay"],
  [2, "WalletConnectPay, API key"],
  [1, "WalletConnectPay, app"],
  [2, "WalletConnectPay, merchant"],
  [4, "Stripe"],
  [3, "Square"],
  [1, "Square, by creation key"],
  [3, "Adyen"],
  [2, "Adyen, by merchant reference"],
  [2, "Adyen, cancel or refund"]
]

export const factsOf = (name: ProviderName): Facts => providers[name]
