/** What the transport of the library's own can do, and others cannot. */
import { assert, describe, it } from "@effect/vitest"
import * as Headers from "@effect/platform/Headers"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
import { Buffer } from "node:buffer"
import { once } from "node:events"
import * as net from "node:net"
import * as v8 from "node:v8"
import * as vm from "node:vm"
import { Worker } from "node:worker_threads"
import { Agent, type Dispatcher, interceptors, ProxyAgent } from "undici"
import { answer, bytes, bytesOf, chunked, close, destroy, headOf, later, type Play, reset, type Script, serve, stall } from "./ScriptedServer.js"
import { selfSigned } from "./SelfSigned.js"
import { complete } from "./Side.js"
import { assertShows, attempt, type Client, paymentId, quick, run, until, verdictOf } from "./Trial.js"

const own: Client = ["its own transport", UndiciTransport.layer]

const notSent = { failure: "CancelError.NotSent", outcome: "NotCancelled", category: "Network" }
const cancelled = { success: "Cancelled", evidence: "Response", attempts: 1 }

const cancelledBytes = bytesOf(200, complete.payment(paymentId, complete.statuses.cancelled))

/** A client over a dispatcher that is closed with the scope. */
const over = (dispatcher: Dispatcher) =>
  Effect.acquireRelease(Effect.sync(() => UndiciTransport.make(dispatcher)), () => Effect.promise(() => dispatcher.destroy()))

/** An answer whose last bytes come after a pause. */
const inTwo = (written: Buffer): Play => (socket) => {
  bytes(written.subarray(0, -3))(socket)
  later(60, bytes(written.subarray(-3)))(socket)
}

const collectGarbage = Effect.sync(() => {
  v8.setFlagsFromString("--expose-gc")
  vm.runInNewContext("gc()")
})

/** One request to a script, and what is done with its answer. */
const request = <A, E>(
  script: Script,
  use: (client: HttpClient.HttpClient, url: string) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.scoped(Effect.flatMap(serve(script), ({ url }) => Effect.flatMap(HttpClient.HttpClient, (client) => use(client, url)))).pipe(
    Effect.provide(UndiciTransport.layer)
  )

describe.concurrent("a response that was wrapped", () => {
  const proof = JSON.stringify(complete.payment(paymentId, complete.statuses.cancelled))
  const unsealed = { stream: Stream.make(Buffer.from(proof)), text: Effect.succeed(proof) }
  const wrapping: { readonly [how: string]: (response: HttpClientResponse.HttpClientResponse) => HttpClientResponse.HttpClientResponse } = {
    "as a prototype": (response) => Object.create(response, { stream: { value: unsealed.stream }, text: { value: unsealed.text } }),
    "in a proxy": (response) => new Proxy(response, { get: (target, key) => key === "stream" || key === "text" ? unsealed[key] : Reflect.get(target, key) })
  }
  for (const [how, wrap] of Object.entries(wrapping)) {
    it.scopedLive(`says what its wrapper makes of it: ${how}`, () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [answer(200, { sealed: true })] })
        const unsealing = Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, HttpClient.transformResponse(Effect.map(wrap))))
        const client: Client = ["unsealing", Layer.provide(unsealing, UndiciTransport.layer)]
        assertShows((yield* run(server, { side: complete, client })).verdict, cancelled)
      }))
  }

  it.scopedLive("is read no further than an answer may be long", () =>
    Effect.gen(function*() {
      let written = 0
      const endless: Play = (socket) => {
        const piece = Buffer.alloc(65_536, 0x20)
        const writeOn = (): void => {
          while (!socket.destroyed && written < 200_000_000) {
            written += piece.length
            if (!socket.write(piece)) return
          }
        }
        socket.on("drain", writeOn)
        socket.write(headOf(200, {}), writeOn)
      }
      const wrapping = Layer.effect(
        HttpClient.HttpClient,
        Effect.map(HttpClient.HttpClient, HttpClient.transformResponse(Effect.map((response): HttpClientResponse.HttpClientResponse =>
          Object.create(response, { stream: { value: response.stream } })
        )))
      )
      const client: Client = ["wrapping", Layer.provide(wrapping, UndiciTransport.layer)]
      const policy = { ...quick, attempts: 1, statusTimeout: "50 millis", maximumBodyBytes: 2000 } as const
      const { server, verdict } = yield* attempt({ cancel: [endless], status: [stall] }, { side: complete, client, policy })
      assertShows(verdict, { failure: "CancelError.NoResponse", outcome: "Unknown", httpStatus: 200 })
      yield* until(() => !server.isOpen(server.received[0]?.connection))
      assert.isBelow(written, 50_000_000)
    }))
})

