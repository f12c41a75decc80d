/**
 * `npm test`: every check there is, one after the other, and one line at the end that says
 * how it went. A check that fails stops none of the others.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly seconds: string
}

const run = (command: string, args: ReadonlyArray<string>, options: ChildProcess.SpawnOptions, say: (text: string) => void) =>
  new Promise<Ended>((resolve) => {
    const started = performance.now()
    const child = ChildProcess.spawn(Path.join(root, "node_modules/.bin", command), args, { cwd: root, ...options })
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

const tally = { passed: 0, failed: 0 }

/** A tool that has nothing to say where all is well. */
const check = async (name: string, command: string, ...args: ReadonlyArray<string>) => {
  let output = ""
  const { code, seconds } = await run(command, args, { stdio: ["ignore", "pipe", "pipe"] }, (text) => {
    output += text
  })
  tally[code === 0 ? "passed" : "failed"] += 1
  console.log(`${code === 0 ? "passed" : "FAILED"}  ${name} (${seconds})`)
  if (code !== 0) {
    console.log(output)
  }
}

/** A run of vitest, which says everything itself; how many tests there were is read from its report. */
const tests = async (config: string) => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-report-"))
  const report = Path.join(folder, "report.json")
  const { code } = await run(
    "vitest",
    ["run", "--config", config, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    { stdio: "inherit" },
    console.error
  )
  const { numFailedTests = 0, numPassedTests = 0 } = Fs.existsSync(report)
    ? JSON.parse(Fs.readFileSync(report, "utf8"))
    : {}
  Fs.rmSync(folder, { recursive: true })
  tally.passed += numPassedTests
  // A run can also fail without a failed test: a file that cannot be loaded, a type error.
  tally.failed += code === 0 ? 0 : Math.max(numFailedTests, 1)
}

// Two at a time: each of these keeps about one core busy.
await Promise.all([
  check("types of src, test and docs", "tsc", "-p", "test/tsconfig.json"),
  check("Effect's own rules", "effect-tsgo", "diagnostics", "--project", "test/lint/tsconfig.json", "--format", "text", "--strict")
])
await Promise.all([
  check("lint of src", "oxlint", "-c", "test/lint/library.json", "--deny-warnings", "src"),
  check("lint of test and docs", "oxlint", "-c", "test/lint/everywhere.json", "--deny-warnings", "test", "docs"),
  check("nothing unused", "knip", "-c", "test/knip.jsonc")
])
await tests("test/vitest.config.ts")
await tests("test/package/vitest.config.ts")

console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed === 0 ? 0 : 1
