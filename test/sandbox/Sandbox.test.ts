import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { Emulator } from "../../src/sandbox/index.js"
import { bodyIn } from "../support/interpreting.js"
import { Fault, Sandbox } from "../../src/sandbox/index.js"
import { providers } from "../support/providers.js"
import { synchronous } from "../support/synchronous.js"

const toClientRequest = (base: string, { body, headers, method, path, query }: Emulator.Request) => {
  const url = new URL(Sandbox.baseUrl("WePay"))
  url.hostname = new URL(base).hostname
  url.pathname = path
  url.search = query
  const request = HttpClientRequest.make(method as HttpMethod)(url, { headers: { ...headers } as Record<string, string> })
  return body === "" ? request : HttpClientRequest.bodyText(request, body, headers["content-type"] ?? "application/json")
}

const send = (provider: Sandbox.Provider, request: Emulator.Request) =>
  HttpClient.execute(toClientRequest(Sandbox.baseUrl(provider), request))

const cancel = (provider: Sandbox.Provider, id: string, headers: Record<string, string> = {}) => {
  const request = Sandbox.definition(provider).requests.cancel(id)
  return send(provider, { ...request, headers: { ...request.headers, ...headers } })
}

const status = (provider: Sandbox.Provider, id: string) =>
  send(provider, Sandbox.definition(provider).requests.status!(id))

const cause = (error: HttpClientError.HttpClientError) => error.cause as { code?: string; syscall?: string }

const setup = <P extends Sandbox.Provider>(provider: P) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const id = yield* sandbox.create<Sandbox.Provider>(provider)
    const held = Effect.map(sandbox.payment(provider, id), (payment) => Option.getOrThrow(payment).status)
    const last = Effect.map(sandbox.requests, (requests) => requests.at(-1))
    return { sandbox, id, held, last }
  })

