import * as Path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as Workspace from "./Workspace.js"

/** A file that breaks the house's rules, and the rules that have to say so. */
interface Plant {
  readonly file: string
  readonly code: string
  readonly rule: string | null
}

const plant = (rule: string | null, file: string, code: string): Plant => ({ rule, file, code })
const imports = "eslint(no-restricted-imports)"
const globals = "eslint(no-restricted-globals)"
const properties = "eslint(no-restricted-properties)"
const casts = "typescript(consistent-type-assertions)"

const plants: ReadonlyArray<Plant> = [
  plant("typescript(no-explicit-any)", "src/Planted.ts", "export const a: any = 1"),
  plant("import(no-default-export)", "src/Planted.ts", "export default 1"),
  plant("import(extensions)", "src/Planted.ts", "export { none } from \"./Admission\""),
  plant("oxc(no-async-await)", "src/Planted.ts", "export const a = async () => 1"),
  plant("house(no-try)", "src/Planted.ts", "export const a = () => { try { return 1 } finally { a() } }"),
  plant("promise(avoid-new)", "src/Planted.ts", "export const a = new Promise<void>((resolve) => resolve())"),
  plant(properties, "src/Planted.ts", "export const a = Date.now()"),
  plant(properties, "src/Planted.ts", "export const a = Math.random()"),
  plant(globals, "src/Planted.ts", "export const a = process.env"),
  plant(properties, "src/Planted.ts", "export const a = globalThis.process"),
  plant(globals, "src/Planted.ts", "export const a = fetch"),
  plant(globals, "src/Planted.ts", "setTimeout(() => {}, 1)"),
  plant(
    properties,
    "src/Planted.ts",
    "import * as HttpClient from \"@effect/platform/HttpClient\"\nexport const a = HttpClient.retryTransient"
  ),
  plant("house(no-random-bytes)", "src/Planted.ts", "export const a = crypto.randomUUID()"),
  plant("house(no-random-bytes)", "src/Planted.ts", "export const a = globalThis.crypto.getRandomValues"),
  plant(null, "src/IdempotencyKey.ts", "export const a = globalThis.crypto.randomUUID()"),
  plant("eslint(no-console)", "src/Planted.ts", "console.log(1)"),
  plant("eslint(no-console)", "src/sandbox/SandboxServer.ts", "console.log(1)"),
  plant(casts, "src/Planted.ts", "export const a = 1 as unknown"),
  plant(null, "src/Planted.ts", "export const a = [1] as const"),
  plant(null, "src/authoring/Errors.ts", "export const a = 1 as unknown"),
  plant("typescript(no-non-null-assertion)", "src/Planted.ts", "export const a = (b?: number) => b!"),
  plant(
    "typescript(consistent-type-imports)",
    "src/Planted.ts",
    "import * as Option from \"effect/Option\"\nexport type A = Option.Option<1>"
  ),
  plant(null, "src/workflow/CancelWorkflow.ts", "export const a = 1 as unknown"),
  plant(casts, "src/workflow/Planted.ts", "export const a = 1 as unknown"),
  plant("import(no-cycle)", "src/Planted.ts", "export * as Other from \"./Other.js\""),

  // Who may know whom.
  plant(imports, "src/workflow/Planted.ts", "export * as run from \"../engine/run.js\""),
  plant(imports, "src/workflow/Planted.ts", "export * as Sharding from \"@effect/cluster/Sharding\""),
  plant(imports, "src/workflow/Planted.ts", "export { Workflow } from \"@effect/workflow\""),
  plant(null, "src/workflow/Planted.ts", "export * as Workflow from \"@effect/workflow/Workflow\""),
  plant(null, "src/workflow/Sql.ts", "export * as Sharding from \"@effect/cluster/Sharding\""),
  plant(imports, "src/workflow/Sql.ts", "export * as NodeContext from \"@effect/platform-node/NodeContext\""),
  ...["src/Planted.ts", "src/engine/planted.ts", "src/providers/Planted/index.ts", "src/sandbox/Planted.ts", "src/index.ts"]
    .flatMap((file) => [
      plant(imports, file, "export { Effect } from \"effect\""),
      plant(imports, file, "export { HttpClient } from \"@effect/platform\""),
      plant(imports, file, "export * as Fs from \"node:fs\""),
      plant(imports, file, "export * as NodeContext from \"@effect/platform-node/NodeContext\""),
      plant(imports, file, "export * as Cancel from \"effect-payment-cancel/Cancel\""),
      plant(null, file, "export * as Effect from \"effect/Effect\"")
    ]),
  plant(imports, "src/Planted.ts", "export * as WePay from \"./providers/WePay/index.js\""),
  plant(imports, "src/Planted.ts", "export * as Sandbox from \"./sandbox/Sandbox.js\""),
  plant(null, "src/Planted.ts", "export * as Run from \"./engine/run.js\""),
  plant(imports, "src/index.ts", "export * as Sandbox from \"./sandbox/Sandbox.js\""),
  plant(null, "src/index.ts", "export * as WePay from \"./providers/WePay/index.js\""),
  plant(imports, "src/engine/planted.ts", "export * as WePay from \"../providers/WePay/index.js\""),
  plant(imports, "src/engine/planted.ts", "export * as Sandbox from \"../sandbox/Sandbox.js\""),
  plant(null, "src/engine/planted.ts", "export * as CancelError from \"../CancelError.js\""),
  plant(imports, "src/providers/Planted/index.ts", "export * as Run from \"../../engine/run.js\""),
  plant(imports, "src/providers/Planted/index.ts", "export type { Trace } from \"../../engine/evidence.js\""),
  plant(imports, "src/providers/Planted/index.ts", "export * as Sandbox from \"../../sandbox/index.js\""),
  plant(imports, "src/providers/Planted/index.ts", "export * as WePay from \"../WePay/index.js\""),
  plant(null, "src/providers/Planted/index.ts", "export * as Provider from \"../../Provider.js\""),
  plant(imports, "src/sandbox/Planted.ts", "export * as CancelError from \"../CancelError.js\""),
  plant(imports, "src/sandbox/SandboxServer.ts", "export * as CancelError from \"../CancelError.js\""),
  plant(imports, "src/sandbox/Planted.ts", "export * as Command from \"../command/Command.js\""),
  plant(imports, "src/command/planted.ts", "export * as Run from \"../engine/run.js\""),
  plant(imports, "src/command/planted.ts", "export * as Wire from \"../providers/WePay/wire.js\""),
  plant(imports, "src/command/planted.ts", "export * as NodeRuntime from \"@effect/platform-node/NodeRuntime\""),
  plant(imports, "src/command/planted.ts", "export { Effect } from \"effect\""),
  plant("eslint(no-console)", "src/command/planted.ts", "console.log(1)"),
  plant(globals, "src/command/planted.ts", "export const a = process.env"),
  plant(imports, "src/sandbox/emulators/Planted.ts", "export * as CancelError from \"../../CancelError.js\""),
  plant(imports, "src/sandbox/emulators/Planted.ts", "export * as WePay from \"../../providers/WePay/index.js\""),
  plant(null, "src/sandbox/emulators/Planted.ts", "export * as Emulator from \"../Emulator.js\""),
  plant(null, "src/sandbox/SandboxServer.ts", "export * as Http from \"node:http\""),
  plant(null, "src/command/planted.ts", "export * as Process from \"node:process\""),
  plant(null, "src/workflow/Postgres.ts", "export { Socket } from \"node:net\""),
  plant(imports, "src/workflow/Postgres.ts", "export * as Fs from \"node:fs\""),
  plant(null, "src/command/planted.ts", "export * as WePay from \"../providers/WePay/index.js\""),
  plant(null, "src/command/planted.ts", "export * as SandboxServer from \"../sandbox/SandboxServer.js\"")
]

