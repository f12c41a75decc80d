/**
 * The sources for a run of all tests: compiled once, and loaded by Node itself. Vite would give them to
 * each thread one by one, and every use of an import would be a call of a getter. What watches, or runs
 * a few tests, is better off with Vite, which sees what changes.
 */
import { buildSync } from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import type { Plugin } from "vitest/config"

/** The folder of what is compiled, where there is one. */
export const variable = "TEST_COMPILED"

const root = fileURLToPath(new URL("../..", import.meta.url))
const sources = Path.join(root, "src")

/** Compiles the sources, and says where they are then: below `node_modules`, from where nothing is given to Vite. */
export const compile = (): string => {
  const places = Path.join(root, "node_modules/.cache/effect-payment-cancel")
  Fs.mkdirSync(places, { recursive: true })
  const folder = Fs.mkdtempSync(Path.join(places, "compiled-"))
  Fs.writeFileSync(Path.join(folder, "package.json"), JSON.stringify({ type: "module" }))
  buildSync({
    entryPoints: Fs.readdirSync(sources, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => Path.join(sources, path)),
    outbase: sources,
    outdir: folder,
    format: "esm",
    platform: "node",
    target: "node20"
  })
  return folder
}

/** Answers what is imported of the sources from there. With a query it is another copy, which only Vite makes. */
export const answeredFrom = (folder: string): Plugin => ({
  name: "compiled",
  enforce: "pre",
  resolveId: (id, importer) => {
    const path = id.startsWith(".") && importer !== undefined ? Path.resolve(Path.dirname(importer), id) : id
    const inSources = Path.relative(sources, path)
    return inSources.startsWith("..") || Path.isAbsolute(inSources) || path.includes("?")
      ? null
      : Path.join(folder, inSources.replace(/\.ts$/, ".js"))
  }
})
