/** Every provider. `npm run docs:generate` writes the lines below. */
import * as Adyen from "../../providers/Adyen/index.js"
import * as Airwallex from "../../providers/Airwallex/index.js"
import * as AuthorizeNet from "../../providers/AuthorizeNet/index.js"
import * as Braintree from "../../providers/Braintree/index.js"
import * as CheckoutCom from "../../providers/CheckoutCom/index.js"
import * as GoCardless from "../../providers/GoCardless/index.js"
import * as Klarna from "../../providers/Klarna/index.js"
import * as Mollie from "../../providers/Mollie/index.js"
import * as PayPal from "../../providers/PayPal/index.js"
import * as Square from "../../providers/Square/index.js"
import * as Stripe from "../../providers/Stripe/index.js"
import * as WalletConnectPay from "../../providers/WalletConnectPay/index.js"
import * as WePay from "../../providers/WePay/index.js"
import type * as Sandbox from "../../sandbox/Sandbox.js"
import { define, type Provider } from "./definition.js"

export const definitions: { readonly [P in Sandbox.Provider]: Provider } = {
  Adyen: define("Adyen", Adyen),
  Airwallex: define("Airwallex", Airwallex),
  AuthorizeNet: define("AuthorizeNet", AuthorizeNet),
  Braintree: define("Braintree", Braintree),
  CheckoutCom: define("CheckoutCom", CheckoutCom),
  GoCardless: define("GoCardless", GoCardless),
  Klarna: define("Klarna", Klarna),
  Mollie: define("Mollie", Mollie),
  PayPal: define("PayPal", PayPal),
  Square: define("Square", Square),
  Stripe: define("Stripe", Stripe),
  WalletConnectPay: define("WalletConnectPay", WalletConnectPay),
  WePay: define("WePay", WePay)
}
