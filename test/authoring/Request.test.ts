import { assert, describe, it } from "@effect/vitest"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as FastCheck from "effect/FastCheck"
import { inspect } from "node:util"
import * as Request from "../../src/authoring/Request.js"

const methods: ReadonlyArray<HttpMethod> = ["GET", "POST", "PUT", "PATCH", "DELETE"]

const parts = FastCheck.record({
  method: FastCheck.constantFrom(...methods),
  url: FastCheck.webUrl(),
  headers: FastCheck.dictionary(FastCheck.stringMatching(/^x-[a-z]{1,8}$/), FastCheck.stringMatching(/^[!-~]{0,12}$/)),
  text: FastCheck.option(FastCheck.string({ minLength: 1 }), { nil: undefined })
})

/** All that a client reads of a request. */
const readOf = ({ body, hash, headers, method, url, urlParams }: HttpClientRequest.HttpClientRequest) => ({
  method,
  url,
  urlParams,
  hash,
  headers: { ...headers },
  body: body._tag === "Uint8Array" ? [...body.body] : body._tag
})

describe("a request", () => {
  it("is what the platform's own steps make", () => {
    FastCheck.assert(FastCheck.property(parts, ({ headers, method, text, url }) => {
      const stepwise = HttpClientRequest.make(method)(url, { headers })
      const theirs = text === undefined ? stepwise : HttpClientRequest.bodyText(stepwise, text, "text/x-test")
      const ours = Request.make(method, url, headers, text === undefined ? undefined : HttpBody.text(text, "text/x-test"))
      assert.deepStrictEqual(readOf(ours), readOf(theirs))
    }))
  })

  const request = Request.make("POST", "https://api.acme.example/payments", { "authorization": "Bearer sk_secret" }, HttpBody.unsafeJson({ key: "sk_body" }))

  it("is taken further by the platform's functions", () => {
    const changed = request.pipe(
      HttpClientRequest.setHeader("X-Trace", "1"),
      HttpClientRequest.appendUrl("cancel"),
      HttpClientRequest.setUrlParam("a", "b")
    )
    assert.deepStrictEqual({ ...changed.headers }, {
      "authorization": "Bearer sk_secret",
      "content-type": "application/json",
      "content-length": "17",
      "x-trace": "1"
    })
    assert.strictEqual(changed.url, "https://api.acme.example/payments/cancel")
    assert.strictEqual(changed.body, request.body)
    assert.notProperty(request.headers, "x-trace")
    assert.isTrue(HttpClientRequest.TypeId in request)
  })

  it("shows no credential where it is written out", () => {
    for (const shown of [JSON.stringify(request), String(request), inspect(request)]) {
      assert.notMatch(shown, /sk_(secret|body)/)
      assert.include(shown, "https://api.acme.example/payments")
    }
  })

  it("shows none either with one header more, and is otherwise the same", () => {
    const theirs = HttpClientRequest.get("https://api.acme.example/p", { hash: "h", urlParams: { a: "b" }, headers: { "x-key": "sk_secret" } })
    const more = Request.withHeader(theirs, "authorization", "Bearer sk_secret")
    assert.deepStrictEqual(readOf(more), readOf(HttpClientRequest.setHeader(theirs, "authorization", "Bearer sk_secret")))
    for (const shown of [JSON.stringify(more), String(more), inspect(more)]) assert.notInclude(shown, "sk_secret")
    assert.notProperty(theirs.headers, "authorization")
  })

  it("leaves the headers that it is made from as they are", () => {
    const headers = { "accept": "application/json" }
    Request.make("GET", "https://api.acme.example/payments", headers)
    assert.strictEqual(Object.getPrototypeOf(headers), Object.prototype)
    assert.deepStrictEqual(headers, { "accept": "application/json" })
  })

  it("says of an empty body that it is empty, which clients say as well", () => {
    const { headers } = Request.make("POST", "https://api.acme.example", {}, HttpBody.text("", "text/x-test"))
    assert.deepStrictEqual({ ...headers }, { "content-type": "text/x-test", "content-length": "0" })
  })

  it("has a content type of its own where its headers name one", () => {
    const named = Request.make("POST", "https://api.acme.example", { "content-type": "application/vnd.acme+json" }, HttpBody.unsafeJson({}))
    assert.strictEqual(named.headers["content-type"], "application/vnd.acme+json")
  })
})
