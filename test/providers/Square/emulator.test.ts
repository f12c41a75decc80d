import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"

const { Square } = Emulators

const createdAt = 1_634_156_804_000
const at = createdAt + 300_000

type Create = Parameters<ReturnType<typeof Square.make>["create"]>[0]

const parse = (reply: Emulator.Reply) => JSON.parse(reply.body) as Record<string, unknown>

const payment = (reply: Emulator.Reply) => parse(reply)["payment"] as Record<string, unknown>

const withHeaders = (request: Emulator.Request, headers: Record<string, string | undefined>): Emulator.Request => ({
  ...request,
  headers: { ...request.headers, ...headers }
})

const setup = (options: Create = {}) => {
  const emulator = Square.make()
  const id = emulator.create(options, createdAt)
  return { emulator, id, cancel: Square.requests.cancel(id), status: Square.requests.status!(id) }
}

const byKey = (creationKey: unknown): Emulator.Request => ({
  ...Square.requests.cancel("x"),
  path: "/v2/payments/cancel",
  body: JSON.stringify({ idempotency_key: creationKey })
})

const refusal = (reply: Emulator.Reply) => {
  const [error, ...rest] = parse(reply)["errors"] as ReadonlyArray<Record<string, unknown>>
  assert.lengthOf(rest, 0)
  return {
    status: reply.status,
    category: error!["category"],
    code: error!["code"],
    ...(error!["field"] === undefined ? {} : { field: error!["field"] })
  }
}

const invalid = (code: string, field?: string) => ({
  status: 400,
  category: "INVALID_REQUEST_ERROR",
  code,
  ...(field === undefined ? {} : { field })
})

