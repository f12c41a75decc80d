// The tables of all providers, with nothing else loaded: most mutants are killed here.
import { loading } from "./loading.js"

await loading([
  () => import("../providers/tables.test.js")
])
