/**
 * What can go wrong between a client and a provider, as data.
 *
 * `applies` says for every fault whether the provider still carries out the request: `"Never"`,
 * `"AtOnce"`, or `"Later"`, after the client has stopped waiting. `Sandbox.requests` shows what
 * happened to each request.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
 *
 * const program = Effect.gen(function* () {
 *   const sandbox = yield* Sandbox.Sandbox
 *   // The next cancel at WePay is carried out, and its answer is lost.
 *   yield* sandbox.inject(Fault.dropAfterApplying, { provider: "WePay", operation: "Cancel" })
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const Applied = Schema.Struct({ applied: Schema.Boolean })

/**
 * All faults. In JSON, as accepted by the loopback server, durations are in milliseconds:
 * `{"_tag":"Late","duration":3000}`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Fault = Schema.Union(
  Schema.TaggedStruct("RefuseConnection", {}),
  Schema.TaggedStruct("DropBeforeApplying", {}),
  Schema.TaggedStruct("DropAfterApplying", {}),
  Schema.TaggedStruct("DropWhileProcessing", { duration: Schema.DurationFromMillis }),
  Schema.TaggedStruct("Late", { duration: Schema.DurationFromMillis }),
  Schema.TaggedStruct("Delay", { duration: Schema.DurationFromMillis }),
  Schema.TaggedStruct("StallHeaders", Applied.fields),
  Schema.TaggedStruct("StallBody", {}),
  Schema.TaggedStruct("CutBody", {}),
  Schema.TaggedStruct("EmptyBody", {}),
  Schema.TaggedStruct("OversizedBody", { bytes: Schema.NonNegativeInt }),
  Schema.TaggedStruct("MalformedJson", {}),
  Schema.TaggedStruct("WrongPaymentId", {}),
  Schema.TaggedStruct("UnknownStatus", {}),
  Schema.TaggedStruct("RateLimited", {
    retryAfter: Schema.NullOr(Schema.Union(Schema.NonNegativeInt, Schema.String))
  }),
  Schema.TaggedStruct("ServerError", Applied.fields),
  Schema.TaggedStruct("BadGateway", Applied.fields),
  Schema.TaggedStruct("ErrorCode", { code: Schema.String, status: Schema.Int.pipe(Schema.between(200, 599)), ...Applied.fields }),
  Schema.TaggedStruct("UnknownErrorCode", {}),
  Schema.TaggedStruct("Redirect", { location: Schema.String }),
  Schema.TaggedStruct("StatusQueryDown", {})
)

/**
 * A fault.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault = typeof Fault.Type

/**
 * What the parameters of each fault are in JSON, by its name, which is its `_tag`: as text for whoever writes them by
 * hand.
 *
 * @since 0.1.0
 * @category getters
 */
export const parameters: {
  readonly [F in Fault as F["_tag"]]: { readonly [Parameter in Exclude<keyof F, "_tag">]: string }
} = {
  RefuseConnection: {},
  DropBeforeApplying: {},
  DropAfterApplying: {},
  DropWhileProcessing: { duration: "milliseconds" },
  Late: { duration: "milliseconds" },
  Delay: { duration: "milliseconds" },
  StallHeaders: { applied: "true or false" },
  StallBody: {},
  CutBody: {},
  EmptyBody: {},
  OversizedBody: { bytes: "a number" },
  MalformedJson: {},
  WrongPaymentId: {},
  UnknownStatus: {},
  RateLimited: { retryAfter: "seconds, an HTTP date as text, or null" },
  ServerError: { applied: "true or false" },
  BadGateway: { applied: "true or false" },
  ErrorCode: { code: "text", status: "an HTTP status", applied: "true or false" },
  UnknownErrorCode: {},
  Redirect: { location: "a URL" },
  StatusQueryDown: {}
}

/**
 * Whether the provider carries out the request in spite of a fault.
 *
 * @since 0.1.0
 * @category models
 */
export type Applies = "Never" | "AtOnce" | "Later"

/**
 * Whether the provider carries out the request in spite of this fault.
 *
 * @since 0.1.0
 * @category getters
 */
export const applies = (fault: Fault): Applies => {
  switch (fault._tag) {
    case "RefuseConnection":
    case "DropBeforeApplying":
    case "RateLimited":
    case "UnknownErrorCode":
    case "Redirect":
    case "StatusQueryDown":
      return "Never"
    case "Delay":
    case "DropWhileProcessing":
    case "Late":
      return "Later"
    case "StallHeaders":
    case "ServerError":
    case "BadGateway":
    case "ErrorCode":
      return fault.applied ? "AtOnce" : "Never"
    default:
      return "AtOnce"
  }
}

// -----------------------------------------------------------------------------
// the connection
// -----------------------------------------------------------------------------

/**
 * The connection is refused (`ECONNREFUSED`): no byte is sent. The request does
 * not appear among the received ones.
 *
 * On the loopback server the connection is already established, so it is reset without an answer;
 * for a real refusal use a port that nothing listens on.
 *
 * @since 0.1.0
 * @category connection
 */
export const refuseConnection: Fault = { _tag: "RefuseConnection" }

/**
 * The request is sent, and the other side closes before carrying it out.
 *
 * @since 0.1.0
 * @category connection
 */
export const dropBeforeApplying: Fault = { _tag: "DropBeforeApplying" }

/**
 * The request is carried out, and the connection is reset before the answer.
 *
 * @since 0.1.0
 * @category connection
 */
