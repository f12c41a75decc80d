/**
 * `npm run test:site`: builds the whole site, checks its links, and looks at it in a browser: wide and
 * narrow, light and dark. What was seen is kept in reports/site, for a person to look at too.
 *
 * The browser is `chromium`, found on the PATH or named by CHROMIUM. Where there is none, that part
 * counts as failed, unless `--without-browser` says that this is known.
 */
import { spawnSync } from "node:child_process"
import { accessSync, constants, createReadStream, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { delimiter, extname, join } from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"
import { hasLab, modules, root } from "../../site/modules.js"

/** Not the default one, so that an address that forgets the base is a dead link. */
const base = "/some/where/"
const dist = join(root, "site/dist")
const reports = join(root, "reports/site")

const tally = { passed: 0, failed: 0, skipped: 0 }

const say = (passed: boolean, what: string, why = ""): void => {
  tally[passed ? "passed" : "failed"] += 1
  console.log(`${passed ? "passed" : "FAILED"}  ${what}${passed || why === "" ? "" : `: ${why}`}`)
}

const attempt = async (what: string, check: () => Promise<ReadonlyArray<string>>): Promise<void> => {
  try {
    const wrong = await check()
    say(wrong.length === 0, what, wrong.join("; "))
  } catch (error) {
    say(false, what, String(error))
  }
}

const runnable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

const browserPath = (): string | undefined =>
  [process.env["CHROMIUM"] ?? "", ...(process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "chromium"))]
    .find((path) => path !== "" && runnable(path))

const types: { readonly [extension: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm"
}

/** A static host, and no more than that. */
const serve = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname)
      const file = path.startsWith(base) ? join(dist, path.slice(base.length), path.endsWith("/") ? "index.html" : "") : ""
      if (!existsSync(file) || !statSync(file).isFile()) {
        response.writeHead(404).end()
        return
      }
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" })
      createReadStream(file).pipe(response)
    })
    server.listen(0, "127.0.0.1", () => resolve(server))
  })

const widths = { desktop: 1280, phone: 390 } as const

/** A page of each kind. */
const looked = [
  "",
  "overview.html",
  "guides/getting-started.html",
  "guides/handling-errors.html",
  "guides/durable-cancels.html",
  "guides/performance.html",
  "providers/",
  "providers/stripe.html",
  "examples/",
  "examples/edge.ts.html",
  "decisions/",
  "reference/",
  "reference/Cancel.html",
  "reference/providers/WePay.html",
  ...(hasLab ? ["lab/"] : [])
]

/** What is wrong with a page as it is shown. */
const flaws = async (page: Page, address: string): Promise<ReadonlyArray<string>> => {
  const wrong = new Array<string>()
  page.on("pageerror", (error) => wrong.push(error.message))
  page.on("requestfailed", (request) => wrong.push(`${request.url()} could not be loaded`))
  page.on("response", (response) => {
    if (response.status() >= 400) wrong.push(`${response.url()} is ${response.status()}`)
  })
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol !== "data:" && protocol !== "blob:" && origin !== new URL(address).origin) {
      wrong.push(`${request.url()} is elsewhere`)
    }
  })
  await page.goto(address, { waitUntil: "networkidle" })
  const headings = await page.locator("h1").count()
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth")
  if (overflow > 0) wrong.push(`it is ${overflow} pixels wider than the screen`)
  if (headings === 0) wrong.push("it has no heading")
  return wrong
}

const look = async (browser: Browser, origin: string): Promise<void> => {
  for (const [device, width] of Object.entries(widths)) {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        colorScheme,
        isMobile: device === "phone",
        viewport: { width, height: device === "phone" ? 844 : 900 }
      })
      for (const path of looked) {
        const name = path === "" ? "home" : path.replaceAll(/\W+/g, "-").replace(/-(html)?$/, "")
        await attempt(`/${path} on a ${device}, ${colorScheme}`, async () => {
          const page = await context.newPage()
          const wrong = await flaws(page, `${origin}${base}${path}`)
          await page.screenshot({ path: join(reports, `${name}-${device}-${colorScheme}.png`), fullPage: path === "" })
          await page.close()
          return wrong
        })
      }
      await context.close()
    }
  }
}

/** The name of an export is typed, and what is found first is where it is documented. */
const search = async (browser: Browser, origin: string): Promise<ReadonlyArray<string>> => {
  const page = await browser.newPage()
  await page.goto(`${origin}${base}`, { waitUntil: "networkidle" })
  await page.getByRole("button", { name: "Search" }).first().click()
  await page.locator("#localsearch-input").fill("catchUnknownOutcome")
  const first = page.locator("#localsearch-list .result").first()
  await first.waitFor()
  await page.screenshot({ path: join(reports, "search.png") })
  await page.keyboard.press("Enter")
  await page.waitForURL(/#catchunknownoutcome$/)
  await page.locator("h3#catchunknownoutcome").waitFor()
  await page.close()
  return []
}

const built = spawnSync("npm", ["run", "site"], { cwd: root, stdio: "inherit", env: { ...process.env, SITE_BASE: base } })
say(built.status === 0, "the site is built, and all its links lead somewhere")

await attempt("every public module has a page", async () =>
  modules.filter(({ page, short }) => {
    const file = `${dist}${page}.html`
    return !existsSync(file) || !readFileSync(file, "utf8").includes(`>${short} <a class="header-anchor"`)
  }).map(({ name }) => name))

const executablePath = browserPath()
if (executablePath === undefined) {
  const known = process.argv.includes("--without-browser")
  tally[known ? "skipped" : "failed"] += 1
  console.log(
    `${known ? "skipped" : "FAILED"}  how it looks: there is no chromium on the PATH, and CHROMIUM names none` +
      (known ? "" : " (npm run test:site -- --without-browser leaves this out)")
  )
} else if (built.status === 0) {
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  const server = await serve()
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
  // Chromium does not start its own sandbox for root, as in a container. It sees only pages that were just built.
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] })
  await look(browser, origin)
  await attempt("the search finds an export", () => search(browser, origin))
  await browser.close()
  server.close()
  console.log("What was seen is in reports/site.")
}

console.log(`${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ""}`)
process.exitCode = tally.failed === 0 ? 0 : 1
