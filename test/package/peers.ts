/**
 * `npm run test:peers`: installs the packed package beside the registry's packages.
 *
 * - Once with the lowest and once with the highest version of every peer that its range
 *   admits, and cancels payments there.
 * - As every install line of the documentation says, typed as it stands in an empty folder, and
 *   does there what "Getting started" says, over the library's own client where the line installs that one, or what its
 *   own page says of the command: with whatever the registry holds today.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as InstallLines from "../docs/installLines.js"
import * as FirstProgram from "./firstProgram.js"
import { pack } from "./setup.js"
import * as Workspace from "./Workspace.js"

const manifest = JSON.parse(Fs.readFileSync(Path.join(Workspace.root, "package.json"), "utf8"))
const ranges = Object.entries<string>(manifest.peerDependencies)

const expected = {
  "smoke.mjs": JSON.stringify(
    Array.from({ length: 2 }, () => ["Cancelled", "AlreadyCancelled", "CancelError.NoResponse, Unknown"]).flat()
  ),
  "durable.mjs": JSON.stringify(["Cancelled", "Cancelled", 1]),
  "smoke.cjs": JSON.stringify(["Cancelled", "WePay.PaymentCannotBeCanceled", true])
}

const folder = Workspace.temporary("peers")
const tally = { passed: 0, failed: 0 }

const report = (passed: boolean, name: string, output: string): void => {
  tally[passed ? "passed" : "failed"] += 1
  console.log(`${passed ? "passed" : "FAILED"}  ${name}`)
  if (!passed) {
    console.log(output)
  }
}

/** The line of the command installs what that needs, and no client for a program. */
const isOfCommand = (line: string): boolean => line.includes(" csv-parse@")

/** The line of the library's own client installs no package of a platform. */
const isOfTransport = (line: string): boolean => line.includes(" undici@")

const cancelMany = (project: string): readonly [passed: boolean, output: string] => {
  Workspace.write(project, { "payments.csv": "provider,paymentId\nStripe,pi_1001\n" })
  const { code, output } = Workspace.run(project, "npx", manifest.name, "cancel-many", "payments.csv", "--out", "results.csv", "--sandbox")
  return [code === 0 && /^ *Stripe +1 +cancelled +Cancelled$/m.test(output), output]
}

/** What a line that installs the package leads to, with the packed one in its place. */
const installed = async (line: string, project: string, tarball: string): Promise<readonly [passed: boolean, output: string]> => {
  Fs.mkdirSync(project)
  const typed = line.replace(new RegExp(`(?<= )${manifest.name}(?:@\\S+)?(?= |$)`), tarball)
  const { code, output } = Workspace.run(project, "sh", "-c", typed)
  if (code !== 0 || !typed.includes(tarball)) return [false, output]
  if (isOfCommand(line)) return cancelMany(project)
  try {
    const printed = await FirstProgram.run(project, isOfTransport(line) ? FirstProgram.overOwnTransport : undefined)
    return [printed.join("\n") === FirstProgram.expected.join("\n"), printed.join("\n")]
  } catch (error) {
    return [false, String(error)]
  }
}

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
    const versions = ranges.map(([peer]) =>
      `${peer} ${JSON.parse(Fs.readFileSync(Path.join(project, "node_modules", peer, "package.json"), "utf8")).version}`
    )
    for (const [program, output] of Object.entries(expected)) {
      const finished = Workspace.run(project, "node", program)
      report(
        finished.code === 0 && finished.stdout.trim() === output,
        `${program} with ${versions.join(", ")}`,
        finished.output
      )
    }
  }
  const lines = new Set(InstallLines.everyInstall.map(({ line }) => line).filter((line) => line.includes(` ${manifest.name}`)))
  for (const [index, line] of [...lines].entries()) {
    const [passed, output] = await installed(line, Path.join(folder, `line-${index}`), tarball)
    report(passed, line, output)
  }
} finally {
  Workspace.remove(folder)
}
console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed === 0 ? 0 : 1
