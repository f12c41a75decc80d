/** The exact requests: targets, headers and bodies, as the providers document them. */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Cancel, WalletConnectPay, WePay } from "effect-payment-cancel"
import { answer, type Received, reset, serve } from "./ScriptedServer.js"
import { canary, reason, type Side, sides, wePay, wePayPayment } from "./Side.js"
import { allClients, assertShows, attempt, clients, paymentId, quick, run } from "./Trial.js"

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

const cancelled = (side: Side, id = paymentId) => answer(200, side.payment(id, side.statuses.cancelled))

for (const side of sides) {
  for (const client of allClients) {
    describe.concurrent(`${side.name} over ${client[0]}`, () => {
      it.scopedLive("the cancel request", () =>
        Effect.gen(function*() {
          const { cancels: [request], verdict } = yield* attempt({ cancel: [cancelled(side)] }, {
            side,
            client,
            request: { paymentId, idempotencyKey: "key-1042" }
          })
          assertShows(verdict, { success: "Cancelled" })
          if (request === undefined) return assert.fail("nothing was sent")
          assert.strictEqual(request.method, "POST")
          assert.strictEqual(request.target, side.cancelTarget(paymentId))
          assert.strictEqual(request.body, side.body)
          const headers = headersOf(request)
          for (const [name, value] of Object.entries(side.headers)) assert.strictEqual(headers[name], value, name)
          if (side.keyHeader !== null) assert.strictEqual(headers[side.keyHeader], "key-1042")
          for (const name of side.foreignHeaders) assert.notProperty(headers, name)
          const known = [...ownHeaders, ...Object.keys(side.headers), side.keyHeader]
          assert.deepEqual(Object.keys(headers).filter((name) => !known.includes(name)), [], "headers that nobody asked for")
          if (side.body === "") {
            assert.include([undefined, "0"], headers["content-length"])
            assert.notProperty(headers, "content-type")
          } else {
            assert.match(headers["content-type"] ?? "", /^application\/json/)
            assert.strictEqual(headers["content-length"], String(new TextEncoder().encode(side.body).length))
          }
          assert.include([undefined, "identity"], headers["accept-encoding"])
        }))

      it.scopedLive("the status query", () =>
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
            if (name !== "content-type" || side.provider === "WePay") assert.strictEqual(headers[name], value, name)
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
      it.scopedLive("an id is one percent-encoded segment, whatever is in it", () =>
        Effect.gen(function*() {
          for (const id of ids) {
            const server = yield* serve({ cancel: [cancelled(side, id)] })
            const { cancels: [request], verdict } = yield* run(server, { side, client, request: { paymentId: id } })
            if (request === undefined) {
              // Stricter than the promise, but nothing wrong was sent.
              assertShows(verdict, { failure: `accepted: ${JSON.stringify(id)}` })
              continue
            }
            const [before = "", after = ""] = side.cancelTarget("\n").split("\n")
            assert.isTrue(request.target.startsWith(before) && request.target.endsWith(after), request.target)
            const segment = request.target.slice(before.length, -after.length)
            assert.match(segment, /^([A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+$/)
            assert.strictEqual(decodeURIComponent(segment), id)
            assertShows(verdict, { success: "Cancelled" })
            assert.notProperty(headersOf(request), "x-evil")
          }
        }))

      it.scopedLive("a base URL may end in a slash, or have a path", () =>
        Effect.gen(function*() {
          for (const [suffix, prefix] of [["/", ""], ["/proxy", "/proxy"], ["/proxy/", "/proxy"]] as const) {
            const server = yield* serve({ cancel: [cancelled(side)] })
            yield* run({ ...server, url: `${server.url}${suffix}` }, { side, client })
            assert.deepEqual(server.received.map(({ target }) => target), [`${prefix}${side.cancelTarget(paymentId)}`])
          }
        }))
    })
  }
}

for (const client of clients) {
  describe.concurrent(`over ${client[0]}`, () => {
    const rbits: ReadonlyArray<readonly [name: string, rbits: WePay.CancelRequest["rbits"], body: { readonly [field: string]: unknown }]> = [
      ["none", undefined, { cancel_reason: reason }],
      ["null", null, { cancel_reason: reason, rbits: null }],
      ["an empty list", [], { cancel_reason: reason, rbits: [] }],
      [
        "as they are",
        [{ receive_time: 1367958263, type: "person", source: "user", properties: { name: "Zoë", deep: [1, null, { a: true }] } }],
        {
          cancel_reason: reason,
          rbits: [{ receive_time: 1367958263, type: "person", source: "user", properties: { name: "Zoë", deep: [1, null, { a: true }] } }]
        }
      ]
    ]
    for (const [name, value, body] of rbits) {
      it.scopedLive(`WePay's rbits: ${name}`, () =>
        Effect.gen(function*() {
          const server = yield* serve({ cancel: [answer(503, ""), cancelled(wePay)], status: [answer(503, "")] })
          const layer = WePay.layer({ appId: canary.weAppId, appToken: Redacted.make(canary.weToken), baseUrl: server.url })
          yield* WePay.cancel({ paymentId, reason, rbits: value }).pipe(
            Cancel.withPolicy(quick),
            Effect.provide(Layer.provide(layer, client[1]))
          )
          assert.deepEqual(server.received.filter(({ method }) => method === "POST").map((request) => JSON.parse(request.body)), [body, body])
        }))
    }

    it.scopedLive("WePay's Api-Version can be chosen", () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [cancelled(wePay)] })
        const layer = WePay.layer({ appId: "1", appToken: Redacted.make("t"), baseUrl: server.url, apiVersion: "3.1" })
        yield* WePay.cancel({ paymentId, reason }).pipe(Effect.provide(Layer.provide(layer, client[1])))
        assert.deepEqual(server.received.map((request) => headersOf(request)["api-version"]), ["3.1"])
      }))

    it.scopedLive("WalletConnect Pay sends neither version nor SDK headers unless told to", () =>
      Effect.gen(function*() {
        const body = { paymentId, status: "cancelled", cancelledReason: "r", cancelledAt: "2025-01-14T10:30:00.123Z" }
        const server = yield* serve({ cancel: [answer(200, body)] })
        const credentials = WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make("k") })
        const layer = WalletConnectPay.layer({ credentials, baseUrl: server.url })
        yield* WalletConnectPay.cancel({ paymentId }).pipe(Effect.provide(Layer.provide(layer, client[1])))
        const names = server.received.flatMap((request) => Object.keys(headersOf(request)))
        for (const name of names) assert.notMatch(name, /^(wcp|sdk)-/)
      }))

    it.scopedLive("a client that fails on statuses that are not 2xx changes nothing", () =>
      Effect.gen(function*() {
        const strict = Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, HttpClient.filterStatusOk)).pipe(
          Layer.provide(client[1])
        )
        for (const side of sides) {
          const refused = yield* attempt(
            { cancel: [answer(side.codes.unauthenticated.status, side.refusal(side.codes.unauthenticated.code))] },
            { side, client: ["strict", strict] }
          )
          assertShows(refused.verdict, { failure: `${side.provider}.${side.codes.unauthenticated.name}`, outcome: "NotCancelled" })
          const moved = yield* attempt(
            { cancel: [answer(302, "")], status: [answer(503, "")] },
            { side, client: ["strict", strict], policy: { ...quick, attempts: 1 } }
          )
          assertShows(moved.verdict, { failure: "CancelError.UnexpectedResponse", httpStatus: 302 })
        }
        const body = wePayPayment(paymentId, "canceled")
        const fine = yield* attempt({ cancel: [answer(200, body)] }, { side: wePay, client: ["strict", strict] })
        assertShows(fine.verdict, { success: "Cancelled", evidence: "Response" })
      }))
  })
}
