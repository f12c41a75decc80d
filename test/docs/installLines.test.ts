/**
 * Every line of the documentation that installs something works as it stands: today, and when the
 * next major version of anything appears.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as Semver from "semver"

const root = fileURLToPath(new URL("../..", import.meta.url))

const read = (path: string): string => Fs.readFileSync(Path.join(root, path), "utf8")

const manifest: {
  readonly name: string
  readonly version: string
  readonly peerDependencies: { readonly [name: string]: string }
  readonly devDependencies: { readonly [name: string]: string }
} = JSON.parse(read("package.json"))

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...Fs.readdirSync(Path.join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => Path.join("docs", path))
]

interface Asked {
  readonly page: string
  readonly name: string
  /** What stands after the name; null where nothing does, and npm takes the latest. */
  readonly range: string | null
}

const specifier = /^(@[\w.-]+\/[\w.-]+|[\w.-]+)(?:@(.+))?$/

/** The packages that a line asks npm for: all that `npm install` names, and what `npx` runs. */
const packagesIn = (line: string): ReadonlyArray<string> => {
  const [, , installed = ""] = /\b(npm (?:install|i|add)|pnpm add|yarn add|bun add)\b(.*)/.exec(line) ?? []
  const [, run = ""] = /\bnpx (?:-y )?(\S+)/.exec(line) ?? []
  return [...installed.split(/\s+/), run].filter((word) => word !== "" && !word.startsWith("-") && specifier.test(word))
}

const asked = pages.flatMap((page): ReadonlyArray<Asked> =>
  [...read(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) =>
    block.split("\n").flatMap((line) =>
      packagesIn(line.replace(/#.*/, "")).map((text) => {
        const [, name = "", range = null] = specifier.exec(text) ?? []
        return { page, name, range }
      })
    )
  )
)

/** The versions that fit what this repository was tested with. */
const fits = (name: string): string | undefined => {
  if (name === manifest.name) return `^${manifest.version}`
  const tested = manifest.devDependencies[name]
  return manifest.peerDependencies[name] ?? (tested === undefined ? undefined : `^${tested}`)
}

/** Programs of a checkout: `npx` finds them among its development dependencies. */
const isOfCheckout = ({ name, page, range }: Asked): boolean =>
  range === null && (name === "vitest" || name === "tsx" || name === "stryker") && page !== "README.md" &&
  name in { ...manifest.devDependencies, stryker: "" }

describe("what the documentation installs", () => {
  const named = asked.filter((each) => !isOfCheckout(each))

  it("is in the README and in getting started: the library, its peers, and what the first program imports", () => {
    for (const page of ["README.md", "docs/getting-started.md"]) {
      const names = named.filter((each) => each.page === page && each.range !== null).map(({ name }) => name)
      assert.includeMembers(names, [manifest.name, ...Object.keys(manifest.peerDependencies), "@effect/platform-node"])
    }
  })

  it.each(named.filter(({ name, range }) => !(name === manifest.name && range === null)))(
    "$page: $name@$range takes a version that fits",
    ({ name, range }) => {
      assert.isNotNull(range, `${name}: without a version npm takes the latest, whatever that is`)
      const allowed = fits(name)
      assert.isDefined(allowed, `${name} is neither a peer nor tested here`)
      // npm takes the highest version of the range: none of those may be beyond what fits.
      assert.isTrue(Semver.intersects(range ?? "*", allowed ?? ""), `${range} has nothing of ${allowed}`)
      const least = Semver.minVersion(allowed ?? "")
      assert.isTrue(Semver.subset(`${range} >=${least?.version}`, allowed ?? ""), `${range} goes beyond ${allowed}`)
    }
  )

  it("is written for the line of Effect that the peers are of", () => {
    const line = Semver.minVersion(manifest.peerDependencies["effect"] ?? "")?.major
    assert.include(read("README.md"), `Effect ${line}`)
    assert.include(read("docs/decisions/effect-3-not-4.md"), `Effect ${line}`)
  })
})
