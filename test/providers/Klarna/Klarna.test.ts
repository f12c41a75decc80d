import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Cancel, CancelPolicy, Klarna } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Errors from "../../../src/authoring/Errors.js"
import { inTurns } from "../../support/extent.js"
import { ample, creating, includes, inject, sent } from "../../support/inSandbox.js"

const { password, username } = Sandbox.credentials.Klarna
const options = { username, password: Redacted.make(password), baseUrl: Sandbox.baseUrl("Klarna") }
const klarna = Klarna.layer(options)
const live = Layer.provideMerge(klarna, Sandbox.layer)

const create = creating("Klarna")

interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** Klarna over answers that are given in turn, the last one again and again. */
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
          headers: { "klarna-correlation-id": `c-${next}`, ...headers }
        })
      )
    }))
  return Layer.provide(klarna, Layer.succeed(HttpClient.HttpClient, client))
}

const error = (error_code: string, ...error_messages: ReadonlyArray<string>) => ({
  error_code,
  error_messages,
  correlation_id: "c-body"
})

const order = (status: string, more: object = {}) => ({ order_id: "p", status, ...more })

describe("Klarna.cancel", () => {
  it.effect("cancels: no body, its key, and the order read back as proof", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_768_386_600_000)
      const paymentId = yield* create({ amount: 4200 })
      const result = yield* Klarna.cancel({ paymentId, idempotencyKey: "key-1" })
      assert(result._tag === "Cancelled")
      assert.deepInclude(result, {
        provider: "Klarna",
        paymentId,
        identifiedBy: "PaymentId",
        evidence: "StatusQuery",
        attempts: 1,
        cancelledAt: Option.none(),
        reason: Option.none(),
        capturedAmount: Option.some({ amount: 0, currency: Option.some("EUR") })
      })
      assert.deepInclude(Option.getOrThrow(result.payload), {
        order_id: paymentId,
        status: "CANCELLED",
        fraud_status: Option.some("ACCEPTED"),
        order_amount: Option.some(4200),
        remaining_authorized_amount: Option.some(0),
        merchant_reference1: Option.some("order-1042"),
        merchant_reference2: Option.none()
      })
      assert.isTrue(Option.isSome(result.requestId))

      const [request, ...more] = yield* sent("Cancel")
      assert.lengthOf(more, 0)
      assert.deepInclude(request!, {
        method: "POST",
        path: `/ordermanagement/v1/orders/${paymentId}/cancel`,
        query: "",
        body: ""
      })
      assert.strictEqual(request!.headers["klarna-idempotency-key"], "key-1")
      assert.notProperty(request!.headers, "content-type")
      const [query, ...others] = yield* sent("Status")
      assert.lengthOf(others, 0)
      assert.deepInclude(query!, { method: "GET", path: `/ordermanagement/v1/orders/${paymentId}` })
      assert.notProperty(query!.headers, "klarna-idempotency-key")
      // The read-back comes at once.
      assert.strictEqual(query!.at, request!.at)
    }).pipe(Effect.provide(live)))

  it.effect("sends user name and password as basic authorization", () =>
    Effect.gen(function*() {
      const seen: Array<string | undefined> = []
      const client = HttpClient.make((request) =>
        Effect.sync(() => {
          seen.push(request.headers["authorization"])
          return HttpClientResponse.fromWeb(request, new Response(JSON.stringify(order("CANCELLED")), { status: 200 }))
        }))
      yield* Klarna.cancel({ paymentId: "p" }).pipe(
        Effect.provide(Klarna.layer({ username: "Aladdin", password: Redacted.make("open sesame") })),
        Effect.provideService(HttpClient.HttpClient, client)
      )
      // The example of RFC 7617.
      assert.deepStrictEqual(seen, ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="])
    }))

  it.effect("an order that was cancelled before is success, established by its status", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "CANCELLED" })
      const result = yield* Klarna.cancel({ paymentId })
      includes(result, { _tag: "AlreadyCancelled", evidence: "StatusQuery", attempts: 1 })
      assert.lengthOf(yield* sent("Status"), 1)
    }).pipe(Effect.provide(live)))

  for (const status of ["PART_CAPTURED", "CAPTURED", "EXPIRED", "CLOSED"] as const) {
    it.effect(`one that is ${status} is refused as not cancellable, with its status`, () =>
      Effect.gen(function*() {
        const paymentId = yield* create({ status })
        const error = yield* Effect.flip(Klarna.cancel({ paymentId, idempotencyKey: "k" }))
        assert(error._tag === "Klarna.CancelNotAllowed")
        assert.deepInclude(error, {
          code: "CANCEL_NOT_ALLOWED",
          category: "NotCancellable",
          outcome: "NotCancelled",
          paymentStatus: Option.some(status),
          idempotencyKey: "k",
          attempts: 1
        })
      }).pipe(Effect.provide(live)))
  }

  it.effect("an order nobody knows is not found, whatever form its id has", () =>
    Effect.gen(function*() {
      const unknown = yield* Klarna.cancel({ paymentId: "f3392f8b-6116-4073-ab96-e330819e2c07" }).pipe(Effect.flip, ample)
      includes(unknown, { _tag: "Klarna.NoSuchOrder", category: "NotFound", outcome: "NotCancelled" })
      const malformed = yield* Klarna.cancel({ paymentId: "order-1042" }).pipe(Effect.flip, ample)
      includes(malformed, { _tag: "Klarna.InvalidOrderId", category: "InvalidRequest", outcome: "NotCancelled" })
    }).pipe(Effect.provide(live)))

  it.effect("wrong credentials are refused in no words of Klarna's, and nothing is read back with them", () =>
    Effect.gen(function*() {
      const wrong = Klarna.layer({ ...options, password: Redacted.make("wrong") })
      const paymentId = yield* create()
      const error = yield* Klarna.cancel({ paymentId }).pipe(Effect.flip, Effect.provide(wrong))
      assert(error._tag === "Klarna.AuthorizationRequired")
      assert.deepInclude(error, { code: null, category: "Unauthenticated", outcome: "NotCancelled", httpStatus: Option.some(401) })
      assert.lengthOf(yield* sent("Status"), 0)
    }).pipe(Effect.provide(live)))

  describe("a success without a body", () => {
    for (const status of [204, 200, 201, 202]) {
      it.effect(`${status} is no proof without the status`, () =>
        Effect.gen(function*() {
          const body = status === 204 ? null : ""
          const proved = yield* Klarna.cancel({ paymentId: "p" }).pipe(
            Effect.provide(answering({ status, body }, { status: 200, body: order("CANCELLED") }))
          )
          includes(proved, { _tag: "Cancelled", evidence: "StatusQuery", requestId: Option.some("c-2") })
          const lagging = yield* Klarna.cancel({ paymentId: "p" }).pipe(
            ample,
            Effect.provide(answering({ status, body }, { status: 200, body: order("AUTHORIZED") }, { status: 200, body: order("CANCELLED") }))
          )
          includes(lagging, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
          const never = yield* Klarna.cancel({ paymentId: "p" }).pipe(
            Effect.flip,
            ample,
            Effect.provide(answering({ status, body }, { status: 200, body: order("AUTHORIZED") }))
          )
          includes(never, {
            // Only the 204 is documented.
            _tag: status === 204 ? "Klarna.NotConfirmed" : "CancelError.UnexpectedResponse",
            code: null,
            category: "Unexpected",
            outcome: "Unknown",
            httpStatus: Option.some(status),
            paymentStatus: Option.some("AUTHORIZED"),
            attempts: 1
          })
        }))
    }

    it.effect("and then another state: it can no longer be cancelled", () =>
      Effect.gen(function*() {
        const error = yield* Klarna.cancel({ paymentId: "p" }).pipe(
          Effect.flip,
          Effect.provide(answering({ status: 204 }, { status: 200, body: order("CAPTURED") }))
        )
        includes(error, { _tag: "CancelError.NoLongerCancellable", paymentStatus: Option.some("CAPTURED") })
      }))

    it.effect("and the status query is down: unknown, and `status` settles it later", () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(Fault.statusQueryDown, { operation: "Status", times: 3 })
        const error = yield* Klarna.cancel({ paymentId }).pipe(Effect.flip, ample)
        includes(error, { _tag: "Klarna.NotConfirmed", outcome: "Unknown", paymentStatus: Option.none(), attempts: 1 })
        includes(yield* Klarna.status({ paymentId }), { standing: Option.some("Cancelled") })
      }).pipe(Effect.provide(live)))
  })

  describe("after a doubt", () => {
    const applied: ReadonlyArray<readonly [Fault.Fault, attempts: number]> = [
      // Sent again under its key, and answered as the first time.
      [Fault.dropAfterApplying, 2],
      [Fault.cutBody, 2],
      [Fault.stallBody, 2],
      [Fault.serverError({ applied: true }), 2],
      [Fault.badGateway({ applied: true }), 2],
      [Fault.emptyBody, 1],
      [Fault.malformedJson, 1],
      [Fault.oversizedBody(2_000_000), 1],
      [Fault.wrongPaymentId, 1],
      [Fault.unknownStatus, 1],
      [Fault.errorCode("CONFLICT", 409, { applied: true }), 1],
      [Fault.errorCode("TIMEOUT", 400, { applied: true }), 1],
      [Fault.errorCode("CANCEL_NOT_ALLOWED", 200, { applied: true }), 1],
      [Fault.errorCode("SOMETHING_NEW", 408, { applied: true }), 1]
    ]
    for (const [fault, attempts] of applied) {
      it.effect(`${JSON.stringify(fault)}: it was cancelled, says the status`, () =>
        Effect.gen(function*() {
          const paymentId = yield* create()
          yield* inject(fault)
          const result = yield* ample(Klarna.cancel({ paymentId }))
          assert(result._tag === "Cancelled")
          assert.deepInclude(result, { evidence: "StatusQuery", attempts })
          assert.isTrue(Option.isSome(result.payload))
        }).pipe(Effect.provide(live)))
    }

    const sentAgain: ReadonlyArray<Fault.Fault> = [
      Fault.dropBeforeApplying,
      Fault.stallHeaders({ applied: false }),
      Fault.serverError({ applied: false }),
      Fault.badGateway({ applied: false }),
      Fault.errorCode("TEMPORARILY_UNAVAILABLE", 503),
      Fault.errorCode("TIMEOUT", 500)
    ]
    for (const fault of sentAgain) {
      it.effect(`${JSON.stringify(fault)}: the same is sent again 5 seconds later, once`, () =>
        Effect.gen(function*() {
          const paymentId = yield* create()
          yield* inject(fault)
          const result = yield* ample(Klarna.cancel({ paymentId }))
          includes(result, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 2 })
          const [first, second] = yield* sent("Cancel")
          assert.isAtLeast(second!.at - first!.at, 5_000)
          assert.deepStrictEqual([second!.path, second!.headers, second!.body], [first!.path, first!.headers, first!.body])

          const another = yield* create()
          yield* inject(fault, { times: 2 })
          const error = yield* Klarna.cancel({ paymentId: another }).pipe(Effect.flip, ample)
          includes(error, { outcome: "Unknown", attempts: 2, paymentStatus: Option.some("AUTHORIZED") })
        }).pipe(Effect.provide(live)))
    }

    const kept: ReadonlyArray<readonly [Fault.Fault, tag: string, code: string | null]> = [
      [Fault.redirect("https://api.klarna.com/elsewhere"), "CancelError.UnexpectedResponse", null],
      [Fault.errorCode("TIMEOUT", 408), "CancelError.UnexpectedResponse", "TIMEOUT"],
      [Fault.errorCode("TIMEOUT", 400), "Klarna.Timeout", "TIMEOUT"],
      [Fault.errorCode("CONFLICT", 409), "Klarna.Conflict", "CONFLICT"],
      [Fault.errorCode("SOMETHING_NEW", 409), "CancelError.UnexpectedResponse", "SOMETHING_NEW"],
      [Fault.errorCode("CANCEL_NOT_ALLOWED", 200), "CancelError.UnexpectedResponse", "CANCEL_NOT_ALLOWED"]
    ]
    for (const [fault, tag, code] of kept) {
      it.effect(`${JSON.stringify(fault)}: it may yet be cancelled, and nothing is sent again`, () =>
        Effect.gen(function*() {
          const paymentId = yield* create()
          yield* inject(fault)
          const error = yield* Klarna.cancel({ paymentId }).pipe(Effect.flip, ample)
          includes(error, { _tag: tag, code, outcome: "Unknown", attempts: 1, paymentStatus: Option.some("AUTHORIZED") })
          assert.lengthOf(yield* sent("Cancel"), 1)
          assert.lengthOf(yield* sent("Status"), 3)
        }).pipe(Effect.provide(live)))
    }

    for (const [status, code] of [[403, "CANCEL_NOT_ALLOWED"], [404, "NO_SUCH_ORDER"], [422, "UNPROCESSABLE_ENTITY"], [418, "SOMETHING_NEW"]] as const) {
      it.effect(`a ${status} to what was sent again is not followed by a third request, whatever the policy allows`, () =>
        Effect.gen(function*() {
          const paymentId = yield* create()
          yield* inject(Fault.dropBeforeApplying)
          yield* inject(Fault.errorCode(code, status), { times: 9 })
          const error = yield* Klarna.cancel({ paymentId }).pipe(Effect.flip, Cancel.withPolicy(CancelPolicy.background), ample)
          includes(error, { _tag: "CancelError.NoResponse", outcome: "Unknown", attempts: 2, paymentStatus: Option.some("AUTHORIZED") })
          assert.lengthOf(yield* sent("Cancel"), 2)
        }).pipe(Effect.provide(live)))
    }

    it.effect("a 429 to what was sent again is: Klarna's page on rate limits says to, unlike after any other 4xx", () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(Fault.dropBeforeApplying)
        yield* inject(Fault.errorCode("TOO_MANY_REQUESTS", 429))
        const result = yield* Klarna.cancel({ paymentId }).pipe(Cancel.withPolicy(CancelPolicy.background), ample)
        includes(result, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 3 })
      }).pipe(Effect.provide(live)))

    it.effect("captured meanwhile: it can no longer be cancelled", () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(Fault.dropBeforeApplying)
        const fiber = yield* Effect.fork(Klarna.cancel({ paymentId }).pipe(Effect.flip))
        yield* TestClock.adjust("1 second")
        yield* (yield* Sandbox.Sandbox).move("Klarna", paymentId, "CAPTURED")
        yield* TestClock.adjust("10 minutes")
        const error = yield* Fiber.join(fiber)
        includes(error, { _tag: "Klarna.CancelNotAllowed", attempts: 2, paymentStatus: Option.some("CAPTURED") })
      }).pipe(Effect.provide(live)))
  })

  it.effect("what was provably not sent is sent again", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.refuseConnection)
      includes(yield* ample(Klarna.cancel({ paymentId })), { _tag: "Cancelled", attempts: 2 })
    }).pipe(Effect.provide(live)))

  describe("too many requests: the wait that Klarna asks for is kept, in seconds", () => {
    const tooMany = (headers: Record<string, string>) =>
      answering(
        { status: 429, body: error("TOO_MANY_REQUESTS"), headers },
        { status: 204 },
        { status: 200, body: order("CANCELLED") }
      )
    const waits = (headers: Record<string, string>) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(Effect.timed(Klarna.cancel({ paymentId: "p" })))
        yield* TestClock.adjust("10 minutes")
        const [took, result] = yield* Fiber.join(fiber)
        includes(result, { _tag: "Cancelled", attempts: 2 })
        return Duration.toSeconds(took)
      }).pipe(Effect.provide(tooMany(headers)))
    it.effect("that of X-Ratelimit-Reset", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* waits({ "X-Ratelimit-Reset": "17" }), 17)
        // A shorter one than Klarna's own advice makes nothing shorter.
        assert.strictEqual(yield* waits({ "X-Ratelimit-Reset": "1" }), 5)
      }))
    it.effect("that of Retry-After, should it ever come", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* waits({ "Retry-After": "21" }), 21)
      }))
    it.effect("one that is longer than the policy allows is not cut short", () =>
      Effect.gen(function*() {
        const error = yield* Klarna.cancel({ paymentId: "p" }).pipe(
          Effect.flip,
          ample,
          Effect.provide(tooMany({ "X-Ratelimit-Reset": "3600" }))
        )
        assert(error._tag === "Klarna.TooManyRequests")
        assert.deepInclude(error, {
          category: "RateLimited",
          outcome: "NotCancelled",
          attempts: 1,
          retryAfter: Option.some(Duration.seconds(3600))
        })
      }))
    it.effect("on any other answer the header is no wish", () =>
      Effect.gen(function*() {
        const refused = yield* Klarna.cancel({ paymentId: "p" }).pipe(
          Effect.flip,
          Effect.provide(answering(
            { status: 403, body: error("CANCEL_NOT_ALLOWED"), headers: { "X-Ratelimit-Reset": "3600" } },
            { status: 200, body: order("CAPTURED"), headers: { "X-Ratelimit-Reset": "3600" } }
          ))
        )
        includes(refused, { _tag: "Klarna.CancelNotAllowed", retryAfter: Option.none(), paymentStatus: Option.some("CAPTURED") })
      }))
  })

  describe("a 403", () => {
    for (const body of ["", "<html>blocked</html>", {}, { error_messages: [] }]) {
      it.effect(`with ${JSON.stringify(body)} is no word about the order`, () =>
        Effect.gen(function*() {
          const blocked = { status: 403, body }
          const error = yield* Klarna.cancel({ paymentId: "p" }).pipe(Effect.flip, ample, Effect.provide(answering(blocked)))
          assert(error._tag === "Klarna.Blocked")
          assert.deepInclude(error, { code: null, category: "Forbidden", outcome: "NotCancelled", paymentStatus: Option.none() })
          const cancelledBefore = yield* Klarna.cancel({ paymentId: "p" }).pipe(
            Effect.provide(answering(blocked, { status: 200, body: order("CANCELLED") }))
          )
          assert.strictEqual(cancelledBefore._tag, "AlreadyCancelled")
        }))
    }
  })

  for (
    const [name, body] of Object.entries({
      "no status": { order_id: "p" },
      "no id": { status: "CANCELLED" },
      "another id": { order_id: "P", status: "CANCELLED" },
      "another spelling": order("CANCELED"),
      "captures": order("CANCELLED", { captured_amount: 1 }),
      "captures in a text": order("CANCELLED", { captured_amount: "500" }),
      "captures of a part of the smallest unit": order("CANCELLED", { captured_amount: 500.5 }),
      "an error": { ...order("CANCELLED"), ...error("NO_SUCH_ORDER") },
      "an error of the newer APIs": { ...order("CANCELLED"), error_id: "e", error_type: "SERVER_ERROR" },
      "an error without a code": { ...order("CANCELLED"), error_messages: ["no"] },
      "the type of an error": { ...order("CANCELLED"), error_type: "TECHNICAL_ERROR" },
      "an error in words alone": { ...order("CANCELLED"), error_message: "no" },
      "an array": [order("CANCELLED")],
      "HTML": "<html></html>"
    })
  ) {
    it.effect(`an order is not cancelled with ${name}`, () =>
      Effect.gen(function*() {
        const failed = yield* Klarna.cancel({ paymentId: "p" }).pipe(
          Effect.flip,
          ample,
          Effect.provide(answering({ status: 204 }, { status: 200, body }))
        )
        includes(failed, { _tag: "Klarna.NotConfirmed", outcome: "Unknown" })
      }))
  }

  it.effect("a proof is not lost to what does not matter to it", () =>
    Effect.gen(function*() {
      const body = order("CANCELLED", { order_amount: "?", captured_amount: null, purchase_currency: 7, customer: { name: "x" } })
      const result = yield* Klarna.cancel({ paymentId: "p" }).pipe(Effect.provide(answering({ status: 204 }, { status: 200, body })))
      assert(result._tag === "Cancelled")
      assert.deepStrictEqual(result.capturedAmount, Option.none())
      assert.deepInclude(Option.getOrThrow(result.payload), { order_amount: Option.none(), captured_amount: Option.none() })
      assert.notProperty(Option.getOrThrow(result.payload), "customer")
    }))

  it.effect("a body is no longer none: an order in the answer itself is a proof, and needs no read-back", () =>
    Effect.gen(function*() {
      const result = yield* Klarna.cancel({ paymentId: "p" }).pipe(
        Effect.provide(answering({ status: 200, body: order("CANCELLED") }, { status: 500 }))
      )
      includes(result, { _tag: "Cancelled", evidence: "Response", requestId: Option.some("c-1") })
    }))
})

