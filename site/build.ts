/**
 * `npm run site`: the whole site, into site/dist. Nothing is fetched, and the result can be put on
 * any static host; SITE_BASE (or --base) is the path that it is served under, "/" by default.
 *
 * `npm run site:dev` serves it instead, and shows a change of its styles at once. Pages are written
 * anew when it is started.
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { build, createServer } from "vitepress"
import { checkLinks } from "./check.js"
import { hasLab, root } from "./modules.js"
import { writePages } from "./pages.js"

const { values } = parseArgs({ options: { base: { type: "string" }, dev: { type: "boolean", default: false } } })

/** With a slash at either end. */
const base = `/${values.base ?? process.env["SITE_BASE"] ?? "/"}/`.replaceAll(/\/+/g, "/")

const site = join(root, "site")

if (hasLab) {
  const { status } = spawnSync("npm", ["run", "lab:build"], { cwd: root, stdio: "inherit", env: { ...process.env, VITE_HOME: "../" }, shell: process.platform === "win32" })
  if (status !== 0) throw new Error("The lab could not be built")
}

console.log("Pages: reading the sources, and the documentation.")
await writePages(base)

if (values.dev) {
  const server = await createServer(site, { base })
  await server.listen()
  server.printUrls()
} else {
  await build(site, { base })
  const { dead, links, pages } = checkLinks(join(site, "dist"), base)
  for (const each of dead) console.error(each)
  if (dead.length > 0) throw new Error(`${dead.length} dead links`)
  console.log(`Links: all ${links} in ${pages} pages lead somewhere. The site is in site/dist.`)
}
