/** What only Mollie does: a release, a payment that is paid because of it, access tokens, refusals by status alone. */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Cancel, Cancellation, Canceller, Mollie } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { inspect } from "node:util"
import * as Admission from "../../../src/Admission.js"
import { json, play, reset, type Step } from "../../engine/HttpDouble.js"
import { ample, creating, includes, inject, sent } from "../../support/inSandbox.js"

const { apiKey } = Sandbox.credentials.Mollie
const mollie = Mollie.layer({ apiKey: Redacted.make(apiKey), baseUrl: Sandbox.baseUrl("Mollie") })
const live = Layer.provideMerge(mollie, Sandbox.layer)

const create = creating("Mollie")

const held = (paymentId: string) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
    Effect.map(sandbox.payment("Mollie", paymentId), (payment) => Option.getOrThrow(payment).status))

const paymentId = "tr_WDqYK6vllg"

/** What comes of one call over answers that are given in turn, and what was sent. */
const over = <A, E>(
  call: Effect.Effect<A, E, Mollie.Mollie>,
  options: Partial<Mollie.Options>,
  ...steps: ReadonlyArray<Step>
) => {
  const [first = {}, ...others] = steps
  const { client, received } = play(first, ...others)
  const layer = Mollie.layer({ apiKey: Redacted.make(apiKey), ...options })
  return ample(Effect.either(
    call.pipe(Effect.provide(Layer.provide(layer, Layer.succeed(HttpClient.HttpClient, client))))
  )).pipe(Effect.map((result) => ({ result, received })))
}

const answered = (...steps: ReadonlyArray<Step>) => over(Mollie.cancel({ paymentId }), {}, ...steps)
const released = (...steps: ReadonlyArray<Step>) =>
  over(Cancel.withPolicy(Mollie.releaseAuthorization({ paymentId }), { statusReads: 1 }), {}, ...steps)

const payment = (status: string, more: object = {}) => json(200, { resource: "payment", id: paymentId, status, ...more })

const euros = (value: string) => ({ currency: "EUR", value })

const refused = (status: number, detail = "No.") => json(status, { status, title: "Title", detail, field: "f" })

const tagOf = (result: Either.Either<{ readonly _tag: string }, { readonly _tag: string }>) => Either.merge(result)._tag

