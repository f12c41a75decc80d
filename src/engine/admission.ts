/**
 * Waiting for room, where there is something that keeps a provider's limits.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Admission from "../Admission.js"
import { runAtMost } from "./awaitAtMost.js"
import type * as Evidence from "./evidence.js"

/** Whether a request of a cancel may leave. There is room for it within so many milliseconds, or it may not. */
export const asking = (
  admission: Admission.Service | null,
  { idempotencyKey, limits, provider }: Pick<Admission.Request, "provider"> & Partial<Pick<Admission.Request, "idempotencyKey" | "limits">>
) =>
(request: Pick<Admission.Request, "operation" | "attempt" | "repeats">, millis: number): Effect.Effect<boolean> => {
  if (admission === null) return admitted
  const admitting = admission.admit({ provider, limits, idempotencyKey, ...request })
  const mayLeave = (mayGo: boolean): boolean => mayGo || !request.repeats
  // What is known already needs no timer.
  const isKnown: boolean = Exit.isExit(admitting)
  return isKnown
    ? Effect.map(admitting, mayLeave)
    : runAtMost(Effect.map(admitting, mayLeave), millis, () => false)
}

const admitted = Effect.succeed(true)

/** What a judged exchange was, as far as limits go. */
export const outcomeOf = (
  operation: Admission.Outcome["operation"],
  { _tag, about, entry, trace }: {
    readonly _tag: Admission.Outcome["evidence"]
    readonly trace: Evidence.Trace
    readonly about?: "Request" | "Payment"
    readonly entry?: Option.Option<{ readonly row: { readonly category: string } }>
  },
  at: number
): Admission.Outcome => {
  // Of an answer that was not received whole, its head still says so.
  const saysTooMany = Option.contains(trace.standsFor, 429) || Option.contains(trace.httpStatus, 429)
  const is = (category: string) =>
    entry !== undefined && Option.exists(entry, ({ row }) => row.category === category)
  return {
    operation,
    evidence: _tag,
    httpStatus: trace.standsFor,
    rateLimited: saysTooMany || is("RateLimited"),
    forbidden: about === "Request" && is("Forbidden"),
    retryAfter: trace.retryAfter,
    replayed: trace.replayed,
    at
  }
}
