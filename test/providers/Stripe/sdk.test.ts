/**
 * The same cancel through Stripe's official SDK and through this library, to one server that
 * writes down what it is sent and answers both alike. Nothing leaves the machine.
 */
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Stripe } from "effect-payment-cancel"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import Sdk from "stripe"
import * as Errors from "../../../src/authoring/Errors.js"

const apiKey = "sk_test_sdk-comparison"
const paymentId = "pi_3SdkComparison"

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Record<string, string>
}

/** A request is answered, or its connection is cut after it was read whole. */
type Play = Answer | "lost"

interface Received {
  readonly method: string
  readonly path: string
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

/** A server for one comparison; the last of the plays for a method is repeated. */
const serving = (plays: { readonly POST?: ReadonlyArray<Play>; readonly GET?: ReadonlyArray<Play> }) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly take: () => ReadonlyArray<Received>; readonly stop: () => void }>((resume) => {
      let received: Array<Received> = []
      const server = Http.createServer((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          const method = request.method ?? ""
          const mine = (method === "GET" ? plays.GET : plays.POST) ?? []
          const nth = received.filter((each) => each.method === method).length
          received.push({ method, path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() })
          const play = mine[Math.min(nth, mine.length - 1)] ?? { status: 501, body: {} }
          if (play === "lost") return void request.socket.destroy()
          response.writeHead(play.status, { "content-type": "application/json", "request-id": `req_${nth}`, ...play.headers })
          response.end(typeof play.body === "string" ? play.body : JSON.stringify(play.body))
        })
      })
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({
          port: (server.address() as AddressInfo).port,
          take: () => {
            const taken = received
            received = []
            return taken
          },
          stop: () => {
            server.closeAllConnections()
            server.close()
          }
        })))
    }),
    ({ stop }) => Effect.sync(stop)
  )

const sdkOf = (port: number, maxNetworkRetries = 0) =>
  new Sdk(apiKey, { host: "127.0.0.1", port, protocol: "http", telemetry: false, maxNetworkRetries })

/** What the SDK makes of it: its value, or the error it throws. */
const bySdk = <A>(call: () => Promise<A>) =>
  Effect.either(Effect.tryPromise({ try: call, catch: (error) => error as Sdk.errors.StripeError }))

const layer = (port: number, account?: string) =>
  Stripe.layer({
    apiKey: Redacted.make(apiKey),
    baseUrl: `http://127.0.0.1:${port}`,
    ...(account === undefined ? {} : { account }),
    policy: { backoff: { initial: 10, maximum: 20 } }
  }).pipe(Layer.provide(NodeHttpClient.layerUndici))

const byUs = (port: number, request: Partial<Stripe.CancelRequest> = {}) =>
  Effect.either(Stripe.cancel({ paymentId, ...request })).pipe(Effect.provide(layer(port)))

/** Both, one after the other, to a server that begins anew for each. */
const both = (plays: Parameters<typeof serving>[0], options: { readonly retries?: number } = {}) =>
  Effect.gen(function*() {
    const server = yield* serving(plays)
    const theirs = yield* bySdk(() => sdkOf(server.port, options.retries).paymentIntents.cancel(paymentId))
    const theirRequests = server.take()
    const ours = yield* byUs(server.port)
    return { theirs, theirRequests, ours, ourRequests: server.take() }
  })

const methods = (requests: ReadonlyArray<Received>) => requests.map(({ method }) => method).join(" ")

const intent = (status: string, more: object = {}) => ({
  id: paymentId,
  object: "payment_intent",
  amount: 1099,
  amount_received: status === "succeeded" ? 1099 : 0,
  currency: "usd",
  status,
  canceled_at: status === "canceled" ? 1_700_000_000 : null,
  cancellation_reason: status === "canceled" ? "requested_by_customer" : null,
  ...more
})

const canceled: Answer = { status: 200, body: intent("canceled") }
const capturable: Answer = { status: 200, body: intent("requires_capture") }

const refusal = (status: number, error: object, headers: Record<string, string> = {}): Answer => ({
  status,
  body: { error: { message: "Stripe's words", ...error } },
  headers
})

