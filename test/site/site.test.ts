import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, sep } from "node:path"
import { checkLinks } from "../../site/check.js"
import { home, install, program, promises, providers } from "../../site/home.js"
import { documents, examples, pageOfDocument, pageOfFile, relinked, slug } from "../../site/links.js"
import { modules, read, root } from "../../site/modules.js"
import { guides, nav, sidebar } from "../../site/navigation.js"
import { pages } from "../../site/pages.js"

const names = (folder: string): ReadonlyArray<string> =>
  readdirSync(`${root}${folder}`).filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -".ts".length))

const fences = (text: string): ReadonlyArray<string> => text.match(/^( *)```[\s\S]*?^\1```$/gm) ?? []

const prose = (text: string): string => text.replaceAll(/^( *)(`{3,})[\s\S]*?^\1\2$/gm, "")

const anchors = (text: string): ReadonlySet<string> =>
  new Set([...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slug(heading)))

const built = pages()

describe("the reference", () => {
  it("has every module that a program can import", () => {
    assert.sameMembers(modules.map(({ name }) => name).filter((name) => !/^(sandbox|workflow)\/[A-Z]\w+$/.test(name)), [
      ...names("src").filter((name) => name !== "index"),
      ...names("src/authoring").map((name) => `authoring/${name}`),
      ...readdirSync(`${root}src/providers`).map((name) => `providers/${name}`),
      "sandbox",
      "sandbox/server",
      "workflow"
    ])
    assert.includeMembers(modules.map(({ name }) => name), [
      "sandbox/Fault",
      "sandbox/Sandbox",
      "workflow/CancelWorkflow",
      "workflow/Postgres",
      "workflow/Sqlite"
    ])
  })

  it("has no module of the engine, which nobody can import", () => {
    assert.deepStrictEqual(modules.filter(({ source }) => /^src\/(engine|many|command)\//.test(source)), [])
  })

  it("says how each is imported", () => {
    const imported = (name: string) => modules.find((module) => module.name === name)?.imported
    assert.strictEqual(imported("providers/WePay"), "import { WePay } from \"effect-payment-cancel\"")
    assert.strictEqual(imported("sandbox/Fault"), "import { Fault } from \"effect-payment-cancel/sandbox\"")
    assert.strictEqual(imported("workflow/Sqlite"), "import * as Sqlite from \"effect-payment-cancel/workflow/Sqlite\"")
  })
})

describe("the TypeScript that only TypeDoc reads with", () => {
  it("leaves `tsc` to the project's own", () => {
    const tsc = realpathSync(`${root}node_modules/.bin/tsc`)
    assert.isTrue(tsc.startsWith(realpathSync(`${root}node_modules/typescript`) + sep), `${tsc}: run \`npm ci\``)
  })
})

describe("the sidebars", () => {
  const links = (beginning: string) => (sidebar[beginning] ?? []).flatMap(({ items }) => items.map(({ link }) => link))

  it("lead to every module, guide, provider and decision", () => {
    assert.includeMembers(links("/reference/"), modules.map(({ page }) => page))
    const all = ["/", "/providers/", "/decisions/"].flatMap(links)
    assert.includeMembers(all, documents.map((path) => `/${pageOfDocument(path).replace(/(index)?\.md$/, "")}`))
  })

  it("name every guide once", () => {
    const listed = guides.flatMap(([, each]) => each)
    const there = readdirSync(`${root}docs`).filter((name) => name.endsWith(".md")).map((name) => name.slice(0, -".md".length))
    assert.sameMembers([...listed], there)
  })

  it("lead only to pages", () => {
    const written = new Set([
      ...[...built.keys()].map((path) => `/${path.replace(/(index)?\.md$/, "")}`),
      ...modules.map(({ page }) => page),
      "/lab/"
    ])
    assert.deepStrictEqual([...Object.keys(sidebar).flatMap(links), ...nav.map(({ link }) => link)].filter((link) => !written.has(link)), [])
  })
})

