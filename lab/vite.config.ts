import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"
import library from "../test/vitest.config.js"

/** The page, as static files that any host can serve from any folder. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  resolve: { alias: library.resolve?.alias ?? [] },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1000, modulePreload: { polyfill: false } },
  server: { port: 4243 },
  preview: { port: 4243 }
})
