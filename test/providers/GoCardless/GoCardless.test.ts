import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { GoCardless } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { ample, creating, includes, inject, sent } from "../../support/inSandbox.js"

const { accessToken } = Sandbox.credentials.GoCardless
const options = { accessToken: Redacted.make(accessToken), baseUrl: Sandbox.baseUrl("GoCardless") }
const gocardless = GoCardless.layer(options)
const live = Layer.provideMerge(gocardless, Sandbox.layer)

const create = creating("GoCardless")

interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** GoCardless over answers that are given in turn, the last one again and again. */
const answering = (...answers: ReadonlyArray<Answer>) => {
  let next = 0
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const { body = null, headers = {}, status } = answers[Math.min(next, answers.length - 1)]!
      next += 1
      return HttpClientResponse.fromWeb(
        request,
        new Response(body === null || typeof body === "string" ? body : JSON.stringify(body), {
          status,
          headers: { "x-request-id": `header-${next}`, ...headers }
        })
      )
    }))
  return Layer.provide(gocardless, Layer.succeed(HttpClient.HttpClient, client))
}

const payment = (status: string): Answer => ({ status: 200, body: { payments: { id: "PM1", status } } })

const refused = (status: number, type: string, ...reasons: ReadonlyArray<string>): Answer => ({
  status,
  body: {
    error: {
      message: "words",
      documentation_url: "https://developer.gocardless.com/api-reference",
      type,
      errors: reasons.map((reason) => ({ reason, message: "words" })),
      request_id: "in-the-body",
      code: status
    }
  }
})

const failed = (...answers: ReadonlyArray<Answer>) =>
  Effect.provide(ample(Effect.flip(GoCardless.cancel({ paymentId: "PM1" }))), answering(...answers))

