import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import type * as Transport from "../../src/engine/transport.js"
import { judgeTransport, judgeUnwritten, NothingWritten } from "../../src/engine/transport.js"
import { deepStrictEqual } from "./partly.js"

const request = HttpClientRequest.post("https://acme.test/p-1/cancel")

const judge = (cause: unknown, reason: "Transport" | "Encode" | "InvalidUrl" = "Transport", once = false) =>
  judgeTransport(new HttpClientError.RequestError({ request, reason, cause }), once)

/** Errors as the transports raise them: an Error with whatever the platform adds. */
const error = (message: string, extra: object = {}) => Object.assign(new Error(message), extra)

/** fetch puts its own TypeError around the real error. */
const byFetch = (cause: unknown, message = "fetch failed") => new TypeError(message, { cause })

const refused = error("connect ECONNREFUSED 127.0.0.1:9", { errno: -111, code: "ECONNREFUSED", syscall: "connect" })
const notFound = error("getaddrinfo ENOTFOUND nowhere.invalid", { code: "ENOTFOUND", syscall: "getaddrinfo" })
const unreachable = error("connect ENETUNREACH", { code: "ENETUNREACH", syscall: "connect" })
const connectTimeout = error("Connect Timeout Error", { name: "ConnectTimeoutError", code: "UND_ERR_CONNECT_TIMEOUT" })
const resetInConnect = error("connect ECONNRESET", { code: "ECONNRESET", syscall: "connect" })
const wrongVersion = error(
  "4047E2:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tlsany_meth.c:77:\n",
  { code: "ERR_SSL_WRONG_VERSION_NUMBER" }
)
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

/** What a runtime raised, as it was recorded: by name, message and whatever else it carries. */
interface Recorded {
  readonly name: string
  readonly message: string
  readonly cause?: Recorded
  readonly [field: string]: unknown
}

const recorded = ({ cause, ...fields }: Recorded): Error =>
  Object.assign(new Error(fields.message), fields, cause === undefined ? {} : { cause: recorded(cause) })

const ofBun = (message: string, code: string, more: object = {}): Recorded =>
  ({ name: "TypeError", message, code, errno: 0, path: "http://127.0.0.1:43911/v2/payments/p/cancel", ...more })

const ofDeno = (message: string): Recorded => ({ name: "TypeError", message: "fetch failed", cause: { name: "Error", message } })

const connectInDeno = (why: string, url = "https://acme.test:8443/v2/payments/p%20%28Connect%29/cancel"): Recorded =>
  ofDeno(`error sending request for url (${url}): client error (Connect): ${why}`)

const sendInDeno = (why: string): Recorded =>
  ofDeno(`error sending request from 127.0.0.1:33268 for http://127.0.0.1:42641/x (127.0.0.1:42641): client error (SendRequest): ${why}`)

const byUndici = (message: string): Recorded => ({ name: "TypeError", message: "fetch failed", cause: { name: "Error", message } })

const typeError = (message: string, more: object = {}): Recorded => ({ name: "TypeError", message, ...more })

const openssl = (where: string): string => `405D4C1A747F0000:error:0A00010B:SSL routines:${where}:\n`

