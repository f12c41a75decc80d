/**
 * Plays many seeds, one after the other.
 */
import * as Effect from "effect/Effect"
import * as Coverage from "./coverage.js"
import type { Facts } from "./facts.js"
import { check } from "./oracle.js"
import type { Violation } from "./oracle/rules.js"
import * as Scenario from "./scenario.js"
import { type Engine, type Run, simulate, unbroken } from "./simulate.js"
import { deliverAll, type Delivered } from "./webhooks.js"

/** What is wrong with one seed. */
export interface Finding {
  readonly seed: number
  readonly violations: ReadonlyArray<Violation>
}

/** A scenario once it is over, and what is wrong with it. */
export interface Judged {
  readonly run: Run
  readonly delivered: ReadonlyArray<Delivered>
  readonly violations: ReadonlyArray<Violation>
}

/** Plays a scenario to the end, notifications included, and says what is wrong. */
export const judge = async (scenario: Scenario.Scenario, engine: Engine = unbroken, readable = false): Promise<Judged> => {
  const run = simulate(scenario, engine, readable)
  const delivered = scenario.deliveries.length === 0 ? [] : await Effect.runPromise(deliverAll(run, engine))
  return { run, delivered, violations: check(run, delivered) }
}

/** Plays one seed, as somebody's if need be; null when nothing is wrong. */
export const play = async (
  seed: number,
  engine: Engine = unbroken,
  played?: Facts,
  coverage?: Coverage.Coverage
): Promise<Finding | null> => {
  const { delivered, run, violations } = await judge(Scenario.make(seed, played), engine)
  coverage?.count(run, delivered)
  return violations.length === 0 ? null : { seed, violations }
}

/** The first of some seeds, each played as everybody's in turn, that a given finding is made with. */
export const firstFound = async (
  seeds: Iterable<number>,
  among: ReadonlyArray<Facts>,
  engine: Engine,
  isSought: (violation: Violation) => boolean
): Promise<Scenario.Scenario | null> => {
  for (const seed of seeds) {
    for (const facts of among) {
      const finding = await play(seed, engine, facts)
      if (finding?.violations.some(isSought) === true) return Scenario.make(seed, facts)
    }
  }
  return null
}

/** The seeds from one to before another. */
export function* range(from: number, before: number): Generator<number> {
  for (let seed = from; seed < before; seed += 1) yield seed
}
