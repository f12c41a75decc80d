import { assert, describe, it } from "@effect/vitest"
import * as Library from "effect-payment-cancel"
import { Fault } from "effect-payment-cancel/sandbox"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { patience, root } from "./program.js"
import { menu } from "../../lab/src/scenario/menu.js"
import { toQuery } from "../../lab/src/scenario/Scenario.js"
import * as Errors from "../../src/authoring/Errors.js"
import { names } from "../support/providers.js"

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "lab/README.md",
  ...readdirSync(`${root}.changeset`).filter((name) => name.endsWith(".md")).map((name) => `.changeset/${name}`),
  ...readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`)
]

const read = (path: string) => readFileSync(root + path, "utf8")

/** The text outside of code blocks. */
const prose = (page: string) => read(page).replace(/^```[\s\S]*?^```$/gm, "")

/** What is marked as code in the text, and the lines of what is to be typed. */
const commands = (page: string): ReadonlyArray<string> => [
  ...[...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code),
  ...[...read(page).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block.split("\n").map((line) => line.replace(/ +#.*/, "")))
]

/** Anchors as GitHub makes them from headings. */
const anchors = (page: string): ReadonlySet<string> =>
  new Set(
    [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"))
  )

const links = (page: string): ReadonlyArray<string> =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target)

/** A view of the lab, or a scenario of its menu: links to those that are tested. */
const isInTheLab = (place: string): boolean => {
  const [view = "", query = ""] = place.split("?")
  if (view === "/cancel") return menu.some(({ scenario }) => toQuery(scenario) === query)
  return view === "/many" || (view === "/seed" && /^seed=\d+$/.test(query))
}

const isBroken = (page: string, target: string): boolean => {
  if (/^[a-z]+:/.test(target)) return false
  const [path = "", anchor] = target.split("#")
  const file = path === "" ? page : normalize(join(dirname(page), path))
  if (!existsSync(root + file)) return true
  if (file === "lab/") return !isInTheLab(anchor ?? "")
  return anchor !== undefined && (statSync(root + file).isDirectory() || !anchors(file).has(anchor))
}

/** The programs that code on a page is taken from, by the region or as a whole. */
const quoted = (page: string): ReadonlyArray<string> =>
  [...read(page).matchAll(/<!-- code: (\S+?)(?:#\S+)? -->/g)].map(([, path = ""]) => path)

describe("the documentation", () => {
  it("leads to each program that code on a page is taken from, or to its folder", () => {
    const missing = pages.filter((page) => page.startsWith("docs/")).flatMap((page) => {
      const led = links(page).map((target) => normalize(join(dirname(page), target)))
      return [...new Set(quoted(page))].filter((path) => !led.includes(path) && !led.includes(dirname(path))).map((path) => `${page}: ${path}`)
    })
    assert.deepStrictEqual(missing, [])
  })

  // With the modules that these tests have loaded already: a process of its own would load most of the project anew.
  it("is what generating it again gives", async () => {
    const { stale } = await import("../../docs/partsFromCode.js")
    assert.deepStrictEqual(stale.map(({ path }) => path), [], "Run `npm run docs:generate`.")
  }, patience)

  it("links to what exists", () => {
    const broken = pages.flatMap((page) =>
      links(page).filter((target) => isBroken(page, target)).map((target) => `${page}: ${target}`))
    assert.deepStrictEqual(broken, [])
  })

  it("shows no TypeScript that the tests do not run", () => {
    const foreign = pages.flatMap((page) => {
      const generated = read(page).replace(/<!-- code: .+? -->\n[\s\S]*?<!-- end -->/g, "")
      return /^ *```(ts|typescript|js|javascript)/m.test(generated) ? [page] : []
    })
    assert.deepStrictEqual(foreign, [])
  })

  it("names only npm scripts that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: { readonly [name: string]: string } }
    const missing = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run ([\w:-]+)/g)].flatMap(([, name = ""]) =>
        Object.hasOwn(scripts, name) ? [] : [`${page}: ${name}`]))
    assert.deepStrictEqual(missing, [])
  })

  it("names only files and folders that exist", () => {
    const missing = pages.flatMap((page) =>
      commands(page).flatMap((command) => command.split(/[\s:]/))
        .filter((word) => /^(src|test|docs)\//.test(word) && !/[*<]/.test(word) && !existsSync(root + word))
        .map((path) => `${page}: ${path}`))
    assert.deepStrictEqual(missing, [])
  })

  it("runs vitest only where it finds a test", () => {
    const files = readdirSync(`${root}test`, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => `test/${path}`)
    const finds = (place: string, title: string): boolean => {
      const found = files.filter((path) => path.includes(place))
      // Titles come from tables too, which stand in files beside the test, and from the providers' folders.
      return found.some((path) => /\.test(-d)?\.ts$/.test(path)) &&
        (names.includes(title) || found.some((path) => read(path).includes(title)))
    }
    const runs = pages.flatMap((page) =>
      commands(page).flatMap((command) => {
        const [, places = "", title = ""] = /^npx vitest (?:run )?([^-]+)(?: -t "?([^"]+)"?)?$/.exec(command) ?? []
        return places.trim().split(/\s+/).filter((place) => place !== "").map((place) => ({ page, place, title }))
      }))
    assert.isNotEmpty(runs)
    assert.deepStrictEqual(runs.filter(({ place, title }) => !finds(place, title)), [])
  })

  it("has a page for every provider, and every code on the page about errors", () => {
    const handling = read("docs/handling-errors.md")
    const providers = links("README.md").filter((target) => target.startsWith("docs/providers/"))
    for (const [provider, namespace] of Object.entries(Library)) {
      if (!("Unrecognized" in namespace)) continue
      assert.isTrue(providers.some((page) => page.replace(/\W/g, "").includes(provider.toLowerCase())), provider)
      for (const [name, { code }] of Object.entries<Errors.Row>(Errors.table(namespace))) {
        assert.include(handling, `| \`${provider}.${name}\` | ${code === null ? "(none)" : `\`${code}\``} |`)
      }
    }
  })

  it("explains every fault of the sandbox", () => {
    const page = read("docs/layers-and-testing.md")
    const faults = Object.keys(Fault).filter((name) => name !== "Fault" && name !== "applies")
    assert.deepStrictEqual(faults.filter((name) => !new RegExp(`\`${name}\\b`).test(page)), [])
  })
})
