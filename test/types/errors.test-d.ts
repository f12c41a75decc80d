/**
 * The error channel of every provider, as a type: each code has a class, each class its
 * literals, and nothing leaks.
 */
import { describe, expectTypeOf, it } from "vitest"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { Braintree, Cancellation, CancelError, GoCardless, Klarna, Mollie, Stripe } from "effect-payment-cancel"
import { Adyen, AuthorizeNet, Canceller, CheckoutCom, Notification, Square, WalletConnectPay, WePay } from "effect-payment-cancel"
import * as Errors from "../../src/authoring/Errors.js"

type ErrorOf<F> = F extends (...args: never) => Effect.Effect<infer _A, infer E, infer _R> ? E : never
type SuccessOf<F> = F extends (...args: never) => Effect.Effect<infer A, infer _E, infer _R> ? A : never

type SharedTag =
  | "CancelError.InvalidCancelRequest"
  | "CancelError.NotSent"
  | "CancelError.NoResponse"
  | "CancelError.UnexpectedResponse"
  | "CancelError.NoLongerCancellable"

/** The tags that a provider's table and the shared classes make. */
type TagsOf<Provider extends string, Table> = `${Provider}.${keyof Table & string}` | `${Provider}.Unrecognized` | SharedTag

describe("the error channel", () => {
  it("has every code's class, the shared ones, and nothing else", () => {
    expectTypeOf<ErrorOf<typeof WePay.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"WePay", Errors.TableOf<typeof WePay>>>()
    expectTypeOf<ErrorOf<typeof WalletConnectPay.cancel>["_tag"]>().toEqualTypeOf<
      TagsOf<"WalletConnectPay", Errors.TableOf<typeof WalletConnectPay>>
    >()
    expectTypeOf<ErrorOf<typeof Stripe.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"Stripe", Errors.TableOf<typeof Stripe>>>()
    expectTypeOf<ErrorOf<typeof Square.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"Square", Errors.TableOf<typeof Square>>>()
    expectTypeOf<ErrorOf<typeof Square.cancelByCreationKey>["_tag"]>().toEqualTypeOf<TagsOf<"Square", Errors.TableOf<typeof Square>>>()
    expectTypeOf<ErrorOf<typeof Braintree.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"Braintree", Errors.TableOf<typeof Braintree>>>()
    expectTypeOf<ErrorOf<typeof GoCardless.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"GoCardless", Errors.TableOf<typeof GoCardless>>>()
    expectTypeOf<ErrorOf<typeof Klarna.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"Klarna", Errors.TableOf<typeof Klarna>>>()
    expectTypeOf<ErrorOf<typeof Mollie.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"Mollie", Errors.TableOf<typeof Mollie>>>()
    expectTypeOf<ErrorOf<typeof Mollie.releaseAuthorization>>().toEqualTypeOf<Mollie.CancelError>()
    expectTypeOf<ErrorOf<typeof Adyen.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"Adyen", Errors.TableOf<typeof Adyen>>>()
    expectTypeOf<ErrorOf<typeof AuthorizeNet.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"AuthorizeNet", Errors.TableOf<typeof AuthorizeNet>>>()
    expectTypeOf<ErrorOf<typeof CheckoutCom.cancel>["_tag"]>().toEqualTypeOf<TagsOf<"CheckoutCom", Errors.TableOf<typeof CheckoutCom>>>()
    expectTypeOf<ErrorOf<typeof WePay.cancel>>().toEqualTypeOf<WePay.CancelError>()
    expectTypeOf<ErrorOf<typeof WalletConnectPay.cancel>>().toEqualTypeOf<WalletConnectPay.CancelError>()
  })
  it("of a status query is about no cancel", () => {
    expectTypeOf<ErrorOf<typeof WePay.status>>().toEqualTypeOf<CancelError.InvalidCancelRequest | CancelError.StatusUnavailable>()
  })
  it("has no any and no unknown", () => {
    expectTypeOf<ErrorOf<typeof WePay.cancel>>().not.toBeAny()
    expectTypeOf<ErrorOf<typeof WePay.cancel>>().not.toBeUnknown()
    expectTypeOf<WePay.CancelError["_tag"]>().not.toBeAny()
    expectTypeOf<WePay.CancelError["category"]>().not.toBeAny()
    expectTypeOf<SuccessOf<typeof WePay.cancel>>().not.toBeAny()
    expectTypeOf<Canceller.CancelError>().not.toBeAny()
    expectTypeOf<typeof WePay.CancelError.Type>().not.toBeAny()
    expectTypeOf<typeof WePay.CancelError.Encoded>().not.toBeAny()
    expectTypeOf<WePay.PaymentCannotBeCanceled>().not.toBeAny()
  })
})

