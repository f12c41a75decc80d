/**
 * Every way a connection can fail, on every side: whether the request may have been applied,
 * and what the caller is told. The status query always says "still cancellable", which settles
 * nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Cancel } from "effect-payment-cancel"
import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
import { Buffer } from "node:buffer"
import * as net from "node:net"
import { gzipSync } from "node:zlib"
import { inTurns } from "../support/extent.js"
import {
  answer,
  bytes,
  bytesOf,
  chunked,
  close,
  closedPort,
  destroy,
  headOf,
  later,
  type Play,
  reset,
  resetOnFirstByte,
  type Script,
  serve,
  slowly,
  stall
} from "./ScriptedServer.js"
import { selfSigned } from "./SelfSigned.js"
import { casesAt, complete, type Side } from "./Side.js"
import {
  allClients,
  assertShows,
  attempt,
  type Circumstances,
  type Client,
  type Expected,
  impatient,
  pairs,
  paymentId,
  quick,
  run,
  verdictOf
} from "./Trial.js"

const noResponse = { failure: "CancelError.NoResponse", outcome: "Unknown", category: "Network" }
const unexpected = { failure: "CancelError.UnexpectedResponse", outcome: "Unknown", category: "Unexpected" }
const notSent = { failure: "CancelError.NotSent", outcome: "NotCancelled", category: "Network" }
const proved = ({ success }: Side) => ({ success, evidence: "Response", attempts: 1 })
const cancelled = proved(complete)

const cancelledBytes = (side: Side) => bytesOf(200, side.proof(paymentId))
const cancelledJson = (side: Side) => JSON.stringify(side.proof(paymentId))
const stillOpen = (side: Side): ReadonlyArray<Play> => [answer(200, side.statusBody(paymentId, side.statuses.cancellable))]

const refusedBytes = (side: Side) =>
  bytesOf(side.codes.unauthenticated.status, side.refusal(side.codes.unauthenticated.code))

interface Case {
  readonly name: string
  readonly play: (side: Side) => Play
  readonly expected: Expected
  /** At which sides; left out: at all. */
  readonly at?: (side: Side) => boolean
  /** The status, where it is all that the answer says. */
  readonly bare?: number
  readonly policy?: Circumstances["policy"]
  /** The client that takes what was cut off for a whole answer, in some versions of Node. */
  readonly wholeTo?: Client[0]
}

/** Sent, or perhaps sent, and no whole answer: documented network failures, so sent again. */
const lost: ReadonlyArray<Case> = [
  { name: "closed after the request", play: () => close, expected: noResponse },
  { name: "destroyed after the request", play: () => destroy, expected: noResponse },
  { name: "reset after the request", play: () => reset, expected: noResponse },
  { name: "half a header, closed", play: (side) => bytes(cancelledBytes(side).subarray(0, 24), "close"), expected: noResponse },
  { name: "half a header, reset", play: (side) => bytes(cancelledBytes(side).subarray(0, 24), "reset"), expected: noResponse },
  { name: "body cut, closed", play: (side) => bytes(cancelledBytes(side).subarray(0, -5), "close"), expected: noResponse },
  { name: "body cut, reset", play: (side) => bytes(cancelledBytes(side).subarray(0, -5), "reset"), expected: noResponse },
  { name: "refusal cut, closed", play: (side) => bytes(refusedBytes(side).subarray(0, -5), "close"), expected: noResponse },
  { name: "refusal cut, reset", play: (side) => bytes(refusedBytes(side).subarray(0, -5), "reset"), expected: noResponse },
  {
    name: "refusal without a byte of its body, reset",
    play: (side) => bytes(headOf(side.codes.unauthenticated.status, { "Content-Length": "40" }), "reset"),
    expected: noResponse
  },
  {
    name: "chunks cut before the last",
    play: (side) => bytes(chunked(200, cancelledJson(side)).subarray(0, -5), "close"),
    expected: noResponse
  },
  {
    name: "refusal in chunks cut before the last",
    play: (side) => bytes(chunked(404, JSON.stringify(side.refusal("gone"))).subarray(0, -5), "close"),
    expected: noResponse
  },
  ...(["close", "reset"] as const).map((end): Case => ({
    name: `refusal in chunks on a last connection, cut before the last, ${end}`,
    play: (side) =>
      bytes(chunked(404, JSON.stringify(side.refusal("gone")), { Connection: "close" }).subarray(0, -5), end),
    expected: noResponse,
    wholeTo: "fetch"
  })),
  {
    name: "chunk lengths that are garbage",
    play: () => bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\nxx\r\n", "close"),
    expected: noResponse
  },
  { name: "garbage instead of an answer", play: () => bytes("\u0000\u0001 not HTTP at all\r\n\r\n", "close"), expected: noResponse },
  { name: "headers, then a stall", play: () => bytes(headOf(200, { "Content-Length": "40" })), expected: noResponse, policy: impatient },
  { name: "half a body, then a stall", play: (side) => bytes(cancelledBytes(side).subarray(0, -5)), expected: noResponse, policy: impatient },
  { name: "refusal whose body stalls", play: (side) => bytes(refusedBytes(side).subarray(0, -5)), expected: noResponse, policy: impatient },
  { name: "no answer at all", play: () => stall, expected: noResponse, policy: impatient },
  { name: "slower than the attempt may take", play: (side) => slowly(cancelledBytes(side), 10, 200), expected: noResponse, policy: impatient },
  {
    name: "larger than allowed, by its length",
    play: (side) => answer(200, { ...side.proof(paymentId), padding: "x".repeat(5000) }),
    expected: noResponse,
    policy: { ...quick, maximumBodyBytes: 2000 }
  },
  {
    name: "refusal larger than allowed",
    play: (side) => answer(404, { ...side.refusal("gone"), padding: "x".repeat(5000) }),
    expected: noResponse,
    policy: { ...quick, maximumBodyBytes: 2000 }
  },
  {
    name: "larger than allowed, without a length",
    play: () => bytes(Buffer.concat([headOf(200, {}), Buffer.alloc(3_000_000, 0x20)]), "keep"),
    expected: noResponse,
    policy: { ...quick, maximumBodyBytes: 2000 }
  }
]

