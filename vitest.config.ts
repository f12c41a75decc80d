import { defineConfig } from "vitest/config"
import mutation, { gathered } from "./test/mutation/vitest.config.js"
import packaged from "./test/package/vitest.config.js"
import library from "./test/vitest.config.js"

/**
 * What `npx vitest` and editors find without being told. The settings stand beside the tests;
 * this only says which of them there are.
 */
export default defineConfig({
  test: {
    projects: [
      library,
      packaged,
      // What it runs besides is in `library`.
      { ...mutation, test: { ...mutation.test, include: [gathered] } }
    ]
  }
})