describe("an order that is over", () => {
  for (const status of ["EXPIRED", "CLOSED"]) {
    it.effect(`${status} without captures denies no cancel that may have been carried out`, () =>
      Effect.gen(function*() {
        for (const amounts of [{ captured_amount: 0, remaining_authorized_amount: 0 }, { captured_amount: null }, {}]) {
          const body = order(status, amounts)
          const silent = yield* Klarna.cancel({ paymentId: "p" }).pipe(
            Effect.flip,
            ample,
            Effect.provide(answering({ status: 204 }, { status: 200, body }))
          )
          includes(silent, { _tag: "Klarna.NotConfirmed", outcome: "Unknown", paymentStatus: Option.some(status) })
          const failed = yield* Klarna.cancel({ paymentId: "p" }).pipe(
            Cancel.withPolicy({ attempts: 1 }),
            Effect.flip,
            ample,
            Effect.provide(answering({ status: 500 }, { status: 200, body }))
          )
          includes(failed, { outcome: "Unknown", paymentStatus: Option.some(status) })
          // Of a cancel that was refused nothing is in doubt.
          for (const code of ["CANCEL_NOT_ALLOWED", "NOT_ALLOWED"]) {
            const refused = yield* Klarna.cancel({ paymentId: "p" }).pipe(
              Effect.flip,
              ample,
              Effect.provide(answering({ status: 403, body: error(code) }, { status: 200, body }))
            )
            includes(refused, {
              _tag: code === "CANCEL_NOT_ALLOWED" ? "Klarna.CancelNotAllowed" : "Klarna.NotAllowed",
              outcome: "NotCancelled",
              paymentStatus: Option.some(status)
            })
          }
        }
      }))

    it.effect(`${status} with captures can no longer be cancelled, and was not`, () =>
      Effect.gen(function*() {
        const failed = yield* Klarna.cancel({ paymentId: "p" }).pipe(
          Effect.flip,
          ample,
          Effect.provide(answering({ status: 204 }, { status: 200, body: order(status, { captured_amount: 500 }) }))
        )
        includes(failed, { _tag: "CancelError.NoLongerCancellable", outcome: "NotCancelled", paymentStatus: Option.some(status) })
      }))

    it.effect(`${status} with captures says nothing to a release without what remains`, () =>
      Effect.gen(function*() {
        const body = order(status, { captured_amount: 500 })
        const read = yield* Klarna.releaseStatus({ paymentId: "p" }).pipe(Effect.provide(answering({ status: 200, body })))
        assert.deepInclude(read, { status, standing: Option.none() })
      }))
  }
})

