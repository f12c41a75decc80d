/**
 * What the cancels inside an effect exchange, kept for the case that the effect dies and cannot tell.
 */
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Admission, both, type Outcome, type Service, type SoFar } from "../Admission.js"
import type { Exchange, Report } from "../CancelError.js"

/** What the cancels inside one effect have exchanged. */
export interface Memory {
  /** Told of each of them, as part of an `Admission`. */
  readonly begins: (soFar: () => SoFar) => void
  /** Told of what each of their exchanges was, as part of an `Admission`. */
  readonly ended: (outcome: Outcome) => void
  /** Whether anything they needed was refused for the credentials, and not granted afterwards, as with a new token. */
  readonly areCredentialsRefused: () => boolean
  /** What they have exchanged by now; none where none of this library's has begun. */
  readonly recall: (at: DateTime.Utc) => Option.Option<Pick<Report, "idempotencyKey" | "attempts" | "history" | "retryAfter">>
}

/** A cancel request that had left when its cancel died. */
const unanswered = (at: DateTime.Utc): Exchange => ({
  operation: "Cancel",
  evidence: "MaybeApplied",
  explanation: "the cancel died before the answer was read",
  httpStatus: Option.none(),
  code: Option.none(),
  paymentStatus: Option.none(),
  at
})

export const make = (): Memory => {
  const cancels: Array<() => SoFar> = []
  const refused = new Map<Outcome["operation"], boolean>()
  return {
    ended: ({ forbidden, httpStatus, operation }) =>
      void refused.set(operation, forbidden || Option.exists(httpStatus, (_) => _ === 401 || (_ === 403 && operation === "Status"))),
    areCredentialsRefused: () => [...refused.values()].includes(true),
    begins: (soFar) => void cancels.push(soFar),
    recall: (at) => {
      const all = cancels.map((soFar) => soFar())
      const history = all.flatMap(({ history, inFlight }) => inFlight === "Cancel" ? [...history, unanswered(at)] : history)
      return Option.map(Option.fromNullable(all.at(-1)), ({ idempotencyKey, retryAfter }) => ({
        idempotencyKey,
        retryAfter,
        attempts: history.filter(({ operation }) => operation === "Cancel").length,
        history
      }))
    }
  }
}

/** Keeps what the cancels inside an effect exchange, whose requests go as they would without. */
export const during = <A, E, R>(self: Effect.Effect<A, E, R>, { begins, ended }: Memory): Effect.Effect<A, E, R> => {
  const own: Service = { begins, admit: () => Effect.succeed(true), ended: (outcome) => Effect.sync(() => ended(outcome)) }
  return Effect.flatMap(Admission, (outer) => Effect.provideService(self, Admission, outer === null ? own : both(own, outer)))
}
