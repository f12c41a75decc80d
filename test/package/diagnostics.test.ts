import * as Fs from "node:fs"
import * as Path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { effectTsc } from "../checks.js"
import * as Workspace from "./Workspace.js"

/** What TypeScript lets through and Effect's own rules must not, and the rule that says so. */
const plants = {
  anyUnknownInErrorContext: `
    import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
    import * as Effect from "effect/Effect"
    import * as Schema from "effect/Schema"
    const decode = HttpClientResponse.matchStatus({
      "2xx": HttpClientResponse.schemaBodyJson(Schema.Struct({})),
      orElse: () => Effect.fail("refused" as const)
    })
    export const a = (response: HttpClientResponse.HttpClientResponse) => decode(response)
  `,
  asyncFunction: "export const a = async () => 1",
  floatingEffect: `
    import * as Effect from "effect/Effect"
    export const a = () => { Effect.log("never runs") }
  `,
  globalDateInEffect: `
    import * as Effect from "effect/Effect"
    export const a = Effect.gen(function*() { yield* Effect.void; return Date.now() })
  `,
  flatMapToMap: `
    import * as Effect from "effect/Effect"
    export const a = Effect.flatMap(Effect.log("1"), () => Effect.succeed(1))
  `,
  missingStarInYieldEffectGen: `
    import * as Effect from "effect/Effect"
    export const a = Effect.gen(function*() { yield Effect.void })
  `,
  returnEffectInGen: `
    import * as Effect from "effect/Effect"
    export const a = Effect.gen(function*() { yield* Effect.void; return Effect.succeed(1) })
  `,
  unsafeEffectTypeAssertion: `
    import * as Effect from "effect/Effect"
    export const a = Effect.fail("lost") as Effect.Effect<never>
  `
}

describe("Effect's own rules", () => {
  const folder = Workspace.temporary("diagnostics")
  let output = ""

  beforeAll(() => {
    for (const file of ["tsconfig.json", "test/tsconfig.json", "test/lint/tsconfig.json", "package.json"]) {
      Fs.mkdirSync(Path.dirname(Path.join(folder, file)), { recursive: true })
      Fs.copyFileSync(Path.join(Workspace.root, file), Path.join(folder, file))
    }
    Fs.symlinkSync(Path.join(Workspace.root, "node_modules"), Path.join(folder, "node_modules"), "junction")
    Workspace.write(
      folder,
      {
        ...Object.fromEntries(Object.entries(plants).map(([name, code]) => [`src/${name}.ts`, code])),
        "src/mistyped.ts": "export const a: string = 1"
      }
    )
    const { code, stdout } = Workspace.run(folder, effectTsc(), "-p", "test/lint/tsconfig.json")
    assert.notStrictEqual(code, 0)
    output = stdout
  })

  afterAll(() => Workspace.remove(folder))

  it.each(Object.keys(plants))("%s fails the check", (name) => {
    assert.match(output, new RegExp(`${name}\\.ts\\(\\d+,\\d+\\): (error|warning) .*? effect\\(${name}\\)`, "s"))
  })

  it("and what TypeScript does not let through fails it too", () => {
    assert.match(output, /mistyped\.ts\(\d+,\d+\): error TS2322/)
  })
})
