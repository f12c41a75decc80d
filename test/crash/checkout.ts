/**
 * Checkouts: workflows that authorize a payment, and have it cancelled if they do not succeed. What they are to come to
 * is given; the shop's server does what is to go wrong there.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { Activity, DurableDeferred, Workflow, WorkflowEngine } from "@effect/workflow"
import { CancelRecords, type CancelWorkflow } from "effect-payment-cancel/workflow"
import type { Adyen, Square } from "effect-payment-cancel"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"

/**
 * - `Ships`: it succeeds;
 * - `NoStock`: it fails before anything is authorized;
 * - `AnswerLost`, `NeverCreated`: the authorization's answer is lost, and there is a payment, or none;
 * - `NotShipped`: a later step fails;
 * - `Dies`: the workflow dies of a defect;
 * - `Withdrawn`: it is interrupted while it waits;
 * - `Fickle`: it fails outside of any step, by what it is told: asked again, it would be told otherwise.
 */
export const Ending = Schema.Literal("Ships", "NoStock", "AnswerLost", "NeverCreated", "NotShipped", "Dies", "Withdrawn", "Fickle")

/** A checkout to carry out. */
export const Order = Schema.Struct({ orderId: Schema.String, payWith: Schema.Literal("Adyen", "Square"), ending: Ending })

export type Order = typeof Order.Type

class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", {}) {}

class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", {}) {}

class NotShipped extends Schema.TaggedError<NotShipped>()("NotShipped", {}) {}

const Checkout = Workflow.make({
  name: "Checkout",
  payload: Order.fields,
  success: Schema.String,
  error: Schema.Union(OutOfStock, NoAnswer, NotShipped),
  idempotencyKey: ({ orderId }) => orderId
})

const Packed = DurableDeferred.make("Packed")

/** What the shop's server answers to the order; none if there was no answer, or a refusal. */
const ask = (what: "reserve" | "release" | "authorise" | "ship", { orderId }: Order) =>
  Effect.gen(function*() {
    const url = yield* Config.string("SHOP_URL")
    const response = yield* HttpClient.get(`${url}/${what}/${orderId}`)
    return Option.liftPredicate(yield* response.text, () => response.status === 200)
  }).pipe(Effect.option, Effect.map(Option.flatten))

/** As `docs/examples/checkout-durable.ts` undoes what the library has nothing to do with. */
const undo = <R>(effect: Effect.Effect<unknown, never, R>) =>
  Effect.flatMap(WorkflowEngine.WorkflowInstance, (instance) =>
    Workflow.addFinalizer(Exit.match({
      onFailure: (cause) => Cause.isInterruptedOnly(cause) && !instance.interrupted ? Effect.void : effect,
      onSuccess: () => Effect.void
    })))

/** What cancels at each of the providers that payments can be authorized at. */
interface Cancels {
  readonly Adyen: CancelWorkflow.CancelWorkflow<typeof Adyen>
  readonly Square: CancelWorkflow.CancelWorkflow<typeof Square>
}

const name = "payment"

export const layer = (cancels: Cancels) => {
  const authorized = (paymentId: string) => ({ paymentId })
  const releasedOnFailure = {
    Adyen: <E, R>(orderId: string, authorise: Effect.Effect<string, E, R>) =>
      cancels.Adyen.cancelOnFailure(authorise, { name, payment: { merchantReference: orderId }, authorized }),
    Square: <E, R>(orderId: string, authorise: Effect.Effect<string, E, R>) =>
      cancels.Square.cancelOnFailure(authorise, { name, payment: { creationKey: orderId }, authorized })
  }
  return Checkout.toLayer(Effect.fn(function*(order) {
    yield* Activity.make({
      name: "Reserve",
      error: OutOfStock,
      execute: Effect.flatMap(ask("reserve", order), Option.match({ onNone: () => new OutOfStock(), onSome: () => Effect.void }))
    })
    yield* undo(ask("release", order))
    yield* releasedOnFailure[order.payWith](
      order.orderId,
      Activity.make({
        name: "Authorise",
        success: Schema.String,
        error: NoAnswer,
        execute: Effect.flatMap(ask("authorise", order), Option.match({ onNone: () => new NoAnswer(), onSome: Effect.succeed }))
      })
    )
    yield* DurableDeferred.await(Packed)
    if (order.ending === "Dies") return yield* Effect.dieMessage("the shipping department is on fire")
    const ship = Effect.flatMap(ask("ship", order), Option.match({ onNone: () => new NotShipped(), onSome: Effect.succeed }))
    return yield* order.ending === "Fickle" ? ship : Activity.make({ name: "Ship", success: Schema.String, error: NotShipped, execute: ship })
  }))
}

const resultOf = <A, E extends { readonly _tag: string }>(exit: Exit.Exit<A, E>): string =>
  Exit.match(exit, {
    onSuccess: () => "Shipped",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onNone: () => Cause.isInterruptedOnly(cause) ? "Interrupted" : "Died",
        onSome: ({ _tag }) => _tag
      })
  })

/** Starts a checkout, and gives what it is asked for under. */
export const start = (order: Order) => Checkout.execute(order, { discard: true })

/** Packs the order, or withdraws it, until the checkout has ended. */
const ended = (order: Order, executionId: string) =>
  Effect.gen(function*() {
    const result = yield* Checkout.poll(executionId)
    if (result?._tag === "Complete") return Option.some(resultOf(result.exit))
    yield* order.ending === "Withdrawn"
      ? Checkout.interrupt(executionId)
      : DurableDeferred.succeed(Packed, {
        token: DurableDeferred.tokenFromExecutionId(Packed, { workflow: Checkout, executionId }),
        value: undefined
      })
    // The engine does not wake what is falling asleep at that very moment.
    yield* Checkout.resume(executionId)
    return Option.none()
  }).pipe(
    Effect.repeat({ until: Option.isSome, schedule: Schedule.spaced("400 millis") }),
    Effect.zipRight(Checkout.poll(executionId)),
    Effect.map((result) => result?._tag === "Complete" ? resultOf(result.exit) : "nothing")
  )

/** Every cancel that was begun for it. */
const cancelsOf = (executionId: string) =>
  Effect.gen(function*() {
    const records = yield* CancelRecords.CancelRecords
    const all = yield* records.inState("Working", "InDoubt", "Accepted", "Settled", "HandedOver")
    return all.filter(({ requestId }) => requestId === `${executionId}/${name}`)
  })

/** Those that no payment is authorized in, or that keep it. */
const withoutCancel: ReadonlySet<string> = new Set(["Shipped", "OutOfStock"])

/** How it ended, and how its cancel did. One that never comes is not waited for any longer. */
export const outcome = (order: Order, executionId: string) =>
  Effect.gen(function*() {
    const result = yield* ended(order, executionId)
    const isOver = (cancels: Effect.Effect.Success<ReturnType<typeof cancelsOf>>) =>
      (withoutCancel.has(result) || cancels.length > 0) && cancels.every(({ state }) => state === "Settled" || state === "HandedOver")
    yield* Effect.repeat(cancelsOf(executionId), { until: isOver, schedule: Schedule.spaced("200 millis") }).pipe(Effect.timeoutOption("40 seconds"))
    const cancels = (yield* cancelsOf(executionId)).map(({ identifiedBy, result, state }) => `${state} ${result} by ${identifiedBy}`)
    return { orderId: order.orderId, result, cancels }
  })