describe.concurrent("a connection that ends while TLS is agreed on", () => {
  for (const [name, play] of [["closed", close], ["destroyed", destroy], ["reset", reset]] as const) {
    it.scopedLive(`${name}: nothing was sent, which other clients cannot know`, () =>
      Effect.gen(function*() {
        const plain = yield* serve({ accept: [play] })
        const server = { ...plain, url: plain.url.replace("http:", "https:") }
        assertShows((yield* run(server, { side: complete, client: own })).verdict, { ...notSent, attempts: quick.attempts })
      }))
  }
  it.scopedLive("and one over which the request went: it may have been", () =>
    Effect.gen(function*() {
      const certificate = selfSigned({ host: "127.0.0.1", notAfter: new Date("2049-01-01") })
      const client: Client = ["trusting", UndiciTransport.layerWith({ connect: { ca: certificate.cert } })]
      const { cancels, verdict } = yield* attempt({ tls: certificate, cancel: [destroy], status: [stall] }, { side: complete, client, policy: { ...quick, statusTimeout: "50 millis" } })
      assertShows(verdict, { failure: "CancelError.NoResponse", outcome: "Unknown" })
      assert.strictEqual(cancels.length, quick.attempts)
    }))
})

describe.concurrent("what has no connection when its time is over", () => {
  const within = { ...quick, attempts: 2, attemptTimeout: "200 millis", statusTimeout: "50 millis" } as const

  it.scopedLive("was not sent: TLS is not agreed on", () =>
    Effect.gen(function*() {
      const plain = yield* serve({ accept: [stall] })
      const server = { ...plain, url: plain.url.replace("http:", "https:") }
      const { verdict } = yield* run(server, { side: complete, client: own, policy: within })
      assertShows(verdict, { ...notSent, attempts: within.attempts })
    }))

  it.scopedLive("was not sent, and never is: all connections are taken", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [stall] })
      yield* Effect.gen(function*() {
        const client = yield* HttpClient.HttpClient
        const first = yield* Effect.fork(client.post(server.url))
        yield* until(() => server.received.length === 1)
        const second = yield* run(server, { side: complete, client: ["the same", Layer.succeed(HttpClient.HttpClient, client)], policy: within })
        assertShows(second.verdict, { ...notSent, attempts: within.attempts })
        yield* Fiber.interrupt(first)
        // The connection is free now: what was called off before does not take it.
        yield* Effect.sleep("100 millis")
      }).pipe(Effect.provide(UndiciTransport.layerWith({ connections: 1 })))
      assert.lengthOf(server.received, 1)
    }))

  it.scopedLive("was not sent, and never is, also where an interceptor makes something else of what is called off", () =>
    Effect.gen(function*() {
      let finish = () => {}
      const server = yield* serve({ cancel: [(socket) => {
        finish = () => bytes(cancelledBytes)(socket)
      }] })
      const client = yield* over(new Agent({ connections: 1 }).compose(interceptors.dump()))
      const first = yield* Effect.fork(client.post(server.url))
      yield* until(() => server.received.length === 1)
      const second = yield* run(server, { side: complete, client: ["the same", Layer.succeed(HttpClient.HttpClient, client)], policy: within })
      assertShows(second.verdict, { ...notSent, attempts: within.attempts })
      finish()
      yield* Fiber.join(first)
      yield* Effect.sleep("100 millis")
      assert.lengthOf(server.received, 1)
    }))

  it.scopedLive("but what was written on one may have been applied", () =>
    Effect.gen(function*() {
      const { cancels, verdict } = yield* attempt({ cancel: [stall], status: [stall] }, { side: complete, client: own, policy: within })
      assertShows(verdict, { failure: "CancelError.NoResponse", outcome: "Unknown" })
      assert.strictEqual(cancels.length, within.attempts)
    }))
})

