import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Airwallex, Cancel, Canceller } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { ample, creating, includes, inject, sent } from "../../support/inSandbox.js"

const { apiKey, clientId } = Sandbox.credentials.Airwallex
const options: Airwallex.Options = {
  clientId,
  apiKey: Redacted.make(apiKey),
  baseUrl: Sandbox.baseUrl("Airwallex")
}
const airwallex = Airwallex.layer(options)
const live = Layer.provideMerge(airwallex, Sandbox.layer)

/** What reached the sandbox, in order: `Authorization 201`, `Cancel lost`, … */
const exchanges = Effect.flatMap(Sandbox.Sandbox, ({ requests }) =>
  Effect.map(requests, (all) => all.map(({ operation, status }) => `${operation} ${status ?? "lost"}`)))

const held = (paymentId: string) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.map(sandbox.payment("Airwallex", paymentId), (payment) => Option.getOrThrow(payment).status))

const create = creating("Airwallex")

interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

const granted: Answer = { status: 201, body: { token: "made-by-hand", expires_at: "2026-01-14T11:00:00+0000" } }

/** Airwallex over answers that are given in turn, the last one again and again, and what it is sent. */
const answering = (answers: { readonly POST?: ReadonlyArray<Answer>; readonly GET?: ReadonlyArray<Answer>; readonly login?: Answer }) => {
  const asked: Array<string> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const kind = url.pathname === "/api/v1/authentication/login" ? "login" : request.method === "GET" ? "GET" : "POST"
      const mine = kind === "login" ? [answers.login ?? granted] : answers[kind] ?? [{ status: 500 }]
      const nth = asked.filter((each) => each === kind).length
      asked.push(kind)
      const answer = mine[Math.min(nth, mine.length - 1)]!
      const text = answer.body === undefined ? null : typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body)
      return HttpClientResponse.fromWeb(request, new Response(text, { status: answer.status, headers: answer.headers ?? {} }))
    }))
  return { asked, layer: Layer.orDie(Layer.provide(airwallex, Layer.succeed(HttpClient.HttpClient, client))) }
}

const error = (code: string, more: object = {}) => ({ code, message: "in words", trace_id: "trace-1", ...more })

const intent = (status: string, more: object = {}) => ({ id: "int_1", status, ...more })

const cancelAt = (answers: Parameters<typeof answering>[0]) =>
  Airwallex.cancel({ paymentId: "int_1", idempotencyKey: "k" }).pipe(ample, Effect.provide(answering(answers).layer))

