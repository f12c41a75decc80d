/** Durable cancels as types: what they take, what they end with, and what they need. */
import type { WorkflowEngine } from "@effect/workflow"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Adyen, Square, Stripe } from "effect-payment-cancel"
import { Cancelled } from "effect-payment-cancel/Cancellation"
import { type CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import { describe, expectTypeOf, it } from "vitest"
import * as Acme from "../../docs/examples/acme/index.js"
import { Payment } from "../../docs/examples/acme/wire.js"

class Console extends Context.Tag("Console")<Console, { readonly say: string }>() {}

const stripe = CancelWorkflow.make("Stripe", Stripe)
const adyen = CancelWorkflow.make("Adyen", Adyen)
const square = CancelWorkflow.make("Square", Square)

type RequestOf<F> = F extends (request: infer Request) => unknown ? Request : never
type SuccessOf<F> = F extends (...args: never) => Effect.Effect<infer A, infer _E, infer _R> ? A : never
type ErrorOf<F> = F extends (...args: never) => Effect.Effect<infer _A, infer E, infer _R> ? E : never
type ContextOf<F> = F extends (...args: never) => Effect.Effect<infer _A, infer _E, infer R> ? R : never
type Keys<T> = T extends unknown ? keyof T : never

describe("a durable cancel", () => {
  it("never succeeds with what was merely accepted", () => {
    expectTypeOf<SuccessOf<typeof stripe.cancel>["_tag"]>().toEqualTypeOf<"Cancelled" | "AlreadyCancelled" | "Refunded">()
    expectTypeOf<Extract<SuccessOf<typeof adyen.cancel>, { readonly _tag: "CancellationAccepted" }>>().toBeNever()
    expectTypeOf<Extract<SuccessOf<typeof square.cancel>, { readonly _tag: "CancellationAccepted" }>>().toBeNever()
    expectTypeOf<SuccessOf<typeof adyen.cancel>["provider"]>().toEqualTypeOf<"Adyen">()
  })

  it("is in doubt at its end in one way only", () => {
    expectTypeOf<Extract<ErrorOf<typeof stripe.cancel>, { readonly outcome: "Unknown" }>["_tag"]>().toEqualTypeOf<"CancelWorkflow.Unsettled">()
    expectTypeOf<Extract<ErrorOf<typeof adyen.cancel>, { readonly outcome: "Unknown" }>["_tag"]>().toEqualTypeOf<"CancelWorkflow.Unsettled">()
    expectTypeOf<Extract<ErrorOf<typeof square.cancel>, { readonly outcome: "Unknown" }>["_tag"]>().toEqualTypeOf<"CancelWorkflow.Unsettled">()
    expectTypeOf<"CancelWorkflow.Declined">().toExtend<ErrorOf<typeof adyen.cancel>["_tag"]>()
    expectTypeOf<ErrorOf<typeof stripe.cancel>>().not.toBeAny()
    expectTypeOf<SuccessOf<typeof stripe.cancel>>().not.toBeAny()
  })

  it("takes the provider's own requests, and a name", () => {
    expectTypeOf<Extract<"creationKey" | "merchantReference" | "paymentId", Keys<RequestOf<typeof stripe.cancel>>>>().toEqualTypeOf<"paymentId">()
    expectTypeOf<Extract<"creationKey" | "merchantReference" | "paymentId", Keys<RequestOf<typeof square.cancel>>>>().toEqualTypeOf<"creationKey" | "paymentId">()
    expectTypeOf<Extract<"creationKey" | "merchantReference" | "paymentId", Keys<RequestOf<typeof adyen.cancel>>>>().toEqualTypeOf<"merchantReference" | "paymentId">()
    expectTypeOf<RequestOf<typeof stripe.cancel>["requestId"]>().toEqualTypeOf<string>()
    // @ts-expect-error it has no name
    void stripe.cancel({ paymentId: "pi_1" })
    // @ts-expect-error Stripe knows no such way
    void stripe.cancel({ merchantReference: "order-1", requestId: "r-1" })
    // @ts-expect-error it is another provider's name
    void CancelWorkflow.make("Adyen", Stripe)
  })

  it("takes a provider of one's own, and says of one without a schema what it lacks, and not that its name is wrong", () => {
    void CancelWorkflow.make("Acme", Acme)
    const { Cancellation: _, ...unfinished } = Acme
    void CancelWorkflow.make(
      "Acme",
      // @ts-expect-error it has no `Cancellation`
      unfinished
    )
  })

  it("takes no provider whose schemas cannot write down every end of its cancels", () => {
    void CancelWorkflow.make(
      "Acme",
      // @ts-expect-error it may also be `AlreadyCancelled`
      { ...Acme, Cancellation: Cancelled("Acme", Payment) }
    )
    void CancelWorkflow.make(
      "Adyen",
      // @ts-expect-error it is accepted at first, and that is written down too
      { ...Adyen, Cancellation: Stripe.Cancellation }
    )
    void CancelWorkflow.make(
      "Acme",
      // @ts-expect-error it fails with more than that
      { ...Acme, CancelError: Schema.Union(Acme.TooLate, Acme.Unrecognized) }
    )
    void CancelWorkflow.make("Square", Square)
  })

  it("needs the engine, and to be carried out the provider", () => {
    expectTypeOf<ContextOf<typeof stripe.cancel>>().toEqualTypeOf<WorkflowEngine.WorkflowEngine>()
    expectTypeOf<Layer.Layer.Context<typeof stripe.layer>>().toEqualTypeOf<
      WorkflowEngine.WorkflowEngine | CancelRecords.CancelRecords | Stripe.Stripe
    >()
    expectTypeOf<Layer.Layer.Error<typeof stripe.layer>>().toBeNever()
    expectTypeOf<Layer.Layer.Success<typeof stripe.layer>>().toBeNever()
  })

  it("is part of a workflow that gives what it authorizes, and fails only as that does", () => {
    const authorize = Effect.flatMap(Console, ({ say }) => say === "" ? Effect.fail("no answer" as const) : Effect.succeed(1))
    const released = square.cancelOnFailure(authorize, { name: "payment", payment: { creationKey: "order-1" }, authorized: (id) => ({ paymentId: `${id}` }) })
    expectTypeOf(released).toEqualTypeOf<
      Effect.Effect<
        number,
        "no answer",
        Console | WorkflowEngine.WorkflowEngine | WorkflowEngine.WorkflowInstance | CancelRecords.CancelRecords | Scope.Scope
      >
    >()
  })

  it("is routed by the provider's name, and keeps that provider's types, or those of all", () => {
    const cancels = CancelWorkflow.router({ Stripe: stripe, Adyen: adyen })
    const one = cancels.within({ provider: "Adyen", merchantReference: "order-1", requestId: "r-1" }, "1 second")
    expectTypeOf(one).toEqualTypeOf<ReturnType<typeof adyen.within>>()
    const request: { readonly provider: "Stripe" | "Adyen"; readonly paymentId: string; readonly requestId: string } = {
      provider: "Stripe",
      paymentId: "p",
      requestId: "r-1"
    }
    const any = cancels.within(request, "1 second")
    expectTypeOf<Effect.Effect.Success<typeof any>>().toEqualTypeOf<SuccessOf<typeof stripe.within | typeof adyen.within>>()
    expectTypeOf<Effect.Effect.Error<typeof any>>().toEqualTypeOf<ErrorOf<typeof stripe.within | typeof adyen.within>>()
    expectTypeOf<Effect.Effect.Error<typeof any>["_tag"]>().not.toEqualTypeOf<string>()
    expectTypeOf(cancels.outcome("Stripe", "id")).toEqualTypeOf<ReturnType<typeof stripe.outcome>>()
    expectTypeOf<Layer.Layer.Context<typeof cancels.layer>>().toEqualTypeOf<
      WorkflowEngine.WorkflowEngine | CancelRecords.CancelRecords | Stripe.Stripe | Adyen.Adyen
    >()
    // @ts-expect-error Stripe knows no such way
    void cancels.start({ provider: "Stripe", merchantReference: "order-1", requestId: "r-1" })
    // @ts-expect-error it is none of them
    void cancels.start({ provider: "Square", paymentId: "p", requestId: "r-1" })
    // @ts-expect-error it has no name
    void cancels.start({ provider: "Stripe", paymentId: "p" })
  })

  it("is being worked on only for who does not wait", () => {
    expectTypeOf<Extract<SuccessOf<typeof stripe.cancel>, { readonly _tag: "Working" }>>().toBeNever()
    expectTypeOf<"Working">().toExtend<SuccessOf<typeof stripe.within>["_tag"]>()
    expectTypeOf<"Working">().toExtend<Option.Option.Value<SuccessOf<typeof stripe.outcome>>["_tag"]>()
    expectTypeOf<SuccessOf<typeof stripe.start>>().toEqualTypeOf<string>()
  })
})