/** A whole answer that proves nothing. Nobody documents that it may be sent again. */
const unproven: ReadonlyArray<Case> = [
  { name: "an empty 200", play: () => answer(200, ""), expected: { ...unexpected, httpStatus: 200 } },
  { name: "a 204", play: () => bytes(headOf(204, {})), expected: { httpStatus: 204 }, bare: 204 },
  { name: "a 202 of the cancellable payment", play: (side) => answer(202, side.payment(paymentId, side.statuses.cancellable)), expected: unexpected },
  { name: "a 200 that is HTML", play: () => answer(200, "<html>cancelled</html>", { "Content-Type": "text/html" }), expected: unexpected },
  { name: "a 200 that is half JSON", play: (side) => answer(200, cancelledJson(side).slice(0, -5)), expected: unexpected },
  { name: "a 200 that is an array", play: (side) => answer(200, [side.proof(paymentId)]), expected: unexpected },
  { name: "a 200 that is null", play: () => answer(200, "null"), expected: unexpected },
  {
    name: "a 200 that is a refusal",
    play: (side) => answer(200, side.refusal(side.codes.state.code)),
    expected: unexpected,
    // Where a status never says anything the code says all.
    at: ({ facts }) => facts.onlyStatus === null
  },
  {
    name: "half JSON without a length, closed early",
    play: (side) =>
      bytes(Buffer.concat([headOf(200, { Connection: "close" }), Buffer.from(cancelledJson(side).slice(0, -5))]), "close"),
    expected: unexpected
  },
  { name: "a 302 without a location", play: () => answer(302, ""), expected: { ...unexpected, httpStatus: 302 } },
  { name: "a 304", play: () => bytes(headOf(304, {})), expected: { ...unexpected, httpStatus: 304 } },
  { name: "a 408", play: (side) => answer(408, side.refusal(side.codes.state.code)), expected: { ...unexpected, httpStatus: 408 } }
]

