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

/** System calls that come before the first byte of a request. */
const callsBeforeSending: ReadonlySet<unknown> = new Set(["connect", "getaddrinfo"])

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

/**
 * Judges one link of a chain of causes. Null when it says nothing by itself.
 *
 * Only errors that are known to come before the first byte count as not sent: a list of
 * what is certain, because whatever is not on it may have been sent.
 */
const judgeLink = (error: unknown, depth: number): TransportVerdict | null => {
  const errors = property(error, "errors")
  if (Array.isArray(errors) && errors.length > 0) {
    const verdicts = errors.map((each) => judgeChain(each, depth + 1))
    return verdicts.find((verdict) => verdict._tag === "MaybeSent") ?? verdicts[0] ?? null
  }
  const code = property(error, "code")
  if (callsBeforeSending.has(property(error, "syscall"))) {
    return notSent(`the connection could not be made${codeOf(error)}`, true)
  }
  if (code === "UND_ERR_CONNECT_TIMEOUT") return notSent("the connection was not made in time", true)
  if (certificateCodes.has(code)) return notSent(`the server's certificate does not hold${codeOf(error)}`, false)
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") return notSent("the server does not speak TLS", false)
  return typeof code === "string" ? { _tag: "MaybeSent", explanation: `the connection failed${codeOf(error)}` } : null
}

const judgeChain = (error: unknown, depth: number): TransportVerdict => {
  if (depth < deepestCause && Predicate.isObject(error)) {
    return judgeLink(error, depth) ?? judgeChain(property(error, "cause"), depth + 1)
  }
  return { _tag: "MaybeSent", explanation: "the connection failed" }
}

/**
 * Judges a failure to get an answer at all.
 */
export const judgeTransport = (error: HttpClientError.RequestError): TransportVerdict => {
  switch (error.reason) {
    case "InvalidUrl":
      return notSent("the address of the request is not valid", false)
    case "Encode":
      return notSent("the request could not be encoded", false)
    case "Transport":
      return judgeChain(error.cause, 0)
  }
}
