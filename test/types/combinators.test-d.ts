/**
 * The combinators remove exactly what they handle: data-first, data-last, over two
 * providers, with foreign errors in the channel.
 */
import { describe, expectTypeOf, it } from "vitest"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { flow } from "effect/Function"
import * as Schema from "effect/Schema"
import { Adyen, Cancel, CancelError, Canceller, Stripe, WalletConnectPay, WePay } from "effect-payment-cancel"

class Foreign extends Data.TaggedError("Foreign")<{ readonly category: "RateLimited"; readonly outcome: "Unknown" }> {}
class Plain extends Data.TaggedError("Plain") {}

/** Errors and a service of the program that cancels. */
class TooLate extends Data.TaggedError("TooLate")<{ readonly paymentId: string }> {}
class Later extends Data.TaggedError("Later") {}
class Refunds extends Context.Tag("Refunds")<Refunds, { readonly refund: (paymentId: string) => Effect.Effect<"refunded"> }>() {}

/** One class, one tag, and a category that only its value says. */
class Several extends CancelError.marked(() =>
  Schema.TaggedError<Several>("Several")("Several", {
    provider: Schema.String,
    code: Schema.NullOr(Schema.String),
    category: Schema.Literal("Unexpected", "Forbidden", "RateLimited"),
    outcome: CancelError.constant("NotCancelled"),
    ...CancelError.reportFields
  })
) {}

declare const one: Effect.Effect<WePay.Cancellation, WePay.CancelError, WePay.WePay>
declare const two: Effect.Effect<"ok", WePay.CancelError | WalletConnectPay.CancelError | Foreign | Plain, "R">
declare const none: Effect.Effect<"ok", Plain>
declare const several: Effect.Effect<"ok", Several | WePay.NotAuthorized | Plain>
declare const neutral: Effect.Effect<"ok", Canceller.CancelError>
declare const any: Effect.Effect<"ok", CancelError.Any | Plain>

type ErrorOf<T> = T extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
type SuccessOf<T> = T extends Effect.Effect<infer A, infer _E, infer _R> ? A : never
type ContextOf<T> = T extends Effect.Effect<infer _A, infer _E, infer R> ? R : never

type WePayNotCancellable = WePay.PaymentCannotBeCanceled | CancelError.NoLongerCancellable
type WePayUnknown =
  | WePay.ConcurrentUniqueKeyRequestIsProcessing
  | WePay.UnexpectedError
  | CancelError.NoResponse
  | CancelError.UnexpectedResponse
type EveryRateLimited = WePay.ThrottleExceeded | WalletConnectPay.RateLimited

/** A code that nobody has listed has the category of its HTTP status: of the one class, this part. */
type Unlisted = WePay.Unrecognized | WalletConnectPay.Unrecognized
type Of<E, C extends CancelError.Category> = E extends unknown ? E & { readonly category: C } : never
type But<C extends CancelError.StatusCategory> = Exclude<CancelError.StatusCategory, C>

type Part<C extends CancelError.Category> = Several & { readonly category: C }

describe("catchCategory", () => {
  it("narrows exactly, data-last", () => {
    const handled = one.pipe(
      Cancel.catchCategory("NotCancellable", (error) => {
        expectTypeOf(error).toEqualTypeOf<WePayNotCancellable>()
        return Effect.succeed("refund" as const)
      })
    )
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Exclude<WePay.CancelError, WePayNotCancellable>>()
    expectTypeOf<SuccessOf<typeof handled>>().toEqualTypeOf<WePay.Cancellation | "refund">()
    expectTypeOf<ContextOf<typeof handled>>().toEqualTypeOf<WePay.WePay>()
  })
  it("narrows exactly, data-first", () => {
    const handled = Cancel.catchCategory(one, "NotCancellable", (error) => {
      expectTypeOf(error).toEqualTypeOf<WePayNotCancellable>()
      return Effect.fail("again" as const)
    })
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Exclude<WePay.CancelError, WePayNotCancellable> | "again">()
  })
  it("over two providers, and leaves foreign errors alone", () => {
    const handled = two.pipe(
      Cancel.catchCategory("RateLimited", (error) => {
        expectTypeOf(error).toEqualTypeOf<EveryRateLimited | Of<Unlisted, "RateLimited">>()
        return Effect.void
      })
    )
    type Left = ErrorOf<typeof handled>
    expectTypeOf<Left>().toEqualTypeOf<
      | Exclude<WePay.CancelError | WalletConnectPay.CancelError, EveryRateLimited | Unlisted>
      | Of<Unlisted, But<"RateLimited">>
      | Foreign
      | Plain
    >()
  })
  it("knows only categories", () => {
    // @ts-expect-error there is no such category
    one.pipe(Cancel.catchCategory("Nonsense", () => Effect.void))
    // @ts-expect-error nor is this one of several
    one.pipe(Cancel.catchCategory("NotCancellable", "Nonsense", () => Effect.void))
    // @ts-expect-error there is no handler
    one.pipe(Cancel.catchCategory("NotCancellable"))
    // @ts-expect-error there is no category
    one.pipe(Cancel.catchCategory(() => Effect.void))
  })
  it("without such errors the handler gets nothing", () => {
    none.pipe(Cancel.catchCategory("RateLimited", (error) => {
      expectTypeOf(error).toBeNever()
      return Effect.void
    }))
  })
})

