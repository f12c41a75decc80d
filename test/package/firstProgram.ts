/**
 * What "Getting started" tells its reader to do, done as it is written, in a folder where the
 * package is installed: start the sandbox, save the program, run it with one of the payments.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Running from "./Running.js"
import * as Workspace from "./Workspace.js"

const page = Fs.readFileSync(Path.join(Workspace.root, "docs/getting-started.md"), "utf8")

const block = (language: string, beginning: string): string => {
  const found = Array.from(page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)).find(([, kind, text = ""]) =>
    kind === language && text.startsWith(beginning))
  if (found === undefined) throw new Error(`"Getting started" has no block that begins with ${beginning}`)
  return found[2]!
}

const name = /Save it as `([^`]+)`/.exec(page)?.[1] ?? ""

/** How the page's program is changed where something else than it names was installed. */
type Change = (program: string) => string

const replaced = (program: string, ...changes: ReadonlyArray<readonly [from: string, to: string]>): string =>
  changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The program of "Getting started" has no ${from}`)
    return text.replaceAll(from, to)
  }, program)

/** The same over the library's own client, with nothing of a platform's package. */
export const overOwnTransport: Change = (program) =>
  replaced(
    program,
    [`import * as NodeRuntime from "@effect/platform-node/NodeRuntime"\n`, ""],
    ["@effect/platform/FetchHttpClient", "effect-payment-cancel/UndiciTransport"],
    ["FetchHttpClient", "UndiciTransport"],
    ["NodeRuntime.runMain", "await Effect.runPromise"]
  )

/**
 * What the program prints: for a payment that can be cancelled, once more for it, and for one that was captured. Or
 * less often: `test/docs/examples.test.ts` runs the same program from the sources.
 */
export const run = async (folder: string, change: Change = (program) => program, times = 3): Promise<ReadonlyArray<string>> => {
  Workspace.write(folder, { [name]: change(block("ts", "import ")) })
  // As written, but for the port, which somebody else may have.
  const sandbox = Running.start(folder, "sh", ["-c", block("sh", "npx effect-payment-cancel ")], {
    PORT: "0",
    npm_config_offline: "true"
  })
  try {
    const [, url = ""] = await sandbox.prints(/^The sandbox listens on (\S+?)\. /m)
    const [, captured = ""] = await sandbox.prints(/^WePay$[\s\S]*?^ +completed +(\S+)$[\s\S]*sandbox\/notifications/m)
    const commands = block("sh", "export WEPAY_BASE_URL").replace("http://127.0.0.1:4242", url)
    if (!commands.includes(url)) throw new Error("The sandbox's address is another one than the page says")
    const prints = (commands: string) => Workspace.succeed(folder, "sh", "-c", commands).trim()
    return [commands, commands, commands.replace(/PAYMENT_ID=.*/, `PAYMENT_ID=${captured}`)].slice(0, times).map(prints)
  } finally {
    sandbox.signal("SIGINT")
    await sandbox.ended
  }
}

/** What it has to print, as the page says. */
export const expected = [
  "Cancelled, evidence Response",
  "AlreadyCancelled, evidence StatusQuery",
  "Not cancelled. WePay: the payment is in a state in which it cannot be cancelled (This payment cannot be canceled.)"
]
