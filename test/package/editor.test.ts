import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { isLong } from "../support/extent.js"
import * as Workspace from "./Workspace.js"

interface Diagnostic {
  readonly code: number
  readonly message: string
}

/** TypeScript's language server, as an editor starts it: it is told of files, never of settings. */
const server = () => {
  const child = ChildProcess.spawn(Workspace.tool("tsc"), ["--lsp", "--stdio"], { stdio: ["pipe", "pipe", "ignore"] })
  const waiting = new Map<number, (result: any) => void>()
  let last = 0
  let received = Buffer.alloc(0)

  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message })
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }

  child.stdout.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    for (;;) {
      const end = received.indexOf("\r\n\r\n")
      const length = Number(/Content-Length: (\d+)/i.exec(received.subarray(0, Math.max(end, 0)).toString())?.[1])
      if (end === -1 || received.length < end + 4 + length) return
      const message = JSON.parse(received.subarray(end + 4, end + 4 + length).toString())
      received = received.subarray(end + 4 + length)
      // It asks for things too, for an editor's settings among them: there are none.
      if (message.method !== undefined && message.id !== undefined) send({ id: message.id, result: null })
      else if (message.id !== undefined) waiting.get(message.id)?.(message.result)
    }
  })

  const request = (method: string, params: object): Promise<any> =>
    new Promise((resolve) => {
      last += 1
      waiting.set(last, resolve)
      send({ id: last, method, params })
    })

  return { request, tell: (method: string, params: object) => send({ method, params }), end: () => child.kill() }
}

// It loads all of the project for its first answer.
describe.runIf(isLong)("an editor that is told nothing", () => {
  let started: ReturnType<typeof server>

  beforeAll(async () => {
    started = server()
    await started.request("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(Workspace.root).href,
      capabilities: { textDocument: { diagnostic: {} } }
    })
    started.tell("initialized", {})
  })

  afterAll(() => started.end())

  /** What it underlines in a file with this text. */
  const underlined = async (file: string, text: string): Promise<ReadonlyArray<Diagnostic>> => {
    const { request, tell } = started
    const { href: uri } = pathToFileURL(Path.join(Workspace.root, file))
    tell("textDocument/didOpen", { textDocument: { uri, languageId: "typescript", version: 1, text } })
    const { items } = await request("textDocument/diagnostic", { textDocument: { uri } })
    tell("textDocument/didClose", { textDocument: { uri } })
    return items
  }

  // A file that imports much takes as long as what it imports.
  it.each([
    "test/wire/proof.test.ts",
    "test/package/manifest.test.ts",
    "test/types/errors.test-d.ts",
    "docs/generate.ts",
    "docs/examples/demo.ts",
    "docs/examples/acme/wire.ts"
  ])("reads %s with the settings of the tests", async (file) => {
    assert.deepStrictEqual(
      await underlined(
        file,
        `import { WePay } from "effect-payment-cancel"
         import { Sandbox } from "effect-payment-cancel/sandbox"
         import * as Server from "effect-payment-cancel/sandbox/server"
         import * as Cancel from "effect-payment-cancel/Cancel"
         import * as Square from "effect-payment-cancel/providers/Square"
         import { readFileSync } from "node:fs"
         export const used = [WePay, Sandbox, Server, Cancel, Square, readFileSync]`
      ),
      []
    )
    // Strict, as `npm run check` is: neither of these is an error without its setting.
    const codes = (await underlined(
      file,
      `export const first: string = [""][0]
       export const none: { readonly a?: string } = { a: undefined }`
    )).map(({ code }) => code)
    assert.sameMembers(codes, [2322, 2375])
  })

  it("finds nothing wrong with vitest.config.ts", async () => {
    const file = "vitest.config.ts"
    assert.deepStrictEqual(await underlined(file, Fs.readFileSync(Path.join(Workspace.root, file), "utf8")), [])
  })
})