describe("Square emulator", () => {
  it("answers a cancel with the whole payment, without a body or a key", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(cancel, { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.strictEqual(reply.status, 200)
    assert.deepInclude(payment(reply), {
      id,
      status: "CANCELED",
      created_at: "2021-10-13T20:26:44.000Z",
      updated_at: "2021-10-13T20:31:44.000Z",
      amount_money: { amount: 1000, currency: "USD" },
      source_type: "CARD"
    })
    assert.deepInclude(payment(reply)["card_details"], {
      status: "VOIDED",
      card_payment_timeline: { authorized_at: "2021-10-13T20:26:44.000Z", voided_at: "2021-10-13T20:31:44.000Z" }
    })
    assert.deepStrictEqual(emulator.payment(id, at)!.history, [
      { at: createdAt, from: null, to: "APPROVED", by: "Create", requestIndex: null },
      { at, from: "APPROVED", to: "CANCELED", by: "Cancel", requestIndex: 7 }
    ])
  })

  it("reads the payment", () => {
    const { emulator, id, status } = setup()
    assert.strictEqual(payment(emulator.handle(status, { at }).reply)["status"], "APPROVED")
    emulator.move(id, "COMPLETED", at)
    assert.strictEqual(payment(emulator.handle(status, { at }).reply)["status"], "COMPLETED")
  })

  for (
    const [status, code] of [
      ["COMPLETED", "BAD_REQUEST"],
      ["PENDING", "BAD_REQUEST"],
      ["FAILED", "DELAYED_TRANSACTION_FAILED"],
      ["CANCELED", "DELAYED_TRANSACTION_CANCELED"]
    ] as const
  ) {
    it(`refuses to cancel a ${status} payment`, () => {
      const { cancel, emulator, id } = setup({ status })
      const { applied, reply } = emulator.handle(cancel, { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), invalid(code))
      assert.strictEqual(emulator.payment(id, at)!.status, status)
    })
  }

  it("does by itself what the delay action says, and never to a payment that is no longer approved", () => {
    const later = createdAt + Duration.toMillis("8 days")
    for (const [delayAction, becomes, by] of [["CANCEL", "CANCELED", "Expiry"], ["COMPLETE", "COMPLETED", "Capture"]] as const) {
      const left = setup({ delayAction, delayIn: "7 days" })
      assert.strictEqual(left.emulator.payment(left.id, later - 1)!.status, becomes)
      assert.deepInclude(left.emulator.payment(left.id, later)!.history.at(-1)!, {
        at: createdAt + Duration.toMillis("7 days"),
        by
      })
      const captured = setup({ delayAction, delayIn: "7 days" })
      captured.emulator.move(captured.id, "COMPLETED", at)
      assert.lengthOf(captured.emulator.payment(captured.id, later)!.history, 2)
    }
    assert.strictEqual(setup({}).emulator.payment(setup().id, later)!.status, "APPROVED")
  })

  it("moves only along its state machine, unless forced", () => {
    const { emulator, id } = setup({ status: "PENDING" })
    assert.strictEqual(emulator.move(id, "APPROVED", at)._tag, "Right")
    assert.strictEqual(emulator.move(id, "PENDING", at)._tag, "Left")
    assert.strictEqual(emulator.move(id, "COMPLETED", at)._tag, "Right")
    assert.strictEqual(emulator.move(id, "CANCELED", at)._tag, "Left")
    assert.strictEqual(emulator.move(id, "CANCELED", at, { force: true })._tag, "Right")
    assert.strictEqual(emulator.move("no such payment", "CANCELED", at)._tag, "Left")
  })

  it("authenticates before it looks at anything else", () => {
    const { cancel, emulator, status } = setup()
    for (const request of [cancel, status, { ...byKey(1), body: "{" }, Square.requests.cancel("unknown")]) {
      for (const authorization of [undefined, "Bearer wrong", Square.credentials.accessToken]) {
        assert.deepStrictEqual(refusal(emulator.handle(withHeaders(request, { authorization }), { at }).reply), {
          status: 401,
          category: "AUTHENTICATION_ERROR",
          code: "UNAUTHORIZED"
        })
      }
    }
  })

  it("takes any well-formed version, and none", () => {
    const { emulator, status } = setup()
    for (const version of [undefined, "2026-09-16"]) {
      assert.strictEqual(emulator.handle(withHeaders(status, { "square-version": version }), { at }).reply.status, 200)
    }
    const { reply } = emulator.handle(withHeaders(status, { "square-version": "v2" }), { at })
    assert.deepStrictEqual(refusal(reply), invalid("INVALID_SQUARE_VERSION_FORMAT"))
  })

  it("does not know other payments, nor other routes", () => {
    const { emulator } = setup()
    for (const request of [Square.requests.cancel("unknown"), Square.requests.status!("unknown")]) {
      assert.deepStrictEqual(refusal(emulator.handle(request, { at }).reply), { ...invalid("NOT_FOUND"), status: 404 })
    }
    for (const path of ["/v2/payments", "/v2/payments/x/complete", "/v2/refunds/x/cancel", "/v2/payments/%zz/cancel", "/"]) {
      assert.strictEqual(emulator.handle({ ...Square.requests.cancel("x"), path }, { at }).reply.status, 404)
    }
    assert.strictEqual(emulator.handle({ ...byKey("k"), method: "PUT" }, { at }).reply.status, 404)
  })

  it("decodes the id of the path", () => {
    const emulator = Square.make()
    const id = emulator.create({ id: "a/b ü%" }, at)
    assert.strictEqual(payment(emulator.handle(Square.requests.cancel(id), { at }).reply)["id"], id)
  })

  it("has no idempotency key on a cancel: the second one is a second one", () => {
    const { cancel, emulator } = setup()
    const keyed = withHeaders(cancel, { "idempotency-key": "k" })
    assert.strictEqual(emulator.handle(keyed, { at }).reply.status, 200)
    assert.deepStrictEqual(refusal(emulator.handle(keyed, { at }).reply), invalid("DELAYED_TRANSACTION_CANCELED"))
  })

  it("fails by itself before or after it has cancelled", () => {
    for (const crash of ["BeforeApplying", "AfterApplying"] as const) {
      const { cancel, emulator, id } = setup()
      const { applied, reply } = emulator.handle(cancel, { at, crash })
      assert.strictEqual(applied, crash === "AfterApplying")
      assert.deepStrictEqual(refusal(reply), { status: 500, category: "API_ERROR", code: "INTERNAL_SERVER_ERROR" })
      assert.strictEqual(emulator.payment(id, at)!.status, applied ? "CANCELED" : "APPROVED")
    }
  })

  describe("cancel by the creation's key", () => {
    it("cancels the payment that was created under it, and does not say so", () => {
      const { emulator, id } = setup({ creationKey: "order-7" })
      const first = emulator.handle(byKey("order-7"), { at, requestIndex: 3 })
      assert.deepStrictEqual([first.applied, first.reply.status, first.reply.body], [true, 200, "{}"])
      assert.deepInclude(emulator.payment(id, at)!.history.at(-1)!, { to: "CANCELED", by: "Cancel", requestIndex: 3 })
      const again = emulator.handle(byKey("order-7"), { at })
      assert.deepStrictEqual([again.applied, again.reply.status, again.reply.body], [false, 200, "{}"])
    })

    it("answers alike when there is no such payment, and does not stop a creation that comes later", () => {
      const { emulator, id } = setup({ creationKey: "another" })
      const { applied, reply } = emulator.handle(byKey("order-7"), { at })
      assert.deepStrictEqual([applied, reply.status, reply.body], [false, 200, "{}"])
      assert.strictEqual(emulator.payment(id, at)!.status, "APPROVED")
      const late = emulator.create({ creationKey: "order-7" }, at + 1)
      assert.strictEqual(emulator.payment(late, at + 1)!.status, "APPROVED")
      assert.isTrue(emulator.handle(byKey("order-7"), { at: at + 2 }).applied)
    })

    it("cannot cancel what was captured", () => {
      const { emulator } = setup({ creationKey: "order-7", status: "COMPLETED" })
      assert.deepStrictEqual(refusal(emulator.handle(byKey("order-7"), { at }).reply), invalid("BAD_REQUEST"))
    })

    it("gives one payment per key, until that one is cancelled", () => {
      const { emulator, id } = setup({ creationKey: "order-7" })
      assert.strictEqual(emulator.create({ creationKey: "order-7" }, at), id)
      emulator.handle(byKey("order-7"), { at })
      const fresh = emulator.create({ creationKey: "order-7" }, at)
      assert.notStrictEqual(fresh, id)
      assert.isTrue(emulator.handle(byKey("order-7"), { at }).applied)
      assert.strictEqual(emulator.payment(fresh, at)!.status, "CANCELED")
    })

    it("is what a cancel by an empty id becomes", () => {
      const { emulator } = setup()
      const { reply } = emulator.handle({ ...Square.requests.cancel(""), path: "/v2/payments//cancel" }, { at })
      assert.deepStrictEqual(refusal(reply), invalid("VALUE_EMPTY", "idempotency_key"))
    })

    it("validates the body", () => {
      const { emulator } = setup({ creationKey: "x".repeat(45) })
      for (
        const [body, code, field] of [
          ["", "VALUE_EMPTY", "idempotency_key"],
          ["{}", "VALUE_EMPTY", "idempotency_key"],
          [`{"idempotency_key":null}`, "VALUE_EMPTY", "idempotency_key"],
          [`{"idempotency_key":""}`, "VALUE_EMPTY", "idempotency_key"],
          [`{"idempotency_key":7}`, "EXPECTED_STRING", "idempotency_key"],
          [`{"idempotency_key":"${"x".repeat(46)}"}`, "VALUE_TOO_LONG", "idempotency_key"],
          ["[]", "EXPECTED_JSON_BODY"],
          ["{", "EXPECTED_JSON_BODY"]
        ] as const
      ) {
        const { reply } = emulator.handle({ ...byKey("k"), body }, { at })
        assert.deepStrictEqual(refusal(reply), invalid(code, field))
      }
      assert.isTrue(emulator.handle(byKey("x".repeat(45)), { at }).applied)
    })
  })

  it("gives every code its category", () => {
    const { emulator } = setup()
    for (
      const [code, category] of [
        ["INSUFFICIENT_SCOPES", "AUTHENTICATION_ERROR"],
        ["RATE_LIMITED", "RATE_LIMIT_ERROR"],
        ["GATEWAY_TIMEOUT", "API_ERROR"],
        ["SOMETHING_ELSE", "INVALID_REQUEST_ERROR"]
      ] as const
    ) {
      assert.deepStrictEqual(refusal(emulator.error(code, 418)), { status: 418, category, code })
    }
  })

  it("starts afresh after a reset", () => {
    const { emulator, id } = setup({ creationKey: "k" })
    emulator.reset()
    assert.isUndefined(emulator.payment(id, at))
    assert.isFalse(emulator.handle(byKey("k"), { at }).applied)
    assert.strictEqual(emulator.create({ creationKey: "k" }, at), id)
    assert.isTrue(emulator.handle(byKey("k"), { at }).applied)
  })

  it("refuses an id that is taken and a status it does not know", () => {
    const { emulator, id } = setup()
    assert.throws(() => emulator.create({ id }, at))
    const untyped: Emulator.Emulator = emulator
    assert.throws(() => untyped.create({ status: "canceled" }, at))
  })
})
