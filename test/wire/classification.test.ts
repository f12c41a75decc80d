/**
 * What an HTTP client may raise, and whether it proves that nothing was sent. Only what is on the
 * list does; everything else may have been applied, also what merely looks like the list.
 */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { Cancel } from "effect-payment-cancel"
import { granting } from "../support/granting.js"
import { complete, sides } from "./Side.js"
import { assertShows, paymentId, quick, verdictOf } from "./Trial.js"

type Raise = (request: HttpClientRequest.HttpClientRequest) => Effect.Effect<never, HttpClientError.HttpClientError>

const nodeError = (fields: { readonly [field: string]: unknown }): Error => Object.assign(new Error("raised"), fields)

const transport = (cause?: unknown): Raise => (request) =>
  Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause }))

const requestError = (reason: "Encode" | "InvalidUrl"): Raise => (request) =>
  Effect.fail(new HttpClientError.RequestError({ request, reason, cause: new Error("raised") }))

/** An error of a response proves that the request was sent, whatever its cause looks like. */
const responseError = (reason: "Decode" | "EmptyBody", cause: unknown): Raise => (request) =>
  Effect.fail(
    new HttpClientError.ResponseError({
      request,
      response: HttpClientResponse.fromWeb(request, new Response("{}", { status: 404 })),
      reason,
      cause
    })
  )

const both = (
  combine: <E>(left: Cause.Cause<E>, right: Cause.Cause<E>) => Cause.Cause<E>,
  ...[left, right]: readonly [unknown, unknown]
): Raise => (request) => {
  const fail = (cause: unknown) => Cause.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause }))
  return Effect.failCause(combine(fail(left), fail(right)))
}

const refused = nodeError({ code: "ECONNREFUSED", syscall: "connect" })
const wasReset = nodeError({ code: "ECONNRESET", syscall: "read" })

const certificateCodes = [
  "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "CERT_REVOKED", "CERT_UNTRUSTED", "CERT_REJECTED",
  "CERT_SIGNATURE_FAILURE", "CERT_CHAIN_TOO_LONG", "HOSTNAME_MISMATCH", "INVALID_CA", "INVALID_PURPOSE", "ERR_TLS_CERT_ALTNAME_INVALID"
]

const notSent: ReadonlyArray<readonly [name: string, raise: Raise]> = [
  ["an invalid URL", requestError("InvalidUrl")],
  ["a body that cannot be encoded", requestError("Encode")],
  ["a refused connection", transport(refused)],
  ["a refused connection, one level down", transport(new TypeError("fetch failed", { cause: refused }))],
  ["a host that is out of reach", transport(nodeError({ code: "EHOSTUNREACH", syscall: "connect" }))],
  ["a name that does not resolve", transport(nodeError({ code: "ENOTFOUND", syscall: "getaddrinfo" }))],
  ["a name server that does not answer", transport(nodeError({ code: "EAI_AGAIN", syscall: "getaddrinfo" }))],
  ["a connection that takes too long", transport(nodeError({ code: "UND_ERR_CONNECT_TIMEOUT" }))],
  ["a server without TLS, where the words tell", transport(nodeError({
    code: "ERR_SSL_WRONG_VERSION_NUMBER",
    message: "0A00010B:SSL routines:tls_validate_record_header:wrong version number:ssl/record/methods/tlsany_meth.c:77:"
  }))],
  ["every address refused", transport(new AggregateError([refused, nodeError({ code: "ETIMEDOUT", syscall: "connect" })]))],
  ["two failures at once that both prove it", both(Cause.parallel, refused, refused)],
  ["two failures in a row that both prove it", both(Cause.sequential, refused, refused)],
  ...certificateCodes.map((code) => [`the certificate: ${code}`, transport(nodeError({ code }))] as const)
]

const maybeApplied: ReadonlyArray<readonly [name: string, raise: Raise]> = [
  ["a failure without a cause", transport()],
  ["a failed fetch of a browser", transport(new TypeError("Failed to fetch"))],
  ["a cause that is a text", transport("connect ECONNREFUSED 127.0.0.1:80")],
  ["a cause that is null", transport(null)],
  ["a reset", transport(wasReset)],
  ["a broken pipe", transport(nodeError({ code: "EPIPE", syscall: "write" }))],
  ["a code without a system call", transport(nodeError({ code: "ECONNREFUSED" }))],
  ["a code in the message only", transport(new Error("connect ECONNREFUSED"))],
  ["a timeout of the read", transport(nodeError({ code: "ETIMEDOUT", syscall: "read" }))],
  ["headers that take too long", transport(nodeError({ code: "UND_ERR_HEADERS_TIMEOUT" }))],
  ["a body that takes too long", transport(nodeError({ code: "UND_ERR_BODY_TIMEOUT" }))],
  ["a closed socket", transport(nodeError({ code: "UND_ERR_SOCKET" }))],
  ["an aborted request", transport(nodeError({ code: "UND_ERR_ABORTED" }))],
  ["a parser that gave up", transport(nodeError({ code: "HPE_INVALID_CONSTANT" }))],
  ["no TLS, in words that say nothing of when", transport(nodeError({ code: "ERR_SSL_WRONG_VERSION_NUMBER" }))],
  ["a protocol error while writing", transport(nodeError({ code: "EPROTO", syscall: "write" }))],
  ["one address refused, and one reset", transport(new AggregateError([refused, wasReset]))],
  ["no address at all", transport(new AggregateError([]))],
  ["two failures at once, one of which proves nothing", both(Cause.parallel, refused, wasReset)],
  ["two failures in a row, one of which proves nothing", both(Cause.sequential, wasReset, refused)],
  ["an answer that breaks off", responseError("Decode", wasReset)],
  ["an answer that breaks off with an error of a connection", responseError("Decode", refused)],
  ["an answer that breaks off with an error of a certificate", responseError("Decode", nodeError({ code: "CERT_HAS_EXPIRED" }))]
]

