/** What the comments in the sources say, where it takes no more than to read them. */
import { type Module, read } from "./modules.js"

/** Text of a comment, safe in Markdown that is compiled as a template: code is left as it is. */
export const escaped = (text: string): string =>
  text.split(/(```[\s\S]*?```|`[^`]*`)/).map((part, index) =>
    index % 2 === 1 ? part : part.replaceAll("<", "&lt;").replaceAll("{{", "&#123;&#123;")).join("")

/** What a module is for: the first comment of its source. TypeDoc would want it marked as that. */
export const about = ({ source }: Module): string =>
  escaped(
    (/^\/\*\*([\s\S]*?)\*\//.exec(read(source))?.[1] ?? "").replaceAll(/^ *\* ?/gm, "")
      .replaceAll(/^@example$/gm, "**Example**\n").replaceAll(/^@\w+.*$/gm, "").trim()
  )

/** The first paragraph of that. */
export const summaryOf = (module: Module): string => about(module).split("\n\n")[0]?.replaceAll("\n", " ") ?? ""
