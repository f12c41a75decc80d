/**
 * `npm run test:lab`: the lab as people use it, in a real browser.
 *
 *   npm run test:lab                builds the page, and tests it in Chromium, about a minute
 *   npm run test:lab -- --update    makes the README's picture anew as well
 *
 * Chromium is the system's, found on the PATH; on Debian it is `apt-get install chromium`.
 */
import axe from "axe-core"
import * as Fs from "node:fs"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as Zlib from "node:zlib"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { build } from "vite"
import { menu } from "../../lab/src/scenario/menu.js"
import { play } from "../../lab/src/scenario/play.js"
import { toQuery } from "../../lab/src/scenario/Scenario.js"
import { headline } from "../../lab/src/scenario/transcript.js"
import { picture } from "../../lab/src/simulator/picture.js"
import { judge } from "../simulation/campaign.js"
import { named } from "../simulation/facts.js"
import * as Simulated from "../simulation/scenario.js"
import { unbroken } from "../simulation/simulate.js"

const { values: { update } } = parseArgs({ options: { update: { type: "boolean", default: false } } })

const root = fileURLToPath(new URL("../..", import.meta.url))
const dist = `${root}lab/dist`

let passed = 0
let failed = 0

const check = (what: string, isGood: boolean, otherwise = ""): void => {
  if (isGood) passed += 1
  else {
    failed += 1
    console.log(`FAILED  ${what}${otherwise === "" ? "" : `: ${otherwise}`}`)
  }
}

const same = (what: string, found: unknown, expected: unknown): void =>
  check(what, JSON.stringify(found) === JSON.stringify(expected), `${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`)

const findBrowser = (): string | undefined =>
  (process.env["PATH"] ?? "").split(Path.delimiter)
    .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => Path.join(folder, name)))
    .find((path) => Fs.existsSync(path))

const types: { readonly [extension: string]: string } = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" }

