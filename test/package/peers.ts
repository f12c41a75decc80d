/**
 * `npm run test:peers`: installs the packed package from the registry's packages, once with
 * the lowest and once with the highest version of every peer that its range admits, and
 * cancels payments there.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pack } from "./setup.js"
import * as Workspace from "./Workspace.js"

const manifest = JSON.parse(Fs.readFileSync(Path.join(Workspace.root, "package.json"), "utf8"))
const ranges = Object.entries<string>(manifest.peerDependencies)

const expected = {
  "smoke.mjs": JSON.stringify(
    Array.from({ length: 2 }, () => ["Cancelled", "AlreadyCancelled", "CancelError.NoResponse, Unknown"]).flat()
  ),
  "smoke.cjs": JSON.stringify(["Cancelled", "WePay.PaymentCannotBeCanceled", true])
}

const folder = Workspace.temporary("peers")
const tally = { passed: 0, failed: 0 }
try {
  const { tarball } = pack(folder)
  for (const [name, version] of [
    ["lowest", (range: string) => range.replace("^", "")],
    ["highest", (range: string) => range]
  ] as const) {
    const project = Path.join(folder, name)
    Workspace.write(project, { "package.json": JSON.stringify({ private: true, type: "module" }) })
    Fs.cpSync(Path.join(Workspace.root, "test/package/consumer"), project, { recursive: true })
    const peers = ranges.map(([peer, range]) => `${peer}@${version(range)}`)
    Workspace.succeed(project, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", tarball, ...peers)
    const installed = ranges.map(([peer]) =>
      `${peer} ${JSON.parse(Fs.readFileSync(Path.join(project, "node_modules", peer, "package.json"), "utf8")).version}`
    )
    for (const [program, output] of Object.entries(expected)) {
      const finished = Workspace.run(project, "node", program)
      const passed = finished.code === 0 && finished.stdout.trim() === output
      tally[passed ? "passed" : "failed"] += 1
      console.log(`${passed ? "passed" : "FAILED"}  ${program} with ${installed.join(", ")}`)
      if (!passed) {
        console.log(finished.output)
      }
    }
  }
} finally {
  Workspace.remove(folder)
}
console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed === 0 ? 0 : 1
