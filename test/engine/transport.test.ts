import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { judgeTransport } from "../../src/engine/transport.js"
import { deepStrictEqual } from "./partly.js"

const request = HttpClientRequest.post("https://acme.test/p-1/cancel")

const judge = (cause: unknown, reason: "Transport" | "Encode" | "InvalidUrl" = "Transport") =>
  judgeTransport(new HttpClientError.RequestError({ request, reason, cause }))

/** Errors as the transports raise them: an Error with whatever the platform adds. */
const error = (message: string, extra: object = {}) => Object.assign(new Error(message), extra)

/** fetch puts its own TypeError around the real error. */
const byFetch = (cause: unknown, message = "fetch failed") => new TypeError(message, { cause })

const refused = error("connect ECONNREFUSED 127.0.0.1:9", { errno: -111, code: "ECONNREFUSED", syscall: "connect" })
const notFound = error("getaddrinfo ENOTFOUND nowhere.invalid", { code: "ENOTFOUND", syscall: "getaddrinfo" })
const unreachable = error("connect ENETUNREACH", { code: "ENETUNREACH", syscall: "connect" })
const connectTimeout = error("Connect Timeout Error", { name: "ConnectTimeoutError", code: "UND_ERR_CONNECT_TIMEOUT" })
const resetInConnect = error("connect ECONNRESET", { code: "ECONNRESET", syscall: "connect" })
const wrongVersion = error("wrong version number", { code: "ERR_SSL_WRONG_VERSION_NUMBER" })
const resetAfterSending = error("read ECONNRESET", { code: "ECONNRESET", syscall: "read" })
const brokenPipe = error("write EPIPE", { code: "EPIPE", syscall: "write" })
const plainPort = error("write EPROTO", { code: "EPROTO", syscall: "write" })
const closed = error("other side closed", { name: "SocketError", code: "UND_ERR_SOCKET" })
const garbage = error("Parse Error: Expected HTTP/", { name: "HTTPParserError" })
const headersTimeout = error("Headers Timeout Error", { code: "UND_ERR_HEADERS_TIMEOUT" })
const hangup = error("socket hang up", { code: "ECONNRESET" })
const aggregate = (...errors: ReadonlyArray<unknown>) =>
  Object.assign(new AggregateError(errors, ""), { code: "ECONNREFUSED" })

const certificates = [
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_CRL",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "CERT_SIGNATURE_FAILURE",
  "CRL_SIGNATURE_FAILURE",
  "CERT_NOT_YET_VALID",
  "CERT_HAS_EXPIRED",
  "CRL_NOT_YET_VALID",
  "CRL_HAS_EXPIRED",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "ERROR_IN_CRL_LAST_UPDATE_FIELD",
  "ERROR_IN_CRL_NEXT_UPDATE_FIELD",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_CHAIN_TOO_LONG",
  "CERT_REVOKED",
  "INVALID_CA",
  "PATH_LENGTH_EXCEEDED",
  "INVALID_PURPOSE",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "HOSTNAME_MISMATCH",
  "ERR_TLS_CERT_ALTNAME_INVALID"
]

const rows: ReadonlyArray<readonly [name: string, cause: unknown, verdict: string]> = [
  ["refused", refused, "NotSent, transient"],
  ["no such name", notFound, "NotSent, transient"],
  ["name server unreachable", error("getaddrinfo EAI_AGAIN", { code: "EAI_AGAIN", syscall: "getaddrinfo" }), "NotSent, transient"],
  ["unreachable", unreachable, "NotSent, transient"],
  ["connect timeout", connectTimeout, "NotSent, transient"],
  ["reset at accept", resetInConnect, "NotSent, transient"],
  ["TLS to a plain port", wrongVersion, "NotSent"],
  ...certificates.map((code) => [`certificate: ${code}`, error("certificate", { code }), "NotSent"] as const),
  ["all addresses refused", aggregate(refused, error("connect ECONNREFUSED ::1:9", { code: "ECONNREFUSED", syscall: "connect" })), "NotSent, transient"],
  ["one address refused, the other timed out", aggregate(refused, error("connect ETIMEDOUT", { code: "ETIMEDOUT", syscall: "connect" })), "NotSent, transient"],
  ["one address refused, the other reset after sending", aggregate(refused, resetAfterSending), "MaybeSent"],
  ["one address reset after sending, the other refused", aggregate(resetAfterSending, refused), "MaybeSent"],
  ["one address refused, the other without any word", aggregate(refused, new Error("?")), "MaybeSent"],
  ["an aggregate of nothing, with a code", aggregate(), "MaybeSent"],
  ["reset after sending", resetAfterSending, "MaybeSent"],
  ["broken pipe", brokenPipe, "MaybeSent"],
  ["TLS to a plain port, as node:http says it", plainPort, "MaybeSent"],
  ["closed", closed, "MaybeSent"],
  ["garbage", garbage, "MaybeSent"],
  ["headers timeout", headersTimeout, "MaybeSent"],
  ["hung up", hangup, "MaybeSent"],
  ["a code of the connection without its system call", error("?", { code: "ECONNREFUSED" }), "MaybeSent"],
  ["a code that only resembles one", error("?", { code: "CERT_HAS_EXPIRED_NOT" }), "MaybeSent"],
  ["an aborted request", error("This operation was aborted", { name: "AbortError", code: "ABORT_ERR" }), "MaybeSent"],
  ["a browser's failed fetch", new TypeError("Failed to fetch"), "MaybeSent"],
  ["another browser's failed fetch", new TypeError("NetworkError when attempting to fetch resource."), "MaybeSent"],
  ["a text", "connect ECONNREFUSED", "MaybeSent"],
  ["nothing", undefined, "MaybeSent"],
  ["null", null, "MaybeSent"],
  ["a number", 7, "MaybeSent"],
  ["a code that is a number", error("?", { code: 23 }), "MaybeSent"],
  ["errors that are no list", error("?", { errors: "none", code: "ECONNRESET" }), "MaybeSent"]
]