describe("the handler of catchCategory", () => {
  type Left = Exclude<WePay.CancelError, WePayNotCancellable>

  it("may fail with an error of its own", () => {
    const last = one.pipe(Cancel.catchCategory("NotCancellable", (error) => new TooLate({ paymentId: error.paymentId })))
    const first = Cancel.catchCategory(one, "NotCancellable", (error) => new TooLate({ paymentId: error.paymentId }))
    const failing = one.pipe(Cancel.catchCategory("NotCancellable", () => Effect.fail("late" as const)))
    expectTypeOf(last).toEqualTypeOf<Effect.Effect<WePay.Cancellation, Left | TooLate, WePay.WePay>>()
    expectTypeOf(first).toEqualTypeOf<typeof last>()
    expectTypeOf<ErrorOf<typeof failing>>().toEqualTypeOf<Left | "late">()
  })
  it("may fail with the error it was given, or with another cancel error", () => {
    const last = one.pipe(Cancel.catchCategory("NotCancellable", (error) => Effect.fail(error)))
    const first = Cancel.catchCategory(one, "NotCancellable", (error) => Effect.fail(error))
    const other = one.pipe(Cancel.catchCategory("NotCancellable", () => two))
    expectTypeOf<ErrorOf<typeof last>>().toEqualTypeOf<WePay.CancelError>()
    expectTypeOf<ErrorOf<typeof first>>().toEqualTypeOf<WePay.CancelError>()
    expectTypeOf<ErrorOf<typeof other>>().toEqualTypeOf<Left | ErrorOf<typeof two>>()
    expectTypeOf<ContextOf<typeof other>>().toEqualTypeOf<WePay.WePay | "R">()
  })
  it("may need services", () => {
    const last = one.pipe(
      Cancel.catchCategory("NotCancellable", (error) => Effect.flatMap(Refunds, (_) => _.refund(error.paymentId)))
    )
    const first = Cancel.catchCategory(one, "NotCancellable", (error) =>
      Effect.flatMap(Refunds, (_) => _.refund(error.paymentId)))
    expectTypeOf(last).toEqualTypeOf<Effect.Effect<WePay.Cancellation | "refunded", Left, WePay.WePay | Refunds>>()
    expectTypeOf(first).toEqualTypeOf<typeof last>()
  })
  it("may do all of it, as one of several", () => {
    const handle = Effect.fnUntraced(function*(error: WePayNotCancellable) {
      if (error.attempts > 1) return yield* new TooLate({ paymentId: error.paymentId })
      return yield* (yield* Refunds).refund(error.paymentId)
    })
    const last = one.pipe(Cancel.catchCategory("NotCancellable", handle))
    const inline = one.pipe(Cancel.catchCategory("NotCancellable", (error) =>
      error.attempts > 1 ? new TooLate({ paymentId: error.paymentId }) : Effect.succeed(1 as const)))
    expectTypeOf(last).toEqualTypeOf<
      Effect.Effect<WePay.Cancellation | "refunded", Left | TooLate, WePay.WePay | Refunds>
    >()
    expectTypeOf(Cancel.catchCategory(one, "NotCancellable", handle)).toEqualTypeOf<typeof last>()
    expectTypeOf(inline).toEqualTypeOf<Effect.Effect<WePay.Cancellation | 1, Left | TooLate, WePay.WePay>>()
  })
  it("may have errors of its own over the neutral service and in a flow", () => {
    const handled = neutral.pipe(
      Cancel.catchCategory("NotCancellable", (error) => new TooLate({ paymentId: error.paymentId })),
      Cancel.catchCategory("RateLimited", () => new Later())
    )
    type Left = Cancel.ExceptCategory<Canceller.CancelError, "NotCancellable" | "RateLimited">
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Left | TooLate | Later>()
    expectTypeOf<Left["category"]>().toEqualTypeOf<Exclude<CancelError.Category, "NotCancellable" | "RateLimited">>()
    const cancel = flow(
      WePay.cancel,
      Cancel.catchCategory("NotCancellable", (error) => new TooLate({ paymentId: error.paymentId }))
    )
    expectTypeOf<ErrorOf<ReturnType<typeof cancel>>>().toEqualTypeOf<
      Exclude<WePay.CancelError, WePayNotCancellable> | TooLate
    >()
  })
})

