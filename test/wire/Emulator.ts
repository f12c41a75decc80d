/**
 * Any provider over `node:http`, as its documents describe it: payments have a state, keys
 * are remembered, and every cancel request can be made to go wrong in a chosen way. It knows the
 * truth: what became of a payment, and by whom.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as http from "node:http"
import { grantedAt } from "./ScriptedServer.js"
import type { Side } from "./Side.js"

/** What goes wrong with one cancel request. */
export type Fault =
  | "None"
  | "DroppedBefore" // the connection breaks, and nothing was done
  | "DroppedAfter" // it was done, and the connection breaks
  | "CutAfter" // it was done, and the answer breaks off
  | "FailedBefore" // a 503, and nothing was done
  | "FailedAfter" // it was done, and yet a 503
  | "Late" // the connection breaks, and it is done a little later
  | "Slow" // it is done, and answered, a little later
  | "Throttled"
  | "Unauthorized"
  | "EmptyAfter" // it was done, and the answer is an empty 200

export interface Payment {
  status: string
  cancelledBy: "us" | "others" | null
}

export interface Emulator {
  readonly url: string
  readonly payment: Payment
  readonly bodies: ReadonlyArray<string>
  readonly keys: ReadonlyArray<string | undefined>
  /** How often a request of ours changed the state: once at most. */
  readonly applied: () => number
}

export interface Options {
  readonly side: Side
  readonly paymentId: string
  readonly status: string
  readonly faults?: ReadonlyArray<Fault>
  /** How many status queries fail first. */
  readonly deafFor?: number
}

interface Reply {
  readonly status: number
  readonly body: unknown
}

const delay = 25

const refuse = (side: Side, { code, status }: { readonly code: string | null; readonly status: number }): Reply => ({
  status,
  body: side.refusal(code)
})

/** Whether the credentials of a request are the ones the side was given, in the one allowed way. */
const admits = (side: Side, { headers, method }: http.IncomingMessage): boolean =>
  Object.entries(side.headers).every(([name, value]) =>
    headers[name] === value || name === "content-type" || (method === "GET" && side.way.onlyOfCancel.includes(name))) &&
  side.foreignHeaders.every((name) => headers[name] === undefined)

export const emulate = (
  { deafFor = 0, faults = [], paymentId, side, status }: Options
): Effect.Effect<Emulator, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Emulator & { readonly stop: () => void }>((resume) => {
      const payment: Payment = { status, cancelledBy: status === side.statuses.cancelled ? "others" : null }
      const bodies: Array<string> = []
      const keys: Array<string | undefined> = []
      const answers = new Map<string, Reply | "running">()
      let applied = 0
      let reads = 0

      const apply = (): Reply => {
        // Where a request is only accepted, it is so whatever becomes of it.
        if (payment.status !== side.statuses.cancellable) {
          return side.states ? refuse(side, side.codes.state) : { status: 200, body: side.proof(paymentId) }
        }
        applied++
        payment.status = side.statuses.cancelled
        payment.cancelledBy = "us"
        return { status: 200, body: side.proof(paymentId) }
      }

      /** Final answers are replayed under their key; while the first request runs there is none yet. */
      const keyed = (key: string | undefined): Reply => {
        if (key === undefined || side.keyHeader === null) return apply()
        const known = answers.get(key)
        if (known === "running") return side.running ?? refuse(side, side.codes.state)
        const reply = known ?? apply()
        answers.set(key, reply)
        return reply
      }

      const send = (response: http.ServerResponse, reply: Reply): void =>
        void response.writeHead(reply.status, { "Content-Type": "application/json" }).end(
          typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body)
        )
      const busy: Reply = { status: 503, body: "upstream is busy" }

      const cancel = (request: http.IncomingMessage, response: http.ServerResponse, body: string): void => {
        const fault = faults[bodies.length] ?? "None"
        const header = side.keyHeader === null ? undefined : request.headers[side.keyHeader]
        const key = typeof header === "string" ? header : undefined
        bodies.push(body)
        keys.push(key)
        if (!admits(side, request) || fault === "Unauthorized") return send(response, refuse(side, side.codes.unauthenticated))
        const later = (then: (reply: Reply) => void): void => {
          const known = key === undefined ? undefined : answers.get(key)
          if (known !== undefined) return then(keyed(key))
          if (key !== undefined) answers.set(key, "running")
          setTimeout(() => {
            if (key !== undefined) answers.delete(key)
            then(keyed(key))
          }, delay)
        }
        switch (fault) {
          case "None":
            return send(response, keyed(key))
          case "DroppedBefore":
            return void request.socket.destroy()
          case "DroppedAfter":
            keyed(key)
            return void request.socket.destroy()
          case "CutAfter": {
            keyed(key)
            response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "500" }).write("{\"id\":")
            return void setTimeout(() => request.socket.destroy(), 5)
          }
          case "FailedBefore":
            return send(response, busy)
          case "FailedAfter":
            keyed(key)
            return send(response, busy)
          case "EmptyAfter":
            keyed(key)
            return send(response, { status: 200, body: "" })
          case "Late":
            later(() => {})
            return void request.socket.destroy()
          case "Slow":
            return later((reply) => send(response, reply))
          case "Throttled":
            return send(response, refuse(side, side.codes.throttled))
        }
      }

      const server = http.createServer((request, response) => {
        const chunks: Array<Uint8Array> = []
        request.on("error", () => {})
        request.on("data", (chunk: Uint8Array) => chunks.push(chunk))
        request.on("end", () => {
          const path = (request.url ?? "").replace(/\?.*$/, "")
          const token = grantedAt({ method: request.method ?? "", target: path })
          if (token !== null) return send(response, { status: 200, body: token })
          if (request.method === "POST" && path === side.cancelTarget(paymentId)) {
            return cancel(request, response, Buffer.concat(chunks).toString())
          }
          if (request.method === "GET" && side.readable && path === side.statusTarget(paymentId)) {
            if (!admits(side, request)) return send(response, refuse(side, side.codes.unauthenticated))
            if (reads++ < deafFor) return send(response, busy)
            return send(response, { status: 200, body: side.statusBody(paymentId, payment.status) })
          }
          send(response, { status: 404, body: side.refusal("no_such_route") })
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        const stop = (): void => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, payment, bodies, keys, applied: () => applied, stop }))
      })
    }),
    ({ stop }) => Effect.sync(stop)
  )
