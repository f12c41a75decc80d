/**
 * The tables of all providers in one file, so that they are loaded once and not five times.
 * They are imported while this file runs: a mutant that keeps a module from being loaded is
 * then a test that fails. Were it imported at the top, there would be no test at all, and
 * none of none fails.
 */
import { it } from "@effect/vitest"

const loaded = await Promise.allSettled([
  import("../providers/Adyen/errors.test.js"),
  import("../providers/Square/errors.test.js"),
  import("../providers/Stripe/errors.test.js"),
  import("../providers/WalletConnectPay/errors.test.js"),
  import("../providers/WePay/errors.test.js"),
  import("../providers/declarations.test.js")
])

it("every module can be loaded", () => {
  for (const each of loaded) {
    if (each.status === "rejected") throw each.reason
  }
})