describe("Klarna.status", () => {
  it.effect("says how much was captured", () =>
    Effect.gen(function*() {
      for (const [status, amount] of [["AUTHORIZED", 0], ["PART_CAPTURED", 500], ["CAPTURED", 1000], ["CANCELLED", 0], ["EXPIRED", 0], ["CLOSED", 0]] as const) {
        const { capturedAmount } = yield* Klarna.status({ paymentId: yield* create({ status }) })
        assert.deepStrictEqual(capturedAmount, Option.some({ amount, currency: Option.some("EUR") }), status)
      }
    }).pipe(Effect.provide(live)))
})

describe("Klarna's errors", () => {
  // The suite of all providers has every code of each.
  for (const [name, row] of inTurns(Object.entries(Errors.table(Klarna)), 0, 3)) {
    const { code } = row
    if (code === null) continue
    it.effect(`${code} is Klarna.${name}`, () =>
      Effect.gen(function*() {
        for (const httpStatus of row.httpStatus) {
          const paymentId = yield* create()
          yield* inject(Fault.errorCode(code, httpStatus), { times: 3 })
          const failed = yield* Klarna.cancel({ paymentId }).pipe(Effect.flip, ample)
          includes(failed, { _tag: `Klarna.${name}`, code, category: row.category, outcome: row.outcome, provider: "Klarna" })
          const readBack = row.about === "Payment" || row.outcome === "Unknown"
          assert.deepStrictEqual(failed.paymentStatus, readBack ? Option.some("AUTHORIZED") : Option.none())
          yield* (yield* Sandbox.Sandbox).clearFaults
        }
      }).pipe(Effect.provide(live)))
  }

  it.effect("a code nobody has listed keeps its text, and is read back", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "CAPTURED" })
      yield* inject(Fault.unknownErrorCode)
      const failed = yield* Klarna.cancel({ paymentId }).pipe(Effect.flip, ample)
      assert(failed._tag === "Klarna.Unrecognized")
      assert.deepInclude(failed, {
        code: "SANDBOX_CODE_NOBODY_HAS_LISTED",
        outcome: "NotCancelled",
        paymentStatus: Option.some("CAPTURED")
      })
    }).pipe(Effect.provide(live)))

  for (const body of ["", "no JSON", {}, [], { error_code: 7 }, { error_messages: [] }, { error_messages: "no" }]) {
    it.effect(`a 400 with ${JSON.stringify(body)} is Unrecognized, without a code`, () =>
      Effect.gen(function*() {
        const failed = yield* Klarna.cancel({ paymentId: "p" }).pipe(Effect.flip, ample, Effect.provide(answering({ status: 400, body })))
        assert.strictEqual(failed._tag, "Klarna.Unrecognized")
        assert.isNull(failed.code)
      }))
  }

  for (
    const [status, category] of [[400, "Unexpected"], [401, "Unauthenticated"], [403, "Forbidden"], [404, "NotFound"]] as const
  ) {
    for (const body of [{ error_id: "e-1", error_type: "ACCESS_ERROR", error_message: "no" }, { error_type: "ACCESS_ERROR" }]) {
      it.effect(`a ${status} in the newer form without a code is Klarna's own: ${JSON.stringify(body)}`, () =>
        Effect.gen(function*() {
          const failed = yield* Klarna.cancel({ paymentId: "p" }).pipe(
            Effect.flip,
            ample,
            Effect.provide(answering({ status, body }, { status: 200, body: order("CAPTURED") }))
          )
          includes(failed, {
            _tag: "Klarna.Unrecognized",
            code: "ACCESS_ERROR",
            category,
            outcome: "NotCancelled",
            paymentStatus: Option.some("CAPTURED")
          })
        }))
    }
  }

  const words: ReadonlyArray<readonly [body: object, said: string, requestId: string]> = [
    [error("CANCEL_NOT_ALLOWED", "previous captures", "and more"), "previous captures; and more", "c-body"],
    [{ ...error("CANCEL_NOT_ALLOWED"), error_type: "STATE_ERROR" }, "STATE_ERROR", "c-body"],
    [{ error_id: "e-1", error_type: "STATE_ERROR", error_code: "CANCEL_NOT_ALLOWED", error_message: "too late" }, "too late", "e-1"]
  ]
  for (const [body, said, requestId] of words) {
    it.effect(`says "${said}" for ${JSON.stringify(body)}`, () =>
      Effect.gen(function*() {
        const without = HttpClient.make((request) =>
          Effect.succeed(HttpClientResponse.fromWeb(request, new Response(JSON.stringify(body), { status: 403 }))))
        const failed = yield* Klarna.cancel({ paymentId: "p" }).pipe(
          Effect.flip,
          ample,
          Effect.provide(Layer.provide(klarna, Layer.succeed(HttpClient.HttpClient, without)))
        )
        assert(failed._tag === "Klarna.CancelNotAllowed")
        assert.include(failed.message, said)
        assert.deepStrictEqual(failed.requestId, Option.some(requestId))
        assert.deepStrictEqual(failed.details, Option.some(body))
      }))
  }
})