for (const { closed, facts, provider, way } of synchronous) {
  const { cancellable: open, cancelled } = facts
  const statedIn = (text: string, id: string) => {
    const body = bodyIn(facts, text)
    return body === null ? null : way.readStatus("Cancel", body, id) ?? way.readStatus("Status", body, id)
  }
  /** What the provider itself answers with, where the status says something. */
  const usually = (status: number) => facts.onlyStatus ?? status
  describe(`${provider} in memory`, () => {
    it.effect("cancels, reads, records", () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(1_000)
        const { held, id, sandbox } = yield* setup(provider)
        yield* TestClock.adjust("5 seconds")
        const response = yield* cancel(provider, id)
        assert.strictEqual(response.status, 200)
        assert.strictEqual(statedIn(yield* response.text, id), cancelled)
        assert.strictEqual(yield* held, cancelled)
        assert.strictEqual((yield* (yield* status(provider, id)).text).includes(cancelled), true)
        const [first, second, ...rest] = yield* sandbox.requests
        assert.lengthOf(rest, 0)
        assert.deepInclude(first!, {
          index: 0,
          at: 6_000,
          provider,
          operation: "Cancel",
          paymentId: id,
          method: Sandbox.definition(provider).requests.cancel(id).method,
          fault: null,
          processed: true,
          applied: true,
          status: 200
        })
        assert.deepInclude(second!, { index: 1, operation: "Status", processed: true, applied: false, status: 200 })
        const record = Option.getOrThrow(yield* sandbox.payment(provider, id))
        assert.deepStrictEqual(record.history, [
          { at: 1_000, from: null, to: open, by: "Create", requestIndex: null },
          { at: 6_000, from: open, to: cancelled, by: "Cancel", requestIndex: 0 }
        ])
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("answers on the provider's own hosts", () =>
      Effect.gen(function* () {
        const { id } = yield* setup(provider)
        for (const host of Sandbox.definition(provider).hosts) {
          const request = Sandbox.definition(provider).requests.status!(id)
          const response = yield* HttpClient.execute(toClientRequest(`https://${String(host)}`, request))
          assert.strictEqual(response.status, 200)
        }
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("shows no credential among the received requests", () =>
      Effect.gen(function* () {
        const { id, sandbox } = yield* setup(provider)
        const { credentials, requests, secretHeaders } = Sandbox.definition(provider)
        yield* cancel(provider, id, { Authorization: "Bearer hush-hush", "X-Api-Key": "hush-hush" })
        yield* send(provider, requests.wrongCredential(id))
        yield* send(provider, { ...requests.cancel(id), headers: Object.fromEntries(secretHeaders.map((h) => [h, "hush-hush"])) })
        const shown = JSON.stringify(yield* sandbox.requests)
        // In a header it is known as a credential, in a body only if it is the right one.
        const wrong = requests.wrongCredential(id).body.includes("wrong") ? [] : ["wrong"]
        // What names the merchant in every URL is given with the credentials, and is none.
        const secrets = Object.values(credentials).filter((each) => !requests.cancel(id).path.includes(each))
        for (const secret of [...secrets, "hush-hush", ...wrong]) {
          assert.notInclude(shown, secret)
        }
        assert.include(shown, "<redacted>")
      }).pipe(Effect.provide(Sandbox.layer)))

    const lostConnection = [
      ["dropBeforeApplying", Fault.dropBeforeApplying, false, "UND_ERR_SOCKET"],
      ["dropAfterApplying", Fault.dropAfterApplying, true, "ECONNRESET"]
    ] as const
    for (const [name, fault, applied, code] of lostConnection) {
      it.effect(name, () =>
        Effect.gen(function* () {
          const { held, id, last, sandbox } = yield* setup(provider)
          yield* sandbox.inject(fault)
          const error = yield* Effect.flip(cancel(provider, id))
          assert.deepInclude(error, { _tag: "RequestError", reason: "Transport" })
          assert.instanceOf(error.cause, Error)
          assert.strictEqual(cause(error).code, code)
          assert.notStrictEqual(cause(error).syscall, "connect")
          assert.strictEqual(yield* held, applied ? cancelled : open)
          assert.deepInclude(yield* last, { fault: fault._tag, processed: applied, applied, status: null })
        }).pipe(Effect.provide(Sandbox.layer)))
    }

    it.effect("refuseConnection: nothing reaches the provider", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.refuseConnection)
        const error = yield* Effect.flip(cancel(provider, id))
        assert.deepInclude(error, { _tag: "RequestError", reason: "Transport" })
        assert.deepInclude(cause(error), { code: "ECONNREFUSED", syscall: "connect" })
        assert.deepStrictEqual(yield* sandbox.requests, [])
        assert.strictEqual(yield* held, open)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("late: the request arrives when the client has long gone", () =>
      Effect.gen(function* () {
        const { held, id, last, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.late("1 minute"))
        const error = yield* Effect.flip(cancel(provider, id))
        assert.strictEqual(cause(error).code, "ECONNRESET")
        assert.deepInclude(yield* last, { processed: false, applied: false })
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual(yield* held, open)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* held, cancelled)
        assert.deepInclude(yield* last, { processed: true, applied: true, status: null })
        const { history } = Option.getOrThrow(yield* sandbox.payment(provider, id))
        assert.deepInclude(history.at(-1)!, { at: yield* Clock.currentTimeMillis, by: "Cancel", requestIndex: 0 })
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("late: a request that arrives in another state is refused, and nobody hears of it", () =>
      Effect.gen(function* () {
        const { held, id, last, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.late("1 minute"))
        yield* Effect.flip(cancel(provider, id))
        const other = closed
        yield* sandbox.move(provider, id, other)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* held, other)
        assert.deepInclude(yield* last, { processed: true, applied: false })
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("delay: the provider finishes and then answers", () =>
      Effect.gen(function* () {
        const { held, id, last, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.delay("10 seconds"))
        const fiber = yield* Effect.fork(cancel(provider, id))
        yield* TestClock.adjust("9 seconds")
        assert.strictEqual(yield* held, open)
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(fiber)).status, 200)
        assert.deepInclude(yield* last, { applied: true, status: 200 })
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("delay: the provider goes on when the client gives up", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.delay("10 seconds"))
        const fiber = yield* Effect.fork(Effect.timeoutOption(cancel(provider, id), "3 seconds"))
        yield* TestClock.adjust("3 seconds")
        assert.isTrue(Option.isNone(yield* Fiber.join(fiber)))
        assert.strictEqual(yield* held, open)
        yield* TestClock.adjust("7 seconds")
        assert.strictEqual(yield* held, cancelled)
      }).pipe(Effect.provide(Sandbox.layer)))

    for (const applied of [true, false]) {
      it.effect(`stallHeaders, ${applied ? "" : "not "}applied`, () =>
        Effect.gen(function* () {
          const { held, id, last, sandbox } = yield* setup(provider)
          yield* sandbox.inject(Fault.stallHeaders({ applied }))
          const fiber = yield* Effect.fork(Effect.timeoutOption(cancel(provider, id), "30 seconds"))
          yield* TestClock.adjust("30 seconds")
          assert.isTrue(Option.isNone(yield* Fiber.join(fiber)))
          assert.strictEqual(yield* held, applied ? cancelled : open)
          assert.deepInclude(yield* last, { processed: applied, applied, status: null })
        }).pipe(Effect.provide(Sandbox.layer)))

      it.effect(`serverError, ${applied ? "" : "not "}applied`, () =>
        Effect.gen(function* () {
          const { held, id, last, sandbox } = yield* setup(provider)
          yield* sandbox.inject(Fault.serverError({ applied }))
          const response = yield* cancel(provider, id)
          assert.strictEqual(response.status, usually(500))
          assert.include(yield* response.text, Sandbox.definition(provider).faultCodes.serverError.code)
          assert.strictEqual(yield* held, applied ? cancelled : open)
          assert.deepInclude(yield* last, { processed: applied, applied, status: usually(500) })
        }).pipe(Effect.provide(Sandbox.layer)))

      it.effect(`badGateway, ${applied ? "" : "not "}applied`, () =>
        Effect.gen(function* () {
          const { held, id, last, sandbox } = yield* setup(provider)
          yield* sandbox.inject(Fault.badGateway({ applied }))
          const response = yield* cancel(provider, id)
          assert.strictEqual(response.status, 502)
          assert.strictEqual(response.headers["content-type"], "text/html")
          assert.include(yield* response.text, "<html>")
          assert.strictEqual(yield* held, applied ? cancelled : open)
          assert.deepInclude(yield* last, { processed: applied, applied, status: 502 })
        }).pipe(Effect.provide(Sandbox.layer)))

      it.effect(`errorCode, ${applied ? "" : "not "}applied`, () =>
        Effect.gen(function* () {
          const { held, id, last, sandbox } = yield* setup(provider)
          yield* sandbox.inject(Fault.errorCode("any_code", 418, { applied }))
          const response = yield* cancel(provider, id)
          assert.strictEqual(response.status, usually(418))
          assert.strictEqual(facts.readCode(bodyIn(facts, yield* response.text) ?? {}), "any_code")
          assert.strictEqual(yield* held, applied ? cancelled : open)
          assert.deepInclude(yield* last, { processed: applied, applied, status: usually(418) })
        }).pipe(Effect.provide(Sandbox.layer)))
    }

    it.effect("cutBody", () =>
      Effect.gen(function* () {
        const { held, id, last, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.cutBody, { times: 2 })
        const response = yield* cancel(provider, id)
        assert.strictEqual(response.status, 200)
        const error = yield* Effect.flip(response.text)
        assert.deepInclude(error, { _tag: "ResponseError", reason: "Decode" })
        assert.strictEqual(cause(error).code, "UND_ERR_SOCKET")
        assert.strictEqual(yield* held, cancelled)
        assert.deepInclude(yield* last, { applied: true, status: 200 })
        // What came before the cut can be read.
        let bytes = 0
        const streamed = yield* (yield* cancel(provider, id)).stream.pipe(
          Stream.runForEach((part) => Effect.sync(() => bytes += part.length)),
          Effect.either
        )
        assert.isTrue(Either.isLeft(streamed))
        assert.isAbove(bytes, 0)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("stallBody", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.stallBody)
        const response = yield* cancel(provider, id)
        assert.strictEqual(response.status, 200)
        const fiber = yield* Effect.fork(Effect.timeoutOption(response.text, "30 seconds"))
        yield* TestClock.adjust("30 seconds")
        assert.isTrue(Option.isNone(yield* Fiber.join(fiber)))
        assert.strictEqual(yield* held, cancelled)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("emptyBody", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.emptyBody)
        const response = yield* cancel(provider, id)
        assert.strictEqual(response.status, 200)
        assert.strictEqual(yield* response.text, "")
        assert.strictEqual(yield* held, cancelled)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("oversizedBody", () =>
      Effect.gen(function* () {
        const { id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.oversizedBody(300_000))
        const response = yield* cancel(provider, id)
        assert.isUndefined(response.headers["content-length"])
        const text = yield* response.text
        // A byte order mark takes three bytes, and is no part of the text.
        assert.include([300_000, 300_000 - 3], text.length)
        assert.strictEqual(statedIn(text, id), cancelled)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("oversizedBody: whoever stops reading does not pay for the rest", () =>
      Effect.gen(function* () {
        const { id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.oversizedBody(1e15))
        const response = yield* cancel(provider, id)
        const read = yield* Stream.runFoldWhile(
          response.stream,
          0,
          (length) => length < 1_000_000,
          (length, part) => length + part.length
        )
        assert.isAtLeast(read, 1_000_000)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("malformedJson", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.malformedJson)
        const response = yield* cancel(provider, id)
        assert.strictEqual(response.status, 200)
        assert.deepInclude(yield* Effect.flip(response.json), { _tag: "ResponseError", reason: "Decode" })
        assert.strictEqual(yield* held, cancelled)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("wrongPaymentId", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.wrongPaymentId)
        const response = yield* cancel(provider, id)
        assert.strictEqual(response.status, 200)
        assert.notInclude(yield* response.text, id)
        assert.strictEqual(yield* held, cancelled)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("unknownStatus", () =>
      Effect.gen(function* () {
        const { id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.unknownStatus, { times: 2 })
        for (const response of [yield* cancel(provider, id), yield* status(provider, id)]) {
          assert.strictEqual(response.status, 200)
          const stated = statedIn(yield* response.text, id)
          // An approval states none: what is no approval any more says nothing.
          if (way.approves && stated === null) continue
          assert.isNotNull(stated)
          assert.notProperty(facts.standings, stated)
        }
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("rateLimited", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        const { faultCodes } = Sandbox.definition(provider)
        for (const retryAfter of [7, "Wed, 21 Oct 2026 07:28:00 GMT"]) {
          yield* sandbox.inject(Fault.rateLimited({ retryAfter }))
          const response = yield* cancel(provider, id)
          assert.strictEqual(response.status, usually(429))
          assert.strictEqual(response.headers["retry-after"], String(retryAfter))
          assert.include(yield* response.text, faultCodes.rateLimited.code)
        }
        yield* sandbox.inject(Fault.rateLimited())
        assert.isUndefined((yield* cancel(provider, id)).headers["retry-after"])
        assert.strictEqual(yield* held, open)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("unknownErrorCode", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.unknownErrorCode)
        const response = yield* cancel(provider, id)
        assert.strictEqual(response.status, Sandbox.definition(provider).faultCodes.unknown.status)
        assert.strictEqual(facts.readCode(bodyIn(facts, yield* response.text) ?? {}), Sandbox.definition(provider).faultCodes.unknown.code)
        assert.strictEqual(yield* held, open)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("redirect", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.redirect("https://elsewhere.test/"))
        const response = yield* cancel(provider, id)
        assert.strictEqual(response.status, 307)
        assert.strictEqual(response.headers["location"], "https://elsewhere.test/")
        assert.strictEqual(yield* held, open)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("statusQueryDown never meets a cancel", () =>
      Effect.gen(function* () {
        const { held, id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.statusQueryDown, { forever: true })
        assert.strictEqual((yield* cancel(provider, id)).status, 200)
        assert.strictEqual((yield* status(provider, id)).status, usually(500))
        assert.strictEqual((yield* status(provider, id)).status, usually(500))
        yield* sandbox.clearFaults
        assert.strictEqual((yield* status(provider, id)).status, 200)
        assert.strictEqual(yield* held, cancelled)
      }).pipe(Effect.provide(Sandbox.layer)))

    it.effect("reset: nothing is left, and nothing that was under way arrives", () =>
      Effect.gen(function* () {
        const { id, sandbox } = yield* setup(provider)
        yield* sandbox.inject(Fault.late("1 minute"))
        yield* sandbox.inject(Fault.badGateway({ applied: false }), { forever: true })
        yield* Effect.flip(cancel(provider, id))
        yield* sandbox.reset
        assert.deepStrictEqual([yield* sandbox.payments, yield* sandbox.requests], [[], []])
        const again = yield* sandbox.create<Sandbox.Provider>(provider)
        assert.strictEqual(again, id)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(Option.getOrThrow(yield* sandbox.payment(provider, id)).status, open)
        assert.strictEqual((yield* status(provider, id)).status, 200)
      }).pipe(Effect.provide(Sandbox.layer)))
  })
}

describe("Sandbox", () => {
  it.effect("dropWhileProcessing: the key is in flight until the provider is done", () =>
    Effect.gen(function* () {
      const { held, id, sandbox } = yield* setup("WePay")
      yield* sandbox.inject(Fault.dropWhileProcessing("3 seconds"))
      const keyed = cancel("WePay", id, { "unique-key": "k" })
      yield* Effect.flip(keyed)
      const concurrent = yield* keyed
      assert.strictEqual(concurrent.status, 400)
      assert.include(yield* concurrent.text, "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING")
      assert.strictEqual(yield* held, "pending")
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual((yield* keyed).status, 200)
      assert.strictEqual(yield* held, "canceled")
      assert.deepStrictEqual((yield* sandbox.requests).map((request) => request.applied), [true, false, false])
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("late: the provider does not know the key until the request arrives", () =>
    Effect.gen(function* () {
      const { id, sandbox } = yield* setup("WePay")
      yield* sandbox.inject(Fault.late("3 seconds"))
      const keyed = cancel("WePay", id, { "unique-key": "k" })
      yield* Effect.flip(keyed)
      assert.strictEqual((yield* keyed).status, 200)
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual((yield* sandbox.requests).map((request) => request.applied), [false, true])
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("faults meet what they are aimed at, in order, as often as was asked", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const one = yield* sandbox.create("WePay", { id: "one" })
      const two = yield* sandbox.create("WePay", { id: "two" })
      yield* sandbox.inject(Fault.errorCode("A", 400), { provider: "WalletConnectPay" })
      yield* sandbox.inject(Fault.errorCode("Z", 499), { times: 0 })
      yield* sandbox.inject(Fault.errorCode("B", 401), { operation: "Status" })
      yield* sandbox.inject(Fault.errorCode("C", 402), { paymentId: two, times: 2 })
      yield* sandbox.inject(Fault.errorCode("D", 403))
      const statuses: Array<number> = []
      for (const request of [cancel("WePay", two), cancel("WePay", one), cancel("WePay", two), status("WePay", two)]) {
        statuses.push((yield* request).status)
      }
      assert.deepStrictEqual(statuses, [402, 403, 402, 401])
      assert.strictEqual((yield* cancel("WePay", two)).status, 200)
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("every fault says whether it lets the request be applied, and keeps its word", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const faults: ReadonlyArray<Fault.Fault> = [
        ...Object.values(Fault).filter((member): member is Fault.Fault =>
          typeof member === "object" && "_tag" in member && typeof member._tag === "string"
        ),
        Fault.late("1 second"),
        Fault.delay("1 second"),
        Fault.dropWhileProcessing("1 second"),
        Fault.oversizedBody(10),
        Fault.rateLimited(),
        Fault.redirect("/"),
        ...[true, false].flatMap((applied) => [
          Fault.stallHeaders({ applied }),
          Fault.serverError({ applied }),
          Fault.badGateway({ applied }),
          Fault.errorCode("x", 400, { applied })
        ])
      ]
      const seen: Array<string> = []
      for (const fault of faults.filter((fault) => fault._tag !== "StatusQueryDown")) {
        seen.push(fault._tag)
        const id = yield* sandbox.create("WePay")
        const canceled = Effect.map(
          sandbox.payment("WePay", id),
          (payment) => Option.getOrThrow(payment).status === "canceled"
        )
        yield* sandbox.inject(fault)
        const fiber = yield* Effect.fork(Effect.either(cancel("WePay", id)))
        yield* Effect.yieldNow()
        yield* TestClock.adjust(0)
        const applies = Fault.applies(fault)
        assert.strictEqual(yield* canceled, applies === "AtOnce", fault._tag)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* canceled, applies !== "Never", fault._tag)
        yield* Fiber.interrupt(fiber)
      }
      assert.strictEqual(new Set(seen).size, 20)
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("a host that nobody owns cannot be resolved", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(HttpClient.get("https://elsewhere.test/payments/1"))
      assert.deepInclude(error, { _tag: "RequestError", reason: "Transport" })
      assert.deepInclude(cause(error), { code: "ENOTFOUND", syscall: "getaddrinfo" })
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("move follows the state machine, unless forced", () =>
    Effect.gen(function* () {
      const { held, id, sandbox } = yield* setup("WePay")
      yield* sandbox.move("WePay", id, "completed")
      const illegal = yield* Effect.flip(sandbox.move("WePay", id, "pending"))
      assert.deepInclude(illegal, { _tag: "Sandbox.IllegalTransition", from: "completed", to: "pending" })
      yield* sandbox.move("WePay", id, "pending", { force: true })
      assert.strictEqual(yield* held, "pending")
      const unknown = yield* Effect.flip(sandbox.move("WePay", "nobody", "completed"))
      assert.strictEqual(unknown._tag, "Sandbox.UnknownPayment")
      assert.isTrue(Option.isNone(yield* sandbox.payment("WePay", "nobody")))
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("an id that is taken is a defect", () =>
    Effect.gen(function* () {
      const { id, sandbox } = yield* setup("WePay")
      const exit = yield* Effect.exit(sandbox.create("WePay", { id }))
      assert.strictEqual(exit._tag === "Failure" && exit.cause._tag, "Die")
    }).pipe(Effect.provide(Sandbox.layer)))

  it("has working credentials for every provider", () => {
    assert.sameMembers([...Sandbox.providers], providers.map(({ name }) => name))
    assert.strictEqual(Sandbox.credentials.WePay.appId, "sandbox-wepay-app-id")
    assert.include(Sandbox.credentials.WalletConnectPay.apiKey, "not-a-secret")
    assert.strictEqual(Sandbox.baseUrl("WalletConnectPay"), "https://walletconnect-pay.sandbox.test")
  })
})
