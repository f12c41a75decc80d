/**
 * Every provider the sandbox can emulate. To add a provider, add one file beside this one:
 * `npm run docs:generate` writes the lines below.
 *
 * @since 0.1.0
 */
export { Adyen } from "./Adyen.js"
export { Airwallex } from "./Airwallex.js"
export { AuthorizeNet } from "./AuthorizeNet.js"
export { Braintree } from "./Braintree.js"
export { CheckoutCom } from "./CheckoutCom.js"
export { GoCardless } from "./GoCardless.js"
export { Klarna } from "./Klarna.js"
export { Mollie } from "./Mollie.js"
export { PayPal } from "./PayPal.js"
export { Square } from "./Square.js"
export { Stripe } from "./Stripe.js"
export { WalletConnectPay } from "./WalletConnectPay.js"
export { WePay } from "./WePay.js"
