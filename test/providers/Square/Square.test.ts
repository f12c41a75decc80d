import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Square } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Errors from "../../../src/authoring/Errors.js"
import { inTurns } from "../../support/extent.js"
import { ample, creating, includes, inject, sent } from "../../support/inSandbox.js"

const token = Sandbox.credentials.Square.accessToken
const square = Square.layer({ accessToken: Redacted.make(token), baseUrl: Sandbox.baseUrl("Square") })
const live = Layer.provideMerge(square, Sandbox.layer)

const held = (paymentId: string) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.map(sandbox.payment("Square", paymentId), (payment) => Option.getOrThrow(payment).status))

const create = creating("Square")

/** Square over answers that are given in turn, the last one again and again. */
const answering = (...answers: ReadonlyArray<readonly [status: number, body: unknown]>) => {
  let next = 0
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const [status, body] = answers[Math.min(next, answers.length - 1)]!
      next += 1
      return HttpClientResponse.fromWeb(
        request,
        new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers: { "x-request-id": "r-1" } })
      )
    }))
  return Layer.provide(square, Layer.succeed(HttpClient.HttpClient, client))
}

const errors = (...codes: ReadonlyArray<string>) => ({
  errors: codes.map((code) => ({ category: "INVALID_REQUEST_ERROR", code, detail: `about ${code}` }))
})

