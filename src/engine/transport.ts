/**
 * What a failed transport proves: whether a request can have left this machine.
 */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Predicate from "effect/Predicate"

/**
 * - `NotSent`: no byte of the request left; `transient` when another try may fare better.
 * - `MaybeSent`: everything else.
 */
export type TransportVerdict =
  | { readonly _tag: "NotSent"; readonly explanation: string; readonly transient: boolean }
  | { readonly _tag: "MaybeSent"; readonly explanation: string }

/** The same in every copy of this module: an app may have two, of which one makes what the other judges. */
const nothingWritten: unique symbol = Symbol.for("effect-payment-cancel/NothingWritten")

/**
 * The cause of a failure by a client that keeps account of what it writes: when it has not begun to
 * write the request, that is known, whatever went wrong.
 */
export class NothingWritten {
  readonly [nothingWritten] = true
  constructor(readonly cause: unknown, readonly verdict: TransportVerdict) {}
}

const isNothingWritten = (cause: unknown): cause is NothingWritten => Predicate.hasProperty(cause, nothingWritten)

/** System calls that come before the first byte of a request, and queries of Node's own resolver. */
const callsBeforeSending: ReadonlySet<unknown> = new Set(["bind", "connect", "getaddrinfo", "queryA", "queryAaaa"])

/**
 * Codes that a TLS client raises while it checks the server's certificate, before it sends
 * anything of its own: OpenSSL's verification results, as Node names them, and Node's own
 * check of the name.
 */
const certificateCodes: ReadonlySet<unknown> = new Set([
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
])

/** Node's words for a connection that ended while TLS was still being agreed on; its code is that of any reset. */
const endedInHandshake = "Client network socket disconnected before secure TLS connection was established"

/**
 * OpenSSL's words for what is no record of any version: no version was agreed on yet. That of Node 20
 * says the same of what comes after the handshake, and so perhaps after the request.
 */
const wrongVersionBeforeHandshake = /:wrong version number:\S*\btlsany_meth\.c:/

/** How Bun starts to speak of a connection that it could not make: from 1.4 on after the code. */
const notConnectedInBun = /^(?:E[A-Z]+: )?(?:Unable to connect\.|Was there a typo in the url or port\?)/

/** Bun before 1.4 has names of its own for them, and may have sent the request before on another connection. */
const connectionNamesOfOldBun: ReadonlySet<unknown> = new Set(["ConnectionRefused", "FailedToOpenSocket"])

/**
 * How Deno speaks of a connection that it could not make. The address has no space in it. It
 * may have sent the request before on another connection, of which it then says nothing.
 */
const notConnectedInDeno = /^error sending request for url \(\S+\): client error \(Connect\)(?:: (.*))?$/s

const certificateInDeno = /^invalid peer certificate\b/

const noTlsInDeno = /^received corrupt message\b/

/** How Deno refuses what it was not permitted with `--allow-net`. */
const notPermittedInDeno = /^Requires net access to "/

/** What undici's fetch gives as the cause of its refusal. */
const refusalsOfUndici: ReadonlySet<unknown> = new Set(["bad port", "unknown scheme"])

/**
 * What Deno, Bun, workerd and undici, in this order, say in a `TypeError` of a request that
 * they do not even begin to send: its port, its scheme, its headers.
 */
const refusalsOfFetch: ReadonlyArray<RegExp> = [
  /^Fetch failed: Requests to port \d{1,5} are blocked$/,
  /^Url scheme '[a-z0-9+.-]+' not supported$/,
  /^Invalid header (?:name|value): "/,
  /^Failed to construct 'Request': 'headers' of 'RequestInit' \(Argument 2\) is not a valid ByteString$/,
  /^protocol must be http:, https: or s3:$/,
  /^Header '[^']+' has invalid value$/,
  /^Invalid header name: '/,
  /^Fetch API cannot load: /,
  /^Invalid header (?:name|value)\.$/,
  /^Headers\.append: "[^]*" is an invalid header (?:name|value)\.$/,
  /^Cannot convert argument to a ByteString because the character at index \d+ has a value of \d+ which is greater than 255\.$/
]

/** Codes of Node and undici for a request that cannot be written. */
const refusalCodes: ReadonlySet<unknown> = new Set([
  "ERR_INVALID_CHAR",
  "ERR_INVALID_HTTP_TOKEN",
  "ERR_INVALID_PROTOCOL",
  "ERR_UNESCAPED_CHARACTERS"
])

/** undici's code for any argument that it does not take; these are the words for a header. */
const invalidHeaderInUndici = /^invalid (?:header key|\S+ header)$/

/** How many causes deep an error is looked into; real ones are two or three. */
const deepestCause = 8

/**
 * The forms of the codes that Node and its HTTP clients give to failures. A code of another
 * form may be anything, a credential included, and is not shown.
 */
const knownCode = /^(?:E[A-Z0-9]{2,15}|UND_ERR_[A-Z_]{2,40}|ERR_[A-Z0-9_]{2,60}|HPE_[A-Z_]{2,40})$/

const codeOf = (error: unknown): string => {
  const code = property(error, "code")
  return typeof code === "string" && (knownCode.test(code) || certificateCodes.has(code)) ? ` (${code})` : ""
}

const property = (u: unknown, key: string): unknown => Predicate.hasProperty(u, key) ? u[key] : undefined

