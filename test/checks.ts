/**
 * What can be said of the code without running it: types and lint. `npm run check` is this
 * alone, and `npm test` begins with it.
 */
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { leaveGarbage } from "./support/compilers.js"

leaveGarbage()

const root = fileURLToPath(new URL("..", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly seconds: string
}

/** Runs a tool among the development dependencies, or a program by its path, to its end. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  options: ChildProcess.SpawnOptions,
  say: (text: string) => void
): Promise<Ended> =>
  new Promise((resolve) => {
    const started = performance.now()
    const child = ChildProcess.spawn(Path.resolve(root, "node_modules/.bin", command), args, { cwd: root, ...options })
    child.stdout?.on("data", (text) => say(String(text)))
    child.stderr?.on("data", (text) => say(String(text)))
    const end = (code: number | null) =>
      resolve({ code, seconds: `${((performance.now() - started) / 1000).toFixed(1)} s` })
    child.once("error", (error) => {
      say(`${error.message}\n`)
      end(null)
    })
    child.once("close", end)
  })

/** A tsc that knows Effect's own rules as well: everything is inferred once, for both. */
export const effectTsc = (): string =>
  ChildProcess.execFileSync(Path.resolve(root, "node_modules/.bin/effect-tsgo"), ["get-exe-path"], { encoding: "utf8" }).trim()

/** Several checkers infer much of the same each, and the cores have other tools to run meanwhile. */
const alone = ["--checkers", "1"]

/** Tools that have nothing to say where all is well, and how each is run. */
const list = (): ReadonlyArray<readonly [name: string, command: string, ...args: ReadonlyArray<string>]> => [
  ["types and Effect's own rules", effectTsc(), "-p", "test/lint/tsconfig.json", ...alone],
  ["types of the lab", "tsc", "-p", "lab/tsconfig.json", ...alone],
  ["lint of src", "oxlint", "-c", "test/lint/library.json", "--deny-warnings", "src"],
  ["lint of test, docs, lab and site", "oxlint", "-c", "test/lint/everywhere.json", "--deny-warnings", "test", "docs", "lab", "site", "vitest.config.ts"],
  ["nothing unused", "knip", "-c", "test/knip.jsonc"]
]

/** How many did and did not. */
export interface Tally {
  passed: number
  failed: number
}

/** All of them at once. Each says whether it passed, and what is wrong if not. */
export const checks = async (): Promise<Tally> => {
  const codes = await Promise.all(list().map(async ([name, command, ...args]) => {
    let output = ""
    const { code, seconds } = await run(command, args, { stdio: ["ignore", "pipe", "pipe"] }, (text) => {
      output += text
    })
    console.log(`${code === 0 ? "passed" : "FAILED"}  ${name} (${seconds})`)
    if (code !== 0) {
      console.log(output)
    }
    return code
  }))
  const passed = codes.filter((code) => code === 0).length
  return { passed, failed: codes.length - passed }
}
