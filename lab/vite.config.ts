import { fileURLToPath } from "node:url"
import { defineConfig, type Plugin } from "vite"
import library from "../test/vitest.config.js"

const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url))

/** What of Node the simulator uses, and what stands for it in the page. */
const standIns = [
  { find: "node:crypto", replacement: path("src/simulator/crypto.ts") },
  { find: "node:util", replacement: path("src/simulator/util.ts") }
]

/** The simulator's list of providers is read from a folder: in the page there is none. */
const folderless: Plugin = {
  name: "folderless",
  enforce: "pre",
  async resolveId(source, importer, options) {
    const found = source.endsWith("/providers.js") ? await this.resolve(source, importer, { ...options, skipSelf: true }) : null
    return found?.id === path("../test/support/providers.ts") ? path("src/simulator/providers.ts") : null
  }
}

/** The page, as static files that any host can serve from any folder. */
export default defineConfig({
  root: path("."),
  base: "./",
  resolve: { alias: [...Array.isArray(library.resolve?.alias) ? library.resolve.alias : [], ...standIns] },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1500, modulePreload: { polyfill: false } },
  plugins: [folderless],
  server: { port: 4243 },
  preview: { port: 4243 }
})
