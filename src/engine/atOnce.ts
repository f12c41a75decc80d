/**
 * Effects that are begun in the step in which they are made.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"

/** What `Effect.suspend` comes to, without a step of the fiber's for it: `begin` is called now, and dies if it throws, unless something else is to be done then. */
export const atOnce = <A, E>(
  begin: () => Effect.Effect<A, E>,
  thrown: (defect: unknown) => Effect.Effect<A, E> = Effect.die
): Effect.Effect<A, E> => Either.merge(Either.try({ try: begin, catch: thrown }))
