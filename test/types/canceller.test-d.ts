/**
 * The neutral service and the router, as types.
 */
import { describe, expectTypeOf, it } from "vitest"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import {
  Adyen,
  Braintree,
  Cancel,
  type Cancellation,
  type CancelError,
  Airwallex,
  Canceller,
  CancelEvent,
  IdempotencyKey,
  AuthorizeNet,
  CheckoutCom,
  GoCardless,
  Klarna,
  Mollie,
  PayPal,
  Square,
  Stripe,
  WalletConnectPay,
  WePay
} from "effect-payment-cancel"

type ErrorOf<T> = T extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
type SuccessOf<T> = T extends Effect.Effect<infer A, infer _E, infer _R> ? A : never
type ContextOf<T> = T extends Effect.Effect<infer _A, infer _E, infer R> ? R : never

describe("the neutral service", () => {
  const program = Canceller.cancel({ paymentId: "p", reason: "r" })

  it("takes every provider's errors", () => {
    expectTypeOf<WePay.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<WalletConnectPay.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<Stripe.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<Square.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<AuthorizeNet.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<CheckoutCom.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<Braintree.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<GoCardless.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<Klarna.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<Mollie.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<PayPal.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<Airwallex.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<Adyen.CancelError>().toExtend<Canceller.CancelError>()
    expectTypeOf<Canceller.CancelError>().toExtend<CancelError.Any>()
  })
  it("takes every provider's successes", () => {
    expectTypeOf<WePay.Cancellation>().toExtend<Cancellation.Cancellation>()
    expectTypeOf<AuthorizeNet.Cancellation>().toExtend<Cancellation.Cancellation>()
    expectTypeOf<CheckoutCom.Cancellation>().toExtend<Cancellation.Cancellation>()
    expectTypeOf<Adyen.Cancellation>().toExtend<Cancellation.Cancellation>()
    expectTypeOf<SuccessOf<typeof program>>().toEqualTypeOf<Cancellation.Cancellation>()
  })
  it("needs a Canceller, and nothing else", () => {
    expectTypeOf<ContextOf<typeof program>>().toEqualTypeOf<Canceller.Canceller>()
    expectTypeOf(Canceller.layer(WePay)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, WePay.WePay>>()
    expectTypeOf(Canceller.layer(WalletConnectPay)).toEqualTypeOf<
      Layer.Layer<Canceller.Canceller, never, WalletConnectPay.WalletConnectPay>
    >()
    expectTypeOf(Canceller.layer(Stripe)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, Stripe.Stripe>>()
    expectTypeOf(Canceller.layer(Square)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, Square.Square>>()
    expectTypeOf(Canceller.layer(AuthorizeNet)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, AuthorizeNet.AuthorizeNet>>()
    expectTypeOf(Canceller.layer(CheckoutCom)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, CheckoutCom.CheckoutCom>>()
    expectTypeOf(Canceller.layer(Braintree)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, Braintree.Braintree>>()
    expectTypeOf(Canceller.layer(Klarna)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, Klarna.Klarna>>()
    expectTypeOf(Canceller.layer(Mollie)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, Mollie.Mollie>>()
    expectTypeOf(Canceller.layer(PayPal)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, PayPal.PayPal>>()
    expectTypeOf(Canceller.layer(Airwallex)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, Airwallex.Airwallex>>()
    expectTypeOf(Canceller.layer(Adyen)).toEqualTypeOf<Layer.Layer<Canceller.Canceller, never, Adyen.Adyen>>()
  })
  it("knows no provider's tags", () => {
    // @ts-expect-error a provider's tag would hand the handler `never`
    program.pipe(Effect.catchTag("WePay.PaymentCannotBeCanceled", () => Effect.void))
    // @ts-expect-error it does not compile
    program.pipe(Effect.catchTags({ "WalletConnectPay.InvalidState": () => Effect.void }))
  })
  it("has a schema of its errors, exactly", () => {
    expectTypeOf<typeof Canceller.CancelError.Type>().toEqualTypeOf<Canceller.CancelError>()
    expectTypeOf<typeof Canceller.CancelError.Context>().toEqualTypeOf<never>()
    expectTypeOf<typeof Stripe.CancelError.Encoded>().toExtend<typeof Canceller.CancelError.Encoded>()
  })
  it("is narrowed by category", () => {
    const handled = program.pipe(
      Cancel.catchCategory("RateLimited", (error) => {
        expectTypeOf(error.category).toEqualTypeOf<"RateLimited">()
        expectTypeOf(error.retryAfter).not.toBeAny()
        expectTypeOf(error.code).toEqualTypeOf<string | null>()
        return Effect.void
      })
    )
    expectTypeOf<ErrorOf<typeof handled>["category"]>().toEqualTypeOf<Exclude<CancelError.Category, "RateLimited">>()
  })
  it("is narrowed by what is known", () => {
    const handled = program.pipe(
      Cancel.catchUnknownOutcome((error) => {
        expectTypeOf(error.outcome).toEqualTypeOf<"Unknown">()
        return Effect.void
      })
    )
    expectTypeOf<ErrorOf<typeof handled>["outcome"]>().toEqualTypeOf<"NotCancelled">()
  })
  it("keeps the shared classes, with their tags", () => {
    program.pipe(Effect.catchAll((error) => {
      if ("_tag" in error) {
        expectTypeOf(error).toExtend<CancelError.Shared>()
      }
      return Effect.void
    }))
  })
})

describe("the router", () => {
  const routed = Canceller.router({ WePay, WalletConnectPay })

  it("has that provider's exact types", () => {
    const one = routed.cancel({ provider: "WePay", paymentId: "p", reason: "r" })
    expectTypeOf<SuccessOf<typeof one>>().toEqualTypeOf<WePay.Cancellation>()
    expectTypeOf<ErrorOf<typeof one>>().toEqualTypeOf<WePay.CancelError>()
    expectTypeOf<ContextOf<typeof one>>().toEqualTypeOf<WePay.WePay>()
    const other = routed.cancel({ provider: "WalletConnectPay", paymentId: "p" })
    expectTypeOf<SuccessOf<typeof other>>().toEqualTypeOf<WalletConnectPay.Cancellation>()
    expectTypeOf<ErrorOf<typeof other>>().toEqualTypeOf<WalletConnectPay.CancelError>()
    expectTypeOf<ContextOf<typeof other>>().toEqualTypeOf<WalletConnectPay.WalletConnectPay>()
  })
  it("has the union's exact types, where the provider is one of several", () => {
    const request = {} as
      | { readonly provider: "WePay"; readonly paymentId: string; readonly reason: string }
      | { readonly provider: "WalletConnectPay"; readonly paymentId: string }
    const either = routed.cancel(request)
    expectTypeOf<SuccessOf<typeof either>>().toEqualTypeOf<WePay.Cancellation | WalletConnectPay.Cancellation>()
    expectTypeOf<ErrorOf<typeof either>>().toEqualTypeOf<WePay.CancelError | WalletConnectPay.CancelError>()
    expectTypeOf<ContextOf<typeof either>>().toEqualTypeOf<WePay.WePay | WalletConnectPay.WalletConnectPay>()
  })
  it("takes that provider's own request", () => {
    // @ts-expect-error WePay requires a reason
    routed.cancel({ provider: "WePay", paymentId: "p" })
    // @ts-expect-error there is no such provider in it
    routed.cancel({ provider: "Stripe", paymentId: "p" })
    // @ts-expect-error nor one that is only a string
    routed.cancel({ provider: "WePay" as string, paymentId: "p", reason: "r" })
  })
  it("offers an operation only where the provider has it", () => {
    const more = Canceller.router({ WePay, Square, Adyen })
    more.cancelByCreationKey({ provider: "Square", creationKey: "k" })
    // @ts-expect-error WePay has no such operation
    more.cancelByCreationKey({ provider: "WePay", creationKey: "k" })
    more.cancelByMerchantReference({ provider: "Adyen", merchantReference: "m" })
    const status = more.status({ provider: "Square", paymentId: "p" })
    expectTypeOf<ContextOf<typeof status>>().toEqualTypeOf<Square.Square>()
    // @ts-expect-error Adyen has no status
    more.status({ provider: "Adyen", paymentId: "p" })
    // @ts-expect-error nothing that moves money the other way
    void more.cancelOrRefund
  })
})

describe("layers", () => {
  type Needing<Self> = Layer.Layer<Self, ConfigError.ConfigError, HttpClient.HttpClient>
  it("need an HTTP client, and nothing else", () => {
    expectTypeOf(WePay.layer).returns.toEqualTypeOf<Needing<WePay.WePay>>()
    expectTypeOf(WePay.layerConfig).returns.toEqualTypeOf<Needing<WePay.WePay>>()
    expectTypeOf(WalletConnectPay.layer).returns.toEqualTypeOf<Needing<WalletConnectPay.WalletConnectPay>>()
    expectTypeOf(WalletConnectPay.layerConfig).returns.toEqualTypeOf<Needing<WalletConnectPay.WalletConnectPay>>()
    expectTypeOf(Stripe.layer).returns.toEqualTypeOf<Needing<Stripe.Stripe>>()
    expectTypeOf(Stripe.layerConfig).returns.toEqualTypeOf<Needing<Stripe.Stripe>>()
    expectTypeOf(Square.layer).returns.toEqualTypeOf<Needing<Square.Square>>()
    expectTypeOf(Square.layerConfig).returns.toEqualTypeOf<Needing<Square.Square>>()
    expectTypeOf(AuthorizeNet.layer).returns.toEqualTypeOf<Needing<AuthorizeNet.AuthorizeNet>>()
    expectTypeOf(AuthorizeNet.layerConfig).returns.toEqualTypeOf<Needing<AuthorizeNet.AuthorizeNet>>()
    expectTypeOf(CheckoutCom.layer).returns.toEqualTypeOf<Needing<CheckoutCom.CheckoutCom>>()
    expectTypeOf(CheckoutCom.layerConfig).returns.toEqualTypeOf<Needing<CheckoutCom.CheckoutCom>>()
    expectTypeOf(Braintree.layer).returns.toEqualTypeOf<Needing<Braintree.Braintree>>()
    expectTypeOf(Braintree.layerConfig).returns.toEqualTypeOf<Needing<Braintree.Braintree>>()
    expectTypeOf(GoCardless.layer).returns.toEqualTypeOf<Needing<GoCardless.GoCardless>>()
    expectTypeOf(GoCardless.layerConfig).returns.toEqualTypeOf<Needing<GoCardless.GoCardless>>()
    expectTypeOf(Klarna.layer).returns.toEqualTypeOf<Needing<Klarna.Klarna>>()
    expectTypeOf(Klarna.layerConfig).returns.toEqualTypeOf<Needing<Klarna.Klarna>>()
    expectTypeOf(Mollie.layer).returns.toEqualTypeOf<Needing<Mollie.Mollie>>()
    expectTypeOf(Mollie.layerConfig).returns.toEqualTypeOf<Needing<Mollie.Mollie>>()
    expectTypeOf(PayPal.layer).returns.toEqualTypeOf<Needing<PayPal.PayPal>>()
    expectTypeOf(PayPal.layerConfig).returns.toEqualTypeOf<Needing<PayPal.PayPal>>()
    expectTypeOf(Airwallex.layer).returns.toEqualTypeOf<Needing<Airwallex.Airwallex>>()
    expectTypeOf(Airwallex.layerConfig).returns.toEqualTypeOf<Needing<Airwallex.Airwallex>>()
    expectTypeOf(Adyen.layer).returns.toEqualTypeOf<Needing<Adyen.Adyen>>()
    expectTypeOf(Adyen.layerConfig).returns.toEqualTypeOf<Needing<Adyen.Adyen>>()
  })
  it("for events and keys need and give nothing", () => {
    expectTypeOf(CancelEvent.layer).returns.toEqualTypeOf<Layer.Layer<never>>()
    expectTypeOf(IdempotencyKey.layer).returns.toEqualTypeOf<Layer.Layer<never>>()
  })
  it("take secrets only as Redacted", () => {
    // @ts-expect-error it does not compile
    WePay.layer({ appId: "a", appToken: "secret" })
    // @ts-expect-error it does not compile
    PayPal.layer({ clientId: "a", clientSecret: "secret" })
    // @ts-expect-error it does not compile
    Airwallex.layer({ clientId: "a", apiKey: "secret" })
    // @ts-expect-error it does not compile
    WalletConnectPay.Credentials.ApiKey({ apiKey: "secret" })
  })
  it("a status says what it means for a cancel", () => {
    type Status = SuccessOf<ReturnType<typeof WePay.status>>
    expectTypeOf<Status["standing"]>().toEqualTypeOf<Option.Option<"Cancelled" | "Cancellable" | "Closed">>()
    expectTypeOf<Status["provider"]>().toEqualTypeOf<"WePay">()
  })
})
