/**
 * What a provider cannot do does not compile.
 */
import { describe, it } from "vitest"
import type * as Redacted from "effect/Redacted"
import { Adyen, Canceller, Notification, Square, Stripe, WalletConnectPay, WePay } from "effect-payment-cancel"

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
    // @ts-expect-error Adyen has no field for it
    Adyen.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has Square
    Square.cancel({ paymentId: "p", reason: "in words" })
    // @ts-expect-error nor has WalletConnect Pay
    WalletConnectPay.cancel({ paymentId: "p", reason: "in words" })
    Canceller.cancel({ paymentId: "p", reason: "in words" })
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
    // @ts-expect-error Stripe cancels by id
    void Stripe.cancelByMerchantReference
    // @ts-expect-error and by nothing else
    void Stripe.cancelByCreationKey
    // @ts-expect-error so does WalletConnect Pay
    void WalletConnectPay.cancelByMerchantReference
    // @ts-expect-error so does WePay
    void WePay.cancelByMerchantReference
    // @ts-expect-error what only some can is not on the neutral service
    void Canceller.cancelByMerchantReference
  })
})

describe("a status query", () => {
  it("has no Adyen", () => {
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
    Stripe.notification(incoming, { secret: [secret, secret], tolerance: "1 minute" })
    WalletConnectPay.notification(incoming, { secret })
    // @ts-expect-error a secret is Redacted
    Stripe.notification(incoming, { secret: "whsec_shown" })
    // @ts-expect-error a tolerance is a duration
    Stripe.notification(incoming, { secret, tolerance: "soon" })
    // @ts-expect-error none is known of WePay
    void WePay.notification
    // @ts-expect-error nor of Square
    void Square.notification
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
