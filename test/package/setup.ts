import * as Fs from "node:fs"
import * as Path from "node:path"
import type { TestProject } from "vitest/node"
import { longOrShort } from "../support/extent.js"
import * as Workspace from "./Workspace.js"

declare module "vitest" {
  export interface ProvidedContext {
    /** The packed package, a `.tgz`. */
    readonly tarball: string
    /** A project that has the packed package and its peers in `node_modules`. */
    readonly consumer: string
  }
}

/** The folder in which `pack.ts` has packed beforehand. */
export const variable = "PACKED_IN"

/** Builds from the sources as they are, packs, and unpacks into a project of its own, unless that was done beforehand. */
export default (project: TestProject): () => void => {
  const beforehand = process.env[variable]
  const folder = beforehand ?? Workspace.temporary("package")
  try {
    const { consumer, tarball } = beforehand === undefined ? pack(folder) : packedIn(folder)
    project.provide("tarball", tarball)
    project.provide("consumer", consumer)
  } catch (error) {
    Workspace.remove(folder)
    throw error
  }
  return () => Workspace.remove(folder)
}

const tools = ["build", "merge", "pure", "sourceMap"].map((name) => `test/package/${name}.ts`)

/** Builds in a copy of the project, so that no other build is in the way. */
export const build = (folder: string): string => {
  const copy = Path.join(folder, "build")
  Fs.mkdirSync(copy)
  for (const name of ["package.json", "tsconfig.json", "README.md", "LICENSE", "src", ...tools]) {
    if (Fs.existsSync(Path.join(Workspace.root, name))) {
      Fs.cpSync(Path.join(Workspace.root, name), Path.join(copy, name), { recursive: true })
    }
  }
  Fs.symlinkSync(Path.join(Workspace.root, "node_modules"), Path.join(copy, "node_modules"), "junction")
  // That the types are right, `npm run check` says.
  Workspace.succeed(copy, "npm", "run", "build", ...longOrShort([], ["--", "--noCheck"]))
  return copy
}

interface Packed {
  readonly tarball: string
  readonly consumer: string
}

const packedIn = (folder: string): Packed => ({
  tarball: Path.join(folder, Fs.readdirSync(folder).find((name) => name.endsWith(".tgz"))!),
  consumer: Path.join(folder, "consumer")
})

/** The same in any folder, for `npm run test:peers` too. */
export const pack = (folder: string): Packed => {
  const copy = build(folder)
  Workspace.succeed(copy, "npm", "pack", "--ignore-scripts", "--pack-destination", folder)
  const { consumer, tarball } = packedIn(folder)

  const modules = Path.join(consumer, "node_modules")
  const unpacked = Path.join(modules, "effect-payment-cancel")
  Fs.mkdirSync(unpacked, { recursive: true })
  Workspace.succeed(folder, "tar", "-xzf", tarball, "-C", unpacked, "--strip-components=1")
  const { peerDependencies } = JSON.parse(Fs.readFileSync(Path.join(copy, "package.json"), "utf8"))
  for (const name of [...Object.keys(peerDependencies), "@types"]) {
    Fs.mkdirSync(Path.dirname(Path.join(modules, name)), { recursive: true })
    Fs.symlinkSync(Path.join(Workspace.root, "node_modules", name), Path.join(modules, name), "junction")
  }
  Workspace.write(consumer, { "package.json": JSON.stringify({ private: true, type: "module" }) })
  // Puts the package's program where `npx` looks for it, as an installation does.
  Workspace.succeed(consumer, "npm", "rebuild", "effect-payment-cancel", "--offline", "--ignore-scripts")
  return { tarball, consumer }
}