describe("catchCategory with several categories", () => {
  type Both = WePayNotCancellable | WePay.UnexpectedError

  it("removes them all, in both argument orders", () => {
    const last = one.pipe(
      Cancel.catchCategory("NotCancellable", "ProviderFault", (error) => {
        expectTypeOf(error).toEqualTypeOf<Both>()
        return new TooLate({ paymentId: error.paymentId })
      })
    )
    const first = Cancel.catchCategory(one, "NotCancellable", "ProviderFault", (error) => {
      expectTypeOf(error).toEqualTypeOf<Both>()
      return new TooLate({ paymentId: error.paymentId })
    })
    expectTypeOf<ErrorOf<typeof last>>().toEqualTypeOf<Exclude<WePay.CancelError, Both> | TooLate>()
    expectTypeOf(first).toEqualTypeOf<typeof last>()
  })
  it("does not remove what is only one of several", () => {
    const either = {} as "NotCancellable" | "ProviderFault"
    const handled = one.pipe(
      Cancel.catchCategory(either, (error) => {
        expectTypeOf(error).toEqualTypeOf<Both>()
        return Effect.void
      })
    )
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<WePay.CancelError>()
    const first = Cancel.catchCategory(one, either, "Network", () => Effect.void)
    expectTypeOf<ErrorOf<typeof first>>().toEqualTypeOf<
      Exclude<WePay.CancelError, CancelError.NotSent | CancelError.NoResponse>
    >()
    const some = {} as readonly [CancelError.Category, ...Array<CancelError.Category>]
    const spread = one.pipe(Cancel.catchCategory(...some, () => Effect.void))
    expectTypeOf<ErrorOf<typeof spread>>().toEqualTypeOf<WePay.CancelError>()
  })
})