describe("an error", () => {
  it("has its literals", () => {
    expectTypeOf<WePay.PaymentCannotBeCanceled["_tag"]>().toEqualTypeOf<"WePay.PaymentCannotBeCanceled">()
    expectTypeOf<WePay.PaymentCannotBeCanceled["provider"]>().toEqualTypeOf<"WePay">()
    expectTypeOf<WePay.PaymentCannotBeCanceled["code"]>().toEqualTypeOf<"PAYMENT_CANNOT_BE_CANCELED">()
    expectTypeOf<WePay.PaymentCannotBeCanceled["category"]>().toEqualTypeOf<"NotCancellable">()
    expectTypeOf<WePay.PaymentCannotBeCanceled["outcome"]>().toEqualTypeOf<"NotCancelled">()
    expectTypeOf<WePay.UnexpectedError["outcome"]>().toEqualTypeOf<"Unknown">()
    expectTypeOf<WalletConnectPay.ApiVersionDowngrade["code"]>().toEqualTypeOf<"api_version_downgrade">()
    expectTypeOf<WePay.Unrecognized["code"]>().toEqualTypeOf<string | null>()
    expectTypeOf<CancelError.UnexpectedResponse["code"]>().toEqualTypeOf<string | null>()
    expectTypeOf<CancelError.NoResponse["code"]>().toEqualTypeOf<null>()
    expectTypeOf<CancelError.NoResponse["outcome"]>().toEqualTypeOf<"Unknown">()
    expectTypeOf<CancelError.NotSent["outcome"]>().toEqualTypeOf<"NotCancelled">()
    expectTypeOf<CancelError.InvalidCancelRequest["field"]>().toEqualTypeOf<string>()
  })
  it("has what is known", () => {
    type E = WePay.CancelError
    expectTypeOf<E["message"]>().toEqualTypeOf<string>()
    expectTypeOf<E["paymentId"]>().toEqualTypeOf<string>()
    expectTypeOf<E["identifiedBy"]>().toEqualTypeOf<CancelError.IdentifiedBy>()
    expectTypeOf<E["httpStatus"]>().toEqualTypeOf<Option.Option<number>>()
    expectTypeOf<E["requestId"]>().toEqualTypeOf<Option.Option<string>>()
    expectTypeOf<E["details"]>().toEqualTypeOf<Option.Option<unknown>>()
    expectTypeOf<E["paymentStatus"]>().toEqualTypeOf<Option.Option<string>>()
    expectTypeOf<E["retryAfter"]>().toEqualTypeOf<Option.Option<Duration.Duration>>()
    expectTypeOf<E["idempotencyKey"]>().toEqualTypeOf<string>()
    expectTypeOf<E["attempts"]>().toEqualTypeOf<number>()
    expectTypeOf<E["history"]>().toEqualTypeOf<ReadonlyArray<CancelError.Exchange>>()
  })
  it("cannot be made with another literal, nor without a report", () => {
    type Given = ConstructorParameters<typeof WePay.UnexpectedError>[0]
    expectTypeOf<{ readonly message: string }>().not.toExtend<Given>()
    expectTypeOf<Given["outcome"]>().toEqualTypeOf<"Unknown" | undefined>()
  })
})

