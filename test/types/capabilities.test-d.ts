/**
 * What a provider cannot do does not compile.
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpRouter from "@effect/platform/HttpRouter"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as PlatformHeaders from "@effect/platform/Headers"
import { describe, expectTypeOf, it } from "vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Adyen, Airwallex, AuthorizeNet, Braintree, Canceller, CheckoutCom, GoCardless, Klarna, Mollie, Notification, PayPal, Square, Stripe, WalletConnectPay, Webhook, WePay } from "effect-payment-cancel"
import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
import type { IncomingHttpHeaders as IncomingHttpHeaders2 } from "node:http2"

declare const secret: Redacted.Redacted<string>
declare const incoming: Notification.Incoming

describe("reasons", () => {
  it("are what the provider takes", () => {
    WePay.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error WePay requires one
    WePay.cancel({ paymentId: "p" })
    Stripe.cancel({ paymentId: "p" })
    Stripe.cancel({ paymentId: "p", reason: "duplicate" })
    // @ts-expect-error Stripe takes one of four
    Stripe.cancel({ paymentId: "p", reason: "in words" })
    Airwallex.cancel({ paymentId: "p" })
    Airwallex.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error Adyen has no field for it
    Adyen.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has Authorize.net
    AuthorizeNet.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has Checkout.com
    CheckoutCom.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has Braintree
    Braintree.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has GoCardless
    GoCardless.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has Mollie
    Mollie.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has Klarna
    Klarna.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has Square
    Square.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has PayPal
    PayPal.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has WalletConnect Pay
    WalletConnectPay.cancel({ paymentId: "p", reason: "in words" })
    Canceller.cancel({ paymentId: "p", reason: "in words" })
  })
})

describe("accounts", () => {
  it("are named in the request where the provider can act for several with one key", () => {
    Stripe.cancel({ paymentId: "p", account: "acct_1" })
    Stripe.status({ paymentId: "p", account: "acct_1" })
    Adyen.cancel({ paymentId: "p", merchantAccount: "Shop" })
    Adyen.cancelByMerchantReference({ merchantReference: "r", merchantAccount: "Shop" })
    Adyen.cancelOrRefund({ paymentId: "p", merchantAccount: "Shop" })
    const payments = Canceller.router({ Adyen, Square, Stripe })
    payments.cancel({ provider: "Stripe", paymentId: "p", account: "acct_1" })
    payments.status({ provider: "Stripe", paymentId: "p", account: "acct_1" })
    payments.cancel({ provider: "Adyen", paymentId: "p", merchantAccount: "Shop" })
    // @ts-expect-error an account of Stripe's is none of Adyen's
    payments.cancel({ provider: "Adyen", paymentId: "p", account: "acct_1" })
    // @ts-expect-error Square's is in its access token
    payments.cancel({ provider: "Square", paymentId: "p", account: "a" })
    // @ts-expect-error WePay's is known by the payment
    WePay.cancel({ paymentId: "p", reason: "in words", account: "a" })
    // @ts-expect-error WalletConnect Pay's is one with its key
    WalletConnectPay.cancel({ paymentId: "p", merchantId: "m" })
    // @ts-expect-error the neutral cancel knows no provider's fields
    Canceller.cancel({ paymentId: "p", account: "acct_1" })
  })
})

describe("how a payment is named", () => {
  it("is by id everywhere, and otherwise where the provider can", () => {
    Adyen.cancelByMerchantReference({ merchantReference: "m" })
    Square.cancelByCreationKey({ creationKey: "k" })
    // @ts-expect-error Adyen knows no creation keys
    void Adyen.cancelByCreationKey
    // @ts-expect-error Square knows no merchant references
    void Square.cancelByMerchantReference
    // @ts-expect-error Authorize.net cancels by id
    void AuthorizeNet.cancelByMerchantReference
    // @ts-expect-error Checkout.com cancels by id
    void CheckoutCom.cancelByMerchantReference
    // @ts-expect-error Stripe cancels by id
    void Stripe.cancelByMerchantReference
    // @ts-expect-error and by nothing else
    void Stripe.cancelByCreationKey
    // @ts-expect-error so does WalletConnect Pay
    void WalletConnectPay.cancelByMerchantReference
    // @ts-expect-error so does Mollie
    void Mollie.cancelByMerchantReference
    // @ts-expect-error so does Klarna
    void Klarna.cancelByMerchantReference
    // @ts-expect-error so does PayPal
    void PayPal.cancelByMerchantReference
    // @ts-expect-error so does Airwallex
    void Airwallex.cancelByMerchantReference
    // @ts-expect-error so does WePay
    void WePay.cancelByMerchantReference
    // @ts-expect-error what only some can is not on the neutral service
    void Canceller.cancelByMerchantReference
  })
})

describe("a status query", () => {
  it("has no Adyen", () => {
    Airwallex.status({ paymentId: "p" })
    AuthorizeNet.status({ paymentId: "p" })
    CheckoutCom.status({ paymentId: "p" })
    Braintree.status({ paymentId: "p" })
    GoCardless.status({ paymentId: "p" })
    Klarna.status({ paymentId: "p" })
    Mollie.status({ paymentId: "p" })
    PayPal.status({ paymentId: "p" })
    Square.status({ paymentId: "p" })
    Stripe.status({ paymentId: "p" })
    WalletConnectPay.status({ paymentId: "p" })
    WePay.status({ paymentId: "p" })
    // @ts-expect-error it tells by webhook
    void Adyen.status
  })
})

describe("a refund", () => {
  it("comes of Adyen's reversal only, and of nothing neutral", () => {
    Adyen.cancelOrRefund({ paymentId: "p" })
    // @ts-expect-error it is called at its provider
    void Canceller.cancelOrRefund
    // @ts-expect-error Stripe has none
    void Stripe.cancelOrRefund
    // @ts-expect-error nor has Square
    void Square.cancelOrRefund
  })
})

describe("webhooks", () => {
  it("are read where they are known", () => {
    Adyen.notification(incoming, { secret })
    AuthorizeNet.notification(incoming, { secret })
    CheckoutCom.notification(incoming, { secret })
    Stripe.notification(incoming, { secret: [secret, secret], tolerance: "1 minute" })
    WalletConnectPay.notification(incoming, { secret })
    Square.notification(incoming, { secret, notificationUrl: "https://shop.example/webhooks/square" })
    // @ts-expect-error Square signs the address as well
    Square.notification(incoming, { secret })
    // @ts-expect-error a secret is Redacted
    Stripe.notification(incoming, { secret: "whsec_shown" })
    // @ts-expect-error a tolerance is a duration
    Stripe.notification(incoming, { secret, tolerance: "soon" })
    GoCardless.notifications(incoming, { secret, onUnusable: ({ answer }) => Effect.log(answer) })
    // @ts-expect-error GoCardless's hold lists
    void GoCardless.notification
    // @ts-expect-error none is known of WePay
    void WePay.notification
    // @ts-expect-error nor of Braintree
    void Braintree.notification
    // @ts-expect-error nor of Klarna
    void Klarna.notification
  })
  it("are read from whatever a framework has, without a cast", () => {
    const verification = { secret }
    const bodies = {} as
      | string
      | Buffer
      | Uint8Array
      | Uint8Array<ArrayBuffer>
      | ArrayBuffer
      | SharedArrayBuffer
      | DataView
      | Float64Array
    const headers = {} as
      | IncomingHttpHeaders
      | IncomingHttpHeaders2
      | IncomingMessage["headers"]
      | IncomingMessage["headersDistinct"]
      | Headers
      | Request["headers"]
      | PlatformHeaders.Headers
      | HttpServerRequest.HttpServerRequest["headers"]
      | Map<string, string>
      | Record<string, string>
      | Record<string, string | undefined>
      | Partial<Record<string, string | string[]>>
      | { "stripe-signature": string }
      | { readonly "svix-id"?: string }
    for (const notification of [Adyen.notification, AuthorizeNet.notification, CheckoutCom.notification, Stripe.notification, WalletConnectPay.notification]) {
      notification({ body: bodies, headers }, verification)
    }
    // @ts-expect-error a body that was parsed is none
    Stripe.notification({ body: { id: "evt_1" }, headers }, verification)
    // @ts-expect-error nor is what may not be there
    Stripe.notification({ body: {} as string | undefined, headers }, verification)
    // @ts-expect-error a header is text
    Stripe.notification({ body: bodies, headers: { "stripe-signature": 7 } }, verification)
  })
  it("carry at Stripe whose it is", () => {
    expectTypeOf<Effect.Effect.Success<ReturnType<typeof Stripe.notification>>>().toEqualTypeOf<Stripe.CancelNotification>()
    expectTypeOf<Stripe.CancelNotification["livemode"]>().toEqualTypeOf<Option.Option<boolean>>()
    expectTypeOf<Stripe.CancelNotification["account"]>().toEqualTypeOf<Option.Option<string>>()
    expectTypeOf<Stripe.CancelNotification>().toExtend<Notification.CancelNotification<"Stripe">>()
    expectTypeOf(Stripe.CancelNotification.Type).toExtend<Stripe.CancelNotification>()
    // @ts-expect-error Adyen has no connected accounts
    void ({} as Notification.CancelNotification<"Adyen">).account
  })
  it("of GoCardless are a list that is not empty", () => {
    type Told = Effect.Effect.Success<ReturnType<typeof GoCardless.notifications>>
    expectTypeOf<Told>().toEqualTypeOf<readonly [GoCardless.CancelNotification, ...ReadonlyArray<GoCardless.CancelNotification>]>()
    expectTypeOf(GoCardless.CancelNotification.Type).toExtend<GoCardless.CancelNotification>()
    expectTypeOf<GoCardless.CancelNotification>().toExtend<Notification.CancelNotification<"GoCardless">>()
  })
  it("say what to answer where they are of no use", () => {
    expectTypeOf<Notification.InvalidSignature["answer"]>().toEqualTypeOf<"Refuse">()
    expectTypeOf<Notification.NotACancellation["answer"]>().toEqualTypeOf<"Acknowledge">()
    expectTypeOf<Notification.MalformedNotification["answer"]>().toEqualTypeOf<"Acknowledge" | "Refuse">()
    expectTypeOf<Notification.TimestampOutOfTolerance["answer"]>().toEqualTypeOf<"Acknowledge" | "Refuse">()
  })
  it("are mounted with what their handlers need, and fail with nothing", () => {
    class Store extends Context.Tag("Store")<Store, { readonly put: (id: string) => Effect.Effect<void, "full"> }>() {}
    class Alarm extends Context.Tag("Alarm")<Alarm, { readonly ring: Effect.Effect<void> }>() {}
    const report = () => Effect.flatMap(Alarm, ({ ring }) => ring)
    const put = ({ account, paymentId }: Stripe.CancelNotification) =>
      Effect.flatMap(Store, (store) => store.put(`${Option.getOrElse(account, () => "")} ${paymentId}`))
    const options = { verify: Stripe.notification, secret }
    expectTypeOf(Webhook.httpApp(options, put)).toEqualTypeOf<HttpApp.Default<never, Store | Scope.Scope>>()
    expectTypeOf(Webhook.httpApp({ ...options, report }, put)).toEqualTypeOf<HttpApp.Default<never, Store | Alarm | Scope.Scope>>()
    expectTypeOf(Webhook.webHandler(options, put)).toEqualTypeOf<(request: Request) => Effect.Effect<Response, never, Store>>()
    expectTypeOf(Webhook.webHandler({ ...options, report }, put)).returns
      .toEqualTypeOf<Effect.Effect<Response, never, Store | Alarm>>()
    expectTypeOf(HttpRouter.empty.pipe(HttpRouter.post("/", Webhook.httpApp(options, put))))
      .toEqualTypeOf<HttpRouter.HttpRouter<never, Store>>()
    Webhook.httpApp(options, ({ account, decision, livemode }) => Effect.log(account, decision, livemode))
    const each = ({ organisation, paymentId }: GoCardless.CancelNotification) => Effect.log(organisation, paymentId)
    expectTypeOf(Webhook.httpApp({ verify: GoCardless.notifications, secret, report }, each))
      .toEqualTypeOf<HttpApp.Default<never, Alarm | Scope.Scope>>()
    Webhook.httpApp({ verify: GoCardless.notifications, secret }, ({ origin }) => Effect.log(origin))
    // @ts-expect-error it is called with one of them after the other
    Webhook.httpApp({ verify: GoCardless.notifications, secret }, ([first]) => Effect.log(first))
    // @ts-expect-error a secret is Redacted
    Webhook.httpApp({ verify: Stripe.notification, secret: "whsec_shown" }, put)
    // @ts-expect-error of another provider's notification
    Webhook.httpApp({ verify: Adyen.notification, secret }, put)
    // @ts-expect-error a report fails with nothing
    Webhook.httpApp({ ...options, report: () => Effect.fail("no sink") }, put)
    const record = ({ paymentId }: Notification.CancelNotification<string>) => Effect.log(paymentId)
    const ask = PayPal.notificationById
    expectTypeOf(Webhook.httpApp({ ask }, record)).toEqualTypeOf<HttpApp.Default<never, PayPal.PayPal | Scope.Scope>>()
    expectTypeOf(Webhook.webHandler({ ask }, record)).returns.toEqualTypeOf<Effect.Effect<Response, never, PayPal.PayPal>>()
    // @ts-expect-error nobody signs it, so a secret would seem to protect what it does not
    Webhook.httpApp({ ask, secret }, record)
    // @ts-expect-error the same for the web's Request
    Webhook.webHandler({ ask, secret }, record)
    // @ts-expect-error nor is any time compared
    Webhook.httpApp({ ask, tolerance: "5 minutes" }, record)
    // @ts-expect-error a webhook is verified, or the provider is asked
    Webhook.httpApp({ ask: Mollie.notificationById, verify: Mollie.notification, secret }, record)
  })
  it("confirm what was accepted, at the same provider", () => {
    const accepted = {} as Adyen.Cancellation
    const told = {} as Notification.CancelNotification<"Adyen">
    Adyen.confirm(accepted, told)
    Notification.confirm(accepted, told)
    // @ts-expect-error a cancel at Stripe waits for nothing
    void Stripe.confirm
    // @ts-expect-error what is cancelled needs no confirmation
    Notification.confirm({} as Stripe.Cancellation, {} as Notification.CancelNotification<"Stripe">)
    // @ts-expect-error a webhook of another provider confirms nothing
    Adyen.confirm(accepted, {} as Notification.CancelNotification<"Stripe">)
  })
})
