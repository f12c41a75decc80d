/**
 * A checkout that ends without an order: cancel its payment by the key that it was created
 * under, whether or not anybody knows the payment's id.
 */
import { Context, Effect, Layer, Queue, Schedule } from "effect"
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

// #region background
/** Creations that are to leave nothing behind. They are worked off whatever becomes of the checkout. */
export class Doubts extends Context.Tag("Doubts")<Doubts, {
  readonly workOff: (creationKey: string) => Effect.Effect<void>
}>() {}

/**
 * A fiber that lives as long as the app, and takes over what checkouts leave. It was started
 * by the app, so no interruption and no policy of a checkout reaches it.
 */
export const doubts: Layer.Layer<Doubts, never, Square.Square> = Layer.scoped(
  Doubts,
  Effect.gen(function*() {
    const left = yield* Queue.unbounded<string>()
    const workOff = (creationKey: string) =>
      // The checkout has just tried.
      Effect.delay(untilNothingIsInFlight(creationKey), "30 seconds").pipe(
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
/** What a checkout that ended otherwise owes: one quick cancel now, and the rest in the background. */
const undo = (creationKey: string) =>
  Effect.flatMap(Doubts, ({ workOff }) => workOff(creationKey)).pipe(
    // Handed over first: whatever becomes of the quick one, the other will follow.
    Effect.zipRight(once(creationKey)),
    Cancel.withPolicy({ attempts: 1, deadline: "3 seconds" }),
    Effect.ignore
  )

/**
 * - `writeDown` keeps the key before anything is sent: without it nobody can cancel what
 *   nobody has an id of.
 * - `pay` is everything from the creation of the payment to the order that stands.
 *
 * However `pay` ends without an order (it fails, takes too long, is interrupted, or dies), its
 * payment is cancelled, and the caller has its own result within seconds.
 */
export const checkout = <A, E, R>(options: {
  readonly creationKey: string
  readonly writeDown: (creationKey: string) => Effect.Effect<void>
  readonly pay: (creationKey: string) => Effect.Effect<A, E, R>
}) =>
  Effect.zipRight(
    options.writeDown(options.creationKey),
    options.pay(options.creationKey).pipe(
      Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => "TimedOut" as const }),
      // Not `tapError`, which an interruption and a defect pass by.
      Effect.onError(() => undo(options.creationKey))
    )
  )
// #endregion
