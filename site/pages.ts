/**
 * Writes the pages of the site, as Markdown, into a folder that VitePress builds from: the
 * documentation with its links as the site needs them, the examples, the files that the
 * documentation links to, and the reference.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, extname, join } from "node:path"
import { escaped, summaryOf } from "./comments.js"
import { destination, documents, examples, linked, pageOfDocument, pageOfFile, pictures, relinked } from "./links.js"
import { home, section } from "./home.js"
import { read, root, sections } from "./modules.js"

/** Where the pages are written. */
export const folder = join(root, "site/.pages")

const languages: { readonly [extension: string]: string } = { ".ts": "ts", ".json": "json", ".csv": "csv", ".js": "js" }

/** A file of the repository, as a page. It is found by whoever is linked to it, and not by searching. */
export const filePage = (path: string): string => {
  const text = read(path).split("\n").filter((line) => !/^\s*\/\/ #(end)?region/.test(line)).join("\n").trimEnd()
  // As many as it takes for a fence in the file not to end the page's own.
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length + 1)))
  const example = path.startsWith("docs/examples/")
  return [
    `---\noutline: false\naside: false\nprev: false\nnext: false\n${example ? "" : "search: false\n"}---`,
    `# ${path.split("/").at(-1)}`,
    example
      ? `\`${path}\` in the repository, which the tests compile and run. [All examples](/examples/index.md)`
      : `\`${path}\` in the repository, as it is.`,
    `${fence}${languages[extname(path)] ?? "text"}\n${text}\n${fence}\n`
  ].join("\n\n")
}

/** What an example is, in its first sentence. */
const aboutExample = (path: string): string =>
  escaped(
    (/^\/\*\*([\s\S]*?)\*\//.exec(read(path))?.[1] ?? "").replaceAll(/^ *\* ?/gm, "").trim()
      .split(/\n\n|(?<=\.)\s/)[0]?.replaceAll("\n", " ") ?? ""
  )

const exampleIndex = (): string =>
  [
    "---\noutline: false\nprev: false\nnext: false\n---",
    "# Examples",
    "Programs that the tests compile and run, and the data they use. The guides show parts of them.",
    examples.map((path) => {
      const about = aboutExample(path)
      return `- [${path.slice("docs/examples/".length)}](/${pageOfFile(path)})${about === "" ? "" : `: ${about}`}`
    }).join("\n") + "\n"
  ].join("\n\n")

const referenceIndex = (): string =>
  [
    "---\noutline: 2\n---",
    "# Reference",
    "Every public module, with all that it exports: generated from the comments and declarations in the sources.",
    ...sections.flatMap(({ modules, title }) => [
      `## ${title}`,
      modules.map((module) => `- [${module.name.replace(/^(providers|authoring)\//, "")}](${module.page}.md): ${summaryOf(module)}`).join("\n")
    ])
  ].join("\n\n") + "\n"

const providerIndex = (): string => `---\naside: false\npageClass: wide\n---\n\n# Providers\n\n${section("Providers")}\n`

/** The site draws no charts, which a repository's page does: their notation is there for who opens it. */
const foldedCharts = (text: string): string =>
  text.replaceAll(/^```mermaid\n[\s\S]*?^```$/gm, (chart) => `::: details The same as a flow chart, in the notation of Mermaid\n${chart}\n:::`)

/** Files that the documentation links to, and that nothing else shows. */
export const shownFiles = (): ReadonlyArray<string> =>
  [...new Set([
    ...examples,
    ...documents.flatMap((path) => linked(path, read(path)))
  ])].filter((path) => destination(path) === pageOfFile(path) && !/\.(png|svg)$/.test(path) && path !== "lab/README.md").sort()

/** The pages of the repository's own Markdown and files: everything but the reference. */
export const pages = (): ReadonlyMap<string, string> =>
  new Map([
    ["index.md", home()],
    ...documents.map((path) => [pageOfDocument(path), foldedCharts(relinked(path, read(path)))] as const),
    ["providers/index.md", relinked("README.md", providerIndex())],
    ["examples/index.md", exampleIndex()],
    ...shownFiles().map((path) => [pageOfFile(path), filePage(path)] as const),
    ["reference/index.md", referenceIndex()]
  ])

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

/** Writes them all anew, for a site under `base`, which VitePress does not put before a link with a target. */
export const writePages = async (base: string): Promise<void> => {
  const { referencePages } = await import("./reference.js")
  const reference = await referencePages()
  rmSync(folder, { recursive: true, force: true })
  for (const [path, text] of pages()) write(path, text.replaceAll("](/lab/", `](${base}lab/`))
  for (const { module, text } of reference) write(`${module.page.slice(1)}.md`, text)
  for (const name of pictures) copyFileSync(join(root, "docs", name), join(folder, "guides", name))
  mkdirSync(join(folder, "public"), { recursive: true })
  copyFileSync(join(root, "site/mark.svg"), join(folder, "public/mark.svg"))
  const lab = join(root, "lab/dist")
  if (existsSync(lab)) cpSync(lab, join(folder, "public/lab"), { recursive: true })
}
