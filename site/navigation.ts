/** What stands in the bar at the top and at the side. */
import { documents, pageOfDocument } from "./links.js"
import { hasLab, read, sections } from "./modules.js"

interface Item {
  readonly text: string
  readonly link: string
}

interface Group {
  readonly text: string
  readonly collapsed?: boolean
  readonly items: Array<Item>
}

/** The guides in the order in which they are wanted. A test sees to it that none is missing. */
export const guides: ReadonlyArray<readonly [title: string, names: ReadonlyArray<string>]> = [
  ["Start", ["getting-started", "handling-errors", "layers-and-testing", "from-async-code", "runtimes"]],
  ["Cases", ["void-or-refund", "confirmation", "cancel-without-an-id", "many-tenants"]],
  ["Many, and durable", ["many-at-once", "cancel-many", "durable-cancels", "durable-workflows"]],
  ["In production", ["telemetry", "performance"]],
  ["Why to trust it", ["how-an-outcome-is-established", "how-it-is-proved", "mutation"]],
  ["Extend it", ["adding-a-provider"]]
]

/** The heading of a page, without its marks. */
export const titleOf = (document: string): string =>
  (/^# (.+)$/m.exec(read(document))?.[1] ?? document).replaceAll("`", "")

const itemOf = (document: string): Item => ({
  text: document === "README.md" ? "Overview" : titleOf(document),
  link: `/${pageOfDocument(document).replace(/(index)?\.md$/, "")}`
})

const inFolder = (folder: string): ReadonlyArray<string> => documents.filter((path) => path.startsWith(`docs/${folder}/`))

const providers: Group = { text: "Providers", items: inFolder("providers").map(itemOf) }

const about: Group = {
  text: "About",
  items: [
    { text: "Examples", link: "/examples/" },
    { text: "Decisions", link: "/decisions/" },
    { text: "Contributing", link: "/contributing" }
  ]
}

const guideSidebar: Array<Group> = [
  ...guides.map(([text, names], index): Group => ({
    text,
    items: [
      ...(index === 0 ? [itemOf("README.md")] : []),
      ...names.map((name) => itemOf(`docs/${name}.md`))
    ]
  })),
  about
]

const decisions: Group = {
  text: "Decisions",
  items: inFolder("decisions").map(itemOf).map((item) => item.link === "/decisions/" ? { ...item, text: "All of them" } : item)
}

const reference: Array<Group> = [
  { text: "Reference", items: [{ text: "All modules", link: "/reference/" }] },
  ...sections.map(({ modules, title }): Group => ({
    text: title,
    items: modules.map(({ name, page, short }) => ({ text: name.split("/").length > 2 ? short : name.replace(/^(providers|authoring)\//, ""), link: page }))
  }))
]

/** By the beginning of a page's address. */
export const sidebar: { [beginning: string]: Array<Group> } = {
  "/providers/": [providers, { text: "For every provider", items: ["handling-errors", "confirmation", "void-or-refund", "adding-a-provider"].map((name) => itemOf(`docs/${name}.md`)) }],
  "/reference/": reference,
  "/decisions/": [decisions, ...guideSidebar],
  "/": guideSidebar
}

/** The lab is an application of its own, so its link leaves the site's pages: that is what `target` does. */
export const nav = [
  { text: "Guides", link: "/guides/getting-started", activeMatch: "^/(guides|overview|examples|decisions)" },
  { text: "Providers", link: "/providers/", activeMatch: "^/providers/" },
  { text: "Reference", link: "/reference/", activeMatch: "^/reference/" },
  ...(hasLab ? [{ text: "Lab", link: "/lab/", target: "_self" }] : []),
]
