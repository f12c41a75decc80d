/**
 * Where a page of the repository stands in the site, and where its links lead there. In the
 * repository a link names a file; in the site it names a page, or nothing where there is none.
 */
import { existsSync, readdirSync, statSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { moduleAt, root } from "./modules.js"

const under = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)).sort()

/** The Markdown pages of the repository that the site shows. */
export const documents: ReadonlyArray<string> = [
  "README.md",
  "CONTRIBUTING.md",
  ...under("docs").filter((path) => path.endsWith(".md"))
]

/** The programs and data that the documentation shows in whole. */
export const examples: ReadonlyArray<string> = under("docs/examples").filter((path) => !statSync(join(root, path)).isDirectory())

/** The page in the site of a page of the repository, with its extension. */
export const pageOfDocument = (path: string): string => {
  if (path === "README.md") return "overview.md"
  if (path === "CONTRIBUTING.md") return "contributing.md"
  const inner = path.slice("docs/".length)
  if (inner.startsWith("providers/")) return inner
  if (inner.startsWith("decisions/")) return inner.replace("README.md", "index.md")
  return `guides/${inner}`
}

/** The page that shows a file as it is. */
export const pageOfFile = (path: string): string =>
  path.startsWith("docs/examples/") ? `${path.slice("docs/".length)}.md` : `source/${path}.md`

const isDirectory = (path: string): boolean => statSync(join(root, path)).isDirectory()

/** Where a link to a file or folder of the repository leads in the site; undefined where there is no page for it. */
export const destination = (path: string): string | undefined => {
  if (documents.includes(path)) return pageOfDocument(path)
  const module = moduleAt(path) ?? moduleAt(`${path}/index.ts`)
  if (module !== undefined) return `${module.page.slice(1)}.md`
  if (path.startsWith("docs/examples") && isDirectory(path)) return "examples/index.md"
  return existsSync(join(root, path)) && !isDirectory(path) ? pageOfFile(path) : undefined
}

/** The parts of a page of Markdown, every second of which is a block of code. */
const fences = /(^ *```[\s\S]*?^ *```$)/m

const outsideOfCode = (text: string, change: (prose: string) => string): string =>
  text.split(fences).map((part, index) => index % 2 === 1 ? part : change(part)).join("")

/** The files and folders of the repository that a page links to. */
export const linked = (page: string, text: string): ReadonlyArray<string> => {
  const found = new Array<string>()
  outsideOfCode(text, (prose) => {
    for (const [, target = ""] of prose.matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)) {
      if (!/^[a-z]+:/.test(target)) found.push(normalize(join(dirname(page), target)))
    }
    return prose
  })
  return found
}

/** A page of the repository with the links of the site. */
export const relinked = (page: string, text: string): string =>
  outsideOfCode(text, (prose) =>
    prose.replaceAll(/(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (link, image: string, label: string, target: string) => {
      if (image !== "" || /^([a-z]+:|#)/.test(target)) return link
      const [path = "", anchor] = target.split("#")
      const to = destination(normalize(join(dirname(page), path)).replace(/\/$/, ""))
      return to === undefined ? label : `[${label}](/${to}${anchor === undefined ? "" : `#${anchor}`})`
    }))

/** The anchor of a heading, by the rule that links in the repository follow too. */
export const slug = (heading: string): string =>
  heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
