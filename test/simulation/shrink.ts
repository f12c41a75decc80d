/**
 * Makes a scenario that breaks a rule as small as it goes: whatever the violation does not
 * need is taken away, piece by piece.
 */
import { judge } from "./campaign.js"
import type { Rule } from "./oracle/rules.js"
import { calm, type CallerPlan, type ExchangePlan, type Scenario, type TokenPlan, usualTurn } from "./scenario.js"
import type { Engine } from "./simulate.js"

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
    ? [{ ...exchange, fault: { ...exchange.fault, answer: { ...exchange.fault.answer, retryAfter: null, sendAgain: null, echoes: false } } }]
    : [])
]

const simpler = (caller: CallerPlan): ReadonlyArray<CallerPlan> => [
  { ...caller, ending: { _tag: "Patient" } },
  { ...caller, shielded: false },
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
  ...scenario.deliveries.map((_, index) => ({ ...scenario, deliveries: without(scenario.deliveries, index) })),
  ...scenario.freezes.map((_, index) => ({ ...scenario, freezes: without(scenario.freezes, index) })),
  ...scenario.wallJumps.map((_, index) => ({ ...scenario, wallJumps: without(scenario.wallJumps, index) })),
  { ...scenario, exchanges: scenario.exchanges.slice(0, -1) },
  { ...scenario, tokens: scenario.tokens.slice(0, -1) },
  { ...scenario, tokens: scenario.tokens.map((): TokenPlan => ({ _tag: "Granted", lasts: null })) },
  { ...scenario, lag: 0 },
  { ...scenario, createdAt: null },
  { ...scenario, deliveries: scenario.deliveries.map((delivery) => ({ ...delivery, lateBy: 0 })) },
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
export const breaks = async (scenario: Scenario, rule: Rule, engine: Engine): Promise<boolean> =>
  (await judge(scenario, engine)).violations.some((violation) => violation.rule === rule)

/**
 * The smallest scenario it finds that still breaks the rule.
 */
export const shrink = async (scenario: Scenario, rule: Rule, engine: Engine): Promise<Scenario> => {
  const size = JSON.stringify(scenario).length
  for (const each of smaller(scenario)) {
    if (JSON.stringify(each).length < size && await breaks(each, rule, engine)) return shrink(each, rule, engine)
  }
  return scenario
}