describe("a success", () => {
  it("is narrowed to what the provider can return", () => {
    expectTypeOf<SuccessOf<typeof WePay.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled">()
    expectTypeOf<SuccessOf<typeof WalletConnectPay.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled">()
    expectTypeOf<SuccessOf<typeof Stripe.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled">()
    expectTypeOf<SuccessOf<typeof Braintree.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled">()
    expectTypeOf<SuccessOf<typeof GoCardless.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled">()
    expectTypeOf<SuccessOf<typeof Klarna.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled">()
    expectTypeOf<SuccessOf<typeof Mollie.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled">()
    expectTypeOf<SuccessOf<typeof Mollie.releaseAuthorization>["_tag"]>()
      .toEqualTypeOf<"Cancelled" | "AlreadyCancelled" | "CancellationAccepted">()
    expectTypeOf<SuccessOf<typeof Adyen.cancel>["_tag"]>().toEqualTypeOf<"CancellationAccepted">()
    expectTypeOf<SuccessOf<typeof AuthorizeNet.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled">()
    expectTypeOf<SuccessOf<typeof CheckoutCom.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled" | "CancellationAccepted">()
    expectTypeOf<SuccessOf<typeof Square.cancelByCreationKey>["_tag"]>().toEqualTypeOf<"CancellationAcknowledged">()
    expectTypeOf<SuccessOf<typeof WePay.cancel>["provider"]>().toEqualTypeOf<"WePay">()
  })
  it("has the provider's own payload", () => {
    type Cancelled = Extract<WePay.Cancellation, { _tag: "Cancelled" }>
    expectTypeOf<Cancelled["payload"]>().toEqualTypeOf<Option.Option<WePay.Payment>>()
    expectTypeOf<Cancelled["cancelledAt"]>().toEqualTypeOf<Option.Option<DateTime.Utc>>()
    expectTypeOf<Cancelled["reason"]>().toEqualTypeOf<Option.Option<string>>()
    expectTypeOf<WePay.Payment["status"]>().toEqualTypeOf<string>()
    expectTypeOf<WePay.Payment["amount"]>().toEqualTypeOf<Option.Option<number>>()
  })
  it("rests on what it can rest on, and on nothing else", () => {
    type EvidenceOf<S, Tag> = Extract<S, { _tag: Tag }> extends { readonly evidence: infer E } ? E : never
    expectTypeOf<EvidenceOf<WePay.Cancellation, "Cancelled">>().toEqualTypeOf<"Response" | "StatusQuery">()
    expectTypeOf<EvidenceOf<WePay.Cancellation, "AlreadyCancelled">>().toEqualTypeOf<"StatusQuery">()
    expectTypeOf<Adyen.Cancellation["evidence"]>().toEqualTypeOf<"Response">()
    expectTypeOf<Square.CancellationAcknowledged["evidence"]>().toEqualTypeOf<"Response">()
    expectTypeOf<EvidenceOf<ReturnType<typeof Adyen.confirm>, "Cancelled">>().toEqualTypeOf<"Notification">()
    expectTypeOf<Cancellation.Cancellation["evidence"]>().toEqualTypeOf<"Response" | "StatusQuery">()

    const confirmed = {} as Extract<Notification.Confirmation<"Adyen">, { _tag: "Cancelled" }>
    // @ts-expect-error no cancel answers with a notification
    void (confirmed satisfies Cancellation.Cancellation)
    const accepted = {} as Adyen.Cancellation
    // @ts-expect-error no status is read of what is only accepted
    void ({ ...accepted, evidence: "StatusQuery" } satisfies Adyen.Cancellation)
    // @ts-expect-error a payment is known to be cancelled already by its status only
    void ({ ...accepted, _tag: "AlreadyCancelled" } satisfies Cancellation.AlreadyCancelled<"Adyen">)
  })
  it("is what its schema decodes", () => {
    expectTypeOf(Notification.Confirmation("Adyen").Type).toExtend<Notification.Confirmation<"Adyen">>()
    expectTypeOf<Notification.Confirmation<"Adyen">>().toExtend<ReturnType<typeof Notification.Confirmation<"Adyen">>["Type"]>()
    expectTypeOf(Adyen.Cancellation.Type).toExtend<Adyen.Cancellation>()
    expectTypeOf<Adyen.Cancellation>().toExtend<typeof Adyen.Cancellation.Type>()
    expectTypeOf(AuthorizeNet.Cancellation.Type).toExtend<AuthorizeNet.Cancellation>()
    expectTypeOf<AuthorizeNet.Cancellation>().toExtend<typeof AuthorizeNet.Cancellation.Type>()
    expectTypeOf(CheckoutCom.Cancellation.Type).toExtend<CheckoutCom.Cancellation>()
    expectTypeOf<CheckoutCom.Cancellation>().toExtend<typeof CheckoutCom.Cancellation.Type>()
    expectTypeOf(Square.CancellationAcknowledged.Type).toExtend<Square.CancellationAcknowledged>()
    expectTypeOf<Square.CancellationAcknowledged>().toExtend<typeof Square.CancellationAcknowledged.Type>()
    expectTypeOf(WePay.Cancellation.Type).toExtend<WePay.Cancellation>()
    expectTypeOf<WePay.Cancellation>().toExtend<typeof WePay.Cancellation.Type>()
    expectTypeOf(WalletConnectPay.Cancellation.Type).toExtend<WalletConnectPay.Cancellation>()
    expectTypeOf<WePay.PaymentStatus>().toEqualTypeOf<typeof WePay.PaymentStatus.Type>()
  })
})

