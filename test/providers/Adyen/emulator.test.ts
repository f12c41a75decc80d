import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { createHmac } from "node:crypto"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators, Fault, Sandbox } from "../../../src/sandbox/index.js"
import * as SandboxServer from "../../../src/sandbox/SandboxServer.js"

const { Adyen } = Emulators
const { merchantAccount } = Sandbox.credentials.Adyen

const at = 1_600_000_000_000

const parse = (reply: { readonly body: string }) => JSON.parse(reply.body) as Record<string, unknown>

const withHeaders = (request: Emulator.Request, headers: Record<string, string | undefined>): Emulator.Request => ({
  ...request,
  headers: { ...request.headers, ...headers }
})

const withBody = (request: Emulator.Request, body: unknown): Emulator.Request => ({
  ...request,
  body: typeof body === "string" ? body : JSON.stringify(body)
})

const reversal = (id: string): Emulator.Request => ({
  ...Adyen.requests.cancel(id),
  path: `/v72/payments/${id}/reversals`
})

const byReference = (paymentReference: string): Emulator.Request =>
  withBody({ ...Adyen.requests.cancel("x"), path: "/v72/cancels" }, { merchantAccount, paymentReference })

const setup = (options: Parameters<ReturnType<typeof Adyen.make>["create"]>[0] = {}) => {
  const emulator = Adyen.make()
  const id = emulator.create(options, at)
  return { emulator, id, cancel: Adyen.requests.cancel(id) }
}

const refusal = (reply: Emulator.Reply) => [reply.status, parse(reply)["errorCode"]]

const item = (event: { readonly payload: { readonly [name: string]: unknown } } | undefined) => event?.payload

