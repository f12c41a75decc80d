import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, describe, it } from "vitest"
import * as Workspace from "./Workspace.js"

const read = (file: string) => JSON.parse(Fs.readFileSync(Path.join(Workspace.root, file), "utf8"))
const manifest = read("package.json")
const lock = read("package-lock.json")

describe("package.json", () => {
  it("pins every development dependency", () => {
    for (const [name, version] of Object.entries<string>(manifest.devDependencies)) {
      assert.match(version, /^(npm:[a-z]+@)?\d+\.\d+\.\d+(-beta\.\d+)?$/, name)
    }
  })

  it("develops against peers within their ranges", () => {
    for (const name of Object.keys(manifest.peerDependencies)) {
      assert.property(manifest.devDependencies, name)
    }
  })

  it("runs nothing when it is installed", () => {
    for (const name of ["preinstall", "install", "postinstall", "prepare", "prepublish"]) {
      assert.notProperty(manifest.scripts, name)
    }
    // Whose install scripts npm would run, and none is needed.
    assert.notInclude(Object.values(manifest.allowScripts), true)
  })

  it("names scripts whose files exist", () => {
    for (const [name, command] of Object.entries<string>(manifest.scripts)) {
      for (const file of command.match(/\b[\w./-]+\.(?:ts|json)\b/g) ?? []) {
        assert.isTrue(Fs.existsSync(Path.join(Workspace.root, file)), `${name}: ${file}`)
      }
    }
  })
})

describe("the changesets", () => {
  it("are about this package, and say something", () => {
    const folder = Path.join(Workspace.root, ".changeset")
    for (const file of Fs.readdirSync(folder).filter((file) => file.endsWith(".md") && file !== "README.md")) {
      const text = Fs.readFileSync(Path.join(folder, file), "utf8")
      assert.match(text, new RegExp(`^---\n"${manifest.name}": (patch|minor|major)\n---\n\n\\S`), file)
    }
  })
})

describe("package-lock.json", () => {
  it("belongs to package.json", () => {
    const { dependencies, devDependencies, name, peerDependencies, version } = lock.packages[""]
    assert.strictEqual(name, manifest.name)
    assert.strictEqual(version, manifest.version)
    assert.deepStrictEqual({ ...dependencies, ...devDependencies }, manifest.devDependencies)
    assert.deepStrictEqual(peerDependencies, manifest.peerDependencies)
  })

  // npm drops an optional package that its registry does not give, and then `npm ci` refuses
  // the lock, on every platform.
  it("holds the packages of every platform", () => {
    const paths = Object.keys(lock.packages)
    for (const [path, entry] of Object.entries<{ readonly optionalDependencies?: object }>(lock.packages)) {
      for (const name of Object.keys(entry.optionalDependencies ?? {})) {
        assert.isTrue(paths.some((other) => other.endsWith(`node_modules/${name}`)), `${name}, wanted by ${path}`)
      }
    }
  })

  it("takes every package from the public registry, by its digest", () => {
    for (const [path, entry] of Object.entries<{ readonly [key: string]: unknown }>(lock.packages)) {
      // What comes inside another package's archive has no address of its own.
      if (path === "" || entry["inBundle"] === true) continue
      assert.notProperty(entry, "link", path)
      assert.match(String(entry["resolved"] ?? "https://registry.npmjs.org/"), /^https:\/\/registry\.npmjs\.org\//, path)
      // The binaries of other platforms may be listed without one.
      if (!(entry["optional"] === true && "os" in entry)) {
        assert.match(String(entry["integrity"]), /^sha512-/, path)
      }
    }
  })
})