/** For each: as it is judged of a client that may have sent before, and of one that has not. */
const runtimes: { readonly [runtime: string]: ReadonlyArray<readonly [name: string, failure: Recorded, verdict: string, once?: string]> } = {
  "Node over fetch": [
    ["a port that fetch blocks", byUndici("bad port"), "NotSent"],
    ["a scheme that fetch does not know", byUndici("unknown scheme"), "NotSent"],
    ["these words with a code", { name: "TypeError", message: "fetch failed", cause: { name: "Error", message: "bad port", code: "ECONNRESET" } }, "MaybeSent"],
    ["these words of someone else", { name: "Error", message: "bad port" }, "MaybeSent"],
    ["these words as the cause of something else", { ...byUndici("bad port"), message: "terminated" }, "MaybeSent"],
    ["a proxy's demand for credentials", byUndici(""), "MaybeSent"],
    ["a header's value", typeError("Headers.append: \"a\nb\" is an invalid header value."), "NotSent"],
    ["a header's name", typeError("Headers.append: \"x a\" is an invalid header name."), "NotSent"],
    ["a header's letters", typeError("Cannot convert argument to a ByteString because the character at index 0 has a value of 20013 which is greater than 255."), "NotSent"],
    ["a header's letters, further on", typeError("Cannot convert argument to a ByteString because the character at index 12 has a value of 20013 which is greater than 255."), "NotSent"],
    ["such words in no TypeError", { name: "Error", message: "Headers.append: \"x a\" is an invalid header name." }, "MaybeSent"],
    ["closed in the handshake", { name: "TypeError", message: "fetch failed", cause: { name: "Error", message: "Client network socket disconnected before secure TLS connection was established", code: "ECONNRESET", host: "127.0.0.1", port: 44585 } }, "NotSent, transient"],
    ["such words with another code", { name: "Error", message: "Client network socket disconnected before secure TLS connection was established", code: "EPIPE" }, "MaybeSent"],
    ["its own resolver", { name: "Error", message: "queryA ENOTFOUND nowhere.invalid", code: "ENOTFOUND", syscall: "queryA" }, "NotSent, transient"],
    ["its own resolver, for IPv6", { name: "Error", message: "queryAaaa ETIMEOUT nowhere.invalid", code: "ETIMEOUT", syscall: "queryAaaa" }, "NotSent, transient"],
    ["an address of its own that it does not have", { name: "Error", message: "bind EADDRNOTAVAIL 203.0.113.1", code: "EADDRNOTAVAIL", syscall: "bind" }, "NotSent, transient"],
    ["too many open files", { name: "Error", message: "connect EMFILE 127.0.0.1:80 - Local (undefined:undefined)", code: "EMFILE", syscall: "connect" }, "NotSent, transient"],
    ["plain text, Node 20: it may as well have come after a request", { name: "Error", message: openssl("ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:350"), code: "ERR_SSL_WRONG_VERSION_NUMBER" }, "MaybeSent"],
    ["plain text instead of a handshake, Node 22", { name: "Error", message: openssl("tls_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tlsany_meth.c:77"), code: "ERR_SSL_WRONG_VERSION_NUMBER" }, "NotSent"]
  ],
  "Node over undici and node:http": [
    ["a header's value, undici", { name: "InvalidArgumentError", message: "invalid x-a header", code: "UND_ERR_INVALID_ARG" }, "NotSent"],
    ["a header's name, undici", { name: "InvalidArgumentError", message: "invalid header key", code: "UND_ERR_INVALID_ARG" }, "NotSent"],
    ["such words without its code", { name: "InvalidArgumentError", message: "invalid x-a header" }, "MaybeSent"],
    ["another argument, undici", { name: "InvalidArgumentError", message: "invalid onUpgrade method", code: "UND_ERR_INVALID_ARG" }, "MaybeSent"],
    ["a header's value", typeError("Invalid character in header content [\"x-a\"]", { code: "ERR_INVALID_CHAR" }), "NotSent"],
    ["a header's name", typeError("Header name must be a valid HTTP token [\"x a\"]", { code: "ERR_INVALID_HTTP_TOKEN" }), "NotSent"],
    ["a scheme", typeError("Protocol \"ftp:\" not supported. Expected \"http:\"", { code: "ERR_INVALID_PROTOCOL" }), "NotSent"],
    ["a path", typeError("Request path contains unescaped characters", { code: "ERR_UNESCAPED_CHARACTERS" }), "NotSent"],
    ["plain text instead of a handshake, Node 22", { name: "Error", message: `write EPROTO ${openssl("tls_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tlsany_meth.c:77")}`, code: "EPROTO", syscall: "write" }, "NotSent"],
    ["plain text instead of a handshake, Node 20: it may as well have come later", { name: "Error", message: `write EPROTO ${openssl("ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:350")}`, code: "EPROTO", syscall: "write" }, "MaybeSent"],
    ["such words with another code", { name: "Error", message: `write EPIPE ${openssl("tls_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tlsany_meth.c:77")}`, code: "EPIPE", syscall: "write" }, "MaybeSent"],
    ["plain text after a request, TLS 1.2", { name: "Error", message: openssl("tls_default_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tls_common.c:1001"), code: "ERR_SSL_WRONG_VERSION_NUMBER" }, "MaybeSent"],
    ["plain text after a request, TLS 1.3", { name: "Error", message: openssl("tls13_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tls13_meth.c:268"), code: "ERR_SSL_WRONG_VERSION_NUMBER" }, "MaybeSent"],
    ["another record after a request, TLS 1.3", { name: "Error", message: openssl("tls13_validate_record_header:bad record type:../deps/openssl/openssl/ssl/record/methods/tls13_meth.c:263"), code: "ERR_SSL_BAD_RECORD_TYPE" }, "MaybeSent"]
  ],
  Bun: [
    ["refused", ofBun("ECONNREFUSED: Unable to connect. Is the computer able to access the url?", "ECONNREFUSED"), "NotSent, transient"],
    ["no route", ofBun("EHOSTUNREACH: Unable to connect. Is the computer able to access the url?", "EHOSTUNREACH"), "NotSent, transient"],
    ["no network", ofBun("ENETUNREACH: Was there a typo in the url or port?", "ENETUNREACH"), "NotSent, transient"],
    ["no such name", ofBun("getaddrinfo ENOTFOUND nowhere.invalid", "ENOTFOUND", { syscall: "getaddrinfo", errno: 4, hostname: "nowhere.invalid" }), "NotSent, transient"],
    ["certificate", ofBun("self signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"), "NotSent"],
    ["a failed handshake: Bun says the same of plain text after a request", ofBun("EPROTO: The TLS handshake failed. Does the server speak TLS on this port?", "EPROTO"), "MaybeSent"],
    ["closed or reset", ofBun("ECONNRESET: The socket connection was closed unexpectedly. For more information, pass `verbose: true` in the second argument to fetch()", "ECONNRESET"), "MaybeSent"],
    ["refused, before 1.4, where it may have been sent before", { ...ofBun("Unable to connect. Is the computer able to access the url?", "ConnectionRefused"), name: "Error" }, "MaybeSent", "NotSent, transient"],
    ["no network, before 1.4", { ...ofBun("Was there a typo in the url or port?", "FailedToOpenSocket"), name: "Error" }, "MaybeSent", "NotSent, transient"],
    ["closed, before 1.4", { ...ofBun("The socket connection was closed unexpectedly. For more information, pass `verbose: true` in the second argument to fetch()", "ConnectionClosed"), name: "Error" }, "MaybeSent"],
    ["such words with a system call", ofBun("ECONNREFUSED: Unable to connect. Is the computer able to access the url?", "ECONNREFUSED", { syscall: "read" }), "MaybeSent"],
    ["such words without an address", { name: "TypeError", message: "ECONNREFUSED: Unable to connect. Is the computer able to access the url?", code: "ECONNREFUSED", errno: 0 }, "MaybeSent"],
    ["such words with a number", ofBun("ECONNREFUSED: Unable to connect. Is the computer able to access the url?", "ECONNREFUSED", { errno: -111 }), "MaybeSent"],
    ["such words after others", ofBun("read: Unable to connect. Is the computer able to access the url?", "ECONNREFUSED"), "MaybeSent"],
    ["a header's value", typeError("Header 'x-a' has invalid value"), "NotSent"],
    ["a header's name", typeError("Invalid header name: 'x a'"), "NotSent"],
    ["a scheme", typeError("protocol must be http:, https: or s3:", { code: "ERR_INVALID_ARG_VALUE" }), "NotSent"]
  ],
  Deno: [
    ["refused", connectInDeno("tcp connect error: Connection refused (os error 111)"), "MaybeSent", "NotSent, transient"],
    ["refused, before 2.9", { name: "TypeError", message: connectInDeno("tcp connect error: Connection refused (os error 111)").cause?.message ?? "" }, "MaybeSent", "NotSent, transient"],
    ["no such name", connectInDeno("dns error: failed to lookup address information: Name or service not known"), "MaybeSent", "NotSent, transient"],
    ["no route", connectInDeno("tcp connect error: No route to host (os error 113)", "http://[2001:db8::1]/x"), "MaybeSent", "NotSent, transient"],
    ["too many open files", connectInDeno("tcp open error: Too many open files (os error 24)"), "MaybeSent", "NotSent, transient"],
    ["reset in the handshake", connectInDeno("Connection reset by peer (os error 104)"), "MaybeSent", "NotSent, transient"],
    ["certificate", connectInDeno("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))"), "MaybeSent", "NotSent"],
    ["plain text instead of a handshake", connectInDeno("received corrupt message of type InvalidContentType"), "MaybeSent", "NotSent"],
    ["no connection, and no word why", ofDeno("error sending request for url (http://x/): client error (Connect)"), "MaybeSent", "NotSent, transient"],
    ["no connection, in words that go on otherwise", ofDeno("error sending request for url (http://x/): client error (Connect) after others"), "MaybeSent"],
    ["no connection, where a certificate is only spoken of", connectInDeno("proxy: invalid peer certificate"), "MaybeSent", "NotSent, transient"],
    ["no connection, where a message is only spoken of", connectInDeno("proxy: received corrupt message"), "MaybeSent", "NotSent, transient"],
    ["plain text after a request", ofDeno("received corrupt message of type InvalidContentType"), "MaybeSent"],
    ["closed after a request", sendInDeno("connection closed before message completed"), "MaybeSent"],
    ["closed after a request, on a connection of which nothing is told", ofDeno("error sending request for url (http://127.0.0.1:44585/x): client error (SendRequest): connection closed before message completed"), "MaybeSent"],
    ["reset after a request", ofDeno("Connection reset by peer (os error 104)"), "MaybeSent"],
    ["an address that speaks of a connection", sendInDeno("x: error sending request for url (http://x/): client error (Connect): y"), "MaybeSent"],
    ["an address with a space, which none has", ofDeno("error sending request for url (http://x/ y): client error (Connect): z"), "MaybeSent"],
    ["a port that fetch blocks", typeError("Fetch failed: Requests to port 6667 are blocked"), "NotSent"],
    ["a scheme", typeError("Url scheme 'ftp' not supported"), "NotSent"],
    ["no permission", { name: "NotCapable", message: "Requires net access to \"127.0.0.1:34567\", run again with the --allow-net flag" }, "NotSent"],
    ["such words of someone else", { name: "Error", message: "Requires net access to \"127.0.0.1:34567\", run again with the --allow-net flag" }, "MaybeSent"],
    ["no permission for something else", { name: "NotCapable", message: "Requires read access to \"/etc/hosts\"" }, "MaybeSent"],
    ["a header's value", typeError("Invalid header value: \"a\nb\""), "NotSent"],
    ["a header's name", typeError("Invalid header name: \"x a\""), "NotSent"],
    ["a header's letters", typeError("Failed to construct 'Request': 'headers' of 'RequestInit' (Argument 2) is not a valid ByteString"), "NotSent"],
    ["a broken body", typeError("error reading a body from connection"), "MaybeSent"]
  ],
  workerd: [
    ["refused, reset or closed: it tells none from another", { name: "Error", message: "Network connection lost.", retryable: true }, "MaybeSent"],
    ["no such name, or a certificate", { name: "Error", message: "internal error; reference = v2lmhhrtodrch338t8ql5fra" }, "MaybeSent"],
    ["a header's value", typeError("Invalid header value."), "NotSent"],
    ["a header's name", typeError("Invalid header name."), "NotSent"],
    ["a scheme", typeError("Fetch API cannot load: ftp://127.0.0.1/x"), "NotSent"]
  ]
}