describe.concurrent("certificates of a trusted issuer", () => {
  const cases = [
    { name: "expired", host: "127.0.0.1", notAfter: new Date("2021-01-01"), expected: notSent },
    { name: "of somebody else", host: "somebody-else.invalid", notAfter: new Date("2049-01-01"), expected: notSent },
    { name: "in order", host: "127.0.0.1", notAfter: new Date("2049-01-01"), expected: cancelled }
  ] as const
  for (const { expected, name, ...options } of cases) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const certificate = selfSigned(options)
        const client: Client = ["trusting", UndiciTransport.layerWith({ connect: { ca: certificate.cert } })]
        const { verdict } = yield* attempt({ tls: certificate, cancel: [bytes(cancelledBytes)] }, { side: complete, client })
        assertShows(verdict, expected)
      }))
  }
})

describe.concurrent("connections", () => {
  it.scopedLive("are used again, for one request at a time", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [bytes(cancelledBytes)] })
      yield* Effect.gen(function*() {
        const client = yield* HttpClient.HttpClient
        const post = Effect.flatMap(client.post(server.url), ({ text }) => text)
        for (let request = 0; request < 10; request++) yield* post
        // A request right behind another may find that one's connection not free yet.
        assert.isAtMost(server.connections(), 2)
        yield* Effect.all(Array.from({ length: 5 }, () => post), { concurrency: "unbounded" })
      }).pipe(Effect.provide(UndiciTransport.layer))
      const connections = Array.from({ length: server.connections() }, (_, connection) => connection)
      yield* until(() => connections.every((connection) => !server.isOpen(connection)))
    }))

  it.scopedLive("no request is begun a second time, even where undici would", () =>
    Effect.gen(function*() {
      // With pipelining undici itself sends again what stood behind a request that failed.
      const server = yield* serve({ cancel: [stall, destroy] })
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent({ pipelining: 4, connections: 1 })),
        (agent) => Effect.promise(() => agent.destroy())
      )
      const client = UndiciTransport.make(agent)
      const send = Effect.either(client.execute(HttpClientRequest.get(server.url)))
      yield* Effect.all([send, send, send], { concurrency: "unbounded" }).pipe(Effect.timeoutOption("500 millis"))
      for (const target of new Set(server.received.map(({ bytes }) => bytes.toString()))) assert.include(target, "GET / ")
      assert.isAtMost(server.received.length, 3)
    }))

  it.scopedLive("a request that is called off while its connection is made is never written", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [bytes(cancelledBytes)] })
      yield* Effect.gen(function*() {
        const client = yield* HttpClient.HttpClient
        const fiber = yield* Effect.fork(client.post(server.url))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(fiber)
        yield* Effect.sleep("50 millis")
      }).pipe(Effect.provide(UndiciTransport.layer))
      assert.strictEqual(server.received.length, 0)
    }))

  it.scopedLive("one whose answer is not wanted any more is closed", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [bytes(cancelledBytes.subarray(0, -5))] })
      yield* Effect.gen(function*() {
        const client = yield* HttpClient.HttpClient
        const { text } = yield* client.post(server.url)
        assert.isTrue(server.isOpen(0))
        yield* Effect.timeoutOption(text, "50 millis")
        yield* until(() => !server.isOpen(0))
      }).pipe(Effect.provide(UndiciTransport.layer))
    }))
})

