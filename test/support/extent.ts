/**
 * How much of what takes long a run takes on: `npm test` a part of it, `npm run test:long`
 * everything. What is promised is tested in both, and at every provider; a part has fewer of the
 * pairs of a provider and a case, fewer seeds, or fewer rounds.
 */

/** Set by `npm run test:long`. */
export const variable = "TEST_EVERYTHING"

export const isLong = process.env[variable] === "1"

/**
 * All cases in a long run. In any other one of so many, and one at least, beginning with the one whose
 * turn it is: where a suite takes its cases through many providers, and each provider has the next turn,
 * every case is tested at some of them, and every provider with some of the cases.
 */
export const inTurns = <A>(cases: ReadonlyArray<A>, turn: number, oneOf: number): ReadonlyArray<A> => {
  const every = isLong ? 1 : Math.max(1, Math.min(oneOf, cases.length))
  return cases.filter((_, nth) => nth % every === turn % every)
}

/** The first in a long run, the second in any other. */
export const longOrShort = <A>(long: A, short: A): A => isLong ? long : short
