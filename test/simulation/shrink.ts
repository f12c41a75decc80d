/**
 * Makes a scenario that breaks a rule as small as it goes: whatever the violation does not
 * need is taken away, piece by piece.
 */
import { check, type Rule } from "./oracle.js"
import { calm, type CallerPlan, type ExchangePlan, type Scenario, usualTurn } from "./scenario.js"
import { type Engine, simulate } from "./simulate.js"

const replaced = <A>(list: ReadonlyArray<A>, index: number, by: A): ReadonlyArray<A> =>
  list.map((each, at) => at === index ? by : each)

const without = <A>(list: ReadonlyArray<A>, index: number): ReadonlyArray<A> => list.filter((_, at) => at !== index)

const calmer = (exchange: ExchangePlan): ReadonlyArray<ExchangePlan> => [
  calm,
  { ...exchange, fault: null },
  { ...exchange, latency: calm.latency },
  { ...exchange, lostOnAbort: false },
  { ...exchange, stale: false },
  ...(exchange.fault !== null && "lateBy" in exchange.fault && exchange.fault.what !== "Twice"
    ? [{ ...exchange, fault: { ...exchange.fault, lateBy: null } }]
    : []),
  ...(exchange.fault !== null && "answer" in exchange.fault
    ? [{ ...exchange, fault: { ...exchange.fault, answer: { ...exchange.fault.answer, retryAfter: null, echoes: false } } }]
    : [])
]

const simpler = (caller: CallerPlan): ReadonlyArray<CallerPlan> => [
  { ...caller, ending: { _tag: "Patient" } },
  { ...caller, key: null },
  { ...caller, startsAt: 0 },
  { ...caller, policy: {} },
  ...Object.keys(caller.policy).map((dropped) => ({
    ...caller,
    policy: Object.fromEntries(Object.entries(caller.policy).filter(([name]) => name !== dropped))
  }))
]

/** Every scenario that is a little smaller. */
const smaller = (scenario: Scenario): ReadonlyArray<Scenario> => [
  ...scenario.callers.length > 1
    ? scenario.callers.map((_, index) => ({ ...scenario, callers: without(scenario.callers, index) }))
    : [],
  ...scenario.actors.map((_, index) => ({ ...scenario, actors: without(scenario.actors, index) })),
  ...scenario.freezes.map((_, index) => ({ ...scenario, freezes: without(scenario.freezes, index) })),
  ...scenario.wallJumps.map((_, index) => ({ ...scenario, wallJumps: without(scenario.wallJumps, index) })),
  { ...scenario, exchanges: scenario.exchanges.slice(0, -1) },
  { ...scenario, lag: 0 },
  { ...scenario, operationsPerTurn: usualTurn },
  { ...scenario, client: { deaf: false, filtersStatus: false, dialect: "undici" } },
  { ...scenario, sink: { _tag: "Prompt" } },
  { ...scenario, inspected: false },
  ...scenario.callers.flatMap((caller, index) =>
    simpler(caller).map((each) => ({ ...scenario, callers: replaced(scenario.callers, index, each) }))),
  ...scenario.exchanges.flatMap((exchange, index) =>
    calmer(exchange).map((each) => ({ ...scenario, exchanges: replaced(scenario.exchanges, index, each) })))
]

/** Whether a scenario breaks a rule. */
export const breaks = (scenario: Scenario, rule: Rule, engine: Engine): boolean =>
  check(simulate(scenario, engine)).some((violation) => violation.rule === rule)

/**
 * The smallest scenario it finds that still breaks the rule.
 */
export const shrink = (scenario: Scenario, rule: Rule, engine: Engine): Scenario => {
  let smallest = scenario
  let size = JSON.stringify(smallest).length
  const step = () =>
    smaller(smallest).find((each) => JSON.stringify(each).length < size && breaks(each, rule, engine))
  for (let next = step(); next !== undefined; next = step()) {
    smallest = next
    size = JSON.stringify(smallest).length
  }
  return smallest
}
