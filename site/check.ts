/**
 * The links of the built site: every one that stays inside leads to a page that exists, and to an
 * anchor in it. VitePress checks the pages of Markdown links, but neither anchors nor HTML.
 */
import { Parser } from "htmlparser2"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"

interface Page {
  readonly ids: ReadonlySet<string>
  readonly links: ReadonlyArray<string>
}

const parsed = (html: string): Page => {
  const ids = new Set<string>()
  const links = new Array<string>()
  const parser = new Parser({
    onopentag: (_name, { href, id, src }) => {
      if (id !== undefined) ids.add(id)
      if (href !== undefined) links.push(href)
      if (src !== undefined) links.push(src)
    }
  })
  parser.write(html)
  parser.end()
  return { ids, links }
}

/** How much was looked at, and each link that leads nowhere. */
export interface Checked {
  readonly pages: number
  readonly links: number
  readonly dead: ReadonlyArray<string>
}

/** Checks a folder of HTML that is to be served under a base such as "/" or "/pay/". */
export const checkLinks = (folder: string, base: string): Checked => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".html"))
  const pages = new Map(files.map((path) => [path, parsed(readFileSync(join(folder, path), "utf8"))]))
  const origin = "http://site.invalid"
  let links = 0
  const dead = [...pages].flatMap(([path, page]) =>
    page.links.flatMap((link) => {
      const url = new URL(link, `${origin}${base}${path}`)
      if (url.origin !== origin) return []
      links += 1
      const where = `${path}: ${link}`
      if (!url.pathname.startsWith(base)) return [`${where} is outside of ${base}`]
      const inner = decodeURIComponent(url.pathname.slice(base.length))
      const file = inner === "" || inner.endsWith("/") ? `${inner}index.html` : inner
      if (!existsSync(join(folder, file)) || statSync(join(folder, file)).isDirectory()) return [`${where} leads to no file`]
      const target = pages.get(file)
      const anchor = decodeURIComponent(url.hash.slice(1))
      // What an application does with its address is its own.
      return anchor === "" || target === undefined || file.startsWith("lab/") || target.ids.has(anchor)
        ? []
        : [`${where} leads to no anchor`]
    })
  )
  return { pages: pages.size, links, dead: [...new Set(dead)] }
}
