/**
 * Every provider has one home in the tests, and everything that belongs to it: whoever adds
 * one is told here what is missing.
 */
import { assert, describe, it } from "@effect/vitest"
import * as library from "effect-payment-cancel"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import * as HttpClient from "@effect/platform/HttpClient"
import { ConfigProvider, Effect, Layer } from "effect"
import { Emulators } from "../../src/sandbox/index.js"
import { everything } from "../simulation/facts.js"
import { homes } from "../support/homes.js"
import { names, providers } from "../support/providers.js"
import { sides } from "../wire/Side.js"

const root = new URL("../../", import.meta.url)

const isThere = (path: string): boolean => existsSync(new URL(path, root))

/** Every namespace that `Canceller.layer` takes. */
const exported = Object.entries(library).flatMap(([name, namespace]) => "cancelNeutral" in namespace ? [name] : [])

describe("a provider", () => {
  it("that is exported from src/index.ts has its facts in test/providers, and none is left over", () => {
    assert.deepStrictEqual(names.filter((name) => !exported.includes(name)), [], "have facts, and are not exported")
    assert.deepStrictEqual(exported.filter((name) => !names.includes(name)), [], "are exported, and have no test/providers/<Name>/facts.ts")
  })

  for (const name of exported) {
    it(`${name} has everything that belongs to it`, () => {
      const facts = providers.find((each) => each.name === name)
      const files = [
        `src/sandbox/emulators/${name}.ts`,
        `test/providers/${name}/facts.ts`,
        `test/providers/${name}/emulator.test.ts`,
        `docs/providers/${facts?.emulator.slug ?? name.toLowerCase()}.md`,
        `docs/providers/${name}.ts`
      ]
      assert.deepStrictEqual(files.filter((file) => !isThere(file)), [], "are missing")
      assert.isTrue(
        readdirSync(new URL(`test/providers/${name}`, root)).some((file) => file.endsWith(".test.ts") && file !== "emulator.test.ts"),
        "has no tests of its own"
      )
      assert.strictEqual(facts?.name, name)
      assert.strictEqual(facts?.emulator, Object.entries(Emulators).find(([exported]) => exported === name)?.[1], "another emulator")
      assert.strictEqual(facts?.emulator.basePath, facts?.basePath)
      assert.sameMembers(
        [...new Set([
          ...[facts, ...facts?.ways.map(({ subject }) => subject) ?? []].flatMap((each) => Object.keys(each?.standings ?? {})),
          ...facts?.unlisted ?? []
        ])],
        [...facts?.emulator.statuses ?? []]
      )
      assert.isTrue(everything.some(({ provider }) => provider === name), "is not played in the simulation")
      assert.isTrue(sides.some(({ provider }) => provider === name), "is not on the wire")
    })
  }

  for (const { facts: { emulator, name }, library } of homes) {
    it(`${name} is reached in the sandbox by the variables of its emulator`, () =>
      Effect.runPromise(
        Layer.build(library.layerConfig()).pipe(
          Effect.scoped,
          Effect.provideService(HttpClient.HttpClient, HttpClient.make(() => Effect.dieMessage("nothing is sent"))),
          Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(emulator.environment?.("https://sandbox.test") ?? {}))))
        )
      ))
  }

  it("has facts that are its own: taken from its documentation, and not from the library", () => {
    for (const name of names) {
      const imports = [...readFileSync(new URL(`test/providers/${name}/facts.ts`, root), "utf8").matchAll(/^import (type )?.*from "(.+)"$/gm)]
      for (const [, type, from = ""] of imports) {
        const own = type !== undefined || !/^\.\.\/\.\.\/\.\.\/src\//.test(from) || from.startsWith("../../../src/sandbox/")
        assert.isTrue(own && !from.startsWith("effect-payment-cancel"), `${name}/facts.ts imports ${from}`)
      }
    }
  })

  it("has credentials in its facts that are recognised wherever they turn up", () => {
    for (const { emulator, name, ways } of providers) {
      for (const { credentials } of ways) {
        for (const [which, canary] of Object.entries(credentials)) {
          assert.isAtLeast(canary.length, 15, `${name}, ${which}`)
          assert.property(emulator.credentials, which, `${name}'s emulator knows no such credential`)
        }
      }
    }
  })
})
