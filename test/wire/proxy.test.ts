/** The transport of the library's own through a proxy: what is proved where there is no tunnel, and where there was one. */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
import { once } from "node:events"
import { createSecureServer } from "node:http2"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { type Proxy, refuse, serveProxy, type Treat, tunnel } from "../support/Proxy.js"
import { bytes, bytesOf, closedPort, destroy, type Play, serve, stall } from "./ScriptedServer.js"
import { selfSigned } from "./SelfSigned.js"
import { complete } from "./Side.js"
import { assertShows, attempt, type Client, paymentId, quick } from "./Trial.js"

const certificate = selfSigned({ host: "127.0.0.1", notAfter: new Date("2049-01-01") })

const notSent = { failure: "CancelError.NotSent", outcome: "NotCancelled", category: "Network" }
const cancelled = { success: "Cancelled", evidence: "Response", attempts: 1 }

const proof = bytes(bytesOf(200, complete.payment(paymentId, complete.statuses.cancelled)))

const through = (options: UndiciTransport.ProxyOptions): Client => [
  "through a proxy",
  Layer.orDie(UndiciTransport.layerProxy({ requestTls: { ca: certificate.cert }, ...options }))
]

/** A cancel by TLS, through a proxy. */
const cancelling = (url: string, play: Play = proof, options: Partial<UndiciTransport.ProxyOptions> = {}) =>
  attempt({ tls: certificate, cancel: [play], status: [stall] }, {
    side: complete,
    client: through({ proxy: Redacted.make(url), ...options }),
    policy: { ...quick, statusTimeout: "50 millis" }
  })

describe.concurrent("through a proxy", () => {
  it.scopedLive("a cancel goes by a tunnel, and what the proxy is told no provider is", () =>
    Effect.gen(function*() {
      const proxy = yield* serveProxy(tunnel)
      const { cancels, server, verdict } = yield* cancelling(proxy.url.replace("//", "//shop:s3cret@"))
      assertShows(verdict, cancelled)
      assert.deepStrictEqual(proxy.asked.map(({ to }) => to), [new URL(server.url).host])
      assert.strictEqual(proxy.asked[0]?.headers["proxy-authorization"], `Basic ${btoa("shop:s3cret")}`)
      assert.notProperty(cancels[0]?.headers, "proxy-authorization")
    }))

  it.scopedLive("the proxy is told a user without a password, and a password without a user", () =>
    Effect.gen(function*() {
      for (const [written, told] of [["t0ken", "t0ken:"], [":t0ken", ":t0ken"], ["k%C3%BCche:", "küche:"]]) {
        const proxy = yield* serveProxy(tunnel)
        assertShows((yield* cancelling(proxy.url.replace("//", `//${written}@`))).verdict, cancelled)
        assert.strictEqual(proxy.asked[0]?.headers["proxy-authorization"], `Basic ${Encoding.encodeBase64(String(told))}`)
      }
    }))

  it.scopedLive("no tunnel is asked for to what is reached without it", () =>
    Effect.gen(function*() {
      const proxy = yield* serveProxy(refuse(403))
      assertShows((yield* cancelling(proxy.url, proof, { noProxy: ".internal, 127.0.0.1" })).verdict, cancelled)
      // By http nothing is reached but this machine.
      const plain = yield* attempt({ cancel: [proof] }, { side: complete, client: through({ proxy: Redacted.make(proxy.url) }) })
      assertShows(plain.verdict, cancelled)
      assert.lengthOf(proxy.asked, 0)
    }))

  it.scopedLive("whose answer is lost may have cancelled the payment", () =>
    Effect.gen(function*() {
      const proxy = yield* serveProxy(tunnel)
      assertShows((yield* cancelling(proxy.url, destroy)).verdict, { failure: "CancelError.NoResponse", outcome: "Unknown" })
    }))

  const refusals: { readonly [how: string]: Treat } = {
    "answers 403": refuse(403),
    "wants a password": refuse(407),
    "answers 502": refuse(502),
    "closes the connection": (socket) => void socket.end(),
    "drops the connection": (socket) => void socket.resetAndDestroy(),
    "opens a tunnel to nowhere": (socket) => void socket.end("HTTP/1.1 200 Connection Established\r\n\r\n")
  }
  for (const [how, treat] of Object.entries(refusals)) {
    it.scopedLive(`one that ${how} sends nothing, is asked once for each request, and no more when that is over`, () =>
      Effect.gen(function*() {
        const proxy = yield* serveProxy(treat)
        const { cancels, result, verdict } = yield* cancelling(proxy.url.replace("//", "//shop:s3cret@"))
        assertShows(verdict, notSent)
        assert.lengthOf(cancels, 0)
        const asked = proxy.asked.length
        assert.isAtMost(asked, quick.attempts)
        yield* Effect.sleep("300 millis")
        assert.lengthOf(proxy.asked, asked)
        assert.notInclude(inspect(result, { depth: Infinity, showHidden: true }), "s3cret")
      }))
  }

  it.scopedLive("one that never answers sends nothing", () =>
    Effect.gen(function*() {
      const proxy = yield* serveProxy(() => undefined)
      const { cancels, verdict } = yield* attempt({ tls: certificate, cancel: [proof], status: [stall] }, {
        side: complete,
        client: through({ proxy: Redacted.make(proxy.url) }),
        policy: { ...quick, attemptTimeout: "200 millis", statusTimeout: "50 millis" }
      })
      assertShows(verdict, notSent)
      assert.lengthOf(cancels, 0)
    }))

  it.scopedLive("one that is not there sends nothing", () =>
    Effect.gen(function*() {
      assertShows((yield* cancelling(`http://127.0.0.1:${yield* closedPort}`)).verdict, notSent)
    }))

  it.effect("what is no URL of a proxy is refused, and not repeated", () =>
    Effect.gen(function*() {
      for (const proxy of ["", "s3cret", "shop:s3cret@proxy", "socks5://s3cret", "http://", "http://shop:s3cret%@proxy"]) {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(UndiciTransport.layerProxy({ proxy: Redacted.make(proxy) }))))
        assert.include(String(error), "must be the http or https URL of a proxy")
        assert.notInclude(inspect(error, { depth: Infinity }), "s3cret")
      }
    }))
})