describe("a response that nobody reads", () => {
  it.scopedLive("gives its connection up once it is garbage, also where it was the result of its fiber", () =>
    Effect.gen(function*() {
      const server = yield* serve({ status: [bytes(headOf(200, { "Content-Length": "9" }))] })
      const client = yield* over(new Agent())
      yield* Effect.sync(() => Effect.runFork(client.get(server.url)))
      yield* until(() => server.isOpen(0) && server.received.length === 1)
      yield* Effect.sleep("20 millis")
      yield* Effect.repeat(Effect.zipRight(collectGarbage, Effect.sleep("20 millis")), {
        while: () => server.isOpen(0),
        times: 50
      })
      assert.isFalse(server.isOpen(0))
    }))
})

describe.concurrent("a proxy", () => {
  it.scopedLive("is told of each host by itself, and nobody else is told of any", () =>
    Effect.gen(function*() {
      const hosts: Array<string | undefined> = []
      const server = yield* serve({
        accept: [(socket) =>
          void socket.on("data", (data) => {
            const text = data.toString()
            if (!text.startsWith("CONNECT")) hosts.push(/^host: (.*)\r$/m.exec(text)?.[1])
            socket.write(text.startsWith("CONNECT") ? "HTTP/1.1 200 OK\r\n\r\n" : bytesOf(200, {}))
          })]
      })
      const client = yield* over(new ProxyAgent(server.url))
      for (const host of ["one.example", "two.example"]) yield* client.get(`http://${host}/`)
      assert.deepStrictEqual(hosts, ["one.example", "two.example"])
      assert.deepStrictEqual({ ...Headers.empty }, {})
    }))

  it.scopedLive("does not take over a request: what its agent throws is a failure, and nothing was sent", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [bytes(cancelledBytes)] })
      const client = yield* over(new ProxyAgent(server.url))
      const request = HttpClientRequest.post(server.url).pipe(HttpClientRequest.setHeader("proxy-authorization", "Basic"))
      const error = yield* Effect.flip(client.execute(request))
      assert.deepStrictEqual([error._tag, error.reason], ["RequestError", "Transport"])
      const transport = Layer.succeed(HttpClient.HttpClient, HttpClient.mapRequest(client, HttpClientRequest.setHeader("proxy-authorization", "Basic")))
      assertShows((yield* run(server, { side: complete, client: ["proxied", transport] })).verdict, { ...notSent, attempts: 1 })
      assert.strictEqual(server.connections(), 0)
    }))
})