/** A proof, however oddly it arrives. */
const proven: ReadonlyArray<Omit<Case, "expected">> = [
  { name: "a plain 200", play: (side) => bytes(cancelledBytes(side)) },
  { name: "a 201", play: (side) => answer(201, side.proof(paymentId)) },
  { name: "in chunks", play: (side) => bytes(chunked(200, cancelledJson(side))) },
  { name: "byte by byte", play: (side) => slowly(cancelledBytes(side), 60, 3) },
  {
    name: "without a length, to the end of the connection",
    play: (side) => bytes(Buffer.concat([headOf(200, { Connection: "close" }), Buffer.from(cancelledJson(side))]), "close")
  },
  { name: "after a 103", play: (side) => bytes(Buffer.concat([headOf(103, { Link: "</a>" }), cancelledBytes(side)])) },
  {
    name: "with fields that nobody has listed",
    play: (side) => answer(200, side.way.isExact ? side.proof(paymentId) : side.extended(side.proof(paymentId), { brandNew: { deep: [1] } }))
  },
  {
    name: "with a charset",
    play: (side) =>
      answer(200, side.proof(paymentId), { "Content-Type": "application/json; charset=utf-8" })
  },
  {
    name: "exactly as large as allowed",
    play: (side) => answer(200, cancelledJson(side).padEnd(2000, " ")),
    policy: { ...quick, maximumBodyBytes: 2000 }
  }
]

/**
 * Odd encodings of a proof. The promises do not say whether they are understood; they do say
 * what must not happen: a claim that the payment is not cancelled.
 */
const understoodOrUnknown: ReadonlyArray<{ readonly name: string; readonly play: (side: Side) => Play }> = [
  {
    name: "gzip that nobody asked for",
    play: (side) => answer(200, gzipSync(cancelledJson(side)), { "Content-Encoding": "gzip" })
  },
  { name: "gzip that is none", play: (side) => answer(200, cancelledJson(side), { "Content-Encoding": "gzip" }) },
  { name: "a byte order mark", play: (side) => answer(200, `\uFEFF${cancelledJson(side)}`) },
  { name: "as text/plain", play: (side) => answer(200, cancelledJson(side), { "Content-Type": "text/plain" }) },
  {
    name: "latin1",
    play: (side) =>
      answer(200, Buffer.from(JSON.stringify({ ...side.proof(paymentId), note: "é" }), "latin1"), {
        "Content-Type": "application/json; charset=iso-8859-1"
      })
  },
  {
    name: "UTF-16",
    play: (side) =>
      answer(200, Buffer.from(cancelledJson(side), "utf16le"), { "Content-Type": "application/json; charset=utf-16le" })
  },
  // undici, and so fetch, takes a 100 that it did not ask for as a broken answer.
  { name: "after a 100", play: (side) => bytes(Buffer.concat([headOf(100, {}), cancelledBytes(side)])) },
  { name: "a 101", play: (side) => bytes(Buffer.concat([headOf(101, { Upgrade: "x", Connection: "Upgrade" }), cancelledBytes(side)])) }
]

for (const [side, client] of pairs) {
  describe.concurrent(`${side.name} over ${client[0]}`, () => {
    const script = (play: Play): Script => ({ cancel: [play], status: stillOpen(side) })

    for (const { expected, name, play, policy = quick, wholeTo } of casesAt(side, lost)) {
      it.scopedLive(`lost: ${name}`, () =>
        Effect.gen(function*() {
          const { cancels, verdict } = yield* attempt(script(play(side)), { side, client, policy })
          if (wholeTo === client[0] && "httpStatus" in verdict && verdict.httpStatus !== null) {
            assertShows(verdict, { outcome: "NotCancelled", httpStatus: 404 })
            return
          }
          assertShows(verdict, expected)
          const attempts = side.repeats("NoAnswer") ? policy.attempts : 1
          assert.strictEqual(cancels.length, attempts)
          assertShows(verdict, { attempts })
        }))
    }

    for (const { bare, expected, name, play, policy = quick } of casesAt(side, unproven.filter(({ at = () => true }) => at(side)))) {
      it.scopedLive(`proves nothing: ${name}`, () =>
        Effect.gen(function*() {
          const { cancels, reads, verdict } = yield* attempt(script(play(side)), { side, client, policy })
          assertShows(verdict, bare === undefined ? expected : { ...expected, ...side.bare(bare) })
          if (side.readable) assert.isAtLeast(reads.length, 1)
          if (!side.repeats("Unproven")) assert.strictEqual(cancels.length, 1)
          else assert.isAtMost(cancels.length, quick.attempts)
        }))
    }

    for (const { name, play, policy = quick } of casesAt(side, proven)) {
      it.scopedLive(`proof: ${name}`, () =>
        Effect.gen(function*() {
          const { cancels, reads, verdict } = yield* attempt(script(play(side)), { side, client, policy })
          assert.deepEqual<unknown>(verdict, proved(side))
          assert.strictEqual(cancels.length, 1)
          assert.strictEqual(reads.length, side.asks ? policy.statusReads : 0)
        }))
    }

    for (const { name, play } of casesAt(side, understoodOrUnknown)) {
      it.scopedLive(`understood, or unknown: ${name}`, () =>
        Effect.gen(function*() {
          const { verdict } = yield* attempt(script(play(side)), { side, client })
          if ("success" in verdict) assert.deepEqual<unknown>(verdict, proved(side))
          else assert.strictEqual(verdict.outcome, "Unknown")
        }))
    }
  })
}

