/**
 * The same cancel, sent by GoCardless's own library and by this one to one server that records it;
 * and the same answers, given to both. Webhooks too.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { GoCardless } from "effect-payment-cancel"
import { GoCardlessClient } from "gocardless-nodejs/client"
import { Environments } from "gocardless-nodejs/constants"
import { parse } from "gocardless-nodejs/webhooks"
import { createHmac } from "node:crypto"
import * as Errors from "../../../src/authoring/Errors.js"
import { type Answer, live, type Prepared, type Recorded, Server } from "../../support/RecordingServer.js"

const accessToken = "sandbox_token_for_the_comparison"

/** GoCardless's library against the recording server: it has no option for that. */
const official = Effect.map(Server, ({ origin }) => {
  const client = new GoCardlessClient(accessToken, Environments.Sandbox)
  Reflect.set(Reflect.get(client, "_api") as object, "_baseUrl", origin)
  return client.payments
})

/** This library against the recording server. It waits a little less than it would in production. */
const ours = Layer.unwrapEffect(Effect.map(Server, ({ origin }) =>
  GoCardless.layer({
    accessToken: Redacted.make(accessToken),
    baseUrl: origin,
    policy: { attemptTimeout: "1 second", backoff: { initial: "10 millis" } }
  }).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.orDie)))

/** What GoCardless's library rejects with is anything. */
const promised = (run: () => Promise<unknown>): Effect.Effect<unknown, unknown> =>
  Effect.tryPromise({ try: run, catch: (error) => error })

/** Gives both the same answers, and says what each made of them and what it sent. */
const both = (request: GoCardless.CancelRequest, ...answers: ReadonlyArray<Prepared>) =>
  Effect.gen(function*() {
    const server = yield* Server
    const api = yield* official
    const { metadata, paymentId } = request
    server.prepare(...answers)
    const theirs = yield* Effect.either(promised(() => api.cancel(paymentId, metadata === undefined ? {} : { metadata })))
    const theirRequests = server.recorded()
    server.prepare(...answers)
    const mine = yield* Effect.either(Effect.provide(GoCardless.cancel(request), ours))
    return { theirs, theirRequests, mine, myRequests: server.recorded() }
  })

/** What must be the same on both sides. */
const essence = ({ body, headers, method, path }: Recorded) => ({
  method,
  path,
  authorization: headers["authorization"],
  version: headers["gocardless-version"],
  accept: headers["accept"],
  contentType: headers["content-type"],
  contentLength: headers["content-length"],
  body
})

const paymentId = "PM000123"

const payment = (status: string, id = paymentId): Answer => ({ status: 200, body: { payments: { id, status, amount: 1000 } } })

const refused = (status: number, type: string, reason: string | null): Answer => ({
  status,
  body: {
    error: {
      message: "words",
      documentation_url: "https://developer.gocardless.com/api-reference",
      type,
      errors: [reason === null ? { field: "metadata", message: "words" } : { reason, message: "words" }],
      request_id: "r-1",
      code: status
    }
  }
})

const left = <A, E>(result: Either.Either<A, E>): E => Option.getOrThrow(Either.getLeft(result))

const includes = (actual: unknown, expected: object) => {
  assert(typeof actual === "object" && actual !== null)
  return assert.deepInclude(actual, expected)
}

const cancels = (requests: ReadonlyArray<Recorded>) => requests.filter(({ method }) => method === "POST")