describe("a class with several categories", () => {
  it("is split, data-last", () => {
    const handled = several.pipe(
      Cancel.catchCategory("Forbidden", (error) => {
        expectTypeOf(error).toEqualTypeOf<Part<"Forbidden"> | WePay.NotAuthorized>()
        expectTypeOf(error.category).toEqualTypeOf<"Forbidden">()
        return new TooLate({ paymentId: error.paymentId })
      })
    )
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Part<"Unexpected" | "RateLimited"> | Plain | TooLate>()
  })
  it("is split, data-first", () => {
    const handled = Cancel.catchCategory(several, "Forbidden", (error) => {
      expectTypeOf(error).toEqualTypeOf<Part<"Forbidden"> | WePay.NotAuthorized>()
      return Effect.fail(error.category)
    })
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Part<"Unexpected" | "RateLimited"> | Plain | "Forbidden">()
  })
  it("stays as it is where it has no such category", () => {
    const handled = several.pipe(Cancel.catchCategory("NotFound", (error) => {
      expectTypeOf(error).toBeNever()
      return Effect.void
    }))
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Several | WePay.NotAuthorized | Plain>()
  })
  it("is gone when all its categories are handled, one after the other or at once", () => {
    const one = several.pipe(
      Cancel.catchCategory("Forbidden", () => Effect.void),
      Cancel.catchCategory("RateLimited", (error) => {
        expectTypeOf(error.category).toEqualTypeOf<"RateLimited">()
        return Effect.void
      }),
      Cancel.catchCategory("Unexpected", (error) => {
        expectTypeOf(error.category).toEqualTypeOf<"Unexpected">()
        expectTypeOf(error._tag).toEqualTypeOf<"Several">()
        return Effect.void
      })
    )
    const atOnce = several.pipe(
      Cancel.catchCategory("Forbidden", "RateLimited", "Unexpected", (error) => {
        expectTypeOf(error).toEqualTypeOf<Several | WePay.NotAuthorized>()
        return Effect.void
      })
    )
    expectTypeOf<ErrorOf<typeof one>>().toEqualTypeOf<Plain>()
    expectTypeOf<ErrorOf<typeof atOnce>>().toEqualTypeOf<Plain>()
  })
  it("is split also where it is any cancel error at all", () => {
    const handled = any.pipe(
      Cancel.catchCategory("NotFound", (error) => {
        expectTypeOf(error).toEqualTypeOf<CancelError.Any & { readonly category: "NotFound" }>()
        return Effect.void
      }),
      Cancel.catchUnknownOutcome((error) => {
        expectTypeOf(error.outcome).toEqualTypeOf<"Unknown">()
        return Effect.void
      })
    )
    type Left = Exclude<ErrorOf<typeof handled>, Plain>
    expectTypeOf<Left["category"]>().toEqualTypeOf<Exclude<CancelError.Category, "NotFound">>()
    expectTypeOf<Left["outcome"]>().toEqualTypeOf<"NotCancelled">()
  })
  it("keeps its tag", () => {
    const handled = several.pipe(
      Cancel.catchCategory("Forbidden", () => Effect.void),
      Effect.catchTag("Several", (error) => {
        expectTypeOf(error.category).toEqualTypeOf<"Unexpected" | "RateLimited">()
        return Effect.void
      })
    )
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Plain>()
  })
})

