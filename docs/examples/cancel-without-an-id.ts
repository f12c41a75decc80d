/**
 * A creation whose answer was lost: cancel the payment by the key that it was created under.
 */
import { Effect, Schedule } from "effect"
import { Square } from "effect-payment-cancel"

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
 * (a refusal because the payment was captured, a bad token) is for the caller to see.
 */
export const untilNothingIsInFlight = (creationKey: string) =>
  once(creationKey).pipe(
    Effect.retry({ while: ({ outcome }) => outcome === "Unknown", times: 10, schedule: Schedule.spaced("30 seconds") }),
    Effect.repeat(Schedule.spaced("5 minutes").pipe(Schedule.intersect(Schedule.recurs(3))))
  )
// #endregion

// #region checkout
/**
 * The key is fixed, and written down, before anything is sent: without it nobody can cancel
 * what nobody has an id of.
 */
export const checkout = <E, R>(options: {
  readonly creationKey: string
  readonly writeDown: (creationKey: string) => Effect.Effect<void>
  readonly createPayment: (creationKey: string) => Effect.Effect<string, E, R>
}) =>
  Effect.zipRight(
    options.writeDown(options.creationKey),
    options.createPayment(options.creationKey).pipe(
      Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => "TimedOut" as const }),
      Effect.tapError(() => untilNothingIsInFlight(options.creationKey))
    )
  )
// #endregion
