/**
 * The same cancel, sent by Square's own library and by this one to one server that records it;
 * and the same answers, given to both.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Square } from "effect-payment-cancel"
import { SquareClient, SquareError } from "square"
import * as Errors from "../../../src/authoring/Errors.js"
import { inTurns } from "../../support/extent.js"
import { type Answer, live, type Prepared, type Recorded, Server } from "../../support/RecordingServer.js"

const accessToken = "EAAA-token-of-both"
const version = "2025-08-20"

/** Square's library against the recording server. */
const official = Effect.map(Server, ({ origin }) => new SquareClient({ token: accessToken, baseUrl: origin }).payments)

/** This library against the recording server. It waits a little less than it would in production. */
const ours = Layer.unwrapEffect(Effect.map(Server, ({ origin }) =>
  Square.layer({
    accessToken: Redacted.make(accessToken),
    baseUrl: origin,
    version,
    policy: { attemptTimeout: "1 second", backoff: { initial: "10 millis" } }
  }).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.orDie)))

/** What Square's library resolves with is of several types, and rejects with anything. */
const promised = (run: () => PromiseLike<unknown>): Effect.Effect<unknown, unknown> =>
  Effect.tryPromise({ try: () => Promise.resolve(run()), catch: (error) => error })

type Payments = Effect.Effect.Success<typeof official>

/**
 * How Square's library is called: without its retries, unless they are what is compared. Its
 * own option knows one version only, so the version is set as a header.
 */
interface Calling {
  readonly headers: Record<string, string>
  readonly maxRetries?: number
  readonly timeoutInSeconds?: number
}

const asConfigured: Calling = { headers: { "Square-Version": version } }
const once: Calling = { ...asConfigured, maxRetries: 0, timeoutInSeconds: 1 }

/** Both cancels on both sides, and how this library names them. */
const operations = {
  cancel: {
    official: (api: Payments, id: string, calling: Calling) => api.cancel({ paymentId: id }, calling),
    ours: (id: string): Effect.Effect<unknown, Square.CancelError, Square.Square> => Square.cancel({ paymentId: id }),
    success: (id: string) => ({ payment: { id, status: "CANCELED" } }),
    tag: "Cancelled"
  },
  cancelByCreationKey: {
    official: (api: Payments, id: string, calling: Calling) =>
      api.cancelByIdempotencyKey({ idempotencyKey: id }, calling),
    ours: (id: string): Effect.Effect<unknown, Square.CancelError, Square.Square> =>
      Square.cancelByCreationKey({ creationKey: id }),
    success: () => ({}),
    tag: "CancellationAcknowledged"
  }
} as const

type Operation = (typeof operations)[keyof typeof operations]

/** Gives both the same answers, and says what each made of them and what it sent. */
const compare = (calling: Calling) => (operation: Operation, id: string, ...answers: ReadonlyArray<Prepared>) =>
  Effect.gen(function*() {
    const server = yield* Server
    const api = yield* official
    server.prepare(...answers)
    const theirs = yield* Effect.either(promised(() => operation.official(api, id, calling)))
    const theirRequests = server.recorded()
    server.prepare(...answers)
    const mine = yield* Effect.either(Effect.provide(operation.ours(id), ours))
    return { theirs, theirRequests, mine, myRequests: server.recorded() }
  })

const both = compare(once)

/** What must be the same on both sides. */
const essence = ({ body, headers, method, path }: Recorded) => ({
  method,
  path,
  authorization: headers["authorization"],
  version: headers["square-version"],
  idempotencyKey: headers["idempotency-key"],
  contentType: headers["content-type"],
  contentLength: headers["content-length"],
  body
})

const refused = (status: number, ...codes: ReadonlyArray<string>): Answer => ({
  status,
  body: { errors: codes.map((code) => ({ category: "API_ERROR", code, detail: "in Square's words", field: "f" })) }
})

const payment = (status: string, id = "P1"): Answer => ({ status: 200, body: { payment: { id, status } } })

const left = <A, E>(result: Either.Either<A, E>): E => Option.getOrThrow(Either.getLeft(result))

const squareError = (result: Either.Either<unknown, unknown>): SquareError => {
  const error = left(result)
  assert(error instanceof SquareError)
  return error
}

const includes = (actual: unknown, expected: object) => {
  assert(typeof actual === "object" && actual !== null)
  return assert.deepInclude(actual, expected)
}

const cancels = (requests: ReadonlyArray<Recorded>) => requests.filter(({ method }) => method === "POST")

/** With a server of its own. */
const served = (title: string, test: () => Effect.Effect<void, unknown, Server>, timeout?: number) =>
  it.live(title, () => Effect.provide(test(), live), timeout)