describe("Square.cancel", () => {
  it.effect("cancels: no body, no key, the payment as proof", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_634_156_804_000)
      const paymentId = yield* create()
      yield* TestClock.adjust("5 minutes")
      const result = yield* Square.cancel({ paymentId, idempotencyKey: "my-correlation" })
      assert(result._tag === "Cancelled")
      assert.deepInclude(result, {
        provider: "Square",
        paymentId,
        identifiedBy: "PaymentId",
        evidence: "Response",
        attempts: 1,
        reason: Option.none()
      })
      assert.deepStrictEqual(
        Option.map(result.cancelledAt, DateTime.formatIso),
        Option.some("2021-10-13T20:31:44.000Z")
      )
      assert.deepInclude(Option.getOrThrow(result.payload), { id: paymentId, status: "CANCELED" })

      const [request, ...more] = yield* sent("Cancel")
      assert.lengthOf(more, 0)
      assert.lengthOf(yield* sent("Status"), 0)
      assert.deepInclude(request!, { method: "POST", path: `/v2/payments/${paymentId}/cancel`, query: "", body: "" })
      assert.strictEqual(request!.headers["square-version"], "2025-08-20")
      assert.notProperty(request!.headers, "content-type")
      assert.notInclude(JSON.stringify(request), "my-correlation")
    }).pipe(Effect.provide(live)))

  it.effect("a payment that was cancelled before is success, established by its status", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "CANCELED" })
      const result = yield* Square.cancel({ paymentId })
      assert.deepInclude(result, { _tag: "AlreadyCancelled", evidence: "StatusQuery", attempts: 1 })
      assert.lengthOf(yield* sent("Status"), 1)
    }).pipe(Effect.provide(live)))

  it.effect("a captured one is refused as not cancellable, with its status", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "COMPLETED" })
      const error = yield* Effect.flip(Square.cancel({ paymentId, idempotencyKey: "k" }))
      assert(error._tag === "Square.BadRequest")
      assert.deepInclude(error, {
        code: "BAD_REQUEST",
        category: "NotCancellable",
        outcome: "NotCancelled",
        paymentStatus: Option.some("COMPLETED"),
        idempotencyKey: "k",
        attempts: 1
      })
    }).pipe(Effect.provide(live)))

  it.effect("a failed one likewise", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "FAILED" })
      const error = yield* Effect.flip(Square.cancel({ paymentId }))
      assert.strictEqual(error._tag, "Square.DelayedTransactionFailed")
      assert.deepStrictEqual(error.paymentStatus, Option.some("FAILED"))
    }).pipe(Effect.provide(live)))

  it.effect("a pending one is read twice before the refusal is believed", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "PENDING" })
      const error = yield* Square.cancel({ paymentId }).pipe(Effect.flip, ample)
      assert.strictEqual(error._tag, "Square.BadRequest")
      assert.deepStrictEqual(error.paymentStatus, Option.some("PENDING"))
      assert.lengthOf(yield* sent("Status"), 2)
      assert.lengthOf(yield* sent("Cancel"), 1)
    }).pipe(Effect.provide(live)))

  it.effect("an unknown one is not found, and not read back", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Square.cancel({ paymentId: "nobody" }))
      assert.strictEqual(error._tag, "Square.NotFound")
      assert.lengthOf(yield* sent("Status"), 0)
    }).pipe(Effect.provide(live)))

  describe("after a doubt the status is read, and nothing is sent again", () => {
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
      Fault.errorCode("REQUEST_TIMEOUT", 408, { applied: true }),
      Fault.errorCode("TEMPORARY_ERROR", 400, { applied: true }),
      Fault.errorCode("BAD_REQUEST", 200, { applied: true })
    ]
    for (const fault of applied) {
      it.effect(`${JSON.stringify(fault)}: it was cancelled`, () =>
        Effect.gen(function*() {
          const paymentId = yield* create()
          yield* inject(fault)
          const result = yield* ample(Square.cancel({ paymentId }))
          assert(result._tag === "Cancelled")
          assert.deepInclude(result, { evidence: "StatusQuery", attempts: 1 })
          assert.isTrue(Option.isSome(result.payload))
          assert.isTrue(Option.isSome(result.cancelledAt))
          assert.lengthOf(yield* sent("Cancel"), 1)
          assert.lengthOf(yield* sent("Status"), 1)
        }).pipe(Effect.provide(live)))
    }

    const lost = [
      [Fault.dropBeforeApplying, "CancelError.NoResponse", null],
      [Fault.stallHeaders({ applied: false }), "CancelError.NoResponse", null],
      [Fault.serverError({ applied: false }), "Square.InternalServerError", "INTERNAL_SERVER_ERROR"],
      [Fault.badGateway({ applied: false }), "CancelError.UnexpectedResponse", null],
      [Fault.redirect("https://connect.squareup.com/elsewhere"), "CancelError.UnexpectedResponse", null],
      [Fault.errorCode("REQUEST_TIMEOUT", 408), "CancelError.UnexpectedResponse", "REQUEST_TIMEOUT"],
      [Fault.errorCode("REQUEST_TIMEOUT", 400), "Square.RequestTimeout", "REQUEST_TIMEOUT"],
      [Fault.errorCode("SOMETHING_NEW", 503), "CancelError.UnexpectedResponse", "SOMETHING_NEW"],
      [Fault.errorCode("BAD_REQUEST", 500), "CancelError.UnexpectedResponse", "BAD_REQUEST"],
      [Fault.errorCode("BAD_REQUEST", 200), "CancelError.UnexpectedResponse", "BAD_REQUEST"]
    ] as const
    for (const [fault, tag, code] of lost) {
      it.effect(`${JSON.stringify(fault)}: it may yet be cancelled`, () =>
        Effect.gen(function*() {
          const paymentId = yield* create()
          yield* inject(fault)
          const error = yield* Square.cancel({ paymentId }).pipe(Effect.flip, ample)
          assert.strictEqual(error._tag, tag)
          includes(error, { code, outcome: "Unknown", attempts: 1, paymentStatus: Option.some("APPROVED") })
          assert.lengthOf(yield* sent("Cancel"), 1)
          assert.lengthOf(yield* sent("Status"), 3)
        }).pipe(Effect.provide(live)))
    }

    it.effect("a request that is late is found out by a later read", () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(Fault.late("800 millis"))
        const result = yield* ample(Square.cancel({ paymentId }))
        assert.deepInclude(result, { _tag: "Cancelled", evidence: "StatusQuery" })
      }).pipe(Effect.provide(live)))

    it.effect("captured meanwhile: it can no longer be cancelled", () =>
      Effect.gen(function*() {
        const paymentId = yield* create({ delayAction: "COMPLETE", delayIn: "500 millis" })
        yield* inject(Fault.dropBeforeApplying)
        const error = yield* Square.cancel({ paymentId }).pipe(Effect.flip, ample)
        assert.strictEqual(error._tag, "CancelError.NoLongerCancellable")
        assert.deepStrictEqual(error.paymentStatus, Option.some("COMPLETED"))
      }).pipe(Effect.provide(live)))

    it.effect("the status query is down: unknown, and `status` settles it later", () =>
      Effect.gen(function*() {
        const paymentId = yield* create()
        yield* inject(Fault.dropAfterApplying)
        yield* inject(Fault.statusQueryDown, { operation: "Status", times: 3 })
        const error = yield* Square.cancel({ paymentId }).pipe(Effect.flip, ample)
        assert.strictEqual(error._tag, "CancelError.NoResponse")
        assert.deepStrictEqual(error.paymentStatus, Option.none())
        includes(yield* Square.status({ paymentId }), { standing: Option.some("Cancelled") })
      }).pipe(Effect.provide(live)))
  })

  it.effect("what was provably not sent is sent again", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.refuseConnection, { times: 2 })
      assert.deepInclude(yield* ample(Square.cancel({ paymentId })), { _tag: "Cancelled", attempts: 3 })
    }).pipe(Effect.provide(live)))

  it.effect("waits as long as Square asks it to, then sends again what was refused", () =>
    Effect.gen(function*() {
      const paymentId = yield* create()
      yield* inject(Fault.rateLimited({ retryAfter: 20 }))
      assert.deepInclude(yield* ample(Square.cancel({ paymentId })), { _tag: "Cancelled", evidence: "Response", attempts: 2 })
      const [first, second] = yield* sent("Cancel")
      assert.strictEqual(second!.at - first!.at, 20_000)

      yield* inject(Fault.rateLimited({ retryAfter: 3 }), { forever: true })
      const error = yield* Square.cancel({ paymentId: yield* create() }).pipe(Effect.flip, ample)
      assert(error._tag === "Square.RateLimited")
      assert.deepInclude(error, { category: "RateLimited", outcome: "NotCancelled", attempts: 3 })
      assert.isTrue(Option.isSome(error.retryAfter))
    }).pipe(Effect.provide(live)))

  it.effect("waits until its own header says that the limit is over, in UNIX seconds", () =>
    Effect.gen(function*() {
      const ask = (reset: string) => {
        let asked = 0
        const at: Array<number> = []
        const client = HttpClient.make((request) =>
          Effect.map(Effect.clock, (clock) => {
            at.push(clock.unsafeCurrentTimeMillis())
            asked += 1
            return HttpClientResponse.fromWeb(
              request,
              asked === 1
                ? Response.json(errors("RATE_LIMITED"), { status: 429, headers: { "X-RateLimit-Reset": reset } })
                : Response.json({ payment: { id: "p", status: "CANCELED" } })
            )
          }))
        return Effect.map(
          ample(Effect.either(Square.cancel({ paymentId: "p" }))).pipe(
            Effect.provide(Layer.provide(square, Layer.succeed(HttpClient.HttpClient, client)))
          ),
          (result) => [result._tag, at.length === 1 ? null : at[1]! - at[0]!] as const
        )
      }
      yield* TestClock.setTime(1_700_000_000_000)
      assert.deepStrictEqual(yield* ask("1700000020"), ["Right", 20_000])
      // The clock is ten minutes on by now. More than the policy allows is not waited for, and nothing is sent.
      yield* TestClock.setTime(1_700_001_000_000)
      assert.deepStrictEqual(yield* ask("1700001031"), ["Left", null])
      // A time that is over asks for nothing more than the library's own wait.
      yield* TestClock.setTime(1_700_002_000_000)
      const [tag, waited] = yield* ask("30")
      assert.strictEqual(tag, "Right")
      assert.isAtMost(waited ?? Infinity, 1_250)
    }))

  it.effect("an answer that contradicts itself proves nothing: a payment beside errors", () =>
    Effect.gen(function*() {
      const both = { payment: { id: "p", status: "CANCELED" }, ...errors("BAD_REQUEST") }
      const error = yield* Square.cancel({ paymentId: "p" }).pipe(Effect.flip, ample, Effect.provide(answering([200, both])))
      assert.strictEqual(error._tag, "CancelError.UnexpectedResponse")
      includes(error, { code: "BAD_REQUEST", paymentStatus: Option.none(), requestId: Option.some("r-1") })
    }))

  for (
    const [name, body] of Object.entries({
      "no payment": {},
      "payment: null": { payment: null },
      "no status": { payment: { id: "p" } },
      "no id": { payment: { status: "CANCELED" } },
      "another id": { payment: { id: "P", status: "CANCELED" } },
      "another spelling": { payment: { id: "p", status: "CANCELLED" } },
      "status outside of the payment": { id: "p", status: "CANCELED" },
      "an array": [{ payment: { id: "p", status: "CANCELED" } }],
      "errors of an unknown form": { payment: { id: "p", status: "CANCELED" }, errors: "none" },
      "HTML": "<html></html>"
    })
  ) {
    it.effect(`a 200 proves nothing with ${name}`, () =>
      Effect.gen(function*() {
        const error = yield* Square.cancel({ paymentId: "p" }).pipe(Effect.flip, ample, Effect.provide(answering([200, body])))
        assert.strictEqual(error._tag, "CancelError.UnexpectedResponse")
        assert.strictEqual(error.outcome, "Unknown")
      }))
  }

  it.effect("a proof is not lost to what does not matter to it", () =>
    Effect.gen(function*() {
      const payment = { id: "p", status: "CANCELED", amount_money: "?", card_details: { card_payment_timeline: 1 }, refund_ids: [1] }
      for (const errors of [undefined, null, []]) {
        const result = yield* Square.cancel({ paymentId: "p" }).pipe(Effect.provide(answering([200, { payment, errors }])))
        assert(result._tag === "Cancelled")
        assert.deepStrictEqual(result.cancelledAt, Option.none())
        assert.deepStrictEqual(Option.getOrThrow(result.payload).amount_money, Option.none())
      }
    }))
})