const words = (verdict: ReturnType<typeof judge>) =>
  verdict._tag === "NotSent" ? `NotSent${verdict.transient ? ", transient" : ""}` : verdict._tag

describe("a failed transport", () => {
  for (const [name, cause, expected] of rows) {
    it(`${name}: ${expected}`, () => {
      assert.strictEqual(words(judge(cause)), expected, "undici")
      assert.strictEqual(words(judge(byFetch(cause))), expected, "fetch")
      assert.strictEqual(words(judge(byFetch(byFetch(cause)))), expected, "nested")
    })
  }

  it("a code is believed before what is said to have caused it", () => {
    assert.strictEqual(words(judge(error("closed", { code: "UND_ERR_SOCKET", cause: refused }))), "MaybeSent")
    assert.strictEqual(words(judge(error("refused", { code: "ECONNREFUSED", syscall: "connect", cause: resetAfterSending }))), "NotSent, transient")
  })

  it("an address or a body that cannot be used is not sent, and will not be", () => {
    assert.strictEqual(words(judge(resetAfterSending, "InvalidUrl")), "NotSent")
    assert.strictEqual(words(judge(resetAfterSending, "Encode")), "NotSent")
  })

  it("explains itself", () => {
    const explanation = (cause: unknown, reason?: "Encode" | "InvalidUrl") => judge(cause, reason).explanation
    deepStrictEqual(
      [
        explanation(refused),
        explanation(error("?", { syscall: "connect" })),
        explanation(connectTimeout),
        explanation(error("?", { code: "CERT_HAS_EXPIRED" })),
        explanation(wrongVersion),
        explanation(closed),
        explanation(garbage),
        explanation(aggregate()),
        explanation(null),
        explanation(null, "InvalidUrl"),
        explanation(null, "Encode")
      ],
      [
        "the connection could not be made (ECONNREFUSED)",
        "the connection could not be made",
        "the connection was not made in time",
        "the server's certificate does not hold (CERT_HAS_EXPIRED)",
        "the server does not speak TLS",
        "the connection failed (UND_ERR_SOCKET)",
        "the connection failed",
        "the connection failed (ECONNREFUSED)",
        "the connection failed",
        "the address of the request is not valid",
        "the request could not be encoded"
      ]
    )
  })

  it("shows a code of the forms that Node and its clients use, and of no other: it may be a credential", () => {
    const shown = (code: unknown) => judge(error("?", { code, syscall: "connect" })).explanation
    const known = ["EIO", "EPIPE", "ECONNRESET", "UND_ERR_SOCKET", "UND_ERR_HEADERS_TIMEOUT", "ERR_SOCKET_CLOSED", "ERR_HTTP2_ERROR", "HPE_INVALID_CONSTANT"]
    for (const code of [...known, ...certificates]) assert.strictEqual(shown(code), `the connection could not be made (${code})`)
    const others = [
      "secret", "sk_live_1", "EX", "E", "Eio", "EIO ", " EIO", "EIO-1", "1EIO", "EIO_1", "ECONNRESET: secret", `E${"X".repeat(16)}`,
      "UND_ERR_", "UND_ERR_secret", "xUND_ERR_SOCKET", "ERR_", "ERR_secret", "ERR_X", "xERR_SOCKET_CLOSED", "HPE_", "HPE_X", "HPE_secret",
      "CERT_HAS_EXPIRED_NOT", "", 23, null, undefined, ["EPIPE"], ["CERT_HAS_EXPIRED"]
    ]
    for (const code of others) assert.strictEqual(shown(code), "the connection could not be made", String(code))
    assert.strictEqual(judge(error("?", { code: "secret" })).explanation, "the connection failed")
  })

  it("a chain of causes without an end is not followed to it", () => {
    const endless: { cause?: unknown } = {}
    endless.cause = endless
    assert.strictEqual(words(judge(endless)), "MaybeSent")
    const both: { cause?: unknown; errors?: ReadonlyArray<unknown> } = {}
    both.errors = [both]
    assert.strictEqual(words(judge(both)), "MaybeSent")
    const wrap = (cause: unknown, times: number): unknown => times === 0 ? cause : wrap(byFetch(cause), times - 1)
    assert.strictEqual(words(judge(wrap(refused, 7))), "NotSent, transient")
    assert.strictEqual(words(judge(wrap(refused, 8))), "MaybeSent")
    const nest = (cause: unknown, times: number): unknown => times === 0 ? cause : nest({ errors: [cause] }, times - 1)
    assert.strictEqual(words(judge(nest(refused, 7))), "NotSent, transient")
    assert.strictEqual(words(judge(nest(refused, 8))), "MaybeSent")
  })

  it.prop("anything at all is judged, and is not sent only for a reason on the list", [FastCheck.anything({ maxDepth: 4 })], ([cause]) => {
    assert.strictEqual(judge(cause)._tag, "MaybeSent")
  })
})
