import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Emulator } from "../../src/sandbox/index.js"
import { Fault, Sandbox } from "../../src/sandbox/index.js"
import * as SandboxServer from "../../src/sandbox/SandboxServer.js"
import { decode, Teller } from "./Teller.js"

interface Setting {
  readonly sandbox: Sandbox.Service<{ readonly Teller: typeof Teller }>
  readonly client: HttpClient.HttpClient
  readonly baseUrl: string
}

const inMemory: Effect.Effect<Setting, never, Scope.Scope> = Effect.map(
  Sandbox.makeWith({ Teller }),
  (sandbox) => ({ sandbox, client: Sandbox.httpClient(sandbox), baseUrl: "https://api.teller.example" })
)

const overSockets = Effect.gen(function*() {
  const sandbox = yield* Sandbox.makeWith({ Teller })
  const server = yield* SandboxServer.makeWith(sandbox)
  const client = Context.get(yield* Layer.build(NodeHttpClient.layerUndici), HttpClient.HttpClient)
  return { sandbox, client, baseUrl: server.baseUrl("Teller"), server }
})

const send = ({ baseUrl, client }: Pick<Setting, "baseUrl" | "client">, { headers, method, path }: Emulator.Request) =>
  Effect.gen(function*() {
    const request = method === "POST" ? HttpClientRequest.post : HttpClientRequest.get
    const response = yield* client.execute(request(`${baseUrl}${path}`, { headers }))
    const contentType = response.headers["content-type"]
    return { status: response.status, contentType, text: yield* response.text }
  })

const { cancel, status, wrongCredential } = Teller.requests

for (
  const [name, setting] of [
    ["in memory", inMemory],
    ["over sockets", Effect.orDie(overSockets)]
  ] as const
) {
  describe(`answers that are not JSON, ${name}`, () => {
    const opened = Effect.gen(function*() {
      const all = yield* setting
      return { ...all, id: yield* all.sandbox.create("Teller", { note: "a\tb" }) }
    })

    it.scopedLive("are written as the provider writes them", () =>
      Effect.gen(function*() {
        const { id, ...all } = yield* opened
        const answer = yield* send(all, cancel(id))
        assert.deepStrictEqual(answer, {
          status: 200,
          contentType: "text/x-lines",
          text: `payment: ${id}\nstatus: VOID\nnote: a\tb\n`
        })
        assert.strictEqual((yield* send(all, status!(id))).text, answer.text)
      }))

    for (
      const [fault, changed] of [
        [Fault.wrongPaymentId, { payment: "another" }],
        [Fault.unknownStatus, { status: "UNHEARD_OF" }]
      ] as const
    ) {
      it.scopedLive(`${fault._tag} changes what it is to change and nothing else`, () =>
        Effect.gen(function*() {
          const { id, ...all } = yield* opened
          yield* all.sandbox.inject(fault, { provider: "Teller", operation: "Cancel", times: 2 })
          const answer = yield* send(all, cancel(id))
          assert.strictEqual(answer.contentType, "text/x-lines")
          assert.deepStrictEqual(decode(answer.text), { payment: id, status: "VOID", note: "a\tb", ...changed })
          // Where an answer always has the status 200, what refuses is left as it is.
          assert.strictEqual((yield* send(all, cancel(id))).text, "error: GONE\n")
        }))

      it.scopedLive(`${fault._tag} is not remembered under a key`, () =>
        Effect.gen(function*() {
          const { id, ...all } = yield* opened
          const keyed = { ...cancel(id), headers: { ...cancel(id).headers, "x-key": "k" } }
          yield* all.sandbox.inject(fault)
          yield* send(all, keyed)
          assert.deepStrictEqual(decode((yield* send(all, keyed)).text), { payment: id, status: "VOID", note: "a\tb" })
        }))
    }

    it.scopedLive("are halved, emptied, padded and cut as any text", () =>
      Effect.gen(function*() {
        const { id, ...all } = yield* opened
        const read = send(all, status!(id))
        const intact = (yield* read).text
        yield* all.sandbox.inject(Fault.malformedJson)
        assert.strictEqual((yield* read).text, intact.slice(0, Math.floor(intact.length / 2)))
        yield* all.sandbox.inject(Fault.emptyBody)
        assert.strictEqual((yield* read).text, "")
        yield* all.sandbox.inject(Fault.oversizedBody(1_000))
        assert.strictEqual((yield* read).text, intact.padEnd(1_000))
        yield* all.sandbox.inject(Fault.cutBody)
        assert.isTrue(Either.isLeft(yield* Effect.either(read)))
      }))

    it.scopedLive("are the provider's own where it refuses or fails, and a proxy's page is HTML", () =>
      Effect.gen(function*() {
        const { id, ...all } = yield* opened
        const read = send(all, status!(id))
        const expected = [
          [Fault.rateLimited(), "BUSY"],
          [Fault.serverError({ applied: false }), "FAILED"],
          [Fault.statusQueryDown, "FAILED"],
          [Fault.unknownErrorCode, "NOBODY_HAS_LISTED_THIS"],
          [Fault.errorCode("ANY", 200), "ANY"]
        ] as const
        for (const [fault, code] of expected) {
          yield* all.sandbox.inject(fault)
          assert.deepStrictEqual(yield* read, { status: 200, contentType: "text/x-lines", text: `error: ${code}\n` })
        }
        assert.strictEqual((yield* send(all, wrongCredential(id))).text, "error: WHO\n")
        yield* all.sandbox.inject(Fault.badGateway({ applied: false }))
        const page = yield* read
        assert.deepStrictEqual([page.status, page.contentType], [502, "text/html"])
      }))
  })
}

describe("a sandbox of other providers", () => {
  it.scopedLive("knows theirs, and keeps their credentials to itself", () =>
    Effect.gen(function*() {
      const all = yield* inMemory
      const id = yield* all.sandbox.create("Teller")
      yield* send(all, cancel(id))
      const [received, ...more] = yield* all.sandbox.requests
      assert.deepStrictEqual(more, [])
      assert.strictEqual(received?.provider, "Teller")
      assert.strictEqual(received?.headers["x-till"], "<redacted>")
      const [payment] = yield* all.sandbox.payments
      assert.deepStrictEqual([payment?.paymentId, payment?.status], [id, "VOID"])
      const stranger = yield* Effect.either(all.client.execute(HttpClientRequest.get("https://wepay.sandbox.test/")))
      assert.isTrue(Either.isLeft(stranger))
    }))

  it.scopedLive("is controlled over HTTP as the library's own", () =>
    Effect.gen(function*() {
      const { client, server } = yield* overSockets
      const control = (path: string, body: unknown) =>
        Effect.map(
          client.execute(
            HttpClientRequest.bodyUnsafeJson(HttpClientRequest.post(`${server.url}/sandbox${path}`), body)
          ),
          ({ status }) => status
        )
      assert.strictEqual(yield* control("/payments", { provider: "Teller", id: "t-9", status: "OPEN" }), 201)
      assert.strictEqual(yield* control("/payments", { provider: "WePay" }), 400)
      assert.strictEqual(yield* control("/faults", { fault: "EmptyBody", provider: "Teller" }), 200)
      assert.strictEqual(yield* control("/faults", { fault: "EmptyBody", provider: "WePay" }), 400)
      const halted = yield* send({ client, baseUrl: server.baseUrl("Teller") }, status!("t-9"))
      assert.strictEqual(halted.text, "")
    }))
})