describe("matchCategory", () => {
  type Left =
    | WePay.InvalidParams
    | CancelError.InvalidCancelRequest
    | WePay.NotAuthorized
    | WePayNotCancellable
    | WePay.ResourceConflict
    | WePay.ThrottleExceeded
    | CancelError.NotSent
    | CancelError.UnexpectedResponse
  const provable = {} as Effect.Effect<WePay.Cancellation, Left, WePay.WePay>

  it("has every handler's types, and nothing is left, data-last", () => {
    const matched = provable.pipe(
      Cancel.matchCategory({
        InvalidRequest: (error) => {
          expectTypeOf(error).toEqualTypeOf<WePay.InvalidParams | CancelError.InvalidCancelRequest>()
          return Effect.dieMessage(error.message)
        },
        Forbidden: (error) => {
          expectTypeOf(error).toEqualTypeOf<WePay.NotAuthorized>()
          return Effect.fail(error.code)
        },
        NotCancellable: (error) => {
          expectTypeOf(error).toEqualTypeOf<WePayNotCancellable>()
          return Effect.flatMap(Refunds, (_) => _.refund(error.paymentId))
        },
        Conflict: () => new Later(),
        RateLimited: (error) => error.attempts > 1 ? new Later() : Effect.succeed(1 as const),
        Network: (error) => {
          expectTypeOf(error).toEqualTypeOf<CancelError.NotSent>()
          return Effect.succeed(true as const)
        },
        Unexpected: Effect.fnUntraced(function*(error) {
          expectTypeOf(error).toEqualTypeOf<CancelError.UnexpectedResponse>()
          return yield* new TooLate({ paymentId: error.paymentId })
        })
      })
    )
    expectTypeOf<SuccessOf<typeof matched>>().toEqualTypeOf<WePay.Cancellation | "refunded" | 1 | true>()
    expectTypeOf<ErrorOf<typeof matched>>().toEqualTypeOf<"NOT_AUTHORIZED" | Later | TooLate>()
    expectTypeOf<ContextOf<typeof matched>>().toEqualTypeOf<WePay.WePay | Refunds>()
  })
  it("has every handler's types, data-first", () => {
    const matched = Cancel.matchCategory(provable, {
      InvalidRequest: (error) => Effect.dieMessage(error.message),
      Forbidden: (error) => Effect.fail(error.code),
      NotCancellable: (error) => {
        expectTypeOf(error).toEqualTypeOf<WePayNotCancellable>()
        return Effect.flatMap(Refunds, (_) => _.refund(error.paymentId))
      },
      Conflict: () => new Later(),
      RateLimited: (error) => error.attempts > 1 ? new Later() : Effect.succeed(1 as const),
      Network: () => Effect.succeed(true as const),
      Unexpected: (error) => new TooLate({ paymentId: error.paymentId })
    })
    expectTypeOf(matched).toEqualTypeOf<
      Effect.Effect<
        WePay.Cancellation | "refunded" | 1 | true,
        "NOT_AUTHORIZED" | Later | TooLate,
        WePay.WePay | Refunds
      >
    >()
  })
  it("handlers that cannot fail leave an effect that cannot fail", () => {
    const matched = provable.pipe(
      Cancel.matchCategory({
        InvalidRequest: () => Effect.void,
        Forbidden: () => Effect.void,
        NotCancellable: () => Effect.void,
        Conflict: () => Effect.void,
        RateLimited: () => Effect.void,
        Network: () => Effect.void,
        Unexpected: () => Effect.void
      })
    )
    expectTypeOf<ErrorOf<typeof matched>>().toBeNever()
    expectTypeOf<SuccessOf<typeof matched>>().toEqualTypeOf<WePay.Cancellation | void>()
  })
  it("leaves foreign errors alone, and splits a class with several categories", () => {
    const matched = several.pipe(
      Cancel.matchCategory({
        Forbidden: (error) => {
          expectTypeOf(error).toEqualTypeOf<Part<"Forbidden"> | WePay.NotAuthorized>()
          return Effect.succeed(error.category)
        },
        RateLimited: (error) => {
          expectTypeOf(error).toEqualTypeOf<Part<"RateLimited">>()
          return new Later()
        },
        Unexpected: (error) => {
          expectTypeOf(error).toEqualTypeOf<Part<"Unexpected">>()
          return Effect.fail(error)
        }
      })
    )
    expectTypeOf(matched).toEqualTypeOf<Effect.Effect<"ok" | "Forbidden", Part<"Unexpected"> | Later | Plain>>()
  })
  it("over the neutral service, the router, and in a flow", () => {
    const later = () => Effect.succeed("later" as const)
    const shared = {
      InvalidRequest: later,
      Unauthenticated: later,
      Forbidden: later,
      NotFound: later,
      Conflict: later,
      RateLimited: later,
      ProviderFault: later,
      Network: later,
      Unexpected: later
    }
    const matched = neutral.pipe(
      Cancel.matchCategory({
        ...shared,
        NotCancellable: (error) => {
          expectTypeOf(error.category).toEqualTypeOf<"NotCancellable">()
          expectTypeOf(error.paymentStatus).not.toBeAny()
          return new TooLate({ paymentId: error.paymentId })
        }
      })
    )
    expectTypeOf(matched).toEqualTypeOf<Effect.Effect<"ok" | "later", TooLate>>()
    const routed = Canceller.router({ WePay, WalletConnectPay }).cancel({ provider: "WalletConnectPay", paymentId: "p" })
    const atRouter = routed.pipe(
      Cancel.matchCategory({
        ...shared,
        NotCancellable: (error) => {
          expectTypeOf(error).toEqualTypeOf<
            Extract<WalletConnectPay.CancelError, { readonly category: "NotCancellable" }>
          >()
          return new TooLate({ paymentId: error.paymentId })
        }
      })
    )
    expectTypeOf(atRouter).toEqualTypeOf<
      Effect.Effect<WalletConnectPay.Cancellation | "later", TooLate, WalletConnectPay.WalletConnectPay>
    >()
    const { NotFound: _1, ProviderFault: _2, Unauthenticated: _3, ...others } = shared
    const cancel = flow(
      () => provable,
      Cancel.matchCategory({ ...others, NotCancellable: (error) => Effect.succeed(error._tag) })
    )
    expectTypeOf(cancel).returns.toEqualTypeOf<
      Effect.Effect<WePay.Cancellation | "later" | WePayNotCancellable["_tag"], never, WePay.WePay>
    >()
  })
  it("takes a table that is written apart", () => {
    const handlers = {
      Forbidden: (error) => Effect.succeed(error.attempts),
      RateLimited: () => new Later(),
      Unexpected: (error) => Effect.fail(error.code)
    } satisfies Cancel.Handlers<ErrorOf<typeof several>>
    const matched = Cancel.matchCategory(several, handlers)
    expectTypeOf(matched).toEqualTypeOf<Effect.Effect<"ok" | number, Later | string | null | Plain>>()
  })
  it("wants every category, and no other", () => {
    const done = () => Effect.void
    // @ts-expect-error Unexpected is missing
    several.pipe(Cancel.matchCategory({ Forbidden: done, RateLimited: done }))
    // @ts-expect-error Unexpected is missing
    Cancel.matchCategory(several, { Forbidden: done, RateLimited: done })
    // @ts-expect-error it may be missing
    Cancel.matchCategory(several, { Forbidden: done, RateLimited: done, ...({} as { readonly Unexpected?: typeof done }) })
    // @ts-expect-error NotFound never comes
    several.pipe(Cancel.matchCategory({ Forbidden: done, RateLimited: done, Unexpected: done, NotFound: done }))
    const tooMany = { Forbidden: done, RateLimited: done, Unexpected: done, NotFound: done }
    // @ts-expect-error nor in a table that is written apart
    Cancel.matchCategory(several, tooMany)
    // @ts-expect-error there is no such category
    Cancel.matchCategory(several, { Forbidden: done, RateLimited: done, Unexpected: done, Nonsense: done })
    // @ts-expect-error a handler gives an effect
    Cancel.matchCategory(several, { Forbidden: done, RateLimited: done, Unexpected: () => 1 })
    const forOne = (error: WePay.NotAuthorized) => Effect.succeed(error.code)
    // @ts-expect-error a handler takes all errors of its category
    Cancel.matchCategory(several, { Forbidden: forOne, RateLimited: done, Unexpected: done })
  })
  it("without cancel errors there is nothing to handle", () => {
    expectTypeOf(none.pipe(Cancel.matchCategory({}))).toEqualTypeOf<typeof none>()
    // @ts-expect-error the foreign error has a field of that name, and is none of ours
    Cancel.matchCategory({} as Effect.Effect<"ok", Foreign>, { RateLimited: () => Effect.void })
  })
})

