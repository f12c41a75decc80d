/** A proxy of HTTP that takes CONNECT only. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingHttpHeaders } from "node:http"
import * as Net from "node:net"

/** What it was asked for. */
interface Asked {
  readonly to: string
  readonly headers: IncomingHttpHeaders
}

export interface Proxy {
  readonly url: string
  readonly asked: ReadonlyArray<Asked>
}

/** What it does when it is asked for a tunnel. */
export type Treat = (socket: Net.Socket, to: string) => void

/** A proxy that is there as long as the scope is. */
export const serveProxy = (treat: Treat): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Proxy & { readonly stop: () => void }>((resume) => {
      const asked: Array<Asked> = []
      const sockets = new Set<Net.Socket>()
      const server = createServer((_, response) => response.writeHead(405).end())
      server.on("connect", ({ headers, url: to = "" }, socket: Net.Socket) => {
        asked.push({ to, headers })
        sockets.add(socket.on("error", () => undefined))
        treat(socket, to)
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        const stop = () => {
          for (const socket of sockets) socket.destroy()
          server.closeAllConnections()
          server.close()
        }
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, asked, stop }))
      })
    }),
    ({ stop }) => Effect.sync(stop)
  )

/** Passes everything on. */
export const tunnel: Treat = (socket, to) => {
  const { hostname, port } = new URL(`http://${to}`)
  const onwards = Net.connect(Number(port), hostname, () => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
    socket.pipe(onwards).pipe(socket)
  })
  onwards.on("error", () => socket.destroy())
  socket.on("close", () => onwards.destroy())
}

/** Gives no tunnel. */
export const refuse = (status: number): Treat => (socket) =>
  void socket.end(`HTTP/1.1 ${status} Scripted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
