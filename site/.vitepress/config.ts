import { defineConfig } from "vitepress"
import { slug } from "../links.js"
import { read } from "../modules.js"
import { nav, sidebar } from "../navigation.js"

export default defineConfig({
  lang: "en",
  title: "effect-payment-cancel",
  description: "Cancel a payment, correctly: typed, provable payment cancellation for Effect",
  srcDir: ".pages",
  outDir: "dist",
  cacheDir: ".cache",
  // The site has no address of its own to name.
  head: [
    ["meta", { name: "theme-color", content: "#0b2b28" }],
    // In the page itself, so that it needs no address.
    ["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(read("site/mark.svg"))}` }]
  ],
  // An application beside the pages, in the same folder once it is built.
  ignoreDeadLinks: [/\/lab\//],
  // The search index is one file, and only loaded by whoever searches.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  markdown: {
    theme: { light: "github-light", dark: "github-dark" },
    // The highlighter knows no PromQL, and is content with a language that has no words.
    languages: [{ name: "promql", scopeName: "source.promql", patterns: [], repository: {} }],
    anchor: { slugify: slug },
    toc: { slugify: slug },
    // Wide tables and code are scrolled on their own, with a finger or with the keyboard.
    config: (md) => {
      md.renderer.rules["table_open"] = () => '<div class="table" tabindex="0" role="region" aria-label="table"><table>\n'
      md.renderer.rules["table_close"] = () => "</table></div>\n"
    }
  },
  themeConfig: {
    logo: { src: "/mark.svg", alt: "" },
    nav,
    sidebar,
    outline: { level: [2, 3], label: "On this page" },
    search: {
      provider: "local",
      options: {
        // What a reader types is the name of something far more often than a word of the text about it.
        miniSearch: { searchOptions: { boost: { title: 6, text: 1, titles: 2 }, fuzzy: 0.15, prefix: true } }
      }
    },
    docFooter: { prev: "Before", next: "Next" },
    externalLinkIcon: true,
    footer: { message: "MIT licence" }
  }
})
