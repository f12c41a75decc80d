/**
 * The step of `npm run build` that publishes fewer and larger files: Node takes about as long to
 * load one as to run what is in it.
 *
 * - What most providers load becomes two files: what needs the engine, and what does not.
 * - Each provider becomes one, but for its errors: they are found by the namespace of their module,
 *   which is real only for a file. They also take less room in the package beside those of other providers.
 * - What the program loads for one command, and for no other, becomes one file.
 * - Everything else stays the file that tsc made of it, and imports the merged ones instead of
 *   their modules. So who needs nothing of the engine loads nothing of it.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { type Plugin, rollup } from "rollup"
import { parseAst } from "rollup/parseAst"
import { isNode, marks } from "./pure.js"
import * as SourceMap from "./sourceMap.js"

/** Where the code of a module is. Files and modules are paths in `dist`, with `/`, of JavaScript. */
export interface Home {
  readonly file: string
  /** From the file to the module's source. */
  readonly segments: ReadonlyArray<SourceMap.Segment>
  /** The part of the file that is the module. */
  readonly begin: SourceMap.Place
  readonly end: SourceMap.Place
}

type Node = ReturnType<typeof parseAst>["body"][number]

const read = (module: string): string => Fs.readFileSync(`dist/${module}`, "utf8").replace(/\/\/# sourceMappingURL=.*$/, "")

const resolve = (from: string, specifier: string): string => Path.posix.join(Path.posix.dirname(from), specifier)

/** How one file imports another. */
export const specifier = (from: string, to: string): string => {
  const relative = Path.posix.relative(Path.posix.dirname(from), to)
  return relative.startsWith(".") ? relative : `./${relative}`
}

/** What a statement imports of the package's own. */
const sourceOf = (node: Node): { readonly value: string; readonly start: number; readonly end: number } | undefined => {
  const source = "source" in node ? node.source : undefined
  return isNode(source) && typeof source["value"] === "string" && source["value"].startsWith(".")
    ? { value: source["value"], start: source.start, end: source.end }
    : undefined
}

/** The modules and what each of them imports, when it is loaded. */
const graphOf = (modules: ReadonlyArray<string>): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(modules.map((module) => [
    module,
    parseAst(read(module)).body.flatMap((node) => {
      const source = sourceOf(node)
      return source === undefined ? [] : [resolve(module, source.value)]
    })
  ]))

/** What is loaded with some modules, themselves included. */
const loadedWith = (graph: ReadonlyMap<string, ReadonlyArray<string>>, ...modules: ReadonlyArray<string>): ReadonlySet<string> => {
  const loaded = new Set<string>()
  const load = (module: string): void => {
    if (loaded.has(module)) return
    loaded.add(module)
    graph.get(module)!.forEach(load)
  }
  modules.forEach(load)
  return loaded
}

/** The names that a module declares and exports. */
const exportedBy = (module: string): ReadonlyArray<string> =>
  parseAst(read(module)).body.flatMap((node) => {
    if (!node.type.startsWith("Export")) return []
    if (node.type !== "ExportNamedDeclaration" || !isNode(node.declaration)) throw new Error(`${module} exports what another module declares`)
    const { declaration } = node
    return declaration.type === "VariableDeclaration"
      ? declaration.declarations.flatMap(({ id }) =>
        id.type === "Identifier" ? [id.name] : id.type === "ObjectPattern"
          ? id.properties.flatMap((property) => property.type === "Property" && property.value.type === "Identifier" ? [property.value.name] : [])
          : [])
      : [declaration.id.name]
  })

/** What a module says of itself. */
export const headerOf = (code: string): string => /^(?:\/\*(?:(?!\*\/)[\s\S])*\*\/)?/.exec(code)![0]

/** With the quotation marks that tsc writes. */
const asTscQuotes = (code: string): string =>
  code.replaceAll(/(?<=^(?:import|export)\b.* from |\bimport\()'(.*?)'(?=;$|\))/gm, '"$1"')

/** One file of several modules: its text, and where in it each of them is. */
interface Merged {
  readonly file: string
  readonly code: string
  readonly homes: ReadonlyMap<string, Home>
}

const mergeInto = async (
  file: string,
  entry: string,
  members: ReadonlySet<string>,
  /** What keeps its name where another is called the same, and the module that it is of. */
  named: ReadonlyMap<string, string>,
  /** Where a module outside is. */
  fileOf: (module: string) => string
): Promise<Omit<Merged, "file">> => {
  const dist = Path.resolve("dist")
  const moduleOf = (id: string): string => Path.relative(dist, id).split(Path.sep).join("/")
  const compiled: Plugin = {
    name: "compiled",
    resolveId: (id, importer) => {
      if (importer === undefined) return id
      if (!id.startsWith(".")) return { id, external: true }
      const module = resolve(moduleOf(importer), id)
      return members.has(module) ? Path.resolve(dist, module) : { id: `outside:${module}`, external: true }
    },
    load: (id) =>
      members.has(moduleOf(id)) ? { code: read(moduleOf(id)), map: Fs.readFileSync(`${id}.map`, "utf8") } : entry,
    moduleParsed: (info) => {
      info.safeVariableNames = Object.fromEntries(
        [...named].flatMap(([name, member]) => member === moduleOf(info.id) ? [] : [[name, `${name}$1`]])
      )
    }
  }
  const bundle = await rollup({
    input: Path.resolve(dist, file),
    plugins: [compiled],
    treeshake: false,
    preserveEntrySignatures: "strict",
    onwarn: ({ message }) => {
      throw new Error(message)
    }
  })
  const { output: [chunk] } = await bundle.generate({
    file: Path.resolve(dist, file),
    format: "es",
    generatedCode: "es2015",
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    sourcemap: "hidden",
    // Each module outside keeps the name that it is imported by, though several are in one file.
    paths: (id) => id.startsWith("outside:") ? specifier(file, fileOf(id.slice("outside:".length))) : id
  })
  if (chunk.code.includes("__proto__: null")) throw new Error(`${file} passes on the namespace of a module in it: that is to be a file of its own`)
  const renamed = /^export \{.*?\b(\w+\$\d+ as \w+)/m.exec(chunk.code)
  if (renamed !== null) throw new Error(`${file} exports ${renamed[1]}: what is exported is to keep its name`)

  const written = asTscQuotes(chunk.code)
  let searched = 0
  const parts = Object.entries(chunk.modules).flatMap(([id, { code: rendered }]) => {
    const module = moduleOf(id)
    if (rendered === null || !members.has(module)) return []
    const code = asTscQuotes(rendered)
    const begin = written.indexOf(code, searched)
    if (begin < 0) throw new Error(`${module} is not found in ${file}`)
    searched = begin + code.length
    // What a module says of itself stands before its imports, and rollup drops it with them, or leaves it to the next statement.
    const header = headerOf(read(module))
    const heading = header === ""
      ? { at: begin, text: "" }
      : code.startsWith(header)
      ? { at: begin + header.length, text: code.startsWith(`${header}\n\n`) ? "" : "\n" }
      : { at: begin, text: `${header}\n\n` }
    return [{ module, begin, end: searched, heading }]
  })
  const insertions = [...parts.map(({ heading }) => heading), ...marks(written)]
  const { code, moved, segmentsOf } = SourceMap.insert(written, insertions)
  const segments = segmentsOf(SourceMap.segmentsOf(chunk.map!))
  const homes = parts.map(({ begin, end, heading, module }): [string, Home] => {
    const source = specifier(`dist/${file}`, `src/${module.replace(/\.js$/, ".ts")}`)
    const first = moved(begin).line - (heading.at === begin ? SourceMap.endOf(heading.text).line : 0)
    const part = module === file
      ? { begin: { line: 0, column: 0 }, end: SourceMap.endOf(code) }
      : { begin: { line: first, column: 0 }, end: moved(end) }
    return [module, { file, ...part, segments: segments.filter((segment) => segment.source === source) }]
  })
  return { code, homes: new Map(homes) }
}

/** A file that imports what it needs of merged modules from where it is now. */
const redirected = (module: string, fileOf: (module: string) => string): string =>
  parseAst(read(module)).body.toReversed().reduce((code, node) => {
    const source = sourceOf(node)
    if (source === undefined || node.type === "ExportAllDeclaration") return code
    const imported = resolve(module, source.value)
    return fileOf(imported) === imported
      ? code
      : code.slice(0, source.start) + JSON.stringify(specifier(module, fileOf(imported))) + code.slice(source.end)
  }, read(module))

/** Of some modules those that can be one file, and what each exports. */
const together = (
  modules: ReadonlyArray<string>,
  graph: ReadonlyMap<string, ReadonlyArray<string>>
): { readonly members: ReadonlySet<string>; readonly exported: ReadonlyMap<string, ReadonlyArray<string>> } => {
  const exported = new Map(modules.map((module) => [module, exportedBy(module)]))
  const isNeeded = (module: string): boolean => modules.some((other) => graph.get(other)!.includes(module))
  const members = new Set(modules.filter(isNeeded))
  // What is exported keeps its name, so no two may have the same. Of such two, one that the others do without stays outside.
  for (const module of modules) {
    const names = new Set([...members].flatMap((member) => exported.get(member)!))
    if (!members.has(module) && exported.get(module)!.every((name) => !names.has(name))) members.add(module)
  }
  return { members, exported }
}

/** Merges what tsc left in `dist`, and says where each module is that was merged. `entries` can be imported by name. */
export const merge = async (entries: ReadonlySet<string>): Promise<ReadonlyMap<string, Home>> => {
  const modules = Fs.readdirSync("dist", { recursive: true, encoding: "utf8" })
    .map((path) => path.split(Path.sep).join("/"))
    .filter((path) => path.endsWith(".js"))
    .toSorted()
  const graph = graphOf(modules)
  const providers = modules.filter((module) => /^providers\/\w+\/index\.js$/.test(module))
  /** Those that are imported by name, or by a module that is not among them. */
  const seen = (members: ReadonlySet<string>): ReadonlyArray<string> =>
    [...members].filter((member) =>
      entries.has(member) || modules.some((module) => !members.has(module) && graph.get(module)!.includes(member)))

  const loaded = providers.map((provider) => loadedWith(graph, provider))
  // In this order bundles compress better.
  const common = [...new Set(loaded.flatMap((each) => [...each]))].toReversed().filter((module) =>
    loaded.filter((each) => each.has(module)).length > providers.length / 2)
  const leading = new Set(common.filter((module) => [...loadedWith(graph, module)].some((other) => other.startsWith("engine/"))))
  const domain = together(common.filter((module) => !leading.has(module)).toSorted(), graph)
  const engine = together([...leading], graph)
  const shared = [{ file: "domain/index.js", ...domain }, { file: "engine/index.js", ...engine }]
  const fileOf = (module: string): string => shared.find(({ members }) => members.has(module))?.file ?? module

  const merged: Array<Merged> = []
  for (const { exported, file, members } of shared) {
    const named = new Map<string, string>()
    for (const module of seen(members)) {
      for (const name of exported.get(module)!) {
        const other = named.get(name)
        if (other !== undefined) throw new Error(`${module} and ${other}, which are both in ${file}, export ${name}`)
        named.set(name, module)
      }
    }
    const entry = [...named].map(([name, module]) => `export { ${name} } from "${specifier(file, module)}"\n`).join("")
    merged.push({ file, ...await mergeInto(file, entry, members, named, fileOf) })
  }
  for (const provider of providers) {
    const folder = Path.posix.dirname(provider)
    const members = new Set(modules.filter((module) => module.startsWith(`${folder}/`)))
    const apart = loadedWith(graph, `${folder}/errors.js`, ...seen(members).filter((module) => module !== provider))
    const inside = new Set([...members].filter((module) => !apart.has(module)))
    merged.push({ file: provider, ...await mergeInto(provider, "", inside, new Map(), fileOf) })
  }
  const program = loadedWith(graph, "command/main.js")
  for (const command of modules.filter((module) => /^command\/\w+\/run\.js$/.test(module))) {
    const own = new Set([...loadedWith(graph, command)].filter((module) => module.startsWith("command/") && !program.has(module)))
    merged.push({ file: command, ...await mergeInto(command, "", own, new Map(), fileOf) })
  }

  const homes = new Map(merged.flatMap((each) => [...each.homes]))
  for (const module of modules) {
    if (homes.has(module) || graph.get(module)!.every((imported) => fileOf(imported) === imported)) continue
    Fs.writeFileSync(`dist/${module}`, redirected(module, fileOf))
  }
  for (const module of homes.keys()) {
    if (entries.has(module) && homes.get(module)!.file !== module) {
      Fs.writeFileSync(`dist/${module}`, `export { ${exportedBy(module).join(", ")} } from "${specifier(module, fileOf(module))}";\n`)
    } else {
      Fs.rmSync(`dist/${module}`)
    }
    Fs.rmSync(`dist/${module}.map`)
  }
  for (const { code, file } of merged) {
    Fs.mkdirSync(`dist/${Path.posix.dirname(file)}`, { recursive: true })
    Fs.writeFileSync(`dist/${file}`, code)
  }
  return homes
}
