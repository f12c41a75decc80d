import { homes } from "../support/homes.js"
import { conformance } from "./conformance.js"
import { entryOf } from "./providers.js"

for (const [turn, home] of homes.entries()) conformance(entryOf(home), turn)
