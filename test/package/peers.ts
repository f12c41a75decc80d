/**
 * `npm run test:peers`: installs the packed package from the registry's packages, once with
 * the lowest and once with the highest version of every peer that its range admits, and
 * cancels payments there. Then it does what getting started says, word for word, in an empty
 * folder; only that the package comes from its tarball.
 */
import * as ChildProcess from "node:child_process"
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

  const check = (name: string, passed: boolean, output: string) => {
    tally[passed ? "passed" : "failed"] += 1
    console.log(`${passed ? "passed" : "FAILED"}  ${name}`)
    if (!passed) console.log(output)
  }
  const guide = Fs.readFileSync(Path.join(Workspace.root, "docs/getting-started.md"), "utf8")
  const project = Path.join(folder, "word for word")
  Fs.mkdirSync(project)
  for (const page of ["README.md", "docs/getting-started.md"]) {
    const text = Fs.readFileSync(Path.join(Workspace.root, page), "utf8")
    const [line = ""] = /^npm install .*$/m.exec(text) ?? []
    const own = new RegExp(`(?<= )${manifest.name}@\\S+`)
    const typed = line.replace(own, () => `"${tarball}"`)
    const installed = Workspace.run(project, "bash", "-c", typed)
    check(`${page}: ${line}`, own.test(line) && installed.code === 0, installed.output)
  }
  const [, program = ""] = /```ts\n([\s\S]*?)```/.exec(guide) ?? []
  Workspace.write(project, { "first-program.mjs": program })
  const sandbox = ChildProcess.spawn("npx", [manifest.name, "sandbox", "--port", "0"], { cwd: project, detached: true })
  const announced = await new Promise<string>((resolve) => {
    let said = ""
    sandbox.stdout.on("data", (text) => {
      said += String(text)
      if (/^WePay\n[\s\S]*^ +pending +\S+/m.test(said)) resolve(said)
    })
    sandbox.stderr.on("data", (text) => {
      said += String(text)
    })
    sandbox.once("close", () => resolve(said))
  })
  const wePay = announced.slice(announced.indexOf("WePay\n"))
  const saidOf = (what: string) => new RegExp(`^ +${what} +(\\S+)`, "m").exec(wePay)?.[1] ?? ""
  const environment = {
    WEPAY_BASE_URL: saidOf("base URL"),
    WEPAY_APP_ID: saidOf("appId"),
    WEPAY_APP_TOKEN: saidOf("appToken"),
    PAYMENT_ID: saidOf("pending")
  }
  const ran = ChildProcess.spawnSync("node", ["first-program.mjs"], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, ...environment }
  })
  check(
    "the first program against npx effect-payment-cancel sandbox",
    ran.stdout.includes("Cancelled, evidence Response"),
    `${announced}\n${ran.stdout}${ran.stderr}`
  )
  // npx starts the program in a process of its own: all of them end.
  if (sandbox.pid !== undefined) process.kill(-sandbox.pid, "SIGTERM")
} finally {
  Workspace.remove(folder)
}
console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed === 0 ? 0 : 1
