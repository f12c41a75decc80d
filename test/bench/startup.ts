/** What importing one provider takes, beside the modules of its peers that it imports. */
import * as ChildProcess from "node:child_process"
import * as Esbuild from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Place } from "./Place.js"

/** The modules of the peers that a provider leads to. */
const peerModules = ({ dist }: Place): ReadonlyArray<string> => {
  const { metafile } = Esbuild.buildSync({
    entryPoints: [Path.join(dist, "providers/Stripe/index.js")],
    bundle: true,
    packages: "external",
    format: "esm",
    write: false,
    metafile: true
  })
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))
  return [...new Set(imports)].toSorted()
}

/** Two programs, each of which says how many milliseconds its imports took. */
const programs = (place: Place): { readonly ours: string; readonly peers: string } => {
  const program = (name: string, modules: ReadonlyArray<string>): string => {
    const all = Path.join(place.folder, `${name}-imports.js`)
    Fs.writeFileSync(all, modules.map((module) => `import ${JSON.stringify(module)}\n`).join(""))
    const file = Path.join(place.folder, `${name}.js`)
    Fs.writeFileSync(
      file,
      `const begun = performance.now()\nawait import("./${name}-imports.js")\nconsole.log(performance.now() - begun)\n`
    )
    return file
  }
  return {
    ours: program("ours", ["effect-payment-cancel/providers/Stripe"]),
    peers: program("peers", peerModules(place))
  }
}

const milliseconds = (file: string): number => Number(ChildProcess.execFileSync(process.execPath, [file], { encoding: "utf8" }))

/** Each round's two, in milliseconds; which of them is first alternates. */
export const measure = (place: Place, rounds: number): ReadonlyArray<{ readonly ours: number; readonly peers: number }> => {
  const { ours, peers } = programs(place)
  // The first of all reads the files from the disk.
  milliseconds(ours)
  return Array.from({ length: rounds }, (_, round) => {
    if (round % 2 === 0) {
      const first = milliseconds(ours)
      return { ours: first, peers: milliseconds(peers) }
    }
    const first = milliseconds(peers)
    return { ours: milliseconds(ours), peers: first }
  })
}