/** The page as any static host serves it, in a folder that is not the root. */
const serve = async () => {
  const server = Http.createServer(({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://localhost")
    const file = Path.join(dist, pathname.replace(/^\/somewhere/, "").replace(/\/$/, "/index.html"))
    if (!pathname.startsWith("/somewhere/") || !Fs.existsSync(file)) return response.writeHead(404).end()
    return response.writeHead(200, { "content-type": types[Path.extname(file)] ?? "application/octet-stream" }).end(Fs.readFileSync(file))
  }).listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  // A server on TCP has an address of this form.
  return { server, base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/somewhere/` }
}

/** A page that nothing leaves, and on whose console nothing is complained of. */
const open = async (browser: Browser, base: string, options: BrowserContextOptions = {}) => {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })
  const page = await context.newPage()
  page.on("pageerror", (error) => check("no error in the page", false, error.message))
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) check("nothing on the console", false, message.text())
  })
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) check("no request leaves the page", false, request.url())
  })
  return { page, close: () => context.close() }
}

const textOf = (page: Page, testId: string) => page.getByTestId(testId).innerText()

const accessible = async (page: Page, what: string) => {
  await page.evaluate(axe.source)
  const found: ReadonlyArray<{ readonly id: string; readonly nodes: ReadonlyArray<{ readonly html: string }> }> = await page.evaluate(
    // Runs in the page, where the source above has put it.
    "axe.run().then((result) => result.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) })))"
  )
  check(`${what} is accessible`, found.length === 0, found.map(({ id, nodes }) => `${id} at ${nodes[0]?.html}`).join("; "))
}

const fits = async (page: Page, what: string) =>
  check(`${what} fits`, await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

const executablePath = findBrowser()
if (executablePath === undefined) {
  console.log("There is no chromium, chromium-browser or google-chrome on the PATH: nothing of the lab was tested in a browser.")
  console.log("0 passed, 1 failed")
  process.exit(1)
}

await build({ configFile: `${root}lab/vite.config.ts`, logLevel: "warn" })
const files = Fs.readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => Fs.statSync(`${dist}/${name}`).isFile())
const sizeOf = (names: ReadonlyArray<string>) => names.reduce((sum, name) => sum + Zlib.gzipSync(Fs.readFileSync(`${dist}/${name}`)).length, 0)
const html = Fs.readFileSync(`${dist}/index.html`, "utf8")
const first = files.filter((name) => name === "index.html" || html.includes(Path.basename(name)))
console.log(`The page is ${Math.round(sizeOf(first) / 1000)} kB gzipped; with the other views ${Math.round(sizeOf(files) / 1000)} kB.`)
check("the page is under 250 kB", sizeOf(first) < 250_000, String(sizeOf(first)))
check("with the other views it is under 400 kB", sizeOf(files) < 400_000, String(sizeOf(files)))

const { base, server } = await serve()
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })

// How soon it can be used: that the first scenario has been played, and its button is there.
const times: Array<number> = []
for (let round = 0; round < 3; round += 1) {
  const { close, page } = await open(browser, base)
  await page.goto(base)
  await page.getByRole("button", { name: "Pause" }).waitFor()
  times.push(Number(await page.evaluate("performance.now()")))
  await close()
}
const soon = times.toSorted((one, other) => one - other)[1] ?? Infinity
console.log(`It can be used after ${Math.round(soon)} ms (median of three).`)
check("it can be used within a second", soon < 1000, `${Math.round(soon)} ms`)

// Every scenario of the menu: its documented result, the history that Node plays, and its picture.
{
  const { close, page } = await open(browser, base)
  for (const { lesson, scenario, title, told } of menu) {
    const { history, told: played } = await play(scenario)
    same(`${title}: documented`, headline(played), told)
    await page.goto(`${base}#/cancel?${toQuery(scenario)}`)
    await page.getByText(title).first().waitFor({ state: "attached" })
    await page.locator(".lesson", { hasText: lesson }).waitFor()
    await page.getByRole("button", { name: "To the end" }).click()
    same(`${title}: told`, await textOf(page, "told"), told)
    same(
      `${title}: history`,
      (await page.getByTestId("steps").locator("li button span:last-child").allInnerTexts()).map((text) => text.trim()),
      history.steps.map(({ says }) => says)
    )
    same(`${title}: arrows`, await page.locator(".diagram .message").count(), history.messages.length)
    same(`${title}: broken ones`, await page.locator(".diagram .is-broken").count(), history.messages.filter(({ fate }) => fate._tag === "Breaks").length)
    same(`${title}: truth`, await textOf(page, "truth"), history.truths.at(-1)?.status)
  }
  await close()
}

// By the keyboard alone.
{
  const { close, page } = await open(browser, base, { reducedMotion: "reduce" })
  await page.goto(base)
  await page.getByRole("button", { name: "Go on" }).waitFor()
  same("with reduced motion it begins where there is something to be said", await textOf(page, "claim"), "unknown")
  check("and says it", (await page.locator(".costs").innerText()).includes("“failed”"))
  for (let step = 0; step < 20; step += 1) await page.keyboard.press("ArrowLeft")
  same("back at its beginning", await textOf(page, "claim"), "unknown")
  await page.keyboard.press("ArrowRight")
  await page.keyboard.press("ArrowRight")
  same("two steps on the payment is cancelled, and the caller does not know", [await textOf(page, "claim"), await textOf(page, "truth")], ["unknown", "canceled"])
  await page.keyboard.press(" ")
  await page.getByRole("button", { name: "Play again" }).waitFor()
  same("it plays to its end", await textOf(page, "claim"), "cancelled")
  const select = page.getByLabel("Scenario")
  await select.focus()
  await select.selectOption({ label: "A request that arrives late" })
  await page.waitForURL(/cancel=late/)
  await page.goBack()
  await page.waitForURL((url) => !url.hash.includes("cancel=late"))
  await close()
}

// Seeds of the simulator: what it finds in a browser is what it finds in Node.
{
  const { close, page } = await open(browser, base, { reducedMotion: "reduce" })
  for (const [seed, as] of [[541, null], [1642, null], [4711, "Adyen, cancel or refund"], [2111, "PayPal"]] as const) {
    const what = `seed ${seed}`
    const { callers: [caller], lines, violations } = picture(await judge(Simulated.make(seed, as === null ? undefined : named(as)), unbroken, true))
    await page.goto(`${base}#/seed?seed=${seed}${as === null ? "" : `&as=${encodeURIComponent(as)}`}`)
    await page.getByText(`--seed ${seed} `).waitFor()
    same(`${what}: the verdict`, [await textOf(page, "verdict"), violations], ["Nothing is wrong", []])
    same(
      `${what}: its lines`,
      (await page.getByTestId("steps").locator("li button span:last-child").allTextContents()).map((text) => text.trim()),
      lines.map(({ what }) => what.trim())
    )
    same(`${what}: arrows`, await page.locator(".diagram .message").count(), caller?.history.messages.length)
    same(`${what}: truth`, await textOf(page, "truth"), caller?.history.truths.at(-1)?.status)
  }
  await page.getByRole("textbox", { name: "Seed" }).fill("npm run simulate -- --seed 12 --as \"Stripe\"")
  await page.keyboard.press("Enter")
  await page.getByText("--seed 12 --as \"Stripe\"").waitFor()
  await page.getByRole("button", { name: "Next" }).click()
  await page.getByText("--seed 13 --as \"Stripe\"").waitFor()
  await page.getByRole("textbox", { name: "Seed" }).fill("nothing")
  await page.keyboard.press("Enter")
  check("what is no seed is said to be none", (await page.getByRole("alert").innerText()).includes("a whole number"))
  await close()
}

// What is no scenario.
{
  const { close, page } = await open(browser, base)
  await page.goto(`${base}#/cancel?provider=Nobody`)
  check("a wrong link says so", (await page.getByRole("alert").innerText()).includes("no scenario"))
  await close()
}

// Every view, dark and light, wide and narrow.
for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1100, 390]) {
    const { close, page } = await open(browser, base, { viewport: { width, height: 900 }, colorScheme, reducedMotion: "reduce" })
    for (const [view, ready] of [["cancel", ".diagram"], ["many", "main section"], ["seed?seed=7", ".diagram"]] as const) {
      const what = `${view}, ${colorScheme}, ${width} px`
      await page.goto(`${base}#/${view}`)
      await page.locator(ready).first().waitFor()
      await accessible(page, what)
      await fits(page, what)
    }
    await close()
  }
}

// The README's picture.
{
  const { close, page } = await open(browser, base, { viewport: { width: 1000, height: 900 }, deviceScaleFactor: 2, reducedMotion: "reduce" })
  await page.goto(base)
  await page.getByRole("button", { name: "To the end" }).click()
  const path = `${root}docs/lab.png`
  if (update) await page.locator(".stage").screenshot({ path })
  // Whether it shows what the page shows is seen by its shape: fonts differ from machine to machine.
  const stored = Fs.readFileSync(path)
  const box = await page.locator(".stage").boundingBox()
  const [width, height] = [stored.readUInt32BE(16) / 2, stored.readUInt32BE(20) / 2]
  check(
    "the README's picture is of this page: npm run test:lab -- --update",
    box !== null && Math.abs(box.width - width) < 8 && Math.abs(box.height - height) < 60,
    `${width} × ${height} instead of ${box?.width} × ${box?.height}`
  )
  await close()
}

await browser.close()
server.close()
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
