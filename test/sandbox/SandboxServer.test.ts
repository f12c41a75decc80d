import { assert, describe, layer } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Net from "node:net"
import type { Emulator } from "../../src/sandbox/index.js"
import { Fault, Sandbox } from "../../src/sandbox/index.js"
import * as SandboxServer from "../../src/sandbox/SandboxServer.js"
import { inTurns } from "../support/extent.js"
import { bodyIn, formatOf } from "../support/interpreting.js"
import { providers } from "../support/providers.js"
import { synchronous } from "../support/synchronous.js"

interface Failure {
  readonly message: string
  readonly cause?: { readonly code?: string; readonly cause?: { readonly code?: string } }
}

const attempt = <A>(evaluate: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({ try: evaluate, catch: (cause) => cause as Failure })

const code = (failure: Failure) => failure.cause?.code ?? failure.cause?.cause?.code

/** The prefix under which a provider's whole paths are served. */
const origin = (provider: Sandbox.Provider) =>
  Effect.map(SandboxServer.SandboxServer, ({ url }) => `${url}/${Sandbox.definition(provider).slug}`)

const send = (provider: Sandbox.Provider, { body, headers, method, path }: Emulator.Request) =>
  Effect.flatMap(origin(provider), (base) =>
    attempt((signal) =>
      fetch(base + path, {
        method,
        headers: headers as Record<string, string>,
        signal,
        redirect: "manual",
        ...(body === "" ? {} : { body })
      })
    ))

const cancel = (provider: Sandbox.Provider, id: string, headers: Record<string, string> = {}) => {
  const request = Sandbox.definition(provider).requests.cancel(id)
  return send(provider, { ...request, headers: { ...request.headers, ...headers } })
}

const setup = (provider: Sandbox.Provider) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    yield* sandbox.reset
    const id = yield* sandbox.create<Sandbox.Provider>(provider)
    const cancelled = Effect.map(
      sandbox.payment(provider, id),
      (payment) => Option.getOrThrow(payment).status === providers.find(({ name }) => name === provider)?.cancelled
    )
    return { sandbox, id, cancelled }
  })

/** Waits until it is so. */
const eventually = <R>(isSo: Effect.Effect<boolean, never, R>) =>
  isSo.pipe(Effect.delay("20 millis"), Effect.repeat({ until: (is) => is }), Effect.timeout("5 seconds"))

const control = (method: string, path: string, body?: unknown) =>
  Effect.flatMap(SandboxServer.SandboxServer, ({ url }) =>
    attempt(async () => {
      const response = await fetch(`${url}/sandbox${path}`, {
        method,
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
      })
      return { status: response.status, body: await response.json() as unknown }
    }))

