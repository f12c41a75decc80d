/** Builds the runner into one file: a process that is started hundreds of times should not load hundreds of files. */
import * as Esbuild from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const here = Path.dirname(fileURLToPath(import.meta.url))

/** The path of the built runner, in a folder of this project: what is not built in is found from there. */
export const bundle = async (): Promise<string> => {
  const folder = Path.join(here, "../../node_modules/.cache/effect-payment-cancel")
  Fs.mkdirSync(folder, { recursive: true })
  const outfile = Path.join(folder, `crash-runner-${process.pid}.mjs`)
  await Esbuild.build({
    entryPoints: [Path.join(here, "runner.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    tsconfig: Path.join(here, "../tsconfig.json"),
    external: ["libsql", "pg-native"],
    banner: { js: "import { createRequire as $require } from 'node:module'; const require = $require(import.meta.url)" },
    logLevel: "error"
  })
  return outfile
}
