/** The exact requests: targets, headers and bodies, as the providers document them. */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { longOrShort } from "../support/extent.js"
import { answer, type Received, reset, serve } from "./ScriptedServer.js"
import { casesAt, complete, type Side, sides } from "./Side.js"
import { allClients, assertShows, attempt, clients, pairs, paymentId, quick, run } from "./Trial.js"

/** What every HTTP client says of itself, beside what was asked of it. */
const ownHeaders = [
  "accept",
  "accept-encoding",
  "accept-language",
  "connection",
  "content-length",
  "content-type",
  "host",
  "sec-fetch-mode",
  "transfer-encoding",
  "user-agent"
]

const headersOf = ({ headers }: Received): { readonly [name: string]: string } => {
  const names = headers.map(([name]) => name.toLowerCase())
  assert.strictEqual(new Set(names).size, names.length, `a header is sent twice: ${names.join(", ")}`)
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
}

const cancelled = (side: Side, id = paymentId) => answer(200, side.proof(id))

for (const side of sides) {
  // A request is the same over any client: the complete side shows that.
  for (const client of side === complete ? allClients : pairs.flatMap(([other, client]) => other === side ? [client] : [])) {
    describe.concurrent(`${side.name} over ${client[0]}`, () => {
      it.scopedLive("the cancel request", () =>
        Effect.gen(function*() {
          const { cancels: [request], verdict } = yield* attempt({ cancel: [cancelled(side)] }, {
            side,
            client,
            request: { paymentId, idempotencyKey: "key-1042" }
          })
          assertShows(verdict, { success: side.success })
          if (request === undefined) return assert.fail("nothing was sent")
          assert.strictEqual(request.method, side.way.method)
          assert.strictEqual(request.target, side.cancelTarget(paymentId))
          assert.strictEqual(request.body, side.body(paymentId))
          const headers = headersOf(request)
          for (const [name, value] of Object.entries(side.headers)) {
            if (name !== "content-type") assert.strictEqual(headers[name], value, name)
          }
          if (side.keyHeader !== null) assert.strictEqual(headers[side.keyHeader], "key-1042")
          for (const name of side.foreignHeaders) assert.notProperty(headers, name)
          const known = [...ownHeaders, ...Object.keys(side.headers), side.keyHeader]
          assert.deepEqual(Object.keys(headers).filter((name) => !known.includes(name)), [], "headers that nobody asked for")
          if (request.body === "") {
            assert.include([undefined, "0"], headers["content-length"])
            assert.notProperty(headers, "content-type")
          } else {
            assert.match(headers["content-type"] ?? "", new RegExp(`^${side.headers["content-type"] ?? "application/json"}`))
            assert.strictEqual(headers["content-length"], String(new TextEncoder().encode(request.body).length))
          }
          assert.include([undefined, "identity"], headers["accept-encoding"])
        }))

      const { token } = side.way
      if (token !== null) it.scopedLive("the request for an access token, once for a cancel and its status query", () =>
        Effect.gen(function*() {
          const { server: { tokens: [request, ...others] } } = yield* attempt(
            { cancel: [reset], status: [answer(200, side.statusBody(paymentId, side.statuses.cancelled))] },
            { side, client, policy: { ...quick, attempts: 1 } }
          )
          if (request === undefined) return assert.fail("no token was asked for")
          assert.lengthOf(others, 0)
          assert.isTrue(request.target.endsWith(token.target), request.target)
          assert.strictEqual(request.body, token.body)
          assert.deepInclude<object>(headersOf(request), token.headers(side.way.credentials))
        }))

      if (side.readable) it.scopedLive("the status query", () =>
        Effect.gen(function*() {
          const { reads: [request] } = yield* attempt(
            { cancel: [reset], status: [answer(200, side.statusBody(paymentId, side.statuses.cancelled))] },
            { side, client, policy: { ...quick, attempts: 1 } }
          )
          if (request === undefined) return assert.fail("nothing was read")
          assert.strictEqual(request.target.replace(/\?.*$/, ""), side.statusTarget(paymentId))
          assert.strictEqual(request.body, "")
          const headers = headersOf(request)
          for (const [name, value] of Object.entries(side.headers)) {
            if (side.way.onlyOfCancel.includes(name)) assert.notProperty(headers, name)
            else if (name !== "content-type") assert.strictEqual(headers[name], value, name)
          }
          for (const name of side.foreignHeaders) assert.notProperty(headers, name)
          assert.notProperty(headers, "traceparent")
          assert.notProperty(headers, "b3")
        }))

      it.scopedLive("no trace of ours goes along, whatever is being traced", () =>
        Effect.gen(function*() {
          const script = { cancel: [answer(503, ""), cancelled(side)], status: [answer(503, "")] }
          const { cancels, reads } = yield* attempt(script, { side, client }).pipe(Effect.withSpan("outer"))
          for (const request of [...cancels, ...reads]) {
            const names = Object.keys(headersOf(request))
            for (const name of ["traceparent", "tracestate", "b3", "x-b3-traceid", "baggage"]) assert.notInclude(names, name)
          }
        }))

      const ids = [
        "a b", "a/b", "a?b=c", "a#b", "a%2fb", "%2e%2e", "..a", "...", "a;b", "a\\b", "ü", "日本", "😀", "a+b", "a&b=c",
        "'", "\"", "<>", "{}", "@:", "http://evil.invalid/", "//evil.invalid", "a\tb", "a\r\nX-Evil: 1", "\u0000", " ", "x".repeat(255)
      ]
      const isInPath = side.cancelTarget("a") !== side.cancelTarget("b")
      if (!isInPath) it.scopedLive("what names the payment stands in the body, whatever is in it", () =>
        Effect.gen(function*() {
          for (const id of casesAt(side, ["a b", "a/b", "%2e%2e", "..", "ü", "日本", "😀", "'", "\"", "\\", "{}", "x".repeat(45)])) {
            const { cancels: [request], verdict } = yield* attempt({ cancel: [cancelled(side, id)] }, { side, client, request: { paymentId: id } })
            if (request === undefined) return assert.fail(`nothing was sent for ${JSON.stringify(id)}`)
            assert.strictEqual(request.target, side.cancelTarget(""))
            assert.deepEqual(JSON.parse(request.body), JSON.parse(side.body(id)))
            assertShows(verdict, { success: side.success })
          }
        }))
      if (isInPath) it.scopedLive("an id is one percent-encoded segment, whatever is in it", () =>
        Effect.gen(function*() {
          for (const id of casesAt(side, ids)) {
            const server = yield* serve({ cancel: [cancelled(side, id)] })
            const { cancels: [request], verdict } = yield* run(server, { side, client, request: { paymentId: id } })
            if (request === undefined) {
              // Stricter than the promise, but nothing wrong was sent.
              assertShows(verdict, { failure: `accepted: ${JSON.stringify(id)}` })
              continue
            }
            const [before = "", after = ""] = `${side.facts.basePath}${side.way.cancelTarget("\n")}`.split("\n")
            assert.isTrue(request.target.startsWith(before) && request.target.endsWith(after), request.target)
            const segment = request.target.slice(before.length, request.target.length - after.length)
            assert.match(segment, /^([A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+$/)
            assert.strictEqual(decodeURIComponent(segment), side.paymentId(id))
            assertShows(verdict, { success: side.success })
            assert.notProperty(headersOf(request), "x-evil")
          }
        }))

      it.scopedLive("a base URL may end in a slash, or have a path", () =>
        Effect.gen(function*() {
          for (const [suffix, prefix] of casesAt(side, [["/", ""], ["/proxy", "/proxy"], ["/proxy/", "/proxy"]] as const)) {
            const server = yield* serve({ cancel: [cancelled(side)] })
            const { reads } = yield* run({ ...server, url: `${server.url}${suffix}` }, { side, client })
            assert.strictEqual(reads.length, side.asks ? quick.statusReads : 0)
            assert.deepEqual(server.received.map(({ target }) => target), [
              `${prefix}${side.cancelTarget(paymentId)}`,
              ...reads.map(() => `${prefix}${side.statusTarget(paymentId)}`)
            ])
          }
        }))
    })
  }
}

for (const client of clients) {
  describe.concurrent(`over ${client[0]}`, () => {
    it.scopedLive("a client that fails on statuses that are not 2xx changes nothing", () =>
      Effect.gen(function*() {
        const strict = Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, HttpClient.filterStatusOk)).pipe(
          Layer.provide(client[1])
        )
        for (const side of longOrShort(sides, pairs.flatMap(([side, other]) => other === client ? [side] : []))) {
          const refused = yield* attempt(
            { cancel: [answer(side.codes.unauthenticated.status, side.refusal(side.codes.unauthenticated.code))] },
            { side, client: ["strict", strict] }
          )
          assertShows(refused.verdict, { failure: side.codes.unauthenticated.tag, outcome: "NotCancelled" })
          const moved = yield* attempt(
            { cancel: [answer(302, "")], status: [answer(503, "")] },
            { side, client: ["strict", strict], policy: { ...quick, attempts: 1 } }
          )
          assertShows(moved.verdict, { failure: "CancelError.UnexpectedResponse", httpStatus: 302 })
          const fine = yield* attempt({ cancel: [answer(200, side.proof(paymentId))] }, { side, client: ["strict", strict] })
          assertShows(fine.verdict, { success: side.success, evidence: "Response" })
        }
      }))
  })
}
