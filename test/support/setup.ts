/** Runs before each file of tests: they share a thread's modules, so what one changes the next would see. */
import { chai, it, makeMethods } from "@effect/vitest"
import * as Option from "effect/Option"

// `layer` puts its own `effect` and `scoped` on the one `it` there is, and leaves them there.
makeMethods(it)

// An `Option` can be iterated, and chai takes two for equal that say nothing else of themselves: none, and anything.
chai.config.deepEqual = (left, right) =>
  chai.util.eql(left, right, {
    comparator: (left, right) =>
      Option.isOption(left) && Option.isOption(right) && Option.isNone(left) !== Option.isNone(right) ? false : null
  })