describe("in a generic function", () => {
  it("the errors of the caller pass", () => {
    const cancelling = <A, E, R>(self: Effect.Effect<A, E | WePay.CancelError, R>) =>
      self.pipe(
        Cancel.catchCategory("NotCancellable", (error) => Effect.succeed(error.paymentId)),
        Cancel.catchUnknownOutcome((error) => Effect.succeed(error.attempts))
      )
    const handled = cancelling({} as Effect.Effect<"ok", WePay.CancelError | Plain, "R">)
    expectTypeOf(handled).toEqualTypeOf<
      Effect.Effect<
        "ok" | string | number,
        Exclude<WePay.CancelError, WePayUnknown | WePayNotCancellable> | Plain,
        "R"
      >
    >()
  })
  it("one table serves every provider", () => {
    const done = () => Effect.void
    const respond = <A, R>(self: Effect.Effect<A, Canceller.CancelError, R>) =>
      Cancel.matchCategory(self, {
        InvalidRequest: done,
        Unauthenticated: done,
        Forbidden: done,
        NotFound: done,
        NotCancellable: ({ paymentId }) => new TooLate({ paymentId }),
        Conflict: done,
        RateLimited: done,
        ProviderFault: done,
        Network: done,
        Unexpected: done
      })
    expectTypeOf(one.pipe(respond)).toEqualTypeOf<Effect.Effect<WePay.Cancellation | void, TooLate, WePay.WePay>>()
    const other = respond(WalletConnectPay.cancel({ paymentId: "p" }))
    expectTypeOf<ErrorOf<typeof other>>().toEqualTypeOf<TooLate>()
  })
})