describe("Mollie.cancel", () => {
  it.effect("is cancelled with the answer, and states what it says", () =>
    Effect.gen(function*() {
      const { received, result } = yield* answered(
        payment("canceled", { mode: "test", canceledAt: "2024-03-20T10:19:15+00:00", amount: euros("10.00"), metadata: { name: "a payer" } })
      )
      const cancelled = Either.getOrThrow(result)
      assert(cancelled._tag === "Cancelled")
      includes(cancelled, { evidence: "Response", attempts: 1, reason: Option.none(), capturedAmount: Option.none() })
      assert.deepStrictEqual(cancelled.cancelledAt, Option.some(DateTime.unsafeMake("2024-03-20T10:19:15Z")))
      const payload = Option.getOrThrow(cancelled.payload)
      includes(payload, { id: paymentId, mode: Option.some("test"), amount: Option.some(euros("10.00")) })
      assert.notProperty(payload, "metadata")
      assert.deepStrictEqual(received.map(({ method, url }) => `${method} ${url}`), [`DELETE https://api.mollie.com/v2/payments/${paymentId}`])
      assert.deepStrictEqual(Schema.decodeSync(Mollie.Cancellation)(Schema.encodeSync(Mollie.Cancellation)(cancelled)), cancelled)
    }))

  it.effect("reads what Mollie refuses alike: cancelled already, and too late", () =>
    Effect.gen(function*() {
      includes(Either.getOrThrow((yield* answered(refused(422), payment("canceled"))).result), { _tag: "AlreadyCancelled", attempts: 1 })
      const { result } = yield* answered(refused(422, "The payment cannot be cancelled"), payment("paid"))
      const error = Either.getOrThrow(Either.flip(result))
      includes(error, {
        _tag: "Mollie.UnprocessableEntity",
        category: "NotCancellable",
        outcome: "NotCancelled",
        code: null,
        paymentStatus: Option.some("paid"),
        details: Option.some({ title: "Title", detail: "The payment cannot be cancelled", field: "f" })
      })
      assert.include(error.message, "The payment cannot be cancelled")
    }))

  it.effect("points from an authorized payment to the release", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "authorized" })
      const error = yield* Effect.flip(ample(Mollie.cancel({ paymentId })))
      includes(error, { _tag: "Mollie.UnprocessableEntity", outcome: "NotCancelled", paymentStatus: Option.some("authorized") })
      assert.include(Mollie.UnprocessableEntity.declared.row.remedy, "Mollie.releaseAuthorization")
      assert.strictEqual(yield* held(paymentId), "authorized")
      includes(yield* ample(Mollie.releaseAuthorization({ paymentId })), { _tag: "Cancelled" })
      // Where Mollie cancels one all the same, it is cancelled.
      const other = yield* create({ status: "authorized", isCancelable: true })
      includes(yield* Mollie.cancel({ paymentId: other }), { _tag: "Cancelled", evidence: "Response" })
    }).pipe(Effect.provide(live)))

  it("tells after an unknown release to read its own status, and not to cancel", () => {
    for (const Class of [Mollie.Conflict, Mollie.InternalServerError, Mollie.BadGateway, Mollie.ServiceUnavailable, Mollie.GatewayTimeout]) {
      const { name, row } = Class.declared
      assert.include(row.remedy, "`releaseStatus`", name)
      assert.notInclude(row.remedy, "cancel", name)
    }
  })

  it.effect("is not sent again after a lost answer: the status settles it, or it stays unknown", () =>
    Effect.gen(function*() {
      const lost = yield* create()
      yield* inject(Fault.dropAfterApplying)
      includes(yield* ample(Mollie.cancel({ paymentId: lost })), { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
      const never = yield* create()
      yield* inject(Fault.dropBeforeApplying)
      includes(yield* Effect.flip(ample(Mollie.cancel({ paymentId: never }))), { _tag: "CancelError.NoResponse", outcome: "Unknown", attempts: 1 })
      assert.lengthOf(yield* sent("Cancel"), 2)
    }).pipe(Effect.provide(live)))

  it.effect("goes by the HTTP status alone, and keeps a code that nobody documents", () =>
    Effect.gen(function*() {
      const tags: Array<string> = []
      for (const status of [400, 401, 403, 404, 405, 409, 410, 415, 418, 422, 429, 500, 502, 503, 504, 505]) {
        const { result } = yield* over(Cancel.withPolicy(Mollie.cancel({ paymentId }), { attempts: 1 }), {}, refused(status), payment("open"))
        tags.push(`${status} ${tagOf(result)}`)
      }
      assert.deepStrictEqual(tags, [
        "400 Mollie.BadRequest",
        "401 Mollie.Unauthorized",
        "403 Mollie.Forbidden",
        "404 Mollie.NotFound",
        "405 Mollie.MethodNotAllowed",
        "409 Mollie.Conflict",
        "410 Mollie.Gone",
        "415 Mollie.UnsupportedMediaType",
        "418 Mollie.Unrecognized",
        "422 Mollie.UnprocessableEntity",
        "429 Mollie.TooManyRequests",
        "500 Mollie.InternalServerError",
        "502 Mollie.BadGateway",
        "503 Mollie.ServiceUnavailable",
        "504 Mollie.GatewayTimeout",
        "505 CancelError.UnexpectedResponse"
      ])
      const { result } = yield* answered(json(422, { status: 422, title: "T", detail: "D", code: "new" }), payment("paid"))
      includes(Either.getOrThrow(Either.flip(result)), { _tag: "Mollie.Unrecognized", code: "new", paymentStatus: Option.some("paid") })
    }))

  it.effect("believes no amount that is none", () =>
    Effect.forEach(
      [
        [euros("4.00"), { amount: 400, currency: Option.some("EUR") }],
        [{ currency: "JPY", value: "400" }, { amount: 400, currency: Option.some("JPY") }],
        [{ currency: "EUR", value: "-4.00" }, null],
        [{ currency: "EUR", value: "4,00" }, null],
        [{ currency: "EUR", value: 4 }, null],
        [{ value: "4.00" }, null],
        [null, null]
      ] as const,
      ([amountCaptured, expected]) =>
        Effect.map(answered(payment("canceled", { amountCaptured })), ({ result }) =>
          includes(Either.getOrThrow(result), { _tag: "Cancelled", capturedAmount: Option.fromNullable(expected) }))
    ))

  it.effect("never releases through the neutral service", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "authorized" })
      const error = yield* Effect.flip(ample(Effect.provide(Canceller.cancel({ paymentId, reason: "changed my mind" }), Canceller.layer(Mollie))))
      includes(error, { provider: "Mollie", outcome: "NotCancelled" })
      assert.isTrue((yield* sent("Cancel")).every(({ method }) => method === "DELETE"))
    }).pipe(Effect.provide(live)))
})

