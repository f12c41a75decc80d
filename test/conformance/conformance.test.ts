import { homes } from "../support/homes.js"
import { conformance } from "./conformance.js"
import { entryOf } from "./providers.js"

for (const home of homes) conformance(entryOf(home))
