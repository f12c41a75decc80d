import type { Either, Stream } from "effect"
import type { Effect } from "effect"
import { Effect as Effects, Stream as Streams } from "effect"
import { CancelMany, Canceller, Stripe, WePay } from "effect-payment-cancel"
import { describe, expectTypeOf, it } from "vitest"

const router = Canceller.router({ Stripe, WePay })

type ErrorOf<S> = S extends Stream.Stream<CancelMany.Ended<infer _R, infer _A, infer E>, infer _E, infer _R2> ? E : never

describe("many cancels", () => {
  it("keep the types of a provider's operation", () => {
    const ended = Streams.make({ paymentId: "pi_1" }).pipe(CancelMany.cancelMany(Stripe.cancel))
    expectTypeOf(ended).toEqualTypeOf<
      Stream.Stream<
        CancelMany.Ended<Stripe.CancelRequest, Stripe.Cancellation, Stripe.CancelError | CancelMany.NotBegun | CancelMany.Died>,
        never,
        Stripe.Stripe
      >
    >()
  })
  it("keep those of a router: every provider's requests, successes, errors and services", () => {
    const requests = Streams.make<[Canceller.RouterRequest<{ Stripe: typeof Stripe; WePay: typeof WePay }>]>({ provider: "Stripe", paymentId: "pi_1" })
    const ended = requests.pipe(CancelMany.cancelMany(router.cancel))
    expectTypeOf<Stream.Stream.Context<typeof ended>>().toEqualTypeOf<Stripe.Stripe | WePay.WePay>()
    expectTypeOf<ErrorOf<typeof ended>>().toEqualTypeOf<Stripe.CancelError | WePay.CancelError | CancelMany.NotBegun | CancelMany.Died>()
    expectTypeOf<Stream.Stream.Success<typeof ended>["result"]>().toEqualTypeOf<
      Either.Either<Stripe.Cancellation | WePay.Cancellation, ErrorOf<typeof ended>>
    >()
    // @ts-expect-error: WePay needs a reason.
    Streams.make({ provider: "WePay" as const, paymentId: "p" }).pipe(CancelMany.cancelMany(router.cancel))
    // @ts-expect-error: there is no such provider.
    Streams.make({ provider: "Adyen" as const, paymentId: "p" }).pipe(CancelMany.cancelMany(router.cancel))
  })
  it("keep those of the neutral service: all that is left is handled by category and outcome", () => {
    const ended = Streams.make({ paymentId: "p" }).pipe(CancelMany.cancelMany(Canceller.cancel))
    expectTypeOf<Stream.Stream.Context<typeof ended>>().toEqualTypeOf<Canceller.Canceller>()
    expectTypeOf<CancelMany.NotBegun>().toExtend<Canceller.CancelError>()
    expectTypeOf<CancelMany.Died>().toExtend<Canceller.CancelError>()
  })
  it("take a function of one's own, with its services, and the options for its requests", () => {
    interface Order {
      readonly shop: string
      readonly order: number
    }
    class Orders extends Effects.Tag("Orders")<Orders, { readonly paymentOf: (order: number) => Effect.Effect<string, "NoSuchOrder"> }>() {}
    const cancel = ({ order }: Order) => Effects.flatMap(Orders.paymentOf(order), (paymentId) => Stripe.cancel({ paymentId }))
    const ended = Streams.fail("unreadable" as const).pipe(CancelMany.cancelMany(cancel, { providerOf: ({ shop }) => shop }))
    expectTypeOf(ended).toEqualTypeOf<
      Stream.Stream<
        CancelMany.Ended<Order, Stripe.Cancellation, Stripe.CancelError | "NoSuchOrder" | CancelMany.NotBegun | CancelMany.Died>,
        "unreadable",
        Orders | Stripe.Stripe
      >
    >()
    // @ts-expect-error: an order has no such field.
    CancelMany.cancelMany(cancel, { providerOf: ({ provider }) => provider })
  })
  it("know nothing of a limit that does not exist", () => {
    // @ts-expect-error: it is misspelt.
    CancelMany.cancelMany(Stripe.cancel, { limits: { Stripe: { concurency: 4 } } })
  })
})
