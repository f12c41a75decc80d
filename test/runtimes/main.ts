/**
 * `npm run test:runtimes`: installs every runtime from npm into a folder of its own, cancels in
 * each over real sockets with the packed package, and prints what each one gives. With
 * `--write` the result is kept, and goes into the documentation with `npm run docs:generate`.
 * Names of runtimes limit it to those: `npm run test:runtimes -- Deno Bun "Node 24"`; another version than the
 * pinned one follows an `@`: `Bun@1.2.23`.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pack } from "../package/setup.js"
import * as Workspace from "../package/Workspace.js"
import { type Results, results, tableOf } from "./results.js"
import { names, type RuntimeName, runtimes, startDriver } from "./runtimes.js"
import { bundle, type Cell, tryOut } from "./trial.js"

interface Chosen {
  readonly name: RuntimeName
  readonly version: string
}

const choose = (argument: string): Chosen => {
  const [given = "", version] = argument.split("@")
  const name = names.find((each) => each === given)
  if (name === undefined) throw new Error(`There is no ${given}; there are ${names.join(", ")}`)
  return { name, version: version ?? runtimes[name].version }
}

const given = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
const chosen = (given.length === 0 ? names : given).map(choose)

const install = (folder: string, { name, version }: Chosen): string => {
  const own = Path.join(folder, name.replace(" ", "-"))
  Workspace.write(own, { "package.json": JSON.stringify({ private: true, type: "module" }) })
  Workspace.succeed(
    own,
    "npm",
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    `${runtimes[name].package}@${version}`
  )
  return own
}

const folder = Workspace.temporary("runtimes")
const found: Array<readonly [RuntimeName, ReadonlyArray<Cell>]> = []
try {
  const { consumer } = pack(folder)
  const programs = await bundle(Path.join(folder, "bundle"), consumer)
  for (const { name, version } of chosen) {
    const driver = await startDriver(runtimes[name], install(folder, { name, version }), programs)
    try {
      const cells = await tryOut(name, driver)
      found.push([name, cells])
      const failed = cells.filter(({ wrong }) => wrong.length > 0)
      console.log(`${failed.length === 0 ? "passed" : "FAILED"}  ${name} (${version}): ${cells.length - failed.length} of ${cells.length}`)
      for (const { provider, title, wrong } of failed) console.log(`  ${provider}: ${title}: ${wrong.join("; ")}`)
    } finally {
      await driver.stop()
    }
  }
} finally {
  Workspace.remove(folder)
}

const all: Results = results(found)
for (const part of ["without-key", "with-key", "others"] as const) {
  console.log(`\n${tableOf(all, part)}`)
}

const cells = found.flatMap(([, cells]) => cells)
const passed = cells.filter(({ wrong }) => wrong.length === 0).length
if (process.argv.includes("--write") && passed === cells.length && given.length === 0) {
  Fs.writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(all, null, 2)}\n`)
}
console.log(`\n${passed} passed, ${cells.length - passed} failed`)
process.exitCode = passed === cells.length && cells.length > 0 ? 0 : 1
