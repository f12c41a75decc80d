/**
 * A cancel that a person waits for, in a web request: within bounds, with an answer to every
 * possible result, and not lost when the client disconnects. `web-request.test.ts` tests a provider
 * that never answers, and a client that disconnects.
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect, Layer, Ref, Schema } from "effect"
import { Cancel, Canceller, CancelEvent, CancelPolicy } from "effect-payment-cancel"

// #region unsettled
interface Case {
  readonly paymentId: string
  readonly idempotencyKey: string
}

/** The cancels that a job must settle, by key. Use a table of your database instead. */
export class Unsettled extends Effect.Service<Unsettled>()("Unsettled", {
  effect: Effect.map(Ref.make<{ readonly [idempotencyKey: string]: Case }>({}), (cases) => ({
    all: Effect.map(Ref.get(cases), (byKey) => Object.values(byKey)),
    add: ({ idempotencyKey, paymentId }: Case) =>
      Ref.update(cases, (byKey) => ({ ...byKey, [idempotencyKey]: { paymentId, idempotencyKey } }))
  }))
}) {}

/** Receives each cancel whose result is unknown, even if nobody waits for it any more. */
export const keepUnsettled = Layer.unwrapEffect(
  Effect.map(Unsettled, (unsettled) =>
    CancelEvent.layer((event) =>
      (event._tag === "Interrupted" || event._tag === "Settled") && event.outcome === "Unknown"
        ? unsettled.add(event)
        : Effect.void
    ))
)
// #endregion

// #region route
const answer = (status: number, says: string) => HttpServerResponse.json({ says }, { status })

const later = () => answer(503, "Not cancelled. Please try again in a minute.")

const operator = (error: Canceller.CancelError) =>
  Effect.zipRight(Effect.logError(error), answer(500, "Not cancelled. We are looking into it."))

const cancelPayment = Effect.gen(function*() {
  const { paymentId } = yield* HttpRouter.schemaPathParams(Schema.Struct({ paymentId: Schema.String }))
  return yield* Canceller.cancel({ paymentId, reason: "the customer changed their mind" }).pipe(
    // Around the cancel itself. `Effect.timeout` would lose what the error says.
    Cancel.withPolicy(CancelPolicy.interactive),
    Effect.flatMap(({ _tag }) =>
      _tag === "CancellationAccepted" ? answer(202, "It will be cancelled.") : answer(200, "It is cancelled.")),
    // It is in `Unsettled` by now.
    Cancel.catchUnknownOutcome(() => answer(202, "We are finding out, and will write to you.")),
    Cancel.matchCategory({
      NotCancellable: () => answer(409, "It cannot be cancelled. What was taken will be refunded."),
      NotFound: () => answer(404, "There is no such payment."),
      Conflict: later,
      RateLimited: later,
      ProviderFault: later,
      Network: later,
      InvalidRequest: operator,
      Unauthenticated: operator,
      Forbidden: operator,
      Unexpected: operator
    })
  )
})

export const routes = HttpRouter.empty.pipe(HttpRouter.post("/payments/:paymentId/cancel", cancelPayment))
// #endregion

// #region job
/**
 * Tries to settle one of them, in a job. Nobody waits for it, so it may take long. An error is only
 * about this second call, and leaves the cancel unsettled.
 */
export const settleOne = (request: Case) =>
  Canceller.cancel({ ...request, reason: "the customer changed their mind" }).pipe(
    Cancel.withPolicy(CancelPolicy.background)
  )
// #endregion
