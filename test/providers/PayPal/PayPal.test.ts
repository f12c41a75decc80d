import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { PayPal } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Errors from "../../../src/authoring/Errors.js"
import { inTurns } from "../../support/extent.js"
import { ample, creating, includes, inject, sent } from "../../support/inSandbox.js"

const { clientId, clientSecret } = Sandbox.credentials.PayPal
const options: PayPal.Options = {
  clientId,
  clientSecret: Redacted.make(clientSecret),
  baseUrl: Sandbox.baseUrl("PayPal")
}
const payPal = PayPal.layer(options)
const live = Layer.provideMerge(payPal, Sandbox.layer)

/** What reached the sandbox, in order: `Authorization 200`, `Cancel lost`, … */
const exchanges = Effect.flatMap(Sandbox.Sandbox, ({ requests }) =>
  Effect.map(requests, (all) => all.map(({ operation, status }) => `${operation} ${status ?? "lost"}`)))

const held = (paymentId: string) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.map(sandbox.payment("PayPal", paymentId), (payment) => Option.getOrThrow(payment).status))

const create = creating("PayPal")

interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

const token: Answer = { status: 200, body: { access_token: "A21AA-made-by-hand", token_type: "Bearer", expires_in: 32_400 } }

/** PayPal over answers that are given in turn, the last one again and again; tokens are given by themselves. */
const answering = (answers: { readonly POST?: ReadonlyArray<Answer>; readonly GET?: ReadonlyArray<Answer>; readonly token?: Answer }) => {
  const seen: Record<string, number> = {}
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const kind = url.pathname === "/v1/oauth2/token" ? "token" : request.method === "GET" ? "GET" : "POST"
      const mine = kind === "token" ? [answers.token ?? token] : answers[kind] ?? [{ status: 500 }]
      const nth = seen[kind] ?? 0
      seen[kind] = nth + 1
      const answer = mine[Math.min(nth, mine.length - 1)]!
      const text = answer.body === undefined ? null : typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body)
      return HttpClientResponse.fromWeb(
        request,
        new Response(text, { status: answer.status, headers: { "paypal-debug-id": "d-1, d-1", ...answer.headers } })
      )
    }))
  return Layer.orDie(Layer.provide(payPal, Layer.succeed(HttpClient.HttpClient, client)))
}

const error = (name: string | undefined, ...issues: ReadonlyArray<string>) => ({
  ...(name === undefined ? {} : { name }),
  message: "PayPal's words",
  debug_id: "in-the-body",
  ...(issues.length === 0 ? {} : { details: issues.map((issue) => ({ issue, description: `about ${issue}` })) })
})

const cancelAt = (answers: Parameters<typeof answering>[0]) =>
  PayPal.cancel({ paymentId: "p", idempotencyKey: "k" }).pipe(ample, Effect.provide(answering(answers)))

