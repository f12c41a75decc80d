/** Runs before each file of tests: they share a thread's modules, so what one changes the next would see. */
import { chai, it, makeMethods } from "@effect/vitest"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

// Node's own `fetch` is made when it is first asked for, and then sends by its own connections; unless the package `undici`
// is there before, for then it sends by that one's, which is another version.
void globalThis.Headers

// `layer` puts its own `effect` and `scoped` on the one `it` there is, and leaves them there.
makeMethods(it)

/** An `Option` can be iterated, and chai takes two for equal that say nothing else of themselves: none, and anything. A `Redacted` says nothing at all. */
const differ = (left: unknown, right: unknown): boolean =>
  (Option.isOption(left) && Option.isOption(right) && Option.isNone(left) !== Option.isNone(right)) ||
  (Redacted.isRedacted(left) && Redacted.isRedacted(right) && !Equal.equals(left, right))

chai.config.deepEqual = (left, right) =>
  chai.util.eql(left, right, { comparator: (left, right) => differ(left, right) ? false : null })
