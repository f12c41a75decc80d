/**
 * Whether a request may leave now: the one place through which every request of every cancel goes, resends, status
 * queries and requests for tokens included. `CancelMany` keeps a provider's limits with it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { Exchange } from "./CancelError.js"

/**
 * So many requests in so much time.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rate {
  /** How many requests, of any kind: resends, status queries and requests for tokens count too. */
  readonly requests: number
  /** In which time, of 24 days at most; a duration, or milliseconds. It is counted from any moment, not by the clock on the wall. */
  readonly interval: Duration.DurationInput
}

/**
 * What a provider documents about how much it takes.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeclaredLimits {
  /** How many cancels may be under way at a time; not given where the provider publishes nothing. */
  readonly concurrency?: number
  /** How many requests it takes in which time; not given where the provider publishes nothing. */
  readonly rate?: Rate
  /** Where the provider says so. */
  readonly source: string
}

/**
 * A request that is about to be sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  /** The provider that it is meant for. */
  readonly provider: string
  /** `Cancel` for a cancel request, `Status` for a status query, `Authorization` for a token that one of them needs. */
  readonly operation: Exchange["operation"]
  /** The key of the cancel that it is for, whether or not it is sent; undefined for a status query outside of a cancel. */
  readonly idempotencyKey: string | undefined
  /** The cancel requests so far, this one included; for a status query, those before it; for a token, as for what needs it. */
  readonly attempt: number
  /** Whether it repeats a request of the same call that did not fare well. Only such a request can be refused. */
  readonly repeats: boolean
  /** What the provider documents about how much it takes; undefined where it documents nothing. */
  readonly limits: DeclaredLimits | undefined
}

/**
 * What became of a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Outcome {
  /** What was asked for. */
  readonly operation: Exchange["operation"]
  /** What its exchange proved. */
  readonly evidence: Exchange["evidence"]
  /** The HTTP status that counts; none without a whole answer. */
  readonly httpStatus: Option.Option<number>
  /** Whether the answer was given to an earlier request with the same key, and says nothing of how the provider fares. */
  readonly replayed: boolean
  /** Whether the provider says that it received too many requests. */
  readonly rateLimited: boolean
  /** Whether it was refused because the caller may not do that, whichever payment it is about. */
  readonly forbidden: boolean
  /** How long the answer asks to wait, unchanged. It may be years. */
  readonly retryAfter: Option.Option<Duration.Duration>
  /** When the exchange ended, in milliseconds since the epoch, by the `Clock`. */
  readonly at: number
}

/**
 * What a cancel has exchanged so far.
 *
 * @since 0.1.0
 * @category models
 */
export interface SoFar {
  /** The one key of this logical cancel, whether or not it is sent to the provider. */
  readonly idempotencyKey: string
  /** Every exchange of this call that has ended, in order. */
  readonly history: ReadonlyArray<Exchange>
  /** The operation that is under way; null if none is. */
  readonly inFlight: Exchange["operation"] | null
  /** How long the last answer asks to wait before anything more is sent; none while something is under way. */
  readonly retryAfter: Option.Option<Duration.Duration>
}

/**
 * Decides when a request may leave.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Told of each cancel before its first request, with what says at any time how far it has come: also when it has died,
   * and what called it cannot tell. It must not take any time.
   */
  readonly begins?: (soFar: () => SoFar) => void
  /**
   * Waits until there is room, but no longer than the cancel has time, which goes by meanwhile. False: it is not to
   * be sent at all, and the cancel settles by what it has. The first request of a kind is sent even then. Where nothing
   * was sent before, it may interrupt itself, and the cancel with it.
   */
  readonly admit: (request: Request) => Effect.Effect<boolean>
  /** Told what became of a request. It must not take any time. */
  readonly ended: (outcome: Outcome) => Effect.Effect<void>
}

/**
 * What every request of the cancels inside an effect must pass. By default nothing: null.
 *
 * @since 0.1.0
 * @category services
 */
export class Admission extends Context.Reference<Admission>()("effect-payment-cancel/Admission", {
  defaultValue: (): Service | null => null
}) {}

/**
 * What both admit. The second is asked of a request once the first lets it leave, so last of all.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import * as Admission from "effect-payment-cancel/Admission"
 *
 * const telling: Admission.Service = {
 *   admit: ({ operation }) => Effect.as(Effect.log(operation), true),
 *   ended: () => Effect.void
 * }
 *
 * // To be provided to a cancel: what its requests have to pass besides is asked before.
 * const admission = Effect.map(Admission.Admission, (outer) => outer === null ? telling : Admission.both(outer, telling))
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const both = (first: Service, second: Service): Service => ({
  begins: (soFar) => {
    first.begins?.(soFar)
    second.begins?.(soFar)
  },
  admit: (request) =>
    Effect.flatMap(first.admit(request), (mayGo) => mayGo || !request.repeats ? second.admit(request) : Effect.succeed(false)),
  ended: (outcome) => Effect.zipRight(first.ended(outcome), second.ended(outcome))
})
