import type * as Effect from "effect/Effect"
import { Adyen, Canceller, CheckoutCom, Square, Stripe, WalletConnectPay, WePay } from "effect-payment-cancel"
import type { CancelError, Cancellation } from "effect-payment-cancel"
import type * as PaymentStatus from "effect-payment-cancel/PaymentStatus"
import type * as Provider from "effect-payment-cancel/authoring/Provider"
import { describe, expectTypeOf, it } from "vitest"

/** A provider of the reader's own: it cancels by reference, and has no status query. */
declare const Acme: {
  readonly cancel: (
    request: { readonly paymentId: string }
  ) => Effect.Effect<Cancellation.CancellationAccepted<"Acme", string>, CancelError.NotSent, "acme">
  readonly cancelByMerchantReference: (
    request: { readonly merchantReference: string; readonly note?: string }
  ) => Effect.Effect<Cancellation.CancellationAcknowledged<"Acme">, CancelError.NoResponse, "acme">
}

const payments = Canceller.router({ Square, WalletConnectPay, WePay, Acme })

type Success<T> = T extends Effect.Effect<infer A, infer _E, infer _R> ? A : never
type Failure<T> = T extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
type Needs<T> = T extends Effect.Effect<infer _A, infer _E, infer R> ? R : never

describe("a router's operations", () => {
  it("cancel: every provider, with its own types", () => {
    const square = payments.cancel({ provider: "Square", paymentId: "p" })
    expectTypeOf<Success<typeof square>>().toEqualTypeOf<Square.Cancellation>()
    expectTypeOf<Failure<typeof square>>().toEqualTypeOf<Square.CancelError>()
    expectTypeOf<Needs<typeof square>>().toEqualTypeOf<Square.Square>()

    const wePay = payments.cancel({ provider: "WePay", paymentId: "p", reason: "r" })
    expectTypeOf<Success<typeof wePay>>().toEqualTypeOf<WePay.Cancellation>()
    expectTypeOf<Failure<typeof wePay>>().toEqualTypeOf<WePay.CancelError>()

    // @ts-expect-error WePay requires a reason
    void payments.cancel({ provider: "WePay", paymentId: "p" })
    // @ts-expect-error a field of another provider
    void payments.cancel({ provider: "Square", paymentId: "p", reason: "r" })
    // @ts-expect-error no such provider
    void payments.cancel({ provider: "Nobody", paymentId: "p" })
    // @ts-expect-error Square names it otherwise here
    void payments.cancel({ provider: "Square", creationKey: "k" })
  })

  it("cancel: a row that may name several providers", () => {
    type Row = { provider: "WePay"; paymentId: string; reason: string } | { provider: "Square"; paymentId: string }
    const row = {} as Row
    const routed = payments.cancel(row)
    expectTypeOf<Success<typeof routed>>().toEqualTypeOf<WePay.Cancellation | Square.Cancellation>()
    expectTypeOf<Failure<typeof routed>>().toEqualTypeOf<WePay.CancelError | Square.CancelError>()
    expectTypeOf<Needs<typeof routed>>().toEqualTypeOf<WePay.WePay | Square.Square>()
  })

  it("cancelByCreationKey: those that have it", () => {
    const square = payments.cancelByCreationKey({ provider: "Square", creationKey: "k" })
    expectTypeOf<Success<typeof square>>().toEqualTypeOf<Square.CancellationAcknowledged>()
    expectTypeOf<Failure<typeof square>>().toEqualTypeOf<Square.CancelError>()
    expectTypeOf<Needs<typeof square>>().toEqualTypeOf<Square.Square>()

    expectTypeOf<Canceller.Offering<{ Square: typeof Square; WePay: typeof WePay }, "cancelByCreationKey">>()
      .toEqualTypeOf<"Square">()
    // @ts-expect-error WePay has no such operation
    void payments.cancelByCreationKey({ provider: "WePay", creationKey: "k" })
    // @ts-expect-error nor has WalletConnect Pay
    void payments.cancelByCreationKey({ provider: "WalletConnectPay", paymentId: "k" })
    // @ts-expect-error the key is required
    void payments.cancelByCreationKey({ provider: "Square" })
  })

  it("cancelByMerchantReference: those that have it", () => {
    const acme = payments.cancelByMerchantReference({ provider: "Acme", merchantReference: "m", note: "n" })
    expectTypeOf<Success<typeof acme>>().toEqualTypeOf<Cancellation.CancellationAcknowledged<"Acme">>()
    expectTypeOf<Failure<typeof acme>>().toEqualTypeOf<CancelError.NoResponse | CancelError.InvalidCancelRequest>()
    expectTypeOf<Needs<typeof acme>>().toEqualTypeOf<"acme">()
    // @ts-expect-error Square has no such operation
    void payments.cancelByMerchantReference({ provider: "Square", merchantReference: "m" })
  })

  it("holds for every provider of this library", () => {
    const all = Canceller.router({ Adyen, CheckoutCom, Square, Stripe, WalletConnectPay, WePay })
    const adyen = all.cancelByMerchantReference({ provider: "Adyen", merchantReference: "m" })
    expectTypeOf<Failure<typeof adyen>>().toEqualTypeOf<Adyen.CancelError>()
    expectTypeOf<Needs<typeof adyen>>().toEqualTypeOf<Adyen.Adyen>()
    // @ts-expect-error Adyen has no status query
    void all.status({ provider: "Adyen", paymentId: "p" })
    // @ts-expect-error its reversal may refund
    void all.cancelOrRefund
  })

  it("status: those that have it", () => {
    const square = payments.status({ provider: "Square", paymentId: "p" })
    expectTypeOf<Success<typeof square>>().toEqualTypeOf<PaymentStatus.PaymentStatus<"Square">>()
    expectTypeOf<Failure<typeof square>>().toEqualTypeOf<Provider.StatusError>()
    expectTypeOf<Needs<typeof square>>().toEqualTypeOf<Square.Square>()

    const either = {} as "Square" | "WePay"
    const routed = payments.status({ provider: either, paymentId: "p" })
    expectTypeOf<Success<typeof routed>>().toEqualTypeOf<
      PaymentStatus.PaymentStatus<"Square"> | PaymentStatus.PaymentStatus<"WePay">
    >()
    // @ts-expect-error Acme has no status query
    void payments.status({ provider: "Acme", paymentId: "p" })
  })

  it("an operation that no provider of the record has takes none", () => {
    const without = Canceller.router({ WePay })
    expectTypeOf<Canceller.Offering<{ WePay: typeof WePay }, "cancelByCreationKey">>().toBeNever()
    // @ts-expect-error nobody has it
    void without.cancelByCreationKey({ provider: "WePay", creationKey: "k" })
  })

  it("offers nothing that moves money the other way", () => {
    expectTypeOf<keyof typeof payments>().toEqualTypeOf<
      "cancel" | "cancelByCreationKey" | "cancelByMerchantReference" | "status"
    >()
    // @ts-expect-error it is called at its provider
    void payments.cancelOrRefund
  })

  it("does not widen the errors of a generic caller", () => {
    expectTypeOf<typeof payments.cancel>().toEqualTypeOf<
      Canceller.Routed<{
        readonly Square: typeof Square
        readonly WalletConnectPay: typeof WalletConnectPay
        readonly WePay: typeof WePay
        readonly Acme: typeof Acme
      }, "cancel">
    >()
  })
})
