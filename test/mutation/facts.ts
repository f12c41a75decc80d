/**
 * The tables of all providers in one file, so that they are loaded once and not five times.
 * They are imported while this file runs: a mutant that keeps a module from being loaded is
 * then a test that fails. Were it imported at the top, there would be no test at all, and
 * none of none fails.
 */
import { it } from "@effect/vitest"
import { deepStrictEqual } from "../engine/partly.js"

const files = [
  () => import("../providers/WePay/errors.test.js"),
  () => import("../providers/Adyen/errors.test.js"),
  () => import("../providers/Stripe/errors.test.js"),
  () => import("../providers/Square/errors.test.js"),
  () => import("../providers/WalletConnectPay/errors.test.js"),
  () => import("../providers/declarations.test.js"),
  () => import("../providers/catalogues.test.js")
]

// One after the other, so that the fastest tests come first.
const broken: Array<unknown> = []
for (const load of files) await load().catch((reason: unknown) => broken.push(reason))

it("every module can be loaded", () => {
  deepStrictEqual(broken, [])
})