describe("a link", () => {
  const at = (page: string, text: string) => relinked(page, text)

  it("to a page of the repository leads to that page of the site", () => {
    assert.strictEqual(at("README.md", "[a](docs/handling-errors.md#by-tag)"), "[a](/guides/handling-errors.md#by-tag)")
    assert.strictEqual(at("docs/providers/stripe.md", "[a](../many-tenants.md)"), "[a](/guides/many-tenants.md)")
    assert.strictEqual(at("docs/confirmation.md", "[a](providers/adyen.md)"), "[a](/providers/adyen.md)")
    assert.strictEqual(at("CONTRIBUTING.md", "[a](docs/decisions/README.md)"), "[a](/decisions/index.md)")
  })

  it("to a public module leads to its reference, and to another file to its text", () => {
    assert.strictEqual(at("docs/performance.md", "[a](../src/UndiciTransport.ts)"), "[a](/reference/UndiciTransport.md)")
    assert.strictEqual(at("docs/performance.md", "[`a`](../src/engine/run.ts)"), "[`a`](/source/src/engine/run.ts.md)")
    assert.strictEqual(at("README.md", "[`a`](docs/examples/edge.ts)"), "[`a`](/examples/edge.ts.md)")
    assert.strictEqual(at("README.md", "[a](docs/examples)"), "[a](/examples/index.md)")
  })

  it("to a folder is no link any more, and its text stays", () => {
    assert.strictEqual(at("docs/how-it-is-proved.md", "in [`test/wire`](../test/wire), which"), "in `test/wire`, which")
  })

  it("to elsewhere, or within the page, stays; and so does what only looks like one", () => {
    for (const text of ["[a](https://effect.website)", "[a](#b)", "![a](performance.svg)", "```ts\nf[a](b)\n```"]) {
      assert.strictEqual(at("docs/performance.md", text), text)
    }
  })

  it("leads to a page that there is, and to a heading in it", () => {
    const reference = new Set(modules.map(({ page }) => `${page}.md`))
    const dead = [...built].flatMap(([page, text]) =>
      [...prose(text).matchAll(/(!\[[^\]]*)?\]\(([^)\s]+)\)/g)].flatMap(([, image, link = ""]) => {
        if (image !== undefined || /^[a-z]+:/.test(link)) return []
        const [path = "", anchor] = link.split("#")
        if (reference.has(path) && anchor === undefined) return []
        const target = path === "" ? text : built.get(path.slice(1))
        return target === undefined || (anchor !== undefined && !anchors(target).has(anchor)) ? [`${page}: ${link}`] : []
      }))
    assert.deepStrictEqual(dead, [])
  })
})

describe("code", () => {
  it("is that of the repository's pages, which the tests run", () => {
    for (const path of documents) {
      assert.deepStrictEqual(fences(built.get(pageOfDocument(path)) ?? ""), fences(read(path)), path)
    }
  })

  it("of the first page is that of the README", () => {
    const shown = fences(home())
    const readme = fences(read("README.md"))
    assert.includeMembers([...readme], [program(), install()])
    assert.includeMembers([...shown], [program(), install()])
    assert.include(read("docs/examples/first-program.ts"), program().split("\n").slice(1, -1).join("\n"))
    // The demo's output stands further to the left.
    const indented = shown.map((block) => block.replaceAll(/^(?!```)/gm, "  "))
    assert.deepStrictEqual(shown.filter((block, index) => !readme.includes(block) && !readme.includes(indented[index] ?? "")), [])
  })

  it("of an example is its file", () => {
    const edge = built.get(pageOfFile("docs/examples/edge.ts")) ?? ""
    assert.include(edge, read("docs/examples/edge.ts").split("\n").filter((line) => !/#(end)?region/.test(line)).join("\n").trim())
    assert.isTrue(examples.every((path) => built.has(pageOfFile(path))))
  })
})

describe("the first page", () => {
  it("says what the README promises, in its order", () => {
    const titles = [...read("README.md").matchAll(/^\d+\. \*\*(.+?)\*\*/gm)].map(([, title = ""]) => title.replace(/\.$/, ""))
    assert.isAbove(titles.length, 10)
    assert.deepStrictEqual(promises().map(([title]) => title), titles)
    assert.deepStrictEqual(promises().filter(([, text]) => text === "" || text.includes("](")).length, 1)
  })

  it("names every provider", () => {
    assert.sameMembers(
      providers().map(([, page]) => `docs/${page}.md`),
      documents.filter((path) => path.startsWith("docs/providers/"))
    )
  })
})

describe("the check of links", () => {
  it("finds what leads nowhere: a page, an anchor, and what is outside of the base", () => {
    const folder = mkdtempSync(join(tmpdir(), "effect-payment-cancel-site-"))
    mkdirSync(join(folder, "lab"))
    writeFileSync(join(folder, "lab/index.html"), "<p>an application</p>")
    writeFileSync(join(folder, "index.html"), [
      "<h1 id=\"here\">A</h1>",
      "<a href=\"/base/other.html#there\">good</a> <a href=\"#here\">good</a> <a href=\"/base/lab/#any\">its own</a>",
      "<a href=\"https://effect.website/#x\">elsewhere</a>",
      "<a href=\"/base/other.html#gone\">no anchor</a> <a href=\"missing.html\">no page</a> <a href=\"/other.html\">outside</a>"
    ].join("\n"))
    writeFileSync(join(folder, "other.html"), "<h2 id=\"there\">B</h2><img src=\"gone.svg\">")
    const { dead, links, pages } = checkLinks(folder, "/base/")
    rmSync(folder, { recursive: true })
    assert.strictEqual(pages, 3)
    assert.strictEqual(links, 7)
    assert.sameMembers([...dead], [
      "index.html: /base/other.html#gone leads to no anchor",
      "index.html: missing.html leads to no file",
      "index.html: /other.html is outside of /base/",
      "other.html: gone.svg leads to no file"
    ])
  })
})