/** The headers that say what is asked, by whom, and under which key. */
const telling = ["accept", "authorization", "content-type", "content-length", "idempotency-key", "stripe-account", "stripe-version"]

const comparable = ({ body, headers, method, path }: Received): Record<string, unknown> => ({
  method,
  path,
  body,
  ...Object.fromEntries(telling.map((name) => [name, headers[name]]))
})

describe("the same request", () => {
  const reasons = [undefined, "abandoned", "duplicate", "fraudulent", "requested_by_customer"] as const
  for (const reason of reasons) {
    for (const account of [undefined, "acct_1032D82eZvKYlo2C"]) {
      it.scopedLive(`reason ${reason}, account ${account}`, () =>
        Effect.gen(function*() {
          const server = yield* serving({ POST: [canceled] })
          yield* Effect.promise(() =>
            sdkOf(server.port).paymentIntents.cancel(
              paymentId,
              reason === undefined ? {} : { cancellation_reason: reason },
              { idempotencyKey: "order-1042", ...(account === undefined ? {} : { stripeAccount: account }) }
            )
          )
          const [theirs] = server.take()
          yield* Stripe.cancel({ paymentId, reason, idempotencyKey: "order-1042" }).pipe(
            Effect.provide(layer(server.port, account))
          )
          const [ours] = server.take()
          assert.deepStrictEqual(comparable(ours!), comparable(theirs!))
          assert.deepInclude(comparable(ours!), {
            method: "POST",
            path: `/v1/payment_intents/${paymentId}/cancel`,
            authorization: `Bearer ${apiKey}`,
            "stripe-version": "2026-10-28.endive"
          })
        }))
    }
  }

  for (const own of [undefined, "acct_of_the_layer"]) {
    it.scopedLive(`an account for one request, cancel and status, over a layer for ${own}`, () =>
      Effect.gen(function*() {
        const account = "acct_1032D82eZvKYlo2C"
        const server = yield* serving({ POST: [canceled], GET: [capturable] })
        yield* Effect.promise(() =>
          sdkOf(server.port).paymentIntents.cancel(paymentId, {}, { idempotencyKey: "order-1042", stripeAccount: account })
        )
        yield* Effect.promise(() => sdkOf(server.port).paymentIntents.retrieve(paymentId, {}, { stripeAccount: account }))
        const theirs = server.take().map(comparable)
        yield* Stripe.cancel({ paymentId, account, idempotencyKey: "order-1042" }).pipe(
          Effect.zipRight(Stripe.status({ paymentId, account })),
          Effect.provide(layer(server.port, own))
        )
        const ours = server.take().map(comparable)
        assert.deepStrictEqual(ours.map((each) => each["stripe-account"]), [account, account])
        // A GET has no body, and only the SDK names a type for it.
        assert.deepStrictEqual(ours, [theirs[0]!, { ...theirs[1]!, "content-type": undefined }])
      }))
  }

  it.scopedLive("an id that needs encoding", () =>
    Effect.gen(function*() {
      const server = yield* serving({ POST: [{ status: 404, body: {} }] })
      yield* bySdk(() => sdkOf(server.port).paymentIntents.cancel("pi/1 ü"))
      yield* Effect.either(Stripe.cancel({ paymentId: "pi/1 ü" })).pipe(Effect.provide(layer(server.port)))
      const [theirs, ours] = server.take()
      assert.strictEqual(ours!.path, theirs!.path)
    }))

  it.scopedLive("the status", () =>
    Effect.gen(function*() {
      const server = yield* serving({ GET: [capturable] })
      const theirs = yield* Effect.promise(() => sdkOf(server.port).paymentIntents.retrieve(paymentId))
      const ours = yield* Stripe.status({ paymentId }).pipe(Effect.provide(layer(server.port)))
      assert.strictEqual(ours.status, theirs.status)
      // A GET has no body, and only the SDK names a type for it.
      const [theirRequest, ourRequest] = server.take().map((each) => ({ ...comparable(each), "content-type": undefined }))
      assert.deepStrictEqual(ourRequest, theirRequest)
    }))

  it.scopedLive("a key of its own for every cancel, where none is given", () =>
    Effect.gen(function*() {
      const server = yield* serving({ POST: [canceled] })
      for (let each = 0; each < 2; each++) {
        yield* bySdk(() => sdkOf(server.port).paymentIntents.cancel(paymentId))
        yield* byUs(server.port)
      }
      const keys = server.take().map(({ headers }) => headers["idempotency-key"])
      assert.strictEqual(new Set(keys).size, 4)
      assert.match(String(keys[0]), /^stripe-node-retry-/)
    }))
})

