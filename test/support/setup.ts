/** Runs before each file of tests: they share a thread's modules, so what one changes the next would see. */
import { it, makeMethods } from "@effect/vitest"

// `layer` puts its own `effect` and `scoped` on the one `it` there is, and leaves them there.
makeMethods(it)
