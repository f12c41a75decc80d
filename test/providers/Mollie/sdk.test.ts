/**
 * The same cancel and the same release, sent by Mollie's own library and by this one to one server
 * that records them; and the same answers, given to both.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Mollie } from "effect-payment-cancel"
import { Client } from "mollie-api-typescript"
import { inspect } from "node:util"
import { type Answer, live, type Prepared, type Recorded, Server } from "../../support/RecordingServer.js"

const apiKey = "test_keyOfBoth0000000000000000000"

/** Mollie's library against the recording server, without its retries unless they are what is compared. */
const official = (retries: boolean) =>
  Effect.map(Server, ({ origin }) =>
    new Client({
      serverURL: origin,
      security: { apiKey },
      retryConfig: retries
        ? { strategy: "backoff", backoff: { initialInterval: 1, maxInterval: 1, exponent: 1, maxElapsedTime: 20_000 }, retryConnectionErrors: true }
        : { strategy: "none" }
    }).payments)

/** This library against the recording server. It waits a little less than it would in production. */
const ours = (options: Partial<Mollie.Options> = {}) =>
  Layer.unwrapEffect(Effect.map(Server, ({ origin }) =>
    Mollie.layer({
      apiKey: Redacted.make(apiKey),
      baseUrl: origin,
      policy: { attemptTimeout: "1 second", statusReads: 2, backoff: { initial: "10 millis" } },
      ...options
    }).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.orDie)))

const promised = (run: () => PromiseLike<unknown>): Effect.Effect<unknown, unknown> =>
  Effect.tryPromise({ try: () => Promise.resolve(run()), catch: (error) => error })

type Payments = Effect.Effect.Success<ReturnType<typeof official>>

interface Body {
  readonly testmode?: boolean
  readonly profileId?: string
}

const operations = {
  cancel: {
    theirs: (api: Payments, paymentId: string, idempotencyKey: string, body: Body | undefined) =>
      api.cancel({ paymentId, idempotencyKey, ...body === undefined ? {} : { requestBody: body } }),
    ours: (request: Mollie.CancelRequest): Effect.Effect<{ readonly _tag: string }, Mollie.CancelError, Mollie.Mollie> => Mollie.cancel(request)
  },
  release: {
    theirs: (api: Payments, paymentId: string, idempotencyKey: string, body: Body | undefined) =>
      api.releaseAuthorization({ paymentId, idempotencyKey, ...body === undefined ? {} : { requestBody: body } }),
    ours: (request: Mollie.ReleaseRequest): Effect.Effect<{ readonly _tag: string }, Mollie.CancelError, Mollie.Mollie> => Mollie.releaseAuthorization(request)
  }
} as const

interface Calling {
  readonly operation: keyof typeof operations
  readonly id?: string
  readonly body?: Body
  readonly options?: Partial<Mollie.Options>
  readonly retries?: boolean
}

const paymentId = "tr_WDqYK6vllg"

/** Gives both the same answers, and says what each made of them and what it sent. */
const both = ({ body, id = paymentId, operation, options = {}, retries = false }: Calling, ...answers: ReadonlyArray<Prepared>) =>
  Effect.gen(function*() {
    const server = yield* Server
    const api = yield* official(retries)
    server.prepare(...answers)
    const theirs = yield* Effect.either(promised(() => operations[operation].theirs(api, id, "key-1", body)))
    const theirRequests = server.recorded()
    server.prepare(...answers)
    const mine = yield* Effect.either(Effect.provide(
      operations[operation].ours({ paymentId: id, idempotencyKey: "key-1" }),
      ours(options)
    ))
    return { theirs, theirRequests, mine, myRequests: server.recorded() }
  })

/** What must be the same on both sides. */
const essence = ({ body, headers, method, path }: Recorded) => ({
  method,
  path,
  authorization: headers["authorization"],
  accept: headers["accept"],
  idempotencyKey: headers["idempotency-key"],
  body
})

const hal = { "content-type": "application/hal+json" }

const amount = { currency: "EUR", value: "10.00" }

const link = { href: "https://a.test", type: "application/hal+json" }

/** A payment as Mollie's library wants it: with less it rejects. */
const payment = (status: string, more: object = {}): Answer => ({
  status: 200,
  headers: hal,
  body: {
    resource: "payment",
    id: paymentId,
    mode: "test",
    amount,
    description: "Order #1042",
    method: "ideal",
    metadata: null,
    status,
    createdAt: "2024-03-20T09:13:37+00:00",
    canceledAt: "2024-03-20T10:19:15+00:00",
    profileId: "pfl_QkEhN94Ba",
    sequenceType: "oneoff",
    redirectUrl: "https://a.test",
    _links: { self: link, dashboard: { href: "https://a.test", type: "text/html" } },
    ...more
  }
})

const refused = (status: number): Answer => ({
  status,
  headers: hal,
  body: { status, title: "Title", detail: "in Mollie's words", _links: { documentation: { href: "https://a.test", type: "text/html" } } }
})

const accepted: Answer = { status: 202, headers: { "content-type": "text/html" }, body: "" }

const left = <A, E>(result: Either.Either<A, E>): E => Option.getOrThrow(Either.getLeft(result))
const right = <A, E>(result: Either.Either<A, E>): A => Option.getOrThrow(Either.getRight(result))

const includes = (actual: unknown, expected: object) => {
  assert(typeof actual === "object" && actual !== null)
  return assert.deepInclude(actual, expected)
}

const methods = (requests: ReadonlyArray<Recorded>) => requests.map(({ method }) => method)