export const dropAfterApplying: Fault = { _tag: "DropAfterApplying" }

/**
 * The connection is lost now, while the provider is processing the request: it finishes after
 * `duration`, and until then the idempotency key is in flight.
 *
 * @since 0.1.0
 * @category connection
 */
export const dropWhileProcessing = (duration: Duration.DurationInput): Fault => ({
  _tag: "DropWhileProcessing",
  duration: Duration.decode(duration)
})

/**
 * The connection is lost now, and the request reaches the provider only after `duration` on the
 * Clock, even if the client has disconnected. Until then the provider knows nothing about it, not
 * even its idempotency key.
 *
 * @since 0.1.0
 * @category connection
 */
export const late = (duration: Duration.DurationInput): Fault => ({ _tag: "Late", duration: Duration.decode(duration) })

/**
 * The provider takes `duration` to carry out the request and to answer. It continues when the
 * client stops waiting, and until then the idempotency key is in flight.
 *
 * @since 0.1.0
 * @category connection
 */
export const delay = (duration: Duration.DurationInput): Fault => ({ _tag: "Delay", duration: Duration.decode(duration) })

/**
 * The connection stays open, and no answer ever arrives.
 *
 * @since 0.1.0
 * @category connection
 */
export const stallHeaders = (options: { readonly applied: boolean }): Fault => ({
  _tag: "StallHeaders",
  applied: options.applied
})

// -----------------------------------------------------------------------------
// the body
// -----------------------------------------------------------------------------

/**
 * The request is carried out; the status, the headers and half the body of the answer arrive, and
 * then nothing more. Of an answer without a body nothing arrives at all.
 *
 * @since 0.1.0
 * @category body
 */
export const stallBody: Fault = { _tag: "StallBody" }

/**
 * The request is carried out; the connection is lost in the middle of the
 * answer's body, or before an answer that has none.
 *
 * @since 0.1.0
 * @category body
 */
export const cutBody: Fault = { _tag: "CutBody" }

/**
 * The request is carried out; the answer has its status and no body.
 *
 * @since 0.1.0
 * @category body
 */
export const emptyBody: Fault = { _tag: "EmptyBody" }

/**
 * The request is carried out; the answer's body is padded with blanks to `bytes` bytes. There is no
 * `Content-Length`, and the whole body is as valid as before: JSON, or whatever the provider speaks.
 * An answer without a body stays as it is.
 *
 * @since 0.1.0
 * @category body
 */
export const oversizedBody = (bytes: number): Fault => ({ _tag: "OversizedBody", bytes })

/**
 * The request is carried out; the answer's body arrives completely, but is only the first half of
 * the JSON, or of whatever else the provider speaks. An answer without a body stays as it is.
 *
 * @since 0.1.0
 * @category body
 */
export const malformedJson: Fault = { _tag: "MalformedJson" }

/**
 * The request is carried out; a successful answer names another payment, where
 * it names any.
 *
 * @since 0.1.0
 * @category body
 */
export const wrongPaymentId: Fault = { _tag: "WrongPaymentId" }

/**
 * The request is carried out; a successful answer has a status that the
 * provider has never listed, where it states any.
 *
 * @since 0.1.0
 * @category body
 */
export const unknownStatus: Fault = { _tag: "UnknownStatus" }

// -----------------------------------------------------------------------------
// another answer
// -----------------------------------------------------------------------------

/**
 * The provider's own refusal for too many requests. `retryAfter` is in seconds
 * or an HTTP date, sent unchanged in `Retry-After`; if omitted there is no such header.
 *
 * @since 0.1.0
 * @category answers
 */
export const rateLimited = (options?: { readonly retryAfter?: number | string }): Fault => ({
  _tag: "RateLimited",
  retryAfter: options?.retryAfter ?? null
})

/**
 * The provider itself fails and answers with its own 500, after it has carried the request out or
 * before. If a provider stores no 5xx under an idempotency key, the same request is then carried
 * out again.
 *
 * @since 0.1.0
 * @category answers
 */
export const serverError = (options: { readonly applied: boolean }): Fault => ({
  _tag: "ServerError",
  applied: options.applied
})

/**
 * A proxy in front of the provider answers 502 with HTML. If the request was
 * carried out, the provider has stored its own answer under the key.
 *
 * @since 0.1.0
 * @category answers
 */
export const badGateway = (options: { readonly applied: boolean }): Fault => ({
  _tag: "BadGateway",
  applied: options.applied
})

/**
 * An error in the provider's format with any code and any HTTP status, instead of
 * the provider's own answer. For WePay, a reason code is put inside the error code it belongs to.
 *
 * @since 0.1.0
 * @category answers
 */
export const errorCode = (
  code: string,
  status: number,
  options?: { readonly applied?: boolean }
): Fault => ({ _tag: "ErrorCode", code, status, applied: options?.applied ?? false })

/**
 * A 4xx in the provider's format with an unlisted code.
 *
 * @since 0.1.0
 * @category answers
 */
export const unknownErrorCode: Fault = { _tag: "UnknownErrorCode" }

/**
 * A 307 to `location`, which asks to repeat the request there.
 *
 * @since 0.1.0
 * @category answers
 */
export const redirect = (location: string): Fault => ({ _tag: "Redirect", location })

/**
 * The status query answers with the provider's own 500. It never matches a
 * cancel request.
 *
 * @since 0.1.0
 * @category answers
 */
export const statusQueryDown: Fault = { _tag: "StatusQueryDown" }