describe("GoCardless.cancel", () => {
  it.effect("cancels, and its answer is the proof", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ amount: 4200 })
      const result = yield* GoCardless.cancel({ paymentId, metadata: { ticket: "TK-1042" }, idempotencyKey: "key-1" })
      assert(result._tag === "Cancelled")
      includes(result, {
        provider: "GoCardless",
        paymentId,
        identifiedBy: "PaymentId",
        evidence: "Response",
        attempts: 1,
        cancelledAt: Option.none(),
        reason: Option.none(),
        capturedAmount: Option.none()
      })
      includes(Option.getOrThrow(result.payload), {
        id: paymentId,
        status: "cancelled",
        amount: Option.some(4200),
        currency: Option.some("GBP"),
        scheme: Option.some("bacs"),
        description: Option.none()
      })
      const [request, ...more] = yield* sent("Cancel")
      assert.lengthOf(more, 0)
      includes(request!, {
        method: "POST",
        path: `/payments/${paymentId}/actions/cancel`,
        body: "{\"data\":{\"metadata\":{\"ticket\":\"TK-1042\"}}}"
      })
      includes(request!.headers, { "gocardless-version": "2015-07-06", "idempotency-key": "key-1", "content-type": "application/json" })
      assert.lengthOf(yield* sent("Status"), 0)
      const schema = Schema.parseJson(GoCardless.Cancellation)
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(result)), result)
    }).pipe(Effect.provide(live)))

  it.effect("sends the envelope even if there is nothing in it", () =>
    Effect.gen(function*() {
      yield* GoCardless.cancel({ paymentId: yield* create() })
      assert.strictEqual((yield* sent("Cancel"))[0]!.body, "{\"data\":{}}")
    }).pipe(Effect.provide(live)))

  it.effect("of what is cancelled already succeeds, because the status says so", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "cancelled" })
      includes(yield* GoCardless.cancel({ paymentId }), { _tag: "AlreadyCancelled", evidence: "StatusQuery", attempts: 1 })
    }).pipe(Effect.provide(live)))

  for (const status of ["submitted", "confirmed", "paid_out", "charged_back", "customer_approval_denied"] as const) {
    it.effect(`of what is ${status} is too late: the same code, and the status that tells them apart`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(GoCardless.cancel({ paymentId: yield* create({ status }) }))
        includes(error, {
          _tag: "GoCardless.CancellationFailed",
          category: "NotCancellable",
          outcome: "NotCancelled",
          paymentStatus: Option.some(status),
          attempts: 1
        })
      }).pipe(Effect.provide(live)))
  }

  for (const status of ["failed", "pending_customer_approval"] as const) {
    it.effect(`of what is ${status} is refused, and may yet become possible: the status is read twice`, () =>
      Effect.gen(function*() {
        const error = yield* ample(Effect.flip(GoCardless.cancel({ paymentId: yield* create({ status }) })))
        includes(error, { _tag: "GoCardless.CancellationFailed", outcome: "NotCancelled", paymentStatus: Option.some(status) })
        assert.isAtLeast((yield* sent("Status")).length, 2)
      }).pipe(Effect.provide(live)))
  }

  for (
    const [name, fault] of [
      ["a lost answer", Fault.dropAfterApplying],
      ["half an answer", Fault.cutBody],
      ["a 500 after all", Fault.serverError({ applied: true })],
      ["a proxy's page", Fault.badGateway({ applied: true })],
      ["an answer about another payment", Fault.wrongPaymentId]
    ] as const
  ) {
    it.effect(`after ${name} reads the status, and sends nothing again`, () =>
      Effect.gen(function*() {
        yield* inject(fault)
        const result = yield* ample(GoCardless.cancel({ paymentId: yield* create() }))
        includes(result, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
        assert.lengthOf(yield* sent("Cancel"), 1)
      }).pipe(Effect.provide(live)))
  }

  it.effect("after a lost request knows nothing, and sends nothing again: no key is documented for a cancel", () =>
    Effect.gen(function*() {
      yield* inject(Fault.dropBeforeApplying)
      const error = yield* ample(Effect.flip(GoCardless.cancel({ paymentId: yield* create() })))
      includes(error, { _tag: "CancelError.NoResponse", outcome: "Unknown", attempts: 1 })
      assert.lengthOf(yield* sent("Cancel"), 1)
    }).pipe(Effect.provide(live)))

  it.effect("after a 429 waits, and sends it again", () =>
    Effect.gen(function*() {
      yield* inject(Fault.rateLimited())
      includes(yield* ample(GoCardless.cancel({ paymentId: yield* create() })), { _tag: "Cancelled", evidence: "Response", attempts: 2 })
    }).pipe(Effect.provide(live)))
})

