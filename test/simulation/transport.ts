/**
 * What the transports raise when something goes wrong, as it was observed on real ones.
 */
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { ClientPlan } from "./scenario.js"

const failure = (code: string, syscall?: string): Error =>
  Object.assign(new Error(syscall === undefined ? code : `${syscall} ${code}`), { code, ...(syscall && { syscall }) })

/** Failures before the connection stands. All but the last prove that no byte of the request left. */
export const connectFailures = {
  Refused: () => failure("ECONNREFUSED", "connect"),
  NotFound: () => failure("ENOTFOUND", "getaddrinfo"),
  ConnectTimeout: () => failure("UND_ERR_CONNECT_TIMEOUT"),
  Certificate: () => failure("CERT_HAS_EXPIRED"),
  // In the words of OpenSSL 3.2 and later, which tell that it was before the handshake.
  NotTls: () =>
    Object.assign(new Error("0A00010B:SSL routines:tls_validate_record_header:wrong version number:ssl/record/methods/tlsany_meth.c:77:"), {
      code: "ERR_SSL_WRONG_VERSION_NUMBER"
    }),
  HandshakeReset: () => failure("ECONNRESET", "read")
}

/** Failures of a connection that stood. */
export const losses = {
  Close: () => failure("UND_ERR_SOCKET"),
  Reset: () => failure("ECONNRESET", "read")
}

/** A failure in the way of one of the clients. */
export const raise = (
  dialect: ClientPlan["dialect"],
  request: HttpClientRequest.HttpClientRequest,
  cause: Error
): Effect.Effect<never, HttpClientError.RequestError> => {
  const error = (inner: unknown) => new HttpClientError.RequestError({ request, reason: "Transport", cause: inner })
  switch (dialect) {
    case "undici":
      return Effect.fail(error(cause))
    case "fetch":
      return Effect.fail(error(new TypeError("fetch failed", { cause })))
    case "node":
      return Effect.failCause(Cause.parallel(Cause.fail(error(cause)), Cause.fail(error(cause))))
  }
}