describe("one table for every provider, in the pipe of one", () => {
  const done = () => Effect.succeed("done")
  const table = {
    InvalidRequest: done,
    Unauthenticated: done,
    Forbidden: done,
    NotFound: done,
    NotCancellable: done,
    Conflict: done,
    RateLimited: done,
    ProviderFault: done,
    Network: done,
    Unexpected: done
  }
  const later = () => Effect.succeed("later")
  it("fits no provider's own errors, for none of them is a ProviderFault that proves something", () => {
    const stripe = Cancel.catchUnknownOutcome(Effect.as(Stripe.cancel({ paymentId: "p" }), ""), later)
    const adyen = Cancel.catchUnknownOutcome(Effect.as(Adyen.cancel({ paymentId: "p" }), ""), later)
    const wePay = Cancel.catchUnknownOutcome(Effect.as(WePay.cancel({ paymentId: "p", reason: "r" }), ""), later)
    expectTypeOf<"ProviderFault">().not.toExtend<ErrorOf<typeof stripe | typeof adyen | typeof wePay>["category"]>()
    // @ts-expect-error This effect cannot fail with the category ProviderFault
    Cancel.matchCategory(stripe, table)
    // @ts-expect-error This effect cannot fail with the category ProviderFault
    Cancel.matchCategory(adyen, table)
    // @ts-expect-error This effect cannot fail with the category ProviderFault
    Cancel.matchCategory(wePay, table)
  })
  it("fits where they are widened first", () => {
    const answered = Stripe.cancel({ paymentId: "p" }).pipe(
      Effect.as("cancelled"),
      Effect.mapError((error): Canceller.CancelError => error),
      Cancel.catchUnknownOutcome(later),
      Cancel.matchCategory(table)
    )
    expectTypeOf(answered).toEqualTypeOf<Effect.Effect<string, never, Stripe.Stripe>>()
  })
})

describe("catchUnknownOutcome", () => {
  it("narrows exactly, data-last", () => {
    const handled = one.pipe(
      Cancel.catchUnknownOutcome((error) => {
        expectTypeOf(error).toEqualTypeOf<WePayUnknown>()
        expectTypeOf(error.outcome).toEqualTypeOf<"Unknown">()
        return Effect.succeed(error.idempotencyKey)
      })
    )
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Exclude<WePay.CancelError, WePayUnknown>>()
    expectTypeOf<ErrorOf<typeof handled>["outcome"]>().toEqualTypeOf<"NotCancelled">()
    expectTypeOf<SuccessOf<typeof handled>>().toEqualTypeOf<WePay.Cancellation | string>()
  })
  it("narrows exactly, data-first", () => {
    const handled = Cancel.catchUnknownOutcome(one, (error) => {
      expectTypeOf(error).toEqualTypeOf<WePayUnknown>()
      return Effect.void
    })
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Exclude<WePay.CancelError, WePayUnknown>>()
  })
  it("over two providers, and leaves foreign errors alone", () => {
    const handled = two.pipe(
      Cancel.catchUnknownOutcome((error) => {
        expectTypeOf(error).toEqualTypeOf<WePayUnknown | WalletConnectPay.InternalError>()
        return Effect.void
      })
    )
    expectTypeOf<Extract<ErrorOf<typeof handled>, { readonly outcome: "Unknown" }>>().toEqualTypeOf<Foreign>()
    expectTypeOf<Plain>().toExtend<ErrorOf<typeof handled>>()
  })
})

describe("the handler of catchUnknownOutcome", () => {
  type Left = Exclude<WePay.CancelError, WePayUnknown>

  it("may fail with an error of its own", () => {
    const last = one.pipe(Cancel.catchUnknownOutcome((error) => new TooLate({ paymentId: error.paymentId })))
    const first = Cancel.catchUnknownOutcome(one, (error) => new TooLate({ paymentId: error.paymentId }))
    const same = one.pipe(Cancel.catchUnknownOutcome((error) => Effect.fail(error)))
    expectTypeOf(last).toEqualTypeOf<Effect.Effect<WePay.Cancellation, Left | TooLate, WePay.WePay>>()
    expectTypeOf(first).toEqualTypeOf<typeof last>()
    expectTypeOf<ErrorOf<typeof same>>().toEqualTypeOf<WePay.CancelError>()
  })
  it("may need services, succeed and fail at once", () => {
    const handle = (error: { readonly paymentId: string; readonly attempts: number }) =>
      error.attempts > 1
        ? new TooLate({ paymentId: error.paymentId })
        : Effect.flatMap(Refunds, (_) => _.refund(error.paymentId))
    const last = one.pipe(Cancel.catchUnknownOutcome((error) => handle(error)))
    expectTypeOf(last).toEqualTypeOf<
      Effect.Effect<WePay.Cancellation | "refunded", Left | TooLate, WePay.WePay | Refunds>
    >()
    expectTypeOf(Cancel.catchUnknownOutcome(one, handle)).toEqualTypeOf<typeof last>()
    expectTypeOf(one.pipe(Cancel.catchUnknownOutcome(handle))).toEqualTypeOf<typeof last>()
  })
  it("may have errors of its own over the neutral service and in a flow", () => {
    const handled = neutral.pipe(Cancel.catchUnknownOutcome((error) => new TooLate({ paymentId: error.paymentId })))
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<
      Exclude<Canceller.CancelError, { readonly outcome: "Unknown" }> | TooLate
    >()
    const cancel = flow(WePay.cancel, Cancel.catchUnknownOutcome(() => new Later()))
    expectTypeOf<ErrorOf<ReturnType<typeof cancel>>>().toEqualTypeOf<Left | Later>()
  })
})

