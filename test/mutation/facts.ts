// What else the facts become, and what each provider declares.
import { loading } from "./loading.js"

await loading([
  () => import("../providers/declarations.test.js"),
  () => import("../providers/catalogues.test.js")
])
