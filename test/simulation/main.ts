/**
 * `npm run simulate`: plays seeds until one breaks a rule, or all are played.
 *
 *   npm run simulate -- --seeds 1000000      a million seeds
 *   npm run simulate -- --seeds 1000 --from 5000
 *   npm run simulate -- --seed 4711          plays one again, and shows what happens
 */
import { build, type Plugin } from "esbuild"
import { fork } from "node:child_process"
import { availableParallelism } from "node:os"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type Finding, judge } from "./campaign.js"
import * as Coverage from "./coverage.js"
import { names } from "../support/providers.js"
import { named } from "./facts.js"
import { choose } from "./rare.js"
import * as Report from "./report.js"
import * as Scenario from "./scenario.js"
import { shrink } from "./shrink.js"
import { unbroken } from "./simulate.js"
import type { News, Share } from "./worker.js"

const usage = `Usage: npm run simulate -- [options]
  --seeds N     how many seeds to play (100000)
  --from N      the first of them (0)
  --workers N   how many processes play (one for each core)
  --seed N      plays one seed, and shows its history
  --as NAME     plays every seed as this way of cancelling, whichever it would be: "Adyen, cancel or refund"
  --keep-going  goes on after a violation, and counts them all
  --coverage    shows how often each situation was reached
  --rare        chooses anew the seeds with which a short run reaches every situation`

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const whole = (name: string, text: string): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  print(`--${name} must be a whole number, not ${text}\n\n${usage}`)
  process.exit(2)
}

/** Shows one seed as it was played; 1 when it breaks a rule. */
const replay = async (seed: number, as: string | undefined): Promise<number> => {
  const scenario = Scenario.make(seed, as === undefined ? undefined : named(as))
  const { delivered, run, violations } = await judge(scenario, unbroken, true)
  print(Report.history(run, delivered))
  print(violations.length === 0 ? "\nNothing is wrong." : `\n${Report.violations(violations)}`)
  return violations.length === 0 ? 0 : 1
}