describe("withPolicy", () => {
  it("changes no type", () => {
    const last = one.pipe(Cancel.withPolicy({ deadline: "20 seconds", attempts: 2 }))
    const first = Cancel.withPolicy(one, { backoff: { factor: 2 } })
    expectTypeOf(last).toEqualTypeOf<typeof one>()
    expectTypeOf(first).toEqualTypeOf<typeof one>()
  })
  it("knows only bounds", () => {
    // @ts-expect-error there is no such bound
    Cancel.withPolicy(one, { retries: 3 })
    // @ts-expect-error a duration is written otherwise
    Cancel.withPolicy(one, { deadline: "soon" })
  })
})

describe("beforeSending", () => {
  class Away extends Data.TaggedError("Away") {}
  class Journal extends Context.Tag("Journal")<Journal, { readonly add: (key: string) => Effect.Effect<void, Away> }>() {}
  const record = ({ idempotencyKey }: Cancel.Intent) => Effect.flatMap(Journal, (journal) => journal.add(idempotencyKey))
  it("adds what the record fails with, and needs", () => {
    const last = one.pipe(Cancel.beforeSending(record))
    const first = Cancel.beforeSending(one, record)
    expectTypeOf(last).toEqualTypeOf<Effect.Effect<WePay.Cancellation, WePay.CancelError | Away, WePay.WePay | Journal>>()
    expectTypeOf(first).toEqualTypeOf<typeof last>()
  })
  it("changes no type where the record can neither fail nor needs anything", () => {
    expectTypeOf(Cancel.beforeSending(one, () => Effect.succeed(1))).toEqualTypeOf<typeof one>()
  })
})

describe("handling by tag", () => {
  it("one after the other leaves nothing", () => {
    const handled = one.pipe(
      Effect.catchTag("WePay.PaymentCannotBeCanceled", (error) => {
        expectTypeOf(error).toEqualTypeOf<WePay.PaymentCannotBeCanceled>()
        return Effect.void
      })
    )
    expectTypeOf<ErrorOf<typeof handled>>().toEqualTypeOf<Exclude<WePay.CancelError, WePay.PaymentCannotBeCanceled>>()
  })
  it("does not know another provider's tags", () => {
    // @ts-expect-error WalletConnect Pay's error is not in WePay's channel
    one.pipe(Effect.catchTag("WalletConnectPay.InvalidState", () => Effect.void))
  })
  it("catchUnknownOutcome and every category together leave nothing", () => {
    const handled = one.pipe(
      Cancel.catchUnknownOutcome(() => Effect.void),
      Cancel.catchCategory("InvalidRequest", () => Effect.void),
      Cancel.catchCategory("Unauthenticated", (error) => {
        expectTypeOf(error.category).toEqualTypeOf<"Unauthenticated">()
        expectTypeOf(error).toExtend<WePay.Unrecognized>()
        return Effect.void
      }),
      Cancel.catchCategory("Forbidden", () => Effect.void),
      Cancel.catchCategory("NotFound", () => Effect.void),
      Cancel.catchCategory("NotCancellable", () => Effect.void),
      Cancel.catchCategory("Conflict", () => Effect.void),
      Cancel.catchCategory("RateLimited", () => Effect.void),
      Cancel.catchCategory("Network", () => Effect.void),
      Cancel.catchCategory("Unexpected", () => Effect.void)
    )
    expectTypeOf<ErrorOf<typeof handled>>().toBeNever()
  })
})
