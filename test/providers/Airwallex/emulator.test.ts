import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { createHmac } from "node:crypto"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"

const { Airwallex } = Emulators

const createdAt = 1_767_225_600_000
const at = createdAt + 300_000

type Create = Parameters<ReturnType<typeof Airwallex.make>["create"]>[0]

const parse = (reply: Emulator.Reply) => JSON.parse(reply.body) as Record<string, unknown>

const withHeaders = (request: Emulator.Request, headers: Record<string, string | undefined>): Emulator.Request => ({
  ...request,
  headers: { ...request.headers, ...headers }
})

const withBody = (request: Emulator.Request, body: unknown): Emulator.Request => ({ ...request, body: JSON.stringify(body) })

const { apiKey, clientId } = Airwallex.credentials

const login: Emulator.Request = {
  method: "POST",
  path: "/api/v1/authentication/login",
  query: "",
  headers: { "x-client-id": clientId, "x-api-key": apiKey },
  body: ""
}

const setup = (options: Create = {}) => {
  const emulator = Airwallex.make()
  const id = emulator.create(options, createdAt)
  return { emulator, id, cancel: Airwallex.requests.cancel(id), status: Airwallex.requests.status!(id) }
}

const refusal = (reply: Emulator.Reply) => {
  const { code, message, trace_id } = parse(reply)
  assert.isNotEmpty(message)
  assert.isString(trace_id)
  return [reply.status, code]
}

