/**
 * Plays many seeds, one after the other.
 */
import * as Coverage from "./coverage.js"
import { check, type Violation } from "./oracle.js"
import * as Scenario from "./scenario.js"
import { type Engine, simulate, unbroken } from "./simulate.js"

/** What is wrong with one seed. */
export interface Finding {
  readonly seed: number
  readonly violations: ReadonlyArray<Violation>
}

/** Plays one seed; null when nothing is wrong. */
export const play = (seed: number, engine: Engine = unbroken, coverage?: Coverage.Coverage): Finding | null => {
  const run = simulate(Scenario.make(seed), engine)
  coverage?.count(run)
  const violations = check(run)
  return violations.length === 0 ? null : { seed, violations }
}

/** The first of some seeds that a given finding is made with. */
export const firstFound = (
  seeds: Iterable<number>,
  engine: Engine,
  isSought: (violation: Violation) => boolean
): number | null => {
  for (const seed of seeds) {
    if (play(seed, engine)?.violations.some(isSought) === true) return seed
  }
  return null
}

/** The seeds from one to before another. */
export function* range(from: number, before: number): Generator<number> {
  for (let seed = from; seed < before; seed += 1) yield seed
}