describe("PayPal.cancel", () => {
  it.effect("voids: it asks to be shown the authorization, which is the proof", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      const result = yield* PayPal.cancel({ paymentId, idempotencyKey: "order-1042" })
      assert(result._tag === "Cancelled")
      assert.deepInclude(result, {
        provider: "PayPal",
        paymentId,
        identifiedBy: "PaymentId",
        evidence: "Response",
        attempts: 1,
        cancelledAt: Option.none(),
        reason: Option.none(),
        capturedAmount: Option.none()
      })
      assert.deepInclude(Option.getOrThrow(result.payload), { id: paymentId, status: "VOIDED", invoice_id: Option.some("sandbox-invoice") })
      assert.match(Option.getOrThrow(result.requestId), /^sandbox\d+$/)
      assert.strictEqual(yield* held(paymentId), "VOIDED")

      assert.deepStrictEqual(yield* exchanges, ["Authorization 200", "Cancel 200"])
      const [request] = yield* sent("Cancel")
      assert.deepInclude(request!, {
        method: "POST",
        path: `/v2/payments/authorizations/${paymentId}/void`,
        query: "",
        body: "{}"
      })
      assert.deepInclude(request!.headers, {
        "content-type": "application/json",
        "prefer": "return=representation",
        "paypal-request-id": "order-1042",
        "accept": "application/json",
        "accept-encoding": "identity"
      })
      const [asked] = yield* sent("Authorization")
      assert.deepInclude(asked!, { method: "POST", path: "/v1/oauth2/token", query: "", body: "grant_type=client_credentials" })
      assert.strictEqual(asked!.headers["content-type"], "application/x-www-form-urlencoded")
      assert.notProperty(asked!.headers, "paypal-request-id")
    }).pipe(Effect.provide(live)))

  for (const status of ["PENDING", "PARTIALLY_CAPTURED"] as const) {
    it.effect(`voids one that is ${status} too`, () =>
      Effect.gen(function*() {
        const paymentId = yield* create({ status })
        assert.strictEqual((yield* PayPal.cancel({ paymentId }))._tag, "Cancelled")
        assert.strictEqual(yield* held(paymentId), "VOIDED")
      }).pipe(Effect.provide(live)))
  }

  it.effect("one that was voided before is success, by PayPal's own word for it", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "VOIDED" })
      includes(yield* PayPal.cancel({ paymentId }), { _tag: "AlreadyCancelled", provider: "PayPal", attempts: 1 })
      assert.lengthOf(yield* sent("Cancel"), 1)
    }).pipe(Effect.provide(live)))

  it.effect("and it is ours, if an earlier request of the same cancel may have done it", () =>
    Effect.gen(function*() {
      const result = yield* cancelAt({ POST: [{ status: 500 }, { status: 422, body: error("UNPROCESSABLE_ENTITY", "PREVIOUSLY_VOIDED") }] })
      includes(result, { _tag: "Cancelled", attempts: 2 })
    }))

  it.effect("a captured one is refused as not cancellable, with its status", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "CAPTURED" })
      const failed = yield* Effect.flip(PayPal.cancel({ paymentId, idempotencyKey: "k" }))
      assert(failed._tag === "PayPal.PreviouslyCaptured")
      assert.deepInclude(failed, {
        code: "PREVIOUSLY_CAPTURED",
        category: "NotCancellable",
        outcome: "NotCancelled",
        paymentStatus: Option.some("CAPTURED"),
        idempotencyKey: "k",
        attempts: 1
      })
    }).pipe(Effect.provide(live)))

  it.effect("a reauthorization likewise, which is still there", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ reauthorization: true })
      const failed = yield* PayPal.cancel({ paymentId }).pipe(Effect.flip, ample)
      assert.strictEqual(failed._tag, "PayPal.CannotBeVoided")
      assert.deepStrictEqual(failed.paymentStatus, Option.some("CREATED"))
      assert.lengthOf(yield* sent("Cancel"), 1)
    }).pipe(Effect.provide(live)))

  it.effect("an issue that nobody has listed keeps its text, and is read back", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "DENIED" })
      const failed = yield* PayPal.cancel({ paymentId }).pipe(Effect.flip, ample)
      assert(failed._tag === "PayPal.Unrecognized")
      assert.deepInclude(failed, { code: "AUTHORIZATION_DENIED", outcome: "NotCancelled", paymentStatus: Option.some("DENIED") })
    }).pipe(Effect.provide(live)))

  it.effect("an unknown one is not found, and not read back", () =>
    Effect.gen(function*() {
      const failed = yield* Effect.flip(PayPal.cancel({ paymentId: "nobody" }))
      assert.strictEqual(failed._tag, "PayPal.InvalidResourceId")
      assert.lengthOf(yield* sent("Status"), 0)
    }).pipe(Effect.provide(live)))
})

