/**
 * A folder with the package as it is published and the programs of the bench, in plain
 * JavaScript: no compiler runs where something is measured.
 */
import * as Esbuild from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { build } from "../package/setup.js"
import { remove, root, temporary } from "../package/Workspace.js"

/** Below `node_modules`, so that every program in it finds the same dependencies. */
const places = Path.join(root, "node_modules/.cache/effect-payment-cancel")

export interface Place {
  readonly folder: string
  /** The package as it is built. */
  readonly dist: string
  readonly remove: () => void
}

/** Builds the package, if not given as it is built. */
export const make = async (built?: string): Promise<Place> => {
  Fs.mkdirSync(places, { recursive: true })
  const folder = Fs.mkdtempSync(Path.join(places, "bench-"))
  const library = Path.join(folder, "node_modules/effect-payment-cancel")
  const dist = Path.join(library, "dist")
  Fs.mkdirSync(library, { recursive: true })
  Fs.copyFileSync(Path.join(root, "package.json"), Path.join(library, "package.json"))
  const elsewhere = temporary("bench")
  Fs.cpSync(built ?? Path.join(build(elsewhere), "dist"), dist, { recursive: true })
  remove(elsewhere)

  const source = Path.join(root, "test/bench")
  await Esbuild.build({
    entryPoints: ["provider", "client", ...Fs.readdirSync(Path.join(source, "clients")).map((name) => `clients/${Path.parse(name).name}`)]
      .map((name) => Path.join(source, `${name}.ts`))
      .concat(Path.join(source, "protocol.ts")),
    outbase: source,
    outdir: folder,
    format: "esm",
    target: "es2022",
    platform: "node"
  })
  Fs.writeFileSync(Path.join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
  return { folder, dist, remove: () => Fs.rmSync(folder, { recursive: true, force: true }) }
}
