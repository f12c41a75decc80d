/**
 * The same void, sent by Checkout.com's own library and by this one to one server that records it;
 * and the same answers, given to both.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, layer } from "@effect/vitest"
import { Checkout } from "checkout-sdk-node"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { CheckoutCom } from "effect-payment-cancel"
import * as Errors from "../../../src/authoring/Errors.js"
import { type Answer, live, type Prepared, type Recorded, Server } from "../../support/RecordingServer.js"

const secretKey = `sk_sbox_${"a".repeat(26)}b`

/** Checkout.com's library against the recording server. */
const official = Effect.map(Server, ({ origin }) => new Checkout(secretKey, { subdomain: "123456789", host: origin }).payments)

/** This library against the recording server. It waits a little less than it would in production. */
const ours = Layer.unwrapEffect(Effect.map(Server, ({ origin }) =>
  CheckoutCom.layer({
    secretKey: Redacted.make(secretKey),
    baseUrl: origin,
    policy: { attemptTimeout: "1 second", backoff: { initial: "10 millis" } }
  }).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.orDie)))

/** What Checkout.com's library rejects with is anything. */
const promised = (run: () => Promise<unknown>): Effect.Effect<unknown, unknown> =>
  Effect.tryPromise({ try: run, catch: (error) => error })

/** Gives both the same answers, and says what each made of them and what it sent. */
const both = (request: CheckoutCom.CancelRequest, ...answers: ReadonlyArray<Prepared>) =>
  Effect.gen(function*() {
    const server = yield* Server
    const api = yield* official
    const { idempotencyKey, paymentId, reference } = request
    server.prepare(...answers)
    const theirs = yield* Effect.either(promised(() =>
      api.void(paymentId, reference === undefined ? {} : { reference }, idempotencyKey)))
    const theirRequests = server.recorded()
    server.prepare(...answers)
    const mine = yield* Effect.either(Effect.provide(CheckoutCom.cancel(request), ours))
    return { theirs, theirRequests, mine, myRequests: server.recorded() }
  })

/** What must be the same on both sides. */
const essence = ({ body, headers, method, path }: Recorded) => ({
  method,
  path,
  authorization: headers["authorization"],
  idempotencyKey: headers["cko-idempotency-key"],
  contentType: headers["content-type"],
  contentLength: headers["content-length"],
  body
})

const accepted: Answer = { status: 202, body: { action_id: "act_1", _links: {} } }

const payment = (status: string, id = "pay_1"): Answer => ({ status: 200, body: { id, status } })

const refused = (status: number, ...codes: ReadonlyArray<string>): Answer => ({
  status,
  body: codes.length === 0 ? "" : { request_id: "r-1", error_type: "processing_error", error_codes: codes }
})

const left = <A, E>(result: Either.Either<A, E>): E => Option.getOrThrow(Either.getLeft(result))

/** What is in an error of theirs: its class has no types. */
const theirError = (result: Either.Either<unknown, unknown>) => {
  const error: unknown = left(result)
  assert.instanceOf(error, Error)
  return { name: error.name, http_code: Reflect.get(error, "http_code") as unknown, body: Reflect.get(error, "body") as unknown }
}

const includes = (actual: unknown, expected: object) => {
  assert(typeof actual === "object" && actual !== null)
  return assert.deepInclude(actual, expected)
}

const cancels = (requests: ReadonlyArray<Recorded>) => requests.filter(({ method }) => method === "POST")

const paymentId = "pay_1"