describe("an answer of PayPal's without a body", () => {
  it.effect("is proved by the status", () =>
    Effect.gen(function*() {
      const result = yield* cancelAt({ POST: [{ status: 204 }], GET: [{ status: 200, body: { id: "p", status: "VOIDED" } }] })
      includes(result, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
    }))

  it.effect("says so where no status query proves it", () =>
    Effect.gen(function*() {
      for (const GET of [[{ status: 503 }], [{ status: 200, body: { id: "p", status: "CREATED" } }]]) {
        const failed = yield* Effect.flip(cancelAt({ POST: [{ status: 204 }], GET }))
        assert(failed._tag === "PayPal.NotConfirmed")
        includes(failed, { code: null, outcome: "Unknown", httpStatus: Option.some(204) })
      }
    }))

  it.effect("proves nothing with any other success, and is not said to be this one", () =>
    Effect.gen(function*() {
      const failed = yield* Effect.flip(cancelAt({ POST: [{ status: 200, body: "" }], GET: [{ status: 503 }] }))
      assert.strictEqual(failed._tag, "CancelError.UnexpectedResponse")
    }))
})

describe("after a doubt at PayPal", () => {
  const applied: ReadonlyArray<Fault.Fault> = [
    Fault.dropAfterApplying,
    Fault.cutBody,
    Fault.emptyBody,
    Fault.malformedJson,
    Fault.wrongPaymentId,
    Fault.unknownStatus,
    Fault.stallBody,
    Fault.serverError({ applied: true }),
    Fault.badGateway({ applied: true }),
    Fault.errorCode("SERVICE_UNAVAILABLE", 503, { applied: true })
  ]
  for (const fault of applied) {
    it.effect(`${JSON.stringify(fault)}: it was voided`, () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(fault)
        const result = yield* ample(PayPal.cancel({ paymentId }))
        assert(result._tag === "Cancelled")
        const keys = new Set((yield* sent("Cancel")).map(({ headers }) => headers["paypal-request-id"]))
        assert.strictEqual(keys.size, 1)
        const last = (yield* (yield* Sandbox.Sandbox).payment("PayPal", paymentId)).pipe(Option.getOrThrow)
        assert.lengthOf(last.history, 2)
      }).pipe(Effect.provide(live)))
  }

  const licensed = [
    Fault.dropBeforeApplying,
    Fault.serverError({ applied: false }),
    Fault.badGateway({ applied: false }),
    Fault.errorCode("PREVIOUS_REQUEST_IN_PROGRESS", 409),
    Fault.errorCode("RESOURCE_CONFLICT", 409),
    Fault.errorCode("SOMETHING_NEW", 409)
  ]
  for (const fault of licensed) {
    it.effect(`${JSON.stringify(fault)}: the same bytes are sent again under the same key`, () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(fault)
        includes(yield* ample(PayPal.cancel({ paymentId })), { _tag: "Cancelled", evidence: "Response", attempts: 2 })
        const [first, second] = yield* sent("Cancel")
        assert.deepStrictEqual(
          [second!.body, second!.path, second!.headers["paypal-request-id"]],
          [first!.body, first!.path, first!.headers["paypal-request-id"]]
        )
      }).pipe(Effect.provide(live)))
  }

  const lasting = [
    [Fault.dropBeforeApplying, "CancelError.NoResponse", null],
    [Fault.serverError({ applied: false }), "PayPal.InternalServerError", "INTERNAL_SERVER_ERROR"],
    [Fault.badGateway({ applied: false }), "CancelError.UnexpectedResponse", null],
    [Fault.redirect("https://api-m.paypal.com/elsewhere"), "CancelError.UnexpectedResponse", null],
    [Fault.errorCode("PREVIOUS_REQUEST_IN_PROGRESS", 409), "PayPal.PreviousRequestInProgress", "PREVIOUS_REQUEST_IN_PROGRESS"],
    [Fault.errorCode("RESOURCE_CONFLICT", 409), "PayPal.ResourceConflict", "RESOURCE_CONFLICT"],
    [Fault.errorCode("PREVIOUSLY_CAPTURED", 502), "CancelError.UnexpectedResponse", "PREVIOUSLY_CAPTURED"],
    // Its name is listed, and is the one that fits a 500.
    [Fault.errorCode("PREVIOUSLY_CAPTURED", 500), "PayPal.InternalServerError", "INTERNAL_SERVER_ERROR"],
    [Fault.errorCode("PREVIOUSLY_CAPTURED", 200), "CancelError.UnexpectedResponse", "PREVIOUSLY_CAPTURED"]
  ] as const
  for (const [fault, tag, code] of lasting) {
    it.effect(`${JSON.stringify(fault)}, again and again: it may yet be voided`, () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(fault, { forever: true })
        const failed = yield* PayPal.cancel({ paymentId }).pipe(Effect.flip, ample)
        assert.strictEqual(failed._tag, tag)
        includes(failed, { code, outcome: "Unknown", paymentStatus: Option.some("CREATED") })
      }).pipe(Effect.provide(live)))
  }

  it.effect("captured meanwhile: it can no longer be voided", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ captureIn: "200 millis" })
      yield* inject(Fault.dropBeforeApplying)
      const failed = yield* PayPal.cancel({ paymentId }).pipe(Effect.flip, ample)
      includes(failed, { category: "NotCancellable", outcome: "NotCancelled", paymentStatus: Option.some("CAPTURED") })
    }).pipe(Effect.provide(live)))

  it.effect("the status query is down: unknown, and the same key settles it later", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.dropAfterApplying)
      yield* inject(Fault.badGateway({ applied: false }), { times: 2 })
      yield* inject(Fault.statusQueryDown, { operation: "Status", times: 6 })
      const failed = yield* PayPal.cancel({ paymentId }).pipe(Effect.flip, ample)
      includes(failed, { outcome: "Unknown", paymentStatus: Option.none() })
      yield* (yield* Sandbox.Sandbox).clearFaults
      includes(yield* PayPal.status({ paymentId }), { standing: Option.some("Cancelled") })
      includes(yield* PayPal.cancel({ paymentId, idempotencyKey: failed.idempotencyKey }), { _tag: "Cancelled" })
    }).pipe(Effect.provide(live)))
})