/** What happens to connections rather than to requests: the side makes no difference. */
for (const client of allClients) {
  const circumstances = { side: complete, client }

  describe.concurrent(`connections over ${client[0]}`, () => {
    const connecting: ReadonlyArray<readonly [name: string, play: Play]> = [
      ["accepted and closed", close],
      ["accepted and destroyed", destroy],
      ["reset on the first byte", resetOnFirstByte],
      ["greeted with garbage", bytes("SSH-2.0-OpenSSH_9.6\r\n", "close")]
    ]
    for (const [name, play] of connecting) {
      it.scopedLive(`${name}: something may have left`, () =>
        Effect.gen(function*() {
          const { verdict } = yield* attempt({ accept: [play] }, circumstances)
          assertShows(verdict, noResponse)
        }))
    }

    const readers: ReadonlyArray<readonly [name: string, read: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<unknown, HttpClientError.ResponseError>]> = [
      ["as text", ({ text }) => text],
      ["as JSON", ({ json }) => json],
      ["as JSON, in the background", ({ json }) => Effect.forkDaemon(json)]
    ]
    for (const [name, read] of readers) {
      const wrapped = Layer.map(client[1], (context) =>
        Context.add(context, HttpClient.HttpClient, HttpClient.tap(Context.get(context, HttpClient.HttpClient), read)))
      const reading = { ...circumstances, client: [client[0], wrapped] as const }

      it.scopedLive(`an answer that a wrapper has read ${name} is read all the same`, () =>
        Effect.gen(function*() {
          const proof = yield* attempt({ cancel: [bytes(chunked(200, cancelledJson(complete)))] }, reading)
          assert.deepEqual<unknown>(proof.verdict, cancelled)
          const { code, status } = complete.codes.unauthenticated
          const refusal = yield* attempt({ cancel: [bytes(chunked(status, JSON.stringify(complete.refusal(code))))] }, reading)
          assertShows(refusal.verdict, { code, httpStatus: status })
        }))
    }

    it.scopedLive("refused: nothing was sent, three times", () =>
      Effect.gen(function*() {
        const port = yield* closedPort
        const result = yield* complete.cancel({ url: `http://127.0.0.1:${port}`, policy: quick }, { paymentId }).pipe(
          Effect.either,
          Effect.provide(client[1])
        )
        assertShows(verdictOf(result), { ...notSent, attempts: 3 })
      }))

    it.scopedLive("refused on every address of a name: nothing was sent", () =>
      Effect.gen(function*() {
        const port = yield* closedPort
        const result = yield* complete.cancel({ url: `http://localhost:${port}`, policy: quick }, { paymentId }).pipe(
          Effect.either,
          Effect.provide(client[1])
        )
        assertShows(verdictOf(result), notSent)
      }))

    it.scopedLive("a name that does not resolve: nothing was sent", () =>
      Effect.gen(function*() {
        const result = yield* complete.cancel({ url: "https://wire-test.invalid", policy: quick }, { paymentId }).pipe(
          Effect.either,
          Effect.provide(client[1])
        )
        assertShows(verdictOf(result), notSent)
      }))

    it.scopedLive("a self-signed certificate: nothing was sent", () =>
      Effect.gen(function*() {
        const { cancels, verdict } = yield* attempt(
          { tls: selfSigned({ host: "127.0.0.1", notAfter: new Date("2049-01-01") }), cancel: [stall] },
          circumstances
        )
        assertShows(verdict, notSent)
        assert.strictEqual(cancels.length, 0)
      }))

    it.scopedLive("TLS to a server that speaks none: nothing of the request was sent", () =>
      Effect.gen(function*() {
        const plain = yield* serve({ accept: [bytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "keep")] })
        const { verdict } = yield* run({ ...plain, url: plain.url.replace("http:", "https:") }, circumstances)
        // The OpenSSL of Node 20 says the same where something speaks after the handshake; undici knows what it has written.
        assertShows(verdict, client[0] !== "its own transport" && process.versions.openssl.startsWith("3.0.") ? noResponse : notSent)
      }))

    it.scopedLive("refused at first, then cancelled", () =>
      Effect.gen(function*() {
        const port = yield* closedPort
        const policy = { ...quick, attempts: 20, backoff: { initial: 50, factor: 1, maximum: 50, jitter: 0 } }
        const pending = yield* Effect.fork(
          complete.cancel({ url: `http://127.0.0.1:${port}`, policy }, { paymentId }).pipe(Effect.either, Effect.provide(client[1]))
        )
        yield* Effect.sleep("120 millis")
        const server = yield* serve({ port, cancel: [bytes(cancelledBytes(complete))] })
        const verdict = verdictOf(yield* pending)
        assertShows(verdict, { success: "Cancelled", evidence: "Response" })
        assert.isAbove(verdict.attempts, 1)
        assert.strictEqual(server.received.length, 1)
      }))

    it.scopedLive("a connection kept alive that has gone stale: the second request may have left", () =>
      Effect.gen(function*() {
        const server = yield* serve({
          cancel: [answer(503, "busy", { Connection: "keep-alive" }), reset, bytes(cancelledBytes(complete))],
          status: stillOpen(complete)
        })
        const { cancels, result, verdict } = yield* run(server, circumstances)
        assert.deepEqual(verdict, { success: "Cancelled", evidence: "Response", attempts: 3 }, String(result))
        assert.strictEqual(cancels.length, 3)
      }))
  })
}

