/**
 * The providers' tables side by side: the same situation has the same category everywhere, or
 * the provider's page says why not.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Library from "effect-payment-cancel"
import { readFileSync } from "node:fs"
import { everySituation, situationsAt } from "../../docs/situations.js"
import * as Errors from "../../src/authoring/Errors.js"
import { providers as facts } from "../support/providers.js"
import { root } from "./program.js"

const providers = await Promise.all(
  Object.entries(Library).flatMap(([name, namespace]) => "Unrecognized" in namespace && "layer" in namespace ? [{ name, namespace }] : [])
    .map(async ({ name, namespace }) => ({
      provider: name,
      table: Errors.table(namespace) as { readonly [name: string]: Errors.Row },
      slug: facts.find((each) => each.name === name)?.emulator.slug,
      at: await situationsAt(name)
    }))
)

/** Of these one code stands for two situations. */
const twice: ReadonlyArray<string> = [
  "Adyen.IdempotencyKeyInUse",
  "Klarna.Conflict",
  "PayPal.PermissionDenied",
  "PayPal.PreviousRequestInProgress",
  "WePay.NotAuthorized"
]

for (const { at, provider, slug, table } of providers) {
  const cells = everySituation.map(([name, category]) => ({ name, category, cell: at[name] }))
  describe(provider, () => {
    it("has every class in one situation", () => {
      const placed = cells.flatMap(({ cell }) => cell.classes)
      const once = placed.filter((name, nth) => placed.indexOf(name) === nth || !twice.includes(`${provider}.${name}`))
      assert.deepStrictEqual([...once].sort(), Object.keys(table).sort())
    })

    for (const { category, cell, name } of cells) {
      it(`${name}: ${category}, or the page says why not`, () => {
        const others = cell.classes.filter((each) => table[each]?.category !== category)
        assert.strictEqual(others.length > 0, cell.because !== undefined, `not ${category}: ${others.join(", ")}`)
        if (cell.because === undefined) return
        const page = readFileSync(`${root}docs/providers/${slug}.md`, "utf8")
        assert.include(page, cell.because)
        for (const each of others) assert.include(page, `\`${table[each]?.code}\``)
      })

      it(`${name}: by a listed code, or else by what the table says`, () => {
        assert.isTrue(cell.classes.length > 0 || cell.otherwise !== undefined)
      })
    }
  })
}
