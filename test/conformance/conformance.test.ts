import { assert, it } from "@effect/vitest"
import * as library from "effect-payment-cancel"
import { conformance } from "./conformance.js"
import { providers } from "./providers.js"

it("no provider of the library is left out", () => {
  const exported = Object.entries(library).filter(([, module]) => "cancelNeutral" in module).map(([name]) => name)
  assert.sameMembers(providers.map(({ name }) => name), exported)
})

for (const provider of providers) conformance(provider)
