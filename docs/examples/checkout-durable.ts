/**
 * A checkout that survives crashes, as a workflow of `@effect/workflow`: reserve the stock, authorise
 * the payment, wait until it is packed, ship. If it does not come to its end, for whatever reason, the payment is released.
 * The same program runs in memory, on SQLite and on PostgreSQL. `checkout-saga.test.ts` lets each
 * step fail in each way.
 */
import { Activity, DurableDeferred, Workflow, WorkflowEngine } from "@effect/workflow"
import { Cause, Context, Effect, Exit, Layer, type Redacted, Schema } from "effect"
import { Adyen, Square } from "effect-payment-cancel"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Postgres from "effect-payment-cancel/workflow/Postgres"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"

// #region shop
export class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", { orderId: Schema.String }) {}

/** The payment may have been authorised all the same: only the answer is missing. */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", { orderId: Schema.String }) {}

export class NotShipped extends Schema.TaggedError<NotShipped>()("NotShipped", { orderId: Schema.String }) {}

const PayWith = Schema.Literal("Adyen", "Square")

/** What the checkout needs. After a crash each step may be carried out again: it is the same order. */
export class Shop extends Context.Tag("Shop")<Shop, {
  readonly reserve: (orderId: string) => Effect.Effect<void, OutOfStock>
  readonly release: (orderId: string) => Effect.Effect<void>
  /**
   * Sends the order's id along: to Adyen as the merchant's reference, to Square as the creation's
   * key. Gives the provider's id of the payment.
   */
  readonly authorise: (orderId: string, payWith: typeof PayWith.Type) => Effect.Effect<string, NoAnswer>
  readonly ship: (orderId: string) => Effect.Effect<string, NotShipped>
}>() {}
// #endregion

// #region release
const adyen = CancelWorkflow.make("Adyen", Adyen)
const square = CancelWorkflow.make("Square", Square)

/**
 * Before the authorisation is answered nobody knows the payment's id, so the payment goes by what we
 * have named it ourselves; afterwards by its id.
 */
const releasedOnFailure = {
  Adyen: <E, R>(orderId: string, authorise: Effect.Effect<string, E, R>) =>
    adyen.cancelOnFailure(authorise, {
      name: "payment",
      payment: { merchantReference: orderId },
      authorized: (paymentId) => ({ paymentId })
    }),
  Square: <E, R>(orderId: string, authorise: Effect.Effect<string, E, R>) =>
    square.cancelOnFailure(authorise, {
      name: "payment",
      payment: { creationKey: orderId },
      authorized: (paymentId) => ({ paymentId })
    })
}
// #endregion

// #region checkout
export const Checkout = Workflow.make({
  name: "Checkout",
  payload: { orderId: Schema.String, payWith: PayWith },
  success: Schema.Struct({ paymentId: Schema.String, parcel: Schema.String }),
  error: Schema.Union(OutOfStock, NoAnswer, NotShipped),
  idempotencyKey: ({ orderId }) => orderId
})

type Order = Parameters<typeof Checkout.executionId>[0]

const Packed = DurableDeferred.make("Packed")

/**
 * What the workflow does if it does not succeed. `Checkout.withCompensation` would do it also when the
 * process is only being stopped, after which the workflow goes on in the next process.
 */
const undo = (effect: Effect.Effect<void>) =>
  Effect.flatMap(WorkflowEngine.WorkflowInstance, (instance) =>
    Workflow.addFinalizer(Exit.match({
      onFailure: (cause) => Cause.isInterruptedOnly(cause) && !instance.interrupted ? Effect.void : effect,
      onSuccess: () => Effect.void
    })))

const checkout = Checkout.toLayer(
  Effect.fn(function*({ orderId, payWith }) {
    const shop = yield* Shop

    yield* Activity.make({ name: "Reserve", error: OutOfStock, execute: shop.reserve(orderId) })
    yield* undo(shop.release(orderId))

    const paymentId = yield* releasedOnFailure[payWith](
      orderId,
      Activity.make({
        name: "Authorise",
        success: Schema.String,
        error: NoAnswer,
        execute: shop.authorise(orderId, payWith)
      })
    )

    // Days, perhaps. Nothing is held in memory meanwhile that a crash could lose.
    yield* DurableDeferred.await(Packed)

    const parcel = yield* Activity.make({
      name: "Ship",
      success: Schema.String,
      error: NotShipped,
      execute: shop.ship(orderId)
    })
    return { paymentId, parcel }
  })
)

/** The order is packed: it may be shipped. */
export const packed = (order: Order) =>
  Effect.flatMap(DurableDeferred.tokenFromPayload(Packed, { workflow: Checkout, payload: order }), (token) =>
    DurableDeferred.succeed(Packed, { token, value: undefined }))

/**
 * The customer withdraws the order: the wait for packing ends. Offer it until the order is packed: a
 * step that is being carried out is not cut off.
 */
export const withdraw = (order: Order) => Effect.flatMap(Checkout.executionId(order), Checkout.interrupt)

/** What carries checkouts out, and the cancels of those that failed. */
export const shopFloor = Layer.mergeAll(checkout, adyen.layer, square.layer)
// #endregion

// #region storage
/** For tests: nothing is left when the process ends. */
export const onMemory = Layer.merge(WorkflowEngine.layerMemory, CancelRecords.layerMemory)

/** One process. What it leaves when it dies, it goes on with when it is started again. */
export const onSqlite = (filename: string) => Sqlite.layer({ filename })

/** Several processes. What one leaves when it dies, another goes on with. */
export const onPostgres = (url: Redacted.Redacted, runner: Postgres.Runner) => Postgres.layer({ url, runner })
// #endregion

// #region notified
/** What to give the webhook's route, so that an accepted cancel ends when Adyen has decided. */
export const { notified } = adyen
// #endregion