describe("a payment that is paid in part", () => {
  const part = payment("paid", { amount: euros("10.00"), amountCaptured: euros("4.00") })

  it.effect("does not deny a cancel that may have taken the rest", () =>
    Effect.gen(function*() {
      for (const [first, tag] of [[part, "CancelError.UnexpectedResponse"], [reset, "CancelError.NoResponse"]] as const) {
        const { result } = yield* answered(first, part)
        includes(Either.merge(result), { _tag: tag, outcome: "Unknown", paymentStatus: Option.some("paid") })
      }
    }))

  it.effect("is no proof of one either, whatever the amounts are", () =>
    Effect.gen(function*() {
      const whole = { amount: euros("10.00") }
      for (
        const [more, tag] of [
          [{ ...whole, amountCaptured: euros("0.00") }, "CancelError.UnexpectedResponse"],
          [{ ...whole, amountCaptured: euros("9.99") }, "CancelError.UnexpectedResponse"],
          [{ ...whole, amountCaptured: euros("10.00") }, "CancelError.NoLongerCancellable"],
          // A capture that is stated and cannot be compared with the whole may have been of a part.
          [{ ...whole, amountCaptured: { currency: "USD", value: "4.00" } }, "CancelError.UnexpectedResponse"],
          [{ ...whole, amountCaptured: euros("4") }, "CancelError.UnexpectedResponse"],
          [{ ...whole, amountCaptured: { currency: "EUR", value: 4 } }, "CancelError.UnexpectedResponse"],
          [{ ...whole, amountCaptured: "4.00" }, "CancelError.UnexpectedResponse"],
          [{ amountCaptured: euros("4.00") }, "CancelError.UnexpectedResponse"],
          [whole, "CancelError.NoLongerCancellable"],
          [{}, "CancelError.NoLongerCancellable"]
        ] as const
      ) {
        const { result } = yield* answered(payment("paid", more))
        assert.strictEqual(tagOf(result), tag, JSON.stringify(more))
      }
    }))

  it.effect("and a refusal stays the result", () =>
    Effect.gen(function*() {
      const { received, result } = yield* answered(refused(422), part)
      includes(Either.merge(result), { _tag: "Mollie.UnprocessableEntity", outcome: "NotCancelled", paymentStatus: Option.some("paid") })
      assert.lengthOf(received, 2)
    }))
})

