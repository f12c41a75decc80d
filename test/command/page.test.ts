/** The command lines of the page of `cancel-many` that are no `cancel-many`, as a shell runs them. */
import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Util from "node:util"
import { patience, root } from "../docs/program.js"

const page = Fs.readFileSync(`${root}docs/cancel-many.md`, "utf8")

/** The block that has this, as it is shown. */
const shown = (part: string): string => {
  const block = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block).find((block) => block.includes(part))
  assert.isDefined(block, `no block with ${part}`)
  return block ?? ""
}

const makeFolder = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "page-"))),
  (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
)

const inShell = (cwd: string, script: string) =>
  Effect.promise(() => Util.promisify(execFile)("sh", ["-ec", script], { cwd, env: { PATH: process.env["PATH"], NODE_PATH: `${root}node_modules` } }))

describe("the page of cancel-many", () => {
  it.scoped("makes a file of what is in doubt, of any file, without its keys", () =>
    Effect.gen(function*() {
      const folder = yield* makeFolder
      const at = (name: string) => Path.join(folder, name)
      Fs.writeFileSync(
        at("payments.csv"),
        ["\uFEFFprovider, paymentId,reason,idempotencyKey", "Stripe,pi_1,,k1", "", "WePay, w1,\"two", "lines, \"\"quoted\"\"\",k2", "Stripe,pi_2,,", ""].join("\r\n")
      )
      Fs.writeFileSync(
        at("results.csv"),
        ["line,provider,paymentId,outcome,settled", "2,Stripe,pi_1,Cancelled,true", "4,WePay,w1,Unknown,false", "6,Stripe,pi_2,NotCancelled,false", ""].join("\n")
      )
      yield* inShell(folder, shown("in-doubt.csv"))
      assert.deepStrictEqual(parse(Fs.readFileSync(at("in-doubt.csv")), { columns: true }), [
        { provider: "WePay", paymentId: "w1", reason: "two\r\nlines, \"quoted\"" }
      ])
    }), patience)

  it.scoped("makes each payment of its file at the sandbox's server", () =>
    Effect.gen(function*() {
      const made: Array<unknown> = []
      const server = Http.createServer((request, response) => {
        let body = ""
        request.setEncoding("utf8").on("data", (text: string) => {
          body += text
        }).on("end", () => {
          made.push([request.method, request.url, JSON.parse(body)])
          response.end("{}\n")
        })
      })
      yield* Effect.acquireRelease(
        Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening")),
        () => Effect.promise(() => once(server.close(), "close"))
      )
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const [loop = ""] = shown("/sandbox/payments").split("npx")
      yield* inShell(`${root}docs/examples`, loop.replaceAll("4242", String(port)))
      const payments: ReadonlyArray<{ readonly provider: string; readonly paymentId: string }> = parse(
        Fs.readFileSync(`${root}docs/examples/payments.csv`),
        { columns: true }
      )
      assert.deepStrictEqual(made, payments.map(({ paymentId, provider }) => ["POST", "/sandbox/payments", { provider, id: paymentId }]))
    }), patience)
})
