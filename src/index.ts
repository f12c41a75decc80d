/**
 * Cancel a payment, correctly.
 *
 * @since 0.1.0
 */
export * as Cancel from "./Cancel.js"
export * as CancelError from "./CancelError.js"
export * as CancelEvent from "./CancelEvent.js"
export * as CancelMany from "./CancelMany.js"
export * as CancelPolicy from "./CancelPolicy.js"
export * as Cancellation from "./Cancellation.js"
export * as Canceller from "./Canceller.js"
export * as IdempotencyKey from "./IdempotencyKey.js"
export * as Notification from "./Notification.js"
export * as Telemetry from "./Telemetry.js"
export * as Webhook from "./Webhook.js"
export * as Adyen from "./providers/Adyen/index.js"
export * as Airwallex from "./providers/Airwallex/index.js"
export * as AuthorizeNet from "./providers/AuthorizeNet/index.js"
export * as Braintree from "./providers/Braintree/index.js"
export * as CheckoutCom from "./providers/CheckoutCom/index.js"
export * as GoCardless from "./providers/GoCardless/index.js"
export * as Klarna from "./providers/Klarna/index.js"
export * as Mollie from "./providers/Mollie/index.js"
export * as PayPal from "./providers/PayPal/index.js"
export * as Square from "./providers/Square/index.js"
export * as Stripe from "./providers/Stripe/index.js"
export * as WalletConnectPay from "./providers/WalletConnectPay/index.js"
export * as WePay from "./providers/WePay/index.js"
