/**
 * The combinators remove exactly what they handle: data-first, data-last, over two
 * providers, with foreign errors in the channel.
 */
import { describe, expectTypeOf, it } from "vitest"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { Cancel, type CancelError, WalletConnectPay, WePay } from "effect-payment-cancel"

class Foreign extends Data.TaggedError("Foreign")<{ readonly category: "RateLimited"; readonly outcome: "Unknown" }> {}
class Plain extends Data.TaggedError("Plain") {}

declare const one: Effect.Effect<WePay.Cancellation, WePay.CancelError, WePay.WePay>
declare const two: Effect.Effect<"ok", WePay.CancelError | WalletConnectPay.CancelError | Foreign | Plain, "R">
declare const none: Effect.Effect<"ok", Plain>

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
        expectTypeOf(error).toEqualTypeOf<EveryRateLimited>()
        return Effect.void
      })
    )
    type Left = ErrorOf<typeof handled>
    expectTypeOf<Left>().toEqualTypeOf<
      Exclude<WePay.CancelError | WalletConnectPay.CancelError, EveryRateLimited> | Foreign | Plain
    >()
  })
  it("knows only categories", () => {
    // @ts-expect-error there is no such category
    one.pipe(Cancel.catchCategory("Nonsense", () => Effect.void))
  })
  it("without such errors the handler gets nothing", () => {
    none.pipe(Cancel.catchCategory("RateLimited", (error) => {
      expectTypeOf(error).toBeNever()
      return Effect.void
    }))
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
      Cancel.catchCategory("Forbidden", () => Effect.void),
      Cancel.catchCategory("NotCancellable", () => Effect.void),
      Cancel.catchCategory("Conflict", () => Effect.void),
      Cancel.catchCategory("RateLimited", () => Effect.void),
      Cancel.catchCategory("Network", () => Effect.void),
      Cancel.catchCategory("Unexpected", () => Effect.void)
    )
    expectTypeOf<ErrorOf<typeof handled>>().toBeNever()
  })
})