describe("Mollie.releaseAuthorization", () => {
  it.effect("is cancelled once the status says so, and is a POST without a body", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "authorized" })
      const result = yield* ample(Mollie.releaseAuthorization({ paymentId, idempotencyKey: "key-1" }))
      includes(result, { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1, capturedAmount: Option.some({ amount: 0, currency: Option.some("EUR") }) })
      const [request, ...others] = yield* sent("Cancel")
      assert.lengthOf(others, 0)
      includes(request!, { method: "POST", path: `/v2/payments/${paymentId}/release-authorization` })
      assert.strictEqual(yield* held(paymentId), "canceled")
    }).pipe(Effect.provide(live)))

  it.effect("stays accepted where a part was captured: that one is paid is no proof of a release", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "authorized", capturedAmount: 400 })
      includes(yield* ample(Mollie.releaseAuthorization({ paymentId })), { _tag: "CancellationAccepted", attempts: 1 })
      assert.strictEqual(yield* held(paymentId), "paid")
      // After an ordinary capture of a part, of which nobody released the rest, it looks the same.
      for (const id of [paymentId, yield* create({ status: "paid", capturedAmount: 400 })]) {
        const read = yield* Mollie.releaseStatus({ paymentId: id })
        includes(read, { status: "paid", standing: Option.none() })
        assert.isTrue(Cancellation.isPartlyCaptured(read))
        includes(yield* Mollie.status({ paymentId: id }), { status: "paid", standing: Option.none() })
        for (const call of [Mollie.cancel, Mollie.releaseAuthorization]) {
          includes(yield* ample(Effect.merge(call({ paymentId: id }))), {
            _tag: "Mollie.UnprocessableEntity",
            outcome: "NotCancelled",
            paymentStatus: Option.some("paid")
          })
        }
      }
    }).pipe(Effect.provide(live)))

  it.effect("of a lost answer stays unknown where a part was captured", () =>
    Effect.gen(function*() {
      const part = payment("paid", { amount: euros("10.00"), amountCaptured: euros("4.00") })
      for (
        const [steps, tag] of [
          [[reset, reset, reset], "CancelError.NoResponse"],
          [[reset, refused(422), part, refused(422)], "CancelError.NoResponse"],
          [[refused(500)], "Mollie.InternalServerError"]
        ] as const
      ) {
        const { result } = yield* released(...steps, part)
        includes(Either.merge(result), { _tag: tag, outcome: "Unknown", paymentStatus: Option.some("paid") })
      }
    }))

  it.effect("is denied by a payment that is paid only if all of it was captured", () =>
    Effect.gen(function*() {
      const accepted = { status: 202 }
      const whole = { amount: euros("10.00") }
      for (
        const [more, tag] of [
          [{ ...whole, amountCaptured: euros("4.00") }, "CancellationAccepted"],
          [{ ...whole, amountCaptured: euros("9.99") }, "CancellationAccepted"],
          [{ ...whole, amountCaptured: euros("10.00") }, "CancelError.NoLongerCancellable"],
          [{ ...whole, amountCaptured: euros("11.00") }, "CancelError.NoLongerCancellable"],
          // What was captured is not said, or cannot be: whether the release took the rest stays open.
          [{ ...whole, amountCaptured: euros("0.00") }, "CancellationAccepted"],
          [{ ...whole, amountCaptured: { currency: "USD", value: "4.00" } }, "CancellationAccepted"],
          [{ ...whole, amountCaptured: euros("10") }, "CancellationAccepted"],
          [{ amountCaptured: euros("4.00") }, "CancellationAccepted"],
          [whole, "CancellationAccepted"],
          [{}, "CancellationAccepted"]
        ] as const
      ) {
        const { result } = yield* released(accepted, payment("paid", more))
        assert.strictEqual(tagOf(result), tag, JSON.stringify(more))
      }
    }))

  it.effect("stays accepted while the payment stays authorized", () =>
    Effect.gen(function*() {
      const paymentId = yield* create({ status: "authorized", declinesReleases: true })
      const result = yield* ample(Mollie.releaseAuthorization({ paymentId }))
      includes(result, { _tag: "CancellationAccepted", evidence: "Response", receipt: null, mayBeAcceptedTwice: false })
      assert.strictEqual((yield* sent("Status")).length, 4)
      assert.strictEqual(yield* held(paymentId), "authorized")
      assert.deepStrictEqual(Schema.decodeSync(Mollie.Release)(Schema.encodeSync(Mollie.Release)(result)), result)
    }).pipe(Effect.provide(live)))

  it.effect("is accepted by a 202 without a body, and by nothing else", () =>
    Effect.gen(function*() {
      const open = payment("authorized")
      for (
        const [step, tag] of [
          [{ status: 202 }, "CancellationAccepted"],
          [{ status: 200 }, "CancelError.UnexpectedResponse"],
          [{ status: 204 }, "CancelError.UnexpectedResponse"],
          [json(202, { status: 422, title: "T", detail: "D" }), "CancelError.UnexpectedResponse"],
          [json(202, {}), "CancelError.UnexpectedResponse"],
          // Not Mollie's: what stands in front of it asks for a browser.
          [{ status: 202, headers: { "content-type": "text/html" }, body: "<!DOCTYPE html><html></html>" }, "CancelError.UnexpectedResponse"],
          [{ status: 202, body: " " }, "CancellationAccepted"],
          [refused(422), "Mollie.UnprocessableEntity"]
        ] as const
      ) {
        assert.strictEqual(tagOf((yield* released(step, open)).result), tag, inspect(step))
      }
    }))

  it.effect("is sent again under its key after a lost answer, and after nothing else", () =>
    Effect.gen(function*() {
      const lost = yield* create({ status: "authorized", decidesIn: "20 seconds" })
      yield* inject(Fault.dropAfterApplying)
      includes(yield* ample(Mollie.releaseAuthorization({ paymentId: lost })), { _tag: "CancellationAccepted", attempts: 2, mayBeAcceptedTwice: true })
      const down = yield* create({ status: "authorized" })
      yield* inject(Fault.serverError({ applied: false }), { paymentId: down })
      includes(yield* Effect.flip(ample(Mollie.releaseAuthorization({ paymentId: down }))), {
        _tag: "Mollie.InternalServerError",
        outcome: "Unknown",
        attempts: 1
      })
      const keys = (yield* sent("Cancel")).map(({ headers }) => headers["idempotency-key"])
      assert.strictEqual(keys.length, 3)
      assert.strictEqual(keys[0], keys[1])
      assert.notStrictEqual(keys[1], keys[2])
    }).pipe(Effect.provide(live)))

  it.effect("a server error that is repeated under its key says nothing of how Mollie fares now", () =>
    Effect.gen(function*() {
      const told: Array<boolean> = []
      const service: Admission.Service = {
        admit: () => Effect.succeed(true),
        ended: ({ operation, replayed }) => Effect.sync(() => void (operation === "Cancel" && told.push(replayed)))
      }
      const down = yield* create({ status: "authorized" })
      yield* inject(Fault.serverError({ applied: false }), { paymentId: down })
      const release = Mollie.releaseAuthorization({ paymentId: down, idempotencyKey: "key-1" }).pipe(
        Effect.flip,
        Effect.provideService(Admission.Admission, service),
        ample
      )
      for (const _ of [1, 2]) includes(yield* release, { _tag: "Mollie.InternalServerError", outcome: "Unknown", attempts: 1 })
      assert.deepStrictEqual(told, [false, true])
    }).pipe(Effect.provide(live)))

  it.effect("of a lost answer, is not denied by a payment that does not say what was captured of it", () =>
    Effect.gen(function*() {
      const { result } = yield* released(reset, reset, reset, payment("paid"))
      includes(Either.getOrThrow(Either.flip(result)), {
        _tag: "CancelError.NoResponse",
        outcome: "Unknown",
        paymentStatus: Option.some("paid")
      })
    }))

  it.effect("is refused where nothing is authorized", () =>
    Effect.gen(function*() {
      for (const status of ["open", "pending", "paid", "expired", "failed"] as const) {
        const paymentId = yield* create({ status })
        const error = yield* Effect.flip(ample(Mollie.releaseAuthorization({ paymentId })))
        includes(error, { _tag: "Mollie.UnprocessableEntity", outcome: "NotCancelled", paymentStatus: Option.some(status) })
      }
      includes(yield* ample(Mollie.releaseAuthorization({ paymentId: yield* create({ status: "canceled" }) })), { _tag: "AlreadyCancelled" })
    }).pipe(Effect.provide(live)))

  it.effect("checks its request before anything is sent", () =>
    Effect.gen(function*() {
      for (const request of [{ paymentId: ".." }, { paymentId: "" }, { paymentId, idempotencyKey: "ä" }]) {
        const { received, result } = yield* over(Mollie.releaseAuthorization(request), {}, { status: 202 })
        assert.strictEqual(tagOf(result), "CancelError.InvalidCancelRequest")
        assert.lengthOf(received, 0)
      }
    }))
})

