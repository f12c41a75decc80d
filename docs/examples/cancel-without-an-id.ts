/**
 * A checkout that ends without an order: cancel its payment by the key of its creation, whether or
 * not the payment's id is known.
 */
import { Context, Data, Effect, Layer, Option, Queue, Schedule } from "effect"
import { Cancel, Square } from "effect-payment-cancel"

// #region once
/** Not enough by itself: the creation request may still be in transit. */
export const once = (creationKey: string) => Square.cancelByCreationKey({ creationKey })
// #endregion

// #region again
/**
 * At once, and then again for a quarter of an hour, which is longer than any creation request of
 * ours can be in flight.
 *
 * A lost answer leaves the outcome unknown. Cancelling again by the same key is then our decision,
 * and a safe one: it cancels what is there, or finds nothing. A refusal because the payment is
 * cancelled already, perhaps by the cancel before, ends it: no other payment has this key. Any
 * other failure (a refusal because the payment was captured, a bad token) needs a person.
 */
export const untilNothingIsInFlight = (creationKey: string) =>
  once(creationKey).pipe(
    Effect.retry({ while: ({ outcome }) => outcome === "Unknown", times: 10, schedule: Schedule.spaced("30 seconds") }),
    Effect.repeat(Schedule.spaced("5 minutes").pipe(Schedule.intersect(Schedule.recurs(3)))),
    Effect.catchTag("Square.DelayedTransactionCanceled", () => Effect.void)
  )
// #endregion

// #region orders
export interface Order {
  readonly id: string
}

/**
 * The checkout was given up, and its payment is being cancelled: no order may be placed for it any
 * more.
 */
export class GivenUp extends Data.TaggedError("GivenUp")<{ readonly creationKey: string }> {}

/** The database did not answer. */
export class OrdersUnavailable extends Data.TaggedError("OrdersUnavailable")<{ readonly creationKey: string }> {}

/**
 * One row for each checkout, under its creation key. It is open first, and then permanently either
 * placed or given up. `place` and `giveUp` each decide this in one transaction, so the second of
 * them finds it decided.
 */
export class Orders extends Context.Tag("Orders")<Orders, {
  /** Creates the row as open. An existing row is not changed. */
  readonly writeDown: (creationKey: string) => Effect.Effect<void>
  /** Places the order, unless the checkout was given up. */
  readonly place: (creationKey: string) => Effect.Effect<Order, GivenUp | OrdersUnavailable>
  /** The order, if it was placed. If it was not, it never will be. */
  readonly giveUp: (creationKey: string) => Effect.Effect<Option.Option<Order>, OrdersUnavailable>
}>() {}
// #endregion

// #region background
/** Checkouts that did not end well. They are processed whatever happens to their callers. */
export class Doubts extends Context.Tag("Doubts")<Doubts, {
  readonly workOff: (creationKey: string) => Effect.Effect<void>
}>() {}

/** Cancels nothing before the database has said that no order was placed, and that none will be. */
const settle = Effect.fn("settle")(function*(creationKey: string) {
  const { giveUp } = yield* Orders
  const order = yield* giveUp(creationKey).pipe(
    Effect.timeout("30 seconds"),
    Effect.retry({ times: 30, schedule: Schedule.spaced("30 seconds") })
  )
  if (Option.isNone(order)) yield* untilNothingIsInFlight(creationKey)
})

/**
 * A fiber that lives as long as the app, and processes what checkouts leave behind. The app started
 * it, so a checkout's interruption or policy does not affect it.
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
 * Cleans up after a checkout that did not complete: returns its order if it was placed after all,
 * otherwise makes one quick cancel now, and leaves the rest to the background. If the database does
 * not say which, there is no cancel now.
 */
const orderOrCancel = Effect.fn("orderOrCancel")(
  function*(creationKey: string) {
    // Passed on first: whatever happens to the rest, the background will continue.
    yield* (yield* Doubts).workOff(creationKey)
    const { giveUp } = yield* Orders
    // Otherwise the timeout would wait until it ends.
    const order = yield* giveUp(creationKey).pipe(Effect.disconnect, Effect.interruptible, Effect.timeout("1 second"))
    if (Option.isNone(order)) yield* once(creationKey).pipe(Cancel.withPolicy({ attempts: 1, deadline: "2 seconds" }))
    return order
  },
  Effect.catchAllCause(() => Effect.succeed(Option.none<Order>()))
)

/**
 * `pay` is everything from the creation of the payment to the order. An order is placed only with
 * `Orders.place`.
 *
 * However `pay` ends without an order (it fails, takes too long, is interrupted, or dies), its
 * payment is cancelled, and the caller gets its own result within seconds. Once the order is
 * placed, the payment is left alone whatever happens, and the caller gets the order.
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
        // Not `tapError`, which sees no interruptions or defects. And none of the three proves that
        // no order was placed: an uninterruptible step runs to its end, and then its success is
        // discarded.
        Effect.catchAllCause((cause) =>
          Effect.flatMap(orderOrCancel(options.creationKey), Option.match({
            onNone: () => Effect.failCause(cause),
            onSome: (order) => Effect.as(Effect.logWarning("the order was placed, but a later step failed", order.id, cause), order)
          }))
        )
      )
    )
  )
// #endregion