describe("a failure as a runtime words it", () => {
  for (const [runtime, failures] of Object.entries(runtimes)) {
    for (const [name, failure, expected, once = expected] of failures) {
      it(`${runtime}: ${name}: ${expected === once ? expected : `${expected}, or ${once} where it was sent once at most`}`, () => {
        assert.strictEqual(words(judge(recorded(failure))), expected)
        assert.strictEqual(words(judge(recorded(failure), "Transport", true)), once)
      })
    }
  }

  it("is known by all that is said, and not by a part of it: a message may quote anything", () => {
    /** After these the runtime itself goes on with what it was given. */
    const goesOn = /^(Invalid header (name|value): ["']|Fetch API cannot load: |Requires net access to ")/
    const byWords = new Set<unknown>([undefined, "UND_ERR_INVALID_ARG", "ERR_INVALID_ARG_VALUE"])
    const refusals = Object.values(runtimes).flat().filter(([, { cause, code }, verdict]) =>
      verdict === "NotSent" && cause === undefined && byWords.has(code))
    assert.isAbove(refusals.length, 15)
    for (const [name, failure] of refusals) {
      const quoted = [`answered: ${failure.message}`, ...goesOn.test(failure.message) ? [] : [`${failure.message} was answered`]]
      for (const message of quoted) {
        assert.strictEqual(words(judge(recorded({ ...failure, message }), "Transport", true)), "MaybeSent", `${name}: ${message}`)
      }
    }
  })

  it("is known by words only where they are text", () => {
    assert.strictEqual(words(judge({ name: "TypeError", message: ["Invalid header value."] })), "MaybeSent")
  })

  it("is explained without a word of it", () => {
    for (const [, failure] of Object.values(runtimes).flat()) {
      const { explanation } = judge(recorded({ ...failure, message: failure.message.replace("127.0.0.1", "secret") }), "Transport", true)
      assert.match(explanation, /^(the connection (could not be made|failed|was not made in time)|the server('s certificate does not hold| does not speak TLS)|the HTTP client does not send such a request|this program is not permitted to connect there)( \([A-Z0-9_]+\))?$/)
    }
  })
})

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
    assert.strictEqual(judge(cause, "Transport", true)._tag, "MaybeSent")
  })
})

