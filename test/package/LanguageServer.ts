/**
 * TypeScript's language server, asked what an editor asks it.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as Workspace from "./Workspace.js"

/** A place that "go to definition" leads to: the file, and what is selected in it. */
export interface Definition {
  readonly file: string
  readonly selected: string
}

interface Position {
  readonly line: number
  readonly character: number
}

interface Link {
  readonly targetUri: string
  readonly targetSelectionRange: { readonly start: Position; readonly end: Position }
}

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: { readonly items?: ReadonlyArray<unknown> }
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

const excerpt = (file: string, start: Position, end: Position): string => {
  const lines = Fs.readFileSync(file, "utf8").split("\n").slice(start.line, end.line + 1)
  const last = lines.length - 1
  return lines
    .map((line, index) => line.slice(index === 0 ? start.character : 0, index === last ? end.character : undefined))
    .join("\n")
}

interface Hover {
  readonly contents: { readonly value: string }
}

interface SignatureHelp {
  readonly signatures: ReadonlyArray<{ readonly label: string; readonly documentation?: { readonly value: string } }>
}

/** A signature that a call may have, and what is said of it. */
export interface Signature {
  readonly label: string
  readonly documentation: string
}

interface Completions {
  readonly items: ReadonlyArray<{ readonly label: string }>
}

/** Opens a file of a project; the answer asks for what an editor knows of the place at an offset in it. */
export const open = async (folder: string, name: string) => {
  const child = ChildProcess.spawn(Workspace.tool("tsc"), ["--lsp", "--stdio"], {
    cwd: folder,
    stdio: ["pipe", "pipe", "ignore"]
  })
  const waiting = new Map<number | string, (message: Message) => void>()
  const send = (message: object) => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message })
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }

  const receive = (message: Message) => {
    if (message.method === undefined) {
      waiting.get(message.id ?? "")?.(message)
    } else if (message.id !== undefined) {
      // The server asks for settings, of which there are none.
      send({ id: message.id, result: message.params?.items?.map(() => null) ?? null })
    }
  }
  let received: Buffer = Buffer.alloc(0)
  child.stdout.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes])
    for (;;) {
      const head = /^[\s\S]*?Content-Length: (\d+)[\s\S]*?\r\n\r\n/i.exec(received.toString("latin1"))
      if (head === null || received.length < head[0].length + Number(head[1])) return
      const end = head[0].length + Number(head[1])
      receive(JSON.parse(received.subarray(head[0].length, end).toString("utf8")))
      received = received.subarray(end)
    }
  })

  let requests = 0
  const request = (method: string, params: object) =>
    new Promise<unknown>((resolve, reject) => {
      requests += 1
      child.once("error", reject)
      waiting.set(requests, ({ error, result }) => {
        child.off("error", reject)
        if (error === undefined) resolve(result)
        else reject(new Error(error.message))
      })
      send({ id: requests, method, params })
    })

  await request("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: {
      textDocument: { definition: { linkSupport: true }, hover: { contentFormat: ["markdown"] }, completion: {}, signatureHelp: { signatureInformation: { documentationFormat: ["markdown"] } } }
    }
  })
  send({ method: "initialized", params: {} })
  const file = Path.join(folder, name)
  const text = Fs.readFileSync(file, "utf8")
  const uri = pathToFileURL(file).href
  send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "typescript", version: 1, text } } })

  const startsIn = (text: string) => [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]
  let starts = startsIn(text)
  let version = 1
  const ask = (method: string, offset: number) => {
    const line = starts.findLastIndex((start) => start <= offset)
    const position: Position = { line, character: offset - starts[line]! }
    return request(method, { textDocument: { uri }, position })
  }

  return {
    /** Has the file another text from now on. What else it knows of the project it keeps. */
    rewrite: (text: string): void => {
      version += 1
      starts = startsIn(text)
      send({ method: "textDocument/didChange", params: { textDocument: { uri, version }, contentChanges: [{ text }] } })
    },
    definitions: async (offset: number): Promise<ReadonlyArray<Definition>> => {
      const links = await ask("textDocument/definition", offset)
      return ((links ?? []) as ReadonlyArray<Link>).map(({ targetSelectionRange: { end, start }, targetUri }) => {
        const target = fileURLToPath(targetUri)
        return { file: target, selected: excerpt(target, start, end) }
      })
    },
    /** What is said of it: its type as a block of code, and below that its documentation. Empty where nothing is. */
    hover: async (offset: number): Promise<string> =>
      ((await ask("textDocument/hover", offset)) as Hover | null)?.contents.value ?? "",
    /** The names that may be written there. */
    completions: async (offset: number): Promise<ReadonlyArray<string>> =>
      ((await ask("textDocument/completion", offset)) as Completions | null)?.items.map(({ label }) => label) ?? [],
    /** The signatures of the function whose parentheses are open there. */
    signatures: async (offset: number): Promise<ReadonlyArray<Signature>> =>
      ((await ask("textDocument/signatureHelp", offset)) as SignatureHelp | null)?.signatures
        .map(({ documentation, label }) => ({ label, documentation: documentation?.value ?? "" })) ?? [],
    close: () => child.kill()
  }
}