describe("Airwallex.cancel", () => {
  it.effect("sends the key in the body, and believes the status in the answer", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* TestClock.setTime(1_767_225_600_000)
      const result = yield* Airwallex.cancel({ paymentId, reason: "Order cancelled", idempotencyKey: "order-1042" })
      assert(result._tag === "Cancelled")
      assert.deepInclude(result, {
        provider: "Airwallex",
        paymentId,
        evidence: "Response",
        attempts: 1,
        cancelledAt: DateTime.make("2026-01-01T00:00:00Z").pipe(Option.map(DateTime.toUtc)),
        reason: Option.some("Order cancelled"),
        capturedAmount: Option.none()
      })
      const payload = Option.getOrThrow(result.payload)
      assert.deepInclude(payload, { id: paymentId, status: "CANCELLED", amount: Option.some(10), captured_amount: Option.some(0) })
      assert.strictEqual(yield* held(paymentId), "CANCELLED")

      assert.deepStrictEqual(yield* exchanges, ["Authorization 201", "Cancel 200"])
      const [request] = yield* sent("Cancel")
      assert.deepInclude(request!, {
        method: "POST",
        path: `/api/v1/pa/payment_intents/${paymentId}/cancel`,
        query: "",
        body: JSON.stringify({ request_id: "order-1042", cancellation_reason: "Order cancelled" })
      })
      assert.deepInclude(request!.headers, { "content-type": "application/json", "x-api-version": "2025-06-30" })
      for (const header of ["idempotency-key", "x-api-key", "x-client-id", "x-login-as", "x-on-behalf-of"]) {
        assert.notProperty(request!.headers, header)
      }
      const [login] = yield* sent("Authorization")
      assert.deepInclude(login!, { method: "POST", path: "/api/v1/authentication/login", query: "", body: "{}" })
    }).pipe(Effect.provide(live)))

  it.effect("sends no reason where none is given, and any through Canceller", () =>
    Effect.gen(function*() {
      const bare = yield* create()
      yield* Airwallex.cancel({ paymentId: bare, idempotencyKey: "k-1" })
      const neutral = yield* create()
      yield* Canceller.cancel({ paymentId: neutral, reason: "in words", idempotencyKey: "k-2" }).pipe(
        Effect.provide(Canceller.layer(Airwallex))
      )
      assert.deepStrictEqual((yield* sent("Cancel")).map(({ body }) => body), [
        "{\"request_id\":\"k-1\"}",
        "{\"request_id\":\"k-2\",\"cancellation_reason\":\"in words\"}"
      ])
    }).pipe(Effect.provide(live)))

  it.effect("acts for the accounts that the layer names", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* Effect.zipRight(Airwallex.cancel({ paymentId }), Airwallex.status({ paymentId })).pipe(
        Effect.provide(Airwallex.layer({ ...options, loginAs: "acct_1", onBehalfOf: "acct_2", apiVersion: "2026-08-21" }))
      )
      const [login] = yield* sent("Authorization")
      assert.strictEqual(login!.headers["x-login-as"], "acct_1")
      assert.notProperty(login!.headers, "x-on-behalf-of")
      for (const { headers } of [...yield* sent("Cancel"), ...yield* sent("Status")]) {
        assert.deepInclude(headers, { "x-on-behalf-of": "acct_2", "x-api-version": "2026-08-21" })
        assert.notProperty(headers, "x-login-as")
      }
    }).pipe(Effect.provide(live)))

  it.effect("a second cancel finds it cancelled already", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* Airwallex.cancel({ paymentId, reason: "first" })
      const again = yield* Airwallex.cancel({ paymentId, reason: "second" })
      includes(again, { _tag: "AlreadyCancelled", evidence: "StatusQuery" })
    }).pipe(Effect.provide(live)))

  it.effect("refuses what has succeeded, and says so", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(ample(Airwallex.cancel({ paymentId: yield* create({ status: "SUCCEEDED" }) })))
      assert(failure._tag === "Airwallex.InvalidStatusForOperation")
      includes(failure, { outcome: "NotCancelled", category: "NotCancellable", httpStatus: Option.some(400) })
      assert.deepStrictEqual(failure.paymentStatus, Option.some("SUCCEEDED"))
      assert.isTrue(Option.isSome(failure.requestId))
    }).pipe(Effect.provide(live)))
})