/** Lets nothing else of this thread have a turn, for longer than an impatient attempt waits: it has begun before. */
const holdUp = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 450)

/** What is answered lies with the system meanwhile. */
const thenHoldUp = (play: Play): Play => (socket) => {
  play(socket)
  holdUp()
}

// Not concurrent: what is held up is every test of this thread.
describe("a process that is held up for longer than an answer may take", () => {
  for (const [turn, client] of allClients.entries()) {
    const circumstances = { side: complete, client, policy: impatient }
    const inTwoWrites: Play = (socket) => {
      const whole = cancelledBytes(complete)
      socket.write(whole.subarray(0, 20))
      socket.write(whole.subarray(20))
    }
    const times = [
      ["an attempt", bytes(cancelledBytes(complete)), impatient],
      ["all of them", inTwoWrites, { ...impatient, attemptTimeout: "10 seconds", statusTimeout: "10 seconds", deadline: "400 millis" }]
    ] as const
    for (const [name, play, policy] of inTurns(times, turn, 2)) {
      it.scopedLive(`reads over ${client[0]} what came before the time of ${name} was over`, () =>
        Effect.gen(function*() {
          const { cancels, reads, verdict } = yield* attempt({ cancel: [thenHoldUp(play)], status: stillOpen(complete) }, { ...circumstances, policy })
          assert.deepEqual<unknown>(verdict, cancelled)
          assert.deepEqual([cancels.length, reads.length], [1, 0])
        }))
    }

    const others = inTurns(["a status", "silence"], turn, 2)
    if (others.includes("a status")) it.scopedLive(`reads over ${client[0]} a status that came meanwhile`, () =>
      Effect.gen(function*() {
        const status = thenHoldUp(answer(200, complete.statusBody(paymentId, complete.statuses.cancelled)))
        const { reads, verdict } = yield* attempt({ cancel: [reset], status: [status] }, { ...circumstances, policy: { ...impatient, attempts: 1 } })
        assertShows(verdict, { success: "Cancelled", evidence: "StatusQuery" })
        assert.lengthOf(reads, 1)
      }))

    if (others.includes("silence")) it.scopedLive(`waits over ${client[0]} no longer for what did not come`, () =>
      Effect.gen(function*() {
        const { verdict } = yield* attempt({ cancel: [thenHoldUp(stall)], status: stillOpen(complete) }, { ...circumstances, policy: { ...impatient, attempts: 1 } })
        assertShows(verdict, { ...noResponse, attempts: 1 })
      }))
  }

  it.scopedLive("sends over its own transport nothing over a connection that came meanwhile", () =>
    Effect.gen(function*() {
      const lookup: net.LookupFunction = (_, __, found) => {
        found(null, [{ address: "127.0.0.1", family: 4 }])
        holdUp()
      }
      const server = yield* serve({ cancel: [bytes(cancelledBytes(complete))] })
      const { verdict } = yield* run({ ...server, url: `http://localhost:${server.port}` }, {
        side: complete,
        client: ["its own transport", UndiciTransport.layerWith({ connect: { lookup } })],
        policy: { ...impatient, attempts: 1 }
      })
      assertShows(verdict, notSent)
      yield* Effect.sleep("100 millis")
      assert.lengthOf(server.received, 0)
    }))

  it.scopedLive("sends over its own transport nothing over a connection that is free after its time", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [later(50, bytes(cancelledBytes(complete)))] })
      const cancel = complete.cancel(server, { paymentId }).pipe(
        Cancel.withPolicy({ ...impatient, attempts: 1 }),
        Effect.either,
        Effect.map(verdictOf)
      )
      const verdicts = yield* Effect.all([Effect.tap(cancel, holdUp), cancel], { concurrency: "unbounded" }).pipe(
        Effect.provide(UndiciTransport.layerWith({ connections: 1 }))
      )
      assert.deepEqual<unknown>(verdicts[0], cancelled)
      assertShows(verdicts[1], { ...notSent, attempts: 1 })
      yield* Effect.sleep("100 millis")
      assert.lengthOf(server.received, 1)
    }))
})

