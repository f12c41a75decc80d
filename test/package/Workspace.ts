/**
 * Temporary folders, and the programs that are run in them.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

/** The folder of this project. */
export const root = fileURLToPath(new URL("../..", import.meta.url))

/** A fresh folder outside the project. */
export const temporary = (name: string): string =>
  Fs.realpathSync(Fs.mkdtempSync(Path.join(Os.tmpdir(), `effect-payment-cancel-${name}-`)))

export const remove = (folder: string): void => Fs.rmSync(folder, { recursive: true, force: true })

export const write = (folder: string, files: { readonly [path: string]: string }): void => {
  for (const [path, text] of Object.entries(files)) {
    const file = Path.join(folder, path)
    Fs.mkdirSync(Path.dirname(file), { recursive: true })
    Fs.writeFileSync(file, text)
  }
}

/** The files below a folder, as paths with `/`, sorted. */
export const filesOf = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => Path.relative(folder, Path.join(entry.parentPath, entry.name)).split(Path.sep).join("/"))
    .toSorted()

export interface Finished {
  readonly code: number | null
  /** Standard output and standard error. */
  readonly output: string
  readonly stdout: string
}

/** Runs a program to its end. What it says of its own failure is in `output`. */
export const run = (cwd: string, command: string, ...args: ReadonlyArray<string>): Finished => {
  const { error, status, stderr, stdout } = ChildProcess.spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1_048_576,
    env: environment
  })
  if (error !== undefined) {
    throw error
  }
  return { code: status, output: stdout + stderr, stdout }
}

/** Colours would be in the way, and so would the settings of the `npm` that runs the tests. */
export const environment: { readonly [name: string]: string | undefined } = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:npm_|VITEST|TSX_)/.test(name) && name !== "PORT")
  ),
  NO_COLOR: "1",
  FORCE_COLOR: "0"
}

/** Like `run`, for a program that has to succeed. */
export const succeed = (cwd: string, command: string, ...args: ReadonlyArray<string>): string => {
  const { code, output, stdout } = run(cwd, command, ...args)
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${output}`)
  }
  return stdout
}

/** A tool among the development dependencies. */
export const tool = (name: string): string => Path.join(root, "node_modules", ".bin", name)

/** Compiles a project: with one checker, for several infer much of the same each. */
export const compile = (folder: string, project: string): Finished => run(folder, tool("tsc"), "--checkers", "1", "-p", project)
