import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { CheckoutCom as Client } from "effect-payment-cancel"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators, Fault, Sandbox } from "../../../src/sandbox/index.js"
import * as SandboxServer from "../../../src/sandbox/SandboxServer.js"

const { CheckoutCom } = Emulators

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

const keyed = (request: Emulator.Request, key: string) => withHeaders(request, { "cko-idempotency-key": key })

const setup = (options: Parameters<ReturnType<typeof CheckoutCom.make>["create"]>[0] = {}) => {
  const emulator = CheckoutCom.make()
  const id = emulator.create(options, at)
  const status = (when: number) => parse(emulator.handle(CheckoutCom.requests.status!(id), { at: when }).reply)
  return { emulator, id, cancel: CheckoutCom.requests.cancel(id), status }
}

/** The status of an answer, and what its body says. */
const said = ({ body, status }: Emulator.Reply) => [status, body === "" ? null : (JSON.parse(body) as { error_codes?: unknown }).error_codes]

describe("Checkout.com emulator", () => {
  it("accepts a void, and decides it later", () => {
    const { cancel, emulator, id, status } = setup()
    const { applied, reply } = emulator.handle(withBody(cancel, { reference: "void-1" }), { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.strictEqual(reply.status, 202)
    assert.deepStrictEqual(parse(reply), {
      action_id: "act_sandbox0000000000000000001",
      reference: "void-1",
      _links: { payment: { href: `https://sandbox.api.sandbox.checkout.com/payments/${id}` } }
    })
    assert.isString(reply.headers["cko-request-id"])
    assert.deepInclude(status(at + 999), { id, status: "Authorized" })
    assert.lengthOf(emulator.events(at + 999), 0)
    assert.deepStrictEqual(emulator.payment(id, at + 1_000)!.history.slice(1), [
      { at: at + 1_000, from: "Authorized", to: "Voided", by: "Cancel", requestIndex: 7 }
    ])
    assert.deepInclude(status(at + 1_000), {
      status: "Voided",
      balances: {
        total_authorized: 1000,
        total_voided: 1000,
        available_to_void: 0,
        total_captured: 0,
        available_to_capture: 0,
        total_refunded: 0,
        available_to_refund: 0
      }
    })
    const [event, ...others] = emulator.events(at + 60_000)
    assert.lengthOf(others, 0)
    assert.deepInclude(event!, { id: "evt_sandbox0000000000000000001", at: at + 1_000, paymentId: id })
    assert.deepInclude(event!.payload, { type: "payment_voided", created_on: "2020-09-13T12:26:41.0000000Z" })
    assert.deepInclude(event!.payload["data"] as object, {
      id,
      action_id: "act_sandbox0000000000000000001",
      reference: "void-1",
      response_code: "10000"
    })
  })

  it("decides by the status that the payment has by then", () => {
    const { cancel, emulator, status } = setup({ captureIn: "500 millis" })
    emulator.handle(cancel, { at })
    assert.deepInclude(status(at + 5_000), { status: "Captured" })
    const types = emulator.events(at + 5_000).map(({ payload }) => payload["type"])
    assert.deepStrictEqual(types, ["payment_captured", "payment_void_declined"])
  })

  it("declines where the issuer does, and repeats its acceptance under the same key", () => {
    const { cancel, emulator, status } = setup({ declinesVoids: true })
    const first = emulator.handle(keyed(cancel, "k"), { at }).reply
    assert.deepInclude(status(at + 2_000), { status: "Authorized" })
    assert.deepInclude(emulator.events(at + 2_000)[0]!.payload, { type: "payment_void_declined" })
    const again = emulator.handle(keyed(cancel, "k"), { at: at + 2_000 })
    assert.isFalse(again.applied)
    assert.strictEqual(again.reply.body, first.body)
    const another = emulator.handle(keyed(cancel, "k2"), { at: at + 2_000 })
    assert.isTrue(another.applied)
    assert.notStrictEqual(another.reply.body, first.body)
  })

  it("accepts a second void beside one that is not decided yet, and declines one of them", () => {
    const { cancel, emulator } = setup()
    emulator.handle(keyed(cancel, "k1"), { at })
    emulator.handle(keyed(cancel, "k2"), { at: at + 1 })
    assert.deepStrictEqual(
      emulator.events(at + 5_000).map(({ payload }) => payload["type"]),
      ["payment_voided", "payment_void_declined"]
    )
  })

  it("voids what is left of a payment that was captured in part", () => {
    const { cancel, emulator, status } = setup({ status: "Partially Captured", capturedAmount: 400 })
    emulator.handle(cancel, { at })
    assert.deepInclude(status(at + 2_000), { status: "Voided" })
    assert.deepInclude(status(at + 2_000)["balances"] as object, { total_voided: 600, total_captured: 400, available_to_refund: 400 })
  })

  it("says nothing but the status where a payment cannot be voided, or is not there", () => {
    for (const status of CheckoutCom.statuses.filter((_) => _ !== "Authorized" && _ !== "Partially Captured")) {
      const { cancel, emulator, id } = setup()
      emulator.move(id, status, at, { force: true })
      const { applied, reply } = emulator.handle(cancel, { at })
      assert.deepStrictEqual([applied, ...said(reply)], [false, 403, null], status)
    }
    const { emulator } = setup()
    assert.deepStrictEqual(said(emulator.handle(CheckoutCom.requests.cancel("pay_nobody"), { at }).reply), [404, null])
    assert.deepStrictEqual(said(emulator.handle(CheckoutCom.requests.status!("pay_nobody"), { at }).reply), [404, null])
  })

  it("authenticates before it looks at anything else", () => {
    const { cancel, emulator, id } = setup()
    for (
      const request of [
        withBody(CheckoutCom.requests.wrongCredential(id), "["),
        withHeaders(cancel, { authorization: undefined }),
        // As keys of the previous platform are sent.
        withHeaders(cancel, { authorization: CheckoutCom.credentials.secretKey })
      ]
    ) {
      assert.deepStrictEqual(said(emulator.handle(request, { at }).reply), [401, null])
    }
  })

  it("validates the body", () => {
    const { cancel, emulator } = setup()
    for (
      const [request, code] of [
        [withBody(cancel, "[]"), "request_json_invalid"],
        [withBody(cancel, "{"), "request_json_invalid"],
        [withHeaders(cancel, { "content-type": "text/plain" }), "request_json_invalid"],
        [withBody(cancel, { reference: "x".repeat(51) }), "parameter_invalid"],
        [withBody(cancel, { reference: 7 }), "parameter_invalid"],
        [withBody(cancel, { amount: 10 }), "void_amount_invalid"]
      ] as const
    ) {
      assert.deepStrictEqual(said(emulator.handle(request, { at }).reply), [422, [code]])
    }
    assert.strictEqual(emulator.handle(withBody(cancel, ""), { at }).reply.status, 202)
    assert.strictEqual(emulator.handle(withBody(cancel, { reference: "x".repeat(50), metadata: { a: 1 } }), { at }).reply.status, 202)
  })

  it("keeps a 2xx under its key, and nothing else", () => {
    const { cancel, emulator, id } = setup({ status: "Pending" })
    assert.deepStrictEqual(said(emulator.handle(keyed(cancel, "k"), { at }).reply), [403, null])
    emulator.move(id, "Authorized", at)
    const accepted = emulator.handle(keyed(cancel, "k"), { at }).reply
    assert.strictEqual(accepted.status, 202)
    emulator.move(id, "Captured", at, { force: true })
    assert.strictEqual(emulator.handle(keyed(cancel, "k"), { at: at + 1 }).reply.body, accepted.body)
    // Not even another body, or another payment, counts as another request.
    assert.strictEqual(emulator.handle(keyed(withBody(cancel, { reference: "r" }), "k"), { at }).reply.body, accepted.body)
    assert.strictEqual(emulator.handle(keyed(CheckoutCom.requests.cancel("pay_x"), "k"), { at }).reply.body, accepted.body)
    assert.deepStrictEqual(said(emulator.handle(keyed(cancel, "k2"), { at }).reply), [403, null])
  })

  it("refuses a request beside one that still runs under its key", () => {
    const { cancel, emulator } = setup()
    const finish = emulator.receive(keyed(cancel, "k"), { at })
    assert.deepStrictEqual(said(emulator.handle(keyed(cancel, "k"), { at }).reply), [409, null])
    assert.strictEqual(finish(at + 10).reply.status, 202)
  })

  it("carries out anew what ended in a server error", () => {
    const { cancel, emulator } = setup({ decidesIn: 0 })
    assert.deepStrictEqual(said(emulator.handle(keyed(cancel, "k"), { at, crash: "AfterApplying" }).reply), [500, null])
    assert.deepStrictEqual(said(emulator.handle(keyed(cancel, "k"), { at: at + 1 }).reply), [403, null])
  })

  it("lapses by itself", () => {
    const { cancel, emulator, status } = setup({ expiresIn: "1 minute" })
    assert.deepInclude(status(at + 60_000), { status: "Expired" })
    assert.deepStrictEqual(said(emulator.handle(cancel, { at: at + 60_000 }).reply), [403, null])
    assert.deepInclude(emulator.events(at + 60_000)[0]!.payload, { type: "payment_expired" })
  })

  it("tells of what others did, under an action of theirs", () => {
    const { emulator, id } = setup()
    emulator.move(id, "Voided", at)
    const [event] = emulator.events(at)
    assert.deepInclude(event!.payload, { type: "payment_voided" })
    assert.deepInclude(event!.payload["data"] as object, { id, action_id: `act_${id}_1` })
  })

  it("knows its routes, and no other", () => {
    const { cancel, emulator, id } = setup()
    for (
      const [method, path] of [
        ["POST", `/payments/${id}`],
        ["GET", `/payments/${id}/voids`],
        ["POST", "/payments//voids"],
        ["POST", `/payments/${id}/voids/x`],
        ["POST", `/payments/${id}/captures`],
        ["POST", `/v1/payments/${id}/voids`],
        ["POST", "/payments/%E0%A4/voids"]
      ] as const
    ) {
      const { reply } = emulator.handle({ ...cancel, method, path }, { at })
      assert.deepStrictEqual([reply.status, reply.body], [404, "Not Found"], `${method} ${path}`)
    }
  })

  it("forgets everything", () => {
    const { cancel, emulator, id } = setup()
    const { body } = emulator.handle(keyed(cancel, "k"), { at }).reply
    emulator.reset()
    assert.lengthOf(emulator.events(at + 60_000), 0)
    assert.strictEqual(emulator.create({}, at), id)
    assert.strictEqual(emulator.handle(keyed(cancel, "k"), { at }).reply.body, body)
    assert.isTrue(emulator.handle(keyed(cancel, "k2"), { at }).applied)
  })

  it.effect("signs the body", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const id = yield* sandbox.create("CheckoutCom")
      yield* sandbox.move("CheckoutCom", id, "Voided")
      const [notification] = yield* sandbox.notifications("CheckoutCom")
      assert.strictEqual(
        notification!.headers["cko-signature"],
        createHmac("sha256", Sandbox.webhookSecret("CheckoutCom")).update(notification!.body).digest("hex")
      )
    }).pipe(Effect.provide(Sandbox.layer)))

  it.live("is served on a socket, with its faults", () =>
    Effect.gen(function*() {
      const server = yield* SandboxServer.SandboxServer
      const sandbox = yield* Sandbox.Sandbox
      const context = yield* Layer.build(
        Client.layer({
          secretKey: Redacted.make(Sandbox.credentials.CheckoutCom.secretKey),
          baseUrl: server.baseUrl("CheckoutCom"),
          policy: { backoff: { initial: "10 millis" } }
        }).pipe(Layer.orDie, Layer.provide(NodeHttpClient.layerUndici))
      )
      const cancel = (paymentId: string) => Effect.provide(Client.cancel({ paymentId }), context)
      const voided = yield* cancel(yield* sandbox.create("CheckoutCom", { decidesIn: 0 }))
      assert.deepInclude(voided, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
      yield* sandbox.inject(Fault.dropAfterApplying, { provider: "CheckoutCom", operation: "Cancel" })
      const resent = yield* cancel(yield* sandbox.create("CheckoutCom", { decidesIn: 0 }))
      assert.deepInclude(resent, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 2 })
      yield* sandbox.inject(Fault.errorCode("", 403), { provider: "CheckoutCom", operation: "Cancel" })
      const refused = yield* Effect.flip(cancel(yield* sandbox.create("CheckoutCom", { status: "Captured" })))
      assert.deepInclude(refused, { _tag: "CheckoutCom.VoidNotAllowed", outcome: "NotCancelled" })
    }).pipe(Effect.scoped, Effect.provide(SandboxServer.layer())))
})