/** What a wrapper does besides, such as recording each answer elsewhere, and what may become of that. */
const besides = HttpClientRequest.post("http://records.test/answers").pipe(HttpClientRequest.bodyUnsafeJson({ answered: true }))

const ofAnother: ReadonlyArray<readonly [name: string, raise: Raise]> = [
  ["a refused connection", () => transport(refused)(besides)],
  ["an address that is none", () => requestError("InvalidUrl")(besides)],
  ["no answer to a query", () => transport(refused)(HttpClientRequest.get("http://records.test/"))],
  ["an answer that is a refusal", () =>
    Effect.fail(
      new HttpClientError.ResponseError({
        request: besides,
        response: HttpClientResponse.fromWeb(besides, new Response("{}", { status: 404 })),
        reason: "StatusCode"
      })
    )],
  // As a client's that is made of another library's, and whose types do not tell.
  ["an error of another library", () => Effect.fail(Object.assign(new Error("refused", { cause: refused }), { request: {} }) as never)]
]

/** A cause that leads back to itself. */
const circular = nodeError({ code: "EWHATEVER" })
circular.cause = circular

/** How an error is taken is no matter of the provider; what follows from it is, by its licence. */
for (const side of [complete, ...sides.filter(({ repeats }) => !repeats("NoAnswer")).slice(0, 1)]) {
  describe.concurrent(side.name, () => {
    const verdictOn = (raise: Raise, wrap: (client: HttpClient.HttpClient) => HttpClient.HttpClient = (client) => client) =>
      side.cancel({ url: "http://127.0.0.1:1" }, { paymentId }).pipe(
        Cancel.withPolicy(quick),
        Effect.provideService(HttpClient.HttpClient, granting(side.way)(wrap(HttpClient.make((request) => raise(request))))),
        Effect.either,
        Effect.map(verdictOf)
      )

    for (const [name, raise] of notSent) {
      it.live(`${name} proves that nothing was sent`, () =>
        Effect.gen(function*() {
          const verdict = yield* verdictOn(raise)
          assertShows(verdict, { failure: "CancelError.NotSent", outcome: "NotCancelled", category: "Network" })
          assert.isAtMost(verdict.attempts, quick.attempts)
        }))
    }

    const wrappers: ReadonlyArray<readonly [name: string, change: (request: HttpClientRequest.HttpClientRequest) => HttpClientRequest.HttpClientRequest]> = [
      ["sends it elsewhere", HttpClientRequest.setUrl("http://proxy.test/")],
      ["adds a header", HttpClientRequest.setHeader("user-agent", "shop/7.1")],
      ["writes its body anew", HttpClientRequest.bodyText("anew")]
    ]
    for (const [name, change] of wrappers) {
      it.live(`a refused connection proves that nothing was sent where a wrapper ${name}`, () =>
        Effect.gen(function*() {
          const verdict = yield* verdictOn(transport(refused), HttpClient.mapRequest(change))
          assertShows(verdict, { failure: "CancelError.NotSent", outcome: "NotCancelled" })
        }))
    }

    for (const [name, raise] of ofAnother) {
      it.live(`${name}, of a request that a wrapper makes besides, proves nothing`, () =>
        Effect.gen(function*() {
          const verdict = yield* verdictOn(raise)
          assertShows(verdict, { failure: "CancelError.NoResponse", outcome: "Unknown", category: "Network" })
          assert.deepInclude<object>(verdict, { attempts: side.repeats("NoAnswer") ? quick.attempts : 1 })
        }))
    }

    for (const [name, raise] of [...maybeApplied, ["a cause that leads back to itself", transport(circular)] as const]) {
      it.live(`${name} proves nothing`, () =>
        Effect.gen(function*() {
          const verdict = yield* verdictOn(raise)
          assertShows(verdict, { failure: "CancelError.NoResponse", outcome: "Unknown", category: "Network" })
          assert.deepInclude<object>(verdict, { attempts: side.repeats("NoAnswer") ? quick.attempts : 1 })
        }))
    }

    it.live("nothing sent first, and then something lost: unknown", () =>
      Effect.gen(function*() {
        let requests = 0
        const verdict = yield* verdictOn((request) => transport(requests++ === 0 ? refused : wasReset)(request))
        assertShows(verdict, { failure: "CancelError.NoResponse", outcome: "Unknown" })
      }))

    it.live("something lost first, and then nothing sent: unknown", () =>
      Effect.gen(function*() {
        let requests = 0
        const verdict = yield* verdictOn((request) => transport(requests++ === 0 ? wasReset : refused)(request))
        assertShows(verdict, { failure: "CancelError.NoResponse", outcome: "Unknown" })
      }))
  })
}