describe("waiting at PayPal", () => {
  it.effect("what was provably not sent is sent again", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.refuseConnection, { times: 2 })
      assert.deepInclude(yield* ample(PayPal.cancel({ paymentId })), { _tag: "Cancelled", attempts: 3 })
    }).pipe(Effect.provide(live)))

  it.effect("waits as long as PayPal asks it to, then sends again what was refused", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.rateLimited({ retryAfter: 45 }))
      assert.deepInclude(yield* ample(PayPal.cancel({ paymentId })), { _tag: "Cancelled", evidence: "Response", attempts: 2 })
      const [first, second] = yield* sent("Cancel")
      assert.strictEqual(second!.at - first!.at, 45_000)

      yield* inject(Fault.rateLimited({ retryAfter: 3 }), { forever: true })
      const failed = yield* PayPal.cancel({ paymentId: yield* create() }).pipe(Effect.flip, ample)
      assert(failed._tag === "PayPal.RateLimitReached")
      assert.deepInclude(failed, { category: "RateLimited", outcome: "NotCancelled", attempts: 3 })
      assert.isTrue(Option.isSome(failed.retryAfter))
    }).pipe(Effect.provide(live)))
})

describe("PayPal's access tokens", () => {
  it.effect("are asked for once, and used until they expire", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* PayPal.status({ paymentId })
      yield* TestClock.adjust("8 hours")
      yield* PayPal.status({ paymentId })
      assert.lengthOf(yield* sent("Authorization"), 1)
      yield* TestClock.adjust("1 hour")
      yield* PayPal.cancel({ paymentId })
      assert.deepStrictEqual(
        yield* exchanges,
        ["Authorization 200", "Status 200", "Status 200", "Authorization 200", "Cancel 200"]
      )
    }).pipe(Effect.provide(live)))

  it.effect("that PayPal no longer knows are asked for anew, and the same void is sent with the new one", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* PayPal.status({ paymentId })
      yield* inject(Fault.errorCode("invalid_token", 401))
      const result = yield* ample(PayPal.cancel({ paymentId }))
      includes(result, { _tag: "Cancelled", evidence: "Response" })
      assert.deepStrictEqual(
        yield* exchanges,
        ["Authorization 200", "Status 200", "Cancel 401", "Authorization 200", "Cancel 200"]
      )
      const [first, second] = yield* sent("Cancel")
      assert.strictEqual(second!.headers["paypal-request-id"], first!.headers["paypal-request-id"])
    }).pipe(Effect.provide(live)))

  it.effect("that are refused once more are an error", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.errorCode("invalid_token", 401), { forever: true })
      const failed = yield* PayPal.cancel({ paymentId }).pipe(Effect.flip, ample)
      assert(failed._tag === "PayPal.InvalidToken")
      assert.deepInclude(failed, { category: "Unauthenticated", outcome: "NotCancelled", code: "invalid_token" })
    }).pipe(Effect.provide(live)))

  it.effect("that are not granted leave everything unsent", () =>
    Effect.gen(function*() {
      const wrong = Layer.provideMerge(PayPal.layer({ ...options, clientSecret: Redacted.make("wrong") }), Sandbox.layer)
      yield* Effect.gen(function*() {
        const paymentId = yield* create()
        const failed = yield* PayPal.cancel({ paymentId }).pipe(Effect.flip, ample)
        assert(failed._tag === "PayPal.InvalidClient")
        assert.deepInclude(failed, { category: "Unauthenticated", outcome: "NotCancelled", httpStatus: Option.some(401) })
        assert.include(failed.message, "was not sent")
        assert.lengthOf(yield* sent("Cancel"), 0)
        const unread = yield* PayPal.status({ paymentId }).pipe(Effect.flip, ample)
        assert(unread._tag === "CancelError.StatusUnavailable")
        assert.strictEqual(unread.category, "Unauthenticated")
        assert.lengthOf(yield* sent("Status"), 0)
      }).pipe(Effect.provide(wrong))
    }))

  const failing: ReadonlyArray<Fault.Fault> = [
    Fault.dropAfterApplying,
    Fault.refuseConnection,
    Fault.stallHeaders({ applied: true }),
    Fault.serverError({ applied: false }),
    Fault.badGateway({ applied: false })
  ]
  for (const fault of failing) {
    it.effect(`${JSON.stringify(fault)} in place of one: nothing was sent, whatever became of the token`, () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(fault, { operation: "Authorization", forever: true })
        const failed = yield* PayPal.cancel({ paymentId }).pipe(Effect.flip, ample)
        assert(failed._tag === "CancelError.NotSent")
        assert.strictEqual(failed.outcome, "NotCancelled")
        assert.strictEqual(yield* held(paymentId), "CREATED")
        assert.lengthOf(yield* sent("Cancel"), 0)
      }).pipe(Effect.provide(live)))

    it.effect(`${JSON.stringify(fault)} once: it is asked for again`, () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(fault, { operation: "Authorization" })
        assert.strictEqual((yield* ample(PayPal.cancel({ paymentId })))._tag, "Cancelled")
      }).pipe(Effect.provide(live)))
  }

  for (const body of [{}, { access_token: "" }, { access_token: 7 }, [], "A21AA", "<html>"]) {
    it.effect(`are none in ${JSON.stringify(body)}`, () =>
      Effect.gen(function*() {
        const failed = yield* Effect.flip(cancelAt({ token: { status: 200, body }, POST: [{ status: 200, body: { id: "p", status: "VOIDED" } }] }))
        assert.strictEqual(failed._tag, "CancelError.NotSent")
      }))
  }

  for (const expires_in of [undefined, null, "soon", 32_400]) {
    it.effect(`may say ${expires_in} of their lifetime`, () =>
      Effect.gen(function*() {
        const body = { access_token: "t", expires_in }
        const result = yield* cancelAt({ token: { status: 200, body }, POST: [{ status: 200, body: { id: "p", status: "VOIDED" } }] })
        assert.strictEqual(result._tag, "Cancelled")
      }))
  }
})

