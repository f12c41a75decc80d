/** A server that records every request: what is sent to it by two libraries can be compared. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Http from "node:http"
import * as Https from "node:https"
import type { AddressInfo } from "node:net"

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

export interface Recorded {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export type Prepared = Answer | "Lost" | "Silence"

/**
 * Records every request, and gives the prepared answers, the last one again and again; `"Lost"`
 * cuts the connection, `"Silence"` leaves it open.
 */
export class Server extends Context.Tag("Server")<Server, {
  readonly origin: string
  readonly prepare: (...answers: ReadonlyArray<Prepared>) => void
  readonly recorded: () => ReadonlyArray<Recorded>
}>() {}

const recording = (scheme: "http" | "https", create: (listener: Http.RequestListener) => Http.Server) => Layer.scoped(
  Server,
  Effect.gen(function*() {
    let answers: ReadonlyArray<Prepared> = []
    let recorded: ReadonlyArray<Recorded> = []
    const server = create((request, response) => {
      const parts: Array<Buffer> = []
      request.on("data", (part: Buffer) => parts.push(part))
      request.on("end", () => {
        const answer = answers[Math.min(recorded.length, answers.length - 1)] ?? "Lost"
        recorded = [...recorded, {
          method: request.method ?? "",
          path: request.url ?? "",
          headers: request.headers as Recorded["headers"],
          body: Buffer.concat(parts).toString()
        }]
        if (answer === "Lost") {
          request.socket.destroy()
        } else if (answer !== "Silence") {
          response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers })
          response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body))
        }
      })
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const { port } = server.address() as AddressInfo
    return {
      origin: `${scheme}://127.0.0.1:${port}`,
      prepare: (...prepared: ReadonlyArray<Prepared>) => {
        answers = prepared
        recorded = []
      },
      recorded: () => recorded
    }
  })
)

/** Over plain HTTP. */
export const live = recording("http", (listener) => Http.createServer(listener))

/** Over HTTPS, for a library that speaks nothing else. */
export const secured = (certificate: { readonly cert: string; readonly key: string }) =>
  recording("https", (listener) => Https.createServer(certificate, listener))
