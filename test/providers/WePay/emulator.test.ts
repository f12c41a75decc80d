import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"

const { WePay } = Emulators

const parse = (reply: Emulator.Reply) => JSON.parse(reply.body) as Record<string, unknown>

const withHeaders = (request: Emulator.Request, headers: Record<string, string | undefined>): Emulator.Request => ({
  ...request,
  headers: { ...request.headers, ...headers }
})

const setup = (options: Parameters<ReturnType<typeof WePay.make>["create"]>[0] = {}) => {
  const emulator = WePay.make()
  const id = emulator.create(options, 1_510_080_179_500)
  const cancel = WePay.requests.cancel(id)
  const status = WePay.requests.status!(id)
  return { emulator, id, cancel, status }
}

const at = 1_510_080_200_000

const refusal = (reply: Emulator.Reply) => {
  const body = parse(reply)
  const details = body["details"] as Array<Record<string, unknown>> | undefined
  return {
    status: reply.status,
    code: body["error_code"],
    ...(details === undefined ? {} : { target: details[0]!["target"], type: details[0]!["target_type"] })
  }
}

describe("WePay emulator", () => {
  it("answers a cancel with the whole payment", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(cancel, { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.strictEqual(reply.status, 200)
    assert.strictEqual(reply.headers["x-correlation-id"], "sandbox-wepay-000001")
    const body = parse(reply)
    assert.deepInclude(body, {
      id,
      path: `/payments/${id}`,
      resource: "payments",
      status: "canceled",
      create_time: 1_510_080_179,
      amount: 1000,
      currency: "USD",
      api_version: "3.0"
    })
    // Every field the specification requires is there.
    for (
      const field of ["owner", "amount_refunded", "amount_disputed", "payment_method", "initiated_by", "reference_id",
        "capture_at", "authorization_code"]
    ) {
      assert.property(body, field)
    }
    assert.deepStrictEqual(emulator.payment(id, at)!.history, [
      { at: 1_510_080_179_500, from: null, to: "pending", by: "Create", requestIndex: null },
      { at, from: "pending", to: "canceled", by: "Cancel", requestIndex: 7 }
    ])
  })

  it("reads the payment", () => {
    const { emulator, id, status } = setup()
    assert.strictEqual(parse(emulator.handle(status, { at }).reply)["status"], "pending")
    emulator.move(id, "completed", at)
    assert.strictEqual(parse(emulator.handle(status, { at }).reply)["status"], "completed")
  })

  for (const status of ["completed", "failed", "canceled"] as const) {
    it(`refuses to cancel a ${status} payment`, () => {
      const { cancel, emulator, id } = setup({ status })
      const { applied, reply } = emulator.handle(cancel, { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), { status: 400, code: "PAYMENT_CANNOT_BE_CANCELED" })
      assert.strictEqual(emulator.payment(id, at)!.status, status)
    })
  }

  it("refuses to cancel a payment that captures itself", () => {
    const { cancel, emulator } = setup({ autoCapture: true })
    assert.strictEqual(refusal(emulator.handle(cancel, { at }).reply).code, "PAYMENT_CANNOT_BE_CANCELED")
  })

  it("cancels a card-present payment within 90 minutes only", () => {
    const window = Duration.toMillis("90 minutes")
    const early = setup({ cardPresent: true })
    assert.isTrue(early.emulator.handle(early.cancel, { at: 1_510_080_179_500 + window }).applied)
    const tooLate = setup({ cardPresent: true })
    const { reply } = tooLate.emulator.handle(tooLate.cancel, { at: 1_510_080_179_500 + window + 1 })
    assert.deepStrictEqual(refusal(reply), { status: 400, code: "PAYMENT_CANNOT_BE_CANCELED" })
  })

  it("captures a payment in time, and never a cancelled one", () => {
    const captured = setup({ captureIn: "1 hour" })
    const later = 1_510_080_179_500 + Duration.toMillis("2 hours")
    assert.strictEqual(refusal(captured.emulator.handle(captured.cancel, { at: later }).reply).status, 400)
    assert.deepInclude(captured.emulator.payment(captured.id, later)!.history.at(-1)!, {
      at: 1_510_080_179_500 + Duration.toMillis("1 hour"),
      to: "completed",
      by: "Capture"
    })
    const cancelled = setup({ captureIn: "1 hour" })
    cancelled.emulator.handle(cancelled.cancel, { at })
    assert.strictEqual(cancelled.emulator.payment(cancelled.id, later)!.status, "canceled")
  })

  it("moves only along its state machine, unless forced", () => {
    const { emulator, id } = setup({ status: "completed" })
    assert.strictEqual(emulator.move(id, "pending", at)._tag, "Left")
    assert.strictEqual(emulator.move(id, "pending", at, { force: true })._tag, "Right")
    assert.strictEqual(emulator.move(id, "no such status", at, { force: true })._tag, "Left")
    assert.strictEqual(emulator.move("no such payment", "canceled", at)._tag, "Left")
  })

  it("authenticates before it looks at anything else", () => {
    const { cancel, emulator } = setup()
    for (const headers of [{ "app-token": "wrong" }, { "app-token": undefined }, { "app-id": "x" }]) {
      const { reply } = emulator.handle(withHeaders({ ...cancel, body: "" }, headers), { at })
      assert.deepStrictEqual(refusal(reply), { status: 403, code: "NOT_AUTHORIZED" })
    }
  })

  it("requires Api-Version and Content-Type, on a status query too", () => {
    const { cancel, emulator, status } = setup()
    for (const request of [cancel, status]) {
      for (const name of ["Api-Version", "Content-Type"]) {
        for (const value of [undefined, "text/plain"]) {
          const { reply } = emulator.handle(withHeaders(request, { [name.toLowerCase()]: value }), { at })
          assert.deepStrictEqual(refusal(reply), {
            status: 400,
            code: "INVALID_PARAMS",
            target: [name],
            type: "HTTP_REQUEST_HEADER"
          })
        }
      }
      const charset = { "content-type": "application/json; charset=utf-8" }
      assert.strictEqual(emulator.handle(withHeaders(request, charset), { at }).reply.status, 200)
    }
  })

  it("validates the body", () => {
    const { cancel, emulator, id } = setup()
    for (
      const [body, target] of [
        ["", "body"],
        ["[]", "body"],
        ["{", "body"],
        ["{}", "cancel_reason"],
        [`{"cancel_reason":null}`, "cancel_reason"],
        [`{"cancel_reason":1}`, "cancel_reason"],
        [`{"cancel_reason":"x","rbits":{}}`, "rbits"],
        [`{"cancel_reason":"x","rbits":[1]}`, "rbits"]
      ] as const
    ) {
      const { reply } = emulator.handle({ ...cancel, body }, { at })
      assert.deepStrictEqual(refusal(reply), {
        status: 400,
        code: "INVALID_PARAMS",
        target: [target],
        type: "HTTP_REQUEST_BODY"
      })
    }
    assert.strictEqual(emulator.payment(id, at)!.status, "pending")
    const body = `{"cancel_reason":"x","rbits":[{"type":"note"}]}`
    assert.strictEqual(emulator.handle({ ...cancel, body }, { at }).reply.status, 200)
  })

  it("refuses unknown payments and too long ids by the path, and knows no other route", () => {
    const { emulator } = setup()
    for (const id of ["unknown", "x".repeat(256)]) {
      assert.deepStrictEqual(refusal(emulator.handle(WePay.requests.cancel(id), { at }).reply), {
        status: 400,
        code: "INVALID_PARAMS",
        target: ["id"],
        type: "HTTP_REQUEST_PATH"
      })
    }
    for (const path of ["/payments//cancel", "/payments/x/capture", "/payments", "/payments/%zz/cancel", "/"]) {
      assert.strictEqual(emulator.handle({ ...WePay.requests.cancel("x"), path }, { at }).reply.status, 404)
    }
  })

  it("decodes the id of the path", () => {
    const emulator = WePay.make()
    const id = emulator.create({ id: "a/b ü%" }, at)
    assert.strictEqual(parse(emulator.handle(WePay.requests.cancel(id), { at }).reply)["id"], id)
  })

  describe("Unique-Key", () => {
    it("replays the original answer to an identical request", () => {
      const { cancel, emulator, id } = setup()
      const keyed = withHeaders(cancel, { "unique-key": "k" })
      const first = emulator.handle(keyed, { at })
      const second = emulator.handle(withHeaders(keyed, { traceparent: "another" }), { at: at + 60_000 })
      assert.deepStrictEqual([first.applied, second.applied], [true, false])
      assert.deepStrictEqual([second.reply.status, second.reply.body], [200, first.reply.body])
      assert.notStrictEqual(second.reply.headers["x-correlation-id"], first.reply.headers["x-correlation-id"])
      assert.lengthOf(emulator.payment(id, at)!.history, 2)
      // Without the key, the payment is canceled already.
      assert.strictEqual(emulator.handle(cancel, { at }).reply.status, 400)
    })

    it("refuses another body under the key", () => {
      const { cancel, emulator } = setup()
      const keyed = withHeaders(cancel, { "unique-key": "k" })
      emulator.handle(keyed, { at })
      assert.deepStrictEqual(refusal(emulator.handle({ ...keyed, body: `{"cancel_reason":"y"}` }, { at }).reply), {
        status: 400,
        code: "INVALID_PARAMS",
        target: ["Unique-Key"],
        type: "HTTP_REQUEST_HEADER"
      })
    })

    it("refuses the key while the first request is being processed", () => {
      const { cancel, emulator } = setup()
      const keyed = withHeaders(cancel, { "unique-key": "k" })
      const finish = emulator.receive(keyed, { at })
      const { reply } = emulator.handle(keyed, { at })
      assert.strictEqual(reply.status, 400)
      assert.deepInclude(parse(reply), { error_code: "INVALID_PARAMS" })
      assert.deepInclude((parse(reply)["details"] as Array<Record<string, unknown>>)[0]!, {
        reason_code: "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING"
      })
      assert.isTrue(finish(at + 5000).applied)
      assert.strictEqual(emulator.handle(keyed, { at: at + 6000 }).reply.status, 200)
    })

    it("does not store a 5xx, whether or not the payment was canceled", () => {
      for (const crash of ["BeforeApplying", "AfterApplying"] as const) {
        const { cancel, emulator, id } = setup()
        const keyed = withHeaders(cancel, { "unique-key": "k" })
        const { applied, reply } = emulator.handle(keyed, { at, crash })
        assert.strictEqual(applied, crash === "AfterApplying")
        assert.deepInclude(refusal(reply), { status: 500, code: "UNEXPECTED_ERROR" })
        assert.strictEqual(emulator.payment(id, at)!.status, applied ? "canceled" : "pending")
        assert.strictEqual(emulator.handle(keyed, { at }).reply.status, applied ? 400 : 200)
      }
    })

    it("stores no refusal that came before anything was done", () => {
      const { cancel, emulator } = setup()
      const keyed = withHeaders(cancel, { "unique-key": "k" })
      emulator.handle({ ...keyed, body: "{}" }, { at })
      emulator.handle(withHeaders(keyed, { "app-token": "wrong" }), { at })
      assert.strictEqual(emulator.handle(keyed, { at }).reply.status, 200)
    })
  })

  it("puts a reason code inside the error code it belongs to", () => {
    const { emulator } = setup()
    const reply = emulator.error("POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED", 400)
    assert.strictEqual(parse(reply)["error_code"], "INVALID_PARAMS")
    assert.strictEqual(parse(emulator.error("RESOURCE_CONFLICT", 409))["error_code"], "RESOURCE_CONFLICT")
  })

  it("starts afresh after a reset", () => {
    const { cancel, emulator, id } = setup()
    emulator.handle(withHeaders(cancel, { "unique-key": "k" }), { at })
    emulator.reset()
    assert.isUndefined(emulator.payment(id, at))
    assert.strictEqual(emulator.create({}, at), id)
    assert.isTrue(emulator.handle(withHeaders(cancel, { "unique-key": "k" }), { at }).applied)
  })

  it("refuses an id that is taken and a status it does not know", () => {
    const { emulator, id } = setup()
    assert.throws(() => emulator.create({ id }, at))
    const untyped: Emulator.Emulator = emulator
    assert.throws(() => untyped.create({ status: "cancelled" }, at))
  })
})