describe("Airwallex emulator", () => {
  it("answers a cancel with the whole PaymentIntent", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(withBody(cancel, { request_id: "r", cancellation_reason: "in words" }), {
      at,
      requestIndex: 7
    })
    assert.isTrue(applied)
    assert.strictEqual(reply.status, 200)
    assert.deepInclude(parse(reply), {
      id,
      status: "CANCELLED",
      amount: 10,
      captured_amount: 0,
      currency: "USD",
      created_at: "2026-01-01T00:00:00+0000",
      updated_at: "2026-01-01T00:05:00+0000",
      cancelled_at: "2026-01-01T00:05:00+0000",
      cancellation_reason: "in words"
    })
    assert.deepStrictEqual(emulator.payment(id, at)!.history, [
      { at: createdAt, from: null, to: "REQUIRES_CAPTURE", by: "Create", requestIndex: null },
      { at, from: "REQUIRES_CAPTURE", to: "CANCELLED", by: "Cancel", requestIndex: 7 }
    ])
  })

  it("reads the PaymentIntent", () => {
    const { emulator, id, status } = setup({ status: "PENDING" })
    const read = () => parse(emulator.handle(status, { at }).reply)
    assert.deepInclude(read(), { id, status: "PENDING" })
    assert.notProperty(read(), "cancelled_at")
    emulator.move(id, "SUCCEEDED", at)
    assert.deepInclude(read(), { status: "SUCCEEDED", captured_amount: 10 })
  })

  for (const status of ["REQUIRES_PAYMENT_METHOD", "REQUIRES_CUSTOMER_ACTION", "REQUIRES_CAPTURE"] as const) {
    it(`cancels one that is ${status}, if its payment method can be cancelled`, () => {
      const { cancel, emulator, id } = setup({ status })
      assert.isTrue(emulator.handle(cancel, { at }).applied)
      assert.strictEqual(emulator.payment(id, at)!.status, "CANCELLED")
      const other = setup({ status, unsupported: true })
      const { applied, reply } = other.emulator.handle(other.cancel, { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), [400, "operation_not_supported"])
    })
  }

  for (const status of ["REQUIRES_MERCHANT_ACTION", "PENDING", "PENDING_REVIEW", "SUCCEEDED", "CANCELLED"] as const) {
    it(`refuses to cancel one that is ${status}`, () => {
      const { cancel, emulator, id } = setup({ status })
      const { applied, reply } = emulator.handle(cancel, { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), [400, "invalid_status_for_operation"])
      assert.include(parse(reply)["message"], status)
      assert.strictEqual(emulator.payment(id, at)!.status, status)
    })
  }

  it("captures and lapses by itself", () => {
    const later = createdAt + Duration.toMillis("8 days")
    const captured = setup({ captureIn: "1 day" })
    assert.deepInclude(captured.emulator.payment(captured.id, later)!.history.at(-1)!, { to: "SUCCEEDED", by: "Capture" })
    const lapsed = setup({ expiresIn: "7 days" })
    assert.deepInclude(lapsed.emulator.payment(lapsed.id, later)!.history.at(-1)!, { to: "CANCELLED", by: "Expiry" })
  })

  it("knows no other PaymentIntent, and no other endpoint", () => {
    const { emulator, status } = setup()
    assert.deepStrictEqual(refusal(emulator.handle(Airwallex.requests.cancel("int_other"), { at }).reply), [404, "resource_not_found"])
    for (const path of ["/", "/api/v1/pa/payment_intents", "/api/v1/pa/payment_intents/", "/api/v2/pa/payment_intents/int_1", `${status.path}/more/`]) {
      assert.strictEqual(emulator.handle({ ...status, path }, { at }).reply.status, 404, path)
    }
    assert.strictEqual(emulator.handle({ ...login, method: "GET" }, { at }).reply.status, 404)
  })

  describe("a login", () => {
    it("gives a token for half an hour, by its own clock", () => {
      const { emulator, id, status } = setup()
      const { applied, reply } = emulator.handle(login, { at })
      assert.isFalse(applied)
      assert.strictEqual(reply.status, 201)
      assert.strictEqual(reply.headers["date"], "Thu, 01 Jan 2026 00:05:00 GMT")
      const { expires_at, token } = parse(reply)
      assert.strictEqual(expires_at, "2026-01-01T00:35:00+0000")
      const bearing = withHeaders(status, { authorization: `Bearer ${String(token)}` })
      const half = Duration.toMillis("30 minutes")
      assert.strictEqual(parse(emulator.handle(bearing, { at: at + half - 1 }).reply)["id"], id)
      assert.deepStrictEqual(refusal(emulator.handle(bearing, { at: at + half }).reply), [401, "unauthorized"])
    })

    for (const headers of [{ "x-client-id": "other" }, { "x-api-key": "other" }, { "x-api-key": undefined }]) {
      it(`is refused with ${JSON.stringify(headers)}`, () => {
        assert.deepStrictEqual(refusal(setup().emulator.handle(withHeaders(login, headers), { at }).reply), [401, "unauthorized"])
      })
    }
  })

  for (const authorization of [undefined, "Bearer wrong", `Basic ${Airwallex.credentials.accessToken}`]) {
    it(`refuses ${authorization ?? "no credentials"}`, () => {
      const { cancel, emulator, id } = setup()
      assert.deepStrictEqual(refusal(emulator.handle(withHeaders(cancel, { authorization }), { at }).reply), [401, "unauthorized"])
      assert.strictEqual(emulator.payment(id, at)!.status, "REQUIRES_CAPTURE")
    })
  }

  for (const body of [{}, { request_id: "" }, { request_id: 7 }, { request_id: "r", cancellation_reason: 7 }, []]) {
    it(`refuses the body ${JSON.stringify(body)}`, () => {
      const { cancel, emulator } = setup()
      const { applied, reply } = emulator.handle(withBody(cancel, body), { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), [400, "validation_error"])
    })
  }

  it("takes JSON only", () => {
    const { cancel, emulator } = setup()
    assert.deepStrictEqual(refusal(emulator.handle(withHeaders(cancel, { "content-type": "text/plain" }), { at }).reply), [400, "validation_error"])
  })

  describe("a request id", () => {
    it("that was used is refused, at any PaymentIntent, and its answer is not repeated", () => {
      const { cancel, emulator } = setup()
      const other = emulator.create({}, createdAt)
      assert.strictEqual(emulator.handle(cancel, { at }).reply.status, 200)
      for (const request of [cancel, { ...Airwallex.requests.cancel(other), body: cancel.body }]) {
        const { applied, reply } = emulator.handle(request, { at })
        assert.isFalse(applied)
        assert.deepStrictEqual(refusal(reply), [400, "duplicate_request"])
      }
      assert.strictEqual(emulator.payment(other, at)!.status, "REQUIRES_CAPTURE")
    })

    it("is refused while the first request with it still runs", () => {
      const { cancel, emulator } = setup()
      const finish = emulator.receive(cancel, { at })
      assert.deepStrictEqual(refusal(emulator.handle(cancel, { at }).reply), [400, "duplicate_request"])
      assert.strictEqual(finish(at).reply.status, 200)
    })

    it("is used up by a failure, and not by a refusal", () => {
      const { cancel, emulator, id } = setup({ status: "PENDING" })
      assert.deepStrictEqual(refusal(emulator.handle(cancel, { at }).reply), [400, "invalid_status_for_operation"])
      emulator.move(id, "REQUIRES_CAPTURE", at)
      assert.deepStrictEqual(refusal(emulator.handle(cancel, { at, crash: "BeforeApplying" }).reply), [500, "internal_error"])
      assert.strictEqual(emulator.payment(id, at)!.status, "REQUIRES_CAPTURE")
    })

    it("is forgotten by a reset", () => {
      const { cancel, emulator, id } = setup()
      emulator.handle(cancel, { at })
      emulator.reset()
      emulator.create({ id }, createdAt)
      assert.strictEqual(emulator.handle(cancel, { at }).reply.status, 200)
    })
  })

  it.effect("tells of every change, signed over the milliseconds and the body", () =>
    Effect.gen(function*() {
      const { cancel, emulator, id } = setup({ status: "REQUIRES_CUSTOMER_ACTION" })
      emulator.move(id, "REQUIRES_CAPTURE", createdAt + 1_000)
      emulator.handle(cancel, { at })
      const events = emulator.events(at)
      assert.deepStrictEqual(events.map(({ at, payload }) => [at, payload["name"]]), [
        [createdAt + 1_000, "payment_intent.requires_capture"],
        [at, "payment_intent.cancelled"]
      ])
      const event = events[1]!
      assert.deepInclude(event.payload, { id: event.id, account_id: "acct_sandbox", created_at: "2026-01-01T00:05:00+0000" })
      const { object } = event.payload["data"] as { readonly object: object }
      assert.deepInclude(object, { id, status: "CANCELLED" })

      const { secret, sign } = Airwallex.webhook!
      const { body, headers } = yield* sign(event, at + 5.5, secret)
      assert.deepStrictEqual(JSON.parse(body), event.payload)
      assert.strictEqual(headers["x-timestamp"], String(at + 5))
      assert.strictEqual(headers["x-signature"], createHmac("sha256", secret).update(`${at + 5}${body}`).digest("hex"))
    }))
})