describe.concurrent("certificates of a trusted issuer, over node:http", () => {
  const cases = [
    { name: "expired", host: "127.0.0.1", notAfter: new Date("2021-01-01"), expected: notSent },
    { name: "of somebody else", host: "somebody-else.invalid", notAfter: new Date("2049-01-01"), expected: notSent },
    { name: "in order", host: "127.0.0.1", notAfter: new Date("2049-01-01"), expected: cancelled }
  ] as const
  for (const { expected, name, ...options } of cases) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const certificate = selfSigned(options)
        const client = ["trusting", Layer.provide(NodeHttpClient.layerWithoutAgent, NodeHttpClient.makeAgentLayer({ ca: certificate.cert }))] as const
        const { verdict } = yield* attempt({ tls: certificate, cancel: [bytes(cancelledBytes(complete))] }, { side: complete, client })
        assertShows(verdict, expected)
      }))
  }
})

/** Passes everything on between a client and a TLS server, and breaks in, in plain text, once told so. */
const middlebox = (port: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<{ readonly box: net.Server; readonly sockets: Array<net.Socket> }>((resume) => {
        const sockets: Array<net.Socket> = []
        const box = net.createServer((client) => {
          const server = net.connect(port, "127.0.0.1")
          for (const socket of [client, server]) socket.on("error", () => {})
          client.on("data", (data) => server.write(data))
          server.on("data", (data) => client.write(data))
          sockets.push(client, server)
        })
        box.listen(0, "127.0.0.1", () => resume(Effect.succeed({ box, sockets })))
      }),
      ({ box, sockets }) =>
        Effect.sync(() => {
          box.close()
          for (const socket of sockets) socket.destroy()
        })
    ),
    ({ box, sockets }) => {
      const address = box.address()
      return {
        port: address !== null && typeof address === "object" ? address.port : 0,
        breakIn: () => sockets[0]?.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")
      }
    }
  )

describe.concurrent("plain text in the place of TLS, after the request", () => {
  const certificate = selfSigned({ host: "127.0.0.1", notAfter: new Date("2049-01-01") })
  const trusting: ReadonlyArray<Circumstances["client"]> = [
    ["node:http", Layer.provide(NodeHttpClient.layerWithoutAgent, NodeHttpClient.makeAgentLayer({ ca: certificate.cert }))],
    ["its own transport", UndiciTransport.layerWith({ connect: { ca: certificate.cert } })]
  ]
  for (const client of trusting) {
    it.scopedLive(`over ${client[0]}: it may have been cancelled`, () =>
      Effect.gen(function*() {
        let breakIn = (): void => {}
        const server = yield* serve({ tls: certificate, cancel: [() => setTimeout(() => breakIn(), 10)], status: [stall] })
        const box = yield* middlebox(Number(new URL(server.url).port))
        breakIn = box.breakIn
        const { verdict } = yield* run({ ...server, url: `https://127.0.0.1:${box.port}` }, {
          side: complete,
          client,
          policy: { ...impatient, attempts: 1, attemptTimeout: "1 second" }
        })
        assert.lengthOf(server.received.filter(({ method }) => method === "POST"), 1)
        assertShows(verdict, noResponse)
      }))
  }
})
