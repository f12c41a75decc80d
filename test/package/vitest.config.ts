import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { leaveGarbage } from "../support/compilers.js"

leaveGarbage()

/**
 * Tests of what is published, and of the gates themselves: apart from the others, because
 * they build, pack and run tools.
 */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    name: "package",
    // After the others: both would have the same cores, and these run into their timeouts.
    sequence: { groupOrder: 1 },
    include: ["test/package/**/*.test.ts"],
    globalSetup: ["test/package/setup.ts"],
    testTimeout: 60_000,
    pool: "threads",
    poolOptions: { threads: { minThreads: 1, maxThreads: 3 } }
  }
})
