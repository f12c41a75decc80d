import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { patience, root, run } from "./program.js"

interface Example {
  /** Where it is from: `src/Cancel.ts:42`. */
  readonly source: string
  readonly code: string
}

/** Every TypeScript block below an `@example` in the library's comments. */
const examples: ReadonlyArray<Example> = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .flatMap((path) => {
    const text = readFileSync(`${root}src/${path}`, "utf8")
    return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
      const plain = comment[0].replace(/^ *\* ?/gm, "")
      return [...plain.matchAll(/@example[\s\S]*?```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => ({
        source: `src/${path}:${text.slice(0, comment.index).split("\n").length}`,
        code
      }))
    })
  })

/** A project of a user's, with one file for each example and one that loads them all. */
const project = Effect.acquireRelease(
  Effect.sync(() => {
    const directory = mkdtempSync(join(tmpdir(), "examples-"))
    mkdirSync(join(directory, "examples"))
    symlinkSync(`${root}node_modules`, join(directory, "node_modules"))
    examples.forEach(({ code, source }, index) => {
      writeFileSync(join(directory, `examples/example${index}.ts`), `// ${source}\n${code}\nexport {}\n`)
    })
    writeFileSync(
      join(directory, "all.ts"),
      `${examples.map((_, index) => `import "./examples/example${index}.js"`).join("\n")}\nconsole.log("loaded")\n`
    )
    writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }))
    writeFileSync(
      join(directory, "tsconfig.json"),
      JSON.stringify({
        extends: `${root}test/tsconfig.json`,
        // An example names what it shows, whether it uses it or not.
        compilerOptions: { noUnusedLocals: false, rootDir: "/", typeRoots: [`${root}node_modules/@types`] },
        include: ["all.ts", "examples"]
      })
    )
    return directory
  }),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
)

const compile = (directory: string): Effect.Effect<string> =>
  Effect.async((resume) => {
    execFile(
      process.execPath,
      [`${root}node_modules/typescript/bin/tsc`, "--noEmit", "--singleThreaded", "-p", directory],
      (_, stdout, stderr) => resume(Effect.succeed(stdout + stderr))
    )
  })

describe("the examples in comments", () => {
  it.scoped(`compile and load (${examples.length} of them)`, () =>
    Effect.gen(function*() {
      assert.isAtLeast(examples.length, 8)
      const directory = yield* project
      const errors = (yield* compile(directory)).split("\n").filter((line) => line.includes("example"))
        .map((line) => line.replace(/.*example(\d+)\.ts/, (_, index: string) => examples[Number(index)]?.source ?? ""))
      assert.deepStrictEqual(errors, [])
      const { code, output } = yield* run(join(directory, "all.ts"), {
        bundled: true,
        cwd: directory,
        tsconfig: join(directory, "tsconfig.json")
      })
      assert.strictEqual(output.trim(), "loaded")
      assert.strictEqual(code, 0)
    }), patience)
})

/** As people write them, and as modules do. */
const providers = /\b(Adyen|Airwallex|Authorize\.?[Nn]et|Braintree|Checkout\.?[Cc]om|GoCardless|Klarna|Mollie|PayPal|Square|Stripe|WalletConnect|WePay)\b/

describe("the comments of the core", () => {
  it("describe no single provider, outside of code", () => {
    const isCore = (path: string) => path.endsWith(".ts") && /^((engine|many|authoring)\/)?[^/]+$/.test(path) && path !== "index.ts"
    const named = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" }).filter(isCore).flatMap((path) =>
      [...readFileSync(`${root}src/${path}`, "utf8").matchAll(/\/\*\*[\s\S]*?\*\/|^ *\/\/.*$/gm)]
        .map(([comment]) => comment.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, ""))
        .flatMap((comment) => providers.exec(comment)?.[0] ?? [])
        .map((name) => `${path}: ${name}`))
    assert.deepStrictEqual(named, [])
  })
})