describe("credentials", () => {
  const token = { apiKey: Redacted.make("access_CANARYtoken0000") }

  it.effect("of an access token come with the mode and the profile, where these belong", () =>
    Effect.gen(function*() {
      const options = { ...token, testmode: true, profileId: "pfl_1" }
      const cancel = yield* over(Mollie.cancel({ paymentId }), options, refused(422), payment("canceled"))
      const release = yield* over(Mollie.releaseAuthorization({ paymentId }), options, { status: 202 }, payment("canceled"))
      const told = [...cancel.received, ...release.received].map(({ body, headers, method, url }) =>
        [method, url.replace("https://api.mollie.com/v2/payments/", ""), body, headers["authorization"]])
      const bearer = "Bearer access_CANARYtoken0000"
      assert.deepStrictEqual(told, [
        ["DELETE", paymentId, "{\"testmode\":true}", bearer],
        ["GET", `${paymentId}?testmode=true`, "", bearer],
        ["POST", `${paymentId}/release-authorization`, "{\"profileId\":\"pfl_1\",\"testmode\":true}", bearer],
        ["GET", `${paymentId}?testmode=true`, "", bearer]
      ])
      const plain = yield* over(Mollie.cancel({ paymentId }), { ...token, testmode: false }, payment("canceled"))
      assert.deepStrictEqual(plain.received.map(({ body }) => body), [""])
    }))

  const problem = (options: Mollie.Options) =>
    Effect.flip(Effect.scoped(Layer.build(Layer.provide(
      Mollie.layer(options),
      Layer.succeed(HttpClient.HttpClient, play({}).client)
    ))))

  it.effect("of an API key have neither", () =>
    Effect.gen(function*() {
      for (const key of ["live_x", "test_x"]) {
        const apiKey = Redacted.make(key)
        assert.include(String(yield* problem({ apiKey, testmode: true })), "testmode")
        assert.include(String(yield* problem({ apiKey, profileId: "pfl_1" })), "profileId")
      }
    }))

  it.effect("of an API key have neither in the environment either, which is named as it is there", () =>
    Effect.gen(function*() {
      const problemIn = (variables: { readonly [name: string]: string }, overrides: Mollie.Overrides = {}) =>
        Effect.map(
          Effect.flip(Effect.scoped(Layer.build(Mollie.layerConfig(overrides).pipe(
            Layer.provide(Layer.succeed(HttpClient.HttpClient, play({}).client)),
            Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)))))
          )))),
          String
        )
      assert.include(yield* problemIn({ MOLLIE_API_KEY: "test_x", MOLLIE_TESTMODE: "true" }), "at MOLLIE_TESTMODE:")
      assert.include(yield* problemIn({ MOLLIE_API_KEY: "test_x", MOLLIE_PROFILE_ID: "pfl_1" }), "at MOLLIE_PROFILE_ID")
      assert.include(yield* problemIn({ MOLLIE_API_KEY: "test_x" }, { profileId: "pfl_1" }), "at profileId")
      assert.include(yield* problemIn({ MOLLIE_TESTMODE: "true" }, { apiKey: "test_x" as never }), "at apiKey")
    }))

  it.effect("are in no output of a release", () =>
    Effect.gen(function*() {
      const { result } = yield* over(Mollie.releaseAuthorization({ paymentId }), token, refused(401, "no such key: access_CANARYtoken0000"))
      const error = Either.getOrThrow(Either.flip(result))
      assert.strictEqual(error._tag, "Mollie.Unauthorized")
      assert.notInclude(inspect(error, { depth: 10 }) + JSON.stringify(error) + String(error), "CANARY")
    }))
})