describe("Adyen emulator", () => {
  it("takes a cancel in, and decides it later", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(cancel, { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.strictEqual(reply.status, 201)
    assert.deepStrictEqual(parse(reply), {
      merchantAccount,
      paymentPspReference: id,
      pspReference: "M000000000000001",
      status: "received"
    })
    assert.strictEqual(emulator.payment(id, at + 999)!.status, "authorised")
    assert.lengthOf(emulator.events(at + 999), 0)
    assert.deepStrictEqual(emulator.payment(id, at + 1_000)!.history.slice(1), [
      { at: at + 1_000, from: "authorised", to: "cancelled", by: "Cancel", requestIndex: 7 }
    ])
    assert.deepStrictEqual(emulator.events(at + 60_000), [{
      id: "CANCELLATION:M000000000000001",
      at: at + 1_000,
      paymentId: id,
      payload: {
        additionalData: {},
        amount: { currency: "EUR", value: 1000 },
        eventCode: "CANCELLATION",
        eventDate: "2020-09-13T12:26:41+00:00",
        merchantAccountCode: merchantAccount,
        merchantReference: `order-${id}`,
        originalReference: id,
        paymentMethod: "visa",
        pspReference: "M000000000000001",
        reason: "",
        success: "true"
      }
    }])
  })

  it("decides by the state that the payment is in by then", () => {
    const { cancel, emulator, id } = setup({ captureIn: "500 millis" })
    emulator.handle(cancel, { at })
    assert.strictEqual(emulator.payment(id, at + 5_000)!.status, "captured")
    assert.deepInclude(item(emulator.events(at + 5_000)[0]), { success: "false", reason: "Payment is captured" })
  })

  it("takes in a cancel of whatever state, and declines it", () => {
    for (const status of ["captured", "cancelled", "refunded", "expired"] as const) {
      const { cancel, emulator, id } = setup({ status, decidesIn: 0 })
      assert.strictEqual(emulator.handle(cancel, { at }).reply.status, 201)
      assert.deepInclude(item(emulator.events(at)[0]), { success: "false" })
      assert.strictEqual(emulator.payment(id, at)!.status, status)
    }
  })

  it("cancels or refunds, and says which", () => {
    for (
      const [status, to, action, success] of [
        ["authorised", "cancelled", "cancel", "true"],
        ["captured", "refunded", "refund", "true"],
        ["refunded", "refunded", undefined, "false"]
      ] as const
    ) {
      const { emulator, id } = setup({ status })
      emulator.handle(reversal(id), { at })
      const [event] = emulator.events(at + 1_000)
      assert.deepInclude(item(event), { eventCode: "CANCEL_OR_REFUND", success })
      assert.deepStrictEqual(item(event)?.["additionalData"], action === undefined ? {} : { "modification.action": action })
      assert.strictEqual(emulator.payment(id, at + 1_000)!.status, to)
    }
  })

  it("cancels by the merchant's reference, once there is such a payment", () => {
    const emulator = Adyen.make()
    const { reply } = emulator.handle(byReference("order:1"), { at })
    assert.deepStrictEqual(parse(reply), {
      merchantAccount,
      paymentReference: "order:1",
      pspReference: "M000000000000001",
      status: "received"
    })
    // The creation arrives after the cancel, and before that is decided.
    const id = emulator.create({ merchantReference: "order:1" }, at + 500)
    assert.strictEqual(emulator.payment(id, at + 1_000)!.status, "cancelled")
    assert.deepInclude(item(emulator.events(at + 1_000)[0]), {
      eventCode: "TECHNICAL_CANCEL",
      merchantReference: "order:1",
      originalReference: id
    })
  })

  it("takes in a reference that nobody knows, and never says more", () => {
    const emulator = Adyen.make()
    assert.strictEqual(emulator.handle(byReference("order-1"), { at }).reply.status, 201)
    emulator.create({ merchantReference: "order-1" }, at + 5_000)
    assert.lengthOf(emulator.events(at + 60_000), 0)
  })

  it("refuses a payment that nobody knows", () => {
    const { emulator } = setup()
    const { applied, reply } = emulator.handle(Adyen.requests.cancel("unknown"), { at })
    assert.deepStrictEqual(refusal(reply), [422, "167"])
    assert.isFalse(applied)
    assert.deepStrictEqual(parse(reply), {
      status: 422,
      errorCode: "167",
      message: "Original pspReference required for this operation",
      errorType: "validation"
    })
    assert.isString(reply.headers["pspreference"])
  })

  it("authenticates before it looks at anything else", () => {
    const { cancel, emulator } = setup()
    for (const key of ["wrong", undefined]) {
      const { reply } = emulator.handle(withHeaders(withBody(cancel, "{"), { "x-api-key": key }), { at })
      assert.deepStrictEqual(refusal(reply), [401, "000"])
    }
  })

  it("keeps the merchant accounts apart", () => {
    const other = { merchantAccount: "SandboxMerchantPOS" }
    const { cancel, emulator, id } = setup({ ...other, merchantReference: "order-1" })
    assert.deepStrictEqual(refusal(emulator.handle(cancel, { at }).reply), [422, "167"])
    // A reference is taken in all the same, and finds nothing there.
    assert.isTrue(emulator.handle(byReference("order-1"), { at }).applied)
    assert.deepStrictEqual(emulator.events(at + 10_000), [])
    assert.strictEqual(emulator.payment(id, at + 10_000)!.status, "authorised")

    const { applied, reply } = emulator.handle(withBody(cancel, other), { at: at + 10_000 })
    assert.isTrue(applied)
    assert.deepInclude(parse(reply), other)
    assert.strictEqual(emulator.payment(id, at + 20_000)!.status, "cancelled")
    const [event] = emulator.events(at + 20_000)
    assert.deepInclude(item(event)!, { merchantAccountCode: "SandboxMerchantPOS", originalReference: id, success: "true" })
  })

  it("validates merchant account, body and key", () => {
    const { cancel, emulator, id } = setup()
    for (
      const [request, expected] of [
        [withBody(cancel, ""), [400, "702"]],
        [withBody(cancel, "[]"), [400, "702"]],
        [withHeaders(cancel, { "content-type": "text/plain" }), [400, "702"]],
        [withBody(cancel, {}), [403, "901"]],
        [withBody(cancel, { merchantAccount: "Another" }), [403, "901"]],
        [withBody(cancel, { merchantAccount, reference: "x".repeat(81) }), [400, "702"]],
        [withBody(cancel, { merchantAccount, paymentReference: "order-1" }), [400, "702"]],
        [withBody(cancel, { merchantAccount, reason: "x" }), [400, "702"]],
        [withBody(byReference("x"), { merchantAccount }), [400, "702"]],
        [withHeaders(cancel, { "idempotency-key": "k".repeat(65) }), [400, "702"]]
      ] as const
    ) {
      assert.deepStrictEqual(refusal(emulator.handle(request, { at }).reply), [...expected])
    }
    assert.lengthOf(emulator.events(at + 60_000), 0)
    const complete = withBody(cancel, { merchantAccount, reference: "x".repeat(80), applicationInfo: {} })
    assert.deepInclude(parse(emulator.handle(complete, { at }).reply), { reference: "x".repeat(80), paymentPspReference: id })
  })

  it("knows its routes, on live hosts too, and no other", () => {
    const { cancel, emulator, id } = setup()
    assert.strictEqual(emulator.handle({ ...cancel, path: `/checkout${cancel.path}` }, { at }).reply.status, 201)
    for (
      const path of [`/payments/${id}/cancels`, `/v72/payments//cancels`, `/v72/payments/${id}`, `/v72/cancels/${id}`, "/v72",
        `/v71/payments/${id}/cancels`, `/v72/payments/${id}/captures`, "/v72/payments/%zz/cancels"]
    ) {
      assert.strictEqual(emulator.handle({ ...cancel, path }, { at }).reply.status, 404, path)
    }
    assert.strictEqual(emulator.handle({ ...cancel, method: "GET" }, { at }).reply.status, 404)
  })

  describe("Idempotency-Key", () => {
    it("gives the first answer again, and modifies once", () => {
      const { cancel, emulator } = setup()
      const keyed = withHeaders(cancel, { "idempotency-key": "k" })
      const first = emulator.handle(keyed, { at })
      const second = emulator.handle(keyed, { at: at + 60_000 })
      assert.deepStrictEqual([first.applied, second.applied], [true, false])
      assert.strictEqual(second.reply.body, first.reply.body)
      assert.strictEqual(second.reply.headers["idempotency-key"], "k")
      assert.lengthOf(emulator.events(at + 120_000), 1)
    })

    it("takes every cancel without a key as another one", () => {
      const { cancel, emulator } = setup()
      emulator.handle(cancel, { at })
      emulator.handle(cancel, { at })
      assert.deepStrictEqual(
        emulator.events(at + 60_000).map((event) => item(event)?.["success"]),
        ["true", "false"]
      )
    })

    it("refuses another request under the key, and any while the first is in flight", () => {
      const { cancel, emulator, id } = setup()
      const keyed = withHeaders(cancel, { "idempotency-key": "k" })
      const finish = emulator.receive(keyed, { at })
      const during = emulator.handle(keyed, { at }).reply
      assert.deepStrictEqual(refusal(during), [422, "704"])
      assert.strictEqual(during.headers["transient-error"], "true")
      assert.strictEqual(finish(at + 100).reply.status, 201)
      const other = withHeaders(reversal(id), { "idempotency-key": "k" })
      assert.deepStrictEqual(refusal(emulator.handle(other, { at }).reply), [409, "704"])
    })

    it("stores no 5xx, whether or not the request was taken in", () => {
      for (const crash of ["BeforeApplying", "AfterApplying"] as const) {
        const { cancel, emulator } = setup()
        const keyed = withHeaders(cancel, { "idempotency-key": "k" })
        const { applied, reply } = emulator.handle(keyed, { at, crash })
        assert.strictEqual(applied, crash === "AfterApplying")
        assert.deepStrictEqual(refusal(reply), [500, "905"])
        assert.strictEqual(emulator.handle(keyed, { at }).reply.status, 201)
      }
    })
  })

  it("starts afresh after a reset", () => {
    const { cancel, emulator, id } = setup()
    emulator.handle(cancel, { at })
    emulator.reset()
    assert.lengthOf(emulator.events(at + 60_000), 0)
    assert.strictEqual(emulator.create({}, at), id)
    assert.strictEqual(parse(emulator.handle(cancel, { at }).reply)["pspReference"], "M000000000000001")
  })
})

const send = ({ body, headers, method, path }: Emulator.Request, origin: string) =>
  HttpClient.execute(
    HttpClientRequest.make(method as "POST")(origin + path, { headers: headers as Record<string, string> }).pipe(
      HttpClientRequest.bodyText(body, "application/json")
    )
  )

const origin = new URL(Sandbox.baseUrl("Adyen")).origin

describe("Adyen in the sandbox", () => {
  it.effect("answers on its own hosts, test and live", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const id = yield* sandbox.create("Adyen")
      const request = Adyen.requests.cancel(id)
      for (
        const [host, path] of [
          ["https://checkout-test.adyen.com", request.path],
          ["https://1797a841fbb37ca7-sandbox-checkout-live.adyenpayments.com", `/checkout${request.path}`]
        ] as const
      ) {
        assert.strictEqual((yield* send({ ...request, path }, host)).status, 201)
      }
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("shows no credential among the received requests", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const id = yield* sandbox.create("Adyen")
      yield* send(Adyen.requests.cancel(id), origin)
      yield* send(Adyen.requests.wrongCredential(id), origin)
      const [request] = yield* sandbox.requests
      assert.strictEqual(request!.body, `{"merchantAccount":"<redacted>"}`)
      assert.strictEqual(request!.headers["x-api-key"], "<redacted>")
      assert.notInclude(JSON.stringify(yield* sandbox.requests), "wrong")
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("hands out signed webhooks, and delivers none", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(at)
      const sandbox = yield* Sandbox.Sandbox
      const id = yield* sandbox.create("Adyen", { merchantReference: "order:7", amount: 4200 })
      yield* send(Adyen.requests.cancel(id), origin)
      assert.lengthOf(yield* sandbox.notifications("Adyen"), 0)
      yield* TestClock.adjust("1 second")
      const [notification, ...others] = yield* sandbox.notifications("Adyen")
      assert.lengthOf(others, 0)
      assert.deepInclude(notification!, { id: "CANCELLATION:M000000000000001", at: at + 1_000, paymentId: id })
      const { live, notificationItems: [{ NotificationRequestItem: told }] } = JSON.parse(notification!.body)
      assert.strictEqual(live, "false")
      const signed = `M000000000000001:${id}:${merchantAccount}:order:7:4200:EUR:CANCELLATION:true`
      assert.strictEqual(
        told.additionalData.hmacSignature,
        createHmac("sha256", Buffer.from(Sandbox.webhookSecret("Adyen"), "hex")).update(signed).digest("base64")
      )
      // As often as one asks: a provider delivers at least once.
      assert.deepStrictEqual(yield* sandbox.notifications("Adyen"), [notification!])
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("loses answers, not modifications", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const id = yield* sandbox.create("Adyen")
      yield* sandbox.inject(Fault.dropAfterApplying)
      yield* Effect.flip(send(Adyen.requests.cancel(id), origin))
      assert.deepInclude((yield* sandbox.requests)[0]!, { applied: true, status: null })
      yield* TestClock.adjust("1 second")
      const { history, status } = Option.getOrThrow(yield* sandbox.payment("Adyen", id))
      assert.strictEqual(status, "cancelled")
      assert.strictEqual(history.at(-1)!.requestIndex, 0)
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("distorts what the answer names and says", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const id = yield* sandbox.create("Adyen")
      yield* sandbox.inject(Fault.wrongPaymentId, { times: 2 })
      const byId = (yield* (yield* send(Adyen.requests.cancel(id), origin)).json) as Record<string, unknown>
      assert.strictEqual(byId["paymentPspReference"], "SANDBOXANOTHER01")
      const byName = (yield* (yield* send(byReference("order-1"), origin)).json) as Record<string, unknown>
      assert.strictEqual(byName["paymentReference"], "sandbox-another-payment")
      yield* sandbox.inject(Fault.unknownStatus)
      const said = (yield* (yield* send(Adyen.requests.cancel(id), origin)).json) as Record<string, unknown>
      assert.notStrictEqual(said["status"], "received")
    }).pipe(Effect.provide(Sandbox.layer)))
})

it.live("Adyen on a socket: cancels, and tells its webhooks", () =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const server = yield* SandboxServer.SandboxServer
    assert.match(server.baseUrl("Adyen"), /^http:\/\/127\.0\.0\.1:\d+\/adyen\/v72$/)
    const id = yield* sandbox.create("Adyen", { decidesIn: 0 })
    const { body, headers, method, path } = Adyen.requests.cancel(id)
    const response = yield* Effect.promise(() =>
      fetch(`${server.url}/adyen${path}`, { method, headers: headers as Record<string, string>, body })
    )
    assert.strictEqual(response.status, 201)
    const told = yield* Effect.promise(() =>
      fetch(`${server.url}/sandbox/notifications`).then((_) => _.json() as Promise<Array<Record<string, unknown>>>)
    )
    assert.deepStrictEqual(told.map(({ paymentId, provider }) => [provider, paymentId]), [["Adyen", id]])
  }).pipe(Effect.provide(SandboxServer.layer())))
