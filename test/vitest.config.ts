import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { setFlagsFromString } from "node:v8"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { leaveGarbage } from "./support/compilers.js"

leaveGarbage()

const root = fileURLToPath(new URL("..", import.meta.url))
// Two more than there are cores: what waits for a socket or a process of its own leaves one idle, and often two do.
const threads = availableParallelism() + 2
// Fibers and what they do leave much that nobody keeps. With as little room for it as V8 gives by default,
// the threads spend a sixth of their time on collecting it. They take this over from the process that begins them.
setFlagsFromString("--min-semi-space-size=16")
setFlagsFromString("--max-semi-space-size=64")

/** Runs the files that fit one of these before the others, in this order. */
export const beginningWith = (patterns: ReadonlyArray<RegExp>) => {
  const rank = ({ moduleId }: TestSpecification): number => {
    const index = patterns.findIndex((pattern) => pattern.test(moduleId))
    return index === -1 ? patterns.length : index
  }
  return class extends BaseSequencer {
    override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
      return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
    }
  }
}

/** What takes longest. Begun last, it would keep one core busy and the other waiting. */
const longest = [/simulation\/simulation/, /simulation\/broken/, /conformance\/conformance/, /many\/many/, /wire\/secrets/, /docs\/examples/]

const src = (path: string) => `${root}src/${path}`

export default defineConfig({
  root,
  resolve: {
    // The public entries, answered from the sources. The same list as `paths` in test/tsconfig.json.
    alias: [
      { find: /^effect-payment-cancel$/, replacement: src("index.ts") },
      { find: /^effect-payment-cancel\/sandbox$/, replacement: src("sandbox/index.ts") },
      { find: /^effect-payment-cancel\/sandbox\/server$/, replacement: src("sandbox/SandboxServer.ts") },
      { find: /^effect-payment-cancel\/providers\/([^/]+)$/, replacement: src("providers/$1/index.ts") },
      { find: /^effect-payment-cancel\/authoring\/([^/]+)$/, replacement: src("authoring/$1.ts") },
      { find: /^effect-payment-cancel\/workflow$/, replacement: src("workflow/index.ts") },
      { find: /^effect-payment-cancel\/workflow\/([^/]+)$/, replacement: src("workflow/$1.ts") },
      { find: /^effect-payment-cancel\/([^/]+)$/, replacement: src("$1.ts") }
    ]
  },
  test: {
    name: "library",
    include: ["test/**/*.test.ts"],
    exclude: ["test/package/**"],
    // Only what hangs is to be ended. What a cancel may take is asserted by the tests themselves.
    testTimeout: 30_000,
    pool: "threads",
    // Loading Effect for each file anew costs as much as all the tests of most files.
    isolate: false,
    setupFiles: ["test/support/setup.ts"],
    sequence: { sequencer: beginningWith(longest) },
    // As many at least as at most: of threads that share their modules, one that has nothing more to do is
    // ended too early.
    poolOptions: { threads: { minThreads: threads, maxThreads: threads } },
    typecheck: {
      enabled: true,
      include: ["test/types/**/*.test-d.ts"],
      tsconfig: "test/types/tsconfig.json"
    }
  }
})
