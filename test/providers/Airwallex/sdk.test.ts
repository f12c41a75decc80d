/**
 * The same cancel through `@airwallex/node-sdk` and through this library, to one server that writes
 * down what it is sent and answers both alike. Nothing leaves the machine: the SDK has no option for
 * a base URL, and takes the one of a subclass.
 */
import * as Sdk from "@airwallex/node-sdk"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Airwallex } from "effect-payment-cancel"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { type Answer, live, type Prepared, type Recorded, Server } from "../../support/RecordingServer.js"

const clientId = "client-of-the-comparison"
const apiKey = "key-of-the-comparison"
const token = "token-of-the-comparison"
const paymentId = "int_hkdm49cp4g7d5njedty"
const request = { reason: "in words", idempotencyKey: "285ecfc8-4c53-4543-8b9b-87d75e8666b9" }

const granted: Answer = { status: 201, body: { token, expires_at: "2126-01-14T11:00:00+0000" } }

const intent = (status: string, more: object = {}) => ({
  id: paymentId,
  request_id: "164573811628_purchase",
  amount: 1,
  currency: "AUD",
  merchant_order_id: "mid_164573811628",
  status,
  captured_amount: 0,
  created_at: "2022-02-24T21:28:37+0000",
  updated_at: "2022-02-24T21:28:40+0000",
  ...more
})

const cancelled: Answer = { status: 200, body: intent("CANCELLED", { cancelled_at: "2022-02-24T21:28:40+0000" }) }

const refused = (status: number, code: string): Answer => ({ status, body: { code, message: "in words", trace_id: "trace-1" } })

/** What the SDK makes of it: its answer, or the error that it throws. */
const bySdk = <A>(call: (sdk: Sdk.Airwallex) => Promise<A>) =>
  Effect.flatMap(Server, ({ origin }) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        class Here extends Sdk.Airwallex {
          override get basePath() {
            return origin
          }
        }
        return new Here({ clientId, apiKey, env: "demo", enableTelemetry: false, retryDelay: 1 })
      }),
      (sdk) =>
        Effect.promise(() =>
          call(sdk).then((answer) => Either.right(answer), (error: Sdk.ApiError) => Either.left(error))),
      // It keeps a timer for its token.
      (sdk) => Effect.sync(() => sdk._cleanup())
    ))

const cancelBySdk = bySdk((sdk) =>
  sdk.paymentAcceptance.paymentIntents.cancelPaymentIntent(paymentId, {
    request_id: request.idempotencyKey,
    cancellation_reason: request.reason
  }))

const provided = <A, E>(effect: Effect.Effect<A, E, Airwallex.Airwallex>) =>
  Effect.flatMap(Server, ({ origin }) =>
    Effect.provide(
      effect,
      Airwallex.layer({
        clientId,
        apiKey: Redacted.make(apiKey),
        baseUrl: origin,
        policy: { backoff: { initial: 1, maximum: 2 } }
      }).pipe(Layer.provide(NodeHttpClient.layerUndici))
    ))

const cancelByUs = provided(Effect.either(Airwallex.cancel({ paymentId, ...request })))

/** Both, one after the other, to a server that begins anew for each. */
const both = <A, B>(prepared: ReadonlyArray<Prepared>, theirs: Effect.Effect<A, never, Server>, ours: Effect.Effect<B, unknown, Server>) =>
  Effect.gen(function*() {
    const { prepare, recorded } = yield* Server
    prepare(...prepared)
    const sdk = { result: yield* theirs, sent: recorded() }
    prepare(...prepared)
    const us = { result: yield* Effect.orDie(ours), sent: recorded() }
    return { sdk, us }
  }).pipe(Effect.provide(live))

const bothCancel = (...prepared: ReadonlyArray<Prepared>) => both([granted, ...prepared], cancelBySdk, cancelByUs)

/** What is alike in both: the rest identifies the SDK, or asks for no compression. */
const essence = ({ body, headers, method, path }: Recorded) => ({
  method,
  path,
  body: body === "" ? null : JSON.parse(body) as unknown,
  contentType: headers["content-type"],
  own: ["authorization", "x-api-key", "x-api-version", "x-client-id", "x-login-as", "x-on-behalf-of"].map((name) => headers[name])
})