layer(live, { excludeTestServices: true })("Mollie and its npm library", (it) => {
  for (
    const [operation, answer, body, options] of [
      ["cancel", payment("canceled"), undefined, {}],
      ["cancel", payment("canceled"), { testmode: true }, { apiKey: Redacted.make("access_1"), testmode: true }],
      ["release", accepted, undefined, {}],
      ["release", accepted, { profileId: "pfl_1", testmode: true }, { apiKey: Redacted.make("access_1"), testmode: true, profileId: "pfl_1" }]
    ] as const
  ) {
    it.effect(`send the same ${operation}${body === undefined ? "" : " with an access token"}`, () =>
      Effect.gen(function*() {
        const { myRequests: [mine], theirRequests: [theirs] } = yield* both(
          { operation, options, ...body === undefined ? {} : { body } },
          answer,
          payment("canceled")
        )
        assert(mine !== undefined && theirs !== undefined)
        const same = essence(theirs)
        assert.deepStrictEqual(
          body === undefined ? essence(mine) : { ...essence(mine), authorization: same.authorization },
          same
        )
        if (body !== undefined) assert.strictEqual(mine.headers["authorization"], "Bearer access_1")
        // It names a content type of nothing, too.
        assert.strictEqual(theirs.headers["content-type"], "application/json")
        assert.strictEqual(mine.headers["content-type"], body === undefined ? undefined : "application/json")
      }))
  }

  it.effect("read the same cancelled payment", () =>
    Effect.gen(function*() {
      const { mine, theirs } = yield* both({ operation: "cancel" }, payment("canceled"))
      includes(right(theirs), { id: paymentId, status: "canceled", canceledAt: "2024-03-20T10:19:15+00:00" })
      includes(right(mine), { _tag: "Cancelled", evidence: "Response" })
    }))

  for (const operation of ["cancel", "release"] as const) {
    for (const status of [404, 422, 429]) {
      it.effect(`read the same status and words out of a ${status} to a ${operation}`, () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both(
            { operation, options: { policy: { attempts: 1, statusReads: 2, backoff: { initial: "1 millis" } } } },
            refused(status),
            payment("open")
          )
          includes(left(theirs), { status, detail: "in Mollie's words" })
          const error = left(mine)
          includes(error, { httpStatus: Option.some(status), outcome: "NotCancelled" })
          assert.include(error.message, "in Mollie's words")
        }))
    }
  }

  describe("differ on purpose", () => {
    it.effect("in a payment that lacks what no proof needs", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both(
          { operation: "cancel" },
          { status: 200, headers: hal, body: { id: paymentId, status: "canceled" } }
        )
        assert.isTrue(Either.isLeft(theirs))
        includes(right(mine), { _tag: "Cancelled", evidence: "Response" })
      }))

    it.effect("in a 200 that is no cancel", () =>
      Effect.gen(function*() {
        const still = yield* both({ operation: "cancel" }, payment("open"))
        includes(right(still.theirs), { status: "open" })
        includes(left(still.mine), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
        const other = yield* both({ operation: "cancel" }, payment("canceled", { id: "tr_another" }), payment("open"))
        includes(right(other.theirs), { id: "tr_another" })
        includes(left(other.mine), { outcome: "Unknown" })
      }))

    it.effect("in what was cancelled before", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both({ operation: "cancel" }, refused(422), payment("canceled"))
        includes(left(theirs), { status: 422 })
        includes(right(mine), { _tag: "AlreadyCancelled" })
      }))

    it.effect("in a release that is accepted", () =>
      Effect.gen(function*() {
        const done = yield* both({ operation: "release" }, accepted, payment("canceled"))
        assert.isTrue(Either.isRight(done.theirs))
        includes(right(done.mine), { _tag: "Cancelled", evidence: "StatusQuery" })
        const part = yield* both(
          { operation: "release" },
          accepted,
          payment("paid", { amountCaptured: { currency: "EUR", value: "4.00" } })
        )
        includes(right(part.mine), { _tag: "CancellationAccepted" })
        const late = yield* both(
          { operation: "release" },
          accepted,
          payment("paid", { amountCaptured: { currency: "EUR", value: "10.00" } })
        )
        assert.isTrue(Either.isRight(late.theirs))
        includes(left(late.mine), { _tag: "CancelError.NoLongerCancellable" })
        const untold = yield* both({ operation: "release" }, accepted, payment("paid"))
        includes(right(untold.mine), { _tag: "CancellationAccepted" })
        const open = yield* both({ operation: "release" }, accepted, payment("authorized"))
        includes(right(open.mine), { _tag: "CancellationAccepted" })
      }))

    it.effect("after a 500: theirs sends the cancel again, ours reads", () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirRequests } = yield* both({ operation: "cancel", retries: true }, refused(500), payment("canceled"))
        assert.deepStrictEqual(methods(theirRequests), ["DELETE", "DELETE"])
        assert.deepStrictEqual(methods(myRequests), ["DELETE", "GET"])
        includes(right(mine), { _tag: "Cancelled", evidence: "StatusQuery" })
      }))

    it.effect("in a key that nobody gave", () =>
      Effect.gen(function*() {
        const server = yield* Server
        const api = yield* official(false)
        const key = () => server.recorded()[0]?.headers["idempotency-key"] ?? ""
        server.prepare("Lost")
        const theirs = yield* Effect.flip(promised(() => api.cancel({ paymentId })))
        // It makes one too, and keeps it to itself.
        assert.match(key(), /^[0-9a-f-]{36}$/)
        assert.notInclude(inspect(theirs, { depth: 10 }), key())
        server.prepare("Lost")
        const mine = yield* Effect.flip(Effect.provide(Mollie.cancel({ paymentId }), ours()))
        assert.match(key(), /^[0-9a-f-]{36}$/)
        assert.strictEqual(mine.idempotencyKey, key())
      }))
  })
})
