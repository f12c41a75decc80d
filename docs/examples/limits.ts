/** A provider's limits for a whole program: a web service, or durable cancels, which no `CancelMany` sends. */
import { Clock, Duration, Effect, Layer, Option, RateLimiter, Ref } from "effect"
import * as Admission from "effect-payment-cancel/Admission"

// #region limits
/**
 * Lets 20 requests leave in each second, resends, status queries and requests for tokens included, and
 * none while the provider asks for patience. A cancel waits for that within its deadline: if there is no
 * room until then, it is `CancelError.NotSent`, or settles by what it has.
 */
export const limits: Layer.Layer<never> = Layer.scoped(
  Admission.Admission,
  Effect.gen(function*() {
    const inTurn = yield* RateLimiter.make({ limit: 20, interval: "1 second", algorithm: "fixed-window" })
    /** In milliseconds since the epoch. */
    const patientUntil = yield* Ref.make(0)
    const patience = Effect.zipWith(Ref.get(patientUntil), Clock.currentTimeMillis, (until, now) => Math.max(0, until - now))
    return {
      admit: () =>
        // Patience may have been asked for while a request waited for its turn: then it waits for another one.
        Effect.flatMap(patience, (wait) => Effect.delay(inTurn(patience), wait)).pipe(
          Effect.repeat({ while: (wait) => wait > 0 }),
          Effect.as(true)
        ),
      ended: ({ at, retryAfter }) =>
        Option.match(retryAfter, {
          onNone: () => Effect.void,
          // Ten minutes at most: an answer may ask for years.
          onSome: (wait) => Ref.update(patientUntil, (until) => Math.max(until, at + Math.min(Duration.toMillis(wait), 600_000)))
        })
    }
  })
)
// #endregion
