import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"

const { WalletConnectPay } = Emulators
const { apiKey, appId, clientId, merchantId } = WalletConnectPay.credentials

const parse = (reply: Emulator.Reply) => JSON.parse(reply.body) as Record<string, unknown>
const refusal = (reply: Emulator.Reply) => [reply.status, parse(reply)["code"]]

const request = (
  side: "Gateway" | "Merchant",
  operation: Emulator.Operation,
  id: string,
  headers: Record<string, string>,
  body = ""
): Emulator.Request => ({
  method: operation === "Cancel" ? "POST" : "GET",
  path: `/v1/${side === "Gateway" ? "gateway/payment" : "payments"}/${id}/${
    operation === "Cancel" ? "cancel" : "status"
  }`,
  query: "",
  headers,
  body
})

const merchant = { "api-key": apiKey, "merchant-id": merchantId }
const at = Date.parse("2025-01-14T10:30:00Z")

const setup = (options: Parameters<ReturnType<typeof WalletConnectPay.make>["create"]>[0] = {}) => {
  const emulator = WalletConnectPay.make()
  return { emulator, id: emulator.create(options, at) }
}

describe("WalletConnectPay emulator", () => {
  it("generates ids of the provider's form", () => {
    const emulator = WalletConnectPay.make()
    const ids = Array.from({ length: 40 }, () => emulator.create({}, at))
    assert.strictEqual(new Set(ids).size, 40)
    for (const id of ids) {
      assert.match(id, /^pay_[0-9a-f]{8}[0-9A-HJKMNP-TV-Z]{26}$/)
    }
  })

  for (
    const [side, headers, cancelledReason] of [
      ["Gateway", { "api-key": apiKey }, "cancelled_by_user"],
      ["Gateway", { "app-id": appId, "client-id": clientId }, "cancelled_by_user"],
      ["Merchant", merchant, "cancelled_by_merchant"]
    ] as const
  ) {
    it(`cancels on the ${side} side with ${Object.keys(headers).join(" and ")}`, () => {
      const { emulator, id } = setup()
      const { applied, reply } = emulator.handle(request(side, "Cancel", id, headers), { at, requestIndex: 3 })
      assert.isTrue(applied)
      assert.strictEqual(reply.status, 200)
      assert.deepStrictEqual(parse(reply), {
        paymentId: id,
        status: "cancelled",
        cancelledReason,
        cancelledAt: "2025-01-14T10:30:00Z"
      })
      assert.deepInclude(emulator.payment(id, at)!.history[1]!, { to: "cancelled", by: "Cancel", requestIndex: 3 })
      assert.deepStrictEqual(parse(emulator.handle(request(side, "Status", id, headers), { at }).reply), {
        status: "cancelled",
        isFinal: true,
        pollInMs: null,
        info: null,
        failureCode: null
      })
    })
  }

  it("writes milliseconds where there are any", () => {
    const { emulator, id } = setup()
    const { reply } = emulator.handle(WalletConnectPay.requests.cancel(id), { at: at + 5 })
    assert.strictEqual(parse(reply)["cancelledAt"], "2025-01-14T10:30:00.005Z")
  })

  for (
    const [status, code, isFinal] of [
      ["processing", "invalid_state", false],
      ["succeeded", "invalid_state", true],
      ["failed", "invalid_state", true],
      ["expired", "payment_expired", true],
      ["cancelled", "invalid_state", true]
    ] as const
  ) {
    it(`refuses to cancel a payment that is ${status}`, () => {
      const { emulator, id } = setup({ status })
      const { applied, reply } = emulator.handle(WalletConnectPay.requests.cancel(id), { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), [400, code])
      const read = parse(emulator.handle(WalletConnectPay.requests.status!(id), { at }).reply)
      assert.deepInclude(read, { status, isFinal })
    })
  }

  it("has the documented transitions and no others", () => {
    const allowed: Record<string, ReadonlyArray<string>> = {
      requires_action: ["processing", "expired", "cancelled"],
      processing: ["succeeded", "failed", "expired"]
    }
    for (const from of ["requires_action", "processing", "succeeded", "failed", "expired", "cancelled"] as const) {
      for (const to of WalletConnectPay.statuses) {
        const { emulator, id } = setup({ status: from })
        assert.strictEqual(emulator.move(id, to, at)._tag === "Right", allowed[from]?.includes(to) ?? false)
      }
    }
  })

  it("expires in time, and never when it is being processed to the end or cancelled", () => {
    const later = at + Duration.toMillis("20 minutes")
    const expired = setup({ expiresIn: "15 minutes" })
    const { reply } = expired.emulator.handle(WalletConnectPay.requests.cancel(expired.id), { at: later })
    assert.deepStrictEqual(refusal(reply), [400, "payment_expired"])
    const cancelled = setup({ expiresIn: "15 minutes" })
    cancelled.emulator.handle(WalletConnectPay.requests.cancel(cancelled.id), { at })
    assert.strictEqual(cancelled.emulator.payment(cancelled.id, later)!.status, "cancelled")
  })

  it("refuses an unknown payment", () => {
    const { emulator } = setup()
    assert.deepStrictEqual(refusal(emulator.handle(WalletConnectPay.requests.cancel("x"), { at }).reply), [
      404,
      "payment_not_found"
    ])
  })

  for (
    const [side, code, status, headers] of [
      ["Gateway", "missing_auth_headers", 401, {}],
      ["Gateway", "missing_auth_headers", 401, { "api-key": "" }],
      ["Gateway", "invalid_api_key", 401, { "api-key": "wrong" }],
      ["Gateway", "conflicting_auth_headers", 401, { "api-key": apiKey, "app-id": appId }],
      ["Gateway", "conflicting_auth_headers", 401, { "api-key": apiKey, "client-id": clientId }],
      ["Gateway", "missing_app_id", 401, { "client-id": clientId }],
      ["Gateway", "missing_client_id", 401, { "app-id": appId }],
      ["Gateway", "invalid_app_id", 401, { "app-id": "wrong", "client-id": clientId }],
      ["Gateway", "header_not_ascii", 400, { "api-key": "schlüssel" }],
      ["Gateway", "invalid_api_version", 400, { "api-key": apiKey, "wcp-version": "1" }],
      ["Gateway", "unknown_api_version", 400, { "api-key": apiKey, "wcp-version": "2027-01-01" }],
      ["Gateway", "api_version_downgrade", 400, { "api-key": apiKey, "wcp-version": "2025-01-01" }],
      ["Merchant", "missing_api_key", 401, { "merchant-id": merchantId }],
      ["Merchant", "invalid_api_key", 401, { "api-key": "wrong", "merchant-id": merchantId }],
      ["Merchant", "missing_merchant_id", 401, { "api-key": apiKey }],
      ["Merchant", "merchant_not_found", 404, { "api-key": apiKey, "merchant-id": "wrong" }],
      ["Merchant", "conflicting_auth_headers", 401, { ...merchant, "app-id": appId }]
    ] as const
  ) {
    it(`${side}: ${Object.keys(headers).join(", ") || "no header"} gives ${code}`, () => {
      const { emulator, id } = setup()
      for (const operation of ["Cancel", "Status"] as const) {
        const { applied, reply } = emulator.handle(request(side, operation, id, { ...headers }), { at })
        assert.isFalse(applied)
        assert.deepStrictEqual(refusal(reply), [status, code])
        assert.isString(parse(reply)["message"])
      }
    })
  }

  it("accepts the known versions", () => {
    for (const version of ["2026-02-18", "2026-02-19.preview"]) {
      const { emulator, id } = setup()
      const headers = { "api-key": apiKey, "wcp-version": version }
      assert.isTrue(emulator.handle(request("Gateway", "Cancel", id, headers), { at }).applied)
    }
  })

  it("accepts maxPollMs only as a natural number", () => {
    const { emulator, id } = setup()
    const status = WalletConnectPay.requests.status!(id)
    assert.strictEqual(emulator.handle({ ...status, query: "maxPollMs=1000" }, { at }).reply.status, 200)
    assert.deepStrictEqual(refusal(emulator.handle({ ...status, query: "maxPollMs=-1" }, { at }).reply), [
      400,
      "params_validation"
    ])
  })

  it("knows no other route", () => {
    const { emulator, id } = setup()
    const cancel = WalletConnectPay.requests.cancel(id)
    for (const path of [`/v1/gateway/payments/${id}/cancel`, `/v1/payment/${id}/cancel`, "/v1/payments//cancel", "/"]) {
      assert.strictEqual(emulator.handle({ ...cancel, path }, { at }).reply.status, 404)
    }
    assert.strictEqual(emulator.handle({ ...cancel, method: "GET" }, { at }).reply.status, 404)
  })

  describe("Idempotency-Key", () => {
    const keyed = { ...merchant, "idempotency-key": "k" }

    it("replays on the merchant side", () => {
      const { emulator, id } = setup()
      const cancel = request("Merchant", "Cancel", id, keyed, "{}")
      const first = emulator.handle(cancel, { at })
      const second = emulator.handle(cancel, { at: at + 1000 })
      assert.deepStrictEqual(second, { reply: first.reply, applied: false })
    })

    it("refuses another body or another payment under the key", () => {
      const { emulator, id } = setup()
      const other = emulator.create({}, at)
      emulator.handle(request("Merchant", "Cancel", id, keyed, "{}"), { at })
      for (const again of [request("Merchant", "Cancel", id, keyed), request("Merchant", "Cancel", other, keyed, "{}")]) {
        assert.deepStrictEqual(refusal(emulator.handle(again, { at }).reply), [409, "idempotency_conflict"])
      }
      assert.strictEqual(emulator.payment(other, at)!.status, "requires_action")
    })

    it("lets the second of two requests at once have the first one's answer", () => {
      const { emulator, id } = setup()
      const cancel = request("Merchant", "Cancel", id, keyed, "{}")
      const [first, second] = [emulator.receive(cancel, { at }), emulator.receive(cancel, { at })]
      const answer = first(at + 10)
      assert.deepStrictEqual(second(at + 20), { reply: answer.reply, applied: false })
    })

    it("does not store a 5xx", () => {
      const { emulator, id } = setup()
      const cancel = request("Merchant", "Cancel", id, keyed, "{}")
      assert.strictEqual(emulator.handle(cancel, { at, crash: "BeforeApplying" }).reply.status, 500)
      assert.isTrue(emulator.handle(cancel, { at }).applied)
      assert.strictEqual(emulator.handle(cancel, { at }).reply.status, 200)
    })

    it("means nothing on the gateway side", () => {
      const { emulator, id } = setup()
      const cancel = request("Gateway", "Cancel", id, { "api-key": apiKey, "idempotency-key": "k" })
      emulator.handle(cancel, { at })
      assert.deepStrictEqual(refusal(emulator.handle(cancel, { at }).reply), [400, "invalid_state"])
    })
  })

  it("refuses a merchant body that is not a JSON object", () => {
    const { emulator, id } = setup()
    assert.deepStrictEqual(refusal(emulator.handle(request("Merchant", "Cancel", id, merchant, "{"), { at }).reply), [
      400,
      "invalid_params"
    ])
  })
})