describe("a catalogue", () => {
  const facts = { httpStatus: [409], category: "NotCancellable", about: "Payment", meaning: "", remedy: "", certainty: "Documented" } as const
  const refusal = Errors.refusal("Acme")
  class TooLate extends refusal<TooLate>()("TooLate", { ...facts, code: "too_late" }) {}
  class Captured extends refusal<Captured>()("Captured", { ...facts, code: "too_late" }) {}
  class Busy extends Errors.doubt("Acme")<Busy>()("Busy", { ...facts, code: null }) {}
  class Unrecognized extends Errors.unrecognized("Acme")<Unrecognized>() {}

  it("has each code once, and one provider", () => {
    expectTypeOf(Errors.catalogue({ TooLate, Busy, Unrecognized, facts })).toEqualTypeOf<Errors.Catalogue<TooLate | Busy | Unrecognized>>()
    // A class may be exported under a second name.
    expectTypeOf(Errors.catalogue({ TooLate, Late: TooLate, Unrecognized })).toEqualTypeOf<Errors.Catalogue<TooLate | Unrecognized>>()
    // @ts-expect-error Several classes have the code too_late
    Errors.catalogue({ TooLate, Captured, Busy, Unrecognized })
    // @ts-expect-error PaymentNotFound is of another provider
    Errors.catalogue({ TooLate, PaymentNotFound: WalletConnectPay.PaymentNotFound, Unrecognized })
  })
})

describe("a refusal", () => {
  const facts = { code: "x", category: "ProviderFault", about: "Request", meaning: "", remedy: "", certainty: "Documented" } as const
  const refusal = Errors.refusal("Acme")
  const doubt = Errors.doubt("Acme")

  it("comes with a status with which it is believed", () => {
    class Refused extends refusal<Refused>()("Refused", { ...facts, httpStatus: [422, 500] }) {}
    class Failed extends doubt<Failed>()("Failed", { ...facts, httpStatus: [500] }) {}
    expectTypeOf<[Refused["outcome"], Failed["outcome"]]>().toEqualTypeOf<["NotCancelled", "Unknown"]>()
    // @ts-expect-error 500 is not assignable to RefusalStatus
    refusal<Error>()("Failed", { ...facts, httpStatus: [500] })
    // @ts-expect-error nor is 408
    refusal<Error>()("TimedOut", { ...facts, httpStatus: [408] })
  })
})

describe("a doubt", () => {
  const facts = { category: "ProviderFault", about: "Request", meaning: "", remedy: "", certainty: "Documented" } as const
  const doubt = Errors.doubt("Acme")

  it("comes with a status whose answer its class may tell", () => {
    doubt<Error>()("Running", { ...facts, code: "x", httpStatus: [409, 408] })
    doubt<Error>()("Failed", { ...facts, code: "x", httpStatus: [503, 200] })
    doubt<Error>()("NoContent", { ...facts, code: null, httpStatus: [204] })
    doubt<Error>()("BadGateway", { ...facts, code: null, httpStatus: [502] })
    // @ts-expect-error a code in a 2xx is an UnexpectedResponse
    doubt<Error>()("Held", { ...facts, code: "x", httpStatus: [200, 409] })
    // @ts-expect-error so is one in a 408
    doubt<Error>()("TimedOut", { ...facts, code: "x", httpStatus: [408] })
    // @ts-expect-error and whatever a redirect has
    doubt<Error>()("Moved", { ...facts, code: null, httpStatus: [302] })
  })
})

describe("a request", () => {
  it("names what the provider needs", () => {
    WePay.cancel({ paymentId: "p", reason: "r" })
    WePay.cancel({ paymentId: "p", reason: "r", rbits: [{ a: 1 }], idempotencyKey: "k" })
    // @ts-expect-error WePay requires a reason
    WePay.cancel({ paymentId: "p" })
    // @ts-expect-error WalletConnect Pay has none
    WalletConnectPay.cancel({ paymentId: "p", reason: "r" })
    // @ts-expect-error and the payment must be named
    WalletConnectPay.cancel({})
    WalletConnectPay.cancel({ paymentId: "p", idempotencyKey: undefined })
  })
})
