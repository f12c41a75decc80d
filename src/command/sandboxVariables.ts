/**
 * The variables with which the library's `layerConfig` reaches the sandbox, by provider.
 *
 * @since 0.1.0
 */
import * as Sandbox from "../sandbox/Sandbox.js"

const { credentials } = Sandbox

const variables: { readonly [P in Sandbox.Provider]: (baseUrl: string) => { readonly [variable: string]: string } } = {
  Adyen: (baseUrl) => ({
    ADYEN_API_KEY: credentials.Adyen.apiKey,
    ADYEN_MERCHANT_ACCOUNT: credentials.Adyen.merchantAccount,
    ADYEN_BASE_URL: baseUrl
  }),
  Airwallex: (baseUrl) => ({
    AIRWALLEX_CLIENT_ID: credentials.Airwallex.clientId,
    AIRWALLEX_API_KEY: credentials.Airwallex.apiKey,
    AIRWALLEX_BASE_URL: baseUrl
  }),
  AuthorizeNet: (baseUrl) => ({
    AUTHORIZE_NET_API_LOGIN_ID: credentials.AuthorizeNet.apiLoginId,
    AUTHORIZE_NET_TRANSACTION_KEY: credentials.AuthorizeNet.transactionKey,
    AUTHORIZE_NET_BASE_URL: baseUrl
  }),
  Braintree: (baseUrl) => ({
    BRAINTREE_MERCHANT_ID: "sandbox_merchant",
    BRAINTREE_PUBLIC_KEY: credentials.Braintree.publicKey,
    BRAINTREE_PRIVATE_KEY: credentials.Braintree.privateKey,
    BRAINTREE_BASE_URL: baseUrl
  }),
  CheckoutCom: (baseUrl) => ({
    CHECKOUT_COM_SECRET_KEY: credentials.CheckoutCom.secretKey,
    CHECKOUT_COM_BASE_URL: baseUrl
  }),
  GoCardless: (baseUrl) => ({
    GOCARDLESS_ACCESS_TOKEN: credentials.GoCardless.accessToken,
    GOCARDLESS_BASE_URL: baseUrl
  }),
  Klarna: (baseUrl) => ({
    KLARNA_USERNAME: credentials.Klarna.username,
    KLARNA_PASSWORD: credentials.Klarna.password,
    KLARNA_BASE_URL: baseUrl
  }),
  Mollie: (baseUrl) => ({
    MOLLIE_API_KEY: credentials.Mollie.apiKey,
    MOLLIE_BASE_URL: baseUrl
  }),
  PayPal: (baseUrl) => ({
    PAYPAL_CLIENT_ID: credentials.PayPal.clientId,
    PAYPAL_CLIENT_SECRET: credentials.PayPal.clientSecret,
    PAYPAL_BASE_URL: baseUrl
  }),
  Square: (baseUrl) => ({
    SQUARE_ACCESS_TOKEN: credentials.Square.accessToken,
    SQUARE_BASE_URL: baseUrl
  }),
  Stripe: (baseUrl) => ({
    STRIPE_API_KEY: credentials.Stripe.apiKey,
    STRIPE_BASE_URL: baseUrl
  }),
  WalletConnectPay: (baseUrl) => ({
    WALLETCONNECT_PAY_API_KEY: credentials.WalletConnectPay.apiKey,
    WALLETCONNECT_PAY_MERCHANT_ID: credentials.WalletConnectPay.merchantId,
    WALLETCONNECT_PAY_BASE_URL: baseUrl
  }),
  WePay: (baseUrl) => ({
    WEPAY_APP_ID: credentials.WePay.appId,
    WEPAY_APP_TOKEN: credentials.WePay.appToken,
    WEPAY_BASE_URL: baseUrl
  })
}

/** Credentials that work nowhere else, and where the provider is emulated. */
export const variablesOf = (provider: Sandbox.Provider, baseUrl: string): ReadonlyArray<readonly [variable: string, value: string]> =>
  Object.entries(variables[provider](baseUrl))
