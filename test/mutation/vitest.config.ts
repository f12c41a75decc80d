/**
 * The tests that mutation testing runs: those of the engine, of what goes through it from outside,
 * and of the providers' facts, the fastest first, so that a mutant that they kill is killed at once.
 */
import type { TestSpecification } from "vitest/node"
import { BaseSequencer } from "vitest/node"
import base from "../vitest.config.js"

const first = [/mutation.tables/, /mutation.facts/, /transport/, /evidence/, /decision/, /exchange/, /redaction/]

const rank = ({ moduleId }: TestSpecification): number => {
  const index = first.findIndex((pattern) => pattern.test(moduleId))
  return index === -1 ? first.length : index
}

/** The files of this folder, which bring tests of others together. */
export const gathered = "test/mutation/{tables,facts}.ts"

class FastestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    return [...files].sort((a, b) => rank(a) - rank(b))
  }
}

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
    typecheck: { enabled: false },
    sequence: { sequencer: FastestFirst }
  }
}
