/**
 * The public modules: what the `exports` of package.json lets a program import, found by the same
 * rules as Node's.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The root of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL("..", import.meta.url))

/** The text of a file of the repository. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** A module with a page in the reference. */
export interface Module {
  /** As in "Cancel", "providers/Stripe", "sandbox/Fault". */
  readonly name: string
  /** The last part of the name: what the module is imported as. */
  readonly short: string
  /** Its source, from the root of the repository. */
  readonly source: string
  /** The line that imports it. */
  readonly imported: string
  /** The address of its page, without an extension. */
  readonly page: string
}

type Target = null | string | { readonly types: string }

const manifest: {
  readonly name: string
  readonly version: string
  readonly exports: { readonly [key: string]: Target }
  readonly scripts: { readonly [name: string]: string }
} = JSON.parse(read("package.json"))

/** The package's name and version, and its scripts. */
export const { name: packageName, scripts, version } = manifest

const sides = (pattern: string): readonly [before: string, after: string | undefined] => {
  const [before = "", after] = pattern.split("*")
  return [before, after]
}

/** What the star of a pattern stands for in a text, if the text matches. */
const star = (pattern: string, text: string): string | undefined => {
  const [before, after] = sides(pattern)
  if (after === undefined) return pattern === text ? "" : undefined
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
    ? text.slice(before.length, text.length - after.length)
    : undefined
}

/** The key that Node takes for a subpath: the exact one, else that with the longest beginning. */
const keyOf = (subpath: string): string | undefined =>
  Object.keys(manifest.exports)
    .filter((key) => star(key, subpath) !== undefined)
    .sort((one, other) =>
      Number(one.includes("*")) - Number(other.includes("*")) || sides(other)[0].length - sides(one)[0].length)[0]

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .sort()

/** Every subpath that can be imported, with its source. */
const subpaths: ReadonlyArray<{ readonly subpath: string; readonly source: string }> = sources.flatMap((path) => {
  const declarations = `./dist/${path.slice(0, -".ts".length)}.d.ts`
  return Object.entries(manifest.exports).flatMap(([key, target]) => {
    if (target === null || typeof target === "string") return []
    const found = star(target.types, declarations)
    if (found === undefined) return []
    const subpath = key.replace("*", found)
    return keyOf(subpath) === key ? [{ subpath, source: `src/${path}` }] : []
  })
})

/** The modules that a module exports under a name: `export * as Fault from "./Fault.js"`. */
export const namespaces = (source: string): ReadonlyArray<readonly [name: string, source: string]> =>
  [...read(source).matchAll(/^export \* as (\w+) from "(.+)\.js"$/gm)].map(([, name = "", path = ""]) =>
    [name, join(dirname(source), `${path}.ts`)])

const fromRoot = new Map(namespaces("src/index.ts").map(([name, source]) => [source, name]))

const moduleOf = (name: string, source: string, imported: string): Module => ({
  name,
  short: name.split("/").at(-1) ?? name,
  source,
  imported,
  page: `/reference/${name}`
})


const found: ReadonlyArray<Module> = subpaths.flatMap(({ source, subpath }) => {
  if (subpath === ".") return []
  const name = subpath.slice("./".length)
  const short = fromRoot.get(source)
  const capital = name.replace(/^.*\//, "").replace(/^./, (letter) => letter.toUpperCase())
  const inner = namespaces(source)
  return [
    moduleOf(
      name,
      source,
      short !== undefined
        ? `import { ${short} } from "${packageName}"`
        : inner.length > 0
        ? `import { ${inner.map(([each]) => each).join(", ")} } from "${packageName}/${name}"`
        : `import * as ${capital === "Server" ? "SandboxServer" : capital} from "${packageName}/${name}"`
    ),
    ...inner.map(([each, from]) => moduleOf(`${name}/${each}`, from, `import { ${each} } from "${packageName}/${name}"`))
  ]
})

/** Every public module but the root, which only lists others. */
export const modules: ReadonlyArray<Module> = [...found].sort((one, other) => one.name < other.name ? -1 : 1)

/** The module whose source a file is. */
export const moduleAt = (source: string): Module | undefined => modules.find((module) => module.source === source)

/** The parts of the reference, in the order of its sidebar. */
export const sections: ReadonlyArray<{ readonly title: string; readonly modules: ReadonlyArray<Module> }> = [
  { title: "Core", modules: modules.filter(({ name }) => !/^(authoring|providers|sandbox|workflow)(\/|$)/.test(name)) },
  { title: "Providers", modules: modules.filter(({ name }) => name.startsWith("providers/")) },
  { title: "Durable cancels", modules: modules.filter(({ name }) => /^workflow(\/|$)/.test(name)) },
  { title: "Sandbox", modules: modules.filter(({ name }) => /^sandbox(\/|$)/.test(name)) },
  { title: "For authors of providers", modules: modules.filter(({ name }) => name.startsWith("authoring/")) }
]

/** Whether the project has a lab to be built. */
export const hasLab = Object.hasOwn(scripts, "lab:build") && existsSync(join(root, "lab"))
