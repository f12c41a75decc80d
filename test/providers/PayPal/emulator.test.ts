import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators, Fault, Sandbox } from "../../../src/sandbox/index.js"

const { PayPal } = Emulators

const createdAt = 1_767_225_600_000
const at = createdAt + 300_000

type Create = Parameters<ReturnType<typeof PayPal.make>["create"]>[0]

const parse = (reply: Emulator.Reply) => JSON.parse(reply.body) as Record<string, unknown>

const withHeaders = (request: Emulator.Request, headers: Record<string, string | undefined>): Emulator.Request => ({
  ...request,
  headers: { ...request.headers, ...headers }
})

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`

const { clientId, clientSecret } = PayPal.credentials

const tokenRequest: Emulator.Request = {
  method: "POST",
  path: "/v1/oauth2/token",
  query: "",
  headers: { authorization: basic(clientId, clientSecret), "content-type": "application/x-www-form-urlencoded" },
  body: "grant_type=client_credentials"
}

const setup = (options: Create = {}) => {
  const emulator = PayPal.make()
  const id = emulator.create(options, createdAt)
  return { emulator, id, cancel: PayPal.requests.cancel(id), status: PayPal.requests.status!(id) }
}

const refusal = (reply: Emulator.Reply) => {
  const { details = [], name } = parse(reply)
  const issues = (details as ReadonlyArray<{ readonly issue: string; readonly description: string }>)
  for (const { description } of issues) assert.isNotEmpty(description)
  return [reply.status, name, ...issues.map(({ issue }) => issue)]
}

describe("PayPal emulator", () => {
  it("answers a void with the whole authorization, if it is asked for it", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(cancel, { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.strictEqual(reply.status, 200)
    assert.deepInclude(parse(reply), {
      id,
      status: "VOIDED",
      amount: { currency_code: "USD", value: "10.00" },
      create_time: "2026-01-01T00:00:00Z",
      update_time: "2026-01-01T00:05:00Z",
      expiration_time: "2026-01-30T00:00:00Z"
    })
    assert.notProperty(parse(reply), "status_details")
    assert.match(reply.headers["paypal-debug-id"]!, /^sandbox\d+$/)
    assert.deepStrictEqual(emulator.payment(id, at)!.history, [
      { at: createdAt, from: null, to: "CREATED", by: "Create", requestIndex: null },
      { at, from: "CREATED", to: "VOIDED", by: "Cancel", requestIndex: 7 }
    ])
  })

  it("answers it without a body otherwise", () => {
    for (const prefer of [undefined, "return=minimal", "something-else"]) {
      const { cancel, emulator, id } = setup()
      const { applied, reply } = emulator.handle(withHeaders(cancel, { prefer }), { at })
      assert.isTrue(applied)
      assert.deepInclude(reply, { status: 204, body: "" })
      assert.strictEqual(emulator.payment(id, at)!.status, "VOIDED")
    }
    const { cancel, emulator } = setup()
    const several = withHeaders(cancel, { prefer: "respond-async, return=representation" })
    assert.strictEqual(emulator.handle(several, { at }).reply.status, 200)
  })

  it("reads the authorization", () => {
    const { emulator, id, status } = setup({ status: "PENDING" })
    assert.deepInclude(parse(emulator.handle(status, { at }).reply), {
      status: "PENDING",
      status_details: { reason: "PENDING_REVIEW" }
    })
    emulator.move(id, "CREATED", at)
    assert.strictEqual(parse(emulator.handle(status, { at }).reply)["status"], "CREATED")
  })

  for (const status of ["CREATED", "PENDING", "PARTIALLY_CAPTURED"] as const) {
    it(`voids one that is ${status}, but for a reauthorization`, () => {
      const { cancel, emulator, id } = setup({ status })
      assert.isTrue(emulator.handle(cancel, { at }).applied)
      assert.strictEqual(emulator.payment(id, at)!.status, "VOIDED")
      const renewed = setup({ status, reauthorization: true })
      const { applied, reply } = renewed.emulator.handle(renewed.cancel, { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), [422, "UNPROCESSABLE_ENTITY", "CANNOT_BE_VOIDED"])
    })
  }

  for (
    const [status, issue] of [
      ["VOIDED", "PREVIOUSLY_VOIDED"],
      ["CAPTURED", "PREVIOUSLY_CAPTURED"],
      ["DENIED", "AUTHORIZATION_DENIED"]
    ] as const
  ) {
    it(`refuses to void one that is ${status}`, () => {
      const { cancel, emulator, id } = setup({ status })
      const { applied, reply } = emulator.handle(cancel, { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), [422, "UNPROCESSABLE_ENTITY", issue])
      assert.strictEqual(emulator.payment(id, at)!.status, status)
    })
  }

  it("captures and lapses by itself", () => {
    const later = createdAt + Duration.toMillis("30 days")
    const captured = setup({ captureIn: "1 day" })
    assert.deepInclude(captured.emulator.payment(captured.id, later)!.history.at(-1)!, {
      at: createdAt + Duration.toMillis("1 day"),
      to: "CAPTURED",
      by: "Capture"
    })
    const lapsed = setup({ expiresIn: "29 days" })
    assert.deepInclude(lapsed.emulator.payment(lapsed.id, later)!.history.at(-1)!, {
      at: createdAt + Duration.toMillis("29 days"),
      to: "VOIDED",
      by: "Expiry"
    })
    const neither = setup()
    assert.strictEqual(neither.emulator.payment(neither.id, later)!.status, "CREATED")
  })

  it("moves only along its state machine, unless forced", () => {
    const { emulator, id } = setup()
    assert.strictEqual(emulator.move(id, "PARTIALLY_CAPTURED", at)._tag, "Right")
    assert.strictEqual(emulator.move(id, "CREATED", at)._tag, "Left")
    assert.strictEqual(emulator.move(id, "CAPTURED", at)._tag, "Right")
    assert.strictEqual(emulator.move(id, "VOIDED", at)._tag, "Left")
    assert.strictEqual(emulator.move(id, "VOIDED", at, { force: true })._tag, "Right")
  })

  it("does not know every authorization", () => {
    const { emulator } = setup()
    for (const request of [PayPal.requests.cancel("none"), PayPal.requests.status!("none")]) {
      assert.deepStrictEqual(refusal(emulator.handle(request, { at }).reply), [404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"])
    }
  })

  it("knows no other path", () => {
    const { cancel, emulator } = setup()
    for (
      const path of [
        "/v2/payments/authorizations//void",
        "/v1/payments/authorizations/a/void",
        "/v2/checkout/authorizations/a/void",
        "/v2/payments/captures/a/void",
        "/v2/payments/authorizations/a/capture",
        "/v2/payments/authorizations/a/void/more",
        "/v2/payments/authorizations/%/void",
        "/v2/payments/authorizations"
      ]
    ) {
      assert.deepInclude(emulator.handle({ ...cancel, path }, { at }).reply, { status: 404, body: "Not Found" })
    }
    assert.strictEqual(emulator.handle({ ...tokenRequest, method: "GET" }, { at }).reply.body, "Not Found")
    assert.strictEqual(emulator.handle({ ...cancel, method: "GET" }, { at }).reply.body, "Not Found")
  })

  it("decodes the id of the path", () => {
    const emulator = PayPal.make()
    emulator.create({ id: "a/b ü" }, createdAt)
    assert.strictEqual(emulator.handle(PayPal.requests.cancel("a/b ü"), { at }).reply.status, 200)
  })

  it("refuses bodies that are not JSON, and keys that are too long", () => {
    const { cancel, emulator } = setup()
    const form = withHeaders(cancel, { "content-type": "application/x-www-form-urlencoded" })
    assert.deepStrictEqual(refusal(emulator.handle(form, { at }).reply), [415, "UNSUPPORTED_MEDIA_TYPE"])
    assert.deepStrictEqual(
      refusal(emulator.handle({ ...cancel, body: "{" }, { at }).reply),
      [400, "INVALID_REQUEST", "MALFORMED_REQUEST_JSON"]
    )
    assert.deepStrictEqual(
      refusal(emulator.handle(withHeaders(cancel, { "paypal-request-id": "k".repeat(10_001) }), { at }).reply),
      [400, "INVALID_REQUEST", "INVALID_STRING_LENGTH"]
    )
    // PayPal's own client sends no body, and calls it a form.
    assert.strictEqual(emulator.handle({ ...form, body: "" }, { at }).reply.status, 200)
  })
})

describe("access tokens of the PayPal emulator", () => {
  const granted = (reply: Emulator.Reply) => {
    assert.strictEqual(reply.status, 200)
    const { access_token, expires_in, token_type } = parse(reply)
    assert.strictEqual(token_type, "Bearer")
    return { value: String(access_token), seconds: Number(expires_in) }
  }
  const bearing = (request: Emulator.Request, value: string) => withHeaders(request, { authorization: `Bearer ${value}` })

  it("are given for nine hours, and the same one again until then", () => {
    const { emulator, status } = setup()
    const first = granted(emulator.handle(tokenRequest, { at }).reply)
    assert.strictEqual(first.seconds, 32_400)
    const later = at + Duration.toMillis("8 hours")
    assert.deepStrictEqual(granted(emulator.handle(tokenRequest, { at: later }).reply), { value: first.value, seconds: 3_600 })
    const end = at + Duration.toMillis("9 hours")
    assert.strictEqual(emulator.handle(bearing(status, first.value), { at: end - 1 }).reply.status, 200)
    assert.deepInclude(emulator.handle(bearing(status, first.value), { at: end }).reply, { status: 401 })
    const second = granted(emulator.handle(tokenRequest, { at: end }).reply)
    assert.notStrictEqual(second.value, first.value)
    assert.strictEqual(second.seconds, 32_400)
    assert.strictEqual(emulator.handle(bearing(status, second.value), { at: end }).reply.status, 200)
    assert.strictEqual(emulator.handle(bearing(status, first.value), { at: end }).reply.status, 401)
  })

  it("change no payment", () => {
    const { emulator, id } = setup()
    assert.isFalse(emulator.handle(tokenRequest, { at }).applied)
    assert.lengthOf(emulator.payment(id, at)!.history, 1)
  })

  it("are forgotten when everything is", () => {
    const { emulator } = setup()
    const { value } = granted(emulator.handle(tokenRequest, { at }).reply)
    emulator.reset()
    const id = emulator.create({}, createdAt)
    assert.strictEqual(emulator.handle(bearing(PayPal.requests.status!(id), value), { at }).reply.status, 401)
  })

  it("are not given to everybody", () => {
    const { emulator } = setup()
    for (
      const authorization of [undefined, "Basic", "Basic %", basic(clientId, "wrong"), basic("wrong", clientSecret), `Bearer ${clientSecret}`]
    ) {
      const { reply } = emulator.handle(withHeaders(tokenRequest, { authorization }), { at })
      assert.strictEqual(reply.status, 401)
      assert.deepStrictEqual(parse(reply), { error: "invalid_client", error_description: "Client Authentication failed" })
    }
    for (
      const request of [
        { ...tokenRequest, body: "grant_type=password" },
        withHeaders(tokenRequest, { "content-type": "application/json" })
      ]
    ) {
      const { reply } = emulator.handle(request, { at })
      assert.strictEqual(reply.status, 400)
      assert.strictEqual(parse(reply)["error"], "unsupported_grant_type")
    }
  })

  it("are needed for everything else", () => {
    const { cancel, emulator, id, status } = setup()
    for (const request of [cancel, status]) {
      const unknown = emulator.handle(bearing(request, "wrong"), { at }).reply
      assert.strictEqual(unknown.status, 401)
      assert.strictEqual(parse(unknown)["error"], "invalid_token")
      for (const authorization of [undefined, basic(clientId, clientSecret)]) {
        assert.deepStrictEqual(
          refusal(emulator.handle(withHeaders(request, { authorization }), { at }).reply),
          [401, "AUTHENTICATION_FAILURE"]
        )
      }
    }
    assert.strictEqual(emulator.handle(PayPal.requests.wrongCredential(id), { at }).reply.status, 401)
    assert.strictEqual(emulator.payment(id, at)!.status, "CREATED")
  })
})

describe("keys of the PayPal emulator", () => {
  const keyed = (request: Emulator.Request, key = "k-1") => withHeaders(request, { "paypal-request-id": key })

  it("repeat the first result", () => {
    const { cancel, emulator, id } = setup()
    const first = emulator.handle(keyed(cancel), { at })
    const again = emulator.handle(keyed(cancel), { at: at + 60_000 })
    assert.isTrue(first.applied)
    assert.isFalse(again.applied)
    assert.strictEqual(again.reply.body, first.reply.body)
    assert.deepStrictEqual(refusal(emulator.handle(keyed(cancel, "k-2"), { at }).reply).at(-1), "PREVIOUSLY_VOIDED")
    assert.deepStrictEqual(refusal(emulator.handle(keyed(cancel, ""), { at }).reply).at(-1), "PREVIOUSLY_VOIDED")
    const other = emulator.create({}, createdAt)
    assert.isTrue(emulator.handle(keyed(PayPal.requests.cancel(other)), { at }).applied)
    assert.strictEqual(emulator.payment(id, at)!.status, "VOIDED")
  })

  it("keep no refusal, and no failure of PayPal's own", () => {
    const { cancel, emulator, id } = setup({ status: "DENIED" })
    assert.strictEqual(emulator.handle(keyed(cancel), { at }).reply.status, 422)
    emulator.move(id, "CREATED", at, { force: true })
    assert.deepInclude(emulator.handle(keyed(cancel), { at, crash: "BeforeApplying" }).reply, { status: 500 })
    assert.strictEqual(emulator.handle(keyed(cancel), { at }).reply.status, 200)
  })

  it("answer 409 while the first request is under way", () => {
    const { cancel, emulator, id } = setup()
    const finish = emulator.receive(keyed(cancel), { at })
    assert.deepStrictEqual(
      refusal(emulator.handle(keyed(cancel), { at }).reply),
      [409, "RESOURCE_CONFLICT", "PREVIOUS_REQUEST_IN_PROGRESS"]
    )
    assert.isTrue(finish(at + 1_000).applied)
    assert.strictEqual(emulator.payment(id, at + 1_000)!.status, "VOIDED")
  })
})

describe("errors of the PayPal emulator", () => {
  it("have the shape that belongs to the code", () => {
    const { emulator } = setup()
    assert.deepStrictEqual(refusal(emulator.error("ANY_ISSUE", 422)), [422, "UNPROCESSABLE_ENTITY", "ANY_ISSUE"])
    assert.deepStrictEqual(refusal(emulator.error("ANY_ISSUE", 418)), [418, "UNPROCESSABLE_ENTITY", "ANY_ISSUE"])
    assert.deepStrictEqual(refusal(emulator.error("RATE_LIMIT_REACHED", 429)), [429, "RATE_LIMIT_REACHED"])
    assert.deepInclude(parse(emulator.error("invalid_token", 401)), { error: "invalid_token" })
  })

  it("are its own when it fails", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(cancel, { at, crash: "AfterApplying" })
    assert.isTrue(applied)
    assert.deepStrictEqual(refusal(reply), [500, "INTERNAL_SERVER_ERROR"])
    assert.strictEqual(emulator.payment(id, at)!.status, "VOIDED")
  })

  it("distort an authorization, and no access token", () => {
    const { cancel, emulator } = setup()
    const authorization = parse(emulator.handle(cancel, { at }).reply)
    const { paymentId, status } = PayPal.distort
    assert.notStrictEqual(paymentId(authorization)["id"], authorization["id"])
    assert.notInclude(PayPal.statuses, status(authorization)["status"])
    const token = parse(emulator.handle(tokenRequest, { at }).reply)
    assert.deepStrictEqual(paymentId(token), token)
    assert.deepStrictEqual(status(token), token)
  })
})

describe("faults at PayPal", () => {
  /** Asks for an access token, and then for a void: the two statuses. */
  const twoRequests = (id: string) =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const statuses = []
      for (const request of [tokenRequest, PayPal.requests.cancel(id)]) {
        const delivery = yield* sandbox.exchange("PayPal", request)
        statuses.push(delivery._tag === "Answered" ? delivery.reply.status : delivery._tag)
      }
      return statuses
    })

  it.effect("meet a request for an access token only if they are meant for it", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const id = yield* sandbox.create("PayPal")
      yield* sandbox.inject(Fault.dropBeforeApplying, { provider: "PayPal" })
      assert.deepStrictEqual(yield* twoRequests(id), [200, "Lost"])
      yield* sandbox.inject(Fault.serverError({ applied: false }), { operation: "Authorization", forever: true })
      assert.deepStrictEqual(yield* twoRequests(id), [500, 200])
      assert.deepStrictEqual(
        (yield* sandbox.requests).map(({ fault, operation }) => [operation, fault]),
        [["Authorization", null], ["Cancel", "DropBeforeApplying"], ["Authorization", "ServerError"], ["Cancel", null]]
      )
    }).pipe(Effect.provide(Sandbox.layer)))

  it.effect("leave no credential in what is kept of the requests", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      yield* twoRequests(yield* sandbox.create("PayPal"))
      const kept = JSON.stringify(yield* sandbox.requests)
      for (const secret of [clientSecret, Buffer.from(`${clientId}:${clientSecret}`).toString("base64"), PayPal.credentials.accessToken]) {
        assert.notInclude(kept, secret)
      }
    }).pipe(Effect.provide(Sandbox.layer)))
})