describe.concurrent("an answer", () => {
  const json = JSON.stringify({ a: "ä" })
  for (const [name, play] of [["of a stated length", answer(200, json)], ["in chunks", bytes(chunked(200, json))]] as const) {
    it.live(`${name} is read in every way`, () =>
      request({ status: [play] }, (client, url) =>
        Effect.gen(function*() {
          const response = client.get(url)
          assert.strictEqual(yield* Effect.flatMap(response, ({ text }) => text), json)
          assert.deepStrictEqual(yield* Effect.flatMap(response, (_) => _.json), { a: "ä" })
          assert.deepStrictEqual(new Uint8Array(yield* Effect.flatMap(response, (_) => _.arrayBuffer)), new Uint8Array(Buffer.from(json)))
          const chunks = yield* Stream.runCollect(Stream.unwrap(Effect.map(response, ({ stream }) => stream)))
          assert.strictEqual(Buffer.concat(Chunk.toReadonlyArray(chunks)).toString(), json)
          const { headers, remoteAddress, status } = yield* response
          assert.strictEqual(status, 200)
          assert.strictEqual(headers["content-type"], "application/json")
          assert.deepStrictEqual(remoteAddress, Option.none())
        })))
  }

  it.live("is read more than once", () =>
    request({ status: [answer(200, json)] }, (client, url) =>
      Effect.gen(function*() {
        const { text } = yield* client.get(url)
        assert.deepStrictEqual(yield* Effect.all([text, text]), [json, json])
      })))

  it.live("is read by several at once", () =>
    request({ status: [inTwo(bytesOf(200, json))] }, (client, url) =>
      Effect.gen(function*() {
        const { text } = yield* client.get(url)
        assert.deepStrictEqual(yield* Effect.all([text, text, text], { concurrency: "unbounded" }), [json, json, json])
      })).pipe(Effect.timeout("5 seconds")))

  it.live("is read on when one of several stops", () =>
    request({ status: [inTwo(bytesOf(200, json))] }, (client, url) =>
      Effect.gen(function*() {
        const { text } = yield* client.get(url)
        const readers = yield* Effect.all([Effect.fork(text), Effect.fork(text)])
        yield* Effect.sleep("5 millis")
        yield* Fiber.interrupt(readers[1])
        assert.strictEqual(yield* Fiber.join(readers[0]), json)
      })).pipe(Effect.timeout("5 seconds")))

  it.scopedLive("is read by a cancel although its client reads it too", () =>
    Effect.gen(function*() {
      const logging = Layer.effect(
        HttpClient.HttpClient,
        Effect.map(HttpClient.HttpClient, HttpClient.tap(({ text }) => Effect.forkDaemon(Effect.ignore(text))))
      )
      const client: Client = ["logged", Layer.provide(logging, UndiciTransport.layer)]
      const { verdict } = yield* attempt({ cancel: [inTwo(cancelledBytes)] }, { side: complete, client })
      assertShows(verdict, cancelled)
    }))

  it.live("is there in pieces as they come, to its end or to where it breaks off", () =>
    Effect.forEach([[inTwo(cancelledBytes), true], [bytes(cancelledBytes.subarray(0, -3), "close"), false]] as const, ([play, isWhole]) =>
      request({ status: [play] }, (client, url) =>
        Effect.gen(function*() {
          const { stream, text } = yield* client.get(url)
          const pieces: Array<string> = []
          const exit = yield* Effect.exit(Stream.runForEach(stream, (piece) => Effect.sync(() => pieces.push(Buffer.from(piece).toString()))))
          assert.strictEqual(exit._tag, isWhole ? "Success" : "Failure")
          assert.lengthOf(pieces, isWhole ? 2 : 1)
          if (isWhole) assert.strictEqual(pieces.join(""), yield* text)
        }))))

  it.live("may be a form, and may set cookies", () =>
    request({
      status: [answer(200, "a=1&b=2", { "Content-Type": "application/x-www-form-urlencoded", "Set-Cookie": "c=3; Path=/" })]
    }, (client, url) =>
      Effect.gen(function*() {
        const response = yield* client.get(url)
        assert.deepStrictEqual(yield* response.urlParamsBody, [["a", "1"], ["b", "2"]])
        assert.strictEqual((yield* response.formData).get("b"), "2")
        assert.deepStrictEqual(Object.keys(response.cookies.cookies), ["c"])
        assert.include(JSON.stringify(response), "\"status\":200")
      })))

  it.scopedLive("may have headers of more than Latin letters, as earlier versions of undici read them", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({ status: [answer(200, "a=1", { "Content-Type": "application/x-www-form-urlencoded" })] })
      const inUnicode = (dispatch: Dispatcher["dispatch"]): Dispatcher["dispatch"] => (options, handler) =>
        dispatch(options, {
          onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
          onResponseStart: (controller, status, headers) =>
            handler.onResponseStart?.(controller, status, { ...headers, "x-note": "\u2713", "content-type": `${headers["content-type"]}; of=\uFFFD` }),
          onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
          onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers)
        })
      const client = yield* over(new Agent().compose(inUnicode))
      const response = yield* client.get(url)
      assert.strictEqual(yield* response.text, "a=1")
      assert.strictEqual((yield* response.formData).get("a"), "1")
      assert.strictEqual(response.headers["x-note"], "\u2713")
    }))

  it.live("that is no JSON, and one that is no form, say so", () =>
    request({ status: [answer(200, "<html>")] }, (client, url) =>
      Effect.gen(function*() {
        const response = yield* client.get(url)
        for (const read of [response.json, response.formData]) {
          const error = yield* Effect.flip(read)
          assert.deepStrictEqual([error._tag, error.reason], ["ResponseError", "Decode"])
        }
      })))

  it.live("without a body is empty", () =>
    request({ status: [bytes(headOf(204, {}))] }, (client, url) =>
      Effect.gen(function*() {
        const response = yield* client.get(url)
        assert.deepStrictEqual(yield* Effect.all([response.text, response.json]), ["", null])
      })))

  it.live("is not read on before somebody wants it", () =>
    Effect.gen(function*() {
      const size = 40_000_000
      const server = yield* serve({
        status: [bytes(Buffer.concat([headOf(200, { "Content-Length": String(size) }), Buffer.alloc(size, 0x20)]))]
      })
      const client = yield* HttpClient.HttpClient
      const before = process.memoryUsage().arrayBuffers
      const response = yield* client.get(server.url)
      yield* Effect.sleep("200 millis")
      // The server holds one, of which a copy may be on its way.
      assert.isBelow(process.memoryUsage().arrayBuffers - before, size)
      assert.strictEqual((yield* response.arrayBuffer).byteLength, size)
    }).pipe(Effect.scoped, Effect.provide(UndiciTransport.layer)))
})

