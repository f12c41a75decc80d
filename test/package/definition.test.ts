import * as Fs from "node:fs"
import * as Path from "node:path"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import * as LanguageServer from "./LanguageServer.js"
import * as Workspace from "./Workspace.js"

const consumer = inject("consumer")
const dist = Path.join(consumer, "node_modules", "effect-payment-cancel", "dist")

/** The files of what most providers load. */
const shared = ["domain/index.js", "engine/index.js"]

/** The public modules by the names that a program imports them with. */
const modules = [
  "index",
  ...Workspace.filesOf(dist).flatMap((file) => /^((?:authoring\/)?[A-Z]\w*)\.js$/.exec(file)?.[1] ?? []),
  ...Fs.readdirSync(Path.join(dist, "providers")).map((provider) => `providers/${provider}`),
  "sandbox",
  "sandbox/server"
]

/** What a module exports; a name may be a value and a type. */
interface Exported {
  readonly values: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly modules: ReadonlyArray<string>
}

const exportsOf = (module: string): Exported => {
  const file = { sandbox: "sandbox/index", "sandbox/server": "sandbox/SandboxServer" }[module] ??
    (module.startsWith("providers/") ? `${module}/index` : module)
  const names = (pattern: RegExp) =>
    Array.from(Fs.readFileSync(Path.join(dist, `${file}.d.ts`), "utf8").matchAll(pattern), (match) => match[1]!)
  return {
    values: names(/^export declare (?:const|class) (\w+)/gm),
    types: names(/^export (?:interface|type) (\w+)/gm),
    modules: names(/^export \* as (\w+)/gm)
  }
}

describe("\"go to definition\"", () => {
  let server: Awaited<ReturnType<typeof LanguageServer.open>>
  let program = ""

  /** A program that names everything there is. */
  const lines = modules.flatMap((module, index) => {
    const { modules, types, values } = exportsOf(module)
    return [
      `import * as M${index} from "effect-payment-cancel${module === "index" ? "" : `/${module}`}"`,
      ...[...values, ...modules].map((name) => `export const value${index}${name} = M${index}.${name}`),
      ...types.map((name) => `export type Type${index}${name} = M${index}.${name}`)
    ]
  })

  beforeAll(async () => {
    program = `${lines.join("\n")}\n`
    Workspace.write(consumer, {
      "definition/program.ts": program,
      "definition/tsconfig.json": JSON.stringify({
        compilerOptions: { module: "NodeNext", target: "ES2022", strict: true, skipLibCheck: true, types: [] }
      })
    })
    server = await LanguageServer.open(Path.join(consumer, "definition"), "program.ts")
  })

  afterAll(() => {
    server.close()
  })

  const definitions = async (module: string, name: string) => {
    const prefix = `M${modules.indexOf(module)}.`
    const found = await server.definitions(program.indexOf(`${prefix}${name}\n`) + prefix.length)
    return found.map(({ file, selected }) => ({ file: Path.relative(dist, file).split(Path.sep).join("/"), selected }))
  }

  it.each(modules)("leads from what %s exports to its code, and from a type to its declaration", async (module) => {
    const exported = exportsOf(module)
    assert.isNotEmpty(Object.values(exported).flat())
    for (const name of exported.values) {
      const found = await definitions(module, name)
      assert.isTrue(found.some(({ file, selected }) => isCode(file) && selected === name), `${name}: ${JSON.stringify(found)}`)
    }
    for (const name of exported.types) {
      const found = await definitions(module, name)
      assert.isTrue(found.some(({ file, selected }) => isDeclaration(file) && selected === name), `${name}: ${JSON.stringify(found)}`)
    }
    for (const name of exported.modules) {
      const [first, ...others] = await definitions(module, name)
      assert.deepStrictEqual(others, [], name)
      assert.isTrue(isCode(first!.file) || isDeclaration(first!.file), `${name}: ${first!.file}`)
      const text = Fs.readFileSync(Path.join(dist, first!.file), "utf8")
      assert.isTrue(first!.selected !== "", name)
      if (!shared.includes(first!.file)) {
        assert.isTrue(text.endsWith(first!.selected), `${name}: ${first!.selected}`)
        continue
      }
      // One of several modules in a file is its own part of it.
      assert.match(first!.selected, /^\/\*\*/, name)
      assert.strictEqual(first!.selected.trim(), first!.selected, name)
      const { values } = exportsOf(name)
      assert.isNotEmpty(values)
      assert.deepStrictEqual(values.filter((value) => !new RegExp(`^(?:const|class) ${value}\\b`, "m").test(first!.selected)), [], name)
      // And nothing of another one.
      const beside = modules.filter((other) => /^(?:authoring\/)?[A-Z]/.test(other) && other !== name && homeOf(`${other}.js`) === first!.file)
      assert.isNotEmpty(beside)
      for (const value of beside.flatMap((other) => exportsOf(other).values)) {
        assert.notMatch(first!.selected, new RegExp(`^(?:const|class) ${value}\\b`, "m"), name)
      }
    }
  })
})

const isInside = (file: string) => !file.startsWith("..")
const isCode = (file: string) => isInside(file) && file.endsWith(".js")
const isDeclaration = (file: string) => isInside(file) && file.endsWith(".d.ts")

/** The file that a module's code is in. */
const homeOf = (module: string): string => {
  const own = Path.join(dist, module)
  const [provider] = /^providers\/\w+\//.exec(module) ?? []
  if (provider !== undefined) return Fs.existsSync(own) ? module : `${provider}index.js`
  const text = Fs.existsSync(own) ? Fs.readFileSync(own, "utf8") : undefined
  return text === undefined ? "engine/index.js" : /^export \{.*\} from "\.\.?\/((?:domain|engine)\/index\.js)"/m.exec(text)?.[1] ?? module
}

describe("the code that it leads to", () => {
  it("has the documentation that its source has", () => {
    const sources = Path.join(Workspace.root, "src")
    for (const name of Workspace.filesOf(sources)) {
      const text = Fs.readFileSync(Path.join(sources, name), "utf8")
      const file = name.replace(/\.ts$/, ".js")
      // Nothing leads to the program.
      if (file.startsWith("command/")) continue
      // The sandbox's is in its declarations alone, as far as anybody comes to them.
      const place = file.startsWith("sandbox/") ? file.replace(/\.js$/, ".d.ts") : homeOf(file)
      if (isDeclaration(place) && !Fs.existsSync(Path.join(dist, place))) continue
      const code = Fs.readFileSync(Path.join(dist, place), "utf8")
      // But for examples, and the tags that lists of an interface are made from.
      const source = isDeclaration(place) ? text : text
        .replaceAll(/(?:\n *\*)?\n *\* @example\b[\s\S]*?(?=\n *\*(?:\/| @))/g, "")
        .replaceAll(/(?:\n *\*)?(?:\n *\* @(?:since|category|internal)\b.*)+|\/\*\* @internal \*\/\n/g, "")
      for (const [comment] of source.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/(?=\nexport (?:const|class) )/g)) {
        assert.include(code, comment, file)
      }
      // What is not exported has some too, but not in declarations.
      if (isDeclaration(place)) continue
      for (const [comment] of source.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/(?=\n(?:const|class) )/g)) {
        assert.include(code, comment, file)
      }
    }
  })
})
