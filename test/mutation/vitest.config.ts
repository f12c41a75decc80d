/**
 * The tests that mutation testing runs: those of the engine, of what goes through it from outside,
 * and of the providers' facts, the fastest first, so that a mutant that they kill is killed at once.
 */
import { variable } from "../support/extent.js"
import base, { beginningWith } from "../vitest.config.js"

const first = [/mutation.tables/, /mutation.facts/, /transport/, /evidence/, /decision/, /exchange/, /redaction/]

/** The files of this folder, which bring tests of others together. */
export const gathered = "test/mutation/{tables,facts}.ts"

export default {
  ...base,
  test: {
    ...base.test,
    name: "mutation",
    include: [
      gathered,
      "test/engine/**/*.test.ts",
      "test/core/{Cancel,FetchOnce,cancelMany,telemetry}.test.ts",
      "test/authoring/{Errors,Answer,Provider}.test.ts"
    ],
    // A mutant counts as found by whatever `npm run test:long` has.
    env: { [variable]: "1" },
    typecheck: { enabled: false },
    sequence: { sequencer: beginningWith(first) }
  }
}
