import { assert, describe, it } from "@effect/vitest"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"

const { Stripe } = Emulators

const parse = (reply: Emulator.Reply) => JSON.parse(reply.body) as Record<string, unknown>

interface ErrorBody {
  readonly type: string
  readonly code?: string
  readonly param?: string
  readonly message: string
  readonly payment_intent?: { readonly id: string; readonly status: string }
}

const refusal = (reply: Emulator.Reply) => {
  const { code, param, type } = parse(reply)["error"] as ErrorBody
  return {
    status: reply.status,
    type,
    ...(code === undefined ? {} : { code }),
    ...(param === undefined ? {} : { param })
  }
}

const withHeaders = (request: Emulator.Request, headers: Record<string, string | undefined>): Emulator.Request => ({
  ...request,
  headers: { ...request.headers, ...headers }
})

const at = 1_510_080_200_000

const setup = (options: Parameters<ReturnType<typeof Stripe.make>["create"]>[0] = {}) => {
  const emulator = Stripe.make()
  const id = emulator.create(options, 1_510_080_179_500)
  const cancel = Stripe.requests.cancel(id)
  const status = Stripe.requests.status!(id)
  return { emulator, id, cancel, status }
}

const invalid = "invalid_request_error"

describe("Stripe emulator", () => {
  it("answers a cancel with the whole PaymentIntent", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(withHeaders(cancel, { "idempotency-key": "k" }), { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.strictEqual(reply.status, 200)
    assert.deepInclude(reply.headers, { "request-id": "req_sandbox000001", "idempotency-key": "k" })
    assert.deepInclude(parse(reply), {
      id,
      object: "payment_intent",
      status: "canceled",
      canceled_at: 1_510_080_200,
      cancellation_reason: "requested_by_customer",
      created: 1_510_080_179,
      amount: 1000,
      amount_capturable: 0,
      currency: "usd"
    })
    assert.deepStrictEqual(emulator.payment(id, at)!.history, [
      { at: 1_510_080_179_500, from: null, to: "requires_capture", by: "Create", requestIndex: null },
      { at, from: "requires_capture", to: "canceled", by: "Cancel", requestIndex: 7 }
    ])
  })

  it("keeps what partial captures have taken, and releases only the rest", () => {
    const { cancel, emulator, id, status } = setup({ amount: 1000, capturedAmount: 400 })
    const amounts = { amount: 1000, amount_received: 400 }
    assert.deepInclude(parse(emulator.handle(status, { at }).reply), { status: "requires_capture", ...amounts, amount_capturable: 600 })
    assert.deepInclude(parse(emulator.handle(cancel, { at }).reply), { status: "canceled", ...amounts, amount_capturable: 0 })
    const [event] = emulator.events(at)
    assert.deepInclude(event, { paymentId: id })
    assert.include(JSON.stringify(event?.payload), "\"amount_received\":400")
  })

  it("needs no reason, and an empty body", () => {
    const { cancel, emulator } = setup()
    const { reply } = emulator.handle({ ...cancel, body: "" }, { at })
    assert.deepInclude(parse(reply), { status: "canceled", cancellation_reason: null })
  })

  it("reads the PaymentIntent, its cancel included", () => {
    const { cancel, emulator, status } = setup()
    assert.deepInclude(parse(emulator.handle(status, { at }).reply), { status: "requires_capture", canceled_at: null })
    emulator.handle(cancel, { at })
    assert.deepInclude(parse(emulator.handle(status, { at: at + 5000 }).reply), {
      status: "canceled",
      canceled_at: 1_510_080_200,
      cancellation_reason: "requested_by_customer"
    })
  })

  for (const status of ["requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"] as const) {
    it(`cancels a PaymentIntent that ${status}`, () => {
      const { cancel, emulator } = setup({ status })
      assert.isTrue(emulator.handle(cancel, { at }).applied)
    })
  }

  for (const status of ["processing", "succeeded", "canceled"] as const) {
    it(`refuses to cancel a ${status} one, and says what it is`, () => {
      const { cancel, emulator, id } = setup({ status })
      const { applied, reply } = emulator.handle(cancel, { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), { status: 400, type: invalid, code: "payment_intent_unexpected_state" })
      const { payment_intent } = parse(reply)["error"] as ErrorBody
      assert.deepInclude(payment_intent!, { id, status })
    })
  }

  it("cancels a processing one where its payment method allows it", () => {
    const { cancel, emulator } = setup({ status: "processing", cancellableWhileProcessing: true })
    assert.isTrue(emulator.handle(cancel, { at }).applied)
  })

  it("cancels one of a Checkout Session in requires_capture only", () => {
    const { cancel, emulator } = setup({ status: "requires_action", checkoutSession: true })
    assert.strictEqual(refusal(emulator.handle(cancel, { at }).reply).code, "payment_intent_unexpected_state")
    const held = setup({ checkoutSession: true })
    assert.isTrue(held.emulator.handle(held.cancel, { at }).applied)
  })

  it("captures and expires by itself, with a reason of its own", () => {
    const captured = setup({ captureIn: "1 hour" })
    assert.strictEqual(captured.emulator.payment(captured.id, at + 3_600_000)!.status, "succeeded")
    const { emulator, status } = setup({ expiresIn: "7 days" })
    const later = at + 7 * 24 * 3_600_000
    assert.deepInclude(parse(emulator.handle(status, { at: later }).reply), {
      status: "canceled",
      canceled_at: 1_510_684_979,
      cancellation_reason: "automatic"
    })
  })

  it("does not know an id that was never created", () => {
    const { emulator } = setup()
    for (const request of [Stripe.requests.cancel("pi_nobody"), Stripe.requests.status!("pi_nobody")]) {
      assert.deepStrictEqual(refusal(emulator.handle(request, { at }).reply), {
        status: 404,
        type: invalid,
        code: "resource_missing",
        param: "intent"
      })
    }
  })

  it("keeps the accounts apart", () => {
    const { cancel, emulator, id } = setup({ account: "acct_sandbox_connected" })
    assert.strictEqual(emulator.handle(cancel, { at }).reply.status, 404)
    assert.deepStrictEqual(refusal(emulator.handle(withHeaders(cancel, { "stripe-account": "acct_other" }), { at }).reply), {
      status: 403,
      type: invalid,
      code: "account_invalid"
    })
    assert.isTrue(emulator.handle(withHeaders(cancel, { "stripe-account": "acct_sandbox_connected" }), { at }).applied)
    assert.strictEqual(emulator.payment(id, at)!.status, "canceled")
  })

  describe("refuses before it begins", () => {
    const keys: ReadonlyArray<readonly [string, string | undefined, number, string | undefined]> = [
      ["no key", undefined, 401, undefined],
      ["a wrong key", "Bearer sk_test_wrong", 401, undefined],
      ["a publishable key", "Bearer pk_test_any", 403, "secret_key_required"],
      ["an expired key", "Bearer sk_test_sandbox-expired", 401, "api_key_expired"],
      ["a platform's expired key", "Bearer sk_test_sandbox-platform-expired", 401, "platform_api_key_expired"],
      ["another scheme", "Digest x", 401, undefined]
    ]
    for (const [name, authorization, status, code] of keys) {
      it(name, () => {
        const { cancel, emulator } = setup()
        const { applied, reply } = emulator.handle(withHeaders(cancel, { authorization }), { at })
        assert.isFalse(applied)
        assert.deepStrictEqual(refusal(reply), { status, type: invalid, ...(code === undefined ? {} : { code }) })
        assert.notInclude(reply.body, "sk_test_wrong")
      })
    }

    it("takes the key as the user of Basic", () => {
      const { cancel, emulator } = setup()
      const authorization = `Basic ${Buffer.from(`${Stripe.credentials["apiKey"]}:`).toString("base64")}`
      assert.isTrue(emulator.handle(withHeaders(cancel, { authorization }), { at }).applied)
    })

    const bodies: ReadonlyArray<readonly [string, Partial<Emulator.Request>, object]> = [
      ["a reason that is not listed", { body: "cancellation_reason=bored" }, { param: "cancellation_reason" }],
      ["an empty reason", { body: "cancellation_reason=" }, { code: "parameter_invalid_empty", param: "cancellation_reason" }],
      ["an unknown parameter", { body: "why=no" }, { code: "parameter_unknown", param: "why" }]
    ]
    for (const [name, change, expected] of bodies) {
      it(name, () => {
        const { cancel, emulator } = setup()
        const { applied, reply } = emulator.handle({ ...cancel, ...change }, { at })
        assert.isFalse(applied)
        assert.deepStrictEqual(refusal(reply), { status: 400, type: invalid, ...expected })
      })
    }

    it("JSON", () => {
      const { cancel, emulator } = setup()
      const json = withHeaders({ ...cancel, body: `{"cancellation_reason":"duplicate"}` }, { "content-type": "application/json" })
      assert.deepStrictEqual(refusal(emulator.handle(json, { at }).reply), { status: 400, type: invalid })
    })

    it("a version that is none, and a key that is too long", () => {
      const { cancel, emulator } = setup()
      assert.strictEqual(emulator.handle(withHeaders(cancel, { "stripe-version": "3.0" }), { at }).reply.status, 400)
      assert.strictEqual(emulator.handle(withHeaders(cancel, { "idempotency-key": "k".repeat(256) }), { at }).reply.status, 400)
      assert.isTrue(
        emulator.handle(withHeaders(cancel, { "stripe-version": undefined, "idempotency-key": "k".repeat(255) }), { at }).applied
      )
    })

    it("allows expand", () => {
      const { cancel, emulator, status } = setup()
      assert.strictEqual(emulator.handle({ ...status, query: "expand[]=customer" }, { at }).reply.status, 200)
      assert.isTrue(emulator.handle({ ...cancel, body: "expand[0]=customer" }, { at }).applied)
    })
  })

  describe("routes", () => {
    it("leads nowhere else", () => {
      const { cancel, emulator, status } = setup()
      const lost: ReadonlyArray<Emulator.Request> = [
        { ...cancel, method: "GET" },
        { ...status, method: "POST" },
        { ...cancel, path: "/v1/payment_intents//cancel" },
        { ...cancel, path: "/v2/payment_intents/x/cancel" },
        { ...cancel, path: "/v1/charges/x/cancel" },
        { ...cancel, path: "/v1/payment_intents/x/cancel/now" },
        { ...cancel, path: "/v1/payment_intents/%/cancel" }
      ]
      for (const request of lost) {
        assert.strictEqual(emulator.handle(request, { at }).reply.status, 404)
        assert.notInclude(emulator.handle(request, { at }).reply.body, "error")
      }
    })

    it("decodes the id", () => {
      const { emulator } = setup()
      const id = emulator.create({ id: "a/b" }, at)
      assert.isTrue(emulator.handle(Stripe.requests.cancel(id), { at }).applied)
    })
  })

  describe("idempotency", () => {
    it("replays the first answer, whatever became of the payment", () => {
      const { cancel, emulator } = setup()
      const keyed = withHeaders(cancel, { "idempotency-key": "k" })
      const first = emulator.handle(keyed, { at })
      const second = emulator.handle(keyed, { at: at + 1000 })
      assert.isFalse(second.applied)
      assert.strictEqual(second.reply.body, first.reply.body)
      assert.deepStrictEqual([first, second].map(({ reply }) => reply.headers["idempotent-replayed"]), [undefined, "true"])
      assert.strictEqual(emulator.handle(cancel, { at }).reply.status, 400)
    })

    it("replays a refusal that came after it had begun", () => {
      const { cancel, emulator, id } = setup({ status: "processing" })
      const keyed = withHeaders(cancel, { "idempotency-key": "k" })
      assert.strictEqual(emulator.handle(keyed, { at }).reply.status, 400)
      emulator.move(id, "requires_capture", at)
      const replayed = emulator.handle(keyed, { at })
      assert.isFalse(replayed.applied)
      assert.strictEqual((parse(replayed.reply)["error"] as ErrorBody).payment_intent?.status, "processing")
    })

    for (const crash of ["BeforeApplying", "AfterApplying"] as const) {
      it(`replays a 500, ${crash}`, () => {
        const { cancel, emulator, id } = setup()
        const keyed = withHeaders(cancel, { "idempotency-key": "k" })
        const { applied, reply } = emulator.handle(keyed, { at, crash })
        assert.strictEqual(applied, crash === "AfterApplying")
        assert.deepStrictEqual(refusal(reply), { status: 500, type: "api_error" })
        assert.strictEqual(reply.headers["stripe-should-retry"], "false")
        const replayed = emulator.handle(keyed, { at })
        assert.isFalse(replayed.applied)
        assert.strictEqual(replayed.reply.body, reply.body)
        assert.strictEqual(emulator.payment(id, at)!.status, applied ? "canceled" : "requires_capture")
        assert.strictEqual(emulator.handle(withHeaders(cancel, { "idempotency-key": "l" }), { at }).applied, !applied)
      })
    }

    it("stores no refusal that came before it had begun", () => {
      const { cancel, emulator } = setup()
      const keyed = withHeaders(cancel, { "idempotency-key": "k" })
      emulator.handle({ ...keyed, body: "cancellation_reason=bored" }, { at })
      emulator.handle(withHeaders(keyed, { authorization: "Bearer sk_test_wrong" }), { at })
      assert.isTrue(emulator.handle(keyed, { at }).applied)
    })

    it("compares endpoint and parameters", () => {
      const { cancel, emulator } = setup()
      const other = emulator.create({}, at)
      const keyed = withHeaders(cancel, { "idempotency-key": "k" })
      emulator.handle(keyed, { at })
      for (const request of [{ ...keyed, body: "cancellation_reason=duplicate" }, { ...keyed, path: keyed.path.replace(/pi_\w+/, other) }]) {
        const { applied, reply } = emulator.handle(request, { at })
        assert.isFalse(applied)
        assert.deepStrictEqual(refusal(reply), { status: 400, type: "idempotency_error" })
      }
    })

    it("refuses the key while the first request is under way", () => {
      const { cancel, emulator } = setup()
      const keyed = withHeaders(cancel, { "idempotency-key": "k" })
      const finish = emulator.receive(keyed, { at })
      assert.deepStrictEqual(refusal(emulator.handle(keyed, { at }).reply), {
        status: 409,
        type: "idempotency_error",
        code: "idempotency_key_in_use"
      })
      assert.isTrue(finish(at + 5000).applied)
      assert.strictEqual(emulator.handle(keyed, { at: at + 6000 }).reply.status, 200)
    })

    it("ignores keys on a read", () => {
      const { cancel, emulator, status } = setup()
      const keyed = withHeaders(status, { "idempotency-key": "k" })
      emulator.handle(keyed, { at })
      emulator.handle(cancel, { at })
      assert.deepInclude(parse(emulator.handle(keyed, { at }).reply), { status: "canceled" })
    })
  })

  it("tells of what happened, with the PaymentIntent as it was then", () => {
    const { cancel, emulator, id } = setup({ account: "acct_sandbox_connected", status: "requires_payment_method" })
    emulator.move(id, "requires_action", at - 2000)
    emulator.move(id, "requires_capture", at - 1000)
    emulator.handle(withHeaders(cancel, { "stripe-account": "acct_sandbox_connected" }), { at })
    const events = emulator.events(at)
    assert.deepStrictEqual(events.map(({ at, id, payload, paymentId }) => [id, at, paymentId, payload["type"], payload["account"]]), [
      [`evt_${id}_1`, at - 2000, id, "payment_intent.requires_action", "acct_sandbox_connected"],
      [`evt_${id}_3`, at, id, "payment_intent.canceled", "acct_sandbox_connected"]
    ])
    const [first, last] = events.map(({ payload }) => (payload["data"] as { object: Record<string, unknown> }).object)
    assert.deepInclude(first!, { id, status: "requires_action", canceled_at: null })
    assert.deepInclude(last!, { id, status: "canceled", cancellation_reason: "requested_by_customer" })
  })

  it("has errors with a code, and errors with a type only", () => {
    const { emulator } = setup()
    assert.deepStrictEqual(refusal(emulator.error("rate_limit", 429)), { status: 429, type: invalid, code: "rate_limit" })
    assert.deepStrictEqual(refusal(emulator.error("idempotency_error", 400)), { status: 400, type: "idempotency_error" })
    assert.strictEqual(emulator.error("lock_timeout", 429).headers["stripe-should-retry"], "true")
    assert.isUndefined(emulator.error("rate_limit", 429).headers["stripe-should-retry"])
  })
})
