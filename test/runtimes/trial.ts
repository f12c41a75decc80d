/** Plays the scenarios to a runtime, and compares what comes of them with what has to. */
import * as Effect from "effect/Effect"
import * as Esbuild from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import type { ProviderName } from "./driver.js"
import type { Driver, Programs, RuntimeName } from "./runtimes.js"
import { cancels, others, type Scenario, show, wanted } from "./scenarios.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

const sources = ["test/runtimes/driver.ts", "test/runtimes/process.ts", "test/runtimes/worker.ts", "docs/examples/edge.ts"]

/**
 * Bundles the driver for any platform: a module of Node's would not be found. With a `consumer`,
 * a folder that has the packed package installed, it is bundled there and from that; without
 * one from the sources.
 */
export const bundle = async (folder: string, consumer?: string): Promise<Programs> => {
  for (const source of consumer === undefined ? [] : sources) {
    Fs.cpSync(Path.join(root, source), Path.join(consumer ?? root, source))
  }
  const base = Path.join(consumer ?? root, "test/runtimes")
  await Esbuild.build({
    entryPoints: { process: Path.join(base, "process.ts"), worker: Path.join(base, "worker.ts") },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    logLevel: "error",
    // The settings of the tests name the sources as the library.
    ...(consumer === undefined ? { tsconfig: Path.join(root, "test/tsconfig.json") } : { tsconfigRaw: {} })
  })
  return { process: Path.join(folder, "process.mjs"), worker: Path.join(folder, "worker.mjs") }
}

/** One cell of the table. */
export interface Cell {
  readonly scenario: string
  readonly title: string
  readonly provider: ProviderName
  readonly shown: string
  /** What is wrong with it; empty is right. */
  readonly wrong: ReadonlyArray<string>
}

const cell = (
  runtime: RuntimeName,
  driver: Driver,
  name: string,
  scenario: Scenario,
  provider: ProviderName
): Promise<Cell> =>
  Effect.runPromise(Effect.scoped(Effect.map(scenario.play(provider, driver.perform), (outcome): Cell => {
    const shown = show(outcome)
    const expected = wanted(scenario, provider, runtime)
    return {
      scenario: name,
      title: scenario.title,
      provider,
      shown,
      wrong: shown === expected ? outcome.wrong : [`expected ${expected}, was ${shown}`, ...outcome.wrong]
    }
  })))

/** Everything that is played to a runtime, in the order of the table. */
export const played: ReadonlyArray<readonly [name: string, scenario: Scenario, provider: ProviderName]> = [
  ...Object.entries(cancels).map(([name, scenario]) => [name, scenario, "Square"] as const),
  ...Object.entries(cancels).map(([name, scenario]) => [name, scenario, "Stripe"] as const),
  ...Object.entries(others).map(([name, scenario]) => [name, scenario, "Stripe"] as const)
]

/** Plays these, or everything, one after the other. */
export const tryOut = async (runtime: RuntimeName, driver: Driver, some = played): Promise<ReadonlyArray<Cell>> => {
  const cells: Array<Cell> = []
  for (const [name, scenario, provider] of some) {
    cells.push(await cell(runtime, driver, name, scenario, provider))
  }
  return cells
}