describe.concurrent("a proxy that the configuration names", () => {
  const configured = (...variables: ReadonlyArray<readonly [name: string, value: string]>) =>
    UndiciTransport.layerProxyConfig().pipe(Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(variables)))))

  /** Whether a request by https comes to the proxy. */
  const comesTo = (proxy: Proxy, ...variables: ReadonlyArray<readonly [name: string, value: string]>) =>
    Effect.gen(function*() {
      const before = proxy.asked.length
      const server = yield* serve({ tls: certificate, cancel: [proof] })
      const client = yield* HttpClient.HttpClient.pipe(Effect.provide(yield* Layer.build(configured(...variables))))
      yield* Effect.exit(client.post(server.url))
      return proxy.asked.length > before
    })

  it.scopedLive("is the one in small letters, else that in large ones; and none where it is empty or the host is excepted", () =>
    Effect.gen(function*() {
      const proxy = yield* serveProxy(refuse(403))
      const other = `http://127.0.0.1:${yield* closedPort}`
      assert.isTrue(yield* comesTo(proxy, ["HTTPS_PROXY", proxy.url]))
      assert.isTrue(yield* comesTo(proxy, ["https_proxy", proxy.url], ["HTTPS_PROXY", other]))
      assert.isFalse(yield* comesTo(proxy, ["https_proxy", other], ["HTTPS_PROXY", proxy.url]))
      assert.isTrue(yield* comesTo(proxy, ["HTTPS_PROXY", proxy.url], ["NO_PROXY", "example.com"]))
      assert.isFalse(yield* comesTo(proxy, ["HTTPS_PROXY", proxy.url], ["NO_PROXY", "127.0.0.1"]))
      assert.isFalse(yield* comesTo(proxy, ["HTTPS_PROXY", proxy.url], ["no_proxy", "*"]))
      assert.isFalse(yield* comesTo(proxy, ["HTTPS_PROXY", ""]))
      assert.isFalse(yield* comesTo(proxy))
    }))

  it.effect("is named where its variable has something else, which is not repeated", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(configured(["HTTPS_PROXY", "shop:s3cret@proxy"]))))
      assert.include(String(error), "HTTPS_PROXY")
      assert.notInclude(inspect(error, { depth: Infinity }), "s3cret")
    }))
})

describe.concurrent("how to connect", () => {
  it.scopedLive("takes no request to HTTP/2, through a proxy or without one", () =>
    Effect.gen(function*() {
      const proxy = yield* serveProxy(tunnel)
      const server = createSecureServer({ ...certificate, allowHTTP1: true }, ({ httpVersion }, response) => void response.end(httpVersion))
      yield* Effect.acquireRelease(
        Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening")),
        () => Effect.sync(() => server.close())
      )
      const { port } = server.address() as AddressInfo
      const requestTls = { ca: certificate.cert, allowH2: true }
      const proxied = (noProxy: string) => UndiciTransport.layerProxy({ proxy: Redacted.make(proxy.url), noProxy, requestTls })
      for (const layer of [proxied(""), proxied("*"), UndiciTransport.layerWith({ connect: requestTls })]) {
        const client = yield* HttpClient.HttpClient.pipe(Effect.provide(yield* Layer.build(layer)))
        const { text } = yield* client.get(`https://127.0.0.1:${port}`)
        assert.strictEqual(yield* text, "1.1")
      }
    }))
})

describe.concurrent("the dispatcher", () => {
  it.scopedLive("takes another client through the proxy, which asks it once as well", () =>
    Effect.gen(function*() {
      const dispatcher = (proxy: Proxy) =>
        Layer.scoped(
          NodeHttpClient.Dispatcher,
          Effect.orDie(UndiciTransport.proxyDispatcher({ proxy: Redacted.make(proxy.url), requestTls: { ca: certificate.cert } }))
        )
      const cancel = (proxy: Proxy) =>
        attempt({ tls: certificate, cancel: [proof] }, {
          side: complete,
          client: ["Effect's, through a proxy", Layer.provide(NodeHttpClient.layerUndiciWithoutDispatcher, dispatcher(proxy))]
        })
      assertShows((yield* cancel(yield* serveProxy(tunnel))).verdict, cancelled)
      const closing = yield* serveProxy((socket) => void socket.end())
      // Only the library's own client knows that nothing left.
      assertShows((yield* cancel(closing)).verdict, { failure: "CancelError.NoResponse", outcome: "Unknown" })
      assert.isBelow(closing.asked.length, 20)
    }))
})