describe("a PaymentIntent that has succeeded, and does not say that all of it was captured", () => {
  const part = { status: 200, body: intent("SUCCEEDED", { amount: 10, captured_amount: 4, currency: "USD" }) }

  it.effect("denies no cancel that may have released the rest", () =>
    Effect.gen(function*() {
      for (const first of [part, { status: 500 }]) {
        const failure = yield* Effect.flip(cancelAt({ POST: [first], GET: [part] }))
        includes(failure, { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown", paymentStatus: Option.some("SUCCEEDED") })
      }
      const status = yield* Airwallex.status({ paymentId: "int_1" }).pipe(Effect.provide(answering({ GET: [part] }).layer))
      includes(status, { status: "SUCCEEDED", standing: Option.none() })
    }))

  it.effect("but a refusal is what it was", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(cancelAt({ POST: [{ status: 400, body: error("invalid_status_for_operation") }], GET: [part] }))
      includes(failure, { _tag: "Airwallex.InvalidStatusForOperation", outcome: "NotCancelled", paymentStatus: Option.some("SUCCEEDED") })
    }))

  it.effect("denies no cancel without both amounts either", () =>
    Effect.gen(function*() {
      for (const amounts of [{ amount: 10 }, { captured_amount: 4 }, { amount: "10", captured_amount: 10 }, {}]) {
        const stated = { status: 200, body: intent("SUCCEEDED", amounts) }
        const failure = yield* Effect.flip(cancelAt({ POST: [stated], GET: [stated] }))
        includes(failure, { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown", paymentStatus: Option.some("SUCCEEDED") })
      }
    }))

  it.effect("with all of it, it can no longer be cancelled", () =>
    Effect.gen(function*() {
      for (const amounts of [{ amount: 10.5, captured_amount: 10.5 }, { amount: 10, captured_amount: 11 }]) {
        const failure = yield* Effect.flip(cancelAt({ POST: [{ status: 200, body: intent("SUCCEEDED", amounts) }] }))
        includes(failure, { _tag: "CancelError.NoLongerCancellable", outcome: "NotCancelled" })
      }
    }))
})

describe("a key that Airwallex knows", () => {
  it.effect("a lost answer: the same bytes are refused as a duplicate, and the status is the proof", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.dropAfterApplying)
      const result = yield* ample(Airwallex.cancel({ paymentId, idempotencyKey: "k" }))
      includes(result, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 2 })
      assert.deepStrictEqual(yield* exchanges, ["Authorization 201", "Cancel lost", "Cancel 400", "Status 200"])
      const bodies = (yield* sent("Cancel")).map(({ body }) => body)
      assert.strictEqual(bodies[0], bodies[1])
    }).pipe(Effect.provide(live)))

  it.effect("a lost request: the same bytes carry it out", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.dropBeforeApplying)
      const result = yield* ample(Airwallex.cancel({ paymentId, idempotencyKey: "k" }))
      includes(result, { _tag: "Cancelled", evidence: "Response", attempts: 2 })
    }).pipe(Effect.provide(live)))

  it.effect("used up by a failure that did nothing: the outcome stays open, and another key settles it", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.serverError({ applied: false }))
      const failure = yield* Effect.flip(ample(Airwallex.cancel({ paymentId, idempotencyKey: "k" })))
      assert(failure._tag === "Airwallex.DuplicateRequest")
      includes(failure, { outcome: "Unknown", paymentStatus: Option.some("REQUIRES_CAPTURE"), attempts: 2 })
      assert.strictEqual((yield* ample(Airwallex.cancel({ paymentId })))._tag, "Cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("from another payment: nothing is claimed", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* create(), yield* create()]
      yield* Airwallex.cancel({ paymentId: one, idempotencyKey: "k" })
      const failure = yield* Effect.flip(ample(Airwallex.cancel({ paymentId: other, idempotencyKey: "k" })))
      assert(failure._tag === "Airwallex.DuplicateRequest")
      includes(failure, { outcome: "Unknown", category: "Conflict", attempts: 1 })
      assert.strictEqual(yield* held(other), "REQUIRES_CAPTURE")
    }).pipe(Effect.provide(live)))

  it.effect("an unknown outcome is settled with its key", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.dropAfterApplying, { times: 3 })
      yield* inject(Fault.dropAfterApplying, { operation: "Status", times: 20 })
      const failure = yield* Effect.flip(ample(Airwallex.cancel({ paymentId }).pipe(Cancel.withPolicy({ attempts: 1, statusReads: 1 }))))
      assert.strictEqual(failure.outcome, "Unknown")
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.clearFaults
      const again = yield* ample(Airwallex.cancel({ paymentId, idempotencyKey: Option.getOrThrow(Option.fromNullable(failure.idempotencyKey)) }))
      includes(again, { _tag: "Cancelled", evidence: "StatusQuery" })
    }).pipe(Effect.provide(live)))
})

describe("an answer", () => {
  const proof = { GET: [{ status: 200, body: intent("REQUIRES_CAPTURE") }] }

  for (const code of ["provider_unavailable", "issuer_unavailable", "service_unavailable", "internal_error"]) {
    it.effect(`${code} with a 400 does not refuse`, () =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(cancelAt({ ...proof, POST: [{ status: 400, body: error(code) }] }))
        includes(failure, { outcome: "Unknown", category: "ProviderFault", code, requestId: Option.some("trace-1") })
        const result = yield* cancelAt({ GET: [{ status: 200, body: intent("CANCELLED") }], POST: [{ status: 400, body: error(code) }] })
        includes(result, { _tag: "Cancelled", evidence: "StatusQuery" })
      }))
  }

  it.effect("a 409 leaves open what still runs, whatever it holds", () =>
    Effect.gen(function*() {
      for (const body of [error("nobody_has_listed_this"), undefined, "<html>"]) {
        const failure = yield* Effect.flip(cancelAt({ ...proof, POST: [{ status: 409, body }] }))
        includes(failure, { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown", attempts: 1 })
      }
    }))

  it.effect("that has been taken into account and says no more is no proof", () =>
    Effect.gen(function*() {
      for (const body of [intent("REQUIRES_CAPTURE"), intent("PENDING"), { status: "CANCELLED" }, { id: "int_2", status: "CANCELLED" }, {}, ""]) {
        const failure = yield* Effect.flip(cancelAt({ ...proof, POST: [{ status: 200, body }] }))
        assert.strictEqual(failure.outcome, "Unknown")
      }
    }))

  it.effect("with a code states no payment", () =>
    Effect.gen(function*() {
      for (const code of ["internal_error", 500, { reason: "internal_error" }]) {
        const failure = yield* Effect.flip(cancelAt({ ...proof, POST: [{ status: 200, body: { ...intent("CANCELLED"), code } }] }))
        assert.strictEqual(failure.outcome, "Unknown")
      }
      const result = yield* cancelAt({ POST: [{ status: 200, body: { ...intent("CANCELLED"), code: null } }] })
      includes(result, { _tag: "Cancelled", evidence: "Response" })
    }))

  it.effect("keeps what an error says beside its code", () =>
    Effect.gen(function*() {
      const refused = (more: object) => Effect.flip(cancelAt({ ...proof, POST: [{ status: 400, body: error("validation_error", more) }] }))
      const details = (more: object) => Effect.map(refused(more), (failure) => Option.getOrNull(failure.details))
      assert.deepStrictEqual(yield* details({ source: "request_id", details: { reason: "too long" } }), {
        source: "request_id",
        details: { reason: "too long" }
      })
      assert.deepStrictEqual(yield* details({ provider_original_response_code: "14", details: null }), {
        provider_original_response_code: "14"
      })
      assert.isNull(yield* details({}))
    }))

  it.effect("hands on neither the client secret nor the payer", () =>
    Effect.gen(function*() {
      const more = { client_secret: "CANARY", customer: { email: "CANARY" }, latest_payment_attempt: { payment_method: { card: "CANARY" } } }
      const result = yield* cancelAt({ POST: [{ status: 200, body: intent("CANCELLED", more) }] })
      assert.strictEqual(result._tag, "Cancelled")
      assert.notInclude(JSON.stringify(result), "CANARY")
    }))
})