describe("a client that has written nothing", () => {
  const unwritten = (cause: unknown) => new NothingWritten(cause, judgeUnwritten(cause))
  const cases: ReadonlyArray<readonly [name: string, cause: unknown, explanation: string, transient: boolean]> = [
    ["reset while TLS is agreed on", resetAfterSending, "the connection could not be made (ECONNRESET)", true],
    ["closed while TLS is agreed on", closed, "the connection could not be made (UND_ERR_SOCKET)", true],
    ["for a reason that nobody knows", error("?"), "the connection could not be made", true],
    ["and says nothing", undefined, "the connection could not be made", true],
    ["refused", refused, "the connection could not be made (ECONNREFUSED)", true],
    ["at a server without TLS, Node 20", error("wrong version number", { code: "ERR_SSL_WRONG_VERSION_NUMBER" }), "the server does not speak TLS", false],
    ["with a certificate that does not hold", error("", { code: "CERT_HAS_EXPIRED" }), "the server's certificate does not hold (CERT_HAS_EXPIRED)", false],
    ["closed itself", error("", { code: "UND_ERR_CLOSED" }), "the connection could not be made (UND_ERR_CLOSED)", false],
    ["destroyed", error("", { code: "UND_ERR_DESTROYED" }), "the connection could not be made (UND_ERR_DESTROYED)", false],
    ["a request that it does not take", error("", { code: "UND_ERR_INVALID_ARG" }), "the connection could not be made (UND_ERR_INVALID_ARG)", false],
    ["a header that it does not support", error("", { code: "UND_ERR_NOT_SUPPORTED" }), "the connection could not be made (UND_ERR_NOT_SUPPORTED)", false],
    ["an address that has no host", error("", { code: "ERR_INVALID_URL" }), "the connection could not be made (ERR_INVALID_URL)", false]
  ]
  for (const [name, cause, explanation, transient] of cases) {
    it(`${name}: nothing was sent`, () => {
      deepStrictEqual(judge(unwritten(cause)), { _tag: "NotSent", explanation, transient })
    })
  }
  it("is believed also when it is of another copy of the library", async () => {
    const address = "../../src/engine/transport.ts?another-copy"
    const Another = await import(address) as typeof Transport
    assert.notStrictEqual(Another.NothingWritten, NothingWritten)
    assert.strictEqual(words(judge(new Another.NothingWritten(closed, Another.judgeUnwritten(closed)))), "NotSent, transient")
  })
  it("is believed only where it says so itself, and not in a cause of a cause", () => {
    assert.strictEqual(judge(byFetch(unwritten(closed)))._tag, "MaybeSent")
  })
})
