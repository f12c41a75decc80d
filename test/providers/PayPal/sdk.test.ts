/**
 * The same void through PayPal's official SDK and through this library, to one server that
 * writes down what it is sent and answers both alike. Nothing leaves the machine: the SDK, which
 * knows no base URL, has its requests sent elsewhere.
 */
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ApiError, Client, Environment, PaymentsController } from "@paypal/paypal-server-sdk"
import { PayPal } from "effect-payment-cancel"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Http from "node:http"
import Https from "node:https"
import type { AddressInfo } from "node:net"
import * as Errors from "../../../src/authoring/Errors.js"

const clientId = "AZ-sdk-comparison"
const clientSecret = "EJ-sdk-comparison"
const accessToken = "A21AA-sdk-comparison"
const paymentId = "0VF52814937998046"

interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** A request is answered, or its connection is cut after it was read whole. */
type Play = Answer | "lost"

interface Plays {
  readonly token?: ReadonlyArray<Play>
  readonly POST?: ReadonlyArray<Play>
  readonly GET?: ReadonlyArray<Play>
}

interface Received {
  readonly kind: keyof Plays
  readonly method: string
  readonly path: string
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

const granted: Answer = {
  status: 200,
  body: { scope: "s", access_token: accessToken, token_type: "Bearer", app_id: "APP-1", expires_in: 32_400, nonce: "n" }
}

const kindOf = ({ method, url }: Http.IncomingMessage): keyof Plays => {
  if (url === "/v1/oauth2/token") return "token"
  return method === "GET" ? "GET" : "POST"
}

/** A server for one comparison; the last of the plays of a kind is repeated. */
const serving = (plays: Plays) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly take: () => ReadonlyArray<Received>; readonly stop: () => void }>((resume) => {
      let received: Array<Received> = []
      const server = Http.createServer((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          const kind = kindOf(request)
          const mine = plays[kind] ?? (kind === "token" ? [granted] : [])
          const nth = received.filter((each) => each.kind === kind).length
          received.push({
            kind,
            method: request.method ?? "",
            path: request.url ?? "",
            headers: request.headers,
            body: Buffer.concat(chunks).toString()
          })
          const play = mine[Math.min(nth, mine.length - 1)] ?? { status: 501 }
          if (play === "lost") return void request.socket.destroy()
          response.writeHead(play.status, { "content-type": "application/json", "paypal-debug-id": `debug-${nth}`, ...play.headers })
          response.end(play.body === undefined || typeof play.body === "string" ? play.body : JSON.stringify(play.body))
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

/** Whatever goes out by `https` goes to the port instead, in clear: the SDK has no option for it. */
const redirected = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const original = Https.request
      const elsewhere = (options: Http.RequestOptions, callback?: (response: Http.IncomingMessage) => void) =>
        Http.request({ ...options, protocol: "http:", hostname: "127.0.0.1", host: "127.0.0.1", port, agent: undefined }, callback)
      Object.assign(Https, { request: elsewhere })
      return original
    }),
    (original) => Effect.sync(() => void Object.assign(Https, { request: original }))
  )

const sdk = () =>
  new PaymentsController(
    new Client({
      clientCredentialsAuthCredentials: { oAuthClientId: clientId, oAuthClientSecret: clientSecret },
      environment: Environment.Sandbox,
      timeout: 0
    })
  )

/** What the SDK makes of it: its response, or the error it throws. */
const bySdk = <A>(call: () => Promise<A>) =>
  Effect.promise(() => call().then((response) => Either.right(response), (error: ApiError | Error) => Either.left(error)))

const layer = (port: number) =>
  PayPal.layer({
    clientId,
    clientSecret: Redacted.make(clientSecret),
    baseUrl: `http://127.0.0.1:${port}`,
    policy: { backoff: { initial: 10, maximum: 20 } }
  }).pipe(Layer.provide(NodeHttpClient.layerUndici))

const byUs = (port: number, request: Partial<PayPal.CancelRequest> = {}) =>
  Effect.either(PayPal.cancel({ paymentId, ...request })).pipe(Effect.provide(layer(port)))

const voiding = (more: object = {}) => ({ authorizationId: paymentId, prefer: "return=representation", ...more })

/** Both, one after the other, to a server that begins anew for each. */
const both = (plays: Plays, more: object = {}) =>
  Effect.gen(function*() {
    const server = yield* serving(plays)
    yield* redirected(server.port)
    const theirs = yield* bySdk(() => sdk().voidPayment(voiding(more)))
    const theirRequests = server.take()
    const ours = yield* byUs(server.port)
    return { theirs, theirRequests, ours, ourRequests: server.take() }
  })

const kinds = (requests: ReadonlyArray<Received>) => requests.map(({ kind }) => kind).join(" ")

const authorization = (status: string, more: object = {}) => ({
  id: paymentId,
  status,
  amount: { currency_code: "USD", value: "10.99" },
  create_time: "2026-01-14T10:30:00Z",
  update_time: "2026-01-14T10:31:00Z",
  ...more
})

const voided: Answer = { status: 200, body: authorization("VOIDED") }
const open: Answer = { status: 200, body: authorization("CREATED") }

const refusal = (status: number, name: string, issue?: string): Answer => ({
  status,
  body: {
    name,
    message: "PayPal's words",
    debug_id: "in-the-body",
    ...(issue === undefined ? {} : { details: [{ issue, description: "PayPal's words about it" }] })
  }
})

const thrownBy = (theirs: Either.Either<unknown, ApiError | Error>) => Option.getOrThrow(Either.getLeft(theirs))

const telling = (request: Received, ...names: ReadonlyArray<string>): Record<string, unknown> => ({
  method: request.method,
  path: request.path,
  ...Object.fromEntries(names.map((name) => [name, request.headers[name]]))
})

describe("the same request as the SDK's", () => {
  it.scopedLive("for an access token", () =>
    Effect.gen(function*() {
      const { ourRequests, theirRequests } = yield* both({ POST: [voided] })
      const names = ["authorization", "content-type", "content-length", "accept"]
      assert.deepStrictEqual(telling(ourRequests[0]!, ...names), telling(theirRequests[0]!, ...names))
      assert.strictEqual(ourRequests[0]!.body, theirRequests[0]!.body)
      assert.deepInclude(telling(ourRequests[0]!, "authorization"), {
        method: "POST",
        path: "/v1/oauth2/token",
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`
      })
    }))

  it.scopedLive("for a void", () =>
    Effect.gen(function*() {
      const server = yield* serving({ POST: [voided] })
      yield* redirected(server.port)
      yield* Effect.promise(() => sdk().voidPayment(voiding({ paypalRequestId: "order-1042" })))
      const theirs = server.take()[1]!
      yield* byUs(server.port, { idempotencyKey: "order-1042" })
      const ours = server.take()[1]!
      const names = ["authorization", "prefer", "paypal-request-id", "accept"]
      assert.deepStrictEqual(telling(ours, ...names), telling(theirs, ...names))
      assert.deepInclude(telling(ours, ...names), {
        method: "POST",
        path: `/v2/payments/authorizations/${paymentId}/void`,
        authorization: `Bearer ${accessToken}`
      })
      // The SDK sends nothing, and calls it a form; PayPal's guide sends an empty object.
      assert.deepStrictEqual([theirs.body, theirs.headers["content-type"]], ["", "application/x-www-form-urlencoded"])
      assert.deepStrictEqual([ours.body, ours.headers["content-type"]], ["{}", "application/json"])
    }))

  it.scopedLive("for the status", () =>
    Effect.gen(function*() {
      const server = yield* serving({ GET: [open] })
      yield* redirected(server.port)
      yield* Effect.promise(() => sdk().getAuthorizedPayment({ authorizationId: paymentId }))
      const theirs = server.take()[1]!
      yield* PayPal.status({ paymentId }).pipe(Effect.provide(layer(server.port)))
      const names = ["authorization", "content-type", "accept"]
      assert.deepStrictEqual(telling(server.take()[1]!, ...names), telling(theirs, ...names))
    }))

  it.scopedLive("and the same path for an unusual id", () =>
    Effect.gen(function*() {
      const authorizationId = "A B/../c?x"
      const server = yield* serving({ POST: [voided] })
      yield* redirected(server.port)
      yield* Effect.promise(() => sdk().voidPayment(voiding({ authorizationId })))
      const theirs = server.take()[1]!
      yield* byUs(server.port, { paymentId: authorizationId })
      assert.strictEqual(server.take()[1]!.path, theirs.path)
    }))

  it.scopedLive("but for a key, which the SDK sends only if it is given one", () =>
    Effect.gen(function*() {
      const { ourRequests, theirRequests } = yield* both({ POST: [voided] })
      assert.isUndefined(theirRequests[1]!.headers["paypal-request-id"])
      assert.match(String(ourRequests[1]!.headers["paypal-request-id"]), /^[-\da-f]{36}$/)
    }))
})

describe("the same answer as the SDK's", () => {
  it.scopedLive("success", () =>
    Effect.gen(function*() {
      const { ours, theirs } = yield* both({ POST: [voided] })
      const { result, statusCode } = Either.getOrThrow(theirs)
      const cancelled = Either.getOrThrow(ours)
      assert(cancelled._tag === "Cancelled")
      assert.strictEqual(statusCode, 200)
      const payload = Option.getOrThrow(cancelled.payload)
      assert.deepStrictEqual([payload.id, payload.status, Option.getOrNull(payload.update_time)], [result?.id, result?.status, result?.updateTime])
      assert.deepStrictEqual(cancelled.requestId, Option.some("debug-0"))
    }))

  const noVoid = ["PreviouslyVoided", "NotConfirmed", "InvalidClient", "UnauthorizedClient", "UnsupportedGrantType"]
  for (const [name, { code, httpStatus: [status], outcome }] of Object.entries(Errors.table(PayPal))) {
    if (noVoid.includes(name)) continue
    it.scopedLive(`${status} ${code ?? "without a code"}`, () =>
      Effect.gen(function*() {
        const isOAuth = code === "invalid_token"
        const answer: Answer = code === null
          ? { status }
          : isOAuth
          ? { status, body: { error: code, error_description: "words" } }
          : refusal(status, "ANY_NAME", code)
        const { ours, theirs } = yield* both({ POST: [answer], GET: [open] })
        const thrown = thrownBy(theirs)
        const failed = Option.getOrThrow(Either.getLeft(ours))
        assert(thrown instanceof ApiError)
        assert.strictEqual<string>(failed._tag, `PayPal.${name}`)
        assert.strictEqual(failed.outcome, outcome)
        assert.deepStrictEqual(failed.httpStatus, Option.some(thrown.statusCode))
        if (code !== null) assert.include(String(thrown.body), code)
      }))
  }
})

describe("where this library differs on purpose from the SDK", () => {
  it.scopedLive("a 204", () =>
    Effect.gen(function*() {
      const { ourRequests, ours, theirs } = yield* both({ POST: [{ status: 204 }], GET: [voided] })
      assert.isNull(Either.getOrThrow(theirs).result)
      assert.deepInclude(Either.getOrThrow(ours), { _tag: "Cancelled", evidence: "StatusQuery" })
      assert.strictEqual(kinds(ourRequests), "token POST GET")
      const unread = yield* both({ POST: [{ status: 204 }], GET: [{ status: 404 }] })
      assert.deepInclude(Option.getOrThrow(Either.getLeft(unread.ours)), { _tag: "PayPal.NotConfirmed", outcome: "Unknown" })
    }))

  it.scopedLive("the answer is lost, and the authorization is voided", () =>
    Effect.gen(function*() {
      const { ourRequests, ours, theirRequests, theirs } = yield* both({ POST: ["lost"], GET: [voided] })
      assert.include(String(thrownBy(theirs)), "socket hang up")
      assert.strictEqual(kinds(theirRequests), "token POST")
      assert.deepInclude(Either.getOrThrow(ours), { _tag: "Cancelled", evidence: "StatusQuery" })
      const keys = ourRequests.flatMap(({ headers, kind }) => kind === "POST" ? [headers["paypal-request-id"]] : [])
      assert.strictEqual(new Set(keys).size, 1)
    }))

  for (
    const [name, answer, requests] of [
      ["a 503, then success", refusal(503, "SERVICE_UNAVAILABLE"), "token POST POST"],
      ["our own request is still running, then success", refusal(409, "RESOURCE_CONFLICT", "PREVIOUS_REQUEST_IN_PROGRESS"), "token POST POST"],
      ["too many requests, then success", refusal(429, "RATE_LIMIT_REACHED"), "token POST POST"]
    ] as const
  ) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const { ourRequests, ours, theirRequests, theirs } = yield* both({ POST: [answer, voided] })
        assert.instanceOf(thrownBy(theirs), ApiError)
        assert.strictEqual(kinds(theirRequests), "token POST")
        assert.deepInclude(Either.getOrThrow(ours), { _tag: "Cancelled", evidence: "Response", attempts: 2 })
        assert.strictEqual(kinds(ourRequests), requests)
      }))
  }

  it.scopedLive("a second void", () =>
    Effect.gen(function*() {
      const { ourRequests, ours, theirs } = yield* both({ POST: [refusal(422, "UNPROCESSABLE_ENTITY", "PREVIOUSLY_VOIDED")] })
      assert.instanceOf(thrownBy(theirs), ApiError)
      assert.strictEqual(Either.getOrThrow(ours)._tag, "AlreadyCancelled")
      assert.strictEqual(kinds(ourRequests), "token POST")
    }))

  for (
    const [name, body] of [
      ["another status", authorization("CREATED")],
      ["another authorization", authorization("VOIDED", { id: "another" })],
      ["nothing", {}]
    ] as const
  ) {
    it.scopedLive(`a 200 with ${name}`, () =>
      Effect.gen(function*() {
        const { ours, theirs } = yield* both({ POST: [{ status: 200, body }], GET: [{ status: 404 }] })
        assert.isTrue(Either.isRight(theirs))
        assert.deepInclude(Option.getOrThrow(Either.getLeft(ours)), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
      }))
  }

  it.scopedLive("the access token was withdrawn", () =>
    Effect.gen(function*() {
      const withdrawn: Answer = { status: 401, body: { error: "invalid_token", error_description: "Access Token not found in cache" } }
      const server = yield* serving({ GET: [open], POST: [withdrawn, voided] })
      yield* redirected(server.port)
      const theirs = sdk()
      yield* Effect.promise(() => theirs.getAuthorizedPayment({ authorizationId: paymentId }))
      assert.instanceOf(thrownBy(yield* bySdk(() => theirs.voidPayment(voiding()))), ApiError)
      assert.strictEqual(kinds(server.take()), "token GET POST")
      const ours = yield* Effect.zipRight(PayPal.status({ paymentId }), PayPal.cancel({ paymentId })).pipe(Effect.provide(layer(server.port)))
      assert.strictEqual(ours._tag, "Cancelled")
      assert.strictEqual(kinds(server.take()), "token GET POST token POST")
    }))

  it.scopedLive("an access token is not granted", () =>
    Effect.gen(function*() {
      const { ourRequests, ours, theirRequests, theirs } = yield* both({
        token: [{ status: 401, body: { error: "invalid_client", error_description: "Client Authentication failed" } }]
      })
      assert.deepInclude(thrownBy(theirs), { statusCode: 401 })
      assert.strictEqual(thrownBy(theirs).constructor.name, "OAuthProviderError")
      assert.deepInclude(Option.getOrThrow(Either.getLeft(ours)), { _tag: "PayPal.InvalidClient", outcome: "NotCancelled" })
      assert.deepStrictEqual([kinds(theirRequests), kinds(ourRequests)], ["token", "token"])
    }))

  it.scopedLive("the id is empty", () =>
    Effect.gen(function*() {
      const server = yield* serving({ POST: [voided] })
      yield* redirected(server.port)
      yield* bySdk(() => sdk().voidPayment(voiding({ authorizationId: "" })))
      assert.strictEqual(server.take()[1]!.path, "/v2/payments/authorizations/void")
      const ours = yield* byUs(server.port, { paymentId: "" })
      assert.deepInclude(Option.getOrThrow(Either.getLeft(ours)), { _tag: "CancelError.InvalidCancelRequest", field: "paymentId" })
      assert.deepStrictEqual(server.take(), [])
    }))
})