describe("what a 200 of PayPal's proves", () => {
  const voided = { id: "p", status: "VOIDED" }
  const nothing = Object.entries({
    "no status": { id: "p" },
    "no id": { status: "VOIDED" },
    "another id": { ...voided, id: "P" },
    "another spelling": { ...voided, status: "voided" },
    "a word of its own": { ...voided, status: "CANCELLED" },
    "an array": [voided],
    "an error's name": { ...voided, ...error("UNPROCESSABLE_ENTITY") },
    "an issue": { ...voided, details: [{ issue: "PREVIOUSLY_CAPTURED" }] },
    "details of an unknown form": { ...voided, details: ["?"] },
    "details that are no list": { ...voided, details: "?" },
    "an error's name that is no text": { ...voided, name: 5 },
    "an error that is no text": { ...voided, error: {} },
    "OAuth's error": { ...voided, error: "invalid_token" },
    "HTML": "<html></html>"
  })
  for (const [name, body] of nothing) {
    it.effect(`nothing, with ${name}`, () =>
      Effect.gen(function*() {
        const failed = yield* Effect.flip(cancelAt({ POST: [{ status: 200, body }], GET: [{ status: 503 }] }))
        assert.strictEqual(failed._tag, "CancelError.UnexpectedResponse")
        assert.strictEqual(failed.outcome, "Unknown")
      }))
  }

  it.effect("is not lost to what does not matter to it", () =>
    Effect.gen(function*() {
      const body = { ...voided, details: [], amount: "?", seller_protection: 1, supplementary_data: { related_ids: [] }, name: null }
      const result = yield* cancelAt({ POST: [{ status: 200, body }] })
      assert(result._tag === "Cancelled")
      const { amount, supplementary_data } = Option.getOrThrow(result.payload)
      assert.deepStrictEqual([amount, Option.getOrThrow(supplementary_data).related_ids], [Option.none(), Option.none()])
      assert.deepStrictEqual(result.requestId, Option.some("d-1"))
    }))

  it.effect("is shown under PayPal's names, without the payee", () =>
    Effect.gen(function*() {
      const body = {
        ...voided,
        status_details: { reason: "PENDING_REVIEW" },
        amount: { currency_code: "USD", value: "10.99" },
        invoice_id: "i",
        custom_id: "c",
        seller_protection: { status: "ELIGIBLE", dispute_categories: ["ITEM_NOT_RECEIVED"] },
        expiration_time: "2026-01-30T00:00:00Z",
        create_time: "2026-01-01T00:00:00-08:00",
        update_time: "2026-01-01T00:05:00Z",
        supplementary_data: { related_ids: { order_id: "o", authorization_id: "p", capture_id: "x" } },
        payee: { email_address: "seller@example.test" }
      }
      const result = yield* cancelAt({ POST: [{ status: 200, body }] })
      assert(result._tag === "Cancelled")
      const payload = yield* Schema.encode(PayPal.Authorization)(Option.getOrThrow(result.payload))
      const { payee: _, ...shown } = body
      assert.deepStrictEqual(payload, shown)
    }))
})