describe("an error of GoCardless", () => {
  it.effect("with reasons goes by them, and not by its type", () =>
    Effect.gen(function*() {
      const error = yield* failed(refused(403, "invalid_api_usage", "insufficient_permissions"))
      includes(error, {
        _tag: "GoCardless.InsufficientPermissions",
        code: "insufficient_permissions",
        httpStatus: Option.some(403),
        requestId: Option.some("in-the-body")
      })
      assert.include(JSON.stringify(Option.getOrThrow(error.details)), "\"type\":\"invalid_api_usage\"")
    }))

  it.effect("with several reasons is the first that is listed", () =>
    Effect.gen(function*() {
      const error = yield* failed(refused(401, "invalid_api_usage", "never_heard_of", "access_token_not_active"))
      assert.strictEqual(error._tag, "GoCardless.AccessTokenNotActive")
    }))

  it.effect("that names fields instead of reasons goes by its type", () =>
    Effect.gen(function*() {
      const error = yield* failed({
        status: 422,
        body: { error: { message: "Validation failed", type: "validation_failed", errors: [{ field: "metadata", message: "is invalid", request_pointer: "/data/metadata" }] } }
      })
      includes(error, { _tag: "GoCardless.ValidationFailed", code: "validation_failed", requestId: Option.some("header-1") })
      assert.include(JSON.stringify(Option.getOrThrow(error.details)), "/data/metadata")
    }))

  for (const type of ["invalid_state", "invalid_api_usage", "gocardless"]) {
    it.effect(`of the type ${type} alone keeps that as its code`, () =>
      Effect.gen(function*() {
        const error = yield* failed(refused(422, type), payment("pending_submission"))
        includes(error, { _tag: "GoCardless.Unrecognized", code: type, outcome: "NotCancelled" })
      }))
  }

  it.effect("that is a text alone is words, and may name somebody: it is in the message alone", () =>
    Effect.gen(function*() {
      const error = yield* failed({ status: 400, body: { error: "Erika Mustermann has no mandate" } }, payment("pending_submission"))
      assert.include(error.message, "Erika Mustermann")
      assert("history" in error)
      assert.notInclude(JSON.stringify(error.history), "Erika")
      includes(error, {
        _tag: "GoCardless.Unrecognized",
        code: null,
        details: Option.none(),
        requestId: Option.some("header-1")
      })
      const gateway = yield* failed({ status: 502, body: { error: "bad gateway" } }, payment("pending_submission"))
      includes(gateway, { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
    }))

  for (const reason of ["internal_server_error", "request_timed_out"]) {
    it.effect(`${reason} leaves the outcome open, on a 4xx as well`, () =>
      Effect.gen(function*() {
        for (const status of [500, 422]) {
          const error = yield* failed(refused(status, "gocardless", reason), payment("pending_submission"))
          assert.strictEqual(error.outcome, "Unknown")
        }
      }))
  }

  it.effect("a conflict of keys is not believed before the status is read", () =>
    Effect.gen(function*() {
      const conflict = refused(409, "invalid_state", "idempotent_creation_conflict")
      includes(yield* failed(conflict, payment("pending_submission")), { _tag: "GoCardless.IdempotentCreationConflict", outcome: "NotCancelled" })
      const result = yield* GoCardless.cancel({ paymentId: "PM1" }).pipe(Effect.provide(answering(conflict, payment("cancelled"))))
      includes(result, { _tag: "AlreadyCancelled" })
      // Another 409 may be a request under the same key that still runs.
      includes(yield* failed({ status: 409, body: "" }, payment("pending_submission")), { outcome: "Unknown" })
    }))

  for (const error of ["", 7, [], {}, true]) {
    it.effect(`beside a payment makes it no proof: ${JSON.stringify(error)}`, () =>
      Effect.gen(function*() {
        const body = { payments: { id: "PM1", status: "cancelled" }, error }
        includes(yield* failed({ status: 200, body }), { outcome: "Unknown" })
      }))
  }

  it.effect("that is null is none", () =>
    Effect.gen(function*() {
      const answer = { status: 200, body: { payments: { id: "PM1", status: "cancelled" }, error: null } }
      includes(yield* Effect.provide(GoCardless.cancel({ paymentId: "PM1" }), answering(answer)), { _tag: "Cancelled" })
    }))
})

describe("metadata", () => {
  for (
    const [name, metadata, fits] of [
      ["three names", { a: "1", b: "2", c: "3" }, true],
      ["four names", { a: "1", b: "2", c: "3", d: "4" }, false],
      ["the longest name and text", { ["n".repeat(50)]: "t".repeat(500) }, true],
      ["a name that is too long", { ["n".repeat(51)]: "" }, false],
      ["a text that is too long", { a: "t".repeat(501) }, false]
    ] as const
  ) {
    it.effect(`with ${name}`, () =>
      Effect.gen(function*() {
        const result = yield* Effect.merge(GoCardless.cancel({ paymentId: yield* create(), metadata }))
        includes(result, fits ? { _tag: "Cancelled" } : { _tag: "CancelError.InvalidCancelRequest", field: "metadata" })
        assert.lengthOf(yield* sent("Cancel"), fits ? 1 : 0)
      }).pipe(Effect.provide(live)))
  }
})

describe("a GoCardless layer", () => {
  it.effect("sends the version that it is given", () =>
    Effect.gen(function*() {
      const error = yield* ample(Effect.flip(GoCardless.cancel({ paymentId: yield* create() })))
      includes(error, { _tag: "GoCardless.Unrecognized", code: "version_not_found" })
    }).pipe(Effect.provide(Layer.provideMerge(GoCardless.layer({ ...options, apiVersion: "2014-11-03" }), Sandbox.layer))))
})