layer(SandboxServer.layer(), { excludeTestServices: true })("SandboxServer", (it) => {
  for (const [turn, { facts, provider, way }] of synchronous.entries()) {
    describe(provider, () => {
      it.effect("cancels and reads on a real socket", () =>
        Effect.gen(function* () {
          const { cancelled, id, sandbox } = yield* setup(provider)
          const server = yield* SandboxServer.SandboxServer
          assert.match(server.baseUrl(provider), /^http:\/\/127\.0\.0\.1:\d+\/[a-z-]+/)
          assert.isTrue(server.baseUrl(provider).endsWith(`/${facts.emulator.slug}${facts.basePath}`))
          const response = yield* cancel(provider, id)
          assert.strictEqual(response.status, 200)
          const body = bodyIn(facts, yield* attempt(() => response.text()))
          assert.strictEqual(body === null ? null : way.readStatus("Cancel", body, id), facts.cancelled)
          assert.isTrue(yield* cancelled)
          const queried = yield* send(provider, Sandbox.definition(provider).requests.status!(id))
          assert.strictEqual(queried.status, 200)
          const wrong = yield* send(provider, Sandbox.definition(provider).requests.wrongCredential(id))
          assert.include([facts.onlyStatus ?? 401, facts.onlyStatus ?? 403], wrong.status)
          const shown = JSON.stringify(yield* sandbox.requests)
          const { credentials, requests } = Sandbox.definition(provider)
          for (const secret of Object.values(credentials)) {
            // What names the merchant in every URL is given with the credentials, and is none.
            if (!requests.cancel(id).path.includes(secret)) assert.notInclude(shown, secret)
          }
        }))

      for (
        const [name, fault, applied, expected] of inTurns([
          ["refuseConnection", Fault.refuseConnection, false, "ECONNRESET"],
          ["dropBeforeApplying", Fault.dropBeforeApplying, false, "UND_ERR_SOCKET"],
          ["dropAfterApplying", Fault.dropAfterApplying, true, "ECONNRESET"]
        ] as const, turn, 3)
      ) {
        it.effect(name, () =>
          Effect.gen(function* () {
            const { cancelled, id, sandbox } = yield* setup(provider)
            yield* sandbox.inject(fault)
            const failure = yield* Effect.flip(cancel(provider, id))
            assert.strictEqual(code(failure), expected)
            assert.strictEqual(yield* cancelled, applied)
          }))
      }

      const onTheWire: ReadonlyArray<readonly [name: string, () => Effect.Effect<void, unknown, Sandbox.Sandbox | SandboxServer.SandboxServer>]> = [
        ["late", () =>
          Effect.gen(function* () {
            const { cancelled, id, sandbox } = yield* setup(provider)
            yield* sandbox.inject(Fault.late("300 millis"))
            assert.strictEqual(code(yield* Effect.flip(cancel(provider, id))), "ECONNRESET")
            assert.isFalse(yield* cancelled)
            yield* eventually(cancelled)
          })],
        ["delay: the provider goes on when the client has left", () =>
          Effect.gen(function* () {
            const { cancelled, id, sandbox } = yield* setup(provider)
            yield* sandbox.inject(Fault.delay("400 millis"))
            assert.isTrue(Option.isNone(yield* Effect.timeoutOption(cancel(provider, id), "50 millis")))
            assert.isFalse(yield* cancelled)
            yield* eventually(cancelled)
          })],
        ["stallHeaders", () =>
          Effect.gen(function* () {
            const { cancelled, id, sandbox } = yield* setup(provider)
            yield* sandbox.inject(Fault.stallHeaders({ applied: true }))
            assert.isTrue(Option.isNone(yield* Effect.timeoutOption(cancel(provider, id), "100 millis")))
            assert.isTrue(yield* cancelled)
          })],
        ["stallBody", () =>
          Effect.gen(function* () {
            const { cancelled, id, sandbox } = yield* setup(provider)
            yield* sandbox.inject(Fault.stallBody)
            const response = yield* cancel(provider, id)
            assert.strictEqual(response.status, 200)
            const reader = response.body!.getReader()
            assert.isAbove((yield* attempt(() => reader.read())).value!.length, 0)
            const [duration, more] = yield* Effect.timed(
              Effect.timeoutOption(attempt(() => reader.read()), "100 millis")
            )
            assert.isTrue(Option.isNone(more))
            assert.isAtLeast(Duration.toMillis(duration), 90)
            assert.isTrue(yield* cancelled)
            yield* Effect.promise(() => reader.cancel())
          })],
        ["cutBody", () =>
          Effect.gen(function* () {
            const { cancelled, id, sandbox } = yield* setup(provider)
            yield* sandbox.inject(Fault.cutBody)
            const response = yield* cancel(provider, id)
            assert.strictEqual(response.status, 200)
            assert.strictEqual(code(yield* Effect.flip(attempt(() => response.text()))), "UND_ERR_SOCKET")
            assert.isTrue(yield* cancelled)
          })],
        ["emptyBody", () =>
          Effect.gen(function* () {
            const { id, sandbox } = yield* setup(provider)
            yield* sandbox.inject(Fault.emptyBody)
            const response = yield* cancel(provider, id)
            assert.deepStrictEqual([response.status, yield* attempt(() => response.text())], [200, ""])
          })],
        ["oversizedBody: read whole, or stopped", () =>
          Effect.gen(function* () {
            const { id, sandbox } = yield* setup(provider)
            yield* sandbox.inject(Fault.oversizedBody(500_000))
            const response = yield* cancel(provider, id)
            assert.isNull(response.headers.get("content-length"))
            // A byte order mark takes three bytes, and is no part of the text.
            assert.include([500_000, 500_000 - 3], (yield* attempt(() => response.text())).length)
            yield* sandbox.inject(Fault.oversizedBody(1e12))
            const endless = yield* cancel(provider, id)
            const reader = endless.body!.getReader()
            yield* attempt(() => reader.read())
            yield* attempt(() => reader.cancel())
          })]
      ]
      for (const [name, test] of inTurns(onTheWire, turn, 3)) it.effect(name, test)

      for (
        const [name, fault, status, inBody] of inTurns([
          ["malformedJson", Fault.malformedJson, 200, ""],
          ["wrongPaymentId", Fault.wrongPaymentId, 200, "another"],
          ["unknownStatus", Fault.unknownStatus, 200, "nobody_has_listed"],
          ["rateLimited", Fault.rateLimited({ retryAfter: 3 }), 429, ""],
          ["serverError", Fault.serverError({ applied: false }), 500, ""],
          ["badGateway", Fault.badGateway({ applied: false }), 502, "<html>"],
          ["errorCode", Fault.errorCode("any_code", 503), 503, "any_code"],
          ["unknownErrorCode", Fault.unknownErrorCode, Sandbox.definition(provider).faultCodes.unknown.status, ""],
          ["redirect", Fault.redirect("http://127.0.0.1:1/"), 307, ""]
        ] as const, turn, 3)
      ) {
        it.effect(name, () =>
          Effect.gen(function* () {
            const { cancelled, id, sandbox } = yield* setup(provider)
            yield* sandbox.inject(fault)
            const response = yield* cancel(provider, id)
            const text = yield* attempt(() => response.text())
            const body = bodyIn(facts, text)
            // What refuses in the provider's own words has the only status that it ever has.
            assert.strictEqual(response.status, facts.readCode(body ?? {}) === null ? status : facts.onlyStatus ?? status)
            if (formatOf(facts) === null || body === null) assert.include(text, inBody)
            if (inBody !== "" && body !== null && status === 200) {
              assert.notStrictEqual(way.readStatus("Cancel", body, id), facts.cancelled)
            }
            assert.strictEqual(response.headers.get("retry-after"), name === "rateLimited" ? "3" : null)
            assert.strictEqual(yield* cancelled, Fault.applies(fault) === "AtOnce")
          }))
      }
    })
  }

  describe("control over HTTP", () => {
    it.effect("creates payments, injects faults, shows requests", () =>
      Effect.gen(function* () {
        yield* setup("WePay")
        const created = yield* control("POST", "/payments", { provider: "WePay", id: "mine", status: "pending" })
        assert.deepStrictEqual(created, { status: 201, body: { provider: "WePay", paymentId: "mine" } })
        assert.deepInclude(yield* control("POST", "/faults", { fault: "DropAfterApplying", operation: "Cancel" }), {
          status: 200
        })
        yield* Effect.flip(cancel("WePay", "mine"))
        const requests = (yield* control("GET", "/requests")).body as ReadonlyArray<Sandbox.ReceivedRequest>
        assert.deepInclude(requests[0]!, { fault: "DropAfterApplying", applied: true, status: null })
        const payments = JSON.stringify((yield* control("GET", "/payments")).body)
        assert.include(payments, `"status":"canceled"`)
      }))

    it.effect("lists the faults by name, with what each takes, also to who names one that is none", () =>
      Effect.gen(function* () {
        const { body, status } = yield* control("GET", "/faults")
        assert.strictEqual(status, 200)
        assert.deepStrictEqual(body, Fault.parameters)
        const refused = yield* control("POST", "/faults", { fault: "DropAnswer" })
        const { message } = refused.body as { readonly message: string }
        for (const name of Object.keys(Fault.parameters)) assert.include(message, name)
        assert.isBelow(message.length, 1_000)
      }))

    it.effect("creates payments that are cancelled without their ids", () =>
      Effect.gen(function* () {
        const { sandbox } = yield* setup("WePay")
        const historyOf = (provider: Sandbox.Provider, paymentId: string) =>
          Effect.map(sandbox.payment(provider, paymentId), (payment) => Option.getOrThrow(payment).history.map(({ to }) => to))
        const square = yield* control("POST", "/payments", { provider: "Square", creationKey: "order-1", id: "mine" })
        assert.deepStrictEqual(square, { status: 201, body: { provider: "Square", paymentId: "mine" } })
        // As at Square, where it is the same creation.
        assert.deepInclude((yield* control("POST", "/payments", { provider: "Square", creationKey: "order-1" })).body, { paymentId: "mine" })
        const byKey = { ...Sandbox.definition("Square").requests.cancel("mine"), path: "/v2/payments/cancel", body: `{"idempotency_key":"order-1"}` }
        assert.strictEqual((yield* send("Square", byKey)).status, 200)
        assert.deepStrictEqual(yield* historyOf("Square", "mine"), ["APPROVED", "CANCELED"])

        const { basePath, credentials, requests } = Sandbox.definition("Adyen")
        yield* control("POST", "/payments", { provider: "Adyen", merchantReference: "order-2", id: "other" })
        const body = JSON.stringify({ merchantAccount: credentials["merchantAccount"], paymentReference: "order-2" })
        assert.strictEqual((yield* send("Adyen", { ...requests.cancel("other"), path: `${basePath}/cancels`, body })).status, 201)
        yield* Effect.sleep("1200 millis")
        assert.deepStrictEqual(yield* historyOf("Adyen", "other"), ["authorised", "cancelled"])
      }))

    it.effect("says in words what it cannot do, and does nothing of the rest", () =>
      Effect.gen(function* () {
        const { body: before } = yield* control("GET", "/payments")
        for (
          const [path, body, words] of [
            ["payments", { provider: "Mollie", status: "authorized", capturedAmount: 4 }, "capturedAmount: is unexpected"],
            ["payments", { provider: "WePay", creationKey: "order-1" }, "creationKey: WePay knows no such name"],
            ["payments", { provider: "Adyen", creationKey: "order-1" }, "creationKey: Adyen knows no such name"],
            ["payments", { provider: "Square", creationKey: "" }, "creationKey: Expected 1 to 45 characters"],
            ["payments", { provider: "Square", creationKey: "k".repeat(46) }, "creationKey: Expected 1 to 45 characters"],
            ["payments", { provider: "Square", creationKey: 7 }, "creationKey: Expected string"],
            ["payments", { provider: "Square", constructor: "x" }, "constructor: is unexpected"],
            ["payments", { provider: "Adyen", merchantReference: "r".repeat(81) }, "merchantReference: Expected 1 to 80 characters"],
            ["faults", { fault: "DropAfterApplying", operation: "Release" }, "operation: Expected an operation: Cancel, Status, Authorization."],
            ["faults", { fault: "DropAfterApplying", opration: "Cancel" }, "opration: is unexpected"],
            ["faults", { fault: { _tag: "Late", duration: "soon" } }, "fault.duration: Expected number"],
            ["faults", { fault: { _tag: "ErrorCode", code: "X", status: 99_999, applied: false } }, "fault.status: Expected"],
            ["faults", { fault: { _tag: "ErrorCode", code: "X", status: 101, applied: false } }, "fault.status: Expected"]
          ] as const
        ) {
          const refused = yield* control("POST", `/${path}`, body)
          assert.strictEqual(refused.status, 400)
          const { message } = refused.body as { readonly message: string }
          assert.isTrue(message.startsWith(words), message)
          assert.notInclude(message, "\n")
        }
        assert.deepStrictEqual((yield* control("GET", "/payments")).body, before)
      }))

    it.effect("takes faults with parameters, durations in milliseconds", () =>
      Effect.gen(function* () {
        const { cancelled, id } = yield* setup("WePay")
        yield* control("POST", "/faults", { fault: { _tag: "Late", duration: 300 }, times: 1 })
        yield* Effect.flip(cancel("WePay", id))
        assert.isFalse(yield* cancelled)
        yield* eventually(cancelled)
        yield* control("POST", "/faults", { fault: { _tag: "ServerError", applied: false }, forever: true })
        assert.strictEqual((yield* cancel("WePay", id)).status, 500)
        yield* control("DELETE", "/faults")
        assert.strictEqual((yield* cancel("WePay", id)).status, 400)
        yield* control("DELETE", "/requests")
        assert.deepStrictEqual((yield* control("GET", "/payments")).body, [])
      }))

    it.effect("says what is wrong", () =>
      Effect.gen(function* () {
        yield* setup("WePay")
        for (
          const [path, body] of [
            ["/faults", "{"],
            ["/faults", { fault: "NoSuchFault" }],
            ["/faults", { fault: "Late" }],
            ["/faults", { fault: "CutBody", provider: "NoSuchProvider" }],
            ["/payments", { provider: "NoSuchProvider" }],
            ["/payments", { provider: "WePay", status: "cancelled" }]
          ] as const
        ) {
          const answer = yield* control("POST", path, body)
          assert.strictEqual(answer.status, 400)
          assert.isString((answer.body as { message: string }).message)
        }
        yield* control("POST", "/payments", { provider: "WePay", id: "x" })
        assert.strictEqual((yield* control("POST", "/payments", { provider: "WePay", id: "x" })).status, 409)
        assert.strictEqual((yield* control("POST", "/nowhere", {})).status, 404)
        assert.strictEqual((yield* control("POST", "/payments", "x".repeat(2_000_000))).status, 413)
      }))
  })

  it.effect("what cannot be sent is answered with a 500 that says why", () =>
    Effect.gen(function* () {
      const { id, sandbox } = yield* setup("WePay")
      for (const fault of [Fault.redirect("a\nb"), Fault.errorCode("X", 99_999)]) {
        yield* sandbox.inject(fault)
        const response = yield* cancel("WePay", id)
        assert.strictEqual(response.status, 500)
        assert.include(yield* attempt(() => response.text()), "The sandbox failed: ")
      }
    }))

  it.effect("a port that is taken is an error", () =>
    Effect.gen(function* () {
      const { port } = yield* SandboxServer.SandboxServer
      const result = yield* Effect.either(Effect.scoped(Layer.build(SandboxServer.layer({ port }))))
      assert.isTrue(Either.isLeft(result) && result.left._tag === "ServeError")
    }))

  it.effect("stops at once, stalled and kept-alive connections included", () =>
    Effect.gen(function* () {
      const [duration, port] = yield* Effect.timed(Effect.scoped(Effect.gen(function* () {
        const context = yield* Layer.build(SandboxServer.layer())
        return yield* Effect.gen(function* () {
          const { id, sandbox } = yield* setup("WePay")
          yield* Effect.flatMap(cancel("WePay", id), (response) => attempt(() => response.text()))
          yield* sandbox.inject(Fault.stallHeaders({ applied: true }))
          yield* Effect.fork(Effect.ignore(cancel("WePay", id)))
          yield* Effect.sleep("50 millis")
          return (yield* SandboxServer.SandboxServer).port
        }).pipe(Effect.provide(context))
      })))
      assert.isBelow(Duration.toMillis(duration), 1000)
      const refused = yield* Effect.exit(Effect.async<void, Error>((resume) => {
        const socket = Net.connect(port, "127.0.0.1", () => {
          socket.destroy()
          resume(Effect.void)
        })
        socket.once("error", (error) => resume(Effect.fail(error)))
      }))
      assert.isTrue(Exit.isFailure(refused))
    }))

  it.effect("lets go of a stalled request, also where it was started as something that is acquired", () =>
    Effect.gen(function* () {
      const { id, sandbox } = yield* setup("WePay")
      const letGo = yield* Deferred.make<void>()
      const watched: typeof sandbox = {
        ...sandbox,
        exchange: (...of) => Effect.onInterrupt(sandbox.exchange(...of), () => Deferred.succeed(letGo, undefined))
      }
      const { url } = yield* Effect.uninterruptible(SandboxServer.makeWith(watched))
      yield* sandbox.inject(Fault.stallHeaders({ applied: true }))
      const { headers, method, path } = Sandbox.definition("WePay").requests.cancel(id)
      const stalled = attempt((signal) =>
        fetch(`${url}/${Sandbox.definition("WePay").slug}${path}`, { method, headers: headers as Record<string, string>, signal }))
      assert.isTrue(Option.isNone(yield* Effect.timeoutOption(stalled, "100 millis")))
      yield* Effect.timeout(Deferred.await(letGo), "5 seconds")
    }).pipe(Effect.scoped))
})
