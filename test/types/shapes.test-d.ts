/**
 * What is written out field by field, so that an editor shows what each means, is what its schema
 * decodes: no field more, none less, and none of another type.
 */
import type * as Cause from "effect/Cause"
import type * as Schema from "effect/Schema"
import { describe, expectTypeOf, it } from "vitest"
import type {
  Adyen,
  Airwallex,
  Braintree,
  Cancellation,
  CancelError,
  CancelEvent,
  AuthorizeNet,
  CheckoutCom,
  GoCardless,
  Klarna,
  Mollie,
  Notification,
  PayPal,
  Square,
  Stripe,
  WalletConnectPay,
  Webhook,
  WePay
} from "effect-payment-cancel"
import type * as PaymentStatus from "effect-payment-cancel/PaymentStatus"

type Flat<T> = { readonly [Name in keyof T]: T[Name] }

interface ErrorClass {
  readonly fields: Schema.Struct.Fields
}

/** What a class of errors decodes to, as its fields say. */
type Decoded<Class extends ErrorClass> = Flat<Schema.Struct.Type<Class["fields"]>>

/** The fields of an error of a class without those that Effect and JavaScript give every error. */
type Own<E> = Flat<Omit<E, Exclude<keyof Cause.YieldableError, "message">>>

describe("an interface and its schema", () => {
  it("are of one type: successes, statuses and notifications", () => {
    expectTypeOf<Cancellation.Amount>().toEqualTypeOf<typeof Cancellation.Amount.Type>()
    expectTypeOf<PaymentStatus.PaymentStatus<"WePay">>()
      .toEqualTypeOf<ReturnType<typeof PaymentStatus.PaymentStatus<"WePay">>["Type"]>()
    expectTypeOf<Notification.CancelNotification<"WePay">>()
      .toEqualTypeOf<ReturnType<typeof Notification.CancelNotification<"WePay">>["Type"]>()
    expectTypeOf<AuthorizeNet.CancelNotification>().toEqualTypeOf<typeof AuthorizeNet.CancelNotification.Type>()
    expectTypeOf<CheckoutCom.CancelNotification>().toEqualTypeOf<typeof CheckoutCom.CancelNotification.Type>()
    expectTypeOf<Airwallex.CancelNotification>().toEqualTypeOf<typeof Airwallex.CancelNotification.Type>()
    expectTypeOf<GoCardless.CancelNotification>().toEqualTypeOf<typeof GoCardless.CancelNotification.Type>()
    expectTypeOf<WalletConnectPay.CancelNotification>().toEqualTypeOf<typeof WalletConnectPay.CancelNotification.Type>()
    expectTypeOf<Stripe.CancelNotification>().toEqualTypeOf<typeof Stripe.CancelNotification.Type>()
  })
  it("are of one type: what providers answer", () => {
    expectTypeOf<WePay.Payment>().toEqualTypeOf<typeof WePay.Payment.Type>()
    expectTypeOf<Stripe.PaymentIntent>().toEqualTypeOf<typeof Stripe.PaymentIntent.Type>()
    expectTypeOf<Airwallex.PaymentIntent>().toEqualTypeOf<typeof Airwallex.PaymentIntent.Type>()
    expectTypeOf<Braintree.Transaction>().toEqualTypeOf<typeof Braintree.Transaction.Type>()
    expectTypeOf<GoCardless.Payment>().toEqualTypeOf<typeof GoCardless.Payment.Type>()
    expectTypeOf<Klarna.Order>().toEqualTypeOf<typeof Klarna.Order.Type>()
    expectTypeOf<Mollie.Payment>().toEqualTypeOf<typeof Mollie.Payment.Type>()
    expectTypeOf<Square.Payment>().toEqualTypeOf<typeof Square.Payment.Type>()
    expectTypeOf<PayPal.Authorization>().toEqualTypeOf<typeof PayPal.Authorization.Type>()
    expectTypeOf<WalletConnectPay.CancelledPayment>().toEqualTypeOf<typeof WalletConnectPay.CancelledPayment.Type>()
    expectTypeOf<AuthorizeNet.VoidedTransaction>().toEqualTypeOf<typeof AuthorizeNet.VoidedTransaction.Type>()
    expectTypeOf<CheckoutCom.Balances>().toEqualTypeOf<typeof CheckoutCom.Balances.Type>()
    expectTypeOf<CheckoutCom.Payment>().toEqualTypeOf<typeof CheckoutCom.Payment.Type>()
    expectTypeOf<CheckoutCom.Receipt>().toEqualTypeOf<typeof CheckoutCom.Receipt.Type>()
    expectTypeOf<Adyen.Receipt>().toEqualTypeOf<typeof Adyen.Receipt.Type>()
  })
  it("are of one type: requests", () => {
    expectTypeOf<WePay.CancelRequest>().toEqualTypeOf<typeof WePay.CancelRequest.Type>()
    expectTypeOf<Stripe.CancelRequest>().toEqualTypeOf<typeof Stripe.CancelRequest.Type>()
    expectTypeOf<Stripe.StatusRequest>().toEqualTypeOf<typeof Stripe.StatusRequest.Type>()
    expectTypeOf<Airwallex.CancelRequest>().toEqualTypeOf<typeof Airwallex.CancelRequest.Type>()
    expectTypeOf<Braintree.CancelRequest>().toEqualTypeOf<typeof Braintree.CancelRequest.Type>()
    expectTypeOf<GoCardless.CancelRequest>().toEqualTypeOf<typeof GoCardless.CancelRequest.Type>()
    expectTypeOf<Klarna.CancelRequest>().toEqualTypeOf<typeof Klarna.CancelRequest.Type>()
    expectTypeOf<Mollie.CancelRequest>().toEqualTypeOf<typeof Mollie.CancelRequest.Type>()
    expectTypeOf<Mollie.ReleaseRequest>().toEqualTypeOf<typeof Mollie.ReleaseRequest.Type>()
    expectTypeOf<Mollie.CancelNotification>().toEqualTypeOf<typeof Mollie.CancelNotification.Type>()
    expectTypeOf<Square.CancelRequest>().toEqualTypeOf<typeof Square.CancelRequest.Type>()
    expectTypeOf<Square.CancelByCreationKeyRequest>().toEqualTypeOf<typeof Square.CancelByCreationKeyRequest.Type>()
    expectTypeOf<PayPal.CancelRequest>().toEqualTypeOf<typeof PayPal.CancelRequest.Type>()
    expectTypeOf<WalletConnectPay.CancelRequest>().toEqualTypeOf<typeof WalletConnectPay.CancelRequest.Type>()
    expectTypeOf<AuthorizeNet.CancelRequest>().toEqualTypeOf<typeof AuthorizeNet.CancelRequest.Type>()
    expectTypeOf<CheckoutCom.CancelRequest>().toEqualTypeOf<typeof CheckoutCom.CancelRequest.Type>()
    expectTypeOf<Adyen.CancelRequest>().toEqualTypeOf<typeof Adyen.CancelRequest.Type>()
    expectTypeOf<Adyen.CancelByMerchantReferenceRequest>()
      .toEqualTypeOf<typeof Adyen.CancelByMerchantReferenceRequest.Type>()
  })
  it("are of one type: exchanges and events", () => {
    expectTypeOf<CancelError.Exchange>().toEqualTypeOf<typeof CancelError.Exchange.Type>()
    expectTypeOf<CancelEvent.ExchangeStarted>().toEqualTypeOf<typeof CancelEvent.ExchangeStarted.Type>()
    expectTypeOf<CancelEvent.ExchangeEnded>().toEqualTypeOf<typeof CancelEvent.ExchangeEnded.Type>()
    expectTypeOf<CancelEvent.Waiting>().toEqualTypeOf<typeof CancelEvent.Waiting.Type>()
    expectTypeOf<CancelEvent.Settled>().toEqualTypeOf<typeof CancelEvent.Settled.Type>()
    expectTypeOf<CancelEvent.Interrupted>().toEqualTypeOf<typeof CancelEvent.Interrupted.Type>()
    expectTypeOf<CancelEvent.CancelEvent>().toEqualTypeOf<typeof CancelEvent.CancelEvent.Type>()
  })
  it("are of one type: errors", () => {
    expectTypeOf<Flat<CancelError.Report>>().toEqualTypeOf<Flat<Schema.Struct.Type<typeof CancelError.reportFields>>>()
    expectTypeOf<Own<WePay.InvalidParams>>().toEqualTypeOf<Decoded<typeof WePay.InvalidParams>>()
    expectTypeOf<Own<Braintree.ServerError>>().toEqualTypeOf<Decoded<typeof Braintree.ServerError>>()
    expectTypeOf<Own<Klarna.NotConfirmed>>().toEqualTypeOf<Decoded<typeof Klarna.NotConfirmed>>()
    expectTypeOf<Own<AuthorizeNet.SystemError>>().toEqualTypeOf<Decoded<typeof AuthorizeNet.SystemError>>()
    expectTypeOf<Own<PayPal.NotConfirmed>>().toEqualTypeOf<Decoded<typeof PayPal.NotConfirmed>>()
    expectTypeOf<Own<Stripe.Unrecognized>>().toEqualTypeOf<Decoded<typeof Stripe.Unrecognized>>()
    expectTypeOf<Own<CancelError.InvalidCancelRequest>>()
      .toEqualTypeOf<Decoded<typeof CancelError.InvalidCancelRequest>>()
    expectTypeOf<Own<CancelError.UnexpectedResponse>>()
      .toEqualTypeOf<Decoded<typeof CancelError.UnexpectedResponse>>()
    expectTypeOf<Own<CancelError.StatusUnavailable>>()
      .toEqualTypeOf<Decoded<typeof CancelError.StatusUnavailable>>()
    expectTypeOf<Own<Notification.TimestampOutOfTolerance>>()
      .toEqualTypeOf<Decoded<typeof Notification.TimestampOutOfTolerance>>()
    expectTypeOf<Own<Notification.NotACancellation>>()
      .toEqualTypeOf<Decoded<typeof Notification.NotACancellation>>()
    expectTypeOf<Own<Webhook.BodyTooLarge>>().toEqualTypeOf<Decoded<typeof Webhook.BodyTooLarge>>()
  })
})