describe("Square.cancelByCreationKey", () => {
  it.effect("cancels the payment that was created under the key, and says no more than Square does", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ creationKey: "order-7" })
      const result = yield* Square.cancelByCreationKey({ creationKey: "order-7", idempotencyKey: "my-correlation" })
      assert.deepInclude(result, {
        _tag: "CancellationAcknowledged",
        provider: "Square",
        paymentId: "order-7",
        identifiedBy: "CreationKey",
        evidence: "Response",
        attempts: 1
      })
      assert.strictEqual(yield* held(paymentId), "CANCELED")
      const [request] = yield* sent("Cancel")
      assert.deepInclude(request!, {
        method: "POST",
        path: "/v2/payments/cancel",
        body: "{\"idempotency_key\":\"order-7\"}"
      })
      assert.strictEqual(request!.headers["content-type"], "application/json")
      assert.notInclude(JSON.stringify(request), "my-correlation")
    }).pipe(Effect.provide(live)))

  it.effect("says the same when there is no such payment, and stops no creation that is still in flight", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        (yield* Square.cancelByCreationKey({ creationKey: "order-7" }))._tag,
        "CancellationAcknowledged"
      )
      const late = yield* create({ creationKey: "order-7" })
      assert.strictEqual(yield* held(late), "APPROVED")
      // Which is why it is to be called again.
      yield* Square.cancelByCreationKey({ creationKey: "order-7" })
      assert.strictEqual(yield* held(late), "CANCELED")
    }).pipe(Effect.provide(live)))

  it.effect("a lost answer leaves the outcome unknown: nothing is read, nothing sent again, the caller may", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ creationKey: "order-7" })
      for (
        const [fault, tag] of [
          [Fault.dropBeforeApplying, "CancelError.NoResponse"],
          [Fault.stallHeaders({ applied: false }), "CancelError.NoResponse"],
          [Fault.serverError({ applied: false }), "Square.InternalServerError"],
          [Fault.badGateway({ applied: false }), "CancelError.UnexpectedResponse"],
          [Fault.emptyBody, "CancelError.UnexpectedResponse"],
          [Fault.errorCode("BAD_REQUEST", 200), "CancelError.UnexpectedResponse"]
        ] as const
      ) {
        yield* (yield* Sandbox.Sandbox).clearFaults
        yield* inject(fault)
        const before = (yield* sent("Cancel")).length
        const error = yield* Square.cancelByCreationKey({ creationKey: "order-7" }).pipe(Effect.flip, ample)
        assert.strictEqual(error._tag, tag)
        assert.deepInclude(error, {
          outcome: "Unknown",
          paymentId: "order-7",
          identifiedBy: "CreationKey",
          paymentStatus: Option.none(),
          attempts: 1
        })
        assert.lengthOf(yield* sent("Cancel"), before + 1)
      }
      assert.lengthOf(yield* sent("Status"), 0)
      yield* Square.cancelByCreationKey({ creationKey: "order-7" })
      assert.strictEqual(yield* held(paymentId), "CANCELED")
    }).pipe(Effect.provide(live)))

  it.effect("a refusal is one: captured, wrong token, too many", () =>
    Effect.gen(function*() {
      yield* create({ creationKey: "captured", status: "COMPLETED" })
      const captured = yield* Effect.flip(Square.cancelByCreationKey({ creationKey: "captured" }))
      assert(captured._tag === "Square.BadRequest")
      assert.deepInclude(captured, { category: "NotCancellable", outcome: "NotCancelled", paymentStatus: Option.none() })

      yield* inject(Fault.errorCode("INSUFFICIENT_SCOPES", 403))
      const forbidden = yield* Effect.flip(Square.cancelByCreationKey({ creationKey: "k" }))
      assert.strictEqual(forbidden._tag, "Square.InsufficientScopes")

      yield* inject(Fault.rateLimited({ retryAfter: 5 }))
      assert.deepInclude(yield* ample(Square.cancelByCreationKey({ creationKey: "k" })), { attempts: 2 })
    }).pipe(Effect.provide(live)))

  for (
    const body of [
      "",
      "null",
      "[]",
      "\"{}\"",
      "<html></html>",
      { error: "no such route" },
      { code: "UNAUTHORIZED" },
      { payment: { id: "p", status: "CANCELED" } },
      { errors: [], payment: null }
    ]
  ) {
    it.effect(`a 200 acknowledges nothing with the body ${JSON.stringify(body)}`, () =>
      Effect.gen(function*() {
        const error = yield* Square.cancelByCreationKey({ creationKey: "k" }).pipe(
          Effect.flip,
          Effect.provide(answering([200, body]))
        )
        assert.strictEqual(error._tag, "CancelError.UnexpectedResponse")
      }))
  }

  for (const errors of [null, []]) {
    it.effect(`nor is there an error in ${JSON.stringify({ errors })}`, () =>
      Effect.gen(function*() {
        const result = yield* Square.cancelByCreationKey({ creationKey: "k" }).pipe(
          Effect.provide(answering([200, { errors }]))
        )
        assert.strictEqual(result._tag, "CancellationAcknowledged")
      }))
  }

  it.effect("takes a key in any words", () =>
    Effect.gen(function*() {
      yield* Square.cancelByCreationKey({ creationKey: "ü ".repeat(22) })
      assert.include((yield* sent("Cancel"))[0]!.body, "ü ü")
    }).pipe(Effect.provide(live)))
})

