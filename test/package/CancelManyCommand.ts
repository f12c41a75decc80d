/**
 * The command as a user runs it: in a folder of each test's own, against a sandbox of each file's own.
 */
import { parse } from "csv-parse/sync"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, inject } from "vitest"
import * as Running from "./Running.js"
import * as Workspace from "./Workspace.js"

const consumer = inject("consumer")
const program = Path.join(consumer, "node_modules", ".bin", "effect-payment-cancel")

/** It is started often, and much of a start is the collection of garbage in threads that no core is free for. */
const onOneThread = ["--single-threaded-gc", program]

/** What a row of the results holds, as text in CSV. */
interface Row {
  readonly [column: string]: unknown
}

const started = new Set<Running.Running>()

/** Where the command runs. */
export let folder = ""

beforeEach(() => {
  folder = Fs.mkdtempSync(Path.join(consumer, "many-"))
})

afterEach(async () => {
  for (const running of started) {
    running.signal("SIGKILL")
    await running.ended
  }
  started.clear()
})

interface Environment {
  readonly [name: string]: string
}

export const start = (args: ReadonlyArray<string>, env: Environment = {}) => {
  const running = Running.start(folder, process.execPath, [...onOneThread, ...args], env)
  started.add(running)
  return running
}

export const cancelMany = (args: ReadonlyArray<string>, env?: Environment) => start(["cancel-many", ...args], env)

/** The command to its end. */
export const run = async (args: ReadonlyArray<string>, env?: Environment) => {
  const running = cancelMany(args, env)
  const { code } = await running.ended
  return { code, output: running.output(), errors: running.errors() }
}

export const write = (name: string, ...lines: ReadonlyArray<string>) =>
  Workspace.write(folder, { [name]: lines.map((line) => `${line}\n`).join("") })

export const text = (name: string) => Fs.readFileSync(Path.join(folder, name), "utf8")

export const exists = (name: string) => Fs.existsSync(Path.join(folder, name))

export const csv = (name: string): ReadonlyArray<Row> => parse(text(name), { columns: true })

export const pick = (rows: ReadonlyArray<Row>, ...columns: ReadonlyArray<string>) => rows.map((row) => columns.map((column) => row[column]))

interface Request {
  readonly provider: string
  readonly method: string
  readonly path: string
  readonly headers: { readonly [name: string]: string | undefined }
}

/** A sandbox in a process of its own, which outlives whoever cancels there. */
let sandbox: Running.Running

beforeAll(() => {
  sandbox = Running.start(consumer, process.execPath, [...onOneThread, "sandbox", "--port", "0"])
})

afterAll(async () => {
  sandbox.signal("SIGKILL")
  await sandbox.ended
})

/** The sandbox, which knows nothing of whoever was there before. */
export const server = async () => {
  const [, url = ""] = await sandbox.prints(/^The sandbox listens on (\S+?)\. /m)
  await sandbox.prints(/sandbox\/notifications/)
  const shown = (provider: string, name: string) =>
    new RegExp(`^${provider}\\n(?: +.*\\n)*? +${name} +(\\S+)`, "m").exec(sandbox.output())?.[1] ?? ""
  const control = (method: string, path: string, body?: string) => fetch(`${url}/sandbox/${path}`, { method, ...(body === undefined ? {} : { body }) })
  await control("DELETE", "requests")
  return {
    post: (path: string, body: unknown) => control("POST", path, JSON.stringify(body)),
    requests: async () => await (await control("GET", "requests")).json() as ReadonlyArray<Request>,
    env: {
      ADYEN_API_KEY: shown("Adyen", "apiKey"),
      ADYEN_MERCHANT_ACCOUNT: shown("Adyen", "merchantAccount"),
      ADYEN_BASE_URL: shown("Adyen", "base URL"),
      SQUARE_ACCESS_TOKEN: shown("Square", "accessToken"),
      SQUARE_BASE_URL: shown("Square", "base URL"),
      STRIPE_API_KEY: shown("Stripe", "apiKey"),
      STRIPE_BASE_URL: shown("Stripe", "base URL")
    }
  }
}