describe("PayPal's errors", () => {
  /** Such an answer grants no access token. */
  const ofToken = ["InvalidClient", "UnauthorizedClient", "UnsupportedGrantType"]
  const listed = Object.entries(Errors.table(PayPal)).filter(([name]) => name !== "PreviouslyVoided" && name !== "NotConfirmed")
  // The suite of all providers has every code of each.
  for (const [name, row] of inTurns(listed, 0, 3)) {
    it.effect(`${row.code} is PayPal.${name}`, () =>
      Effect.gen(function*() {
        const { category, code, httpStatus, outcome } = row
        const answer = { status: httpStatus[0], ...(code === null ? {} : { body: Sandbox.definition("PayPal").make().error(code, httpStatus[0]).body }) }
        const failed = yield* Effect.flip(
          ofToken.includes(name)
            ? cancelAt({ token: answer })
            : cancelAt({ POST: [answer], GET: [{ status: 200, body: { id: "p", status: "CREATED" } }] })
        )
        assert.strictEqual<string>(failed._tag, `PayPal.${name}`)
        // An answer about a token has no `debug_id`.
        const requestId = ofToken.includes(name) ? Option.none() : Option.some("d-1")
        includes(failed, { code, category, outcome, provider: "PayPal", requestId })
        const readBack = row.about === "Payment" || outcome === "Unknown"
        assert.deepStrictEqual(failed.paymentStatus, readBack ? Option.some("CREATED") : Option.none())
      }))
  }

  const of = (name: string | undefined, ...issues: ReadonlyArray<string>) => error(name, ...issues)
  for (
    const [status, body, tag, code] of [
      [422, of("UNPROCESSABLE_ENTITY", "PREVIOUSLY_VOIDED", "PREVIOUSLY_CAPTURED"), "PayPal.PreviouslyCaptured", "PREVIOUSLY_CAPTURED"],
      [422, of("UNPROCESSABLE_ENTITY", "SOMETHING_NEW", "CANNOT_BE_VOIDED"), "PayPal.CannotBeVoided", "CANNOT_BE_VOIDED"],
      [422, of("UNPROCESSABLE_ENTITY", "SOMETHING_NEW", "SOMETHING_OLD"), "PayPal.Unrecognized", "SOMETHING_NEW"],
      [422, of("UNPROCESSABLE_ENTITY"), "PayPal.Unrecognized", "UNPROCESSABLE_ENTITY"],
      [422, of(undefined, "PREVIOUSLY_CAPTURED"), "PayPal.PreviouslyCaptured", "PREVIOUSLY_CAPTURED"],
      [422, of("UNPROCESSABLE_ENTITY", "AUTHORIZATION_VOIDED"), "PayPal.Unrecognized", "AUTHORIZATION_VOIDED"],
      [400, of("INVALID_REQUEST", "INVALID_PARAMETER_SYNTAX"), "PayPal.InvalidRequest", "INVALID_REQUEST"],
      [403, of("NOT_AUTHORIZED", "SOMETHING_NEW"), "PayPal.NotAuthorized", "NOT_AUTHORIZED"],
      [404, of("RESOURCE_NOT_FOUND"), "PayPal.ResourceNotFound", "RESOURCE_NOT_FOUND"]
    ] as const
  ) {
    it.effect(`${status} with ${JSON.stringify(body.details?.map(({ issue }) => issue))} in ${body.name} is ${tag}`, () =>
      Effect.gen(function*() {
        const failed = yield* Effect.flip(cancelAt({ POST: [{ status, body }], GET: [{ status: 503 }] }))
        assert.strictEqual(failed._tag, tag)
        assert.strictEqual(failed.code, code)
        assert.include(failed.message, body.details === undefined ? "PayPal's words" : `about ${body.details[0]!.issue}`)
        assert.deepStrictEqual(failed.details, Option.fromNullable(body.details))
      }))
  }

  for (const body of ["", "<html>", {}, [], { details: [] }, { details: "?" }, { message: "m" }]) {
    it.effect(`a 401 with ${JSON.stringify(body)} is Unauthorized, any other 4xx Unrecognized`, () =>
      Effect.gen(function*() {
        const unauthorized = yield* Effect.flip(cancelAt({ POST: [{ status: 401, body }] }))
        assert.strictEqual(unauthorized._tag, "PayPal.Unauthorized")
        includes(unauthorized, { code: null, category: "Unauthenticated", outcome: "NotCancelled" })
        for (const status of [400, 403, 404, 422]) {
          const failed = yield* Effect.flip(cancelAt({ POST: [{ status, body }], GET: [{ status: 503 }] }))
          assert.strictEqual(failed._tag, "PayPal.Unrecognized")
          assert.isNull(failed.code)
        }
      }))
  }

  it.effect("name the exchange by the header, and else by the body", () =>
    Effect.gen(function*() {
      const answer = { status: 404, body: error("RESOURCE_NOT_FOUND") }
      const headed = yield* Effect.flip(cancelAt({ POST: [answer] }))
      assert.deepStrictEqual(headed.requestId, Option.some("d-1"))
      const client = HttpClient.make((request, url) =>
        Effect.sync(() => {
          const { body, status } = url.pathname === "/v1/oauth2/token" ? token : answer
          return HttpClientResponse.fromWeb(request, new Response(JSON.stringify(body), { status }))
        }))
      const bare = yield* PayPal.cancel({ paymentId: "p" }).pipe(
        Effect.flip,
        Effect.provide(Layer.orDie(Layer.provide(payPal, Layer.succeed(HttpClient.HttpClient, client))))
      )
      assert.deepStrictEqual(bare.requestId, Option.some("in-the-body"))
    }))
})
