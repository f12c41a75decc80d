/** Klarna in the sandbox, in memory and on a real socket: what each fault does to an answer that has no body. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it, layer } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Klarna } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"

const { requests, hosts } = Sandbox.definition("Klarna")
const { password, username } = Sandbox.credentials.Klarna

const cancel = (id: string, origin = Sandbox.baseUrl("Klarna")) => {
  const { headers, path } = requests.cancel(id)
  return HttpClient.execute(HttpClientRequest.post(`${origin}${path}`, { headers: { ...headers } as Record<string, string> }))
}

const setup = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* sandbox.reset
  const id = yield* sandbox.create("Klarna")
  const held = Effect.map(sandbox.payment("Klarna", id), (payment) => Option.getOrThrow(payment).status)
  const last = Effect.map(sandbox.requests, (requests) => requests.at(-1))
  return { sandbox, id, held, last }
})

describe("Klarna in memory", () => {
  it.effect("cancels on its own hosts, with nothing in the answer, and shows no credential", () =>
    Effect.gen(function*() {
      for (const host of hosts) {
        const { held, id, last, sandbox } = yield* setup
        const response = yield* cancel(id, `https://${String(host)}`)
        assert.deepStrictEqual([response.status, yield* response.text], [204, ""])
        assert.strictEqual(yield* held, "CANCELLED")
        assert.deepInclude(yield* last, { operation: "Cancel", paymentId: id, processed: true, applied: true, status: 204 })
        const shown = JSON.stringify(yield* sandbox.requests)
        for (const secret of [username, password, btoa(`${username}:${password}`)]) assert.notInclude(shown, secret)
        assert.include(shown, "<redacted>")
      }
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("cutBody: the connection is lost before the answer", () =>
    Effect.gen(function*() {
      const { held, id, last, sandbox } = yield* setup
      yield* sandbox.inject(Fault.cutBody)
      const error = yield* Effect.flip(cancel(id))
      assert.deepInclude(error, { _tag: "RequestError", reason: "Transport" })
      assert.strictEqual((error.cause as { readonly code?: string }).code, "UND_ERR_SOCKET")
      assert.strictEqual(yield* held, "CANCELLED")
      assert.deepInclude(yield* last, { applied: true, status: null })
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("stallBody: nothing comes", () =>
    Effect.gen(function*() {
      const { held, id, sandbox } = yield* setup
      yield* sandbox.inject(Fault.stallBody)
      const fiber = yield* Effect.fork(Effect.timeoutOption(cancel(id), "30 seconds"))
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.join(fiber)))
      assert.strictEqual(yield* held, "CANCELLED")
    }).pipe(Effect.provide(Sandbox.layer)))

  for (const fault of [Fault.emptyBody, Fault.oversizedBody(300_000), Fault.malformedJson, Fault.wrongPaymentId, Fault.unknownStatus]) {
    it.effect(`${fault._tag}: there is nothing to spoil`, () =>
      Effect.gen(function*() {
        const { held, id, sandbox } = yield* setup
        yield* sandbox.inject(fault)
        const response = yield* cancel(id)
        assert.deepStrictEqual([response.status, yield* response.text], [204, ""])
        assert.strictEqual(yield* held, "CANCELLED")
      }).pipe(Effect.provide(Sandbox.layer)))
  }

  it.effect("a refusal has a body, and it is spoilt", () =>
    Effect.gen(function*() {
      const { sandbox } = yield* setup
      const id = yield* sandbox.create("Klarna", { status: "CAPTURED" })
      yield* sandbox.inject(Fault.cutBody)
      assert.deepInclude(yield* Effect.flip((yield* cancel(id)).text), { _tag: "ResponseError", reason: "Decode" })
      yield* sandbox.inject(Fault.malformedJson)
      assert.deepInclude(yield* Effect.flip((yield* cancel(id)).json), { _tag: "ResponseError", reason: "Decode" })
    }).pipe(Effect.provide(Sandbox.layer)))
})

const onSocket = SandboxServer.layer().pipe(Layer.provideMerge(NodeHttpClient.layerUndici))

layer(onSocket, { excludeTestServices: true })("Klarna on a real socket", (it) => {
  const origin = Effect.map(SandboxServer.SandboxServer, ({ baseUrl }) => baseUrl("Klarna"))

  it.effect("cancels, with neither a body nor its length in the answer", () =>
    Effect.gen(function*() {
      const { held, id } = yield* setup
      const response = yield* cancel(id, yield* origin)
      assert.deepStrictEqual([response.status, yield* response.text], [204, ""])
      assert.isUndefined(response.headers["content-length"])
      assert.match(response.headers["klarna-correlation-id"] ?? "", /^sandbox-klarna-/)
      assert.strictEqual(yield* held, "CANCELLED")
    }))

  it.effect("cutBody: the connection is lost before the answer", () =>
    Effect.gen(function*() {
      const { held, id, sandbox } = yield* setup
      yield* sandbox.inject(Fault.cutBody)
      const error = yield* Effect.flip(cancel(id, yield* origin))
      assert.deepInclude(error, { _tag: "RequestError", reason: "Transport" })
      assert.strictEqual(yield* held, "CANCELLED")
    }))

  it.effect("stallBody: nothing comes", () =>
    Effect.gen(function*() {
      const { held, id, sandbox } = yield* setup
      yield* sandbox.inject(Fault.stallBody)
      assert.isTrue(Option.isNone(yield* Effect.timeoutOption(cancel(id, yield* origin), "100 millis")))
      assert.strictEqual(yield* held, "CANCELLED")
    }))

  for (const fault of [Fault.emptyBody, Fault.oversizedBody(300_000), Fault.malformedJson, Fault.wrongPaymentId, Fault.unknownStatus]) {
    it.effect(`${fault._tag}: there is nothing to spoil`, () =>
      Effect.gen(function*() {
        const { held, id, sandbox } = yield* setup
        yield* sandbox.inject(fault)
        const response = yield* cancel(id, yield* origin)
        assert.deepStrictEqual([response.status, yield* response.text], [204, ""])
        assert.strictEqual(yield* held, "CANCELLED")
      }))
  }

  for (const fault of [undefined, Fault.cutBody, Fault.dropAfterApplying, Fault.emptyBody]) {
    it.effect(`the library cancels, ${fault === undefined ? "undisturbed" : `under ${fault._tag}`}`, () =>
      Effect.gen(function*() {
        const { id, sandbox } = yield* setup
        if (fault !== undefined) yield* sandbox.inject(fault)
        const result = yield* Klarna.cancel({ paymentId: id }).pipe(Effect.provide(
          Klarna.layer({
            username,
            password: Redacted.make(password),
            baseUrl: yield* origin,
            policy: { backoff: { initial: "10 millis" } }
          })
        ))
        assert.deepInclude(result, { _tag: "Cancelled", evidence: "StatusQuery" })
      }))
  }
})
