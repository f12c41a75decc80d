/**
 * Runs programs of this repository as a person would: in a process of their own.
 */
import * as Effect from "effect/Effect"
import { buildSync } from "esbuild"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

/** The root of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL("../..", import.meta.url))

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href

/** What it takes on a slow machine to start a process and to run through. */
export const patience = 90_000

export interface Options {
  readonly args?: ReadonlyArray<string>
  /** Flags of Node itself. */
  readonly flags?: ReadonlyArray<string>
  readonly env?: { readonly [name: string]: string }
  readonly cwd?: string
  readonly tsconfig?: string
  /**
   * Compiled to one module, as an application is that bundles what it imports: the hundreds of files that tsx
   * compiles and loads take longer than most examples run. Not for a program that looks for a file beside its own.
   */
  readonly bundled?: boolean
}

/** What a program prints, and how it ends. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** The program and what it imports of this repository, as one module; packages are loaded as they are. */
const bundle = (path: string, cwd: string, tsconfig: string): string => {
  const { outputFiles: [output] } = buildSync({
    entryPoints: [path],
    absWorkingDir: cwd,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    tsconfig,
    write: false
  })
  return output?.text ?? ""
}

/** Programs that were compiled together. */
export interface Compiled {
  /** The module of a program, by the path of its source. */
  readonly module: (path: string) => string
  readonly remove: () => void
}

/**
 * Compiles programs with all that they import, of packages too, in as few modules as they can share: Effect alone
 * has hundreds, and to load these takes longer than most examples run. It pays for several runs.
 */
export const compile = (paths: ReadonlyArray<string>): Compiled => {
  // What is not compiled is found from there.
  const cache = `${root}node_modules/.cache/effect-payment-cancel`
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, "programs-"))
  buildSync({
    entryPoints: [...paths],
    absWorkingDir: root,
    outbase: root,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    external: ["undici"],
    platform: "node",
    format: "esm",
    target: "node20",
    tsconfig: `${root}test/tsconfig.json`,
    banner: { js: "import { createRequire as $require } from 'node:module'; const require = $require(import.meta.url)" }
  })
  return {
    module: (path) => join(folder, path.replace(/\.ts$/, ".mjs")),
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts a program in TypeScript, or one that was compiled; only the given variables are in its environment. */
export const start = (
  path: string,
  { args = [], bundled = false, cwd = root, env = {}, flags = [], tsconfig = `${root}test/tsconfig.json` }: Options = {}
): ChildProcess => {
  const child = spawn(
    process.execPath,
    [...flags, ...bundled ? ["--input-type=module", "-", ...args] : [...path.endsWith(".ts") ? ["--import", tsx] : [], path, ...args]],
    {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", TSX_TSCONFIG_PATH: tsconfig, NO_COLOR: "1", ...env },
      stdio: ["pipe", "pipe", "pipe"]
    }
  )
  child.stdin.end(bundled ? bundle(path, cwd, tsconfig) : "")
  return child
}

/** Collects what a process prints on both streams, in the order it comes. */
export const collect = (child: ChildProcess, onText: (all: string) => void = () => undefined): (() => string) => {
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text
      onText(output)
    })
  }
  return () => output
}

/** Runs a program to its end. */
export const run = (path: string, options?: Options): Effect.Effect<Ended> =>
  Effect.acquireUseRelease(
    Effect.sync(() => start(path, options)),
    (child) =>
      Effect.promise(async () => {
        const output = collect(child)
        const [code] = await once(child, "close") as [number | null]
        return { code, output: output() }
      }),
    (child) => Effect.sync(() => child.kill())
  )
