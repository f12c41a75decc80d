/**
 * Hands events to their sink without letting the sink decide anything about the cancel.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as CancelEvent from "../CancelEvent.js"
import { awaitAtMost } from "./awaitAtMost.js"

/**
 * How long a cancel waits for an event to be handled, in milliseconds: what it can spare,
 * but within these bounds.
 */
const patience = { minimum: 100, maximum: 1000 }

/** What an event says beside what all events of one cancel share. */
export type News = CancelEvent.CancelEvent extends infer Event
  ? Event extends CancelEvent.CancelEvent ? Omit<Event, "provider" | "paymentId" | "identifiedBy" | "idempotencyKey" | "at"> : never
  : never

/** Publishes one event. It never fails. */
export type Publish = (news: News) => Effect.Effect<void>

/**
 * Makes the publisher of one cancel. An event is awaited while there is patience; a handler that
 * takes longer goes on in the background, and one that dies is logged.
 */
export const makePublish = (
  subject: Pick<CancelEvent.CancelEvent, "provider" | "paymentId" | "identifiedBy" | "idempotencyKey">,
  timeLeft: Effect.Effect<number>
): Effect.Effect<Publish> =>
  Effect.map(CancelEvent.CancelEvents, (handle) => (news) =>
    Effect.gen(function*() {
      const { idempotencyKey, identifiedBy, paymentId, provider } = subject
      const event = { ...news, provider, paymentId, identifiedBy, idempotencyKey, at: yield* DateTime.now }
      const handling = yield* Effect.suspend(() => handle(event)).pipe(
        Effect.catchAllCause((cause) => Effect.logWarning("The handler of a cancel event died", cause)),
        Effect.interruptible,
        Effect.forkDaemon
      )
      const limit = Math.min(patience.maximum, Math.max(patience.minimum, yield* timeLeft))
      // Interrupting the wait does not interrupt the handler.
      yield* awaitAtMost(handling, limit)
    }))