/** Shows what is wrong with a seed, with as little around it as possible. */
const explain = async ({ seed, violations }: Finding, as: string | null): Promise<void> => {
  const [first] = violations
  print(`\nseed ${seed}\n${Report.violations(violations)}`)
  if (first === undefined) return
  const smallest = await judge(await shrink(Scenario.make(seed, as === null ? undefined : named(as)), first.rule, unbroken), unbroken, true)
  print(`\nThe smallest scenario in which ${first.rule} is still broken:\n`)
  print(Report.history(smallest.run, smallest.delivered))
  print(`\n${Report.violations(smallest.violations)}`)
  print(`\nThe whole of it: npm run simulate -- --seed ${seed}${as === null ? "" : ` --as "${as}"`}`)
  print(`Or ${Report.link(seed, as)}`)
}

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : seconds < 5_400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`

/** How often each rule was broken, and by which seeds. */
const tally = (findings: ReadonlyArray<Finding>): ReadonlyArray<string> => {
  const seeds = new Map<string, Array<number>>()
  for (const { seed, violations } of findings) {
    for (const rule of new Set(violations.map(({ rule }) => rule))) seeds.set(rule, [...(seeds.get(rule) ?? []), seed])
  }
  return [...seeds].map(([rule, found]) => `${rule}: ${found.length} seeds, e.g. ${found.slice(0, 5).join(", ")}`)
}

/**
 * How a worker runs. Young objects die young here: a larger nursery saves a third of the time.
 * With as many workers as cores, threads that collect garbage would only be in the way.
 */
const workerFlags = ["--max-semi-space-size=64", "--single-threaded-gc"]

/** What the workers run, in one file: they all start at once, and without a compiler. */
const program = fileURLToPath(new URL("../../node_modules/.cache/effect-payment-cancel/simulation.mjs", import.meta.url))

/**
 * The compiler has to be told whom `test/support/providers.ts` finds, for it follows no path that
 * is made while the program runs.
 */
const found: Plugin = {
  name: "providers",
  setup: ({ onLoad }) =>
    onLoad({ filter: /support[\\/]providers\.ts$/ }, ({ path }) => {
      const modules = names.flatMap((name) => [
        `../providers/${name}/facts.ts`,
        ...["declaration", "options", "index"].map((module) => `../../src/providers/${name}/${module}.ts`)
      ])
      return {
        loader: "ts",
        resolveDir: dirname(path),
        contents: [
          ...modules.map((module, nth) => `import * as module${nth} from ${JSON.stringify(module)}`),
          `const modules = { ${modules.map((module, nth) => `${JSON.stringify(module)}: module${nth}`).join(", ")} }`,
          `export const load = async (path) => modules[path]`,
          `export const names = ${JSON.stringify(names)}`,
          "export const providers = names.map((name) => modules[`../providers/${name}/facts.ts`].facts)"
        ].join("\n")
      }
    })
}

const compile = () =>
  build({
    plugins: [found],
    entryPoints: [fileURLToPath(new URL("./worker.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external"
  })

/** Plays many seeds in several processes; 1 when one of them breaks a rule. */
const campaign = (options: {
  readonly from: number
  readonly seeds: number
  readonly workers: number
  readonly keepGoing: boolean
  readonly showCoverage: boolean
  readonly as: string | null
}): Promise<number> =>
  new Promise((resolve, reject) => {
    const { from, keepGoing, seeds, showCoverage } = options
    const begun = performance.now()
    const coverage = Coverage.make()
    const findings: Array<Finding> = []
    let played = 0
    let lastLine = 0

    const progress = (isLast: boolean): void => {
      const now = performance.now()
      if (!isLast && now - lastLine < 2_000) return
      lastLine = now
      const seconds = (now - begun) / 1_000
      const rate = played / seconds
      const left = isLast ? `in ${duration(seconds)}` : `${duration((seeds - played) / rate)} left`
      print(`${played} of ${seeds} seeds, ${Math.round(rate)} a second, ${left}, ${findings.length} with a violation`)
    }

    const end = async (): Promise<void> => {
      progress(true)
      if (showCoverage) for (const [situation, times] of coverage.counts()) print(`${String(times).padStart(9)}  ${situation}`)
      if (keepGoing) for (const line of tally(findings)) print(line)
      findings.sort((a, b) => a.seed - b.seed)
      const [first] = findings
      if (first !== undefined) await explain(first, options.as)
      resolve(findings.length === 0 ? 0 : 1)
    }

    const hear = (news: News): void => {
      played += news.played
      coverage.add(news.counts)
      findings.push(...news.findings)
      progress(false)
      if (findings.length > 0 && !keepGoing) {
        isOver = true
        for (const worker of workers) worker.kill()
      }
    }

    let isOver = false
    let running = options.workers
    const workers = Array.from({ length: options.workers }, (_, nth) => {
      const share: Share = { first: from + nth, before: from + seeds, step: options.workers, counts: showCoverage, as: options.as }
      const worker = fork(program, [JSON.stringify(share)], { execArgv: workerFlags })
      worker.on("message", hear)
      worker.on("error", reject)
      worker.on("exit", (code) => {
        running -= 1
        if (code !== 0 && !isOver) reject(new Error(`a worker ended with ${code}`))
        else if (running === 0) void end().catch(reject)
      })
      return worker
    })
  })

const { values } = parseArgs({
  options: {
    "seeds": { type: "string", default: "100000" },
    "from": { type: "string", default: "0" },
    "workers": { type: "string", default: String(availableParallelism()) },
    "seed": { type: "string" },
    "as": { type: "string" },
    "keep-going": { type: "boolean", default: false },
    "coverage": { type: "boolean", default: false },
    "rare": { type: "boolean", default: false },
    "help": { type: "boolean", default: false }
  }
})

if (values.help) {
  print(usage)
} else if (values.rare) {
  for (const [name, seeds] of Object.entries(await choose())) print(`  ${JSON.stringify(name)}: [${seeds.join(", ")}],`)
} else {
  if (values.seed === undefined) await compile()
  process.exitCode = values.seed === undefined
    ? await campaign({
      from: whole("from", values.from),
      seeds: whole("seeds", values.seeds),
      workers: Math.max(1, whole("workers", values.workers)),
      keepGoing: values["keep-going"],
      showCoverage: values.coverage,
      as: values.as === undefined ? null : named(values.as).name
    })
    : await replay(whole("seed", values.seed), values.as)
}
