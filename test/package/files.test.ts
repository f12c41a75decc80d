import * as Esbuild from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, describe, inject, it } from "vitest"
import * as Workspace from "./Workspace.js"

const consumer = inject("consumer")
const dist = Path.join(consumer, "node_modules/effect-payment-cancel/dist")

const files = Workspace.filesOf(dist).filter((file) => file.endsWith(".js"))
const providers = Fs.readdirSync(Path.join(dist, "providers"))
const engine = files.filter((file) => file.startsWith("engine/"))

const { inputs } = Esbuild.buildSync({
  entryPoints: [...files],
  absWorkingDir: dist,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  outdir: dist,
  write: false,
  metafile: true,
  // Otherwise what is imported and not used would be missing.
  treeShaking: false,
  ignoreAnnotations: true
}).metafile

const imports = (file: string, kinds: ReadonlyArray<string>): ReadonlyArray<string> =>
  inputs[file]!.imports.filter(({ external, kind }) => external !== true && kinds.includes(kind)).map(({ path }) => path)

/** The package's own files that are loaded with one, itself included. */
const loadedWith = (file: string, kinds: ReadonlyArray<string> = ["import-statement"]): ReadonlySet<string> => {
  const loaded = new Set<string>()
  const load = (next: string): void => {
    if (loaded.has(next)) return
    loaded.add(next)
    imports(next, kinds).forEach(load)
  }
  load(file)
  return loaded
}

/** The modules that can be imported, as files, with the names that they are imported by. */
const entries = new Map(files.flatMap((file): ReadonlyArray<readonly [string, string]> => {
  const module = file.slice(0, -".js".length)
  const known: { readonly [module: string]: string } = {
    "index": "",
    "sandbox/index": "/sandbox",
    "sandbox/SandboxServer": "/sandbox/server",
    "workflow/index": "/workflow",
    "workflow/Postgres": "/workflow/Postgres",
    "workflow/Sql": "/workflow/Sql",
    "workflow/Sqlite": "/workflow/Sqlite"
  }
  const name = known[module] ?? (/^(?:authoring\/)?[A-Z]\w*$/.test(module) ? `/${module}` : /^(\/?providers\/\w+)\/index$/.exec(module)?.[1])
  return name === undefined ? [] : [[file, name === "" || name.startsWith("/") ? name : `/${name}`]]
}))

describe("the published files", () => {
  it("are few where a provider is imported", () => {
    const loaded = providers.map((provider) => loadedWith(`providers/${provider}/index.js`))
    for (const [index, provider] of providers.entries()) {
      const own = [...loaded[index]!]
      assert.sameMembers(own.filter((file) => file.startsWith("providers/")), ["index.js", "errors.js"].map((file) => `providers/${provider}/${file}`))
      // An authorization of its own is what only two of them have, and environments four.
      assert.includeMembers(["engine/index.js", "engine/authorization.js"], own.filter((file) => engine.includes(file)), provider)
      const authorized = own.includes("authoring/Authorization.js") ? 2 : 0
      const placed = own.includes("authoring/Place.js") ? 1 : 0
      assert.isAtMost(own.length, 8 + authorized + placed, `${provider}: ${own.join(" ")}`)
    }
  })

  it.each(["CancelError", "Cancellation", "PaymentStatus", "IdempotencyKey", "Admission", "CancelEvent", "FetchOnce", "Notification", "Telemetry", "authoring/Errors", "authoring/Request"])(
    "of %s hold nothing of the engine, nor lead there",
    (module) => {
      assert.isNotEmpty(engine)
      assert.deepStrictEqual([...loadedWith(`${module}.js`)].filter((file) => engine.includes(file)), [])
    }
  )

  it("are all reached by what can be imported, or by the program", () => {
    const reached = new Set([...entries.keys(), "command/main.js"].flatMap((entry) => [...loadedWith(entry, ["import-statement", "dynamic-import"])]))
    assert.deepStrictEqual(files.filter((file) => !reached.has(file)), [])
  })

  it("import each other in no circle", () => {
    for (const file of files) {
      assert.deepStrictEqual(imports(file, ["import-statement"]).filter((imported) => loadedWith(imported).has(file)), [], file)
    }
  })
})

/**
 * Says what a program sees of modules: their exports in order, the names of these, and what the schemas among them
 * consist of. Of all of them at once, for most of what it loads is Effect.
 */
const look = (folder: string, ...groups: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<unknown> => {
  const program = `
    const seen = (value) => [
      typeof value,
      typeof value === "function" ? value.name : null,
      value !== null && (typeof value === "object" || typeof value === "function") && "ast" in value ? String(value.ast) : null
    ]
    const looked = async (module) => Object.entries(await import(module)).map(([name, value]) => [name, ...seen(value)])
    const groups = ${JSON.stringify(groups)}.map((modules) => Promise.all(modules.map(looked)))
    console.log(JSON.stringify(await Promise.all(groups)))
  `
  return JSON.parse(Workspace.succeed(folder, "node", "--input-type=module", "--eval", program))
}

describe("what is exported", () => {
  it("is the same as in the sources, under the same names, and in the same order", () => {
    // Compiled beside the build, as they are, so that nothing but Node has to load them.
    const compiled = Path.join(consumer, "sources")
    Esbuild.buildSync({
      entryPoints: Workspace.filesOf(Path.join(Workspace.root, "src")).map((file) => Path.join(Workspace.root, "src", file)),
      outbase: Path.join(Workspace.root, "src"),
      outdir: compiled,
      format: "esm",
      platform: "node",
      target: "node20"
    })
    const sources = Array.from(entries.keys(), (file) => Path.join(compiled, file))
    assert.isAbove(sources.length, 40)
    const [published, own] = look(consumer, Array.from(entries.values(), (name) => `effect-payment-cancel${name}`), sources)
    assert.deepStrictEqual(published, own)
  })
})