describe("the same answer", () => {
  it.scopedLive("success", () =>
    Effect.gen(function*() {
      const { ours, theirs } = yield* both({ POST: [canceled] })
      const intent = Either.getOrThrow(theirs)
      const cancelled = Either.getOrThrow(ours)
      assert(cancelled._tag === "Cancelled")
      const payload = Option.getOrThrow(cancelled.payload)
      assert.deepStrictEqual(
        [payload.id, payload.status, Option.getOrNull(payload.amount), Option.getOrNull(payload.canceled_at)],
        [intent.id, intent.status, intent.amount, intent.canceled_at]
      )
      assert.strictEqual(Option.getOrNull(cancelled.reason), intent.cancellation_reason)
      assert.strictEqual(Option.getOrNull(cancelled.requestId), intent.lastResponse.requestId)
    }))

  // Which class the SDK makes of each code, by its HTTP status.
  const sdkClass: { readonly [Name in keyof Errors.TableOf<typeof Stripe>]: string } = {
    PaymentIntentUnexpectedState: "StripeInvalidRequestError",
    IntentInvalidState: "StripeInvalidRequestError",
    ResourceMissing: "StripeInvalidRequestError",
    LockTimeout: "StripeRateLimitError",
    RateLimit: "StripeRateLimitError",
    PaymentIntentRateLimitExceeded: "StripeRateLimitError",
    IdempotencyKeyInUse: "StripeAPIError",
    IdempotencyError: "StripeIdempotencyError",
    ParameterUnknown: "StripeInvalidRequestError",
    ParameterInvalidEmpty: "StripeInvalidRequestError",
    LivemodeMismatch: "StripeInvalidRequestError",
    InvalidApiKey: "StripeAuthenticationError",
    ApiKeyExpired: "StripeAuthenticationError",
    PlatformApiKeyExpired: "StripeAuthenticationError",
    SecretKeyRequired: "StripePermissionError",
    AccountInvalid: "StripePermissionError",
    ActionBlocked: "StripeInvalidRequestError"
  }
  for (const [name, { code, httpStatus, outcome }] of Object.entries(Errors.table(Stripe))) {
    it.scopedLive(`${code}`, () =>
      Effect.gen(function*() {
        const isType = code === "idempotency_error" || code === "invalid_request_error"
        const error = isType ? { type: code } : { type: "invalid_request_error", code, param: "intent" }
        const { ours, theirs } = yield* both({ POST: [refusal(httpStatus[0], error)], GET: [capturable] })
        const thrown = Option.getOrThrow(Either.getLeft(theirs))
        const failed = Option.getOrThrow(Either.getLeft(ours))
        assert.strictEqual(thrown.type, sdkClass[name as keyof typeof sdkClass])
        assert.strictEqual<string>(failed._tag, `Stripe.${name}`)
        assert.strictEqual(failed.outcome, outcome)
        // The type stands in for the code where there is none.
        assert.strictEqual(failed.code, thrown.code ?? thrown.rawType)
        assert.strictEqual(Option.getOrNull(failed.httpStatus), thrown.statusCode)
        assert.include(failed.message, thrown.message)
        assert.match(String(Option.getOrNull(failed.requestId)), /^req_/)
        assert.deepInclude(Option.getOrThrow(failed.details) as object, { type: thrown.rawType, param: thrown.param ?? null })
      }))
  }

  for (
    const [name, status, error, sdkType] of [
      ["a declined card", 402, { type: "card_error", code: "card_declined" }, "StripeCardError"],
      ["a code that nobody has listed", 400, { type: "invalid_request_error", code: "brand_new" }, "StripeInvalidRequestError"]
    ] as const
  ) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const { ours, theirs } = yield* both({ POST: [refusal(status, error)], GET: [capturable] })
        const thrown = Option.getOrThrow(Either.getLeft(theirs))
        const failed = Option.getOrThrow(Either.getLeft(ours))
        assert.strictEqual(thrown.type, sdkType)
        assert.strictEqual(failed._tag, "Stripe.Unrecognized")
        assert.strictEqual(failed.code, thrown.code ?? null)
      }))
  }
})

