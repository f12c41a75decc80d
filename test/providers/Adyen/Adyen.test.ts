import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { Adyen, Cancel, Canceller } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { type Answer, scripted } from "./Scripted.js"
import * as Errors from "../../../src/authoring/Errors.js"

const { apiKey, merchantAccount } = Sandbox.credentials.Adyen

const options = { apiKey: Redacted.make(apiKey), merchantAccount, baseUrl: Sandbox.baseUrl("Adyen") }

const live = Layer.provideMerge(Adyen.layer(options), Sandbox.layer)

const settled = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("10 minutes")
    return yield* Fiber.join(fiber)
  })

const statusOf = (paymentId: string) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    return Option.getOrThrow(yield* sandbox.payment("Adyen", paymentId)).status
  })

const confirmationOf = (accepted: Adyen.Cancellation) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const notifications = yield* sandbox.notifications("Adyen")
    return yield* Effect.forEach(notifications, (incoming) =>
      Effect.map(
        Adyen.notification(incoming, { secret: Redacted.make(Sandbox.webhookSecret("Adyen")) }),
        (notification) => Adyen.confirm(accepted, notification)
      ))
  })

describe("Adyen", () => {
  it.effect("accepts a cancel, and says cancelled only after its webhook", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Adyen")
      const accepted = yield* Adyen.cancel({ paymentId, reference: "cancel-1", idempotencyKey: "key-1" })
      assert.deepInclude(accepted, {
        _tag: "CancellationAccepted",
        provider: "Adyen",
        paymentId,
        identifiedBy: "PaymentId",
        evidence: "Response",
        attempts: 1,
        receipt: { reference: "M000000000000001", confirmedBy: "CANCELLATION" },
        mayBeAcceptedTwice: false
      })
      assert.strictEqual(yield* statusOf(paymentId), "authorised")
      assert.deepStrictEqual(yield* confirmationOf(accepted), [])
      const [request, ...others] = yield* sandbox.requests
      assert.lengthOf(others, 0)
      assert.deepInclude(request!, { method: "POST", path: `/v72/payments/${paymentId}/cancels`, applied: true })
      assert.deepStrictEqual(JSON.parse(request!.body), { merchantAccount: "<redacted>", reference: "cancel-1" })
      assert.strictEqual(request!.headers["idempotency-key"], "key-1")

      yield* TestClock.adjust("1 second")
      const [confirmed] = yield* confirmationOf(accepted)
      assert.deepInclude(confirmed!, { _tag: "Cancelled", evidence: "Notification", paymentId, attempts: 1 })
      assert.strictEqual(yield* statusOf(paymentId), "cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("declines a cancel that came too late, by webhook", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Adyen", { captureIn: "500 millis" })
      const accepted = yield* Adyen.cancel({ paymentId })
      yield* TestClock.adjust("1 second")
      const [confirmed] = yield* confirmationOf(accepted)
      assert.deepInclude(confirmed!, { _tag: "CancellationDeclined", reason: Option.some("Payment is captured") })
      assert.strictEqual(yield* statusOf(paymentId), "captured")
    }).pipe(Effect.provide(live)))

  it.effect("cancels by the merchant's reference", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Adyen", { merchantReference: "order:1 / ü" })
      const accepted = yield* Adyen.cancelByMerchantReference({ merchantReference: "order:1 / ü", reference: "c" })
      assert.deepInclude(accepted, { paymentId: "order:1 / ü", identifiedBy: "MerchantReference" })
      assert.strictEqual(accepted.receipt.confirmedBy, "TECHNICAL_CANCEL")
      const [request] = yield* sandbox.requests
      assert.strictEqual(request!.path, "/v72/cancels")
      assert.deepStrictEqual(JSON.parse(request!.body), {
        merchantAccount: "<redacted>",
        paymentReference: "order:1 / ü",
        reference: "c"
      })
      yield* TestClock.adjust("1 second")
      const [confirmed] = yield* confirmationOf(accepted)
      assert.deepInclude(confirmed!, {
        _tag: "Cancelled",
        paymentId: "order:1 / ü",
        identifiedBy: "MerchantReference"
      })
      assert.strictEqual(yield* statusOf(paymentId), "cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("cancels or refunds, and says which by webhook", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      for (const [status, tag, to] of [["authorised", "Cancelled", "cancelled"], ["captured", "Refunded", "refunded"]] as const) {
        const paymentId = yield* sandbox.create("Adyen", { status })
        const accepted = yield* Adyen.cancelOrRefund({ paymentId })
        assert.strictEqual(accepted.receipt.confirmedBy, "CANCEL_OR_REFUND")
        assert.strictEqual((yield* sandbox.requests).at(-1)!.path, `/v72/payments/${paymentId}/reversals`)
        yield* TestClock.adjust("1 second")
        const confirmed = (yield* confirmationOf(accepted)).filter(({ _tag }) => _tag !== "Unrelated")
        assert.deepStrictEqual(confirmed.map(({ _tag }) => _tag), [tag])
        assert.strictEqual(yield* statusOf(paymentId), to)
      }
    }).pipe(Effect.provide(live)))

  const operations = [
    ["cancel", (idempotencyKey?: string) => Adyen.cancel({ paymentId: "P000000000000001", idempotencyKey })],
    [
      "cancelByMerchantReference",
      (idempotencyKey?: string) =>
        Adyen.cancelByMerchantReference({ merchantReference: "order-P000000000000001", idempotencyKey })
    ],
    ["cancelOrRefund", (idempotencyKey?: string) => Adyen.cancelOrRefund({ paymentId: "P000000000000001", idempotencyKey })]
  ] as const

  for (const [name, operation] of operations) {
    describe(name, () => {
      for (
        const [fault, title] of [
          [Fault.dropAfterApplying, "an answer that is lost"],
          [Fault.dropBeforeApplying, "a request that is lost"],
          [Fault.cutBody, "an answer that breaks off"],
          [Fault.dropWhileProcessing("700 millis"), "a request that is still being worked on"],
          [Fault.late("10 minutes"), "a request that arrives after its repetition"]
        ] as const
      ) {
        it.effect(`sends the same bytes under the same key after ${title}, and modifies once`, () =>
          Effect.gen(function*() {
            const sandbox = yield* Sandbox.Sandbox
            const paymentId = yield* sandbox.create("Adyen")
            yield* sandbox.inject(fault)
            const accepted = yield* settled(operation())
            assert.deepInclude(accepted, { _tag: "CancellationAccepted", mayBeAcceptedTwice: true })
            const requests = yield* sandbox.requests
            assert.isAbove(requests.length, 1)
            assert.lengthOf(new Set(requests.map(({ body, headers, path }) => JSON.stringify([path, headers, body]))), 1)
            assert.lengthOf(requests.filter(({ applied }) => applied), 1)
            yield* TestClock.adjust("1 hour")
            assert.strictEqual(yield* statusOf(paymentId), "cancelled")
            assert.deepStrictEqual((yield* confirmationOf(accepted)).map(({ _tag }) => _tag), ["Cancelled"])
          }).pipe(Effect.provide(live)))
      }

      for (const applied of [true, false]) {
        it.effect(`does not repeat after a received 5xx, ${applied ? "" : "not "}applied`, () =>
          Effect.gen(function*() {
            const sandbox = yield* Sandbox.Sandbox
            yield* sandbox.create("Adyen")
            yield* sandbox.inject(Fault.serverError({ applied }))
            const error = yield* Effect.flip(settled(operation("key-1")))
            assert.deepInclude(error, {
              _tag: "Adyen.PaymentDetailsNotSupported",
              code: "905",
              outcome: "Unknown",
              idempotencyKey: "key-1"
            })
            assert.lengthOf(yield* sandbox.requests, 1)
            // Whoever calls again with the key of the error settles it.
            const accepted = yield* operation(error.idempotencyKey)
            assert.strictEqual(accepted._tag, "CancellationAccepted")
          }).pipe(Effect.provide(live)))
      }

      for (
        const [fault, code] of [
          [Fault.wrongPaymentId, null],
          [Fault.unknownStatus, null],
          [Fault.malformedJson, null],
          [Fault.emptyBody, null],
          [Fault.redirect("https://elsewhere.test/"), null],
          [Fault.badGateway({ applied: true }), null]
        ] as const
      ) {
        it.effect(`claims nothing after ${fault._tag}`, () =>
          Effect.gen(function*() {
            const sandbox = yield* Sandbox.Sandbox
            yield* sandbox.create("Adyen")
            yield* sandbox.inject(fault)
            const error = yield* Effect.flip(settled(operation()))
            assert.deepInclude(error, { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown", code })
            assert.lengthOf(yield* sandbox.requests, 1)
          }).pipe(Effect.provide(live)))
      }

      it.effect("keeps a code that nobody has listed", () =>
        Effect.gen(function*() {
          const sandbox = yield* Sandbox.Sandbox
          yield* sandbox.create("Adyen")
          yield* sandbox.inject(Fault.unknownErrorCode)
          const error = yield* Effect.flip(operation())
          assert.deepInclude(error, {
            _tag: "Adyen.Unrecognized",
            code: "SANDBOX_CODE_NOBODY_HAS_LISTED",
            outcome: "NotCancelled"
          })
        }).pipe(Effect.provide(live)))
    })
  }

  for (const [name, row] of Object.entries(Errors.table(Adyen))) {
    it.effect(`${name} is the class of ${row.code}`, () =>
      Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        const paymentId = yield* sandbox.create("Adyen")
        yield* sandbox.inject(Fault.errorCode(row.code, row.httpStatus[0]), { forever: true })
        const error = yield* Effect.flip(settled(Adyen.cancel({ paymentId })))
        assert.strictEqual<string>(error._tag, `Adyen.${name}`)
        const { category, code, httpStatus, outcome } = error
        assert.deepStrictEqual([code, category, outcome], [row.code, row.category, row.outcome])
        assert.deepStrictEqual(httpStatus, Option.some<number>(row.httpStatus[0]))
        // The two codes of the idempotency layer ask for the same request again.
        assert.strictEqual(error.attempts, row.code === "703" || row.code === "704" ? 4 : 1)
        const encoded = Schema.encodeSync(Adyen.CancelError)(error)
        const decoded = Schema.decodeUnknownSync(Adyen.CancelError)(JSON.parse(JSON.stringify(encoded)))
        assert.strictEqual(decoded.constructor, error.constructor)
        assert.deepStrictEqual(Schema.encodeSync(Adyen.CancelError)(decoded), encoded)
      }).pipe(Effect.provide(live)))
  }

  it.effect("a result survives storage", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const accepted = yield* Adyen.cancel({ paymentId: yield* sandbox.create("Adyen") })
      const stored = JSON.stringify(Schema.encodeSync(Adyen.Cancellation)(accepted))
      assert.deepStrictEqual(Schema.decodeSync(Schema.parseJson(Adyen.Cancellation))(stored), accepted)
      yield* TestClock.adjust("1 second")
      const [confirmed] = yield* confirmationOf(Schema.decodeSync(Schema.parseJson(Adyen.Cancellation))(stored))
      assert.strictEqual(confirmed!._tag, "Cancelled")
    }).pipe(Effect.provide(live)))

  describe("what an answer says itself", () => {
    const received = {
      merchantAccount,
      paymentPspReference: "P1",
      pspReference: "M1",
      status: "received"
    }
    const failed = (status: number, errorCode?: string | number, transient?: string): Answer => ({
      status,
      headers: transient === undefined ? {} : { "Transient-Error": transient },
      body: { status, errorCode, message: "m", errorType: "t", pspReference: "E1" }
    })
    const cancelling = (answers: ReadonlyArray<Answer | "Lost">) => {
      const { layer, sent } = scripted(answers)
      return settled(Effect.exit(Adyen.cancel({ paymentId: "P1" }))).pipe(
        Effect.map((exit) => ({ exit, sent })),
        Effect.provide(Layer.provide(Adyen.layer(options), layer))
      )
    }
    const tagOf = (exit: Exit.Exit<Adyen.Cancellation, Adyen.CancelError>) =>
      Exit.match(exit, {
        onFailure: (cause) => Option.match(Cause.failureOption(cause), { onNone: () => "defect", onSome: (_) => _._tag }),
        onSuccess: ({ _tag }) => _tag
      })

    for (
      const [title, answers, tag, requests] of [
        ["5xx, transient", [failed(503, "703", "true"), { status: 201, body: received }], "CancellationAccepted", 2],
        ["5xx, not transient", [failed(503, "703", "false")], "Adyen.IdempotencyStoreUnavailable", 1],
        ["5xx, not said", [failed(503, "703")], "Adyen.IdempotencyStoreUnavailable", 1],
        ["5xx without a listed code, transient", [failed(500, "999", "TRUE"), { status: 201, body: received }],
          "CancellationAccepted", 2],
        ["a class that claims nothing on a 5xx", [failed(500, "901")], "CancelError.UnexpectedResponse", 1],
        ["704, transient", [failed(422, "704", "true"), { status: 201, body: received }], "CancellationAccepted", 2],
        // Without the header Adyen says not to: the outcome stays open all the same.
        ["704, not said", [failed(422, "704"), { status: 201, body: received }], "Adyen.IdempotencyKeyInUse", 1],
        ["704 as a 409, not said", [failed(409, "704"), { status: 201, body: received }], "Adyen.IdempotencyKeyInUse", 1],
        ["704 after a lost answer, not said", ["Lost", failed(422, "704"), { status: 201, body: received }],
          "Adyen.IdempotencyKeyInUse", 2],
        ["704 after a lost answer, transient", ["Lost", failed(422, "704", "true"), { status: 201, body: received }],
          "CancellationAccepted", 3],
        ["a 409 without a code", [failed(409), { status: 201, body: received }], "CancelError.UnexpectedResponse", 1],
        ["a 409 without a code, transient", [failed(409, undefined, "true"), { status: 201, body: received }],
          "CancellationAccepted", 2],
        ["a 409 with a code that nobody has listed", [failed(409, "999")], "CancelError.UnexpectedResponse", 1],
        ["a 409 with the code of a wrong key", [failed(409, "000")], "CancelError.UnexpectedResponse", 1],
        ["a 409 without a body", [{ status: 409, body: undefined }], "CancelError.UnexpectedResponse", 1],
        ["a 409 without a code, transient for ever", [failed(409, undefined, "true")], "CancelError.UnexpectedResponse", 4],
        ["a 409 without a code, not transient", [failed(409, undefined, "false")], "CancelError.UnexpectedResponse", 1],
        ["704, not transient", [failed(422, "704", "false")], "Adyen.IdempotencyKeyInUse", 1],
        ["4xx, transient", [failed(422, "999", "true"), { status: 200, body: received }], "CancellationAccepted", 2],
        ["4xx, not said", [failed(422, "999")], "Adyen.Unrecognized", 1],
        ["a refusal after a lost answer", ["Lost", failed(401, "000")], "CancelError.NoResponse", 2],
        ["another merchant account", [{ status: 201, body: { ...received, merchantAccount: "Another" } }],
          "CancelError.UnexpectedResponse", 1],
        ["no merchant account", [{ status: 201, body: { ...received, merchantAccount: undefined } }],
          "CancelError.UnexpectedResponse", 1],
        ["another payment", [{ status: 201, body: { ...received, paymentPspReference: "P2" } }],
          "CancelError.UnexpectedResponse", 1],
        ["the other route's field", [{ status: 201, body: { ...received, paymentPspReference: undefined, paymentReference: "P1" } }],
          "CancelError.UnexpectedResponse", 1],
        ["no reference", [{ status: 201, body: { ...received, pspReference: undefined } }],
          "CancelError.UnexpectedResponse", 1],
        ["an empty reference", [{ status: 201, body: { ...received, pspReference: "" } }],
          "CancelError.UnexpectedResponse", 1],
        ["a blank reference", [{ status: 201, body: { ...received, pspReference: " " } }],
          "CancelError.UnexpectedResponse", 1],
        ["a reference in which the account would show", [{ status: 201, body: { ...received, pspReference: `M${merchantAccount}` } }],
          "CancelError.UnexpectedResponse", 1],
        ["a status that is none of Adyen's", [{ status: 201, body: { ...received, status: "cancelled" } }],
          "CancelError.UnexpectedResponse", 1],
        // The documented code is text; a number in its place is the same code.
        ["704 as a number, transient", [failed(422, 704, "true"), { status: 201, body: received }], "CancellationAccepted", 2],
        ["704 as a number, not transient", [failed(422, 704, "false")], "Adyen.IdempotencyKeyInUse", 1],
        ["a number that is not listed", [failed(422, 10)], "Adyen.Unrecognized", 1],
        ["received, with an error's code", [{ status: 201, body: { ...received, errorCode: "905" } }],
          "CancelError.UnexpectedResponse", 1],
        ["received, with an error's code as a number", [{ status: 201, body: { ...received, errorCode: 905 } }],
          "CancelError.UnexpectedResponse", 1],
        ["received, with an error's code in no known form", [{ status: 201, body: { ...received, errorCode: ["905"] } }],
          "CancelError.UnexpectedResponse", 1],
        ["received, with an error's type", [{ status: 201, body: { ...received, errorType: "validation" } }],
          "CancelError.UnexpectedResponse", 1],
        ["received, with an error's type in no known form", [{ status: 201, body: { ...received, errorType: 0 } }],
          "CancelError.UnexpectedResponse", 1],
        ["received, and said to be without an error", [{ status: 201, body: { ...received, errorCode: null, errorType: null } }],
          "CancellationAccepted", 1],
        ["a proof without 2xx", [{ status: 422, body: received }], "Adyen.Unrecognized", 1]
      ] satisfies ReadonlyArray<readonly [string, ReadonlyArray<Answer | "Lost">, string, number]>
    ) {
      it.effect(title, () =>
        Effect.gen(function*() {
          const { exit, sent } = yield* cancelling(answers)
          assert.strictEqual(tagOf(exit), tag)
          assert.lengthOf(sent, requests)
          assert.lengthOf(new Set(sent.map((_) => JSON.stringify(_))), 1)
        }))
    }

    it.effect("a code that is a number is kept as text", () =>
      Effect.gen(function*() {
        for (const [answer, code] of [[failed(422, 10), "10"], [{ status: 201, body: { ...received, errorCode: 905 } }, "905"]] as const) {
          const { exit } = yield* cancelling([answer])
          assert.propertyVal(Option.getOrThrow(Cause.failureOption(Option.getOrThrow(Exit.causeOption(exit)))), "code", code)
        }
      }))

    it.effect("the reference of an error is its request id", () =>
      Effect.gen(function*() {
        const { exit } = yield* cancelling([failed(403, "901")])
        const error = Option.getOrThrow(Cause.failureOption(Option.getOrThrow(Exit.causeOption(exit))))
        assert.deepInclude(error, { requestId: Option.some("E1"), details: Option.some({ errorType: "t", additionalData: null }) })
        const { exit: bare } = yield* cancelling([{ status: 401, headers: { pspReference: "H1" }, body: { errorCode: "000" } }])
        const other = Option.getOrThrow(Cause.failureOption(Option.getOrThrow(Exit.causeOption(bare))))
        assert.deepInclude(other, { requestId: Option.some("H1"), details: Option.none() })
      }))
  })

  describe("requests that are not acceptable", () => {
    it.effect("a reference keeps its dots, a key its 64 characters", () =>
      Effect.gen(function*() {
        const accepted = yield* Adyen.cancelByMerchantReference({
          merchantReference: "..",
          reference: "x".repeat(80),
          idempotencyKey: "k".repeat(64)
        })
        assert.strictEqual(accepted.paymentId, "..")
      }).pipe(Effect.provide(live)))
  })

  it.effect("serves Canceller with its cancel, and with nothing that refunds", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Adyen", { status: "captured" })
      const accepted = yield* Canceller.cancel({ paymentId, reason: "not sent" })
      assert.deepInclude(accepted, { _tag: "CancellationAccepted", receipt: { reference: "M000000000000001", confirmedBy: "CANCELLATION" } })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* statusOf(paymentId), "captured")
      const [request] = yield* sandbox.requests
      assert.notInclude(request!.body, "not sent")
    }).pipe(Effect.provide(Layer.provideMerge(Canceller.layer(Adyen), live))))

  it("has no status to read", () => {
    // @ts-expect-error Adyen states no status of a payment
    assert.isUndefined(Adyen.status)
  })

  it.effect("gives up within the deadline", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Adyen")
      yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { forever: true })
      const error = yield* settled(Effect.flip(Adyen.cancel({ paymentId }).pipe(Cancel.withPolicy({ deadline: "5 seconds" }))))
      assert.deepInclude(error, { _tag: "CancelError.NoResponse", outcome: "Unknown", attempts: 1 })
      assert.include(error.message, ". Settle it later, by the same cancel with the same key", "there is no status query")
    }).pipe(Effect.provide(live)))
})