layer(live, { excludeTestServices: true })("GoCardless and its npm library", (it) => {
  for (const request of [{ paymentId }, { paymentId, metadata: { ticket: "TK-1042", note: "\"ü€\"" } }]) {
    it.effect(`send the same for ${JSON.stringify(request)}`, () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirRequests, theirs } = yield* both(request, payment("cancelled"))
        assert.lengthOf(theirRequests, 1)
        assert.deepStrictEqual(myRequests.map(essence), theirRequests.map(essence))
        // Each makes a key of its own.
        for (const { headers } of [...myRequests, ...theirRequests]) assert.match(headers["idempotency-key"] ?? "", /^[0-9a-f-]{36}$/)
        includes(Either.getOrThrow(theirs), { id: paymentId, status: "cancelled" })
        includes(Either.getOrThrow(mine), { _tag: "Cancelled", evidence: "Response" })
      }))
  }

  it.effect("ask for the status alike", () =>
    Effect.gen(function*() {
      const server = yield* Server
      const api = yield* official
      server.prepare(payment("confirmed"))
      yield* promised(() => api.find(paymentId))
      const [theirRequest] = server.recorded()
      server.prepare(payment("confirmed"))
      const status = yield* Effect.provide(GoCardless.status({ paymentId }), ours)
      const [myRequest] = server.recorded()
      includes(status, { status: "confirmed", standing: Option.some("Closed") })
      assert.deepStrictEqual(essence(myRequest!), essence(theirRequest!))
    }))

  /** The types of the reasons that are not about how the API is used. */
  const types: { readonly [code: string]: string } = {
    cancellation_failed: "invalid_state",
    idempotent_creation_conflict: "invalid_state",
    validation_failed: "validation_failed",
    request_timed_out: "gocardless",
    internal_server_error: "gocardless"
  }

  for (const [className, { code, httpStatus: [status], outcome }] of Object.entries(Errors.table(GoCardless))) {
    const type = types[code ?? ""] ?? "invalid_api_usage"
    it.effect(`read ${code} on a ${status} alike`, () =>
      Effect.gen(function*() {
        const reason = code === "validation_failed" ? null : code
        const { mine, myRequests, theirRequests, theirs } = yield* both({ paymentId }, refused(status, type, reason))
        const error = left(mine)
        assert.strictEqual<string>(error._tag, `GoCardless.${className}`)
        assert.strictEqual(error.outcome, outcome)
        assert.deepStrictEqual([error.code, error.httpStatus, error.requestId], [code, Option.some(status), Option.some("r-1")])
        // Of a conflict theirs reads the resource that its error should name: there is none on a cancel.
        if (status !== 409) includes(left(theirs), { errorType: type, requestId: "r-1", message: "words" })
        const isRepeatedByTheirs = theirRequests.length > 1
        assert.isFalse(isRepeatedByTheirs)
        assert.lengthOf(cancels(myRequests), status === 429 ? 3 : 1)
      }), 15_000)
  }

  describe("differ on purpose", () => {
    it.effect("on a payment that was cancelled before", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both({ paymentId }, refused(422, "invalid_state", "cancellation_failed"), payment("cancelled"))
        includes(left(theirs), { errorType: "invalid_state" })
        includes(Either.getOrThrow(mine), { _tag: "AlreadyCancelled", evidence: "StatusQuery" })
      }))

    it.effect("on an answer that is lost: this one reads the status", () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirs } = yield* both({ paymentId }, "Lost", payment("cancelled"))
        assert.isTrue(Either.isLeft(theirs))
        includes(Either.getOrThrow(mine), { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
        assert.lengthOf(cancels(myRequests), 1)
      }))

    for (const status of ["pending_submission", "submitted"]) {
      it.effect(`on a 200 whose payment is ${status}: theirs returns it`, () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both({ paymentId }, payment(status))
          includes(Either.getOrThrow(theirs), { status })
          assert.isTrue(Either.isLeft(mine))
        }))
    }

    it.effect("on a 200 about another payment: theirs returns it", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both({ paymentId }, payment("cancelled", "PM-other"), payment("pending_submission"))
        includes(Either.getOrThrow(theirs), { id: "PM-other" })
        includes(left(mine), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
      }))

    it.effect("on a conflict: theirs calls what is no function", () =>
      Effect.gen(function*() {
        const answer: Answer = {
          status: 409,
          body: {
            error: {
              type: "invalid_state",
              message: "words",
              errors: [{ reason: "idempotent_creation_conflict", message: "words", links: { conflicting_resource_id: paymentId } }]
            }
          }
        }
        const { mine, theirs } = yield* both({ paymentId }, answer, payment("cancelled"))
        assert.instanceOf(left(theirs), TypeError)
        includes(Either.getOrThrow(mine), { _tag: "AlreadyCancelled" })
      }))

    it.effect("on an error that is a text: theirs takes it for one of GoCardless's own", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both({ paymentId }, { status: 400, body: { error: "words" } }, payment("pending_submission"))
        includes(left(theirs), { errorType: "gocardless", message: "words" })
        includes(left(mine), { _tag: "GoCardless.Unrecognized", code: null, outcome: "NotCancelled" })
      }))

    it.effect("with an id that leads elsewhere", () =>
      Effect.gen(function*() {
        const odd = yield* both({ paymentId: "PM/../b?x=1" }, refused(404, "invalid_api_usage", "not_found"))
        assert.notStrictEqual(odd.theirRequests[0]!.path, "/payments/PM%2F..%2Fb%3Fx%3D1/actions/cancel")
        assert.deepStrictEqual(odd.myRequests.map(({ path }) => path), ["/payments/PM%2F..%2Fb%3Fx%3D1/actions/cancel"])
        const { mine, myRequests } = yield* both({ paymentId: ".." }, refused(404, "invalid_api_usage", "not_found"))
        assert.lengthOf(myRequests, 0)
        includes(left(mine), { _tag: "CancelError.InvalidCancelRequest", field: "paymentId" })
      }))
  })

  describe("read webhooks", () => {
    const secret = "endpoint-secret"
    const body = JSON.stringify({
      events: [
        { id: "EV1", created_at: "2026-01-14T10:29:58.404Z", resource_type: "payments", action: "cancelled", links: { payment: "PM1" } },
        { id: "EV2", created_at: "2026-01-14T10:29:58.404Z", resource_type: "payments", action: "cancelled", links: { payment: "PM2" } }
      ],
      meta: { webhook_id: "WB1" }
    })
    const signature = createHmac("sha256", secret).update(body).digest("hex")
    const mine = (header: string) =>
      Effect.zipRight(
        TestClock.setTime(Date.UTC(2026, 0, 14, 10, 30)),
        GoCardless.notifications({ body, headers: { "webhook-signature": header } }, { secret: Redacted.make(secret) })
      ).pipe(Effect.provide(TestContext.TestContext))

    it.effect("alike: the same events of a list", () =>
      Effect.gen(function*() {
        const told = yield* mine(signature)
        assert.deepStrictEqual(
          told.map(({ notificationId, paymentId }) => [notificationId, paymentId]),
          parse(body, secret, signature).map(({ id, links }) => [id, links?.payment])
        )
      }))

    it.effect("alike: none of what is forged", () =>
      Effect.gen(function*() {
        const forged = createHmac("sha256", "another").update(body).digest("hex")
        assert.throws(() => parse(body, secret, forged))
        assert.strictEqual((yield* Effect.flip(mine(forged)))._tag, "Notification.InvalidSignature")
      }))
  })
})
