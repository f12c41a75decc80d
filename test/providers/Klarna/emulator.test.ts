import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"

const { Klarna } = Emulators

const createdAt = 1_768_386_600_000
const at = createdAt + 300_000

type Create = Parameters<ReturnType<typeof Klarna.make>["create"]>[0]

const parse = (reply: Emulator.Reply) => JSON.parse(reply.body) as Record<string, unknown>

const withHeaders = (request: Emulator.Request, headers: Record<string, string | undefined>): Emulator.Request => ({
  ...request,
  headers: { ...request.headers, ...headers }
})

const withKey = (request: Emulator.Request, key: string) => withHeaders(request, { "klarna-idempotency-key": key })

const setup = (options: Create = {}) => {
  const emulator = Klarna.make()
  const id = emulator.create(options, createdAt)
  return { emulator, id, cancel: Klarna.requests.cancel(id), status: Klarna.requests.status!(id) }
}

const refusal = (reply: Emulator.Reply) => [reply.status, parse(reply)["error_code"]]

describe("Klarna emulator", () => {
  it("answers a cancel with 204 and nothing, but for its headers", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(cancel, { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.deepStrictEqual(reply, {
      status: 204,
      headers: {
        "klarna-correlation-id": "sandbox-klarna-000001",
        "x-ratelimit-limit": "200, 200;w=1",
        "x-ratelimit-remaining": "199",
        "x-ratelimit-reset": "1"
      },
      body: ""
    })
    assert.deepStrictEqual(emulator.payment(id, at)!.history, [
      { at: createdAt, from: null, to: "AUTHORIZED", by: "Create", requestIndex: null },
      { at, from: "AUTHORIZED", to: "CANCELLED", by: "Cancel", requestIndex: 7 }
    ])
  })

  for (
    const [status, captured, remaining] of [
      ["AUTHORIZED", 0, 1000],
      ["PART_CAPTURED", 500, 500],
      ["CAPTURED", 1000, 0],
      ["CANCELLED", 0, 0],
      ["EXPIRED", 0, 0],
      ["CLOSED", 0, 0]
    ] as const
  ) {
    it(`reads an order that is ${status}`, () => {
      const { emulator, id, status: query } = setup({ status })
      const { applied, reply } = emulator.handle(query, { at })
      assert.isFalse(applied)
      assert.strictEqual(reply.status, 200)
      assert.deepInclude(parse(reply), {
        order_id: id,
        status,
        order_amount: 1000,
        captured_amount: captured,
        remaining_authorized_amount: remaining,
        created_at: "2026-01-14T10:30:00.000Z",
        expires_at: "2026-02-11T10:30:00.000Z"
      })
    })

    if (status !== "AUTHORIZED") {
      it(`refuses to cancel an order that is ${status}`, () => {
        const { cancel, emulator, id } = setup({ status })
        const { applied, reply } = emulator.handle(cancel, { at })
        assert.isFalse(applied)
        assert.deepStrictEqual(refusal(reply), [403, "CANCEL_NOT_ALLOWED"])
        assert.strictEqual(emulator.payment(id, at)!.status, status)
      })
    }
  }

  it("lets an authorization lapse, and never what is no longer authorized", () => {
    const left = setup({ expiresIn: "7 days" })
    const lapses = createdAt + Duration.toMillis("7 days")
    assert.strictEqual(left.emulator.payment(left.id, lapses - 1)!.status, "AUTHORIZED")
    assert.deepInclude(left.emulator.payment(left.id, lapses)!.history.at(-1)!, { to: "EXPIRED", by: "Expiry" })
    assert.deepStrictEqual(refusal(left.emulator.handle(left.cancel, { at: lapses }).reply), [403, "CANCEL_NOT_ALLOWED"])
    for (const status of ["PART_CAPTURED", "CAPTURED", "CANCELLED", "CLOSED"] as const) {
      const moved = setup({ expiresIn: "7 days" })
      assert.strictEqual(moved.emulator.move(moved.id, status, at)._tag, "Right")
      assert.strictEqual(moved.emulator.payment(moved.id, lapses)!.status, status)
    }
  })

  it("moves only along its state machine, unless forced", () => {
    const { emulator, id } = setup()
    assert.strictEqual(emulator.move(id, "PART_CAPTURED", at)._tag, "Right")
    for (const status of ["CANCELLED", "AUTHORIZED", "EXPIRED"]) {
      assert.strictEqual(emulator.move(id, status, at)._tag, "Left")
    }
    assert.strictEqual(emulator.move(id, "CAPTURED", at)._tag, "Right")
    assert.strictEqual(emulator.move(id, "CLOSED", at)._tag, "Right")
    assert.strictEqual(emulator.move(id, "CANCELLED", at, { force: true })._tag, "Right")
    assert.strictEqual(emulator.move("no such order", "CANCELLED", at)._tag, "Left")
  })

  it("authenticates before it looks at anything else, and not in its own words", () => {
    const { cancel, emulator, status } = setup()
    const { password, username } = Klarna.credentials
    const wrong = [undefined, "Basic", password, `Bearer ${password}`, `Basic ${btoa(`${username}:wrong`)}`, `Basic ${btoa(`x:${password}`)}`]
    for (const request of [cancel, status, Klarna.requests.cancel("unknown"), { ...cancel, body: "x".repeat(1_000_001) }]) {
      for (const authorization of wrong) {
        const { applied, reply } = emulator.handle(withHeaders(request, { authorization }), { at })
        assert.isFalse(applied)
        assert.strictEqual(reply.status, 401)
        assert.include(reply.body, "<title>401 Authorization Required</title>")
      }
    }
    assert.strictEqual(emulator.handle(Klarna.requests.wrongCredential("unknown"), { at }).reply.status, 401)
    const right = { authorization: `Basic ${btoa(`${username}:${password}`)}` }
    assert.strictEqual(emulator.handle(withHeaders(status, right), { at }).reply.status, 200)
  })

  it("refuses a body that is too large, and otherwise does not look at it", () => {
    const { cancel, emulator } = setup()
    const { reply } = emulator.handle({ ...cancel, body: "x".repeat(1_000_001) }, { at })
    assert.deepStrictEqual(refusal(reply), [413, "REQUEST_TOO_LARGE"])
    assert.strictEqual(emulator.handle({ ...cancel, body: "{}" }, { at }).reply.status, 204)
  })

  it("does not know other orders, nor other routes", () => {
    const { emulator } = setup()
    for (const request of [Klarna.requests.cancel, Klarna.requests.status!]) {
      const nobody = request("f3392f8b-6116-4073-ab96-e330819e2c07")
      assert.deepStrictEqual(refusal(emulator.handle(nobody, { at }).reply), [404, "NO_SUCH_ORDER"])
      assert.deepStrictEqual(refusal(emulator.handle(request("order-1042"), { at }).reply), [400, "INVALID_ORDER_ID"])
    }
    for (
      const path of [
        "/ordermanagement/v1/orders",
        "/ordermanagement/v1/orders//cancel",
        "/ordermanagement/v1/orders/x/captures",
        "/ordermanagement/v1/orders/x/cancel/y",
        "/ordermanagement/v2/orders/x/cancel",
        "/payments/v1/orders/x/cancel",
        "/ordermanagement/v1/sessions/x/cancel",
        "/ordermanagement/v1/orders/%zz/cancel",
        "/"
      ]
    ) {
      const { reply } = emulator.handle({ ...Klarna.requests.cancel("x"), path }, { at })
      assert.deepStrictEqual([reply.status, reply.body], [404, "Not Found"])
    }
    assert.strictEqual(emulator.handle({ ...Klarna.requests.cancel("x"), method: "PUT" }, { at }).reply.body, "Not Found")
  })

  it("decodes the id of the path", () => {
    const emulator = Klarna.make()
    const id = emulator.create({ id: "a/b ü%" }, at)
    assert.strictEqual(parse(emulator.handle(Klarna.requests.status!(id), { at }).reply)["order_id"], id)
  })

  describe("under an idempotency key", () => {
    it("gives the first answer again, also for another order", () => {
      const { cancel, emulator, id } = setup()
      const another = emulator.create({}, createdAt)
      assert.isTrue(emulator.handle(withKey(cancel, "k"), { at }).applied)
      for (const request of [cancel, Klarna.requests.cancel(another)]) {
        const { applied, reply } = emulator.handle(withKey(request, "k"), { at })
        assert.deepStrictEqual([applied, reply.status], [false, 204])
      }
      assert.deepStrictEqual([id, another].map((each) => emulator.payment(each, at)!.status), ["CANCELLED", "AUTHORIZED"])
      assert.deepStrictEqual(refusal(emulator.handle(withKey(cancel, "k2"), { at }).reply), [403, "CANCEL_NOT_ALLOWED"])
      assert.deepStrictEqual(refusal(emulator.handle(cancel, { at }).reply), [403, "CANCEL_NOT_ALLOWED"])
    })

    it("gives a refusal again", () => {
      const { cancel, emulator, id } = setup({ status: "CAPTURED" })
      assert.deepStrictEqual(refusal(emulator.handle(withKey(cancel, "k"), { at }).reply), [403, "CANCEL_NOT_ALLOWED"])
      emulator.move(id, "AUTHORIZED", at, { force: true })
      assert.deepStrictEqual(refusal(emulator.handle(withKey(cancel, "k"), { at }).reply), [403, "CANCEL_NOT_ALLOWED"])
      assert.strictEqual(emulator.handle(withKey(cancel, "k2"), { at }).reply.status, 204)
    })

    it("carries a request out anew after its own failure", () => {
      const { cancel, emulator } = setup()
      const crashed = emulator.handle(withKey(cancel, "k"), { at, crash: "BeforeApplying" })
      assert.isFalse(crashed.applied)
      assert.deepStrictEqual(refusal(crashed.reply), [500, "INTERNAL_SERVER_ERROR"])
      assert.isTrue(emulator.handle(withKey(cancel, "k"), { at }).applied)
    })

    it("reports a conflict, without words, while the first request still runs", () => {
      const { cancel, emulator, status } = setup()
      const finish = emulator.receive(withKey(cancel, "k"), { at })
      const { applied, reply } = emulator.handle(withKey(cancel, "k"), { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), [409, "CONFLICT"])
      assert.deepStrictEqual(parse(reply)["error_messages"], [])
      // A status query is no cancel.
      assert.strictEqual(emulator.handle(withKey(status, "k"), { at }).reply.status, 200)
      assert.isTrue(finish(at + 1).applied)
      assert.strictEqual(emulator.handle(withKey(cancel, "k"), { at }).reply.status, 204)
    })
  })

  it("fails by itself before or after it has cancelled", () => {
    for (const crash of ["BeforeApplying", "AfterApplying"] as const) {
      const { cancel, emulator, id } = setup()
      const { applied, reply } = emulator.handle(cancel, { at, crash })
      assert.strictEqual(applied, crash === "AfterApplying")
      assert.deepStrictEqual(refusal(reply), [500, "INTERNAL_SERVER_ERROR"])
      assert.strictEqual(emulator.payment(id, at)!.status, applied ? "CANCELLED" : "AUTHORIZED")
    }
  })

  it("words any error as Klarna does", () => {
    const { emulator } = setup()
    const reply = emulator.error("SOMETHING_ELSE", 418)
    assert.deepStrictEqual([reply.status, parse(reply)], [418, {
      error_code: "SOMETHING_ELSE",
      error_messages: ["SOMETHING_ELSE"],
      correlation_id: "a0d1c9a4-0000-4000-8000-000000000000"
    }])
  })

  it("starts afresh after a reset", () => {
    const { cancel, emulator, id } = setup()
    emulator.handle(withKey(cancel, "k"), { at })
    emulator.reset()
    assert.isUndefined(emulator.payment(id, at))
    assert.deepStrictEqual(refusal(emulator.handle(withKey(cancel, "k"), { at }).reply), [404, "NO_SUCH_ORDER"])
    assert.strictEqual(emulator.create({}, at), id)
  })

  it("refuses an id that is taken and a status it does not know", () => {
    const { emulator, id } = setup()
    assert.throws(() => emulator.create({ id }, at))
    const untyped: Emulator.Emulator = emulator
    assert.throws(() => untyped.create({ status: "CANCELED" }, at))
  })
})