// Theirs waits for seconds, which no clock of ours shortens: at the same time, then.
describe.concurrent("Square and its npm library", () => {
  for (const [turn, [name, operation]] of Object.entries(operations).entries()) {
    describe(name, () => {
      for (const id of ["P1", "a/b c?d#e%2fü:€", "x".repeat(45), "\"quoted\""]) {
        served(`sends the same for ${id}`, () =>
          Effect.gen(function*() {
            const answer = { status: 200, body: operation.success(id) }
            const { mine, myRequests, theirRequests, theirs } = yield* both(operation, id, answer)
            assert.lengthOf(myRequests, 1)
            assert.deepStrictEqual(myRequests.map(essence), theirRequests.map(essence))
            assert.strictEqual(myRequests[0]!.headers["authorization"], `Bearer ${accessToken}`)
            assert.isUndefined(myRequests[0]!.headers["idempotency-key"])
            includes(Either.getOrThrow(theirs), answer.body)
            includes(Either.getOrThrow(mine), { _tag: operation.tag, paymentId: id })
          }))
      }

      for (const [className, { code, httpStatus, outcome }] of inTurns(Object.entries(Errors.table(Square)), turn, 4)) {
        for (const status of httpStatus) {
          served(`reads ${code} on a ${status} alike`, () =>
            Effect.gen(function*() {
              // What this library reads after it is no cancel any more: the payment is as it was.
              const { mine, myRequests, theirRequests, theirs } = yield* both(
                operation,
                "P1",
                refused(status, code),
                status === 429 ? refused(status, code) : payment("APPROVED")
              )
              const exception = squareError(theirs)
              const error = left(mine)
              assert.strictEqual<string>(error._tag, `Square.${className}`)
              assert.strictEqual(error.outcome, outcome)
              assert.deepStrictEqual(
                [error.code, error.httpStatus],
                [exception.errors[0]?.code ?? null, Option.fromNullable(exception.statusCode)]
              )
              assert.deepStrictEqual(Option.getOrThrow(error.details), exception.errors)
              assert.include(error.message, "in Square's words")
              assert.lengthOf(theirRequests, 1)
              assert.lengthOf(cancels(myRequests), status === 429 ? 3 : 1)
            }))
        }
      }

      served("keeps a code that it does not know", () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both(operation, "P1", refused(400, "SOMETHING_NEW"), payment("APPROVED"))
          assert.strictEqual<string | undefined>(squareError(theirs).errors[0]?.code, "SOMETHING_NEW")
          includes(left(mine), { _tag: "Square.Unrecognized", code: "SOMETHING_NEW" })
        }))

      served("differ on an answer that is lost: nothing is sent again, and this one says what is known", () =>
        Effect.gen(function*() {
          const { mine, myRequests, theirRequests, theirs } = yield* both(operation, "P1", "Lost", payment("APPROVED"))
          const exception = squareError(theirs)
          assert.isUndefined(exception.statusCode)
          assert.lengthOf(cancels(theirRequests), 1)
          assert.lengthOf(cancels(myRequests), 1)
          includes(left(mine), { _tag: "CancelError.NoResponse", outcome: "Unknown" })
        }))

      served("differ on an answer that never comes", () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both(operation, "P1", "Silence", payment("APPROVED"))
          assert.include(squareError(theirs).message, "timeout")
          includes(left(mine), { _tag: "CancelError.NoResponse", outcome: "Unknown" })
        }))

      served("differ on a 200 with errors: theirs takes it for success", () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both(operation, "P1", refused(200, "BAD_REQUEST"), payment("APPROVED"))
          assert.isTrue(Either.isRight(theirs))
          includes(left(mine), { _tag: "CancelError.UnexpectedResponse", code: "BAD_REQUEST", outcome: "Unknown" })
        }))

      served("differ on the first of several errors", () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both(
            operation,
            "P1",
            refused(400, "NOT_FOUND", "TEMPORARY_ERROR"),
            payment("APPROVED")
          )
          assert.strictEqual(squareError(theirs).errors[0]?.code, "NOT_FOUND")
          includes(left(mine), { _tag: "Square.TemporaryError", outcome: "Unknown" })
        }))

      served("differ on a received 5xx: by default theirs sends the cancel again", () =>
        Effect.gen(function*() {
          const answers = [
            { ...refused(500, "INTERNAL_SERVER_ERROR"), headers: { "retry-after": "1" } },
            { status: 200, body: operation.success("P1") }
          ]
          const { mine, myRequests, theirRequests, theirs } = yield* compare(asConfigured)(operation, "P1", ...answers)
          assert.isTrue(Either.isRight(theirs))
          assert.lengthOf(cancels(theirRequests), 2)
          assert.lengthOf(cancels(myRequests), 1)
          if (name === "cancel") {
            // The second answer is the one to its status query.
            includes(Either.getOrThrow(mine), { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
          } else {
            includes(left(mine), { _tag: "Square.InternalServerError", outcome: "Unknown" })
          }
        }), 10_000)
    })
  }

  const { cancel, cancelByCreationKey } = operations

  describe("differ on purpose", () => {
    served("when the answer was lost and the payment is cancelled", () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirs } = yield* both(cancel, "P1", "Lost", payment("CANCELED"))
        assert.instanceOf(left(theirs), SquareError)
        assert.deepStrictEqual(myRequests.map(({ method, path }) => [method, path]), [
          ["POST", "/v2/payments/P1/cancel"],
          ["GET", "/v2/payments/P1"]
        ])
        includes(Either.getOrThrow(mine), { _tag: "Cancelled", evidence: "StatusQuery" })
      }))

    served("when the payment was cancelled before", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both(
          cancel,
          "P1",
          refused(400, "DELAYED_TRANSACTION_CANCELED"),
          payment("CANCELED")
        )
        assert.strictEqual(squareError(theirs).errors[0]?.code, "DELAYED_TRANSACTION_CANCELED")
        includes(Either.getOrThrow(mine), { _tag: "AlreadyCancelled", evidence: "StatusQuery" })
      }))

    served("when it was captured: its status is in the error", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both(cancel, "P1", refused(400, "BAD_REQUEST"), payment("COMPLETED"))
        assert.strictEqual(squareError(theirs).statusCode, 400)
        includes(left(mine), { category: "NotCancellable", paymentStatus: Option.some("COMPLETED") })
      }))

    for (
      const [title, body] of [
        ["names another payment", { payment: { id: "P2", status: "CANCELED" } }],
        ["says that it is still approved", { payment: { id: "P1", status: "APPROVED" } }],
        ["is empty", {}]
      ] as const
    ) {
      served(`when a 200 ${title}`, () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both(cancel, "P1", { status: 200, body })
          assert.isTrue(Either.isRight(theirs))
          includes(left(mine), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
        }))
    }

    served("not on too many requests: both send the cancel again, twice", () =>
      Effect.gen(function*() {
        const answer = { ...refused(429, "RATE_LIMITED"), headers: { "retry-after": "1" } }
        const { mine, myRequests, theirRequests, theirs } = yield* compare(asConfigured)(cancel, "P1", answer)
        assert.strictEqual(squareError(theirs).statusCode, 429)
        includes(left(mine), { _tag: "Square.RateLimited", attempts: 3 })
        assert.lengthOf(theirRequests, 3)
        assert.deepStrictEqual(myRequests.map(essence), theirRequests.map(essence))
      }), 15_000)

    served("not on when the limit is over, where only X-RateLimit-Reset says so: both wait until then", () =>
      Effect.gen(function*() {
        const server = yield* Server
        const api = yield* official
        const prepare = () => {
          const reset = String(Math.floor(Date.now() / 1000) + 3)
          server.prepare({ ...refused(429, "RATE_LIMITED"), headers: { "x-ratelimit-reset": reset } }, payment("CANCELED"))
        }
        prepare()
        const [theirTime] = yield* Effect.timed(promised(() => cancel.official(api, "P1", asConfigured)))
        prepare()
        const [myTime, mine] = yield* Effect.timed(Effect.provide(cancel.ours("P1"), ours))
        includes(mine, { _tag: "Cancelled", attempts: 2 })
        // Two to three seconds are left until then; of itself it would wait for one.
        assert.isAbove(Duration.toMillis(theirTime), 1_500)
        assert.isAbove(Duration.toMillis(myTime), 1_500)
      }), 15_000)

    served("in the version, unless it is given", () =>
      Effect.gen(function*() {
        const server = yield* Server
        const api = yield* official
        server.prepare(payment("CANCELED"))
        yield* promised(() => api.cancel({ paymentId: "P1" }))
        assert.strictEqual(server.recorded()[0]?.headers["square-version"], "2026-09-16")
      }))

    served("with an id that leads elsewhere", () =>
      Effect.gen(function*() {
        for (const [id, path] of [["", "/v2/payments//cancel"], ["..", "/v2/cancel"]] as const) {
          const { mine, myRequests, theirRequests } = yield* both(cancel, id, payment("CANCELED", id))
          assert.deepStrictEqual(theirRequests.map((request) => request.path), [path])
          assert.lengthOf(myRequests, 0)
          includes(left(mine), { _tag: "CancelError.InvalidCancelRequest", field: "paymentId" })
        }
      }))

    served("with a creation key that cannot be one", () =>
      Effect.gen(function*() {
        for (const key of ["", "k".repeat(46)]) {
          const { mine, myRequests, theirRequests } = yield* both(cancelByCreationKey, key, { status: 200, body: {} })
          assert.lengthOf(theirRequests, 1)
          assert.lengthOf(myRequests, 0)
          includes(left(mine), { _tag: "CancelError.InvalidCancelRequest", field: "creationKey" })
        }
      }))
  })
})
