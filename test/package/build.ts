/**
 * `npm run build`: compiles `src` to `dist` as it is published, which is JavaScript with its
 * comments (but for the sandbox and the program), and declarations, as far as a program can come to them.
 *
 * The JavaScript is the source without its types, so the sources themselves are not published,
 * nor are source maps to them: a stack trace, a debugger and "go to definition" all lead to the
 * same readable file. For the last of these tsc's declaration maps, which lead to the sources,
 * are replaced here by ones that lead to the JavaScript. What is a type only has no place
 * there, and stays with its declaration.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { headerOf, type Home, merge, specifier } from "./merge.js"
import { marks } from "./pure.js"
import { endOf, insert, read, type Segment, write } from "./sourceMap.js"

/** A name that is declared: after a keyword, or a member's or parameter's; or the start of a signature without a name. */
const declared = /(?<=\b(?:const|class|interface|type|function|namespace) )[\w$]+|[\w$]+(?=\??[:(<])|(?<=^\s*)[<(]/g

const placeOf = (line: number, column: number): string => `${line}:${column}`

/** The map of one module's declarations to its JavaScript, by way of the source that both come from. */
const lead = (
  declarations: string,
  javaScript: string,
  toSource: ReadonlyArray<Segment>,
  { begin, end, segments }: Home
): ReadonlyArray<Segment> => {
  const code = javaScript.split("\n")
  const inJavaScript = new Map(
    segments.flatMap(({ column, line, target }) =>
      target === undefined ? [] : [[placeOf(target.line, target.column), { line, column }] as const])
  )
  const inSource = new Map(toSource.map(({ column, line, target }) => [placeOf(line, column), target] as const))
  const names = declarations.split("\n").flatMap((text, line) =>
    Array.from(text.matchAll(declared)).flatMap(({ 0: name, index: column }): ReadonlyArray<Segment> => {
      const source = inSource.get(placeOf(line, column))
      const target = source && inJavaScript.get(placeOf(source.line, source.column))
      // Where tsc is less exact than it seems, nothing is claimed.
      if (target === undefined || !code[target.line]!.startsWith(name, target.column)) {
        return [{ line, column, target: undefined }]
      }
      const after = { line, column: column + name.length, target: { ...target, column: target.column + name.length } }
      return [{ line, column, target }, after]
    })
  )
  // Whoever looks a place up takes the segment that is there, or else the next one. So of
  // several that lead nowhere the last is enough. From the first statement on, its code stands
  // for the module itself, unless that is a type, which would then be led to the JavaScript.
  const start = /^(?:\/\*(?:(?!\*\/)[\s\S])*\*\/\s*)*/.exec(declarations)![0]
  const isType = /^(?:export )?(?:type|interface) /.test(declarations.slice(start.length))
  return [{ ...endOf(start), target: isType ? undefined : begin }, ...names, { ...endOf(declarations), target: end }]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .filter(({ target }, index, all) => target !== undefined || all[index + 1]?.target !== undefined)
}

// What an earlier build left behind would be published as well.
Fs.rmSync("dist", { recursive: true, force: true })
const compile = (...options: ReadonlyArray<string>): void => {
  // Several checkers infer much of the same each.
  const { status } = ChildProcess.spawnSync(Path.resolve("node_modules/.bin/tsc"), ["--checkers", "1", ...options], { stdio: "inherit" })
  if (status !== 0) process.exit(status ?? 1)
}
// The tests have the types checked by then: with `--noCheck` the same comes of it.
compile(...process.argv.slice(2))

// The sandbox is for trying things out: what it is used by is described in its declarations. The
// program is only run. So the JavaScript of both comes without the comments. What was checked once is not checked again.
compile("--outDir", "dist-bare", "--noCheck", "--removeComments", "--declaration", "false", "--declarationMap", "false")
for (const folder of ["sandbox", "command"]) Fs.cpSync(`dist-bare/${folder}`, `dist/${folder}`, { recursive: true })
Fs.rmSync("dist-bare", { recursive: true })

/** Paths in `dist`, with `/`. */
const modules = Fs.readdirSync("dist", { recursive: true, encoding: "utf8" })
  .map((path) => path.split(Path.sep).join("/"))
  .filter((path) => path.endsWith(".js"))
  .toSorted()

/** The modules that a program can import by name. */
const entries = new Set<string>()
const { exports } = JSON.parse(Fs.readFileSync("package.json", "utf8")) as {
  readonly exports: { readonly [entry: string]: string | null | { readonly default: string } }
}
for (const entry of Object.values(exports)) {
  if (entry === null || typeof entry === "string") continue
  const pattern = new RegExp(`^${entry.default.slice("./dist/".length).replaceAll(".", "\\.").replace("*", "[^/]+")}$`)
  for (const path of modules) if (pattern.test(path)) entries.add(path)
}

/**
 * Of a comment what says nothing of the code: how it is called, and what is there for lists of an interface. Declarations keep
 * it, or were made by it.
 */
const tags = /^ *(?:\* @(?:example|since|category|internal)\b|\/\*\* @internal \*\/$)/

/** An example goes on until another tag, or the end of its comment. */
const example = { begins: /^ *\* @example\b/, ends: /^ *\*(?:\/| @)/ }

/**
 * Gives a module that is a namespace of the root, and so can be gone to, what it says of itself: tsc leaves that out with a
 * first import of types alone. And takes the tags out of its comments. Nothing is mapped to any of these lines.
 */
const comment = (module: string): void => {
  const path = `dist/${module}`
  const code = Fs.readFileSync(path, "utf8")
  const header = headerOf(Fs.readFileSync(`src/${module.replace(/\.js$/, ".ts")}`, "utf8"))
  const added = module.includes("/") || code.startsWith(header) ? "" : `${header}\n`
  const lines = (added + code).split("\n")
  let isExample = false
  const left = lines.map((line, index) => {
    isExample = example.begins.test(line) || (isExample && !example.ends.test(line))
    // With the empty line that sets them apart.
    return !isExample && !tags.test(line) && !(/^ *\*$/.test(line) && tags.test(lines[index + 1]!))
  })
  const map = JSON.parse(Fs.readFileSync(`${path}.map`, "utf8")) as { readonly mappings: string }
  const mapped = [...Array.from({ length: added.split("\n").length - 1 }, () => ""), ...map.mappings.split(";")]
  Fs.writeFileSync(path, lines.filter((_, line) => left[line]).join("\n"))
  Fs.writeFileSync(`${path}.map`, JSON.stringify({ ...map, mappings: mapped.filter((_, line) => left[line]).join(";") }))
}

for (const module of modules) if (!/^(?:sandbox|command)\//.test(module)) comment(module)

const homes = await merge(entries)

/** A file that is not merged, as it is published, with the calls marked that bundlers may leave out. */
const alone = (module: string): Home => {
  const path = `dist/${module}`
  const compiled = Fs.readFileSync(path, "utf8").replace(/\/\/# sourceMappingURL=.*$/, "")
  const { code, segmentsOf } = insert(compiled, marks(compiled))
  Fs.writeFileSync(path, code)
  return { file: module, segments: segmentsOf(read(`${path}.map`)), begin: { line: 0, column: 0 }, end: endOf(code) }
}

for (const module of modules) {
  const path = `dist/${module}`
  const home = homes.get(module) ?? alone(module)
  const javaScript = Fs.readFileSync(`dist/${home.file}`, "utf8")
  const declarations = path.replace(/\.js$/, ".d.ts")
  const segments = lead(Fs.readFileSync(declarations, "utf8"), javaScript, read(`${declarations}.map`), home)
  write(`${declarations}.map`, Path.basename(declarations), specifier(module, home.file), segments)
  Fs.rmSync(`${path}.map`, { force: true })
}

/** The declarations that a program comes to from what it can import. No others are published. */
const reached = new Set<string>()
const reach = (declarations: string): void => {
  if (reached.has(declarations) || !Fs.existsSync(declarations)) return
  reached.add(declarations)
  for (const [, module = ""] of Fs.readFileSync(declarations, "utf8").matchAll(/(?:\bfrom|\bimport\() ?"(\..+?)\.js"/g)) {
    reach(Path.join(Path.dirname(declarations), `${module}.d.ts`))
  }
}
for (const entry of entries) reach(`dist/${entry.replace(/\.js$/, ".d.ts")}`)
for (const path of Fs.readdirSync("dist", { recursive: true, encoding: "utf8" })) {
  const [declarations] = /^.*\.d\.ts(?=(?:\.map)?$)/.exec(path) ?? []
  if (declarations !== undefined && !reached.has(`dist/${declarations}`)) Fs.rmSync(`dist/${path}`)
}
