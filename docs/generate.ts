/** `npm run docs:generate`: fills in what `partsFromCode.ts` says. With `--check` it changes nothing, and fails if anything is out of date. */
import { writeFileSync } from "node:fs"
import { stale } from "./partsFromCode.js"

const checks = process.argv.includes("--check")

for (const { path, text } of checks ? [] : stale) writeFileSync(new URL(`../${path}`, import.meta.url), text)

console.log(stale.length === 0 ? "The documentation is up to date." : stale.map(({ path }) => `changed: ${path}`).join("\n"))
process.exitCode = stale.length > 0 && checks ? 1 : 0
