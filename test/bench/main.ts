/**
 * `npm run bench`: measures what a cancel costs, each figure against its baseline in the same
 * run, and prints the table.
 *
 *   npm run bench -- --quick   in some minutes, and less exact
 *   npm run bench -- --json    prints the results as JSON
 *   npm run bench -- --write   keeps them, for `npm run docs:generate`, and draws docs/performance.svg
 *   npm run bench -- --profile prints where the CPU time goes instead, in a minute
 *   npm run bench -- --crowd   prints instead what 1,000 at once cost beside 64, with this library and without, and by the room for what is young, in some minutes
 */
import * as Fs from "node:fs"
import process from "node:process"
import { parseArgs } from "node:util"
import { full, quick, run } from "./bench.js"
import { crowdTable } from "./crowd.js"
import { picture } from "./picture.js"
import { profileTable } from "./profile.js"
import { bundleTable, clientTable, isMet, targetTable } from "./results.js"

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    crowd: { type: "boolean", default: false }
  }
})

if (values.profile) {
  console.log(await profileTable(30_000))
  process.exit()
}

if (values.crowd) {
  console.log(await crowdTable({ ...full, rounds: 9, warmUp: 4_000, wave: 4_000 }))
  process.exit()
}

const begun = performance.now()
const results = await run(values.quick ? quick : full, (text) => {
  console.error(`${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${text}`)
})

if (values.write) {
  Fs.writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`)
  Fs.writeFileSync(new URL("../../docs/performance.svg", import.meta.url), picture(results))
}
if (values.json) {
  console.log(JSON.stringify(results, null, 2))
} else {
  const missed = results.rows.filter((row) => !isMet(row)).length
  console.log(`\n${results.machine}\n\n${clientTable(results)}\n\n${targetTable(results)}\n\n${bundleTable(results)}\n`)
  console.log(`${results.rows.length - missed} met, ${missed} missed`)
}