describe("Square's errors", () => {
  // The suite of all providers has every code of each.
  for (const [name, row] of inTurns(Object.entries(Errors.table(Square)), 0, 3)) {
    it.effect(`${row.code} is Square.${name}`, () =>
      Effect.gen(function*() {
        for (const httpStatus of row.httpStatus) {
          const paymentId = yield* create()
          yield* inject(Fault.errorCode(row.code, httpStatus), { times: 3 })
          const error = yield* Square.cancel({ paymentId }).pipe(Effect.flip, ample)
          assert.strictEqual(error._tag, `Square.${name}`)
          includes(error, { code: row.code, category: row.category, outcome: row.outcome, provider: "Square" })
          const readBack = row.about === "Payment" || row.outcome === "Unknown"
          assert.deepStrictEqual(error.paymentStatus, readBack ? Option.some("APPROVED") : Option.none())
          yield* (yield* Sandbox.Sandbox).clearFaults
        }
      }).pipe(Effect.provide(live)))
  }

  it.effect("a code nobody has listed keeps its text, and is read back", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "COMPLETED" })
      yield* inject(Fault.unknownErrorCode)
      const error = yield* Square.cancel({ paymentId }).pipe(Effect.flip, ample)
      assert(error._tag === "Square.Unrecognized")
      assert.deepInclude(error, {
        code: "SANDBOX_CODE_NOBODY_HAS_LISTED",
        outcome: "NotCancelled",
        paymentStatus: Option.some("COMPLETED")
      })
    }).pipe(Effect.provide(live)))

  for (
    const [listed, tag, code] of [
      [["NOT_FOUND", "INTERNAL_SERVER_ERROR"], "Square.InternalServerError", "INTERNAL_SERVER_ERROR"],
      [["BAD_REQUEST", "GATEWAY_TIMEOUT", "TEMPORARY_ERROR"], "Square.GatewayTimeout", "GATEWAY_TIMEOUT"],
      [["VALUE_TOO_LONG", "DELAYED_TRANSACTION_CAPTURED"], "Square.DelayedTransactionCaptured", "DELAYED_TRANSACTION_CAPTURED"],
      [["NOT_FOUND", "SOMETHING_NEW"], "Square.Unrecognized", "SOMETHING_NEW"],
      [["SOMETHING_NEW", "BAD_REQUEST"], "Square.BadRequest", "BAD_REQUEST"],
      [["NOT_FOUND", "VALUE_EMPTY"], "Square.NotFound", "NOT_FOUND"],
      [["SOMETHING_NEW", "SOMETHING_OLD"], "Square.Unrecognized", "SOMETHING_NEW"]
    ] as const
  ) {
    it.effect(`of ${listed.join(", ")} the most careful one counts, and all are kept`, () =>
      Effect.gen(function*() {
        const error = yield* Square.cancel({ paymentId: "p" }).pipe(
          Effect.flip,
          ample,
          Effect.provide(answering([400, errors(...listed)]))
        )
        assert.strictEqual(error._tag, tag)
        assert.strictEqual(error.code, code)
        assert.include(error.message, `about ${code}`)
        assert.deepStrictEqual(error.details, Option.some(errors(...listed).errors))
      }))
  }

  for (const body of [{ errors: [] }, { errors: "no" }, { errors: [{}, 7, null] }, { type: "old", message: "m" }, "no JSON"]) {
    it.effect(`a 400 with ${JSON.stringify(body)} is Unrecognized, without a code`, () =>
      Effect.gen(function*() {
        const error = yield* Square.cancel({ paymentId: "p" }).pipe(Effect.flip, ample, Effect.provide(answering([400, body])))
        assert.strictEqual(error._tag, "Square.Unrecognized")
        assert.isNull(error.code)
      }))
  }
})
