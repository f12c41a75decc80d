/**
 * The clients of `docs/examples/proxy.ts` behind a proxy that tunnels, and behind one that closes.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { WePay } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"
import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
import { createServer } from "node:http"
import * as Net from "node:net"
import { ProxyAgent } from "undici"
import { transportThroughProxy, undiciThroughProxy } from "../../docs/examples/proxy.js"

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A proxy that takes CONNECT only, and what it is asked for. */
const proxy = (treat: (socket: Net.Socket, to: string) => void) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly asked: Array<string>; readonly stop: () => void }>((resume) => {
      const asked: Array<string> = []
      const sockets = new Set<Net.Socket>()
      const server = createServer((_, response) => response.writeHead(405).end())
      server.on("connect", (request, socket: Net.Socket) => {
        asked.push(request.url ?? "")
        sockets.add(socket.on("error", () => undefined))
        treat(socket, request.url ?? "")
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as Net.AddressInfo
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

const tunnel = (socket: Net.Socket, to: string) => {
  const { hostname, port } = new URL(`http://${to}`)
  const onwards = Net.connect(Number(port), hostname, () => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
    socket.pipe(onwards).pipe(socket)
  })
  onwards.on("error", () => socket.destroy())
  socket.on("close", () => onwards.destroy())
}

/** Only these variables name a proxy, whatever the machine has. */
const environment = (httpProxy: string, noProxy = "") =>
  Effect.sync(() => {
    for (const name of ["HTTPS_PROXY", "https_proxy", "NO_PROXY"]) vi.stubEnv(name, "")
    vi.stubEnv("http_proxy", httpProxy)
    vi.stubEnv("no_proxy", noProxy)
  })

/** Cancels a new payment in the sandbox's server, and does more while the client is still there. */
const cancelOver = <A, E>(client: Layer.Layer<HttpClient.HttpClient>, more: (result: string) => Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const { baseUrl } = yield* SandboxServer.SandboxServer
    const paymentId = yield* (yield* Sandbox.Sandbox).create("WePay")
    const wePay = WePay.layer({
      appId: Sandbox.credentials.WePay.appId,
      appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
      baseUrl: baseUrl("WePay"),
      policy: { attempts: 2, attemptTimeout: "500 millis", statusReads: 1, statusTimeout: "200 millis", deadline: "1500 millis", backoff: { initial: "20 millis" } }
    }).pipe(Layer.provide(client))
    return yield* WePay.cancel({ paymentId, reason: "out of stock" }).pipe(
      Effect.match({ onSuccess: ({ _tag }): string => _tag, onFailure: ({ _tag }) => _tag }),
      Effect.flatMap(more),
      Effect.provide(wePay)
    )
  }).pipe(Effect.provide(SandboxServer.layer()))

const clients: { readonly [name: string]: Layer.Layer<HttpClient.HttpClient> } = { transportThroughProxy, undiciThroughProxy }

describe("proxy.ts", () => {
  for (const [name, client] of Object.entries(clients)) {
    it.scopedLive(`${name} cancels through the proxy, and past it where it is told to`, () =>
      Effect.gen(function*() {
        const { asked, url } = yield* proxy(tunnel)
        yield* environment(url)
        assert.strictEqual(yield* cancelOver(client, Effect.succeed), "Cancelled")
        assert.lengthOf(asked, 1)
        assert.match(asked[0] ?? "", /^127\.0\.0\.1:\d+$/)
        yield* environment(url, "127.0.0.1")
        assert.strictEqual(yield* cancelOver(client, Effect.succeed), "Cancelled")
        assert.lengthOf(asked, 1)
      }))

    it.scopedLive(`${name} asks a proxy that closes once for each request`, () =>
      Effect.gen(function*() {
        const { asked, url } = yield* proxy((socket) => socket.end())
        yield* environment(url)
        const result = yield* cancelOver(client, (result) => Effect.as(Effect.sleep("300 millis"), result))
        // Only the library's own client knows that nothing left.
        assert.strictEqual(result, name === "transportThroughProxy" ? "CancelError.NotSent" : "CancelError.NoResponse")
        assert.isAtMost(asked.length, 6)
      }))
  }

  it.scopedLive("a ProxyAgent as it is asks it without a pause, also when the cancel is over, until the layer is", () =>
    Effect.gen(function*() {
      const { asked, url } = yield* proxy((socket) => socket.end())
      const agent = Effect.acquireRelease(Effect.sync(() => new ProxyAgent(url)), (agent) => Effect.promise(() => agent.destroy()))
      const count = Effect.sync(() => asked.length)
      const [cancelled, later] = yield* cancelOver(
        Layer.scoped(HttpClient.HttpClient, Effect.map(agent, UndiciTransport.make)),
        () => Effect.all([count, Effect.delay(count, "500 millis")])
      )
      assert.isAbove(cancelled, 20)
      assert.isAbove(later, cancelled + 20)
      const closed = yield* Effect.delay(count, "100 millis")
      assert.strictEqual(yield* Effect.delay(count, "300 millis"), closed)
    }))
})
