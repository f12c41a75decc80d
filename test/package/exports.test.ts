import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, beforeAll, describe, inject, it } from "vitest"
import { inTurns, longOrShort } from "../support/extent.js"
import * as Workspace from "./Workspace.js"

const consumer = inject("consumer")
const tarball = inject("tarball")
const installed = Path.join(consumer, "node_modules", "effect-payment-cancel")

/** How a module of `dist` is imported from outside; what has no such name is internal. */
const publicName = (module: string): string | undefined => {
  switch (module) {
    case "index":
      return "."
    case "sandbox/index":
      return "./sandbox"
    case "sandbox/SandboxServer":
      return "./sandbox/server"
    case "workflow/index":
      return "./workflow"
    case "workflow/Postgres":
    case "workflow/Sql":
    case "workflow/Sqlite":
      return `./${module}`
    default: {
      const provider = /^providers\/([^/]+)\/index$/.exec(module)
      return provider !== null ? `./providers/${provider[1]}` : /^(?:authoring\/)?[A-Z]\w*$/.test(module) ? `./${module}` : undefined
    }
  }
}

const modules = Workspace.filesOf(Path.join(installed, "dist"))
  .filter((path) => path.endsWith(".js"))
  .map((path) => path.slice(0, -".js".length))

const entries = modules.flatMap((module) => publicName(module) ?? [])

const specifier = (entry: string) => `effect-payment-cancel${entry.slice(1)}`

/** Every way into what is internal that somebody may think of, also where it is no file of its own. */
const closed = Workspace.filesOf(Path.join(Workspace.root, "src"))
  .map((path) => path.slice(0, -".ts".length))
  .filter((module) => publicName(module) !== `./${module}`)
  .flatMap((module) => [`./${module}`, `./${module}.js`, `./dist/${module}.js`, `./src/${module}.ts`])
  .filter((path) => !entries.includes(path))

