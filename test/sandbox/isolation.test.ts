import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../src/sandbox/", import.meta.url))

const importsOf = (file: string): ReadonlyArray<string> =>
  Array.from(Fs.readFileSync(file, "utf8").matchAll(/^(?:import|export)\b[^"'`]*?from "([^"]+)"/gm), (match) => match[1]!)

const files = Fs.readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => Path.join(root, name))

const resolve = (file: string, specifier: string) => Path.resolve(Path.dirname(file), specifier.replace(/\.js$/, ".ts"))

describe("the sandbox", () => {
  it("imports nothing of the library it is to catch at its mistakes", () => {
    assert.isAbove(files.length, 8)
    for (const file of files) {
      for (const specifier of importsOf(file)) {
        const inside = specifier.startsWith(".")
          ? resolve(file, specifier).startsWith(root)
          : !specifier.startsWith("effect-payment-cancel")
        assert.isTrue(inside, `${file} imports ${specifier}`)
      }
    }
  })

  it("needs no Node but for its server", () => {
    const seen = new Set<string>()
    const visit = (file: string) => {
      if (seen.has(file)) {
        return
      }
      seen.add(file)
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith(".")) {
          visit(resolve(file, specifier))
        } else {
          assert.match(specifier, /^(effect|@effect\/platform)\/[A-Za-z]+$/, `${file} imports ${specifier}`)
        }
      }
    }
    visit(Path.join(root, "index.ts"))
    assert.isAbove(seen.size, 6)
  })
})
