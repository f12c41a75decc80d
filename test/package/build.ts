/**
 * `npm run build`: compiles `src` to `dist` as it is published, which is JavaScript with its
 * comments (but for the sandbox), and declarations, as far as a program can come to them.
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

/** A place in a file, and the place in another file that it stands for, if any. */
interface Segment {
  readonly line: number
  readonly column: number
  readonly target: { readonly line: number; readonly column: number } | undefined
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/** Numbers as source maps write them: five bits a digit, the lowest first; a sixth says that more follow; the first bit is the sign. */
const readNumbers = (text: string): ReadonlyArray<number> => {
  const numbers: Array<number> = []
  let value = 0
  let shift = 0
  for (const digit of text) {
    const bits = digits.indexOf(digit)
    value += (bits & 31) << shift
    shift += 5
    if ((bits & 32) === 0) {
      numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1)
      value = 0
      shift = 0
    }
  }
  return numbers
}

const writeNumber = (number: number): string => {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1
  let text = ""
  do {
    text += digits[(rest & 31) | (rest > 31 ? 32 : 0)]
    rest >>= 5
  } while (rest > 0)
  return text
}

/** The segments of a map that has one source. In the text each number is the difference to the one before. */
const read = (map: string): ReadonlyArray<Segment> => {
  const { mappings, sources } = JSON.parse(Fs.readFileSync(map, "utf8")) as {
    readonly mappings: string
    readonly sources: ReadonlyArray<string>
  }
  if (sources.length !== 1) throw new Error(`${map} has ${sources.length} sources`)
  const target = { line: 0, column: 0 }
  return mappings.split(";").flatMap((segments, line) => {
    let column = 0
    return segments.split(",").filter((text) => text !== "").map((text): Segment => {
      const [byColumn = 0, , byTargetLine, byTargetColumn] = readNumbers(text)
      column += byColumn
      if (byTargetLine === undefined || byTargetColumn === undefined) return { line, column, target: undefined }
      target.line += byTargetLine
      target.column += byTargetColumn
      return { line, column, target: { ...target } }
    })
  })
}

const write = (map: string, file: string, source: string, segments: ReadonlyArray<Segment>): void => {
  let mappings = ""
  let line = 0
  let column = 0
  let targetBefore = { line: 0, column: 0 }
  for (const segment of segments) {
    mappings += segment.line > line ? ";".repeat(segment.line - line) : mappings === "" ? "" : ","
    if (segment.line > line) column = 0
    mappings += writeNumber(segment.column - column)
    ;({ column, line } = segment)
    if (segment.target !== undefined) {
      const numbers = [0, segment.target.line - targetBefore.line, segment.target.column - targetBefore.column]
      mappings += numbers.map(writeNumber).join("")
      targetBefore = segment.target
    }
  }
  Fs.writeFileSync(map, JSON.stringify({ version: 3, file, sources: [source], names: [], mappings }))
}

/** A name that is declared: after a keyword, or a member's or parameter's; or the start of a signature without a name. */
const declared = /(?<=\b(?:const|class|interface|type|function|namespace) )[\w$]+|[\w$]+(?=\??[:(<])|(?<=^\s*)[<(]/g

const placeOf = (line: number, column: number): string => `${line}:${column}`

/** The place after the last character. */
const endOf = (text: string): { readonly line: number; readonly column: number } => {
  const lines = text.split("\n")
  return { line: lines.length - 1, column: lines.at(-1)!.length }
}

/** The map of one module's declarations to its JavaScript, by way of the source that both come from. */
const lead = (
  declarations: string,
  javaScript: string,
  toSource: ReadonlyArray<Segment>,
  fromSource: ReadonlyArray<Segment>
): ReadonlyArray<Segment> => {
  const code = javaScript.split("\n")
  const inJavaScript = new Map(
    fromSource.flatMap(({ column, line, target }) =>
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
  // several that lead nowhere the last is enough. From the first statement on, the file stands
  // for the module itself, unless that is a type, which would then be led to the JavaScript.
  const start = /^(?:\/\*(?:(?!\*\/)[\s\S])*\*\/\s*)*/.exec(declarations)![0]
  const isType = /^(?:export )?(?:type|interface) /.test(declarations.slice(start.length))
  return [{ ...endOf(start), target: isType ? undefined : { line: 0, column: 0 } }, ...names, { ...endOf(declarations), target: endOf(javaScript) }]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .filter(({ target }, index, all) => target !== undefined || all[index + 1]?.target !== undefined)
}

// What an earlier build left behind would be published as well.
Fs.rmSync("dist", { recursive: true, force: true })
const compile = (...options: ReadonlyArray<string>): void => {
  const { status } = ChildProcess.spawnSync(Path.resolve("node_modules/.bin/tsc"), options, { stdio: "inherit" })
  if (status !== 0) process.exit(status ?? 1)
}
compile()

// The sandbox is for trying things out: what it is used by is described in its declarations, and its
// JavaScript comes without the comments.
compile("--outDir", "dist-bare", "--removeComments", "--declaration", "false", "--declarationMap", "false")
Fs.cpSync("dist-bare/sandbox", "dist/sandbox", { recursive: true })
Fs.rmSync("dist-bare", { recursive: true })

for (const path of Fs.readdirSync("dist", { recursive: true, encoding: "utf8" })) {
  if (!path.endsWith(".js")) continue
  const module = Path.join("dist", path.slice(0, -".js".length))
  const name = Path.basename(module)
  const declarations = Fs.readFileSync(`${module}.d.ts`, "utf8")
  const javaScript = Fs.readFileSync(`${module}.js`, "utf8").replace(/\/\/# sourceMappingURL=.*$/, "")
  const segments = lead(declarations, javaScript, read(`${module}.d.ts.map`), read(`${module}.js.map`))
  write(`${module}.d.ts.map`, `${name}.d.ts`, `${name}.js`, segments)
  Fs.writeFileSync(`${module}.js`, javaScript)
  Fs.rmSync(`${module}.js.map`)
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
const { exports } = JSON.parse(Fs.readFileSync("package.json", "utf8")) as {
  readonly exports: { readonly [entry: string]: string | null | { readonly types: string } }
}
for (const entry of Object.values(exports)) {
  if (entry === null || typeof entry === "string") continue
  const pattern = new RegExp(`^${entry.types.slice("./".length).replaceAll(".", "\\.").replace("*", "[^/]+")}$`)
  for (const path of Fs.readdirSync("dist", { recursive: true, encoding: "utf8" })) {
    if (pattern.test(`dist/${path}`)) reach(`dist/${path}`)
  }
}
for (const path of Fs.readdirSync("dist", { recursive: true, encoding: "utf8" })) {
  const [declarations] = /^.*\.d\.ts(?=(?:\.map)?$)/.exec(path) ?? []
  if (declarations !== undefined && !reached.has(`dist/${declarations}`)) Fs.rmSync(`dist/${path}`)
}