describe("what is published", () => {
  const files = Workspace.filesOf(installed)

  it("is the build, and three documents", () => {
    const others = files.filter((file) => !file.startsWith("dist/"))
    assert.deepStrictEqual(others.filter((file) => file !== "README.md"), ["LICENSE", "package.json"])
    assert.include(files, "dist/index.js")
    assert.include(files, "dist/index.d.ts")
  })

  it("declares every module that can be imported, and maps its declarations to its code", () => {
    for (const module of modules.filter((module) => publicName(module) !== undefined)) {
      assert.include(files, `dist/${module}.d.ts`)
    }
    const declarations = files.filter((file) => file.endsWith(".d.ts"))
    for (const file of declarations) {
      const { sources } = JSON.parse(Fs.readFileSync(Path.join(installed, `${file}.map`), "utf8"))
      assert.lengthOf(sources, 1)
      const code = Path.posix.join(Path.posix.dirname(file), sources[0])
      const own = file.replace(/\.d\.ts$/, ".js")
      assert.include(files, code, file)
      const [provider] = /^dist\/providers\/\w+\//.exec(file) ?? []
      const merged = provider === undefined ? ["dist/domain/index.js", "dist/engine/index.js"] : [`${provider}index.js`]
      assert.include([own, ...merged], code, file)
      // Who has a file of its own has its code there, unless it comes from one of those that most providers load.
      if (code !== own && files.includes(own)) {
        const text = Fs.readFileSync(Path.join(installed, own), "utf8")
        assert.match(text, /^export \{ .* \} from "\.\.?\/(?:domain|engine)\/index\.js";\n$/, file)
      }
      // And nothing is missing that they refer to.
      for (const [, from = ""] of Fs.readFileSync(Path.join(installed, file), "utf8").matchAll(/(?:\bfrom|\bimport\() ?"(\..+?)\.js"/g)) {
        if (!file.startsWith("dist/authoring/Errors") || from !== "./errors") {
          assert.include(files, `${Path.posix.join(Path.dirname(file), from)}.d.ts`, file)
        }
      }
    }
  })

  it("names no file that is not there", () => {
    for (const file of files) {
      const text = Fs.readFileSync(Path.join(installed, file), "utf8")
      for (const [, map = ""] of text.matchAll(/^\/\/# sourceMappingURL=(.+)$/gm)) {
        assert.include(files, Path.posix.join(Path.posix.dirname(file), map), file)
      }
    }
  })

  /** What stands beside the providers, and how many bytes it may take. */
  const beside = {
    "dist/Admission.js": 1_600,
    "dist/UndiciTransport.js": 13_000,
    "dist/CancelMany.js": 15_000,
    "dist/many/remembering.js": 1_500,
    "dist/Telemetry.js": 12_000,
    "dist/command/cancelMany/run.js": 30_000,
    "dist/workflow/index.js": 32_000
  }

  it("is no larger than a quarter of a megabyte with eight providers, 20 kB more with each, and what stands beside them", () => {
    const providers = new Set(files.flatMap((file) => /^dist\/providers\/(\w+)\/index\.js$/.exec(file)?.[1] ?? []))
    assert.isAtLeast(providers.size, 8)
    assert.includeMembers([...files], Object.keys(beside))
    const room = Object.values(beside).reduce((sum, bytes) => sum + bytes, 86_000 + 20_000 * providers.size)
    assert.isBelow(Fs.statSync(tarball).size, room)
  })

  it("declares nothing of the engine but what marks an `Authorization`", () => {
    assert.deepStrictEqual(files.filter((file) => /^dist\/(?:engine|many)\/.*\.d\.ts$/.test(file)), ["dist/engine/authorizationId.d.ts"])
  })

  it("holds no tool of its own development", () => {
    assert.deepStrictEqual(files.filter((file) => /test/.test(file)), [])
  })

  it("names no machine", () => {
    for (const file of files) {
      const text = Fs.readFileSync(Path.join(installed, file), "utf8")
      assert.notInclude(text, Workspace.root, file)
      assert.notInclude(text, Path.dirname(consumer), file)
    }
  })

  it("depends on its peers alone", () => {
    const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
      Fs.readFileSync(Path.join(installed, "package.json"), "utf8")
    )
    assert.deepStrictEqual(Object.keys({ ...dependencies, ...optionalDependencies }), [])
    const imported = modules.flatMap((module) =>
      Array.from(
        Fs.readFileSync(Path.join(installed, "dist", `${module}.js`), "utf8")
          .matchAll(/(?:^(?:import|export)\b.* from |\bimport\()"([^."][^"]*)"/gm),
        (match) => match[1]!
      )
    )
    const packages = new Set(
      imported
        .filter((name) => !name.startsWith("node:"))
        .map((name) => name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/"))
    )
    assert.deepStrictEqual([...packages].toSorted(), Object.keys(peerDependencies).toSorted())
  })
})

describe("the exports map", () => {
  let imported: { readonly [specifier: string]: string }

  beforeAll(() => {
    Workspace.write(consumer, {
      "imports.mjs": `
        const specifiers = ${JSON.stringify([...entries, ...closed].map(specifier))}
        const results = await Promise.all(specifiers.map((specifier) =>
          import(specifier).then(() => [specifier, "imported"], (error) => [specifier, String(error.code ?? error)])
        ))
        console.log(JSON.stringify(Object.fromEntries(results)))
      `
    })
    imported = JSON.parse(Workspace.succeed(consumer, "node", "imports.mjs"))
  })

  it("opens every public module", () => {
    assert.includeMembers(entries, [".", "./sandbox", "./sandbox/server", "./authoring/Provider", "./Cancel", "./providers/WePay"])
    for (const entry of entries) {
      assert.strictEqual(imported[specifier(entry)], "imported", entry)
    }
  })

  it("opens nothing else", () => {
    assert.includeMembers(closed, ["./index", "./command/main", "./engine/run", "./sandbox/Sandbox", "./providers/WePay/errors"])
    for (const path of closed) {
      assert.include(["ERR_PACKAGE_PATH_NOT_EXPORTED", "ERR_MODULE_NOT_FOUND"], imported[specifier(path)], path)
    }
    // Folders that hold only internals are closed by name, not by the chance of a missing file.
    for (const path of closed.filter((path) => /^\.\/(command|engine|sandbox|workflow)\//.test(path))) {
      assert.strictEqual(imported[specifier(path)], "ERR_PACKAGE_PATH_NOT_EXPORTED", path)
    }
  })

  /** What the compiler says of a program that imports every entry, and is refused all else. */
  const compiled = (name: string, options: { readonly [option: string]: unknown }): ReadonlyArray<string> => {
    Workspace.write(consumer, {
      [`${name}.ts`]: [
        ...entries.map((entry, i) => `export * as Open${i} from "${specifier(entry)}"`),
        ...closed
          .filter((path) => !path.endsWith("s"))
          .flatMap((path, i) => [
            "// @ts-expect-error closed",
            `export * as Closed${i} from "${specifier(path)}"`
          ])
      ].join("\n"),
      [`tsconfig.${name}.json`]: JSON.stringify({
        compilerOptions: { target: "ES2022", strict: true, noEmit: true, types: [], ...options },
        files: [`${name}.ts`]
      })
    })
    const { code, output } = Workspace.compile(consumer, `tsconfig.${name}.json`)
    const lines = output.split("\n").filter((line) => line !== "")
    assert.strictEqual(code === 0, lines.length === 0, output)
    return lines
  }

  it("says the same to TypeScript (bundler)", () => {
    assert.deepStrictEqual(compiled("bundler", { module: "ESNext", moduleResolution: "bundler", skipLibCheck: true }), [])
  })

  it.each(longOrShort([true, false], [true]))("says the same to TypeScript (nodenext), and declares what compiles without skipLibCheck (exactOptionalPropertyTypes: %s)", (exactOptionalPropertyTypes) => {
    const name = `nodenext-${exactOptionalPropertyTypes}`
    const lines = compiled(name, { module: "NodeNext", exactOptionalPropertyTypes, skipLibCheck: false })
    // What others declare is not ours to compile: the platform's own need types of the DOM.
    assert.deepStrictEqual(lines.filter((line) => line.includes("effect-payment-cancel/dist") || line.startsWith(`${name}.ts`)), [])
  })
})

describe("the packed package", () => {
  const runs = (program: string): unknown => {
    Fs.copyFileSync(Path.join(Workspace.root, "test/package/consumer", program), Path.join(consumer, program))
    return JSON.parse(Workspace.succeed(consumer, "node", program))
  }

  it("cancels in a program that imports it", () => {
    const tags = ["Cancelled", "AlreadyCancelled", "CancelError.NoResponse, Unknown"]
    assert.deepStrictEqual(runs("smoke.mjs"), [...tags, ...tags])
  })

  it("cancels in a CommonJS program that requires it", () => {
    assert.deepStrictEqual(runs("smoke.cjs"), ["Cancelled", "WePay.PaymentCannotBeCanceled", true])
  })

  it("cancels durably in a program that imports that", () => {
    assert.deepStrictEqual(runs("durable.mjs"), ["Cancelled", "Cancelled", 1])
  })

  it("satisfies publint", () => {
    const { code, output } = Workspace.run(consumer, Workspace.tool("publint"), "run", tarball, "--strict")
    assert.strictEqual(code, 0, output)
    assert.include(output, "All good!")
  })

  // That TypeScript finds every entry, and by what it is told, is tested above.
  it("satisfies Are the types wrong", () => {
    const { code, output } = Workspace.run(
      consumer,
      Workspace.tool("attw"),
      tarball,
      "--profile",
      "esm-only",
      "--no-emoji",
      "--format",
      "ascii",
      "--entrypoints",
      ...inTurns(entries, 0, 8)
    )
    assert.strictEqual(code, 0, output)
  })
})
