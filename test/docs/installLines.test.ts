import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as InstallLines from "./installLines.js"
import { root } from "./program.js"

const manifest: InstallLines.Manifest = {
  name: "effect-payment-cancel",
  version: "0.4.1",
  peerDependencies: { "effect": "^3.22.2", "@effect/platform": "^0.97.2", "undici": "^7.10.0" },
  peerDependenciesMeta: { undici: { optional: true } },
  devDependencies: { "effect": "3.22.4", "@effect/platform-node": "0.108.2", "esbuild": "0.28.2", "tsx": "4.23.15" }
}

describe("the documentation's install lines", () => {
  it("name the versions that package.json does", () => {
    assert.includeMembers(InstallLines.everyInstall.map(({ page }) => page), ["README.md", "docs/getting-started.md"])
    for (const { line, page } of InstallLines.everyInstall) {
      assert.deepStrictEqual(InstallLines.problemsOfInstall(InstallLines.manifest, line), [], `${page}: ${line}`)
    }
  })

  it("and those that run a package, too", () => {
    assert.include(InstallLines.everyRun.map(({ line }) => line), "npx effect-payment-cancel sandbox")
    for (const command of InstallLines.everyRun) {
      assert.deepStrictEqual(InstallLines.problemsOfRun(InstallLines.manifest, command), [], `${command.page}: ${command.line}`)
    }
  })

  it("say in the README which Effect it is for, and what comes of Effect 4", () => {
    const readme = Fs.readFileSync(`${root}README.md`, "utf8")
    const [, major, minor] = /(\d+)\.(\d+)/.exec(InstallLines.manifest.peerDependencies["effect"]!)!
    assert.match(readme, new RegExp(`the library is for Effect ${major}, from ${major}\\.${minor} on, and Effect 4 will`))
  })
})

describe("what is looked for", () => {
  it("is found in blocks and in running text", () => {
    const text = "```sh\nnpm install a@1 \\\n  b@2 # both\n```\nUse `pnpm add c` or `yarn add d`.\n`npm install`, then `npm ci`.\n`npx e f`"
    assert.deepStrictEqual(InstallLines.installsIn(text), ["npm install a@1  b@2", "pnpm add c", "yarn add d"])
    assert.deepStrictEqual(InstallLines.runsIn(text), ["npx e f"])
  })

  const right = "npm install effect-payment-cancel@0.4 effect@3 @effect/platform@0.97"

  it.each([
    right,
    `${right} @effect/platform-node@0.108`,
    right.replace("npm install", "pnpm add"),
    right.replace("effect@3 ", "'effect@^3.22.2' "),
    right.replace("effect@3 ", "effect@3.22 "),
    "npm i -D esbuild@0.28",
    "npm i -D <name>@<version>",
    `npm install --save-exact ${right.slice("npm install ".length)}`
  ])("is satisfied by %s", (line) => assert.deepStrictEqual(InstallLines.problemsOfInstall(manifest, line), []))

  it.each([
    [right.replace("effect@3 ", "effect "), "effect: without a range of versions it is whatever is newest"],
    [right.replace("effect@3 ", "effect@latest "), "effect@latest: without a range of versions it is whatever is newest"],
    [right.replace("effect@3 ", "effect@4 "), "effect@4: it has to stay within ^3.22.2"],
    [right.replace("effect@3 ", "effect@>=3 "), "effect@>=3: it has to stay within ^3.22.2"],
    [right.replace("effect@3 ", "effect@3.21 "), "effect@3.21: it has to stay within ^3.22.2"],
    [right.replace("effect@3 ", "effect@x "), "effect@x: it has to stay within ^3.22.2"],
    [right.replace("effect@3 ", ""), "effect is missing"],
    [right.replace("@0.4", ""), "effect-payment-cancel: without a range of versions it is whatever is newest"],
    [right.replace("@0.4", "@0.3"), "effect-payment-cancel@0.3: it has to stay within ^0.4.1"],
    [right.replace("@0.4", "@0"), "effect-payment-cancel@0: it has to stay within ^0.4.1"],
    [right.replace("@0.97", ""), "@effect/platform: without a range of versions it is whatever is newest"],
    [right.replace("@0.97", "@0"), "@effect/platform@0: it has to stay within ^0.97.2"],
    [`${right} @effect/platform-node`, "@effect/platform-node: without a range of versions it is whatever is newest"],
    [`${right} left-pad@1`, "left-pad@1: package.json says nothing of its version, so no test tries it"],
    ["npm i -D <name>", "<name>: package.json says nothing of its version, so no test tries it"],
    ["npm i -D esbuild", "esbuild: without a range of versions it is whatever is newest"]
  ])("is not satisfied by %s", (line, problem) => {
    assert.deepStrictEqual(InstallLines.problemsOfInstall(manifest, line), [problem])
  })

  const guide = (line: string) => InstallLines.problemsOfRun(manifest, { page: "docs/guide.md", line })

  it.each(["npx effect-payment-cancel sandbox", "npx tsx test/all.ts", "npx esbuild@0.28 worker.ts", "npx -y esbuild@0.28 worker.ts"])(
    "is satisfied by %s",
    (line) => assert.deepStrictEqual(guide(line), [])
  )

  it.each([
    ["npx esbuild worker.ts", "esbuild: without a range of versions it is whatever is newest"],
    ["npx tsx first-program.ts", "tsx: without a range of versions it is whatever is newest"],
    ["npm exec esbuild@1 worker.ts", "esbuild@1: it has to stay within ^0.28.2"],
    ["npx left-pad test/all.ts", "left-pad: package.json says nothing of its version, so no test tries it"]
  ])("is not satisfied by %s", (line, problem) => {
    assert.deepStrictEqual(guide(line), [problem])
  })

  it("allows what a checkout has on the page for its developers", () => {
    const line = "npx tsx anything"
    assert.deepStrictEqual(InstallLines.problemsOfRun(manifest, { page: "CONTRIBUTING.md", line }), [])
    assert.isNotEmpty(InstallLines.problemsOfRun(manifest, { page: "CONTRIBUTING.md", line: "npx left-pad" }))
  })
})
