/**
 * The commands in the documentation that take packages from a registry, and what is wrong with
 * them. npm takes the newest version of what is named without one, so a line that works today
 * ends in ERESOLVE, or in something untried, with the next major version of anything.
 */
import * as Fs from "node:fs"
import * as Semver from "semver"
import { root } from "./program.js"

/** A command that the documentation tells the reader to type. */
export interface Command {
  readonly page: string
  readonly line: string
}

/** What is known about versions: the fields of package.json. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly peerDependencies: { readonly [name: string]: string }
  readonly peerDependenciesMeta?: { readonly [name: string]: { readonly optional?: boolean } }
  readonly devDependencies: { readonly [name: string]: string }
}

export const manifest: Manifest = JSON.parse(Fs.readFileSync(`${root}package.json`, "utf8"))

const pages = [
  // What a changelog shows was right at its time.
  ...Fs.readdirSync(root).filter((path) => path.endsWith(".md") && path !== "CHANGELOG.md"),
  ...Fs.readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path.replaceAll("\\", "/")}`)
]

const installs = /\b(?:npm (?:install|i|add)|pnpm (?:add|install|i)|yarn add|bun (?:add|install|i)|deno (?:add|install))(?= +[^\s`])[^\n`#]*/g
const runs = /\b(?:npx|npm exec|npm x|pnpm dlx|pnpx|yarn dlx|bunx)(?= +[^\s`])[^\n`#]*/g

const find = (pattern: RegExp) => (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(pattern), ([line]) => line.trim())

/** In code blocks and in the running text alike. A backslash at its end continues a line. */
export const installsIn = (text: string): ReadonlyArray<string> => find(installs)(text.replace(/\\\n\s*/g, " "))

/** Commands that run a package, and fetch it where it is not installed. */
export const runsIn = (text: string): ReadonlyArray<string> => find(runs)(text.replace(/\\\n\s*/g, " "))

const everywhere = (linesIn: (text: string) => ReadonlyArray<string>): ReadonlyArray<Command> =>
  pages.flatMap((page) => linesIn(Fs.readFileSync(root + page, "utf8")).map((line) => ({ page, line })))

/** Every command that installs packages, in the README and the guides. */
export const everyInstall = everywhere(installsIn)

/** Every command that runs one. */
export const everyRun = everywhere(runsIn)

/** The versions of a package that fit what this repository was tested with; none where no test knows the package. */
const fitting = ({ devDependencies, name, peerDependencies, version }: Manifest, named: string): string | undefined => {
  const tested = named === name ? version : devDependencies[named]
  return peerDependencies[named] ?? (tested === undefined ? undefined : `^${tested}`)
}

const packageOf = (argument: string): { readonly name: string; readonly range: string | undefined } => {
  const [, name = argument, range] = /^(?:npm:)?(@?[^@]+)(?:@(.*))?$/.exec(argument.replace(/^(["'])(.*)\1$/, "$2")) ?? []
  return { name, range }
}

const check = (manifest: Manifest, argument: string): ReadonlyArray<string> => {
  // A line with blanks to fill in, one of them the version.
  if (/^<[^>]+>@<[^>]+>$/.test(argument)) return []
  const { name, range } = packageOf(argument)
  const fits = fitting(manifest, name)
  if (fits === undefined) {
    return [`${argument}: package.json says nothing of its version, so no test tries it`]
  }
  if (range === undefined || Semver.validRange(range) === null) {
    return [`${argument}: without a range of versions it is whatever is newest`]
  }
  // npm takes the highest version of a range: there has to be one that fits, and none beyond.
  const reached = `${range} >=${Semver.minVersion(fits)?.version}`
  return Semver.intersects(range, fits) && Semver.subset(reached, fits) ? [] : [`${argument}: it has to stay within ${fits}`]
}

const argumentsOf = (line: string, after: RegExp): ReadonlyArray<string> =>
  line.replace(after, "").trim().split(/\s+/).filter((argument) => argument !== "" && !argument.startsWith("-"))

/** A peer that only one entry needs is installed by who uses that. */
const isOptional = ({ peerDependenciesMeta = {} }: Manifest, peer: string): boolean => peerDependenciesMeta[peer]?.optional === true

/** What is wrong with a command that installs packages; nothing if it is right. */
export const problemsOfInstall = (manifest: Manifest, line: string): ReadonlyArray<string> => {
  const named = argumentsOf(line, /^\S+ +\S+/)
  const names = named.map((argument) => packageOf(argument).name)
  // A package manager that does not install peers by itself would leave them out.
  const missing = names.includes(manifest.name)
    ? Object.keys(manifest.peerDependencies).filter((peer) => !isOptional(manifest, peer) && !names.includes(peer))
    : []
  return [...named.flatMap((argument) => check(manifest, argument)), ...missing.map((peer) => `${peer} is missing`)]
}

/**
 * What is wrong with a command that runs a package. Without a version it may run what is
 * installed: the package's own program, or in a checkout a tool of this repository. A page for
 * its developers is about a checkout, and so is a command about a file that is in it.
 */
export const problemsOfRun = (manifest: Manifest, { line, page }: Command): ReadonlyArray<string> => {
  const [named = "", ...rest] = argumentsOf(line, /^(?:npm exec|npm x|pnpm dlx|yarn dlx|\S+)/)
  const { name, range } = packageOf(named)
  if (name === manifest.name && range === undefined) return []
  const isHere = page === "CONTRIBUTING.md" || rest.some((argument) => /[./]/.test(argument) && Fs.existsSync(root + argument))
  return range === undefined && isHere && Object.hasOwn(manifest.devDependencies, name) ? [] : check(manifest, named)
}