describe("beside @airwallex/node-sdk", () => {
  it.live("a cancel and its login are the same requests", () =>
    Effect.gen(function*() {
      const { sdk, us } = yield* bothCancel(cancelled)
      assert.deepStrictEqual(us.sent.map(essence), sdk.sent.map(essence))
      assert.deepStrictEqual(us.sent.map(({ method, path }) => `${method} ${path}`), [
        "POST /api/v1/authentication/login",
        `POST /api/v1/pa/payment_intents/${paymentId}/cancel`
      ])
      assert.strictEqual(us.sent[1]?.headers["authorization"], `Bearer ${token}`)
      assert.strictEqual(us.sent[1]?.body, sdk.sent[1]?.body)
    }))

  it.live("the answer says the same to both", () =>
    Effect.gen(function*() {
      const { sdk, us } = yield* bothCancel(cancelled)
      const theirs = Either.getOrThrow(sdk.result)
      const ours = Either.getOrThrow(us.result)
      assert(ours._tag === "Cancelled")
      const payload = Option.getOrThrow(ours.payload)
      assert.deepStrictEqual([payload.id, payload.status], [theirs.id, theirs.status])
      assert.deepStrictEqual(Option.getOrUndefined(payload.merchant_order_id), theirs.merchant_order_id)
      assert.deepStrictEqual(Option.getOrUndefined(payload.captured_amount), theirs.captured_amount)
      assert.strictEqual(Option.getOrThrow(ours.cancelledAt).epochMillis, new Date(String(theirs.cancelled_at)).getTime())
    }))

  it.live("a status query is the same request, but for the time that the SDK adds", () =>
    Effect.gen(function*() {
      const { sdk, us } = yield* both(
        [granted, cancelled],
        bySdk((sdk) => sdk.paymentAcceptance.paymentIntents.retrievePaymentIntent(paymentId)),
        provided(Airwallex.status({ paymentId }))
      )
      const theirs = sdk.sent[1]
      assert.match(theirs?.path ?? "", /\?_t=\d+$/)
      const { contentType, ...ours } = essence(us.sent[1]!)
      assert.isUndefined(contentType)
      assert.deepInclude(essence({ ...theirs!, path: theirs!.path.replace(/\?.*/, "") }), ours)
      assert.strictEqual(us.result.status, Either.getOrThrow(sdk.result).status)
    }))

  for (const [status, code, thrown, tag] of [
    [400, "invalid_status_for_operation", Sdk.ValidationError, "Airwallex.InvalidStatusForOperation"],
    [400, "validation_error", Sdk.ValidationError, "Airwallex.ValidationError"],
    [404, "not_found", Sdk.NotFoundError, "Airwallex.NotFound"],
    [403, "nobody_has_listed_this", Sdk.AuthorizationError, "Airwallex.Unrecognized"]
  ] as const) {
    it.live(`a refusal is one to both: ${status} ${code}`, () =>
      Effect.gen(function*() {
        const succeeded: Answer = { status: 200, body: intent("SUCCEEDED") }
        const { sdk, us } = yield* bothCancel(refused(status, code), succeeded)
        const error = Either.getOrThrow(Either.flip(sdk.result))
        assert.instanceOf(error, thrown)
        assert.deepInclude(error.data, { code })
        const failure = Either.getOrThrow(Either.flip(us.result))
        assert.deepInclude<object>(failure, { _tag: tag, code, outcome: "NotCancelled", httpStatus: Option.some(status) })
      }))
  }

  describe("what differs on purpose", () => {
    it.live("an answer that does not say CANCELLED is a success to the SDK", () =>
      Effect.gen(function*() {
        for (const answer of [{ status: 200, body: intent("REQUIRES_CAPTURE") }, { status: 200, body: intent("CANCELLED", { id: "int_other" }) }]) {
          const { sdk, us } = yield* bothCancel(answer, { status: 200, body: intent("REQUIRES_CAPTURE") })
          assert.isTrue(Either.isRight(sdk.result))
          assert.strictEqual(Either.getOrThrow(Either.flip(us.result)).outcome, "Unknown")
        }
      }))

    it.live("a second cancel", () =>
      Effect.gen(function*() {
        const { sdk, us } = yield* bothCancel(refused(400, "invalid_status_for_operation"), cancelled)
        assert.instanceOf(Either.getOrThrow(Either.flip(sdk.result)), Sdk.ValidationError)
        assert.strictEqual(Either.getOrThrow(us.result)._tag, "AlreadyCancelled")
      }))

    it.live("a lost answer: the SDK sends its own settings in place of the cancel, this library the same bytes", () =>
      Effect.gen(function*() {
        const { sdk, us } = yield* bothCancel("Lost", refused(400, "duplicate_request"), cancelled)
        assert.isTrue(Either.isLeft(sdk.result))
        const [, first, second] = sdk.sent
        assert.deepInclude(JSON.parse(first?.body ?? ""), { request_id: request.idempotencyKey })
        assert.notProperty(JSON.parse(second?.body ?? ""), "request_id")

        assert.deepInclude<object>(Either.getOrThrow(us.result), { _tag: "Cancelled", evidence: "StatusQuery", attempts: 2 })
        assert.strictEqual(us.sent[1]?.body, us.sent[2]?.body)
      }))

    it.live("a 500, and then the cancelled PaymentIntent", () =>
      Effect.gen(function*() {
        const { sdk, us } = yield* bothCancel(refused(500, "internal_error"), cancelled)
        assert.instanceOf(Either.getOrThrow(Either.flip(sdk.result)), Sdk.ServerError)
        assert.deepInclude<object>(Either.getOrThrow(us.result), { _tag: "Cancelled", evidence: "Response", attempts: 2 })
      }))

    it.live("a token that was withdrawn", () =>
      Effect.gen(function*() {
        const { prepare, recorded } = yield* Server
        prepare(granted, cancelled, refused(401, "unauthorized"), granted, cancelled)
        const twice = Effect.gen(function*() {
          yield* Airwallex.cancel({ paymentId, ...request })
          return yield* Airwallex.cancel({ paymentId, ...request })
        })
        assert.strictEqual((yield* provided(twice))._tag, "Cancelled")
        assert.deepStrictEqual(recorded().map(({ path }) => path.endsWith("/login") ? "login" : "cancel"), ["login", "cancel", "cancel", "login", "cancel"])
        prepare(granted, cancelled, refused(401, "unauthorized"), granted, cancelled)
        const theirs = yield* bySdk(async (sdk) => {
          const cancel = () => sdk.paymentAcceptance.paymentIntents.cancelPaymentIntent(paymentId, { request_id: "r" })
          await cancel()
          return cancel()
        })
        assert.instanceOf(Either.getOrThrow(Either.flip(theirs)), Sdk.AuthenticationError)
      }).pipe(Effect.provide(live)))
  })
})
