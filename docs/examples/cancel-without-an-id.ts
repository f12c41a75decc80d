/**
 * A checkout that ends without an order: cancel its payment by the key that it was created
 * under, whether or not anybody knows the payment's id.
 */
import { Context, Data, Effect, Layer, Option, Queue, Schedule } from "effect"
import { Cancel, Square } from "effect-payment-cancel"

// #region once
/** Not enough by itself: the creation may still be on its way. */
export const once = (creationKey: string) => Square.cancelByCreationKey({ creationKey })
// #endregion

// #region again
/**
 * At once, and again for a quarter of an hour: longer than any creation of ours can still be in
 * flight.
 *
 * An answer that is lost leaves the outcome unknown. To cancel by the same key again is then
 * our decision, and a good one: it cancels what is there, or finds nothing. Any other failure
 * (a refusal because the payment was captured, a bad token) is for a person to see.
 */
export const untilNothingIsInFlight = (creationKey: string) =>
  once(creationKey).pipe(
    Effect.retry({ while: ({ outcome }) => outcome === "Unknown", times: 10, schedule: Schedule.spaced("30 seconds") }),
    Effect.repeat(Schedule.spaced("5 minutes").pipe(Schedule.intersect(Schedule.recurs(3))))
  )
// #endregion

// #region orders
export interface Order {
  readonly id: string
}

/** The checkout was given up, and its payment is being cancelled: no order may stand on it any more. */
export class GivenUp extends Data.TaggedError("GivenUp")<{ readonly creationKey: string }> {}

/** The database did not say. */
export class OrdersUnavailable extends Data.TaggedError("OrdersUnavailable")<{ readonly creationKey: string }> {}

/**
 * One row for each checkout, under its creation key. It is open, and then either an order stands
 * or it is given up, for good. `place` and `giveUp` each decide that in one transaction, so
 * whichever comes second finds it decided.
 */
export class Orders extends Context.Tag("Orders")<Orders, {
  /** Makes the row, open. One that is there already stays what it is. */
  readonly writeDown: (creationKey: string) => Effect.Effect<void>
  /** The order stands from here on, unless it was given up. */
  readonly place: (creationKey: string) => Effect.Effect<Order, GivenUp | OrdersUnavailable>
  /** The order if it stands. If none, none ever will. */
  readonly giveUp: (creationKey: string) => Effect.Effect<Option.Option<Order>, OrdersUnavailable>
}>() {}
// #endregion

// #region background
/** Checkouts that did not end well. They are worked off whatever becomes of those who waited for them. */
export class Doubts extends Context.Tag("Doubts")<Doubts, {
  readonly workOff: (creationKey: string) => Effect.Effect<void>
}>() {}

/** Cancels nothing before the database has said that no order stands, and that none will. */
const settle = Effect.fn("settle")(function*(creationKey: string) {
  const { giveUp } = yield* Orders
  const order = yield* giveUp(creationKey).pipe(
    Effect.timeout("30 seconds"),
    Effect.retry({ times: 30, schedule: Schedule.spaced("30 seconds") })
  )
  if (Option.isNone(order)) yield* untilNothingIsInFlight(creationKey)
})

/**
 * A fiber that lives as long as the app, and takes over what checkouts leave. It was started
 * by the app, so no interruption and no policy of a checkout reaches it.
 */
export const doubts: Layer.Layer<Doubts, never, Orders | Square.Square> = Layer.scoped(
  Doubts,
  Effect.gen(function*() {
    const left = yield* Queue.unbounded<string>()
    const workOff = (creationKey: string) =>
      // The checkout has just tried.
      Effect.delay(settle(creationKey), "30 seconds").pipe(
        Effect.catchAllCause((cause) => Effect.logError("a payment may be left over", creationKey, cause))
      )
    yield* Queue.take(left).pipe(
      Effect.flatMap((creationKey) => Effect.fork(workOff(creationKey))),
      Effect.forever,
      Effect.forkScoped
    )
    return { workOff: (creationKey) => Effect.asVoid(Queue.offer(left, creationKey)) }
  })
)
// #endregion

// #region checkout
/**
 * What a checkout owes that did not come to its end: its order if that stands after all, else one
 * quick cancel now, and the rest in the background. Where the database does not say which, there
 * is no cancel now.
 */
const orderOrCancel = Effect.fn("orderOrCancel")(
  function*(creationKey: string) {
    // Handed over first: whatever becomes of the rest, the background will follow.
    yield* (yield* Doubts).workOff(creationKey)
    const { giveUp } = yield* Orders
    // Otherwise the timeout would wait for it to end.
    const order = yield* giveUp(creationKey).pipe(Effect.disconnect, Effect.interruptible, Effect.timeout("1 second"))
    if (Option.isNone(order)) yield* once(creationKey).pipe(Cancel.withPolicy({ attempts: 1, deadline: "2 seconds" }))
    return order
  },
  Effect.catchAllCause(() => Effect.succeed(Option.none<Order>()))
)

/**
 * `pay` is everything from the creation of the payment to the order. Its order stands by
 * `Orders.place`, and by nothing else.
 *
 * However `pay` ends without an order (it fails, takes too long, is interrupted, or dies), its
 * payment is cancelled, and the caller has its own result within seconds. Whatever comes after the
 * order stands, the payment is left alone, and the caller has the order.
 */
export const checkout = <E, R>(options: {
  readonly creationKey: string
  readonly pay: (creationKey: string) => Effect.Effect<Order, E, R>
}) =>
  Effect.zipRight(
    Effect.flatMap(Orders, ({ writeDown }) => writeDown(options.creationKey)),
    Effect.uninterruptibleMask((restore) =>
      restore(options.pay(options.creationKey).pipe(
        Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => "TimedOut" as const })
      )).pipe(
        // Not `tapError`, which an interruption and a defect pass by. And none of the three says
        // that no order stands: a step that cannot be interrupted is carried on to its end, and
        // then its success is thrown away.
        Effect.catchAllCause((cause) =>
          Effect.flatMap(orderOrCancel(options.creationKey), Option.match({
            onNone: () => Effect.failCause(cause),
            onSome: (order) => Effect.as(Effect.logWarning("the order stands, but not all went well", order.id, cause), order)
          }))
        )
      )
    )
  )
// #endregion
