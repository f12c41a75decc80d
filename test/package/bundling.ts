/** How an application is bundled, for any platform: no Node built-in may be needed. */
import type * as Esbuild from "esbuild"
import * as Zlib from "node:zlib"

export const asApplication = {
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: "esm",
  target: "es2022",
  platform: "browser",
  logLevel: "silent"
} as const satisfies Esbuild.BuildOptions

/** How many bytes a bundle is on its way. */
export const gzipped = (contents: Uint8Array): number => Zlib.gzipSync(contents, { level: 9 }).length
