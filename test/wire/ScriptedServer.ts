/**
 * A server that speaks exact bytes over real loopback sockets, and remembers the exact bytes
 * it was sent. It knows no HTTP library: what it plays may be as broken as a network is.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { Buffer } from "node:buffer"
import * as net from "node:net"
import * as tls from "node:tls"
import { providers } from "../support/providers.js"

/** One request, as its bytes arrived. */
export interface Received {
  readonly method: string
  readonly target: string
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: string
  readonly bytes: Buffer
  readonly connection: number
  readonly at: number
}

/** What the server does on a socket: answer a request, or treat a new connection badly. */
export type Play = (socket: net.Socket) => void

export interface ScriptedServer {
  readonly url: string
  readonly port: number
  /** Requests for cancels and for the status. */
  readonly received: ReadonlyArray<Received>
  /** Requests for access tokens, which are always granted. */
  readonly tokens: ReadonlyArray<Received>
  readonly connections: () => number
  readonly isOpen: (connection: number | undefined) => boolean
  /** Stops listening and drops every connection: from now on connecting is refused. */
  readonly stop: () => void
}

export interface Script {
  /** For the first, second … cancel request; the last is repeated. */
  readonly cancel?: ReadonlyArray<Play>
  /** For the first, second … status query; the last is repeated. */
  readonly status?: ReadonlyArray<Play>
  /** For the first, second … connection, before a byte of it is read; then the last is repeated. */
  readonly accept?: ReadonlyArray<Play>
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly port?: number
}

// ---------------------------------------------------------------- what it can play

type Headers = { readonly [name: string]: string }

/** The bytes of an answer with a correct length. */
export const bytesOf = (status: number, body: unknown, headers: Headers = {}): Buffer => {
  const payload = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body))
  return Buffer.concat([
    headOf(status, { "Content-Type": "application/json", "Content-Length": String(payload.length), ...headers }),
    payload
  ])
}

