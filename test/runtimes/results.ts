/** What a run of `npm run test:runtimes` found, as it is kept and shown. */
import { type RuntimeName, runtimes } from "./runtimes.js"
import type { Cell } from "./trial.js"

export interface Results {
  /** The runtimes by name, with the versions that were tried. */
  readonly runtimes: { readonly [name: string]: string }
  readonly rows: ReadonlyArray<{
    readonly scenario: string
    readonly provider: string
    readonly title: string
    readonly cells: { readonly [runtime: string]: string }
  }>
}

export const results = (found: ReadonlyArray<readonly [RuntimeName, ReadonlyArray<Cell>]>): Results => ({
  runtimes: Object.fromEntries(found.map(([name]) => [name, runtimes[name].version])),
  rows: (found[0]?.[1] ?? []).map(({ provider, scenario, title }, index) => ({
    scenario,
    provider,
    title,
    cells: Object.fromEntries(found.map(([name, cells]) => [name, cells[index]?.shown ?? ""]))
  }))
})

const table = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

interface Column {
  readonly header: string
  readonly runtime: string
}

/** One column for the runtimes of one kind that never differ. */
const columns = ({ rows, runtimes }: Results): ReadonlyArray<Column> => {
  const differs = (one: string, other: string) => rows.some(({ cells }) => cells[one] !== cells[other])
  return Object.entries(runtimes).reduce<ReadonlyArray<Column>>((before, [runtime, version]) => {
    const kind = runtime.replace(/ \d+$/, "")
    const last = before.at(-1)
    return last !== undefined && last.header.startsWith(kind) && !differs(last.runtime, runtime)
      ? [...before.slice(0, -1), { ...last, header: `${last.header}, ${version}` }]
      : [...before, { header: `${kind} ${version}`, runtime }]
  }, [])
}

const isOther = (scenario: string) => /^(webhook|forged|guide)/.test(scenario)

/** The part of a run that a table is about. */
export const parts = {
  "without-key": ({ provider, scenario }: Results["rows"][number]) => provider === "Square" && !isOther(scenario),
  "with-key": ({ provider, scenario }: Results["rows"][number]) => provider === "Stripe" && !isOther(scenario),
  others: ({ scenario }: Results["rows"][number]) => isOther(scenario)
} as const

/** A part of a run as a table in Markdown. */
export const tableOf = (all: Results, part: keyof typeof parts): string => {
  const shown = columns(all)
  return table(
    ["", ...shown.map(({ header }) => header)],
    all.rows.filter(parts[part]).map(({ cells, title }) => [title, ...shown.map(({ runtime }) => cells[runtime] ?? "")])
  )
}