describe.concurrent("a request", () => {
  it.live("of unknown length is not sent", () =>
    request({ cancel: [answer(200, "{}")] }, (client, url) =>
      Effect.gen(function*() {
        for (const body of [HttpBody.stream(Stream.make(new Uint8Array(1))), HttpBody.formData(new FormData())]) {
          const error = yield* Effect.flip(client.execute(HttpClientRequest.post(url).pipe(HttpClientRequest.setBody(body))))
          assert.deepStrictEqual([error._tag, error.reason], ["RequestError", "Encode"])
        }
      })))

  it.live("to what is no address is not sent", () =>
    request({}, (client) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(client.get("http://"))
        assert.deepStrictEqual([error._tag, error.reason], ["RequestError", "InvalidUrl"])
      })))

  /** Addresses as people write them, most of them with something that is sent in another way. */
  const addresses = Arr.cartesianWith(
    [
      "https://a.test",
      "http://127.0.0.1:8080",
      "http://[::1]:3000",
      "https://A.test",
      "HTTPS://a.test:443",
      "https://user:pw@a.test",
      "https://a.test:8443",
      "https://münchen.test",
      "https://a.te\tst",
      "http://0x7f.1",
      "http://999.0.0.1",
      "https:/a.test",
      "//a.test",
      "ftp://a.test"
    ],
    [
      "",
      "/",
      "/v1",
      "/v1/payments/p-1/cancel",
      "/v1/payments/p.1%20~_/cancel",
      "/v1/./cancel",
      "/v1/../cancel",
      "/v1/%2e%2E/cancel",
      "/v1/.%2e",
      "/v1//cancel",
      "/v1/...",
      "/%zz",
      "/a b",
      "/a\nb",
      "/ä",
      "/a\\b",
      "/a?b=c d#e",
      "/a#e",
      "/{a}",
      "/a;b=c,d",
      "/a@b:c",
      "/v1/ "
    ],
    (origin, path) => origin + path
  )

  it.effect("goes to where the platform's own address leads, whatever was asked for before", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      // Nothing else of a dispatcher is asked for.
      const dispatcher = {
        dispatch: ({ origin, path }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean => {
          seen.push(`${String(origin)} ${path}`)
          handler.onResponseError?.(
            { aborted: false, paused: false, reason: null, abort: () => {}, pause: () => {}, resume: () => {} },
            new Error("nothing is here")
          )
          return true
        }
      } as Dispatcher
      const client = UndiciTransport.make(dispatcher)
      const targetOf = (address: string) => {
        if (!URL.canParse(address)) return []
        const { origin, pathname, search } = new URL(address)
        return [`${origin} ${pathname}${search}`]
      }
      const twice = addresses.flatMap((address, nth) => [address, addresses[nth * 7 % addresses.length]!])
      for (const address of twice) {
        const { reason } = yield* Effect.flip(client.execute(HttpClientRequest.get(address)))
        const expected = targetOf(address)
        assert.deepStrictEqual([address, seen.splice(0), reason], [address, expected, expected.length === 0 ? "InvalidUrl" : "Transport"])
      }
    }))

  it.scopedLive("has the bytes that it has over undici", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [bytes(cancelledBytes)] })
      const circumstances = { side: complete, request: { paymentId, idempotencyKey: "key-1" } }
      yield* run(server, { ...circumstances, client: own })
      yield* run(server, { ...circumstances, client: ["undici", NodeHttpClient.layerUndici] })
      const [ours, theirs] = server.received
      assert.strictEqual(ours?.bytes.toString(), theirs?.bytes.toString())
    }))
})