describe("where this library differs on purpose", () => {
  it.scopedLive("the answer is lost, and the PaymentIntent is cancelled", () =>
    Effect.gen(function*() {
      const { ourRequests, ours, theirRequests, theirs } = yield* both({ POST: ["lost", "lost", "lost"], GET: [canceled] })
      assert.strictEqual(Option.getOrThrow(Either.getLeft(theirs)).type, "StripeConnectionError")
      assert.strictEqual(methods(theirRequests), "POST POST")
      assert.deepInclude(Either.getOrThrow(ours), { _tag: "Cancelled", evidence: "StatusQuery" })
      assert.strictEqual(methods(ourRequests), "POST POST POST GET")
      for (const requests of [theirRequests, ourRequests]) {
        const keys = requests.flatMap(({ headers, method }) => method === "POST" ? [headers["idempotency-key"]] : [])
        assert.strictEqual(new Set(keys).size, 1)
      }
    }))

  it.scopedLive("the answer is lost, and the PaymentIntent has succeeded", () =>
    Effect.gen(function*() {
      const unexpected = refusal(400, {
        type: "invalid_request_error",
        code: "payment_intent_unexpected_state",
        payment_intent: intent("succeeded")
      })
      const { ours, theirs } = yield* both({ POST: ["lost", unexpected] })
      const thrown = Option.getOrThrow(Either.getLeft(theirs))
      assert.deepInclude({ type: thrown.type, code: thrown.code }, {
        type: "StripeInvalidRequestError",
        code: "payment_intent_unexpected_state"
      })
      assert.deepInclude(Option.getOrThrow(Either.getLeft(ours)), {
        _tag: "Stripe.PaymentIntentUnexpectedState",
        outcome: "NotCancelled",
        paymentStatus: Option.some("succeeded")
      })
    }))

  it.scopedLive("a second cancel", () =>
    Effect.gen(function*() {
      const unexpected = refusal(400, {
        type: "invalid_request_error",
        code: "payment_intent_unexpected_state",
        payment_intent: intent("canceled")
      })
      const { ourRequests, ours, theirs } = yield* both({ POST: [unexpected] })
      const thrown = Option.getOrThrow(Either.getLeft(theirs))
      assert.strictEqual(thrown.type, "StripeInvalidRequestError")
      assert.strictEqual(thrown.payment_intent?.status, "canceled")
      assert.strictEqual(Either.getOrThrow(ours)._tag, "AlreadyCancelled")
      assert.strictEqual(methods(ourRequests), "POST")
    }))

  it.scopedLive("a received 500, stored under the key", () =>
    Effect.gen(function*() {
      const { ourRequests, ours, theirRequests, theirs } = yield* both(
        { POST: [refusal(500, { type: "api_error" })], GET: [canceled] },
        { retries: 1 }
      )
      assert.strictEqual(Option.getOrThrow(Either.getLeft(theirs)).type, "StripeAPIError")
      assert.strictEqual(methods(theirRequests), "POST POST")
      assert.deepInclude(Either.getOrThrow(ours), { _tag: "Cancelled", evidence: "StatusQuery" })
      assert.strictEqual(methods(ourRequests), "POST GET")
    }))

  it.scopedLive("a received 500 after which Stripe asks for another try: both send it", () =>
    Effect.gen(function*() {
      const { ourRequests, ours, theirRequests, theirs } = yield* both(
        { POST: [refusal(500, { type: "api_error" }, { "stripe-should-retry": "true" }), canceled] },
        { retries: 1 }
      )
      assert.strictEqual(Either.getOrThrow(theirs).status, "canceled")
      assert.deepInclude(Either.getOrThrow(ours), { _tag: "Cancelled", evidence: "Response" })
      assert.deepStrictEqual([methods(theirRequests), methods(ourRequests)], ["POST POST", "POST POST"])
    }))

  it.scopedLive("a refusal after which Stripe asks for no other try: neither sends it", () =>
    Effect.gen(function*() {
      const { ourRequests, theirRequests } = yield* both(
        { POST: [refusal(429, { type: "invalid_request_error", code: "rate_limit" }, { "stripe-should-retry": "false" })] },
        { retries: 1 }
      )
      assert.deepStrictEqual([methods(theirRequests), methods(ourRequests)], ["POST", "POST"])
    }))

  it.scopedLive("too many requests", () =>
    Effect.gen(function*() {
      const { ourRequests, ours, theirRequests, theirs } = yield* both(
        { POST: [refusal(429, { type: "invalid_request_error", code: "rate_limit" }), canceled] },
        { retries: 1 }
      )
      assert.strictEqual(Option.getOrThrow(Either.getLeft(theirs)).type, "StripeRateLimitError")
      assert.strictEqual(methods(theirRequests), "POST")
      assert.strictEqual(Either.getOrThrow(ours)._tag, "Cancelled")
      assert.strictEqual(methods(ourRequests), "POST POST")
    }))

  it.scopedLive("our own request is still running", () =>
    Effect.gen(function*() {
      const inUse = refusal(409, { type: "idempotency_error", code: "idempotency_key_in_use" })
      const { ours, theirs } = yield* both({ POST: [inUse, inUse, canceled] })
      assert.deepInclude(Option.getOrThrow(Either.getLeft(theirs)), { type: "StripeAPIError", code: "idempotency_key_in_use" })
      assert.deepInclude(Either.getOrThrow(ours), { _tag: "Cancelled", attempts: 3 })
    }))

  for (
    const [name, body] of [
      ["another status", intent("requires_capture")],
      ["another PaymentIntent", intent("canceled", { id: "pi_another" })],
      ["nothing", {}]
    ] as const
  ) {
    it.scopedLive(`a 200 with ${name}`, () =>
      Effect.gen(function*() {
        const { ours, theirs } = yield* both({ POST: [{ status: 200, body }], GET: [{ status: 503, body: {} }] })
        assert.isTrue(Either.isRight(theirs))
        assert.deepInclude(Option.getOrThrow(Either.getLeft(ours)), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
      }))
  }

  it.scopedLive("a 200 that is no JSON", () =>
    Effect.gen(function*() {
      const { ours, theirs } = yield* both({ POST: [{ status: 200, body: "<html>" }], GET: [canceled] })
      assert.strictEqual(Option.getOrThrow(Either.getLeft(theirs)).type, "StripeAPIError")
      assert.deepInclude(Either.getOrThrow(ours), { _tag: "Cancelled", evidence: "StatusQuery" })
    }))

  for (const id of ["", ".."]) {
    it.scopedLive(`the id ${JSON.stringify(id)}`, () =>
      Effect.gen(function*() {
        const server = yield* serving({ POST: [canceled] })
        const theirs = yield* bySdk(() => sdkOf(server.port).paymentIntents.cancel(id))
        assert.isTrue(Either.isRight(theirs))
        assert.strictEqual(server.take()[0]!.path, `/v1/payment_intents/${id}/cancel`)
        const ours = yield* byUs(server.port, { paymentId: id })
        assert.deepInclude(Option.getOrThrow(Either.getLeft(ours)), { _tag: "CancelError.InvalidCancelRequest", field: "paymentId" })
        assert.deepStrictEqual(server.take(), [])
      }))
  }
})

describe("webhooks", () => {
  const { webhooks } = new Sdk(apiKey)
  const secret = "whsec_sdk-comparison"
  const now = 1_700_000_000
  const payload = JSON.stringify({
    id: "evt_1",
    object: "event",
    type: "payment_intent.canceled",
    data: { object: intent("canceled", { description: "ünïcödé" }) }
  })

  const accepted = (body: string, header: string, at = now) =>
    TestClock.setTime(at * 1000).pipe(
      Effect.zipRight(Stripe.notification({ body, headers: { "stripe-signature": header } }, { secret: Redacted.make(secret) })),
      Effect.either
    )

  const bySdkAccepted = (body: string, header: string, at = now) =>
    Either.try(() => webhooks.constructEvent(body, header, secret, undefined, undefined, at * 1000))

  const header = (options: Partial<Parameters<typeof webhooks.generateTestHeaderString>[0]> = {}) =>
    webhooks.generateTestHeaderString({ payload, secret, timestamp: now, ...options })

  it.effect("what the SDK signs is verified here, and says the same", () =>
    Effect.gen(function*() {
      const ours = Either.getOrThrow(yield* accepted(payload, header()))
      const theirs = Either.getOrThrow(bySdkAccepted(payload, header()))
      assert(theirs.type === "payment_intent.canceled")
      assert.deepStrictEqual([ours.notificationId, ours.paymentId], [theirs.id, theirs.data.object.id])
    }))

  const [time, signature] = header().split(",")
  const cases: ReadonlyArray<readonly [string, string, string, number?]> = [
    ["another secret", payload, header({ secret: "whsec_other" })],
    ["another payload", payload.replace("evt_1", "evt_2"), header()],
    ["another scheme", payload, header({ scheme: "v0" })],
    ["several signatures", payload, `${time},v1=${"0".repeat(64)},${signature}`],
    ["no time", payload, String(signature)],
    ["no signature", payload, String(time)],
    ["an empty header", payload, ""],
    ["300 seconds old", payload, header(), now + 300],
    ["301 seconds old", payload, header(), now + 301]
  ]
  for (const [name, body, signed, at] of cases) {
    it.effect(`${name}: both say the same`, () =>
      Effect.gen(function*() {
        const ours = yield* accepted(body, signed, at)
        assert.strictEqual(ours._tag, bySdkAccepted(body, signed, at)._tag)
      }))
  }

  it.effect("from the future: only the SDK takes it", () =>
    Effect.gen(function*() {
      assert.isTrue(Either.isRight(bySdkAccepted(payload, header(), now - 3_600)))
      const ours = yield* accepted(payload, header(), now - 3_600)
      assert.strictEqual(Option.getOrThrow(Either.getLeft(ours))._tag, "Notification.TimestampOutOfTolerance")
    }))

  it.effect("with more than 16 signatures: only the SDK looks for the one that fits", () =>
    Effect.gen(function*() {
      const madeUp = Array.from({ length: 16 }, (_, index) => `v1=${index.toString(16).repeat(64)}`)
      for (const [others, ours] of [[madeUp.slice(1), "Right"], [madeUp, "Left"]] as const) {
        const crowded = [time, ...others, signature].join(",")
        assert.isTrue(Either.isRight(bySdkAccepted(payload, crowded)))
        assert.strictEqual((yield* accepted(payload, crowded))._tag, ours)
      }
    }))

  it.effect("with a tolerance of nothing: the SDK then takes all times, and this library none but now", () =>
    Effect.gen(function*() {
      const old = Either.try(() => webhooks.constructEvent(payload, header(), secret, 0, undefined, (now + 86_400) * 1000))
      assert.isTrue(Either.isRight(old))
      for (const [at, tag] of [[now, "Right"], [now + 1, "Left"], [now - 1, "Left"]] as const) {
        yield* TestClock.setTime(at * 1000)
        const ours = yield* Effect.either(
          Stripe.notification(
            { body: payload, headers: { "stripe-signature": header() } },
            { secret: Redacted.make(secret), tolerance: 0 }
          )
        )
        assert.strictEqual(ours._tag, tag)
      }
    }))
})