/** The bytes of a status line and headers, and nothing that was not asked for. */
export const headOf = (status: number, headers: Headers): Buffer =>
  Buffer.from(
    [`HTTP/1.1 ${status} Scripted`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n"),
    "latin1"
  )

/** The bytes of an answer in chunks of at most `size` bytes. */
export const chunked = (status: number, body: string, headers: Headers = {}, size = 7): Buffer => {
  const payload = Buffer.from(body)
  const chunks: Array<Buffer> = []
  for (let start = 0; start < payload.length; start += size) {
    const chunk = payload.subarray(start, start + size)
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"))
  }
  return Buffer.concat([
    headOf(status, { "Content-Type": "application/json", "Transfer-Encoding": "chunked", ...headers }),
    ...chunks,
    Buffer.from("0\r\n\r\n")
  ])
}

type Then = "keep" | "close" | "reset"

const finish = (socket: net.Socket, then: Then): void => {
  if (then === "close") socket.end()
  // Let the bytes leave before the reset overtakes them.
  if (then === "reset") setTimeout(() => socket.resetAndDestroy(), 20)
}

/** Writes bytes, and then keeps the connection, closes it, or resets it. */
export const bytes = (written: Buffer | string, then: Then = "keep"): Play => (socket) =>
  void socket.write(written, () => finish(socket, then))

/** A whole answer. */
export const answer = (status: number, body: unknown, headers: Headers = {}): Play => bytes(bytesOf(status, body, headers))

/** A whole answer that comes after a while. */
export const later = (millis: number, play: Play): Play => (socket) => {
  setTimeout(() => play(socket), millis)
}

/** Bytes in pieces, with a pause between them. */
export const slowly = (written: Buffer, pieces: number, pause: number): Play => (socket) => {
  const size = Math.ceil(written.length / pieces)
  for (let piece = 0; piece < pieces; piece++) {
    setTimeout(() => {
      if (!socket.destroyed) socket.write(written.subarray(piece * size, (piece + 1) * size))
    }, piece * pause)
  }
}

export const close: Play = (socket) => void socket.end()
export const destroy: Play = (socket) => void socket.destroy()
export const reset: Play = (socket) => void socket.resetAndDestroy()
export const stall: Play = () => {}

/** Waits for the first bytes of a connection, and resets it without having read a whole request. */
export const resetOnFirstByte: Play = (socket) => void socket.once("data", () => socket.resetAndDestroy())

// ---------------------------------------------------------------- the server

interface Framed {
  readonly received: Omit<Received, "connection" | "at">
  readonly rest: Buffer
}

const frame = (buffered: Buffer): Framed | null => {
  const end = buffered.indexOf("\r\n\r\n")
  if (end === -1) return null
  const [requestLine = "", ...lines] = buffered.toString("latin1", 0, end).split("\r\n")
  const [method = "", target = ""] = requestLine.split(" ")
  const headers = lines.map((line) => {
    const colon = line.indexOf(":")
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
  })
  const value = (name: string) => headers.find(([header]) => header.toLowerCase() === name)?.[1]
  const start = end + 4
  const whole = value("transfer-encoding") === "chunked"
    ? buffered.indexOf("0\r\n\r\n", start) + 5
    : start + Number(value("content-length") ?? 0)
  if (whole < start || buffered.length < whole) return null
  return {
    received: { method, target, headers, body: buffered.toString("utf8", start, whole), bytes: buffered.subarray(0, whole) },
    rest: buffered.subarray(whole)
  }
}

const pick = (plays: ReadonlyArray<Play> | undefined, index: number): Play | undefined =>
  plays?.[Math.min(index, plays.length - 1)]

const unscripted = answer(599, "the script has nothing for this request")

/** What is granted where an access token is asked for; null where it is something else. */
export const grantedAt = ({ method, target }: { readonly method: string; readonly target: string }): object | null =>
  method !== "POST"
    ? null
    : providers.flatMap(({ ways }) => ways).find(({ token }) => token !== null && target.endsWith(token.target))?.token?.granted ?? null

/** Listens on a port of the loopback interface until the scope closes. */
export const serve = (script: Script): Effect.Effect<ScriptedServer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<ScriptedServer & { readonly stop: () => void }>((resume) => {
      const received: Array<Received> = []
      const tokens: Array<Received> = []
      const sockets = new Map<net.Socket, number>()
      let connections = 0
      const onConnection = (socket: net.Socket): void => {
        const connection = connections++
        sockets.set(socket, connection)
        socket.on("close", () => sockets.delete(socket))
        socket.on("error", () => {})
        const accept = pick(script.accept, connection)
        if (accept !== undefined) return accept(socket)
        let buffered: Buffer = Buffer.alloc(0)
        socket.on("data", (data: Buffer) => {
          buffered = Buffer.concat([buffered, data])
          for (let framed = frame(buffered); framed !== null; framed = frame(buffered)) {
            buffered = framed.rest
            const request = { ...framed.received, connection, at: performance.now() }
            const token = grantedAt(request)
            if (token !== null) {
              tokens.push(request)
              answer(200, token)(socket)
              continue
            }
            const before = received.filter(({ method }) => method === request.method).length
            received.push(request)
            const play = pick(request.method === "GET" ? script.status : script.cancel, before) ?? unscripted
            play(socket)
          }
        })
      }
      const server = script.tls === undefined
        ? net.createServer({ noDelay: true }, onConnection)
        : tls.createServer(script.tls, onConnection).on("tlsClientError", () => {})
      const stop = (): void => {
        server.close()
        for (const socket of sockets.keys()) socket.destroy()
      }
      server.listen(script.port ?? 0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({
          url: `${script.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
          port,
          received,
          tokens,
          connections: () => connections,
          isOpen: (connection) => [...sockets.values()].some((open) => open === connection),
          stop
        }))
      })
    }),
    (server) => Effect.sync(server.stop)
  )

const isFree = (port: number): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    const server = net.createServer()
    server.once("error", () => resume(Effect.succeed(false)))
    server.listen(port, () => server.close(() => resume(Effect.succeed(true))))
  })

/**
 * A port on which nothing listens. It is none of those that systems hand out, for another test's server
 * would soon have it.
 */
export const closedPort: Effect.Effect<number> = Effect.repeat(Random.nextIntBetween(20_000, 30_000), {
  until: isFree
})
