/**
 * A run for people to read.
 */
import { rules, type Violation } from "./oracle/rules.js"
import type { Scenario } from "./scenario.js"
import { isUsual, type Run } from "./simulate.js"
import type { Delivered } from "./webhooks.js"

const options = (given: object): string =>
  Object.entries(given).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")

/** What a scenario takes place in. */
export const circumstances = (scenario: Scenario): ReadonlyArray<string> => [
  `${scenario.provider}, a payment that is ${scenario.status}`,
  ...scenario.callers.map(({ ending, key, policy, shielded }, index) =>
    `caller ${index}: ${options(ending)}${shielded ? ", where nothing can be interrupted" : ""}${key === null ? "" : `, with key ${key}`}; policy: ${options(policy) || "as declared"}`),
  ...(scenario.createdAt === null ? [] : [`the payment is created only after ${scenario.createdAt.toFixed(3)} ms`]),
  ...(scenario.lag > 0 ? [`the status replica lags ${scenario.lag.toFixed(3)} ms behind`] : []),
  ...(isUsual(scenario) ? [] : [`fibers yield every ${scenario.operationsPerTurn} operations`]),
  ...(scenario.sink._tag === "Prompt" ? [] : [`the handler of the events: ${options(scenario.sink)}`]),
  ...(scenario.client.deaf ? ["the HTTP client cannot be interrupted"] : []),
  ...(scenario.client.filtersStatus ? ["the HTTP client fails on every status but a 2xx"] : [])
]

const line = (at: number, who: string, what: string): string => `${at.toFixed(3).padStart(14)}  ${who.padEnd(9)} ${what}`

/** Who reads more lines than these? */
const readableLines = 80

/** The middle of what is too long is left out. */
const abridged = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length <= readableLines
    ? lines
    : [
      ...lines.slice(0, readableLines / 2),
      `${" ".repeat(14)}  … ${lines.length - readableLines} more …`,
      ...lines.slice(-readableLines / 2)
    ]

/** What became of a delivery, in a line. */
export const delivery = ({ event, paired, plan, read }: Delivered): string =>
  [
    `notification ${event.id}, ${plan.how}, ${plan.lateBy.toFixed(3)} ms late`,
    read._tag === "Left" ? read.left._tag : `says ${read.right.decision}`,
    ...paired.map(({ call, confirmation }) => `for caller ${call.index}: ${confirmation._tag}`)
  ].join(": ")

/** The history of a run, line by line; it has to be one that was played to be read. */
export const history = (run: Run, delivered: ReadonlyArray<Delivered>): string =>
  [
    `seed ${run.scenario.seed}`,
    ...circumstances(run.scenario).map((words) => `  ${words}`),
    "",
    ...abridged(run.lines.map(({ at, what, who }) => line(at, who, what))),
    ...delivered.map(delivery)
  ].join("\n")

/** The violations of a run. */
export const violations = (found: ReadonlyArray<Violation>): string =>
  found.map(({ caller, rule, words }) => `${rule} (${rules[rule]})\n  caller ${caller}: ${words}`).join("\n")

/** Where to look at a seed: the lab shows its history as a picture. */
export const link = (seed: number, as: string | null): string =>
  `see it: npm run lab, then http://localhost:4243/#/seed?seed=${seed}${as === null ? "" : `&as=${encodeURIComponent(as)}`}`