const notSent = (explanation: string, transient: boolean): TransportVerdict => ({ _tag: "NotSent", explanation, transient })

const withoutTls = notSent("the server does not speak TLS", false)

const textOf = (error: unknown, key: string): string => {
  const value = property(error, key)
  return typeof value === "string" ? value : ""
}

const wrongVersion = "ERR_SSL_WRONG_VERSION_NUMBER"

/** Over node:http the code is that of any failed write, and the words alone tell. */
const speaksNoTls = (code: unknown, message: string): boolean =>
  (code === wrongVersion || code === "EPROTO") && wrongVersionBeforeHandshake.test(message)

/** A request that the client refuses to send: another try is refused too. */
const isRefusedByClient = (error: unknown): boolean => {
  const code = property(error, "code")
  const message = textOf(error, "message")
  const cause = property(error, "cause")
  return refusalCodes.has(code) ||
    (code === "UND_ERR_INVALID_ARG" && invalidHeaderInUndici.test(message)) ||
    (property(error, "name") === "TypeError" && refusalsOfFetch.some((refusal) => refusal.test(message))) ||
    (message === "fetch failed" && property(cause, "code") === undefined && refusalsOfUndici.has(property(cause, "message")))
}

/** Bun names no system call; its errors have the address as `path`, and no number. */
const isNotConnectedInBun = (error: unknown, once: boolean): boolean =>
  property(error, "errno") === 0 && typeof property(error, "path") === "string" &&
  property(error, "syscall") === undefined && notConnectedInBun.test(textOf(error, "message")) &&
  (once || !connectionNamesOfOldBun.has(property(error, "code")))

const judgeDeno = (error: unknown): TransportVerdict | null => {
  const match = notConnectedInDeno.exec(textOf(error, "message"))
  if (match === null) return null
  const why = match[1] ?? ""
  if (certificateInDeno.test(why)) return notSent("the server's certificate does not hold", false)
  if (noTlsInDeno.test(why)) return withoutTls
  return notSent("the connection could not be made", true)
}

/**
 * Judges one link of a chain of causes. Null when it says nothing by itself.
 *
 * Only errors that are known to come before the first byte count as not sent: a list of
 * what is certain, because whatever is not on it may have been sent.
 */
const judgeLink = (error: unknown, depth: number, once: boolean): TransportVerdict | null => {
  const errors = property(error, "errors")
  if (Array.isArray(errors) && errors.length > 0) {
    const verdicts = errors.map((each) => judgeChain(each, depth + 1, once))
    return verdicts.find((verdict) => verdict._tag === "MaybeSent") ?? verdicts[0] ?? null
  }
  const code = property(error, "code")
  if (callsBeforeSending.has(property(error, "syscall"))) {
    return notSent(`the connection could not be made${codeOf(error)}`, true)
  }
  if (code === "UND_ERR_CONNECT_TIMEOUT") return notSent("the connection was not made in time", true)
  if (certificateCodes.has(code)) return notSent(`the server's certificate does not hold${codeOf(error)}`, false)
  if (speaksNoTls(code, textOf(error, "message"))) return withoutTls
  if (isNotConnectedInBun(error, once) || (code === "ECONNRESET" && property(error, "message") === endedInHandshake)) {
    return notSent(`the connection could not be made${codeOf(error)}`, true)
  }
  if (isRefusedByClient(error)) return notSent("the HTTP client does not send such a request", false)
  if (property(error, "name") === "NotCapable" && notPermittedInDeno.test(textOf(error, "message"))) {
    return notSent("this program is not permitted to connect there", false)
  }
  const inDeno = once ? judgeDeno(error) : null
  if (inDeno !== null) return inDeno
  return typeof code === "string" ? { _tag: "MaybeSent", explanation: `the connection failed${codeOf(error)}` } : null
}

const judgeChain = (error: unknown, depth: number, once: boolean): TransportVerdict => {
  if (depth < deepestCause && Predicate.isObject(error)) {
    return judgeLink(error, depth, once) ?? judgeChain(property(error, "cause"), depth + 1, once)
  }
  return { _tag: "MaybeSent", explanation: "the connection failed" }
}

/** Codes of undici for a request that it would not write next time either. */
const neverWritten: ReadonlySet<unknown> = new Set([
  "ERR_INVALID_URL",
  "UND_ERR_CLOSED",
  "UND_ERR_DESTROYED",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED"
])

/** Judges what kept undici from beginning to write a request. */
export const judgeUnwritten = (error: unknown): TransportVerdict => {
  if (property(error, "code") === wrongVersion) return withoutTls
  const verdict = judgeChain(error, 0, true)
  return verdict._tag === "NotSent"
    ? verdict
    : notSent(`the connection could not be made${codeOf(error)}`, !neverWritten.has(property(error, "code")))
}

/**
 * Judges a failure to get an answer at all. `once`: the client has sent the request at most once.
 * A client that may have sent it before, and then fails to connect to send it again, proves
 * nothing by that failure.
 */
export const judgeTransport = (error: HttpClientError.RequestError, once: boolean): TransportVerdict => {
  switch (error.reason) {
    case "InvalidUrl":
      return notSent("the address of the request is not valid", false)
    case "Encode":
      return notSent("the request could not be encoded", false)
    case "Transport":
      return isNothingWritten(error.cause) ? error.cause.verdict : judgeChain(error.cause, 0, once)
  }
}