describe("the access token", () => {
  it.effect("lasts as long as Airwallex says, by Airwallex's own clock", () =>
    Effect.gen(function*() {
      // The test's clock stands in 1970.
      const login = { ...granted, headers: { date: "Wed, 14 Jan 2026 10:50:00 GMT" } }
      const { asked, layer } = answering({ login, GET: [{ status: 200, body: intent("CANCELLED") }] })
      yield* Effect.gen(function*() {
        const status = Airwallex.status({ paymentId: "int_1" })
        yield* status
        yield* TestClock.adjust("8 minutes")
        yield* status
        assert.deepStrictEqual(asked, ["login", "GET", "GET"])
        yield* TestClock.adjust("2 minutes")
        yield* status
        assert.deepStrictEqual(asked, ["login", "GET", "GET", "login", "GET"])
      }).pipe(Effect.provide(layer))
    }))

  for (const [what, login] of [
    ["no date", granted],
    ["no time that can be read", { status: 201, body: { token: "t", expires_at: "soon" }, headers: { date: "Wed, 14 Jan 2026 10:50:00 GMT" } }],
    ["no time at all", { status: 201, body: { token: "t" } }]
  ] as const) {
    it.effect(`is used for half an hour where there is ${what}`, () =>
      Effect.gen(function*() {
        const { asked, layer } = answering({ login, GET: [{ status: 200, body: intent("CANCELLED") }] })
        yield* Effect.gen(function*() {
          const status = Airwallex.status({ paymentId: "int_1" })
          yield* status
          yield* TestClock.adjust("28 minutes")
          yield* status
          assert.deepStrictEqual(asked, ["login", "GET", "GET"])
          yield* TestClock.adjust("2 minutes")
          yield* status
          assert.deepStrictEqual(asked, ["login", "GET", "GET", "login", "GET"])
        }).pipe(Effect.provide(layer))
      }))
  }

  it.effect("is renewed once it has expired", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* create(), yield* create()]
      yield* Airwallex.cancel({ paymentId: one })
      yield* TestClock.adjust("31 minutes")
      yield* Airwallex.cancel({ paymentId: other })
      assert.deepStrictEqual(yield* exchanges, ["Authorization 201", "Cancel 200", "Authorization 201", "Cancel 200"])
    }).pipe(Effect.provide(live)))

  for (const [status, code, tag] of [
    [401, "unauthorized", "Airwallex.Unauthorized"],
    [400, "invalid_argument", "Airwallex.InvalidArgument"],
    [401, "nobody_has_listed_this", "CancelError.NotSent"],
    [403, "nobody_has_listed_this", "CancelError.NotSent"]
  ] as const) {
    it.effect(`is not issued: ${status} ${code}`, () =>
      Effect.gen(function*() {
        const { asked, layer } = answering({ login: { status, body: error(code) } })
        const failure = yield* Effect.flip(ample(Airwallex.cancel({ paymentId: "int_1" })).pipe(Effect.provide(layer)))
        includes(failure, { _tag: tag, outcome: "NotCancelled" })
        assert.deepStrictEqual([...new Set(asked)], ["login"])
      }))
  }
})