it("is a layer like any other", () => {
  assert.isTrue(Layer.isLayer(UndiciTransport.layer))
})

/**
 * Cancels each time, and once more says something that nobody has asked for: 40 ms after the first answer, while whoever
 * is told so 20 ms earlier computes. In a thread of its own, for the other one is busy meanwhile.
 */
const talkative = `
const { parentPort, workerData: { answer, unasked } } = require("node:worker_threads")
let wake = () => {}
let posts = 0
require("node:net").createServer((socket) => {
  socket.on("error", () => {})
  socket.on("data", (data) => {
    if (String(data) === "wake me") {
      wake = () => socket.write("now")
      socket.write("I will")
      return
    }
    posts += 1
    socket.write(answer)
    if (posts > 1) return
    setTimeout(wake, 20)
    setTimeout(() => socket.write(unasked), 40)
  })
}).listen(0, "127.0.0.1", function() { parentPort.postMessage(this.address().port) })`

it.scopedLive("an answer that nobody has asked for is nobody's, though the request is made before it is read", () =>
  Effect.gen(function*() {
    const { code, status } = complete.codes.unauthenticated
    const worker = yield* Effect.acquireRelease(
      Effect.sync(() =>
        new Worker(talkative, { eval: true, workerData: { answer: cancelledBytes, unasked: bytesOf(status, complete.refusal(code)) } })
      ),
      (worker) => Effect.promise(() => worker.terminate())
    )
    const [port] = yield* Effect.promise((): Promise<[number]> => once(worker, "message") as Promise<[number]>)
    const cancel = complete.cancel({ url: `http://127.0.0.1:${port}` }, { paymentId }).pipe(Effect.either)
    const verdicts = yield* Effect.gen(function*() {
      const runtime = yield* Effect.runtime<HttpClient.HttpClient>()
      const waker = net.connect(port, "127.0.0.1")
      waker.write("wake me")
      yield* Effect.promise(() => once(waker, "data"))
      const second = new Promise<Effect.Effect.Success<typeof cancel>>((resolve) => {
        waker.once("data", () => {
          const until = performance.now() + 80
          while (performance.now() < until);
          resolve(Runtime.runPromise(runtime)(cancel))
        })
      })
      const first = yield* cancel
      return [first, yield* Effect.promise(() => second)]
    }).pipe(Effect.provide(UndiciTransport.layerWith({ connections: 1 })))
    for (const verdict of verdicts) assertShows(verdictOf(verdict), cancelled)
  }))
