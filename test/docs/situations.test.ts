/**
 * The providers' tables side by side: the same situation has the same category everywhere, or
 * the provider's page says why not.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Library from "effect-payment-cancel"
import { readFileSync } from "node:fs"
import { type At, type ProviderName, situations } from "../../docs/situations.js"
import * as Errors from "../../src/authoring/Errors.js"
import { root } from "./program.js"

const providers = Object.entries(Library).flatMap(([name, namespace]) =>
  "Unrecognized" in namespace && "layer" in namespace
    ? [[name as ProviderName, Errors.table(namespace) as { readonly [name: string]: Errors.Row }] as const]
    : [])

const pages: { readonly [Name in ProviderName]: string } = {
  Adyen: "adyen",
  Square: "square",
  Stripe: "stripe",
  WalletConnectPay: "walletconnect-pay",
  WePay: "wepay"
}

const cellsOf = (provider: ProviderName) =>
  situations.map(({ at, category, name }) => ({ name, category, cell: at[provider] as At<string> }))

/** Of these one code stands for two situations. */
const twice: ReadonlyArray<string> = ["Adyen.IdempotencyKeyInUse", "WePay.NotAuthorized"]

for (const [provider, table] of providers) {
  describe(provider, () => {
    it("has every class in one situation", () => {
      const placed = cellsOf(provider).flatMap(({ cell }) => cell.classes)
      const once = placed.filter((name, nth) => placed.indexOf(name) === nth || !twice.includes(`${provider}.${name}`))
      assert.deepStrictEqual([...once].sort(), Object.keys(table).sort())
    })

    for (const { category, cell, name } of cellsOf(provider)) {
      it(`${name}: ${category}, or the page says why not`, () => {
        const others = cell.classes.filter((each) => table[each]?.category !== category)
        assert.strictEqual(others.length > 0, cell.because !== undefined, `not ${category}: ${others.join(", ")}`)
        if (cell.because === undefined) return
        const page = readFileSync(`${root}docs/providers/${pages[provider]}.md`, "utf8")
        assert.include(page, cell.because)
        for (const each of others) assert.include(page, `\`${table[each]?.code}\``)
      })

      it(`${name}: by a listed code, or else by what the table says`, () => {
        assert.isTrue(cell.classes.length > 0 || cell.otherwise !== undefined)
      })
    }
  })
}

it("names each situation once, with a page for each provider", () => {
  const names = situations.map(({ name }) => name)
  assert.lengthOf(new Set(names), names.length)
  assert.deepStrictEqual(Object.keys(pages).sort(), providers.map(([name]) => name).sort())
})