interface Diagnostic {
  readonly code: string
  readonly filename: string
}

describe("the lint configuration", () => {
  const folder = Workspace.temporary("lint")
  let diagnostics: ReadonlyArray<Diagnostic> = []

  // Every plant in a tree of its own, all of them in one run.
  beforeAll(() => {
    for (const [index, { code, file }] of plants.entries()) {
      Workspace.write(folder, {
        [`${index}/${file}`]: `${code}\n`,
        [`${index}/src/Other.ts`]: "export * as Planted from \"./Planted.js\"\n"
      })
    }
    const config = Path.join(Workspace.root, "test/lint/library.json")
    const { code, stdout } = Workspace.run(folder, Workspace.tool("oxlint"), "-c", config, "-f", "json", ".")
    assert.strictEqual(code, 1)
    diagnostics = JSON.parse(stdout).diagnostics
  })

  afterAll(() => Workspace.remove(folder))

  it.each(plants.map((plant, index) => ({ ...plant, index })))("$file: $code", ({ file, index, rule }) => {
    const codes = diagnostics
      .filter(({ filename }) => filename.split(Path.sep).join("/") === `${index}/${file}`)
      .map(({ code }) => code)
    if (rule === null) {
      assert.deepStrictEqual(codes, [])
    } else {
      assert.include(codes, rule)
    }
  })
})
