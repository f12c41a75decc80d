/**
 * `npm test`: every check there is, one after the other, and one line at the end that says
 * how it went. A check that fails stops none of the others. `npm run test:long` is the same
 * with all of what takes long.
 */
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import { checks, run } from "./checks.js"
import { variable as packedIn } from "./package/setup.js"
import * as Workspace from "./package/Workspace.js"
import { variable } from "./support/extent.js"

const isLong = process.argv.includes("--long")

const extent = { [variable]: isLong ? "1" : "" }

const packed = Workspace.temporary("packed")
// The longest of the checks is alone for half of its time. What goes wrong here does so once more in the tests of the package, and is told there.
const packing = run("tsx", ["test/package/pack.ts", packed], { stdio: "ignore", env: { ...process.env, ...extent } }, console.error)

const tally = await checks()

const vitest = Path.join(Path.dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")

/** Most of what a test makes is garbage at once: with room for it, a fifth of the work of all of them is saved. */
const memory = ["--max-semi-space-size=32", "--single-threaded-gc"]

/** The tests of types are compiled with everything else by then: what fails in one is an error of tsc's. */
const untyped = "--typecheck.enabled=false"

/** A run of vitest, which says everything itself; how many tests there were is read from its report. */
const tests = async (config: string, environment: { readonly [name: string]: string } = {}) => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-report-"))
  const report = Path.join(folder, "report.json")
  const { code } = await run(
    process.execPath,
    [...memory, vitest, "run", "--config", config, untyped, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    { stdio: "inherit", env: { ...process.env, ...extent, ...environment } },
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

await tests("test/vitest.config.ts")
await tests("test/package/vitest.config.ts", (await packing).code === 0 ? { [packedIn]: packed } : {})
Workspace.remove(packed)

console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed === 0 ? 0 : 1
