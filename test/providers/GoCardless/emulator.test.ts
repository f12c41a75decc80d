import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"
import { createHmac } from "node:crypto"

const { GoCardless } = Emulators

const createdAt = 1_768_386_600_000
const at = createdAt + 300_000

type Create = Parameters<ReturnType<typeof GoCardless.make>["create"]>[0]

const parse = (reply: Emulator.Reply) => JSON.parse(reply.body) as Record<string, Record<string, unknown>>

const withHeaders = (request: Emulator.Request, headers: Record<string, string | undefined>): Emulator.Request => ({
  ...request,
  headers: { ...request.headers, ...headers }
})

const setup = (options: Create = {}) => {
  const emulator = GoCardless.make()
  const id = emulator.create(options, createdAt)
  return { emulator, id, cancel: GoCardless.requests.cancel(id), status: GoCardless.requests.status!(id) }
}

/** The HTTP status, the type and the first reason of an error. */
const refusal = (reply: Emulator.Reply) => {
  const { errors, type } = parse(reply)["error"]!
  return [reply.status, type, (errors as ReadonlyArray<{ readonly reason?: string }>)[0]!.reason]
}

const statuses = [
  "pending_customer_approval", "pending_submission", "submitted", "confirmed", "paid_out", "cancelled", "customer_approval_denied",
  "failed", "charged_back"
] as const

describe("GoCardless emulator", () => {
  it("cancels a payment that was not submitted yet", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(cancel, { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.strictEqual(reply.status, 200)
    assert.deepInclude(parse(reply)["payments"]!, {
      id,
      status: "cancelled",
      amount: 1000,
      created_at: "2026-01-14T10:30:00.000Z",
      charge_date: "2026-01-21"
    })
    assert.strictEqual(reply.headers["x-request-id"], "sandbox-gocardless-000001")
    assert.deepStrictEqual(emulator.payment(id, at)!.history, [
      { at: createdAt, from: null, to: "pending_submission", by: "Create", requestIndex: null },
      { at, from: "pending_submission", to: "cancelled", by: "Cancel", requestIndex: 7 }
    ])
  })

  for (const status of statuses) {
    it(`reads a payment that is ${status}`, () => {
      const { emulator, id, status: query } = setup({ status })
      const { applied, reply } = emulator.handle(query, { at })
      assert.isFalse(applied)
      assert.deepInclude(parse(reply)["payments"]!, { id, status })
    })

    if (status !== "pending_submission") {
      it(`refuses to cancel one that is ${status}, with the code that it has for all`, () => {
        const { cancel, emulator, id } = setup({ status })
        const { applied, reply } = emulator.handle(cancel, { at })
        assert.isFalse(applied)
        assert.deepStrictEqual(refusal(reply), [422, "invalid_state", "cancellation_failed"])
        assert.strictEqual(emulator.payment(id, at)!.status, status)
      })
    }
  }

  it("submits a payment by itself", () => {
    const { cancel, emulator, id } = setup({ submitIn: "1 minute" })
    assert.strictEqual(emulator.payment(id, createdAt + 59_999)!.status, "pending_submission")
    assert.strictEqual(refusal(emulator.handle(cancel, { at }).reply)[2], "cancellation_failed")
  })

  it("cancels a payment that failed and is retried", () => {
    const { cancel, emulator, id } = setup({ status: "failed" })
    assert.strictEqual(emulator.move(id, "pending_submission", createdAt)._tag, "Right")
    assert.isTrue(emulator.handle(cancel, { at }).applied)
  })

  it("disregards a key: the same request again is another one", () => {
    const { cancel, emulator } = setup()
    const keyed = withHeaders(cancel, { "idempotency-key": "key-1" })
    assert.isTrue(emulator.handle(keyed, { at }).applied)
    assert.deepStrictEqual(refusal(emulator.handle(keyed, { at }).reply), [422, "invalid_state", "cancellation_failed"])
  })

  for (
    const [name, change, expected] of [
      ["no token", { authorization: undefined }, [401, "invalid_api_usage", "unauthorized"]],
      ["another token", { authorization: "Bearer other" }, [401, "invalid_api_usage", "unauthorized"]],
      ["no version", { "gocardless-version": undefined }, [400, "invalid_api_usage", "version_not_found"]],
      ["a form", { "content-type": "application/x-www-form-urlencoded" }, [415, "invalid_api_usage", "unsupported_media_type"]]
    ] as const
  ) {
    it(`refuses ${name}`, () => {
      const { cancel, emulator, id } = setup()
      assert.deepStrictEqual(refusal(emulator.handle(withHeaders(cancel, change), { at }).reply), [...expected])
      assert.strictEqual(emulator.payment(id, at)!.status, "pending_submission")
    })
  }

  for (
    const [body, expected] of [
      ["", 200],
      ["{\"data\":{}}", 200],
      ["{\"data\":{\"metadata\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}}}", 200],
      ["{", 400],
      ["{\"payments\":{}}", 400],
      ["{\"data\":{\"reason\":\"x\"}}", 422],
      ["{\"data\":{\"metadata\":{\"a\":1}}}", 422],
      ["{\"data\":{\"metadata\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\",\"d\":\"4\"}}}", 422]
    ] as const
  ) {
    it(`answers the body ${body || "that is empty"} with ${expected}`, () => {
      const { cancel, emulator } = setup()
      assert.strictEqual(emulator.handle({ ...cancel, body }, { at }).reply.status, expected)
    })
  }

  it("knows no payment that was not created", () => {
    const { emulator } = setup()
    for (const request of [GoCardless.requests.cancel("PM404"), GoCardless.requests.status!("PM404")]) {
      assert.deepStrictEqual(refusal(emulator.handle(request, { at }).reply), [404, "invalid_api_usage", "resource_not_found"])
    }
  })

  it("routes nothing else", () => {
    const { cancel, id, status } = setup()
    for (
      const request of [
        { ...cancel, path: `/payments/${id}/actions/retry` },
        { ...cancel, path: `/payments/${id}/actions/cancel/more` },
        { ...cancel, path: "/payments//actions/cancel" },
        { ...cancel, path: `/mandates/${id}/actions/cancel` },
        { ...status, method: "PUT" }
      ]
    ) assert.isNull(GoCardless.route(request))
  })

  it("tells of a cancel in a signed list, with the metadata of the request", () =>
    Effect.gen(function*() {
      const { cancel, emulator, id } = setup()
      emulator.handle({ ...cancel, body: "{\"data\":{\"metadata\":{\"ticket\":\"TK-1\"}}}" }, { at })
      const [event, ...more] = emulator.events(at)
      assert.lengthOf(more, 0)
      const { body, headers } = yield* GoCardless.webhook!.sign(event!, at, "endpoint-secret")
      const { events } = JSON.parse(body) as { readonly events: ReadonlyArray<object> }
      assert.lengthOf(events, 1)
      assert.deepInclude(events[0]!, {
        resource_type: "payments",
        action: "cancelled",
        created_at: new Date(at).toISOString(),
        links: { payment: id },
        metadata: { ticket: "TK-1" }
      })
      assert.strictEqual(headers["webhook-signature"], createHmac("sha256", "endpoint-secret").update(body).digest("hex"))
    }).pipe(Effect.runPromise))

  it("tells of what else happens to a payment, and not of its creation", () => {
    const { emulator, id } = setup()
    for (const status of ["submitted", "failed", "pending_submission", "cancelled"]) emulator.move(id, status, at, { force: true })
    assert.deepStrictEqual(
      emulator.events(at).map(({ payload }) => payload["action"]),
      ["submitted", "failed", "resubmission_requested", "cancelled"]
    )
  })
})