layer(live, { excludeTestServices: true })("Checkout.com and its npm library", (it) => {
  for (
    const request of [
      { paymentId, idempotencyKey: "key-1" },
      { paymentId: "pay_mbabizu24mvu3mela5njyhpit4", reference: "void-of-order-1042", idempotencyKey: "key-1" },
      { paymentId, reference: "\"ü€\"", idempotencyKey: "k".repeat(255) }
    ]
  ) {
    it.effect(`send the same for ${JSON.stringify(request).slice(0, 90)}`, () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirRequests, theirs } = yield* both(request, accepted, payment("Voided", request.paymentId))
        assert.lengthOf(theirRequests, 1)
        assert.deepStrictEqual(cancels(myRequests).map(essence), theirRequests.map(essence))
        assert.strictEqual(myRequests[0]!.headers["authorization"], `Bearer ${secretKey}`)
        includes(Either.getOrThrow(theirs), { action_id: "act_1" })
        includes(Either.getOrThrow(mine), { _tag: "Cancelled", evidence: "StatusQuery" })
      }))
  }

  it.effect("ask for the status alike", () =>
    Effect.gen(function*() {
      const server = yield* Server
      const api = yield* official
      server.prepare(payment("Voided"))
      yield* promised(() => api.get(paymentId))
      const [theirRequest] = server.recorded()
      server.prepare(payment("Voided"))
      const status = yield* Effect.provide(CheckoutCom.status({ paymentId }), ours)
      const [myRequest] = server.recorded()
      includes(status, { status: "Voided", standing: Option.some("Cancelled") })
      assert.deepStrictEqual(
        [myRequest!.method, myRequest!.path, myRequest!.headers["authorization"]],
        [theirRequest!.method, theirRequest!.path, theirRequest!.headers["authorization"]]
      )
    }))

  /** Names of the same statuses in Checkout.com's library. A 409 is another operation's there. */
  const names: { readonly [status: number]: string } = {
    401: "AuthenticationError",
    403: "ActionNotAllowed",
    404: "NotFoundError",
    409: "UrlAlreadyRegistered",
    422: "ValidationError",
    429: "TooManyRequestsError",
    502: "Bad gateway"
  }

  for (const [className, { code, httpStatus: [status], outcome }] of Object.entries(Errors.table(CheckoutCom))) {
    it.effect(`read ${code ?? "no code"} on a ${status} alike`, () =>
      Effect.gen(function*() {
        const answer = code === null ? refused(status) : refused(status, code)
        const { mine, myRequests, theirRequests, theirs } = yield* both({ paymentId }, answer)
        const exception = theirError(theirs)
        const error = left(mine)
        assert.strictEqual<string>(error._tag, `CheckoutCom.${className}`)
        assert.strictEqual(error.outcome, outcome)
        assert.deepStrictEqual([exception.name, exception.http_code], [names[status], status])
        assert.deepStrictEqual([error.code, error.httpStatus], [code, Option.some(status)])
        if (code !== null) {
          includes(exception.body, { error_codes: [code] })
          includes(Option.getOrThrow(error.details), { error_codes: [code] })
        }
        assert.lengthOf(theirRequests, 1)
        const isSentAgain = [409, 429, 502].includes(status)
        assert.lengthOf(cancels(myRequests), isSentAgain ? 3 : 1)
      }), 15_000)
  }

  describe("differ on purpose", () => {
    it.effect("on what was only accepted: theirs is done with it", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both({ paymentId }, accepted, payment("Authorized"))
        includes(Either.getOrThrow(theirs), { action_id: "act_1" })
        includes(Either.getOrThrow(mine), { _tag: "CancellationAccepted", receipt: { reference: "act_1" } })
        const closed = yield* both({ paymentId }, accepted, payment("Canceled"))
        assert.isTrue(Either.isRight(closed.theirs))
        includes(left(closed.mine), { _tag: "CancelError.NoLongerCancellable", paymentStatus: Option.some("Canceled") })
      }))

    for (const status of [200, 202, 204]) {
      it.effect(`on an empty ${status}: theirs takes it for success`, () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both({ paymentId }, refused(status), payment("Authorized"))
          assert.deepStrictEqual(Either.getOrThrow(theirs), {})
          includes(left(mine), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
        }))
    }

    it.effect("on a key that was not given: theirs sends none", () =>
      Effect.gen(function*() {
        const { myRequests, theirRequests } = yield* both({ paymentId }, accepted, payment("Voided"))
        assert.isUndefined(theirRequests[0]!.headers["cko-idempotency-key"])
        assert.match(myRequests[0]!.headers["cko-idempotency-key"] ?? "", /^[0-9a-f-]{36}$/)
      }))

    it.effect("on an answer that is lost: this one sends the same again, under the same key", () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirRequests, theirs } = yield* both({ paymentId, idempotencyKey: "key-1" }, "Lost", accepted, payment("Voided"))
        assert.isTrue(Either.isLeft(theirs))
        assert.lengthOf(theirRequests, 1)
        const [first, second] = cancels(myRequests).map(essence)
        assert.deepStrictEqual(second, first)
        includes(Either.getOrThrow(mine), { _tag: "Cancelled", attempts: 2 })
      }))

    it.effect("on a payment that was voided before", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both({ paymentId }, refused(403), payment("Voided"))
        assert.strictEqual(theirError(theirs).name, "ActionNotAllowed")
        includes(Either.getOrThrow(mine), { _tag: "AlreadyCancelled", evidence: "StatusQuery" })
      }))

    it.effect("on several codes, one of which leaves the outcome open", () =>
      Effect.gen(function*() {
        const { mine } = yield* both({ paymentId }, refused(422, "business_invalid", "processing_error"), payment("Authorized"))
        includes(left(mine), { _tag: "CheckoutCom.ProcessingError", outcome: "Unknown" })
      }))

    it.effect("with an id that leads elsewhere", () =>
      Effect.gen(function*() {
        const odd = yield* both({ paymentId: "pay_a/../b?x=1" }, refused(404))
        assert.deepStrictEqual(odd.theirRequests.map(({ path }) => path), ["/payments/b?x=1/voids"])
        assert.deepStrictEqual(odd.myRequests.map(({ path }) => path), ["/payments/pay_a%2F..%2Fb%3Fx%3D1/voids"])
        const { mine, myRequests } = yield* both({ paymentId: ".." }, refused(404))
        assert.lengthOf(myRequests, 0)
        includes(left(mine), { _tag: "CancelError.InvalidCancelRequest", field: "paymentId" })
      }))

    it.effect("with a reference that is too long", () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirRequests } = yield* both({ paymentId, reference: "x".repeat(51) }, accepted)
        assert.lengthOf(theirRequests, 1)
        assert.lengthOf(myRequests, 0)
        includes(left(mine), { _tag: "CancelError.InvalidCancelRequest", field: "reference" })
      }))
  })
})
